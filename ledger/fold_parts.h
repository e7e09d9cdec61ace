/*
 * The parts of folding, for the rooms of fold only. Errors as in fold.h throughout.
 */
#ifndef LEDGER_FOLD_PARTS_H
#define LEDGER_FOLD_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/limits.h"
#include "ledger/status.h"

struct books_key;
struct fold;

/* fold_document.c */

/* Admits the document of submit or amend at index, and carries it out when its result says posted or in-force. */
MUST_USE enum status fold_document_admit(const struct fold *fold, size_t index, const json_t *result, struct err *err);
/* Records an approval; carries the document out when the result says so. */
MUST_USE enum status fold_document_approve(const struct fold *fold, size_t index, const json_t *result,
                                           struct err *err);
/* Ends waiting without effect: state lapsed, withdrawn, rejected or returned. item: of the statement that did it, whose
 * reason is kept; NULL where nobody did. */
MUST_USE enum status fold_document_end(const struct fold *fold, const char *number, const char *state,
                                       const json_t *item, struct err *err);

/* fold_counters.c */

/* Counts the entry among its actor's of the day. refused: all of it was. */
MUST_USE enum status fold_counters(const struct fold *fold, const json_t *decision, bool refused, struct err *err);
/* Adds what a bot's version that was let in amounts to, so that the next member of the same statement meets it. */
MUST_USE enum status fold_prepared(const struct fold *fold, const json_t *result, struct err *err);

/* fold_delivery.c */

/* Puts a posted document's ledger lines into the outbox, and the delivery's id into the record. */
MUST_USE enum status fold_delivery(const struct fold *fold, json_t *record, struct err *err);

/* fold_history.c */

/* Notes (or forgets) which documents this one names. */
MUST_USE enum status fold_links(const struct fold *fold, const json_t *record, bool there, struct err *err);

/* One act on a customer that bars others later (C-23). */
struct history_row {
    const char *entity, *customer, *person, *function;
    uint64_t index;
};
/* value: what was acted with; stolen, NULL is a lack of memory. */
MUST_USE enum status fold_history(const struct fold *fold, const struct history_row *row, json_t *value,
                                  struct err *err);
bool fold_changes_limit(const json_t *record);
struct limit_act {
    const char *person;
    int level; /* 0: made it */
    uint64_t index;
};
/* Notes who made or approved a change of a limit; nothing for other documents. */
MUST_USE enum status fold_limit_acted(const struct fold *fold, const json_t *record, const struct limit_act *act,
                                      struct err *err);

/* fold_group.c */

/* A customer's record. in: place: its customer and entity. out: its key; gives the record. errors CORRUPT (no such one). */
MUST_USE enum status fold_customer_of(const struct fold *fold, const json_t *place, struct books_key *ret_key,
                                      json_t **ret_customer, struct err *err);
/* The group of the customer of a place or document, as of now. errors as fold_customer_of. */
MUST_USE enum status fold_customer_group(const struct fold *fold, const json_t *place,
                                         char ret_group[static ID_BYTES_MAX + 1], struct err *err);
/* A new customer's group: parent, then attributes that others have (FORMAT.md 5.4); sets `group` in the record. */
MUST_USE enum status fold_group_enter(const struct fold *fold, const char *entity, json_t *customer, struct err *err);
/* Moves a customer, {customer, entity}, to a group, with the rows of its documents. */
MUST_USE enum status fold_group_set(const struct fold *fold, const json_t *place, const char *group, struct err *err);
MUST_USE enum status fold_related(const struct fold *fold, const json_t *record, struct err *err);

/* fold_duties.c */

MUST_USE enum status fold_grant_waits(const struct fold *fold, const json_t *record, bool there, struct err *err);
MUST_USE enum status fold_mitigation(const struct fold *fold, const json_t *record, struct err *err);
MUST_USE enum status fold_mitigation_review(const struct fold *fold, const json_t *record, struct err *err);
MUST_USE enum status fold_mitigation_revoke(const struct fold *fold, const char *number, struct err *err);
/* Counts what a decision says was done under mitigations. */
MUST_USE enum status fold_mitigation_uses(const struct fold *fold, const json_t *result, struct err *err);
/* fold_window.c */

/* Enters (there) or takes away what a document and its approvals add to windows. record: as it was when they were entered. */
MUST_USE enum status fold_windows(const struct fold *fold, const json_t *record, bool there, struct err *err);
/* A document that was posted without a second signature. */
MUST_USE enum status fold_window_automatic(const struct fold *fold, const json_t *record, struct err *err);
MUST_USE enum status fold_window_approval(const struct fold *fold, const json_t *record, const json_t *approval,
                                          bool there, struct err *err);
/* What the approvals that were set aside have added is taken away. */
MUST_USE enum status fold_windows_aside(const struct fold *fold, const json_t *record, struct err *err);
/* The document was reversed for a reason: its rows say so, and so does its record (reversed_for). */
MUST_USE enum status fold_windows_reversed(const struct fold *fold, json_t *record, const char *reason,
                                           struct err *err);

/* fold_money.c */

