/*
 * countersign load: a file of a feed into the book, for one entity. The whole file is read and checked first, against
 * itself and the books; nothing is sent while a single row is wrong. Then it is read again, part by part, so that memory
 * does not grow with the file (but for its ids). Names of customers go beside the journal, their salted hashes into it.
 * What differs between feeds is in their formats (feed_parts.h) and in the gate's table (feed_sort.h).
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli/attributes.h"
#include "cli/block.h"
#include "cli/book.h"
#include "cli/commands.h"
#include "cli/compose.h"
#include "cli/feed_file.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "controls/feed_sort.h"
#include "ledger/beside.h"
#include "ledger/books.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/random.h"
#include "ledger/schema.h"
#include "ledger/text.h"

enum { PROBLEMS_SHOWN = 100, BATCHES_MAX = 100000 }; /* a century of days */

/* Rows that travel as one file of the feed. */
struct batch {
    struct feed_manifest manifest;
    bool has_at;
    int64_t at_ms;
    int64_t line; /* of its first record */
};

struct load {
    struct cli *cli;
    const struct options *options;
    struct session *session;
    const struct feed_format *format;
    const struct feed_sort *sort;
    const char *entity;
    const char *path;
    const struct facts *facts; /* while the file is checked */
    struct feed_reader *reader;
    json_t *ids;      /* those in the file, as members */
    json_t *problems; /* texts, with --json */
    int64_t problem_count;
    struct batch *batches;
    size_t batch_count;
    size_t batch_room;
    int64_t records;
    int64_t sequence;             /* of the first batch */
    bool has_attributes;          /* some customer has one */
    struct attributes attributes; /* then open */
    bool begun_again;             /* an unfinished file of that sequence is in the books */
};

static void note_problem(void *context, const struct err *err)
{
    struct load *load = context;
    if (load->problem_count++ >= PROBLEMS_SHOWN)
        return;
    if (load->cli->json) {
        json_array_append_new(load->problems, json_string(err->text));
        return;
    }
    terminal_print_text(load->cli->err, err->text);
    fputc('\n', load->cli->err);
}

/* Checks against the books */

static enum status check_record(struct load *load, const struct feed_record *made, struct err *err)
{
    const struct books_key key = books_key_pair(load->entity, made->id);
    json_t *customer = NULL;
    bool there = false;
    if (json_object_get(load->ids, made->id) != NULL)
        feed_reader_problem(load->reader, made, "stands further up in the file too");
    else if (json_object_set_new(load->ids, made->id, json_true()) != 0)
        return err_set(err, STATUS_MEMORY, "no memory for the ids of the file");
    enum status status = books_has(load->facts->books, load->sort->table, &key, &there, err);
    if (status == STATUS_OK && there && !load->sort->follows)
        feed_reader_problem(load->reader, made, "is in the books already; a feed creates, it never changes");
    if (status == STATUS_OK && load->sort->of_customer) {
        status = facts_customer(load->facts, load->entity, member_text(made->record, "customer"), &customer, err);
        if (status == STATUS_OK && customer == NULL)
            feed_reader_problem(load->reader, made, "customer %s is not in the books",
                                member_text(made->record, "customer"));
        json_decref(customer);
    }
    return status == STATUS_OK ? feed_reader_check(load->reader, load->facts, load->entity, made, err) : status;
}

/* Batches */

static enum status new_batch(struct load *load, struct err *err)
{
    if (load->batch_count == BATCHES_MAX)
        return err_set(err, STATUS_LIMIT, "%s: more than %d different times", load->path, BATCHES_MAX);
    if (load->batch_count == load->batch_room) {
        size_t room = load->batch_room == 0 ? 16 : load->batch_room * 2;
        struct batch *more = realloc(load->batches, room * sizeof *more);
        if (more == NULL)
            return err_set(err, STATUS_MEMORY, "no memory for the batches of %s", load->path);
        load->batches = more;
        load->batch_room = room;
    }
    load->batches[load->batch_count] = (struct batch){
        .manifest = {
            .format = load->format, .entity = load->entity, .sequence = load->sequence + (int64_t)load->batch_count}};
    load->batch_count++;
    return STATUS_OK;
}

