/*
 * Files of guests. Guarantees that a file is stored whole or not at all, and that whoever is given one could have learned of
 * its hash, the salt of the book left aside.
 */
#include "cli/server/files.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controls/erasure.h"
#include "ledger/beside.h"
#include "ledger/durable.h"
#include "ledger/schema.h"

static enum status refuse(const struct job *job, struct err *err)
{
    return err_set(err, STATUS_PERMISSION, "%s may not %s", job->guest->user, request_name(job->request.kind));
}

void files_drop(struct guest *guest)
{
    if (!guest->receives)
        return;
    (void)close(guest->receive_fd);
    guest->receives = false;
}

/* A file begins: nothing is left of one before. */
static enum status begin_file(struct job *job, struct err *err)
{
    struct guest *guest = job->guest;
    files_drop(guest);
    if (job->request.size > REQUEST_EVIDENCE_BYTES)
        return err_set(err, STATUS_LIMIT, "a file of evidence has at most %d bytes here", REQUEST_EVIDENCE_BYTES);
    enum status status = evidence_receive(open_book_dir(job->service->book), &guest->receive_fd, err);
    guest->receives = status == STATUS_OK;
    guest->receive_size = job->request.size;
    guest->received = 0;
    return status;
}

static enum status end_file(struct job *job, json_t **ret_answer, struct err *err)
{
    struct guest *guest = job->guest;
    struct evidence evidence;
    char hex[HASH_HEX_CHARS + 1];
    enum status status = evidence_put_received(open_book_dir(job->service->book), guest->receive_fd,
                                               REQUEST_EVIDENCE_BYTES, &evidence, err);
    if (status != STATUS_OK)
        return status;
    hash_to_hex(&evidence.hash, hex);
    *ret_answer = json_pack("{s:I, s:s}", "bytes", (json_int_t)evidence.bytes, "sha256", hex);
    return STATUS_OK;
}

static enum status take_part(struct job *job, json_t **ret_answer, struct err *err)
{
    struct guest *guest = job->guest;
    const struct request *request = &job->request;
    enum status status = request->offset == 0 ? begin_file(job, err) : STATUS_OK;
    if (status == STATUS_OK &&
        (!guest->receives || request->offset != guest->received || request->size != guest->receive_size ||
         (int64_t)request->length > guest->receive_size - guest->received ||
         (request->length == 0 && request->size > 0)))
        status = err_set(err, STATUS_INPUT, "the parts of a file come in order, none empty, and make up its size");
    if (status == STATUS_OK)
        status = durable_write(guest->receive_fd, "evidence", slice_of(request->bytes, request->length), err);
    if (status == STATUS_OK)
        guest->received += (int64_t)request->length;
    bool whole = status == STATUS_OK && guest->received == guest->receive_size;
    if (whole)
        status = end_file(job, ret_answer, err);
    else if (status == STATUS_OK)
        *ret_answer = json_object();
    if (whole || status != STATUS_OK)
        files_drop(guest);
    return status;
}

static enum status fetch(struct job *job, json_t **ret_answer, struct err *err)
{
    struct evidence_piece piece = {.offset = (uint64_t)job->request.offset, .size = REQUEST_PART_BYTES};
    size_t length = 0;
    uint64_t all = 0;
    piece.bytes = malloc(piece.size);
    if (piece.bytes == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for evidence");
    enum status status =
        evidence_read(open_book_dir(job->service->book), &job->request.hash, &piece, &length, &all, err);
    if (status == STATUS_OK)
        *ret_answer =
            json_pack("{s:o, s:I}", "bytes", wire_bytes(slice_of(piece.bytes, length)), "size", (json_int_t)all);
    free(piece.bytes);
    return status;
}

static enum status put_personal(struct job *job, json_t **ret_answer, struct err *err)
{
    struct hash hash;
    char hex[HASH_HEX_CHARS + 1];
    enum status status = personal_put(open_book_dir(job->service->book), job->request.salt.bytes,
                                      slice_of(job->request.bytes, job->request.length), &hash, err);
    if (status != STATUS_OK)
        return status;
    hash_to_hex(&hash, hex);
    *ret_answer = json_pack("{s:s}", "hash", hex);
    return STATUS_OK;
}

static enum status get_personal(struct job *job, json_t **ret_answer, struct err *err)
{
    struct personal personal = {.record = NULL};
    enum status status = personal_get(open_book_dir(job->service->book), &job->request.hash, &personal, err);
    if (status != STATUS_OK)
        return status;
    *ret_answer = json_pack("{s:o}", "bytes", wire_bytes(slice_of(personal.record, personal.record_length)));
    personal_done(&personal);
    return STATUS_OK;
}

static bool is_salt(const struct job *job, struct gate *gate)
{
    char hex[HASH_HEX_CHARS + 1];
    const char *salt = member_text(gate_charter(gate), "salt");
    hash_to_hex(&job->request.hash, hex);
    return salt != NULL && strcmp(salt, hex) == 0;
}

static enum status erase(struct job *job, const struct snapshot *snapshot, json_t **ret_answer, struct err *err)
{
    size_t gone = 0;
    enum status status =
        erasure_run(snapshot_facts(snapshot), open_book_dir(job->service->book), job->request.document, &gone, err);
    if (status == STATUS_OK)
        *ret_answer = json_pack("{s:I}", "gone", (json_int_t)gone);
    return status;
}

enum status files_answer(struct job *job, struct gate *gate, const struct snapshot *snapshot, json_t **ret_answer,
                         struct err *err)
{
    const struct reader *reader = snapshot_reader(snapshot);
    bool works = reader_works(reader), reads = reader_reads_books(reader);
    switch (job->request.kind) {
    case REQUEST_PUT:
        return works ? take_part(job, ret_answer, err) : refuse(job, err);
    case REQUEST_HAS:
        if (!works && !reads)
            return refuse(job, err);
        *ret_answer =
            json_pack("{s:b}", "there", evidence_exists(open_book_dir(job->service->book), &job->request.hash));
        return STATUS_OK;
    case REQUEST_FETCH:
        return reads ? fetch(job, ret_answer, err) : refuse(job, err);
    case REQUEST_PERSONAL_PUT:
        return works ? put_personal(job, ret_answer, err) : refuse(job, err);
    case REQUEST_PERSONAL_GET:
        if (is_salt(job, gate) ? !reader_feeds(reader) && !reader_audits(reader) : !reads)
            return refuse(job, err);
        return get_personal(job, ret_answer, err);
    case REQUEST_ERASE:
        return reader_governs(reader) ? erase(job, snapshot, ret_answer, err) : refuse(job, err);
    case REQUEST_HELLO:
    case REQUEST_PROVE:
    case REQUEST_BEGIN:
    case REQUEST_END:
    case REQUEST_GET:
    case REQUEST_SEEK:
    case REQUEST_COUNT:
    case REQUEST_SUBMIT:
    case REQUEST_TRY:
    case REQUEST_CHECKPOINT:
    case REQUEST_CHECKPOINT_ADD:
    case REQUEST_TIMESTAMP_PUT:
    case REQUEST_TIMESTAMP_GET:
    case REQUEST_TIMESTAMPS:
    case REQUEST_WAIT:
    case REQUEST_STATUS:
    case REQUEST_KINDS:
        break;
    }
    return refuse(job, err);
}
