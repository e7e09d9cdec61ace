/*
 * countersign rates propose: exchange rates of a day, for a second officer to approve.
 */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/rates.h"

static enum status collect(const struct options *options, struct rate_entry entry, json_t *documents, struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < options_argument_count(options); i++) {
        char currency[4];
        const char *text = options_argument(options, i), *equals = strchr(text, '=');
        if (equals == NULL || equals - text != 3)
            return err_set(err, STATUS_INPUT, "'%.40s': write CURRENCY=RATE, like EUR=1.0825", text);
        snprintf(currency, sizeof currency, "%.3s", text);
        entry.currency = currency;
        entry.rate = equals + 1;
        status = rates_add(documents, &entry, err);
    }
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    return rates_run(cli, options, collect);
}

static const struct option_spec options_of_rates_propose[] = {
    {"base", 0, "CURRENCY", "the currency that the rates are in; the policy's base where not given", 0},
    {"date", 0, "DATE", "from which day on they count; today where not given", 0},
    {"supersedes", 0, "DOCUMENT", "the rates that these take the place of", 0},
    GOVERN_ROWS,
    {0},
};

const struct command command_rates_propose = {
    .name = "rates propose",
    .summary = "submits exchange rates for a second officer to approve",
    .arguments = "CURRENCY=RATE...",
    .text = "A rate is base units for one unit of the currency, with up to 12 decimals. It counts for documents of its "
            "date and later, until a younger one, and for as many days as the policy says.",
    .example = "countersign rates propose --date 2026-10-31 EUR=1.0825 JPY=0.00638569604",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 1,
    .arguments_max = ARGUMENTS_ANY,
    .options = options_of_rates_propose,
    .run = run,
};
