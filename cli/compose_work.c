/*
 * Disputes, inquiries, exceptions and what is noted of them, as a person writes them. Who opens a case owns it where nobody else is named; an
 * invoice gives its customer, and the currency of a disputed amount.
 */
#include <ctype.h>
#include <string.h>

#include "cli/compose_parts.h"
#include "controls/facts_work.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

/* The invoice is read as that of any document; only here it is one, without an amount of its own. */
static enum status set_invoice(struct compose *compose, json_t *document, struct err *err)
{
    json_t *scratch = NULL;
    if (compose->allocations.count == 0)
        return STATUS_OK;
    if (compose->allocations.count > 1)
        return compose_wrong(compose, COMPOSE_ALLOCATIONS, err, "a dispute is of one invoice");
    scratch = json_pack("{s:s, s:s*}", "entity", member_text(document, "entity"), "customer",
                        member_text(document, "customer"));
    enum status status = scratch != NULL ? compose_set_allocations(compose, scratch, err)
                                         : err_set(err, STATUS_MEMORY, "no memory for an invoice");
    const json_t *one = json_array_get(json_object_get(scratch, "allocations"), 0);
    if (status == STATUS_OK && json_string_length(json_object_get(one, "amount")) > 0)
        status = compose_wrong(compose, COMPOSE_ALLOCATIONS, err, "say how much is disputed with --amount");
    if (status == STATUS_OK)
        status = compose_set_text(document, "invoice", member_text(one, "invoice"), err);
    if (status == STATUS_OK && member_text(one, "line") != NULL)
        status = compose_set_text(document, "line", member_text(one, "line"), err);
    if (status == STATUS_OK && member_text(document, "customer") == NULL)
        status = compose_set_text(document, "customer", member_text(scratch, "customer"), err);
    if (status == STATUS_OK && compose_given(compose, COMPOSE_AMOUNT) != NULL &&
        member_text(document, "currency") == NULL)
        status = compose_set_text(document, "currency", member_text(scratch, "currency"), err);
    json_decref(scratch);
    return status;
}

static enum status fill_dispute(struct compose *compose, json_t *document, struct err *err)
{
    const char *amount = compose_given(compose, COMPOSE_AMOUNT);
    enum status status = compose_set_plain(compose, document, COMPOSE_CURRENCY, NULL, err);
    if (status == STATUS_OK)
        status = set_invoice(compose, document, err);
    if (status != STATUS_OK || amount == NULL)
        return status;
    if (member_text(document, "currency") == NULL)
        status = compose_take_customer(compose, document, false, err);
    return status == STATUS_OK ? compose_set_amount(compose, document, COMPOSE_AMOUNT, amount, err) : status;
}

enum status compose_fill_case(struct compose *compose, json_t *document, enum kind_id kind, struct err *err)
{
    static const enum compose_field plain[] = {COMPOSE_PROMISED, COMPOSE_CUSTOMER_REF, COMPOSE_ABOUT};
    enum status status = compose_set_customer(compose, document, err);
    if (status == STATUS_OK && kind == KIND_DISPUTE)
        status = fill_dispute(compose, document, err);
    if (status == STATUS_OK && kind != KIND_EXCEPTION && member_text(document, "customer") == NULL)
        return compose_wrong(compose, COMPOSE_CUSTOMER, err, "which customer? give one%s",
                             kind == KIND_DISPUTE ? ", or an invoice" : "");
    if (status == STATUS_OK)
        status = compose_set_plain(compose, document, COMPOSE_OWNER, compose->user, err);
    for (size_t i = 0; status == STATUS_OK && i < sizeof plain / sizeof plain[0]; i++)
        status = compose_set_plain(compose, document, plain[i], NULL, err);
    if (status == STATUS_OK && kind == KIND_EXCEPTION && member_text(document, "about") == NULL)
        status = compose_wrong(compose, COMPOSE_ABOUT, err, "which document or file is it about?");
    return status;
}

/* "await-customer" as AWAIT_CUSTOMER. */
static enum status set_word(const struct compose *compose, json_t *document, enum compose_field field, struct err *err)
{
    const char *text = compose_given(compose, field);
    char upper[64];
    size_t i = 0;
    if (text == NULL)
        return STATUS_OK;
    for (; text[i] != '\0' && i + 1 < sizeof upper; i++)
        upper[i] = text[i] == '-' ? '_' : (char)toupper((unsigned char)text[i]);
    upper[i] = '\0';
    return compose_set_text(document, compose_field_name(field), upper, err);
}

/* The entity is the case's. */
static enum status set_case(struct compose *compose, json_t *document, struct err *err)
{
    const char *number = compose_given(compose, COMPOSE_CASE), *entity = compose_given(compose, COMPOSE_ENTITY);
    json_t *record = NULL, *one = NULL;
    if (number == NULL)
        return compose_wrong(compose, COMPOSE_CASE, err, "which case?");
    enum status status = compose_check_id(compose, COMPOSE_CASE, number, err);
    compose->wrong = COMPOSE_CASE;
    if (status == STATUS_OK)
        status = facts_document(compose->facts, number, &record, err);
    if (status == STATUS_OK && record == NULL)
        status = compose_wrong(compose, COMPOSE_CASE, err, "document %s is not in the books", number);
    if (status == STATUS_OK)
        status = facts_case(compose->facts, number, &one, err);
    if (status == STATUS_OK && one == NULL)
        status = compose_wrong(compose, COMPOSE_CASE, err, "%s is no dispute, inquiry or exception", number);
    if (status == STATUS_OK && entity != NULL && strcmp(entity, member_text(one, "entity")) != 0)
        status = compose_wrong(compose, COMPOSE_ENTITY, err, "%s is of %s", number, member_text(one, "entity"));
    if (status == STATUS_OK)
        status = compose_set_text(document, "entity", member_text(one, "entity"), err);
    if (status == STATUS_OK)
        status = compose_set_text(document, "case", number, err);
    json_decref(one);
    json_decref(record);
    return status;
}

enum status compose_fill_note(struct compose *compose, json_t *document, struct err *err)
{
    static const enum compose_field plain[] = {COMPOSE_OWNER, COMPOSE_PROMISED, COMPOSE_ROOT_CAUSE, COMPOSE_SETTLED_BY};
    enum status status = set_case(compose, document, err);
    if (status == STATUS_OK && compose_given(compose, COMPOSE_STATE) == NULL)
        return compose_wrong(compose, COMPOSE_STATE, err,
                             "which? assigned, await-customer, await-internal, resolved, closed, void");
    if (status == STATUS_OK)
        status = set_word(compose, document, COMPOSE_STATE, err);
    if (status == STATUS_OK)
        status = set_word(compose, document, COMPOSE_OUTCOME, err);
    for (size_t i = 0; status == STATUS_OK && i < sizeof plain / sizeof plain[0]; i++)
        status = compose_set_plain(compose, document, plain[i], NULL, err);
    return status;
}
