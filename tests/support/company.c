/*
 * The company for tests; see the header.
 */
#include "tests/support/company.h"

#include "ledger/statement.h"
#include "tests/support/company_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "controls/birth.h"
#include "controls/compiler/compile.h"
#include "controls/facts.h"
#include "controls/policy.h"
#include "controls/restoring.h"
#include "ledger/base64.h"
#include "ledger/instant.h"
#include "ledger/journal.h"
#include "ledger/keyfile.h"
#include "ledger/schema.h"
#include "ledger/sshsig.h"
#include "ledger/tables.h"
#include "tests/support/sanitized.h"

enum { SECOND_MS = 1000 };

static const struct gate_facts gate_facts = {
    .release = "0.1.0-test", .exe = "0000000000000000", .mode = "embedded", .os_user = "test"};

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

static char *file_read(const char *path, size_t *ret_length)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = malloc(1 << 20);
    assert_non_null(text);
    *ret_length = fread(text, 1, 1 << 20, file);
    assert_int_equal(fclose(file), 0);
    return text;
}

json_t *company_policy_body(const char *path)
{
    struct err err;
    size_t length;
    char *yaml = file_read(path, &length), *encoded = NULL;
    json_t *compiled = NULL;
    const struct compile_input input = {.yaml = yaml, .length = length, .file_name = path};
    must(compile_policy(&input, NULL, NULL, &compiled, &err), &err);
    must(base64_encode_new(yaml, length, &encoded, &err), &err);
    json_t *body = json_pack("{s:o, s:i, s:s}", "compiled", compiled, "compiler", 1, "yaml", encoded);
    free(encoded);
    free(yaml);
    return body;
}

struct policy *company_policy(const char *path)
{
    struct policy *policy = NULL;
    struct err err;
    json_t *body = company_policy_body(path);
    must(policy_read(json_object_get(body, "compiled"), &policy, &err), &err);
    json_decref(body);
    return policy;
}

struct company_user *company_new_user(struct company *company, const char *user)
{
    struct err err;
    struct hash seed;
    assert_true(company->user_count < COMPANY_USERS_MAX);
    struct company_user *new_user = &company->users[company->user_count++];
    snprintf(new_user->user, sizeof new_user->user, "%s", user);
    hash_of(user, strlen(user), &seed);
    must(keyfile_open_seed(seed.bytes, &new_user->signer, &err), &err);
    sshkey_format(&new_user->signer.key, new_user->key);
    return new_user;
}

struct company_user *company_user(struct company *company, const char *user)
{
    for (size_t i = 0; i < company->user_count; i++)
        if (strcmp(company->users[i].user, user) == 0)
            return &company->users[i];
    fail_msg("the company has no user %s", user);
    return NULL;
}

static void sign_with(const struct signer *signer, const struct statement *statement, struct signature_list *list)
{
    struct err err;
    uint8_t blob[SSHSIG_BYTES_MAX];
    size_t length;
    must(sshsig_sign(signer, statement->bytes, statement->length, blob, &length, &err), &err);
    must(signature_list_add(list, slice_of(blob, length), &err), &err);
}

static void gate_start(struct company *company)
{
    struct err err;
    const struct gate_options options = {
        .facts = &gate_facts, .wait_ms = 1000, .now_ms = company->real_now, .clock_context = company};
    must(gate_open(company->book, &options, &company->gate, &err), &err);
}

/* In memory where it can be: a company is never about what survives the machine, and syncs are what it would wait for. */
static const char *scratch_root(void)
{
    const char *root = getenv("TMPDIR");
    return root != NULL ? root : access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp";
}

