/*
 * Bundles packed and read again by what they stand on: the manifest and its signature, every file against the list, the proof
 * of each scope, the reasons for which entries are there, and that each signer's key is known where it signs. Where packing
 * fails, nothing is left.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/bundle/pack.h"
#include "audit/bundle/pack_evidence.h"
#include "audit/bundle/pack_folder.h"
#include "audit/bundle/pack_look.h"
#include "audit/bundle/pack_page.h"
#include "audit/period.h"
#include "audit/verify/register.h"
#include "controls/issue.h"
#include "ledger/canon.h"
#include "ledger/durable.h"
#include "ledger/entry.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "ledger/sshsig.h"
#include "ledger/tree_multi.h"
#include "tests/support/company.h"
#include "tests/support/folder.h"
#include "tests/support/golden.h"
#include "tests/support/money_documents.h"
#include "tests/support/small_book.h"

#define POLICY "tests/policies/rules.yaml"

enum { FILES_MAX = 64, PROOF_MAX = 512, TEXTS_MAX = 1000 };

/* ---------------------------------------------------------------- packing */

struct desk {
    struct company company;
    struct folder folder;
    unsigned packed;
    const struct hash *absent; /* evidence that is not there */
    const struct hash *altered;
    enum status evidence; /* what it answers in place of a file; OK: the file */
    const char *stamped;  /* name of the one time stamp that there is */
    const char *stop;     /* the stretch of work that is ended */
};

/* The company's evidence is the text "evidence <number>". */
static enum status give_evidence(void *context, const struct hash *hash, int out, struct err *err)
{
    const struct desk *desk = context;
    if (desk->evidence != STATUS_OK)
        return err_set(err, desk->evidence, "trouble");
    if (desk->absent != NULL && hash_equal(hash, desk->absent))
        return err_set(err, STATUS_NOT_FOUND, "not there");
    for (unsigned i = 1; i < TEXTS_MAX; i++) {
        struct hash found;
        char text[32];
        snprintf(text, sizeof text, "evidence %u", i);
        hash_of(text, strlen(text), &found);
        if (!hash_equal(&found, hash))
            continue;
        if (desk->altered != NULL && hash_equal(hash, desk->altered))
            text[0] = 'E';
        return durable_write(out, "evidence", slice_of(text, strlen(text)), err);
    }
    return err_set(err, STATUS_NOT_FOUND, "not there");
}

/* One of the notes has a time stamp. */
static enum status give_timestamp(void *context, const char *name, int out, struct err *err)
{
    const struct desk *desk = context;
    if (desk->stamped == NULL || strcmp(name, desk->stamped) != 0)
        return err_set(err, STATUS_NOT_FOUND, "no time stamp");
    return durable_write(out, name, slice_of("reply", 5), err);
}

static enum status step(void *context, const char *what, uint64_t done, uint64_t total, struct err *err)
{
    const struct desk *desk = context;
    assert_true(done <= total);
    return desk->stop != NULL && strcmp(what, desk->stop) == 0 ? err_set(err, STATUS_IO, "stopped at %s", what)
                                                               : STATUS_OK;
}

static void desk_open(struct desk *desk)
{
    *desk = (struct desk){.packed = 0};
    company_open(&desk->company, POLICY);
    folder_make(&desk->folder);
}

static void desk_close(struct desk *desk)
{
    folder_remove(&desk->folder);
    company_close(&desk->company);
}

static uint64_t checkpoint(struct desk *desk)
{
    struct checkpoint checkpoint;
    struct err err;
    char note[CHECKPOINT_NOTE_MAX];
    const struct signer *signer = &company_user(&desk->company, "book-key")->signer;
    assert_int_equal(issue_checkpoint(desk->company.gate, signer, &checkpoint, note, &err), STATUS_OK);
    return checkpoint.head.size;
}

static enum status pack_to(struct desk *desk, const struct pack_scope *scope, const char *to,
                           struct pack_result *ret_result, struct err *err)
{
    const struct pack_maker maker = {.at_ms = desk->company.now_ms,
                                     .by = "audrey",
                                     .exe = "0123456789abcdef",
                                     .release = "test \"1\"",
                                     .signer = &company_user(&desk->company, "audrey")->signer};
    const struct pack_beside beside = {.evidence = give_evidence, .timestamp = give_timestamp, .context = desk};
    const struct pack_request request = {.journal = gate_books(desk->company.gate)->journal,
                                         .to = to,
                                         .scope = scope,
                                         .maker = &maker,
                                         .beside = &beside,
                                         .step = step,
                                         .context = desk};
    return pack_bundle(&request, ret_result, err);
}

/* ---------------------------------------------------------------- reading again */

struct bundle {
    char *dir;
    json_t *manifest;
    struct pack_result result;
    char *text; /* of entries.jsonl */
    struct entry *entries;
    size_t count;
};

static uint8_t *bundle_file(const struct bundle *bundle, const char *name, size_t *ret_length)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", bundle->dir, name);
    return folder_read(path, ret_length);
}

static void read_manifest(struct bundle *bundle, struct desk *desk)
{
    size_t length = 0, sig_length = 0, blob_length = 0;
    char *bytes = (char *)bundle_file(bundle, "MANIFEST.json", &length);
    char *armour = (char *)bundle_file(bundle, "MANIFEST.json.sig", &sig_length), text[SSHSIG_ARMOUR_BYTES_MAX] = "";
    uint8_t blob[SSHSIG_BYTES_MAX];
    char key[PUBLIC_KEY_TEXT_MAX];
    struct sshsig sshsig;
    struct err err = {.text = ""};
    assert_true(length > 0 && bytes[length - 1] == '\n');
    assert_int_equal(canon_parse(bytes, length - 1, length, &bundle->manifest, &err), STATUS_OK);
    const struct sshsig_message message = {.purpose = SSHSIG_BUNDLE, .bytes = bytes, .length = length};
    memcpy(text, armour, sig_length);
    assert_int_equal(sshsig_dearmour(text, blob, &blob_length, &err), STATUS_OK);
    assert_int_equal(sshsig_verify_message(blob, blob_length, &message, &sshsig, &err), STATUS_OK);
    sshkey_format(&sshsig.key, key);
    assert_string_equal(key, member_text(json_object_get(bundle->manifest, "made"), "key"));
    assert_string_equal(key, company_user(&desk->company, "audrey")->key);
    free(bytes);
    free(armour);
}

