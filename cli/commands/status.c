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
#include "ledger/instant.h"
#include "ledger/journal.h"
#include "ledger/lost.h"
#include "ledger/schema.h"
#include "ledger/tables.h"

struct state {
    const json_t *charter;
    uint64_t entries, documents, waiting, users, customers, invoices;
    char head_hash[HASH_HEX_CHARS + 1];
    char head_time[INSTANT_TEXT_BYTES];
    char policy_hash[HASH_HEX_CHARS + 1];
    int64_t now_ms, oldest_until_ms;
    bool lost_due; /* two officers have to say what was lost */
    struct journal_lost lost;
    uint64_t epoch;
};

static enum status count(const struct facts *facts, enum books_table table, uint64_t *ret_count, struct err *err)
{
    return tables_count(facts->books, table, ret_count, err);
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
    return status;
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

static int say_json(struct session *session, const struct facts *facts, const struct state *state)
{
    struct books *books = session_books(session);
    return out_json(session_cli(session),
                    json_pack("{s:s, s:s, s:s, s:I, s:{s:I, s:s, s:s}, s:{s:s, s:s, s:I}, s:{s:I, s:I, s:I, s:I, s:I}, "
                              "s:s, s:b}",
                              "book", book_id(session_book(session)), "name", member_text(state->charter, "name"),
                              "clock", member_text(state->charter, "clock"), "engine",
                              (json_int_t)member_integer(state->charter, "engine"), "head", "seq",
                              (json_int_t)(state->entries - 1), "hash", state->head_hash, "time", state->head_time,
                              "policy", "hash", state->policy_hash, "name", facts->policy->name, "seq",
                              (json_int_t)facts->policy_seq, "counts", "documents", (json_int_t)state->documents,
                              "waiting", (json_int_t)state->waiting, "users", (json_int_t)state->users, "customers",
                              (json_int_t)state->customers, "invoices", (json_int_t)state->invoices, "mode", "embedded",
                              "rebuilt", books->rebuilt));
}

static enum status say(struct session *session, const struct facts *facts, const struct state *state, struct err *err)
{
    const struct cli *cli = session_cli(session);
    const struct books *books = session_books(session);
    char a[GROUPED_BYTES], b[GROUPED_BYTES], c[GROUPED_BYTES], hash[HASH_SHOWN_BYTES];
    struct block *block = block_new(cli);
    block_head(block, STYLE_STRONG, member_text(state->charter, "name"), "%s", book_address(session_book(session)));
    block_line(block, "book id", "%s", book_id(session_book(session)));
    present_hash(state->head_hash, hash);
    block_line(block, "head", "entry %s   %s   %.10s %.8s", terminal_group_integer((int64_t)state->entries - 1, a),
               hash, state->head_time, state->head_time + 11);
    block_line(block, "documents", "%s, %s waiting", terminal_group_integer((int64_t)state->documents, a),
               terminal_group_integer((int64_t)state->waiting, b));
    block_line(block, "masters", "%s customers, %s invoices, %s users",
               terminal_group_integer((int64_t)state->customers, a),
               terminal_group_integer((int64_t)state->invoices, b), terminal_group_integer((int64_t)state->users, c));
    present_hash(state->policy_hash, hash);
    block_line(block, "policy", "%s   %s   in force since entry %s", facts->policy->name, hash,
               terminal_group_integer((int64_t)facts->policy_seq, a));
    block_line(block, "clock", "%s%s", member_text(state->charter, "clock"),
               session_is_simulated(session) ? "   SIMULATED: times are what statements say" : "");
    block_line(block, "engine", "%d%s", (int)member_integer(state->charter, "engine"),
               member_integer(state->charter, "engine") == 0 ? "   draft: not frozen" : "");
    if (state->epoch > 0)
        block_line(block, "epoch", "%llu   entries were lost: countersign exceptions --only restores",
                   (unsigned long long)state->epoch);
    if (state->lost_due)
        block_line(block, "lost", "entries %llu to %llu: nothing is let in before two officers have said so",
                   (unsigned long long)state->lost.kept, (unsigned long long)state->lost.to);
    block_line(block, "mode", "embedded   whoever holds the files could go round the controls");
    block_line(block, "books", "%s",
               books->rebuilt        ? "rebuilt from the journal just now"
               : books->applied != 0 ? "brought in step with the journal just now"
                                     : "in step with the journal");
    enum status status = block_print(block, err);
    block_free(block);
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
    if (status == STATUS_OK && cli->json)
        answered = say_json(session, facts, &state);
    else if (status == STATUS_OK)
        status = say(session, facts, &state, &err);
    if (status != STATUS_OK)
        answered = cli_error(cli, &err);
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
