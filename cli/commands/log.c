/*
 * countersign log: what the journal records, newest entries last, one line for each document that an entry decided on.
 * Reads the journal itself; what an entry must hold to be wanted is looked for in its bytes first, so that a narrow
 * question over a long journal parses little.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/event.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/reading.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "ledger/entry.h"
#include "ledger/instant.h"
#include "ledger/journal.h"
#include "ledger/schema.h"

enum {
    LIMIT_DEFAULT = 20,
    LIMIT_MAX = 10000000,
    RESULTS_SHOWN = 10, /* lines of one entry, when no document or customer is named */
    NEEDLE_BYTES = ID_BYTES_MAX + 32
};

struct log {
    struct cli *cli;
    const struct facts *facts;
    struct journal_snapshot *snapshot;
    const char *customer; /* NULL: any */
    const char *user;
    const char *document;
    int64_t from;
    int64_t to;
    int64_t limit;
    json_t *numbers; /* of the customer's documents, as members */
    json_t *found;   /* seqs, newest first */
    uint64_t kept;   /* entries that may not be read */
    struct table *table;
};

static bool bytes_hold(struct slice bytes, const char *member, const char *value)
{
    char needle[NEEDLE_BYTES];
    int length = snprintf(needle, sizeof needle, "\"%s\":\"%s\"", member, value);
    return memmem(bytes.bytes, bytes.length, needle, (size_t)length) != NULL;
}

/* Whether any "document":"..." in the bytes names one of the customer's. */
static bool names_any(const json_t *numbers, struct slice bytes)
{
    static const char member[] = "\"document\":\"";
    const size_t stem = sizeof member - 1;
    const uint8_t *at = bytes.bytes, *end = bytes.bytes + bytes.length;
    while ((at = memmem(at, (size_t)(end - at), member, stem)) != NULL) {
        char number[ID_BYTES_MAX + 1];
        at += stem;
        const uint8_t *quote = memchr(at, '"', (size_t)(end - at));
        if (quote == NULL || quote - at > ID_BYTES_MAX)
            continue;
        memcpy(number, at, (size_t)(quote - at));
        number[quote - at] = '\0';
        if (json_object_get(numbers, number) != NULL)
            return true;
    }
    return false;
}

/* Feeds are no part of a customer's log: `statement` shows what they brought. */
static bool entry_wanted(const struct log *log, struct slice bytes)
{
    if (log->user != NULL && !bytes_hold(bytes, "actor", log->user))
        return false;
    if (log->document != NULL && !bytes_hold(bytes, "document", log->document) &&
        !bytes_hold(bytes, "reverses", log->document) && !bytes_hold(bytes, "grant", log->document))
        return false;
    if (log->customer == NULL)
        return true;
    return !bytes_hold(bytes, "do", "feed") &&
           (bytes_hold(bytes, "customer", log->customer) || names_any(log->numbers, bytes));
}

static enum status find_entries(struct log *log, struct err *err)
{
    for (int64_t seq = log->to; seq >= log->from && (int64_t)json_array_size(log->found) < log->limit; seq--) {
        const char *bytes = NULL;
        size_t length = 0;
        enum status status = journal_entry(log->snapshot, (uint64_t)seq, &bytes, &length, err);
        if (status == STATUS_PERMISSION) { /* a server keeps what is of other entities */
            log->kept++;
            continue;
        }
        if (status != STATUS_OK)
            return status;
        if (entry_wanted(log, slice_of(bytes, length)) && json_array_append_new(log->found, json_integer(seq)) != 0)
            return err_set(err, STATUS_MEMORY, "no memory for the entries");
    }
    return STATUS_OK;
}

