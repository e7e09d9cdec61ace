/*
 * Lists from the books. The snapshot is held from the first record to the last line, so that one listing shows one state.
 */
#include "cli/listing.h"

#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "cli/reading.h"

struct each {
    struct listing *listing;
    listing_row *row;
};

static enum status each_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    const struct each *each = context;
    (void)ret_more;
    return each->row(each->listing, key, record, err);
}

enum status listing_each(struct listing *listing, enum books_table table, const struct books_key *prefix,
                         listing_row *row, struct err *err)
{
    struct each each = {.listing = listing, .row = row};
    const struct books_walk walk = {.table = table, .prefix = prefix, .step = each_step, .context = &each};
    return books_each(listing->facts->books, &walk, err);
}

bool listing_asks_other(const struct listing *listing, const char *option, const char *text)
{
    const char *asked = options_text(listing->options, option);
    return asked != NULL && strcmp(asked, text) != 0;
}

bool listing_hides(struct listing *listing, const char *state)
{
    bool over = strncmp(state, "revoked", 7) == 0 || strncmp(state, "over", 4) == 0;
    if (!over || options_flag(listing->options, "all"))
        return false;
    listing->hidden++;
    return true;
}

static enum status print(struct listing *listing, struct err *err)
{
    if (listing->cli->json)
        return STATUS_OK;
    enum status status = table_print(listing->table, err);
    if (status == STATUS_OK && listing->hidden > 0)
        fprintf(listing->cli->out, "%zu revoked or over; --all shows them\n", listing->hidden);
    return status;
}

int listing_run(struct cli *cli, const struct options *options, const struct listing_form *form)
{
    struct listing listing = {.cli = cli, .options = options, .table = table_new(cli, form->columns)};
    struct err err = {0};
    enum status status = session_open(cli, options, SESSION_READ, &listing.session, &err);
    if (status == STATUS_OK)
        status = session_begin_facts(listing.session, &listing.facts, &err);
    if (status == STATUS_OK && form->collect == NULL)
        status = reading_table_check(listing.facts, form->table, &err);
    if (status == STATUS_OK)
        status = form->collect != NULL ? form->collect(&listing, &err)
                                       : listing_each(&listing, form->table, NULL, form->row, &err);
    if (status == STATUS_OK)
        status = print(&listing, &err);
    session_end_facts(listing.session);
    session_close(listing.session);
    table_free(listing.table);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}
