/*
 * Bringing statements to the gate and holding its answers against the model; see the header. Where a call fails or the process
 * dies under the gate, the same bytes are brought again afterwards: whatever had happened, the answer is the same.
 */
#include "tests/sim/world.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "controls/gate.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "ledger/sshsig.h"
#include "ledger/statement.h"
#include "ledger/tree.h"
#include "tests/sim/documents.h"
#include "tests/support/company_check.h"

enum { SECOND_MS = 1000, SKEW_MS = 300 * SECOND_MS };

void sim_wrong(const struct sim_world *world, const char *format, ...)
{
    va_list args;
    fprintf(stderr, "seed %llu, step %d: ", world->seed, world->step);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\n");
    exit(1);
}

/* ---- the statement ---- */

struct sim_act sim_act_of(const struct sim_world *world, int user, int key)
{
    int64_t time_ms = world->real && world->now_ms < world->model.head_ms ? world->model.head_ms : world->now_ms;
    return (struct sim_act){.moment = {.user = user, .key = key, .seen = world->model.size - 1, .now_ms = time_ms},
                            .at_ms = world->now_ms,
                            .extra_key = SIM_NONE,
                            .seen = world->model.size - 1};
}

unsigned sim_ref(struct sim_world *world)
{
    return ++world->refs;
}

int sim_key_of(const struct sim_model *model, int user)
{
    for (int key = model->key_count - 1; key >= 0; key--)
        if (model->keys[key].valid && model->keys[key].user == user)
            return key;
    return SIM_NONE;
}

static void sign(struct sim_world *world, int key, struct sim_kept *kept)
{
    char name[24];
    struct err err;
    uint8_t blob[SSHSIG_BYTES_MAX];
    size_t length;
    if (sshsig_sign(&company_user(&world->company, sim_key_name(key, name))->signer, kept->bytes, kept->length, blob,
                    &length, &err) != STATUS_OK ||
        signature_list_add(&kept->signatures, slice_of(blob, length), &err) != STATUS_OK)
        sim_wrong(world, "cannot sign: %s", err.text);
}

/* Where it goes on among those that are kept. */
static struct sim_kept *kept_new(struct sim_world *world)
{
    struct sim_kept *kept = &world->kept[world->kept_count++ % SIM_KEPT];
    free(kept->bytes);
    memset(kept, 0, sizeof *kept);
    return kept;
}

/* body is stolen. */
static struct sim_kept *statement_new(struct sim_world *world, const struct sim_act *act, enum verb verb, json_t *body)
{
    char user[24], id[32], book[65];
    struct err err;
    struct statement statement;
    struct hash other = world->leaves[act->seen];
    struct sim_kept *kept = kept_new(world);
    other.bytes[0] ^= act->moment.seen_unknown ? 1 : 0;
    snprintf(id, sizeof id, "s-%u", ++world->ids);
    snprintf(book, sizeof book, "%s", gate_book_id(world->company.gate));
    const struct statement_head head = {.verb = verb,
                                        .actor = sim_user_name(act->moment.user, user),
                                        .book = book,
                                        .id = id,
                                        .at_ms = act->at_ms,
                                        .seen_hash = act->seen_null ? NULL : &other,
                                        .seen_seq = act->seen};
    if (statement_make(&head, body, &statement, &err) != STATUS_OK)
        sim_wrong(world, "not a statement: %s", err.text);
    json_decref(body);
    kept->length = statement.length;
    kept->bytes = malloc(statement.length);
    if (kept->bytes == NULL)
        sim_wrong(world, "no memory");
    memcpy(kept->bytes, statement.bytes, statement.length);
    statement_done(&statement);
    sign(world, act->moment.key, kept);
    if (act->extra_key != SIM_NONE && act->extra_key != act->moment.key)
        sign(world, act->extra_key, kept);
    return kept;
}

/* ---- to the gate ---- */

/* As the company opens it. */
static struct gate_options gate_options(struct sim_world *world, bool rebuild)
{
    static const struct gate_facts facts = {
        .release = "0.1.0-test", .exe = "0000000000000000", .mode = "embedded", .os_user = "test"};
    return (struct gate_options){.facts = &facts,
                                 .wait_ms = 1000,
                                 .now_ms = world->company.real_now,
                                 .clock_context = &world->company,
                                 .rebuild = rebuild};
}

