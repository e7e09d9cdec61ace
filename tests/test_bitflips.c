/*
 * Bits of a book's files flipped at random, one book a bit: whoever reads it answers as before or says so; an entry that was
 * changed is named.
 *
 * BITFLIPS=n takes so many (make bitflips: 10,000), BITFLIPS_SEED=n others, BITFLIPS_AT=file:byte:bit that one alone. ENTRYBITS=n: of the
 * entries' own bits each n-th, 1 all of them (half a million; ENTRYBITS_FROM=n begins there).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/flipped_book.h"
#include "tests/support/sanitized.h"
#include "tests/support/vector_file.h"

enum {
    FLIPS_DEFAULT = SANITIZED ? 4 : 60,
    ENTRY_FLIPS_DEFAULT = SANITIZED ? 1 : 5,
    PAGE_BYTES = 4096,
    META_BYTES = 152,
    HEAD_BYTES = 16,
    WRONGS_TOLD = 60
};

/* Where a bit is aimed at: what LMDB itself goes by deserves more than its share of the bytes. */
enum aim { AIM_ANYWHERE, AIM_META, AIM_PAGE_HEAD, AIM_NODES, AIM_OTHER_FILE, AIM_LOCK, AIM_ENTRY, AIM_COUNT };
static const char *const aim_names[AIM_COUNT] = {
    "anywhere in the two", "their heads", "heads of pages", "nodes and pointers", "other files", "lock.mdb", "entries"};

struct flip {
    enum aim aim;
    size_t file;
    size_t at;
    unsigned bit;
};

struct tally {
    unsigned long outcomes[AIM_COUNT][ASK_COUNT][OUTCOME_COUNT];
    unsigned long flips[AIM_COUNT];
    unsigned long effectless; /* nobody's answer differs */
    unsigned long entries;    /* hit an entry */
    unsigned long bad;
};

static uint64_t below(uint64_t *random, uint64_t bound)
{
    return (vector_random(random) >> 16) % bound;
}

static bool is_store(const struct flipped_file *file)
{
    return strstr(file->name, "data.mdb") != NULL;
}

static bool is_lock(const struct flipped_file *file)
{
    return strstr(file->name, "lock.mdb") != NULL;
}

static size_t file_pick(const struct flipped_book *flipped, enum aim aim, uint64_t *random)
{
    for (;;) {
        size_t index = (size_t)below(random, flipped->file_count);
        const struct flipped_file *file = &flipped->files[index];
        const bool store = aim != AIM_LOCK && aim != AIM_OTHER_FILE;
        if (is_lock(file) == (aim == AIM_LOCK) && is_store(file) == store && file->length > 0)
            return index;
    }
}

static struct flip flip_pick(const struct flipped_book *flipped, uint64_t *random)
{
    static const enum aim shares[16] = {
        AIM_ANYWHERE,  AIM_ANYWHERE,  AIM_ANYWHERE,  AIM_ANYWHERE, AIM_ANYWHERE, AIM_LOCK,  AIM_META,  AIM_PAGE_HEAD,
        AIM_PAGE_HEAD, AIM_PAGE_HEAD, AIM_PAGE_HEAD, AIM_NODES,    AIM_NODES,    AIM_NODES, AIM_NODES, AIM_OTHER_FILE};
    struct flip flip = {.aim = shares[below(random, 16)]};
    flip.file = file_pick(flipped, flip.aim, random);
    const size_t length = flipped->files[flip.file].length;
    const size_t page = PAGE_BYTES * (size_t)below(random, length / PAGE_BYTES + 1);
    switch (flip.aim) {
    case AIM_META:
        flip.at = PAGE_BYTES * (size_t)below(random, 2) + (size_t)below(random, META_BYTES);
        break;
    case AIM_PAGE_HEAD:
        flip.at = page + (size_t)below(random, HEAD_BYTES);
        break;
    case AIM_NODES: { /* a page's pointers, or a node's head */
        uint16_t pointer = 0;
        size_t at = page + HEAD_BYTES + 2 * (size_t)below(random, 24);
        if (at + 2 <= length)
            memcpy(&pointer, flipped->files[flip.file].bytes + at, 2);
        flip.at = below(random, 3) == 0 ? at + (size_t)below(random, 2)
                                        : page + pointer % PAGE_BYTES + (size_t)below(random, 24);
        break;
    }
    case AIM_ANYWHERE:
    case AIM_OTHER_FILE:
    case AIM_LOCK:
    case AIM_ENTRY:
    case AIM_COUNT:
        flip.at = (size_t)below(random, length);
        break;
    }
    flip.at %= length;
    flip.bit = (unsigned)below(random, 8);
    return flip;
}

