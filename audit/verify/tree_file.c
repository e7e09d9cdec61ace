/*
 * Hashes of complete subtrees in a file (tree_file.h). Guarantees nothing about what is in the file: a hash that was
 * changed on disk leads to another root, which is what whoever reads it compares.
 */
#include "audit/verify/tree_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/durable.h"
#include "ledger/tree.h"

enum { BUFFER_HASHES = 1024 };

struct tree_file {
    int fd;
    uint64_t count;   /* hashes in all */
    uint64_t written; /* of them in the file; the others wait */
    struct hash waiting[BUFFER_HASHES];
};

/* How many hashes stand before that of leaf index: two for each pair of leaves before it, one more for each pair of pairs, … */
static uint64_t before_leaf(uint64_t index)
{
    uint64_t count = 0;
    for (; index != 0; index >>= 1)
        count += index;
    return count;
}

static enum status file_new(struct tree_file **ret_file, struct err *err)
{
    struct tree_file *file = calloc(1, sizeof *file);
    if (file == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for the hashes of the tree");
    file->fd = -1;
    *ret_file = file;
    return STATUS_OK;
}

enum status tree_file_make(const char *dir, struct tree_file **ret_file, struct err *err)
{
    struct tree_file *file = NULL;
    struct path path;
    const char *where = dir == NULL ? "/tmp" : dir;
    enum status status = file_new(&file, err);
    if (status != STATUS_OK)
        return status;
    if (mkdir(where, 0700) != 0 && errno != EEXIST)
        status = durable_fail(errno, where, "making it", err);
    if (status == STATUS_OK)
        status = path_set(&path, err, "%s/hashes.XXXXXX", where);
    if (status == STATUS_OK && (file->fd = mkostemp(path.text, O_CLOEXEC)) < 0)
        status = durable_fail(errno, path.text, "making it", err);
    if (status != STATUS_OK) {
        tree_file_free(file);
        return status;
    }
    unlink(path.text);
    *ret_file = file;
    return STATUS_OK;
}

enum status tree_file_open(const char *path, uint64_t size, struct tree_file **ret_file, struct err *err)
{
    struct tree_file *file = NULL;
    struct stat info;
    enum status status =
        size > TREE_SIZE_MAX / 64 ? err_set(err, STATUS_LIMIT, "%s: too large a tree", path) : file_new(&file, err);
    if (status != STATUS_OK)
        return status;
    file->count = file->written = before_leaf(size);
    file->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file->fd < 0 || fstat(file->fd, &info) != 0)
        status = durable_fail(errno, path, "opening it", err);
    else if (!S_ISREG(info.st_mode) || (uint64_t)info.st_size < file->count * HASH_BYTES)
        status =
            err_set(err, STATUS_CORRUPT, "%s: does not hold the tree of %llu entries", path, (unsigned long long)size);
    else if (ftruncate(file->fd, (off_t)(file->count * HASH_BYTES)) != 0)
        status = durable_fail(errno, path, "cutting it", err);
    if (status != STATUS_OK)
        tree_file_free(file);
    else
        *ret_file = file;
    return status;
}

void tree_file_free(struct tree_file *file)
{
    if (file == NULL)
        return;
    if (file->fd >= 0)
        close(file->fd);
    free(file);
}

static enum status flush(struct tree_file *file, struct err *err)
{
    size_t length = (size_t)(file->count - file->written) * HASH_BYTES;
    if (length == 0)
        return STATUS_OK;
    if (lseek(file->fd, (off_t)(file->written * HASH_BYTES), SEEK_SET) < 0)
        return durable_fail(errno, "hashes of the tree", "seeking", err);
    enum status status = durable_write(file->fd, "hashes of the tree", slice_of(file->waiting, length), err);
    if (status == STATUS_OK)
        file->written = file->count;
    return status;
}

enum status tree_file_add(struct tree_file *file, const struct hash *hash, struct err *err)
{
    enum status status = file->count - file->written == BUFFER_HASHES ? flush(file, err) : STATUS_OK;
    if (status == STATUS_OK)
        file->waiting[file->count++ - file->written] = *hash;
    return status;
}

enum status tree_file_node(struct tree_file *file, unsigned level, uint64_t index, struct hash *ret_hash,
                           struct err *err)
{
    uint64_t leaves = level < TREE_LEVELS && index < UINT64_MAX >> level ? (index + 1) << level : 0;
    uint64_t place = leaves == 0 || leaves > TREE_SIZE_MAX / 4 ? UINT64_MAX : before_leaf(leaves - 1) + level;
    if (place >= file->count)
        return err_set(err, STATUS_NOT_FOUND, "the tree has no such hash yet");
    if (place >= file->written) {
        *ret_hash = file->waiting[place - file->written];
        return STATUS_OK;
    }
    ssize_t got = pread(file->fd, ret_hash->bytes, HASH_BYTES, (off_t)(place * HASH_BYTES));
    if (got != HASH_BYTES)
        return err_set(err, STATUS_IO, "hashes of the tree: cannot be read: %s", got < 0 ? strerror(errno) : "cut off");
    return STATUS_OK;
}

enum status tree_file_sync(struct tree_file *file, struct err *err)
{
    enum status status = flush(file, err);
    if (status == STATUS_OK && fdatasync(file->fd) != 0)
        status = durable_fail(errno, "hashes of the tree", "writing to the disk", err);
    return status;
}
