/*
 * Verification finds what was changed and names it; what is whole it calls whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/child.h"
#include "audit/verify/verify.h"
#include "controls/gate.h"
#include "ledger/books.h"
#include "ledger/checkpoint.h"
#include "ledger/journal_layout.h"
#include "tests/support/sanitized.h"
#include "tests/support/small_book.h"
#include "tests/support/vector_file.h"

struct heard {
    struct finding findings[400];
    size_t count;
};

static void hear(void *context, const struct finding *finding)
{
    struct heard *heard = context;
    if (heard->count < 400)
        heard->findings[heard->count++] = *finding;
}

static struct heard heard;
static struct verify_result result;

static void print_heard(void)
{
    for (size_t i = 0; i < heard.count; i++)
        print_message("  %s %lld: %s\n", finding_check_name(heard.findings[i].check),
                      heard.findings[i].has_seq ? (long long)heard.findings[i].seq : -1, heard.findings[i].text);
}

/* In this process, so that a crash is seen where it happens. */
static void verify_with(const struct small_book *book, struct verify_options options)
{
    static unsigned number;
    char name[32], scratch[SCRATCH_PATH_BYTES];
    struct err err = {.status = STATUS_OK};
    snprintf(name, sizeof name, "replay-%u", number++);
    options.book_dir = book->dir;
    options.scratch_dir = scratch_path(&book->scratch, name, scratch);
    options.report = hear;
    options.context = &heard;
    heard.count = 0;
    enum status status = verify_book(&options, &result, &err);
    if (status != STATUS_OK)
        fail_msg("%s", err.text);
    if (!options.fast)
        scratch_run(&book->scratch, "rm -rf '%s'", scratch);
}

static void a_whole_book_is_good(void **state)
{
    struct small_book book;
    (void)state;
    small_book_make(&book);
    for (unsigned threads = 1; threads <= 3; threads++) {
        verify_with(&book, (struct verify_options){.threads = threads});
        print_heard();
        assert_int_equal(result.finding_count, 0);
        assert_true(result.complete);
        assert_true(result.redecided);
        assert_true(result.books_equal);
        assert_int_equal(result.entries, SMALL_ENTRIES);
        assert_int_equal(result.keys, 6);
    }
    small_book_free(&book);
}

static bool found(enum finding_check check, uint64_t seq, const char *words)
{
    for (size_t i = 0; i < heard.count; i++)
        if (heard.findings[i].check == check && heard.findings[i].has_seq && heard.findings[i].seq == seq &&
            strstr(heard.findings[i].text, words) != NULL)
            return true;
    print_heard();
    return false;
}

static bool found_whole(enum finding_check check, const char *words)
{
    for (size_t i = 0; i < heard.count; i++)
        if (heard.findings[i].check == check && strstr(heard.findings[i].text, words) != NULL)
            return true;
    print_heard();
    return false;
}

static size_t count_other(enum finding_check check)
{
    size_t count = 0;
    for (size_t i = 0; i < heard.count; i++)
        count += heard.findings[i].check != check;
    return count;
}

static void verify_fast(const struct small_book *book)
{
    verify_with(book, (struct verify_options){.threads = 1, .fast = true});
}

static void verify_whole(const struct small_book *book)
{
    verify_with(book, (struct verify_options){.threads = 2});
}

/* Each byte with FLIPS=all (make flips); else so many apart, no multiple of the masks' number. */
static size_t flip_step(void)
{
    const char *all = getenv("FLIPS");
    return all != NULL && strcmp(all, "all") == 0 ? 1 : SANITIZED ? 61 : 7;
}

static const uint8_t masks[] = {0x01, 0x20, 0x80, 0x02, 0x0F};

/* All entries of a book, taken out to be changed. */
struct taken {
    char *bytes[SMALL_ENTRIES];
    size_t lengths[SMALL_ENTRIES];
    size_t longest;
};

static void take(const struct small_book *book, struct taken *ret_taken)
{
    ret_taken->longest = 0;
    for (uint64_t seq = 0; seq < SMALL_ENTRIES; seq++) {
        ret_taken->bytes[seq] = raw_entry(book, seq, &ret_taken->lengths[seq]);
        if (seq > 0 && ret_taken->lengths[seq] > ret_taken->longest)
            ret_taken->longest = ret_taken->lengths[seq];
    }
}

static void taken_free(struct taken *taken)
{
    for (size_t seq = 0; seq < SMALL_ENTRIES; seq++)
        free(taken->bytes[seq]);
}

static bool named(uint64_t seq)
{
    for (size_t i = 0; i < heard.count; i++)
        if (heard.findings[i].has_seq && heard.findings[i].seq == seq)
            return true;
    return false;
}

