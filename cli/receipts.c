/*
 * Receipts in the user's state directory: one small canonical JSON file for each book and user,
 * {"book","hash","seq","v"}. Written by replacing, so a crash leaves the old one or the new one. Ids have no '_', so it
 * can stand for the '/' that a file name cannot hold.
 */
#include "cli/receipts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ledger/canon.h"
#include "ledger/limits.h"
#include "ledger/newfile.h"
#include "ledger/schema.h"

enum { RECEIPT_BYTES_MAX = 512 }; /* under 200 bytes are written */

static const struct field receipt_fields[] = {
    {.name = "book", .type = FIELD_HASH},
    {.name = "hash", .type = FIELD_HASH},
    {.name = "seq", .type = FIELD_INTEGER, .min = 0, .max = CANON_INTEGER_MAX},
    {.name = "v", .type = FIELD_INTEGER, .min = 1, .max = 1},
};
static const struct schema receipt_schema = SCHEMA("receipt", receipt_fields, NULL);

enum status receipts_dir(const struct cli *cli, struct path *ret_dir, struct err *err)
{
    if (cli->environment.state_home != NULL && cli->environment.state_home[0] == '/')
        return path_set(ret_dir, err, "%s/countersign", cli->environment.state_home);
    if (cli->environment.home != NULL && cli->environment.home[0] == '/')
        return path_set(ret_dir, err, "%s/.local/state/countersign", cli->environment.home);
    return STATUS_NOT_FOUND;
}

enum status receipts_path(const struct cli *cli, const struct receipt_owner *owner, struct path *ret_path,
                          struct err *err)
{
    char user[ID_BYTES_MAX + 1];
    struct path dir;
    enum status status = receipts_dir(cli, &dir, err);
    if (status != STATUS_OK)
        return status;
    snprintf(user, sizeof user, "%s", owner->user != NULL ? owner->user : "_");
    for (char *at = strchr(user, '/'); at != NULL; at = strchr(at, '/'))
        *at = '_';
    return path_set(ret_path, err, "%s/%s.%s.json", dir.text, owner->book, user);
}

void receipts_make_dirs(const char *file)
{
    struct path dir;
    snprintf(dir.text, sizeof dir.text, "%s", file);
    for (char *at = strchr(dir.text + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        (void)mkdir(dir.text, 0700);
        *at = '/';
    }
}

struct receipt_kept {
    uint64_t seq;
    struct hash leaf;
};

static enum status receipt_load(const char *path, struct receipt_kept *ret_kept, struct err *err)
{
    char bytes[RECEIPT_BYTES_MAX];
    size_t length = 0;
    json_t *json = NULL;
    enum status status = newfile_read(path, false, bytes, sizeof bytes, &length, err);
    if (status != STATUS_OK)
        return status;
    if (length > 0 && bytes[length - 1] == '\n')
        length--;
    status = canon_parse(bytes, length, sizeof bytes, &json, err);
    if (status == STATUS_OK)
        status = schema_check(&receipt_schema, json, "", err);
    if (status == STATUS_OK)
        status = hash_from_hex(member_text(json, "hash"), &ret_kept->leaf);
    if (status == STATUS_OK)
        ret_kept->seq = (uint64_t)member_integer(json, "seq");
    else
        err_prefix(err, "%s: not a receipt: ", path);
    json_decref(json);
    return status;
}

static enum status holds(struct journal *journal, const struct receipt_kept *kept, bool *ret_holds, struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    struct hash leaf;
    enum status status = journal_read_begin(journal, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    status = journal_node(snapshot, 0, kept->seq, &leaf, err);
    journal_read_end(snapshot);
    *ret_holds = status == STATUS_OK && hash_equal(&leaf, &kept->leaf);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status receipts_check(const struct cli *cli, const struct receipt_owner *owner, struct journal *journal,
                           struct err *err)
{
    struct path path;
    struct receipt_kept kept;
    bool there = false;
    enum status status = receipts_path(cli, owner, &path, err);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status == STATUS_OK)
        status = receipt_load(path.text, &kept, err);
    if (status == STATUS_NOT_FOUND) {
        if (err != NULL)
            *err = (struct err){0};
        return STATUS_OK;
    }
    if (status == STATUS_OK)
        status = holds(journal, &kept, &there, err);
    if (status == STATUS_OK && !there)
        status = err_set(err, STATUS_CORRUPT,
                         "the book no longer holds entry %llu that you saw: it was cut, rolled back or replaced since; "
                         "your receipt is %s",
                         (unsigned long long)kept.seq, path.text);
    return status;
}

enum status receipts_keep(const struct cli *cli, const struct receipt_owner *owner, uint64_t seq,
                          const struct hash *leaf, struct err *err)
{
    char hex[HASH_HEX_CHARS + 1], bytes[RECEIPT_BYTES_MAX];
    struct path path;
    struct receipt_kept kept;
    char *text = NULL;
    enum status status = receipts_path(cli, owner, &path, err);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status != STATUS_OK)
        return status;
    if (receipt_load(path.text, &kept, NULL) == STATUS_OK && kept.seq >= seq)
        return STATUS_OK;
    hash_to_hex(leaf, hex);
    json_t *json = json_pack("{s:s, s:s, s:I, s:i}", "book", owner->book, "hash", hex, "seq", (json_int_t)seq, "v", 1);
    if (json == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a receipt");
    status = canon_encode(json, &text, NULL, err);
    json_decref(json);
    if (status != STATUS_OK)
        return status;
    int length = snprintf(bytes, sizeof bytes, "%s\n", text);
    free(text);
    invariant(length > 0 && (size_t)length < sizeof bytes);
    receipts_make_dirs(path.text);
    return durable_replace(path.text, slice_of(bytes, (size_t)length), 0600, err);
}
