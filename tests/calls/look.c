/*
 * What a call of another process is about, read from its registers, its memory and /proc: which file or name, where in it, how much.
 * Calls that no driver would know how to repeat are watched too, to be told (?).
 */
#ifdef __x86_64__
#include "tests/calls/watched.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

const struct call watched_calls[] = {
    {SYS_write, WRITE, "write"},
    {SYS_pwrite64, PWRITE, "write"},
    {SYS_writev, WRITEV, "write"},
    {SYS_pwritev, PWRITEV, "write"},
    {SYS_pwritev2, PWRITEV, "write"},
    {SYS_fsync, SYNC, "fsync"},
    {SYS_fdatasync, SYNC, "fdatasync"},
    {SYS_ftruncate, LENGTH, "truncate"},
    {SYS_fallocate, ALLOCATE, "allocate"},
    {SYS_fchmod, MODE, "mode"},
    {SYS_unlink, NAME, "unlink"},
    {SYS_rmdir, NAME, "rmdir"},
    {SYS_mkdir, NAME, "mkdir"},
    {SYS_unlinkat, NAME_AT, "unlink"},
    {SYS_mkdirat, NAME_AT, "mkdir"},
    {SYS_rename, NAMES, "rename"},
    {SYS_link, NAMES, "link"},
    {SYS_renameat, NAMES_AT, "rename"},
    {SYS_renameat2, NAMES_AT, "rename"},
    {SYS_linkat, NAMES_AT, "link"},
    {SYS_open, OPEN, "open"},
    {SYS_openat, OPEN_AT, "open"},
    {SYS_mmap, MAP, "map"},
    {SYS_copy_file_range, STRANGE, "copy_file_range"},
    {SYS_sendfile, STRANGE, "sendfile"},
    {SYS_sync_file_range, STRANGE, "sync_file_range"},
    {SYS_syncfs, STRANGE, "syncfs"},
    {SYS_fsetxattr, STRANGE, "fsetxattr"},
    {SYS_fchown, STRANGE, "fchown"},
    {SYS_splice, STRANGE_2, "splice"},
    {SYS_sync, UNKNOWN, "sync"},
    {SYS_creat, UNKNOWN, "creat"},
    {SYS_openat2, UNKNOWN, "openat2"},
    {SYS_truncate, UNKNOWN, "truncate"},
    {SYS_symlink, UNKNOWN, "symlink"},
    {SYS_symlinkat, UNKNOWN, "symlinkat"},
    {SYS_mknod, UNKNOWN, "mknod"},
    {SYS_mknodat, UNKNOWN, "mknodat"},
    {SYS_chmod, NAME, "mode"},
    {SYS_fchmodat, NAME_AT, "mode"},
    {SYS_setxattr, UNKNOWN, "setxattr"},
    {SYS_io_submit, UNKNOWN, "io_submit"},
    {SYS_io_uring_setup, UNKNOWN, "io_uring_setup"},
};

const size_t watched_count = sizeof watched_calls / sizeof watched_calls[0];

_Noreturn void die(const char *what)
{
    fprintf(stderr, "calls: %s: %s\n", what, strerror(errno));
    exit(1);
}

void peek(pid_t id, uint64_t from, void *to, size_t length)
{
    const struct iovec here = {to, length}, there = {(void *)(uintptr_t)from, length};
    if (process_vm_readv(id, &here, 1, &there, 1, 0) != (ssize_t)length)
        die("cannot read its memory");
}

static void peek_text(pid_t id, uint64_t from, char text[static TEXT_MAX])
{
    for (size_t used = 0; used < TEXT_MAX; used++) {
        peek(id, from + used, text + used, 1);
        if (text[used] == '\0')
            return;
    }
    errno = ENAMETOOLONG;
    die("a path");
}

static void read_link(pid_t id, const char *what, char text[static TEXT_MAX])
{
    char link[64];
    snprintf(link, sizeof link, "/proc/%d/%s", (int)id, what);
    ssize_t length = readlink(link, text, TEXT_MAX - 1);
    text[length < 0 ? 0 : length] = '\0';
}

