/*
 * From fields as a person writes them to a document of FORMAT.md 5. Errors are told here, by field and before anything is
 * signed, where a person can mend them; whether the document may be posted is the gate's question.
 */
#include "cli/compose_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/nearest.h"
#include "controls/kind.h"
#include "ledger/currency.h"
#include "ledger/hash.h"
#include "ledger/instant.h"
#include "ledger/limits.h"
#include "ledger/schema.h"
#include "ledger/text.h"

#define BIT(kind) (UINT64_C(1) << KIND_##kind)
#define CLAIMS    (BIT(CREDIT_NOTE) | BIT(CORRECTION) | BIT(REBILL) | BIT(ADJUSTMENT)) /* what a customer asks for */

static const char *const field_names[COMPOSE_FIELD_COUNT] = {
    "kind",     "ref",         "entity",       "customer",    "currency",       "amount",       "reason",
    "date",     "allocations", "on_account",   "direction",   "field",          "method",       "limit",
    "previous", "reverses",    "duplicate_of", "note",        "evidence",       "requested_by", "taxes",
    "case",     "charge",      "recovers",     "receipt",     "bill_to",        "bill_date",    "bill_due",
    "bill_ref", "bill_taxes",  "from",         "to",          "review",         "order",        "expires",
    "owner",    "promised",    "customer_ref", "about",       "dispute",        "behalf",       "state",
    "outcome",  "root_cause",  "settled_by",   "to_customer", "to_allocations",
};

const char *compose_field_name(enum compose_field field)
{
    return field_names[field];
}

const char *compose_given(const struct compose *compose, enum compose_field field)
{
    const char *value = compose->values[field];
    return value != NULL && value[0] != '\0' ? value : NULL;
}

