/*
 * Sizes and limits of audit samples against published tables. Sources: AICPA Audit Guide "Audit Sampling", tables
 * (attribute samples) and C-1 to C-3 (reliability and expansion factors); hypergeometric sizes from exact fractions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/sample/probability.h"
#include "audit/sample/size.h"

enum { RISK_5 = 50000, RISK_10 = 100000, RATES = 26, SIZES = 21, DEVIATIONS = 11 };

static const int32_t expected_ppm[RATES] = {0,     2500,  5000,  7500,  10000,  12500,  15000,  17500, 20000,
                                            22500, 25000, 27500, 30000, 32500,  35000,  37500,  40000, 50000,
                                            60000, 70000, 80000, 90000, 100000, 125000, 150000, 175000};

struct column {
    int tolerable_percent;
    int sizes[RATES]; /* by expected rate; 0: none is given */
};

static const struct column table_a1[] = {
    {2, {149, 236, 313, 386, 590, 1030}},
    {3, {99, 157, 157, 208, 257, 303, 392, 562, 846, 1466}},
    {4, {74, 117, 117, 117, 156, 156, 192, 227, 294, 390, 513, 722, 1098, 1936}},
    {5, {59, 93, 93, 93, 93, 124, 124, 153, 181, 208, 234, 286, 361, 458, 624, 877, 1348}},
    {6, {49, 78, 78, 78, 78, 78, 103, 103, 127, 127, 150, 173, 195, 238, 280, 341, 421, 1580}},
    {7, {42, 66, 66, 66, 66, 66, 66, 88, 88, 88, 109, 109, 129, 148, 167, 185, 221, 478, 1832}},
    {8, {36, 58, 58, 58, 58, 58, 58, 77, 77, 77, 77, 95, 95, 112, 112, 129, 146, 240, 532}},
    {9, {32, 51, 51, 51, 51, 51, 51, 51, 68, 68, 68, 68, 84, 84, 84, 100, 100, 158, 266, 585}},
    {10, {29, 46, 46, 46, 46, 46, 46, 46, 46, 61, 61, 61, 61, 61, 76, 76, 89, 116, 179, 298, 649}},
    {15, {19, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 40, 40, 40, 40, 50, 68, 85, 110, 150, 576}},
    {20, {14, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 30, 30, 37, 37, 44, 50, 88, 193, 720}},
};

/*
 * Where the guide has 112 for 7 % and 3.25 or 3.5 %, four deviations in 112 have a probability of 10.07 %: 113 it has to be.
 */
static const struct column table_a2[] = {
    {2, {114, 194, 194, 265, 398, 708, 1463}},
    {3, {76, 129, 129, 129, 176, 221, 265, 390, 590, 974}},
    {4, {57, 96, 96, 96, 96, 132, 132, 166, 198, 262, 353, 471, 730, 1258}},
    {5, {45, 77, 77, 77, 77, 77, 105, 105, 132, 132, 158, 209, 258, 306, 400, 583, 873}},
    {6, {38, 64, 64, 64, 64, 64, 64, 88, 88, 88, 110, 132, 132, 153, 194, 235, 274, 1019}},
    {7, {32, 55, 55, 55, 55, 55, 55, 55, 75, 75, 75, 94, 94, 113, 113, 131, 149, 318, 1150}},
    {8, {28, 48, 48, 48, 48, 48, 48, 48, 48, 65, 65, 65, 65, 82, 82, 98, 98, 160, 349, 1300}},
    {9, {25, 42, 42, 42, 42, 42, 42, 42, 42, 42, 58, 58, 58, 58, 73, 73, 73, 115, 182, 385, 1437}},
    {10, {22, 38, 38, 38, 38, 38, 38, 38, 38, 38, 38, 52, 52, 52, 52, 52, 65, 78, 116, 199, 424, 1577}},
    {15, {15, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 34, 43, 52, 60, 77, 100, 368}},
    {20, {11, 18, 18, 18, 18, 18, 18, 18, 18, 18, 18, 18, 18, 18, 18, 18, 18, 18, 25, 25, 25, 32, 38, 63, 126, 457}},
};

