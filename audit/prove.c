/*
 * Proofs from the stored tree, each verified before it is handed out: whoever gets one finds it good or gets none. Whether
 * the checkpoint below it is signed by the right key is for whoever checks, who brings the key.
 */
#include "audit/prove.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/journal.h"
#include "ledger/receipt.h"
#include "ledger/tree.h"
#include "ledger/witness.h"

static unsigned long long number(uint64_t value)
{
    return (unsigned long long)value;
}

/* Of those that cover the first size entries: the one recorded last, or with `most` the one of the most entries. */
static enum status find_checkpoint(struct journal_snapshot *snapshot, uint64_t size, bool most,
                                   struct journal_checkpoint *ret_found, struct err *err)
{
    uint64_t count = 0;
    struct journal_checkpoint checkpoint, found = {.size = 0};
    enum status status = journal_checkpoint_count(snapshot, &count, err);
    for (uint64_t i = count; status == STATUS_OK && i > 0 && (most || found.size == 0); i--) {
        status = journal_checkpoint(snapshot, i - 1, &checkpoint, err);
        if (status == STATUS_OK && checkpoint.size >= size && checkpoint.size > found.size)
            found = checkpoint;
    }
    if (status == STATUS_OK && found.size > 0)
        *ret_found = found;
    if (status != STATUS_OK || found.size > 0)
        return status;
    return err_set(err, STATUS_NOT_FOUND,
                   "no issued checkpoint covers entry %llu yet: the custodian makes one with `countersign "
                   "checkpoint --key BOOKKEY`",
                   number(size - 1));
}

static enum status prove_in(struct journal_snapshot *snapshot, uint64_t seq, char **ret_text, size_t *ret_length,
                            uint64_t *ret_size, struct err *err)
{
    struct journal_checkpoint checkpoint;
    struct receipt receipt = {.index = seq};
    struct hash leaf;
    const char *bytes = NULL;
    size_t length = 0;
    const struct tree_reader reader = journal_tree(snapshot);
    enum status status = journal_entry_checked(snapshot, seq, &bytes, &length, err);
    if (status == STATUS_OK)
        status = find_checkpoint(snapshot, seq + 1, false, &checkpoint, err);
    if (status == STATUS_OK)
        status = tree_prove_inclusion(&reader, seq, checkpoint.size, &receipt.proof, err);
    if (status != STATUS_OK)
        return status;
    const struct tree_head head = {.size = checkpoint.size, .root = checkpoint.root};
    tree_leaf(bytes, length, &leaf);
    status = tree_verify_inclusion(&head, seq, &leaf, &receipt.proof, err);
    if (status != STATUS_OK) {
        err_prefix(err, "the checkpoint of %llu is not of this journal: ", number(checkpoint.size));
        return status;
    }
    receipt.note = (const char *)checkpoint.note.bytes;
    receipt.note_length = checkpoint.note.length;
    status = receipt_format(&receipt, ret_text, ret_length, err);
    if (status == STATUS_OK)
        *ret_size = checkpoint.size;
    return status;
}

enum status prove_entry(struct journal *journal, uint64_t seq, char **ret_text, size_t *ret_length, uint64_t *ret_size,
                        struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    enum status status = journal_read_begin(journal, &snapshot, err);
    if (status == STATUS_OK)
        status = prove_in(snapshot, seq, ret_text, ret_length, ret_size, err);
    journal_read_end(snapshot);
    return status;
}

static enum status format_extension(uint64_t old_size, const struct tree_proof *proof,
                                    const struct journal_checkpoint *checkpoint, char **ret_text, size_t *ret_length,
                                    struct err *err)
{
    const struct witness_request request = {.old_size = old_size,
                                            .proof = *proof,
                                            .note = (const char *)checkpoint->note.bytes,
                                            .note_length = checkpoint->note.length};
    return witness_request_format(&request, ret_text, ret_length, err);
}

static enum status prove_extension_in(struct journal_snapshot *snapshot, uint64_t old_size, char **ret_text,
                                      size_t *ret_length, uint64_t *ret_size, struct err *err)
{
    struct journal_checkpoint checkpoint;
    struct tree_proof proof;
    const struct tree_reader reader = journal_tree(snapshot);
    struct tree_head old_head = {.size = old_size};
    enum status status = find_checkpoint(snapshot, old_size > 0 ? old_size : 1, true, &checkpoint, err);
    if (status == STATUS_OK)
        status = tree_root(&reader, old_size, &old_head.root, err);
    if (status == STATUS_OK)
        status = tree_prove_consistency(&reader, old_size, checkpoint.size, &proof, err);
    if (status != STATUS_OK)
        return status;
    const struct tree_head head = {.size = checkpoint.size, .root = checkpoint.root};
    status = tree_verify_consistency(&old_head, &head, &proof, err);
    if (status == STATUS_OK)
        status = format_extension(old_size, &proof, &checkpoint, ret_text, ret_length, err);
    if (status == STATUS_OK)
        *ret_size = checkpoint.size;
    return status;
}

enum status prove_extension(struct journal *journal, uint64_t old_size, char **ret_text, size_t *ret_length,
                            uint64_t *ret_size, struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    enum status status = journal_read_begin(journal, &snapshot, err);
    if (status == STATUS_OK)
        status = prove_extension_in(snapshot, old_size, ret_text, ret_length, ret_size, err);
    journal_read_end(snapshot);
    return status;
}
