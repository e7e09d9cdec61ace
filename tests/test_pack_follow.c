/*
 * What follows a part of a book (BUNDLE.md section 4): keys of the book, and all by whose force a packed document was let in, are
 * in the bundle with their reasons, and a verification of the part finds nothing wrong in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/bundle/pack.h"
#include "audit/verify/verify.h"
#include "controls/issue.h"
#include "ledger/base64.h"
#include "ledger/canon.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "ledger/sshsig.h"
#include "tests/support/closing.h"
#include "tests/support/company.h"
#include "tests/support/folder.h"
#include "tests/support/golden.h"
#include "tests/support/people.h"

#define GOVERN "tests/policies/govern.yaml"

enum { WHY_BYTES = 1024, FINDINGS_MAX = 20 };

/* ---------------------------------------------------------------- a part, packed and verified */

struct part {
    struct folder folder;
    json_t *manifest;
    struct verify_result verified;
    char found[FINDINGS_MAX][FINDING_TEXT_BYTES];
    size_t found_count;
};

static uint64_t last(const struct company *company)
{
    return company_head(company).size - 1;
}

static void issue_by(struct company *company, const char *key, struct checkpoint *ret_checkpoint,
                     char ret_note[static CHECKPOINT_NOTE_MAX])
{
    struct err err = {.text = ""};
    if (issue_checkpoint(company->gate, &company_user(company, key)->signer, ret_checkpoint, ret_note, &err) !=
        STATUS_OK)
        fail_msg("%s", err.text);
}

static void hear(void *context, const struct finding *finding)
{
    struct part *part = context;
    if (part->found_count < FINDINGS_MAX)
        snprintf(part->found[part->found_count++], FINDING_TEXT_BYTES, "%s", finding->text);
}

