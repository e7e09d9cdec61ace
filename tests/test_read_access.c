/*
 * Who may read what: a year's book with three entities, read table by table and entry by entry by everybody of it. What each
 * gets is compared with tests/golden/who-reads.txt (all, part or none of each table; COUNTERSIGN_GOLDEN=write makes it anew),
 * and by search: nothing that a reader of one entity gets mentions another one's customers, invoices or documents.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/functions.h"
#include "controls/read_parts.h"
#include "ledger/entry.h"
#include "ledger/journal.h"
#include "ledger/schema.h"
#include "ledger/window.h"
#include "tests/support/as_reader.h"
#include "tests/support/golden.h"
#include "tests/support/people.h"
#include "tests/support/sanitized.h"
#include "tests/support/year_steps.h"

enum { DAYS = 365, TOKEN_MAX = 128 };

#define GOLDEN_FILE GOLDEN_DIR "/who-reads.txt"

/* Who reads, and as what he stands here. */
static const struct cast {
    const char *user, *as;
    const char *entities[4]; /* whose records; closed by NULL */
} cast[] = {
    {"joe", "specialist of US01", {"US01"}},
    {"beata", "specialist of EU01", {"EU01"}},
    {"bert", "specialist of AC01", {"AC01"}},
    {"cora", "specialist of two", {"US01", "EU01"}},
    {"priya", "approver of two", {"US01", "EU01"}},
    {"mona", "approver of US01", {"US01"}},
    {"rita", "credit, US01", {"US01"}},
    {"cleo", "period closer", {"US01"}},
    {"feedi", "feed of invoices", {"US01", "EU01"}},
    {"feedp", "feed of people", {NULL}},
    {"bot1", "bot", {"US01"}},
    {"nina", "officer", {NULL}},
    {"olga", "officer replaced", {NULL}},
    {"ada", "administrator", {NULL}},
    {"audrey", "auditor", {"US01", "EU01", "AC01"}},
    {"maria2", "reader of US01", {"US01"}},
    {"nobody", "no role", {NULL}},
    {"feedr", "feed of meters", {"US01"}},
    {"lena", "leaver", {NULL}},
    {"nora", "key revoked", {NULL}},
};
enum { CAST = sizeof cast / sizeof cast[0] };

static struct year year;

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

/* Things that a year does not bring: they span entities, or stand half done. */

static void settle(const char *user, json_t *document)
{
    char *number = year_settle(&year, user, document);
    assert_non_null(number);
    free(number);
}

static void settle_officer(json_t *document)
{
    settle("olga", document);
}

/* A user without any role. */
static void hire_nobody(void)
{
    struct company_user *one = company_new_user(&year.company, "nobody");
    json_t *document = company_enrolment(&year.company, "nobody", "P-99", "human", one->key);
    json_t *result =
        year_do(&year, "olga", VERB_SUBMIT, json_pack("{s:b, s:[o]}", "atomic", 0, "documents", document), "nobody");
    assert_true(year_sign(&year, result_number(result)));
    json_decref(result);
}

static enum status lost_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    char *customer = context;
    (void)key;
    (void)err;
    *ret_more = strcmp(member_text(record, "kind"), "write-off") != 0 ||
                strcmp(member_text(record, "entity"), "EU01") != 0 ||
                strcmp(member_text(record, "state"), "posted") != 0;
    if (!*ret_more)
        snprintf(customer, ID_BYTES_MAX + 1, "%s", member_text(json_object_get(record, "document"), "customer"));
    return STATUS_OK;
}

