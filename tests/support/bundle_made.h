/*
 * Bundles made from a small book by BUNDLE.md, and not by the program's packer: each part can be changed before it is written,
 * and by whom it is signed.
 */
#ifndef TESTS_SUPPORT_BUNDLE_MADE_H
#define TESTS_SUPPORT_BUNDLE_MADE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "ledger/hash.h"
#include "ledger/note.h"
#include "ledger/signer.h"
#include "tests/support/small_book.h"

enum { MADE_LINES_MAX = 64, MADE_FILES_MAX = 16 };

struct made_file {
    char name[160];
    char *bytes;
    size_t length;
    bool unlisted; /* lies there, and the manifest does not say so */
};

struct bundle_made {
    const struct small_book *book;
    char *lines[MADE_LINES_MAX]; /* of entries.jsonl, without LF */
    uint64_t seqs[MADE_LINES_MAX];
    size_t count;
    struct hash leaves[MADE_LINES_MAX]; /* of the book */
    uint64_t size;                      /* of the book under the checkpoint */
    char note[2048];
    char scope[256]; /* JSON */
    const struct signer *packer;
    void (*edit)(json_t *manifest); /* before it is signed; NULL: nothing */
    struct made_file files[MADE_FILES_MAX];
    size_t file_count;
};

/* The first size entries of a book's journal, its gate closed, and a checkpoint of them signed by the book. */
void bundle_made_take(struct bundle_made *made, const struct small_book *book, uint64_t size);
/* Leaves and checkpoint anew from the lines as they stand: signed by signer, cosigned by the witness when asked. */
void bundle_made_sign(struct bundle_made *made, enum small_user signer, bool witnessed);
/* Only the entries whose bits stand in mask. */
void bundle_made_part(struct bundle_made *made, uint64_t mask, const char *scope);
/* Only what came after the first `after` entries. */
void bundle_made_extension(struct bundle_made *made, uint64_t after);
/* Lines from index on move by one place up (room for another, which is text) or down. */
void bundle_made_insert(struct bundle_made *made, size_t index, const char *text);
void bundle_made_drop(struct bundle_made *made, size_t index);
/* Replaces the first `from` in a line by `to`, which may be longer. */
void bundle_made_change(struct bundle_made *made, size_t index, const char *from, const char *to);
/* Another file. */
void bundle_made_file(struct bundle_made *made, const char *name, const char *text, bool listed);
/* Writes the folder, which must not be there. */
void bundle_made_write(const struct bundle_made *made, const char *dir);
void bundle_made_free(struct bundle_made *made);

#endif
