/*
 * What gives the right to read and what takes it away: grants and their dates, keys, delegations, emergency access, leaving,
 * moving, sleeping, reviews; each to the millisecond. And how a book with two entities answers one who reads one of them:
 * look-ups, counts, entries.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/functions.h"
#include "controls/read_access.h"
#include "controls/read_parts.h"
#include "ledger/instant.h"
#include "ledger/journal.h"
#include "ledger/schema.h"
#include "tests/support/as_reader.h"
#include "tests/support/closing.h"
#include "tests/support/golden.h"
#include "tests/support/people.h"

#define OTHER "UK01"

enum { SHOWN_BYTES = 256 };

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

/* people.yaml with a second entity; feedp brings HR's events. */
static void open_two(struct company *company)
{
    static const struct edit second[] = {
        {"  - { entity: US01, currency: USD, fiscal_year_begins: 1, timezone: America/New_York }",
         "  - { entity: US01, currency: USD, fiscal_year_begins: 1, timezone: America/New_York }\n"
         "  - { entity: UK01, currency: USD, fiscal_year_begins: 1, timezone: Europe/London }"},
        {NULL, NULL}};
    char policy[VARIANT_PATH_BYTES];
    variant_make_of("tests/policies/people.yaml", second, policy);
    memset(company, 0, sizeof *company);
    company_open(company, policy);
    variant_done(policy);
    closing_hire(company, "feedp", "P-34", "FEED_PEOPLE", "US01");
    closing_hire(company, "uma", "P-81", "BILLING_SPECIALIST", OTHER);
    closing_hire(company, "ulf", "P-82", "TEAM_LEAD", OTHER);
}

/* The clock, to the millisecond, as whoever reads has it. */
static void read_at(struct company *company, const char *instant)
{
    struct err err;
    must(instant_parse(instant, strlen(instant), &company->now_ms, &err), &err);
}

/* "US01 UK01 governance operations himself-only..." in short. */
static const char *reads(struct company *company, const char *user, char ret_text[static SHOWN_BYTES])
{
    struct as_reader *as = as_reader_open(company, user, NULL);
    json_t *shown = reader_describe(as_reader_rights(as));
    const json_t *books = json_object_get(shown, "books");
    size_t used = 0;
    ret_text[0] = '\0';
    for (size_t i = 0; i < json_array_size(books); i++)
        used +=
            (size_t)snprintf(ret_text + used, SHOWN_BYTES - used, "%s ", json_string_value(json_array_get(books, i)));
    snprintf(ret_text + used, SHOWN_BYTES - used, "%s%s%s",
             json_is_true(json_object_get(shown, "governance")) ? "governance" : "-",
             json_is_true(json_object_get(shown, "operations")) ? " operations" : "",
             json_is_true(json_object_get(shown, "everything")) ? " everything" : "");
    json_decref(shown);
    as_reader_close(as);
    return ret_text;
}

#define has_to_read(company, user, what)                                                                               \
    do {                                                                                                               \
        char shown[SHOWN_BYTES];                                                                                       \
        assert_string_equal(reads(company, user, shown), what);                                                        \
    } while (0)

static json_t *grant(struct company *company, const char *user, const char *role, const char *entity)
{
    return company_with(company_grant_document(company, user, role), "entities", json_pack("[s]", entity));
}

/* By olga and oscar. Returns its number, to be freed. */
static char *in_force(struct company *company, json_t *document)
{
    json_t *result = company_submit(company, "olga", document);
    char *number = strdup(result_number(result));
    if (strcmp(result_outcome(result), "waiting") == 0)
        expect_done(company_approve(company, "oscar", number, 1), "in-force");
    json_decref(result);
    return number;
}

static void end_grant(struct company *company, char *number)
{
    json_t *document = company_with(company_document(company, "revocation"), "grant", json_string(number));
    free(in_force(company, company_with(document, "reason", json_string("over"))));
    free(number);
}

