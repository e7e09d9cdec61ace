/*
 * countersign user show: one user: person, other users of the same person, keys and grants with their states, and every
 * function that comes of them, which is what segregation of duties is judged on.
 */
#include <stdint.h>
#include <string.h>

#include "cli/block.h"
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/reading.h"
#include "cli/session.h"
#include "controls/facts_people.h"
#include "ledger/books.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

struct shown {
    const struct facts *facts;
    const char *user;
    struct block *block; /* NULL with --json */
    json_t *keys;
    json_t *grants;
    json_t *others;
    json_t *functions; /* as members, since users share them */
    json_t *duties;    /* the same */
    json_t *mitigations;
    bool labelled;
};

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory for a user");
}

static const char *label(struct shown *shown, const char *text)
{
    const char *answer = shown->labelled ? "" : text;
    shown->labelled = true;
    return answer;
}

static enum status show_key(void *context, const char *key_text, const json_t *record, struct err *err)
{
    struct shown *shown = context;
    char fingerprint[SSHKEY_FINGERPRINT_CHARS + 1], state[STATE_BYTES];
    govern_fingerprint(key_text, fingerprint);
    govern_key_state(shown->facts, record, state);
    block_line(shown->block, label(shown, "key"), "%s   %s, enrolled %.10s", fingerprint, state,
               member_text(record, "from"));
    return json_array_append_new(shown->keys,
                                 json_pack("{s:s, s:s, s:s, s:s}", "fingerprint", fingerprint, "from",
                                           member_text(record, "from"), "key", key_text, "state", state)) == 0
               ? STATUS_OK
               : no_memory(err);
}

static enum status show_grant(void *context, const json_t *grant, bool *ret_more, struct err *err)
{
    struct shown *shown = context;
    (void)ret_more;
    char state[STATE_BYTES], entities[512];
    json_t *object = json_copy((json_t *)(uintptr_t)grant);
    govern_grant_state(shown->facts, grant, state);
    reading_texts(json_object_get(grant, "entities"), entities, sizeof entities);
    block_line(shown->block, label(shown, "grant"), "%s   %s for %s   %s", member_text(grant, "number"),
               member_text(grant, "role"), entities, state);
    return json_object_set_new(object, "state", json_string(state)) == 0 &&
                   json_array_append_new(shown->grants, object) == 0
               ? STATUS_OK
               : no_memory(err);
}

static enum status take_other(void *context, struct slice key, const json_t *ignored, bool *ret_more, struct err *err)
{
    struct shown *shown = context;
    const uint8_t *zero = memchr(key.bytes, '\0', key.length);
    char user[ID_BYTES_MAX + 1];
    (void)ignored;
    (void)ret_more;
    size_t begin = zero != NULL ? (size_t)(zero - key.bytes) + 1 : key.length;
    if (key.length - begin > ID_BYTES_MAX)
        return err_set(err, STATUS_CORRUPT, "a user's name is too long; run rebuild");
    memcpy(user, key.bytes + begin, key.length - begin);
    user[key.length - begin] = '\0';
    if (strcmp(user, shown->user) == 0)
        return STATUS_OK;
    block_line(shown->block, label(shown, "also"), "%s is the same person", user);
    return json_array_append_new(shown->others, json_string(user)) == 0 ? STATUS_OK : no_memory(err);
}

static enum status take_function(void *context, const struct held_function *held, bool *ret_more, struct err *err)
{
    struct shown *shown = context;
    (void)ret_more;
    return json_object_set_new(shown->functions, held->function, json_string(held->user)) == 0 ? STATUS_OK
                                                                                               : no_memory(err);
}

static void show_functions(const struct shown *shown)
{
    const char *function;
    json_t *ignored;
    char text[4096] = "";
    size_t used = 0;
    json_object_foreach(shown->functions, function, ignored)
    {
        if (used < sizeof text)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used > 0 ? ", " : "", function);
    }
    block_line(shown->block, "functions", "%s", text[0] != '\0' ? text : "none");
}

