/*
 * What comes back from outside; see the header of issue.h. The book's own signature says that the note is of this book, the
 * tree that it is of this history; who else signed is known only where the terms name him.
 */
#include <string.h>

#include "controls/gate.h"
#include "controls/issue.h"
#include "ledger/books.h"
#include "ledger/journal.h"
#include "ledger/schema.h"
#include "ledger/sshkey.h"
#include "ledger/tables.h"
#include "ledger/text.h"

enum status issue_has_note(struct journal_snapshot *snapshot, struct slice note, bool *ret_has, struct err *err)
{
    uint64_t count = 0;
    enum status status = journal_checkpoint_count(snapshot, &count, err);
    *ret_has = false;
    for (uint64_t i = 0; status == STATUS_OK && i < count && !*ret_has; i++) {
        struct journal_checkpoint one;
        status = journal_checkpoint(snapshot, i, &one, err);
        *ret_has = status == STATUS_OK && one.note.length == note.length &&
                   memcmp(one.note.bytes, note.bytes, note.length) == 0;
    }
    return status;
}

/* A walk over the book's keys for the one that signed a note. */
struct signed_note {
    struct slice bytes;
    struct note note;
    struct checkpoint checkpoint;
    uint64_t epoch;
    struct note_key key; /* the book's that signed it, once found */
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
    signed_note->key = key;
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

/* Against the journal: its size and root. */
static enum status check_root(struct journal_snapshot *snapshot, const struct signed_note *signed_note, struct err *err)
{
    const struct tree_head *head = &signed_note->checkpoint.head;
    struct journal_head here = {.size = 0};
    struct hash root;
    const struct tree_reader reader = journal_tree(snapshot);
    enum status status = journal_head(snapshot, &here, err);
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
    return status;
}

/* --- terms --- */

static bool is_of(const struct note_signature *line, const struct note_key *key)
{
    return line->name_length == strlen(key->name) && memcmp(line->name, key->name, line->name_length) == 0 &&
           memcmp(line->id, key->id, NOTE_KEY_ID_BYTES) == 0;
}

static size_t count_of(const struct note *note, const struct note_key *key)
{
    size_t count = 0;
    for (size_t i = 0; i < note->signature_count; i++)
        count += is_of(&note->signatures[i], key);
    return count;
}

/* Whether a witness has cosigned, and only once: a second line of his would prove no more. */
static enum status has_cosigned(const struct note *note, const struct note_key *witness, bool *ret_has, struct err *err)
{
    int64_t seconds = 0;
    *ret_has = false;
    enum status status = note_verify_cosignature(note, witness, &seconds, err);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status == STATUS_OK && count_of(note, witness) > 1)
        status = err_set(err, STATUS_INPUT, "%s has cosigned twice on one checkpoint: leave out one of the lines",
                         witness->name);
    *ret_has = status == STATUS_OK;
    return status;
}

/* Nobody but the book and these witnesses has signed. */
static enum status check_lines(const struct signed_note *signed_note, const struct issue_terms *terms, struct err *err)
{
    const struct note *note = &signed_note->note;
    if (count_of(note, &signed_note->key) > 1)
        return err_set(err, STATUS_INPUT, "the book has signed twice on one checkpoint: leave out one of the lines");
    for (size_t i = 0; i < note->signature_count; i++) {
        const struct note_signature *line = &note->signatures[i];
        char shown[TEXT_SHOW_MAX];
        bool known = is_of(line, &signed_note->key);
        for (size_t w = 0; w < terms->count && !known; w++)
            known = is_of(line, &terms->witnesses[w]);
        if (known)
            continue;
        text_show(line->name, line->name_length, shown);
        return err_set(
            err, STATUS_NOT_FOUND,
            "signature %zu, of '%s', is of no witness that is known here: whoever runs the server names them "
            "(countersign serve --witness FILE)",
            i + 1, shown);
    }
    return STATUS_OK;
}

