/*
 * One entry by itself: its form, all that its statement and decision hold, its leaf hash, its signatures. Needs nothing but
 * the bytes, so any thread may do it; what it means at its place in the journal is judged afterwards, in order. Implements
 * FORMAT.md sections 1 to 6 as far as form goes.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/verify/parts.h"
#include "controls/judge.h"
#include "ledger/sshkey.h"
#include "ledger/sshsig.h"

static void check_signatures(struct verify_item *item)
{
    const struct signature_list *list = item->entry.signatures;
    const struct statement *statement = &item->entry.statement;
    item->signatures = calloc(list->count, sizeof *item->signatures);
    for (size_t i = 0; item->signatures != NULL && i < list->count; i++) {
        struct item_signature *seen = &item->signatures[i];
        struct sshsig info;
        seen->good = sshsig_verify(list->items[i].bytes, list->items[i].length, statement->bytes, statement->length,
                                   &info, NULL) == STATUS_OK;
        if (!seen->good && sshsig_parse(list->items[i].bytes, list->items[i].length, &info, NULL) != STATUS_OK)
            continue;
        sshkey_format(&info.key, seen->key);
        sshkey_fingerprint(&info.key, seen->fingerprint);
    }
}

void verify_item_check(struct verify_item *item)
{
    struct err err = {.status = STATUS_OK};
    enum status status = entry_read(item->bytes, &item->entry, &err);
    item->readable = status == STATUS_OK;
    if (item->readable) {
        item->leaf = item->entry.leaf;
        check_signatures(item);
        status = judge_check_form(&item->entry.statement, &err);
        if (status != STATUS_OK)
            err_prefix(&err, "statement: ");
    } else {
        tree_leaf(item->bytes.bytes, item->bytes.length, &item->leaf);
    }
    if (status == STATUS_OK)
        status = verify_decision_form(&item->entry.statement, item->entry.decision, &err);
    item->sound = status == STATUS_OK;
    if (!item->sound)
        item->trouble = strdup(err.text);
}

void verify_item_done(struct verify_item *item)
{
    if (item->readable)
        entry_done(&item->entry);
    free(item->trouble);
    free(item->signatures);
    free(item->owned);
    *item = (struct verify_item){.seq = 0};
}
