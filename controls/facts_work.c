/*
 * Cases and disputes, read from the books.
 */
#include "controls/facts_work.h"

#include <stdio.h>
#include <string.h>

#include "ledger/schema.h"

enum status facts_case(const struct facts *facts, const char *number, json_t **ret_case, struct err *err)
{
    struct books_key key = books_key(number);
    enum status status = books_get(facts->books, BOOKS_CASES, &key, ret_case, err);
    if (status != STATUS_NOT_FOUND)
        return status;
    *ret_case = NULL;
    return STATUS_OK;
}

bool case_is_open(const json_t *one)
{
    const char *state = member_text(one, "state");
    return strcmp(state, "RESOLVED") != 0 && strcmp(state, "CLOSED") != 0 && strcmp(state, "VOID") != 0;
}

struct dispute_walk {
    const char *not_number;
    char *ret_number; /* NULL: only counts */
    size_t prefix_length;
    int64_t count;
};

static enum status dispute_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct dispute_walk *walk = context;
    char number[ID_BYTES_MAX + 1];
    if (key.length <= walk->prefix_length || key.length - walk->prefix_length > ID_BYTES_MAX)
        return err_set(err, STATUS_CORRUPT, "books: a dispute has no number");
    snprintf(number, sizeof number, "%.*s", (int)(key.length - walk->prefix_length),
             (const char *)key.bytes + walk->prefix_length);
    if (walk->not_number != NULL && strcmp(walk->not_number, number) == 0)
        return STATUS_OK;
    walk->count++;
    if (walk->ret_number == NULL || !json_is_true(json_object_get(record, "open")))
        return STATUS_OK;
    snprintf(walk->ret_number, ID_BYTES_MAX + 1, "%s", number);
    *ret_more = false;
    return STATUS_OK;
}

static enum status disputes_each(const struct facts *facts, const char *entity, const char *invoice,
                                 struct dispute_walk *walk, struct err *err)
{
    struct books_key prefix = books_key_pair(entity, invoice);
    books_key_close(&prefix);
    walk->prefix_length = prefix.length;
    const struct books_walk books = {.table = BOOKS_DISPUTES, .prefix = &prefix, .step = dispute_step, .context = walk};
    return books_each(facts->books, &books, err);
}

enum status facts_dispute_open(const struct facts *facts, const char *entity, const char *invoice,
                               char ret_number[static ID_BYTES_MAX + 1], struct err *err)
{
    struct dispute_walk walk = {.ret_number = ret_number};
    ret_number[0] = '\0';
    return disputes_each(facts, entity, invoice, &walk, err);
}

enum status facts_disputes_count(const struct facts *facts, const char *entity, const char *invoice,
                                 const char *not_number, int64_t *ret_count, struct err *err)
{
    struct dispute_walk walk = {.not_number = not_number};
    enum status status = disputes_each(facts, entity, invoice, &walk, err);
    if (status == STATUS_OK)
        *ret_count = walk.count;
    return status;
}
