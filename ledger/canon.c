/*
 * Canonical JSON by tree. Admission is: parse strictly, hold the value to the profile, write it again, demand the same bytes.
 * Since only bytes that come out of canon_encode come in, every reader of the stored bytes sees one value, and RFC 8785's
 * rules on numbers, escapes and order reduce to what compact.c writes: integers, raw UTF-8 with only the quote and the
 * backslash escaped (no control character exists here), names sorted as ASCII bytes. Implements "Canonical JSON" of
 * FORMAT.md. scan.c accepts the same bytes without a tree, several times as fast, so it is asked first; what it refuses is
 * admitted, or named, the long way, and tests hold the two together.
 */
#include "ledger/canon.h"

#include "ledger/compact.h"
#include "ledger/limits.h"
#include "ledger/scan.h"
#include "ledger/text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 256 };

/* Where the check stands, for error texts: "body.documents[3].amount". Cut when too long. */
struct path {
    char text[PATH_BYTES];
    size_t length;
};

static void path_push(struct path *path, const char *piece, size_t length)
{
    size_t room = PATH_BYTES - 1 - path->length;
    size_t take = length < room ? length : room;
    memcpy(path->text + path->length, piece, take);
    path->length += take;
    path->text[path->length] = '\0';
}

static void path_push_index(struct path *path, size_t index)
{
    char digits[24];
    size_t at = sizeof digits;
    digits[--at] = ']';
    do {
        digits[--at] = (char)('0' + index % 10);
        index /= 10;
    } while (index > 0);
    digits[--at] = '[';
    path_push(path, digits + at, sizeof digits - at);
}

static void path_cut(struct path *path, size_t length)
{
    path->length = length;
    path->text[length] = '\0';
}

/* "member 'body.amount': ", or nothing at the top. */
static enum status refuse(struct err *err, enum status status, const struct path *path, const char *what)
{
    if (path->length == 0)
        return err_set(err, status, "%s", what);
    return err_set(err, status, "member '%s': %s", path->text, what);
}

static enum status check_string(const json_t *value, const struct path *path, struct err *err)
{
    enum status status = text_check(json_string_value(value), json_string_length(value), err);
    if (status != STATUS_OK && path->length > 0)
        err_prefix(err, "member '%s': ", path->text);
    return status;
}

static enum status check_key(const char *key, const struct path *path, struct err *err)
{
    char shown[TEXT_SHOW_MAX];
    size_t length = strlen(key);
    text_show(key, length, shown);
    if (length > JSON_KEY_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "member '%s%s%s': names have at most %d bytes", path->text,
                       path->length > 0 ? "." : "", shown, JSON_KEY_BYTES_MAX);
    if (!text_is_key(key, length))
        return err_set(err, STATUS_INPUT, "member '%s%s%s': names are made of a-z 0-9 _ . -", path->text,
                       path->length > 0 ? "." : "", shown);
    return STATUS_OK;
}

static enum status check_value(const json_t *value, unsigned depth, struct path *path, struct err *err);

static enum status check_object(const json_t *object, unsigned depth, struct path *path, struct err *err)
{
    /* jansson's iterators take a non-const object and leave it as it is. */
    json_t *iterated = (json_t *)(uintptr_t)object;
    size_t before = path->length;
    for (void *at = json_object_iter(iterated); at != NULL; at = json_object_iter_next(iterated, at)) {
        const char *key = json_object_iter_key(at);
        enum status status = check_key(key, path, err);
        if (status != STATUS_OK)
            return status;
        if (before > 0)
            path_push(path, ".", 1);
        path_push(path, key, strlen(key));
        status = check_value(json_object_iter_value(at), depth, path, err);
        if (status != STATUS_OK)
            return status;
        path_cut(path, before);
    }
    return STATUS_OK;
}

static enum status check_array(const json_t *array, unsigned depth, struct path *path, struct err *err)
{
    size_t before = path->length;
    for (size_t i = 0; i < json_array_size(array); i++) {
        path_push_index(path, i);
        enum status status = check_value(json_array_get(array, i), depth, path, err);
        if (status != STATUS_OK)
            return status;
        path_cut(path, before);
    }
    return STATUS_OK;
}

/* Holds a value to the profile. Recurses JSON_DEPTH_MAX deep at most: a value that holds itself ends there too. */
static enum status check_value(const json_t *value, unsigned depth, struct path *path, struct err *err)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        if (depth >= JSON_DEPTH_MAX)
            return refuse(err, STATUS_LIMIT, path, "objects and arrays nest deeper than 16");
        return json_is_object(value) ? check_object(value, depth + 1, path, err)
                                     : check_array(value, depth + 1, path, err);
    case JSON_STRING:
        return check_string(value, path, err);
    case JSON_INTEGER:
        if (json_integer_value(value) > CANON_INTEGER_MAX || json_integer_value(value) < -CANON_INTEGER_MAX)
            return refuse(err, STATUS_INPUT, path, "integers lie within +-(2^53-1)");
        return STATUS_OK;
    case JSON_REAL:
        return refuse(err, STATUS_INPUT, path, "numbers are integers without fraction or exponent; amounts are text");
    case JSON_TRUE:
    case JSON_FALSE:
    case JSON_NULL:
        return STATUS_OK;
    }
    return refuse(err, STATUS_INPUT, path, "no JSON value");
}

