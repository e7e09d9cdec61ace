/*
 * What an auditor takes away: exports that a second reader agrees with, receipts that verify, and the commands that say so.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "audit/prove.h"
#include "audit/verify/decision_diff.h"
#include "cli/cli.h"
#include "ledger/journal.h"
#include "ledger/keyfile.h"
#include "ledger/receipt.h"
#include "ledger/sshsig.h"
#include "tests/support/cli_stub.h"
#include "tests/support/small_book.h"

enum { PROVED = 9, NOTE_ROOM = 2048 };

static char path_room[8][SCRATCH_PATH_BYTES];

static const char *in(const struct small_book *book, const char *name, int room)
{
    return scratch_path(&book->scratch, name, path_room[room]);
}

static void receipts_verify_with_the_books_key(void **state)
{
    struct small_book book;
    struct journal *journal = NULL;
    struct note_key ours, witness;
    char note[NOTE_ROOM];
    struct err err = {.status = STATUS_OK};
    (void)state;
    small_book_make(&book);
    small_book_keys(&book, &ours, &witness);
    const struct journal_options read_only = {.read_only = true};
    assert_int_equal(journal_open(book.dir, &read_only, &journal, &err), STATUS_OK);
    char *text = NULL;
    size_t length = 0, entry_length = 0;
    uint64_t size = 0;
    assert_int_equal(prove_entry(journal, 0, &text, &length, &size, &err), STATUS_NOT_FOUND);
    assert_non_null(strstr(err.text, "countersign checkpoint"));
    journal_close(journal);

    small_book_checkpoint(&book, false, note);
    assert_int_equal(journal_open(book.dir, &read_only, &journal, &err), STATUS_OK);
    char *proofs[SMALL_ENTRIES];
    for (uint64_t seq = 0; seq < SMALL_ENTRIES; seq++)
        assert_int_equal(prove_entry(journal, seq, &proofs[seq], &length, &size, &err), STATUS_OK);
    assert_int_equal(prove_entry(journal, SMALL_ENTRIES, &text, &length, &size, &err), STATUS_NOT_FOUND);
    assert_int_equal(prove_extension(journal, 4, &text, &length, &size, &err), STATUS_OK);
    assert_memory_equal(text, "old 4\n", 6);
    assert_non_null(strstr(text, note));
    free(text);
    assert_int_equal(prove_extension(journal, SMALL_ENTRIES + 1, &text, &length, &size, &err), STATUS_NOT_FOUND);
    journal_close(journal);
    for (uint64_t seq = 0; seq < SMALL_ENTRIES; seq++) {
        struct receipt receipt;
        struct hash leaf;
        char *bytes = raw_entry(&book, seq, &entry_length);
        tree_leaf(bytes, entry_length, &leaf);
        assert_int_equal(receipt_parse(proofs[seq], strlen(proofs[seq]), &receipt, &err), STATUS_OK);
        assert_int_equal(receipt_verify(&receipt, &leaf, &ours, NULL, &err), STATUS_OK);
        leaf.bytes[0] ^= 1;
        assert_int_not_equal(receipt_verify(&receipt, &leaf, &ours, NULL, &err), STATUS_OK);
        free(bytes);
        free(proofs[seq]);
    }
    small_book_free(&book);
}

static int run(struct cli_stub *stub, const char *const words[])
{
    cli_stub_clear(stub);
    return cli_stub_run(stub, words);
}

static void a_second_reader_agrees_with_the_export(void **state)
{
    struct small_book book;
    struct cli_stub stub;
    char note[NOTE_ROOM], root[1024];
    (void)state;
    small_book_make(&book);
    small_book_checkpoint(&book, true, note);
    scratch_write(&book.scratch, "kept.note", note, strlen(note));
    assert_non_null(getcwd(root, sizeof root));
    cli_stub_init(&stub);
    const char *const export[] = {"audit",     "export",
                                  "--book",    book.dir,
                                  "--out",     in(&book, "book.jsonl", 0),
                                  "--signers", in(&book, "signers", 1),
                                  NULL};
    assert_int_equal(run(&stub, export), EXIT_DONE);
    assert_string_equal(cli_stub_out(&stub), "15 entries\n6 keys for ssh-keygen -Y verify\n");
    assert_int_equal(run(&stub, export), EXIT_USAGE); /* nothing is replaced */
    const char *const prove[] = {"audit", "prove", "CN-2", "--book", book.dir, "--to", in(&book, "cn-2.receipt", 2),
                                 NULL};
    assert_int_equal(run(&stub, prove), EXIT_DONE);
    assert_non_null(strstr(cli_stub_out(&stub), "entry 9, where the document took effect"));
    const char *const none[] = {"audit", "prove", "CN-77", "--book", book.dir, "--to", in(&book, "none", 3), NULL};
    assert_int_equal(run(&stub, none), EXIT_USAGE);
    assert_false(scratch_exists(&book.scratch, "none"));
    if (getenv("KEEP") != NULL)
        scratch_run(&book.scratch, "cp -a . /tmp/audit-kept");
    assert_int_equal(scratch_run(&book.scratch,
                                 "/usr/bin/python3 '%s/tests/checker.py' book.jsonl --checkpoint kept.note "
                                 "--receipt cn-2.receipt >checked 2>&1",
                                 root),
                     0);
    cli_stub_done(&stub);
    small_book_free(&book);
}

