/*
 * The files of an installation as they stand: modes, owners, access lists. Links are looked at and never followed inside the
 * book. Nothing is opened but folders, to list them.
 */
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "ledger/durable.h"
#include "ledger/served.h"

enum {
    FILES_AT_FIRST = 256,
    ACL_PLAIN_BYTES = 4 + 3 * 8,    /* what the mode says already: owner, group, others */
    LEFT_AFTER_MS = 10 * 60 * 1000, /* younger ones may be somebody's work of this moment */
    RANDOM_SUFFIX_CHARS = 6,        /* of mkstemp */
    SERVED_BYTES = PATH_BYTES_MAX
};

static bool has_acl(const char *path, mode_t mode)
{
    return getxattr(path, "system.posix_acl_access", NULL, 0) > ACL_PLAIN_BYTES ||
           (S_ISDIR(mode) && getxattr(path, "system.posix_acl_default", NULL, 0) > 0);
}

/* Whether a group has more in it than root, or than the one account that it was made for. */
static bool group_shared(gid_t gid, uid_t uid)
{
    const struct group *group = gid == 0 ? NULL : getgrgid(gid);
    char name[256];
    if (gid == 0)
        return false;
    if (group == NULL || group->gr_mem[0] != NULL || strlen(group->gr_name) >= sizeof name)
        return true;
    memcpy(name, group->gr_name, strlen(group->gr_name) + 1);
    const struct passwd *owner = getpwuid(uid);
    return owner == NULL || strcmp(owner->pw_name, name) != 0 || owner->pw_gid != gid;
}

