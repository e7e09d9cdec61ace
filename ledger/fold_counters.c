/*
 * A user's day, of UTC: how many documents were submitted and how many entries wholly refused, and for bots what they
 * prepared in base currency. The sum grows with each version that is let in and never shrinks on its day: what became of a
 * document later makes no room (C-25). Refused documents are counted and not summed; C-25's counts bound them.
 */
#include <string.h>

#include "ledger/books.h"
#include "ledger/currency.h"
#include "ledger/fold.h"
#include "ledger/fold_parts.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/statement.h"

/* The counter of the actor's day: an empty one where there was none. Gives. */
static enum status counter_get(const struct fold *fold, struct books_key *ret_key, json_t **ret_counter,
                               struct err *err)
{
    char day[DATE_TEXT_BYTES];
    date_format(date_from_instant(fold->time_ms, 0), day);
    *ret_key = books_key_pair(fold->statement->actor, day);
    enum status status = books_get(fold->txn, BOOKS_COUNTERS, ret_key, ret_counter, err);
    if (status != STATUS_NOT_FOUND)
        return status;
    *ret_counter = json_pack("{s:I, s:I}", "documents", (json_int_t)0, "refusals", (json_int_t)0);
    return *ret_counter != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a day's counter");
}

static enum status member_add(json_t *counter, const char *name, int64_t more, struct err *err)
{
    return json_object_set_new(counter, name, json_integer((json_int_t)(member_integer(counter, name) + more))) == 0
               ? STATUS_OK
               : err_set(err, STATUS_MEMORY, "no memory for a day's counter");
}

enum status fold_counters(const struct fold *fold, const json_t *decision, bool refused, struct err *err)
{
    struct books_key key;
    json_t *counter = NULL;
    enum status status = counter_get(fold, &key, &counter, err);
    if (status == STATUS_OK && fold->statement->verb == VERB_SUBMIT)
        status = member_add(counter, "documents", (int64_t)json_array_size(json_object_get(decision, "results")), err);
    if (status == STATUS_OK && refused)
        status = member_add(counter, "refusals", 1, err);
    if (status == STATUS_OK)
        status = books_put(fold->txn, BOOKS_COUNTERS, &key, counter, err);
    json_decref(counter);
    return status;
}

static enum status actor_is_bot(const struct fold *fold, bool *ret_is, struct err *err)
{
    json_t *user = NULL;
    struct books_key key = books_key(fold->statement->actor);
    enum status status = books_look(fold->txn, BOOKS_USERS, &key, &user, err);
    if (status == STATUS_OK)
        *ret_is = strcmp(member_text(user, "sort"), "bot") == 0;
    json_decref(user);
    return status == STATUS_NOT_FOUND
               ? err_set(err, STATUS_CORRUPT, "user %s is not in the books", fold->statement->actor)
               : status;
}

/* The decimals of an amount in base currency, which never changes (FORMAT.md 6.6), say its digits. */
static enum status prepared_add(json_t *counter, const char *base, struct err *err)
{
    const char *dot = strchr(base, '.');
    size_t length = strlen(base), digits = dot != NULL ? length - (size_t)(dot - base) - 1 : 0;
    int64_t minor, sum;
    if (digits > CURRENCY_DIGITS_MAX)
        return err_set(err, STATUS_CORRUPT, "a base amount of %zu decimals", digits);
    enum status status = money_parse(base, length, (int)digits, &minor, err);
    if (status != STATUS_OK)
        return status;
    if (money_add(member_integer(counter, "sum"), minor, &sum, NULL) != STATUS_OK)
        sum = INT64_MAX; /* above every bound there is */
    return json_object_set_new(counter, "sum", json_integer((json_int_t)sum)) == 0
               ? STATUS_OK
               : err_set(err, STATUS_MEMORY, "no memory for a day's counter");
}

enum status fold_prepared(const struct fold *fold, const json_t *result, struct err *err)
{
    const char *base = member_text(result, "base");
    struct books_key key;
    json_t *counter = NULL;
    bool bot = false;
    if (base == NULL)
        return STATUS_OK;
    enum status status = actor_is_bot(fold, &bot, err);
    if (status != STATUS_OK || !bot)
        return status;
    status = counter_get(fold, &key, &counter, err);
    if (status == STATUS_OK)
        status = prepared_add(counter, base, err);
    if (status == STATUS_OK)
        status = books_put(fold->txn, BOOKS_COUNTERS, &key, counter, err);
    json_decref(counter);
    return status;
}
