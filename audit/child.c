/*
 * A child that verifies and a parent that listens. Findings and progress come through a pipe, one JSON object a line;
 * result and position stand in memory that both share, so that they outlive the child. Guarantees that whatever a hostile
 * file does to the child (a truncated map, a page that points nowhere) becomes a finding that names where it happened.
 */
#include "audit/child.h"

#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit/scratch.h"
#include "ledger/durable.h"
#include "ledger/schema.h"

/* A line: the longest is a decision with all the answers that are told of it on both sides. */
enum { LINE_BYTES_MAX = 1 << 16, WHAT_BYTES = 64 };
static_assert(2 * REPERFORM_ANSWERS_MAX * 256 < LINE_BYTES_MAX, "three words of 32 bytes for each answer, escaped");

/* Outlives the child. */
struct shared {
    struct verify_result result;
    uint64_t done, total;
    char what[WHAT_BYTES];
    bool ended; /* the work has answered */
    enum status status;
    struct err err;
};

struct child {
    verify_work *work;
    struct shared *shared;
    int fd;
};

static void send(const struct child *child, json_t *line)
{
    char *text = line == NULL ? NULL : json_dumps(line, JSON_COMPACT);
    if (text != NULL && dprintf(child->fd, "%s\n", text) < 0)
        _exit(1); /* the parent has gone */
    free(text);
    json_decref(line);
}

static void send_finding(void *context, const struct finding *finding)
{
    json_t *line = json_pack("{s:i, s:s}", "check", (int)finding->check, "text", finding->text);
    if (line != NULL && finding->has_seq)
        json_object_set_new(line, "seq", json_integer((json_int_t)finding->seq));
    if (line != NULL && finding->follows)
        json_object_set_new(line, "follows", json_integer((json_int_t)finding->follows_from));
    if (line != NULL && finding->recorded)
        json_object_set_new(line, "recorded", json_true());
    send(context, line);
}

static void send_decided(void *context, const json_t *row)
{
    send(context, json_pack("{s:O}", "decided", row));
}

static void send_position(void *context, const struct verify_position *position)
{
    const struct child *child = context;
    struct shared *shared = child->shared;
    snprintf(shared->what, sizeof shared->what, "%s", position->what);
    shared->done = position->done;
    shared->total = position->total;
    send(child, json_pack("{s:I, s:I}", "done", (json_int_t)position->done, "total", (json_int_t)position->total));
}

_Noreturn static void run_child(const struct verify_options *options, const char *scratch_dir,
                                const struct child *child)
{
    const struct rlimit no_core = {.rlim_cur = 0, .rlim_max = 0};
    struct verify_options mine = *options;
    struct shared *shared = child->shared;
    /* A crash has to end it, whatever the host program does with crashes. */
    static const int deadly[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++)
        (void)signal(deadly[i], SIG_DFL);
    setrlimit(RLIMIT_CORE, &no_core); /* it may end by a signal, and it holds nothing to debug */
    const struct rlimit bounded = {.rlim_cur = options->memory_max, .rlim_max = options->memory_max};
    if (options->memory_max != 0)
        setrlimit(RLIMIT_DATA, &bounded);
    mine.scratch_dir = scratch_dir;
    mine.report = send_finding;
    mine.progress = send_position;
    mine.decided = send_decided;
    mine.context = (void *)(uintptr_t)child;
    shared->status = child->work(&mine, &shared->result, &shared->err);
    shared->ended = true;
    _exit(0);
}

struct hearing {
    const struct verify_options *options;
    struct finding_list findings; /* as heard: what counts when the child does not come to its end */
};

/* Text that does not fit the pattern is left out: it comes from a process that read a hostile file. */
static void hear_line(struct hearing *hearing, const char *text, size_t length)
{
    const struct verify_options *options = hearing->options;
    json_t *line = json_loadb(text, length, 0, NULL);
    const char *words = member_text(line, "text");
    int64_t check = member_integer(line, "check");
    const struct verify_position position = {
        .what = "", .done = (uint64_t)member_integer(line, "done"), .total = (uint64_t)member_integer(line, "total")};
    if (words != NULL && check >= 0 && check < CHECK_COUNT) {
        struct finding finding = {.check = (enum finding_check)check,
                                  .has_seq = json_object_get(line, "seq") != NULL,
                                  .seq = (uint64_t)member_integer(line, "seq"),
                                  .follows = json_object_get(line, "follows") != NULL,
                                  .follows_from = (uint64_t)member_integer(line, "follows"),
                                  .recorded = json_is_true(json_object_get(line, "recorded"))};
        snprintf(finding.text, sizeof finding.text, "%s", words);
        finding_list_add(&hearing->findings, &finding);
    } else if (json_object_get(line, "decided") != NULL && options->decided != NULL) {
        options->decided(options->context, json_object_get(line, "decided"));
    } else if (json_object_get(line, "done") != NULL && options->progress != NULL) {
        options->progress(options->context, &position);
    }
    json_decref(line);
}

