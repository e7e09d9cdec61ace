/*
 * Facts: what the books say at the moment of a decision, through one read-only interface, so that the live gate and the
 * auditor's replay ask the same questions of the same code. Nothing here writes, and nothing here decides.
 *
 * All of it reads facts->books, a transaction of the caller's. Errors everywhere: CORRUPT, IO, MEMORY; "not there" is an
 * answer (NULL or false) unless said otherwise.
 */
#ifndef CONTROLS_FACTS_H
#define CONTROLS_FACTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "controls/policy.h"
#include "ledger/books.h"
#include "ledger/limits.h"
#include "ledger/status.h"

struct facts {
    struct tables_txn *books;
    const struct policy *policy; /* in force at time_ms */
    uint64_t policy_seq;         /* the entry that put it in force */
    const char *book;            /* the book's id in hex */
    int engine;
    uint64_t seq; /* of the entry that is being judged */
    int64_t time_ms;
};

/* An account and the human being behind it; rules compare persons. */
struct actor {
    char user[ID_BYTES_MAX + 1];
    char person[ID_BYTES_MAX + 1];
    char sort[16]; /* human, bot, feed */
};

/* errors NOT_FOUND (no such user). */
MUST_USE enum status facts_actor(const struct facts *facts, const char *user, struct actor *ret_actor, struct err *err);

/* Whether the user holds the function for the entity now: a grant in its dates, neither revoked nor suspended by a review,
 * of a role of the policy in force, or emergency access; to a person who has neither left nor, for grants, moved since
 * without being granted it again (C-29). entity "" asks for all entities, NULL for any. What others delegated to the user
 * is not asked here. */
MUST_USE enum status facts_user_may(const struct facts *facts, const char *user, const char *function,
                                    const char *entity, bool *ret_may, struct err *err);
/* Whether the user would hold it if the person had not moved. */
MUST_USE enum status facts_user_may_unmoved(const struct facts *facts, const char *user, const char *function,
                                            const char *entity, bool *ret_may, struct err *err);

/* The same by grants alone, emergency access left aside. */
MUST_USE enum status facts_user_granted(const struct facts *facts, const char *user, const char *function,
                                        const char *entity, bool *ret_may, struct err *err);

/* Each function that the user holds now, as facts_user_may has it, and where: by every grant that stands and by emergency
 * access, so a function may come more than once. None of who has left. */
typedef enum status facts_right_step(void *context, const char *function, const json_t *entities, struct err *err);
MUST_USE enum status facts_each_right(const struct facts *facts, const char *user, facts_right_step *step,
                                      void *context, struct err *err);

/* A function that a person holds, or will: over all users of the person, every entity, future grants included. */
struct held_function {
    const char *function;
    const char *role;  /* "" for what is delegated */
    const char *grant; /* number, of a grant or of a delegation received; "" for a role that is only being considered */
    const char *user;
};
typedef enum status facts_function_step(void *context, const struct held_function *held, bool *ret_more,
                                        struct err *err);
MUST_USE enum status facts_person_functions(const struct facts *facts, const char *person, facts_function_step *step,
                                            void *context, struct err *err);

/* Records by key, to look at and not to change; *ret is NULL when there is none; gives. */
MUST_USE enum status facts_document(const struct facts *facts, const char *number, json_t **ret_record,
                                    struct err *err);
MUST_USE enum status facts_customer(const struct facts *facts, const char *entity, const char *customer,
                                    json_t **ret_record, struct err *err);
MUST_USE enum status facts_invoice(const struct facts *facts, const char *entity, const char *invoice,
                                   json_t **ret_record, struct err *err);
/* A copy of one's own, whose members may be replaced (tax_shares_take does), though none of them changed in place. */
MUST_USE enum status facts_invoice_own(const struct facts *facts, const char *entity, const char *invoice,
                                       json_t **ret_record, struct err *err);
MUST_USE enum status facts_user(const struct facts *facts, const char *user, json_t **ret_record, struct err *err);
MUST_USE enum status facts_key(const struct facts *facts, const char *key_text, json_t **ret_record, struct err *err);
MUST_USE enum status facts_grant(const struct facts *facts, const char *number, json_t **ret_record, struct err *err);
/* Every grant that a user has or had, by number, until a step says no more. errors of the step, CORRUPT, IO. */
typedef enum status facts_grant_step(void *context, const json_t *grant, bool *ret_more, struct err *err);
MUST_USE enum status facts_each_grant(const struct facts *facts, const char *user, facts_grant_step *step,
                                      void *context, struct err *err);

