/*
 * countersign controls: the rules that decide. All of them as a table, one in full, or the catalogue as a text. With a
 * book named, one control is shown with what the policy in force says about it.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/block.h"
#include "cli/catalogue.h"
#include "cli/commands.h"
#include "cli/nearest.h"
#include "cli/output.h"
#include "cli/policy_show.h"
#include "cli/session.h"
#include "cli/table.h"
#include "controls/control.h"

enum { CONTROLS_MAX = 200 }; /* the catalogue has numbers up to 54 */

static json_t *control_json(const struct control *control)
{
    char stages[STAGES_BYTES];
    catalogue_stages(control->stages, stages);
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i}", "asked_for", stages, "assertion",
                  control->assertion, "codes", control->codes, "framework", control->framework, "id", control->id,
                  "objective", control->objective, "parameters", control->parameters, "title", control->title, "type",
                  catalogue_type(control->type), "engine_from", control->engine_from, "engine_to", control->engine_to);
    if (object != NULL && control->proof != NULL)
        json_object_set_new(object, "proof", json_string(control->proof));
    return object;
}

static enum status list(struct cli *cli, struct err *err)
{
    static const struct column columns[] = {{"CONTROL", 0}, {"TITLE", 0}, {"TYPE", 0}, {"OBJECTIVE", COLUMN_WRAP}, {0}};
    struct table *table = table_new(cli, columns);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < control_count; i++) {
        const char *cells[] = {controls[i]->id, controls[i]->title, catalogue_type(controls[i]->type),
                               controls[i]->objective};
        if (cli->json)
            (void)out_json(cli, control_json(controls[i]));
        else
            table_row(table, cells);
    }
    if (!cli->json)
        status = table_print(table, err);
    table_free(table);
    return status;
}

/* Which section of a policy holds what a control's parameters name. */
static const char *section_of(const char *word, size_t length)
{
    static const struct {
        const char *word;
        const char *section;
    } named[] = {
        {"authority", "authority"}, {"cumulative", "cumulative"}, {"reasons", "reasons"},      {"roles", "roles"},
        {"duties", "duties"},       {"conflicts", "conflicts"},   {"entities", "entities"},    {"accounts", "accounts"},
        {"taxes", "accounts"},      {"on_account", "accounts"},   {"base", "numbers"},         {"approval", "numbers"},
        {"bots", "numbers"},        {"break_glass", "numbers"},   {"verification", "numbers"},
    };
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
        if (strlen(named[i].word) == length && strncmp(named[i].word, word, length) == 0)
            return named[i].section;
    return NULL;
}

static enum status show_parameters(struct cli *cli, const struct policy *policy, const char *parameters,
                                   struct err *err)
{
    const char *shown[16] = {NULL};
    size_t count = 0;
    enum status status = STATUS_OK;
    for (const char *at = parameters; status == STATUS_OK && *at != '\0';) {
        size_t length = strcspn(at, " ,()");
        const char *section = section_of(at, length);
        bool before = section == NULL || count == sizeof shown / sizeof shown[0];
        for (size_t i = 0; i < count; i++)
            before = before || strcmp(shown[i], section) == 0;
        if (!before) {
            shown[count++] = section;
            status = policy_show_section(cli, policy, section, err);
        }
        at += length;
        at += strspn(at, " ,()");
    }
    return status;
}

static enum status show_in_book(struct cli *cli, const struct options *options, const struct control *control,
                                struct err *err)
{
    struct session *session = NULL;
    const struct facts *facts = NULL;
    enum status status = session_open(cli, options, SESSION_READ, &session, err);
    if (status == STATUS_OK)
        status = session_begin_facts(session, &facts, err);
    if (status == STATUS_OK)
        status = show_parameters(cli, facts->policy, control->parameters, err);
    if (session != NULL)
        session_end_facts(session);
    session_close(session);
    return status;
}

static enum status show(struct cli *cli, const struct options *options, const struct control *control, struct err *err)
{
    char stages[STAGES_BYTES];
    const char *book = cli_book(cli, options);
    if (cli->json) {
        (void)out_json(cli, control_json(control));
        return STATUS_OK;
    }
    struct block *block = block_new(cli);
    catalogue_stages(control->stages, stages);
    block_head(block, STYLE_STRONG, control->id, "%s", control->title);
    block_line(block, "objective", "%s", control->objective);
    block_line(block, "assertion", "%s", control->assertion);
    block_line(block, "type", "%s", catalogue_type(control->type));
    block_line(block, "asked for", "%s", stages);
    block_line(block, "policy", "%s", control->parameters[0] != '\0' ? control->parameters : "reads nothing in it");
    if (control->codes[0] != '\0')
        block_line(block, "answers", "%s", control->codes);
    block_line(block, "framework", "%s", control->framework);
    if (control->proof != NULL)
        block_line(block, "proved by", "%s", control->proof);
    enum status status = block_print(block, err);
    block_free(block);
    if (status == STATUS_OK && control->parameters[0] != '\0' && book != NULL && book[0] != '\0')
        status = show_in_book(cli, options, control, err);
    return status;
}

static enum status unknown(const char *id, struct err *err)
{
    const char *ids[CONTROLS_MAX];
    size_t count = 0;
    while (count < control_count && count < CONTROLS_MAX) {
        ids[count] = controls[count]->id;
        count++;
    }
    const char *near = strlen(id) <= 16 ? nearest_word(id, ids, count) : NULL;
    return near != NULL ? err_set(err, STATUS_NOT_FOUND, "there is no control of that number, did you mean %s?", near)
                        : err_set(err, STATUS_NOT_FOUND, "there is no control of that number; 'controls' lists them");
}

static int run(struct cli *cli, const struct options *options)
{
    const char *id = options_argument(options, 0);
    const struct control *control = id != NULL ? control_find(id) : NULL;
    struct err err = {0};
    enum status status;
    if (options_flag(options, "catalogue")) {
        catalogue_print(cli->out);
        return EXIT_DONE;
    }
    if (id != NULL && control == NULL)
        status = unknown(id, &err);
    else
        status = id == NULL ? list(cli, &err) : show(cli, options, control, &err);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static const struct option_spec options_of_controls[] = {
    {"catalogue", 0, NULL, "every control with all its members, as Markdown", 0},
    {0},
};

const struct command command_controls = {
    .name = "controls",
    .summary = "lists the controls that decide, or explains one",
    .arguments = "[C-07]",
    .text = "Needs no book. With one, and a control named, the parts of the policy in force that the control "
            "reads are "
            "shown too.",
    .example = "countersign controls C-07",
    .group = GROUP_EVERYONE,
    .flags = COMMAND_LOOKS,
    .arguments_max = 1,
    .options = options_of_controls,
    .run = run,
};
