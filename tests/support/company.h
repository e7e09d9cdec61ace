/*
 * A small company in a book of its own, for tests: keys from fixed seeds, a simulated clock, the shipped policy, a cast
 * with roles. Everything is deterministic, so a test replays byte for byte. Functions fail the test on any error.
 */
#ifndef TESTS_SUPPORT_COMPANY_H
#define TESTS_SUPPORT_COMPANY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "controls/gate.h"
#include "ledger/books.h"
#include "ledger/journal.h"
#include "ledger/signer.h"
#include "ledger/statement.h"

struct journal_lost;

enum { COMPANY_USERS_MAX = 96, COMPANY_COPY_BYTES = 320 };

struct company_user {
    char user[65];
    struct signer signer;
    char key[512];
};

struct company {
    char dir[256];  /* scratch directory */
    char book[300]; /* the book's directory in it */
    struct gate *gate;
    int64_t now_ms; /* time of the next statement; each statement moves it on by a second */
    unsigned ids;
    struct company_user users[COMPANY_USERS_MAX];
    size_t user_count;
    bool keep;
    bool recovery;                      /* the charter names recovery1..recovery3, two of which are asked */
    uint64_t map_bytes;                 /* of a new book; 0: 256 MiB */
    bool unchecked;                     /* company_close asks nothing of the book */
    unsigned replays;                   /* scratch tables made so far */
    int64_t (*real_now)(void *context); /* a real book: the gate's clock; NULL: a simulated book */
};

/* Charter only: officers olga (P-01), oscar (P-02), owen (P-03), the policy file compiled (NULL: us.yaml). */
void company_found(struct company *company, const char *policy_yaml);

/*
 * The same with the cast: maria (P-11, BILLING_SPECIALIST), maria2 (second user of P-11, no role), joe
 * (P-12, BILLING_SPECIALIST), cora (P-13, COLLECTIONS_SPECIALIST), adam (P-14, CREDIT_ANALYST), ana (P-21, TEAM_LEAD), tom
 * (P-22, TEAM_LEAD), priya (P-23, MANAGER), dora (P-24, DIRECTOR), vera (P-25, VP_FINANCE), carl (P-26, CFO), bot1 (owner
 * P-12, BILLING_SPECIALIST), feedc feedi feedm (P-31 P-32 P-33: FEED_CUSTOMERS FEED_INVOICES FEED_CASH), ada (P-41, ADMINISTRATOR),
 * audrey (P-42, AUDITOR); customers 16446, 16447 (one group G1), 10442; invoices 581483 6,469.60 and 581484 1,000.00 of
 * 16446, 40117 900.00 and 40251 3,220.55 of 10442, 700001 500.00 of 16447.
 */
void company_open(struct company *company, const char *policy_yaml);
/* Asks company_check of it (not where COUNTERSIGN_UNCHECKED is in the environment, seldom under sanitizers), closes and
 * removes it. Where COUNTERSIGN_LEAVE_BOOKS names a folder, a copy of the book is left there: for tests/checker.py. */
void company_close(struct company *company);

/* A policy file compiled: {compiled, compiler, yaml}. */
json_t *company_policy_body(const char *path);
/* The same, read. Freed with policy_free. */
struct policy *company_policy(const char *path);

/* Closes and opens the gate again. */
void company_reopen(struct company *company);

/* Where the journal is now. */
struct journal_head company_head(const struct company *company);

/*
 * A journal made as a restore makes it, of the company's first size entries, told what it lacks (NULL: nothing).
 *
 * in      unchained: the last one does not stand on the one before.
 * out     ret_dir: where.
 */
void company_copy_journal(const struct company *company, uint64_t size, bool unchained, const struct journal_lost *lost,
                          char ret_dir[static COMPANY_COPY_BYTES]);

struct company_user *company_user(struct company *company, const char *user);
/* A key for a user from a seed made of the name; adds the user to the list, not to the book. */
struct company_user *company_new_user(struct company *company, const char *user);

/* A statement in all its parts; members left zero are the usual ones. */
struct company_act {
    const char *user;
    enum verb verb;
    json_t *body;                /* stolen */
    const struct signer *extra;  /* signs too */
    const struct signer *signer; /* signs in the user's place */
    const char *id;
    const char *book;
    int64_t at_ms; /* 0: a second after the one before */
    bool seen_null;
    const struct hash *seen_hash; /* with seen_seq; NULL: the head */
    uint64_t seen_seq;
    bool flipped;               /* one bit of the signature */
    const char *const *signers; /* names of users or keys, closed by NULL, who sign in place of the user */
};
enum status company_act(struct company *company, const struct company_act *act, struct gate_answer *ret_answer,
                        struct err *err);