static bool stat_fd(pid_t id, int fd, struct stat *facts)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)id, fd);
    return stat(link, facts) == 0;
}

/* Where it stands and how it was opened. */
static void look_at_fd(pid_t id, int fd, uint64_t *position, unsigned long *flags)
{
    char path[64], text[512] = "";
    snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", (int)id, fd);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        die(path);
    size_t got = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[got] = '\0';
    const char *pos = strstr(text, "pos:"), *opened = strstr(text, "flags:");
    *position = pos != NULL ? strtoull(pos + 4, NULL, 10) : 0;
    *flags = opened != NULL ? strtoul(opened + 6, NULL, 8) : 0;
}

static void path_of_fd(pid_t id, int fd, char text[static TEXT_MAX])
{
    char name[32];
    snprintf(name, sizeof name, "fd/%d", fd);
    read_link(id, name, text);
}

static void path_of_name(pid_t id, int dir, uint64_t name, char text[static TEXT_MAX])
{
    char given[TEXT_MAX], base[TEXT_MAX];
    peek_text(id, name, given);
    if (given[0] == '/') {
        memcpy(text, given, strlen(given) + 1);
        return;
    }
    if (dir == AT_FDCWD)
        read_link(id, "cwd", base);
    else
        path_of_fd(id, dir, base);
    if (strlen(base) + strlen(given) + 2 > TEXT_MAX)
        die("a long path");
    size_t length = strlen(base);
    memcpy(text, base, length);
    text[length] = '/';
    memcpy(text + length + 1, given, strlen(given) + 1);
}

/* A path that stands for something on a disk. */
static bool is_on_disk(const char *path)
{
    return path[0] == '/' && strncmp(path, "/proc/", 6) != 0 && strncmp(path, "/sys/", 5) != 0 &&
           strncmp(path, "/memfd:", 7) != 0 && (strncmp(path, "/dev/", 5) != 0 || strncmp(path, "/dev/shm/", 9) == 0);
}

size_t parts_of(const struct thread *thread, struct iovec parts[static PARTS_MAX])
{
    size_t number = thread->regs.rdx < PARTS_MAX ? (size_t)thread->regs.rdx : PARTS_MAX;
    peek(thread->id, thread->regs.rsi, parts, number * sizeof *parts);
    return number;
}

bool is_vector(const struct thread *thread)
{
    return thread->call->shape == WRITEV || thread->call->shape == PWRITEV;
}

/* ---- what a call is about: answers whether it is watched ---- */

static bool look_at_write(struct thread *thread, bool tells)
{
    struct stat facts;
    uint64_t position = 0;
    unsigned long flags = 0;
    struct iovec parts[PARTS_MAX];
    int fd = (int)thread->regs.rdi;
    if (!stat_fd(thread->id, fd, &facts))
        return false;
    thread->length = thread->regs.rdx;
    if (is_vector(thread)) {
        thread->length = 0;
        size_t number = parts_of(thread, parts);
        for (size_t i = 0; i < number; i++)
            thread->length += parts[i].iov_len;
    }
    thread->told = S_ISFIFO(facts.st_mode) || S_ISSOCK(facts.st_mode);
    if (thread->told) { /* descriptor 1 and what a server answers; not what children and threads tell each other */
        thread->at = (uint64_t)fd;
        return tells && (fd == STDOUT_FILENO || S_ISSOCK(facts.st_mode));
    }
    if (!S_ISREG(facts.st_mode))
        return false;
    path_of_fd(thread->id, fd, thread->path);
    look_at_fd(thread->id, fd, &position, &flags);
    thread->synced = (flags & O_DSYNC) != 0;
    thread->at = thread->call->shape == PWRITE || thread->call->shape == PWRITEV ? thread->regs.r10
                 : (flags & O_APPEND) != 0                                       ? (uint64_t)facts.st_size
                                                                                 : position;
    thread->kind = 'w';
    return is_on_disk(thread->path);
}

