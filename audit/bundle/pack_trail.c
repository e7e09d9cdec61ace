/*
 * What follows the entries of a part (BUNDLE.md section 4): of each entry is noted who acts in it and for whom, whose keys sign,
 * by which policy it was decided, which documents its decision names as what it rested on. Then the entries about these join the
 * part, and are noted themselves. Guarantees an end: every user, policy and permit is followed once.
 */
#include "audit/bundle/pack_trail.h"

#include <stdio.h>
#include <stdlib.h>

#include "audit/bundle/pack_parts.h"
#include "ledger/entry.h"
#include "ledger/schema.h"

enum { SEQ_TEXT = 24 };

/* Members of an answer that name a document by whose force it was given. */
static const char *const naming[] = {"break_glass", "exception", "mitigation", "relaxed", NULL};

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory for what follows a part");
}

enum status pack_trail_init(struct pack_trail *trail, struct pack_work *work, struct err *err)
{
    *trail = (struct pack_trail){.work = work,
                                 .users = json_object(),
                                 .policies = json_object(),
                                 .permits = json_object(),
                                 .read = json_object()};
    bool whole = trail->users != NULL && trail->policies != NULL && trail->permits != NULL && trail->read != NULL;
    return whole ? STATUS_OK : no_memory(err);
}

void pack_trail_done(struct pack_trail *trail)
{
    json_decref(trail->users);
    json_decref(trail->policies);
    json_decref(trail->permits);
    json_decref(trail->read);
    *trail = (struct pack_trail){.work = NULL};
}

static enum status note_user(void *context, const char *user, struct err *err)
{
    struct pack_trail *trail = context;
    return member_mark(trail->users, user, err);
}

/* Those for whom somebody acts: of a document, or of an item. */
static enum status note_behalf(struct pack_trail *trail, const struct entry *entry, struct err *err)
{
    const json_t *list = statement_list(&entry->statement);
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(list); i++) {
        const json_t *document = statement_document(&entry->statement, i);
        status = member_mark(trail->users, member_text(document != NULL ? document : json_array_get(list, i), "behalf"),
                             err);
    }
    return status;
}

static enum status note_answers(struct pack_trail *trail, const json_t *answers, struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < json_array_size(answers); i++) {
        for (size_t j = 0; status == STATUS_OK && naming[j] != NULL; j++)
            status = member_mark(trail->permits, member_text(json_array_get(answers, i), naming[j]), err);
    }
    return status;
}

static enum status note_results(struct pack_trail *trail, const json_t *results, struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(results); i++) {
        const json_t *result = json_array_get(results, i), *rate = json_object_get(result, "rate");
        status = note_answers(trail, json_object_get(result, "controls"), err);
        if (status == STATUS_OK)
            status = member_mark(trail->permits, member_text(result, "delegation"), err);
        if (status == STATUS_OK && rate != NULL)
            status = member_mark(trail->permits, member_text(rate, "document"), err);
    }
    return status;
}

enum status pack_trail_note(struct pack_trail *trail, const struct entry *entry, struct err *err)
{
    char seq[SEQ_TEXT];
    const json_t *decision = entry->decision;
    snprintf(seq, sizeof seq, "%lld", (long long)member_integer(json_object_get(decision, "policy"), "seq"));
    enum status status = pack_follow_signers(&trail->work->follow, entry, note_user, trail, err);
    if (status == STATUS_OK)
        status = note_behalf(trail, entry, err);
    if (status == STATUS_OK)
        status = note_answers(trail, json_object_get(decision, "controls"), err);
    if (status == STATUS_OK)
        status = note_results(trail, json_object_get(decision, "results"), err);
    return status == STATUS_OK ? member_mark(trail->policies, seq, err) : status;
}

/* An entry that follows: it has a signer and a policy of its own. */
static enum status follow_entry(struct pack_trail *trail, struct journal_snapshot *snapshot, uint64_t seq,
                                struct err *err)
{
    char text[SEQ_TEXT];
    struct entry entry;
    snprintf(text, sizeof text, "%llu", (unsigned long long)seq);
    if (json_object_get(trail->read, text) != NULL)
        return STATUS_OK;
    enum status status = member_mark(trail->read, text, err);
    if (status == STATUS_OK)
        status = entry_at(snapshot, seq, &entry, err);
    if (status != STATUS_OK)
        return status;
    status = pack_trail_note(trail, &entry, err);
    entry_done(&entry);
    return status;
}

