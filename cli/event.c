/*
 * An entry taken apart into what it did. Words come from verb, kind and outcome; sentences from the controls' codes.
 */
#include "cli/event.h"

#include <stdio.h>
#include <string.h>

#include "cli/present.h"
#include "controls/kind.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "ledger/text.h"

size_t event_count(const struct entry *entry)
{
    size_t results = json_array_size(json_object_get(entry->decision, "results"));
    size_t members = json_array_size(statement_list(&entry->statement));
    return results > 0 ? results : members > 0 ? members : 1;
}

enum status event_of(const struct facts *facts, const struct entry *entry, size_t i, struct event *ret_event,
                     json_t **ret_record, struct err *err)
{
    const json_t *results = json_object_get(entry->decision, "results");
    *ret_event = (struct event){.entry = entry, .result = json_array_get(results, i)};
    ret_event->item = json_array_get(statement_list(&entry->statement), i);
    ret_event->document = statement_document(&entry->statement, i);
    ret_event->number = ret_event->result != NULL ? member_text(ret_event->result, "document") : NULL;
    if (ret_event->number == NULL && ret_event->item != NULL && entry->statement.verb != VERB_SUBMIT)
        ret_event->number = member_text(ret_event->item, "document");
    if (ret_event->document != NULL || ret_event->number == NULL || entry->statement.verb == VERB_SUBMIT)
        return STATUS_OK;
    enum status status = facts_document(facts, ret_event->number, ret_record, err);
    if (status == STATUS_OK && *ret_record != NULL)
        ret_event->document = json_object_get(*ret_record, "document");
    return status;
}

static const char *verb_past(enum verb verb)
{
    switch (verb) {
    case VERB_CHARTER:
        return "founded the book";
    case VERB_SUBMIT:
        return "submitted";
    case VERB_AMEND:
        return "amended";
    case VERB_WITHDRAW:
        return "withdrew";
    case VERB_APPROVE:
        return "approved";
    case VERB_REJECT:
        return "rejected";
    case VERB_RETURN:
        return "returned";
    case VERB_FEED:
        return "loaded";
    case VERB_RECOVER:
        return "enrolled officers anew";
    case VERB_CLOCK:
        return "corrected the clock";
    case VERB_RESTORE:
        return "said what was lost";
    case VERB_COUNT:
        break;
    }
    return "?";
}

void event_what(const struct event *event, char ret_text[static EVENT_WHAT_BYTES])
{
    enum verb verb = event->entry->statement.verb;
    const json_t *body = event->entry->statement.body;
    const char *kind_text = event->document != NULL ? member_text(event->document, "kind") : NULL;
    const struct kind *kind = kind_text != NULL ? kind_find(kind_text) : NULL;
    if (verb == VERB_FEED) {
        const json_t *file = json_object_get(body, "file");
        snprintf(ret_text, EVENT_WHAT_BYTES, "loaded %s %s %lld, part %lld, %zu records", member_text(body, "entity"),
                 member_text(body, "feed"), (long long)member_integer(file, "sequence"),
                 (long long)member_integer(body, "part"), json_array_size(json_object_get(body, "records")));
    } else if (verb == VERB_APPROVE && event->item != NULL) {
        snprintf(ret_text, EVENT_WHAT_BYTES, "approved %s, level %lld", kind != NULL ? kind->title : "document",
                 (long long)member_integer(event->item, "level"));
    } else if (event->item != NULL) {
        snprintf(ret_text, EVENT_WHAT_BYTES, "%s %s", verb_past(verb), kind != NULL ? kind->title : "document");
    } else {
        snprintf(ret_text, EVENT_WHAT_BYTES, "%s", verb_past(verb));
    }
}

/* "posted US01-CN-2026-000001", "waiting, level 1, level 2", "refused C-01 C-07" */
void event_outcome(const struct event *event, char ret_text[static EVENT_OUTCOME_BYTES])
{
    const json_t *of = event->result != NULL ? event->result : event->entry->decision;
    const char *outcome = member_text(of, "outcome"), *legal = member_text(of, "number");
    const json_t *levels = json_object_get(of, "levels"), *answers = json_object_get(of, "controls");
    snprintf(ret_text, EVENT_OUTCOME_BYTES, "%s", outcome != NULL ? outcome : "?");
    if (legal != NULL)
        text_add(ret_text, EVENT_OUTCOME_BYTES, " %s", legal);
    for (size_t i = 0; i < json_array_size(levels); i++)
        text_add(ret_text, EVENT_OUTCOME_BYTES, ", level %lld",
                 (long long)json_integer_value(json_array_get(levels, i)));
    for (size_t i = 0; outcome != NULL && strcmp(outcome, "refused") == 0 && i < json_array_size(answers); i++) {
        const char *answer = member_text(json_array_get(answers, i), "answer");
        if (answer != NULL && strcmp(answer, "deny") == 0)
            text_add(ret_text, EVENT_OUTCOME_BYTES, " %s", member_text(json_array_get(answers, i), "control"));
    }
}

json_t *event_json(const struct event *event)
{
    static const char *const copied[] = {"amount", "currency", "customer", "entity", "kind", "ref"};
    const json_t *of = event->result != NULL ? event->result : event->entry->decision;
    char what[EVENT_WHAT_BYTES];
    event_what(event, what);
    json_t *object = json_pack("{s:s, s:s}", "outcome",
                               member_text(of, "outcome") != NULL ? member_text(of, "outcome") : "?", "what", what);
    if (object == NULL)
        return NULL;
    if (event->number != NULL)
        json_object_set_new(object, "document", json_string(event->number));
    for (size_t i = 0; event->document != NULL && i < sizeof copied / sizeof copied[0]; i++)
        if (json_object_get(event->document, copied[i]) != NULL)
            json_object_set(object, copied[i], json_object_get(event->document, copied[i]));
    if (json_array_size(json_object_get(of, "controls")) > 0)
        json_object_set_new(object, "controls", present_controls_json(json_object_get(of, "controls")));
    if (member_text(of, "number") != NULL)
        json_object_set(object, "number", json_object_get(of, "number"));
    return object;
}

void event_entry_json(const struct entry *entry, json_t *object)
{
    char time[INSTANT_TEXT_BYTES], hex[HASH_HEX_CHARS + 1];
    instant_format(entry->time_ms, time);
    hash_to_hex(&entry->leaf, hex);
    json_object_set_new(object, "do", json_string(verb_name(entry->statement.verb)));
    json_object_set_new(object, "hash", json_string(hex));
    json_object_set_new(object, "seq", json_integer((json_int_t)entry->seq));
    json_object_set_new(object, "time", json_string(time));
    json_object_set_new(object, "user", json_string(entry->statement.actor));
}
