/*
 * What an approval rests on, in the books: when a fact that approvers look at last changed, and which approvals a document
 * has set aside (C-16; FORMAT.md 6.4).
 *
 * A change is known from the entry that announced it: the version of the document that brought it, since that waited where
 * approvers could see it, or the entry itself where nothing announced it (a feed). Of several changes the one stands here
 * that was announced last: nobody who looked before that has seen it.
 */
#include <string.h>

#include "ledger/fold.h"
#include "ledger/fold_parts.h"
#include "ledger/schema.h"

enum status fold_moved(const struct fold *fold, json_t *record, const char *fact, struct err *err)
{
    json_t *moved = json_object_get(record, "moved");
    uint64_t known = fold->known_seq != 0 ? fold->known_seq : fold->seq;
    if (moved == NULL) {
        moved = json_object();
        if (json_object_set_new(record, "moved", moved) != 0)
            return err_set(err, STATUS_MEMORY, "no memory");
    }
    if ((uint64_t)member_integer(json_object_get(moved, fact), "known") > known)
        return STATUS_OK;
    json_t *change = json_pack("{s:I, s:I}", "entry", (json_int_t)fold->seq, "known", (json_int_t)known);
    return json_object_set_new(moved, fact, change) == 0 ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
}

static bool level_in(const json_t *levels, int64_t level)
{
    for (size_t i = 0; i < json_array_size(levels); i++)
        if (json_integer_value(json_array_get(levels, i)) == level)
            return true;
    return false;
}

enum status fold_approvals_aside(json_t *record, const json_t *levels, struct err *err)
{
    json_t *approvals = json_object_get(record, "approvals");
    json_t *aside = json_object_get(record, "aside");
    for (size_t i = json_array_size(approvals); i-- > 0;) {
        json_t *approval = json_array_get(approvals, i);
        if (!level_in(levels, member_integer(approval, "level")))
            continue;
        if (aside == NULL) {
            aside = json_array();
            if (json_object_set_new(record, "aside", aside) != 0)
                return err_set(err, STATUS_MEMORY, "no memory");
        }
        if (json_array_append(aside, approval) != 0 || json_array_remove(approvals, i) != 0)
            return err_set(err, STATUS_MEMORY, "no memory");
    }
    return STATUS_OK;
}
