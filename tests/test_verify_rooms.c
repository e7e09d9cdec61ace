/*
 * Rooms of verification by themselves, where a whole book would have to be very large or its disk to fail: how much is taken in
 * at most, what cannot be read, what the register of keys and the reasons of a part make of single entries.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "audit/verify/parts.h"
#include "audit/verify/tree_file.h"
#include "audit/verify/why_facts.h"
#include "ledger/instant.h"
#include "tests/support/small_book.h"

enum { HEARD_MAX = 8, CHECKPOINTS_MAX = 1 << 20, LATE_MAX = 1 << 16 };

static struct finding heard[HEARD_MAX];
static size_t heard_count;

static void hear(void *context, const struct finding *finding)
{
    (void)context;
    assert_true(heard_count < HEARD_MAX);
    heard[heard_count++] = *finding;
}

/* A verification of nothing, and where it reads. */
struct room {
    struct verify verify;
    struct verify_options options;
    struct verify_result result;
    struct verify_source source;
    struct slice entries[4]; /* from first on */
    uint64_t first;
    size_t count, next;
    uint64_t checkpoints;
};

static enum status next(void *context, struct source_entry *ret_entry, struct err *err)
{
    struct room *room = context;
    (void)err;
    if (room->next == room->count)
        return STATUS_NOT_FOUND;
    *ret_entry = (struct source_entry){.seq = room->first + room->next, .bytes = room->entries[room->next]};
    room->next++;
    return STATUS_OK;
}

static enum status again(void *context, struct err *err)
{
    struct room *room = context;
    (void)err;
    room->next = 0;
    return STATUS_OK;
}

static enum status unreadable(void *context, unsigned level, uint64_t index, struct hash *ret_hash, struct err *err)
{
    (void)context;
    (void)ret_hash;
    return err_set(err, STATUS_IO, "node %llu on level %u: the disk failed", (unsigned long long)index, level);
}

static enum status issued_count(void *context, uint64_t *ret_count, struct err *err)
{
    struct room *room = context;
    (void)err;
    *ret_count = room->checkpoints;
    return STATUS_OK;
}

static enum status issued(void *context, uint64_t number, struct journal_checkpoint *ret_checkpoint, struct err *err)
{
    (void)context;
    (void)number;
    (void)ret_checkpoint;
    return err_set(err, STATUS_NOT_FOUND, "there is none");
}

static void room_begin(struct room *room)
{
    *room = (struct room){.source = {.context = room,
                                     .what = "the room",
                                     .next = next,
                                     .again = again,
                                     .node = unreadable,
                                     .issued_count = issued_count,
                                     .issued = issued}};
    room->verify.options = &room->options;
    room->verify.result = &room->result;
    room->verify.source = &room->source;
    room->verify.chartered = true;
    room->verify.charter = json_pack("{s:i}", "skew_seconds", 10);
    tree_frontier_init(&room->verify.frontier);
    finding_list_init(&room->verify.findings, hear, NULL);
    heard_count = 0;
}

static void room_end(struct room *room)
{
    json_decref(room->verify.charter);
    free(room->verify.wanted);
    free(room->verify.late);
    finding_list_done(&room->verify.findings);
}

static void a_million_checkpoints_are_taken_in(void **state)
{
    struct room room;
    struct err err = {.status = STATUS_OK};
    (void)state;
    room_begin(&room);
    room.checkpoints = CHECKPOINTS_MAX + 1;
    assert_int_equal(verify_checkpoints_gather(&room.verify, &err), STATUS_LIMIT);
    assert_string_equal(err.text, "more than 1048576 checkpoints");
    room.checkpoints = CHECKPOINTS_MAX;
    assert_int_equal(verify_checkpoints_gather(&room.verify, &err), STATUS_OK);
    assert_int_equal(room.result.checkpoints, CHECKPOINTS_MAX);
    room_end(&room);
}

static void so_many_late_times_are_taken_in(void **state)
{
    const struct wanted_root root = {.size = 9, .known = true, .latest_ms = 1000 * 1000};
    const struct time_bound fits = {.size = 9, .seconds = 989, .who = "w"},
                            late = {.size = 9, .seconds = 988, .who = "w"};
    struct room room;
    struct err err = {.status = STATUS_OK};
    (void)state;
    room_begin(&room);
    assert_int_equal(verify_times_bound(&room.verify, &root, &fits, &err), STATUS_OK);
    assert_int_equal(room.verify.late_count, 1);
    for (size_t i = room.verify.late_count; i < LATE_MAX; i++)
        assert_int_equal(verify_times_bound(&room.verify, &root, &late, &err), STATUS_OK);
    assert_int_equal(room.verify.late_count, LATE_MAX);
    assert_int_equal(verify_times_bound(&room.verify, &root, &late, &err), STATUS_LIMIT);
    assert_string_equal(err.text, "more than 65536 times from outside do not agree with the book's");
    room_end(&room);
}

