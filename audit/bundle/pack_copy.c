/*
 * Evidence of a bundle. Guarantees that a file in the bundle has the content that its name says, hashed as it lies there, and
 * that one which is not there is named with the reason. A file with another content ends the packing: that is a finding, and
 * nothing to be handed on under the packer's signature.
 */
#include <inttypes.h>
#include <stdio.h>

#include "audit/bundle/pack_parts.h"

static enum pack_evidence_state why_gone(const struct pack_work *work, const struct pack_evidence_item *item)
{
    char hex[HASH_HEX_CHARS + 1], name[HASH_HEX_CHARS + 1];
    hash_to_hex(&item->hash, hex);
    hash_to_hex(&item->name, name);
    bool erased = pack_follow_erased(&work->follow, hex) || pack_follow_erased(&work->follow, name);
    return erased ? EVIDENCE_ERASED : EVIDENCE_ABSENT;
}

static enum status wrong(const struct pack_evidence_item *item, struct err *err)
{
    char hex[HASH_HEX_CHARS + 1];
    hash_to_hex(&item->hash, hex);
    return err_set(err, STATUS_CORRUPT,
                   "evidence %s, named by entry %" PRIu64 ": the file in the book has another content", hex, item->seq);
}

/* Written, synced, listed; then what lies there is held against the name. */
static enum status copy_one(struct pack_work *work, struct pack_evidence_item *item, struct err *err)
{
    const struct pack_beside *beside = work->request->beside;
    char name[PACK_NAME_BYTES], hex[HASH_HEX_CHARS + 1];
    struct pack_file file;
    struct err inner = {.text = ""};
    hash_to_hex(&item->hash, hex);
    snprintf(name, sizeof name, "evidence/%s", hex);
    enum status status = pack_file_begin(&work->folder, name, &file, err);
    if (status != STATUS_OK)
        return pack_file_end(&file, true, status, err);
    status = beside->evidence(beside->context, &item->hash, file.fd, &inner);
    if (status == STATUS_NOT_FOUND) {
        item->state = why_gone(work, item);
        status = pack_file_end(&file, true, status, err);
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    }
    if (status != STATUS_OK && status != STATUS_CORRUPT)
        status = err_set(err, status, "evidence %s, named by entry %" PRIu64 ": %s", hex, item->seq, inner.text);
    status = pack_file_end(&file, true, status, err);
    if (status == STATUS_CORRUPT)
        return wrong(item, err);
    if (status != STATUS_OK)
        return status;
    if (!hash_equal(&work->folder.files[work->folder.count - 1].hash, &item->hash))
        return wrong(item, err);
    item->state = EVIDENCE_THERE;
    return STATUS_OK;
}

enum status pack_evidence_copy(struct pack_work *work, struct err *err)
{
    struct pack_evidence *evidence = &work->evidence;
    enum status status = STATUS_OK;
    pack_evidence_sort(evidence);
    for (size_t i = 0; status == STATUS_OK && i < evidence->count; i++) {
        struct pack_evidence_item *item = &evidence->items[i];
        status = pack_step(work, "copying evidence", i, err);
        if (status == STATUS_OK && (work->request->beside == NULL || work->request->no_evidence))
            item->state = EVIDENCE_LEFT_OUT;
        else if (status == STATUS_OK && item->state == EVIDENCE_WANTED)
            status = copy_one(work, item, err);
        work->result.evidence += item->state == EVIDENCE_THERE;
        work->result.absent += item->state == EVIDENCE_ABSENT;
        work->result.erased += item->state == EVIDENCE_ERASED;
        work->result.left_out += item->state == EVIDENCE_LEFT_OUT;
    }
    return status;
}
