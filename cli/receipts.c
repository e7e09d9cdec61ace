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
#include <unistd.h>

#include "ledger/books.h"
#include "ledger/books_open.h"
#include "ledger/canon.h"
#include "ledger/journal.h"
#include "ledger/limits.h"
#include "ledger/lost.h"
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

enum status receipts_read(const char *path, struct receipt_kept *ret_kept, struct err *err)
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
    if (status == STATUS_OK) {
        ret_kept->seq = (uint64_t)member_integer(json, "seq");
        memcpy(ret_kept->book, member_text(json, "book"), sizeof ret_kept->book);
    } else
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

struct restore_find {
    uint64_t seq;
    json_t *found;
};

static enum status restore_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct restore_find *find = context;
    (void)key;
    (void)err;
    if ((uint64_t)member_integer(record, "from") > find->seq || (uint64_t)member_integer(record, "to") < find->seq)
        return STATUS_OK;
    find->found = json_incref((json_t *)(uintptr_t)record);
    *ret_more = false;
    return STATUS_OK;
}

/* The last restore that says of this entry that it was lost. */
static enum status find_restore(struct books *books, uint64_t seq, json_t **ret_record, struct err *err)
{
    struct restore_find find = {.seq = seq};
    const struct books_walk walk = {.table = BOOKS_RESTORES, .backward = true, .step = restore_step, .context = &find};
    struct tables_txn *txn = NULL;
    enum status status = tables_read_begin(books->tables, &txn, err);
    if (status != STATUS_OK)
        return status;
    status = books_each(txn, &walk, err);
    tables_abort(txn);
    *ret_record = find.found;
    return status;
}

static enum status look_at_missing(struct books *books, struct receipt_look *look, struct err *err)
{
    struct journal_lost lost;
    bool due = false;
    enum status status = books_lost(books, &due, &lost, err);
    if (status == STATUS_OK && !(due && look->kept.seq >= lost.kept))
        status = find_restore(books, look->kept.seq, &look->restore, err);
    look->standing = look->restore != NULL                ? RECEIPT_LOST
                     : due && look->kept.seq >= lost.kept ? RECEIPT_AWAITED
                                                          : RECEIPT_UNDENIED;
    return status;
}

enum status receipts_look(const struct cli *cli, const struct receipt_owner *owner, struct books *books,
                          struct receipt_look *ret_look, struct err *err)
{
    struct receipt_look look = {.standing = RECEIPT_NONE};
    bool there = false;
    enum status status = receipts_path(cli, owner, &look.path, err);
    if (status == STATUS_OK)
        status = receipts_read(look.path.text, &look.kept, err);
    if (status == STATUS_NOT_FOUND) {
        if (err != NULL)
            *err = (struct err){0};
        *ret_look = look;
        return STATUS_OK;
    }
    if (status == STATUS_OK)
        status = holds(books->journal, &look.kept, &there, err);
    look.standing = RECEIPT_HELD;
    if (status == STATUS_OK && !there)
        status = look_at_missing(books, &look, err);
    if (status == STATUS_OK)
        *ret_look = look;
    else
        receipt_look_done(&look);
    return status;
}

void receipt_look_done(struct receipt_look *look)
{
    json_decref(look->restore);
    look->restore = NULL;
}

static enum status tell_lost(const struct receipt_look *look, struct err *err)
{
    const json_t *officers = json_object_get(look->restore, "officers");
    return err_set(err, STATUS_CORRUPT,
                   "entry %llu, which you saw, was lost: the restore in entry %lld, by %s and %s, says that entries "
                   "%lld to %lld were. What you signed in them has to be sent again; then countersign restore accept "
                   "lets you go on; your receipt is %s",
                   (unsigned long long)look->kept.seq, (long long)member_integer(look->restore, "seq"),
                   json_string_value(json_array_get(officers, 0)), json_string_value(json_array_get(officers, 1)),
                   (long long)member_integer(look->restore, "from"), (long long)member_integer(look->restore, "to"),
                   look->path.text);
}

enum status receipts_check(const struct cli *cli, const struct receipt_owner *owner, struct books *books,
                           bool *ret_keeps, struct err *err)
{
    struct receipt_look look;
    enum status status = receipts_look(cli, owner, books, &look, err);
    if (status != STATUS_OK)
        return status;
    switch (look.standing) {
    case RECEIPT_NONE:
    case RECEIPT_HELD:
        break;
    case RECEIPT_AWAITED:
        fprintf(cli->err,
                "countersign: entry %llu, which you saw, is gone: the book was restored to less, and waits for two "
                "officers to say what was lost\n",
                (unsigned long long)look.kept.seq);
        break;
    case RECEIPT_LOST:
        status = tell_lost(&look, err);
        break;
    case RECEIPT_UNDENIED:
        status = err_set(err, STATUS_CORRUPT,
                         "the book no longer holds entry %llu that you saw: it was cut, rolled back or replaced since; "
                         "your receipt is %s",
                         (unsigned long long)look.kept.seq, look.path.text);
        break;
    }
    *ret_keeps = look.standing != RECEIPT_AWAITED;
    receipt_look_done(&look);
    return status;
}

enum status receipts_forget(const struct receipt_look *look, struct err *err)
{
    return unlink(look->path.text) == 0 ? STATUS_OK : durable_fail(errno, look->path.text, "remove", err);
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
    if (receipts_read(path.text, &kept, NULL) == STATUS_OK && kept.seq >= seq)
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
