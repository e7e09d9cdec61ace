/*
 * countersign evidence: the files that a document rests on, verified and written where the reader can open them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/book.h"
#include "cli/commands.h"
#include "cli/outlet.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "ledger/durable.h"
#include "ledger/schema.h"

enum { NAME_SHOWN_BYTES = 200 };

struct writing {
    struct cli *cli;
    struct book *book;
    const char *dir;
};

/*
 * The name of the file where it was kept and is one that a directory can take, with the number of its place in front, so
 * that two of the same name do not meet; else its hash.
 */
static void file_name(struct book *book, const json_t *evidence, size_t place, char *ret_name, size_t size)
{
    const char *hex = member_text(evidence, "name");
    struct personal personal = {.record = NULL};
    struct hash hash;
    snprintf(ret_name, size, "%zu-%s", place, member_text(evidence, "sha256"));
    if (hex == NULL || hash_from_hex(hex, &hash) != STATUS_OK ||
        book_personal_get(book, &hash, &personal, NULL) != STATUS_OK)
        return;
    const struct slice name = personal.payload;
    bool plain = name.length > 0 && name.length <= NAME_SHOWN_BYTES && memchr(name.bytes, '/', name.length) == NULL &&
                 memchr(name.bytes, '\0', name.length) == NULL;
    if (plain)
        snprintf(ret_name, size, "%zu-%.*s", place, (int)name.length, (const char *)name.bytes);
    personal_done(&personal);
}

/* What a killed process leaves is no document that somebody would look at and sign. */
static enum status write_one(const struct writing *writing, const json_t *evidence, size_t place, struct path *ret_path,
                             struct err *err)
{
    char name[NAME_SHOWN_BYTES + HASH_HEX_CHARS + 32];
    struct hash hash;
    struct outlet outlet = {.file = NULL};
    file_name(writing->book, evidence, place, name, sizeof name);
    enum status status = path_set(ret_path, err, "%s/%s", writing->dir, name);
    if (status == STATUS_OK)
        status = hash_from_hex(member_text(evidence, "sha256"), &hash);
    if (status == STATUS_OK)
        status = outlet_open_whole(writing->cli, ret_path->text, &outlet, err);
    if (status != STATUS_OK)
        return status;
    if (fchmod(fileno(outlet.file), 0600) != 0)
        status = durable_fail(errno, ret_path->text, "set mode", err);
    if (status == STATUS_OK)
        status = book_evidence_copy(writing->book, &hash, fileno(outlet.file), err);
    return outlet_close(writing->cli, &outlet, status, err);
}

static enum status write_all(const struct writing *writing, const json_t *list, json_t *files, struct err *err)
{
    struct cli *cli = writing->cli;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        struct path path;
        status = write_one(writing, one, i + 1, &path, err);
        if (status != STATUS_OK)
            break;
        json_array_append_new(files,
                              json_pack("{s:I, s:O, s:s, s:O}", "bytes", (json_int_t)member_integer(one, "bytes"),
                                        "kind", json_object_get(one, "kind"), "path", path.text, "sha256",
                                        json_object_get(one, "sha256")));
        if (!cli->json) {
            terminal_printf(cli->out, "%s   %s   %lld bytes", path.text, member_text(one, "kind"),
                            (long long)member_integer(one, "bytes"));
            fputc('\n', cli->out);
        }
    }
    return status;
}

static enum status write_files(struct session *session, json_t *files, struct err *err)
{
    const struct options *options = session_options(session);
    const char *number = options_argument(options, 0);
    const struct writing writing = {
        .cli = session_cli(session), .book = session_book(session), .dir = options_text(options, "to")};
    const struct facts *facts = NULL;
    json_t *record = NULL;
    enum status status = session_begin_facts(session, &facts, err);
    if (status == STATUS_OK)
        status = facts_document(facts, number, &record, err);
    session_end_facts(session);
    if (status == STATUS_OK && record == NULL)
        status = err_set(err, STATUS_NOT_FOUND, "there is no document %s", number);
    const json_t *list = json_object_get(json_object_get(record, "document"), "evidence");
    if (status == STATUS_OK && json_array_size(list) == 0)
        status = err_set(err, STATUS_NOT_FOUND, "%s has no evidence", number);
    if (status == STATUS_OK)
        status = write_all(&writing, list, files, err);
    json_decref(record);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    struct session *session = NULL;
    json_t *files = json_array();
    struct err err = {0};
    enum status status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = write_files(session, files, &err);
    session_close(session);
    if (status == STATUS_OK && cli->json)
        return out_json(cli, json_pack("{s:o}", "files", files));
    json_decref(files);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static const struct option_spec options_of_evidence[] = {
    {"to", 0, "DIR", "the directory where the files go; none that is there is replaced", OPTION_REQUIRED},
    {0},
};

const struct command command_evidence = {
    .name = "evidence",
    .summary = "writes the files that a document rests on",
    .arguments = "DOCUMENT",
    .text = "Each file is checked against the hash that the document's author signed before it is written.",
    .example = "countersign evidence CN-42 --to /tmp/cn-42",
    .group = GROUP_APPROVERS,
    .flags = COMMAND_BOOK,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_evidence,
    .run = run,
};
