/*
 * The simulator's model: what a book under tests/sim/policy.yaml has to answer and to hold, worked out from FORMAT.md and
 * POLICY.md alone, without a line of the ledger's or the controls'. It is plain data of fixed size, so that a copy is a
 * snapshot. Everything is a document: grants, delegations, keys and months are what documents in force say.
 *
 * Money is in cents, times in milliseconds, dates in days since 1970, all UTC. Names of things are their places here: person
 * p is P-p, user u is user-u, key k is key-k, customer c is C-c, invoice i is I-i.
 */
#ifndef TESTS_SIM_MODEL_H
#define TESTS_SIM_MODEL_H

#include <stdbool.h>
#include <stdint.h>

enum {
    SIM_PERSONS = 48,
    SIM_USERS = 64,
    SIM_KEYS = 90, /* beside the book's: as many as a company of the tests holds */
    SIM_CUSTOMERS = 4,
    SIM_INVOICES = 400,
    SIM_DOCUMENTS = 1600,
    SIM_POLICIES = 48,
    SIM_BOT_DAYS = 2000,
    SIM_MONTHS = 48, /* from January 2025 */
    SIM_ALLOCATIONS = 2,
    SIM_LIST = 3, /* documents of a statement */
    SIM_ANSWERS = 16,
    SIM_LEVELS = 3,
    SIM_OFFICERS = 3, /* users 0 to 2, persons 0 to 2, keys 0 to 2 */
    SIM_NONE = -1
};
#define SIM_NEVER INT64_MAX

enum sim_kind {
    SIM_CREDIT_NOTE,
    SIM_CORRECTION,
    SIM_WRITE_OFF,
    SIM_REVERSAL,
    SIM_ENROLMENT,
    SIM_GRANT,
    SIM_REVOCATION,
    SIM_ROTATION,
    SIM_KEY_REVOCATION,
    SIM_DELEGATION,
    SIM_POLICY,
    SIM_PERIOD,
    SIM_KINDS
};
enum sim_role { SIM_SPECIALIST, SIM_COLLECTOR, SIM_LEAD, SIM_MANAGER, SIM_DIRECTOR, SIM_CLOSER, SIM_FEEDER, SIM_ROLES };
enum sim_sort { SIM_HUMAN, SIM_BOT, SIM_FEEDS_IN };
enum sim_state { SIM_WAITING, SIM_RETURNED, SIM_DONE, SIM_REVERSED, SIM_WITHDRAWN, SIM_REJECTED, SIM_LAPSED };
enum sim_month { SIM_OPEN, SIM_SOFT, SIM_HARD };
enum sim_feed { SIM_FEED_CUSTOMERS, SIM_FEED_INVOICES, SIM_FEED_CASH, SIM_FEED_PEOPLE, SIM_FEEDS };
enum sim_outcome { SIM_TOOK_EFFECT, SIM_WAITS, SIM_APPROVED, SIM_REFUSED, SIM_REPEAT, SIM_ENDED, SIM_CLOSED };

/* A document as it is submitted; what its kind has not is zero, so that equal documents are equal bytes. */
struct sim_content {
    enum sim_kind kind;
    unsigned ref;
    /* money */
    int customer, count, reason; /* reason: of a reversal, 0 an error, 1 none */
    struct {
        int invoice;
        int64_t minor;
    } allocations[SIM_ALLOCATIONS];
    int64_t amount, on_account;
    bool up;
    int date, reverses, requested_by; /* reverses: a document; requested_by: a person or SIM_NONE */
    /* governance */
    int user, person, role, target, key, old_key, to_user, level, variant, month, state;
    int64_t from_ms, to_ms, effective_ms, since_ms;
};

struct sim_approval {
    int person, behalf, level, key; /* behalf: a person or SIM_NONE */
    uint64_t seen;
    int64_t time_ms;
};

struct sim_document {
    struct sim_content content;
    enum sim_state state;
    int version, number, key; /* number: of its prefix */
    uint64_t seq;             /* of the current version, as index and time */
    int index;
    int64_t time_ms, until_ms;
    uint64_t makers; /* persons */
    unsigned needed; /* levels still to be signed: bit level - 1 */
    struct sim_approval approvals[SIM_LEVELS];
    int approval_count, legal, reversal; /* legal: 0 none; reversal: what reversed it */
    bool ended;                          /* a grant or delegation that was taken back */
};

struct sim_invoice {
    int customer, date;
    int64_t open;
    uint64_t known; /* the entry that announced its latest change */
};

struct sim_model {
    uint64_t size; /* entries */
    int64_t head_ms;
    int person_count, user_count, key_count, invoice_count, document_count, policy_count;
    int64_t left_ms[SIM_PERSONS];
    bool people_used;
    struct {
        int person;
        bool enrolled;
        enum sim_sort sort;
    } users[SIM_USERS];
    struct {
        int user;
        bool valid, known; /* known: it was in force once */
        int64_t since_ms;  /* from when on what it signed is suspect */
    } keys[SIM_KEYS];
    int bot_day_count;
    struct {
        int user, day, documents; /* that it submitted on that day, and what of it was let in */
        int64_t sum;
    } bot_days[SIM_BOT_DAYS];
    int64_t account[SIM_CUSTOMERS];
    struct sim_invoice invoices[SIM_INVOICES];
    struct sim_document documents[SIM_DOCUMENTS];
    struct {
        int variant;
        int64_t effective_ms;
    } policies[SIM_POLICIES];
    enum sim_month months[SIM_MONTHS];
    int numbers[SIM_KINDS], legals[SIM_KINDS][SIM_MONTHS / 12], files[SIM_FEEDS];
    int ref_count;
    struct {
        struct sim_content content;
        int document;
    } refs[SIM_DOCUMENTS]; /* of every version that was let in */
};

