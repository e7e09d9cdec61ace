/*
 * Documents made from what a person writes: options of `post` and `amend`, rows of a batch. What is not given is taken
 * from the books where they leave no choice (the customer and currency of an invoice, the only entity, today); the gate
 * judges the result like any other.
 */
#ifndef CLI_COMPOSE_H
#define CLI_COMPOSE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "controls/facts.h"
#include "ledger/money.h"
#include "ledger/random.h"
#include "ledger/status.h"

/* In the order of the columns of a batch. */
enum compose_field {
    COMPOSE_KIND,
    COMPOSE_REF,
    COMPOSE_ENTITY,
    COMPOSE_CUSTOMER,
    COMPOSE_CURRENCY,
    COMPOSE_AMOUNT,
    COMPOSE_REASON,
    COMPOSE_DATE,
    COMPOSE_ALLOCATIONS,
    COMPOSE_ON_ACCOUNT,
    COMPOSE_DIRECTION,
    COMPOSE_FIELD,
    COMPOSE_METHOD,
    COMPOSE_LIMIT,
    COMPOSE_PREVIOUS,
    COMPOSE_REVERSES,
    COMPOSE_DUPLICATE_OF,
    COMPOSE_NOTE,
    COMPOSE_EVIDENCE,
    COMPOSE_REQUESTED_BY,
    COMPOSE_TAXES, /* CODE=NET+TAX ..., as COMPOSE_BILL_TAXES */
    COMPOSE_CASE,
    COMPOSE_CHARGE,
    COMPOSE_RECOVERS,
    COMPOSE_RECEIPT,
    COMPOSE_BILL_TO,
    COMPOSE_BILL_DATE,
    COMPOSE_BILL_DUE,
    COMPOSE_BILL_REF,
    COMPOSE_BILL_TAXES,
    COMPOSE_FROM,
    COMPOSE_TO,
    COMPOSE_REVIEW,
    COMPOSE_ORDER,
    COMPOSE_EXPIRES,
    COMPOSE_OWNER,
    COMPOSE_PROMISED,
    COMPOSE_CUSTOMER_REF,
    COMPOSE_ABOUT,
    COMPOSE_DISPUTE,
    COMPOSE_BEHALF,
    COMPOSE_STATE,
    COMPOSE_OUTCOME,
    COMPOSE_ROOT_CAUSE,
    COMPOSE_SETTLED_BY,
    COMPOSE_TO_CUSTOMER,
    COMPOSE_TO_ALLOCATIONS,
    COMPOSE_FIELD_COUNT
};

/* The column's name: "on_account". Lends for ever. */
const char *compose_field_name(enum compose_field field);

struct compose_texts {
    const char *const *items;
    size_t count;
};

struct book;

struct compose {
    const struct facts *facts;
    const char *values[COMPOSE_FIELD_COUNT]; /* NULL or "": not given; allocations and evidence stand below */
    struct compose_texts allocations;        /* INVOICE[/LINE][=AMOUNT]; a batch writes : for = */
    struct compose_texts to_allocations;     /* the same, of the side that receives a transfer */
    struct compose_texts evidence;           /* [KIND:]PATH */
    const char *channel;
    const char *run;      /* the bot's run, ID=SHA256; NULL: none */
    const char *user;     /* who acts: the owner of a case where none is given */
    const json_t *before; /* amendment: the content that is changed; NULL: a new document */
    const json_t *first;  /* what was admitted under this ref: its date and previous limit are kept; NULL: nothing */

    struct book *book;    /* where evidence goes */
    const char *base_dir; /* evidence paths are relative to it; NULL: to where the program runs */
    json_t *known;        /* files taken before, by path, so that a batch reads each once; NULL: none are remembered */
    bool keep_evidence;   /* copy the files into the book; false: only look at them (dry run) */
    const struct random_source *random; /* salts of file names kept beside the journal; NULL: no names are kept */

    enum compose_field wrong; /* out: which field an error is about; COMPOSE_FIELD_COUNT: none in particular */
};

/*
 * Makes the document.
 *
 * out     *ret_document: gives; passes kind_check_document.
 * errors  INPUT, LIMIT, NOT_FOUND: compose->wrong says where, err what is wrong with it; those of evidence_put.
 */
MUST_USE enum status compose_document(struct compose *compose, json_t **ret_document, struct err *err);

/*
 * An amount as people write it, in the format's form: missing decimals are added, nothing else is guessed.
 *
 * errors  INPUT: says what to write instead.
 */
MUST_USE enum status compose_amount(const char *text, const char *currency, char ret_amount[static MONEY_TEXT_MAX],
                                    struct err *err);

/* Adds compose->evidence to the document's list. Part of compose_document. */
MUST_USE enum status compose_evidence(struct compose *compose, json_t *document, struct err *err);

#endif
