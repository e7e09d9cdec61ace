/*
 * countersign relate: says which customers belong together, which persons keep away from them, and whether they are related
 * parties; a second officer has to approve.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/session.h"

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, none twice; NULL without memory. Gives. */
static json_t *sorted_list(const char *const *texts, size_t count, const char *entity)
{
    const char **sorted = calloc(count + 1, sizeof *sorted);
    json_t *list = json_array();
    bool whole = sorted != NULL && list != NULL;
    if (whole && count > 0) {
        memcpy(sorted, texts, count * sizeof *sorted);
        qsort(sorted, count, sizeof *sorted, compare_texts);
    }
    for (size_t i = 0; whole && i < count; i++) {
        if (i > 0 && strcmp(sorted[i - 1], sorted[i]) == 0)
            continue;
        json_t *one =
            entity != NULL ? json_pack("{s:s, s:s}", "customer", sorted[i], "entity", entity) : json_string(sorted[i]);
        whole = json_array_append_new(list, one) == 0;
    }
    free(sorted);
    if (whole)
        return list;
    json_decref(list);
    return NULL;
}

static enum status make_document(const struct options *options, json_t **ret_document, struct err *err)
{
    size_t customer_count = 0, person_count = 0;
    const char *const *customers = options_list(options, "customer", &customer_count);
    const char *const *persons = options_list(options, "person", &person_count);
    const char *party = options_text(options, "party");
    if (party != NULL && strcmp(party, "yes") != 0 && strcmp(party, "no") != 0)
        return err_set(err, STATUS_INPUT, "--party is yes or no");
    if (person_count > 0 && options_flag(options, "nobody"))
        return err_set(err, STATUS_INPUT, "give either --person or --nobody");
    json_t *document = json_pack("{s:o?, s:s, s:s}", "customers",
                                 sorted_list(customers, customer_count, options_text(options, "entity")), "group",
                                 options_argument(options, 0), "reason", options_text(options, "reason"));
    if (document != NULL && (person_count > 0 || options_flag(options, "nobody")))
        json_object_set_new(document, "persons", sorted_list(persons, person_count, NULL));
    if (document != NULL && party != NULL)
        json_object_set_new(document, "party", json_boolean(strcmp(party, "yes") == 0));
    *ret_document = document;
    return document != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a document");
}

static int run(struct cli *cli, const struct options *options)
{
    struct session *session = NULL;
    json_t *document = NULL;
    struct err err = {0};
    enum status status = make_document(options, &document, &err);
    if (status == STATUS_OK)
        status = session_open(cli, options, SESSION_WRITE, &session, &err);
    int answer;
    if (status == STATUS_OK) {
        answer = govern_submit(session, "related", document);
    } else {
        json_decref(document);
        answer = cli_error(cli, &err);
    }
    session_close(session);
    return answer;
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