static void grants_give_and_take(void **state)
{
    struct company company;
    (void)state;
    open_two(&company);
    has_to_read(&company, "maria", "US01 governance");
    has_to_read(&company, "uma", "UK01 governance");
    has_to_read(&company, "feedi", "US01 governance");
    has_to_read(&company, "feedp", "governance");
    has_to_read(&company, "olga", "governance");
    has_to_read(&company, "ada", "- operations");
    has_to_read(&company, "audrey",
                "* governance operations everything"); /* granted for US01: what is audited is the journal */
    has_to_read(&company, "maria2", "-");
    char *number = in_force(&company, grant(&company, "maria", "BILLING_SPECIALIST", OTHER));
    has_to_read(&company, "maria", "UK01 US01 governance");
    end_grant(&company, number);
    has_to_read(&company, "maria", "US01 governance");
    number = in_force(&company, grant(&company, "maria2", "READER", "*"));
    has_to_read(&company, "maria2", "* governance");
    end_grant(&company, number);
    has_to_read(&company, "maria2", "-");
    /* From its first millisecond to its last. */
    json_t *dated = grant(&company, "maria2", "READER", OTHER);
    company_with(dated, "from", json_string("2026-02-01T00:00:00.000Z"));
    free(in_force(&company, company_with(dated, "to", json_string("2026-03-01T00:00:00.000Z"))));
    read_at(&company, "2026-01-31T23:59:59.999Z");
    has_to_read(&company, "maria2", "-");
    read_at(&company, "2026-02-01T00:00:00.000Z");
    has_to_read(&company, "maria2", "UK01 governance");
    read_at(&company, "2026-02-28T23:59:59.999Z");
    has_to_read(&company, "maria2", "UK01 governance");
    read_at(&company, "2026-03-01T00:00:00.000Z");
    has_to_read(&company, "maria2", "-");
    company.unchecked = true; /* the clock was set back and forth */
    company_close(&company);
}

static void a_key_has_to_be_the_users(void **state)
{
    struct company company;
    struct err err;
    (void)state;
    open_two(&company);
    struct company_user *other = company_new_user(&company, "stranger");
    assert_int_equal(as_reader_try(&company, "maria", other->key, &err), STATUS_PERMISSION);
    assert_int_equal(as_reader_try(&company, "stranger", NULL, &err), STATUS_PERMISSION);
    assert_int_equal(as_reader_try(&company, "maria", company_user(&company, "joe")->key, &err), STATUS_PERMISSION);
    assert_int_equal(as_reader_try(&company, "maria", NULL, &err), STATUS_OK);
    /* In force until that instant; then revoked: it was the user's, and opens nothing. */
    struct company_user *next = company_new_user(&company, "maria-next");
    json_t *document = company_with(company_document(&company, "key-rotation"), "user", json_string("maria"));
    company_with(company_with(document, "new", json_string(next->key)), "old",
                 json_string(company_user(&company, "maria")->key));
    company_with(document, "until", json_string("2026-02-01T00:00:00.000Z"));
    json_t *decision = company_do_with(&company, "maria", VERB_SUBMIT,
                                       json_pack("{s:b, s:[o]}", "atomic", 0, "documents", document), "maria-next");
    const char *number = result_number(json_array_get(json_object_get(decision, "results"), 0));
    json_decref(company_approve(&company, "olga", number, 1));
    json_decref(decision);
    has_to_read(&company, "maria", "-"); /* with the old one */
    memcpy(company_user(&company, "maria")->key, next->key, sizeof next->key);
    read_at(&company, "2026-01-31T23:59:59.999Z");
    has_to_read(&company, "maria", "US01 governance");
    read_at(&company, "2026-02-01T00:00:00.000Z");
    has_to_read(&company, "maria", "-");
    company.unchecked = true;
    company_close(&company);
}

static enum status look_up(struct as_reader *as, enum books_table table, const struct books_key *key)
{
    struct err err;
    json_t *record = NULL;
    enum status status = books_get(as_reader_facts(as)->books, table, key, &record, &err);
    json_decref(record);
    as_reader_facts_end(as);
    return status;
}

/* Whether a user may read his own line, which is all that is left to who holds nothing. */
static enum status himself(struct company *company, const char *user)
{
    struct as_reader *as = as_reader_open(company, user, NULL);
    const struct books_key key = books_key(user);
    enum status status = look_up(as, BOOKS_USERS, &key);
    as_reader_close(as);
    return status;
}

static json_t *delegation(struct company *company, const char *from, const char *to, const char *function)
{
    json_t *more =
        json_pack("{s:s, s:s, s:[s], s:s, s:s, s:s}", "from_user", from, "to_user", to, "functions", function, "from",
                  "2026-01-10T09:00:00.000Z", "to", "2026-01-20T09:00:00.000Z", "reason", "leave");
    json_t *document = company_document(company, "delegation");
    json_object_update(document, more);
    json_decref(more);
    return document;
}

static void a_delegate_reads_what_the_other_does(void **state)
{
    struct company company;
    (void)state;
    open_two(&company);
    json_t *result =
        expect(company_submit(&company, "ulf", delegation(&company, "ulf", "tom", "credit-note.approve.1")), "waiting");
    expect_done(company_approve(&company, "oscar", result_number(result), 1), "in-force");
    json_decref(result);
    has_to_read(&company, "tom", "US01 governance");
    read_at(&company, "2026-01-10T08:59:59.999Z");
    has_to_read(&company, "tom", "US01 governance");
    read_at(&company, "2026-01-10T09:00:00.000Z");
    has_to_read(&company, "tom", "UK01 US01 governance");
    has_to_read(&company, "ulf", "UK01 governance"); /* the giver receives nothing */
    /* The giver loses the function: then nothing comes with it. */
    company_at(&company, "2026-01-12T12:00:00.000Z");
    people_events(&company, 1, json_pack("[o]", people_event("E1", "leave", "P-82", "2026-01-14", NULL, NULL)));
    read_at(&company, "2026-01-14T23:59:59.999Z");
    has_to_read(&company, "tom", "UK01 US01 governance");
    has_to_read(&company, "ulf", "UK01 governance");
    read_at(&company, "2026-01-15T05:00:00.000Z"); /* midnight where HR's file comes from */
    has_to_read(&company, "tom", "US01 governance");
    has_to_read(&company, "ulf", "-");
    company.unchecked = true;
    company_close(&company);
}

