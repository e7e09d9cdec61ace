/*
 * Draws: the worked example of audit/sample/SAMPLING.md, what selection promises of any population, and evaluation.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/sample/draw.h"
#include "audit/sample/evaluate.h"
#include "audit/sample/file.h"
#include "audit/sample/size.h"

enum { EXAMPLE_ITEMS = 8, MANY = 20000, DOC_BYTES = 1 << 16 };

#define ONES   "1111111111111111111111111111111111111111111111111111111111111111"
#define TWOS   "2222222222222222222222222222222222222222222222222222222222222222"
#define REVEAL "a text that was sealed"

static const int64_t example_minor[EXAMPLE_ITEMS] = {10000, 250000, 4000, -3000, 0, 70000, 6000, 30000};

/* Credit notes CN-1.. with these amounts, one an entry. */
static void population_make(struct sample_population *population, const int64_t *minor, size_t count)
{
    struct err err = {.status = STATUS_OK};
    *population = (struct sample_population){.currency = "USD", .digits = 2, .count = count};
    population->items = calloc(count, sizeof *population->items);
    assert_non_null(population->items);
    for (size_t i = 0; i < count; i++)
        population->items[i] = (struct sample_item){.seq = 10 + i,
                                                    .number = i + 1,
                                                    .kind = KIND_CREDIT_NOTE,
                                                    .minor = minor == NULL ? (int64_t)(i % 97 + 1) * 100 : minor[i],
                                                    .has_amount = true};
    assert_int_equal(sample_population_seal(population, &err), STATUS_OK);
}

static struct hash value_of(const char *reveal)
{
    struct sample_origin origin = {
        .book = ONES, .document = "SE-1", .content = TWOS, .entry = 100, .reveal = reveal, .size = 120};
    struct hash draw;
    struct err err = {.status = STATUS_OK};
    memset(origin.root.bytes, 0x33, HASH_BYTES);
    assert_int_equal(sample_draw_value(&origin, &draw, &err), STATUS_OK);
    return draw;
}

static void draw(const struct sample_population *population, struct sample_selection selection,
                 struct sample_drawn *ret_drawn)
{
    struct err err = {.status = STATUS_OK};
    if (sample_draw(population, &selection, ret_drawn, &err) != STATUS_OK)
        fail_msg("%s", err.text);
}

static enum status refused(const struct sample_population *population, struct sample_selection selection)
{
    struct err err = {.status = STATUS_OK};
    struct sample_drawn drawn;
    return sample_draw(population, &selection, &drawn, &err);
}

/* "CN-7 CN-6": the ids of a sample in its order. */
static const char *ids(const struct sample_population *population, const struct sample_drawn *drawn)
{
    static char text[DOC_BYTES];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < drawn->count; i++) {
        char id[SAMPLE_ID_BYTES];
        sample_item_id(population, &population->items[drawn->picks[i].item], id);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i > 0 ? " " : "", id);
    }
    return text;
}

static void stands_in_the_text(const char *words)
{
    static char text[DOC_BYTES];
    FILE *file = fopen("audit/sample/SAMPLING.md", "r");
    if (file == NULL)
        skip(); /* run from elsewhere */
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    if (strstr(text, words) == NULL)
        fail_msg("audit/sample/SAMPLING.md does not say %s", words);
}

