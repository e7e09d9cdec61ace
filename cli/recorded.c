/*
 * Reading back what was decided. An approver signs a content hash: it is made here from the bytes that the preparer
 * signed, so that a changed record in the books cannot put another document under the approver's eyes (P3).
 */
#include "cli/recorded.h"

#include <string.h>

#include "ledger/books_open.h"
#include "ledger/journal.h"
#include "ledger/schema.h"

void recorded_init(struct recorded *recorded, struct session *session)
{
    *recorded = (struct recorded){.session = session};
}

void recorded_done(struct recorded *recorded)
{
    if (recorded->has_entry)
        entry_done(&recorded->entry);
    recorded->has_entry = false;
}

static enum status read_entry(struct recorded *recorded, uint64_t seq, struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    if (recorded->has_entry && recorded->entry.seq == seq)
        return STATUS_OK;
    recorded_done(recorded);
    enum status status = journal_read_begin(session_books(recorded->session)->journal, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    status = entry_at(snapshot, seq, &recorded->entry, err);
    recorded->has_entry = status == STATUS_OK;
    if (recorded->has_entry)
        recorded->entry.decision_bytes = slice_of(NULL, 0); /* its bytes go with the snapshot */
    journal_read_end(snapshot);
    return status;
}

static enum status check_same(const struct entry *entry, size_t index, const json_t *record, struct err *err)
{
    char hex[HASH_HEX_CHARS + 1];
    struct hash content;
    const json_t *document = statement_document(&entry->statement, index);
    if (document == NULL || !json_equal((json_t *)document, json_object_get(record, "document")))
        return err_set(err, STATUS_CORRUPT, "%s in the books is not the document of entry %llu; run rebuild",
                       member_text(record, "number"), (unsigned long long)entry->seq);
    enum status status = statement_content(&entry->statement, index, &content, err);
    if (status != STATUS_OK)
        return status;
    hash_to_hex(&content, hex);
    if (strcmp(hex, member_text(record, "content")) != 0)
        return err_set(err, STATUS_CORRUPT, "%s: the content hash in the books is not that of entry %llu; run rebuild",
                       member_text(record, "number"), (unsigned long long)entry->seq);
    return STATUS_OK;
}

enum status recorded_version(struct recorded *recorded, const json_t *record, const json_t **ret_result,
                             struct err *err)
{
    uint64_t seq = (uint64_t)member_integer(record, "seq");
    size_t index = (size_t)member_integer(record, "index");
    enum status status = read_entry(recorded, seq, err);
    if (status == STATUS_PERMISSION)
        return err_set(err, status,
                       "%s came in entry %llu with documents of books that you may not read, so its content cannot be "
                       "checked here: who reads them all signs it, or it is returned and submitted by itself",
                       member_text(record, "number"), (unsigned long long)seq);
    if (status != STATUS_OK)
        return status;
    const json_t *result = json_array_get(json_object_get(recorded->entry.decision, "results"), index);
    if (result == NULL)
        return err_set(err, STATUS_CORRUPT, "entry %llu decided nothing about %s", (unsigned long long)seq,
                       member_text(record, "number"));
    status = check_same(&recorded->entry, index, record, err);
    if (status == STATUS_OK)
        *ret_result = result;
    return status;
}
