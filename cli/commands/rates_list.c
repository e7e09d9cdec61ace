/*
 * countersign rates list: the exchange rates of the book, newest last, and whose document brought each.
 */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/reading.h"
#include "cli/session.h"
#include "cli/table.h"
#include "ledger/books.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

struct listing {
    struct cli *cli;
    struct table *table;
    const char *base, *currency; /* NULL: all */
};

static enum status step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct listing *listing = context;
    char base[ID_BYTES_MAX + 1], currency[ID_BYTES_MAX + 1], date[DATE_TEXT_BYTES];
    size_t at = 0;
    (void)ret_more;
    enum status status = reading_key_text(key, &at, base, err);
    if (status == STATUS_OK)
        status = reading_key_text(key, &at, currency, err);
    if (status != STATUS_OK || (listing->base != NULL && strcmp(base, listing->base) != 0) ||
        (listing->currency != NULL && strcmp(currency, listing->currency) != 0))
        return status;
    date_format((int32_t)books_key_number(key, 0), date);
    const char *rate = member_text(record, "rate"), *document = member_text(record, "document");
    if (listing->cli->json) {
        (void)out_json(listing->cli, json_pack("{s:s, s:s, s:s, s:s, s:s}", "base", base, "currency", currency, "date",
                                               date, "document", document, "rate", rate));
        return STATUS_OK;
    }
    const char *cells[] = {currency, base, date, rate, document};
    table_row(listing->table, cells);
    return STATUS_OK;
}

static int run(struct cli *cli, const struct options *options)
{
    static const struct column columns[] = {{"OF", 0}, {"IN", 0}, {"FROM", 0}, {"RATE", 0}, {"DOCUMENT", 0}, {0}};
    struct listing listing = {
        .cli = cli, .base = options_text(options, "base"), .currency = options_text(options, "currency")};
    struct session *session = NULL;
    const struct facts *facts = NULL;
    struct err err = {0};
    listing.table = table_new(cli, columns);
    const struct books_walk walk = {.table = BOOKS_RATES, .step = step, .context = &listing};
    enum status status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = session_begin_facts(session, &facts, &err);
    if (status == STATUS_OK) {
        status = books_each(facts->books, &walk, &err);
        session_end_facts(session);
    }
    if (status == STATUS_OK && !cli->json)
        status = table_print(listing.table, &err);
    session_close(session);
    table_free(listing.table);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static const struct option_spec options_of_rates_list[] = {
    {"base", 0, "CURRENCY", "in one base", 0},
    {"currency", 0, "CURRENCY", "of one currency", 0},
    {0},
};

const struct command command_rates_list = {
    .name = "rates list",
    .summary = "lists the exchange rates of the book",
    .arguments = "",
    .text = "RATE is units of IN for one unit of OF. It counts from its date until the next one.",
    .example = "countersign rates list --currency EUR",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK,
    .options = options_of_rates_list,
    .run = run,
};
