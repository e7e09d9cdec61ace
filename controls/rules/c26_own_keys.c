/*
 * C-26 No shared or generic ids: a signing key belongs to one user for ever, never to the book too, and a user id is given
 * once.
 */
#include "controls/duties.h"
#include "controls/rules/common.h"

static enum status key_judge(const struct facts *facts, const char *key_text, struct answers *answers, struct err *err)
{
    json_t *key = NULL;
    bool of_book = false;
    enum status status = facts_key(facts, key_text, &key, err);
    if (status == STATUS_OK && key != NULL)
        status = answer_deny(answers, "C-26", "key-in-use", json_pack("{s:s}", "user", member_text(key, "user")), err);
    json_decref(key);
    if (status == STATUS_OK)
        status = facts_key_of_book(facts, key_text, &of_book, err);
    return status == STATUS_OK && of_book ? answer_deny(answers, "C-26", "key-of-book", NULL, err) : status;
}

struct second {
    const struct facts *facts;
    const char *not_user;
    char user[ID_BYTES_MAX + 1];
};

static enum status living_key(void *context, struct slice key, const json_t *ignored, bool *ret_more, struct err *err)
{
    struct second *second = context;
    char key_text[PUBLIC_KEY_TEXT_MAX];
    bool valid = false;
    (void)ignored;
    const uint8_t *zero = memchr(key.bytes, 0, key.length);
    if (zero == NULL)
        return err_set(err, STATUS_CORRUPT, "books: a user's key is not whole");
    char user[ID_BYTES_MAX + 1];
    snprintf(user, sizeof user, "%.*s", (int)(zero - key.bytes), (const char *)key.bytes);
    size_t length = key.length - (size_t)(zero + 1 - key.bytes);
    snprintf(key_text, sizeof key_text, "%.*s", (int)length, (const char *)zero + 1);
    enum status status = facts_key_valid(second->facts, key_text, user, &valid, err);
    if (status == STATUS_OK && valid)
        snprintf(second->user, sizeof second->user, "%s", user);
    *ret_more = second->user[0] == '\0';
    return status;
}

/* A human user of the person, other than the new one, with a key that still signs. */
static enum status other_user(void *context, const char *user, bool *ret_more, struct err *err)
{
    struct second *second = context;
    struct actor actor;
    enum status status = facts_actor(second->facts, user, &actor, err);
    if (status != STATUS_OK || strcmp(actor.sort, "human") != 0 || strcmp(user, second->not_user) == 0)
        return status;
    struct books_key prefix = books_key(user);
    books_key_close(&prefix);
    const struct books_walk walk = {.table = BOOKS_USER_KEYS, .prefix = &prefix, .step = living_key, .context = second};
    status = books_each(second->facts->books, &walk, err);
    *ret_more = second->user[0] == '\0';
    return status;
}

static enum status second_user(const struct request *request, const struct facts *facts, struct answers *answers,
                               struct err *err)
{
    struct second second = {.facts = facts, .not_user = member_text(request->document, "user")};
    const char *person = member_text(request->document, "person");
    enum status status = facts_person_users(facts, person, other_user, &second, err);
    return status == STATUS_OK && second.user[0] != '\0'
               ? answer_flag(answers, "C-26", "second-user",
                             json_pack("{s:s, s:s}", "person", person, "user", second.user), err)
               : status;
}

static enum status recover_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                 struct err *err)
{
    const json_t *officers = json_object_get(request->statement->body, "officers");
    enum status status = STATUS_OK;
    if (request->statement->verb != VERB_RECOVER)
        return STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && !answers->denied && i < json_array_size(officers); i++)
        status = key_judge(facts, member_text(json_array_get(officers, i), "key"), answers, err);
    return status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    json_t *user = NULL;
    if (request->stage == STAGE_STATEMENT)
        return recover_judge(request, facts, answers, err);
    if (request_is_kind(request, KIND_BOOK_KEY))
        return key_judge(facts, member_text(request->document, "key"), answers, err);
    if (request_is_kind(request, KIND_KEY_ROTATION))
        return key_judge(facts, member_text(request->document, "new"), answers, err);
    if (!request_is_kind(request, KIND_ENROLMENT))
        return STATUS_OK;
    enum status status = facts_user(facts, member_text(request->document, "user"), &user, err);
    if (status == STATUS_OK && user != NULL)
        status = answer_deny(answers, "C-26", "user-exists",
                             json_pack("{s:s}", "user", member_text(request->document, "user")), err);
    json_decref(user);
    if (status == STATUS_OK && strcmp(member_text(request->document, "sort"), "human") == 0)
        status = second_user(request, facts, answers, err);
    return status == STATUS_OK ? key_judge(facts, member_text(request->document, "key"), answers, err) : status;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (code_is(answer, "user-exists"))
        snprintf(ret_text, SENTENCE_BYTES, "the user %s is enrolled already; a new key comes by rotation",
                 said(answer, "user"));
    else if (code_is(answer, "second-user"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "%s is %s already; the duties of both users are counted together, one of them is enough",
                 said(answer, "person"), said(answer, "user"));
    else if (code_is(answer, "key-of-book"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "this key signs checkpoints or recovers the book; a user needs a key of his own");
    else
        snprintf(ret_text, SENTENCE_BYTES, "this key is or was the key of %s; a new user needs a new key",
                 said(answer, "user"));
}

const struct control control_c26 = {
    .id = "C-26",
    .title = "No shared or generic ids",
    .objective = "Every signature is one person's or bot's",
    .assertion = "authorisation",
    .type = CONTROL_BOTH,
    .stages = STAGE_STATEMENT | STAGE_DOCUMENT,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "",
    .framework = "COSO 11; COBIT DSS05.04",
    .codes = "key-in-use key-of-book user-exists second-user",
    .judge = judge,
    .sentence = sentence,
};
