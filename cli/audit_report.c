/*
 * Showing a verification. One screen: what was checked, on how much, and whether it is so; a finding names its entry. What
 * could not be checked is never called good.
 */
#include "cli/audit_report.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bundle_report.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "ledger/base64.h"
#include "ledger/instant.h"
#include "ledger/statement.h"

enum { COLUMN_LABEL, COLUMN_WHAT, COLUMN_VERDICT, COLUMN_NOTE };
enum { SHOWN_MAX = 20, TEXT_BYTES = 256, SHORT_BYTES = 16 };

static const struct column columns[] = {{"", 0}, {"", COLUMN_WRAP}, {"", 0}, {"", COLUMN_WRAP}, {NULL, 0}};

static const char *grouped(uint64_t number, char ret_text[static GROUPED_BYTES])
{
    return terminal_group_integer((int64_t)number, ret_text);
}

/* "5c1f0a…90": enough to compare by eye. */
static const char *shortened(const char *text, char ret_text[static SHORT_BYTES])
{
    size_t length = strlen(text);
    snprintf(ret_text, SHORT_BYTES, "%.6s\xE2\x80\xA6%s", text, length > 8 ? text + length - 2 : "");
    return ret_text;
}

/* A finding for a screen: hashes in it are shortened; --json has them whole. */
static void hashes_shortened(const char *text, char ret_text[static FINDING_TEXT_BYTES])
{
    size_t used = 0;
    while (*text != '\0' && used + SHORT_BYTES < FINDING_TEXT_BYTES) {
        size_t digits = strspn(text, "0123456789abcdef");
        if (digits == HASH_HEX_CHARS) {
            char hex[HASH_HEX_CHARS + 1], brief[SHORT_BYTES];
            snprintf(hex, sizeof hex, "%.*s", HASH_HEX_CHARS, text);
            used += (size_t)snprintf(ret_text + used, FINDING_TEXT_BYTES - used, "%s", shortened(hex, brief));
            text += digits;
            continue;
        }
        ret_text[used++] = *text++;
    }
    ret_text[used] = '\0';
}

static void entries_text(const struct verify_result *result, char ret_text[static TEXT_BYTES])
{
    char count[GROUPED_BYTES], last[GROUPED_BYTES];
    if (result->bundle.part)
        snprintf(ret_text, TEXT_BYTES, "%s of a book of %s", grouped(result->entries, count),
                 grouped(result->bundle.size, last));
    else
        snprintf(ret_text, TEXT_BYTES, "%s, 0 to %s, no gap", grouped(result->entries, count),
                 grouped(result->entries > 0 ? result->entries - 1 : 0, last));
}

static void tree_text(const struct verify_result *result, char ret_text[static TEXT_BYTES])
{
    char root[BASE64_CHARS(HASH_BYTES) + 1], text[SHORT_BYTES];
    if (base64_encode(result->root.bytes, HASH_BYTES, root, sizeof root, NULL) != STATUS_OK)
        root[0] = '\0';
    /* The padding says nothing. */
    root[strcspn(root, "=")] = '\0';
    snprintf(ret_text, TEXT_BYTES, "root %s", shortened(root, text));
}

static void checkpoints_text(const struct audit_report *report, char ret_text[static TEXT_BYTES])
{
    const struct verify_result *result = report->result;
    char issued[GROUPED_BYTES], size[GROUPED_BYTES];
    if (result->bundle.part)
        snprintf(ret_text, TEXT_BYTES, "%s, of %s entries",
                 result->bundle.keyless ? "whose key signed it is not known here" : "signed by the book",
                 grouped(result->bundle.size, size));
    else if (result->checkpoint_size == 0)
        snprintf(ret_text, TEXT_BYTES, "none was issued: nothing outside shows where the book ended");
    else
        snprintf(ret_text, TEXT_BYTES, "%s issued%s, signed by the book, the newest of %s entries",
                 grouped(result->checkpoints, issued), report->options->note_count > 0 ? " or given" : "",
                 grouped(result->checkpoint_size, size));
}

