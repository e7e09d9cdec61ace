/*
 * Asking a server for records, and what its answers become: runs, each about the stretch of keys that was asked about. A server
 * that passed over too much for one answer says what it has reached, and is asked on from there.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/remote_store_parts.h"
#include "cli/wire.h"
#include "ledger/schema.h"

enum { SMALL_TABLE = 64 }; /* records: a table of no more is fetched whole when it is asked for the second time */

enum status question_check_line(const struct remote_snapshot *snapshot, struct err *err)
{
    struct remote *remote = snapshot->store->remote;
    if (!remote_is_lost(remote) && remote_generation(remote) == snapshot->generation)
        return STATUS_OK;
    return err_set(err, STATUS_IO, "%s: the connection was lost in the middle of reading: try again",
                   remote_name(remote));
}

enum status question_explain(const struct remote_snapshot *snapshot, const char *table, enum status status,
                             struct err *err)
{
    struct remote *remote = snapshot->store->remote;
    if (status == STATUS_OK || remote_is_lost(remote))
        return status;
    if (status == STATUS_NOT_FOUND)
        status = err_set(err, STATUS_IO, "the server knows no such table");
    err_prefix(err, "%s: %s: ", remote_name(remote), table);
    return status;
}

/* Ids, closed by zero bytes, as "US01 581484"; "" where a key is something else, as with numbers of entries. */
static void key_parts(struct slice key, char ret_parts[static STORE_KEY_BYTES_MAX + 2])
{
    size_t length = key.length;
    ret_parts[0] = '\0';
    while (length > 0 && key.bytes[length - 1] == 0)
        length--;
    for (size_t i = 0; i < length; i++)
        if (key.bytes[i] != 0 && (key.bytes[i] <= ' ' || key.bytes[i] > '~'))
            return;
    for (size_t i = 0; i < length; i++)
        ret_parts[i + 1] = key.bytes[i] == 0 ? ' ' : (char)key.bytes[i];
    if (length > 0)
        ret_parts[0] = ' ';
    ret_parts[length > 0 ? length + 1 : 0] = '\0';
}

enum status question_explain_get(const struct remote_snapshot *snapshot, const char *table, struct slice key,
                                 enum status status, struct err *err)
{
    char parts[STORE_KEY_BYTES_MAX + 2], what[STORE_KEY_BYTES_MAX + 64];
    if (status != STATUS_PERMISSION)
        return question_explain(snapshot, table, status, err);
    key_parts(key, parts);
    snprintf(what, sizeof what, "%.60s%s", table, parts);
    return question_explain(snapshot, what, status, err);
}

static const char *seek_name(enum store_seek seek)
{
    switch (seek) {
    case STORE_SEEK_FIRST:
        return "first";
    case STORE_SEEK_LAST:
        return "last";
    case STORE_SEEK_AT_OR_AFTER:
        return "at-or-after";
    case STORE_SEEK_AFTER:
        return "after";
    case STORE_SEEK_BEFORE:
        return "before";
    }
    return "first";
}

bool question_is_downward(enum store_seek seek)
{
    return seek == STORE_SEEK_LAST || seek == STORE_SEEK_BEFORE;
}

enum status question_send(struct remote_snapshot *snapshot, const struct question *question, int64_t *ret_id,
                          struct err *err)
{
    bool keyed = question->unanswered || (question->seek != STORE_SEEK_FIRST && question->seek != STORE_SEEK_LAST);
    struct slice key = question->unanswered ? runs_slice(&question->reached) : question->key;
    enum store_seek seek = !question->unanswered                  ? question->seek
                           : question_is_downward(question->seek) ? STORE_SEEK_BEFORE
                                                                  : STORE_SEEK_AFTER;
    json_t *request = json_pack("{s:s, s:s, s:I, s:I, s:s}", "do", "seek", "at", seek_name(seek), "records",
                                (json_int_t)question->records, "snapshot", (json_int_t)snapshot->number, "table",
                                snapshot->tables[question->table].name);
    if (request != NULL && keyed && json_object_set_new(request, "key", wire_bytes(key)) != 0) {
        json_decref(request);
        request = NULL;
    }
    return remote_send(snapshot->store->remote, request, ret_id, err);
}

static enum status send_get(struct remote_snapshot *snapshot, size_t table, struct slice key, int64_t *ret_id,
                            struct err *err)
{
    return remote_send(snapshot->store->remote,
                       json_pack("{s:s, s:o, s:I, s:s}", "do", "get", "key", wire_bytes(key), "snapshot",
                                 (json_int_t)snapshot->number, "table", snapshot->tables[table].name),
                       ret_id, err);
}

/* Each answer gets further, so that no server has us ask for ever from one place. */
static bool gets_further(const struct question *question, struct slice reached)
{
    bool first = !question->unanswered && question->seek == STORE_SEEK_FIRST;
    bool last = !question->unanswered && question->seek == STORE_SEEK_LAST;
    struct slice before = question->unanswered ? runs_slice(&question->reached) : question->key;
    int order = first || last ? 0 : runs_compare(reached, before);
    return first || last || (question_is_downward(question->seek) ? order < 0 : order > 0) ||
           (order == 0 && !question->unanswered && question->seek == STORE_SEEK_AT_OR_AFTER);
}

