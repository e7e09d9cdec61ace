/*
 * Contacts: whom collections reached, how, and what came of it. What a write-off of bad debt is judged by (C-41): effort, and
 * promises to pay that still stand.
 */
#include <string.h>

#include "controls/feed_sort.h"
#include "controls/feeds/common.h"

static const char *const channel_words[] = {"agency", "call", "legal", "letter", "mail", "portal", "visit", NULL};
static const char *const outcome_words[] = {"dispute", "message", "no-answer",       "promise-to-pay",
                                            "reached", "refused", "unknown-address", NULL};

static const struct field fields[] = {
    {.name = "channel", .type = FIELD_WORD, .words = channel_words},
    {.name = "contact", .type = FIELD_ID},
    {.name = "customer", .type = FIELD_ID},
    {.name = "date", .type = FIELD_DATE},
    {.name = "outcome", .type = FIELD_WORD, .words = outcome_words},
    {.name = "until", .type = FIELD_DATE, .optional = true},
};
static const struct schema schema = SCHEMA("contact", fields, NULL);

static enum status check(const json_t *record, int digits, struct err *err)
{
    const char *until = member_text(record, "until");
    bool promise = strcmp(member_text(record, "outcome"), "promise-to-pay") == 0;
    (void)digits;
    if (promise != (until != NULL))
        return err_set(err, STATUS_INPUT,
                       promise ? "until: a promise to pay says by when" : "until: only a promise to pay has one");
    /* Dates of one fixed form compare as text. */
    if (until != NULL && strcmp(until, member_text(record, "date")) < 0)
        return err_set(err, STATUS_INPUT, "until: is before the contact");
    return STATUS_OK;
}

const struct feed_sort feed_sort_contacts = {
    .name = "contacts",
    .schema = &schema,
    .id = "contact",
    .table = BOOKS_CONTACTS,
    .of_customer = true,
    .check = check,
};