/* "3 days": how long ago, by this machine's clock. */
static void age_text(int64_t seconds, char ret_text[static SHORT_BYTES * 2])
{
    if (seconds < 0)
        snprintf(ret_text, SHORT_BYTES * 2, "in the future");
    else if (seconds < 3600)
        snprintf(ret_text, SHORT_BYTES * 2, "%lld minutes ago", (long long)(seconds / 60));
    else if (seconds < 2 * 86400)
        snprintf(ret_text, SHORT_BYTES * 2, "%lld hours ago", (long long)(seconds / 3600));
    else
        snprintf(ret_text, SHORT_BYTES * 2, "%lld days ago", (long long)(seconds / 86400));
}

/* What one who saw the book from outside shows: by when which entries existed. */
static void add_seen(struct table *table, struct cli *cli, const char *who, const struct verify_witnessed *witnessed)
{
    char last[GROUPED_BYTES], at[INSTANT_TEXT_BYTES], age[SHORT_BYTES * 2];
    const char *cells[] = {"seen", NULL, "-", NULL};
    if (witnessed->size == 0 || witnessed->seconds <= 0 || witnessed->newest_seconds > INSTANT_MAX / 1000)
        return;
    instant_format(witnessed->seconds * 1000, at);
    at[strcspn(at, ".")] = '\0';
    age_text(cli->now_ms(cli->clock_context) / 1000 - witnessed->newest_seconds, age);
    table_row(table, cells);
    table_cell(table, COLUMN_WHAT, "%.80s: entries up to %s existed by %sZ; the newest of %llu, %s", who,
               grouped(witnessed->size - 1, last), at, (unsigned long long)witnessed->count, age);
}

static void add_all_seen(struct table *table, struct cli *cli, const struct audit_report *report)
{
    const struct verify_result *result = report->result;
    for (size_t i = 0; i < report->options->witness_count; i++)
        add_seen(table, cli, report->options->witnesses[i].name, &result->witnessed[i]);
    add_seen(table, cli, "time stamps", &result->stamped);
    if (result->stamps > 0 && !result->stamps_checked && !result->bundle.given) {
        const char *cells[] = {"seen", NULL, "-", NULL};
        table_row(table, cells);
        table_cell(table, COLUMN_WHAT, "%llu %s not checked: --tsa brings the authority's certificates",
                   (unsigned long long)result->stamps, result->stamps == 1 ? "time stamp" : "time stamps");
    }
}

static void witness_note(const struct audit_report *report, char ret_text[static TEXT_BYTES])
{
    size_t used = 0;
    ret_text[0] = '\0';
    for (size_t i = 0; i < report->options->witness_count && used < TEXT_BYTES; i++) {
        char size[GROUPED_BYTES];
        if (report->result->witnessed[i].size > 0)
            used +=
                (size_t)snprintf(ret_text + used, TEXT_BYTES - used, "%switnessed by %.60s at %s", used > 0 ? ", " : "",
                                 report->options->witnesses[i].name, grouped(report->result->witnessed[i].size, size));
    }
}

static void decisions_text(const struct verify_result *result, char ret_text[static TEXT_BYTES])
{
    char documents[GROUPED_BYTES];
    if (result->bundle.part)
        snprintf(ret_text, TEXT_BYTES, "decisions not re-performed: a part of the book");
    else if (!result->redecided)
        snprintf(ret_text, TEXT_BYTES, "not made again (--fast)");
    else
        snprintf(ret_text, TEXT_BYTES, "%s documents decided again, %llu %s, engine %d%s",
                 grouped(result->documents, documents), (unsigned long long)result->policies,
                 result->policies == 1 ? "policy" : "policies", result->engine,
                 result->engine == ENGINE_DRAFT ? ", a draft" : "");
}

static void decisions_note(const struct verify_result *result, char ret_text[static TEXT_BYTES])
{
    char posted[GROUPED_BYTES], waiting[GROUPED_BYTES], refused[GROUPED_BYTES];
    if (result->redecided)
        snprintf(ret_text, TEXT_BYTES, "%s posted %s waiting %s refused", grouped(result->posted, posted),
                 grouped(result->waiting, waiting), grouped(result->refused, refused));
}

