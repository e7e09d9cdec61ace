/*
 * A small whole book for tests. Trouble here is trouble of the test: it fails at once.
 */
#include "tests/support/small_book.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "controls/birth.h"
#include "controls/compiler/compile.h"
#include "controls/gate.h"
#include "ledger/base64.h"
#include "ledger/books.h"
#include "ledger/books_open.h"
#include "ledger/checkpoint.h"
#include "ledger/checksum.h"
#include "ledger/instant.h"
#include "ledger/journal.h"
#include "ledger/journal_layout.h"
#include "ledger/keyfile.h"
#include "ledger/schema.h"
#include "ledger/sshsig.h"
#include "ledger/statement.h"
#include "ledger/store.h"
#include "ledger/tables.h"
#include "ledger/tree.h"

static const char yaml[] =
    "name: Small\n"
    "base_currency: USD\n"
    "entities:\n"
    "  - { entity: US01, currency: USD, timezone: UTC }\n"
    "accounts:\n"
    "  - { account: 1200, class: receivable, title: Receivables }\n"
    "  - { account: 2150, class: liability, title: On account }\n"
    "  - { account: 2200, class: tax, title: Tax }\n"
    "  - { account: 4000, class: revenue, title: Sales }\n"
    "taxes:\n"
    "  - { code: T0, account: 2200 }\n"
    "postings: { receivable: 1200, on_account: 2150, on_account_row: BILLING }\n"
    "roles:\n"
    "  - { role: OFFICER, title: Officer, functions: [govern.access, govern.policy] }\n"
    "  - { role: CLERK, title: Clerk, functions: [credit-note.prepare] }\n"
    "  - { role: LEAD, title: Lead, functions: [credit-note.approve.1-2] }\n"
    "  - { role: FEED_C, title: Customers, functions: [feed.customers] }\n"
    "  - { role: FEED_I, title: Invoices, functions: [feed.invoices] }\n"
    "duties:\n"
    "  - { duty: PREPARE, title: Preparing, functions: [credit-note.prepare] }\n"
    "  - { duty: APPROVE, title: Approving, functions: [credit-note.approve.1-2] }\n"
    "conflicts:\n"
    "  - { duty: PREPARE, never: [APPROVE] }\n"
    "authority:\n"
    "  - row: BILLING\n"
    "    tiers:\n"
    "      - { upto: 200.00, levels: [] }\n"
    "      - { upto: 1000.00, levels: [1] }\n"
    "      - { levels: [1, 2] }\n"
    "cumulative:\n"
    "  - { by: customer, span: 30 days, kinds: [credit-note] }\n"
    "reasons:\n"
    "  - { reason: PRICE_ERR, title: Price, kinds: [credit-note], row: BILLING, account: 4000, evidence: [] "
    "}\n"
    "bots: { document_max: 500.00, documents_per_day_max: 200 }\n";

static const char *const names[USER_COUNT] = {"o.one", "o.two", "maria", "ana", "erp-c", "erp-i", "-book", "-witness"};
static const struct gate_facts facts = {
    .release = "test", .exe = "0123456789abcdef", .mode = "embedded", .os_user = "tester"};

const char *small_user_name(enum small_user user)
{
    return names[user];
}