static void the_worked_example(void **state)
{
    struct sample_population population;
    struct sample_drawn drawn;
    char hex[HASH_HEX_CHARS + 1];
    const struct hash value = value_of(NULL), sealed = value_of(REVEAL);
    (void)state;
    population_make(&population, example_minor, EXAMPLE_ITEMS);
    hash_to_hex(&value, hex);
    assert_string_equal(hex, "221b8068832c0697e936755d3f8d066bf1bc7fe5e9be6a1a9e61ba3261d00b34");
    stands_in_the_text(hex);
    hash_to_hex(&sealed, hex);
    assert_string_equal(hex, "3750fa12a070c49eed01d984491b3b6ffd9611325d3cdd256bd39ef2a5f9d93b");
    stands_in_the_text(hex);
    hash_to_hex(&population.hash, hex);
    assert_string_equal(hex, "a58faad4fc2787bc8e60143a57983e0aee8914b71cfcdf92ad9a239db4f6bd47");
    stands_in_the_text(hex);
    assert_int_equal(population.positive.minor, 370000);
    assert_int_equal(population.negative.count, 1);
    assert_int_equal(population.zero.count, 1);

    draw(&population, (struct sample_selection){.method = SAMPLE_ATTRIBUTE, .draw = value, .size = 8}, &drawn);
    assert_string_equal(ids(&population, &drawn), "CN-7 CN-6 CN-4 CN-3 CN-8 CN-2 CN-1 CN-5");
    stands_in_the_text(ids(&population, &drawn));
    hash_to_hex(&drawn.picks[0].key, hex);
    stands_in_the_text(hex);
    sample_drawn_done(&drawn);

    draw(&population, (struct sample_selection){.method = SAMPLE_MUS, .draw = value, .interval_minor = 100000}, &drawn);
    assert_string_equal(ids(&population, &drawn), "CN-2 CN-6");
    assert_int_equal(drawn.start_minor, 19025);
    assert_int_equal(drawn.picks[0].hits, 3);
    assert_int_equal(drawn.picks[0].hit, 19025);
    assert_true(drawn.picks[0].top);
    assert_int_equal(drawn.picks[1].hits, 1);
    assert_int_equal(drawn.picks[1].hit, 319025);
    assert_false(drawn.picks[1].top);
    stands_in_the_text("start 190.25; CN-2 (3 hits, the first at 190.25), CN-6 (1 hit, at 3190.25)");
    sample_drawn_done(&drawn);

    draw(&population,
         (struct sample_selection){.method = SAMPLE_STRATIFIED,
                                   .draw = value,
                                   .size = 3,
                                   .bound_count = 1,
                                   .bounds_minor = {10000},
                                   .has_top = true,
                                   .top_minor = 100000},
         &drawn);
    assert_string_equal(ids(&population, &drawn), "CN-2 CN-4 CN-6 CN-7");
    assert_int_equal(drawn.strata[0].items, 4);
    assert_int_equal(drawn.strata[0].selected, 2);
    assert_int_equal(drawn.strata[1].selected, 1);
    assert_int_equal(drawn.strata[2].selected, 1);
    stands_in_the_text("CN-4 and CN-7 of four, CN-6 of three, CN-2 on top");
    sample_drawn_done(&drawn);
    sample_population_done(&population);
}

/* A larger sample holds the smaller, and the order of the items does not matter. */
static void samples_can_be_extended(void **state)
{
    struct sample_population forward, backward;
    struct sample_drawn small, large, turned;
    const struct hash value = value_of(NULL);
    (void)state;
    population_make(&forward, NULL, 500);
    population_make(&backward, NULL, 500);
    for (size_t i = 0; i < 250; i++) {
        struct sample_item item = backward.items[i];
        backward.items[i] = backward.items[499 - i];
        backward.items[499 - i] = item;
    }
    draw(&forward, (struct sample_selection){.method = SAMPLE_ATTRIBUTE, .draw = value, .size = 25}, &small);
    draw(&forward, (struct sample_selection){.method = SAMPLE_ATTRIBUTE, .draw = value, .size = 60}, &large);
    draw(&backward, (struct sample_selection){.method = SAMPLE_ATTRIBUTE, .draw = value, .size = 60}, &turned);
    char *few = strdup(ids(&forward, &small)), *many = strdup(ids(&forward, &large));
    assert_memory_equal(many, few, strlen(few));
    assert_string_equal(ids(&backward, &turned), many);
    free(few);
    free(many);
    sample_drawn_done(&small);
    sample_drawn_done(&large);
    sample_drawn_done(&turned);
    sample_population_done(&forward);
    sample_population_done(&backward);
}

/* Chi-square with 19 degrees of freedom stays below 43.8 in 999 of 1,000; the seed is fixed. */
static void every_item_is_as_likely(void **state)
{
    struct sample_population population;
    int64_t cells[20] = {0}, square = 0;
    (void)state;
    population_make(&population, NULL, MANY);
    struct sample_drawn drawn;
    draw(&population, (struct sample_selection){.method = SAMPLE_ATTRIBUTE, .draw = value_of(NULL), .size = MANY / 5},
         &drawn);
    for (size_t i = 0; i < drawn.count; i++)
        cells[drawn.picks[i].item * 20 / MANY]++;
    for (size_t i = 0; i < 20; i++)
        square += (cells[i] - 200) * (cells[i] - 200);
    assert_true(square < 43 * 200);
    sample_drawn_done(&drawn);
    sample_population_done(&population);

    /* Numbers of a range: of 3 * 2^61 a quarter of the values is rejected; without, the lower half would come too often. */
    int64_t range = INT64_C(3) << 61, low = 0;
    struct hash value = value_of(NULL);
    for (int i = 0; i < 3000; i++) {
        hash_of(value.bytes, HASH_BYTES, &value);
        int64_t number = sample_draw_number(&value, range);
        assert_true(number >= 1 && number <= range);
        low += number <= range / 3;
    }
    assert_in_range(low, 900, 1100);
    assert_int_equal(sample_draw_number(&value, 1), 1);
    assert_true(sample_draw_number(&value, INT64_MAX) >= 1);
}