static void show_event(const struct log *log, const struct event *event)
{
    char seq[GROUPED_BYTES], time[INSTANT_TEXT_BYTES], what[EVENT_WHAT_BYTES], outcome[EVENT_OUTCOME_BYTES];
    char money[MONEY_SHOWN_BYTES] = "";
    if (log->cli->json) {
        json_t *object = event_json(event);
        if (object != NULL)
            event_entry_json(event->entry, object);
        (void)out_json(log->cli, object);
        return;
    }
    event_what(event, what);
    event_outcome(event, outcome);
    instant_format(event->entry->time_ms, time);
    snprintf(time + 19, sizeof time - 19, "Z"); /* whole seconds, for the eye */
    if (event->document != NULL)
        present_money(member_text(event->document, "amount"), member_text(event->document, "currency"), money);
    const char *cells[] = {terminal_group_integer((int64_t)event->entry->seq, seq),
                           time,
                           event->entry->statement.actor,
                           what,
                           event->number,
                           money,
                           outcome};
    table_row(log->table, cells);
    if (strncmp(outcome, "refused", 7) == 0)
        table_style(log->table, 6, STYLE_BAD);
}

/* Whether this one of an entry's results is asked for. */
static bool event_wanted(const struct log *log, const struct event *event)
{
    if (log->document != NULL) {
        const char *reverses = event->document != NULL ? member_text(event->document, "reverses") : NULL;
        const char *grant = event->document != NULL ? member_text(event->document, "grant") : NULL;
        return (event->number != NULL && strcmp(event->number, log->document) == 0) ||
               (reverses != NULL && strcmp(reverses, log->document) == 0) ||
               (grant != NULL && strcmp(grant, log->document) == 0);
    }
    if (log->customer == NULL || event->document == NULL)
        return true;
    const char *customer = member_text(event->document, "customer");
    const char *receives = member_text(json_object_get(event->document, "to"), "customer");
    return (customer != NULL && strcmp(customer, log->customer) == 0) ||
           (receives != NULL && strcmp(receives, log->customer) == 0) ||
           (event->number != NULL && json_object_get(log->numbers, event->number) != NULL);
}

static void show_more(const struct log *log, const struct entry *entry, size_t count)
{
    char seq[GROUPED_BYTES], text[EVENT_WHAT_BYTES];
    snprintf(text, sizeof text, "and %zu more: log --from %llu --to %llu --json", count, (unsigned long long)entry->seq,
             (unsigned long long)entry->seq);
    const char *cells[] = {terminal_group_integer((int64_t)entry->seq, seq), "", "", text, "", "", ""};
    table_row(log->table, cells);
}

static enum status show_entry(const struct log *log, const struct entry *entry, struct err *err)
{
    size_t count = event_count(entry);
    size_t shown = 0, wanted = 0;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        struct event event;
        json_t *record = NULL;
        status = event_of(log->facts, entry, i, &event, &record, err);
        if (status == STATUS_OK && event_wanted(log, &event)) {
            wanted++;
            if (log->cli->json || wanted <= RESULTS_SHOWN || log->document != NULL) {
                show_event(log, &event);
                shown++;
            }
        }
        json_decref(record);
    }
    if (status == STATUS_OK && wanted > shown)
        show_more(log, entry, wanted - shown);
    return status;
}

static enum status show_entries(const struct log *log, struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = json_array_size(log->found); status == STATUS_OK && i > 0; i--) {
        uint64_t seq = (uint64_t)json_integer_value(json_array_get(log->found, i - 1));
        struct entry entry;
        status = entry_at(log->snapshot, seq, &entry, err);
        if (status != STATUS_OK)
            break;
        status = show_entry(log, &entry, err);
        entry_done(&entry);
    }
    if (status == STATUS_OK && !log->cli->json)
        status = table_print(log->table, err);
    return status;
}

static enum status number_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct log *log = context;
    (void)key;
    (void)ret_more;
    return json_object_set_new(log->numbers, member_text(record, "number"), json_true()) == 0
               ? STATUS_OK
               : err_set(err, STATUS_MEMORY, "no memory for the customer's documents");
}

/* The request numbers of the customer's documents, in every entity. */
static enum status find_numbers(struct log *log, struct err *err)
{
    json_t *entities = NULL;
    enum status status = reading_entities(log->facts, NULL, &entities, err);
    bool known = false;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(entities); i++) {
        const char *entity = json_string_value(json_array_get(entities, i));
        json_t *customer = NULL;
        struct books_key prefix = books_key_pair(entity, log->customer);
        books_key_close(&prefix);
        const struct books_walk walk = {
            .table = BOOKS_CUSTOMER_DOCS, .prefix = &prefix, .step = number_step, .context = log};
        status = facts_customer(log->facts, entity, log->customer, &customer, err);
        known = known || customer != NULL;
        json_decref(customer);
        if (status == STATUS_OK)
            status = books_each(log->facts->books, &walk, err);
    }
    json_decref(entities);
    return status == STATUS_OK && !known ? reading_no_customer(log->customer, NULL, err) : status;
}

