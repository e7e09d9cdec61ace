/*
 * Attacks the client's reader of answers: any bytes that a server may send are cut into lines, each parsed as a message and, where
 * it is one, read as an error and as the records of a seek. What is taken for records is in order, within its stretch, and found
 * again by every kind of question.
 */
#include "cli/remote_runs.h"
#include "cli/wire.h"
#include "tests/fuzz/fuzz.h"

static int order(struct slice a, struct slice b)
{
    size_t shorter = a.length < b.length ? a.length : b.length;
    int bytes = shorter == 0 ? 0 : memcmp(a.bytes, b.bytes, shorter);
    return bytes != 0 ? bytes : (a.length > b.length) - (a.length < b.length);
}

/* Walks up and down what was taken. */
static void walk(struct runs *runs, const struct runs_answer *answer)
{
    struct store_record record, again;
    struct slice value;
    size_t count = 0;
    struct runs_key at = runs_key(slice_of("", 0), false);
    if (answer->downward || answer->stretch.from.length > 0)
        return;
    while (runs_up(runs, 0, runs_slice(&at), &record) == RUNS_RECORD) {
        must(count++ < json_array_size(answer->records));
        must(order(runs_slice(&at), record.key) <= 0);
        must(runs_at(runs, 0, record.key, &value) == RUNS_RECORD && value.length == record.value.length);
        const struct runs_key after = runs_key(record.key, true);
        must(runs_down(runs, 0, runs_slice(&after), false, &again) == RUNS_RECORD &&
             again.key.bytes == record.key.bytes);
        at = after;
    }
    must(count == json_array_size(answer->records));
}

static void read_records(const json_t *message, bool downward)
{
    struct runs *runs = NULL;
    const struct runs_answer answer = {.stretch = {.to_end = true},
                                       .records = json_object_get(message, "records"),
                                       .downward = downward,
                                       .more = json_is_true(json_object_get(message, "more"))};
    if (answer.records == NULL || runs_new(1 << 20, &runs, NULL) != STATUS_OK)
        return;
    if (runs_add(runs, &answer, NULL) == STATUS_OK)
        walk(runs, &answer);
    runs_free(runs);
}

static void read_line(struct slice line)
{
    json_t *message = NULL;
    struct err err;
    if (wire_parse(line, &message, &err) != STATUS_OK)
        return;
    (void)!wire_error_read(message, &err);
    read_records(message, false);
    read_records(message, true);
    json_decref(message);
}

static void answer_property(const uint8_t *data, size_t size)
{
    while (size > 0) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t length = end != NULL ? (size_t)(end - data) : size;
        read_line(slice_of(data, length));
        size -= end != NULL ? length + 1 : length;
        data += end != NULL ? length + 1 : length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    answer_property(data, size);
    return 0;
}
