/*
 * Packing a bundle: which checkpoint it stands on, then file after file, the manifest over all of them last. What is packed
 * was read from the stored bytes and leads to the checkpoint's root; whether signatures and decisions are right is for those
 * who check the bundle, which is what it is for.
 */
#include "audit/bundle/pack.h"

#include <stdlib.h>
#include <string.h>

#include "audit/bundle/pack_parts.h"
#include "ledger/checkpoint.h"
#include "ledger/entry.h"
#include "ledger/journal.h"
#include "ledger/schema.h"

enum { STEP_EVERY = 256 };

static unsigned long long number(uint64_t value)
{
    return (unsigned long long)value;
}

const char *pack_sort_name(enum pack_sort sort)
{
    switch (sort) {
    case PACK_BOOK:
        return "book";
    case PACK_EXTENSION:
        return "extension";
    case PACK_PERIOD:
        return "period";
    case PACK_DOCUMENT:
        return "document";
    case PACK_SAMPLE:
        return "sample";
    }
    invariant(false);
    return NULL;
}

bool pack_is_part(const struct pack_work *work)
{
    enum pack_sort sort = work->request->scope->sort;
    return sort != PACK_BOOK && sort != PACK_EXTENSION;
}

bool pack_drawn(const struct pack_work *work, uint64_t seq)
{
    const struct pack_scope *scope = work->request->scope;
    size_t low = 0, high = scope->entry_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (scope->entries[middle] < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low < scope->entry_count && scope->entries[low] == seq;
}

enum status pack_step(const struct pack_work *work, const char *what, uint64_t done, struct err *err)
{
    const struct pack_request *request = work->request;
    if (request->step == NULL || done % STEP_EVERY != 0)
        return STATUS_OK;
    return request->step(request->context, what, done, work->result.checkpoint.size, err);
}

enum status pack_entry_read(uint64_t seq, struct slice bytes, struct entry *ret_entry, struct err *err)
{
    enum status status = entry_read(bytes, ret_entry, err);
    if (status == STATUS_OK && ret_entry->seq != seq) {
        entry_done(ret_entry);
        status = err_set(err, STATUS_CORRUPT, "says that it is entry %llu", number(ret_entry->seq));
    }
    if (status == STATUS_OK)
        return status;
    err_prefix(err, "entry %llu: ", number(seq));
    if (err != NULL && status != STATUS_MEMORY)
        err->status = STATUS_CORRUPT;
    return status == STATUS_MEMORY ? status : STATUS_CORRUPT;
}

enum status pack_each(const struct pack_work *work, const char *what, pack_entry_step *step, void *context,
                      struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    struct journal_walk *walk = NULL;
    enum status status = journal_read_begin(work->request->journal, &snapshot, err);
    if (status == STATUS_OK)
        status = journal_walk_begin(snapshot, 0, &walk, err);
    for (uint64_t next = 0; status == STATUS_OK && next < work->result.checkpoint.size; next++) {
        uint64_t seq = 0;
        struct slice bytes;
        status = pack_step(work, what, next, err);
        if (status == STATUS_OK)
            status = journal_walk_next(walk, &seq, &bytes, err);
        if (status == STATUS_NOT_FOUND || (status == STATUS_OK && seq != next))
            status = err_set(err, STATUS_CORRUPT, "entry %llu is missing: run audit verify", number(next));
        if (status == STATUS_OK)
            status = step(context, seq, bytes, err);
    }
    journal_walk_end(walk);
    journal_read_end(snapshot);
    return status;
}

static size_t signatures_of(struct slice bytes)
{
    struct note note;
    return note_parse((const char *)bytes.bytes, bytes.length, &note, NULL) == STATUS_OK ? note.signature_count : 0;
}

/*
 * The largest that was issued and that the entries reach (after a restore some go beyond); of those of one size the one that
 * most have signed, then the last recorded: what comes back cosigned is recorded after others.
 */
static enum status find_checkpoint(struct pack_work *work, struct journal_snapshot *snapshot,
                                   struct journal_checkpoint *ret_checkpoint, struct err *err)
{
    struct journal_head head;
    struct journal_checkpoint found = {.size = 0}, one;
    enum status status = journal_head(snapshot, &head, err);
    if (status == STATUS_OK)
        status = journal_checkpoint_count(snapshot, &work->checkpoints, err);
    for (uint64_t i = 0; status == STATUS_OK && i < work->checkpoints; i++) {
        status = journal_checkpoint(snapshot, i, &one, err);
        if (status != STATUS_OK || one.size > head.size || one.size < found.size)
            continue;
        if (one.size == found.size && signatures_of(one.note) < signatures_of(found.note))
            continue;
        found = one;
        work->checkpoint_number = i;
    }
    if (status == STATUS_OK && found.size == 0)
        status = err_set(err, STATUS_NOT_FOUND,
                         "no checkpoint has been issued yet, and a bundle stands on one: the custodian makes one with "
                         "`countersign checkpoint --key BOOKKEY`");
    if (status != STATUS_OK)
        return status;
    work->result.checkpoint = (struct tree_head){.size = found.size, .root = found.root};
    work->result.beyond = head.size - found.size;
    *ret_checkpoint = found;
    return STATUS_OK;
}

static enum status read_origin(struct pack_work *work, const struct journal_checkpoint *checkpoint, struct err *err)
{
    struct note note;
    struct checkpoint parsed;
    const char *bytes = (const char *)checkpoint->note.bytes;
    enum status status = note_parse(bytes, checkpoint->note.length, &note, err);
    if (status == STATUS_OK)
        status = checkpoint_parse(note.text, note.text_length, &parsed, err);
    if (status == STATUS_OK &&
        (parsed.head.size != checkpoint->size || !hash_equal(&parsed.head.root, &checkpoint->root)))
        status = err_set(err, STATUS_CORRUPT, "its note is about something else");
    if (status == STATUS_OK)
        memcpy(work->origin, parsed.origin, sizeof work->origin);
    if (status == STATUS_INPUT || status == STATUS_LIMIT)
        status = STATUS_CORRUPT;
    if (status != STATUS_OK && err != NULL) {
        err_prefix(err, "the checkpoint of %llu entries: ", number(checkpoint->size));
        err->status = status;
    }
    return status;
}

static enum status read_charter(struct pack_work *work, struct journal_snapshot *snapshot, struct err *err)
{
    struct entry charter;
    enum status status = entry_at(snapshot, 0, &charter, err);
    if (status != STATUS_OK)
        return status;
    hash_to_hex(&charter.statement.hash, work->book);
    entry_done(&charter);
    return STATUS_OK;
}

/* What was there before the extension is what whoever asks has seen. */
static enum status check_before(struct pack_work *work, struct journal_snapshot *snapshot, struct err *err)
{
    const struct pack_scope *scope = work->request->scope;
    const struct tree_reader reader = journal_tree(snapshot);
    if (scope->sort != PACK_EXTENSION)
        return STATUS_OK;
    if (scope->after_size == 0)
        return err_set(err, STATUS_INPUT, "an extension of nothing is the whole book");
    if (scope->after_size > work->result.checkpoint.size)
        return err_set(
            err, STATUS_NOT_FOUND,
            "the newest issued checkpoint is of %llu entries, fewer than the %llu that are there already: the "
            "custodian makes a newer one with `countersign checkpoint --key BOOKKEY`",
            number(work->result.checkpoint.size), number(scope->after_size));
    work->first = scope->after_size;
    enum status status = tree_root(&reader, scope->after_size, &work->after_root, err);
    if (status == STATUS_OK && scope->after_root != NULL && !hash_equal(scope->after_root, &work->after_root))
        status = err_set(err, STATUS_CORRUPT,
                         "this book does not extend that checkpoint: its first %llu entries have another root",
                         number(scope->after_size));
    return status;
}

static enum status prepare(struct pack_work *work, struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    struct journal_checkpoint checkpoint;
    enum status status = journal_read_begin(work->request->journal, &snapshot, err);
    if (status == STATUS_OK)
        status = find_checkpoint(work, snapshot, &checkpoint, err);
    if (status == STATUS_OK)
        status = read_origin(work, &checkpoint, err);
    if (status == STATUS_OK)
        status = read_charter(work, snapshot, err);
    if (status == STATUS_OK)
        status = check_before(work, snapshot, err);
    journal_read_end(snapshot);
    if (status != STATUS_OK)
        return status;
    work->about = json_object();
    work->policies = json_object();
    work->signers = json_object();
    if (work->about == NULL || work->policies == NULL || work->signers == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a bundle");
    status = pack_chosen_init(&work->chosen, err);
    return status == STATUS_OK ? pack_follow_init(&work->follow, err) : status;
}

static enum status fill(struct pack_work *work, struct err *err)
{
    enum status status = pack_is_part(work) ? pack_choose(work, err) : STATUS_OK;
    if (status == STATUS_OK)
        status = pack_entries(work, err);
    if (status == STATUS_OK)
        status = pack_checkpoints(work, err);
    if (status == STATUS_OK)
        status = pack_signers(work, err);
    if (status == STATUS_OK)
        status = pack_policies(work, err);
    if (status == STATUS_OK)
        status = pack_evidence_copy(work, err);
    if (status == STATUS_OK)
        status = pack_readme(work, err);
    if (status == STATUS_OK)
        status = pack_manifest(work, err);
    if (status == STATUS_OK)
        status = pack_page(work, err);
    return status == STATUS_OK && work->request->step != NULL
               ? work->request->step(work->request->context, "putting it in place", 0, 0, err)
               : status;
}

static void add_up(struct pack_work *work)
{
    work->result.entries = work->count;
    work->result.files = work->folder.count;
    for (size_t i = 0; i < work->folder.count; i++)
        work->result.bytes += work->folder.files[i].bytes;
}

enum status pack_bundle(const struct pack_request *request, struct pack_result *ret_result, struct err *err)
{
    struct pack_work *work = calloc(1, sizeof *work);
    if (work == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a bundle");
    work->request = request;
    work->shown_seq = UINT64_MAX;
    enum status status = prepare(work, err);
    if (status == STATUS_OK)
        status = pack_folder_begin(&work->folder, request->to, err);
    if (status == STATUS_OK)
        status = fill(work, err);
    if (status == STATUS_OK)
        status = pack_folder_finish(&work->folder, err);
    if (status == STATUS_OK) {
        add_up(work);
        *ret_result = work->result;
    }
    pack_folder_done(&work->folder);
    pack_evidence_done(&work->evidence);
    tree_multi_done(&work->proof);
    json_decref(work->signers);
    json_decref(work->policies);
    json_decref(work->about);
    pack_follow_done(&work->follow);
    pack_chosen_done(&work->chosen);
    free(work);
    return status;
}
