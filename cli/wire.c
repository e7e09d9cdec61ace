/*
 * Lines of JSON and their errors; see the header.
 */
#include "cli/wire.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base64.h"
#include "ledger/compact.h"
#include "ledger/limits.h"
#include "ledger/schema.h"

static bool holds_reals(const json_t *value)
{
    const char *name;
    json_t *member;
    size_t index;
    if (json_is_real(value))
        return true;
    json_object_foreach((json_t *)(uintptr_t)value, name, member)
    {
        if (holds_reals(member))
            return true;
    }
    json_array_foreach(value, index, member)
    {
        if (holds_reals(member))
            return true;
    }
    return false;
}

/* Brackets outside of texts, counted before anything is built: jansson itself goes 2,048 deep. */
static bool is_too_deep(struct slice line)
{
    unsigned depth = 0;
    bool text = false;
    for (size_t i = 0; i < line.length; i++) {
        uint8_t byte = line.bytes[i];
        if (text && byte == '\\')
            i++;
        else if (byte == '"')
            text = !text;
        else if (!text && (byte == '{' || byte == '['))
            depth++;
        else if (!text && (byte == '}' || byte == ']'))
            depth -= depth > 0;
        if (depth > WIRE_DEPTH_MAX)
            return true;
    }
    return false;
}

enum status wire_parse(struct slice line, json_t **ret_message, struct err *err)
{
    json_error_t what;
    if (is_too_deep(line))
        return err_set(err, STATUS_LIMIT, "a message nests more than %d deep", WIRE_DEPTH_MAX);
    json_t *message = compact_read((const char *)line.bytes, line.length, &what);
    if (message == NULL && json_error_code(&what) == json_error_out_of_memory)
        return err_set(err, STATUS_MEMORY, "no memory for a message");
    if (message == NULL)
        return err_set(err, STATUS_INPUT, "a message is no JSON, byte %d: %s", what.position, what.text);
    if (json_is_object(message) && !holds_reals(message)) {
        *ret_message = message;
        return STATUS_OK;
    }
    enum status status = json_is_object(message) ? err_set(err, STATUS_INPUT, "a message holds a real number")
                                                 : err_set(err, STATUS_INPUT, "a message is no object");
    json_decref(message);
    return status;
}

enum status wire_print(json_t *message, char **ret_line, size_t *ret_length, struct err *err)
{
    char *text = NULL, *line = NULL;
    size_t length = 0;
    if (message != NULL && compact_write(message, false, &text, &length) == STATUS_OK)
        line = realloc(text, length + 2);
    json_decref(message);
    if (line == NULL) {
        free(text);
        return err_set(err, STATUS_MEMORY, "no memory for a message");
    }
    line[length] = '\n';
    line[length + 1] = '\0';
    *ret_line = line;
    *ret_length = length + 1;
    return STATUS_OK;
}

json_t *wire_bytes(struct slice bytes)
{
    char *text = NULL;
    struct err err;
    if (base64_encode_new(bytes.bytes, bytes.length, &text, &err) != STATUS_OK)
        return NULL;
    json_t *json = json_string_nocheck(text);
    free(text);
    return json;
}

enum status wire_bytes_read(const json_t *text, size_t bytes_max, uint8_t **ret_bytes, size_t *ret_length,
                            struct err *err)
{
    if (!json_is_string(text))
        return err_set(err, STATUS_INPUT, "bytes are a text in base64");
    return base64_decode_new(json_string_value(text), json_string_length(text), bytes_max, ret_bytes, ret_length, err);
}

json_t *wire_error(int64_t id, const struct err *err)
{
    return json_pack("{s:{s:s, s:s}, s:I}", "error", "status", status_name(err->status), "text", err->text, "id",
                     (json_int_t)id);
}

static enum status status_named(const char *name)
{
    for (int status = STATUS_INPUT; status <= STATUS_PERMISSION; status++) {
        if (strcmp(status_name((enum status)status), name) == 0)
            return (enum status)status;
    }
    return STATUS_OK;
}

enum status wire_error_read(const json_t *answer, struct err *err)
{
    const json_t *error = json_object_get(answer, "error");
    const char *name = member_text(error, "status"), *text = member_text(error, "text");
    enum status status = name != NULL ? status_named(name) : STATUS_OK;
    if (error == NULL)
        return STATUS_OK;
    if (status == STATUS_OK || text == NULL)
        return err_set(err, STATUS_INPUT, "the server's error is in no form that this release knows");
    return err_set(err, status, "%s", text);
}
