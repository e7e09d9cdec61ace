/*
 * Selections written and read; see the header and SAMPLING.md section 6. Nothing in the bytes depends on when or where the
 * draw was made, on what was put on record after it, or on the order in which files were brought.
 */
#include "audit/sample/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/canon.h"
#include "ledger/checksum.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"

void sample_percent(int32_t ppm, char ret_text[static SAMPLE_PERCENT_BYTES])
{
    int length = snprintf(ret_text, SAMPLE_PERCENT_BYTES, "%d.%04d", (int)(ppm / 10000), (int)(ppm % 10000));
    while (ret_text[length - 1] == '0')
        ret_text[--length] = '\0';
    if (ret_text[length - 1] == '.')
        ret_text[length - 1] = '\0';
}

enum status sample_percent_parse(const char *text, int32_t *ret_ppm, struct err *err)
{
    static const char digits[] = "0123456789";
    size_t whole = strspn(text, digits), decimals = text[whole] == '.' ? strspn(text + whole + 1, digits) : 0;
    size_t end = whole + (text[whole] == '.' ? 1 + decimals : 0);
    int32_t ppm = 0;
    if (text[end] == '%')
        end++;
    if (text[end] != '\0' || whole == 0 || whole > 3 || decimals > 4 || (text[whole] == '.' && decimals == 0))
        return err_set(err, STATUS_INPUT, "'%.32s' is no percentage: write 5 or 2.5, with at most four decimals", text);
    for (size_t i = 0; i < whole; i++)
        ppm = ppm * 10 + (text[i] - '0');
    for (size_t i = 0; i < 4; i++)
        ppm = ppm * 10 + (i < decimals ? text[whole + 1 + i] - '0' : 0);
    if (ppm > PROBABILITY_ONE)
        return err_set(err, STATUS_INPUT, "%.32s is more than 100 %%", text);
    *ret_ppm = ppm;
    return STATUS_OK;
}

static json_t *amount_json(const struct sample_draft *draft, int64_t minor)
{
    char text[MONEY_TEXT_MAX];
    money_format(minor, draft->basis->population.digits, text);
    return json_string(text);
}

static json_t *sum_json(const struct sample_draft *draft, const struct sample_sum *sum)
{
    return json_pack("{s:I, s:o}", "count", (json_int_t)sum->count, "sum", amount_json(draft, sum->minor));
}

static void set_percent(json_t *json, const char *name, int32_t ppm)
{
    char text[SAMPLE_PERCENT_BYTES];
    sample_percent(ppm, text);
    json_object_set_new(json, name, json_string(text));
}

static json_t *population_json(const struct sample_draft *draft)
{
    const struct sample_population *population = &draft->basis->population;
    char hash[HASH_HEX_CHARS + 1];
    hash_to_hex(&population->hash, hash);
    return json_pack("{s:I, s:I, s:s, s:o, s:s, s:o, s:o, s:I, s:I}", "before", (json_int_t)draft->basis->before,
                     "count", (json_int_t)population->count, "currency", population->currency, "filter",
                     sample_filter_json(draft->filter), "hash", hash, "negative",
                     sum_json(draft, &population->negative), "positive", sum_json(draft, &population->positive),
                     "without_amount", (json_int_t)population->bare.count, "zero", (json_int_t)population->zero.count);
}

static json_t *seed_json(const struct sample_draft *draft)
{
    const struct sample_basis *basis = draft->basis;
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:I, s:s, s:s}", "by", basis->actor, "content", basis->content, "document",
                  basis->document, "entry", (json_int_t)basis->before, "purpose", basis->purpose, "text", basis->seed);
    if (json != NULL && draft->reveal != NULL)
        json_object_set_new(json, "reveal", json_string(draft->reveal));
    return json;
}

