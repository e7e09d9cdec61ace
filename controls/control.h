/*
 * A control: one named rule of the catalogue, one file under controls/rules, one row of the table in controls/rules.c.
 * judge is a pure function of request and facts. To add one: copy a file, register it, test it, document it.
 */
#ifndef CONTROLS_CONTROL_H
#define CONTROLS_CONTROL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "controls/facts.h"
#include "controls/facts_rates.h"
#include "ledger/status.h"

struct kind;
struct signature_list;
struct statement;

/* When a control is asked; a row names the stages as bits. */
enum stage {
    STAGE_STATEMENT = 1, /* once for the whole statement, before its members */
    STAGE_SUBMIT = 2,    /* a document of submit or amend */
    STAGE_APPROVE = 4,   /* an item of approve */
    STAGE_POST = 8,   /* the document again, when its last level has been signed, or at submission when none is asked */
    STAGE_LINES = 16, /* the ledger lines that posting would make */
    STAGE_ITEM = 32,  /* an item of withdraw, reject or return; an amendment's claim on the version before */
    STAGE_FEED = 64   /* a feed statement */
};

/*
 * A business document's amounts and places, read once; governance documents have only zeros and NULLs. Amounts stand
 * twice: in the document's currency, which is held against invoices and limits, and in base, which thresholds are in. A
 * kind's measure gives amount_minor and on_account_minor in the document's currency; measure_in_base does the rest.
 */
struct measure {
    const char *entity, *customer, *currency, *reason;
    char group[ID_BYTES_MAX + 1];  /* "" when the customer is unknown */
    int64_t minor;                 /* gross, absolute, in the document's currency */
    int64_t on_account_minor;      /* of that, on account, in the document's currency */
    int64_t amount_minor;          /* what thresholds are judged on: gross, absolute, base currency */
    int64_t on_account_base_minor; /* of that, on account */
    struct facts_rate rate;        /* the one of the document's date, by which it was converted */
    bool in_base;                  /* else there is no rate, or the amount is too large: zeros, and C-10 denies */
    int32_t date;                  /* effective, days since 1970 */
    bool reduces;                  /* takes from what invoices have open */
    bool no_row;                   /* the authority table is not asked: the kind's own control says who signs */
    uint16_t levels_before;        /* a reversal: the levels that its original needed */
};

struct request {
    enum stage stage;
    const struct statement *statement;
    const struct signature_list *signatures; /* NULL in a dry run: nothing is signed yet */
    struct actor actor;                      /* who signs this statement */
    struct actor behalf; /* for whom, by delegation (C-17); user "" when for nobody, person "" for an unknown user */

    const struct kind *kind; /* NULL at STAGE_STATEMENT and STAGE_FEED */
    const json_t *document;  /* the content that is judged */
    const char *number;      /* request number; NULL at first submission */
    const json_t *record;    /* the document's record; NULL at first submission */
    uint64_t seq, index;     /* place of the version that is judged: where windows end */
    uint64_t act_index;      /* place of the act in its statement's list */
    int64_t time_ms;         /* its time */
    struct measure measure;
    const json_t *lines; /* STAGE_LINES */
    /* A transfer, or its reversal, as it is seen from the customer that receives: document, customer and group are that
     * side's. NULL: the document has one side, or this is the other one. */
    const struct request *receiving;

    const json_t *item; /* STAGE_APPROVE, STAGE_ITEM */
    int level;          /* STAGE_APPROVE */
};

/* What the controls answered for one document or statement. */
struct answers {
    json_t *list; /* FORMAT.md section 6, in catalogue order */
    bool denied;
    uint16_t levels; /* levels needed, as bits */
    int more_levels; /* levels on top of those */
    uint16_t again;  /* levels whose approval no longer counts, as bits */
};

/*
 * Adds an answer. inputs is stolen, may be NULL for none; members answer, code and control are added to it.
 *
 * errors  MEMORY.
 */
MUST_USE enum status answer_deny(struct answers *answers, const char *control, const char *code, json_t *inputs,
                                 struct err *err);
MUST_USE enum status answer_flag(struct answers *answers, const char *control, const char *code, json_t *inputs,
                                 struct err *err);
/* levels: bits that are needed; they stand in the answer as a list. */
MUST_USE enum status answer_need(struct answers *answers, const char *control, const char *code, uint16_t levels,
                                 json_t *inputs, struct err *err);
/* A level that was signed has to be signed again: its approval is set aside (C-16). */
MUST_USE enum status answer_again(struct answers *answers, const char *control, const char *code, int level,
                                  json_t *inputs, struct err *err);
/* One level more than all other controls ask together. */
MUST_USE enum status answer_need_more(struct answers *answers, const char *control, const char *code, json_t *inputs,
                                      struct err *err);

enum control_type { CONTROL_PREVENTIVE, CONTROL_DETECTIVE, CONTROL_BOTH };

/* Which controls ask a transfer's other side the same again; bits. */
enum receiving {
    RECEIVING_TRANSFER = 1, /* of a transfer, whoever receives */
    RECEIVING_CUSTOMER = 2, /* of a transfer and of its reversal, when another customer receives */
};

enum { SENTENCE_BYTES = 512 };

struct control {
    const char *id; /* "C-07" */
    const char *title;
    const char *objective;
    const char *assertion; /* what an auditor relies on: existence, accuracy, ... */
    enum control_type type;
    unsigned stages;    /* bits of enum stage; 0: kept by structure, proof names the test */
    unsigned receiving; /* bits of enum receiving; 0: it looks at both sides itself, or at none */
    int engine_from, engine_to;
    const char *parameters; /* which members of the policy it reads; "" for none */
    const char *framework;  /* COSO principle, COBIT practice */
    const char *codes;      /* the codes it answers, blank-separated */
    const char *proof;      /* the test that proves a structural control; NULL for judged ones */

    /* NULL when structural. errors: of the facts, MEMORY; a refusal is an answer. */
    enum status (*judge)(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err);

    /* What to tell a person about one of its answers: which rule, on which numbers, what would satisfy it. */
    void (*sentence)(const json_t *answer, char ret_text[static SENTENCE_BYTES]);
};

/* The table, in catalogue order. Lends for ever. */
extern const struct control *const controls[];
extern const size_t control_count;

/* NULL when there is none. */
const struct control *control_find(const char *id);

/* The sentence of an answer as it stands in a decision, by its control; the code itself when the control is unknown. */
void answer_sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES]);

/*
 * Asks each control that belongs to the request's stage and the engine, in order.
 *
 * out     answers: begun with answers_init, released with answers_done.
 */
MUST_USE enum status controls_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                    struct err *err);
MUST_USE enum status answers_init(struct answers *answers, struct err *err);
void answers_done(struct answers *answers);

/* Levels as the sorted JSON list of FORMAT.md; gives, NULL without memory. And back. */
json_t *levels_to_json(uint16_t levels);
uint16_t levels_from_json(const json_t *list);

#endif
