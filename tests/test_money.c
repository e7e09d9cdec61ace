/*
 * Money and currencies: one text for an amount, checked sums, splits that add up, conversions half to even.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/currency.h"
#include "ledger/money.h"
#include "tests/support/vector_file.h"

/* cmocka compares unsigned. */
static void assert_i64(int64_t got, int64_t want, int line)
{
    if (got != want)
        fail_msg("line %d: %lld, not %lld", line, (long long)got, (long long)want);
}

#define assert_i64_equal(got, want) assert_i64(got, want, __LINE__)

/* All 26^3 codes: how many there are of each number of digits, from ISO 4217 list one. */
static void currencies_are_those_of_iso_4217(void **state)
{
    (void)state;
    size_t counts[CURRENCY_DIGITS_MAX + 1] = {0};
    for (int i = 0; i < 26 * 26 * 26; i++) {
        char code[] = {(char)('A' + i / 676), (char)('A' + i / 26 % 26), (char)('A' + i % 26), '\0'};
        int digits = currency_digits(code);
        if (digits >= 0)
            counts[digits]++;
    }
    assert_int_equal(counts[0], 17);
    assert_int_equal(counts[1], 0);
    assert_int_equal(counts[2], 140);
    assert_int_equal(counts[3], 7);
    assert_int_equal(counts[4], 2);
    static const struct {
        const char *code;
        int digits;
    } some[] = {{"USD", 2}, {"EUR", 2}, {"JPY", 0},   {"KWD", 3},  {"IQD", 3},  {"CLF", 4},  {"UYW", 4},  {"AED", 2},
                {"ZWG", 2}, {"ISK", 0}, {"HUF", 2},   {"AFN", 2},  {"XAU", -1}, {"XXX", -1}, {"XTS", -1}, {"usd", -1},
                {"", -1},   {"US", -1}, {"USDX", -1}, {"DEM", -1}, {"AAA", -1}, {"ZZZ", -1}};
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++)
        assert_i64_equal(currency_digits(some[i].code), some[i].digits);
}

