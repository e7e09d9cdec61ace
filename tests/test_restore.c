/*
 * What was lost: who may say it, in which words, and which epoch begins (C-31 of `restore`); what a book that is known to lack
 * entries lets in; a book made of entries.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/verify/verify.h"
#include "controls/restoring.h"
#include "ledger/base64.h"
#include "ledger/checkpoint.h"
#include "ledger/entry.h"
#include "ledger/journal.h"
#include "ledger/lost.h"
#include "ledger/schema.h"
#include "tests/support/closing.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"

#define POLICY "tests/policies/govern.yaml"

enum { TOLD_BYTES = 4096 };

static const char *const two[] = {"olga", "oscar", NULL};

/* What a checkpoint says, and whose key signs it. */
struct told {
    uint64_t size, epoch;
    const char *key;    /* NULL: the book's */
    const char *origin; /* NULL: the book's, of that epoch */
    bool held;          /* with the root that the journal has at that size */
    uint8_t root;       /* else the first byte of a root; 0: 7 */
};

static void note_make(struct company *company, const struct told *told, char ret_note[static CHECKPOINT_NOTE_MAX])
{
    struct checkpoint checkpoint = {.head.size = told->size, .head.root.bytes = {told->root != 0 ? told->root : 7}};
    struct journal_snapshot *snapshot = NULL;
    struct note_key key;
    struct err err;
    const struct signer *signer = &company_user(company, told->key != NULL ? told->key : "book-key")->signer;
    checkpoint_origin("ledger.example/ar", gate_book_id(company->gate), told->epoch, checkpoint.origin);
    if (told->origin != NULL)
        snprintf(checkpoint.origin, sizeof checkpoint.origin, "%s", told->origin);
    if (told->held) {
        assert_int_equal(journal_read_begin(gate_books(company->gate)->journal, &snapshot, &err), STATUS_OK);
        const struct tree_reader reader = journal_tree(snapshot);
        assert_int_equal(tree_root(&reader, told->size, &checkpoint.head.root, &err), STATUS_OK);
        journal_read_end(snapshot);
    }
    assert_int_equal(note_key_init(NOTE_ED25519, checkpoint.origin, signer->key.ed25519, &key, &err), STATUS_OK);
    assert_int_equal(checkpoint_sign_by(&checkpoint, &key, signer, ret_note, &err), STATUS_OK);
}

static json_t *body_of(const char *note, uint64_t from, uint64_t to)
{
    char text[BASE64_CHARS(CHECKPOINT_NOTE_MAX) + 1];
    assert_int_equal(base64_encode((const uint8_t *)note, strlen(note), text, sizeof text, NULL), STATUS_OK);
    return json_pack("{s:s, s:{s:I, s:I}, s:s}", "checkpoint", text, "lost", "from", (json_int_t)from, "to",
                     (json_int_t)to, "reason", "the disk was lost");
}

static json_t *body_told(struct company *company, const struct told *told, uint64_t from, uint64_t to)
{
    char note[CHECKPOINT_NOTE_MAX];
    note_make(company, told, note);
    return body_of(note, from, to);
}

static enum status try_by(struct company *company, json_t *body, const char *const signers[], json_t **ret_decision)
{
    struct gate_answer answer = {.decision = NULL};
    struct err err;
    enum status status = company_signed_by(company, "olga", VERB_RESTORE, body, signers, &answer, &err);
    *ret_decision = status == STATUS_OK ? json_incref(answer.decision) : json_null();
    gate_answer_done(&answer);
    return status;
}

static json_t *declare_by(struct company *company, json_t *body, const char *const signers[])
{
    json_t *decision = NULL;
    assert_int_equal(try_by(company, body, signers, &decision), STATUS_OK);
    return decision;
}

