/*
 * Engine 1 is frozen: tests/vectors/engine-1 holds what was decided under it when that was said, and nothing here writes it anew.
 *
 *     year.jsonl.gz           a company's year with every kind of document (tests/test_year.c)
 *     simulated-N.jsonl.gz    the simulator's books of these seeds, with people who try what they may not (tests/sim)
 *     answers                 SHA-256 of each control's answers in canonical JSON, as tests/golden has them, without their sentences
 *
 * A decision that comes out otherwise is a defect of the change, however right it is: other rules are another engine, with
 * journals of its own beside these. tests/scenarios/engines.sh has the draft before it.
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
#include <jansson.h>

#include "audit/verify/verify.h"
#include "ledger/append.h"
#include "ledger/birth.h"
#include "ledger/canon.h"
#include "ledger/hash.h"
#include "ledger/journal.h"
#include "ledger/schema.h"
#include "tests/support/sanitized.h"
#include "tests/support/scratch.h"

#define FOLDER "tests/vectors/engine-1"
#define GOLDEN "tests/golden"

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

/* The journal byte by byte in a book at dir, which has no books yet. Answers its number of entries. */
static uint64_t take_up(const char *name, const char *dir)
{
    const struct birth_options options = {.map_bytes = 1 << 28, .nonce = 1};
    struct birth *birth = NULL;
    struct append *append = NULL;
    struct err err;
    char command[200], *line = NULL;
    size_t room = 0;
    ssize_t length;
    uint64_t count = 0;
    snprintf(command, sizeof command, "gzip -dc " FOLDER "/%s.jsonl.gz", name);
    FILE *file = popen(command, "r");
    assert_non_null(file);
    must(birth_begin(dir, &options, &birth, &err), &err);
    must(append_begin(birth_journal(birth), NULL, &append, &err), &err);
    for (; (length = getline(&line, &room, file)) > 0; count++)
        must(append_entry(append, slice_of(line, (size_t)length - 1), NULL, NULL, &err), &err);
    must(append_commit(append, &err), &err);
    must(birth_finish(birth, &err), &err);
    assert_int_equal(pclose(file), 0);
    free(line);
    return count;
}

static void hear(void *context, const struct finding *finding)
{
    if (finding->check == CHECK_TIME)
        return;
    fail_msg("%s: %s %lld: %s", (const char *)context, finding_check_name(finding->check),
             finding->has_seq ? (long long)finding->seq : -1, finding->text);
}

static void every_decision_comes_out_as_it_was(void **state)
{
    static const struct {
        char name[16];
        uint64_t entries;
        uint64_t findings; /* that a clock was set back, which officers may */
        bool is_long;
    } journals[] = {{"simulated-1", 259, 0, false},
                    {"simulated-2", 220, 0, false},
                    {"simulated-3", 220, 2, false},
                    {"simulated-6", 218, 0, false},
                    {"year", 5221, 0, true}};
    struct scratch scratch;
    (void)state;
    scratch_open(&scratch);
    for (size_t i = 0; i < sizeof journals / sizeof journals[0]; i++) {
        char dir[SCRATCH_PATH_BYTES], replay[SCRATCH_PATH_BYTES], other[32];
        struct verify_result result;
        struct err err;
        if (SANITIZED && journals[i].is_long)
            continue;
        snprintf(other, sizeof other, "%s-again", journals[i].name);
        assert_int_equal(take_up(journals[i].name, scratch_path(&scratch, journals[i].name, dir)), journals[i].entries);
        const struct verify_options options = {.book_dir = dir,
                                               .threads = 1,
                                               .scratch_dir = scratch_path(&scratch, other, replay),
                                               .report = hear,
                                               .context = (void *)(uintptr_t)journals[i].name};
        must(verify_book(&options, &result, &err), &err);
        assert_int_equal(result.finding_count, journals[i].findings);
        assert_int_equal(result.entries, journals[i].entries);
        assert_int_equal(result.engine, 1);
        assert_true(result.redecided);
        assert_true(result.documents > 0);
    }
    scratch_close(&scratch);
}

static void answer_hash(const char *path, char ret_hex[static HASH_HEX_CHARS + 1])
{
    struct err err;
    struct hash hash;
    char *bytes = NULL;
    size_t length;
    json_t *golden = json_load_file(path, 0, NULL);
    if (golden == NULL)
        fail_msg("%s is gone, or no JSON", path);
    must(canon_encode(json_object_get(golden, "result"), &bytes, &length, &err), &err);
    hash_of(bytes, length, &hash);
    hash_to_hex(&hash, ret_hex);
    free(bytes);
    json_decref(golden);
}

static void every_answer_says_what_it_said(void **state)
{
    char line[200], name[100], then[HASH_HEX_CHARS + 1], now[HASH_HEX_CHARS + 1], path[200];
    unsigned count = 0, golden = 0;
    (void)state;
    FILE *file = fopen(FOLDER "/answers", "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        assert_int_equal(sscanf(line, "%64s %99s", then, name), 2);
        snprintf(path, sizeof path, GOLDEN "/%s", name);
        answer_hash(path, now);
        if (strcmp(then, now) != 0)
            fail_msg("%s is not what engine 1 answered when it was frozen", path);
        count++;
    }
    fclose(file);
    DIR *dir = opendir(GOLDEN);
    assert_non_null(dir);
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
        golden += strncmp(entry->d_name, "C-", 2) == 0;
    closedir(dir);
    assert_int_equal(count, golden); /* nor does it have any other */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_decision_comes_out_as_it_was),
        cmocka_unit_test(every_answer_says_what_it_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
