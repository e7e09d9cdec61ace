/*
 * Attacks backup_read and the readers of its lines. The first byte says how the rest is taken: as a backup, however it arrives; as one
 * whose last line is made to fit the lines before it, as a forger makes it; or line by line. Whoever is believed wrote what would be
 * written again, byte for byte: nothing is left out of what was read, and nothing is taken that was not handed over.
 */
#include "audit/backup/parts.h"
#include "ledger/base64.h"
#include "ledger/canon.h"
#include "ledger/entry.h"
#include "tests/fuzz/fuzz.h"

enum { FILE_BYTES_MAX = 1 << 18 };

/* A file in memory that arrives in pieces, and what was read of it. */
struct arrival {
    const uint8_t *bytes;
    size_t size, at, piece;
    uint8_t *written; /* again, of what the steps were handed */
    size_t written_size;
    uint64_t entries, checkpoints;
    struct hash head;
};

struct answer {
    enum status status;
    struct err err;
    struct backup_reading reading;
};

static enum status arrive(void *context, void *bytes, size_t room, size_t *ret_got, struct err *err)
{
    struct arrival *arrival = context;
    size_t left = arrival->size - arrival->at, take = left < arrival->piece ? left : arrival->piece;
    (void)err;
    must(room > 0);
    take = take < room ? take : room;
    if (take > 0)
        memcpy(bytes, arrival->bytes + arrival->at, take);
    arrival->at += take;
    *ret_got = take;
    return STATUS_OK;
}

static void write_again(struct arrival *arrival, const void *bytes, size_t length)
{
    arrival->written = realloc(arrival->written, arrival->written_size + length + 1);
    must(arrival->written != NULL);
    memcpy(arrival->written + arrival->written_size, bytes, length);
    arrival->written[arrival->written_size + length] = '\n';
    arrival->written_size += length + 1;
}

static void write_json(struct arrival *arrival, json_t *json)
{
    char *text = NULL;
    size_t length = 0;
    must(json != NULL && canon_encode(json, &text, &length, NULL) == STATUS_OK);
    write_again(arrival, text, length);
    free(text);
    json_decref(json);
}

static json_t *checkpoint_line(uint64_t number, struct slice note)
{
    char *text = NULL;
    must(base64_encode_new(note.bytes, note.length, &text, NULL) == STATUS_OK);
    json_t *line = json_pack("{s:s, s:I}", "checkpoint", text, "number", (json_int_t)number);
    free(text);
    return line;
}

static enum status entry_step(void *context, const struct entry *entry, struct slice bytes, struct err *err)
{
    struct arrival *arrival = context;
    (void)err;
    must(entry->seq == arrival->entries && hash_equal(&entry->prev, &arrival->head));
    arrival->head = entry->leaf;
    arrival->entries++;
    write_again(arrival, bytes.bytes, bytes.length);
    return STATUS_OK;
}

static enum status checkpoint_step(void *context, uint64_t number, struct slice note, struct err *err)
{
    struct arrival *arrival = context;
    (void)err;
    must(number == arrival->checkpoints);
    arrival->checkpoints++;
    write_json(arrival, checkpoint_line(number, note));
    return STATUS_OK;
}

/* Reads all of it, `piece` bytes at a time. */
static struct answer read_in_pieces(const uint8_t *bytes, size_t size, size_t piece, struct arrival *ret_arrival)
{
    *ret_arrival = (struct arrival){.bytes = bytes, .size = size, .piece = piece};
    const struct backup_source source = {.read = arrive, .context = ret_arrival};
    const struct backup_steps steps = {.entry = entry_step, .checkpoint = checkpoint_step, .context = ret_arrival};
    struct answer answer = {.reading = {.name = "some.backup", .source = &source, .steps = &steps}};
    answer.status = backup_read(&answer.reading, &answer.err);
    answer.reading.source = NULL;
    answer.reading.steps = NULL;
    return answer;
}

/* The first line that the book has, then the steps' lines, then the last one. */
static void check_is_written_again(const uint8_t *data, size_t size, const struct answer *answer,
                                   struct arrival *arrival)
{
    struct arrival whole = {.bytes = NULL};
    const struct backup_place *end = &answer->reading.place, none = {.size = 0};
    struct backup_trailer trailer = {.place = *end, .has_lost = answer->reading.has_lost, .lost = answer->reading.lost};
    must(end->size == arrival->entries && end->checkpoints == arrival->checkpoints && end->size > 0);
    must(hash_equal(&end->head, &arrival->head));
    write_json(&whole, backup_header_make(answer->reading.book, &none));
    if (arrival->written_size > 0)
        write_again(&whole, arrival->written, arrival->written_size - 1);
    hash_of(whole.written, whole.written_size, &trailer.sha256);
    write_json(&whole, backup_trailer_make(&trailer));
    must(whole.written_size == size && memcmp(whole.written, data, size) == 0);
    free(whole.written);
}

