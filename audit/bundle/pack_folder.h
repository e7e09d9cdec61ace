/*
 * The folder of a bundle while it is made: under another name beside its own, each file hashed as it is written and synced,
 * and then all of it renamed, or removed.
 */
#ifndef AUDIT_PACK_FOLDER_H
#define AUDIT_PACK_FOLDER_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/checksum.h"
#include "ledger/durable.h"
#include "ledger/hash.h"
#include "ledger/slice.h"
#include "ledger/status.h"

enum { PACK_NAME_BYTES = 96 }; /* policies/, 64 hex digits and an ending, with room */

/* A file that is whole. */
struct pack_listed {
    char name[PACK_NAME_BYTES];
    uint64_t bytes;
    struct hash hash;
};

struct pack_folder {
    struct path to, part; /* part empty: nothing is under way */
    struct pack_listed *files;
    size_t count, room;
};

/* A file under way. The caller's storage. */
struct pack_file {
    struct pack_folder *folder;
    struct path path;
    int fd;
    struct pack_listed listed;
    struct hash_stream stream;
    uint8_t *buffer;
    size_t used;
};

/* errors EXISTS, NOT_FOUND (the directory that it goes into), PERMISSION, FULL, IO, LIMIT. */
MUST_USE enum status pack_folder_begin(struct pack_folder *folder, const char *to, struct err *err);

/* Begins a file; name: "entries.jsonl", "evidence/<hash>". To be ended with pack_file_end, whatever happens. */
MUST_USE enum status pack_file_begin(struct pack_folder *folder, const char *name, struct pack_file *ret_file,
                                     struct err *err);
MUST_USE enum status pack_file_add(struct pack_file *file, struct slice bytes, struct err *err);

/*
 * Ends it: synced and listed where status is OK, else removed.
 *
 * in      read_back: somebody else wrote to fd, so it is hashed as it lies there.
 * errors  status, else FULL, IO, MEMORY.
 */
MUST_USE enum status pack_file_end(struct pack_file *file, bool read_back, enum status status, struct err *err);

/* A whole small file. */
MUST_USE enum status pack_folder_put(struct pack_folder *folder, const char *name, struct slice bytes, struct err *err);

/* Sorts the list by name. */
void pack_folder_sort(struct pack_folder *folder);

/* Puts the folder in its place, synced. errors EXISTS (somebody was faster), IO. */
MUST_USE enum status pack_folder_finish(struct pack_folder *folder, struct err *err);
/* Removes what was not finished, and releases the list. */
void pack_folder_done(struct pack_folder *folder);

#endif
