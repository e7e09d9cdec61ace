/*
 * entries.jsonl of a bundle, and what is learned on the way: the proof of these entries, whose keys signed, which policies
 * decided, which evidence is named. Guarantees that what was written is under the checkpoint: the root that the stored tree and
 * the written bytes lead to is compared with the checkpoint's.
 */
#include <string.h>

#include "audit/bundle/pack_parts.h"
#include "ledger/entry.h"
#include "ledger/instant.h"
#include "ledger/journal.h"
#include "ledger/schema.h"

struct writing {
    struct pack_work *work;
    struct pack_file file;
};

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory for what the entries name");
}

static enum status learn_policy(struct pack_work *work, const struct entry *entry, struct err *err)
{
    const json_t *policy = json_object_get(entry->decision, "policy");
    const char *hash = member_text(policy, "hash");
    if (hash == NULL || json_object_get(work->policies, hash) != NULL)
        return STATUS_OK;
    return json_object_set(work->policies, hash, json_object_get(policy, "seq")) == 0 ? STATUS_OK : no_memory(err);
}

static enum status learn_signers(struct pack_work *work, const struct entry *entry, struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < entry->signatures->count; i++) {
        char text[PACK_KEY_TEXT];
        status = pack_signature_key(&entry->signatures->items[i], text, err);
        if (status == STATUS_OK && json_object_get(work->signers, text) == NULL &&
            json_object_set_new(work->signers, text, json_true()) != 0)
            status = no_memory(err);
    }
    return status;
}

/* Of a part, only the files of the documents that it is about. */
static bool wants_files(const struct pack_work *work, const struct entry *entry, const char *number)
{
    const struct pack_scope *scope = work->request->scope;
    if (!pack_is_part(work) || pack_drawn(work, entry->seq))
        return true;
    int32_t day = date_from_instant(entry->time_ms, 0);
    if (scope->sort == PACK_PERIOD && scope->from <= day && day <= scope->to)
        return true;
    return number != NULL && json_object_get(work->about, number) != NULL;
}

static enum status learn_evidence(struct pack_work *work, const struct entry *entry, size_t index, bool wanted,
                                  struct err *err)
{
    const json_t *list = json_object_get(statement_document(&entry->statement, index), "evidence");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        const char *hash = member_text(one, "sha256"), *name = member_text(one, "name");
        struct pack_evidence_item item = {.seq = entry->seq, .state = wanted ? EVIDENCE_WANTED : EVIDENCE_LEFT_OUT};
        if (hash == NULL || hash_from_hex(hash, &item.hash) != STATUS_OK)
            continue;
        if (name != NULL && hash_from_hex(name, &item.name) != STATUS_OK)
            continue;
        status = pack_evidence_add(&work->evidence, &item, err);
    }
    return status;
}

static enum status learn_documents(struct pack_work *work, const struct entry *entry, struct err *err)
{
    const enum verb verb = entry->statement.verb;
    const json_t *results = json_object_get(entry->decision, "results");
    size_t count = verb == VERB_SUBMIT || verb == VERB_AMEND ? json_array_size(statement_list(&entry->statement)) : 0;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        const json_t *result = json_array_get(results, i);
        const char *number = member_text(result, "document"), *outcome = member_text(result, "outcome");
        if (verb == VERB_SUBMIT && number != NULL && outcome != NULL && strcmp(outcome, "repeat") != 0)
            work->result.documents++;
        status = learn_evidence(work, entry, i, wants_files(work, entry, number), err);
    }
    return status;
}

static enum status learn(struct pack_work *work, const struct entry *entry, struct err *err)
{
    enum status status = tree_multi_add(&work->proof, entry->seq, &entry->leaf, err);
    if (status == STATUS_OK)
        status = learn_policy(work, entry, err);
    if (status == STATUS_OK)
        status = learn_signers(work, entry, err);
    if (status == STATUS_OK)
        status = learn_documents(work, entry, err);
    if (work->count++ == 0)
        work->first_seq = entry->seq;
    work->last_seq = entry->seq;
    if (entry->statement.actor[0] != '\0' && entry->signatures->count == 1)
        work->shown_seq = entry->seq;
    return status;
}

static enum status put(struct writing *writing, const struct entry *entry, struct slice bytes, struct err *err)
{
    enum status status = pack_file_add(&writing->file, bytes, err);
    if (status == STATUS_OK)
        status = pack_file_add(&writing->file, slice_of("\n", 1), err);
    return status == STATUS_OK ? learn(writing->work, entry, err) : status;
}

/* Of a book or an extension: all are followed, those from the first on go in. */
static enum status put_from(void *context, uint64_t seq, struct slice bytes, struct err *err)
{
    struct writing *writing = context;
    struct entry entry;
    enum status status = pack_entry_read(seq, bytes, &entry, err);
    if (status != STATUS_OK)
        return status;
    status = pack_follow_apply(&writing->work->follow, &entry, err);
    if (status == STATUS_OK && seq >= writing->work->first)
        status = put(writing, &entry, bytes, err);
    entry_done(&entry);
    return status;
}

static enum status put_one(struct writing *writing, struct journal_snapshot *snapshot, uint64_t seq, struct err *err)
{
    const char *bytes = NULL;
    size_t length = 0;
    struct entry entry;
    enum status status = journal_entry_checked(snapshot, seq, &bytes, &length, err);
    if (status == STATUS_OK)
        status = pack_entry_read(seq, slice_of(bytes, length), &entry, err);
    if (status != STATUS_OK)
        return status;
    status = put(writing, &entry, slice_of(bytes, length), err);
    entry_done(&entry);
    return status;
}

static enum status put_chosen(struct writing *writing, struct journal_snapshot *snapshot, struct err *err)
{
    const struct pack_chosen *chosen = &writing->work->chosen;
    enum status status = STATUS_OK;
    for (size_t place = 0; status == STATUS_OK && place < chosen->count; place = pack_chosen_after(chosen, place)) {
        status = pack_step(writing->work, "writing entries", chosen->items[place].seq, err);
        if (status == STATUS_OK)
            status = put_one(writing, snapshot, chosen->items[place].seq, err);
    }
    return status;
}

static enum status put_all(struct writing *writing, struct journal_snapshot *snapshot, struct err *err)
{
    struct pack_work *work = writing->work;
    struct hash root;
    enum status status = pack_is_part(work) ? put_chosen(writing, snapshot, err)
                                            : pack_each(work, "writing entries", put_from, writing, err);
    if (status == STATUS_OK)
        status = tree_multi_end(&work->proof, &root, err);
    if (status == STATUS_OK && !hash_equal(&root, &work->result.checkpoint.root))
        status =
            err_set(err, STATUS_CORRUPT,
                    "the entries and the stored tree do not lead to the root of the checkpoint of %llu entries: run "
                    "audit verify",
                    (unsigned long long)work->result.checkpoint.size);
    return status;
}

enum status pack_entries(struct pack_work *work, struct err *err)
{
    struct writing writing = {.work = work};
    struct journal_snapshot *snapshot = NULL;
    struct tree_reader reader;
    enum status status = journal_read_begin(work->request->journal, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    reader = journal_tree(snapshot);
    status = tree_multi_build(&work->proof, work->result.checkpoint.size, &reader, err);
    if (status == STATUS_OK)
        status = pack_file_begin(&work->folder, "entries.jsonl", &writing.file, err);
    if (status == STATUS_OK)
        status = put_all(&writing, snapshot, err);
    status = pack_file_end(&writing.file, false, status, err);
    journal_read_end(snapshot);
    return status;
}