static long entry_at_byte(const struct flipped_book *flipped, const struct flip *flip)
{
    if (strcmp(flipped->files[flip->file].name, "journal/data.mdb") != 0)
        return -1;
    for (size_t seq = 0; seq < flipped->entry_count; seq++)
        if (flip->at >= flipped->entries[seq].at && flip->at < flipped->entries[seq].at + flipped->entries[seq].length)
            return (long)seq;
    return -1;
}

static void tell(const struct flipped_book *flipped, const struct flip *flip, enum flipped_question question,
                 const char *what)
{
    const char *end = strstr(flipped->now->err, "\n");
    print_message("%s: %s, status %d: BITFLIPS_AT=%s:%zu:%u  %.*s\n", flipped_question_name(question), what,
                  flipped->now->status, flipped->files[flip->file].name, flip->at, flip->bit,
                  end == NULL ? 300 : (int)(end - flipped->now->err), flipped->now->err);
    if (getenv("BITFLIPS_AT") != NULL)
        print_message("it answers: %s\n", flipped->now->out);
}

/*
 * Whether the newest head of a store bears the number of the state before the older one: LMDB leaves it so where the write of a head
 * failed. The last commit is as if it had failed, and nothing in the file tells; who was told of it can (a witness, a receipt, and of
 * an entry the books).
 */
static bool takes_back_a_commit(const struct flipped_book *flipped, const struct flip *flip)
{
    enum { PAGE = 4096, AT_TXN = 144 };
    const struct flipped_file *file = &flipped->files[flip->file];
    const size_t page = flip->at / PAGE;
    uint64_t numbers[2];
    if (strstr(file->name, "/data.mdb") == NULL || page > 1 || flip->at % PAGE < AT_TXN ||
        flip->at % PAGE >= AT_TXN + 8)
        return false;
    for (size_t i = 0; i < 2; i++)
        memcpy(&numbers[i], file->bytes + i * PAGE + AT_TXN, sizeof numbers[i]);
    return numbers[page] + 1 == numbers[1 - page];
}

/* One bit; asks everybody. */
static void flip_and_ask(struct flipped_book *flipped, const struct flip *flip, struct tally *tally)
{
    uint8_t *byte = &flipped->files[flip->file].bytes[flip->at];
    const long seq = entry_at_byte(flipped, flip);
    bool same = true, bad = false;
    *byte ^= (uint8_t)(1U << flip->bit);
    const enum flipped_outcome bad_from = takes_back_a_commit(flipped, flip) ? OUTCOME_CRASH : OUTCOME_WRONG;
    for (enum flipped_question question = 0; question < ASK_COUNT; question++) {
        if (question != ASK_VERIFY_AFTER)
            flipped_book_lay(flipped);
        flipped_book_ask(flipped, question);
        enum flipped_outcome outcome = flipped_book_judge(flipped, question);
        tally->outcomes[flip->aim][question][outcome]++;
        same = same && outcome == OUTCOME_SAME;
        bool unnamed = seq >= 0 && question == ASK_VERIFY && !flipped_names(flipped, (uint64_t)seq);
        if (outcome >= bad_from || unnamed || getenv("BITFLIPS_AT") != NULL) {
            bad = bad || outcome >= bad_from || unnamed;
            if (tally->bad < WRONGS_TOLD)
                tell(flipped, flip, question,
                     unnamed ? "the changed entry is not named" : flipped_outcome_name(outcome));
        }
        if (question == ASK_GATE && outcome != OUTCOME_SAME) /* nothing to hold what it left against */
            break;
    }
    *byte ^= (uint8_t)(1U << flip->bit);
    tally->flips[flip->aim]++;
    tally->effectless += same;
    tally->entries += seq >= 0;
    tally->bad += bad;
}