static json_t *checkpoint_json(const struct sample_basis *basis)
{
    char root[HASH_HEX_CHARS + 1], time[INSTANT_TEXT_BYTES];
    hash_to_hex(&basis->root, root);
    json_t *json = json_pack("{s:s, s:I}", "root", root, "size", (json_int_t)basis->size);
    if (json == NULL || !basis->cosigned)
        return json;
    json_object_set_new(json, "witness", json_string(basis->witness));
    if (basis->cosigned_s > 0 && basis->cosigned_s <= INSTANT_MAX / 1000) {
        instant_format(basis->cosigned_s * 1000, time);
        json_object_set_new(json, "witnessed", json_string(time));
    }
    return json;
}

static void set_attribute_plan(const struct sample_draft *draft, json_t *json)
{
    const struct attribute_plan *plan = &draft->plan->attribute;
    if (plan->tolerable_ppm == 0)
        return;
    set_percent(json, "tolerable_rate", plan->tolerable_ppm);
    json_object_set_new(json, "distribution", json_string(sample_distribution_name(plan->distribution)));
    json_object_set_new(json, "deviations_allowed", json_integer((json_int_t)draft->plan->allowed));
    if (plan->expected < 0)
        set_percent(json, "expected_rate", plan->expected_ppm);
    else
        json_object_set_new(json, "expected_deviations", json_integer((json_int_t)plan->expected));
}

static json_t *plan_json(const struct sample_draft *draft)
{
    const struct sample_plan *plan = draft->plan;
    const struct sample_selection *selection = draft->selection;
    json_t *json = json_pack("{s:s}", "sized", plan->given ? "given" : "planned");
    if (json == NULL)
        return NULL;
    if (plan->risk_ppm > 0)
        set_percent(json, "confidence", PROBABILITY_ONE - plan->risk_ppm);
    if (plan->method == SAMPLE_JUDGEMENTAL)
        json_object_set_new(json, "because", json_string(plan->because));
    if (plan->method == SAMPLE_MUS) {
        json_object_set_new(json, "interval", amount_json(draft, selection->interval_minor));
        json_object_set_new(json, "start", amount_json(draft, draft->drawn->start_minor));
        if (plan->mus.tolerable_minor > 0) {
            json_object_set_new(json, "tolerable_amount", amount_json(draft, plan->mus.tolerable_minor));
            json_object_set_new(json, "expected_amount", amount_json(draft, plan->mus.expected_minor));
        }
    } else if (plan->method != SAMPLE_JUDGEMENTAL) {
        json_object_set_new(json, "size", json_integer((json_int_t)selection->size));
        set_attribute_plan(draft, json);
    }
    return json;
}

static json_t *strata_json(const struct sample_draft *draft)
{
    const struct sample_selection *selection = draft->selection;
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < draft->drawn->stratum_count; i++) {
        const struct sample_stratum *stratum = &draft->drawn->strata[i];
        bool top = selection->has_top && i + 1 == draft->drawn->stratum_count;
        int64_t from = top ? selection->top_minor : i > 0 ? selection->bounds_minor[i - 1] : 0;
        json_t *json = json_pack("{s:I, s:o, s:I, s:I, s:o}", "count", (json_int_t)stratum->items, "from",
                                 amount_json(draft, from), "selected", (json_int_t)stratum->selected, "stratum",
                                 (json_int_t)i + 1, "sum", amount_json(draft, stratum->sum.minor));
        if (json != NULL && top)
            json_object_set_new(json, "top", json_true());
        json_array_append_new(list, json);
    }
    return list;
}

/* Whoever could still choose when the other half of the draw value was known. */
static const char *steering_text(const struct sample_draft *draft)
{
    const struct sample_basis *basis = draft->basis;
    if (!basis->cosigned)
        return basis->sealed
                   ? "the book alone signed the checkpoint: its custodian could have steered the draw, together "
                     "with whoever knew what the seed hides"
                   : "the book alone signed the checkpoint: its custodian could have steered the draw";
    return basis->sealed ? "nobody: the seed was sealed until a witness had cosigned"
                         : "the seed was open: who let entries in between it and the cosigned checkpoint could have "
                           "tried several; a sealed seed leaves nobody";
}