void company_found(struct company *company, const char *policy_yaml)
{
    static const char *const officers[] = {"olga", "oscar", "owen"};
    struct err err;
    struct hash book, leaf;
    struct statement charter;
    struct signature_list signatures = {.count = 0};
    int64_t (*real_now)(void *) = company->real_now;
    bool recovery = company->recovery;
    uint64_t map_bytes = company->map_bytes;
    memset(company, 0, sizeof *company);
    company->map_bytes = map_bytes;
    company->real_now = real_now;
    company->recovery = recovery;
    snprintf(company->dir, sizeof company->dir, "%s/countersign-company-XXXXXX", scratch_root());
    assert_non_null(mkdtemp(company->dir));
    snprintf(company->book, sizeof company->book, "%s/book", company->dir);
    must(instant_parse("2026-01-05T09:00:00.000Z", 24, &company->now_ms, &err), &err);
    json_t *list = json_array();
    for (size_t i = 0; i < 3; i++) {
        char person[16];
        snprintf(person, sizeof person, "P-0%zu", i + 1);
        struct company_user *officer = company_new_user(company, officers[i]);
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s}", "key", officer->key, "person", person, "user", officer->user));
    }
    struct company_user *book_key = company_new_user(company, "book-key");
    json_t *recovery_keys = json_array();
    for (size_t i = 1; recovery && i <= 3; i++) {
        char name[16];
        snprintf(name, sizeof name, "recovery%zu", i);
        json_array_append_new(recovery_keys, json_string(company_new_user(company, name)->key));
    }
    json_t *body =
        json_pack("{s:[s], s:s, s:i, s:s, s:s, s:o, s:o, s:{s:o, s:i}, s:s, s:i}", "book_keys", book_key->key, "clock",
                  company->real_now != NULL ? "real" : "simulated", "engine", ENGINE_LAST, "name", "ledger.example/ar",
                  "nonce", "00112233445566778899aabbccddeeff", "officers", list, "policy",
                  company_policy_body(policy_yaml != NULL ? policy_yaml : "controls/policies/us.yaml"), "recovery",
                  "keys", recovery_keys, "threshold", recovery ? 2 : 0, "salt",
                  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "skew_seconds", 300);
    const struct statement_head head = {
        .verb = VERB_CHARTER, .actor = "", .book = "", .id = "charter-1", .at_ms = company->now_ms};
    must(statement_make(&head, body, &charter, &err), &err);
    json_decref(body);
    for (size_t i = 0; i < 3; i++)
        sign_with(&company_user(company, officers[i])->signer, &charter, &signatures);
    const struct book_birth birth = {.book_dir = company->book,
                                     .facts = &gate_facts,
                                     .now_ms = company->now_ms,
                                     .map_bytes = company->map_bytes != 0 ? company->map_bytes : 1 << 28,
                                     .nonce = 7};
    must(book_create(&birth, slice_of(charter.bytes, charter.length), &signatures, &book, &leaf, &err), &err);
    statement_done(&charter);
    gate_start(company);
}

struct journal_head company_head(const struct company *company)
{
    struct journal_snapshot *snapshot = NULL;
    struct journal_head head;
    struct err err;
    must(journal_read_begin(gate_books(company->gate)->journal, &snapshot, &err), &err);
    must(journal_head(snapshot, &head, &err), &err);
    journal_read_end(snapshot);
    return head;
}

void company_copy_journal(const struct company *company, uint64_t size, bool unchained, const struct journal_lost *lost,
                          char ret_dir[static COMPANY_COPY_BYTES])
{
    struct restoring *restoring = NULL;
    struct journal_snapshot *snapshot = NULL;
    struct err err;
    snprintf(ret_dir, COMPANY_COPY_BYTES, "%s-%llu", company->book, (unsigned long long)size);
    must(restoring_begin(ret_dir, 1, &restoring, &err), &err);
    must(journal_read_begin(gate_books(company->gate)->journal, &snapshot, &err), &err);
    for (uint64_t seq = 0; seq < size; seq++) {
        const char *bytes = NULL;
        size_t length = 0;
        must(journal_entry(snapshot, seq, &bytes, &length, &err), &err);
        char *copy = strndup(bytes, length), *prev = strstr(copy, "\"prev\":\"") + 8;
        if (unchained && seq == size - 1)
            *prev = *prev == '0' ? '1' : '0';
        must(restoring_entry(restoring, slice_of(copy, length), &err), &err);
        free(copy);
    }
    journal_read_end(snapshot);
    must(restoring_rest(restoring, lost, &err), &err);
    must(restoring_finish(restoring, &err), &err);
}