static void check_files(const struct bundle *bundle)
{
    const json_t *files = json_object_get(bundle->manifest, "files");
    const char *before = "";
    for (size_t i = 0; i < json_array_size(files); i++) {
        const json_t *file = json_array_get(files, i);
        const char *name = member_text(file, "name");
        struct hash hash;
        char hex[HASH_HEX_CHARS + 1];
        size_t length = 0;
        uint8_t *bytes = bundle_file(bundle, name, &length);
        hash_of(bytes, length, &hash);
        hash_to_hex(&hash, hex);
        assert_string_equal(hex, member_text(file, "sha256"));
        assert_int_equal(length, member_integer(file, "bytes"));
        assert_true(strcmp(before, name) < 0);
        if (strncmp(name, "evidence/", 9) == 0)
            assert_string_equal(name + 9, hex);
        before = name;
        free(bytes);
    }
    /* Manifest, signature and page are in no list. */
    assert_int_equal(bundle->result.files, json_array_size(files) + 3);
}

/* Whether a key comes with an entry: an officer's, or one that is enrolled or rotated to. */
static bool comes_with(const struct entry *entry, const char *key)
{
    char as_key[PUBLIC_KEY_TEXT_MAX + 16], as_new[PUBLIC_KEY_TEXT_MAX + 16];
    snprintf(as_key, sizeof as_key, "\"key\":\"%s\"", key);
    snprintf(as_new, sizeof as_new, "\"new\":\"%s\"", key);
    return strstr(entry->statement.bytes, as_key) != NULL || strstr(entry->statement.bytes, as_new) != NULL;
}

/* Whether the keys that have to sign an entry are known by the bundle's entries before it, or come with it. */
static void check_known(const struct bundle *bundle)
{
    struct key_register *keys = NULL;
    struct err err;
    assert_int_equal(key_register_new(&keys, &err), STATUS_OK);
    for (size_t i = 0; i < bundle->count; i++) {
        const struct entry *entry = &bundle->entries[i];
        bool actor = entry->statement.actor[0] == '\0';
        size_t unknown = 0;
        for (size_t j = 0; j < entry->signatures->count; j++) {
            struct sshsig sshsig;
            struct key_standing standing;
            char text[PUBLIC_KEY_TEXT_MAX];
            assert_int_equal(
                sshsig_parse(entry->signatures->items[j].bytes, entry->signatures->items[j].length, &sshsig, &err),
                STATUS_OK);
            sshkey_format(&sshsig.key, text);
            key_register_look(keys, text, entry->time_ms, &standing);
            unknown += standing.user == NULL && !comes_with(entry, text);
            actor = actor || (standing.user != NULL && strcmp(standing.user, entry->statement.actor) == 0);
        }
        if (!actor || unknown > 0)
            fail_msg("entry %llu is signed by a key that nobody here knows", (unsigned long long)entry->seq);
        assert_int_equal(key_register_apply(keys, entry, &err), STATUS_OK);
    }
    key_register_free(keys);
}

static void read_entries(struct bundle *bundle)
{
    size_t length = 0;
    bundle->text = (char *)bundle_file(bundle, "entries.jsonl", &length);
    bundle->text = realloc(bundle->text, length + 1);
    bundle->text[length] = '\0';
    bundle->count = (size_t)bundle->result.entries;
    bundle->entries = calloc(bundle->count + 1, sizeof *bundle->entries);
    const char *at = bundle->text;
    struct err err = {.text = ""};
    for (size_t i = 0; i < bundle->count; i++) {
        const char *newline = strchr(at, '\n');
        assert_non_null(newline);
        assert_int_equal(entry_read(slice_of(at, (size_t)(newline - at)), &bundle->entries[i], &err), STATUS_OK);
        at = newline + 1;
    }
    assert_int_equal(*at, '\0');
}

static void check_proof(const struct bundle *bundle)
{
    const json_t *list = json_object_get(bundle->manifest, "proof"),
                 *head = json_object_get(bundle->manifest, "checkpoint");
    const json_t *after = json_object_get(json_object_get(bundle->manifest, "scope"), "after");
    struct hash hashes[PROOF_MAX], root;
    struct tree_multi multi;
    struct tree_frontier before;
    struct err err;
    char hex[HASH_HEX_CHARS + 1];
    size_t count = json_array_size(list);
    assert_in_range(count, 0, PROOF_MAX);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(hash_from_hex(json_string_value(json_array_get(list, i)), &hashes[i]), STATUS_OK);
    assert_int_equal(tree_multi_check(&multi, (uint64_t)member_integer(head, "size"), hashes, count, &err), STATUS_OK);
    for (size_t i = 0; i < bundle->count; i++)
        assert_int_equal(tree_multi_add(&multi, bundle->entries[i].seq, &bundle->entries[i].leaf, &err), STATUS_OK);
    assert_int_equal(tree_multi_end(&multi, &root, &err), STATUS_OK);
    tree_multi_done(&multi);
    hash_to_hex(&root, hex);
    assert_string_equal(hex, member_text(head, "root"));
    if (after == NULL || bundle->count == 0)
        return;
    assert_int_equal(tree_multi_before((uint64_t)member_integer(after, "size"), hashes, count, &before, &err),
                     STATUS_OK);
    tree_frontier_root(&before, &root);
    hash_to_hex(&root, hex);
    assert_string_equal(hex, member_text(after, "root"));
}

static void check_why(const struct bundle *bundle)
{
    const json_t *why = json_object_get(bundle->manifest, "why");
    if (why == NULL)
        return;
    assert_int_equal(json_array_size(why), bundle->count);
    for (size_t i = 0; i < bundle->count; i++) {
        assert_int_equal(member_integer(json_array_get(why, i), "seq"), bundle->entries[i].seq);
        assert_true(json_array_size(json_object_get(json_array_get(why, i), "why")) > 0);
    }
}

static void pack_and_read(struct desk *desk, const struct pack_scope *scope, struct bundle *ret_bundle)
{
    struct err err = {.text = ""};
    *ret_bundle = (struct bundle){.dir = folder_path(&desk->folder, "b%u", ++desk->packed)};
    if (pack_to(desk, scope, ret_bundle->dir, &ret_bundle->result, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    read_manifest(ret_bundle, desk);
    assert_string_equal(member_text(json_object_get(ret_bundle->manifest, "scope"), "sort"),
                        pack_sort_name(scope->sort));
    read_entries(ret_bundle);
    assert_int_equal(member_integer(json_object_get(ret_bundle->manifest, "entries"), "count"), ret_bundle->count);
    check_files(ret_bundle);
    check_proof(ret_bundle);
    check_why(ret_bundle);
    if (scope->sort != PACK_EXTENSION)
        check_known(ret_bundle);
}

static void bundle_done(struct bundle *bundle)
{
    for (size_t i = 0; i < bundle->count; i++)
        entry_done(&bundle->entries[i]);
    free(bundle->entries);
    free(bundle->text);
    free(bundle->dir);
    json_decref(bundle->manifest);
}

/* The reasons of an entry, one after the other; NULL: it is not there. */
static const char *why(const struct bundle *bundle, uint64_t seq)
{
    static char text[1024];
    const json_t *list = json_object_get(bundle->manifest, "why");
    text[0] = '\0';
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *texts = json_object_get(json_array_get(list, i), "why");
        if ((uint64_t)member_integer(json_array_get(list, i), "seq") != seq)
            continue;
        for (size_t j = 0; j < json_array_size(texts); j++)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", j > 0 ? "; " : "",
                     json_string_value(json_array_get(texts, j)));
        return text;
    }
    return NULL;
}

