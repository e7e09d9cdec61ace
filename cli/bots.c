/*
 * Bots switched off and on. A bot without a grant can do nothing: what it still signs is refused, and the refusals stand in
 * the journal under its name, which they would not if its keys were taken away. (From a server it reads nothing any more, so that
 * most of what it tries ends there.)
 */
#include "cli/bots.h"

#include <stdlib.h>
#include <string.h>

#include "cli/book.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/reading.h"
#include "cli/terminal.h"
#include "cli/waiting.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "ledger/text.h"

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory for a list of grants");
}

static enum status user_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    json_t *users = context;
    (void)key;
    (void)ret_more;
    if (strcmp(member_text(record, "sort"), "bot") != 0)
        return STATUS_OK;
    return json_array_append(users, json_object_get(record, "user")) == 0 ? STATUS_OK : no_memory(err);
}

static enum status one_user(const struct facts *facts, const char *user, json_t *users, struct err *err)
{
    struct actor actor;
    if (!text_is_id(user, strlen(user)))
        return err_set(err, STATUS_INPUT, "a user is letters, digits and . _ : / @ -, at most %d", ID_BYTES_MAX);
    enum status status = facts_actor(facts, user, &actor, err);
    if (status == STATUS_NOT_FOUND)
        return govern_check_user(facts, user, err);
    if (status == STATUS_OK && strcmp(actor.sort, "bot") != 0)
        return err_set(err, STATUS_INPUT, "%s is no bot but %s; 'countersign grant revoke' takes back single grants",
                       user, actor.sort);
    if (status == STATUS_OK && json_array_append_new(users, json_string(user)) != 0)
        status = no_memory(err);
    return status;
}

enum status bots_asked(const struct facts *facts, const struct options *options, json_t **ret_users, struct err *err)
{
    const char *user = options_argument(options, 0);
    const struct books_walk walk = {.table = BOOKS_USERS, .step = user_step};
    if ((user != NULL) == options_flag(options, "all"))
        return err_set(err, STATUS_INPUT, "which bot? name one, or give --all");
    json_t *users = json_array();
    enum status status = users != NULL ? STATUS_OK : no_memory(err);
    if (status == STATUS_OK && user != NULL)
        status = one_user(facts, user, users, err);
    struct books_walk all = walk;
    all.context = users;
    if (status == STATUS_OK && user == NULL)
        status = books_each(facts->books, &all, err);
    if (status == STATUS_OK)
        *ret_users = users;
    else
        json_decref(users);
    return status;
}

struct holding {
    const struct facts *facts;
    json_t *list;
    const char *last; /* when the last grants were taken back; NULL: none was */
};

/* Neither revoked nor over; one that begins later counts, for it would begin. */
static enum status held_step(void *context, const json_t *grant, bool *ret_more, struct err *err)
{
    struct holding *holding = context;
    const char *to = member_text(grant, "to");
    char now[INSTANT_TEXT_BYTES];
    (void)ret_more;
    instant_format(holding->facts->time_ms, now);
    if (member_text(grant, "revoked") != NULL || (to != NULL && strcmp(to, now) <= 0))
        return STATUS_OK;
    return json_array_append(holding->list, json_object_get(grant, "number")) == 0 ? STATUS_OK : no_memory(err);
}

enum status bots_held(const struct facts *facts, const char *user, json_t *numbers, struct err *err)
{
    struct holding holding = {.facts = facts, .list = numbers};
    return facts_each_grant(facts, user, held_step, &holding, err);
}

static enum status revoked_step(void *context, const json_t *grant, bool *ret_more, struct err *err)
{
    json_t *all = context;
    (void)ret_more;
    if (member_text(grant, "revoked") == NULL)
        return STATUS_OK;
    return json_array_append(all, (json_t *)(uintptr_t)grant) == 0 ? STATUS_OK : no_memory(err);
}

enum status bots_held_before(const struct facts *facts, const char *user, json_t *grants, struct err *err)
{
    json_t *all = json_array();
    const char *last = "";
    enum status status = all != NULL ? facts_each_grant(facts, user, revoked_step, all, err) : no_memory(err);
    for (size_t i = 0; i < json_array_size(all); i++) {
        const char *time = member_text(json_array_get(all, i), "revoked");
        last = strcmp(time, last) > 0 ? time : last;
    }
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(all); i++)
        if (strcmp(member_text(json_array_get(all, i), "revoked"), last) == 0 &&
            json_array_append(grants, json_array_get(all, i)) != 0)
            status = no_memory(err);
    json_decref(all);
    return status;
}

static bool is_one_of(const json_t *users, const char *user)
{
    for (size_t i = 0; i < json_array_size(users); i++)
        if (strcmp(json_string_value(json_array_get(users, i)), user) == 0)
            return true;
    return false;
}

/* partial: there may be more, which is not for this user to read. */
static void say_pending(struct cli *cli, const json_t *users, const json_t *numbers, bool partial)
{
    const size_t count = json_array_size(numbers);
    const bool one = json_array_size(users) == 1;
    char text[1024];
    if (cli->json) {
        json_t *object = json_pack("{s:O, s:O}", "bots", users, "pending", numbers);
        if (object != NULL && partial)
            (void)json_object_set_new(object, "partial", json_true());
        (void)out_json(cli, object);
        return;
    }
    reading_texts(numbers, text, sizeof text);
    if (partial && count == 0)
        terminal_printf(cli->out, "what %s prepared and still waits is not for you to read", one ? "it" : "they");
    else
        terminal_printf(cli->out, "%zu%s of what %s prepared still wait%s%s%s", count, partial ? " or more" : "",
                        one ? "it" : "they", count == 1 && !partial ? "s" : "", count > 0 ? ": " : "", text);
    fputc('\n', cli->out);
}

enum status bots_say_pending(struct session *session, const json_t *users, struct err *err)
{
    struct cli *cli = session_cli(session);
    const struct facts *facts = NULL;
    json_t *records = NULL, *numbers = json_array();
    const uint64_t passed = book_passed(session_book(session));
    enum status status = numbers != NULL ? session_begin_facts(session, &facts, err) : no_memory(err);
    if (status == STATUS_OK)
        status = waiting_list(facts, NULL, &records, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(records); i++) {
        const json_t *record = json_array_get(records, i);
        if (is_one_of(users, member_text(record, "preparer")) &&
            json_array_append(numbers, json_object_get(record, "number")) != 0)
            status = no_memory(err);
    }
    session_end_facts(session);
    if (status == STATUS_OK)
        say_pending(cli, users, numbers, book_passed(session_book(session)) != passed);
    json_decref(records);
    json_decref(numbers);
    return status;
}
