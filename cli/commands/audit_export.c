/*
 * countersign audit export: entries as JSON lines, keys as allowed_signers, checkpoints as notes: all that others need to
 * check a book without this program; and the book in the forms of other programs (export_forms.h).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/export/export.h"
#include "cli/book.h"
#include "cli/commands.h"
#include "cli/export_forms.h"
#include "cli/journal_source.h"
#include "cli/outlet.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "ledger/books_open.h"
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
                               struct export_told *ret_told, struct err *err)
{
    struct outlet outlet = {.file = NULL};
    uint64_t from = 0, to = 0;
    if (options_text(options, "out") == NULL)
        return STATUS_OK;
    const struct export_sink sink = {.write = outlet_write, .context = &outlet};
    enum status status = range_read(options, &from, &to, err);
    if (status == STATUS_OK)
        status = outlet_open_whole(cli, options_text(options, "out"), &outlet, err);
    if (status != STATUS_OK)
        return status;
    status = export_entries(journal, from, to, &sink, ret_told, err);
    return outlet_close(cli, &outlet, status, err);
}

static enum status signers_out(struct cli *cli, const char *path, struct journal *journal, uint64_t *ret_count,
                               struct err *err)
{
    struct outlet outlet = {.file = NULL};
    const struct export_sink sink = {.write = outlet_write, .context = &outlet};
    if (path == NULL)
        return STATUS_OK;
    enum status status = outlet_open_whole(cli, path, &outlet, err);
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

struct written {
    struct export_told entries;
    uint64_t keys, notes;
    json_t *forms; /* form -> where */
};

static json_t *summary(const struct options *options, const struct written *written)
{
    const char *out = options_text(options, "out");
    json_t *object =
        json_pack("{s:I, s:I}", "checkpoints", (json_int_t)written->notes, "keys", (json_int_t)written->keys);
    if (object != NULL && out != NULL &&
        (json_object_set_new(object, "entries", json_integer((json_int_t)written->entries.count)) != 0 ||
         json_object_set_new(object, "out", json_string(out)) != 0))
        return NULL;
    if (object != NULL && written->forms != NULL)
        (void)json_object_update(object, written->forms);
    return object;
}

static int show(struct cli *cli, const struct options *options, const struct written *written)
{
    const char *out = options_text(options, "out"), *form;
    bool piped = out != NULL && strcmp(out, "-") == 0;
    json_t *path;
    if (cli->json && !piped)
        return out_json(cli, summary(options, written));
    FILE *to = piped ? cli->err : cli->out;
    if (out != NULL)
        fprintf(to, "%" PRIu64 " %s\n", written->entries.count, written->entries.count == 1 ? "entry" : "entries");
    if (options_flag(options, "signers"))
        fprintf(to, "%" PRIu64 " %s for ssh-keygen -Y verify\n", written->keys, written->keys == 1 ? "key" : "keys");
    if (options_flag(options, "checkpoints"))
        fprintf(to, "%" PRIu64 " %s\n", written->notes, written->notes == 1 ? "checkpoint" : "checkpoints");
    json_object_foreach(written->forms, form, path)
    {
        fprintf(to, "%-10s ", form);
        terminal_printf(to, "%s", json_string_value(path));
        fputc('\n', to);
    }
    return EXIT_DONE;
}

/* The journal of a session, whose user signs: the key is asked for before the book is read, which takes long. */
static enum status signing_source_open(struct cli *cli, const struct options *options,
                                       struct journal_source *ret_source, struct err *err)
{
    const struct signer *signer = NULL;
    enum status status = session_open(cli, options, SESSION_READ, &ret_source->session, err);
    if (status == STATUS_OK && session_user(ret_source->session) == NULL)
        status = err_set(err, STATUS_INPUT, "who exports? --ads is signed: give --as USER or set COUNTERSIGN_USER");
    if (status == STATUS_OK)
        status = session_known_signer(ret_source->session, &signer, err);
    if (status == STATUS_OK)
        ret_source->journal = session_books(ret_source->session)->journal;
    return status;
}

