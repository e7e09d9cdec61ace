/*
 * The folder of a bundle while it is made. Guarantees that at its name stands all of it or nothing, also after a crash, which
 * leaves at most a folder NAME.part-XXXXXX; and that what is listed of a file is what was written to it. Its names are those
 * of BUNDLE.md section 1: plain files in the folder itself and in four folders below.
 */
#include "audit/bundle/pack_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_BYTES = 1 << 16, ROOM_FIRST = 64 };

static const char *const below[] = {"checkpoints", "evidence", "policies", "timestamps", NULL};

enum status pack_folder_begin(struct pack_folder *folder, const char *to, struct err *err)
{
    struct stat there;
    size_t length = strlen(to);
    *folder = (struct pack_folder){.count = 0};
    while (length > 1 && to[length - 1] == '/')
        length--;
    enum status status = path_set(&folder->to, err, "%.*s", (int)length, to);
    if (status == STATUS_OK && lstat(folder->to.text, &there) == 0)
        status = durable_fail(EEXIST, folder->to.text, "make", err);
    struct path part = {.text = ""};
    if (status == STATUS_OK)
        status = path_set(&part, err, "%s.part-XXXXXX", folder->to.text);
    if (status == STATUS_OK && mkdtemp(part.text) == NULL)
        status = durable_fail(errno, folder->to.text, "make", err);
    if (status == STATUS_OK)
        folder->part = part;
    return status;
}

/* The folder that a name with a slash stands in, made where it lacks. */
static enum status make_below(const struct pack_folder *folder, const char *name, struct err *err)
{
    const char *slash = strchr(name, '/');
    struct path path;
    if (slash == NULL)
        return STATUS_OK;
    enum status status = path_set(&path, err, "%s/%.*s", folder->part.text, (int)(slash - name), name);
    if (status == STATUS_OK && mkdir(path.text, 0755) != 0 && errno != EEXIST)
        status = durable_fail(errno, path.text, "make", err);
    return status;
}

enum status pack_file_begin(struct pack_folder *folder, const char *name, struct pack_file *ret_file, struct err *err)
{
    *ret_file = (struct pack_file){.folder = folder, .fd = -1};
    invariant(strlen(name) < sizeof ret_file->listed.name);
    snprintf(ret_file->listed.name, sizeof ret_file->listed.name, "%s", name);
    hash_stream_init(&ret_file->stream);
    enum status status = make_below(folder, name, err);
    if (status == STATUS_OK)
        status = path_set(&ret_file->path, err, "%s/%s", folder->part.text, name);
    if (status != STATUS_OK)
        return status;
    ret_file->buffer = malloc(BUFFER_BYTES);
    if (ret_file->buffer == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for %s", name);
    ret_file->fd = open(ret_file->path.text, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    return ret_file->fd >= 0 ? STATUS_OK : durable_fail(errno, ret_file->path.text, "make", err);
}

static enum status flush(struct pack_file *file, struct err *err)
{
    enum status status = durable_write(file->fd, file->path.text, slice_of(file->buffer, file->used), err);
    file->used = 0;
    return status;
}

enum status pack_file_add(struct pack_file *file, struct slice bytes, struct err *err)
{
    enum status status = STATUS_OK;
    hash_stream_add(&file->stream, bytes);
    file->listed.bytes += bytes.length;
    if (bytes.length > BUFFER_BYTES - file->used)
        status = flush(file, err);
    if (status != STATUS_OK || bytes.length == 0)
        return status;
    if (bytes.length > BUFFER_BYTES)
        return durable_write(file->fd, file->path.text, bytes, err);
    memcpy(file->buffer + file->used, bytes.bytes, bytes.length);
    file->used += bytes.length;
    return STATUS_OK;
}

static enum status hash_again(struct pack_file *file, struct err *err)
{
    for (off_t at = 0;;) {
        ssize_t got = pread(file->fd, file->buffer, BUFFER_BYTES, at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return durable_fail(errno, file->path.text, "read", err);
        if (got == 0)
            return STATUS_OK;
        hash_stream_add(&file->stream, slice_of(file->buffer, (size_t)got));
        file->listed.bytes += (uint64_t)got;
        at += got;
    }
}

static enum status list(struct pack_folder *folder, const struct pack_listed *listed, struct err *err)
{
    if (folder->count == folder->room) {
        size_t room = folder->room == 0 ? ROOM_FIRST : folder->room * 2;
        struct pack_listed *files = realloc(folder->files, room * sizeof *files);
        if (files == NULL)
            return err_set(err, STATUS_MEMORY, "no memory for the list of files");
        folder->files = files;
        folder->room = room;
    }
    folder->files[folder->count++] = *listed;
    return STATUS_OK;
}

enum status pack_file_end(struct pack_file *file, bool read_back, enum status status, struct err *err)
{
    if (file->fd < 0) {
        free(file->buffer);
        return status;
    }
    if (status == STATUS_OK)
        status = read_back ? hash_again(file, err) : flush(file, err);
    /* What a mask took from the mode is given back: who gets the folder is decided by the folder. */
    if (status == STATUS_OK && (fchmod(file->fd, 0644) != 0 || fsync(file->fd) != 0))
        status = durable_fail(errno, file->path.text, "sync", err);
    if (close(file->fd) != 0 && status == STATUS_OK)
        status = durable_fail(errno, file->path.text, "close", err);
    hash_stream_end(&file->stream, &file->listed.hash);
    if (status == STATUS_OK)
        status = list(file->folder, &file->listed, err);
    if (status != STATUS_OK && unlink(file->path.text) != 0 && status == STATUS_NOT_FOUND) /* others end the packing */
        status = durable_fail(errno, file->path.text, "remove", err);
    free(file->buffer);
    *file = (struct pack_file){.fd = -1};
    return status;
}

enum status pack_folder_put(struct pack_folder *folder, const char *name, struct slice bytes, struct err *err)
{
    struct pack_file file;
    enum status status = pack_file_begin(folder, name, &file, err);
    if (status == STATUS_OK)
        status = pack_file_add(&file, bytes, err);
    return pack_file_end(&file, false, status, err);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct pack_listed *)a)->name, ((const struct pack_listed *)b)->name);
}

