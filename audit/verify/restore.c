/*
 * Books that were put back: each `restore` is told, always, with what officers said was lost; and where the journal was
 * told of more than it holds, whether anybody has answered for it. Implements FORMAT.md sections 5.6 and 10.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/verify/parts.h"
#include "ledger/base64.h"
#include "ledger/checkpoint.h"
#include "ledger/schema.h"

enum { NAMES_BYTES = 160, REASON_SHOWN = 120 };

static unsigned long long number(uint64_t value)
{
    return (unsigned long long)value;
}

static void names_join(const json_t *officers, char ret_text[static NAMES_BYTES])
{
    size_t used = 0;
    ret_text[0] = '\0';
    for (size_t i = 0; i < json_array_size(officers) && used < NAMES_BYTES; i++)
        used += (size_t)snprintf(ret_text + used, NAMES_BYTES - used, "%s%s", i == 0 ? "" : ", ",
                                 json_string_value(json_array_get(officers, i)));
}

/* The checkpoint that the statement names, as it reads. */
static bool named_head(const json_t *body, struct tree_head *ret_head)
{
    const char *text = member_text(body, "checkpoint");
    struct checkpoint checkpoint;
    size_t length = 0, room = text == NULL ? 0 : strlen(text);
    struct note *note = malloc(sizeof *note);
    char *bytes = malloc(room + 1);
    bool read = text != NULL && note != NULL && bytes != NULL &&
                base64_decode(text, room, (uint8_t *)bytes, room, &length, NULL) == STATUS_OK &&
                note_parse(bytes, length, note, NULL) == STATUS_OK &&
                checkpoint_parse(note->text, note->text_length, &checkpoint, NULL) == STATUS_OK;
    if (read)
        *ret_head = checkpoint.head;
    free(bytes);
    free(note);
    return read;
}

static enum status read_node(void *context, unsigned level, uint64_t index, struct hash *ret_hash, struct err *err)
{
    return verify_node(context, level, index, ret_hash, err);
}

/* What is said to be kept has to bear the checkpoint out, and what is said to be lost must not. */
static void check_named(struct verify *verify, const struct verify_item *item, uint64_t from)
{
    struct tree_head head;
    struct hash root;
    const struct tree_reader reader = {.node = read_node, .context = verify};
    if (!named_head(item->entry.statement.body, &head) || head.size > item->seq ||
        tree_root(&reader, head.size, &root, NULL) != STATUS_OK)
        return;
    if (hash_equal(&root, &head.root) != (head.size <= from))
        finding_at(&verify->findings, CHECK_CHECKPOINTS, item->seq,
                   head.size <= from ? "names a checkpoint of %llu entries that what was kept does not bear out"
                                     : "says that entries of a checkpoint of %llu are lost, and they are here",
                   number(head.size));
}

void verify_restore(struct verify *verify, const struct verify_item *item)
{
    if (item->facts.verb != VERB_RESTORE || !item->sound)
        return;
    const json_t *results = json_object_get(item->entry.decision, "results"), *body = item->entry.statement.body;
    const json_t *lost = json_object_get(body, "lost"), *result = json_array_get(results, 0);
    char names[NAMES_BYTES];
    if (json_array_size(results) != 1)
        return;
    uint64_t from = (uint64_t)member_integer(lost, "from");
    names_join(json_object_get(result, "officers"), names);
    verify->result->epoch = (uint64_t)member_integer(result, "epoch");
    verify_recorded(verify, CHECK_CHECKPOINTS, item->seq,
                    "begins epoch %llu: %s say that entries %llu to %llu were lost, and what had been issued of them "
                    "counts no more; numbers given since may have been given before. Reason: %.*s",
                    number(verify->result->epoch), names, number(from), number((uint64_t)member_integer(lost, "to")),
                    REASON_SHOWN, member_text(body, "reason"));
    if (!verify->part)
        check_named(verify, item, from);
}

void verify_restore_end(struct verify *verify)
{
    const json_t *restores = verify->keys == NULL ? NULL : key_register_restores(verify->keys);
    const json_t *last =
        json_array_size(restores) == 0 ? NULL : json_array_get(restores, json_array_size(restores) - 1);
    struct journal_lost lost;
    struct err what = {.status = STATUS_OK};
    struct finding finding = {.check = CHECK_CHECKPOINTS, .recorded = true};
    if (verify->source->lost == NULL)
        return;
    enum status status = verify->source->lost(verify->source->context, &lost, &what);
    if (status == STATUS_NOT_FOUND)
        return;
    if (status != STATUS_OK) {
        finding_whole(&verify->findings, CHECK_CHECKPOINTS, "%s", what.text);
        return;
    }
    if (last != NULL && (uint64_t)member_integer(last, "seq") >= lost.kept)
        return;
    snprintf(finding.text, sizeof finding.text,
             "the book was restored to %llu entries and is known to have had %llu: two officers have yet to say what "
             "was lost",
             number(lost.kept), number(lost.to + 1));
    finding_list_add(&verify->findings, &finding);
}
