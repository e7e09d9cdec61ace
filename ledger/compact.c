/*
 * Compact JSON in one pass each way. The writer's bytes are jansson's own, which tests/test_compact.c and the fuzz target canon hold
 * against json_dumps. The reader takes what the writer makes of texts without escapes, and hands everything else to json_loadb: so
 * it never accepts what that would refuse, nor refuses what that would accept.
 */
#include "ledger/compact.h"

#include "ledger/limits.h"
#include "ledger/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROOM_FIRST = 1024,
    INTEGER_CHARS = 20, /* of INT64_MIN */
    SORTED_HERE = 32,   /* members that are put in order on the stack */
    DEPTH_MAX = 64,     /* of any record; deeper ones are jansson's */
    DIGITS_MAX = 18     /* that fit whatever they are */
};

static const int64_t integer_max = INT64_C(9007199254740991); /* 2^53-1: of the profile */

struct out {
    char *bytes;
    size_t length, room;
    bool profile;
};

/* Room for `more` bytes and a closing NUL. */
static enum status reserve(struct out *out, size_t more)
{
    size_t room = out->room == 0 ? ROOM_FIRST : out->room;
    while (room - out->length <= more)
        room *= 2;
    char *bytes = realloc(out->bytes, room);
    if (bytes == NULL)
        return STATUS_MEMORY;
    out->bytes = bytes;
    out->room = room;
    return STATUS_OK;
}

static inline enum status put(struct out *out, const char *bytes, size_t length)
{
    if (out->room - out->length <= length && reserve(out, length) != STATUS_OK)
        return STATUS_MEMORY;
    memcpy(out->bytes + out->length, bytes, length);
    out->length += length;
    return STATUS_OK;
}

static inline enum status put_char(struct out *out, char c)
{
    if (out->room - out->length <= 1 && reserve(out, 1) != STATUS_OK)
        return STATUS_MEMORY;
    out->bytes[out->length++] = c;
    return STATUS_OK;
}

