/*
 * Sums over time-ordered windows, and the living documents that share a duplicate key or evidence. Windows are walked
 * backwards from the document's own place, so the cost is that of the window, not of the book.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/facts.h"
#include "controls/facts_parts.h"
#include "controls/functions.h"
#include "ledger/hash.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/window.h"

struct member {
    uint64_t seq, index;
};

struct window_walk {
    const struct facts *facts;
    const struct window_query *query;
    int64_t sum_minor;
    bool named;             /* collects the members */
    struct member *members; /* latest first */
    size_t count, capacity;
};

static enum status member_add(struct window_walk *walk, uint64_t seq, uint64_t index, struct err *err)
{
    if (walk->named && walk->count == walk->capacity) {
        size_t capacity = walk->capacity == 0 ? 64 : walk->capacity * 2;
        struct member *members = realloc(walk->members, capacity * sizeof *members);
        if (members == NULL)
            return err_set(err, STATUS_MEMORY, "no memory for a window");
        walk->members = members;
        walk->capacity = capacity;
    }
    if (walk->named)
        walk->members[walk->count] = (struct member){.seq = seq, .index = index};
    walk->count++;
    return STATUS_OK;
}

struct rows_walk {
    const struct window_query *query;
    window_step *step;
    void *context;
    char kind[ID_BYTES_MAX + 1]; /* the last one looked at: most rows have one kind */
    bool kind_counts;
};

static bool kind_counts(struct rows_walk *walk, const char *name)
{
    if (strcmp(walk->kind, name) != 0) {
        enum kind_id kind = kind_from_name(name);
        snprintf(walk->kind, sizeof walk->kind, "%s", name);
        walk->kind_counts = kind != KIND_UNKNOWN && (walk->query->kinds >> kind & 1) != 0;
    }
    return walk->kind_counts;
}

static enum status row_step(void *context, const struct row_place *place, const struct window_row *row, struct err *err)
{
    struct rows_walk *walk = context;
    const struct window_query *query = walk->query;
    if (!kind_counts(walk, row->kind) || (query->not_number != NULL && strcmp(row->number, query->not_number) == 0))
        return STATUS_OK;
    return walk->step(walk->context, place, row, err);
}

enum status facts_window_rows(const struct facts *facts, const struct window_query *query, window_step *step,
                              void *context, struct err *err)
{
    struct rows_walk walk = {.query = query, .step = step, .context = context};
    const struct window_part part = {.group = query->group,
                                     .before_seq = query->before_seq,
                                     .before_index = query->before_index,
                                     .after_ms = query->after_ms};
    return window_walk(facts->books, &part, row_step, &walk, err);
}

static bool reason_is_error(const struct policy *policy, const char *name)
{
    const struct policy_reason *reason = policy_find_reason(policy, name);
    return reason != NULL && reason->error;
}

static enum status sum_step(void *context, const struct row_place *place, const struct window_row *row, struct err *err)
{
    struct window_walk *walk = context;
    const struct window_query *query = walk->query;
    int64_t minor;
    if (query->reversed_out && row->reversal[0] != '\0' && reason_is_error(walk->facts->policy, row->reversal))
        return STATUS_OK;
    if (query->count_only)
        return member_add(walk, place->seq, place->index, err);
    enum status status =
        money_parse(row->amount_text, strlen(row->amount_text), walk->facts->policy->base_digits, &minor, err);
    if (status == STATUS_OK)
        status = money_add(walk->sum_minor, minor, &walk->sum_minor, err);
    if (status == STATUS_OK)
        status = member_add(walk, place->seq, place->index, err);
    return status;
}

enum { MEMBER_CHARS = 2 * 20 + 2 }; /* two numbers, a dot, the end of the line */

/* Decimal digits and a character; a window may have thousands of members, so not by snprintf. */
static size_t put_number(char *at, uint64_t number, char after)
{
    char digits[20];
    size_t from = sizeof digits, length;
    do {
        digits[--from] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    length = sizeof digits - from;
    memcpy(at, digits + from, length);
    at[length] = after;
    return length + 1;
}

static enum status members_hash(const struct window_walk *walk, char ret_hex[static 65], struct err *err)
{
    struct hash hash;
    size_t length = 0;
    char *text = malloc(walk->count * MEMBER_CHARS);
    if (text == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a window");
    for (size_t i = walk->count; i-- > 0;) {
        length += put_number(text + length, walk->members[i].seq, '.');
        length += put_number(text + length, walk->members[i].index, '\n');
    }
    hash_of(text, length, &hash);
    hash_to_hex(&hash, ret_hex);
    free(text);
    return STATUS_OK;
}

static enum status window_add_up(struct window_walk *walk, struct err *err)
{
    const struct window_query *query = walk->query;
    /* The document itself is the latest member. */
    enum status status = member_add(walk, query->before_seq, query->before_index, err);
    return status == STATUS_OK ? facts_window_rows(walk->facts, query, sum_step, walk, err) : status;
}

enum status facts_window(const struct facts *facts, const struct window_query *query, int64_t amount_minor,
                         struct window_sum *ret_sum, struct err *err)
{
    struct window_walk walk = {.facts = facts, .query = query, .sum_minor = amount_minor};
    enum status status = window_add_up(&walk, err);
    if (status == STATUS_OK)
        *ret_sum = (struct window_sum){.sum_minor = walk.sum_minor, .count = walk.count};
    return status;
}

enum status facts_window_members(const struct facts *facts, const struct window_query *query, char ret_hex[static 65],
                                 struct err *err)
{
    struct window_walk walk = {.facts = facts, .query = query, .named = true};
    enum status status = window_add_up(&walk, err);
    if (status == STATUS_OK)
        status = members_hash(&walk, ret_hex, err);
    free(walk.members);
    return status;
}

struct other_find {
    const char *not_number;
    char *ret_number;
};

static enum status other_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct other_find *find = context;
    const char *number = member_text(record, "number");
    (void)key;
    (void)err;
    if (find->not_number != NULL && strcmp(number, find->not_number) == 0)
        return STATUS_OK;
    snprintf(find->ret_number, ID_BYTES_MAX + 1, "%s", number);
    *ret_more = false;
    return STATUS_OK;
}

static enum status other_document(const struct facts *facts, enum books_table table, struct books_key prefix,
                                  const char *not_number, char *ret_number, struct err *err)
{
    struct other_find find = {.not_number = not_number, .ret_number = ret_number};
    books_key_close(&prefix);
    const struct books_walk walk = {.table = table, .prefix = &prefix, .step = other_step, .context = &find};
    ret_number[0] = '\0';
    return books_each(facts->books, &walk, err);
}

enum status facts_duplicate(const struct facts *facts, const struct books_key *key, const char *not_number,
                            char ret_number[static ID_BYTES_MAX + 1], struct err *err)
{
    return other_document(facts, BOOKS_DUPLICATES, *key, not_number, ret_number, err);
}

enum status facts_evidence_user(const struct facts *facts, const char *sha256, const char *not_number,
                                char ret_number[static ID_BYTES_MAX + 1], struct err *err)
{
    return other_document(facts, BOOKS_EVIDENCE, books_key(sha256), not_number, ret_number, err);
}
