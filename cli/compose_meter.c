/*
 * From READ=VALUE to the whole set: customer, currency and contract follow from the reads, amounts and invoices from the
 * recomputation that the gate makes again (controls/meter.h). A fall and a rise are two documents of one atomic statement,
 * because thresholds are judged on what moves, not on what is left of it.
 */
#include "cli/compose_meter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/compose_options.h"
#include "cli/present_meter.h"
#include "controls/control.h"
#include "controls/facts_meter.h"
#include "controls/meter.h"
#include "ledger/currency.h"
#include "ledger/decimal.h"
#include "ledger/schema.h"
#include "ledger/text.h"
#include "ledger/usage.h"

struct composing {
    struct session *session;
    const struct facts *facts;
    const char *entity;
    json_t *reads;    /* as the documents have them */
    json_t *contract; /* of the first read */
};

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory for corrected reads");
}

static enum status wrong(const char *option, const char *text, const char *what, struct err *err)
{
    char shown[TEXT_SHOW_MAX];
    text_show(text, strlen(text), shown);
    return err_set(err, STATUS_INPUT, "--%s \"%s\": %s", option, shown, what);
}

static enum status entity_find(struct composing *composing, struct err *err)
{
    const struct policy *policy = composing->facts->policy;
    composing->entity = options_text(session_options(composing->session), "entity");
    if (composing->entity == NULL && policy->entity_count == 1)
        composing->entity = policy->entities[0].entity;
    if (composing->entity == NULL || policy_find_entity(policy, composing->entity) == NULL)
        return err_set(err, STATUS_INPUT, "--entity: which one? the policy has %zu", policy->entity_count);
    return STATUS_OK;
}

static bool clicks_parse(const char *text, size_t length, int64_t *ret_clicks)
{
    uint64_t clicks;
    struct err err;
    if (decimal_parse(text, length, &clicks, &err) != STATUS_OK || clicks > (uint64_t)USAGE_CLICKS_MAX)
        return false;
    *ret_clicks = (int64_t)clicks;
    return true;
}

/* READ=rest: the id goes to ret_id. NULL: no such form. */
static const char *id_split(const char *text, char ret_id[static ID_BYTES_MAX + 1])
{
    const char *equals = strchr(text, '=');
    if (equals == NULL || !text_is_id(text, (size_t)(equals - text)))
        return NULL;
    snprintf(ret_id, ID_BYTES_MAX + 1, "%.*s", (int)(equals - text), text);
    return equals + 1;
}

/* --replaced READ=FINAL:START of this read; *ret_replaced NULL where it is not given. */
static enum status replaced_find(struct composing *composing, const char *read, json_t **ret_replaced, struct err *err)
{
    size_t count = 0;
    const char *const *texts = options_list(session_options(composing->session), "replaced", &count);
    for (size_t i = 0; i < count; i++) {
        char id[ID_BYTES_MAX + 1];
        int64_t final, start;
        const char *rest = id_split(texts[i], id), *colon = rest != NULL ? strchr(rest, ':') : NULL;
        if (colon == NULL || !clicks_parse(rest, (size_t)(colon - rest), &final) ||
            !clicks_parse(colon + 1, strlen(colon + 1), &start))
            return wrong("replaced", texts[i], "READ=FINAL:START, what the old counter showed last, the new one first",
                         err);
        if (strcmp(id, read) != 0)
            continue;
        *ret_replaced = json_pack("{s:I, s:I}", "final", (json_int_t) final, "start", (json_int_t)start);
        return *ret_replaced != NULL ? STATUS_OK : no_memory(err);
    }
    return STATUS_OK;
}

static enum status read_compose(struct composing *composing, const char *text, json_t **ret_said, struct err *err)
{
    const char *source = options_text(session_options(composing->session), "source");
    char id[ID_BYTES_MAX + 1];
    int64_t value;
    json_t *record = NULL, *replaced = NULL;
    const char *rest = id_split(text, id);
    if (rest == NULL || !clicks_parse(rest, strlen(rest), &value))
        return wrong("read", text, "READ=VALUE, the read's number and what the counter showed", err);
    enum status status = facts_read(composing->facts, composing->entity, id, &record, err);
    if (status == STATUS_OK && record == NULL)
        status = wrong("read", text, "there is no such read", err);
    if (status == STATUS_OK && composing->contract == NULL)
        status = facts_contract(composing->facts, composing->entity, member_text(record, "contract"),
                                &composing->contract, err);
    if (status == STATUS_OK)
        status = replaced_find(composing, id, &replaced, err);
    if (status == STATUS_OK) {
        if (replaced == NULL)
            replaced = json_incref(json_object_get(read_standing(record), "replaced"));
        *ret_said = json_pack("{s:s, s:s, s:I, s:o*}", "read", id, "source", source != NULL ? source : "technician",
                              "value", (json_int_t)value, "replaced", replaced);
        if (*ret_said == NULL)
            status = no_memory(err);
    }
    json_decref(record);
    return status;
}

static int read_compare(const void *a, const void *b)
{
    return strcmp(member_text(*(const json_t *const *)a, "read"), member_text(*(const json_t *const *)b, "read"));
}

