/*
 * Reading a manifest: canonical JSON and one LF, closed forms by table, then what tables cannot say: numbers that fit one
 * another, names that are those of section 1, in order and none twice. Implements BUNDLE.md sections 1, 2 and 4.
 */
#include "audit/bundle/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/canon.h"
#include "ledger/limits.h"
#include "ledger/schema.h"

enum { PROOF_MAX = BUNDLE_MANIFEST_BYTES_MAX / (HASH_HEX_CHARS + 3), EXE_CHARS = 16, REASONS_MAX = 1000 };

const char *const bundle_folders[] = {"checkpoints", "evidence", "policies", "timestamps", NULL};

static const char *const sort_words[] = {"book", "extension", "period", "document", "sample", NULL};
static const char *const missing_words[] = {"absent", "erased", "left-out", NULL};

static const struct field head_fields[] = {
    {.name = "root", .type = FIELD_HASH},
    {.name = "size", .type = FIELD_INTEGER, .min = 0, .max = CANON_INTEGER_MAX},
};
static const struct schema head_schema = SCHEMA("tree", head_fields, NULL);

static const struct field entries_fields[] = {
    {.name = "count", .type = FIELD_INTEGER, .min = 0, .max = CANON_INTEGER_MAX},
    {.name = "first", .type = FIELD_INTEGER, .min = 0, .max = CANON_INTEGER_MAX, .optional = true},
    {.name = "last", .type = FIELD_INTEGER, .min = 0, .max = CANON_INTEGER_MAX, .optional = true},
};
static const struct schema entries_schema = SCHEMA("range of entries", entries_fields, NULL);

static const struct field file_fields[] = {
    {.name = "bytes", .type = FIELD_INTEGER, .min = 0, .max = CANON_INTEGER_MAX},
    {.name = "name", .type = FIELD_TEXT, .min = 1, .max = BUNDLE_NAME_BYTES_MAX},
    {.name = "sha256", .type = FIELD_HASH},
};
static const struct schema file_schema = SCHEMA("file", file_fields, NULL);

static const struct field made_fields[] = {
    {.name = "at", .type = FIELD_INSTANT},
    {.name = "by", .type = FIELD_ID},
    {.name = "exe", .type = FIELD_TEXT, .max = EXE_CHARS},
    {.name = "key", .type = FIELD_KEY},
    {.name = "release", .type = FIELD_TEXT, .max = NAME_BYTES_MAX},
};
static const struct schema made_schema = SCHEMA("packer", made_fields, NULL);

static const struct field missing_fields[] = {
    {.name = "name", .type = FIELD_TEXT, .min = 1, .max = BUNDLE_NAME_BYTES_MAX},
    {.name = "why", .type = FIELD_WORD, .words = missing_words},
};
static const struct schema missing_schema = SCHEMA("missing file", missing_fields, NULL);

static const struct field why_fields[] = {
    {.name = "seq", .type = FIELD_INTEGER, .min = 0, .max = CANON_INTEGER_MAX},
    {.name = "why", .type = FIELD_LIST_TEXT, .min = 1, .max = REASONS_MAX},
};
static const struct schema why_schema = SCHEMA("reason", why_fields, NULL);

static const struct field manifest_fields[] = {
    {.name = "book", .type = FIELD_HASH},
    {.name = "bundle", .type = FIELD_INTEGER, .min = BUNDLE_FORMAT, .max = BUNDLE_FORMAT},
    {.name = "checkpoint", .type = FIELD_OBJECT, .schema = &head_schema},
    {.name = "entries", .type = FIELD_OBJECT, .schema = &entries_schema},
    {.name = "files", .type = FIELD_LIST, .schema = &file_schema, .max = BUNDLE_FILES_MAX},
    {.name = "made", .type = FIELD_OBJECT, .schema = &made_schema},
    {.name = "missing", .type = FIELD_LIST, .schema = &missing_schema, .max = BUNDLE_FILES_MAX, .optional = true},
    {.name = "origin", .type = FIELD_TEXT, .min = 1, .max = 192},
    {.name = "proof", .type = FIELD_LIST_HASH, .max = PROOF_MAX},
    {.name = "scope", .type = FIELD_OBJECT},
    {.name = "why", .type = FIELD_LIST, .schema = &why_schema, .optional = true},
};
static const struct schema manifest_schema = SCHEMA("manifest", manifest_fields, NULL);