/* A statement that several sign together, the actor only when named. */
enum status company_signed_by(struct company *company, const char *actor, enum verb verb, json_t *body,
                              const char *const signers[], struct gate_answer *ret_answer, struct err *err);

/* Brings the next part of a file; records are stolen, total may be NULL. Returns the result. */
struct company_file {
    const char *user, *feed, *total;
    int sequence, part, count; /* count 0: as many as there are records */
    bool more;                 /* not the last part */
    const char *entity;        /* NULL: US01 */
    const char *currency;      /* of the total; NULL: USD */
};
json_t *company_feed(struct company *company, const struct company_file *file, json_t *records);
/* Records of feeds. */
json_t *company_invoice(const char *invoice, const char *customer, const char *net, const char *tax, const char *gross);
json_t *company_customer(const char *customer, const char *group);
json_t *company_cash(const char *receipt, const char *customer, const char *amount, json_t *applied);

/* Moves the simulated clock to an instant, which the next statement bears. */
void company_at(struct company *company, const char *instant);

/* Submits a statement of user; body is stolen. extra (may be NULL) signs too. Answer: give to gate_answer_done. */
enum status company_try(struct company *company, const char *user, enum verb verb, json_t *body,
                        const struct signer *extra, struct gate_answer *ret_answer, struct err *err);
/* The same, has to be let in. Returns the decision; the caller decrefs. */
json_t *company_do(struct company *company, const char *user, enum verb verb, json_t *body);
json_t *company_do_with(struct company *company, const char *user, enum verb verb, json_t *body, const char *other);

/* The body that submits one document (stolen). */
json_t *company_one(json_t *document);
/* The first result of a decision (stolen), or the decision itself where it has none. */
json_t *company_first(json_t *decision);

/* Submits one document (stolen); returns its result, a new reference. */
json_t *company_submit(struct company *company, const char *user, json_t *document);
/* Approves at a level; returns the result. */
json_t *company_approve(struct company *company, const char *user, const char *number, int level);

/* A credit note with one allocation, reason PRICE_ERR, its evidence given; new reference. */
json_t *company_credit_note(struct company *company, const char *customer, const char *invoice, const char *amount);
/* A money document without allocations; evidence of that kind, none when NULL. */
json_t *company_money(struct company *company, const char *kind, const char *customer, const char *amount,
                      const char *reason, const char *evidence);
/* Adds an allocation; line may be NULL. Returns the document. */
json_t *company_allocate(json_t *document, const char *invoice, const char *line, const char *amount);
/* Correction of an invoice, up or down; write-off (BAD_DEBT); reversal; a limit from 10,000.00. */
json_t *company_correction(struct company *company, const char *customer, const char *invoice, const char *amount,
                           const char *direction);
json_t *company_write_off(struct company *company, const char *customer, const char *invoice, const char *amount);
json_t *company_reversal(struct company *company, const char *reverses);
json_t *company_limit(struct company *company, const char *customer, const char *limit);
/* An enrolment or grant by its members, not submitted. */
json_t *company_enrolment(struct company *company, const char *user, const char *person, const char *sort,
                          const char *key);
json_t *company_grant_document(struct company *company, const char *user, const char *role);
/* Submits, has to be posted or wait; approves up to a level by ana, priya, dora, vera, carl. Returns the number, to be freed. */
char *company_wait(struct company *company, const char *user, json_t *document);
char *company_post(struct company *company, const char *user, json_t *document, int levels);

/* Sets a member of a document; value is stolen. Returns the document. */
json_t *company_with(json_t *document, const char *name, json_t *value);
/* Withdraws, rejects, returns; amends. Return the result. */
json_t *company_end(struct company *company, const char *user, enum verb verb, const char *number);
json_t *company_amend(struct company *company, const char *user, const char *number, json_t *content);
/* Two officers give, or one takes away. Return the number of the grant. */
json_t *company_grant(struct company *company, const char *user, const char *role);
/* A base document of a kind with a fresh ref and channel cli. */
json_t *company_document(struct company *company, const char *kind);
/* A piece of evidence of a kind, unique. */
json_t *company_evidence(struct company *company, const char *kind);

/* A record in the books; new reference, NULL when there is none. */
json_t *company_books(struct company *company, enum books_table table, const struct books_key *key);
json_t *company_invoice_record(struct company *company, const char *invoice);
/* The document's record in the books; new reference. */
json_t *company_record(struct company *company, const char *number);
/* True when the result's controls hold this control with this code. */
bool result_has(const json_t *result, const char *control, const char *code);
const char *result_outcome(const json_t *result);
const char *result_number(const json_t *result);

#endif