static void a_delegation_ends(void **state)
{
    struct company company;
    (void)state;
    open_two(&company);
    json_t *result =
        expect(company_submit(&company, "ulf", delegation(&company, "ulf", "tom", "credit-note.approve.1")), "waiting");
    expect_done(company_approve(&company, "oscar", result_number(result), 1), "in-force");
    read_at(&company, "2026-01-20T08:59:59.999Z");
    has_to_read(&company, "tom", "UK01 US01 governance");
    read_at(&company, "2026-01-20T09:00:00.000Z");
    has_to_read(&company, "tom", "US01 governance");
    read_at(&company, "2026-01-15T09:00:00.000Z");
    end_grant(&company, strdup(result_number(result)));
    json_decref(result);
    has_to_read(&company, "tom", "US01 governance");
    company.unchecked = true;
    company_close(&company);
}

/* Who has left reads nothing, not even of himself or by what he received; to hold nothing is something else. */
static void who_left_is_out(void **state)
{
    struct company company;
    (void)state;
    open_two(&company);
    json_t *result =
        expect(company_submit(&company, "ulf", delegation(&company, "ulf", "tom", "credit-note.approve.1")), "waiting");
    expect_done(company_approve(&company, "oscar", result_number(result), 1), "in-force");
    json_decref(result);
    company_at(&company, "2026-01-12T12:00:00.000Z");
    people_events(&company, 1, json_pack("[o]", people_event("E1", "leave", "P-22", "2026-01-14", NULL, NULL)));
    has_to_read(&company, "tom", "UK01 US01 governance");
    read_at(&company, "2026-01-15T04:59:59.999Z");
    has_to_read(&company, "tom", "UK01 US01 governance");
    assert_int_equal(himself(&company, "maria2"), STATUS_OK);
    read_at(&company, "2026-01-15T05:00:00.000Z");
    has_to_read(&company, "tom", "-");
    assert_int_equal(himself(&company, "tom"), STATUS_PERMISSION);
    company.unchecked = true;
    company_close(&company);
}

static void emergency_access_opens_and_suspends(void **state)
{
    struct company company;
    (void)state;
    open_two(&company);
    company_at(&company, "2026-01-15T12:00:00.000Z");
    json_t *document = company_with(company_document(&company, "break-glass"), "users", json_pack("[s]", "vera"));
    company_with(company_with(document, "functions", json_pack("[s]", "credit-note.prepare")), "entities",
                 json_pack("[s]", OTHER));
    company_with(company_with(document, "until", json_string("2026-01-15T14:00:00.000Z")), "ticket",
                 json_string("INC-7"));
    has_to_read(&company, "vera", "US01 governance");
    free(in_force(&company, company_with(document, "reason", json_string("nobody else is there"))));
    has_to_read(&company, "vera", "UK01 US01 governance");
    read_at(&company, "2026-01-15T13:59:59.999Z");
    has_to_read(&company, "vera", "UK01 US01 governance");
    read_at(&company, "2026-01-15T14:00:00.000Z");
    has_to_read(&company, "vera", "US01 governance");
    read_at(&company, "2026-01-30T00:00:00.000Z"); /* nobody has reviewed it */
    has_to_read(&company, "vera", "governance");
    company.unchecked = true;
    company_close(&company);
}