static int64_t epoch_of(json_t *decision)
{
    const json_t *result = json_array_get(json_object_get(decision, "results"), 0);
    int64_t epoch = member_integer(result, "epoch");
    if (result == NULL || strcmp(member_text(result, "outcome"), "in-force") != 0)
        fail_msg("%s", json_dumps(decision, 0));
    json_decref(decision);
    return epoch;
}

static void in_force_by(struct company *company, const char *user, json_t *document, const char *other)
{
    json_t *decision = company_do_with(company, user, VERB_SUBMIT,
                                       json_pack("{s:b, s:[o]}", "atomic", 0, "documents", document), other);
    json_t *result = expect(json_incref(json_array_get(json_object_get(decision, "results"), 0)), "waiting");
    expect_done(company_approve(company, "oscar", result_number(result), 1), "in-force");
    json_decref(result);
    json_decref(decision);
}

/* Two keys of one officer are one officer, and who is none does not sign. */
static void what_was_lost_takes_two_persons(void **state)
{
    struct company company = {.dir = "", .recovery = true};
    (void)state;
    company_open(&company, POLICY);
    struct company_user *again = company_new_user(&company, "olga-2");
    in_force_by(&company, "owen", company_enrolment(&company, "olga-2", "P-01", "human", again->key), "olga-2");
    in_force_by(&company, "owen",
                company_with(company_grant_document(&company, "olga-2", "OFFICER"), "entities", json_pack("[s]", "*")),
                NULL);
    uint64_t size = company_head(&company).size;
    const struct told told = {.size = size + 10};
    golden(declare_by(&company, body_told(&company, &told, size, size + 9), (const char *const[]){"olga", NULL}),
           "refused", "C-31", "restore-signers");
    expect_answer(
        declare_by(&company, body_told(&company, &told, size, size + 9), (const char *const[]){"olga", "olga-2", NULL}),
        "refused", "C-31", "restore-signers");
    expect_answer(declare_by(&company, body_told(&company, &told, size, size + 9),
                             (const char *const[]){"olga", "oscar", "joe", NULL}),
                  "refused", "C-52", "foreign-signature");
    expect_answer(declare_by(&company, body_told(&company, &told, size, size + 9),
                             (const char *const[]){"olga", "oscar", "recovery1", NULL}),
                  "refused", "C-52", "foreign-signature");
    expect_answer(declare_by(&company, body_told(&company, &told, size, size + 9),
                             (const char *const[]){"olga", "recovery1", "recovery2", NULL}),
                  "refused", "C-31", "restore-signers");
    json_t *decision = declare_by(&company, body_told(&company, &told, size, size + 9),
                                  (const char *const[]){"olga-2", "oscar", "olga", NULL});
    json_t *officers = json_pack("[s, s, s]", "olga", "olga-2", "oscar");
    assert_true(
        json_equal(json_object_get(json_array_get(json_object_get(decision, "results"), 0), "officers"), officers));
    json_decref(officers);
    assert_int_equal(epoch_of(decision), 1);
    company_close(&company);
}

/* Before a policy that lets in approved releases only: the approval of this one may be among what was lost. */
static void what_was_lost_is_said_under_any_release(void **state)
{
    static const struct edit deny[] = {{"parameters: {", "releases: deny\nparameters: {"}, {0}};
    struct company company = {.dir = ""};
    struct gate_answer answer = {.decision = NULL};
    struct err err;
    char path[VARIANT_PATH_BYTES];
    (void)state;
    variant_make_of(POLICY, deny, path);
    company_found(&company, path);
    variant_done(path);
    json_t *body =
        json_pack("{s:b, s:[o]}", "atomic", 0, "documents", company_grant_document(&company, "oscar", "READER"));
    assert_int_equal(company_try(&company, "olga", VERB_SUBMIT, body, NULL, &answer, &err), STATUS_REFUSED);
    assert_non_null(strstr(err.text, "approved releases only"));
    uint64_t size = company_head(&company).size;
    const struct told told = {.size = size + 10};
    assert_int_equal(epoch_of(declare_by(&company, body_told(&company, &told, size, size + 9), two)), 1);
    company_close(&company);
}

