/*
 * Reading a server's tables (PROTOCOL.md 3). Each snapshot keeps what was answered (remote_runs.h) and how its tables were
 * asked for so far, which says how much to ask for at once: 8 records where a walk begins, then four times as many while it
 * goes on. A record that a seek passed over is never taken for one that is missing: its key is asked for by itself, and the
 * server says that it may not be read.
 */
#include "cli/remote_store.h"

#include <stdlib.h>
#include <string.h>

#include "cli/remote_store_parts.h"
#include "cli/wire.h"
#include "ledger/schema.h"

enum {
    WALK_FIRST = 8,  /* records asked for where a walk begins */
    WALK_GROWS = 4,  /* times as many with each further answer */
    GETS_FIRST = 32, /* the same for gets of one key after the other */
    GETS_GROW = 8,
    PRIMED_MAX = 4,
    ASKED_ON_MAX =
        1 << 20 /* times that a server may pass over so much that it has to be asked on: no table is as long */
};

/* The number that this snapshot has for a table. */
static size_t table_of(struct remote_snapshot *snapshot, const char *name)
{
    for (size_t table = 0; table < snapshot->table_count; table++) {
        if (snapshot->tables[table].name == name || strcmp(snapshot->tables[table].name, name) == 0)
            return table;
    }
    invariant(snapshot->table_count < STORE_TABLES_MAX);
    snapshot->tables[snapshot->table_count].name = name;
    return snapshot->table_count++;
}

/* --- walks ------------------------------------------------------------------------------------------------------ */

