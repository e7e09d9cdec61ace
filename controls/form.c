/*
 * Documents held against their kinds' schemas where they lie. What a kind asks beyond its schema is told here for those that books
 * are full of, and left to the tree for the others. tests/fuzz/fuzz_statement.c holds this room against judge_check_form.
 */
#include "controls/form.h"

#include <string.h>

#include "controls/kind.h"
#include "controls/kinds/common.h"
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

static bool document_holds(const struct outline *outline, const struct outline_node *document)
{
    char name[KIND_CHARS_MAX];
    if (!text_copy(outline, outline_get(outline, document, "kind"), name, sizeof name))
        return false;
    const struct kind *kind = kind_find(name);
    if (kind == NULL || !schema_holds(kind->schema, outline, document, NULL))
        return false;
    return kind->check == NULL          ? true
           : kind->check == money_check ? money_holds(outline, document)
                                        : kind->id == KIND_CORRECTION && correction_holds(outline, document);
}

bool form_holds(const struct statement_look *look)
{
    const struct outline *outline = look->outline;
    if (look->verb != VERB_SUBMIT && look->verb != VERB_AMEND)
        return look->verb != VERB_FEED;
    for (const struct outline_node *one = outline_first(outline, look->list); one != NULL;
         one = outline_after(outline, look->list, one))
        if (!document_holds(outline, statement_look_document(look, one)))
            return false;
    return true;
}
