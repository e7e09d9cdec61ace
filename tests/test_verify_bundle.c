/*
 * A bundle that was changed is found out, each time with the place of the change; one that is whole is called whole, and of a
 * part no more is said than it shows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/child.h"
#include "audit/verify/verify.h"
#include "ledger/schema.h"
#include "ledger/sshkey.h"
#include "tests/support/bundle_made.h"
#include "tests/support/sanitized.h"
#include "tests/support/small_book.h"

enum { HEARD_MAX = 200, LAST = SMALL_ENTRIES - 1 };

static struct small_book book;
static struct scratch scratch;
static struct finding heard[HEARD_MAX];
static size_t heard_count;
static struct verify_result result;
static unsigned runs;

static void hear(void *context, const struct finding *finding)
{
    (void)context;
    if (heard_count < HEARD_MAX)
        heard[heard_count++] = *finding;
}

static void print_heard(void)
{
    for (size_t i = 0; i < heard_count; i++)
        print_message("  %s %lld: %s\n", finding_check_name(heard[i].check),
                      heard[i].has_seq ? (long long)heard[i].seq : -1, heard[i].text);
}

static enum status run_on(const char *dir, struct verify_options options, struct err *err)
{
    char name[32], replay[SCRATCH_PATH_BYTES];
    snprintf(name, sizeof name, "replay-%u", runs++);
    options.bundle_dir = dir;
    options.scratch_dir = scratch_path(&scratch, name, replay);
    options.threads = 1;
    options.report = hear;
    heard_count = 0;
    return verify_bundle(&options, &result, err);
}

/* Writes the bundle and verifies it. */
static const char *verify(struct bundle_made *made, struct verify_options options)
{
    static char dir[SCRATCH_PATH_BYTES];
    char name[32];
    struct err err = {.status = STATUS_OK};
    snprintf(name, sizeof name, "bundle-%u", runs);
    bundle_made_write(made, scratch_path(&scratch, name, dir));
    bundle_made_free(made);
    if (run_on(dir, options, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    return dir;
}

static void verify_again(const char *dir, struct verify_options options)
{
    struct err err = {.status = STATUS_OK};
    if (run_on(dir, options, &err) != STATUS_OK)
        fail_msg("%s", err.text);
}

static void assert_found(enum finding_check check, int64_t seq, const char *words)
{
    for (size_t i = 0; i < heard_count; i++)
        if (heard[i].check == check &&
            (seq < 0 ? !heard[i].has_seq : heard[i].has_seq && (int64_t)heard[i].seq == seq) &&
            strstr(heard[i].text, words) != NULL)
            return;
    print_heard();
    fail_msg("no finding of %s at %lld: %s", finding_check_name(check), (long long)seq, words);
}

static void assert_good(void)
{
    if (result.finding_count > 0)
        print_heard();
    assert_int_equal(result.finding_count, 0);
    assert_true(result.complete);
}

static void take(struct bundle_made *made)
{
    bundle_made_take(made, &book, SMALL_ENTRIES);
}

static const struct verify_options full = {.fast = false}, fast = {.fast = true};

static void a_whole_book_is_good(void **state)
{
    struct bundle_made made;
    (void)state;
    take(&made);
    bundle_made_file(&made, "README.txt", "A bundle.\n", true);
    bundle_made_file(&made, "evidence.html", "<html>", false); /* stands outside the list */
    verify(&made, full);
    assert_good();
    assert_true(result.redecided);
    assert_int_equal(result.entries, SMALL_ENTRIES);
    assert_int_equal(result.checkpoint_size, SMALL_ENTRIES);
    assert_false(result.bundle.part);
    assert_true(result.bundle.is_signed);
    assert_string_equal(result.bundle.packer, "ana");
    assert_string_equal(result.bundle.scope, "the whole book");
    assert_int_equal(result.officer_count, 2);
    assert_string_equal(result.book, book.id);
}

static const char *const document_scope = "{\"documents\":[\"CN-1\",\"CN-2\",\"CN-3\",\"CN-4\"],\"sort\":\"document\"}";

static void parts_show_that_they_are_in_the_book(void **state)
{
    static const uint64_t masks[] = {1, 0x5fff, 0x421f, 0x19f, 0x1f, 0};
    (void)state;
    for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
        struct bundle_made made;
        take(&made);
        bundle_made_part(&made, masks[i], document_scope);
        verify(&made, full);
        assert_good();
        assert_true(result.bundle.part);
        assert_false(result.redecided);
        assert_int_equal(result.entries, (uint64_t)__builtin_popcountll(masks[i]));
        assert_int_equal(result.bundle.keyless, masks[i] == 0);
        assert_int_equal(result.checkpoint_size, SMALL_ENTRIES);
        assert_string_equal(result.bundle.scope, "document CN-1 and others");
    }
}

/* Reasons of the small book's part, one exchanged for another: each is told with entry and reason. */
static const char *told_reason;
static size_t told_entry;

static void exchange_reason(json_t *manifest)
{
    json_t *one = json_array_get(json_object_get(manifest, "why"), told_entry);
    json_array_set_new(json_object_get(one, "why"), 0, json_string(told_reason));
}

static void reasons_are_held_against_the_entries(void **state)
{
    static const char period[] = "{\"from\":\"2026-07-01\",\"sort\":\"period\",\"to\":\"2026-07-02\"}";
    static const char sample[] = "{\"documents\":[\"CN-1\",\"CN-2\",\"CN-3\",\"CN-4\"],\"seed\":\"CN-4\",\"selection\":"
                                 "\"0000000000000000000000000000000000000000000000000000000000000000\",\"sort\":"
                                 "\"sample\"}";
    static const char fewer[] = "{\"documents\":[\"CN-2\",\"CN-3\",\"CN-4\"],\"seed\":\"CN-4\",\"selection\":"
                                "\"0000000000000000000000000000000000000000000000000000000000000000\",\"sort\":"
                                "\"sample\"}";
    static const struct {
        const char *scope; /* NULL: of documents */
        size_t entry;
        const char *reason, *words; /* words NULL: good */
    } rows[] = {
        {NULL, 7, "document CN-2", "why of entry 7: 'document CN-2': the entry does not belong to it"},
        {NULL, 7, "charter", "does not belong"},
        {NULL, 0, "document CN-1", "does not belong"},
        {NULL, 7, "nothing", "does not belong"},
        {NULL, 7, "sample CN-1", "does not belong"},
        {NULL, 7, "seed CN-1", "does not belong"},
        {NULL, 7, "period", "does not belong"},
        {NULL, 7, "sample entry 7", "does not belong"},
        {NULL, 7, "policy", "does not belong"},
        {NULL, 7, "book-key", "does not belong"},
        {NULL, 7, "clock", "does not belong"},
        {NULL, 7, "restore", "does not belong"},
        {NULL, 7, "signer maria", "does not belong"},
        {NULL, 7, "grant CN-1", "does not belong"},
        {NULL, 7, "invoice US01/I-1", "does not belong"},
        {NULL, 7, "", "is not a short text"},
        {NULL, 7, " ", "does not belong"},
        {NULL, 1, "signer ana", NULL},
        {NULL, 1, "signer nobody", "does not belong"},
        {NULL, 2, "signer ana", NULL},
        {NULL, 3, "enrolment EN-1", "does not belong"},
        {NULL, 3, "grant GR-1", "why of entry 3: 'grant GR-1': no decision here names it"},
        {NULL, 5, "customer US01/C-2", "does not belong"},
        {NULL, 5, "customer US02/C-1", "does not belong"},
        {NULL, 5, "invoice US01/C-1", "does not belong"},
        {NULL, 5, "customer C-1", "does not belong"},
        {NULL, 5, "customer US01-C-1", "does not belong"},
        {fewer, 7, "sample CN-1", "why of entry 7: 'sample CN-1': it is none of the sample"},
        {sample, 7, "sample CN-1", NULL},
        {sample, 7, "sample entry 7", NULL},
        {sample, 7, "sample entry 8", "does not belong"},
        {sample, 7, "seed CN-1", "does not belong"},
        {sample, 13, "seed CN-4", NULL}, /* of entry 14: 13 is not there */
        {period, 7, "document CN-1", "does not belong"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bundle_made made;
        take(&made);
        bundle_made_part(&made, 0x5fff, rows[i].scope == NULL ? document_scope : rows[i].scope);
        told_entry = rows[i].entry;
        told_reason = rows[i].reason;
        made.edit = exchange_reason;
        verify(&made, fast);
        if (rows[i].words != NULL)
            assert_found(CHECK_BUNDLE, -1, rows[i].words);
        else
            assert_good();
    }
}

static void period_reasons(json_t *manifest)
{
    json_t *list = json_object_get(manifest, "why");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_integer_value(json_object_get(json_array_get(list, i), "seq")) > 6)
            json_array_set_new(json_object_get(json_array_get(list, i), "why"), 0, json_string("period"));
}

/* Of a period each entry of its days; one of another day is none of it, and is no document's either that nothing was done to. */
static void a_period_is_of_its_days(void **state)
{
    static const struct {
        const char *from, *to;
        bool good;
    } rows[] = {
        {"2026-07-01", "2026-07-01", true}, {"2026-06-01", "2026-06-30", false}, {"2026-07-02", "2026-07-09", false}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bundle_made made;
        char scope[128];
        snprintf(scope, sizeof scope, "{\"from\":\"%s\",\"sort\":\"period\",\"to\":\"%s\"}", rows[i].from, rows[i].to);
        take(&made);
        bundle_made_part(&made, 0x7fff, scope);
        made.edit = period_reasons;
        verify(&made, fast);
        if (rows[i].good)
            assert_good();
        else
            assert_found(CHECK_BUNDLE, -1, "why of entry 7: 'period': the entry does not belong to it");
        if (rows[i].good)
            continue;
        take(&made);
        bundle_made_part(&made, 0x5fff, scope);
        verify(&made, fast);
        assert_found(CHECK_BUNDLE, -1, "why of entry 7: 'document CN-1': the bundle is not about that document");
    }
}

static void drop_reasons(json_t *manifest)
{
    json_object_del(manifest, "why");
}

static void move_reason(json_t *manifest)
{
    json_t *list = json_object_get(manifest, "why");
    json_object_set_new(json_array_get(list, json_array_size(list) - 1), "seq", json_integer(13));
}

static void move_reason_down(json_t *manifest)
{
    json_object_set_new(json_array_get(json_object_get(manifest, "why"), 5), "seq", json_integer(8));
}

static void ask_for_less(json_t *manifest)
{
    json_object_set_new(json_object_get(manifest, "scope"), "documents",
                        json_pack("[s, s, s]", "CN-1", "CN-3", "CN-4"));
}

static void every_entry_has_a_reason(void **state)
{
    struct bundle_made made;
    (void)state;
    take(&made);
    bundle_made_part(&made, 0x421f, document_scope);
    made.edit = drop_reasons;
    verify(&made, fast);
    assert_found(CHECK_BUNDLE, -1, "MANIFEST.json: why: is missing");
    take(&made);
    bundle_made_part(&made, 0x421f, document_scope);
    made.edit = move_reason;
    verify(&made, fast);
    assert_found(CHECK_BUNDLE, -1, "why of entry 13: 'document CN-4': there is no such entry here");
    assert_found(CHECK_BUNDLE, -1, "why: gives no reason for entry 14");
    take(&made);
    bundle_made_part(&made, 0x421f, document_scope);
    made.edit = move_reason_down;
    verify(&made, fast);
    assert_found(CHECK_BUNDLE, -1, "why of entry 8: 'document CN-2': there is no such entry here");
    assert_found(CHECK_BUNDLE, -1, "why: gives no reason for entry 9");
    assert_int_equal(result.finding_count, 2);
    take(&made); /* the reasons are true, and of something that nobody asked for */
    bundle_made_part(&made, 0x5fff, document_scope);
    made.edit = ask_for_less;
    verify(&made, fast);
    assert_found(CHECK_BUNDLE, -1, "why of entry 8: 'document CN-2': the bundle is not about that document");
    assert_int_equal(result.finding_count, 1);
    take(&made); /* nobody acts or signs for whom it could be there */
    bundle_made_part(&made, 0x3, document_scope);
    verify(&made, fast);
    assert_found(CHECK_BUNDLE, -1, "why of entry 1: 'signer maria': nobody of that name acts or signs here");
}

/* allowed_signers with a line for each user of `order` (digits of enum small_user), after the packer's. */
static void signers_write(const struct small_book *of, const char *order, char *ret_text, size_t size)
{
    char key[PUBLIC_KEY_TEXT_MAX];
    sshkey_format(&of->signers[USER_ANA].key, key);
    int used = snprintf(ret_text, size, "ana namespaces=\"countersign-bundle\" %s\n", key);
    for (; *order != '\0'; order++) {
        enum small_user user = (enum small_user)(*order - '0');
        sshkey_format(&of->signers[user].key, key);
        used += snprintf(ret_text + used, size - (size_t)used, "%s namespaces=\"countersign\",valid-after=\"%s\" %s\n",
                         small_user_name(user), user < USER_MARIA ? "20260701100000Z" : "20260701100200Z", key);
    }
}

struct signers_row {
    uint64_t mask;         /* of a part; 0: the whole book */
    const char *order;     /* of users */
    const char *from, *to; /* exchanged in the text */
    const char *words;     /* NULL: good */
};

static void signers_add(struct bundle_made *made, const struct signers_row *row)
{
    char text[4096], changed[4096];
    signers_write(made->book, row->order, text, sizeof text);
    if (row->from != NULL) {
        char *at = strstr(text, row->from);
        assert_non_null(at);
        snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, row->to, at + strlen(row->from));
        memcpy(text, changed, sizeof text);
    }
    bundle_made_file(made, "allowed_signers", text, true);
}