/* A statement whose signers saw no entry, or one that is not here, says nothing of this book. */
static void who_says_it_has_seen_what_was_kept(void **state)
{
    struct company company = {.dir = ""};
    struct gate_answer answer = {.decision = NULL};
    struct err err;
    (void)state;
    company_open(&company, POLICY);
    uint64_t size = company_head(&company).size;
    const struct told told = {.size = size + 1};
    const struct hash other = {.bytes = {1}};
    struct company_act act = {.user = "olga",
                              .verb = VERB_RESTORE,
                              .body = body_told(&company, &told, size, size),
                              .signers = two,
                              .seen_null = true};
    assert_int_equal(company_act(&company, &act, &answer, &err), STATUS_OK);
    expect_answer(json_incref(answer.decision), "refused", "C-04", "seen-missing");
    gate_answer_done(&answer);
    act.body = body_told(&company, &told, size, size);
    act.seen_null = false;
    act.seen_hash = &other;
    act.seen_seq = 3;
    assert_int_equal(company_act(&company, &act, &answer, &err), STATUS_OK);
    expect_answer(json_incref(answer.decision), "refused", "C-04", "unknown-seen");
    gate_answer_done(&answer);
    company_close(&company);
}

static void a_checkpoint_is_this_books(void **state)
{
    struct company company = {.dir = ""};
    char note[CHECKPOINT_NOTE_MAX], origin[64];
    (void)state;
    company_open(&company, POLICY);
    company_new_user(&company, "nobody");
    uint64_t size = company_head(&company).size;
    const struct told good = {.size = size + 4};
    snprintf(origin, sizeof origin, "ledger.example/ar/%.16s/00", gate_book_id(company.gate));
    const struct told bad[] = {
        {.size = size + 4, .key = "nobody"},
        {.size = size + 4, .key = "olga"},
        {.size = size + 4, .origin = "ledger.example/ar/0123456789abcdef/0"},
        {.size = size + 4, .origin = origin},
        {.size = 0},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        expect_answer(declare_by(&company, body_told(&company, &bad[i], size, size + 9), two), "refused", "C-31",
                      "restore-note");
    golden(declare_by(&company, body_of("no checkpoint\n", size, size + 9), two), "refused", "C-31", "restore-note");
    note_make(&company, &good, note);
    note[strlen(note) - 5] ^= 1;
    expect_answer(declare_by(&company, body_of(note, size, size + 9), two), "refused", "C-31", "restore-note");
    company_close(&company);
}

/* A book key that was retired signs for no more entries than there were then; its successor for those after. */
static void a_retired_key_tells_nothing_new(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    json_t *document = company_with(company_document(&company, "book-key"), "key",
                                    json_string(company_new_user(&company, "book-2")->key));
    in_force_by(&company, "olga",
                company_with(document, "retires", json_string(company_user(&company, "book-key")->key)), "book-2");
    uint64_t size = company_head(&company).size;
    const struct told retired = {.size = size + 4}, next = {.size = size + 5, .key = "book-2"};
    expect_answer(declare_by(&company, body_told(&company, &retired, size, size + 9), two), "refused", "C-31",
                  "restore-note");
    size = company_head(&company).size;
    assert_int_equal(epoch_of(declare_by(&company, body_told(&company, &next, size, size + 9), two)), 1);
    company_close(&company);
}

/* One entry more or less decides. */
static void the_range_is_what_can_be_lost(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    uint64_t size = company_head(&company).size;
    const struct told told = {.size = size + 5};
    golden(declare_by(&company, body_told(&company, &told, size + 2, size + 9), two), "refused", "C-31",
           "restore-range"); /* the entry before this one is not the last that was kept */
    size = company_head(&company).size;
    expect_answer(declare_by(&company, body_told(&company, &told, size + 1, size + 9), two), "refused", "C-31",
                  "restore-range");
    expect_answer(declare_by(&company, body_told(&company, &told, 0, size + 9), two), "refused", "C-31",
                  "restore-range");
    size = company_head(&company).size;
    const struct told next = {.size = size + 1};
    expect_answer(declare_by(&company, body_told(&company, &next, size, size - 1), two), "refused", "C-31",
                  "restore-range");
    size = company_head(&company).size;
    const struct told beyond = {.size = size + 2};
    expect_answer(declare_by(&company, body_told(&company, &beyond, size, size), two), "refused", "C-31",
                  "restore-range");
    size = company_head(&company).size;
    const struct told exact = {.size = size + 1};
    assert_int_equal(epoch_of(declare_by(&company, body_told(&company, &exact, size, size), two)), 1);
    company_close(&company);
}

/* An epoch is never used twice, whatever the books that were lost had come to. */
static void an_epoch_follows_the_one_that_was_issued(void **state)
{
    struct company company = {.dir = ""};
    static const struct {
        uint64_t named;
        int64_t begins;
    } steps[] = {{0, 1}, {0, 2}, {5, 6}, {3, 7}, {7, 8}};
    (void)state;
    company_open(&company, POLICY);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        uint64_t size = company_head(&company).size;
        const struct told told = {.size = size + 3, .epoch = steps[i].named};
        assert_int_equal(epoch_of(declare_by(&company, body_told(&company, &told, size, size + 2), two)),
                         steps[i].begins);
    }
    company_close(&company);
}

