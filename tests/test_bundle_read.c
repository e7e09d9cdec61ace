/*
 * What a bundle is read from: names that its files may have, its manifest's forms, and the lines of entries.jsonl, whatever
 * order they are in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "audit/bundle/files.h"
#include "audit/bundle/lines.h"
#include "audit/bundle/manifest.h"
#include "ledger/beside.h"
#include "ledger/limits.h"
#include "tests/support/scratch.h"

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static void names_of_files(void **state)
{
    static const char *const good[] = {"entries.jsonl",
                                       "checkpoint.note",
                                       "allowed_signers",
                                       "README.txt",
                                       "checkpoints/000000-9.note",
                                       "checkpoints/999999-9223372036854775807.note",
                                       ("policies/" ZEROS ".yaml"),
                                       ("policies/" ZEROS ".json"),
                                       ("evidence/" ZEROS),
                                       "timestamps/0.tsr",
                                       "timestamps/9.tsr",
                                       "timestamps/15.tsr",
                                       "timestamps/15-freetsa.tsr"};
    static const char *const bad[] = {"",
                                      "MANIFEST.json",
                                      "evidence.html",
                                      "/etc/passwd",
                                      "../entries.jsonl",
                                      "evidence/../entries.jsonl",
                                      ("evidence/" ZEROS "/x"),
                                      ("evidence/" ZEROS "0"),
                                      "evidence/x",
                                      "evidence/",
                                      "evidence",
                                      "checkpoints/00000-9.note",
                                      "checkpoints/0000000-9.note",
                                      "checkpoints/000000-.note",
                                      "checkpoints/000000-99999999999999999999.note",
                                      "checkpoints/000000-9.note/",
                                      "checkpoints/000000-9.notes",
                                      ("policies/" ZEROS ".txt"),
                                      ("policies/" ZEROS),
                                      "timestamps/.15",
                                      "timestamps/15/x",
                                      "timestamps/15 x",
                                      "timestamps/",
                                      "entries.jsonl ",
                                      "other/x"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (!bundle_name_is_plain(good[i]))
            fail_msg("%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (bundle_name_is_plain(bad[i]))
            fail_msg("%s", bad[i]);
}

/* A manifest of these parts. */
static enum status read_manifest_missing(const char *entries, const char *scope, const char *why, const char *missing,
                                         struct err *err)
{
    char text[4096];
    struct bundle_manifest manifest;
    int length = snprintf(
        text, sizeof text,
        "{\"book\":\"" ZEROS "\",\"bundle\":1,\"checkpoint\":{\"root\":\"" ZEROS "\",\"size\":15},\"entries\":%s,"
        "\"files\":[{\"bytes\":1,\"name\":\"checkpoint.note\",\"sha256\":\"" ZEROS "\"}],"
        "\"made\":{\"at\":\"2026-02-01T12:00:00.000Z\",\"by\":\"ana\",\"exe\":\"\",\"key\":\"ssh-ed25519 "
        "AAAAC3NzaC1lZDI1NTE5AAAAIJvjKHeVkHgJQH4UQ5/xmNW/x9zm+bx0PLNpFG9hC0gB\",\"release\":\"x\"},%s\"origin\":\"o\","
        "\"proof\":[\"" ZEROS "\"],\"scope\":%s%s}\n",
        entries, missing, scope, why);
    enum status status = bundle_manifest_read(slice_of(text, (size_t)length), &manifest, err);
    if (status != STATUS_OK)
        return status;
    assert_int_equal(manifest.checkpoint.size, 15);
    assert_int_equal(manifest.proof_count, 1);
    assert_non_null(bundle_manifest_file(&manifest, "checkpoint.note"));
    assert_null(bundle_manifest_file(&manifest, "checkpoint.not"));
    assert_null(bundle_manifest_file(&manifest, "entries.jsonl"));
    bundle_manifest_done(&manifest);
    return STATUS_OK;
}

static enum status read_manifest(const char *entries, const char *scope, const char *why, struct err *err)
{
    return read_manifest_missing(entries, scope, why, "", err);
}

