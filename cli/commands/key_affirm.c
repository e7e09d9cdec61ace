/*
 * countersign key affirm: an officer who did not act on them says of suspect documents or entries whether they stand.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/session.h"

static enum status rows_add(const struct options *options, const char *option, json_t *rows, struct err *err)
{
    const char *conclusion = strcmp(option, "reverse") == 0 ? "reverse" : "affirm";
    size_t count = 0;
    const char *const *texts = options_list(options, option, &count);
    for (size_t i = 0; i < count; i++) {
        char *end = NULL;
        long long seq = strtoll(texts[i], &end, 10);
        bool entry = *end == '\0' && seq > 0;
        json_t *row = entry ? json_pack("{s:s, s:I}", "conclusion", conclusion, "entry", (json_int_t)seq)
                            : json_pack("{s:s, s:s}", "conclusion", conclusion, "document", texts[i]);
        if (json_array_append_new(rows, row) != 0)
            return err_set(err, STATUS_MEMORY, "no memory for a document");
    }
    return STATUS_OK;
}

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    const struct facts *facts = NULL;
    char key[PUBLIC_KEY_TEXT_MAX];
    json_t *rows = json_array();
    enum status status = rows != NULL ? session_begin_facts(session, &facts, err)
                                      : err_set(err, STATUS_MEMORY, "no memory for a document");
    if (status == STATUS_OK)
        status = govern_find_key(facts, options_argument(options, 0), options_argument(options, 1), key, err);
    session_end_facts(session);
    if (status == STATUS_OK)
        status = rows_add(options, "affirm", rows, err);
    if (status == STATUS_OK)
        status = rows_add(options, "reverse", rows, err);
    if (status == STATUS_OK && json_array_size(rows) == 0)
        status = err_set(err, STATUS_INPUT, "say of what: --affirm or --reverse with a document or an entry's number");
    if (status != STATUS_OK) {
        json_decref(rows);
        return status;
    }
    *ret_document = json_pack("{s:s, s:o}", "key", key, "rows", rows);
    return *ret_document != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a document");
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "affirmation", make_document);
}

static const struct option_spec options_of_key_affirm[] = {
    {"affirm", 0, "WHAT", "a document or the number of an entry: it stands", OPTION_REPEATS},
    {"reverse", 0, "WHAT", "it does not stand and is to be undone", OPTION_REPEATS},
    GOVERN_ROWS,
    {0},
};

const struct command command_key_affirm = {
    .name = "key affirm",
    .summary = "concludes on what a compromised key signed",
    .arguments = "USER FINGERPRINT",
    .example = "countersign key affirm maria.lopez SHA256:m0aYvC --affirm CN-12 --reverse CN-13",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 2,
    .arguments_max = 2,
    .options = options_of_key_affirm,
    .run = run,
};