/* What the journal holds is not lost; what is said to be kept has to bear the checkpoint out. Neither is an entry. */
static void nothing_is_lost_that_is_here(void **state)
{
    struct company company = {.dir = ""};
    json_t *decision = NULL;
    (void)state;
    company_open(&company, POLICY);
    uint64_t size = company_head(&company).size;
    const struct told here = {.size = size, .held = true}, other = {.size = size};
    assert_int_equal(try_by(&company, body_told(&company, &here, size - 1, size + 4), two, &decision), STATUS_REFUSED);
    assert_int_equal(try_by(&company, body_told(&company, &other, size, size + 4), two, &decision), STATUS_REFUSED);
    assert_int_equal(company_head(&company).size, size);
    /* Kept is what the checkpoint covers, and entries after it are gone; or another branch had gone on from there. */
    assert_int_equal(epoch_of(declare_by(&company, body_told(&company, &here, size, size + 4), two)), 1);
    assert_int_equal(epoch_of(declare_by(&company, body_told(&company, &other, size - 1, size + 4), two)), 2);
    company_close(&company);
}

/* What kept officers awake, and let a gate in, may be what was lost. */
static void nobody_is_too_sleepy_to_say_it(void **state)
{
    const struct edit edits[] = {{"dormant_days: 0", "dormant_days: 10"}, {0}};
    struct company company = {.dir = ""};
    char path[VARIANT_PATH_BYTES];
    (void)state;
    variant_make_of(POLICY, edits, path);
    company_open(&company, path);
    variant_done(path);
    company_at(&company, "2026-03-01T12:00:00.000Z");
    expect_answer(company_do(&company, "oscar", VERB_SUBMIT,
                             json_pack("{s:b, s:[o]}", "atomic", 0, "documents",
                                       company_grant_document(&company, "maria2", "READER"))),
                  "refused", "C-28", "dormant");
    uint64_t size = company_head(&company).size;
    const struct told told = {.size = size + 2};
    assert_int_equal(epoch_of(declare_by(&company, body_told(&company, &told, size, size + 1), two)), 1);
    company_close(&company);
}

/* Makes the company's book again, of its first size entries, told that it lacks some; the company goes on with it. */
static void remake(struct company *company, uint64_t size, const struct journal_lost *lost)
{
    char dir[COMPANY_COPY_BYTES];
    company_copy_journal(company, size, false, lost, dir);
    snprintf(company->book, sizeof company->book, "%s", dir);
    company_reopen(company);
}