static void verify(struct part *part, const char *dir)
{
    struct err err = {.text = ""};
    const struct verify_options options = {.bundle_dir = dir, .threads = 1, .report = hear, .context = part};
    if (verify_bundle(&options, &part->verified, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    assert_true(part->verified.complete && part->verified.bundle.part);
    assert_int_equal(part->verified.checkpoint_size, part->verified.bundle.size);
    if (part->verified.finding_count > part->verified.recorded_count)
        fail_msg("%s", part->found[0]);
}

static void pack_scope_of(struct company *company, const struct pack_scope *scope, struct part *ret_part)
{
    const struct pack_maker maker = {.at_ms = company->now_ms,
                                     .by = "audrey",
                                     .exe = "0123456789abcdef",
                                     .release = "test",
                                     .signer = &company_user(company, "audrey")->signer};
    struct pack_result result;
    struct err err = {.text = ""};
    size_t length = 0;
    *ret_part = (struct part){.manifest = NULL};
    folder_make(&ret_part->folder);
    char *dir = folder_path(&ret_part->folder, "part"), *name = folder_path(&ret_part->folder, "part/MANIFEST.json");
    const struct pack_request request = {
        .journal = gate_books(company->gate)->journal, .to = dir, .scope = scope, .maker = &maker, .no_evidence = true};
    if (pack_bundle(&request, &result, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    char *bytes = (char *)folder_read(name, &length);
    ret_part->manifest = json_loadb(bytes, length, 0, NULL);
    free(bytes);
    verify(ret_part, dir);
    free(name);
    free(dir);
}

/* One document, under a checkpoint of all that there is. */
static void pack_document(struct company *company, const char *number, struct part *ret_part)
{
    struct checkpoint checkpoint;
    char text[CHECKPOINT_NOTE_MAX];
    const struct pack_scope scope = {.sort = PACK_DOCUMENT, .documents = &number, .document_count = 1};
    issue_by(company, "book-key", &checkpoint, text);
    pack_scope_of(company, &scope, ret_part);
}

/* The manifest as it is now, signed by the packer again, and what is then found. */
static void expect_found(struct company *company, struct part *part, const char *words)
{
    const struct signer *signer = &company_user(company, "audrey")->signer;
    struct err err = {.text = ""};
    char *bytes = NULL, armour[SSHSIG_ARMOUR_BYTES_MAX];
    uint8_t blob[SSHSIG_BYTES_MAX];
    size_t length = 0, blob_length = 0;
    bool found = false;
    assert_int_equal(canon_encode(part->manifest, &bytes, &length, &err), STATUS_OK);
    bytes[length++] = '\n';
    const struct sshsig_message message = {.purpose = SSHSIG_BUNDLE, .bytes = bytes, .length = length};
    assert_int_equal(sshsig_sign_message(signer, &message, blob, &blob_length, &err), STATUS_OK);
    sshsig_armour(blob, blob_length, armour);
    char *dir = folder_path(&part->folder, "part"), *manifest = folder_path(&part->folder, "part/MANIFEST.json"),
         *signature = folder_path(&part->folder, "part/MANIFEST.json.sig");
    folder_write(manifest, bytes, length);
    folder_write(signature, armour, strlen(armour));
    const struct verify_options options = {.bundle_dir = dir, .threads = 1, .report = hear, .context = part};
    part->found_count = 0;
    assert_int_equal(verify_bundle(&options, &part->verified, &err), STATUS_OK);
    for (size_t i = 0; i < part->found_count; i++)
        found = found || strstr(part->found[i], words) != NULL;
    if (!found)
        fail_msg("%s; not: %s", part->found_count > 0 ? part->found[0] : "nothing", words);
    free(signature);
    free(manifest);
    free(dir);
    free(bytes);
}

/* Gives an entry another reason for the one that it has. */
static void set_reason(struct part *part, uint64_t seq, const char *reason)
{
    const json_t *list = json_object_get(part->manifest, "why");
    for (size_t i = 0; i < json_array_size(list); i++)
        if ((uint64_t)member_integer(json_array_get(list, i), "seq") == seq)
            json_object_set_new(json_array_get(list, i), "why", json_pack("[s]", reason));
}

static void part_done(struct part *part)
{
    json_decref(part->manifest);
    folder_remove(&part->folder);
}

/* The reasons of an entry, one after the other; "": it is not there. */
static const char *why(const struct part *part, uint64_t seq)
{
    static char text[WHY_BYTES];
    const json_t *list = json_object_get(part->manifest, "why");
    text[0] = '\0';
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *texts = json_object_get(json_array_get(list, i), "why");
        if ((uint64_t)member_integer(json_array_get(list, i), "seq") != seq)
            continue;
        for (size_t j = 0; j < json_array_size(texts); j++)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", j > 0 ? "; " : "",
                     json_string_value(json_array_get(texts, j)));
    }
    return text;
}

/* Whether any entry is there for this reason, whatever else it is there for. */
static bool has_reason(const struct part *part, const char *reason)
{
    const json_t *list = json_object_get(part->manifest, "why");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *texts = json_object_get(json_array_get(list, i), "why");
        for (size_t j = 0; j < json_array_size(texts); j++)
            if (strcmp(json_string_value(json_array_get(texts, j)), reason) == 0)
                return true;
    }
    return false;
}

static void company_close_unasked(struct company *company)
{
    company->unchecked = true; /* that such books are in order is for other tests to ask */
    company_close(company);
}

/* Submitted by olga, signed by oscar: the entries are the last two. */
static void two_officers(struct company *company, json_t *document)
{
    char *number = company_wait(company, "olga", document);
    expect_done(company_approve(company, "oscar", number, 1), "in-force");
    free(number);
}

/* Let in, whether it waits or not. */
static char *note(struct company *company, const char *user, const char *amount)
{
    return company_wait(company, user, company_credit_note(company, "10442", "40251", amount));
}

/* ---------------------------------------------------------------- whatever the part is about */

static void the_books_keys_follow(void **state)
{
    struct company company = {.dir = ""};
    struct checkpoint checkpoint;
    struct part part;
    char text[CHECKPOINT_NOTE_MAX];
    (void)state;
    company_open(&company, GOVERN);
    company_new_user(&company, "book-2");
    char *before = note(&company, "joe", "1.00");
    json_t *document = company_document(&company, "book-key");
    company_with(document, "key", json_string(company_user(&company, "book-2")->key));
    company_with(document, "retires", json_string(company_user(&company, "book-key")->key));
    json_t *result = expect(
        company_first(company_do_with(&company, "olga", VERB_SUBMIT, company_one(document), "book-2")), "waiting");
    uint64_t submitted = last(&company);
    expect_done(company_approve(&company, "oscar", result_number(result), 1), "in-force");
    json_decref(result);
    char *after = note(&company, "joe", "2.00");
    issue_by(&company, "book-2", &checkpoint, text);
    for (int i = 0; i < 2; i++) {
        const char *number = i == 0 ? before : after;
        const struct pack_scope scope = {.sort = PACK_DOCUMENT, .documents = &number, .document_count = 1};
        pack_scope_of(&company, &scope, &part); /* the checkpoint is signed by the new key */
        assert_string_equal(why(&part, submitted), "book-key");
        assert_string_equal(why(&part, submitted + 1), "book-key");
        part_done(&part);
    }
    struct pack_scope none = {.sort = PACK_PERIOD, .from = 0, .to = 1};
    pack_scope_of(&company, &none, &part); /* what is about nothing has nothing that follows */
    assert_int_equal(json_array_size(json_object_get(part.manifest, "why")), 0);
    part_done(&part);
    free(before);
    free(after);
    company_close_unasked(&company);
}

static void act_of_two(struct company *company, enum verb verb, json_t *body)
{
    struct gate_answer answer = {.decision = NULL};
    struct err err = {.text = ""};
    if (company_signed_by(company, "olga", verb, body, (const char *const[]){"olga", "oscar", NULL}, &answer, &err) !=
        STATUS_OK)
        fail_msg("%s", err.text);
    assert_int_equal(json_array_size(json_object_get(answer.decision, "results")), 1);
    gate_answer_done(&answer);
}

static json_t *clock_body(struct company *company)
{
    const struct journal_head head = company_head(company);
    char hex[HASH_HEX_CHARS + 1], time[INSTANT_TEXT_BYTES];
    hash_to_hex(&head.leaf, hex);
    instant_format(company->now_ms, time);
    return json_pack("{s:{s:s, s:I}, s:s, s:s}", "head", "hash", hex, "seq", (json_int_t)head.size - 1, "reason",
                     "the clock was a month ahead", "true_time", time);
}

static json_t *restore_body(const char *note, uint64_t from)
{
    char text[BASE64_CHARS(CHECKPOINT_NOTE_MAX) + 1];
    assert_int_equal(base64_encode((const uint8_t *)note, strlen(note), text, sizeof text, NULL), STATUS_OK);
    return json_pack("{s:s, s:{s:I, s:I}, s:s}", "checkpoint", text, "lost", "from", (json_int_t)from, "to",
                     (json_int_t)from + 3, "reason", "the disk was lost");
}

static void clocks_and_restores_follow(void **state)
{
    struct company company = {.dir = ""};
    struct checkpoint checkpoint;
    struct part part;
    char text[CHECKPOINT_NOTE_MAX];
    (void)state;
    company_open(&company, GOVERN);
    company_at(&company, "2026-03-01T12:00:00.000Z");
    char *waits = company_wait(&company, "joe", closing_note(&company, "40251", "300.00", "2026-01-15"));
    company.now_ms -= INT64_C(30) * 86400000;
    act_of_two(&company, VERB_CLOCK, clock_body(&company));
    uint64_t clock = last(&company);
    issue_by(&company, "book-key", &checkpoint, text);
    act_of_two(&company, VERB_RESTORE, restore_body(text, clock + 1));
    expect_done(company_approve(&company, "ana", waits, 1), "approved");
    pack_document(&company, waits, &part);
    assert_string_equal(why(&part, clock), "clock");
    assert_string_equal(why(&part, clock + 1), "restore");
    assert_int_equal(part.verified.recorded_count, 2); /* both are always told */
    assert_int_equal(part.verified.epoch, 1);
    part_done(&part);
    free(waits);
    company_close_unasked(&company);
}

static json_t *new_officer(struct company *company, const char *user, const char *person)
{
    return json_pack("{s:s, s:s, s:s}", "key", company_new_user(company, user)->key, "person", person, "user", user);
}

/* Officers whom recovery keys made give somebody a role: his document brings along how they became officers. */
static void a_recovery_follows(void **state)
{
    static const char *const signers[] = {"recovery1", "recovery2", "nina", "noah", NULL};
    struct company company = {.dir = "", .recovery = true};
    struct gate_answer answer = {.decision = NULL};
    struct err err = {.text = ""};
    struct part part;
    (void)state;
    company_open(&company, GOVERN);
    json_t *first = new_officer(&company, "nina", "P-91"), *second = new_officer(&company, "noah", "P-92");
    /* One recovery key does not do: it is recorded, and nobody's keys come or end with it. */
    static const char *const too_few[] = {"recovery1", "nina", "noah", NULL};
    if (company_signed_by(&company, "nina", VERB_RECOVER, json_pack("{s:[O, O]}", "officers", first, second), too_few,
                          &answer, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    assert_string_equal(member_text(answer.decision, "outcome"), "refused");
    gate_answer_done(&answer);
    const uint64_t refused = last(&company);
    if (company_signed_by(&company, "nina", VERB_RECOVER, json_pack("{s:[o, o]}", "officers", first, second), signers,
                          &answer, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    assert_int_equal(json_array_size(json_object_get(answer.decision, "results")), 1);
    gate_answer_done(&answer);
    const uint64_t recovered = last(&company);
    json_t *result = expect(
        company_submit(&company, "nina", company_grant_document(&company, "maria2", "BILLING_SPECIALIST")), "waiting");
    expect_done(company_approve(&company, "noah", result_number(result), 1), "in-force");
    json_decref(result);
    char *number = note(&company, "maria2", "1.00");
    pack_document(&company, number, &part);
    /* Two whose keys come of it, and two whose keys it ended. */
    assert_string_equal(why(&part, recovered), "signer nina; signer noah; signer olga; signer oscar");
    assert_string_equal(why(&part, refused), "");
    part_done(&part);
    free(number);
    company_close_unasked(&company);
}

/* ---------------------------------------------------------------- by whose force */

static json_t *approve_for(struct company *company, const char *user, const char *behalf, const char *number)
{
    json_t *record = company_record(company, number);
    json_t *body = json_pack("{s:[{s:s, s:s, s:s, s:i, s:I}]}", "items", "behalf", behalf, "content",
                             member_text(record, "content"), "document", number, "level", 1, "version",
                             (json_int_t)member_integer(record, "version"));
    json_decref(record);
    return company_first(company_do(company, user, VERB_APPROVE, body));
}

static json_t *delegation(struct company *company, const char *from, const char *to, const char *function)
{
    json_t *more =
        json_pack("{s:s, s:s, s:[s], s:s, s:s, s:s}", "from_user", from, "to_user", to, "functions", function, "from",
                  "2026-01-05T09:00:00.000Z", "to", "2026-02-04T09:00:00.000Z", "reason", "leave");
    json_t *document = company_document(company, "delegation");
    json_object_update(document, more);
    json_decref(more);
    return document;
}

static void delegations_follow(void **state)
{
    struct company company = {.dir = ""};
    struct part part;
    (void)state;
    company_open(&company, GOVERN);
    char *number = company_wait(&company, "ana", delegation(&company, "ana", "priya", "credit-note.approve.1"));
    uint64_t submitted = last(&company);
    expect_done(company_approve(&company, "oscar", number, 1), "in-force");
    free(company_wait(&company, "tom", delegation(&company, "tom", "priya", "credit-note.approve.1")));
    uint64_t other = last(&company);
    char *own = note(&company, "joe", "300.00"), *lent = note(&company, "maria", "301.00");
    expect_done(company_approve(&company, "tom", own, 1), "posted");
    expect_done(approve_for(&company, "priya", "ana", lent), "posted");
    json_t *ended = company_with(company_document(&company, "revocation"), "grant", json_string(number));
    expect_done(company_submit(&company, "ana", company_with(ended, "reason", json_string("back"))), "in-force");
    uint64_t revoked = last(&company);
    pack_document(&company, lent, &part);
    assert_string_equal(why(&part, submitted), "delegation DG-1");
    assert_string_equal(why(&part, submitted + 1), "delegation DG-1");
    assert_string_equal(why(&part, revoked), "delegation DG-1");
    assert_string_equal(why(&part, other), "");
    assert_true(has_reason(&part, "signer ana")); /* in whose name it was done */
    part_done(&part);
    pack_document(&company, own, &part);
    assert_string_equal(why(&part, submitted), "");
    part_done(&part);
    /* Who prepares for another does so by its force, too. */
    two_officers(&company, delegation(&company, "maria", "cora", "credit-note.prepare"));
    uint64_t second = last(&company);
    char *prepared = company_wait(
        &company, "cora",
        company_with(company_credit_note(&company, "10442", "40251", "1.00"), "behalf", json_string("maria")));
    pack_document(&company, prepared, &part);
    assert_string_equal(why(&part, second), "delegation DG-3");
    assert_true(has_reason(&part, "signer maria"));
    part_done(&part);
    free(number);
    free(own);
    free(lent);
    free(prepared);
    company_close_unasked(&company);
}

static void emergency_access_follows(void **state)
{
    struct company company = {.dir = ""};
    struct part part;
    (void)state;
    company_open(&company, GOVERN);
    company_at(&company, "2026-02-05T12:00:00.000Z");
    char *waits = note(&company, "joe", "300.00");
    json_t *access = company_with(company_document(&company, "break-glass"), "users", json_pack("[s]", "cora"));
    company_with(access, "functions", json_pack("[s]", "credit-note.approve.1"));
    company_with(access, "entities", json_pack("[s]", "US01"));
    company_with(access, "until", json_string("2026-02-05T14:00:00.000Z"));
    company_with(access, "ticket", json_string("INC-77"));
    two_officers(&company, company_with(access, "reason", json_string("nobody else is there")));
    uint64_t opened = last(&company);
    expect_answer(company_approve(&company, "cora", waits, 1), "posted", "C-51", "used");
    company_at(&company, "2026-02-06T12:00:00.000Z");
    json_t *review = company_with(company_document(&company, "break-glass-review"), "break_glass", json_string("BG-1"));
    company_with(company_with(review, "conclusion", json_string("justified")), "note", json_string("seen"));
    expect_done(company_submit(&company, "oscar", review), "in-force");
    uint64_t reviewed = last(&company);
    pack_document(&company, waits, &part);
    assert_string_equal(why(&part, opened - 1), "break-glass BG-1");
    assert_string_equal(why(&part, opened), "break-glass BG-1");
    assert_string_equal(why(&part, reviewed), "break-glass BG-1");
    part_done(&part);
    free(waits);
    company_close_unasked(&company);
}

static void mitigations_follow(void **state)
{
    struct company company = {.dir = ""};
    struct part part;
    (void)state;
    company_open(&company, "tests/policies/duties.yaml");
    json_t *document = company_document(&company, "mitigation");
    json_t *more = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "person", "P-11", "a", "HOLD_RELEASE", "b",
                             "CREDIT_PREPARE", "control", "MON-7", "owner", "P-24", "reviewer", "P-23", "reason",
                             "Two people in this office", "until", "2026-03-01T00:00:00.000Z");
    json_object_update(document, more);
    json_decref(more);
    two_officers(&company, document);
    uint64_t recorded = last(&company);
    two_officers(&company, company_grant_document(&company, "maria", "HOLD_CLERK"));
    char *joint = note(&company, "maria", "1.00"), *other = note(&company, "joe", "2.00");
    json_t *review = company_with(company_document(&company, "mitigation-review"), "mitigation", json_string("MI-1"));
    company_with(company_with(review, "uses", json_integer(1)), "conclusion", json_string("in order"));
    expect_done(company_submit(&company, "priya", review), "in-force");
    uint64_t reviewed = last(&company);
    pack_document(&company, joint, &part);
    assert_string_equal(why(&part, recorded - 1), "mitigation MI-1");
    assert_string_equal(why(&part, recorded), "mitigation MI-1");
    assert_string_equal(why(&part, reviewed), "mitigation MI-1");
    part_done(&part);
    pack_document(&company, other, &part);
    assert_string_equal(why(&part, recorded), "");
    part_done(&part);
    free(joint);
    free(other);
    company_close_unasked(&company);
}

static void exceptions_of_months_follow(void **state)
{
    struct company company = {.dir = ""};
    struct part part;
    (void)state;
    company_open(&company, "tests/policies/rules.yaml");
    closing_closers(&company);
    expect_done(company_submit(&company, "cleo", closing_period(&company, "2025-12", "soft")), "in-force");
    char *number =
        company_wait(&company, "cleo", closing_exception(&company, "2025-12", "maria", "2026-01-07T00:00:00.000Z"));
    expect_done(company_approve(&company, "clive", number, 1), "in-force");
    uint64_t excepted = last(&company);
    char *late = company_wait(&company, "maria", closing_note(&company, "581483", "900.00", "2025-12-31"));
    pack_document(&company, late, &part);
    assert_string_equal(why(&part, excepted - 1), "period PE-2");
    assert_string_equal(why(&part, excepted), "period PE-2");
    assert_string_equal(why(&part, excepted - 2),
                        ""); /* the month as it stood is no act by whose force it was let in */
    part_done(&part);
    free(number);
    free(late);
    company_close_unasked(&company);
}

static void rates_follow(void **state)
{
    struct company company = {.dir = ""};
    struct part part;
    const struct company_file file = {
        .user = "feedi", .feed = "invoices", .total = "10000.00", .sequence = 2, .currency = "EUR"};
    (void)state;
    company_open(&company, "tests/policies/currency.yaml");
    for (int i = 0; i < 2; i++) {
        json_t *document = company_document(&company, "rates");
        json_t *more = json_pack("{s:s, s:s, s:[{s:s, s:s}]}", "base", "USD", "date",
                                 i == 0 ? "2025-12-01" : "2025-12-30", "rates", "currency", "EUR", "rate", "1.1");
        json_object_update(document, more);
        json_decref(more);
        two_officers(&company, document);
    }
    uint64_t given = last(&company);
    json_t *record = company_invoice("E-1", "16446", "10000.00", "0.00", "10000.00");
    expect_done(
        company_feed(&company, &file, json_pack("[o]", company_with(record, "date", json_string("2025-12-30")))),
        "closed");
    json_t *note = company_credit_note(&company, "16446", "E-1", "1.00");
    char *number = company_post(&company, "maria", company_with(note, "currency", json_string("EUR")), 0);
    pack_document(&company, number, &part);
    assert_string_equal(why(&part, given - 1), "rates FX-2");
    assert_string_equal(why(&part, given), "rates FX-2");
    assert_string_equal(why(&part, given - 2), "");
    part_done(&part);
    free(number);
    company_close_unasked(&company);
}

/* ---------------------------------------------------------------- about persons, and what they signed */

static const char *grant_of(struct company *company, const char *user, char ret_number[static 32])
{
    for (int i = 1; i < 40; i++) {
        snprintf(ret_number, 32, "GR-%d", i);
        struct books_key key = books_key(ret_number);
        json_t *record = company_books(company, BOOKS_GRANTS, &key);
        bool found = record != NULL && strcmp(member_text(record, "user"), user) == 0;
        json_decref(record);
        if (found)
            return ret_number;
    }
    fail_msg("%s has no grant", user);
    return ret_number;
}

static json_t *attestation(struct company *company, const char *grant, const char *decision)
{
    json_t *document = company_with(company_document(company, "attestation"), "review", json_string("AR-1"));
    return company_with(document, "rows", json_pack("[{s:s, s:s}]", "decision", decision, "grant", grant));
}

static void removals_by_reviews_follow(void **state)
{
    struct company company = {.dir = ""};
    struct part part;
    char joe[32], maria[32], priya[32];
    (void)state;
    company_open(&company, GOVERN);
    char *number = company_wait(&company, "ana", delegation(&company, "ana", "priya", "credit-note.approve.1"));
    expect_done(company_approve(&company, "oscar", number, 1), "in-force");
    char *waits = note(&company, "joe", "300.00");
    expect_done(approve_for(&company, "priya", "ana", waits), "posted");
    expect_done(company_submit(&company, "olga",
                               company_with(company_document(&company, "review"), "entities", json_pack("[s]", "*"))),
                "in-force");
    uint64_t opened = last(&company);
    grant_of(&company, "joe", joe);
    grant_of(&company, "maria", maria);
    expect_done(company_submit(&company, "olga", attestation(&company, joe, "remove")), "in-force");
    expect_done(company_submit(&company, "olga", attestation(&company, maria, "remove")), "in-force");
    expect_done(company_submit(&company, "olga", attestation(&company, number, "remove")), "in-force");
    grant_of(&company, "priya", priya);
    expect_done(company_submit(&company, "olga", attestation(&company, priya, "keep")), "in-force");
    pack_document(&company, waits, &part);
    assert_string_equal(why(&part, opened), "delegation DG-1; signer joe");
    assert_string_equal(why(&part, opened + 1), "signer joe");
    assert_string_equal(why(&part, opened + 2), "");
    assert_string_equal(why(&part, opened + 3), "delegation DG-1");
    assert_string_equal(why(&part, opened + 4), "");
    set_reason(&part, opened, "signer ana");
    expect_found(&company, &part, "'signer ana': no attestation here removed anything of it");
    set_reason(&part, opened, "delegation DG-1");
    set_reason(&part, opened + 3, "signer joe");
    expect_found(&company, &part, "'signer joe': the entry does not belong to it");
    part_done(&part);
    free(number);
    free(waits);
    company_close_unasked(&company);
}

static void reactivations_follow(void **state)
{
    struct company company = {.dir = ""};
    struct part part;
    (void)state;
    people_open(&company);
    company_at(&company, "2026-06-01T12:00:00.000Z");
    json_t *document = company_with(company_document(&company, "reactivation"), "user", json_string("joe"));
    char *number = company_wait(&company, "joe", company_with(document, "reason", json_string("back from leave")));
    expect_done(company_approve(&company, "oscar", number, 1), "in-force");
    uint64_t woken = last(&company);
    char *made = note(&company, "joe", "1.00");
    pack_document(&company, made, &part);
    assert_string_equal(why(&part, woken - 1), "signer joe");
    assert_string_equal(why(&part, woken), "signer joe");
    part_done(&part);
    free(number);
    free(made);
    company_close_unasked(&company);
}

static json_t *affirmation(struct company *company, const char *user, const char *number)
{
    json_t *document =
        company_with(company_document(company, "affirmation"), "key", json_string(company_user(company, user)->key));
    return company_with(document, "rows", json_pack("[{s:s, s:s}]", "conclusion", "affirm", "document", number));
}

/* Of a document of the part, and of a grant that its maker needed. */
static void affirmations_follow(void **state)
{
    struct company company = {.dir = ""};
    struct part part;
    (void)state;
    company_open(&company, GOVERN);
    company_at(&company, "2026-02-02T12:00:00.000Z");
    char *first = note(&company, "joe", "300.00"), *second = note(&company, "joe", "301.00");
    char *grant = company_wait(&company, "owen", company_grant_document(&company, "maria2", "BILLING_SPECIALIST"));
    static const char *const lost[] = {"joe", "owen"};
    for (int i = 0; i < 2; i++) {
        json_t *document = company_with(company_document(&company, "key-revocation"), "user", json_string(lost[i]));
        company_with(document, "key", json_string(company_user(&company, lost[i])->key));
        company_with(document, "since", json_string("2026-02-02T12:00:00.000Z"));
        company_with(document, "reason", json_string("laptop stolen"));
        json_t *result = company_submit(&company, "olga", document);
        if (strcmp(result_outcome(result), "waiting") == 0) /* an officer's key takes two */
            expect_done(company_approve(&company, "oscar", result_number(result), 1), "in-force");
        json_decref(result);
    }
    expect_done(company_submit(&company, "olga", affirmation(&company, "joe", first)), "in-force");
    uint64_t affirmed = last(&company);
    expect_done(company_submit(&company, "olga", affirmation(&company, "joe", second)), "in-force");
    expect_done(company_submit(&company, "olga", affirmation(&company, "owen", grant)), "in-force");
    expect_done(company_approve(&company, "ana", first, 1), "posted");
    expect_done(company_approve(&company, "oscar", grant, 1), "in-force");
    char *third = note(&company, "maria2", "1.00");
    pack_document(&company, first, &part);
    assert_string_equal(why(&part, affirmed), "affirmation AF-1");
    assert_string_equal(why(&part, affirmed + 1), "");
    assert_string_equal(why(&part, affirmed + 2), "");
    json_object_set_new(json_object_get(part.manifest, "scope"), "documents", json_pack("[s]", second));
    expect_found(&company, &part, "'affirmation AF-1': it affirms nothing that is here");
    part_done(&part);
    pack_document(&company, third, &part);
    assert_string_equal(why(&part, affirmed + 2), "signer maria2");
    part_done(&part);
    free(first);
    free(second);
    free(grant);
    free(third);
    company_close_unasked(&company);
}

/* What a document names, and what names it, is there for a reason that holds. */
static void links_hold_from_both_sides(void **state)
{
    struct company company = {.dir = ""};
    struct part part;
    (void)state;
    company_open(&company, GOVERN);
    char *first = note(&company, "joe", "1.00");
    uint64_t submitted = last(&company);
    char *second = company_wait(&company, "joe", company_reversal(&company, first));
    pack_document(&company, first, &part);
    assert_string_equal(why(&part, submitted + 1), "document RV-1");
    part_done(&part);
    pack_document(&company, second, &part);
    assert_string_equal(why(&part, submitted), "document CN-1");
    json_object_set_new(json_object_get(part.manifest, "scope"), "documents", json_pack("[s]", "CN-7"));
    expect_found(&company, &part, "'document CN-1': the bundle is not about that document");
    part_done(&part);
    free(first);
    free(second);
    company_close_unasked(&company);
}

/* Of an entry without a document, which is an item of a sample by itself. */
static void affirmations_of_entries_follow(void **state)
{
    struct company company = {.dir = ""};
    struct checkpoint checkpoint;
    struct part part;
    char text[CHECKPOINT_NOTE_MAX];
    (void)state;
    company_open(&company, GOVERN);
    company_at(&company, "2026-02-02T12:00:00.000Z");
    const struct company_file file = {.user = "feedc", .feed = "customers", .sequence = 2};
    expect_done(company_feed(&company, &file, json_pack("[o]", company_customer("30001", "30001"))), "closed");
    uint64_t fed = last(&company);
    json_t *lost = company_with(company_document(&company, "key-revocation"), "user", json_string("feedc"));
    company_with(lost, "key", json_string(company_user(&company, "feedc")->key));
    company_with(lost, "since", json_string("2026-02-02T12:00:00.000Z"));
    expect_done(company_submit(&company, "olga", company_with(lost, "reason", json_string("copied"))), "in-force");
    json_t *document = company_with(company_document(&company, "affirmation"), "key",
                                    json_string(company_user(&company, "feedc")->key));
    company_with(document, "rows", json_pack("[{s:s, s:I}]", "conclusion", "affirm", "entry", (json_int_t)fed));
    expect_done(company_submit(&company, "olga", document), "in-force");
    uint64_t affirmed = last(&company);
    char *other = note(&company, "joe", "1.00");
    issue_by(&company, "book-key", &checkpoint, text);
    const struct pack_scope scope = {.sort = PACK_SAMPLE, .entries = &fed, .entry_count = 1};
    pack_scope_of(&company, &scope, &part);
    assert_string_equal(why(&part, affirmed), "affirmation AF-1");
    part_done(&part);
    pack_document(&company, other, &part);
    assert_string_equal(why(&part, affirmed), "");
    part_done(&part);
    free(other);
    company_close_unasked(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_books_keys_follow),       cmocka_unit_test(clocks_and_restores_follow),
        cmocka_unit_test(a_recovery_follows),          cmocka_unit_test(delegations_follow),
        cmocka_unit_test(emergency_access_follows),    cmocka_unit_test(mitigations_follow),
        cmocka_unit_test(exceptions_of_months_follow), cmocka_unit_test(rates_follow),
        cmocka_unit_test(removals_by_reviews_follow),  cmocka_unit_test(reactivations_follow),
        cmocka_unit_test(affirmations_follow),         cmocka_unit_test(affirmations_of_entries_follow),
        cmocka_unit_test(links_hold_from_both_sides),
    };
    return cmocka_run_group_tests_name("pack_follow", tests, NULL, NULL);
}