static void who_moved_and_who_sleeps(void **state)
{
    struct company company;
    (void)state;
    open_two(&company);
    company_at(&company, "2026-01-10T12:00:00.000Z");
    people_events(&company, 1, json_pack("[o]", people_event("E1", "move", "P-11", "2026-01-12", "P-21", NULL)));
    read_at(&company, "2026-01-26T04:59:59.999Z"); /* midnight of the 12th and fourteen days */
    has_to_read(&company, "maria", "US01 governance");
    read_at(&company, "2026-01-26T05:00:00.000Z");
    has_to_read(&company, "maria", "-");
    /* joe has done nothing since his enrolment, on the 5th; 60 days later he sleeps, who only reads does not. */
    company_at(&company, "2026-01-26T12:00:00.000Z");
    free(in_force(&company, grant(&company, "maria2", "READER", "US01")));
    json_t *record = NULL;
    struct books_key key = books_key("joe");
    int64_t last_ms;
    struct err err;
    record = company_books(&company, BOOKS_ACTIVITY, &key);
    must(instant_parse(member_text(record, "time"), strlen(member_text(record, "time")), &last_ms, &err), &err);
    json_decref(record);
    company.now_ms = last_ms + 60 * INSTANT_DAY_MS;
    has_to_read(&company, "joe", "US01 governance");
    company.now_ms++;
    has_to_read(&company, "joe", "governance");
    company.now_ms += 60 * INSTANT_DAY_MS;
    has_to_read(&company, "maria2", "US01 governance");
    has_to_read(&company, "audrey", "* governance operations everything");
    has_to_read(&company, "ada", "- operations");
    has_to_read(&company, "olga", "governance");
    has_to_read(&company, "feedi", "governance");
    company.unchecked = true;
    company_close(&company);
}

static void a_review_that_nobody_answers(void **state)
{
    struct company company;
    (void)state;
    open_two(&company);
    company_at(&company, "2026-01-10T12:00:00.000Z");
    json_t *document = company_with(company_document(&company, "review"), "entities", json_pack("[s]", "*"));
    char *number = in_force(&company, document);
    struct books_key key = books_key(number);
    json_t *review = company_books(&company, BOOKS_REVIEWS, &key);
    read_at(&company, member_text(review, "until"));
    has_to_read(&company, "maria", "-");
    has_to_read(&company, "audrey", "-");
    has_to_read(&company, "olga", "governance"); /* an officer's grant has no term */
    company.now_ms--;
    has_to_read(&company, "maria", "US01 governance");
    has_to_read(&company, "audrey", "* governance operations everything");
    json_decref(review);
    free(number);
    company.unchecked = true;
    company_close(&company);
}

static enum status count(struct as_reader *as, enum books_table table)
{
    struct err err;
    uint64_t found;
    enum status status = tables_count(as_reader_facts(as)->books, table, &found, &err);
    as_reader_facts_end(as);
    return status;
}

/* What is not there is told only where it would have been told if it were. */
static void looking_up(void **state)
{
    struct company company;
    (void)state;
    open_two(&company);
    const struct company_file customers = {.user = "feedc", .feed = "customers", .sequence = 1, .entity = OTHER};
    end_grant(&company, in_force(&company, grant(&company, "maria2", "READER", "*")));
    char *number = in_force(&company, grant(&company, "feedc", "FEED_CUSTOMERS", OTHER));
    expect_done(company_feed(&company, &customers, json_pack("[o]", company_customer("88001", "88001"))), "closed");
    free(number);
    struct as_reader *as = as_reader_open(&company, "maria", NULL);
    struct books_key key = books_key_pair("US01", "10442");
    assert_int_equal(look_up(as, BOOKS_CUSTOMERS, &key), STATUS_OK);
    key = books_key_pair("US01", "88001");
    assert_int_equal(look_up(as, BOOKS_CUSTOMERS, &key), STATUS_NOT_FOUND);
    key = books_key_pair(OTHER, "88001");
    assert_int_equal(look_up(as, BOOKS_CUSTOMERS, &key), STATUS_PERMISSION);
    key = books_key_pair(OTHER, "88002");
    assert_int_equal(look_up(as, BOOKS_CUSTOMERS, &key), STATUS_PERMISSION);
    key = books_key("10442");
    assert_int_equal(look_up(as, BOOKS_HOLDS, &key), STATUS_PERMISSION);
    key = books_key("CN-1");
    assert_int_equal(look_up(as, BOOKS_DOCUMENTS, &key), STATUS_NOT_FOUND);
    assert_int_equal(look_up(as, BOOKS_CASES, &key), STATUS_NOT_FOUND);
    assert_int_equal(look_up(as, BOOKS_LOOKALIKES, &key), STATUS_NOT_FOUND);
    assert_int_equal(count(as, BOOKS_CUSTOMERS), STATUS_PERMISSION);
    assert_int_equal(count(as, BOOKS_DOCUMENTS), STATUS_PERMISSION);
    assert_int_equal(count(as, BOOKS_PEOPLE_EVENTS), STATUS_OK); /* facts ask it */
    assert_int_equal(count(as, BOOKS_POLICIES), STATUS_OK);
    assert_int_equal(count(as, BOOKS_HOLDS), STATUS_PERMISSION);
    as_reader_close(as);
    as = as_reader_open(&company, "olga", NULL);
    assert_int_equal(count(as, BOOKS_HOLDS), STATUS_OK);
    assert_int_equal(count(as, BOOKS_FILES), STATUS_PERMISSION);
    as_reader_close(as);
    as = as_reader_open(&company, "feedp", NULL); /* brings HR's files of one entity, then of all */
    assert_int_equal(count(as, BOOKS_FILES), STATUS_PERMISSION);
    as_reader_close(as);
    free(in_force(&company, grant(&company, "feedp", "FEED_PEOPLE", "*")));
    as = as_reader_open(&company, "feedp", NULL);
    assert_int_equal(count(as, BOOKS_FILES), STATUS_OK);
    assert_int_equal(count(as, BOOKS_CUSTOMERS), STATUS_PERMISSION);
    as_reader_close(as);
    as = as_reader_open(&company, "ada", NULL);
    key = books_key("ada");
    assert_int_equal(look_up(as, BOOKS_USERS, &key), STATUS_OK); /* herself */
    key = books_key("maria");
    assert_int_equal(look_up(as, BOOKS_USERS, &key), STATUS_PERMISSION);
    assert_int_equal(count(as, BOOKS_USERS), STATUS_PERMISSION);
    assert_int_equal(count(as, BOOKS_PROGRAMS), STATUS_OK);
    as_reader_close(as);
    as = as_reader_open(&company, "audrey", NULL);
    for (int table = 0; table < BOOKS_TABLE_COUNT; table++)
        assert_int_equal(count(as, (enum books_table)table), STATUS_OK);
    as_reader_close(as);
    company_close(&company);
}

