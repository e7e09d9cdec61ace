/*
 * countersign watch: follows the journal from a position on and prints each entry as it is recorded, for a desk or for a
 * program. With --state the position is noted after what it covers has been handed on, so a follower that ends anyhow takes
 * up again where it was, and nothing is left out. That the book goes on from the entry seen last is checked: a book that was
 * set back or replaced is an error, not a gap.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/book.h"
#include "cli/commands.h"
#include "cli/event.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/position.h"
#include "cli/present.h"
#include "cli/reading.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "ledger/books_open.h"
#include "ledger/entry.h"
#include "ledger/instant.h"
#include "ledger/journal.h"
#include "ledger/schema.h"
#include "ledger/text.h"

enum { BURST_MAX = 256, WAIT_MS = 60 * 1000 }; /* entries between two looks for the position; one wait */

struct watch {
    struct cli *cli;
    struct session *session;
    const char *entity, *kind, *user, *state; /* NULL: any; no file */
    bool until_head;
    char book[HASH_HEX_CHARS + 1]; /* its id */
    struct position position;
    bool closed; /* whoever read has gone */
    bool away;   /* the book cannot be reached, which was said */
};

static bool event_wanted(const struct watch *watch, const struct event *event)
{
    const char *entity = event->document != NULL ? member_text(event->document, "entity") : NULL;
    const char *kind = event->document != NULL ? member_text(event->document, "kind") : NULL;
    if (entity == NULL)
        entity = member_text(event->entry->statement.body, "entity"); /* of a feed */
    return (watch->entity == NULL || text_is(entity, watch->entity)) &&
           (watch->kind == NULL || text_is(kind, watch->kind));
}

static void print_event(const struct watch *watch, const struct event *event)
{
    char time[INSTANT_TEXT_BYTES], what[EVENT_WHAT_BYTES], outcome[EVENT_OUTCOME_BYTES], money[MONEY_SHOWN_BYTES] = "";
    FILE *out = watch->cli->out;
    event_what(event, what);
    event_outcome(event, outcome);
    instant_format(event->entry->time_ms, time);
    if (event->document != NULL)
        present_money(member_text(event->document, "amount"), member_text(event->document, "currency"), money);
    terminal_printf(out, "%8" PRIu64 "  %.19sZ  %s  %s%s%s%s%s  %s", event->entry->seq, time,
                    event->entry->statement.actor, what, event->number != NULL ? "  " : "",
                    event->number != NULL ? event->number : "", money[0] != '\0' ? "  " : "", money, outcome);
    fputc('\n', out);
}

static enum status print_entry(const struct watch *watch, const struct facts *facts, const struct entry *entry,
                               struct err *err)
{
    json_t *results = json_array();
    enum status status = results != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for an entry");
    size_t count = watch->user == NULL || text_is(entry->statement.actor, watch->user) ? event_count(entry) : 0;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        struct event event;
        json_t *record = NULL;
        status = event_of(facts, entry, i, &event, &record, err);
        if (status == STATUS_OK && event_wanted(watch, &event)) {
            if (watch->cli->json)
                json_array_append_new(results, event_json(&event));
            else
                print_event(watch, &event);
        }
        json_decref(record);
    }
    if (status == STATUS_OK && json_array_size(results) > 0) {
        json_t *object = json_pack("{s:O}", "results", results);
        if (object != NULL)
            event_entry_json(entry, object);
        (void)out_json(watch->cli, object);
    }
    json_decref(results);
    return status;
}

static enum status set_back(const struct watch *watch, uint64_t size, struct err *err)
{
    return err_set(err, STATUS_CORRUPT,
                   "the book does not go on from entry %" PRIu64 " as it was watched (it has %" PRIu64
                   " entries): it was set back or replaced; "
                   "find out why, then watch on with --from ENTRY and another --state file",
                   watch->position.next - 1, size);
}

