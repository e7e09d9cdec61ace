/*
 * Several statements by one commit: what fails in a group leaves no trace and touches nobody else, and what a full disk
 * takes, it takes from all of them. That groups make the very entries that single statements make is asked of every
 * company's book, by company_again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "controls/gate.h"
#include "ledger/instant.h"
#include "ledger/journal.h"
#include "ledger/schema.h"
#include "ledger/sshsig.h"
#include "tests/support/company.h"

enum { GROUP_MAX = 8 };

struct group {
    struct company company;
    struct statement statements[GROUP_MAX];
    struct signature_list signatures[GROUP_MAX];
    struct gate_submission submissions[GROUP_MAX];
    size_t count;
};

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

static struct group *group_open(void)
{
    struct group *group = calloc(1, sizeof *group);
    assert_non_null(group);
    company_open(&group->company, NULL);
    return group;
}

/* A statement at the end of the group; body is stolen. signers: closed by NULL. */
static void add(struct group *group, const char *actor, enum verb verb, const char *id, int64_t at_ms, json_t *body,
                const char *const signers[])
{
    struct err err;
    size_t n = group->count++;
    struct company *company = &group->company;
    struct journal_head head = company_head(company);
    const struct statement_head about = {.verb = verb,
                                         .actor = actor,
                                         .book = gate_book_id(company->gate),
                                         .id = id,
                                         .at_ms = at_ms,
                                         .seen_hash = &head.leaf,
                                         .seen_seq = head.size - 1};
    struct statement made;
    must(statement_make(&about, body, &made, &err), &err);
    json_decref(body);
    for (size_t i = 0; signers[i] != NULL; i++) {
        uint8_t blob[SSHSIG_BYTES_MAX];
        size_t length;
        must(sshsig_sign(&company_user(company, signers[i])->signer, made.bytes, made.length, blob, &length, &err),
             &err);
        must(signature_list_add(&group->signatures[n], slice_of(blob, length), &err), &err);
    }
    must(gate_check(company->gate, slice_of(made.bytes, made.length), &group->signatures[n], &group->statements[n],
                    &err),
         &err);
    statement_done(&made);
    group->submissions[n] =
        (struct gate_submission){.statement = &group->statements[n], .signatures = &group->signatures[n]};
}

static void credit(struct group *group, const char *user, const char *id, const char *amount)
{
    json_t *document = company_credit_note(&group->company, "10442", "40251", amount);
    add(group, user, VERB_SUBMIT, id, group->company.now_ms += 1000,
        json_pack("{s:b, s:[o]}", "atomic", 0, "documents", document), (const char *const[]){user, NULL});
}

static const char *outcome(const struct group *group, size_t n)
{
    return member_text(json_array_get(json_object_get(group->submissions[n].answer.decision, "results"), 0), "outcome");
}

static void group_close(struct group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        gate_answer_done(&group->submissions[i].answer);
        statement_done(&group->statements[i]);
    }
    company_close(&group->company);
    free(group);
}

static json_t *clock_back(struct group *group, int64_t time_ms)
{
    struct journal_head head = company_head(&group->company);
    char hex[HASH_HEX_CHARS + 1], time[INSTANT_TEXT_BYTES];
    hash_to_hex(&head.leaf, hex);
    instant_format(time_ms, time);
    return json_pack("{s:{s:s, s:I}, s:s, s:s}", "head", "hash", hex, "seq", (json_int_t)head.size - 1, "reason",
                     "the clock was ahead", "true_time", time);
}

/* One that was judged, and then was not to be written: nothing of it stays, and all that was before it does. */
static void what_fails_leaves_no_trace(void **state)
{
    (void)state;
    struct group *group = group_open();
    struct journal_head before = company_head(&group->company);
    company_at(&group->company, "2026-03-02T09:00:00.000Z");
    credit(group, "joe", "g-1", "100.00");
    credit(group, "joe", "g-2", "60.00");
    int64_t back = group->company.now_ms - 86400000;
    add(group, "olga", VERB_CLOCK, "g-3", back, clock_back(group, back), (const char *const[]){"olga", NULL});
    credit(group, "maria", "g-4", "20.00");
    credit(group, "joe", "g-1", "1.00");   /* the id is taken, within the group */
    credit(group, "joe", "g-5", "101.00"); /* with what went before above what posts alone on an invoice */
    gate_submit_group(group->company.gate, group->submissions, group->count);
    assert_int_equal(group->submissions[0].status, STATUS_OK);
    assert_int_equal(group->submissions[1].status, STATUS_OK);
    assert_int_equal(group->submissions[2].status, STATUS_REFUSED);
    assert_non_null(strstr(group->submissions[2].err.text, "C-31"));
    assert_int_equal(group->submissions[3].status, STATUS_OK);
    assert_int_equal(group->submissions[4].status, STATUS_EXISTS);
    assert_int_equal(group->submissions[5].status, STATUS_OK);
    assert_string_equal(outcome(group, 0), "posted");
    assert_string_equal(outcome(group, 1), "posted");
    assert_string_equal(outcome(group, 3), "posted");
    assert_string_equal(outcome(group, 5), "waiting");
    assert_int_equal(group->submissions[0].answer.seq, before.size);
    assert_int_equal(group->submissions[3].answer.seq, before.size + 2);
    assert_int_equal(group->submissions[5].answer.seq, before.size + 3);
    assert_int_equal(company_head(&group->company).size, before.size + 4);
    group_close(group);
}

