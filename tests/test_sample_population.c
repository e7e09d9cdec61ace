/*
 * Populations of samples: what documents and decisions a filter leaves of a journal, with the amounts and states that they
 * had before a place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/sample/population.h"
#include "ledger/entry.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "tests/support/company.h"

/* CN-1 posted 100.00; CN-2 posted 900.00; CN-3 rejected; CN-4 returned, amended to 700.00 and waiting; CN-5 withdrawn; IC-1 up
 * 50.00; RV-1 reverses CN-1; two more that the same statement refuses. */
static void fill(struct company *company)
{
    company_open(company, NULL);
    free(company_post(company, "maria", company_credit_note(company, "10442", "40251", "100.00"), 0));
    free(company_post(company, "maria", company_credit_note(company, "10442", "40251", "900.00"), 1));
    char *third = company_wait(company, "maria", company_credit_note(company, "10442", "40251", "800.00"));
    char *fourth = company_wait(company, "maria", company_credit_note(company, "10442", "40251", "750.00"));
    char *fifth = company_wait(company, "maria", company_credit_note(company, "16446", "581483", "650.00"));
    json_decref(company_approve(company, "maria", third, 1)); /* refused: her own */
    json_decref(company_end(company, "ana", VERB_REJECT, third));
    json_decref(company_end(company, "ana", VERB_RETURN, fourth));
    json_decref(company_amend(company, "maria", fourth, company_credit_note(company, "10442", "40251", "700.00")));
    json_decref(company_end(company, "maria", VERB_WITHDRAW, fifth));
    free(company_wait(company, "joe", company_correction(company, "10442", "40117", "50.00", "up")));
    free(company_wait(company, "joe", company_reversal(company, "CN-1")));
    json_t *both =
        json_pack("{s:b, s:[o, o]}", "atomic", 1, "documents", company_credit_note(company, "16446", "581484", "10.00"),
                  company_credit_note(company, "16446", "581484", "99000.00"));
    json_decref(company_do(company, "joe", VERB_SUBMIT, both));
    free(third);
    free(fourth);
    free(fifth);
}

struct asked {
    struct sample_population population;
    enum status status;
    struct err err;
};

/* in: skip: an entry that is not taken, as if somebody had cut it out; later_ms: after the last entry. */
static void ask_with(struct company *company, const struct sample_filter *filter, uint64_t skip, int64_t later_ms,
                     struct asked *asked)
{
    struct journal_snapshot *snapshot = NULL;
    struct sample_collector *collector = NULL;
    struct journal_head head;
    int64_t time_ms = 0;
    *asked = (struct asked){.status = STATUS_OK};
    assert_int_equal(sample_collector_new(filter, &collector, &asked->err), STATUS_OK);
    assert_int_equal(journal_read_begin(gate_books(company->gate)->journal, &snapshot, &asked->err), STATUS_OK);
    assert_int_equal(journal_head(snapshot, &head, &asked->err), STATUS_OK);
    for (uint64_t seq = 0; asked->status == STATUS_OK && seq < head.size; seq++) {
        struct entry entry;
        assert_int_equal(entry_at(snapshot, seq, &entry, &asked->err), STATUS_OK);
        if (seq != skip)
            asked->status = sample_collector_take(collector, &entry, &asked->err);
        time_ms = entry.time_ms;
        entry_done(&entry);
    }
    if (asked->status == STATUS_OK)
        asked->status = sample_collector_end(collector, time_ms + later_ms, &asked->population, &asked->err);
    sample_collector_free(collector);
    journal_read_end(snapshot);
}

static void ask(struct company *company, struct sample_filter filter, const char *ids)
{
    struct asked asked;
    char text[1024] = "";
    size_t used = 0;
    ask_with(company, &filter, UINT64_MAX, 0, &asked);
    if (asked.status != STATUS_OK)
        fail_msg("%s", asked.err.text);
    for (size_t i = 0; i < asked.population.count; i++) {
        char id[SAMPLE_ID_BYTES];
        sample_item_document(&asked.population.items[i], id);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %lld", i > 0 ? ", " : "", id,
                                 (long long)asked.population.items[i].minor);
    }
    assert_string_equal(text, ids);
    sample_population_done(&asked.population);
}

#define WORDS(...)                                                                                                     \
    {                                                                                                                  \
        (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)          \
    }