/* A customer of EU01 whose debt stands written off comes into one group with one of US01, whose credit C-42 then refuses. */
static void group_across(void)
{
    char lost[ID_BYTES_MAX + 1] = "";
    struct tables_txn *txn = NULL;
    struct err err;
    const struct books_walk walk = {.table = BOOKS_DOCUMENTS, .step = lost_step, .context = lost};
    must(tables_read_begin(gate_books(year.company.gate)->tables, &txn, &err), &err);
    must(books_each(txn, &walk, &err), &err);
    tables_abort(txn);
    json_t *customers = json_pack("[{s:s, s:s}, {s:s, s:s}]", "customer", lost, "entity", "EU01", "customer", "10442",
                                  "entity", "US01");
    settle_officer(year_document(
        &year, "related",
        json_pack("{s:o, s:s, s:s}", "customers", customers, "group", "GROUP-OF-TWO", "reason", "One owner")));
    json_t *result = year_submit(&year, "joe", company_credit_note(&year.company, "10442", "40251", "1.00"));
    assert_true(result_has(result, "C-42", "written-off"));
    json_decref(result);
}

/* Two customers of two entities with one address: the second belongs to the group that bears the name of the first. */
static void address_shared(void)
{
    static const char *const customers[][3] = {{"EU01", "HOME-EU", "EUR"}, {"US01", "HOME-US", "USD"}};
    char hash[65] = "";
    memset(hash, 'a', 64);
    for (size_t i = 0; i < 2; i++) {
        const struct company_file file = {.user = "feedc", .feed = "customers", .entity = customers[i][0]};
        json_t *record = company_customer(customers[i][1], customers[i][1]);
        company_with(record, "currency", json_string(customers[i][2]));
        company_with(record, "attributes", json_pack("[{s:s, s:s}]", "hash", hash, "name", "address"));
        year_feed_of(&year, &file, json_pack("[o]", record));
    }
}

static void rebill_open(void)
{
    int64_t open = 0;
    char date[16], due[16], words[YEAR_AMOUNT_BYTES];
    json_t *invoice = year_invoice(&year, 5000, &open);
    json_t *rebill = year_on_invoice(year_money(&year, "rebill", invoice, open, "PRICE_ERR"), invoice, open);
    company_with(rebill, "invoice",
                 json_pack("{s:s, s:s, s:s, s:s, s:s, s:[{s:s, s:s, s:s}]}", "customer",
                           member_text(invoice, "customer"), "date", year_date(&year, 0, date), "due",
                           year_date(&year, 30, due), "gross", year_amount(open - 1000, words), "ref", "NEVER-COMES",
                           "taxes", "code", "SALES_TAX", "net", words, "tax", "0.00"));
    settle("joe", rebill);
    json_decref(invoice);
}

/* A file that is not finished, a grant that waits, a hold that is on, an order that is held, a rebill without its invoice. */
static void half_done(void)
{
    const struct company_file cash = {
        .user = "feedm", .feed = "cash", .total = "50.00", .entity = "EU01", .currency = "EUR"};
    struct company_file part = cash;
    part.sequence = (int)json_integer_value(json_object_get(year.files, "EU01/cash")) + 1;
    part.part = 1;
    part.count = 2;
    part.more = true;
    json_decref(
        company_feed(&year.company, &part, json_pack("[o]", company_cash("STAGED-EU-1", "E1", "50.00", json_array()))));
    json_decref(year_submit(&year, "olga", company_grant_document(&year.company, "nobody", "READER")));
    settle_officer(year_document(
        &year, "legal-hold", json_pack("{s:[s], s:s, s:s}", "customers", "16446", "state", "on", "reason", "a case")));
    year_feed(&year, "feedo", "orders", 75000, true,
              json_pack("[{s:s, s:s, s:s, s:s, s:s}]", "amount", "750.00", "customer", "16446", "date", "2027-01-02",
                        "order", "HELD-1", "state", "held"));
    rebill_open();
}

/* Every record of a table as somebody sees it. */
typedef void record_seen(void *context, size_t table, struct slice key, struct slice value);

static uint64_t table_read(struct books *books, size_t table, record_seen *seen, void *context)
{
    struct tables_txn *txn = NULL;
    struct tables_cursor *cursor = NULL;
    struct tables_record record;
    struct err err;
    uint64_t count = 0;
    enum status status;
    must(tables_read_begin(books->tables, &txn, &err), &err);
    must(tables_scan(txn, table, slice_of("", 0), &cursor, &err), &err);
    while ((status = tables_next(cursor, &record, &err)) == STATUS_OK) {
        if (seen != NULL)
            seen(context, table, record.key, record.value);
        count++;
    }
    assert_int_equal(status, STATUS_NOT_FOUND);
    tables_scan_close(cursor);
    tables_abort(txn);
    return count;
}

