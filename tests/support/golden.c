/*
 * Golden answers; see the header. A result's content hash is left out: it changes with every test before it in the book.
 */
#include "tests/support/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "controls/control.h"
#include "ledger/canon.h"
#include "ledger/schema.h"

static void show(const json_t *result, const char *wanted)
{
    char *text = json_dumps(result, JSON_COMPACT | JSON_SORT_KEYS);
    fail_msg("wanted %s: %s", wanted, text);
}

json_t *expect(json_t *result, const char *outcome)
{
    if (strcmp(member_text(result, "outcome"), outcome) != 0)
        show(result, outcome);
    return result;
}

void expect_done(json_t *result, const char *outcome)
{
    json_decref(expect(result, outcome));
}

static const json_t *answer_find(const json_t *result, const char *control, const char *code)
{
    const json_t *list = json_object_get(result, "controls");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *answer = json_array_get(list, i);
        if (strcmp(member_text(answer, "control"), control) == 0 && strcmp(member_text(answer, "code"), code) == 0)
            return answer;
    }
    return NULL;
}

/* Answers stand in catalogue order, whatever came to them. */
static void order_check(const json_t *result)
{
    const json_t *list = json_object_get(result, "controls");
    for (size_t i = 1; i < json_array_size(list); i++)
        if (strcmp(member_text(json_array_get(list, i - 1), "control"),
                   member_text(json_array_get(list, i), "control")) > 0)
            show(result, "answers in catalogue order");
}

void expect_answer(json_t *result, const char *outcome, const char *control, const char *code)
{
    char wanted[80];
    snprintf(wanted, sizeof wanted, "%s %s", control, code);
    expect(result, outcome);
    order_check(result);
    if (answer_find(result, control, code) == NULL)
        show(result, wanted);
    json_decref(result);
}

void expect_no_answer(json_t *result, const char *outcome, const char *control, const char *code)
{
    char wanted[80];
    snprintf(wanted, sizeof wanted, "no %s %s", control, code);
    expect(result, outcome);
    if (answer_find(result, control, code) != NULL)
        show(result, wanted);
    json_decref(result);
}

/* Whether the number stands in the sentence, thousands grouped or not. */
static bool sentence_says(const char *sentence, const char *number)
{
    char plain[SENTENCE_BYTES];
    size_t length = 0;
    for (const char *c = sentence; *c != '\0'; c++)
        if (!(*c == ',' && c > sentence && c[-1] >= '0' && c[-1] <= '9' && c[1] >= '0' && c[1] <= '9'))
            plain[length++] = *c;
    plain[length] = '\0';
    return strstr(plain, number) != NULL;
}

static void sentence_check(const json_t *answer, const char *sentence)
{
    const char *name;
    json_t *value;
    if (sentence[0] == '\0' || strchr(sentence, '?') != NULL)
        fail_msg("%s %s says '%s'", member_text(answer, "control"), member_text(answer, "code"), sentence);
    json_object_foreach((json_t *)answer, name, value)
    {
        char number[64] = "";
        const char *text = json_string_value(value);
        if (json_is_integer(value))
            snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
        else if (text != NULL && strlen(text) < 32 && strspn(text, "-0123456789.") == strlen(text) &&
                 strchr(text, '.') != NULL)
            snprintf(number, sizeof number, "%s", text);
        if (!sentence_says(sentence, number))
            fail_msg("%s %s does not say %s %s: %s", member_text(answer, "control"), member_text(answer, "code"), name,
                     number, sentence);
    }
    if (strlen(sentence) + 1 >= SENTENCE_BYTES)
        fail_msg("%s %s is cut: %s", member_text(answer, "control"), member_text(answer, "code"), sentence);
}

static char *golden_text(const json_t *result, const json_t *answer)
{
    struct err err;
    char sentence[SENTENCE_BYTES], *bytes = NULL;
    size_t length;
    answer_sentence(answer, sentence);
    sentence_check(answer, sentence);
    json_t *kept = json_copy((json_t *)result);
    json_object_del(kept, "content");
    json_object_del(kept, "policy");
    json_t *all = json_pack("{s:o, s:s}", "result", kept, "sentence", sentence);
    assert_int_equal(canon_encode(all, &bytes, &length, &err), STATUS_OK);
    json_decref(all);
    return bytes;
}

static void golden_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fprintf(file, "%s\n", text) > 0);
    assert_int_equal(fclose(file), 0);
}

static void golden_compare(const char *path, const char *text)
{
    static char kept[1 << 20];
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("%s is not there; make it with COUNTERSIGN_GOLDEN=write", path);
    size_t length = fread(kept, 1, sizeof kept - 1, file);
    assert_int_equal(fclose(file), 0);
    kept[length] = '\0';
    if (length != strlen(text) + 1 || memcmp(kept, text, length - 1) != 0)
        fail_msg("%s differs:\n  kept %s  now  %s", path, kept, text);
}

void golden(json_t *result, const char *outcome, const char *control, const char *code)
{
    char path[128];
    const char *mode = getenv("COUNTERSIGN_GOLDEN");
    json_incref(result);
    expect_answer(result, outcome, control, code);
    const struct control *row = control_find(control);
    assert_non_null(row);
    char *text = golden_text(result, answer_find(result, control, code));
    snprintf(path, sizeof path, GOLDEN_DIR "/%s.%s.json", control, code);
    if (mode != NULL && strcmp(mode, "write") == 0)
        golden_write(path, text);
    else
        golden_compare(path, text);
    free(text);
    json_decref(result);
}