static bool has_file(const struct bundle *bundle, const char *name)
{
    char path[512];
    struct stat there;
    snprintf(path, sizeof path, "%s/%s", bundle->dir, name);
    return stat(path, &there) == 0;
}

static uint64_t last(const struct desk *desk)
{
    return company_head(&desk->company).size - 1;
}

/* ---------------------------------------------------------------- the whole, and what came since */

static void a_whole_book_is_packed_up_to_its_checkpoint(void **state)
{
    struct desk desk;
    struct bundle bundle;
    const struct pack_scope whole = {.sort = PACK_BOOK};
    struct err err = {.text = ""};
    (void)state;
    desk_open(&desk);
    char *to = folder_path(&desk.folder, "early");
    assert_int_equal(pack_to(&desk, &whole, to, &bundle.result, &err), STATUS_NOT_FOUND);
    assert_non_null(strstr(err.text, "countersign checkpoint --key BOOKKEY"));
    free(to);
    uint64_t first = checkpoint(&desk);
    char *number = company_post(&desk.company, "joe", company_credit_note(&desk.company, "10442", "40251", "1.00"), 0);
    uint64_t size = checkpoint(&desk);
    free(company_post(&desk.company, "joe", company_credit_note(&desk.company, "10442", "40251", "2.00"), 0));
    pack_and_read(&desk, &whole, &bundle);
    assert_int_equal(bundle.count, size);
    assert_int_equal(bundle.result.beyond, 1);
    assert_int_equal(bundle.result.evidence, 1);
    assert_null(json_object_get(bundle.manifest, "why"));
    assert_null(json_object_get(bundle.manifest, "missing"));
    assert_int_equal(json_array_size(json_object_get(bundle.manifest, "proof")), 0);
    char name[64];
    snprintf(name, sizeof name, "checkpoints/000000-%llu.note", (unsigned long long)first);
    assert_true(has_file(&bundle, name));
    snprintf(name, sizeof name, "checkpoints/000001-%llu.note", (unsigned long long)size);
    assert_true(has_file(&bundle, name));
    assert_true(has_file(&bundle, "checkpoint.note") && has_file(&bundle, "README.txt"));
    assert_string_equal(member_text(json_object_get(bundle.manifest, "made"), "release"), "test \"1\"");
    bundle_done(&bundle);
    free(number);
    desk_close(&desk);
}

static void an_extension_proves_what_was_there(void **state)
{
    struct desk desk;
    struct bundle bundle;
    struct err err = {.text = ""};
    (void)state;
    desk_open(&desk);
    for (int i = 0; i < 3; i++)
        free(company_post(&desk.company, "joe",
                          company_credit_note(&desk.company, "10442", "40251",
                                              i == 0   ? "1.00"
                                              : i == 1 ? "2.00"
                                                       : "3.00"),
                          0));
    const uint64_t size = checkpoint(&desk), sizes[] = {1, 2, 3, size / 2, size - 1, size};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const struct pack_scope since = {.sort = PACK_EXTENSION, .after_size = sizes[i]};
        pack_and_read(&desk, &since, &bundle);
        assert_int_equal(bundle.count, size - sizes[i]);
        assert_true(bundle.count == 0 || bundle.entries[0].seq == sizes[i]);
        assert_int_equal(bundle.count == 0,
                         json_object_get(json_object_get(bundle.manifest, "entries"), "first") == NULL);
        bundle_done(&bundle);
    }
    char *to = folder_path(&desk.folder, "no");
    struct hash other = {.bytes = {1}};
    const struct pack_scope wrong = {.sort = PACK_EXTENSION, .after_size = 3, .after_root = &other};
    const struct pack_scope beyond = {.sort = PACK_EXTENSION, .after_size = size + 1}, none = {.sort = PACK_EXTENSION};
    assert_int_equal(pack_to(&desk, &wrong, to, &bundle.result, &err), STATUS_CORRUPT);
    assert_int_equal(pack_to(&desk, &beyond, to, &bundle.result, &err), STATUS_NOT_FOUND);
    assert_int_equal(pack_to(&desk, &none, to, &bundle.result, &err), STATUS_INPUT);
    free(to);
    desk_close(&desk);
}

