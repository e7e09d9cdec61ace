/*
 * Attacks note_parse, note_verify, note_verify_cosignature, checkpoint_open and note_key_parse.
 *
 * A note that is read is its text, an empty line and its signatures, byte for byte. A signature is good exactly when libsodium,
 * asked here directly about the text (for a witness: about its time and the text), says so of each that bears name and id of the
 * key. A checkpoint is opened only under a good signature, with what its three lines say.
 */
#include <inttypes.h>
#include <sodium.h>

#include "ledger/base64.h"
#include "ledger/checkpoint.h"
#include "ledger/note.h"
#include "tests/fuzz/fuzz.h"

/* Of the seeds 00..1f and 20..3f, with which the corpus is signed too. */
static const char log_vkey[] = "ledger.example/ar+6a3c5859+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
static const char witness_vkey[] = "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X";

static void check_written_again(const struct note *note, const char *bytes, size_t size)
{
    char *again = malloc(size + 1), *end = again;
    must(again != NULL && note->text_length < size && note->signature_count >= 1);
    memcpy(end, note->text, note->text_length);
    end += note->text_length;
    *end++ = '\n';
    for (size_t i = 0; i < note->signature_count; i++) {
        const struct note_signature *one = &note->signatures[i];
        must((size_t)(end - again) + one->name_length + one->base64_length + 6 <= size);
        end += sprintf(end, "\xE2\x80\x94 %.*s ", (int)one->name_length, one->name);
        memcpy(end, one->base64, one->base64_length);
        end += one->base64_length;
        *end++ = '\n';
    }
    must((size_t)(end - again) == size && memcmp(again, bytes, size) == 0);
    free(again);
}

/* Whether libsodium takes this one; seconds of a cosignature. */
static bool sodium_says(const struct note *note, const struct note_signature *one, const struct note_key *key,
                        int64_t *ret_seconds)
{
    uint8_t raw[NOTE_SIGNATURE_BYTES_MAX];
    size_t length = 0;
    char *message = malloc(note->text_length + 64);
    int head = 0;
    must(message != NULL && sodium_base642bin(raw, sizeof raw, one->base64, one->base64_length, NULL, &length, NULL,
                                              sodium_base64_VARIANT_ORIGINAL) == 0);
    bool is_cosignature = key->type == NOTE_COSIGNATURE;
    bool good = length == (is_cosignature ? 76u : 68u);
    if (good && is_cosignature) {
        uint64_t seconds = 0;
        for (unsigned i = 4; i < 12; i++)
            seconds = seconds << 8 | raw[i];
        good = seconds <= INT64_MAX;
        *ret_seconds = (int64_t)seconds;
        head = sprintf(message, "cosignature/v1\ntime %" PRIu64 "\n", seconds);
    }
    memcpy(message + head, note->text, note->text_length);
    good = good && crypto_sign_verify_detached(raw + length - 64, (const uint8_t *)message,
                                               (size_t)head + note->text_length, key->public_key) == 0;
    free(message);
    return good;
}

static void check_verified(const struct note *note, const struct note_key *key)
{
    size_t found = 0, good = 0;
    int64_t earliest = INT64_MAX, seconds = 0;
    for (size_t i = 0; i < note->signature_count; i++) {
        const struct note_signature *one = &note->signatures[i];
        if (one->name_length != strlen(key->name) || memcmp(one->name, key->name, one->name_length) != 0 ||
            memcmp(one->id, key->id, sizeof key->id) != 0)
            continue;
        found++;
        good += sodium_says(note, one, key, &seconds) ? 1 : 0;
        earliest = seconds < earliest ? seconds : earliest;
    }
    int64_t told = -1;
    enum status status =
        key->type == NOTE_COSIGNATURE ? note_verify_cosignature(note, key, &told, NULL) : note_verify(note, key, NULL);
    must(status == (found == 0 ? STATUS_NOT_FOUND : good < found ? STATUS_SIGNATURE : STATUS_OK));
    must(status != STATUS_OK || key->type != NOTE_COSIGNATURE || told == earliest);
}

static void check_checkpoint(const struct note *note, const char *bytes, size_t size, const struct note_key *key)
{
    struct checkpoint checkpoint;
    char again[CHECKPOINT_TEXT_MAX];
    if (checkpoint_open(bytes, size, key, &checkpoint, NULL, NULL) != STATUS_OK)
        return;
    must(note != NULL && note_verify(note, key, NULL) == STATUS_OK && strcmp(checkpoint.origin, key->name) == 0);
    must(checkpoint_format(&checkpoint, again, NULL) == STATUS_OK && strlen(again) <= note->text_length &&
         memcmp(again, note->text, strlen(again)) == 0);
}

static void check_key(const char *text, size_t size)
{
    struct note_key key;
    char again[NOTE_VKEY_TEXT_MAX];
    if (note_key_parse(text, size, &key, NULL) != STATUS_OK)
        return;
    note_key_format(&key, again);
    must(strlen(again) == size && memcmp(again, text, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct note note;
    struct note_key log, witness;
    char *bytes = fuzz_text(data, size);
    must(sodium_init() >= 0);
    must(note_key_parse(log_vkey, sizeof log_vkey - 1, &log, NULL) == STATUS_OK);
    must(note_key_parse(witness_vkey, sizeof witness_vkey - 1, &witness, NULL) == STATUS_OK);
    check_key(bytes, size);
    bool read = note_parse(bytes, size, &note, NULL) == STATUS_OK;
    if (read) {
        check_written_again(&note, bytes, size);
        check_verified(&note, &log);
        check_verified(&note, &witness);
    }
    check_checkpoint(read ? &note : NULL, bytes, size, &log);
    free(bytes);
    return 0;
}
