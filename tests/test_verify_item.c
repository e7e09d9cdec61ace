/*
 * Entries by themselves, before anything is judged in order: what is looked at where it lies is found to be what its tree is, for one
 * entry of every verb, kind and feed of a company's year, and for the same with one thing in them changed at a time.
 *
 *     CHANGES=1000 build/debug/tests/test_verify_item     so many of each
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <sodium.h>

#include "ledger/canon.h"
#include "ledger/schema.h"
#include "ledger/text.h"
#include "tests/fuzz/item_pair.h"
#include "tests/support/sanitized.h"

#define JOURNAL "gzip -dc tests/vectors/engine-1/year.jsonl.gz"

enum { SORTS_MAX = 128, CHANGED = SANITIZED ? 2 : 12, NODES_MAX = 4096 };

/* One entry of each sort. */
struct sort {
    char name[80];
    char *bytes;
    size_t length;
};

struct sorts {
    struct sort all[SORTS_MAX];
    size_t count;
    struct item_tools tools[TREES_WHOLE + 1];
};

static void name_of(const json_t *entry, char ret_name[static 80])
{
    const json_t *statement = json_object_get(entry, "statement"), *body = json_object_get(statement, "body");
    const json_t *document = json_array_get(json_object_get(body, "documents"), 0);
    const json_t *content = json_object_get(json_array_get(json_object_get(body, "amendments"), 0), "content");
    const char *kind = member_text(document != NULL ? document : content, "kind"), *feed = member_text(body, "feed");
    snprintf(ret_name, 80, "%s %s", member_text(statement, "do"), kind != NULL ? kind : feed != NULL ? feed : "");
}

static bool is_known(const struct sorts *sorts, const char *name)
{
    for (size_t i = 0; i < sorts->count; i++)
        if (strcmp(sorts->all[i].name, name) == 0)
            return true;
    return false;
}

