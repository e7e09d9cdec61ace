/*
 * Copying what lies beside a journal. Names of evidence and personal data are hashes, so nothing has to be believed of the copy; a file that is not what it
 * is called ends the work, since somebody has to know before the other copy is gone too.
 */
#include "cli/beside_copy.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/interrupt.h"
#include "ledger/beside.h"
#include "ledger/durable.h"
#include "ledger/timestamps.h"

struct copying {
    const char *from_dir, *book_dir;
    size_t evidence, personal;
    bool found;
};

typedef enum status name_step(struct copying *copying, const char *dir, const char *name, struct err *err);

static enum status each_name(struct copying *copying, const char *dir, name_step *step, struct err *err)
{
    enum status status = STATUS_OK;
    DIR *names = opendir(dir);
    if (names == NULL)
        return errno == ENOENT ? STATUS_OK : durable_fail(errno, dir, "open", err);
    copying->found = true;
    for (const struct dirent *entry = readdir(names); status == STATUS_OK && entry != NULL; entry = readdir(names)) {
        if (entry->d_name[0] != '.')
            status = step(copying, dir, entry->d_name, err);
        if (status == STATUS_OK)
            status = interrupt_check(err);
    }
    closedir(names);
    return status;
}

static enum status hash_read(const char *dir, const char *name, struct hash *ret_hash, struct err *err)
{
    return hash_from_hex(name, ret_hash) == STATUS_OK
               ? STATUS_OK
               : err_set(err, STATUS_INPUT, "%s/%s: is not named by a hash, so it is no file of a book", dir, name);
}

static enum status evidence_step(struct copying *copying, const char *dir, const char *name, struct err *err)
{
    struct path path;
    struct hash hash;
    struct evidence evidence;
    enum status status = hash_read(dir, name, &hash, err);
    if (status == STATUS_OK)
        status = path_set(&path, err, "%s/%s", dir, name);
    if (status == STATUS_OK)
        status = evidence_put(copying->book_dir, path.text, EVIDENCE_BYTES_MAX, &evidence, err);
    if (status == STATUS_OK && !hash_equal(&evidence.hash, &hash))
        status = err_set(err, STATUS_CORRUPT, "%s: its content is not what its name says", path.text);
    copying->evidence++;
    return status;
}

static enum status shelf_step(struct copying *copying, const char *dir, const char *name, struct err *err)
{
    struct path path;
    enum status status = path_set(&path, err, "%s/%s", dir, name);
    return status == STATUS_OK ? each_name(copying, path.text, evidence_step, err) : status;
}

static enum status personal_step(struct copying *copying, const char *dir, const char *name, struct err *err)
{
    struct hash hash, put;
    struct personal record = {.record = NULL};
    enum status status = hash_read(dir, name, &hash, err);
    if (status == STATUS_OK)
        status = personal_get(copying->from_dir, &hash, &record, err);
    if (status == STATUS_OK)
        status = personal_put(copying->book_dir, record.record, record.payload, &put, err);
    personal_done(&record);
    copying->personal++;
    return status;
}

/* Replies are held against their checkpoints by verification, not here: nothing in a name says what is in it. */
static enum status stamp_step(struct copying *copying, const char *dir, const char *name, struct err *err)
{
    size_t length = 0;
    (void)dir;
    uint8_t *reply = malloc(TIMESTAMP_REPLY_BYTES_MAX);
    if (reply == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a time stamp");
    enum status status = timestamps_get(copying->from_dir, name, reply, &length, err);
    if (status == STATUS_OK)
        status = timestamps_put(copying->book_dir, name, slice_of(reply, length), err);
    free(reply);
    return status;
}

enum status beside_copy(const char *from_dir, const char *book_dir, size_t *ret_evidence, size_t *ret_personal,
                        struct err *err)
{
    struct copying copying = {.from_dir = from_dir, .book_dir = book_dir};
    struct path path;
    enum status status = path_set(&path, err, "%s/evidence", from_dir);
    if (status == STATUS_OK)
        status = each_name(&copying, path.text, shelf_step, err);
    if (status == STATUS_OK)
        status = path_set(&path, err, "%s/personal", from_dir);
    if (status == STATUS_OK)
        status = each_name(&copying, path.text, personal_step, err);
    if (status == STATUS_OK)
        status = path_set(&path, err, "%s/timestamps", from_dir);
    if (status == STATUS_OK)
        status = each_name(&copying, path.text, stamp_step, err);
    if (status == STATUS_OK && !copying.found)
        status =
            err_set(err, STATUS_NOT_FOUND, "--beside %s: has no directory evidence, personal or timestamps", from_dir);
    if (status == STATUS_OK) {
        *ret_evidence = copying.evidence;
        *ret_personal = copying.personal;
    }
    return status;
}