static void money_is_hit_by_its_amount(void **state)
{
    struct sample_population population;
    struct sample_drawn drawn;
    const int64_t interval = 30000;
    int64_t hits = 0;
    (void)state;
    population_make(&population, NULL, 2000);
    population.items[17].minor = 30000;  /* an interval: always in */
    population.items[900].minor = 95000; /* three, and perhaps four times */
    population.items[901].minor = -95000;
    population.items[902].has_amount = false;
    population.positive = population.negative = population.zero = population.bare = (struct sample_sum){.count = 0};
    struct err err = {.status = STATUS_OK};
    assert_int_equal(sample_population_seal(&population, &err), STATUS_OK);
    assert_int_equal(population.bare.count, 1);
    struct hash value = value_of(NULL);
    for (int round = 0; round < 50; round++) {
        bool whole = false, large = false;
        hash_of(value.bytes, HASH_BYTES, &value);
        draw(&population, (struct sample_selection){.method = SAMPLE_MUS, .draw = value, .interval_minor = interval},
             &drawn);
        hits = 0;
        for (size_t i = 0; i < drawn.count; i++) {
            const struct sample_pick *pick = &drawn.picks[i];
            hits += pick->hits;
            assert_int_not_equal(pick->item, 901);
            assert_int_not_equal(pick->item, 902);
            assert_int_equal(pick->top, population.items[pick->item].minor >= interval);
            whole = whole || pick->item == 17;
            if (pick->item == 900) {
                large = true;
                assert_in_range(pick->hits, 3, 4);
            }
        }
        assert_true(whole && large);
        int64_t expected = (population.positive.minor - drawn.start_minor) / interval + 1;
        assert_int_equal(hits, expected);
        sample_drawn_done(&drawn);
    }
    sample_population_done(&population);
}

/* The start of the worked example is 190.25: an item that ends there is hit, and the one that begins a cent after is not. */
static void a_hit_on_the_last_cent_counts(void **state)
{
    static const int64_t minor[] = {19025, 99999, 1, 5};
    struct sample_population population;
    struct sample_drawn drawn;
    (void)state;
    population_make(&population, minor, 4);
    draw(&population, (struct sample_selection){.method = SAMPLE_MUS, .draw = value_of(NULL), .interval_minor = 100000},
         &drawn);
    assert_string_equal(ids(&population, &drawn), "CN-1 CN-3");
    sample_drawn_done(&drawn);
    sample_population_done(&population);
}

/* Two items with all the money there can be, and an interval of most of it: what comes after the last hit has no number. */
static void hits_beyond_all_amounts_are_none(void **state)
{
    static const int64_t minor[] = {INT64_MAX - 1, 1};
    struct sample_population population;
    struct sample_drawn drawn;
    const int64_t interval = INT64_MAX / 5 * 3;
    (void)state;
    population_make(&population, minor, 2);
    struct hash value = value_of(NULL);
    for (int round = 0; round < 20; round++) {
        hash_of(value.bytes, HASH_BYTES, &value);
        draw(&population, (struct sample_selection){.method = SAMPLE_MUS, .draw = value, .interval_minor = interval},
             &drawn);
        assert_string_equal(ids(&population, &drawn), "CN-1");
        assert_int_equal(drawn.picks[0].hits, drawn.start_minor < INT64_MAX - interval ? 2 : 1);
        sample_drawn_done(&drawn);
    }
    sample_population_done(&population);
}

