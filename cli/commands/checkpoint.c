/*
 * countersign checkpoint: the custodian signs how far the book goes and what is in it. To be kept outside the book, where
 * nobody who holds the files can change it (DESIGN 4).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/book.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/prompt.h"
#include "cli/session.h"
#include "cli/stamping.h"
#include "cli/terminal.h"
#include "controls/gate.h"
#include "controls/issue.h"
#include "ledger/checkpoint.h"
#include "ledger/newfile.h"
#include "ledger/note.h"
#include "ledger/signer.h"

static enum status key_open(struct cli *cli, const struct options *options, struct signer *ret_signer, struct err *err)
{
    const char *path = cli_key(cli, options);
    if (path == NULL)
        return err_set(err, STATUS_INPUT, "which key? give the book key's file with --key");
    return prompt_key_file(cli, options, "Passphrase of the book key: ", path, ret_signer, err);
}

static int show(struct cli *cli, const char *out, const struct checkpoint *checkpoint, const char *note)
{
    char root[HASH_HEX_CHARS + 1];
    hash_to_hex(&checkpoint->head.root, root);
    if (cli->json)
        return out_json(cli, json_pack("{s:s, s:s, s:s, s:I}", "note", note, "origin", checkpoint->origin, "root", root,
                                       "size", (json_int_t)checkpoint->head.size));
    if (out == NULL) {
        fputs(note, cli->out);
        return EXIT_DONE;
    }
    terminal_printf(cli->out, "checkpoint of %llu entries in %s", (unsigned long long)checkpoint->head.size, out);
    fputc('\n', cli->out);
    return EXIT_DONE;
}

/* Of a directory: with the book key at hand, which the custodian has. */
static enum status sign_here(struct cli *cli, const struct options *options, struct checkpoint *checkpoint,
                             char ret_note[static CHECKPOINT_NOTE_MAX], struct err *err)
{
    /* Recording a checkpoint makes no entry, so who let it in is chained nowhere. */
    static const struct gate_facts facts = {
        .release = "-", .exe = "0000000000000000", .mode = "embedded", .os_user = "-"};
    struct gate_options gate_options = {.facts = &facts, .now_ms = cli->now_ms, .clock_context = cli->clock_context};
    struct signer signer = {.sign = NULL};
    struct gate *gate = NULL;
    enum status status = cli_wait(options, &gate_options.wait_ms, err);
    if (status == STATUS_OK)
        status = key_open(cli, options, &signer, err);
    if (status == STATUS_OK)
        status = gate_open(cli_book(cli, options), &gate_options, &gate, err);
    if (status == STATUS_OK)
        status = issue_checkpoint(gate, &signer, checkpoint, ret_note, err);
    gate_close(gate);
    signer_close(&signer);
    return status;
}

/* Of a server: it has the book key, and its word is read before it is passed on. */
static enum status sign_there(struct session *session, struct checkpoint *checkpoint,
                              char ret_note[static CHECKPOINT_NOTE_MAX], struct err *err)
{
    struct note note;
    char *text = NULL;
    uint64_t size = 0;
    enum status status = book_checkpoint(session_book(session), &text, &size, err);
    if (status == STATUS_OK && strlen(text) >= CHECKPOINT_NOTE_MAX)
        status = err_set(err, STATUS_LIMIT, "the server's checkpoint is too long");
    if (status == STATUS_OK)
        status = note_parse(text, strlen(text), &note, err);
    if (status == STATUS_OK)
        status = checkpoint_parse(text, note.text_length, checkpoint, err);
    if (status == STATUS_OK)
        memcpy(ret_note, text, strlen(text) + 1);
    free(text);
    return status;
}