#define MARIA_FROM "maria namespaces=\"countersign\",valid-after=\"20260701100200Z\""
#define ANA_FROM   "ana namespaces=\"countersign\",valid-after=\"20260701100200Z\""

static void signers_are_those_that_the_entries_make(void **state)
{
    static const struct signers_row rows[] = {
        {0, "012345", NULL, NULL, NULL},
        {0, "01235", NULL, NULL, "line 6: the entries make it erp-c "},
        {0, "01234", NULL, NULL, "line 7: the entries make it erp-i "},
        {0, "0123455", NULL, NULL, "line 8: its key stands there twice"},
        {0, "0123457", NULL, NULL, "line 8: no entry enrolled this key"},
        {0, "102345", NULL, NULL, "line 2: the entries make it o.one "},
        {0, "012345", "ana namespaces=\"countersign-b", "bob namespaces=\"countersign-b",
         "line 1: does not let ana sign"},
        {0, "012345", "-bundle", "", "line 1: does not let ana sign"},
        {0, "012345", "maria names", "joe names", "line 4: the entries make it maria "},
        {0, "012345", "maria names", "maria b names", "line 4: is no line of such a file"},
        {0, "012345", "erp-i", "\nerp-i", "line 7: is no line of such a file"},
        {0, "012345", "100200", "100100", "line 4: the entries make it maria "},
        {0, "012345", MARIA_FROM, MARIA_FROM ",valid-before=\"20270101000000Z\"", "line 4: the entries make it maria "},
        {0x5fff, "012345", NULL, NULL, NULL},
        {0x5fff, "543210", NULL, NULL, NULL},
        {0x5fff, "01235", NULL, NULL, "lacks a key of erp-c that signed here"},
        {0x5fff, "0123457", NULL, NULL, "line 8: this key signed nothing here"},
        {0x5fff, "012345", "maria names", "joe names", "line 4: the entries make it maria "},
        {0x5fff, "012345", "maria names", "mariana names", "line 4: the entries make it maria "},
        {0x5fff, "012345", "100200", "100201", "line 4: the entries make it maria "},
        {0x5fff, "012345", MARIA_FROM, "maria namespaces=\"countersign\"", "line 4: the entries make it maria "},
        {0x5fff, "012345", MARIA_FROM, MARIA_FROM ",cert-authority", "line 4: the entries make it maria "},
        {0x5fff, "012345", MARIA_FROM, MARIA_FROM ",valid-before=\"20270101000000Z\"", NULL}, /* of an entry not here */
        {0x5fff, "012345", MARIA_FROM, MARIA_FROM ",valid-before=\"20270101000000Z\",cert-authority",
         "line 4: the entries make it maria "},
        {0x5fff, "012345", MARIA_FROM, MARIA_FROM ",cert-authority,valid-before=\"20270101000000Z\"",
         "line 4: the entries make it maria "},
        {0x5fff, "012345", MARIA_FROM, MARIA_FROM ",valid-before=\"20270101000000Z",
         "line 4: the entries make it maria "},
        {0x3, "012345", "maria names", "joe names", "line 4: an entry here enrols this key of maria"},
        {0x1f, "012345", NULL, NULL, NULL}, /* new keys sign what enrols them */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bundle_made made;
        take(&made);
        signers_add(&made, &rows[i]);
        if (rows[i].mask != 0)
            bundle_made_part(&made, rows[i].mask, document_scope);
        verify(&made, fast);
        if (rows[i].words != NULL)
            assert_found(CHECK_BUNDLE, -1, rows[i].words);
        else
            assert_good();
    }
}