static enum status submit_status(struct company *company, const char *user, const char *amount)
{
    struct gate_answer answer = {.decision = NULL};
    struct err err;
    enum status status = company_try(
        company, user, VERB_SUBMIT,
        json_pack("{s:b, s:[o]}", "atomic", 0, "documents", company_credit_note(company, "10442", "40251", amount)),
        NULL, &answer, &err);
    gate_answer_done(&answer);
    return status;
}

static void a_book_that_lacks_entries_waits(void **state)
{
    struct company company = {.dir = "", .recovery = true};
    struct journal_lost lost = {.root.bytes = {7}}, found;
    json_t *decision = NULL;
    struct err err;
    bool due = false;
    (void)state;
    company_open(&company, POLICY);
    uint64_t size = company_head(&company).size;
    lost.kept = size;
    lost.size = size + 3;
    lost.to = size + 4;
    remake(&company, size, &lost);
    assert_int_equal(books_lost(gate_books(company.gate), &due, &found, &err), STATUS_OK);
    assert_true(due);
    assert_true(found.kept == lost.kept && found.to == lost.to && found.size == lost.size &&
                hash_equal(&found.root, &lost.root));
    assert_int_equal(submit_status(&company, "joe", "1.00"), STATUS_REFUSED);
    assert_int_equal(company_head(&company).size, size);
    /* Too late a beginning, too early an end, a smaller checkpoint, another of the same size. */
    const struct told same = {.size = size + 3}, less = {.size = size + 2}, more = {.size = size + 4};
    assert_int_equal(try_by(&company, body_told(&company, &same, size - 1, size + 4), two, &decision), STATUS_REFUSED);
    assert_int_equal(try_by(&company, body_told(&company, &same, size, size + 3), two, &decision), STATUS_REFUSED);
    assert_int_equal(try_by(&company, body_told(&company, &less, size, size + 4), two, &decision), STATUS_REFUSED);
    /* One officer's word is a refusal, and an entry; the book goes on waiting. */
    expect_answer(declare_by(&company, body_told(&company, &same, size, size + 4), (const char *const[]){"olga", NULL}),
                  "refused", "C-31", "restore-signers");
    assert_int_equal(submit_status(&company, "joe", "1.00"), STATUS_REFUSED);
    /* Whose officers are gone makes new ones first. */
    company_new_user(&company, "nina");
    company_new_user(&company, "noah");
    struct gate_answer answer = {.decision = NULL};
    json_t *officers = json_pack("{s:[{s:s, s:s, s:s}, {s:s, s:s, s:s}]}", "officers", "key",
                                 company_user(&company, "nina")->key, "person", "P-91", "user", "nina", "key",
                                 company_user(&company, "noah")->key, "person", "P-92", "user", "noah");
    assert_int_equal(company_signed_by(&company, "nina", VERB_RECOVER, officers,
                                       (const char *const[]){"recovery1", "recovery2", "nina", "noah", NULL}, &answer,
                                       &err),
                     STATUS_OK);
    gate_answer_done(&answer);
    assert_int_equal(submit_status(&company, "joe", "1.00"), STATUS_REFUSED);
    assert_int_equal(company_signed_by(&company, "nina", VERB_RESTORE, body_told(&company, &more, size, size + 4),
                                       (const char *const[]){"nina", "noah", NULL}, &answer, &err),
                     STATUS_OK);
    assert_int_equal(epoch_of(json_incref(answer.decision)), 1);
    gate_answer_done(&answer);
    assert_int_equal(books_lost(gate_books(company.gate), &due, &found, &err), STATUS_OK);
    assert_false(due);
    assert_int_equal(submit_status(&company, "joe", "1.00"), STATUS_OK);
    company_close(&company);
}