/* A key enrolled for the user and neither revoked nor over at the entry's time. */
MUST_USE enum status facts_key_valid(const struct facts *facts, const char *key_text, const char *user, bool *ret_valid,
                                     struct err *err);

/* When a key ends: its own `until`, or key_days_max after it was enrolled, whichever comes first; INT64_MAX: never. */
MUST_USE enum status facts_key_end(const struct facts *facts, const json_t *record, int64_t *ret_ms, struct err *err);

/* Whether the key signs or signed checkpoints, or recovers the book. */
MUST_USE enum status facts_key_of_book(const struct facts *facts, const char *key_text, bool *ret_is, struct err *err);

/* The last number of a series ("CN", "US01-CN-2026"); 0 when none was given. */
MUST_USE enum status facts_last_number(const struct facts *facts, const char *series, int64_t *ret_last,
                                       struct err *err);

/* What to add up: documents of these kinds in a window's group. */
struct window_query {
    const struct books_key *group; /* window_key_customer and its kin, fold.h */
    uint64_t kinds;                /* bits by enum kind_id */
    int64_t after_ms;              /* only those submitted later than this; -1: all */
    uint64_t before_seq;           /* only those submitted before this place */
    uint64_t before_index;
    const char *not_number; /* leaves this document out; NULL: none */
    bool reversed_out;      /* leaves out what was reversed for a reason that the policy calls an error */
    bool count_only;        /* the sum stays zero */
};

struct window_sum {
    int64_t sum_minor; /* in base currency */
    size_t count;
};

/*
 * Adds up a window backwards from the query's place, that place itself included as a member with amount_minor.
 *
 * errors  LIMIT (the sum leaves 64 bits: the caller denies), CORRUPT.
 * cost    O(documents in the window).
 */
MUST_USE enum status facts_window(const struct facts *facts, const struct window_query *query, int64_t amount_minor,
                                  struct window_sum *ret_sum, struct err *err);
/* The hash of its members, the document at the query's place included (FORMAT.md section 6). Asked only where it is told. */
MUST_USE enum status facts_window_members(const struct facts *facts, const struct window_query *query,
                                          char ret_hex[static 65], struct err *err);

/* The first living document, other than not_number (may be NULL), that carries this duplicate key; "" when there is none. */
MUST_USE enum status facts_duplicate(const struct facts *facts, const struct books_key *key, const char *not_number,
                                     char ret_number[static ID_BYTES_MAX + 1], struct err *err);

/* The first living document other than not_number that carries this evidence; "" when there is none. */
MUST_USE enum status facts_evidence_user(const struct facts *facts, const char *sha256, const char *not_number,
                                         char ret_number[static ID_BYTES_MAX + 1], struct err *err);

/* How many documents the user has submitted on this UTC day, before this entry. */
MUST_USE enum status facts_documents_today(const struct facts *facts, const char *user, int64_t *ret_count,
                                           struct err *err);

/* What bot `user` has prepared on this UTC day, in base currency: every version that was let in before, earlier members of
 * the same statement included, whatever became of it since (FORMAT.md section 6). 0 for users who are no bots. */
MUST_USE enum status facts_prepared_today(const struct facts *facts, const char *user, int64_t *ret_minor,
                                          struct err *err);

/* The leaf hash of an earlier entry as hex; "" when there is no such entry. */
MUST_USE enum status facts_entry_hash(const struct facts *facts, uint64_t seq, char ret_hex[static 65],
                                      struct err *err);

/* Whether an invoice, customer or receipt is staged in an unfinished file. */
MUST_USE enum status facts_staged(const struct facts *facts, const char *entity, const char *feed, const char *id,
                                  bool *ret_staged, struct err *err);

/* Every record staged in the unfinished file, by id. step: as for books_each. */
MUST_USE enum status facts_staged_each(const struct facts *facts, const char *entity, const char *feed,
                                       books_step *step, void *context, struct err *err);

#endif
