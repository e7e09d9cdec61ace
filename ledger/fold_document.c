/*
 * The life of a document in the books: admitted, approved, carried out, ended. Keeps the indexes that rules ask
 * (references, windows, duplicates, evidence, what waits) in step with the documents that are alive.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/books.h"
#include "ledger/canon.h"
#include "ledger/currency.h"
#include "ledger/fold.h"
#include "ledger/fold_parts.h"
#include "ledger/instant.h"
#include "ledger/limits.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/statement.h"
#include "ledger/text.h"
#include "ledger/transfer.h"

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory to fold a document");
}

void duplicate_key(const json_t *document, const json_t *allocation, struct books_key *ret_key)
{
    /* Ids and codes hold no '|', so the joined text is unambiguous. */
    char joined[7 * (ID_BYTES_MAX + 2)], hex[HASH_HEX_CHARS + 1];
    struct hash hash;
    const char *line = member_text(allocation, "line"), *receipt = member_text(document, "receipt");
    int length =
        snprintf(joined, sizeof joined, "%s|%s|%s|%s|%s|%s|%s", member_text(document, "entity"),
                 member_text(document, "customer"), member_text(allocation, "invoice"), line != NULL ? line : "",
                 member_text(allocation, "amount"), member_text(document, "reason"), receipt != NULL ? receipt : "");
    invariant(length > 0 && (size_t)length < sizeof joined);
    hash_of(joined, (size_t)length, &hash);
    hash_to_hex(&hash, hex);
    *ret_key = books_key(hex);
}

enum status allocations_sum(const json_t *document, json_t **ret_sums, struct err *err)
{
    const json_t *allocations = json_object_get(document, "allocations");
    const char *currency = member_text(document, "currency");
    int digits = currency != NULL ? currency_digits(currency) : -1;
    json_t *sums = json_object();
    enum status status = sums != NULL ? STATUS_OK : no_memory(err);
    if (json_array_size(allocations) > 0 && digits < 0)
        status = err_set(err, STATUS_CORRUPT, "allocations lack their currency");
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(allocations); i++) {
        const json_t *allocation = json_array_get(allocations, i);
        const char *text = member_text(allocation, "amount"), *invoice = member_text(allocation, "invoice");
        int64_t minor, sum;
        status = money_parse(text, strlen(text), digits, &minor, err);
        if (status == STATUS_OK)
            status = money_add(member_integer(sums, invoice), minor, &sum, err);
        if (status == STATUS_OK && json_object_set_new(sums, invoice, json_integer(sum)) != 0)
            status = no_memory(err);
    }
    if (status == STATUS_OK)
        *ret_sums = sums;
    else
        json_decref(sums);
    return status;
}

void reversal_key(const char *reversed_number, struct books_key *ret_key)
{
    *ret_key = books_key_pair("reversal", reversed_number);
}

static enum status record_get(const struct fold *fold, const char *number, json_t **ret_record, struct err *err)
{
    struct books_key key = books_key(number);
    enum status status = books_get(fold->txn, BOOKS_DOCUMENTS, &key, ret_record, err);
    return status == STATUS_NOT_FOUND ? err_set(err, STATUS_CORRUPT, "document %s is not in the books", number)
                                      : status;
}

static enum status record_put(const struct fold *fold, const json_t *record, struct err *err)
{
    struct books_key key = books_key(member_text(record, "number"));
    return books_put(fold->txn, BOOKS_DOCUMENTS, &key, record, err);
}

/* Puts a marker (or deletes it) under key. */
static enum status mark(const struct fold *fold, enum books_table table, const struct books_key *key, bool there,
                        const char *number, struct err *err)
{
    return there ? books_put_new(fold->txn, table, key, json_pack("{s:s}", "number", number), err)
                 : books_delete(fold->txn, table, key, err);
}

