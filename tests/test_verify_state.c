/*
 * A verification that goes on from an earlier one: comes to what a whole one comes to, looks at what is new only, names both
 * checkpoints where today's book is not what came of yesterday's, and leaves the state as it was then.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <cmocka.h>

#include "audit/verify/verify.h"
#include "ledger/instant.h"
#include "ledger/sshkey.h"
#include "tests/support/bundle_made.h"
#include "tests/support/small_book.h"

enum { HEARD_MAX = 50 };

static struct small_book book, forked, clocked;
static struct scratch scratch;
static struct finding heard[HEARD_MAX];
static size_t heard_count;
static struct verify_result result;
static struct err err;
static unsigned runs;
static char state_dir[SCRATCH_PATH_BYTES];

static void hear(void *context, const struct finding *finding)
{
    (void)context;
    if (heard_count < HEARD_MAX)
        heard[heard_count++] = *finding;
}

/* Each verification gets the same state until a test asks for another. */
static void state_new(void)
{
    char name[32];
    snprintf(name, sizeof name, "state-%u", runs);
    scratch_path(&scratch, name, state_dir);
}

static enum status verify_try(struct bundle_made *made, const char *state)
{
    char name[32], dir[SCRATCH_PATH_BYTES], replay[SCRATCH_PATH_BYTES];
    snprintf(name, sizeof name, "bundle-%u", runs);
    bundle_made_write(made, scratch_path(&scratch, name, dir));
    bundle_made_free(made);
    snprintf(name, sizeof name, "replay-%u", runs++);
    const struct verify_options options = {.bundle_dir = dir,
                                           .state_dir = state,
                                           .scratch_dir = scratch_path(&scratch, name, replay),
                                           .threads = 1,
                                           .report = hear};
    heard_count = 0;
    err = (struct err){.status = STATUS_OK};
    enum status status = verify_bundle(&options, &result, &err);
    scratch_run(&scratch, "rm -rf '%s' '%s'", dir, replay);
    return status;
}

static void verify(struct bundle_made *made, const char *state)
{
    if (verify_try(made, state) != STATUS_OK)
        fail_msg("%s", err.text);
}

static void print_heard(void)
{
    for (size_t i = 0; i < heard_count; i++)
        print_message("  %s %lld: %s\n", finding_check_name(heard[i].check),
                      heard[i].has_seq ? (long long)heard[i].seq : -1, heard[i].text);
}

static void assert_good(uint64_t before)
{
    if (result.finding_count > 0)
        print_heard();
    assert_int_equal(result.finding_count, 0);
    assert_true(result.complete);
    assert_true(result.redecided);
    assert_true(result.bundle.kept);
    assert_int_equal(result.bundle.before, before);
}

static void assert_found(const char *words)
{
    for (size_t i = 0; i < heard_count; i++)
        if (strstr(heard[i].text, words) != NULL) {
            assert_false(result.bundle.kept);
            return;
        }
    print_heard();
    fail_msg("no finding: %s", words);
}

static void take(struct bundle_made *made, uint64_t size)
{
    bundle_made_take(made, &book, size);
}

/* All that a report says of the book. */
static void assert_same_result(const struct verify_result *a, const struct verify_result *b)
{
    assert_int_equal(a->entries, b->entries);
    assert_int_equal(a->signatures, b->signatures);
    assert_int_equal(a->keys, b->keys);
    assert_int_equal(a->documents, b->documents);
    assert_int_equal(a->posted, b->posted);
    assert_int_equal(a->waiting, b->waiting);
    assert_int_equal(a->refused, b->refused);
    assert_int_equal(a->policies, b->policies);
    assert_int_equal(a->embedded, b->embedded);
    assert_int_equal(a->engine, b->engine);
    assert_int_equal(a->simulated, b->simulated);
    assert_string_equal(a->book, b->book);
    assert_true(hash_equal(&a->head, &b->head));
    assert_true(hash_equal(&a->root, &b->root));
    assert_int_equal(a->release_count, b->release_count);
    assert_memory_equal(a->releases, b->releases, sizeof a->releases);
    assert_int_equal(a->officer_count, b->officer_count);
    assert_memory_equal(a->officers, b->officers, sizeof a->officers);
}