/* Every byte of every entry but the charter: the same place in all of them at once, and each of them has to be named. */
static void every_changed_byte_is_found(void **state)
{
    struct small_book book;
    struct taken taken;
    (void)state;
    small_book_make(&book);
    take(&book, &taken);
    for (size_t i = 0; i < taken.longest; i += flip_step()) {
        for (uint64_t seq = 1; seq < SMALL_ENTRIES; seq++)
            if (i < taken.lengths[seq])
                taken.bytes[seq][i] = (char)((uint8_t)taken.bytes[seq][i] ^ masks[(i + seq) % sizeof masks]);
        raw_entries_put(&book, 1, SMALL_ENTRIES - 1, taken.bytes + 1, taken.lengths + 1);
        verify_fast(&book);
        for (uint64_t seq = 1; seq < SMALL_ENTRIES; seq++) {
            if (i < taken.lengths[seq] && !named(seq)) {
                print_heard();
                fail_msg("entry %u byte %zu is not named", (unsigned)seq, i);
            }
            if (i < taken.lengths[seq])
                taken.bytes[seq][i] = (char)((uint8_t)taken.bytes[seq][i] ^ masks[(i + seq) % sizeof masks]);
        }
    }
    raw_entries_put(&book, 1, SMALL_ENTRIES - 1, taken.bytes + 1, taken.lengths + 1);
    verify_whole(&book);
    assert_int_equal(result.finding_count, 0);
    taken_free(&taken);
    small_book_free(&book);
}

/* Every byte of the charter, alone: it is named, for the hash it was chained by if for nothing else. */
static void every_changed_byte_of_the_charter_is_found(void **state)
{
    struct small_book book;
    struct taken taken;
    (void)state;
    small_book_make(&book);
    take(&book, &taken);
    for (size_t i = 0; i < taken.lengths[0]; i += flip_step()) {
        taken.bytes[0][i] = (char)((uint8_t)taken.bytes[0][i] ^ masks[i % sizeof masks]);
        raw_entry_put(&book, 0, taken.bytes[0], taken.lengths[0]);
        verify_fast(&book);
        if (!named(0)) {
            print_heard();
            fail_msg("byte %zu of the charter is not named", i);
        }
        taken.bytes[0][i] = (char)((uint8_t)taken.bytes[0][i] ^ masks[i % sizeof masks]);
    }
    taken_free(&taken);
    small_book_free(&book);
}

/* One byte alone: found at its entry, and nothing before it is called bad. Replayed now and then, on what is left. */
static void one_changed_byte_is_found_at_its_entry(void **state)
{
    struct small_book book;
    struct taken taken;
    size_t flips = 0;
    (void)state;
    small_book_make(&book);
    take(&book, &taken);
    for (uint64_t seq = 0; seq < SMALL_ENTRIES; seq++)
        for (size_t i = seq; i < taken.lengths[seq]; i += (23 + i % 19) * flip_step(), flips++) {
            char *byte = &taken.bytes[seq][i];
            *byte = (char)((uint8_t)*byte ^ masks[flips % sizeof masks]);
            raw_entry_put(&book, seq, taken.bytes[seq], taken.lengths[seq]);
            if (flips % 3 == 0)
                verify_whole(&book);
            else
                verify_fast(&book);
            if (result.finding_count == 0 || !result.has_first || result.first_seq != seq) {
                print_heard();
                fail_msg("entry %u byte %zu: first bad entry %d", (unsigned)seq, i,
                         result.has_first ? (int)result.first_seq : -1);
            }
            *byte = (char)((uint8_t)*byte ^ masks[flips % sizeof masks]);
            raw_entry_put(&book, seq, taken.bytes[seq], taken.lengths[seq]);
        }
    taken_free(&taken);
    small_book_free(&book);
}

static void entry_delete(const struct small_book *book, uint64_t seq)
{
    struct journal_key key = journal_key_of(seq);
    raw_delete(book, false, JOURNAL_ENTRIES, slice_of(key.bytes, sizeof key.bytes));
}

static void node_delete(const struct small_book *book, uint64_t seq)
{
    struct journal_key key = journal_key_of(seq);
    raw_delete(book, false, JOURNAL_NODES, slice_of(key.bytes, sizeof key.bytes));
}

static void dropped_entries_are_named(void **state)
{
    struct small_book book;
    (void)state;
    small_book_make(&book);
    entry_delete(&book, 8);
    verify_whole(&book);
    assert_true(found(CHECK_ENTRIES, 8, "is missing"));
    assert_int_equal(result.first_seq, 8);
    entry_delete(&book, 9);
    node_delete(&book, 8);
    node_delete(&book, 9);
    verify_whole(&book);
    assert_true(found(CHECK_ENTRIES, 8, "and so are those up to 9"));
    small_book_free(&book);

    /* The last one, its hash left behind; and the first. */
    small_book_make(&book);
    entry_delete(&book, SMALL_ENTRIES - 1);
    verify_whole(&book);
    assert_true(found(CHECK_ENTRIES, SMALL_ENTRIES - 1, "its hash stands in the tree"));
    entry_delete(&book, 0);
    verify_whole(&book);
    assert_true(found(CHECK_ENTRIES, 0, "is missing"));
    small_book_free(&book);
}

/* Dropped and everything after it numbered, chained and hashed anew: what was signed on sight of it shows it. */
static void a_drop_that_is_chained_over_is_found(void **state)
{
    struct small_book book;
    (void)state;
    small_book_make(&book);
    for (uint64_t seq = 9; seq < SMALL_ENTRIES; seq++) {
        size_t length = 0;
        char *bytes = raw_entry(&book, seq, &length);
        raw_entry_put(&book, seq - 1, bytes, length);
        free(bytes);
    }
    entry_delete(&book, SMALL_ENTRIES - 1);
    node_delete(&book, SMALL_ENTRIES - 1);
    raw_rechain(&book, 8, SMALL_ENTRIES - 1);
    verify_whole(&book);
    assert_true(found(CHECK_CHAIN, 8, "that is not in this journal"));
    assert_true(found(CHECK_DECISIONS, 8, "cannot be decided again") || found(CHECK_DECISIONS, 8, ""));
    assert_true(found(CHECK_NUMBERS, 9, "CN-3"));
    assert_int_equal(result.first_seq, 8);
    small_book_free(&book);
}

