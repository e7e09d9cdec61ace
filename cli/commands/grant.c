/*
 * countersign grant: gives a role to a user, for entities and dates; a second officer has to approve.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/session.h"

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    size_t count = 0;
    const char *const *entities = options_list(options, "entity", &count);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(entities[i]));
    json_t *document = json_pack("{s:o?, s:s, s:s}", "entities", list, "role", options_argument(options, 1), "user",
                                 options_argument(options, 0));
    if (document == NULL || list == NULL || json_array_size(list) != count) {
        json_decref(document);
        return err_set(err, STATUS_MEMORY, "no memory for a document");
    }
    enum status status = govern_set_time(options, "from", document, "from", err);
    if (status == STATUS_OK)
        status = govern_set_time(options, "until", document, "to", err);
    if (status == STATUS_OK)
        *ret_document = document;
    else
        json_decref(document);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "grant", make_document);
}

static const struct option_spec options_of_grant[] = {
    {"entity", 0, "CODE", "a legal entity that it is for; * for all", OPTION_REQUIRED | OPTION_REPEATS},
    {"from", 0, "TIME", "from when; at once where not given", 0},
    {"until", 0, "TIME", "when it ends; never where not given", 0},
    GOVERN_ROWS,
    {0},
};

const struct command command_grant = {
    .name = "grant",
    .summary = "gives a role to a user",
    .arguments = "USER ROLE",
    .text = "An officer submits it, a second one approves; it acts at the second signature. Roles that one "
            "person may not "
            "hold together are refused, over all of the person's users.",
    .example = "countersign grant maria.lopez BILLING_SPECIALIST --entity US01",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 2,
    .arguments_max = 2,
    .options = options_of_grant,
    .run = run,
};