/* Of the notes of the largest size the one that most have signed, wherever it stands among the others. */
static void a_bundle_stands_on_the_largest_checkpoint(void **state)
{
    struct desk desk;
    struct bundle bundle;
    struct company *company = &desk.company;
    struct journal_snapshot *snapshot = NULL;
    struct journal_checkpoint small, large;
    struct note_key witness;
    struct err err = {.text = ""};
    char note[4096], line[NOTE_LINE_TEXT_MAX], hex[HASH_HEX_CHARS + 1], name[96];
    struct hash seed;
    uint8_t secret[NOTE_SECRET_KEY_BYTES];
    (void)state;
    desk_open(&desk);
    checkpoint(&desk);
    free(company_wait(company, "joe", company_credit_note(company, "10442", "40251", "1.00")));
    uint64_t size = checkpoint(&desk);
    assert_int_equal(journal_read_begin(gate_books(company->gate)->journal, &snapshot, &err), STATUS_OK);
    assert_int_equal(journal_checkpoint(snapshot, 0, &small, &err), STATUS_OK);
    assert_int_equal(journal_checkpoint(snapshot, 1, &large, &err), STATUS_OK);
    /* What comes back cosigned, then an older one that comes back later. */
    size_t text = (size_t)((const char *)memmem(large.note.bytes, large.note.length, "\n\n", 2) -
                           (const char *)large.note.bytes) +
                  1;
    const uint8_t *key = company_new_user(company, "witness")->signer.key.ed25519;
    hash_of("witness", 7, &seed);
    memcpy(secret, seed.bytes, HASH_BYTES);
    memcpy(secret + HASH_BYTES, key, NOTE_PUBLIC_KEY_BYTES);
    assert_int_equal(note_key_init(NOTE_COSIGNATURE, "corp-audit", key, &witness, &err), STATUS_OK);
    const struct note_cosigner cosigner = {.key = &witness, .secret_key = secret, .seconds = 1767603600};
    assert_int_equal(note_cosign((const char *)large.note.bytes, text, &cosigner, line, &err), STATUS_OK);
    snprintf(note, sizeof note, "%.*s%s", (int)large.note.length, (const char *)large.note.bytes, line);
    struct hash small_root = small.root, large_root = large.root;
    uint64_t small_size = small.size;
    char *plain = strndup((const char *)large.note.bytes, large.note.length);
    char *old = strndup((const char *)small.note.bytes, small.note.length);
    journal_read_end(snapshot);
    assert_int_equal(gate_record_checkpoint(company->gate, size, &large_root, slice_of(note, strlen(note)), &err),
                     STATUS_OK);
    assert_int_equal(gate_record_checkpoint(company->gate, size, &large_root, slice_of(plain, strlen(plain)), &err),
                     STATUS_OK);
    assert_int_equal(gate_record_checkpoint(company->gate, small_size, &small_root, slice_of(old, strlen(old)), &err),
                     STATUS_OK);
    struct hash hash;
    hash_of(note, strlen(note), &hash);
    hash_to_hex(&hash, hex);
    snprintf(name, sizeof name, "%llu-%.16s.tsr", (unsigned long long)size, hex);
    desk.stamped = name;
    const struct pack_scope whole = {.sort = PACK_BOOK}, part = {.sort = PACK_EXTENSION, .after_size = 1};
    for (int i = 0; i < 2; i++) {
        size_t length = 0;
        pack_and_read(&desk, i == 0 ? &whole : &part, &bundle);
        assert_int_equal(bundle.result.checkpoint.size, size);
        char *there = (char *)bundle_file(&bundle, "checkpoint.note", &length);
        assert_int_equal(length, strlen(note));
        assert_memory_equal(there, note, length);
        free(there);
        assert_int_equal(bundle.result.timestamps, 1);
        char path[128];
        snprintf(path, sizeof path, "timestamps/%s", name);
        assert_true(has_file(&bundle, path));
        snprintf(path, sizeof path, "checkpoints/000004-%llu.note", (unsigned long long)small_size);
        assert_int_equal(has_file(&bundle, path), i == 0);
        bundle_done(&bundle);
    }
    free(plain);
    free(old);
    desk_close(&desk);
}

/* ---------------------------------------------------------------- parts */

static void documents_come_with_their_links(void **state)
{
    struct desk desk;
    struct company *company = &desk.company;
    struct bundle bundle;
    struct err err = {.text = ""};
    (void)state;
    desk_open(&desk);
    char *first = company_wait(company, "joe", company_credit_note(company, "16446", "581483", "1200.00"));
    uint64_t submitted = last(&desk);
    json_decref(company_approve(company, "joe", first, 1)); /* refused, and part of the story */
    json_decref(company_amend(company, "joe", first, company_credit_note(company, "16446", "581484", "900.00")));
    json_decref(company_approve(company, "ana", first, 1));
    char *other = company_wait(company, "joe", company_credit_note(company, "10442", "40251", "1.00"));
    uint64_t unrelated = last(&desk);
    char *reversal = company_wait(company, "joe", company_reversal(company, first));
    uint64_t reversed = last(&desk);
    json_t *linking = company_credit_note(company, "10442", "40251", "2.00");
    company_with(linking, "links", json_pack("[{s:s, s:s}]", "document", reversal, "rel", "supersedes"));
    free(company_wait(company, "joe", linking));
    uint64_t second_step = last(&desk);
    checkpoint(&desk);
    const char *asked[] = {first};
    const struct pack_scope scope = {.sort = PACK_DOCUMENT, .documents = asked, .document_count = 1};
    pack_and_read(&desk, &scope, &bundle);
    char text[64];
    snprintf(text, sizeof text, "document %s", first);
    for (uint64_t seq = submitted; seq < submitted + 4; seq++)
        assert_string_equal(why(&bundle, seq), text);
    snprintf(text, sizeof text, "document %s", reversal);
    assert_string_equal(why(&bundle, reversed), text);
    assert_null(why(&bundle, unrelated));
    assert_null(why(&bundle, second_step));
    assert_string_equal(why(&bundle, 0), "charter");
    assert_non_null(strstr(bundle.text, "\"feed\":\"invoices\""));
    bool invoices = false;
    for (uint64_t seq = 0; seq < submitted; seq++)
        invoices = invoices || (why(&bundle, seq) != NULL &&
                                strcmp(why(&bundle, seq), "invoice US01/581483; invoice US01/581484") == 0);
    assert_true(invoices); /* of the version that was amended, too */
    bundle_done(&bundle);
    /* From the other side: what a document names is there, and what names that is not. */
    const char *from[] = {reversal};
    const struct pack_scope back = {.sort = PACK_DOCUMENT, .documents = from, .document_count = 1};
    pack_and_read(&desk, &back, &bundle);
    assert_non_null(why(&bundle, submitted));
    assert_non_null(why(&bundle, second_step));
    assert_null(why(&bundle, unrelated));
    bundle_done(&bundle);
    const char *unknown[] = {"CN-99"};
    const struct pack_scope nobody = {.sort = PACK_DOCUMENT, .documents = unknown, .document_count = 1};
    char *to = folder_path(&desk.folder, "no");
    assert_int_equal(pack_to(&desk, &nobody, to, &bundle.result, &err), STATUS_NOT_FOUND);
    assert_non_null(strstr(err.text, "CN-99"));
    free(to);
    free(first);
    free(other);
    free(reversal);
    desk_close(&desk);
}

/* Whether one of the reasons of any entry is this one. */
static bool any_why(const struct bundle *bundle, const char *reason)
{
    bool found = false;
    size_t i = 0, j = 0;
    json_t *entry = NULL, *text = NULL;
    json_array_foreach(json_object_get(bundle->manifest, "why"), i, entry)
    {
        json_array_foreach(json_object_get(entry, "why"), j, text)
        {
            found = found || strcmp(json_string_value(text), reason) == 0;
        }
    }
    return found;
}

