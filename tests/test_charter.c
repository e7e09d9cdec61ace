/*
 * The charter of a book: who founds it, which keys it may name, who signs it. What is wrong is refused by name, and leaves no book.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "controls/birth.h"
#include "controls/gate.h"
#include "ledger/books.h"
#include "ledger/journal.h"
#include "ledger/sshsig.h"
#include "ledger/statement.h"
#include "tests/support/company.h"
#include "tests/support/folder.h"
#include "tests/support/soft_fido.h"

enum { AT_SECONDS = 1767603600 }; /* 2026-01-05T09:00:00Z */

/* Users for their keys alone, and a body in which a test changes something. */
struct founding {
    struct company keys;
    struct folder folder;
    json_t *body;
    int64_t now_ms;
};

static json_t *officer(struct founding *founding, const char *user, const char *person)
{
    return json_pack("{s:s, s:s, s:s}", "key", company_user(&founding->keys, user)->key, "person", person, "user",
                     user);
}

static int set_up(void **state)
{
    static const char *const users[] = {"olga", "oscar", "owen", "book-key", "other", "recovery1", "recovery2"};
    struct founding *founding = calloc(1, sizeof *founding);
    for (size_t i = 0; i < sizeof users / sizeof users[0]; i++)
        company_new_user(&founding->keys, users[i]);
    folder_make(&founding->folder);
    founding->now_ms = (int64_t)AT_SECONDS * 1000;
    founding->body = json_pack("{s:[s], s:s, s:i, s:s, s:s, s:[o, o], s:o, s:{s:[s, s], s:i}, s:s, s:i}", "book_keys",
                               company_user(&founding->keys, "book-key")->key, "clock", "real", "engine", 0, "name",
                               "ledger.example/ar", "nonce", "00112233445566778899aabbccddeeff", "officers",
                               officer(founding, "olga", "P-01"), officer(founding, "oscar", "P-02"), "policy",
                               company_policy_body("controls/policies/us.yaml"), "recovery", "keys",
                               company_user(&founding->keys, "recovery1")->key,
                               company_user(&founding->keys, "recovery2")->key, "threshold", 2, "salt",
                               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "skew_seconds", 300);
    assert_non_null(founding->body);
    *state = founding;
    return 0;
}

static int tear_down(void **state)
{
    struct founding *founding = *state;
    json_decref(founding->body);
    folder_remove(&founding->folder);
    free(founding);
    return 0;
}

/* Founds a book on the body, signed by these (closed by NULL); what comes of it. A book is there only when that is OK (or it was there). */
static enum status found(struct founding *founding, const char *const signers[], struct err *err)
{
    const struct gate_facts facts = {
        .release = "0.1.0-test", .exe = "0123456789abcdef", .mode = "embedded", .os_user = "test"};
    const struct statement_head head = {
        .verb = VERB_CHARTER, .actor = "", .book = "", .id = "charter-1", .at_ms = (int64_t)AT_SECONDS * 1000};
    struct signature_list signatures = {.count = 0};
    struct statement charter = {.bytes = NULL};
    struct hash book, leaf;
    char *dir = folder_path(&founding->folder, "book");
    assert_int_equal(statement_make(&head, founding->body, &charter, err), STATUS_OK);
    for (size_t i = 0; signers[i] != NULL; i++) {
        uint8_t blob[SSHSIG_BYTES_MAX];
        size_t length;
        assert_int_equal(sshsig_sign(&company_user(&founding->keys, signers[i])->signer, charter.bytes, charter.length,
                                     blob, &length, err),
                         STATUS_OK);
        assert_int_equal(signature_list_add(&signatures, slice_of(blob, length), err), STATUS_OK);
    }
    const struct book_birth birth = {
        .book_dir = dir, .facts = &facts, .now_ms = founding->now_ms, .map_bytes = 1 << 26, .nonce = 7};
    enum status status = book_create(&birth, slice_of(charter.bytes, charter.length), &signatures, &book, &leaf, err);
    assert_int_equal(access(dir, F_OK), status == STATUS_OK || status == STATUS_EXISTS ? 0 : -1);
    statement_done(&charter);
    free(dir);
    return status;
}

static const char *const both[] = {"olga", "oscar", NULL};

static void refused(struct founding *founding, const char *const signers[], enum status wanted, const char *why)
{
    struct err err = {0};
    enum status status = found(founding, signers, &err);
    if (status != wanted || strstr(err.text, why) == NULL)
        fail_msg("wanted %s, '%s'; answer: %s, %s", status_name(wanted), why, status_name(status), err.text);
}

