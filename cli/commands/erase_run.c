/*
 * countersign erase run: removes the files of an erasure that is in force. The journal keeps the hash, which tells nothing.
 */
#include <stdio.h>

#include "cli/book.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/session.h"

static int run(struct cli *cli, const struct options *options)
{
    struct session *session = NULL;
    size_t gone = 0;
    struct err err = {0};
    enum status status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = book_erase(session_book(session), options_argument(options, 0), session_time(session), &gone, &err);
    session_close(session);
    if (status != STATUS_OK)
        return cli_error(cli, &err);
    if (cli->json)
        return out_json(cli, json_pack("{s:I}", "erased", (json_int_t)gone));
    fprintf(cli->out, "%zu record%s erased; copies in backups and snapshots are yours to remove\n", gone,
            gone == 1 ? "" : "s");
    return EXIT_DONE;
}

const struct command command_erase_run = {
    .name = "erase run",
    .summary = "removes what an erasure in force names",
    .arguments = "ERASURE",
    .text = "Done again it removes what is still there.",
    .example = "countersign erase run ER-1",
    .group = GROUP_OPERATORS,
    .flags = COMMAND_BOOK,
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run,
};
