/*
 * Attacks entry_read and verify_item_check. An entry that is read is made again of its parts byte for byte; the tree, the
 * single pass and the parts agree about where it stands; its signatures are good together when each of them is.
 */
#include "audit/verify/parts.h"
#include "ledger/canon.h"
#include "ledger/entry.h"
#include "ledger/scan.h"
#include "ledger/sshsig.h"
#include "ledger/tree.h"
#include "tests/fuzz/fuzz.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct entry entry;
    struct err err = {.status = STATUS_OK, .text = ""};
    char *text = fuzz_text(data, size);
    struct verify_item item = {.bytes = slice_of(text, size)};
    enum status status = entry_read(slice_of(text, size), &entry, &err);
    must(status == STATUS_OK || (err.status == status && err.text[0] != '\0'));
    verify_item_check(&item);
    must(item.readable == (status == STATUS_OK));
    must(item.sound || (item.trouble != NULL && item.trouble[0] != '\0'));
    must(!item.sound || item.readable);
    if (status == STATUS_OK) {
        check_made_again(&entry, text, size);
        check_places(&entry, text, size);
        bool all = true;
        for (size_t i = 0; i < entry.signatures->count; i++)
            all = all && item.signatures[i].good;
        must(check_signatures(&entry) == all);
        entry_done(&entry);
    }
    verify_item_done(&item);
    free(text);
    return 0;
}
