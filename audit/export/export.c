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

static unsigned long long number(uint64_t value)
{
    return (unsigned long long)value;
}

typedef enum status entry_step(void *context, uint64_t seq, struct slice bytes, struct err *err);

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
            status = step(context, seq, bytes, err);
    }
    journal_walk_end(walk);
    journal_read_end(snapshot);
    return status;
}

struct writing {
    const struct export_sink *sink;
    uint64_t count;
};

static enum status write_entry(void *context, uint64_t seq, struct slice bytes, struct err *err)
{
    struct writing *writing = context;
    (void)seq;
    enum status status = writing->sink->write(writing->sink->context, bytes, err);
    if (status == STATUS_OK)
        status = writing->sink->write(writing->sink->context, slice_of("\n", 1), err);
    writing->count++;
    return status;
}

enum status export_entries(struct journal *journal, uint64_t from, uint64_t to, const struct export_sink *sink,
                           uint64_t *ret_count, struct err *err)
{
    struct writing writing = {.sink = sink};
    if (to < from)
        return err_set(err, STATUS_INPUT, "entries %llu to %llu: the second is before the first", number(from),
                       number(to));
    enum status status = each_entry(journal, from, to, write_entry, &writing, err);
    if (status == STATUS_OK && writing.count == 0)
        status = err_set(err, STATUS_INPUT, "there is no entry %llu", number(from));
    if (status == STATUS_OK)
        *ret_count = writing.count;
    return status;
}

static enum status register_entry(void *context, uint64_t seq, struct slice bytes, struct err *err)
{
    struct entry entry;
    enum status status = entry_read(bytes, &entry, err);
    if (status != STATUS_OK) {
        err_prefix(err, "entry %llu: ", number(seq));
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
    writing->count++;
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
        *ret_count = writing.count;
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
