/*
 * The single-pass scanner over canonical JSON. Guarantees to accept exactly the bytes that canon_parse accepts, in flat
 * memory: one small frame a nesting level, the span of the last member name in each for order and uniqueness. It leaves
 * meaning to the callers. tests/test_scan.c and tests/fuzz/fuzz_canon.c hold it against canon.c, which is written on
 * other ground (jansson). Implements "Canonical JSON" of FORMAT.md.
 */
#include "ledger/scan.h"

#include "ledger/limits.h"
#include "ledger/outline.h"
#include "ledger/text.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

enum { INTEGER_DIGITS_MAX = 16 }; /* of 2^53-1 */

static const int64_t integer_max = INT64_C(9007199254740991);

/* An open object or array. */
struct frame {
    bool is_object;
    bool is_named; /* every level above is an object, so members here have a path */
    size_t key_at; /* of the last member name, key_length 0 before the first */
    size_t key_length;
    size_t path_length; /* of the path to this object in scan.path */
    size_t node;        /* its place in the outline */
};

struct scan {
    const char *bytes;
    size_t length;
    size_t at;
    unsigned depth;
    struct frame frames[JSON_DEPTH_MAX];
    char path[JSON_DEPTH_MAX * (JSON_KEY_BYTES_MAX + 1)];
    size_t path_length;                          /* of the path to the value that comes next */
    struct scan_member *members;                 /* found so far; the caller's are filled at the end */
    struct scan_member *pending[JSON_DEPTH_MAX]; /* members that are open objects or arrays */
    size_t count;
    bool is_exact;
    struct outline *outline; /* NULL: nobody asked for one */
    size_t escapes;          /* escapes in the last string */
    struct err *err;
};

static enum status refuse(const struct scan *scan, const char *what)
{
    return err_set(scan->err, STATUS_INPUT, "byte %zu: %s", scan->at, what);
}

static bool next_is(const struct scan *scan, char c)
{
    return scan->at < scan->length && scan->bytes[scan->at] == c;
}

static enum status refuse_other(const struct scan *scan, char due)
{
    if (scan->at >= scan->length)
        return err_set(scan->err, STATUS_INPUT, "byte %zu: the text ends where '%c' is due", scan->at, due);
    return err_set(scan->err, STATUS_INPUT, "byte %zu: '%c' is due here", scan->at, due);
}

static inline enum status expect(struct scan *scan, char c)
{
    if (!next_is(scan, c))
        return refuse_other(scan, c);
    scan->at++;
    return STATUS_OK;
}

/* A string from quote to quote. Each turn takes a byte at least, or ends. */
static enum status scan_string(struct scan *scan)
{
    enum status status = expect(scan, '"');
    scan->escapes = 0;
    if (status != STATUS_OK)
        return status;
    for (;;) {
        scan->at += text_plain_run(scan->bytes + scan->at, scan->length - scan->at);
        if (scan->at >= scan->length)
            return refuse(scan, "the text ends inside a string");
        char c = scan->bytes[scan->at];
        if (c == '"') {
            scan->at++;
            return STATUS_OK;
        } else if (c == '\\') {
            if (scan->length - scan->at < 2 || (scan->bytes[scan->at + 1] != '"' && scan->bytes[scan->at + 1] != '\\'))
                return refuse(scan, "the only escapes are \\\" and \\\\");
            scan->at += 2;
            scan->escapes++;
        } else {
            uint32_t code_point = 0;
            size_t step = text_step(scan->bytes + scan->at, scan->length - scan->at, &code_point);
            if (step == 0)
                return refuse(scan, "not UTF-8");
            if (text_forbidden(code_point))
                return err_set(scan->err, STATUS_INPUT, "byte %zu: character U+%04X is not allowed", scan->at,
                               (unsigned)code_point);
            scan->at += step;
        }
    }
}

