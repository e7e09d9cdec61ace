/*
 * What a user may read: his rights, found out once for a snapshot. Guarantees that nothing is read by a key that is not
 * valid, by who has left or is suspended, nor by a grant, emergency access or delegation that does not count now. Which
 * record that opens is read_table.c's to say, which entry read_entry.c's.
 */
#include "controls/read_access.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/facts_delegation.h"
#include "controls/facts_govern.h"
#include "controls/facts_parts.h"
#include "controls/facts_people.h"
#include "controls/functions.h"
#include "controls/read_parts.h"
#include "ledger/schema.h"

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory for what a user may read");
}

/* Whether the key is the user's; and whether it still counts. */
static enum status key_check(struct reader *reader, const char *key_text, bool *ret_valid, struct err *err)
{
    json_t *record = NULL;
    enum status status = facts_key(reader->facts, key_text, &record, err);
    const char *user = member_text(record, "user");
    if (status == STATUS_OK && (user == NULL || strcmp(user, reader->user) != 0))
        status = err_set(err, STATUS_PERMISSION, "this key was never enrolled for %s", reader->user);
    json_decref(record);
    return status == STATUS_OK ? facts_key_valid(reader->facts, key_text, reader->user, ret_valid, err) : status;
}

struct gathering {
    struct reader *reader;
    bool acts;            /* some function leaves entries */
    const char *function; /* of a delegation: only this one is taken; NULL: all */
};

static enum status entities_add(json_t *set, const json_t *entities, bool *ret_all, struct err *err)
{
    for (size_t i = 0; i < json_array_size(entities); i++) {
        const char *entity = json_string_value(json_array_get(entities, i));
        if (strcmp(entity, "*") == 0)
            *ret_all = true;
        else if (json_object_set_new(set, entity, json_true()) != 0)
            return no_memory(err);
    }
    return STATUS_OK;
}

/* Who brings HR's events sees of an entity how far its files came. Other feeds see what they add to. */
static enum status feed_add(struct reader *reader, const char *function, const json_t *entities, struct err *err)
{
    reader->feeds = reader->governance = true;
    return strcmp(function, "feed.people") != 0 ? entities_add(reader->entities, entities, &reader->all, err)
                                                : entities_add(reader->files, entities, &reader->all_files, err);
}

static enum status function_add(void *context, const char *function, const json_t *entities, struct err *err)
{
    struct gathering *gathering = context;
    struct reader *reader = gathering->reader;
    enum function_class class = function_class(function, NULL, NULL);
    if (gathering->function != NULL && strcmp(gathering->function, function) != 0)
        return STATUS_OK;
    gathering->acts =
        gathering->acts || (class != FUNCTION_OPERATE && class != FUNCTION_AUDIT && class != FUNCTION_READ);
    reader->works = reader->works || (class != FUNCTION_OPERATE && class != FUNCTION_UNKNOWN);
    switch (class) {
    case FUNCTION_UNKNOWN:
        return STATUS_OK;
    case FUNCTION_OPERATE:
        reader->operates = true;
        return STATUS_OK;
    case FUNCTION_AUDIT:
        /* A journal is audited as a whole: for which entities it was granted makes no difference. */
        reader->audits = reader->audits || strcmp(function, "audit.read") == 0;
        reader->governance = true;
        return STATUS_OK;
    case FUNCTION_GOVERN:
        reader->governs = reader->governance = true;
        return STATUS_OK;
    case FUNCTION_FEED:
        return feed_add(reader, function, entities, err);
    case FUNCTION_PREPARE:
    case FUNCTION_APPROVE:
    case FUNCTION_CLOSE:
    case FUNCTION_OVERRIDE:
    case FUNCTION_READ:
        reader->governance = true;
        return entities_add(reader->entities, entities, &reader->all, err);
    }
    return STATUS_OK;
}

/* A delegate reads what the function gives the one acted for to read, as long as that one holds it. */
static enum status delegation_add(void *context, const json_t *delegation, bool *ret_more, struct err *err)
{
    struct gathering *gathering = context;
    const json_t *functions = json_object_get(delegation, "functions");
    bool stands = false;
    (void)ret_more;
    if (strcmp(member_text(delegation, "to_user"), gathering->reader->user) != 0)
        return STATUS_OK;
    enum status status = facts_delegation_stands(gathering->reader->facts, delegation, false, &stands, err);
    for (size_t i = 0; status == STATUS_OK && stands && i < json_array_size(functions); i++) {
        gathering->function = json_string_value(json_array_get(functions, i));
        status = facts_each_right(gathering->reader->facts, member_text(delegation, "from_user"), function_add,
                                  gathering, err);
    }
    gathering->function = NULL;
    return status;
}

/*
 * An account that sleeps (C-28), or whose emergency access nobody has reviewed in time (C-51), may do nothing until it is
 * woken or reviewed; what that takes is governance, so this is still read. Who can only read leaves no entry by which he
 * could be told to sleep.
 */
