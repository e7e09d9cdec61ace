/*
 * Collecting findings: bounded, in the order in which they come. Guarantees that no finding is lost from the counts,
 * however many there are; showing them is for whoever listens.
 */
#include "audit/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[CHECK_COUNT] = {
    [CHECK_ENTRIES] = "entries",         [CHECK_CHAIN] = "chain",         [CHECK_TREE] = "tree",
    [CHECK_SIGNATURES] = "signatures",   [CHECK_NUMBERS] = "numbers",     [CHECK_TIME] = "time",
    [CHECK_CHECKPOINTS] = "checkpoints", [CHECK_DECISIONS] = "decisions", [CHECK_BOOKS] = "books",
    [CHECK_BUNDLE] = "bundle",
};

const char *finding_check_name(enum finding_check check)
{
    return names[check];
}

void finding_list_init(struct finding_list *list, finding_report *report, void *context)
{
    *list = (struct finding_list){.report = report, .context = context};
}

void finding_list_done(struct finding_list *list)
{
    if (list == NULL)
        return;
    free(list->seqs);
    list->seqs = NULL;
    list->seq_count = list->seq_room = 0;
}

/* Where seq stands or would stand. Nearly always at the end. */
static size_t seq_place(const struct finding_list *list, uint64_t seq)
{
    size_t low = 0, high = list->seq_count;
    if (high > 0 && list->seqs[high - 1] < seq)
        return high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->seqs[middle] < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool seqs_grow(struct finding_list *list)
{
    if (list->seq_count < list->seq_room)
        return true;
    if (list->seq_room >= FINDING_ENTRIES_MAX)
        return false;
    size_t room = list->seq_room == 0 ? 64 : list->seq_room * 2;
    uint64_t *seqs = realloc(list->seqs, room * sizeof *seqs);
    if (seqs == NULL)
        return false;
    list->seqs = seqs;
    list->seq_room = room;
    return true;
}

static void note_entry(struct finding_list *list, const struct finding *finding)
{
    bool better = !list->has_first || (list->first_follows && !finding->follows) ||
                  (list->first_follows == finding->follows && finding->seq < list->first_seq);
    if (better) {
        list->has_first = true;
        list->first_seq = finding->seq;
        list->first_follows = finding->follows;
    }
    size_t place = seq_place(list, finding->seq);
    if (place < list->seq_count && list->seqs[place] == finding->seq)
        return;
    list->bad_entries++;
    if (!seqs_grow(list))
        return;
    memmove(&list->seqs[place + 1], &list->seqs[place], (list->seq_count - place) * sizeof list->seqs[0]);
    list->seqs[place] = finding->seq;
    list->seq_count++;
}

void finding_list_add(struct finding_list *list, const struct finding *finding)
{
    list->count++;
    list->counts[finding->check]++;
    list->recorded += finding->recorded ? 1 : 0;
    if (finding->has_seq)
        note_entry(list, finding);
    if (list->report != NULL && list->counts[finding->check] <= FINDING_TOLD_MAX)
        list->report(list->context, finding);
}

static void add(struct finding_list *list, struct finding *finding, const char *format, va_list args)
{
    vsnprintf(finding->text, sizeof finding->text, format, args);
    finding_list_add(list, finding);
}

void finding_at(struct finding_list *list, enum finding_check check, uint64_t seq, const char *format, ...)
{
    struct finding finding = {.check = check, .has_seq = true, .seq = seq};
    va_list args;
    va_start(args, format);
    add(list, &finding, format, args);
    va_end(args);
}

void finding_whole(struct finding_list *list, enum finding_check check, const char *format, ...)
{
    struct finding finding = {.check = check, .has_seq = false};
    va_list args;
    va_start(args, format);
    add(list, &finding, format, args);
    va_end(args);
}

void finding_after(struct finding_list *list, enum finding_check check, uint64_t seq, const char *format, ...)
{
    struct finding finding = {.check = check,
                              .has_seq = true,
                              .seq = seq,
                              .follows = list->lost && list->lost_at < seq,
                              .follows_from = list->lost_at};
    va_list args;
    va_start(args, format);
    add(list, &finding, format, args);
    va_end(args);
}

void finding_recorded(struct finding_list *list, enum finding_check check, uint64_t seq, const char *format, ...)
{
    struct finding finding = {.check = check, .has_seq = true, .seq = seq, .recorded = true};
    va_list args;
    va_start(args, format);
    add(list, &finding, format, args);
    va_end(args);
}

void finding_lose(struct finding_list *list, uint64_t seq)
{
    if (list->lost && list->lost_at <= seq)
        return;
    list->lost = true;
    list->lost_at = seq;
}

bool finding_list_has(const struct finding_list *list, uint64_t seq)
{
    size_t place = seq_place(list, seq);
    return place < list->seq_count && list->seqs[place] == seq;
}
