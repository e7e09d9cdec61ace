/*
 * Canonical JSON without a tree: one pass over the bytes that checks the form of canon.h and finds the
 * members asked for. For hot paths: verification, reading entries back. Accepts exactly what canon_parse
 * accepts.
 */
#ifndef LEDGER_SCAN_H
#define LEDGER_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/status.h"

struct outline;

enum { SCAN_MEMBERS_MAX = 32 }; /* members that one scan looks for */

/*
 * A member asked for, and where its raw value stands. name is a path of member names from the outermost
 * object with
 * '/' between them ("seq", "statement/actor"); members of objects inside arrays can't be named.
 */
struct scan_member {
    const char *name;
    size_t offset; /* of the first byte of the raw value */
    size_t length; /* 0: not there (no JSON value is empty) */
};

/*
 * Checks that bytes are canonical.
 *
 * in      bytes[0..length), length <= bytes_max; borrowed.
 * errors  INPUT (names the byte), LIMIT (size, depth, length of a member name).
 * cost    O(length), no allocation, no recursion.
 */
MUST_USE enum status scan_check(const char *bytes, size_t length, size_t bytes_max, struct err *err);

/*
 * scan_check, and finds members in the same pass.
 *
 * in      members[0..count), count <= SCAN_MEMBERS_MAX, name set in each; borrowed.
 * out     offset and length of each member; length 0 for one that is not there. Untouched on failure.
 */
MUST_USE enum status scan_object(const char *bytes, size_t length, size_t bytes_max, struct scan_member members[],
                                 size_t count, struct err *err);

/*
 * scan_object for a closed schema: every member asked for must be there, and the outermost object must have
 * no other.
 *
 * in      as scan_object; the outermost members of the schema must all be among members.
 * errors  INPUT also for a missing and for an unknown member, named.
 */
MUST_USE enum status scan_object_exact(const char *bytes, size_t length, size_t bytes_max, struct scan_member members[],
                                       size_t count, struct err *err);

/*
 * scan_check, and outlines what it passes (outline.h).
 *
 * in      outline: nodes and room set; bytes_max <= UINT32_MAX.
 * out     outline->nodes[0] is the whole. Undefined on failure.
 * errors  FULL also: more values than there is room for.
 */
MUST_USE enum status scan_outline(const char *bytes, size_t length, size_t bytes_max, struct outline *outline,
                                  struct err *err);

/*
 * The elements of a list that a found member is, in order, each called with its raw value; the call's answer ends it.
 *
 * in      bytes and member of one successful scan; a list.
 * errors  those of the step.
 */
typedef enum status scan_element_step(void *context, size_t offset, size_t length, struct err *err);
MUST_USE enum status scan_list(const char *bytes, const struct scan_member *member, scan_element_step *step,
                               void *context, struct err *err);

/*
 * The integer that a found member holds.
 *
 * in      bytes and member of one successful scan.
 * errors  INPUT (absent, or not an integer).
 */
MUST_USE enum status scan_integer(const char *bytes, const struct scan_member *member, int64_t *ret_integer,
                                  struct err *err);

/*
 * The text that a found member holds, as it stands between the quotes.
 *
 * out     *ret_text, *ret_length: lends until bytes go; no closing NUL.
 * errors  INPUT (absent, not text, or text with an escape: ids, codes, times, hashes and base64 have none).
 */
MUST_USE enum status scan_text(const char *bytes, const struct scan_member *member, const char **ret_text,
                               size_t *ret_length, struct err *err);

#endif
