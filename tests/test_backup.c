/*
 * Backups written, read and refused: one goes on where another ended, no byte of them can be changed, and what is wrong with
 * one is said by its line. What is known to be lost stands in the last line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/backup/parts.h"
#include "controls/restoring.h"
#include "ledger/canon.h"
#include "ledger/checkpoint.h"
#include "ledger/journal_layout.h"
#include "ledger/limits.h"
#include "tests/support/company.h"

#define POLICY "tests/policies/govern.yaml"

static void submit(struct company *company)
{
    json_decref(company_submit(company, "joe", company_credit_note(company, "10442", "40251", "1.00")));
}

static void enrol_nina(struct company *company)
{
    json_t *document = company_enrolment(company, "nina", "P-77", "human", company_new_user(company, "nina")->key);
    json_decref(company_do_with(company, "olga", VERB_SUBMIT, company_one(document), "nina"));
}

/* One of the journal's first size entries, by the book's key. */
static void record_checkpoint(struct company *company, uint64_t size)
{
    struct checkpoint checkpoint = {.head.size = size};
    struct journal_snapshot *snapshot = NULL;
    struct note_key key;
    struct err err;
    char note[CHECKPOINT_NOTE_MAX];
    const struct signer *signer = &company_user(company, "book-key")->signer;
    checkpoint_origin("ledger.example/ar", gate_book_id(company->gate), 0, checkpoint.origin);
    assert_int_equal(journal_read_begin(gate_books(company->gate)->journal, &snapshot, &err), STATUS_OK);
    const struct tree_reader reader = journal_tree(snapshot);
    assert_int_equal(tree_root(&reader, size, &checkpoint.head.root, &err), STATUS_OK);
    journal_read_end(snapshot);
    assert_int_equal(note_key_init(NOTE_ED25519, checkpoint.origin, signer->key.ed25519, &key, &err), STATUS_OK);
    assert_int_equal(checkpoint_sign_by(&checkpoint, &key, signer, note, &err), STATUS_OK);
    assert_int_equal(
        gate_record_checkpoint(company->gate, size, &checkpoint.head.root, slice_of(note, strlen(note)), &err),
        STATUS_OK);
}

/* A journal of the first size entries, told what it lacks; unchained: the last one does not stand on the one before. */
static struct journal *copy_made(struct company *company, uint64_t size, bool unchained,
                                 const struct journal_lost *lost)
{
    struct journal *journal = NULL;
    struct err err;
    char dir[COMPANY_COPY_BYTES];
    company_copy_journal(company, size, unchained, lost, dir);
    assert_int_equal(journal_open(dir, NULL, &journal, &err), STATUS_OK);
    return journal;
}

/* Backups in memory. */
struct room {
    uint8_t *bytes;
    size_t length, at, size;
    size_t step; /* bytes given at a time */
};

static enum status room_write(void *context, struct slice bytes, struct err *err)
{
    struct room *room = context;
    (void)err;
    if (room->length + bytes.length > room->size) {
        room->size = (room->length + bytes.length) * 2;
        room->bytes = realloc(room->bytes, room->size);
        assert_non_null(room->bytes);
    }
    memcpy(room->bytes + room->length, bytes.bytes, bytes.length);
    room->length += bytes.length;
    return STATUS_OK;
}

static enum status room_read(void *context, void *bytes, size_t space, size_t *ret_got, struct err *err)
{
    struct room *room = context;
    (void)err;
    size_t left = room->length - room->at, most = space < room->step ? space : room->step;
    *ret_got = left < most ? left : most;
    if (*ret_got > 0)
        memcpy(bytes, room->bytes + room->at, *ret_got);
    room->at += *ret_got;
    return STATUS_OK;
}

