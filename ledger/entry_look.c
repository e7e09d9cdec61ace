/*
 * An entry looked at where it lies: form and canonicity in one pass over its bytes, and what those who judge it in order need. Takes
 * what entry_read takes, or leaves it to that. Implements FORMAT.md sections 3 (order and uniqueness of signatures) and 4.
 */
#include "ledger/entry.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base64.h"
#include "ledger/compact.h"
#include "ledger/instant.h"
#include "ledger/outline.h"
#include "ledger/scan.h"
#include "ledger/schema.h"
#include "ledger/sshkey.h"
#include "ledger/sshsig.h"

/* In the order of their bytes: there are no others, so each stands at its place. */
enum { AT_DECISION, AT_GATE, AT_PREV, AT_SEQ, AT_SIGNATURES, AT_STATEMENT, AT_TIME, AT_V, AT_COUNT };

static bool members_find(const struct outline *outline, const struct outline_node *ret_at[static AT_COUNT])
{
    static const char *const names[AT_COUNT] = {"decision",   "gate",      "prev", "seq",
                                                "signatures", "statement", "time", "v"};
    const struct outline_node *whole = &outline->nodes[0], *node = outline_first(outline, whole);
    for (size_t i = 0; i < AT_COUNT; i++, node = outline_after(outline, whole, node)) {
        if (node == NULL || !slice_is(slice_of(outline->bytes + node->name_at, node->name_length), names[i]))
            return false;
        ret_at[i] = node;
    }
    return node == NULL;
}

static bool head_look(const struct outline *outline, const struct outline_node *const at[static AT_COUNT],
                      struct entry_look *look)
{
    struct slice prev, time;
    int64_t seq = 0, version = 0;
    if (!outline_integer(outline, at[AT_SEQ], &seq) || seq < 0 || !outline_integer(outline, at[AT_V], &version) ||
        version != 1 || !outline_text(outline, at[AT_PREV], &prev) || !outline_text(outline, at[AT_TIME], &time))
        return false;
    look->seq = (uint64_t)seq;
    return hash_from_digits((const char *)prev.bytes, prev.length, &look->prev) == STATUS_OK &&
           instant_parse((const char *)time.bytes, time.length, &look->time_ms, NULL) == STATUS_OK;
}

/* Sorted by public key, no key twice. */
static bool signatures_look(const struct outline *outline, const struct outline_node *list, struct entry_look *look)
{
    if (list->type != OUTLINE_LIST)
        return false;
    for (const struct outline_node *node = outline_first(outline, list); node != NULL;
         node = outline_after(outline, list, node)) {
        struct slice text;
        struct sshsig *one = &look->signatures[look->signature_count];
        struct signature_blob *blob = &look->blobs[look->signature_count];
        if (look->signature_count == SIGNATURES_MAX || !outline_text(outline, node, &text) ||
            base64_decode_public((const char *)text.bytes, text.length, blob->bytes, sizeof blob->bytes, &blob->length,
                                 NULL) != STATUS_OK ||
            sshsig_parse(blob->bytes, blob->length, one, NULL) != STATUS_OK)
            return false;
        if (look->signature_count > 0 && sshkey_order(&one[-1].key, &one->key) >= 0)
            return false;
        look->signature_count++;
    }
    return look->signature_count > 0;
}

bool entry_look(struct slice bytes, struct outline *outline, struct entry_look *ret_look)
{
    const struct outline_node *at[AT_COUNT] = {NULL};
    ret_look->signature_count = 0;
    if (scan_outline((const char *)bytes.bytes, bytes.length, ENTRY_BYTES_MAX, outline, NULL) != STATUS_OK ||
        !members_find(outline, at) || !head_look(outline, at, ret_look) ||
        !statement_look(outline, at[AT_STATEMENT], &ret_look->statement) ||
        !schema_holds(&gate_facts_schema, outline, at[AT_GATE], NULL))
        return false;
    ret_look->decision = at[AT_DECISION];
    ret_look->gate = at[AT_GATE];
    return signatures_look(outline, at[AT_SIGNATURES], ret_look);
}

enum status entry_read_looked(const struct entry_look *look, const struct hash *leaf, struct entry *ret_entry,
                              struct err *err)
{
    struct entry entry = {.seq = look->seq, .time_ms = look->time_ms, .prev = look->prev, .leaf = *leaf};
    const struct outline *outline = look->statement.outline;
    enum status status = statement_read_looked(&look->statement, &entry.statement, err);
    if (status != STATUS_OK)
        return status;
    entry.decision_bytes = outline_raw(outline, look->decision);
    entry.signatures = malloc(sizeof *entry.signatures);
    if (entry.signatures == NULL) {
        entry_done(&entry);
        return err_set(err, STATUS_MEMORY, "no memory for signatures");
    }
    entry.signatures->count = look->signature_count;
    memcpy(entry.signatures->items, look->blobs, look->signature_count * sizeof look->blobs[0]);
    *ret_entry = entry;
    return STATUS_OK;
}

enum status entry_decision(struct entry *entry, struct err *err)
{
    if (entry->decision == NULL)
        entry->decision = compact_read((const char *)entry->decision_bytes.bytes, entry->decision_bytes.length, NULL);
    return entry->decision != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a decision");
}