static enum status take_reached(struct question *question, const json_t *answer, struct err *err)
{
    uint8_t *key = NULL;
    size_t length = 0;
    enum status status = wire_bytes_read(json_object_get(answer, "reached"), STORE_KEY_BYTES_MAX, &key, &length, err);
    if (status == STATUS_OK &&
        (length == 0 || json_array_size(json_object_get(answer, "records")) > 0 ||
         !json_is_true(json_object_get(answer, "more")) || !json_is_true(json_object_get(answer, "passed")) ||
         !gets_further(question, slice_of(key, length))))
        status = err_set(err, STATUS_CORRUPT, "the server's answer goes no further");
    if (status == STATUS_OK) {
        question->reached = runs_key(slice_of(key, length), false);
        question->unanswered = true;
    }
    free(key);
    return status;
}

/* after   question->unanswered: the server has to be asked on, or the question given up. */
enum status question_take(struct remote_snapshot *snapshot, struct question *question, int64_t id, struct err *err)
{
    const bool down = question_is_downward(question->seek);
    const struct runs_key from = runs_key(down ? slice_of("", 0) : question->key, question->seek == STORE_SEEK_AFTER);
    json_t *answer = NULL;
    enum status status = remote_take(snapshot->store->remote, id, &answer, err);
    if (status == STATUS_OK && json_object_get(answer, "reached") != NULL) {
        status = take_reached(question, answer, err);
        json_decref(answer);
        return status;
    }
    if (status != STATUS_OK)
        return status;
    const json_t *passed = json_object_get(answer, "passed"), *more = json_object_get(answer, "more");
    const struct runs_answer run = {
        .stretch = {.table = question->table,
                    .from = question->seek == STORE_SEEK_FIRST ? slice_of("", 0) : runs_slice(&from),
                    .to = question->key,
                    .to_end = question->seek != STORE_SEEK_BEFORE,
                    .passed = json_is_true(passed) || question->unanswered},
        .records = json_object_get(answer, "records"),
        .downward = down,
        .more = json_is_true(more)};
    if (!json_is_boolean(more) || !json_is_boolean(passed))
        status = err_set(err, STATUS_CORRUPT, "the server's answer does not say whether there is more, or less");
    if (status == STATUS_OK)
        status = runs_add(snapshot->runs, &run, err);
    question->unanswered = false;
    json_decref(answer);
    return status;
}

static enum status take_get(struct remote_snapshot *snapshot, size_t table, struct slice key, int64_t id,
                            struct err *err)
{
    json_t *answer = NULL;
    enum status status = remote_take(snapshot->store->remote, id, &answer, err);
    if (status != STATUS_OK)
        return status;
    const json_t *value = json_object_get(answer, "value");
    if (json_is_null(value) || json_is_string(value))
        status = runs_add_one(snapshot->runs, table, key, json_is_null(value) ? NULL : value, err);
    else
        status = err_set(err, STATUS_CORRUPT, "the server's answer has no value");
    json_decref(answer);
    return status;
}

enum status question_ask(struct remote_snapshot *snapshot, struct question *question, struct err *err)
{
    int64_t id = 0;
    enum status status = question_send(snapshot, question, &id, err);
    return status == STATUS_OK ? question_take(snapshot, question, id, err) : status;
}

enum status question_get(struct remote_snapshot *snapshot, size_t table, struct slice key, struct err *err)
{
    int64_t id = 0;
    enum status status = send_get(snapshot, table, key, &id, err);
    return status == STATUS_OK ? take_get(snapshot, table, key, id, err) : status;
}

/*
 * The beginning of a table besides what was asked for, in the same round trip: if the table is small, that was the last
 * question about it. Whether it comes is nobody's trouble. Of the journal, no table is small.
 */
static void send_first(struct remote_snapshot *snapshot, struct question *ret_first, int64_t *ret_id)
{
    struct table_state *state = &snapshot->tables[ret_first->table];
    struct err ignored;
    *ret_id = 0;
    ret_first->seek = STORE_SEEK_FIRST;
    ret_first->records = SMALL_TABLE;
    if (state->begun || snapshot->store->journal)
        return;
    state->begun = true;
    if (question_send(snapshot, ret_first, ret_id, &ignored) != STATUS_OK)
        *ret_id = 0;
}

static void take_first(struct remote_snapshot *snapshot, struct question *first, int64_t id)
{
    struct err ignored;
    if (id != 0)
        (void)!question_take(snapshot, first, id, &ignored);
}

enum status question_get_and_first(struct remote_snapshot *snapshot, size_t table, struct slice key, struct err *err)
{
    struct question first = {.table = table};
    int64_t get = 0, seek = 0;
    enum status status = send_get(snapshot, table, key, &get, err);
    if (status != STATUS_OK)
        return status;
    send_first(snapshot, &first, &seek);
    status = take_get(snapshot, table, key, get, err);
    take_first(snapshot, &first, seek);
    return status;
}

enum status question_ask_and_first(struct remote_snapshot *snapshot, struct question *question, struct err *err)
{
    struct question first = {.table = question->table};
    int64_t asked = 0, seek = 0;
    enum status status = question_send(snapshot, question, &asked, err);
    if (status != STATUS_OK)
        return status;
    send_first(snapshot, &first, &seek);
    status = question_take(snapshot, question, asked, err);
    take_first(snapshot, &first, seek);
    return status;
}