static void ssh_keygen_reads_the_register(void **state)
{
    struct small_book book;
    struct cli_stub stub;
    struct entry entry;
    struct err err = {.status = STATUS_OK};
    char armour[SSHSIG_ARMOUR_BYTES_MAX];
    size_t length = 0;
    (void)state;
    small_book_make(&book);
    cli_stub_init(&stub);
    const char *const export[] = {"audit",     "export",
                                  "--book",    book.dir,
                                  "--out",     in(&book, "book.jsonl", 0),
                                  "--signers", in(&book, "signers", 1),
                                  NULL};
    assert_int_equal(run(&stub, export), EXIT_DONE);
    char *bytes = raw_entry(&book, 8, &length);
    assert_int_equal(entry_read(slice_of(bytes, length), &entry, &err), STATUS_OK);
    sshsig_armour(entry.signatures->items[0].bytes, entry.signatures->items[0].length, armour);
    scratch_write(&book.scratch, "8.sig", armour, strlen(armour));
    scratch_write(&book.scratch, "8.statement", entry.statement.bytes, entry.statement.length);
    assert_int_equal(scratch_run(&book.scratch, "ssh-keygen -Y verify -f signers -I maria -n countersign -s 8.sig "
                                                "-O verify-time=20270101 <8.statement"),
                     0);
    assert_int_not_equal(scratch_run(&book.scratch, "ssh-keygen -Y verify -f signers -I ana -n countersign -s 8.sig "
                                                    "-O verify-time=20270101 <8.statement"),
                         0);
    entry_done(&entry);
    free(bytes);
    cli_stub_done(&stub);
    small_book_free(&book);
}

static void verify_says_ok_or_what_is_bad(void **state)
{
    struct small_book book;
    struct cli_stub stub;
    char note[NOTE_ROOM], vkey[NOTE_VKEY_TEXT_MAX + 1];
    struct note_key ours, witness;
    size_t length = 0;
    (void)state;
    small_book_make(&book);
    small_book_checkpoint(&book, true, note);
    small_book_keys(&book, &ours, &witness);
    note_key_format(&witness, vkey);
    scratch_write(&book.scratch, "witness.pub", vkey, strlen(vkey));
    cli_stub_init(&stub);
    const char *const verify[] = {"audit", "verify", "--book", book.dir, "--witness", in(&book, "witness.pub", 0),
                                  NULL};
    int answer = run(&stub, verify);
    const char *out = cli_stub_out(&stub);
    if (getenv("SHOW") != NULL)
        print_message("%s%s", cli_stub_err(&stub), out);
    assert_int_equal(answer, EXIT_DONE);
    assert_non_null(strstr(out, "15, 0 to 14, no gap"));
    assert_non_null(strstr(out, "rebuilt, equal"));
    assert_non_null(strstr(out, "witnessed by corp-audit at 15"));
    assert_non_null(strstr(out, "preventive controls not isolated"));
    assert_non_null(strstr(out, "verified in"));
    assert_null(strstr(out, "BAD"));
    assert_non_null(strstr(cli_stub_err(&stub), "SIMULATED"));

    char *bytes = raw_entry(&book, 8, &length);
    char *amount = strstr(bytes, "\"amount\":\"600.00\"");
    amount[10] = '5';
    raw_entry_put(&book, 8, bytes, length);
    answer = run(&stub, verify);
    out = cli_stub_out(&stub);
    if (getenv("SHOW") != NULL)
        print_message("%s", out);
    assert_int_equal(answer, EXIT_INTEGRITY);
    assert_non_null(strstr(out, "first bad entry 8"));
    assert_non_null(strstr(out, "entry 8: hash is not the one entry 9 was chained to"));
    assert_non_null(strstr(out, "BAD"));
    const char *const json[] = {"audit", "verify", "--book", book.dir, "--json", "--fast", NULL};
    assert_int_equal(run(&stub, json), EXIT_INTEGRITY);
    json_t *object = json_loads(cli_stub_out(&stub), 0, NULL);
    assert_non_null(object);
    assert_int_equal(json_integer_value(json_object_get(object, "first_bad_entry")), 8);
    assert_string_equal(json_string_value(json_object_get(json_object_get(object, "checks"), "decisions")),
                        "not checked");
    assert_string_equal(json_string_value(json_object_get(json_object_get(object, "checks"), "chain")), "bad");
    json_decref(object);
    const char *const nowhere[] = {"audit", "verify", "--book", "/nowhere", NULL};
    assert_int_equal(run(&stub, nowhere), EXIT_USAGE);
    free(bytes);
    cli_stub_done(&stub);
    small_book_free(&book);
}

