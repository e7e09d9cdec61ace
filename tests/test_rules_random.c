/*
 * Anybody does anything: statements from a seeded generator, valid and bent, by all users, and after each of them what has to
 * hold: nothing posts without distinct persons on its levels, no credit takes an invoice below what waits on it, lines balance,
 * numbers are dense. At the end everything is judged and folded again.
 *
 * COUNTERSIGN_RANDOM=<seed>:<statements> takes another walk.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/control.h"
#include "ledger/schema.h"
#include "tests/support/company.h"
#include "tests/support/company_check.h"

#define POLICY "tests/policies/rules.yaml"

enum { STATEMENTS = 2000, CHECK_EVERY = 250, WAITING = 64, NEW_INVOICE_EVERY = 10 };

struct walk {
    struct company company;
    uint64_t random;
    unsigned receipts, cash_sequence, invoices, invoice_sequence;
    unsigned let_in, shut_out, posted, refused;
    char waiting[WAITING][24]; /* numbers that waited once, the latest last */
    unsigned waiting_count;
    json_t *cash_touched; /* invoices that cash came to: their rest may be below what waits */
};

/* xorshift64*: the walk is the seed's alone. */
static uint64_t next(struct walk *walk)
{
    walk->random ^= walk->random >> 12;
    walk->random ^= walk->random << 25;
    walk->random ^= walk->random >> 27;
    return walk->random * UINT64_C(2685821657736338717);
}

static unsigned below(struct walk *walk, unsigned bound)
{
    return (unsigned)(next(walk) >> 33) % bound;
}

static const char *pick(struct walk *walk, const char *const *list, unsigned count)
{
    return list[below(walk, count)];
}
#define PICK(walk, list) pick(walk, list, sizeof list / sizeof list[0])

static const char *const users[] = {"maria", "maria", "maria2", "joe",  "joe",   "cora", "adam",  "ana",
                                    "ana",   "tom",   "priya",  "dora", "vera",  "carl", "bot1",  "bot1",
                                    "feedi", "feedm", "ada",    "olga", "oscar", "owen", "audrey"};
static const char *const approvers[] = {"ana",   "tom",   "priya", "dora", "vera", "carl",
                                        "maria", "oscar", "owen",  "olga", "bot1"};
static const char *const customers[] = {"16446", "16446", "16447", "10442", "10442", "99"};
static const char *const invoices[] = {"581483", "581484", "40117", "40251", "700001",
                                       "L-1",    "L-2",    "N-1",   "N-3",   "nowhere"};
static const char *const edges[] = {"0.01",   "100.00", "199.99",  "200.00",  "200.01",
                                    "500.00", "500.01", "2500.00", "2500.01", "2501.00"};
static const char *const reasons[] = {"PRICE_ERR", "PRICE_ERR", "PRICE_ERR", "GOODWILL",
                                      "BAD_DEBT",  "TAX",       "SMALL_BAL", "NO_SUCH"};
static const char *const roles[] = {
    "BILLING_SPECIALIST", "COLLECTIONS_SPECIALIST", "TEAM_LEAD", "MANAGER", "READER", "AUDITOR", "OFFICER", "KING"};

static const char *amount_pick(struct walk *walk)
{
    static char amount[32]; /* lent until the next call; arguments are evaluated in no order, so one pick a statement */
    if (below(walk, 3000) == 0)
        return "92233720368547758.07";
    if (below(walk, 4) == 0)
        return PICK(walk, edges);
    unsigned cents = 1 + below(walk, 15000);
    snprintf(amount, sizeof amount, "%u.%02u", cents / 100, cents % 100);
    return amount;
}

/* The named ones now and then, mostly one of those that keep coming. */
static const char *invoice_pick(struct walk *walk)
{
    static char invoice[16];
    if (walk->invoices == 0 || below(walk, 4) == 0)
        return PICK(walk, invoices);
    unsigned latest = walk->invoices < 20 ? walk->invoices : 20;
    snprintf(invoice, sizeof invoice, "D-%u", walk->invoices - below(walk, latest));
    return invoice;
}

