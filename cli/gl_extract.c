/*
 * The rows of a GL extract, as the books have them. Documents of the month are gathered first and put in the order in which
 * they were posted; a document's lines follow each other.
 */
#include "cli/gl_extract.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/csv_write.h"
#include "cli/reading.h"
#include "ledger/books.h"
#include "ledger/currency.h"
#include "ledger/limits.h"
#include "ledger/money.h"
#include "ledger/schema.h"

const char *const gl_columns[GL_CELLS] = {
    [GL_RECORD] = "record",
    [GL_ENTITY] = "entity",
    [GL_PERIOD] = "period",
    [GL_ENTRY] = "entry",
    [GL_TIME] = "time",
    [GL_DOCUMENT] = "document",
    [GL_NUMBER] = "number",
    [GL_KIND] = "kind",
    [GL_DATE] = "date",
    [GL_REASON] = "reason",
    [GL_LINE] = "line",
    [GL_ACCOUNT] = "account",
    [GL_CUSTOMER] = "customer",
    [GL_INVOICE] = "invoice",
    [GL_DR] = "dr",
    [GL_CR] = "cr",
    [GL_CURRENCY] = "currency",
    [GL_FUNCTIONAL_DR] = "functional_dr",
    [GL_FUNCTIONAL_CR] = "functional_cr",
};

struct gathering {
    const struct gl_asked *asked;
    json_t **records; /* of documents; owned */
    size_t count, room;
};

static uint64_t posted_seq(const json_t *record)
{
    return (uint64_t)member_integer(json_object_get(record, "posted"), "seq");
}

static bool is_asked(const struct gl_asked *asked, const json_t *record)
{
    const json_t *document = json_object_get(record, "document");
    const char *entity = member_text(document, "entity"), *date = member_text(document, "date");
    return json_object_get(record, "posted") != NULL && posted_seq(record) < asked->entries && entity != NULL &&
           strcmp(entity, asked->entity) == 0 && date != NULL &&
           strncmp(date, asked->period, strlen(asked->period)) == 0;
}

static enum status gather(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct gathering *gathering = context;
    (void)key;
    (void)ret_more;
    if (!is_asked(gathering->asked, record))
        return STATUS_OK;
    if (gathering->count == gathering->room) {
        size_t room = gathering->room == 0 ? 64 : gathering->room * 2;
        json_t **records = realloc(gathering->records, room * sizeof *records);
        if (records == NULL)
            return err_set(err, STATUS_MEMORY, "no memory for the lines of %s", gathering->asked->period);
        gathering->records = records;
        gathering->room = room;
    }
    gathering->records[gathering->count++] = json_incref((json_t *)(uintptr_t)record);
    return STATUS_OK;
}

static int by_posting(const void *a, const void *b)
{
    const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
    uint64_t x_seq = posted_seq(x), y_seq = posted_seq(y);
    return x_seq != y_seq ? (x_seq < y_seq ? -1 : 1) : strcmp(member_text(x, "number"), member_text(y, "number"));
}

/* Sums by currency, in order of first appearance. */
struct totals {
    const struct gl_asked *asked;
    json_t *sums; /* currency -> {lines, dr, cr} */
};

static enum status total_up(struct totals *totals, const char *currency, const char *side, const char *amount,
                            struct err *err)
{
    json_t *sum = json_object_get(totals->sums, currency);
    int64_t minor = 0, before, after = 0;
    if (sum == NULL) {
        sum = json_pack("{s:i, s:i, s:i}", "cr", 0, "dr", 0, "lines", 0);
        if (sum == NULL || json_object_set_new(totals->sums, currency, sum) != 0)
            return err_set(err, STATUS_MEMORY, "no memory for totals");
    }
    json_object_set_new(sum, "lines", json_integer(json_integer_value(json_object_get(sum, "lines")) + 1));
    enum status status = money_parse(amount, strlen(amount), currency_digits(currency), &minor, err);
    before = member_integer(sum, side);
    if (status == STATUS_OK)
        status = money_add(before, minor, &after, err);
    json_object_set_new(sum, side, json_integer(after));
    return status;
}

static json_t *row_of(const char *const cells[GL_CELLS])
{
    json_t *row = json_array();
    for (size_t i = 0; i < GL_CELLS; i++)
        json_array_append_new(row, json_string(cells[i] != NULL ? cells[i] : ""));
    return row;
}

