/*
 * Approved releases, where the policy shuts out the others: what the gate keeps out, what it lets in nevertheless, and that
 * verification finds an entry that came in through a gate whose release nobody had approved, and tells every change.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/verify/verify.h"
#include "ledger/journal.h"
#include "ledger/schema.h"
#include "tests/support/company.h"
#include "tests/support/small_book.h"

#define HASH_TAIL "111111111111111111111111111111111111111111111111"
#define OURS      "0000000000000000" /* the company's gate */
#define FOREIGN   "f00000000000000f"

static struct finding last_finding;
static unsigned finding_count;

static void hear(void *context, const struct finding *finding)
{
    (void)context;
    last_finding = *finding;
    finding_count++;
}

static struct verify_result verified(struct company *company)
{
    struct verify_result result = {.entries = 0};
    struct err err;
    char scratch[400];
    snprintf(scratch, sizeof scratch, "%s/verify-%u", company->dir, ++company->replays);
    const struct verify_options options = {
        .book_dir = company->book, .threads = 1, .scratch_dir = scratch, .report = hear};
    finding_count = 0;
    if (verify_book(&options, &result, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    return result;
}

/* us.yaml, with the switch. */
static void found_under_deny(struct company *company)
{
    char path[] = "/tmp/countersign-deny-XXXXXX", line[1000];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *policy = fdopen(fd, "w"), *shipped = fopen("controls/policies/us.yaml", "r");
    assert_non_null(shipped);
    while (fgets(line, sizeof line, shipped) != NULL)
        if (strncmp(line, "releases:", 9) != 0)
            fputs(line, policy);
    fputs("releases: deny\n", policy);
    fclose(shipped);
    fclose(policy);
    company_found(company, path);
    remove(path);
}

static json_t *release_of(struct company *company, const char *exe)
{
    char hash[65];
    snprintf(hash, sizeof hash, "%s" HASH_TAIL, exe);
    json_t *document = company_document(company, "release");
    company_with(document, "release", json_string("9.9.9"));
    company_with(document, "commit", json_string("abcdef0"));
    return company_with(document, "exe", json_string(hash));
}

static void approve_release(struct company *company, const char *exe)
{
    char *number = company_wait(company, "olga", release_of(company, exe));
    json_decref(company_approve(company, "oscar", number, 1));
    free(number);
}

static enum status try_one(struct company *company, enum verb verb, json_t *body, struct err *err)
{
    struct gate_answer answer = {0};
    enum status status = company_try(company, "olga", verb, body, NULL, &answer, err);
    if (status == STATUS_OK)
        gate_answer_done(&answer);
    return status;
}

/* A list that is not about releases alone is shut out whole, in whatever place the other document stands. */
static void only_releases_pass(void **state)
{
    struct company company = {.dir = ""};
    struct err err = {0};
    (void)state;
    found_under_deny(&company);
    for (unsigned order = 0; order < 3; order++) {
        json_t *documents = json_array();
        for (unsigned i = 0; i < 2; i++)
            json_array_append_new(documents, order < 2 && i == order
                                                 ? company_grant_document(&company, "oscar", "TEAM_LEAD")
                                                 : release_of(&company, OURS));
        json_t *body = json_pack("{s:b, s:o}", "atomic", 0, "documents", documents);
        uint64_t before = company_head(&company).size;
        enum status status = try_one(&company, VERB_SUBMIT, body, &err);
        assert_int_equal(status, order < 2 ? STATUS_REFUSED : STATUS_OK);
        assert_int_equal(company_head(&company).size, before + (order < 2 ? 0 : 1));
    }
    assert_non_null(strstr(err.text, OURS));
    assert_non_null(strstr(err.text, "release propose"));
    json_decref(company_approve(&company, "oscar", "RL-1", 1));
    json_decref(company_submit(&company, "olga", company_grant_document(&company, "oscar", "TEAM_LEAD")));
    company_close(&company);
}

static void verification_finds_what_came_in_unapproved(void **state)
{
    struct company company = {.dir = ""};
    struct small_book raw = {.dir = ""};
    size_t length = 0;
    (void)state;
    found_under_deny(&company);
    approve_release(&company, OURS);
    json_decref(company_submit(&company, "olga", company_grant_document(&company, "oscar", "TEAM_LEAD")));
    json_decref(company_submit(&company, "olga", company_grant_document(&company, "oscar", "TEAM_LEAD")));
    uint64_t size = company_head(&company).size;
    struct verify_result result = verified(&company);
    assert_int_equal(result.finding_count, 0);
    assert_int_equal(result.release_changes, 2); /* the charter's gate, and from when on it was approved */
    assert_false(result.releases[0].approved);
    assert_true(result.releases[1].approved);
    assert_int_equal(result.releases[1].seq, 3);
    assert_string_equal(result.releases[1].exe, OURS);
    gate_close(company.gate);
    company.gate = NULL;

    /* Whoever holds the files took another program for the last entry; chain and tree fit. */
    snprintf(raw.dir, sizeof raw.dir, "%s", company.book);
    char *bytes = raw_entry(&raw, size - 1, &length);
    char *exe = strstr(bytes, "\"exe\":\"" OURS "\"");
    assert_non_null(exe);
    memcpy(exe + 7, FOREIGN, 16);
    raw_entry_put(&raw, size - 1, bytes, length);
    raw_rechain(&raw, size - 1, size);
    free(bytes);
    result = verified(&company);
    assert_int_equal(result.findings[CHECK_DECISIONS], 1);
    assert_true(last_finding.seq == size - 1 || finding_count > 1);
    assert_int_equal(result.release_changes, 3);
    assert_false(result.releases[2].approved);
    assert_string_equal(result.releases[2].exe, FOREIGN);
    company.unchecked = true;
    company_reopen(&company);
    company_close(&company);
}

/* More changes than are told one by one are counted. */
static void every_change_is_counted(void **state)
{
    struct company company = {.dir = ""};
    struct gate_facts facts = {.release = "1", .mode = "embedded", .os_user = "test"};
    enum { CHANGES = 2 * (VERIFY_RELEASES_MAX + 6) };
    (void)state;
    company_found(&company, NULL);
    for (unsigned i = 0; i < CHANGES; i++) {
        char exe[17];
        struct err err;
        snprintf(exe, sizeof exe, "%016x", i / 2 + 1); /* two entries each: the second is no change */
        facts.exe = exe;
        const struct gate_options options = {.facts = &facts, .wait_ms = 1000};
        gate_close(company.gate);
        assert_int_equal(gate_open(company.book, &options, &company.gate, &err), STATUS_OK);
        json_decref(company_submit(&company, "olga", release_of(&company, OURS)));
        json_decref(company_submit(&company, "olga", release_of(&company, OURS)));
    }
    struct verify_result result = verified(&company);
    assert_int_equal(result.finding_count, 0);
    assert_int_equal(result.release_changes, 1 + CHANGES / 2);
    assert_int_equal(result.release_count, VERIFY_RELEASES_MAX);
    company.unchecked = true;
    company_reopen(&company);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_releases_pass),
        cmocka_unit_test(verification_finds_what_came_in_unapproved),
        cmocka_unit_test(every_change_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
