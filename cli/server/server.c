/*
 * Beginning, running, ending. Nothing on the loop's thread waits but for sockets: files and names are for workers, writing
 * for its own thread, the log for another.
 */
#include "cli/server/server.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

#include "cli/fault.h"
#include "cli/program.h"
#include "cli/server/connection.h"
#include "cli/server/hub.h"
#include "cli/server/listen.h"
#include "cli/server/notify.h"
#include "ledger/durable.h"
#include "ledger/served.h"

enum {
    TICK_MS = 200,
    LOOK_TICKS = 10,  /* between two looks at the socket's path */
    FILES_SPARE = 64, /* descriptors besides those of connections */
    SIGNALS = 3
};

struct server {
    struct hub hub; /* the first member: handles know the hub */
    struct program program;
    struct served served;
    struct gate_options gate_options;
    struct server_trust trust;
    uv_pipe_t listener;
    bool listening, listener_open;
    struct listener at; /* where the path led to */
    bool has_path;
    uv_signal_t signals[SIGNALS];
    uv_timer_t ticks;
    uv_async_t done;
    unsigned tick_count;
    int64_t stop_us; /* when it was told to end; 0: not yet */
    int64_t watchdog_us, watched_us, status_us;
    bool looking, printing; /* a worker is at it */
    bool lost;              /* the socket's path: told already */
    bool over;              /* the loop ends */
    bool at_once;
    bool ended_by_failure;
    struct writer_facts last; /* what was logged of the writer */
    struct err err;           /* why it ended */
};

/* -- listening -- */

static void on_connection(uv_stream_t *listener, int status)
{
    struct server *server = listener->data;
    if (status == 0)
        connection_accept(&server->hub, listener);
}

static void on_listener_closed(uv_handle_t *handle)
{
    struct server *server = handle->data;
    server->listener_open = false;
}

static enum status listen_on(struct server *server, int fd, struct err *err)
{
    (void)uv_pipe_init(&server->hub.loop, &server->listener, 0);
    server->listener.data = server;
    server->listener_open = true;
    int rc = uv_pipe_open(&server->listener, fd);
    if (rc == 0)
        rc = uv_listen((uv_stream_t *)&server->listener, 512, on_connection);
    if (rc != 0) {
        uv_close((uv_handle_t *)&server->listener, on_listener_closed);
        return err_set(err, STATUS_IO, "cannot listen: %s", uv_strerror(rc));
    }
    server->listening = true;
    return STATUS_OK;
}

static void stop_listening(struct server *server)
{
    if (!server->listening)
        return;
    server->listening = false;
    uv_close((uv_handle_t *)&server->listener, on_listener_closed);
}

static enum status begin_to_listen(struct server *server, struct err *err)
{
    const struct serve_options *options = server->hub.options;
    int fd = -1;
    enum status status = STATUS_OK;
    server->has_path = options->socket != NULL;
    if (server->has_path)
        status = listen_at(options->socket, (mode_t)options->socket_mode, &server->at, err);
    else
        status = notify_take_socket(server->hub.cli, &fd, err);
    if (status == STATUS_OK && !server->has_path && fd < 0)
        status = err_set(err, STATUS_INPUT, "where to listen? give --socket PATH");
    return status == STATUS_OK ? listen_on(server, server->has_path ? server->at.fd : fd, err) : status;
}

/* A look at the socket's path, by a worker: whether it is there, and a new one where its directory is back. */
struct look {
    uv_work_t work;
    struct server *server;
    struct listener at;
    bool there, made;
};

static void run_look(uv_work_t *work)
{
    struct look *look = work->data;
    const struct serve_options *options = look->server->hub.options;
    struct err err;
    look->there = listen_is_there(options->socket, &look->at);
    if (!look->there)
        look->made = listen_at(options->socket, (mode_t)options->socket_mode, &look->at, &err) == STATUS_OK;
}

static void then_looked(uv_work_t *work, int status)
{
    struct look *look = work->data;
    struct server *server = look->server;
    struct hub *hub = &server->hub;
    (void)status;
    server->looking = false;
    if (look->made && (server->stop_us != 0 || server->listener_open)) {
        /* the old one has to be closed first; the next look makes it anew */
        listen_remove(hub->options->socket, &look->at);
        (void)close(look->at.fd);
        stop_listening(server);
    } else if (look->made) {
        server->at = look->at;
        if (listen_on(server, look->at.fd, &server->err) == STATUS_OK) {
            server->lost = false;
            log_write(hub->log, "socket-back", json_pack("{s:s}", "socket", hub->options->socket));
        }
    } else if (!look->there && !server->lost) {
        server->lost = true;
        stop_listening(server);
        log_write(hub->log, "socket-gone", json_pack("{s:s}", "socket", hub->options->socket));
    }
    free(look);
}

