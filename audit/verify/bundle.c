/*
 * A bundle as the source of a verification (BUNDLE.md section 6): its entries line by line, its issued checkpoints from
 * their files, no stored tree, no live books. A bundle of the whole book is verified as its journal would be; of a part,
 * each entry by itself and against its neighbours, and all of them against the checkpoint by the manifest's proof.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/bundle/files.h"
#include "audit/bundle/lines.h"
#include "audit/bundle/read.h"
#include "audit/verify/allowed.h"
#include "audit/verify/parts.h"
#include "audit/verify/source.h"
#include "audit/verify/state.h"
#include "audit/verify/tree_file.h"
#include "audit/verify/verify.h"
#include "audit/verify/why.h"
#include "ledger/checkpoint.h"
#include "ledger/schema.h"
#include "ledger/timestamps.h"
#include "ledger/tree_multi.h"

struct bundle_source {
    struct bundle *bundle;
    struct bundle_lines *lines;
    struct tree_multi multi;
    struct verify *verify;
    struct finding_list unheard; /* of lines that are looked at again */
    bool looks_again;
    bool read_whole; /* entries.jsonl, the first time: its length and hash */
    uint64_t read_bytes;
    struct hash read_hash;
    struct verify_state *state; /* what was verified before; NULL: nobody asked */
    struct verify_source source;
    struct verify_options options; /* as given, with the bundle's own checkpoint beside the others */
    struct verify_note notes[VERIFY_NOTES_MAX];
};

static enum status read_node(void *context, unsigned level, uint64_t index, struct hash *ret_hash, struct err *err)
{
    return verify_node(context, level, index, ret_hash, err);
}

/* An entry that was verified before has to be the same; no more is asked of it. */
static enum status compare_before(struct bundle_source *source, const struct source_entry *entry, struct err *err)
{
    struct verify *verify = source->verify;
    struct hash leaf, kept;
    char root[HASH_HEX_CHARS + 1];
    tree_leaf(entry->bytes.bytes, entry->bytes.length, &leaf);
    enum status status = tree_file_node(verify->computed, 0, entry->seq, &kept, err);
    if (status != STATUS_OK || hash_equal(&leaf, &kept))
        return status;
    hash_to_hex(&verify_state_head(source->state)->root, root);
    finding_at(&verify->findings, CHECK_ENTRIES, entry->seq,
               "is not the entry that was verified before, under the root %s of %llu entries: the book was forked",
               root, (unsigned long long)verify->before);
    source->verify->forked = true;
    return STATUS_NOT_FOUND;
}

static enum status next(void *context, struct source_entry *ret_entry, struct err *err)
{
    struct bundle_source *source = context;
    for (;;) {
        struct source_entry entry = {.owned = NULL};
        enum status status = source->verify->forked ? STATUS_NOT_FOUND : bundle_lines_next(source->lines, &entry, err);
        if (status != STATUS_OK)
            return status;
        if (entry.seq >= source->verify->before || source->looks_again) {
            *ret_entry = entry;
            return STATUS_OK;
        }
        status = compare_before(source, &entry, err);
        free(entry.owned);
        if (status != STATUS_OK)
            return status;
    }
}

static enum status open_lines(struct bundle_source *source, struct finding_list *findings, struct err *err)
{
    const struct bundle_manifest *manifest = &source->bundle->manifest;
    const struct bundle_range range = {.dense = manifest->sort == BUNDLE_BOOK || manifest->sort == BUNDLE_EXTENSION,
                                       .count = manifest->count,
                                       .first = manifest->first,
                                       .last = manifest->last};
    int fd = -1;
    enum status status = bundle_entries_open(source->bundle, &fd, err);
    return status == STATUS_OK ? bundle_lines_new(fd, &range, findings, &source->lines, err) : status;
}

static void note_read(struct bundle_source *source)
{
    if (!source->looks_again)
        source->read_whole = bundle_lines_hash(source->lines, &source->read_bytes, &source->read_hash);
}

