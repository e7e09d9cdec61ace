/*
 * countersign delegations: who acts for whom, until when, and what was done so far (report R-09).
 */
#include <string.h>

#include "cli/book.h"
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/listing.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/reading.h"
#include "ledger/money.h"
#include "ledger/schema.h"

/* What was done under the delegation at hand. */
struct done {
    const struct facts *facts;
    int64_t sum_minor; /* in base currency */
    json_t *uses;
    bool partial; /* there may be more, which is not for this user to read */
};

static enum status use_step(void *context, struct slice key, const json_t *use, bool *ret_more, struct err *err)
{
    struct done *done = context;
    json_t *record = NULL;
    int64_t minor = 0;
    (void)key;
    (void)ret_more;
    enum status status = facts_document(done->facts, member_text(use, "document"), &record, err);
    const char *base = status == STATUS_OK ? member_text(record, "base_text") : NULL;
    if (base != NULL)
        status = money_parse(base, strlen(base), done->facts->policy->base_digits, &minor, err);
    if (status == STATUS_OK)
        status = money_add(done->sum_minor, minor, &done->sum_minor, err);
    if (status == STATUS_OK && json_array_append(done->uses, (json_t *)use) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory");
    json_decref(record);
    return status;
}

static enum status uses_read(struct done *done, const json_t *delegation, struct err *err)
{
    struct books_key prefix = books_key(member_text(delegation, "number"));
    books_key_close(&prefix);
    const struct books_walk walk = {.table = BOOKS_DELEGATED, .prefix = &prefix, .step = use_step, .context = done};
    return books_each(done->facts->books, &walk, err);
}

static void show_json(struct listing *listing, const json_t *delegation, const struct done *done, const char *state)
{
    char sum[MONEY_TEXT_MAX];
    json_t *object = json_copy((json_t *)delegation);
    money_format(done->sum_minor, listing->facts->policy->base_digits, sum);
    if (object != NULL) {
        json_object_set_new(object, "state", json_string(state));
        json_object_set_new(object, "used",
                            done->partial ? json_null() : json_integer((json_int_t)json_array_size(done->uses)));
        json_object_set_new(object, "amount", done->partial ? json_null() : json_string(sum));
        json_object_set(object, "uses", done->uses);
    }
    (void)out_json(listing->cli, object);
}

static void show(struct listing *listing, const json_t *delegation, const struct done *done, const char *state)
{
    char functions[1024], money[MONEY_SHOWN_BYTES], limit[MONEY_SHOWN_BYTES], used[32];
    const char *more = done->partial ? " or more" : "";
    const struct policy *policy = listing->facts->policy;
    size_t count = json_array_size(done->uses);
    if (listing->cli->json) {
        show_json(listing, delegation, done, state);
        return;
    }
    reading_texts(json_object_get(delegation, "functions"), functions, sizeof functions);
    present_minor(done->sum_minor, policy->base, money);
    present_money(member_text(delegation, "limit"), member_text(delegation, "currency"), limit);
    snprintf(used, sizeof used, "%zu%s", count, more);
    snprintf(money + strlen(money), sizeof money - strlen(money), "%s", more);
    const bool unknown = done->partial && count == 0;
    const char *cells[] = {member_text(delegation, "number"),
                           member_text(delegation, "from_user"),
                           member_text(delegation, "to_user"),
                           functions,
                           limit,
                           state,
                           unknown ? "?" : used,
                           unknown ? "?" : money};
    table_row(listing->table, cells);
}

static enum status row(struct listing *listing, struct slice key, const json_t *delegation, struct err *err)
{
    struct done done = {.facts = listing->facts, .uses = json_array()};
    char state[STATE_BYTES];
    enum status status = STATUS_OK;
    (void)key;
    if (listing_asks_other(listing, "user", member_text(delegation, "from_user")) &&
        listing_asks_other(listing, "user", member_text(delegation, "to_user")))
        goto done;
    govern_grant_state(listing->facts, delegation, state);
    if (listing_hides(listing, state))
        goto done;
    const struct book *book = session_book(listing->session);
    const uint64_t passed = book_passed(book);
    status = uses_read(&done, delegation, err);
    done.partial = book_passed(book) != passed;
    if (status == STATUS_OK)
        show(listing, delegation, &done, state);
done:
    json_decref(done.uses);
    return status;
}

static enum status collect(struct listing *listing, struct err *err)
{
    const char *ignored = NULL;
    enum status status = reading_id_option(listing->options, "user", &ignored, err);
    if (status == STATUS_OK)
        status = reading_table_check(listing->facts, BOOKS_DELEGATIONS, err);
    return status == STATUS_OK ? listing_each(listing, BOOKS_DELEGATIONS, NULL, row, err) : status;
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
    static const struct listing_form form = {.columns = columns, .collect = collect};
    return listing_run(cli, options, &form);
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