json_t *sample_header_json(const struct sample_draft *draft)
{
    const struct sample_basis *basis = draft->basis;
    char hash[HASH_HEX_CHARS + 1];
    json_t *json = json_pack("{s:s, s:s, s:s, s:o, s:o, s:{s:I}}", "book", basis->book, "format", SAMPLE_FORMAT,
                             "method", sample_method_name(draft->plan->method), "plan", plan_json(draft), "population",
                             population_json(draft), "sample", "count", (json_int_t)draft->drawn->count);
    if (json == NULL)
        return NULL;
    if (draft->drawn->stratum_count > 0)
        json_object_set_new(json_object_get(json, "sample"), "strata", strata_json(draft));
    if (!basis->seeded)
        return json;
    hash_to_hex(&basis->draw, hash);
    json_object_set_new(json, "seed", seed_json(draft));
    json_object_set_new(json, "checkpoint", checkpoint_json(basis));
    json_object_set_new(json, "draw", json_string(hash));
    json_object_set_new(json, "steering", json_string(steering_text(draft)));
    return json;
}

json_t *sample_item_json(const struct sample_draft *draft, size_t index)
{
    const struct sample_pick *pick = &draft->drawn->picks[index];
    const struct sample_population *population = &draft->basis->population;
    const struct sample_item *item = &population->items[pick->item];
    char id[SAMPLE_ID_BYTES], document[SAMPLE_ID_BYTES];
    sample_item_id(population, item, id);
    sample_item_document(item, document);
    json_t *json =
        json_pack("{s:I, s:I, s:s}", "entry", (json_int_t)item->seq, "index", (json_int_t)item->index, "item", id);
    if (json == NULL)
        return NULL;
    if (document[0] != '\0')
        json_object_set_new(json, "document", json_string(document));
    if (item->has_amount)
        json_object_set_new(json, "amount", amount_json(draft, item->minor));
    if (draft->plan->method == SAMPLE_ATTRIBUTE)
        json_object_set_new(json, "order", json_integer((json_int_t)index + 1));
    if (draft->plan->method == SAMPLE_MUS) {
        json_object_set_new(json, "hit", amount_json(draft, pick->hit));
        json_object_set_new(json, "hits", json_integer((json_int_t)pick->hits));
    }
    if (draft->plan->method == SAMPLE_STRATIFIED)
        json_object_set_new(json, "stratum", json_integer((json_int_t)pick->stratum + 1));
    if (pick->top)
        json_object_set_new(json, "top", json_true());
    return json;
}

struct writing {
    const struct export_sink *sink;
    struct hash_stream stream;
};

static enum status write_line(struct writing *writing, json_t *json, struct err *err)
{
    char *bytes = NULL;
    size_t length = 0;
    enum status status = json == NULL ? err_set(err, STATUS_MEMORY, "no memory for a selection")
                                      : canon_encode(json, &bytes, &length, err);
    json_decref(json);
    if (status != STATUS_OK)
        return status;
    bytes[length] = '\n'; /* in the place of the closing NUL */
    const struct slice line = slice_of(bytes, length + 1);
    hash_stream_add(&writing->stream, line);
    status = writing->sink->write(writing->sink->context, line, err);
    free(bytes);
    return status;
}

enum status sample_file_write(const struct sample_draft *draft, const struct export_sink *sink,
                              struct sample_written *ret_written, struct err *err)
{
    struct writing writing = {.sink = sink};
    hash_stream_init(&writing.stream);
    enum status status = write_line(&writing, sample_header_json(draft), err);
    for (size_t i = 0; status == STATUS_OK && i < draft->drawn->count; i++)
        status = write_line(&writing, sample_item_json(draft, i), err);
    hash_stream_end(&writing.stream, &ret_written->hash);
    ret_written->items = draft->drawn->count;
    return status;
}

static const struct field header_fields[] = {
    {.name = "book", .type = FIELD_HASH},
    {.name = "checkpoint", .type = FIELD_OBJECT, .optional = true},
    {.name = "draw", .type = FIELD_HASH, .optional = true},
    {.name = "format", .type = FIELD_TEXT},
    {.name = "method",
     .type = FIELD_WORD,
     .words = (const char *const[]){"attribute", "judgemental", "mus", "stratified", NULL}},
    {.name = "plan", .type = FIELD_OBJECT},
    {.name = "population", .type = FIELD_OBJECT},
    {.name = "sample", .type = FIELD_OBJECT},
    {.name = "seed", .type = FIELD_OBJECT, .optional = true},
    {.name = "steering", .type = FIELD_TEXT, .optional = true},
};
static const struct schema header_schema = SCHEMA("selection", header_fields, NULL);

