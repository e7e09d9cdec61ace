/*
 * Documents that look alike (C-38): kept under the keys of alike.h while they live, at the place of their current version, so
 * that a decision looks at what a customer has with the same amount or reference, and at nothing else. What a decision said
 * about likeness is noted for those who look through them later (BOOKS_LOOKALIKES).
 */
#include "ledger/alike.h"

#include <stdio.h>
#include <string.h>

#include "ledger/books.h"
#include "ledger/fold.h"
#include "ledger/fold_parts.h"
#include "ledger/schema.h"
#include "ledger/status.h"

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte & 0x80) != 0;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

void alike_reference(const char *text, char ret_text[static CUSTOMER_REF_BYTES_MAX + 1])
{
    size_t length = 0;
    bool leads = true; /* a zero here leads its run */
    for (const char *at = text; *at != '\0'; at++) {
        char byte = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
        bool zero = byte == '0' && leads;
        leads = zero || !is_digit(byte);
        if ((!is_letter(byte) && !is_digit(byte)) || zero)
            continue;
        invariant(length < CUSTOMER_REF_BYTES_MAX);
        ret_text[length++] = byte;
    }
    ret_text[length] = '\0';
}

static bool kind_is(const json_t *document, const char *kind)
{
    return strcmp(member_text(document, "kind"), kind) == 0;
}

/* Which way a document moves what the customer owes; NULL: it has no part here. */
static const char *direction_of(const json_t *document)
{
    static const char *const down[] = {"credit-note", "write-off", "rebill"};
    for (size_t i = 0; i < sizeof down / sizeof down[0]; i++)
        if (kind_is(document, down[i]))
            return "down";
    if (!kind_is(document, "correction") && !kind_is(document, "adjustment"))
        return NULL;
    const char *direction = member_text(document, "direction");
    return direction != NULL ? direction : "up"; /* a credit balance that is given up */
}

static void key_begin(const json_t *document, const char *sort, struct books_key *ret_key)
{
    *ret_key = books_key_pair(sort, member_text(document, "entity"));
    books_key_add_text(ret_key, member_text(document, "customer"));
}

bool alike_amount_key(const json_t *document, struct books_key *ret_key)
{
    const char *direction = direction_of(document);
    if (direction == NULL)
        return false;
    key_begin(document, "amount", ret_key);
    books_key_add_text(ret_key, member_text(document, "currency"));
    books_key_add_text(ret_key, member_text(document, "amount"));
    books_key_add_text(ret_key, direction);
    return true;
}

bool alike_reference_key(const json_t *document, struct books_key *ret_key)
{
    const char *reference = member_text(document, "customer_ref");
    char left[CUSTOMER_REF_BYTES_MAX + 1];
    if (reference == NULL || kind_is(document, "inquiry"))
        return false;
    alike_reference(reference, left);
    key_begin(document, kind_is(document, "dispute") ? "dispute" : "reference", ret_key);
    books_key_add_text(ret_key, left);
    return left[0] != '\0';
}

static enum status alike_mark(const struct fold *fold, const json_t *record, struct books_key *key, bool there,
                              struct err *err)
{
    books_key_add_number(key, (uint64_t)member_integer(record, "seq"));
    books_key_add_number(key, (uint64_t)member_integer(record, "index"));
    return there ? books_put_new(fold->txn, BOOKS_ALIKE, key,
                                 json_pack("{s:s, s:s}", "number", member_text(record, "number"), "time",
                                           member_text(record, "time")),
                                 err)
                 : books_delete(fold->txn, BOOKS_ALIKE, key, err);
}

enum status fold_alike(const struct fold *fold, const json_t *record, bool there, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    struct books_key key;
    enum status status = STATUS_OK;
    if (alike_amount_key(document, &key))
        status = alike_mark(fold, record, &key, there, err);
    if (status == STATUS_OK && alike_reference_key(document, &key))
        status = alike_mark(fold, record, &key, there, err);
    return status;
}

enum status fold_lookalike(const struct fold *fold, const json_t *record, const json_t *result, struct err *err)
{
    const json_t *controls = json_object_get(result, "controls");
    struct books_key key = books_key(member_text(record, "number"));
    json_t *answers = json_array();
    for (size_t i = 0; i < json_array_size(controls); i++) {
        json_t *answer = json_array_get(controls, i);
        if (strcmp(member_text(answer, "control"), "C-38") == 0 && strcmp(member_text(answer, "answer"), "flag") == 0)
            (void)json_array_append(answers, answer);
    }
    enum status status = json_array_size(answers) == 0 ? books_delete(fold->txn, BOOKS_LOOKALIKES, &key, err)
                                                       : books_put_new(fold->txn, BOOKS_LOOKALIKES, &key,
                                                                       json_pack("{s:O}", "answers", answers), err);
    json_decref(answers);
    return status;
}
