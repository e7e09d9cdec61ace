/*
 * countersign restore accept: a user whose newest receipt is of a lost entry goes on with the restored book.
 */
#include <stdio.h>

#include "cli/book.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/receipts.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "ledger/schema.h"

static int show(struct cli *cli, const struct receipt_look *look)
{
    const json_t *restore = look->restore;
    if (cli->json)
        return out_json(cli, json_pack("{s:I, s:o}", "entry", (json_int_t)look->kept.seq, "restore",
                                       restore != NULL ? json_incref((json_t *)(uintptr_t)restore) : json_null()));
    if (restore == NULL) {
        fprintf(cli->out, "nothing to accept: %s\n",
                look->standing == RECEIPT_NONE ? "no receipt of this book is kept here"
                                               : "the book holds what was seen last");
        return EXIT_DONE;
    }
    terminal_printf(cli->out, "accepted: entry %llu is lost, by the restore in entry %lld (%s). Reason: %s",
                    (unsigned long long)look->kept.seq, (long long)member_integer(restore, "seq"),
                    member_text(restore, "time"), member_text(restore, "reason"));
    fputs("\nwhat you signed from then on has to be sent again, if it is not in the book\n", cli->out);
    return EXIT_DONE;
}

static enum status check(const struct receipt_look *look, struct err *err)
{
    if (look->standing == RECEIPT_AWAITED)
        return err_set(err, STATUS_REFUSED, "two officers have yet to say what was lost; then it can be accepted");
    if (look->standing == RECEIPT_UNDENIED)
        return err_set(err, STATUS_CORRUPT,
                       "no restore says that entry %llu, which you saw, was lost: the book was cut, rolled back or "
                       "replaced. Show your receipt to the officers: %s",
                       (unsigned long long)look->kept.seq, look->path.text);
    return STATUS_OK;
}

static int run(struct cli *cli, const struct options *options)
{
    struct session *session = NULL;
    struct receipt_look look = {.standing = RECEIPT_NONE};
    struct err err = {0};
    enum status status = session_open(cli, options, SESSION_READ | SESSION_RESTORED, &session, &err);
    if (status == STATUS_OK) {
        const struct receipt_owner owner = {.book = book_id(session_book(session)), .user = session_user(session)};
        status = receipts_look(cli, &owner, session_books(session), &look, &err);
    }
    if (status == STATUS_OK)
        status = check(&look, &err);
    if (status == STATUS_OK && look.standing == RECEIPT_LOST)
        status = receipts_forget(&look, &err);
    int answer = status == STATUS_OK ? show(cli, &look) : cli_error(cli, &err);
    receipt_look_done(&look);
    session_close(session);
    return answer;
}

const struct command command_restore_accept = {
    .name = "restore accept",
    .summary = "goes on with a restored book that lost what you saw",
    .arguments = "",
    .text = "Takes back the receipt that this user keeps, when two officers have said that its entry was lost. Look at "
            "what "
            "they say first: countersign log, countersign show.",
    .example = "countersign restore accept --as maria --book us",
    .group = GROUP_EVERYONE,
    .flags = COMMAND_BOOK,
    .run = run,
};
