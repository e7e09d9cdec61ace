/*
 * A valid statement with one thing changed is never let in wrongly.
 *
 * The generated year (tests/support/year.h) brings statements of every verb and documents of every kind through gate_submit. In front
 * of each of them this program tries changed ones on the same gate: the writing is undone before its commit, so that a try costs
 * no book, and the entry that would have been written is held against tests/support/gate_model.h, which reads FORMAT.md on its own.
 *
 *   not signed again   the signatures cover other bytes: no entry, not even a refusal
 *   signed again by the same    no entry, or a refusal, or an entry that the model finds nothing wrong with
 *   signed by somebody else     the same; the model lets nobody but the actor's keys sign
 *   signatures changed          a byte, another namespace, none, the same twice, another order: no entry
 *
 * The year then goes on, and its own check at the end finds books that the tries have left as they were.
 * GATE_MUTATIONS=<seed>:<days>:<tries> takes another walk; GATE_MUTATIONS_SECONDS=<n> walks seed after seed (make gate-mutations).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "controls/kind.h"
#include "ledger/append.h"
#include "ledger/canon.h"
#include "ledger/journal.h"
#include "ledger/schema.h"
#include "ledger/sshsig.h"
#include "tests/support/gate_model.h"
#include "tests/support/mutations.h"
#include "tests/support/year.h"
#include "tests/support/year_steps.h"

enum {
    DAYS_DEFAULT = 9,
    TRIES_NEW = 24,   /* at the first statement of a sort */
    TRIES_DEFAULT = 1 /* at any other */
};

static struct {
    struct company *company; /* NULL: nothing is tried */
    struct gate_model *model;
    struct mutations mutations;
    unsigned tries;
    bool trial;
    char *written; /* the entry that would be */
    size_t written_length;
    json_t *seen; /* sort -> how many statements */
    unsigned long tried, not_an_entry, refused, admitted;
} search;

enum status __real_append_entry(struct append *append, struct slice bytes, uint64_t *ret_seq, struct hash *ret_leaf,
                                struct err *err);
enum status __wrap_append_entry(struct append *append, struct slice bytes, uint64_t *ret_seq, struct hash *ret_leaf,
                                struct err *err);
enum status __real_append_commit(struct append *append, struct err *err);
enum status __wrap_append_commit(struct append *append, struct err *err);
enum status __real_gate_submit(struct gate *gate, struct slice bytes, const struct signature_list *signatures,
                               struct gate_answer *ret_answer, struct err *err);
enum status __wrap_gate_submit(struct gate *gate, struct slice bytes, const struct signature_list *signatures,
                               struct gate_answer *ret_answer, struct err *err);

enum status __wrap_append_entry(struct append *append, struct slice bytes, uint64_t *ret_seq, struct hash *ret_leaf,
                                struct err *err)
{
    if (search.trial) {
        free(search.written);
        search.written = malloc(bytes.length);
        assert_non_null(search.written);
        memcpy(search.written, bytes.bytes, bytes.length);
        search.written_length = bytes.length;
    }
    return __real_append_entry(append, bytes, ret_seq, ret_leaf, err);
}

/* A try ends here. */
enum status __wrap_append_commit(struct append *append, struct err *err)
{
    if (!search.trial)
        return __real_append_commit(append, err);
    append_abort(append);
    return err_set(err, STATUS_IO, "only tried");
}

static uint64_t below(uint64_t bound)
{
    return mutations_below(&search.mutations, bound);
}

static void failed(const char *what, const struct statement *genuine, struct slice bytes)
{
    fprintf(stderr, "genuine: %.*s\nchanged: %.*s\n", (int)genuine->length, genuine->bytes, (int)bytes.length,
            (const char *)bytes.bytes);
    if (search.written != NULL)
        fprintf(stderr, "entry:   %.*s\n", (int)search.written_length, search.written);
    fail_msg("%s: %s", search.mutations.changed, what);
}

/* Whether the entry is that of these bytes. */
static bool entry_holds(struct gate *gate, uint64_t seq, struct slice bytes)
{
    struct journal_snapshot *snapshot = NULL;
    const char *entry = NULL;
    size_t length = 0;
    assert_int_equal(journal_read_begin(gate_books(gate)->journal, &snapshot, NULL), STATUS_OK);
    assert_int_equal(journal_entry(snapshot, seq, &entry, &length, NULL), STATUS_OK);
    bool holds = memmem(entry, length, bytes.bytes, bytes.length) != NULL;
    journal_read_end(snapshot);
    return holds;
}

