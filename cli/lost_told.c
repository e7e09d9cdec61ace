/*
 * Checkpoints and receipts that were kept elsewhere, against a book that is being restored. A receipt bears no signature: it
 * shows what its user saw, and all that follows from it is that officers have to say something before the book goes on.
 */
#include "cli/lost_told.h"

#include <stdlib.h>
#include <string.h>

#include "cli/receipts.h"
#include "ledger/checkpoint.h"
#include "ledger/newfile.h"
#include "ledger/sshkey.h"

static unsigned long long number(uint64_t value)
{
    return (unsigned long long)value;
}

static void lost_raise(struct journal_lost *lost, uint64_t size, const struct hash *root)
{
    if (size > lost->size) {
        lost->size = size;
        lost->root = *root;
    }
    if (size - 1 > lost->to)
        lost->to = size - 1;
}

/* By a key that signed checkpoints of that size. */
static enum status check_signed(const struct restored_book *book, struct slice bytes, struct checkpoint *checkpoint,
                                struct err *err)
{
    const char *text = NULL;
    json_t *record = NULL;
    const struct checkpoint read = *checkpoint;
    json_object_foreach((json_t *)(uintptr_t)book->book_keys, text, record)
    {
        struct public_key public;
        struct note_key key;
        if (book_key_signs(record, read.head.size) && sshkey_parse(text, &public, NULL) == STATUS_OK &&
            note_key_init(NOTE_ED25519, read.origin, public.ed25519, &key, NULL) == STATUS_OK &&
            checkpoint_open((const char *)bytes.bytes, bytes.length, &key, checkpoint, NULL, NULL) == STATUS_OK)
            return STATUS_OK;
    }
    return err_set(err, STATUS_INPUT,
                   "is signed by no key that this book knows; give the newest checkpoint that one of its keys signed");
}

static enum status told_note(struct slice bytes, const struct restored_book *book, struct journal_lost *lost,
                             bool *ret_beyond, struct err *err)
{
    struct note *note = malloc(sizeof *note);
    struct checkpoint checkpoint;
    struct hash root;
    uint64_t epoch = 0;
    enum status status = note != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a checkpoint");
    if (status == STATUS_OK)
        status = note_parse((const char *)bytes.bytes, bytes.length, note, err);
    if (status == STATUS_OK)
        status = checkpoint_parse(note->text, note->text_length, &checkpoint, err);
    if (status == STATUS_OK)
        status = checkpoint_epoch(checkpoint.origin, book->name, book->book, &epoch, err);
    if (status == STATUS_OK)
        status = check_signed(book, bytes, &checkpoint, err);
    free(note);
    if (status != STATUS_OK)
        return status;
    *ret_beyond = checkpoint.head.size > book->size;
    if (*ret_beyond) {
        lost_raise(lost, checkpoint.head.size, &checkpoint.head.root);
        return STATUS_OK;
    }
    status = restoring_root(book->restoring, checkpoint.head.size, &root, err);
    return status == STATUS_OK && !hash_equal(&root, &checkpoint.head.root)
               ? err_set(err, STATUS_CORRUPT,
                         "is of %llu entries with another root than these backups have: they are of another history",
                         number(checkpoint.head.size))
               : status;
}

static enum status told_receipt(const char *path, const struct restored_book *book, struct journal_lost *lost,
                                bool *ret_beyond, struct err *err)
{
    struct receipt_kept kept;
    struct hash leaf;
    enum status status = receipts_read(path, &kept, err);
    if (status == STATUS_OK && strcmp(kept.book, book->book) != 0)
        status = err_set(err, STATUS_INPUT, "is of the book %.16s..., this is %.16s...", kept.book, book->book);
    if (status != STATUS_OK)
        return status;
    *ret_beyond = kept.seq >= book->size;
    if (*ret_beyond) {
        lost->to = kept.seq > lost->to ? kept.seq : lost->to;
        return STATUS_OK;
    }
    status = restoring_leaf(book->restoring, kept.seq, &leaf, err);
    return status == STATUS_OK && !hash_equal(&leaf, &kept.leaf)
               ? err_set(err, STATUS_CORRUPT,
                         "is of another entry %llu than these backups have: they are of another history",
                         number(kept.seq))
               : status;
}

enum status lost_told(const char *path, const struct restored_book *book, struct journal_lost *lost, bool *ret_beyond,
                      struct err *err)
{
    size_t length = 0;
    char *bytes = malloc(NOTE_SIGNED_BYTES_MAX);
    if (bytes == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for %s", path);
    enum status status = newfile_read(path, false, bytes, NOTE_SIGNED_BYTES_MAX, &length, err);
    if (status == STATUS_OK)
        status = length > 0 && bytes[0] == '{' ? told_receipt(path, book, lost, ret_beyond, err)
                                               : told_note(slice_of(bytes, length), book, lost, ret_beyond, err);
    if (status != STATUS_OK)
        err_prefix(err, "--lost-after %s: ", path);
    free(bytes);
    return status;
}