enum status compose_wrong(struct compose *compose, enum compose_field field, struct err *err, const char *format, ...)
{
    char text[ERR_TEXT_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    compose->wrong = field;
    return err_set(err, STATUS_INPUT, "%s", text);
}

enum status compose_set_text(json_t *document, const char *name, const char *text, struct err *err)
{
    enum status status = text_check(text, strlen(text), err);
    if (status != STATUS_OK)
        return status;
    return json_object_set_new(document, name, json_string(text)) == 0
               ? STATUS_OK
               : err_set(err, STATUS_MEMORY, "no memory for the %s", name);
}

/* Ids and codes are checked before the books are asked with them. */
enum status compose_check_id(struct compose *compose, enum compose_field field, const char *text, struct err *err)
{
    char shown[TEXT_SHOW_MAX];
    if (text_is_id(text, strlen(text)))
        return STATUS_OK;
    text_show(text, strlen(text), shown);
    return compose_wrong(compose, field, err, "\"%s\": letters, digits and . _ : / @ -, at most %d", shown,
                         ID_BYTES_MAX);
}

/* entity */

static enum status no_entity(struct compose *compose, const char *text, struct err *err)
{
    char list[256] = "", shown[TEXT_SHOW_MAX];
    const struct policy *policy = compose->facts->policy;
    size_t used = 0;
    for (size_t i = 0; i < policy->entity_count && used + 40 < sizeof list; i++)
        used +=
            (size_t)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", policy->entities[i].entity);
    if (text == NULL)
        return compose_wrong(compose, COMPOSE_ENTITY, err, "which one? the policy has %s", list);
    text_show(text, strlen(text), shown);
    return compose_wrong(compose, COMPOSE_ENTITY, err, "\"%s\": the policy has %s", shown, list);
}

static enum status set_entity(struct compose *compose, json_t *document, struct err *err)
{
    const struct policy *policy = compose->facts->policy;
    const char *text = compose_given(compose, COMPOSE_ENTITY);
    if (text == NULL && member_text(document, "entity") != NULL)
        return STATUS_OK;
    if (text == NULL && policy->entity_count == 1)
        text = policy->entities[0].entity;
    if (text == NULL || policy_find_entity(policy, text) == NULL)
        return no_entity(compose, text, err);
    return compose_set_text(document, "entity", text, err);
}

/* the other members */

enum status compose_set_plain(struct compose *compose, json_t *document, enum compose_field field,
                              const char *otherwise, struct err *err)
{
    const char *text = compose_given(compose, field);
    if (text == NULL && member_text(document, field_names[field]) == NULL)
        text = otherwise;
    compose->wrong = field;
    return text != NULL ? compose_set_text(document, field_names[field], text, err) : STATUS_OK;
}

static enum status set_reason(struct compose *compose, json_t *document, struct err *err)
{
    const struct policy *policy = compose->facts->policy;
    const char *text = compose_given(compose, COMPOSE_REASON);
    const char *names[POLICY_LIST_MAX];
    char shown[TEXT_SHOW_MAX];
    if (text == NULL && member_text(document, "reason") != NULL)
        return STATUS_OK;
    if (text == NULL)
        return compose_wrong(compose, COMPOSE_REASON, err, "why? a reason code is needed");
    if (policy_find_reason(policy, text) != NULL)
        return compose_set_text(document, "reason", text, err);
    for (size_t i = 0; i < policy->reason_count; i++)
        names[i] = policy->reasons[i].reason;
    const char *near = nearest_word(text, names, policy->reason_count);
    text_show(text, strlen(text), shown);
    return compose_wrong(compose, COMPOSE_REASON, err, "\"%s\": the policy has no such reason%s%s%s", shown,
                         near != NULL ? ", did you mean " : "", near != NULL ? near : "", near != NULL ? "?" : "");
}

enum status compose_set_date(struct compose *compose, json_t *document, struct err *err)
{
    const struct policy_entity *entity = policy_find_entity(compose->facts->policy, member_text(document, "entity"));
    const char *text = compose_given(compose, COMPOSE_DATE);
    char today[DATE_TEXT_BYTES];
    int32_t days;
    compose->wrong = COMPOSE_DATE;
    if (text != NULL) {
        enum status status = date_parse(text, strlen(text), &days, err);
        return status == STATUS_OK ? compose_set_text(document, "date", text, err) : status;
    }
    if (member_text(document, "date") != NULL)
        return STATUS_OK;
    if (compose->first != NULL && member_text(compose->first, "date") != NULL)
        return compose_set_text(document, "date", member_text(compose->first, "date"), err);
    if (entity == NULL)
        return no_entity(compose, member_text(document, "entity"), err);
    date_format(entity_date(entity, compose->facts->time_ms), today);
    return compose_set_text(document, "date", today, err);
}

static enum status add_link(struct compose *compose, json_t *links, enum compose_field field, const char *rel,
                            struct err *err)
{
    const char *other = compose_given(compose, field);
    if (other == NULL)
        return STATUS_OK;
    enum status status = compose_check_id(compose, field, other, err);
    if (status == STATUS_OK &&
        json_array_append_new(links, json_pack("{s:s, s:s}", "document", other, "rel", rel)) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory for links");
    return status;
}

/* Links that are given take the place of those before. */
static enum status set_links(struct compose *compose, json_t *document, struct err *err)
{
    json_t *links = json_array();
    enum status status = links != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for links");
    if (status == STATUS_OK)
        status = add_link(compose, links, COMPOSE_DUPLICATE_OF, "duplicate-of", err);
    if (status == STATUS_OK)
        status = add_link(compose, links, COMPOSE_DISPUTE, "dispute", err);
    if (status == STATUS_OK && json_array_size(links) > 0 && json_object_set(document, "links", links) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory for links");
    json_decref(links);
    return status;
}

enum status compose_set_customer(struct compose *compose, json_t *document, struct err *err)
{
    const char *text = compose_given(compose, COMPOSE_CUSTOMER);
    if (text == NULL)
        return STATUS_OK;
    enum status status = compose_check_id(compose, COMPOSE_CUSTOMER, text, err);
    return status == STATUS_OK ? compose_set_text(document, "customer", text, err) : status;
}

/* The customer's currency, and for a limit what it replaces. */
enum status compose_take_customer(struct compose *compose, json_t *document, bool limit, struct err *err)
{
    json_t *record = NULL;
    const char *customer = member_text(document, "customer");
    if (customer == NULL)
        return compose_wrong(compose, COMPOSE_CUSTOMER, err, "which customer? give one, or an invoice");
    compose->wrong = COMPOSE_CUSTOMER;
    enum status status = facts_customer(compose->facts, member_text(document, "entity"), customer, &record, err);
    if (status != STATUS_OK)
        return status;
    if (member_text(document, "currency") == NULL) {
        if (record == NULL)
            status = compose_wrong(compose, COMPOSE_CUSTOMER, err, "customer %s is not in the books of %s", customer,
                                   member_text(document, "entity"));
        else
            status = compose_set_text(document, "currency", member_text(record, "currency"), err);
    }
    const char *previous = compose->first != NULL ? member_text(compose->first, "previous") : NULL;
    if (previous == NULL)
        previous = member_text(record, "limit_text");
    if (status == STATUS_OK && limit && member_text(document, "previous") == NULL && previous != NULL)
        status = compose_set_text(document, "previous", previous, err);
    json_decref(record);
    return status;
}

static enum status fill_money(struct compose *compose, json_t *document, struct err *err)
{
    enum status status = STATUS_OK;
    if (compose_gives_balance(document)) {
        status = compose_take_customer(compose, document, false, err);
        return status == STATUS_OK ? compose_fill_balance(compose, document, err) : status;
    }
    if (compose_transfers(document))
        return compose_fill_transfer(compose, document, err);
    status = compose_set_allocations(compose, document, err);
    if (status == STATUS_OK)
        status = compose_take_customer(compose, document, false, err);
    if (status == STATUS_OK)
        status = compose_settle_amounts(compose, document, err);
    return status == STATUS_OK ? compose_set_taxes(compose, document, err) : status;
}

/* An adjustment goes down unless it is said to go up; a credit balance goes nowhere, a transfer to its other side. */
static enum status fill_adjustment(struct compose *compose, json_t *document, struct err *err)
{
    enum status status = compose_set_plain(compose, document, COMPOSE_CHARGE, NULL, err);
    if (status == STATUS_OK && member_text(document, "charge") == NULL)
        return compose_wrong(compose, COMPOSE_CHARGE, err,
                             "which? finance, small-balance, freight, discount, fx, credit-balance, transfer");
    if (status != STATUS_OK || compose_transfers(document))
        return status;
    status = compose_no_transfer(compose, document, err);
    if (status != STATUS_OK || compose_gives_balance(document))
        return status;
    return compose_set_plain(compose, document, COMPOSE_DIRECTION, "down", err);
}

enum status compose_fill_limit(struct compose *compose, json_t *document, struct err *err)
{
    enum status status = STATUS_OK;
    if (compose_given(compose, COMPOSE_LIMIT) == NULL && member_text(document, "limit") == NULL)
        return compose_wrong(compose, COMPOSE_LIMIT, err, "what is the new limit?");
    status = compose_take_customer(compose, document, true, err);
    if (status == STATUS_OK && compose_given(compose, COMPOSE_LIMIT) != NULL)
        status = compose_set_amount(compose, document, COMPOSE_LIMIT, compose_given(compose, COMPOSE_LIMIT), err);
    if (status == STATUS_OK && compose_given(compose, COMPOSE_PREVIOUS) != NULL)
        status = compose_set_amount(compose, document, COMPOSE_PREVIOUS, compose_given(compose, COMPOSE_PREVIOUS), err);
    return status;
}

/* The entity is the original's. */
static enum status fill_reversal(struct compose *compose, json_t *document, struct err *err)
{
    const char *number = compose_given(compose, COMPOSE_REVERSES);
    json_t *record = NULL;
    if (number == NULL)
        return member_text(document, "reverses") != NULL
                   ? STATUS_OK
                   : compose_wrong(compose, COMPOSE_REVERSES, err, "which document?");
    enum status status = compose_check_id(compose, COMPOSE_REVERSES, number, err);
    compose->wrong = COMPOSE_REVERSES;
    if (status == STATUS_OK)
        status = facts_document(compose->facts, number, &record, err);
    if (status == STATUS_OK && record == NULL)
        status = compose_wrong(compose, COMPOSE_REVERSES, err, "document %s is not in the books", number);
    if (status == STATUS_OK)
        status = compose_set_text(document, "reverses", number, err);
    if (status == STATUS_OK)
        status = compose_set_text(document, "entity", member_text(record, "entity"), err);
    json_decref(record);
    return status;
}

/* What the kinds have of their own. */
static enum status fill_kind(struct compose *compose, json_t *document, enum kind_id kind, struct err *err)
{
    enum status status = STATUS_OK;
    if (kind == KIND_REVERSAL)
        return fill_reversal(compose, document, err);
    if (kind == KIND_CASE_NOTE)
        return compose_fill_note(compose, document, err);
    if (kind_is_case(kind))
        return compose_fill_case(compose, document, kind, err);
    status = compose_set_customer(compose, document, err);
    if (status == STATUS_OK)
        status = compose_set_plain(compose, document, COMPOSE_CURRENCY, NULL, err);
    if (status == STATUS_OK && kind == KIND_RECOVERY)
        status = compose_fill_recovery(compose, document, err);
    if (status == STATUS_OK && kind == KIND_ADJUSTMENT)
        status = fill_adjustment(compose, document, err);
    if (status == STATUS_OK && kind == KIND_CREDIT_LIMIT)
        status = compose_fill_permanent(compose, document, err);
    else if (status == STATUS_OK && kind == KIND_TEMPORARY_LIMIT)
        status = compose_fill_temporary(compose, document, err);
    else if (status == STATUS_OK && kind == KIND_HOLD_RELEASE)
        status = compose_fill_release(compose, document, err);
    else if (status == STATUS_OK)
        status = fill_money(compose, document, err);
    if (status == STATUS_OK && kind == KIND_CORRECTION) {
        status = compose_set_plain(compose, document, COMPOSE_DIRECTION, "down", err);
        if (status == STATUS_OK)
            status = compose_set_plain(compose, document, COMPOSE_FIELD, NULL, err);
        if (status == STATUS_OK && member_text(document, "field") == NULL)
            status = compose_wrong(compose, COMPOSE_FIELD, err,
                                   "what was wrong: price, quantity, meter, tax, duplicate, terms");
    }
    if (status == STATUS_OK && kind == KIND_REBILL)
        status = compose_fill_rebill(compose, document, err);
    if (status == STATUS_OK && kind == KIND_WRITE_OFF)
        status = compose_set_plain(compose, document, COMPOSE_METHOD, "allowance", err);
    if (status == STATUS_OK && kind == KIND_WRITE_OFF)
        status = compose_set_plain(compose, document, COMPOSE_CASE, NULL, err);
    return status;
}

/* What settles a dispute answers the reference under which the customer complained. */
static enum status set_customer_ref(struct compose *compose, json_t *document, enum kind_id kind, struct err *err)
{
    const char *dispute = compose_given(compose, COMPOSE_DISPUTE);
    json_t *record = NULL;
    enum status status = STATUS_OK;
    if ((CLAIMS >> kind & 1) == 0)
        return STATUS_OK;
    compose->wrong = COMPOSE_DISPUTE;
    if (dispute != NULL)
        status = facts_document(compose->facts, dispute, &record, err);
    if (status == STATUS_OK)
        status = compose_set_plain(compose, document, COMPOSE_CUSTOMER_REF,
                                   member_text(json_object_get(record, "document"), "customer_ref"), err);
    json_decref(record);
    return status;
}

/*
 * The run that makes this version: never the one of the version before. What was admitted under the ref keeps its own, so
 * that a row sent again by a later run is the same document.
 */
static enum status set_run(struct compose *compose, json_t *document, struct err *err)
{
    const json_t *first = json_object_get(compose->first, "run");
    const char *hash = compose->run != NULL ? strrchr(compose->run, '=') : NULL;
    struct hash ignored;
    if (json_object_get(document, "run") != NULL)
        (void)json_object_del(document, "run");
    if (compose->run == NULL)
        return STATUS_OK;
    if (hash == NULL || !text_is_id(compose->run, (size_t)(hash - compose->run)) ||
        strlen(hash + 1) != HASH_HEX_CHARS || hash_from_hex(hash + 1, &ignored) != STATUS_OK)
        return err_set(err, STATUS_INPUT,
                       "a run is ID=SHA256: an id, and the hash of the bot's code and configuration in small hex");
    json_t *run = first != NULL
                      ? json_deep_copy(first)
                      : json_pack("{s:s%, s:s}", "id", compose->run, (size_t)(hash - compose->run), "sha256", hash + 1);
    return json_object_set_new(document, "run", run) == 0 ? STATUS_OK
                                                          : err_set(err, STATUS_MEMORY, "no memory for a run");
}

static enum status fill_common(struct compose *compose, json_t *document, enum kind_id kind, struct err *err)
{
    enum status status = kind != KIND_CASE_NOTE ? set_reason(compose, document, err) : STATUS_OK;
    if (status == STATUS_OK && !kind_is_case(kind) && kind != KIND_CASE_NOTE)
        status = compose_set_date(compose, document, err);
    if (status == STATUS_OK)
        status = compose_set_plain(compose, document, COMPOSE_NOTE, NULL, err);
    if (status == STATUS_OK)
        status = compose_set_plain(compose, document, COMPOSE_REQUESTED_BY, NULL, err);
    /* For whom one acts is said anew each time: an amendment is not for the one that the version before was for. */
    if (status == STATUS_OK && json_object_get(document, "behalf") != NULL)
        (void)json_object_del(document, "behalf");
    if (status == STATUS_OK)
        status = compose_set_plain(compose, document, COMPOSE_BEHALF, NULL, err);
    if (status == STATUS_OK)
        status = set_links(compose, document, err);
    if (status == STATUS_OK)
        status = set_run(compose, document, err);
    return status == STATUS_OK ? set_customer_ref(compose, document, kind, err) : status;
}

static enum status read_kind(struct compose *compose, json_t *document, enum kind_id *ret_kind, struct err *err)
{
    static const enum kind_id posted[] = {KIND_CREDIT_NOTE,     KIND_CORRECTION,   KIND_WRITE_OFF, KIND_CREDIT_LIMIT,
                                          KIND_TEMPORARY_LIMIT, KIND_HOLD_RELEASE, KIND_DISPUTE,   KIND_INQUIRY,
                                          KIND_EXCEPTION,       KIND_REVERSAL,     KIND_REBILL,    KIND_RECOVERY,
                                          KIND_ADJUSTMENT,      KIND_CASE_NOTE};
    const char *name = compose_given(compose, COMPOSE_KIND);
    char shown[TEXT_SHOW_MAX];
    if (name == NULL)
        name = member_text(document, "kind");
    enum kind_id kind = name != NULL ? kind_from_name(name) : KIND_UNKNOWN;
    for (size_t i = 0; i < sizeof posted / sizeof posted[0]; i++) {
        if (posted[i] != kind)
            continue;
        *ret_kind = kind;
        return compose_set_text(document, "kind", name, err);
    }
    text_show(name != NULL ? name : "", name != NULL ? strlen(name) : 0, shown);
    return compose_wrong(
        compose, COMPOSE_KIND, err,
        "\"%s\": one of credit-note, correction, write-off, credit-limit, rebill, recovery, adjustment, "
        "temporary-limit, hold-release, "
        "dispute, inquiry, exception, case-note, reversal",
        shown);
}

/* A field that another kind has would be lost without a word. */
static enum status refuse_strangers(struct compose *compose, enum kind_id kind, struct err *err)
{
    const uint64_t invoices =
        BIT(CREDIT_NOTE) | BIT(CORRECTION) | BIT(WRITE_OFF) | BIT(REBILL) | BIT(RECOVERY) | BIT(ADJUSTMENT);
    const uint64_t limits = BIT(CREDIT_LIMIT) | BIT(TEMPORARY_LIMIT), release = BIT(HOLD_RELEASE);
    const uint64_t cases = BIT(DISPUTE) | BIT(INQUIRY) | BIT(EXCEPTION), note = BIT(CASE_NOTE);
    const struct {
        enum compose_field field;
        uint64_t kinds;
    } owners[] = {
        {COMPOSE_AMOUNT, invoices | release | BIT(DISPUTE)},
        {COMPOSE_CUSTOMER, invoices | limits | release | BIT(DISPUTE) | BIT(INQUIRY)},
        {COMPOSE_CURRENCY, invoices | limits | release | BIT(DISPUTE)},
        {COMPOSE_ON_ACCOUNT, BIT(CREDIT_NOTE)},
        {COMPOSE_DIRECTION, BIT(CORRECTION) | BIT(ADJUSTMENT)},
        {COMPOSE_TAXES, BIT(CREDIT_NOTE) | BIT(CORRECTION)},
        {COMPOSE_CASE, BIT(WRITE_OFF) | note},
        {COMPOSE_CHARGE, BIT(ADJUSTMENT)},
        {COMPOSE_RECOVERS, BIT(RECOVERY)},
        {COMPOSE_RECEIPT, BIT(RECOVERY)},
        {COMPOSE_BILL_TO, BIT(REBILL)},
        {COMPOSE_BILL_DATE, BIT(REBILL)},
        {COMPOSE_BILL_DUE, BIT(REBILL)},
        {COMPOSE_BILL_REF, BIT(REBILL)},
        {COMPOSE_BILL_TAXES, BIT(REBILL)},
        {COMPOSE_FIELD, BIT(CORRECTION)},
        {COMPOSE_METHOD, BIT(WRITE_OFF)},
        {COMPOSE_LIMIT, limits},
        {COMPOSE_PREVIOUS, limits},
        {COMPOSE_REVERSES, BIT(REVERSAL)},
        {COMPOSE_FROM, BIT(TEMPORARY_LIMIT)},
        {COMPOSE_TO, BIT(TEMPORARY_LIMIT)},
        {COMPOSE_REVIEW, BIT(CREDIT_LIMIT)},
        {COMPOSE_ORDER, release},
        {COMPOSE_EXPIRES, release},
        {COMPOSE_OWNER, cases | note},
        {COMPOSE_PROMISED, BIT(DISPUTE) | BIT(INQUIRY) | note},
        {COMPOSE_CUSTOMER_REF, CLAIMS | BIT(DISPUTE) | BIT(INQUIRY)},
        {COMPOSE_ABOUT, BIT(EXCEPTION)},
        {COMPOSE_DATE, ~(cases | note)},
        {COMPOSE_DISPUTE, ~(cases | note | BIT(REVERSAL))},
        {COMPOSE_REASON, ~note},
        {COMPOSE_STATE, note},
        {COMPOSE_OUTCOME, note},
        {COMPOSE_ROOT_CAUSE, note},
        {COMPOSE_SETTLED_BY, note},
        {COMPOSE_TO_CUSTOMER, BIT(ADJUSTMENT)},
    };
    const struct compose_texts *allocations = &compose->allocations;
    for (size_t i = 0; i < sizeof owners / sizeof owners[0]; i++)
        if (compose_given(compose, owners[i].field) != NULL && (owners[i].kinds >> kind & 1) == 0)
            return compose_wrong(compose, owners[i].field, err, "a %s has none", kind_name(kind));
    if (allocations->count > 0 && ((invoices | BIT(DISPUTE)) >> kind & 1) == 0)
        return compose_wrong(compose, COMPOSE_ALLOCATIONS, err, "a %s has none", kind_name(kind));
    if (compose->to_allocations.count > 0 && kind != KIND_ADJUSTMENT)
        return compose_wrong(compose, COMPOSE_TO_ALLOCATIONS, err, "a %s has none", kind_name(kind));
    return STATUS_OK;
}

static enum status fill(struct compose *compose, json_t *document, struct err *err)
{
    enum kind_id kind = KIND_UNKNOWN;
    enum status status = read_kind(compose, document, &kind, err);
    if (status == STATUS_OK)
        status = refuse_strangers(compose, kind, err);
    if (status == STATUS_OK && compose_given(compose, COMPOSE_REF) != NULL)
        status = compose_check_id(compose, COMPOSE_REF, compose_given(compose, COMPOSE_REF), err);
    if (status == STATUS_OK)
        status = compose_set_text(
            document, "ref", compose_given(compose, COMPOSE_REF) != NULL ? compose_given(compose, COMPOSE_REF) : "",
            err);
    if (status == STATUS_OK)
        status = compose_set_text(document, "channel", compose->channel, err);
    if (status == STATUS_OK && kind != KIND_REVERSAL && kind != KIND_CASE_NOTE)
        status = set_entity(compose, document, err);
    if (status == STATUS_OK)
        status = fill_kind(compose, document, kind, err);
    if (status == STATUS_OK)
        status = fill_common(compose, document, kind, err);
    if (status != STATUS_OK)
        return status;
    compose->wrong = COMPOSE_EVIDENCE;
    status = compose_evidence(compose, document, err);
    if (status != STATUS_OK)
        return status;
    compose->wrong = COMPOSE_FIELD_COUNT;
    return kind_check_document(document, "", err);
}

enum status compose_document(struct compose *compose, json_t **ret_document, struct err *err)
{
    json_t *document = compose->before != NULL ? json_deep_copy(compose->before) : json_object();
    compose->wrong = COMPOSE_FIELD_COUNT;
    if (document == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a document");
    enum status status = fill(compose, document, err);
    if (status == STATUS_OK)
        *ret_document = document;
    else
        json_decref(document);
    return status;
}
