/*
 * Export. Guarantees that a line is the stored bytes, unread and unchanged: an auditor's own checker must see what is
 * there, not what we make of it (FORMAT.md section 4, "Export").
 */
#include "audit/export/export.h"

#include <string.h>

#include "audit/verify/register.h"
#include "ledger/entry.h"
#include "ledger/journal.h"
#include "ledger/sshkey.h"
#include "ledger/tree.h"

static unsigned long long number(uint64_t value)
{
    return (unsigned long long)value;
}

/* An entry as it lies in a snapshot. */
struct stored {
    struct journal_snapshot *snapshot;
    uint64_t seq;
    struct slice bytes;
};
typedef enum status entry_step(void *context, const struct stored *stored, struct err *err);

/* Walks entries from..to in a snapshot of its own. */
static enum status each_entry(struct journal *journal, uint64_t from, uint64_t to, entry_step *step, void *context,
                              struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    struct journal_walk *walk = NULL;
    enum status status = journal_read_begin(journal, &snapshot, err);
    if (status == STATUS_OK)
        status = journal_walk_begin(snapshot, from, &walk, err);
    while (status == STATUS_OK) {
        uint64_t seq = 0;
        struct slice bytes;
        status = journal_walk_next(walk, &seq, &bytes, err);
        if (status == STATUS_NOT_FOUND || (status == STATUS_OK && seq > to)) {
            status = STATUS_OK;
            break;
        }
        if (status == STATUS_OK)
            status = step(context, &(struct stored){snapshot, seq, bytes}, err);
    }
    journal_walk_end(walk);
    journal_read_end(snapshot);
    return status;
}

struct writing {
    const struct export_sink *sink;
    struct export_told told;
    uint64_t next;
};

/* Whether an entry is the next one, and its bytes are those that were hashed. What a server does not tell is no difference. */
static bool is_as_hashed(const struct stored *stored, uint64_t next)
{
    struct hash leaf, known;
    enum status status = journal_node(stored->snapshot, 0, stored->seq, &known, NULL);
    if (stored->seq != next)
        return false;
    if (status != STATUS_OK)
        return status == STATUS_PERMISSION;
    tree_leaf(stored->bytes.bytes, stored->bytes.length, &leaf);
    return hash_equal(&leaf, &known);
}

static enum status write_entry(void *context, const struct stored *stored, struct err *err)
{
    struct writing *writing = context;
    struct export_told *told = &writing->told;
    enum status status = writing->sink->write(writing->sink->context, stored->bytes, err);
    if (status == STATUS_OK)
        status = writing->sink->write(writing->sink->context, slice_of("\n", 1), err);
    if (!is_as_hashed(stored, writing->next) && told->changed++ == 0)
        told->first_changed = stored->seq;
    writing->next = stored->seq + 1;
    told->count++;
    return status;
}

enum status export_entries(struct journal *journal, uint64_t from, uint64_t to, const struct export_sink *sink,
                           struct export_told *ret_told, struct err *err)
{
    struct writing writing = {.sink = sink, .next = from};
    if (to < from)
        return err_set(err, STATUS_INPUT, "entries %llu to %llu: the second is before the first", number(from),
                       number(to));
    enum status status = each_entry(journal, from, to, write_entry, &writing, err);
    if (status == STATUS_OK && writing.told.count == 0)
        status = err_set(err, STATUS_INPUT, "there is no entry %llu", number(from));
    if (status == STATUS_OK)
        *ret_told = writing.told;
    return status;
}

static enum status register_entry(void *context, const struct stored *stored, struct err *err)
{
    struct entry entry;
    enum status status = entry_read(stored->bytes, &entry, err);
    if (status != STATUS_OK) {
        err_prefix(err, "entry %llu: ", number(stored->seq));
        return err == NULL ? STATUS_CORRUPT : (err->status = STATUS_CORRUPT);
    }
    status = key_register_apply(context, &entry, err);
    entry_done(&entry);
    return status;
}

static enum status write_key(void *context, const struct key_line *line, struct err *err)
{
    struct writing *writing = context;
    const struct key_window window = {.after = line->after, .before = line->before};
    struct public_key key;
    char text[SSHKEY_ALLOWED_LINE_MAX];
    enum status status = sshkey_parse(line->key, &key, err);
    if (status == STATUS_OK)
        status = sshkey_allowed_line(&key, line->user, &window, text, err);
    if (status == STATUS_OK)
        status = writing->sink->write(writing->sink->context, slice_of(text, strlen(text)), err);
    if (status == STATUS_OK)
        status = writing->sink->write(writing->sink->context, slice_of("\n", 1), err);
    writing->told.count++;
    return status;
}

enum status export_signers(struct journal *journal, const struct export_sink *sink, uint64_t *ret_count,
                           struct err *err)
{
    struct key_register *keys = NULL;
    struct writing writing = {.sink = sink};
    enum status status = key_register_new(&keys, err);
    if (status == STATUS_OK)
        status = each_entry(journal, 0, UINT64_MAX, register_entry, keys, err);
    if (status == STATUS_OK)
        status = key_register_each(keys, write_key, &writing, err);
    if (status == STATUS_OK)
        *ret_count = writing.told.count;
    key_register_free(keys);
    return status;
}

enum status export_checkpoints(struct journal *journal, export_note *step, void *context, uint64_t *ret_count,
                               struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    uint64_t count = 0;
    enum status status = journal_read_begin(journal, &snapshot, err);
    if (status == STATUS_OK)
        status = journal_checkpoint_count(snapshot, &count, err);
    for (uint64_t i = 0; status == STATUS_OK && i < count; i++) {
        struct journal_checkpoint checkpoint;
        status = journal_checkpoint(snapshot, i, &checkpoint, err);
        if (status == STATUS_OK)
            status = step(context, i, checkpoint.size, checkpoint.note, err);
    }
    if (status == STATUS_OK)
        *ret_count = count;
    journal_read_end(snapshot);
    return status;
}
