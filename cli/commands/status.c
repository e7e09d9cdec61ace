/*
 * countersign status: what book this is, how far it goes, what waits in it, and what a reader has to know about it.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/block.h"
#include "cli/book.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "controls/facts_delivery.h"
#include "ledger/instant.h"
#include "ledger/journal.h"
#include "ledger/lost.h"
#include "ledger/schema.h"
#include "ledger/statement.h"
#include "ledger/tables.h"

struct state {
    const json_t *charter;
    uint64_t entries, documents, waiting, users, customers, invoices;
    char head_hash[HASH_HEX_CHARS + 1];
    char head_time[INSTANT_TEXT_BYTES];
    char policy_hash[HASH_HEX_CHARS + 1];
    int64_t now_ms;
    json_t *server; /* how the server does; NULL: there is none, or it does not say */
    struct outbox_depth outbox;
    bool outbox_told;
    bool lost_due; /* two officers have to say what was lost */
    struct journal_lost lost;
    uint64_t epoch;
};

#define NOT_TOLD UINT64_MAX /* a number that a server keeps from this user */

static enum status count(const struct facts *facts, enum books_table table, uint64_t *ret_count, struct err *err)
{
    enum status status = tables_count(facts->books, table, ret_count, err);
    if (status != STATUS_PERMISSION)
        return status;
    *ret_count = NOT_TOLD;
    return STATUS_OK;
}

static enum status count_all(const struct facts *facts, struct state *state, struct err *err)
{
    enum status status = count(facts, BOOKS_DOCUMENTS, &state->documents, err);
    if (status == STATUS_OK)
        status = count(facts, BOOKS_WAITING, &state->waiting, err);
    if (status == STATUS_OK)
        status = count(facts, BOOKS_USERS, &state->users, err);
    if (status == STATUS_OK)
        status = count(facts, BOOKS_CUSTOMERS, &state->customers, err);
    if (status == STATUS_OK)
        status = count(facts, BOOKS_INVOICES, &state->invoices, err);
    if (status != STATUS_OK)
        return status;
    status = facts_outbox_depth(facts, &state->outbox, err);
    state->outbox_told = status == STATUS_OK;
    return status == STATUS_PERMISSION ? STATUS_OK : status;
}

static enum status read_state(struct session *session, const struct facts *facts, struct state *state, struct err *err)
{
    json_t *record = NULL;
    struct books_key key = books_key(NULL);
    books_key_add_number(&key, facts->seq - 1);
    enum status status = books_get(facts->books, BOOKS_ENTRIES, &key, &record, err);
    if (status == STATUS_NOT_FOUND)
        status = err_set(err, STATUS_CORRUPT, "the newest entry is not in the books; run rebuild");
    if (status != STATUS_OK)
        return status;
    state->charter = book_charter(session_book(session));
    state->entries = facts->seq;
    snprintf(state->head_hash, sizeof state->head_hash, "%s", member_text(record, "hash"));
    hash_to_hex(&facts->policy->hash, state->policy_hash);
    snprintf(state->head_time, sizeof state->head_time, "%s", member_text(record, "time"));
    state->now_ms = session_time(session);
    json_decref(record);
    status = books_lost(session_books(session), &state->lost_due, &state->lost, err);
    if (status == STATUS_OK)
        status = books_epoch(facts->books, &state->epoch, err);
    return status == STATUS_OK ? count_all(facts, state, err) : status;
}

/* The counts that were told. Gives; NULL without memory. */
static json_t *counts_json(const struct state *state)
{
    const struct {
        const char *name;
        uint64_t count;
    } rows[] = {{"documents", state->documents},
                {"waiting", state->waiting},
                {"users", state->users},
                {"customers", state->customers},
                {"invoices", state->invoices}};
    json_t *counts = json_object();
    for (size_t i = 0; counts != NULL && i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].count != NOT_TOLD)
            (void)json_object_set_new(counts, rows[i].name, json_integer((json_int_t)rows[i].count));
    }
    return counts;
}

/* Gives; NULL without memory. */
static json_t *outbox_json(const struct state *state)
{
    char oldest[INSTANT_TEXT_BYTES];
    json_t *outbox = json_pack("{s:I}", "unacknowledged", (json_int_t)state->outbox.count);
    if (outbox == NULL || state->outbox.oldest_ms < 0)
        return outbox;
    instant_format(state->outbox.oldest_ms, oldest);
    (void)json_object_set_new(outbox, "oldest", json_string(oldest));
    (void)json_object_set_new(outbox, "oldest_age_seconds",
                              json_integer((json_int_t)((state->now_ms - state->outbox.oldest_ms) / 1000)));
    return outbox;
}

static bool is_served(struct session *session)
{
    return book_is_remote(book_address(session_book(session)));
}

static int say_json(struct session *session, const struct facts *facts, const struct state *state)
{
    struct books *books = session_books(session);
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:I, s:{s:I, s:s, s:s}, s:{s:s, s:s, s:I}, s:o, s:s, s:b}", "book",
        book_id(session_book(session)), "name", member_text(state->charter, "name"), "clock",
        member_text(state->charter, "clock"), "engine", (json_int_t)member_integer(state->charter, "engine"), "head",
        "seq", (json_int_t)(state->entries - 1), "hash", state->head_hash, "time", state->head_time, "policy", "hash",
        state->policy_hash, "name", facts->policy->name, "seq", (json_int_t)facts->policy_seq, "counts",
        counts_json(state), "mode", is_served(session) ? "served" : "embedded", "rebuilt", books->rebuilt);
    if (object != NULL && state->outbox_told)
        (void)json_object_set_new(object, "outbox", outbox_json(state));
    if (object != NULL && state->server != NULL)
        (void)json_object_set(object, "server", state->server);
    return out_json(session_cli(session), object);
}

