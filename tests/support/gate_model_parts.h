/*
 * What the rooms of the model share (tests/support/gate_model.h): what it keeps, an entry taken apart, and short words for reading
 * JSON.
 */
#ifndef TESTS_SUPPORT_GATE_MODEL_PARTS_H
#define TESTS_SUPPORT_GATE_MODEL_PARTS_H

#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "ledger/hash.h"
#include "tests/support/gate_model.h"

struct gate_model {
    json_t *users;     /* user -> person */
    json_t *keys;      /* key -> {user, until?}; gone when it is revoked or replaced */
    json_t *documents; /* number -> {amount, content, entity, levels, makers, seq, signed, state, version, ...} */
    json_t *refs;      /* "entity ref" -> content */
    json_t *ids;       /* "actor id" -> true */
    json_t *leaves;    /* list of hashes */
    json_t *invoices;  /* "entity invoice" -> {currency, customer, open} */
    json_t *files;     /* "entity feed sequence" -> {applied, count, total} */
    json_t *policies;  /* hash -> compiled */
    char book[HASH_HEX_CHARS + 1];
    char why[512];
};

/* An entry taken apart, as far as is needed here. */
struct look {
    json_t *json;
    const json_t *statement, *body, *decision, *results;
    const char *verb, *actor, *person;
    json_int_t seq;
};

static inline json_t *at(const json_t *object, const char *name)
{
    return json_object_get(object, name);
}

static inline const char *text(const json_t *object, const char *name)
{
    const char *found = json_string_value(at(object, name));
    return found != NULL ? found : "";
}

static inline bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* Minor units: amounts have exactly the digits of their currency, so it is the digits without the point. */
static inline int64_t minor(const char *amount)
{
    int64_t value = 0;
    bool negative = *amount == '-';
    for (amount += negative ? 1 : 0; *amount != '\0'; amount++)
        if (*amount != '.')
            value = value * 10 + (*amount - '0');
    return negative ? -value : value;
}

static inline bool wrong(struct gate_model *model, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Always false. */
static inline bool wrong(struct gate_model *model, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(model->why, sizeof model->why, format, args);
    va_end(args);
    return false;
}

static inline const char *pair(const char *a, const char *b, char ret_text[static 512])
{
    snprintf(ret_text, 512, "%s %s", a, b);
    return ret_text;
}

static inline bool admitted(const json_t *result)
{
    const char *outcome = text(result, "outcome");
    return !is(outcome, "refused") && !is(outcome, "repeat");
}

/* The list that the verb's body holds. */
static inline const json_t *members(const struct look *look)
{
    return is(look->verb, "submit")  ? at(look->body, "documents")
           : is(look->verb, "amend") ? at(look->body, "amendments")
                                     : at(look->body, "items");
}

static inline const json_t *document_at(const struct look *look, size_t index)
{
    const json_t *member = json_array_get(members(look), index);
    return is(look->verb, "amend") ? at(member, "content") : member;
}

/* The result of a document or an item, by its place in the statement; false: it is wrong, and the model says why. */
bool gate_model_document_is_right(struct gate_model *model, const struct look *look, size_t index);
bool gate_model_item_is_right(struct gate_model *model, const struct look *look, size_t index);
bool gate_model_file_is_right(struct gate_model *model, const struct look *look);

/* Sums of a document, and what invoices bear; what the lines of a result come to: nothing, in each currency. */
bool gate_model_money_is_right(struct gate_model *model, const json_t *document);
bool gate_model_lines_balance(struct gate_model *model, const json_t *result);

/* The levels that the row of a document asks for its own amount, as a set of bits; -1: not known here. */
int gate_model_levels_of_row(const struct gate_model *model, const struct look *look, const json_t *document);

/* What a file's records add up to here; its name among the model's files. */
int64_t gate_model_file_sum(const struct look *look);
const char *gate_model_file_name(const struct look *look, char ret_text[static 512]);

/* Takes an entry apart; whoever asks releases ->json. */
struct look gate_model_look_at(const struct gate_model *model, struct slice entry);

#endif
