/*
 * Access reviews in the books (C-30): opening one keeps its rows and puts a term on each grant and delegation; an attestation
 * answers rows, and a removal ends what the row is about at once. An officer's grant has no term: a book must not lose its officers to silence.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/books.h"
#include "ledger/fold.h"
#include "ledger/fold_parts.h"
#include "ledger/instant.h"
#include "ledger/population.h"
#include "ledger/schema.h"
#include "ledger/statement.h"

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory to fold a review");
}

/* Sets or (number NULL) takes away what the grant or delegation of a row waits for. */
static enum status row_term(const struct fold *fold, const json_t *row, const char *number, const char *until,
                            struct err *err)
{
    const enum books_table table = population_delegated(row) ? BOOKS_DELEGATIONS : BOOKS_GRANTS;
    json_t *record = NULL;
    struct books_key key = books_key(member_text(row, "grant"));
    enum status status = books_get(fold->txn, table, &key, &record, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_CORRUPT, "%s is not in the books", member_text(row, "grant"));
    if (status != STATUS_OK)
        return status;
    int failed = number == NULL
                     ? json_object_del(record, "review") & 0
                     : json_object_set_new(record, "review", json_pack("{s:s, s:s}", "number", number, "until", until));
    status = failed == 0 ? books_put(fold->txn, table, &key, record, err) : no_memory(err);
    json_decref(record);
    return status;
}

struct opening {
    const char *number, *until;
    const json_t *officers; /* grants that have no term */
};

static bool text_in(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), text) == 0)
            return true;
    return false;
}

static enum status row_put(const struct fold *fold, const struct opening *opening, const json_t *row, struct err *err)
{
    const char *grant = member_text(row, "grant");
    struct books_key key = books_key_pair(opening->number, grant);
    enum status status = books_put(fold->txn, BOOKS_REVIEW_ROWS, &key, row, err);
    return status != STATUS_OK || text_in(opening->officers, grant)
               ? status
               : row_term(fold, row, opening->number, opening->until, err);
}

enum status fold_review(const struct fold *fold, const json_t *record, struct err *err)
{
    const json_t *document = json_object_get(record, "document"), *answer = fold_answer(record, "C-30", "opened");
    struct population population = {.rows = NULL};
    char time[INSTANT_TEXT_BYTES];
    const struct opening opening = {.number = member_text(record, "number"),
                                    .until = member_text(answer, "until"),
                                    .officers = json_object_get(answer, "officers")};
    if (answer == NULL || opening.until == NULL)
        return err_set(err, STATUS_CORRUPT, "%s opens a review, its decision does not say until when", opening.number);
    instant_format(fold->time_ms, time);
    enum status status =
        population_read(fold->txn, fold->time_ms, json_object_get(document, "entities"), &population, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(population.rows); i++)
        status = row_put(fold, &opening, json_array_get(population.rows, i), err);
    struct books_key key = books_key(opening.number);
    if (status == STATUS_OK)
        status = books_put_new(fold->txn, BOOKS_REVIEWS, &key,
                               json_pack("{s:O, s:s, s:O, s:I, s:I, s:s, s:s, s:s}", "entities",
                                         json_object_get(document, "entities"), "number", opening.number, "population",
                                         json_object_get(answer, "population"), "rows",
                                         (json_int_t)json_array_size(population.rows), "seq", (json_int_t)fold->seq,
                                         "time", time, "until", opening.until, "user", fold->statement->actor),
                               err);
    population_done(&population);
    return status;
}

enum status fold_attestation(const struct fold *fold, const json_t *record, struct err *err)
{
    const json_t *document = json_object_get(record, "document"), *rows = json_object_get(document, "rows");
    enum status status = STATUS_OK;
    char time[INSTANT_TEXT_BYTES];
    instant_format(fold->time_ms, time);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(rows); i++) {
        const json_t *answered = json_array_get(rows, i);
        const char *grant = member_text(answered, "grant"), *decision = member_text(answered, "decision");
        json_t *row = NULL;
        struct books_key key = books_key_pair(member_text(document, "review"), grant);
        status = books_get(fold->txn, BOOKS_REVIEW_ROWS, &key, &row, err);
        if (status == STATUS_NOT_FOUND)
            return err_set(err, STATUS_CORRUPT, "%s is no row of %s", grant, member_text(document, "review"));
        if (status != STATUS_OK)
            return status;
        json_object_set_new(row, "attestation", json_string(member_text(record, "number")));
        json_object_set_new(row, "by", json_string(fold->statement->actor));
        json_object_set_new(row, "decision", json_string(decision));
        json_object_set_new(row, "time", json_string(time));
        status = books_put(fold->txn, BOOKS_REVIEW_ROWS, &key, row, err);
        if (status == STATUS_OK)
            status = row_term(fold, row, NULL, NULL, err);
        if (status == STATUS_OK && strcmp(decision, "remove") == 0)
            status = fold_grant_revoke(fold, grant, err);
        json_decref(row);
    }
    return status;
}