/* An entry that cannot be read bears no time, and those after it are judged as before. */
static void times_of_what_can_be_read(void **state)
{
    struct small_book book;
    struct room room;
    struct err err = {.status = STATUS_OK};
    size_t length = 0;
    (void)state;
    small_book_begin(&book);
    small_book_close(&book);
    char *charter = raw_entry(&book, 0, &length);
    room_begin(&room);
    const struct wanted_root root = {.size = 12, .known = true, .latest_ms = INT64_MAX};
    room.verify.before_ms = 5000 * 1000; /* in an entry before those */
    room.verify.before = 11;             /* and read again from entry 9 on, as an extension brings them */
    room.first = 9;
    room.entries[room.count++] = slice_of("none", 4);
    room.entries[room.count++] = slice_of(charter, length);
    const struct time_bound bounds[] = {{.size = 8, .seconds = 1, .who = "early"},
                                        {.size = 10, .seconds = 1, .who = "blind"},
                                        {.size = 11, .seconds = 1, .who = "w"}};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(verify_times_bound(&room.verify, &root, &bounds[i], &err), STATUS_OK);
    assert_int_equal(verify_times_end(&room.verify, &err), STATUS_OK);
    assert_int_equal(heard_count, 1);
    assert_int_equal(heard[0].seq, 10);
    assert_non_null(strstr(heard[0].text, "and w had seen it by 1970-01-01T00:00:01.000Z"));
    assert_int_equal(room.result.bundle.untimed, 2); /* all but the one that an entry broke */
    room_end(&room);
    free(charter);
    small_book_free(&book);
}

static void a_tree_that_cannot_be_read_is_told_once(void **state)
{
    struct room room;
    struct err err = {.status = STATUS_OK};
    (void)state;
    room_begin(&room);
    for (uint64_t seq = 0; seq < 4; seq++) {
        const struct verify_item item = {.seq = seq, .sound = true, .leaf = {{(uint8_t)seq}}, .facts = {.seq = seq}};
        assert_int_equal(verify_chain(&room.verify, &item, &err), STATUS_OK);
    }
    assert_int_equal(heard_count, 1);
    assert_int_equal(heard[0].check, CHECK_TREE);
    assert_int_equal(heard[0].seq, 0);
    assert_string_equal(heard[0].text, "cannot be read from here on: node 0 on level 0: the disk failed");
    room_end(&room);
}

/* Roots are noted where a checkpoint speaks of that many entries; of none there is no root. */
static void roots_are_of_their_size(void **state)
{
    static const uint64_t sizes[] = {0, 1, 3, 3, 9};
    struct room room;
    struct hash leaf = {{0}};
    struct err err = {.status = STATUS_OK};
    (void)state;
    room_begin(&room);
    room.verify.wanted_count = sizeof sizes / sizeof sizes[0];
    room.verify.wanted = calloc(room.verify.wanted_count, sizeof *room.verify.wanted);
    for (size_t i = 0; i < room.verify.wanted_count; i++)
        room.verify.wanted[i].size = sizes[i];
    for (uint64_t seq = 0; seq < 4; seq++) {
        const struct verify_item item = {.seq = seq, .sound = true, .leaf = leaf, .facts = {.seq = seq}};
        assert_int_equal(verify_chain(&room.verify, &item, &err), STATUS_OK);
    }
    for (size_t i = 0; i < room.verify.wanted_count; i++)
        assert_int_equal(room.verify.wanted[i].known, sizes[i] == 1 || sizes[i] == 3);
    assert_true(hash_equal(&room.verify.wanted[1].root, &leaf));
    assert_true(hash_equal(&room.verify.wanted[2].root, &room.verify.wanted[3].root));
    room_end(&room);
}

static void a_tree_has_the_hashes_that_were_added(void **state)
{
    struct tree_file *file = NULL;
    struct hash hash = {{7}}, got = {{0}};
    struct err err = {.status = STATUS_OK};
    (void)state;
    assert_int_equal(tree_file_make(NULL, &file, &err), STATUS_OK);
    assert_int_equal(tree_file_node(file, 0, 0, &got, &err), STATUS_NOT_FOUND);
    assert_int_equal(tree_file_add(file, &hash, &err), STATUS_OK);
    assert_int_equal(tree_file_node(file, 0, 0, &got, &err), STATUS_OK);
    assert_true(hash_equal(&hash, &got));
    assert_int_equal(tree_file_node(file, 0, 1, &got, &err), STATUS_NOT_FOUND);
    assert_int_equal(tree_file_node(file, 1, 0, &got, &err), STATUS_NOT_FOUND);
    assert_int_equal(tree_file_node(file, 63, 0, &got, &err), STATUS_NOT_FOUND);
    assert_int_equal(tree_file_node(file, 0, UINT64_MAX, &got, &err), STATUS_NOT_FOUND);
    assert_string_equal(err.text, "the tree has no such hash yet");
    tree_file_free(file);
}

