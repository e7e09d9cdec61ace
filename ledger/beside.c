/*
 * Files beside the journal: evidence, named by what it is, and personal data, which the journal knows by a salted hash
 * only. Guarantees that what is read back is what was put, that a name shows a whole file or none, and that an erasure
 * is on disk when it returns. Who may put, read or erase is for the gate.
 */
#include "ledger/beside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/checksum.h"
#include "ledger/durable.h"

enum { CHUNK_BYTES = 1 << 16 };

struct chunk {
    uint8_t bytes[CHUNK_BYTES];
};

static enum status evidence_path(const char *book_dir, const struct hash *hash, struct path *ret_path, struct err *err)
{
    char hex[HASH_HEX_CHARS + 1];
    hash_to_hex(hash, hex);
    return path_set(ret_path, err, "%s/evidence/%.2s/%s", book_dir, hex, hex);
}

/* Where copy_through reads, writes (-1: nowhere), and how much it may. */
struct copy {
    int in;
    const char *in_path;
    int out;
    const char *out_path;
    uint64_t bytes_max;
};

/* Reads to the end, hashing, and writes what was read. */
static enum status copy_through(const struct copy *copy, struct evidence *ret_evidence, struct err *err)
{
    enum status status = STATUS_OK;
    struct hash_stream stream;
    uint64_t bytes = 0;
    struct chunk *chunk = malloc(sizeof *chunk);
    if (chunk == NULL)
        return err_set(err, STATUS_MEMORY, "%s: no memory", copy->in_path);
    hash_stream_init(&stream);
    while (status == STATUS_OK) {
        ssize_t got = read(copy->in, chunk->bytes, sizeof chunk->bytes);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            status = durable_fail(errno, copy->in_path, "read", err);
        if (got <= 0)
            break;
        bytes += (uint64_t)got;
        if (bytes > copy->bytes_max) {
            status = err_set(err, STATUS_LIMIT, "%s: is larger than the %llu bytes that evidence may have",
                             copy->in_path, (unsigned long long)copy->bytes_max);
            break;
        }
        hash_stream_add(&stream, slice_of(chunk->bytes, (size_t)got));
        if (copy->out >= 0)
            status = durable_write(copy->out, copy->out_path, slice_of(chunk->bytes, (size_t)got), err);
    }
    if (status == STATUS_OK) {
        hash_stream_end(&stream, &ret_evidence->hash);
        ret_evidence->bytes = bytes;
    }
    free(chunk);
    return status;
}

