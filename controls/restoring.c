/*
 * The birth of a book from its backups. Guarantees what a birth guarantees: at its name is the whole book or nothing. Entries
 * go in by batches of bounded size, so that memory stays flat for any number.
 */
#include "controls/restoring.h"

#include <stdlib.h>

#include "ledger/append.h"
#include "ledger/birth.h"
#include "ledger/checkpoint.h"
#include "ledger/tree.h"

enum { BATCH_ENTRIES = 4096, BATCH_BYTES = 16 << 20 }; /* what one commit holds in memory */

struct restoring {
    struct birth *birth;
    struct append *append; /* the batch under way; NULL: none */
    size_t entries, bytes; /* in it */
};

static enum status batch_begin(struct restoring *restoring, struct err *err)
{
    restoring->entries = restoring->bytes = 0;
    return restoring->append != NULL ? STATUS_OK
                                     : append_begin(birth_journal(restoring->birth), NULL, &restoring->append, err);
}

static enum status batch_commit(struct restoring *restoring, struct err *err)
{
    struct append *append = restoring->append;
    restoring->append = NULL;
    return append == NULL ? STATUS_OK : append_commit(append, err);
}

enum status restoring_begin(const char *book_dir, uint64_t nonce, struct restoring **ret_restoring, struct err *err)
{
    const struct birth_options options = {.nonce = nonce};
    struct restoring *restoring = calloc(1, sizeof *restoring);
    if (restoring == NULL)
        return err_set(err, STATUS_MEMORY, "no memory to restore a book");
    enum status status = birth_begin(book_dir, &options, &restoring->birth, err);
    if (status == STATUS_OK)
        *ret_restoring = restoring;
    else
        free(restoring);
    return status;
}

enum status restoring_entry(struct restoring *restoring, struct slice bytes, struct err *err)
{
    enum status status = STATUS_OK;
    if (restoring->append == NULL || restoring->entries >= BATCH_ENTRIES ||
        restoring->bytes + bytes.length > BATCH_BYTES) {
        status = batch_commit(restoring, err);
        if (status == STATUS_OK)
            status = batch_begin(restoring, err);
    }
    if (status == STATUS_OK)
        status = append_entry(restoring->append, bytes, NULL, NULL, err);
    restoring->entries++;
    restoring->bytes += bytes.length;
    return status;
}

/* Who signed it is for the verification that follows. */
enum status restoring_checkpoint(struct restoring *restoring, struct slice note_bytes, struct err *err)
{
    struct note *note = malloc(sizeof *note);
    struct checkpoint checkpoint;
    enum status status = note != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a checkpoint");
    if (status == STATUS_OK)
        status = note_parse((const char *)note_bytes.bytes, note_bytes.length, note, err);
    if (status == STATUS_OK)
        status = checkpoint_parse(note->text, note->text_length, &checkpoint, err);
    if (status == STATUS_OK)
        status = batch_begin(restoring, err);
    if (status == STATUS_OK) {
        const struct journal_checkpoint issued = {
            .size = checkpoint.head.size, .root = checkpoint.head.root, .note = note_bytes};
        status = append_checkpoint(restoring->append, &issued, err);
    }
    free(note);
    return status;
}

enum status restoring_root(struct restoring *restoring, uint64_t size, struct hash *ret_root, struct err *err)
{
    struct journal_head head;
    enum status status = batch_begin(restoring, err);
    if (status != STATUS_OK)
        return status;
    const struct tree_reader reader = journal_tree(append_snapshot(restoring->append));
    status = journal_head(append_snapshot(restoring->append), &head, err);
    if (status == STATUS_OK && size > head.size)
        status = err_set(err, STATUS_INPUT, "there are %llu entries, not %llu", (unsigned long long)head.size,
                         (unsigned long long)size);
    return status == STATUS_OK ? tree_root(&reader, size, ret_root, err) : status;
}

enum status restoring_leaf(struct restoring *restoring, uint64_t seq, struct hash *ret_leaf, struct err *err)
{
    enum status status = batch_begin(restoring, err);
    if (status == STATUS_OK)
        status = journal_node(append_snapshot(restoring->append), 0, seq, ret_leaf, err);
    return status == STATUS_NOT_FOUND ? STATUS_INPUT : status;
}

enum status restoring_rest(struct restoring *restoring, const struct journal_lost *lost, struct err *err)
{
    uint8_t bytes[JOURNAL_LOST_BYTES];
    enum status status = batch_begin(restoring, err);
    if (status == STATUS_OK && lost != NULL) {
        journal_lost_encode(lost, bytes);
        status = append_meta_put(restoring->append, JOURNAL_META_LOST, slice_of(bytes, sizeof bytes), err);
    }
    if (status == STATUS_OK)
        status = batch_commit(restoring, err);
    return status == STATUS_OK ? birth_rest(restoring->birth, err) : status;
}

const char *restoring_dir(const struct restoring *restoring)
{
    return birth_dir(restoring->birth);
}

enum status restoring_finish(struct restoring *restoring, struct err *err)
{
    struct birth *birth = restoring->birth;
    restoring->birth = NULL;
    restoring_abort(restoring);
    return birth_finish(birth, err);
}

void restoring_abort(struct restoring *restoring)
{
    if (restoring == NULL)
        return;
    append_abort(restoring->append);
    birth_abort(restoring->birth);
    free(restoring);
}