static void revocation_reason(json_t *manifest)
{
    json_array_append_new(json_object_get(manifest, "why"),
                          json_pack("{s:i, s:[s]}", "seq", SMALL_ENTRIES, "why", "signer ana"));
}

/* An end that the entries tell is there, and not later; where it is told by what is not here, it may be earlier. */
static void ends_of_keys_are_not_put_off(void **state)
{
    static const struct signers_row rows[] = {
        {0, "012345", NULL, NULL, "line 5: the entries make it ana "},
        {0, "012345", ANA_FROM, ANA_FROM ",valid-before=\"20260701101500Z\"", NULL},
        {0, "012345", ANA_FROM, ANA_FROM ",valid-before=\"20260701101400Z\"", "line 5: the entries make it ana "},
        {0xdfff, "012345", NULL, NULL, "line 5: the entries make it ana "},
        {0xdfff, "012345", ANA_FROM, ANA_FROM ",valid-before=\"20260701101500Z\"", NULL},
        {0xdfff, "012345", ANA_FROM, ANA_FROM ",valid-before=\"20260701101501Z\"", "line 5: the entries make it ana "},
        {0xdfff, "012345", ANA_FROM, ANA_FROM ",valid-before=\"20260701101400Z\"", NULL},
        {0xdfff, "012345", ANA_FROM,
         "joe namespaces=\"countersign\",valid-after=\"20260701100200Z\",valid-before=\"20260701101500Z\"",
         "line 5: the entries make it ana "},
    };
    struct small_book ended;
    (void)state;
    small_book_make(&ended);
    small_book_open(&ended);
    json_t *document =
        json_pack("{s:s, s:o, s:s, s:s, s:s, s:s}", "channel", "cli", "key", small_book_key(&ended, USER_ANA), "kind",
                  "key-revocation", "reason", "left", "ref", "kx-ana", "user", "ana");
    json_decref(small_book_document(&ended, USER_OFFICER_1, document, 0));
    small_book_close(&ended);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bundle_made made;
        bundle_made_take(&made, &ended, SMALL_ENTRIES + 1);
        signers_add(&made, &rows[i]);
        if (rows[i].mask != 0)
            bundle_made_part(&made, rows[i].mask, document_scope);
        if (rows[i].mask != 0)
            made.edit = revocation_reason;
        verify(&made, fast);
        if (rows[i].words != NULL)
            assert_found(CHECK_BUNDLE, -1, rows[i].words);
        else
            assert_good();
    }
    small_book_free(&ended);
}

/* What came since: with the keys of before each line is as the entries make it, without them it names who signed here. */
static void signers_of_what_came_since(void **state)
{
    static const struct signers_row rows[] = {
        {0, "23", NULL, NULL, NULL},
        {0, "2", NULL, NULL, "lacks a key of ana that signed here"},
        {0, "023", NULL, NULL, "line 2: this key signed nothing here"},
        {0, "23", MARIA_FROM, MARIA_FROM ",valid-before=\"20270101000000Z\"", "line 2: the entries make it maria "},
    };
    struct bundle_made made;
    (void)state;
    for (size_t i = 0; i < 2 * (sizeof rows / sizeof rows[0]); i++) {
        const struct signers_row *row = &rows[i / 2];
        char name[32], kept[SCRATCH_PATH_BYTES];
        bool knows = i % 2 == 0, only_then = row->words != NULL && strstr(row->words, "nothing here") == NULL;
        snprintf(name, sizeof name, "kept-%zu", i);
        const struct verify_options on = {.state_dir = scratch_path(&scratch, name, kept)};
        if (knows) {
            bundle_made_take(&made, &book, 9);
            verify(&made, on);
            assert_good();
        }
        /* Once more where it was good: what was verified before is not asked who signed it. */
        for (int again = 0; again < (row->words == NULL ? 2 : 1); again++) {
            take(&made);
            bundle_made_extension(&made, 9);
            signers_add(&made, row);
            verify(&made, knows ? on : full);
            if (row->words != NULL && (knows || !only_then))
                assert_found(CHECK_BUNDLE, -1, row->words);
            else
                assert_good();
        }
    }
}

