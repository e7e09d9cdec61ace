/*
 * What the entries of a bundle name, against its files. Nothing is collected but a mark for each file, so that memory stays
 * that of the manifest. Implements BUNDLE.md sections 1 and 2 for policies, evidence and what is missing of it.
 */
#include "audit/verify/named.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base64.h"
#include "ledger/canon.h"
#include "ledger/limits.h"
#include "ledger/schema.h"

struct named {
    const struct bundle_manifest *manifest;
    struct finding_list *findings;
    const json_t *missing; /* sorted by name; NULL: none */
    bool *file_marks, *missing_marks;
    bool unreadable;                  /* an entry was not to be read */
    char lacking[HASH_HEX_CHARS + 1]; /* the policy that was last told to be missing */
};

enum status named_new(const struct bundle_manifest *manifest, struct finding_list *findings, struct named **ret_named,
                      struct err *err)
{
    struct named *named = calloc(1, sizeof *named);
    const json_t *missing = json_object_get(manifest->json, "missing");
    if (named != NULL) {
        named->manifest = manifest;
        named->findings = findings;
        named->missing = missing;
        named->file_marks = calloc(manifest->file_count + 1, sizeof *named->file_marks);
        named->missing_marks = calloc(json_array_size(missing) + 1, sizeof *named->missing_marks);
    }
    if (named == NULL || named->file_marks == NULL || named->missing_marks == NULL) {
        named_free(named);
        return err_set(err, STATUS_MEMORY, "no memory for the names of files");
    }
    *ret_named = named;
    return STATUS_OK;
}

void named_free(struct named *named)
{
    if (named == NULL)
        return;
    free(named->file_marks);
    free(named->missing_marks);
    free(named);
}

static const char *missing_name(const struct named *named, size_t index)
{
    return member_text(json_array_get(named->missing, index), "name");
}

/* Marks it where the manifest says that it is missing. */
static bool mark_missing(struct named *named, const char *name)
{
    size_t low = 0, high = json_array_size(named->missing);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(missing_name(named, middle), name);
        if (order == 0)
            return named->missing_marks[middle] = true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* The listed file of that name, marked; NULL: none. */
static const struct bundle_file *mark_file(struct named *named, const char *name)
{
    const struct bundle_file *file = bundle_manifest_file(named->manifest, name);
    if (file != NULL)
        named->file_marks[file - named->manifest->files] = true;
    return file;
}

static void take_evidence(struct named *named, uint64_t seq, const json_t *document)
{
    const json_t *item = NULL, *list = json_object_get(document, "evidence");
    size_t i = 0;
    json_array_foreach(list, i, item)
    {
        const char *sha256 = member_text(item, "sha256");
        char name[BUNDLE_NAME_BYTES_MAX];
        struct hash hash;
        if (sha256 == NULL || hash_from_hex(sha256, &hash) != STATUS_OK)
            continue;
        snprintf(name, sizeof name, "evidence/%s", sha256);
        bool here = mark_file(named, name) != NULL, missing = mark_missing(named, name);
        if (!here && !missing)
            finding_whole(named->findings, CHECK_BUNDLE,
                          "%s: is named by a document in entry %llu, and neither here nor said to be missing", name,
                          (unsigned long long)seq);
    }
}

/* One that is missing is told once, and not of each entry that it decided. */
static void take_decider(struct named *named, uint64_t seq, const char *hash)
{
    static const char *const endings[] = {"json", "yaml"};
    char name[BUNDLE_NAME_BYTES_MAX];
    bool lacks = false;
    for (size_t i = 0; hash != NULL && i < sizeof endings / sizeof endings[0]; i++) {
        snprintf(name, sizeof name, "policies/%.64s.%s", hash, endings[i]);
        if (mark_file(named, name) != NULL)
            continue;
        lacks = true;
        if (strcmp(named->lacking, hash) != 0)
            finding_whole(named->findings, CHECK_BUNDLE, "%s: is not here, and entry %llu was decided by it", name,
                          (unsigned long long)seq);
    }
    if (lacks)
        snprintf(named->lacking, sizeof named->lacking, "%.64s", hash);
}

/* The text beside the entries is the one in the entry that brought it. */
static enum status check_text(struct named *named, uint64_t seq, const json_t *policy, struct err *err)
{
    const char *text = member_text(policy, "yaml");
    char name[BUNDLE_NAME_BYTES_MAX], hex[HASH_HEX_CHARS + 1];
    struct hash hash;
    uint8_t *yaml = NULL;
    size_t length = 0;
    struct err what = {.status = STATUS_OK};
    if (text == NULL || !json_is_object(json_object_get(policy, "compiled")))
        return STATUS_OK;
    if (canon_hash(json_object_get(policy, "compiled"), &hash, &what) != STATUS_OK)
        return what.status == STATUS_MEMORY ? err_set(err, what.status, "%s", what.text) : STATUS_OK;
    hash_to_hex(&hash, hex);
    snprintf(name, sizeof name, "policies/%s.yaml", hex);
    const struct bundle_file *file = bundle_manifest_file(named->manifest, name);
    if (file == NULL)
        return STATUS_OK;
    enum status status = base64_decode_new(text, strlen(text), POLICY_YAML_BYTES_MAX, &yaml, &length, &what);
    if (status == STATUS_MEMORY)
        return err_set(err, status, "%s", what.text);
    if (status != STATUS_OK)
        return STATUS_OK; /* the policy's finding has been made */
    hash_of(yaml, length, &hash);
    free(yaml);
    if (!hash_equal(&hash, &file->sha256))
        finding_whole(named->findings, CHECK_BUNDLE, "%s: is not the text that entry %llu brings", name,
                      (unsigned long long)seq);
    return STATUS_OK;
}

enum status named_entry(struct named *named, const struct verify_item *item, struct err *err)
{
    const struct statement *statement = &item->entry.statement;
    enum status status = STATUS_OK;
    named->unreadable = named->unreadable || !item->sound;
    if (!item->sound)
        return STATUS_OK;
    take_decider(named, item->seq, item->facts.policy);
    if (statement->verb == VERB_CHARTER)
        return check_text(named, item->seq, json_object_get(statement->body, "policy"), err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(statement_list(statement)); i++) {
        const json_t *document = statement_document(statement, i);
        take_evidence(named, item->seq, document);
        status = check_text(named, item->seq, document, err);
    }
    return status;
}

void named_end(struct named *named, bool all_read)
{
    const struct bundle_manifest *manifest = named->manifest;
    bool tells = all_read && !named->unreadable;
    for (size_t i = 0; tells && i < manifest->file_count; i++) {
        const char *name = manifest->files[i].name;
        bool policy = strncmp(name, "policies/", 9) == 0;
        if ((policy || strncmp(name, "evidence/", 9) == 0) && !named->file_marks[i])
            finding_whole(named->findings, CHECK_BUNDLE, "%s: is named by no %s here", name,
                          policy ? "decision" : "document");
    }
    for (size_t i = 0; i < json_array_size(named->missing); i++) {
        const char *name = missing_name(named, i);
        if (bundle_manifest_file(manifest, name) != NULL)
            finding_whole(named->findings, CHECK_BUNDLE, "MANIFEST.json: missing: %s is here", name);
        else if (tells && !named->missing_marks[i])
            finding_whole(named->findings, CHECK_BUNDLE, "MANIFEST.json: missing: %s is named by no document here",
                          name);
    }
}
