/*
 * countersign mitigate: records that one person may join two duties of a pair that the policy lets be mitigated, under a
 * control that somebody owns and somebody else reviews; a second officer has to approve.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/session.h"

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    json_t *document = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "person", options_argument(options, 0), "a",
                                 options_argument(options, 1), "b", options_argument(options, 2), "control",
                                 options_text(options, "control"), "owner", options_text(options, "owner"), "reviewer",
                                 options_text(options, "reviewer"), "reason", options_text(options, "reason"));
    if (document == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a document");
    enum status status = govern_set_time(options, "until", document, "until", err);
    if (status == STATUS_OK)
        *ret_document = document;
    else
        json_decref(document);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "mitigation", make_document);
}

static const struct option_spec options_of_mitigate[] = {
    {"control", 0, "ID", "the control that makes up for it, as your framework names it", OPTION_REQUIRED},
    {"owner", 0, "PERSON", "who performs that control", OPTION_REQUIRED},
    {"reviewer", 0, "PERSON", "who answers for each use; a third person", OPTION_REQUIRED},
    {"until", 0, "TIME", "when it ends", OPTION_REQUIRED},
    {"reason", 0, "TEXT", "why the two duties cannot be parted", OPTION_REQUIRED},
    GOVERN_ROWS,
    {0},
};

const struct command command_mitigate = {
    .name = "mitigate",
    .summary = "lets a person join two duties under a control",
    .arguments = "PERSON DUTY DUTY",
    .text =
        "Only pairs of mode mitigated, for mitigation_days_max at most. An officer submits it, a second one approves; "
        "'grant revoke' takes it back at once. Every act in one of the two duties while both are held is a use, which "
        "the reviewer answers for in time, else there are no further ones.",
    .example =
        "countersign mitigate P-1042 CREDIT_PREPARE HOLD_RELEASE --control MON-7 --owner P-2001 --reviewer P-2002 "
        "--until 2027-03-31 --reason \"Two people in this office\"",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 3,
    .arguments_max = 3,
    .options = options_of_mitigate,
    .run = run,
};
