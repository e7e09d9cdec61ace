/*
 * Documents of exchange rates; see the header. What is checked here is checked again at the gate: this says it before
 * anything is signed, with the place.
 */
#include "cli/rates.h"

#include <stdio.h>
#include <string.h>

#include "cli/govern.h"
#include "cli/output.h"
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

/* Submits the documents (stolen); returns the exit status. */
static int submit(struct session *session, json_t *documents)
{
    const struct options *options = session_options(session);
    struct cli *cli = session_cli(session);
    const char *supersedes = options_text(options, "supersedes");
    size_t count = json_array_size(documents);
    if (count != 1 && (supersedes != NULL || options_text(options, "ref") != NULL)) {
        json_decref(documents);
        return cli_fail(cli, STATUS_INPUT, "--ref and --supersedes are for one document; these are %zu", count);
    }
    if (supersedes != NULL &&
        json_object_set_new(json_array_get(documents, 0), "links",
                            json_pack("[{s:s, s:s}]", "document", supersedes, "rel", "supersedes")) != 0) {
        json_decref(documents);
        return cli_fail(cli, STATUS_MEMORY, "no memory for a document");
    }
    return govern_submit(session, "rates", documents);
}

/* The policy's base currency and the day of the book's clock, for what the command line leaves out. */
static enum status defaults(struct session *session, char ret_base[static 4], char ret_date[static DATE_TEXT_BYTES],
                            struct err *err)
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

int rates_run(struct cli *cli, const struct options *options, rates_collect *collect)
{
    struct session *session = NULL;
    json_t *documents = json_array();
    char base[4], date[DATE_TEXT_BYTES];
    struct err err = {0};
    int answer;
    enum status status = session_open(cli, options, SESSION_WRITE, &session, &err);
    if (status == STATUS_OK)
        status = defaults(session, base, date, &err);
    const char *given_base = options_text(options, "base"), *given_date = options_text(options, "date");
    const struct rate_entry entry = {.base = given_base != NULL ? given_base : base,
                                     .date = given_date != NULL ? given_date : date};
    if (status == STATUS_OK)
        status = collect(options, entry, documents, &err);
    if (status == STATUS_OK) {
        answer = submit(session, documents);
    } else {
        json_decref(documents);
        answer = cli_error(cli, &err);
    }
    session_close(session);
    return answer;
}
