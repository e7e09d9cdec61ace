/*
 * countersign key suspects: what compromised keys have signed since, and what was concluded of it.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/listing.h"
#include "cli/output.h"
#include "cli/suspects.h"
#include "cli/terminal.h"

static enum status show(void *context, const struct suspect *suspect, struct err *err)
{
    struct listing *listing = context;
    char fingerprint[SSHKEY_FINGERPRINT_CHARS + 1];
    (void)err;
    if (suspect->settled && !options_flag(listing->options, "all"))
        return STATUS_OK;
    govern_fingerprint(suspect->key, fingerprint);
    if (listing->cli->json) {
        (void)out_json(listing->cli,
                       json_pack("{s:s, s:s?, s:s?, s:s, s:I, s:b, s:s?, s:s, s:s}", "act", suspect->act, "conclusion",
                                 suspect->conclusion, "document", suspect->document, "key", suspect->key, "seq",
                                 (json_int_t)suspect->seq, "settled", suspect->settled, "state", suspect->state, "time",
                                 suspect->time, "user", suspect->user));
        return STATUS_OK;
    }
    const char *cells[] = {NULL,           NULL,
                           suspect->user,  fingerprint,
                           suspect->act,   suspect->document,
                           suspect->state, suspect->conclusion != NULL ? suspect->conclusion : "nobody has said yet"};
    table_row(listing->table, cells);
    table_cell(listing->table, 0, "%llu", (unsigned long long)suspect->seq);
    table_cell(listing->table, 1, "%.16s", suspect->time);
    return STATUS_OK;
}

static enum status collect(struct listing *listing, struct err *err)
{
    return suspects_each(listing->session, listing->facts, show, listing, err);
}

static int run(struct cli *cli, const struct options *options)
{
    static const struct column columns[] = {
        {"ENTRY", COLUMN_RIGHT}, {"TIME", 0},  {"USER", 0},       {"KEY", 0}, {"ACT", 0},
        {"DOCUMENT", 0},         {"STATE", 0}, {"CONCLUSION", 0}, {0}};
    static const struct listing_form form = {.columns = columns, .collect = collect};
    return listing_run(cli, options, &form);
}

static const struct option_spec options_of_key_suspects[] = {
    {"all", 0, NULL, "what has been affirmed or undone too", 0},
    {0},
};

const struct command command_key_suspects = {
    .name = "key suspects",
    .summary = "lists what compromised keys have signed",
    .arguments = "",
    .example = "countersign key suspects --all",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK,
    .options = options_of_key_suspects,
    .run = run,
};
