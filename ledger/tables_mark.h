/*
 * Marks beside the tables, for tables only: what survives a stop of the system and says how far the tables can be
 * believed. Two files in their directory:
 *
 *     state     "clean" (everything is synced), or "dirty <boot id>" (written to during that boot)
 *     suspect   there when a checksum failed, or a sync of the tables
 */
#ifndef LEDGER_TABLES_MARK_H
#define LEDGER_TABLES_MARK_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/status.h"

enum { BOOT_ID_MAX = 64 };

struct boot_id {
    char text[BOOT_ID_MAX + 1];
};

/* Takes the one given, or asks the system. errors LIMIT, IO. */
MUST_USE enum status boot_id_get(const char *given, struct boot_id *ret_boot, struct err *err);

enum mark {
    MARK_GOOD,       /* clean, or dirty since this boot */
    MARK_OTHER_BOOT, /* the system stopped before a sync */
    MARK_BAD         /* suspect, or there is nothing that can be read */
};

/* What the marks in dir say. */
enum mark mark_read(const char *dir, const struct boot_id *boot);

/* The state's file that this process has seen made durable; zeros: none. */
struct mark_seen {
    uint64_t device, file;
    int64_t changed_s, changed_ns;
};

/*
 * Durable when it returns OK. A state that another process left so is written again: it may have been killed, or its sync may
 * have failed, before that was on disk.
 *
 * in      *seen: 0 at first; kept by the caller, spares it a write for each change while nobody else marks.
 * errors  FULL, PERMISSION, IO, LIMIT.
 */
MUST_USE enum status mark_dirty(const char *dir, const struct boot_id *boot, struct mark_seen *seen, struct err *err);

/* Durable when it returns OK; a state that is already so is left alone, at worst the next boot finds the one before. errors as above. */
MUST_USE enum status mark_clean(const char *dir, struct err *err);

/* Before the tables are made: forgets what was said of earlier ones, and is dirty. errors as above. */
MUST_USE enum status mark_new(const char *dir, const struct boot_id *boot, struct mark_seen *seen, struct err *err);

/* Leaves the mark of a failed checksum or sync, as well as it can: nothing to do about a failure. */
void mark_suspect(const char *dir);

/*
 * Keeps the files in dir from being dropped while they are opened, or opened while they are dropped: two processes must
 * not come to share one of data.mdb and lock.mdb and not the other. Held for moments only; whoever waits, waits.
 *
 * in      alone: to drop; else any number at once.
 * out     *ret_fd: close it.
 */
MUST_USE enum status mark_guard(const char *dir, bool alone, int *ret_fd, struct err *err);

/* Removes tables and marks, in an order that leaves SUSPECT when it is cut short. errors PERMISSION, IO, LIMIT. */
MUST_USE enum status mark_and_tables_drop(const char *dir, struct err *err);

#endif