static void going_on_comes_to_the_same(void **state)
{
    static const uint64_t steps[] = {1, 2, 7, 8, 14, 15};
    struct bundle_made made;
    struct verify_result whole;
    (void)state;
    take(&made, SMALL_ENTRIES);
    verify(&made, NULL);
    assert_false(result.bundle.kept);
    whole = result;
    for (int extensions = 0; extensions < 2; extensions++) {
        state_new();
        for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
            uint64_t before = i == 0 ? 0 : steps[i - 1];
            take(&made, steps[i]);
            if (extensions > 0 && i > 0)
                bundle_made_extension(&made, before);
            verify(&made, state_dir);
            assert_good(before);
            assert_int_equal(result.entries, steps[i]);
        }
        assert_same_result(&result, &whole);
        take(&made, SMALL_ENTRIES); /* nothing new */
        verify(&made, state_dir);
        assert_good(SMALL_ENTRIES);
        assert_same_result(&result, &whole);
        take(&made, SMALL_ENTRIES); /* all of what is new, and some of what is not */
        bundle_made_extension(&made, 7);
        verify(&made, state_dir);
        assert_good(SMALL_ENTRIES);
        take(&made, SMALL_ENTRIES); /* none */
        bundle_made_extension(&made, SMALL_ENTRIES);
        verify(&made, state_dir);
        assert_good(SMALL_ENTRIES);
        assert_same_result(&result, &whole);
    }
}

/* New entries are judged by what the old ones made: keys, numbers, decisions. */
static void what_is_new_is_checked(void **state)
{
    struct bundle_made made;
    (void)state;
    state_new();
    take(&made, 9);
    verify(&made, state_dir);
    assert_good(0);
    take(&made, SMALL_ENTRIES);
    bundle_made_change(&made, 11, "\"id\":\"s-", "\"id\":\"t-");
    bundle_made_sign(&made, USER_BOOK, false);
    verify(&made, state_dir);
    assert_found("signature does not cover these bytes");
    assert_int_equal(result.first_seq, 11);
    take(&made, SMALL_ENTRIES);
    bundle_made_change(&made, 11, "\"outcome\":\"", "\"outcome\":\"un");
    bundle_made_sign(&made, USER_BOOK, false);
    verify(&made, state_dir);
    assert_int_not_equal(result.findings[CHECK_DECISIONS] + result.findings[CHECK_ENTRIES], 0);
    assert_false(result.bundle.kept);
    take(&made, SMALL_ENTRIES); /* the state is as it was */
    verify(&made, state_dir);
    assert_good(9);
}

static void forks_and_older_copies(void **state)
{
    struct bundle_made made;
    (void)state;
    state_new();
    take(&made, 12);
    verify(&made, state_dir);
    assert_good(0);
    /* The same book with another past, signed by the book's own key. */
    bundle_made_take(&made, &forked, SMALL_ENTRIES);
    assert_string_equal(forked.id, book.id);
    verify(&made, state_dir);
    assert_int_equal(heard[0].seq, 10);
    assert_found("is not the entry that was verified before, under the root ");
    assert_found(" of 12 entries: the book was forked");
    assert_false(result.complete);
    bundle_made_take(&made, &forked, SMALL_ENTRIES);
    bundle_made_extension(&made, 12);
    verify(&made, state_dir);
    assert_found("the bundle's root of 12 entries is ");
    assert_found(" of 12 that was verified before: the book was forked");
    bundle_made_take(&made, &forked, 11);
    verify(&made, state_dir);
    assert_found("the bundle's root of 11 entries is ");
    /* An older copy of the same book. */
    take(&made, 9);
    verify(&made, state_dir);
    assert_found("the bundle's checkpoint is of 9 entries, and 12 were verified before, root ");
    take(&made, SMALL_ENTRIES);
    verify(&made, state_dir);
    assert_good(12);
}

static void other_book(json_t *manifest)
{
    json_object_set_new(manifest, "book",
                        json_string("00000000000000000000000000000000000000000000000000000000000000aa"));
}

static void other_after(json_t *manifest)
{
    json_array_set_new(json_object_get(manifest, "proof"), 0,
                       json_string("00000000000000000000000000000000000000000000000000000000000000aa"));
}

