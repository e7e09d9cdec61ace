/*
 * What a draw takes from a journal: which checkpoint counts after a seed, what a sealed seed hides, where the population ends, and
 * what stands on record of the seed (SAMPLING.md section 2).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/sample/read.h"
#include "controls/issue.h"
#include "ledger/checkpoint.h"
#include "tests/support/company.h"

enum { NOTE_BYTES = 4096, NOTES_MAX = 4, COSIGNED_AT = 1767225600 };

#define SECRET "three numbers from three phones"

/*
 * One credit note, two seeds and two credit notes between them, and checkpoints:
 *   n      SE-1, open       checkpoint of n cosigned before it, of n+1 by the book alone
 *   n+1    a credit note    n+2 cosigned
 *   n+2    a credit note    n+3 cosigned
 *   n+3    SE-2, sealed     n+4 cosigned
 */
struct book {
    struct company company;
    struct note_key witness, stranger;
    uint8_t witness_secret[NOTE_SECRET_KEY_BYTES];
    uint64_t n;
    char before[NOTE_BYTES], bare[NOTE_BYTES], first[NOTE_BYTES], second[NOTE_BYTES], sealed[NOTE_BYTES];
};

static struct book book;
static struct err err;

static void key_make(uint8_t byte, const char *name, struct note_key *ret_key, uint8_t *ret_secret)
{
    uint8_t seed[32], public[NOTE_PUBLIC_KEY_BYTES];
    memset(seed, byte, sizeof seed);
    crypto_sign_seed_keypair(public, ret_secret, seed);
    assert_int_equal(note_key_init(NOTE_COSIGNATURE, name, public, ret_key, &err), STATUS_OK);
}

static void cosign(char *note)
{
    struct note parsed;
    char line[NOTE_LINE_TEXT_MAX];
    const struct note_cosigner cosigner = {
        .key = &book.witness, .secret_key = book.witness_secret, .seconds = COSIGNED_AT};
    assert_int_equal(note_parse(note, strlen(note), &parsed, &err), STATUS_OK);
    assert_int_equal(note_cosign(parsed.text, parsed.text_length, &cosigner, line, &err), STATUS_OK);
    strcat(note, line);
}

static void issue(char ret_note[static NOTE_BYTES])
{
    struct checkpoint checkpoint;
    assert_int_equal(issue_checkpoint(book.company.gate, &company_user(&book.company, "book-key")->signer, &checkpoint,
                                      ret_note, &err),
                     STATUS_OK);
}

static void on_record(json_t *document)
{
    json_t *result = company_submit(&book.company, "audrey", document);
    assert_string_equal(result_outcome(result), "in-force");
    json_decref(result);
}

static void seed(const char *text)
{
    json_t *document = company_document(&book.company, "seed");
    company_with(document, "seed", json_string(text));
    on_record(company_with(document, "purpose", json_string("credit notes of the quarter")));
}

static void credit(const char *amount)
{
    free(company_post(&book.company, "maria", company_credit_note(&book.company, "10442", "40251", amount), 0));
}

static int setup(void **state)
{
    struct hash hidden;
    char text[8 + HASH_HEX_CHARS] = "sha256:";
    uint8_t unused[NOTE_SECRET_KEY_BYTES];
    (void)state;
    key_make(0x20, "witness.example/w1", &book.witness, book.witness_secret);
    key_make(0x30, "witness.example/w2", &book.stranger, unused);
    book.company = (struct company){.dir = ""};
    company_open(&book.company, NULL);
    credit("10.00");
    issue(book.before);
    cosign(book.before);
    book.n = company_head(&book.company).size;
    seed("17 4 1");
    issue(book.bare);
    credit("20.00");
    issue(book.first);
    cosign(book.first);
    credit("30.00");
    issue(book.second);
    cosign(book.second);
    hash_of(SECRET, strlen(SECRET), &hidden);
    hash_to_hex(&hidden, text + 7);
    seed(text);
    issue(book.sealed);
    cosign(book.sealed);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    company_close(&book.company);
    return 0;
}

