/*
 * countersign checkpoint add: what witnesses cosigned comes back into the book, as a further issued checkpoint of the same
 * size and root. It needs no key: the book has signed it, and the witness.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/book.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "controls/gate.h"
#include "controls/issue.h"
#include "ledger/journal.h"
#include "ledger/newfile.h"

static enum status record(struct cli *cli, const struct options *options, struct slice note,
                          struct checkpoint *ret_checkpoint, bool *ret_known, struct err *err)
{
    /* Recording a checkpoint makes no entry, so who let it in is chained nowhere. */
    static const struct gate_facts facts = {
        .release = "-", .exe = "0000000000000000", .mode = "embedded", .os_user = "-"};
    struct gate_options gate_options = {.facts = &facts, .now_ms = cli->now_ms, .clock_context = cli->clock_context};
    struct gate *gate = NULL;
    enum status status = cli_wait(options, &gate_options.wait_ms, err);
    if (status == STATUS_OK)
        status = gate_open(cli_book(cli, options), &gate_options, &gate, err);
    if (status == STATUS_OK)
        status = issue_record(gate, note, ret_checkpoint, ret_known, err);
    gate_close(gate);
    return status;
}

static int show(struct cli *cli, const struct checkpoint *checkpoint, bool known)
{
    char size[GROUPED_BYTES];
    if (cli->json)
        return out_json(cli, json_pack("{s:b, s:s, s:I}", "known", known, "origin", checkpoint->origin, "size",
                                       (json_int_t)checkpoint->head.size));
    fprintf(cli->out, "checkpoint of %s entries %s\n", terminal_group_integer((int64_t)checkpoint->head.size, size),
                    known ? "was there already" : "recorded");
    return EXIT_DONE;
}

static int run(struct cli *cli, const struct options *options)
{
    const char *path = options_argument(options, 0);
    struct checkpoint checkpoint = {.origin = ""};
    struct err err = {0};
    size_t length = 0;
    bool known = false;
    char *bytes = malloc(JOURNAL_NOTE_BYTES_MAX);
    enum status status = bytes != NULL ? STATUS_OK : err_set(&err, STATUS_MEMORY, "no memory for %s", path);
    if (status == STATUS_OK && book_is_remote(cli_book(cli, options)))
        status = err_set(&err, STATUS_INPUT,
                         "what came back is recorded in the book's directory: give --book DIR there, between two runs of "
                         "the server");
    if (status == STATUS_OK)
        status = newfile_read(path, false, bytes, JOURNAL_NOTE_BYTES_MAX, &length, &err);
    if (status == STATUS_OK) {
        status = record(cli, options, slice_of(bytes, length), &checkpoint, &known, &err);
        if (status != STATUS_OK)
            err_prefix(&err, "%s: ", path);
    }
    free(bytes);
    return status == STATUS_OK ? show(cli, &checkpoint, known) : cli_error(cli, &err);
}

const struct command command_checkpoint_add = {
    .name = "checkpoint add",
    .summary = "records a checkpoint that came back cosigned",
    .arguments = "FILE",
    .text = "The file is what `countersign witness cosign` or another witness wrote: a checkpoint that this book signed, with "
            "more signatures under it. It is kept beside the entries, exported and backed up with them, and counts in audit "
            "verify --witness. A checkpoint that this book did not sign, or of another root, is not recorded.",
    .example = "countersign checkpoint add cosigned.note",
    .group = GROUP_AUDITORS,
    .flags = COMMAND_BOOK,
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run,
};
