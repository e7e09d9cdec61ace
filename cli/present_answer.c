/*
 * What a statement came to, result by result, and the entry that records it. Believes the decision; asks the books only
 * for what makes it readable (what an invoice has left, who could sign).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "cli/present.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "controls/control.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

enum { SIGNERS_SHOWN = 6, SIGNERS_BYTES = 1024 };

struct shown {
    struct session *session;
    struct cli *cli;
    const struct facts *facts;
    const struct statement *statement;
    const struct gate_answer *answer;
    struct block *block; /* NULL with --json */
    bool dry_run;
    bool refused;
};

static bool is_outcome(const json_t *result, const char *outcome)
{
    const char *text = member_text(result, "outcome");
    return text != NULL && strcmp(text, outcome) == 0;
}

/*
 * The document that result i is about: as the books have it, else in the statement, or what an item names. One may bring what one
 * may not read: with no function, a rotation of one's own key. Then the statement says it.
 */
static enum status result_record(const struct shown *shown, size_t i, const json_t *result, json_t **ret_record,
                                 struct err *err)
{
    const json_t *document = statement_document(shown->statement, i);
    const json_t *item = json_array_get(statement_list(shown->statement), i);
    const char *number = member_text(result, "document");
    struct actor actor = {.person = ""};
    *ret_record = NULL;
    if (number == NULL)
        number = member_text(item, "document");
    if (number != NULL && (!shown->dry_run || document == NULL)) {
        enum status status = facts_document(shown->facts, number, ret_record, err);
        if ((status != STATUS_OK && status != STATUS_PERMISSION) || *ret_record != NULL)
            return status;
    }
    if (document == NULL)
        return STATUS_OK;
    enum status status = facts_actor(shown->facts, shown->statement->actor, &actor, NULL);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND && status != STATUS_PERMISSION)
        return status;
    const char *entity = member_text(document, "entity");
    *ret_record =
        json_pack("{s:s, s:s, s:O, s:[{s:s}], s:[]}", "entity", entity != NULL ? entity : "", "kind",
                  member_text(document, "kind"), "document", document, "makers", "person", actor.person, "approvals");
    return *ret_record != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a document");
}

/* "invoice 581483" is told what it has left to take. */
static void add_left(const struct shown *shown, const json_t *document, char ret_text[static SUMMARY_BYTES])
{
    const json_t *allocations = json_object_get(document, "allocations");
    json_t *invoice = NULL;
    if (json_array_size(allocations) != 1)
        return;
    const char *entity = member_text(document, "entity");
    const char *id = member_text(json_array_get(allocations, 0), "invoice");
    if (entity != NULL && id != NULL && facts_invoice(shown->facts, entity, id, &invoice, NULL) == STATUS_OK &&
        invoice != NULL) {
        char money[MONEY_SHOWN_BYTES];
        size_t used = strlen(ret_text);
        present_minor(member_integer(invoice, "open"), member_text(invoice, "currency"), money);
        money[strcspn(money, " ")] = '\0';
        snprintf(ret_text + used, SUMMARY_BYTES - used, ", %s open", money);
    }
    json_decref(invoice);
}

static void levels_text(const json_t *levels, char *ret_text, size_t size)
{
    size_t used = 0;
    ret_text[0] = '\0';
    for (size_t i = 0; i < json_array_size(levels) && used < size; i++)
        used += (size_t)snprintf(ret_text + used, size - used, "%slevel %d", i > 0 ? ", " : "",
                                 (int)json_integer_value(json_array_get(levels, i)));
}

static void names_text(const json_t *users, char ret_text[static SIGNERS_BYTES])
{
    size_t count = json_array_size(users), used = 0;
    if (count == 0)
        snprintf(ret_text, SIGNERS_BYTES, "nobody yet");
    for (size_t i = 0; i < count && i < SIGNERS_SHOWN; i++)
        used += (size_t)snprintf(ret_text + used, SIGNERS_BYTES - used, "%s%s", i > 0 ? ", " : "",
                                 json_string_value(json_array_get(users, i)));
    if (count > SIGNERS_SHOWN)
        snprintf(ret_text + used, SIGNERS_BYTES - used, " and %zu more", count - SIGNERS_SHOWN);
}