static void back_up_journal(struct journal *journal, const struct backup_place *after, struct room *ret_room,
                            struct backup_written *ret_written)
{
    const struct export_sink sink = {.write = room_write, .context = ret_room};
    const struct backup_writing writing = {.journal = journal, .after = after, .sink = &sink};
    struct err err;
    *ret_room = (struct room){.step = 100000};
    if (backup_write(&writing, ret_written, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    assert_int_equal(ret_written->bytes, ret_room->length);
}

static void back_up(struct company *company, const struct backup_place *after, struct room *ret_room,
                    struct backup_written *ret_written)
{
    back_up_journal(gate_books(company->gate)->journal, after, ret_room, ret_written);
}

static enum status read_back(struct room *room, struct backup_reading *reading, struct err *err)
{
    const struct backup_source source = {.read = room_read, .context = room};
    room->at = 0;
    reading->name = "a backup";
    reading->source = &source;
    enum status status = backup_read(reading, err);
    reading->source = NULL;
    return status;
}

static void backups_go_on_from_each_other(void **state)
{
    struct company company = {.dir = ""};
    struct room first, second, whole, again;
    struct backup_written one, rest, all;
    struct err err;
    (void)state;
    company_open(&company, POLICY);
    back_up(&company, NULL, &first, &one);
    back_up(&company, NULL, &again, &all);
    assert_int_equal(first.length, again.length); /* the same book is the same bytes */
    assert_memory_equal(first.bytes, again.bytes, first.length);
    free(again.bytes);
    back_up(&company, &one.end, &again, &rest); /* nothing came meanwhile */
    assert_true(rest.begin.size == one.end.size && rest.end.size == one.end.size);
    submit(&company);
    back_up(&company, &one.end, &second, &rest);
    back_up(&company, NULL, &whole, &all);
    assert_int_equal(rest.begin.size, one.end.size);
    assert_int_equal(rest.end.size, one.end.size + 1);
    assert_true(hash_equal(&rest.end.root, &all.end.root) && hash_equal(&rest.end.head, &all.end.head));
    /* Whatever pieces it comes in. */
    static const size_t steps[] = {1, 7, 4096, 1 << 20};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct backup_reading reading = {.name = NULL};
        first.step = second.step = steps[i];
        assert_int_equal(read_back(&first, &reading, &err), STATUS_OK);
        assert_int_equal(read_back(&second, &reading, &err), STATUS_OK);
        assert_true(reading.place.size == all.end.size && hash_equal(&reading.place.root, &all.end.root));
        assert_string_equal(reading.book, gate_book_id(company.gate));
    }
    /* A place of another journal is none to go on from. */
    const struct export_sink sink = {.write = room_write, .context = &again};
    struct backup_place places[] = {one.end, one.end, one.end, one.end};
    places[0].size++;
    places[1].head.bytes[5] ^= 1;
    places[2].root.bytes[5] ^= 1;
    places[3].checkpoints++;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const struct backup_writing writing = {
            .journal = gate_books(company.gate)->journal, .after = &places[i], .sink = &sink};
        assert_int_equal(backup_write(&writing, &all, &err), STATUS_INPUT);
    }
    free(first.bytes);
    free(second.bytes);
    free(whole.bytes);
    free(again.bytes);
    company_close(&company);
}

/* Every change is seen: of all bytes of the first and last line, of some between, and of the length. */
static void no_byte_of_a_backup_can_be_changed(void **state)
{
    struct company company = {.dir = ""};
    struct room room;
    struct backup_written written;
    struct err err;
    (void)state;
    company_found(&company, POLICY);
    record_checkpoint(&company, 1);
    enrol_nina(&company);
    back_up(&company, NULL, &room, &written);
    assert_int_equal(written.end.checkpoints, 1);
    size_t last_line = room.length - 2;
    while (room.bytes[last_line - 1] != '\n')
        last_line--;
    for (size_t i = 0; i < room.length; i += i < 300 || i >= last_line - 500 ? 1 : 211) {
        struct backup_reading reading = {.name = NULL};
        room.bytes[i] ^= 1;
        if (read_back(&room, &reading, &err) == STATUS_OK)
            fail_msg("byte %zu of %zu may be %c", i, room.length, room.bytes[i]);
        assert_non_null(strstr(err.text, "a backup: line "));
        assert_int_equal(reading.place.size, 0);
        room.bytes[i] ^= 1;
    }
    size_t length = room.length;
    for (room.length = 0; room.length < length; room.length += room.length >= last_line - 5 ? 1 : 397) {
        struct backup_reading reading = {.name = NULL};
        assert_int_not_equal(read_back(&room, &reading, &err), STATUS_OK);
    }
    room.length = length;
    struct backup_reading reading = {.name = NULL};
    assert_int_equal(read_back(&room, &reading, &err), STATUS_OK);
    free(room.bytes);
    company_close(&company);
}

