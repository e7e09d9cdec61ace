/*
 * What may be changed in a statement; see the header. Each way is drawn with its own share, so that deep places are reached too.
 */
#include "tests/support/mutations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/canon.h"
#include "ledger/schema.h"
#include "tests/support/vector_file.h"

enum { NODES_MAX = 4096, POOL_MAX = 24 };

void mutations_init(struct mutations *mutations, uint64_t seed)
{
    *mutations = (struct mutations){.random = seed * 0x9E3779B97F4A7C15u | 1, .pool = json_object()};
}

void mutations_done(struct mutations *mutations)
{
    json_decref(mutations->pool);
    json_decref(mutations->policy);
}

uint64_t mutations_below(struct mutations *mutations, uint64_t bound)
{
    return vector_random(&mutations->random) % bound;
}

/* Every place in a JSON value that can be changed. */
struct node {
    json_t *parent;
    const char *key; /* in an object */
    size_t index;    /* in a list */
};

struct nodes {
    struct node items[NODES_MAX];
    size_t count;
};

/* Compiled policies are most of a charter's bytes, and their form has a fuzzer of its own: one place stands for them. */
static void nodes_add(struct nodes *nodes, json_t *value)
{
    const char *key;
    json_t *member;
    size_t index;
    json_object_foreach(value, key, member)
    {
        if (nodes->count < NODES_MAX)
            nodes->items[nodes->count++] = (struct node){.parent = value, .key = key};
        if (strcmp(key, "compiled") != 0)
            nodes_add(nodes, member);
    }
    if (json_is_array(value))
        json_array_foreach(value, index, member)
        {
            if (nodes->count < NODES_MAX)
                nodes->items[nodes->count++] = (struct node){.parent = value, .index = index};
            nodes_add(nodes, member);
        }
}

static json_t *node_get(const struct node *node)
{
    return node->key != NULL ? json_object_get(node->parent, node->key) : json_array_get(node->parent, node->index);
}

static void node_set(const struct node *node, json_t *value)
{
    if (node->key != NULL)
        json_object_set_new(node->parent, node->key, value);
    else
        json_array_set_new(node->parent, node->index, value);
}

/* The end of a tier of the document's own row, one that an invoice can bear; NULL: none found. */
static const char *threshold_of(struct mutations *mutations, const json_t *document)
{
    const json_t *reasons = json_object_get(mutations->policy, "reasons"),
                 *rows = json_object_get(mutations->policy, "authority");
    const char *reason = json_string_value(json_object_get(document, "reason")), *row = NULL;
    const json_t *found = NULL, *one;
    size_t index;
    json_array_foreach((json_t *)(uintptr_t)reasons, index,
                       one) if (reason != NULL && strcmp(member_text(one, "reason"), reason) == 0) row =
        member_text(one, "row");
    json_array_foreach((json_t *)(uintptr_t)rows, index,
                       one) if (row != NULL && strcmp(member_text(one, "row"), row) == 0) found =
        json_object_get(one, "tiers");
    if (json_array_size(found) < 2)
        return NULL;
    return member_text(json_array_get(found, mutations_below(mutations, json_array_size(found) < 3 ? 1 : 2)), "upto");
}

/* Values that members had before are what others may be exchanged for. */
void mutations_learn(struct mutations *mutations, const json_t *value)
{
    const char *key;
    json_t *member;
    size_t index;
    json_object_foreach((json_t *)(uintptr_t)value, key, member)
    {
        json_t *values = json_object_get(mutations->pool, key);
        if (values == NULL) {
            values = json_array();
            json_object_set_new(mutations->pool, key, values);
        }
        if (strcmp(key, "compiled") == 0 || strcmp(key, "yaml") == 0)
            continue;
        if (json_array_size(values) < POOL_MAX)
            json_array_append(values, member);
        else
            json_array_set(values, mutations_below(mutations, POOL_MAX), member);
        mutations_learn(mutations, member);
    }
    json_array_foreach(value, index, member) mutations_learn(mutations, member);
}

static json_t *pool_take(struct mutations *mutations, const char *key)
{
    const json_t *values = json_object_get(mutations->pool, key);
    return json_array_size(values) == 0
               ? NULL
               : json_deep_copy(json_array_get(values, mutations_below(mutations, json_array_size(values))));
}