/* What is wrong with lines has been told. Entries of the state, too: their times are the book's. */
static enum status again(void *context, struct err *err)
{
    struct bundle_source *source = context;
    note_read(source);
    bundle_lines_free(source->lines);
    source->lines = NULL;
    finding_list_init(&source->unheard, NULL, NULL);
    source->looks_again = true;
    return open_lines(source, &source->unheard, err);
}

static enum status issued_count(void *context, uint64_t *ret_count, struct err *err)
{
    const struct bundle_source *source = context;
    (void)err;
    *ret_count = source->bundle->note_count;
    return STATUS_OK;
}

static enum status issued(void *context, uint64_t number, struct journal_checkpoint *ret_checkpoint, struct err *err)
{
    struct bundle_source *source = context;
    return bundle_issued(source->bundle, number, ret_checkpoint, err);
}

static enum status stamp(void *context, const char *name, uint8_t *ret_reply, size_t *ret_length, struct err *err)
{
    const struct bundle_source *source = context;
    char path[BUNDLE_NAME_BYTES_MAX], *bytes = NULL;
    snprintf(path, sizeof path, "timestamps/%s", name);
    enum status status =
        bundle_file_read(source->bundle->folder, path, TIMESTAMP_REPLY_BYTES_MAX, &bytes, ret_length, err);
    if (status == STATUS_OK)
        memcpy(ret_reply, bytes, *ret_length);
    free(bytes);
    /* What cannot be read has been told with the files. */
    return status == STATUS_OK || status == STATUS_MEMORY || status == STATUS_LIMIT
               ? status
               : err_set(err, STATUS_NOT_FOUND, "timestamps/%s: cannot be read", name);
}

static enum status stamps(void *context, timestamps_step *step, void *step_context, struct err *err)
{
    const struct bundle_source *source = context;
    const struct bundle_manifest *manifest = &source->bundle->manifest;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < manifest->file_count; i++)
        if (strncmp(manifest->files[i].name, "timestamps/", 11) == 0)
            status = step(step_context, manifest->files[i].name + 11, err);
    return status;
}

static void tell_scope(const struct bundle_manifest *manifest, char ret_text[static VERIFY_SCOPE_BYTES])
{
    const json_t *scope = json_object_get(manifest->json, "scope"), *documents = json_object_get(scope, "documents");
    size_t count = json_array_size(documents);
    const char *seed = member_text(scope, "seed");
    switch (manifest->sort) {
    case BUNDLE_BOOK:
        snprintf(ret_text, VERIFY_SCOPE_BYTES, "the whole book");
        break;
    case BUNDLE_EXTENSION:
        snprintf(ret_text, VERIFY_SCOPE_BYTES, "what came after the first %llu entries",
                 (unsigned long long)manifest->after.size);
        break;
    case BUNDLE_PERIOD:
        snprintf(ret_text, VERIFY_SCOPE_BYTES, "period %s to %s", member_text(scope, "from"), member_text(scope, "to"));
        break;
    case BUNDLE_DOCUMENT:
        snprintf(ret_text, VERIFY_SCOPE_BYTES, "document %.64s%s",
                 count > 0 ? json_string_value(json_array_get(documents, 0)) : "", count > 1 ? " and others" : "");
        break;
    case BUNDLE_SAMPLE:
        snprintf(ret_text, VERIFY_SCOPE_BYTES, "a sample of %zu documents, seed %.64s", count,
                 seed == NULL ? "not committed" : seed);
        break;
    }
}

static void tell_bundle(const struct bundle *bundle, struct verify_bundle_told *told)
{
    const struct bundle_manifest *manifest = &bundle->manifest;
    const json_t *made = json_object_get(manifest->json, "made");
    tell_scope(manifest, told->scope);
    told->is_signed = bundle->is_signed;
    told->size = manifest->checkpoint.size;
    told->count = manifest->count;
    told->first = manifest->first;
    told->last = manifest->last;
    told->files = manifest->file_count;
    told->missing = json_array_size(json_object_get(manifest->json, "missing"));
    for (size_t i = 0; i < manifest->file_count; i++)
        told->evidence += strncmp(manifest->files[i].name, "evidence/", 9) == 0;
    snprintf(told->packer, sizeof told->packer, "%s", member_text(made, "by"));
    snprintf(told->at, sizeof told->at, "%s", member_text(made, "at"));
    sshkey_fingerprint(&bundle->packer, told->fingerprint);
}