static const char *table_name(size_t table)
{
    return books_layout(0).names[table];
}

/* all, part, none; "-": the table is empty. */
static char letter(uint64_t count, uint64_t whole)
{
    return whole == 0 ? '-' : count == 0 ? '.' : count == whole ? 'A' : 'p';
}

/* Names of an entity: customers, invoices, receipts, contacts, orders, contracts, reads, refs, numbers of documents. */
static json_t *names_of[3];
static const char *const entities[3] = {"US01", "EU01", "AC01"};

static void name_note(const char *entity, const char *name, size_t length)
{
    char text[TOKEN_MAX];
    if (length == 0 || length >= sizeof text)
        return;
    memcpy(text, name, length);
    text[length] = '\0';
    for (size_t i = 0; i < 3; i++)
        if (strcmp(entities[i], entity) == 0)
            json_object_set_new(names_of[i], text, json_true());
}

/* <entity, name, ...> */
static void key_note(void *context, size_t table, struct slice key, struct slice value)
{
    const char *entity = (const char *)key.bytes, *name = entity + strlen(entity) + 1;
    (void)context;
    (void)table;
    (void)value;
    size_t rest = key.length - (size_t)(name - entity);
    name_note(entity, name, strnlen(name, rest));
}

static void document_note(void *context, size_t table, struct slice key, struct slice value)
{
    json_t *record = json_loadb((const char *)value.bytes, value.length, 0, NULL);
    const json_t *document = json_object_get(record, "document");
    const char *entity = member_text(record, "entity"), *legal = member_text(record, "legal");
    (void)context;
    (void)table;
    if (kind_from_name(member_text(record, "kind")) <= KIND_CASE_NOTE) {
        name_note(entity, (const char *)key.bytes, key.length);
        name_note(entity, member_text(document, "ref"), strlen(member_text(document, "ref")));
        if (legal != NULL)
            name_note(entity, legal, strlen(legal));
    }
    json_decref(record);
}

static void names_gather(void)
{
    static const enum books_table named[] = {BOOKS_CUSTOMERS, BOOKS_INVOICES,  BOOKS_RECEIPTS, BOOKS_CONTACTS,
                                             BOOKS_ORDERS,    BOOKS_CONTRACTS, BOOKS_READS};
    struct books *truth = gate_books(year.company.gate);
    for (size_t i = 0; i < 3; i++)
        names_of[i] = json_object();
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
        (void)table_read(truth, named[i], key_note, NULL);
    (void)table_read(truth, BOOKS_DOCUMENTS, document_note, NULL);
    name_note("EU01", "STAGED-EU-1", strlen("STAGED-EU-1"));
}

/* Which names somebody must not come across. */
struct search {
    const struct cast *reader;
    const char *where;
    uint64_t place;
    bool own[3];
    bool names_groups; /* a group bears the name of the customer by which it was found, and its members say so */
    unsigned found;
};

static bool may_not_see(const struct search *search, const char *token)
{
    bool own = false, other = false;
    for (size_t i = 0; i < 3; i++)
        if (json_object_get(names_of[i], token) != NULL) {
            own = own || search->own[i];
            other = other || !search->own[i];
        }
    return other && !own && !(search->names_groups && strcmp(token, "HOME-EU") == 0);
}

static bool of_name(uint8_t byte)
{
    return isalnum(byte) || (byte != 0 && byte < 0x80 && strchr("._:/@-", byte) != NULL);
}

static void bytes_search(struct search *search, struct slice bytes)
{
    char token[TOKEN_MAX];
    size_t length = 0;
    for (size_t i = 0; i <= bytes.length; i++) {
        if (i < bytes.length && of_name(bytes.bytes[i])) {
            if (length < sizeof token - 1)
                token[length] = (char)bytes.bytes[i];
            length++;
            continue;
        }
        if (length > 0 && length < sizeof token) {
            token[length] = '\0';
            if (may_not_see(search, token) && search->found++ < 20)
                print_message("%s reads %s of others in %s %llu: %.*s\n", search->reader->as, token, search->where,
                              (unsigned long long)search->place, (int)(bytes.length < 600 ? bytes.length : 600),
                              (const char *)bytes.bytes);
        }
        length = 0;
    }
}

