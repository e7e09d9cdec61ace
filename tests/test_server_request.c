/*
 * What strangers may ask of a server: lines cut out of bytes, each request with its members and no others. The fuzzer's corpus
 * is replayed here, with repeatable mutations of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>

#include "cli/serve_options.h"
#include "cli/server/frame.h"
#include "cli/server/request.h"
#include "cli/wire.h"
#include "ledger/beside.h"
#include "ledger/journal.h"
#include "ledger/timestamps.h"
#include "tests/support/vector_file.h"

static enum status read_text(const char *line, struct request *ret_request, int64_t *ret_id, struct err *err)
{
    return request_read(slice_of(line, strlen(line)), ret_request, ret_id, err);
}

static void a_request_is_taken_apart(void **state)
{
    struct request request;
    struct err err;
    int64_t id;
    (void)state;
    assert_int_equal(
        read_text("{\"at\":\"after\",\"do\":\"seek\",\"id\":7,\"key\":\"QUI=\",\"records\":100,\"snapshot\":3,"
                  "\"table\":\"documents\"}",
                  &request, &id, &err),
        STATUS_OK);
    assert_int_equal(request.kind, REQUEST_SEEK);
    assert_int_equal(id, 7);
    assert_int_equal(request.at, STORE_SEEK_AFTER);
    assert_int_equal(request.length, 2);
    assert_memory_equal(request.bytes, "AB", 2);
    assert_int_equal(request.records, 100);
    assert_int_equal(request.snapshot, 3);
    assert_string_equal(request.table, "documents");
    request_done(&request);
}

/* A line, its status, the id to answer under, and what the error names. */
struct bad_line {
    const char *line;
    enum status status;
    int64_t id;
    const char *names;
};

