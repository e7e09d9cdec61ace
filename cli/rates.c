/*
 * Documents of exchange rates; see the header. What is checked here is checked again at the gate: this says it before
 * anything is signed, with the place.
 */
#include "cli/rates.h"

#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "cli/present.h"
#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"

/* Cuts zeros at the end of decimals: what people type is exact already. */
static enum status rate_canonical(const char *typed, char ret_text[static MONEY_TEXT_MAX], struct err *err)
{
    int64_t trillionths;
    size_t length = strlen(typed);
    if (strchr(typed, '.') != NULL) {
        while (length > 0 && typed[length - 1] == '0')
            length--;
        if (length > 0 && typed[length - 1] == '.')
            length--;
    }
    enum status status = money_parse_rate(typed, length, &trillionths, err);
    if (status == STATUS_OK)
        snprintf(ret_text, MONEY_TEXT_MAX, "%.*s", (int)length, typed);
    return status;
}

static json_t *document_find(json_t *documents, const struct rate_entry *entry)
{
    for (size_t i = 0; i < json_array_size(documents); i++) {
        json_t *document = json_array_get(documents, i);
        if (strcmp(member_text(document, "base"), entry->base) == 0 &&
            strcmp(member_text(document, "date"), entry->date) == 0)
            return document;
    }
    json_t *document = json_pack("{s:s, s:s, s:[]}", "base", entry->base, "date", entry->date, "rates");
    return json_array_append_new(documents, document) == 0 ? document : NULL;
}

static enum status entry_check(const struct rate_entry *entry, struct err *err)
{
    int32_t days;
    if (currency_digits(entry->base) < 0 || currency_digits(entry->currency) < 0)
        return err_set(err, STATUS_INPUT, "'%.8s' is no currency of ISO 4217, three capital letters",
                       currency_digits(entry->base) < 0 ? entry->base : entry->currency);
    if (strcmp(entry->base, entry->currency) == 0)
        return err_set(err, STATUS_INPUT, "%s is the base itself", entry->base);
    return date_parse(entry->date, strlen(entry->date), &days, err);
}

enum status rates_add(json_t *documents, const struct rate_entry *entry, struct err *err)
{
    char text[MONEY_TEXT_MAX];
    enum status status = entry_check(entry, err);
    if (status == STATUS_OK)
        status = rate_canonical(entry->rate, text, err);
    if (status != STATUS_OK)
        return status;
    json_t *rates = json_object_get(document_find(documents, entry), "rates");
    size_t place = 0;
    int order = -1;
    while (place < json_array_size(rates) &&
           (order = strcmp(member_text(json_array_get(rates, place), "currency"), entry->currency)) < 0)
        place++;
    if (place < json_array_size(rates) && order == 0)
        return err_set(err, STATUS_INPUT, "%s stands twice for %s", entry->currency, entry->date);
    return json_array_insert_new(rates, place, json_pack("{s:s, s:s}", "currency", entry->currency, "rate", text)) == 0
               ? STATUS_OK
               : err_set(err, STATUS_MEMORY, "no memory for rates");
}

int rates_submit(struct session *session, json_t *documents)
{
    const struct options *options = session_options(session);
    struct cli *cli = session_cli(session);
    const char *supersedes = options_has(options, "supersedes") ? options_text(options, "supersedes") : NULL;
    const char *given = options_has(options, "ref") ? options_text(options, "ref") : NULL;
    size_t count = json_array_size(documents);
    bool all = true;
    if (count != 1 && (supersedes != NULL || given != NULL)) {
        json_decref(documents);
        return cli_fail(cli, STATUS_INPUT, "--ref and --supersedes are for one document; these are %zu", count);
    }
    for (size_t i = 0; all && i < count; i++) {
        json_t *document = json_array_get(documents, i);
        char ref[SESSION_ID_BYTES];
        session_new_id(session, "R", ref);
        all = json_object_set_new(document, "kind", json_string("rates")) == 0 &&
              json_object_set_new(document, "ref", json_string(given != NULL ? given : ref)) == 0 &&
              json_object_set_new(document, "channel", json_string("cli")) == 0 &&
              (supersedes == NULL ||
               json_object_set_new(document, "links",
                                   json_pack("[{s:s, s:s}]", "document", supersedes, "rel", "supersedes")) == 0);
    }
    json_t *body = all ? json_pack("{s:b, s:O}", "atomic", 0, "documents", documents) : NULL;
    json_decref(documents);
    if (body == NULL)
        return cli_fail(cli, STATUS_MEMORY, "no memory for a document");
    int answer = present_submit(session, VERB_SUBMIT, body, true);
    json_decref(body);
    return answer;
}

enum status rates_defaults(struct session *session, char ret_base[static 4], char ret_date[static 11], struct err *err)
{
    const struct facts *facts = NULL;
    enum status status = session_begin_facts(session, &facts, err);
    if (status != STATUS_OK)
        return status;
    snprintf(ret_base, 4, "%s", facts->policy->base);
    date_format(date_from_instant(facts->time_ms, 0), ret_date);
    session_end_facts(session);
    return STATUS_OK;
}
