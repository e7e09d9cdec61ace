/*
 * What a server counts, and how it is told: as JSON to whoever asks for the status, as text to Prometheus.
 */
#ifndef CLI_SERVER_METRICS_H
#define CLI_SERVER_METRICS_H

#include <jansson.h>
#include <stdint.h>

#include "cli/server/histogram.h"
#include "cli/server/job.h"
#include "cli/server/writer.h"
#include "ledger/slice.h"
#include "ledger/status.h"

struct metrics {
    int64_t started_us;
    uint64_t connections_now, connections_total, connections_refused, connections_failed;
    uint64_t requests[REQUEST_KINDS];
    uint64_t errors;                      /* answers that are errors */
    uint64_t accepted, refused, repeated; /* statements: let in, refused by a control, there already */
    uint64_t bytes_in, bytes_out;
    uint64_t snapshots_now;
    int64_t snapshot_oldest_us; /* when it was begun; 0: there is none */
    struct histogram queue, check, commit, whole, read;
};

/* Counts an answered request. in: now_us. */
void metrics_count(struct metrics *metrics, const struct job *job, int64_t now_us);

struct metrics_report {
    const struct metrics *metrics;
    const struct writer_facts *writer;
    const struct machine *machine;
    const struct backlog *backlog;
    int64_t now_us;
};

/* The status. NULL: no memory. */
json_t *metrics_tell(const struct metrics_report *report);

/* The same as Prometheus reads it. out *ret_text: gives (free). errors MEMORY. */
MUST_USE enum status metrics_print(const struct metrics_report *report, char **ret_text, size_t *ret_length,
                                   struct err *err);

#endif
