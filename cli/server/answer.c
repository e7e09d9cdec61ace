/*
 * Requests, one row each. Guarantees that every job leaves with an answer or with somebody who will give one, that nothing is
 * read outside of the book's door, and nothing that the guest's rights do not name.
 */
#include "cli/server/answer.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/server/files.h"
#include "cli/server/proof.h"
#include "cli/server/stamps.h"
#include "ledger/checksum.h"
#include "ledger/schema.h"
#include "ledger/store.h"
#include "ledger/text.h"

enum { PASSWD_BYTES = 4096 };

static int64_t now_us(const struct job *job)
{
    return job->service->cli->monotonic_us(job->service->cli->clock_context);
}

/* The account's name where it is an id, else its number. */
static void name_os_user(struct guest *guest)
{
    struct passwd account, *found = NULL;
    char buffer[PASSWD_BYTES];
    bool named = getpwuid_r(guest->uid, &account, buffer, sizeof buffer, &found) == 0 && found != NULL &&
                 text_is_id(found->pw_name, strlen(found->pw_name));
    if (named)
        snprintf(guest->os_user, sizeof guest->os_user, "%s", found->pw_name);
    else
        snprintf(guest->os_user, sizeof guest->os_user, "uid-%u", (unsigned)guest->uid);
}

void answer_greet(struct job *job)
{
    struct guest *guest = job->guest;
    struct err err;
    name_os_user(guest);
    guest->facts = *job->service->facts;
    guest->facts.os_user = guest->os_user;
    random_fill(&job->service->cli->random, &guest->server_nonce, sizeof guest->server_nonce);
    if (wire_print(proof_greeting(job->service, guest), &job->answer, &job->answer_length, &err) != STATUS_OK)
        job->closes = true;
}

/* The guest's snapshot of a number, from inside. errors INPUT (none such), BUSY (it has ended). */
static enum status find_snapshot(const struct job *job, size_t *ret_index, struct snapshot **ret_snapshot,
                                 struct err *err)
{
    const struct guest *guest = job->guest;
    int64_t number = job->request.snapshot;
    for (size_t i = 0; i < WIRE_SNAPSHOTS_MAX; i++) {
        if (guest->snapshot_numbers[i] != number || snapshot_has_ended(guest->snapshots[i]))
            continue;
        *ret_index = i;
        *ret_snapshot = guest->snapshots[i];
        return STATUS_OK;
    }
    return number <= guest->last_snapshot ? err_set(err, STATUS_BUSY, "the snapshot has ended: begin another one")
                                          : err_set(err, STATUS_INPUT, "there is no snapshot %lld", (long long)number);
}

static void drop_snapshot(struct guest *guest, size_t index)
{
    snapshot_free(guest->snapshots[index]);
    guest->snapshots[index] = NULL;
    guest->snapshot_numbers[index] = 0;
}

static enum status do_begin(struct job *job, json_t **ret_answer, struct err *err)
{
    struct guest *guest = job->guest;
    const struct cli *cli = job->service->cli;
    const struct snapshot_owner owner = {
        .user = guest->user, .key = guest->key_text, .now_ms = cli->now_ms(cli->clock_context), .now_us = now_us(job)};
    char leaf[HASH_HEX_CHARS + 1];
    size_t room = 0, used = 0;
    for (size_t i = WIRE_SNAPSHOTS_MAX; i-- > 0;) {
        if (guest->snapshots[i] != NULL && snapshot_has_ended(guest->snapshots[i]))
            drop_snapshot(guest, i);
        used += guest->snapshots[i] != NULL;
        if (guest->snapshots[i] == NULL)
            room = i;
    }
    if ((int64_t)used >= job->service->options->limits.snapshots)
        return err_set(err, STATUS_LIMIT, "%zu snapshots are open on this connection: end one first", used);
    enum status status = snapshot_begin(job->service->book, job->request.journal, &owner, &guest->snapshots[room], err);
    if (status != STATUS_OK)
        return status;
    guest->snapshot_numbers[room] = ++guest->last_snapshot;
    struct journal_head head = snapshot_head(guest->snapshots[room]);
    hash_to_hex(&head.leaf, leaf);
    *ret_answer = json_pack("{s:s, s:I, s:I}", "leaf", leaf, "size", (json_int_t)head.size, "snapshot",
                            (json_int_t)guest->last_snapshot);
    return STATUS_OK;
}