static enum status entry_as(struct company *company, const char *user, uint64_t seq)
{
    struct as_reader *as = as_reader_open(company, user, NULL);
    struct journal_snapshot *snapshot = NULL;
    struct journal_head head;
    const char *bytes;
    size_t length;
    struct err err;
    must(journal_read_begin(as_reader_books(as)->journal, &snapshot, &err), &err);
    must(journal_head(snapshot, &head, &err), &err); /* everybody is told how long it is */
    enum status status = journal_entry(snapshot, seq, &bytes, &length, &err);
    journal_read_end(snapshot);
    as_reader_close(as);
    return status;
}

static uint64_t last_seq(struct company *company)
{
    struct journal_snapshot *snapshot = NULL;
    struct journal_head head;
    struct err err;
    must(journal_read_begin(gate_books(company->gate)->journal, &snapshot, &err), &err);
    must(journal_head(snapshot, &head, &err), &err);
    journal_read_end(snapshot);
    return head.size - 1;
}

#define entry_for(user, seq, expected) assert_int_equal(entry_as(&company, user, seq), expected)

/* Documents of two entities in one list, made and then signed: theirs who read both. */
static void entries_of_two_entities(void **state)
{
    struct company company;
    (void)state;
    open_two(&company);
    free(in_force(&company, grant(&company, "feedc", "FEED_CUSTOMERS", OTHER)));
    free(in_force(&company, grant(&company, "feedi", "FEED_INVOICES", OTHER)));
    free(in_force(&company, grant(&company, "joe", "BILLING_SPECIALIST", OTHER)));
    free(in_force(&company, grant(&company, "ana", "TEAM_LEAD", OTHER)));
    const struct company_file customers = {.user = "feedc", .feed = "customers", .sequence = 1, .entity = OTHER};
    expect_done(company_feed(&company, &customers, json_pack("[o]", company_customer("88001", "88001"))), "closed");
    entry_for("maria", last_seq(&company), STATUS_PERMISSION);
    entry_for("uma", last_seq(&company), STATUS_OK);
    entry_for("olga", last_seq(&company), STATUS_PERMISSION);
    entry_for("audrey", last_seq(&company), STATUS_OK);
    const struct company_file bills = {
        .user = "feedi", .feed = "invoices", .total = "900.00", .sequence = 1, .entity = OTHER};
    expect_done(
        company_feed(&company, &bills, json_pack("[o]", company_invoice("99001", "88001", "900.00", "0.00", "900.00"))),
        "closed");
    json_t *there = company_credit_note(&company, "88001", "99001", "300.00");
    company_with(there, "entity", json_string(OTHER));
    json_t *here = company_credit_note(&company, "10442", "40251", "300.00");
    json_t *decision =
        company_do(&company, "joe", VERB_SUBMIT, json_pack("{s:b, s:[o, o]}", "atomic", 1, "documents", here, there));
    uint64_t made = last_seq(&company);
    entry_for("maria", made, STATUS_PERMISSION);
    entry_for("uma", made, STATUS_PERMISSION);
    entry_for("joe", made, STATUS_OK);
    json_t *items = json_array();
    for (size_t i = 0; i < 2; i++) {
        const char *number = result_number(json_array_get(json_object_get(decision, "results"), i));
        json_t *record = company_record(&company, number);
        json_array_append_new(items, json_pack("{s:O, s:s, s:i, s:I}", "content", json_object_get(record, "content"),
                                               "document", number, "level", 1, "version", (json_int_t)1));
        json_decref(record);
    }
    json_decref(decision);
    json_decref(company_do(&company, "ana", VERB_APPROVE, json_pack("{s:o}", "items", items)));
    entry_for("maria", last_seq(&company), STATUS_PERMISSION);
    entry_for("uma", last_seq(&company), STATUS_PERMISSION);
    entry_for("ana", last_seq(&company), STATUS_OK);
    entry_for("cora", made - 4, STATUS_OK); /* a grant */
    entry_for("ada", made - 4, STATUS_PERMISSION);
    entry_for("ada", 0, STATUS_OK); /* the charter */
    company_close(&company);
}