static void swapped_and_doubled_entries_are_named(void **state)
{
    struct small_book book;
    size_t length_8 = 0, length_10 = 0;
    (void)state;
    small_book_make(&book);
    char *entry_8 = raw_entry(&book, 8, &length_8), *entry_10 = raw_entry(&book, 10, &length_10);
    raw_entry_put(&book, 8, entry_10, length_10);
    raw_entry_put(&book, 10, entry_8, length_8);
    verify_whole(&book);
    assert_true(found(CHECK_ENTRIES, 8, "calls itself entry 10"));
    assert_true(found(CHECK_ENTRIES, 10, "calls itself entry 8"));
    assert_true(found(CHECK_TREE, 8, "not those that were hashed"));
    assert_int_equal(result.first_seq, 8);

    /* The same, chained over: their times and what they saw betray them. */
    raw_rechain(&book, 8, SMALL_ENTRIES);
    verify_whole(&book);
    assert_int_equal(result.first_seq, 8);
    assert_true(result.findings[CHECK_CHAIN] > 0 && result.findings[CHECK_TIME] > 0 &&
                result.findings[CHECK_DECISIONS] > 0);
    raw_entry_put(&book, 8, entry_8, length_8);
    raw_entry_put(&book, 10, entry_10, length_10);
    raw_rechain(&book, 0, SMALL_ENTRIES);
    verify_whole(&book);
    assert_int_equal(result.finding_count, 0);

    /* A statement played in again at the end. */
    raw_entry_put(&book, SMALL_ENTRIES, entry_8, length_8);
    verify_whole(&book);
    assert_true(found(CHECK_ENTRIES, SMALL_ENTRIES, "calls itself entry 8"));
    assert_true(found(CHECK_TREE, SMALL_ENTRIES, "has no hash"));
    raw_rechain(&book, SMALL_ENTRIES, SMALL_ENTRIES + 1);
    verify_whole(&book);
    assert_true(found(CHECK_NUMBERS, SMALL_ENTRIES, "statement id"));
    assert_int_equal(result.first_seq, SMALL_ENTRIES);

    /* Or the charter. */
    size_t length_0 = 0;
    char *entry_0 = raw_entry(&book, 0, &length_0);
    raw_entry_put(&book, SMALL_ENTRIES, entry_0, length_0);
    raw_rechain(&book, SMALL_ENTRIES, SMALL_ENTRIES + 1);
    verify_whole(&book);
    assert_true(found(CHECK_ENTRIES, SMALL_ENTRIES, "is a charter; only entry 0 is one"));
    assert_int_equal(result.first_seq, SMALL_ENTRIES);
    free(entry_0);
    free(entry_8);
    free(entry_10);
    small_book_free(&book);
}

/* Replaces old by new (of any length) in an entry, and chains everything after it anew. */
static void forge(const struct small_book *book, uint64_t seq, const char *old, const char *new)
{
    size_t length = 0;
    char *bytes = raw_entry(book, seq, &length);
    char *at = strstr(bytes, old);
    if (at == NULL)
        fail_msg("entry %d has no %s: %s", (int)seq, old, bytes);
    char *forged = malloc(length + strlen(new) + 1);
    int used = sprintf(forged, "%.*s%s%s", (int)(at - bytes), bytes, new, at + strlen(old));
    raw_entry_put(book, seq, forged, (size_t)used);
    raw_rechain(book, seq, SMALL_ENTRIES);
    free(forged);
    free(bytes);
}

static void a_decision_that_was_changed_is_decided_again(void **state)
{
    struct small_book book;
    (void)state;
    small_book_make(&book);
    /* CN-4 needs two levels; somebody takes the second away and chains everything over. */
    forge(&book, 14, "\"levels\":[1,2],\"outcome\"", "\"levels\":[1],\"outcome\"");
    verify_whole(&book);
    assert_true(found(CHECK_DECISIONS, 14, "CN-4 needs levels 1, 2, decided with level 1"));
    assert_int_equal(result.first_seq, 14);
    assert_true(found_whole(CHECK_BOOKS, "document CN-4"));
    small_book_free(&book);

    /* What refused now says it posted; later entries are judged on what the journal says. */
    small_book_make(&book);
    forge(&book, 11, "\"outcome\":\"refused\"", "\"outcome\":\"posted\"");
    verify_whole(&book);
    assert_true(found(CHECK_DECISIONS, 11, "CN-3 has to be refused by C-"));
    assert_int_equal(result.first_seq, 11);
    small_book_free(&book);

    small_book_make(&book);
    forge(&book, 7, "\"number\":\"US01-CN-2026-000001\"", "\"number\":\"US01-CN-2026-000007\"");
    verify_whole(&book);
    assert_true(found(CHECK_NUMBERS, 7, "US01-CN-2026-000007 is given, the next in US01-CN-2026 is 1"));
    assert_true(
        found(CHECK_DECISIONS, 7, "CN-1 has the legal number US01-CN-2026-000001, recorded is US01-CN-2026-000007"));
    small_book_free(&book);

    static const char *const numbers[] = {"US01", "US01-CN-2026-", "US01-CN-x1", "US01-CN-1234567890123456"};
    small_book_make(&book);
    char *bytes = raw_entry(&book, 7, &(size_t){0});
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char member[64], words[64];
        snprintf(member, sizeof member, "\"number\":\"%s\"", numbers[i]);
        snprintf(words, sizeof words, "'%s' is no number", numbers[i]);
        raw_entry_put(&book, 7, bytes, strlen(bytes));
        forge(&book, 7, "\"number\":\"US01-CN-2026-000001\"", member);
        verify_fast(&book);
        assert_true(found(CHECK_NUMBERS, 7, words));
    }
    free(bytes);
    small_book_free(&book);
}