/* -?[1-9][0-9]* or 0, within +-(2^53-1). Magnitudes stay far below int64's end: 16 digits at most. */
static enum status read_integer(const char *bytes, size_t length, size_t *ret_used, int64_t *ret_integer)
{
    size_t at = 0;
    bool is_negative = at < length && bytes[at] == '-';
    if (is_negative)
        at++;
    size_t first = at;
    int64_t magnitude = 0;
    while (at < length && bytes[at] >= '0' && bytes[at] <= '9') {
        if (at - first >= INTEGER_DIGITS_MAX)
            return STATUS_INPUT;
        magnitude = magnitude * 10 + (bytes[at] - '0');
        at++;
    }
    if (at == first || magnitude > integer_max)
        return STATUS_INPUT;
    if (bytes[first] == '0' && (at - first > 1 || is_negative))
        return STATUS_INPUT;
    *ret_used = at;
    *ret_integer = is_negative ? -magnitude : magnitude;
    return STATUS_OK;
}

static enum status scan_number(struct scan *scan)
{
    size_t used = 0;
    int64_t integer = 0;
    if (read_integer(scan->bytes + scan->at, scan->length - scan->at, &used, &integer) != STATUS_OK)
        return refuse(scan, "no integer within +-(2^53-1), without leading zeros and -0");
    scan->at += used;
    /* A fraction or exponent would come here; what may follow a value is checked by the caller. */
    return STATUS_OK;
}

static enum status scan_word(struct scan *scan, const char *word)
{
    size_t length = strlen(word);
    if (scan->length - scan->at < length || memcmp(scan->bytes + scan->at, word, length) != 0)
        return refuse(scan, "no JSON value");
    scan->at += length;
    return STATUS_OK;
}

/* The member asked for whose path this is, or NULL. */
static struct scan_member *find_member(const struct scan *scan)
{
    for (size_t i = 0; i < scan->count; i++) {
        const char *name = scan->members[i].name;
        if (name[0] == scan->path[0] && strncmp(name, scan->path, scan->path_length) == 0 &&
            name[scan->path_length] == '\0')
            return &scan->members[i];
    }
    return NULL;
}

/* Bytes order, a prefix before what it begins: what jansson's sorted dump gives, and RFC 8785 for ASCII. */
static int key_compare(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t shorter = a_length < b_length ? a_length : b_length;
    int order = memcmp(a, b, shorter);
    if (order != 0)
        return order;
    return a_length < b_length ? -1 : a_length > b_length;
}

/* Says why what begins with this quote is no member name, if it is none. */
static enum status name_check(struct scan *scan)
{
    size_t quote = scan->at;
    enum status status = scan_string(scan);
    if (status != STATUS_OK)
        return status;
    size_t length = scan->at - quote - 2;
    const char *name = scan->bytes + quote + 1;
    scan->at = quote; /* errors name the start of the member */
    if (length > JSON_KEY_BYTES_MAX)
        return err_set(scan->err, STATUS_LIMIT, "byte %zu: member names have at most %d bytes", quote,
                       JSON_KEY_BYTES_MAX);
    return text_is_key(name, length) ? STATUS_OK : refuse(scan, "member names are made of a-z 0-9 _ . -");
}

/* "name": with its grammar and its place in the order. */
static enum status scan_key(struct scan *scan, struct frame *frame)
{
    const size_t quote = scan->at;
    const char *key = next_is(scan, '"') ? scan->bytes + quote + 1 : NULL;
    const size_t left = key == NULL ? 0 : scan->length - quote - 1;
    const size_t length = text_key_run(key, left);
    /* Most are good, and have been looked at whole then. */
    if (length == 0 || length > JSON_KEY_BYTES_MAX || length == left || key[length] != '"') {
        enum status status = name_check(scan);
        invariant(status != STATUS_OK);
        return status;
    }
    if (frame->key_length > 0) {
        int order = key_compare(scan->bytes + frame->key_at, frame->key_length, key, length);
        if (order == 0)
            return refuse(scan, "this member name stands here twice");
        if (order > 0)
            return refuse(scan, "members are not sorted");
    }
    frame->key_at = quote + 1;
    frame->key_length = length;
    scan->at = quote + length + 2;
    return expect(scan, ':');
}

