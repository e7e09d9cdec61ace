/*
 * From a query to a file of the book. A reply that does not verify is not kept, so that what is there was good once; verification
 * asks again each time.
 */
#include "cli/stamping.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "audit/timestamp.h"
#include "audit/tool.h"
#include "cli/book.h"
#include "ledger/journal.h"
#include "ledger/newfile.h"
#include "ledger/timestamps.h"

enum { CARRIER_WAIT_MS = 60000 }; /* an authority on another continent, and a proxy that sleeps */

enum status stamping_query(struct slice note, const char *path, struct err *err)
{
    uint8_t query[TIMESTAMP_QUERY_BYTES_MAX];
    size_t length = 0;
    enum status status = timestamp_query(note, query, &length, err);
    return status == STATUS_OK ? newfile_create(path, query, length, 0644, err) : status;
}

static enum status keep(const struct stamping *stamping, uint64_t size, struct slice note, struct slice reply,
                        int64_t *ret_seconds, struct err *err)
{
    char name[TIMESTAMP_NAME_BYTES];
    enum status status = timestamp_check(reply, note, stamping->ca_file, ret_seconds, err);
    if (status != STATUS_OK)
        return status;
    if (stamping->far != NULL)
        return book_timestamp_put(stamping->far, size, note, reply, err);
    timestamps_name(size, note, name);
    return timestamps_put(stamping->book_dir, name, reply, err);
}

/* "carrier", the last part of a path. */
static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

enum status stamping_ask(const struct stamping *stamping, uint64_t size, struct slice note, struct err *err)
{
    uint8_t query[TIMESTAMP_QUERY_BYTES_MAX];
    size_t length = 0;
    int64_t seconds = 0;
    uint8_t *reply = malloc(TIMESTAMP_REPLY_BYTES_MAX);
    struct tool_answer answer = {.output = reply, .output_max = TIMESTAMP_REPLY_BYTES_MAX};
    enum status status = reply != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a time stamp");
    if (status == STATUS_OK)
        status = timestamp_query(note, query, &length, err);
    if (status == STATUS_OK) {
        const char *const arguments[] = {last_part(stamping->program), NULL};
        const struct tool_call call = {.path = stamping->program,
                                       .arguments = arguments,
                                       .input = slice_of(query, length),
                                       .wait_ms = CARRIER_WAIT_MS};
        status = tool_run(&call, &answer, err);
    }
    if (status == STATUS_OK)
        status = keep(stamping, size, note, slice_of(reply, answer.length), &seconds, err);
    free(reply);
    return status;
}

static enum status find_note(struct journal_snapshot *snapshot, struct slice reply,
                             struct journal_checkpoint *ret_checkpoint, struct err *err)
{
    uint64_t count = 0;
    enum status status = journal_checkpoint_count(snapshot, &count, err);
    for (uint64_t i = count; status == STATUS_OK && i > 0; i--) {
        struct journal_checkpoint one;
        status = journal_checkpoint(snapshot, i - 1, &one, err);
        if (status == STATUS_OK && timestamp_names(reply, one.note)) {
            *ret_checkpoint = one;
            return STATUS_OK;
        }
    }
    return status != STATUS_OK ? status
                               : err_set(err, STATUS_NOT_FOUND, "is about no checkpoint that this book has issued");
}

static enum status take_reply(const struct stamping *stamping, struct slice reply, uint64_t *ret_size,
                              int64_t *ret_seconds, struct err *err)
{
    const struct journal_options options = {.read_only = true};
    struct journal *journal = NULL;
    struct journal_snapshot *snapshot = NULL;
    struct journal_checkpoint checkpoint = {.size = 0};
    enum status status = stamping->far == NULL ? journal_open(stamping->book_dir, &options, &journal, err) : STATUS_OK;
    if (status == STATUS_OK)
        status =
            journal_read_begin(stamping->far == NULL ? journal : book_books(stamping->far)->journal, &snapshot, err);
    if (status == STATUS_OK)
        status = find_note(snapshot, reply, &checkpoint, err);
    if (status == STATUS_OK)
        status = keep(stamping, checkpoint.size, checkpoint.note, reply, ret_seconds, err);
    if (status == STATUS_OK)
        *ret_size = checkpoint.size;
    if (snapshot != NULL)
        journal_read_end(snapshot);
    journal_close(journal);
    return status;
}

enum status stamping_take(const struct stamping *stamping, const char *path, uint64_t *ret_size, int64_t *ret_seconds,
                          struct err *err)
{
    size_t length = 0;
    uint8_t *reply = malloc(TIMESTAMP_REPLY_BYTES_MAX);
    enum status status = reply != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a time stamp");
    if (status == STATUS_OK)
        status = newfile_read(path, false, reply, TIMESTAMP_REPLY_BYTES_MAX, &length, err);
    if (status == STATUS_OK) {
        status = take_reply(stamping, slice_of(reply, length), ret_size, ret_seconds, err);
        if (status != STATUS_OK)
            err_prefix(err, "%s: ", path);
    }
    free(reply);
    return status;
}