static void number_pick(struct walk *walk, char ret_number[static 24])
{
    if (walk->waiting_count > 0 && below(walk, 3) != 0) {
        unsigned latest = walk->waiting_count < 30 ? walk->waiting_count : 30;
        snprintf(ret_number, 24, "%s", walk->waiting[(walk->waiting_count - 1 - below(walk, latest)) % WAITING]);
        return;
    }
    static const char *const prefixes[] = {"CN", "CN", "CN", "IC", "WO", "CL", "RV", "GR", "EN", "KR"};
    const char *prefix = PICK(walk, prefixes);
    snprintf(ret_number, 24, "%s-%u", prefix, 1 + below(walk, 1 + walk->posted + walk->let_in / 8));
}

/* Four invoices of those that keep coming are one customer's, so that sums begin anew. */
static const char *customer_of(const char *invoice)
{
    static char customer[24];
    if (invoice[0] == 'D') {
        snprintf(customer, sizeof customer, "K-%lu", (strtoul(invoice + 2, NULL, 10) + 3) / 4);
        return customer;
    }
    if (strcmp(invoice, "581483") == 0 || strcmp(invoice, "581484") == 0)
        return "16446";
    return strcmp(invoice, "700001") == 0 ? "16447" : "10442";
}

/* A document that mostly makes sense. */
static json_t *document_make(struct walk *walk)
{
    struct company *company = &walk->company;
    const char *invoice = invoice_pick(walk), *amount = amount_pick(walk);
    const char *customer = below(walk, 12) != 0 ? customer_of(invoice) : PICK(walk, customers);
    char number[24];
    json_t *document;
    switch (below(walk, 12)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
        return company_credit_note(company, customer, invoice, amount);
    case 5:
        document = company_credit_note(company, customer, invoice, amount);
        company_with(json_array_get(json_object_get(document, "allocations"), 0), "amount", json_string("20.00"));
        company_with(document, "amount", json_string("70.00"));
        company_with(document, "on_account", json_string(below(walk, 4) != 0 ? "50.00" : "50.01"));
        return document;
    case 6:
        return company_correction(company, customer, invoice, amount, below(walk, 2) != 0 ? "up" : "down");
    case 7:
    case 8:
        return company_write_off(company, customer, invoice, amount);
    case 9:
        document = company_limit(company, customer, amount);
        return company_with(document, "previous", json_string(below(walk, 2) != 0 ? "10000.00" : amount_pick(walk)));
    case 10:
        document = company_money(company, "credit-note", "10442", amount, "PRICE_ERR", "price-sheet");
        invoice = below(walk, 2) != 0 ? "L-1" : "L-2";
        return company_allocate(document, invoice, below(walk, 2) != 0 ? "1" : "2", amount);
    default:
        number_pick(walk, number);
        return company_reversal(company, number);
    }
}

static const json_t *anything(struct walk *walk)
{
    static json_t *things[8];
    if (things[0] == NULL) {
        things[0] = json_string("");
        things[1] = json_integer(-1);
        things[2] = json_null();
        things[3] = json_array();
        things[4] = json_object();
        things[5] = json_string("10.00");
        things[6] = json_true();
        things[7] = json_string("US01");
    }
    return things[below(walk, 8)];
}

/* Bends one member: a value of another form, one too few, one too many, or a plausible other word. */
static void document_bend(struct walk *walk, json_t *document)
{
    static const char *const names[] = {"amount",   "customer", "entity",     "reason", "date",         "allocations",
                                        "evidence", "currency", "ref",        "links",  "direction",    "method",
                                        "reverses", "previous", "on_account", "kind",   "requested_by", "note"};
    const char *name = PICK(walk, names);
    switch (below(walk, 6)) {
    case 0:
        json_object_del(document, name);
        break;
    case 1:
        json_object_set(document, name, (json_t *)anything(walk));
        break;
    case 2:
        json_object_set_new(document, "reason", json_string(PICK(walk, reasons)));
        break;
    case 3:
        json_object_set_new(document, "requested_by", json_string("P-21"));
        break;
    case 4:
        json_object_set_new(document, "date", json_string(below(walk, 2) != 0 ? "2027-01-01" : "2025-12-31"));
        break;
    default: {
        char number[24];
        number_pick(walk, number);
        json_object_set_new(document, "links", json_pack("[{s:s, s:s}]", "document", number, "rel", "duplicate-of"));
        break;
    }
    }
}

static json_t *document_maybe_bent(struct walk *walk)
{
    json_t *document = document_make(walk);
    if (below(walk, 5) == 0)
        document_bend(walk, document);
    return document;
}