/* A character that does not stand for itself, as jansson writes it. */
static enum status put_escaped(struct out *out, unsigned char c)
{
    static const char hex[] = "0123456789ABCDEF";
    static const char short_forms[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (size_t i = 0; i + 1 < sizeof short_forms; i += 2)
        if ((unsigned char)short_forms[i] == c)
            return put(out, (const char[]){'\\', short_forms[i + 1]}, 2);
    return put(out, (const char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
}

/* A character that text_plain_run stopped at: escaped, or as it is. Takes it off *at. */
static enum status put_other(struct out *out, const char *text, size_t length, size_t *at)
{
    unsigned char c = (unsigned char)text[*at];
    uint32_t code_point = c;
    size_t step = 1;
    if (out->profile && c != '"' && c != '\\') {
        step = text_step(text + *at, length - *at, &code_point);
        if (step == 0 || text_forbidden(code_point))
            return STATUS_INPUT;
    }
    const char *from = text + *at;
    *at += step;
    return c < 0x20 || c == '"' || c == '\\' ? put_escaped(out, c) : put(out, from, step);
}

static enum status put_string(struct out *out, const char *text, size_t length)
{
    enum status status = put_char(out, '"');
    for (size_t at = 0; status == STATUS_OK && at < length;) {
        size_t run = text_plain_run(text + at, length - at);
        status = put(out, text + at, run);
        at += run;
        if (status == STATUS_OK && at < length)
            status = put_other(out, text, length, &at);
    }
    return status == STATUS_OK ? put_char(out, '"') : status;
}

/* A name within the profile has nothing to be escaped. */
static enum status put_key(struct out *out, const char *key, size_t length)
{
    if (!out->profile)
        return put_string(out, key, length);
    if (!text_is_key(key, length))
        return STATUS_INPUT;
    enum status status = put_char(out, '"');
    if (status == STATUS_OK)
        status = put(out, key, length);
    return status == STATUS_OK ? put_char(out, '"') : status;
}

static enum status put_integer(struct out *out, json_int_t value)
{
    char digits[INTEGER_CHARS];
    size_t at = sizeof digits;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    if (out->profile && (value > integer_max || value < -integer_max))
        return STATUS_INPUT;
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (value < 0)
        digits[--at] = '-';
    return put(out, digits + at, sizeof digits - at);
}

struct member {
    const char *key;
    size_t length;
    const json_t *value;
};

static int member_compare(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int order = memcmp(x->key, y->key, x->length < y->length ? x->length : y->length);
    return order != 0 ? order : (x->length > y->length) - (x->length < y->length);
}

static void sort(struct member members[], size_t count)
{
    if (count > SORTED_HERE) {
        qsort(members, count, sizeof *members, member_compare);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        struct member one = members[i];
        size_t at = i;
        for (; at > 0 && member_compare(&members[at - 1], &one) > 0; at--)
            members[at] = members[at - 1];
        members[at] = one;
    }
}

static enum status put_value(struct out *out, const json_t *value, unsigned depth);

static enum status put_members(struct out *out, const struct member members[], size_t count, unsigned depth)
{
    enum status status = put_char(out, '{');
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        if (i > 0)
            status = put_char(out, ',');
        if (status == STATUS_OK)
            status = put_key(out, members[i].key, members[i].length);
        if (status == STATUS_OK)
            status = put_char(out, ':');
        if (status == STATUS_OK)
            status = put_value(out, members[i].value, depth);
    }
    return status == STATUS_OK ? put_char(out, '}') : status;
}

static enum status put_object(struct out *out, const json_t *object, unsigned depth)
{
    struct member here[SORTED_HERE], *members = here;
    /* jansson's iterators take a non-const object and leave it as it is. */
    json_t *iterated = (json_t *)(uintptr_t)object;
    size_t count = 0;
    if (json_object_size(object) > SORTED_HERE)
        members = calloc(json_object_size(object), sizeof *members);
    if (members == NULL)
        return STATUS_MEMORY;
    for (void *at = json_object_iter(iterated); at != NULL; at = json_object_iter_next(iterated, at))
        members[count++] = (struct member){.key = json_object_iter_key(at),
                                           .length = json_object_iter_key_len(at),
                                           .value = json_object_iter_value(at)};
    sort(members, count);
    enum status status = put_members(out, members, count, depth);
    if (members != here)
        free(members);
    return status;
}

static enum status put_array(struct out *out, const json_t *array, unsigned depth)
{
    enum status status = put_char(out, '[');
    for (size_t i = 0; i < json_array_size(array) && status == STATUS_OK; i++) {
        if (i > 0)
            status = put_char(out, ',');
        if (status == STATUS_OK)
            status = put_value(out, json_array_get(array, i), depth);
    }
    return status == STATUS_OK ? put_char(out, ']') : status;
}

static enum status put_value(struct out *out, const json_t *value, unsigned depth)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        if (depth >= (out->profile ? JSON_DEPTH_MAX : DEPTH_MAX))
            return STATUS_INPUT;
        return json_is_object(value) ? put_object(out, value, depth + 1) : put_array(out, value, depth + 1);
    case JSON_STRING:
        return put_string(out, json_string_value(value), json_string_length(value));
    case JSON_INTEGER:
        return put_integer(out, json_integer_value(value));
    case JSON_TRUE:
        return put(out, "true", 4);
    case JSON_FALSE:
        return put(out, "false", 5);
    case JSON_NULL:
        return put(out, "null", 4);
    case JSON_REAL:
        return STATUS_INPUT;
    }
    return STATUS_INPUT;
}

enum status compact_write(const json_t *value, bool profile, char **ret_bytes, size_t *ret_length)
{
    struct out out = {.profile = profile};
    enum status status = put_value(&out, value, 0);
    if (status != STATUS_OK) {
        free(out.bytes);
        return status;
    }
    out.bytes[out.length] = '\0';
    *ret_bytes = out.bytes;
    *ret_length = out.length;
    return STATUS_OK;
}

struct in {
    const char *at, *end;
};

static json_t *read_value(struct in *in, unsigned depth);

