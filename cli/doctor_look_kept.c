/*
 * What was handed out and kept elsewhere: checkpoints of this journal with whoever cosigned them, and its backups. Of a
 * backup everything is read, since one that is not whole is none; what counts is not its age but that of the first entry that
 * it does not have.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/backup/backup.h"
#include "cli/backup_source.h"
#include "cli/brought.h"
#include "cli/doctor.h"
#include "ledger/checkpoint.h"
#include "ledger/durable.h"
#include "ledger/entry.h"

enum {
    CHECKPOINTS_MAX = 4096, /* looked at, from the newest back */
    NAMES_MAX = 4096,       /* in a folder of backups */
    BEGIN_BYTES = 4096      /* of a file, in which a backup names its book */
};

/* Time of the first entry beyond a size; DOCTOR_ALL when there is none, DOCTOR_UNKNOWN when it may not be read. errors MEMORY. */
static enum status time_beyond(struct journal_snapshot *snapshot, uint64_t size, uint64_t entries, int64_t *ret_ms,
                               struct err *err)
{
    struct err why = {0};
    *ret_ms = DOCTOR_ALL;
    if (size >= entries)
        return STATUS_OK;
    enum status status = doctor_time_of(snapshot, size, ret_ms, &why);
    if (status != STATUS_OK)
        *ret_ms = DOCTOR_UNKNOWN;
    return status == STATUS_MEMORY ? err_set(err, status, "%s", why.text) : STATUS_OK;
}

static bool root_differs(struct journal_snapshot *snapshot, uint64_t size, uint64_t entries, const struct hash *root)
{
    const struct tree_reader reader = journal_tree(snapshot);
    struct hash here;
    return size > entries || (tree_root(&reader, size, &here, NULL) == STATUS_OK && !hash_equal(&here, root));
}

static void take_cosignatures(const struct brought *brought, const struct note *note, uint64_t size,
                              struct doctor_checkpoints *found)
{
    for (size_t i = 0; i < brought->witness_count; i++) {
        int64_t seconds = 0;
        enum status status = note_verify_cosignature(note, &brought->witnesses[i], &seconds, NULL);
        found->cosignature_bad = found->cosignature_bad || status == STATUS_SIGNATURE;
        if (status != STATUS_OK || size <= found->cosigned_size)
            continue;
        found->cosigned_size = size;
        found->cosigned_ms = seconds * 1000;
        memcpy(found->witness, brought->witnesses[i].name, sizeof found->witness);
    }
}

static void take_checkpoint(const struct brought *brought, const struct journal_checkpoint *recorded,
                            struct doctor_checkpoints *found)
{
    struct note note;
    struct checkpoint checkpoint;
    if (note_parse((const char *)recorded->note.bytes, recorded->note.length, &note, NULL) != STATUS_OK ||
        checkpoint_parse(note.text, note.text_length, &checkpoint, NULL) != STATUS_OK)
        return;
    for (size_t i = 0; i < note.signature_count; i++)
        found->others += note.signatures[i].name_length != strlen(checkpoint.origin) ||
                         memcmp(note.signatures[i].name, checkpoint.origin, note.signatures[i].name_length) != 0;
    take_cosignatures(brought, &note, recorded->size, found);
}

static enum status look_checkpoints(const struct doctor_order *order, struct journal_snapshot *snapshot,
                                    struct doctor_checkpoints *found, struct err *err)
{
    struct journal_head head;
    struct journal_checkpoint recorded;
    enum status status = journal_head(snapshot, &head, err);
    if (status == STATUS_OK)
        status = journal_checkpoint_count(snapshot, &found->count, err);
    for (uint64_t i = 0; status == STATUS_OK && i < found->count && i < CHECKPOINTS_MAX; i++) {
        status = journal_checkpoint(snapshot, found->count - 1 - i, &recorded, err);
        if (status != STATUS_OK)
            break;
        if (recorded.size > found->size)
            found->size = recorded.size;
        uint64_t cosigned = found->cosigned_size;
        take_checkpoint(order->brought, &recorded, found);
        if (i == 0 || found->cosigned_size > cosigned)
            found->root_differs =
                found->root_differs || root_differs(snapshot, recorded.size, head.size, &recorded.root);
    }
    if (status != STATUS_OK)
        return status;
    status = time_beyond(snapshot, found->size, head.size, &found->since_ms, err);
    return status == STATUS_OK
               ? time_beyond(snapshot, found->cosigned_size, head.size, &found->uncosigned_since_ms, err)
               : status;
}

void doctor_look_checkpoints(const struct doctor_order *order, struct journal *journal, struct doctor_facts *facts)
{
    struct doctor_checkpoints *found = &facts->checkpoints;
    struct journal_snapshot *snapshot = NULL;
    struct err err = {0};
    found->witnesses = order->brought->witness_count;
    enum status status = journal_read_begin(journal, &snapshot, &err);
    if (status == STATUS_OK)
        status = look_checkpoints(order, snapshot, found, &err);
    journal_read_end(snapshot);
    found->looked = status == STATUS_OK;
    facts->no_memory = facts->no_memory || status == STATUS_MEMORY;
    memcpy(found->why, err.text, sizeof found->why);
}