/* Nothing has to come between the entries that were kept and what is said of the others. */
static void the_first_entry_may_answer(void **state)
{
    struct company company = {.dir = ""};
    struct journal_lost lost = {.root.bytes = {7}}, found;
    struct err err;
    bool due = false;
    (void)state;
    company_open(&company, POLICY);
    uint64_t size = company_head(&company).size;
    lost.kept = lost.to = size;
    lost.size = size + 1;
    remake(&company, size, &lost);
    /* Another root at the size that is known of is a smaller word; at a larger one nothing is known of it. */
    const struct told other = {.size = size + 1, .root = 8}, newer = {.size = size + 2, .root = 8};
    json_t *decision = NULL;
    assert_int_equal(try_by(&company, body_told(&company, &other, size, size + 1), two, &decision), STATUS_REFUSED);
    assert_int_equal(epoch_of(declare_by(&company, body_told(&company, &newer, size, size + 1), two)), 1);
    assert_int_equal(books_lost(gate_books(company.gate), &due, &found, &err), STATUS_OK);
    assert_false(due);
    assert_int_equal(submit_status(&company, "joe", "1.00"), STATUS_OK);
    company_close(&company);
}

/* While it is made, a book tells its root at every size that it has, and at no other. */
static void a_book_in_the_making_tells_its_root(void **state)
{
    struct company company = {.dir = "", .unchecked = true};
    struct restoring *restoring = NULL;
    struct journal_snapshot *snapshot = NULL;
    struct hash root, here, leaf;
    struct err err;
    char dir[320];
    (void)state;
    company_open(&company, POLICY);
    snprintf(dir, sizeof dir, "%s-making", company.book);
    assert_int_equal(restoring_begin(dir, 1, &restoring, &err), STATUS_OK);
    assert_int_equal(journal_read_begin(gate_books(company.gate)->journal, &snapshot, &err), STATUS_OK);
    const struct tree_reader reader = journal_tree(snapshot);
    for (uint64_t seq = 0; seq < 3; seq++) {
        const char *bytes = NULL;
        size_t length = 0;
        assert_int_equal(journal_entry(snapshot, seq, &bytes, &length, &err), STATUS_OK);
        assert_int_equal(restoring_entry(restoring, slice_of(bytes, length), &err), STATUS_OK);
        for (uint64_t size = 1; size <= seq + 1; size++) {
            assert_int_equal(restoring_root(restoring, size, &root, &err), STATUS_OK);
            assert_int_equal(tree_root(&reader, size, &here, &err), STATUS_OK);
            assert_true(hash_equal(&root, &here));
        }
        assert_int_equal(restoring_root(restoring, seq + 2, &root, &err), STATUS_INPUT);
        assert_int_equal(restoring_leaf(restoring, seq, &leaf, &err), STATUS_OK);
        assert_int_equal(restoring_leaf(restoring, seq + 1, &leaf, &err), STATUS_INPUT);
    }
    journal_read_end(snapshot);
    restoring_abort(restoring);
    company_close(&company);
}

/* A mark says what it must, or the book cannot be opened for writing. */
static void a_mark_is_read_or_refused(void **state)
{
    static const struct journal_lost wrong[] = {
        {.kept = 0, .to = 9, .size = 9}, {.kept = 9, .to = 8, .size = 9}, {.kept = 5, .to = 9, .size = 11}};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct company company = {.dir = "", .unchecked = true};
        struct journal_lost found;
        struct err err;
        bool due = false;
        company_found(&company, POLICY);
        remake(&company, 1, &wrong[i]);
        assert_int_equal(books_lost(gate_books(company.gate), &due, &found, &err), STATUS_CORRUPT);
        company_close(&company);
    }
}

/* Findings of a fast verification, one after the other. */
static void hear_finding(void *context, const struct finding *finding)
{
    char *told = context;
    size_t used = strlen(told);
    snprintf(told + used, TOLD_BYTES - used, "%s\n", finding->text);
}