/* Ends the test with the error's text. */
static void demand(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

json_t *small_book_key(const struct small_book *book, enum small_user user)
{
    char text[PUBLIC_KEY_TEXT_MAX];
    sshkey_format(&book->signers[user].key, text);
    return json_string(text);
}

static void signers_make(struct small_book *book)
{
    struct err err = {.status = STATUS_OK};
    for (int i = 0; i < USER_COUNT; i++) {
        uint8_t seed[KEYFILE_SEED_BYTES] = {0};
        seed[0] = (uint8_t)(i + 1);
        demand(keyfile_open_seed(seed, &book->signers[i], &err), &err);
    }
}

static json_t *policy_json(bool crooked)
{
    const struct compile_input input = {.yaml = yaml, .length = sizeof yaml - 1, .file_name = "small.yaml"};
    json_t *compiled = NULL;
    char *text = NULL;
    struct err err = {.status = STATUS_OK};
    demand(compile_policy(&input, NULL, NULL, &compiled, &err), &err);
    demand(base64_encode_new(yaml, sizeof yaml - 1, &text, &err), &err);
    if (crooked)
        json_object_set_new(compiled, "name", json_string("Smell"));
    json_t *policy = json_pack("{s:o, s:i, s:s}", "compiled", compiled, "compiler", 1, "yaml", text);
    free(text);
    return policy;
}

static json_t *officer_json(const struct small_book *book, enum small_user user)
{
    return json_pack("{s:o, s:s, s:s}", "key", small_book_key(book, user), "person", names[user], "user", names[user]);
}

static int64_t no_clock(void *context)
{
    (void)context;
    fail_msg("a simulated book asked for the time");
    return 0;
}

void small_book_open(struct small_book *book)
{
    const struct gate_options options = {.facts = &facts, .now_ms = no_clock, .wait_ms = 1000};
    struct err err = {.status = STATUS_OK};
    demand(gate_open(book->dir, &options, &book->gate, &err), &err);
}

void small_book_close(struct small_book *book)
{
    gate_close(book->gate);
    book->gate = NULL;
}

void small_book_sign(const struct small_book *book, const struct statement *statement, unsigned who,
                     struct signature_list *ret_list)
{
    struct err err = {.status = STATUS_OK};
    ret_list->count = 0;
    for (int i = 0; i < USER_COUNT; i++) {
        uint8_t blob[SSHSIG_BYTES_MAX];
        size_t length = 0;
        if ((who & 1U << i) == 0)
            continue;
        demand(sshsig_sign(&book->signers[i], statement->bytes, statement->length, blob, &length, &err), &err);
        demand(signature_list_add(ret_list, slice_of(blob, length), &err), &err);
    }
}

static void begin(struct small_book *book, bool crooked)
{
    struct statement charter = {.bytes = NULL};
    struct signature_list *list = calloc(1, sizeof *list);
    struct hash id;
    struct err err = {.status = STATUS_OK};
    *book = (struct small_book){.now_ms = INT64_C(1782900000000)};
    scratch_open(&book->scratch);
    scratch_path(&book->scratch, "book", book->dir);
    signers_make(book);
    json_t *body = json_pack("{s:[o], s:s, s:i, s:s, s:s, s:[o, o], s:o, s:{s:[], s:i}, s:s, s:i}", "book_keys",
                             small_book_key(book, USER_BOOK), "clock", "simulated", "engine", ENGINE_LAST, "name",
                             "example.org/small", "nonce", "000102030405060708090a0b0c0d0e0f", "officers",
                             officer_json(book, USER_OFFICER_1), officer_json(book, USER_OFFICER_2), "policy",
                             policy_json(crooked), "recovery", "keys", "threshold", 0, "salt",
                             "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "skew_seconds", 60);
    const struct statement_head head = {
        .verb = VERB_CHARTER, .actor = "", .book = "", .id = "charter", .at_ms = book->now_ms};
    demand(statement_make(&head, body, &charter, &err), &err);
    small_book_sign(book, &charter, 1U << USER_OFFICER_1 | 1U << USER_OFFICER_2, list);
    const struct book_birth birth = {
        .book_dir = book->dir, .facts = &facts, .now_ms = book->now_ms, .nonce = 1, .map_bytes = 1 << 28};
    demand(book_create(&birth, slice_of(charter.bytes, charter.length), list, &id, &book->head_leaf, &err), &err);
    hash_to_hex(&id, book->id);
    json_decref(body);
    statement_done(&charter);
    free(list);
    small_book_open(book);
}

void small_book_begin(struct small_book *book)
{
    begin(book, false);
}

void small_book_begin_crooked(struct small_book *book)
{
    begin(book, true);
}

void small_book_statement(struct small_book *book, enum small_user who, enum verb verb, json_t *body,
                          struct statement *ret_statement)
{
    char id[32];
    struct err err = {.status = STATUS_OK};
    snprintf(id, sizeof id, "s-%u", ++book->statements);
    book->now_ms += 60000;
    const struct statement_head head = {.verb = verb,
                                        .actor = names[who],
                                        .book = book->id,
                                        .id = id,
                                        .at_ms = book->now_ms,
                                        .seen_hash = &book->head_leaf,
                                        .seen_seq = book->head_seq};
    demand(statement_make(&head, body, ret_statement, &err), &err);
    json_decref(body);
}

json_t *small_book_submit(struct small_book *book, enum small_user who, enum verb verb, json_t *body, unsigned also)
{
    struct statement statement = {.bytes = NULL};
    struct signature_list *list = calloc(1, sizeof *list);
    struct gate_answer answer = {.seq = 0};
    struct err err = {.status = STATUS_OK};
    small_book_statement(book, who, verb, body, &statement);
    small_book_sign(book, &statement, also | 1U << who, list);
    demand(gate_submit(book->gate, slice_of(statement.bytes, statement.length), list, &answer, &err), &err);
    book->head_seq = answer.seq;
    book->head_leaf = answer.leaf;
    json_t *decision = json_incref(answer.decision);
    gate_answer_done(&answer);
    statement_done(&statement);
    free(list);
    return decision;
}

static json_t *submit_body(json_t *documents, bool atomic)
{
    return json_pack("{s:b, s:o}", "atomic", atomic, "documents", documents);
}

json_t *small_book_document(struct small_book *book, enum small_user who, json_t *document, unsigned also)
{
    return small_book_submit(book, who, VERB_SUBMIT, submit_body(json_pack("[o]", document), false), also);
}

static json_t *enrolment(const struct small_book *book, enum small_user user, const char *sort)
{
    char ref[32];
    snprintf(ref, sizeof ref, "en-%s", names[user]);
    return json_pack("{s:s, s:o, s:s, s:s, s:s, s:s, s:s}", "channel", "cli", "key", small_book_key(book, user), "kind",
                     "enrolment", "person", names[user], "ref", ref, "sort", sort, "user", names[user]);
}

static json_t *grant(enum small_user user, const char *role)
{
    char ref[32];
    snprintf(ref, sizeof ref, "gr-%s", names[user]);
    return json_pack("{s:s, s:[s], s:s, s:s, s:s, s:s}", "channel", "cli", "entities", "US01", "kind", "grant", "ref",
                     ref, "role", role, "user", names[user]);
}

static json_t *credit_note(const char *ref, const char *amount)
{
    return json_pack("{s:[{s:s, s:s}], s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "allocations", "amount",
                     amount, "invoice", "I-1", "amount", amount, "channel", "cli", "currency", "USD", "customer", "C-1",
                     "date", "2026-07-01", "entity", "US01", "kind", "credit-note", "note", "Contract price", "reason",
                     "PRICE_ERR", "ref", ref);
}

json_t *small_book_credit(struct small_book *book, const char *ref, const char *amount)
{
    json_t *documents = json_array();
    json_array_append_new(documents, credit_note(ref, amount));
    return small_book_submit(book, USER_MARIA, VERB_SUBMIT, submit_body(documents, false), 0);
}

json_t *small_book_act(struct small_book *book, enum small_user who, enum verb verb, const char *number, int level)
{
    struct tables_txn *txn = NULL;
    json_t *record = NULL;
    struct books_key key = books_key(number);
    struct err err = {.status = STATUS_OK};
    demand(tables_read_begin(gate_books(book->gate)->tables, &txn, &err), &err);
    demand(books_get(txn, BOOKS_DOCUMENTS, &key, &record, &err), &err);
    tables_abort(txn);
    json_t *item = json_pack("{s:O, s:s, s:O}", "content", json_object_get(record, "content"), "document", number,
                             "version", json_object_get(record, "version"));
    if (verb == VERB_APPROVE)
        json_object_set_new(item, "level", json_integer(level));
    else
        json_object_set_new(item, "reason", json_string("not convincing"));
    json_decref(record);
    return small_book_submit(book, who, verb, json_pack("{s:[o]}", "items", item), 0);
}

/* The outcome of the first result, held against what the test expects. */
static void expect(json_t *decision, const char *outcome)
{
    const json_t *result = json_array_get(json_object_get(decision, "results"), 0);
    const char *actual = result != NULL ? member_text(result, "outcome") : member_text(decision, "outcome");
    if (strcmp(actual, outcome) != 0) {
        char *text = json_dumps(decision, JSON_SORT_KEYS);
        fail_msg("%s, not %s: %s", actual, outcome, text);
    }
    json_decref(decision);
}

/* Approves EN-1..EN-n or GR-1..GR-n in one statement. */
static void approve_all(struct small_book *book, const char *prefix, int count)
{
    json_t *items = json_array();
    for (int i = 1; i <= count; i++) {
        struct tables_txn *txn = NULL;
        json_t *record = NULL;
        char number[32];
        struct err err = {.status = STATUS_OK};
        snprintf(number, sizeof number, "%s-%d", prefix, i);
        struct books_key key = books_key(number);
        demand(tables_read_begin(gate_books(book->gate)->tables, &txn, &err), &err);
        demand(books_get(txn, BOOKS_DOCUMENTS, &key, &record, &err), &err);
        tables_abort(txn);
        json_array_append_new(items, json_pack("{s:O, s:s, s:i, s:i}", "content", json_object_get(record, "content"),
                                               "document", number, "level", 1, "version", 1));
        json_decref(record);
    }
    expect(small_book_submit(book, USER_OFFICER_2, VERB_APPROVE, json_pack("{s:o}", "items", items), 0), "in-force");
}

void small_book_people(struct small_book *book)
{
    json_t *documents =
        json_pack("[o, o, o, o]", enrolment(book, USER_MARIA, "human"), enrolment(book, USER_ANA, "human"),
                  enrolment(book, USER_CUSTOMERS, "feed"), enrolment(book, USER_INVOICES, "feed"));
    const unsigned owners = 1U << USER_MARIA | 1U << USER_ANA | 1U << USER_CUSTOMERS | 1U << USER_INVOICES;
    expect(small_book_submit(book, USER_OFFICER_1, VERB_SUBMIT, submit_body(documents, false), owners), "waiting");
    approve_all(book, "EN", 4);
    documents = json_pack("[o, o, o, o]", grant(USER_MARIA, "CLERK"), grant(USER_ANA, "LEAD"),
                          grant(USER_CUSTOMERS, "FEED_C"), grant(USER_INVOICES, "FEED_I"));
    expect(small_book_submit(book, USER_OFFICER_1, VERB_SUBMIT, submit_body(documents, false), 0), "waiting");
    approve_all(book, "GR", 4);
}

static void feeds_make(struct small_book *book)
{
    json_t *customers =
        json_pack("{s:s, s:s, s:{s:i, s:i}, s:b, s:i, s:[{s:s, s:s, s:s, s:s, s:b, s:i}]}", "entity", "US01", "feed",
                  "customers", "file", "count", 1, "sequence", 1, "last", 1, "part", 1, "records", "currency", "USD",
                  "customer", "C-1", "group", "C-1", "limit", "50000.00", "related", 0, "terms_days", 30);
    expect(small_book_submit(book, USER_CUSTOMERS, VERB_FEED, customers, 0), "closed");
    json_t *invoices = json_pack(
        "{s:s, s:s, s:{s:i, s:s, s:i, s:s}, s:b, s:i, s:[{s:s, s:s, s:s, s:s, s:s, s:[{s:s, s:s, s:s}]}]}", "entity",
        "US01", "feed", "invoices", "file", "count", 1, "currency", "USD", "sequence", 1, "total", "9000.00", "last", 1,
        "part", 1, "records", "customer", "C-1", "date", "2026-06-01", "due", "2026-07-01", "gross", "9000.00",
        "invoice", "I-1", "taxes", "code", "T0", "net", "9000.00", "tax", "0.00");
    expect(small_book_submit(book, USER_INVOICES, VERB_FEED, invoices, 0), "closed");
}

void small_book_make(struct small_book *book)
{
    small_book_begin(book);
    small_book_people(book);
    feeds_make(book);
    expect(small_book_credit(book, "r-1", "100.00"), "posted");                   /* 7: CN-1 */
    expect(small_book_credit(book, "r-2", "600.00"), "waiting");                  /* 8: CN-2, level 1 */
    expect(small_book_act(book, USER_ANA, VERB_APPROVE, "CN-2", 1), "posted");    /* 9 */
    expect(small_book_credit(book, "r-3", "150.00"), "waiting");                  /* 10: CN-3, level 1 by the sum */
    expect(small_book_act(book, USER_MARIA, VERB_APPROVE, "CN-3", 1), "refused"); /* 11 */
    expect(small_book_act(book, USER_ANA, VERB_REJECT, "CN-3", 0), "rejected");   /* 12 */
    json_t *both = json_pack("[o, o]", credit_note("r-4", "10.00"), credit_note("r-5", "9900.00"));
    expect(small_book_submit(book, USER_MARIA, VERB_SUBMIT, submit_body(both, true), 0), "refused"); /* 13 */
    expect(small_book_credit(book, "r-6", "700.00"), "waiting"); /* 14: CN-4, levels 1 and 2 */
    small_book_close(book);
    assert_int_equal(book->head_seq, SMALL_ENTRIES - 1);
}

void small_book_free(struct small_book *book)
{
    small_book_close(book);
    for (int i = 0; i < USER_COUNT; i++)
        signer_close(&book->signers[i]);
    scratch_close(&book->scratch);
}

void small_book_keys(const struct small_book *book, struct note_key *ret_book, struct note_key *ret_witness)
{
    char origin[NOTE_NAME_BYTES_MAX + 1];
    struct err err = {.status = STATUS_OK};
    snprintf(origin, sizeof origin, "example.org/small/%.16s/0", book->id);
    demand(note_key_init(NOTE_ED25519, origin, book->signers[USER_BOOK].key.ed25519, ret_book, &err), &err);
    demand(note_key_init(NOTE_COSIGNATURE, "corp-audit", book->signers[USER_WITNESS].key.ed25519, ret_witness, &err),
           &err);
}

/* The witness's line under the text, appended. */
void small_book_cosign(const struct small_book *book, char *note)
{
    struct note_key ours, witness;
    uint8_t secret[NOTE_SECRET_KEY_BYTES] = {USER_WITNESS + 1};
    char line[NOTE_LINE_TEXT_MAX];
    struct err err = {.status = STATUS_OK};
    small_book_keys(book, &ours, &witness);
    memcpy(secret + KEYFILE_SEED_BYTES, witness.public_key, sizeof witness.public_key);
    const struct note_cosigner cosigner = {.key = &witness, .secret_key = secret, .seconds = 1782990000};
    const char *blank = strstr(note, "\n\n");
    demand(note_cosign(note, (size_t)(blank - note) + 1, &cosigner, line, &err), &err);
    strncat(note, line, 2047 - strlen(note));
}

void small_book_checkpoint(struct small_book *book, bool witnessed, char *ret_note)
{
    struct journal_snapshot *snapshot = NULL;
    struct checkpoint checkpoint = {.origin = ""};
    struct note_key key, witness;
    struct err err = {.status = STATUS_OK};
    char note[CHECKPOINT_NOTE_MAX];
    small_book_keys(book, &key, &witness);
    small_book_open(book);
    snprintf(checkpoint.origin, sizeof checkpoint.origin, "%s", key.name);
    demand(journal_read_begin(gate_books(book->gate)->journal, &snapshot, &err), &err);
    const struct tree_reader reader = journal_tree(snapshot);
    checkpoint.head.size = book->head_seq + 1;
    demand(tree_root(&reader, checkpoint.head.size, &checkpoint.head.root, &err), &err);
    journal_read_end(snapshot);
    demand(checkpoint_sign_by(&checkpoint, &key, &book->signers[USER_BOOK], note, &err), &err);
    snprintf(ret_note, 2048, "%s", note);
    if (witnessed)
        small_book_cosign(book, ret_note);
    demand(gate_record_checkpoint(book->gate, checkpoint.head.size, &checkpoint.head.root,
                                  slice_of(ret_note, strlen(ret_note)), &err),
           &err);
    small_book_close(book);
}

/* Opened unsynced: what a test writes need not survive a power cut. */
static struct store *raw_open(const struct small_book *book, bool books)
{
    const char *tables[BOOKS_TABLE_COUNT + 1];
    char dir[SCRATCH_PATH_BYTES + 16];
    struct store *store = NULL;
    struct err err = {.status = STATUS_OK};
    memcpy(tables, books_layout(0).names, BOOKS_TABLE_COUNT * sizeof tables[0]);
    tables[BOOKS_TABLE_COUNT] = "~facts";
    const struct store_options options = {.names = books ? tables : journal_table_names,
                                          .count = books ? BOOKS_TABLE_COUNT + 1 : JOURNAL_TABLES,
                                          .unsynced = true};
    snprintf(dir, sizeof dir, "%s/%s", book->dir, books ? "books" : "journal");
    demand(store_open(dir, &options, &store, &err), &err);
    return store;
}

static struct slice with_checksum(size_t table, struct slice key, struct slice value, uint8_t *room)
{
    checksum_value(books_layout(0).names[table], key, value, room);
    memcpy(room + CHECKSUM_BYTES, value.bytes, value.length);
    return slice_of(room, value.length + CHECKSUM_BYTES);
}

void raw_put(const struct small_book *book, bool books, size_t table, struct slice key, struct slice value)
{
    struct store *store = raw_open(book, books);
    struct store_txn *txn = NULL;
    struct err err = {.status = STATUS_OK};
    uint8_t *room = malloc(value.length + CHECKSUM_BYTES);
    struct slice stored = books ? with_checksum(table, key, value, room) : value;
    demand(store_write_begin(store, &txn, &err), &err);
    demand(store_put(txn, table, key, stored, &err), &err);
    demand(store_commit(txn, &err), &err);
    store_close(store);
    free(room);
}

void raw_delete(const struct small_book *book, bool books, size_t table, struct slice key)
{
    struct store *store = raw_open(book, books);
    struct store_txn *txn = NULL;
    struct err err = {.status = STATUS_OK};
    demand(store_write_begin(store, &txn, &err), &err);
    demand(store_delete(txn, table, key, &err), &err);
    demand(store_commit(txn, &err), &err);
    store_close(store);
}

uint8_t *raw_get(const struct small_book *book, bool books, size_t table, struct slice key, size_t *ret_length)
{
    struct store *store = raw_open(book, books);
    struct store_txn *txn = NULL;
    struct slice value;
    struct err err = {.status = STATUS_OK};
    uint8_t *bytes = NULL;
    demand(store_read_begin(store, &txn, &err), &err);
    if (store_get(txn, table, key, &value, &err) == STATUS_OK) {
        size_t skip = books ? CHECKSUM_BYTES : 0;
        *ret_length = value.length - skip;
        bytes = malloc(*ret_length + 1);
        memcpy(bytes, value.bytes + skip, *ret_length);
        bytes[*ret_length] = '\0';
    }
    store_abort(txn);
    store_close(store);
    return bytes;
}

char *raw_entry(const struct small_book *book, uint64_t seq, size_t *ret_length)
{
    struct journal_key key = journal_key_of(seq);
    return (char *)raw_get(book, false, JOURNAL_ENTRIES, slice_of(key.bytes, sizeof key.bytes), ret_length);
}

void raw_entry_put(const struct small_book *book, uint64_t seq, const char *bytes, size_t length)
{
    struct journal_key key = journal_key_of(seq);
    raw_put(book, false, JOURNAL_ENTRIES, slice_of(key.bytes, sizeof key.bytes), slice_of(bytes, length));
}

void raw_entries_put(const struct small_book *book, uint64_t first, size_t count, char *const bytes[],
                     const size_t lengths[])
{
    struct store *store = raw_open(book, false);
    struct store_txn *txn = NULL;
    struct err err = {.status = STATUS_OK};
    demand(store_write_begin(store, &txn, &err), &err);
    for (size_t i = 0; i < count; i++) {
        struct journal_key key = journal_key_of(first + i);
        demand(store_put(txn, JOURNAL_ENTRIES, slice_of(key.bytes, sizeof key.bytes), slice_of(bytes[i], lengths[i]),
                         &err),
               &err);
    }
    demand(store_commit(txn, &err), &err);
    store_close(store);
}

/* Collects the hashes that one leaf completes. */
struct completed {
    uint8_t bytes[64 * HASH_BYTES];
    size_t length;
};

static enum status collect(void *context, unsigned level, uint64_t index, const struct hash *hash, struct err *err)
{
    struct completed *completed = context;
    (void)level;
    (void)index;
    (void)err;
    memcpy(completed->bytes + completed->length, hash->bytes, HASH_BYTES);
    completed->length += HASH_BYTES;
    return STATUS_OK;
}

/* Sets seq and prev in an entry's bytes; the entry keeps the canonical order of its members. */
static char *renumber(const char *bytes, uint64_t seq, const struct hash *prev, size_t *ret_length)
{
    json_t *json = json_loads(bytes, 0, NULL);
    char hex[HASH_HEX_CHARS + 1];
    hash_to_hex(prev, hex);
    assert_non_null(json);
    json_object_set_new(json, "seq", json_integer((json_int_t)seq));
    json_object_set_new(
        json, "prev", json_string(seq == 0 ? "0000000000000000000000000000000000000000000000000000000000000000" : hex));
    char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
    *ret_length = strlen(text);
    json_decref(json);
    return text;
}

void raw_rechain(const struct small_book *book, uint64_t from, uint64_t size)
{
    struct tree_frontier frontier;
    struct hash leaf = {{0}};
    tree_frontier_init(&frontier);
    for (uint64_t seq = 0; seq < size; seq++) {
        struct completed completed = {.length = 0};
        const struct tree_emitter emitter = {.node = collect, .context = &completed};
        size_t length = 0;
        char *bytes = raw_entry(book, seq, &length);
        assert_non_null(bytes);
        if (seq >= from) {
            char *renumbered = renumber(bytes, seq, &leaf, &length);
            raw_entry_put(book, seq, renumbered, length);
            free(bytes);
            bytes = renumbered;
        }
        tree_leaf(bytes, length, &leaf);
        assert_int_equal(tree_frontier_add(&frontier, &leaf, &emitter, NULL), STATUS_OK);
        struct journal_key key = journal_key_of(seq);
        raw_put(book, false, JOURNAL_NODES, slice_of(key.bytes, sizeof key.bytes),
                slice_of(completed.bytes, completed.length));
        free(bytes);
    }
}