static void look_at_path(struct server *server)
{
    struct look *look = server->looking || !server->has_path ? NULL : malloc(sizeof *look);
    if (look == NULL)
        return;
    *look = (struct look){.server = server, .at = server->at};
    look->work.data = look;
    server->looking = uv_queue_work(&server->hub.loop, &look->work, run_look, then_looked) == 0;
    if (!server->looking)
        free(look);
}

/* -- the status file -- */

struct printing {
    uv_work_t work;
    struct server *server;
    struct metrics metrics;
    struct writer_facts writer;
    int64_t now_us;
    struct err err;
};

static void run_print(uv_work_t *work)
{
    struct printing *printing = work->data;
    const struct service *service = &printing->server->hub.service;
    struct machine machine;
    struct backlog backlog;
    char *text = NULL;
    size_t length = 0;
    machine_ask(open_book_dir(service->book), open_book_map_bytes(service->book), &machine);
    backlog_ask(service->book, service->cli->now_ms(service->cli->clock_context), &backlog);
    const struct metrics_report report = {.metrics = &printing->metrics,
                                          .writer = &printing->writer,
                                          .machine = &machine,
                                          .backlog = &backlog,
                                          .now_us = printing->now_us};
    enum status status = metrics_print(&report, &text, &length, &printing->err);
    if (status == STATUS_OK)
        status = durable_replace(service->options->status_file, slice_of(text, length), 0644, &printing->err);
    printing->err.status = status;
    free(text);
}

static void then_printed(uv_work_t *work, int status)
{
    struct printing *printing = work->data;
    struct server *server = printing->server;
    (void)status;
    server->printing = false;
    if (printing->err.status != STATUS_OK)
        log_write(server->hub.log, "status-file-failed", json_pack("{s:s}", "why", printing->err.text));
    free(printing);
}

static void print_status(struct server *server, int64_t now_us)
{
    struct hub *hub = &server->hub;
    if (hub->options->status_file == NULL || server->printing || now_us < server->status_us)
        return;
    server->status_us = now_us + hub->options->status_seconds * 1000000;
    struct printing *printing = malloc(sizeof *printing);
    if (printing == NULL)
        return;
    printing->server = server;
    printing->metrics = hub->metrics;
    printing->now_us = now_us;
    writer_tell(hub->writer, &printing->writer);
    printing->work.data = printing;
    server->printing = uv_queue_work(&hub->loop, &printing->work, run_print, then_printed) == 0;
    if (!server->printing)
        free(printing);
}

/* -- ending -- */

static void stop(struct server *server, const char *why)
{
    struct hub *hub = &server->hub;
    if (server->stop_us != 0)
        return;
    server->stop_us = hub_now_us(hub);
    hub->stopping = true;
    notify_send(hub->cli, "STOPPING=1");
    log_write(hub->log, "stopping", json_pack("{s:s}", "why", why));
    if (server->has_path && server->listening)
        listen_remove(hub->options->socket, &server->at);
    stop_listening(server);
    connection_stop_all(hub);
}

static void close_handle(uv_handle_t *handle, void *context)
{
    const struct server *server = context;
    if (!uv_is_closing(handle))
        uv_close(handle, handle == (const uv_handle_t *)&server->listener ? on_listener_closed : NULL);
}

static void maybe_over(struct server *server, int64_t now_us)
{
    struct hub *hub = &server->hub;
    if (server->stop_us == 0 || server->over)
        return;
    if (server->at_once || now_us - server->stop_us > hub->options->limits.stop_seconds * 1000000) {
        writer_hurry(hub->writer);
        connection_drop_all(hub, "the server stopped at once");
    }
    if (hub->alive > 0)
        return;
    server->over = true;
    uv_walk(&hub->loop, close_handle, server);
}

static void on_signal(uv_signal_t *signal, int number)
{
    struct server *server = signal->data;
    if (number == SIGHUP) {
        log_reopen(server->hub.log);
        return;
    }
    server->at_once = server->stop_us != 0;
    stop(server, number == SIGTERM ? "SIGTERM" : "SIGINT");
    maybe_over(server, hub_now_us(&server->hub));
}

/* -- the writer's news -- */