static uint64_t verified(struct company *company, const char *note, char ret_told[static TOLD_BYTES])
{
    const struct verify_note notes[] = {{.name = "kept", .bytes = slice_of(note, strlen(note))}};
    const struct verify_options options = {.book_dir = company->book,
                                           .fast = true,
                                           .threads = 1,
                                           .notes = notes,
                                           .note_count = note[0] != '\0',
                                           .report = hear_finding,
                                           .context = ret_told};
    struct verify_result result;
    struct err err;
    ret_told[0] = '\0';
    gate_close(company->gate);
    company->gate = NULL;
    assert_int_equal(verify_book(&options, &result, &err), STATUS_OK);
    company_reopen(company);
    return result.finding_count;
}

static void checkpoints_are_told_by_their_epochs(void **state)
{
    struct company company = {.dir = ""};
    char note[CHECKPOINT_NOTE_MAX], told_text[TOLD_BYTES];
    (void)state;
    company_open(&company, POLICY);
    uint64_t size = company_head(&company).size;
    const struct told lost = {.size = size + 3};
    assert_int_equal(epoch_of(declare_by(&company, body_told(&company, &lost, size, size + 2), two)), 1);
    assert_int_equal(submit_status(&company, "joe", "1.00"), STATUS_OK);
    const struct {
        struct told told;
        uint64_t findings; /* the restore is one */
        const char *says;
    } cases[] = {
        {{.size = size, .held = true}, 1, "begins epoch 1"},
        {{.size = size + 1, .epoch = 1, .held = true}, 1, "begins epoch 1"},
        {{.size = size + 2, .epoch = 1, .held = true}, 1, "begins epoch 1"},
        {{.size = size, .epoch = 1, .held = true}, 2, "bears epoch 1, which begins with entry"},
        {{.size = size + 1, .held = true}, 2, "was issued before the restore"},
        {{.size = size + 2, .epoch = 2, .held = true}, 2, "has come to epoch 1: it was put back"},
        {{.size = size}, 2, "root differs"},
        {{.size = size + 3}, 2, "was issued before the restore"},
        {{.size = size + 4}, 2, "nobody has said so of entries"},
        {{.size = size + 9, .epoch = 1}, 2, "its end is cut off"},
        {{.size = size, .key = "olga"}, 2, "not signed by a key of this book"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        note_make(&company, &cases[i].told, note);
        uint64_t findings = verified(&company, note, told_text);
        if (findings != cases[i].findings || strstr(told_text, cases[i].says) == NULL)
            fail_msg("case %zu: %llu findings\n%s", i, (unsigned long long)findings, told_text);
    }
    /* What answered for an earlier loss does not for a later one. */
    size = company_head(&company).size;
    const struct journal_lost again = {.kept = size, .to = size, .size = 0};
    remake(&company, size, &again);
    assert_int_equal(verified(&company, "", told_text), 2);
    assert_non_null(strstr(told_text, "two officers have yet to say"));
    assert_int_equal(submit_status(&company, "joe", "2.00"), STATUS_REFUSED);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_lost_takes_two_persons),
        cmocka_unit_test(what_was_lost_is_said_under_any_release),
        cmocka_unit_test(who_says_it_has_seen_what_was_kept),
        cmocka_unit_test(a_checkpoint_is_this_books),
        cmocka_unit_test(a_retired_key_tells_nothing_new),
        cmocka_unit_test(the_range_is_what_can_be_lost),
        cmocka_unit_test(an_epoch_follows_the_one_that_was_issued),
        cmocka_unit_test(nothing_is_lost_that_is_here),
        cmocka_unit_test(nobody_is_too_sleepy_to_say_it),
        cmocka_unit_test(a_book_that_lacks_entries_waits),
        cmocka_unit_test(the_first_entry_may_answer),
        cmocka_unit_test(a_book_in_the_making_tells_its_root),
        cmocka_unit_test(a_mark_is_read_or_refused),
        cmocka_unit_test(checkpoints_are_told_by_their_epochs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