static bool same(struct slice a, struct slice b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

/* Whether a walk goes on where the last answer of this table ended. */
static bool goes_on(const struct remote_snapshot *snapshot, size_t table, bool down, struct slice bound)
{
    struct runs_newest newest;
    return runs_newest(snapshot->runs, table, &newest) &&
           (down ? same(newest.from, bound) : !newest.to_end && same(newest.to, bound));
}

static size_t grown(size_t want, size_t first, size_t times)
{
    size_t more = want == 0 ? first : want * times;
    return more < first ? first : more > WIRE_RECORDS_MAX ? WIRE_RECORDS_MAX : more;
}

static enum runs_found look(struct remote_snapshot *snapshot, const struct question *question, struct slice bound,
                            struct store_record *ret_record)
{
    return question_is_downward(question->seek)
               ? runs_down(snapshot->runs, question->table, bound, question->seek == STORE_SEEK_LAST, ret_record)
               : runs_up(snapshot->runs, question->table, bound, ret_record);
}

/* What was passed over is kept in mind; where all has to be read it is the end. */
static enum status note_passed(struct remote_store *store, struct err *err)
{
    store->passed++;
    return store->journal || store->whole
               ? err_set(err, STATUS_PERMISSION, "the %s what you may not read: that is for those who have audit.read",
                         store->journal ? "journal holds" : "books hold")
               : STATUS_OK;
}

/* Until it is answered: many records that may not be read take many answers. */
static enum status ask_on(struct remote_snapshot *snapshot, struct question *question, struct err *err)
{
    enum status status = STATUS_OK;
    for (int left = ASKED_ON_MAX; status == STATUS_OK && question->unanswered; left--) {
        status = note_passed(snapshot->store, err);
        if (status == STATUS_OK && left == 0)
            status = err_set(err, STATUS_LIMIT, "the server passes over records without an end");
        if (status == STATUS_OK)
            status = question_ask(snapshot, question, err);
    }
    return status;
}

static enum status answer_walk(struct remote_snapshot *snapshot, const char *name, enum runs_found found,
                               struct err *err)
{
    enum status status = runs_passed(snapshot->runs) ? note_passed(snapshot->store, err) : STATUS_OK;
    if (status != STATUS_OK)
        return question_explain(snapshot, name, status, err);
    return found == RUNS_RECORD ? STATUS_OK : STATUS_NOT_FOUND;
}

static enum status port_seek(void *context, const char *name, enum store_seek seek, struct slice key,
                             struct store_record *ret_record, struct err *err)
{
    struct remote_snapshot *snapshot = context;
    const bool keyed = seek != STORE_SEEK_FIRST && seek != STORE_SEEK_LAST;
    const struct runs_key storage = runs_key(keyed ? key : slice_of("", 0), seek == STORE_SEEK_AFTER);
    const struct slice bound = runs_slice(&storage);
    struct question question = {.table = table_of(snapshot, name), .seek = seek};
    struct table_state *state = &snapshot->tables[question.table];
    if (keyed)
        question.key = key;
    enum runs_found found = look(snapshot, &question, bound, ret_record);
    if (found == RUNS_UNKNOWN) {
        bool on = goes_on(snapshot, question.table, question_is_downward(seek), bound);
        state->want = question.records = grown(on ? state->want : 0, WALK_FIRST, WALK_GROWS);
        state->walks += !on;
        enum status status = question_check_line(snapshot, err);
        if (status == STATUS_OK)
            status = state->walks > 1 && !on ? question_ask_and_first(snapshot, &question, err)
                                             : question_ask(snapshot, &question, err);
        if (status == STATUS_OK)
            status = ask_on(snapshot, &question, err);
        status = question_explain(snapshot, name, status, err);
        if (status != STATUS_OK)
            return status;
        found = look(snapshot, &question, bound, ret_record);
    }
    if (found == RUNS_UNKNOWN)
        return err_set(err, STATUS_CORRUPT, "%s: %s: the server's answer answers something else",
                       remote_name(snapshot->store->remote), name);
    return answer_walk(snapshot, name, found, err);
}

/* --- gets ------------------------------------------------------------------------------------------------------- */

/* 1, -1: key is the number that follows or precedes the last one, as numbers lie in keys; else 0. */
static int steps(const struct runs_key *last, struct slice key)
{
    size_t at = key.length;
    if (last->length != key.length || key.length == 0)
        return 0;
    bool up = true, down = true;
    for (bool carry = true; at > 0 && carry; at--) {
        uint8_t before = last->bytes[at - 1], now = key.bytes[at - 1];
        up = up && now == (uint8_t)(before + 1);
        down = down && now == (uint8_t)(before - 1);
        carry = (up && now == 0) || (down && now == 0xFF);
    }
    if ((!up && !down) || (at > 0 && memcmp(last->bytes, key.bytes, at) != 0))
        return 0;
    return up ? 1 : -1;
}

/* Gets of one number after the other are a walk, whoever asks them one by one. */
static enum status ask_neighbours(struct remote_snapshot *snapshot, size_t table, struct slice key, bool down,
                                  struct err *err)
{
    struct table_state *state = &snapshot->tables[table];
    const struct runs_key after = runs_key(key, true);
    struct question question = {.table = table, .seek = STORE_SEEK_AT_OR_AFTER, .key = key};
    if (down && after.length > STORE_KEY_BYTES_MAX)
        return question_get(snapshot, table, key, err);
    if (down) {
        question.seek = STORE_SEEK_BEFORE;
        question.key = runs_slice(&after);
    }
    state->want = question.records = grown(state->want, GETS_FIRST, GETS_GROW);
    return question_ask(snapshot, &question, err);
}

static enum status ask_for_get(struct remote_snapshot *snapshot, size_t table, struct slice key, int step,
                               struct err *err)
{
    struct table_state *state = &snapshot->tables[table];
    state->misses++;
    if (state->misses > 1 && !state->begun && !snapshot->store->journal)
        return question_get_and_first(snapshot, table, key, err);
    if (step != 0)
        return ask_neighbours(snapshot, table, key, step < 0, err);
    state->want = 0;
    return question_get(snapshot, table, key, err);
}

/* Each entry below the size is there: one that a walk passed over need not be asked for to know that it may not be read. */
static enum status hidden_entry(const struct remote_snapshot *snapshot, size_t table, struct slice key, struct err *err)
{
    uint64_t seq = 0;
    for (size_t i = 0; i < key.length; i++)
        seq = seq << 8 | key.bytes[i];
    if (!snapshot->store->journal || strcmp(snapshot->tables[table].name, "entries") != 0 || key.length != sizeof seq ||
        seq >= snapshot->size || !runs_hide(snapshot->runs, table, key))
        return STATUS_OK;
    return err_set(err, STATUS_PERMISSION, "%s: entries: this one is about what you may not read",
                   remote_name(snapshot->store->remote));
}

static enum status port_get(void *context, const char *name, struct slice key, struct slice *ret_value, struct err *err)
{
    struct remote_snapshot *snapshot = context;
    const size_t table = table_of(snapshot, name);
    struct table_state *state = &snapshot->tables[table];
    const int step = steps(&state->last, key);
    enum runs_found found = runs_at(snapshot->runs, table, key, ret_value);
    enum status status = STATUS_OK;
    state->last = runs_key(key, false);
    if (found == RUNS_UNKNOWN) {
        status = hidden_entry(snapshot, table, key, err);
        if (status == STATUS_OK)
            status = question_check_line(snapshot, err);
        if (status == STATUS_OK)
            status = question_explain_get(snapshot, name, key, ask_for_get(snapshot, table, key, step, err), err);
        if (status != STATUS_OK)
            return status;
        found = runs_at(snapshot->runs, table, key, ret_value);
    }
    if (found == RUNS_UNKNOWN) { /* a seek passed over what may not be read: is this among it? */
        status = hidden_entry(snapshot, table, key, err);
        if (status == STATUS_OK)
            status = question_explain_get(snapshot, name, key, question_get(snapshot, table, key, err), err);
        if (status != STATUS_OK)
            return status;
        found = runs_at(snapshot->runs, table, key, ret_value);
    }
    return found == RUNS_RECORD ? STATUS_OK : STATUS_NOT_FOUND;
}

static enum status port_count(void *context, const char *name, uint64_t *ret_count, struct err *err)
{
    struct remote_snapshot *snapshot = context;
    struct table_state *state = &snapshot->tables[table_of(snapshot, name)];
    json_t *answer = NULL;
    if (state->counted) {
        *ret_count = state->count;
        return STATUS_OK;
    }
    enum status status = question_check_line(snapshot, err);
    if (status == STATUS_OK)
        status = question_explain(snapshot, name,
                                  remote_ask(snapshot->store->remote,
                                             json_pack("{s:s, s:I, s:s}", "do", "count", "snapshot",
                                                       (json_int_t)snapshot->number, "table", name),
                                             &answer, err),
                                  err);
    const json_t *count = json_object_get(answer, "count");
    if (status == STATUS_OK && (!json_is_integer(count) || json_integer_value(count) < 0))
        status = err_set(err, STATUS_CORRUPT, "%s: %s: the server's answer has no count",
                         remote_name(snapshot->store->remote), name);
    if (status == STATUS_OK) {
        state->counted = true;
        *ret_count = state->count = (uint64_t)json_integer_value(count);
    }
    json_decref(answer);
    return status;
}

/* --- snapshots -------------------------------------------------------------------------------------------------- */

static void snapshot_free(struct remote_snapshot *snapshot)
{
    if (snapshot == NULL)
        return;
    runs_free(snapshot->runs);
    free(snapshot);
}

/* Nobody waits for the answer. */
static void snapshot_end(struct remote_snapshot *snapshot)
{
    struct remote *remote = snapshot->store->remote;
    struct err ignored;
    int64_t id = 0;
    if (remote_generation(remote) == snapshot->generation && !remote_is_lost(remote) &&
        remote_send(remote, json_pack("{s:s, s:I}", "do", "end", "snapshot", (json_int_t)snapshot->number), &id,
                    &ignored) == STATUS_OK)
        remote_forget(remote, id);
    snapshot_free(snapshot);
}

void remote_store_refresh(struct remote_store *store)
{
    if (store != NULL && store->parked != NULL)
        snapshot_end(store->parked);
    if (store != NULL)
        store->parked = NULL;
}

void remote_store_whole(struct remote_store *store)
{
    store->whole = true;
}

uint64_t remote_store_passed(const struct remote_store *store)
{
    return store->passed;
}

static void set_count(struct remote_snapshot *snapshot, const char *name)
{
    struct table_state *state = &snapshot->tables[table_of(snapshot, name)];
    state->counted = true;
    state->count = snapshot->size;
}

/*
 * What every command asks first, asked at once. None of it has to come: what is missing is asked for again, and then it
 * says why.
 */
static void prime(struct remote_snapshot *snapshot)
{
    static const struct {
        bool journal;
        const char *table;
        enum store_seek seek;
        size_t records;
    } rows[] = {{true, "meta", STORE_SEEK_FIRST, 16},
                {true, "nodes", STORE_SEEK_LAST, 1},
                {false, "meta", STORE_SEEK_FIRST, 16},
                {false, "~facts", STORE_SEEK_FIRST, 16},
                {false, "policies", STORE_SEEK_LAST, 4}};
    struct question asked[PRIMED_MAX];
    int64_t ids[PRIMED_MAX];
    size_t count = 0;
    struct err ignored;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].journal != snapshot->store->journal)
            continue;
        asked[count] = (struct question){
            .table = table_of(snapshot, rows[i].table), .seek = rows[i].seek, .records = rows[i].records};
        if (question_send(snapshot, &asked[count], &ids[count], &ignored) == STATUS_OK)
            count++;
    }
    for (size_t i = 0; i < count; i++)
        (void)!question_take(snapshot, &asked[i], ids[i], &ignored);
}