/* Sets the path to the member that scan_key read. Fits: frames * (name and '/'). */
static void path_set(struct scan *scan, const struct frame *frame)
{
    size_t length = frame->path_length;
    if (length > 0)
        scan->path[length++] = '/';
    memcpy(scan->path + length, scan->bytes + frame->key_at, frame->key_length);
    scan->path_length = length + frame->key_length;
}

/* Only what is read before it is written: a scan lives on the stack and its frames need no zeros. */
static void scan_init(struct scan *scan, const char *bytes, size_t length, struct err *err)
{
    scan->bytes = bytes;
    scan->length = length;
    scan->at = 0;
    scan->depth = 0;
    scan->path_length = 0;
    scan->count = 0;
    scan->is_exact = false;
    scan->outline = NULL;
    scan->err = err;
}

/* In a closed schema every outermost member is asked for, itself or a member of it. */
static bool is_wanted(const struct scan *scan)
{
    for (size_t i = 0; i < scan->count; i++) {
        const char *name = scan->members[i].name;
        if (strncmp(name, scan->path, scan->path_length) == 0 &&
            (name[scan->path_length] == '\0' || name[scan->path_length] == '/'))
            return true;
    }
    return false;
}

static enum status scan_open(struct scan *scan, struct scan_member *member)
{
    if (scan->depth >= JSON_DEPTH_MAX)
        return err_set(scan->err, STATUS_LIMIT, "byte %zu: objects and arrays nest deeper than %d", scan->at,
                       JSON_DEPTH_MAX);
    bool is_object = scan->bytes[scan->at] == '{';
    bool is_named = scan->depth == 0 || scan->frames[scan->depth - 1].is_named;
    scan->pending[scan->depth] = member;
    scan->frames[scan->depth] =
        (struct frame){.is_object = is_object, .is_named = is_object && is_named, .path_length = scan->path_length};
    if (scan->outline != NULL)
        scan->frames[scan->depth].node = scan->outline->count - 1;
    scan->depth++;
    scan->at++;
    return STATUS_OK;
}

static enum outline_type type_of(char c)
{
    switch (c) {
    case '{':
        return OUTLINE_OBJECT;
    case '[':
        return OUTLINE_LIST;
    case '"':
        return OUTLINE_TEXT;
    case 't':
        return OUTLINE_TRUE;
    case 'f':
        return OUTLINE_FALSE;
    case 'n':
        return OUTLINE_NULL;
    default:
        return OUTLINE_INTEGER;
    }
}

/* The value that begins here, in frame, or as the whole where that is NULL. */
static enum status note_begin(struct scan *scan, const struct frame *frame)
{
    struct outline *outline = scan->outline;
    if (outline->count == outline->room)
        return err_set(scan->err, STATUS_FULL, "byte %zu: more than %zu values", scan->at, outline->room);
    const bool is_named = frame != NULL && frame->is_object;
    const char c = scan->at < scan->length ? scan->bytes[scan->at] : '\0';
    outline->nodes[outline->count++] = (struct outline_node){.at = (uint32_t)scan->at,
                                                             .type = (uint8_t)type_of(c),
                                                             .name_at = is_named ? (uint32_t)frame->key_at : 0,
                                                             .name_length = is_named ? (uint8_t)frame->key_length : 0};
    return STATUS_OK;
}

/* And that it ended before this place. */
static void note_end(struct scan *scan, size_t place)
{
    struct outline_node *node = &scan->outline->nodes[place];
    node->length = (uint32_t)scan->at - node->at;
    node->next = (uint32_t)scan->outline->count;
    if (node->type == OUTLINE_TEXT)
        node->escapes = scan->escapes < UINT16_MAX ? (uint16_t)scan->escapes : UINT16_MAX;
}

