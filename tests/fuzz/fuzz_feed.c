/*
 * Attacks the readers of every feed's files, feed_reader_next and feed_cutter: the first byte of an input picks the feed, the rest
 * is its CSV. What is read without a problem is something that the gate reads: the records cut into statements have the form that
 * FORMAT.md 5.4 asks for, bear the amounts that the file's total adds up, and name what the reader says that they name.
 */
#include <jansson.h>

#include "cli/feed_file.h"
#include "controls/feed.h"
#include "controls/feed_sort.h"
#include "ledger/currency.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/statement.h"
#include "tests/fuzz/fuzz.h"

static const char *const names[] = {"customers", "invoices", "cash",   "people",          "contacts",
                                    "contracts", "reads",    "orders", "acknowledgements"};

enum { FEEDS = sizeof names / sizeof names[0], RECORDS_MAX = 200 };

struct problems {
    int64_t count;
};

static void note(void *context, const struct err *err)
{
    struct problems *problems = context;
    must(err->status != STATUS_OK && err->text[0] != '\0');
    problems->count++;
}

/* As the gate reads it. */
static void check_body(const json_t *body)
{
    static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
    const struct statement_head head = {.verb = VERB_FEED, .actor = "feedc", .book = zeros, .id = "S-1", .at_ms = 1};
    struct statement statement;
    struct err err = {.text = ""};
    must(statement_make(&head, body, &statement, &err) == STATUS_OK);
    enum status status = feed_check_form(&statement, &err);
    if (status != STATUS_OK)
        fprintf(stderr, "%s\n", err.text);
    must(status == STATUS_OK);
    statement_done(&statement);
}

/* Cut with the manifest that the files' own total makes; all of one currency, or they are no one file. */
static void check_cut(const struct feed_format *format, const json_t *records, const struct feed_manifest *totals)
{
    struct feed_cutter cutter;
    struct feed_manifest manifest = *totals;
    json_t *body = NULL;
    size_t seen = 0;
    manifest.format = format;
    manifest.count = (int64_t)json_array_size(records);
    must(feed_cutter_init(&cutter, &manifest, NULL) == STATUS_OK);
    if (manifest.count == 0) {
        must(feed_cutter_empty(&cutter, &body, NULL) == STATUS_OK);
        check_body(body);
        json_decref(body);
    }
    for (size_t i = 0; i < json_array_size(records); i++) {
        must(feed_cutter_add(&cutter, json_array_get(records, i), &body, NULL) == STATUS_OK);
        for (; body != NULL; body = feed_cutter_more(&cutter)) {
            check_body(body);
            seen += json_array_size(json_object_get(body, "records"));
            json_decref(body);
        }
    }
    must(seen == json_array_size(records));
    feed_cutter_done(&cutter);
}

static void check_record(const struct feed_sort *sort, const struct feed_record *made)
{
    char text[MONEY_TEXT_MAX];
    const char *named = json_string_value(json_object_get(made->record, sort->id));
    must(named != NULL && strcmp(named, made->id) == 0 && json_object_get(made->record, "personal") == NULL);
    if (sort->total == NULL)
        return;
    must(currency_digits(made->currency) >= 0);
    money_format(made->amount_minor, currency_digits(made->currency), text);
    must(strcmp(text, json_string_value(json_object_get(made->record, sort->total))) == 0);
}

static void read_all(struct feed_reader *reader, const struct feed_format *format)
{
    struct feed_manifest totals = {.entity = "US01", .sequence = 1, .currency = "USD"};
    json_t *records = json_array();
    struct err err;
    bool more = true, one_file = true;
    int64_t line = 0;
    while (json_array_size(records) < RECORDS_MAX) {
        struct feed_record made = {.record = NULL};
        if (feed_reader_next(reader, &made, &more, &err) != STATUS_OK || !more)
            break;
        check_record(feed_format_sort(format), &made);
        must(made.line > line);
        line = made.line;
        if (feed_format_sort(format)->total != NULL) {
            if (json_array_size(records) == 0)
                memcpy(totals.currency, made.currency, sizeof totals.currency);
            one_file = one_file && strcmp(totals.currency, made.currency) == 0 &&
                       money_add(totals.total_minor, made.amount_minor, &totals.total_minor, NULL) == STATUS_OK;
        }
        json_array_append(records, made.record);
        feed_record_done(&made);
    }
    if (one_file)
        check_cut(format, records, &totals);
    json_decref(records);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct feed_format *format = NULL;
    struct feed_reader *reader = NULL;
    struct problems problems = {0};
    char path[160];
    if (size < 2)
        return 0;
    must(feed_format_find(names[data[0] % FEEDS], &format, NULL) == STATUS_OK);
    fuzz_file("feed.csv", data + 1, size - 1, path);
    if (feed_reader_open(path, format, note, &problems, &reader, NULL) != STATUS_OK)
        return 0;
    read_all(reader, format);
    must(feed_reader_problems(reader) == problems.count);
    feed_reader_close(reader);
    return 0;
}