/* What is just the most that is allowed is allowed. */
static void limits_are_themselves_allowed(void **state)
{
    struct sample_population population;
    struct sample_drawn drawn;
    int64_t minor[] = {SAMPLE_SIZE_MAX};
    struct sample_selection strata = {.method = SAMPLE_STRATIFIED, .draw = value_of(NULL), .size = 1, .has_top = true};
    (void)state;
    population_make(&population, minor, 1);
    draw(&population, (struct sample_selection){.method = SAMPLE_MUS, .draw = value_of(NULL), .interval_minor = 1},
         &drawn);
    assert_int_equal(drawn.picks[0].hits, SAMPLE_SIZE_MAX);
    sample_drawn_done(&drawn);
    sample_population_done(&population);
    minor[0]++;
    population_make(&population, minor, 1);
    assert_int_equal(refused(&population, (struct sample_selection){.method = SAMPLE_MUS, .interval_minor = 1}),
                     STATUS_LIMIT);
    /* As many strata as there may be; an item of just the top's amount is of the top, and nothing is left to part. */
    for (; strata.bound_count < SAMPLE_STRATA_MAX - 2; strata.bound_count++)
        strata.bounds_minor[strata.bound_count] = (int64_t)strata.bound_count + 1;
    strata.top_minor = minor[0];
    draw(&population, strata, &drawn);
    assert_int_equal(drawn.stratum_count, SAMPLE_STRATA_MAX);
    assert_int_equal(drawn.strata[SAMPLE_STRATA_MAX - 1].selected, 1);
    sample_drawn_done(&drawn);
    strata.bounds_minor[strata.bound_count++] = 100;
    assert_int_equal(refused(&population, strata), STATUS_LIMIT);
    sample_population_done(&population);
    assert_string_equal(sample_method_name(SAMPLE_METHODS), "");
    assert_string_equal(sample_distribution_name(SAMPLE_DISTRIBUTIONS), "");
}

static void what_cannot_be_drawn_is_refused(void **state)
{
    struct sample_population population, empty, poor;
    struct sample_origin origin = {.book = ONES, .document = "SE-1", .content = TWOS, .reveal = "\xC3\x28"};
    struct hash value;
    struct err err = {.status = STATUS_OK};
    const int64_t below[] = {-100, 0};
    (void)state;
    population_make(&population, example_minor, EXAMPLE_ITEMS);
    population_make(&poor, below, 2);
    empty = (struct sample_population){.currency = "USD", .digits = 2};
    assert_int_equal(refused(&population, (struct sample_selection){.size = 9}), STATUS_INPUT);
    assert_int_equal(refused(&population, (struct sample_selection){.size = 0}), STATUS_INPUT);
    assert_int_equal(refused(&empty, (struct sample_selection){.size = 1}), STATUS_INPUT);
    assert_int_equal(refused(&empty, (struct sample_selection){.method = SAMPLE_JUDGEMENTAL}), STATUS_INPUT);
    assert_int_equal(refused(&poor, (struct sample_selection){.method = SAMPLE_MUS, .interval_minor = 10}),
                     STATUS_INPUT);
    assert_int_equal(refused(&population, (struct sample_selection){.method = SAMPLE_MUS, .interval_minor = 0}),
                     STATUS_INPUT);
    assert_int_equal(refused(&population, (struct sample_selection){.method = SAMPLE_MUS, .interval_minor = 1}),
                     STATUS_LIMIT);
    assert_int_equal(refused(&population,
                             (struct sample_selection){
                                 .method = SAMPLE_STRATIFIED, .size = 2, .bound_count = 2, .bounds_minor = {500, 500}}),
                     STATUS_INPUT);
    assert_int_equal(refused(&population, (struct sample_selection){.method = SAMPLE_STRATIFIED,
                                                                    .size = 2,
                                                                    .bound_count = 1,
                                                                    .bounds_minor = {500},
                                                                    .has_top = true,
                                                                    .top_minor = 500}),
                     STATUS_INPUT);
    population.bare.count = 1; /* whose stratum nobody knows */
    assert_int_equal(refused(&population, (struct sample_selection){.method = SAMPLE_STRATIFIED, .size = 2}),
                     STATUS_INPUT);
    assert_int_equal(sample_draw_value(&origin, &value, &err), STATUS_INPUT);
    assert_string_equal(err.text, "what is revealed has to be text in UTF-8");
    assert_int_equal(sample_method_find("guess"), SAMPLE_METHODS);
    sample_population_done(&population);
    sample_population_done(&poor);
}

