/*
 * Memory for secrets and sources of randomness.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/random.h"
#include "ledger/secret.h"

static void secret_memory_is_zeroed_and_bounded(void **state)
{
    (void)state;
    const uint8_t zero[100] = {0};
    uint8_t *secret = secret_new(sizeof zero);
    assert_non_null(secret);
    assert_memory_equal(secret, zero, sizeof zero);
    memset(secret, 1, sizeof zero);
    secret_wipe(secret, 50);
    assert_memory_equal(secret, zero, 50);
    assert_int_equal(secret[50], 1);
    secret_free(secret);
    secret_free(NULL);
    assert_null(secret_new(0));
    assert_null(secret_new(SECRET_BYTES_MAX + 1));
}

static void seeded_source_repeats_and_never_overlaps(void **state)
{
    (void)state;
    const uint8_t seed[RANDOM_SEED_BYTES] = {7};
    const uint8_t other_seed[RANDOM_SEED_BYTES] = {8};
    struct random_seeded first, second, third;
    struct random_source a = random_from_seed(seed, &first);
    struct random_source b = random_from_seed(seed, &second);
    struct random_source c = random_from_seed(other_seed, &third);
    uint8_t a_bytes[2][40] = {0}, b_bytes[2][40] = {0}, c_bytes[40] = {0};
    for (size_t i = 0; i < 2; i++) {
        random_fill(&a, a_bytes[i], sizeof a_bytes[i]);
        random_fill(&b, b_bytes[i], sizeof b_bytes[i]);
    }
    random_fill(&c, c_bytes, sizeof c_bytes);
    assert_memory_equal(a_bytes, b_bytes, sizeof a_bytes);
    assert_memory_not_equal(a_bytes[0], a_bytes[1], sizeof a_bytes[0]);
    assert_memory_not_equal(a_bytes[0], c_bytes, sizeof c_bytes);
}

static void system_source_fills(void **state)
{
    (void)state;
    struct random_source source = random_system();
    uint8_t a[32] = {0}, b[32] = {0};
    random_fill(&source, a, sizeof a);
    random_fill(&source, b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secret_memory_is_zeroed_and_bounded),
        cmocka_unit_test(seeded_source_repeats_and_never_overlaps),
        cmocka_unit_test(system_source_fills),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
