/*
 * Walks over cases and what is told of them.
 */
#include "cli/cases.h"

#include <stdio.h>
#include <string.h>

#include "cli/present.h"
#include "cli/reading.h"
#include "controls/facts_work.h"
#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"

struct walk {
    const struct facts *facts;
    const char *entity;
    cases_step *step;
    void *context;
};

static enum status all_step(void *context, struct slice key, const json_t *one, bool *ret_more, struct err *err)
{
    const struct walk *walk = context;
    (void)key;
    (void)ret_more;
    if (walk->entity != NULL && strcmp(walk->entity, member_text(one, "entity")) != 0)
        return STATUS_OK;
    return walk->step(walk->context, one, err);
}

static enum status open_step(void *context, struct slice key, const json_t *row, bool *ret_more, struct err *err)
{
    const struct walk *walk = context;
    char entity[ID_BYTES_MAX + 1], number[ID_BYTES_MAX + 1];
    json_t *one = NULL;
    size_t at = 0;
    (void)row;
    (void)ret_more;
    enum status status = reading_key_text(key, &at, entity, err);
    if (status == STATUS_OK)
        status = reading_key_text(key, &at, number, err);
    if (status == STATUS_OK)
        status = facts_case(walk->facts, number, &one, err);
    if (status == STATUS_OK && one == NULL)
        status = err_set(err, STATUS_CORRUPT, "case %s is not in the books; run rebuild", number);
    if (status == STATUS_OK)
        status = walk->step(walk->context, one, err);
    json_decref(one);
    return status;
}

enum status cases_each(const struct facts *facts, const char *entity, bool all, cases_step *step, void *context,
                       struct err *err)
{
    struct walk walk = {.facts = facts, .entity = entity, .step = step, .context = context};
    struct books_key prefix = books_key(entity);
    books_key_close(&prefix);
    const struct books_walk books = {.table = all ? BOOKS_CASES : BOOKS_CASES_OPEN,
                                     .prefix = all || entity == NULL ? NULL : &prefix,
                                     .step = all ? all_step : open_step,
                                     .context = &walk};
    return books_each(facts->books, &books, err);
}

enum status case_amount(const struct facts *facts, const json_t *one, bool *ret_has, int64_t *ret_minor,
                        char ret_currency[static 4], struct err *err)
{
    const char *invoice = member_text(one, "invoice");
    json_t *record = NULL, *of = NULL;
    *ret_has = false;
    enum status status = facts_document(facts, member_text(one, "number"), &record, err);
    const json_t *document = json_object_get(record, "document");
    const char *amount = member_text(document, "amount"), *currency = member_text(document, "currency");
    if (status == STATUS_OK && amount != NULL) {
        status = money_parse(amount, strlen(amount), currency_digits(currency), ret_minor, err);
        *ret_has = true;
    } else if (status == STATUS_OK && invoice != NULL) {
        status = facts_invoice(facts, member_text(one, "entity"), invoice, &of, err);
        currency = member_text(of, "currency");
        *ret_minor = member_integer(of, "open");
        *ret_has = status == STATUS_OK && of != NULL;
    }
    if (*ret_has)
        snprintf(ret_currency, 4, "%.3s", currency);
    json_decref(of);
    json_decref(record);
    return status;
}

struct disputing {
    const struct facts *facts;
    json_t *disputed;
};

