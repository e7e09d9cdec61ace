/*
 * The table of sources of exceptions.
 */
#include "cli/exceptions.h"

#include <string.h>

#include "ledger/books.h"

/* clang-format off: one row a line */
const struct exception_source *const exception_sources[] = {
    &exceptions_waiting,  &exceptions_feeds,
    &exceptions_cases,    &exceptions_orders,
    &exceptions_rebills,  &exceptions_alike,
    &exceptions_leavers,  &exceptions_emergency,
    &exceptions_reviews,  &exceptions_suspects,
    &exceptions_keys,     &exceptions_deliveries,
    &exceptions_restores, NULL,
};
/* clang-format on */

const struct exception_source *exception_source_find(const char *name)
{
    for (size_t i = 0; exception_sources[i] != NULL; i++)
        if (strcmp(exception_sources[i]->name, name) == 0)
            return exception_sources[i];
    return NULL;
}

enum status exception_add(const struct exceptions *asked, const struct exception_row *row, struct err *err)
{
    if (asked->entity != NULL && (row->entity == NULL || strcmp(asked->entity, row->entity) != 0))
        return STATUS_OK;
    return asked->step(asked->context, row, err);
}

enum status exception_entry(const struct exceptions *asked, uint64_t seq, json_t **ret_entry, struct err *err)
{
    struct books_key key = books_key(NULL);
    books_key_add_number(&key, seq);
    enum status status = books_get(asked->facts->books, BOOKS_ENTRIES, &key, ret_entry, err);
    return status == STATUS_NOT_FOUND
               ? err_set(err, STATUS_CORRUPT, "entry %llu is not in the books; run rebuild", (unsigned long long)seq)
               : status;
}
