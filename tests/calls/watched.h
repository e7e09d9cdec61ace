/*
 * Inside of calls, for its two rooms only: what is watched, and one call between its beginning and its end.
 */
#ifndef TESTS_CALLS_WATCHED_H
#define TESTS_CALLS_WATCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/user.h>

enum { PARTS_MAX = 1024, TEXT_MAX = 4352 };

enum shape {
    WRITE,     /* fd, bytes, length */
    PWRITE,    /* and where */
    WRITEV,    /* fd, parts, number */
    PWRITEV,   /* and where */
    SYNC,      /* fd */
    LENGTH,    /* fd, length */
    ALLOCATE,  /* fd, mode, where, length */
    MODE,      /* fd */
    NAME,      /* path */
    NAME_AT,   /* directory, path */
    NAMES,     /* path, path */
    NAMES_AT,  /* directory, path, directory, path */
    OPEN,      /* path, flags */
    OPEN_AT,   /* directory, path, flags */
    MAP,       /* address, length, protection, flags, fd */
    STRANGE,   /* fd */
    STRANGE_2, /* something, fd */
    UNKNOWN    /* whatever it is, nobody uses it */
};

struct call {
    int number;
    enum shape shape;
    const char *name;
};

extern const struct call watched_calls[];
extern const size_t watched_count;

/* A call between its beginning and its end. */
struct thread {
    pid_t id;
    const struct call *call; /* NULL: none that is watched */
    struct user_regs_struct regs;
    char kind;
    long number; /* 0: not counted (told) */
    char path[TEXT_MAX], other[TEXT_MAX];
    uint64_t at, length; /* of a write; of a change of length, its new end */
    bool synced;         /* it is on disk when the write returns */
    bool told;
    bool is_new; /* an open that makes the file; or that empties it */
    bool empties;
    bool dies;
    int fails;         /* errno; 0: it does not */
    unsigned long cut; /* the last part of a vector was made shorter: */
    uint64_t part_at;  /* where its length stands */
    uint64_t part_length;
};

/* Ends with a word on the error output. */
_Noreturn void die(const char *what);

/* Bytes of the other process's memory. */
void peek(pid_t id, uint64_t from, void *to, size_t length);

/* The parts of a vector; how many. */
size_t parts_of(const struct thread *thread, struct iovec parts[static PARTS_MAX]);
bool is_vector(const struct thread *thread);

/*
 * Fills in what the call is about, from its registers; false where it is about no file.
 *
 * in      tells: also writes to pipes (descriptor 1) and sockets.
 */
bool look_at(struct thread *thread, bool tells);

#endif
