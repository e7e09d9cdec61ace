/*
 * countersign delegations: who acts for whom, until when, and what was done so far (report R-09).
 */
#include <string.h>

#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/reading.h"
#include "cli/session.h"
#include "cli/table.h"
#include "ledger/books.h"
#include "ledger/money.h"
#include "ledger/schema.h"

struct listing {
    struct cli *cli;
    const struct facts *facts;
    struct table *table;
    const char *user;
    bool all;
    size_t hidden;
    int64_t used, sum_minor; /* of the delegation at hand; sum in base currency */
    json_t *uses;
};

static enum status use_step(void *context, struct slice key, const json_t *use, bool *ret_more, struct err *err)
{
    struct listing *listing = context;
    json_t *record = NULL;
    int64_t minor = 0;
    (void)key;
    (void)ret_more;
    enum status status = facts_document(listing->facts, member_text(use, "document"), &record, err);
    const char *base = status == STATUS_OK ? member_text(record, "base_text") : NULL;
    if (base != NULL)
        status = money_parse(base, strlen(base), listing->facts->policy->base_digits, &minor, err);
    if (status == STATUS_OK)
        status = money_add(listing->sum_minor, minor, &listing->sum_minor, err);
    if (status == STATUS_OK && json_array_append(listing->uses, (json_t *)use) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory");
    listing->used++;
    json_decref(record);
    return status;
}

static enum status uses_read(struct listing *listing, const json_t *delegation, struct err *err)
{
    struct books_key prefix = books_key(member_text(delegation, "number"));
    books_key_close(&prefix);
    const struct books_walk walk = {.table = BOOKS_DELEGATED, .prefix = &prefix, .step = use_step, .context = listing};
    listing->used = 0;
    listing->sum_minor = 0;
    json_array_clear(listing->uses);
    return books_each(listing->facts->books, &walk, err);
}

static void show(struct listing *listing, const json_t *delegation, const char *state)
{
    const json_t *functions = json_object_get(delegation, "functions");
    char text[1024] = "", money[MONEY_SHOWN_BYTES], limit[MONEY_SHOWN_BYTES], used[32], sum[MONEY_TEXT_MAX];
    size_t length = 0;
    if (listing->cli->json) {
        json_t *object = json_copy((json_t *)delegation);
        money_format(listing->sum_minor, listing->facts->policy->base_digits, sum);
        if (object != NULL) {
            json_object_set_new(object, "state", json_string(state));
            json_object_set_new(object, "used", json_integer((json_int_t)listing->used));
            json_object_set_new(object, "amount", json_string(sum));
            json_object_set_new(object, "uses", json_deep_copy(listing->uses));
        }
        (void)out_json(listing->cli, object);
        return;
    }
    for (size_t i = 0; i < json_array_size(functions) && length < sizeof text; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%s", i > 0 ? ", " : "",
                                   json_string_value(json_array_get(functions, i)));
    present_minor(listing->sum_minor, listing->facts->policy->base, money);
    present_money(member_text(delegation, "limit"), member_text(delegation, "currency"), limit);
    snprintf(used, sizeof used, "%lld", (long long)listing->used);
    const char *cells[] = {member_text(delegation, "number"),
                           member_text(delegation, "from_user"),
                           member_text(delegation, "to_user"),
                           text,
                           limit,
                           state,
                           used,
                           money};
    table_row(listing->table, cells);
}

static enum status step(void *context, struct slice key, const json_t *delegation, bool *ret_more, struct err *err)
{
    struct listing *listing = context;
    char state[STATE_BYTES];
    (void)key;
    (void)ret_more;
    if (listing->user != NULL && strcmp(member_text(delegation, "from_user"), listing->user) != 0 &&
        strcmp(member_text(delegation, "to_user"), listing->user) != 0)
        return STATUS_OK;
    govern_grant_state(listing->facts, delegation, state);
    if (!listing->all && (strncmp(state, "revoked", 7) == 0 || strncmp(state, "over", 4) == 0)) {
        listing->hidden++;
        return STATUS_OK;
    }
    enum status status = uses_read(listing, delegation, err);
    if (status == STATUS_OK)
        show(listing, delegation, state);
    return status;
}

static enum status list(struct session *session, struct listing *listing, struct err *err)
{
    const struct books_walk walk = {.table = BOOKS_DELEGATIONS, .step = step, .context = listing};
    enum status status = session_begin_facts(session, &listing->facts, err);
    if (status == STATUS_OK)
        status = books_each(listing->facts->books, &walk, err);
    if (status == STATUS_OK && !listing->cli->json)
        status = table_print(listing->table, err);
    if (status == STATUS_OK && !listing->cli->json && listing->hidden > 0)
        fprintf(listing->cli->out, "%zu revoked or over; --all shows them\n", listing->hidden);
    session_end_facts(session);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    static const struct column columns[] = {{"DELEGATION", 0},
                                            {"OF", 0},
                                            {"TO", 0},
                                            {"FUNCTIONS", COLUMN_WRAP},
                                            {"LIMIT", COLUMN_RIGHT},
                                            {"STATE", 0},
                                            {"USED", COLUMN_RIGHT},
                                            {"AMOUNT", COLUMN_RIGHT},
                                            {0}};
    struct listing listing = {.cli = cli, .all = options_flag(options, "all"), .uses = json_array()};
    struct session *session = NULL;
    struct err err = {0};
    listing.table = table_new(cli, columns);
    enum status status = reading_id_option(options, "user", &listing.user, &err);
    if (status == STATUS_OK)
        status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = list(session, &listing, &err);
    session_close(session);
    table_free(listing.table);
    json_decref(listing.uses);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static const struct option_spec options_of_delegations[] = {
    {"user", 0, "USER", "given or received by one user", 0},
    {"all", 0, NULL, "those that were revoked or are over too", 0},
    {0},
};

const struct command command_delegations = {
    .name = "delegations",
    .summary = "lists who acts for whom, and what was done so far",
    .arguments = "",
    .text = "USED counts what was prepared or signed under it, AMOUNT adds those documents up in the base currency.",
    .example = "countersign delegations --user ana.costa --all",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK,
    .options = options_of_delegations,
    .run = run,
};
