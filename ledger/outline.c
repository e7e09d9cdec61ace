/*
 * Looking into an outline. Names of an object stand in order, so a look ends at the first that is greater; objects here are small,
 * and whoever wants all members of one walks them.
 */
#include "ledger/outline.h"

#include <string.h>

size_t outline_count(const struct outline *outline, const struct outline_node *within)
{
    size_t count = 0;
    for (const struct outline_node *node = outline_first(outline, within); node != NULL;
         node = outline_after(outline, within, node))
        count++;
    return count;
}

const struct outline_node *outline_get(const struct outline *outline, const struct outline_node *object,
                                       const char *name)
{
    if (object == NULL || object->type != OUTLINE_OBJECT)
        return NULL;
    const size_t length = strlen(name);
    for (const struct outline_node *node = outline_first(outline, object); node != NULL;
         node = outline_after(outline, object, node))
        if (node->name_length == length && outline->bytes[node->name_at] == name[0] &&
            memcmp(outline->bytes + node->name_at, name, length) == 0)
            return node;
    return NULL;
}

struct slice outline_raw(const struct outline *outline, const struct outline_node *node)
{
    return slice_of(outline->bytes + node->at, node->length);
}

bool outline_text(const struct outline *outline, const struct outline_node *node, struct slice *ret_text)
{
    if (node == NULL || node->type != OUTLINE_TEXT || node->escapes > 0)
        return false;
    *ret_text = slice_of(outline->bytes + node->at + 1, node->length - 2);
    return true;
}

bool slice_is(struct slice slice, const char *wanted)
{
    if (slice.length == 0 || slice.bytes[0] != (uint8_t)wanted[0])
        return slice.length == 0 && wanted[0] == '\0';
    return slice.length == strlen(wanted) && memcmp(slice.bytes, wanted, slice.length) == 0;
}

bool outline_is(const struct outline *outline, const struct outline_node *node, const char *wanted)
{
    struct slice text;
    return outline_text(outline, node, &text) && slice_is(text, wanted);
}

bool outline_is_one_of(const struct outline *outline, const struct outline_node *node, const char *const *words)
{
    bool is = false;
    for (; !is && *words != NULL; words++)
        is = outline_is(outline, node, *words);
    return is;
}

/* The scanner has seen to its form and size. */
bool outline_integer(const struct outline *outline, const struct outline_node *node, int64_t *ret_integer)
{
    if (node == NULL || node->type != OUTLINE_INTEGER)
        return false;
    const char *at = outline->bytes + node->at, *end = at + node->length;
    const bool is_negative = *at == '-';
    int64_t magnitude = 0;
    for (at += is_negative; at < end; at++)
        magnitude = magnitude * 10 + (*at - '0');
    *ret_integer = is_negative ? -magnitude : magnitude;
    return true;
}