enum status company_act(struct company *company, const struct company_act *act, struct gate_answer *ret_answer,
                        struct err *err)
{
    char id[32], book[65];
    struct statement statement;
    struct signature_list signatures = {.count = 0};
    const struct journal_head at = company_head(company);
    company->now_ms = act->at_ms != 0 ? act->at_ms : company->now_ms + SECOND_MS;
    snprintf(id, sizeof id, "s-%06u", ++company->ids);
    snprintf(book, sizeof book, "%s", act->book != NULL ? act->book : gate_book_id(company->gate));
    const bool seen_none = act->verb == VERB_FEED || act->seen_null;
    const struct statement_head head = {.verb = act->verb,
                                        .actor = act->user,
                                        .book = book,
                                        .id = act->id != NULL ? act->id : id,
                                        .at_ms = company->now_ms,
                                        .seen_hash = seen_none                ? NULL
                                                     : act->seen_hash != NULL ? act->seen_hash
                                                                              : &at.leaf,
                                        .seen_seq = act->seen_hash != NULL ? act->seen_seq : at.size - 1};
    enum status status = statement_make(&head, act->body, &statement, err);
    json_decref(act->body);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; act->signers != NULL && act->signers[i] != NULL; i++)
        sign_with(&company_user(company, act->signers[i])->signer, &statement, &signatures);
    if (act->signers == NULL)
        sign_with(act->signer != NULL ? act->signer : &company_user(company, act->user)->signer, &statement,
                  &signatures);
    if (act->extra != NULL)
        sign_with(act->extra, &statement, &signatures);
    if (act->flipped)
        signatures.items[0].bytes[signatures.items[0].length - 1] ^= 1;
    status = gate_submit(company->gate, slice_of(statement.bytes, statement.length), &signatures, ret_answer, err);
    statement_done(&statement);
    return status;
}

enum status company_try(struct company *company, const char *user, enum verb verb, json_t *body,
                        const struct signer *extra, struct gate_answer *ret_answer, struct err *err)
{
    const struct company_act act = {.user = user, .verb = verb, .body = body, .extra = extra};
    return company_act(company, &act, ret_answer, err);
}

enum status company_signed_by(struct company *company, const char *actor, enum verb verb, json_t *body,
                              const char *const signers[], struct gate_answer *ret_answer, struct err *err)
{
    const struct company_act act = {.user = actor, .verb = verb, .body = body, .signers = signers};
    return company_act(company, &act, ret_answer, err);
}

void company_at(struct company *company, const char *instant)
{
    struct err err;
    must(instant_parse(instant, strlen(instant), &company->now_ms, &err), &err);
    company->now_ms -= SECOND_MS;
}

json_t *company_do_with(struct company *company, const char *user, enum verb verb, json_t *body, const char *other)
{
    struct gate_answer answer;
    struct err err;
    must(company_try(company, user, verb, body, other != NULL ? &company_user(company, other)->signer : NULL, &answer,
                     &err),
         &err);
    json_t *decision = json_incref(answer.decision);
    gate_answer_done(&answer);
    return decision;
}

json_t *company_do(struct company *company, const char *user, enum verb verb, json_t *body)
{
    return company_do_with(company, user, verb, body, NULL);
}

json_t *company_one(json_t *document)
{
    return json_pack("{s:b, s:[o]}", "atomic", 0, "documents", document);
}

json_t *company_first(json_t *decision)
{
    json_t *result = json_incref(json_array_get(json_object_get(decision, "results"), 0));
    if (result == NULL)
        return decision;
    json_decref(decision);
    return result;
}

