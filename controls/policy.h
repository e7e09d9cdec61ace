/*
 * A compiled policy, read into the shape in which the rules ask it. The compiled form is canonical JSON (POLICY.md);
 * this room checks that form and its meaning and never sees YAML.
 *
 * Levels are a set of approval levels 1..LEVELS_MAX as bits: bit (n - 1) stands for level n.
 */
#ifndef CONTROLS_POLICY_H
#define CONTROLS_POLICY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "controls/policy_parameters.h"
#include "ledger/hash.h"
#include "ledger/limits.h"
#include "ledger/status.h"

/* What one policy may hold: far above any company's, low enough that checking one takes milliseconds. */
enum {
    POLICY_ENTITIES_MAX = 200,
    POLICY_OFFSETS_MAX = 400, /* two changes a year for two centuries */
    POLICY_LIST_MAX = 500,    /* accounts, taxes, reasons */
    POLICY_ROWS_MAX = 200,    /* authority rows, roles */
    POLICY_DUTIES_MAX = 64,
    POLICY_CONFLICTS_MAX = POLICY_DUTIES_MAX * (POLICY_DUTIES_MAX - 1) / 2,
    POLICY_EXCLUSIVES_MAX = 64,
    POLICY_DOMAINS_MAX = 2000,
    POLICY_TIERS_MAX = 50,
    POLICY_HOLIDAYS_MAX = 2000,
    POLICY_WINDOWS_MAX = 50,
    POLICY_TITLE_BYTES_MAX = 200,
    POLICY_PATH_BYTES = 160 /* a path of a finding, closing NUL included */
};

struct policy_offset {
    int64_t from_ms; /* this offset holds from here until the next one's */
    int32_t minutes; /* local time = UTC + minutes */
};

struct policy_entity {
    const char *entity;
    const char *currency; /* functional currency */
    int fiscal_month; /* the fiscal year begins on the first of this month, 1..12; it is named by the year it ends in */
    const struct policy_offset *offsets; /* by from_ms, the first at 1970; at least one */
    size_t offset_count;
    const int32_t *holidays; /* days since 1970, ascending; Saturdays and Sundays are no business days anyway */
    size_t holiday_count;
    int64_t parameters[PARAMETER_COUNT]; /* by enum policy_parameter; amounts in minor units */
};

enum account_class {
    ACCOUNT_RECEIVABLE,
    ACCOUNT_REVENUE,
    ACCOUNT_TAX,
    ACCOUNT_ALLOWANCE,
    ACCOUNT_EXPENSE,
    ACCOUNT_LIABILITY,
    ACCOUNT_CASH,
    ACCOUNT_FX,
    ACCOUNT_ROUNDING,
    ACCOUNT_CLASS_COUNT
};

struct policy_account {
    const char *account;
    enum account_class class;
    const char *title;
};

struct policy_tax {
    const char *code;
    const char *account; /* of class tax */
};

/* What has to be so before debt is given up for a reason (C-41). */
enum policy_precondition {
    PRECONDITION_NONE,
    PRECONDITION_BAD_DEBT,      /* long past due, effort made, no promise, no dispute, no cash */
    PRECONDITION_SMALL_BALANCE, /* small, and past due */
    PRECONDITION_CASE,          /* the case is named: insolvency */
    PRECONDITION_COUNT
};

/* A reason: which kinds it serves, which authority row judges it, what it demands, which account it moves. */
struct policy_reason {
    const char *reason;
    const char *title;
    const char *row;
    const char *account;   /* the side that is not receivables; NULL for kinds without ledger lines */
    uint64_t kinds;        /* bit per kind, by enum kind_id of functions.h */
    const char **evidence; /* kinds of evidence that must be there */
    size_t evidence_count;
    enum policy_precondition precondition;
    bool dispute_required; /* a document with this reason names an open dispute */
    size_t note_bytes_min; /* a note of at least so many bytes; 0 = none asked */
    bool error;            /* something was wrong with the document itself: see policy_window.reversed */
};

