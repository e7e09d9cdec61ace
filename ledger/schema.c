/*
 * The checker behind the tables: FORMAT.md section 1's scalar types, and closed objects and lists made of them. Nesting
 * follows the schemas, which are ours, so the depth of the recursion is that of the tables, not of the data.
 */
#include "ledger/schema.h"

#include <stdio.h>
#include <string.h>

#include "ledger/limits.h"
#include "ledger/sshkey.h"
#include "ledger/text.h"

enum { PATH_BYTES = 256 };

const char *member_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

enum status member_mark(json_t *set, const char *name, struct err *err)
{
    if (name == NULL || json_object_get(set, name) != NULL)
        return STATUS_OK;
    return json_object_set_new(set, name, json_true()) == 0
               ? STATUS_OK
               : err_set(err, STATUS_MEMORY, "no memory for a set of names");
}

int64_t member_integer(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static const struct field *schema_find(const struct schema *schema, const char *name)
{
    for (; schema != NULL; schema = schema->base)
        for (size_t i = 0; i < schema->count; i++)
            if (strcmp(schema->fields[i].name, name) == 0)
                return &schema->fields[i];
    return NULL;
}

static enum status word_refuse(const struct field *field, const char *text, const char *path, struct err *err)
{
    char words[256] = "";
    for (const char *const *word = field->words; *word != NULL; word++) {
        size_t used = strlen(words);
        snprintf(words + used, sizeof words - used, "%s%s", used > 0 ? ", " : "", *word);
    }
    char shown[TEXT_SHOW_MAX];
    text_show(text, strlen(text), shown);
    return err_set(err, STATUS_INPUT, "%s: '%s' is none of: %s", path, shown, words);
}

static enum status scalar_refuse(const char *path, const char *text, const char *wanted, struct err *err)
{
    char shown[TEXT_SHOW_MAX];
    text_show(text, strlen(text), shown);
    return err_set(err, STATUS_INPUT, "%s: '%s' is not %s", path, shown, wanted);
}

static enum status key_refuse(const char *text, const char *path, struct err *err)
{
    struct public_key key;
    enum status status = sshkey_parse(text, &key, err);
    invariant(status != STATUS_OK);
    err_prefix(err, "%s: ", path);
    return status;
}

/* What is wrong with a text that schema_text_holds does not pass. */
static enum status text_field_refuse(const struct field *field, const char *text, const char *path, struct err *err)
{
    size_t length = strlen(text);
    size_t text_max = field->max > 0 ? (size_t)field->max : NOTE_BYTES_MAX;

    switch (field->type) {
    case FIELD_TEXT:
        if (length > text_max)
            return err_set(err, STATUS_LIMIT, "%s: %zu bytes, at most %zu are allowed", path, length, text_max);
        return err_set(err, STATUS_INPUT, "%s: may not be empty", path);
    case FIELD_LIST_TEXT:
        return scalar_refuse(path, text, "a short text", err);
    case FIELD_ID:
    case FIELD_LIST_ID:
        return scalar_refuse(path, text, "an id (A-Z a-z 0-9 . _ : / @ -, at most 64)", err);
    case FIELD_CODE:
    case FIELD_LIST_CODE:
        return scalar_refuse(path, text, "a code (A-Z 0-9 _ -, at most 32)", err);
    case FIELD_LIST_ENTITY:
        return scalar_refuse(path, text, "an entity or *", err);
    case FIELD_HASH:
    case FIELD_LIST_HASH:
        return scalar_refuse(path, text, "64 lower-case hex digits", err);
    case FIELD_BASE64:
        return scalar_refuse(path, text, "padded base64 within its size", err);
    case FIELD_KEY:
    case FIELD_LIST_KEY:
        return key_refuse(text, path, err);
    case FIELD_INSTANT:
        return scalar_refuse(path, text, "an instant (YYYY-MM-DDTHH:MM:SS.mmmZ)", err);
    case FIELD_DATE:
        return scalar_refuse(path, text, "a date (YYYY-MM-DD)", err);
    case FIELD_CURRENCY:
        return scalar_refuse(path, text, "a currency of ISO 4217", err);
    case FIELD_AMOUNT:
        return scalar_refuse(path, text, "an amount (digits, a dot, no comma)", err);
    case FIELD_AMOUNT_POSITIVE:
        return scalar_refuse(path, text, "an amount above zero (digits, a dot, no comma)", err);
    case FIELD_WORD:
        return word_refuse(field, text, path, err);
    case FIELD_INTEGER:
    case FIELD_BOOLEAN:
    case FIELD_OBJECT:
    case FIELD_LIST:
        break;
    }
    return err_set(err, STATUS_INPUT, "%s: may not be text", path);
}

static enum status text_field_check(const struct field *field, const char *text, const char *path, struct err *err)
{
    return schema_text_holds(field, text, strlen(text)) ? STATUS_OK : text_field_refuse(field, text, path, err);
}

bool schema_is_text_list(enum field_type type)
{
    return type == FIELD_LIST_ID || type == FIELD_LIST_CODE || type == FIELD_LIST_HASH || type == FIELD_LIST_KEY ||
           type == FIELD_LIST_TEXT || type == FIELD_LIST_ENTITY;
}

static enum status list_check(const struct field *field, const json_t *list, const char *path, struct err *err)
{
    if (!json_is_array(list))
        return err_set(err, STATUS_INPUT, "%s: has to be a list", path);
    size_t count = json_array_size(list);
    if (count < (size_t)field->min)
        return err_set(err, STATUS_INPUT, "%s: has %zu members, at least %lld are needed", path, count,
                       (long long)field->min);
    if (field->max > 0 && count > (size_t)field->max)
        return err_set(err, STATUS_LIMIT, "%s: has %zu members, at most %lld are allowed", path, count,
                       (long long)field->max);
    for (size_t i = 0; i < count; i++) {
        char place[PATH_BYTES];
        snprintf(place, sizeof place, "%s[%zu]", path, i);
        const json_t *item = json_array_get(list, i);
        enum status status = STATUS_OK;
        if (schema_is_text_list(field->type))
            status = json_is_string(item) ? text_field_check(field, json_string_value(item), place, err)
                                          : err_set(err, STATUS_INPUT, "%s: has to be text", place);
        else if (field->schema != NULL)
            status = schema_check(field->schema, item, place, err);
        else if (!json_is_object(item))
            status = err_set(err, STATUS_INPUT, "%s: has to be an object", place);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status field_check(const struct field *field, const json_t *value, const char *path, struct err *err)
{
    switch (field->type) {
    case FIELD_INTEGER:
        if (!json_is_integer(value) || json_integer_value(value) < field->min || json_integer_value(value) > field->max)
            return err_set(err, STATUS_INPUT, "%s: has to be an integer from %lld to %lld", path, (long long)field->min,
                           (long long)field->max);
        return STATUS_OK;
    case FIELD_BOOLEAN:
        return json_is_boolean(value) ? STATUS_OK : err_set(err, STATUS_INPUT, "%s: has to be true or false", path);
    case FIELD_OBJECT:
        if (field->schema != NULL)
            return schema_check(field->schema, value, path, err);
        return json_is_object(value) ? STATUS_OK : err_set(err, STATUS_INPUT, "%s: has to be an object", path);
    case FIELD_LIST:
    case FIELD_LIST_ID:
    case FIELD_LIST_CODE:
    case FIELD_LIST_HASH:
    case FIELD_LIST_KEY:
    case FIELD_LIST_TEXT:
    case FIELD_LIST_ENTITY:
        return list_check(field, value, path, err);
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
    if (!json_is_string(value))
        return err_set(err, STATUS_INPUT, "%s: has to be text", path);
    return text_field_check(field, json_string_value(value), path, err);
}

/* Each member of each entry comes through here, so it does without printf. What is too long is cut: it is for people. */
static void path_join(char joined[static PATH_BYTES], const char *path, const char *name)
{
    size_t length = strnlen(path, PATH_BYTES / 2), more = strnlen(name, PATH_BYTES / 2 - 2);
    memcpy(joined, path, length);
    if (length > 0)
        joined[length++] = '.';
    memcpy(joined + length, name, more);
    joined[length + more] = '\0';
}

enum status schema_check(const struct schema *schema, const json_t *object, const char *path, struct err *err)
{
    char place[PATH_BYTES];
    if (!json_is_object(object))
        return err_set(err, STATUS_INPUT, "%s: has to be an object", path[0] != '\0' ? path : schema->name);

    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value)
    {
        path_join(place, path, name);
        const struct field *field = schema_find(schema, name);
        if (field == NULL)
            return err_set(err, STATUS_INPUT, "%s: a %s has no such member", place, schema->name);
        enum status status = field_check(field, value, place, err);
        if (status != STATUS_OK)
            return status;
    }
    for (const struct schema *part = schema; part != NULL; part = part->base)
        for (size_t i = 0; i < part->count; i++)
            if (!part->fields[i].optional && json_object_get(object, part->fields[i].name) == NULL) {
                path_join(place, path, part->fields[i].name);
                return err_set(err, STATUS_INPUT, "%s: is missing; a %s needs it", place, schema->name);
            }
    return STATUS_OK;
}
