/*
 * A kind of document: one file under controls/kinds, one row of the table in controls/kinds.c. It says what the document
 * has to hold, what it amounts to, and which ledger lines it makes.
 */
#ifndef CONTROLS_KIND_H
#define CONTROLS_KIND_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "controls/control.h"
#include "controls/functions.h"
#include "ledger/schema.h"
#include "ledger/status.h"

struct kind {
    enum kind_id id;
    const char *title; /* "credit note" */
    const struct schema *schema;
    bool numbered; /* gets a legal number */
    bool posts;    /* makes ledger lines, so it is posted; else it comes into force */
    /* Governance: the function of those who prepare and approve it, and whether a second person has to sign.
     * NULL for business documents, whose functions are <kind>.prepare and <kind>.approve.<level>. */
    const char *govern;
    bool two_persons;
    bool by_owner;    /* a governance document that the user it names may prepare himself */
    bool by_manager;  /* one that this user's manager by HR may sign as an officer may */
    bool ruled_apart; /* a governance document whose own control says who may prepare it, officer or not */
    bool own_rule;    /* who may prepare it is the question of another control than C-31 */
    bool
        by_entity; /* a governance document under a function held for its entity; an officer may be its second person */
    /* Where it is the content that says whether a second person has to sign; NULL: two_persons does. */
    bool (*widens)(const json_t *document);

    /* Form beyond the schema; NULL: none. errors INPUT, LIMIT: name the member. */
    enum status (*check)(const json_t *document, struct err *err);

    /* Reads amounts, in the document's currency (struct measure), and places. Unknown customers and invoices are left for the controls. NULL: governance. */
    enum status (*measure)(const json_t *document, const struct facts *facts, struct measure *ret_measure,
                           struct err *err);

    /* Which kind's functions prepare and approve it: itself, but for a reversal, which takes its original's (KIND_UNKNOWN
     * when there is no such original, which C-43 denies). NULL: itself. */
    enum status (*authority)(const json_t *document, const struct facts *facts, enum kind_id *ret_kind,
                             struct err *err);

    /* Adds what the result tells besides when the document is admitted or takes effect (FORMAT.md section 6). NULL: nothing. */
    enum status (*tell)(const json_t *document, const struct facts *facts, json_t *result, struct err *err);

    /* The ledger lines of FORMAT.md section 6; gives. Asked only when no control denied. NULL: makes none. */
    enum status (*lines)(const json_t *document, const struct facts *facts, json_t **ret_lines, struct err *err);
};

/* NULL for kinds that there are not. */
const struct kind *kind_find(const char *name);
const struct kind *kind_by_id(enum kind_id id);

/* Form of a document: its kind, its schema, its own checks. path: for the error. errors INPUT, LIMIT. */
MUST_USE enum status kind_check_document(const json_t *document, const char *path, struct err *err);

/* The function that prepares (level 0) or approves at a level a document of this kind, e.g. "credit-note.approve.2". */
enum { FUNCTION_NAME_BYTES = 64 };
void kind_function(const struct kind *kind, enum kind_id authority, int level,
                   char ret_name[static FUNCTION_NAME_BYTES]);

/* The kind whose functions count for this document. errors of the facts. */
MUST_USE enum status kind_authority(const struct kind *kind, const json_t *document, const struct facts *facts,
                                    enum kind_id *ret_kind, struct err *err);

#endif
