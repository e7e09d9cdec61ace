/*
 * The one table of checks, and the rows that they come to. A check that says nothing has found nothing wrong, and its line of
 * the table says so; a check that cannot be made through a server is named as such and not made.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/doctor.h"

enum { ROWS_AT_FIRST = 64, NAMES_BYTES = 512 };

const struct doctor_check doctor_checks[] = {
    /* permissions and owners */
    {"folder", doctor_folder, "the book's folder is its owner's alone", false},
    {"files", doctor_inside, "every file in it is the owner's, and nobody else's to read or write", false},
    {"keys", doctor_keys, "no key file that was named or stands beside the book is open to others", false},
    {"socket", doctor_socket, "no socket that others than its group can write to", false},
    {"log", doctor_log, "no operations log that others can read or write", false},
    {"parents", doctor_parents, "nobody but root and the owner can put another folder in its place", false},
    {"program", doctor_program, "nobody but root and its owner can change it; it runs with no rights of its own",
     false},
    /* the machine */
    {"sync", doctor_sync, "", false},
    {"preload", doctor_preload, "nothing is put between this program and the system", true},
    {"clock", doctor_clock, "", true},
    {"file system", doctor_file_system, "", false},
    {"space", doctor_space, "", false},
    {"secrets", doctor_secrets, "keys are locked in memory and in no core file", true},
    {"versions", doctor_versions, "", true},
    /* the book */
    {"journal", doctor_journal, "", true},
    {"books", doctor_books, "in step with the journal", false},
    {"release", doctor_release, "no later release has written to it", false},
    {"checkpoint", doctor_checkpoint, "", true},
    {"witness", doctor_witness, "", true},
    {"backup", doctor_backups, "", true},
    {"lost", doctor_lost, "no entries are known to be lost without an answer", true},
    {"personal", doctor_personal, "the folder and the salt of customers' attributes are there", false},
    {"evidence", doctor_evidence, "", false},
    {"left behind", doctor_leftovers, "no command that was killed left anything", false},
    {0},
};

void doctor_say(struct doctor_report *report, enum doctor_result result, const char *mend, const char *format, ...)
{
    char *seen = NULL;
    va_list arguments;
    if (report->count == report->room) {
        size_t room = report->room == 0 ? ROWS_AT_FIRST : report->room * 2;
        struct doctor_row *rows = realloc(report->rows, room * sizeof *rows);
        report->no_memory = report->no_memory || rows == NULL;
        if (rows == NULL)
            return;
        report->rows = rows;
        report->room = room;
    }
    va_start(arguments, format);
    if (vasprintf(&seen, format, arguments) < 0)
        seen = NULL;
    va_end(arguments);
    report->no_memory = report->no_memory || seen == NULL;
    if (seen != NULL)
        report->rows[report->count++] =
            (struct doctor_row){.check = report->check, .result = result, .seen = seen, .mend = mend};
}

/* What a server keeps to itself, in one row. */
static void say_far(struct doctor_report *report)
{
    char names[NAMES_BYTES] = "";
    size_t used = 0;
    for (const struct doctor_check *check = doctor_checks; check->name != NULL && used < sizeof names; check++) {
        int printed =
            check->far ? 0 : snprintf(names + used, sizeof names - used, "%s%s", used > 0 ? ", " : "", check->name);
        used += (size_t)printed;
    }
    report->check = "host";
    doctor_say(report, DOCTOR_UNSEEN, "run doctor on the book's folder, where the server runs",
               "not seen from here: %s", names);
}

enum status doctor_run(const struct doctor_facts *facts, struct doctor_report *ret_report, struct err *err)
{
    *ret_report = (struct doctor_report){.rows = NULL};
    for (const struct doctor_check *check = doctor_checks; check->name != NULL; check++) {
        size_t before = ret_report->count;
        if (facts->far && !check->far)
            continue;
        ret_report->check = check->name;
        check->judge(facts, ret_report);
        if (ret_report->count == before)
            doctor_say(ret_report, DOCTOR_OK, "", "%s", check->fine);
    }
    if (facts->far)
        say_far(ret_report);
    return ret_report->no_memory ? err_set(err, STATUS_MEMORY, "no memory for what was found") : STATUS_OK;
}

void doctor_report_done(struct doctor_report *report)
{
    for (size_t i = 0; i < report->count; i++)
        free(report->rows[i].seen);
    free(report->rows);
    *report = (struct doctor_report){.rows = NULL};
}

const char *doctor_result_word(enum doctor_result result)
{
    switch (result) {
    case DOCTOR_OK:
        return "ok";
    case DOCTOR_UNSEEN:
        return "unseen";
    case DOCTOR_ADVICE:
        return "advice";
    case DOCTOR_FINDING:
        return "finding";
    }
    return "";
}