static void documents_by_what_they_are_now(void **state)
{
    struct company company = {.user_count = 0};
    (void)state;
    fill(&company);
    const struct sample_words notes = WORDS("credit-note");
    ask(&company, (struct sample_filter){.kinds = notes}, "CN-1 10000, CN-2 90000, CN-3 80000, CN-4 70000, CN-5 65000");
    ask(&company, (struct sample_filter){.kinds = notes, .states = WORDS("posted")}, "CN-1 10000, CN-2 90000");
    ask(&company, (struct sample_filter){.kinds = notes, .states = WORDS("rejected", "withdrawn")},
        "CN-3 80000, CN-5 65000");
    ask(&company, (struct sample_filter){.kinds = notes, .states = WORDS("waiting")}, "CN-4 70000");
    ask(&company, (struct sample_filter){.kinds = notes, .states = WORDS("returned")}, "");
    ask(&company, (struct sample_filter){.kinds = notes, .customers = WORDS("16446")}, "CN-5 65000");
    ask(&company, (struct sample_filter){.kinds = notes, .reasons = WORDS("BAD_DEBT")}, "");
    ask(&company, (struct sample_filter){.kinds = notes, .entities = WORDS("DE01")}, "");
    /* What takes back is below zero, or counts as what it takes back. */
    ask(&company, (struct sample_filter){.kinds = WORDS("correction", "reversal")}, "IC-1 -5000, RV-1 -10000");
    ask(&company, (struct sample_filter){.kinds = WORDS("correction", "reversal"), .absolute = true},
        "IC-1 5000, RV-1 10000");
    ask(&company,
        (struct sample_filter){
            .kinds = notes, .has_low = true, .low_text = "700.00", .has_high = true, .high_text = "800.00"},
        "CN-3 80000, CN-4 70000");
    ask(&company, (struct sample_filter){.kinds = notes, .currency = "USD", .states = WORDS("posted")},
        "CN-1 10000, CN-2 90000");
    ask(&company, (struct sample_filter){.kinds = notes, .currency = "EUR"}, "");
    ask(&company, (struct sample_filter){.kinds = notes, .currency = "JPY"}, ""); /* has no minor units */
    /* Maria's own approval was refused by C-01; CN-3 is the document. */
    ask(&company, (struct sample_filter){.kinds = notes, .controls = WORDS("C-01")}, "CN-3 80000");
    ask(&company, (struct sample_filter){.documents = WORDS("CN-2", "CN-5")}, "CN-2 90000, CN-5 65000");
    company_close(&company);
}

static void decisions_each_time_that_controls_were_asked(void **state)
{
    struct company company = {.user_count = 0};
    struct asked asked;
    (void)state;
    fill(&company);
    const struct sample_words notes = WORDS("credit-note");
    ask(&company, (struct sample_filter){.decisions = true, .documents = WORDS("CN-4")},
        "CN-4 75000, CN-4 75000, CN-4 70000"); /* made, returned, amended */
    ask(&company, (struct sample_filter){.decisions = true, .controls = WORDS("C-01")}, "CN-3 80000");
    ask(&company,
        (struct sample_filter){.decisions = true, .documents = WORDS("CN-2"), .states = WORDS("waiting", "posted")},
        "CN-2 90000, CN-2 90000");
    /* What was refused has no number and no amount in base currency, but was decided. */
    const struct sample_filter refused = {.decisions = true, .kinds = notes, .states = WORDS("refused")};
    ask_with(&company, &refused, UINT64_MAX, 0, &asked);
    assert_int_equal(asked.status, STATUS_OK);
    assert_int_equal(asked.population.count, 3);
    assert_int_equal(asked.population.bare.count, 2);
    sample_population_done(&asked.population);
    company_close(&company);
}

