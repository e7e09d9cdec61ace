/*
 * The manifest of a bundle (BUNDLE.md section 2), read: its form, and that its parts agree with one another. Whether the
 * bundle is what it says is for read.h.
 */
#ifndef AUDIT_BUNDLE_MANIFEST_H
#define AUDIT_BUNDLE_MANIFEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/hash.h"
#include "ledger/slice.h"
#include "ledger/status.h"
#include "ledger/tree.h"

enum {
    BUNDLE_FORMAT = 1,
    BUNDLE_MANIFEST_BYTES_MAX =
        160 << 20,                /* a million evidence files, here or missing; taken apart, some ten times that */
    BUNDLE_FILES_MAX = 2000000,   /* files of a bundle, and of those that are missing: evidence of as many documents */
    BUNDLE_NAME_BYTES_MAX = 128,  /* of a file, folder included */
    BUNDLE_DOCUMENTS_MAX = 100000 /* that a scope names */
};

#define BUNDLE_MANIFEST  "MANIFEST.json"
#define BUNDLE_SIGNATURE "MANIFEST.json.sig"
#define BUNDLE_PAGE      "evidence.html"
#define BUNDLE_ENTRIES   "entries.jsonl"
#define BUNDLE_NOTE      "checkpoint.note"

/* The folders of a bundle. Closed by NULL. */
extern const char *const bundle_folders[];

enum bundle_sort { BUNDLE_BOOK, BUNDLE_EXTENSION, BUNDLE_PERIOD, BUNDLE_DOCUMENT, BUNDLE_SAMPLE };

/* A file that the manifest lists. */
struct bundle_file {
    const char *name; /* lent by the manifest */
    uint64_t bytes;
    struct hash sha256;
};

struct bundle_manifest {
    json_t *json;
    enum bundle_sort sort;
    struct tree_head checkpoint;
    struct tree_head after;      /* of an extension */
    uint64_t count, first, last; /* of entries; first and last mean nothing where count is 0 */
    struct bundle_file *files;   /* sorted by name */
    size_t file_count;
    struct hash *proof;
    size_t proof_count;
    const json_t *why; /* of a part; NULL: none is stated */
};

/*
 * Reads a manifest and the LF at its end.
 *
 * in      bytes: borrowed.
 * out     *ret_manifest: end it with bundle_manifest_done.
 * errors  INPUT (not canonical, another form, parts that disagree: names the member), LIMIT, MEMORY.
 */
MUST_USE enum status bundle_manifest_read(struct slice bytes, struct bundle_manifest *ret_manifest, struct err *err);
void bundle_manifest_done(struct bundle_manifest *manifest);

/* The listed file of that name; NULL: none. Lends until done. */
const struct bundle_file *bundle_manifest_file(const struct bundle_manifest *manifest, const char *name);

/* Whether a file of a bundle may be called so: section 1's names, one folder deep. */
bool bundle_name_is_plain(const char *name);

#endif
