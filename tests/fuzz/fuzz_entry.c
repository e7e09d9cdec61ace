/*
 * Attacks entry_read and verify_item_check. An entry that is read is made again of its parts byte for byte; the tree, the
 * single pass and the parts agree about where it stands; its signatures are good together when each of them is. What is looked at
 * where it lies says what its tree says.
 */
#include "audit/verify/parts.h"
#include "ledger/canon.h"
#include "ledger/entry.h"
#include "ledger/scan.h"
#include "ledger/sshsig.h"
#include "ledger/tree.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/item_pair.h"

static const char *fact(const struct entry *entry, const char *name)
{
    return json_string_value(json_object_get(entry->gate, name));
}

static void check_made_again(const struct entry *entry, const char *text, size_t size)
{
    const struct gate_facts gate = {fact(entry, "release"), fact(entry, "exe"), fact(entry, "mode"),
                                    fact(entry, "os_user")};
    const struct entry_parts parts = {entry->decision,   &gate,         &entry->prev, entry->seq, entry->signatures,
                                      &entry->statement, entry->time_ms};
    char *again = NULL;
    size_t length = 0;
    must(entry_make(&parts, &again, &length, NULL) == STATUS_OK);
    must(length == size && memcmp(again, text, size) == 0);
    free(again);
}

static void check_places(const struct entry *entry, const char *text, size_t size)
{
    struct scan_member members[] = {{.name = "decision"},   {.name = "gate"},      {.name = "prev"}, {.name = "seq"},
                                    {.name = "signatures"}, {.name = "statement"}, {.name = "time"}, {.name = "v"}};
    int64_t seq = -1;
    struct hash leaf;
    must(scan_object_exact(text, size, ENTRY_BYTES_MAX, members, 8, NULL) == STATUS_OK);
    must(scan_integer(text, &members[3], &seq, NULL) == STATUS_OK && (uint64_t)seq == entry->seq);
    must(members[0].length == entry->decision_bytes.length);
    must((const char *)entry->decision_bytes.bytes == text + members[0].offset);
    must(members[5].length == entry->statement.length &&
         memcmp(text + members[5].offset, entry->statement.bytes, entry->statement.length) == 0);
    tree_leaf(text, size, &leaf);
    must(hash_equal(&leaf, &entry->leaf));
}

/* Sorted, none twice; all are good when each is. */
static bool check_signatures(const struct entry *entry)
{
    const struct signature_list *list = entry->signatures;
    bool all = true;
    struct sshsig info, before = {.key.type = KEY_ED25519};
    must(list->count >= 1 && list->count <= SIGNATURES_MAX);
    for (size_t i = 0; i < list->count; i++) {
        must(sshsig_parse(list->items[i].bytes, list->items[i].length, &info, NULL) == STATUS_OK);
        must(i == 0 || !sshkey_equal(&info.key, &before.key));
        before = info;
        all = all && sshsig_verify(list->items[i].bytes, list->items[i].length, entry->statement.bytes,
                                   entry->statement.length, &info, NULL) == STATUS_OK;
    }
    must((signature_list_verify(list, &entry->statement, NULL) == STATUS_OK) == all);
    return all;
}

/* The entry that a replay takes, whose decision is made when it is asked for. */
static void check_entry(struct verify_item *item, const struct entry *entry)
{
    struct entry *other = &item->entry;
    must(item->has_entry && entry_decision(other, NULL) == STATUS_OK);
    must(other->seq == entry->seq && other->time_ms == entry->time_ms && hash_equal(&other->prev, &entry->prev) &&
         hash_equal(&other->leaf, &entry->leaf) && hash_equal(&other->statement.hash, &entry->statement.hash));
    must(other->statement.length == entry->statement.length &&
         memcmp(other->statement.bytes, entry->statement.bytes, entry->statement.length + 1) == 0);
    must(json_equal(other->statement.json, entry->statement.json) == 1 &&
         json_equal(other->decision, entry->decision) == 1);
    must(other->statement.verb == entry->statement.verb && other->statement.at_ms == entry->statement.at_ms &&
         strcmp(other->statement.actor, entry->statement.actor) == 0 &&
         strcmp(other->statement.book, entry->statement.book) == 0 &&
         strcmp(other->statement.id, entry->statement.id) == 0 &&
         json_equal(other->statement.body, entry->statement.body) == 1);
    must((other->statement.seen_hash == NULL) == (entry->statement.seen_hash == NULL) &&
         other->statement.seen_seq == entry->statement.seen_seq);
    must(other->decision_bytes.bytes == entry->decision_bytes.bytes &&
         other->decision_bytes.length == entry->decision_bytes.length);
    must(other->statement.document_count == entry->statement.document_count);
    for (size_t i = 0; i < entry->statement.document_count; i++)
        must(item_pair_same_slice(other->statement.documents[i], entry->statement.documents[i]));
    must(other->signatures->count == entry->signatures->count);
    for (size_t i = 0; i < entry->signatures->count; i++)
        must(other->signatures->items[i].length == entry->signatures->items[i].length &&
             memcmp(other->signatures->items[i].bytes, entry->signatures->items[i].bytes,
                    entry->signatures->items[i].length) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct entry entry;
    struct err err = {.status = STATUS_OK, .text = ""};
    char *text = fuzz_text(data, size);
    struct verify_item item = {.bytes = slice_of(text, size)}, replayed = {.bytes = item.bytes},
                       whole = {.bytes = item.bytes};
    static struct item_tools tools[TREES_WHOLE + 1]; /* for as long as the program runs */
    for (enum item_trees trees = TREES_NEEDED; tools[TREES_WHOLE].outline.nodes == NULL; trees++)
        must(verify_tools_init(trees, &tools[trees], NULL) == STATUS_OK);
    enum status status = entry_read(slice_of(text, size), &entry, &err);
    must(status == STATUS_OK || (err.status == status && err.text[0] != '\0'));
    verify_item_check(&tools[TREES_NEEDED], &item);
    verify_item_check(&tools[TREES_STATEMENTS], &replayed);
    verify_item_check(&tools[TREES_WHOLE], &whole);
    must(item.readable == (status == STATUS_OK));
    must(item.sound || (item.trouble != NULL && item.trouble[0] != '\0'));
    must(!item.sound || item.readable);
    must(item_pair_agrees(&item, &whole) && item_pair_agrees(&replayed, &whole));
    if (status == STATUS_OK) {
        check_made_again(&entry, text, size);
        check_places(&entry, text, size);
        check_entry(&replayed, &entry);
        bool all = true;
        for (size_t i = 0; i < entry.signatures->count; i++)
            all = all && item.signatures[i].good;
        must(check_signatures(&entry) == all);
        entry_done(&entry);
    }
    verify_item_done(&item);
    verify_item_done(&replayed);
    verify_item_done(&whole);
    free(text);
    return 0;
}