static json_t *first_result(json_t *decision)
{
    json_t *result = json_incref(json_array_get(json_object_get(decision, "results"), 0));
    if (result == NULL) {
        char *text = json_dumps(decision, 0);
        fail_msg("no result: %s", text);
    }
    json_decref(decision);
    return result;
}

json_t *company_submit(struct company *company, const char *user, json_t *document)
{
    return first_result(
        company_do(company, user, VERB_SUBMIT, json_pack("{s:b, s:[o]}", "atomic", 0, "documents", document)));
}

json_t *company_books(struct company *company, enum books_table table, const struct books_key *key)
{
    struct err err;
    struct tables_txn *txn = NULL;
    json_t *record = NULL;
    must(tables_read_begin(gate_books(company->gate)->tables, &txn, &err), &err);
    enum status status = books_get(txn, table, key, &record, &err);
    if (status != STATUS_NOT_FOUND)
        must(status, &err);
    tables_abort(txn);
    return record;
}

json_t *company_invoice_record(struct company *company, const char *invoice)
{
    struct books_key key = books_key_pair("US01", invoice);
    return company_books(company, BOOKS_INVOICES, &key);
}

json_t *company_record(struct company *company, const char *number)
{
    struct books_key key = books_key(number);
    json_t *record = company_books(company, BOOKS_DOCUMENTS, &key);
    if (record == NULL)
        fail_msg("there is no document %s", number);
    return record;
}

json_t *company_with(json_t *document, const char *name, json_t *value)
{
    assert_int_equal(json_object_set_new(document, name, value), 0);
    return document;
}

json_t *company_end(struct company *company, const char *user, enum verb verb, const char *number)
{
    json_t *record = company_record(company, number);
    json_t *body =
        json_pack("{s:[{s:s, s:s, s:s, s:I}]}", "items", "content", member_text(record, "content"), "document", number,
                  "reason", "because", "version", (json_int_t)member_integer(record, "version"));
    json_decref(record);
    return first_result(company_do(company, user, verb, body));
}

json_t *company_amend(struct company *company, const char *user, const char *number, json_t *content)
{
    json_t *record = company_record(company, number);
    json_t *body = json_pack("{s:[{s:o, s:s, s:I}]}", "amendments", "content", content, "document", number, "version",
                             (json_int_t)member_integer(record, "version"));
    json_decref(record);
    return first_result(company_do(company, user, VERB_AMEND, body));
}

json_t *company_approve(struct company *company, const char *user, const char *number, int level)
{
    json_t *record = company_record(company, number);
    json_t *body =
        json_pack("{s:[{s:s, s:s, s:i, s:I}]}", "items", "content", member_text(record, "content"), "document", number,
                  "level", level, "version", (json_int_t)member_integer(record, "version"));
    json_decref(record);
    return first_result(company_do(company, user, VERB_APPROVE, body));
}

json_t *company_document(struct company *company, const char *kind)
{
    char ref[32];
    snprintf(ref, sizeof ref, "r-%06u", ++company->ids);
    return json_pack("{s:s, s:s, s:s}", "kind", kind, "ref", ref, "channel", "cli");
}

json_t *company_evidence(struct company *company, const char *kind)
{
    struct hash hash;
    char hex[65], text[32];
    snprintf(text, sizeof text, "evidence %u", ++company->ids);
    hash_of(text, strlen(text), &hash);
    hash_to_hex(&hash, hex);
    return json_pack("{s:i, s:s, s:s, s:s}", "bytes", 12, "kind", kind, "media", "text/plain", "sha256", hex);
}

json_t *company_money(struct company *company, const char *kind, const char *customer, const char *amount,
                      const char *reason, const char *evidence)
{
    json_t *document = company_document(company, kind);
    char date[DATE_TEXT_BYTES];
    date_format(date_from_instant(company->now_ms, -300), date);
    json_t *more = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:[]}", "entity", "US01", "customer", customer, "currency",
                             "USD", "amount", amount, "reason", reason, "date", date, "allocations");
    json_object_update(document, more);
    json_decref(more);
    return evidence == NULL ? document
                            : company_with(document, "evidence", json_pack("[o]", company_evidence(company, evidence)));
}

