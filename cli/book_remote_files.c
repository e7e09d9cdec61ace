/*
 * Files beside a server's journal (PROTOCOL.md 5). What comes back is hashed here: it is what was asked for, or an error.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/book_remote_parts.h"
#include "cli/wire.h"
#include "ledger/checksum.h"
#include "ledger/durable.h"
#include "ledger/schema.h"

enum {
    PART_BYTES = 3 << 20, /* in base64 it fits into a message */
    FILE_BYTES_MAX = 64 << 20
};

/* A file on its way to the server. */
struct upload {
    const char *source;
    int fd;
    uint64_t size, sent;
    struct hash_stream stream;
    uint8_t *part;
};

static enum status open_source(struct upload *upload, struct err *err)
{
    struct stat facts;
    upload->fd = open(upload->source, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (upload->fd < 0)
        return durable_fail(errno, upload->source, "open", err);
    if (fstat(upload->fd, &facts) != 0 || !S_ISREG(facts.st_mode))
        return err_set(err, STATUS_INPUT, "%s: is not a regular file", upload->source);
    if (facts.st_size > FILE_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "%s: is larger than the %d MiB that a server takes", upload->source,
                       FILE_BYTES_MAX >> 20);
    upload->size = (uint64_t)facts.st_size;
    upload->part = malloc(PART_BYTES);
    return upload->part != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for %s", upload->source);
}

static enum status read_part(struct upload *upload, size_t length, struct err *err)
{
    for (size_t at = 0; at < length;) {
        ssize_t got = pread(upload->fd, upload->part + at, length - at, (off_t)(upload->sent + at));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return durable_fail(errno, upload->source, "read", err);
        if (got == 0)
            return err_set(err, STATUS_IO, "%s: became shorter while it was read", upload->source);
        at += (size_t)got;
    }
    return STATUS_OK;
}

/* Sends one part; the last one is answered with the hash of all. */
static enum status send_part(struct book_remote *far, struct upload *upload, json_t **ret_answer, struct err *err)
{
    size_t left = (size_t)(upload->size - upload->sent), length = left < PART_BYTES ? left : PART_BYTES;
    enum status status = read_part(upload, length, err);
    if (status != STATUS_OK)
        return status;
    const struct slice part = slice_of(upload->part, length);
    hash_stream_add(&upload->stream, part);
    status = remote_ask(far->remote,
                        json_pack("{s:o, s:s, s:I, s:I}", "bytes", wire_bytes(part), "do", "put", "offset",
                                  (json_int_t)upload->sent, "size", (json_int_t)upload->size),
                        ret_answer, err);
    upload->sent += length;
    return status;
}

static enum status send_all(struct book_remote *far, struct upload *upload, struct evidence *ret_evidence,
                            struct err *err)
{
    json_t *answer = NULL;
    struct hash theirs;
    upload->sent = 0;
    hash_stream_init(&upload->stream);
    enum status status = STATUS_OK;
    do {
        json_decref(answer);
        answer = NULL;
        status = send_part(far, upload, &answer, err);
    } while (status == STATUS_OK && upload->sent < upload->size);
    const char *hex = member_text(answer, "sha256");
    if (status == STATUS_OK && (hex == NULL || hash_from_hex(hex, &theirs) != STATUS_OK))
        status = book_remote_no_form(far, "hash", err);
    if (status == STATUS_OK) {
        hash_stream_end(&upload->stream, &ret_evidence->hash);
        ret_evidence->bytes = upload->size;
        if (!hash_equal(&theirs, &ret_evidence->hash))
            status = err_set(err, STATUS_CORRUPT, "%s: what the server stored has another hash", upload->source);
    }
    json_decref(answer);
    return status;
}

enum status book_remote_evidence_put(struct book *book, const char *source, struct evidence *ret_evidence,
                                     struct err *err)
{
    struct book_remote *far = book->self;
    struct upload upload = {.source = source, .fd = -1};
    const int64_t until_us = remote_patience_us(far->remote);
    enum status status = open_source(&upload, err);
    bool again = status == STATUS_OK;
    while (again) {
        if (remote_is_lost(far->remote))
            status = remote_again(far->remote, until_us, err);
        if (status == STATUS_OK)
            status = send_all(far, &upload, ret_evidence, err);
        again = status != STATUS_OK && remote_is_lost(far->remote) && remote_now_us(far->remote) < until_us;
        if (again)
            status = STATUS_OK;
    }
    if (upload.fd >= 0)
        close(upload.fd);
    free(upload.part);
    return status;
}

enum status book_remote_evidence_exists(struct book *book, const struct hash *hash, bool *ret_there, struct err *err)
{
    struct book_remote *far = book->self;
    char hex[HASH_HEX_CHARS + 1];
    json_t *answer = NULL;
    hash_to_hex(hash, hex);
    enum status status = book_remote_ask(far, json_pack("{s:s, s:s}", "do", "has", "sha256", hex), 0, &answer, err);
    const json_t *there = json_object_get(answer, "there");
    if (status == STATUS_OK && !json_is_boolean(there))
        status = book_remote_no_form(far, "word on whether it is there", err);
    if (status == STATUS_OK)
        *ret_there = json_is_true(there);
    json_decref(answer);
    return status;
}

/* A file on its way here; whole before anything of it is used. */
struct download {
    uint8_t *bytes;
    size_t used, size;
};

static enum status fetch_part(struct book_remote *far, const char *hex, struct download *download, struct err *err)
{
    json_t *answer = NULL;
    uint8_t *part = NULL;
    size_t length = 0;
    enum status status = book_remote_ask(
        far, json_pack("{s:s, s:I, s:s}", "do", "fetch", "offset", (json_int_t)download->used, "sha256", hex), 0,
        &answer, err);
    const json_t *size = json_object_get(answer, "size");
    if (status == STATUS_OK &&
        (!json_is_integer(size) || json_integer_value(size) < 0 || json_integer_value(size) > FILE_BYTES_MAX ||
         (download->bytes != NULL && (size_t)json_integer_value(size) != download->size)))
        status = book_remote_no_form(far, "possible size", err);
    if (status == STATUS_OK && download->bytes == NULL) {
        download->size = (size_t)json_integer_value(size);
        download->bytes = malloc(download->size + 1);
        if (download->bytes == NULL)
            status = err_set(err, STATUS_MEMORY, "no memory for a file of %zu bytes", download->size);
    }
    if (status == STATUS_OK)
        status =
            wire_bytes_read(json_object_get(answer, "bytes"), download->size - download->used, &part, &length, err);
    if (status == STATUS_OK && length == 0 && download->used < download->size)
        status = book_remote_no_form(far, "bytes", err);
    if (status == STATUS_OK) {
        memcpy(download->bytes + download->used, part, length);
        download->used += length;
    }
    free(part);
    json_decref(answer);
    return status;
}

enum status book_remote_evidence_copy(struct book *book, const struct hash *hash, int out, struct err *err)
{
    struct book_remote *far = book->self;
    struct download download = {.bytes = NULL};
    struct hash actual;
    char hex[HASH_HEX_CHARS + 1];
    hash_to_hex(hash, hex);
    enum status status = STATUS_OK;
    do {
        status = fetch_part(far, hex, &download, err);
    } while (status == STATUS_OK && download.used < download.size);
    if (status == STATUS_OK) {
        hash_of(download.bytes, download.size, &actual);
        if (!hash_equal(&actual, hash))
            status = err_set(err, STATUS_CORRUPT, "evidence %.16s: what the server sent has another hash", hex);
    }
    if (status == STATUS_OK)
        status = durable_write(out, "output", slice_of(download.bytes, download.size), err);
    free(download.bytes);
    return status;
}

enum status book_remote_personal_put(struct book *book, const uint8_t salt[static PERSONAL_SALT_BYTES],
                                     struct slice payload, struct hash *ret_hash, struct err *err)
{
    struct book_remote *far = book->self;
    struct hash_stream stream;
    struct hash theirs;
    json_t *answer = NULL;
    enum status status =
        book_remote_ask(far,
                        json_pack("{s:o, s:s, s:o}", "bytes", wire_bytes(payload), "do", "personal-put", "salt",
                                  wire_bytes(slice_of(salt, PERSONAL_SALT_BYTES))),
                        0, &answer, err);
    const char *hex = member_text(answer, "hash");
    if (status == STATUS_OK && (hex == NULL || hash_from_hex(hex, &theirs) != STATUS_OK))
        status = book_remote_no_form(far, "hash", err);
    if (status == STATUS_OK) {
        hash_stream_init(&stream);
        hash_stream_add(&stream, slice_of(salt, PERSONAL_SALT_BYTES));
        hash_stream_add(&stream, payload);
        hash_stream_end(&stream, ret_hash);
        if (!hash_equal(ret_hash, &theirs))
            status =
                err_set(err, STATUS_CORRUPT, "%s: what the server stored has another hash", remote_name(far->remote));
    }
    json_decref(answer);
    return status;
}

enum status book_remote_personal_get(struct book *book, const struct hash *hash, struct personal *ret_personal,
                                     struct err *err)
{
    struct book_remote *far = book->self;
    struct personal personal = {.record = NULL};
    struct hash actual;
    char hex[HASH_HEX_CHARS + 1];
    json_t *answer = NULL;
    hash_to_hex(hash, hex);
    enum status status =
        book_remote_ask(far, json_pack("{s:s, s:s}", "do", "personal-get", "hash", hex), 0, &answer, err);
    if (status == STATUS_OK)
        status = wire_bytes_read(json_object_get(answer, "bytes"), PERSONAL_SALT_BYTES + PERSONAL_BYTES_MAX,
                                 &personal.record, &personal.record_length, err);
    if (status == STATUS_OK) {
        hash_of(personal.record, personal.record_length, &actual);
        if (personal.record_length < PERSONAL_SALT_BYTES || !hash_equal(&actual, hash))
            status = err_set(err, STATUS_CORRUPT, "personal data %.16s: what the server sent has another hash", hex);
    }
    if (status == STATUS_OK) {
        personal.payload =
            slice_of(personal.record + PERSONAL_SALT_BYTES, personal.record_length - PERSONAL_SALT_BYTES);
        *ret_personal = personal;
    } else {
        personal_done(&personal);
    }
    json_decref(answer);
    return status;
}

enum status book_remote_erase(struct book *book, const char *number, int64_t time_ms, size_t *ret_gone, struct err *err)
{
    struct book_remote *far = book->self;
    (void)time_ms; /* the server has its own clock */
    json_t *answer = NULL;
    enum status status =
        book_remote_ask(far, json_pack("{s:s, s:s}", "do", "erase", "document", number), 0, &answer, err);
    const json_t *gone = json_object_get(answer, "gone");
    if (status == STATUS_OK && (!json_is_integer(gone) || json_integer_value(gone) < 0))
        status = book_remote_no_form(far, "number", err);
    if (status == STATUS_OK)
        *ret_gone = (size_t)json_integer_value(gone);
    json_decref(answer);
    return status;
}
