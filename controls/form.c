/*
 * Documents and records held against their schemas where they lie. What a kind asks beyond its schema is told here for those that
 * books are full of, and by the tree of the document alone for the others. tests/fuzz/fuzz_statement.c holds this room against judge_check_form.
 */
#include "controls/form.h"

#include <string.h>

#include "controls/feed_sort.h"
#include "controls/kind.h"
#include "controls/kinds/common.h"
#include "ledger/compact.h"
#include "ledger/currency.h"
#include "ledger/money.h"
#include "ledger/outline.h"
#include "ledger/statement.h"

enum { KIND_CHARS_MAX = 32, ALLOCATIONS_LOOKED = 16, CURRENCY_BYTES = 8 };

static bool text_copy(const struct outline *outline, const struct outline_node *node, char *ret_text, size_t room)
{
    struct slice text;
    if (!outline_text(outline, node, &text) || text.length >= room)
        return false;
    memcpy(ret_text, text.bytes, text.length);
    ret_text[text.length] = '\0';
    return true;
}

static bool is_amount(const struct outline *outline, const struct outline_node *node, int digits)
{
    struct slice text;
    int64_t minor;
    return outline_text(outline, node, &text) &&
           money_parse((const char *)text.bytes, text.length, digits, &minor, NULL) == STATUS_OK;
}

static bool same_text(const struct outline *outline, const struct outline_node *a, const struct outline_node *b)
{
    struct slice x = slice_of("", 0), y = slice_of("", 0);
    (void)outline_text(outline, a, &x);
    (void)outline_text(outline, b, &y);
    return x.length == y.length && memcmp(x.bytes, y.bytes, x.length) == 0;
}

/* Amounts of the currency, and no invoice line twice. */
static bool allocations_hold(const struct outline *outline, const struct outline_node *list, int digits)
{
    const struct outline_node *seen[ALLOCATIONS_LOOKED];
    size_t count = 0;
    for (const struct outline_node *one = list == NULL ? NULL : outline_first(outline, list); one != NULL;
         one = outline_after(outline, list, one)) {
        if (count == ALLOCATIONS_LOOKED || !is_amount(outline, outline_get(outline, one, "amount"), digits))
            return false;
        for (size_t i = 0; i < count; i++)
            if (same_text(outline, outline_get(outline, seen[i], "invoice"), outline_get(outline, one, "invoice")) &&
                same_text(outline, outline_get(outline, seen[i], "line"), outline_get(outline, one, "line")))
                return false;
        seen[count++] = one;
    }
    return true;
}

/* As money_check. A document that states its taxes itself is left to that. */
static bool money_holds(const struct outline *outline, const struct outline_node *document)
{
    const struct outline_node *on_account = outline_get(outline, document, "on_account");
    char currency[CURRENCY_BYTES];
    if (!text_copy(outline, outline_get(outline, document, "currency"), currency, sizeof currency) ||
        outline_get(outline, document, "taxes") != NULL)
        return false;
    int digits = currency_digits(currency);
    return digits >= 0 && is_amount(outline, outline_get(outline, document, "amount"), digits) &&
           (on_account == NULL || is_amount(outline, on_account, digits)) &&
           allocations_hold(outline, outline_get(outline, document, "allocations"), digits);
}

/* A correction that is none of meter reads. */
static bool correction_holds(const struct outline *outline, const struct outline_node *document)
{
    return outline_get(outline, document, "reads") == NULL && outline_get(outline, document, "charges") == NULL &&
           outline_get(outline, document, "contract") == NULL && money_holds(outline, document);
}

/* What is asked beyond a schema of a document or record, by the tree of that alone. */
static bool tree_of(const struct outline *outline, const struct outline_node *node, json_t **ret_tree)
{
    const struct slice raw = outline_raw(outline, node);
    *ret_tree = compact_read((const char *)raw.bytes, raw.length, NULL);
    return *ret_tree != NULL;
}

static bool kind_check_holds(const struct kind *kind, const struct outline *outline,
                             const struct outline_node *document)
{
    json_t *tree = NULL;
    const bool holds = tree_of(outline, document, &tree) && kind->check(tree, NULL) == STATUS_OK;
    json_decref(tree);
    return holds;
}

static bool document_holds(const struct outline *outline, const struct outline_node *document)
{
    char name[KIND_CHARS_MAX];
    if (!text_copy(outline, outline_get(outline, document, "kind"), name, sizeof name))
        return false;
    const struct kind *kind = kind_find(name);
    if (kind == NULL || !schema_holds(kind->schema, outline, document, NULL))
        return false;
    return kind->check == NULL || (kind->check == money_check && money_holds(outline, document)) ||
           (kind->id == KIND_CORRECTION && correction_holds(outline, document)) ||
           kind_check_holds(kind, outline, document);
}

static bool record_holds(const struct feed_sort *feed, const struct outline *outline, const struct outline_node *record,
                         int digits)
{
    json_t *tree = NULL;
    if (!schema_holds(feed->schema, outline, record, NULL))
        return false;
    const bool holds =
        feed->check == NULL || (tree_of(outline, record, &tree) && feed->check(tree, digits, NULL) == STATUS_OK);
    json_decref(tree);
    return holds;
}

/* As feed_check_form. */
static bool feed_holds(const struct statement_look *look)
{
    const struct outline *outline = look->outline;
    const struct outline_node *file = outline_get(outline, look->body, "file");
    const struct outline_node *records = outline_get(outline, look->body, "records");
    const struct outline_node *total = outline_get(outline, file, "total");
    char name[KIND_CHARS_MAX], currency[CURRENCY_BYTES];
    const bool has_currency = text_copy(outline, outline_get(outline, file, "currency"), currency, sizeof currency);
    const struct feed_sort *feed =
        text_copy(outline, outline_get(outline, look->body, "feed"), name, sizeof name) ? feed_sort_find(name) : NULL;
    if (feed == NULL || has_currency != (feed->total != NULL) || (total != NULL) != (feed->total != NULL))
        return false;
    const int digits = has_currency ? currency_digits(currency) : 0;
    bool holds = digits >= 0 && (total == NULL || is_amount(outline, total, digits));
    for (const struct outline_node *one = outline_first(outline, records); holds && one != NULL;
         one = outline_after(outline, records, one))
        holds = record_holds(feed, outline, one, digits);
    return holds;
}

bool form_holds(const struct statement_look *look)
{
    const struct outline *outline = look->outline;
    if (look->verb == VERB_FEED)
        return feed_holds(look);
    if (look->verb != VERB_SUBMIT && look->verb != VERB_AMEND)
        return true;
    for (const struct outline_node *one = outline_first(outline, look->list); one != NULL;
         one = outline_after(outline, look->list, one))
        if (!document_holds(outline, statement_look_document(look, one)))
            return false;
    return true;
}
