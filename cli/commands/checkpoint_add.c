/*
 * countersign checkpoint add: what witnesses cosigned comes back into the book, as a further issued checkpoint of the same
 * size and root; so does what a time-stamping authority answered. It needs no key: the book has signed it, and they.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/book.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/stamping.h"
#include "cli/terminal.h"
#include "controls/gate.h"
#include "controls/issue.h"
#include "ledger/instant.h"
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

/* To a server, which knows the witnesses that it takes them from. */
static enum status hand_over(struct session *session, struct slice note, struct checkpoint *ret_checkpoint,
                             bool *ret_known, struct err *err)
{
    struct note parsed;
    struct checkpoint checkpoint;
    uint64_t size = 0;
    enum status status = note_parse((const char *)note.bytes, note.length, &parsed, err);
    if (status == STATUS_OK)
        status = checkpoint_parse(parsed.text, parsed.text_length, &checkpoint, err);
    if (status == STATUS_OK)
        status = book_checkpoint_add(session_book(session), note, &size, ret_known, err);
    if (status == STATUS_OK && size != checkpoint.head.size)
        status = err_set(err, STATUS_CORRUPT, "the server has taken a checkpoint of %llu entries for it",
                         (unsigned long long)size);
    if (status == STATUS_OK)
        *ret_checkpoint = checkpoint;
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

/* What is added, and to what. */
struct adding {
    struct cli *cli;
    const struct options *options;
    struct session *session; /* with a server; NULL of a directory */
};

static enum status note_add(const struct adding *adding, const char *path, struct checkpoint *ret_checkpoint,
                            bool *ret_known, struct err *err)
{
    size_t length = 0;
    char *bytes = malloc(JOURNAL_NOTE_BYTES_MAX);
    if (bytes == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for %s", path);
    enum status status = newfile_read(path, false, bytes, JOURNAL_NOTE_BYTES_MAX, &length, err);
    if (status == STATUS_OK) {
        const struct slice note = slice_of(bytes, length);
        status = adding->session != NULL ? hand_over(adding->session, note, ret_checkpoint, ret_known, err)
                                         : record(adding->cli, adding->options, note, ret_checkpoint, ret_known, err);
        if (status != STATUS_OK)
            err_prefix(err, "%s: ", path);
    }
    free(bytes);
    return status;
}

static int show_stamp(struct cli *cli, uint64_t size, int64_t seconds)
{
    char at[INSTANT_TEXT_BYTES], grouped[GROUPED_BYTES];
    if (cli->json)
        return out_json(cli, json_pack("{s:I, s:I}", "seconds", (json_int_t)seconds, "size", (json_int_t)size));
    instant_format(seconds * 1000, at);
    fprintf(cli->out, "checkpoint of %s entries: time stamp of %s kept\n",
            terminal_group_integer((int64_t)size, grouped), at);
    return EXIT_DONE;
}

static enum status usage_check(const struct options *options, struct err *err)
{
    bool stamps = options_flag(options, "timestamp");
    if (stamps == (options_argument(options, 0) != NULL))
        return err_set(err, STATUS_INPUT, "either a checkpoint's file, or --timestamp with a reply's");
    if (stamps != options_flag(options, "tsa"))
        return err_set(err, STATUS_INPUT, "--timestamp and --tsa FILE, the authority's certificates, go together");
    return STATUS_OK;
}

static int run(struct cli *cli, const struct options *options)
{
    const char *reply = options_text(options, "timestamp"), *address = cli_book(cli, options);
    struct adding adding = {.cli = cli, .options = options};
    struct checkpoint checkpoint = {.origin = ""};
    struct err err = {0};
    bool known = false;
    uint64_t size = 0;
    int64_t seconds = 0;
    enum status status = usage_check(options, &err);
    if (status == STATUS_OK && book_is_remote(address))
        status = session_open(cli, options, SESSION_READ, &adding.session, &err);
    if (status == STATUS_OK && reply != NULL) {
        const struct stamping stamping = {.book_dir = address,
                                          .far = adding.session != NULL ? session_book(adding.session) : NULL,
                                          .ca_file = options_text(options, "tsa")};
        status = stamping_take(&stamping, reply, &size, &seconds, &err);
    } else if (status == STATUS_OK) {
        status = note_add(&adding, options_argument(options, 0), &checkpoint, &known, &err);
    }
    session_close(adding.session);
    if (status != STATUS_OK)
        return cli_error(cli, &err);
    return reply != NULL ? show_stamp(cli, size, seconds) : show(cli, &checkpoint, known);
}

static const struct option_spec options_of_checkpoint_add[] = {
    {"timestamp", 0, "FILE", "a time-stamping authority's reply to the query of a checkpoint, in place of a checkpoint",
     0},
    {"tsa", 0, "FILE", "certificates (PEM) of that authority, under which the reply must verify", 0},
    {0},
};

const struct command command_checkpoint_add = {
    .name = "checkpoint add",
    .summary = "takes back a checkpoint that was cosigned or stamped",
    .arguments = "[FILE]",
    .text = "The file is what `countersign witness cosign` or another witness wrote: a checkpoint that this book "
            "signed, with "
            "more signatures under it. It is kept beside the entries, exported and backed up with them, and counts in "
            "audit "
            "verify --witness. A checkpoint that this book did not sign, or of another root, is not recorded.\n\n"
            "With --timestamp it takes back what an authority answered to a query of `countersign checkpoint "
            "--timestamp-query`, checks it, and keeps it in the folder timestamps of the book.\n\n"
            "A server takes both from those who have operate or audit.read, and only those of the witnesses and "
            "authorities "
            "that it was told of (countersign serve --witness, --tsa); of each witness one cosignature for a size.",
    .example = "countersign checkpoint add cosigned.note",
    .group = GROUP_AUDITORS,
    .flags = COMMAND_BOOK,
    .arguments_max = 1,
    .options = options_of_checkpoint_add,
    .run = run,
};
