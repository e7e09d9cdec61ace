/*
 * Marks on disk for an environment whose commits are not synced. The state is written, and synced, before the first
 * change after a sync and again after the next sync, so that "clean" is never there while something is not on disk.
 * After a power cut an unsynced file may hold any mixture of old and new pages, which nothing in it could tell: hence
 * files beside it. The caller holds the tables' write lock while it changes the state.
 */
#include "ledger/tables_mark.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/durable.h"

enum { STATE_BYTES_MAX = 128 };

static const char clean_text[] = "clean\n";
static const char dirty_text[] = "dirty ";

static bool boot_id_is_possible(const char *text)
{
    size_t length = strnlen(text, BOOT_ID_MAX + 1);
    return length > 0 && length <= BOOT_ID_MAX && strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz-") == length;
}

/* Reads a small file into text, with a closing NUL; false if it is not there, too long or holds a NUL. */
static bool read_small(const char *path, char text[static STATE_BYTES_MAX])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return false;
    ssize_t got = read(fd, text, STATE_BYTES_MAX - 1);
    close(fd);
    if (got < 0 || got == STATE_BYTES_MAX - 1)
        return false;
    text[got] = '\0';
    return strlen(text) == (size_t)got;
}

enum status boot_id_get(const char *given, struct boot_id *ret_boot, struct err *err)
{
    static const char system[] = "/proc/sys/kernel/random/boot_id";
    char text[STATE_BYTES_MAX];
    if (given == NULL) {
        if (!read_small(system, text))
            return err_set(err, STATUS_IO, "%s: cannot be read: is /proc mounted?", system);
        text[strcspn(text, "\n")] = '\0';
        given = text;
    }
    if (!boot_id_is_possible(given))
        return err_set(err, STATUS_LIMIT, "a boot id has 1 to %d of a-z, 0-9 and -", BOOT_ID_MAX);
    memcpy(ret_boot->text, given, strlen(given) + 1);
    return STATUS_OK;
}

static int dirty_line(const struct boot_id *boot, char text[static STATE_BYTES_MAX])
{
    return snprintf(text, STATE_BYTES_MAX, "%s%s\n", dirty_text, boot->text);
}

enum mark mark_read(const char *dir, const struct boot_id *boot)
{
    struct path state, suspect;
    char text[STATE_BYTES_MAX], dirty_now[STATE_BYTES_MAX];
    if (path_set(&state, NULL, "%s/state", dir) != STATUS_OK ||
        path_set(&suspect, NULL, "%s/suspect", dir) != STATUS_OK)
        return MARK_BAD;
    if (access(suspect.text, F_OK) == 0 || errno != ENOENT)
        return MARK_BAD;
    if (!read_small(state.text, text))
        return MARK_BAD;
    dirty_line(boot, dirty_now);
    if (strcmp(text, clean_text) == 0 || strcmp(text, dirty_now) == 0)
        return MARK_GOOD;
    return strncmp(text, dirty_text, strlen(dirty_text)) == 0 ? MARK_OTHER_BOOT : MARK_BAD;
}

static bool state_is(const char *dir, const char *wanted)
{
    struct path path;
    char text[STATE_BYTES_MAX];
    return path_set(&path, NULL, "%s/state", dir) == STATUS_OK && read_small(path.text, text) &&
           strcmp(text, wanted) == 0;
}

static enum status write_state(const char *dir, const char *wanted, struct err *err)
{
    struct path path;
    enum status status = path_set(&path, err, "%s/state", dir);
    return status == STATUS_OK ? durable_replace(path.text, slice_of(wanted, strlen(wanted)), 0600, err) : status;
}

static struct mark_seen look_at_state(const char *dir)
{
    struct path path;
    struct stat facts;
    if (path_set(&path, NULL, "%s/state", dir) != STATUS_OK || stat(path.text, &facts) != 0)
        return (struct mark_seen){0};
    return (struct mark_seen){.device = facts.st_dev,
                              .file = facts.st_ino,
                              .changed_s = facts.st_ctim.tv_sec,
                              .changed_ns = facts.st_ctim.tv_nsec};
}

static bool is_seen(const struct mark_seen *seen, const struct mark_seen *now)
{
    return now->file != 0 && now->file == seen->file && now->device == seen->device &&
           now->changed_s == seen->changed_s && now->changed_ns == seen->changed_ns;
}

enum status mark_dirty(const char *dir, const struct boot_id *boot, struct mark_seen *seen, struct err *err)
{
    char text[STATE_BYTES_MAX];
    const struct mark_seen now = look_at_state(dir);
    dirty_line(boot, text);
    if (is_seen(seen, &now) && state_is(dir, text))
        return STATUS_OK;
    enum status status = write_state(dir, text, err);
    if (status == STATUS_OK)
        *seen = look_at_state(dir);
    return status;
}

enum status mark_clean(const char *dir, struct err *err)
{
    return state_is(dir, clean_text) ? STATUS_OK : write_state(dir, clean_text, err);
}

enum status mark_new(const char *dir, const struct boot_id *boot, struct mark_seen *seen, struct err *err)
{
    struct path suspect;
    enum status status = path_set(&suspect, err, "%s/suspect", dir);
    if (status != STATUS_OK)
        return status;
    if (unlink(suspect.text) != 0 && errno != ENOENT)
        return durable_fail(errno, suspect.text, "remove", err);
    return mark_dirty(dir, boot, seen, err);
}

void mark_suspect(const char *dir)
{
    static const char why[] = "a checksum or a sync failed: rebuild\n";
    struct path path;
    if (path_set(&path, NULL, "%s/suspect", dir) == STATUS_OK &&
        durable_replace(path.text, slice_of(why, sizeof why - 1), 0600, NULL) == STATUS_OK)
        return;
    /* A disk that takes no new file may still let a name go: without a state they are not believed either. */
    if (path_set(&path, NULL, "%s/state", dir) == STATUS_OK)
        (void)unlink(path.text);
}

enum status mark_guard(const char *dir, bool alone, int *ret_fd, struct err *err)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return durable_fail(errno, dir, "open directory", err);
    while (flock(fd, alone ? LOCK_EX : LOCK_SH) != 0) {
        if (errno == EINTR)
            continue;
        enum status status = durable_fail(errno, dir, "lock", err);
        close(fd);
        return status;
    }
    *ret_fd = fd;
    return STATUS_OK;
}

static enum status remove_one(const char *dir, const char *name, struct err *err)
{
    struct path path;
    enum status status = path_set(&path, err, "%s/%s", dir, name);
    if (status == STATUS_OK && unlink(path.text) != 0 && errno != ENOENT && errno != ENOTDIR)
        status = durable_fail(errno, path.text, "remove", err);
    return status;
}

enum status mark_and_tables_drop(const char *dir, struct err *err)
{
    /* Tables without a state are SUSPECT; a state without tables says nothing, a new file has no watermark. */
    static const char *const names[] = {"state", "data.mdb", "lock.mdb"};
    int guard = -1;
    if (access(dir, F_OK) != 0 && errno == ENOENT)
        return STATUS_OK;
    enum status status = mark_guard(dir, true, &guard, err);
    for (size_t i = 0; i < sizeof names / sizeof names[0] && status == STATUS_OK; i++)
        status = remove_one(dir, names[i], err);
    if (status == STATUS_OK)
        status = durable_sync_dir(dir, err); /* what was said of them goes after they are gone for good */
    if (status == STATUS_OK)
        status = remove_one(dir, "suspect", err);
    if (guard >= 0)
        close(guard);
    return status;
}