static void check_at(struct load *load, const struct feed_record *made, const struct batch *before)
{
    char time[INSTANT_TEXT_BYTES];
    if (made->has_at && !session_is_simulated(load->session))
        feed_reader_problem(load->reader, made, "at is for books with a simulated clock");
    if (before == NULL || (before->has_at == made->has_at && before->at_ms <= made->at_ms))
        return;
    instant_format(before->at_ms, time);
    if (before->has_at)
        feed_reader_problem(load->reader, made, "at goes back behind %s of the row before", time);
    else
        feed_reader_problem(load->reader, made, "at is given here, but not in the row before");
}

static enum status count_record(struct load *load, const struct feed_record *made, struct err *err)
{
    struct batch *batch = load->batch_count > 0 ? &load->batches[load->batch_count - 1] : NULL;
    check_at(load, made, batch);
    if (batch == NULL || batch->has_at != made->has_at || batch->at_ms != made->at_ms) {
        enum status status = new_batch(load, err);
        if (status != STATUS_OK)
            return status;
        batch = &load->batches[load->batch_count - 1];
        batch->has_at = made->has_at;
        batch->at_ms = made->at_ms;
        batch->line = made->line;
        memcpy(batch->manifest.currency, made->currency, sizeof batch->manifest.currency);
    }
    load->records++;
    for (int i = 0; i < ATTRIBUTE_COUNT; i++)
        load->has_attributes = load->has_attributes || made->attributes[i] != NULL;
    batch->manifest.count++;
    if (load->sort->total == NULL)
        return STATUS_OK;
    if (strcmp(batch->manifest.currency, made->currency) != 0)
        feed_reader_problem(load->reader, made, "in %s, the file began in %s: one file has one currency",
                            made->currency, batch->manifest.currency);
    return money_add(batch->manifest.total_minor, made->amount_minor, &batch->manifest.total_minor, err);
}

static enum status check_rows(struct load *load, struct err *err)
{
    struct progress progress;
    bool more = true;
    progress_begin(&progress, load->cli, "checking records", 0);
    enum status status = feed_reader_open(load->path, load->format, note_problem, load, &load->reader, err);
    while (status == STATUS_OK) {
        struct feed_record made = {.record = NULL};
        status = feed_reader_next(load->reader, &made, &more, err);
        if (status != STATUS_OK || !more)
            break;
        status = check_record(load, &made, err);
        if (status == STATUS_OK)
            status = count_record(load, &made, err);
        feed_record_done(&made);
        progress_step(&progress, load->records);
    }
    progress_end(&progress);
    feed_reader_close(load->reader);
    load->reader = NULL;
    return status;
}

/* An empty file still takes its number: nothing happened that day. */
static enum status add_empty(struct load *load, struct err *err)
{
    const struct policy_entity *entity = policy_find_entity(load->facts->policy, load->entity);
    enum status status = new_batch(load, err);
    if (status == STATUS_OK && entity == NULL)
        status = err_set(err, STATUS_INPUT, "--entity: the policy has no entity of this name");
    if (status == STATUS_OK)
        snprintf(load->batches[0].manifest.currency, sizeof load->batches[0].manifest.currency, "%s", entity->currency);
    return status;
}

static enum status read_sequence(struct load *load, struct err *err)
{
    json_t *file = NULL;
    const struct books_key key = books_key_pair(load->entity, load->sort->name);
    enum status status = books_get(load->facts->books, BOOKS_FILES, &key, &file, err);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    load->sequence = member_integer(file, "closed") + 1;
    load->begun_again = json_object_get(file, "open") != NULL;
    json_decref(file);
    return STATUS_OK;
}

/* Control totals that the user brings from the ERP */

static enum status check_count(const struct load *load, struct err *err)
{
    int64_t count = load->records;
    enum status status = options_number(load->options, "count", 0, INT64_MAX, &count, err);
    if (status == STATUS_OK && count != load->records)
        status = err_set(err, STATUS_INPUT, "%s holds %lld records, --count says %lld; nothing was sent", load->path,
                         (long long)load->records, (long long)count);
    return status;
}