static enum status scan_scalar(struct scan *scan)
{
    if (scan->at >= scan->length)
        return refuse(scan, "the text ends where a value is due");
    char c = scan->bytes[scan->at];
    if (c == '"')
        return scan_string(scan);
    if (c == '-' || (c >= '0' && c <= '9'))
        return scan_number(scan);
    return scan_word(scan, c == 't' ? "true" : c == 'f' ? "false" : "null");
}

/* Name and path of the next member of an object, and whether somebody asked for it. */
static enum status scan_name(struct scan *scan, struct frame *frame, struct scan_member **ret_member)
{
    size_t key_at = scan->at;
    enum status status = scan_key(scan, frame);
    if (status != STATUS_OK || !frame->is_named || scan->count == 0)
        return status;
    path_set(scan, frame);
    if (scan->is_exact && scan->depth == 1 && !is_wanted(scan))
        return err_set(scan->err, STATUS_INPUT, "byte %zu: unknown member '%.*s'", key_at, (int)frame->key_length,
                       scan->bytes + frame->key_at);
    *ret_member = find_member(scan);
    return STATUS_OK;
}

/* One step inside the innermost open object or array: its end, or the next of what it holds. */
static enum status scan_next(struct scan *scan, bool *is_fresh)
{
    struct frame *frame = &scan->frames[scan->depth - 1];
    struct scan_member *member = NULL;
    enum status status = STATUS_OK;
    if (next_is(scan, frame->is_object ? '}' : ']')) {
        scan->at++;
        scan->depth--;
        member = scan->pending[scan->depth];
        if (member != NULL)
            member->length = scan->at - member->offset;
        if (scan->outline != NULL)
            note_end(scan, frame->node);
        *is_fresh = false;
        return STATUS_OK;
    }
    if (!*is_fresh)
        status = expect(scan, ',');
    if (status == STATUS_OK && frame->is_object)
        status = scan_name(scan, frame, &member);
    if (status == STATUS_OK && scan->outline != NULL)
        status = note_begin(scan, frame);
    if (status != STATUS_OK)
        return status;
    size_t value_at = scan->at;
    if (member != NULL)
        member->offset = value_at;
    if (next_is(scan, '{') || next_is(scan, '[')) {
        *is_fresh = true;
        return scan_open(scan, member);
    }
    *is_fresh = false;
    status = scan_scalar(scan);
    if (status == STATUS_OK && member != NULL)
        member->length = scan->at - value_at;
    if (status == STATUS_OK && scan->outline != NULL)
        note_end(scan, scan->outline->count - 1);
    return status;
}

static enum status scan_whole(struct scan *scan, size_t bytes_max)
{
    if (scan->length > bytes_max)
        return err_set(scan->err, STATUS_LIMIT, "%zu bytes of JSON, at most %zu are allowed", scan->length, bytes_max);
    if (!next_is(scan, '{'))
        return refuse(scan, "the whole must be an object");
    enum status status = scan->outline != NULL ? note_begin(scan, NULL) : STATUS_OK;
    if (status == STATUS_OK)
        status = scan_open(scan, NULL);
    bool is_fresh = true;
    /* Each step takes a byte at least, or fails. */
    while (status == STATUS_OK && scan->depth > 0)
        status = scan_next(scan, &is_fresh);
    if (status == STATUS_OK && scan->at != scan->length)
        status = refuse(scan, "something follows the object");
    return status;
}