/* Somebody's key signed along with a clerk, which was refused: that makes it nobody's. */
static void a_signer_whom_nobody_enrolled(void **state)
{
    struct small_book stranger;
    struct bundle_made made;
    char kept[SCRATCH_PATH_BYTES];
    const struct signers_row row = {.order = "27"};
    const struct verify_options on = {.state_dir = scratch_path(&scratch, "kept-stranger", kept)};
    (void)state;
    small_book_make(&stranger);
    small_book_open(&stranger);
    json_t *document =
        json_pack("{s:s, s:o, s:s, s:s, s:s, s:s}", "channel", "cli", "key", small_book_key(&stranger, USER_ANA),
                  "kind", "key-revocation", "reason", "left", "ref", "kx-ana", "user", "ana");
    json_t *decision = small_book_document(&stranger, USER_MARIA, document, 1U << USER_WITNESS);
    assert_string_equal(member_text(decision, "outcome"), "refused");
    json_decref(decision);
    small_book_close(&stranger);
    bundle_made_take(&made, &stranger, SMALL_ENTRIES);
    verify(&made, on);
    assert_good();
    bundle_made_take(&made, &stranger, SMALL_ENTRIES + 1);
    bundle_made_extension(&made, SMALL_ENTRIES);
    signers_add(&made, &row);
    verify(&made, on);
    assert_found(CHECK_BUNDLE, -1, "allowed_signers: line 3: no entry enrolled this key");
    assert_int_equal(result.finding_count, 1);
    small_book_free(&stranger);
}

static void a_part_whose_keys_are_not_there_says_so(void **state)
{
    struct bundle_made made;
    (void)state;
    take(&made);
    bundle_made_part(&made, 1U | 1U << 9, document_scope);
    verify(&made, full);
    assert_found(CHECK_SIGNATURES, 9, "is not signed by a key of");
}

static void an_edited_entry_is_named(void **state)
{
    struct bundle_made made;
    (void)state;
    take(&made);
    bundle_made_change(&made, 9, "\"id\":\"s-", "\"id\":\"t-"); /* the manifest and the checkpoint as they were */
    verify(&made, full);
    assert_found(CHECK_SIGNATURES, 9, "signature does not cover these bytes");
    assert_found(CHECK_CHAIN, 9, "hash is not the one entry 10 was chained to");
    assert_found(CHECK_CHECKPOINTS, -1, "root differs from the checkpoint in checkpoint.note of 15, from entry 9 on");
    assert_int_equal(result.first_seq, 9);
    take(&made);
    bundle_made_change(&made, 9, "\"id\":\"s-", "\"id\":\"t-");
    bundle_made_part(&made, 0x7fff, document_scope);
    verify(&made, full);
    assert_found(CHECK_SIGNATURES, 9, "signature does not cover these bytes");
}

static void change_entries_hash(json_t *manifest)
{
    json_t *file = json_array_get(json_object_get(manifest, "files"), 1);
    json_object_set_new(file, "sha256",
                        json_string("00000000000000000000000000000000000000000000000000000000000000ff"));
}

static void an_entry_edited_in_a_part_breaks_the_proof(void **state)
{
    struct bundle_made made;
    (void)state;
    take(&made);
    bundle_made_part(&made, 0x421f, document_scope);
    bundle_made_change(&made, 2, "\"release\":\"", "\"release\":\"x");
    /* The proof is of the entries as they were. */
    verify(&made, full);
    assert_found(CHECK_BUNDLE, -1, "proof: with these entries it does not lead to the root of the checkpoint of 15");
    take(&made);
    made.edit = change_entries_hash;
    verify(&made, fast);
    assert_found(CHECK_BUNDLE, -1, "entries.jsonl: its bytes are not those that the manifest names by hash");
    assert_int_equal(result.finding_count, 1);
}

static void set_count_15(json_t *manifest)
{
    json_object_set_new(manifest, "entries", json_pack("{s:i, s:i, s:i}", "count", 15, "first", 0, "last", 14));
}

static void set_all_since_9(json_t *manifest)
{
    json_object_set_new(manifest, "entries", json_pack("{s:i, s:i, s:i}", "count", 6, "first", 9, "last", 14));
}

static void dropped_swapped_doubled_inserted(void **state)
{
    struct bundle_made made;
    (void)state;
    take(&made);
    bundle_made_drop(&made, 6);
    made.edit = set_count_15;
    verify(&made, fast);
    assert_found(CHECK_ENTRIES, 6, "is missing");
    assert_found(CHECK_CHECKPOINTS, -1, "cannot be compared: entry 6 is missing");
    assert_found(CHECK_ENTRIES, -1, "entries.jsonl: has 14 entries, the manifest says 15 up to 14");

    take(&made);
    bundle_made_drop(&made, 6); /* and the manifest agrees */
    verify(&made, fast);
    assert_found(CHECK_BUNDLE, -1, "a bundle of the book has all 15, this one has 14");
    assert_false(result.complete);

    take(&made);
    char *line = made.lines[4];
    made.lines[4] = made.lines[5];
    made.lines[5] = line;
    verify(&made, fast);
    assert_found(CHECK_ENTRIES, 5, "stands before entry 4, in line 5 of entries.jsonl");
    assert_int_equal(result.finding_count, 1);

    take(&made);
    bundle_made_insert(&made, 8, made.lines[7]);
    made.edit = set_count_15;
    verify(&made, fast);
    assert_found(CHECK_ENTRIES, 7, "stands again, or behind entry 7, in line 9 of entries.jsonl");
    assert_int_equal(result.entries, SMALL_ENTRIES);

    take(&made);
    bundle_made_insert(&made, 8, made.lines[7]);
    bundle_made_change(&made, 8, "\"seq\":7", "\"seq\":8"); /* in the place of another */
    made.edit = set_count_15;
    verify(&made, fast);
    assert_found(CHECK_CHAIN, 8, "");
    assert_found(CHECK_ENTRIES, 8, "stands again, or behind entry 8, in line 10 of entries.jsonl");

    take(&made);
    bundle_made_insert(&made, 15, made.lines[14]);
    bundle_made_change(&made, 15, "\"seq\":14", "\"seq\":15"); /* at the end */
    made.edit = set_count_15;
    verify(&made, fast);
    assert_found(CHECK_ENTRIES, 15, "is in line 16 of entries.jsonl, beyond what the manifest says");
}

static void an_entry_that_calls_itself_otherwise(void **state)
{
    struct bundle_made made;
    (void)state;
    for (size_t at = 3; at <= LAST; at += LAST - 3) {
        char from[16];
        take(&made);
        snprintf(from, sizeof from, "\"seq\":%zu,\"sig", at);
        bundle_made_change(&made, at, from, "\"seq\":999,\"sig");
        verify(&made, fast);
        assert_found(CHECK_ENTRIES, (int64_t)at, "calls itself entry 999");
        assert_int_equal(result.entries, SMALL_ENTRIES);
    }
}

