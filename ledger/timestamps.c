/*
 * Files of time-stamp replies beside a journal. Implements FORMAT.md section 9 (`timestamps`). What they are called stands by
 * itself (timestamps_name.c): whoever has them from elsewhere needs nothing that writes.
 */
#include "ledger/timestamps.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ledger/durable.h"
#include "ledger/newfile.h"

enum status timestamps_put(const char *book_dir, const char *name, struct slice reply, struct err *err)
{
    struct path dir, path;
    struct err what = {0};
    enum status status = path_set(&dir, err, "%s/timestamps", book_dir);
    if (status == STATUS_OK)
        status = path_set(&path, err, "%s/%s", dir.text, name);
    if (status != STATUS_OK)
        return status;
    status = durable_make_dir(dir.text, &what);
    if (status == STATUS_OK)
        status = durable_sync_dir(book_dir, &what);
    if (status != STATUS_OK && status != STATUS_EXISTS)
        return err_set(err, status, "%s", what.text);
    return newfile_create(path.text, reply.bytes, reply.length, 0444, err);
}

enum status timestamps_get(const char *book_dir, const char *name, uint8_t ret_reply[static TIMESTAMP_REPLY_BYTES_MAX],
                           size_t *ret_length, struct err *err)
{
    struct path path;
    enum status status = path_set(&path, err, "%s/timestamps/%s", book_dir, name);
    return status == STATUS_OK ? newfile_read(path.text, false, ret_reply, TIMESTAMP_REPLY_BYTES_MAX, ret_length, err)
                               : status;
}

enum status timestamps_each(const char *book_dir, timestamps_step *step, void *context, struct err *err)
{
    struct path dir;
    enum status status = path_set(&dir, err, "%s/timestamps", book_dir);
    if (status != STATUS_OK)
        return status;
    DIR *names = opendir(dir.text);
    if (names == NULL)
        return errno == ENOENT ? STATUS_OK : durable_fail(errno, dir.text, "open", err);
    for (const struct dirent *entry = readdir(names); status == STATUS_OK && entry != NULL; entry = readdir(names))
        if (entry->d_name[0] != '.')
            status = step(context, entry->d_name, err);
    closedir(names);
    return status;
}