/* Where the clock is real, an entry bears about the time of its statement. */
static void an_entry_is_of_the_time_of_its_statement(void **state)
{
    struct small_book book;
    (void)state;
    small_book_make(&book);
    forge(&book, 0, "\"clock\":\"simulated\"", "\"clock\":\"real\"");
    verify_fast(&book);
    assert_int_equal(result.findings[CHECK_TIME], 0);
    forge(&book, SMALL_ENTRIES - 1, "\"time\":\"2026-07-01T10:", "\"time\":\"2026-07-01T20:");
    verify_fast(&book);
    assert_true(found(CHECK_TIME, SMALL_ENTRIES - 1, "was signed at a time further off than the charter allows"));
    assert_int_equal(result.findings[CHECK_TIME], 1);
    small_book_free(&book);
}

static void a_changed_amount_breaks_its_signature(void **state)
{
    struct small_book book;
    (void)state;
    small_book_make(&book);
    forge(&book, 8, "\"amount\":\"600.00\",\"channel\"", "\"amount\":\"500.00\",\"channel\"");
    verify_whole(&book);
    assert_true(found(CHECK_SIGNATURES, 8, "maria's signature does not cover these bytes"));
    assert_int_equal(result.first_seq, 8);
    small_book_free(&book);
}

/* An approval that ana never gave: whoever holds the files writes it in her name, signed by a key of his own. */
static void a_forged_approval_is_found(void **state)
{
    struct small_book book;
    struct entry entry;
    struct err err = {.status = STATUS_OK};
    size_t length = 0;
    char *made = NULL;
    (void)state;
    small_book_make(&book);
    char *bytes = raw_entry(&book, 9, &length);
    assert_int_equal(entry_read(slice_of(bytes, length), &entry, &err), STATUS_OK);
    small_book_sign(&book, &entry.statement, 1U << USER_MARIA, entry.signatures);
    static const struct gate_facts facts = {
        .release = "test", .exe = "0123456789abcdef", .mode = "embedded", .os_user = "tester"};
    const struct entry_parts parts = {.decision = entry.decision,
                                      .gate = &facts,
                                      .prev = &entry.prev,
                                      .seq = 9,
                                      .signatures = entry.signatures,
                                      .statement = &entry.statement,
                                      .time_ms = entry.time_ms};
    assert_int_equal(entry_make(&parts, &made, &length, &err), STATUS_OK);
    raw_entry_put(&book, 9, made, length);
    raw_rechain(&book, 9, SMALL_ENTRIES);
    verify_whole(&book);
    assert_true(found(CHECK_SIGNATURES, 9, "is not signed by a key of ana"));
    assert_true(found(CHECK_DECISIONS, 9, "refused"));
    assert_int_equal(result.first_seq, 9);
    free(made);
    free(bytes);
    entry_done(&entry);
    small_book_free(&book);
}

static json_t *first_result(const json_t *decision)
{
    return json_array_get(json_object_get(decision, "results"), 0);
}