/* Whether a witness's good cosignature over so many entries is recorded. */
static enum status find_cosigned(struct journal_snapshot *snapshot, uint64_t size, const struct note_key *witness,
                                 bool *ret_found, struct err *err)
{
    uint64_t count = 0;
    enum status status = journal_checkpoint_count(snapshot, &count, err);
    *ret_found = false;
    for (uint64_t i = 0; status == STATUS_OK && i < count && !*ret_found; i++) {
        struct journal_checkpoint one;
        struct note note;
        int64_t seconds = 0;
        status = journal_checkpoint(snapshot, i, &one, err);
        *ret_found = status == STATUS_OK && one.size == size &&
                     note_parse((const char *)one.note.bytes, one.note.length, &note, NULL) == STATUS_OK &&
                     note_verify_cosignature(&note, witness, &seconds, NULL) == STATUS_OK;
    }
    return status;
}

static enum status check_terms(struct journal_snapshot *snapshot, const struct signed_note *signed_note,
                               const struct issue_terms *terms, struct err *err)
{
    bool brings = false;
    enum status status = check_lines(signed_note, terms, err);
    for (size_t w = 0; w < terms->count && status == STATUS_OK; w++) {
        bool has = false, found = true;
        status = has_cosigned(&signed_note->note, &terms->witnesses[w], &has, err);
        if (status == STATUS_OK && has)
            status = find_cosigned(snapshot, signed_note->checkpoint.head.size, &terms->witnesses[w], &found, err);
        brings = brings || !found;
    }
    if (status == STATUS_OK && !brings)
        status = err_set(err, STATUS_EXISTS,
                         "brings nothing new: whoever has cosigned it is recorded with a cosignature of %llu entries "
                         "already",
                         (unsigned long long)signed_note->checkpoint.head.size);
    return status;
}

/* --- what is asked --- */

static enum status check_journal(struct gate *gate, const struct signed_note *signed_note,
                                 const struct issue_terms *terms, bool *ret_known, struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    enum status status = journal_read_begin(gate_books(gate)->journal, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    status = check_root(snapshot, signed_note, err);
    if (status == STATUS_OK)
        status = issue_has_note(snapshot, signed_note->bytes, ret_known, err);
    if (status == STATUS_OK && !*ret_known && terms != NULL)
        status = check_terms(snapshot, signed_note, terms, err);
    journal_read_end(snapshot);
    return status;
}

enum status issue_check(struct gate *gate, struct slice note, const struct issue_terms *terms,
                        struct issue_note *ret_note, struct err *err)
{
    struct signed_note signed_note = {.bytes = note};
    bool known = false;
    enum status status = note_parse((const char *)note.bytes, note.length, &signed_note.note, err);
    if (status == STATUS_OK && note.length > JOURNAL_NOTE_BYTES_MAX)
        status = err_set(err, STATUS_LIMIT, "a checkpoint's note has 1 to %d bytes, not %zu", JOURNAL_NOTE_BYTES_MAX,
                         note.length);
    if (status == STATUS_OK)
        status = checkpoint_parse(signed_note.note.text, signed_note.note.text_length, &signed_note.checkpoint, err);
    if (status == STATUS_OK && checkpoint_epoch(signed_note.checkpoint.origin, member_text(gate_charter(gate), "name"),
                                                gate_book_id(gate), &signed_note.epoch, err) != STATUS_OK)
        status = STATUS_NOT_FOUND; /* the text says of which book it is */
    if (status == STATUS_OK)
        status = check_signed(gate, &signed_note, err);
    if (status == STATUS_OK)
        status = check_journal(gate, &signed_note, terms, &known, err);
    if (status == STATUS_OK)
        *ret_note = (struct issue_note){.checkpoint = signed_note.checkpoint, .known = known};
    return status;
}

enum status issue_record(struct gate *gate, struct slice note, struct checkpoint *ret_checkpoint, bool *ret_known,
                         struct err *err)
{
    struct issue_note checked;
    enum status status = issue_check(gate, note, NULL, &checked, err);
    if (status == STATUS_OK && !checked.known)
        status = gate_record_checkpoint(gate, checked.checkpoint.head.size, &checked.checkpoint.head.root, note, err);
    if (status != STATUS_OK)
        return status;
    *ret_checkpoint = checked.checkpoint;
    *ret_known = checked.known;
    return STATUS_OK;
}