static void what_is_wrong_is_named(void **state)
{
    static const struct bad_line lines[] = {
        {"{\"do\":\"status\"}", STATUS_INPUT, 0, "id"},
        {"{\"do\":\"status\",\"id\":0}", STATUS_INPUT, 0, "id"},
        {"{\"do\":\"status\",\"id\":9007199254740992}", STATUS_INPUT, 0, "id"},
        {"{\"do\":\"status\",\"id\":\"1\"}", STATUS_INPUT, 0, "id"},
        {"{\"id\":4}", STATUS_INPUT, 4, "do"},
        {"{\"do\":5,\"id\":4}", STATUS_INPUT, 4, "do"},
        {"{\"do\":\"fly\",\"id\":4}", STATUS_INPUT, 4, "'fly'"},
        {"{\"do\":\"f\\u001b\",\"id\":4}", STATUS_INPUT, 4, "\\x1B"},
        {"{\"do\":\"status\",\"id\":4,\"x\":1}", STATUS_INPUT, 4, "'x'"},
        {"{\"do\":\"begin\",\"id\":4}", STATUS_INPUT, 4, "store: is missing"},
        {"{\"do\":\"begin\",\"id\":4,\"store\":\"all\"}", STATUS_INPUT, 4, "store"},
        {"{\"do\":\"end\",\"id\":4,\"snapshot\":0}", STATUS_INPUT, 4, "snapshot"},
        {"{\"do\":\"wait\",\"id\":4,\"ms\":60001,\"size\":0}", STATUS_INPUT, 4, "ms"},
        {"{\"do\":\"wait\",\"id\":4,\"ms\":-1,\"size\":0}", STATUS_INPUT, 4, "ms"},
        {"{\"do\":\"wait\",\"id\":4,\"ms\":0,\"size\":-1}", STATUS_INPUT, 4, "size"},
        {"{\"at\":\"after\",\"do\":\"seek\",\"id\":4,\"records\":1,\"snapshot\":1,\"table\":\"t\"}", STATUS_INPUT, 4,
         "key"},
        {"{\"at\":\"last\",\"do\":\"seek\",\"id\":4,\"key\":\"QQ==\",\"records\":1,\"snapshot\":1,\"table\":\"t\"}",
         STATUS_INPUT, 4, "key"},
        {"{\"at\":\"first\",\"do\":\"seek\",\"id\":4,\"records\":1001,\"snapshot\":1,\"table\":\"t\"}", STATUS_INPUT, 4,
         "records"},
        {"{\"do\":\"get\",\"id\":4,\"key\":\"Q\",\"snapshot\":1,\"table\":\"t\"}", STATUS_INPUT, 4, "key"},
        {"{\"do\":\"hello\",\"id\":1,\"keys\":[],\"nonce\":\"00\",\"user\":\"u\"}", STATUS_INPUT, 1, "keys"},
        {"{\"do\":\"hello\",\"id\":1,\"keys\":[\"k\"],\"nonce\":\"00\",\"user\":\"u\"}", STATUS_INPUT, 1, "nonce"},
        {"{\"do\":\"submit\",\"id\":1,\"signatures\":[],\"statement\":\"\"}", STATUS_INPUT, 1, "signatures"},
        {"{\"do\":\"personal-put\",\"id\":1,\"bytes\":\"\",\"salt\":\"QQ==\"}", STATUS_INPUT, 1, "salt"},
        {"{\"do\":\"has\",\"id\":1,\"sha256\":\"A\"}", STATUS_INPUT, 1, "sha256"},
        {"{\"do\":\"checkpoint-add\",\"id\":1}", STATUS_INPUT, 1, "note: is missing"},
        {"{\"do\":\"checkpoint-add\",\"id\":1,\"note\":\"\"}", STATUS_INPUT, 1, "note: a signed note"},
        {"{\"do\":\"checkpoint-add\",\"id\":1,\"note\":\"a\\u0000b\"}", STATUS_INPUT, 0, "no JSON"},
        {"{\"do\":\"timestamp-put\",\"id\":1,\"bytes\":\"\"}", STATUS_INPUT, 1, "a reply is not empty"},
        {"{\"do\":\"timestamp-get\",\"id\":1,\"name\":\"\"}", STATUS_INPUT, 1, "name: a time stamp is called"},
        {"{\"do\":\"timestamp-get\",\"id\":1,\"name\":\"1-0123456789abcdef.tsr/\"}", STATUS_INPUT, 1, "name"},
        {"{\"do\":\"timestamp-get\",\"id\":1,\"name\":\"1-0123456789abcdeF.tsr\"}", STATUS_INPUT, 1, "name"},
        {"{\"do\":\"timestamp-get\",\"id\":1,\"name\":\"01-0123456789abcdef.tsr\"}", STATUS_INPUT, 1, "name"},
        {"{\"do\":\"timestamps\",\"id\":1,\"after\":\"../x\"}", STATUS_INPUT, 1, "after"},
        {"{\"do\":\"timestamps\",\"id\":1,\"after\":7}", STATUS_INPUT, 1, "after"},
        {"{\"do\":\"erase\",\"id\":1,\"document\":\"a b\"}", STATUS_INPUT, 1, "document"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct request request;
        struct err err;
        int64_t id = -1;
        enum status status = read_text(lines[i].line, &request, &id, &err);
        if (status != lines[i].status || id != lines[i].id || strstr(err.text, lines[i].names) == NULL)
            fail_msg("%s: %s under %lld: %s", lines[i].line, status_name(status), (long long)id, err.text);
    }
}

static enum status read_hello(size_t keys, size_t key_length)
{
    struct request request = {.json = NULL};
    struct err err;
    char key[PUBLIC_KEY_TEXT_MAX + 1], nonce[HASH_HEX_CHARS + 1];
    int64_t id;
    json_t *list = json_array();
    memset(key, 'k', sizeof key);
    memset(nonce, 'a', sizeof nonce);
    for (size_t i = 0; i < keys; i++)
        json_array_append_new(list, json_stringn(key, key_length));
    json_t *hello = json_pack("{s:s, s:i, s:o, s:s#, s:s}", "do", "hello", "id", 1, "keys", list, "nonce", nonce,
                              HASH_HEX_CHARS, "user", "maria");
    char *line = json_dumps(hello, JSON_SORT_KEYS);
    enum status status = read_text(line, &request, &id, &err);
    request_done(&request);
    free(line);
    json_decref(hello);
    return status;
}

/* The last that is allowed, and the first that is not. */
static void bounds_are_allowed(void **state)
{
    static const char *const allowed[] = {
        "{\"do\":\"status\",\"id\":1}",
        "{\"do\":\"status\",\"id\":9007199254740991}",
        "{\"do\":\"end\",\"id\":4,\"snapshot\":1}",
        "{\"do\":\"wait\",\"id\":4,\"ms\":60000,\"size\":0}",
        "{\"do\":\"wait\",\"id\":4,\"ms\":0,\"size\":9007199254740991}",
        "{\"at\":\"first\",\"do\":\"seek\",\"id\":4,\"records\":1,\"snapshot\":1,\"table\":\"t\"}",
        "{\"at\":\"last\",\"do\":\"seek\",\"id\":4,\"records\":1000,\"snapshot\":1,\"table\":\"t\"}",
    };
    char table[66], line[256];
    struct request request = {.json = NULL};
    struct err err;
    int64_t id;
    (void)state;
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
        if (read_text(allowed[i], &request, &id, &err) != STATUS_OK)
            fail_msg("%s: %s", allowed[i], err.text);
        request_done(&request);
    }
    assert_int_equal(
        read_text("{\"at\":\"first\",\"do\":\"seek\",\"id\":4,\"records\":0,\"snapshot\":1,\"table\":\"t\"}", &request,
                  &id, &err),
        STATUS_INPUT);
    memset(table, 't', sizeof table);
    for (int length = 64; length <= 65; length++) {
        snprintf(line, sizeof line, "{\"do\":\"count\",\"id\":4,\"snapshot\":1,\"table\":\"%.*s\"}", length, table);
        assert_int_equal(read_text(line, &request, &id, &err), length == 64 ? STATUS_OK : STATUS_INPUT);
        request_done(&request);
    }
    assert_int_equal(read_hello(1, 1), STATUS_OK);
    assert_int_equal(read_hello(WIRE_KEYS_MAX, PUBLIC_KEY_TEXT_MAX - 1), STATUS_OK);
    assert_int_equal(read_hello(WIRE_KEYS_MAX + 1, 1), STATUS_INPUT);
    assert_int_equal(read_hello(1, PUBLIC_KEY_TEXT_MAX), STATUS_INPUT);
}