/* ---- single entries ---- */

static json_t *json(const char *text)
{
    json_error_t error;
    json_t *value = json_loads(text, 0, &error);
    if (value == NULL)
        fail_msg("%s: %s", error.text, text);
    return value;
}

static void apply(struct key_register *keys, enum verb verb, const char *body, const char *results)
{
    json_t *said = json(body), *decision = json_pack("{s:o}", "results", json(results));
    const struct entry entry = {
        .seq = 7, .time_ms = 7000, .statement = {.verb = verb, .body = said}, .decision = decision};
    struct err err = {.status = STATUS_OK};
    assert_int_equal(key_register_apply(keys, &entry, &err), STATUS_OK);
    json_decref(said);
    json_decref(decision);
}

static bool is_revoked(const struct key_register *keys, const char *key)
{
    struct key_standing standing;
    key_register_look(keys, key, 8000, &standing);
    assert_non_null(standing.user);
    return standing.revoked;
}

#define GRANT(user, role) "{\"documents\":[{\"kind\":\"grant\",\"role\":\"" role "\",\"user\":\"" user "\"}]}"
#define RESULT(number)    "[{\"document\":\"" number "\",\"outcome\":\"in-force\"}]"

/* A recovery ends the keys of all who are officers by then: made so by a grant, and not those whose grant was revoked. */
static void a_recovery_ends_the_keys_of_officers(void **state)
{
    struct key_register *keys = NULL;
    struct err err = {.status = STATUS_OK};
    (void)state;
    assert_int_equal(key_register_new(&keys, &err), STATUS_OK);
    apply(
        keys, VERB_CHARTER,
        "{\"officers\":[{\"key\":\"k-1\",\"user\":\"one\"},{\"key\":\"k-2\",\"user\":\"two\"},{\"user\":\"keyless\"}]}",
        "[]");
    apply(keys, VERB_SUBMIT,
          "{\"documents\":[{\"key\":\"k-3\",\"kind\":\"enrolment\",\"user\":\"nina\"},"
          "{\"key\":\"k-4\",\"kind\":\"enrolment\",\"user\":\"noah\"}]}",
          "[{\"document\":\"EN-1\",\"outcome\":\"in-force\"},{\"document\":\"EN-2\",\"outcome\":\"in-force\"}]");
    apply(keys, VERB_SUBMIT, GRANT("nina", "OFFICER"), RESULT("GR-1"));
    apply(keys, VERB_SUBMIT, GRANT("noah", "AUDITOR"), RESULT("GR-2"));
    apply(keys, VERB_SUBMIT, "{\"documents\":[{\"grant\":\"GR-7.2\",\"kind\":\"revocation\"}]}", RESULT("RV-1"));
    apply(keys, VERB_RECOVER, "{\"officers\":[{\"key\":\"k-5\",\"user\":\"new\"}]}", "[{\"outcome\":\"in-force\"}]");
    assert_true(is_revoked(keys, "k-1"));
    assert_false(is_revoked(keys, "k-2"));
    assert_true(is_revoked(keys, "k-3"));
    assert_false(is_revoked(keys, "k-4"));
    assert_false(is_revoked(keys, "k-5"));
    json_t *all = key_register_to_json(keys);
    assert_int_equal(json_object_size(json_object_get(all, "keys")), 5); /* nobody has the key that is none */
    json_decref(all);
    key_register_free(keys);
}

/* An end that is no time, in a state that somebody wrote, never comes. */
static void an_end_that_is_no_time(void **state)
{
    static const char *const ends[] = {"\"1970-01-01T00:00:05.000Z\"", "\"never\""};
    struct key_register *keys = NULL;
    struct key_standing standing;
    struct err err = {.status = STATUS_OK};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char text[512];
        snprintf(
            text, sizeof text,
            "{\"book_keys\":{},\"keys\":{\"k\":{\"from\":\"1970-01-01T00:00:01.000Z\",\"until\":%s,\"user\":\"u\"}},"
            "\"officers\":{},\"releases\":{},\"restores\":[],\"waiting\":{}}",
            ends[i]);
        json_t *kept = json(text);
        assert_int_equal(key_register_from_json(kept, &keys, &err), STATUS_OK);
        key_register_look(keys, "k", 6000, &standing);
        assert_int_equal(standing.over, i == 0);
        assert_int_equal(standing.from_ms, 1000);
        json_decref(kept);
        key_register_free(keys);
    }
}