static void lines_that_are_no_entries(void **state)
{
    struct bundle_made made;
    (void)state;
    take(&made);
    bundle_made_insert(&made, 3, "");
    made.edit = set_count_15;
    verify(&made, fast);
    assert_found(CHECK_ENTRIES, 3, "");
    take(&made);
    free(made.lines[14]);
    made.lines[14] = strdup("{\"seq\":");
    verify(&made, fast);
    assert_found(CHECK_ENTRIES, 14, "");
    take(&made);
    bundle_made_part(&made, 0x1f, document_scope);
    free(made.lines[4]);
    made.lines[4] = strdup("not JSON at all");
    verify(&made, fast);
    assert_found(CHECK_ENTRIES, -1, "entries.jsonl:5: is no entry with a number");
}

static void cut_off(void **state)
{
    struct bundle_made made;
    char path[SCRATCH_PATH_BYTES];
    (void)state;
    take(&made);
    snprintf(path, sizeof path, "%s", verify(&made, fast));
    assert_good();
    scratch_run(&scratch, "truncate -s -1 '%s/entries.jsonl'", path);
    verify_again(path, fast);
    assert_found(CHECK_ENTRIES, -1, "entries.jsonl:15: does not end in a newline: it is cut off");
    assert_found(CHECK_BUNDLE, -1, "entries.jsonl: has ");
    scratch_run(&scratch, "truncate -s 2000 '%s/entries.jsonl'", path);
    verify_again(path, fast);
    assert_found(CHECK_ENTRIES, -1, "the manifest says 15 up to 14");
    scratch_run(&scratch, "truncate -s 0 '%s/entries.jsonl'", path);
    verify_again(path, full);
    assert_found(CHECK_ENTRIES, -1, "entries.jsonl: has 0 entries");
    scratch_run(&scratch, "truncate -s 100M '%s/entries.jsonl'", path);
    verify_again(path, full);
    assert_found(CHECK_ENTRIES, -1, "entries.jsonl:1: is longer than an entry can be");
}

/* The chain, the tree and the checkpoint made to fit again, by somebody who has no key of the book. */
static void chained_anew(void **state)
{
    struct bundle_made made;
    struct small_book forged;
    size_t length = 0;
    (void)state;
    small_book_make(&forged);
    char *bytes = raw_entry(&forged, 9, &length), *place = strstr(bytes, "\"id\":\"s-");
    assert_non_null(place);
    place[6] = 't';
    raw_entry_put(&forged, 9, bytes, length);
    raw_rechain(&forged, 9, SMALL_ENTRIES);
    bundle_made_take(&made, &forged, SMALL_ENTRIES);
    bundle_made_sign(&made, USER_MARIA, false);
    verify(&made, full);
    assert_found(CHECK_SIGNATURES, 9, "signature does not cover these bytes");
    assert_found(CHECK_CHECKPOINTS, -1, "is not signed by a key of this book, under its origin");
    /* And with the book's own key: the one entry, and what was decided after it. */
    bundle_made_take(&made, &forged, SMALL_ENTRIES);
    verify(&made, full);
    assert_found(CHECK_SIGNATURES, 9, "signature does not cover these bytes");
    free(bytes);
    small_book_free(&forged);
}

static void another_book_or_packer_than_asked_for(void **state)
{
    struct bundle_made made;
    char key[PUBLIC_KEY_TEXT_MAX];
    static const char other[] = "00000000000000000000000000000000000000000000000000000000000000aa";
    (void)state;
    sshkey_format(&book.signers[USER_MARIA].key, key);
    take(&made);
    const char *dir = verify(&made, (struct verify_options){.fast = true, .book = other});
    assert_found(CHECK_ENTRIES, 0, other);
    assert_found(CHECK_BUNDLE, -1,
                 "and 00000000000000000000000000000000000000000000000000000000000000aa was asked for");
    verify_again(dir, (struct verify_options){.fast = true, .book = book.id});
    assert_good();
    verify_again(dir, (struct verify_options){.fast = true, .packer = key});
    assert_found(CHECK_BUNDLE, -1, "MANIFEST.json: was packed by key SHA256:");
    sshkey_format(&book.signers[USER_ANA].key, key);
    verify_again(dir, (struct verify_options){.fast = true, .packer = key});
    assert_good();
}

/* An older copy is good by itself: only what is kept outside shows it. */
static void older_copies_and_forks_against_what_was_kept(void **state)
{
    struct bundle_made made, today;
    struct note_key ours, witness;
    char kept[2048], older[SCRATCH_PATH_BYTES];
    (void)state;
    small_book_keys(&book, &ours, &witness);
    bundle_made_take(&today, &book, SMALL_ENTRIES);
    bundle_made_sign(&today, USER_BOOK, true);
    snprintf(kept, sizeof kept, "%s", today.note);
    bundle_made_free(&today);
    const struct verify_note note = {.name = "kept.note", .bytes = slice_of(kept, strlen(kept))};
    bundle_made_take(&made, &book, 12);
    snprintf(older, sizeof older, "%s", verify(&made, full));
    assert_good();
    verify_again(older, (struct verify_options){.notes = &note, .note_count = 1});
    assert_found(
        CHECK_CHECKPOINTS, -1,
        "the checkpoint in kept.note is of 15 entries, the journal has 12: its end is cut off, or it was put back");
    verify_again(older, (struct verify_options){.fast = true, .witnesses = &witness, .witness_count = 1});
    assert_found(CHECK_CHECKPOINTS, -1, "no good checkpoint bears the cosignature of");
    /* Another end, signed by the book. */
    take(&made);
    bundle_made_change(&made, LAST, "\"release\":\"", "\"release\":\"x");
    bundle_made_sign(&made, USER_BOOK, false);
    verify(&made, (struct verify_options){.fast = true, .notes = &note, .note_count = 1});
    assert_found(CHECK_CHECKPOINTS, -1, "root differs from the checkpoint in kept.note of 15");
    char first[2048]; /* up to entry 9 it was the same */
    bundle_made_take(&made, &book, 9);
    snprintf(first, sizeof first, "%s", made.note);
    bundle_made_free(&made);
    take(&made);
    bundle_made_change(&made, LAST, "\"release\":\"", "\"release\":\"x");
    bundle_made_sign(&made, USER_BOOK, false);
    bundle_made_file(&made, "checkpoints/000000-9.note", first, true);
    verify(&made, (struct verify_options){.fast = true, .notes = &note, .note_count = 1});
    assert_found(CHECK_CHECKPOINTS, -1,
                 "root differs from the checkpoint in kept.note of 15, somewhere from entry 9 on");
    take(&made); /* and a part of that other book */
    bundle_made_change(&made, LAST, "\"release\":\"", "\"release\":\"x");
    bundle_made_sign(&made, USER_BOOK, false);
    bundle_made_part(&made, 0x1f, document_scope);
    verify(&made, (struct verify_options){.fast = true, .notes = &note, .note_count = 1});
    assert_found(CHECK_CHECKPOINTS, -1, "root differs from the checkpoint in kept.note of 15");
    /* A part is held against a checkpoint of its own size; one of another size is not compared, which is said. */
    take(&made);
    bundle_made_part(&made, 0x1f, document_scope);
    verify(&made, (struct verify_options){
                      .fast = true, .notes = &note, .note_count = 1, .witnesses = &witness, .witness_count = 1});
    assert_good();
    assert_int_equal(result.witnessed[0].size, SMALL_ENTRIES);
    bundle_made_take(&made, &book, 12);
    bundle_made_part(&made, 0x1f, document_scope);
    verify(&made, (struct verify_options){.fast = true, .notes = &note, .note_count = 1});
    assert_good();
    assert_int_equal(result.bundle.uncompared, 1);
}