static json_t *governance_make(struct walk *walk)
{
    struct company *company = &walk->company;
    char number[24];
    const char *user;
    json_t *document;
    switch (below(walk, 5)) {
    case 0:
    case 1:
        user = PICK(walk, users);
        return company_grant_document(company, user, PICK(walk, roles));
    case 2:
        document = company_with(company_document(company, "revocation"), "grant", json_null());
        snprintf(number, sizeof number, "GR-%u", 17 + below(walk, 20)); /* the cast keeps its own */
        return company_with(company_with(document, "grant", json_string(number)), "reason", json_string("left"));
    case 3:
        return company_enrolment(company, "newcomer", "P-90", "human", company_user(company, "book-key")->key);
    default:
        document = company_with(company_document(company, "key-rotation"), "user", json_string("maria"));
        company_with(document, "old", json_string(company_user(company, "maria")->key));
        return company_with(document, "new", json_string(company_user(company, "joe")->key));
    }
}

static json_t *item_make(struct walk *walk, bool approve)
{
    char number[24];
    json_t *item;
    number_pick(walk, number);
    struct books_key key = books_key(number);
    json_t *record = company_books(&walk->company, BOOKS_DOCUMENTS, &key);
    const char *content = record != NULL ? member_text(record, "content")
                                         : "0000000000000000000000000000000000000000000000000000000000000000";
    json_int_t version = record != NULL ? (json_int_t)member_integer(record, "version") : 1;
    const json_t *levels = json_object_get(record, "levels");
    int level = json_array_size(levels) > 0 && below(walk, 4) != 0 ? (int)json_integer_value(json_array_get(levels, 0))
                                                                   : 1 + (int)below(walk, 5);
    if (below(walk, 20) == 0)
        version++;
    if (approve)
        item = json_pack("{s:s, s:s, s:i, s:I}", "content", content, "document", number, "level", level, "version",
                         version);
    else
        item = json_pack("{s:s, s:s, s:s, s:I}", "content", content, "document", number, "reason", "because", "version",
                         version);
    json_decref(record);
    return item;
}

/* An item for a document that waits, if there is one at all. */
static json_t *waiting_item(struct walk *walk, bool approve)
{
    json_t *item = item_make(walk, approve);
    for (int attempt = 0; attempt < 12; attempt++) {
        struct books_key key = books_key(member_text(item, "document"));
        json_t *record = company_books(&walk->company, BOOKS_DOCUMENTS, &key);
        bool waits = record != NULL && strcmp(member_text(record, "state"), "waiting") == 0;
        json_decref(record);
        if (waits)
            break;
        json_decref(item);
        item = item_make(walk, approve);
    }
    return item;
}

/* The approver who fits the level, mostly. */
static const char *approver_of(struct walk *walk, const json_t *item)
{
    static const char *const by_level[] = {"ana", "priya", "dora", "vera", "carl"};
    const char *number = member_text(item, "document");
    if (below(walk, 5) == 0)
        return PICK(walk, approvers);
    if (strncmp(number, "GR", 2) == 0 || strncmp(number, "EN", 2) == 0 || strncmp(number, "KR", 2) == 0)
        return below(walk, 2) != 0 ? "oscar" : "owen";
    int64_t level = member_integer(item, "level");
    return level == 1 && below(walk, 2) != 0 ? "tom" : by_level[(level - 1) % 5];
}

static const char *preparer_of(struct walk *walk, const json_t *document)
{
    const char *kind = member_text(document, "kind");
    if (kind != NULL && strcmp(kind, "write-off") == 0)
        return "cora";
    if (kind != NULL && strcmp(kind, "credit-limit") == 0)
        return "adam";
    return below(walk, 8) == 0 ? "bot1" : below(walk, 2) != 0 ? "maria" : "joe";
}

static json_t *list_of(struct walk *walk, const char *name, json_t *(*make)(struct walk *))
{
    json_t *list = json_array(), *body = json_object();
    unsigned count = below(walk, 3) != 0 ? 1 : 1 + below(walk, 4);
    while (count-- > 0)
        json_array_append_new(list, make(walk));
    json_object_set_new(body, name, list);
    return body;
}

static json_t *amendment_make(struct walk *walk)
{
    json_t *item = waiting_item(walk, false);
    json_t *amendment =
        json_pack("{s:o, s:s, s:I}", "content", document_maybe_bent(walk), "document", member_text(item, "document"),
                  "version", (json_int_t)member_integer(item, "version"));
    json_decref(item);
    return amendment;
}

