/*
 * The options of post, case, amend, attach and reverse as fields of a document, and the documents that items are about.
 */
#ifndef CLI_COMPOSE_OPTIONS_H
#define CLI_COMPOSE_OPTIONS_H

#include "cli/compose.h"
#include "cli/options.h"
#include "cli/session.h"
#include "ledger/status.h"

/* Rows of an option table: what describes a document's content. */
#define COMPOSE_OPTION_ROWS                                                                                            \
    {"invoice", 0, "INVOICE[/LINE][=AMOUNT]", "an invoice that it is about; repeat for several", OPTION_REPEATS},      \
        {"amount", 0, "AMOUNT", "the whole, tax included: 1200.00", 0},                                                \
        {"on-account", 0, "AMOUNT", "this much is credited to the customer's account, not to an invoice", 0},          \
        {"customer", 0, "CUSTOMER", "the customer; the invoice's when not given", 0},                                  \
        {"currency", 0, "CODE", "the currency; the invoice's or customer's when not given", 0},                        \
        {"direction", 0, "down|up", "correction, adjustment: which way; down when not given", 0},                      \
        {"field", 0, "FIELD", "correction: price, quantity, meter, tax, duplicate or terms", 0},                       \
        {"method", 0, "allowance|direct", "write-off: against what; allowance when not given", 0},                     \
        {"limit", 0, "AMOUNT", "credit-limit, temporary-limit: the new limit", 0},                                     \
        {"previous", 0, "AMOUNT", "the permanent limit that it replaces or stands over; today's when not given", 0},   \
        {"review", 0, "DATE", "credit-limit: the next review; as late as the policy allows when not given", 0},        \
        {"from", 0, "DATE", "temporary-limit: its first day; the date when not given", 0},                             \
        {"until", 0, "DATE", "temporary-limit: its last day", 0},                                                      \
        {"order", 0, "ORDER", "hold-release: the held order", 0},                                                      \
        {"expires", 0, "TIME", "hold-release: until when; as late as the policy allows when not given", 0},            \
        {"owner", 0, "USER", "dispute, inquiry, exception: who works it; you when not given", 0},                      \
        {"promised", 0, "DATE", "dispute, inquiry: when the customer was told to hear", 0},                            \
        {"customer-ref", 0, "REF", "the customer's own reference; the dispute's when not given", 0},                   \
        {"about", 0, "DOCUMENT", "exception: the document or file that it is about", 0},                               \
        {"dispute", 0, "DOCUMENT", "the open dispute that it settles", 0},                                             \
        {"case", 0, "TEXT", "write-off of an insolvency: court and file number", 0},                                   \
        {"taxes", 0, "CODE=NET+TAX...",                                                                                \
         "credit-note, correction: the split over tax codes; in proportion if not given", 0},                          \
        {"charge", 0, "CHARGE",                                                                                        \
         "adjustment: finance, small-balance, freight, discount, fx, credit-balance or transfer", 0},                  \
        {"to-customer", 0, "CUSTOMER", "transfer: whom it goes to; the customer of --to-invoice when not given", 0},   \
        {"to-invoice", 0, "INVOICE[=AMOUNT]",                                                                          \
         "transfer: an invoice of that customer; the account if not given; repeat", OPTION_REPEATS},                   \
        {"recovers", 0, "DOCUMENT", "recovery: the write-off", 0},                                                     \
        {"receipt", 0, "RECEIPT", "recovery: the receipt that it is paid from", 0},                                    \
        {"bill-to", 0, "CUSTOMER", "rebill: whom the new invoice bills; the same customer when not given", 0},         \
        {"bill-date", 0, "DATE", "rebill: its date; the credited invoice's when not given", 0},                        \
        {"bill-due", 0, "DATE", "rebill: when it is due; as before when not given", 0},                                \
        {"bill-ref", 0, "REF", "rebill: the reference that the new invoice will name; this document's ref", 0},        \
        {"bill-taxes", 0, "CODE=NET+TAX...", "rebill: what it bills, by tax code", 0},                                 \
    {                                                                                                                  \
        "duplicate-of", 0, "DOCUMENT", "this looks like that document and is meant", 0                                 \
    }

/* Rows that a reversal has too. */
#define COMPOSE_COMMON_ROWS                                                                                            \
    {"date", 0, "DATE", "the effective date; today at the entity when not given", 0},                                  \
        {"note", 0, "TEXT", "what else there is to say", 0},                                                           \
        {"evidence", 0, "[KIND:]PATH", "a file that shows it; the kind is what the reason asks for; repeat",           \
         OPTION_REPEATS},                                                                                              \
        {"ref", 0, "REF", "your own reference: sending it again posts nothing twice", 0},                              \
        {"requested-by", 0, "PERSON", "who asked for it; counts as a maker", 0},                                       \
        {"behalf", 0, "USER", "for whom, by a delegation; counts as both persons'", 0},                                \
    {                                                                                                                  \
        "run", 0, "ID=SHA256", "of a bot: its run, and the hash of its code and configuration (COUNTERSIGN_RUN)", 0    \
    }

/*
 * Makes a document from a command's options, with evidence kept in the session's book.
 *
 * in      kind, reverses, of_case, state, before, ref: where they do not come from options; may be NULL. No facts are open.
 * out     *ret_document: gives.
 * errors  those of compose_document, with the option's name in front.
 */
struct compose_about {
    const char *kind;
    const char *reverses;
    const char *of_case, *state; /* of a case note */
    const json_t *before;
    const char *ref;
};
MUST_USE enum status compose_from_options(struct session *session, const struct compose_about *about,
                                          json_t **ret_document, struct err *err);

/* Makes it and submits it; errors are printed. out: the exit status. */
int compose_post(struct session *session, const struct compose_about *about);
/* The same as a whole command: opens the book, makes one document, submits it. */
int compose_run(struct cli *cli, const struct options *options, const struct compose_about *about);

/* "cli", or "bot" where the session's user is one. errors of the facts; unknown users are for the gate. */
MUST_USE enum status compose_channel(const struct facts *facts, const char *user, const char **ret_channel,
                                     struct err *err);

/* The run of a bot's documents: --run, else COUNTERSIGN_RUN; NULL on other channels. errors INPUT (--run, and no bot). */
MUST_USE enum status compose_bot_run(struct session *session, const char *channel, const char **ret_run,
                                     struct err *err);

/*
 * The document that an argument names.
 *
 * out     *ret_record: gives, as facts_document.
 * errors  INPUT (no number), NOT_FOUND.
 */
MUST_USE enum status find_document(const struct facts *facts, const char *number, json_t **ret_record, struct err *err);

#endif