static void print_tally(const struct tally *tally)
{
    for (int aim = 0; aim < AIM_COUNT; aim++) {
        unsigned long sums[OUTCOME_COUNT] = {0};
        if (tally->flips[aim] == 0)
            continue;
        for (int question = 0; question < ASK_COUNT; question++)
            for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++)
                sums[outcome] += tally->outcomes[aim][question][outcome];
        print_message("  %-20s %6lu flips, answers: %lu same, %lu in words, %lu wrong, %lu crashes, %lu hangs\n",
                      aim_names[aim], tally->flips[aim], sums[OUTCOME_SAME], sums[OUTCOME_WORD], sums[OUTCOME_WRONG],
                      sums[OUTCOME_CRASH], sums[OUTCOME_HANG]);
    }
    print_message("  %lu hit an entry, %lu had no effect on any answer, %lu bad\n", tally->entries, tally->effectless,
                  tally->bad);
}

static bool flip_given(struct flipped_book *flipped, struct flip *ret_flip)
{
    const char *given = getenv("BITFLIPS_AT");
    char name[96];
    if (given == NULL)
        return false;
    assert_int_equal(sscanf(given, "%95[^:]:%zu:%u", name, &ret_flip->at, &ret_flip->bit), 3);
    ret_flip->file = (size_t)(flipped_file(flipped, name) - flipped->files);
    assert_true(ret_flip->at < flipped->files[ret_flip->file].length && ret_flip->bit < 8);
    return true;
}

static unsigned long number_given(const char *name, unsigned long otherwise)
{
    const char *text = getenv(name);
    return text == NULL || *text == '\0' ? otherwise : strtoul(text, NULL, 10);
}

static void no_flipped_bit_is_passed_over(void **state)
{
    struct flipped_book *flipped = *state;
    static struct tally tally;
    struct flip flip = {.aim = AIM_ANYWHERE};
    unsigned long count = number_given("BITFLIPS", FLIPS_DEFAULT), seed = number_given("BITFLIPS_SEED", 1);
    uint64_t random = seed;
    if (flip_given(flipped, &flip)) {
        flip_and_ask(flipped, &flip, &tally);
    } else {
        print_message("seed %lu, %lu flips\n", seed, count);
        for (unsigned long i = 0; i < count; i++) {
            flip = flip_pick(flipped, &random);
            flip_and_ask(flipped, &flip, &tally);
            if ((i + 1) % 1000 == 0)
                print_message("%lu flips, %lu bad\n", i + 1, tally.bad);
        }
    }
    print_tally(&tally);
    assert_int_equal(tally.bad, 0);
}

/* The n-th bit of all that the entries are. */
static struct flip flip_of_entry(struct flipped_book *flipped, unsigned long number)
{
    unsigned long byte = number / 8;
    size_t seq = 0;
    while (byte >= flipped->entries[seq].length)
        byte -= flipped->entries[seq++].length;
    return (struct flip){.aim = AIM_ENTRY,
                         .file = (size_t)(flipped_file(flipped, "journal/data.mdb") - flipped->files),
                         .at = flipped->entries[seq].at + byte,
                         .bit = (unsigned)(number % 8)};
}

/* An entry is made of bytes that somebody signed or decided: each bit of them is somebody's word, and is missed. */
static void no_flipped_bit_of_an_entry_is_passed_over(void **state)
{
    struct flipped_book *flipped = *state;
    static struct tally tally;
    unsigned long bits = 0;
    if (getenv("BITFLIPS_AT") != NULL)
        return;
    for (size_t seq = 0; seq < flipped->entry_count; seq++)
        bits += 8 * flipped->entries[seq].length;
    const unsigned long step = number_given("ENTRYBITS", bits / ENTRY_FLIPS_DEFAULT);
    assert_true(step > 0);
    for (unsigned long number = number_given("ENTRYBITS_FROM", step / 2); number < bits; number += step) {
        const struct flip flip = flip_of_entry(flipped, number);
        flip_and_ask(flipped, &flip, &tally);
        if (tally.flips[AIM_ENTRY] % 1000 == 0)
            print_message("bit %lu of %lu of the entries, %lu bad\n", number, bits, tally.bad);
    }
    print_tally(&tally);
    assert_int_equal(tally.bad, 0);
    assert_true(tally.entries > 0 && tally.effectless == 0);
}

static int set_up(void **state)
{
    static struct flipped_book flipped;
    flipped_book_make(&flipped);
    *state = &flipped;
    return 0;
}

static int tear_down(void **state)
{
    flipped_book_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_flipped_bit_is_passed_over),
        cmocka_unit_test(no_flipped_bit_of_an_entry_is_passed_over),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down) != 0;
}
