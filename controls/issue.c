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
static enum status check_last(struct journal_snapshot *snapshot, const struct tree_reader *reader, struct err *err)
{
    struct journal_checkpoint last;
    struct hash root;
    enum status status = largest(snapshot, &last, err);
    if (status != STATUS_OK || last.size == 0)
        return status;
    status = tree_root(reader, last.size, &root, err);
    if (status == STATUS_OK && !hash_equal(&root, &last.root))
        status = err_set(err, STATUS_CORRUPT, "the journal is not what was signed at %llu entries: run audit verify",
                         (unsigned long long)last.size);
    return status;
}

static enum status head_read(struct gate *gate, struct tree_head *ret_head, struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    struct journal_head head;
    enum status status = journal_read_begin(gate_books(gate)->journal, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    const struct tree_reader reader = journal_tree(snapshot);
    status = journal_head(snapshot, &head, err);
    if (status == STATUS_OK)
        status = check_last(snapshot, &reader, err);
    ret_head->size = head.size;
    if (status == STATUS_OK)
        status = tree_root(&reader, head.size, &ret_head->root, err);
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
        status = gate_record_checkpoint(gate, ret_checkpoint->head.size, &ret_checkpoint->head.root,
                                        slice_of(ret_note, strlen(ret_note)), err);
    return status;
}

/* A walk over the book's keys for the one that signed a note. */
struct signed_note {
    struct slice bytes;
    struct note note;
    struct checkpoint checkpoint;
    uint64_t epoch;
    bool found;
};

static enum status try_key(void *context, struct slice name, const json_t *record, bool *ret_more, struct err *err)
{
    struct signed_note *signed_note = context;
    const json_t *retired = json_object_get(record, "retired");
    uint64_t size = signed_note->checkpoint.head.size;
    struct public_key public;
    struct note_key key;
    (void)name;
    enum status status = sshkey_parse(member_text(record, "key"), &public, err);
    if (status == STATUS_OK)
        status = note_key_init(NOTE_ED25519, signed_note->checkpoint.origin, public.ed25519, &key, err);
    if (status == STATUS_OK)
        status = note_verify(&signed_note->note, &key, err);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    signed_note->found = status == STATUS_OK && (uint64_t)member_integer(record, "from") < size &&
                         (retired == NULL || size <= (uint64_t)json_integer_value(retired));
    *ret_more = !signed_note->found;
    return status;
}

static enum status check_signed(struct gate *gate, struct signed_note *signed_note, struct err *err)
{
    struct tables_txn *txn = NULL;
    uint64_t epoch = 0;
    const struct books_walk walk = {.table = BOOKS_BOOK_KEYS, .step = try_key, .context = signed_note};
    enum status status = tables_read_begin(gate_books(gate)->tables, &txn, err);
    if (status == STATUS_OK)
        status = books_epoch(txn, &epoch, err);
    if (status == STATUS_OK && signed_note->epoch > epoch)
        status = err_set(err, STATUS_CORRUPT,
                         "the checkpoint is of epoch %llu, and this book has come to epoch %llu: it was put back",
                         (unsigned long long)signed_note->epoch, (unsigned long long)epoch);
    if (status == STATUS_OK)
        status = books_each(txn, &walk, err);
    tables_abort(txn);
    if (status == STATUS_OK && !signed_note->found)
        status =
            err_set(err, STATUS_NOT_FOUND, "the checkpoint is signed by no key that was the book's at %llu entries",
                    (unsigned long long)signed_note->checkpoint.head.size);
    return status;
}

/* Against the journal: its size and root, and whether the very note is there. */
static enum status check_root(struct gate *gate, const struct signed_note *signed_note, bool *ret_known,
                              struct err *err)
{
    const struct tree_head *head = &signed_note->checkpoint.head;
    struct journal_snapshot *snapshot = NULL;
    struct journal_head here = {.size = 0};
    struct hash root;
    uint64_t count = 0;
    enum status status = journal_read_begin(gate_books(gate)->journal, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    const struct tree_reader reader = journal_tree(snapshot);
    status = journal_head(snapshot, &here, err);
    if (status == STATUS_OK && (head->size == 0 || head->size > here.size))
        status =
            err_set(err, STATUS_CORRUPT,
                    "the checkpoint is of %llu entries, signed by the book, and this one has %llu: its end is cut off, "
                    "or it was put back",
                    (unsigned long long)head->size, (unsigned long long)here.size);
    if (status == STATUS_OK)
        status = tree_root(&reader, head->size, &root, err);
    if (status == STATUS_OK && !hash_equal(&root, &head->root))
        status =
            err_set(err, STATUS_CORRUPT,
                    "the checkpoint of %llu entries is signed by the book and of another root: there are two histories",
                    (unsigned long long)head->size);
    if (status == STATUS_OK)
        status = journal_checkpoint_count(snapshot, &count, err);
    *ret_known = false;
    for (uint64_t i = 0; status == STATUS_OK && i < count && !*ret_known; i++) {
        struct journal_checkpoint one;
        status = journal_checkpoint(snapshot, i, &one, err);
        *ret_known = status == STATUS_OK && one.note.length == signed_note->bytes.length &&
                     memcmp(one.note.bytes, signed_note->bytes.bytes, one.note.length) == 0;
    }
    journal_read_end(snapshot);
    return status;
}

enum status issue_record(struct gate *gate, struct slice note, struct checkpoint *ret_checkpoint, bool *ret_known,
                         struct err *err)
{
    struct signed_note signed_note = {.bytes = note};
    bool known = false;
    enum status status = note_parse((const char *)note.bytes, note.length, &signed_note.note, err);
    if (status == STATUS_OK)
        status = checkpoint_parse(signed_note.note.text, signed_note.note.text_length, &signed_note.checkpoint, err);
    if (status == STATUS_OK && checkpoint_epoch(signed_note.checkpoint.origin, member_text(gate_charter(gate), "name"),
                                                gate_book_id(gate), &signed_note.epoch, err) != STATUS_OK)
        status = STATUS_NOT_FOUND; /* the text says of which book it is */
    if (status == STATUS_OK)
        status = check_signed(gate, &signed_note, err);
    if (status == STATUS_OK)
        status = check_root(gate, &signed_note, &known, err);
    if (status == STATUS_OK && !known)
        status = gate_record_checkpoint(gate, signed_note.checkpoint.head.size, &signed_note.checkpoint.head.root, note,
                                        err);
    if (status == STATUS_OK) {
        *ret_checkpoint = signed_note.checkpoint;
        *ret_known = known;
    }
    return status;
}