static void spoil_manifest(const char *dir, const char *script)
{
    assert_int_equal(scratch_run(&scratch, "sed -i '%s' '%s/MANIFEST.json'", script, dir), 0);
}

static void manifests_that_were_altered(void **state)
{
    static const struct {
        const char *script, *words;
    } rows[] = {
        {"s/\"by\":\"ana\"/\"by\":\"bob\"/", "MANIFEST.json.sig: "},
        {"s/\"count\":15/\"count\":14/", "MANIFEST.json: entries: a bundle of the book has all 15, this one has 14"},
        {"s/\"bundle\":1/\"bundle\":2/", "MANIFEST.json: bundle: has to be an integer from 1 to 1"},
        {"s/{\"book\"/{ \"book\"/", "MANIFEST.json: "},
        {"s/\"sort\":\"book\"/\"sort\":\"books\"/", "scope.sort: is none of"},
        {"s/\"proof\":\\[\\]/\"proof\":[\"00\"]/", "proof[0]: '00' is not 64 lower-case hex digits"},
        {"s/entries.jsonl/..\\/..\\/x/", "files[1].name: '../../x' is no file of a bundle"},
        {"s/entries.jsonl/checkpoint.note/", "out of order, or there twice"},
        {"s/\"last\":14/\"last\":99/", "are not in a book of 15"},
        {"s/,\"origin\"/,\"oddity\":1,\"origin\"/", "oddity: a manifest has no such member"},
        {"$d", "MANIFEST.json: does not end in a newline"},
    };
    struct bundle_made made;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        take(&made);
        const char *dir = verify(&made, fast);
        spoil_manifest(dir, rows[i].script);
        verify_again(dir, fast);
        assert_found(CHECK_BUNDLE, -1, rows[i].words);
    }
    take(&made);
    const char *dir = verify(&made, fast);
    scratch_run(&scratch, "printf '\\0more' >>'%s/MANIFEST.json.sig'", dir);
    verify_again(dir, fast);
    assert_found(CHECK_BUNDLE, -1, "MANIFEST.json.sig: is no text");
    assert_false(result.bundle.is_signed);
    scratch_run(&scratch, "rm '%s/MANIFEST.json.sig'", dir);
    verify_again(dir, fast);
    assert_found(CHECK_BUNDLE, -1, "MANIFEST.json.sig: is missing");
    assert_false(result.bundle.is_signed);
    assert_true(result.complete); /* the rest is still looked at */
    scratch_run(&scratch, "rm '%s/MANIFEST.json'", dir);
    verify_again(dir, fast);
    assert_found(CHECK_BUNDLE, -1, "MANIFEST.json: is missing");
}

static void other_key(json_t *manifest)
{
    char key[PUBLIC_KEY_TEXT_MAX];
    sshkey_format(&book.signers[USER_MARIA].key, key);
    json_object_set_new(json_object_get(manifest, "made"), "key", json_string(key));
}

static void other_book(json_t *manifest)
{
    json_object_set_new(manifest, "book",
                        json_string("00000000000000000000000000000000000000000000000000000000000000aa"));
}

static void other_root(json_t *manifest)
{
    json_object_set_new(json_object_get(manifest, "checkpoint"), "root",
                        json_string("00000000000000000000000000000000000000000000000000000000000000aa"));
}

static void other_origin(json_t *manifest)
{
    json_object_set_new(manifest, "origin", json_string("example.org/other/0000000000000000/0"));
}

static void unlist(json_t *manifest, const char *name)
{
    json_t *files = json_object_get(manifest, "files");
    for (size_t i = json_array_size(files); i-- > 0;)
        if (strcmp(member_text(json_array_get(files, i), "name"), name) == 0)
            json_array_remove(files, i);
}

static void without_entries(json_t *manifest)
{
    unlist(manifest, "entries.jsonl");
}

static void without_note(json_t *manifest)
{
    unlist(manifest, "checkpoint.note");
}

static void shorter_proof(json_t *manifest)
{
    json_array_remove(json_object_get(manifest, "proof"), 0);
}

static void longer_proof(json_t *manifest)
{
    json_array_append(json_object_get(manifest, "proof"), json_array_get(json_object_get(manifest, "proof"), 0));
}

static void other_proof(json_t *manifest)
{
    json_array_set_new(json_object_get(manifest, "proof"), 0,
                       json_string("00000000000000000000000000000000000000000000000000000000000000aa"));
}

/* An extension by itself: no entry of it may be missing, and its proof leads to what it goes on from. */
static void an_extension_that_was_altered(void **state)
{
    static const struct {
        void (*edit)(json_t *manifest);
        const char *words;
    } rows[] = {
        {shorter_proof, "MANIFEST.json: proof: the proof has too few hashes"},
        {longer_proof, "MANIFEST.json: proof: the proof has too many hashes"},
        {other_proof, "does not lead to the root of the first 9 entries that scope.after names"},
        {NULL, NULL},
    };
    struct bundle_made made;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        take(&made);
        bundle_made_extension(&made, 9);
        made.edit = rows[i].edit;
        verify(&made, fast);
        if (rows[i].words != NULL)
            assert_found(CHECK_BUNDLE, -1, rows[i].words);
        else
            assert_good();
    }
    take(&made);
    bundle_made_extension(&made, 9);
    bundle_made_drop(&made, 2);
    made.edit = set_all_since_9;
    verify(&made, fast);
    assert_found(CHECK_ENTRIES, 11, "is missing, and entry 12 follows");
}