static enum status duplicates_mark(const struct fold *fold, const json_t *record, bool there, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    const json_t *allocations = json_object_get(document, "allocations");
    const char *reverses = member_text(document, "reverses");
    if (reverses != NULL) {
        struct books_key key;
        reversal_key(reverses, &key);
        books_key_add_text(&key, member_text(record, "number"));
        return mark(fold, BOOKS_DUPLICATES, &key, there, member_text(record, "number"), err);
    }
    if (json_object_get(document, "reason") == NULL)
        return STATUS_OK;
    for (size_t i = 0; i < json_array_size(allocations); i++) {
        struct books_key key;
        duplicate_key(document, json_array_get(allocations, i), &key);
        books_key_add_text(&key, member_text(record, "number"));
        enum status status = mark(fold, BOOKS_DUPLICATES, &key, there, member_text(record, "number"), err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status evidence_mark(const struct fold *fold, const json_t *record, bool there, struct err *err)
{
    const json_t *evidence = json_object_get(json_object_get(record, "document"), "evidence");
    for (size_t i = 0; i < json_array_size(evidence); i++) {
        struct books_key key =
            books_key_pair(member_text(json_array_get(evidence, i), "sha256"), member_text(record, "number"));
        enum status status = mark(fold, BOOKS_EVIDENCE, &key, there, member_text(record, "number"), err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status waiting_mark(const struct fold *fold, const json_t *record, bool there, struct err *err)
{
    const char *until = member_text(record, "until");
    int64_t until_ms;
    enum status status =
        until == NULL ? err_set(err, STATUS_CORRUPT, "%s waits without a deadline", member_text(record, "number"))
                      : instant_parse(until, strlen(until), &until_ms, err);
    if (status != STATUS_OK)
        return status;
    struct books_key key = books_key(NULL);
    books_key_add_number(&key, (uint64_t)until_ms);
    books_key_add_number(&key, (uint64_t)member_integer(json_object_get(record, "first"), "seq"));
    books_key_add_number(&key, (uint64_t)member_integer(json_object_get(record, "first"), "index"));
    return mark(fold, BOOKS_WAITING, &key, there, member_text(record, "number"), err);
}

/* Everything that counts a living document: entered when it is admitted, taken away when it ends without effect. */
static enum status indexes_mark(const struct fold *fold, const json_t *record, bool there, struct err *err)
{
    enum status status = fold_windows(fold, record, there, err);
    if (status == STATUS_OK)
        status = duplicates_mark(fold, record, there, err);
    if (status == STATUS_OK)
        status = evidence_mark(fold, record, there, err);
    if (status == STATUS_OK)
        status = fold_alike(fold, record, there, err);
    if (status == STATUS_OK)
        status = fold_rebill_mark(fold, record, there, err);
    if (status == STATUS_OK)
        status = fold_lines_used(fold, json_object_get(record, "document"), there ? 1 : -1, err);
    if (status == STATUS_OK)
        status = fold_recovery_use(fold, json_object_get(record, "document"), there ? 1 : -1, err);
    if (status == STATUS_OK)
        status = fold_limits_mark(fold, record, there, err);
    return status;
}

static enum status waits_mark(const struct fold *fold, const json_t *record, bool there, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    enum status status = waiting_mark(fold, record, there, err);
    if (status == STATUS_OK)
        status = fold_grant_waits(fold, record, there, err);
    if (status == STATUS_OK)
        status = fold_pending(fold, document, there ? 1 : -1, err);
    return status == STATUS_OK ? fold_shares_hold(fold, document, there ? 1 : -1, err) : status;
}

static enum status waits_begin(const struct fold *fold, const json_t *record, struct err *err)
{
    return waits_mark(fold, record, true, err);
}

static enum status waits_end(const struct fold *fold, const json_t *record, struct err *err)
{
    return waits_mark(fold, record, false, err);
}

/* Takes note of the last number of a series: what stands before the last '-' names it. */
static enum status number_take(const struct fold *fold, const char *number, struct err *err)
{
    const char *dash = strrchr(number, '-');
    if (dash == NULL || dash - number > ID_BYTES_MAX)
        return err_set(err, STATUS_CORRUPT, "%s is not a number of a series", number);
    char series[ID_BYTES_MAX + 1];
    snprintf(series, sizeof series, "%.*s", (int)(dash - number), number);
    struct books_key key = books_key(series);
    return books_put_new(fold->txn, BOOKS_NUMBERS, &key,
                         json_pack("{s:I}", "last", (json_int_t)strtoll(dash + 1, NULL, 10)), err);
}

static enum status original_reverse(const struct fold *fold, const json_t *record, struct err *err)
{
    json_t *original = NULL;
    const char *number = member_text(json_object_get(record, "document"), "reverses");
    enum status status = record_get(fold, number, &original, err);
    if (status != STATUS_OK)
        return status;
    json_object_set_new(original, "state", json_string("reversed"));
    json_object_set_new(original, "reversed_by", json_string(member_text(record, "number")));
    status = duplicates_mark(fold, original, false, err);
    if (status == STATUS_OK)
        status = fold_alike(fold, original, false, err);
    if (status == STATUS_OK)
        status = fold_lines_used(fold, json_object_get(original, "document"), -1, err);
    if (status == STATUS_OK)
        status = fold_lines_raised(fold, json_object_get(original, "document"), -1, err);
    if (status == STATUS_OK)
        status = fold_recovery_use(fold, json_object_get(original, "document"), -1, err);
    if (status == STATUS_OK)
        status = fold_shares_give_back(fold, original, err);
    if (status == STATUS_OK)
        status = fold_reversed(fold, original, err);
    if (status == STATUS_OK)
        status = fold_meter(fold, original, -1, err);
    if (status == STATUS_OK)
        status = fold_windows_reversed(fold, original, member_text(json_object_get(record, "document"), "reason"), err);
    if (status == STATUS_OK)
        status = record_put(fold, original, err);
    json_decref(original);
    return status;
}

/* The document takes effect: numbers, lines, or what its kind does when in force. */
static enum status carry_out(const struct fold *fold, json_t *record, const json_t *result, struct err *err)
{
    const char *outcome = member_text(result, "outcome");
    const char *legal = member_text(result, "number");
    json_t *lines = json_object_get(result, "lines");
    char time[INSTANT_TEXT_BYTES];
    struct fold effect = *fold;
    enum status status = STATUS_OK;
    effect.known_seq = (uint64_t)member_integer(record, "seq");
    instant_format(fold->time_ms, time);
    json_object_set_new(record, "state", json_string(outcome));
    json_object_set_new(record, "posted", json_pack("{s:I, s:s}", "seq", (json_int_t)fold->seq, "time", time));
    json_object_set_new(record, "levels", json_array());
    json_object_set(record, "due", json_object_get(result, "due"));
    json_object_set(record, "exposure", json_object_get(result, "exposure"));
    if (legal != NULL) {
        json_object_set_new(record, "legal", json_string(legal));
        status = number_take(fold, legal, err);
    }
    if (status == STATUS_OK && lines != NULL) {
        json_object_set(record, "lines", lines);
        status = fold_shares_take(fold, record, err); /* by what the invoices had left, so before the lines */
        if (status == STATUS_OK)
            status = fold_lines_raised(fold, json_object_get(record, "document"), 1, err);
        if (status == STATUS_OK)
            status = fold_ledger_lines(&effect, member_text(record, "entity"), lines, err);
        if (status == STATUS_OK)
            status = fold_rounding(fold, record, err);
        if (status == STATUS_OK)
            status = fold_posted(fold, record, err);
        if (status == STATUS_OK)
            status = fold_delivery(fold, record, err);
    }
    if (status == STATUS_OK && text_is(member_text(record, "kind"), "reversal"))
        status = original_reverse(fold, record, err);
    if (status == STATUS_OK)
        status = fold_meter(fold, record, 1, err);
    if (status == STATUS_OK && text_is(outcome, "in-force")) {
        json_object_set(record, "controls", json_object_get(result, "controls"));
        status = fold_in_force(&effect, record, err);
        json_object_del(record, "controls");
    }
    return status;
}

static bool result_is_effective(const json_t *result)
{
    const char *outcome = member_text(result, "outcome");
    return text_is(outcome, "posted") || text_is(outcome, "in-force");
}

static enum status maker_add(json_t *makers, const char *as, const char *person, const char *user, struct err *err)
{
    return json_array_append_new(makers, json_pack("{s:s, s:s, s:s}", "as", as, "person", person, "user", user)) == 0
               ? STATUS_OK
               : no_memory(err);
}

static enum status makers_add(const struct fold *fold, const json_t *document, json_t *makers, const char *as,
                              struct err *err)
{
    json_t *user = NULL, *behalf = NULL;
    struct books_key key = books_key(fold->statement->actor);
    enum status status = books_look(fold->txn, BOOKS_USERS, &key, &user, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_CORRUPT, "user %s is not in the books", fold->statement->actor);
    if (status != STATUS_OK)
        return status;
    status = maker_add(makers, as, member_text(user, "person"), fold->statement->actor, err);
    if (status == STATUS_OK)
        status = fold_behalf(fold, member_text(document, "behalf"), &behalf, err);
    if (status == STATUS_OK && behalf != NULL)
        status = maker_add(makers, "behalf", member_text(behalf, "person"), member_text(behalf, "user"), err);
    json_decref(behalf);
    const char *requester = member_text(document, "requested_by");
    if (status == STATUS_OK && requester != NULL)
        status = maker_add(makers, "requested", requester, "", err);
    json_decref(user);
    return status;
}

/* Everybody who made the document so far has a hand in this version. */
static enum status limit_made(const struct fold *fold, const json_t *record, size_t index, struct err *err)
{
    const json_t *makers = json_object_get(record, "makers");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(makers); i++) {
        const struct limit_act act = {.person = member_text(json_array_get(makers, i), "person"), .index = index};
        status = fold_limit_acted(fold, record, &act, err);
    }
    return status;
}

static enum status ref_put(const struct fold *fold, size_t index, const json_t *record, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    struct hash hash;
    char hex[HASH_HEX_CHARS + 1];
    enum status status = statement_document_hash(fold->statement, index, &hash, err);
    if (status != STATUS_OK)
        return status;
    hash_to_hex(&hash, hex);
    struct books_key key = books_key_pair(member_text(record, "entity"), member_text(document, "ref"));
    return books_put_new(fold->txn, BOOKS_REFS, &key,
                         json_pack("{s:s, s:s, s:I}", "document", member_text(record, "number"), "hash", hex, "version",
                                   (json_int_t)member_integer(record, "version")),
                         err);
}

static enum status customer_mark_one(const struct fold *fold, const json_t *record, const char *customer, bool there,
                                     struct err *err)
{
    const json_t *first = json_object_get(record, "first");
    if (customer == NULL)
        return STATUS_OK;
    struct books_key key = books_key_pair(member_text(record, "entity"), customer);
    books_key_add_number(&key, (uint64_t)member_integer(first, "seq"));
    books_key_add_number(&key, (uint64_t)member_integer(first, "index"));
    return mark(fold, BOOKS_CUSTOMER_DOCS, &key, there, member_text(record, "number"), err);
}

/* Among its customers' documents, at the place of its first version; an amendment may name other customers. */
static enum status customer_mark(const struct fold *fold, const json_t *record, bool there, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    json_t *receiving = NULL;
    enum status status = transfer_receiving(document, &receiving, err);
    if (status == STATUS_OK)
        status = customer_mark_one(fold, record, member_text(document, "customer"), there, err);
    if (status == STATUS_OK)
        status = customer_mark_one(fold, record, member_text(receiving, "customer"), there, err);
    json_decref(receiving);
    return status;
}

static enum status listing_put(const struct fold *fold, size_t index, const json_t *record, struct err *err)
{
    struct books_key key = books_key_position(fold->seq, index);
    return mark(fold, BOOKS_LISTING, &key, true, member_text(record, "number"), err);
}

/* A record for the first version, or the old record made ready for a new one: its makers and first place stay. */
static enum status record_begin(const struct fold *fold, size_t index, const char *number, json_t **ret_record,
                                struct err *err)
{
    json_t *record = NULL;
    if (fold->statement->verb == VERB_AMEND) {
        enum status status = record_get(fold, number, &record, err);
        if (status == STATUS_OK && text_is(member_text(record, "state"), "waiting")) {
            status = waits_end(fold, record, err);
            if (status == STATUS_OK)
                status = indexes_mark(fold, record, false, err);
        }
        if (status == STATUS_OK)
            status = customer_mark(fold, record, false, err);
        if (status == STATUS_OK)
            status = fold_links(fold, record, false, err);
        if (status != STATUS_OK) {
            json_decref(record);
            return status;
        }
        json_object_del(record, "until");
        json_object_del(record, "base_text");
        json_object_del(record, "rate");
        json_object_del(record, "exposure");
        json_object_del(record, "aside");
    } else {
        record = json_pack("{s:s, s:[], s:{s:I, s:I}}", "number", number, "makers", "first", "seq",
                           (json_int_t)fold->seq, "index", (json_int_t)index);
        if (record == NULL)
            return no_memory(err);
    }
    *ret_record = record;
    return STATUS_OK;
}

static void record_fill(const struct fold *fold, size_t index, const json_t *result, json_t *record)
{
    const json_t *document = statement_document(fold->statement, index);
    const char *entity = member_text(document, "entity");
    char time[INSTANT_TEXT_BYTES];
    instant_format(fold->time_ms, time);
    json_object_set_new(record, "kind", json_string(member_text(document, "kind")));
    json_object_set_new(record, "entity", json_string(entity != NULL ? entity : ""));
    json_object_set_new(record, "state", json_string("waiting"));
    json_object_set_new(record, "version", json_integer(member_integer(record, "version") + 1));
    json_object_set_new(record, "seq", json_integer((json_int_t)fold->seq));
    json_object_set_new(record, "index", json_integer((json_int_t)index));
    json_object_set_new(record, "time", json_string(time));
    json_object_set(record, "content", json_object_get(result, "content"));
    json_object_set(record, "document", (json_t *)document);
    json_object_set_new(record, "preparer", json_string(fold->statement->actor));
    json_object_set_new(record, "approvals", json_array());
    json_object_set(record, "levels", json_object_get(result, "levels"));
    json_object_set(record, "until", json_object_get(result, "until"));
    json_object_set(record, "base_text", json_object_get(result, "base"));
    json_object_set(record, "rate", json_object_get(result, "rate"));
    json_object_set(record, "exposure", json_object_get(result, "exposure"));
}

enum status fold_document_admit(const struct fold *fold, size_t index, const json_t *result, struct err *err)
{
    const char *number = member_text(result, "document");
    const json_t *document = statement_document(fold->statement, index);
    bool amended = fold->statement->verb == VERB_AMEND;
    json_t *record = NULL;
    if (number == NULL || document == NULL)
        return err_set(err, STATUS_CORRUPT, "result %zu names no document", index);
    enum status status = record_begin(fold, index, number, &record, err);
    if (status != STATUS_OK)
        goto done;
    record_fill(fold, index, result, record);
    status = makers_add(fold, document, json_object_get(record, "makers"), amended ? "amended" : "prepared", err);
    if (status == STATUS_OK)
        status = limit_made(fold, record, index, err);
    if (status == STATUS_OK)
        status = fold_links(fold, record, true, err);
    if (status == STATUS_OK)
        status = ref_put(fold, index, record, err);
    if (status == STATUS_OK && !amended)
        status = number_take(fold, number, err);
    if (status == STATUS_OK && !amended)
        status = listing_put(fold, index, record, err);
    if (status == STATUS_OK)
        status = customer_mark(fold, record, true, err);
    if (status == STATUS_OK)
        status = indexes_mark(fold, record, true, err);
    if (status == STATUS_OK)
        status = fold_lookalike(fold, record, result, err);
    if (status == STATUS_OK)
        status = result_is_effective(result) ? carry_out(fold, record, result, err) : waits_begin(fold, record, err);
    if (status == STATUS_OK && result_is_effective(result))
        status = fold_window_automatic(fold, record, err);
    if (status == STATUS_OK)
        status = fold_delegated(fold, index, result, err);
    if (status == STATUS_OK)
        status = fold_undecided(fold, record, err);
    if (status == STATUS_OK)
        status = record_put(fold, record, err);
done:
    json_decref(record);
    return status;
}

enum status fold_document_approve(const struct fold *fold, size_t index, const json_t *result, struct err *err)
{
    const json_t *item = json_array_get(statement_list(fold->statement), index);
    json_t *record = NULL, *user = NULL, *behalf = NULL;
    char time[INSTANT_TEXT_BYTES];
    instant_format(fold->time_ms, time);
    struct books_key key = books_key(fold->statement->actor);
    enum status status = record_get(fold, member_text(item, "document"), &record, err);
    if (status == STATUS_OK)
        status = books_look(fold->txn, BOOKS_USERS, &key, &user, err);
    if (status == STATUS_OK)
        status = fold_behalf(fold, member_text(item, "behalf"), &behalf, err);
    if (status != STATUS_OK)
        goto done;
    json_t *approval = json_pack("{s:I, s:I, s:s, s:I, s:I, s:s, s:s}", "index", (json_int_t)index, "level",
                                 (json_int_t)member_integer(item, "level"), "person", member_text(user, "person"),
                                 "seen", (json_int_t)fold->statement->seen_seq, "seq", (json_int_t)fold->seq, "time",
                                 time, "user", fold->statement->actor);
    if (behalf != NULL)
        json_object_set(approval, "behalf", behalf);
    if (json_array_append_new(json_object_get(record, "approvals"), approval) != 0) {
        status = no_memory(err);
        goto done;
    }
    const struct limit_act act = {
        .person = member_text(user, "person"), .level = (int)member_integer(item, "level"), .index = index};
    status = fold_limit_acted(fold, record, &act, err);
    if (status == STATUS_OK)
        status = fold_window_approval(fold, record, approval, true, err);
    if (status != STATUS_OK)
        goto done;
    if (result_is_effective(result)) {
        status = waits_end(fold, record, err);
        if (status == STATUS_OK)
            status = carry_out(fold, record, result, err);
    } else {
        json_object_set(record, "levels", json_object_get(result, "levels"));
        status = fold_approvals_aside(record, json_object_get(result, "levels"), err);
        if (status == STATUS_OK)
            status = fold_windows_aside(fold, record, err);
    }
    if (status == STATUS_OK)
        status = fold_delegated(fold, index, result, err);
    if (status == STATUS_OK)
        status = fold_undecided(fold, record, err);
    if (status == STATUS_OK)
        status = record_put(fold, record, err);
done:
    json_decref(behalf);
    json_decref(user);
    json_decref(record);
    return status;
}

enum status fold_document_end(const struct fold *fold, const char *number, const char *state, const json_t *item,
                              struct err *err)
{
    json_t *record = NULL;
    char time[INSTANT_TEXT_BYTES];
    instant_format(fold->time_ms, time);
    enum status status = record_get(fold, number, &record, err);
    if (status == STATUS_OK && text_is(member_text(record, "state"), "waiting")) {
        status = waits_end(fold, record, err);
        if (status == STATUS_OK)
            status = indexes_mark(fold, record, false, err);
    }
    if (status == STATUS_OK) {
        json_object_set_new(record, "state", json_string(state));
        json_object_set_new(record, "levels", json_array());
        if (item != NULL)
            json_object_set_new(record, "ended",
                                json_pack("{s:O, s:I, s:s, s:s}", "reason", json_object_get(item, "reason"), "seq",
                                          (json_int_t)fold->seq, "time", time, "user", fold->statement->actor));
        status = fold_undecided(fold, record, err);
    }
    if (status == STATUS_OK) {
        status = record_put(fold, record, err);
    }
    json_decref(record);
    return status;
}
