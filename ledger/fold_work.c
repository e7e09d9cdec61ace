/*
 * Cases in the books: disputes, inquiries and exceptions, which somebody owns until they are closed. The document that
 * opens one never changes; its state is kept here, moved by case notes.
 *
 * A case (BOOKS_CASES): number, kind, entity, customer?, invoice?, owner, state, opened and since (instants; since: of the
 * state), due (by when it is to be resolved), promised?, outcome?, root_cause?, settled_by?,
 * resolved?, resolver? (person).
 */
#include <string.h>

#include "ledger/books.h"
#include "ledger/fold.h"
#include "ledger/fold_parts.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

static bool state_is(const json_t *one, const char *state)
{
    return strcmp(member_text(one, "state"), state) == 0;
}

/* An invoice comes into dispute or out of it: who approved on it before has not seen that. */
static enum status invoice_disputed(const struct fold *fold, const char *entity, const char *invoice, struct err *err)
{
    json_t *record = NULL;
    struct books_key key = books_key_pair(entity, invoice);
    enum status status = books_get(fold->txn, BOOKS_INVOICES, &key, &record, err);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status == STATUS_OK)
        status = fold_moved(fold, record, "dispute", err);
    if (status == STATUS_OK)
        status = books_put(fold->txn, BOOKS_INVOICES, &key, record, err);
    json_decref(record);
    return status;
}

/* What stands in the way of dunning and write-off: a dispute that nobody has resolved. */
static enum status dispute_mark(const struct fold *fold, const json_t *one, struct err *err)
{
    const char *invoice = member_text(one, "invoice");
    bool open = !state_is(one, "RESOLVED") && !state_is(one, "CLOSED") && !state_is(one, "VOID");
    if (strcmp(member_text(one, "kind"), "dispute") != 0 || invoice == NULL)
        return STATUS_OK;
    struct books_key key = books_key_pair(member_text(one, "entity"), invoice);
    books_key_add_text(&key, member_text(one, "number"));
    json_t *before = NULL;
    enum status status = books_get(fold->txn, BOOKS_DISPUTES, &key, &before, err);
    bool moved = status == STATUS_NOT_FOUND ? open : json_is_true(json_object_get(before, "open")) != open;
    json_decref(before);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    status = moved ? invoice_disputed(fold, member_text(one, "entity"), invoice, err) : STATUS_OK;
    return status == STATUS_OK ? books_put_new(fold->txn, BOOKS_DISPUTES, &key, json_pack("{s:b}", "open", open), err)
                               : status;
}

static enum status case_put(const struct fold *fold, const json_t *one, struct err *err)
{
    struct books_key key = books_key(member_text(one, "number"));
    enum status status = books_put(fold->txn, BOOKS_CASES, &key, one, err);
    if (status != STATUS_OK)
        return status;
    key = books_key_pair(member_text(one, "entity"), member_text(one, "number"));
    status = state_is(one, "CLOSED") || state_is(one, "VOID")
                 ? books_delete(fold->txn, BOOKS_CASES_OPEN, &key, err)
                 : books_put_new(fold->txn, BOOKS_CASES_OPEN, &key, json_object(), err);
    return status == STATUS_OK ? dispute_mark(fold, one, err) : status;
}

static void copy(json_t *one, const json_t *document, const char *name)
{
    (void)json_object_set(one, name, json_object_get(document, name));
}

enum status fold_case_open(const struct fold *fold, const json_t *record, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    char time[INSTANT_TEXT_BYTES];
    instant_format(fold->time_ms, time);
    json_t *one = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "entity", member_text(record, "entity"), "kind",
                            member_text(record, "kind"), "number", member_text(record, "number"), "opened", time,
                            "since", time, "state", "OPEN");
    if (one == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a case");
    copy(one, document, "owner");
    copy(one, document, "customer");
    copy(one, document, "invoice");
    copy(one, document, "promised");
    copy(one, record, "due");
    enum status status = case_put(fold, one, err);
    json_decref(one);
    return status;
}

static void resolved_set(json_t *one, const json_t *record, const char *time)
{
    const json_t *maker = json_array_get(json_object_get(record, "makers"), 0);
    (void)json_object_set_new(one, "resolved", json_string(time));
    (void)json_object_set_new(one, "resolver", json_string(member_text(maker, "person")));
}

/* Opened again: what it had come to no longer holds. */
static void resolved_forget(json_t *one)
{
    static const char *const names[] = {"outcome", "resolved", "resolver", "settled_by"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        (void)json_object_del(one, names[i]);
}

/* A case that was opened in error looks like no other. */
static enum status void_forget(const struct fold *fold, const char *number, struct err *err)
{
    json_t *record = NULL;
    struct books_key key = books_key(number);
    enum status status = books_get(fold->txn, BOOKS_DOCUMENTS, &key, &record, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_CORRUPT, "case %s is not in the books", number);
    if (status == STATUS_OK)
        status = fold_alike(fold, record, false, err);
    json_decref(record);
    return status;
}

enum status fold_case_note(const struct fold *fold, const json_t *record, struct err *err)
{
    static const char *const moved[] = {"owner", "outcome", "promised", "root_cause", "settled_by", "state"};
    const json_t *document = json_object_get(record, "document");
    const char *number = member_text(document, "case");
    char time[INSTANT_TEXT_BYTES];
    json_t *one = NULL;
    instant_format(fold->time_ms, time);
    struct books_key key = books_key(number);
    enum status status = books_get(fold->txn, BOOKS_CASES, &key, &one, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_CORRUPT, "case %s is not in the books", number);
    if (status != STATUS_OK)
        return status;
    if (!state_is(one, member_text(document, "state")))
        json_object_set_new(one, "since", json_string(time));
    for (size_t i = 0; i < sizeof moved / sizeof moved[0]; i++)
        copy(one, document, moved[i]);
    if (state_is(one, "RESOLVED"))
        resolved_set(one, record, time);
    else if (!state_is(one, "CLOSED") && !state_is(one, "VOID"))
        resolved_forget(one);
    status = case_put(fold, one, err);
    if (status == STATUS_OK && state_is(one, "VOID"))
        status = void_forget(fold, number, err);
    json_decref(one);
    books_key_add_number(&key, (uint64_t)member_integer(record, "seq"));
    books_key_add_number(&key, (uint64_t)member_integer(record, "index"));
    return status == STATUS_OK ? books_put_new(fold->txn, BOOKS_CASE_NOTES, &key,
                                               json_pack("{s:s}", "number", member_text(record, "number")), err)
                               : status;
}
