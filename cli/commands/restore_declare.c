/*
 * countersign restore declare: leaves the statement in which two officers say which entries were lost. It opens a new epoch,
 * and a book that is known to lack entries lets nothing in before it.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/session.h"
#include "ledger/base64.h"
#include "ledger/journal.h"
#include "ledger/lost.h"
#include "ledger/newfile.h"
#include "ledger/note.h"

static enum status note_read(const char *path, char **ret_base64, struct err *err)
{
    enum { ROOM = BASE64_CHARS(JOURNAL_NOTE_BYTES_MAX) + 1 };
    size_t length = 0;
    char *bytes = malloc(JOURNAL_NOTE_BYTES_MAX), *text = malloc(ROOM);
    enum status status =
        bytes != NULL && text != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a checkpoint");
    if (status == STATUS_OK)
        status = newfile_read(path, false, bytes, JOURNAL_NOTE_BYTES_MAX, &length, err);
    if (status == STATUS_OK)
        status = base64_encode((const uint8_t *)bytes, length, text, ROOM, err);
    free(bytes);
    if (status == STATUS_OK)
        *ret_base64 = text;
    else
        free(text);
    return status;
}

/* From the first entry that is not here to the last that is known of. */
static enum status range_read(struct session *session, const struct options *options, int64_t *ret_from,
                              int64_t *ret_to, struct err *err)
{
    struct journal_lost lost;
    bool due = false;
    *ret_from = *ret_to = -1;
    enum status status = books_lost(session_books(session), &due, &lost, err);
    if (status == STATUS_OK && due) {
        *ret_from = (int64_t)lost.kept;
        *ret_to = (int64_t)lost.to;
    }
    if (status == STATUS_OK)
        status = options_number(options, "from", 1, INT64_C(1) << 53, ret_from, err);
    if (status == STATUS_OK)
        status = options_number(options, "last", 1, INT64_C(1) << 53, ret_to, err);
    if (status == STATUS_OK && (*ret_from < 0 || *ret_to < 0))
        status = err_set(err, STATUS_INPUT,
                         "this book was not told of lost entries: which were they? give --from and --last");
    return status;
}

static enum status body_make(struct session *session, const struct options *options, json_t **ret_body, struct err *err)
{
    char *checkpoint = NULL;
    int64_t from = 0, to = 0;
    enum status status = range_read(session, options, &from, &to, err);
    if (status == STATUS_OK)
        status = note_read(options_text(options, "checkpoint"), &checkpoint, err);
    if (status != STATUS_OK)
        return status;
    *ret_body = json_pack("{s:s, s:{s:I, s:I}, s:s}", "checkpoint", checkpoint, "lost", "from", (json_int_t)from, "to",
                          (json_int_t)to, "reason", options_text(options, "reason"));
    free(checkpoint);
    return *ret_body != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a statement");
}

static int run(struct cli *cli, const struct options *options)
{
    struct session *session = NULL;
    struct err err = {0};
    if (session_open(cli, options, SESSION_WRITE | SESSION_RESTORED, &session, &err) != STATUS_OK)
        return cli_error(cli, &err);
    json_t *body = NULL;
    int answer = body_make(session, options, &body, &err) == STATUS_OK
                     ? govern_leave(session, VERB_RESTORE, session_user(session), body)
                     : cli_error(cli, &err);
    session_close(session);
    return answer;
}

static const struct option_spec options_of_restore_declare[] = {
    {"checkpoint", 0, "FILE", "the newest checkpoint that was handed out", OPTION_REQUIRED},
    {"from", 0, "SEQ", "the first entry that was lost (the first that the restored book did not have)", 0},
    {"last", 0, "SEQ", "the last entry that was lost (the last that the book was told of)", 0},
    {"reason", 0, "TEXT", "what had happened", OPTION_REQUIRED},
    {"to", 0, "FILE", "the file to write", OPTION_REQUIRED},
    {0},
};

const struct command command_restore_declare = {
    .name = "restore declare",
    .summary = "says which entries a restored book has lost",
    .arguments = "",
    .text =
        "Two officers, two persons, sign the file; then it is submitted. It is an entry for ever and begins a new "
        "epoch "
        "of checkpoints: those of before that go beyond what was kept are told as lost by every verification, and so "
        "is the entry itself.\n\nGive the newest checkpoint that anybody has; where none was issued after what was "
        "kept, make one now and give that. Users who hold receipts of lost entries are told so, send again what they "
        "kept (a statement of within the permitted skew can be submitted as it is, an older one is made and signed "
        "again), and then go on with restore accept. Legal numbers of the lost entries are given a second time, to "
        "other documents: exceptions lists them until the end of time, so that the letters that went out with them can "
        "be found.",
    .example = "countersign restore declare --as olga --checkpoint newest.note --reason \"Disk of 3 March lost\" --to "
               "lost.json",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK,
    .options = options_of_restore_declare,
    .run = run,
};