/* Signed by whoever packed it, and wrong. */
static void manifests_that_lie(void **state)
{
    static const struct {
        void (*edit)(json_t *manifest);
        bool part;
        const char *words;
    } rows[] = {
        {other_key, false, "MANIFEST.json.sig: is by key SHA256:"},
        {other_book, false, "and the charter makes book"},
        {other_root, false, "checkpoint.note: its root is not the one that the manifest says"},
        {other_origin, false, "checkpoint.note: its origin is"},
        {without_entries, false, "entries.jsonl: is not in the manifest's list, and no bundle is without"},
        {without_note, false, "checkpoint.note: is not in the manifest's list, and no bundle is without"},
        {other_root, true, "does not lead to the root of the checkpoint of 15"},
        {shorter_proof, true, "MANIFEST.json: proof: the proof has too few hashes"},
        {longer_proof, true, "MANIFEST.json: proof: the proof has too many hashes"},
        {other_proof, true, "does not lead to the root of the checkpoint of 15"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bundle_made made;
        take(&made);
        made.edit = rows[i].edit;
        if (rows[i].part)
            bundle_made_part(&made, 0x421f, document_scope);
        verify(&made, fast);
        assert_found(CHECK_BUNDLE, -1, rows[i].words);
    }
}

#define EVIDENCE "evidence/2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881" /* of "x" */
#define NOWHERE  "evidence/00000000000000000000000000000000000000000000000000000000000000aa"

static void say_missing(json_t *manifest)
{
    json_object_set_new(
        manifest, "missing",
        json_pack("[{s:s, s:s}, {s:s, s:s}]", "name", NOWHERE, "why", "absent", "name", EVIDENCE, "why", "left-out"));
}

/* Files beside the entries, and what the entries name. */
static void files_that_no_entry_names(void **state)
{
    struct bundle_made made;
    (void)state;
    take(&made);
    bundle_made_file(&made, EVIDENCE, "x", true);
    made.edit = say_missing;
    verify(&made, fast);
    assert_found(CHECK_BUNDLE, -1, EVIDENCE ": is named by no document here");
    assert_found(CHECK_BUNDLE, -1, "MANIFEST.json: missing: " NOWHERE " is named by no document here");
    assert_found(CHECK_BUNDLE, -1, "MANIFEST.json: missing: " EVIDENCE " is here");
    assert_int_equal(result.finding_count, 3);
    take(&made); /* another text of the policy than lies beside, as if an entry had brought it so */
    bundle_made_change(&made, 0, "\"yaml\":\"", "\"yaml\":\"AAAA");
    bundle_made_sign(&made, USER_BOOK, false);
    verify(&made, fast);
    assert_found(CHECK_BUNDLE, -1, ".yaml: is not the text that entry 0 brings");
}

static void files_that_differ(void **state)
{
    struct bundle_made made;
    (void)state;
    take(&made);
    bundle_made_file(&made, "README.txt", "A bundle.\n", true);
    bundle_made_file(&made, "allowed_signers", "maria key\n", true);
    bundle_made_file(&made, "evidence/00000000000000000000000000000000000000000000000000000000000000aa", "x", true);
    bundle_made_file(&made, "policies/00000000000000000000000000000000000000000000000000000000000000aa.json", "{}",
                     true);
    /* Of nothing here, but what their names say: with and without an LF. */
    bundle_made_file(&made, "policies/44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a.json", "{}",
                     true);
    bundle_made_file(&made, "policies/4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945.json", "[]\n",
                     true);
    bundle_made_file(&made, "extra.txt", "x", false);
    bundle_made_file(&made, "evidence/extra", "x", false);
    const char *dir = verify(&made, fast);
    assert_found(CHECK_BUNDLE, -1, "extra.txt: is in the folder, and not in the manifest's list");
    assert_found(CHECK_BUNDLE, -1, "evidence/extra: is in the folder, and not in the manifest's list");
    assert_found(CHECK_BUNDLE, -1, "its bytes are not those that its name is the hash of");
    assert_found(CHECK_BUNDLE, -1, "00aa.json: is not the policy that its name is the hash of");
    for (size_t i = 0; i < heard_count; i++)
        assert_true(strstr(heard[i].text, "is not the policy") == NULL || strstr(heard[i].text, "00aa.json") != NULL);
    scratch_run(&scratch, "cd '%s' && rm README.txt && echo longer >>allowed_signers && mkdir more && mkfifo pipe",
                dir);
    verify_again(dir, fast);
    assert_found(CHECK_BUNDLE, -1, "README.txt: is missing");
    assert_found(CHECK_BUNDLE, -1, "allowed_signers: has 17 bytes, the manifest says 10");
    assert_found(CHECK_BUNDLE, -1, "more: is in the folder, and not in the manifest's list");
    assert_found(CHECK_BUNDLE, -1, "pipe: is in the folder, and not in the manifest's list");
    scratch_run(&scratch, "cd '%s' && echo 'maria kez' >allowed_signers && ln -s /etc/passwd README.txt", dir);
    verify_again(dir, fast);
    assert_found(CHECK_BUNDLE, -1, "allowed_signers: its bytes are not those that the manifest names by hash");
    assert_found(CHECK_BUNDLE, -1, "README.txt: is no regular file: links are no part of a bundle");
    scratch_run(&scratch, "cd '%s' && rm README.txt && mkfifo README.txt", dir);
    verify_again(dir, fast); /* and nobody waits for the other end */
    assert_found(CHECK_BUNDLE, -1, "README.txt: is no regular file");
    scratch_run(&scratch, "cd '%s' && rm entries.jsonl && mkfifo entries.jsonl", dir);
    verify_again(dir, fast);
    assert_found(CHECK_ENTRIES, -1, "entries.jsonl: is no regular file");
    assert_false(result.complete);
}

static void checkpoints_that_were_altered(void **state)
{
    struct bundle_made made;
    struct note_key ours, witness;
    char issued[2048];
    (void)state;
    small_book_keys(&book, &ours, &witness);
    const struct verify_options with = {.fast = true, .witnesses = &witness, .witness_count = 1};
    take(&made);
    bundle_made_sign(&made, USER_BOOK, true);
    verify(&made, with);
    assert_good();
    assert_int_equal(result.witnessed[0].size, SMALL_ENTRIES);
    take(&made);
    bundle_made_sign(&made, USER_BOOK, true);
    size_t end = strlen(made.note) - 10;
    made.note[end] = made.note[end] == 'A' ? 'B' : 'A'; /* in the cosignature */
    verify(&made, with);
    assert_found(CHECK_CHECKPOINTS, -1, "the checkpoint in checkpoint.note of 15");
    take(&made);
    char *line = strstr(made.note, "\n\n");
    line[-5] = line[-5] == 'A' ? 'B' : 'A'; /* in the root */
    verify(&made, fast);
    assert_found(CHECK_BUNDLE, -1, "checkpoint.note: its root is not the one that the manifest says");
    assert_found(CHECK_CHECKPOINTS, -1, "the checkpoint in checkpoint.note: ");
    take(&made);
    snprintf(made.note, sizeof made.note, "no note\n");
    verify(&made, fast);
    assert_found(CHECK_BUNDLE, -1, "checkpoint.note: ");
    take(&made);
    const char *dir = verify(&made, fast);
    scratch_run(&scratch, "rm '%s/checkpoint.note'", dir);
    verify_again(dir, fast); /* told once, with the files */
    assert_found(CHECK_BUNDLE, -1, "checkpoint.note: is missing");
    for (size_t i = 0, told = 0; i < heard_count; i++) {
        told += heard[i].check == CHECK_BUNDLE && strstr(heard[i].text, "checkpoint.note: ") != NULL;
        assert_true(told <= 1);
    }
    /* Issued checkpoints: named by number and size. */
    bundle_made_take(&made, &book, 9);
    snprintf(issued, sizeof issued, "%s", made.note);
    bundle_made_free(&made);
    take(&made);
    bundle_made_file(&made, "checkpoints/000000-9.note", issued, true);
    bundle_made_file(&made, "checkpoints/000001-15.note", made.note, true);
    verify(&made, fast);
    assert_good();
    assert_int_equal(result.checkpoints, 2);
    take(&made);
    bundle_made_file(&made, "checkpoints/000001-8.note", issued, true);
    verify(&made, fast);
    assert_found(CHECK_BUNDLE, -1, "checkpoints/000001-8.note: checkpoint number 0 is missing before it");
    assert_found(CHECK_CHECKPOINTS, -1, "checkpoints/000001-8.note: is of 9 entries");
    take(&made);
    bundle_made_file(&made, "checkpoints/000000-16.note", issued, true);
    verify(&made, fast);
    assert_found(CHECK_BUNDLE, -1, "checkpoints/000000-16.note: is of more entries than the bundle's own checkpoint");
    take(&made);
    char *letter = &issued[strlen(issued) - 20];
    *letter = *letter == 'A' ? 'B' : 'A';
    bundle_made_file(&made, "checkpoints/000000-9.note", issued, true);
    verify(&made, fast);
    assert_found(CHECK_CHECKPOINTS, -1, "the checkpoint in checkpoints/000000-9.note: ");
    take(&made);
    bundle_made_part(&made, 0x1f, document_scope);
    bundle_made_file(&made, "checkpoints/000000-15.note", made.note, true);
    verify(&made, fast);
    assert_found(CHECK_BUNDLE, -1, "checkpoints/000000-15.note: stands only where the whole book is packed");
}

/* A key signs for the entries before the one that retires it, and its successor from there on. */
static void a_retired_book_key_signs_no_more(void **state)
{
    static const struct {
        uint64_t size;
        enum small_user by;
        const char *trouble;
    } notes[] = {{SMALL_ENTRIES + 1, USER_BOOK, NULL},
                 {SMALL_ENTRIES + 1, USER_WITNESS, "is not signed by a key of this book"},
                 {SMALL_ENTRIES + 2, USER_BOOK, "is signed by a key that was no book key at 17 entries"},
                 {SMALL_ENTRIES + 2, USER_WITNESS, NULL}};
    struct small_book rotated;
    struct bundle_made made;
    (void)state;
    small_book_make(&rotated);
    small_book_open(&rotated);
    json_t *decision = small_book_document(&rotated, USER_OFFICER_1,
                                           json_pack("{s:s, s:s, s:o, s:s, s:o}", "channel", "cli", "kind", "book-key",
                                                     "key", small_book_key(&rotated, USER_WITNESS), "ref", "BK-1",
                                                     "retires", small_book_key(&rotated, USER_BOOK)),
                                           1U << USER_WITNESS);
    const char *number = member_text(json_array_get(json_object_get(decision, "results"), 0), "document");
    assert_non_null(number);
    json_decref(small_book_act(&rotated, USER_OFFICER_2, VERB_APPROVE, number, 1));
    json_decref(decision);
    small_book_close(&rotated);
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        bundle_made_take(&made, &rotated, notes[i].size);
        bundle_made_sign(&made, notes[i].by, false);
        verify(&made, fast);
        if (notes[i].trouble == NULL)
            assert_good();
        else
            assert_found(CHECK_CHECKPOINTS, -1, notes[i].trouble);
    }
    small_book_free(&rotated);
}

