/*
 * The closed lists of kinds and functions. A function is something one may do: `<kind>.prepare`,
 * `<kind>.approve.<level>`, `feed.<feed>`, `govern.access`, `govern.policy`, `period.close`, `operate`, `audit.read`,
 * `audit.commit`, `credit.override`, `read.books`.
 */
#ifndef CONTROLS_FUNCTIONS_H
#define CONTROLS_FUNCTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* In the order of FORMAT.md 5.3; a policy's kinds are bits by these numbers. */
enum kind_id {
    KIND_CREDIT_NOTE,
    KIND_CORRECTION,
    KIND_WRITE_OFF,
    KIND_CREDIT_LIMIT,
    KIND_REVERSAL,
    KIND_REBILL,
    KIND_RECOVERY,
    KIND_ADJUSTMENT,
    KIND_TEMPORARY_LIMIT,
    KIND_HOLD_RELEASE,
    KIND_DISPUTE,
    KIND_INQUIRY,
    KIND_EXCEPTION,
    KIND_CASE_NOTE,
    KIND_ENROLMENT,
    KIND_KEY_ROTATION,
    KIND_KEY_REVOCATION,
    KIND_BOOK_KEY,
    KIND_GRANT,
    KIND_REVOCATION,
    KIND_DELEGATION,
    KIND_POLICY,
    KIND_ENTITY,
    KIND_PERIOD,
    KIND_RATES,
    KIND_RELEASE,
    KIND_RELATED,
    KIND_BREAK_GLASS,
    KIND_REVIEW,
    KIND_ERASURE,
    KIND_LEGAL_HOLD,
    KIND_ATTESTATION,
    KIND_BREAK_GLASS_REVIEW,
    KIND_AFFIRMATION,
    KIND_REACTIVATION,
    KIND_MITIGATION,
    KIND_MITIGATION_REVIEW,
    KIND_SEED,
    KIND_DISPOSITION,
    KIND_TEST_RUN,
    KIND_COUNT,
    KIND_UNKNOWN = -1
};

enum function_class {
    FUNCTION_UNKNOWN,
    FUNCTION_PREPARE,
    FUNCTION_APPROVE,
    FUNCTION_GOVERN,
    FUNCTION_CLOSE,
    FUNCTION_FEED,
    FUNCTION_OPERATE,
    FUNCTION_AUDIT,
    FUNCTION_OVERRIDE, /* lets what one prepares or signs through although the customer's debt was written off (C-42) */
    FUNCTION_READ
};

/* FORMAT.md's word, e.g. "credit-note". Lends for ever. */
const char *kind_name(enum kind_id kind);
enum kind_id kind_from_name(const char *name);
/* Letters of the request number, e.g. "CN". */
const char *kind_prefix(enum kind_id kind);

/* A dispute, an inquiry or an exception. */
bool kind_is_case(enum kind_id kind);

/* FUNCTION_UNKNOWN for anything outside the closed list. ret_kind and ret_level (may be NULL) are filled for prepare and
 * approve; level 0 for prepare. */
enum function_class function_class(const char *function, enum kind_id *ret_kind, int *ret_level);

enum { FUNCTION_NUMBERS = 192 };

/* A number in 0..FUNCTION_NUMBERS-1 for each function of the closed list, so that sets of them are bits; -1 outside. */
int function_number(const char *function);

#endif
