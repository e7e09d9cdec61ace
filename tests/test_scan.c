/*
 * The scanner: it accepts what canon_parse accepts, on the fuzzer's corpus and on repeatable mutations of it; it finds
 * members, and says what is wrong where.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/limits.h"
#include "ledger/scan.h"
#include "tests/fuzz/json_pair.h"
#include "tests/support/vector_file.h"

#define CORPUS "tests/fuzz/corpus/canon"

enum { FILES_MAX = 2000, MUTANT_BYTES_MAX = 4096, MUTATIONS = 300000 };

struct corpus {
    size_t count;
    struct {
        char name[128];
        char *bytes;
        size_t length;
    } files[FILES_MAX];
};

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* Sorted, so that the mutations are the same everywhere. */
static int corpus_load(void **state)
{
    struct dirent **entries = NULL;
    struct corpus *corpus = calloc(1, sizeof *corpus);
    int count = scandir(CORPUS, &entries, NULL, by_name);
    if (count < 0 || corpus == NULL)
        return -1;
    for (int i = 0; i < count; i++) {
        char path[512];
        if (entries[i]->d_name[0] != '.' && corpus->count < FILES_MAX) {
            snprintf(path, sizeof path, "%s/%s", CORPUS, entries[i]->d_name);
            snprintf(corpus->files[corpus->count].name, sizeof corpus->files[0].name, "%.127s", entries[i]->d_name);
            corpus->files[corpus->count].bytes = vector_file(path, &corpus->files[corpus->count].length);
            corpus->count++;
        }
        free(entries[i]);
    }
    free(entries);
    *state = corpus;
    return 0;
}

static int corpus_free(void **state)
{
    struct corpus *corpus = *state;
    for (size_t i = 0; i < corpus->count; i++)
        free(corpus->files[i].bytes);
    free(corpus);
    return 0;
}

/* Files good-* must be accepted by both, evil-* refused by both; of the fuzzer's own finds they must say the same. */
static void corpus_is_judged_alike(void **state)
{
    const struct corpus *corpus = *state;
    size_t good = 0;
    size_t evil = 0;
    for (size_t i = 0; i < corpus->count; i++) {
        bool accepted = false;
        const char *name = corpus->files[i].name;
        if (!json_pair_agrees(corpus->files[i].bytes, corpus->files[i].length, &accepted))
            fail_msg("%s: the two readers differ", name);
        if (strncmp(name, "good-", 5) == 0 && !accepted)
            fail_msg("%s: refused", name);
        if (strncmp(name, "evil-", 5) == 0 && accepted)
            fail_msg("%s: accepted", name);
        good += strncmp(name, "good-", 5) == 0 ? 1 : 0;
        evil += strncmp(name, "evil-", 5) == 0 ? 1 : 0;
    }
    assert_true(good >= 15);
    assert_true(evil >= 100);
}

/* Each good text, cut at every byte and with every byte changed into every other. */
static void every_single_change_is_judged_alike(void **state)
{
    const struct corpus *corpus = *state;
    for (size_t i = 0; i < corpus->count; i++) {
        char *bytes = corpus->files[i].bytes;
        size_t length = corpus->files[i].length;
        bool accepted = false;
        if (strncmp(corpus->files[i].name, "good-", 5) != 0 || length > 100)
            continue;
        for (size_t at = 0; at < length; at++) {
            char saved = bytes[at];
            assert_true(json_pair_agrees(bytes, at, &accepted));
            assert_false(accepted);
            for (int byte = 0; byte < 256; byte++) {
                bytes[at] = (char)byte;
                if (!json_pair_agrees(bytes, length, &accepted))
                    fail_msg("%s with byte %zu = 0x%02X: the two readers differ", corpus->files[i].name, at, byte);
            }
            bytes[at] = saved;
        }
    }
}

