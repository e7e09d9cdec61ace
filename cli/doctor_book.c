/*
 * The book itself, and what its owner has to have elsewhere: checkpoints, a witness's cosignature, a backup. That the book was
 * cut off, put back or told otherwise to somebody else shows to a witness only, so a book that nobody outside has cosigned is
 * a finding whatever else is right. Nothing here takes the place of `audit verify`.
 */
#include <string.h>

#include "cli/doctor.h"
#include "cli/present.h"
#include "cli/release.h"
#include "cli/terminal.h"
#include "ledger/instant.h"

enum { UNNAMED_ROWS = 10 }; /* of personal data, one each */

static unsigned long long number(uint64_t value)
{
    return (unsigned long long)value;
}

void doctor_journal(const struct doctor_facts *facts, struct doctor_report *report)
{
    char entries[GROUPED_BYTES], time[INSTANT_TEXT_BYTES];
    if (!facts->state.opened) {
        doctor_say(report, DOCTOR_FINDING, "audit verify says what is wrong; restore makes a book of a backup", "%s",
                   facts->state.why);
        return;
    }
    terminal_group_integer((int64_t)facts->state.entries, entries);
    if (facts->state.head_ms == DOCTOR_UNKNOWN) {
        doctor_say(report, DOCTOR_OK, "", "%s entries, which this user may not read", entries);
        return;
    }
    instant_format(facts->state.head_ms, time);
    doctor_say(report, DOCTOR_OK, "", "%s entries, the last of %.10s %.8s%s", entries, time, time + 11,
               facts->served && !facts->far ? "; a server has it" : "");
}

void doctor_books(const struct doctor_facts *facts, struct doctor_report *report)
{
    const struct doctor_book *state = &facts->state;
    if (!state->opened) {
        doctor_say(report, DOCTOR_UNSEEN, "", "not without the journal");
        return;
    }
    if (!state->tables_opened) {
        doctor_say(report, DOCTOR_ADVICE, "rebuild makes them anew", "%s", state->tables_why);
        return;
    }
    switch (state->trust) {
    case TABLES_OK:
    case TABLES_FRESH:
        break;
    case TABLES_UNCLEAN_BOOT:
        doctor_say(report, DOCTOR_ADVICE, "the next command that writes makes them anew; look why the machine stopped",
                   "the machine stopped before the books were synced");
        return;
    case TABLES_SUSPECT:
        doctor_say(report, DOCTOR_FINDING, "rebuild, then audit verify; look at the disk",
                   "a checksum of the books failed, or their marks are gone");
        return;
    case TABLES_OLDER:
        doctor_say(report, DOCTOR_ADVICE, "the next command that writes makes them anew",
                   "an earlier release made the books");
        return;
    case TABLES_NEWER:
        doctor_say(report, DOCTOR_FINDING, "use that release, or rebuild with this one",
                   "a later release made the books");
        return;
    }
    if (state->behind > 0)
        doctor_say(report, DOCTOR_ADVICE, "the next command brings them in step",
                   "%llu entries behind the journal: whoever wrote last was ended in between", number(state->behind));
}

/* The numbers of a release, "0.10.2" as three; what follows the third is not looked at. */
static void release_numbers(const char *text, unsigned ret_numbers[static 3])
{
    for (size_t i = 0; i < 3; i++) {
        ret_numbers[i] = 0;
        for (; *text >= '0' && *text <= '9' && ret_numbers[i] < 100000; text++)
            ret_numbers[i] = ret_numbers[i] * 10 + (unsigned)(*text - '0');
        if (*text == '.')
            text++;
    }
}

bool doctor_release_later(const char *one, const char *other)
{
    unsigned a[3], b[3];
    release_numbers(one, a);
    release_numbers(other, b);
    for (size_t i = 0; i < 3; i++)
        if (a[i] != b[i])
            return a[i] > b[i];
    return false;
}

void doctor_release(const struct doctor_facts *facts, struct doctor_report *report)
{
    if (facts->state.opened && doctor_release_later(facts->state.newest_release, COUNTERSIGN_RELEASE))
        doctor_say(report, DOCTOR_FINDING, "install that release or a later one",
                   "entry %llu was let in by release %s, and this is %s", number(facts->state.newest_release_seq),
                   facts->state.newest_release, COUNTERSIGN_RELEASE);
}

