/*
 * Runs a command and sees each of its calls that change files or make changes durable, at the system's own border: what the C
 * library buffers, what LMDB, SQLite and threads or children do comes by here too, so none is left out. It counts them, ends the
 * command at one of them, lets one fail, or notes them all with their bytes, for a driver to do so at each in turn.
 *
 *     calls [OPTION...] -- COMMAND...       answers as COMMAND does
 *     --log FILE        a line of JSON for each call, numbered from 1
 *     --data FILE       what was written, where a line's "data" says; also what the command told on pipes and sockets
 *     --kill N          the process that makes call N dies before it; with --cut BYTES after so many bytes of it
 *     --fail N:NAME     call N fails with that error (EIO, ENOSPC, EINTR, EDQUOT); with SHORT it writes half, with LATE it is done and
 *                       answers EIO
 *     --from N:NAME     so do all from N on that take space (ENOSPC, EDQUOT), or all (EIO)
 *
 * Kinds of lines: w a write, s a sync, d a change of names, t of a length, f of a mode, o an open that changes nothing, m a mapping
 * that may be written, ? what no simulator knows how to repeat (a driver takes that as an error). 77: not allowed to trace here.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/calls/watched.h"

#ifndef __x86_64__
int main(void)
{
    puts("calls reads the registers of x86-64 only");
    return 77;
}
#else

enum { THREADS_MAX = 512, STEPS_MAX = 128, SKIPPED = 77 };

static struct thread threads[THREADS_MAX];
static FILE *log_file, *data_file;
static long counted, kill_at, cut_at = -1, fail_at, from_at, data_bytes;
static int fail_with, from_with;
static bool fail_short, fail_late;

/* ---- what is done to it ---- */

/* Lets it write the first bytes only. */
static void shorten(struct thread *thread, uint64_t bytes)
{
    struct iovec parts[PARTS_MAX];
    struct user_regs_struct regs = thread->regs;
    if (!is_vector(thread)) {
        regs.rdx = bytes;
    } else {
        size_t number = parts_of(thread, parts), used = 0;
        while (used + 1 < number && bytes > parts[used].iov_len)
            bytes -= parts[used++].iov_len;
        thread->part_at = thread->regs.rsi + used * sizeof *parts + offsetof(struct iovec, iov_len);
        thread->part_length = parts[used].iov_len;
        if (ptrace(PTRACE_POKEDATA, thread->id, thread->part_at, bytes) != 0)
            die("cannot shorten a write");
        regs.rdx = used + 1;
    }
    if (ptrace(PTRACE_SETREGS, thread->id, NULL, &regs) != 0)
        die("cannot set registers");
}

static bool takes_space(const struct thread *thread)
{
    return thread->kind == 'w' || thread->call->shape == ALLOCATE || thread->is_new ||
           strcmp(thread->call->name, "mkdir") == 0;
}

/* Decides by the number of the call. */
static void interfere(struct thread *thread)
{
    bool forever = from_at > 0 && thread->number >= from_at && (from_with == EIO || takes_space(thread));
    struct user_regs_struct regs = thread->regs;
    thread->dies = thread->number == kill_at;
    if (thread->dies && cut_at >= 0 && thread->kind == 'w')
        shorten(thread, (uint64_t)cut_at);
    if (thread->number == fail_at && fail_short) {
        if (thread->kind == 'w')
            shorten(thread, thread->length / 2);
        return;
    }
    thread->fails = thread->number == fail_at ? fail_with : forever ? from_with : 0;
    bool not_done = (thread->fails != 0 && !(fail_late && thread->number == fail_at)) ||
                    (thread->dies && (cut_at < 0 || thread->kind != 'w'));
    if (!not_done)
        return;
    regs.orig_rax = (unsigned long)-1; /* no such call: it is not done */
    if (ptrace(PTRACE_SETREGS, thread->id, NULL, &regs) != 0)
        die("cannot set registers");
}

static void note_bytes(const struct thread *thread, uint64_t length)
{
    struct iovec parts[PARTS_MAX] = {{(void *)(uintptr_t)thread->regs.rsi, thread->regs.rdx}};
    size_t number = is_vector(thread) ? parts_of(thread, parts) : 1;
    char bytes[65536];
    data_bytes += (long)length;
    for (size_t i = 0; i < number && length > 0; i++) {
        uint64_t left = parts[i].iov_len < length ? parts[i].iov_len : length;
        length -= left;
        for (uint64_t from = (uint64_t)(uintptr_t)parts[i].iov_base; left > 0;) {
            size_t piece = left < sizeof bytes ? (size_t)left : sizeof bytes;
            peek(thread->id, from, bytes, piece);
            if (fwrite(bytes, 1, piece, data_file) != piece)
                die("cannot note");
            from += piece;
            left -= piece;
        }
    }
}

