/*
 * Contracts: which meters of which devices a customer is billed for, and at what rate above which allowance: each meter by
 * itself, or together with others in a pool. Rates are without tax.
 */
#include <stdio.h>
#include <string.h>

#include "controls/feed_sort.h"
#include "controls/feeds/common.h"
#include "controls/meter_form.h"
#include "ledger/usage.h"

enum { RATE_BYTES_MAX = 24, METERS_MAX = 1000, POOLS_MAX = 100 };

static const struct field meter_fields[] = {
    {.name = "allowance", .type = FIELD_INTEGER, .min = 0, .max = USAGE_CLICKS_MAX, .optional = true},
    {.name = "device", .type = FIELD_ID},
    {.name = "meter", .type = FIELD_WORD, .words = meter_words},
    {.name = "pool", .type = FIELD_ID, .optional = true},
    {.name = "rate", .type = FIELD_TEXT, .min = 1, .max = RATE_BYTES_MAX, .optional = true},
};
static const struct schema meter_schema = SCHEMA("meter", meter_fields, NULL);

static const struct field pool_fields[] = {
    {.name = "allowance", .type = FIELD_INTEGER, .min = 0, .max = USAGE_CLICKS_MAX},
    {.name = "meter", .type = FIELD_WORD, .words = meter_words},
    {.name = "pool", .type = FIELD_ID},
    {.name = "rate", .type = FIELD_TEXT, .min = 1, .max = RATE_BYTES_MAX},
};
static const struct schema pool_schema = SCHEMA("pool", pool_fields, NULL);

static const struct field fields[] = {
    {.name = "contract", .type = FIELD_ID},
    {.name = "currency", .type = FIELD_CURRENCY},
    {.name = "customer", .type = FIELD_ID},
    {.name = "from", .type = FIELD_DATE},
    {.name = "meters", .type = FIELD_LIST, .schema = &meter_schema, .min = 1, .max = METERS_MAX},
    {.name = "pools", .type = FIELD_LIST, .schema = &pool_schema, .max = POOLS_MAX},
};
static const struct schema schema = SCHEMA("contract", fields, NULL);

static enum status rate_check(const json_t *term, struct err *err)
{
    const char *rate = member_text(term, "rate");
    int64_t trillionths;
    return usage_parse_rate(rate, strlen(rate), &trillionths, err);
}

/* "device meter" or "pool meter": ids hold no blank. */
static void term_key(const json_t *term, const char *name, char ret_key[static 2 * ID_BYTES_MAX])
{
    snprintf(ret_key, 2 * ID_BYTES_MAX, "%s %s", member_text(term, name), member_text(term, "meter"));
}

static enum status seen_add(json_t *seen, const char *key, const char *what, struct err *err)
{
    if (json_object_get(seen, key) != NULL)
        return err_set(err, STATUS_INPUT, "%s: %s stands twice", what, key);
    return json_object_set_new(seen, key, json_true()) == 0 ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
}

static enum status pools_check(const json_t *record, json_t *pools, struct err *err)
{
    const json_t *list = json_object_get(record, "pools");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(list); i++) {
        char key[2 * ID_BYTES_MAX];
        term_key(json_array_get(list, i), "pool", key);
        status = seen_add(pools, key, "pools", err);
        if (status == STATUS_OK)
            status = rate_check(json_array_get(list, i), err);
        if (status != STATUS_OK)
            err_prefix(err, "pools[%zu]: ", i);
    }
    return status;
}

static enum status meter_check(const json_t *meter, const json_t *pools, struct err *err)
{
    char key[2 * ID_BYTES_MAX];
    bool own = json_object_get(meter, "allowance") != NULL && json_object_get(meter, "rate") != NULL;
    bool some = json_object_get(meter, "allowance") != NULL || json_object_get(meter, "rate") != NULL;
    if (member_text(meter, "pool") == NULL)
        return own ? rate_check(meter, err)
                   : err_set(err, STATUS_INPUT, "allowance and rate are due, or a pool that has them");
    if (some)
        return err_set(err, STATUS_INPUT, "allowance and rate are its pool's");
    term_key(meter, "pool", key);
    return json_object_get(pools, key) != NULL ? STATUS_OK : err_set(err, STATUS_INPUT, "there is no pool %s", key);
}

static enum status check(const json_t *record, int digits, struct err *err)
{
    const json_t *list = json_object_get(record, "meters");
    json_t *pools = json_object(), *meters = json_object();
    (void)digits;
    enum status status =
        pools != NULL && meters != NULL ? pools_check(record, pools, err) : err_set(err, STATUS_MEMORY, "no memory");
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(list); i++) {
        char key[2 * ID_BYTES_MAX];
        term_key(json_array_get(list, i), "device", key);
        status = seen_add(meters, key, "meters", err);
        if (status == STATUS_OK)
            status = meter_check(json_array_get(list, i), pools, err);
        if (status != STATUS_OK)
            err_prefix(err, "meters[%zu]: ", i);
    }
    json_decref(pools);
    json_decref(meters);
    return status;
}

const struct feed_sort feed_sort_contracts = {
    .name = "contracts",
    .schema = &schema,
    .id = "contract",
    .table = BOOKS_CONTRACTS,
    .of_customer = true,
    .check = check,
};