static void amounts_read_exactly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int digits;
        int64_t minor;
    } cases[] = {
        {"0.00", 2, 0},
        {"0.01", 2, 1},
        {"-0.01", 2, -1},
        {"12.50", 2, 1250},
        {"-1200.00", 2, -120000},
        {"1200", 0, 1200},
        {"0", 0, 0},
        {"-7", 0, -7},
        {"1.234", 3, 1234},
        {"0.0001", 4, 1},
        {"92233720368547758.07", 2, INT64_MAX},
        {"-92233720368547758.07", 2, -INT64_MAX},
        {"9223372036854775807", 0, INT64_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t minor = 99;
        char text[MONEY_TEXT_MAX];
        assert_int_equal(money_parse(cases[i].text, strlen(cases[i].text), cases[i].digits, &minor, NULL), STATUS_OK);
        assert_i64_equal(minor, cases[i].minor);
        money_format(minor, cases[i].digits, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void refused_amounts_say_what_to_write(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int digits;
        enum status status;
        const char *error;
    } cases[] = {
        {"12,50", 2, STATUS_INPUT, "amount '12,50': use a dot, 12.50"},
        {"-12,50", 2, STATUS_INPUT, "amount '-12,50': use a dot, -12.50"},
        {"1,200.00", 2, STATUS_INPUT, "amount '1,200.00': no comma, write it like 1200.00"},
        {"1,200", 0, STATUS_INPUT, "amount '1,200': no comma, write it like 1200"},
        {"1,200", 3, STATUS_INPUT, "amount '1,200': use a dot, 1.200"},
        {"", 2, STATUS_INPUT, "amount is empty"},
        {"-", 2, STATUS_INPUT, "amount '-': a plain decimal number is due"},
        {".", 2, STATUS_INPUT, "amount '.': a plain decimal number is due"},
        {".50", 2, STATUS_INPUT, "amount '.50': a plain decimal number is due"},
        {"+1.00", 2, STATUS_INPUT, "amount '+1.00': no plus sign"},
        {" 1.00", 2, STATUS_INPUT, "amount ' 1.00': a plain decimal number is due"},
        {"1.00 ", 2, STATUS_INPUT, "amount '1.00 ': a plain decimal number is due"},
        {"1.00\n", 2, STATUS_INPUT, "amount '1.00\\x0A': a plain decimal number is due"},
        {"1e2", 2, STATUS_INPUT, "amount '1e2': a plain decimal number is due"},
        {"--1.00", 2, STATUS_INPUT, "amount '--1.00': a plain decimal number is due"},
        {"1.00.00", 2, STATUS_INPUT, "amount '1.00.00': a plain decimal number is due"},
        {"\x1B[31m1.00", 2, STATUS_INPUT, "amount '\\x1B[31m1.00': a plain decimal number is due"},
        {"1.234", 2, STATUS_INPUT, "amount '1.234': too many digits after the dot, 2 are due"},
        {"1.2", 2, STATUS_INPUT, "amount '1.2': exactly 2 digits after the dot are due"},
        {"1", 2, STATUS_INPUT, "amount '1': exactly 2 digits after the dot are due"},
        {"1.", 2, STATUS_INPUT, "amount '1.': exactly 2 digits after the dot are due"},
        {"1.", 0, STATUS_INPUT, "amount '1.': this currency has no decimals"},
        {"1200.00", 0, STATUS_INPUT, "amount '1200.00': this currency has no decimals"},
        {"01.00", 2, STATUS_INPUT, "amount '01.00': no leading zeros"},
        {"-00.10", 2, STATUS_INPUT, "amount '-00.10': no leading zeros"},
        {"-0.00", 2, STATUS_INPUT, "amount '-0.00': zero has no sign"},
        {"-0", 0, STATUS_INPUT, "amount '-0': zero has no sign"},
        {"92233720368547758.08", 2, STATUS_LIMIT, "amount '92233720368547758.08' is too large"},
        {"-92233720368547758.08", 2, STATUS_LIMIT, "amount '-92233720368547758.08' is too large"},
        {"99999999999999999999999999.00", 2, STATUS_LIMIT, "amount '99999999999999999999999999.00' is too large"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t minor = 99;
        struct err err = {.text = ""};
        assert_int_equal(money_parse(cases[i].text, strlen(cases[i].text), cases[i].digits, &minor, &err),
                         cases[i].status);
        assert_string_equal(err.text, cases[i].error);
        assert_i64_equal(minor, 99);
    }
    int64_t minor = 99;
    assert_int_equal(money_parse("1\0"
                                 "00",
                                 4, 2, &minor, NULL),
                     STATUS_INPUT);
}

/* Any text that money_parse takes is the one that money_format writes. */
static void parse_and_format_are_inverse(void **state)
{
    (void)state;
    uint64_t random = 7;
    static const char alphabet[] = "0012345.-";
    size_t accepted = 0;
    for (int i = 0; i < 200000; i++) {
        char text[12];
        char again[MONEY_TEXT_MAX];
        int digits = (int)(vector_random(&random) % (CURRENCY_DIGITS_MAX + 1));
        size_t length = vector_random(&random) % sizeof text;
        for (size_t at = 0; at < length; at++)
            text[at] = alphabet[vector_random(&random) % (sizeof alphabet - 1)];
        int64_t minor = 0;
        if (money_parse(text, length, digits, &minor, NULL) == STATUS_OK) {
            money_format(minor, digits, again);
            assert_int_equal(strlen(again), length);
            assert_memory_equal(again, text, length);
            accepted++;
        }
        minor = (int64_t)(vector_random(&random) >> (vector_random(&random) % 64));
        minor = minor == INT64_MIN ? 0 : minor;
        int64_t back = 0;
        money_format(minor, digits, again);
        assert_int_equal(money_parse(again, strlen(again), digits, &back, NULL), STATUS_OK);
        assert_i64_equal(back, minor);
    }
    assert_true(accepted > 1000);
}

static void people_get_groups(void **state)
{
    (void)state;
    static const struct {
        int64_t minor;
        int digits;
        const char *text;
    } cases[] = {
        {0, 2, "0.00"},
        {5, 2, "0.05"},
        {-5, 2, "-0.05"},
        {99999, 2, "999.99"},
        {100000, 2, "1,000.00"},
        {-123456789, 2, "-1,234,567.89"},
        {123456, 0, "123,456"},
        {1000, 0, "1,000"},
        {999, 0, "999"},
        {1234567, 3, "1,234.567"},
        {12345678, 4, "1,234.5678"},
        {INT64_MAX, 2, "92,233,720,368,547,758.07"},
        {INT64_MIN, 0, "-9,223,372,036,854,775,808"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[MONEY_TEXT_MAX];
        money_format_grouped(cases[i].minor, cases[i].digits, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void sums_are_checked(void **state)
{
    (void)state;
    int64_t result = 99;
    assert_int_equal(money_add(INT64_MAX, 1, &result, NULL), STATUS_LIMIT);
    assert_int_equal(money_add(-INT64_MAX, -1, &result, NULL), STATUS_LIMIT);
    assert_int_equal(money_add(-INT64_MAX, -2, &result, NULL), STATUS_LIMIT);
    assert_int_equal(money_sub(-INT64_MAX, 1, &result, NULL), STATUS_LIMIT);
    assert_int_equal(money_sub(INT64_MAX, -1, &result, NULL), STATUS_LIMIT);
    assert_int_equal(money_sub(0, INT64_MIN, &result, NULL), STATUS_LIMIT);
    assert_int_equal(money_abs(INT64_MIN, &result, NULL), STATUS_LIMIT);
    assert_i64_equal(result, 99);
    assert_int_equal(money_add(INT64_MAX, -1, &result, NULL), STATUS_OK);
    assert_i64_equal(result, INT64_MAX - 1);
    assert_int_equal(money_add(-INT64_MAX, INT64_MAX, &result, NULL), STATUS_OK);
    assert_i64_equal(result, 0);
    assert_int_equal(money_sub(5, 7, &result, NULL), STATUS_OK);
    assert_i64_equal(result, -2);
    assert_int_equal(money_abs(-INT64_MAX, &result, NULL), STATUS_OK);
    assert_i64_equal(result, INT64_MAX);
    assert_int_equal(money_abs(3, &result, NULL), STATUS_OK);
    assert_i64_equal(result, 3);
}

static void splits_give_the_largest_remainders_first(void **state)
{
    (void)state;
    static const struct {
        int64_t total;
        size_t count;
        int64_t weights[4];
        int64_t parts[4];
    } cases[] = {
        {10000, 3, {1, 1, 1}, {3334, 3333, 3333}},
        {-10000, 3, {1, 1, 1}, {-3334, -3333, -3333}},
        {2, 3, {1, 1, 1}, {1, 1, 0}},
        {100, 3, {1, 2, 3}, {17, 33, 50}},
        {10, 4, {3, 3, 3, 1}, {3, 3, 3, 1}},
        {101, 2, {1, 2}, {34, 67}},
        {1, 3, {1, 2, 1}, {0, 1, 0}},
        {7, 4, {0, 1, 0, 1}, {0, 4, 0, 3}},
        {0, 2, {5, 5}, {0, 0}},
        {INT64_MAX, 2, {INT64_MAX, INT64_MAX}, {INT64_MAX / 2 + 1, INT64_MAX / 2}},
        {-INT64_MAX, 1, {INT64_MAX}, {-INT64_MAX}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t parts[4];
        assert_int_equal(money_split(cases[i].total, cases[i].weights, cases[i].count, parts, NULL), STATUS_OK);
        for (size_t part = 0; part < cases[i].count; part++)
            assert_i64_equal(parts[part], cases[i].parts[part]);
    }
}

static void splits_add_up(void **state)
{
    (void)state;
    uint64_t random = 11;
    for (int i = 0; i < 20000; i++) {
        int64_t weights[20];
        int64_t parts[20];
        int64_t mirrored[20];
        size_t count = 1 + vector_random(&random) % 20;
        int64_t total = (int64_t)(vector_random(&random) >> (1 + vector_random(&random) % 62));
        for (size_t part = 0; part < count; part++)
            weights[part] = (int64_t)(vector_random(&random) >> (1 + vector_random(&random) % 62));
        weights[0] = weights[0] == 0 ? 1 : weights[0];
        assert_int_equal(money_split(total, weights, count, parts, NULL), STATUS_OK);
        assert_int_equal(money_split(-total, weights, count, mirrored, NULL), STATUS_OK);
        int64_t sum = 0;
        for (size_t part = 0; part < count; part++) {
            assert_true(parts[part] >= 0);
            assert_true(weights[part] > 0 || parts[part] == 0);
            assert_i64_equal(mirrored[part], -parts[part]);
            sum += parts[part];
        }
        assert_i64_equal(sum, total);
    }
}

static void bad_splits_are_refused(void **state)
{
    (void)state;
    struct err err;
    int64_t parts[2] = {99, 99};
    static const int64_t negative[] = {1, -1};
    static const int64_t zero[] = {0, 0};
    static const int64_t fine[] = {1, 1};
    assert_int_equal(money_split(10, negative, 2, parts, &err), STATUS_INPUT);
    assert_string_equal(err.text, "part 2 of 2 has a negative weight");
    assert_int_equal(money_split(10, zero, 2, parts, &err), STATUS_INPUT);
    assert_int_equal(money_split(10, fine, 0, parts, &err), STATUS_LIMIT);
    assert_int_equal(money_split(INT64_MIN, fine, 2, parts, &err), STATUS_LIMIT);
    int64_t *many = calloc(MONEY_SPLIT_PARTS_MAX + 1, 2 * sizeof *many);
    assert_non_null(many);
    assert_int_equal(money_split(10, many, MONEY_SPLIT_PARTS_MAX + 1, many + MONEY_SPLIT_PARTS_MAX, &err),
                     STATUS_LIMIT);
    free(many);
    assert_i64_equal(parts[0], 99);
}

static void conversion_rounds_half_to_even(void **state)
{
    (void)state;
    static const struct {
        int64_t minor;
        struct money_rate rate;
        int64_t want;
    } cases[] = {
        {10000, {1082500000000, 2, 2}, 10825},
        {1, {500000000000, 2, 2}, 0},
        {3, {500000000000, 2, 2}, 2},
        {5, {500000000000, 2, 2}, 2},
        {-1, {500000000000, 2, 2}, 0},
        {-3, {500000000000, 2, 2}, -2},
        {-5, {500000000000, 2, 2}, -2},
        {1, {500000000001, 2, 2}, 1},
        {1, {499999999999, 2, 2}, 0},
        {10000, {INT64_C(155123456789000), 2, 0}, 15512},
        {15512, {6446000000, 0, 2}, 9999},
        {1, {1000000000000, 0, 4}, 10000},
        {10000, {1000000000000, 4, 0}, 1},
        {5000, {1000000000000, 4, 0}, 0},
        {15000, {1000000000000, 4, 0}, 2},
        {INT64_MAX, {1000000000000, 2, 2}, INT64_MAX},
        {-INT64_MAX, {1000000000000, 2, 2}, -INT64_MAX},
        {0, {INT64_MAX, 0, 4}, 0},
        {INT64_MAX, {1, 2, 2}, 9223372},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t got = 99;
        assert_int_equal(money_convert(cases[i].minor, &cases[i].rate, &got, NULL), STATUS_OK);
        assert_i64_equal(got, cases[i].want);
    }
    int64_t got = 99;
    struct money_rate rate = {1000000000001, 2, 2};
    assert_int_equal(money_convert(INT64_MAX, &rate, &got, NULL), STATUS_LIMIT);
    rate = (struct money_rate){INT64_MAX, 0, 4};
    assert_int_equal(money_convert(INT64_MAX, &rate, &got, NULL), STATUS_LIMIT);
    rate.trillionths = 0;
    assert_int_equal(money_convert(1, &rate, &got, NULL), STATUS_INPUT);
    rate.trillionths = -5;
    assert_int_equal(money_convert(1, &rate, &got, NULL), STATUS_INPUT);
    assert_i64_equal(got, 99);
}

static void rates_have_one_text(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t trillionths;
    } good[] = {{"1", 1000000000000},
                {"1.0825", 1082500000000},
                {"0.000000000001", 1},
                {"155.123456789", 155123456789000},
                {"9223372.036854775807", INT64_MAX},
                {"10", 10000000000000}};
    static const char *const bad[] = {
        "", "0", "0.0", "01", "1.", ".5", "1.50", "-1", "+1", "1,5", "1.0000000000001", " 1", "1e2", "1.2.3"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t trillionths = 0;
        char text[MONEY_TEXT_MAX];
        assert_int_equal(money_parse_rate(good[i].text, strlen(good[i].text), &trillionths, NULL), STATUS_OK);
        assert_i64_equal(trillionths, good[i].trillionths);
        money_format_rate(trillionths, text);
        assert_string_equal(text, good[i].text);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t trillionths = 99;
        if (money_parse_rate(bad[i], strlen(bad[i]), &trillionths, NULL) != STATUS_INPUT)
            fail_msg("rate '%s'", bad[i]);
        assert_i64_equal(trillionths, 99);
    }
    int64_t trillionths = 0;
    assert_int_equal(money_parse_rate("9223372.036854775808", 20, &trillionths, NULL), STATUS_LIMIT);
    assert_int_equal(money_parse_rate("9223373", 7, &trillionths, NULL), STATUS_LIMIT);
    assert_int_equal(money_parse_rate("99999999999999999999", 20, &trillionths, NULL), STATUS_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(currencies_are_those_of_iso_4217),
        cmocka_unit_test(amounts_read_exactly),
        cmocka_unit_test(refused_amounts_say_what_to_write),
        cmocka_unit_test(parse_and_format_are_inverse),
        cmocka_unit_test(people_get_groups),
        cmocka_unit_test(sums_are_checked),
        cmocka_unit_test(splits_give_the_largest_remainders_first),
        cmocka_unit_test(splits_add_up),
        cmocka_unit_test(bad_splits_are_refused),
        cmocka_unit_test(conversion_rounds_half_to_even),
        cmocka_unit_test(rates_have_one_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