/* A number for people, or that it is not told. */
static const char *told(uint64_t count, char text[static GROUPED_BYTES])
{
    return count == NOT_TOLD ? "?" : terminal_group_integer((int64_t)count, text);
}

static void say_counts(struct block *block, const struct state *state)
{
    char a[GROUPED_BYTES], b[GROUPED_BYTES], c[GROUPED_BYTES];
    if (state->documents == NOT_TOLD && state->waiting == NOT_TOLD)
        block_line(block, "documents", "%s", "not for you to count");
    else
        block_line(block, "documents", "%s, %s waiting", told(state->documents, a), told(state->waiting, b));
    if (state->customers == NOT_TOLD && state->invoices == NOT_TOLD && state->users == NOT_TOLD)
        block_line(block, "masters", "%s", "not for you to count");
    else
        block_line(block, "masters", "%s customers, %s invoices, %s users", told(state->customers, a),
                   told(state->invoices, b), told(state->users, c));
}

static void say_outbox(struct block *block, const struct state *state)
{
    char count[GROUPED_BYTES], age[AGE_BYTES];
    if (!state->outbox_told) {
        block_line(block, "outbox", "%s", "not for you to count");
        return;
    }
    (void)terminal_group_integer((int64_t)state->outbox.count, count);
    if (state->outbox.oldest_ms < 0) {
        block_line(block, "outbox", "%s not in the ERP", count);
        return;
    }
    present_age(state->now_ms - state->outbox.oldest_ms, age);
    block_line(block, "outbox", "%s not in the ERP, the oldest for %s", count, age);
}

static void say_mode(struct block *block, struct session *session)
{
    const struct books *books = session_books(session);
    if (is_served(session)) {
        block_line(block, "mode", "%s", "served   the files are a server's; who may read what follows from functions");
        return;
    }
    block_line(block, "mode", "embedded   whoever holds the files could go round the controls");
    block_line(block, "books", "%s",
               books->rebuilt        ? "rebuilt from the journal just now"
               : books->applied != 0 ? "brought in step with the journal just now"
                                     : "in step with the journal");
}

static enum status say(struct session *session, const struct facts *facts, const struct state *state, struct err *err)
{
    const struct cli *cli = session_cli(session);
    char a[GROUPED_BYTES], hash[HASH_SHOWN_BYTES];
    struct block *block = block_new(cli);
    block_head(block, STYLE_STRONG, member_text(state->charter, "name"), "%s", book_address(session_book(session)));
    block_line(block, "book id", "%s", book_id(session_book(session)));
    present_hash(state->head_hash, hash);
    block_line(block, "head", "entry %s   %s   %.10s %.8s", terminal_group_integer((int64_t)state->entries - 1, a),
               hash, state->head_time, state->head_time + 11);
    say_counts(block, state);
    say_outbox(block, state);
    present_hash(state->policy_hash, hash);
    block_line(block, "policy", "%s   %s   in force since entry %s", facts->policy->name, hash,
               terminal_group_integer((int64_t)facts->policy_seq, a));
    block_line(block, "clock", "%s%s", member_text(state->charter, "clock"),
               session_is_simulated(session) ? "   SIMULATED: times are what statements say" : "");
    block_line(block, "engine", "%d%s", (int)member_integer(state->charter, "engine"),
               member_integer(state->charter, "engine") == ENGINE_DRAFT ? "   draft: not frozen" : "");
    if (state->epoch > 0)
        block_line(block, "epoch", "%llu   entries were lost: countersign exceptions --only restores",
                   (unsigned long long)state->epoch);
    if (state->lost_due)
        block_line(block, "lost", "entries %llu to %llu: nothing is let in before two officers have said so",
                   (unsigned long long)state->lost.kept, (unsigned long long)state->lost.to);
    say_mode(block, session);
    enum status status = block_print(block, err);
    block_free(block);
    return status;
}

/* For those who operate it; from others it is kept, and that is no failure. */
static enum status read_server(struct session *session, struct state *state, struct err *err)
{
    enum status status = book_server_status(session_book(session), &state->server, err);
    if (status == STATUS_PERMISSION)
        *err = (struct err){0};
    if (status == STATUS_PERMISSION)
        return STATUS_OK;
    const json_t *outbox = json_object_get(state->server, "outbox");
    if (status == STATUS_OK && !state->outbox_told && outbox != NULL) {
        int64_t oldest = member_integer(outbox, "oldest_seconds");
        state->outbox_told = true;
        state->outbox.count = (uint64_t)member_integer(outbox, "unacknowledged");
        state->outbox.oldest_ms = oldest > 0 ? oldest * 1000 : -1;
    }
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    struct session *session = NULL;
    const struct facts *facts = NULL;
    struct state state = {.charter = NULL};
    struct err err = {0};
    int answered = EXIT_DONE;
    enum status status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = session_begin_facts(session, &facts, &err);
    if (status == STATUS_OK)
        status = read_state(session, facts, &state, &err);
    if (status == STATUS_OK && (cli->json || !state.outbox_told))
        status = read_server(session, &state, &err);
    if (status == STATUS_OK && cli->json)
        answered = say_json(session, facts, &state);
    else if (status == STATUS_OK)
        status = say(session, facts, &state, &err);
    if (status != STATUS_OK)
        answered = cli_error(cli, &err);
    json_decref(state.server);
    session_close(session);
    return answered;
}

const struct command command_status = {
    .name = "status",
    .summary = "says what book this is and how far it goes",
    .arguments = "",
    .text = "Also checks that the book still holds the newest entry that this user has seen.",
    .example = "countersign status --book us",
    .group = GROUP_SETUP,
    .flags = COMMAND_BOOK,
    .run = run,
};