struct policy_tier {
    int64_t upto_minor; /* in base currency, inclusive; INT64_MAX in the last tier */
    uint16_t levels;    /* 0 = within the preparer's own authority */
};

struct policy_row {
    const char *row;
    const char **entities; /* NULL, 0 = all that no other row of this name lists */
    size_t entity_count;
    bool chain; /* each approver stands on the preparer's chain of managers (C-05) */
    const struct policy_tier
        *tiers; /* by upto_minor, the last unbounded; levels of a tier contain those of the one before */
    size_t tier_count;
};

struct policy_role {
    const char *role;
    const char *title;
    const char **functions; /* sorted; its own and those of the roles that it inherits, of theirs, and so on */
    size_t function_count;
    const char **own; /* sorted; may be none where it inherits */
    size_t own_count;
    const char **inherits; /* roles, sorted */
    size_t inherit_count;
};

enum conflict_mode {
    CONFLICT_NEVER,    /* H: one person may not hold both */
    CONFLICT_DOCUMENT, /* D: not on the same document or its linked chain */
    CONFLICT_MITIGATED /* M: only under a recorded mitigation (C-24) */
};

struct policy_duty {
    const char *duty;
    const char *title;
    const char **functions; /* sorted; all functions of the duty */
    size_t function_count;
};

struct policy_conflict {
    const struct policy_duty *a, *b;
    enum conflict_mode mode;
};

/* Duties of which one person holds fewer than so many (ANSI INCITS 359, static separation of duty). */
struct policy_exclusive {
    const char *set;
    const char *title;
    const struct policy_duty **duties; /* NULL where a name is none of the policy's */
    size_t duty_count;
    size_t fewer_than;
};

enum window_by { WINDOW_BY_INVOICE, WINDOW_BY_CUSTOMER, WINDOW_BY_PREPARER };
enum window_span { WINDOW_LIFE, WINDOW_DAYS, WINDOW_QUARTER };

/* Whether documents go on counting once they are reversed. Leaving out takes a reason of the reversal that is an error. */
enum window_reversed { WINDOW_REVERSED_COUNT, WINDOW_REVERSED_LEAVE_OUT };

struct policy_window {
    enum window_by by;
    enum window_span span;
    int days;       /* for WINDOW_DAYS */
    uint64_t kinds; /* the kinds that add up together; the window is judged for documents of these kinds */
    enum window_reversed reversed;
};

struct policy {
    struct hash hash; /* SHA-256 of the compiled bytes */
    const char *name;
    const char *base; /* reporting currency: thresholds are in it */
    int base_digits;
    int lapse_days;          /* a waiting document lapses so many times 86,400 s after its version was submitted */
    size_t approve_list_max; /* C-12 */
    int64_t bot_document_minor_max; /* C-25, in base currency */
    int64_t bot_documents_per_day_max;
    int64_t bot_sum_minor_max; /* of what it prepares in a day, in base currency; INT64_MAX: no bound */
    uint64_t bot_kinds;        /* what it may prepare, by enum kind_id; all bits where the policy names none */
    const char **bot_reasons;  /* for which reasons, sorted; none: for all */
    size_t bot_reason_count;
    bool bot_run; /* it names its run: an id, and the hash of its code and configuration */
    const char *receivable_account;
    const char *on_account_account; /* customer credits, a liability */
    const char *fx_account;         /* exchange differences; NULL: none given */
    const char *rounding_account;   /* what conversion leaves over; NULL: none given */
    const char *on_account_row;     /* the authority row that judges an on-account part */
    const struct policy_entity *entities;
    size_t entity_count;
    const struct policy_account *accounts;
    size_t account_count;
    const struct policy_tax *taxes;
    size_t tax_count;
    const struct policy_reason *reasons;
    size_t reason_count;
    const struct policy_row *rows;
    size_t row_count;
    const struct policy_role *roles;
    size_t role_count;
    const struct policy_duty *duties;
    size_t duty_count;
    const struct policy_conflict *conflicts;
    size_t conflict_count;
    const struct policy_exclusive *exclusives;
    size_t exclusive_count;
    const char **public_domains; /* sorted; e-mail domains that say nothing about who belongs together (C-34) */
    size_t public_domain_count;
    const struct policy_window *windows;
    size_t window_count;
    int64_t parameters[PARAMETER_COUNT]; /* where no entity has its own */
    const char **relaxed;                /* controls that emergency access may relax (C-51), sorted */
    size_t relaxed_count;
    bool releases_deny; /* a gate whose release is not approved lets nothing in; else it is only recorded */
    /* Where the key that signs has to have verified its user (C-52): approvals of business documents at this level and
     * above, 0: at none; and what is done under these functions, sorted. */
    int verified_level;
    const char **verified;
    size_t verified_count;
};

