/*
 * C-26 No shared or generic ids: a signing key belongs to one user for ever, never to the book too, and a user id is given
 * once.
 */
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
    return status == STATUS_OK ? key_judge(facts, member_text(request->document, "key"), answers, err) : status;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (code_is(answer, "user-exists"))
        snprintf(ret_text, SENTENCE_BYTES, "the user %s is enrolled already; a new key comes by rotation",
                 said(answer, "user"));
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
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_STATEMENT | STAGE_DOCUMENT,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "",
    .framework = "COSO 11; COBIT DSS05.04",
    .codes = "key-in-use key-of-book user-exists",
    .judge = judge,
    .sentence = sentence,
};
