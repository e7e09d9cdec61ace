/*
 * Statements and entries as bytes: what is admitted, what is refused and which member the refusal names, order and
 * uniqueness of signatures, content hashes. The well-formed ones come from the worked book.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/canon.h"
#include "ledger/entry.h"
#include "ledger/keyfile.h"
#include "ledger/limits.h"
#include "ledger/schema.h"
#include "ledger/sshsig.h"
#include "ledger/statement.h"
#include "tests/support/vector_file.h"

enum { POLICY_BASE64_BYTES = POLICY_YAML_BYTES_MAX / 3 * 4 };

#define BOOK "9ab7232debeadf7425f3dac1252816e39f32d1a5d3fd6f29cf9f2a00e5805fe2"

static const char good[] =
    "{\"actor\":\"maria\",\"at\":\"2026-01-05T09:00:00.000Z\",\"body\":{\"items\":[{\"content\":\"" BOOK
    "\",\"document\":\"CN-1\",\"reason\":\"mistake\",\"version\":1}]},\"book\":\"" BOOK
    "\",\"do\":\"withdraw\",\"id\":\"s-1\",\"seen\":null,\"v\":1}";

static enum status read_text(const char *text, struct statement *ret_statement, struct err *err)
{
    return statement_read(slice_of(text, strlen(text)), ret_statement, err);
}

static void a_good_statement_is_taken_apart(void **state)
{
    struct statement statement;
    struct err err;
    char hex[HASH_HEX_CHARS + 1];
    struct hash hash;
    (void)state;
    assert_int_equal(read_text(good, &statement, &err), STATUS_OK);
    assert_int_equal(statement.verb, VERB_WITHDRAW);
    assert_string_equal(statement.actor, "maria");
    assert_string_equal(statement.id, "s-1");
    assert_null(statement.seen_hash);
    assert_string_equal(statement.bytes, good);
    hash_of(good, strlen(good), &hash);
    assert_true(hash_equal(&hash, &statement.hash));
    hash_to_hex(&statement.hash, hex);
    assert_int_equal(json_array_size(statement_list(&statement)), 1);
    assert_null(statement_document(&statement, 0)); /* withdraw names documents, it holds none */
    statement_done(&statement);
    statement_done(&statement); /* harmless */
}