static void what_a_state_is_not_for(void **state)
{
    struct bundle_made made;
    (void)state;
    state_new();
    take(&made, SMALL_ENTRIES);
    bundle_made_extension(&made, 9);
    assert_int_equal(verify_try(&made, state_dir), STATUS_INPUT);
    assert_non_null(strstr(err.text, "nothing was verified before: begin with a bundle of the whole book"));
    take(&made, 9);
    verify(&made, state_dir);
    assert_good(0);
    take(&made, SMALL_ENTRIES);
    bundle_made_extension(&made, 12);
    assert_int_equal(verify_try(&made, state_dir), STATUS_INPUT);
    assert_non_null(
        strstr(err.text, "goes on after 12 entries, and 9 were verified before: have those in between packed"));
    take(&made, SMALL_ENTRIES);
    bundle_made_part(&made, 0x1f, "{\"documents\":[\"CN-1\"],\"sort\":\"document\"}");
    assert_int_equal(verify_try(&made, state_dir), STATUS_INPUT);
    assert_non_null(strstr(err.text, "not with document CN-1"));
    take(&made, SMALL_ENTRIES);
    made.edit = other_book;
    verify(&made, state_dir);
    assert_found(
        "is of book 00000000000000000000000000000000000000000000000000000000000000aa, and what was verified before");
    take(&made, SMALL_ENTRIES);
    bundle_made_extension(&made, 9);
    made.edit = other_after;
    verify(&made, state_dir);
    assert_found("does not lead to the root of the first 9 entries that scope.after names");
    take(&made, SMALL_ENTRIES);
    bundle_made_extension(&made, 9);
    verify(&made, state_dir);
    assert_good(9);
}

/* A state that is not whole says nothing of the book: it is refused, and the auditor begins anew. */
static void damaged_states_are_refused(void **state)
{
    static const struct {
        const char *spoil, *words;
    } rows[] = {
        {"sed -i 's/\"size\":12/\"size\":11/' */state.json", "is damaged: begin with an empty state"},
        {"truncate -s 100 */state.json", "is damaged: begin with an empty state"},
        {"rm */state.json", "state.json"},
        {"truncate -s 100 */hashes", "does not hold the tree of 12 entries"},
        {"rm */tables/data.mdb", "is not what was verified up to entry 11: begin with an empty state"},
        {"rm */tables/state", "is not what was verified up to entry 11: begin with an empty state"},
        {"cp ../nine/*/tables/* */tables/", "is not what was verified up to entry 11: begin with an empty state"},
        {"cd */ && sed -i '1s/\"layout\":[0-9]*/\"layout\":999/' state.json && L=$(head -1 state.json) && "
         "printf '%s\\n%s\\n' \"$L\" $(printf %s \"$L\" | sha256sum | cut -d' ' -f1) >state.json",
         "another release made this state: begin with an empty one"},
        {"echo ../x >CURRENT", "names no folder"},
    };
    struct bundle_made made;
    char nine[SCRATCH_PATH_BYTES];
    (void)state;
    take(&made, 9);
    verify(&made, scratch_path(&scratch, "nine", nine));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char command[1024];
        state_new();
        take(&made, 12);
        verify(&made, state_dir);
        assert_good(0);
        snprintf(command, sizeof command, "cd '%s' && %s", state_dir, rows[i].spoil);
        assert_int_equal(scratch_run(&scratch, "%s", command), 0);
        take(&made, SMALL_ENTRIES);
        enum status status = verify_try(&made, state_dir);
        if (status == STATUS_OK || status == STATUS_CORRUPT || strstr(err.text, rows[i].words) == NULL)
            fail_msg("%s: %s: %s", rows[i].spoil, status_name(status), err.text);
    }
}

/* Exchanges one member of the state that counts, NULL: takes it away; and gives it the hash of what it is then. */
static void state_exchange(const char *path, json_t *value)
{
    char file_name[SCRATCH_PATH_BYTES + 64], hex[HASH_HEX_CHARS + 1], *line = malloc(1 << 20), *words = strdup(path);
    struct hash hash;
    snprintf(file_name, sizeof file_name, "%s/0/state.json", state_dir);
    assert_int_equal(scratch_run(&scratch, "cd '%s' && mv \"$(cat CURRENT)\" 0 && echo 0 >CURRENT", state_dir), 0);
    FILE *file = fopen(file_name, "r+");
    assert_non_null(file);
    assert_non_null(fgets(line, 1 << 20, file));
    json_t *state = json_loads(line, 0, NULL), *place = state;
    assert_non_null(state);
    char *word = strtok(words, "/"), *next = strtok(NULL, "/");
    for (; next != NULL; word = next, next = strtok(NULL, "/"))
        place = json_is_array(place) ? json_array_get(place, (size_t)atoi(word)) : json_object_get(place, word);
    assert_non_null(place);
    if (value == NULL)
        json_object_del(place, word);
    else if (json_is_array(place))
        json_array_set_new(place, (size_t)atoi(word), value);
    else
        json_object_set_new(place, word, value);
    free(line);
    line = json_dumps(state, JSON_COMPACT);
    hash_of(line, strlen(line), &hash);
    hash_to_hex(&hash, hex);
    rewind(file);
    fprintf(file, "%s\n%s\n", line, hex);
    assert_int_equal(ftruncate(fileno(file), ftell(file)), 0);
    assert_int_equal(fclose(file), 0);
    json_decref(state);
    free(words);
    free(line);
}