/* Written as they are, for whoever looks into it, and not passed over. */
static const struct err *changed(const struct export_told *told, struct err *err)
{
    (void)!err_set(
        err, STATUS_CORRUPT,
        "%" PRIu64 " of the entries that were written, %" PRIu64
        " the first, are not those that were hashed: 'countersign audit verify' says what is wrong with them",
        told->changed, told->first_changed);
    return err;
}

static int run(struct cli *cli, const struct options *options)
{
    const char *notes_dir = options_text(options, "checkpoints");
    struct journal_source source = {.journal = NULL};
    struct written written = {.forms = NULL};
    struct err err = {0}, err_of_pages = {0};
    bool forms = false;
    enum status status = export_forms_asked(options, &forms, &err);
    if (status == STATUS_OK && !forms && options_text(options, "out") == NULL && !options_flag(options, "signers") &&
        notes_dir == NULL)
        status = err_set(&err, STATUS_INPUT,
                         "what is to be written? give --out FILE, --sqlite FILE, --ads DIR, --hledger FILE "
                         "or --beancount FILE");
    if (status == STATUS_OK)
        status = options_text(options, "ads") != NULL ? signing_source_open(cli, options, &source, &err)
                                                      : journal_source_open(cli, options, true, &source, &err);
    if (status == STATUS_OK)
        status = entries_out(cli, options, source.journal, &written.entries, &err);
    if (status == STATUS_OK)
        status = signers_out(cli, options_text(options, "signers"), source.journal, &written.keys, &err);
    if (status == STATUS_OK && notes_dir != NULL)
        status = export_checkpoints(source.journal, note_out, (void *)(uintptr_t)notes_dir, &written.notes, &err);
    if (status == STATUS_OK && forms && source.session != NULL)
        status = book_read_all(session_book(source.session), "an export of the whole book", &err);
    const struct export_from from = {
        .cli = cli, .options = options, .journal = source.journal, .session = source.session};
    if (status == STATUS_OK && forms)
        status = export_forms_write(&from, &written.forms, &err);
    enum status pages = status == STATUS_OK ? journal_look_at(source.journal, &err_of_pages) : STATUS_OK;
    journal_source_close(&source);
    int exit_status = status == STATUS_OK ? show(cli, options, &written) : cli_error(cli, &err);
    if (status == STATUS_OK && written.entries.changed > 0)
        exit_status = cli_error(cli, changed(&written.entries, &err));
    if (pages != STATUS_OK)
        exit_status = cli_error(cli, &err_of_pages);
    json_decref(written.forms);
    return exit_status;
}

static const struct option_spec options_of_audit_export[] = {
    {"out", 0, "FILE", "where the entries go, a new file; - is the output", 0},
    {"from", 0, "SEQ", "the first entry (0)", 0},
    {"to", 0, "SEQ", "the last entry (the newest)", 0},
    {"signers", 0, "FILE", "also write every key with its time, as ssh-keygen reads allowed_signers", 0},
    {"checkpoints", 0, "DIR", "also write the issued checkpoints into this directory, a note a file", 0},
    EXPORT_FORM_OPTIONS,
    {0},
};

const struct command command_audit_export = {
    .name = "audit export",
    .summary = "writes entries, keys and checkpoints for other programs",
    .arguments = "",
    .text = "One entry a line, the exact stored bytes; exit status 3 when some of them are not those that were hashed. "
            "tests/checker.py in the source tree is a second "
            "reader of such a "
            "file; ledger/FORMAT.md describes it. The other forms are made of the whole book, after each entry was "
            "compared with its "
            "hash: audit/sql/SQL.md, audit/export/ADS.md and audit/export/PLAINTEXT.md say what is in them. Through a "
            "server they take "
            "audit.read.",
    .example = "countersign audit export --out book.jsonl --signers allowed_signers",
    .group = GROUP_AUDITORS,
    .flags = COMMAND_BOOK,
    .options = options_of_audit_export,
    .run = run,
};