static void note_path(const char *name, const char *path)
{
    for (const char *at = path; *at != '\0'; at++)
        if (*at == '"' || *at == '\\' || (unsigned char)*at < ' ')
            die("a path with signs in it");
    fprintf(log_file, ",\"%s\":\"%s\"", name, path);
}

static void note(const struct thread *thread, int64_t answer, int64_t done)
{
    bool writes = thread->kind == 'w' || thread->told;
    if (log_file == NULL)
        return;
    fprintf(log_file, "{\"n\":%ld,\"kind\":\"%c\",\"call\":\"%s\",\"answer\":%lld,\"done\":%lld,\"pid\":%d",
            thread->number, thread->told ? 'a' : thread->kind, thread->call->name, (long long)answer, (long long)done,
            (int)thread->id);
    note_path("path", thread->path);
    if (thread->other[0] != '\0')
        note_path("to", thread->other);
    if (writes && data_file != NULL && done > 0)
        fprintf(log_file, ",\"data\":%ld", data_bytes);
    if (writes || thread->kind == 't')
        fprintf(log_file, ",\"at\":%llu,\"length\":%llu", (unsigned long long)thread->at,
                (unsigned long long)thread->length);
    fprintf(log_file, ",\"killed\":%d,\"synced\":%d,\"new\":%d,\"empties\":%d,\"asked\":%llu}\n", thread->dies,
            thread->synced, thread->is_new, thread->empties, (unsigned long long)thread->length);
    fflush(log_file);
    if (writes && data_file != NULL && done > 0) {
        note_bytes(thread, (uint64_t)done);
        fflush(data_file);
    }
}

/* ---- the two ends of a call ---- */

static bool begin(struct thread *thread)
{
    pid_t id = thread->id;
    if (ptrace(PTRACE_GETREGS, id, NULL, &thread->regs) != 0)
        return false;
    *thread = (struct thread){.id = id, .regs = thread->regs};
    for (size_t i = 0; i < watched_count && thread->call == NULL; i++)
        if (watched_calls[i].number == (int)thread->regs.orig_rax)
            thread->call = &watched_calls[i];
    if (thread->call == NULL || !look_at(thread, data_file != NULL)) {
        thread->call = NULL;
        return false;
    }
    if (!thread->told) {
        thread->number = ++counted;
        interfere(thread);
    }
    return true;
}

static void end(struct thread *thread)
{
    struct user_regs_struct regs;
    if (thread->call == NULL || ptrace(PTRACE_GETREGS, thread->id, NULL, &regs) != 0)
        return;
    if (thread->part_at != 0 && ptrace(PTRACE_POKEDATA, thread->id, thread->part_at, thread->part_length) != 0)
        die("cannot mend a write");
    int64_t done = (int64_t)regs.rax; /* what it did, whatever it says */
    if (thread->fails != 0) {
        regs.rax = 0ULL - (unsigned long long)thread->fails;
        if (ptrace(PTRACE_SETREGS, thread->id, NULL, &regs) != 0)
            die("cannot set registers");
    }
    note(thread, (int64_t)regs.rax, done);
    if (thread->dies) {
        char name[64], text[4096] = "";
        snprintf(name, sizeof name, "/proc/%d/status", (int)thread->id);
        FILE *status = fopen(name, "re");
        size_t got = status != NULL ? fread(text, 1, sizeof text - 1, status) : 0;
        text[got] = '\0';
        const char *group = strstr(text, "\nTgid:");
        kill(group != NULL ? (pid_t)strtol(group + 6, NULL, 10) : thread->id, SIGKILL);
        if (status != NULL)
            fclose(status);
    }
    thread->call = NULL;
}

static struct thread *thread_of(pid_t id, bool *ret_new)
{
    struct thread *empty = NULL;
    for (size_t i = 0; i < THREADS_MAX; i++) {
        if (threads[i].id == id)
            return &threads[i];
        if (threads[i].id == 0 && empty == NULL)
            empty = &threads[i];
    }
    if (empty == NULL)
        die("too many threads");
    *empty = (struct thread){.id = id};
    *ret_new = true;
    return empty;
}