/* What is not cut yet stays, however much memory what was cut takes back. */
static void a_rest_stays(void **state)
{
    enum { KEPT = 4096 }; /* a buffer that is no larger is kept */
    static char bytes[2 * KEPT];
    struct err err;
    (void)state;
    for (size_t size = KEPT; size <= KEPT + 1; size++) {
        struct frame frame = {.bytes = NULL};
        char *line = NULL;
        size_t length = 0;
        memset(bytes, 'a', sizeof bytes);
        bytes[99] = bytes[size - 1] = '\n';
        assert_int_equal(frame_add(&frame, slice_of(bytes, size), &err), STATUS_OK);
        assert_int_equal(frame_cut(&frame, sizeof bytes, &line, &length, &err), STATUS_OK);
        assert_int_equal(length, 99);
        free(line);
        assert_int_equal(frame_bytes(&frame), size - 100);
        assert_int_equal(frame_cut(&frame, sizeof bytes, &line, &length, &err), STATUS_OK);
        assert_int_equal(length, size - 101);
        assert_memory_equal(line, bytes + 100, length);
        free(line);
        assert_int_equal(frame.size, size > KEPT ? 0 : KEPT);
        /* More of it arrives behind what was cut, and moves to the front. */
        for (int i = 0; i < 50; i++) {
            assert_int_equal(frame_add(&frame, slice_of(bytes + 1, 150), &err), STATUS_OK);
            assert_int_equal(frame_cut(&frame, sizeof bytes, &line, &length, &err), STATUS_OK);
            assert_int_equal(length, i == 0 ? 98 : 149);
            free(line);
        }
        assert_true(frame.size <= KEPT);
        frame_done(&frame);
    }
}

