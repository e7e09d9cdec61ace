/*
 * What a client may ask (PROTOCOL.md sections 2 to 6): one table of requests with their members, and a line read against it.
 * Nothing here knows a socket or a book: what comes from strangers is read here, and fuzzed here.
 */
#ifndef CLI_SERVER_REQUEST_H
#define CLI_SERVER_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/entry.h"
#include "ledger/hash.h"
#include "ledger/slice.h"
#include "ledger/status.h"
#include "ledger/store.h"

enum request_kind {
    REQUEST_HELLO,
    REQUEST_PROVE,
    REQUEST_BEGIN,
    REQUEST_END,
    REQUEST_GET,
    REQUEST_SEEK,
    REQUEST_COUNT,
    REQUEST_SUBMIT,
    REQUEST_TRY,
    REQUEST_CHECKPOINT,
    REQUEST_CHECKPOINT_ADD,
    REQUEST_PUT,
    REQUEST_HAS,
    REQUEST_FETCH,
    REQUEST_PERSONAL_PUT,
    REQUEST_PERSONAL_GET,
    REQUEST_ERASE,
    REQUEST_TIMESTAMP_PUT,
    REQUEST_TIMESTAMP_GET,
    REQUEST_TIMESTAMPS,
    REQUEST_WAIT,
    REQUEST_STATUS,
    REQUEST_KINDS
};

enum {
    REQUEST_PART_BYTES = 3 << 20,     /* of a file, in one message */
    REQUEST_EVIDENCE_BYTES = 64 << 20 /* of a file in all */
};

/* What "do" says. Lends for ever. */
const char *request_name(enum request_kind kind);

/* A request taken apart; which members are filled goes by the kind. Texts lend from json. */
struct request {
    json_t *json;
    enum request_kind kind;
    int64_t id;
    const char *user;                  /* hello */
    const json_t *keys;                /* hello: 1..WIRE_KEYS_MAX texts */
    struct hash nonce;                 /* hello */
    uint8_t *bytes;                    /* prove: the signature; submit, try: the statement; get, seek: the key; 
                                          put, personal-put, timestamp-put: what is put */
    size_t length;                     /* of bytes */
    bool journal;                      /* begin: of the journal, else of the books */
    int64_t snapshot;                  /* end, get, seek, count */
    const char *table;                 /* get, seek, count */
    enum store_seek at;                /* seek */
    int64_t records;                   /* seek */
    struct signature_list *signatures; /* submit */
    int64_t ms;                        /* wait */
    int64_t size;                      /* wait, put */
    int64_t offset;                    /* put, fetch */
    struct hash hash;                  /* has, fetch, personal-get */
    struct hash salt;                  /* personal-put */
    const char *document;              /* erase */
    struct slice note;                 /* checkpoint-add */
    const char *name;                  /* timestamp-get; timestamps: after which, "" from the beginning */
};

/*
 * Reads a line.
 *
 * in      line: without its LF; borrowed.
 * out     *ret_request: request_done. On failure nothing to release; *ret_id is the request's if it had one to answer
 *         under, else 0.
 * errors  INPUT, LIMIT, MEMORY: names the member.
 */
MUST_USE enum status request_read(struct slice line, struct request *ret_request, int64_t *ret_id, struct err *err);

void request_done(struct request *request);

#endif
