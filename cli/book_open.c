/*
 * The port to a book: which adapter an address asks for, and the way to it; see the header.
 */
#include "cli/book.h"

#include <stdlib.h>
#include <string.h>

#include "cli/book_parts.h"
#include "cli/remote_address.h"
#include "ledger/schema.h"

bool book_is_remote(const char *address)
{
    return remote_address_is(address);
}

enum status book_open(struct cli *cli, const char *address, const struct book_options *options, struct book **ret_book,
                      struct err *err)
{
    struct book *book = calloc(1, sizeof *book);
    if (book == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a book");
    book->cli = cli;
    book->address = address;
    book->options = *options;
    enum status status =
        book_is_remote(address) ? book_remote_open(book, address, err) : book_directory_open(book, address, err);
    if (status == STATUS_OK)
        *ret_book = book;
    else
        book_close(book);
    return status;
}

void book_close(struct book *book)
{
    if (book == NULL)
        return;
    if (book->adapter != NULL)
        book->adapter->close(book->self);
    json_decref(book->charter);
    free(book);
}

const char *book_address(const struct book *book)
{
    return book->address;
}

const char *book_id(const struct book *book)
{
    return book->id;
}

const json_t *book_charter(const struct book *book)
{
    return book->charter;
}

bool book_is_simulated(const struct book *book)
{
    return strcmp(member_text(book->charter, "clock"), "simulated") == 0;
}

struct books *book_books(struct book *book)
{
    return book->books;
}

enum status book_read_all(struct book *book, const char *what, struct err *err)
{
    return book->adapter->read_all != NULL ? book->adapter->read_all(book, what, err) : STATUS_OK;
}

void book_used_by_child(struct book *book)
{
    if (book->adapter->used_by_child != NULL)
        book->adapter->used_by_child(book);
}

uint64_t book_passed(const struct book *book)
{
    return book->adapter->passed != NULL ? book->adapter->passed(book->self) : 0;
}

enum status book_submit(struct book *book, struct slice bytes, const struct signature_list *signatures,
                        struct gate_answer *ret_answer, struct err *err)
{
    return book->adapter->submit(book, bytes, signatures, ret_answer, err);
}

enum status book_try(struct book *book, struct slice bytes, json_t **ret_decision, struct err *err)
{
    return book->adapter->try(book, bytes, ret_decision, err);
}

enum status book_wait(struct book *book, uint64_t size, uint32_t wait_ms, struct journal_head *ret_head,
                      struct err *err)
{
    return book->adapter->wait(book, size, wait_ms, ret_head, err);
}

enum status book_checkpoint(struct book *book, char **ret_note, uint64_t *ret_size, struct err *err)
{
    return book->adapter->checkpoint(book, ret_note, ret_size, err);
}

enum status book_checkpoint_add(struct book *book, struct slice note, uint64_t *ret_size, bool *ret_known,
                                struct err *err)
{
    return book->adapter->checkpoint_add(book, note, ret_size, ret_known, err);
}

enum status book_timestamp_put(struct book *book, uint64_t size, struct slice note, struct slice reply, struct err *err)
{
    return book->adapter->timestamp_put(book, size, note, reply, err);
}

enum status book_timestamp_get(struct book *book, const char *name, uint8_t ret_reply[static TIMESTAMP_REPLY_BYTES_MAX],
                               size_t *ret_length, struct err *err)
{
    return book->adapter->timestamp_get(book, name, ret_reply, ret_length, err);
}

enum status book_timestamps_each(struct book *book, timestamps_step *step, void *context, struct err *err)
{
    return book->adapter->timestamps_each(book, step, context, err);
}

enum status book_server_status(struct book *book, json_t **ret_status, struct err *err)
{
    *ret_status = NULL;
    return book->adapter->server_status != NULL ? book->adapter->server_status(book, ret_status, err) : STATUS_OK;
}

enum status book_evidence_put(struct book *book, const char *source, struct evidence *ret_evidence, struct err *err)
{
    return book->adapter->evidence_put(book, source, ret_evidence, err);
}

enum status book_evidence_exists(struct book *book, const struct hash *hash, bool *ret_there, struct err *err)
{
    return book->adapter->evidence_exists(book, hash, ret_there, err);
}

enum status book_evidence_copy(struct book *book, const struct hash *hash, int out, struct err *err)
{
    return book->adapter->evidence_copy(book, hash, out, err);
}

enum status book_personal_put(struct book *book, const uint8_t salt[static PERSONAL_SALT_BYTES], struct slice payload,
                              struct hash *ret_hash, struct err *err)
{
    return book->adapter->personal_put(book, salt, payload, ret_hash, err);
}

enum status book_personal_get(struct book *book, const struct hash *hash, struct personal *ret_personal,
                              struct err *err)
{
    return book->adapter->personal_get(book, hash, ret_personal, err);
}

enum status book_erase(struct book *book, const char *number, int64_t time_ms, size_t *ret_gone, struct err *err)
{
    return book->adapter->erase(book, number, time_ms, ret_gone, err);
}
