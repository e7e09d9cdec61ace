/*
 * Opening a bundle. The manifest is read first and believed in nothing but what it claims; every claim is then held against
 * the files. Guarantees that a bundle which is not what its manifest says has at least one finding, which names the file.
 */
#include "audit/bundle/read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/bundle/files.h"
#include "ledger/checkpoint.h"
#include "ledger/schema.h"
#include "ledger/sshsig.h"

enum { NOTES_FOLDER_CHARS = 12, NOTE_NUMBER_CHARS = 6 };

static unsigned long long number(uint64_t value)
{
    return (unsigned long long)value;
}

/* What keeps from going on; everything else is a finding about a file. */
static bool is_fatal(enum status status)
{
    return status == STATUS_MEMORY;
}

static void tell(struct bundle *bundle, const char *name, const struct err *what)
{
    finding_whole(bundle->findings, CHECK_BUNDLE, "%s: %s", name, what->text);
}

/* Who signed these bytes; that it is the key that the manifest names. */
static enum status signature_check(struct bundle *bundle, struct slice manifest, struct err *err)
{
    char *armour = NULL;
    size_t length = 0, blob_length = 0;
    uint8_t blob[SSHSIG_BYTES_MAX];
    struct sshsig info;
    const struct sshsig_message message = {
        .purpose = SSHSIG_BUNDLE, .bytes = manifest.bytes, .length = manifest.length};
    enum status status =
        bundle_file_read(bundle->folder, BUNDLE_SIGNATURE, SSHSIG_ARMOUR_BYTES_MAX, &armour, &length, err);
    if (status == STATUS_OK && strlen(armour) != length)
        status = err_set(err, STATUS_INPUT, "is no text");
    if (status == STATUS_OK)
        status = sshsig_dearmour(armour, blob, &blob_length, err);
    if (status == STATUS_OK)
        status = sshsig_verify_message(blob, blob_length, &message, &info, err);
    free(armour);
    if (status != STATUS_OK)
        return status;
    if (!sshkey_equal(&info.key, &bundle->packer)) {
        char print[SSHKEY_FINGERPRINT_CHARS + 1];
        sshkey_fingerprint(&info.key, print);
        return err_set(err, STATUS_SIGNATURE, "is by key %s, which is not the one that the manifest names", print);
    }
    bundle->is_signed = true;
    return STATUS_OK;
}

static enum status manifest_read(struct bundle *bundle, struct err *err)
{
    char *bytes = NULL;
    size_t length = 0;
    struct err what = {.status = STATUS_OK};
    enum status status =
        bundle_file_read(bundle->folder, BUNDLE_MANIFEST, BUNDLE_MANIFEST_BYTES_MAX, &bytes, &length, &what);
    if (status == STATUS_OK)
        status = bundle_manifest_read(slice_of(bytes, length), &bundle->manifest, &what);
    bundle->readable = status == STATUS_OK;
    if (status == STATUS_OK)
        status =
            sshkey_parse(member_text(json_object_get(bundle->manifest.json, "made"), "key"), &bundle->packer, &what);
    if (status != STATUS_OK && !is_fatal(status))
        tell(bundle, BUNDLE_MANIFEST, &what);
    if (status == STATUS_OK) {
        status = signature_check(bundle, slice_of(bytes, length), &what);
        if (status != STATUS_OK && !is_fatal(status))
            tell(bundle, BUNDLE_SIGNATURE, &what);
    }
    free(bytes);
    return is_fatal(status) ? err_set(err, status, "%s", what.text) : STATUS_OK;
}

static void listed_check(struct bundle *bundle, const char *name)
{
    if (bundle_manifest_file(&bundle->manifest, name) == NULL)
        finding_whole(bundle->findings, CHECK_BUNDLE, "%s: is not in the manifest's list, and no bundle is without",
                      name);
}