/* A statement that was refused whole has no results; each of its documents was decided all the same. */
static void what_was_refused_as_a_whole_was_decided(void **state)
{
    struct company company = {.user_count = 0};
    struct gate_answer answer = {.decision = NULL};
    struct asked asked;
    struct err err;
    const struct hash unknown = {.bytes = {7}};
    (void)state;
    fill(&company);
    json_t *body =
        json_pack("{s:b, s:[o, o]}", "atomic", 0, "documents", company_credit_note(&company, "16446", "581484", "1.00"),
                  company_credit_note(&company, "16446", "581484", "2.00"));
    const struct company_act act = {
        .user = "joe", .verb = VERB_SUBMIT, .body = body, .seen_hash = &unknown, .seen_seq = 3};
    assert_int_equal(company_act(&company, &act, &answer, &err), STATUS_OK);
    assert_string_equal(member_text(answer.decision, "outcome"), "refused");
    assert_int_equal(json_array_size(json_object_get(answer.decision, "results")), 0);
    gate_answer_done(&answer);
    /* A member that names its document is of that document. */
    json_t *record = company_record(&company, "CN-4");
    const struct company_act end = {
        .user = "maria",
        .verb = VERB_WITHDRAW,
        .body = json_pack("{s:[{s:s, s:s, s:s, s:I}]}", "items", "content", member_text(record, "content"), "document",
                          "CN-4", "reason", "because", "version", (json_int_t)member_integer(record, "version")),
        .seen_hash = &unknown,
        .seen_seq = 3};
    json_decref(record);
    assert_int_equal(company_act(&company, &end, &answer, &err), STATUS_OK);
    assert_string_equal(member_text(answer.decision, "outcome"), "refused");
    gate_answer_done(&answer);
    const struct sample_filter refused = {.decisions = true, .kinds = WORDS("credit-note"), .states = WORDS("refused")};
    ask_with(&company, &refused, UINT64_MAX, 0, &asked);
    assert_int_equal(asked.status, STATUS_OK);
    char last[SAMPLE_ID_BYTES];
    assert_int_equal(asked.population.count, 6); /* three more than without them */
    sample_item_document(&asked.population.items[5], last);
    assert_string_equal(last, "CN-4");
    sample_population_done(&asked.population);
    company_close(&company);
}

static void what_is_no_request_number_is_none(void **state)
{
    static const char *const none[] = {"",      "CN",    "CN-",   "-1",   "CN-0",
                                       "CN-01", "CN-1x", "CN--1", "XX-1", "CN-1234567890123456"};
    enum kind_id kind = KIND_UNKNOWN;
    uint64_t number = 0;
    (void)state;
    assert_false(sample_number_parse(NULL, &kind, &number));
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_false(sample_number_parse(none[i], &kind, &number));
    assert_int_equal(number, 0);
    assert_true(sample_number_parse("CN-12", &kind, &number));
    assert_int_equal(kind, KIND_CREDIT_NOTE);
    assert_int_equal(number, 12);
}

static void days_are_those_of_entry_and_of_the_document(void **state)
{
    struct company company = {.user_count = 0};
    int32_t day = date_from_instant(0, 0);
    (void)state;
    company_open(&company, NULL);
    company_at(&company, "2026-01-10T23:59:58.000Z");
    json_t *note =
        company_with(company_credit_note(&company, "10442", "40251", "20.00"), "date", json_string("2026-01-02"));
    free(company_wait(&company, "maria", note));
    company_at(&company, "2026-01-11T00:00:01.000Z");
    note = company_with(company_credit_note(&company, "10442", "40251", "30.00"), "date", json_string("2026-01-10"));
    free(company_wait(&company, "maria", note));
    struct err err = {.status = STATUS_OK};
    assert_int_equal(date_parse("2026-01-10", 10, &day, &err), STATUS_OK);
    const struct sample_words notes = WORDS("credit-note");
    ask(&company, (struct sample_filter){.kinds = notes, .has_entered = true, .entered_from = day, .entered_to = day},
        "CN-1 2000");
    ask(&company,
        (struct sample_filter){.kinds = notes, .has_entered = true, .entered_from = day + 1, .entered_to = day + 1},
        "CN-2 3000");
    ask(&company, (struct sample_filter){.kinds = notes, .has_dated = true, .dated_from = day, .dated_to = day},
        "CN-2 3000");
    ask(&company, (struct sample_filter){.kinds = notes, .has_dated = true, .dated_from = day - 8, .dated_to = day},
        "CN-1 2000, CN-2 3000");
    company_close(&company);
}