static enum status check_total(const struct load *load, struct err *err)
{
    const char *given = options_text(load->options, "total");
    char wanted[MONEY_TEXT_MAX], found[MONEY_TEXT_MAX];
    int64_t sum = 0;
    enum status status = STATUS_OK;
    if (given == NULL)
        return STATUS_OK;
    if (load->sort->total == NULL)
        return err_set(err, STATUS_INPUT, "--total: %s have no amounts to add up", load->sort->name);
    const char *currency = load->batches[0].manifest.currency;
    for (size_t i = 0; status == STATUS_OK && i < load->batch_count; i++) {
        if (strcmp(load->batches[i].manifest.currency, currency) != 0)
            return err_set(err, STATUS_INPUT, "--total: the file has amounts in %s and %s", currency,
                           load->batches[i].manifest.currency);
        status = money_add(sum, load->batches[i].manifest.total_minor, &sum, err);
    }
    if (status == STATUS_OK) {
        status = compose_amount(given, currency, wanted, err);
        if (status != STATUS_OK)
            err_prefix(err, "--total ");
    }
    if (status != STATUS_OK)
        return status;
    money_format(sum, currency_digits(currency), found);
    if (strcmp(found, wanted) != 0)
        return err_set(err, STATUS_INPUT, "%s adds up to %s %s, --total says %s; nothing was sent", load->path, found,
                       currency, wanted);
    return STATUS_OK;
}

/* Everything that can be known before a single statement is made. */
static enum status check_file(struct load *load, struct err *err)
{
    enum status status = session_begin_facts(load->session, &load->facts, err);
    if (status != STATUS_OK)
        return status;
    status = read_sequence(load, err);
    if (status == STATUS_OK)
        status = check_rows(load, err);
    if (status == STATUS_OK && load->batch_count == 0)
        status = add_empty(load, err);
    if (status == STATUS_OK && load->problem_count == 0)
        status = check_count(load, err);
    if (status == STATUS_OK && load->problem_count == 0)
        status = check_total(load, err);
    if (status == STATUS_OK && load->has_attributes)
        status = attributes_open(load->facts, session_book(load->session), &load->attributes, err);
    session_end_facts(load->session);
    load->facts = NULL;
    return status;
}

static int show_problems(struct load *load)
{
    if (load->problem_count > PROBLEMS_SHOWN && !load->cli->json)
        fprintf(load->cli->err, "and %lld more\n", (long long)(load->problem_count - PROBLEMS_SHOWN));
    if (load->cli->json)
        (void)out_json(load->cli, json_pack("{s:I, s:O}", "problem_count", (json_int_t)load->problem_count, "problems",
                                            load->problems));
    return cli_fail(load->cli, STATUS_INPUT, "%s: %lld %s; nothing was sent", load->path,
                    (long long)load->problem_count, load->problem_count == 1 ? "problem" : "problems");
}

/* Sending */

struct sending {
    struct load *load;
    struct feed_cutter cutter;
    const struct batch *batch;
    struct progress *progress;
    int64_t sent;       /* records, over all batches */
    uint64_t first_seq; /* of the batch */
    uint64_t last_seq;
    json_t *refused; /* the answers, when a part was */
    json_t *noted;   /* the flags of the batch's parts; NULL: none */
};

static enum status keep_name(struct load *load, const struct feed_record *made, struct err *err)
{
    uint8_t salt[PERSONAL_SALT_BYTES];
    char hex[HASH_HEX_CHARS + 1];
    struct hash hash;
    if (made->name == NULL)
        return STATUS_OK;
    if (load->cli->dry_run) {
        hash_of("", 0, &hash); /* nothing is kept: only the place is filled */
    } else {
        random_fill(&load->cli->random, salt, sizeof salt);
        enum status status =
            book_personal_put(session_book(load->session), salt, slice_of(made->name, strlen(made->name)), &hash, err);
        if (status != STATUS_OK)
            return status;
    }
    hash_to_hex(&hash, hex);
    return json_object_set_new(made->record, "personal", json_string(hex)) == 0
               ? STATUS_OK
               : err_set(err, STATUS_MEMORY, "no memory for a record");
}