static json_t *end_item(struct walk *walk)
{
    return waiting_item(walk, false);
}

static json_t *cash_make(struct walk *walk)
{
    char receipt[24];
    const char *invoice = invoice_pick(walk), *amount = amount_pick(walk);
    snprintf(receipt, sizeof receipt, "R-%u", ++walk->receipts);
    json_object_set_new(walk->cash_touched, invoice, json_true());
    json_t *applied = json_pack("[{s:s, s:s}]", "amount", amount, "invoice", invoice);
    json_t *record = company_cash(receipt, customer_of(invoice), amount, applied);
    return json_pack("{s:s, s:s, s:{s:i, s:s, s:i, s:s}, s:b, s:i, s:[o]}", "entity", "US01", "feed", "cash", "file",
                     "count", 1, "currency", "USD", "sequence", (int)walk->cash_sequence + 1, "total", amount, "last",
                     1, "part", 1, "records", record);
}

struct step {
    const char *user;
    enum verb verb;
    json_t *body;
};

static struct step step_make(struct walk *walk)
{
    struct step step = {.user = PICK(walk, users), .verb = VERB_SUBMIT};
    switch (below(walk, 20)) {
    case 0:
        step.verb = VERB_AMEND;
        step.body = list_of(walk, "amendments", amendment_make);
        return step;
    case 1:
        step.verb = VERB_WITHDRAW;
        step.body = list_of(walk, "items", end_item);
        return step;
    case 2:
        step.verb = below(walk, 2) != 0 ? VERB_REJECT : VERB_RETURN;
        step.user = PICK(walk, approvers);
        step.body = list_of(walk, "items", end_item);
        return step;
    case 3:
        step.verb = VERB_FEED;
        step.user = "feedm";
        step.body = cash_make(walk);
        return step;
    case 4:
        step.user = below(walk, 3) != 0 ? "olga" : step.user;
        step.body = list_of(walk, "documents", governance_make);
        company_with(step.body, "atomic", json_boolean(below(walk, 3) == 0));
        return step;
    case 5:
    case 6:
    case 7:
    case 8:
    case 9:
    case 10:
    case 11: {
        json_t *item = waiting_item(walk, true);
        step.verb = VERB_APPROVE;
        step.user = approver_of(walk, item);
        step.body = json_pack("{s:[o]}", "items", item);
        return step;
    }
    default:
        step.body = list_of(walk, "documents", document_maybe_bent);
        company_with(step.body, "atomic", json_boolean(below(walk, 4) == 0));
        if (below(walk, 6) != 0)
            step.user = preparer_of(walk, json_array_get(json_object_get(step.body, "documents"), 0));
        return step;
    }
}

static void invoice_check(struct walk *walk, const char *invoice)
{
    json_t *record = company_invoice_record(&walk->company, invoice);
    if (record == NULL)
        return;
    int64_t open = member_integer(record, "open"), pending = member_integer(record, "pending");
    if (pending < 0 || (member_integer(record, "gross") > 0 && open < 0) ||
        (json_object_get(walk->cash_touched, invoice) == NULL && member_integer(record, "gross") > 0 &&
         open - pending < 0))
        fail_msg("invoice %s has %" PRId64 " open, %" PRId64 " pending", invoice, open, pending);
    json_decref(record);
}

static void invoices_check(struct walk *walk)
{
    for (size_t i = 0; i < sizeof invoices / sizeof invoices[0]; i++)
        invoice_check(walk, invoices[i]);
    for (unsigned i = 0; i < 20 && i < walk->invoices; i++) {
        char id[16];
        snprintf(id, sizeof id, "D-%u", walk->invoices - i);
        invoice_check(walk, id);
    }
}

static void results_count(struct walk *walk, const json_t *decision)
{
    const json_t *results = json_object_get(decision, "results");
    for (size_t i = 0; i < json_array_size(results); i++) {
        const char *outcome = member_text(json_array_get(results, i), "outcome");
        walk->posted += strcmp(outcome, "posted") == 0 || strcmp(outcome, "in-force") == 0;
        walk->refused += strcmp(outcome, "refused") == 0;
        if (strcmp(outcome, "waiting") == 0)
            snprintf(walk->waiting[walk->waiting_count++ % WAITING], 24, "%s",
                     member_text(json_array_get(results, i), "document"));
        walk->cash_sequence += strcmp(outcome, "closed") == 0;
    }
}

