/*
 * countersign entity open: ties out the opening balances of a legal entity that came after the charter.
 */
#include <string.h>

#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/session.h"
#include "ledger/currency.h"
#include "ledger/money.h"

/* CUR:COUNT:TOTAL, into its place by currency. */
static enum status balance_add(json_t *list, const char *text, struct err *err)
{
    char currency[CURRENCY_CODE_BYTES] = "", total[MONEY_TEXT_MAX] = "";
    const char *first = strchr(text, ':'), *second = first != NULL ? strchr(first + 1, ':') : NULL;
    int64_t count = 0, minor;
    size_t place = 0;
    if (second == NULL || first - text != CURRENCY_CODE_BYTES - 1 || second == first + 1 || second - first > 16 ||
        strspn(first + 1, "0123456789") != (size_t)(second - first - 1))
        return err_set(err, STATUS_INPUT, "--opening: CURRENCY:INVOICES:TOTAL, as in USD:412:80711.35");
    memcpy(currency, text, CURRENCY_CODE_BYTES - 1);
    for (const char *digit = first + 1; digit < second; digit++)
        count = count * 10 + (*digit - '0');
    int digits = currency_digits(currency);
    if (digits < 0)
        return err_set(err, STATUS_INPUT, "--opening: %s is no currency with a minor unit", currency);
    enum status status = money_parse(second + 1, strlen(second + 1), digits, &minor, err);
    if (status != STATUS_OK) {
        err_prefix(err, "--opening: ");
        return status;
    }
    money_format(minor, digits, total);
    while (place < json_array_size(list) &&
           strcmp(json_string_value(json_object_get(json_array_get(list, place), "currency")), currency) < 0)
        place++;
    json_t *balance = json_pack("{s:I, s:s, s:s}", "count", (json_int_t)count, "currency", currency, "total", total);
    return json_array_insert_new(list, place, balance) == 0 ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
}

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    size_t count = 0;
    int64_t customers = 0;
    const char *const *openings = options_list(options, "opening", &count);
    json_t *list = json_array();
    enum status status = options_number(options, "customers", 0, INT64_C(1) << 40, &customers, err);
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = balance_add(list, openings[i], err);
    if (status != STATUS_OK) {
        json_decref(list);
        return status;
    }
    *ret_document = json_pack("{s:s, s:I, s:s, s:o}", "currency", options_text(options, "currency"), "customers",
                              (json_int_t)customers, "entity", options_argument(options, 0), "opening", list);
    return *ret_document != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a document");
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "entity", make_document);
}

static const struct option_spec options_of_entity_open[] = {
    {"currency", 0, "CODE", "its functional currency, as the policy has it", OPTION_REQUIRED},
    {"customers", 0, "COUNT", "customers that were to be loaded", OPTION_REQUIRED},
    {"opening", 0, "CUR:COUNT:TOTAL", "invoices and receivables in one currency", OPTION_REPEATS},
    GOVERN_ROWS,
    {0},
};

const struct command command_entity_open = {
    .name = "entity open",
    .summary = "ties out the opening balances of a new legal entity",
    .arguments = "ENTITY",
    .text = "For an entity that a policy brought in after the charter: load its customers, open invoices and unapplied "
            "cash, "
            "then state what they were to be, from the books that they came from. A total is what the invoices have "
            "open and "
            "what stands on customers' accounts. It has to be what the feeds brought, when it is submitted and when "
            "the second "
            "officer signs; until then the entity takes no documents.",
    .example = "countersign entity open AC01 --currency USD --customers 88 --opening USD:412:80711.35",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_entity_open,
    .run = run,
};