static enum status suspension(const struct gathering *gathering, const struct actor *actor, bool *ret_suspended,
                              struct err *err)
{
    const struct facts *facts = gathering->reader->facts;
    json_t *access = NULL;
    bool dormant = false;
    enum status status = facts_unreviewed(facts, actor->person, &access, err);
    if (status == STATUS_OK && gathering->acts)
        status = facts_dormant(facts, actor->user, actor->sort, &dormant, err);
    if (status == STATUS_OK)
        *ret_suspended = dormant || access != NULL;
    json_decref(access);
    return status;
}

static void suspend(struct reader *reader)
{
    reader->audits = reader->operates = reader->feeds = reader->works = reader->all = reader->all_files = false;
    (void)json_object_clear(reader->entities);
    (void)json_object_clear(reader->files);
}

static enum status rights_gather(struct reader *reader, const struct actor *actor, struct err *err)
{
    struct gathering gathering = {.reader = reader};
    bool suspended = false;
    enum status status = facts_each_right(reader->facts, reader->user, function_add, &gathering, err);
    if (status == STATUS_OK)
        status = facts_delegations_of(reader->facts, reader->user, delegation_add, &gathering, err);
    if (status == STATUS_OK)
        status = suspension(&gathering, actor, &suspended, err);
    if (status == STATUS_OK && suspended)
        suspend(reader);
    return status;
}

static enum status rights_read(struct reader *reader, const char *key_text, struct err *err)
{
    struct hr_person person = {.left = false};
    struct actor actor = {.person = ""};
    bool valid = false;
    enum status status = facts_actor(reader->facts, reader->user, &actor, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_PERMISSION, "there is no user %s", reader->user);
    if (status == STATUS_OK)
        status = key_check(reader, key_text, &valid, err);
    if (status == STATUS_OK)
        status = facts_hr_person(reader->facts, actor.person, &person, err);
    if (status != STATUS_OK || !valid || person.left)
        return status;
    reader->himself = true;
    return rights_gather(reader, &actor, err);
}

enum status reader_open(const struct facts *facts, const char *user, const char *key_text, struct reader **ret_reader,
                        struct err *err)
{
    struct reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return no_memory(err);
    reader->facts = facts;
    reader->entities = json_object();
    reader->files = json_object();
    enum status status = reader->entities != NULL && reader->files != NULL ? STATUS_OK : no_memory(err);
    if (status == STATUS_OK && strlen(user) > ID_BYTES_MAX)
        status = err_set(err, STATUS_PERMISSION, "there is no such user");
    if (status == STATUS_OK && strlen(key_text) >= PUBLIC_KEY_TEXT_MAX)
        status = err_set(err, STATUS_PERMISSION, "there is no such key");
    if (status == STATUS_OK) {
        snprintf(reader->user, sizeof reader->user, "%s", user);
        status = rights_read(reader, key_text, err);
    }
    if (status == STATUS_OK)
        *ret_reader = reader;
    else
        reader_close(reader);
    return status;
}

void reader_close(struct reader *reader)
{
    if (reader == NULL)
        return;
    json_decref(reader->entities);
    json_decref(reader->files);
    free(reader->cached);
    free(reader);
}

bool reader_audits(const struct reader *reader)
{
    return reader->audits;
}

bool reader_operates(const struct reader *reader)
{
    return reader->operates;
}

bool reader_governs(const struct reader *reader)
{
    return reader->governs;
}

bool reader_feeds(const struct reader *reader)
{
    return reader->feeds;
}

bool reader_works(const struct reader *reader)
{
    return reader->works;
}

bool reader_reads_books(const struct reader *reader)
{
    return reader->audits || reader->all || json_object_size(reader->entities) > 0;
}

bool reader_counts(const struct reader *reader)
{
    return reader->himself;
}

bool reader_reads_entity(const struct reader *reader, const char *entity)
{
    return reader->audits || reader->all || json_object_get(reader->entities, entity) != NULL;
}

/* In the order of their codes. */
static int entity_insert(json_t *sorted, const char *entity)
{
    size_t at = 0;
    while (at < json_array_size(sorted) && strcmp(json_string_value(json_array_get(sorted, at)), entity) < 0)
        at++;
    return json_array_insert_new(sorted, at, json_string(entity));
}

json_t *reader_describe(const struct reader *reader)
{
    json_t *books = json_array(), *value;
    const char *entity;
    int failed = 0;
    if (reader->audits || reader->all)
        failed = json_array_append_new(books, json_string("*"));
    else
        json_object_foreach(reader->entities, entity, value) failed |= entity_insert(books, entity);
    if (failed != 0) {
        json_decref(books);
        return NULL;
    }
    return json_pack("{s:o, s:b, s:b, s:b}", "books", books, "everything", reader->audits, "governance",
                     reader->audits || reader->governance, "operations", reader->audits || reader->operates);
}