static bool take(struct in *in, char c)
{
    bool is_there = in->at < in->end && *in->at == c;
    in->at += is_there;
    return is_there;
}

/* What stands between two quotes, where nothing is escaped and all of it is allowed. */
static bool take_string(struct in *in, const char **ret_text, size_t *ret_length)
{
    if (!take(in, '"'))
        return false;
    const char *from = in->at;
    for (;;) {
        in->at += text_plain_run(in->at, (size_t)(in->end - in->at));
        if (in->at == in->end)
            return false;
        if (*in->at == '"')
            break;
        uint32_t code_point = 0;
        size_t step = (unsigned char)*in->at >= 0x7F ? text_step(in->at, (size_t)(in->end - in->at), &code_point) : 0;
        if (step == 0)
            return false;
        in->at += step;
    }
    *ret_text = from;
    *ret_length = (size_t)(in->at - from);
    in->at++;
    return true;
}

static json_t *read_string(struct in *in)
{
    const char *text;
    size_t length;
    return take_string(in, &text, &length) ? json_stringn_nocheck(text, length) : NULL;
}

/* What follows a number that is none of ours, such as a fraction, is no comma or bracket, so the whole goes to jansson. */
static json_t *read_integer(struct in *in)
{
    bool is_negative = take(in, '-');
    const char *from = in->at;
    json_int_t magnitude = 0;
    while (in->at < in->end && *in->at >= '0' && *in->at <= '9' && in->at - from < DIGITS_MAX)
        magnitude = magnitude * 10 + (*in->at++ - '0');
    if (in->at == from || (*from == '0' && (in->at - from > 1 || is_negative)))
        return NULL;
    return json_integer(is_negative ? -magnitude : magnitude);
}

static json_t *read_word(struct in *in, const char *word, json_t *value)
{
    size_t length = strlen(word);
    if ((size_t)(in->end - in->at) < length || memcmp(in->at, word, length) != 0)
        return NULL;
    in->at += length;
    return value;
}

/* Members in ascending order: then none is there twice. */
static bool read_members(struct in *in, json_t *object, unsigned depth)
{
    struct member before = {.key = NULL}, one;
    do {
        if (!take_string(in, &one.key, &one.length) || !take(in, ':'))
            return false;
        if (before.key != NULL && member_compare(&before, &one) >= 0)
            return false;
        json_t *value = read_value(in, depth);
        if (value == NULL || json_object_setn_new_nocheck(object, one.key, one.length, value) != 0)
            return false;
        before = one;
    } while (take(in, ','));
    return take(in, '}');
}

static bool read_elements(struct in *in, json_t *array, unsigned depth)
{
    do {
        json_t *value = read_value(in, depth);
        if (value == NULL || json_array_append_new(array, value) != 0)
            return false;
    } while (take(in, ','));
    return take(in, ']');
}

static json_t *read_nested(struct in *in, unsigned depth)
{
    const bool is_object = *in->at++ == '{';
    json_t *value = is_object ? json_object() : json_array();
    if (value == NULL || take(in, is_object ? '}' : ']'))
        return value;
    if (depth < DEPTH_MAX && (is_object ? read_members(in, value, depth + 1) : read_elements(in, value, depth + 1)))
        return value;
    json_decref(value);
    return NULL;
}

/* NULL: no memory, or nothing that this reader knows. */
static json_t *read_value(struct in *in, unsigned depth)
{
    switch (in->at < in->end ? *in->at : '\0') {
    case '{':
    case '[':
        return read_nested(in, depth);
    case '"':
        return read_string(in);
    case 't':
        return read_word(in, "true", json_true());
    case 'f':
        return read_word(in, "false", json_false());
    case 'n':
        return read_word(in, "null", json_null());
    default:
        return read_integer(in);
    }
}

json_t *compact_read(const char *bytes, size_t length, json_error_t *ret_error)
{
    struct in in = {.at = bytes, .end = bytes + length};
    json_t *value = read_value(&in, 0);
    if (value != NULL && in.at == in.end)
        return value;
    json_decref(value);
    return json_loadb(bytes, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, ret_error);
}
