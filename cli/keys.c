/*
 * Public keys in files.
 */
#include "cli/keys.h"

#include "ledger/newfile.h"

enum { PUBLIC_FILE_BYTES_MAX = 2 * PUBLIC_KEY_TEXT_MAX }; /* a key line and its comment */

enum status keys_read_public(const char *path, char ret_text[static PUBLIC_KEY_TEXT_MAX], struct err *err)
{
    char line[PUBLIC_FILE_BYTES_MAX + 1];
    size_t length = 0;
    struct public_key key;
    enum status status = newfile_read(path, false, line, PUBLIC_FILE_BYTES_MAX, &length, err);
    if (status != STATUS_OK)
        return status;
    line[length] = '\0';
    status = sshkey_parse_line(line, &key, err);
    if (status == STATUS_OK)
        sshkey_format(&key, ret_text);
    else
        err_prefix(err, "%s: ", path);
    return status;
}
