/*
 * Checkpoints read and held against the book's keys; see the header. Implements FORMAT.md section 4 ("Checkpoint").
 */
#include "audit/verify/issued.h"

#include <jansson.h>
#include <stdio.h>

#include "audit/verify/register.h"
#include "ledger/sshkey.h"

enum status issued_peek(struct slice bytes, struct checkpoint *ret_checkpoint, struct note *ret_note, struct err *err)
{
    enum status status = note_parse((const char *)bytes.bytes, bytes.length, ret_note, err);
    return status == STATUS_OK ? checkpoint_parse(ret_note->text, ret_note->text_length, ret_checkpoint, err) : status;
}

/* Which epoch it says it is of. */
static enum status read_origin(struct slice bytes, const char *name, const char *book, struct issued *issued,
                               struct err *err)
{
    enum status status = issued_peek(bytes, &issued->checkpoint, &issued->note, err);
    if (status == STATUS_OK &&
        checkpoint_epoch(issued->checkpoint.origin, name, book, &issued->epoch, NULL) != STATUS_OK)
        status = err_set(err, STATUS_NOT_FOUND, "is not signed by a key of this book, under its origin");
    if (status == STATUS_OK)
        snprintf(issued->origin, sizeof issued->origin, "%s", issued->checkpoint.origin);
    return status;
}

/* By any of the book's keys. The last failure is told. */
static enum status open_signed(struct slice bytes, const struct key_register *keys, struct issued *issued,
                               struct err *err)
{
    enum status status = err_set(err, STATUS_NOT_FOUND, "is not signed by the book");
    const char *text = NULL;
    json_t *record = NULL;
    bool in_force = false;
    json_object_foreach((json_t *)(uintptr_t)key_register_book_keys(keys), text, record)
    {
        struct public_key public;
        struct note_key key;
        if (status != STATUS_NOT_FOUND || sshkey_parse(text, &public, NULL) != STATUS_OK ||
            note_key_init(NOTE_ED25519, issued->origin, public.ed25519, &key, NULL) != STATUS_OK)
            continue;
        status =
            checkpoint_open((const char *)bytes.bytes, bytes.length, &key, &issued->checkpoint, &issued->note, err);
        in_force = status == STATUS_OK && book_key_signs(record, issued->checkpoint.head.size);
    }
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_NOT_FOUND, "is not signed by a key of this book, under its origin");
    if (status == STATUS_OK && !in_force)
        return err_set(err, STATUS_NOT_FOUND, "is signed by a key that was no book key at %llu entries",
                       (unsigned long long)issued->checkpoint.head.size);
    return status;
}

enum status issued_open(struct slice bytes, const struct key_register *keys, const char *name, const char *book,
                        struct issued *ret_issued, struct err *err)
{
    enum status status = read_origin(bytes, name, book, ret_issued, err);
    return status == STATUS_OK ? open_signed(bytes, keys, ret_issued, err) : status;
}