/* Pieces that make a text nearly right more often than random bytes do. */
static const char *const pieces[] = {"\"",
                                     "\\",
                                     "\\\"",
                                     ",",
                                     ":",
                                     "{",
                                     "}",
                                     "[",
                                     "]",
                                     "{}",
                                     "[]",
                                     "\"a\":",
                                     ",\"b\":1",
                                     "-",
                                     "0",
                                     "9",
                                     "1.5",
                                     "e1",
                                     "9007199254740991",
                                     "9007199254740992",
                                     "true",
                                     "null",
                                     " ",
                                     "\n",
                                     "\x7F",
                                     "\xC2\x85",
                                     "\xE2\x80\xAE",
                                     "\xF0\x9F\x98\x80",
                                     "\xED\xA0\x80",
                                     "\\u0061",
                                     "\\/",
                                     "\"a\":1,",
                                     ",\"zz\":[{}]"};

/* Cuts, replaces or inserts at one place. */
static size_t mutate(char *bytes, size_t length, uint64_t *random)
{
    const char *piece = pieces[vector_random(random) % (sizeof pieces / sizeof pieces[0])];
    size_t piece_length = strlen(piece);
    size_t at = length == 0 ? 0 : vector_random(random) % (length + 1);
    size_t cut = 0;
    switch (vector_random(random) % 4) {
    case 0: /* cut */
        piece_length = 0;
        cut = 1 + vector_random(random) % 4;
        break;
    case 1: /* replace */
        cut = 1 + vector_random(random) % 3;
        break;
    case 2: /* insert */
        break;
    case 3: /* one random byte over one */
        if (at < length)
            bytes[at] = (char)vector_random(random);
        return length;
    }
    cut = cut > length - at ? length - at : cut;
    if (length - cut + piece_length > MUTANT_BYTES_MAX)
        return length;
    memmove(bytes + at + piece_length, bytes + at + cut, length - at - cut);
    memcpy(bytes + at, piece, piece_length);
    return length - cut + piece_length;
}

static void mutations_are_judged_alike(void **state)
{
    const struct corpus *corpus = *state;
    char *bytes = malloc(MUTANT_BYTES_MAX);
    uint64_t random = 0x9E3779B97F4A7C15;
    size_t good = 0;
    assert_non_null(bytes);
    for (size_t i = 0; i < MUTATIONS; i++) {
        size_t file = vector_random(&random) % corpus->count;
        size_t length = corpus->files[file].length;
        if (length > 400)
            continue;
        memcpy(bytes, corpus->files[file].bytes, length);
        for (uint64_t n = 1 + vector_random(&random) % 3; n > 0; n--)
            length = mutate(bytes, length, &random);
        bool accepted = false;
        if (!json_pair_agrees(bytes, length, &accepted)) {
            fprintf(stderr, "mutant %zu: %.*s\n", i, (int)length, bytes);
            fail_msg("the two readers differ");
        }
        good += accepted ? 1 : 0;
    }
    free(bytes);
    assert_true(good > MUTATIONS / 500); /* else the mutations test only refusals */
}

static const char entry[] = "{\"decision\":{\"codes\":[{\"seq\":7}],\"seq\":5},\"prev\":\"00ff\",\"seq\":42,"
                            "\"statement\":{\"actor\":\"maria\",\"body\":{\"documents\":[{},{}]},\"note\":\"a\\\"b\"},"
                            "\"time\":\"2026-03-01T09:30:00.000Z\",\"v\":-1}";

static void assert_raw(const struct scan_member *member, const char *want)
{
    assert_int_equal(member->length, strlen(want));
    assert_memory_equal(entry + member->offset, want, member->length);
}

static void members_are_found_by_path(void **state)
{
    (void)state;
    struct scan_member members[] = {{.name = "seq"},
                                    {.name = "statement/actor"},
                                    {.name = "statement/body/documents"},
                                    {.name = "statement"},
                                    {.name = "absent", .offset = 9, .length = 9},
                                    {.name = "statement/seq"},
                                    {.name = "decision/codes/seq"},
                                    {.name = "decision/seq"},
                                    {.name = "statemen"},
                                    {.name = "actor"},
                                    {.name = "v"}};
    assert_int_equal(scan_object(entry, sizeof entry - 1, 1000, members, sizeof members / sizeof members[0], NULL),
                     STATUS_OK);
    assert_raw(&members[0], "42");
    assert_raw(&members[1], "\"maria\"");
    assert_raw(&members[2], "[{},{}]");
    assert_raw(&members[3], "{\"actor\":\"maria\",\"body\":{\"documents\":[{},{}]},\"note\":\"a\\\"b\"}");
    assert_int_equal(members[4].length, 0);
    assert_int_equal(members[5].length, 0);
    assert_int_equal(members[6].length, 0);
    assert_raw(&members[7], "5");
    assert_int_equal(members[8].length, 0);
    assert_int_equal(members[9].length, 0);
    assert_raw(&members[10], "-1");
}

