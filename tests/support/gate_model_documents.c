/*
 * The model's documents: references, numbers, contents and levels of what is submitted; versions, seen entries and distinct persons
 * of what is approved, rejected, returned or withdrawn.
 */
#include <stdlib.h>

#include "tests/support/gate_model_parts.h"

/* SHA-256 of canonical {book, document, index, statement}. */
static void content_of(const struct look *look, size_t index, char ret_hex[static HASH_HEX_CHARS + 1])
{
    char *bytes = json_dumps(look->statement, JSON_COMPACT | JSON_SORT_KEYS), hex[HASH_HEX_CHARS + 1];
    struct hash hash;
    hash_of(bytes, strlen(bytes), &hash);
    hash_to_hex(&hash, hex);
    free(bytes);
    json_t *whole = json_pack("{s:O, s:O, s:I, s:s}", "book", at(look->statement, "book"), "document",
                              document_at(look, index), "index", (json_int_t)index, "statement", hex);
    bytes = json_dumps(whole, JSON_COMPACT | JSON_SORT_KEYS);
    hash_of(bytes, strlen(bytes), &hash);
    hash_to_hex(&hash, ret_hex);
    free(bytes);
    json_decref(whole);
}

static int bits_of(const json_t *levels)
{
    int set = 0;
    for (size_t i = 0; i < json_array_size(levels); i++)
        set |= 1 << json_integer_value(json_array_get(levels, i));
    return set;
}

bool gate_model_document_is_right(struct gate_model *model, const struct look *look, size_t index)
{
    const json_t *document = document_at(look, index), *result = json_array_get(look->results, index);
    const char *outcome = text(result, "outcome");
    char hex[HASH_HEX_CHARS + 1], name[512];
    content_of(look, index, hex);
    if (!is(hex, text(result, "content")))
        return wrong(model, "the content of document %zu is %s", index, hex);
    if (at(model->refs, pair(text(document, "entity"), text(document, "ref"), name)) != NULL)
        return wrong(model, "the reference %s was used", name);
    if (at(model->documents, text(result, "document")) != NULL && is(look->verb, "submit"))
        return wrong(model, "the number %s was given", text(result, "document"));
    int levels = gate_model_levels_of_row(model, look, document), asked = bits_of(at(result, "levels"));
    if (levels > 0 && is(outcome, "posted"))
        return wrong(model, "%s takes effect without the levels of its row", text(document, "amount"));
    if (levels > 0 && (levels & ~asked) != 0)
        return wrong(model, "%s waits for fewer levels than its row has", text(document, "amount"));
    return gate_model_money_is_right(model, document) &&
           (!is(outcome, "posted") || gate_model_lines_balance(model, result));
}

static bool stands_in(const json_t *list, const char *wanted)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (is(json_string_value(json_array_get(list, i)), wanted))
            return true;
    return false;
}

/* Distinct persons: nobody signs what he made, or twice. */
static bool person_is_apart(struct gate_model *model, const json_t *document, const char *person, json_int_t level)
{
    const char *signed_level;
    json_t *by;
    if (stands_in(at(document, "makers"), person))
        return wrong(model, "%s signs what %s made", person, person);
    json_object_foreach(at(document, "signed"), signed_level, by)
    {
        if (atoll(signed_level) != level && is(json_string_value(by), person))
            return wrong(model, "%s signs twice", person);
    }
    return true;
}

static bool approval_is_right(struct gate_model *model, const struct look *look, size_t index)
{
    const json_t *item = json_array_get(members(look), index), *result = json_array_get(look->results, index);
    const json_t *document = at(model->documents, text(item, "document"));
    json_int_t level = json_integer_value(at(item, "level"));
    const char *behalf = text(item, "behalf"), *outcome = text(result, "outcome");
    int asked = bits_of(at(document, "levels"));
    if ((asked & (1 << level)) == 0 || (asked & ((1 << level) - 1)) != 0)
        return wrong(model, "level %lld is not the one that is asked", (long long)level);
    if (!person_is_apart(model, document, look->person, level) ||
        (*behalf != '\0' && !person_is_apart(model, document, text(model->users, behalf), level)))
        return false;
    bool effective = is(outcome, "posted") || is(outcome, "in-force");
    if (!effective)
        return true;
    int got = 1 << level, needed = gate_model_levels_of_row(model, look, at(document, "document"));
    const char *signed_level;
    json_t *by;
    json_object_foreach(at(document, "signed"), signed_level, by) got |= 1 << atoll(signed_level);
    if (needed > 0 && (needed & ~got) != 0)
        return wrong(model, "it takes effect without a level of its row");
    return gate_model_money_is_right(model, at(document, "document")) && gate_model_lines_balance(model, result);
}

/* An item of approve, withdraw, reject or return: of the version that waits, which its actor has seen. */
bool gate_model_item_is_right(struct gate_model *model, const struct look *look, size_t index)
{
    const json_t *item = json_array_get(members(look), index);
    const json_t *document = at(model->documents, text(item, "document")), *seen = at(look->statement, "seen");
    const char *state = text(document, "state");
    bool returned = is(state, "returned") && (is(look->verb, "withdraw") || is(look->verb, "amend"));
    if (document == NULL || (!is(state, "waiting") && !returned))
        return wrong(model, "%s does not wait", text(item, "document"));
    if (json_integer_value(at(item, "version")) != json_integer_value(at(document, "version")))
        return wrong(model, "it is of another version");
    if (is(look->verb, "amend"))
        return is(text(at(item, "content"), "kind"), text(at(document, "document"), "kind")) ||
               wrong(model, "an amendment makes another kind of it");
    if (!is(text(item, "content"), text(document, "content")))
        return wrong(model, "it is of another content");
    if (is(look->verb, "withdraw"))
        return true;
    if (!json_is_object(seen))
        return wrong(model, "nothing was seen");
    if (is(look->verb, "approve"))
        return json_integer_value(at(seen, "seq")) >= json_integer_value(at(document, "seq"))
                   ? approval_is_right(model, look, index)
                   : wrong(model, "the version was not seen");
    return !stands_in(at(document, "makers"), look->person) || wrong(model, "%s ends his own", look->person);
}
