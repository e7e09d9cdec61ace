/*
 * Waiting for an entry. An embedded book tells nobody, so its head is looked at again and again: cheap, one read each. What
 * lies there may have been put in place anew since (restored, its books rebuilt); then it is opened again.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/session_parts.h"
#include "ledger/durable.h"

enum { LOOK_FIRST_MS = 20 };

/* Which files the book is made of now; zeros where it cannot be seen. */
static struct session_files files_now(const struct session *session)
{
    struct session_files files = {.journal = 0};
    struct path path;
    struct stat facts;
    if (path_set(&path, NULL, "%s/journal/data.mdb", session->book_dir) == STATUS_OK && stat(path.text, &facts) == 0)
        files = (struct session_files){.device = (uint64_t)facts.st_dev, .journal = (uint64_t)facts.st_ino};
    if (path_set(&path, NULL, "%s/books/data.mdb", session->book_dir) == STATUS_OK && stat(path.text, &facts) == 0)
        files.books = (uint64_t)facts.st_ino;
    return files;
}

static enum status open_again(struct session *session, const struct session_files *files, struct err *err)
{
    enum status status = session_open_gate(session, err);
    if (status == STATUS_BUSY && session->gate_options.read_only) { /* the books are behind: they take a writer */
        session->gate_options.read_only = false;
        status = session_open_gate(session, err);
        session->gate_options.read_only = true;
    }
    if (status != STATUS_OK)
        return status;
    if (strcmp(session->book_id, gate_book_id(session->gate)) != 0)
        return err_set(err, STATUS_CORRUPT, "%s: another book lies there now: %s instead of %s", session->book_dir,
                       gate_book_id(session->gate), session->book_id);
    session->files = *files;
    return STATUS_OK;
}

static enum status journal_size(struct session *session, uint64_t *ret_size, struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    struct journal_head head;
    enum status status = journal_read_begin(gate_books(session->gate)->journal, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    status = journal_head(snapshot, &head, err);
    journal_read_end(snapshot);
    if (status == STATUS_OK)
        *ret_size = head.size;
    return status;
}

/* One look: the books' head. Books that stay behind the journal were put aside by a rebuild, or their writer died. */
static enum status look(struct session *session, bool stale, struct journal_head *ret_head, struct err *err)
{
    const struct session_files files = files_now(session);
    uint64_t size = 0;
    enum status status = STATUS_OK;
    if (session->files.journal == 0)
        session->files = files;
    bool moved = memcmp(&files, &session->files, sizeof files) != 0;
    if (files.journal == 0 || files.books == 0)
        return err_set(err, STATUS_NOT_FOUND, "%s: no book is there now", session->book_dir);
    if (session->gate == NULL || moved)
        status = open_again(session, &files, err);
    if (status == STATUS_OK)
        status = session_head(session, ret_head, err);
    if (status != STATUS_OK || !stale)
        return status;
    status = journal_size(session, &size, err);
    if (status == STATUS_OK && size > ret_head->size)
        status = open_again(session, &files, err);
    return status == STATUS_OK ? session_head(session, ret_head, err) : status;
}

/* out: whether a signal came. */
static bool rest(uint32_t ms)
{
    const struct timespec time = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
    return nanosleep(&time, NULL) != 0 && errno == EINTR;
}

enum status session_wait(struct session *session, uint64_t beyond, uint32_t timeout_ms, struct journal_head *ret_head,
                         struct err *err)
{
    const struct cli *cli = session->cli;
    const int64_t until_us = cli->monotonic_us(cli->clock_context) + (int64_t)timeout_ms * 1000;
    uint32_t pause_ms = LOOK_FIRST_MS;
    for (bool stale = false;; stale = true) {
        enum status status = look(session, stale, ret_head, err);
        int64_t left_ms = (until_us - cli->monotonic_us(cli->clock_context)) / 1000;
        if (status == STATUS_CORRUPT || (status == STATUS_OK && ret_head->size != beyond) || left_ms <= 0)
            return status;
        if (rest((int64_t)pause_ms < left_ms ? pause_ms : (uint32_t)left_ms))
            return status;
        pause_ms = 2 * pause_ms < SESSION_LOOK_MS ? 2 * pause_ms : SESSION_LOOK_MS;
    }
}
