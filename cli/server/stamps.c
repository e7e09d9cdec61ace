/*
 * Time stamps of guests. Guarantees that what is kept is about an issued checkpoint, which has none yet, and verifies under the
 * certificates that whoever runs the server has named: so it is at most one reply of bounded size for each checkpoint.
 */
#include "cli/server/stamps.h"

#include <stdlib.h>
#include <string.h>

#include "audit/timestamp.h"
#include "ledger/books_open.h"
#include "ledger/journal.h"
#include "ledger/text.h"
#include "ledger/timestamps.h"

bool stamps_is(enum request_kind kind)
{
    return kind == REQUEST_TIMESTAMP_PUT || kind == REQUEST_TIMESTAMP_GET || kind == REQUEST_TIMESTAMPS;
}

/* What a time stamp is about. */
struct stamped {
    uint64_t size;
    char name[TIMESTAMP_NAME_BYTES];
    char *note; /* given back by whoever asked */
    size_t note_length;
};

static enum status find_note(struct gate *gate, struct slice reply, struct stamped *ret_stamped, struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    struct journal_checkpoint one = {.size = 0};
    uint64_t count = 0;
    bool found = false;
    enum status status = journal_read_begin(gate_books(gate)->journal, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    status = journal_checkpoint_count(snapshot, &count, err);
    for (uint64_t i = count; status == STATUS_OK && !found && i > 0; i--) {
        status = journal_checkpoint(snapshot, i - 1, &one, err);
        found = status == STATUS_OK && timestamp_names(reply, one.note);
    }
    if (status == STATUS_OK && !found)
        status = err_set(err, STATUS_NOT_FOUND, "is about no checkpoint that this book has issued");
    if (status == STATUS_OK) {
        ret_stamped->size = one.size;
        ret_stamped->note_length = one.note.length;
        timestamps_name(one.size, one.note, ret_stamped->name);
        ret_stamped->note = malloc(one.note.length);
        if (ret_stamped->note != NULL)
            memcpy(ret_stamped->note, one.note.bytes, one.note.length);
        else
            status = err_set(err, STATUS_MEMORY, "no memory for a checkpoint");
    }
    journal_read_end(snapshot);
    return status;
}

/* Where the certificates lie is for whoever runs the server. */
static enum status check(const struct job *job, const struct stamped *stamped, int64_t *ret_seconds, struct err *err)
{
    const char *ca_file = job->service->options->tsa;
    struct err what = {.status = STATUS_OK};
    enum status status = timestamp_check(slice_of(job->request.bytes, job->request.length),
                                         slice_of(stamped->note, stamped->note_length), ca_file, ret_seconds, &what);
    const char *at = status == STATUS_SIGNATURE ? strstr(what.text, ca_file) : NULL;
    if (at != NULL)
        return err_set(err, status, "the time stamp does not verify under the certificates that the server knows%s",
                       at + strlen(ca_file));
    if (status == STATUS_INPUT)
        return err_set(err, STATUS_IO, "%s", what.text);
    return status == STATUS_OK ? STATUS_OK : err_set(err, status, "%s", what.text);
}

static enum status put(struct job *job, struct gate *gate, json_t **ret_answer, struct err *err)
{
    const struct slice reply = slice_of(job->request.bytes, job->request.length);
    const char *dir = open_book_dir(job->service->book);
    struct stamped stamped = {.note = NULL};
    uint8_t *there = NULL;
    size_t length = 0;
    int64_t seconds = 0;
    if (job->service->options->tsa == NULL)
        return err_set(
            err, STATUS_NOT_FOUND,
            "the server knows no time-stamping authority, whose time stamps it could check (countersign serve "
            "--tsa)");
    enum status status = find_note(gate, reply, &stamped, err);
    if (status == STATUS_OK) {
        there = malloc(TIMESTAMP_REPLY_BYTES_MAX);
        status = there != NULL ? timestamps_get(dir, stamped.name, there, &length, NULL) : STATUS_MEMORY;
        if (status == STATUS_OK) /* asked before openssl is, and again by the file system */
            status = err_set(err, STATUS_EXISTS, "the checkpoint of %llu entries has a time stamp: it is there already",
                             (unsigned long long)stamped.size);
        else if (status == STATUS_NOT_FOUND)
            status = check(job, &stamped, &seconds, err);
        else
            status = err_set(err, status, "the time stamp that is there cannot be read");
    }
    if (status == STATUS_OK)
        status = timestamps_put(dir, stamped.name, reply, err);
    if (status == STATUS_OK)
        *ret_answer = json_pack("{s:I, s:I}", "seconds", (json_int_t)seconds, "size", (json_int_t)stamped.size);
    free(there);
    free(stamped.note);
    return status;
}

static enum status get(struct job *job, json_t **ret_answer, struct err *err)
{
    size_t length = 0;
    uint8_t *reply = malloc(TIMESTAMP_REPLY_BYTES_MAX);
    if (reply == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a time stamp");
    enum status status = timestamps_get(open_book_dir(job->service->book), job->request.name, reply, &length, err);
    if (status == STATUS_OK)
        *ret_answer = json_pack("{s:o}", "bytes", wire_bytes(slice_of(reply, length)));
    free(reply);
    return status;
}

/* The first names after one: what is looked for by a walk over a directory, which has no order. */
struct names {
    const char *after;
    char (*all)[TIMESTAMP_NAME_BYTES];
    size_t count;
    bool more;
    json_t *strange; /* names of no form; told with the first answer, so that who verifies can name them */
};

/* In order; the largest goes when there is no more room. */
static void insert(struct names *names, const char *name)
{
    size_t low = 0, high = names->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(names->all[middle], name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    names->more = names->more || names->count == WIRE_RECORDS_MAX;
    if (low == WIRE_RECORDS_MAX)
        return;
    names->count -= names->count == WIRE_RECORDS_MAX;
    memmove(names->all + low + 1, names->all + low, (names->count - low) * sizeof *names->all);
    memcpy(names->all[low], name, strlen(name) + 1);
    names->count++;
}

static enum status take_name(void *context, const char *name, struct err *err)
{
    struct names *names = context;
    char shown[TEXT_SHOW_MAX];
    (void)err;
    if (timestamps_is_name(name)) {
        if (strcmp(name, names->after) > 0)
            insert(names, name);
        return STATUS_OK;
    }
    text_show(name, strlen(name), shown);
    if (json_array_size(names->strange) < WIRE_RECORDS_MAX)
        json_array_append_new(names->strange, json_string(shown));
    return STATUS_OK;
}

static enum status list(struct job *job, json_t **ret_answer, struct err *err)
{
    struct names names = {.after = job->request.name, .strange = json_array()};
    json_t *told = json_array();
    names.all = calloc(WIRE_RECORDS_MAX, sizeof *names.all);
    enum status status = names.all != NULL && names.strange != NULL && told != NULL
                             ? timestamps_each(open_book_dir(job->service->book), take_name, &names, err)
                             : err_set(err, STATUS_MEMORY, "no memory for time stamps");
    if (status == STATUS_OK) {
        for (size_t i = 0; i < names.count; i++)
            json_array_append_new(told, json_string(names.all[i]));
        if (names.after[0] != '\0')
            json_array_clear(names.strange);
        *ret_answer = json_pack("{s:b, s:O, s:O}", "more", names.more, "names", told, "others", names.strange);
    }
    json_decref(told);
    json_decref(names.strange);
    free(names.all);
    return status;
}

enum status stamps_answer(struct job *job, struct gate *gate, json_t **ret_answer, struct err *err)
{
    if (job->request.kind == REQUEST_TIMESTAMP_PUT)
        return put(job, gate, ret_answer, err);
    return job->request.kind == REQUEST_TIMESTAMP_GET ? get(job, ret_answer, err) : list(job, ret_answer, err);
}
