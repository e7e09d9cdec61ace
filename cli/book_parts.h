/*
 * What stands behind the port to a book, for its adapters only.
 */
#ifndef CLI_BOOK_PARTS_H
#define CLI_BOOK_PARTS_H

#include "cli/book.h"
#include "ledger/hash.h"

/* What an adapter does; each as the function of book.h of that name, self being what its open has made. */
struct book_adapter {
    void (*close)(void *self);
    enum status (*submit)(struct book *book, struct slice bytes, const struct signature_list *signatures,
                          struct gate_answer *ret_answer, struct err *err);
    enum status (*try)(struct book *book, struct slice bytes, json_t **ret_decision, struct err *err);
    enum status (*wait)(struct book *book, uint64_t size, uint32_t wait_ms, struct journal_head *ret_head,
                        struct err *err);
    enum status (*checkpoint)(struct book *book, char **ret_note, uint64_t *ret_size, struct err *err);
    enum status (*checkpoint_add)(struct book *book, struct slice note, uint64_t *ret_size, bool *ret_known,
                                  struct err *err);
    enum status (*timestamp_put)(struct book *book, uint64_t size, struct slice note, struct slice reply,
                                 struct err *err);
    enum status (*timestamp_get)(struct book *book, const char *name,
                                 uint8_t ret_reply[static TIMESTAMP_REPLY_BYTES_MAX], size_t *ret_length,
                                 struct err *err);
    enum status (*timestamps_each)(struct book *book, timestamps_step *step, void *context, struct err *err);
    enum status (*evidence_put)(struct book *book, const char *source, struct evidence *ret_evidence, struct err *err);
    enum status (*evidence_exists)(struct book *book, const struct hash *hash, bool *ret_there, struct err *err);
    enum status (*evidence_copy)(struct book *book, const struct hash *hash, int out, struct err *err);
    enum status (*personal_put)(struct book *book, const uint8_t salt[static PERSONAL_SALT_BYTES], struct slice payload,
                                struct hash *ret_hash, struct err *err);
    enum status (*personal_get)(struct book *book, const struct hash *hash, struct personal *ret_personal,
                                struct err *err);
    enum status (*server_status)(struct book *book, json_t **ret_status,
                                 struct err *err);                                 /* NULL: there is no server */
    enum status (*read_all)(struct book *book, const char *what, struct err *err); /* NULL: whoever opens it does */
    void (*used_by_child)(struct book *book);                                      /* NULL: nothing is to be done */
    uint64_t (*passed)(const void *self);                                          /* NULL: nothing ever is */
    enum status (*erase)(struct book *book, const char *number, int64_t time_ms, size_t *ret_gone, struct err *err);
};

struct book {
    const struct book_adapter *adapter;
    void *self;
    struct cli *cli;
    const char *address;
    struct book_options options;
    char id[HASH_HEX_CHARS + 1];
    json_t *charter;     /* given back by book_close */
    struct books *books; /* the adapter's */
};

/* Fill what follows options. errors as book_open. */
MUST_USE enum status book_directory_open(struct book *book, const char *dir, struct err *err);
MUST_USE enum status book_remote_open(struct book *book, const char *address, struct err *err);

#endif