static void closed_schema_wants_all_and_no_other(void **state)
{
    (void)state;
    struct err err;
    struct scan_member all[] = {{.name = "decision"}, {.name = "prev"}, {.name = "seq"},
                                {.name = "time"},     {.name = "v"},    {.name = "statement/actor"}};
    assert_int_equal(scan_object_exact(entry, sizeof entry - 1, 1000, all, 6, &err), STATUS_OK);
    assert_raw(&all[5], "\"maria\"");
    assert_int_equal(scan_object_exact(entry, sizeof entry - 1, 1000, all, 5, &err), STATUS_INPUT);
    assert_string_equal(err.text, "byte 65: unknown member 'statement'");
    struct scan_member more[] = {{.name = "decision"}, {.name = "prev"}, {.name = "seq"},      {.name = "time"},
                                 {.name = "v"},        {.name = "w"},    {.name = "statement"}};
    more[0].length = 77;
    assert_int_equal(scan_object_exact(entry, sizeof entry - 1, 1000, more, 7, &err), STATUS_INPUT);
    assert_string_equal(err.text, "member 'w' is missing");
    assert_int_equal(more[0].length, 77); /* untouched */
}

static void values_are_read_from_their_spans(void **state)
{
    (void)state;
    struct err err;
    struct scan_member members[] = {
        {.name = "seq"}, {.name = "v"}, {.name = "prev"}, {.name = "statement/note"}, {.name = "w"}};
    int64_t integer = 0;
    const char *text = NULL;
    size_t length = 0;
    assert_int_equal(scan_object(entry, sizeof entry - 1, 1000, members, 5, &err), STATUS_OK);
    assert_int_equal(scan_integer(entry, &members[0], &integer, &err), STATUS_OK);
    assert_true(integer == 42);
    assert_int_equal(scan_integer(entry, &members[1], &integer, &err), STATUS_OK);
    assert_true(integer == -1);
    assert_int_equal(scan_integer(entry, &members[2], &integer, &err), STATUS_INPUT);
    assert_string_equal(err.text, "member 'prev' is not an integer");
    assert_int_equal(scan_integer(entry, &members[4], &integer, &err), STATUS_INPUT);
    assert_string_equal(err.text, "member 'w' is missing");
    assert_int_equal(scan_text(entry, &members[2], &text, &length, &err), STATUS_OK);
    assert_int_equal(length, 4);
    assert_memory_equal(text, "00ff", 4);
    assert_int_equal(scan_text(entry, &members[0], &text, &length, &err), STATUS_INPUT);
    assert_string_equal(err.text, "member 'seq' is not text");
    assert_int_equal(scan_text(entry, &members[3], &text, &length, &err), STATUS_INPUT);
    assert_int_equal(scan_text(entry, &members[4], &text, &length, &err), STATUS_INPUT);
}

struct elements {
    const char *bytes;
    char joined[512];
    size_t count, ends_at; /* 0: goes on to the end */
};

static enum status element(void *context, size_t offset, size_t length, struct err *err)
{
    struct elements *elements = context;
    size_t used = strlen(elements->joined);
    snprintf(elements->joined + used, sizeof elements->joined - used, "<%.*s>", (int)length, elements->bytes + offset);
    return ++elements->count == elements->ends_at ? err_set(err, STATUS_LIMIT, "enough") : STATUS_OK;
}

static void elements_of(const char *bytes, const char *want)
{
    struct scan_member list = {.name = "l"};
    struct elements elements = {.bytes = bytes};
    struct err err;
    assert_int_equal(scan_object(bytes, strlen(bytes), ENTRY_BYTES_MAX, &list, 1, &err), STATUS_OK);
    assert_int_equal(scan_list(bytes, &list, element, &elements, &err), STATUS_OK);
    assert_string_equal(elements.joined, want);
    if (elements.count < 2)
        return;
    struct elements first = {.bytes = bytes, .ends_at = 1};
    assert_int_equal(scan_list(bytes, &list, element, &first, &err), STATUS_LIMIT);
    assert_int_equal(first.count, 1);
}