static const int64_t limit_sizes[SIZES] = {20, 25, 30, 35,  40,  45,  50,  55,  60,  65, 70,
                                           75, 80, 90, 100, 125, 150, 200, 300, 400, 500};

/* Tenths of a percent, rounded up. */
static const int table_a3[SIZES][DEVIATIONS] = {
    {140, 217, 283, 344, 402, 456, 508, 559, 607, 654, 699},
    {113, 177, 232, 282, 330, 376, 420, 463, 504, 544, 584},
    {96, 149, 196, 239, 280, 319, 358, 394, 430, 466, 500},
    {83, 129, 170, 207, 243, 278, 311, 344, 375, 406, 437},
    {73, 114, 150, 183, 215, 246, 275, 304, 333, 360, 388},
    {65, 102, 134, 164, 192, 220, 247, 273, 298, 324, 348},
    {59, 92, 121, 148, 174, 199, 224, 247, 271, 294, 316},
    {54, 84, 111, 135, 159, 182, 205, 226, 248, 269, 289},
    {49, 77, 102, 125, 147, 168, 188, 208, 228, 248, 267},
    {46, 71, 94, 115, 136, 155, 175, 193, 212, 230, 247},
    {42, 66, 88, 108, 127, 145, 163, 180, 197, 214, 231},
    {40, 62, 82, 101, 118, 136, 152, 169, 185, 201, 216},
    {37, 58, 77, 95, 111, 127, 143, 159, 174, 189, 203},
    {33, 52, 69, 84, 99, 114, 128, 142, 155, 169, 182},
    {30, 47, 62, 76, 90, 103, 115, 128, 140, 152, 164},
    {24, 38, 50, 61, 72, 83, 93, 103, 113, 123, 132},
    {20, 32, 42, 51, 60, 69, 78, 86, 95, 103, 111},
    {15, 24, 32, 39, 46, 52, 59, 65, 72, 78, 84},
    {10, 16, 21, 26, 31, 35, 40, 44, 48, 52, 56},
    {8, 12, 16, 20, 23, 27, 30, 33, 36, 39, 43},
    {6, 10, 13, 16, 19, 21, 24, 27, 29, 32, 34},
};

static const int table_a4[SIZES][DEVIATIONS] = {
    {109, 181, 245, 305, 361, 415, 468, 519, 568, 616, 662},
    {88, 147, 200, 249, 295, 340, 384, 426, 468, 508, 548},
    {74, 124, 168, 210, 249, 288, 325, 362, 397, 432, 467},
    {64, 107, 145, 182, 216, 249, 282, 314, 345, 376, 406},
    {56, 94, 128, 160, 190, 220, 249, 277, 305, 332, 359},
    {50, 84, 114, 143, 170, 197, 223, 248, 273, 298, 322},
    {46, 76, 103, 129, 154, 178, 202, 225, 247, 270, 292},
    {42, 69, 94, 118, 141, 163, 184, 205, 226, 246, 267},
    {38, 64, 87, 108, 129, 150, 169, 189, 208, 227, 246},
    {35, 59, 80, 100, 120, 139, 157, 175, 193, 210, 228},
    {33, 55, 75, 93, 111, 129, 146, 163, 180, 196, 212},
    {31, 51, 70, 87, 104, 121, 137, 152, 168, 183, 198},
    {29, 48, 66, 82, 98, 113, 128, 143, 158, 172, 187},
    {26, 43, 59, 73, 87, 101, 115, 128, 141, 154, 167},
    {23, 39, 53, 66, 79, 91, 103, 115, 127, 139, 150},
    {19, 31, 43, 53, 63, 73, 83, 93, 102, 112, 121},
    {16, 26, 36, 44, 53, 61, 70, 78, 86, 94, 101},
    {12, 20, 27, 34, 40, 46, 53, 59, 65, 71, 76},
    {8, 13, 18, 23, 27, 31, 35, 39, 43, 47, 51},
    {6, 10, 14, 17, 20, 24, 27, 30, 33, 36, 39},
    {5, 8, 11, 14, 16, 19, 21, 24, 26, 29, 31},
};