static bool read_backup(const uint8_t *data, size_t size)
{
    struct arrival arrival, slow;
    const struct answer answer = read_in_pieces(data, size, size + 1, &arrival);
    const struct answer again = read_in_pieces(data, size, 1 + size % 777, &slow);
    must(answer.status == again.status && strcmp(answer.err.text, again.err.text) == 0);
    must(arrival.written_size == slow.written_size);
    if (answer.status == STATUS_OK) {
        check_is_written_again(data, size, &answer, &arrival);
    } else {
        must(answer.status == STATUS_CORRUPT || answer.status == STATUS_INPUT || answer.status == STATUS_LIMIT);
        must(strncmp(answer.err.text, "some.backup: line ", 18) == 0 && answer.err.status == answer.status);
        must(answer.reading.place.size == 0); /* as it was */
    }
    free(arrival.written);
    free(slow.written);
    return answer.status == STATUS_OK;
}

/* The backup again whose last line says what the lines before it come to; what they are wrong in is then theirs alone. */
static void read_forged(const uint8_t *data, size_t size)
{
    struct arrival arrival, forged = {.bytes = NULL};
    struct backup_trailer trailer = {.has_lost = false};
    const uint8_t *last = size > 1 ? memrchr(data, '\n', size - 1) : NULL;
    if (last == NULL || data[size - 1] != '\n')
        return;
    const size_t before = (size_t)(last - data) + 1;
    if (backup_trailer_read(slice_of(last + 1, size - before - 1), &trailer, NULL) != STATUS_OK)
        return;
    struct answer answer = read_in_pieces(data, before, before, &arrival);
    must(answer.status != STATUS_OK); /* without its last line it is none */
    struct tree_frontier frontier;
    tree_frontier_init(&frontier);
    for (const uint8_t *at = data, *end; at < data + before && (end = memchr(at, '\n', before)) != NULL; at = end + 1) {
        struct entry entry;
        if (entry_read(slice_of(at, (size_t)(end - at)), &entry, NULL) != STATUS_OK)
            continue;
        must(tree_frontier_add(&frontier, &entry.leaf, NULL, NULL) == STATUS_OK);
        entry_done(&entry);
    }
    tree_frontier_root(&frontier, &trailer.place.root);
    trailer.place.head = arrival.head;
    trailer.place.size = arrival.entries > 0 ? arrival.entries : 1;
    trailer.place.checkpoints = arrival.checkpoints;
    hash_of(data, before, &trailer.sha256);
    write_again(&forged, data, before - 1);
    write_json(&forged, backup_trailer_make(&trailer));
    (void)read_backup(forged.written, forged.written_size);
    free(forged.written);
    free(arrival.written);
}

/* What one of the readers takes is what is written of its parts. */
static void read_line(struct slice line)
{
    char book[HASH_HEX_CHARS + 1], *note = NULL;
    struct backup_place after;
    struct backup_trailer trailer;
    struct arrival again = {.bytes = NULL};
    struct err err = {.text = ""};
    uint64_t number = 0;
    size_t length = 0;
    if (backup_header_read(line, book, &after, &err) == STATUS_OK) {
        must(backup_line_sort(line) == BACKUP_LINE_OTHER);
        write_json(&again, backup_header_make(book, &after));
    } else if (backup_trailer_read(line, &trailer, &err) == STATUS_OK) {
        must(backup_line_sort(line) == BACKUP_LINE_TRAILER);
        write_json(&again, backup_trailer_make(&trailer));
    } else if (backup_checkpoint_read(line, &number, &note, &length, &err) == STATUS_OK) {
        must(backup_line_sort(line) == BACKUP_LINE_CHECKPOINT);
        write_json(&again, checkpoint_line(number, slice_of(note, length)));
        free(note);
    } else {
        must(err.text[0] != '\0');
        return;
    }
    must(again.written_size == line.length + 1 && memcmp(again.written, line.bytes, line.length) == 0);
    free(again.written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > FILE_BYTES_MAX)
        return 0;
    const uint8_t way = data[0] % 3;
    data++;
    size--;
    if (way == 0) {
        (void)read_backup(data, size);
    } else if (way == 1) {
        read_forged(data, size);
    } else {
        for (const uint8_t *at = data, *end; (end = memchr(at, '\n', (size_t)(data + size - at))) != NULL; at = end + 1)
            read_line(slice_of(at, (size_t)(end - at)));
    }
    return 0;
}
