/*
 * What the adapter of a server holds, for book_remote.c and book_remote_files.c only.
 */
#ifndef CLI_BOOK_REMOTE_PARTS_H
#define CLI_BOOK_REMOTE_PARTS_H

#include "cli/book_parts.h"
#include "cli/remote.h"
#include "cli/remote_store.h"

struct book_remote {
    struct cli *cli;
    struct remote_address address;
    struct remote_ssh ssh;
    struct remote_dial dial;
    struct remote *remote;
    struct remote_store *books_store, *journal_store;
    struct books books;
    json_t *stamps; /* names of time stamps, asked for once; NULL: not yet */
};

/*
 * Asks what may be asked twice: where the line is lost it is made again, and asked again.
 *
 * in      request: stolen. wait_ms: that the answer may take by itself.
 * out     *ret_answer: gives.
 */
MUST_USE enum status book_remote_ask(struct book_remote *far, json_t *request, uint32_t wait_ms, json_t **ret_answer,
                                     struct err *err);

/* Something was written: what is read next is read anew. */
void book_remote_refresh(struct book_remote *far);

/* What an answer lacks. Returns CORRUPT. */
MUST_USE enum status book_remote_no_form(const struct book_remote *far, const char *what, struct err *err);

/* What comes back of checkpoints; each as the function of book.h of that name. */
MUST_USE enum status book_remote_checkpoint_add(struct book *book, struct slice note, uint64_t *ret_size,
                                                bool *ret_known, struct err *err);
MUST_USE enum status book_remote_timestamp_put(struct book *book, uint64_t size, struct slice note, struct slice reply,
                                               struct err *err);
MUST_USE enum status book_remote_timestamp_get(struct book *book, const char *name,
                                               uint8_t ret_reply[static TIMESTAMP_REPLY_BYTES_MAX], size_t *ret_length,
                                               struct err *err);
MUST_USE enum status book_remote_timestamps_each(struct book *book, timestamps_step *step, void *context,
                                                 struct err *err);

/* Of files beside the journal; each as the function of book.h of that name. */
MUST_USE enum status book_remote_evidence_put(struct book *book, const char *source, struct evidence *ret_evidence,
                                              struct err *err);
MUST_USE enum status book_remote_evidence_exists(struct book *book, const struct hash *hash, bool *ret_there,
                                                 struct err *err);
MUST_USE enum status book_remote_evidence_copy(struct book *book, const struct hash *hash, int out, struct err *err);
MUST_USE enum status book_remote_personal_put(struct book *book, const uint8_t salt[static PERSONAL_SALT_BYTES],
                                              struct slice payload, struct hash *ret_hash, struct err *err);
MUST_USE enum status book_remote_personal_get(struct book *book, const struct hash *hash, struct personal *ret_personal,
                                              struct err *err);
MUST_USE enum status book_remote_erase(struct book *book, const char *number, int64_t time_ms, size_t *ret_gone,
                                       struct err *err);

#endif