/* What the gate is to say, in words that are compared: "C-02 no-function", "C-06 sum 1200.00 of 3". */
struct sim_answers {
    char text[SIM_ANSWERS][48];
    int count;
    int lowest; /* the number of the first control that denies; 99: none has */
};

struct sim_result {
    enum sim_outcome outcome;
    struct sim_answers answers;
    unsigned levels;
    int document; /* SIM_NONE where it is refused */
    int legal;
};

struct sim_verdict {
    bool refused; /* as a whole: answers say why, and there are no results */
    struct sim_answers answers;
    struct sim_result results[SIM_LIST];
    int count;
};

/* A statement as the model sees it. */
struct sim_moment {
    int user, key; /* the actor, and the key that signs */
    uint64_t seen;
    bool seen_missing, seen_unknown;
    bool unsigned_key; /* the new key has not signed */
    bool foreign;      /* somebody signed who is not asked */
    int64_t now_ms;    /* of the entry */
};

struct sim_item {
    int document, version, level, behalf; /* behalf: a user or SIM_NONE */
    bool other_content;
};

enum sim_end { SIM_REJECT, SIM_RETURN, SIM_WITHDRAW };

struct sim_file {
    enum sim_feed feed;
    int sequence;
    int customer, invoice, person, date;
    int64_t amount, applied;
};

/* Three officers with a key each; the policy of variant 0. */
void sim_model_begin(struct sim_model *model, int64_t now_ms);

/* Each lets one statement in: the entry is counted, what it does is done, and *ret_verdict says what the gate has to answer. */
void sim_submit(struct sim_model *model, const struct sim_moment *moment, const struct sim_content *contents, int count,
                bool atomic, struct sim_verdict *ret_verdict);
void sim_amend(struct sim_model *model, const struct sim_moment *moment, const struct sim_item *item,
               const struct sim_content *content, struct sim_verdict *ret_verdict);
void sim_approve(struct sim_model *model, const struct sim_moment *moment, const struct sim_item *item,
                 struct sim_verdict *ret_verdict);
void sim_end(struct sim_model *model, const struct sim_moment *moment, const struct sim_item *item, enum sim_end how,
             struct sim_verdict *ret_verdict);
void sim_feed(struct sim_model *model, const struct sim_moment *moment, const struct sim_file *file,
              struct sim_verdict *ret_verdict);

/* Two officers set a clock back that was ahead: entries are from its own time again. */
void sim_clock(struct sim_model *model, int64_t now_ms);

/* What is asked about access, here and by whoever picks what to do next. */
bool sim_holds(const struct sim_model *model, int user, enum sim_role role, int64_t now_ms);
bool sim_may_approve(const struct sim_model *model, int user, int level, int64_t now_ms);
bool sim_is_officer(const struct sim_model *model, int user, int64_t now_ms);
bool sim_has_left(const struct sim_model *model, int person, int64_t now_ms);
bool sim_is_money(enum sim_kind kind);

/* What waits takes of an invoice, but for one document. */
int64_t sim_pending(const struct sim_model *model, int invoice, int but);

/* The thresholds of a version of the policy: those of the row CREDIT. */
extern const int64_t sim_tiers[][3];
enum { SIM_VARIANTS = 3 };
int sim_variant(const struct sim_model *model, int64_t now_ms);

/* Calendar: date and month of an instant, the first instant of its quarter. */
int sim_date(int64_t ms);
int sim_month(int date); /* from January 2025 */
int sim_month_first(int month);

/* ---- between the model's rooms ---- */

enum sim_stage { SIM_AT_SUBMIT, SIM_AT_POST };

/* A document at a place: self is its number here, SIM_NONE while it is new. */
struct sim_case {
    const struct sim_content *content;
    int self, index;
    uint64_t seq;
    int64_t time_ms;
    enum sim_stage stage;
};

void sim_say(struct sim_answers *answers, const char *format, ...) __attribute__((format(printf, 2, 3))); /* a denial */
void sim_need(struct sim_answers *answers, const char *format, ...) __attribute__((format(printf, 2, 3))); /* a need */
/* Ask a document, and answer the levels that it needs. */
unsigned sim_judge_money(const struct sim_model *model, const struct sim_moment *moment, const struct sim_case *one,
                         struct sim_answers *answers);
unsigned sim_judge_governance(const struct sim_model *model, const struct sim_moment *moment,
                              const struct sim_case *one, struct sim_answers *answers);
void sim_judge_month(const struct sim_model *model, const struct sim_content *content, struct sim_answers *answers);
/* Whether an invoice that the document rests on has changed since. */
bool sim_material_changed(const struct sim_model *model, const struct sim_content *content, uint64_t seen);
void sim_take_effect(struct sim_model *model, int document);

#endif