/* What ends the work ends it: a sink that is full, a step that was told to stop. */
static enum status sink_full(void *context, struct slice bytes, struct err *err)
{
    size_t *left = context;
    if (bytes.length > *left)
        return err_set(err, STATUS_FULL, "full");
    *left -= bytes.length;
    return STATUS_OK;
}

/* Entries that do not stand on each other, though the tree over them holds, are no book to back up. */
static void a_chain_that_does_not_hold_makes_no_backup(void **state)
{
    struct company company = {.dir = "", .unchecked = true};
    struct journal *journal = NULL;
    struct err err;
    (void)state;
    company_open(&company, POLICY);
    journal = copy_made(&company, 3, true, NULL);
    size_t left = SIZE_MAX;
    const struct export_sink sink = {.write = sink_full, .context = &left};
    const struct backup_writing writing = {.journal = journal, .sink = &sink};
    struct backup_written written;
    assert_int_equal(backup_write(&writing, &written, &err), STATUS_CORRUPT);
    assert_non_null(strstr(err.text, "entry 2: hash of the previous entry differs"));
    journal_close(journal);
    company_close(&company);
}

static void a_backup_that_fails_says_so(void **state)
{
    struct company company = {.dir = ""};
    struct backup_written written = {.bytes = 77};
    struct room room;
    struct err err;
    (void)state;
    company_open(&company, POLICY);
    back_up(&company, NULL, &room, &written);
    size_t whole = (size_t)written.bytes;
    for (size_t limit = 0; limit < whole; limit += 1 + whole / 50) {
        size_t left = limit;
        const struct export_sink sink = {.write = sink_full, .context = &left};
        const struct backup_writing writing = {.journal = gate_books(company.gate)->journal, .sink = &sink};
        assert_int_equal(backup_write(&writing, &written, &err), STATUS_FULL);
    }
    size_t left = whole;
    const struct export_sink sink = {.write = sink_full, .context = &left};
    const struct backup_writing writing = {.journal = gate_books(company.gate)->journal, .sink = &sink};
    assert_int_equal(backup_write(&writing, &written, &err), STATUS_OK);
    assert_int_equal(left, 0);
    free(room.bytes);
    company_close(&company);
}

/* Reads files one after the other; the last one has to be refused, with these words. */
static void refused(struct room *const rooms[], size_t count, enum status expected, const char *words)
{
    struct backup_reading reading = {.name = NULL};
    struct err err;
    for (size_t i = 0; i + 1 < count; i++)
        assert_int_equal(read_back(rooms[i], &reading, &err), STATUS_OK);
    enum status status = read_back(rooms[count - 1], &reading, &err);
    if (status != expected || strstr(err.text, words) == NULL)
        fail_msg("%s, not '%s': %s", status_name(status), words, status == STATUS_OK ? "" : err.text);
}

/* A copy in which a hex digit after words of a line, counted from 0, is another. */
static struct room changed(const struct room *room, size_t line, const char *after)
{
    struct room copy = *room;
    copy.bytes = malloc(room->length + 1);
    assert_non_null(copy.bytes);
    memcpy(copy.bytes, room->bytes, room->length);
    copy.bytes[room->length] = '\0';
    char *at = (char *)copy.bytes;
    for (; line > 0; line--)
        at = strchr(at, '\n') + 1;
    at = strstr(at, after);
    assert_non_null(at);
    at += strlen(after);
    *at = *at == '0' ? '1' : '0';
    return copy;
}

