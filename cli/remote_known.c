/*
 * One small file for each address, beside the receipts: "<book's id> <address>", named by the address's hash.
 */
#include "cli/remote_known.h"

#include <string.h>

#include "cli/receipts.h"
#include "ledger/newfile.h"

enum { NAME_CHARS = 16, FILE_BYTES_MAX = 1024 };

static enum status path_of(const struct cli *cli, const char *address, struct path *ret_path, struct err *err)
{
    struct path dir;
    struct hash hash;
    char hex[HASH_HEX_CHARS + 1];
    enum status status = receipts_dir(cli, &dir, err);
    if (status != STATUS_OK)
        return status;
    hash_of(address, strlen(address), &hash);
    hash_to_hex(&hash, hex);
    return path_set(ret_path, err, "%s/server-%.*s", dir.text, NAME_CHARS, hex);
}

enum status remote_known_get(const struct cli *cli, const char *address, char ret_book[static HASH_HEX_CHARS + 1],
                             struct path *ret_path, struct err *err)
{
    char bytes[FILE_BYTES_MAX + 1];
    size_t length = 0;
    struct hash hash;
    ret_book[0] = ret_path->text[0] = '\0';
    enum status status = path_of(cli, address, ret_path, err);
    if (status == STATUS_OK)
        status = newfile_read(ret_path->text, false, bytes, FILE_BYTES_MAX, &length, err);
    if (status == STATUS_NOT_FOUND) {
        if (err != NULL)
            *err = (struct err){0};
        return STATUS_OK;
    }
    if (status != STATUS_OK)
        return status;
    bytes[length] = '\0';
    bool whole = length > HASH_HEX_CHARS && bytes[HASH_HEX_CHARS] == ' ';
    bytes[whole ? HASH_HEX_CHARS : 0] = '\0';
    if (hash_from_hex(bytes, &hash) != STATUS_OK)
        return err_set(err, STATUS_CORRUPT, "%s: does not name a book; it can be removed", ret_path->text);
    memcpy(ret_book, bytes, HASH_HEX_CHARS + 1);
    return STATUS_OK;
}

enum status remote_known_put(const struct cli *cli, const char *address, const char *book, struct err *err)
{
    char bytes[FILE_BYTES_MAX];
    struct path path;
    enum status status = path_of(cli, address, &path, err);
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    int length = snprintf(bytes, sizeof bytes, "%s %s\n", book, address);
    invariant(length > 0);
    receipts_make_dirs(path.text);
    return durable_replace(
        path.text, slice_of(bytes, (size_t)length < sizeof bytes ? (size_t)length : sizeof bytes - 1), 0600, err);
}