static enum status read_log(struct log *log, struct session *session, struct err *err)
{
    struct journal_head head;
    enum status status = session_begin_facts(session, &log->facts, err);
    if (status == STATUS_OK && log->customer != NULL)
        status = find_numbers(log, err);
    if (status == STATUS_OK)
        status = journal_read_begin(session_books(session)->journal, &log->snapshot, err);
    if (status == STATUS_OK)
        status = journal_head(log->snapshot, &head, err);
    if (status == STATUS_OK) {
        if (log->to >= (int64_t)head.size)
            log->to = (int64_t)head.size - 1;
        status = find_entries(log, err);
    }
    if (status == STATUS_OK)
        status = show_entries(log, err);
    if (status == STATUS_OK && log->kept > 0)
        fprintf(log->cli->err, "left out: %llu entries that you may not read\n", (unsigned long long)log->kept);
    journal_read_end(log->snapshot);
    session_end_facts(session);
    return status;
}

static enum status options_read(struct log *log, const struct options *options, struct err *err)
{
    enum status status = reading_id_option(options, "customer", &log->customer, err);
    if (status == STATUS_OK)
        status = reading_id_option(options, "user", &log->user, err);
    if (status == STATUS_OK)
        status = reading_id_option(options, "document", &log->document, err);
    if (status == STATUS_OK)
        status = options_number(options, "from", 0, INT64_MAX, &log->from, err);
    if (status == STATUS_OK)
        status = options_number(options, "to", 0, INT64_MAX, &log->to, err);
    if (status == STATUS_OK)
        status = options_number(options, "limit", 1, LIMIT_MAX, &log->limit, err);
    return status;
}

static const struct column columns[] = {
    {"ENTRY", COLUMN_RIGHT}, {"TIME", 0}, {"USER", 0}, {"WHAT", COLUMN_CUT}, {"DOCUMENT", 0}, {"AMOUNT", COLUMN_RIGHT},
    {"OUTCOME", COLUMN_CUT}, {0},
};

static int run(struct cli *cli, const struct options *options)
{
    struct log log = {.cli = cli, .to = INT64_MAX, .limit = LIMIT_DEFAULT};
    struct session *session = NULL;
    struct err err = {0};
    enum status status = options_read(&log, options, &err);
    log.numbers = json_object();
    log.found = json_array();
    log.table = table_new(cli, columns);
    if (status == STATUS_OK && (log.numbers == NULL || log.found == NULL))
        status = err_set(&err, STATUS_MEMORY, "no memory for the log");
    if (status == STATUS_OK)
        status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = read_log(&log, session, &err);
    table_free(log.table);
    json_decref(log.found);
    json_decref(log.numbers);
    session_close(session);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static const struct option_spec options_of_log[] = {
    {"customer", 0, "ID", "entries about one customer's documents", 0},
    {"user", 0, "USER", "entries of one user", 0},
    {"document", 0, "NUMBER", "entries about one document, by its request number", 0},
    {"from", 0, "ENTRY", "the first entry looked at", 0},
    {"to", 0, "ENTRY", "the last entry looked at", 0},
    {"limit", 0, "NUMBER", "at most so many entries, the newest (20)", 0},
    {0},
};

const struct command command_log = {
    .name = "log",
    .summary = "shows who did what, and what came of it",
    .arguments = "",
    .text = "One line for each document that an entry decided on; refusals are entries too. A customer's log "
            "leaves feeds "
            "out: 'statement' shows what they brought.",
    .example = "countersign log --document CN-42",
    .group = GROUP_EVERYONE,
    .flags = COMMAND_BOOK,
    .options = options_of_log,
    .run = run,
};