static enum status disputed_step(void *context, const json_t *one, struct err *err)
{
    struct disputing *disputing = context;
    const char *invoice = member_text(one, "invoice");
    json_t *record = NULL;
    char currency[4];
    int64_t minor = 0, sum = 0;
    bool has = false;
    if (invoice == NULL || strcmp(member_text(one, "kind"), "dispute") != 0 || !case_is_open(one))
        return STATUS_OK;
    enum status status = case_amount(disputing->facts, one, &has, &minor, currency, err);
    if (status == STATUS_OK)
        status = facts_invoice(disputing->facts, member_text(one, "entity"), invoice, &record, err);
    if (status == STATUS_OK && has)
        status = money_add(member_integer(disputing->disputed, invoice), minor, &sum, err);
    int64_t open = member_integer(record, "open");
    sum = sum > open ? open : sum;
    if (status == STATUS_OK && has && sum > 0 &&
        json_object_set_new(disputing->disputed, invoice, json_integer(sum)) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory for the disputes");
    json_decref(record);
    return status;
}

enum status cases_disputed(const struct facts *facts, const char *entity, json_t **ret_disputed, struct err *err)
{
    struct disputing disputing = {.facts = facts, .disputed = json_object()};
    if (disputing.disputed == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for the disputes");
    enum status status = cases_each(facts, entity, false, disputed_step, &disputing, err);
    if (status == STATUS_OK)
        *ret_disputed = disputing.disputed;
    else
        json_decref(disputing.disputed);
    return status;
}

enum status cases_disputed_sum(const struct facts *facts, const char *entity, const char *customer,
                               const char *currency, int64_t *ret_minor, struct err *err)
{
    json_t *disputed = NULL, *minor;
    const char *invoice;
    *ret_minor = 0;
    enum status status = cases_disputed(facts, entity, &disputed, err);
    json_object_foreach(disputed, invoice, minor)
    {
        json_t *record = NULL;
        if (status == STATUS_OK)
            status = facts_invoice(facts, entity, invoice, &record, err);
        if (status == STATUS_OK && strcmp(member_text(record, "customer"), customer) == 0 &&
            strcmp(member_text(record, "currency"), currency) == 0)
            status = money_add(*ret_minor, json_integer_value(minor), ret_minor, err);
        json_decref(record);
    }
    json_decref(disputed);
    return status;
}

void case_clock(const json_t *one, int64_t now_ms, char ret_text[static CLOCK_BYTES])
{
    char age[AGE_BYTES];
    const char *due = member_text(one, "due");
    int64_t due_ms = 0;
    ret_text[0] = '\0';
    if (!case_is_open(one) || due == NULL || instant_parse(due, strlen(due), &due_ms, NULL) != STATUS_OK)
        return;
    present_age(due_ms > now_ms ? due_ms - now_ms : now_ms - due_ms, age);
    snprintf(ret_text, CLOCK_BYTES, due_ms > now_ms ? "in %s" : "%s late", age);
}

struct note_walk {
    struct block *block;
    const struct facts *facts;
    json_t *notes;
};

static enum status note_step(void *context, struct slice key, const json_t *row, bool *ret_more, struct err *err)
{
    struct note_walk *walk = context;
    json_t *record = NULL;
    (void)key;
    (void)ret_more;
    enum status status = facts_document(walk->facts, member_text(row, "number"), &record, err);
    const json_t *document = json_object_get(record, "document");
    if (status != STATUS_OK || record == NULL)
        return status;
    static const char *const names[] = {"owner", "outcome", "settled_by", "promised", "root_cause", "note"};
    char text[1024];
    int used = snprintf(text, sizeof text, "%.10s %.5s   %s by %s   %s", member_text(record, "time"),
                        member_text(record, "time") + 11, member_text(record, "number"),
                        member_text(record, "preparer"), member_text(document, "state"));
    for (size_t i = 0; i < sizeof names / sizeof names[0] && used > 0 && (size_t)used < sizeof text; i++) {
        const char *value = member_text(document, names[i]);
        if (value != NULL)
            used += snprintf(text + used, sizeof text - (size_t)used, "   %s %s", names[i], value);
    }
    block_line(walk->block, json_array_size(walk->notes) == 0 ? "notes" : "", "%s", text);
    json_array_append(walk->notes, record);
    json_decref(record);
    return STATUS_OK;
}

static void case_lines(struct block *block, const json_t *one, int64_t now_ms)
{
    static const char *const names[] = {"outcome", "settled_by", "root_cause", "promised"};
    static const char *const labels[] = {"outcome", "settled by", "root cause", "promised"};
    char clock[CLOCK_BYTES];
    const char *due = member_text(one, "due");
    case_clock(one, now_ms, clock);
    block_line(block, "case", "%s since %.10s   owner %s", member_text(one, "state"), member_text(one, "since"),
               member_text(one, "owner"));
    if (due != NULL)
        block_line(block, "due", "%.10s %.5s%s%s", due, due + 11, clock[0] != '\0' ? "   " : "", clock);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (member_text(one, names[i]) != NULL)
            block_line(block, labels[i], "%s", member_text(one, names[i]));
}

enum status case_show(struct block *block, const struct facts *facts, const char *number, json_t **ret_case,
                      struct err *err)
{
    struct note_walk walk = {.block = block, .facts = facts, .notes = json_array()};
    json_t *one = NULL;
    struct books_key prefix = books_key(number);
    books_key_close(&prefix);
    const struct books_walk books = {.table = BOOKS_CASE_NOTES, .prefix = &prefix, .step = note_step, .context = &walk};
    enum status status = facts_case(facts, number, &one, err);
    if (status == STATUS_OK && one != NULL) {
        case_lines(block, one, facts->time_ms);
        status = books_each(facts->books, &books, err);
        json_object_set(one, "notes", walk.notes);
    }
    json_decref(walk.notes);
    if (status == STATUS_OK)
        *ret_case = one;
    else
        json_decref(one);
    return status;
}
