/*
 * `restore`: two officers say which entries are gone, and name the newest checkpoint that was issued of them; what they
 * name opens a new epoch (FORMAT.md section 5.6). Whether the book was told of anything lost is no part of a decision: the
 * gate asks that (controls/gate_restore.c).
 */
#include <stdlib.h>

#include "controls/facts_govern.h"
#include "controls/rules/common.h"
#include "controls/rules/governance.h"
#include "ledger/base64.h"
#include "ledger/checkpoint.h"

enum { OFFICERS_MIN = 2 };

/* The checkpoint that a statement names. */
struct named {
    bool good; /* by a key of this book, under an origin of this book */
    uint64_t epoch, size;
};

struct opening {
    const char *bytes;
    size_t length;
    const char *origin;
    bool good;
};

/* A key signs from the number of entries at which it came on, and up to that at which it was retired. */
static enum status key_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct opening *opening = context;
    struct public_key public;
    struct note_key note_key;
    struct checkpoint checkpoint;
    (void)key;
    if (sshkey_parse(member_text(record, "key"), &public, NULL) != STATUS_OK ||
        note_key_init(NOTE_ED25519, opening->origin, public.ed25519, &note_key, NULL) != STATUS_OK)
        return STATUS_OK;
    enum status status = checkpoint_open(opening->bytes, opening->length, &note_key, &checkpoint, NULL, NULL);
    if (status != STATUS_OK)
        return status == STATUS_MEMORY ? err_set(err, status, "no memory for a checkpoint") : STATUS_OK;
    const json_t *retired = json_object_get(record, "retired");
    opening->good = checkpoint.head.size > (uint64_t)member_integer(record, "from") &&
                    (retired == NULL || checkpoint.head.size <= (uint64_t)json_integer_value(retired));
    *ret_more = !opening->good;
    return STATUS_OK;
}

/* Its text alone, to know under which origin it has to be signed. */
static enum status text_read(const char *bytes, size_t length, struct checkpoint *ret_checkpoint, bool *ret_is,
                             struct err *err)
{
    struct note *note = malloc(sizeof *note);
    if (note == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a checkpoint");
    *ret_is = note_parse(bytes, length, note, NULL) == STATUS_OK &&
              checkpoint_parse(note->text, note->text_length, ret_checkpoint, NULL) == STATUS_OK;
    free(note);
    return STATUS_OK;
}

static enum status note_open(const struct facts *facts, const char *bytes, size_t length, struct named *ret_named,
                             struct err *err)
{
    struct checkpoint checkpoint;
    struct opening opening = {.bytes = bytes, .length = length, .origin = checkpoint.origin};
    const struct books_walk walk = {.table = BOOKS_BOOK_KEYS, .step = key_step, .context = &opening};
    struct books_key key = books_key("charter");
    json_t *charter = NULL;
    bool is = false;
    *ret_named = (struct named){.good = false};
    enum status status = text_read(bytes, length, &checkpoint, &is, err);
    if (status != STATUS_OK || !is)
        return status;
    status = books_get(facts->books, BOOKS_META, &key, &charter, err);
    if (status == STATUS_OK && checkpoint_epoch(checkpoint.origin, member_text(charter, "name"), facts->book,
                                                &ret_named->epoch, NULL) == STATUS_OK)
        status = books_each(facts->books, &walk, err);
    json_decref(charter);
    ret_named->good = opening.good;
    ret_named->size = checkpoint.head.size;
    return status;
}

static enum status named_read(const struct request *request, const struct facts *facts, struct named *ret_named,
                              struct err *err)
{
    const char *text = member_text(request->statement->body, "checkpoint");
    size_t length = 0, room = strlen(text);
    char *bytes = malloc(room + 1);
    if (bytes == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a checkpoint");
    enum status status = base64_decode(text, room, (uint8_t *)bytes, room, &length, err);
    if (status == STATUS_OK)
        status = note_open(facts, bytes, length, ret_named, err);
    free(bytes);
    return status;
}

static enum status signers_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                 struct err *err)
{
    json_t *users = NULL;
    int64_t persons = 0;
    enum status status = officers_signed(request, facts, &users, &persons, err);
    json_decref(users);
    return status == STATUS_OK && persons < OFFICERS_MIN
               ? answer_deny(answers, "C-31", "restore-signers", json_pack("{s:I}", "officers", (json_int_t)persons),
                             err)
               : status;
}

enum status restore_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                          struct err *err)
{
    const json_t *lost = json_object_get(request->statement->body, "lost");
    uint64_t from = (uint64_t)member_integer(lost, "from"), to = (uint64_t)member_integer(lost, "to");
    struct named named;
    enum status status = request->signatures != NULL ? signers_judge(request, facts, answers, err) : STATUS_OK;
    if (status == STATUS_OK)
        status = named_read(request, facts, &named, err);
    if (status != STATUS_OK)
        return status;
    if (!named.good)
        return answer_deny(answers, "C-31", "restore-note", NULL, err);
    if (from == 0 || from > facts->seq || to < from || named.size > to + 1)
        return answer_deny(answers, "C-31", "restore-range",
                           json_pack("{s:I, s:I, s:I, s:I}", "entries", (json_int_t)facts->seq, "from",
                                     (json_int_t)from, "size", (json_int_t)named.size, "to", (json_int_t)to),
                           err);
    return STATUS_OK;
}

bool restore_sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (code_is(answer, "restore-signers"))
        snprintf(ret_text, SENTENCE_BYTES, "two officers say together what was lost; %lld signed",
                 (long long)member_integer(answer, "officers"));
    else if (code_is(answer, "restore-note"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "this is no checkpoint that a key of this book signed; name the newest one that it did");
    else if (code_is(answer, "restore-range"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "entries %lld to %lld cannot be what was lost: the book has %lld entries, the checkpoint is of %lld",
                 (long long)member_integer(answer, "from"), (long long)member_integer(answer, "to"),
                 (long long)member_integer(answer, "entries"), (long long)member_integer(answer, "size"));
    else
        return false;
    return true;
}

enum status restore_result(const struct request *request, const struct facts *facts, json_t **ret_result,
                           struct err *err)
{
    struct named named;
    json_t *users = NULL;
    int64_t persons = 0;
    uint64_t epoch = 0;
    enum status status = named_read(request, facts, &named, err);
    if (status == STATUS_OK)
        status = books_epoch(facts->books, &epoch, err);
    if (status == STATUS_OK)
        status = officers_signed(request, facts, &users, &persons, err);
    if (status != STATUS_OK)
        return status;
    epoch = (named.epoch > epoch ? named.epoch : epoch) + 1;
    *ret_result = json_pack("{s:[], s:I, s:o, s:s}", "controls", "epoch", (json_int_t)epoch, "officers", users,
                            "outcome", "in-force");
    return *ret_result != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
}