static void tell_writer(struct server *server)
{
    struct hub *hub = &server->hub;
    struct writer_facts facts;
    writer_tell(hub->writer, &facts);
    if (facts.failures != server->last.failures)
        log_write(hub->log, "write-failed",
                  json_pack("{s:s, s:s}", "status", status_name(facts.err.status), "why", facts.err.text));
    if (facts.reopened != server->last.reopened)
        log_write(hub->log, "book-reopened", json_pack("{s:I}", "entries", (json_int_t)facts.head.size));
    if (facts.failed && !server->last.failed) {
        log_write(hub->log, "book-lost", json_pack("{s:s}", "why", facts.err.text));
        server->err = facts.err;
        server->ended_by_failure = true;
        stop(server, "the book could not be opened again");
    }
    bool longer = facts.head.size != hub->head.size;
    hub->head = facts.head;
    server->last = facts;
    if (longer)
        connection_head_changed(hub);
}

static void on_done(uv_async_t *async)
{
    struct server *server = async->data;
    struct job *job = writer_done(server->hub.writer);
    while (job != NULL) {
        struct job *next = job->next_job;
        connection_written(job);
        job = next;
    }
    tell_writer(server);
    connection_resume_all(&server->hub);
    maybe_over(server, hub_now_us(&server->hub));
}

static void wake(void *context)
{
    struct server *server = context;
    (void)uv_async_send(&server->done);
}

static void on_tick(uv_timer_t *timer)
{
    struct server *server = timer->data;
    struct hub *hub = &server->hub;
    int64_t now_us = hub_now_us(hub);
    connection_tick_all(hub);
    if (server->tick_count++ % LOOK_TICKS == 0 && server->stop_us == 0)
        look_at_path(server);
    if (server->watchdog_us > 0 && now_us - server->watched_us >= server->watchdog_us / 2) {
        server->watched_us = now_us;
        notify_send(hub->cli, "WATCHDOG=1");
    }
    print_status(server, now_us);
    maybe_over(server, now_us);
}

/* -- beginning -- */

/* What libuv could not: it wants memory, or a descriptor. */
static enum status loop_status(int code, struct err *err)
{
    if (code == 0)
        return STATUS_OK;
    return err_set(err, code == UV_ENOMEM ? STATUS_MEMORY : STATUS_IO, "the server cannot begin to wait: %s",
                   uv_strerror(code));
}

static enum status make_handles(struct server *server, struct err *err)
{
    static const int numbers[SIGNALS] = {SIGTERM, SIGINT, SIGHUP};
    uv_loop_t *loop = &server->hub.loop;
    server->done.data = server;
    server->ticks.data = server;
    int code = uv_async_init(loop, &server->done, on_done);
    if (code == 0)
        code = uv_timer_init(loop, &server->ticks);
    for (size_t i = 0; code == 0 && i < SIGNALS; i++) {
        server->signals[i].data = server;
        code = uv_signal_init(loop, &server->signals[i]);
        if (code == 0)
            code = uv_signal_start(&server->signals[i], on_signal, numbers[i]);
    }
    if (code == 0)
        code = uv_timer_start(&server->ticks, on_tick, TICK_MS, TICK_MS);
    return loop_status(code, err);
}

/* Descriptors for all connections; LMDB and files need few. */
static enum status check_descriptors(const struct server_limits *limits, struct err *err)
{
    struct rlimit files;
    rlim_t needed = (rlim_t)limits->connections + FILES_SPARE;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= needed)
        return STATUS_OK;
    if (files.rlim_max != RLIM_INFINITY && files.rlim_max < needed)
        return err_set(err, STATUS_LIMIT,
                       "%lld connections need %lld open files, the system gives %lld: raise LimitNOFILE, or give fewer "
                       "--connections",
                       (long long)limits->connections, (long long)needed, (long long)files.rlim_max);
    files.rlim_cur = needed;
    return setrlimit(RLIMIT_NOFILE, &files) == 0
               ? STATUS_OK
               : err_set(err, STATUS_LIMIT, "the system does not give %lld open files", (long long)needed);
}

/* From now on nobody writes in the directory: this is where to go. */
static enum status hold_book(struct server *server, struct err *err)
{
    const struct serve_options *options = server->hub.options;
    char whole[PATH_MAX];
    struct path address;
    const char *socket = options->socket;
    if (socket != NULL && socket[0] != '/' && getcwd(whole, sizeof whole) != NULL &&
        path_set(&address, err, "unix:%s/%s", whole, socket) == STATUS_OK)
        return served_hold(options->book, address.text, options->wait_ms, &server->served, err);
    enum status status = path_set(&address, err, "%s%s", socket != NULL ? "unix:" : "", socket != NULL ? socket : "");
    return status == STATUS_OK ? served_hold(options->book, address.text, options->wait_ms, &server->served, err)
                               : status;
}