/* What HR and the journal say of the account: state, manager, last act. json: NULL without --json. */
static enum status show_state(struct shown *shown, const json_t *record, json_t *json, struct err *err)
{
    struct hr_person hr = {.known = false};
    char last[INSTANT_TEXT_BYTES] = "", date[DATE_TEXT_BYTES] = "", moved[INSTANT_TEXT_BYTES] = "";
    int64_t last_ms = 0;
    uint64_t seq = 0;
    bool dormant = false;
    enum status status = facts_hr_person(shown->facts, member_text(record, "person"), &hr, err);
    if (status == STATUS_OK)
        status = facts_dormant(shown->facts, shown->user, member_text(record, "sort"), &dormant, err);
    if (status == STATUS_OK)
        status = facts_last_act(shown->facts, shown->user, &last_ms, &seq, err);
    if (status != STATUS_OK)
        return status;
    const char *state = hr.left ? "left" : dormant ? "dormant" : "active";
    instant_format(last_ms, last);
    if (hr.left)
        date_format(hr.left_date, date);
    if (hr.moved_ms >= 0)
        instant_format(hr.moved_ms, moved);
    block_line(shown->block, "state", "%s%s%s%s%s", state, hr.left ? ", last day " : "", date,
               hr.left && hr.successor[0] != '\0' ? ", succeeded by " : "", hr.left ? hr.successor : "");
    if (hr.manager[0] != '\0')
        block_line(shown->block, "manager", "%s", hr.manager);
    if (moved[0] != '\0')
        block_line(shown->block, "moved", "%.10s", moved);
    block_line(shown->block, "last act", "%.10s %.5s   entry %llu", last, last + 11, (unsigned long long)seq);
    if (json != NULL) {
        json_object_set_new(json, "state", json_string(state));
        json_object_set_new(json, "manager", json_string(hr.manager));
        json_object_set_new(json, "successor", json_string(hr.successor));
        json_object_set_new(json, "last", json_pack("{s:I, s:s}", "seq", (json_int_t)seq, "time", last));
    }
    return STATUS_OK;
}

/* The duties of the policy that a function is in. */
static enum status take_duties(struct shown *shown, struct err *err)
{
    const struct policy *policy = shown->facts->policy;
    const char *function;
    json_t *ignored;
    for (size_t i = 0; i < policy->duty_count; i++)
        json_object_foreach(shown->functions, function, ignored)
        {
            if (duty_has_function(&policy->duties[i], function) &&
                json_object_set_new(shown->duties, policy->duties[i].duty, json_string(policy->duties[i].title)) != 0)
                return no_memory(err);
        }
    return STATUS_OK;
}

static void show_duties(const struct shown *shown)
{
    const char *duty;
    json_t *title;
    bool first = true;
    json_object_foreach(shown->duties, duty, title)
    {
        block_line(shown->block, first ? "duties" : "", "%s   %s", duty, json_string_value(title));
        first = false;
    }
    if (first)
        block_line(shown->block, "duties", "none");
}

static enum status show_mitigation(void *context, struct slice key, const json_t *marker, bool *ret_more,
                                   struct err *err)
{
    struct shown *shown = context;
    json_t *record = NULL;
    (void)key;
    (void)ret_more;
    struct books_key number = books_key(member_text(marker, "number"));
    enum status status = books_get(shown->facts->books, BOOKS_MITIGATIONS, &number, &record, err);
    if (status != STATUS_OK)
        return status;
    const char *revoked = member_text(record, "revoked"), *until = member_text(record, "until");
    const char *reviewed = member_text(record, "reviewed");
    block_line(shown->block, label(shown, "mitigation"), "%s   %s with %s   %s %.10s   control %s of %s, reviewer %s",
               member_text(record, "number"), member_text(record, "a"), member_text(record, "b"),
               revoked != NULL ? "revoked" : "until", revoked != NULL ? revoked : until, member_text(record, "control"),
               member_text(record, "owner"), member_text(record, "reviewer"));
    block_line(shown->block, "", "used %lld times, %lld answered for, last review %.10s",
               (long long)member_integer(record, "uses"), (long long)member_integer(record, "answered"),
               reviewed != NULL ? reviewed : "never");
    return json_array_append_new(shown->mitigations, record) == 0 ? STATUS_OK : no_memory(err);
}