/* Whether the statement would become an entry; what fails for any other reason than the statement fails the test. */
static bool try_one(struct gate *gate, struct slice bytes, const struct signature_list *signatures,
                    const struct statement *genuine)
{
    struct gate_answer answer = {.seq = 0};
    struct err err = {.status = STATUS_OK, .text = ""};
    free(search.written);
    search.written = NULL;
    search.trial = true;
    enum status status = __real_gate_submit(gate, bytes, signatures, &answer, &err);
    search.trial = false;
    search.tried++;
    if (status == STATUS_OK) { /* the first result of a statement that is there */
        bool same = answer.repeated && entry_holds(gate, answer.seq, bytes);
        gate_answer_done(&answer);
        if (!same)
            failed("has the answer of another statement", genuine, bytes);
        return false;
    }
    bool of_statement = status == STATUS_INPUT || status == STATUS_LIMIT || status == STATUS_SIGNATURE ||
                        status == STATUS_PERMISSION || status == STATUS_EXISTS || status == STATUS_CLOCK ||
                        status == STATUS_REFUSED;
    if (search.written == NULL && (!of_statement || err.text[0] == '\0'))
        failed(err.text, genuine, bytes);
    if (search.written == NULL)
        search.not_an_entry++;
    return search.written != NULL;
}

/* Has to be no entry at all. */
static void must_be_none(struct gate *gate, struct slice bytes, const struct signature_list *signatures,
                         const struct statement *genuine)
{
    if (try_one(gate, bytes, signatures, genuine))
        failed("would be an entry", genuine, bytes);
}

/* Has to be right by itself if it is admitted, and to stand in the entry as it was sent. */
static void must_be_right(struct gate *gate, struct slice bytes, const struct signature_list *signatures,
                          const struct statement *genuine)
{
    struct entry entry;
    if (!try_one(gate, bytes, signatures, genuine))
        return;
    struct slice written = slice_of(search.written, search.written_length);
    if (entry_read(written, &entry, NULL) != STATUS_OK)
        failed("the entry cannot be read", genuine, bytes);
    if (entry.statement.length != bytes.length || memcmp(entry.statement.bytes, bytes.bytes, bytes.length) != 0)
        failed("the entry holds other bytes", genuine, bytes);
    entry_done(&entry);
    const char *why = gate_model_wrong(search.model, written);
    if (why != NULL)
        failed(why, genuine, bytes);
    if (gate_model_admits(written))
        search.admitted++;
    else
        search.refused++;
}

static const struct signer *signer_of(const struct public_key *key)
{
    for (size_t i = 0; i < search.company->user_count; i++)
        if (sshkey_equal(&search.company->users[i].signer.key, key))
            return &search.company->users[i].signer;
    return NULL;
}

/* By everybody who signed the genuine one; another: in place of the first. False where a key is not at hand. */
static bool sign_again(const struct signature_list *genuine, struct slice bytes, const struct signer *another,
                       struct signature_list *ret_list)
{
    ret_list->count = 0;
    for (size_t i = 0; i < genuine->count; i++) {
        struct sshsig info;
        uint8_t blob[SSHSIG_BYTES_MAX];
        size_t length = 0;
        if (sshsig_parse(genuine->items[i].bytes, genuine->items[i].length, &info, NULL) != STATUS_OK)
            return false;
        const struct signer *signer = another != NULL && i == 0 ? another : signer_of(&info.key);
        if (signer == NULL || sshsig_sign(signer, bytes.bytes, bytes.length, blob, &length, NULL) != STATUS_OK)
            return false;
        if (signature_list_add(ret_list, slice_of(blob, length), NULL) != STATUS_OK)
            return another != NULL && ret_list->count > 0;
    }
    return ret_list->count > 0;
}

static const struct signer *anybody(void)
{
    return &search.company->users[below(search.company->user_count)].signer;
}