/* A reading of the seed with the witness; members left zero are the usual ones. */
struct asked {
    const char *seed, *reveal;
    const char *notes[NOTES_MAX];
    bool own, by_stranger;
    uint64_t before;
};

static enum status ask(const struct asked *asked, struct sample_basis *ret_basis)
{
    static const char *const kind = "credit-note";
    const struct sample_filter filter = {.kinds = {.words = &kind, .count = 1}};
    struct verify_note notes[NOTES_MAX];
    struct sample_request request = {.journal = gate_books(book.company.gate)->journal,
                                     .seed = asked->seed,
                                     .reveal = asked->reveal,
                                     .before = asked->before,
                                     .witnesses = asked->by_stranger ? &book.stranger : &book.witness,
                                     .witness_count = 1,
                                     .notes = notes,
                                     .own_checkpoint = asked->own,
                                     .filter = &filter};
    for (; request.note_count < NOTES_MAX && asked->notes[request.note_count] != NULL; request.note_count++)
        notes[request.note_count] = (struct verify_note){
            .name = "brought",
            .bytes = slice_of(asked->notes[request.note_count], strlen(asked->notes[request.note_count]))};
    err.text[0] = '\0';
    return sample_read(&request, ret_basis, &err);
}

/* "n+2 cosigned: CN-1" */
static void counts(struct asked asked, const char *expected)
{
    struct sample_basis basis;
    char text[256], id[SAMPLE_ID_BYTES];
    enum status status = ask(&asked, &basis);
    if (status != STATUS_OK)
        fail_msg("%s: %s", expected, err.text);
    int used = snprintf(text, sizeof text, "n+%d%s%s:", (int)(basis.size - book.n), basis.cosigned ? " by " : "",
                        basis.witness);
    for (size_t i = 0; i < basis.population.count; i++) {
        sample_item_id(&basis.population, &basis.population.items[i], id);
        used += snprintf(text + used, sizeof text - (size_t)used, " %s", id);
    }
    assert_string_equal(text, expected);
    assert_int_equal(basis.cosigned_s, basis.cosigned ? COSIGNED_AT : 0);
    sample_basis_done(&basis);
}

static void refused(struct asked asked, enum status expected, const char *words)
{
    struct sample_basis basis;
    enum status status = ask(&asked, &basis);
    if (status != expected || strstr(err.text, words) == NULL)
        fail_msg("%s, and not %s: %s: %s", status_name(status), status_name(expected), words, err.text);
}

static void the_smallest_after_the_seed_counts(void **state)
{
    struct sample_basis one, other;
    char cosigned[NOTE_BYTES];
    (void)state;
    counts((struct asked){.seed = "SE-1", .notes = {book.before, book.second, book.first}},
           "n+2 by witness.example/w1: CN-1");
    counts((struct asked){.seed = "SE-1", .notes = {book.first, book.second}}, "n+2 by witness.example/w1: CN-1");
    counts((struct asked){.seed = "SE-1", .notes = {book.second}}, "n+3 by witness.example/w1: CN-1");
    /* The book's own where that will do, with or without a cosignature. */
    counts((struct asked){.seed = "SE-1", .own = true}, "n+1: CN-1");
    counts((struct asked){.seed = "SE-1", .own = true, .notes = {book.first}}, "n+1: CN-1");
    memcpy(cosigned, book.bare, sizeof cosigned);
    cosign(cosigned);
    counts((struct asked){.seed = "SE-1", .own = true, .notes = {cosigned}}, "n+1 by witness.example/w1: CN-1");
    counts((struct asked){.seed = "SE-1", .notes = {cosigned, book.first}}, "n+1 by witness.example/w1: CN-1");
    /* Another root, another draw. */
    assert_int_equal(ask(&(struct asked){.seed = "SE-1", .notes = {book.first}}, &one), STATUS_OK);
    assert_int_equal(ask(&(struct asked){.seed = "SE-1", .notes = {book.second}}, &other), STATUS_OK);
    assert_false(hash_equal(&one.draw, &other.draw));
    assert_string_equal(one.seed, "17 4 1");
    assert_string_equal(one.actor, "audrey");
    assert_int_equal(one.before, book.n);
    sample_basis_done(&one);
    sample_basis_done(&other);
}