static const struct field sort_fields[] = {{.name = "sort", .type = FIELD_WORD, .words = sort_words}};
static const struct schema book_schema = SCHEMA("scope", sort_fields, NULL);

static const struct field extension_fields[] = {{.name = "after", .type = FIELD_OBJECT, .schema = &head_schema}};
static const struct schema extension_schema = SCHEMA("scope of an extension", extension_fields, &book_schema);

static const struct field period_fields[] = {
    {.name = "from", .type = FIELD_DATE},
    {.name = "to", .type = FIELD_DATE},
};
static const struct schema period_schema = SCHEMA("scope of a period", period_fields, &book_schema);

static const struct field document_fields[] = {
    {.name = "documents", .type = FIELD_LIST_ID, .max = BUNDLE_DOCUMENTS_MAX},
};
static const struct schema document_schema = SCHEMA("scope of documents", document_fields, &book_schema);

static const struct field sample_fields[] = {
    {.name = "documents", .type = FIELD_LIST_ID, .max = BUNDLE_DOCUMENTS_MAX},
    {.name = "seed", .type = FIELD_ID, .optional = true}, /* or null */
    {.name = "selection", .type = FIELD_HASH},
};
static const struct schema sample_schema = SCHEMA("scope of a sample", sample_fields, &book_schema);

static const struct schema *const sort_schemas[] = {
    [BUNDLE_BOOK] = &book_schema,         [BUNDLE_EXTENSION] = &extension_schema, [BUNDLE_PERIOD] = &period_schema,
    [BUNDLE_DOCUMENT] = &document_schema, [BUNDLE_SAMPLE] = &sample_schema,
};

static unsigned long long number(uint64_t value)
{
    return (unsigned long long)value;
}

/* CN-2, or of an entry's own: GR-0.1 (FORMAT.md section 6). */
static bool is_request_number(const char *text)
{
    const char *digits = text + 3;
    if (strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2 || text[2] != '-')
        return false;
    size_t length = strspn(digits, "0123456789");
    if (digits[length] == '.' && length > 0 && (length == 1 || digits[0] != '0')) {
        digits += length + 1;
        length = strspn(digits, "0123456789");
    }
    return length > 0 && digits[0] != '0' && digits[length] == '\0';
}

/* Of documents and samples: sorted, each once. */
static enum status documents_check(const json_t *documents, struct err *err)
{
    const char *before = "";
    for (size_t i = 0; i < json_array_size(documents); i++) {
        const char *number = json_string_value(json_array_get(documents, i));
        if (!is_request_number(number))
            return err_set(err, STATUS_INPUT, "scope.documents[%zu]: '%s' is no request number", i, number);
        if (strcmp(before, number) >= 0)
            return err_set(err, STATUS_INPUT, "scope.documents[%zu]: '%s' is out of order, or there twice", i, number);
        before = number;
    }
    return STATUS_OK;
}

