/*
 * Who acted on what: which documents name which, and who changed a customer's limit or applied the customer's cash, at the
 * place of the entry, so that looking back over a window costs the window (C-22, C-23).
 */
#include <stdio.h>
#include <string.h>

#include "ledger/books.h"
#include "ledger/fold.h"
#include "ledger/fold_parts.h"
#include "ledger/instant.h"
#include "ledger/limits.h"
#include "ledger/schema.h"

const char *const document_naming[] = {"about", "case", "dispute", "recovers", "reverses", "settled_by", NULL};

static enum status link_mark(const struct fold *fold, const json_t *record, const char *number, bool there,
                             struct err *err)
{
    const char *own = member_text(record, "number");
    if (number == NULL)
        return STATUS_OK;
    struct books_key key = books_key_pair(number, own);
    return there ? books_put_new(fold->txn, BOOKS_LINKED, &key, json_pack("{s:s}", "number", own), err)
                 : books_delete(fold->txn, BOOKS_LINKED, &key, err);
}

enum status fold_links(const struct fold *fold, const json_t *record, bool there, struct err *err)
{
    const json_t *document = json_object_get(record, "document"), *links = json_object_get(document, "links");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(links); i++)
        status = link_mark(fold, record, member_text(json_array_get(links, i), "document"), there, err);
    for (size_t i = 0; status == STATUS_OK && document_naming[i] != NULL; i++)
        status = link_mark(fold, record, member_text(document, document_naming[i]), there, err);
    return status;
}

enum status fold_history(const struct fold *fold, const struct history_row *row, json_t *value, struct err *err)
{
    char time[INSTANT_TEXT_BYTES];
    instant_format(fold->time_ms, time);
    if (value == NULL || json_object_set_new(value, "function", json_string(row->function)) != 0 ||
        json_object_set_new(value, "time", json_string(time)) != 0) {
        json_decref(value);
        return err_set(err, STATUS_MEMORY, "no memory to fold a history");
    }
    struct books_key key = books_key_pair(row->entity, row->customer);
    books_key_add_text(&key, row->person);
    books_key_add_number(&key, fold->seq);
    books_key_add_number(&key, row->index);
    enum status status = books_put_new(fold->txn, BOOKS_HISTORY, &key, value, err);
    key = books_key(row->person);
    if (status == STATUS_OK)
        status = books_put_new(fold->txn, BOOKS_ACTED, &key, json_pack("{s:s}", "time", time), err);
    return status;
}

bool fold_changes_limit(const json_t *record)
{
    const char *kind = member_text(record, "kind");
    return strcmp(kind, "credit-limit") == 0 || strcmp(kind, "temporary-limit") == 0;
}

enum status fold_limit_acted(const struct fold *fold, const json_t *record, const struct limit_act *act,
                             struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    char function[64];
    if (!fold_changes_limit(record))
        return STATUS_OK;
    if (act->level == 0)
        snprintf(function, sizeof function, "%s.prepare", member_text(record, "kind"));
    else
        snprintf(function, sizeof function, "%s.approve.%d", member_text(record, "kind"), act->level);
    const struct history_row row = {.entity = member_text(document, "entity"),
                                    .customer = member_text(document, "customer"),
                                    .person = act->person,
                                    .function = function,
                                    .index = act->index};
    return fold_history(fold, &row, json_pack("{s:s}", "document", member_text(record, "number")), err);
}