/* Customers and invoices of both sides of a transfer; nothing of files that were refused. */
static void both_sides_of_a_transfer_are_there(void **state)
{
    static const char *const parties[] = {"customer US01/16446", "customer US01/10442", "invoice US01/581484",
                                          "invoice US01/40251"};
    struct desk desk = {.packed = 0};
    struct company *company = &desk.company;
    struct bundle bundle;
    (void)state;
    money_open(company, MONEY_POLICY);
    folder_make(&desk.folder);
    const struct company_file ahead = {.user = "feedi", .feed = "invoices", .total = "1.00", .sequence = 77};
    expect_done(
        company_feed(company, &ahead, json_pack("[o]", company_invoice("40251", "10442", "1.00", "0.00", "1.00"))),
        "refused");
    uint64_t refused = last(&desk);
    json_t *document = company_money(company, "adjustment", "16446", "400.00", "TRANSFER", "remittance");
    json_t *to =
        company_allocate(json_pack("{s:[], s:s}", "allocations", "customer", "10442"), "40251", NULL, "400.00");
    company_with(company_allocate(document, "581484", NULL, "400.00"), "charge", json_string("transfer"));
    char *moved = company_wait(company, "maria", company_with(document, "to", to));
    checkpoint(&desk);
    const char *asked[] = {moved};
    struct pack_scope scope = {.sort = PACK_DOCUMENT, .documents = asked, .document_count = 1};
    pack_and_read(&desk, &scope, &bundle);
    for (size_t i = 0; i < sizeof parties / sizeof parties[0]; i++)
        if (!any_why(&bundle, parties[i]))
            fail_msg("%s", parties[i]);
    assert_false(any_why(&bundle, "invoice US01/581483"));
    assert_null(why(&bundle, refused));
    bundle_done(&bundle);
    free(moved);
    desk_close(&desk);
}

static void the_invoice_of_a_dispute_is_there(void **state)
{
    struct desk desk = {.packed = 0};
    struct company *company = &desk.company;
    struct bundle bundle;
    (void)state;
    company_open(company, "tests/policies/limits.yaml");
    folder_make(&desk.folder);
    json_t *document = company_document(company, "dispute");
    json_t *about = json_pack("{s:s, s:s, s:s, s:s, s:s}", "customer", "16446", "entity", "US01", "invoice", "581483",
                              "owner", "joe", "reason", "PRICE_ERR");
    json_object_update(document, about);
    json_decref(about);
    json_t *result = expect(company_submit(company, "maria", document), "in-force");
    const char *asked[] = {result_number(result)};
    checkpoint(&desk);
    const struct pack_scope scope = {.sort = PACK_DOCUMENT, .documents = asked, .document_count = 1};
    pack_and_read(&desk, &scope, &bundle);
    assert_true(any_why(&bundle, "customer US01/16446") && any_why(&bundle, "invoice US01/581483"));
    assert_false(any_why(&bundle, "customer US01/10442") || any_why(&bundle, "invoice US01/581484"));
    bundle_done(&bundle);
    json_decref(result);
    desk_close(&desk);
}

static void scope_days(struct pack_scope *scope, const char *text)
{
    struct audit_period period;
    assert_int_equal(audit_period_parse(text, 1, &period, NULL), STATUS_OK);
    scope->from = period.first;
    scope->to = period.last;
}

static void a_period_has_what_its_entries_act_on(void **state)
{
    struct desk desk;
    struct company *company = &desk.company;
    struct bundle bundle;
    (void)state;
    desk_open(&desk);
    company_at(company, "2026-01-10T09:00:00.000Z");
    char *before = company_wait(company, "joe", company_credit_note(company, "16446", "581483", "1200.00"));
    uint64_t submitted = last(&desk);
    json_decref(company_approve(company, "joe", before, 1));
    uint64_t refused = last(&desk);
    free(company_wait(company, "joe", company_credit_note(company, "10442", "40251", "1.00")));
    uint64_t other = last(&desk);
    company_at(company, "2026-01-11T00:00:00.000Z");
    json_decref(company_approve(company, "ana", before, 1));
    uint64_t approved = last(&desk);
    company_at(company, "2026-01-12T23:59:59.999Z");
    char *inside = company_wait(company, "maria", company_credit_note(company, "16446", "581484", "900.00"));
    uint64_t late = last(&desk);
    company_at(company, "2026-01-13T00:00:00.000Z");
    json_decref(company_approve(company, "ana", inside, 1));
    uint64_t after = last(&desk);
    checkpoint(&desk);
    struct pack_scope scope = {.sort = PACK_PERIOD};
    scope_days(&scope, "2026-01-11..2026-01-12");
    pack_and_read(&desk, &scope, &bundle);
    char text[64];
    snprintf(text, sizeof text, "document %s", before);
    assert_string_equal(why(&bundle, submitted), text);
    assert_null(why(&bundle, refused)); /* neither a version nor of these days */
    assert_null(why(&bundle, other));
    assert_string_equal(why(&bundle, approved), "period");
    assert_string_equal(why(&bundle, late), "period");
    assert_null(why(&bundle, after));
    assert_string_equal(member_text(json_object_get(bundle.manifest, "scope"), "to"), "2026-01-12");
    bundle_done(&bundle);
    scope_days(&scope, "2025-Q4");
    pack_and_read(&desk, &scope, &bundle);
    assert_int_equal(bundle.count, 0);
    assert_int_equal(json_array_size(json_object_get(bundle.manifest, "proof")), 1);
    bundle_done(&bundle);
    free(before);
    free(inside);
    desk_close(&desk);
}

static void a_sample_says_where_it_came_from(void **state)
{
    struct desk desk;
    struct company *company = &desk.company;
    struct bundle bundle;
    (void)state;
    desk_open(&desk);
    char *one = company_post(company, "joe", company_credit_note(company, "10442", "40251", "1.00"), 0);
    uint64_t first = last(&desk);
    char *two = company_post(company, "joe", company_credit_note(company, "10442", "40251", "2.00"), 0);
    checkpoint(&desk);
    const char *drawn[] = {one};
    struct pack_scope scope = {.sort = PACK_SAMPLE, .documents = drawn, .document_count = 1, .seed = two};
    hash_of("x", 1, &scope.selection);
    pack_and_read(&desk, &scope, &bundle);
    char text[64];
    snprintf(text, sizeof text, "sample %s", one);
    assert_string_equal(why(&bundle, first), text);
    snprintf(text, sizeof text, "seed %s", two);
    assert_string_equal(why(&bundle, first + 1), text);
    const json_t *said = json_object_get(bundle.manifest, "scope");
    assert_string_equal(member_text(said, "seed"), two);
    bundle_done(&bundle);
    scope.document_count = 0;
    scope.seed = NULL;
    pack_and_read(&desk, &scope, &bundle);
    assert_int_equal(bundle.count, 0);
    assert_true(json_is_null(json_object_get(json_object_get(bundle.manifest, "scope"), "seed")));
    bundle_done(&bundle);
    free(one);
    free(two);
    desk_close(&desk);
}

/* ---------------------------------------------------------------- what follows */

static json_t *policy_document(struct company *company, const char *effective)
{
    json_t *policy = company_policy_body("tests/policies/govern.yaml"), *document = company_document(company, "policy");
    json_object_update(document, policy);
    json_decref(policy);
    return company_with(document, "effective", json_string(effective));
}

