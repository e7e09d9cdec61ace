/*
 * Cases and disputes, read from the books.
 */
#include "controls/facts_work.h"

#include <stdio.h>
#include <string.h>

#include "controls/facts_history.h"
#include "ledger/currency.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/text.h"

enum status facts_case(const struct facts *facts, const char *number, json_t **ret_case, struct err *err)
{
    struct books_key key = books_key(number);
    enum status status = books_look(facts->books, BOOKS_CASES, &key, ret_case, err);
    if (status != STATUS_NOT_FOUND)
        return status;
    *ret_case = NULL;
    return STATUS_OK;
}

bool case_is_open(const json_t *one)
{
    const char *state = member_text(one, "state");
    return strcmp(state, "RESOLVED") != 0 && strcmp(state, "CLOSED") != 0 && strcmp(state, "VOID") != 0;
}

struct dispute_walk {
    char *ret_number; /* NULL: only counts */
    size_t prefix_length;
    int64_t count;
};

static enum status dispute_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct dispute_walk *walk = context;
    char number[ID_BYTES_MAX + 1];
    if (key.length <= walk->prefix_length || key.length - walk->prefix_length > ID_BYTES_MAX)
        return err_set(err, STATUS_CORRUPT, "books: a dispute has no number");
    snprintf(number, sizeof number, "%.*s", (int)(key.length - walk->prefix_length),
             (const char *)key.bytes + walk->prefix_length);
    walk->count++;
    if (walk->ret_number == NULL || !json_is_true(json_object_get(record, "open")))
        return STATUS_OK;
    snprintf(walk->ret_number, ID_BYTES_MAX + 1, "%s", number);
    *ret_more = false;
    return STATUS_OK;
}

static enum status disputes_each(const struct facts *facts, const char *entity, const char *invoice,
                                 struct dispute_walk *walk, struct err *err)
{
    struct books_key prefix = books_key_pair(entity, invoice);
    books_key_close(&prefix);
    walk->prefix_length = prefix.length;
    const struct books_walk books = {.table = BOOKS_DISPUTES, .prefix = &prefix, .step = dispute_step, .context = walk};
    return books_each(facts->books, &books, err);
}

enum status facts_dispute_open(const struct facts *facts, const char *entity, const char *invoice,
                               char ret_number[static ID_BYTES_MAX + 1], struct err *err)
{
    struct dispute_walk walk = {.ret_number = ret_number};
    ret_number[0] = '\0';
    return disputes_each(facts, entity, invoice, &walk, err);
}

enum status facts_disputes_count(const struct facts *facts, const char *entity, const char *invoice, int64_t *ret_count,
                                 struct err *err)
{
    struct dispute_walk walk = {.ret_number = NULL};
    enum status status = disputes_each(facts, entity, invoice, &walk, err);
    if (status == STATUS_OK)
        *ret_count = walk.count;
    return status;
}

bool document_settles(const json_t *document, const char *number)
{
    const json_t *links = json_object_get(document, "links");
    for (size_t i = 0; i < json_array_size(links); i++)
        if (text_is(member_text(json_array_get(links, i), "rel"), "dispute") &&
            text_is(member_text(json_array_get(links, i), "document"), number))
            return true;
    return false;
}

struct crediting {
    const struct facts *facts;
    const json_t *dispute; /* its content */
    const char *number;
    struct dispute_credit *credit;
};

static enum status amount_add(const char *text, const char *currency, int64_t *sum, struct err *err)
{
    int64_t minor;
    enum status status =
        text != NULL ? money_parse(text, strlen(text), currency_digits(currency), &minor, err) : STATUS_OK;
    return status == STATUS_OK && text != NULL ? money_add(*sum, minor, sum, err) : status;
}

/* What a credit takes of the disputed invoice or line, and gives the customer on account beside it; all of it where the
 * dispute names no invoice. */
