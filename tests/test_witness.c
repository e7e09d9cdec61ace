/*
 * The witness's state machine: what is cosigned, what is refused, what is remembered and when; and that times from outside bound
 * the times of entries.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/verify/verify.h"
#include "controls/issue.h"
#include "ledger/instant.h"
#include "ledger/journal_layout.h"
#include "ledger/keyfile.h"
#include "ledger/schema.h"
#include "ledger/witness.h"
#include "ledger/witness_state.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"
#include "tests/support/scratch.h"
#include "tests/support/small_book.h"

enum { LEAVES = 20, NOW = 1679315147 };

#define ORIGIN "ledger.example/ar"
#define LINE_1 "sgpRKkjlPSFtuHJtxzfv5qfhO6S2gfmybc0I0ZECWeM="
#define LINE_2 "kmBU8ovIhlHvRGcJIGWH8YPEmuWw8Tk8qusQTlT8xQ8="
#define LINE_3 "ShYvTcLt+uFv94VVBva4Wu3H+ToYhxR4Hag78bxvf5w="
#define TEXT_7 ORIGIN "\n7\nmgGvw6L2mDaOYUO4ESTDYkWZFs4W9iynuWkz/IYnNe0=\n"
#define LOG_7                                                                                                          \
    "\xE2\x80\x94 " ORIGIN                                                                                             \
    " ajxYWQyQgd+Yo/pdABoUqVCn1VLSkdWCPbPUqZ6XCOEJbMxFXLW4bb+6z+VH0YUroLfKO7h6pruEM2Bu6wVyA5RBs"                       \
    "wQ=\n"
#define WITNESS_7                                                                                                      \
    "\xE2\x80\x94 witness.example/w1 "                                                                                 \
    "IDJKvgAAAABkGFDLsxI+mJvtv3Urk1QTszF8vJGhgWF8WzPno+mxl2H0nFdL2rSCKYrTjZSevjtQ9DSUA"                                \
    "4CW0fBdRJl8iJS5R0eqCg==\n"

/* A log in memory whose key is made of one byte; two forks share the leaves before `fork`. */
struct log {
    struct hash leaves[LEAVES];
    uint8_t secret[NOTE_SECRET_KEY_BYTES];
    struct note_key key;
};

static void secret_of(uint8_t first, uint8_t ret_secret[static NOTE_SECRET_KEY_BYTES],
                      uint8_t ret_public[static NOTE_PUBLIC_KEY_BYTES])
{
    uint8_t seed[32];
    for (size_t i = 0; i < sizeof seed; i++)
        seed[i] = (uint8_t)(first + i);
    crypto_sign_seed_keypair(ret_public, ret_secret, seed);
}

static void log_make(struct log *log, uint8_t seed, size_t fork)
{
    uint8_t public[NOTE_PUBLIC_KEY_BYTES];
    for (size_t i = 0; i < LEAVES; i++) {
        char text[8];
        snprintf(text, sizeof text, "%s%zu", i < fork ? "L" : "M", i);
        tree_leaf(text, strlen(text), &log->leaves[i]);
    }
    secret_of(seed, log->secret, public);
    assert_int_equal(note_key_init(NOTE_ED25519, ORIGIN, public, &log->key, NULL), STATUS_OK);
}

static enum status read_node(void *context, unsigned level, uint64_t index, struct hash *ret_hash, struct err *err)
{
    const struct log *log = context;
    struct hash left, right;
    if (level == 0) {
        *ret_hash = log->leaves[index];
        return STATUS_OK;
    }
    enum status status = read_node(context, level - 1, index * 2, &left, err);
    if (status == STATUS_OK)
        status = read_node(context, level - 1, index * 2 + 1, &right, err);
    tree_node(&left, &right, ret_hash);
    return status;
}

/* A request and the bytes that it lends from. */
struct asked {
    struct witness_request request;
    char note[CHECKPOINT_NOTE_MAX];
};

static void ask(struct log *log, uint64_t old_size, uint64_t size, struct asked *ret_asked)
{
    const struct tree_reader reader = {.node = read_node, .context = log};
    struct checkpoint checkpoint = {.origin = ORIGIN, .head = {.size = size}};
    assert_int_equal(tree_root(&reader, size, &checkpoint.head.root, NULL), STATUS_OK);
    ret_asked->request = (struct witness_request){.old_size = old_size, .note = ret_asked->note};
    if (old_size <= size)
        assert_int_equal(tree_prove_consistency(&reader, old_size, size, &ret_asked->request.proof, NULL), STATUS_OK);
    assert_int_equal(checkpoint_sign(&checkpoint, &log->key, log->secret, ret_asked->note, NULL), STATUS_OK);
    ret_asked->request.note_length = strlen(ret_asked->note);
}

static struct note_key witness_key;
static uint8_t witness_secret[NOTE_SECRET_KEY_BYTES];

static void witness_make(void)
{
    uint8_t public[NOTE_PUBLIC_KEY_BYTES];
    secret_of(0x20, witness_secret, public);
    assert_int_equal(note_key_init(NOTE_COSIGNATURE, "witness.example/w1", public, &witness_key, NULL), STATUS_OK);
}

static struct err err;

/* One whole act: judge, cosign. out *ret_note may be NULL. */
static enum status act_at(struct witness_log *memory, const struct witness_request *request, int64_t seconds,
                          enum witness_step *ret_step, char **ret_note)
{
    struct checkpoint checkpoint;
    char *note = NULL;
    const struct note_cosigner cosigner = {.key = &witness_key, .secret_key = witness_secret, .seconds = seconds};
    enum status status = witness_judge(memory, request, seconds, &checkpoint, ret_step, &err);
    const struct witness_signing signing = {
        .log = memory, .request = request, .checkpoint = &checkpoint, .cosigner = &cosigner};
    if (status == STATUS_OK)
        status = witness_cosign(&signing, &note, &err);
    if (ret_note != NULL && status == STATUS_OK)
        *ret_note = note;
    else
        free(note);
    return status;
}

static void trust(struct witness_log *memory, const struct note_key *key)
{
    bool is_new = false;
    assert_int_equal(witness_log_trust(memory, key, &is_new, &err), STATUS_OK);
}

/* A witness who has cosigned the first size entries of a log; 0: none yet. */
static void remember(struct witness_log *memory, struct log *log, uint64_t size)
{
    struct asked asked;
    enum witness_step step;
    *memory = (struct witness_log){.key_count = 0};
    trust(memory, &log->key);
    if (size == 0)
        return;
    ask(log, 0, size, &asked);
    assert_int_equal(act_at(memory, &asked.request, NOW, &step, NULL), STATUS_OK);
    assert_int_equal(step, WITNESS_FIRST);
}