static json_t *many_of(const char *words)
{
    json_t *list = json_array();
    for (size_t i = 0; i < 1000; i++)
        json_array_append_new(list, json_loads(words, 0, NULL));
    return list;
}

/* A state that bears its own hash, and says what none can say. */
static void states_that_lie_are_refused(void **state)
{
    static const struct {
        const char *path, *value; /* JSON; NULL: taken away; "*": a thousand of what stands behind it */
    } rows[] = {
        {"size", "0"},
        {"book", "\"no book\""},
        {"root", NULL},
        {"head", NULL},
        {"frontier/0", "\"no hash\""},
        {"frontier", "[]"},
        {"charter", NULL},
        {"keys", NULL},
        {"keys/restores", "{}"},
        {"signers", "[]"},
        {"series", NULL},
        {"release/exe", NULL},
        {"result/releases/0/release", NULL},
        {"result/releases", "*{\"exe\":\"x\",\"release\":\"x\"}"},
        {"result/officers/0/user", NULL},
        {"result/officers", "*{\"fingerprint\":\"x\",\"user\":\"x\"}"},
    };
    struct bundle_made made;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *value = rows[i].value;
        state_new();
        take(&made, 12);
        verify(&made, state_dir);
        state_exchange(rows[i].path, value == NULL     ? NULL
                                     : value[0] == '*' ? many_of(value + 1)
                                                       : json_loads(value, JSON_DECODE_ANY, NULL));
        take(&made, SMALL_ENTRIES);
        if (verify_try(&made, state_dir) != STATUS_INPUT || strstr(err.text, "begin with an empty one") == NULL)
            fail_msg("%s: %s", rows[i].path, err.text);
    }
    /* So is none that is only written anew. */
    state_new();
    take(&made, 12);
    verify(&made, state_dir);
    state_exchange("size", json_integer(12));
    take(&made, SMALL_ENTRIES);
    verify(&made, state_dir);
    assert_good(12);
}

/* What is no key signs nothing: allowed_signers is held against those that are. */
static void a_key_of_a_state_that_is_none(void **state)
{
    char key[PUBLIC_KEY_TEXT_MAX], text[2048];
    struct bundle_made made;
    (void)state;
    state_new();
    take(&made, 12);
    verify(&made, state_dir);
    state_exchange("keys/keys/none", json_pack("{s:s, s:s}", "from", "2026-07-01T10:02:00.000Z", "user", "maria"));
    take(&made, SMALL_ENTRIES);
    bundle_made_extension(&made, 12);
    sshkey_format(&book.signers[USER_ANA].key, key);
    int used = snprintf(text, sizeof text, "ana namespaces=\"countersign-bundle\" %s\n", key);
    static const enum small_user users[] = {USER_MARIA, USER_ANA, USER_WITNESS};
    for (size_t i = 0; i < 3; i++) {
        sshkey_format(&book.signers[users[i]].key, key);
        used += snprintf(text + used, sizeof text - (size_t)used,
                         "%s namespaces=\"countersign\",valid-after=\"20260701100200Z\" %s\n",
                         small_user_name(users[i]), key);
    }
    bundle_made_file(&made, "allowed_signers", text, true);
    verify(&made, state_dir);
    assert_found("allowed_signers: line 4: this key signed nothing here");
    assert_int_equal(result.finding_count, 1);
}

static void a_state_is_for_one_at_a_time_and_not_for_a_fast_look(void **state)
{
    struct bundle_made made;
    char dir[SCRATCH_PATH_BYTES], path[SCRATCH_PATH_BYTES + 8];
    (void)state;
    state_new();
    take(&made, 12);
    verify(&made, state_dir);
    snprintf(path, sizeof path, "%s/lock", state_dir);
    int lock = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(flock(lock, LOCK_EX | LOCK_NB), 0);
    take(&made, SMALL_ENTRIES);
    assert_int_equal(verify_try(&made, state_dir), STATUS_BUSY);
    assert_non_null(strstr(err.text, "another verification is at work on this state"));
    close(lock);
    take(&made, SMALL_ENTRIES);
    verify(&made, state_dir);
    assert_good(12);
    take(&made, SMALL_ENTRIES);
    bundle_made_write(&made, scratch_path(&scratch, "bundle-fast", dir));
    bundle_made_free(&made);
    const struct verify_options options = {.bundle_dir = dir, .state_dir = state_dir, .fast = true, .report = hear};
    assert_int_equal(verify_bundle(&options, &result, &err), STATUS_INPUT);
    assert_non_null(strstr(err.text, "not with --fast"));
}