/* A key counts from its enrolment to its end, entry by entry; what a dead key signed must have been refused. */
static void keys_count_where_they_were_valid(void **state)
{
    struct small_book book;
    size_t length = 0;
    (void)state;
    small_book_begin(&book);
    small_book_people(&book); /* 1 to 4 */
    json_t *rotation = json_pack("{s:s, s:s, s:o, s:o, s:s, s:s}", "channel", "cli", "kind", "key-rotation", "new",
                                 small_book_key(&book, USER_WITNESS), "old", small_book_key(&book, USER_MARIA), "ref",
                                 "kr-1", "user", "maria");
    json_t *decision = small_book_document(&book, USER_MARIA, rotation, 1U << USER_WITNESS); /* 5 */
    const char *number = json_string_value(json_object_get(first_result(decision), "document"));
    assert_non_null(number);
    if (strcmp(json_string_value(json_object_get(first_result(decision), "outcome")), "waiting") == 0)
        json_decref(small_book_act(&book, USER_OFFICER_1, VERB_APPROVE, number, 1));
    json_decref(decision);
    uint64_t late = book.head_seq + 1;
    json_decref(small_book_credit(&book, "late", "10.00")); /* under the old key: recorded as refused */
    assert_int_equal(book.head_seq, late);
    json_t *revocation =
        json_pack("{s:s, s:o, s:s, s:s, s:s, s:s}", "channel", "cli", "key", small_book_key(&book, USER_ANA), "kind",
                  "key-revocation", "reason", "lost", "ref", "kx-1", "user", "ana");
    decision = small_book_document(&book, USER_OFFICER_1, revocation, 0);
    assert_string_equal(json_string_value(json_object_get(first_result(decision), "outcome")), "in-force");
    json_decref(decision);
    small_book_close(&book);
    verify_whole(&book);
    print_heard();
    assert_int_equal(result.finding_count, 0);

    /* What the old key signed is made to have been accepted. */
    char *bytes = raw_entry(&book, late, &length);
    char *outcome = strstr(bytes, "\"outcome\":\"refused\"");
    assert_non_null(outcome);
    assert_non_null(strstr(bytes, "C-52"));
    json_t *entry = json_loads(bytes, 0, NULL);
    json_t *forged = json_pack("{s:[], s:s, s:s, s:s, s:[], s:i}", "controls", "content",
                               "0000000000000000000000000000000000000000000000000000000000000000", "document", "CN-1",
                               "outcome", "posted", "lines", "version", 1);
    json_t *stored = json_object_get(entry, "decision");
    json_object_set_new(stored, "outcome", json_string("done"));
    json_object_set_new(stored, "controls", json_array());
    json_object_set_new(stored, "results", json_pack("[o]", forged));
    free(bytes);
    bytes = json_dumps(entry, JSON_COMPACT | JSON_SORT_KEYS);
    raw_entry_put(&book, late, bytes, strlen(bytes));
    raw_rechain(&book, late, book.head_seq + 1);
    verify_whole(&book);
    assert_true(found(CHECK_SIGNATURES, late, "maria signed with a key that was revoked before"));
    assert_true(found(CHECK_DECISIONS, late, "has to be refused by C-52"));
    json_decref(entry);
    free(bytes);
    small_book_free(&book);
}

/* Officers signed it, and yet: what they could read says something else than what judges. */
static void a_policy_is_what_its_yaml_says(void **state)
{
    struct small_book book;
    (void)state;
    small_book_begin_crooked(&book);
    small_book_close(&book);
    verify_whole(&book);
    assert_true(found(CHECK_DECISIONS, 0, "brings a compiled policy that is not what its YAML says"));
    assert_int_equal(result.finding_count, 1);
    small_book_free(&book);
}

static void changed_nodes_are_named(void **state)
{
    struct small_book book;
    struct journal_key key = journal_key_of(7); /* completes levels 0 to 3 */
    size_t length = 0;
    (void)state;
    small_book_make(&book);
    uint8_t *nodes = raw_get(&book, false, JOURNAL_NODES, slice_of(key.bytes, sizeof key.bytes), &length);
    assert_int_equal(length, 4 * HASH_BYTES);
    for (size_t level = 0; level < 4; level++) {
        nodes[level * HASH_BYTES + 5] ^= 1;
        raw_put(&book, false, JOURNAL_NODES, slice_of(key.bytes, sizeof key.bytes), slice_of(nodes, length));
        verify_fast(&book);
        assert_true(found(CHECK_TREE, 7, level == 0 ? "not those that were hashed" : "the hash over entries"));
        assert_int_equal(result.first_seq, 7);
        nodes[level * HASH_BYTES + 5] ^= 1;
    }

    /* What lies under a changed hash is gone: it is told of no less. */
    nodes[3 * HASH_BYTES + 5] ^= 1;
    raw_put(&book, false, JOURNAL_NODES, slice_of(key.bytes, sizeof key.bytes), slice_of(nodes, length));
    node_delete(&book, 3);
    verify_fast(&book);
    assert_true(found(CHECK_TREE, 3, "has no hash in the tree"));
    assert_true(found(CHECK_TREE, 7, "the hash over entries 0 to 7 is wrong"));

    /* More bytes than hashes. */
    raw_put(&book, false, JOURNAL_NODES, slice_of(key.bytes, sizeof key.bytes), slice_of(nodes, length - 1));
    verify_fast(&book);
    assert_true(found(CHECK_TREE, 7, "seq 7: its hashes have the impossible length 127"));
    free(nodes);
    small_book_free(&book);
}

