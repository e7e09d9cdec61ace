/*
 * countersign audit pack: a book, or a part of one, as a folder that can be checked elsewhere.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/bundle/pack.h"
#include "audit/period.h"
#include "cli/block.h"
#include "cli/book.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/pack_scope.h"
#include "cli/program.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "ledger/books.h"
#include "ledger/durable.h"
#include "ledger/signer.h"

struct packing {
    struct cli *cli;
    struct session *session;
    const struct signer *signer;
    struct progress progress;
    const char *doing;
};

static enum status copy_evidence(void *context, const struct hash *hash, int out, struct err *err)
{
    struct packing *packing = context;
    return book_evidence_copy(session_book(packing->session), hash, out, err);
}

static enum status copy_timestamp(void *context, const char *name, int out, struct err *err)
{
    const struct packing *packing = context;
    uint8_t *bytes = malloc(TIMESTAMP_REPLY_BYTES_MAX);
    size_t length = 0;
    if (bytes == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a time stamp");
    enum status status = book_timestamp_get(session_book(packing->session), name, bytes, &length, err);
    if (status == STATUS_OK)
        status = durable_write(out, name, slice_of(bytes, length), err);
    free(bytes);
    return status;
}

/* Each stretch of the work is told of by itself. */
static enum status step(void *context, const char *what, uint64_t done, uint64_t total, struct err *err)
{
    struct packing *packing = context;
    if (packing->doing != what) {
        if (packing->doing != NULL)
            progress_end(&packing->progress);
        progress_begin(&packing->progress, packing->cli, what, (int64_t)total);
        packing->doing = what;
    }
    progress_step(&packing->progress, (int64_t)done);
    return interrupt_check(err);
}

static enum status pack_it(struct packing *packing, const struct options *options, const struct pack_scope *scope,
                           struct pack_result *ret_result, struct err *err)
{
    struct program program;
    const struct pack_beside beside = {.evidence = copy_evidence, .timestamp = copy_timestamp, .context = packing};
    enum status status = session_known_signer(packing->session, &packing->signer, err);
    if (status == STATUS_OK)
        status = program_identify(&program, true, err);
    if (status != STATUS_OK)
        return status;
    const struct pack_maker maker = {.at_ms = session_time(packing->session),
                                     .by = session_user(packing->session),
                                     .exe = program.facts.exe,
                                     .release = program.facts.release,
                                     .signer = packing->signer};
    const struct pack_request request = {.journal = session_books(packing->session)->journal,
                                         .to = options_text(options, "to"),
                                         .scope = scope,
                                         .maker = &maker,
                                         .beside = &beside,
                                         .no_evidence = options_flag(options, "no-evidence"),
                                         .step = step,
                                         .context = packing};
    status = pack_bundle(&request, ret_result, err);
    if (packing->doing != NULL)
        progress_end(&packing->progress);
    return status;
}

static json_t *as_json(const char *to, const struct pack_scope *scope, const struct pack_result *result,
                       const char *fingerprint)
{
    char root[HASH_HEX_CHARS + 1];
    hash_to_hex(&result->checkpoint.root, root);
    json_t *missing = json_pack("{s:I, s:I, s:I}", "absent", (json_int_t)result->absent, "erased",
                                (json_int_t)result->erased, "left_out", (json_int_t)result->left_out);
    return json_pack("{s:I, s:{s:s, s:I}, s:I, s:I, s:I, s:I, s:s, s:o, s:I, s:s, s:I, s:s, s:I}", "bytes",
                     (json_int_t)result->bytes, "checkpoint", "root", root, "size", (json_int_t)result->checkpoint.size,
                     "documents", (json_int_t)result->documents, "entries", (json_int_t)result->entries, "evidence",
                     (json_int_t)result->evidence, "files", (json_int_t)result->files, "key", fingerprint, "missing",
                     missing, "not_covered", (json_int_t)result->beyond, "scope", pack_sort_name(scope->sort),
                     "timestamps", (json_int_t)result->timestamps, "to", to, "policies", (json_int_t)result->policies);
}

static void evidence_line(struct block *block, const struct pack_result *result)
{
    char there[GROUPED_BYTES], absent[GROUPED_BYTES], erased[GROUPED_BYTES], left_out[GROUPED_BYTES];
    if (result->evidence + result->absent + result->erased + result->left_out == 0)
        return;
    terminal_group_integer((int64_t)result->evidence, there);
    terminal_group_integer((int64_t)result->absent, absent);
    terminal_group_integer((int64_t)result->erased, erased);
    terminal_group_integer((int64_t)result->left_out, left_out);
    block_line(block, "evidence", "%s file%s; not here: %s absent, %s erased, %s left out", there,
               result->evidence == 1 ? "" : "s", absent, erased, left_out);
}

