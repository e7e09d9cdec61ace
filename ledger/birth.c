/*
 * The birth of a book's directory: everything under another name, everything synced, one rename, the directory above
 * synced. Guarantees that a book is at its name whole or not at all; what its charter says is for the gate.
 */
#include "ledger/birth.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/journal_layout.h"

struct birth {
    struct path final;
    struct path built;
    struct journal *journal;
    bool made; /* the directory at built is ours to remove */
};

static const char *const subdirectories[] = {"journal", "books", "evidence", "personal"};
static const char *const files[] = {"journal/data.mdb", "journal/lock.mdb", "lock"};

enum {
    FIRST_BESIDE = 2, /* evidence and personal, which others fill */
    SUBDIRECTORIES = sizeof subdirectories / sizeof subdirectories[0],
    FILES = sizeof files / sizeof files[0],
    DECIMAL_MAX = 24
};

static enum status make_directories(struct birth *birth, struct err *err)
{
    struct path path;
    enum status status = durable_make_dir(birth->built.text, err);
    birth->made = status == STATUS_OK;
    for (size_t i = 0; i < SUBDIRECTORIES && status == STATUS_OK; i++) {
        status = path_set(&path, err, "%s/%s", birth->built.text, subdirectories[i]);
        if (status == STATUS_OK)
            status = durable_make_dir(path.text, err);
    }
    if (status == STATUS_OK)
        status = path_set(&path, err, "%s/lock", birth->built.text);
    if (status != STATUS_OK)
        return status;
    int fd = open(path.text, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return durable_fail(errno, path.text, "make", err);
    close(fd);
    return STATUS_OK;
}

static enum status put_number(struct store_txn *txn, const char *name, uint64_t number, struct err *err)
{
    char text[DECIMAL_MAX];
    int length = snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    return store_put(txn, JOURNAL_META, slice_of(name, strlen(name)), slice_of(text, (size_t)length), err);
}

static enum status make_journal(struct birth *birth, uint64_t map_bytes, struct err *err)
{
    const struct store_options options = {
        .names = journal_table_names, .count = JOURNAL_TABLES, .map_bytes = map_bytes, .create = true};
    struct store_txn *txn = NULL;
    enum status status = journal_layout_open(birth->built.text, &options, &birth->journal, err);
    if (status == STATUS_OK)
        status = store_write_begin(birth->journal->store, &txn, err);
    if (status != STATUS_OK)
        return status;
    status = put_number(txn, "format", JOURNAL_FORMAT, err);
    if (status == STATUS_OK)
        status = put_number(txn, "map_bytes", store_map_bytes(birth->journal->store), err);
    if (status != STATUS_OK) {
        store_abort(txn);
        return status;
    }
    return store_commit(txn, err);
}

enum status birth_begin(const char *dir, const struct birth_options *options, struct birth **ret_birth, struct err *err)
{
    struct stat there;
    if (lstat(dir, &there) == 0)
        return err_set(err, STATUS_EXISTS, "%s: is there already: choose another name for the book", dir);
    struct birth *birth = calloc(1, sizeof *birth);
    if (birth == NULL)
        return err_set(err, STATUS_MEMORY, "%s: no memory", dir);
    size_t length = strlen(dir);
    while (length > 1 && dir[length - 1] == '/')
        length--;
    enum status status =
        path_set(&birth->final, err, "%.*s", (int)(length < PATH_BYTES_MAX ? length : PATH_BYTES_MAX), dir);
    if (status == STATUS_OK)
        status = path_set(&birth->built, err, "%s.new-%016llx", birth->final.text, (unsigned long long)options->nonce);
    if (status == STATUS_OK)
        status = make_directories(birth, err);
    if (status == STATUS_OK)
        status = make_journal(birth, options->map_bytes, err);
    if (status != STATUS_OK) {
        birth_abort(birth);
        return status;
    }
    *ret_birth = birth;
    return STATUS_OK;
}

struct journal *birth_journal(struct birth *birth)
{
    return birth->journal;
}

enum status birth_personal(struct birth *birth, const uint8_t salt[static PERSONAL_SALT_BYTES], struct slice payload,
                           struct hash *ret_hash, struct err *err)
{
    return personal_put(birth->built.text, salt, payload, ret_hash, err);
}

static enum status check_charter(struct birth *birth, struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    struct journal_head head = {0};
    enum status status = journal_read_begin(birth->journal, &snapshot, err);
    if (status == STATUS_OK)
        status = journal_head(snapshot, &head, err);
    journal_read_end(snapshot);
    if (status == STATUS_OK && head.size == 0)
        return err_set(err, STATUS_INPUT, "%s: a book begins with its charter, and has none", birth->final.text);
    return status;
}

const char *birth_dir(const struct birth *birth)
{
    return birth->built.text;
}

enum status birth_rest(struct birth *birth, struct err *err)
{
    if (birth->journal == NULL)
        return STATUS_OK;
    enum status status = check_charter(birth, err);
    journal_close(birth->journal);
    birth->journal = NULL;
    return status;
}

/* Files and names, innermost first. The journal's data was synced by its commits; its metadata is by this. */
static enum status sync_everything(const struct birth *birth, struct err *err)
{
    struct path path;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < FILES && status == STATUS_OK; i++) {
        status = path_set(&path, err, "%s/%s", birth->built.text, files[i]);
        int fd = status == STATUS_OK ? open(path.text, O_RDONLY | O_CLOEXEC) : -1;
        if (status == STATUS_OK && (fd < 0 || fsync(fd) != 0))
            status = durable_fail(errno, path.text, "sync", err);
        if (fd >= 0)
            close(fd);
    }
    for (size_t i = 0; i < SUBDIRECTORIES && status == STATUS_OK; i++) {
        status = path_set(&path, err, "%s/%s", birth->built.text, subdirectories[i]);
        if (status == STATUS_OK)
            status = durable_sync_dir(path.text, err);
    }
    return status == STATUS_OK ? durable_sync_dir(birth->built.text, err) : status;
}