static void percent_is_exact(void **state)
{
    static const struct {
        const char *text;
        int32_t ppm;
    } good[] = {{"5", 50000}, {"2.5", 25000}, {"0.0001", 1}, {"99.9999", 999999}, {"100", 1000000}};
    static const char *const bad[] = {"", ".5", "5.", "5.00001", "101", "-5", "5,5", "1e1", "5%%", "1000"};
    struct err err = {.status = STATUS_OK};
    int32_t ppm = 0;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        char text[SAMPLE_PERCENT_BYTES];
        assert_int_equal(sample_percent_parse(good[i].text, &ppm, &err), STATUS_OK);
        assert_int_equal(ppm, good[i].ppm);
        sample_percent(ppm, text);
        assert_string_equal(text, good[i].text);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(sample_percent_parse(bad[i], &ppm, &err), STATUS_INPUT);
}

#define HEADER(method, plan, count)                                                                                    \
    "{\"book\":\"" ONES "\",\"format\":\"countersign-sample/1\",\"method\":\"" method "\",\"plan\":{" plan             \
    "},\"population\":{\"count\":200,\"currency\":\"USD\"},\"sample\":{\"count\":" count "}}\n"
#define ITEM(id, rest) "{" rest "\"entry\":1,\"index\":0,\"item\":\"" id "\"}\n"

static enum status parse(const char *text, struct sample_file *ret_file, struct err *err)
{
    return sample_file_parse(slice_of(text, strlen(text)), ret_file, err);
}

static void selections_that_are_not_whole_are_refused(void **state)
{
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"", "is empty"},
        {"{}\n", "line 1"},
        {HEADER("attribute", "", "2") ITEM("CN-1", ""), "holds 1 items, its first line says 2"},
        {HEADER("attribute", "", "1") "{\"entry\":1,\"index\":0,\"item\":\"CN-1\"}", "line 2: has no end of line"},
        {HEADER("attribute", "", "1") "{\"entry\":1, \"index\":0,\"item\":\"CN-1\"}\n", "line 2"},
        {HEADER("attribute", "", "1") ITEM("CN-1", "\"amount\":\"x\","), "line 2: amount"},
        {HEADER("guess", "", "0"), "line 1: method"},
        {"{\"book\":\"" ONES "\",\"format\":\"countersign-sample/2\",\"method\":\"mus\",\"plan\":{},\"population\":{"
         "\"count\":1,\"currency\":\"USD\"},\"sample\":{\"count\":0}}\n",
         "line 1: is of the format countersign-sample/2, this program knows countersign-sample/1"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sample_file file;
        struct err err = {.status = STATUS_OK};
        assert_int_not_equal(parse(cases[i].text, &file, &err), STATUS_OK);
        if (strstr(err.text, cases[i].said) == NULL)
            fail_msg("%s: does not say %s", err.text, cases[i].said);
    }
}

static void every_item_needs_its_result(void **state)
{
    struct sample_file file;
    struct sample_outcome outcome;
    struct err err = {.status = STATUS_OK};
    const struct sample_criteria none = {0};
    (void)state;
    assert_int_equal(parse(HEADER("attribute", "\"confidence\":\"95\",\"tolerable_rate\":\"50\"", "2") ITEM("CN-1", "")
                               ITEM("CN-2", ""),
                           &file, &err),
                     STATUS_OK);
    const struct sample_tested good[] = {{.item = "CN-2", .has_deviation = true, .line = 2},
                                         {.item = "CN-1", .has_deviation = true, .deviation = true, .line = 3}};
    const struct sample_tested other[] = {good[0], {.item = "CN-9", .has_deviation = true, .line = 3}};
    const struct sample_tested twice[] = {good[0], good[0]};
    const struct sample_tested open[] = {good[0], {.item = "CN-1", .line = 3}};
    assert_int_equal(sample_evaluate(&file, good, 1, &none, &outcome, &err), STATUS_INPUT);
    assert_non_null(strstr(err.text, "CN-1 was selected and has no result"));
    assert_int_equal(sample_evaluate(&file, other, 2, &none, &outcome, &err), STATUS_INPUT);
    assert_non_null(strstr(err.text, "line 3: CN-9 is not in the selection"));
    assert_int_equal(sample_evaluate(&file, twice, 2, &none, &outcome, &err), STATUS_INPUT);
    assert_non_null(strstr(err.text, "has a result in line 2 already"));
    assert_int_equal(sample_evaluate(&file, open, 2, &none, &outcome, &err), STATUS_INPUT);
    assert_non_null(strstr(err.text, "yes or no"));
    assert_int_equal(sample_evaluate(&file, good, 2, &none, &outcome, &err), STATUS_OK);
    assert_int_equal(outcome.deviations, 1);
    assert_true(outcome.has_verdict);
    assert_false(outcome.supported);
    const struct attribute_result found = {.size = 2, .deviations = 1};
    assert_int_equal(outcome.upper_ppm[SAMPLE_BINOMIAL], sample_upper_ppm(SAMPLE_BINOMIAL, &found, 50000));
    assert_int_equal(outcome.population, 200);
    /* Just the tolerable rate is tolerable. */
    struct sample_criteria criteria = {.tolerable_ppm = outcome.upper_ppm[SAMPLE_BINOMIAL]};
    assert_int_equal(sample_evaluate(&file, good, 2, &criteria, &outcome, &err), STATUS_OK);
    assert_true(outcome.supported);
    criteria.tolerable_ppm--;
    assert_int_equal(sample_evaluate(&file, good, 2, &criteria, &outcome, &err), STATUS_OK);
    assert_false(outcome.supported);
    sample_file_done(&file);
}