static int64_t size_of(struct attribute_plan plan)
{
    int64_t size = 0, deviations = 0;
    struct err err = {.status = STATUS_OK};
    if (sample_attribute_size(&plan, &size, &deviations, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    return size;
}

static void check_columns(const struct column *columns, size_t count, int32_t risk_ppm)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < RATES && columns[i].sizes[j] != 0; j++) {
            int64_t size = size_of((struct attribute_plan){.risk_ppm = risk_ppm,
                                                           .tolerable_ppm = columns[i].tolerable_percent * 10000,
                                                           .expected = -1,
                                                           .expected_ppm = expected_ppm[j]});
            if (size != columns[i].sizes[j])
                fail_msg("%d %% tolerable, %d ppm expected: %d, the table has %d", columns[i].tolerable_percent,
                         expected_ppm[j], (int)size, columns[i].sizes[j]);
        }
}

static void attribute_sizes_are_those_of_the_guide(void **state)
{
    (void)state;
    check_columns(table_a1, sizeof table_a1 / sizeof table_a1[0], RISK_5);
    check_columns(table_a2, sizeof table_a2 / sizeof table_a2[0], RISK_10);
}

static void check_limits(const int table[SIZES][DEVIATIONS], int32_t risk_ppm)
{
    for (size_t i = 0; i < SIZES; i++)
        for (int k = 0; k < DEVIATIONS; k++) {
            const struct attribute_result result = {.size = limit_sizes[i], .deviations = k};
            int32_t upper = sample_upper_ppm(SAMPLE_BINOMIAL, &result, risk_ppm);
            if ((upper + 999) / 1000 != table[i][k])
                fail_msg("%d in %d: %d ppm, the table has %d", k, (int)limit_sizes[i], upper, table[i][k]);
        }
}

static void upper_limits_are_those_of_the_guide(void **state)
{
    (void)state;
    check_limits(table_a3, RISK_5);
    check_limits(table_a4, RISK_10);
}