/* A book has no bundle about it, and a bundle no live books. */
static bool is_asked(const struct verify_result *result, enum finding_check check)
{
    return check == CHECK_BUNDLE ? result->bundle.given : check != CHECK_BOOKS || !result->bundle.given;
}

/* Whether there was anything to compare for this check. */
static bool was_checked(const struct verify_result *result, enum finding_check check)
{
    if (!result->complete)
        return false;
    if (check == CHECK_NUMBERS && result->bundle.part)
        return false;
    if (result->bundle.keyless && (check == CHECK_SIGNATURES || check == CHECK_CHECKPOINTS))
        return false;
    if (check == CHECK_DECISIONS)
        return result->redecided;
    if (check == CHECK_BOOKS)
        return result->books_equal;
    return true;
}

static void good_text(const struct audit_report *report, enum finding_check check, char ret_text[static TEXT_BYTES],
                      char ret_note[static TEXT_BYTES])
{
    const struct verify_result *result = report->result;
    char hex[HASH_HEX_CHARS + 1], text[SHORT_BYTES], count[GROUPED_BYTES];
    ret_note[0] = '\0';
    switch (check) {
    case CHECK_ENTRIES:
        entries_text(result, ret_text);
        break;
    case CHECK_CHAIN:
        hash_to_hex(&result->head, hex);
        snprintf(ret_text, TEXT_BYTES, "head %s", shortened(hex, text));
        break;
    case CHECK_TREE:
        tree_text(result, ret_text);
        break;
    case CHECK_SIGNATURES:
        snprintf(ret_text, TEXT_BYTES, "%s by %llu %s%s", grouped(result->signatures, count),
                 (unsigned long long)result->keys, result->keys == 1 ? "key" : "keys",
                 result->bundle.keyless ? ": good, and whose they are is not known here" : "");
        break;
    case CHECK_NUMBERS:
        snprintf(ret_text, TEXT_BYTES, "%s%s",
                 result->bundle.part ? "not checked: a part of the book" : "request and legal numbers without gaps",
                 result->redecided ? ", ids unique" : "");
        break;
    case CHECK_TIME:
        snprintf(ret_text, TEXT_BYTES, "never back, within the permitted skew");
        break;
    case CHECK_CHECKPOINTS:
        checkpoints_text(report, ret_text);
        witness_note(report, ret_note);
        break;
    case CHECK_DECISIONS:
        decisions_text(result, ret_text);
        decisions_note(result, ret_note);
        break;
    case CHECK_BOOKS:
        snprintf(ret_text, TEXT_BYTES, "%s",
                 result->notice[0] != '\0' ? result->notice
                 : !result->redecided      ? "not compared (--fast)"
                                           : "rebuilt, equal");
        break;
    case CHECK_BUNDLE:
        bundle_report_text(&result->bundle, ret_text);
        break;
    case CHECK_COUNT:
        ret_text[0] = '\0';
        break;
    }
}

static void add_good(struct table *table, const struct audit_report *report, enum finding_check check)
{
    char text[TEXT_BYTES], note[TEXT_BYTES];
    bool checked = was_checked(report->result, check);
    good_text(report, check, text, note);
    if (!report->result->complete)
        snprintf(text, sizeof text, "not finished");
    const char *cells[] = {finding_check_name(check), text, checked ? "ok" : "-", note};
    table_row(table, cells);
    if (checked)
        table_style(table, COLUMN_VERDICT, STYLE_GOOD);
}

static void add_finding(struct table *table, const struct finding *finding)
{
    char seq[GROUPED_BYTES], text[FINDING_TEXT_BYTES];
    const char *cells[] = {finding_check_name(finding->check), NULL, "BAD", NULL};
    hashes_shortened(finding->text, text);
    table_row(table, cells);
    table_style(table, COLUMN_VERDICT, STYLE_BAD);
    if (finding->has_seq)
        table_cell(table, COLUMN_WHAT, "entry %s: %s", grouped(finding->seq, seq), text);
    else
        table_cell(table, COLUMN_WHAT, "%s", text);
    if (finding->follows)
        table_cell(table, COLUMN_NOTE, "may follow from entry %s", grouped(finding->follows_from, seq));
}

