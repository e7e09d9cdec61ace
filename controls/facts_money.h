/*
 * Facts about money documents: what recoveries, rebills and write-offs are judged by. As in facts.h, "not there" is an
 * answer.
 */
#ifndef CONTROLS_FACTS_MONEY_H
#define CONTROLS_FACTS_MONEY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "controls/facts.h"

/* A receipt that a feed brought; NULL when there is none; gives. */
MUST_USE enum status facts_receipt(const struct facts *facts, const char *entity, const char *receipt,
                                   json_t **ret_record, struct err *err);

/* What stands on a customer's account in a currency (BOOKS_BALANCES); NULL when nothing ever did; gives. */
MUST_USE enum status facts_balance(const struct facts *facts, const char *entity, const char *customer,
                                   const char *currency, json_t **ret_record, struct err *err);

/* The record of the living rebill whose intended invoice has this reference; NULL when there is none; gives. */
MUST_USE enum status facts_rebill(const struct facts *facts, const char *entity, const char *ref, json_t **ret_record,
                                  struct err *err);
/* Whether the unfinished file of invoices has, in earlier parts, one that closes a rebill. */
MUST_USE enum status facts_file_rebills(const struct facts *facts, const char *entity, bool *ret_has, struct err *err);
/* Calls step with the record of each rebill whose invoice has not come, oldest first; entity NULL: of all. */
MUST_USE enum status facts_open_rebills(const struct facts *facts, const char *entity, books_step *step, void *context,
                                        struct err *err);

/* A customer's latest receipt in any currency. */
struct latest_cash {
    char receipt[ID_BYTES_MAX + 1]; /* "": none ever */
    int32_t date;
};
MUST_USE enum status facts_latest_cash(const struct facts *facts, const char *entity, const char *customer,
                                       struct latest_cash *ret_cash, struct err *err);

/* The contacts of collections with a customer. */
struct contact_count {
    int64_t count;                  /* with dates in (today - days, today] */
    char promise[ID_BYTES_MAX + 1]; /* the contact whose promise to pay stands longest, today included; "": none */
    char until[16];                 /* its date */
};
/* cost    O(contacts of the customer). */
MUST_USE enum status facts_contacts(const struct facts *facts, const char *entity, const char *customer, int32_t today,
                                    int64_t days, struct contact_count *ret_count, struct err *err);

/* The first posted, unreversed write-off of a customer of the group, for whose reason keep says yes; "" when there is none. */
typedef bool facts_reason_keep(const struct policy *policy, const char *reason);
MUST_USE enum status facts_written_off(const struct facts *facts, const char *group, facts_reason_keep *keep,
                                       char ret_number[static ID_BYTES_MAX + 1], struct err *err);

/* Which documents look like one (ledger/alike.h): of a key, those that live, submitted before its place and after a time. */
struct alike_query {
    const struct books_key *key;
    uint64_t before_seq, before_index;
    int64_t after_ms;
    const char *not_number; /* left out; NULL: none. That of the document itself, and one that is dealt with already */
    const char *not_same;
};
struct alike_found {
    char number[ID_BYTES_MAX + 1]; /* the latest; "": none */
    int64_t count;
};
/* cost    O(documents that look like it within that time). */
MUST_USE enum status facts_alike(const struct facts *facts, const struct alike_query *query,
                                 struct alike_found *ret_found, struct err *err);

/*
 * The latest document of the same entity, currency and amount that was reversed within so many times 86,400 s, for which
 * keep says yes; "" when there is none. original: its record.
 */
typedef bool facts_reversed_keep(const json_t *original, const json_t *document);
MUST_USE enum status facts_reversed_within(const struct facts *facts, const json_t *document, int64_t days,
                                           facts_reversed_keep *keep, char ret_number[static ID_BYTES_MAX + 1],
                                           struct err *err);

#endif