static json_t *other_type(struct mutations *mutations)
{
    switch (mutations_below(mutations, 7)) {
    case 0:
        return json_null();
    case 1:
        return json_true();
    case 2:
        return json_integer(0);
    case 3:
        return json_string("");
    case 4:
        return json_array();
    case 5:
        return json_object();
    default:
        return json_string("1");
    }
}

static bool is_amount(const char *text)
{
    size_t digits = strspn(text, "-0123456789");
    return digits > 0 && text[digits] == '.' && strspn(text + digits + 1, "0123456789") == strlen(text + digits + 1);
}

/* By one minor unit, its sign, nothing, as much as there is, a tenth of a unit, in another spelling. */
static json_t *other_amount(struct mutations *mutations, const char *text)
{
    static const char *const others[] = {
        "0.00",          "-0.01", "92233720368547758.07", "92233720368547758.08", "0.001", "0100.00", "+1.00", "1e2",
        "9999999999.99", "0.01"};
    char changed[64];
    size_t length = strlen(text);
    if (length + 2 > sizeof changed || mutations_below(mutations, 3) == 0)
        return json_string(others[mutations_below(mutations, sizeof others / sizeof others[0])]);
    if (mutations_below(mutations, 4) == 0) {
        snprintf(changed, sizeof changed, "-%s", text);
        return json_string(changed);
    }
    snprintf(changed, sizeof changed, "%s", text);
    char *digit = &changed[mutations_below(mutations, 2) == 0 ? length - 1 : mutations_below(mutations, length)];
    if (*digit >= '0' && *digit <= '9')
        *digit = *digit == '9' ? '8' : (char)(*digit + 1);
    return json_string(changed);
}

static json_t *other_text(struct mutations *mutations, const char *text)
{
    static const char *const ends[] = {"x", "0", " ", "\xE2\x80\xAE", "\x7F", "/", "\xC3\xA9"};
    size_t length = strlen(text);
    char *changed = malloc(length + 3008);
    assert_non_null(changed);
    memcpy(changed, text, length + 1);
    switch (mutations_below(mutations, 5)) {
    case 0:
        snprintf(changed + length, 8, "%s", ends[mutations_below(mutations, sizeof ends / sizeof ends[0])]);
        break;
    case 1:
        changed[0] = '\0';
        break;
    case 2:
        memset(changed + length, 'a', 3000);
        changed[length + 3000] = '\0';
        break;
    default:
        if (length > 0) {
            char *at = &changed[mutations_below(mutations, length)];
            *at = *at == '9' ? '8' : *at >= '0' && *at < '9' ? (char)(*at + 1) : *at == 'a' ? 'b' : 'a';
        }
    }
    json_t *value = json_string(changed);
    free(changed);
    return value;
}

static json_t *other_value(struct mutations *mutations, const struct node *node, const json_t *value)
{
    json_t *known = node->key != NULL && mutations_below(mutations, 2) == 0 ? pool_take(mutations, node->key) : NULL;
    if (known != NULL)
        return known;
    if (json_is_string(value) && is_amount(json_string_value(value)))
        return other_amount(mutations, json_string_value(value));
    if (json_is_string(value))
        return other_text(mutations, json_string_value(value));
    if (json_is_integer(value)) {
        static const json_int_t others[] = {0, -1, 2, 100, CANON_INTEGER_MAX, CANON_INTEGER_MAX + 1};
        return json_integer(mutations_below(mutations, 2) == 0
                                ? json_integer_value(value) + (mutations_below(mutations, 2) == 0 ? 1 : -1)
                                : others[mutations_below(mutations, sizeof others / sizeof others[0])]);
    }
    return json_is_boolean(value) ? json_boolean(!json_is_true(value)) : other_type(mutations);
}

static void change_list(struct mutations *mutations, const struct node *node, json_t *list)
{
    size_t count = json_array_size(list);
    if (count == 0) {
        json_t *one = node->key != NULL ? pool_take(mutations, node->key) : NULL;
        if (one == NULL || !json_is_array(one)) {
            json_decref(one);
            one = json_array();
            json_array_append_new(one, other_type(mutations));
        }
        node_set(node, one);
        return;
    }
    size_t i = mutations_below(mutations, count), j = mutations_below(mutations, count);
    json_t *kept = json_deep_copy(json_array_get(list, i));
    switch (mutations_below(mutations, 4)) {
    case 0:
        json_array_append_new(list, kept);
        return;
    case 1:
        json_array_remove(list, i);
        break;
    case 2:
        json_array_set(list, i, json_array_get(list, j));
        json_array_set(list, j, kept);
        break;
    default:
        json_array_clear(list);
    }
    json_decref(kept);
}

