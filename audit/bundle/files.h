/*
 * The files of a bundle's folder: opened without following links, regular files only, none read beyond a bound.
 */
#ifndef AUDIT_BUNDLE_FILES_H
#define AUDIT_BUNDLE_FILES_H

#include <stdint.h>

#include "audit/bundle/manifest.h"
#include "audit/findings.h"
#include "ledger/status.h"

/* The folder itself. errors NOT_FOUND, INPUT (not a folder), PERMISSION, IO. */
MUST_USE enum status bundle_folder_open(const char *path, int *ret_fd, struct err *err);

/*
 * Opens a file of it to read: a plain name, one folder deep at most.
 *
 * out     *ret_fd: the caller closes. *ret_bytes: its length now.
 * errors  NOT_FOUND ("is missing"), INPUT ("is no regular file"), PERMISSION, IO. Texts do not name the file.
 */
MUST_USE enum status bundle_file_open(int folder, const char *name, int *ret_fd, uint64_t *ret_bytes, struct err *err);

/* Reads a whole file. out *ret_bytes: gives (free), with a closing NUL that the length does not count. errors as above, LIMIT. */
MUST_USE enum status bundle_file_read(int folder, const char *name, size_t bytes_max, char **ret_bytes,
                                      size_t *ret_length, struct err *err);

/* Holds every listed file but entries.jsonl, which is hashed as it is read, against its length and hash. */
void bundle_files_check(int folder, const struct bundle_manifest *manifest, struct finding_list *findings);

/* Names what is in the folder and in no list. manifest: may be NULL: then only what can be no file of any bundle. */
void bundle_files_unlisted(int folder, const struct bundle_manifest *manifest, struct finding_list *findings);

#endif