static void keys_roles_and_policies_follow(void **state)
{
    struct desk desk;
    struct company *company = &desk.company;
    struct bundle bundle;
    (void)state;
    desk_open(&desk);
    company_new_user(company, "joe-new");
    json_t *rotation = company_with(company_document(company, "key-rotation"), "user", json_string("joe"));
    company_with(rotation, "old", json_string(company_user(company, "joe")->key));
    company_with(rotation, "new", json_string(company_user(company, "joe-new")->key));
    json_decref(company_do_with(company, "joe", VERB_SUBMIT, company_one(rotation), "joe-new"));
    uint64_t rotated = last(&desk);
    expect_done(company_approve(company, "oscar", "KR-1", 1), "in-force");
    char *again = company_wait(company, "olga", company_grant_document(company, "joe", "COLLECTIONS_SPECIALIST"));
    uint64_t versions = last(&desk);
    json_decref(company_amend(company, "olga", again, company_grant_document(company, "joe", "CREDIT_ANALYST")));
    expect_done(company_approve(company, "oscar", again, 1), "in-force");
    free(again);
    json_t *grant = company_grant(company, "maria2", "BILLING_SPECIALIST");
    uint64_t granted = last(&desk);
    const struct company_act act = {.user = "joe",
                                    .verb = VERB_SUBMIT,
                                    .body = company_one(company_credit_note(company, "10442", "40251", "1.00")),
                                    .signer = &company_user(company, "joe-new")->signer};
    struct gate_answer answer;
    struct err err = {.text = ""};
    assert_int_equal(company_act(company, &act, &answer, &err), STATUS_OK);
    gate_answer_done(&answer);
    json_decref(grant);
    checkpoint(&desk);
    const char *asked[] = {"CN-1"};
    const struct pack_scope scope = {.sort = PACK_DOCUMENT, .documents = asked, .document_count = 1};
    pack_and_read(&desk, &scope, &bundle);
    assert_string_equal(why(&bundle, rotated), "signer joe");
    assert_string_equal(why(&bundle, rotated + 1), "signer joe");
    for (uint64_t seq = versions; seq < versions + 3; seq++)
        assert_string_equal(why(&bundle, seq), "signer joe");
    assert_null(why(&bundle, granted));
    /* Nobody's key is in the list who signed nothing here; the packer's is, for manifests only. */
    size_t length = 0;
    char *signers = (char *)bundle_file(&bundle, "allowed_signers", &length);
    signers = realloc(signers, length + 1);
    signers[length] = '\0';
    assert_non_null(strstr(signers, "joe namespaces=\"countersign\""));
    assert_null(strstr(signers, "priya namespaces=\"countersign\""));
    assert_true(strncmp(signers, "audrey namespaces=\"countersign-bundle\" ", 39) == 0);
    free(signers);
    bundle_done(&bundle);
    /* An officer submits what the old key signs too, and is refused: it has to be known there. */
    company_at(company, "2026-02-01T09:00:00.000Z");
    company_new_user(company, "maria-new");
    rotation = company_with(company_document(company, "key-rotation"), "user", json_string("maria"));
    company_with(rotation, "old", json_string(company_user(company, "maria")->key));
    company_with(rotation, "new", json_string(company_user(company, "maria-new")->key));
    const char *const by[] = {"olga", "maria", "maria-new", NULL};
    const struct company_act officers = {
        .user = "olga", .verb = VERB_SUBMIT, .body = company_one(rotation), .signers = by};
    assert_int_equal(company_act(company, &officers, &answer, &err), STATUS_OK);
    gate_answer_done(&answer);
    checkpoint(&desk);
    struct pack_scope day = {.sort = PACK_PERIOD};
    scope_days(&day, "2026-02-01");
    pack_and_read(&desk, &day, &bundle);
    assert_string_equal(why(&bundle, last(&desk)), "period");
    bundle_done(&bundle);
    desk_close(&desk);
}

static void a_policy_comes_with_who_made_it(void **state)
{
    struct desk desk;
    struct company *company = &desk.company;
    struct bundle bundle;
    (void)state;
    desk_open(&desk);
    company_at(company, "2026-01-10T12:00:00.000Z");
    char *number = company_wait(company, "olga", policy_document(company, "2026-01-20T00:00:00.000Z"));
    uint64_t proposed = last(&desk);
    expect_done(company_approve(company, "oscar", number, 1), "in-force");
    char *before = company_post(company, "joe", company_credit_note(company, "10442", "40251", "1.00"), 0);
    company_at(company, "2026-01-21T12:00:00.000Z");
    char *after = company_post(company, "joe", company_credit_note(company, "10442", "40251", "2.00"), 0);
    checkpoint(&desk);
    const char *asked[] = {before};
    const struct pack_scope scope = {.sort = PACK_DOCUMENT, .documents = asked, .document_count = 1};
    pack_and_read(&desk, &scope, &bundle);
    assert_null(why(&bundle, proposed));
    assert_int_equal(bundle.result.policies, 1);
    bundle_done(&bundle);
    asked[0] = after;
    pack_and_read(&desk, &scope, &bundle);
    assert_string_equal(why(&bundle, proposed), "policy");
    assert_string_equal(why(&bundle, proposed + 1), "policy");
    assert_int_equal(bundle.result.policies, 2); /* what follows was decided by the first one */
    bundle_done(&bundle);
    free(number);
    free(before);
    free(after);
    desk_close(&desk);
}

/* ---------------------------------------------------------------- evidence */

static const char *missing_why(const struct bundle *bundle, const struct hash *hash)
{
    const json_t *missing = json_object_get(bundle->manifest, "missing");
    char name[80] = "evidence/";
    hash_to_hex(hash, name + 9);
    for (size_t i = 0; i < json_array_size(missing); i++) {
        if (strcmp(member_text(json_array_get(missing, i), "name"), name) == 0)
            return member_text(json_array_get(missing, i), "why");
    }
    return NULL;
}

