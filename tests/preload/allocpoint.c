/*
 * Preloaded into a program under test: counts the calls that give memory, of the program and of its libraries, and lets one of
 * them fail, so that a driver can fail each in turn. Randomness comes the same in every run, so that answers can be compared.
 *
 *     ALLOCPOINT_N      the n-th call, from 1, answers that there is no memory; 0 or unset: none does
 *     ALLOCPOINT_LASTS  set: every call from there on does, too
 *     ALLOCPOINT_FILE   nothing is counted and nothing fails while this file is not there, and counting begins when it is
 *     ALLOCPOINT_LOG    file to write a line for the first call from each place to, a place being all its callers: its n, and for
 *                       whom memory is asked: a file's name, the C library being nobody but for getpwuid
 *     ALLOCPOINT_TRACE  set: the one that fails tells on the standard error who called
 *
 * Only programs whose name begins with countersign are counted, not what they start. A child process of them counts on by itself.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FRAMES_MAX = 48, OWN_FRAMES = 3, SEEN_MAX = 1 << 17 };

/* What the C library's own calls are named by, for those who put themselves before them. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t boundary, size_t size);

static atomic_long calls;
static long wanted;
static bool counts, lasts;
static const char *switch_path;
static int log_fd = -1;
static atomic_ullong seen[SEEN_MAX];
static __thread bool inside;

__attribute__((constructor)) static void start(void)
{
    const char *number = getenv("ALLOCPOINT_N");
    void *frame[2];
    inside = true;
    wanted = number != NULL ? strtol(number, NULL, 10) : 0;
    lasts = getenv("ALLOCPOINT_LASTS") != NULL;
    switch_path = getenv("ALLOCPOINT_FILE");
    counts = strncmp(program_invocation_short_name, "countersign", strlen("countersign")) == 0;
    if (counts && getenv("ALLOCPOINT_LOG") != NULL) {
        (void)backtrace(frame, 2); /* loads what it takes, once */
        log_fd = open(getenv("ALLOCPOINT_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
    inside = false;
}

/* Whether the place was not seen before. A full table takes every place for new. */
static bool is_new(uint64_t place)
{
    for (uint64_t i = 0; i < SEEN_MAX; i++) {
        uint64_t there = 0;
        atomic_ullong *slot = &seen[(place + i) % SEEN_MAX];
        if (atomic_compare_exchange_strong(slot, (unsigned long long *)&there, place) || there == place)
            return there != place;
    }
    return true;
}

/* For whom: the file nearest to the call that is not the C library's. */
static const char *asking(void *const frames[], int count)
{
    Dl_info about;
    for (int i = 0; i < count; i++) {
        if (dladdr(frames[i], &about) == 0 || about.dli_fname == NULL)
            continue;
        if (about.dli_sname != NULL && strcmp(about.dli_sname, "getpwuid") == 0)
            return about.dli_sname;
        const char *slash = strrchr(about.dli_fname, '/');
        if (strstr(about.dli_fname, "libc.so") == NULL)
            return slash != NULL ? slash + 1 : about.dli_fname;
    }
    return "?";
}

/* A line for each place, when it comes the first time. Places are told apart by FNV-1a over their return addresses. */
static void log_place(long number)
{
    void *frames[FRAMES_MAX];
    uint64_t sum = 14695981039346656037ULL;
    char line[128];
    int count = backtrace(frames, FRAMES_MAX);
    for (int i = OWN_FRAMES; i < count; i++)
        sum = (sum ^ (uint64_t)(uintptr_t)frames[i]) * 1099511628211ULL;
    if (count <= OWN_FRAMES || !is_new(sum))
        return;
    int length = snprintf(line, sizeof line, "%ld %.60s\n", number, asking(frames + OWN_FRAMES, count - OWN_FRAMES));
    (void)!syscall(SYS_write, log_fd, line, (size_t)length);
}

/* Whether this call is to fail. */
static bool fails(void)
{
    if (!counts || inside || (switch_path != NULL && access(switch_path, F_OK) != 0))
        return false;
    long number = atomic_fetch_add(&calls, 1) + 1;
    if (log_fd >= 0) {
        inside = true;
        log_place(number);
        inside = false;
    }
    if (wanted == 0 || (lasts ? number < wanted : number != wanted))
        return false;
    if (getenv("ALLOCPOINT_TRACE") != NULL && !lasts) {
        void *frames[FRAMES_MAX];
        inside = true;
        backtrace_symbols_fd(frames, backtrace(frames, FRAMES_MAX), STDERR_FILENO);
        inside = false;
    }
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    return fails() ? NULL : __libc_realloc(memory, size);
}

void *memalign(size_t boundary, size_t size)
{
    return fails() ? NULL : __libc_memalign(boundary, size);
}

void *aligned_alloc(size_t boundary, size_t size)
{
    return memalign(boundary, size);
}

int posix_memalign(void **ret_memory, size_t boundary, size_t size)
{
    void *memory = memalign(boundary, size);
    if (memory != NULL)
        *ret_memory = memory;
    return memory != NULL ? 0 : ENOMEM;
}

/* The guarded memory of secrets, and the maps of files. */
void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
    return fails() ? MAP_FAILED : (void *)syscall(SYS_mmap, address, length, protection, flags, fd, offset);
}

/* libsodium's, for the program's own keys, ids and salts. */
void randombytes_buf(void *const memory, const size_t size)
{
    static atomic_ulong state = 1;
    for (size_t i = 0; i < size; i++) {
        unsigned long next = atomic_fetch_add(&state, 0x9e3779b97f4a7c15UL);
        next = (next ^ next >> 30) * 0xbf58476d1ce4e5b9UL;
        ((uint8_t *)memory)[i] = (uint8_t)(next >> 56);
    }
}
