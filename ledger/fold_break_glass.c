/*
 * Emergency access in the books (C-51): who has it, from when until when, by when it is to be reviewed, each use, and the
 * review. Whether it counts at a moment is asked at that moment.
 */
#include <string.h>

#include "ledger/books.h"
#include "ledger/fold.h"
#include "ledger/fold_parts.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "ledger/statement.h"

/* Their persons, so that suspending one account suspends the human being behind it. */
static enum status persons_put(const struct fold *fold, const char *number, const json_t *users, json_t *persons,
                               struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(users); i++) {
        json_t *person = NULL;
        status = fold_person_of(fold, json_string_value(json_array_get(users, i)), &person, err);
        if (status != STATUS_OK)
            return status;
        struct books_key key = books_key_pair(json_string_value(person), number);
        if (json_array_append_new(persons, person) != 0)
            return err_set(err, STATUS_MEMORY, "no memory to fold emergency access");
        status = books_put_new(fold->txn, BOOKS_BREAK_GLASS_PERSONS, &key, json_object(), err);
    }
    return status;
}

enum status fold_break_glass(const struct fold *fold, const json_t *record, struct err *err)
{
    const json_t *document = json_object_get(record, "document"), *answer = fold_answer(record, "C-51", "opened");
    const char *number = member_text(record, "number"), *review_by = member_text(answer, "review_by");
    char time[INSTANT_TEXT_BYTES];
    json_t *persons = json_array();
    if (review_by == NULL || persons == NULL) {
        json_decref(persons);
        return err_set(err, STATUS_CORRUPT, "%s gives emergency access, its decision does not say until when", number);
    }
    instant_format(fold->time_ms, time);
    enum status status = persons_put(fold, number, json_object_get(document, "users"), persons, err);
    struct books_key key = books_key(number);
    if (status == STATUS_OK)
        status = books_put_new(fold->txn, BOOKS_BREAK_GLASS, &key,
                               json_pack("{s:O, s:s, s:O, s:s, s:O, s:s, s:O, s:O}", "entities",
                                         json_object_get(document, "entities"), "from", time, "functions",
                                         json_object_get(document, "functions"), "number", number, "persons", persons,
                                         "review_by", review_by, "until", json_object_get(document, "until"), "users",
                                         json_object_get(document, "users")),
                               err);
    json_decref(persons);
    return status;
}

enum status fold_break_glass_review(const struct fold *fold, const json_t *record, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    const char *number = member_text(document, "break_glass");
    char time[INSTANT_TEXT_BYTES];
    json_t *access = NULL;
    instant_format(fold->time_ms, time);
    struct books_key key = books_key(number);
    enum status status = books_get(fold->txn, BOOKS_BREAK_GLASS, &key, &access, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_CORRUPT, "%s is not in the books", number);
    if (status != STATUS_OK)
        return status;
    json_object_set_new(access, "review",
                        json_pack("{s:s, s:O, s:O, s:s, s:s}", "by", fold->statement->actor, "conclusion",
                                  json_object_get(document, "conclusion"), "note", json_object_get(document, "note"),
                                  "number", member_text(record, "number"), "time", time));
    return books_put_new(fold->txn, BOOKS_BREAK_GLASS, &key, access, err);
}

enum status fold_break_glass_use(const struct fold *fold, size_t index, const json_t *result, struct err *err)
{
    const json_t *used = fold_answer(result, "C-51", "used");
    char time[INSTANT_TEXT_BYTES];
    if (used == NULL)
        return STATUS_OK;
    instant_format(fold->time_ms, time);
    struct books_key key = books_key(member_text(used, "break_glass"));
    books_key_add_number(&key, fold->seq);
    books_key_add_number(&key, index);
    return books_put_new(fold->txn, BOOKS_BREAK_GLASS_USES, &key,
                         json_pack("{s:O, s:s, s:s, s:s}", "document", json_object_get(result, "document"), "do",
                                   verb_name(fold->statement->verb), "time", time, "user", fold->statement->actor),
                         err);
}
