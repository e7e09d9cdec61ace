/*
 * Attacks frame_cut and request_read: any bytes that a stranger sends to the server are cut into lines the same however they
 * arrive, each line read as a request that keeps its bounds, or refused under an id that it had.
 */
#include "cli/server/frame.h"
#include "cli/server/request.h"
#include "cli/wire.h"
#include "ledger/beside.h"
#include "ledger/journal.h"
#include "ledger/timestamps.h"
#include "tests/fuzz/fuzz.h"

enum { PROPERTY_LINE_MAX = 4096, PROPERTY_LINES_MAX = 4096 };

static void check_request(const struct request *request)
{
    const char *name = request_name(request->kind);
    must(request->id > 0 && request->id < INT64_C(1) << 53);
    must(strcmp(json_string_value(json_object_get(request->json, "do")), name) == 0);
    must(request->records >= 0 && request->records <= WIRE_RECORDS_MAX && request->ms >= 0 &&
         request->ms <= WIRE_WAIT_MS_MAX && request->size >= 0 && request->offset >= 0);
    must(request->length <= STATEMENT_POLICY_BYTES_MAX);
    must(request->signatures == NULL ||
         (request->signatures->count > 0 && request->signatures->count <= SIGNATURES_MAX));
    must((request->kind == REQUEST_SUBMIT) == (request->signatures != NULL));
    must(request->kind != REQUEST_HELLO || (request->user != NULL && json_array_size(request->keys) > 0));
    must((request->kind == REQUEST_CHECKPOINT_ADD) == (request->note.bytes != NULL));
    must(request->note.length <= JOURNAL_NOTE_BYTES_MAX);
    must(request->kind != REQUEST_TIMESTAMP_PUT ||
         (request->length > 0 && request->length <= TIMESTAMP_REPLY_BYTES_MAX));
    must((request->kind == REQUEST_TIMESTAMP_GET || request->kind == REQUEST_TIMESTAMPS) == (request->name != NULL));
    must(request->name == NULL || (strchr(request->name, '/') == NULL && strchr(request->name, '\n') == NULL &&
                                   strlen(request->name) < TIMESTAMP_NAME_BYTES));
    must(request->kind != REQUEST_PERSONAL_PUT || request->length <= PERSONAL_BYTES_MAX);
}

static void check_line(struct slice line)
{
    struct request request = {.json = NULL};
    int64_t id = -1;
    struct err err = {.status = STATUS_OK};
    enum status status = request_read(line, &request, &id, &err);
    must(id >= 0);
    if (status == STATUS_OK) {
        must(id == request.id);
        check_request(&request);
        request_done(&request);
    } else {
        must(err.status == status && err.text[0] != '\0' && request.json == NULL);
    }
}

/* Cuts data that arrives in pieces of that size; tells where the lines end. Stops at one that is too long. */
static size_t cut(const uint8_t *data, size_t size, size_t piece, size_t ret_ends[static PROPERTY_LINES_MAX],
                  bool reads)
{
    struct frame frame = {.bytes = NULL};
    size_t count = 0, place = 0;
    enum status status = STATUS_OK;
    for (size_t at = 0; at < size && status != STATUS_LIMIT; at += piece) {
        size_t length = size - at < piece ? size - at : piece;
        must(frame_add(&frame, slice_of(data + at, length), NULL) == STATUS_OK);
        for (;;) {
            char *line = NULL;
            size_t line_length = 0;
            status = frame_cut(&frame, PROPERTY_LINE_MAX, &line, &line_length, NULL);
            if (status != STATUS_OK)
                break;
            must(line_length < PROPERTY_LINE_MAX && memcmp(line, data + place, line_length) == 0 &&
                 data[place + line_length] == '\n' && memchr(line, '\n', line_length) == NULL);
            place += line_length + 1;
            must(count < PROPERTY_LINES_MAX);
            ret_ends[count++] = place;
            if (reads)
                check_line(slice_of(line, line_length));
            free(line);
        }
        must(frame_bytes(&frame) < PROPERTY_LINE_MAX + piece);
    }
    frame_done(&frame);
    return count;
}

static void request_property(const uint8_t *data, size_t size)
{
    static size_t whole[PROPERTY_LINES_MAX], pieces[PROPERTY_LINES_MAX];
    if (size > PROPERTY_LINES_MAX)
        return;
    check_line(slice_of(data, size));
    size_t count = cut(data, size, size > 0 ? size : 1, whole, true);
    for (size_t piece = 1; piece < 8; piece += 3) {
        size_t others = cut(data, size, piece, pieces, false);
        must(others == count && memcmp(whole, pieces, count * sizeof whole[0]) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    request_property(data, size);
    return 0;
}
