/*
 * countersign recover: leaves a statement that makes officers anew, for the recovery keys and the new officers to sign. All
 * old officers' grants and keys end with it.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/officers.h"
#include "cli/output.h"
#include "cli/session.h"
#include "ledger/schema.h"

static int run(struct cli *cli, const struct options *options)
{
    struct session *session = NULL;
    json_t *officers = NULL;
    struct err err = {0};
    enum status status = officers_read(options, &officers, &err);
    if (status == STATUS_OK)
        status = session_open(cli, options, SESSION_READ, &session, &err);
    int answer;
    if (status == STATUS_OK)
        answer = govern_leave(session, VERB_RECOVER, member_text(json_array_get(officers, 0), "user"),
                              json_pack("{s:O}", "officers", officers));
    else
        answer = cli_error(cli, &err);
    json_decref(officers);
    session_close(session);
    return answer;
}

static const struct option_spec options_of_recover[] = {
    {"officer", 0, "USER:PERSON:PUBKEYFILE", "an officer from now on; two persons at least",
     OPTION_REQUIRED | OPTION_REPEATS},
    {"to", 0, "FILE", "the file to write", OPTION_REQUIRED},
    {0},
};

const struct command command_recover = {
    .name = "recover",
    .summary = "makes officers anew with the recovery keys",
    .arguments = "",
    .text =
        "For a book whose officers are gone. As many recovery keys as the charter asks for sign the file, and each new "
        "officer's key;\n"
        "'countersign submit' then lets it in. Every grant of the officers' role ends, and every key of those who held "
        "it.",
    .example = "countersign recover --officer nina:P-9:nina.key.pub --officer noah:P-10:noah.key.pub --to recover.json",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK,
    .options = options_of_recover,
    .run = run,
};