/* What the auditor expected of it. */
static void check_expected(const struct verify *verify, const struct bundle *bundle, struct finding_list *findings)
{
    struct public_key wanted;
    const struct verify_options *options = verify->options;
    char print[SSHKEY_FINGERPRINT_CHARS + 1];
    const char *book = member_text(bundle->manifest.json, "book");
    if (options->packer != NULL && sshkey_parse(options->packer, &wanted, NULL) == STATUS_OK &&
        !sshkey_equal(&wanted, &bundle->packer)) {
        sshkey_fingerprint(&wanted, print);
        finding_whole(findings, CHECK_BUNDLE, "MANIFEST.json: was packed by key %s, and %s was asked for",
                      verify->result->bundle.fingerprint, print);
    }
    if (options->book != NULL && strcmp(book, options->book) != 0)
        finding_whole(findings, CHECK_BUNDLE, "MANIFEST.json: is of book %s, and %s was asked for", book,
                      options->book);
}

/* After the entries: the hash of all that was read, and the book that they are of. */
static void check_read(struct verify *verify, struct bundle_source *source)
{
    const struct bundle_manifest *manifest = &source->bundle->manifest;
    const struct bundle_file *file = bundle_manifest_file(manifest, BUNDLE_ENTRIES);
    uint64_t epoch = 0;
    note_read(source);
    uint64_t bytes = source->read_bytes;
    bool whole = source->read_whole;
    const char *book = member_text(manifest->json, "book"), *origin = member_text(manifest->json, "origin");
    if (whole && file != NULL && bytes != file->bytes)
        finding_whole(&verify->findings, CHECK_BUNDLE, "%s: has %llu bytes, the manifest says %llu", BUNDLE_ENTRIES,
                      (unsigned long long)bytes, (unsigned long long)file->bytes);
    else if (whole && file != NULL && !hash_equal(&source->read_hash, &file->sha256))
        finding_whole(&verify->findings, CHECK_BUNDLE, "%s: its bytes are not those that the manifest names by hash",
                      BUNDLE_ENTRIES);
    if (verify->chartered && strcmp(verify->book, book) != 0)
        finding_whole(&verify->findings, CHECK_BUNDLE, "MANIFEST.json: is of book %s, and the charter makes book %s",
                      book, verify->book);
    if (verify->chartered &&
        checkpoint_epoch(origin, member_text(verify->charter, "name"), verify->book, &epoch, NULL) != STATUS_OK)
        finding_whole(&verify->findings, CHECK_BUNDLE, "MANIFEST.json: origin: %s is none of this book", origin);
}

static enum status begin_part(struct verify *verify, struct bundle_source *source, struct err *err)
{
    const struct bundle_manifest *manifest = &source->bundle->manifest;
    verify->part = manifest->sort != BUNDLE_BOOK && source->state == NULL;
    verify->claimed = manifest->checkpoint;
    verify->result->bundle.part = verify->part;
    if (manifest->sort == BUNDLE_BOOK && manifest->proof_count > 0)
        finding_whole(&verify->findings, CHECK_BUNDLE, "MANIFEST.json: proof: that of a whole book is empty");
    if (!verify->part)
        return STATUS_OK;
    verify->multi = &source->multi;
    enum status status = STATUS_OK;
    if (manifest->sort != BUNDLE_EXTENSION)
        status = why_new(verify, manifest, &verify->why, err);
    if (status != STATUS_OK)
        return status;
    return tree_multi_check(&source->multi, manifest->checkpoint.size, manifest->proof, manifest->proof_count, err);
}

static enum status root_before(struct verify *verify, uint64_t size, struct hash *ret_root, struct err *err)
{
    const struct tree_reader reader = {.node = read_node, .context = verify};
    return tree_root(&reader, size, ret_root, err);
}

