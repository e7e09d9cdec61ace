/*
 * The two sides of a transfer; see the header. Which way it goes follows from where it takes: from invoices it is debt that
 * moves, from an account the credit that stands there.
 */
#include "ledger/transfer.h"

#include "ledger/schema.h"

bool transfer_of_credit(const json_t *document)
{
    return json_object_get(document, "to") != NULL && json_array_size(json_object_get(document, "allocations")) == 0 &&
           member_text(document, "charge") != NULL;
}

enum status transfer_receiving(const json_t *document, json_t **ret_receiving, struct err *err)
{
    const json_t *to = json_object_get(document, "to");
    *ret_receiving = NULL;
    if (!json_is_object(to) || member_text(document, "charge") == NULL)
        return STATUS_OK;
    json_t *receiving = json_copy((json_t *)document);
    if (receiving == NULL || json_object_update(receiving, (json_t *)to) != 0 ||
        json_object_set_new(receiving, "direction", json_string(transfer_of_credit(document) ? "down" : "up")) != 0) {
        json_decref(receiving);
        return err_set(err, STATUS_MEMORY, "no memory for the side that receives");
    }
    (void)json_object_del(receiving, "to");
    *ret_receiving = receiving;
    return STATUS_OK;
}
