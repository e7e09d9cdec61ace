/*
 * Signed notes: a text with the signatures of named keys under it, the form of checkpoints. Source: C2SP
 * signed-note; C2SP tlog-cosignature for cosignature/v1.
 */
#ifndef LEDGER_NOTE_H
#define LEDGER_NOTE_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/base64.h"
#include "ledger/limits.h"
#include "ledger/status.h"

struct signer;

enum note_type {
    NOTE_ED25519 = 1,    /* a signature over the text */
    NOTE_COSIGNATURE = 4 /* a witness's over time and text: cosignature/v1 */
};

enum {
    NOTE_SIGNED_BYTES_MAX = 1 << 18, /* a whole note: a checkpoint under many cosignatures of any kind in use */
    NOTE_TEXT_BYTES_MAX = 1 << 14,   /* the text alone: three lines, and room for extensions of others */
    NOTE_SIGNATURES_MAX = 200,       /* what tlog-witness lets a checkpoint carry */
    NOTE_NAME_BYTES_MAX = 192,       /* a key's name; checkpoint origins are names */
    NOTE_SIGNATURE_BYTES_MAX = 8192, /* key id and signature decoded; the largest in use take nearly 5 kB */
    NOTE_KEY_ID_BYTES = 4,
    NOTE_PUBLIC_KEY_BYTES = 32,
    NOTE_SECRET_KEY_BYTES = 64, /* libsodium's form: seed, then public key */
    NOTE_VKEY_TEXT_MAX = NOTE_NAME_BYTES_MAX + 1 + 8 + 1 + BASE64_CHARS(33) + 1,
    /* one of our own signature lines, newline and NUL included */
    NOTE_LINE_TEXT_MAX = 4 + NOTE_NAME_BYTES_MAX + 1 + BASE64_CHARS(76) + 2
};

static_assert(NOTE_NAME_BYTES_MAX >= NAME_BYTES_MAX + 1 + 16 + 1 + 19, "an origin is name/16 hex/epoch");

struct note_key {
    enum note_type type;
    char name[NOTE_NAME_BYTES_MAX + 1];
    uint8_t id[NOTE_KEY_ID_BYTES];
    uint8_t public_key[NOTE_PUBLIC_KEY_BYTES];
};

struct note_signature {
    const char *name;
    size_t name_length;
    uint8_t id[NOTE_KEY_ID_BYTES];
    const char *base64; /* of id and signature; checked to be strict base64 */
    size_t base64_length;
};

/* A note taken apart. Every pointer lends until the bytes it was parsed from go. */
struct note {
    const char *text; /* ends in a newline */
    size_t text_length;
    size_t signature_count; /* 1 at least */
    struct note_signature signatures[NOTE_SIGNATURES_MAX];
};

/*
 * What a key may be called: 1..NOTE_NAME_BYTES_MAX bytes of UTF-8 without control characters, Unicode spaces and '+'.
 *
 * errors  INPUT, LIMIT.
 */
MUST_USE enum status note_name_check(const char *name, size_t length, struct err *err);

/*
 * Makes a key of its parts and computes its id.
 *
 * in      name: NUL-terminated, as note_name_check has it.
 * errors  INPUT (name), LIMIT (name), SIGNATURE (a public key that is no point or of small order).
 */
MUST_USE enum status note_key_init(enum note_type type, const char *name,
                                   const uint8_t public_key[static NOTE_PUBLIC_KEY_BYTES], struct note_key *ret_key,
                                   struct err *err);

/* Reads a vkey, name+hex8+base64, of one of the types above, and checks its id. errors INPUT, LIMIT,
 * SIGNATURE. */
MUST_USE enum status note_key_parse(const char *text, size_t length, struct note_key *ret_key, struct err *err);

/* Writes the vkey. */
void note_key_format(const struct note_key *key, char ret_text[static NOTE_VKEY_TEXT_MAX]);

/*
 * Takes a note apart: text, blank line, signature lines. Verifies nothing.
 *
 * in      bytes[0..length), length <= NOTE_SIGNED_BYTES_MAX.
 * out     *ret_note, lending from bytes.
 * errors  INPUT, LIMIT (size, number of signatures, length of a name or a signature).
 */
MUST_USE enum status note_parse(const char *bytes, size_t length, struct note *ret_note, struct err *err);

/*
 * Verifies the signature of one Ed25519 key. Signatures of other keys are not looked at; if key signed more
 * than once, each must verify.
 *
 * errors  NOT_FOUND (no signature by that name and id), SIGNATURE (one does not verify), INPUT (key is no
 * Ed25519 key).
 */
MUST_USE enum status note_verify(const struct note *note, const struct note_key *key, struct err *err);

/*
 * Verifies a witness's cosignature over a checkpoint. If the witness cosigned more than once, each must
 * verify.
 *
 * out     *ret_seconds: the earliest time that it vouches for, POSIX seconds.
 * errors  as note_verify.
 */
MUST_USE enum status note_verify_cosignature(const struct note *note, const struct note_key *key, int64_t *ret_seconds,
                                             struct err *err);

/*
 * Makes the signature line of an Ed25519 key over text, newline and NUL at its end. A note is text, a
 * newline, lines.
 *
 * in      text[0..length) that ends in a newline; secret_key of key. Borrowed.
 * errors  INPUT (text, or a secret key of another public key).
 */
MUST_USE enum status note_sign(const char *text, size_t length, const struct note_key *key,
                               const uint8_t secret_key[static NOTE_SECRET_KEY_BYTES],
                               char ret_line[static NOTE_LINE_TEXT_MAX], struct err *err);

/* What a witness adds to what it saw. */
struct note_cosigner {
    const struct note_key *key;  /* of type NOTE_COSIGNATURE */
    const uint8_t *secret_key;   /* NOTE_SECRET_KEY_BYTES; or NULL, and */
    const struct signer *signer; /* who signs with it where it is */
    int64_t seconds;             /* POSIX time, not negative */
};

/*
 * Makes a witness's signature line over a checkpoint's text. What a signer answers is verified before it is handed out.
 *
 * errors  INPUT, those of the signer, SIGNATURE (what it answered does not verify).
 */
MUST_USE enum status note_cosign(const char *text, size_t length, const struct note_cosigner *cosigner,
                                 char ret_line[static NOTE_LINE_TEXT_MAX], struct err *err);

#endif
