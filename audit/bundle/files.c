/*
 * What lies in a bundle's folder against the manifest's list. The folder may be anybody's: names are held against the
 * names that a bundle can have before anything is opened, a link or a device is named and not followed, no file is read
 * beyond the length that is listed. Implements BUNDLE.md section 1.
 */
#include "audit/bundle/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/beside.h"
#include "ledger/checksum.h"
#include "ledger/hash.h"

enum { BLOCK_BYTES = 1 << 16 };

static enum status fail(int error, struct err *err)
{
    if (error == ENOENT || error == ENOTDIR)
        return err_set(err, STATUS_NOT_FOUND, "is missing");
    if (error == ELOOP)
        return err_set(err, STATUS_INPUT, "is no regular file: links are no part of a bundle");
    if (error == EACCES || error == EPERM)
        return err_set(err, STATUS_PERMISSION, "cannot be read: %s", strerror(error));
    return err_set(err, STATUS_IO, "cannot be read: %s", strerror(error));
}

enum status bundle_folder_open(const char *path, int *ret_fd, struct err *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == ENOTDIR)
        return err_set(err, STATUS_INPUT, "%s: is no folder; a bundle is one, with a file %s in it", path,
                       BUNDLE_MANIFEST);
    if (fd < 0) {
        enum status status = fail(errno, err);
        err_prefix(err, "%s: ", path);
        return status;
    }
    *ret_fd = fd;
    return STATUS_OK;
}