static void step_take(struct walk *walk, unsigned number)
{
    struct step step = step_make(walk);
    struct gate_answer answer;
    struct err err;
    char *shown = json_dumps(step.body, JSON_COMPACT);
    if (below(walk, 25) == 0)
        walk->company.now_ms += (int64_t)below(walk, 16) * 86400000;
    enum status status = company_try(&walk->company, step.user, step.verb, step.body, NULL, &answer, &err);
    /* Only form keeps a statement out here; a book that is CORRUPT or a clock that is wrong would be our mistake. */
    if (status != STATUS_OK && status != STATUS_INPUT && status != STATUS_LIMIT)
        fail_msg("statement %u of %s: %s %s\n%s", number, step.user, status_name(status), err.text, shown);
    free(shown);
    walk->let_in += status == STATUS_OK;
    walk->shut_out += status != STATUS_OK;
    if (status != STATUS_OK)
        return;
    results_count(walk, answer.decision);
    gate_answer_done(&answer);
    invoices_check(walk);
}

static void more_invoices(struct walk *walk)
{
    const struct company_file file = {.user = "feedi", .feed = "invoices", .total = "50698.00", .sequence = 2};
    json_t *records = json_array();
    for (int i = 1; i <= 2; i++) {
        char id[8];
        snprintf(id, sizeof id, "L-%d", i);
        json_t *lines = json_pack("[{s:s, s:s, s:s, s:s}, {s:s, s:s, s:s, s:s}]", "code", "NONE", "line", "1", "net",
                                  "250.00", "tax", "0.00", "code", "NONE", "line", "2", "net", "150.00", "tax", "0.00");
        json_array_append_new(records,
                              company_with(company_invoice(id, "10442", "400.00", "0.00", "400.00"), "lines", lines));
    }
    json_array_append_new(records, company_invoice("N-1", "10442", "45000.00", "4998.00", "49998.00"));
    json_array_append_new(records, company_invoice("N-3", "10442", "-100.00", "0.00", "-100.00"));
    json_decref(company_feed(&walk->company, &file, records));
}

static void another_invoice(struct walk *walk)
{
    char id[16];
    snprintf(id, sizeof id, "D-%u", ++walk->invoices);
    const char *customer = customer_of(id);
    if (walk->invoices % 4 == 1) {
        const struct company_file master = {
            .user = "feedc", .feed = "customers", .sequence = 2 + (int)walk->invoices / 4};
        json_t *closed = company_feed(&walk->company, &master, json_pack("[o]", company_customer(customer, customer)));
        assert_string_equal(result_outcome(closed), "closed");
        json_decref(closed);
    }
    const struct company_file file = {
        .user = "feedi", .feed = "invoices", .total = "3000.00", .sequence = 2 + (int)walk->invoices};
    json_t *result = company_feed(&walk->company, &file,
                                  json_pack("[o]", company_invoice(id, customer, "2750.00", "250.00", "3000.00")));
    assert_string_equal(result_outcome(result), "closed");
    json_decref(result);
}

static void anybody_does_anything(void **state)
{
    unsigned long long seed = 20261117;
    unsigned statements = STATEMENTS;
    const char *other = getenv("COUNTERSIGN_RANDOM");
    struct walk walk = {.cash_touched = json_object()};
    (void)state;
    if (other != NULL) {
        char *end = NULL;
        seed = strtoull(other, &end, 10);
        statements = *end == ':' ? (unsigned)strtoul(end + 1, NULL, 10) : STATEMENTS;
    }
    walk.random = seed * 2 + 1;
    company_open(&walk.company, POLICY);
    more_invoices(&walk);
    for (unsigned i = 0; i < statements; i++) {
        step_take(&walk, i);
        if (i % NEW_INVOICE_EVERY == 0)
            another_invoice(&walk);
        if (i % CHECK_EVERY == 0)
            company_check_books(&walk.company);
    }
    print_message("seed %llu: %u let in, %u shut out, %u took effect, %u refused\n", seed, walk.let_in, walk.shut_out,
                  walk.posted, walk.refused);
    /* A walk that only runs into doors proves nothing. */
    assert_true(other != NULL ||
                (walk.posted > statements / 12 && walk.refused > statements / 12 && walk.shut_out > statements / 100));
    json_decref(walk.cash_touched);
    company_close(&walk.company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(anybody_does_anything)};
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