static void search_begin(const struct cast *reader, struct search *ret_search)
{
    *ret_search = (struct search){.reader = reader};
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; reader->entities[j] != NULL; j++)
            ret_search->own[i] = ret_search->own[i] || strcmp(reader->entities[j], entities[i]) == 0;
}

/* Officers sign what names customers and documents of all entities: of these they read what they sign, and its traces. */
static bool signed_by_officers(const struct search *search, size_t table)
{
    return strcmp(search->reader->as, "officer") == 0 && (table == BOOKS_DOCUMENTS || table == BOOKS_AFFIRMATIONS ||
                                                          table == BOOKS_BREAK_GLASS_USES || table == BOOKS_HOLDS);
}

static void record_search(void *context, size_t table, struct slice key, struct slice value)
{
    struct search *search = context;
    search->where = table_name(table);
    search->names_groups = table == BOOKS_CUSTOMERS || table == BOOKS_GROUPS;
    if (signed_by_officers(search, table))
        return;
    bytes_search(search, key);
    size_t skip = table == BOOKS_WINDOWS ? WINDOW_TIME_BYTES : 0; /* a number, whose bytes spell anything */
    bytes_search(search, slice_of(value.bytes + skip, value.length - skip));
}

static bool entry_of_officers(const struct search *search, const struct entry *entry)
{
    const json_t *list = statement_list(&entry->statement);
    const char *kind = member_text(statement_document(&entry->statement, 0), "kind");
    return strcmp(search->reader->as, "officer") == 0 && json_array_size(list) == 1 && kind != NULL &&
           (strcmp(kind, "related") == 0 || strcmp(kind, "legal-hold") == 0 || strcmp(kind, "affirmation") == 0 ||
            strcmp(kind, "entity") == 0);
}

/* The statement; and of the decision all but what controls answer, which may name a document of the customer's group. */
static void entry_search(struct search *search, struct slice bytes)
{
    struct entry entry;
    struct err err;
    must(entry_read(bytes, &entry, &err), &err);
    search->where = "entry";
    search->names_groups = false;
    search->place = entry.seq;
    if (!entry_of_officers(search, &entry)) {
        bytes_search(search, slice_of(entry.statement.bytes, entry.statement.length));
        json_t *results = json_object_get(entry.decision, "results");
        for (size_t i = 0; i < json_array_size(results); i++)
            json_object_del(json_array_get(results, i), "controls");
        char *rest = json_dumps(results, 0);
        bytes_search(search, slice_of(rest, strlen(rest)));
        free(rest);
    }
    entry_done(&entry);
}

static uint64_t entries_read(struct books *books, struct search *search)
{
    struct journal_snapshot *snapshot = NULL;
    struct journal_walk *walk = NULL;
    struct slice bytes;
    uint64_t seq, count = 0;
    struct err err;
    must(journal_read_begin(books->journal, &snapshot, &err), &err);
    must(journal_walk_begin(snapshot, 0, &walk, &err), &err);
    while (journal_walk_next(walk, &seq, &bytes, &err) == STATUS_OK) {
        if (search != NULL)
            entry_search(search, bytes);
        count++;
    }
    journal_walk_end(walk);
    journal_read_end(snapshot);
    return count;
}

enum { ROWS = BOOKS_TABLE_COUNT + 1 }; /* the tables, and the journal */

/* One column: what somebody gets of each; counts how often it mentions others. */
static void column_read(const struct cast *reader, const uint64_t whole[static ROWS], char ret_column[static ROWS],
                        unsigned *found)
{
    struct search search;
    search_begin(reader, &search);
    struct as_reader *as = as_reader_open(&year.company, reader->user, NULL);
    struct books *books = as_reader_books(as);
    for (size_t table = 0; table < BOOKS_TABLE_COUNT; table++)
        ret_column[table] = letter(table_read(books, table, record_search, &search), whole[table]);
    ret_column[BOOKS_TABLE_COUNT] = letter(entries_read(books, &search), whole[BOOKS_TABLE_COUNT]);
    as_reader_close(as);
    *found += search.found;
}

