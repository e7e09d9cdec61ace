/*
 * countersign audit export: entries as JSON lines, keys as allowed_signers, checkpoints as notes: all that others need to
 * check a book without this program.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/export.h"
#include "cli/commands.h"
#include "cli/journal_source.h"
#include "cli/outlet.h"
#include "cli/output.h"
#include "ledger/durable.h"
#include "ledger/journal.h"
#include "ledger/newfile.h"

enum { SEQ_MAX_SHIFT = 53 };

static enum status outlet_write(void *context, struct slice bytes, struct err *err)
{
    struct outlet *outlet = context;
    if (fwrite(bytes.bytes, 1, bytes.length, outlet->file) == bytes.length)
        return STATUS_OK;
    return durable_fail(errno, outlet->name, "write", err);
}

static enum status range_read(const struct options *options, uint64_t *ret_from, uint64_t *ret_to, struct err *err)
{
    int64_t from = 0, to = -1;
    enum status status = options_number(options, "from", 0, INT64_C(1) << SEQ_MAX_SHIFT, &from, err);
    if (status == STATUS_OK)
        status = options_number(options, "to", 0, INT64_C(1) << SEQ_MAX_SHIFT, &to, err);
    *ret_from = (uint64_t)from;
    *ret_to = to < 0 ? UINT64_MAX : (uint64_t)to;
    return status;
}

static enum status entries_out(struct cli *cli, const struct options *options, struct journal *journal,
                               uint64_t *ret_count, struct err *err)
{
    struct outlet outlet = {.file = NULL};
    uint64_t from = 0, to = 0;
    const struct export_sink sink = {.write = outlet_write, .context = &outlet};
    enum status status = range_read(options, &from, &to, err);
    if (status == STATUS_OK)
        status = outlet_open(cli, options_text(options, "out"), &outlet, err);
    if (status != STATUS_OK)
        return status;
    status = export_entries(journal, from, to, &sink, ret_count, err);
    return outlet_close(cli, &outlet, status, err);
}

static enum status signers_out(struct cli *cli, const char *path, struct journal *journal, uint64_t *ret_count,
                               struct err *err)
{
    struct outlet outlet = {.file = NULL};
    const struct export_sink sink = {.write = outlet_write, .context = &outlet};
    if (path == NULL)
        return STATUS_OK;
    enum status status = outlet_open(cli, path, &outlet, err);
    if (status != STATUS_OK)
        return status;
    status = export_signers(journal, &sink, ret_count, err);
    return outlet_close(cli, &outlet, status, err);
}

/* DIR/<number>-<size>.note: numbers first, so that a listing is in order. */
static enum status note_out(void *context, uint64_t number, uint64_t size, struct slice note, struct err *err)
{
    struct path path;
    enum status status = path_set(&path, err, "%s/%06" PRIu64 "-%" PRIu64 ".note", (const char *)context, number, size);
    return status == STATUS_OK ? newfile_create(path.text, note.bytes, note.length, 0644, err) : status;
}

static int show(struct cli *cli, const struct options *options, uint64_t entries, uint64_t keys, uint64_t notes)
{
    const char *out = options_text(options, "out");
    bool piped = strcmp(out, "-") == 0;
    if (cli->json && !piped)
        return out_json(cli, json_pack("{s:I, s:I, s:I, s:s}", "checkpoints", (json_int_t)notes, "entries",
                                       (json_int_t)entries, "keys", (json_int_t)keys, "out", out));
    FILE *to = piped ? cli->err : cli->out;
    fprintf(to, "%" PRIu64 " %s\n", entries, entries == 1 ? "entry" : "entries");
    if (options_flag(options, "signers"))
        fprintf(to, "%" PRIu64 " %s for ssh-keygen -Y verify\n", keys, keys == 1 ? "key" : "keys");
    if (options_flag(options, "checkpoints"))
        fprintf(to, "%" PRIu64 " %s\n", notes, notes == 1 ? "checkpoint" : "checkpoints");
    return EXIT_DONE;
}

static int run(struct cli *cli, const struct options *options)
{
    const char *notes_dir = options_text(options, "checkpoints");
    struct journal_source source = {.journal = NULL};
    uint64_t entries = 0, keys = 0, notes = 0;
    struct err err = {0};
    enum status status = journal_source_open(cli, options, true, &source, &err);
    if (status == STATUS_OK)
        status = entries_out(cli, options, source.journal, &entries, &err);
    if (status == STATUS_OK)
        status = signers_out(cli, options_text(options, "signers"), source.journal, &keys, &err);
    if (status == STATUS_OK && notes_dir != NULL)
        status = export_checkpoints(source.journal, note_out, (void *)(uintptr_t)notes_dir, &notes, &err);
    journal_source_close(&source);
    return status == STATUS_OK ? show(cli, options, entries, keys, notes) : cli_error(cli, &err);
}

static const struct option_spec options_of_audit_export[] = {
    {"out", 0, "FILE", "where the entries go, a new file; - is the output", OPTION_REQUIRED},
    {"from", 0, "SEQ", "the first entry (0)", 0},
    {"to", 0, "SEQ", "the last entry (the newest)", 0},
    {"signers", 0, "FILE", "also write every key with its time, as ssh-keygen reads allowed_signers", 0},
    {"checkpoints", 0, "DIR", "also write the issued checkpoints into this directory, a note a file", 0},
    {0},
};

const struct command command_audit_export = {
    .name = "audit export",
    .summary = "writes entries, keys and checkpoints for other programs",
    .arguments = "",
    .text = "One entry a line, the exact stored bytes. tests/checker.py in the source tree is a second "
            "reader of such a "
            "file; ledger/FORMAT.md describes it.",
    .example = "countersign audit export --out book.jsonl --signers allowed_signers",
    .group = GROUP_AUDITORS,
    .flags = COMMAND_BOOK,
    .options = options_of_audit_export,
    .run = run,
};