static void the_vector_is_cosigned_byte_for_byte(void **state)
{
    static const char body[] =
        "old 3\n" LINE_1 "\nXGEOn+9swAEro4Aqq/GnwHVkoQPMDK7CcJPyCJ8lqJA=\n" LINE_2 "\n" LINE_3 "\n\n" TEXT_7 "\n" LOG_7;
    struct log log;
    struct witness_log memory;
    struct witness_request request;
    enum witness_step step;
    char *note = NULL, *again = NULL;
    size_t length = 0;
    (void)state;
    log_make(&log, 0, LEAVES);
    remember(&memory, &log, 3);
    assert_int_equal(witness_request_parse(body, sizeof body - 1, &request, &err), STATUS_OK);
    assert_int_equal(request.old_size, 3);
    assert_int_equal(request.proof.count, 4);
    assert_int_equal(witness_request_format(&request, &again, &length, &err), STATUS_OK);
    assert_string_equal(again, body);
    assert_int_equal(act_at(&memory, &request, NOW, &step, &note), STATUS_OK);
    assert_int_equal(step, WITNESS_LATER);
    assert_string_equal(note, TEXT_7 "\n" LOG_7 WITNESS_7);
    assert_int_equal(memory.head.size, 7);
    free(again);
    free(note);
    witness_log_done(&memory);
}

static void only_what_extends_the_last_is_cosigned(void **state)
{
    struct log log, fork;
    struct asked asked;
    enum witness_step step;
    (void)state;
    log_make(&log, 0, LEAVES);
    for (uint64_t held = 0; held <= LEAVES; held++) {
        for (uint64_t shown = 1; shown <= LEAVES; shown++) {
            struct witness_log memory;
            remember(&memory, &log, held);
            const struct tree_head before = memory.head;
            ask(&log, held, shown, &asked);
            enum status status = act_at(&memory, &asked.request, NOW + 5, &step, NULL);
            assert_int_equal(status, shown < held ? STATUS_CORRUPT : STATUS_OK);
            if (status == STATUS_OK)
                assert_int_equal(step, held == 0 ? WITNESS_FIRST : shown == held ? WITNESS_AGAIN : WITNESS_LATER);
            assert_int_equal(memory.head.size, status == STATUS_OK ? shown : before.size);
            assert_int_equal(memory.seconds, status == STATUS_OK ? NOW + 5 : NOW);
            witness_log_done(&memory);

            /* The same of a log that another leaf was put into before the last of what the witness holds. */
            if (held == 0)
                continue;
            remember(&memory, &log, held);
            log_make(&fork, 0, (size_t)held - 1);
            ask(&fork, held, shown, &asked);
            assert_int_equal(act_at(&memory, &asked.request, NOW + 5, &step, NULL), STATUS_CORRUPT);
            assert_true(hash_equal(&memory.head.root, &before.root));
            assert_int_equal(memory.seconds, NOW);
            witness_log_done(&memory);
        }
    }
}