enum status birth_finish(struct birth *birth, struct err *err)
{
    struct err sync_err;
    enum status status = birth_rest(birth, err);
    if (status == STATUS_OK)
        status = sync_everything(birth, err);
    if (status == STATUS_OK)
        status = durable_rename_new(birth->built.text, birth->final.text, err);
    if (status == STATUS_OK) {
        birth->made = false; /* it bears another name now */
        if (durable_sync_parent(birth->final.text, &sync_err) != STATUS_OK)
            status =
                err_set(err, STATUS_UNKNOWN, "the book is made, but may not survive a power cut: %s", sync_err.text);
    }
    birth_abort(birth);
    return status;
}

/* What lies beside the journal: files, and shelves of files one deep. A shelf is no directory of ours to enter twice. */
static void empty_directory(const char *dir, bool has_shelves);

static void remove_inside(const char *path, bool has_shelves)
{
    if (unlink(path) == 0 || !has_shelves)
        return;
    empty_directory(path, false);
    rmdir(path);
}

static void empty_directory(const char *dir, bool has_shelves)
{
    struct path path;
    DIR *names = opendir(dir);
    if (names == NULL)
        return;
    for (const struct dirent *entry = readdir(names); entry != NULL; entry = readdir(names))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            path_set(&path, NULL, "%s/%s", dir, entry->d_name) == STATUS_OK)
            remove_inside(path.text, has_shelves);
    closedir(names);
}

void birth_abort(struct birth *birth)
{
    struct path path;
    if (birth == NULL)
        return;
    journal_close(birth->journal);
    if (birth->made) {
        for (size_t i = 0; i < FILES; i++)
            if (path_set(&path, NULL, "%s/%s", birth->built.text, files[i]) == STATUS_OK)
                unlink(path.text);
        for (size_t i = 0; i < SUBDIRECTORIES; i++)
            if (path_set(&path, NULL, "%s/%s", birth->built.text, subdirectories[i]) == STATUS_OK) {
                if (i >= FIRST_BESIDE)
                    empty_directory(path.text, true);
                rmdir(path.text);
            }
        rmdir(birth->built.text);
    }
    free(birth);
}