/* What waits on invoices: adds (or with sign -1 takes away) the allocations of a document as pending. */
MUST_USE enum status fold_pending(const struct fold *fold, const json_t *document, int sign, struct err *err);
/* Marks (sign 1) or frees (-1) invoice lines that allocations name. */
MUST_USE enum status fold_lines_used(const struct fold *fold, const json_t *document, int sign, struct err *err);
/* Carries ledger lines into invoices, balances and accounts. */
MUST_USE enum status fold_ledger_lines(const struct fold *fold, const char *entity, const json_t *lines,
                                       struct err *err);
/* What a posted document's lines send to rounding, into the month of its date. */
MUST_USE enum status fold_rounding(const struct fold *fold, const json_t *record, struct err *err);
/* Adds to what an invoice has open, keeping the list of open items and the customer's balance in step. */
MUST_USE enum status fold_invoice_open(const struct fold *fold, const char *entity, const char *invoice,
                                       int64_t delta_minor, struct err *err);
/* Adds to what stands on a customer's account. */
MUST_USE enum status fold_customer_account(const struct fold *fold, const char *entity, const char *customer,
                                           const char *currency, int64_t delta_minor, struct err *err);
/* Notes a receipt (with its currency) as the customer's latest, if it is. */
MUST_USE enum status fold_customer_cash(const struct fold *fold, const char *entity, const json_t *receipt,
                                        struct err *err);
/* A new invoice that has become usable: its record is put, its open amount entered. record: borrowed, with open = 0. */
MUST_USE enum status fold_invoice_enter(const struct fold *fold, const char *entity, json_t *record,
                                        int64_t gross_minor, struct err *err);

/* The same for documents upwards that name lines: from posting on they have more to take. sign -1: no longer. */
MUST_USE enum status fold_lines_raised(const struct fold *fold, const json_t *document, int sign, struct err *err);

/* fold_shares.c */

/* Takes a posted document's net and tax from its invoices (`credited`), and notes them as `shares` in its record. */
MUST_USE enum status fold_shares_take(const struct fold *fold, json_t *record, struct err *err);
/* Gives them back when it is reversed. record: borrowed. */
MUST_USE enum status fold_shares_give_back(const struct fold *fold, const json_t *record, struct err *err);
/* What a waiting document holds beside open amounts (sign 1), or no longer (-1). */
MUST_USE enum status fold_shares_hold(const struct fold *fold, const json_t *document, int sign, struct err *err);
/* What a living recovery takes of its write-off and its receipt (sign 1), or no longer (-1). Others: nothing. */
MUST_USE enum status fold_recovery_use(const struct fold *fold, const json_t *document, int sign, struct err *err);

/* fold_alike.c */

/* Enters (there) or takes away a living document among those that look like it (alike.h). */
MUST_USE enum status fold_alike(const struct fold *fold, const json_t *record, bool there, struct err *err);
/* Keeps what the decision on the current version says it looks like, or forgets what was said of the one before. */
MUST_USE enum status fold_lookalike(const struct fold *fold, const json_t *record, const json_t *result,
                                    struct err *err);

/* fold_traces.c */

/* What a posted document leaves behind (BOOKS_WRITTEN_OFF, BOOKS_OPEN_REBILLS); and when it is reversed. */
MUST_USE enum status fold_posted(const struct fold *fold, const json_t *record, struct err *err);
MUST_USE enum status fold_reversed(const struct fold *fold, const json_t *original, struct err *err);
/* A customer goes to another group, and the debt of this document of its own, where written off, goes along. */
MUST_USE enum status fold_written_off_move(const struct fold *fold, const json_t *record, const char *from,
                                           const char *to, struct err *err);
/* The reference under which a living rebill's invoice will come. Other kinds: nothing. */
MUST_USE enum status fold_rebill_mark(const struct fold *fold, const json_t *record, bool there, struct err *err);
/* An invoice has come in for a rebill: its record says so (`rebilled`). errors CORRUPT (no such rebill). */
MUST_USE enum status fold_rebill_close(const struct fold *fold, const char *entity, const char *ref,
                                       const char *invoice, struct err *err);

/* fold_govern.c */

MUST_USE enum status fold_charter(const struct fold *fold, struct err *err);
/* What one kind does; record: the document's record, for this call with the `controls` of the result that brings it in
 * force. The table of them is in fold_govern.c. */
typedef enum status fold_effect(const struct fold *fold, const json_t *record, struct err *err);
/* The answer of a control with this code among the record's `controls`; NULL when there is none. Lends. */
const json_t *fold_answer(const json_t *record, const char *control, const char *code);
/* Pieces of fold_govern.c that other rooms of governance use: a key that begins, ends; a user that is new; a grant that
 * begins (entities borrowed), ends. */