/* What an extension goes on from, by its own proof, is what it says. */
static void check_after(struct verify *verify, const struct bundle_manifest *manifest)
{
    const struct tree_head *after = &manifest->after;
    struct tree_frontier frontier;
    struct err what = {.status = STATUS_OK};
    struct hash root = {{0}};
    enum status status = STATUS_OK;
    if (manifest->count == 0 && manifest->proof_count == 1)
        root = manifest->proof[0];
    else
        status = tree_multi_before(after->size, manifest->proof, manifest->proof_count, &frontier, &what);
    if (manifest->count > 0 && status == STATUS_OK)
        tree_frontier_root(&frontier, &root);
    if (status != STATUS_OK)
        finding_whole(&verify->findings, CHECK_BUNDLE, "MANIFEST.json: proof: %s", what.text);
    else if (!hash_equal(&root, &after->root))
        finding_whole(
            &verify->findings, CHECK_BUNDLE,
            "MANIFEST.json: proof: does not lead to the root of the first %llu entries that scope.after names",
            (unsigned long long)after->size);
}

/* The book of today against the one that was verified before: checkpoints first, entries as they are read. */
static enum status check_before(struct verify *verify, struct bundle_source *source, struct err *err)
{
    const struct bundle_manifest *manifest = &source->bundle->manifest;
    const struct tree_head *before = verify_state_head(source->state), *today = &manifest->checkpoint;
    const struct tree_head *common = manifest->sort == BUNDLE_EXTENSION ? &manifest->after : today;
    const char *book = member_text(manifest->json, "book");
    char root_text[HASH_HEX_CHARS + 1], today_text[HASH_HEX_CHARS + 1];
    struct hash root;
    hash_to_hex(&before->root, root_text);
    hash_to_hex(&common->root, today_text);
    source->verify->forked = true;
    if (strcmp(verify_state_book(source->state), book) != 0) {
        finding_whole(&verify->findings, CHECK_CHECKPOINTS,
                      "the bundle is of book %s, and what was verified before is of %s", book,
                      verify_state_book(source->state));
        return STATUS_OK;
    }
    if (common->size > before->size && common != today)
        return err_set(
            err, STATUS_INPUT,
            "the bundle goes on after %llu entries, and %llu were verified before: have those in between packed",
            (unsigned long long)common->size, (unsigned long long)before->size);
    if (common->size <= before->size) {
        enum status status = root_before(verify, common->size, &root, err);
        if (status != STATUS_OK)
            return status;
        if (!hash_equal(&root, &common->root)) {
            finding_whole(
                &verify->findings, CHECK_CHECKPOINTS,
                "the bundle's root of %llu entries is %s, which does not agree with the root %s of %llu that was "
                "verified before: the book was forked",
                (unsigned long long)common->size, today_text, root_text, (unsigned long long)before->size);
            return STATUS_OK;
        }
    }
    if (today->size < before->size) {
        finding_whole(
            &verify->findings, CHECK_CHECKPOINTS,
            "the bundle's checkpoint is of %llu entries, and %llu were verified before, root %s: the book was cut "
            "off or put back, or this is an older copy",
            (unsigned long long)today->size, (unsigned long long)before->size, root_text);
        return STATUS_OK;
    }
    source->verify->forked = false;
    return STATUS_OK;
}

/* Opens the state and lets the verification go on from it. */
static enum status begin_state(struct verify *verify, struct bundle_source *source, struct err *err)
{
    const struct verify_options *options = verify->options;
    const struct bundle_manifest *manifest = &source->bundle->manifest;
    bool extension = manifest->sort == BUNDLE_EXTENSION;
    if (options->state_dir == NULL)
        return STATUS_OK;
    if (options->fast)
        return err_set(err, STATUS_INPUT, "a state is kept of decisions that were made again: not with --fast");
    if (!extension && manifest->sort != BUNDLE_BOOK)
        return err_set(err, STATUS_INPUT,
                       "a state goes with a bundle of the whole book or of what came since, not with %s",
                       verify->result->bundle.scope);
    enum status status = verify_state_open(options->state_dir, &source->state, err);
    if (status == STATUS_OK && extension && verify_state_head(source->state)->size == 0)
        status = err_set(err, STATUS_INPUT, "%s: nothing was verified before: begin with a bundle of the whole book",
                         options->state_dir);
    if (status == STATUS_OK)
        status = verify_state_begin(source->state, verify, err);
    if (status != STATUS_OK || verify->before == 0)
        return status;
    verify->result->bundle.before = verify->before;
    return check_before(verify, source, err);
}