static enum status scope_read(const json_t *scope, struct bundle_manifest *manifest, struct err *err)
{
    const char *sort = member_text(scope, "sort");
    json_t *copy = NULL;
    size_t at = 0;
    while (sort != NULL && sort_words[at] != NULL && strcmp(sort_words[at], sort) != 0)
        at++;
    if (sort == NULL || sort_words[at] == NULL)
        return err_set(err, STATUS_INPUT, "scope.sort: is none of: book, extension, period, document, sample");
    manifest->sort = (enum bundle_sort)at;
    if (manifest->sort == BUNDLE_SAMPLE && json_object_get(scope, "seed") == NULL)
        return err_set(err, STATUS_INPUT, "scope.seed: is missing; it is null where no seed was committed");
    copy = json_copy((json_t *)(uintptr_t)scope);
    if (copy == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a manifest");
    if (json_is_null(json_object_get(copy, "seed")))
        json_object_del(copy, "seed");
    enum status status = schema_check(sort_schemas[at], copy, "scope", err);
    json_decref(copy);
    return status == STATUS_OK ? documents_check(json_object_get(scope, "documents"), err) : status;
}

static bool head_read(const json_t *json, struct tree_head *ret_head)
{
    ret_head->size = (uint64_t)member_integer(json, "size");
    return hash_from_hex(member_text(json, "root"), &ret_head->root) == STATUS_OK;
}

/* How many entries of what: the numbers have to fit the size, and the scope. */
static enum status range_read(const json_t *entries, struct bundle_manifest *manifest, struct err *err)
{
    uint64_t size = manifest->checkpoint.size;
    manifest->count = (uint64_t)member_integer(entries, "count");
    manifest->first = (uint64_t)member_integer(entries, "first");
    manifest->last = (uint64_t)member_integer(entries, "last");
    bool has_range = json_object_get(entries, "first") != NULL && json_object_get(entries, "last") != NULL;
    bool has_none = json_object_get(entries, "first") == NULL && json_object_get(entries, "last") == NULL;
    if (manifest->count == 0 ? !has_none : !has_range)
        return err_set(err, STATUS_INPUT, "entries: first and last stand where there are entries, and only there");
    if (manifest->count > 0 && (manifest->last >= size || manifest->first > manifest->last ||
                                manifest->count > manifest->last - manifest->first + 1))
        return err_set(err, STATUS_INPUT, "entries: %llu from %llu to %llu are not in a book of %llu",
                       number(manifest->count), number(manifest->first), number(manifest->last), number(size));
    if (manifest->sort == BUNDLE_BOOK && (manifest->count != size || manifest->first != 0))
        return err_set(err, STATUS_INPUT, "entries: a bundle of the book has all %llu, this one has %llu", number(size),
                       number(manifest->count));
    const struct tree_head *after = &manifest->after;
    bool from_there = manifest->count == 0 || manifest->first == after->size;
    if (manifest->sort == BUNDLE_EXTENSION &&
        (after->size > size || manifest->count != size - after->size || !from_there))
        return err_set(err, STATUS_INPUT, "entries: an extension has all from %llu to the end of %llu",
                       number(after->size), number(size));
    return STATUS_OK;
}

static bool only(const char *text, size_t length, const char *allowed)
{
    return strspn(text, allowed) >= length;
}

static bool is_hash_file(const char *name, const char *ending)
{
    return strlen(name) == HASH_HEX_CHARS + strlen(ending) && only(name, HASH_HEX_CHARS, "0123456789abcdef") &&
           strcmp(name + HASH_HEX_CHARS, ending) == 0;
}

/* <number of 6 digits>-<size>.note */
static bool is_note_file(const char *name)
{
    size_t length = strlen(name), size_digits = length > 12 ? strspn(name + 7, "0123456789") : 0;
    return size_digits > 0 && size_digits < 20 && only(name, 6, "0123456789") && name[6] == '-' &&
           strcmp(name + 7 + size_digits, ".note") == 0;
}

bool bundle_name_is_plain(const char *name)
{
    static const char *const top[] = {BUNDLE_ENTRIES, BUNDLE_NOTE, "allowed_signers", "README.txt"};
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    for (size_t i = 0; i < sizeof top / sizeof top[0]; i++)
        if (strcmp(name, top[i]) == 0)
            return true;
    if (strncmp(name, "checkpoints/", 12) == 0)
        return is_note_file(name + 12);
    if (strncmp(name, "policies/", 9) == 0)
        return is_hash_file(name + 9, ".yaml") || is_hash_file(name + 9, ".json");
    if (strncmp(name, "evidence/", 9) == 0)
        return is_hash_file(name + 9, "");
    if (strncmp(name, "timestamps/", 11) == 0)
        return name[11] >= '0' && name[11] <= '9' && only(name + 11, strlen(name + 11), letters);
    return false;
}

static enum status files_read(const json_t *files, struct bundle_manifest *manifest, struct err *err)
{
    size_t count = json_array_size(files);
    manifest->files = calloc(count + 1, sizeof *manifest->files);
    if (manifest->files == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a manifest");
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_array_get(files, i);
        struct bundle_file *file = &manifest->files[i];
        file->name = member_text(one, "name");
        file->bytes = (uint64_t)member_integer(one, "bytes");
        if (hash_from_hex(member_text(one, "sha256"), &file->sha256) != STATUS_OK || !bundle_name_is_plain(file->name))
            return err_set(err, STATUS_INPUT, "files[%zu].name: '%s' is no file of a bundle", i, file->name);
        if (i > 0 && strcmp(manifest->files[i - 1].name, file->name) >= 0)
            return err_set(err, STATUS_INPUT, "files[%zu].name: '%s' is out of order, or there twice", i, file->name);
        manifest->file_count++;
    }
    return STATUS_OK;
}

/* Evidence that is not here, sorted as files are. */
static enum status missing_read(const json_t *missing, struct err *err)
{
    const char *before = "";
    for (size_t i = 0; i < json_array_size(missing); i++) {
        const char *name = member_text(json_array_get(missing, i), "name");
        if (strncmp(name, "evidence/", 9) != 0 || !is_hash_file(name + 9, ""))
            return err_set(err, STATUS_INPUT, "missing[%zu].name: '%s' is no evidence", i, name);
        if (strcmp(before, name) >= 0)
            return err_set(err, STATUS_INPUT, "missing[%zu].name: '%s' is out of order, or there twice", i, name);
        before = name;
    }
    return STATUS_OK;
}

static enum status proof_read(const json_t *proof, struct bundle_manifest *manifest, struct err *err)
{
    size_t count = json_array_size(proof);
    manifest->proof = calloc(count + 1, sizeof *manifest->proof);
    if (manifest->proof == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a proof");
    for (; manifest->proof_count < count; manifest->proof_count++)
        if (hash_from_hex(json_string_value(json_array_get(proof, manifest->proof_count)),
                          &manifest->proof[manifest->proof_count]) != STATUS_OK)
            return err_set(err, STATUS_INPUT, "proof[%zu]: is no hash", manifest->proof_count);
    return STATUS_OK;
}

/* Of a part, one for each entry, in order. */
static enum status why_check(const struct bundle_manifest *manifest, struct err *err)
{
    size_t count = json_array_size(manifest->why);
    if (manifest->why == NULL)
        return STATUS_OK;
    if (manifest->sort == BUNDLE_BOOK || manifest->sort == BUNDLE_EXTENSION)
        return err_set(err, STATUS_INPUT, "why: stands only where a part is packed");
    if (count != manifest->count)
        return err_set(err, STATUS_INPUT, "why: gives reasons for %zu entries, and there are %llu", count,
                       number(manifest->count));
    for (size_t i = 0; i < count; i++) {
        int64_t seq = member_integer(json_array_get(manifest->why, i), "seq");
        if (i > 0 && seq <= member_integer(json_array_get(manifest->why, i - 1), "seq"))
            return err_set(err, STATUS_INPUT, "why[%zu].seq: %lld is out of order, or there twice", i, (long long)seq);
    }
    return STATUS_OK;
}

static enum status parts_read(struct bundle_manifest *manifest, struct err *err)
{
    const json_t *json = manifest->json, *scope = json_object_get(json, "scope");
    enum status status = schema_check(&manifest_schema, json, "", err);
    if (status == STATUS_OK)
        status = scope_read(scope, manifest, err);
    if (status != STATUS_OK)
        return status;
    manifest->why = json_object_get(json, "why");
    if (!head_read(json_object_get(json, "checkpoint"), &manifest->checkpoint) ||
        (manifest->sort == BUNDLE_EXTENSION && !head_read(json_object_get(scope, "after"), &manifest->after)))
        return err_set(err, STATUS_INPUT, "checkpoint.root: is no hash");
    status = range_read(json_object_get(json, "entries"), manifest, err);
    if (status == STATUS_OK)
        status = files_read(json_object_get(json, "files"), manifest, err);
    if (status == STATUS_OK)
        status = missing_read(json_object_get(json, "missing"), err);
    if (status == STATUS_OK)
        status = proof_read(json_object_get(json, "proof"), manifest, err);
    return status == STATUS_OK ? why_check(manifest, err) : status;
}

enum status bundle_manifest_read(struct slice bytes, struct bundle_manifest *ret_manifest, struct err *err)
{
    struct bundle_manifest manifest = {.json = NULL};
    if (bytes.length == 0 || bytes.bytes[bytes.length - 1] != '\n')
        return err_set(err, STATUS_INPUT, "does not end in a newline");
    enum status status =
        canon_parse((const char *)bytes.bytes, bytes.length - 1, BUNDLE_MANIFEST_BYTES_MAX, &manifest.json, err);
    if (status == STATUS_OK)
        status = parts_read(&manifest, err);
    if (status != STATUS_OK)
        bundle_manifest_done(&manifest);
    else
        *ret_manifest = manifest;
    return status;
}

void bundle_manifest_done(struct bundle_manifest *manifest)
{
    free(manifest->files);
    free(manifest->proof);
    json_decref(manifest->json);
    *manifest = (struct bundle_manifest){.json = NULL};
}

const struct bundle_file *bundle_manifest_file(const struct bundle_manifest *manifest, const char *name)
{
    size_t low = 0, high = manifest->file_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(manifest->files[middle].name, name);
        if (order == 0)
            return &manifest->files[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