static enum status open_all(struct server *server, struct err *err)
{
    struct hub *hub = &server->hub;
    enum status status = program_identify(&server->program, true, err);
    if (status != STATUS_OK)
        return status;
    server->program.facts.mode = "served";
    server->gate_options = (struct gate_options){.facts = &server->program.facts,
                                                 .now_ms = hub->cli->now_ms,
                                                 .clock_context = hub->cli->clock_context,
                                                 .wait_ms = hub->options->wait_ms,
                                                 .serves = true};
    hub->service = (struct service){.cli = hub->cli,
                                    .options = hub->options,
                                    .facts = &server->program.facts,
                                    .signs = server->trust.book_key != NULL,
                                    .terms = server->trust.terms};
    const struct writer_options writer_options = {.cli = hub->cli,
                                                  .book_key = server->trust.book_key,
                                                  .reopen_seconds = hub->options->limits.reopen_seconds,
                                                  .notify = wake,
                                                  .context = server};
    status = check_descriptors(&hub->options->limits, err);
    if (status == STATUS_OK)
        status = log_open(hub->cli, hub->options->log, &hub->log, err);
    if (status == STATUS_OK)
        status = hold_book(server, err);
    if (status == STATUS_OK)
        status = open_book_open(hub->options->book, &server->gate_options, &hub->service.book, err);
    if (status == STATUS_OK) {
        struct writer_options whole = writer_options;
        whole.book = hub->service.book;
        status = make_handles(server, err);
        if (status == STATUS_OK)
            status = writer_start(&whole, &hub->writer, err);
    }
    return status == STATUS_OK ? begin_to_listen(server, err) : status;
}

static void say_started(struct server *server)
{
    struct hub *hub = &server->hub;
    tell_writer(server);
    hub->metrics.started_us = hub_now_us(hub);
    server->watchdog_us = notify_watchdog_us(hub->cli);
    log_write(hub->log, "started",
              json_pack("{s:s, s:I, s:s, s:s}", "book", open_book_id(hub->service.book), "entries",
                        (json_int_t)hub->head.size, "release", server->program.facts.release, "socket",
                        server->has_path ? hub->options->socket : "handed over"));
    notify_send(hub->cli, "READY=1");
}

/* Handles and workers first, then the writer, then what they use. */
static void close_all(struct server *server)
{
    struct hub *hub = &server->hub;
    if (!server->over) {
        if (server->has_path && server->listening)
            listen_remove(hub->options->socket, &server->at);
        uv_walk(&hub->loop, close_handle, server);
        (void)uv_run(&hub->loop, UV_RUN_DEFAULT);
    }
    invariant(uv_loop_close(&hub->loop) == 0);
    open_book_close(hub->service.book);
    served_release(&server->served);
    if (hub->metrics.started_us != 0)
        log_write(hub->log, "stopped", json_pack("{s:I}", "entries", (json_int_t)hub->head.size));
    log_close(hub->log);
    hub_free_peers(hub);
}

enum status server_run(const struct cli *cli, const struct serve_options *options, const struct server_trust *trust,
                       struct err *err)
{
    struct server *server = calloc(1, sizeof *server);
    invariant(trust->terms != NULL); /* without terms anybody's line would be taken back */
    if (server == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a server");
    server->hub.cli = cli;
    server->hub.options = options;
    server->trust = *trust;
    server->served.fd = -1;
    (void)signal(SIGPIPE, SIG_IGN); /* whoever does not read any more is found out by the write */
    invariant(uv_replace_allocator(fault_malloc, fault_realloc, fault_calloc, free) == 0);
    enum status status = loop_status(uv_loop_init(&server->hub.loop), err);
    if (status != STATUS_OK) {
        free(server);
        return status;
    }
    server->hub.loop.data = server;
    status = open_all(server, err);
    if (status == STATUS_OK) {
        say_started(server);
        (void)uv_run(&server->hub.loop, UV_RUN_DEFAULT);
    }
    writer_stop(server->hub.writer);
    close_all(server);
    writer_free(server->hub.writer);
    if (status == STATUS_OK && server->ended_by_failure)
        status =
            err_set(err, server->err.status == STATUS_CORRUPT ? STATUS_CORRUPT : STATUS_IO, "%s", server->err.text);
    free(server);
    return status;
}