static enum status open_source(const char *source, int *ret_fd, struct err *err)
{
    struct stat facts;
    int fd = open(source, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return durable_fail(errno, source, "open", err);
    if (fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        close(fd);
        return err_set(err, STATUS_INPUT, "%s: is not a regular file", source);
    }
    *ret_fd = fd;
    return STATUS_OK;
}

/*
 * The directory of the first two digits, made and made known when it lacks. One whose name the disk did not take is gone again:
 * a later sync may believe that it has.
 */
static enum status make_shelf(const char *book_dir, const struct hash *hash, struct err *err)
{
    struct path shelf;
    char hex[HASH_HEX_CHARS + 1];
    hash_to_hex(hash, hex);
    enum status status = path_set(&shelf, err, "%s/evidence/%.2s", book_dir, hex);
    if (status != STATUS_OK)
        return status;
    bool made = mkdir(shelf.text, 0700) == 0;
    if (!made && errno != EEXIST)
        return durable_fail(errno, shelf.text, "make directory", err);
    status = durable_sync_parent(shelf.text, err); /* also when it was there: its maker may have died before the sync */
    if (status != STATUS_OK && made)
        (void)rmdir(shelf.text);
    return status;
}

/* A synced file beside becomes the stored one. */
static enum status shelve(const char *book_dir, const char *temporary, const struct hash *hash, struct err *err)
{
    struct path path;
    enum status status = evidence_path(book_dir, hash, &path, err);
    if (status == STATUS_OK)
        status = make_shelf(book_dir, hash, err);
    if (status == STATUS_OK && rename(temporary, path.text) != 0)
        status = durable_fail(errno, path.text, "rename into place", err);
    return status == STATUS_OK ? durable_sync_parent(path.text, err) : status;
}

/* Copies what is open as from->in into a new file and gives that its name. */
static enum status put_open(const char *book_dir, const struct copy *from, struct evidence *ret_evidence,
                            struct err *err)
{
    struct path temporary;
    struct evidence evidence;
    struct copy copy = *from;
    enum status status = path_set(&temporary, err, "%s/evidence/new.XXXXXX", book_dir);
    if (status != STATUS_OK)
        return status;
    copy.out_path = temporary.text;
    copy.out = mkostemp(temporary.text, O_CLOEXEC);
    if (copy.out < 0)
        return durable_fail(errno, temporary.text, "make", err);
    status = copy_through(&copy, &evidence, err);
    if (status == STATUS_OK && (fchmod(copy.out, 0400) != 0 || fsync(copy.out) != 0))
        status = durable_fail(errno, temporary.text, "sync", err);
    if (status == STATUS_OK)
        status = shelve(book_dir, temporary.text, &evidence.hash, err);
    if (status != STATUS_OK)
        unlink(temporary.text);
    else
        *ret_evidence = evidence;
    close(copy.out);
    return status;
}

enum status evidence_put(const char *book_dir, const char *source, uint64_t bytes_max, struct evidence *ret_evidence,
                         struct err *err)
{
    struct copy copy = {.in_path = source, .bytes_max = bytes_max};
    enum status status = open_source(source, &copy.in, err);
    if (status != STATUS_OK)
        return status;
    status = put_open(book_dir, &copy, ret_evidence, err);
    close(copy.in);
    return status;
}

enum status evidence_receive(const char *book_dir, int *ret_fd, struct err *err)
{
    struct path temporary;
    enum status status = path_set(&temporary, err, "%s/evidence/new.XXXXXX", book_dir);
    if (status != STATUS_OK)
        return status;
    int fd = mkostemp(temporary.text, O_CLOEXEC);
    if (fd < 0)
        return durable_fail(errno, temporary.text, "make", err);
    if (unlink(temporary.text) != 0) {
        status = durable_fail(errno, temporary.text, "take the name of", err);
        close(fd);
        return status;
    }
    *ret_fd = fd;
    return STATUS_OK;
}

enum status evidence_put_received(const char *book_dir, int fd, uint64_t bytes_max, struct evidence *ret_evidence,
                                  struct err *err)
{
    struct copy copy = {.in = fd, .in_path = "the file that was sent", .bytes_max = bytes_max};
    if (lseek(fd, 0, SEEK_SET) != 0)
        return durable_fail(errno, copy.in_path, "read again", err);
    return put_open(book_dir, &copy, ret_evidence, err);
}

/* Reads from where the descriptor stands to the end, to out as well if there is one, and compares. */
static enum status verify_open(const struct copy *copy, const struct hash *hash, uint64_t *ret_bytes, struct err *err)
{
    struct evidence found;
    enum status status = copy_through(copy, &found, err);
    if (status != STATUS_OK)
        return status;
    if (!hash_equal(&found.hash, hash))
        return err_set(err, STATUS_CORRUPT, "%s: its content is not what its name says", copy->in_path);
    *ret_bytes = found.bytes;
    return STATUS_OK;
}

static enum status open_stored(const char *book_dir, const struct hash *hash, struct path *ret_path, int *ret_fd,
                               struct err *err)
{
    enum status status = evidence_path(book_dir, hash, ret_path, err);
    if (status != STATUS_OK)
        return status;
    int fd = open(ret_path->text, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return durable_fail(errno, ret_path->text, "open evidence", err);
    *ret_fd = fd;
    return STATUS_OK;
}

enum status evidence_verify(const char *book_dir, const struct hash *hash, uint64_t *ret_bytes, struct err *err)
{
    struct path path;
    struct copy copy = {.in_path = path.text, .out = -1, .bytes_max = UINT64_MAX};
    enum status status = open_stored(book_dir, hash, &path, &copy.in, err);
    if (status != STATUS_OK)
        return status;
    status = verify_open(&copy, hash, ret_bytes, err);
    close(copy.in);
    return status;
}

enum status evidence_copy(const char *book_dir, const struct hash *hash, int out, struct err *err)
{
    struct path path;
    uint64_t bytes = 0;
    struct copy copy = {.in_path = path.text, .out = -1, .out_path = "output", .bytes_max = UINT64_MAX};
    enum status status = open_stored(book_dir, hash, &path, &copy.in, err);
    if (status != STATUS_OK)
        return status;
    status = verify_open(&copy, hash, &bytes, err);
    if (status == STATUS_OK && lseek(copy.in, 0, SEEK_SET) != 0)
        status = durable_fail(errno, path.text, "read again", err);
    if (status == STATUS_OK) {
        copy.out = out;
        copy.bytes_max = bytes;
        status = verify_open(&copy, hash, &bytes, err);
    }
    close(copy.in);
    return status;
}

enum status evidence_read(const char *book_dir, const struct hash *hash, const struct evidence_piece *piece,
                          size_t *ret_length, uint64_t *ret_bytes_all, struct err *err)
{
    struct path path;
    struct stat facts;
    int fd = -1;
    size_t used = 0;
    enum status status = open_stored(book_dir, hash, &path, &fd, err);
    if (status != STATUS_OK)
        return status;
    if (fstat(fd, &facts) != 0)
        status = durable_fail(errno, path.text, "look at", err);
    while (status == STATUS_OK && used < piece->size) {
        ssize_t got = pread(fd, piece->bytes + used, piece->size - used, (off_t)(piece->offset + used));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            status = durable_fail(errno, path.text, "read", err);
        if (got <= 0)
            break;
        used += (size_t)got;
    }
    close(fd);
    if (status != STATUS_OK)
        return status;
    *ret_length = used;
    *ret_bytes_all = (uint64_t)facts.st_size;
    return STATUS_OK;
}

bool evidence_exists(const char *book_dir, const struct hash *hash)
{
    struct path path;
    struct stat facts;
    return evidence_path(book_dir, hash, &path, NULL) == STATUS_OK && lstat(path.text, &facts) == 0 &&
           S_ISREG(facts.st_mode);
}

static enum status personal_path(const char *book_dir, const struct hash *hash, struct path *ret_path, struct err *err)
{
    char hex[HASH_HEX_CHARS + 1];
    hash_to_hex(hash, hex);
    return path_set(ret_path, err, "%s/personal/%s", book_dir, hex);
}

enum status personal_put(const char *book_dir, const uint8_t salt[static PERSONAL_SALT_BYTES], struct slice payload,
                         struct hash *ret_hash, struct err *err)
{
    struct path path;
    struct hash hash;
    if (payload.length > PERSONAL_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "a record of personal data has up to %d bytes, not %zu", PERSONAL_BYTES_MAX,
                       payload.length);
    size_t length = PERSONAL_SALT_BYTES + payload.length;
    uint8_t *record = malloc(length);
    if (record == NULL)
        return err_set(err, STATUS_MEMORY, "personal data: no memory");
    memcpy(record, salt, PERSONAL_SALT_BYTES);
    if (payload.length > 0)
        memcpy(record + PERSONAL_SALT_BYTES, payload.bytes, payload.length);
    hash_of(record, length, &hash);
    enum status status = personal_path(book_dir, &hash, &path, err);
    if (status == STATUS_OK)
        status = durable_replace(path.text, slice_of(record, length), 0600, err);
    if (status == STATUS_OK)
        *ret_hash = hash;
    explicit_bzero(record, length);
    free(record);
    return status;
}

static enum status read_record(int fd, const char *path, struct personal *personal, struct err *err)
{
    struct stat facts;
    if (fstat(fd, &facts) != 0)
        return durable_fail(errno, path, "look at", err);
    if (!S_ISREG(facts.st_mode) || facts.st_size < PERSONAL_SALT_BYTES ||
        facts.st_size > PERSONAL_SALT_BYTES + PERSONAL_BYTES_MAX)
        return err_set(err, STATUS_CORRUPT, "%s: has an impossible size", path);
    personal->record_length = (size_t)facts.st_size;
    personal->record = malloc(personal->record_length);
    if (personal->record == NULL)
        return err_set(err, STATUS_MEMORY, "%s: no memory", path);
    for (size_t used = 0; used < personal->record_length;) {
        ssize_t got = read(fd, personal->record + used, personal->record_length - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return durable_fail(got < 0 ? errno : EIO, path, "read", err);
        used += (size_t)got;
    }
    personal->payload = slice_of(personal->record + PERSONAL_SALT_BYTES, personal->record_length - PERSONAL_SALT_BYTES);
    return STATUS_OK;
}

enum status personal_get(const char *book_dir, const struct hash *hash, struct personal *ret_personal, struct err *err)
{
    struct path path;
    struct hash actual;
    struct personal personal = {0};
    enum status status = personal_path(book_dir, hash, &path, err);
    if (status != STATUS_OK)
        return status;
    int fd = open(path.text, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return durable_fail(errno, path.text, "open personal data", err);
    status = read_record(fd, path.text, &personal, err);
    close(fd);
    if (status == STATUS_OK) {
        hash_of(personal.record, personal.record_length, &actual);
        if (!hash_equal(&actual, hash))
            status = err_set(err, STATUS_CORRUPT, "%s: its content is not what its name says", path.text);
    }
    if (status != STATUS_OK) {
        personal_done(&personal);
        return status;
    }
    *ret_personal = personal;
    return STATUS_OK;
}

void personal_done(struct personal *personal)
{
    if (personal == NULL || personal->record == NULL)
        return;
    explicit_bzero(personal->record, personal->record_length);
    free(personal->record);
    *personal = (struct personal){0};
}

static enum status overwrite(int fd, const char *path, struct err *err)
{
    struct stat facts;
    if (fstat(fd, &facts) != 0)
        return durable_fail(errno, path, "look at", err);
    struct chunk *zeros = calloc(1, sizeof *zeros);
    if (zeros == NULL)
        return err_set(err, STATUS_MEMORY, "%s: no memory", path);
    enum status status = STATUS_OK;
    for (off_t left = facts.st_size; left > 0 && status == STATUS_OK; left -= CHUNK_BYTES)
        status = durable_write(fd, path, slice_of(zeros->bytes, left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES), err);
    free(zeros);
    if (status == STATUS_OK && fsync(fd) != 0)
        status = durable_fail(errno, path, "sync", err);
    return status;
}

enum status personal_erase(const char *book_dir, const struct hash *hash, struct err *err)
{
    struct path path;
    enum status status = personal_path(book_dir, hash, &path, err);
    if (status != STATUS_OK)
        return status;
    int fd = open(path.text, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT) { /* whoever removed it may have ended before that was on disk: it would come back */
        status = durable_sync_parent(path.text, err);
        return status == STATUS_OK ? err_set(err, STATUS_NOT_FOUND, "%s: is not there", path.text) : status;
    }
    if (fd < 0)
        return durable_fail(errno, path.text, "open personal data", err);
    status = overwrite(fd, path.text, err);
    close(fd);
    if (status == STATUS_OK && unlink(path.text) != 0)
        status = durable_fail(errno, path.text, "remove", err);
    return status == STATUS_OK ? durable_sync_parent(path.text, err) : status;
}
