/*
 * The closed lists: kinds of documents with the letters of their request numbers, and the functions that
 * roles are made of. One table; names are FORMAT.md 5.3's. Guarantees that a function outside the list has no class,
 * so that nothing is ever allowed by a name that nobody checks.
 */
#include "controls/functions.h"

#include <stddef.h>
#include <string.h>

#include "ledger/limits.h"

struct kind_row {
    const char *name;
    const char *prefix;
    bool worked; /* prepared and approved under functions of its own; the others are acts of officers or auditors */
};

static const struct kind_row kinds[KIND_COUNT] = {
    [KIND_CREDIT_NOTE] = {"credit-note", "CN", true},
    [KIND_CORRECTION] = {"correction", "IC", true},
    [KIND_WRITE_OFF] = {"write-off", "WO", true},
    [KIND_CREDIT_LIMIT] = {"credit-limit", "CL", true},
    [KIND_REVERSAL] = {"reversal", "RV", true},
    [KIND_REBILL] = {"rebill", "RB", true},
    [KIND_RECOVERY] = {"recovery", "RC", true},
    [KIND_ADJUSTMENT] = {"adjustment", "AJ", true},
    [KIND_TEMPORARY_LIMIT] = {"temporary-limit", "TL", true},
    [KIND_HOLD_RELEASE] = {"hold-release", "HR", true},
    [KIND_DISPUTE] = {"dispute", "DS", true},
    [KIND_INQUIRY] = {"inquiry", "IQ", true},
    [KIND_EXCEPTION] = {"exception", "EX", true},
    [KIND_CASE_NOTE] = {"case-note", "NT", true},
    [KIND_ENROLMENT] = {"enrolment", "EN", false},
    [KIND_KEY_ROTATION] = {"key-rotation", "KR", false},
    [KIND_KEY_REVOCATION] = {"key-revocation", "KX", false},
    [KIND_BOOK_KEY] = {"book-key", "BK", false},
    [KIND_GRANT] = {"grant", "GR", false},
    [KIND_REVOCATION] = {"revocation", "RG", false},
    [KIND_DELEGATION] = {"delegation", "DG", false},
    [KIND_POLICY] = {"policy", "PO", false},
    [KIND_ENTITY] = {"entity", "ET", false},
    [KIND_PERIOD] = {"period", "PE", false},
    [KIND_RATES] = {"rates", "FX", false},
    [KIND_RELEASE] = {"release", "RL", false},
    [KIND_RELATED] = {"related", "RT", false},
    [KIND_BREAK_GLASS] = {"break-glass", "BG", false},
    [KIND_REVIEW] = {"review", "AR", false},
    [KIND_ERASURE] = {"erasure", "ER", false},
    [KIND_LEGAL_HOLD] = {"legal-hold", "LH", false},
    [KIND_ATTESTATION] = {"attestation", "AT", false},
    [KIND_BREAK_GLASS_REVIEW] = {"break-glass-review", "BV", false},
    [KIND_AFFIRMATION] = {"affirmation", "AF", false},
    [KIND_REACTIVATION] = {"reactivation", "RA", false},
    [KIND_MITIGATION] = {"mitigation", "MI", false},
    [KIND_MITIGATION_REVIEW] = {"mitigation-review", "MR", false},
    [KIND_SEED] = {"seed", "SE", false},
    [KIND_DISPOSITION] = {"disposition", "DI", false},
    [KIND_TEST_RUN] = {"test-run", "TR", false},
};

