/*
 * countersign rates list: the exchange rates of the book, newest last, and whose document brought each.
 */
#include "cli/commands.h"
#include "cli/listing.h"
#include "cli/output.h"
#include "cli/reading.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

static enum status row(struct listing *listing, struct slice key, const json_t *record, struct err *err)
{
    char base[ID_BYTES_MAX + 1], currency[ID_BYTES_MAX + 1], date[DATE_TEXT_BYTES];
    size_t at = 0;
    enum status status = reading_key_text(key, &at, base, err);
    if (status == STATUS_OK)
        status = reading_key_text(key, &at, currency, err);
    if (status != STATUS_OK || listing_asks_other(listing, "base", base) ||
        listing_asks_other(listing, "currency", currency))
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
    static const struct listing_form form = {.columns = columns, .table = BOOKS_RATES, .row = row};
    return listing_run(cli, options, &form);
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
