/*
 * Making bundles for tests. Trouble here is trouble of the test: it fails at once.
 */
#include "tests/support/bundle_made.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "ledger/canon.h"
#include "ledger/checkpoint.h"
#include "ledger/sshkey.h"
#include "ledger/sshsig.h"
#include "ledger/tree.h"
#include "ledger/tree_multi.h"

static void demand(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s", err->text);
}

static void subtree(const struct hash *leaves, uint64_t start, uint64_t count, struct hash *ret_hash)
{
    struct hash left, right;
    if (count == 1) {
        *ret_hash = leaves[start];
        return;
    }
    subtree(leaves, start, count / 2, &left);
    subtree(leaves, start + count / 2, count / 2, &right);
    tree_node(&left, &right, ret_hash);
}

static enum status read_node(void *context, unsigned level, uint64_t index, struct hash *ret_hash, struct err *err)
{
    const struct bundle_made *made = context;
    (void)err;
    subtree(made->leaves, index << level, UINT64_C(1) << level, ret_hash);
    return STATUS_OK;
}

static void root_of(const struct bundle_made *made, uint64_t size, struct hash *ret_root)
{
    const struct tree_reader reader = {.node = read_node, .context = (void *)(uintptr_t)made};
    struct err err = {.status = STATUS_OK};
    demand(tree_root(&reader, size, ret_root, &err), &err);
}

void bundle_made_sign(struct bundle_made *made, enum small_user signer, bool witnessed)
{
    struct note_key book, witness, key;
    struct checkpoint checkpoint = {.origin = ""};
    struct err err = {.status = STATUS_OK};
    char note[CHECKPOINT_NOTE_MAX];
    small_book_keys(made->book, &book, &witness);
    for (size_t i = 0; i < made->count; i++)
        tree_leaf(made->lines[i], strlen(made->lines[i]), &made->leaves[i]);
    made->size = made->count;
    snprintf(checkpoint.origin, sizeof checkpoint.origin, "%s", book.name);
    checkpoint.head.size = made->size;
    root_of(made, made->size, &checkpoint.head.root);
    const struct signer *by = &made->book->signers[signer];
    demand(note_key_init(NOTE_ED25519, book.name, by->key.ed25519, &key, &err), &err);
    demand(checkpoint_sign_by(&checkpoint, &key, by, note, &err), &err);
    snprintf(made->note, sizeof made->note, "%s", note);
    if (witnessed)
        small_book_cosign(made->book, made->note);
}

void bundle_made_take(struct bundle_made *made, const struct small_book *book, uint64_t size)
{
    *made = (struct bundle_made){.book = book, .scope = "{\"sort\":\"book\"}", .packer = &book->signers[USER_ANA]};
    assert_true(size <= MADE_LINES_MAX);
    for (; made->count < size; made->count++) {
        size_t length = 0;
        char *bytes = raw_entry(book, made->count, &length);
        assert_non_null(bytes);
        made->lines[made->count] = strndup(bytes, length);
        made->seqs[made->count] = made->count;
        free(bytes);
    }
    bundle_made_sign(made, USER_BOOK, false);
}

void bundle_made_part(struct bundle_made *made, uint64_t mask, const char *scope)
{
    size_t kept = 0;
    for (size_t i = 0; i < made->count; i++)
        if ((mask >> made->seqs[i] & 1) == 1) {
            made->lines[kept] = made->lines[i];
            made->seqs[kept++] = made->seqs[i];
        } else {
            free(made->lines[i]);
        }
    made->count = kept;
    snprintf(made->scope, sizeof made->scope, "%s", scope);
}

void bundle_made_extension(struct bundle_made *made, uint64_t after)
{
    struct hash root;
    char hex[HASH_HEX_CHARS + 1], scope[sizeof made->scope];
    root_of(made, after, &root);
    hash_to_hex(&root, hex);
    snprintf(scope, sizeof scope, "{\"after\":{\"root\":\"%s\",\"size\":%llu},\"sort\":\"extension\"}", hex,
             (unsigned long long)after);
    bundle_made_part(made, ~((UINT64_C(1) << after) - 1), scope);
}