/* [{level, users}] for each level that is still needed; without those whose users may not be read. */
static enum status could_sign(const struct shown *shown, const json_t *record, const json_t *levels, json_t **ret_list,
                              struct err *err)
{
    json_t *list = json_array();
    if (list == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a list of users");
    for (size_t i = 0; i < json_array_size(levels); i++) {
        int level = (int)json_integer_value(json_array_get(levels, i));
        json_t *users = NULL;
        enum status status = present_could_sign(shown->facts, record, level, &users, err);
        if (status == STATUS_PERMISSION)
            continue;
        if (status != STATUS_OK) {
            json_decref(list);
            return status;
        }
        json_array_append_new(list, json_pack("{s:i, s:o}", "level", level, "users", users));
    }
    *ret_list = list;
    return STATUS_OK;
}

static void print_signers(const struct shown *shown, const json_t *list)
{
    char text[2 * SIGNERS_BYTES] = "";
    size_t used = 0;
    for (size_t i = 0; i < json_array_size(list) && used < sizeof text; i++) {
        const json_t *one = json_array_get(list, i);
        char names[SIGNERS_BYTES];
        names_text(json_object_get(one, "users"), names);
        used += (size_t)snprintf(text + used, sizeof text - used, "%slevel %d: %s", i > 0 ? "   " : "",
                                 (int)member_integer(one, "level"), names);
    }
    if (text[0] != '\0')
        block_line(shown->block, "could sign", "%s", text);
}

static void print_waits(const struct shown *shown, const json_t *result, const json_t *signers)
{
    char levels[128];
    const char *until = member_text(result, "until");
    levels_text(json_object_get(result, "levels"), levels, sizeof levels);
    block_line(shown->block, "waits for", "%s%s%.10s", levels, until != NULL ? "   until " : "",
               until != NULL ? until : "");
    present_controls(shown->block, json_object_get(result, "controls"));
    print_signers(shown, signers);
}

/* "refused   C-01 Maker and checker: you prepared ...": the first refusal in the head, the rest below. */
static void print_refused(const struct shown *shown, const json_t *answers, const char *id, const char *summary)
{
    const char *head = shown->dry_run ? "would be refused" : "refused";
    size_t first = 0;
    while (first < json_array_size(answers) &&
           strcmp(member_text(json_array_get(answers, first), "answer"), "deny") != 0)
        first++;
    const json_t *answer = json_array_get(answers, first);
    if (answer == NULL) {
        block_head(shown->block, STYLE_BAD, head, "%s", summary);
    } else {
        char sentence[SENTENCE_BYTES];
        const char *control = member_text(answer, "control");
        const struct control *known = control != NULL ? control_find(control) : NULL;
        answer_sentence(answer, sentence);
        block_head(shown->block, STYLE_BAD, head, "%s%s%s: %s", control != NULL ? control : "",
                   known != NULL ? " " : "", known != NULL ? known->title : "", sentence);
        if (summary[0] != '\0')
            block_line(shown->block, "document", "%s%s%s", id != NULL ? id : "", id != NULL ? "  " : "", summary);
    }
    json_t *rest = json_array();
    for (size_t i = 0; i < json_array_size(answers); i++)
        if (i != first)
            json_array_append(rest, json_array_get(answers, i));
    present_controls(shown->block, rest);
    json_decref(rest);
}

static void print_effective(const struct shown *shown, const json_t *result, const char *id, const char *summary)
{
    const char *number = member_text(result, "number");
    bool posted = is_outcome(result, "posted");
    if (shown->dry_run)
        block_head(shown->block, STYLE_GOOD, posted ? "would post" : "would be in force", "%s", summary);
    else
        block_head(shown->block, STYLE_GOOD, id, "%s%s%s  %s", posted ? "posted" : "in force",
                   number != NULL ? " as " : "", number != NULL ? number : "", summary);
    present_lines(shown->block, shown->facts, "ledger", json_object_get(result, "lines"));
    present_flags(shown->block, json_object_get(result, "controls"));
}

static void print_result(const struct shown *shown, const json_t *result, const json_t *record, const json_t *signers)
{
    const json_t *document = json_object_get(record, "document");
    const char *outcome = member_text(result, "outcome");
    const char *id = member_text(result, "document");
    char summary[SUMMARY_BYTES] = "";
    if (document != NULL)
        present_summary(document, summary);
    if (is_outcome(result, "refused")) {
        print_refused(shown, json_object_get(result, "controls"), id != NULL ? id : member_text(record, "number"),
                      summary);
        print_signers(shown, signers);
    } else if (is_outcome(result, "posted") || is_outcome(result, "in-force")) {
        print_effective(shown, result, id != NULL ? id : "", summary);
    } else if (is_outcome(result, "waiting") || is_outcome(result, "approved")) {
        const char *would = is_outcome(result, "waiting") ? "would wait" : "would be approved";
        if (document != NULL)
            add_left(shown, document, summary);
        block_head(shown->block, STYLE_STRONG, shown->dry_run ? would : id, "%s%s",
                   is_outcome(result, "approved") ? "approved  " : "", summary);
        if (is_outcome(result, "approved"))
            block_line(shown->block, "signed", "level %d", (int)member_integer(result, "level"));
        print_waits(shown, result, signers);
    } else if (is_outcome(result, "repeat")) {
        block_head(shown->block, STYLE_STRONG, id != NULL ? id : "", "was there already  %s", summary);
        present_controls(shown->block, json_object_get(result, "controls"));
    } else {
        block_head(shown->block, STYLE_STRONG, id != NULL ? id : "", "%s%s  %s", shown->dry_run ? "would be " : "",
                   outcome != NULL ? outcome : "", summary);
        present_controls(shown->block, json_object_get(result, "controls"));
    }
}

static int json_result(const struct shown *shown, size_t i, const json_t *result, const json_t *signers)
{
    json_t *object = json_copy((json_t *)result);
    if (object == NULL)
        return out_json(shown->cli, NULL);
    json_object_set_new(object, "index", json_integer((json_int_t)i));
    json_object_set_new(object, "controls", present_controls_json(json_object_get(result, "controls")));
    if (signers != NULL)
        json_object_set(object, "could_sign", (json_t *)signers);
    if (shown->dry_run)
        json_object_set_new(object, "dry_run", json_true());
    return out_json(shown->cli, object);
}

/* The levels that a result still waits for; of a dry run that was refused, those that would be needed besides. */
static json_t *levels_shown(const struct shown *shown, const json_t *result)
{
    const json_t *answers = json_object_get(result, "controls");
    uint16_t levels = levels_from_json(json_object_get(result, "levels"));
    if (shown->dry_run && is_outcome(result, "refused"))
        for (size_t i = 0; i < json_array_size(answers); i++)
            levels |= levels_from_json(json_object_get(json_array_get(answers, i), "levels"));
    return levels_to_json(levels);
}

static enum status show_result(struct shown *shown, size_t i, const json_t *result, struct err *err)
{
    json_t *record = NULL, *signers = NULL, *levels = levels_shown(shown, result);
    enum status status = result_record(shown, i, result, &record, err);
    if (status == STATUS_OK && record != NULL && json_array_size(levels) > 0)
        status = could_sign(shown, record, levels, &signers, err);
    json_decref(levels);
    if (status == STATUS_OK) {
        shown->refused = shown->refused || is_outcome(result, "refused");
        if (shown->cli->json)
            (void)json_result(shown, i, result, signers);
        else
            print_result(shown, result, record, signers);
    }
    json_decref(signers);
    json_decref(record);
    return status;
}

static const char *actor_shown(const struct shown *shown)
{
    return shown->statement->actor[0] != '\0' ? shown->statement->actor : "the founding officers";
}

static void print_entry(const struct shown *shown)
{
    char label[48], hex[HASH_HEX_CHARS + 1], hash[HASH_SHOWN_BYTES], time[INSTANT_TEXT_BYTES];
    if (shown->dry_run) {
        block_line(shown->block, "dry run", "nothing was written");
        return;
    }
    hash_to_hex(&shown->answer->leaf, hex);
    present_hash(hex, hash);
    instant_format(shown->answer->time_ms, time);
    snprintf(label, sizeof label, "entry %llu", (unsigned long long)shown->answer->seq);
    block_line(shown->block, label, "%s   signed by %s   %.10s %.5s%s%s", hash, actor_shown(shown), time, time + 11,
               shown->refused ? "   records the refusal" : "",
               shown->answer->repeated ? "   was there already: this is its first result" : "");
    if (session_is_simulated(shown->session))
        block_line(shown->block, "SIMULATED", "the time is what the statement says");
}

static void json_entry(const struct shown *shown)
{
    char hex[HASH_HEX_CHARS + 1], time[INSTANT_TEXT_BYTES];
    const json_t *decision = shown->answer->decision;
    instant_format(shown->answer->time_ms, time);
    hash_to_hex(&shown->answer->leaf, hex);
    json_t *entry = json_pack("{s:s, s:O, s:s, s:s?, s:b, s:b}", "actor", shown->statement->actor, "controls",
                              json_object_get(decision, "controls"), "do", verb_name(shown->statement->verb), "outcome",
                              member_text(decision, "outcome"), "repeated", shown->answer->repeated, "simulated",
                              session_is_simulated(shown->session));
    if (entry != NULL)
        json_object_set_new(entry, "controls", present_controls_json(json_object_get(decision, "controls")));
    if (entry != NULL && !shown->dry_run) {
        json_object_set_new(entry, "hash", json_string(hex));
        json_object_set_new(entry, "seq", json_integer((json_int_t)shown->answer->seq));
        json_object_set_new(entry, "time", json_string(time));
    }
    json_t *warnings = session_warnings(shown->session);
    if (entry != NULL && warnings != NULL)
        json_object_set(entry, "warnings", warnings);
    json_decref(warnings);
    (void)out_json(shown->cli, entry == NULL ? NULL : json_pack("{s:o}", shown->dry_run ? "dry_run" : "entry", entry));
}

static enum status show_all(struct shown *shown, struct err *err)
{
    const json_t *decision = shown->answer->decision;
    const json_t *results = json_object_get(decision, "results");
    enum status status = STATUS_OK;
    if (is_outcome(decision, "refused")) {
        shown->refused = true;
        if (!shown->cli->json)
            print_refused(shown, json_object_get(decision, "controls"), NULL, "");
    } else if (!shown->cli->json) {
        present_controls(shown->block, json_object_get(decision, "controls"));
    }
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(results); i++)
        status = show_result(shown, i, json_array_get(results, i), err);
    if (status != STATUS_OK)
        return status;
    if (shown->cli->json) {
        json_entry(shown);
        return STATUS_OK;
    }
    print_entry(shown);
    return block_print(shown->block, err);
}