static void not_a_bundle(void **state)
{
    char path[SCRATCH_PATH_BYTES];
    struct err err = {.status = STATUS_OK};
    (void)state;
    assert_int_equal(run_on(scratch_path(&scratch, "nothing", path), fast, &err), STATUS_NOT_FOUND);
    scratch_write(&scratch, "a-file", "x", 1);
    assert_int_equal(run_on(scratch_path(&scratch, "a-file", path), fast, &err), STATUS_INPUT);
    assert_non_null(strstr(err.text, "is no folder; a bundle is one, with a file MANIFEST.json in it"));
    const struct verify_options many = {.fast = true, .note_count = VERIFY_NOTES_MAX};
    assert_int_equal(run_on(path, many, &err), STATUS_LIMIT);
    assert_string_equal(err.text, "at most 100 checkpoints can be given");
    assert_int_equal(run_on("/proc/self", fast, &err), STATUS_OK);
    assert_found(CHECK_BUNDLE, -1, "MANIFEST.json: is missing");
}

/* The child holds no more memory than it may: what is too much is an error of the environment, or the end of the child. */
static void a_child_verifies(void **state)
{
    struct bundle_made made;
    struct err err = {.status = STATUS_OK};
    (void)state;
    take(&made);
    struct verify_options options = {.bundle_dir = verify(&made, full),
                                     .scratch_dir = scratch.path,
                                     .report = hear,
                                     .memory_max = SANITIZED ? 0 : (uint64_t)1 << 30};
    heard_count = 0;
    assert_int_equal(child_verify(&options, verify_bundle, &result, &err), STATUS_OK);
    assert_good();
    options.memory_max = 1 << 20;
    if (SANITIZED)
        return;
    enum status status = child_verify(&options, verify_bundle, &result, &err);
    assert_true(status == STATUS_MEMORY || status == STATUS_IO || !result.complete);
}

static int begin(void **state)
{
    (void)state;
    scratch_open(&scratch);
    small_book_make(&book);
    return 0;
}

static int end(void **state)
{
    (void)state;
    small_book_free(&book);
    scratch_close(&scratch);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_book_is_good),
        cmocka_unit_test(parts_show_that_they_are_in_the_book),
        cmocka_unit_test(reasons_are_held_against_the_entries),
        cmocka_unit_test(a_period_is_of_its_days),
        cmocka_unit_test(every_entry_has_a_reason),
        cmocka_unit_test(signers_are_those_that_the_entries_make),
        cmocka_unit_test(ends_of_keys_are_not_put_off),
        cmocka_unit_test(signers_of_what_came_since),
        cmocka_unit_test(a_signer_whom_nobody_enrolled),
        cmocka_unit_test(a_part_whose_keys_are_not_there_says_so),
        cmocka_unit_test(an_edited_entry_is_named),
        cmocka_unit_test(an_entry_edited_in_a_part_breaks_the_proof),
        cmocka_unit_test(dropped_swapped_doubled_inserted),
        cmocka_unit_test(an_entry_that_calls_itself_otherwise),
        cmocka_unit_test(lines_that_are_no_entries),
        cmocka_unit_test(cut_off),
        cmocka_unit_test(chained_anew),
        cmocka_unit_test(another_book_or_packer_than_asked_for),
        cmocka_unit_test(older_copies_and_forks_against_what_was_kept),
        cmocka_unit_test(manifests_that_were_altered),
        cmocka_unit_test(an_extension_that_was_altered),
        cmocka_unit_test(manifests_that_lie),
        cmocka_unit_test(files_that_no_entry_names),
        cmocka_unit_test(files_that_differ),
        cmocka_unit_test(checkpoints_that_were_altered),
        cmocka_unit_test(a_retired_book_key_signs_no_more),
        cmocka_unit_test(not_a_bundle),
        cmocka_unit_test(a_child_verifies),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