static int sorts_read(void **state)
{
    struct sorts *sorts = calloc(1, sizeof *sorts);
    FILE *file = popen(JOURNAL, "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    assert_non_null(sorts);
    assert_non_null(file);
    while ((length = getline(&line, &room, file)) > 1) {
        char name[80];
        json_t *entry = json_loadb(line, (size_t)length - 1, 0, NULL);
        assert_non_null(entry);
        name_of(entry, name);
        json_decref(entry);
        if (is_known(sorts, name))
            continue;
        struct sort *sort = &sorts->all[sorts->count++];
        assert_true(sorts->count < SORTS_MAX);
        snprintf(sort->name, sizeof sort->name, "%s", name);
        sort->length = (size_t)length - 1;
        sort->bytes = malloc(sort->length);
        assert_non_null(sort->bytes);
        memcpy(sort->bytes, line, sort->length);
    }
    free(line);
    assert_int_equal(pclose(file), 0);
    for (enum item_trees trees = TREES_NEEDED; trees <= TREES_WHOLE; trees++)
        assert_int_equal(verify_tools_init(trees, &sorts->tools[trees], NULL), STATUS_OK);
    *state = sorts;
    return 0;
}

static int sorts_free(void **state)
{
    struct sorts *sorts = *state;
    for (size_t i = 0; i < sorts->count; i++)
        free(sorts->all[i].bytes);
    for (enum item_trees trees = TREES_NEEDED; trees <= TREES_WHOLE; trees++)
        verify_tools_done(&sorts->tools[trees]);
    free(sorts);
    return 0;
}

/* Out of the bytes, the item and its tree; fails where they differ. out *ret_looked: no tree was made of it. */
static bool hold(struct sorts *sorts, const char *name, struct slice bytes, bool *ret_looked)
{
    struct verify_item item = {.bytes = bytes}, replayed = {.bytes = bytes}, whole = {.bytes = bytes};
    verify_item_check(&sorts->tools[TREES_NEEDED], &item);
    verify_item_check(&sorts->tools[TREES_STATEMENTS], &replayed);
    verify_item_check(&sorts->tools[TREES_WHOLE], &whole);
    if (!item_pair_agrees(&item, &whole) || !item_pair_agrees(&replayed, &whole))
        fail_msg("%s: differ on %.*s", name, (int)bytes.length, (const char *)bytes.bytes);
    const bool sound = item.sound;
    *ret_looked = replayed.sound && !replayed.whole;
    verify_item_done(&item);
    verify_item_done(&replayed);
    verify_item_done(&whole);
    return sound;
}

/* What books are full of needs no tree. */
static void most_are_looked_at_where_they_lie(void **state)
{
    static const char *const plain[] = {"submit credit-note",
                                        "submit correction",
                                        "submit write-off",
                                        "submit reversal",
                                        "submit case-note",
                                        "submit hold-release",
                                        "submit recovery",
                                        "amend credit-note",
                                        "approve ",
                                        "reject ",
                                        "return ",
                                        "withdraw "};
    struct sorts *sorts = *state;
    size_t found = 0;
    for (size_t i = 0; i < sorts->count; i++) {
        const struct sort *sort = &sorts->all[i];
        bool looked = false, is_plain = false;
        assert_true(hold(sorts, sort->name, slice_of(sort->bytes, sort->length), &looked));
        for (size_t k = 0; k < sizeof plain / sizeof plain[0]; k++)
            is_plain = is_plain || strcmp(plain[k], sort->name) == 0;
        found += is_plain;
        if (is_plain && !looked)
            fail_msg("%s: a tree was made of it", sort->name);
    }
    assert_int_equal(found, sizeof plain / sizeof plain[0]);
    assert_true(sorts->count > 50);
}

/* ---------------------------------------------------------------- one thing changed */

struct nodes {
    json_t *all[NODES_MAX]; /* objects and lists, as often as they have members */
    size_t count;
};

static void gather(json_t *value, struct nodes *nodes)
{
    const char *key = NULL;
    json_t *member = NULL;
    size_t index = 0;
    if (json_is_object(value))
        json_object_foreach(value, key, member)
        {
            if (nodes->count < NODES_MAX)
                nodes->all[nodes->count++] = value;
            gather(member, nodes);
        }
    json_array_foreach(value, index, member)
    {
        if (nodes->count < NODES_MAX)
            nodes->all[nodes->count++] = value;
        gather(member, nodes);
    }
}

static uint64_t draw(uint64_t *random, uint64_t below)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (*random >> 33) % below;
}

/* What takes a value's place: often something that stands at another place of an entry. */
static json_t *other(const json_t *value, uint64_t *random)
{
    static const char *const texts[] = {"",           "x",    "0.00",    "-1.00", "1.000",
                                        "00.50",      "USD",  "refused", "flag",  "waiting",
                                        "2026-02-30", "US01", "a\"b",    "é",     "rounding"};
    static const int64_t integers[] = {0, 1, -1, 9, 10, 1000001, CANON_INTEGER_MAX};
    const char *text = json_string_value(value);
    char cut[4096];
    switch (draw(random, 9)) {
    case 0:
        return json_null();
    case 1:
        return json_true();
    case 2:
        return json_object();
    case 3:
        return json_array();
    case 4:
        return json_integer(integers[draw(random, sizeof integers / sizeof integers[0])]);
    case 5:
        if (text == NULL || strlen(text) >= sizeof cut - 1)
            return json_integer(json_integer_value(value) + 1);
        snprintf(cut, sizeof cut, "%.*s", (int)draw(random, strlen(text) + 1), text);
        return json_string_nocheck(cut);
    case 6:
        if (text == NULL || strlen(text) >= sizeof cut - 2)
            return json_integer(-json_integer_value(value));
        snprintf(cut, sizeof cut, "%s%c", text, "0A=-\"z"[draw(random, 6)]);
        return json_string(cut);
    default:
        return json_string(texts[draw(random, sizeof texts / sizeof texts[0])]);
    }
}

