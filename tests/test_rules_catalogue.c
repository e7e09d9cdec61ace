/*
 * The catalogue against its golden answers: every code of every control has one, and every golden answer has its code.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "controls/control.h"
#include "tests/support/golden.h"

static bool code_listed(const struct control *control, const char *code)
{
    size_t length = strlen(code);
    for (const char *at = control->codes; *at != '\0';) {
        size_t word = strcspn(at, " ");
        if (word == length && memcmp(at, code, length) == 0)
            return true;
        at += word + strspn(at + word, " ");
    }
    return false;
}

static void every_code_has_a_golden_answer(void **state)
{
    int missing = 0;
    (void)state;
    for (size_t i = 0; i < control_count; i++)
        for (const char *at = controls[i]->codes; *at != '\0';) {
            char path[160];
            int word = (int)strcspn(at, " ");
            snprintf(path, sizeof path, GOLDEN_DIR "/%s.%.*s.json", controls[i]->id, word, at);
            if (access(path, R_OK) != 0) {
                print_message("%s is missing\n", path);
                missing++;
            }
            at += word + (int)strspn(at + word, " ");
        }
    assert_int_equal(missing, 0);
}

static void every_golden_answer_has_a_code(void **state)
{
    DIR *dir = opendir(GOLDEN_DIR);
    const struct dirent *file;
    size_t count = 0;
    (void)state;
    assert_non_null(dir);
    while ((file = readdir(dir)) != NULL) {
        char id[8] = "", code[64] = "";
        const char *dot = strchr(file->d_name, '.');
        const char *end = strrchr(file->d_name, '.');
        if (file->d_name[0] == '.' || end == NULL || strcmp(end, ".json") != 0)
            continue;
        snprintf(id, sizeof id, "%.*s", (int)(dot - file->d_name), file->d_name);
        snprintf(code, sizeof code, "%.*s", (int)strcspn(dot + 1, "."), dot + 1);
        const struct control *control = control_find(id);
        if (control == NULL || !code_listed(control, code))
            fail_msg("%s: no control answers so", file->d_name);
        count++;
    }
    closedir(dir);
    assert_true(count > 60);
}

static void the_table_is_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < control_count; i++) {
        const struct control *control = controls[i];
        assert_true(i == 0 || strcmp(controls[i - 1]->id, control->id) < 0);
        assert_true(control->title[0] != '\0' && control->objective[0] != '\0' && control->assertion[0] != '\0' &&
                    control->framework[0] != '\0');
        assert_true((control->stages == 0) == (control->judge == NULL));
        assert_true((control->judge == NULL) == (control->proof != NULL));
        assert_true((control->judge == NULL) == (control->codes[0] == '\0'));
        assert_true(control->judge == NULL || control->sentence != NULL);
        assert_ptr_equal(control_find(control->id), control);
    }
    assert_null(control_find("C-00"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_a_golden_answer),
        cmocka_unit_test(every_golden_answer_has_a_code),
        cmocka_unit_test(the_table_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