static void evidence_is_there_or_it_is_said_why_not(void **state)
{
    struct desk desk;
    struct company *company = &desk.company;
    struct bundle bundle;
    struct hash hash, name;
    struct err err = {.text = ""};
    char hex[HASH_HEX_CHARS + 1];
    const struct pack_scope whole = {.sort = PACK_BOOK};
    (void)state;
    desk_open(&desk);
    json_t *document = company_credit_note(company, "10442", "40251", "1.00");
    json_t *evidence = json_array_get(json_object_get(document, "evidence"), 0);
    assert_int_equal(hash_from_hex(member_text(evidence, "sha256"), &hash), STATUS_OK);
    hash_of("a name", 6, &name);
    hash_to_hex(&name, hex);
    json_object_set_new(evidence, "name", json_string(hex));
    char *first = company_post(company, "joe", document, 0);
    json_t *both = json_pack("[o, o]", company_credit_note(company, "10442", "40251", "2.00"),
                             company_credit_note(company, "10442", "40251", "3.00"));
    json_decref(company_do(company, "joe", VERB_SUBMIT, json_pack("{s:b, s:o}", "atomic", 0, "documents", both)));
    checkpoint(&desk);
    pack_and_read(&desk, &whole, &bundle);
    assert_int_equal(bundle.result.evidence, 3);
    assert_null(missing_why(&bundle, &hash));
    bundle_done(&bundle);
    desk.absent = &hash;
    pack_and_read(&desk, &whole, &bundle);
    assert_string_equal(missing_why(&bundle, &hash), "absent");
    assert_int_equal(bundle.result.absent, 1);
    bundle_done(&bundle);
    /* One that an erasure names, by its own hash or that of its name. */
    json_t *erasure = company_with(company_document(company, "erasure"), "personal", json_pack("[s]", hex));
    char *number = company_wait(company, "olga", company_with(erasure, "reason", json_string("asked for")));
    expect_done(company_approve(company, "oscar", number, 1), "in-force");
    checkpoint(&desk);
    pack_and_read(&desk, &whole, &bundle);
    assert_string_equal(missing_why(&bundle, &hash), "erased");
    bundle_done(&bundle);
    /* Of a document that the part is not about, though it stands in an entry of it. */
    desk.absent = NULL;
    const char *asked[] = {"CN-2"};
    const struct pack_scope part = {.sort = PACK_DOCUMENT, .documents = asked, .document_count = 1};
    pack_and_read(&desk, &part, &bundle);
    assert_int_equal(bundle.result.evidence, 1);
    assert_int_equal(bundle.result.left_out, 1);
    bundle_done(&bundle);
    /* Another content, whether the book says so or not. */
    char *to = folder_path(&desk.folder, "no");
    desk.altered = &hash;
    assert_int_equal(pack_to(&desk, &whole, to, &bundle.result, &err), STATUS_CORRUPT);
    hash_to_hex(&hash, hex);
    assert_non_null(strstr(err.text, hex));
    assert_non_null(strstr(err.text, "another content"));
    desk.altered = NULL;
    desk.evidence = STATUS_CORRUPT;
    assert_int_equal(pack_to(&desk, &whole, to, &bundle.result, &err), STATUS_CORRUPT);
    free(to);
    free(first);
    free(number);
    desk_close(&desk);
}

/* Named by several: wanted where one of them wants it, and by the first that does. */
static void evidence_counts_once(void **state)
{
    static const struct pack_evidence_item items[] = {
        {.hash = {{2}}, .seq = 1, .state = EVIDENCE_LEFT_OUT}, {.hash = {{2}}, .seq = 9, .state = EVIDENCE_WANTED},
        {.hash = {{2}}, .seq = 7, .state = EVIDENCE_WANTED},   {.hash = {{1}}, .seq = 5, .state = EVIDENCE_LEFT_OUT},
        {.hash = {{1}}, .seq = 4, .state = EVIDENCE_LEFT_OUT},
    };
    struct pack_evidence evidence = {.count = 0};
    (void)state;
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++)
        assert_int_equal(pack_evidence_add(&evidence, &items[i], NULL), STATUS_OK);
    pack_evidence_sort(&evidence);
    assert_int_equal(evidence.count, 2);
    assert_true(evidence.items[0].seq == 4 && evidence.items[0].state == EVIDENCE_LEFT_OUT);
    assert_true(evidence.items[1].seq == 7 && evidence.items[1].state == EVIDENCE_WANTED);
    pack_evidence_done(&evidence);
}

/* A look at bytes decides only what is not read; where they are cut off, they are read, and said to be of no day. */
static void a_look_is_on_the_safe_side(void **state)
{
    static const struct {
        const char *bytes;
        bool names;
    } rows[] = {{"{\"document\":\"CN-1\"}", true},
                {"{\"document\":\"CN-2\",\"links\":[{\"document\":\"CN-1\"}]}", true},
                {"{\"document\":\"CN-2\"}", false},
                {"{\"documents\":\"CN-1\"}", false},
                {"{\"document\":\"CN-2", true}};
    static const struct {
        const char *bytes;
        int32_t day;
    } ends[] = {{",\"time\":\"1970-01-03T09:00:05.000Z\",\"v\":1}", 2},
                {",\"time\":\"1970-01-03T09:00:05.000Z\",\"v\":2}", -1},
                {",\"time\":\"1970-13-03T09:00:05.000Z\",\"v\":1}", -1},
                {"Z\",\"v\":1}", -1}};
    json_t *set = json_pack("{s:b}", "CN-1", 1);
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (pack_look_names(slice_of(rows[i].bytes, strlen(rows[i].bytes)), "document", set) != rows[i].names)
            fail_msg("%s", rows[i].bytes);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (pack_look_day(slice_of(ends[i].bytes, strlen(ends[i].bytes))) != ends[i].day)
            fail_msg("%s", ends[i].bytes);
    json_decref(set);
}

/* ---------------------------------------------------------------- where it fails */

static void assert_names(const struct desk *desk, size_t count)
{
    DIR *dir = opendir(desk->folder.dir);
    size_t found = 0;
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir))
        found += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    assert_int_equal(found, count);
}

static enum status refuse_to_sign(void *context, const void *data, size_t length, struct raw_signature *ret_signature,
                                  struct err *err)
{
    (void)context, (void)data, (void)length, (void)ret_signature;
    return err_set(err, STATUS_PERMISSION, "no");
}