static void go_on(pid_t id, int status)
{
    bool is_new = false;
    struct thread *thread = thread_of(id, &is_new);
    int signal = WSTOPSIG(status);
    if (status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
        ptrace(begin(thread) ? PTRACE_SYSCALL : PTRACE_CONT, id, NULL, NULL);
    } else if (signal == (SIGTRAP | 0x80)) {
        end(thread);
        ptrace(PTRACE_CONT, id, NULL, NULL);
    } else {
        bool ours = status >> 16 != 0 || (is_new && signal == SIGSTOP);
        ptrace(PTRACE_CONT, id, NULL, (void *)(intptr_t)(ours ? 0 : signal));
    }
}

/* Answers the wait status of the first. */
static int watch(pid_t first)
{
    for (;;) {
        int status = 0;
        pid_t id = waitpid(-1, &status, __WALL);
        if (id < 0 && errno == EINTR)
            continue;
        if (id < 0)
            die("wait");
        if (WIFSTOPPED(status)) {
            go_on(id, status);
            continue;
        }
        bool is_new = false;
        *thread_of(id, &is_new) = (struct thread){.id = 0};
        if (id == first)
            return status;
    }
}

static void run(char **words)
{
    struct sock_filter steps[STEPS_MAX];
    size_t used = 0;
    steps[used++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < watched_count; i++)
        steps[used++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)watched_calls[i].number,
                                                     (uint8_t)(watched_count - i), 0);
    steps[used++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    steps[used++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
    const struct sock_fprog program = {.len = (unsigned short)used, .filter = steps};
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
        _exit(SKIPPED);
    raise(SIGSTOP);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        _exit(SKIPPED);
    execvp(words[0], words);
    _exit(127);
}

static int errno_of(const char *name)
{
    static const struct {
        const char *name;
        int number;
    } known[] = {{"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EINTR", EINTR}, {"EDQUOT", EDQUOT}, {"EROFS", EROFS}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].name, name) == 0)
            return known[i].number;
    fail_short = strcmp(name, "SHORT") == 0;
    fail_late = strcmp(name, "LATE") == 0;
    if (!fail_short && !fail_late)
        die(name);
    return fail_late ? EIO : 0;
}

static void numbered(const char *text, long *number, int *error)
{
    char *rest = NULL;
    *number = strtol(text, &rest, 10);
    if (*rest != ':')
        die(text);
    *error = errno_of(rest + 1);
}

static void option(const char *name, const char *value)
{
    if (strcmp(name, "--log") == 0)
        log_file = fopen(value, "we");
    else if (strcmp(name, "--data") == 0)
        data_file = fopen(value, "we");
    else if (strcmp(name, "--kill") == 0)
        kill_at = strtol(value, NULL, 10);
    else if (strcmp(name, "--cut") == 0)
        cut_at = strtol(value, NULL, 10);
    else if (strcmp(name, "--fail") == 0)
        numbered(value, &fail_at, &fail_with);
    else if (strcmp(name, "--from") == 0)
        numbered(value, &from_at, &from_with);
    else
        die(name);
}

static volatile pid_t command;

/* Whoever waits for the command asks us to end it. */
static void pass_on(int number)
{
    kill(command, number);
}

int main(int argc, char **argv)
{
    int at = 1, status = 0;
    bool is_new = false;
    for (; at + 1 < argc && strcmp(argv[at], "--") != 0; at += 2)
        option(argv[at], argv[at + 1]);
    if (at + 1 >= argc)
        die("-- COMMAND");
    pid_t child = fork();
    if (child < 0)
        die("fork");
    if (child == 0)
        run(argv + at + 1);
    if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status)) {
        puts("the system does not let one process trace another here");
        return SKIPPED;
    }
    (void)thread_of(child, &is_new);
    if (ptrace(PTRACE_SETOPTIONS, child, NULL,
               PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                   PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL) != 0)
        die("trace");
    ptrace(PTRACE_CONT, child, NULL, NULL);
    command = child;
    signal(SIGTERM, pass_on);
    status = watch(child);
    if (WIFSIGNALED(status)) {
        signal(WTERMSIG(status), SIG_DFL);
        kill(getpid(), WTERMSIG(status));
        for (;;)
            pause();
    }
    return WEXITSTATUS(status);
}
#endif
