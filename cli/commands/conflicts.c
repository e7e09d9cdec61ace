/*
 * countersign conflicts: everybody's duties against the policy in force: each conflict that somebody holds, with what
 * mitigates it, how often it was used and when it was last reviewed. To be run every night: status 1 when one is not
 * mitigated, or its reviewer is late.
 */
#include <string.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/reading.h"
#include "cli/session.h"
#include "cli/table.h"
#include "controls/duties.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

#define DAY_MS INT64_C(86400000)

struct listing {
    struct cli *cli;
    const struct facts *facts;
    struct table *table;
    const char *only; /* a person; NULL: everybody */
    const char *person;
    size_t persons, conflicts, open;
};

/* Since when both are held: the later of the two grants. */
static enum status held_since(const struct facts *facts, const struct clash *clash,
                              char ret_date[static DATE_TEXT_BYTES], struct err *err)
{
    const struct duty_item *items[] = {clash->a, clash->b};
    enum status status = STATUS_OK;
    ret_date[0] = '\0';
    for (size_t i = 0; status == STATUS_OK && i < 2; i++) {
        json_t *grant = NULL;
        if (items[i] == NULL)
            continue;
        status = facts_grant(facts, items[i]->grant, &grant, err);
        const char *from = member_text(grant, "from"), *since = member_text(grant, "since");
        const char *begins = from != NULL && since != NULL && strcmp(from, since) > 0 ? from : since;
        if (begins != NULL && strncmp(begins, ret_date, DATE_TEXT_BYTES - 1) > 0)
            snprintf(ret_date, DATE_TEXT_BYTES, "%.10s", begins);
        json_decref(grant);
    }
    return status;
}

static enum status review_late(const struct listing *listing, const json_t *mitigation, bool *ret_late, struct err *err)
{
    const char *text = member_text(mitigation, "unanswered_since");
    int64_t since, days = policy_parameter(listing->facts->policy, NULL, PARAMETER_MITIGATION_REVIEW_DAYS);
    *ret_late = false;
    if (text == NULL)
        return STATUS_OK;
    enum status status = instant_parse(text, strlen(text), &since, err);
    *ret_late = status == STATUS_OK && listing->facts->time_ms - since > days * DAY_MS;
    return status;
}

/* "maria: GR-1 BILLING_SPECIALIST". */
static void item_text(const struct duty_item *item, char *ret_text, size_t size)
{
    snprintf(ret_text, size, "%s: %s %s", item->user, item->grant, item->role);
}

static enum status show_clash(struct listing *listing, const struct clash *clash, const json_t *mitigation, bool late,
                              struct err *err)
{
    char since[DATE_TEXT_BYTES], a[256], b[256] = "", uses[64] = "", rule[64];
    const char *first = clash->a_duty != NULL ? clash->a_duty : clash->a->function;
    const char *second = clash->b_duty != NULL ? clash->b_duty : clash->b != NULL ? clash->b->function : clash->name;
    const char *number = member_text(mitigation, "number"), *reviewed = member_text(mitigation, "reviewed");
    enum status status = held_since(listing->facts, clash, since, err);
    if (status != STATUS_OK)
        return status;
    item_text(clash->a, a, sizeof a);
    if (clash->b != NULL)
        item_text(clash->b, b, sizeof b);
    snprintf(rule, sizeof rule, "%s%s%s", clash_rule_word(clash->rule), clash->name != NULL ? " " : "",
             clash->name != NULL ? clash->name : "");
    if (mitigation != NULL)
        snprintf(uses, sizeof uses, "%lld, %lld answered%s", (long long)member_integer(mitigation, "uses"),
                 (long long)member_integer(mitigation, "answered"), late ? ", LATE" : "");
    if (listing->cli->json)
        return out_json(listing->cli, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:O?, s:b}", "a", first, "a_held",
                                                a, "b", second, "b_held", b, "person", listing->person, "rule", rule,
                                                "since", since, "mitigation", mitigation, "late", late)) == EXIT_DONE
                   ? STATUS_OK
                   : err_set(err, STATUS_IO, "the list cannot be written");
    char last[DATE_TEXT_BYTES];
    snprintf(last, sizeof last, "%.10s", reviewed != NULL ? reviewed : "");
    const char *cells[] = {
        listing->person, first, a, second, b, rule, since, number != NULL ? number : "NONE", uses, last};
    table_row(listing->table, cells);
    return STATUS_OK;
}

