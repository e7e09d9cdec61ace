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

/* What the file says; of an address that is too long for it, the beginning. Returns its length. */
static size_t content_of(const char *address, const char *book, char ret_bytes[static FILE_BYTES_MAX])
{
    int length = snprintf(ret_bytes, FILE_BYTES_MAX, "%s %s\n", book, address);
    invariant(length > 0);
    return (size_t)length < FILE_BYTES_MAX ? (size_t)length : FILE_BYTES_MAX - 1;
}

enum status remote_known_get(const struct cli *cli, const char *address, char ret_book[static HASH_HEX_CHARS + 1],
                             struct path *ret_path, struct err *err)
{
    char bytes[FILE_BYTES_MAX], wanted[FILE_BYTES_MAX], book[HASH_HEX_CHARS + 1] = "";
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
    memcpy(book, bytes, length < HASH_HEX_CHARS ? length : HASH_HEX_CHARS);
    /* What would be written is all that is believed: a file that came here from another address names that one. */
    if (hash_from_hex(book, &hash) != STATUS_OK || content_of(address, book, wanted) != length ||
        memcmp(bytes, wanted, length) != 0)
        return err_set(err, STATUS_CORRUPT, "%s: does not say which book answered at this address; it can be removed",
                       ret_path->text);
    memcpy(ret_book, book, sizeof book);
    return STATUS_OK;
}

enum status remote_known_put(const struct cli *cli, const char *address, const char *book, struct err *err)
{
    char bytes[FILE_BYTES_MAX];
    struct path path;
    enum status status = path_of(cli, address, &path, err);
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    size_t length = content_of(address, book, bytes);
    receipts_make_dirs(path.text);
    return durable_replace(path.text, slice_of(bytes, length), 0600, err);
}