/* Changes one place. Says what in mutations->changed. */
static void change_json(struct mutations *mutations, json_t *statement)
{
    static struct nodes nodes;
    static const char *const added[] = {"zz",     "behalf",     "requested_by", "note",
                                        "entity", "on_account", "until",        "links"};
    nodes.count = 0;
    nodes_add(&nodes, statement);
    const struct node *node = &nodes.items[mutations_below(mutations, nodes.count)];
    json_t *value = node_get(node);
    unsigned how = (unsigned)mutations_below(mutations, 12);
    snprintf(mutations->changed, sizeof mutations->changed, "way %u, member %s", how,
             node->key != NULL ? node->key : "of a list");
    if (how == 0 && node->key != NULL) {
        json_object_del(node->parent, node->key);
    } else if (how == 1 && json_is_object(node->parent)) {
        const char *name = added[mutations_below(mutations, sizeof added / sizeof added[0])];
        json_t *taken = pool_take(mutations, name);
        json_object_set_new(node->parent, name, taken != NULL ? taken : json_string("P-12"));
    } else if (how == 2) {
        node_set(node, other_type(mutations));
    } else if (json_is_array(value)) {
        change_list(mutations, node, value);
    } else {
        node_set(node, other_value(mutations, node, value));
    }
}

/* The bytes of the changed statement, canonical where the value has that form; gives. */
char *mutations_statement(struct mutations *mutations, const struct statement *genuine, size_t *ret_length)
{
    json_t *copy = json_deep_copy(genuine->json);
    char *bytes = NULL;
    change_json(mutations, copy);
    if (canon_encode(copy, &bytes, ret_length, NULL) != STATUS_OK) {
        bytes = json_dumps(copy, JSON_COMPACT | JSON_SORT_KEYS);
        *ret_length = bytes != NULL ? strlen(bytes) : 0;
    }
    json_decref(copy);
    return bytes;
}

/* Bytes that are not those of any value: spelled otherwise, cut, or with one of them changed. Gives. */
char *mutations_bytes(struct mutations *mutations, const struct statement *genuine, size_t *ret_length)
{
    size_t length = genuine->length, at = mutations_below(mutations, length);
    char *bytes = malloc(length + 16);
    assert_non_null(bytes);
    memcpy(bytes, genuine->bytes, length);
    unsigned how = (unsigned)mutations_below(mutations, 5);
    snprintf(mutations->changed, sizeof mutations->changed, "bytes, way %u at %zu", how, at);
    switch (how) {
    case 0:
        bytes[at] = (char)(bytes[at] ^ (1 << mutations_below(mutations, 8)));
        break;
    case 1:
        length = at;
        break;
    case 2:
        memmove(bytes + at + 1, bytes + at, length++ - at);
        bytes[at] = " \n{}\","[mutations_below(mutations, 6)];
        break;
    case 3:
        memcpy(bytes + length - 1, ",\"v\":1}", 7);
        length += 6;
        break;
    default:
        bytes[length++] = '\n';
    }
    *ret_length = length;
    return bytes;
}

/* An amount that stands twice, in a document and in its one allocation, is one thing too. */
bool mutations_amount(struct mutations *mutations, json_t *statement)
{
    json_t *documents = json_object_get(json_object_get(statement, "body"), "documents");
    json_t *document = json_array_get(
        documents, json_array_size(documents) > 0 ? mutations_below(mutations, json_array_size(documents)) : 0);
    json_t *allocations = json_object_get(document, "allocations");
    const char *amount = json_string_value(json_object_get(document, "amount"));
    if (amount == NULL || json_array_size(allocations) != 1)
        return false;
    const char *threshold = mutations_below(mutations, 4) != 0 ? threshold_of(mutations, document) : NULL;
    json_t *other = NULL;
    if (threshold == NULL) {
        other = other_amount(mutations, amount);
    } else { /* exactly as much as a tier takes, or one minor unit more */
        char more[64];
        snprintf(more, sizeof more, "%s", threshold);
        if (mutations_below(mutations, 2) == 0)
            more[strlen(more) - 1]++;
        other = json_string(more);
    }
    snprintf(mutations->changed, sizeof mutations->changed, "amount %s", json_string_value(other));
    json_object_set(document, "amount", other);
    json_object_set_new(json_array_get(allocations, 0), "amount", other);
    return true;
}