/* Whether the entry before the next one is still the one that was seen. */
static enum status check_last(const struct watch *watch, struct journal_snapshot *snapshot, uint64_t size,
                              struct err *err)
{
    struct hash leaf;
    if (watch->position.next == 0)
        return STATUS_OK;
    if (watch->position.next > size)
        return set_back(watch, size, err);
    enum status status = journal_node(snapshot, 0, watch->position.next - 1, &leaf, err);
    return status == STATUS_OK && !hash_equal(&leaf, &watch->position.last) ? set_back(watch, size, err) : status;
}

/* Prints the next entries up to the head, BURST_MAX at most. */
static enum status print_burst(struct watch *watch, const struct journal_head *head, struct err *err)
{
    const struct facts *facts = NULL;
    struct journal_snapshot *snapshot = NULL;
    enum status status = session_begin_facts(watch->session, &facts, err);
    if (status == STATUS_OK)
        status = journal_read_begin(session_books(watch->session)->journal, &snapshot, err);
    if (status == STATUS_OK)
        status = check_last(watch, snapshot, head->size, err);
    for (int i = 0; status == STATUS_OK && i < BURST_MAX && watch->position.next < head->size; i++) {
        struct entry entry;
        status = entry_at(snapshot, watch->position.next, &entry, err);
        if (status == STATUS_PERMISSION) { /* of entities that the user may not read */
            status = journal_node(snapshot, 0, watch->position.next, &watch->position.last, err);
            watch->position.next += status == STATUS_OK;
            continue;
        }
        if (status != STATUS_OK)
            break;
        status = print_entry(watch, facts, &entry, err);
        if (status == STATUS_OK)
            watch->position = (struct position){.next = entry.seq + 1, .last = entry.leaf};
        entry_done(&entry);
    }
    journal_read_end(snapshot);
    session_end_facts(watch->session);
    return status;
}

/* Nobody reads any more: an end like any other. What is still to be written goes nowhere. */
static void let_go(struct watch *watch)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    watch->closed = true;
    if (nowhere < 0)
        return;
    (void)dup2(nowhere, fileno(watch->cli->out));
    (void)close(nowhere);
    clearerr(watch->cli->out);
}

/* What was printed is handed on, then noted. */
static enum status hand_on(struct watch *watch, struct err *err)
{
    if (fflush(watch->cli->out) != 0) {
        if (errno != EPIPE)
            return err_set(err, STATUS_IO, "cannot write the output: %s", strerror(errno));
        let_go(watch);
        return STATUS_OK;
    }
    return watch->state != NULL ? position_save(watch->state, watch->book, &watch->position, err) : STATUS_OK;
}

