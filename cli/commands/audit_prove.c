/*
 * countersign audit prove: a receipt for one entry, or the proof that the book extends what somebody saw, in a file that can
 * be checked without this program.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/prove.h"
#include "cli/block.h"
#include "cli/commands.h"
#include "cli/journal_source.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "ledger/books.h"
#include "ledger/books_open.h"
#include "ledger/journal.h"
#include "ledger/limits.h"
#include "ledger/newfile.h"
#include "ledger/schema.h"
#include "ledger/tables.h"

enum { SEQ_DIGITS_MAX = 15 };

/* What is proved: an entry, or that everything from a size on only grew. */
struct claim {
    uint64_t seq;
    const char *why; /* of a document: "posted", "submitted"; NULL for an entry by number */
    bool extension;
    uint64_t old_size;
};

/* The entry that matters most of a document: the one that posted it, else that of its newest version. */
static enum status document_in(struct books *books, const char *number, struct claim *claim, struct err *err)
{
    struct tables_txn *txn = NULL;
    json_t *record = NULL;
    struct books_key key = books_key(number);
    enum status status = tables_read_begin(books->tables, &txn, err);
    if (status == STATUS_OK)
        status = books_get(txn, BOOKS_DOCUMENTS, &key, &record, err);
    if (status == STATUS_NOT_FOUND)
        status =
            err_set(err, STATUS_NOT_FOUND, "there is no document %s; an entry is named by its number alone", number);
    if (status == STATUS_OK) {
        const json_t *posted = json_object_get(record, "posted");
        claim->seq = (uint64_t)member_integer(posted != NULL ? posted : record, "seq");
        claim->why = posted != NULL ? "took effect" : "was submitted";
    }
    json_decref(record);
    tables_abort(txn);
    return status;
}

static enum status document_entry(struct cli *cli, const struct options *options, const struct journal_source *source,
                                  struct claim *claim, struct err *err)
{
    const struct books_options books_options = {.wait_ms = BOOKS_WAIT_MS_DEFAULT};
    const char *number = options_argument(options, 0);
    struct books *books = NULL;
    if (strlen(number) > ID_BYTES_MAX)
        return err_set(err, STATUS_INPUT, "that is neither an entry's number nor a document's");
    if (source->session != NULL)
        return document_in(session_books(source->session), number, claim, err);
    enum status status = books_open(cli_book(cli, options), source->journal, &books_options, &books, err);
    if (status == STATUS_OK)
        status = document_in(books, number, claim, err);
    books_close(books, false);
    return status;
}

static enum status claim_read(struct cli *cli, const struct options *options, const struct journal_source *source,
                              struct claim *claim, struct err *err)
{
    const char *what = options_argument(options, 0);
    int64_t since = 0;
    if (options_flag(options, "since")) {
        if (what != NULL)
            return err_set(err, STATUS_INPUT, "either an entry or --since");
        enum status status = options_number(options, "since", 0, INT64_MAX, &since, err);
        claim->extension = true;
        claim->old_size = (uint64_t)since;
        return status;
    }
    if (what == NULL)
        return err_set(err, STATUS_INPUT, "which entry or document?");
    size_t digits = strspn(what, "0123456789");
    if (digits == 0 || what[digits] != '\0')
        return document_entry(cli, options, source, claim, err);
    if (digits > SEQ_DIGITS_MAX)
        return err_set(err, STATUS_INPUT, "there is no such entry");
    claim->seq = strtoull(what, NULL, 10);
    return STATUS_OK;
}

static int show(struct cli *cli, const struct claim *claim, const char *file, uint64_t size)
{
    char seq[GROUPED_BYTES], whole[GROUPED_BYTES];
    struct err err = {0};
    if (cli->json && claim->extension)
        return out_json(cli, json_pack("{s:I, s:s, s:I}", "checkpoint", (json_int_t)size, "file", file, "since",
                                       (json_int_t)claim->old_size));
    if (cli->json)
        return out_json(cli, json_pack("{s:I, s:I, s:s}", "checkpoint", (json_int_t)size, "entry",
                                       (json_int_t)claim->seq, "file", file));
    struct block *block = block_new(cli);
    terminal_group_integer((int64_t)size, whole);
    if (claim->extension) {
        block_head(block, STYLE_STRONG, "extension", "of the first %s entries",
                   terminal_group_integer((int64_t)claim->old_size, seq));
    } else {
        block_head(block, STYLE_STRONG, "receipt", "entry %s%s%s", terminal_group_integer((int64_t)claim->seq, seq),
                   claim->why != NULL ? ", where the document " : "", claim->why != NULL ? claim->why : "");
    }
    block_line(block, "checkpoint", "%s entries, signed by the book", whole);
    block_line(block, "file", "%s", file);
    enum status status = block_print(block, &err);
    block_free(block);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static int run(struct cli *cli, const struct options *options)
{
    const char *file = options_text(options, "to");
    struct journal_source source = {.journal = NULL};
    struct claim claim = {.seq = 0};
    char *text = NULL;
    size_t length = 0;
    uint64_t size = 0;
    struct err err = {0};
    enum status status = journal_source_open(cli, options, false, &source, &err);
    if (status == STATUS_OK)
        status = claim_read(cli, options, &source, &claim, &err);
    if (status == STATUS_OK)
        status = claim.extension ? prove_extension(source.journal, claim.old_size, &text, &length, &size, &err)
                                 : prove_entry(source.journal, claim.seq, &text, &length, &size, &err);
    if (status == STATUS_OK)
        status = newfile_create(file, text, length, 0644, &err);
    free(text);
    journal_source_close(&source);
    return status == STATUS_OK ? show(cli, &claim, file, size) : cli_error(cli, &err);
}

static const struct option_spec options_of_audit_prove[] = {
    {"to", 0, "FILE", "where the proof goes, a new file", OPTION_REQUIRED},
    {"since", 0, "SIZE", "prove that the book extends its first SIZE entries, instead of one entry", 0},
    {0},
};

const struct command command_audit_prove = {
    .name = "audit prove",
    .summary = "writes a receipt that an entry is in the book",
    .arguments = "[ENTRY|DOCUMENT]",
    .text = "A receipt stands on the newest checkpoint that the custodian has issued and that covers the "
            "entry. With the "
            "entry's bytes (audit export) and the book's public key anybody can check it, offline and "
            "without this program.\n\n"
            "With --since it writes what a witness is asked: that the newest checkpoint extends the one of SIZE "
            "entries that he "
            "cosigned last (0 the first time). countersign witness cosign reads it.",
    .example = "countersign audit prove CN-42 --to cn-42.receipt",
    .group = GROUP_AUDITORS,
    .flags = COMMAND_BOOK,
    .arguments_max = 1,
    .options = options_of_audit_prove,
    .run = run,
};