static enum status to_gate(struct sim_world *world, const struct sim_kept *kept, struct gate_answer *ret_answer,
                           struct err *err)
{
    return gate_submit(world->company.gate, slice_of(kept->bytes, kept->length), &kept->signatures, ret_answer, err);
}

/* The n-th call that changes a file fails. Afterwards the gate is opened anew, as its word for UNKNOWN says. */
static bool with_failure(struct sim_world *world, const struct sim_kept *kept, struct gate_answer *ret_answer)
{
    struct err err;
    sim_fault_arm(world->trouble_at, world->trouble_errno);
    enum status status = to_gate(world, kept, ret_answer, &err);
    sim_fault_disarm();
    if (status == STATUS_OK)
        return true;
    if (status != STATUS_IO && status != STATUS_FULL && status != STATUS_UNKNOWN)
        sim_wrong(world, "call %d failed and the gate says %s: %s", world->trouble_at, status_name(status), err.text);
    world->failures++;
    company_reopen(&world->company);
    return false;
}

static void child_submits(struct sim_world *world, const struct sim_kept *kept, int acknowledge)
{
    const struct gate_options options = gate_options(world, false);
    struct gate *gate = NULL;
    struct gate_answer answer;
    struct err err;
    sim_fault_arm(world->trouble_at, 0);
    if (gate_open(world->company.book, &options, &gate, &err) != STATUS_OK)
        _exit(2);
    if (gate_submit(gate, slice_of(kept->bytes, kept->length), &kept->signatures, &answer, &err) != STATUS_OK)
        _exit(3);
    if (write(acknowledge, "a", 1) != 1)
        _exit(4);
    gate_close(gate);
    _exit(0);
}

/* Another process brings it and dies at the n-th call. True: it had been acknowledged before. */
static bool with_death(struct sim_world *world, const struct sim_kept *kept)
{
    int ends[2], how = 0;
    char byte;
    gate_close(world->company.gate);
    world->company.gate = NULL;
    if (pipe(ends) != 0)
        sim_wrong(world, "no pipe");
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        child_submits(world, kept, ends[1]);
    }
    close(ends[1]);
    bool acknowledged = child > 0 && read(ends[0], &byte, 1) == 1;
    close(ends[0]);
    if (child < 0 || waitpid(child, &how, 0) != child || (WIFEXITED(how) && WEXITSTATUS(how) != 0) ||
        (WIFSIGNALED(how) && WTERMSIG(how) != SIGKILL))
        sim_wrong(world, "the process that was to be killed at call %d ended with %x", world->trouble_at,
                  (unsigned)how);
    world->deaths += WIFSIGNALED(how);
    company_reopen(&world->company);
    return acknowledged;
}

/* Brings it, whatever happens meanwhile. The answer is the gate's; where trouble came, that to the same bytes brought again. */
static void bring(struct sim_world *world, struct sim_kept *kept, struct gate_answer *ret_answer)
{
    struct err err;
    const uint64_t before = world->model.size - 1; /* the model has counted it already */
    bool done = false, acknowledged = false;
    if (world->trouble == SIM_CALL_FAILS)
        done = acknowledged = with_failure(world, kept, ret_answer);
    else if (world->trouble == SIM_IS_KILLED)
        acknowledged = with_death(world, kept);
    uint64_t size = company_head(&world->company).size;
    bool there = size == before + 1;
    if (size != before && !there)
        sim_wrong(world, "the journal has %llu entries, it had %llu", (unsigned long long)size,
                  (unsigned long long)before);
    if (acknowledged && !there)
        sim_wrong(world, "entry %llu was acknowledged and is gone", (unsigned long long)before);
    if (!done && to_gate(world, kept, ret_answer, &err) != STATUS_OK)
        sim_wrong(world, "not let in: %s", err.text);
    if (!done && ret_answer->repeated != there)
        sim_wrong(world, "entry %llu was %s, and the gate says that it is %s", (unsigned long long)before,
                  there ? "there" : "not there", ret_answer->repeated ? "there already" : "new");
    if (ret_answer->seq != before || company_head(&world->company).size != before + 1)
        sim_wrong(world, "it became entry %llu, not %llu", (unsigned long long)ret_answer->seq,
                  (unsigned long long)before);
    if (ret_answer->time_ms != world->model.head_ms)
        sim_wrong(world, "entry %llu has another time than its statement", (unsigned long long)before);
    if (before >= SIM_ENTRIES)
        sim_wrong(world, "a world of too many entries");
    world->leaves[before] = ret_answer->leaf;
    kept->seq = before;
    world->entries++;
}