/* A checkpoint kept outside shows what nothing inside can. */
static void checkpoints_show_forks_truncation_and_forgery(void **state)
{
    struct small_book book;
    struct note_key ours, witness;
    char note[2048];
    (void)state;
    small_book_make(&book);
    small_book_checkpoint(&book, true, note);
    small_book_keys(&book, &ours, &witness);
    const struct verify_note given = {.name = "kept.note", .bytes = slice_of(note, strlen(note))};
    struct verify_options options = {
        .notes = &given, .note_count = 1, .witnesses = &witness, .witness_count = 1, .threads = 2};
    verify_with(&book, options);
    print_heard();
    assert_int_equal(result.finding_count, 0);
    assert_int_equal(result.checkpoints, 1);
    assert_int_equal(result.checkpoint_size, SMALL_ENTRIES);
    assert_int_equal(result.witnessed[0].size, SMALL_ENTRIES);
    assert_int_equal(result.witnessed[0].seconds, 1782990000);

    /* A second history, without a flaw inside: the gate's own facts differ, nobody signs those. */
    forge(&book, 12, "\"os_user\":\"tester\"", "\"os_user\":\"nobody\"");
    verify_with(&book, options);
    assert_true(found_whole(CHECK_CHECKPOINTS, "root differs from the checkpoint"));
    assert_int_equal(count_other(CHECK_CHECKPOINTS),
                     result.findings[CHECK_CHAIN] + result.findings[CHECK_BOOKS] + result.findings[CHECK_DECISIONS]);

    /* The end cut off. */
    forge(&book, 12, "\"os_user\":\"nobody\"", "\"os_user\":\"tester\"");
    entry_delete(&book, SMALL_ENTRIES - 1);
    node_delete(&book, SMALL_ENTRIES - 1);
    verify_with(&book, options);
    assert_true(found_whole(CHECK_CHECKPOINTS, "its end is cut off"));
    small_book_free(&book);

    /* Signed by somebody else's key; and a witness that nobody heard of. */
    small_book_make(&book);
    char *line = strstr(note, "\xE2\x80\x94 example.org");
    char *last = strchr(line, '\n');
    last[-8] = last[-8] == 'A' ? 'B' : 'A';
    verify_with(&book, options);
    assert_true(found_whole(CHECK_CHECKPOINTS, "checkpoint in kept.note"));
    assert_true(found_whole(CHECK_CHECKPOINTS, "no good checkpoint bears the cosignature of corp-audit"));
    small_book_free(&book);
}

/* A book's own signature asked for as a witness's; nothing of a checkpoint over no entries; and more than may be brought. */
static void other_keys_and_sizes_of_checkpoints(void **state)
{
    struct small_book book;
    struct note_key ours, witness, many[VERIFY_WITNESSES_MAX + 1] = {{.name = ""}};
    struct checkpoint none = {.head = {.size = 0}};
    char note[2048], empty[CHECKPOINT_NOTE_MAX];
    struct err err = {.status = STATUS_OK};
    (void)state;
    small_book_make(&book);
    small_book_checkpoint(&book, false, note);
    small_book_keys(&book, &ours, &witness);
    struct verify_note given = {.name = "kept.note", .bytes = slice_of(note, strlen(note))};
    struct verify_options options = {
        .notes = &given, .note_count = 1, .witnesses = &ours, .witness_count = 1, .threads = 1, .fast = true};
    verify_with(&book, options);
    assert_int_equal(result.finding_count, 0);
    assert_int_equal(result.witnessed[0].size, SMALL_ENTRIES);
    assert_int_equal(result.witnessed[0].count, 0); /* it bears no time */

    snprintf(none.origin, sizeof none.origin, "%s", ours.name);
    assert_int_equal(checkpoint_sign_by(&none, &ours, &book.signers[USER_BOOK], empty, &err), STATUS_OK);
    given.bytes = slice_of(empty, strlen(empty));
    verify_with(&book, options);
    assert_true(found_whole(CHECK_CHECKPOINTS, "is signed by a key that was no book key at 0 entries"));
    assert_int_equal(result.witnessed[0].size, SMALL_ENTRIES); /* by what was issued */

    options.witnesses = many;
    options.witness_count = VERIFY_WITNESSES_MAX + 1;
    options.book_dir = book.dir;
    assert_int_equal(verify_book(&options, &result, &err), STATUS_LIMIT);
    assert_string_equal(err.text, "at most 16 witnesses and 101 checkpoints can be given");
    small_book_free(&book);
}

static void a_recorded_checkpoint_that_was_changed_is_found(void **state)
{
    struct small_book book;
    struct journal_key key = journal_key_of(0);
    char note[2048];
    size_t length = 0;
    (void)state;
    small_book_make(&book);
    small_book_checkpoint(&book, false, note);
    uint8_t *stored = raw_get(&book, false, JOURNAL_CHECKPOINTS, slice_of(key.bytes, sizeof key.bytes), &length);
    for (size_t i = 0; i < length; i++) {
        stored[i] ^= 1;
        raw_put(&book, false, JOURNAL_CHECKPOINTS, slice_of(key.bytes, sizeof key.bytes), slice_of(stored, length));
        verify_fast(&book);
        if (result.findings[CHECK_CHECKPOINTS] == 0)
            fail_msg("byte %zu of the stored checkpoint", i);
        stored[i] ^= 1;
    }
    free(stored);
    small_book_free(&book);
}