/* Nothing but the state that counts is left, whatever came before. */
static void nothing_else_is_left(void **state)
{
    struct bundle_made made;
    (void)state;
    state_new();
    take(&made, 9);
    verify(&made, state_dir);
    take(&made, 12);
    bundle_made_change(&made, 11, "\"id\":\"s-", "\"id\":\"t-");
    verify(&made, state_dir);
    assert_int_not_equal(result.finding_count, 0);
    take(&made, 12);
    verify(&made, state_dir);
    assert_int_equal(
        scratch_run(&scratch, "cd '%s' && [ \"$(ls | wc -l)\" = 3 ] && [ -d \"$(cat CURRENT)\" ]", state_dir), 0);
}

/* Two officers set the clock back by two minutes; then somebody works on. */
static void clocked_make(void)
{
    char hex[HASH_HEX_CHARS + 1], time[INSTANT_TEXT_BYTES];
    small_book_make(&clocked);
    small_book_open(&clocked);
    clocked.now_ms -= 3 * 60000; /* each statement takes a minute */
    hash_to_hex(&clocked.head_leaf, hex);
    instant_format(clocked.now_ms, time);
    json_t *body = json_pack("{s:{s:s, s:I}, s:s, s:s}", "head", "hash", hex, "seq", (json_int_t)clocked.head_seq,
                             "reason", "the clock was ahead", "true_time", time);
    json_decref(small_book_submit(&clocked, USER_OFFICER_1, VERB_CLOCK, body, 1U << USER_OFFICER_2));
    json_decref(small_book_credit(&clocked, "after", "1.00"));
    small_book_close(&clocked);
}

/* What a book records itself is told each time, once, and keeps nobody from going on. */
static void what_is_recorded_is_told_again(void **state)
{
    static const struct {
        uint64_t size, after; /* after: an extension; 0: the whole book */
    } steps[] = {{SMALL_ENTRIES + 1, 0},
                 {SMALL_ENTRIES + 1, 0},
                 {SMALL_ENTRIES + 2, SMALL_ENTRIES + 1},
                 {SMALL_ENTRIES + 2, SMALL_ENTRIES + 2},
                 {SMALL_ENTRIES + 2, 0}};
    struct bundle_made made;
    (void)state;
    state_new();
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        bundle_made_take(&made, &clocked, steps[i].size);
        if (steps[i].after > 0)
            bundle_made_extension(&made, steps[i].after);
        verify(&made, state_dir);
        assert_true(result.complete && result.bundle.kept);
        assert_int_equal(result.finding_count, 1);
        assert_int_equal(result.recorded_count, 1);
        assert_int_equal(heard_count, 1);
        assert_true(heard[0].recorded && heard[0].check == CHECK_TIME && heard[0].seq == SMALL_ENTRIES);
        assert_non_null(strstr(heard[0].text, "sets the clock back from "));
        assert_non_null(strstr(heard[0].text, ": the clock was ahead"));
    }
}

static int begin(void **state)
{
    (void)state;
    scratch_open(&scratch);
    small_book_make(&book);
    small_book_make(&forked);
    clocked_make();
    /* Another release of the gate from entry 10 on: the same book, and other entries. */
    for (uint64_t seq = 10; seq < SMALL_ENTRIES; seq++) {
        size_t length = 0;
        char *bytes = raw_entry(&forked, seq, &length), *place = strstr(bytes, "\"os_user\":\"tester\"");
        memcpy(place, "\"os_user\":\"tesseR\"", 18);
        raw_entry_put(&forked, seq, bytes, length);
        free(bytes);
    }
    raw_rechain(&forked, 10, SMALL_ENTRIES);
    return 0;
}

static int end(void **state)
{
    (void)state;
    small_book_free(&clocked);
    small_book_free(&forked);
    small_book_free(&book);
    scratch_close(&scratch);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(going_on_comes_to_the_same),
        cmocka_unit_test(what_is_new_is_checked),
        cmocka_unit_test(forks_and_older_copies),
        cmocka_unit_test(what_a_state_is_not_for),
        cmocka_unit_test(damaged_states_are_refused),
        cmocka_unit_test(nothing_else_is_left),
        cmocka_unit_test(states_that_lie_are_refused),
        cmocka_unit_test(a_key_of_a_state_that_is_none),
        cmocka_unit_test(a_state_is_for_one_at_a_time_and_not_for_a_fast_look),
        cmocka_unit_test(what_is_recorded_is_told_again),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