/* Walks everything that belongs to the user; lines and lists are made together. */
static enum status collect(struct shown *shown, const json_t *record, struct err *err)
{
    struct books_key persons = books_key(member_text(record, "person"));
    books_key_close(&persons);
    const struct books_walk person_walk = {
        .table = BOOKS_PERSONS, .prefix = &persons, .step = take_other, .context = shown};
    enum status status = books_each(shown->facts->books, &person_walk, err);
    shown->labelled = false;
    if (status == STATUS_OK)
        status = govern_each_key(shown->facts, shown->user, show_key, shown, err);
    shown->labelled = false;
    if (status == STATUS_OK)
        status = facts_each_grant(shown->facts, shown->user, show_grant, shown, err);
    if (status == STATUS_OK)
        status = facts_person_functions(shown->facts, member_text(record, "person"), take_function, shown, err);
    if (status == STATUS_OK)
        status = take_duties(shown, err);
    shown->labelled = false;
    const struct books_walk mitigation_walk = {
        .table = BOOKS_PERSON_MITIGATIONS, .prefix = &persons, .step = show_mitigation, .context = shown};
    return status == STATUS_OK ? books_each(shown->facts->books, &mitigation_walk, err) : status;
}

static enum status show(struct session *session, const char *user, struct err *err)
{
    struct cli *cli = session_cli(session);
    struct shown shown = {.user = user,
                          .keys = json_array(),
                          .grants = json_array(),
                          .others = json_array(),
                          .functions = json_object(),
                          .duties = json_object(),
                          .mitigations = json_array()};
    json_t *record = NULL, *state = json_object();
    enum status status = session_begin_facts(session, &shown.facts, err);
    if (status == STATUS_OK)
        status = govern_check_user(shown.facts, user, err);
    if (status == STATUS_OK)
        status = facts_user(shown.facts, user, &record, err);
    if (status == STATUS_OK) {
        shown.block = cli->json ? NULL : block_new(cli);
        block_head(shown.block, STYLE_STRONG, user, "%s  person %s", member_text(record, "sort"),
                   member_text(record, "person"));
        status = show_state(&shown, record, shown.block == NULL ? state : NULL, err);
        if (status == STATUS_OK)
            status = collect(&shown, record, err);
    }
    if (status == STATUS_OK && cli->json) {
        json_t *object = json_pack("{s:O, s:O, s:O, s:O, s:O, s:O, s:s, s:s, s:s}", "duties", shown.duties,
                                   "mitigations", shown.mitigations, "functions", shown.functions, "grants",
                                   shown.grants, "keys", shown.keys, "other_users", shown.others, "person",
                                   member_text(record, "person"), "sort", member_text(record, "sort"), "user", user);
        if (object != NULL)
            json_object_update(object, state);
        (void)out_json(cli, object);
    } else if (status == STATUS_OK) {
        show_functions(&shown);
        show_duties(&shown);
        status = block_print(shown.block, err);
    }
    block_free(shown.block);
    json_decref(record);
    json_decref(state);
    json_decref(shown.functions);
    json_decref(shown.duties);
    json_decref(shown.mitigations);
    json_decref(shown.others);
    json_decref(shown.grants);
    json_decref(shown.keys);
    session_end_facts(session);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    struct session *session = NULL;
    struct err err = {0};
    enum status status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = show(session, options_argument(options, 0), &err);
    session_close(session);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

const struct command command_user_show = {
    .name = "user show",
    .summary = "shows one user: person, keys, grants, duties",
    .arguments = "USER",
    .text = "The functions are those of the person, over all of the person's users: duties are judged on "
            "them together.",
    .example = "countersign user show maria.lopez",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK,
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run,
};
