/*
 * The corpora of all fuzzers as plain tests: each file of tests/fuzz/corpus/NAME through the target tests/fuzz/fuzz_NAME.c as it is,
 * cut short at several places, and with repeatable changes. A target without a row here, a row without a corpus and a corpus
 * without a target are failures. What runs is named before it runs, so the last name is the one that failed.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/vector_file.h"

#define CORPUS "tests/fuzz/corpus"

enum { FILES_MIN = 5, CUTS = 4 };

typedef int target(const uint8_t *data, size_t size);

/* One row a line: the target, and how many changes of each file. */
/* clang-format off */
#define TARGETS(ROW) \
    ROW(agent, 20) \
    ROW(answer, 40) \
    ROW(backup, 4) \
    ROW(bundle, 4) \
    ROW(canon, 40) \
    ROW(cli, 2) \
    ROW(csv, 40) \
    ROW(entry, 10) \
    ROW(feed, 20) \
    ROW(files, 10) \
    ROW(filter, 40) \
    ROW(keyfile, 10) \
    ROW(known, 20) \
    ROW(note, 20) \
    ROW(pages, 20) \
    ROW(policy, 6) \
    ROW(policy_form, 6) \
    ROW(proof, 20) \
    ROW(receipt, 20) \
    ROW(request, 10) \
    ROW(session, 4) \
    ROW(sshsig, 20) \
    ROW(statement, 10) \
    ROW(witness, 10)
/* clang-format on */

#define DECLARE(name, changes) target fuzz_##name;
TARGETS(DECLARE)

static const struct row {
    const char *name;
    target *run;
    unsigned changes;
} rows[] = {
#define ROW(name, changes) {#name, fuzz_##name, changes},
    TARGETS(ROW)};

enum { ROWS = sizeof rows / sizeof rows[0] };

/* Exactly as long as it is, so that a sanitizer sees a step over the end. */
static void run_bytes(const struct row *row, const char *bytes, size_t length)
{
    uint8_t *copy = malloc(length > 0 ? length : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, length);
    assert_int_equal(row->run(copy, length), 0);
    free(copy);
}

/* Bytes that mean something in one of the forms. */
static char telling_byte(uint64_t *random)
{
    static const char bytes[] = "{}[]\":,0919-azAZ=+/ \n\t\\%#&*!|>'\r\x01\x7F\xC2\xE2\xFF";
    uint64_t which = vector_random(random) % (sizeof bytes + 16);
    return which < sizeof bytes ? bytes[which] : (char)vector_random(random);
}

/* One byte over one, one bit, a piece left out, a piece doubled. The room is twice the length. */
static size_t change(char *bytes, size_t length, uint64_t *random)
{
    size_t at = vector_random(random) % length, piece = 1 + vector_random(random) % 24;
    piece = piece > length - at ? length - at : piece;
    switch (vector_random(random) % 4) {
    case 0:
        bytes[at] = telling_byte(random);
        return length;
    case 1:
        bytes[at] = (char)(bytes[at] ^ (1 << vector_random(random) % 8));
        return length;
    case 2:
        memmove(bytes + at, bytes + at + piece, length - at - piece);
        return length - piece;
    default:
        memmove(bytes + at + piece, bytes + at, length - at);
        return length + piece;
    }
}

static void run_file(const struct row *row, const char *name)
{
    char path[512];
    size_t length = 0;
    uint64_t random = 0x9E3779B97F4A7C15u;
    snprintf(path, sizeof path, CORPUS "/%s/%s", row->name, name);
    fprintf(stderr, "%s\n", path);
    for (const char *at = name; *at != '\0'; at++)
        random = (random ^ (uint8_t)*at) * 0x100000001B3u;
    char *bytes = vector_file(path, &length);
    char *changed = malloc(2 * length + 64);
    assert_non_null(changed);
    run_bytes(row, bytes, length);
    for (unsigned i = 1; length > 0 && i <= CUTS; i++)
        run_bytes(row, bytes, i == CUTS ? length - 1 : length * i / CUTS);
    for (unsigned i = 0; length > 0 && i < row->changes; i++) {
        memcpy(changed, bytes, length);
        size_t now = change(changed, length, &random);
        if (i % 2 == 1 && now > 0 && now <= length)
            now = change(changed, now, &random);
        run_bytes(row, changed, now);
    }
    free(changed);
    free(bytes);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void the_corpus_holds(void **state)
{
    const struct row *row = *state;
    struct dirent **entries = NULL;
    char folder[256];
    int files = 0;
    snprintf(folder, sizeof folder, CORPUS "/%s", row->name);
    int count = scandir(folder, &entries, NULL, by_name);
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.') {
            run_file(row, entries[i]->d_name);
            files++;
        }
        free(entries[i]);
    }
    free(entries);
    assert_true(files >= FILES_MIN);
}

static bool has_row(const char *name, size_t length)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strlen(rows[i].name) == length && memcmp(rows[i].name, name, length) == 0)
            return true;
    return false;
}

static void every_target_and_every_corpus_has_a_row(void **state)
{
    (void)state;
    DIR *folder = opendir("tests/fuzz");
    assert_non_null(folder);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        size_t length = strlen(entry->d_name);
        if (strncmp(entry->d_name, "fuzz_", 5) == 0 && !has_row(entry->d_name + 5, length - 7))
            fail_msg("tests/fuzz/%s has no row here", entry->d_name);
    }
    closedir(folder);
    folder = opendir(CORPUS);
    assert_non_null(folder);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        if (entry->d_name[0] != '.' && !has_row(entry->d_name, strlen(entry->d_name)))
            fail_msg(CORPUS "/%s has no target", entry->d_name);
    closedir(folder);
}

int main(void)
{
    static struct CMUnitTest tests[ROWS + 1];
    tests[0] = (struct CMUnitTest)cmocka_unit_test(every_target_and_every_corpus_has_a_row);
    for (size_t i = 0; i < ROWS; i++)
        tests[i + 1] = (struct CMUnitTest){
            .name = rows[i].name, .test_func = the_corpus_holds, .initial_state = (void *)(uintptr_t)&rows[i]};
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