/* The genuine bytes under signatures that are not theirs. */
static void change_signatures(struct gate *gate, const struct statement *genuine,
                              const struct signature_list *signatures)
{
    static struct signature_list list;
    struct slice bytes = slice_of(genuine->bytes, genuine->length);
    struct sshsig_message message = {.purpose = SSHSIG_CONNECT, .bytes = genuine->bytes, .length = genuine->length};
    struct sshsig info;
    list = *signatures;
    unsigned how = (unsigned)below(6);
    size_t which = below(list.count);
    snprintf(search.mutations.changed, sizeof search.mutations.changed, "signatures, way %u, number %zu", how, which);
    switch (how) {
    case 0:
        list.items[which].bytes[below(list.items[which].length)] ^= (uint8_t)(1 << below(8));
        must_be_none(gate, bytes, &list, genuine);
        break;
    case 1:
        list.count = 0;
        must_be_none(gate, bytes, &list, genuine);
        break;
    case 2:
        list.items[list.count < SIGNATURES_MAX ? list.count++ : 0] = list.items[which];
        must_be_none(gate, bytes, &list, genuine);
        break;
    case 3:
        if (sshsig_parse(list.items[which].bytes, list.items[which].length, &info, NULL) == STATUS_OK &&
            signer_of(&info.key) != NULL &&
            sshsig_sign_message(signer_of(&info.key), &message, list.items[which].bytes, &list.items[which].length,
                                NULL) == STATUS_OK)
            must_be_none(gate, bytes, &list, genuine);
        break;
    case 4: /* somebody else signs in place of one, or besides */
        if (sign_again(signatures, bytes, anybody(), &list))
            must_be_right(gate, bytes, &list, genuine);
        break;
    default: {
        uint8_t blob[SSHSIG_BYTES_MAX];
        size_t length = 0;
        if (sshsig_sign(anybody(), genuine->bytes, genuine->length, blob, &length, NULL) == STATUS_OK &&
            signature_list_add(&list, slice_of(blob, length), NULL) == STATUS_OK)
            must_be_right(gate, bytes, &list, genuine);
    }
    }
}

/* The same statement of somebody else, who signs it. */
static const struct signer *change_actor(json_t *statement)
{
    const struct company_user *user = &search.company->users[below(search.company->user_count)];
    snprintf(search.mutations.changed, sizeof search.mutations.changed, "actor %s", user->user);
    json_object_set_new(statement, "actor", json_string(user->user));
    return &user->signer;
}

static void attack_meaning(struct gate *gate, const struct statement *genuine, const struct signature_list *signatures)
{
    static struct signature_list list;
    json_t *copy = json_deep_copy(genuine->json);
    const struct signer *signer = NULL;
    char *bytes = NULL;
    size_t length = 0;
    bool changed = below(4) != 0 && mutations_amount(&search.mutations, copy);
    if (!changed)
        signer = change_actor(copy);
    if (canon_encode(copy, &bytes, &length, NULL) == STATUS_OK &&
        sign_again(signatures, slice_of(bytes, length), signer, &list))
        must_be_right(gate, slice_of(bytes, length), &list, genuine);
    free(bytes);
    json_decref(copy);
}

static void attack_once(struct gate *gate, const struct statement *genuine, const struct signature_list *signatures)
{
    static struct signature_list list;
    size_t length = 0;
    if (below(5) == 0) {
        change_signatures(gate, genuine, signatures);
        return;
    }
    if (below(4) == 0) {
        attack_meaning(gate, genuine, signatures);
        return;
    }
    char *changed = below(6) == 0 ? mutations_bytes(&search.mutations, genuine, &length)
                                  : mutations_statement(&search.mutations, genuine, &length);
    struct slice bytes = slice_of(changed, length);
    if (changed != NULL && (length != genuine->length || memcmp(changed, genuine->bytes, length) != 0)) {
        must_be_none(gate, bytes, signatures, genuine);
        if (sign_again(signatures, bytes, NULL, &list))
            must_be_right(gate, bytes, &list, genuine);
        if (below(4) == 0 && sign_again(signatures, bytes, anybody(), &list))
            must_be_right(gate, bytes, &list, genuine);
    }
    free(changed);
}

/* The model has what the journal has; what stands there may not be wrong either. */
static void catch_up(struct gate *gate)
{
    static uint64_t taken;
    static const struct gate_model *of;
    struct journal_snapshot *snapshot = NULL;
    struct journal_head head;
    taken = of == search.model ? taken : 0;
    of = search.model;
    assert_int_equal(journal_read_begin(gate_books(gate)->journal, &snapshot, NULL), STATUS_OK);
    assert_int_equal(journal_head(snapshot, &head, NULL), STATUS_OK);
    for (; taken < head.size; taken++) {
        const char *bytes = NULL;
        size_t length = 0;
        assert_int_equal(journal_entry(snapshot, taken, &bytes, &length, NULL), STATUS_OK);
        const char *why = gate_model_wrong(search.model, slice_of(bytes, length));
        if (why != NULL)
            fail_msg("entry %llu: %s\n%.*s", (unsigned long long)taken, why, (int)length, bytes);
        gate_model_take(search.model, slice_of(bytes, length));
        if (taken == 0) {
            json_t *charter = json_loadb(bytes, length, 0, NULL);
            const json_t *body = json_object_get(json_object_get(charter, "statement"), "body");
            search.mutations.policy = json_incref(json_object_get(json_object_get(body, "policy"), "compiled"));
            json_decref(charter);
        }
    }
    journal_read_end(snapshot);
}