static void what_is_wrong_is_said(void **state)
{
    static const struct {
        size_t line;
        const char *after, *words;
        bool second; /* of the file that goes on */
    } rows[] = {
        {0, "\"book\":\"", "is of the book", true},
        {0, "\"head\":\"", "of another history than the backups before it", true},
        {1, "\"prev\":\"", "line 2: entry 0 names an entry before it", false},
        {3, "\"prev\":\"", "line 4: entry 1 has not the hash that entry 2 names", false},
    };
    struct company company = {.dir = ""};
    struct room first, second, third, empty = {.step = 1};
    struct backup_written one, two, three;
    (void)state;
    company_open(&company, POLICY);
    back_up(&company, NULL, &first, &one);
    submit(&company);
    back_up(&company, &one.end, &second, &two);
    submit(&company);
    back_up(&company, &two.end, &third, &three);
    refused((struct room *[]){&second}, 1, STATUS_INPUT, "give the backups that have them first");
    refused((struct room *[]){&first, &first}, 2, STATUS_INPUT, "begins with entry 0 again");
    refused((struct room *[]){&first, &third}, 2, STATUS_INPUT, "entries, and the backups before it have");
    refused((struct room *[]){&first, &second, &second}, 3, STATUS_INPUT, "entries, and the backups before it have");
    refused((struct room *[]){&empty}, 1, STATUS_INPUT, "the file is empty");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct room other = changed(rows[i].second ? &second : &first, rows[i].line, rows[i].after);
        refused(rows[i].second ? (struct room *[]){&first, &other} : (struct room *[]){&other}, rows[i].second ? 2 : 1,
                rows[i].second ? STATUS_INPUT : STATUS_CORRUPT, rows[i].words);
        free(other.bytes);
    }
    free(first.bytes);
    free(second.bytes);
    free(third.bytes);
    company_close(&company);
}

/* With the journal at hand a file may begin anywhere in it, the first entry included; not in another one. */
static void a_journal_that_is_there_is_gone_on_with(void **state)
{
    struct company company = {.dir = ""};
    struct journal_snapshot *snapshot = NULL;
    struct room first, second;
    struct backup_written one, two;
    struct err err;
    (void)state;
    company_open(&company, POLICY);
    back_up(&company, NULL, &first, &one);
    submit(&company);
    back_up(&company, &one.end, &second, &two);
    assert_int_equal(journal_read_begin(gate_books(company.gate)->journal, &snapshot, &err), STATUS_OK);
    const struct tree_reader known = journal_tree(snapshot);
    struct backup_reading all = {.known = &known}, rest = {.known = &known}, other = {.known = &known};
    assert_int_equal(read_back(&first, &all, &err), STATUS_OK);
    assert_int_equal(read_back(&second, &rest, &err), STATUS_OK);
    assert_true(rest.place.size == two.end.size && hash_equal(&rest.place.root, &two.end.root));
    struct room forged = changed(&second, 0, "\"root\":\"");
    assert_int_equal(read_back(&forged, &other, &err), STATUS_INPUT);
    assert_non_null(strstr(err.text, "not those of this book"));
    journal_read_end(snapshot);
    /* A book of fewer entries than come before the file. */
    struct journal *shorter = copy_made(&company, one.end.size - 1, false, NULL);
    assert_int_equal(journal_read_begin(shorter, &snapshot, &err), STATUS_OK);
    const struct tree_reader few = journal_tree(snapshot);
    struct backup_reading beyond = {.known = &few};
    assert_int_equal(read_back(&second, &beyond, &err), STATUS_INPUT);
    assert_non_null(strstr(err.text, "which this book does not have"));
    journal_read_end(snapshot);
    journal_close(shorter);
    free(first.bytes);
    free(second.bytes);
    free(forged.bytes);
    company_close(&company);
}

static enum status trailer_back(const struct backup_trailer *trailer, struct backup_trailer *ret_trailer)
{
    char *text = NULL;
    size_t length = 0;
    struct err err;
    json_t *line = backup_trailer_make(trailer);
    assert_non_null(line);
    assert_int_equal(canon_encode(line, &text, &length, &err), STATUS_OK);
    enum status status = backup_trailer_read(slice_of(text, length), ret_trailer, &err);
    free(text);
    json_decref(line);
    return status;
}