static void change(json_t *entry, uint64_t *random)
{
    static struct nodes nodes;
    nodes.count = 0;
    gather(entry, &nodes);
    json_t *where = nodes.all[draw(random, nodes.count)];
    if (json_is_array(where)) {
        const size_t at = (size_t)draw(random, json_array_size(where));
        const uint64_t how = draw(random, 4);
        if (how == 0)
            json_array_remove(where, at);
        else if (how == 1)
            json_array_append(where, json_array_get(where, at));
        else
            json_array_set_new(where, at, other(json_array_get(where, at), random));
        return;
    }
    void *at = json_object_iter(where);
    for (uint64_t left = draw(random, json_object_size(where)); left > 0; left--)
        at = json_object_iter_next(where, at);
    const uint64_t how = draw(random, 6);
    if (how == 0)
        json_object_del(where, json_object_iter_key(at));
    else if (how == 1)
        json_object_set(where, "taxes", json_object_iter_value(at));
    else
        json_object_iter_set_new(where, at, other(json_object_iter_value(at), random));
}

static void what_is_changed_is_seen_both_ways(void **state)
{
    struct sorts *sorts = *state;
    const char *wanted = getenv("CHANGES");
    const size_t changes = wanted != NULL ? strtoul(wanted, NULL, 10) : CHANGED;
    uint64_t random = 1;
    size_t refused = 0, looked_at = 0;
    for (size_t i = 0; i < sorts->count; i++) {
        const struct sort *sort = &sorts->all[i];
        for (size_t k = 0; sort->length < 20000 && k < changes; k++) {
            json_t *entry = json_loadb(sort->bytes, sort->length, 0, NULL);
            char *bytes = NULL;
            size_t length = 0;
            bool looked = false;
            change(entry, &random);
            if (canon_encode(entry, &bytes, &length, NULL) == STATUS_OK) {
                refused += !hold(sorts, sort->name, slice_of(bytes, length), &looked);
                looked_at += looked;
            }
            free(bytes);
            json_decref(entry);
        }
    }
    assert_true(refused > changes * sorts->count / 4);
    assert_true(looked_at > 0);
}

/* A change that makes an entry unsound, or leaves it sound: each is of another question that is asked of its form. */
struct spoiling {
    const char *sort, *place; /* members and numbers from the outermost on */
    const char *value;        /* JSON; NULL: it is taken out */
    bool sound;
};