void pack_folder_sort(struct pack_folder *folder)
{
    if (folder->count > 0)
        qsort(folder->files, folder->count, sizeof *folder->files, by_name);
}

static enum status sync_all(const struct pack_folder *folder, struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && below[i] != NULL; i++) {
        struct path path;
        struct stat there;
        status = path_set(&path, err, "%s/%s", folder->part.text, below[i]);
        /* A folder of which nothing came goes. */
        if (status == STATUS_OK && lstat(path.text, &there) == 0 && rmdir(path.text) != 0) {
            if (chmod(path.text, 0755) != 0)
                return durable_fail(errno, path.text, "set mode", err);
            status = durable_sync_dir(path.text, err);
        }
    }
    return status == STATUS_OK ? durable_sync_dir(folder->part.text, err) : status;
}

enum status pack_folder_finish(struct pack_folder *folder, struct err *err)
{
    enum status status = sync_all(folder, err);
    if (status == STATUS_OK)
        status = durable_rename_new(folder->part.text, folder->to.text, err);
    if (status != STATUS_OK)
        return status;
    status = durable_sync_parent(folder->to.text, err);
    if (status == STATUS_OK || rename(folder->to.text, folder->part.text) != 0)
        folder->part.text[0] = '\0';
    return status;
}

/* Files of a directory, and then itself. What is in the way stays, and is seen beside the name that was wanted. */
static void remove_dir(const char *path)
{
    DIR *dir = opendir(path);
    if (dir == NULL)
        return;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir))
        (void)unlinkat(dirfd(dir), entry->d_name, 0);
    closedir(dir);
    (void)rmdir(path);
}

void pack_folder_done(struct pack_folder *folder)
{
    for (size_t i = 0; folder->part.text[0] != '\0' && below[i] != NULL; i++) {
        struct path path;
        if (path_set(&path, NULL, "%s/%s", folder->part.text, below[i]) == STATUS_OK)
            remove_dir(path.text);
    }
    if (folder->part.text[0] != '\0')
        remove_dir(folder->part.text);
    free(folder->files);
    *folder = (struct pack_folder){.count = 0};
}
