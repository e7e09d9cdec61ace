/*
 * Period: the word of an entity's closers on one month. soft and hard close it, open opens it again; open with a user and an
 * end is an exception for that user. What it does to documents is C-39, who may sign it C-31.
 */
#include <string.h>

#include "controls/facts_period.h"
#include "controls/kinds/common.h"

static const char *const state_words[] = {"open", "soft", "hard", NULL};

static const struct field fields[] = {
    {.name = "entity", .type = FIELD_CODE},
    {.name = "period", .type = FIELD_ID},
    {.name = "state", .type = FIELD_WORD, .words = state_words},
    {.name = "user", .type = FIELD_ID, .optional = true},
    {.name = "until", .type = FIELD_INSTANT, .optional = true},
    {.name = "reason", .type = FIELD_TEXT, .min = 1},
};
static const struct schema schema = SCHEMA("period", fields, &document_schema);

static enum status check(const json_t *document, struct err *err)
{
    int32_t first, last;
    const char *user = member_text(document, "user"), *until = member_text(document, "until");
    enum status status = month_parse(member_text(document, "period"), &first, &last, err);
    if (status != STATUS_OK) {
        err_prefix(err, "period: ");
        return status;
    }
    if ((user == NULL) != (until == NULL))
        return err_set(err, STATUS_INPUT, "%s: an exception has a user and an end; without them it is none",
                       user == NULL ? "user" : "until");
    if (user != NULL && strcmp(member_text(document, "state"), "open") != 0)
        return err_set(err, STATUS_INPUT, "state: an exception is of state open");
    return STATUS_OK;
}

static bool widens(const json_t *document)
{
    return strcmp(member_text(document, "state"), "open") == 0;
}

const struct kind kind_period = {
    .id = KIND_PERIOD,
    .title = "period",
    .schema = &schema,
    .govern = "period.close",
    .by_entity = true,
    .widens = widens,
    .check = check,
};
