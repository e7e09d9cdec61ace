/*
 * The lines of a backup that are no entries, for its own rooms: what they say, written and read back.
 */
#ifndef AUDIT_BACKUP_PARTS_H
#define AUDIT_BACKUP_PARTS_H

#include <jansson.h>

#include "audit/backup/backup.h"

enum { BACKUP_FORMAT = 1 };

/* The last line. */
struct backup_trailer {
    struct backup_place place;
    struct hash sha256; /* of every byte of the file before this line */
    bool has_lost;
    struct journal_lost lost;
};

/* Without LF. Give (json_decref); NULL without memory. */
json_t *backup_header_make(const char *book, const struct backup_place *after);
json_t *backup_trailer_make(const struct backup_trailer *trailer);

/* errors INPUT, LIMIT, MEMORY. after: all zeros when the file begins with entry 0. */
MUST_USE enum status backup_header_read(struct slice line, char ret_book[static HASH_HEX_CHARS + 1],
                                        struct backup_place *ret_after, struct err *err);
MUST_USE enum status backup_trailer_read(struct slice line, struct backup_trailer *ret_trailer, struct err *err);
/* out *ret_note: gives (free). */
MUST_USE enum status backup_checkpoint_read(struct slice line, uint64_t *ret_number, char **ret_note,
                                            size_t *ret_length, struct err *err);

/* Which sort a line is, by its first bytes: canonical JSON has its members in one order. */
enum backup_line { BACKUP_LINE_ENTRY, BACKUP_LINE_CHECKPOINT, BACKUP_LINE_TRAILER, BACKUP_LINE_OTHER };
enum backup_line backup_line_sort(struct slice line);

#endif