/* What a selection leaves open: a rate to compare with, a confidence; a population that was tested whole; yen, no cents. */
static void what_a_selection_leaves_open(void **state)
{
    struct sample_file file;
    struct sample_outcome outcome;
    struct err err = {.status = STATUS_OK};
    const struct sample_criteria none = {0};
    const struct sample_tested tested[] = {{.item = "CN-1", .has_deviation = true, .line = 2},
                                           {.item = "CN-2", .has_deviation = true, .deviation = true, .line = 3}};
    (void)state;
    const char *const whole =
        "{\"book\":\"" ONES "\",\"format\":\"countersign-sample/1\",\"method\":\"attribute\",\"plan\":{"
        "\"confidence\":\"95\"},\"population\":{\"count\":2,\"currency\":\"JPY\"},\"sample\":{\"count\":2}}\n" ITEM(
            "CN-1", "") ITEM("CN-2", "");
    assert_int_equal(parse(whole, &file, &err), STATUS_OK);
    assert_int_equal(sample_evaluate(&file, tested, 2, &none, &outcome, &err), STATUS_OK);
    assert_false(outcome.has_verdict);
    assert_int_equal(outcome.digits, 0);
    assert_int_equal(outcome.upper_ppm[SAMPLE_HYPERGEOMETRIC], 500000); /* the one of two, and nothing left to guess */
    sample_file_done(&file);
    assert_int_equal(parse(HEADER("attribute", "", "2") ITEM("CN-1", "") ITEM("CN-2", ""), &file, &err), STATUS_OK);
    assert_int_equal(sample_evaluate(&file, tested, 2, &none, &outcome, &err), STATUS_INPUT);
    assert_non_null(strstr(err.text, "with which confidence"));
    sample_file_done(&file);
}

/* Selections that another hand wrote: each line well formed, and the whole no selection. */
static void selections_that_cannot_be_are_not_evaluated(void **state)
{
#define OF(method, population)                                                                                         \
    "{\"book\":\"" ONES "\",\"format\":\"countersign-sample/1\",\"method\":\"" method "\",\"plan\":{"                  \
    "\"confidence\":\"95\",\"interval\":\"10.00\"},\"population\":{" population                                        \
    "},\"sample\":{\"count\":2}}\n" ITEM("CN-1", "") ITEM("CN-2", "")
    static const struct {
        const char *text, *said;
        bool has_audited;
    } wrong[] = {
        {OF("attribute", "\"count\":1,\"currency\":\"USD\""), "the selection holds more items than its population",
         false},
        {OF("attribute", "\"count\":2,\"currency\":\"XQX\""), "the selection is in no currency of ISO 4217", false},
        {OF("mus", "\"count\":2,\"currency\":\"USD\""), "line 2: CN-1 has no audited amount", false},
        {OF("mus", "\"count\":2,\"currency\":\"USD\""), "CN-1 has no amount", true},
    };
    const struct sample_criteria none = {0};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct sample_file file;
        struct sample_outcome outcome;
        struct err err = {.status = STATUS_OK};
        const struct sample_tested tested[] = {
            {.item = "CN-1", .has_deviation = true, .has_audited = wrong[i].has_audited, .line = 2},
            {.item = "CN-2", .has_deviation = true, .has_audited = wrong[i].has_audited, .line = 3}};
        assert_int_equal(parse(wrong[i].text, &file, &err), STATUS_OK);
        assert_int_equal(sample_evaluate(&file, tested, 2, &none, &outcome, &err), STATUS_INPUT);
        assert_string_equal(err.text, wrong[i].said);
        sample_file_done(&file);
    }