struct reason {
    const char *sort, *what;
};

static enum status follow_list(struct pack_trail *trail, struct journal_snapshot *snapshot, const json_t *seqs,
                               struct reason reason, struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(seqs); i++) {
        uint64_t seq = (uint64_t)json_integer_value(json_array_get(seqs, i));
        if (seq > 0) /* the charter is there anyway, and says why */
            status = pack_chosen_add(&trail->work->chosen, seq, reason.sort, reason.what, err);
        if (status == STATUS_OK)
            status = follow_entry(trail, snapshot, seq, err);
    }
    return status;
}

/* One that has not been followed yet; NULL: all have been. Its mark is taken up. */
static const char *next_of(json_t *set)
{
    const char *text = NULL;
    json_t *value = NULL;
    json_object_foreach(set, text, value)
    {
        if (json_is_true(value) && json_object_set_new(set, text, json_false()) == 0)
            return text;
    }
    return NULL;
}

/* Whatever the part is about: the charter, the book's keys, where the clock went back, where the book was restored. */
static enum status follow_always(struct pack_trail *trail, struct journal_snapshot *snapshot, struct err *err)
{
    const char *sort = NULL;
    json_t *seqs = NULL;
    enum status status = pack_chosen_add(&trail->work->chosen, 0, "charter", NULL, err);
    if (status == STATUS_OK)
        status = follow_entry(trail, snapshot, 0, err);
    json_object_foreach(trail->work->follow.always, sort, seqs)
    {
        if (status == STATUS_OK)
            status = follow_list(trail, snapshot, seqs, (struct reason){.sort = sort}, err);
    }
    return status;
}

static enum status mark_affirmations(struct pack_trail *trail, const char *what, struct err *err)
{
    const char *number = NULL;
    json_t *value = NULL;
    enum status status = STATUS_OK;
    json_object_foreach((json_t *)(uintptr_t)pack_follow_affirmed(&trail->work->follow, what), number, value)
    {
        if (status == STATUS_OK)
            status = member_mark(trail->permits, number, err);
    }
    return status;
}

/* Of what suspect keys signed: affirmations of the part's documents, and of its entries that bear none. */
static enum status note_affirmations(struct pack_trail *trail, struct err *err)
{
    const struct pack_work *work = trail->work;
    const char *number = NULL;
    json_t *value = NULL;
    enum status status = STATUS_OK;
    if (json_object_size(work->follow.affirmed) == 0)
        return STATUS_OK;
    json_object_foreach(work->about, number, value)
    {
        if (status == STATUS_OK)
            status = mark_affirmations(trail, number, err);
    }
    for (size_t i = 0; status == STATUS_OK && i < work->chosen.count; i++) {
        char text[SEQ_TEXT];
        snprintf(text, sizeof text, "%llu", (unsigned long long)work->chosen.items[i].seq);
        status = mark_affirmations(trail, text, err);
    }
    return status;
}

static enum status follow_permit(struct pack_trail *trail, struct journal_snapshot *snapshot, const char *number,
                                 struct err *err)
{
    const json_t *permit = pack_follow_permit(&trail->work->follow, number);
    const struct reason reason = {.sort = member_text(permit, "kind"), .what = number};
    return permit == NULL ? STATUS_OK : follow_list(trail, snapshot, json_object_get(permit, "seqs"), reason, err);
}

enum status pack_trail_follow(struct pack_trail *trail, struct journal_snapshot *snapshot, struct err *err)
{
    const struct pack_follow *follow = &trail->work->follow;
    const char *user = NULL, *policy = NULL, *permit = NULL;
    enum status status = note_affirmations(trail, err);
    if (status == STATUS_OK)
        status = follow_always(trail, snapshot, err);
    while (status == STATUS_OK) {
        if ((user = next_of(trail->users)) != NULL)
            status = follow_list(trail, snapshot, pack_follow_user_entries(follow, user),
                                 (struct reason){.sort = "signer", .what = user}, err);
        else if ((policy = next_of(trail->policies)) != NULL)
            status = follow_list(trail, snapshot,
                                 json_object_get(pack_follow_policy(follow, strtoull(policy, NULL, 10)), "seqs"),
                                 (struct reason){.sort = "policy"}, err);
        else if ((permit = next_of(trail->permits)) != NULL)
            status = follow_permit(trail, snapshot, permit, err);
        else
            break;
    }
    return status;
}