/* What entries of a part say of one another. */
static const struct {
    const char *document, *number;
} told[] = {
    {"{\"kind\":\"credit-note\",\"links\":[{\"document\":\"CN-1\",\"rel\":\"corrects\"}]}", "CN-2"},
    {"{\"kind\":\"credit-note\",\"links\":[{\"document\":\"CN-2\",\"rel\":\"corrects\"}]}", "CN-3"},
    {"{\"kind\":\"reversal\",\"reverses\":\"CN-1\"}", "RE-1"},
    {"{\"kind\":\"grant\",\"user\":\"joe\"}", "GR-1"},
    {"{\"kind\":\"grant\",\"user\":\"ann\"}", "GR-2"},
    {"{\"kind\":\"mitigation\",\"user\":\"joe\"}", "MI-1"},
    {"{\"grant\":\"GR-1\",\"kind\":\"revocation\"}", "RV-1"},
    {"{\"grant\":\"MI-1\",\"kind\":\"revocation\"}", "RV-2"},
    {"{\"kind\":\"book-key\"}", "BK-1"},
    {"{\"kind\":\"affirmation\",\"rows\":[{\"document\":\"GR-2\"},{\"document\":\"BK-1\"},{\"document\":\"RV-1\"}]}",
     "AF-1"},
    {"{\"kind\":\"attestation\",\"review\":\"AR-1\",\"rows\":[{\"decision\":\"keep\",\"grant\":\"GR-2\"},"
     "{\"decision\":\"remove\",\"grant\":\"GR-9\"},{\"decision\":\"remove\",\"grant\":\"GR-1\"},"
     "{\"decision\":\"remove\",\"grant\":\"MI-1\"}]}",
     "AT-1"},
};

static void entries_of_a_part_say_what_they_are_about(void **state)
{
    struct bundle_manifest manifest = {.sort = BUNDLE_DOCUMENT, .json = json("{\"scope\":{\"documents\":[\"CN-1\"]}}")};
    struct why_facts facts;
    struct err err = {.status = STATUS_OK};
    (void)state;
    assert_int_equal(why_facts_init(&facts, &manifest, &err), STATUS_OK);
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        json_t *body = json_pack("{s:[o]}", "documents", json(told[i].document));
        json_t *decision = json_pack("{s:[{s:s}]}", "results", "document", told[i].number);
        const struct entry entry = {
            .seq = i, .statement = {.verb = VERB_SUBMIT, .actor = "maria", .body = body}, .decision = decision};
        assert_int_equal(why_facts_add(&facts, &entry, &err), STATUS_OK);
        json_decref(body);
        json_decref(decision);
    }
    /* Linked to what was asked for, and not further. */
    assert_true(why_is_about(&facts, "CN-1"));
    assert_true(why_is_about(&facts, "CN-2"));
    assert_false(why_is_about(&facts, "CN-3"));
    assert_true(why_is_about(&facts, "RE-1"));
    assert_false(why_is_about(&facts, "GR-1"));
    /* An affirmation is of the kinds of what it affirms. */
    assert_true(why_is_of_kind(&facts, "BK-1", "book-key"));
    assert_true(why_is_of_kind(&facts, "AF-1", "book-key"));
    assert_false(why_is_of_kind(&facts, "AF-1", "policy"));
    assert_false(why_is_of_kind(&facts, "AT-1", "grant"));
    /* A revocation is about whom the grant was of. */
    assert_true(why_is_of_user(&facts, "RV-1", "joe"));
    assert_false(why_is_of_user(&facts, "RV-1", "ann"));
    assert_false(why_is_of_user(&facts, "RV-2", "joe"));
    assert_true(why_is_of_user(&facts, "AF-1", "joe"));
    assert_true(why_is_of_user(&facts, "AT-1", "joe"));
    assert_false(why_is_of_user(&facts, "AT-1", "ann")); /* who kept hers */
    /* What was removed, of that which is here. */
    assert_true(why_has_removed(&facts, "AR-1", "signer joe"));
    assert_true(why_has_removed(&facts, "AR-1", "mitigation MI-1"));
    assert_false(why_has_removed(&facts, "AR-1", "signer ann"));
    assert_int_equal(json_object_size(facts.removed), 2);
    why_facts_done(&facts);
    json_decref(manifest.json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_million_checkpoints_are_taken_in),
        cmocka_unit_test(so_many_late_times_are_taken_in),
        cmocka_unit_test(times_of_what_can_be_read),
        cmocka_unit_test(a_tree_that_cannot_be_read_is_told_once),
        cmocka_unit_test(roots_are_of_their_size),
        cmocka_unit_test(a_tree_has_the_hashes_that_were_added),
        cmocka_unit_test(a_recovery_ends_the_keys_of_officers),
        cmocka_unit_test(an_end_that_is_no_time),
        cmocka_unit_test(entries_of_a_part_say_what_they_are_about),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
