/*
 * Folding entries: beginning (lapse), end (ids, watermark), and the dispatch of each result to the part of the books that
 * it changes. Documents are in fold_document.c, ledger effects in fold_money.c, governance in fold_govern.c, feeds in
 * fold_feed.c.
 */
#include "ledger/fold.h"

#include <stdio.h>
#include <string.h>

#include "ledger/books.h"
#include "ledger/entry.h"
#include "ledger/fold_parts.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "ledger/sshkey.h"
#include "ledger/sshsig.h"
#include "ledger/statement.h"
#include "ledger/tables.h"

struct lapse_find {
    int64_t time_ms;
    char number[ID_BYTES_MAX + 1];
    bool found;
};

static enum status lapse_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct lapse_find *find = context;
    (void)err;
    *ret_more = false;
    /* <until, 0, seq, 0, index>: three numbers of 8 bytes with a zero byte between. */
    if ((int64_t)books_key_number(key, 18) >= find->time_ms)
        return STATUS_OK;
    snprintf(find->number, sizeof find->number, "%s", member_text(record, "number"));
    find->found = true;
    return STATUS_OK;
}

enum status fold_begin(const struct fold *fold, struct err *err)
{
    uint64_t waiting = 0;
    enum status status = tables_count(fold->txn, BOOKS_WAITING, &waiting, err);
    /* One at a time: lapsing changes the table that is walked. Each takes one away, so there is an end. */
    for (; status == STATUS_OK; waiting--) {
        struct lapse_find find = {.time_ms = fold->time_ms};
        struct books_walk walk = {.table = BOOKS_WAITING, .step = lapse_step, .context = &find};
        status = books_each(fold->txn, &walk, err);
        if (status != STATUS_OK || !find.found)
            return status;
        if (waiting == 0)
            return err_set(err, STATUS_CORRUPT, "%s lapses, but does not stop waiting", find.number);
        status = fold_document_end(fold, find.number, "lapsed", NULL, err);
    }
    return status;
}

static bool outcome_is(const json_t *result, const char *outcome)
{
    const char *text = member_text(result, "outcome");
    return text != NULL && strcmp(text, outcome) == 0;
}

static enum status submit_fold(const struct fold *fold, size_t index, const json_t *result, struct err *err)
{
    if (outcome_is(result, "refused") || outcome_is(result, "repeat"))
        return STATUS_OK;
    enum status status = fold_document_admit(fold, index, result, err);
    return status == STATUS_OK ? fold_prepared(fold, result, err) : status;
}

static enum status item_fold(const struct fold *fold, size_t index, const json_t *result, struct err *err)
{
    const json_t *item = json_array_get(statement_list(fold->statement), index);
    const char *number = member_text(item, "document");
    switch (fold->statement->verb) {
    case VERB_APPROVE:
        return fold_document_approve(fold, index, result, err);
    case VERB_WITHDRAW:
        return fold_document_end(fold, number, "withdrawn", item, err);
    case VERB_REJECT:
        return fold_document_end(fold, number, "rejected", item, err);
    case VERB_RETURN:
        return fold_document_end(fold, number, "returned", item, err);
    case VERB_CHARTER:
    case VERB_SUBMIT:
    case VERB_AMEND:
    case VERB_FEED:
    case VERB_RECOVER:
    case VERB_CLOCK:
    case VERB_RESTORE:
    case VERB_COUNT:
        break;
    }
    return err_set(err, STATUS_CORRUPT, "%s has no items", verb_name(fold->statement->verb));
}

enum status fold_result(const struct fold *fold, size_t index, const json_t *result, struct err *err)
{
    if (outcome_is(result, "refused"))
        return STATUS_OK;
    enum status status = fold_mitigation_uses(fold, result, err);
    if (status == STATUS_OK)
        status = fold_break_glass_use(fold, index, result, err);
    if (status != STATUS_OK)
        return status;
    switch (fold->statement->verb) {
    case VERB_CHARTER:
        return fold_charter(fold, err);
    case VERB_SUBMIT:
    case VERB_AMEND:
        return submit_fold(fold, index, result, err);
    case VERB_WITHDRAW:
    case VERB_APPROVE:
    case VERB_REJECT:
    case VERB_RETURN:
        return item_fold(fold, index, result, err);
    case VERB_FEED:
        return fold_feed(fold, result, err);
    case VERB_RECOVER:
        return fold_recover(fold, err);
    case VERB_CLOCK:
        return STATUS_OK;
    case VERB_RESTORE:
        return fold_restore(fold, result, err);
    case VERB_COUNT:
        break;
    }
    return err_set(err, STATUS_CORRUPT, "nothing follows from %s", verb_name(fold->statement->verb));
}