/* Kinds that only some read: what auditors draw is not known beforehand, what officers sign of customers is theirs. */
static void entries_of_few(void **state)
{
    struct company company;
    (void)state;
    open_two(&company);
    json_t *seed = company_with(company_document(&company, "seed"), "seed", json_string("314159"));
    expect_done(company_submit(&company, "audrey", company_with(seed, "purpose", json_string("25 notes"))), "in-force");
    entry_for("audrey", last_seq(&company), STATUS_OK);
    entry_for("olga", last_seq(&company), STATUS_PERMISSION);
    entry_for("maria", last_seq(&company), STATUS_PERMISSION);
    json_t *hold = company_with(company_document(&company, "legal-hold"), "customers", json_pack("[s]", "10442"));
    company_with(company_with(hold, "state", json_string("on")), "reason", json_string("a case"));
    expect_done(company_submit(&company, "olga", hold), "in-force");
    entry_for("olga", last_seq(&company), STATUS_OK);
    entry_for("maria", last_seq(&company), STATUS_PERMISSION);
    /* Who reads all the entities of its customers reads what brings them together. */
    json_t *related = company_with(company_document(&company, "related"), "customers",
                                   json_pack("[{s:s, s:s}, {s:s, s:s}]", "customer", "10442", "entity", "US01",
                                             "customer", "16446", "entity", "US01"));
    company_with(company_with(related, "group", json_string("G9")), "reason", json_string("one owner"));
    free(in_force(&company, related));
    entry_for("maria", last_seq(&company), STATUS_OK);
    entry_for("olga", last_seq(&company), STATUS_OK);
    entry_for("uma", last_seq(&company), STATUS_PERMISSION);
    company_close(&company);
}

/* An entry that the snapshot of the books does not know: who could say whose it is? */
static void an_entry_ahead_of_the_books(void **state)
{
    struct company company;
    struct err err;
    const char *bytes;
    size_t length;
    (void)state;
    open_two(&company);
    for (int i = 0; i < 2; i++) {
        struct as_reader *as = as_reader_open(&company, i == 0 ? "maria" : "audrey", NULL);
        struct journal_snapshot *snapshot = NULL;
        json_decref(company_submit(&company, "joe", company_credit_note(&company, "10442", "40251", "1.00")));
        must(journal_read_begin(as_reader_books(as)->journal, &snapshot, &err), &err);
        assert_int_equal(journal_entry(snapshot, last_seq(&company), &bytes, &length, &err),
                         i == 0 ? STATUS_PERMISSION : STATUS_OK);
        assert_int_equal(journal_entry(snapshot, last_seq(&company) - 1, &bytes, &length, &err), STATUS_OK);
        journal_read_end(snapshot);
        as_reader_close(as);
    }
    company_close(&company);
}

/* An id of one letter, to its bound or past it. */
static const char *id_of(size_t length, char ret_id[static ID_BYTES_MAX + 2])
{
    assert_true(length <= ID_BYTES_MAX + 1);
    memset(ret_id, 'U', length);
    ret_id[length] = '\0';
    return ret_id;
}

/* The longest id is one, wherever it stands; one byte more is none. */
static void ids_as_long_as_they_may_be(void **state)
{
    struct company company;
    struct err err;
    char id[ID_BYTES_MAX + 2], key[PUBLIC_KEY_TEXT_MAX + 1];
    (void)state;
    open_two(&company);
    closing_hire(&company, id_of(ID_BYTES_MAX, id), "P-83", "BILLING_SPECIALIST", OTHER);
    has_to_read(&company, id, "UK01 governance");
    assert_int_equal(as_reader_try(&company, id_of(ID_BYTES_MAX + 1, id), key, &err), STATUS_PERMISSION);
    assert_string_equal(err.text, "there is no such user");
    memset(key, 'k', sizeof key);
    key[PUBLIC_KEY_TEXT_MAX] = '\0';
    assert_int_equal(as_reader_try(&company, "maria", key, &err), STATUS_PERMISSION);
    assert_string_equal(err.text, "there is no such key");
    key[PUBLIC_KEY_TEXT_MAX - 1] = '\0';
    assert_int_equal(as_reader_try(&company, "maria", key, &err), STATUS_PERMISSION);
    assert_non_null(strstr(err.text, "never enrolled"));
    /* A statement may name any id as a document, and is refused. */
    id_of(ID_BYTES_MAX, id);
    char content[HASH_HEX_CHARS + 1];
    memset(content, '0', HASH_HEX_CHARS);
    content[HASH_HEX_CHARS] = '\0';
    json_decref(company_do(&company, "ana", VERB_APPROVE,
                           json_pack("{s:[{s:s, s:s, s:i, s:i}]}", "items", "content", content, "document", id, "level",
                                     1, "version", 1)));
    entry_for("maria", last_seq(&company), STATUS_OK); /* of a document that is not there: governance */
    entry_for("ada", last_seq(&company), STATUS_PERMISSION);
    company_close(&company);
}

