/*
 * What the system says about disk and memory. It may have to wait for a disk: for workers.
 */
#ifndef CLI_SERVER_MACHINE_H
#define CLI_SERVER_MACHINE_H

#include <stdint.h>

struct machine {
    uint64_t disk_free, disk_size; /* bytes, of the book's file system */
    uint64_t map_used, map_size;   /* of the journal */
    uint64_t memory, memory_own;   /* resident bytes of this process; without the book's and other files' pages */
};

/* What the system does not tell is 0. in: map_size, which is told as it is. */
void machine_ask(const char *book_dir, uint64_t map_size, struct machine *ret_machine);

#endif
