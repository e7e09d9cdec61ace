/*
 * countersign review open: every grant for these entities is to be attested by somebody else within the days of the policy;
 * the decision states how many there are and the hash over them.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/session.h"

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    json_t *entities = govern_texts(options, "entity");
    if (entities != NULL && json_array_size(entities) == 0)
        json_array_append_new(entities, json_string("*"));
    *ret_document = json_pack("{s:o}", "entities", entities);
    return *ret_document != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a document");
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "review", make_document);
}

static const struct option_spec options_of_review_open[] = {
    {"entity", 0, "ENTITY", "grants for this entity; all where not given", OPTION_REPEATS},
    GOVERN_ROWS,
    {0},
};

const struct command command_review_open = {
    .name = "review open",
    .summary = "opens a review of who may do what",
    .arguments = "",
    .text = "An officer opens it. What nobody has attested in time is suspended until somebody does; an officer's own "
            "grants "
            "are listed and not suspended, or the book would be left without officers.",
    .example = "countersign review open --entity US01",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .options = options_of_review_open,
    .run = run,
};