/*
 * Reads a compiled policy. The answer holds its own copies.
 *
 * in      compiled: the object as it stands in the document, borrowed.
 * out     *ret_policy, given; free with policy_free.
 * errors  INPUT: names the path in the compiled form and what is wrong with it. Everything is checked that the rules rely
 *         on: form, unknown members, references, ascending tiers, account classes (C-27), and the floors that no policy
 *         can lower (OFFICER holds exactly the govern functions; no role joins prepare and approve of a kind, approvals
 *         and govern, approvals and period closing, operate or audit.commit and anything else).
 * source  POLICY.md; DESIGN 7.
 */
MUST_USE enum status policy_read(const json_t *compiled, struct policy **ret_policy, struct err *err);
void policy_free(struct policy *policy);

/* What policy_read and the compiler both use: calls report once for each finding with the JSON path it is about. */
struct policy_finding {
    bool warning;     /* else an error */
    const char *path; /* e.g. "reasons[3].account" */
    const char *text;
};
typedef void policy_report(void *context, const struct policy_finding *finding);
MUST_USE enum status policy_check(const json_t *compiled, policy_report *report, void *context);

/* Look-ups: NULL when there is none. Lend until policy_free. */
const struct policy_entity *policy_find_entity(const struct policy *policy, const char *entity);
const struct policy_reason *policy_find_reason(const struct policy *policy, const char *reason);
const struct policy_role *policy_find_role(const struct policy *policy, const char *role);
const struct policy_account *policy_find_account(const struct policy *policy, const char *account);
const struct policy_tax *policy_find_tax(const struct policy *policy, const char *code);
/* The row of that name that lists the entity, else the one that lists none. */
const struct policy_row *policy_find_row(const struct policy *policy, const char *row, const char *entity);

bool role_has_function(const struct policy_role *role, const char *function);
bool duty_has_function(const struct policy_duty *duty, const char *function);
/* Whether the two functions stand on the two sides of the pair, either way round. */
bool conflict_joins(const struct policy_conflict *conflict, const char *a, const char *b);

/* The levels that the row asks for an amount (absolute, base currency, zero or more). */
uint16_t row_levels(const struct policy_row *row, int64_t amount_minor);

/* Whether what is done under this function is to be signed by a key that has verified its user. */
bool policy_verifies(const struct policy *policy, const char *function);

/* A parameter's value for an entity (NULL, or one the policy does not have: for none); amounts in minor units. */
int64_t policy_parameter(const struct policy *policy, const char *entity, enum policy_parameter parameter);

/* Local calendar of an entity. */
int32_t entity_date(const struct policy_entity *entity, int64_t time_ms); /* days since 1970, local */
int64_t entity_next_midnight(const struct policy_entity *entity,
                             int64_t time_ms); /* first instant of the next local day */
int entity_fiscal_year(const struct policy_entity *entity, int32_t date_days);
/* First instant of the fiscal quarter in which time_ms falls. */
int64_t entity_quarter_start(const struct policy_entity *entity, int64_t time_ms);
/* First instant of a local date, days since 1970. */
int64_t entity_day_start(const struct policy_entity *entity, int32_t date_days);
/* Monday to Friday, and none of the entity's holidays. */
bool entity_business_day(const struct policy_entity *entity, int32_t date_days);
/* The end of the count-th business day after the local day of time_ms: the first instant of the day that follows it. */
int64_t entity_business_deadline(const struct policy_entity *entity, int64_t time_ms, int64_t count);

#endif