static enum status add(struct doctor_files *files, const char *path, enum doctor_part part, struct err *err)
{
    struct stat stat;
    if (lstat(path, &stat) != 0)
        return STATUS_OK; /* gone meanwhile */
    if (files->count == DOCTOR_FILES_MAX) {
        files->cut = true;
        return STATUS_OK;
    }
    if (files->count == files->room) {
        size_t room = files->room == 0 ? FILES_AT_FIRST : files->room * 2;
        struct doctor_file *items = realloc(files->items, room * sizeof *items);
        if (items == NULL)
            return err_set(err, STATUS_MEMORY, "no memory for a list of files");
        files->items = items;
        files->room = room;
    }
    const struct doctor_file *last = files->count > 0 ? &files->items[files->count - 1] : NULL;
    bool alike = last != NULL && last->gid == stat.st_gid && last->uid == stat.st_uid;
    bool shared = alike ? last->group_shared : group_shared(stat.st_gid, stat.st_uid);
    char *copy = strdup(path);
    if (copy == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a list of files");
    files->items[files->count++] = (struct doctor_file){.path = copy,
                                                        .part = part,
                                                        .mode = stat.st_mode,
                                                        .uid = stat.st_uid,
                                                        .gid = stat.st_gid,
                                                        .group_shared = shared,
                                                        .changed_ms = (int64_t)stat.st_mtime * 1000,
                                                        .acl = !S_ISLNK(stat.st_mode) && has_acl(path, stat.st_mode)};
    return STATUS_OK;
}

/* What a writer of whole files leaves when it is killed: new.XXXXXX, NAME.XXXXXX (ledger/durable.h, beside.h). */
static bool is_unfinished(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL && dot != name && strlen(dot + 1) == RANDOM_SUFFIX_CHARS;
}

static enum doctor_part part_of(const struct doctor_file *folder, const char *name)
{
    size_t length = strlen(name);
    if (is_unfinished(name))
        return PART_LEFTOVER;
    if (length > 4 && strcmp(name + length - 4, ".key") == 0)
        return PART_KEY;
    if (folder->part == PART_BOOK)
        return strcmp(name, "personal") == 0 ? PART_PERSONAL : PART_INSIDE;
    return folder->part;
}

/* Lists one folder behind the files there are. */
static enum status list(struct doctor_files *files, size_t index, int64_t now_ms, struct err *err)
{
    enum status status = STATUS_OK;
    DIR *dir = opendir(files->items[index].path);
    if (dir == NULL)
        return durable_fail(errno, files->items[index].path, "list", err);
    for (const struct dirent *entry = readdir(dir); status == STATUS_OK && entry != NULL && !files->cut;
         entry = readdir(dir)) {
        struct path path;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        size_t before = files->count;
        enum doctor_part part = part_of(&files->items[index], entry->d_name);
        status = path_set(&path, err, "%s/%s", files->items[index].path, entry->d_name);
        if (status == STATUS_OK)
            status = add(files, path.text, part, err);
        struct doctor_file *added = files->count > before ? &files->items[before] : NULL;
        if (added != NULL && part == PART_KEY)
            added->with_book = true;
        if (added != NULL && part == PART_LEFTOVER && now_ms - added->changed_ms < LEFT_AFTER_MS)
            added->part = PART_INSIDE;
    }
    (void)closedir(dir);
    return status;
}

/* The folder and all in it: a list that grows while it is walked, so nothing calls itself. */
static enum status look_inside(const char *book, struct doctor_facts *facts, struct err *err)
{
    struct doctor_files *files = &facts->files;
    size_t begin = files->count;
    enum status status = add(files, book, PART_BOOK, err);
    if (status == STATUS_OK && files->count == begin)
        status = err_set(err, STATUS_NOT_FOUND, "%s: there is no book", book);
    if (status == STATUS_OK)
        facts->owner = files->items[begin].uid;
    for (size_t i = begin; status == STATUS_OK && i < files->count && !files->cut; i++)
        if (S_ISDIR(files->items[i].mode))
            status = list(files, i, facts->host.now_ms, err);
    return status;
}

/* The folders above a path, which is absolute and real. */
static enum status look_above(struct doctor_files *files, const char *path, enum doctor_part part, struct err *err)
{
    struct path above;
    enum status status = path_set(&above, err, "%s", path);
    while (status == STATUS_OK && strcmp(above.text, "/") != 0) {
        char *slash = strrchr(above.text, '/');
        if (slash == NULL)
            break;
        slash[slash == above.text ? 1 : 0] = '\0';
        status = add(files, above.text, part, err);
    }
    return status;
}

/* Births, restores and audits that were killed leave folders beside the book, which are named for it, and in /tmp. */
static enum status look_left(struct doctor_facts *facts, const char *book, const char *folder, struct err *err)
{
    const char *slash = strrchr(book, '/');
    size_t length = strlen(slash + 1);
    DIR *dir = opendir(folder);
    enum status status = STATUS_OK;
    for (const struct dirent *entry = dir == NULL ? NULL : readdir(dir); status == STATUS_OK && entry != NULL;
         entry = readdir(dir)) {
        struct path path;
        bool beside =
            strncmp(entry->d_name, slash + 1, length) == 0 && strncmp(entry->d_name + length, ".new-", 5) == 0;
        bool scratch = strncmp(entry->d_name, "countersign-audit-", 18) == 0 ||
                       strncmp(entry->d_name, "countersign-check-", 18) == 0;
        size_t before = facts->files.count;
        if ((!beside && !scratch) || path_set(&path, NULL, "%s/%s", folder, entry->d_name) != STATUS_OK)
            continue;
        status = add(&facts->files, path.text, PART_LEFTOVER, err);
        if (facts->files.count > before && facts->host.now_ms - facts->files.items[before].changed_ms < LEFT_AFTER_MS) {
            free(facts->files.items[before].path);
            facts->files.count = before;
        }
    }
    if (dir != NULL)
        (void)closedir(dir);
    return status;
}

/* A key that ssh-agent holds is named by its public half, which is no secret. */
static enum status look_key(struct doctor_files *files, const char *key, const char *book, struct err *err)
{
    char *real = NULL;
    size_t length = strlen(key), before = files->count;
    if (length > 4 && strcmp(key + length - 4, ".pub") == 0)
        return STATUS_OK;
    enum status status = add(files, key, PART_KEY, err);
    if (status != STATUS_OK || files->count == before)
        return status == STATUS_OK ? err_set(err, STATUS_NOT_FOUND, "%s: there is no such key", key) : status;
    real = realpath(key, NULL);
    files->items[before].with_book =
        real != NULL && strncmp(real, book, strlen(book)) == 0 && real[strlen(book)] == '/';
    free(real);
    return STATUS_OK;
}

static enum status look_keys(const struct doctor_order *order, const char *book, struct doctor_files *files,
                             struct err *err)
{
    struct path usual;
    struct stat stat;
    enum status status = order->key != NULL ? look_key(files, order->key, book, err) : STATUS_OK;
    if (status == STATUS_OK && order->book_key != NULL)
        return look_key(files, order->book_key, book, err);
    if (status == STATUS_OK) /* where countersign@.service looks for it */
        status = path_set(&usual, err, "%s.key", book);
    return status == STATUS_OK && lstat(usual.text, &stat) == 0 ? look_key(files, usual.text, book, err) : status;
}

/* The address that a server of this book wrote down; "" where none has it, or it is no socket's. */
static void served_socket(const char *book, bool served, char ret_path[static SERVED_BYTES])
{
    static const char unix_address[] = "unix:";
    struct path path;
    ret_path[0] = '\0';
    FILE *file = served && path_set(&path, NULL, "%s/served", book) == STATUS_OK ? fopen(path.text, "re") : NULL;
    if (file == NULL)
        return;
    size_t length = fread(ret_path, 1, SERVED_BYTES - 1, file);
    (void)fclose(file);
    ret_path[length] = '\0';
    ret_path[strcspn(ret_path, "\n")] = '\0';
    bool is_path = strncmp(ret_path, unix_address, sizeof unix_address - 1) == 0;
    memmove(ret_path, ret_path + (is_path ? sizeof unix_address - 1 : strlen(ret_path)),
            strlen(ret_path) + 1 - (is_path ? sizeof unix_address - 1 : strlen(ret_path)));
}

/* One file that was named has to be there. */
static enum status look_named(struct doctor_files *files, const char *path, enum doctor_part part, struct err *err)
{
    size_t before = files->count;
    enum status status = add(files, path, part, err);
    if (status == STATUS_OK && files->count == before)
        status = err_set(err, STATUS_NOT_FOUND, "%s: there is no such file", path);
    return status;
}

static enum status look_server(const struct doctor_order *order, const char *book, struct doctor_facts *facts,
                               struct err *err)
{
    char address[SERVED_BYTES];
    enum status status = STATUS_OK;
    facts->served = served_is(book);
    served_socket(book, facts->served, address);
    if (order->socket != NULL)
        status = look_named(&facts->files, order->socket, PART_SOCKET, err);
    else if (address[0] != '\0')
        status = add(&facts->files, address, PART_SOCKET, err);
    if (status == STATUS_OK && order->log != NULL)
        status = look_named(&facts->files, order->log, PART_LOG, err);
    return status;
}

static enum status look_program(struct doctor_files *files, struct err *err)
{
    char path[PATH_BYTES_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0)
        return STATUS_OK;
    path[length] = '\0';
    enum status status = add(files, path, PART_PROGRAM, err);
    return status == STATUS_OK ? look_above(files, path, PART_PROGRAM, err) : status;
}

enum status doctor_look_files(const struct doctor_order *order, struct doctor_facts *facts, struct err *err)
{
    facts->files.reader = geteuid();
    char *book = realpath(order->book, NULL);
    if (book == NULL)
        return durable_fail(errno, order->book, "look at", err);
    enum status status = look_inside(book, facts, err);
    struct path above;
    if (status == STATUS_OK)
        status = path_set(&above, err, "%s", book);
    if (status == STATUS_OK) {
        char *slash = strrchr(above.text, '/');
        slash[slash == above.text ? 1 : 0] = '\0';
        status = look_left(facts, book, above.text, err);
    }
    const char *temporary = getenv("TMPDIR");
    if (status == STATUS_OK)
        status = look_left(facts, book, temporary != NULL && temporary[0] == '/' ? temporary : "/tmp", err);
    if (status == STATUS_OK)
        status = look_above(&facts->files, book, PART_PARENT, err);
    if (status == STATUS_OK)
        status = look_keys(order, book, &facts->files, err);
    if (status == STATUS_OK)
        status = look_server(order, book, facts, err);
    if (status == STATUS_OK)
        status = look_program(&facts->files, err);
    free(book);
    return status;
}
