/*
 * The tables of schema.h held against an outline. Says yes exactly where schema_check does, or sometimes no where only a tree can
 * tell; never says why not: whoever is told no asks schema_check. tests/fuzz/fuzz_entry.c and test_outline.c hold the two
 * together. Nesting follows the schemas, which are ours.
 */
#include <string.h>

#include "ledger/limits.h"
#include "ledger/outline.h"
#include "ledger/schema.h"

/* A text with escapes is told from its length alone, where its type asks no more. */
static bool text_holds(const struct field *field, const struct outline *outline, const struct outline_node *node)
{
    const bool is_free = field->type == FIELD_TEXT || field->type == FIELD_LIST_TEXT;
    if (node->type != OUTLINE_TEXT || (node->escapes > 0 && (!is_free || node->escapes == UINT16_MAX)))
        return false;
    return schema_text_holds(field, outline->bytes + node->at + 1, node->length - 2 - node->escapes);
}

static bool list_holds(const struct field *field, const struct outline *outline, const struct outline_node *list)
{
    const bool of_texts = schema_is_text_list(field->type);
    size_t count = 0;
    if (list->type != OUTLINE_LIST)
        return false;
    for (const struct outline_node *node = outline_first(outline, list); node != NULL;
         node = outline_after(outline, list, node), count++) {
        if (of_texts                ? !text_holds(field, outline, node)
            : field->schema != NULL ? !schema_holds(field->schema, outline, node, NULL)
                                    : node->type != OUTLINE_OBJECT)
            return false;
    }
    return count >= (size_t)field->min && (field->max <= 0 || count <= (size_t)field->max);
}

static bool field_holds(const struct field *field, const struct outline *outline, const struct outline_node *node)
{
    int64_t integer = 0;
    switch (field->type) {
    case FIELD_INTEGER:
        return outline_integer(outline, node, &integer) && integer >= field->min && integer <= field->max;
    case FIELD_BOOLEAN:
        return node->type == OUTLINE_TRUE || node->type == OUTLINE_FALSE;
    case FIELD_OBJECT:
        return field->schema != NULL ? schema_holds(field->schema, outline, node, NULL) : node->type == OUTLINE_OBJECT;
    case FIELD_LIST:
    case FIELD_LIST_ID:
    case FIELD_LIST_CODE:
    case FIELD_LIST_HASH:
    case FIELD_LIST_KEY:
    case FIELD_LIST_TEXT:
    case FIELD_LIST_ENTITY:
        return list_holds(field, outline, node);
    case FIELD_TEXT:
    case FIELD_ID:
    case FIELD_CODE:
    case FIELD_HASH:
    case FIELD_BASE64:
    case FIELD_KEY:
    case FIELD_INSTANT:
    case FIELD_DATE:
    case FIELD_CURRENCY:
    case FIELD_AMOUNT:
    case FIELD_AMOUNT_POSITIVE:
    case FIELD_WORD:
        break;
    }
    return text_holds(field, outline, node);
}

/* Most names differ in their first letter. */
static bool is_named(const struct outline *outline, const struct outline_node *node, const char *name)
{
    const char *bytes = outline->bytes + node->name_at;
    return name[0] == bytes[0] && strncmp(name, bytes, node->name_length) == 0 && name[node->name_length] == '\0';
}

/* Tables are mostly sorted, as members are: the one after the last found is asked first. */
static const struct field *field_find(const struct schema *schema, const struct outline *outline,
                                      const struct outline_node *node, const struct field *hint)
{
    if (hint != NULL && is_named(outline, node, hint->name))
        return hint;
    for (; schema != NULL; schema = schema->base)
        for (size_t i = 0; i < schema->count; i++)
            if (is_named(outline, node, schema->fields[i].name))
                return &schema->fields[i];
    return NULL;
}

static size_t needed_of(const struct schema *schema)
{
    size_t needed = 0;
    for (; schema != NULL; schema = schema->base)
        for (size_t i = 0; i < schema->count; i++)
            needed += !schema->fields[i].optional;
    return needed;
}

static bool is_left_out(const struct outline *outline, const struct outline_node *node, const char *const *but)
{
    for (; but != NULL && *but != NULL; but++)
        if (is_named(outline, node, *but))
            return true;
    return false;
}

/* No name stands twice, so that all are there when there are so many. */
bool schema_holds(const struct schema *schema, const struct outline *outline, const struct outline_node *object,
                  const char *const *but)
{
    const struct field *hint = NULL;
    size_t found = 0;
    if (object == NULL || object->type != OUTLINE_OBJECT)
        return false;
    for (const struct outline_node *node = outline_first(outline, object); node != NULL;
         node = outline_after(outline, object, node)) {
        if (is_left_out(outline, node, but))
            continue;
        const struct field *field = field_find(schema, outline, node, hint);
        if (field == NULL || !field_holds(field, outline, node))
            return false;
        found += !field->optional;
        hint = field >= schema->fields && field + 1 < schema->fields + schema->count ? field + 1 : NULL;
    }
    return found == needed_of(schema);
}