static enum status send_body(struct sending *sending, json_t *body, struct err *err)
{
    struct gate_answer answer = {.decision = NULL};
    enum status status = session_submit(sending->load->session, VERB_FEED, body, false, &answer, NULL, err);
    json_decref(body);
    if (status != STATUS_OK)
        return status;
    const json_t *result = json_array_get(json_object_get(answer.decision, "results"), 0);
    const char *outcome = member_text(result, "outcome");
    if (outcome == NULL || strcmp(outcome, "refused") == 0) {
        sending->refused = json_deep_copy(json_object_get(result != NULL ? result : answer.decision, "controls"));
    } else if (json_array_size(json_object_get(result, "controls")) > 0) {
        sending->noted = sending->noted != NULL ? sending->noted : json_array();
        json_array_extend(sending->noted, json_object_get(result, "controls"));
    }
    sending->last_seq = answer.seq;
    if (sending->cutter.part == 1)
        sending->first_seq = answer.seq;
    gate_answer_done(&answer);
    return STATUS_OK;
}

/* One or two bodies that became ready. In a dry run only a first part can be asked about. */
static enum status send_ready(struct sending *sending, json_t *body, struct err *err)
{
    enum status status = STATUS_OK;
    while (status == STATUS_OK && body != NULL && sending->refused == NULL) {
        if (sending->load->cli->dry_run && (sending->batch != sending->load->batches || sending->cutter.part > 1))
            json_decref(body);
        else
            status = send_body(sending, body, err);
        body = feed_cutter_more(&sending->cutter);
    }
    json_decref(body);
    progress_step(sending->progress, sending->sent);
    return status;
}

static enum status changed(const struct load *load, struct err *err)
{
    return err_set(err, STATUS_INPUT, "%s: changed while it was being read; load it again", load->path);
}

static enum status send_record(struct sending *sending, struct feed_record *made, struct err *err)
{
    json_t *body = NULL;
    if (sending->batch->has_at != made->has_at || sending->batch->at_ms != made->at_ms)
        return changed(sending->load, err);
    enum status status = keep_name(sending->load, made, err);
    if (status == STATUS_OK && sending->load->has_attributes)
        status = attributes_set(&sending->load->attributes, made->attributes, made->record, err);
    if (status == STATUS_OK)
        status = feed_cutter_add(&sending->cutter, made->record, &body, err);
    sending->sent++;
    return status == STATUS_OK && body != NULL ? send_ready(sending, body, err) : status;
}

static enum status send_batch(struct sending *sending, struct err *err)
{
    const struct batch *batch = sending->batch;
    struct load *load = sending->load;
    enum status status = feed_cutter_init(&sending->cutter, &batch->manifest, err);
    if (status == STATUS_OK && batch->has_at)
        status = session_set_time(load->session, batch->at_ms, err);
    if (status == STATUS_OK && batch->manifest.count == 0) {
        json_t *body = NULL;
        status = feed_cutter_empty(&sending->cutter, &body, err);
        if (status == STATUS_OK)
            status = send_ready(sending, body, err);
    }
    for (int64_t i = 0; status == STATUS_OK && sending->refused == NULL && i < batch->manifest.count; i++) {
        struct feed_record made = {.record = NULL};
        bool more = false;
        status = feed_reader_next(load->reader, &made, &more, err);
        if (status == STATUS_OK && !more)
            status = changed(load, err);
        if (status == STATUS_OK)
            status = send_record(sending, &made, err);
        feed_record_done(&made);
    }
    return status;
}

