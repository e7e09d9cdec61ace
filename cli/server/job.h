/*
 * A request on its way: read from a line, answered by a worker or by the thread that writes, written back. And the guest it
 * comes from: who is at the other end of a connection, what is proven, which snapshots are open.
 *
 * One job of a guest is with a worker at a time, and only that one touches the guest; the loop does when there is none.
 */
#ifndef CLI_SERVER_JOB_H
#define CLI_SERVER_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cli/cli.h"
#include "cli/serve_options.h"
#include "cli/server/backlog.h"
#include "cli/server/machine.h"
#include "cli/server/open_book.h"
#include "cli/server/request.h"
#include "cli/wire.h"
#include "controls/gate.h"
#include "controls/issue.h"
#include "ledger/entry.h"
#include "ledger/hash.h"
#include "ledger/limits.h"
#include "ledger/sshkey.h"
#include "ledger/statement.h"

/* What every worker needs; none of it changes. */
struct service {
    struct open_book *book;
    const struct cli *cli;
    const struct serve_options *options;
    const struct gate_facts *facts;  /* of the program; each guest's has its own os_user */
    bool signs;                      /* there is a book key */
    const struct issue_terms *terms; /* whose cosignatures are taken back */
};

struct guest {
    uid_t uid;
    char os_user[ID_BYTES_MAX + 1];
    struct gate_facts facts;
    struct hash server_nonce, client_nonce;
    bool greeted; /* hello was answered: a proof is waited for */
    bool proven;
    char user[ID_BYTES_MAX + 1];
    struct public_key key;
    char key_text[PUBLIC_KEY_TEXT_MAX];
    int64_t last_id;
    int64_t last_snapshot;
    struct snapshot *snapshots[WIRE_SNAPSHOTS_MAX];
    int64_t snapshot_numbers[WIRE_SNAPSHOTS_MAX]; /* 0: none there */
    bool receives;                                /* a file of evidence, in parts */
    int receive_fd;
    int64_t receive_size, received;
};

/* What is to be done with a job that comes back from a worker. */
enum job_next {
    JOB_ANSWERED,
    JOB_SUBMITS, /* for the thread that writes, as are the next three */
    JOB_TRIES,
    JOB_SIGNS,
    JOB_RECORDS,
    JOB_WAITS, /* for the loop, as is the next */
    JOB_REPORTS
};

struct job {
    struct job *next_job; /* in the queue that it is in */
    void *connection;     /* the loop's */
    const struct service *service;
    struct guest *guest;
    char *line; /* the request; given back as soon as it is read */
    size_t line_length;
    size_t held_bytes; /* what it counts for, until it is answered */
    struct request request;
    int64_t id; /* to answer under */
    enum job_next next;
    bool closes;   /* the connection ends with the answer */
    bool withheld; /* the client was told less than err says: the log has to have it */
    struct statement statement;
    bool has_statement;
    struct gate_submission submission;
    json_t *decision; /* of a try */
    char *note;       /* of a checkpoint */
    uint64_t note_size;
    struct issue_note taken; /* of a checkpoint-add */
    struct machine machine;  /* of a status, as is the next */
    struct backlog backlog;
    struct err err; /* what came of it, OK or not */
    char *answer;   /* a line, LF included; NULL: no memory for it */
    size_t answer_length;
    /* microseconds of the clock that measures: when the line was there, when checked, when the writer took and had done it */
    int64_t came_us, checked_us, taken_us, done_us;
};

/* A new one for a line, which is stolen. NULL: no memory, and the line is freed. */
struct job *job_new(char *line, size_t length);
void job_free(struct job *job);

/* Makes the answer of a job: message (stolen; NULL is no memory) with the id, or err. */
void job_answer(struct job *job, json_t *message);
void job_fail(struct job *job);

#endif
