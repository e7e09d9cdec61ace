/*
 * countersign release propose: names a release with the hash of its executable; two officers. Where the policy says `releases:
 * deny`, gates of other releases let nothing in.
 */
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/session.h"
#include "ledger/hash.h"
#include "ledger/newfile.h"

enum { EXE_BYTES_MAX = 256 << 20 };

static enum status exe_hash(const char *path, char ret_hex[static HASH_HEX_CHARS + 1], struct err *err)
{
    char *bytes = malloc(EXE_BYTES_MAX);
    size_t length = 0;
    struct hash hash;
    if (bytes == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for %s", path);
    enum status status = newfile_read(path, false, bytes, EXE_BYTES_MAX, &length, err);
    if (status == STATUS_OK) {
        hash_of(bytes, length, &hash);
        hash_to_hex(&hash, ret_hex);
    }
    free(bytes);
    return status;
}

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    char hex[HASH_HEX_CHARS + 1];
    enum status status = exe_hash(options_argument(options, 0), hex, err);
    if (status != STATUS_OK)
        return status;
    *ret_document = json_pack("{s:s, s:s, s:s}", "commit", options_text(options, "commit"), "exe", hex, "release",
                              options_text(options, "release"));
    return *ret_document != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a document");
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "release", make_document);
}

static const struct option_spec options_of_release_propose[] = {
    {"release", 0, "TEXT", "its version", OPTION_REQUIRED},
    {"commit", 0, "TEXT", "the commit that it was built from", OPTION_REQUIRED},
    GOVERN_ROWS,
    {0},
};

const struct command command_release_propose = {
    .name = "release propose",
    .summary = "proposes a release of this program for approval",
    .arguments = "EXECUTABLE",
    .example = "countersign release propose /usr/bin/countersign --release 1.4.0 --commit 5da4209",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_release_propose,
    .run = run,
};
