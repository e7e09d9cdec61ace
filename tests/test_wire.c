/*
 * Messages between the command line and a server: what is one, what is none, and what errors look like on the way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/wire.h"

static enum status parse(const char *line, json_t **ret_message)
{
    struct err err;
    return wire_parse(slice_of(line, strlen(line)), ret_message, &err);
}

static void only_plain_objects_are_messages(void **state)
{
    static const char *const bad[] = {"",
                                      "[]",
                                      "1",
                                      "\"a\"",
                                      "{",
                                      "{}{}",
                                      "{\"a\":1,\"a\":1}",
                                      "{\"a\":1.5}",
                                      "{\"a\":[{\"b\":1e3}]}",
                                      "{\"a\":\"\xff\"}",
                                      "{\"a\":\"\\ud800\"}",
                                      "{'a':1}",
                                      "nul",
                                      "}",
                                      "{}]",
                                      "{\"a\":99999999999999999999}"};
    json_t *message = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (parse(bad[i], &message) != STATUS_INPUT)
            fail_msg("taken: %s", bad[i]);
    }
    assert_int_equal(parse("{\"do\":\"end\",\"id\":1}", &message), STATUS_OK);
    assert_int_equal(json_integer_value(json_object_get(message, "id")), 1);
    json_decref(message);
}

static void nesting_has_an_end(void **state)
{
    char line[256];
    json_t *message = NULL;
    (void)state;
    for (unsigned depth = WIRE_DEPTH_MAX; depth <= WIRE_DEPTH_MAX + 1; depth++) {
        size_t used = (size_t)snprintf(line, sizeof line, "{\"a\\\"[[[[[[[[[[[[[[[[[[[[[[[\":");
        for (unsigned i = 1; i < depth; i++)
            line[used++] = '[';
        for (unsigned i = 1; i < depth; i++)
            line[used++] = ']';
        line[used++] = '}';
        line[used] = '\0';
        assert_int_equal(parse(line, &message), depth <= WIRE_DEPTH_MAX ? STATUS_OK : STATUS_LIMIT);
    }
    json_decref(message);
}

/* What stands beside each other is as deep as one of it, and brackets in texts are none; of both sorts. */
static void only_what_is_inside_is_deeper(void **state)
{
    static const char *const parts[] = {"[]", "{}", "\"[{\"", "\"]}\""};
    json_t *message = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char line[512];
        size_t used = (size_t)snprintf(line, sizeof line, "{\"a\":[%s", parts[i]);
        for (unsigned count = 0; count < 2 * WIRE_DEPTH_MAX; count++)
            used += (size_t)snprintf(line + used, sizeof line - used, ",%s", parts[i]);
        snprintf(line + used, sizeof line - used, "]}");
        assert_int_equal(parse(line, &message), STATUS_OK);
        json_decref(message);
        message = NULL;
    }
    for (unsigned depth = WIRE_DEPTH_MAX; depth <= WIRE_DEPTH_MAX + 1; depth++) {
        char line[512] = "";
        for (unsigned i = 1; i < depth; i++)
            strcat(line, "{\"]\":");
        strcat(line, "{}");
        for (unsigned i = 1; i < depth; i++)
            strcat(line, "}");
        assert_int_equal(parse(line, &message), depth <= WIRE_DEPTH_MAX ? STATUS_OK : STATUS_LIMIT);
    }
    json_decref(message);
}

static void a_line_is_printed_whole(void **state)
{
    char *line = NULL;
    size_t length = 0;
    struct err err;
    (void)state;
    assert_int_equal(wire_print(json_pack("{s:I, s:s}", "id", (json_int_t)7, "do", "a\nb"), &line, &length, &err),
                     STATUS_OK);
    assert_string_equal(line, "{\"do\":\"a\\nb\",\"id\":7}\n");
    assert_int_equal(length, strlen(line));
    free(line);
    assert_int_equal(wire_print(NULL, &line, &length, &err), STATUS_MEMORY);
}

static void bytes_come_back(void **state)
{
    static const uint8_t bytes[] = {0, 255, '\n', '"'};
    uint8_t *back = NULL;
    size_t length = 0;
    struct err err;
    (void)state;
    json_t *text = wire_bytes(slice_of(bytes, sizeof bytes));
    assert_int_equal(wire_bytes_read(text, sizeof bytes, &back, &length, &err), STATUS_OK);
    assert_int_equal(length, sizeof bytes);
    assert_memory_equal(back, bytes, sizeof bytes);
    free(back);
    assert_int_equal(wire_bytes_read(text, sizeof bytes - 1, &back, &length, &err), STATUS_LIMIT);
    json_decref(text);
    assert_int_equal(wire_bytes_read(NULL, sizeof bytes, &back, &length, &err), STATUS_INPUT);
}

/* Each class of failure arrives as the class that it was, with its sentence. */
static void errors_arrive_as_they_were(void **state)
{
    (void)state;
    for (int status = STATUS_INPUT; status <= STATUS_PERMISSION; status++) {
        struct err err, back;
        assert_int_equal(err_set(&err, (enum status)status, "entry %d is not there", status), status);
        json_t *answer = wire_error(3, &err);
        assert_int_equal(json_integer_value(json_object_get(answer, "id")), 3);
        assert_int_equal(wire_error_read(answer, &back), status);
        assert_string_equal(back.text, err.text);
        json_decref(answer);
    }
    struct err err;
    json_t *answer = json_pack("{s:i}", "id", 1);
    assert_int_equal(wire_error_read(answer, &err), STATUS_OK);
    json_object_set_new(answer, "error", json_pack("{s:s, s:s}", "status", "ok", "text", "x"));
    assert_int_equal(wire_error_read(answer, &err), STATUS_INPUT);
    json_object_set_new(answer, "error", json_string("x"));
    assert_int_equal(wire_error_read(answer, &err), STATUS_INPUT);
    json_decref(answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_plain_objects_are_messages),
        cmocka_unit_test(nesting_has_an_end),
        cmocka_unit_test(only_what_is_inside_is_deeper),
        cmocka_unit_test(a_line_is_printed_whole),
        cmocka_unit_test(bytes_come_back),
        cmocka_unit_test(errors_arrive_as_they_were),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