static json_t *batch_json(const struct sending *sending)
{
    const struct feed_manifest *manifest = &sending->batch->manifest;
    char total[MONEY_TEXT_MAX];
    json_t *object = json_pack("{s:I, s:s, s:s, s:s, s:I, s:I}", "count", (json_int_t)manifest->count, "entity",
                               manifest->entity, "feed", feed_format_name(manifest->format), "outcome",
                               sending->refused != NULL      ? "refused"
                               : sending->load->cli->dry_run ? "would-close"
                                                             : "closed",
                               "parts", (json_int_t)sending->cutter.part, "sequence", (json_int_t)manifest->sequence);
    if (sending->load->sort->total != NULL) {
        money_format(manifest->total_minor, currency_digits(manifest->currency), total);
        json_object_set_new(object, "currency", json_string(manifest->currency));
        json_object_set_new(object, "total", json_string(total));
    }
    if (sending->refused != NULL)
        json_object_set_new(object, "controls", present_controls_json(sending->refused));
    else if (sending->noted != NULL)
        json_object_set_new(object, "controls", present_controls_json(sending->noted));
    if (!sending->load->cli->dry_run) {
        json_object_set_new(object, "first_seq", json_integer((json_int_t)sending->first_seq));
        json_object_set_new(object, "last_seq", json_integer((json_int_t)sending->last_seq));
    }
    return object;
}

static void batch_lines(const struct sending *sending, struct block *block)
{
    const struct feed_manifest *manifest = &sending->batch->manifest;
    const struct load *load = sending->load;
    char money[MONEY_SHOWN_BYTES], first[GROUPED_BYTES], last[GROUPED_BYTES], time[INSTANT_TEXT_BYTES];
    if (sending->load->sort->total != NULL) {
        present_minor(manifest->total_minor, manifest->currency, money);
        block_line(block, "total", "%s", money);
    }
    if (sending->batch->has_at) {
        instant_format(sending->batch->at_ms, time);
        block_line(block, "at", "%s", time);
    }
    if (load->begun_again && sending->batch == load->batches)
        block_line(block, "noted", "an unfinished file of this number was begun anew");
    if (sending->refused != NULL) {
        present_controls(block, sending->refused);
        block_line(block, "part", "%lld: nothing of this file counts until it is loaded whole",
                   (long long)sending->cutter.part);
    }
    present_flags(block, sending->noted);
    if (load->cli->dry_run)
        return;
    block_line(block, "entry", "%s%s%s   signed by %s", terminal_group_integer((int64_t)sending->first_seq, first),
               sending->last_seq != sending->first_seq ? " to " : "",
               sending->last_seq != sending->first_seq ? terminal_group_integer((int64_t)sending->last_seq, last) : "",
               session_user(load->session));
}

static enum status show_batch(const struct sending *sending, struct err *err)
{
    const struct feed_manifest *manifest = &sending->batch->manifest;
    struct cli *cli = sending->load->cli;
    char count[GROUPED_BYTES], id[64];
    if (cli->json) {
        (void)out_json(cli, batch_json(sending));
        return STATUS_OK;
    }
    struct block *block = block_new(cli);
    snprintf(id, sizeof id, "%s %lld", feed_format_name(manifest->format), (long long)manifest->sequence);
    block_head(block, sending->refused != NULL ? STYLE_BAD : STYLE_STRONG, id, "%s %s  %s  in %lld %s%s",
               terminal_group_integer(manifest->count, count), manifest->count == 1 ? "record" : "records",
               manifest->entity, (long long)sending->cutter.part, sending->cutter.part == 1 ? "part" : "parts",
               sending->refused != NULL ? "  refused"
               : cli->dry_run           ? "  would be loaded"
                                        : "");
    batch_lines(sending, block);
    enum status status = block_print(block, err);
    block_free(block);
    return status;
}

static void ignore_problem(void *context, const struct err *err)
{
    (void)context;
    (void)err;
}

static enum status send_file(struct load *load, int *ret_exit, struct err *err)
{
    struct progress progress;
    struct sending sending = {.load = load, .progress = &progress};
    const struct signer *signer = NULL;
    enum status status = feed_reader_open(load->path, load->format, ignore_problem, NULL, &load->reader, err);
    if (status == STATUS_OK && !load->cli->dry_run)
        status = session_signer(load->session, &signer, err); /* any passphrase before the progress line */
    progress_begin(&progress, load->cli, load->cli->dry_run ? "trying records" : "loading records", load->records);
    for (size_t i = 0; status == STATUS_OK && sending.refused == NULL && i < load->batch_count; i++) {
        sending.batch = &load->batches[i];
        status = send_batch(&sending, err);
        progress_end(&progress);
        if (status == STATUS_OK)
            status = show_batch(&sending, err);
        feed_cutter_done(&sending.cutter);
        json_decref(sending.noted);
        sending.noted = NULL;
    }
    progress_end(&progress);
    feed_reader_close(load->reader);
    load->reader = NULL;
    *ret_exit = sending.refused != NULL ? EXIT_REFUSED : EXIT_DONE;
    json_decref(sending.refused);
    return status;
}

