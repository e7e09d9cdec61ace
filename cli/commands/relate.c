/*
 * countersign relate: says which customers belong together, which persons keep away from them, and whether they are related
 * parties; a second officer has to approve.
 */
#include <string.h>

#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/session.h"

/* The customers of an entity, sorted, none twice; NULL without memory. Gives. */
static json_t *customers_list(const struct options *options)
{
    json_t *ids = govern_texts(options, "customer"), *list = json_array();
    bool whole = ids != NULL && list != NULL;
    for (size_t i = 0; whole && i < json_array_size(ids); i++)
        whole = json_array_append_new(list, json_pack("{s:O, s:s}", "customer", json_array_get(ids, i), "entity",
                                                      options_text(options, "entity"))) == 0;
    json_decref(ids);
    if (whole)
        return list;
    json_decref(list);
    return NULL;
}

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    size_t person_count = 0;
    (void)options_list(options, "person", &person_count);
    const char *party = options_text(options, "party");
    if (party != NULL && strcmp(party, "yes") != 0 && strcmp(party, "no") != 0)
        return err_set(err, STATUS_INPUT, "--party is yes or no");
    if (person_count > 0 && options_flag(options, "nobody"))
        return err_set(err, STATUS_INPUT, "give either --person or --nobody");
    json_t *document = json_pack("{s:o, s:s, s:s}", "customers", customers_list(options), "group",
                                 options_argument(options, 0), "reason", options_text(options, "reason"));
    if (document != NULL && (person_count > 0 || options_flag(options, "nobody")))
        json_object_set_new(document, "persons", govern_texts(options, "person"));
    if (document != NULL && party != NULL)
        json_object_set_new(document, "party", json_boolean(strcmp(party, "yes") == 0));
    *ret_document = document;
    return document != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a document");
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "related", make_document);
}

static const struct option_spec options_of_relate[] = {
    {"entity", 0, "CODE", "the legal entity of the customers", OPTION_REQUIRED},
    {"customer", 0, "ID", "a customer that goes to the group", OPTION_REQUIRED | OPTION_REPEATS},
    {"person", 0, "PERSON", "takes no part in these customers' documents; replaces whoever was listed", OPTION_REPEATS},
    {"nobody", 0, NULL, "clears that list", 0},
    {"party", 0, "YES|NO", "yes: a related party, whose documents take one level more", 0},
    {"reason", 0, "TEXT", "why", OPTION_REQUIRED},
    GOVERN_ROWS,
    {0},
};

const struct command command_relate = {
    .name = "relate",
    .summary = "says which customers belong together",
    .arguments = "GROUP",
    .text = "The customers go to the group, with the documents that count in its sums; a customer whose group is its "
            "own id "
            "stands alone. An officer submits it, a second one approves.",
    .example = "countersign relate ACME --entity US01 --customer 16446 --customer 10442 --reason \"Same owner\"",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_relate,
    .run = run,
};