static enum status clash_found(void *context, const struct clash *clash, struct err *err)
{
    struct listing *listing = context;
    json_t *mitigation = NULL;
    bool late = false;
    enum status status = STATUS_OK;
    if (clash->rule == CLASH_MITIGATED)
        status = facts_mitigation(listing->facts, listing->person, clash->a_duty, clash->b_duty, &mitigation, err);
    if (status == STATUS_OK && mitigation != NULL)
        status = review_late(listing, mitigation, &late, err);
    listing->conflicts++;
    listing->open += mitigation == NULL || late ? 1 : 0;
    if (status == STATUS_OK)
        status = show_clash(listing, clash, mitigation, late, err);
    json_decref(mitigation);
    return status;
}

static enum status person_found(void *context, const char *person, bool *ret_more, struct err *err)
{
    struct listing *listing = context;
    struct holding holding = {.items = NULL};
    (void)ret_more;
    if (listing->only != NULL && strcmp(listing->only, person) != 0)
        return STATUS_OK;
    listing->person = person;
    listing->persons++;
    enum status status = holding_collect(listing->facts, person, false, NULL, &holding, err);
    if (status == STATUS_OK)
        status = holding_clashes(listing->facts->policy, &holding, clash_found, listing, err);
    holding_done(&holding);
    return status;
}

static enum status list(struct session *session, struct listing *listing, struct err *err)
{
    static const struct column columns[] = {{"PERSON", 0},  {"DUTY", 0},     {"THROUGH", 0}, {"WITH", 0},
                                            {"THROUGH", 0}, {"RULE", 0},     {"SINCE", 0},   {"MITIGATION", 0},
                                            {"USES", 0},    {"REVIEWED", 0}, {NULL, 0}};
    enum status status = session_begin_facts(session, &listing->facts, err);
    if (status == STATUS_OK && !listing->cli->json)
        listing->table = table_new(listing->cli, columns);
    if (status == STATUS_OK)
        status = reading_table_check(listing->facts, BOOKS_GRANTS, err);
    if (status == STATUS_OK)
        status = facts_persons(listing->facts, person_found, listing, err);
    if (status == STATUS_OK && listing->only != NULL && listing->persons == 0)
        status = err_set(err, STATUS_NOT_FOUND, "nobody is enrolled as person %s", listing->only);
    if (status == STATUS_OK && listing->table != NULL && listing->conflicts > 0)
        status = table_print(listing->table, err);
    table_free(listing->table);
    session_end_facts(session);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    struct session *session = NULL;
    struct err err = {0};
    struct listing listing = {.cli = cli, .only = options_text(options, "person")};
    enum status status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = list(session, &listing, &err);
    session_close(session);
    if (status != STATUS_OK)
        return cli_error(cli, &err);
    if (!cli->json)
        fprintf(cli->out, "%zu person%s, %zu conflict%s, %zu unmitigated or late\n", listing.persons,
                listing.persons == 1 ? "" : "s", listing.conflicts, listing.conflicts == 1 ? "" : "s", listing.open);
    return listing.open > 0 ? EXIT_REFUSED : EXIT_DONE;
}

static const struct option_spec options_of_conflicts[] = {
    {"person", 0, "PERSON", "only this person", 0},
    {0},
};

const struct command command_conflicts = {
    .name = "conflicts",
    .summary = "lists who holds duties that are kept apart",
    .arguments = "",
    .text = "Everybody under the policy in force: each conflict of duties with the users, grants and roles that bring "
            "it, since "
            "when, what mitigates it, its uses and its last review. Status 1 when one is unmitigated or its review "
            "late, so "
            "that a nightly run tells.",
    .example = "countersign conflicts",
    .group = GROUP_AUDITORS,
    .flags = COMMAND_BOOK,
    .arguments_min = 0,
    .arguments_max = 0,
    .options = options_of_conflicts,
    .run = run,
};
