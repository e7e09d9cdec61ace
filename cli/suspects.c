/*
 * Suspect acts, found in the books' lines of entries and told with the documents that the journal's entries name.
 */
#include "cli/suspects.h"

#include <string.h>

#include "cli/reading.h"
#include "controls/facts_govern.h"
#include "ledger/books.h"
#include "ledger/entry.h"
#include "ledger/schema.h"

struct search {
    struct session *session;
    const struct facts *facts;
    struct journal_snapshot *snapshot;
    suspect_step *step;
    void *context;
};

static bool is_undone(const char *state)
{
    static const char *const states[] = {"reversed", "withdrawn", "rejected", "lapsed"};
    for (size_t i = 0; state != NULL && i < sizeof states / sizeof states[0]; i++)
        if (strcmp(states[i], state) == 0)
            return true;
    return false;
}

static enum status tell(struct search *search, struct suspect *suspect, struct err *err)
{
    json_t *affirmation = NULL, *record = NULL;
    enum status status =
        facts_affirmation(search->facts, suspect->key, suspect->document, suspect->seq, &affirmation, err);
    if (status == STATUS_OK && suspect->document != NULL)
        status = facts_document(search->facts, suspect->document, &record, err);
    suspect->conclusion = member_text(affirmation, "conclusion");
    suspect->state = member_text(record, "state");
    suspect->settled =
        (suspect->conclusion != NULL && strcmp(suspect->conclusion, "affirm") == 0) || is_undone(suspect->state);
    if (status == STATUS_OK)
        status = search->step(search->context, suspect, err);
    json_decref(record);
    json_decref(affirmation);
    return status;
}

/* Every document that an entry's results name, or the entry itself. Refusals did nothing. */
static enum status entry_tell(struct search *search, struct suspect *suspect, struct err *err)
{
    struct entry entry;
    enum status status = entry_at(search->snapshot, suspect->seq, &entry, err);
    if (status == STATUS_PERMISSION)
        return STATUS_OK; /* of an entity that this user does not read: who reads it sees to it */
    if (status != STATUS_OK)
        return status;
    const json_t *results = json_object_get(entry.decision, "results");
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(results); i++) {
        const json_t *result = json_array_get(results, i);
        if (strcmp(member_text(result, "outcome"), "refused") == 0)
            continue;
        suspect->document = member_text(result, "document");
        status = tell(search, suspect, err);
    }
    entry_done(&entry);
    return status;
}

static enum status entry_step(void *context, struct slice key, const json_t *line, bool *ret_more, struct err *err)
{
    struct search *search = context;
    const json_t *keys = json_object_get(line, "keys");
    uint64_t seq = books_key_number(key, 0);
    enum status status = STATUS_OK;
    (void)ret_more;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(keys); i++) {
        bool is = false;
        struct suspect suspect = {.user = member_text(line, "actor"),
                                  .key = json_string_value(json_array_get(keys, i)),
                                  .seq = seq,
                                  .time = member_text(line, "time"),
                                  .act = member_text(line, "do")};
        status = facts_suspect_under(search->facts, seq, suspect.key, &is, err);
        if (status == STATUS_OK && is)
            status = entry_tell(search, &suspect, err);
    }
    return status;
}

static enum status key_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    bool *any = context;
    (void)key;
    (void)err;
    *any = member_text(record, "since") != NULL;
    *ret_more = !*any;
    return STATUS_OK;
}

enum status suspects_each(struct session *session, const struct facts *facts, suspect_step *step, void *context,
                          struct err *err)
{
    struct search search = {.session = session, .facts = facts, .step = step, .context = context};
    bool any = false;
    const struct books_walk keys = {.table = BOOKS_KEYS, .step = key_step, .context = &any};
    enum status status = reading_table_check(facts, BOOKS_KEYS, err);
    if (status == STATUS_OK)
        status = books_each(facts->books, &keys, err);
    if (status != STATUS_OK || !any)
        return status;
    const struct books_walk entries = {.table = BOOKS_ENTRIES, .step = entry_step, .context = &search};
    status = journal_read_begin(session_books(session)->journal, &search.snapshot, err);
    if (status == STATUS_OK)
        status = books_each(facts->books, &entries, err);
    journal_read_end(search.snapshot);
    return status;
}