static const struct {
    const char *name;
    enum function_class class;
} plain[] = {
    {"audit.commit", FUNCTION_AUDIT},   {"audit.read", FUNCTION_AUDIT},     {"credit.override", FUNCTION_OVERRIDE},
    {"feed.cash", FUNCTION_FEED},       {"feed.contacts", FUNCTION_FEED},   {"feed.contracts", FUNCTION_FEED},
    {"feed.customers", FUNCTION_FEED},  {"feed.invoices", FUNCTION_FEED},   {"feed.orders", FUNCTION_FEED},
    {"feed.people", FUNCTION_FEED},     {"feed.reads", FUNCTION_FEED},      {"feed.acknowledgements", FUNCTION_FEED},
    {"govern.access", FUNCTION_GOVERN}, {"govern.policy", FUNCTION_GOVERN}, {"operate", FUNCTION_OPERATE},
    {"period.close", FUNCTION_CLOSE},   {"read.books", FUNCTION_READ},
};

enum { PLAIN_COUNT = sizeof plain / sizeof plain[0], WORKED_KINDS = KIND_CASE_NOTE + 1 };

static_assert(WORKED_KINDS * (LEVELS_MAX + 1) + PLAIN_COUNT <= FUNCTION_NUMBERS, "each function has its own number");
static_assert(KIND_COUNT <= 64, "a policy's kinds are bits of a uint64_t");
static_assert(LEVELS_MAX == 9, "a level is one digit in the name of a function");

const char *kind_name(enum kind_id kind)
{
    return kind >= 0 && kind < KIND_COUNT ? kinds[kind].name : NULL;
}

const char *kind_prefix(enum kind_id kind)
{
    return kind >= 0 && kind < KIND_COUNT ? kinds[kind].prefix : NULL;
}

bool kind_is_case(enum kind_id kind)
{
    return kind == KIND_DISPUTE || kind == KIND_INQUIRY || kind == KIND_EXCEPTION;
}

enum kind_id kind_from_name(const char *name)
{
    for (int i = 0; i < KIND_COUNT; i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return (enum kind_id)i;
    }
    return KIND_UNKNOWN;
}

/* Reads what follows "<kind>": ".prepare" or ".approve.<digit>". */
static enum function_class class_of_act(const char *act, int *ret_level)
{
    static const char approve[] = ".approve.";
    const size_t stem = sizeof approve - 1;
    if (strcmp(act, ".prepare") == 0) {
        *ret_level = 0;
        return FUNCTION_PREPARE;
    }
    if (strncmp(act, approve, stem) == 0 && act[stem] >= '1' && act[stem] <= '9' && act[stem + 1] == '\0') {
        *ret_level = act[stem] - '0';
        return FUNCTION_APPROVE;
    }
    return FUNCTION_UNKNOWN;
}

/* Ten numbers for each kind (prepare, nine levels), then the plain ones. */
int function_number(const char *function)
{
    enum kind_id kind = KIND_UNKNOWN;
    int level = 0;
    enum function_class class = function_class(function, &kind, &level);
    if (class == FUNCTION_UNKNOWN)
        return -1;
    if (class == FUNCTION_PREPARE || class == FUNCTION_APPROVE)
        return (int)kind * (LEVELS_MAX + 1) + level;
    for (size_t i = 0; i < PLAIN_COUNT; i++) {
        if (strcmp(plain[i].name, function) == 0)
            return WORKED_KINDS * (LEVELS_MAX + 1) + (int)i;
    }
    return -1;
}

enum function_class function_class(const char *function, enum kind_id *ret_kind, int *ret_level)
{
    for (size_t i = 0; i < PLAIN_COUNT; i++) {
        if (strcmp(plain[i].name, function) == 0)
            return plain[i].class;
    }
    for (int i = 0; i < WORKED_KINDS; i++) {
        size_t length = strlen(kinds[i].name);
        if (!kinds[i].worked || strncmp(kinds[i].name, function, length) != 0)
            continue;
        int level = 0;
        enum function_class class = class_of_act(function + length, &level);
        if (class == FUNCTION_UNKNOWN)
            continue;
        if (ret_kind != NULL)
            *ret_kind = (enum kind_id)i;
        if (ret_level != NULL)
            *ret_level = level;
        return class;
    }
    return FUNCTION_UNKNOWN;
}