static const struct field item_fields[] = {
    {.name = "amount", .type = FIELD_AMOUNT, .optional = true},
    {.name = "document", .type = FIELD_ID, .optional = true},
    {.name = "entry", .type = FIELD_INTEGER, .min = 0, .max = CANON_INTEGER_MAX},
    {.name = "hit", .type = FIELD_AMOUNT, .optional = true},
    {.name = "hits", .type = FIELD_INTEGER, .min = 1, .max = CANON_INTEGER_MAX, .optional = true},
    {.name = "index", .type = FIELD_INTEGER, .min = 0, .max = CANON_INTEGER_MAX},
    {.name = "item", .type = FIELD_ID},
    {.name = "order", .type = FIELD_INTEGER, .min = 1, .max = CANON_INTEGER_MAX, .optional = true},
    {.name = "stratum", .type = FIELD_INTEGER, .min = 1, .max = SAMPLE_STRATA_MAX, .optional = true},
    {.name = "top", .type = FIELD_BOOLEAN, .optional = true},
};
static const struct schema item_schema = SCHEMA("selected item", item_fields, NULL);

static enum status take_line(struct sample_file *file, const char *line, size_t length, struct err *err)
{
    json_t *json = NULL;
    enum status status = canon_parse(line, length, SAMPLE_FILE_BYTES_MAX, &json, err);
    bool first = file->header == NULL;
    if (status == STATUS_OK)
        status = schema_check(first ? &header_schema : &item_schema, json, "", err);
    if (status == STATUS_OK && first && strcmp(member_text(json, "format"), SAMPLE_FORMAT) != 0)
        status = err_set(err, STATUS_INPUT, "is of the format %.40s, this program knows %s",
                         member_text(json, "format"), SAMPLE_FORMAT);
    if (status != STATUS_OK) {
        json_decref(json);
        return status;
    }
    if (first)
        file->header = json;
    else if (json_array_append_new(file->items, json) != 0)
        return err_set(err, STATUS_MEMORY, "no memory for a selection");
    return STATUS_OK;
}

enum status sample_file_parse(struct slice bytes, struct sample_file *ret_file, struct err *err)
{
    struct sample_file file = {.items = json_array()};
    enum status status = file.items == NULL ? err_set(err, STATUS_MEMORY, "no memory for a selection") : STATUS_OK;
    size_t number = 0;
    for (size_t at = 0; status == STATUS_OK && at < bytes.length;) {
        const char *line = (const char *)bytes.bytes + at;
        const char *end = memchr(line, '\n', bytes.length - at);
        number++;
        status = end == NULL ? err_set(err, STATUS_INPUT, "has no end of line: the file is cut off")
                             : take_line(&file, line, (size_t)(end - line), err);
        if (status == STATUS_OK)
            at += (size_t)(end - line) + 1;
        else
            err_prefix(err, "line %zu: ", number);
    }
    if (status == STATUS_OK && file.header == NULL)
        status = err_set(err, STATUS_INPUT, "is empty");
    if (status == STATUS_OK &&
        member_integer(json_object_get(file.header, "sample"), "count") != (int64_t)json_array_size(file.items))
        status = err_set(err, STATUS_INPUT, "holds %zu items, its first line says %lld: the file is not whole",
                         json_array_size(file.items),
                         (long long)member_integer(json_object_get(file.header, "sample"), "count"));
    hash_of(bytes.bytes, bytes.length, &file.hash);
    if (status == STATUS_OK)
        *ret_file = file;
    else
        sample_file_done(&file);
    return status;
}

void sample_file_done(struct sample_file *file)
{
    json_decref(file->header);
    json_decref(file->items);
    *file = (struct sample_file){.header = NULL};
}