static void a_proof_of_something_else_is_no_proof(void **state)
{
    struct log log;
    struct asked asked;
    struct witness_log memory;
    enum witness_step step;
    (void)state;
    log_make(&log, 0, LEAVES);
    remember(&memory, &log, 6);
    ask(&log, 6, 15, &asked);
    for (size_t i = 0; i < asked.request.proof.count; i++)
        for (unsigned bit = 0; bit < 256; bit += 37) {
            asked.request.proof.nodes[i].bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_equal(act_at(&memory, &asked.request, NOW, &step, NULL), STATUS_CORRUPT);
            assert_non_null(strstr(err.text, "does not lead from my root of 6 entries to this one of 15"));
            asked.request.proof.nodes[i].bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    asked.request.proof.count--;
    assert_int_not_equal(act_at(&memory, &asked.request, NOW, &step, NULL), STATUS_OK);
    asked.request.proof.count = 0;
    assert_int_not_equal(act_at(&memory, &asked.request, NOW, &step, NULL), STATUS_OK);
    /* What the request calls old is not believed; and a true proof from elsewhere is told to be asked again. */
    ask(&log, 4, 15, &asked);
    assert_int_equal(act_at(&memory, &asked.request, NOW, &step, NULL), STATUS_INPUT);
    assert_non_null(strstr(err.text, "old 4, but I last cosigned 6"));
    asked.request.old_size = 6;
    assert_int_not_equal(act_at(&memory, &asked.request, NOW, &step, NULL), STATUS_OK);
    ask(&log, 8, 15, &asked);
    assert_int_equal(act_at(&memory, &asked.request, NOW, &step, NULL), STATUS_INPUT);
    ask(&log, 0, 15, &asked);
    assert_int_equal(act_at(&memory, &asked.request, NOW, &step, NULL), STATUS_INPUT);
    assert_int_equal(memory.head.size, 6);
    witness_log_done(&memory);
}

static void keys_are_those_that_people_told(void **state)
{
    struct log log, stranger;
    struct asked asked;
    struct witness_log memory;
    enum witness_step step;
    bool is_new = false;
    struct note_key other;
    (void)state;
    log_make(&log, 0, LEAVES);
    log_make(&stranger, 0x40, 0);
    remember(&memory, &log, 5);
    /* A stranger's fork is no fork of the log's. */
    ask(&stranger, 5, 9, &asked);
    assert_int_equal(act_at(&memory, &asked.request, NOW, &step, NULL), STATUS_SIGNATURE);
    assert_non_null(strstr(err.text, "countersign witness trust"));
    memcpy(stranger.leaves, log.leaves, sizeof log.leaves);
    ask(&stranger, 5, 9, &asked);
    assert_int_equal(act_at(&memory, &asked.request, NOW, &step, NULL), STATUS_SIGNATURE);
    /* Until he is told that it is the log's new key: nothing is forgotten by that. */
    assert_int_equal(witness_log_trust(&memory, &stranger.key, &is_new, &err), STATUS_OK);
    assert_true(is_new);
    assert_int_equal(witness_log_trust(&memory, &stranger.key, &is_new, &err), STATUS_OK);
    assert_false(is_new);
    assert_int_equal(memory.head.size, 5);
    assert_int_equal(act_at(&memory, &asked.request, NOW, &step, NULL), STATUS_OK);
    ask(&log, 9, 12, &asked);
    assert_int_equal(act_at(&memory, &asked.request, NOW, &step, NULL), STATUS_OK);
    /* A changed byte of the signature, another origin, a witness's key. */
    ask(&log, 12, 14, &asked);
    asked.note[asked.request.note_length - 10] = asked.note[asked.request.note_length - 10] == 'A' ? 'B' : 'A';
    assert_int_equal(act_at(&memory, &asked.request, NOW, &step, NULL), STATUS_SIGNATURE);
    assert_int_equal(note_key_init(NOTE_ED25519, "ledger.example/ap", log.key.public_key, &other, &err), STATUS_OK);
    assert_int_equal(witness_log_trust(&memory, &other, &is_new, &err), STATUS_INPUT);
    assert_int_equal(witness_log_trust(&memory, &witness_key, &is_new, &err), STATUS_INPUT);
    struct witness_log foreign = {.key_count = 0};
    trust(&foreign, &other);
    ask(&log, 0, 3, &asked);
    assert_int_equal(act_at(&foreign, &asked.request, NOW, &step, NULL), STATUS_INPUT);
    for (uint8_t seed = 1; memory.key_count < WITNESS_LOG_KEYS_MAX; seed++) {
        log_make(&stranger, seed, LEAVES);
        trust(&memory, &stranger.key);
    }
    log_make(&stranger, 0x90, LEAVES);
    assert_int_equal(witness_log_trust(&memory, &stranger.key, &is_new, &err), STATUS_LIMIT);
    witness_log_done(&memory);
}

static void time_never_goes_back(void **state)
{
    struct log log;
    struct asked asked;
    struct witness_log memory;
    enum witness_step step;
    (void)state;
    log_make(&log, 0, LEAVES);
    remember(&memory, &log, 5);
    ask(&log, 5, 5, &asked);
    assert_int_equal(act_at(&memory, &asked.request, NOW - 1, &step, NULL), STATUS_CLOCK);
    assert_int_equal(act_at(&memory, &asked.request, NOW, &step, NULL), STATUS_OK);
    ask(&log, 5, 9, &asked);
    assert_int_equal(act_at(&memory, &asked.request, NOW - 1, &step, NULL), STATUS_CLOCK);
    assert_int_equal(memory.head.size, 5);
    witness_log_done(&memory);
}

static void own_lines_are_replaced_and_others_kept(void **state)
{
    struct log log;
    struct asked asked;
    struct witness_log memory;
    enum witness_step step;
    char *first = NULL, *second = NULL;
    int64_t seconds = 0;
    struct note note;
    (void)state;
    log_make(&log, 0, LEAVES);
    remember(&memory, &log, 0);
    ask(&log, 0, 7, &asked);
    assert_int_equal(act_at(&memory, &asked.request, NOW, &step, &first), STATUS_OK);
    assert_string_equal(first, TEXT_7 "\n" LOG_7 WITNESS_7);
    struct witness_request again = {.old_size = 7, .note = first, .note_length = strlen(first)};
    assert_int_equal(act_at(&memory, &again, NOW + 9, &step, &second), STATUS_OK);
    assert_int_equal(note_parse(second, strlen(second), &note, &err), STATUS_OK);
    assert_int_equal(note.signature_count, 2);
    assert_int_equal(note_verify(&note, &log.key, &err), STATUS_OK);
    assert_int_equal(note_verify_cosignature(&note, &witness_key, &seconds, &err), STATUS_OK);
    assert_int_equal(seconds, NOW + 9);
    /* As many signatures as a note may have, none of them the witness's: there is no room for one more. */
    size_t used = strlen(TEXT_7 "\n" LOG_7);
    char *full = malloc(WITNESS_NOTE_BYTES_MAX);
    memcpy(full, TEXT_7 "\n" LOG_7, used);
    for (int i = 1; i < NOTE_SIGNATURES_MAX; i++)
        used += (size_t)snprintf(full + used, WITNESS_NOTE_BYTES_MAX - used, "\xE2\x80\x94 w%d AAAAAAAA\n", i);
    again = (struct witness_request){.old_size = 7, .note = full, .note_length = used};
    assert_int_equal(act_at(&memory, &again, NOW + 9, &step, NULL), STATUS_LIMIT);
    /* Bytes that leave just room for the witness's longest line, and one more. */
    for (size_t over = 0; over < 2; over++) {
        size_t room = WITNESS_NOTE_BYTES_MAX - NOTE_LINE_TEXT_MAX + over - strlen(TEXT_7 "\n" LOG_7);
        used = strlen(TEXT_7 "\n" LOG_7);
        while (room > 0) { /* lines of 2000 characters, the last ones shorter */
            size_t length = room > 3000 ? 2000 : room > 1500 ? room / 2 : room, digits = (length - 6) / 4 * 4 - 8;
            used += (size_t)snprintf(full + used, WITNESS_NOTE_BYTES_MAX - used, "\xE2\x80\x94 ");
            memset(full + used, 'w', length - 6 - digits);
            full[used + length - 6 - digits] = ' ';
            memset(full + used + length - 5 - digits, 'A', digits);
            full[used + length - 5] = '\n';
            used += length - 4;
            room -= length;
        }
        again = (struct witness_request){.old_size = 7, .note = full, .note_length = used};
        assert_int_equal(used, WITNESS_NOTE_BYTES_MAX - NOTE_LINE_TEXT_MAX + over);
        assert_int_equal(act_at(&memory, &again, NOW + 9, &step, NULL), over == 0 ? STATUS_OK : STATUS_LIMIT);
    }
    free(full);
    free(second);
    free(first);
    witness_log_done(&memory);
}

static void malformed_requests_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "old",
        "old 3",
        "old \n\n" TEXT_7 "\n" LOG_7,
        "old 03\n\n" TEXT_7 "\n" LOG_7,
        "old -1\n\n" TEXT_7 "\n" LOG_7,
        "new 3\n\n" TEXT_7 "\n" LOG_7,
        "old 9223372036854775808\n\n" TEXT_7 "\n" LOG_7,
        "old 3\n" LINE_1,
        "old 3\n" LINE_1 "\n",
        "old 3\n" LINE_1 "=\n\n" TEXT_7 "\n" LOG_7,
        "old 3\nsgpRKkjlPSFtuHJtxzfv5qfhO6S2gfmybc0I0ZECWeN=\n\n" TEXT_7 "\n" LOG_7,
        "old 3\n" LINE_1 " \n\n" TEXT_7 "\n" LOG_7,
        "old 3\r\n\r\n" TEXT_7 "\n" LOG_7,
    };
    struct witness_request request;
    char many[8192] = "old 3\n";
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (witness_request_parse(bad[i], strlen(bad[i]), &request, &err) == STATUS_OK)
            fail_msg("taken: %s", bad[i]);
    size_t used = strlen(many);
    for (int i = 0; i <= WITNESS_PROOF_MAX; i++) {
        used += (size_t)snprintf(many + used, sizeof many - used, LINE_1 "\n");
        if (i == WITNESS_PROOF_MAX - 1) {
            snprintf(many + used, sizeof many - used, "\nx");
            assert_int_equal(witness_request_parse(many, strlen(many), &request, &err), STATUS_OK);
        }
    }
    snprintf(many + used, sizeof many - used, "\nx");
    assert_int_equal(witness_request_parse(many, strlen(many), &request, &err), STATUS_LIMIT);
    assert_int_equal(witness_request_parse(bad[9], strlen(bad[9]), &request, &err), STATUS_INPUT);
    assert_non_null(strstr(err.text, "no empty line before its checkpoint"));
    char *large = calloc(1, WITNESS_REQUEST_BYTES_MAX + 1);
    memcpy(large, "old 3\n\n", 7);
    assert_int_equal(witness_request_parse(large, WITNESS_REQUEST_BYTES_MAX + 1, &request, &err), STATUS_LIMIT);
    assert_non_null(strstr(err.text, "a request of"));
    assert_int_equal(witness_request_parse(large, WITNESS_REQUEST_BYTES_MAX, &request, &err), STATUS_LIMIT);
    assert_non_null(strstr(err.text, "a checkpoint of"));
    assert_int_equal(witness_request_parse(large, 7 + WITNESS_NOTE_BYTES_MAX, &request, &err), STATUS_OK);
    assert_int_equal(witness_request_parse(large, 8 + WITNESS_NOTE_BYTES_MAX, &request, &err), STATUS_LIMIT);
    free(large);
}

