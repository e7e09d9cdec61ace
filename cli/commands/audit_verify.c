/*
 * countersign audit verify: everything in the book's files checked again from the stored bytes, every decision made again.
 */
#include "cli/book.h"
#include "cli/commands.h"
#include "cli/far_stamps.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/verifying.h"

static int run(struct cli *cli, const struct options *options)
{
    int answer = EXIT_DONE;
    struct err err = {0};
    /* A server is asked over the connection that is made here; the child alone uses it. A directory the child opens. */
    struct session *session = NULL;
    enum status status = STATUS_OK;
    struct verify_stamps stamps = {.context = NULL};
    if (book_is_remote(cli_book(cli, options)))
        status = session_open(cli, options, SESSION_READ, &session, &err);
    if (session != NULL && status == STATUS_OK)
        status = book_read_all(session_book(session), "audit verify", &err);
    if (session != NULL)
        stamps = far_stamps(session_book(session));
    struct verify_options verify = {.book_dir = cli_book(cli, options),
                                    .tsa_file = options_text(options, "tsa"),
                                    .stamps = session != NULL ? &stamps : NULL,
                                    .books = session != NULL ? session_books(session) : NULL};
    if (status == STATUS_OK)
        status = verifying_run(cli, options, &(struct verifying){verify_book, &verify}, &answer, &err);
    session_close(session);
    return status == STATUS_OK ? answer : cli_error(cli, &err);
}

static const struct option_spec options_of_audit_verify[] = {
    {"tsa", 0, "FILE", "certificates (PEM) of the time-stamping authority: time stamps beside the journal are checked",
     0},
    VERIFYING_OPTIONS,
    {0},
};

const struct command command_audit_verify = {
    .name = "audit verify",
    .summary = "checks every byte, signature and decision of a book again",
    .arguments = "",
    .text = "Nothing is believed but the charter and the keys that the auditor brings; who the founding "
            "officers really "
            "are has to be confirmed by other means. A book that was cut off or put back shows only against "
            "a checkpoint, a "
            "receipt or a witness from outside.\n\n"
            "Cosignatures and time stamps also bound times: entries that a witness had seen by then cannot bear a "
            "later time "
            "(beyond the charter's skew). What a simulated book says of time is not held against anything.\n\nExit "
            "status 3 when there is any finding.",
    .example = "countersign audit verify --witness corp-audit.pub",
    .group = GROUP_AUDITORS,
    .flags = COMMAND_BOOK,
    .options = options_of_audit_verify,
    .run = run,
};
