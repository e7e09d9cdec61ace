/*
 * Every maximum of the format and of the program, with its reason. Input over a limit is refused with a clear error,
 * never truncated. FORMAT.md states those that are part of the format.
 */
#ifndef LEDGER_LIMITS_H
#define LEDGER_LIMITS_H

#include <assert.h>

enum {
    STATEMENT_BYTES_MAX = 1 << 20,        /* a thousand documents of a kilobyte; bounds what one signature covers */
    STATEMENT_POLICY_BYTES_MAX = 4 << 20, /* a statement that carries a policy: YAML in base64 and compiled form */
    ENTRY_BYTES_MAX = 8 << 20,            /* statement plus a worst-case decision on it */
    JSON_DEPTH_MAX = 16,                  /* counted within the entry; the parsers recurse no deeper */
    JSON_KEY_BYTES_MAX = 64,              /* longest member name of any schema, with room */
    DOCUMENTS_MAX = 1000,                 /* documents in one statement */
    ALLOCATIONS_MAX = 1000,               /* invoices that one document touches */
    RELATED_PERSONS_MAX = 100,            /* persons who are kept from one customer */
    EVIDENCE_MAX = 50,                    /* evidence files of one document */
    SIGNATURES_MAX = 16,                  /* signatures on one statement: founding officers and recovery keys */
    ID_BYTES_MAX = 64,                    /* users, persons, customers, invoices, refs: ASCII ids */
    NOTE_BYTES_MAX = 2000,                /* a person's free text */
    SSHSIG_BYTES_MAX = 1024,              /* a bare SSHSIG blob; a FIDO one is under 400 bytes */
    PUBLIC_KEY_TEXT_MAX = 512,            /* an OpenSSH public key line without comment */
    LEVELS_MAX = 9,                       /* approval levels that a policy may name */
    POLICY_YAML_BYTES_MAX = 1 << 20,      /* a policy file; four times that in base64 and compiled stays in 4 MiB */
    NAME_BYTES_MAX = 128                  /* a book's name: it is the origin of checkpoints */
};

static_assert(STATEMENT_BYTES_MAX < STATEMENT_POLICY_BYTES_MAX, "a policy statement is the larger one");
static_assert(STATEMENT_POLICY_BYTES_MAX * 2 <= ENTRY_BYTES_MAX, "an entry holds its statement and a decision");

#endif
