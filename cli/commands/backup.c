/*
 * countersign backup: the whole book, or what is new since an earlier backup, as a file or a stream, while others write.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/backup/backup.h"
#include "cli/backup_source.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/journal_source.h"
#include "cli/outlet.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "ledger/durable.h"
#include "ledger/journal.h"

static enum status outlet_write(void *context, struct slice bytes, struct err *err)
{
    struct outlet *outlet = context;
    enum status status = interrupt_check(err);
    if (status != STATUS_OK || fwrite(bytes.bytes, 1, bytes.length, outlet->file) == bytes.length)
        return status;
    return interrupt_seen() ? interrupt_check(err) : durable_fail(errno, outlet->name, "write", err);
}

static enum status step(void *context, uint64_t done, uint64_t total, struct err *err)
{
    struct progress *progress = context;
    progress->total = (int64_t)total;
    progress_step(progress, (int64_t)done);
    return interrupt_check(err);
}

/* The earlier backup is read through: one that is damaged is no place to go on from. */
static enum status read_earlier(struct cli *cli, const char *path, struct journal *journal,
                                struct backup_place *ret_place, struct err *err)
{
    struct backup_file file = {.file = NULL};
    struct journal_snapshot *snapshot = NULL;
    const struct backup_source source = {.read = backup_file_read, .context = &file};
    enum status status = backup_file_open(cli, path, &file, err);
    if (status == STATUS_OK)
        status = journal_read_begin(journal, &snapshot, err);
    if (status == STATUS_OK) {
        const struct tree_reader known = journal_tree(snapshot);
        struct backup_reading reading = {.name = path, .source = &source, .known = &known};
        status = backup_read(&reading, err);
        *ret_place = reading.place;
    }
    journal_read_end(snapshot);
    backup_file_close(&file);
    return status;
}

static enum status back_up(struct cli *cli, const struct options *options, struct journal *journal,
                           struct backup_written *ret_written, struct err *err)
{
    const char *after = options_text(options, "after");
    struct backup_place place = {.size = 0};
    struct outlet outlet = {.file = NULL};
    struct progress progress;
    const struct export_sink sink = {.write = outlet_write, .context = &outlet};
    const struct backup_writing writing = {.journal = journal,
                                           .after = after != NULL ? &place : NULL,
                                           .sink = &sink,
                                           .progress = step,
                                           .context = &progress};
    enum status status = after != NULL ? read_earlier(cli, after, journal, &place, err) : STATUS_OK;
    if (status == STATUS_OK)
        status = outlet_open_whole(cli, options_text(options, "out"), &outlet, err);
    if (status != STATUS_OK)
        return status;
    progress_begin(&progress, cli, "backing up entries", 0);
    status = backup_write(&writing, ret_written, err);
    progress_end(&progress);
    return outlet_close(cli, &outlet, status, err);
}

static int show(struct cli *cli, const struct options *options, const struct backup_written *written)
{
    const char *out = options_text(options, "out");
    bool piped = strcmp(out, "-") == 0;
    char head[HASH_HEX_CHARS + 1], root[HASH_HEX_CHARS + 1], entries[GROUPED_BYTES], bytes[GROUPED_BYTES];
    FILE *to = piped ? cli->err : cli->out;
    hash_to_hex(&written->end.head, head);
    hash_to_hex(&written->end.root, root);
    if (cli->json && !piped)
        return out_json(cli, json_pack("{s:s, s:I, s:I, s:I, s:s, s:s, s:s, s:I}", "book", written->book, "bytes",
                                       (json_int_t)written->bytes, "checkpoints",
                                       (json_int_t)(written->end.checkpoints - written->begin.checkpoints), "from",
                                       (json_int_t)written->begin.size, "head", head, "out", out, "root", root, "size",
                                       (json_int_t)written->end.size));
    if (written->end.size == written->begin.size)
        fprintf(to, "nothing new since entry %" PRIu64, written->begin.size - 1);
    else
        fprintf(to, "entries %" PRIu64 " to %" PRIu64, written->begin.size, written->end.size - 1);
    fprintf(to, ", %s bytes: %s entries in all\nhead %s\nroot %s\n",
            terminal_group_integer((int64_t)written->bytes, bytes),
            terminal_group_integer((int64_t)written->end.size, entries), head, root);
    if (written->lost_known)
        fputs("this book is known to have had more entries; the backup says so too\n", to);
    return EXIT_DONE;
}

static int run(struct cli *cli, const struct options *options)
{
    struct journal_source opened = {.journal = NULL};
    struct backup_written written;
    struct interrupt interrupt;
    struct err err = {0};
    interrupt_begin(&interrupt);
    enum status status = journal_source_open(cli, options, true, &opened, &err);
    if (status == STATUS_OK)
        status = back_up(cli, options, opened.journal, &written, &err);
    journal_source_close(&opened);
    int answer = status == STATUS_OK ? show(cli, options, &written) : cli_error(cli, &err);
    interrupt_pass_on(&interrupt);
    return answer;
}

static const struct option_spec options_of_backup[] = {
    {"out", 0, "FILE", "where it goes, a new file; - is the output", OPTION_REQUIRED},
    {"after", 0, "FILE", "only what is new since this backup", 0},
    {0},
};

const struct command command_backup = {
    .name = "backup",
    .summary = "writes a whole copy of the book while others use it",
    .arguments = "",
    .text =
        "A backup is text: every entry as it is stored, one a line, the checkpoints that were handed out, and a last "
        "line by which a reader knows that it is whole. Each entry is checked against the one before and against the "
        "tree before it is written, so a backup that ends well is a book that is whole; what is found damaged ends it, "
        "and nothing stays at FILE. Writers are not held up. It compresses well, and holds no key.\n\nWith --after "
        "only "
        "what came since is written, into a file of its own; restore takes such files in their order.\n\nEvidence and "
        "personal data lie beside the journal, in the directories evidence and personal of the book, and are not in "
        "it: what was erased must not live on in old backups. Their files never change and are named by their hashes, "
        "so any program that copies files will do; run erasures on the copies too. Without the directory personal the "
        "salt of customers' attributes is lost, and no file of customers with attributes can be loaded.\n\nA backup "
        "alone cannot tell whether entries came after it. Keep the newest checkpoint elsewhere, for restore "
        "--lost-after. A book whose file books is damaged needs no backup: rebuild makes it anew from the journal.",
    .example = "countersign backup --book us --out us-2026-07-31.backup",
    .group = GROUP_OPERATORS,
    .flags = COMMAND_BOOK,
    .options = options_of_backup,
    .run = run,
};