/* checkpoint.note against what the manifest says of it; who signed it is asked where the book's keys are known. */
static enum status note_check(struct bundle *bundle, struct err *err)
{
    const struct bundle_manifest *manifest = &bundle->manifest;
    struct checkpoint checkpoint;
    struct err what = {.status = STATUS_OK};
    struct note *note = malloc(sizeof *note);
    if (note == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a checkpoint");
    enum status status = bundle_file_read(bundle->folder, BUNDLE_NOTE, NOTE_SIGNED_BYTES_MAX, &bundle->note,
                                          &bundle->note_length, &what);
    if (status == STATUS_NOT_FOUND && bundle_manifest_file(manifest, BUNDLE_NOTE) != NULL)
        goto done; /* told with the files */
    if (status == STATUS_OK)
        status = note_parse(bundle->note, bundle->note_length, note, &what);
    if (status == STATUS_OK)
        status = checkpoint_parse(note->text, note->text_length, &checkpoint, &what);
    if (status == STATUS_OK && strcmp(checkpoint.origin, member_text(manifest->json, "origin")) != 0)
        status = err_set(&what, STATUS_CORRUPT, "its origin is %s, the manifest says %s", checkpoint.origin,
                         member_text(manifest->json, "origin"));
    if (status == STATUS_OK && checkpoint.head.size != manifest->checkpoint.size)
        status = err_set(&what, STATUS_CORRUPT, "is of %llu entries, the manifest says %llu",
                         number(checkpoint.head.size), number(manifest->checkpoint.size));
    if (status == STATUS_OK && !hash_equal(&checkpoint.head.root, &manifest->checkpoint.root))
        status = err_set(&what, STATUS_CORRUPT, "its root is not the one that the manifest says");
    if (status != STATUS_OK && !is_fatal(status))
        tell(bundle, BUNDLE_NOTE, &what);
done:
    free(note);
    return is_fatal(status) ? err_set(err, status, "%s", what.text) : STATUS_OK;
}

/* checkpoints/<number>-<size>.note, numbers from 0 without gaps. The list is sorted, and so are they. */
static enum status notes_list(struct bundle *bundle, struct err *err)
{
    const struct bundle_manifest *manifest = &bundle->manifest;
    bundle->notes = calloc(manifest->file_count + 1, sizeof *bundle->notes);
    if (bundle->notes == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for checkpoints");
    for (size_t i = 0; i < manifest->file_count; i++) {
        const char *name = manifest->files[i].name;
        if (strncmp(name, "checkpoints/", NOTES_FOLDER_CHARS) != 0)
            continue;
        struct bundle_note note = {.name = name};
        note.number = strtoull(name + NOTES_FOLDER_CHARS, NULL, 10);
        note.size = strtoull(name + NOTES_FOLDER_CHARS + NOTE_NUMBER_CHARS + 1, NULL, 10);
        if (manifest->sort != BUNDLE_BOOK)
            finding_whole(bundle->findings, CHECK_BUNDLE, "%s: stands only where the whole book is packed", name);
        else if (note.number != bundle->note_count)
            finding_whole(bundle->findings, CHECK_BUNDLE, "%s: checkpoint number %zu is missing before it", name,
                          bundle->note_count);
        else if (note.size > manifest->checkpoint.size)
            finding_whole(bundle->findings, CHECK_BUNDLE, "%s: is of more entries than the bundle's own checkpoint",
                          name);
        bundle->notes[bundle->note_count++] = note;
    }
    return STATUS_OK;
}

/* The name of a compiled policy's file is the hash of what is in it. */
static enum status policies_check(struct bundle *bundle, struct err *err)
{
    const struct bundle_manifest *manifest = &bundle->manifest;
    for (size_t i = 0; i < manifest->file_count; i++) {
        const char *name = manifest->files[i].name, *ending = strrchr(name, '.');
        char *bytes = NULL, hex[HASH_HEX_CHARS + 1];
        size_t length = 0;
        struct hash hash;
        if (strncmp(name, "policies/", 9) != 0 || strcmp(ending, ".json") != 0)
            continue;
        enum status status = bundle_file_read(bundle->folder, name, ENTRY_BYTES_MAX, &bytes, &length, err);
        if (is_fatal(status))
            return status;
        if (status != STATUS_OK)
            continue; /* told with the files */
        length -= length > 0 && bytes[length - 1] == '\n';
        hash_of(bytes, length, &hash);
        hash_to_hex(&hash, hex);
        if (strncmp(hex, name + 9, HASH_HEX_CHARS) != 0)
            finding_whole(bundle->findings, CHECK_BUNDLE, "%s: is not the policy that its name is the hash of", name);
        free(bytes);
    }
    return STATUS_OK;
}

static enum status check(struct bundle *bundle, struct err *err)
{
    enum status status = manifest_read(bundle, err);
    if (status != STATUS_OK || !bundle->readable)
        return status;
    listed_check(bundle, BUNDLE_ENTRIES);
    listed_check(bundle, BUNDLE_NOTE);
    bundle_files_check(bundle->folder, &bundle->manifest, bundle->findings);
    bundle_files_unlisted(bundle->folder, &bundle->manifest, bundle->findings);
    status = note_check(bundle, err);
    if (status == STATUS_OK)
        status = notes_list(bundle, err);
    return status == STATUS_OK ? policies_check(bundle, err) : status;
}

enum status bundle_open(const char *path, struct finding_list *findings, struct bundle **ret_bundle, struct err *err)
{
    struct bundle *bundle = calloc(1, sizeof *bundle);
    if (bundle == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a bundle");
    bundle->folder = -1;
    bundle->findings = findings;
    enum status status = bundle_folder_open(path, &bundle->folder, err);
    if (status == STATUS_OK)
        status = check(bundle, err);
    if (status != STATUS_OK)
        bundle_close(bundle);
    else
        *ret_bundle = bundle;
    return status;
}

void bundle_close(struct bundle *bundle)
{
    if (bundle == NULL)
        return;
    if (bundle->folder >= 0)
        close(bundle->folder);
    if (bundle->readable)
        bundle_manifest_done(&bundle->manifest);
    free(bundle->note);
    free(bundle->notes);
    free(bundle->lent);
    free(bundle);
}

enum status bundle_entries_open(const struct bundle *bundle, int *ret_fd, struct err *err)
{
    uint64_t bytes = 0;
    enum status status = bundle_file_open(bundle->folder, BUNDLE_ENTRIES, ret_fd, &bytes, err);
    if (status != STATUS_OK)
        err_prefix(err, "%s: ", BUNDLE_ENTRIES);
    return status;
}

enum status bundle_issued(struct bundle *bundle, uint64_t index, struct journal_checkpoint *ret_checkpoint,
                          struct err *err)
{
    if (index >= bundle->note_count)
        return err_set(err, STATUS_NOT_FOUND, "there is no checkpoint number %llu", number(index));
    const struct bundle_note *named = &bundle->notes[index];
    struct checkpoint checkpoint = {.head.size = 0};
    size_t length = 0;
    struct note *note = malloc(sizeof *note);
    if (note == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a checkpoint");
    free(bundle->lent);
    bundle->lent = NULL;
    enum status status =
        bundle_file_read(bundle->folder, named->name, NOTE_SIGNED_BYTES_MAX, &bundle->lent, &length, err);
    if (status == STATUS_OK)
        status = note_parse(bundle->lent, length, note, err);
    if (status == STATUS_OK)
        status = checkpoint_parse(note->text, note->text_length, &checkpoint, err);
    if (status == STATUS_OK && checkpoint.head.size != named->size)
        status = err_set(err, STATUS_CORRUPT, "is of %llu entries", number(checkpoint.head.size));
    free(note);
    if (status != STATUS_OK) {
        err_prefix(err, "%s: ", named->name);
        return is_fatal(status) ? status : STATUS_CORRUPT;
    }
    *ret_checkpoint = (struct journal_checkpoint){
        .size = checkpoint.head.size, .root = checkpoint.head.root, .note = slice_of(bundle->lent, length)};
    return STATUS_OK;
}