static bool look_at_fd_call(struct thread *thread)
{
    struct stat facts;
    int fd = (int)(thread->call->shape == STRANGE_2 ? thread->regs.rdx : thread->regs.rdi);
    if (!stat_fd(thread->id, fd, &facts) || (!S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode)))
        return false;
    path_of_fd(thread->id, fd, thread->path);
    enum shape shape = thread->call->shape;
    thread->kind = shape == SYNC                                                     ? 's'
                   : shape == LENGTH || (shape == ALLOCATE && thread->regs.rsi == 0) ? 't'
                   : shape == MODE                                                   ? 'f'
                                                                                     : '?';
    if (shape == LENGTH)
        thread->length = thread->regs.rsi;
    if (shape == ALLOCATE) /* never shorter than it was */
        thread->length = thread->regs.rdx + thread->regs.r10 > (uint64_t)facts.st_size
                             ? thread->regs.rdx + thread->regs.r10
                             : (uint64_t)facts.st_size;
    return is_on_disk(thread->path);
}

static bool look_at_names(struct thread *thread)
{
    const struct user_regs_struct *regs = &thread->regs;
    bool at = thread->call->shape == NAME_AT || thread->call->shape == NAMES_AT;
    path_of_name(thread->id, at ? (int)regs->rdi : AT_FDCWD, at ? regs->rsi : regs->rdi, thread->path);
    if (thread->call->shape == NAMES)
        path_of_name(thread->id, AT_FDCWD, regs->rsi, thread->other);
    if (thread->call->shape == NAMES_AT)
        path_of_name(thread->id, (int)regs->rdx, regs->r10, thread->other);
    thread->kind = strcmp(thread->call->name, "mode") == 0 ? 'f' : 'd';
    return is_on_disk(thread->path);
}

static bool look_at_open(struct thread *thread)
{
    const struct user_regs_struct *regs = &thread->regs;
    struct stat facts;
    bool at = thread->call->shape == OPEN_AT;
    int flags = (int)(at ? regs->rdx : regs->rsi);
    bool writes = (flags & O_ACCMODE) != O_RDONLY;
    path_of_name(thread->id, at ? (int)regs->rdi : AT_FDCWD, at ? regs->rsi : regs->rdi, thread->path);
    if (!is_on_disk(thread->path))
        return false;
    bool there = stat(thread->path, &facts) == 0;
    thread->is_new = (flags & O_CREAT) != 0 && !there;
    thread->empties = (flags & O_TRUNC) != 0 && there && facts.st_size > 0;
    thread->kind = (flags & O_TMPFILE) == O_TMPFILE ? '?' : thread->is_new || thread->empties ? 'd' : 'o';
    return writes || (flags & O_DIRECTORY) != 0 || thread->kind != 'o';
}

static bool look_at_map(struct thread *thread)
{
    const struct user_regs_struct *regs = &thread->regs;
    struct stat facts;
    if ((regs->r10 & MAP_TYPE) == MAP_PRIVATE || (regs->r10 & MAP_ANONYMOUS) != 0 || (regs->rdx & PROT_WRITE) == 0 ||
        !stat_fd(thread->id, (int)regs->r8, &facts) || !S_ISREG(facts.st_mode))
        return false;
    path_of_fd(thread->id, (int)regs->r8, thread->path);
    thread->kind = 'm';
    return is_on_disk(thread->path);
}

bool look_at(struct thread *thread, bool tells)
{
    switch (thread->call->shape) {
    case WRITE:
    case PWRITE:
    case WRITEV:
    case PWRITEV:
        return look_at_write(thread, tells);
    case SYNC:
    case LENGTH:
    case ALLOCATE:
    case MODE:
    case STRANGE:
    case STRANGE_2:
        return look_at_fd_call(thread);
    case NAME:
    case NAME_AT:
    case NAMES:
    case NAMES_AT:
        return look_at_names(thread);
    case OPEN:
    case OPEN_AT:
        return look_at_open(thread);
    case MAP:
        return look_at_map(thread);
    case UNKNOWN:
        thread->kind = '?';
        return true;
    }
    return true;
}
#endif