static enum status do_end(struct job *job, json_t **ret_answer, struct err *err)
{
    struct guest *guest = job->guest;
    struct snapshot *snapshot = NULL;
    size_t index = WIRE_SNAPSHOTS_MAX;
    enum status status = find_snapshot(job, &index, &snapshot, err);
    if (index < WIRE_SNAPSHOTS_MAX)
        drop_snapshot(guest, index);
    if (status == STATUS_OK || status == STATUS_BUSY) /* gone is what was asked for */
        *ret_answer = json_object();
    return status == STATUS_BUSY ? STATUS_OK : status;
}

/* A snapshot and one of its tables. */
struct place {
    struct snapshot *snapshot;
    struct store_txn *store;
    size_t table;
    bool of_entries; /* the one table of the journal that tells what is in the book */
};

static enum status find_place(const struct job *job, struct place *ret_place, struct err *err)
{
    size_t index;
    struct place place = {.table = 0};
    enum status status = find_snapshot(job, &index, &place.snapshot, err);
    if (status != STATUS_OK)
        return status;
    place.store = snapshot_store(place.snapshot);
    if (store_table_named(place.store, job->request.table, &place.table) != STATUS_OK)
        return err_set(err, STATUS_INPUT, "there is no such table");
    place.of_entries = snapshot_is_journal(place.snapshot) && strcmp(job->request.table, "entries") == 0;
    *ret_place = place;
    return STATUS_OK;
}

/* In the store a checksum stands before each record of the books. */
static struct slice record_of(struct slice value)
{
    return value.bytes == NULL || value.length < CHECKSUM_BYTES
               ? slice_of(NULL, 0)
               : slice_of(value.bytes + CHECKSUM_BYTES, value.length - CHECKSUM_BYTES);
}

/* Of the journal only the entries tell what is in them; hashes, checkpoints and the format are for all. */
static enum status may_read(const struct place *place, const struct store_record *record, bool *ret_may,
                            struct err *err)
{
    struct reader *reader = snapshot_reader(place->snapshot);
    if (!snapshot_is_journal(place->snapshot))
        return reader_may_record(reader, place->table, record->key, record_of(record->value), ret_may, err);
    *ret_may = true;
    return place->of_entries && record->value.bytes != NULL ? reader_may_entry(reader, record->value, ret_may, err)
                                                            : STATUS_OK;
}

/* Whoever's key counts no more would look for the reason elsewhere. */
static enum status refuse_reading(const struct job *job, const struct place *place, struct err *err)
{
    if (!snapshot_is_journal(place->snapshot) && !reader_counts(snapshot_reader(place->snapshot)))
        return err_set(err, STATUS_PERMISSION,
                       "this key of %s reads nothing any more: it is revoked or over, or its user has left; sign with "
                       "another one, or ask an officer for one",
                       job->guest->user);
    return err_set(err, STATUS_PERMISSION, "%s may not read this: no function that %s holds now allows it",
                   job->guest->user, job->guest->user);
}

static enum status do_get(struct job *job, json_t **ret_answer, struct err *err)
{
    struct place place;
    bool may = false;
    struct store_record record = {.key = slice_of(job->request.bytes, job->request.length)};
    enum status status = find_place(job, &place, err);
    if (status != STATUS_OK)
        return status;
    status = store_get(place.store, place.table, record.key, &record.value, err);
    bool found = status == STATUS_OK;
    if (found || status == STATUS_NOT_FOUND)
        status = may_read(&place, &record, &may, err);
    if (status == STATUS_OK && !may)
        return refuse_reading(job, &place, err);
    if (status == STATUS_OK)
        *ret_answer = found ? json_pack("{s:o}", "value", wire_bytes(record.value)) : json_pack("{s:n}", "value");
    return status;
}