/* Age of the first entry that something does not cover, in words; whole days over the permitted ones decide. */
static bool is_over(const struct doctor_facts *facts, int64_t since_ms, int64_t days, char ret_age[static AGE_BYTES])
{
    bool simulated = facts->state.simulated && facts->state.head_ms != DOCTOR_UNKNOWN;
    int64_t now_ms = simulated ? facts->state.head_ms : facts->host.now_ms;
    int64_t age_ms = since_ms < 0 || since_ms > now_ms ? 0 : now_ms - since_ms;
    present_age(age_ms, ret_age);
    return age_ms > days * DOCTOR_DAY_MS;
}

/* What is said of a cover whose rest is not over its age. */
static const char *rest_of(int64_t since_ms)
{
    return since_ms == DOCTOR_ALL       ? ", which is all"
           : since_ms == DOCTOR_UNKNOWN ? "; how old the rest is may not be read"
                                        : "";
}

static enum doctor_result fine_with(int64_t since_ms)
{
    return since_ms == DOCTOR_UNKNOWN ? DOCTOR_UNSEEN : DOCTOR_OK;
}

static bool not_looked(const struct doctor_facts *facts, struct doctor_report *report)
{
    if (!facts->checkpoints.looked)
        doctor_say(report, DOCTOR_UNSEEN, "", "%s", facts->checkpoints.why);
    return !facts->checkpoints.looked;
}

void doctor_checkpoint(const struct doctor_facts *facts, struct doctor_report *report)
{
    const struct doctor_checkpoints *found = &facts->checkpoints;
    char age[AGE_BYTES], size[GROUPED_BYTES];
    if (not_looked(facts, report))
        return;
    terminal_group_integer((int64_t)found->size, size);
    if (found->count == 0)
        doctor_say(report, DOCTOR_FINDING, "checkpoint, and keep it where whoever runs this machine cannot change it",
                   "no checkpoint was ever signed");
    else if (found->root_differs)
        doctor_say(report, DOCTOR_FINDING, "audit verify; keep both",
                   "the newest checkpoint, of %s entries, is of other entries than these", size);
    else if (is_over(facts, found->since_ms, facts->witness_days, age))
        doctor_say(report, DOCTOR_ADVICE, "checkpoint, and have it cosigned",
                   "the newest checkpoint covers %s entries; what came since goes back %s", size, age);
    else
        doctor_say(report, fine_with(found->since_ms), "", "the newest of %llu covers %s entries%s",
                   number(found->count), size, rest_of(found->since_ms));
}

/* Nobody's cosignature that could be checked is there. */
static void say_unwitnessed(const struct doctor_checkpoints *found, struct doctor_report *report)
{
    static const char mend[] = "audit prove, then somebody outside: witness cosign, and checkpoint add here";
    if (found->witnesses > 0)
        doctor_say(report, DOCTOR_FINDING, mend,
                   "none of the %zu witnesses that were brought has cosigned a checkpoint", found->witnesses);
    else if (found->others > 0)
        doctor_say(report, DOCTOR_ADVICE, "--witness FILE, with a key that came on another way",
                   "%zu cosignatures stand under the checkpoints, whose keys were not brought", found->others);
    else
        doctor_say(report, DOCTOR_FINDING, mend,
                   "nobody outside has ever cosigned: a book cut off, put back or told in two ways would not show");
}

void doctor_witness(const struct doctor_facts *facts, struct doctor_report *report)
{
    const struct doctor_checkpoints *found = &facts->checkpoints;
    char age[AGE_BYTES], size[GROUPED_BYTES], at[INSTANT_TEXT_BYTES];
    if (not_looked(facts, report))
        return;
    if (found->cosignature_bad)
        doctor_say(report, DOCTOR_FINDING, "audit verify --witness says which",
                   "a cosignature in the name of a witness that was brought does not verify");
    if (found->cosigned_size == 0) {
        say_unwitnessed(found, report);
        return;
    }
    terminal_group_integer((int64_t)found->cosigned_size, size);
    instant_format(found->cosigned_ms, at);
    if (is_over(facts, found->uncosigned_since_ms, facts->witness_days, age))
        doctor_say(report, DOCTOR_FINDING, "have a newer checkpoint cosigned",
                   "%s cosigned %s entries on %.10s; what came since, and would not be missed, goes back %s",
                   found->witness, size, at, age);
    else
        doctor_say(report, fine_with(found->uncosigned_since_ms), "", "%s cosigned %s entries on %.10s%s",
                   found->witness, size, at, rest_of(found->uncosigned_since_ms));
}