static void memory_comes_back_as_it_was_written(void **state)
{
    struct log log, other;
    struct witness_log memory, again = {.key_count = 0};
    char *text = NULL;
    size_t length = 0;
    (void)state;
    log_make(&log, 0, LEAVES);
    log_make(&other, 0x40, LEAVES);
    remember(&memory, &log, 0);
    assert_int_equal(witness_log_write(&memory, &text, &length, &err), STATUS_OK);
    assert_int_equal(witness_log_read(text, length, &again, &err), STATUS_OK);
    assert_null(again.note);
    assert_int_equal(again.head.size, 0);
    free(text);
    witness_log_done(&memory);
    remember(&memory, &log, 7);
    trust(&memory, &other.key);
    assert_int_equal(witness_log_write(&memory, &text, &length, &err), STATUS_OK);
    assert_int_equal(witness_log_read(text, length, &again, &err), STATUS_OK);
    assert_int_equal(again.head.size, 7);
    assert_int_equal(again.key_count, 2);
    assert_int_equal(again.seconds, NOW);
    assert_true(hash_equal(&again.head.root, &memory.head.root));
    witness_log_done(&again);
    /* Whatever is changed in it, no other root is remembered: what does not read is an integrity failure. */
    for (size_t i = 0; i < length; i++) {
        text[i] ^= 1;
        enum status status = witness_log_read(text, length, &again, &err);
        if (status == STATUS_OK) {
            assert_int_equal(again.head.size, 7);
            assert_true(hash_equal(&again.head.root, &memory.head.root));
            witness_log_done(&again);
        } else {
            assert_int_equal(status, STATUS_CORRUPT);
        }
        text[i] ^= 1;
    }
    for (size_t cut = 0; cut < length; cut++)
        assert_int_equal(witness_log_read(text, cut, &again, &err), STATUS_CORRUPT);
    free(text);
    witness_log_done(&memory);
}

/* Written by another hand: no key, or one key twice. */
static void memory_names_each_key_once(void **state)
{
    struct log log;
    struct witness_log memory, again = {.key_count = 0};
    char *text = NULL, *twice = NULL, *none = NULL;
    size_t length = 0;
    (void)state;
    log_make(&log, 0, LEAVES);
    remember(&memory, &log, 0);
    assert_int_equal(witness_log_write(&memory, &text, &length, &err), STATUS_OK);
    json_t *json = json_loadb(text, length, 0, NULL);
    const char *key = json_string_value(json_object_get(json, "keys"));
    json_object_set_new(json, "keys", json_sprintf("%s %s", key, key));
    twice = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
    json_object_set_new(json, "keys", json_string(""));
    none = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
    assert_int_equal(witness_log_read(twice, strlen(twice), &again, &err), STATUS_CORRUPT);
    assert_non_null(strstr(err.text, "a key stands there twice"));
    assert_int_equal(witness_log_read(none, strlen(none), &again, &err), STATUS_CORRUPT);
    assert_non_null(strstr(err.text, "there is no key"));
    json_decref(json);
    free(none);
    free(twice);
    free(text);
    witness_log_done(&memory);
}

static void an_empty_log_is_not_cosigned(void **state)
{
    struct log log;
    struct witness_log memory;
    struct asked asked = {.request = {.old_size = 0, .note = asked.note}};
    struct checkpoint checkpoint = {.origin = ORIGIN};
    enum witness_step step;
    (void)state;
    log_make(&log, 0, LEAVES);
    remember(&memory, &log, 0);
    hash_of("", 0, &checkpoint.head.root);
    assert_int_equal(checkpoint_sign(&checkpoint, &log.key, log.secret, asked.note, NULL), STATUS_OK);
    asked.request.note_length = strlen(asked.note);
    assert_int_equal(act_at(&memory, &asked.request, NOW, &step, NULL), STATUS_INPUT);
    assert_non_null(strstr(err.text, "a checkpoint of no entries says nothing"));
    witness_log_done(&memory);
}

static enum status cannot_sign(void *context, const void *data, size_t length, struct raw_signature *ret_signature,
                               struct err *ret_err)
{
    (void)data;
    (void)length;
    if (context == NULL)
        return err_set(ret_err, STATUS_IO, "the agent has gone");
    memset(ret_signature, 7, sizeof *ret_signature);
    return STATUS_OK;
}

