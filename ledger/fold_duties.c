/*
 * Duties in the books: grants that wait for their second signature, mitigations, what was done under them, and what their
 * reviewers answered. Uses are taken from the decisions (C-24 `use`): folding knows no rules.
 */
#include <string.h>

#include "ledger/books.h"
#include "ledger/fold.h"
#include "ledger/fold_parts.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

enum status fold_grant_waits(const struct fold *fold, const json_t *record, bool there, struct err *err)
{
    const char *number = member_text(record, "number");
    if (strcmp(member_text(record, "kind"), "grant") != 0)
        return STATUS_OK;
    struct books_key key = books_key_pair(member_text(json_object_get(record, "document"), "user"), number);
    return there ? books_put_new(fold->txn, BOOKS_WAITING_GRANTS, &key, json_pack("{s:s}", "number", number), err)
                 : books_delete(fold->txn, BOOKS_WAITING_GRANTS, &key, err);
}

static enum status mitigation_get(const struct fold *fold, const char *number, json_t **ret_record, struct err *err)
{
    struct books_key key = books_key(number);
    enum status status = books_get(fold->txn, BOOKS_MITIGATIONS, &key, ret_record, err);
    return status == STATUS_NOT_FOUND ? err_set(err, STATUS_CORRUPT, "mitigation %s is not in the books", number)
                                      : status;
}

enum status fold_mitigation(const struct fold *fold, const json_t *record, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    const char *number = member_text(record, "number"), *person = member_text(document, "person");
    const char *a = member_text(document, "a"), *b = member_text(document, "b");
    bool swap = strcmp(a, b) > 0;
    char time[INSTANT_TEXT_BYTES];
    instant_format(fold->time_ms, time);
    struct books_key key = books_key(number);
    enum status status =
        books_put_new(fold->txn, BOOKS_MITIGATIONS, &key,
                      json_pack("{s:s, s:i, s:s, s:O, s:s, s:O, s:s, s:O, s:s, s:O, s:i}", "a", swap ? b : a,
                                "answered", 0, "b", swap ? a : b, "control", json_object_get(document, "control"),
                                "number", number, "owner", json_object_get(document, "owner"), "person", person,
                                "reviewer", json_object_get(document, "reviewer"), "since", time, "until",
                                json_object_get(document, "until"), "uses", 0),
                      err);
    if (status != STATUS_OK)
        return status;
    key = books_key_pair(person, swap ? b : a);
    books_key_add_text(&key, swap ? a : b);
    books_key_add_text(&key, number);
    return books_put_new(fold->txn, BOOKS_PERSON_MITIGATIONS, &key, json_pack("{s:s}", "number", number), err);
}

enum status fold_mitigation_review(const struct fold *fold, const json_t *record, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    const char *number = member_text(document, "mitigation");
    json_t *mitigation = NULL;
    char time[INSTANT_TEXT_BYTES];
    instant_format(fold->time_ms, time);
    enum status status = mitigation_get(fold, number, &mitigation, err);
    if (status != STATUS_OK)
        return status;
    /* All uses until now are answered: the rule demands that the reviewer states their number. */
    json_object_set(mitigation, "answered", json_object_get(document, "uses"));
    json_object_set_new(mitigation, "reviewed", json_string(time));
    json_object_set_new(mitigation, "review", json_string(member_text(record, "number")));
    json_object_del(mitigation, "unanswered_since");
    struct books_key key = books_key(number);
    return books_put_new(fold->txn, BOOKS_MITIGATIONS, &key, mitigation, err);
}

enum status fold_mitigation_revoke(const struct fold *fold, const char *number, struct err *err)
{
    json_t *mitigation = NULL;
    char time[INSTANT_TEXT_BYTES];
    instant_format(fold->time_ms, time);
    enum status status = mitigation_get(fold, number, &mitigation, err);
    if (status != STATUS_OK)
        return status;
    json_object_set_new(mitigation, "revoked", json_string(time));
    struct books_key key = books_key(number);
    return books_put_new(fold->txn, BOOKS_MITIGATIONS, &key, mitigation, err);
}

static enum status use_note(const struct fold *fold, const char *number, struct err *err)
{
    json_t *mitigation = NULL;
    char time[INSTANT_TEXT_BYTES];
    instant_format(fold->time_ms, time);
    enum status status = mitigation_get(fold, number, &mitigation, err);
    if (status != STATUS_OK)
        return status;
    json_object_set_new(mitigation, "uses", json_integer(member_integer(mitigation, "uses") + 1));
    json_object_set_new(mitigation, "used", json_string(time));
    if (member_text(mitigation, "unanswered_since") == NULL)
        json_object_set_new(mitigation, "unanswered_since", json_string(time));
    struct books_key key = books_key(number);
    return books_put_new(fold->txn, BOOKS_MITIGATIONS, &key, mitigation, err);
}

enum status fold_mitigation_uses(const struct fold *fold, const json_t *result, struct err *err)
{
    const json_t *answers = json_object_get(result, "controls");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(answers); i++) {
        const json_t *answer = json_array_get(answers, i);
        if (strcmp(member_text(answer, "control"), "C-24") == 0 && strcmp(member_text(answer, "code"), "use") == 0)
            status = use_note(fold, member_text(answer, "mitigation"), err);
    }
    return status;
}
