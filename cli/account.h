/*
 * A customer's account: every invoice, receipt and correction that moved it, in order, from the books.
 */
#ifndef CLI_ACCOUNT_H
#define CLI_ACCOUNT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "controls/facts.h"
#include "ledger/currency.h"
#include "ledger/limits.h"
#include "ledger/status.h"

/* One movement: above zero the customer owes more. */
struct movement {
    char currency[CURRENCY_CODE_BYTES];
    int32_t date;
    uint64_t order;               /* among movements of one day: invoices, cash, then corrections by entry */
    const char *what;             /* "invoice", "cash", or the kind's title; lends for ever */
    char id[ID_BYTES_MAX + 1];    /* invoice, receipt, request number */
    char legal[ID_BYTES_MAX + 1]; /* legal number; "" when there is none */
    int64_t minor;
};

struct account {
    struct movement *movements; /* by currency, date, order, id */
    size_t count;
    size_t room;
};

/*
 * Collects the movements of a customer of one entity.
 *
 * in      account: zeroed; account_done releases it.
 * errors  LIMIT (over MOVEMENTS_MAX), CORRUPT, IO, MEMORY.
 * cost    O(invoices and receipts of the entity), of which only the customer's are parsed.
 */
enum { MOVEMENTS_MAX = 1000000 };
MUST_USE enum status account_read(const struct facts *facts, const char *entity, const char *customer,
                                  struct account *account, struct err *err);
void account_done(struct account *account);

#endif