static enum store_seek seek_after(enum store_seek seek)
{
    return seek == STORE_SEEK_LAST || seek == STORE_SEEK_BEFORE ? STORE_SEEK_BEFORE : STORE_SEEK_AFTER;
}

/* What a walk came to: whether there is another record, and whether some before it may not be read. */
struct course {
    json_t *records;
    bool more, passed;
    size_t bytes;                      /* of the records */
    size_t passed_count, passed_bytes; /* what was passed over: work, though nothing comes of it */
    struct slice reached;              /* the last key looked at, where that became too much; else no bytes */
};

/* Passes over a record. Answers whether that is enough for one request. */
static bool pass_over(struct course *course, const struct store_record *record)
{
    course->passed = true;
    course->passed_count++;
    course->passed_bytes += record->key.length + record->value.length;
    if (course->passed_count < WIRE_PASSED_MAX && course->passed_bytes < WIRE_PASSED_BYTES)
        return false;
    /* After a record the walk may go on by itself; before the first it has to be told where. */
    if (json_array_size(course->records) == 0)
        course->reached = record->key;
    course->more = true;
    return true;
}

/* Records from a place on that may be read, up to the bounds of an answer. */
static enum status collect(const struct job *job, const struct place *place, struct course *course, struct err *err)
{
    struct store_record record = {.key = slice_of(job->request.bytes, job->request.length)};
    enum store_seek seek = job->request.at;
    for (;;) {
        bool may = false;
        struct slice from = record.key;
        enum status status = store_seek(place->store, place->table, seek, from, &record, err);
        course->more = false;
        if (status == STATUS_NOT_FOUND)
            return STATUS_OK;
        if (status == STATUS_OK)
            status = may_read(place, &record, &may, err);
        if (status != STATUS_OK)
            return status;
        seek = seek_after(seek);
        if (!may && pass_over(course, &record))
            return STATUS_OK;
        if (!may)
            continue;
        course->more = true;
        course->bytes += record.key.length + record.value.length;
        size_t count = json_array_size(course->records);
        if (count >= (size_t)job->request.records || (count > 0 && course->bytes > WIRE_RECORD_BYTES))
            return STATUS_OK;
        if (json_array_append_new(course->records,
                                  json_pack("[o, o]", wire_bytes(record.key), wire_bytes(record.value))) != 0)
            return err_set(err, STATUS_MEMORY, "no memory for the answer");
    }
}

static enum status do_seek(struct job *job, json_t **ret_answer, struct err *err)
{
    struct place place;
    struct course course = {.more = false};
    enum status status = find_place(job, &place, err);
    if (status != STATUS_OK)
        return status;
    course.records = json_array();
    status = course.records != NULL ? collect(job, &place, &course, err) : err_set(err, STATUS_MEMORY, "no memory");
    if (status == STATUS_OK && course.reached.bytes != NULL)
        *ret_answer = json_pack("{s:b, s:b, s:o, s:O}", "more", course.more, "passed", course.passed, "reached",
                                wire_bytes(course.reached), "records", course.records);
    else if (status == STATUS_OK)
        *ret_answer =
            json_pack("{s:b, s:b, s:O}", "more", course.more, "passed", course.passed, "records", course.records);
    json_decref(course.records);
    return status;
}

static enum status do_count(struct job *job, json_t **ret_answer, struct err *err)
{
    struct place place;
    uint64_t count = 0;
    bool may = true;
    enum status status = find_place(job, &place, err);
    if (status == STATUS_OK && !snapshot_is_journal(place.snapshot))
        may = reader_may_count(snapshot_reader(place.snapshot), place.table);
    if (status == STATUS_OK && !may)
        return err_set(err, STATUS_PERMISSION, "%s may not count these records", job->guest->user);
    if (status == STATUS_OK)
        status = store_count(place.store, place.table, &count, err);
    if (status == STATUS_OK)
        *ret_answer = json_pack("{s:I}", "count", (json_int_t)count);
    return status;
}

static enum status do_submit(struct job *job, struct gate *gate, struct err *err)
{
    const struct request *request = &job->request;
    enum status status =
        gate_check(gate, slice_of(request->bytes, request->length), request->signatures, &job->statement, err);
    if (status != STATUS_OK)
        return status;
    job->has_statement = true;
    job->submission = (struct gate_submission){
        .statement = &job->statement, .signatures = request->signatures, .facts = &job->guest->facts};
    job->next = JOB_SUBMITS;
    return STATUS_OK;
}

