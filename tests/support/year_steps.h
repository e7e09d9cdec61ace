/*
 * The steps of the generated year (year_days.c has the table of when each is taken) and what they share. A step does one
 * thing of one day; what it does may be refused, the year says at its end what has to have happened.
 */
#ifndef TESTS_SUPPORT_YEAR_STEPS_H
#define TESTS_SUPPORT_YEAR_STEPS_H

#include "tests/support/closing.h"
#include "tests/support/year.h"

/* The year's policy in a file of its own, which variant_done removes; with the entity AC01 or without. */
void year_policy_make(bool acquired, char ret_path[static VARIANT_PATH_BYTES]);

/* All that happens on the year's day. */
void year_live_day(struct year *year);

/* A document of a kind with more members, which are stolen. */
json_t *year_document(struct year *year, const char *kind, json_t *more);
/* The document with one link. */
json_t *year_linked(json_t *document, const char *rel, const char *number);
/* Somebody who prepares credit today. */
const char *year_biller(struct year *year);
/* A name with a number that no other has. Lends until the next call. */
const char *year_fresh(struct year *year, const char *prefix);
/* Submits what has to be refused by that control, whatever else refuses it. document is stolen. */
void year_refused_by(struct year *year, const char *user, json_t *document, const char *control, const char *code);
/* A customer of its own with one invoice of last winter; {customer, invoice}, the caller decrefs. */
json_t *year_debt(struct year *year, const char *prefix, int64_t amount);
/* Enrols a user and gives a role in an entity. */
void year_hire(struct year *year, const char *user, const char *person, const char *role, const char *entity);
/* Keeps a row of a review. */
json_t *year_attestation(struct year *year, const char *review, const char *grant);
/* Notes a number that year_settle gave, when there is one, and frees it. */
void year_settled(struct year *year, const char *name, char *number);

/* Whether the ERP acknowledged most in time, some late, and lost some: C-44's exceptions. Says how much of each. */
bool year_deliveries_complete(struct year *year);

/* A money document for the customer of an invoice's record, with the evidence that its reason wants; amount in minor units. */
json_t *year_money(struct year *year, const char *kind, const json_t *invoice, int64_t amount, const char *reason);
/* Adds an allocation of so many minor units. Returns the document. */
json_t *year_on_invoice(json_t *document, const json_t *invoice, int64_t amount);
/* A credit note on some invoice; NULL when none has enough open. */
json_t *year_credit_note(struct year *year);

void year_step_feed_invoices(struct year *year);
void year_step_feed_customers(struct year *year);
void year_step_feed_debtor(struct year *year);
void year_step_feed_cash(struct year *year);
void year_step_feed_contacts(struct year *year);
void year_step_feed_acknowledgements(struct year *year);
void year_step_feed_people(struct year *year);
void year_step_credit_note(struct year *year);
void year_step_credit_note_wide(struct year *year);
void year_step_correction(struct year *year);
void year_step_write_off(struct year *year);
void year_step_recovery(struct year *year);
void year_step_adjustment(struct year *year);
void year_step_credit_balance(struct year *year);
void year_step_transfer(struct year *year);
void year_step_reversal(struct year *year);
void year_step_rebill(struct year *year);
void year_step_contract(struct year *year);
void year_step_meter(struct year *year);
void year_step_limit(struct year *year);
void year_step_temporary(struct year *year);
void year_step_hold(struct year *year);
void year_step_dispute(struct year *year);
void year_step_inquiry(struct year *year);
void year_step_exception(struct year *year);
void year_step_ends(struct year *year);
void year_step_periods(struct year *year);
void year_step_grants(struct year *year);
void year_step_rotation(struct year *year);
void year_step_key_lost(struct year *year);
void year_step_delegation(struct year *year);
void year_step_delegate(struct year *year);
void year_step_mitigate(struct year *year);
void year_step_mitigation_reviews(struct year *year);
void year_step_related(struct year *year);
void year_step_mover(struct year *year);
void year_step_mover_granted(struct year *year);
void year_step_leaver(struct year *year);
void year_step_leaver_followed(struct year *year);
void year_step_policy(struct year *year);
void year_step_entity(struct year *year);
void year_step_acquired_note(struct year *year);
void year_step_rates(struct year *year);
void year_step_abroad_open(struct year *year);
void year_step_abroad_bills(struct year *year);
void year_step_abroad_note(struct year *year);
void year_step_abroad_reversal(struct year *year);
void year_step_abroad_write_off(struct year *year);
void year_step_large(struct year *year);
void year_step_small_balance(struct year *year);
void year_step_insolvency(struct year *year);
void year_step_review_late(struct year *year);
void year_step_recover(struct year *year);
void year_step_wrong_money(struct year *year);
void year_step_wrong_customers(struct year *year);
void year_step_wrong_signatures(struct year *year);
void year_step_wrong_lists(struct year *year);
void year_step_wrong_cases(struct year *year);
void year_step_escalated(struct year *year);
void year_step_pair(struct year *year);
void year_step_busy(struct year *year);
void year_step_release(struct year *year);
void year_step_review(struct year *year);
void year_step_emergency(struct year *year);
void year_step_emergency_review(struct year *year);
void year_step_stolen_key(struct year *year);
void year_step_hold_and_erasure(struct year *year);
void year_step_audit(struct year *year);
void year_step_book_key(struct year *year);
void year_step_checkpoint(struct year *year);
void year_step_wrong(struct year *year);

#endif