static void describe_print(FILE *out, size_t i)
{
    struct as_reader *as = as_reader_open(&year.company, cast[i].user, NULL);
    json_t *reads = reader_describe(as_reader_rights(as));
    char *text = json_dumps(reads, JSON_SORT_KEYS);
    fprintf(out, "%2zu %-20s %s\n", i + 1, cast[i].as, text);
    free(text);
    json_decref(reads);
    as_reader_close(as);
}

static void matrix_print(FILE *out, char columns[static CAST][ROWS])
{
    for (size_t i = 0; i < CAST; i++)
        describe_print(out, i);
    fprintf(out, "\nA all, p part, . none, - the table is empty\n\n%-20s", "");
    for (size_t i = 0; i < CAST; i++)
        fprintf(out, " %2zu", i + 1);
    for (size_t row = 0; row < ROWS; row++) {
        fprintf(out, "\n%-20s", row < BOOKS_TABLE_COUNT ? table_name(row) : "the journal");
        for (size_t i = 0; i < CAST; i++)
            fprintf(out, "  %c", columns[i][row]);
    }
    fprintf(out, "\n");
}

static void golden_file(const char *text)
{
    const char *mode = getenv("COUNTERSIGN_GOLDEN");
    bool write = mode != NULL && strcmp(mode, "write") == 0;
    FILE *file = fopen(GOLDEN_FILE, write ? "wb" : "rb");
    assert_non_null(file);
    if (write) {
        assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    } else {
        char *kept = calloc(1, strlen(text) + 2);
        assert_non_null(kept);
        assert_true(fread(kept, 1, strlen(text) + 1, file) > 0);
        assert_string_equal(text, kept);
        free(kept);
    }
    assert_int_equal(fclose(file), 0);
}

enum { CAST_STEP = SANITIZED ? 12 : 1 }; /* a sample is slow enough then */

static void everybody_and_every_table(void **state)
{
    static char columns[CAST][ROWS];
    uint64_t whole[ROWS];
    struct books *truth = gate_books(year.company.gate);
    unsigned found = 0;
    char *text = NULL;
    size_t length = 0;
    (void)state;
    for (size_t table = 0; table < BOOKS_TABLE_COUNT; table++)
        whole[table] = table_read(truth, table, NULL, NULL);
    whole[BOOKS_TABLE_COUNT] = entries_read(truth, NULL);
    for (size_t i = 0; i < CAST; i += CAST_STEP)
        column_read(&cast[i], whole, columns[i], &found);
    assert_int_equal(found, 0);
    if (SANITIZED)
        return;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    matrix_print(out, columns);
    assert_int_equal(fclose(out), 0);
    golden_file(text);
    free(text);
}

/* The other way round: what is kept from somebody mentions nothing of his own entities, but for what only few read. */
struct denied {
    struct search search; /* as if all other entities were his, and his were not */
    struct reader *rights;
    unsigned few; /* records of which only officers or auditors read all */
};

static void denied_record(void *context, size_t table, struct slice key, struct slice value)
{
    struct denied *denied = context;
    bool may = false;
    struct err err;
    must(reader_may_record(denied->rights, table, key, value, &may, &err), &err);
    if (may)
        return;
    if (table == BOOKS_DOCUMENTS || table == BOOKS_HOLDS || table == BOOKS_LINKED || table == BOOKS_GROUP_NAMES ||
        table == BOOKS_ATTRIBUTES) {
        denied->few++;
        return;
    }
    denied->search.where = table_name(table);
    denied->search.names_groups = table == BOOKS_CUSTOMERS || table == BOOKS_GROUPS;
    bytes_search(&denied->search, key);
    size_t skip = table == BOOKS_WINDOWS ? WINDOW_TIME_BYTES : 0;
    bytes_search(&denied->search, slice_of(value.bytes + skip, value.length - skip));
}