static void sound_charter_makes_a_book(void **state)
{
    struct err err = {0};
    if (found(*state, both, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    refused(*state, both, STATUS_EXISTS, "");
}

static void exactly_the_officers_sign(void **state)
{
    static const char *const one[] = {"olga", NULL}, *const other[] = {"olga", "other", NULL};
    static const char *const more[] = {"olga", "oscar", "other", NULL}, *const nobody[] = {NULL};
    refused(*state, one, STATUS_REFUSED, "officer oscar has not signed the charter");
    refused(*state, other, STATUS_REFUSED, "officer oscar has not signed the charter");
    refused(*state, more, STATUS_REFUSED, "somebody who is no founding officer has signed the charter");
    struct err err = {0};
    assert_int_not_equal(found(*state, nobody, &err), STATUS_OK);
}

/* Another officer in the place of the second. */
static void second_officer(struct founding *founding, const char *key_of, const char *person, const char *user)
{
    json_t *officers = json_object_get(founding->body, "officers");
    json_array_set_new(officers, 1,
                       json_pack("{s:s, s:s, s:s}", "key", company_user(&founding->keys, key_of)->key, "person", person,
                                 "user", user));
}

static void officers_are_different_persons(void **state)
{
    second_officer(*state, "oscar", "P-01", "oscar");
    refused(*state, both, STATUS_REFUSED, "officers[1].person: founding officers are different persons");
    second_officer(*state, "oscar", "P-02", "olga");
    refused(*state, both, STATUS_REFUSED, "officers[1].user: founding officers are different persons");
    second_officer(*state, "olga", "P-02", "oscar");
    refused(*state, both, STATUS_REFUSED, "officers[1].key: founding officers are different persons");
    second_officer(*state, "oscar", "P-02", "abe");
    refused(*state, both, STATUS_INPUT, "officers: have to be sorted by user");
}

static void keys_stand_once(void **state)
{
    struct founding *founding = *state;
    json_t *book_keys = json_object_get(founding->body, "book_keys");
    json_t *recovery = json_object_get(founding->body, "recovery"), *keys = json_object_get(recovery, "keys");
    const char *const book_key = company_user(&founding->keys, "book-key")->key;
    json_array_append_new(book_keys, json_string(company_user(&founding->keys, "oscar")->key));
    refused(founding, both, STATUS_REFUSED, "book_keys[1]: a book key is nobody's own key");
    json_array_set_new(book_keys, 1, json_string(book_key));
    refused(founding, both, STATUS_REFUSED, "book_keys[1]: a book key is nobody's own key and stands once");
    struct soft_fido soft;
    const struct signer fido = soft_fido_signer(&soft, 7, SIGNATURE_USER_PRESENT);
    char text[PUBLIC_KEY_TEXT_MAX];
    sshkey_format(&fido.key, text);
    json_array_set_new(book_keys, 1, json_string(text));
    refused(founding, both, STATUS_REFUSED, "book_keys[1]: checkpoints are signed by plain Ed25519 keys");
    json_array_remove(book_keys, 1);
    json_array_append_new(keys, json_string(company_user(&founding->keys, "olga")->key));
    refused(founding, both, STATUS_REFUSED, "recovery.keys[2]: a recovery key is nobody's own key");
    json_array_set_new(keys, 2, json_string(book_key));
    refused(founding, both, STATUS_REFUSED, "recovery.keys[2]: a recovery key is nobody's own key");
    json_array_set_new(keys, 2, json_string(company_user(&founding->keys, "recovery1")->key));
    refused(founding, both, STATUS_REFUSED, "recovery.keys[2]: a recovery key is nobody's own key and stands once");
}

static void threshold_can_be_met(void **state)
{
    struct founding *founding = *state;
    json_t *recovery = json_object_get(founding->body, "recovery");
    json_object_set_new(recovery, "threshold", json_integer(3));
    refused(founding, both, STATUS_REFUSED, "recovery.threshold: has to be from 1 to the number of recovery keys");
    json_object_set_new(recovery, "threshold", json_integer(0));
    refused(founding, both, STATUS_REFUSED, "recovery.threshold: ");
    json_array_clear(json_object_get(recovery, "keys"));
    json_object_set_new(recovery, "threshold", json_integer(1));
    refused(founding, both, STATUS_REFUSED, "recovery.threshold: ");
}

/* Officers may sign over days; nobody signs a charter of tomorrow. */
static void charter_is_not_from_the_future(void **state)
{
    struct founding *founding = *state;
    struct err err = {0};
    founding->now_ms -= 301 * 1000;
    refused(founding, both, STATUS_CLOCK, "the charter's time is 301 s ahead of the clock");
    founding->now_ms += 1000;
    assert_int_equal(found(founding, both, &err), STATUS_OK);
}

/* Nobody acts in it, in no book yet, on sight of nothing. */
static void charter_is_nobodys_statement(void **state)
{
    const struct founding *founding = *state;
    static const struct hash zero = {.bytes = {0}};
    static const char book[] = "0000000000000000000000000000000000000000000000000000000000000000";
    const int64_t at_ms = (int64_t)AT_SECONDS * 1000;
    const struct statement_head heads[] = {
        {.verb = VERB_CHARTER, .actor = "olga", .book = "", .id = "c", .at_ms = at_ms},
        {.verb = VERB_CHARTER, .actor = "", .book = book, .id = "c", .at_ms = at_ms},
        {.verb = VERB_CHARTER, .actor = "", .book = "", .id = "c", .at_ms = at_ms, .seen_hash = &zero},
    };
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        struct statement statement = {.bytes = NULL};
        struct err err = {0};
        assert_int_equal(statement_make(&heads[i], founding->body, &statement, &err), STATUS_INPUT);
        assert_non_null(strstr(err.text, "a charter has an empty actor, an empty book and a null seen"));
    }
}

/* A book is born of a charter, and of no other statement, however well signed. */
static void nothing_else_makes_a_book(void **state)
{
    struct founding *founding = *state;
    static const char book[] = "1111111111111111111111111111111111111111111111111111111111111111";
    static const char content[] = "2222222222222222222222222222222222222222222222222222222222222222";
    static const struct hash seen = {.bytes = {3}};
    const struct gate_facts facts = {
        .release = "0.1.0-test", .exe = "0123456789abcdef", .mode = "embedded", .os_user = "test"};
    const struct statement_head head = {.verb = VERB_WITHDRAW,
                                        .actor = "olga",
                                        .book = book,
                                        .id = "w",
                                        .at_ms = (int64_t)AT_SECONDS * 1000,
                                        .seen_hash = &seen,
                                        .seen_seq = 1};
    json_t *body = json_pack("{s:[{s:s, s:s, s:s, s:i}]}", "items", "content", content, "document", "CN-1", "reason",
                             "because", "version", 1);
    struct statement statement = {.bytes = NULL};
    struct signature_list signatures = {.count = 0};
    struct hash id, leaf;
    struct err err = {0};
    char *dir = folder_path(&founding->folder, "book");
    assert_int_equal(statement_make(&head, body, &statement, &err), STATUS_OK);
    const struct book_birth birth = {
        .book_dir = dir, .facts = &facts, .now_ms = founding->now_ms, .map_bytes = 1 << 26, .nonce = 7};
    assert_int_equal(book_create(&birth, slice_of(statement.bytes, statement.length), &signatures, &id, &leaf, &err),
                     STATUS_INPUT);
    assert_string_equal(err.text, "this is no charter but withdraw");
    assert_int_equal(access(dir, F_OK), -1);
    statement_done(&statement);
    json_decref(body);
    free(dir);
}

/* Entry 0 once more, as it stands: a book has one charter. */
static void no_charter_comes_into_a_book(void **state)
{
    struct company company = {.dir = ""};
    struct journal_snapshot *snapshot = NULL;
    struct gate_answer answer = {.decision = NULL};
    struct entry entry;
    struct err err = {0};
    const char *bytes = NULL;
    size_t length = 0;
    (void)state;
    company_found(&company, NULL);
    assert_int_equal(journal_read_begin(gate_books(company.gate)->journal, &snapshot, &err), STATUS_OK);
    assert_int_equal(journal_entry(snapshot, 0, &bytes, &length, &err), STATUS_OK);
    assert_int_equal(entry_read(slice_of(bytes, length), &entry, &err), STATUS_OK);
    journal_read_end(snapshot);
    assert_int_equal(gate_submit(company.gate, slice_of(entry.statement.bytes, entry.statement.length),
                                 entry.signatures, &answer, &err),
                     STATUS_INPUT);
    assert_non_null(strstr(err.text, "a charter makes a book"));
    entry_done(&entry);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sound_charter_makes_a_book, set_up, tear_down),
        cmocka_unit_test_setup_teardown(exactly_the_officers_sign, set_up, tear_down),
        cmocka_unit_test_setup_teardown(officers_are_different_persons, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keys_stand_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(threshold_can_be_met, set_up, tear_down),
        cmocka_unit_test_setup_teardown(charter_is_not_from_the_future, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_else_makes_a_book, set_up, tear_down),
        cmocka_unit_test_setup_teardown(charter_is_nobodys_statement, set_up, tear_down),
        cmocka_unit_test(no_charter_comes_into_a_book),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