static void edited_books_differ_from_the_replay(void **state)
{
    static const char forged[] = "{\"account\":0,\"open\":820001}";
    struct small_book book;
    size_t length = 0;
    (void)state;
    small_book_make(&book);
    struct books_key key = books_key_pair("US01", "C-1");
    books_key_add_text(&key, "USD");
    uint8_t *balance = raw_get(&book, true, BOOKS_BALANCES, slice_of(key.bytes, key.length), &length);
    assert_non_null(balance);
    raw_put(&book, true, BOOKS_BALANCES, slice_of(key.bytes, key.length), slice_of(forged, sizeof forged - 1));
    verify_whole(&book);
    assert_true(
        found_whole(CHECK_BOOKS, "customer C-1 (US01, USD): balance 8,200.01 in the books, 8,300.00 by replay"));
    assert_int_equal(count_other(CHECK_BOOKS), 0);
    static const struct {
        const char *record, *words;
    } members[] = {
        {"{}", "balance nothing in the books, 8,300.00 by replay"},
        {"{\"lent\":7,\"open\":830000}", "lent 0.07 in the books, nothing by replay"},
        {"{\"open\": 830000}", "differs between the books and the replay"},
    };
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        raw_put(&book, true, BOOKS_BALANCES, slice_of(key.bytes, key.length),
                slice_of(members[i].record, strlen(members[i].record)));
        verify_whole(&book);
        assert_true(found_whole(CHECK_BOOKS, members[i].words));
        assert_int_equal(result.finding_count, 1);
    }
    raw_delete(&book, true, BOOKS_BALANCES, slice_of(key.bytes, key.length));
    verify_whole(&book);
    assert_true(found_whole(CHECK_BOOKS, "customer C-1 (US01, USD): is not in the books"));
    raw_put(&book, true, BOOKS_BALANCES, slice_of(key.bytes, key.length), slice_of(balance, length));
    key = books_key("CN-99");
    raw_put(&book, true, BOOKS_DOCUMENTS, slice_of(key.bytes, key.length), slice_of("{}", 2));
    verify_whole(&book);
    assert_true(found_whole(CHECK_BOOKS, "document CN-99: is in the books, and in no entry"));
    free(balance);
    small_book_free(&book);
}

/* Books that a crash left behind the journal are held against a replay up to where they are. */
static void books_that_lag_behind_are_no_finding(void **state)
{
    struct small_book book;
    struct verify_result before;
    (void)state;
    small_book_make(&book);
    assert_int_equal(scratch_run(&book.scratch, "cp -a book/books kept"), 0);
    small_book_open(&book);
    json_decref(small_book_credit(&book, "r-7", "20.00"));
    small_book_close(&book);
    verify_whole(&book);
    before = result;
    assert_int_equal(before.finding_count, 0);
    assert_int_equal(scratch_run(&book.scratch, "rm -rf book/books && mv kept book/books"), 0);
    verify_whole(&book);
    print_heard();
    assert_int_equal(result.finding_count, 0);
    assert_true(result.books_equal);
    assert_int_equal(scratch_run(&book.scratch, "rm -rf book/books"), 0);
    verify_whole(&book);
    assert_int_equal(result.finding_count, 0);
    assert_false(result.books_equal);
    assert_string_not_equal(result.notice, "");
    small_book_free(&book);
}

/* Written to when the machine stopped, or told suspect: who reads believes neither, and says why. */
static void books_that_nobody_believes_are_told_of(void **state)
{
    struct small_book book;
    (void)state;
    small_book_make(&book);
    assert_int_equal(scratch_run(&book.scratch, "echo 'dirty 00000000-0000-0000-0000-000000000000' >book/books/state"),
                     0);
    verify_whole(&book);
    assert_int_equal(result.finding_count, 0);
    assert_false(result.books_equal);
    assert_string_equal(result.notice,
                        "the system stopped before the books were synced: the next command rebuilds them");
    assert_int_equal(scratch_run(&book.scratch, "touch book/books/suspect"), 0);
    verify_whole(&book);
    assert_true(found_whole(CHECK_BOOKS, "a checksum in the books has failed: rebuild them"));
    assert_false(result.books_equal);
    small_book_free(&book);
}

/* Changes one byte behind each place of the books' file where these words stand, under whoever has it open. */
static void books_spoil(const struct small_book *book, const char *words, size_t behind)
{
    char path[SCRATCH_PATH_BYTES + 32];
    size_t places = 0;
    snprintf(path, sizeof path, "%s/books/data.mdb", book->dir);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    const size_t length = (size_t)ftell(file), wanted = strlen(words);
    char *bytes = malloc(length);
    rewind(file);
    assert_int_equal(fread(bytes, 1, length, file), length);
    for (size_t i = 0; i + wanted + behind < length; i++)
        if (memcmp(bytes + i, words, wanted) == 0) {
            assert_int_equal(fseek(file, (long)(i + wanted + behind), SEEK_SET), 0);
            assert_int_not_equal(fputc(bytes[i + wanted + behind] ^ 1, file), EOF);
            places++;
        }
    assert_true(places > 0);
    assert_int_equal(fclose(file), 0);
    free(bytes);
}

/* Books that were whole when they were opened, and lose a checksum while a server answers for them. */
static void books_that_go_bad_in_use_are_findings(void **state)
{
    static const struct {
        const char *words, *told;
        size_t behind;
    } rows[] = {{"\"open\":", "a record's checksum does not fit", 0},
                {"watermark", "~facts: a record's checksum does not fit", 20}};
    struct small_book book;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        small_book_make(&book);
        small_book_open(&book);
        const struct verify_options options = {.threads = 1, .books = gate_books(book.gate)};
        verify_with(&book, options);
        assert_int_equal(result.finding_count, 0);
        assert_true(result.books_equal);
        books_spoil(&book, rows[i].words, rows[i].behind);
        verify_with(&book, options);
        assert_true(found_whole(CHECK_BOOKS, rows[i].told));
        assert_int_equal(result.finding_count, 1);
        assert_false(result.books_equal);
        small_book_free(&book);
    }
}