static enum status scan_find(struct scan *scan, size_t bytes_max, struct scan_member *members, size_t count)
{
    struct scan_member found[SCAN_MEMBERS_MAX];
    invariant(count <= SCAN_MEMBERS_MAX);
    for (size_t i = 0; i < count; i++)
        found[i] = (struct scan_member){.name = members[i].name};
    scan->members = found;
    scan->count = count;
    enum status status = scan_whole(scan, bytes_max);
    for (size_t i = 0; status == STATUS_OK && scan->is_exact && i < count; i++)
        if (found[i].length == 0)
            status = err_set(scan->err, STATUS_INPUT, "member '%s' is missing", found[i].name);
    if (status == STATUS_OK && count > 0)
        memcpy(members, found, count * sizeof found[0]);
    scan->members = NULL;
    return status;
}

enum status scan_check(const char *bytes, size_t length, size_t bytes_max, struct err *err)
{
    return scan_object(bytes, length, bytes_max, NULL, 0, err);
}

enum status scan_object(const char *bytes, size_t length, size_t bytes_max, struct scan_member members[], size_t count,
                        struct err *err)
{
    struct scan scan;
    scan_init(&scan, bytes, length, err);
    return scan_find(&scan, bytes_max, members, count);
}

enum status scan_outline(const char *bytes, size_t length, size_t bytes_max, struct outline *outline, struct err *err)
{
    struct scan scan;
    invariant(bytes_max <= UINT32_MAX);
    scan_init(&scan, bytes, length, err);
    outline->bytes = bytes;
    outline->count = 0;
    scan.outline = outline;
    return scan_find(&scan, bytes_max, NULL, 0);
}

enum status scan_object_exact(const char *bytes, size_t length, size_t bytes_max, struct scan_member members[],
                              size_t count, struct err *err)
{
    struct scan scan;
    scan_init(&scan, bytes, length, err);
    scan.is_exact = true;
    return scan_find(&scan, bytes_max, members, count);
}

/* Behind a value that starts here: what was scanned is known to be whole. */
static size_t behind_value(const char *bytes, size_t at, size_t end)
{
    unsigned depth = 0;
    do {
        char c = bytes[at];
        if (c == '"')
            for (at += 1 + text_plain_run(bytes + at + 1, end - at - 1); bytes[at] != '"';
                 at += text_plain_run(bytes + at, end - at))
                at += bytes[at] == '\\' ? 2 : 1;
        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
        at++;
    } while (at < end && (depth > 0 || (bytes[at] != ',' && bytes[at] != ']')));
    return at;
}

enum status scan_list(const char *bytes, const struct scan_member *member, scan_element_step *step, void *context,
                      struct err *err)
{
    const size_t end = member->offset + member->length;
    enum status status = STATUS_OK;
    invariant(member->length >= 2 && bytes[member->offset] == '[');
    for (size_t at = member->offset + 1; status == STATUS_OK && at + 1 < end;) {
        size_t behind = behind_value(bytes, at, end);
        status = step(context, at, behind - at, err);
        at = behind + 1;
    }
    return status;
}

enum status scan_integer(const char *bytes, const struct scan_member *member, int64_t *ret_integer, struct err *err)
{
    size_t used = 0;
    int64_t integer = 0;
    if (member->length == 0)
        return err_set(err, STATUS_INPUT, "member '%s' is missing", member->name);
    if (read_integer(bytes + member->offset, member->length, &used, &integer) != STATUS_OK || used != member->length)
        return err_set(err, STATUS_INPUT, "member '%s' is not an integer", member->name);
    *ret_integer = integer;
    return STATUS_OK;
}

enum status scan_text(const char *bytes, const struct scan_member *member, const char **ret_text, size_t *ret_length,
                      struct err *err)
{
    if (member->length == 0)
        return err_set(err, STATUS_INPUT, "member '%s' is missing", member->name);
    const char *raw = bytes + member->offset;
    if (raw[0] != '"')
        return err_set(err, STATUS_INPUT, "member '%s' is not text", member->name);
    if (memchr(raw, '\\', member->length) != NULL)
        return err_set(err, STATUS_INPUT, "member '%s' has a backslash or a quote in it", member->name);
    *ret_text = raw + 1;
    *ret_length = member->length - 2;
    return STATUS_OK;
}
