/*
 * The model's money: lines that balance, what invoices bear, the rows of the policy, and the totals of files.
 */
#include "tests/support/gate_model_parts.h"

/* What the lines of a result come to: nothing, in each currency and in the functional one. */
bool gate_model_lines_balance(struct gate_model *model, const json_t *result)
{
    const json_t *lines = at(result, "lines");
    json_t *sums = json_object();
    bool right = true;
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        int64_t amount = minor(text(line, "amount"));
        const char *currency = text(line, "currency");
        if (amount <= 0 && at(line, "difference") == NULL)
            right = wrong(model, "a line of %s", text(line, "amount"));
        int64_t sum = json_integer_value(at(sums, currency)) + (is(text(line, "side"), "dr") ? amount : -amount);
        json_object_set_new(sums, currency, json_integer(sum));
    }
    const char *currency;
    json_t *sum;
    json_object_foreach(sums, currency, sum)
    {
        if (json_integer_value(sum) != 0)
            right = wrong(model, "lines in %s do not balance", currency);
    }
    json_decref(sums);
    return right;
}

/* The levels that the row of a document asks for its own amount, as a set of bits; -1: not known here. */
int gate_model_levels_of_row(const struct gate_model *model, const struct look *look, const json_t *document)
{
    static const char *const kinds[] = {"credit-note", "correction", "write-off"};
    const json_t *policy = at(model->policies, text(at(look->decision, "policy"), "hash"));
    const json_t *rows = at(policy, "authority"), *reasons = at(policy, "reasons"), *found = NULL;
    const char *row = NULL, *entity = text(document, "entity");
    bool known = false;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        known = known || is(text(document, "kind"), kinds[i]);
    if (!known || !is(text(document, "currency"), text(policy, "base")))
        return -1;
    for (size_t i = 0; i < json_array_size(reasons); i++)
        if (is(text(json_array_get(reasons, i), "reason"), text(document, "reason")))
            row = text(json_array_get(reasons, i), "row");
    for (size_t i = 0; row != NULL && i < json_array_size(rows); i++) {
        const json_t *one = json_array_get(rows, i), *entities = at(one, "entities");
        bool lists = false;
        for (size_t j = 0; j < json_array_size(entities); j++)
            lists = lists || is(json_string_value(json_array_get(entities, j)), entity);
        if (is(text(one, "row"), row) && (lists || (json_array_size(entities) == 0 && found == NULL)))
            found = one;
    }
    const json_t *tiers = at(found, "tiers");
    for (size_t i = 0; i < json_array_size(tiers); i++) {
        const json_t *tier = json_array_get(tiers, i), *levels = at(tier, "levels");
        if (at(tier, "upto") != NULL && minor(text(tier, "upto")) < minor(text(document, "amount")))
            continue;
        int set = 0;
        for (size_t j = 0; j < json_array_size(levels); j++)
            set |= 1 << json_integer_value(json_array_get(levels, j));
        return set;
    }
    return -1;
}

/* Sums, and what invoices bear. */
bool gate_model_money_is_right(struct gate_model *model, const json_t *document)
{
    char name[512];
    const json_t *allocations = at(document, "allocations");
    const char *kind = text(document, "kind"), *amount = text(document, "amount");
    bool is_note = is(kind, "credit-note"), is_correction = is(kind, "correction"),
         is_write_off = is(kind, "write-off");
    if (!is_note && !is_correction && !is_write_off)
        return true;
    int64_t sum = is_note ? minor(text(document, "on_account")) : 0;
    bool down = !is_correction || is(text(document, "direction"), "down");
    if (minor(amount) <= 0 || strchr(amount, '-') != NULL)
        return wrong(model, "an amount of %s", amount);
    for (size_t i = 0; i < json_array_size(allocations); i++) {
        const json_t *one = json_array_get(allocations, i);
        const json_t *invoice = at(model->invoices, pair(text(document, "entity"), text(one, "invoice"), name));
        int64_t here = 0;
        if (invoice == NULL || !is(text(invoice, "customer"), text(document, "customer")) ||
            !is(text(invoice, "currency"), text(document, "currency")))
            return wrong(model, "invoice %s is not one of this customer in this currency", name);
        for (size_t j = 0; j < json_array_size(allocations); j++)
            if (is(text(json_array_get(allocations, j), "invoice"), text(one, "invoice")))
                here += minor(text(json_array_get(allocations, j), "amount"));
        if (minor(text(one, "amount")) <= 0 || (down && here > json_integer_value(at(invoice, "open"))))
            return wrong(model, "%s has less open than %lld", name, (long long)here);
        sum += minor(text(one, "amount"));
    }
    return sum == minor(amount) || wrong(model, "parts of %lld make %s", (long long)sum, amount);
}

/* What a file's records add up to so far; the name of the member that adds up. */
int64_t gate_model_file_sum(const struct look *look)
{
    const json_t *records = at(look->body, "records");
    const char *member = is(text(look->body, "feed"), "invoices") ? "gross" : "amount";
    int64_t sum = 0;
    for (size_t i = 0; i < json_array_size(records); i++)
        sum += minor(text(json_array_get(records, i), member));
    return sum;
}

const char *gate_model_file_name(const struct look *look, char ret_text[static 512])
{
    snprintf(ret_text, 512, "%s %s %lld", text(look->body, "entity"), text(look->body, "feed"),
             (long long)json_integer_value(at(at(look->body, "file"), "sequence")));
    return ret_text;
}

bool gate_model_file_is_right(struct gate_model *model, const struct look *look)
{
    char name[512];
    const json_t *file = at(model->files, gate_model_file_name(look, name)), *manifest = at(look->body, "file");
    const json_t *result = json_array_get(look->results, 0);
    json_int_t count = json_integer_value(at(file, "count")) + (json_int_t)json_array_size(at(look->body, "records"));
    int64_t total = json_integer_value(at(file, "total")) + gate_model_file_sum(look);
    if (json_is_true(at(file, "closed")))
        return wrong(model, "the file %s was closed", name);
    if (json_integer_value(at(look->body, "part")) != json_integer_value(at(file, "parts")) + 1)
        return wrong(model, "a part of %s is left out or comes twice", name);
    if (!is(text(result, "outcome"), "closed"))
        return true;
    if (count != json_integer_value(at(manifest, "count")))
        return wrong(model, "%s closes with %lld records", name, (long long)count);
    return at(manifest, "total") == NULL || total == minor(text(manifest, "total")) ||
           wrong(model, "%s closes with a total of %lld", name, (long long)total);
}