/* Nothing is kept of a book with findings, but for those that it records itself. */
static enum status keep_state(struct verify *verify, struct bundle_source *source, struct err *err)
{
    const struct finding_list *findings = &verify->findings;
    if (source->state == NULL || findings->count > findings->recorded || !verify->chartered)
        return STATUS_OK;
    enum status status = verify_state_keep(source->state, verify, err);
    verify->result->bundle.kept = status == STATUS_OK;
    return status;
}

static enum status run(struct verify *verify, struct bundle_source *source, struct err *err)
{
    const struct bundle_manifest *manifest = &source->bundle->manifest;
    struct verify_bundle_told *told = &verify->result->bundle;
    struct err what = {.status = STATUS_OK};
    tell_bundle(source->bundle, told);
    check_expected(verify, source->bundle, &verify->findings);
    enum status status = begin_state(verify, source, err);
    if (status == STATUS_OK && !source->verify->forked)
        status = begin_part(verify, source, err);
    if (status != STATUS_OK || source->verify->forked)
        return status;
    if (manifest->sort == BUNDLE_EXTENSION)
        check_after(verify, manifest);
    status = open_lines(source, &verify->findings, &what);
    if (status == STATUS_MEMORY)
        return err_set(err, status, "%s", what.text);
    if (status != STATUS_OK) { /* the file's finding has been made with the others */
        finding_whole(&verify->findings, CHECK_ENTRIES, "%s", what.text);
        return STATUS_OK;
    }
    source->source.size = verify->part ? manifest->count : manifest->checkpoint.size;
    verify->source = &source->source;
    status = verify_run(verify, err);
    if (status != STATUS_OK || source->verify->forked)
        return status;
    told->keyless = verify->part && !verify->chartered;
    check_read(verify, source);
    status = verify_allowed(verify, source->bundle, err);
    if (status != STATUS_OK)
        return status;
    verify->result->complete = true;
    return keep_state(verify, source, err);
}

/* The bundle's own checkpoint goes with those that the auditor brings. */
static void add_note(struct bundle_source *source)
{
    const struct bundle *bundle = source->bundle;
    struct verify_options *options = &source->options;
    if (bundle->note == NULL)
        return;
    if (options->note_count > 0)
        memcpy(source->notes, options->notes, options->note_count * sizeof source->notes[0]);
    source->notes[options->note_count++] =
        (struct verify_note){.name = BUNDLE_NOTE, .bytes = slice_of(bundle->note, bundle->note_length)};
    options->notes = source->notes;
}

enum status verify_bundle(const struct verify_options *options, struct verify_result *ret_result, struct err *err)
{
    struct verify *verify = NULL;
    struct bundle_source *source = NULL;
    if (options->note_count >= VERIFY_NOTES_MAX)
        return err_set(err, STATUS_LIMIT, "at most %d checkpoints can be given", VERIFY_NOTES_MAX - 1);
    source = calloc(1, sizeof *source);
    if (source == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a bundle");
    source->options = *options;
    source->source = (struct verify_source){.context = source,
                                            .what = "the bundle",
                                            .next = next,
                                            .again = again,
                                            .issued_count = issued_count,
                                            .issued = issued,
                                            .stamp = stamp,
                                            .stamps = stamps};
    enum status status = verify_new(&source->options, ret_result, &verify, err);
    if (status != STATUS_OK)
        goto done;
    source->verify = verify;
    ret_result->bundle.given = true;
    status = bundle_open(options->bundle_dir, &verify->findings, &source->bundle, err);
    if (status != STATUS_OK)
        goto done;
    add_note(source);
    if (source->bundle->readable)
        status = run(verify, source, err);
done:
    verify_free(verify);
    verify_state_close(source->state);
    if (source->lines != NULL)
        bundle_lines_free(source->lines);
    finding_list_done(&source->unheard);
    bundle_close(source->bundle);
    tree_multi_done(&source->multi);
    free(source);
    return status;
}