static void without_one_nothing_is_drawn(void **state)
{
    (void)state;
    refused((struct asked){.seed = "SE-1"}, STATUS_NOT_FOUND, "bears a cosignature of a witness that was brought");
    refused((struct asked){.seed = "SE-1", .notes = {book.before}}, STATUS_NOT_FOUND, "bears a cosignature");
    refused((struct asked){.seed = "SE-1", .notes = {book.bare}}, STATUS_NOT_FOUND, "bears a cosignature");
    refused((struct asked){.seed = "SE-1", .notes = {book.first}, .by_stranger = true}, STATUS_NOT_FOUND,
            "bears a cosig");
    refused((struct asked){.seed = "SE-9", .notes = {book.first}}, STATUS_NOT_FOUND, "there is no seed SE-9");
    refused((struct asked){.seed = "CN-1", .notes = {book.first}}, STATUS_NOT_FOUND, "there is no seed CN-1");
    refused((struct asked){.seed = "SE-1", .notes = {"x"}}, STATUS_INPUT, "--checkpoint brought: ");
}

/* The witness's name under something else, a root that the entries do not have, more entries than there are. */
static void what_is_forged_is_named(void **state)
{
    char forged[NOTE_BYTES], signed_anew[CHECKPOINT_NOTE_MAX];
    struct checkpoint own;
    struct note parsed;
    struct note_key key;
    const struct signer *ours = &company_user(&book.company, "book-key")->signer;
    const struct signer *olga = &company_user(&book.company, "olga")->signer;
    (void)state;
    memcpy(forged, book.first, sizeof forged);
    char *last = forged + strlen(forged) - 5;
    *last = *last == 'A' ? 'B' : 'A';
    refused((struct asked){.seed = "SE-1", .notes = {forged}}, STATUS_SIGNATURE, "bears the name of the witness");
    assert_int_equal(note_parse(book.first, strlen(book.first), &parsed, &err), STATUS_OK);
    assert_int_equal(checkpoint_parse(parsed.text, parsed.text_length, &own, &err), STATUS_OK);
    assert_int_equal(note_key_init(NOTE_ED25519, own.origin, ours->key.ed25519, &key, &err), STATUS_OK);
    own.head.root.bytes[7] ^= 1;
    assert_int_equal(checkpoint_sign_by(&own, &key, ours, signed_anew, &err), STATUS_OK);
    strcpy(forged, signed_anew);
    cosign(forged);
    refused((struct asked){.seed = "SE-1", .notes = {forged}}, STATUS_CORRUPT, "names another root");
    own.head.root.bytes[7] ^= 1;
    own.head.size = book.n + 100;
    assert_int_equal(checkpoint_sign_by(&own, &key, ours, signed_anew, &err), STATUS_OK);
    strcpy(forged, signed_anew);
    cosign(forged);
    refused((struct asked){.seed = "SE-1", .notes = {forged}}, STATUS_CORRUPT, "its end is cut off");
    own.head.size = book.n + 2;
    assert_int_equal(note_key_init(NOTE_ED25519, own.origin, olga->key.ed25519, &key, &err), STATUS_OK);
    assert_int_equal(checkpoint_sign_by(&own, &key, olga, signed_anew, &err), STATUS_OK);
    strcpy(forged, signed_anew);
    cosign(forged);
    refused((struct asked){.seed = "SE-1", .notes = {forged}}, STATUS_NOT_FOUND, "is not signed by a key of this book");
}