static void a_list_is_taken_apart(void **state)
{
    (void)state;
    elements_of("{\"l\":[]}", "");
    elements_of("{\"a\":[5],\"l\":[1],\"m\":[2,3]}", "<1>");
    elements_of("{\"l\":[1,-22,true,null,\"\",\"a,b]\"]}", "<1><-22><true><null><\"\"><\"a,b]\">");
    elements_of("{\"l\":[{},[],{\"a\":[1,{\"b\":\"}\"}],\"c\":2},[[],[3,4]]]}",
                "<{}><[]><{\"a\":[1,{\"b\":\"}\"}],\"c\":2}><[[],[3,4]]>");
    elements_of("{\"l\":[\"\\\"\",\"\\\\\",\"\\\\\\\",\",\"\xC3\xA9,\xE2\x82\xAC\"]}",
                "<\"\\\"\"><\"\\\\\"><\"\\\\\\\",\"><\"\xC3\xA9,\xE2\x82\xAC\">");
}

static void refusals_say_where_and_what(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum status status;
        const char *error;
    } cases[] = {
        {"[]", STATUS_INPUT, "byte 0: the whole must be an object"},
        {"{}x", STATUS_INPUT, "byte 2: something follows the object"},
        {"{\"b\":1,\"a\":1}", STATUS_INPUT, "byte 7: members are not sorted"},
        {"{\"a\":1,\"a\":1}", STATUS_INPUT, "byte 7: this member name stands here twice"},
        {"{\"A\":1}", STATUS_INPUT, "byte 1: member names are made of a-z 0-9 _ . -"},
        {"{\"a\":1 }", STATUS_INPUT, "byte 6: ',' is due here"},
        {"{\"a\":", STATUS_INPUT, "byte 5: the text ends where a value is due"},
        {"{\"a\"", STATUS_INPUT, "byte 4: the text ends where ':' is due"},
        {"{\"a\":\"\\n\"}", STATUS_INPUT, "byte 6: the only escapes are \\\" and \\\\"},
        {"{\"a\":\"\xE2\x80\xAE\"}", STATUS_INPUT, "byte 6: character U+202E is not allowed"},
        {"{\"a\":\"\xFF\"}", STATUS_INPUT, "byte 6: not UTF-8"},
        {"{\"a\":\"", STATUS_INPUT, "byte 6: the text ends inside a string"},
        {"{\"a\":-0}", STATUS_INPUT, "byte 5: no integer within +-(2^53-1), without leading zeros and -0"},
        {"{\"a\":nil}", STATUS_INPUT, "byte 5: no JSON value"},
        {"{\"a\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}", STATUS_LIMIT, "byte 20: objects and arrays nest deeper than 16"},
        {"{\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\":1}", STATUS_LIMIT,
         "byte 1: member names have at most 64 bytes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err err = {.text = ""};
        assert_int_equal(scan_check(cases[i].text, strlen(cases[i].text), 1000, &err), cases[i].status);
        assert_string_equal(err.text, cases[i].error);
    }
    assert_int_equal(scan_check("{\"a\":1}", 7, 7, NULL), STATUS_OK);
    assert_int_equal(scan_check("{\"a\":1}", 7, 6, NULL), STATUS_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(corpus_is_judged_alike, corpus_load, corpus_free),
        cmocka_unit_test_setup_teardown(every_single_change_is_judged_alike, corpus_load, corpus_free),
        cmocka_unit_test_setup_teardown(mutations_are_judged_alike, corpus_load, corpus_free),
        cmocka_unit_test(members_are_found_by_path),
        cmocka_unit_test(closed_schema_wants_all_and_no_other),
        cmocka_unit_test(values_are_read_from_their_spans),
        cmocka_unit_test(a_list_is_taken_apart),
        cmocka_unit_test(refusals_say_where_and_what),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
