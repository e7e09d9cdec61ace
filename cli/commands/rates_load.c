/*
 * countersign rates load: a file of exchange rates as documents, one for each base and date, for a second officer.
 */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/csv.h"
#include "cli/govern.h"
#include "cli/rates.h"

static const struct csv_column columns[] = {
    {"currency", CSV_REQUIRED}, {"rate", CSV_REQUIRED}, {"date", 0}, {"base", 0}, {NULL, 0}};

static enum status row_add(const struct csv_row *row, struct rate_entry entry, json_t *documents, struct err *err)
{
    struct err why = {0};
    const struct csv_field base = csv_field(row, "base"), date = csv_field(row, "date");
    entry.currency = csv_field(row, "currency").text;
    entry.rate = csv_field(row, "rate").text;
    if (base.present)
        entry.base = base.text;
    if (date.present)
        entry.date = date.text;
    enum status status = rates_add(documents, &entry, &why);
    return status == STATUS_INPUT || status == STATUS_LIMIT ? csv_field_error(row, "rate", err, "%s", why.text)
                                                            : status;
}

static enum status file_read(const struct options *options, struct rate_entry entry, json_t *documents, struct err *err)
{
    const char *path = options_argument(options, 0);
    struct csv *csv = NULL;
    struct csv_row row;
    bool more = true;
    enum status status = csv_open(path, NULL, columns, &csv, err);
    while (status == STATUS_OK) {
        status = csv_next(csv, &row, &more, err);
        if (status != STATUS_OK || !more)
            break;
        status = row_add(&row, entry, documents, err);
    }
    csv_close(csv);
    if (status == STATUS_OK && json_array_size(documents) == 0)
        return err_set(err, STATUS_INPUT, "%s: there is no rate in it", path);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    return rates_run(cli, options, file_read);
}

static const struct option_spec options_of_rates_load[] = {
    {"base", 0, "CURRENCY", "the base where the file has no column base; the policy's where not given", 0},
    {"date", 0, "DATE", "the date where the file has no column date; today where not given", 0},
    {"supersedes", 0, "DOCUMENT", "the rates that these take the place of", 0},
    GOVERN_ROWS,
    {0},
};

const struct command command_rates_load = {
    .name = "rates load",
    .summary = "submits a file of exchange rates for a second officer to approve",
    .arguments = "FILE.csv",
    .text =
        "Columns currency and rate, and where they differ from row to row date and base. Each base and date becomes a "
        "document of its own.",
    .example = "countersign rates load october.csv --date 2026-10-31",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_rates_load,
    .run = run,
};