/* The good statement with one piece replaced; malloc'd. */
static char *replaced(const char *from, const char *to)
{
    const char *at = strstr(good, from);
    assert_non_null(at);
    size_t room = strlen(good) + strlen(to) + 1;
    char *text = malloc(room);
    assert_non_null(text);
    snprintf(text, room, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
    return text;
}

static void a_refusal_names_the_member(void **state)
{
    static const struct {
        const char *from, *to, *says;
    } cases[] = {
        {"\"maria\"", "\"\"", "actor"},
        {"\"maria\"", "\"-maria\"", "actor"},
        {"\"maria\"", "7", "actor"},
        {"T09:00:00.000Z", "T09:00:00Z", "at"},
        {"2026-01-05", "2026-02-30", "at"},
        {"\"items\"", "\"thing\"", "thing"},
        {",\"reason\":\"mistake\"", "", "reason"},
        {"\"mistake\"", "\"\"", "reason"},
        {"\"version\":1}", "\"version\":0}", "version"},
        {"\"version\":1}", "\"version\":\"1\"}", "version"},
        {"[{", "[[{", ""},
        {"\"withdraw\"", "\"undo\"", "do"},
        {"\"book\":\"9ab7", "\"book\":\"9AB7", "book"},
        {"\"s-1\"", "\"s 1\"", "id"},
        {"\"seen\":null", "\"seen\":{\"seq\":1}", "hash"},
        {"\"seen\":null", "\"seen\":{\"hash\":\"00\",\"seq\":1}", "hash"},
        {"\"seen\":null", "\"seen\":7", "seen"},
        {"\"seen\":null,", "", "seen"},
        {"\"v\":1", "\"v\":2", "v"},
        {"\"v\":1", "\"v\":1,\"w\":1", "w"},
        {"\"v\":1}", "\"v\":1} ", ""},
        {"\"actor\"", " \"actor\"", ""},
        {"\"mistake\"", "\"mis\\u0074ake\"", ""},
        {"\"mistake\"", "\"mis\xE2\x80\xAEtake\"", ""},
        {"\"mistake\"", "\"mis\x1Btake\"", ""},
        {"\"version\":1}", "\"version\":1.0}", ""},
        {"\"version\":1}", "\"version\":-0}", ""},
        {"\"v\":1", "\"v\":1,\"v\":1", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct statement statement = {.bytes = NULL};
        struct err err = {.text = ""};
        char *text = replaced(cases[i].from, cases[i].to);
        enum status status = read_text(text, &statement, &err);
        if (status != STATUS_INPUT || strstr(err.text, cases[i].says) == NULL || statement.bytes != NULL)
            fail_msg("%zu: %s -> %s: %s: %s", i, cases[i].from, cases[i].to, status_name(status), err.text);
        free(text);
    }
}

static void a_charter_has_rules_of_its_own(void **state)
{
    static const char *const wrong[] = {
        "{\"actor\":\"x\",\"at\":\"2026-01-05T09:00:00.000Z\",\"body\":{},\"book\":\"\",\"do\":\"charter\",\"id\":"
        "\"c\",\"seen\":null,\"v\":1}",
        "{\"actor\":\"\",\"at\":\"2026-01-05T09:00:00.000Z\",\"body\":{},\"book\":\"\",\"do\":\"charter\",\"id\":\"c\","
        "\"seen\":null,\"v\":1}",
        "{\"actor\":\"\",\"at\":\"2026-01-05T09:00:00.000Z\",\"body\":{\"items\":[]},\"book\":\"" BOOK
        "\",\"do\":\"withdraw\",\"id\":\"c\",\"seen\":null,\"v\":1}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct statement statement;
        struct err err;
        assert_int_equal(read_text(wrong[i], &statement, &err), STATUS_INPUT);
    }
}

/* A statement of many documents is held to a mebibyte, one that carries a policy to four. */
static void size_depends_on_what_it_carries(void **state)
{
    (void)state;
    for (int policy = 0; policy < 2; policy++) {
        struct statement statement = {.bytes = NULL};
        struct err err;
        json_t *documents = json_array();
        char *filler = malloc(NOTE_BYTES_MAX + 1);
        assert_non_null(filler);
        memset(filler, 'x', NOTE_BYTES_MAX);
        filler[NOTE_BYTES_MAX] = '\0';
        for (int i = 0; i < 600; i++)
            json_array_append_new(documents,
                                  json_pack("{s:s, s:s}", "kind", policy ? "policy" : "grant", "note", filler));
        json_t *body = json_pack("{s:b, s:o}", "atomic", 0, "documents", documents);
        const struct statement_head head = {
            .verb = VERB_SUBMIT, .actor = "olga", .book = BOOK, .id = "s-1", .at_ms = 0};
        enum status status = statement_make(&head, body, &statement, &err);
        assert_int_equal(status, policy ? STATUS_OK : STATUS_LIMIT);
        if (status == STATUS_OK)
            statement_done(&statement);
        json_decref(body);
        free(filler);
    }
}

static void content_is_of_the_place_too(void **state)
{
    struct statement statement;
    struct err err;
    struct hash first, second;
    (void)state;
    json_t *body = json_pack("{s:b, s:[{s:s}, {s:s}]}", "atomic", 0, "documents", "kind", "grant", "kind", "grant");
    const struct statement_head head = {.verb = VERB_SUBMIT, .actor = "olga", .book = BOOK, .id = "s-1", .at_ms = 0};
    assert_int_equal(statement_make(&head, body, &statement, &err), STATUS_OK);
    assert_int_equal(statement_content(&statement, 0, &first, &err), STATUS_OK);
    assert_int_equal(statement_content(&statement, 1, &second, &err), STATUS_OK);
    assert_false(hash_equal(&first, &second));
    assert_int_equal(statement_content(&statement, 2, &second, &err), STATUS_INPUT);
    statement_done(&statement);
    json_decref(body);
}

/* The hash of what FORMAT.md 2 says, written out here. */
static void hash_is(const struct statement *statement, size_t index)
{
    char hex[HASH_HEX_CHARS + 1];
    struct hash content, document, wanted;
    struct err err;
    hash_to_hex(&statement->hash, hex);
    json_t *json = json_pack("{s:s, s:O, s:i, s:s}", "book", statement->book, "document",
                             statement_document(statement, index), "index", (int)index, "statement", hex);
    assert_int_equal(statement_content(statement, index, &content, &err), STATUS_OK);
    assert_int_equal(canon_hash(json, &wanted, &err), STATUS_OK);
    assert_memory_equal(&content, &wanted, sizeof wanted);
    assert_int_equal(statement_document_hash(statement, index, &document, &err), STATUS_OK);
    assert_int_equal(canon_hash(statement_document(statement, index), &wanted, &err), STATUS_OK);
    assert_memory_equal(&document, &wanted, sizeof wanted);
    json_decref(json);
}

static void content_is_the_same_however_it_is_hashed(void **state)
{
    struct statement statement;
    struct err err;
    (void)state;
    json_t *body = json_pack("{s:b, s:[{s:s, s:[i, {s:s}], s:s}, {}, {s:s}]}", "atomic", 0, "documents", "kind", "a",
                             "list", 1, "x", "],\"{", "note", "\xE2\x82\xAC \\ \"", "kind", "b");
    const struct statement_head head = {.verb = VERB_SUBMIT, .actor = "maria", .book = BOOK, .id = "one", .at_ms = 1};
    assert_int_equal(statement_make(&head, body, &statement, &err), STATUS_OK);
    for (size_t i = 0; i < 3; i++)
        hash_is(&statement, i);
    statement_done(&statement);
    json_decref(body);
    body =
        json_pack("{s:[{s:{s:s}, s:s, s:i}]}", "amendments", "content", "kind", "c", "document", "CN-1", "version", 1);
    const struct statement_head amending = {
        .verb = VERB_AMEND, .actor = "maria", .book = BOOK, .id = "two", .at_ms = 1};
    assert_int_equal(statement_make(&amending, body, &statement, &err), STATUS_OK);
    hash_is(&statement, 0);
    statement_done(&statement);
    json_decref(body);
}

static void sign(uint8_t seed, const char *message, struct signature_blob *ret_blob)
{
    struct signer signer;
    struct err err;
    uint8_t bytes[KEYFILE_SEED_BYTES];
    memset(bytes, seed, sizeof bytes);
    assert_int_equal(keyfile_open_seed(bytes, &signer, &err), STATUS_OK);
    assert_int_equal(sshsig_sign(&signer, message, strlen(message), ret_blob->bytes, &ret_blob->length, &err),
                     STATUS_OK);
    signer_close(&signer);
}

static void signatures_are_sorted_and_single(void **state)
{
    static struct signature_list list, other;
    struct err err;
    (void)state;
    for (uint8_t seed = 1; seed <= SIGNATURES_MAX; seed++) {
        struct signature_blob blob;
        sign(seed, good, &blob);
        assert_int_equal(signature_list_add(&list, slice_of(blob.bytes, blob.length), &err), STATUS_OK);
        assert_int_equal(signature_list_add(&list, slice_of(blob.bytes, blob.length), &err),
                         seed < SIGNATURES_MAX ? STATUS_EXISTS : STATUS_LIMIT);
    }
    json_t *array = signature_list_to_json(&list);
    assert_int_equal(signature_list_from_json(array, &other, &err), STATUS_OK);
    assert_int_equal(other.count, SIGNATURES_MAX);
    /* Two changed places. */
    json_t *first = json_incref(json_array_get(array, 0));
    json_array_set(array, 0, json_array_get(array, 1));
    json_array_set_new(array, 1, first);
    assert_int_equal(signature_list_from_json(array, &other, &err), STATUS_INPUT);
    assert_non_null(strstr(err.text, "order"));
    json_array_clear(array);
    assert_int_equal(signature_list_from_json(array, &other, &err), STATUS_INPUT);
    json_decref(array);

    struct statement statement;
    assert_int_equal(read_text(good, &statement, &err), STATUS_OK);
    assert_int_equal(signature_list_verify(&list, &statement, &err), STATUS_OK);
    list.items[3].bytes[list.items[3].length - 1] ^= 1;
    assert_int_equal(signature_list_verify(&list, &statement, &err), STATUS_SIGNATURE);
    assert_non_null(strstr(err.text, "signatures[3]"));
    statement_done(&statement);
}

static void signatures_have_bounds(void **state)
{
    static struct signature_list list;
    static uint8_t long_one[SSHSIG_BYTES_MAX + 1];
    struct err err = {.text = ""};
    json_t *array = json_array();
    (void)state;
    assert_int_equal(signature_list_add(&list, slice_of(long_one, sizeof long_one), &err), STATUS_LIMIT);
    assert_non_null(strstr(err.text, "bytes, at most"));
    assert_int_equal(list.count, 0);
    for (size_t i = 0; i <= SIGNATURES_MAX; i++)
        json_array_append_new(array, json_string("AAAA"));
    assert_int_equal(signature_list_from_json(array, &list, &err), STATUS_LIMIT);
    assert_non_null(strstr(err.text, "signatures: "));
    json_array_remove(array, 0); /* one less, and they are looked at */
    assert_int_equal(signature_list_from_json(array, &list, &err), STATUS_INPUT);
    json_decref(array);
}

/* A charter whose policy is more than other statements may have, and one member more than a list may have. */
static void lists_and_charters_have_bounds_of_their_own(void **state)
{
    struct statement statement = {.bytes = NULL};
    struct err err = {.text = ""};
    size_t length = 0;
    char *charter = vector_file("tests/vectors/worked_book.jsonl", &length);
    json_error_t at;
    json_t *entry = json_loads(charter, JSON_DISABLE_EOF_CHECK, &at);
    (void)state;
    assert_non_null(entry);
    json_t *body = json_object_get(json_object_get(entry, "statement"), "body");
    const struct statement_head head = {.verb = VERB_CHARTER, .actor = "", .book = "", .id = "c", .at_ms = 0};
    json_t *policy = json_object_get(body, "policy");
    char *yaml = malloc(POLICY_BASE64_BYTES + 1);
    assert_non_null(yaml);
    memset(yaml, 'A', POLICY_BASE64_BYTES);
    yaml[POLICY_BASE64_BYTES] = '\0';
    json_object_set_new(policy, "yaml", json_string(yaml));
    if (statement_make(&head, body, &statement, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    assert_true(strlen((const char *)statement.bytes) > STATEMENT_BYTES_MAX);
    statement_done(&statement);
    json_t *keys = json_object_get(body, "book_keys");
    while (json_array_size(keys) <= SIGNATURES_MAX)
        json_array_append(keys, json_array_get(keys, 0));
    assert_int_equal(statement_make(&head, body, &statement, &err), STATUS_LIMIT);
    assert_non_null(strstr(err.text, "body.book_keys: has 17 members, at most 16 are allowed"));
    free(yaml);
    json_decref(entry);
    free(charter);
}

/* The lines of the worked book, each malloc'd by getline. */
static void entries_are_read_and_made_again(void **state)
{
    FILE *file = fopen("tests/vectors/worked_book.jsonl", "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    uint64_t seq = 0;
    (void)state;
    assert_non_null(file);
    while ((length = getline(&line, &room, file)) > 0) {
        struct entry entry;
        struct err err;
        char *bytes = NULL;
        size_t made = 0;
        assert_int_equal(entry_read(slice_of(line, (size_t)length - 1), &entry, &err), STATUS_OK);
        assert_int_equal(entry.seq, seq++);
        const struct gate_facts gate = {.release = member_text(entry.gate, "release"),
                                        .exe = member_text(entry.gate, "exe"),
                                        .mode = member_text(entry.gate, "mode"),
                                        .os_user = member_text(entry.gate, "os_user")};
        const struct entry_parts parts = {.decision = entry.decision,
                                          .gate = &gate,
                                          .prev = &entry.prev,
                                          .seq = entry.seq,
                                          .signatures = entry.signatures,
                                          .statement = &entry.statement,
                                          .time_ms = entry.time_ms};
        assert_int_equal(entry_make(&parts, &bytes, &made, &err), STATUS_OK);
        assert_int_equal(made, (size_t)length - 1);
        assert_memory_equal(bytes, line, made);
        free(bytes);
        /* A line feed behind it, one byte less, another member: no entry. */
        struct entry none = {.decision = NULL};
        assert_int_equal(entry_read(slice_of(line, (size_t)length), &none, &err), STATUS_INPUT);
        assert_int_equal(entry_read(slice_of(line, (size_t)length - 2), &none, &err), STATUS_INPUT);
        line[length - 2] = ',';
        assert_int_equal(entry_read(slice_of(line, (size_t)length - 1), &none, &err), STATUS_INPUT);
        line[length - 2] = '}';
        /* A number below 0, in the form that numbers have. */
        char own[40], *negative = malloc((size_t)length + 1);
        snprintf(own, sizeof own, "\"seq\":%llu,\"signatures\"", (unsigned long long)entry.seq);
        const char *number = strstr(line, own) + strlen("\"seq\":");
        assert_non_null(negative);
        snprintf(negative, (size_t)length + 1, "%.*s-%.*s", (int)(number - line), line,
                 (int)(line + length - 1 - number), number);
        assert_int_equal(entry_read(slice_of(negative, (size_t)length), &none, &err), STATUS_INPUT);
        if (entry.seq > 0)
            assert_string_equal(err.text, "seq: has to be 0 or more");
        free(negative);
        entry_done(&entry);
    }
    assert_int_equal(seq, 10);
    free(line);
    assert_int_equal(fclose(file), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_statement_is_taken_apart),
        cmocka_unit_test(a_refusal_names_the_member),
        cmocka_unit_test(a_charter_has_rules_of_its_own),
        cmocka_unit_test(size_depends_on_what_it_carries),
        cmocka_unit_test(content_is_of_the_place_too),
        cmocka_unit_test(content_is_the_same_however_it_is_hashed),
        cmocka_unit_test(signatures_are_sorted_and_single),
        cmocka_unit_test(signatures_have_bounds),
        cmocka_unit_test(lists_and_charters_have_bounds_of_their_own),
        cmocka_unit_test(entries_are_read_and_made_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
