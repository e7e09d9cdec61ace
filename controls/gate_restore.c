/*
 * What a restored book may let in. A journal that was told of entries it does not have (journal_lost) waits until officers
 * have said what was lost; and a `restore` names what this journal does not hold. What the files alone know is no part of a
 * decision, so it is asked here and refused without an entry (FORMAT.md section 10).
 */
#include <stdlib.h>
#include <string.h>

#include "controls/gate_parts.h"
#include "ledger/base64.h"
#include "ledger/checkpoint.h"
#include "ledger/journal.h"
#include "ledger/lost.h"
#include "ledger/schema.h"
#include "ledger/tree.h"

static unsigned long long number(uint64_t value)
{
    return (unsigned long long)value;
}

/* The checkpoint that a statement names, as it reads; who signed it is C-31's. */
static enum status named_head(const struct statement *statement, struct tree_head *ret_head, struct err *err)
{
    const char *text = member_text(statement->body, "checkpoint");
    size_t length = 0, room = strlen(text);
    struct checkpoint checkpoint;
    struct note *note = malloc(sizeof *note);
    char *bytes = malloc(room + 1);
    enum status status =
        note != NULL && bytes != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a checkpoint");
    if (status == STATUS_OK)
        status = base64_decode(text, room, (uint8_t *)bytes, room, &length, err);
    if (status == STATUS_OK)
        status = note_parse(bytes, length, note, err);
    if (status == STATUS_OK)
        status = checkpoint_parse(note->text, note->text_length, &checkpoint, err);
    if (status == STATUS_OK)
        *ret_head = checkpoint.head;
    free(bytes);
    free(note);
    return status;
}

/* A book that was told what it lacks takes no smaller word for it. */
static enum status answers_for(const struct journal_lost *lost, const struct tree_head *head, const json_t *range,
                               struct err *err)
{
    if ((uint64_t)member_integer(range, "from") != lost->kept || (uint64_t)member_integer(range, "to") < lost->to)
        return err_set(err, STATUS_REFUSED,
                       "this book was restored to %llu entries and is known to have had %llu: a restore says that "
                       "entries %llu to %llu are lost, or more",
                       number(lost->kept), number(lost->to + 1), number(lost->kept), number(lost->to));
    if (head->size < lost->size || (head->size == lost->size && !hash_equal(&head->root, &lost->root)))
        return err_set(err, STATUS_REFUSED,
                       "a checkpoint of %llu entries is known: a restore names that one or a newer",
                       number(lost->size));
    return STATUS_OK;
}

/* What the journal bears out is not lost, and what lies below the range must be borne out. */
static enum status not_held(struct journal_snapshot *snapshot, uint64_t size, const struct tree_head *head,
                            uint64_t from, struct err *err)
{
    struct hash root;
    const struct tree_reader reader = journal_tree(snapshot);
    if (head->size == 0 || head->size > size)
        return STATUS_OK;
    enum status status = tree_root(&reader, head->size, &root, err);
    if (status != STATUS_OK)
        return status;
    bool same = hash_equal(&root, &head->root);
    if (same && head->size > from)
        return err_set(err, STATUS_REFUSED, "this book holds the %llu entries of that checkpoint: they are not lost",
                       number(head->size));
    if (!same && head->size <= from)
        return err_set(err, STATUS_REFUSED,
                       "that checkpoint has another root at %llu entries, all of which are said to be kept",
                       number(head->size));
    return STATUS_OK;
}

enum status gate_restore_check(struct journal_snapshot *snapshot, struct tables_txn *txn, uint64_t size,
                               const struct statement *statement, struct err *err)
{
    struct journal_lost lost;
    struct tree_head head;
    bool due = false;
    enum status status = lost_unanswered(snapshot, txn, &due, &lost, err);
    if (status != STATUS_OK)
        return status;
    enum verb verb = statement->verb;
    if (due && verb != VERB_RESTORE && verb != VERB_RECOVER && verb != VERB_CLOCK)
        return err_set(err, STATUS_REFUSED,
                       "this book was restored to %llu entries and is known to have had %llu: nothing is let in before "
                       "two officers have said what was lost (countersign restore declare)",
                       number(lost.kept), number(lost.to + 1));
    if (verb != VERB_RESTORE || named_head(statement, &head, NULL) != STATUS_OK)
        return STATUS_OK; /* a text that is no checkpoint is refused by C-31 */
    const json_t *range = json_object_get(statement->body, "lost");
    if (due)
        status = answers_for(&lost, &head, range, err);
    return status == STATUS_OK ? not_held(snapshot, size, &head, (uint64_t)member_integer(range, "from"), err) : status;
}