static enum status begin(struct load *load, struct err *err)
{
    load->path = options_argument(load->options, 1);
    load->entity = options_text(load->options, "entity");
    load->ids = json_object();
    load->problems = json_array();
    if (load->ids == NULL || load->problems == NULL)
        return err_set(err, STATUS_MEMORY, "no memory to load a file");
    enum status status = feed_format_find(options_argument(load->options, 0), &load->format, err);
    if (status == STATUS_OK)
        load->sort = feed_format_sort(load->format);
    if (status == STATUS_OK && !text_is_code(load->entity, strlen(load->entity)))
        status = err_set(err, STATUS_INPUT, "--entity: a code of A-Z, 0-9, - and _");
    if (status == STATUS_OK)
        status = session_open(load->cli, load->options, SESSION_WRITE, &load->session, err);
    return status == STATUS_OK ? check_file(load, err) : status;
}

static int run(struct cli *cli, const struct options *options)
{
    struct load load = {.cli = cli, .options = options};
    struct err err = {0};
    int answer = EXIT_DONE;
    enum status status = begin(&load, &err);
    if (status == STATUS_OK && load.problem_count > 0)
        answer = show_problems(&load);
    else if (status == STATUS_OK)
        status = send_file(&load, &answer, &err);
    if (status != STATUS_OK)
        answer = cli_error(cli, &err);
    session_close(load.session);
    json_decref(load.ids);
    attributes_close(&load.attributes);
    json_decref(load.problems);
    free(load.batches);
    return answer;
}

static const struct option_spec options_of_load[] = {
    {"entity", 0, "CODE", "the legal entity that the file is of", OPTION_REQUIRED},
    {"count", 0, "NUMBER", "how many records the source system counted: a file with another number is not sent", 0},
    {"total", 0, "AMOUNT", "what the source system's amounts add up to: another sum is not sent", 0},
    {0},
};

const struct command command_load = {
    .name = "load",
    .summary = "brings customers, invoices, cash, people, contacts, contracts, reads, orders or acknowledgements in "
               "from a CSV file",
    .arguments = "FEED FILE.csv",
    .text =
        "The first row names the columns, in any order.\n\n"
        "customers: customer,group,currency,limit,terms_days,related,name. "
        "invoices: invoice,customer,date,due,currency,tax_code,net,tax,rebills; adjacent rows of one invoice are its "
        "tax codes, rebills is the reference of the rebill that it closes. "
        "cash: receipt,customer,date,currency,amount,invoice,applied; adjacent rows of one receipt are what it was "
        "applied to. "
        "people: event,person,change,date,manager,successor; change is join, move or leave. "
        "contacts: contact,customer,date,channel,outcome,until; until is of a promise-to-pay. "
        "contracts: contract,customer,currency,from,device,meter,pool,allowance,rate; one row a meter, adjacent rows "
        "of one contract are its meters, and a pool's allowance and rate stand in its first row. "
        "reads: read,contract,device,meter,date,value,source,invoice,line,final,start; final and start are of a "
        "counter that was exchanged. "
        "orders: order,customer,date,currency,amount,state, which is held, delivered or cancelled. "
        "acknowledgements: delivery,date,currency,amount,state,erp,reason; state is posted or reversed, with the "
        "number "
        "of the ERP, or rejected, with a reason.\n\n"
        "In a book with a simulated clock a column at gives the time; a new time begins a new file.\n\n"
        "Every row is checked before any is sent. Files of one feed are numbered without gaps, and count when "
        "their last part is in.",
    .example = "countersign load invoices 2026-07-01.csv --entity US01 --count 412 --total 181220.15",
    .group = GROUP_FEEDS,
    .flags = COMMAND_BOOK | COMMAND_WRITES,
    .arguments_min = 2,
    .arguments_max = 2,
    .options = options_of_load,
    .run = run,
};