/* The custodian's command, with a key file of the book's key. */
static void checkpoint_is_signed_and_recorded(void **state)
{
    struct small_book book;
    struct cli_stub stub;
    char fd_text[16], text[NOTE_ROOM];
    struct err err = {.status = STATUS_OK};
    (void)state;
    small_book_make(&book);
    cli_stub_init(&stub);
    const struct keyfile_seal seal = {.passphrase = "open", .passphrase_length = 4, .cost = keyfile_cost_cheap()};
    /* The key file's seed comes from the random source: one that hands out the book key's seed first. */
    struct random_seeded seeded;
    uint8_t seed[RANDOM_SEED_BYTES] = {9};
    const struct random_source random = random_from_seed(seed, &seeded);
    struct public_key other;
    assert_int_equal(keyfile_create(in(&book, "other.key", 0), &seal, &random, &other, &err), STATUS_OK);
    scratch_write(&book.scratch, "passphrase", "open\n", 5);
    int fd = open(in(&book, "passphrase", 1), O_RDONLY);
    snprintf(fd_text, sizeof fd_text, "%d", fd);
    const char *const words[] = {"checkpoint", "--book",          book.dir, "--key",
                                 path_room[0], "--passphrase-fd", fd_text,  NULL};
    assert_int_equal(run(&stub, words), EXIT_NOT_ALLOWED); /* it is no key of this book */
    assert_non_null(strstr(cli_stub_err(&stub), "no key of the book"));
    close(fd);
    small_book_checkpoint(&book, false, text);
    assert_non_null(strstr(text, "example.org/small/"));
    cli_stub_done(&stub);
    small_book_free(&book);
}

static void differences_are_told_in_words(void **state)
{
    static const struct {
        const char *stored, *again, *text;
    } cases[] = {
        {"{\"outcome\":\"done\",\"results\":[{\"document\":\"CN-42\",\"levels\":[2],\"outcome\":\"waiting\"}]"
         "}",
         "{\"outcome\":\"done\",\"results\":[{\"document\":\"CN-42\",\"levels\":[3],\"outcome\":\"waiting\"}]"
         "}",
         "CN-42 needs level 3, decided with level 2"},
        {"{\"outcome\":\"done\",\"results\":[{\"document\":\"CN-42\",\"outcome\":\"posted\"}]}",
         "{\"outcome\":\"done\",\"results\":[{\"document\":\"CN-42\",\"levels\":[1,2],\"outcome\":"
         "\"waiting\"}]}",
         "CN-42 needs levels 1, 2, decided with no level"},
        {"{\"outcome\":\"done\",\"results\":[{\"controls\":[],\"document\":\"CN-42\",\"outcome\":\"posted\"}]"
         "}",
         "{\"outcome\":\"done\",\"results\":[{\"controls\":[{\"answer\":\"deny\",\"code\":\"over\","
         "\"control\":\"C-35\"}],"
         "\"outcome\":\"refused\"}]}",
         "CN-42 has to be refused by C-35 (over), decided as posted"},
        {"{\"outcome\":\"done\",\"policy\":{\"seq\":0},\"results\":[]}",
         "{\"outcome\":\"done\",\"policy\":{\"seq\":4},\"results\":[]}",
         "the policy of entry 4 was in force, recorded is that of entry 0"},
        {"{\"outcome\":\"done\",\"results\":[{\"document\":\"CN-1\",\"lines\":[{\"account\":\"1\",\"amount\":"
         "\"2\",\"side\":"
         "\"dr\"}],\"outcome\":\"posted\"}]}",
         "{\"outcome\":\"done\",\"results\":[{\"document\":\"CN-1\",\"lines\":[{\"account\":\"1\",\"amount\":"
         "\"3\",\"side\":"
         "\"dr\"}],\"outcome\":\"posted\"}]}",
         "CN-1: ledger line 1 is dr 1 3, recorded is dr 1 2"},
        {"{}", "{\"outcome\":\"done\"}", "the statement has to be done, decided as none"},
    };
    const struct statement statement = {.verb = VERB_SUBMIT};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[DECISION_DIFF_BYTES];
        json_t *stored = json_loads(cases[i].stored, 0, NULL), *again = json_loads(cases[i].again, 0, NULL);
        decision_difference(&statement, stored, again, text);
        assert_string_equal(text, cases[i].text);
        json_decref(stored);
        json_decref(again);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(receipts_verify_with_the_books_key), cmocka_unit_test(a_second_reader_agrees_with_the_export),
        cmocka_unit_test(ssh_keygen_reads_the_register),      cmocka_unit_test(verify_says_ok_or_what_is_bad),
        cmocka_unit_test(checkpoint_is_signed_and_recorded),  cmocka_unit_test(differences_are_told_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
