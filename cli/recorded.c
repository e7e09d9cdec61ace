/*
 * Reading back what was decided. An approver signs a content hash: it is made here from the bytes that the preparer
 * signed, so that a changed record in the books cannot put another document under the approver's eyes (P3).
 */
#include "cli/recorded.h"

#include <string.h>

#include "ledger/journal.h"
#include "ledger/schema.h"

enum status recorded_entry(struct session *session, uint64_t seq, struct entry *ret_entry, struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    const char *bytes = NULL;
    size_t length = 0;
    enum status status = journal_read_begin(gate_books(session_gate(session))->journal, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    status = journal_entry_checked(snapshot, seq, &bytes, &length, err);
    if (status == STATUS_OK)
        status = entry_read(slice_of(bytes, length), ret_entry, err);
    if (status == STATUS_OK)
        ret_entry->decision_bytes = slice_of(NULL, 0);
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
        return err_set(err, STATUS_CORRUPT,
                       "%s: the content hash in the books is not that of entry %llu; run rebuild",
                       member_text(record, "number"), (unsigned long long)entry->seq);
    return STATUS_OK;
}

enum status recorded_version(struct session *session, const json_t *record, struct entry *ret_entry,
                             const json_t **ret_result, struct err *err)
{
    struct entry entry = {.decision = NULL};
    uint64_t seq = (uint64_t)member_integer(record, "seq");
    size_t index = (size_t)member_integer(record, "index");
    enum status status = recorded_entry(session, seq, &entry, err);
    if (status != STATUS_OK)
        return status;
    const json_t *result = json_array_get(json_object_get(entry.decision, "results"), index);
    if (result == NULL)
        status = err_set(err, STATUS_CORRUPT, "entry %llu decided nothing about %s", (unsigned long long)seq,
                         member_text(record, "number"));
    else
        status = check_same(&entry, index, record, err);
    if (status != STATUS_OK) {
        entry_done(&entry);
        return status;
    }
    *ret_entry = entry;
    *ret_result = result;
    return STATUS_OK;
}