#undef OF
}

/* What the first line says of a plan and of a filter, in canonical JSON. */
static void expect_header(const struct sample_plan *plan, const struct sample_filter *filter, const char *plan_text,
                          const char *filter_text)
{
    struct sample_basis basis = {.population = {.currency = "USD", .digits = 2}};
    const struct sample_selection selection = {.method = plan->method, .size = 59, .interval_minor = 100000};
    const struct sample_drawn drawn = {.start_minor = 19025};
    const struct sample_draft draft = {
        .plan = plan, .filter = filter, .basis = &basis, .selection = &selection, .drawn = &drawn};
    json_t *header = sample_header_json(&draft);
    assert_non_null(header);
    char *said = json_dumps(json_object_get(header, "plan"), JSON_SORT_KEYS | JSON_COMPACT);
    assert_string_equal(said, plan_text);
    free(said);
    said = json_dumps(json_object_get(json_object_get(header, "population"), "filter"), JSON_SORT_KEYS | JSON_COMPACT);
    assert_string_equal(said, filter_text);
    free(said);
    json_decref(header);
}

/* A reader can plan again what was planned, and ask again what was asked. */
static void plan_and_filter_stand_in_the_selection(void **state)
{
    const struct sample_filter all = {.absolute = false};
    const struct sample_filter some = {.currency = "EUR",
                                       .absolute = true,
                                       .has_low = true,
                                       .low_text = "1.00",
                                       .has_high = true,
                                       .high_text = "99.00"};
    struct sample_plan plan = {
        .method = SAMPLE_ATTRIBUTE,
        .risk_ppm = 50000,
        .attribute = {.distribution = SAMPLE_POISSON, .tolerable_ppm = 75000, .expected = -1, .expected_ppm = 12500},
        .allowed = 2};
    (void)state;
    expect_header(
        &plan, &all,
        "{\"confidence\":\"95\",\"deviations_allowed\":2,\"distribution\":\"poisson\",\"expected_rate\":\"1.25\","
        "\"size\":59,\"sized\":\"planned\",\"tolerable_rate\":\"7.5\"}",
        "{\"unit\":\"document\"}");
    plan.attribute.expected = 1;
    expect_header(
        &plan, &some,
        "{\"confidence\":\"95\",\"deviations_allowed\":2,\"distribution\":\"poisson\",\"expected_deviations\":1,"
        "\"size\":59,\"sized\":\"planned\",\"tolerable_rate\":\"7.5\"}",
        "{\"absolute\":true,\"currency\":\"EUR\",\"max\":\"99.00\",\"min\":\"1.00\",\"unit\":\"document\"}");
    plan = (struct sample_plan){
        .method = SAMPLE_MUS, .risk_ppm = 100000, .mus = {.tolerable_minor = 500000, .expected_minor = 2050}};
    expect_header(&plan, &all,
                  "{\"confidence\":\"90\",\"expected_amount\":\"20.50\",\"interval\":\"1000.00\",\"sized\":\"planned\","
                  "\"start\":\"190.25\",\"tolerable_amount\":\"5000.00\"}",
                  "{\"unit\":\"document\"}");
}