static_assert(JSON_DEPTH_MAX == 16, "the text of the error says so");

static enum status check_whole(const json_t *value, struct err *err)
{
    struct path path = {.length = 0};
    if (!json_is_object(value))
        return err_set(err, STATUS_INPUT, "the whole must be an object");
    return check_value(value, 0, &path, err);
}

/* Names the first byte at which what was given is not what it should be. */
static enum status refuse_form(const char *bytes, size_t length, const char *canonical, size_t canonical_length,
                               struct err *err)
{
    size_t at = 0;
    while (at < length && at < canonical_length && bytes[at] == canonical[at])
        at++;
    return err_set(err, STATUS_INPUT, "byte %zu: not canonical (members sorted, no blanks, no needless escapes, no -0)",
                   at);
}

enum status canon_parse_by_tree(const char *bytes, size_t length, size_t bytes_max, json_t **ret_value, struct err *err)
{
    json_t *value = NULL;
    char *canonical = NULL;
    size_t canonical_length = 0;
    json_error_t json_error;
    enum status status;

    if (length > bytes_max)
        return err_set(err, STATUS_LIMIT, "%zu bytes of JSON, at most %zu are allowed", length, bytes_max);
    status = text_check(bytes, length, err);
    if (status != STATUS_OK)
        goto done;
    value = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &json_error);
    if (value == NULL) {
        char shown[TEXT_SHOW_MAX];
        text_show(json_error.text, strlen(json_error.text), shown);
        bool memory = json_error_code(&json_error) == json_error_out_of_memory;
        status = err_set(err, memory ? STATUS_MEMORY : STATUS_INPUT, "byte %d: %s", json_error.position, shown);
        goto done;
    }
    status = canon_encode(value, &canonical, &canonical_length, err);
    if (status != STATUS_OK)
        goto done;
    if (canonical_length != length || memcmp(canonical, bytes, length) != 0) {
        status = refuse_form(bytes, length, canonical, canonical_length, err);
        goto done;
    }
    *ret_value = value;
    value = NULL;
done:
    free(canonical);
    json_decref(value);
    return status;
}

enum status canon_parse(const char *bytes, size_t length, size_t bytes_max, json_t **ret_value, struct err *err)
{
    json_t *value = NULL;
    if (scan_check(bytes, length, bytes_max, NULL) == STATUS_OK)
        value = compact_read(bytes, length, NULL);
    if (value == NULL)
        return canon_parse_by_tree(bytes, length, bytes_max, ret_value, err);
    *ret_value = value;
    return STATUS_OK;
}

enum status canon_encode(const json_t *value, char **ret_bytes, size_t *ret_length, struct err *err)
{
    size_t length = 0;
    enum status status = json_is_object(value) ? compact_write(value, true, ret_bytes, &length) : STATUS_INPUT;
    if (status == STATUS_MEMORY)
        return err_set(err, STATUS_MEMORY, "no memory for JSON");
    if (status != STATUS_OK) {
        status = check_whole(value, err);
        invariant(status != STATUS_OK);
        return status;
    }
    /* No NUL can be inside: text_check refuses it. */
    if (ret_length != NULL)
        *ret_length = length;
    return STATUS_OK;
}

enum status canon_hash(const json_t *value, struct hash *ret_hash, struct err *err)
{
    char *bytes = NULL;
    size_t length = 0;
    enum status status = canon_encode(value, &bytes, &length, err);
    if (status == STATUS_OK)
        hash_of(bytes, length, ret_hash);
    free(bytes);
    return status;
}

static unsigned depth_below(const json_t *value, unsigned allowed)
{
    if (!json_is_object(value) && !json_is_array(value))
        return 0;
    if (allowed == 0)
        return 1;
    unsigned deepest = 0;
    if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value); i++) {
            unsigned depth = depth_below(json_array_get(value, i), allowed - 1);
            deepest = depth > deepest ? depth : deepest;
        }
    } else {
        json_t *iterated = (json_t *)(uintptr_t)value;
        for (void *at = json_object_iter(iterated); at != NULL; at = json_object_iter_next(iterated, at)) {
            unsigned depth = depth_below(json_object_iter_value(at), allowed - 1);
            deepest = depth > deepest ? depth : deepest;
        }
    }
    return deepest + 1;
}

unsigned canon_depth(const json_t *value)
{
    return depth_below(value, JSON_DEPTH_MAX);
}