static bool of_few(const struct entry *entry)
{
    static const char *const kinds[] = {"related", "legal-hold", "affirmation", "disposition"};
    const char *kind = member_text(statement_document(&entry->statement, 0), "kind");
    const char *number = member_text(json_array_get(statement_list(&entry->statement), 0), "document");
    bool few = number != NULL && (strncmp(number, "RT-", 3) == 0 || strncmp(number, "LH-", 3) == 0);
    for (size_t i = 0; kind != NULL && i < sizeof kinds / sizeof kinds[0]; i++)
        few = few || strcmp(kind, kinds[i]) == 0;
    return few;
}

static void denied_entries(struct denied *denied)
{
    struct journal_snapshot *snapshot = NULL;
    struct journal_walk *walk = NULL;
    struct slice bytes;
    uint64_t seq;
    struct err err;
    denied->search.where = "entry";
    must(journal_read_begin(gate_books(year.company.gate)->journal, &snapshot, &err), &err);
    must(journal_walk_begin(snapshot, 0, &walk, &err), &err);
    while (journal_walk_next(walk, &seq, &bytes, &err) == STATUS_OK) {
        struct entry entry;
        bool may = false;
        must(reader_may_entry(denied->rights, bytes, &may, &err), &err);
        must(entry_read(bytes, &entry, &err), &err);
        denied->search.place = seq;
        if (!may && !of_few(&entry))
            bytes_search(&denied->search, slice_of(entry.statement.bytes, entry.statement.length));
        entry_done(&entry);
    }
    journal_walk_end(walk);
    journal_read_end(snapshot);
}

static void nothing_of_ones_own_is_kept_back(void **state)
{
    struct books *truth = gate_books(year.company.gate);
    (void)state;
    for (size_t i = 0; i < 4; i += SANITIZED ? 3 : 1) {
        struct denied denied = {.few = 0};
        struct as_reader *as = as_reader_open(&year.company, cast[i].user, NULL);
        denied.rights = as_reader_rights(as);
        search_begin(&cast[i], &denied.search);
        for (size_t k = 0; k < 3; k++)
            denied.search.own[k] = !denied.search.own[k];
        for (size_t table = 0; table < BOOKS_TABLE_COUNT; table++)
            (void)table_read(truth, table, denied_record, &denied);
        denied_entries(&denied);
        assert_int_equal(denied.search.found, 0);
        assert_true(denied.few > 0);
        as_reader_close(as);
    }
}

/* No table and no kind that nobody thought of. */
static void everything_is_said(void **state)
{
    (void)state;
    for (size_t table = 0; table < BOOKS_TABLE_COUNT; table++)
        if (!read_table_said(table))
            fail_msg("nothing says who reads table %s", table_name(table));
    for (int kind = 0; kind < KIND_COUNT; kind++)
        if (!read_kind_said((enum kind_id)kind))
            fail_msg("nothing says who reads a %s", kind_name((enum kind_id)kind));
}

static int year_make(void **state)
{
    (void)state;
    year_open(&year, 20261231);
    for (year.day = 0; year.day < DAYS - 1; year.day++)
        year_live_day(&year);
    /* Everybody who sleeps is woken, so that what each may read is what his role says. */
    hire_nobody();
    year_feed(&year, "feedp", "people", 0, false,
              json_pack("[o]", people_event("EV-W", "join", "P-61", "2025-01-02", NULL, NULL)));
    address_shared();
    half_done();
    group_across();
    year_live_day(&year); /* whose end is a recovery: the officers are others from then on */
    names_gather();
    return 0;
}

static int year_end(void **state)
{
    (void)state;
    year.company.unchecked = true; /* test_year asks everything of it */
    year_close(&year);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_said),
        cmocka_unit_test(everybody_and_every_table),
        cmocka_unit_test(nothing_of_ones_own_is_kept_back),
    };
    return cmocka_run_group_tests(tests, year_make, year_end) != 0;
}