static void sizes_by_expected_deviations(void **state)
{
    static const struct {
        int32_t risk_ppm, tolerable_ppm;
        int64_t sizes[3]; /* with 0, 1, 2 deviations */
    } cases[] = {
        {RISK_10, 100000, {22, 38, 52}}, {RISK_5, 100000, {29, 46, 61}},   {RISK_10, 50000, {45, 77, 105}},
        {RISK_5, 50000, {59, 93, 124}},  {RISK_5, 10000, {299, 473, 628}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int k = 0; k < 3; k++)
            assert_int_equal(size_of((struct attribute_plan){.risk_ppm = cases[i].risk_ppm,
                                                             .tolerable_ppm = cases[i].tolerable_ppm,
                                                             .expected = k}),
                             cases[i].sizes[k]);
    /* Found at once, and not one by one: beyond what is scanned for a rate. */
    assert_int_equal(size_of((struct attribute_plan){.risk_ppm = RISK_5, .tolerable_ppm = 100}), 29956);
}

static void small_populations_need_smaller_samples(void **state)
{
    static const struct {
        int64_t population;
        int32_t tolerable_ppm;
        int64_t sizes[2]; /* with 0, 1 deviations, 95 % */
    } cases[] = {
        {50, 50000, {31, 43}},   {50, 100000, {22, 33}},   {100, 50000, {45, 65}},  {100, 100000, {25, 39}},
        {200, 50000, {51, 78}},  {200, 100000, {27, 42}},  {500, 50000, {56, 87}},  {500, 100000, {28, 44}},
        {1000, 50000, {57, 90}}, {1000, 100000, {29, 45}}, {5000, 50000, {59, 93}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int k = 0; k < 2; k++)
            assert_int_equal(size_of((struct attribute_plan){.distribution = SAMPLE_HYPERGEOMETRIC,
                                                             .risk_ppm = RISK_5,
                                                             .tolerable_ppm = cases[i].tolerable_ppm,
                                                             .expected = k,
                                                             .population = cases[i].population}),
                             cases[i].sizes[k]);
    /* Where so few are there that none may deviate, everything has to be looked at. */
    assert_int_equal(
        size_of((struct attribute_plan){
            .distribution = SAMPLE_HYPERGEOMETRIC, .risk_ppm = RISK_5, .tolerable_ppm = 50000, .population = 8}),
        8);
    /* What the rest of the population can still hold is a count: 59 of 1,000 without a deviation leave 48 at most. */
    const struct attribute_result clean = {.size = 59, .population = 1000};
    assert_int_equal(sample_upper_ppm(SAMPLE_HYPERGEOMETRIC, &clean, RISK_5), 48000);
    const struct attribute_result all = {.size = 40, .deviations = 2, .population = 40};
    assert_int_equal(sample_upper_ppm(SAMPLE_HYPERGEOMETRIC, &all, RISK_5), 50000);
    /* Nothing looked at, or nothing good found: any rate may be. */
    const struct attribute_result nothing = {.population = 40}, bad = {.size = 3, .deviations = 3, .population = 40};
    assert_int_equal(sample_upper_ppm(SAMPLE_BINOMIAL, &nothing, RISK_5), PROBABILITY_ONE);
    assert_int_equal(sample_upper_ppm(SAMPLE_POISSON, &bad, RISK_5), PROBABILITY_ONE);
}

/* 8 of 10 of which 5 deviate hold three of these at least: 3 with 10 of 45 ways, 4 with 25, 5 with the rest. */
static void more_are_drawn_than_are_good(void **state)
{
    const struct urn urn = {.population = 10, .deviations = 5, .drawn = 8};
    (void)state;
    assert_true(hypergeometric_at_most(&urn, 2, 0));
    assert_true(hypergeometric_at_most(&urn, 3, 222223));
    assert_false(hypergeometric_at_most(&urn, 3, 222222));
    assert_true(hypergeometric_at_most(&urn, 4, 777778));
    assert_false(hypergeometric_at_most(&urn, 4, 777777));
}

static void detection_is_what_the_domain_says(void **state)
{
    static const struct {
        int64_t size;
        int tenths[3]; /* of a percent, at 10, 5 and 2 % */
    } cases[] = {{5, {410, 226, 96}},
                 {15, {794, 537, 261}},
                 {25, {928, 723, 397}},
                 {40, {985, 871, 554}},
                 {60, {998, 954, 702}}};
    static const int32_t rates[] = {100000, 50000, 20000};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int j = 0; j < 3; j++)
            assert_int_equal((binomial_detection_ppm(cases[i].size, rates[j]) + 500) / 1000, cases[i].tenths[j]);
}

static void factors_are_those_of_poisson(void **state)
{
    /* Hundredths, rounded up, as the guide's table of confidence factors has them. */
    static const struct {
        int32_t risk_ppm;
        int factors[6];
    } cases[] = {
        {RISK_5, {300, 475, 630, 776, 916, 1052}}, {RISK_10, {231, 389, 533, 669, 800, 928}},
        {150000, {190, 338, 473, 602, 727, 850}},  {200000, {161, 300, 428, 552, 673, 791}},
        {250000, {139, 270, 393, 511, 628, 743}},  {500000, {70, 168, 268, 368, 468, 568}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int k = 0; k < 6; k++)
            assert_int_equal((sample_factor_e4(k, cases[i].risk_ppm) + 99) / 100, cases[i].factors[k]);
    assert_int_equal(sample_factor_e4(0, RISK_5), 29958);
    assert_int_equal(sample_factor_e4(1, RISK_5), 47439);
    assert_int_equal(sample_factor_e4(4, RISK_5), 91536);
    /* From sums with sixty digits. */
    assert_int_equal(sample_factor_e4(1000, RISK_5), 10536032);
    const struct attribute_result result = {.size = 100, .deviations = 2};
    assert_int_equal(sample_upper_ppm(SAMPLE_POISSON, &result, RISK_5), 62958);
}

static int64_t interval_of(struct mus_plan plan)
{
    int64_t interval = 0;
    struct err err = {.status = STATUS_OK};
    if (sample_mus_interval(&plan, &interval, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    return interval;
}

static void monetary_intervals(void **state)
{
    /* Items of table C-1 without expected misstatement, 5 % risk: by tolerable misstatement in thousandths of the total. */
    static const struct {
        int64_t thousandths, items;
    } cases[] = {{500, 6}, {300, 10}, {100, 30}, {80, 38},  {60, 50}, {50, 60},
                 {40, 75}, {30, 100}, {20, 150}, {10, 300}, {5, 600}};
    enum { TOTAL = 1000000000 };
    struct err err = {.status = STATUS_OK};
    int64_t interval = 0;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        interval =
            interval_of((struct mus_plan){.risk_ppm = RISK_5, .tolerable_minor = TOTAL / 1000 * cases[i].thousandths});
        assert_int_equal((TOTAL + interval - 1) / interval, cases[i].items);
    }
    /* 50,000.00 tolerable, 10,000.00 expected: (50,000 - 1.6 x 10,000) / 2.9958 */
    assert_int_equal(
        interval_of((struct mus_plan){.risk_ppm = RISK_5, .tolerable_minor = 5000000, .expected_minor = 1000000}),
        1134922);
    const struct mus_plan nothing_left = {.risk_ppm = RISK_5, .tolerable_minor = 1000000, .expected_minor = 625000};
    assert_int_equal(sample_mus_interval(&nothing_left, &interval, &err), STATUS_INPUT);
    const struct mus_plan unpublished = {.risk_ppm = 60000, .tolerable_minor = 1000000, .expected_minor = 1};
    assert_int_equal(sample_mus_interval(&unpublished, &interval, &err), STATUS_INPUT);
    /* Where nothing is expected no published factor is needed; an interval of one minor unit is one. */
    assert_true(interval_of((struct mus_plan){.risk_ppm = 60000, .tolerable_minor = 1000000}) > 0);
    assert_int_equal(interval_of((struct mus_plan){.risk_ppm = RISK_5, .tolerable_minor = 3}), 1);
    const struct mus_plan cent = {.risk_ppm = RISK_5, .tolerable_minor = 2};
    assert_int_equal(sample_mus_interval(&cent, &interval, &err), STATUS_INPUT);
}

static void upper_misstatement_limit(void **state)
{
    /* Interval 10,000.00; taints 100 %, 50 % and 1/3, given in another order; 250.00 wrong among the large items. */
    struct taint taints[] = {{.book_minor = 30000, .error_minor = 10000},
                             {.book_minor = 100, .error_minor = 100},
                             {.book_minor = 2000, .error_minor = 1000}};
    struct mus_result result = {
        .interval_minor = 1000000, .top_error_minor = 25000, .taints = taints, .taint_count = 3};
    struct mus_limit limit;
    struct err err = {.status = STATUS_OK};
    (void)state;
    assert_int_equal(sample_mus_limit(&result, RISK_5, &limit, &err), STATUS_OK);
    assert_int_equal(limit.basic_minor, 2995800);
    assert_int_equal(limit.projected_minor, 25000 + 1000000 + 500000 + 333334);
    /* 1.7481 x 1, 1.5519 x 1/2, 1.4579 x 1/3, the last rounded up */
    assert_int_equal(sample_factor_e4(2, RISK_5) - sample_factor_e4(1, RISK_5), 15519);
    assert_int_equal(sample_factor_e4(3, RISK_5) - sample_factor_e4(2, RISK_5), 14579);
    assert_int_equal(limit.upper_minor, 25000 + 2995800 + 1748100 + 775950 + 485967);
    result.taint_count = 0;
    assert_int_equal(sample_mus_limit(&result, RISK_5, &limit, &err), STATUS_OK);
    assert_int_equal(limit.upper_minor, 25000 + 2995800);
    struct taint vast = {.book_minor = 1, .error_minor = INT64_MAX};
    result = (struct mus_result){.interval_minor = INT64_MAX / 8, .taints = &vast, .taint_count = 1};
    assert_int_equal(sample_mus_limit(&result, RISK_5, &limit, &err), STATUS_LIMIT);
    result.taint_count = SAMPLE_TAINTS_MAX + 1; /* none of them is looked at */
    assert_int_equal(sample_mus_limit(&result, RISK_5, &limit, &err), STATUS_LIMIT);
}

static void strata_get_their_share(void **state)
{
    const int64_t counts[] = {500, 300, 199, 1, 0};
    int64_t sizes[5] = {0};
    struct err err = {.status = STATUS_OK};
    (void)state;
    assert_int_equal(sample_allocate(60, counts, 5, sizes, &err), STATUS_OK);
    assert_int_equal(sizes[0], 30);
    assert_int_equal(sizes[1], 18);
    assert_int_equal(sizes[2], 12);
    assert_int_equal(sizes[3], 1); /* its share is less than half an item */
    assert_int_equal(sizes[4], 0);
}

static void what_cannot_be_planned_is_refused(void **state)
{
    struct err err = {.status = STATUS_OK};
    int64_t size = 0, deviations = 0;
    (void)state;
    const struct attribute_plan above = {
        .risk_ppm = RISK_5, .tolerable_ppm = 50000, .expected = -1, .expected_ppm = 50000};
    assert_int_equal(sample_attribute_size(&above, &size, &deviations, &err), STATUS_INPUT);
    const struct attribute_plan close = {
        .risk_ppm = RISK_5, .tolerable_ppm = 50000, .expected = -1, .expected_ppm = 49900};
    assert_int_equal(sample_attribute_size(&close, &size, &deviations, &err), STATUS_LIMIT);
    const struct attribute_plan tiny = {.risk_ppm = 1, .tolerable_ppm = 1};
    assert_int_equal(sample_attribute_size(&tiny, &size, &deviations, &err), STATUS_LIMIT);
}

/* What is equal counts as enough, though doubles say 0.8 x 0.8 > 0.64. */
static void equal_is_enough(void **state)
{
    (void)state;
    assert_true(binomial_at_most(2, 0, 200000, 640000));
    assert_false(binomial_at_most(2, 0, 200000, 639999));
    assert_int_equal(size_of((struct attribute_plan){.risk_ppm = 640000, .tolerable_ppm = 200000}), 2);
    assert_true(binomial_at_most(3, 0, 500000, 125000));
    /* What is certain is at most certain, and no less. */
    const struct urn urn = {.population = 9, .deviations = 3, .drawn = 5};
    assert_true(binomial_at_most(5, 5, 200000, PROBABILITY_ONE));
    assert_false(binomial_at_most(5, 5, 200000, PROBABILITY_ONE - 1));
    assert_true(binomial_at_most(5, 4, PROBABILITY_ONE, 0));
    assert_true(hypergeometric_at_most(&urn, 3, PROBABILITY_ONE));
    assert_false(hypergeometric_at_most(&urn, 3, PROBABILITY_ONE - 1));
    /* Below what a double holds: 0.5^2000, and 0.99^100000 with what can be found beside it. */
    assert_true(binomial_at_most(2000, 0, 500000, 1));
    assert_true(binomial_at_most(100000, 900, 10000, RISK_5));
    assert_false(binomial_at_most(100000, 1000, 10000, RISK_5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attribute_sizes_are_those_of_the_guide),
        cmocka_unit_test(upper_limits_are_those_of_the_guide),
        cmocka_unit_test(sizes_by_expected_deviations),
        cmocka_unit_test(small_populations_need_smaller_samples),
        cmocka_unit_test(more_are_drawn_than_are_good),
        cmocka_unit_test(detection_is_what_the_domain_says),
        cmocka_unit_test(factors_are_those_of_poisson),
        cmocka_unit_test(monetary_intervals),
        cmocka_unit_test(upper_misstatement_limit),
        cmocka_unit_test(strata_get_their_share),
        cmocka_unit_test(what_cannot_be_planned_is_refused),
        cmocka_unit_test(equal_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