/* One entry lost is the least, and the checkpoint is at most of all that there was. */
static void what_was_lost_is_in_the_last_line(void **state)
{
    static const struct {
        struct journal_lost lost;
        enum status status;
    } rows[] = {{{.kept = 5, .to = 5, .size = 6}, STATUS_OK},
                {{.kept = 5, .to = 4, .size = 5}, STATUS_INPUT},
                {{.kept = 5, .to = 9, .size = 10}, STATUS_OK},
                {{.kept = 5, .to = 9, .size = 0}, STATUS_OK},
                {{.kept = 5, .to = 9, .size = 11}, STATUS_INPUT}};
    struct company company = {.dir = ""};
    struct room room;
    struct backup_written written;
    struct backup_reading reading = {.name = NULL};
    struct err err;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct backup_trailer trailer = {.place = {.size = 5}, .has_lost = true, .lost = rows[i].lost}, back;
        trailer.lost.root.bytes[3] = 9;
        assert_int_equal(trailer_back(&trailer, &back), rows[i].status);
        if (rows[i].status == STATUS_OK)
            assert_true(back.has_lost && memcmp(&back.lost, &trailer.lost, sizeof back.lost) == 0);
    }
    company_open(&company, POLICY);
    struct journal_lost lost = {.kept = 3, .to = 7, .size = 8, .root.bytes = {1}};
    struct journal *journal = copy_made(&company, 3, false, &lost);
    back_up_journal(journal, NULL, &room, &written);
    assert_true(written.lost_known);
    assert_int_equal(read_back(&room, &reading, &err), STATUS_OK);
    assert_true(reading.has_lost && memcmp(&reading.lost, &lost, sizeof lost) == 0);
    journal_close(journal);
    free(room.bytes);
    company_close(&company);
}

/* By their first bytes, and by nothing where these are all. */
static void lines_are_sorted_by_how_they_begin(void **state)
{
    static const struct {
        const char *begins;
        enum backup_line sort;
    } rows[] = {{"{\"decision\":", BACKUP_LINE_ENTRY},
                {"{\"checkpoint\":", BACKUP_LINE_CHECKPOINT},
                {"{\"backup\":\"end\",", BACKUP_LINE_TRAILER},
                {"{\"backup\":\"begin\",", BACKUP_LINE_OTHER}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const size_t length = strlen(rows[i].begins);
        assert_int_equal(backup_line_sort(slice_of(rows[i].begins, length)), rows[i].sort);
        assert_int_equal(backup_line_sort(slice_of(rows[i].begins, length - 1)), BACKUP_LINE_OTHER);
    }
}

/* A line may be as long as an entry; what is longer than any is refused before it is read whole. */
static void lines_are_as_long_as_entries(void **state)
{
    static const struct {
        size_t length;
        enum status status;
        const char *words;
    } rows[] = {{ENTRY_BYTES_MAX, STATUS_CORRUPT, "line 2: entry 0: "},
                {3 * (size_t)ENTRY_BYTES_MAX, STATUS_LIMIT, "longer than any line of a backup"}};
    struct company company = {.dir = ""};
    struct backup_written written;
    struct room whole;
    (void)state;
    company_found(&company, POLICY);
    back_up(&company, NULL, &whole, &written);
    const size_t header = (size_t)((uint8_t *)memchr(whole.bytes, '\n', whole.length) - whole.bytes) + 1;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct room room = {.length = header + rows[i].length + 1, .step = 1 << 20};
        room.bytes = malloc(room.length);
        assert_non_null(room.bytes);
        memcpy(room.bytes, whole.bytes, header);
        memset(room.bytes + header, 'x', rows[i].length);
        room.bytes[room.length - 1] = '\n';
        refused((struct room *[]){&room}, 1, rows[i].status, rows[i].words);
        free(room.bytes);
    }
    free(whole.bytes);
    company_close(&company);
}

struct heard {
    unsigned count;
    uint64_t last, total;
};

static enum status hear(void *context, uint64_t done, uint64_t total, struct err *err)
{
    struct heard *heard = context;
    (void)err;
    heard->count++;
    heard->last = done;
    heard->total = total;
    return STATUS_OK;
}

/* Every 256 entries, written and read. */
static void how_far_it_is_is_told_now_and_then(void **state)
{
    struct company company = {.dir = "", .unchecked = true};
    struct room room = {.step = 100000};
    struct backup_written written;
    struct heard wrote = {.count = 0}, read = {.count = 0};
    struct err err;
    (void)state;
    company_open(&company, POLICY);
    while (company_head(&company).size < 2 * 256 + 1)
        submit(&company);
    const struct export_sink sink = {.write = room_write, .context = &room};
    const struct backup_writing writing = {
        .journal = gate_books(company.gate)->journal, .sink = &sink, .progress = hear, .context = &wrote};
    assert_int_equal(backup_write(&writing, &written, &err), STATUS_OK);
    assert_true(wrote.count == 2 && wrote.last == 512 && wrote.total == 513);
    const struct backup_steps steps = {.progress = hear, .context = &read};
    struct backup_reading reading = {.steps = &steps};
    assert_int_equal(read_back(&room, &reading, &err), STATUS_OK);
    assert_true(read.count == 2 && read.last == 512 && read.total == 0);
    free(room.bytes);
    company_close(&company);
}