static bool reader_is_gone(const struct watch *watch)
{
    struct pollfd out = {.fd = fileno(watch->cli->out)};
    return out.fd >= 0 && poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

/* A book may be away for a while: put in place anew, its server started again. */
static bool may_come_back(struct watch *watch, enum status status, const struct err *err)
{
    if (status == STATUS_OK) {
        watch->away = false;
        return true;
    }
    if (status != STATUS_NOT_FOUND && status != STATUS_BUSY && status != STATUS_IO)
        return false;
    if (!watch->away) {
        terminal_printf(watch->cli->err, "countersign: %s; trying on", err->text);
        fputc('\n', watch->cli->err);
        (void)fflush(watch->cli->err);
    }
    watch->away = true;
    return true;
}

static enum status follow(struct watch *watch, uint32_t look_ms, struct err *err)
{
    struct journal_head head;
    enum status status = session_head(watch->session, &head, err);
    while (status == STATUS_OK) {
        enum status printed = print_burst(watch, &head, err);
        if (!may_come_back(watch, printed, err))
            return printed;
        status = hand_on(watch, err);
        if (status != STATUS_OK || watch->closed || interrupt_seen())
            return status;
        if (printed == STATUS_OK && watch->position.next < head.size)
            continue;
        if (watch->until_head)
            return printed;
        do {
            status = session_wait(watch->session, watch->position.next, look_ms, &head, err);
            if (interrupt_seen() || reader_is_gone(watch))
                return STATUS_OK;
            if (!may_come_back(watch, status, err))
                return status;
            if (status != STATUS_OK)
                head = (struct journal_head){.size = watch->position.next, .leaf = watch->position.last};
        } while (head.size == watch->position.next && hash_equal(&head.leaf, &watch->position.last));
        status = STATUS_OK;
    }
    return status;
}

/* From --state, else --from, else from now on. */
static enum status begin_at(struct watch *watch, const struct options *options, struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    struct journal_head head;
    int64_t from = -1;
    enum status status = options_number(options, "from", 0, INT64_MAX, &from, err);
    if (status == STATUS_OK && watch->state != NULL) {
        status = position_load(watch->state, watch->book, &watch->position, err);
        if (status != STATUS_NOT_FOUND)
            return status;
        status = STATUS_OK;
    }
    if (status == STATUS_OK)
        status = session_head(watch->session, &head, err);
    if (status != STATUS_OK)
        return status;
    watch->position.next = from < 0 ? head.size : (uint64_t)from;
    if (watch->position.next == 0 || watch->position.next > head.size)
        return from > (int64_t)head.size
                   ? err_set(err, STATUS_NOT_FOUND, "--from: the book has %" PRIu64 " entries", head.size)
                   : STATUS_OK;
    status = journal_read_begin(session_books(watch->session)->journal, &snapshot, err);
    if (status == STATUS_OK)
        status = journal_node(snapshot, 0, watch->position.next - 1, &watch->position.last, err);
    journal_read_end(snapshot);
    return status;
}

static enum status options_read(struct watch *watch, const struct options *options, int64_t *ret_seconds,
                                struct err *err)
{
    watch->state = options_text(options, "state");
    watch->until_head = options_flag(options, "until-head");
    enum status status = reading_code_option(options, "entity", &watch->entity, err);
    if (status == STATUS_OK)
        status = reading_id_option(options, "kind", &watch->kind, err);
    if (status == STATUS_OK)
        status = reading_id_option(options, "user", &watch->user, err);
    if (status == STATUS_OK)
        status = options_number(options, "interval", 1, WAIT_MS / 1000, ret_seconds, err);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    struct watch watch = {.cli = cli};
    struct interrupt interrupt;
    struct err err = {0};
    int64_t seconds = 1;
    (void)signal(SIGPIPE, SIG_IGN);
    interrupt_begin(&interrupt);
    enum status status = options_read(&watch, options, &seconds, &err);
    if (status == STATUS_OK)
        status = session_open(cli, options, SESSION_READ, &watch.session, &err);
    if (status == STATUS_OK) {
        snprintf(watch.book, sizeof watch.book, "%s", book_id(session_book(watch.session)));
        status = begin_at(&watch, options, &err);
    }
    if (status == STATUS_OK)
        status = follow(&watch, (uint32_t)seconds * 1000, &err);
    session_close(watch.session);
    interrupt_end(&interrupt);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static const struct option_spec options_of_watch[] = {
    {"from", 0, "ENTRY", "begin with this entry; with what is recorded from now on when not given", 0},
    {"state", 0, "FILE", "keeps the position: go on after what was handed on last", 0},
    {"entity", 0, "CODE", "documents and files of one legal entity", 0},
    {"kind", 0, "KIND", "documents of one kind, e.g. credit-note", 0},
    {"user", 0, "USER", "entries of one user", 0},
    {"interval", 0, "SECONDS", "how often an embedded book is looked at (1)", 0},
    {"until-head", 0, NULL, "end when all that is recorded has been printed", 0},
    {0},
};

const struct command command_watch = {
    .name = "watch",
    .summary = "prints each entry as it is recorded",
    .arguments = "",
    .text =
        "With --json one object for each entry, with its number in seq: a program that has taken entry N goes on "
        "with\n"
        "--from N+1, or leaves that to --state. Each entry is handed on once at least; after a crash those since the "
        "last\n"
        "note come once more. The book may be closed, moved back in place or rebuilt meanwhile. Ends at an interrupt, "
        "or\n"
        "when nobody reads any more.",
    .example = "countersign watch --state desk.position --entity US01 --json",
    .group = GROUP_EVERYONE,
    .flags = COMMAND_BOOK,
    .options = options_of_watch,
    .run = run,
};
