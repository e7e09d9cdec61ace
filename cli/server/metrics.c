/*
 * Counters, and the two forms in which they are told, from one list so that they don't differ.
 */
#include "cli/server/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/schema.h"

/* One number: its name in Prometheus without "countersign_", where it stands in the status, what it is. */
struct figure {
    const char *name;
    const char *group, *member;
    const char *type;
    const char *help;
};

enum { FIGURES_MAX = 40 };

struct figures {
    struct figure rows[FIGURES_MAX];
    int64_t values[FIGURES_MAX];
    size_t count;
};

static void figure(struct figures *figures, const struct figure *row, int64_t value)
{
    invariant(figures->count < FIGURES_MAX);
    figures->rows[figures->count] = *row;
    figures->values[figures->count++] = value;
}

#define COUNTER(name, group, member, help, value)                                                                      \
    figure(figures, &(struct figure){name, group, member, "counter", help}, (int64_t)(value))
#define GAUGE(name, group, member, help, value)                                                                        \
    figure(figures, &(struct figure){name, group, member, "gauge", help}, (int64_t)(value))

static void collect_peers(struct figures *figures, const struct metrics *metrics, int64_t now_us)
{
    int64_t age_us = metrics->snapshot_oldest_us > 0 ? now_us - metrics->snapshot_oldest_us : 0;
    GAUGE("connections", "connections", "now", "Connections open now.", metrics->connections_now);
    COUNTER("connections_total", "connections", "total", "Connections accepted.", metrics->connections_total);
    COUNTER("connections_refused_total", "connections", "refused", "Connections over a limit.",
            metrics->connections_refused);
    COUNTER("connections_failed_total", "connections", "failed", "Connections ended for what the peer did.",
            metrics->connections_failed);
    COUNTER("errors_total", "requests", "errors", "Requests answered by an error.", metrics->errors);
    COUNTER("received_bytes_total", "bytes", "in", "Bytes received.", metrics->bytes_in);
    COUNTER("sent_bytes_total", "bytes", "out", "Bytes sent.", metrics->bytes_out);
    GAUGE("snapshots", "snapshots", "now", "Snapshots open now.", metrics->snapshots_now);
    GAUGE("snapshot_oldest_seconds", "snapshots", "oldest_seconds", "Age of the oldest snapshot.", age_us / 1000000);
    GAUGE("uptime_seconds", NULL, "uptime_seconds", "Seconds since the server started.",
          (now_us - metrics->started_us) / 1000000);
}

static void collect_writer(struct figures *figures, const struct metrics *metrics, const struct writer_facts *writer)
{
    COUNTER("statements_accepted_total", "statements", "accepted", "Statements let in.", metrics->accepted);
    COUNTER("statements_refused_total", "statements", "refused", "Statements refused by a control.", metrics->refused);
    COUNTER("statements_repeated_total", "statements", "repeated", "Statements that were there already.",
            metrics->repeated);
    GAUGE("entries", NULL, "entries", "Entries of the journal.", writer->head.size);
    GAUGE("writer_waiting", "writer", "waiting", "Statements that wait for the writer.", writer->waiting);
    GAUGE("writer_waiting_max", "writer", "waiting_max", "Most that waited at one time.", writer->waiting_max);
    GAUGE("writer_asking", "writer", "asking", "Tries and checkpoints that wait.", writer->asking);
    COUNTER("writer_groups_total", "writer", "groups", "Groups committed.", writer->groups);
    COUNTER("writer_statements_total", "writer", "statements", "Statements in those groups.", writer->statements);
    COUNTER("writer_reopened_total", "writer", "reopened", "Times that the book was opened again.", writer->reopened);
}