json_t *company_allocate(json_t *document, const char *invoice, const char *line, const char *amount)
{
    json_t *allocation = json_pack("{s:s, s:s}", "amount", amount, "invoice", invoice);
    if (line != NULL)
        company_with(allocation, "line", json_string(line));
    assert_int_equal(json_array_append_new(json_object_get(document, "allocations"), allocation), 0);
    return document;
}

json_t *company_credit_note(struct company *company, const char *customer, const char *invoice, const char *amount)
{
    return company_allocate(company_money(company, "credit-note", customer, amount, "PRICE_ERR", "price-sheet"),
                            invoice, NULL, amount);
}

json_t *company_correction(struct company *company, const char *customer, const char *invoice, const char *amount,
                           const char *direction)
{
    json_t *document = company_money(company, "correction", customer, amount, "PRICE_ERR", "price-sheet");
    company_with(document, "direction", json_string(direction));
    return company_allocate(company_with(document, "field", json_string("price")), invoice, NULL, amount);
}

json_t *company_write_off(struct company *company, const char *customer, const char *invoice, const char *amount)
{
    json_t *document = company_money(company, "write-off", customer, amount, "BAD_DEBT", "dunning-log");
    return company_allocate(company_with(document, "method", json_string("allowance")), invoice, NULL, amount);
}

json_t *company_reversal(struct company *company, const char *reverses)
{
    json_t *document = company_document(company, "reversal");
    char date[DATE_TEXT_BYTES];
    date_format(date_from_instant(company->now_ms, -300), date);
    json_t *more = json_pack("{s:s, s:s, s:s, s:s}", "entity", "US01", "reason", "POSTED_IN_ERROR", "date", date,
                             "reverses", reverses);
    json_object_update(document, more);
    json_decref(more);
    return document;
}

json_t *company_limit(struct company *company, const char *customer, const char *limit)
{
    json_t *document = company_document(company, "credit-limit");
    char date[DATE_TEXT_BYTES], review[DATE_TEXT_BYTES];
    int32_t today = date_from_instant(company->now_ms, -300);
    date_format(today, date);
    date_format(today + 180, review);
    json_t *more = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:[o]}", "entity", "US01", "customer", customer,
                             "currency", "USD", "reason", "CL_REVIEW", "date", date, "limit", limit, "previous",
                             "10000.00", "review", review, "evidence", company_evidence(company, "financials"));
    json_object_update(document, more);
    json_decref(more);
    return document;
}

json_t *company_enrolment(struct company *company, const char *user, const char *person, const char *sort,
                          const char *key)
{
    json_t *document = company_document(company, "enrolment");
    json_t *more = json_pack("{s:s, s:s, s:s, s:s}", "user", user, "person", person, "sort", sort, "key", key);
    json_object_update(document, more);
    json_decref(more);
    return document;
}

json_t *company_grant_document(struct company *company, const char *user, const char *role)
{
    json_t *document = company_document(company, "grant");
    json_t *more = json_pack("{s:s, s:s, s:[s]}", "user", user, "role", role, "entities", "US01");
    json_object_update(document, more);
    json_decref(more);
    return document;
}

char *company_wait(struct company *company, const char *user, json_t *document)
{
    json_t *result = company_submit(company, user, document);
    if (result_number(result) == NULL || strcmp(result_outcome(result), "repeat") == 0) {
        char *text = json_dumps(result, 0);
        fail_msg("not admitted: %s", text);
    }
    char *number = strdup(result_number(result));
    json_decref(result);
    return number;
}