static void a_key_that_fails_changes_nothing(void **state)
{
    struct log log;
    struct asked asked;
    struct witness_log memory;
    struct checkpoint checkpoint;
    enum witness_step step;
    char *note = NULL;
    uint8_t seed[KEYFILE_SEED_BYTES];
    struct signer good;
    (void)state;
    log_make(&log, 0, LEAVES);
    remember(&memory, &log, 3);
    ask(&log, 3, 7, &asked);
    assert_int_equal(witness_judge(&memory, &asked.request, NOW, &checkpoint, &step, &err), STATUS_OK);
    for (size_t i = 0; i < sizeof seed; i++)
        seed[i] = (uint8_t)(0x20 + i);
    assert_int_equal(keyfile_open_seed(seed, &good, &err), STATUS_OK);
    struct signer signer = {.key = good.key, .sign = cannot_sign};
    struct note_cosigner cosigner = {.key = &witness_key, .signer = &signer, .seconds = NOW};
    const struct witness_signing signing = {
        .log = &memory, .request = &asked.request, .checkpoint = &checkpoint, .cosigner = &cosigner};
    assert_int_equal(witness_cosign(&signing, &note, &err), STATUS_IO);
    signer.context = &signer;
    assert_int_equal(witness_cosign(&signing, &note, &err), STATUS_SIGNATURE);
    signer.key.ed25519[0] ^= 1;
    assert_int_equal(witness_cosign(&signing, &note, &err), STATUS_INPUT);
    assert_int_equal(memory.head.size, 3);
    cosigner.signer = &good;
    assert_int_equal(witness_cosign(&signing, &note, &err), STATUS_OK);
    assert_string_equal(note, TEXT_7 "\n" LOG_7 WITNESS_7);
    free(note);
    signer_close(&good);
    witness_log_done(&memory);
}

static void the_directory_keeps_what_was_cosigned(void **state)
{
    struct scratch scratch;
    struct log log;
    struct witness_log memory, again;
    struct witness_state open = {.dir = NULL}, second = {.dir = NULL};
    struct path evidence;
    char dir[SCRATCH_PATH_BYTES];
    (void)state;
    scratch_open(&scratch);
    scratch_path(&scratch, "w", dir);
    assert_int_equal(witness_state_open(dir, 0, &open, &err), STATUS_NOT_FOUND);
    assert_int_equal(witness_state_create(dir, &err), STATUS_OK);
    assert_int_equal(witness_state_create(dir, &err), STATUS_EXISTS);
    assert_int_equal(witness_state_name(dir, &witness_key, &err), STATUS_OK);
    assert_int_equal(witness_state_open(dir, 0, &open, &err), STATUS_OK);
    /* Two acts at one time could cosign two histories. */
    assert_int_equal(witness_state_open(dir, 0, &second, &err), STATUS_BUSY);
    assert_int_equal(witness_state_load(&open, ORIGIN, &again, &err), STATUS_NOT_FOUND);
    log_make(&log, 0, LEAVES);
    remember(&memory, &log, 7);
    assert_int_equal(witness_state_save(&open, &memory, &err), STATUS_OK);
    assert_int_equal(witness_state_load(&open, ORIGIN, &again, &err), STATUS_OK);
    assert_int_equal(again.head.size, 7);
    assert_int_equal(witness_state_accuse(&open, &again, slice_of("shown", 5), &evidence, &err), STATUS_OK);
    assert_int_equal(witness_state_accuse(&open, &again, slice_of("shown", 5), &evidence, &err), STATUS_OK);
    assert_int_equal(scratch_run(&scratch, "test $(ls w/refused | wc -l) = 2 && grep -q shown w/refused/*.shown && "
                                           "grep -q '^7$' w/refused/*.held"),
                     0);
    witness_log_done(&again);
    /* A key file without a key. */
    assert_int_equal(scratch_run(&scratch, "cp w/vkey key && : >w/vkey"), 0);
    assert_int_not_equal(witness_state_open(dir, 0, &second, &err), STATUS_OK);
    assert_int_not_equal(err.status, STATUS_BUSY);
    assert_int_equal(scratch_run(&scratch, "mv key w/vkey"), 0);
    /* One log's memory under another's name. */
    assert_int_equal(scratch_run(&scratch,
                                 "mv w/logs/* kept && cp kept w/logs/$(printf ledger.example/ap | sha256sum | "
                                 "cut -c1-32)"),
                     0);
    assert_int_equal(witness_state_load(&open, "ledger.example/ap", &again, &err), STATUS_CORRUPT);
    witness_state_close(&open);
    assert_int_equal(witness_state_open(dir, 0, &second, &err), STATUS_OK);
    witness_state_close(&second);
    witness_state_close(&second);
    witness_log_done(&memory);
    scratch_close(&scratch);
}

/* Below: a real book, whose gate's clock is ours. */

static int64_t gate_clock(void *context)
{
    const struct company *company = context;
    return company->now_ms;
}

struct heard {
    uint64_t seqs[64];
    char texts[64][FINDING_TEXT_BYTES];
    size_t count;
};

static void hear(void *context, const struct finding *finding)
{
    struct heard *heard = context;
    if (finding->check != CHECK_TIME || heard->count == 64)
        return;
    heard->seqs[heard->count] = finding->seq;
    snprintf(heard->texts[heard->count++], FINDING_TEXT_BYTES, "%s", finding->text);
}

/* A checkpoint as the book is now, cosigned at a time. */
static void seen_at(struct company *company, int64_t ms, char ret_note[static 4096])
{
    struct checkpoint checkpoint;
    char note[CHECKPOINT_NOTE_MAX], line[NOTE_LINE_TEXT_MAX];
    struct note parsed;
    const struct note_cosigner cosigner = {.key = &witness_key, .secret_key = witness_secret, .seconds = ms / 1000};
    assert_int_equal(
        issue_checkpoint(company->gate, &company_user(company, "book-key")->signer, &checkpoint, note, &err),
        STATUS_OK);
    assert_int_equal(note_parse(note, strlen(note), &parsed, &err), STATUS_OK);
    assert_int_equal(note_cosign(parsed.text, parsed.text_length, &cosigner, line, &err), STATUS_OK);
    snprintf(ret_note, 4096, "%s%s", note, line);
}

static void verify_times(struct company *company, struct heard *heard, struct verify_result *ret_result)
{
    const struct verify_options options = {.book_dir = company->book,
                                           .fast = true,
                                           .threads = 1,
                                           .witnesses = &witness_key,
                                           .witness_count = 1,
                                           .report = hear,
                                           .context = heard};
    heard->count = 0;
    gate_close(company->gate);
    company->gate = NULL;
    assert_int_equal(verify_book(&options, ret_result, &err), STATUS_OK);
    company_reopen(company);
}

static void add(struct company *company, const char *note)
{
    struct checkpoint checkpoint;
    bool known = true;
    assert_int_equal(issue_record(company->gate, slice_of(note, strlen(note)), &checkpoint, &known, &err), STATUS_OK);
    assert_false(known);
    assert_int_equal(issue_record(company->gate, slice_of(note, strlen(note)), &checkpoint, &known, &err), STATUS_OK);
    assert_true(known);
}

static void enrol(struct company *company, const char *user, const char *person)
{
    json_t *document = company_enrolment(company, user, person, "human", company_new_user(company, user)->key);
    company->now_ms += 3600 * 1000;
    json_decref(company_do_with(company, "olga", VERB_SUBMIT, company_one(document), user));
}

