/*
 * Attacks remote_known_get: the file beside the receipts that says which book answered at an address. The input is the address, an
 * LF, and the file. What is read from a file is what would be written to it, byte for byte; everything else is refused by the
 * file's name and is no book. A file that is believed for another address would have a challenge signed for another book.
 */
#include "cli/remote_known.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/cli_stub.h"

enum { ADDRESS_BYTES_MAX = 512, KNOWN_BYTES_MAX = 4096 };

/* The file at path is these bytes. */
static bool file_is(const char *path, const uint8_t *bytes, size_t size)
{
    uint8_t there[KNOWN_BYTES_MAX + 1];
    FILE *file = fopen(path, "r");
    must(file != NULL);
    size_t length = fread(there, 1, sizeof there, file);
    fclose(file);
    return length == size && memcmp(there, bytes, size) == 0;
}

/* Puts the file where the one of this address lies; path: that place. */
static void lay(const char *path, const uint8_t *bytes, size_t size)
{
    FILE *file = fopen(path, "w");
    must(file != NULL && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
}

static void read_known(struct cli *cli, const char *address, const uint8_t *data, size_t size)
{
    static const char other[HASH_HEX_CHARS + 1] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    char book[HASH_HEX_CHARS + 1];
    struct path path;
    struct hash hash;
    struct err err = {.status = STATUS_OK, .text = ""};
    must(remote_known_put(cli, address, other, &err) == STATUS_OK); /* makes the folders, and shows the place */
    must(remote_known_get(cli, address, book, &path, &err) == STATUS_OK && strcmp(book, other) == 0);
    lay(path.text, data, size);
    enum status status = remote_known_get(cli, address, book, &path, &err);
    must(status == STATUS_OK || status == STATUS_CORRUPT || status == STATUS_LIMIT);
    must(file_is(path.text, data, size)); /* reading changes nothing */
    if (status != STATUS_OK) {
        must(book[0] == '\0' && strstr(err.text, path.text) != NULL && err.status == status);
    } else {
        must(hash_from_hex(book, &hash) == STATUS_OK); /* a file that is there never means that nobody was */
        must(remote_known_put(cli, address, book, &err) == STATUS_OK && file_is(path.text, data, size));
    }
    must(remove(path.text) == 0);
    must(remote_known_get(cli, address, book, &path, &err) == STATUS_OK && book[0] == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cli_stub stub;
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    const size_t length = end != NULL ? (size_t)(end - data) : 0;
    if (length == 0 || length > ADDRESS_BYTES_MAX || memchr(data, '\0', length) != NULL ||
        size - length - 1 > KNOWN_BYTES_MAX)
        return 0;
    char *address = fuzz_text(data, length);
    cli_stub_init(&stub);
    stub.cli.environment.state_home = fuzz_dir();
    read_known(&stub.cli, address, end + 1, size - length - 1);
    cli_stub_done(&stub);
    free(address);
    return 0;
}