/* Pages of rubbish, a file cut short: a finding, and this process lives. */
static void a_damaged_file_is_a_finding(void **state)
{
    static const char *const damages[] = {
        "truncate -s -4096 %s",
        "truncate -s 8192 %s",
        "truncate -s 0 %s",
        "dd if=noise of=%s bs=4096 seek=2 count=1 conv=notrunc",
        "dd if=noise of=%s bs=4096 seek=5 count=4 conv=notrunc",
        "dd if=/dev/zero of=%s bs=4096 seek=0 count=3 conv=notrunc",
        "dd if=/dev/zero of=%s bs=4096 seek=3 count=9 conv=notrunc",
        "dd if=noise of=%s bs=64 seek=70 count=900 conv=notrunc",
    };
    struct small_book book;
    (void)state;
    static uint8_t noise[1 << 16];
    const char *seed = getenv("NOISE_SEED");
    uint64_t random = seed != NULL ? strtoull(seed, NULL, 10) : 1;
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (uint8_t)(vector_random(&random) >> 32);
    small_book_make(&book);
    scratch_write(&book.scratch, "noise", noise, sizeof noise);
    assert_int_equal(scratch_run(&book.scratch, "cp -a book kept"), 0);
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++)
        for (int books = 0; books < 2; books++) {
            struct verify_options options = {.book_dir = book.dir,
                                             .scratch_dir = book.scratch.path,
                                             .threads = 2,
                                             .report = hear,
                                             .context = &heard};
            struct err err = {.status = STATUS_OK};
            char command[256];
            heard.count = 0;
            snprintf(command, sizeof command, damages[i], books ? "book/books/data.mdb" : "book/journal/data.mdb");
            assert_int_equal(scratch_run(&book.scratch, "rm -rf book && cp -a kept book && %s", command), 0);
            enum status status = child_verify(&options, verify_book, &result, &err);
            if (status != STATUS_OK)
                fail_msg("%s: %s", command, err.text);
            /* Rubbish may have hit a page that is not in use; then everything else is there, and equal. */
            bool nothing = heard.count == 0 && result.notice[0] == '\0';
            if (nothing && (strstr(command, "truncate") != NULL || !result.complete || !result.books_equal))
                fail_msg("%s: nothing found", command);
            assert_int_equal(heard.count, result.finding_count);
        }
    assert_int_equal(scratch_run(&book.scratch, "test -z \"$(ls -d countersign-audit-* 2>/dev/null)\""), 0);
    small_book_free(&book);
}

/* The child says the same as this process. */
static void the_child_hands_findings_on(void **state)
{
    struct small_book book;
    struct err err = {.status = STATUS_OK};
    (void)state;
    small_book_make(&book);
    forge(&book, 14, "\"levels\":[1,2],\"outcome\"", "\"levels\":[1],\"outcome\"");
    struct verify_options options = {
        .book_dir = book.dir, .scratch_dir = book.scratch.path, .threads = 2, .report = hear, .context = &heard};
    heard.count = 0;
    assert_int_equal(child_verify(&options, verify_book, &result, &err), STATUS_OK);
    assert_true(found(CHECK_DECISIONS, 14, "CN-4 needs levels 1, 2, decided with level 1"));
    assert_true(result.complete);
    assert_int_equal(result.entries, SMALL_ENTRIES);
    options.book_dir = "/nowhere/at/all";
    assert_int_equal(child_verify(&options, verify_book, &result, &err), STATUS_NOT_FOUND);
    assert_non_null(strstr(err.text, "/nowhere/at/all"));
    small_book_free(&book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_book_is_good),
        cmocka_unit_test(every_changed_byte_is_found),
        cmocka_unit_test(every_changed_byte_of_the_charter_is_found),
        cmocka_unit_test(one_changed_byte_is_found_at_its_entry),
        cmocka_unit_test(dropped_entries_are_named),
        cmocka_unit_test(a_drop_that_is_chained_over_is_found),
        cmocka_unit_test(swapped_and_doubled_entries_are_named),
        cmocka_unit_test(a_decision_that_was_changed_is_decided_again),
        cmocka_unit_test(an_entry_is_of_the_time_of_its_statement),
        cmocka_unit_test(a_changed_amount_breaks_its_signature),
        cmocka_unit_test(a_forged_approval_is_found),
        cmocka_unit_test(keys_count_where_they_were_valid),
        cmocka_unit_test(a_policy_is_what_its_yaml_says),
        cmocka_unit_test(changed_nodes_are_named),
        cmocka_unit_test(checkpoints_show_forks_truncation_and_forgery),
        cmocka_unit_test(other_keys_and_sizes_of_checkpoints),
        cmocka_unit_test(a_recorded_checkpoint_that_was_changed_is_found),
        cmocka_unit_test(edited_books_differ_from_the_replay),
        cmocka_unit_test(books_that_lag_behind_are_no_finding),
        cmocka_unit_test(books_that_nobody_believes_are_told_of),
        cmocka_unit_test(books_that_go_bad_in_use_are_findings),
        cmocka_unit_test(a_damaged_file_is_a_finding),
        cmocka_unit_test(the_child_hands_findings_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