static enum status reads_compose(struct composing *composing, struct err *err)
{
    size_t count = 0, made = 0;
    const char *const *texts = options_list(session_options(composing->session), "read", &count);
    json_t **said = calloc(count + 1, sizeof *said);
    enum status status = said != NULL ? STATUS_OK : no_memory(err);
    for (; status == STATUS_OK && made < count; made++) {
        status = read_compose(composing, texts[made], &said[made], err);
        if (status != STATUS_OK)
            break;
    }
    if (status == STATUS_OK)
        qsort(said, made, sizeof *said, read_compare);
    for (size_t i = 0; i < made; i++)
        if (json_array_append_new(composing->reads, said[i]) != 0 && status == STATUS_OK)
            status = no_memory(err);
    free(said);
    return status;
}

/* What the gate would refuse is told in its words, before anything is signed. */
static enum status tell_refusal(const struct meter_outcome *outcome, struct err *err)
{
    char sentence[SENTENCE_BYTES];
    json_t *answer = json_copy(outcome->inputs);
    if (answer == NULL || json_object_set_new(answer, "code", json_string(outcome->code)) != 0 ||
        json_object_set_new(answer, "control", json_string("C-11")) != 0) {
        json_decref(answer);
        return no_memory(err);
    }
    answer_sentence(answer, sentence);
    json_decref(answer);
    return err_set(err, STATUS_INPUT, "--read: %s", sentence);
}

static bool evidence_of_exchange(const struct options *options)
{
    size_t count = 0;
    const char *const *texts = options_list(options, "evidence", &count);
    for (size_t i = 0; i < count; i++)
        if (strncmp(texts[i], METER_REPLACED_EVIDENCE ":", strlen(METER_REPLACED_EVIDENCE ":")) == 0)
            return true;
    return false;
}

static enum status recompute(struct composing *composing, struct meter_outcome *outcome, struct err *err)
{
    const json_t *contract = composing->contract;
    const struct meter_claim claim = {.entity = composing->entity,
                                      .customer = member_text(contract, "customer"),
                                      .currency = member_text(contract, "currency"),
                                      .contract = member_text(contract, "contract"),
                                      .reads = composing->reads,
                                      .shows_replaced = evidence_of_exchange(session_options(composing->session))};
    enum status status = meter_compute(composing->facts, &claim, outcome, err);
    if (status == STATUS_OK && outcome->code != NULL)
        return tell_refusal(outcome, err);
    if (status == STATUS_OK && json_array_size(outcome->down.charges) + json_array_size(outcome->up.charges) == 0)
        status = err_set(err, STATUS_INPUT, "--read: no bill comes to another amount by it");
    return status;
}

static enum status side_compose(struct composing *composing, const struct meter_side *side, bool up, bool alone,
                                json_t *documents, struct err *err)
{
    const json_t *contract = composing->contract;
    const char *currency = member_text(contract, "currency");
    const char *ref = options_text(session_options(composing->session), "ref");
    char amount[MONEY_TEXT_MAX], own_ref[ID_BYTES_MAX + 8];
    json_t *document = NULL;
    if (json_array_size(side->charges) == 0)
        return STATUS_OK;
    snprintf(own_ref, sizeof own_ref, "%s%s", ref != NULL ? ref : "", alone ? "" : up ? ":up" : ":down");
    money_format(side->amount_minor, currency_digits(currency), amount);
    json_t *before =
        json_pack("{s:O, s:s, s:O, s:O, s:s, s:O, s:s, s:s, s:O}", "allocations", side->allocations, "amount", amount,
                  "charges", side->charges, "contract", json_object_get(contract, "contract"), "currency", currency,
                  "customer", json_object_get(contract, "customer"), "direction", up ? "up" : "down", "entity",
                  composing->entity, "reads", composing->reads);
    if (before == NULL)
        return no_memory(err);
    const struct compose_about about = {.kind = "correction", .before = before, .ref = ref != NULL ? own_ref : NULL};
    enum status status = compose_from_options(composing->session, &about, &document, err);
    json_decref(before);
    if (status == STATUS_OK && json_array_append_new(documents, document) != 0)
        status = no_memory(err);
    return status;
}

enum status compose_meter(struct session *session, json_t **ret_documents, struct err *err)
{
    struct composing composing = {.session = session, .reads = json_array()};
    struct meter_outcome outcome = {.code = NULL};
    json_t *documents = json_array();
    enum status status = documents != NULL && composing.reads != NULL ? STATUS_OK : no_memory(err);
    if (status == STATUS_OK)
        status = session_begin_facts(session, &composing.facts, err);
    if (status == STATUS_OK) {
        status = entity_find(&composing, err);
        if (status == STATUS_OK)
            status = reads_compose(&composing, err);
        if (status == STATUS_OK)
            status = recompute(&composing, &outcome, err);
        session_end_facts(session);
    }
    bool alone = json_array_size(outcome.down.charges) == 0 || json_array_size(outcome.up.charges) == 0;
    if (status == STATUS_OK)
        status = side_compose(&composing, &outcome.down, false, alone, documents, err);
    if (status == STATUS_OK)
        status = side_compose(&composing, &outcome.up, true, alone, documents, err);
    if (status == STATUS_OK)
        status =
            present_meter_outcome(session_cli(session), member_text(composing.contract, "currency"), &outcome, err);
    if (status == STATUS_OK)
        *ret_documents = json_incref(documents);
    json_decref(documents);
    json_decref(composing.reads);
    json_decref(composing.contract);
    meter_outcome_done(&outcome);
    return status;
}