struct user_new {
    const char *user, *person, *sort, *key;
    const char *until; /* NULL: no end */
};
struct grant_new {
    const char *number, *user, *role, *from, *to;
    json_t *entities; /* borrowed */
};
MUST_USE enum status fold_key_put(const struct fold *fold, const struct user_new *user, struct err *err);
MUST_USE enum status fold_key_revoke(const struct fold *fold, const char *key_text, const char *since, struct err *err);
MUST_USE enum status fold_user_put(const struct fold *fold, const struct user_new *user, struct err *err);
MUST_USE enum status fold_grant_put(const struct fold *fold, const struct grant_new *grant, struct err *err);
/* Of a grant, or of a delegation. */
MUST_USE enum status fold_grant_revoke(const struct fold *fold, const char *number, struct err *err);
/* What a document without ledger lines does when it comes into force. */
MUST_USE enum status fold_in_force(const struct fold *fold, const json_t *record, struct err *err);

/* fold_review.c: access reviews (C-30) */

fold_effect fold_review, fold_attestation;

/* fold_break_glass.c: emergency access (C-51) */

fold_effect fold_break_glass, fold_break_glass_review;
/* Keeps the use of emergency access that a result tells of. */
MUST_USE enum status fold_break_glass_use(const struct fold *fold, size_t index, const json_t *result, struct err *err);

/* fold_keys.c: affirmations (C-52), book keys */

fold_effect fold_affirmation, fold_book_key;
MUST_USE enum status fold_book_keys_found(const struct fold *fold, const json_t *texts, struct err *err);

/* fold_custody.c: releases, holds, erasures, what auditors put on record */

fold_effect fold_release, fold_legal_hold, fold_erasure, fold_record_only;

/* fold_recover.c: the verb recover */

MUST_USE enum status fold_recover(const struct fold *fold, struct err *err);

/* fold_restore.c: the verb restore */

MUST_USE enum status fold_restore(const struct fold *fold, const json_t *result, struct err *err);
/* fold_people.c */

fold_effect fold_delegation;
fold_effect fold_reactivation;
/* Ends a delegation now. *ret_there: whether there is one of that number. */
MUST_USE enum status fold_delegation_revoke(const struct fold *fold, const char *number, bool *ret_there,
                                            struct err *err);
/* The person of a user, as a text; gives. errors CORRUPT (no such user). */
MUST_USE enum status fold_person_of(const struct fold *fold, const char *user, json_t **ret_person, struct err *err);
/* {person, user} of the one who is acted for; NULL when user is. Gives. */
MUST_USE enum status fold_behalf(const struct fold *fold, const char *user, json_t **ret_behalf, struct err *err);
/* Notes what was done under a delegation, where the result names one. */
MUST_USE enum status fold_delegated(const struct fold *fold, size_t index, const json_t *result, struct err *err);
/* Lists a document among what its makers have waiting or returned, or takes it away. */
MUST_USE enum status fold_undecided(const struct fold *fold, const json_t *record, struct err *err);
/* The account was used now, or begins to be. */
MUST_USE enum status fold_alive(const struct fold *fold, const char *user, struct err *err);
/* The same for who signed the statement, unless it was wholly refused or is about waking an account. */
MUST_USE enum status fold_activity(const struct fold *fold, bool refused, struct err *err);
/* fold_rates.c */

MUST_USE enum status fold_rates(const struct fold *fold, const json_t *record, struct err *err);
/* fold_limits.c */

/* Enters (or takes away) a temporary limit or hold release among those of its customer or order; nothing for others. */
MUST_USE enum status fold_limits_mark(const struct fold *fold, const json_t *record, bool there, struct err *err);
/* A permanent limit takes the place of the customer's; a temporary one and a release are asked for where they count. */
fold_effect fold_limit_set, fold_limit_kept;
/* The release of an order is used up. */
MUST_USE enum status fold_release_consume(const struct fold *fold, const char *number, const char *order,
                                          struct err *err);

/* fold_work.c: a case is opened; a case note moves it */
fold_effect fold_case_open, fold_case_note;
/* fold_close.c */

/* The entities of the first policy need no opening to be tied out. */
MUST_USE enum status fold_entities_first(const struct fold *fold, const json_t *compiled, struct err *err);
/* entity -> after how many days the calendar closes its months for good, where it does. Gives; NULL without memory. */
json_t *fold_hard_days(const json_t *compiled);
MUST_USE enum status fold_entity(const struct fold *fold, const json_t *record, struct err *err);
MUST_USE enum status fold_period(const struct fold *fold, const json_t *record, struct err *err);

/* fold_material.c */

/* Notes in an invoice's or customer's record that a fact which approvals rest on changed: "open", "dispute" of an invoice,
 * "limit", "related" of a customer. The caller puts the record. */
MUST_USE enum status fold_moved(const struct fold *fold, json_t *record, const char *fact, struct err *err);
/* An approval of a level that is asked again no longer counts. */
MUST_USE enum status fold_approvals_aside(json_t *record, const json_t *levels, struct err *err);

/* fold_feed.c */

MUST_USE enum status fold_feed(const struct fold *fold, const json_t *result, struct err *err);

/* fold_meter.c */

/* A correction of reads takes effect (sign 1) or was reversed (-1): the reads, and what it moved. Others: nothing. */
MUST_USE enum status fold_meter(const struct fold *fold, const json_t *record, int sign, struct err *err);

#endif
