/*
 * The facts of an entry, copied out of it where they are short, so that bytes and trees need not be looked at again in order. Both
 * ways fill the same; results hold what numbers and approvals are followed by.
 */
#include "audit/verify/item_facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/verify/parts.h"
#include "ledger/schema.h"
#include "ledger/text.h"

static bool results_make(struct verify_item *item, size_t count)
{
    item->results = count == 1 ? &item->one_result : count == 0 ? NULL : calloc(count, sizeof *item->results);
    item->one_result = (struct item_result){.number = {.bytes = NULL}};
    item->result_count = item->results == NULL ? 0 : count;
    return count == 0 || item->results != NULL;
}

/* ---------------------------------------------------------------- where it lies */

static bool copy(struct slice text, char *ret_text, size_t room)
{
    if (text.length >= room)
        return false;
    memcpy(ret_text, text.bytes, text.length);
    ret_text[text.length] = '\0';
    return true;
}

static bool copy_member(const struct outline *outline, const struct outline_node *object, const char *name,
                        char *ret_text, size_t room)
{
    struct slice text;
    return outline_text(outline, outline_get(outline, object, name), &text) && copy(text, ret_text, room);
}

static bool look_at_results(struct verify_item *item, const struct entry_look *look)
{
    const struct outline *outline = look->statement.outline;
    const struct outline_node *results = outline_get(outline, look->decision, "results");
    size_t i = 0;
    item->facts.no_effect = true;
    if (look->statement.list != NULL && !results_make(item, outline_count(outline, results)))
        return false;
    for (const struct outline_node *one = outline_first(outline, results); one != NULL;
         one = outline_after(outline, results, one), i++) {
        const struct outline_node *outcome = outline_get(outline, one, "outcome");
        item->facts.no_effect = item->facts.no_effect && outline_is(outline, outcome, "refused");
        if (look->statement.list == NULL)
            continue;
        struct item_result *result = &item->results[i];
        (void)outline_text(outline, outcome, &result->outcome);
        (void)outline_text(outline, outline_get(outline, one, "document"), &result->document);
        (void)outline_text(outline, outline_get(outline, one, "number"), &result->number);
    }
    return true;
}

bool item_facts_look(struct verify_item *item, const struct entry_look *look)
{
    const struct statement_look *statement = &look->statement;
    const struct outline *outline = statement->outline;
    struct item_facts *facts = &item->facts;
    facts->seq = look->seq;
    facts->time_ms = look->time_ms;
    facts->at_ms = statement->at_ms;
    facts->prev = look->prev;
    facts->seen_hash = statement->seen_hash;
    facts->seen_seq = statement->seen_seq;
    facts->has_seen = statement->has_seen;
    facts->verb = statement->verb;
    facts->refused = outline_is(outline, outline_get(outline, look->decision, "outcome"), "refused");
    facts->embedded = outline_is(outline, outline_get(outline, look->gate, "mode"), "embedded");
    return copy(statement->actor, facts->actor, sizeof facts->actor) &&
           copy(statement->book, facts->book, sizeof facts->book) &&
           copy_member(outline, look->gate, "exe", facts->exe, sizeof facts->exe) &&
           copy_member(outline, look->gate, "release", facts->release, sizeof facts->release) &&
           copy_member(outline, outline_get(outline, look->decision, "policy"), "hash", facts->policy,
                       sizeof facts->policy) &&
           look_at_results(item, look);
}

/* ---------------------------------------------------------------- out of the tree */

static size_t text_bytes(const json_t *result)
{
    static const char *const names[] = {"outcome", "document", "number"};
    size_t bytes = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *text = member_text(result, names[i]);
        bytes += text == NULL ? 0 : strlen(text);
    }
    return bytes;
}

/* A text of a result, kept with the item: the tree may go. */
static struct slice keep(char **at, const json_t *result, const char *name)
{
    const char *text = member_text(result, name);
    if (text == NULL)
        return slice_of(NULL, 0);
    const struct slice kept = slice_of(*at, strlen(text));
    memcpy(*at, text, kept.length);
    *at += kept.length;
    return kept;
}

static bool take_results(struct verify_item *item, const json_t *results)
{
    size_t bytes = 1;
    for (size_t i = 0; i < json_array_size(results); i++)
        bytes += text_bytes(json_array_get(results, i));
    item->texts = malloc(bytes);
    if (item->texts == NULL || !results_make(item, json_array_size(results)))
        return false;
    char *at = item->texts;
    for (size_t i = 0; i < item->result_count; i++) {
        const json_t *one = json_array_get(results, i);
        item->results[i] = (struct item_result){.outcome = keep(&at, one, "outcome"),
                                                .document = keep(&at, one, "document"),
                                                .number = keep(&at, one, "number")};
    }
    return true;
}

void item_facts_take(struct verify_item *item)
{
    const struct entry *entry = &item->entry;
    const struct statement *statement = &entry->statement;
    const json_t *results = json_object_get(entry->decision, "results");
    struct item_facts *facts = &item->facts;
    *facts = (struct item_facts){.seq = entry->seq,
                                 .time_ms = entry->time_ms,
                                 .at_ms = statement->at_ms,
                                 .prev = entry->prev,
                                 .seen_seq = statement->seen_seq,
                                 .refused = text_is(member_text(entry->decision, "outcome"), "refused"),
                                 .no_effect = true,
                                 .embedded = text_is(member_text(entry->gate, "mode"), "embedded"),
                                 .verb = statement->verb};
    facts->has_seen = statement->seen_hash != NULL && /* whose form the schema has seen to */
                      hash_from_hex(statement->seen_hash, &facts->seen_hash) == STATUS_OK;
    snprintf(facts->actor, sizeof facts->actor, "%s", statement->actor);
    snprintf(facts->book, sizeof facts->book, "%s", statement->book);
    snprintf(facts->exe, sizeof facts->exe, "%s", member_text(entry->gate, "exe"));
    snprintf(facts->release, sizeof facts->release, "%s", member_text(entry->gate, "release"));
    if (item->sound)
        snprintf(facts->policy, sizeof facts->policy, "%s",
                 member_text(json_object_get(entry->decision, "policy"), "hash"));
    for (size_t i = 0; facts->no_effect && i < json_array_size(results); i++)
        facts->no_effect = text_is(member_text(json_array_get(results, i), "outcome"), "refused");
    if (item->sound && statement_list(statement) != NULL && !take_results(item, results))
        item->starved = true;
}