static enum status read_begun(struct remote_snapshot *snapshot, const json_t *answer, struct err *err)
{
    const json_t *number = json_object_get(answer, "snapshot"), *size = json_object_get(answer, "size");
    if (!json_is_integer(number) || !json_is_integer(size) || json_integer_value(size) < 0)
        return err_set(err, STATUS_CORRUPT, "%s: the server's answer is no snapshot",
                       remote_name(snapshot->store->remote));
    snapshot->number = json_integer_value(number);
    snapshot->size = (uint64_t)json_integer_value(size);
    if (snapshot->store->journal) {
        set_count(snapshot, "entries");
        set_count(snapshot, "nodes");
    }
    return STATUS_OK;
}

/* A line that was lost in between is made again: nothing was begun on it. */
static enum status ask_begin(struct remote_store *store, json_t **ret_answer, struct err *err)
{
    enum status status = STATUS_OK;
    for (int tries = 0; tries < 2; tries++) {
        if (remote_is_lost(store->remote))
            status = remote_again(store->remote, remote_patience_us(store->remote), err);
        if (status == STATUS_OK)
            status = remote_ask(store->remote, json_pack("{s:s, s:s}", "do", "begin", "store", store->name), ret_answer,
                                err);
        if (status == STATUS_OK || !remote_is_lost(store->remote))
            return status;
    }
    return status;
}

