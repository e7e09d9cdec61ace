/*
 * The list of what waits, asked the way the gate will ask when somebody signs.
 */
#include "cli/waiting.h"

#include <string.h>

#include "cli/present.h"
#include "cli/reading.h"
#include "controls/facts_people.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

int waiting_lowest_level(const json_t *record)
{
    return (int)json_integer_value(json_array_get(json_object_get(record, "levels"), 0));
}

enum status waiting_level_of(const struct facts *facts, const json_t *record, const char *user, int *ret_level,
                             struct err *err)
{
    const json_t *levels = json_object_get(record, "levels");
    enum status status = STATUS_OK;
    bool may = false;
    *ret_level = 0;
    for (size_t i = 0; status == STATUS_OK && !may && i < json_array_size(levels); i++) {
        int level = (int)json_integer_value(json_array_get(levels, i));
        status = present_may_sign(facts, record, level, user, &may, err);
        if (status == STATUS_OK && may)
            *ret_level = level;
    }
    return status;
}

struct waiting {
    const struct facts *facts;
    const char *user;
    json_t *records;
};

static bool is_over(const struct facts *facts, const json_t *record)
{
    int64_t until = INT64_MAX;
    const char *text = member_text(record, "until");
    return strcmp(member_text(record, "state"), "waiting") == 0 && text != NULL &&
           instant_parse(text, strlen(text), &until, NULL) == STATUS_OK && until < facts->time_ms;
}

static enum status waiting_step(void *context, struct slice key, const json_t *row, bool *ret_more, struct err *err)
{
    struct waiting *waiting = context;
    json_t *record = NULL;
    bool take = true;
    (void)key;
    (void)ret_more;
    enum status status = facts_document(waiting->facts, member_text(row, "number"), &record, err);
    if (status == STATUS_OK && record == NULL)
        status =
            err_set(err, STATUS_CORRUPT, "%s waits but is not in the books; run rebuild", member_text(row, "number"));
    if (status == STATUS_OK && is_over(waiting->facts, record))
        take = false;
    else if (status == STATUS_OK && waiting->user != NULL)
        status = present_may_sign(waiting->facts, record, waiting_lowest_level(record), waiting->user, &take, err);
    if (status == STATUS_OK && take && json_array_append(waiting->records, record) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory for the list of documents");
    json_decref(record);
    return status;
}

enum status waiting_list(const struct facts *facts, const char *user, json_t **ret_records, struct err *err)
{
    struct waiting waiting = {.facts = facts, .user = user, .records = json_array()};
    const struct books_walk walk = {.table = BOOKS_WAITING, .step = waiting_step, .context = &waiting};
    if (waiting.records == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for the list of documents");
    enum status status = books_each(facts->books, &walk, err);
    if (status == STATUS_OK)
        *ret_records = waiting.records;
    else
        json_decref(waiting.records);
    return status;
}

/* The person of a maker and the document's number. */
static enum status undecided_key(struct slice key, char ret_maker[static ID_BYTES_MAX + 1],
                                 char ret_number[static ID_BYTES_MAX + 1], struct err *err)
{
    size_t at = 0;
    enum status status = reading_key_text(key, &at, ret_maker, err);
    return status == STATUS_OK ? reading_key_text(key, &at, ret_number, err) : status;
}

static enum status returned_step(void *context, struct slice key, const json_t *ignored, bool *ret_more,
                                 struct err *err)
{
    struct waiting *returned = context;
    char maker[ID_BYTES_MAX + 1], number[ID_BYTES_MAX + 1];
    json_t *record = NULL;
    (void)ignored;
    (void)ret_more;
    enum status status = undecided_key(key, maker, number, err);
    if (status == STATUS_OK)
        status = facts_document(returned->facts, number, &record, err);
    const char *state = member_text(record, "state");
    if (state != NULL && strcmp(state, "returned") == 0 && json_array_append(returned->records, record) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory for the list of documents");
    json_decref(record);
    return status;
}

enum status waiting_returned(const struct facts *facts, const char *user, json_t **ret_records, struct err *err)
{
    struct waiting returned = {.facts = facts, .records = json_array()};
    struct actor actor = {.sort = ""};
    enum status status = facts_actor(facts, user, &actor, err);
    struct books_key prefix = books_key(actor.person);
    books_key_close(&prefix);
    const struct books_walk walk = {
        .table = BOOKS_UNDECIDED, .prefix = &prefix, .step = returned_step, .context = &returned};
    if (status == STATUS_OK)
        status = books_each(facts->books, &walk, err);
    else if (status == STATUS_NOT_FOUND)
        status = STATUS_OK; /* nothing was returned to somebody who is not there */
    if (status == STATUS_OK)
        *ret_records = returned.records;
    else
        json_decref(returned.records);
    return status;
}

struct passing {
    const struct facts *facts;
    struct actor actor;
    char maker[ID_BYTES_MAX + 1]; /* asked about last */
    bool succeeds;
    json_t *seen; /* numbers, as members: a document may have several makers */
    json_t *records;
};

static enum status passed_step(void *context, struct slice key, const json_t *ignored, bool *ret_more, struct err *err)
{
    struct passing *passing = context;
    char maker[ID_BYTES_MAX + 1], number[ID_BYTES_MAX + 1];
    json_t *record = NULL;
    (void)ignored;
    (void)ret_more;
    enum status status = undecided_key(key, maker, number, err);
    if (status == STATUS_OK && strcmp(maker, passing->maker) != 0) {
        memcpy(passing->maker, maker, sizeof maker);
        status = facts_succeeds(passing->facts, passing->actor.person, maker, &passing->succeeds, err);
    }
    if (status != STATUS_OK || !passing->succeeds || json_object_get(passing->seen, number) != NULL)
        return status;
    status = facts_document(passing->facts, number, &record, err);
    if (status == STATUS_OK && record != NULL && !is_over(passing->facts, record) &&
        (json_array_append(passing->records, record) != 0 ||
         json_object_set_new(passing->seen, number, json_true()) != 0))
        status = err_set(err, STATUS_MEMORY, "no memory for the list of documents");
    json_decref(record);
    return status;
}

enum status waiting_passed_on(const struct facts *facts, const char *user, json_t **ret_records, struct err *err)
{
    struct passing passing = {.facts = facts, .records = json_array(), .seen = json_object()};
    const struct books_walk walk = {.table = BOOKS_UNDECIDED, .step = passed_step, .context = &passing};
    enum status status = facts_actor(facts, user, &passing.actor, err);
    if (status == STATUS_OK)
        status = books_each(facts->books, &walk, err);
    else if (status == STATUS_NOT_FOUND)
        status = STATUS_OK; /* nobody succeeds as somebody who is not there */
    json_decref(passing.seen);
    if (status == STATUS_OK)
        *ret_records = passing.records;
    else
        json_decref(passing.records);
    return status;
}