static void collect_machine(struct figures *figures, const struct machine *machine)
{
    GAUGE("disk_free_bytes", "disk", "free_bytes", "Free bytes of the book's file system.", machine->disk_free);
    GAUGE("disk_size_bytes", "disk", "size_bytes", "Size of it.", machine->disk_size);
    GAUGE("map_used_bytes", "map", "used_bytes", "Bytes of the journal's file.", machine->map_used);
    GAUGE("map_size_bytes", "map", "size_bytes", "What it may grow to.", machine->map_size);
    GAUGE("resident_bytes", NULL, "resident_bytes", "Resident memory, the book's pages included.", machine->memory);
    GAUGE("own_bytes", NULL, "own_bytes", "Resident memory that is no file's.", machine->memory_own);
}

static void collect_backlog(struct figures *figures, const struct backlog *backlog)
{
    if (!backlog->known)
        return;
    GAUGE("outbox", "outbox", "unacknowledged", "Postings that the ERP has not acknowledged just once.",
          backlog->outbox);
    GAUGE("outbox_oldest_timestamp_seconds", "outbox", "oldest_seconds",
          "When the oldest of them was posted, seconds since 1970; 0: there is none.",
          backlog->outbox_oldest_ms / 1000);
}

static void collect(const struct metrics_report *report, struct figures *figures)
{
    figures->count = 0;
    collect_peers(figures, report->metrics, report->now_us);
    collect_writer(figures, report->metrics, report->writer);
    collect_machine(figures, report->machine);
    collect_backlog(figures, report->backlog);
}

struct latency {
    const char *name, *help;
    const struct histogram *histogram;
};

enum { LATENCIES = 5 };

static void latencies_of(const struct metrics *metrics, struct latency ret_rows[static LATENCIES])
{
    ret_rows[0] = (struct latency){"check", "From a statement's last byte to its signatures checked.", &metrics->check};
    ret_rows[1] = (struct latency){"queue", "From there to its group's beginning.", &metrics->queue};
    ret_rows[2] = (struct latency){"commit", "From there to the group being durable.", &metrics->commit};
    ret_rows[3] = (struct latency){"whole", "From a statement's last byte to its answer.", &metrics->whole};
    ret_rows[4] = (struct latency){"read", "From a reading request's last byte to its answer.", &metrics->read};
}

static void count_submission(struct metrics *metrics, const struct job *job, int64_t now_us)
{
    const struct gate_answer *answer = &job->submission.answer;
    const char *outcome = member_text(answer->decision, "outcome");
    if (answer->repeated)
        metrics->repeated++;
    else if (outcome != NULL && strcmp(outcome, "refused") == 0)
        metrics->refused++;
    else
        metrics->accepted++;
    histogram_add(&metrics->check, job->checked_us - job->came_us);
    histogram_add(&metrics->queue, job->taken_us - job->checked_us);
    histogram_add(&metrics->commit, job->done_us - job->taken_us);
    histogram_add(&metrics->whole, now_us - job->came_us);
}

void metrics_count(struct metrics *metrics, const struct job *job, int64_t now_us)
{
    if (job->request.json != NULL)
        metrics->requests[job->request.kind]++;
    if (job->err.status != STATUS_OK)
        metrics->errors++;
    else if (job->next == JOB_SUBMITS)
        count_submission(metrics, job, now_us);
    else if (job->next == JOB_ANSWERED)
        histogram_add(&metrics->read, now_us - job->came_us);
}

static json_t *tell_latency(const struct histogram *histogram)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "count", (json_int_t)histogram->count, "max_us",
                     (json_int_t)histogram->max_us, "p50_us", (json_int_t)histogram_quantile_us(histogram, 500),
                     "p99_us", (json_int_t)histogram_quantile_us(histogram, 990), "p999_us",
                     (json_int_t)histogram_quantile_us(histogram, 999));
}

static json_t *group_of(json_t *status, const char *name)
{
    if (name == NULL)
        return status;
    json_t *group = json_object_get(status, name);
    if (group == NULL && json_object_set_new(status, name, json_object()) == 0)
        group = json_object_get(status, name);
    return group;
}

