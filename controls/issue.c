/*
 * Issuing a checkpoint; see the header.
 */
#include "controls/issue.h"

#include <string.h>

#include "controls/gate.h"
#include "ledger/books.h"
#include "ledger/journal.h"
#include "ledger/lost.h"
#include "ledger/schema.h"
#include "ledger/signer.h"
#include "ledger/sshkey.h"
#include "ledger/tables.h"

/* The key has to be one that signs checkpoints now. */
static enum status book_key(struct gate *gate, const struct signer *signer, const char *origin,
                            struct note_key *ret_key, struct err *err)
{
    struct tables_txn *txn = NULL;
    char text[PUBLIC_KEY_TEXT_MAX];
    json_t *record = NULL;
    sshkey_format(&signer->key, text);
    struct books_key key = books_key(text);
    enum status status = tables_read_begin(gate_books(gate)->tables, &txn, err);
    if (status == STATUS_OK)
        status = books_get(txn, BOOKS_BOOK_KEYS, &key, &record, err);
    tables_abort(txn);
    bool signs = record != NULL && json_object_get(record, "retired") == NULL;
    json_decref(record);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    return signs ? note_key_init(NOTE_ED25519, origin, signer->key.ed25519, ret_key, err)
                 : err_set(err, STATUS_PERMISSION,
                           "this is no key of the book: neither the charter nor a book-key document in force names it");
}

/* Of the recorded ones the largest, which need not be the last: cosigned ones come back late. */
static enum status largest(struct journal_snapshot *snapshot, struct journal_checkpoint *ret_largest, struct err *err)
{
    uint64_t count = 0;
    enum status status = journal_checkpoint_count(snapshot, &count, err);
    ret_largest->size = 0;
    for (uint64_t i = 0; status == STATUS_OK && i < count; i++) {
        struct journal_checkpoint one;
        status = journal_checkpoint(snapshot, i, &one, err);
        if (status == STATUS_OK && one.size >= ret_largest->size)
            *ret_largest = one;
    }
    return status;
}

/* What was issued must still be true, or this would sign a second history. */
static enum status check_last(struct journal_snapshot *snapshot, const struct tree_reader *reader, uint64_t *ret_size,
                              struct err *err)
{
    struct journal_checkpoint last;
    struct hash root;
    enum status status = largest(snapshot, &last, err);
    *ret_size = last.size;
    if (status != STATUS_OK || last.size == 0)
        return status;
    status = tree_root(reader, last.size, &root, err);
    if (status == STATUS_OK && !hash_equal(&root, &last.root))
        status = err_set(err, STATUS_CORRUPT, "the journal is not what was signed at %llu entries: run audit verify",
                         (unsigned long long)last.size);
    return status;
}

/* The root once more, of what was signed before and the bytes of every entry since. */
static enum status root_again(struct journal_snapshot *snapshot, const struct tree_reader *reader, uint64_t signed_size,
                              struct tree_frontier *ret_frontier, struct err *err)
{
    struct journal_walk *walk = NULL;
    enum status status = tree_frontier_load(reader, signed_size, ret_frontier, err);
    if (status == STATUS_OK)
        status = journal_walk_begin(snapshot, signed_size, &walk, err);
    while (status == STATUS_OK) {
        struct slice bytes;
        struct hash leaf;
        uint64_t seq = 0;
        status = journal_walk_next(walk, &seq, &bytes, err);
        if (status != STATUS_OK)
            break;
        tree_leaf(bytes.bytes, bytes.length, &leaf);
        status = tree_frontier_add(ret_frontier, &leaf, NULL, err);
    }
    journal_walk_end(walk);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* What stands in the tree may have changed since it was written, and a root that is signed is signed for ever. */
static enum status check_since(struct journal_snapshot *snapshot, const struct tree_reader *reader,
                               uint64_t signed_size, const struct tree_head *head, struct err *err)
{
    struct tree_frontier frontier;
    struct hash root;
    enum status status = root_again(snapshot, reader, signed_size, &frontier, err);
    if (status != STATUS_OK)
        return status;
    tree_frontier_root(&frontier, &root);
    if (frontier.size != head->size || !hash_equal(&root, &head->root))
        return err_set(err, STATUS_CORRUPT,
                       "the entries since %llu are not those that were hashed: nothing is signed; run audit verify",
                       (unsigned long long)signed_size);
    return STATUS_OK;
}

static enum status head_read(struct gate *gate, struct tree_head *ret_head, struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    struct journal_head head;
    uint64_t signed_size = 0;
    enum status status = journal_read_begin(gate_books(gate)->journal, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    const struct tree_reader reader = journal_tree(snapshot);
    status = journal_head(snapshot, &head, err);
    if (status == STATUS_OK)
        status = check_last(snapshot, &reader, &signed_size, err);
    ret_head->size = head.size;
    if (status == STATUS_OK)
        status = tree_root(&reader, head.size, &ret_head->root, err);
    if (status == STATUS_OK)
        status = check_since(snapshot, &reader, signed_size, ret_head, err);
    journal_read_end(snapshot);
    return status;
}

/* A book that is known to lack entries has to say so before it speaks again, and then it speaks in a new epoch. */
static enum status epoch_read(struct gate *gate, uint64_t *ret_epoch, struct err *err)
{
    struct tables_txn *txn = NULL;
    struct journal_lost lost;
    bool due = false;
    enum status status = books_lost(gate_books(gate), &due, &lost, err);
    if (status == STATUS_OK && due && lost.size > 0)
        return err_set(err, STATUS_REFUSED,
                       "this book was restored behind a checkpoint of %llu entries: two officers say first what was "
                       "lost (countersign restore declare)",
                       (unsigned long long)lost.size);
    if (status == STATUS_OK)
        status = tables_read_begin(gate_books(gate)->tables, &txn, err);
    if (status == STATUS_OK)
        status = books_epoch(txn, ret_epoch, err);
    tables_abort(txn);
    return status;
}

/* An asker who asks twice gets the same note: it takes room once. */
static enum status record_once(struct gate *gate, const struct checkpoint *checkpoint, struct slice note,
                               struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    bool known = false;
    enum status status = journal_read_begin(gate_books(gate)->journal, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    status = issue_has_note(snapshot, note, &known, err);
    journal_read_end(snapshot);
    return status == STATUS_OK && !known
               ? gate_record_checkpoint(gate, checkpoint->head.size, &checkpoint->head.root, note, err)
               : status;
}

enum status issue_checkpoint(struct gate *gate, const struct signer *signer, struct checkpoint *ret_checkpoint,
                             char ret_note[static CHECKPOINT_NOTE_MAX], struct err *err)
{
    struct note_key key;
    uint64_t epoch = 0;
    enum status status = epoch_read(gate, &epoch, err);
    if (status != STATUS_OK)
        return status;
    checkpoint_origin(member_text(gate_charter(gate), "name"), gate_book_id(gate), epoch, ret_checkpoint->origin);
    status = book_key(gate, signer, ret_checkpoint->origin, &key, err);
    if (status == STATUS_OK)
        status = head_read(gate, &ret_checkpoint->head, err);
    if (status == STATUS_OK)
        status = checkpoint_sign_by(ret_checkpoint, &key, signer, ret_note, err);
    if (status == STATUS_OK)
        status = record_once(gate, ret_checkpoint, slice_of(ret_note, strlen(ret_note)), err);
    return status;
}