static const char *member_of(const char *format, size_t length, char ret_text[static ID_BYTES_MAX + 1])
{
    char id[ID_BYTES_MAX + 2], record[4 * ID_BYTES_MAX];
    struct err err;
    int written = snprintf(record, sizeof record, format, id_of(length, id));
    must(read_member(slice_of(record, (size_t)written), "user", ret_text, &err), &err);
    return ret_text;
}

/* Records of no form that is written: what is no id is nothing, and what names nobody is nobody's. */
static void records_are_read_with_care(void **state)
{
    static const char *const forms[] = {"{\"user\":\"%s\"}", "{\"user\": \"%s\"}"}; /* canonical, and not */
    struct company company;
    char text[ID_BYTES_MAX + 1], id[ID_BYTES_MAX + 2];
    struct err err;
    bool may = true;
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(member_of(forms[i], ID_BYTES_MAX, text), id_of(ID_BYTES_MAX, id));
        assert_string_equal(member_of(forms[i], ID_BYTES_MAX + 1, text), "");
    }
    assert_string_equal(member_of("{\"other\":\"%s\"}", 1, text), "");
    assert_int_equal(read_member(slice_of("{", 1), "user", text, &err), STATUS_CORRUPT);
    open_two(&company);
    struct as_reader *as = as_reader_open(&company, "maria", NULL);
    struct reader *reader = as_reader_rights(as);
    for (int i = 0; i < 3; i++) {
        json_t *related = json_pack("{s:s, s:o*}", "kind", "related", "customers", i == 0 ? NULL : json_array());
        if (i == 2)
            json_array_append_new(json_object_get(related, "customers"), json_pack("{s:s}", "entity", "US01"));
        must(read_document(reader, related, &may, &err), &err);
        assert_int_equal(may, i == 2);
        json_decref(related);
    }
    for (int i = 0; i < 2; i++) { /* asked for the first time, and again */
        must(read_document_number(reader, "", &may, &err), &err);
        assert_true(may);
        must(read_document_number(reader, id_of(ID_BYTES_MAX, id), &may, &err), &err);
        assert_true(may);
    }
    as_reader_close(as);
    company_close(&company);
}

static enum status may_key(struct reader *reader, enum books_table table, struct slice key, bool *ret_may)
{
    struct err err;
    return reader_may_record(reader, table, key, (struct slice){.bytes = NULL}, ret_may, &err);
}

/* Entries of which only what is looked at is in form: a feed's entity is no longer than an id. */
static void feeds_are_read_with_care(void **state)
{
    struct company company;
    struct err err;
    (void)state;
    open_two(&company);
    struct as_reader *as = as_reader_open(&company, "maria", NULL);
    for (size_t length = ID_BYTES_MAX; length <= ID_BYTES_MAX + 1; length++) {
        char id[ID_BYTES_MAX + 2], bytes[4 * ID_BYTES_MAX];
        bool may = true;
        int written =
            snprintf(bytes, sizeof bytes, "{\"seq\":1,\"statement\":{\"body\":{\"entity\":\"%s\"},\"do\":\"feed\"}}",
                     id_of(length, id));
        assert_int_equal(reader_may_entry(as_reader_rights(as), slice_of(bytes, (size_t)written), &may, &err),
                         length <= ID_BYTES_MAX ? STATUS_OK : STATUS_CORRUPT);
        assert_int_equal(may, length > ID_BYTES_MAX); /* untouched on failure */
    }
    as_reader_close(as);
    company_close(&company);
}