enum status present_answer(struct session *session, const struct statement *statement, const struct gate_answer *answer,
                           int *ret_exit, struct err *err)
{
    struct shown shown = {.session = session,
                          .cli = session_cli(session),
                          .statement = statement,
                          .answer = answer,
                          .dry_run = answer->seq == UINT64_MAX};
    enum status status = session_begin_facts(session, &shown.facts, err);
    if (status != STATUS_OK)
        return status;
    if (!shown.cli->json)
        shown.block = block_new(shown.cli);
    status = show_all(&shown, err);
    block_free(shown.block);
    session_end_facts(session);
    if (status == STATUS_OK)
        *ret_exit = shown.refused ? EXIT_REFUSED : EXIT_DONE;
    return status;
}

static int say_left(struct session *session)
{
    struct cli *cli = session_cli(session);
    const char *to = options_text(session_options(session), "to");
    char hex[HASH_HEX_CHARS + 1];
    struct err err = {0};
    hash_to_hex(&session_statement(session)->hash, hex);
    if (cli->json)
        return out_json(
            cli, json_pack("{s:s, s:s, s:o*}", "left_in", to, "statement", hex, "warnings", session_warnings(session)));
    struct block *block = block_new(cli);
    block_head(block, STYLE_STRONG, "signed", "left in %s, nothing has been submitted", to);
    block_line(block, "statement", "%s", hex);
    block_line(block, "next", "countersign sign %s   (the others), then countersign submit %s", to, to);
    enum status status = block_print(block, &err);
    block_free(block);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

int present_submit(struct session *session, enum verb verb, const json_t *body, bool see)
{
    struct gate_answer answer = {.decision = NULL};
    struct err err = {0};
    bool left = false;
    int answered = EXIT_DONE;
    enum status status = session_submit(session, verb, body, see, &answer, &left, &err);
    if (status == STATUS_OK && left)
        return say_left(session);
    if (status == STATUS_OK)
        status = present_answer(session, session_statement(session), &answer, &answered, &err);
    gate_answer_done(&answer);
    return status == STATUS_OK ? answered : cli_error(session_cli(session), &err);
}