static void manifests(void **state)
{
    static const struct {
        const char *entries, *scope, *why, *words; /* words NULL: it is good */
    } rows[] = {
        {"{\"count\":15,\"first\":0,\"last\":14}", "{\"sort\":\"book\"}", "", NULL},
        {"{\"count\":6,\"first\":9,\"last\":14}",
         "{\"after\":{\"root\":\"" ZEROS "\",\"size\":9},\"sort\":\"extension\"}", "", NULL},
        {"{\"count\":0}", "{\"after\":{\"root\":\"" ZEROS "\",\"size\":15},\"sort\":\"extension\"}", "", NULL},
        {"{\"count\":0}", "{\"documents\":[],\"seed\":null,\"selection\":\"" ZEROS "\",\"sort\":\"sample\"}", "", NULL},
        {"{\"count\":2,\"first\":3,\"last\":9}",
         "{\"documents\":[\"CN-1\"],\"seed\":\"SE-1\",\"selection\":\"" ZEROS "\",\"sort\":\"sample\"}",
         ",\"why\":[{\"seq\":3,\"why\":[\"charter\"]},{\"seq\":9,\"why\":[\"document CN-1\"]}]", NULL},
        {"{\"count\":2,\"first\":3,\"last\":9}", "{\"from\":\"2026-01-01\",\"sort\":\"period\",\"to\":\"2026-01-31\"}",
         "", NULL},
        {"{\"count\":15,\"first\":0,\"last\":14}", "{\"sort\":\"book\"}", ",\"why\":[]",
         "why: stands only where a part"},
        {"{\"count\":0}", "{\"sort\":\"book\"}", "", "a bundle of the book has all 15, this one has 0"},
        {"{\"count\":0,\"first\":0,\"last\":14}", "{\"documents\":[],\"sort\":\"document\"}", "",
         "first and last stand where there are entries"},
        {"{\"count\":3}", "{\"documents\":[],\"sort\":\"document\"}", "",
         "first and last stand where there are entries"},
        {"{\"count\":3,\"first\":8,\"last\":9}", "{\"documents\":[],\"sort\":\"document\"}", "",
         "are not in a book of 15"},
        {"{\"count\":1,\"first\":9,\"last\":8}", "{\"documents\":[],\"sort\":\"document\"}", "",
         "are not in a book of 15"},
        {"{\"count\":6,\"first\":9,\"last\":14}",
         "{\"after\":{\"root\":\"" ZEROS "\",\"size\":8},\"sort\":\"extension\"}", "",
         "an extension has all from 8 to the end of 15"},
        {"{\"count\":1,\"first\":3,\"last\":3}",
         "{\"after\":{\"root\":\"" ZEROS "\",\"size\":16},\"sort\":\"extension\"}", "", "an extension has all from 16"},
        {"{\"count\":2,\"first\":3,\"last\":9}", "{\"documents\":[],\"sort\":\"document\"}",
         ",\"why\":[{\"seq\":3,\"why\":[\"charter\"]}]", "why: gives reasons for 1 entries, and there are 2"},
        {"{\"count\":2,\"first\":3,\"last\":9}", "{\"documents\":[],\"sort\":\"document\"}",
         ",\"why\":[{\"seq\":9,\"why\":[\"charter\"]},{\"seq\":3,\"why\":[\"charter\"]}]",
         "why[1].seq: 3 is out of order"},
        {"{\"count\":2,\"first\":3,\"last\":9}", "{\"documents\":[],\"sort\":\"document\"}",
         ",\"why\":[{\"seq\":3,\"why\":[\"charter\"]},{\"seq\":3,\"why\":[\"charter\"]}]",
         "why[1].seq: 3 is out of order"},
        {"{\"count\":1,\"first\":14,\"last\":14}", "{\"documents\":[],\"sort\":\"document\"}",
         ",\"why\":[{\"seq\":14,\"why\":[\"charter\"]}]", NULL},
        {"{\"count\":1,\"first\":15,\"last\":15}", "{\"documents\":[],\"sort\":\"document\"}", "",
         "are not in a book of 15"},
        {"{\"count\":1,\"first\":3,\"last\":3}", "{\"documents\":[],\"selection\":\"" ZEROS "\",\"sort\":\"sample\"}",
         "", "scope.seed: is missing"},
        {"{\"count\":1,\"first\":3,\"last\":3}", "{\"documents\":[],\"sort\":\"book\"}", "", "scope.documents"},
        {"{\"count\":1,\"first\":3,\"last\":3}", "{\"from\":\"2026-02-30\",\"sort\":\"period\",\"to\":\"2026-01-31\"}",
         "", "scope.from"},
        {"{\"count\":1,\"first\":3,\"last\":3}", "{}", "", "scope.sort: is none of"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct err err = {.status = STATUS_OK, .text = ""};
        enum status status = read_manifest(rows[i].entries, rows[i].scope, rows[i].why, &err);
        if ((rows[i].words == NULL) != (status == STATUS_OK) ||
            (rows[i].words != NULL && strstr(err.text, rows[i].words) == NULL))
            fail_msg("row %zu: %s %s", i, status_name(status), err.text);
    }
}

static void documents_and_missing_files_are_in_order(void **state)
{
    static const struct {
        const char *documents, *missing, *words; /* words NULL: it is good */
    } rows[] = {
        {"[\"CN-1\",\"CN-1.15\",\"CN-2\",\"WO-10\"]", "", NULL},
        {"[\"cn-1\"]", "", "scope.documents[0]: 'cn-1' is no request number"},
        {"[\"CNN-1\"]", "", "scope.documents[0]: 'CNN-1' is no request number"},
        {"[\"CN1\"]", "", "scope.documents[0]: 'CN1' is no request number"},
        {"[\"CN-\"]", "", "scope.documents[0]: 'CN-' is no request number"},
        {"[\"CN-0\"]", "", "scope.documents[0]: 'CN-0' is no request number"},
        {"[\"CN-01\"]", "", "scope.documents[0]: 'CN-01' is no request number"},
        {"[\"CN-1x\"]", "", "scope.documents[0]: 'CN-1x' is no request number"},
        {"[\"CN-01.5\"]", "", "scope.documents[0]: 'CN-01.5' is no request number"},
        {"[\"CN-.5\"]", "", "scope.documents[0]: 'CN-.5' is no request number"},
        {"[\"CN-1.05\"]", "", "scope.documents[0]: 'CN-1.05' is no request number"},
        {"[\"CN-1.\"]", "", "scope.documents[0]: 'CN-1.' is no request number"},
        {"[\"CN-2\",\"CN-1\"]", "", "scope.documents[1]: 'CN-1' is out of order"},
        {"[\"CN-2\",\"CN-2\"]", "", "scope.documents[1]: 'CN-2' is out of order, or there twice"},
        {"[]",
         "\"missing\":[{\"name\":\"evidence/"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"why\":\"absent\"},{\"name\":\"evidence/"
         "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\",\"why\":\"absent\"}],",
         NULL},
        {"[]",
         "\"missing\":[{\"name\":\"evidence/"
         "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\",\"why\":\"absent\"},{\"name\":\"evidence/"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"why\":\"absent\"}],",
         "missing[1].name: 'evidence/aaaa"},
        {"[]",
         "\"missing\":[{\"name\":\"evidence/"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"why\":\"absent\"},{\"name\":\"evidence/"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"why\":\"absent\"}],",
         "missing[1].name: 'evidence/aaaa"},
        {"[]",
         "\"missing\":[{\"name\":\"personal/"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"why\":\"absent\"}],",
         "missing[0].name: 'personal/"},
        {"[]",
         "\"missing\":[{\"name\":\"evidence/"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"why\":\"absent\"}],",
         "is no evidence"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct err err = {.status = STATUS_OK, .text = ""};
        char scope[256];
        snprintf(scope, sizeof scope, "{\"documents\":%s,\"sort\":\"document\"}", rows[i].documents);
        enum status status = read_manifest_missing("{\"count\":0}", scope, "", rows[i].missing, &err);
        if ((rows[i].words == NULL) != (status == STATUS_OK) ||
            (rows[i].words != NULL && strstr(err.text, rows[i].words) == NULL))
            fail_msg("row %zu: %s %s", i, status_name(status), err.text);
    }
}

static void numbers_of_entries(void **state)
{
    static const struct {
        const char *bytes;
        int64_t seq; /* -1: none */
    } rows[] = {
        {"{\"seq\":7}", 7},
        {"{\"decision\":{\"policy\":{\"hash\":\"x\",\"seq\":3}},\"prev\":\"\",\"seq\":12,\"v\":1}", 12},
        {"{\"decision\":\",\\\"seq\\\":5,\",\"seq\":12,\"v\":1}", 12},
        {"{\"a\":[{\"seq\":1}],\"b\":\"\\\\\",\"seq\":9007199254740991}", 9007199254740991},
        {"{\"a\":\"seq\",\"x\":1}", -1},
        {"{\"seq\":}", -1},
        {"{\"seq\":-1}", -1},
        {"{\"seq\":7", -1},
        {"{\"seq\":123456789012345678}", -1},
        {"{\"seq\":\"7\"}", -1},
        {"\"seq\":7,", -1},
        {"[\"seq\":7]", -1},
        {"]]]{\"seq\":7}", 7},
        {"{\"a\":\"", -1},
        {"{\"a\":\"\\", -1},
        {"", -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t seq = 0;
        bool found = bundle_peek_seq(slice_of(rows[i].bytes, strlen(rows[i].bytes)), &seq);
        if (found != (rows[i].seq >= 0) || (found && (int64_t)seq != rows[i].seq))
            fail_msg("%s: %d %llu", rows[i].bytes, found, (unsigned long long)seq);
    }
}

static void forget(void *context, const struct finding *finding)
{
    char *text = context;
    if (text[0] == '\0')
        snprintf(text, FINDING_TEXT_BYTES, "%s", finding->text);
}

/* Numbers, each a line, as they are handed on; the first finding. */
static void assert_lines(const char *lines, bool dense, const char *wanted, const char *words)
{
    struct bundle_range range = {.dense = dense, .count = 5, .first = dense ? 2 : 0, .last = dense ? 6 : 99};
    char text[FINDING_TEXT_BYTES] = "", got[256] = "";
    struct finding_list findings;
    struct bundle_lines *reader = NULL;
    struct source_entry entry;
    int fd = memfd_create("lines", MFD_CLOEXEC);
    finding_list_init(&findings, forget, text);
    for (const char *at = lines; *at != '\0'; at += *at == ' ') {
        char line[80];
        size_t length = strcspn(at, " ");
        int printed = snprintf(line, sizeof line, at[0] == '?' ? "none\n" : "{\"seq\":%.*s}\n", (int)length, at);
        assert_int_equal(write(fd, line, (size_t)printed), printed);
        at += length;
    }
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(bundle_lines_new(fd, &range, &findings, &reader, NULL), STATUS_OK);
    while (bundle_lines_next(reader, &entry, NULL) == STATUS_OK) {
        uint64_t says = 0;
        char one[32];
        bool has = bundle_peek_seq(entry.bytes, &says);
        snprintf(one, sizeof one, has && says == entry.seq ? "%llu " : "%llu! ", (unsigned long long)entry.seq);
        strncat(got, one, sizeof got - strlen(got) - 1);
        free(entry.owned);
    }
    bundle_lines_free(reader);
    finding_list_done(&findings);
    if (strcmp(got, wanted) != 0 || (words[0] == '\0') != (text[0] == '\0') || strstr(text, words) == NULL)
        fail_msg("%s: got %s: %s", lines, got, text);
}

static void lines_in_any_order(void **state)
{
    (void)state;
    assert_lines("2 3 4 5 6", true, "2 3 4 5 6 ", "");
    assert_lines("2 4 3 5 6", true, "2 3 4 5 6 ", "stands before entry 3, in line 2");
    assert_lines("3 2 4 5 6", true, "2 3 4 5 6 ", "stands before entry 2, in line 1");
    assert_lines("2 3 4 6 5", true, "2 3 4 5 6 ", "stands before entry 5, in line 4");
    assert_lines("2 3 5 6", true, "2 3 5 6 ", "has 4 entries, the manifest says 5 up to 6");
    assert_lines("2 3 3 4 5 6", true, "2 3 4 5 6 ", "stands again, or behind entry 3, in line 3");
    assert_lines("2 2 3 4 5 6", true, "2 3 4 5 6 ", "stands again, or behind entry 2, in line 2");
    assert_lines("2 3 9 5 6", true, "2 3 4! 5 6 ", "");
    assert_lines("9 3 4 5 6", true, "2! 3 4 5 6 ", "");
    assert_lines("2 3 4 5 9", true, "2 3 4 5 6! ", "");
    assert_lines("2 ? 4 5 6", true, "2 3! 4 5 6 ", "");
    assert_lines("2 3 4 5 6 7", true, "2 3 4 5 6 ", "is in line 6 of entries.jsonl, beyond");
    assert_lines("1 2 3 4 5 6", true, "2 3 4 5 6 ", "is in line 1 of entries.jsonl, beyond");
    assert_lines("6 5 4 3 2", true, "6 ", "stands again, or behind entry 6");
    assert_lines("", true, "", "has 0 entries, the manifest says 5");
    assert_lines("0 7 8 50 99", false, "0 7 8 50 99 ", "");
    assert_lines("7 0 8 50 99", false, "0 7 8 50 99 ", "stands before entry 0, in line 1");
    assert_lines("0 7 7 8 50 99", false, "0 7 8 50 99 ", "stands again, or behind entry 7, in line 3");
    assert_lines("0 7 ? 8 50 99", false, "0 7 8 50 99 ", "entries.jsonl:3: is no entry with a number");
    assert_lines("0 7 8 50 100", false, "0 7 8 50 ", "is in line 5 of entries.jsonl, beyond");
    assert_lines("0 7 8 50 98 99", false, "0 7 8 50 98 ", "is in line 6 of entries.jsonl, beyond");
}

/* A file over its bound is not read, one over a gigabyte not hashed, and a folder's name is a folder's. */
static void files_that_are_none_of_a_bundle(void **state)
{
    struct scratch scratch;
    struct finding_list findings;
    struct err err = {.status = STATUS_OK};
    struct bundle_file listed = {.name = "allowed_signers", .bytes = EVIDENCE_BYTES_MAX + 1};
    const struct bundle_manifest manifest = {.files = &listed, .file_count = 1};
    char path[SCRATCH_PATH_BYTES], told[FINDING_TEXT_BYTES] = "", *bytes = NULL;
    size_t length = 0;
    int folder = -1;
    (void)state;
    scratch_open(&scratch);
    assert_int_equal(bundle_folder_open(scratch_path(&scratch, ".", path), &folder, NULL), STATUS_OK);
    scratch_write(&scratch, "README.txt", "four", 4);
    assert_int_equal(bundle_file_read(folder, "README.txt", 3, &bytes, &length, &err), STATUS_LIMIT);
    assert_string_equal(err.text, "has 4 bytes, at most 3 are allowed");
    assert_null(bytes);
    assert_int_equal(bundle_file_read(folder, "README.txt", 4, &bytes, &length, &err), STATUS_OK);
    assert_string_equal(bytes, "four");
    free(bytes);
    finding_list_init(&findings, forget, told);
    scratch_write(&scratch, listed.name, "", 0);
    assert_int_equal(truncate(scratch_path(&scratch, listed.name, path), (off_t)listed.bytes), 0);
    bundle_files_check(folder, &manifest, &findings);
    assert_string_equal(told, "allowed_signers: has more than a gigabyte: no file of a bundle is so large");
    told[0] = '\0';
    scratch_write(&scratch, "evidence", "", 0);
    bundle_files_unlisted(folder, NULL, &findings);
    assert_string_equal(told, "evidence: is no folder");
    finding_list_done(&findings);
    close(folder);
    scratch_close(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_files),
        cmocka_unit_test(manifests),
        cmocka_unit_test(documents_and_missing_files_are_in_order),
        cmocka_unit_test(numbers_of_entries),
        cmocka_unit_test(lines_in_any_order),
        cmocka_unit_test(files_that_are_none_of_a_bundle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