/* What would be decided tells about the book, so it is asked for oneself. */
static enum status do_try(struct job *job, struct err *err)
{
    const struct request *request = &job->request;
    enum status status = statement_read(slice_of(request->bytes, request->length), &job->statement, err);
    if (status != STATUS_OK)
        return status;
    job->has_statement = true;
    if (strcmp(job->statement.actor, job->guest->user) != 0)
        return err_set(err, STATUS_PERMISSION, "try is for statements of %s", job->guest->user);
    job->next = JOB_TRIES;
    return STATUS_OK;
}

/* What the guest may do now, whatever it reads. */
static enum status look_now(const struct job *job, struct snapshot **ret_snapshot, struct err *err)
{
    const struct cli *cli = job->service->cli;
    const struct snapshot_owner owner = {
        .user = job->guest->user, .key = job->guest->key_text, .now_ms = cli->now_ms(cli->clock_context)};
    return snapshot_begin(job->service->book, false, &owner, ret_snapshot, err);
}

/* What is for those who watch over the book or run it. */
static enum status do_operation(struct job *job, struct gate *gate, json_t **ret_answer, struct err *err)
{
    struct snapshot *snapshot = NULL;
    const bool signs = job->request.kind == REQUEST_CHECKPOINT;
    enum status status = look_now(job, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    bool may = reader_audits(snapshot_reader(snapshot)) || reader_operates(snapshot_reader(snapshot));
    snapshot_free(snapshot);
    if (!may)
        return err_set(err, STATUS_PERMISSION, "%s is for those who have operate or audit.read",
                       request_name(job->request.kind));
    if (signs && !job->service->signs)
        return err_set(err, STATUS_NOT_FOUND, "the server has no book key (countersign serve --book-key)");
    if (job->request.kind == REQUEST_CHECKPOINT_ADD && job->service->terms->count == 0)
        return err_set(err, STATUS_NOT_FOUND,
                       "the server knows no witnesses, whose cosignatures it could take back (countersign serve "
                       "--witness)");
    if (stamps_is(job->request.kind))
        return stamps_answer(job, gate, ret_answer, err);
    job->next = signs ? JOB_SIGNS : job->request.kind == REQUEST_STATUS ? JOB_REPORTS : JOB_RECORDS;
    if (job->next != JOB_REPORTS)
        return STATUS_OK;
    const struct cli *cli = job->service->cli;
    machine_ask(open_book_dir(job->service->book), open_book_map_bytes(job->service->book), &job->machine);
    backlog_ask_inside(job->service->book, cli->now_ms(cli->clock_context), &job->backlog);
    return STATUS_OK;
}

static enum status do_file(struct job *job, struct gate *gate, json_t **ret_answer, struct err *err)
{
    struct snapshot *snapshot = NULL;
    enum status status = look_now(job, &snapshot, err);
    if (status == STATUS_OK)
        status = files_answer(job, gate, snapshot, ret_answer, err);
    snapshot_free(snapshot);
    return status;
}

/* From inside. out *ret_answer: gives; NULL with OK: job->next says who answers, or there is no memory. */
static enum status do_inside(struct job *job, struct gate *gate, json_t **ret_answer, struct err *err)
{
    switch (job->request.kind) {
    case REQUEST_BEGIN:
        return do_begin(job, ret_answer, err);
    case REQUEST_END:
        return do_end(job, ret_answer, err);
    case REQUEST_GET:
        return do_get(job, ret_answer, err);
    case REQUEST_SEEK:
        return do_seek(job, ret_answer, err);
    case REQUEST_COUNT:
        return do_count(job, ret_answer, err);
    case REQUEST_SUBMIT:
        return do_submit(job, gate, err);
    case REQUEST_TRY:
        return do_try(job, err);
    case REQUEST_CHECKPOINT:
    case REQUEST_CHECKPOINT_ADD:
    case REQUEST_TIMESTAMP_PUT:
    case REQUEST_TIMESTAMP_GET:
    case REQUEST_TIMESTAMPS:
    case REQUEST_STATUS:
        return do_operation(job, gate, ret_answer, err);
    case REQUEST_PUT:
    case REQUEST_HAS:
    case REQUEST_FETCH:
    case REQUEST_PERSONAL_PUT:
    case REQUEST_PERSONAL_GET:
    case REQUEST_ERASE:
        return do_file(job, gate, ret_answer, err);
    case REQUEST_WAIT:
        job->next = JOB_WAITS;
        return STATUS_OK;
    case REQUEST_HELLO:
    case REQUEST_PROVE:
    case REQUEST_KINDS:
        break;
    }
    return err_set(err, STATUS_INPUT, "no such request");
}

static enum status do_request(struct job *job, json_t **ret_answer, struct err *err)
{
    struct gate *gate = NULL;
    bool proves = job->request.kind == REQUEST_HELLO || job->request.kind == REQUEST_PROVE;
    if (proves) {
        enum status status =
            job->request.kind == REQUEST_HELLO ? proof_hello(job, ret_answer, err) : proof_prove(job, ret_answer, err);
        job->closes = status != STATUS_OK;
        return status;
    }
    if (!job->guest->proven)
        return err_set(err, STATUS_PERMISSION, "say hello and prove who you are first");
    enum status status = open_book_enter(job->service->book, &gate, err);
    if (status != STATUS_OK)
        return status;
    status = do_inside(job, gate, ret_answer, err);
    open_book_leave(job->service->book);
    return status;
}

static enum status read_line(struct job *job, struct err *err)
{
    enum status status = request_read(slice_of(job->line, job->line_length), &job->request, &job->id, err);
    free(job->line);
    job->line = NULL;
    if (job->id != 0 && job->id <= job->guest->last_id) {
        job->id = 0;
        status = err_set(err, STATUS_INPUT, "the id of a request is larger than those before");
    }
    if (job->id == 0)
        job->closes = true;
    else
        job->guest->last_id = job->id;
    return status;
}

void answer_request(struct job *job)
{
    json_t *answer = NULL;
    enum status status = read_line(job, &job->err);
    if (status == STATUS_OK)
        status = do_request(job, &answer, &job->err);
    job->checked_us = now_us(job);
    job->err.status = status;
    if (status != STATUS_OK) {
        job->next = JOB_ANSWERED;
        job_fail(job);
    } else if (job->next == JOB_ANSWERED) {
        job_answer(job, answer);
    }
}

static json_t *tell_submission(const struct job *job)
{
    char leaf[HASH_HEX_CHARS + 1];
    const struct gate_answer *answer = &job->submission.answer;
    hash_to_hex(&answer->leaf, leaf);
    return json_pack("{s:{s:O, s:s, s:b, s:I, s:I}}", "answer", "decision", answer->decision, "leaf", leaf, "repeated",
                     answer->repeated, "seq", (json_int_t)answer->seq, "time", (json_int_t)answer->time_ms);
}

void answer_written(struct job *job)
{
    if (job->err.status != STATUS_OK)
        job_fail(job);
    else if (job->next == JOB_SUBMITS)
        job_answer(job, tell_submission(job));
    else if (job->next == JOB_TRIES)
        job_answer(job, json_pack("{s:O}", "decision", job->decision));
    else if (job->next == JOB_RECORDS)
        job_answer(job, json_pack("{s:b, s:I}", "known", job->taken.known, "size",
                                  (json_int_t)job->taken.checkpoint.head.size));
    else
        job_answer(job, json_pack("{s:s, s:I}", "note", job->note, "size", (json_int_t)job->note_size));
}

void answer_expire(struct guest *guest, int64_t before_us)
{
    for (size_t i = 0; i < WIRE_SNAPSHOTS_MAX; i++)
        if (guest->snapshots[i] != NULL && snapshot_begun_us(guest->snapshots[i]) < before_us)
            drop_snapshot(guest, i);
}

void answer_leave(struct guest *guest)
{
    answer_expire(guest, INT64_MAX);
    files_drop(guest);
}