static const struct spoiling spoilings[] = {
    {"submit credit-note", "v", "2", false},
    {"submit credit-note", "seq", "-1", false},
    {"submit credit-note", "time", "\"2026-13-01T00:00:00.000Z\"", false},
    {"submit credit-note", "gate/exe", "\"0\"", false},
    {"submit credit-note", "statement/actor", "\"-\"", false},
    {"submit credit-note", "statement/seen", "null", true},
    {"submit credit-note", "statement/seen", "true", false},
    {"submit credit-note", "statement/body/documents/0/amount", "\"1.000\"", false},
    {"submit credit-note", "statement/body/documents/0/amount", "\"7.00\"", true},
    {"submit credit-note", "statement/body/documents/0/allocations/0/amount", "\"1.0\"", false},
    {"submit credit-note", "statement/body/documents/0/allocations",
     "[{\"amount\":\"1.00\",\"invoice\":\"I1\"},{\"amount\":\"1.00\",\"invoice\":\"I1\"}]", false},
    {"submit credit-note", "statement/body/documents/0/allocations",
     "[{\"amount\":\"1.00\",\"invoice\":\"I1\"},{\"amount\":\"1.00\",\"invoice\":\"I1\",\"line\":\"1\"}]", true},
    {"submit credit-note", "statement/body/documents/0/on_account", "\"1.000\"", false},
    {"submit credit-note", "statement/body/documents/0/taxes", "[{\"code\":\"A\",\"net\":\"0.00\",\"tax\":\"0.00\"}]",
     false},
    {"submit credit-note", "statement/body/documents/0/reason", NULL, false},
    {"submit credit-note", "statement/body/documents/0/kind", "\"nothing\"", false},
    {"submit credit-note", "decision/results/0/version", NULL, false},
    {"submit credit-note", "decision/results/0/content", NULL, false},
    {"submit credit-note", "decision/results/0/outcome", "\"withdrawn\"", false},
    {"submit credit-note", "decision/results/0/levels", "[2,1]", false},
    {"submit credit-note", "decision/results/0/levels", "[10]", false},
    {"submit credit-note", "decision/results/0/controls", "[{\"answer\":\"no\",\"code\":\"a\",\"control\":\"b\"}]",
     false},
    {"submit credit-note", "decision/results/0/lines",
     "[{\"account\":\"1\",\"amount\":\"0.00\",\"currency\":\"USD\",\"side\":\"cr\"}]", false},
    {"submit credit-note", "decision/results/0/lines",
     "[{\"account\":\"1\",\"amount\":\"0.00\",\"currency\":\"USD\",\"difference\":\"fx\",\"functional\":\"1.00\","
     "\"side\":\"cr\"}]",
     true},
    {"submit credit-note", "decision/results", "[]", false},
    {"submit credit-note", "decision/outcome", "\"refused\"", false},
    {"submit correction", "statement/body/documents/0/reads", "[{\"read\":\"a\",\"source\":\"actual\",\"value\":1}]",
     false},
    {"submit case-note", "decision/results/0/document", NULL, false},
    {"feed invoices", "statement/body/file/total", NULL, false},
    {"feed invoices", "statement/body/file/total", "\"1.000\"", false},
    {"feed invoices", "statement/body/records/0/gross", "\"1.000\"", false},
    {"feed invoices", "decision/results/0/count", NULL, false},
};

static json_t *step_into(json_t *where, const char *name)
{
    return json_is_array(where) ? json_array_get(where, strtoul(name, NULL, 10)) : json_object_get(where, name);
}

static void spoil(json_t *entry, const struct spoiling *spoiling)
{
    char place[128], *rest = NULL;
    snprintf(place, sizeof place, "%s", spoiling->place);
    char *name = strtok_r(place, "/", &rest), *next = NULL;
    json_t *where = entry;
    for (; (next = strtok_r(NULL, "/", &rest)) != NULL; name = next)
        where = step_into(where, name);
    assert_true(json_is_object(where));
    if (spoiling->value == NULL)
        assert_int_equal(json_object_del(where, name), 0);
    else
        assert_int_equal(json_object_set_new(where, name, json_loads(spoiling->value, JSON_DECODE_ANY, NULL)), 0);
}

static void each_question_of_form_is_asked(void **state)
{
    struct sorts *sorts = *state;
    for (size_t i = 0; i < sizeof spoilings / sizeof spoilings[0]; i++) {
        const struct spoiling *spoiling = &spoilings[i];
        const struct sort *sort = sorts->all;
        while (strcmp(sort->name, spoiling->sort) != 0)
            sort++;
        json_t *entry = json_loadb(sort->bytes, sort->length, 0, NULL);
        char *bytes = NULL;
        size_t length = 0;
        bool looked = false;
        spoil(entry, spoiling);
        assert_int_equal(canon_encode(entry, &bytes, &length, NULL), STATUS_OK);
        if (hold(sorts, sort->name, slice_of(bytes, length), &looked) != spoiling->sound)
            fail_msg("%s, %s = %s", sort->name, spoiling->place, spoiling->value);
        assert_int_equal(looked, spoiling->sound);
        free(bytes);
        json_decref(entry);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(most_are_looked_at_where_they_lie),
                                       cmocka_unit_test(each_question_of_form_is_asked),
                                       cmocka_unit_test(what_is_changed_is_seen_both_ways)};
    return sodium_init() < 0 || cmocka_run_group_tests(tests, sorts_read, sorts_free) != 0;
}