static void nothing_is_left_where_it_fails(void **state)
{
    static const char *const stretches[] = {"looking for documents", "looking for entries", "looking for invoices",
                                            "writing entries",       "copying evidence",    "putting it in place"};
    struct desk desk;
    struct pack_result result;
    struct err err = {.text = ""};
    const char *asked[] = {"CN-1"};
    const struct pack_scope scope = {.sort = PACK_DOCUMENT, .documents = asked, .document_count = 1};
    (void)state;
    desk_open(&desk);
    free(company_post(&desk.company, "joe", company_credit_note(&desk.company, "10442", "40251", "1.00"), 0));
    checkpoint(&desk);
    char *to = folder_path(&desk.folder, "to"), *far = folder_path(&desk.folder, "no/to");
    for (size_t i = 0; i < sizeof stretches / sizeof stretches[0]; i++) {
        desk.stop = stretches[i];
        assert_int_equal(pack_to(&desk, &scope, to, &result, &err), STATUS_IO);
        assert_non_null(strstr(err.text, stretches[i]));
        assert_names(&desk, 0);
    }
    desk.stop = NULL;
    desk.evidence = STATUS_FULL;
    assert_int_equal(pack_to(&desk, &scope, to, &result, &err), STATUS_FULL);
    assert_non_null(strstr(err.text, "named by entry"));
    desk.evidence = STATUS_OK;
    struct signer *signer = &company_user(&desk.company, "audrey")->signer, kept = *signer;
    signer->sign = refuse_to_sign;
    assert_int_equal(pack_to(&desk, &scope, to, &result, &err), STATUS_PERMISSION);
    *signer = kept;
    assert_int_equal(pack_to(&desk, &scope, far, &result, &err), STATUS_NOT_FOUND);
    assert_names(&desk, 0);
    assert_int_equal(symlink("nowhere", to),
                     0); /* a name is taken, whatever it leads to, and before any work is done */
    desk.stop = stretches[0];
    assert_int_equal(pack_to(&desk, &scope, to, &result, &err), STATUS_EXISTS);
    desk.stop = NULL;
    assert_int_equal(pack_to(&desk, &scope, to, &result, &err), STATUS_EXISTS);
    assert_names(&desk, 1);
    assert_int_equal(unlink(to), 0);
    assert_int_equal(pack_to(&desk, &scope, to, &result, &err), STATUS_OK);
    assert_int_equal(pack_to(&desk, &scope, to, &result, &err), STATUS_EXISTS);
    assert_names(&desk, 1);
    /* Slashes behind a name are no part of it. */
    char *slashes = folder_path(&desk.folder, "other//");
    assert_int_equal(pack_to(&desk, &scope, slashes, &result, &err), STATUS_OK);
    assert_int_equal(pack_to(&desk, &scope, slashes, &result, &err), STATUS_EXISTS);
    assert_names(&desk, 2);
    free(slashes);
    free(to);
    free(far);
    desk_close(&desk);
}

static void a_damaged_book_is_not_packed(void **state)
{
    struct small_book book;
    struct folder folder;
    struct journal *journal = NULL;
    struct pack_result result;
    struct err err = {.text = ""};
    const struct journal_options unchecked = {.read_only = true, .unchecked = true};
    char note[2048];
    (void)state;
    small_book_make(&book);
    small_book_checkpoint(&book, true, note);
    folder_make(&folder);
    char *to = folder_path(&folder, "to");
    const struct pack_maker maker = {
        .by = "maria", .exe = "0123456789abcdef", .release = "test", .signer = &book.signers[USER_MARIA]};
    size_t length = 0;
    for (uint64_t seq = 0; seq < SMALL_ENTRIES; seq++) {
        char *entry = raw_entry(&book, seq, &length);
        char *at = strstr(entry, "\"release\":\"");
        assert_non_null(at);
        at[11] ^= 1;
        raw_entry_put(&book, seq, entry, length);
        for (enum pack_sort sort = PACK_BOOK; sort <= PACK_PERIOD; sort++) {
            const struct pack_scope scope = {.sort = sort, .after_size = 1, .from = 0, .to = DATE_MAX};
            const struct pack_request request = {.to = to, .scope = &scope, .maker = &maker};
            struct pack_request whole = request;
            assert_int_equal(journal_open(book.dir, &unchecked, &journal, &err), STATUS_OK);
            whole.journal = journal;
            enum status status = pack_bundle(&whole, &result, &err);
            assert_int_equal(status, STATUS_CORRUPT);
            journal_close(journal);
            assert_int_not_equal(access(to, F_OK), 0);
        }
        at[11] ^= 1;
        raw_entry_put(&book, seq, entry, length);
        free(entry);
    }
    free(to);
    folder_remove(&folder);
    small_book_free(&book);
}

/* ---------------------------------------------------------------- page, options */

static void the_page_carries_the_files(void **state)
{
    static const char template[] = "<p><script type=\"application/json\" id=\"bundle\"></script></p>";
    struct folder folder;
    struct pack_folder pack;
    struct err err = {.text = ""};
    size_t length = 0;
    (void)state;
    folder_make(&folder);
    char *to = folder_path(&folder, "to");
    assert_int_equal(pack_folder_begin(&pack, to, &err), STATUS_OK);
    assert_int_equal(pack_folder_put(&pack, "a.txt", slice_of("<&>", 3), &err), STATUS_OK);
    assert_int_equal(pack_folder_put(&pack, "evidence/b", slice_of("", 0), &err), STATUS_OK);
    assert_int_equal(pack_page_write(&pack, slice_of(template, sizeof template - 1), 3, &err), STATUS_OK);
    char *path = folder_path(&folder, "%s/evidence.html", pack.part.text + strlen(folder.dir) + 1);
    char *page = (char *)folder_read(path, &length);
    static const char filled[] = "<p><script type=\"application/json\" id=\"bundle\">"
                                 "{\"files\":{\"a.txt\":\"PCY+\",\"evidence/b\":\"\"}}</script></p>";
    assert_int_equal(length, sizeof filled - 1);
    assert_memory_equal(page, filled, length);
    free(page);
    assert_int_equal(unlink(path), 0);
    pack.count--;
    assert_int_equal(pack_page_write(&pack, slice_of(template, sizeof template - 1), 2, &err), STATUS_OK);
    page = (char *)folder_read(path, &length);
    assert_int_equal(length, sizeof template - 1);
    assert_memory_equal(page, template, length);
    free(page);
    assert_int_equal(pack_page_write(&pack, slice_of("<p>", 3), 2, &err), STATUS_INPUT);
    pack_folder_done(&pack);
    assert_int_not_equal(access(path, F_OK), 0);
    free(path);
    free(to);
    folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_book_is_packed_up_to_its_checkpoint),
        cmocka_unit_test(an_extension_proves_what_was_there),
        cmocka_unit_test(a_bundle_stands_on_the_largest_checkpoint),
        cmocka_unit_test(documents_come_with_their_links),
        cmocka_unit_test(both_sides_of_a_transfer_are_there),
        cmocka_unit_test(the_invoice_of_a_dispute_is_there),
        cmocka_unit_test(a_period_has_what_its_entries_act_on),
        cmocka_unit_test(a_sample_says_where_it_came_from),
        cmocka_unit_test(keys_roles_and_policies_follow),
        cmocka_unit_test(a_policy_comes_with_who_made_it),
        cmocka_unit_test(evidence_is_there_or_it_is_said_why_not),
        cmocka_unit_test(evidence_counts_once),
        cmocka_unit_test(a_look_is_on_the_safe_side),
        cmocka_unit_test(nothing_is_left_where_it_fails),
        cmocka_unit_test(a_damaged_book_is_not_packed),
        cmocka_unit_test(the_page_carries_the_files),
    };
    return cmocka_run_group_tests_name("pack", tests, NULL, NULL);
}