/* Entries an hour apart: 0 at the beginning, then 1, 2, 3. */
static void entries_seen_before_their_time_are_found(void **state)
{
    struct company company = {.dir = "", .real_now = gate_clock, .unchecked = true};
    struct heard heard;
    struct verify_result result;
    char notes[3][4096];
    (void)state;
    company_found(&company, NULL);
    const int64_t begun_ms = company.now_ms, hour_ms = 3600 * 1000;
    enrol(&company, "nina", "P-71");
    seen_at(&company, company.now_ms + 60000, notes[0]);
    enrol(&company, "nora", "P-72");
    enrol(&company, "noel", "P-73");
    seen_at(&company, company.now_ms, notes[1]);
    add(&company, notes[1]);
    add(&company, notes[0]); /* late, and smaller than what was recorded before */
    verify_times(&company, &heard, &result);
    assert_int_equal(result.finding_count, 0);
    assert_int_equal(result.witnessed[0].size, 4);
    assert_int_equal(result.witnessed[0].count, 2);
    assert_int_equal(result.witnessed[0].seconds, company.now_ms / 1000);
    assert_int_equal(result.witnessed[0].newest_seconds, company.now_ms / 1000);
    /* Cosigned again at the same size: what existed is known by the earlier, that somebody looks, by the later. */
    seen_at(&company, company.now_ms + 5 * hour_ms, notes[2]);
    add(&company, notes[2]);
    verify_times(&company, &heard, &result);
    assert_int_equal(result.finding_count, 0);
    assert_int_equal(result.witnessed[0].seconds, company.now_ms / 1000);
    assert_int_equal(result.witnessed[0].newest_seconds, (company.now_ms + 5 * hour_ms) / 1000);
    /* Seen at 1:30: entries 2 and 3 are of a later time. Then also at 0:30: 1 is, too. */
    seen_at(&company, begun_ms + hour_ms * 3 / 2, notes[2]);
    add(&company, notes[2]);
    verify_times(&company, &heard, &result);
    assert_int_equal(heard.count, 2);
    assert_int_equal(heard.seqs[0], 2);
    assert_int_equal(heard.seqs[1], 3);
    assert_int_equal(result.witnessed[0].seconds, (begun_ms + hour_ms * 3 / 2) / 1000);
    assert_int_equal(result.witnessed[0].newest_seconds, (company.now_ms + 5 * hour_ms) / 1000);
    assert_non_null(strstr(heard.texts[1], "witness.example/w1 had seen it by"));
    seen_at(&company, begun_ms + hour_ms / 2, notes[2]);
    add(&company, notes[2]);
    verify_times(&company, &heard, &result);
    assert_int_equal(heard.count, 3);
    assert_int_equal(heard.seqs[0], 1);
    company_close(&company);
}

/* A time binds what its checkpoint covers, and not the entry after it. */
static void what_came_after_the_checkpoint_is_not_bound(void **state)
{
    struct company company = {.dir = "", .real_now = gate_clock, .unchecked = true};
    struct heard heard;
    struct verify_result result;
    char note[4096];
    (void)state;
    company_found(&company, NULL);
    const int64_t begun_ms = company.now_ms, hour_ms = 3600 * 1000;
    enrol(&company, "nina", "P-71");
    seen_at(&company, begun_ms + hour_ms / 2, note);
    add(&company, note);
    enrol(&company, "nora", "P-72");
    verify_times(&company, &heard, &result);
    assert_int_equal(heard.count, 1);
    assert_int_equal(heard.seqs[0], 1);
    company_close(&company);
}

/* The skew is the charter's: what is within it is no finding, a second more is. */
static void the_skew_is_allowed_for(void **state)
{
    struct company company = {.dir = "", .real_now = gate_clock, .unchecked = true};
    struct heard heard;
    struct verify_result result;
    char note[4096];
    (void)state;
    company_found(&company, NULL);
    int64_t skew = member_integer(gate_charter(company.gate), "skew_seconds");
    enrol(&company, "nina", "P-71");
    verify_times(&company, &heard, &result);
    company.now_ms -= company.now_ms % 1000;
    struct journal_snapshot *snapshot = NULL;
    const char *bytes = NULL;
    size_t length = 0;
    struct entry entry;
    assert_int_equal(journal_read_begin(gate_books(company.gate)->journal, &snapshot, &err), STATUS_OK);
    assert_int_equal(journal_entry(snapshot, 1, &bytes, &length, &err), STATUS_OK);
    assert_int_equal(entry_read(slice_of(bytes, length), &entry, &err), STATUS_OK);
    int64_t time_s = entry.time_ms / 1000;
    entry_done(&entry);
    journal_read_end(snapshot);
    seen_at(&company, (time_s - skew) * 1000, note);
    add(&company, note);
    verify_times(&company, &heard, &result);
    assert_int_equal(heard.count, 0);
    seen_at(&company, (time_s - skew - 2) * 1000, note);
    add(&company, note);
    verify_times(&company, &heard, &result);
    assert_int_equal(heard.count, 1);
    assert_int_equal(heard.seqs[0], 1);
    company_close(&company);
}

static void only_the_books_own_come_back(void **state)
{
    struct company company = {.dir = ""};
    struct log log;
    struct asked asked;
    struct checkpoint checkpoint;
    char note[4096], changed[4096];
    bool known = false;
    (void)state;
    company_found(&company, NULL);
    seen_at(&company, company.now_ms, note);
    log_make(&log, 0, LEAVES);
    ask(&log, 0, 1, &asked);
    assert_int_equal(issue_record(company.gate, slice_of(asked.note, strlen(asked.note)), &checkpoint, &known, &err),
                     STATUS_NOT_FOUND);
    assert_int_equal(issue_record(company.gate, slice_of("x", 1), &checkpoint, &known, &err), STATUS_INPUT);
    for (size_t i = 0; i < strlen(note); i++) {
        memcpy(changed, note, sizeof changed);
        changed[i] ^= 2;
        enum status status = issue_record(company.gate, slice_of(changed, strlen(changed)), &checkpoint, &known, &err);
        /* Only the witness's own line is not asked: whose it is, the auditor knows. */
        if (status == STATUS_OK && i < (size_t)(strstr(note, "\xE2\x80\x94 witness") - note))
            fail_msg("byte %zu", i);
    }
    /* By a key that is no book key, over the true root. */
    struct checkpoint own;
    struct note_key key;
    struct note parsed;
    char forged[CHECKPOINT_NOTE_MAX];
    const struct signer *olga = &company_user(&company, "olga")->signer;
    assert_int_equal(note_parse(note, strlen(note), &parsed, &err), STATUS_OK);
    assert_int_equal(checkpoint_parse(parsed.text, parsed.text_length, &own, &err), STATUS_OK);
    assert_int_equal(note_key_init(NOTE_ED25519, own.origin, olga->key.ed25519, &key, &err), STATUS_OK);
    assert_int_equal(checkpoint_sign_by(&own, &key, olga, forged, &err), STATUS_OK);
    assert_int_equal(issue_record(company.gate, slice_of(forged, strlen(forged)), &checkpoint, &known, &err),
                     STATUS_NOT_FOUND);
    /* By the book's key, of another root, and of more than there is. */
    const struct signer *ours = &company_user(&company, "book-key")->signer;
    assert_int_equal(note_key_init(NOTE_ED25519, own.origin, ours->key.ed25519, &key, &err), STATUS_OK);
    own.head.root.bytes[3] ^= 1;
    assert_int_equal(checkpoint_sign_by(&own, &key, ours, forged, &err), STATUS_OK);
    assert_int_equal(issue_record(company.gate, slice_of(forged, strlen(forged)), &checkpoint, &known, &err),
                     STATUS_CORRUPT);
    assert_non_null(strstr(err.text, "two histories"));
    own.head.root.bytes[3] ^= 1;
    own.head.size = 9;
    assert_int_equal(checkpoint_sign_by(&own, &key, ours, forged, &err), STATUS_OK);
    assert_int_equal(issue_record(company.gate, slice_of(forged, strlen(forged)), &checkpoint, &known, &err),
                     STATUS_CORRUPT);
    company_close(&company);
}

