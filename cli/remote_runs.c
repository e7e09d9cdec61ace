/*
 * Runs of records, decoded once into one block each, found by binary search. The list is in order of use, so a walk finds
 * its run at the first look.
 */
#include "cli/remote_runs.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base64.h"

struct run {
    struct run *newer, *older;
    size_t table;
    struct runs_key from, to;
    bool to_end, passed;
    struct store_record *records; /* upwards */
    size_t count, asked;
    size_t bytes; /* of all that is allocated for it */
    uint8_t *block;
};

enum { RUNS_MAX = 4096 }; /* so that looking through all of them costs less than asking */

struct runs {
    struct run *newest, *oldest;
    size_t count, bytes, bytes_max;
};

int runs_compare(struct slice a, struct slice b)
{
    size_t shorter = a.length < b.length ? a.length : b.length;
    int order = shorter == 0 ? 0 : memcmp(a.bytes, b.bytes, shorter);
    return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

struct runs_key runs_key(struct slice key, bool after)
{
    struct runs_key made = {.length = key.length + after};
    invariant(key.length <= STORE_KEY_BYTES_MAX);
    if (key.length > 0)
        memcpy(made.bytes, key.bytes, key.length);
    return made;
}

struct slice runs_slice(const struct runs_key *key)
{
    return slice_of(key->bytes, key->length);
}

enum status runs_new(size_t bytes_max, struct runs **ret_runs, struct err *err)
{
    struct runs *runs = calloc(1, sizeof *runs);
    if (runs == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for records");
    runs->bytes_max = bytes_max;
    *ret_runs = runs;
    return STATUS_OK;
}

static void run_free(struct run *run)
{
    if (run == NULL)
        return;
    free(run->records);
    free(run->block);
    free(run);
}

static void take_out(struct runs *runs, struct run *run)
{
    if (run->newer != NULL)
        run->newer->older = run->older;
    else
        runs->newest = run->older;
    if (run->older != NULL)
        run->older->newer = run->newer;
    else
        runs->oldest = run->newer;
    run->newer = run->older = NULL;
}

static void put_first(struct runs *runs, struct run *run)
{
    run->older = runs->newest;
    if (runs->newest != NULL)
        runs->newest->newer = run;
    else
        runs->oldest = run;
    runs->newest = run;
}

static void look_at(struct runs *runs, struct run *run)
{
    if (runs->newest == run)
        return;
    take_out(runs, run);
    put_first(runs, run);
}

static void keep(struct runs *runs, struct run *run)
{
    put_first(runs, run);
    runs->bytes += run->bytes;
    runs->count++;
    while ((runs->bytes > runs->bytes_max || runs->count > RUNS_MAX) && runs->oldest != run) {
        struct run *oldest = runs->oldest;
        take_out(runs, oldest);
        runs->bytes -= oldest->bytes;
        runs->count--;
        run_free(oldest);
    }
}

void runs_free(struct runs *runs)
{
    if (runs == NULL)
        return;
    while (runs->newest != NULL) {
        struct run *run = runs->newest;
        take_out(runs, run);
        run_free(run);
    }
    free(runs);
}

size_t runs_bytes(const struct runs *runs)
{
    return runs->bytes;
}

static enum status no_form(struct err *err, const char *what)
{
    return err_set(err, STATUS_CORRUPT, "the server's answer has %s", what);
}

static enum status run_new(size_t count, size_t block_bytes, struct run **ret_run, struct err *err)
{
    struct run *run = calloc(1, sizeof *run);
    if (run != NULL) {
        run->records = calloc(count + 1, sizeof *run->records);
        run->block = malloc(block_bytes + 1);
        run->bytes = sizeof *run + (count + 1) * sizeof *run->records + block_bytes;
    }
    if (run == NULL || run->records == NULL || run->block == NULL) {
        run_free(run);
        return err_set(err, STATUS_MEMORY, "no memory for records");
    }
    *ret_run = run;
    return STATUS_OK;
}

/* Room for what the texts hold, or 0 where one is none. */
static size_t decoded_bytes(const json_t *records)
{
    const json_t *pair;
    size_t index, bytes = 0;
    json_array_foreach(records, index, pair)
    {
        const json_t *key = json_array_get(pair, 0), *value = json_array_get(pair, 1);
        if (json_array_size(pair) != 2 || !json_is_string(key) || !json_is_string(value))
            return 0;
        bytes += json_string_length(key) / 4 * 3 + json_string_length(value) / 4 * 3 + 6;
    }
    return bytes + 1;
}

/* One text decoded at *at of the block. */
static enum status decode(const json_t *text, size_t bytes_max, struct run *run, size_t *at, struct slice *ret_slice,
                          struct err *err)
{
    size_t length = 0;
    enum status status =
        base64_decode(json_string_value(text), json_string_length(text), run->block + *at, bytes_max, &length, err);
    if (status != STATUS_OK)
        return no_form(err, "a record that is not base64, or too long");
    *ret_slice = slice_of(run->block + *at, length);
    *at += length;
    return STATUS_OK;
}

static enum status fill(struct run *run, const struct runs_answer *answer, size_t block_bytes, struct err *err)
{
    const json_t *pair;
    size_t index, at = 0;
    enum status status = STATUS_OK;
    run->count = json_array_size(answer->records);
    json_array_foreach(answer->records, index, pair)
    {
        struct store_record *record = &run->records[answer->downward ? run->count - 1 - index : index];
        size_t left = block_bytes - at;
        status = decode(json_array_get(pair, 0), left < STORE_KEY_BYTES_MAX ? left : STORE_KEY_BYTES_MAX, run, &at,
                        &record->key, err);
        left = block_bytes - at;
        if (status == STATUS_OK)
            status = decode(json_array_get(pair, 1), left < STORE_VALUE_BYTES_MAX ? left : STORE_VALUE_BYTES_MAX, run,
                            &at, &record->value, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* Each key once, upwards, within the stretch. */
static enum status check_order(const struct run *run, const struct runs_stretch *stretch, struct err *err)
{
    for (size_t i = 0; i < run->count; i++) {
        struct slice key = run->records[i].key;
        if (key.length == 0 || (i > 0 && runs_compare(run->records[i - 1].key, key) >= 0))
            return no_form(err, "records out of order");
        if (runs_compare(key, stretch->from) < 0 || (!stretch->to_end && runs_compare(key, stretch->to) >= 0))
            return no_form(err, "records that were not asked for");
    }
    return STATUS_OK;
}

/* A bound may be a byte longer than a key. */
static struct runs_key bound_of(struct slice slice)
{
    struct runs_key bound = {.length = slice.length};
    invariant(slice.length <= RUNS_KEY_BYTES_MAX);
    if (slice.length > 0)
        memcpy(bound.bytes, slice.bytes, slice.length);
    return bound;
}

/* What the answer tells everything about. */
static void bound(struct run *run, const struct runs_answer *answer)
{
    const struct runs_stretch *stretch = &answer->stretch;
    run->table = stretch->table;
    run->passed = stretch->passed;
    run->to_end = stretch->to_end;
    run->from = bound_of(stretch->from);
    if (!stretch->to_end)
        run->to = bound_of(stretch->to);
    if (!answer->more)
        return;
    if (answer->downward) {
        run->from = runs_key(run->records[0].key, false);
    } else {
        run->to = runs_key(run->records[run->count - 1].key, true);
        run->to_end = false;
    }
}

enum status runs_add(struct runs *runs, const struct runs_answer *answer, struct err *err)
{
    struct run *run = NULL;
    size_t count = json_array_size(answer->records), bytes = decoded_bytes(answer->records);
    if (!json_is_array(answer->records) || bytes == 0)
        return no_form(err, "no records of their form");
    if (answer->more && count == 0)
        return no_form(err, "more records and none of them");
    enum status status = run_new(count, bytes, &run, err);
    if (status == STATUS_OK)
        status = fill(run, answer, bytes, err);
    if (status == STATUS_OK)
        status = check_order(run, &answer->stretch, err);
    if (status != STATUS_OK) {
        run_free(run);
        return status;
    }
    bound(run, answer);
    keep(runs, run);
    return STATUS_OK;
}

enum status runs_add_one(struct runs *runs, size_t table, struct slice key, const json_t *value, struct err *err)
{
    const struct runs_key from = runs_key(key, false), to = runs_key(key, true);
    const struct runs_answer answer = {.stretch = {.table = table, .from = runs_slice(&from), .to = runs_slice(&to)}};
    struct run *run = NULL;
    size_t bytes = key.length + (value != NULL ? json_string_length(value) / 4 * 3 + 3 : 0), at = key.length;
    enum status status = run_new(1, bytes, &run, err);
    if (status != STATUS_OK)
        return status;
    memcpy(run->block, key.bytes, key.length);
    bound(run, &answer);
    if (value != NULL) {
        size_t left = bytes - at;
        run->records[0].key = slice_of(run->block, key.length);
        status = decode(value, left < STORE_VALUE_BYTES_MAX ? left : STORE_VALUE_BYTES_MAX, run, &at,
                        &run->records[0].value, err);
        run->count = 1;
    }
    if (status == STATUS_OK)
        keep(runs, run);
    else
        run_free(run);
    return status;
}

/* Index of the first record not below key; count when all are. */
static size_t lower(const struct run *run, struct slice key)
{
    size_t low = 0, high = run->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (runs_compare(run->records[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static enum runs_found found(struct runs *runs, struct run *run, size_t index, struct store_record *ret_record)
{
    run->asked++;
    look_at(runs, run);
    *ret_record = run->records[index];
    return RUNS_RECORD;
}

static enum runs_found none(struct runs *runs, struct run *run)
{
    look_at(runs, run);
    return RUNS_NONE;
}

/* Whether a run's stretch holds a key, or begins or ends at it. */
static bool reaches(const struct run *run, size_t table, struct slice key, bool end_too)
{
    if (run->table != table || runs_compare(runs_slice(&run->from), key) > 0)
        return false;
    int order = run->to_end ? 1 : runs_compare(runs_slice(&run->to), key);
    return order > 0 || (end_too && order == 0);
}

enum runs_found runs_up(struct runs *runs, size_t table, struct slice from, struct store_record *ret_record)
{
    for (struct run *run = runs->newest; run != NULL; run = run->older) {
        if (!reaches(run, table, from, false))
            continue;
        size_t index = lower(run, from);
        if (index < run->count)
            return found(runs, run, index, ret_record);
        if (run->to_end)
            return none(runs, run);
    }
    return RUNS_UNKNOWN;
}

enum runs_found runs_down(struct runs *runs, size_t table, struct slice before, bool before_end,
                          struct store_record *ret_record)
{
    for (struct run *run = runs->newest; run != NULL; run = run->older) {
        bool here = before_end ? run->table == table && run->to_end : reaches(run, table, before, true);
        size_t index = !here ? 0 : before_end ? run->count : lower(run, before);
        if (index > 0)
            return found(runs, run, index - 1, ret_record);
        if (here && run->from.length == 0)
            return none(runs, run);
    }
    return RUNS_UNKNOWN;
}

enum runs_found runs_at(struct runs *runs, size_t table, struct slice key, struct slice *ret_value)
{
    struct store_record record;
    for (struct run *run = runs->newest; run != NULL; run = run->older) {
        if (!reaches(run, table, key, false))
            continue;
        size_t index = lower(run, key);
        if (index < run->count && runs_compare(run->records[index].key, key) == 0) {
            (void)found(runs, run, index, &record);
            *ret_value = record.value;
            return RUNS_RECORD;
        }
        if (!run->passed)
            return none(runs, run);
    }
    return RUNS_UNKNOWN;
}

bool runs_hide(const struct runs *runs, size_t table, struct slice key)
{
    for (const struct run *run = runs->newest; run != NULL; run = run->older) {
        if (run->passed && reaches(run, table, key, false))
            return true;
    }
    return false;
}

bool runs_passed(const struct runs *runs)
{
    return runs->newest != NULL && runs->newest->passed;
}

bool runs_newest(const struct runs *runs, size_t table, struct runs_newest *ret_newest)
{
    for (const struct run *run = runs->newest; run != NULL; run = run->older) {
        if (run->table != table)
            continue;
        *ret_newest = (struct runs_newest){.from = runs_slice(&run->from),
                                           .to = runs_slice(&run->to),
                                           .to_end = run->to_end,
                                           .used = run->asked > 1,
                                           .count = run->count};
        return true;
    }
    return false;
}
