/*
 * Holds the two readers of canonical JSON against each other on the same bytes. Shared by the unit test and the fuzzer.
 */
#ifndef TESTS_FUZZ_JSON_PAIR_H
#define TESTS_FUZZ_JSON_PAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/canon.h"
#include "ledger/compact.h"
#include "ledger/limits.h"
#include "ledger/outline.h"
#include "ledger/scan.h"

/* Top-level members one by one against the tree: same number, same raw values. */
static inline bool json_pair_members_agree(const char *bytes, size_t length, json_t *value)
{
    const char *key = NULL;
    json_t *member = NULL;
    json_object_foreach(value, key, member)
    {
        struct scan_member found = {.name = key};
        if (scan_object(bytes, length, ENTRY_BYTES_MAX, &found, 1, NULL) != STATUS_OK || found.length == 0)
            return false;
        char *raw = json_dumps(member, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENCODE_ANY);
        bool same = raw != NULL && strlen(raw) == found.length && memcmp(raw, bytes + found.offset, found.length) == 0;
        free(raw);
        if (!same)
            return false;
    }
    return true;
}

/* The value at a node, as jansson reads each scalar. NULL: no memory, or a node that holds none. Gives. */
static inline json_t *json_pair_value(const struct outline *outline, const struct outline_node *node)
{
    if (node->type != OUTLINE_OBJECT && node->type != OUTLINE_LIST)
        return json_loadb(outline->bytes + node->at, node->length, JSON_DECODE_ANY, NULL);
    json_t *value = node->type == OUTLINE_OBJECT ? json_object() : json_array();
    for (const struct outline_node *in = outline_first(outline, node); in != NULL;
         in = outline_after(outline, node, in)) {
        char name[JSON_KEY_BYTES_MAX + 1] = "";
        memcpy(name, outline->bytes + in->name_at, in->name_length);
        json_t *one = json_pair_value(outline, in);
        int added =
            node->type == OUTLINE_OBJECT ? json_object_set_new(value, name, one) : json_array_append_new(value, one);
        if (added != 0)
            abort();
    }
    return value;
}

/* The outline against the tree: made again of it, the tree is the same; and it takes what is canonical, given the room. */
static inline bool json_pair_outline_agrees(const char *bytes, size_t length, const json_t *value)
{
    struct outline outline = {.nodes = calloc(length + 1, sizeof *outline.nodes), .room = length + 1};
    if (outline.nodes == NULL)
        abort();
    enum status status = scan_outline(bytes, length, ENTRY_BYTES_MAX, &outline, NULL);
    bool agrees = (status == STATUS_OK) == (value != NULL);
    if (agrees && value != NULL) {
        json_t *again = json_pair_value(&outline, &outline.nodes[0]);
        agrees = json_equal(again, value) == 1;
        json_decref(again);
        outline.room = outline.count - 1;
        agrees = agrees && scan_outline(bytes, length, ENTRY_BYTES_MAX, &outline, NULL) == STATUS_FULL;
    }
    free(outline.nodes);
    return agrees;
}

/* compact.h against jansson, on whatever bytes: the same value or none, and of a value the same bytes. */
static inline bool json_pair_compact_agrees(const char *bytes, size_t length)
{
    json_t *value = compact_read(bytes, length, NULL);
    json_t *wanted = json_loadb(bytes, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    bool agrees = (value == NULL) == (wanted == NULL) && (value == NULL || json_equal(value, wanted) == 1);
    char *written = NULL,
         *text = agrees && value != NULL ? json_dumps(wanted, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY) : NULL;
    size_t count = 0;
    if (text != NULL && compact_write(value, false, &written, &count) == STATUS_OK)
        agrees = count == strlen(text) && memcmp(written, text, count) == 0;
    free(written);
    free(text);
    json_decref(wanted);
    json_decref(value);
    return agrees;
}

/*
 * What canon_parse and scan_check say of bytes[0..length). False when they differ, or when an accepted value does not
 * encode to the same bytes. Reads a copy of exact size, so that a sanitizer sees a step over the end.
 */
static inline bool json_pair_agrees(const char *bytes, size_t length, bool *ret_accepted)
{
    json_t *value = NULL;
    char *copy = malloc(length == 0 ? 1 : length);
    if (copy == NULL)
        abort();
    memcpy(copy, bytes, length);
    json_t *admitted = NULL;
    bool parsed = canon_parse_by_tree(copy, length, ENTRY_BYTES_MAX, &value, NULL) == STATUS_OK;
    bool scanned = scan_check(copy, length, ENTRY_BYTES_MAX, NULL) == STATUS_OK;
    bool agrees = parsed == scanned &&
                  (canon_parse(copy, length, ENTRY_BYTES_MAX, &admitted, NULL) == STATUS_OK) == parsed &&
                  json_pair_compact_agrees(copy, length);
    if (agrees && parsed) {
        char *again = NULL;
        size_t again_length = 0;
        agrees = json_equal(value, admitted) && canon_encode(value, &again, &again_length, NULL) == STATUS_OK &&
                 again_length == length && memcmp(again, copy, length) == 0 &&
                 json_pair_members_agree(copy, length, value);
        free(again);
    }
    agrees = agrees && json_pair_outline_agrees(copy, length, value);
    json_decref(admitted);
    json_decref(value);
    free(copy);
    *ret_accepted = parsed;
    return agrees;
}

#endif
