/*
 * The draw; see the header and SAMPLING.md, which is the authority. An item's key depends on the draw value and its id
 * alone, so it does not matter in which order items come, and a larger sample holds the smaller one. Amounts are integers
 * throughout.
 */
#include "audit/sample/draw.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/sample/size.h"
#include "ledger/canon.h"
#include "ledger/money.h"

enum { TEXT_BYTES = SAMPLE_ID_BYTES + 16 };

static const char *const methods[] = {"attribute", "mus", "stratified", "judgemental"};

const char *sample_method_name(enum sample_method method)
{
    return method < SAMPLE_METHODS ? methods[method] : "";
}

enum sample_method sample_method_find(const char *name)
{
    for (enum sample_method method = SAMPLE_ATTRIBUTE; method < SAMPLE_METHODS; method++)
        if (strcmp(methods[method], name) == 0)
            return method;
    return SAMPLE_METHODS;
}

enum status sample_draw_value(const struct sample_origin *origin, struct hash *ret_draw, struct err *err)
{
    char root[HASH_HEX_CHARS + 1];
    hash_to_hex(&origin->root, root);
    json_t *json = json_pack("{s:s, s:{s:s, s:I}, s:{s:s, s:s, s:I}}", "book", origin->book, "checkpoint", "root", root,
                             "size", (json_int_t)origin->size, "seed", "content", origin->content, "document",
                             origin->document, "entry", (json_int_t)origin->entry);
    if (json == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for the draw value");
    enum status status = STATUS_OK;
    if (origin->reveal != NULL && json_object_set_new(json, "reveal", json_string(origin->reveal)) != 0)
        status = err_set(err, STATUS_INPUT, "what is revealed has to be text in UTF-8");
    if (status == STATUS_OK)
        status = canon_hash(json, ret_draw, err);
    json_decref(json);
    return status;
}

/* SHA-256(draw || text) */
static void derive(const struct hash *draw, const char *text, struct hash *ret_hash)
{
    uint8_t bytes[HASH_BYTES + TEXT_BYTES];
    size_t length = strlen(text);
    memcpy(bytes, draw->bytes, HASH_BYTES);
    memcpy(bytes + HASH_BYTES, text, length);
    hash_of(bytes, HASH_BYTES + length, ret_hash);
}

int64_t sample_draw_number(const struct hash *draw, int64_t range)
{
    uint64_t width = (uint64_t)range, over = (UINT64_MAX % width + 1) % width; /* 2^64 mod range */
    for (uint64_t counter = 0;; counter++) {
        char text[TEXT_BYTES];
        struct hash hash;
        uint64_t value = 0;
        snprintf(text, sizeof text, "number %" PRIu64, counter);
        derive(draw, text, &hash);
        for (size_t i = 0; i < 8; i++)
            value = value << 8 | hash.bytes[i];
        /* What is beyond the last whole run of the range would favour small numbers. */
        if (value <= UINT64_MAX - over)
            return (int64_t)(value % width) + 1;
    }
}

static void key_make(const struct sample_population *population, const struct hash *draw, struct sample_pick *pick)
{
    char id[SAMPLE_ID_BYTES], text[TEXT_BYTES];
    sample_item_id(population, &population->items[pick->item], id);
    snprintf(text, sizeof text, "item %s", id);
    derive(draw, text, &pick->key);
}

static int by_key(const void *a, const void *b)
{
    const struct sample_pick *x = a, *y = b;
    int order = memcmp(x->key.bytes, y->key.bytes, HASH_BYTES);
    return order != 0 ? order : (x->item > y->item) - (x->item < y->item);
}

static int by_stratum_and_key(const void *a, const void *b)
{
    const struct sample_pick *x = a, *y = b;
    if (x->top != y->top)
        return x->top ? 1 : -1;
    return x->stratum != y->stratum ? (x->stratum > y->stratum ? 1 : -1) : by_key(a, b);
}

static int by_place(const void *a, const void *b)
{
    const struct sample_pick *x = a, *y = b;
    return (x->item > y->item) - (x->item < y->item);
}

static enum status picks_new(size_t count, struct sample_drawn *drawn, struct err *err)
{
    drawn->picks = calloc(count + 1, sizeof *drawn->picks);
    return drawn->picks != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a sample of %zu items", count);
}

static enum status check_size(int64_t size, int64_t count, struct err *err)
{
    if (count == 0)
        return err_set(err, STATUS_INPUT, "the population is empty: nothing can be drawn from it");
    if (size < 1 || size > count)
        return err_set(err, STATUS_INPUT, "%" PRId64 " items cannot be drawn from a population of %" PRId64, size,
                       count);
    return STATUS_OK;
}

static enum status draw_attribute(const struct sample_population *population, const struct sample_selection *selection,
                                  struct sample_drawn *drawn, struct err *err)
{
    enum status status = check_size(selection->size, (int64_t)population->count, err);
    if (status == STATUS_OK)
        status = picks_new(population->count, drawn, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < population->count; i++) {
        drawn->picks[i] = (struct sample_pick){.item = i};
        key_make(population, &selection->draw, &drawn->picks[i]);
    }
    qsort(drawn->picks, population->count, sizeof *drawn->picks, by_key);
    drawn->count = (size_t)selection->size;
    return STATUS_OK;
}

static enum status draw_mus(const struct sample_population *population, const struct sample_selection *selection,
                            struct sample_drawn *drawn, struct err *err)
{
    int64_t interval = selection->interval_minor, end = 0; /* end: of the amounts so far */
    if (population->positive.count == 0)
        return err_set(err, STATUS_INPUT,
                       "no item of the population has an amount above zero: there is no money to draw");
    if (interval < 1)
        return err_set(err, STATUS_INPUT, "the interval has to be above zero");
    if (population->positive.minor / interval > SAMPLE_SIZE_MAX)
        return err_set(err, STATUS_LIMIT, "this interval makes more than %d hits", SAMPLE_SIZE_MAX);
    enum status status = picks_new((size_t)(population->positive.minor / interval) + 1, drawn, err);
    if (status != STATUS_OK)
        return status;
    drawn->start_minor = sample_draw_number(&selection->draw, interval);
    int64_t next = drawn->start_minor;
    for (size_t i = 0; i < population->count; i++) {
        const struct sample_item *item = &population->items[i];
        if (!item->has_amount || item->minor <= 0)
            continue;
        end += item->minor; /* the sum was made when the population was sealed */
        if (next > end)
            continue;
        int64_t hits = (end - next) / interval + 1;
        drawn->picks[drawn->count++] =
            (struct sample_pick){.item = i, .hits = hits, .hit = next, .top = item->minor >= interval};
        if (hits > (INT64_MAX - next) / interval)
            break; /* the next hit is beyond all amounts */
        next += hits * interval;
    }
    return STATUS_OK;
}

/* Strata go by size, not by sign. */
static int64_t size_of(const struct sample_item *item)
{
    return item->minor < 0 ? -item->minor : item->minor;
}

static size_t stratum_of(const struct sample_selection *selection, const struct sample_item *item)
{
    size_t stratum = 0;
    while (stratum < selection->bound_count && size_of(item) >= selection->bounds_minor[stratum])
        stratum++;
    return stratum;
}

static enum status check_bounds(const struct sample_selection *selection, struct err *err)
{
    int64_t before = 0;
    for (size_t i = 0; i < selection->bound_count; i++) {
        if (selection->bounds_minor[i] <= before)
            return err_set(err, STATUS_INPUT, "the amounts that part the strata have to rise, from above zero");
        before = selection->bounds_minor[i];
    }
    if (selection->has_top && selection->top_minor <= before)
        return err_set(err, STATUS_INPUT, "the top stratum has to begin above the other bounds");
    if (selection->bound_count + 1 + selection->has_top > SAMPLE_STRATA_MAX)
        return err_set(err, STATUS_LIMIT, "more than %d strata", SAMPLE_STRATA_MAX);
    return STATUS_OK;
}

/* Every item with its stratum and key; the strata counted. */
static enum status strata_fill(const struct sample_population *population, const struct sample_selection *selection,
                               struct sample_drawn *drawn, struct err *err)
{
    drawn->stratum_count = selection->bound_count + 1 + selection->has_top;
    for (size_t i = 0; i < population->count; i++) {
        const struct sample_item *item = &population->items[i];
        bool top = selection->has_top && size_of(item) >= selection->top_minor;
        struct sample_pick *pick = &drawn->picks[i];
        *pick = (struct sample_pick){
            .item = i, .top = top, .stratum = top ? drawn->stratum_count - 1 : stratum_of(selection, item)};
        key_make(population, &selection->draw, pick);
        struct sample_stratum *stratum = &drawn->strata[pick->stratum];
        stratum->items++;
        stratum->sum.count++;
        enum status status = money_add(stratum->sum.minor, item->minor, &stratum->sum.minor, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status draw_stratified(const struct sample_population *population, const struct sample_selection *selection,
                                   struct sample_drawn *drawn, struct err *err)
{
    int64_t counts[SAMPLE_STRATA_MAX] = {0}, sizes[SAMPLE_STRATA_MAX] = {0}, below = 0;
    if (population->bare.count > 0)
        return err_set(err, STATUS_INPUT, "%" PRIu64 " items of the population have no amount to part strata by",
                       population->bare.count);
    enum status status = check_bounds(selection, err);
    if (status == STATUS_OK)
        status = picks_new(population->count, drawn, err);
    if (status == STATUS_OK)
        status = strata_fill(population, selection, drawn, err);
    if (status != STATUS_OK)
        return status;
    size_t parted = drawn->stratum_count - selection->has_top;
    for (size_t i = 0; i < parted; i++)
        below += counts[i] = drawn->strata[i].items;
    /* What asks for more than there is below the top asks for all of it. */
    status = check_size(1, (int64_t)population->count, err);
    if (status == STATUS_OK && below > 0)
        status = sample_allocate(selection->size < below ? selection->size : below, counts, parted, sizes, err);
    if (status != STATUS_OK)
        return status;
    if (selection->has_top)
        sizes[parted] = drawn->strata[parted].items;
    qsort(drawn->picks, population->count, sizeof *drawn->picks, by_stratum_and_key);
    for (size_t i = 0; i < population->count; i++) {
        struct sample_stratum *stratum = &drawn->strata[drawn->picks[i].stratum];
        if (stratum->selected == sizes[drawn->picks[i].stratum])
            continue;
        stratum->selected++;
        drawn->picks[drawn->count++] = drawn->picks[i];
    }
    qsort(drawn->picks, drawn->count, sizeof *drawn->picks, by_place);
    return STATUS_OK;
}

/* Nothing is drawn: what the filter leaves is the sample. */
static enum status take_all(const struct sample_population *population, struct sample_drawn *drawn, struct err *err)
{
    enum status status = check_size((int64_t)population->count, (int64_t)population->count, err);
    if (status == STATUS_OK)
        status = picks_new(population->count, drawn, err);
    for (size_t i = 0; status == STATUS_OK && i < population->count; i++)
        drawn->picks[drawn->count++] = (struct sample_pick){.item = i};
    return status;
}

enum status sample_draw(const struct sample_population *population, const struct sample_selection *selection,
                        struct sample_drawn *ret_drawn, struct err *err)
{
    struct sample_drawn drawn = {.count = 0};
    enum status status = STATUS_OK;
    switch (selection->method) {
    case SAMPLE_ATTRIBUTE:
        status = draw_attribute(population, selection, &drawn, err);
        break;
    case SAMPLE_MUS:
        status = draw_mus(population, selection, &drawn, err);
        break;
    case SAMPLE_STRATIFIED:
        status = draw_stratified(population, selection, &drawn, err);
        break;
    case SAMPLE_JUDGEMENTAL:
    case SAMPLE_METHODS:
        status = take_all(population, &drawn, err);
        break;
    }
    if (status == STATUS_OK)
        *ret_drawn = drawn;
    else
        sample_drawn_done(&drawn);
    return status;
}

void sample_drawn_done(struct sample_drawn *drawn)
{
    free(drawn->picks);
    *drawn = (struct sample_drawn){.count = 0};
}
