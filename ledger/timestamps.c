/*
 * Files of time-stamp replies. Named by the note that they are about, so that a reply stays with its checkpoint whatever
 * becomes of numbers. Implements FORMAT.md section 9 (`timestamps`).
 */
#include "ledger/timestamps.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/durable.h"
#include "ledger/hash.h"
#include "ledger/newfile.h"

enum { NAME_HEX = 16, SIZE_DIGITS = 19 };

void timestamps_name(uint64_t size, struct slice note, char ret_name[static TIMESTAMP_NAME_BYTES])
{
    struct hash hash;
    char hex[HASH_HEX_CHARS + 1];
    hash_of(note.bytes, note.length, &hash);
    hash_to_hex(&hash, hex);
    snprintf(ret_name, TIMESTAMP_NAME_BYTES, "%" PRIu64 "-%.*s.tsr", size, NAME_HEX, hex);
}

bool timestamps_is_name(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > SIZE_DIGITS || (text[0] == '0' && digits > 1) || text[digits] != '-')
        return false;
    const char *hex = text + digits + 1;
    return strspn(hex, "0123456789abcdef") == NAME_HEX && strcmp(hex + NAME_HEX, ".tsr") == 0;
}

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
