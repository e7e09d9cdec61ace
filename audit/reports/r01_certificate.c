/*
 * R-01 Chain verification certificate: what audit verify found, as one row. It is made of a verification of the stored bytes and
 * not of tables, so that it can be had of a book that cannot be read to its end.
 *
 * Findings file under its columns so: missing, unreadable and wrongly numbered entries and request or legal numbers under gaps;
 * chain, tree and time under out_of_order; signatures that do not cover the bytes under signatures_bad and the other findings
 * about signers under unknown_keys; decisions and books under control_reperformance_mismatches.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "audit/reports/reports.h"
#include "audit/verify/verify.h"

enum { CELLS = 13, NUMBER_BYTES = 24 };

struct room {
    struct report_row row;
    const char *values[CELLS];
    char numbers[CELLS][NUMBER_BYTES];
    char head[HASH_HEX_CHARS + 1];
    char result[32];
};

static const char *const names[CELLS] = {
    "journal",       "from_seq",       "to_seq", "events",       "head_hash",    "checkpoints_ok",
    "signatures_ok", "signatures_bad", "gaps",   "out_of_order", "unknown_keys", "control_reperformance_mismatches",
    "result",
};

static_assert(sizeof(struct room) <= REPORT_CERTIFY_BYTES, "room for the row");

static void certify(const struct report_verified *what, void *storage, const struct report_row **ret_row)
{
    struct room *room = storage;
    const struct verify_result *verified = what->result;
    const uint64_t *findings = verified->findings;

    const uint64_t numbers[CELLS] = {
        [1] = 0,
        [2] = verified->entries > 0 ? verified->entries - 1 : 0,
        [3] = verified->entries,
        [5] = verified->checkpoints,
        [6] = verified->signatures,
        [7] = findings[CHECK_SIGNATURES] - what->unknown_keys,
        [8] = findings[CHECK_ENTRIES] + findings[CHECK_NUMBERS],
        [9] = findings[CHECK_CHAIN] + findings[CHECK_TREE] + findings[CHECK_TIME],
        [10] = what->unknown_keys,
        [11] = findings[CHECK_DECISIONS] + findings[CHECK_BOOKS],
    };
    for (size_t i = 0; i < CELLS; i++) {
        snprintf(room->numbers[i], NUMBER_BYTES, "%" PRIu64, numbers[i]);
        room->values[i] = room->numbers[i];
    }
    hash_to_hex(&verified->head, room->head);
    if (verified->finding_count > 0)
        snprintf(room->result, sizeof room->result, "%" PRIu64 " findings", verified->finding_count);
    else
        snprintf(room->result, sizeof room->result, "%s",
                 !verified->complete    ? "not finished"
                 : !verified->redecided ? "good; decisions not re-performed"
                                        : "good");
    room->values[0] = verified->book;
    room->values[4] = room->head;
    room->values[12] = room->result;
    room->row = (struct report_row){.count = CELLS, .names = names, .values = room->values};
    *ret_row = &room->row;
}

static const struct report_column columns[] = {
    {.name = "journal", .type = REPORT_HASH},
    {.name = "from_seq", .type = REPORT_COUNT},
    {.name = "to_seq", .type = REPORT_COUNT},
    {.name = "events", .type = REPORT_COUNT},
    {.name = "head_hash", .type = REPORT_HASH},
    {.name = "checkpoints_ok", .type = REPORT_COUNT},
    {.name = "signatures_ok", .type = REPORT_COUNT},
    {.name = "signatures_bad", .type = REPORT_COUNT},
    {.name = "gaps", .type = REPORT_COUNT},
    {.name = "out_of_order", .type = REPORT_COUNT},
    {.name = "unknown_keys", .type = REPORT_COUNT},
    {.name = "control_reperformance_mismatches", .type = REPORT_COUNT},
    {.name = "result"},
    {.name = NULL},
};

static const struct report_filter filters[] = {{.parameter = NULL}};

const struct report report_r01 = {
    .id = "R-01",
    .version = 1,
    .title = "Chain verification certificate",
    .question = "Is every entry there, in order, signed by keys that were valid, and every decision the one that the "
                "rules give?",
    .columns = columns,
    .filters = filters,
    .certify = certify,
};