static int show(struct cli *cli, const char *to, const struct pack_scope *scope, const struct pack_result *result,
                const char *fingerprint)
{
    char one[GROUPED_BYTES], two[GROUPED_BYTES], three[GROUPED_BYTES], root[HASH_HEX_CHARS + 1];
    struct err err = {0};
    if (cli->json)
        return out_json(cli, as_json(to, scope, result, fingerprint));
    struct block *block = block_new(cli);
    hash_to_hex(&result->checkpoint.root, root);
    block_head(block, STYLE_STRONG, to, "%s   %s entr%s, %s document%s", pack_sort_name(scope->sort),
               terminal_group_integer((int64_t)result->entries, one), result->entries == 1 ? "y" : "ies",
               terminal_group_integer((int64_t)result->documents, two), result->documents == 1 ? "" : "s");
    block_line(block, "checkpoint", "%s entries, root %s",
               terminal_group_integer((int64_t)result->checkpoint.size, three), root);
    if (result->beyond > 0)
        block_line(block, "not covered",
                   "%s newer entr%s: the custodian has them signed first with `countersign checkpoint --key BOOKKEY`",
                   terminal_group_integer((int64_t)result->beyond, three), result->beyond == 1 ? "y" : "ies");
    block_line(block, "files", "%s, %s bytes", terminal_group_integer((int64_t)result->files, one),
               terminal_group_integer((int64_t)result->bytes, two));
    evidence_line(block, result);
    if (result->timestamps > 0)
        block_line(block, "time stamps", "%s", terminal_group_integer((int64_t)result->timestamps, one));
    block_line(block, "signed with", "%s: tell this to who gets it, by another way", fingerprint);
    block_line(block, "to check", "countersign-verify %s, or open %s/evidence.html", to, to);
    enum status status = block_print(block, &err);
    block_free(block);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static enum status need_user(const struct session *session, struct err *err)
{
    return session_user(session) != NULL
               ? STATUS_OK
               : err_set(err, STATUS_INPUT, "who packs? give --as USER or set COUNTERSIGN_USER");
}

static int run(struct cli *cli, const struct options *options)
{
    struct packing packing = {.cli = cli};
    struct pack_options asked;
    struct pack_result result = {.entries = 0};
    struct interrupt interrupt;
    char fingerprint[SSHKEY_FINGERPRINT_CHARS + 1] = "";
    struct err err = {0};
    enum status status = pack_options_read(options, &asked, &err);
    interrupt_begin(&interrupt);
    if (status == STATUS_OK)
        status = session_open(cli, options, SESSION_READ, &packing.session, &err);
    if (status == STATUS_OK)
        status = need_user(packing.session, &err);
    if (status == STATUS_OK)
        status = book_read_all(session_book(packing.session), "audit pack", &err);
    if (status == STATUS_OK)
        status = pack_options_days(&asked, session_books(packing.session)->journal, &err);
    if (status == STATUS_OK)
        status = pack_it(&packing, options, &asked.scope, &result, &err);
    if (status == STATUS_OK)
        sshkey_fingerprint(&packing.signer->key, fingerprint);
    session_close(packing.session);
    int answer = status == STATUS_OK ? show(cli, options_text(options, "to"), &asked.scope, &result, fingerprint)
                                     : cli_error(cli, &err);
    pack_options_done(&asked);
    interrupt_pass_on(&interrupt);
    return answer;
}

static const struct option_spec options_of_audit_pack[] = {
    {"to", 0, "DIR", "the folder, which is not there yet", OPTION_REQUIRED},
    {"period", 0, "PERIOD", "entries of these UTC days, and what follows: " AUDIT_PERIOD_FORMS, 0},
    {"document", 0, "DOCUMENT", "a document, those linked to it, and what follows", OPTION_REPEATS},
    {"sample", 0, "FILE", "the documents that a file names, one a line, those linked to them, and what follows", 0},
    {"seed", 0, "DOCUMENT", "with --sample: the seed that was committed for it", 0},
    {"since", 0, "NOTE|SIZE", "what came after a checkpoint that is kept, or after so many entries", 0},
    {"no-evidence", 0, NULL, "leave the evidence files out, and list them", 0},
    {0},
};

const struct command command_audit_pack = {
    .name = "audit pack",
    .summary = "packs the book or a part of it to be checked elsewhere",
    .arguments = "",
    .text = "A bundle is a folder with entries, a proof that they are under a checkpoint, the keys and policies that "
            "belong to them, evidence files, and a manifest over all of it that the packer signs. countersign-verify "
            "and the page evidence.html in it check it without the book, without this program and offline; README.txt "
            "says how to do it with ssh-keygen and Python alone. It stands on the largest issued checkpoint: entries "
            "after that are not packed.\n\nA whole book can be checked completely, decisions included. A part shows "
            "that its entries are in the book and who signed them. With it go the charter, the policies that decided, "
            "the enrolments and grants of those who acted, and the feed entries of the invoices and customers "
            "concerned: these can name other customers too.\n\nEvidence files are hashed as they are copied; one that "
            "is not what its document says ends the packing. What is not there is listed with the reason.",
    .example = "countersign audit pack --period 2026-Q3 --to q3-2026",
    .group = GROUP_AUDITORS,
    .flags = COMMAND_BOOK,
    .options = options_of_audit_pack,
    .run = run,
};