static void errors_of_money_are_projected(void **state)
{
    struct sample_file file;
    struct sample_outcome outcome;
    struct err err = {.status = STATUS_OK};
    struct sample_criteria criteria = {0};
    (void)state;
    assert_int_equal(
        parse(HEADER("mus", "\"confidence\":\"95\",\"interval\":\"1000.00\",\"tolerable_amount\":\"5500.00\"", "4")
                  ITEM("CN-1", "\"amount\":\"200.00\",") ITEM(
                      "CN-2", "\"amount\":\"100.00\",") "{\"amount\":\"4000.00\",\"entry\":1,\"index\":0,\"item\":\"CN-"
                                                        "3\",\"top\":true}\n" ITEM("CN-4", "\"amount\":\"50.00\","),
              &file, &err),
        STATUS_OK);
    const struct sample_tested tested[] = {{.item = "CN-1", .has_audited = true, .audited_minor = 15000},
                                           {.item = "CN-2", .has_audited = true, .audited_minor = 12000},
                                           {.item = "CN-3", .has_audited = true, .audited_minor = 399000},
                                           {.item = "CN-4", .has_audited = true, .audited_minor = 5000}};
    assert_int_equal(sample_evaluate(&file, tested, 4, &criteria, &outcome, &err), STATUS_OK);
    assert_int_equal(outcome.over_count, 2);
    assert_int_equal(outcome.over_minor, 5000 + 1000);
    assert_int_equal(outcome.over.projected_minor, 1000 + 25000);
    assert_int_equal(outcome.over.upper_minor, 1000 + 299580 + 43703); /* 10.00 + 2,995.80 + 1,748.10 x 1/4, up */
    assert_int_equal(outcome.under_count, 1);
    assert_int_equal(outcome.under.upper_minor, 299580 + 34962); /* 20 % of 1,748.10 */
    assert_true(outcome.supported);
    criteria.tolerable_minor = 344282;
    assert_int_equal(sample_evaluate(&file, tested, 4, &criteria, &outcome, &err), STATUS_OK);
    assert_false(outcome.supported);
    criteria.tolerable_minor = 344283;
    assert_int_equal(sample_evaluate(&file, tested, 4, &criteria, &outcome, &err), STATUS_OK);
    assert_true(outcome.supported);
    /* The same the other way round: what is too little in the book bounds. */
    const struct sample_tested other[] = {{.item = "CN-1", .has_audited = true, .audited_minor = 25000},
                                          {.item = "CN-2", .has_audited = true, .audited_minor = 8000},
                                          {.item = "CN-3", .has_audited = true, .audited_minor = 401000},
                                          tested[3]};
    assert_int_equal(sample_evaluate(&file, other, 4, &criteria, &outcome, &err), STATUS_OK);
    assert_int_equal(outcome.under.upper_minor, 344283);
    assert_true(outcome.supported);
    criteria.tolerable_minor = 344282;
    assert_int_equal(sample_evaluate(&file, other, 4, &criteria, &outcome, &err), STATUS_OK);
    assert_false(outcome.supported);
    sample_file_done(&file);
    static const struct {
        const char *text, *said;
    } wrong[] = {
        {HEADER("mus", "\"confidence\":\"95\",\"interval\":\"1000.00\"", "1") ITEM("CN-1", "\"amount\":\"0.00\","),
         "only amounts above zero"},
        {HEADER("mus", "\"confidence\":\"95\",\"interval\":\"0.00\"", "1") ITEM("CN-1", "\"amount\":\"1.00\","),
         "has no interval"},
        {HEADER("mus", "\"confidence\":\"95\"", "1") ITEM("CN-1", "\"amount\":\"1.00\","), "has no interval"},
    };
    const struct sample_criteria none = {0};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(parse(wrong[i].text, &file, &err), STATUS_OK);
        assert_int_equal(sample_evaluate(&file, tested, 1, &none, &outcome, &err), STATUS_INPUT);
        assert_non_null(strstr(err.text, wrong[i].said));
        sample_file_done(&file);
    }
    const char *const bare =
        HEADER("mus", "\"confidence\":\"95\",\"interval\":\"10.00\"", "1") ITEM("CN-1", "\"amount\":\"150.00\",");
    assert_int_equal(parse(bare, &file, &err), STATUS_OK);
    assert_int_equal(sample_evaluate(&file, tested, 1, &none, &outcome, &err), STATUS_OK);
    assert_false(outcome.has_verdict);
    sample_file_done(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worked_example),
        cmocka_unit_test(samples_can_be_extended),
        cmocka_unit_test(every_item_is_as_likely),
        cmocka_unit_test(money_is_hit_by_its_amount),
        cmocka_unit_test(a_hit_on_the_last_cent_counts),
        cmocka_unit_test(hits_beyond_all_amounts_are_none),
        cmocka_unit_test(limits_are_themselves_allowed),
        cmocka_unit_test(what_cannot_be_drawn_is_refused),
        cmocka_unit_test(percent_is_exact),
        cmocka_unit_test(selections_that_are_not_whole_are_refused),
        cmocka_unit_test(every_item_needs_its_result),
        cmocka_unit_test(what_a_selection_leaves_open),
        cmocka_unit_test(selections_that_cannot_be_are_not_evaluated),
        cmocka_unit_test(plan_and_filter_stand_in_the_selection),
        cmocka_unit_test(errors_of_money_are_projected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
