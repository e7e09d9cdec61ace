/*
 * What the custodian and the witness of the year's book keep outside it, and the book itself, left for somebody who has only
 * the program: checkpoints under the book key of their day, each cosigned. Used by tests/scenarios/year.sh.
 */
#include "tests/support/year_steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "ledger/checkpoint.h"
#include "ledger/hash.h"
#include "ledger/journal.h"
#include "ledger/keyfile.h"

#include "ledger/tree.h"

#define WITNESS "witness.example/year"

enum { NOTE_BYTES = CHECKPOINT_NOTE_MAX + NOTE_LINE_TEXT_MAX, PATH_BYTES = 512 };

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

void year_step_book_key(struct year *year)
{
    char name[32];
    snprintf(name, sizeof name, "%s", year_fresh(year, "book"));
    struct company_user *next = company_new_user(&year->company, name);
    json_t *document = year_document(year, "book-key",
                                     json_pack("{s:s, s:s}", "key", next->key, "retires",
                                               company_user(&year->company, year_noted(year, "custodian"))->key));
    json_t *result =
        year_do(year, "olga", VERB_SUBMIT, json_pack("{s:b, s:[o]}", "atomic", 0, "documents", document), name);
    if (result_number(result) != NULL) {
        assert_true(year_sign(year, result_number(result)));
        year_note(year, "custodian", name);
    }
    json_decref(result);
}

/* A key from the seed of a name, as company_new_user makes them. */
static void witness_key(struct note_key *ret_key, uint8_t ret_secret[static NOTE_SECRET_KEY_BYTES])
{
    struct err err;
    struct hash seed;
    struct signer signer;
    hash_of(WITNESS, strlen(WITNESS), &seed);
    must(keyfile_open_seed(seed.bytes, &signer, &err), &err);
    memcpy(ret_secret, seed.bytes, sizeof seed.bytes);
    memcpy(ret_secret + sizeof seed.bytes, signer.key.ed25519, NOTE_SECRET_KEY_BYTES - sizeof seed.bytes);
    must(note_key_init(NOTE_COSIGNATURE, WITNESS, signer.key.ed25519, ret_key, &err), &err);
    signer_close(&signer);
}

static void cosign(const struct year *year, char note[static NOTE_BYTES])
{
    struct err err;
    struct note_key key;
    uint8_t secret[NOTE_SECRET_KEY_BYTES];
    char line[NOTE_LINE_TEXT_MAX];
    witness_key(&key, secret);
    const struct note_cosigner cosigner = {.key = &key, .secret_key = secret, .seconds = year->company.now_ms / 1000};
    const char *blank = strstr(note, "\n\n");
    must(note_cosign(note, (size_t)(blank - note) + 1, &cosigner, line, &err), &err);
    strncat(note, line, NOTE_BYTES - 1 - strlen(note));
}

void year_step_checkpoint(struct year *year)
{
    struct company *company = &year->company;
    struct err err;
    struct journal_snapshot *snapshot = NULL;
    struct journal_head head;
    struct note_key key;
    struct checkpoint checkpoint;
    char note[NOTE_BYTES];
    const struct signer *signer = &company_user(company, year_noted(year, "custodian"))->signer;
    snprintf(checkpoint.origin, sizeof checkpoint.origin, "ledger.example/ar/%.16s/0", gate_book_id(company->gate));
    must(journal_read_begin(gate_books(company->gate)->journal, &snapshot, &err), &err);
    const struct tree_reader reader = journal_tree(snapshot);
    must(journal_head(snapshot, &head, &err), &err);
    checkpoint.head.size = head.size;
    must(tree_root(&reader, head.size, &checkpoint.head.root, &err), &err);
    journal_read_end(snapshot);
    must(note_key_init(NOTE_ED25519, checkpoint.origin, signer->key.ed25519, &key, &err), &err);
    must(checkpoint_sign_by(&checkpoint, &key, signer, note, &err), &err);
    must(gate_record_checkpoint(company->gate, head.size, &checkpoint.head.root, slice_of(note, strlen(note)), &err),
         &err);
    cosign(year, note);
    json_array_append_new(year->checkpoints, json_string(note));
}

static void file_write(const char *dir, const char *name, const char *text)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "wbx");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

/* The seed of a user's key first (company_new_user), what a file's salt and nonce come to does not matter. */
static void seed_fill(void *context, void *bytes, size_t length)
{
    struct hash *seed = context;
    assert_true(length <= sizeof seed->bytes);
    memcpy(bytes, seed->bytes, length);
}

static void key_write(const char *dir, const char *user)
{
    char path[PATH_BYTES];
    struct hash seed;
    struct public_key key;
    struct err err = {.text = ""};
    const struct keyfile_seal seal = {.passphrase = "pass", .passphrase_length = 4, .cost = keyfile_cost_cheap()};
    const struct random_source random = {.fill = seed_fill, .context = &seed};
    hash_of(user, strlen(user), &seed);
    snprintf(path, sizeof path, "%s/%s.key", dir, user);
    if (keyfile_create(path, &seal, &random, &key, &err) != STATUS_OK)
        fail_msg("%s", err.text);
}

void year_leave(struct year *year, const char *dir)
{
    char command[2 * PATH_BYTES], name[32], vkey[NOTE_VKEY_TEXT_MAX + 1], id[128];
    struct note_key key;
    uint8_t secret[NOTE_SECRET_KEY_BYTES];
    year_step_checkpoint(year);
    assert_int_equal(mkdir(dir, 0700), 0);
    witness_key(&key, secret);
    note_key_format(&key, vkey);
    strcat(vkey, "\n");
    file_write(dir, "witness.vkey", vkey);
    snprintf(id, sizeof id, "%s\n", gate_book_id(year->company.gate));
    file_write(dir, "book.id", id);
    key_write(dir, "audrey");
    for (size_t i = 0; i < json_array_size(year->checkpoints); i++) {
        snprintf(name, sizeof name, "%zu.note", i + 1);
        file_write(dir, name, json_string_value(json_array_get(year->checkpoints, i)));
    }
    gate_close(year->company.gate);
    year->company.gate = NULL;
    snprintf(command, sizeof command, "cp -r '%s' '%s/book'", year->company.book, dir);
    assert_int_equal(system(command), 0);
    year->company.unchecked = true;
}