/* An atomic list that is refused takes the books back; what the group let in before it is still known to those after it. */
static void a_refused_list_keeps_those_before_it(void **state)
{
    (void)state;
    struct group *group = group_open();
    credit(group, "joe", "g-1", "150.00");
    add(group, "maria", VERB_SUBMIT, "g-2", group->company.now_ms += 1000,
        json_pack("{s:b, s:[o, o]}", "atomic", 1, "documents",
                  company_credit_note(&group->company, "10442", "40251", "5.00"),
                  company_credit_note(&group->company, "10442", "40251", "99999.00")),
        (const char *const[]){"maria", NULL});
    credit(group, "joe", "g-3", "101.00");
    gate_submit_group(group->company.gate, group->submissions, group->count);
    for (size_t i = 0; i < group->count; i++)
        must(group->submissions[i].status, &group->submissions[i].err);
    assert_string_equal(outcome(group, 0), "posted");
    assert_string_equal(outcome(group, 1), "refused");
    assert_string_equal(outcome(group, 2), "waiting");
    group_close(group);
}

static void group_again(struct group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        gate_answer_done(&group->submissions[i].answer);
        statement_done(&group->statements[i]);
    }
    memset(group->signatures, 0, sizeof group->signatures);
    group->count = 0;
}

/*
 * One whose entry is not to be written, since its user has had enough refusals today: when it was judged a document had
 * lapsed, which no entry says now. company_close finds books that know of it.
 */
static void what_was_folded_is_taken_back(void **state)
{
    (void)state;
    char id[16];
    struct group *group = group_open();
    company_at(&group->company, "2026-03-02T23:30:00.000Z");
    char *number =
        company_wait(&group->company, "joe", company_credit_note(&group->company, "10442", "40251", "3000.00"));
    company_at(&group->company, "2026-03-16T22:00:00.000Z");
    group->company.now_ms += 1000;
    for (unsigned refused = 0; refused < 1000; group_again(group)) {
        for (size_t i = 0; i < GROUP_MAX; i++) {
            snprintf(id, sizeof id, "r-%u", ++refused);
            credit(group, "maria2", id, "1.00");
        }
        gate_submit_group(group->company.gate, group->submissions, group->count);
        must(group->submissions[GROUP_MAX - 1].status, &group->submissions[GROUP_MAX - 1].err);
    }
    struct journal_head before = company_head(&group->company);
    company_at(&group->company, "2026-03-16T23:29:00.000Z");
    credit(group, "joe", "g-1", "1.00");
    company_at(&group->company, "2026-03-16T23:45:00.000Z");
    credit(group, "maria2", "g-2", "1.00");
    gate_submit_group(group->company.gate, group->submissions, group->count);
    must(group->submissions[0].status, &group->submissions[0].err);
    assert_int_equal(group->submissions[1].status, STATUS_REFUSED);
    assert_int_equal(company_head(&group->company).size, before.size + 1);
    json_t *record = company_record(&group->company, number);
    assert_string_equal(member_text(record, "state"), "waiting");
    json_decref(record);
    free(number);
    group_close(group);
}

/* A journal without room: nobody's entry is there, and nobody is told so. */
static void a_full_journal_takes_nobody(void **state)
{
    (void)state;
    struct group *group = calloc(1, sizeof *group);
    assert_non_null(group);
    group->company.map_bytes = 1 << 21;
    company_open(&group->company, NULL);
    enum status status = STATUS_OK;
    char id[16], note[2001];
    memset(note, 'n', sizeof note - 1);
    note[sizeof note - 1] = '\0';
    struct journal_head head = {.size = 0};
    for (unsigned round = 0; status == STATUS_OK && round < 500; round++) {
        group_again(group);
        head = company_head(&group->company);
        for (unsigned i = 0; i < 4; i++) {
            json_t *document = company_credit_note(&group->company, "10442", "40251", "0.01");
            json_object_set_new(document, "note", json_string(note));
            snprintf(id, sizeof id, "g-%u-%u", round, i);
            add(group, "maria", VERB_SUBMIT, id, group->company.now_ms += 1000,
                json_pack("{s:b, s:[o]}", "atomic", 0, "documents", document), (const char *const[]){"maria", NULL});
        }
        gate_submit_group(group->company.gate, group->submissions, group->count);
        status = group->submissions[0].status;
        for (size_t i = 1; i < group->count; i++)
            assert_int_equal(group->submissions[i].status, status);
    }
    assert_int_equal(status, STATUS_FULL);
    struct journal_head after = company_head(&group->company);
    assert_int_equal(after.size, head.size);
    assert_memory_equal(after.leaf.bytes, head.leaf.bytes, HASH_BYTES);
    for (size_t i = 0; i < group->count; i++)
        assert_null(group->submissions[i].answer.decision);
    group->company.unchecked = true; /* the same again would need room that there is none of */
    group_close(group);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fails_leaves_no_trace),
        cmocka_unit_test(a_refused_list_keeps_those_before_it),
        cmocka_unit_test(what_was_folded_is_taken_back),
        cmocka_unit_test(a_full_journal_takes_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