char *company_post(struct company *company, const char *user, json_t *document, int levels)
{
    static const char *const approvers[] = {"ana", "priya", "dora", "vera", "carl"};
    char *number = company_wait(company, user, document);
    for (int level = 1; level <= levels; level++) {
        json_t *result = company_approve(company, approvers[level - 1], number, level);
        if (strcmp(result_outcome(result), "refused") == 0) {
            char *text = json_dumps(result, 0);
            fail_msg("level %d refused: %s", level, text);
        }
        json_decref(result);
    }
    json_t *record = company_record(company, number);
    if (strcmp(member_text(record, "state"), "posted") != 0 && strcmp(member_text(record, "state"), "in-force") != 0)
        fail_msg("%s is %s", number, member_text(record, "state"));
    json_decref(record);
    return number;
}

static void officers_approve(struct company *company, json_t *result)
{
    if (strcmp(result_outcome(result), "waiting") != 0) {
        char *text = json_dumps(result, 0);
        fail_msg("does not wait: %s", text);
    }
    json_t *approved = company_approve(company, "oscar", result_number(result), 1);
    if (strcmp(result_outcome(approved), "in-force") != 0) {
        char *text = json_dumps(approved, 0);
        fail_msg("not in force: %s", text);
    }
    json_decref(approved);
    json_decref(result);
}

json_t *company_grant(struct company *company, const char *user, const char *role)
{
    json_t *result = company_submit(company, "olga", company_grant_document(company, user, role));
    json_t *number = json_string(result_number(result));
    officers_approve(company, result);
    return number;
}

static void enrol(struct company *company, const char *user, const char *person, const char *sort, const char *role)
{
    struct company_user *new_user = company_new_user(company, user);
    json_t *document = company_enrolment(company, user, person, sort, new_user->key);
    officers_approve(
        company, first_result(company_do_with(company, "olga", VERB_SUBMIT,
                                              json_pack("{s:b, s:[o]}", "atomic", 0, "documents", document), user)));
    if (role != NULL)
        json_decref(company_grant(company, user, role));
}

json_t *company_feed(struct company *company, const struct company_file *file, json_t *records)
{
    json_int_t count = file->count != 0 ? file->count : (json_int_t)json_array_size(records);
    json_t *manifest = json_pack("{s:I, s:i}", "count", count, "sequence", file->sequence);
    if (file->total != NULL) {
        json_object_set_new(manifest, "currency", json_string(file->currency != NULL ? file->currency : "USD"));
        json_object_set_new(manifest, "total", json_string(file->total));
    }
    return first_result(
        company_do(company, file->user, VERB_FEED,
                   json_pack("{s:s, s:s, s:o, s:b, s:i, s:o}", "entity", file->entity != NULL ? file->entity : "US01",
                             "feed", file->feed, "file", manifest, "last", !file->more, "part",
                             file->part != 0 ? file->part : 1, "records", records)));
}

static void feed(struct company *company, const char *user, const char *name, const char *total, json_t *records)
{
    const struct company_file file = {.user = user, .feed = name, .total = total, .sequence = 1};
    json_t *result = company_feed(company, &file, records);
    if (strcmp(result_outcome(result), "closed") != 0) {
        char *text = json_dumps(result, 0);
        fail_msg("%s not closed: %s", name, text);
    }
    json_decref(result);
}

json_t *company_customer(const char *id, const char *group)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:i}", "currency", "USD", "customer", id, "group", group, "limit",
                     "10000.00", "terms_days", 30);
}

json_t *company_invoice(const char *id, const char *customer_id, const char *net, const char *tax, const char *gross)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:[{s:s, s:s, s:s}]}", "customer", customer_id, "date", "2025-12-01",
                     "due", "2025-12-31", "gross", gross, "invoice", id, "taxes", "code", "SALES_TAX", "net", net,
                     "tax", tax);
}

json_t *company_cash(const char *receipt, const char *customer_id, const char *amount, json_t *applied)
{
    return json_pack("{s:s, s:o, s:s, s:s, s:s}", "amount", amount, "applied", applied, "customer", customer_id, "date",
                     "2026-01-05", "receipt", receipt);
}

