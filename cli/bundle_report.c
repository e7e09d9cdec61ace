/*
 * Showing a bundle. Nothing that only its own manifest says is called good: who packed it, which book it is and who the
 * founding officers are, are shown to be confirmed by other means.
 */
#include "cli/bundle_report.h"

#include <stdio.h>

#include "cli/terminal.h"

enum { COLUMN_WHAT = 1, UNCHECKED_MAX = 8, LINE_BYTES = 256 };

static const char *grouped(uint64_t number, char ret_text[static GROUPED_BYTES])
{
    return terminal_group_integer((int64_t)number, ret_text);
}

void bundle_report_text(const struct verify_bundle_told *bundle, char ret_text[static BUNDLE_TEXT_BYTES])
{
    char files[GROUPED_BYTES];
    snprintf(ret_text, BUNDLE_TEXT_BYTES, "%s; %s files as listed", bundle->scope, grouped(bundle->files, files));
}

/* What could not be checked, a sentence each. */
static size_t unchecked(const struct verify_result *result, char ret_lines[static UNCHECKED_MAX][LINE_BYTES])
{
    const struct verify_bundle_told *bundle = &result->bundle;
    size_t count = 0;
    if (bundle->part)
        snprintf(ret_lines[count++], LINE_BYTES,
                 "decisions not re-performed; that nothing was left out, that no key was revoked in between");
    else if (result->complete && !result->redecided)
        snprintf(ret_lines[count++], LINE_BYTES, "decisions not re-performed (--fast)");
    if (bundle->keyless)
        snprintf(ret_lines[count++], LINE_BYTES,
                 "whose keys these are, and the checkpoint's signature: no charter is here%s",
                 bundle->count > 0 ? "; --state DIR of the book verified before would know" : "");
    if (bundle->uncompared > 0)
        snprintf(ret_lines[count++], LINE_BYTES, "%llu checkpoints of other sizes: a part knows one root",
                 (unsigned long long)bundle->uncompared);
    if (bundle->missing > 0)
        snprintf(ret_lines[count++], LINE_BYTES,
                 "%llu files that the manifest says are not here (erased, absent, left out)",
                 (unsigned long long)bundle->missing);
    if (result->stamps > 0 && !result->stamps_checked)
        snprintf(ret_lines[count++], LINE_BYTES, "%llu %s not checked: no --tsa", (unsigned long long)result->stamps,
                 result->stamps == 1 ? "time stamp" : "time stamps");
    if (bundle->untimed > 0)
        snprintf(ret_lines[count++], LINE_BYTES, "%llu %s from outside against those of entries: %s",
                 (unsigned long long)bundle->untimed, bundle->untimed == 1 ? "time" : "times",
                 bundle->before > 0 ? "it is of fewer than were verified before, and these are not here"
                                    : "how far off clocks may be stands in the charter, which is not here");
    return count;
}

static void row(struct table *table, const char *label, const char *text)
{
    const char *cells[] = {label, text, "-", NULL};
    table_row(table, cells);
}

void bundle_report_rows(struct table *table, const struct verify_result *result)
{
    const struct verify_bundle_told *bundle = &result->bundle;
    char lines[UNCHECKED_MAX][LINE_BYTES], before[GROUPED_BYTES];
    size_t count = unchecked(result, lines);
    if (bundle->fingerprint[0] != '\0') {
        row(table, "packed", NULL);
        table_cell(table, COLUMN_WHAT, "by %s with key %s at %s: confirm whose key this is", bundle->packer,
                   bundle->fingerprint, bundle->at);
    }
    if (result->book[0] != '\0') {
        row(table, "book", NULL);
        table_cell(table, COLUMN_WHAT, "%s: confirm that this is the book you ask about", result->book);
    }
    for (size_t i = 0; i < result->officer_count; i++) {
        row(table, i == 0 ? "officers" : "", NULL);
        table_cell(table, COLUMN_WHAT, "%s %s%s", result->officers[i].user, result->officers[i].fingerprint,
                   i == 0 ? ": confirm that these founded the book" : "");
    }
    if (bundle->before > 0) {
        row(table, "before", NULL);
        table_cell(table, COLUMN_WHAT, "%s entries were verified earlier, and this book extends them",
                   grouped(bundle->before, before));
    }
    for (size_t i = 0; i < count; i++)
        row(table, i == 0 ? "not checked" : "", lines[i]);
}

json_t *bundle_report_json(const struct verify_result *result)
{
    const struct verify_bundle_told *bundle = &result->bundle;
    char lines[UNCHECKED_MAX][LINE_BYTES];
    size_t count = unchecked(result, lines);
    json_t *officers = json_array(), *not_checked = json_array();
    for (size_t i = 0; i < result->officer_count; i++)
        json_array_append_new(officers, json_pack("{s:s, s:s}", "fingerprint", result->officers[i].fingerprint, "user",
                                                  result->officers[i].user));
    for (size_t i = 0; i < count; i++)
        json_array_append_new(not_checked, json_string(lines[i]));
    return json_pack("{s:s, s:I, s:I, s:I, s:b, s:I, s:o, s:o, s:s, s:s, s:s, s:b, s:b, s:I}", "at", bundle->at,
                     "before", (json_int_t)bundle->before, "entries", (json_int_t)bundle->count, "files",
                     (json_int_t)bundle->files, "kept", bundle->kept, "missing", (json_int_t)bundle->missing,
                     "not_checked", not_checked, "officers", officers, "packer", bundle->packer, "packer_key",
                     bundle->fingerprint, "scope", bundle->scope, "part", bundle->part, "signed", bundle->is_signed,
                     "size", (json_int_t)bundle->size);
}