static bool all_refused(const json_t *decision)
{
    const json_t *results = json_object_get(decision, "results");
    for (size_t i = 0; i < json_array_size(results); i++)
        if (!outcome_is(json_array_get(results, i), "refused"))
            return false;
    return true;
}

/* The actor's keys that signed: what is asked when one of them turns out to have been in other hands (C-52). */
static enum status keys_gather(const struct fold *fold, json_t *keys, struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; fold->signatures != NULL && status == STATUS_OK && i < fold->signatures->count; i++) {
        struct sshsig sshsig;
        char text[PUBLIC_KEY_TEXT_MAX];
        json_t *record = NULL;
        const struct signature_blob *blob = &fold->signatures->items[i];
        status = sshsig_parse(blob->bytes, blob->length, &sshsig, err);
        if (status != STATUS_OK)
            return status;
        sshkey_format(&sshsig.key, text);
        struct books_key key = books_key(text);
        status = books_get(fold->txn, BOOKS_KEYS, &key, &record, err);
        if (status == STATUS_OK && strcmp(member_text(record, "user"), fold->statement->actor) == 0 &&
            json_array_append_new(keys, json_string(text)) != 0)
            status = err_set(err, STATUS_MEMORY, "no memory for an entry's keys");
        json_decref(record);
        status = status == STATUS_NOT_FOUND ? STATUS_OK : status;
    }
    return status;
}

enum status fold_end(const struct fold *fold, const json_t *decision, const struct hash *leaf, struct err *err)
{
    char time[INSTANT_TEXT_BYTES], hex[HASH_HEX_CHARS + 1], statement_hex[HASH_HEX_CHARS + 1];
    instant_format(fold->time_ms, time);
    hash_to_hex(leaf, hex);
    hash_to_hex(&fold->statement->hash, statement_hex);
    struct books_key key = books_key(NULL);
    books_key_add_number(&key, fold->seq);
    json_t *keys = json_array();
    enum status status = keys != NULL ? keys_gather(fold, keys, err) : err_set(err, STATUS_MEMORY, "no memory");
    if (status == STATUS_OK)
        status = books_put_new(fold->txn, BOOKS_ENTRIES, &key,
                               json_pack("{s:s, s:s, s:s, s:O, s:b, s:s}", "actor", fold->statement->actor, "do",
                                         verb_name(fold->statement->verb), "hash", hex, "keys", keys, "refused",
                                         all_refused(decision) && fold->statement->verb != VERB_CHARTER, "time", time),
                               err);
    json_decref(keys);
    if (status != STATUS_OK)
        return status;
    key = books_key_pair(fold->statement->actor, fold->statement->id);
    status = books_put_new(fold->txn, BOOKS_IDS, &key,
                           json_pack("{s:s, s:I}", "hash", statement_hex, "seq", (json_int_t)fold->seq), err);
    if (status == STATUS_OK)
        status = fold_counters(fold, decision, all_refused(decision), err);
    if (status == STATUS_OK)
        status = fold_activity(fold, all_refused(decision), err);
    const struct tables_watermark mark = {.size = fold->seq + 1, .leaf = *leaf};
    if (status == STATUS_OK)
        status = tables_watermark_set(fold->txn, &mark, err);
    return status;
}

enum status fold_entry(struct tables_txn *txn, const struct entry *entry, struct err *err)
{
    const struct fold fold = {.txn = txn,
                              .statement = &entry->statement,
                              .signatures = entry->signatures,
                              .seq = entry->seq,
                              .time_ms = entry->time_ms};
    const json_t *results = json_object_get(entry->decision, "results");
    enum status status = fold_begin(&fold, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(results); i++)
        status = fold_result(&fold, i, json_array_get(results, i), err);
    if (status == STATUS_OK)
        status = fold_end(&fold, entry->decision, &entry->leaf, err);
    if (status != STATUS_OK && status != STATUS_MEMORY && status != STATUS_FULL && status != STATUS_IO) {
        err_prefix(err, "entry %llu cannot be folded: ", (unsigned long long)entry->seq);
        if (err != NULL)
            err->status = STATUS_CORRUPT;
        status = STATUS_CORRUPT;
    }
    return status;
}
