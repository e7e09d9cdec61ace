/*
 * What stands beside the entries of a bundle: the checkpoint that it stands on, those before it, the keys of who signed, the
 * policies that decided. Policies are read again from the entries that brought them, one at a time: they are large.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/bundle/pack_parts.h"
#include "audit/verify/register.h"
#include "ledger/base64.h"
#include "ledger/canon.h"
#include "ledger/entry.h"
#include "ledger/journal.h"
#include "ledger/limits.h"
#include "ledger/schema.h"
#include "ledger/signer.h"
#include "ledger/sshkey.h"
#include "ledger/sshsig.h"

/* The reply for a note, by the name that FORMAT.md section 9 gives it; there need not be one. */
static enum status put_timestamp(struct pack_work *work, const struct journal_checkpoint *checkpoint, struct err *err)
{
    const struct pack_beside *beside = work->request->beside;
    char name[PACK_NAME_BYTES], hex[HASH_HEX_CHARS + 1];
    struct pack_file file;
    struct hash hash;
    if (beside == NULL || beside->timestamp == NULL)
        return STATUS_OK;
    hash_of(checkpoint->note.bytes, checkpoint->note.length, &hash);
    hash_to_hex(&hash, hex);
    snprintf(name, sizeof name, "timestamps/%" PRIu64 "-%.16s.tsr", checkpoint->size, hex);
    for (size_t i = 0; i < work->folder.count; i++) {
        if (strcmp(work->folder.files[i].name, name) == 0)
            return STATUS_OK; /* the same note was recorded twice */
    }
    enum status status = pack_file_begin(&work->folder, name, &file, err);
    if (status == STATUS_OK)
        status = beside->timestamp(beside->context, strchr(name, '/') + 1, file.fd, err);
    status = pack_file_end(&file, true, status, err);
    work->result.timestamps += status == STATUS_OK;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status put_checkpoint(struct pack_work *work, struct journal_snapshot *snapshot, uint64_t number,
                                  bool newest, struct err *err)
{
    struct journal_checkpoint checkpoint;
    char name[PACK_NAME_BYTES];
    enum status status = journal_checkpoint(snapshot, number, &checkpoint, err);
    if (status != STATUS_OK || checkpoint.size > work->result.checkpoint.size)
        return status;
    snprintf(name, sizeof name, "checkpoints/%06" PRIu64 "-%" PRIu64 ".note", number, checkpoint.size);
    status = pack_folder_put(&work->folder, newest ? "checkpoint.note" : name, checkpoint.note, err);
    return status == STATUS_OK ? put_timestamp(work, &checkpoint, err) : status;
}

enum status pack_checkpoints(struct pack_work *work, struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    enum status status = journal_read_begin(work->request->journal, &snapshot, err);
    if (status == STATUS_OK)
        status = put_checkpoint(work, snapshot, work->checkpoint_number, true, err);
    bool whole = work->request->scope->sort == PACK_BOOK;
    for (uint64_t i = 0; status == STATUS_OK && whole && i < work->checkpoints; i++)
        status = put_checkpoint(work, snapshot, i, false, err);
    journal_read_end(snapshot);
    return status;
}

struct signers {
    struct pack_work *work;
    struct pack_file file;
};

static enum status put_line(struct signers *signers, const char *line, struct err *err)
{
    enum status status = pack_file_add(&signers->file, slice_of(line, strlen(line)), err);
    return status == STATUS_OK ? pack_file_add(&signers->file, slice_of("\n", 1), err) : status;
}

static enum status put_signer(void *context, const struct key_line *line, struct err *err)
{
    struct signers *signers = context;
    const struct key_window window = {.after = line->after, .before = line->before};
    struct public_key key;
    char text[SSHKEY_ALLOWED_LINE_MAX];
    if (signers->work->request->scope->sort != PACK_BOOK && json_object_get(signers->work->signers, line->key) == NULL)
        return STATUS_OK;
    enum status status = sshkey_parse(line->key, &key, err);
    if (status == STATUS_OK)
        status = sshkey_allowed_line(&key, line->user, &window, text, err);
    return status == STATUS_OK ? put_line(signers, text, err) : status;
}

enum status pack_signers(struct pack_work *work, struct err *err)
{
    const struct pack_maker *maker = work->request->maker;
    struct signers signers = {.work = work};
    char text[SSHKEY_ALLOWED_LINE_MAX];
    enum status status = pack_file_begin(&work->folder, "allowed_signers", &signers.file, err);
    if (status == STATUS_OK)
        status = sshkey_allowed_under(&maker->signer->key, maker->by, sshsig_namespace(SSHSIG_BUNDLE), text, err);
    if (status == STATUS_OK)
        status = put_line(&signers, text, err);
    if (status == STATUS_OK)
        status = key_register_each(work->follow.keys, put_signer, &signers, err);
    return pack_file_end(&signers.file, false, status, err);
}

/* The text of a policy stands in base64, in the charter or in a document. */
static enum status put_policy(struct pack_work *work, const char *hash, const json_t *policy, struct err *err)
{
    char name[PACK_NAME_BYTES], *compiled = NULL;
    const char *base64 = member_text(policy, "yaml");
    uint8_t *yaml = malloc(POLICY_YAML_BYTES_MAX);
    size_t yaml_length = 0, length = 0;
    struct hash found;
    char hex[HASH_HEX_CHARS + 1];
    enum status status = yaml != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a policy");
    if (status == STATUS_OK)
        status = canon_encode(json_object_get(policy, "compiled"), &compiled, &length, err);
    if (status == STATUS_OK) {
        hash_of(compiled, length, &found);
        hash_to_hex(&found, hex);
        if (strcmp(hex, hash) != 0)
            status = err_set(err, STATUS_CORRUPT, "policy %s: the entry that brought it has another one", hash);
    }
    if (status == STATUS_OK)
        status = base64_decode(base64, strlen(base64), yaml, POLICY_YAML_BYTES_MAX, &yaml_length, err);
    snprintf(name, sizeof name, "policies/%s.json", hash);
    if (status == STATUS_OK)
        status = pack_folder_put(&work->folder, name, slice_of(compiled, length), err);
    snprintf(name, sizeof name, "policies/%s.yaml", hash);
    if (status == STATUS_OK)
        status = pack_folder_put(&work->folder, name, slice_of(yaml, yaml_length), err);
    free(yaml);
    free(compiled);
    return status;
}

static enum status policy_at(struct pack_work *work, struct journal_snapshot *snapshot, const char *hash, uint64_t seq,
                             struct err *err)
{
    const json_t *record = pack_follow_policy(&work->follow, seq);
    struct entry entry;
    if (record == NULL)
        return err_set(err, STATUS_CORRUPT, "policy %s: entry %" PRIu64 " put no policy in force", hash, seq);
    enum status status = entry_at(snapshot, (uint64_t)member_integer(record, "text"), &entry, err);
    if (status != STATUS_OK)
        return status;
    const json_t *policy = entry.statement.verb == VERB_CHARTER
                               ? json_object_get(entry.statement.body, "policy")
                               : statement_document(&entry.statement, (size_t)member_integer(record, "index"));
    status = put_policy(work, hash, policy, err);
    entry_done(&entry);
    return status;
}

enum status pack_policies(struct pack_work *work, struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    const char *hash = NULL;
    json_t *seq = NULL;
    enum status status = journal_read_begin(work->request->journal, &snapshot, err);
    json_object_foreach(work->policies, hash, seq)
    {
        if (status == STATUS_OK)
            status = policy_at(work, snapshot, hash, (uint64_t)json_integer_value(seq), err);
        work->result.policies++;
    }
    journal_read_end(snapshot);
    return status;
}
