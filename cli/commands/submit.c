/*
 * countersign submit: brings a statement that others have signed in a file to the gate. Who submits is nobody's matter:
 * the signatures say who acts.
 */
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/session.h"
#include "cli/statement_file.h"

static enum status submit(struct session *session, const char *path, int *ret_exit, struct err *err)
{
    struct statement statement = {.bytes = NULL};
    struct gate_answer answer = {.decision = NULL};
    struct signature_list *signatures = calloc(1, sizeof *signatures);
    if (signatures == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    enum status status = statement_file_read(path, &statement, signatures, err);
    if (status == STATUS_OK && statement.verb == VERB_CHARTER)
        status = err_set(err, STATUS_INPUT, "%s is a charter: countersign init %s --book DIR", path, path);
    if (status == STATUS_OK)
        status = session_let_in(session, &statement, signatures, &answer, err);
    if (status == STATUS_OK)
        status = present_answer(session, &statement, &answer, ret_exit, err);
    gate_answer_done(&answer);
    statement_done(&statement);
    free(signatures);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    struct session *session = NULL;
    struct err err = {0};
    int answered = EXIT_DONE;
    enum status status = session_open(cli, options, SESSION_WRITE | SESSION_ANY_TIME, &session, &err);
    if (status == STATUS_OK)
        status = submit(session, options_argument(options, 0), &answered, &err);
    if (status != STATUS_OK)
        answered = cli_error(cli, &err);
    session_close(session);
    return answered;
}

const struct command command_submit = {
    .name = "submit",
    .summary = "lets in a statement that was signed in a file",
    .arguments = "FILE",
    .text = "The file is what --to left, with the signatures that 'countersign sign' added. Submitting it "
            "again is\n"
            "harmless: the first result is shown.",
    .example = "countersign submit enrolment.json",
    .group = GROUP_SETUP,
    .flags = COMMAND_BOOK | COMMAND_WRITES,
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run,
};