static int64_t last_ms(const struct company *company)
{
    struct journal_snapshot *snapshot = NULL;
    struct journal_head head;
    struct entry entry;
    assert_int_equal(journal_read_begin(gate_books(company->gate)->journal, &snapshot, NULL), STATUS_OK);
    assert_int_equal(journal_head(snapshot, &head, NULL), STATUS_OK);
    assert_int_equal(entry_at(snapshot, head.size - 1, &entry, NULL), STATUS_OK);
    int64_t time_ms = entry.time_ms;
    entry_done(&entry);
    journal_read_end(snapshot);
    return time_ms;
}

static void what_waits_lapses_with_time(void **state)
{
    struct company company = {.user_count = 0};
    struct asked asked;
    (void)state;
    fill(&company);
    const struct sample_filter lapsed = {.kinds = WORDS("credit-note"), .states = WORDS("lapsed")};
    ask_with(&company, &lapsed, UINT64_MAX, 400 * INSTANT_DAY_MS, &asked);
    assert_int_equal(asked.status, STATUS_OK);
    assert_int_equal(asked.population.count, 1);
    assert_int_equal(asked.population.items[0].number, 4);
    sample_population_done(&asked.population);
    /* To the millisecond: at its deadline it still waits. */
    json_t *record = company_record(&company, "CN-4");
    const char *until = json_string_value(json_object_get(record, "until"));
    int64_t until_ms = 0;
    assert_non_null(until);
    assert_int_equal(instant_parse(until, strlen(until), &until_ms, NULL), STATUS_OK);
    json_decref(record);
    for (int late = 0; late < 2; late++) {
        ask_with(&company, &lapsed, UINT64_MAX, until_ms - last_ms(&company) + late, &asked);
        assert_int_equal(asked.status, STATUS_OK);
        assert_int_equal(asked.population.count, late);
        sample_population_done(&asked.population);
    }
    company_close(&company);
}

static void what_does_not_fit_is_told(void **state)
{
    struct company company = {.user_count = 0};
    struct asked asked;
    uint64_t first = 0;
    (void)state;
    fill(&company);
    const struct sample_filter notes = {.kinds = WORDS("credit-note")};
    ask_with(&company, &notes, UINT64_MAX, 0, &asked);
    assert_int_equal(asked.status, STATUS_OK);
    first = asked.population.items[0].seq;
    const uint64_t fifth = asked.population.items[4].seq;
    sample_population_done(&asked.population);
    ask_with(&company, &notes, first, 0, &asked); /* cut out: CN-2 is not the next */
    assert_int_equal(asked.status, STATUS_CORRUPT);
    assert_non_null(strstr(asked.err.text, "CN-2 is not the next number of its kind"));
    ask_with(&company, &notes, fifth, 0, &asked); /* it was withdrawn later */
    assert_int_equal(asked.status, STATUS_CORRUPT);
    assert_non_null(strstr(asked.err.text, "CN-5 was never submitted"));
    ask_with(&company, &notes, 0, 0, &asked);
    assert_int_equal(asked.status, STATUS_CORRUPT);
    assert_non_null(strstr(asked.err.text, "charter"));
    const struct sample_filter nobody = {.documents = WORDS("CN-1", "CN-99")};
    ask_with(&company, &nobody, UINT64_MAX, 0, &asked);
    assert_int_equal(asked.status, STATUS_NOT_FOUND);
    assert_non_null(strstr(asked.err.text, "CN-99 is not in the population"));
    const struct sample_filter comma = {.has_low = true, .low_text = "1,00"};
    ask_with(&company, &comma, UINT64_MAX, 0, &asked);
    assert_int_equal(asked.status, STATUS_INPUT);
    assert_non_null(strstr(asked.err.text, "in USD"));
    const struct sample_filter shells = {.currency = "XQX"};
    ask_with(&company, &shells, UINT64_MAX, 0, &asked);
    assert_int_equal(asked.status, STATUS_INPUT);
    assert_string_equal(asked.err.text, "XQX is no currency of ISO 4217");
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_by_what_they_are_now),
        cmocka_unit_test(decisions_each_time_that_controls_were_asked),
        cmocka_unit_test(what_was_refused_as_a_whole_was_decided),
        cmocka_unit_test(what_is_no_request_number_is_none),
        cmocka_unit_test(days_are_those_of_entry_and_of_the_document),
        cmocka_unit_test(what_waits_lapses_with_time),
        cmocka_unit_test(what_does_not_fit_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
