/*
 * Letting a book's statements in again. Groups are of 1 to 9 statements, by the numbers of their entries, so that a test
 * replays; each begins with one under another's signature, and ends with one that the group let in itself.
 */
#include "tests/support/company_again.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "controls/birth.h"
#include "ledger/entry.h"
#include "ledger/journal.h"
#include "ledger/schema.h"

enum { GROUP_MAX = 9 };

/* Entries on their way in again. The clock tells the time of each in turn. */
struct group {
    struct entry entries[GROUP_MAX];
    struct gate_facts facts[GROUP_MAX];
    size_t count;
    size_t next;
};

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

enum { SKEW_MS = 300 * 1000 }; /* of the company's charter */

/* Where the head was ahead of the clock, the entry bears the head's time, and its statement was within the skew of the clock. */
static int64_t group_now(void *context)
{
    struct group *group = context;
    const struct entry *entry = &group->entries[group->next < group->count ? group->next++ : group->count - 1];
    int64_t latest_ms = entry->statement.at_ms + SKEW_MS;
    return latest_ms < entry->time_ms && entry->statement.verb != VERB_CHARTER ? latest_ms : entry->time_ms;
}

static struct gate_facts facts_of(const struct entry *entry)
{
    return (struct gate_facts){.release = member_text(entry->gate, "release"),
                               .exe = member_text(entry->gate, "exe"),
                               .mode = member_text(entry->gate, "mode"),
                               .os_user = member_text(entry->gate, "os_user")};
}

struct entry company_entry(struct journal_snapshot *snapshot, uint64_t seq)
{
    struct err err;
    struct entry entry;
    must(entry_at(snapshot, seq, &entry, &err), &err);
    return entry;
}

static void bear_again(struct company *company, const char *book_dir, struct journal_snapshot *snapshot)
{
    struct err err;
    struct hash book, leaf;
    struct entry charter = company_entry(snapshot, 0);
    const struct gate_facts facts = facts_of(&charter);
    const struct book_birth birth = {.book_dir = book_dir,
                                     .facts = &facts,
                                     .now_ms = charter.time_ms,
                                     .map_bytes = company->map_bytes != 0 ? company->map_bytes : 1 << 28,
                                     .nonce = 8};
    const struct slice bytes = slice_of(charter.statement.bytes, charter.statement.length);
    must(book_create(&birth, bytes, charter.signatures, &book, &leaf, &err), &err);
    assert_memory_equal(leaf.bytes, charter.leaf.bytes, sizeof leaf.bytes);
    entry_done(&charter);
}

/* Whether the last one's signatures cannot be taken for the first one's: those of recovery, and of several, might. */
static bool is_foreign(const struct entry *first, const struct entry *last)
{
    return strcmp(first->statement.actor, last->statement.actor) != 0 && last->signatures->count == 1 &&
           first->statement.verb != VERB_RECOVER && first->statement.verb != VERB_CLOCK;
}

static void group_let_in(struct gate *gate, struct group *group)
{
    struct gate_submission submissions[GROUP_MAX + 2] = {{.statement = NULL}};
    size_t count = group->count;
    for (size_t i = 0; i < count; i++)
        submissions[i + 1] = (struct gate_submission){.statement = &group->entries[i].statement,
                                                      .signatures = group->entries[i].signatures,
                                                      .facts = &group->facts[i]};
    submissions[0] = submissions[1];
    submissions[0].signatures = group->entries[count - 1].signatures;
    submissions[count + 1] = submissions[1];
    bool foreign = is_foreign(&group->entries[0], &group->entries[count - 1]);
    size_t from = foreign ? 0 : 1;
    group->next = 0;
    gate_submit_group(gate, &submissions[from], count + 2 - from);
    for (size_t i = 0; i < count; i++) {
        must(submissions[i + 1].status, &submissions[i + 1].err);
        assert_int_equal(submissions[i + 1].answer.seq, group->entries[i].seq);
        assert_memory_equal(submissions[i + 1].answer.leaf.bytes, group->entries[i].leaf.bytes, HASH_BYTES);
        assert_false(submissions[i + 1].answer.repeated);
    }
    if (foreign)
        assert_int_equal(submissions[0].status, STATUS_PERMISSION);
    must(submissions[count + 1].status, &submissions[count + 1].err);
    assert_true(submissions[count + 1].answer.repeated);
    assert_int_equal(submissions[count + 1].answer.seq, group->entries[0].seq);
    for (size_t i = from; i < count + 2; i++)
        gate_answer_done(&submissions[i].answer);
}

struct gate *company_again(struct company *company, struct journal_snapshot *snapshot, uint64_t size)
{
    struct err err;
    struct gate *gate = NULL;
    struct group group = {.count = 0};
    char book_dir[320];
    snprintf(book_dir, sizeof book_dir, "%s/again-%u", company->dir, company->replays);
    bear_again(company, book_dir, snapshot);
    const struct gate_facts facts = {
        .release = "again", .exe = "0000000000000000", .mode = "embedded", .os_user = "again"};
    const struct gate_options options = {
        .facts = &facts, .wait_ms = 1000, .now_ms = group_now, .clock_context = &group};
    must(gate_open(book_dir, &options, &gate, &err), &err);
    for (uint64_t seq = 1; seq < size;) {
        size_t wanted = 1 + seq * 7 % GROUP_MAX;
        for (group.count = 0; group.count < wanted && seq < size; group.count++, seq++) {
            group.entries[group.count] = company_entry(snapshot, seq);
            group.facts[group.count] = facts_of(&group.entries[group.count]);
        }
        group_let_in(gate, &group);
        for (size_t i = 0; i < group.count; i++)
            entry_done(&group.entries[i]);
    }
    return gate;
}