/* ---- what it answers ---- */

static int text_order(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void gate_says(const struct sim_world *world, const json_t *controls, struct sim_answers *ret_answers)
{
    memset(ret_answers, 0, sizeof *ret_answers);
    for (size_t i = 0; i < json_array_size(controls); i++) {
        const json_t *answer = json_array_get(controls, i);
        const char *control = member_text(answer, "control"), *code = member_text(answer, "code");
        if (strcmp(member_text(answer, "answer"), "flag") == 0)
            continue;
        if (ret_answers->count == SIM_ANSWERS)
            sim_wrong(world, "the gate answers too much");
        char *text = ret_answers->text[ret_answers->count++];
        if (strcmp(code, "sum") == 0)
            snprintf(text, sizeof ret_answers->text[0], "%s %s %s of %lld", control, code, member_text(answer, "sum"),
                     (long long)member_integer(answer, "count"));
        else
            snprintf(text, sizeof ret_answers->text[0], "%s %s", control, code);
    }
    qsort(ret_answers->text, (size_t)ret_answers->count, sizeof ret_answers->text[0], text_order);
}

/* "C-06 sum 123456 of 3" -> "C-06 sum 1234.56 of 3" */
static void model_says(const struct sim_answers *answers, struct sim_answers *ret_answers)
{
    *ret_answers = *answers;
    for (int i = 0; i < ret_answers->count; i++) {
        long long minor;
        int count;
        char amount[32], *text = ret_answers->text[i];
        if (sscanf(text + 4, " sum %lld of %d", &minor, &count) == 2)
            snprintf(text + 4, sizeof ret_answers->text[0] - 4, " sum %s of %d", sim_amount(minor, amount), count);
    }
    qsort(ret_answers->text, (size_t)ret_answers->count, sizeof ret_answers->text[0], text_order);
}

static void joined(const struct sim_answers *answers, char *ret_text, size_t bytes)
{
    size_t length = 0;
    ret_text[0] = '\0';
    for (int i = 0; i < answers->count && length < bytes; i++)
        length += (size_t)snprintf(ret_text + length, bytes - length, "%s%s", i > 0 ? ", " : "", answers->text[i]);
}

static void answers_compare(struct sim_world *world, const json_t *controls, const struct sim_answers *expected)
{
    struct sim_answers got, wanted;
    char got_text[800], wanted_text[800];
    gate_says(world, controls, &got);
    model_says(expected, &wanted);
    joined(&got, got_text, sizeof got_text);
    joined(&wanted, wanted_text, sizeof wanted_text);
    if (strcmp(got_text, wanted_text) != 0)
        sim_wrong(world, "entry %llu: the gate answers [%s], the model [%s]", (unsigned long long)world->model.size - 1,
                  got_text, wanted_text);
}

static unsigned levels_of(const json_t *levels)
{
    unsigned bits = 0;
    for (size_t i = 0; i < json_array_size(levels); i++)
        bits |= 1U << (json_integer_value(json_array_get(levels, i)) - 1);
    return bits;
}

static const char *outcome_word(const struct sim_world *world, const struct sim_result *result)
{
    static const char *const ends[] = {
        [SIM_REJECTED] = "rejected", [SIM_RETURNED] = "returned", [SIM_WITHDRAWN] = "withdrawn"};
    switch (result->outcome) {
    case SIM_TOOK_EFFECT:
        return result->document != SIM_NONE && sim_is_money(world->model.documents[result->document].content.kind)
                   ? "posted"
                   : "in-force";
    case SIM_WAITS:
        return "waiting";
    case SIM_APPROVED:
        return "approved";
    case SIM_REFUSED:
        return "refused";
    case SIM_REPEAT:
        return "repeat";
    case SIM_ENDED:
        return ends[world->model.documents[result->document].state];
    case SIM_CLOSED:
        break;
    }
    return "closed";
}

static void result_compare(struct sim_world *world, const json_t *got, const struct sim_result *wanted)
{
    char number[32];
    const unsigned long long seq = (unsigned long long)world->model.size - 1;
    answers_compare(world, json_object_get(got, "controls"), &wanted->answers);
    if (strcmp(result_outcome(got), outcome_word(world, wanted)) != 0)
        sim_wrong(world, "entry %llu: the outcome is %s, the model says %s", seq, result_outcome(got),
                  outcome_word(world, wanted));
    if (levels_of(json_object_get(got, "levels")) != wanted->levels)
        sim_wrong(world, "entry %llu: levels %x are open, the model says %x", seq,
                  levels_of(json_object_get(got, "levels")), wanted->levels);
    if (wanted->document != SIM_NONE &&
        strcmp(member_text(got, "document"), sim_number(&world->model, wanted->document, number)) != 0)
        sim_wrong(world, "entry %llu: the document is %s, the model says %s", seq, member_text(got, "document"),
                  number);
    const char *legal = member_text(got, "number");
    if (wanted->legal != 0 && (legal == NULL || strcmp(legal, sim_legal(&world->model, wanted->document, number)) != 0))
        sim_wrong(world, "entry %llu: the legal number is %s, the model says number %d", seq, legal, wanted->legal);
    world->refused += wanted->outcome == SIM_REFUSED;
    world->took_effect += wanted->outcome == SIM_TOOK_EFFECT;
    world->waited += wanted->outcome == SIM_WAITS;
    world->approved += wanted->outcome == SIM_APPROVED;
    world->repeats += wanted->outcome == SIM_REPEAT;
}

/* Brings it and holds the decision against what the model, which has taken it in already, said. */
static void held_against(struct sim_world *world, struct sim_kept *kept, const struct sim_verdict *verdict)
{
    struct gate_answer answer;
    bring(world, kept, &answer);
    const json_t *results = json_object_get(answer.decision, "results");
    if (world->verbose) {
        char *text = json_dumps(answer.decision, JSON_COMPACT);
        printf("step %d: %.*s\n    %s\n", world->step, (int)kept->length, (const char *)kept->bytes, text);
        free(text);
    }
    answers_compare(world, json_object_get(answer.decision, "controls"), &verdict->answers);
    bool refused = strcmp(member_text(answer.decision, "outcome"), "refused") == 0;
    if (refused != verdict->refused || json_array_size(results) != (size_t)verdict->count)
        sim_wrong(world, "entry %llu is %s as a whole", (unsigned long long)answer.seq, refused ? "refused" : "let in");
    for (int i = 0; i < verdict->count; i++)
        result_compare(world, json_array_get(results, (size_t)i), &verdict->results[i]);
    world->refused_whole += refused;
    gate_answer_done(&answer);
    world->now_ms += SECOND_MS;
    sim_compare(world, false);
}

void sim_do_submit(struct sim_world *world, const struct sim_act *act, const struct sim_content *contents, int count,
                   bool atomic)
{
    struct sim_verdict verdict;
    json_t *documents = json_array();
    for (int i = 0; i < count; i++)
        json_array_append_new(documents, sim_document_new(world, &contents[i]));
    struct sim_kept *kept =
        statement_new(world, act, VERB_SUBMIT, json_pack("{s:b, s:o}", "atomic", atomic, "documents", documents));
    sim_submit(&world->model, &act->moment, contents, count, atomic, &verdict);
    held_against(world, kept, &verdict);
}

/* {content, document, version} of an item, a new reference. */
static json_t *item_new(struct sim_world *world, const struct sim_item *item)
{
    char number[24], content[65];
    json_t *record = company_record(&world->company, sim_number(&world->model, item->document, number));
    snprintf(content, sizeof content, "%s", member_text(record, "content"));
    json_decref(record);
    if (item->other_content)
        content[0] = content[0] == '0' ? '1' : '0';
    return json_pack("{s:s, s:s, s:i}", "content", content, "document", number, "version", item->version);
}

void sim_do_amend(struct sim_world *world, const struct sim_act *act, const struct sim_item *item,
                  const struct sim_content *content)
{
    struct sim_verdict verdict;
    json_t *amendment = item_new(world, item);
    json_object_del(amendment, "content");
    json_object_set_new(amendment, "content", sim_document_new(world, content));
    struct sim_kept *kept = statement_new(world, act, VERB_AMEND, json_pack("{s:[o]}", "amendments", amendment));
    sim_amend(&world->model, &act->moment, item, content, &verdict);
    held_against(world, kept, &verdict);
}

void sim_do_approve(struct sim_world *world, const struct sim_act *act, const struct sim_item *item)
{
    struct sim_verdict verdict;
    char behalf[24];
    json_t *one = company_with(item_new(world, item), "level", json_integer(item->level));
    if (item->behalf != SIM_NONE)
        company_with(one, "behalf", json_string(sim_user_name(item->behalf, behalf)));
    struct sim_kept *kept = statement_new(world, act, VERB_APPROVE, json_pack("{s:[o]}", "items", one));
    sim_approve(&world->model, &act->moment, item, &verdict);
    held_against(world, kept, &verdict);
}

void sim_do_end(struct sim_world *world, const struct sim_act *act, const struct sim_item *item, enum sim_end how)
{
    static const enum verb verbs[] = {VERB_REJECT, VERB_RETURN, VERB_WITHDRAW};
    struct sim_verdict verdict;
    json_t *one = company_with(item_new(world, item), "reason", json_string("Not so"));
    struct sim_kept *kept = statement_new(world, act, verbs[how], json_pack("{s:[o]}", "items", one));
    sim_end(&world->model, &act->moment, item, how, &verdict);
    held_against(world, kept, &verdict);
}

void sim_do_feed(struct sim_world *world, const struct sim_act *act, const struct sim_file *file)
{
    struct sim_verdict verdict;
    struct sim_kept *kept = statement_new(world, act, VERB_FEED, sim_file_new(file));
    sim_feed(&world->model, &act->moment, file, &verdict);
    held_against(world, kept, &verdict);
}

/* ---- what leaves no trace ---- */

static void no_entry(struct sim_world *world, const struct sim_kept *kept, const char *what)
{
    struct gate_answer answer;
    struct err err;
    struct journal_head before = company_head(&world->company);
    enum status status = to_gate(world, kept, &answer, &err);
    struct journal_head after = company_head(&world->company);
    if (status == STATUS_OK)
        sim_wrong(world, "%s was let in", what);
    if (after.size != before.size || !hash_equal(&after.leaf, &before.leaf))
        sim_wrong(world, "%s was refused and left an entry", what);
    world->rejected++;
}

void sim_do_again(struct sim_world *world, unsigned which)
{
    struct gate_answer answer;
    struct err err;
    unsigned count = world->kept_count < SIM_KEPT ? world->kept_count : SIM_KEPT;
    struct sim_kept *kept = &world->kept[which % count];
    uint64_t size = company_head(&world->company).size;
    if (kept->bytes == NULL || kept->seq == 0)
        return; /* a forgery */
    if (to_gate(world, kept, &answer, &err) != STATUS_OK)
        sim_wrong(world, "entry %llu brought again: %s", (unsigned long long)kept->seq, err.text);
    if (!answer.repeated || answer.seq != kept->seq || !hash_equal(&answer.leaf, &world->leaves[kept->seq]) ||
        company_head(&world->company).size != size)
        sim_wrong(world, "entry %llu brought again is not the first one", (unsigned long long)kept->seq);
    gate_answer_done(&answer);
    world->repeats++;
}

void sim_do_forge(struct sim_world *world, int user, enum sim_forgery forgery, const struct sim_content *content)
{
    static const char *const words[SIM_FORGERIES] = {"a signature with a bit flipped", "a stranger's key",
                                                     "a statement for another book", "a statement of another time",
                                                     "half a statement"};
    int key = sim_key_of(&world->model, user);
    struct sim_act act = sim_act_of(world, user, forgery == SIM_STRANGER ? SIM_KEYS - 1 : key);
    if (forgery == SIM_WRONG_TIME)
        act.at_ms = world->real ? world->now_ms + SKEW_MS + 1 : world->model.head_ms - 1;
    struct sim_kept *kept = statement_new(world, &act, VERB_SUBMIT, company_one(sim_document_new(world, content)));
    if (forgery == SIM_FLIPPED)
        kept->signatures.items[0].bytes[kept->signatures.items[0].length - 1] ^= 1;
    if (forgery == SIM_CUT)
        kept->length /= 2;
    if (forgery == SIM_OTHER_BOOK) {
        char *at = strstr((char *)kept->bytes, "\"book\":\"");
        at[8] = at[8] == '0' ? '1' : '0';
        kept->signatures.count = 0;
        sign(world, key, kept);
    }
    no_entry(world, kept, words[forgery]);
}

void sim_do_clock(struct sim_world *world, int user, const struct sim_content *content)
{
    char hash[HASH_HEX_CHARS + 1], time[INSTANT_TEXT_BYTES];
    struct sim_verdict verdict = {.count = 1, .results = {{.outcome = SIM_TOOK_EFFECT, .document = SIM_NONE}}};
    struct sim_act act = sim_act_of(world, user, sim_key_of(&world->model, user));
    no_entry(world, statement_new(world, &act, VERB_SUBMIT, company_one(sim_document_new(world, content))),
             "a statement while the head was ahead of the clock");
    act = sim_act_of(world, 0, sim_key_of(&world->model, 0));
    act.extra_key = sim_key_of(&world->model, 1);
    hash_to_hex(&world->leaves[act.seen], hash);
    instant_format(world->now_ms, time);
    struct sim_kept *kept = statement_new(world, &act, VERB_CLOCK,
                                          json_pack("{s:{s:s, s:I}, s:s, s:s}", "head", "hash", hash, "seq",
                                                    (json_int_t)act.seen, "reason", "It ran ahead", "true_time", time));
    sim_clock(&world->model, world->now_ms);
    held_against(world, kept, &verdict);
}

/* ---- the disk ---- */

void sim_do_reopen(struct sim_world *world, bool rebuild)
{
    const struct gate_options options = gate_options(world, true);
    struct gate *gate = NULL;
    struct err err;
    gate_close(world->company.gate);
    world->company.gate = NULL;
    if (rebuild) {
        if (gate_open(world->company.book, &options, &gate, &err) != STATUS_OK)
            sim_wrong(world, "the books cannot be made again: %s", err.text);
        gate_close(gate);
    }
    company_reopen(&world->company);
}

static void tree_of(struct sim_world *world, struct journal_snapshot **ret_snapshot, struct tree_reader *ret_tree)
{
    struct err err;
    if (journal_read_begin(gate_books(world->company.gate)->journal, ret_snapshot, &err) != STATUS_OK)
        sim_wrong(world, "the journal cannot be read: %s", err.text);
    *ret_tree = journal_tree(*ret_snapshot);
}

void sim_do_checkpoint(struct sim_world *world)
{
    struct journal_snapshot *snapshot = NULL;
    struct tree_reader tree;
    struct err err;
    if (world->checkpoint_count == SIM_CHECKPOINTS)
        return;
    tree_of(world, &snapshot, &tree);
    world->checkpoints[world->checkpoint_count].size = world->model.size;
    if (tree_root(&tree, world->model.size, &world->checkpoints[world->checkpoint_count].root, &err) != STATUS_OK)
        sim_wrong(world, "no root: %s", err.text);
    world->checkpoint_count++;
    journal_read_end(snapshot);
}

/* RFC 6962 section 2.1, as it stands there. */
static void naive_root(const struct hash *leaves, uint64_t count, struct hash *ret_root)
{
    struct hash left, right;
    uint64_t half = 1;
    if (count == 1) {
        *ret_root = leaves[0];
        return;
    }
    while (half * 2 < count)
        half *= 2;
    naive_root(leaves, half, &left);
    naive_root(leaves + half, count - half, &right);
    tree_node(&left, &right, ret_root);
}

void sim_checkpoints_hold(struct sim_world *world)
{
    struct journal_snapshot *snapshot = NULL;
    struct tree_reader tree;
    struct err err;
    struct tree_head now = {.size = world->model.size};
    struct hash naive;
    tree_of(world, &snapshot, &tree);
    if (tree_root(&tree, now.size, &now.root, &err) != STATUS_OK)
        sim_wrong(world, "no root: %s", err.text);
    naive_root(world->leaves, now.size, &naive);
    if (!hash_equal(&naive, &now.root))
        sim_wrong(world, "the tree is not that of the entries");
    for (int i = 0; i < world->checkpoint_count; i++) {
        const struct tree_head old = {.size = world->checkpoints[i].size, .root = world->checkpoints[i].root};
        struct tree_proof proof;
        if (tree_prove_consistency(&tree, old.size, now.size, &proof, &err) != STATUS_OK ||
            tree_verify_consistency(&old, &now, &proof, &err) != STATUS_OK)
            sim_wrong(world, "the checkpoint of %llu entries no longer proves: %s", (unsigned long long)old.size,
                      err.text);
    }
    journal_read_end(snapshot);
}

void sim_replay(struct sim_world *world)
{
    company_check(&world->company);
    sim_checkpoints_hold(world);
}
