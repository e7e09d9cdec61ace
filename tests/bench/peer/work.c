/*
 * The corrections that peers keep (work.h). A statement is laid out as FORMAT.md section 2 has it, without what the author
 * had seen; its note fills it up to 600 bytes.
 */
#include "tests/bench/peer/work.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void peer_fail(const char *format, ...)
{
    static atomic_flag failing = ATOMIC_FLAG_INIT;
    va_list arguments;
    while (atomic_flag_test_and_set(&failing)) /* another thread says why, and ends us */
        (void)pause();
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

void peer_directory(const char *dir)
{
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        peer_fail("%s: %s", dir, strerror(errno));
}

size_t peer_number(const char *name, const char *text, size_t most)
{
    char *end = NULL;
    unsigned long long number = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || number < 1 || number > most)
        peer_fail("%s '%s': a number from 1 to %zu is wanted", name, text, most);
    return (size_t)number;
}

void peer_people_make(struct peer_people *ret_people)
{
    for (unsigned i = 0; i < PEER_PEOPLE; i++) {
        const uint8_t seed[crypto_sign_SEEDBYTES] = {'p', 'e', 'e', 'r', (uint8_t)i};
        crypto_sign_seed_keypair(ret_people->public[i], ret_people -> secret[i], seed);
    }
}

static void evidence_of(uint64_t number, char ret_hex[static 2 * PEER_HASH_BYTES + 1])
{
    uint8_t hash[PEER_HASH_BYTES];
    crypto_hash_sha256(hash, (const uint8_t *)&number, sizeof number);
    sodium_bin2hex(ret_hex, 2 * PEER_HASH_BYTES + 1, hash, sizeof hash);
}

void peer_work_statement(uint64_t number, unsigned signer, uint8_t ret_bytes[static PEER_STATEMENT_BYTES])
{
    static const char *const layout =
        "{\"actor\":\"s%u\",\"at\":\"2026-01-05T09:%02u:%02u.%03uZ\",\"body\":{\"atomic\":false,\"documents\":["
        "{\"allocations\":[{\"amount\":\"%u.%02u\",\"invoice\":\"I%" PRIu64 "\"}],\"amount\":\"%u.%02u\","
        "\"channel\":\"cli\",\"currency\":\"USD\",\"customer\":\"C%" PRIu64 "\",\"date\":\"2026-01-05\","
        "\"entity\":\"US01\",\"evidence\":[{\"bytes\":12,\"kind\":\"price-sheet\",\"media\":\"text/plain\","
        "\"sha256\":\"%s\"}],\"kind\":\"credit-note\",\"note\":\"%.*s\",\"reason\":\"PRICE_ERR\",\"ref\":\"r-%" PRIu64
        "\"}]},\"book\":\"b7cf96dec54acac3e674263fc58f5d8ade6ad0f967519877ce5f3e27baa34990\",\"do\":\"submit\","
        "\"id\":\"load-%" PRIu64 "\",\"v\":1}";
    static const char note[] =
        "Contract price not applied: agreed sheet of January, second page, the line that is named";
    char text[2 * PEER_STATEMENT_BYTES], evidence[2 * PEER_HASH_BYTES + 1];
    const unsigned dollars = 1 + (unsigned)(number % 900), cents = (unsigned)(number % 97);
    int length = 0, note_chars = 0;
    evidence_of(number, evidence);
    for (int turn = 0; turn < 2; turn++) { /* the second with a note of the length that is left */
        length = snprintf(text, sizeof text, layout, signer, (unsigned)(number / 60000 % 60),
                          (unsigned)(number / 1000 % 60), (unsigned)(number % 1000), dollars, cents, number % 20000,
                          dollars, cents, number % 20000, evidence, note_chars, note, number, number);
        if (turn == 0)
            note_chars = PEER_STATEMENT_BYTES - length;
    }
    if (length != PEER_STATEMENT_BYTES)
        peer_fail("statement %" PRIu64 " has %d bytes, not %d", number, length, PEER_STATEMENT_BYTES);
    memcpy(ret_bytes, text, PEER_STATEMENT_BYTES);
}

struct peer_correction *peer_work_make(const struct peer_people *people, size_t count, size_t per_signature)
{
    struct peer_correction *made = calloc(count, sizeof *made);
    crypto_hash_sha256_state list;
    uint8_t hash[PEER_HASH_BYTES];
    if (made == NULL)
        peer_fail("no memory for %zu corrections", count);
    if (PEER_LIST_MAX % per_signature != 0)
        peer_fail("lists of %zu: a number that divides %d is wanted", per_signature, PEER_LIST_MAX);
    for (size_t i = 0; i < count; i++) {
        struct peer_correction *one = &made[i];
        one->signer = (uint8_t)(i / per_signature % PEER_PEOPLE);
        peer_work_statement(i + 1, one->signer, one->statement);
        if (i % per_signature == 0)
            crypto_hash_sha256_init(&list);
        crypto_hash_sha256_update(&list, one->statement, sizeof one->statement);
        if (i % per_signature + 1 < per_signature && i + 1 < count)
            continue;
        crypto_hash_sha256_final(&list, hash);
        crypto_sign_detached(one->signature, NULL, hash, sizeof hash, people->secret[one->signer]);
        one->has_signature = 1;
    }
    return made;
}