/* Whether a file begins as a backup of that book does; everything else about it is for backup_read. */
static bool begins_as_backup(const char *path, const char *book)
{
    char bytes[BEGIN_BYTES];
    struct stat stat_of_file;
    FILE *file = stat(path, &stat_of_file) == 0 && S_ISREG(stat_of_file.st_mode) ? fopen(path, "re") : NULL;
    if (file == NULL)
        return false;
    size_t length = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    const char *line_end = memchr(bytes, '\n', length);
    length = line_end == NULL ? 0 : (size_t)(line_end - bytes);
    return memmem(bytes, length, "\"backup\":\"begin\"", 16) != NULL &&
           memmem(bytes, length, book, strlen(book)) != NULL;
}

/* The backup in a folder that was written last. errors NOT_FOUND. */
static enum status newest_in(const char *folder, const char *book, struct path *ret_path, struct err *err)
{
    struct timespec newest = {.tv_sec = -1};
    DIR *dir = opendir(folder);
    if (dir == NULL)
        return durable_fail(errno, folder, "list", err);
    const struct dirent *entry = readdir(dir);
    for (size_t i = 0; i < NAMES_MAX && entry != NULL; i++, entry = readdir(dir)) {
        struct path path;
        struct stat found;
        if (path_set(&path, NULL, "%s/%s", folder, entry->d_name) != STATUS_OK || stat(path.text, &found) != 0 ||
            !S_ISREG(found.st_mode) || found.st_mtim.tv_sec < newest.tv_sec ||
            (found.st_mtim.tv_sec == newest.tv_sec && found.st_mtim.tv_nsec <= newest.tv_nsec) ||
            !begins_as_backup(path.text, book))
            continue;
        newest = found.st_mtim;
        *ret_path = path;
    }
    bool whole = entry == NULL;
    (void)closedir(dir);
    if (!whole)
        return err_set(err, STATUS_LIMIT, "%s: holds more than %d files; name the newest backup", folder, NAMES_MAX);
    return newest.tv_sec >= 0
               ? STATUS_OK
               : err_set(err, STATUS_NOT_FOUND,
                         "%s: no backup of this book is in it (one that is compressed is not read)", folder);
}

/* Reads it through, and holds its end against the journal. */
static enum status read_backup(struct cli *cli, const char *path, struct journal_snapshot *snapshot, const char *book,
                               uint64_t *ret_size, struct err *err)
{
    struct backup_file file = {.file = NULL};
    const struct tree_reader known = journal_tree(snapshot);
    const struct backup_source source = {.read = backup_file_read, .context = &file};
    struct backup_reading reading = {.name = path, .source = &source, .known = &known};
    struct journal_head head;
    enum status status = journal_head(snapshot, &head, err);
    if (status == STATUS_OK)
        status = backup_file_open(cli, path, &file, err);
    if (status == STATUS_OK)
        status = backup_read(&reading, err);
    backup_file_close(&file);
    if (status != STATUS_OK)
        return status;
    if (strcmp(reading.book, book) != 0)
        return err_set(err, STATUS_INPUT, "%s: is a backup of another book", path);
    if (reading.place.size > head.size)
        return err_set(err, STATUS_CORRUPT,
                       "%s: has %llu entries, and the book only %llu: the book was cut off or put back; keep both",
                       path, (unsigned long long)reading.place.size, (unsigned long long)head.size);
    if (root_differs(snapshot, reading.place.size, head.size, &reading.place.root))
        return err_set(err, STATUS_CORRUPT, "%s: has other entries than the book: keep both", path);
    *ret_size = reading.place.size;
    return STATUS_OK;
}

static enum status look_backup(struct cli *cli, const struct doctor_order *order, struct journal_snapshot *snapshot,
                               struct doctor_backup *found, struct err *err)
{
    struct stat there, of_book;
    struct entry charter = {.seq = 0};
    char book[HASH_HEX_CHARS + 1];
    struct path path;
    enum status status = entry_at(snapshot, 0, &charter, err);
    if (status != STATUS_OK)
        return status;
    hash_to_hex(&charter.statement.hash, book);
    entry_done(&charter);
    status = path_set(&path, err, "%s", order->backup);
    if (status == STATUS_OK && stat(order->backup, &there) != 0)
        status = durable_fail(errno, order->backup, "look at", err);
    if (status == STATUS_OK && S_ISDIR(there.st_mode))
        status = newest_in(order->backup, book, &path, err);
    if (status == STATUS_OK)
        status = read_backup(cli, path.text, snapshot, book, &found->size, err);
    if (status != STATUS_OK)
        return status;
    const char *slash = strrchr(path.text, '/');
    snprintf(found->name, sizeof found->name, "%s", slash == NULL ? path.text : slash + 1);
    found->same_device = order->session == NULL && stat(order->book, &of_book) == 0 && of_book.st_dev == there.st_dev;
    return STATUS_OK;
}

void doctor_look_backup(struct cli *cli, const struct doctor_order *order, struct journal *journal,
                        struct doctor_facts *facts)
{
    struct doctor_backup *found = &facts->backup;
    struct journal_snapshot *snapshot = NULL;
    struct journal_head head = {.size = 0};
    struct err err = {0};
    found->since_ms = DOCTOR_UNKNOWN;
    if (order->backup == NULL)
        return;
    enum status status = journal_read_begin(journal, &snapshot, &err);
    if (status == STATUS_OK)
        status = look_backup(cli, order, snapshot, found, &err);
    if (status == STATUS_OK)
        status = journal_head(snapshot, &head, &err);
    if (status == STATUS_OK)
        status = time_beyond(snapshot, found->size, head.size, &found->since_ms, &err);
    found->read = status == STATUS_OK;
    facts->no_memory = facts->no_memory || status == STATUS_MEMORY;
    memcpy(found->why, err.text, sizeof found->why);
    journal_read_end(snapshot);
}