static void add_check(struct table *table, const struct audit_report *report, enum finding_check check)
{
    uint64_t shown = 0;
    char count[GROUPED_BYTES];
    if (report->result->findings[check] == 0) {
        add_good(table, report, check);
        return;
    }
    for (size_t i = 0; i < report->count && shown < SHOWN_MAX; i++)
        if (report->findings[i].check == check) {
            add_finding(table, &report->findings[i]);
            shown++;
        }
    if (report->result->findings[check] <= shown)
        return;
    const char *cells[] = {finding_check_name(check), NULL, "BAD", NULL};
    table_row(table, cells);
    table_cell(table, COLUMN_WHAT, "and %s more", grouped(report->result->findings[check] - shown, count));
}

static void add_gate(struct table *table, const struct verify_result *result)
{
    char count[GROUPED_BYTES];
    if (result->embedded == 0)
        return;
    const char *cells[] = {"gate", NULL, "-", NULL};
    table_row(table, cells);
    table_cell(table, COLUMN_WHAT, "%s entries came through an embedded gate: preventive controls not isolated",
               grouped(result->embedded, count));
}

/* Each change of the program that let entries in. */
static void add_releases(struct table *table, const struct verify_result *result)
{
    char seq[GROUPED_BYTES];
    for (size_t i = 0; i < result->release_count; i++) {
        const struct verify_release *release = &result->releases[i];
        const char *cells[] = {i == 0 ? "releases" : "", NULL, "-", NULL};
        table_row(table, cells);
        table_cell(table, COLUMN_WHAT, "from entry %s: %s (%s), %s", grouped(release->seq, seq), release->release,
                   release->exe, release->approved ? "approved" : "not approved by a release document");
    }
    if (result->release_changes > result->release_count) {
        const char *cells[] = {"", NULL, "-", NULL};
        table_row(table, cells);
        table_cell(table, COLUMN_WHAT, "and %s changes of release after these",
                   grouped(result->release_changes - result->release_count, seq));
    }
}

static json_t *releases_json(const struct verify_result *result)
{
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < result->release_count; i++) {
        const struct verify_release *release = &result->releases[i];
        json_array_append_new(list,
                              json_pack("{s:b, s:s, s:s, s:I}", "approved", release->approved, "exe", release->exe,
                                        "release", release->release, "seq", (json_int_t)release->seq));
    }
    return list;
}

static void print_end(struct cli *cli, const struct audit_report *report)
{
    const struct verify_result *result = report->result;
    char findings[GROUPED_BYTES], good[GROUPED_BYTES], first[GROUPED_BYTES];
    if (result->finding_count == 0) {
        terminal_printf(cli->out, "verified in %lld.%lld s", (long long)(report->took_us / 1000000),
                        (long long)(report->took_us / 100000 % 10));
    } else {
        uint64_t others = result->entries > result->bad_entries ? result->entries - result->bad_entries : 0;
        terminal_printf(cli->out, "%s %s; %s other entries are good", grouped(result->finding_count, findings),
                        result->finding_count == 1 ? "finding" : "findings", grouped(others, good));
        if (result->has_first)
            terminal_printf(cli->out, "; first bad entry %s", grouped(result->first_seq, first));
    }
    fputc('\n', cli->out);
}

static json_t *findings_json(const struct audit_report *report)
{
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < report->count; i++) {
        const struct finding *finding = &report->findings[i];
        char *text = terminal_escape(finding->text);
        json_t *one =
            json_pack("{s:s, s:s}", "check", finding_check_name(finding->check), "text", text == NULL ? "" : text);
        if (finding->has_seq)
            json_object_set_new(one, "entry", json_integer((json_int_t)finding->seq));
        if (finding->follows)
            json_object_set_new(one, "may_follow_from", json_integer((json_int_t)finding->follows_from));
        json_array_append_new(list, one);
        free(text);
    }
    return list;
}

static json_t *verdicts_json(const struct audit_report *report)
{
    json_t *checks = json_object();
    for (int i = 0; checks != NULL && i < CHECK_COUNT; i++) {
        enum finding_check check = (enum finding_check)i;
        if (!is_asked(report->result, check))
            continue;
        const char *verdict = report->result->findings[i] > 0      ? "bad"
                              : was_checked(report->result, check) ? "ok"
                                                                   : "not checked";
        json_object_set_new(checks, finding_check_name(check), json_string(verdict));
    }
    return checks;
}