/* The folder that a name's file is in; the folder itself is given back as it is. */
static int parent_open(int folder, const char *name, const char **ret_base)
{
    const char *slash = strchr(name, '/');
    char parent[BUNDLE_NAME_BYTES_MAX + 1];
    *ret_base = slash == NULL ? name : slash + 1;
    if (slash == NULL)
        return folder;
    snprintf(parent, sizeof parent, "%.*s", (int)(slash - name), name);
    return openat(folder, parent, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

enum status bundle_file_open(int folder, const char *name, int *ret_fd, uint64_t *ret_bytes, struct err *err)
{
    const char *base = NULL;
    struct stat info;
    enum status status = STATUS_OK;
    int parent = parent_open(folder, name, &base);
    if (parent < 0)
        return fail(errno, err);
    /* Not to wait for the other end of a pipe. */
    int fd = openat(parent, base, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        status = fail(errno, err);
    if (parent != folder)
        close(parent);
    if (status != STATUS_OK)
        return status;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        close(fd);
        return err_set(err, STATUS_INPUT, "is no regular file");
    }
    *ret_fd = fd;
    *ret_bytes = (uint64_t)info.st_size;
    return STATUS_OK;
}

/* Up to length bytes; fewer only at the end of the file. */
static enum status read_some(int fd, void *bytes, size_t length, size_t *ret_got, struct err *err)
{
    size_t used = 0;
    while (used < length) {
        ssize_t got = read(fd, (char *)bytes + used, length - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(errno, err);
        if (got == 0)
            break;
        used += (size_t)got;
    }
    *ret_got = used;
    return STATUS_OK;
}

enum status bundle_file_read(int folder, const char *name, size_t bytes_max, char **ret_bytes, size_t *ret_length,
                             struct err *err)
{
    int fd = -1;
    uint64_t length = 0;
    size_t got = 0;
    char *bytes = NULL;
    enum status status = bundle_file_open(folder, name, &fd, &length, err);
    if (status != STATUS_OK)
        return status;
    if (length > bytes_max)
        status = err_set(err, STATUS_LIMIT, "has %llu bytes, at most %zu are allowed", (unsigned long long)length,
                         bytes_max);
    if (status == STATUS_OK && (bytes = malloc((size_t)length + 1)) == NULL)
        status = err_set(err, STATUS_MEMORY, "no memory for %s", name);
    if (status == STATUS_OK)
        status = read_some(fd, bytes, (size_t)length, &got, err);
    close(fd);
    if (status != STATUS_OK) {
        free(bytes);
        return status;
    }
    bytes[got] = '\0';
    *ret_bytes = bytes;
    *ret_length = got;
    return STATUS_OK;
}

static enum status hash_file(int fd, uint64_t bytes, struct hash *ret_hash, struct err *err)
{
    uint8_t block[BLOCK_BYTES];
    struct hash_stream stream;
    enum status status = STATUS_OK;
    hash_stream_init(&stream);
    for (uint64_t left = bytes; status == STATUS_OK && left > 0;) {
        size_t got = 0;
        status = read_some(fd, block, left < BLOCK_BYTES ? (size_t)left : BLOCK_BYTES, &got, err);
        if (status == STATUS_OK && got == 0)
            status = err_set(err, STATUS_IO, "became shorter while it was read");
        hash_stream_add(&stream, slice_of(block, got));
        left -= got;
    }
    hash_stream_end(&stream, ret_hash);
    return status;
}

static void check_file(int folder, const struct bundle_file *file, struct finding_list *findings)
{
    int fd = -1;
    uint64_t bytes = 0;
    struct hash hash;
    struct err what = {.status = STATUS_OK};
    enum status status = bundle_file_open(folder, file->name, &fd, &bytes, &what);
    if (status == STATUS_OK && bytes != file->bytes)
        status = err_set(&what, STATUS_INPUT, "has %llu bytes, the manifest says %llu", (unsigned long long)bytes,
                         (unsigned long long)file->bytes);
    if (status == STATUS_OK && bytes > EVIDENCE_BYTES_MAX)
        status = err_set(&what, STATUS_LIMIT, "has more than a gigabyte: no file of a bundle is so large");
    if (status == STATUS_OK)
        status = hash_file(fd, bytes, &hash, &what);
    if (status == STATUS_OK && !hash_equal(&hash, &file->sha256))
        status = err_set(&what, STATUS_CORRUPT, "its bytes are not those that the manifest names by hash");
    if (status == STATUS_OK && strncmp(file->name, "evidence/", 9) == 0) {
        char hex[HASH_HEX_CHARS + 1];
        hash_to_hex(&hash, hex);
        if (strcmp(hex, file->name + 9) != 0)
            status = err_set(&what, STATUS_CORRUPT, "its bytes are not those that its name is the hash of");
    }
    if (fd >= 0)
        close(fd);
    if (status != STATUS_OK)
        finding_whole(findings, CHECK_BUNDLE, "%s: %s", file->name, what.text);
}

void bundle_files_check(int folder, const struct bundle_manifest *manifest, struct finding_list *findings)
{
    for (size_t i = 0; i < manifest->file_count; i++)
        if (strcmp(manifest->files[i].name, BUNDLE_ENTRIES) != 0)
            check_file(folder, &manifest->files[i], findings);
}

static bool is_folder_of_bundle(const char *name)
{
    for (const char *const *folder = bundle_folders; *folder != NULL; folder++)
        if (strcmp(*folder, name) == 0)
            return true;
    return false;
}

static bool is_outside_list(const char *name)
{
    return strcmp(name, BUNDLE_MANIFEST) == 0 || strcmp(name, BUNDLE_SIGNATURE) == 0 || strcmp(name, BUNDLE_PAGE) == 0;
}

/* One folder's names; parent is "" or "evidence/". Takes fd. left: how many names may still be looked at. */
static void list_folder(int fd, const char *parent, const struct bundle_manifest *manifest,
                        struct finding_list *findings, size_t *left)
{
    DIR *dir = fdopendir(fd);
    struct dirent *entry = NULL;
    if (dir == NULL) {
        finding_whole(findings, CHECK_BUNDLE, "%s: cannot be listed: %s", parent[0] == '\0' ? "the folder" : parent,
                      strerror(errno));
        close(fd);
        return;
    }
    while (*left > 0 && (entry = readdir(dir)) != NULL) {
        char name[sizeof entry->d_name + BUNDLE_NAME_BYTES_MAX];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        (*left)--;
        snprintf(name, sizeof name, "%s%s", parent, entry->d_name);
        if (parent[0] == '\0' && (is_outside_list(name) || is_folder_of_bundle(name)))
            continue;
        if (manifest != NULL ? bundle_manifest_file(manifest, name) == NULL : !bundle_name_is_plain(name))
            finding_whole(findings, CHECK_BUNDLE, "%.200s: is in the folder, and not in the manifest's list", name);
    }
    closedir(dir);
}

void bundle_files_unlisted(int folder, const struct bundle_manifest *manifest, struct finding_list *findings)
{
    size_t left = 2 * (size_t)BUNDLE_FILES_MAX;
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        list_folder(fd, "", manifest, findings, &left);
    else
        finding_whole(findings, CHECK_BUNDLE, "the folder: cannot be listed: %s", strerror(errno));
    for (const char *const *name = bundle_folders; *name != NULL; name++) {
        char parent[BUNDLE_NAME_BYTES_MAX];
        fd = openat(folder, *name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
            finding_whole(findings, CHECK_BUNDLE, "%s: is no folder", *name);
        else if (fd < 0 && errno != ENOENT)
            finding_whole(findings, CHECK_BUNDLE, "%s: cannot be listed: %s", *name, strerror(errno));
        if (fd < 0)
            continue;
        snprintf(parent, sizeof parent, "%s/", *name);
        list_folder(fd, parent, manifest, findings, &left);
    }
    if (left == 0)
        finding_whole(findings, CHECK_BUNDLE, "the folder has more than %d files: not all were looked at",
                      2 * BUNDLE_FILES_MAX);
}
