/*
 * Waiting for an entry, wherever the book is. A server that went away is asked again; a directory may have been put in place
 * anew since (restored, its books rebuilt), and then it is opened again.
 */
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/interrupt.h"
#include "cli/session_parts.h"
#include "ledger/durable.h"

enum { PAUSE_MS = 200 }; /* before a book that could not be reached is tried again */

/* Which files the book is made of now; zeros where it cannot be seen. */
static struct session_files files_now(const char *book_dir)
{
    struct session_files files = {.journal = 0};
    struct path path;
    struct stat facts;
    if (path_set(&path, NULL, "%s/journal/data.mdb", book_dir) == STATUS_OK && stat(path.text, &facts) == 0)
        files = (struct session_files){.device = (uint64_t)facts.st_dev, .journal = (uint64_t)facts.st_ino};
    if (path_set(&path, NULL, "%s/books/data.mdb", book_dir) == STATUS_OK && stat(path.text, &facts) == 0)
        files.books = (uint64_t)facts.st_ino;
    return files;
}

static enum status open_again(struct session *session, struct err *err)
{
    book_close(session->book);
    session->book = NULL;
    enum status status = session_open_book(session, err);
    if (status == STATUS_OK && strcmp(session->book_id, book_id(session->book)) != 0)
        status = err_set(err, STATUS_CORRUPT, "%s: another book lies there now: %s instead of %s",
                         book_address(session->book), book_id(session->book), session->book_id);
    return status;
}

/* Whether a directory was put in place anew, or is away. */
static enum status directory_check(struct session *session, bool *ret_moved, struct err *err)
{
    const char *address = cli_book(session->cli, session->options);
    *ret_moved = session->book == NULL;
    if (book_is_remote(address))
        return STATUS_OK;
    const struct session_files files = files_now(address);
    if (files.journal == 0 || files.books == 0)
        return err_set(err, STATUS_NOT_FOUND, "%s: no book is there now", address);
    *ret_moved = *ret_moved || (session->files.journal != 0 && memcmp(&files, &session->files, sizeof files) != 0);
    session->files = files;
    return STATUS_OK;
}

/* One look, or for a server one wait. Books that stay behind the journal were put aside, or their writer died. */
static enum status look(struct session *session, uint64_t beyond, uint32_t wait_ms, struct journal_head *ret_head,
                        struct err *err)
{
    struct journal_head journal;
    bool moved = false;
    enum status status = directory_check(session, &moved, err);
    if (status == STATUS_OK && moved)
        status = open_again(session, err);
    if (status == STATUS_OK)
        status = session_head(session, ret_head, err);
    if (status != STATUS_OK || ret_head->size != beyond)
        return status;
    status = book_wait(session->book, beyond, wait_ms, &journal, err);
    if (status == STATUS_OK)
        status = session_head(session, ret_head, err);
    if (status != STATUS_OK || ret_head->size != beyond || journal.size <= beyond)
        return status;
    session->behind++;
    if (session->behind < 2)
        return STATUS_OK;
    session->behind = 0;
    status = open_again(session, err);
    return status == STATUS_OK ? session_head(session, ret_head, err) : status;
}

enum status session_wait(struct session *session, uint64_t beyond, uint32_t timeout_ms, struct journal_head *ret_head,
                         struct err *err)
{
    const struct cli *cli = session->cli;
    const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
    const int64_t until_us = cli->monotonic_us(cli->clock_context) + (int64_t)timeout_ms * 1000;
    for (int64_t left_ms = timeout_ms;;) {
        enum status status =
            look(session, beyond, (uint32_t)(left_ms < SESSION_LOOK_MS ? left_ms : SESSION_LOOK_MS), ret_head, err);
        left_ms = (until_us - cli->monotonic_us(cli->clock_context)) / 1000;
        if (status == STATUS_CORRUPT || (status == STATUS_OK && ret_head->size != beyond) || left_ms <= 0 ||
            interrupt_seen())
            return status;
        if (status != STATUS_OK) {
            if (book_is_remote(cli_book(cli, session->options))) { /* the connection is of no more use */
                book_close(session->book);
                session->book = NULL;
            }
            (void)nanosleep(&pause, NULL);
        }
    }
}