static enum status credit_add(const struct crediting *crediting, const json_t *document, struct err *err)
{
    const json_t *allocations = json_object_get(document, "allocations");
    const char *invoice = member_text(crediting->dispute, "invoice"), *line = member_text(crediting->dispute, "line");
    const char *currency = crediting->credit->currency;
    int64_t *sum = &crediting->credit->credited_minor;
    if (invoice == NULL)
        return amount_add(member_text(document, "amount"), currency, sum, err);
    enum status status = amount_add(member_text(document, "on_account"), currency, sum, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(allocations); i++) {
        const json_t *one = json_array_get(allocations, i);
        const char *of = member_text(one, "line");
        if (text_is(member_text(one, "invoice"), invoice) && (line == NULL || of == NULL || strcmp(of, line) == 0))
            status = amount_add(member_text(one, "amount"), currency, sum, err);
    }
    return status;
}

static enum status credit_step(void *context, const char *number, bool *ret_more, struct err *err)
{
    const struct crediting *crediting = context;
    json_t *record = NULL;
    (void)ret_more;
    enum status status = facts_document(crediting->facts, number, &record, err);
    const json_t *document = json_object_get(record, "document");
    const char *kind = member_text(document, "kind");
    bool credits = text_is(kind, "credit-note") ||
                   (text_is(kind, "correction") && text_is(member_text(document, "direction"), "down"));
    if (status == STATUS_OK && credits && text_is(member_text(record, "state"), "posted") &&
        document_settles(document, crediting->number) &&
        text_is(member_text(document, "currency"), crediting->credit->currency))
        status = credit_add(crediting, document, err);
    json_decref(record);
    return status;
}

/* Without an amount of its own a dispute is of its line, or of its invoice. */
static enum status whole_of_invoice(const struct facts *facts, const json_t *dispute, struct dispute_credit *credit,
                                    struct err *err)
{
    const char *line = member_text(dispute, "line");
    json_t *invoice = NULL;
    enum status status = STATUS_OK;
    if (member_text(dispute, "invoice") != NULL)
        status = facts_invoice(facts, member_text(dispute, "entity"), member_text(dispute, "invoice"), &invoice, err);
    if (status != STATUS_OK || invoice == NULL)
        return status;
    const json_t *lines = json_object_get(invoice, "lines");
    snprintf(credit->currency, sizeof credit->currency, "%s", member_text(invoice, "currency"));
    credit->known = line == NULL;
    credit->whole_minor = line == NULL ? member_integer(invoice, "gross") : 0;
    credit->nothing_left = member_integer(invoice, "open") == 0;
    for (size_t i = 0; line != NULL && !credit->known && i < json_array_size(lines); i++) {
        const json_t *one = json_array_get(lines, i);
        if (!text_is(member_text(one, "line"), line))
            continue;
        credit->known = true;
        status = amount_add(member_text(one, "net"), credit->currency, &credit->whole_minor, err);
        if (status == STATUS_OK)
            status = amount_add(member_text(one, "tax"), credit->currency, &credit->whole_minor, err);
    }
    json_decref(invoice);
    return status;
}

enum status facts_dispute_credit(const struct facts *facts, const char *number, struct dispute_credit *ret_credit,
                                 struct err *err)
{
    struct dispute_credit credit = {.known = false};
    json_t *record = NULL;
    enum status status = facts_document(facts, number, &record, err);
    const json_t *dispute = json_object_get(record, "document");
    struct crediting crediting = {.facts = facts, .dispute = dispute, .number = number, .credit = &credit};
    if (status == STATUS_OK && member_text(dispute, "amount") != NULL) {
        credit.known = true;
        snprintf(credit.currency, sizeof credit.currency, "%s", member_text(dispute, "currency"));
        status = amount_add(member_text(dispute, "amount"), credit.currency, &credit.whole_minor, err);
    } else if (status == STATUS_OK && dispute != NULL) {
        status = whole_of_invoice(facts, dispute, &credit, err);
    }
    if (status == STATUS_OK && credit.known)
        status = facts_linked(facts, number, credit_step, &crediting, err);
    json_decref(record);
    if (status == STATUS_OK)
        *ret_credit = credit;
    return status;
}