/* Hears until the child closes its end. A line that is too long ends the hearing. Answers false when it is to be given up. */
static bool hear(struct hearing *hearing, int fd)
{
    char buffer[LINE_BYTES_MAX];
    size_t used = 0;
    for (;;) {
        ssize_t got = read(fd, buffer + used, sizeof buffer - used);
        const struct verify_options *options = hearing->options;
        bool stopped = options->stopped != NULL && options->stopped(options->context);
        if (got < 0 && errno == EINTR && !stopped)
            continue;
        if (got <= 0 || stopped)
            return !stopped;
        used += (size_t)got;
        char *end = NULL;
        while ((end = memchr(buffer, '\n', used)) != NULL) {
            size_t length = (size_t)(end - buffer);
            hear_line(hearing, buffer, length);
            used -= length + 1;
            memmove(buffer, end + 1, used);
        }
        if (used == sizeof buffer)
            return true;
    }
}

static void tell_crash(struct hearing *hearing, const struct shared *shared, int wait_status,
                       struct verify_result *result)
{
    const char *what = hearing->options->bundle_dir != NULL ? "the bundle" : "the journal";
    struct finding finding = {.check = CHECK_ENTRIES};
    bool books = strstr(shared->what, "books") != NULL;
    char how[80];
    if (WIFSIGNALED(wait_status))
        snprintf(how, sizeof how, "signal %d, %s", WTERMSIG(wait_status), strsignal(WTERMSIG(wait_status)));
    else
        snprintf(how, sizeof how, "exit status %d", WEXITSTATUS(wait_status));
    if (books)
        finding.check = CHECK_BOOKS;
    snprintf(finding.text, sizeof finding.text,
             "the file is damaged: reading %s ended the process (%s) after entry %llu", books ? "the books" : what, how,
             (unsigned long long)(shared->done > 0 ? shared->done - 1 : 0));
    finding_list_add(&hearing->findings, &finding);
    verify_result_count(result, &hearing->findings);
    result->complete = false;
}

static enum status run_parent(const struct verify_options *options, struct child *child, pid_t pid, int read_fd,
                              struct verify_result *ret_result, struct err *err)
{
    struct hearing hearing = {.options = options};
    int wait_status = 0;
    finding_list_init(&hearing.findings, options->report, options->context);
    if (!hear(&hearing, read_fd))
        (void)kill(pid, SIGKILL); /* it may be waiting for a server, or for another program */
    close(read_fd);               /* a child that is still at it finds nobody listening, and ends */
    while (waitpid(pid, &wait_status, 0) < 0)
        if (errno != EINTR) {
            finding_list_done(&hearing.findings);
            return err_set(err, STATUS_IO, "the verifying process is lost: %s", strerror(errno));
        }
    const struct shared *shared = child->shared;
    bool starved = !shared->ended && WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == CHILD_NO_MEMORY;
    *ret_result = shared->result;
    if (!shared->ended && !starved)
        tell_crash(&hearing, shared, wait_status, ret_result);
    finding_list_done(&hearing.findings);
    if (starved)
        return err_set(err, STATUS_MEMORY, "no memory to verify in");
    if (shared->ended && shared->status != STATUS_OK)
        return err_set(err, shared->status, "%s", shared->err.text);
    return STATUS_OK;
}

static enum status fork_and_run(const struct verify_options *options, const char *scratch_dir, struct child *child,
                                struct verify_result *ret_result, struct err *err)
{
    int ends[2];
    if (pipe(ends) != 0)
        return err_set(err, STATUS_IO, "no pipe for the verifying process: %s", strerror(errno));
    child->fd = ends[1];
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        run_child(options, scratch_dir, child);
    }
    close(ends[1]);
    enum status status = pid < 0 ? err_set(err, STATUS_IO, "no process to verify in: %s", strerror(errno))
                                 : run_parent(options, child, pid, ends[0], ret_result, err);
    if (pid < 0)
        close(ends[0]);
    return status;
}

enum status child_verify(const struct verify_options *options, verify_work *work, struct verify_result *ret_result,
                         struct err *err)
{
    struct child child = {.work = work};
    struct path scratch;
    enum status status = scratch_make(options->scratch_dir, &scratch, err);
    if (status != STATUS_OK)
        return status;
    struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        status = err_set(err, STATUS_MEMORY, "no memory to share with the verifying process");
        goto done;
    }
    child.shared = shared;
    status = fork_and_run(options, scratch.text, &child, ret_result, err);
    munmap(shared, sizeof *shared);
done:
    scratch_remove(&scratch);
    return status;
}
