/*
 * Public keys in OpenSSH's form: the two types that sign here, as text, wire bytes, fingerprint and register
 * line.
 */
#ifndef LEDGER_SSHKEY_H
#define LEDGER_SSHKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/limits.h"
#include "ledger/status.h"

struct sshwire_writer;

enum key_type {
    KEY_ED25519 = 1, /* ssh-ed25519 */
    KEY_SK_ED25519   /* sk-ssh-ed25519@openssh.com: a FIDO authenticator, application "ssh:" */
};

enum {
    ED25519_PUBLIC_BYTES = 32,
    SSHKEY_APPLICATION_BYTES = 64,
    SSHKEY_BLOB_BYTES_MAX = 128,       /* a FIDO key with the application "ssh:" takes 74 */
    SSHKEY_FINGERPRINT_CHARS = 7 + 43, /* "SHA256:" and 32 bytes in base64 without padding */
    SSHKEY_ALLOWED_LINE_MAX = 512      /* principal, options and key; without newline */
};

#define SSHKEY_NAMESPACE "countersign"

struct public_key {
    enum key_type type;
    uint8_t ed25519[ED25519_PUBLIC_BYTES];
    char application[SSHKEY_APPLICATION_BYTES]; /* "ssh:" for a FIDO key, all zero for a plain one */
};

/* When a key was valid, as the book writes times (YYYY-MM-DDTHH:MM:SS.mmmZ); NULL is unbounded on that side.
 */
struct key_window {
    const char *after;
    const char *before;
};

/* The name that stands in keys and signatures, e.g. "ssh-ed25519". Lends for ever. */
const char *sshkey_type_name(enum key_type type);

/*
 * Reads exactly "type base64": no comment, no options, no other byte. The point is checked (sshkey_check).
 *
 * errors  INPUT (form, base64, trailing bytes; another type or a certificate: named, with those that are
 * accepted), LIMIT (over PUBLIC_KEY_TEXT_MAX), SIGNATURE (not a usable point).
 * source  OpenSSH PROTOCOL.u2f
 * for FIDO keys, RFC 8709 for plain ones.
 */
MUST_USE enum status sshkey_parse(const char *text, struct public_key *ret_key, struct err *err);

/* The same for a line of a .pub file: a comment and one newline may follow; the comment is dropped. */
MUST_USE enum status sshkey_parse_line(const char *line, struct public_key *ret_key, struct err *err);

/*
 * Whether the key is a point that can be trusted to mean one thing: canonical, on the curve, in the main
 * subgroup.
 *
 * errors  SIGNATURE.
 * cost    about a signature check.
 */
MUST_USE enum status sshkey_check(const struct public_key *key, struct err *err);

/* "type base64" with a closing NUL. */
void sshkey_format(const struct public_key *key, char ret_text[static PUBLIC_KEY_TEXT_MAX]);

/* The wire encoding: what is hashed for the fingerprint and stands inside signatures. Appends to writer. */
void sshkey_put_blob(struct sshwire_writer *writer, const struct public_key *key);

/* The same into the caller's storage. Returns its length. */
size_t sshkey_blob(const struct public_key *key, uint8_t ret_blob[static SSHKEY_BLOB_BYTES_MAX]);

/*
 * Reads a wire encoding that ends with blob[length). Form only: whether the point is usable is sshkey_check's
 * question, asked when a key is enrolled, not at each signature (libsodium refuses small order and
 * non-canonical keys there).
 *
 * errors  INPUT (as for sshkey_parse).
 */
MUST_USE enum status sshkey_from_blob(const uint8_t *blob, size_t length, struct public_key *ret_key, struct err *err);

/* "SHA256:..." as ssh-keygen -l prints it. */
void sshkey_fingerprint(const struct public_key *key, char ret_text[static SSHKEY_FINGERPRINT_CHARS + 1]);

bool sshkey_equal(const struct public_key *a, const struct public_key *b);
/* Which stands first where keys stand in order: by their wire bytes, as signatures of an entry do. */
int sshkey_order(const struct public_key *a, const struct public_key *b);

/*
 * A line of an allowed_signers file that lets principal sign under the namespace "countersign" within window
 * (NULL: always), without newline. OpenSSH counts seconds: milliseconds are cut.
 *
 * in      principal of 1..NAME_BYTES_MAX letters, digits and ". _ @ + - : / =" (no pattern, no list).
 * errors  INPUT (principal or a time has another form).
 */
MUST_USE enum status sshkey_allowed_line(const struct public_key *key, const char *principal,
                                         const struct key_window *window, char ret_line[static SSHKEY_ALLOWED_LINE_MAX],
                                         struct err *err);

/* The same for another namespace (sshsig_namespace), at any time. errors INPUT (principal). */
MUST_USE enum status sshkey_allowed_under(const struct public_key *key, const char *principal, const char *name,
                                          char ret_line[static SSHKEY_ALLOWED_LINE_MAX], struct err *err);

#endif
