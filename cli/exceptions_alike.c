/*
 * Documents that may be duplicates: what C-38 noted when they were let in, of those that live (report R-08). One is seen to
 * when an exception about it has been opened, which says what came of it; or when it was reversed, withdrawn or rejected.
 */
#include <stdio.h>
#include <string.h>

#include "cli/exceptions.h"
#include "cli/reading.h"
#include "ledger/books.h"
#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/text.h"

struct seeing {
    const struct facts *facts;
    bool seen;
};

/* A case that names the document: of kind exception, and not opened in error. */
static enum status naming_step(void *context, struct slice key, const json_t *naming, bool *ret_more, struct err *err)
{
    struct seeing *seeing = context;
    struct books_key number = books_key(member_text(naming, "number"));
    json_t *one = NULL;
    (void)key;
    enum status status = books_get(seeing->facts->books, BOOKS_CASES, &number, &one, err);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status != STATUS_OK)
        return status;
    seeing->seen = text_is(member_text(one, "kind"), "exception") && !text_is(member_text(one, "state"), "VOID");
    *ret_more = !seeing->seen;
    json_decref(one);
    return STATUS_OK;
}

static enum status is_seen_to(const struct facts *facts, const char *number, bool *ret_seen, struct err *err)
{
    struct seeing seeing = {.facts = facts};
    struct books_key prefix = books_key(number);
    books_key_close(&prefix);
    const struct books_walk walk = {.table = BOOKS_LINKED, .prefix = &prefix, .step = naming_step, .context = &seeing};
    enum status status = books_each(facts->books, &walk, err);
    if (status == STATUS_OK)
        *ret_seen = seeing.seen;
    return status;
}

static bool lives(const json_t *record)
{
    static const char *const states[] = {"waiting", "posted", "in-force"};
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        if (text_is(member_text(record, "state"), states[i]))
            return true;
    return false;
}

/* "waiting; same amount as CN-1, same reference as CN-2" */
static void note_write(const json_t *record, const json_t *answers, char *ret_note, size_t bytes)
{
    size_t used = (size_t)snprintf(ret_note, bytes, "%s", member_text(record, "state"));
    for (size_t i = 0; i < json_array_size(answers) && used < bytes; i++) {
        const json_t *answer = json_array_get(answers, i);
        used += (size_t)snprintf(ret_note + used, bytes - used, "%s %s as %s", i == 0 ? ";" : ",",
                                 text_is(member_text(answer, "code"), "same-amount") ? "same amount" : "same reference",
                                 member_text(answer, "document"));
    }
}

static enum status row_give(const struct exceptions *asked, const json_t *record, const json_t *answers,
                            struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    const char *time = member_text(record, "time"), *amount = member_text(document, "amount");
    char note[2 * ID_BYTES_MAX + 96];
    struct exception_row row = {.number = member_text(record, "number"),
                                .entity = member_text(record, "entity"),
                                .owner = member_text(record, "preparer"),
                                .note = note};
    note_write(record, answers, note, sizeof note);
    enum status status = instant_parse(time, strlen(time), &row.since_ms, err);
    if (status == STATUS_OK && amount != NULL && member_text(document, "currency") != NULL) {
        row.currency = member_text(document, "currency");
        status = money_parse(amount, strlen(amount), currency_digits(row.currency), &row.amount_minor, err);
    }
    return status == STATUS_OK ? exception_add(asked, &row, err) : status;
}

static enum status alike_step(void *context, struct slice key, const json_t *kept, bool *ret_more, struct err *err)
{
    const struct exceptions *asked = context;
    char number[ID_BYTES_MAX + 1];
    json_t *record = NULL;
    size_t at = 0;
    bool seen = false;
    (void)ret_more;
    enum status status = reading_key_text(key, &at, number, err);
    if (status == STATUS_OK)
        status = facts_document(asked->facts, number, &record, err);
    if (status == STATUS_OK && record != NULL && lives(record)) {
        status = is_seen_to(asked->facts, number, &seen, err);
        if (status == STATUS_OK && !seen)
            status = row_give(asked, record, json_object_get(kept, "answers"), err);
    }
    json_decref(record);
    return status;
}

static enum status collect(struct exceptions *asked, struct err *err)
{
    const struct books_walk walk = {.table = BOOKS_LOOKALIKES, .step = alike_step, .context = asked};
    return books_each(asked->facts->books, &walk, err);
}

const struct exception_source exceptions_alike = {
    .name = "duplicates", .title = "may be a duplicate", .collect = collect};