/* Before anything is signed: what is asked for can be done. */
static enum status check_stamping(const struct options *options, struct err *err)
{
    const char *program = options_text(options, "timestamp");
    if (program == NULL)
        return options_flag(options, "tsa")
                   ? err_set(err, STATUS_INPUT, "--tsa goes with --timestamp (and with checkpoint add --timestamp)")
                   : STATUS_OK;
    if (program[0] != '/')
        return err_set(err, STATUS_INPUT, "--timestamp takes the path of a program from / on, without arguments");
    return options_flag(options, "tsa")
               ? STATUS_OK
               : err_set(err, STATUS_INPUT, "--timestamp needs --tsa FILE, the authority's certificates");
}

/* size: of the note's checkpoint. */
static enum status stamp(const struct stamping *stamping, const char *query, uint64_t size, const char *note,
                         struct err *err)
{
    const struct slice bytes = slice_of(note, strlen(note));
    enum status status = query != NULL ? stamping_query(bytes, query, err) : STATUS_OK;
    if (status == STATUS_OK && stamping->program != NULL)
        status = stamping_ask(stamping, size, bytes, err);
    if (status != STATUS_OK)
        err_prefix(err, "the checkpoint is signed and recorded, but has no time stamp: ");
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    const char *out = options_text(options, "out"), *address = cli_book(cli, options);
    struct stamping stamping = {
        .book_dir = address, .ca_file = options_text(options, "tsa"), .program = options_text(options, "timestamp")};
    struct session *session = NULL; /* with a server */
    struct checkpoint checkpoint = {.origin = ""};
    char note[CHECKPOINT_NOTE_MAX];
    struct err err = {0};
    enum status status = check_stamping(options, &err);
    if (status == STATUS_OK && book_is_remote(address)) {
        status = session_open(cli, options, SESSION_READ, &session, &err);
        if (status == STATUS_OK)
            status = sign_there(session, &checkpoint, note, &err);
    } else if (status == STATUS_OK) {
        status = sign_here(cli, options, &checkpoint, note, &err);
    }
    stamping.far = session != NULL ? session_book(session) : NULL;
    if (status == STATUS_OK)
        status = stamp(&stamping, options_text(options, "timestamp-query"), checkpoint.head.size, note, &err);
    if (status == STATUS_OK && out != NULL)
        status = newfile_create(out, note, strlen(note), 0644, &err);
    session_close(session);
    return status == STATUS_OK ? show(cli, out, &checkpoint, note) : cli_error(cli, &err);
}

static const struct option_spec options_of_checkpoint[] = {
    {"out", 0, "FILE", "write the checkpoint to a new file instead of the output", 0},
    {"timestamp", 0, "PROGRAM", "have it stamped: this program gets the query as its input and answers with the reply",
     0},
    {"tsa", 0, "FILE", "certificates (PEM) of the time-stamping authority, under which the reply must verify", 0},
    {"timestamp-query", 0, "FILE", "write the query to a new file, to be carried to an authority", 0},
    {0},
};

const struct command command_checkpoint = {
    .name = "checkpoint",
    .summary = "signs how far the book goes, to be kept elsewhere",
    .arguments = "",
    .text =
        "A checkpoint is a C2SP signed note. Whoever keeps one outside can show later that nothing "
        "before it was "
        "changed, dropped or put back; give it to witnesses and auditors.\n\n"
        "A time stamp (RFC 3161) is an authority's word that the checkpoint existed at a time. openssl makes the query "
        "and "
        "checks the reply, which is kept in the folder timestamps of the book; a server that has the book checks it "
        "once more, "
        "with certificates that it knows. PROGRAM is a path from / without "
        "arguments, for instance a script with one line: exec curl -sf -H 'Content-Type: application/timestamp-query' "
        "--data-binary @- https://tsa.example/. Without a network, carry the query and bring the reply back with "
        "checkpoint add --timestamp.",
    .example = "countersign checkpoint --key book.key --out 2026-07-31.note",
    .group = GROUP_AUDITORS,
    .flags = COMMAND_BOOK,
    .options = options_of_checkpoint,
    .run = run,
};