static void a_sealed_seed_wants_what_it_hides(void **state)
{
    struct sample_basis open, revealed;
    (void)state;
    counts((struct asked){.seed = "SE-2", .reveal = SECRET, .notes = {book.sealed}},
           "n+4 by witness.example/w1: CN-1 CN-2 CN-3");
    refused((struct asked){.seed = "SE-2", .notes = {book.sealed}}, STATUS_INPUT, "--reveal gives the text");
    refused((struct asked){.seed = "SE-2", .reveal = "guessed", .notes = {book.sealed}}, STATUS_INPUT,
            "is not what the seed");
    refused((struct asked){.seed = "SE-1", .reveal = SECRET, .notes = {book.first}}, STATUS_INPUT, "nothing to reveal");
    assert_int_equal(ask(&(struct asked){.seed = "SE-2", .reveal = SECRET, .notes = {book.sealed}}, &revealed),
                     STATUS_OK);
    assert_int_equal(ask(&(struct asked){.seed = "SE-1", .notes = {book.sealed}}, &open), STATUS_OK);
    assert_true(revealed.sealed);
    assert_false(open.sealed);
    sample_basis_done(&revealed);
    sample_basis_done(&open);
}

static void without_a_seed_a_place_ends_the_population(void **state)
{
    struct sample_basis basis;
    (void)state;
    const struct {
        uint64_t before, expected;
        size_t count;
    } rows[] = {{book.n, book.n, 1},
                {book.n + 1, book.n + 1, 1},
                {book.n + 2, book.n + 2, 2},
                {UINT64_MAX, company_head(&book.company).size, 3}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(ask(&(struct asked){.before = rows[i].before}, &basis), STATUS_OK);
        assert_int_equal(basis.before, rows[i].expected);
        assert_int_equal(basis.population.count, rows[i].count);
        assert_false(basis.seeded);
        sample_basis_done(&basis);
    }
}

static void test_run(const char *control, char digit)
{
    char result[HASH_HEX_CHARS + 1] = "";
    memset(result, digit, HASH_HEX_CHARS);
    json_t *document = company_document(&book.company, "test-run");
    company_with(document, "control", json_string(control));
    company_with(document, "from", json_integer(0));
    company_with(document, "to", json_integer((json_int_t)book.n - 1));
    company_with(document, "count", json_integer(1));
    on_record(company_with(document, "result", json_string(result)));
}

/* The last two: they add to the book. */
static void draws_on_record_are_told(void **state)
{
    struct sample_basis basis;
    (void)state;
    test_run("sample SE-1", 'a');
    test_run("sample SE-2", 'b');
    test_run("C-45", 'c');
    for (int i = 0; i < SAMPLE_USES_MAX; i++)
        test_run("sample SE-1", 'd');
    assert_int_equal(ask(&(struct asked){.seed = "SE-1", .notes = {book.first}}, &basis), STATUS_OK);
    assert_int_equal(basis.use_count, SAMPLE_USES_MAX);
    assert_int_equal(basis.uses[0].entry, book.n + 4);
    assert_int_equal(basis.uses[0].result[0], 'a');
    assert_int_equal(basis.uses[1].entry, book.n + 7);
    sample_basis_done(&basis);
    assert_int_equal(ask(&(struct asked){.seed = "SE-2", .reveal = SECRET, .notes = {book.sealed}}, &basis), STATUS_OK);
    assert_int_equal(basis.use_count, 1);
    sample_basis_done(&basis);
}

static void a_seal_is_a_hash(void **state)
{
    (void)state;
    seed("sha256:0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF");
    refused((struct asked){.seed = "SE-3", .reveal = SECRET, .notes = {book.sealed}}, STATUS_INPUT,
            "SE-3: after sha256: 64 lower-case hex digits have to follow");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_smallest_after_the_seed_counts),
        cmocka_unit_test(without_one_nothing_is_drawn),
        cmocka_unit_test(what_is_forged_is_named),
        cmocka_unit_test(a_sealed_seed_wants_what_it_hides),
        cmocka_unit_test(without_a_seed_a_place_ends_the_population),
        cmocka_unit_test(draws_on_record_are_told),
        cmocka_unit_test(a_seal_is_a_hash),
    };
    return sodium_init() < 0 || cmocka_run_group_tests(tests, setup, teardown) != 0;
}