static void lines_have_an_end(void **state)
{
    struct frame frame = {.bytes = NULL};
    struct err err;
    char *line = NULL;
    size_t length = 0;
    (void)state;
    /* One byte below the bound, LF included, and one too many. */
    for (size_t size = 9; size <= 10; size++) {
        assert_int_equal(frame_add(&frame, slice_of("0123456789", size), &err), STATUS_OK);
        assert_int_equal(frame_cut(&frame, 10, &line, &length, &err), size == 9 ? STATUS_NOT_FOUND : STATUS_LIMIT);
        frame_done(&frame);
    }
    assert_int_equal(frame_add(&frame, slice_of("012345678\nab\n\nrest", 18), &err), STATUS_OK);
    static const char *const expected[] = {"012345678", "ab", ""};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(frame_cut(&frame, 10, &line, &length, &err), STATUS_OK);
        assert_string_equal(line, expected[i]);
        assert_int_equal(length, strlen(expected[i]));
        free(line);
    }
    assert_int_equal(frame_cut(&frame, 10, &line, &length, &err), STATUS_NOT_FOUND);
    assert_int_equal(frame_bytes(&frame), 4);
    frame_done(&frame);
}

#define CORPUS "tests/fuzz/corpus/request"

static void good_requests_are_read(void **state)
{
    DIR *folder = opendir(CORPUS);
    const struct dirent *entry;
    (void)state;
    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        char path[512];
        struct request request;
        struct err err;
        int64_t id;
        size_t size = 0;
        if (strncmp(entry->d_name, "good-", 5) != 0 || strcmp(entry->d_name, "good-many") == 0)
            continue;
        snprintf(path, sizeof path, "%s/%.200s", CORPUS, entry->d_name);
        char *bytes = vector_file(path, &size);
        if (request_read(slice_of(bytes, size - 1), &request, &id, &err) != STATUS_OK)
            fail_msg("%s: %s", entry->d_name, err.text);
        request_done(&request);
        free(bytes);
    }
    closedir(folder);
}

/* Each request of the table is among the good ones of the corpus, so that none is forgotten there. */
static void the_corpus_has_each_request(void **state)
{
    (void)state;
    for (int kind = 0; kind < REQUEST_KINDS; kind++) {
        DIR *folder = opendir(CORPUS);
        const struct dirent *entry;
        bool found = false;
        assert_non_null(folder);
        while ((entry = readdir(folder)) != NULL)
            found = found || (strncmp(entry->d_name, "good-", 5) == 0 && strlen(entry->d_name) > 8 &&
                              strcmp(entry->d_name + 8, request_name((enum request_kind)kind)) == 0);
        closedir(folder);
        if (!found)
            fail_msg("no good %s in %s", request_name((enum request_kind)kind), CORPUS);
    }
}

/* The help says what holds otherwise; it is written by hand, and has to be true. */
static void the_help_tells_the_limits(void **state)
{
    int64_t usual = 0;
    const char *name;
    (void)state;
    for (size_t i = 0; (name = server_limit_row(i, &usual)) != NULL; i++) {
        char text[64];
        if (strncmp(name, "connections", 11) == 0)
            continue; /* options of their own */
        snprintf(text, sizeof text, "%s=%lld", name, (long long)usual);
        if (strstr(SERVE_TEXT, text) == NULL)
            fail_msg("the help does not say %s", text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_taken_apart),    cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(bounds_are_allowed),          cmocka_unit_test(a_rest_stays),
        cmocka_unit_test(lines_have_an_end),           cmocka_unit_test(good_requests_are_read),
        cmocka_unit_test(the_corpus_has_each_request), cmocka_unit_test(the_help_tells_the_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