void bundle_made_insert(struct bundle_made *made, size_t index, const char *text)
{
    assert_true(made->count < MADE_LINES_MAX && index <= made->count);
    memmove(&made->lines[index + 1], &made->lines[index], (made->count - index) * sizeof made->lines[0]);
    made->lines[index] = strdup(text);
    made->count++;
}

void bundle_made_drop(struct bundle_made *made, size_t index)
{
    free(made->lines[index]);
    made->count--;
    memmove(&made->lines[index], &made->lines[index + 1], (made->count - index) * sizeof made->lines[0]);
}

void bundle_made_change(struct bundle_made *made, size_t index, const char *from, const char *to)
{
    char *line = made->lines[index], *place = strstr(line, from);
    if (place == NULL)
        fail_msg("no %s in %s", from, line);
    size_t before = (size_t)(place - line), room = strlen(line) + strlen(to) + 1;
    char *changed = malloc(room);
    snprintf(changed, room, "%.*s%s%s", (int)before, line, to, place + strlen(from));
    free(line);
    made->lines[index] = changed;
}

void bundle_made_file(struct bundle_made *made, const char *name, const char *text, bool listed)
{
    assert_true(made->file_count < MADE_FILES_MAX);
    struct made_file *file = &made->files[made->file_count++];
    snprintf(file->name, sizeof file->name, "%s", name);
    file->bytes = strdup(text);
    file->length = strlen(text);
    file->unlisted = !listed;
}

