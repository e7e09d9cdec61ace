/*
 * The birth of a book: the charter is checked by fixed rules and becomes entry 0 of a directory that is built under another
 * name and renamed.
 */
#include "controls/birth.h"

#include <stdlib.h>
#include <string.h>

#include "controls/judge.h"
#include "ledger/append.h"
#include "ledger/birth.h"
#include "ledger/schema.h"
#include "ledger/statement.h"

static enum status charter_time(const struct book_birth *birth, const struct statement *charter, int64_t *ret_ms,
                                struct err *err)
{
    int64_t skew_ms = member_integer(charter->body, "skew_seconds") * 1000;
    int64_t off = charter->at_ms > birth->now_ms ? charter->at_ms - birth->now_ms : birth->now_ms - charter->at_ms;
    *ret_ms = charter->at_ms;
    if (strcmp(member_text(charter->body, "clock"), "simulated") == 0)
        return STATUS_OK;
    *ret_ms = birth->now_ms;
    /* Officers sign one after the other, days apart perhaps; only a charter from the future is wrong. */
    return charter->at_ms <= birth->now_ms || off <= skew_ms
               ? STATUS_OK
               : err_set(err, STATUS_CLOCK, "the charter's time is %lld s ahead of the clock", (long long)(off / 1000));
}

static enum status charter_append(struct journal *journal, struct slice bytes, struct hash *ret_leaf, struct err *err)
{
    struct append *append = NULL;
    enum status status = append_begin(journal, NULL, &append, err);
    if (status == STATUS_OK)
        status = append_entry(append, bytes, NULL, ret_leaf, err);
    if (status == STATUS_OK) {
        struct append *whole = append;
        append = NULL;
        status = append_commit(whole, err);
    }
    append_abort(append);
    return status;
}

static enum status book_build(const struct book_birth *birth, struct slice entry, struct hash *ret_leaf,
                              struct err *err)
{
    const struct birth_options options = {.map_bytes = birth->map_bytes, .nonce = birth->nonce};
    struct birth *under_way = NULL;
    struct hash salt_hash;
    enum status status = birth_begin(birth->book_dir, &options, &under_way, err);
    if (status == STATUS_OK)
        status = charter_append(birth_journal(under_way), entry, ret_leaf, err);
    if (status == STATUS_OK &&
        birth->salt != NULL) /* an empty record under it has just the name that the charter gives */
        status = birth_personal(under_way, birth->salt, slice_of("", 0), &salt_hash, err);
    if (status == STATUS_OK) {
        struct birth *whole = under_way;
        under_way = NULL;
        status = birth_finish(whole, err);
    }
    birth_abort(under_way);
    return status;
}

enum status book_create(const struct book_birth *birth, struct slice charter, const struct signature_list *signatures,
                        struct hash *ret_book, struct hash *ret_leaf, struct err *err)
{
    struct statement statement = {.bytes = NULL};
    const struct hash zero = {.bytes = {0}};
    json_t *decision = NULL;
    char *bytes = NULL;
    size_t length = 0;
    int64_t time_ms;

    enum status status = statement_read(charter, &statement, err);
    if (status == STATUS_OK && statement.verb != VERB_CHARTER)
        status = err_set(err, STATUS_INPUT, "this is no charter but %s", verb_name(statement.verb));
    if (status == STATUS_OK)
        status = signature_list_verify(signatures, &statement, err);
    if (status == STATUS_OK)
        status = charter_time(birth, &statement, &time_ms, err);
    if (status == STATUS_OK)
        status = judge_charter(&statement, signatures, &decision, err);
    if (status == STATUS_OK) {
        const struct entry_parts parts = {.decision = decision,
                                          .gate = birth->facts,
                                          .prev = &zero,
                                          .signatures = signatures,
                                          .statement = &statement,
                                          .time_ms = time_ms};
        status = entry_make(&parts, &bytes, &length, err);
    }
    if (status == STATUS_OK)
        status = book_build(birth, slice_of(bytes, length), ret_leaf, err);
    if (status == STATUS_OK)
        *ret_book = statement.hash;
    free(bytes);
    json_decref(decision);
    statement_done(&statement);
    return status;
}