static json_t *seen_json(const char *name, const struct verify_witnessed *witnessed)
{
    return json_pack("{s:I, s:s, s:I, s:I, s:I}", "count", (json_int_t)witnessed->count, "name", name, "newest_seconds",
                     (json_int_t)witnessed->newest_seconds, "seconds", (json_int_t)witnessed->seconds, "size",
                     (json_int_t)witnessed->size);
}

static json_t *witnesses_json(const struct audit_report *report)
{
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < report->options->witness_count; i++)
        json_array_append_new(list, seen_json(report->options->witnesses[i].name, &report->result->witnessed[i]));
    return list;
}

static json_t *report_json(const struct audit_report *report)
{
    const struct verify_result *result = report->result;
    char head[HASH_HEX_CHARS + 1], root[HASH_HEX_CHARS + 1];
    hash_to_hex(&result->head, head);
    hash_to_hex(&result->root, root);
    json_t *json = json_pack(
        "{s:s, s:o, s:I, s:I, s:b, s:I, s:I, s:i, s:I, s:I, s:o, s:s, s:I, s:I, s:I, s:I, s:s, s:I, s:b, "
        "s:I, s:o}",
        "book", result->book, "checks", verdicts_json(report), "checkpoint_size", (json_int_t)result->checkpoint_size,
        "checkpoints", (json_int_t)result->checkpoints, "complete", result->complete, "documents",
        (json_int_t)result->documents, "embedded", (json_int_t)result->embedded, "engine", result->engine, "entries",
        (json_int_t)result->entries, "finding_count", (json_int_t)result->finding_count, "findings",
        findings_json(report), "head", head, "keys", (json_int_t)result->keys, "policies", (json_int_t)result->policies,
        "posted", (json_int_t)result->posted, "refused", (json_int_t)result->refused, "root", root, "signatures",
        (json_int_t)result->signatures, "simulated", result->simulated, "waiting", (json_int_t)result->waiting,
        "witnesses", witnesses_json(report));
    if (json != NULL) {
        json_object_set_new(json, "releases", releases_json(result));
        json_object_set_new(json, "release_changes", json_integer((json_int_t)result->release_changes));
    }
    if (json != NULL && result->bundle.given)
        json_object_set_new(json, "bundle", bundle_report_json(result));
    if (json != NULL && result->stamps > 0)
        json_object_set_new(json, "timestamps",
                            json_pack("{s:b, s:I, s:o}", "checked", result->stamps_checked, "files",
                                      (json_int_t)result->stamps, "good", seen_json("", &result->stamped)));
    if (json != NULL && result->has_first)
        json_object_set_new(json, "first_bad_entry", json_integer((json_int_t)result->first_seq));
    if (json != NULL && result->notice[0] != '\0')
        json_object_set_new(json, "notice", json_string(result->notice));
    return json;
}

enum status audit_report_print(struct cli *cli, const struct audit_report *report, int *ret_exit, struct err *err)
{
    const struct verify_result *result = report->result;
    bool good = result->finding_count == 0 && result->complete;
    *ret_exit = good ? EXIT_DONE : EXIT_INTEGRITY;
    if (cli->json) {
        if (out_json(cli, report_json(report)) != EXIT_DONE)
            return err_set(err, STATUS_IO, "cannot write the output");
        return STATUS_OK;
    }
    if (result->simulated)
        fputs("SIMULATED: the clock of this book is what statements say\n", cli->err);
    struct table *table = table_new(cli, columns);
    for (int check = 0; check < CHECK_COUNT; check++)
        if (is_asked(result, (enum finding_check)check))
            add_check(table, report, (enum finding_check)check);
    if (result->bundle.given)
        bundle_report_rows(table, result);
    add_all_seen(table, cli, report);
    add_gate(table, result);
    add_releases(table, result);
    enum status status = table_print(table, err);
    table_free(table);
    if (status == STATUS_OK)
        print_end(cli, report);
    return status;
}