json_t *metrics_tell(const struct metrics_report *report)
{
    struct figures figures;
    struct latency rows[LATENCIES];
    char leaf[HASH_HEX_CHARS + 1];
    int failed = 0;
    hash_to_hex(&report->writer->head.leaf, leaf);
    json_t *status =
        json_pack("{s:{s:s, s:I}, s:b, s:b}", "head", "leaf", leaf, "size", (json_int_t)report->writer->head.size,
                  "failed", report->writer->failed, "reopening", report->writer->reopening);
    if (status == NULL)
        return NULL;
    collect(report, &figures);
    latencies_of(report->metrics, rows);
    for (size_t i = 0; i < figures.count; i++)
        failed |= json_object_set_new(group_of(status, figures.rows[i].group), figures.rows[i].member,
                                      json_integer(figures.values[i]));
    for (size_t i = 0; i < LATENCIES; i++)
        failed |= json_object_set_new(group_of(status, "latency"), rows[i].name, tell_latency(rows[i].histogram));
    for (int kind = 0; kind < REQUEST_KINDS; kind++)
        failed |= json_object_set_new(group_of(status, "requests"), request_name((enum request_kind)kind),
                                      json_integer((json_int_t)report->metrics->requests[kind]));
    if (failed == 0)
        return status;
    json_decref(status);
    return NULL;
}

/* 100 microseconds to 10 seconds, as le= has them. */
static const struct {
    const char *text;
    int64_t us;
} bounds[] = {{"0.0001", 100}, {"0.0005", 500}, {"0.001", 1000}, {"0.005", 5000}, {"0.01", 10000}, {"0.05", 50000},
              {"0.1", 100000}, {"0.5", 500000}, {"1", 1000000},  {"5", 5000000},  {"10", 10000000}};

static void print_latency(FILE *out, const struct latency *row)
{
    const char *name = row->name;
    fprintf(out, "# HELP countersign_%s_seconds %s\n# TYPE countersign_%s_seconds histogram\n", name, row->help, name);
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++)
        fprintf(out, "countersign_%s_seconds_bucket{le=\"%s\"} %llu\n", name, bounds[i].text,
                (unsigned long long)histogram_below(row->histogram, bounds[i].us));
    unsigned long long count = row->histogram->count, sum_us = row->histogram->sum_us;
    fprintf(out, "countersign_%s_seconds_bucket{le=\"+Inf\"} %llu\ncountersign_%s_seconds_sum %llu.%06llu\n", name,
            count, name, sum_us / 1000000, sum_us % 1000000);
    fprintf(out, "countersign_%s_seconds_count %llu\n", name, count);
}

static void print(FILE *out, const struct metrics_report *report)
{
    struct figures figures;
    struct latency rows[LATENCIES];
    collect(report, &figures);
    latencies_of(report->metrics, rows);
    for (size_t i = 0; i < figures.count; i++) {
        const struct figure *row = &figures.rows[i];
        fprintf(out, "# HELP countersign_%s %s\n# TYPE countersign_%s %s\ncountersign_%s %lld\n", row->name, row->help,
                row->name, row->type, row->name, (long long)figures.values[i]);
    }
    fputs("# HELP countersign_requests_total Requests by what they ask.\n# TYPE countersign_requests_total counter\n",
          out);
    for (int kind = 0; kind < REQUEST_KINDS; kind++)
        fprintf(out, "countersign_requests_total{do=\"%s\"} %llu\n", request_name((enum request_kind)kind),
                (unsigned long long)report->metrics->requests[kind]);
    for (size_t i = 0; i < LATENCIES; i++)
        print_latency(out, &rows[i]);
}

enum status metrics_print(const struct metrics_report *report, char **ret_text, size_t *ret_length, struct err *err)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, ret_length);
    if (out == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for the status");
    print(out, report);
    if (fclose(out) != 0) {
        free(text);
        return err_set(err, STATUS_MEMORY, "no memory for the status");
    }
    *ret_text = text;
    return STATUS_OK;
}