static enum status line_row(const json_t *record, size_t index, struct totals *totals, json_t *rows, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    const json_t *line = json_array_get(json_object_get(record, "lines"), index);
    const char *side = member_text(line, "side"), *amount = member_text(line, "amount");
    const char *currency = member_text(line, "currency"), *functional = member_text(line, "functional");
    char entry[24], number[24];
    if (side == NULL || amount == NULL || currency == NULL)
        return err_set(err, STATUS_CORRUPT, "line %zu of %s lacks a member; run rebuild", index + 1,
                       member_text(record, "number"));
    bool debit = side[0] == 'd';
    snprintf(entry, sizeof entry, "%" PRIu64, posted_seq(record));
    snprintf(number, sizeof number, "%zu", index + 1);
    const char *const cells[GL_CELLS] = {
        [GL_RECORD] = "line",
        [GL_ENTITY] = totals->asked->entity,
        [GL_PERIOD] = totals->asked->period,
        [GL_ENTRY] = entry,
        [GL_TIME] = member_text(json_object_get(record, "posted"), "time"),
        [GL_DOCUMENT] = member_text(record, "number"),
        [GL_NUMBER] = member_text(record, "legal"),
        [GL_KIND] = member_text(record, "kind"),
        [GL_DATE] = member_text(document, "date"),
        [GL_REASON] = member_text(document, "reason"),
        [GL_LINE] = number,
        [GL_ACCOUNT] = member_text(line, "account"),
        [GL_CUSTOMER] = member_text(line, "customer"),
        [GL_INVOICE] = member_text(line, "invoice"),
        [GL_DR] = debit ? amount : NULL,
        [GL_CR] = debit ? NULL : amount,
        [GL_CURRENCY] = currency,
        [GL_FUNCTIONAL_DR] = debit ? functional : NULL,
        [GL_FUNCTIONAL_CR] = debit ? NULL : functional,
    };
    if (json_array_append_new(rows, row_of(cells)) != 0)
        return err_set(err, STATUS_MEMORY, "no memory for rows");
    return total_up(totals, currency, debit ? "dr" : "cr", amount, err);
}

static enum status total_rows(const struct facts *facts, const struct totals *totals, json_t *rows, struct err *err)
{
    char entry[24], lines[24], dr[MONEY_TEXT_MAX], cr[MONEY_TEXT_MAX];
    const char *currency;
    json_t *sum, *last = NULL;
    struct books_key key = books_key(NULL);
    books_key_add_number(&key, totals->asked->entries - 1);
    enum status status = books_get(facts->books, BOOKS_ENTRIES, &key, &last, err);
    if (status == STATUS_NOT_FOUND)
        status = err_set(err, STATUS_NOT_FOUND, "the book has no entry %" PRIu64, totals->asked->entries - 1);
    if (status != STATUS_OK)
        return status;
    snprintf(entry, sizeof entry, "%" PRIu64, totals->asked->entries - 1);
    json_object_foreach(totals->sums, currency, sum)
    {
        int digits = currency_digits(currency);
        money_format(member_integer(sum, "dr"), digits, dr);
        money_format(member_integer(sum, "cr"), digits, cr);
        snprintf(lines, sizeof lines, "%" PRId64, member_integer(sum, "lines"));
        const char *const cells[GL_CELLS] = {[GL_RECORD] = "total",
                                             [GL_ENTITY] = totals->asked->entity,
                                             [GL_PERIOD] = totals->asked->period,
                                             [GL_ENTRY] = entry,
                                             [GL_TIME] = member_text(last, "time"),
                                             [GL_LINE] = lines,
                                             [GL_DR] = dr,
                                             [GL_CR] = cr,
                                             [GL_CURRENCY] = currency};
        if (json_array_append_new(rows, row_of(cells)) != 0)
            status = err_set(err, STATUS_MEMORY, "no memory for rows");
    }
    json_decref(last);
    return status;
}

enum status gl_rows(const struct facts *facts, const struct gl_asked *asked, json_t **ret_rows, struct err *err)
{
    const struct policy_entity *entity = policy_find_entity(facts->policy, asked->entity);
    struct gathering gathering = {.asked = asked};
    struct totals totals = {.asked = asked, .sums = json_object()};
    const struct books_walk walk = {.table = BOOKS_DOCUMENTS, .step = gather, .context = &gathering};
    json_t *rows = json_array();
    enum status status = entity != NULL
                             ? STATUS_OK
                             : err_set(err, STATUS_NOT_FOUND, "the policy in force knows no entity %s", asked->entity);
    if (status == STATUS_OK)
        status = reading_entity_check(facts, asked->entity, err);
    if (status == STATUS_OK) /* a month without a line has a total nevertheless */
        json_object_set_new(totals.sums, entity->currency, json_pack("{s:i, s:i, s:i}", "cr", 0, "dr", 0, "lines", 0));
    if (status == STATUS_OK)
        status = books_each(facts->books, &walk, err);
    if (status == STATUS_OK && gathering.count > 0)
        qsort(gathering.records, gathering.count, sizeof *gathering.records, by_posting);
    for (size_t i = 0; i < gathering.count; i++) {
        const json_t *record = gathering.records[i];
        for (size_t n = 0; status == STATUS_OK && n < json_array_size(json_object_get(record, "lines")); n++)
            status = line_row(record, n, &totals, rows, err);
        json_decref(gathering.records[i]);
    }
    free(gathering.records);
    if (status == STATUS_OK)
        status = total_rows(facts, &totals, rows, err);
    json_decref(totals.sums);
    if (status == STATUS_OK)
        *ret_rows = rows;
    else
        json_decref(rows);
    return status;
}

enum status gl_write(const json_t *rows, FILE *out, struct err *err)
{
    enum status status = csv_write_row(out, gl_columns, GL_CELLS, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(rows); i++) {
        const char *cells[GL_CELLS];
        for (size_t cell = 0; cell < GL_CELLS; cell++)
            cells[cell] = json_string_value(json_array_get(json_array_get(rows, i), cell));
        status = csv_write_row(out, cells, GL_CELLS, err);
    }
    return status;
}