void company_open(struct company *company, const char *policy_yaml)
{
    static const char *const cast[][4] = {
        {"maria", "P-11", "human", "BILLING_SPECIALIST"},
        {"maria2", "P-11", "human", NULL},
        {"joe", "P-12", "human", "BILLING_SPECIALIST"},
        {"cora", "P-13", "human", "COLLECTIONS_SPECIALIST"},
        {"adam", "P-14", "human", "CREDIT_ANALYST"},
        {"ana", "P-21", "human", "TEAM_LEAD"},
        {"tom", "P-22", "human", "TEAM_LEAD"},
        {"priya", "P-23", "human", "MANAGER"},
        {"dora", "P-24", "human", "DIRECTOR"},
        {"vera", "P-25", "human", "VP_FINANCE"},
        {"carl", "P-26", "human", "CFO"},
        {"bot1", "P-12", "bot", "BILLING_SPECIALIST"},
        {"feedc", "P-31", "feed", "FEED_CUSTOMERS"},
        {"feedi", "P-32", "feed", "FEED_INVOICES"},
        {"feedm", "P-33", "feed", "FEED_CASH"},
        {"ada", "P-41", "human", "ADMINISTRATOR"},
        {"audrey", "P-42", "human", "AUDITOR"},
    };
    company_found(company, policy_yaml);
    for (size_t i = 0; i < sizeof cast / sizeof cast[0]; i++)
        enrol(company, cast[i][0], cast[i][1], cast[i][2], cast[i][3]);
    feed(company, "feedc", "customers", NULL,
         json_pack("[o, o, o]", company_customer("16446", "G1"), company_customer("16447", "G1"),
                   company_customer("10442", "10442")));
    feed(company, "feedi", "invoices", "12090.15",
         json_pack("[o, o, o, o, o]", company_invoice("581483", "16446", "5881.45", "588.15", "6469.60"),
                   company_invoice("581484", "16446", "909.09", "90.91", "1000.00"),
                   company_invoice("40117", "10442", "900.00", "0.00", "900.00"),
                   company_invoice("40251", "10442", "3220.55", "0.00", "3220.55"),
                   company_invoice("700001", "16447", "500.00", "0.00", "500.00")));
}

void company_reopen(struct company *company)
{
    gate_close(company->gate);
    company->gate = NULL;
    gate_start(company);
}

/* Every book where nothing slows it down, every fourth under a sanitizer: it is half of what such a test takes. */
static bool is_checked(const struct company *company)
{
    static unsigned closed;
    return !company->unchecked && getenv("COUNTERSIGN_UNCHECKED") == NULL && (!SANITIZED || closed++ % 4 == 0);
}

void company_close(struct company *company)
{
    char command[800];
    if (is_checked(company))
        company_check(company);
    gate_close(company->gate);
    for (size_t i = 0; i < company->user_count; i++)
        signer_close(&company->users[i].signer);
    if (company->keep)
        return;
    if (getenv("COUNTERSIGN_LEAVE_BOOKS") != NULL) {
        snprintf(command, sizeof command, "cp -r '%s' \"$COUNTERSIGN_LEAVE_BOOKS/$(basename '%s')\"", company->book,
                 company->dir);
        assert_int_equal(system(command), 0);
    }
    snprintf(command, sizeof command, "rm -rf '%s'", company->dir);
    assert_int_equal(system(command), 0);
}

bool result_has(const json_t *result, const char *control, const char *code)
{
    const json_t *list = json_object_get(result, "controls");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *answer = json_array_get(list, i);
        if (strcmp(member_text(answer, "control"), control) == 0 && strcmp(member_text(answer, "code"), code) == 0)
            return true;
    }
    return false;
}

const char *result_outcome(const json_t *result)
{
    return member_text(result, "outcome");
}

const char *result_number(const json_t *result)
{
    return member_text(result, "document");
}
