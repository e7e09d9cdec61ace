/*
 * The work that every peer is measured on: corrections of 600 bytes, as ours are, of forty people who sign them. The same bytes
 * each time and for each peer; keys come from a seed. (peer_git makes the same in Python, from `peer_work statements`.)
 */
#ifndef TESTS_BENCH_PEER_WORK_H
#define TESTS_BENCH_PEER_WORK_H

#include <stddef.h>
#include <stdint.h>

enum {
    PEER_STATEMENT_BYTES = 600,
    PEER_SIGNATURE_BYTES = 64,
    PEER_HASH_BYTES = 32,
    PEER_PEOPLE = 40,
    PEER_LIST_MAX = 1000,    /* corrections under one signature, or in one commit; others divide it */
    PEER_COUNT_MAX = 1000000 /* of one round: 700 bytes each are held in memory */
};

struct peer_people {
    uint8_t public[PEER_PEOPLE][32], secret[PEER_PEOPLE][64];
};

/*
 * One correction. A signature is over the SHA-256 of all statements since the one before it, so a list that one person signs
 * has it at its last correction, and has_signature false at the others.
 */
struct peer_correction {
    uint8_t statement[PEER_STATEMENT_BYTES], signature[PEER_SIGNATURE_BYTES];
    uint8_t signer; /* of the people */
    uint8_t has_signature;
};

void peer_people_make(struct peer_people *ret_people);

/* The statement of that number, canonical JSON, by that person of the people. */
void peer_work_statement(uint64_t number, unsigned signer, uint8_t ret_bytes[static PEER_STATEMENT_BYTES]);

/*
 * Corrections 1 to count, as their authors hand them in: what is done before the time begins.
 *
 * in      per_signature: divides PEER_LIST_MAX; the last list may be shorter.
 * out     given: the caller frees. Ends the program where there is no memory.
 */
struct peer_correction *peer_work_make(const struct peer_people *people, size_t count, size_t per_signature);

/* The directory that a command names, made where it is not there. */
void peer_directory(const char *dir);

/* A number of the command line, from 1 to most; ends the program with a sentence that names it. */
size_t peer_number(const char *name, const char *text, size_t most);

/* Ends the program with a sentence on standard error and status 1. */
_Noreturn void peer_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
