/*
 * countersign clock: leaves a statement that lets the book go on when its last entry bears a time that is yet to come. Two
 * officers sign it, or the recovery keys; it is a finding of every verification.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/session.h"
#include "ledger/hash.h"
#include "ledger/instant.h"

static json_t *body_make(struct session *session, const char *reason, struct err *err)
{
    struct journal_head head;
    char hex[HASH_HEX_CHARS + 1], now[INSTANT_TEXT_BYTES];
    if (session_head(session, &head, err) != STATUS_OK)
        return NULL;
    hash_to_hex(&head.leaf, hex);
    instant_format(session_time(session), now);
    return json_pack("{s:{s:s, s:I}, s:s, s:s}", "head", "hash", hex, "seq", (json_int_t)(head.size - 1), "reason",
                     reason, "true_time", now);
}

static int run(struct cli *cli, const struct options *options)
{
    struct session *session = NULL;
    struct err err = {0};
    if (session_open(cli, options, SESSION_WRITE, &session, &err) != STATUS_OK)
        return cli_error(cli, &err);
    int answer = govern_leave(session, VERB_CLOCK, session_user(session),
                              body_make(session, options_text(options, "reason"), &err));
    session_close(session);
    return answer;
}

static const struct option_spec options_of_clock[] = {
    {"reason", 0, "TEXT", "what had happened", OPTION_REQUIRED},
    {"to", 0, "FILE", "the file to write", OPTION_REQUIRED},
    {0},
};

const struct command command_clock = {
    .name = "clock",
    .summary = "lets a book go on whose last entry is ahead of the time",
    .arguments = "",
    .text =
        "Set the machine's clock right first. Two officers sign the file, or as many recovery keys as the charter asks "
        "for; it has to be submitted within the skew that the charter permits, before anything else is let in.",
    .example =
        "countersign clock --as olga --reason \"Clock was a day ahead after the board was changed\" --to clock.json",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK,
    .options = options_of_clock,
    .run = run,
};