/* A checkpoint may be of all entries that there are; each is in the backups once. */
static void checkpoints_are_of_entries_that_are_there(void **state)
{
    struct company company = {.dir = ""};
    struct room first, second;
    struct backup_written one, two;
    struct backup_reading reading = {.name = NULL};
    struct err err;
    (void)state;
    company_found(&company, POLICY);
    record_checkpoint(&company, 1);
    back_up(&company, NULL, &first, &one);
    assert_int_equal(one.end.checkpoints, 1);
    enrol_nina(&company);
    record_checkpoint(&company, 2);
    back_up(&company, &one.end, &second, &two);
    assert_int_equal(two.end.checkpoints, 2);
    assert_int_equal(read_back(&first, &reading, &err), STATUS_OK);
    assert_int_equal(reading.place.checkpoints, 1);
    assert_int_equal(read_back(&second, &reading, &err), STATUS_OK);
    assert_int_equal(reading.place.checkpoints, 2);
    free(first.bytes);
    free(second.bytes);
    company_close(&company);
}

/* What the disk has of the tree over entry 1: its own hash, and that of the two entries so far. */
static void a_stored_tree_that_differs_makes_no_backup(void **state)
{
    static const char *const words[] = {"entry 1: its bytes are not those that were hashed",
                                        "entry 1: the stored tree over it is not that of the entries"};
    (void)state;
    for (size_t level = 0; level < 2; level++) {
        struct company company = {.dir = ""};
        struct store_txn *txn = NULL;
        struct slice nodes;
        struct backup_written written;
        struct err err;
        uint8_t bytes[2 * HASH_BYTES];
        company_found(&company, POLICY);
        enrol_nina(&company);
        const struct journal *journal = gate_books(company.gate)->journal;
        const struct journal_key one = journal_key_of(1);
        const struct slice key = slice_of(one.bytes, sizeof one.bytes);
        assert_int_equal(store_write_begin(journal->store, &txn, &err), STATUS_OK);
        assert_int_equal(store_get(txn, JOURNAL_NODES, key, &nodes, &err), STATUS_OK);
        assert_int_equal(nodes.length, sizeof bytes);
        memcpy(bytes, nodes.bytes, sizeof bytes);
        bytes[level * HASH_BYTES] ^= 1;
        assert_int_equal(store_put(txn, JOURNAL_NODES, key, slice_of(bytes, sizeof bytes), &err), STATUS_OK);
        assert_int_equal(store_commit(txn, &err), STATUS_OK);
        size_t left = SIZE_MAX;
        const struct export_sink sink = {.write = sink_full, .context = &left};
        const struct backup_writing writing = {.journal = gate_books(company.gate)->journal, .sink = &sink};
        assert_int_equal(backup_write(&writing, &written, &err), STATUS_CORRUPT);
        assert_non_null(strstr(err.text, words[level]));
        company.unchecked = true; /* it would be found */
        company_close(&company);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(backups_go_on_from_each_other),
        cmocka_unit_test(no_byte_of_a_backup_can_be_changed),
        cmocka_unit_test(a_backup_that_fails_says_so),
        cmocka_unit_test(a_chain_that_does_not_hold_makes_no_backup),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(a_journal_that_is_there_is_gone_on_with),
        cmocka_unit_test(what_was_lost_is_in_the_last_line),
        cmocka_unit_test(lines_are_sorted_by_how_they_begin),
        cmocka_unit_test(lines_are_as_long_as_entries),
        cmocka_unit_test(how_far_it_is_is_told_now_and_then),
        cmocka_unit_test(checkpoints_are_of_entries_that_are_there),
        cmocka_unit_test(a_stored_tree_that_differs_makes_no_backup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