void doctor_backups(const struct doctor_facts *facts, struct doctor_report *report)
{
    const struct doctor_backup *found = &facts->backup;
    char age[AGE_BYTES], size[GROUPED_BYTES];
    if (!found->given) {
        doctor_say(report, DOCTOR_ADVICE, "--backup FILE or DIR", "where the backups lie was not said");
        return;
    }
    if (!found->read) {
        doctor_say(report, DOCTOR_FINDING, "backup, to another machine", "%s", found->why);
        return;
    }
    terminal_group_integer((int64_t)found->size, size);
    if (found->same_device)
        doctor_say(report, DOCTOR_ADVICE, "keep it on another machine",
                   "%s lies on the disk of the book, and is lost with it", found->name);
    if (is_over(facts, found->since_ms, facts->backup_days, age))
        doctor_say(report, DOCTOR_FINDING, "backup --after it", "%s has %s entries; what is in none goes back %s",
                   found->name, size, age);
    else
        doctor_say(report, fine_with(found->since_ms), "", "%s is whole and of this book: %s entries%s", found->name,
                   size, rest_of(found->since_ms));
}

void doctor_lost(const struct doctor_facts *facts, struct doctor_report *report)
{
    const struct doctor_book *state = &facts->state;
    if (state->lost_due)
        doctor_say(report, DOCTOR_FINDING, "restore declare, by two officers",
                   "entries %llu to %llu were lost, and nothing is let in before that is answered for",
                   number(state->lost.kept), number(state->lost.to));
    else if (!state->opened)
        doctor_say(report, DOCTOR_UNSEEN, "", "not without the journal");
    else if (state->lost_marked && (!state->tables_opened || state->trust > TABLES_OK))
        doctor_say(
            report, DOCTOR_UNSEEN, "status makes them, and says",
            "entries %llu to %llu were lost; whether that is answered for stands in the books, which are to be made",
            number(state->lost.kept), number(state->lost.to));
}

/* What no entry names is of no use to anybody, and no erasure can ask for it. */
static void judge_unnamed(const struct doctor_files *files, struct doctor_report *report)
{
    unsigned long long count = 0;
    for (size_t i = 0; i < files->count; i++)
        if (files->items[i].unnamed && count++ < UNNAMED_ROWS)
            doctor_say(report, DOCTOR_ADVICE, "rm it, unless a statement with it waits for a signature",
                       "%s is of a statement that never came in: no entry names it, so no erasure can",
                       files->items[i].path);
    if (count > UNNAMED_ROWS)
        doctor_say(report, DOCTOR_ADVICE, "rm these first", "and %llu more records that no entry names",
                   count - UNNAMED_ROWS);
}

void doctor_personal(const struct doctor_facts *facts, struct doctor_report *report)
{
    if (!facts->state.opened)
        doctor_say(report, DOCTOR_UNSEEN, "", "not without the journal");
    else if (facts->state.salt_named && !facts->state.salt_there)
        doctor_say(report, DOCTOR_FINDING, "copy the folder personal back from where its copies are kept",
                   "the salt that the charter names is gone: no file of customers with attributes can be loaded");
    judge_unnamed(&facts->files, report);
}

void doctor_evidence(const struct doctor_facts *facts, struct doctor_report *report)
{
    char named[GROUPED_BYTES], missing[GROUPED_BYTES];
    terminal_group_integer((int64_t)facts->state.evidence_named, named);
    terminal_group_integer((int64_t)facts->state.evidence_missing, missing);
    if (!facts->state.opened)
        doctor_say(report, DOCTOR_UNSEEN, "", "not without the journal");
    else if (facts->state.evidence_missing > 0)
        doctor_say(report, DOCTOR_ADVICE, "copy the folder evidence back from where its copies are kept",
                   "%s of the %s files that documents name are not here", missing, named);
    else
        doctor_say(report, DOCTOR_OK, "",
                   "%s files that documents name are all here; their content is read by whoever uses them", named);
}
