/*
 * Transfers as a person writes them: what is taken off one customer, by invoice or from the account, and what is put on
 * the other, in the same words. The amount is that of either side; an invoice alone on its side takes all of it.
 */
#include <string.h>

#include "cli/compose_parts.h"
#include "ledger/schema.h"

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory for a transfer");
}

bool compose_transfers(const json_t *document)
{
    const char *charge = member_text(document, "charge");
    return charge != NULL && strcmp(charge, "transfer") == 0;
}

enum status compose_no_transfer(struct compose *compose, json_t *document, struct err *err)
{
    if (compose_given(compose, COMPOSE_TO_CUSTOMER) != NULL)
        return compose_wrong(compose, COMPOSE_TO_CUSTOMER, err, "only a transfer has another side");
    if (compose->to_allocations.count > 0)
        return compose_wrong(compose, COMPOSE_TO_ALLOCATIONS, err, "only a transfer has another side");
    (void)json_object_del(document, "to"); /* an amendment's charge may have been that */
    return STATUS_OK;
}

/* What both sides have in common, and what the other side had; gives. */
static enum status side_begin(const struct compose *compose, const json_t *document, json_t **ret_side, struct err *err)
{
    static const char *const shared[] = {"entity", "currency", "amount"};
    const json_t *to = json_object_get(document, "to");
    const char *customer = compose_given(compose, COMPOSE_TO_CUSTOMER);
    json_t *side = to != NULL ? json_deep_copy(to) : json_object();
    bool whole = side != NULL;
    for (size_t i = 0; whole && i < sizeof shared / sizeof shared[0]; i++)
        whole = json_object_get(document, shared[i]) == NULL ||
                json_object_set(side, shared[i], json_object_get(document, shared[i])) == 0;
    if (whole && customer != NULL)
        whole = json_object_set_new(side, "customer", json_string(customer)) == 0;
    if (!whole) {
        json_decref(side);
        return no_memory(err);
    }
    *ret_side = side;
    return STATUS_OK;
}

/* The other side is composed with the same words: its options stand where the first side's stood. */
static enum status side_compose(struct compose *compose, json_t *side, struct err *err)
{
    struct compose other = *compose;
    other.allocations = compose->to_allocations;
    other.values[COMPOSE_ON_ACCOUNT] = NULL;
    other.values[COMPOSE_AMOUNT] = member_text(side, "amount");
    const char *customer = member_text(side, "customer");
    enum status status = STATUS_OK;
    if (customer != NULL)
        status = compose_check_id(&other, COMPOSE_CUSTOMER, customer, err);
    if (status == STATUS_OK)
        status = compose_set_allocations(&other, side, err);
    if (status == STATUS_OK && json_array_size(json_object_get(side, "allocations")) > 0)
        status = compose_settle_amounts(&other, side, err);
    if (status == STATUS_OK && member_text(side, "customer") == NULL)
        status = compose_wrong(&other, COMPOSE_CUSTOMER, err, "to which customer?");
    bool amounts = other.wrong == COMPOSE_ALLOCATIONS || other.wrong == COMPOSE_AMOUNT;
    compose->wrong = amounts                           ? COMPOSE_TO_ALLOCATIONS
                     : other.wrong == COMPOSE_CUSTOMER ? COMPOSE_TO_CUSTOMER
                                                       : other.wrong;
    return status;
}

static enum status fill_to(struct compose *compose, json_t *document, struct err *err)
{
    json_t *side = NULL;
    enum status status = side_begin(compose, document, &side, err);
    if (status == STATUS_OK)
        status = side_compose(compose, side, err);
    if (status == STATUS_OK &&
        json_object_set_new(document, "to",
                            json_pack("{s:O, s:O}", "allocations", json_object_get(side, "allocations"), "customer",
                                      json_object_get(side, "customer"))) != 0)
        status = no_memory(err);
    json_decref(side);
    return status;
}

enum status compose_fill_transfer(struct compose *compose, json_t *document, struct err *err)
{
    const char *amount = compose_given(compose, COMPOSE_AMOUNT);
    (void)json_object_del(document, "direction");
    enum status status = compose_set_allocations(compose, document, err);
    if (status == STATUS_OK)
        status = compose_take_customer(compose, document, false, err);
    if (status != STATUS_OK)
        return status;
    if (json_array_size(json_object_get(document, "allocations")) > 0)
        status = compose_settle_amounts(compose, document, err);
    else if (amount != NULL)
        status = compose_set_amount(compose, document, COMPOSE_AMOUNT, amount, err);
    else if (member_text(document, "amount") == NULL)
        status = compose_wrong(compose, COMPOSE_AMOUNT, err, "how much of the credit on the account?");
    return status == STATUS_OK ? fill_to(compose, document, err) : status;
}