static enum status weigh(struct company *company, const char *note, const struct note_key *witnesses, size_t count)
{
    const struct issue_terms terms = {.witnesses = witnesses, .count = count};
    struct issue_note checked = {.known = true};
    enum status status = issue_check(company->gate, slice_of(note, strlen(note)), &terms, &checked, &err);
    if (status == STATUS_OK)
        assert_true(checked.checkpoint.head.size > 0);
    return status == STATUS_OK && checked.known ? STATUS_UNKNOWN : status; /* here: it is there already */
}

/* Adds a line of another witness to a note. */
static void also(const char *note, char ret_note[static 8192], struct note_key *ret_key)
{
    uint8_t seed[32] = {9}, public[NOTE_PUBLIC_KEY_BYTES], secret[NOTE_SECRET_KEY_BYTES];
    char line[NOTE_LINE_TEXT_MAX];
    struct note parsed;
    (void)crypto_sign_seed_keypair(public, secret, seed);
    assert_int_equal(note_key_init(NOTE_COSIGNATURE, "witness.example/other", public, ret_key, &err), STATUS_OK);
    const struct note_cosigner cosigner = {.key = ret_key, .secret_key = secret, .seconds = 77};
    assert_int_equal(note_parse(note, strlen(note), &parsed, &err), STATUS_OK);
    assert_int_equal(note_cosign(parsed.text, parsed.text_length, &cosigner, line, &err), STATUS_OK);
    snprintf(ret_note, 8192, "%s%s", note, line);
}

/* From who cannot write the book's files: a witness that is known, once for each size, and not a line more. */
static void on_terms_a_witness_counts_once(void **state)
{
    struct company company = {.dir = ""};
    struct note_key keys[2] = {witness_key};
    char note[4096], later[4096], twice[8192], both[8192], turned[4096];
    (void)state;
    company_found(&company, NULL);
    seen_at(&company, company.now_ms, note);
    seen_at(&company, company.now_ms + 5000, later);
    also(note, both, &keys[1]);
    assert_int_equal(weigh(&company, note, keys, 0), STATUS_NOT_FOUND);
    assert_non_null(strstr(err.text, "signature 2, of 'witness"));
    assert_int_equal(weigh(&company, note, keys + 1, 1), STATUS_NOT_FOUND);
    assert_int_equal(weigh(&company, both, keys, 1), STATUS_NOT_FOUND);
    assert_non_null(strstr(err.text, "signature 3, of 'witness.example/other', is of no witness that is known here"));
    assert_int_equal(weigh(&company, note, keys, 2), STATUS_OK);
    const char *line = strstr(note, "\xE2\x80\x94 witness");
    snprintf(twice, sizeof twice, "%s%s", note, strstr(later, "\xE2\x80\x94 witness"));
    assert_int_equal(weigh(&company, twice, keys, 2), STATUS_INPUT);
    assert_non_null(strstr(err.text, "twice"));
    /* Whatever is changed in it. */
    for (size_t i = 0; note[i] != '\0'; i++) {
        char changed[4096];
        memcpy(changed, note, sizeof changed);
        changed[i] ^= 2;
        if (weigh(&company, changed, keys, 2) == STATUS_OK)
            fail_msg("byte %zu", i);
    }
    /* Recorded, it is known; another time, and the same lines in another order, bring nothing. */
    add(&company, note);
    assert_int_equal(weigh(&company, note, keys, 2), STATUS_UNKNOWN);
    assert_int_equal(weigh(&company, later, keys, 2), STATUS_EXISTS);
    const char *ours = strstr(note, "\n\n") + 2;
    snprintf(turned, sizeof turned, "%.*s%s%.*s", (int)(ours - note), note, line, (int)(line - ours), ours);
    assert_int_equal(weigh(&company, turned, keys, 2), STATUS_EXISTS);
    assert_int_equal(weigh(&company, both, keys, 2), STATUS_OK);
    add(&company, both);
    assert_int_equal(weigh(&company, both, keys, 2), STATUS_UNKNOWN);
    company_close(&company);
}

/* Not the book twice, and no more than fits into its record. */
static void a_note_has_its_bounds(void **state)
{
    enum { LINES = 100, LINE = 800 };
    struct company company = {.dir = ""};
    char note[4096], twice[8192], blob[LINE + 1];
    (void)state;
    company_found(&company, NULL);
    seen_at(&company, company.now_ms, note);
    const char *ours = strstr(note, "\n\n") + 2, *line = strstr(note, "\xE2\x80\x94 witness");
    snprintf(twice, sizeof twice, "%.*s%.*s%s", (int)(ours - note), note, (int)(line - ours), ours, ours);
    assert_int_equal(weigh(&company, twice, &witness_key, 1), STATUS_INPUT);
    assert_non_null(strstr(err.text, "the book has signed twice on one checkpoint"));
    memset(blob, 'A', LINE);
    blob[LINE] = '\0';
    char *large = malloc(sizeof note + (size_t)LINES * (LINE + 64));
    size_t used = (size_t)snprintf(large, sizeof note, "%s", note);
    for (int i = 0; i < LINES; i++)
        used += (size_t)snprintf(large + used, LINE + 64, "\xE2\x80\x94 other.example/%d %s\n", i, blob);
    assert_int_equal(weigh(&company, large, &witness_key, 1), STATUS_LIMIT);
    assert_non_null(strstr(err.text, "a checkpoint's note has 1 to 65536 bytes"));
    free(large);
    company_close(&company);
}