/* Keys of no record: parts that are too long, or are not there. What the tables say of themselves is everybody's. */
static void keys_are_read_with_care(void **state)
{
    struct company company;
    struct err err;
    char key[ID_BYTES_MAX + 2];
    bool may = true;
    (void)state;
    open_two(&company);
    struct as_reader *as = as_reader_open(&company, "ada", NULL);
    struct reader *reader = as_reader_rights(as);
    id_of(ID_BYTES_MAX, key);
    assert_int_equal(may_key(reader, BOOKS_CUSTOMERS, slice_of(key, ID_BYTES_MAX), &may), STATUS_OK);
    assert_false(may);
    id_of(ID_BYTES_MAX + 1, key);
    assert_int_equal(may_key(reader, BOOKS_CUSTOMERS, slice_of(key, ID_BYTES_MAX + 1), &may), STATUS_CORRUPT);
    assert_int_equal(may_key(reader, BOOKS_EVIDENCE, slice_of("one", 3), &may), STATUS_CORRUPT);
    /* Whose document a row of sums would be that is not there, no key says. */
    may = true;
    assert_int_equal(may_key(reader, BOOKS_WINDOWS, slice_of("one", 3), &may), STATUS_OK);
    assert_false(may);
    /* The number ends the key; a key that is only a number is none, whatever lies before it in memory. */
    static const char duplicate[] = "\0CN-1\0CN-2";
    assert_int_equal(may_key(reader, BOOKS_DUPLICATES, slice_of(duplicate + 7, 3), &may), STATUS_CORRUPT);
    assert_int_equal(may_key(reader, BOOKS_DUPLICATES, slice_of(duplicate + 1, 9), &may), STATUS_OK);
    as_reader_close(as);
    as = as_reader_open(&company, "maria2", NULL); /* who holds nothing */
    must(reader_may_record(as_reader_rights(as), BOOKS_TABLE_COUNT, slice_of("x", 1), slice_of("y", 1), &may, &err),
         &err);
    assert_true(may);
    assert_true(reader_may_count(as_reader_rights(as), BOOKS_TABLE_COUNT));
    as_reader_close(as);
    company_close(&company);
}

/* The latest entry's line is everybody's, who signs on it; those before are not, nor is a key of another length. */
static void the_head_is_everybodys(void **state)
{
    struct company company;
    bool may = false;
    (void)state;
    open_two(&company);
    uint64_t last = last_seq(&company);
    struct as_reader *as = as_reader_open(&company, "ada", NULL);
    struct reader *reader = as_reader_rights(as);
    for (uint64_t back = 0; back < 3; back++) {
        struct books_key key = {.length = 0};
        books_key_add_number(&key, last - back);
        assert_int_equal(may_key(reader, BOOKS_ENTRIES, slice_of(key.bytes, key.length), &may), STATUS_OK);
        assert_int_equal(may, back == 0);
        assert_int_equal(may_key(reader, BOOKS_ENTRIES, slice_of(key.bytes, key.length - 1), &may), STATUS_OK);
        assert_false(may);
    }
    as_reader_close(as);
    company_close(&company);
}

/* What a connection asks of a user before it asks for any record. */
static void what_a_user_holds(void **state)
{
    static const struct {
        const char *user;
        bool books, works, feeds, governs, operates;
    } users[] = {
        {"maria", true, true, false, false, false},    {"feedi", true, true, true, false, false},
        {"feedp", false, true, true, false, false},    {"olga", false, true, false, true, false},
        {"ada", false, false, false, false, true},     {"audrey", true, true, false, false, false},
        {"maria2", false, false, false, false, false},
    };
    struct company company;
    (void)state;
    open_two(&company);
    for (size_t i = 0; i < sizeof users / sizeof users[0]; i++) {
        struct as_reader *as = as_reader_open(&company, users[i].user, NULL);
        const struct reader *reader = as_reader_rights(as);
        assert_true(reader_counts(reader));
        assert_int_equal(reader_reads_books(reader), users[i].books);
        assert_int_equal(reader_works(reader), users[i].works);
        assert_int_equal(reader_feeds(reader), users[i].feeds);
        assert_int_equal(reader_governs(reader), users[i].governs);
        assert_int_equal(reader_operates(reader), users[i].operates);
        assert_int_equal(reader_audits(reader), strcmp(users[i].user, "audrey") == 0);
        as_reader_close(as);
    }
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grants_give_and_take),
        cmocka_unit_test(a_key_has_to_be_the_users),
        cmocka_unit_test(a_delegate_reads_what_the_other_does),
        cmocka_unit_test(a_delegation_ends),
        cmocka_unit_test(who_left_is_out),
        cmocka_unit_test(emergency_access_opens_and_suspends),
        cmocka_unit_test(who_moved_and_who_sleeps),
        cmocka_unit_test(a_review_that_nobody_answers),
        cmocka_unit_test(looking_up),
        cmocka_unit_test(entries_of_two_entities),
        cmocka_unit_test(entries_of_few),
        cmocka_unit_test(an_entry_ahead_of_the_books),
        cmocka_unit_test(ids_as_long_as_they_may_be),
        cmocka_unit_test(records_are_read_with_care),
        cmocka_unit_test(feeds_are_read_with_care),
        cmocka_unit_test(keys_are_read_with_care),
        cmocka_unit_test(the_head_is_everybodys),
        cmocka_unit_test(what_a_user_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