/* Verb and, where it brings documents or records, which; how many there were before. */
static json_int_t sort_of(const struct statement *statement)
{
    char sort[128];
    const json_t *document = statement_document(statement, 0);
    snprintf(sort, sizeof sort, "%s %s", verb_name(statement->verb),
             document != NULL               ? member_text(document, "kind")
             : statement->verb == VERB_FEED ? member_text(statement->body, "feed")
                                            : "");
    json_int_t before = json_integer_value(json_object_get(search.seen, sort));
    json_object_set_new(search.seen, sort, json_integer(before + 1));
    return before;
}

enum status __wrap_gate_submit(struct gate *gate, struct slice bytes, const struct signature_list *signatures,
                               struct gate_answer *ret_answer, struct err *err)
{
    struct statement genuine;
    if (search.company != NULL && gate == search.company->gate && statement_read(bytes, &genuine, NULL) == STATUS_OK) {
        catch_up(gate);
        mutations_learn(&search.mutations, genuine.json);
        unsigned tries = sort_of(&genuine) == 0 ? TRIES_NEW * search.tries : search.tries;
        for (unsigned i = 0; signatures->count > 0 && i < tries; i++)
            attack_once(gate, &genuine, signatures);
        statement_done(&genuine);
    }
    return __real_gate_submit(gate, bytes, signatures, ret_answer, err);
}

/* Every verb of a running book but those of an emergency, and every kind of document. */
static void sorts_complete(void)
{
    char sort[128];
    for (int id = 0; id < KIND_COUNT; id++) {
        snprintf(sort, sizeof sort, "submit %s", kind_name((enum kind_id)id));
        if (kind_find(kind_name((enum kind_id)id)) != NULL && json_object_get(search.seen, sort) == NULL)
            fail_msg("nothing was changed in: %s", sort);
    }
}

static void walk(unsigned long long seed, int days, unsigned tries, double until)
{
    struct year *year = calloc(1, sizeof *year);
    assert_non_null(year);
    mutations_init(&search.mutations, seed);
    search.tries = tries;
    search.seen = json_object();
    search.model = gate_model_new();
    search.company = &year->company;
    year_open(year, seed);
    for (year->day = 0; year->day < days && (until == 0 || (double)time(NULL) < until); year->day++)
        year_live_day(year);
    catch_up(year->company.gate);
    search.company = NULL;
    print_message(
        "seed %llu, %d days: %lu tried, %lu no entry, %lu refused by an entry, %lu admitted and right; %zu sorts\n",
        seed, year->day, search.tried, search.not_an_entry, search.refused, search.admitted,
        json_object_size(search.seen));
    if (year->day >= 365)
        sorts_complete();
    year_close(year);
    gate_model_free(search.model);
    mutations_done(&search.mutations);
    json_decref(search.seen);
    free(search.written);
    search.written = NULL;
    free(year);
}

static void one_thing_changed_is_never_let_in_wrongly(void **state)
{
    (void)state;
    const char *walked = getenv("GATE_MUTATIONS"), *seconds = getenv("GATE_MUTATIONS_SECONDS");
    unsigned long long seed = 7;
    int days = DAYS_DEFAULT;
    unsigned tries = TRIES_DEFAULT;
    if (walked != NULL && *walked != '\0')
        assert_true(sscanf(walked, "%llu:%d:%u", &seed, &days, &tries) >= 1);
    double until = seconds != NULL && *seconds != '\0' ? (double)time(NULL) + strtod(seconds, NULL) : 0;
    if (until == 0)
        walk(seed, days, tries, 0);
    for (seed = until == 0 ? 0 : (unsigned long long)time(NULL); until != 0 && (double)time(NULL) < until; seed++)
        walk(seed, 365, 4, until);
    assert_true(search.admitted > 0 && search.refused > 0 && search.not_an_entry > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_thing_changed_is_never_let_in_wrongly)};
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