/* Checkpoints of a book key that was retired since are its own up to that entry, whenever they come back. */
static void a_retired_key_signs_for_what_was(void **state)
{
    struct company company = {.dir = ""};
    struct checkpoint checkpoint;
    struct note_key key;
    char note[4096], issued[CHECKPOINT_NOTE_MAX], forged[CHECKPOINT_NOTE_MAX];
    bool known = false;
    (void)state;
    company_found(&company, NULL);
    seen_at(&company, company.now_ms, note);
    json_t *document = company_with(company_document(&company, "book-key"), "key",
                                    json_string(company_new_user(&company, "book-2")->key));
    const struct signer *retired = &company_user(&company, "book-key")->signer;
    company_with(document, "retires", json_string(company_user(&company, "book-key")->key));
    json_t *result = expect(
        company_first(company_do_with(&company, "olga", VERB_SUBMIT, company_one(document), "book-2")), "waiting");
    expect_done(company_approve(&company, "oscar", result_number(result), 1), "in-force");
    json_decref(result);
    add(&company, note);
    assert_int_equal(
        issue_checkpoint(company.gate, &company_user(&company, "book-2")->signer, &checkpoint, issued, &err),
        STATUS_OK);
    assert_int_equal(note_key_init(NOTE_ED25519, checkpoint.origin, retired->key.ed25519, &key, &err), STATUS_OK);
    assert_int_equal(checkpoint_sign_by(&checkpoint, &key, retired, forged, &err), STATUS_OK);
    assert_int_equal(issue_record(company.gate, slice_of(forged, strlen(forged)), &checkpoint, &known, &err),
                     STATUS_NOT_FOUND);
    assert_non_null(strstr(err.text, "signed by no key that was the book's at"));
    company_close(&company);
}

/* Who asks for a checkpoint of the same entries again gets the same one, which takes room once. */
static void the_same_checkpoint_is_recorded_once(void **state)
{
    struct company company = {.dir = ""};
    char note[4096];
    uint64_t count = 0;
    struct journal_snapshot *snapshot = NULL;
    (void)state;
    company_found(&company, NULL);
    for (int i = 0; i < 3; i++)
        seen_at(&company, company.now_ms, note);
    assert_int_equal(journal_read_begin(gate_books(company.gate)->journal, &snapshot, &err), STATUS_OK);
    assert_int_equal(journal_checkpoint_count(snapshot, &count, &err), STATUS_OK);
    journal_read_end(snapshot);
    assert_int_equal(count, 1);
    company_close(&company);
}

/* Cosigned ones come back late and are of fewer entries than the last: what was signed for most must still be true. */
static void a_smaller_one_that_came_late_hides_nothing(void **state)
{
    struct small_book book;
    struct journal_key first = journal_key_of(0), second = journal_key_of(1);
    struct tree_frontier frontier;
    struct hash leaf, root;
    struct checkpoint checkpoint;
    char note[2048], issued[CHECKPOINT_NOTE_MAX];
    size_t length = 0;
    (void)state;
    small_book_make(&book);
    small_book_checkpoint(&book, false, note);
    uint8_t *record = raw_get(&book, false, JOURNAL_CHECKPOINTS, slice_of(first.bytes, sizeof first.bytes), &length);
    tree_frontier_init(&frontier);
    for (uint64_t seq = 0; seq < 3; seq++) {
        size_t entry_length = 0;
        char *bytes = raw_entry(&book, seq, &entry_length);
        tree_leaf(bytes, entry_length, &leaf);
        assert_int_equal(tree_frontier_add(&frontier, &leaf, NULL, &err), STATUS_OK);
        free(bytes);
    }
    tree_frontier_root(&frontier, &root);
    uint8_t late[JOURNAL_CHECKPOINT_HEAD_BYTES + 1] = {0};
    memcpy(late, journal_key_of(3).bytes, JOURNAL_NUMBER_BYTES);
    memcpy(late + JOURNAL_NUMBER_BYTES, root.bytes, HASH_BYTES);
    raw_put(&book, false, JOURNAL_CHECKPOINTS, slice_of(second.bytes, sizeof second.bytes),
            slice_of(late, sizeof late));
    small_book_open(&book);
    assert_int_equal(issue_checkpoint(book.gate, &book.signers[USER_BOOK], &checkpoint, issued, &err), STATUS_OK);
    small_book_close(&book);
    record[JOURNAL_NUMBER_BYTES] ^= 1;
    raw_put(&book, false, JOURNAL_CHECKPOINTS, slice_of(first.bytes, sizeof first.bytes), slice_of(record, length));
    small_book_open(&book);
    assert_int_equal(issue_checkpoint(book.gate, &book.signers[USER_BOOK], &checkpoint, issued, &err), STATUS_CORRUPT);
    free(record);
    small_book_free(&book);
}

static int setup(void **state)
{
    (void)state;
    if (sodium_init() < 0)
        return -1;
    witness_make();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vector_is_cosigned_byte_for_byte),
        cmocka_unit_test(only_what_extends_the_last_is_cosigned),
        cmocka_unit_test(a_proof_of_something_else_is_no_proof),
        cmocka_unit_test(keys_are_those_that_people_told),
        cmocka_unit_test(time_never_goes_back),
        cmocka_unit_test(own_lines_are_replaced_and_others_kept),
        cmocka_unit_test(malformed_requests_are_refused),
        cmocka_unit_test(memory_comes_back_as_it_was_written),
        cmocka_unit_test(memory_names_each_key_once),
        cmocka_unit_test(an_empty_log_is_not_cosigned),
        cmocka_unit_test(a_key_that_fails_changes_nothing),
        cmocka_unit_test(the_directory_keeps_what_was_cosigned),
        cmocka_unit_test(entries_seen_before_their_time_are_found),
        cmocka_unit_test(what_came_after_the_checkpoint_is_not_bound),
        cmocka_unit_test(the_skew_is_allowed_for),
        cmocka_unit_test(only_the_books_own_come_back),
        cmocka_unit_test(on_terms_a_witness_counts_once),
        cmocka_unit_test(a_note_has_its_bounds),
        cmocka_unit_test(a_retired_key_signs_for_what_was),
        cmocka_unit_test(the_same_checkpoint_is_recorded_once),
        cmocka_unit_test(a_smaller_one_that_came_late_hides_nothing),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