static void file_write(const char *dir, const char *name, const char *bytes, size_t length)
{
    char path[SCRATCH_PATH_BYTES + 200];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    char *slash = strrchr(path, '/');
    *slash = '\0';
    mkdir(path, 0700);
    *slash = '/';
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

/* Keeps the list sorted by name. */
static void list_file(json_t *list, const char *name, const char *bytes, size_t length)
{
    struct hash hash;
    char hex[HASH_HEX_CHARS + 1];
    size_t at = 0;
    hash_of(bytes, length, &hash);
    hash_to_hex(&hash, hex);
    while (at < json_array_size(list) &&
           strcmp(json_string_value(json_object_get(json_array_get(list, at), "name")), name) < 0)
        at++;
    json_array_insert_new(list, at,
                          json_pack("{s:I, s:s, s:s}", "bytes", (json_int_t)length, "name", name, "sha256", hex));
}

static json_t *proof_of(const struct bundle_made *made)
{
    const struct tree_reader reader = {.node = read_node, .context = (void *)(uintptr_t)made};
    struct tree_multi multi;
    struct hash root;
    struct err err = {.status = STATUS_OK};
    json_t *list = json_array();
    size_t count = 0;
    if (strstr(made->scope, "\"book\"") != NULL)
        return list;
    demand(tree_multi_build(&multi, made->size, &reader, &err), &err);
    for (size_t i = 0; i < made->count; i++)
        demand(tree_multi_add(&multi, made->seqs[i], &made->leaves[made->seqs[i]], &err), &err);
    demand(tree_multi_end(&multi, &root, &err), &err);
    const struct hash *hashes = tree_multi_hashes(&multi, &count);
    for (size_t i = 0; i < count; i++) {
        char hex[HASH_HEX_CHARS + 1];
        hash_to_hex(&hashes[i], hex);
        json_array_append_new(list, json_string(hex));
    }
    tree_multi_done(&multi);
    return list;
}

/* Why each entry of the small book is in a part that is about its four documents. */
static const char *const reasons[SMALL_ENTRIES] = {
    "charter",           "signer maria",     "signer maria",  "signer maria",    "signer maria",
    "customer US01/C-1", "invoice US01/I-1", "document CN-1", "document CN-2",   "document CN-2",
    "document CN-3",     "document CN-3",    "document CN-3", "sample entry 13", "document CN-4"};

static json_t *why_of(const struct bundle_made *made)
{
    json_t *list = json_array();
    for (size_t i = 0; i < made->count && made->seqs[i] < SMALL_ENTRIES; i++)
        json_array_append_new(
            list, json_pack("{s:I, s:[s]}", "seq", (json_int_t)made->seqs[i], "why", reasons[made->seqs[i]]));
    return list;
}

/* What the note says, as the manifest repeats it; of a note that is none, the book. */
static json_t *manifest_of(const struct bundle_made *made, json_t *files)
{
    char origin[256] = "", root[HASH_HEX_CHARS + 1], key[PUBLIC_KEY_TEXT_MAX];
    struct hash hash;
    unsigned long long size = made->size;
    (void)sscanf(made->note, "%255[^\n]\n%llu", origin, &size);
    root_of(made, made->size, &hash);
    hash_to_hex(&hash, root);
    sshkey_format(&made->packer->key, key);
    json_t *entries = made->count == 0
                          ? json_pack("{s:i}", "count", 0)
                          : json_pack("{s:I, s:I, s:I}", "count", (json_int_t)made->count, "first",
                                      (json_int_t)made->seqs[0], "last", (json_int_t)made->seqs[made->count - 1]);
    return json_pack("{s:s, s:i, s:{s:s, s:I}, s:o, s:o, s:{s:s, s:s, s:s, s:s, s:s}, s:s, s:o, s:o}", "book",
                     made->book->id, "bundle", 1, "checkpoint", "root", root, "size", (json_int_t)size, "entries",
                     entries, "files", files, "made", "at", "2026-02-01T12:00:00.000Z", "by", "ana", "exe",
                     "0000000000000000", "key", key, "release", "test", "origin", origin, "proof", proof_of(made),
                     "scope", json_loads(made->scope, 0, NULL));
}

static void sign_and_write(const struct bundle_made *made, const char *dir, json_t *manifest)
{
    struct err err = {.status = STATUS_OK};
    char *bytes = NULL, armour[SSHSIG_ARMOUR_BYTES_MAX];
    uint8_t blob[SSHSIG_BYTES_MAX];
    size_t length = 0, blob_length = 0;
    demand(canon_encode(manifest, &bytes, &length, &err), &err);
    bytes[length++] = '\n';
    const struct sshsig_message message = {.purpose = SSHSIG_BUNDLE, .bytes = bytes, .length = length};
    demand(sshsig_sign_message(made->packer, &message, blob, &blob_length, &err), &err);
    sshsig_armour(blob, blob_length, armour);
    file_write(dir, "MANIFEST.json", bytes, length);
    file_write(dir, "MANIFEST.json.sig", armour, strlen(armour));
    free(bytes);
}

void bundle_made_write(const struct bundle_made *made, const char *dir)
{
    json_t *files = json_array();
    size_t room = 1, used = 0;
    assert_int_equal(mkdir(dir, 0700), 0);
    for (size_t i = 0; i < made->count; i++)
        room += strlen(made->lines[i]) + 1;
    char *entries = malloc(room);
    for (size_t i = 0; i < made->count; i++)
        used += (size_t)snprintf(entries + used, room - used, "%s\n", made->lines[i]);
    file_write(dir, "entries.jsonl", entries, used);
    list_file(files, "entries.jsonl", entries, used);
    file_write(dir, "checkpoint.note", made->note, strlen(made->note));
    list_file(files, "checkpoint.note", made->note, strlen(made->note));
    for (size_t i = 0; i < made->file_count; i++) {
        const struct made_file *file = &made->files[i];
        file_write(dir, file->name, file->bytes, file->length);
        if (!file->unlisted)
            list_file(files, file->name, file->bytes, file->length);
    }
    json_t *manifest = manifest_of(made, files);
    assert_non_null(manifest);
    if (strstr(made->scope, "\"book\"") == NULL && strstr(made->scope, "\"extension\"") == NULL)
        json_object_set_new(manifest, "why", why_of(made));
    if (made->edit != NULL)
        made->edit(manifest);
    sign_and_write(made, dir, manifest);
    json_decref(manifest);
    free(entries);
}

void bundle_made_free(struct bundle_made *made)
{
    for (size_t i = 0; i < made->count; i++)
        free(made->lines[i]);
    for (size_t i = 0; i < made->file_count; i++)
        free(made->files[i].bytes);
    made->count = made->file_count = 0;
}
