/*
 * A small book whose files somebody else changes, bit by bit, and everybody who reads it: verification, the commands, the
 * gate. Each is asked in a process of its own, with limits, and its answer is held against the one of the untouched book.
 */
#ifndef TESTS_SUPPORT_FLIPPED_BOOK_H
#define TESTS_SUPPORT_FLIPPED_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/support/small_book.h"

enum { FLIPPED_FILES_MAX = 32, FLIPPED_ANSWER_BYTES = 1 << 18, FLIPPED_STATEMENTS = 5, FLIPPED_ENTRIES_MAX = 32 };

/* Who is asked. The gate lets statements in; verification is asked again of what it left. */
enum flipped_question {
    ASK_VERIFY,
    ASK_SHOW,
    ASK_BALANCE,
    ASK_LOG,
    ASK_AGING,
    ASK_INBOX,
    ASK_STATEMENT,
    ASK_EXPORT,
    ASK_GATE,
    ASK_VERIFY_AFTER,
    ASK_COUNT
};

enum flipped_outcome {
    OUTCOME_SAME,  /* as of the untouched book, byte for byte */
    OUTCOME_WORD,  /* an error in words that says the files are damaged, or a finding */
    OUTCOME_WRONG, /* another answer, and no word of it */
    OUTCOME_CRASH, /* ended by a signal */
    OUTCOME_HANG,  /* did not come to its end */
    OUTCOME_COUNT
};

struct flipped_answer {
    char out[FLIPPED_ANSWER_BYTES]; /* closed by a NUL */
    char err[FLIPPED_ANSWER_BYTES / 16];
    int status; /* exit status; 1000 + the signal */
};

struct flipped_file {
    char name[96]; /* below the book's directory */
    uint8_t *bytes;
    size_t length;
    size_t hole; /* zeros that stand behind them, of a lock.mdb, which is nearly empty */
    bool gone;   /* is not laid down */
    unsigned mode;
};

struct flipped_statement {
    struct statement statement;
    struct signature_list *signatures;
};

/* Where an entry's bytes lie in the journal's file. */
struct flipped_place {
    size_t at, length;
};

struct flipped_book {
    struct small_book book;
    struct flipped_file files[FLIPPED_FILES_MAX], whole[FLIPPED_FILES_MAX]; /* as they are now; as they were made */
    size_t file_count, whole_count;
    struct flipped_statement statements[FLIPPED_STATEMENTS];
    struct flipped_place entries[FLIPPED_ENTRIES_MAX];
    size_t entry_count;
    struct flipped_answer *pristine[ASK_COUNT], *now; /* now: shared with the child that answers */
};

const char *flipped_question_name(enum flipped_question question);
const char *flipped_outcome_name(enum flipped_outcome outcome);

/* Makes the book (small_book_make and more: a checkpoint, evidence, personal data) and asks everybody about it. */
void flipped_book_make(struct flipped_book *flipped);
void flipped_book_free(struct flipped_book *flipped);

/* The file of that name; fails the test when there is none. */
struct flipped_file *flipped_file(struct flipped_book *flipped, const char *name);

/* Writes the book's files as they are in memory, and nothing else. */
void flipped_book_lay(const struct flipped_book *flipped);

/* Takes the files as they lie there, after somebody changed them; and as they were made. */
void flipped_book_take(struct flipped_book *flipped);
void flipped_book_restore(struct flipped_book *flipped);

/* Asks about what lies there, answer in ->now. ASK_GATE leaves what it wrote; everything else may mend the books. */
void flipped_book_ask(struct flipped_book *flipped, enum flipped_question question);

/* What ->now is, held against the answer of the untouched book. */
enum flipped_outcome flipped_book_judge(const struct flipped_book *flipped, enum flipped_question question);

/* Whether a finding of ->now, an answer of verification, names the entry. */
bool flipped_names(const struct flipped_book *flipped, uint64_t seq);

#endif
