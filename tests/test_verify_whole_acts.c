/*
 * What changes who may sign, or the time: `recover`, `clock`, `restore`. Whoever holds the files writes such an entry himself,
 * decided as done and chained on properly, but signed by too few. Verification without a replay has to tell of it by itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "audit/verify/verify.h"
#include "ledger/base64.h"
#include "ledger/checkpoint.h"
#include "tests/support/small_book.h"

struct heard {
    char text[8192];
    size_t used;
};

static void hear(void *context, const struct finding *finding)
{
    struct heard *heard = context;
    heard->used += (size_t)snprintf(heard->text + heard->used, sizeof heard->text - heard->used, "%s %lld: %s\n",
                                    finding_check_name(finding->check), finding->has_seq ? (long long)finding->seq : -1,
                                    finding->text);
    assert_true(heard->used < sizeof heard->text);
}

static int set_up(void **state)
{
    struct small_book *book = calloc(1, sizeof *book);
    small_book_begin(book);
    small_book_people(book);
    small_book_close(book);
    *state = book;
    return 0;
}

static int tear_down(void **state)
{
    struct small_book *book = *state;
    small_book_free(book);
    free(book);
    return 0;
}

/* An entry after the last, in force by its own word, signed by those whose bits stand in who. Steals body and result. */
static uint64_t add(struct small_book *book, enum verb verb, json_t *body, json_t *result, unsigned who)
{
    static const struct gate_facts facts = {
        .release = "test", .exe = "0123456789abcdef", .mode = "embedded", .os_user = "tester"};
    struct statement statement = {.bytes = NULL};
    struct signature_list *list = calloc(1, sizeof *list);
    struct entry last;
    struct err err = {.status = STATUS_OK};
    size_t length = 0;
    char *made = NULL;
    const uint64_t seq = book->head_seq + 1;
    char *bytes = raw_entry(book, book->head_seq, &length);
    assert_int_equal(entry_read(slice_of(bytes, length), &last, &err), STATUS_OK);
    json_t *decision = json_deep_copy(last.decision);
    json_object_set_new(decision, "results", json_pack("[o]", result));
    json_object_set_new(decision, "outcome", json_string("done"));
    small_book_statement(book, USER_OFFICER_1, verb, body, &statement);
    small_book_sign(book, &statement, who, list);
    const struct entry_parts parts = {.decision = decision,
                                      .gate = &facts,
                                      .prev = &book->head_leaf,
                                      .seq = seq,
                                      .signatures = list,
                                      .statement = &statement,
                                      .time_ms = book->now_ms};
    if (entry_make(&parts, &made, &length, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    raw_entry_put(book, seq, made, length);
    raw_rechain(book, seq, seq + 1);
    free(made);
    free(bytes);
    free(list);
    json_decref(decision);
    statement_done(&statement);
    entry_done(&last);
    return seq;
}

static void expect(const struct small_book *book, uint64_t seq, const char *words, bool wanted)
{
    struct heard heard = {.used = 0};
    struct verify_result result;
    struct err err = {.status = STATUS_OK};
    char line[256];
    const struct verify_options options = {
        .book_dir = book->dir, .report = hear, .context = &heard, .threads = 1, .fast = true};
    assert_int_equal(verify_book(&options, &result, &err), STATUS_OK);
    snprintf(line, sizeof line, " %llu: %s", (unsigned long long)seq, words);
    if ((strstr(heard.text, line) != NULL) != wanted)
        fail_msg("%s '%s', told: %s", wanted ? "wanted" : "not wanted", line, heard.text);
}

static json_t *in_force(void)
{
    return json_pack("{s:[], s:s}", "controls", "outcome", "in-force");
}

static json_t *clock_back(const struct small_book *book)
{
    char hex[HASH_HEX_CHARS + 1];
    hash_to_hex(&book->head_leaf, hex);
    return json_pack("{s:{s:s, s:I}, s:s, s:s}", "head", "hash", hex, "seq", (json_int_t)book->head_seq, "reason",
                     "the clock was a month ahead", "true_time", "2026-07-01T10:00:00.000Z");
}

static const char set_back[] = "the clock was set back by fewer than two officers or the recovery keys";
static const char said_lost[] = "what was lost is said by fewer than two officers";
static const char made_anew[] = "officers were made anew by too few recovery keys";

static void one_officer_sets_no_clock_back(void **state)
{
    struct small_book *book = *state;
    expect(book, add(book, VERB_CLOCK, clock_back(book), in_force(), 1U << USER_OFFICER_1), set_back, true);
}

static void two_officers_set_it_back(void **state)
{
    struct small_book *book = *state;
    expect(book, add(book, VERB_CLOCK, clock_back(book), in_force(), 1U << USER_OFFICER_1 | 1U << USER_OFFICER_2),
           set_back, false);
}

/* What the gate itself refused moved no clock: nothing to tell. */
static void clock_that_was_refused_is_none(void **state)
{
    struct small_book *book = *state;
    small_book_open(book);
    json_t *decision = small_book_submit(book, USER_OFFICER_1, VERB_CLOCK, clock_back(book), 0);
    assert_string_equal(json_string_value(json_object_get(decision, "outcome")), "refused");
    json_decref(decision);
    small_book_close(book);
    expect(book, book->head_seq, "", false);
}

/* A key that nobody enrolled stands for nobody. */
static void stranger_is_no_second_officer(void **state)
{
    struct small_book *book = *state;
    expect(book, add(book, VERB_CLOCK, clock_back(book), in_force(), 1U << USER_OFFICER_1 | 1U << USER_WITNESS),
           set_back, true);
}

static json_t *lost(const struct small_book *book, const struct tree_head *head)
{
    char note[CHECKPOINT_NOTE_MAX], text[BASE64_CHARS(CHECKPOINT_NOTE_MAX) + 1];
    struct note_key key, witness;
    struct err err = {.status = STATUS_OK};
    struct checkpoint checkpoint = {.head = *head};
    small_book_keys(book, &key, &witness);
    snprintf(checkpoint.origin, sizeof checkpoint.origin, "%s", key.name);
    if (checkpoint_sign_by(&checkpoint, &key, &book->signers[USER_BOOK], note, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    assert_int_equal(base64_encode((const uint8_t *)note, strlen(note), text, sizeof text, NULL), STATUS_OK);
    return json_pack("{s:s, s:{s:I, s:I}, s:s}", "checkpoint", text, "lost", "from", (json_int_t)book->head_seq + 1,
                     "to", (json_int_t)book->head_seq + 3, "reason", "the disk was lost");
}

static json_t *epoch(void)
{
    return json_pack("{s:[], s:i, s:[s, s], s:s}", "controls", "epoch", 1, "officers", "P-1", "P-2", "outcome",
                     "in-force");
}

static void one_officer_says_nothing_is_lost(void **state)
{
    struct small_book *book = *state;
    const struct tree_head head = {.size = book->head_seq + 4};
    expect(book, add(book, VERB_RESTORE, lost(book, &head), epoch(), 1U << USER_OFFICER_2), said_lost, true);
}

/* A checkpoint of entries that are still here, with another root than theirs: what was kept is not what it was. */
static void checkpoint_of_a_restore_is_borne_out(void **state)
{
    struct small_book *book = *state;
    const struct tree_head head = {.size = book->head_seq};
    expect(book, add(book, VERB_RESTORE, lost(book, &head), epoch(), 1U << USER_OFFICER_1 | 1U << USER_OFFICER_2),
           "names a checkpoint of 4 entries that what was kept does not bear out", true);
}

/* A charter without recovery keys: nobody makes officers; and each of the new ones would sign. */
static void officers_are_not_made_by_anybody(void **state)
{
    struct small_book *book = *state;
    json_t *body = json_pack("{s:[{s:o, s:s, s:s}, {s:o, s:s, s:s}]}", "officers", "key",
                             small_book_key(book, USER_MARIA), "person", "P-8", "user", "nina", "key",
                             small_book_key(book, USER_WITNESS), "person", "P-9", "user", "noah");
    const uint64_t seq = add(book, VERB_RECOVER, body, in_force(), 1U << USER_MARIA);
    expect(book, seq, made_anew, true);
    expect(book, seq, "the new key of noah has not signed", true);
    expect(book, seq, "the new key of nina has not signed", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_officer_sets_no_clock_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_officers_set_it_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(clock_that_was_refused_is_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stranger_is_no_second_officer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_officer_says_nothing_is_lost, set_up, tear_down),
        cmocka_unit_test_setup_teardown(checkpoint_of_a_restore_is_borne_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(officers_are_not_made_by_anybody, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
