/*
 * The files of an erasure, removed one by one; see the header.
 */
#include "controls/erasure.h"

#include <string.h>

#include "controls/facts.h"
#include "controls/facts_govern.h"
#include "ledger/beside.h"
#include "ledger/limits.h"
#include "ledger/schema.h"

static enum status erase_all(const char *book_dir, const json_t *personal, size_t *ret_gone, struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(personal); i++) {
        struct hash hash;
        status = hash_from_hex(json_string_value(json_array_get(personal, i)), &hash);
        if (status == STATUS_OK)
            status = personal_erase(book_dir, &hash, err);
        *ret_gone += status == STATUS_OK;
        if (status == STATUS_NOT_FOUND) /* erased already */
            status = STATUS_OK;
    }
    return status;
}

enum status erasure_run(const struct facts *facts, const char *book_dir, const char *number, size_t *ret_gone,
                        struct err *err)
{
    json_t *record = NULL;
    char customer[ID_BYTES_MAX + 1] = "";
    *ret_gone = 0;
    enum status status = facts_document(facts, number, &record, err);
    const json_t *personal = json_object_get(json_object_get(record, "document"), "personal");
    if (status == STATUS_OK && (personal == NULL || strcmp(member_text(record, "state"), "in-force") != 0))
        status = err_set(err, STATUS_INPUT, "%s is no erasure in force", number);
    if (status == STATUS_OK)
        status = facts_held_personal(facts, personal, customer, err);
    if (status == STATUS_OK && customer[0] != '\0')
        status = err_set(err, STATUS_REFUSED, "customer %s is under legal hold by now: nothing was erased", customer);
    if (status == STATUS_OK)
        status = erase_all(book_dir, personal, ret_gone, err);
    json_decref(record);
    return status;
}