static enum status snapshot_new(struct remote_store *store, struct remote_snapshot **ret_snapshot, struct err *err)
{
    json_t *answer = NULL;
    struct remote_snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (snapshot == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a snapshot");
    snapshot->store = store;
    enum status status = runs_new(STORE_REMOTE_LENT_BYTES, &snapshot->runs, err);
    if (status == STATUS_OK)
        status = ask_begin(store, &answer, err);
    if (status == STATUS_OK)
        status = read_begun(snapshot, answer, err);
    json_decref(answer);
    if (status != STATUS_OK) {
        snapshot_free(snapshot);
        return status;
    }
    snapshot->generation = remote_generation(store->remote);
    prime(snapshot);
    *ret_snapshot = snapshot;
    return STATUS_OK;
}

static bool is_fresh(const struct remote_snapshot *snapshot, int64_t now_us)
{
    struct remote *remote = snapshot->store->remote;
    return remote_generation(remote) == snapshot->generation && !remote_is_lost(remote) &&
           now_us - snapshot->begun_us < REMOTE_STORE_PARKED_MS * 1000;
}

static enum status port_begin(void *context, void **ret_snapshot, struct err *err)
{
    struct remote_store *store = context;
    struct remote_snapshot *snapshot = NULL;
    const int64_t now_us = remote_now_us(store->remote);
    if (store->parked != NULL && is_fresh(store->parked, now_us)) {
        *ret_snapshot = store->parked;
        store->parked = NULL;
        return STATUS_OK;
    }
    remote_store_refresh(store);
    enum status status = snapshot_new(store, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    snapshot->begun_us = now_us;
    *ret_snapshot = snapshot;
    return STATUS_OK;
}

static void port_end(void *context, void *snapshot)
{
    struct remote_store *store = context;
    remote_store_refresh(store);
    store->parked = snapshot;
}

enum status remote_store_new(struct remote *remote, const char *store, struct remote_store **ret_store, struct err *err)
{
    struct remote_store *made = calloc(1, sizeof *made);
    if (made == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a store");
    *made = (struct remote_store){.remote = remote, .name = store, .journal = strcmp(store, "journal") == 0};
    *ret_store = made;
    return STATUS_OK;
}

void remote_store_free(struct remote_store *store)
{
    if (store == NULL)
        return;
    snapshot_free(store->parked);
    free(store);
}

struct store_remote remote_store_port(struct remote_store *store)
{
    return (struct store_remote){.name = remote_name(store->remote),
                                 .context = store,
                                 .begin = port_begin,
                                 .end = port_end,
                                 .get = port_get,
                                 .seek = port_seek,
                                 .count = port_count};
}
