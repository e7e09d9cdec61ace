/*
 * countersign doctor: whether an installation is fit to hold its book, as a table of checks (cli/doctor.h).
 */
#include "cli/doctor.h"
#include "cli/book.h"
#include "cli/brought.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "ledger/instant.h"

/* How many rows came to a result. */
static size_t count(const struct doctor_report *report, enum doctor_result result)
{
    size_t found = 0;
    for (size_t i = 0; i < report->count; i++)
        found += report->rows[i].result == result;
    return found;
}

static enum status say(struct cli *cli, const struct doctor_facts *facts, const struct doctor_report *report,
                       struct err *err)
{
    static const struct column columns[] = {
        {"CHECK", 0}, {"RESULT", 0}, {"SEEN, AND WHAT WOULD MEND IT", COLUMN_WRAP}, {0}};
    static const enum style styles[] = {[DOCTOR_OK] = STYLE_GOOD,
                                        [DOCTOR_UNSEEN] = STYLE_DIM,
                                        [DOCTOR_ADVICE] = STYLE_WARN,
                                        [DOCTOR_FINDING] = STYLE_BAD};
    char time[INSTANT_TEXT_BYTES];
    struct table *table = table_new(cli, columns);
    for (size_t i = 0; i < report->count; i++) {
        const struct doctor_row *row = &report->rows[i];
        const char *cells[] = {row->check, doctor_result_word(row->result), row->seen};
        table_row(table, cells);
        table_style(table, 1, styles[row->result]);
        if (row->mend[0] == '\0')
            continue;
        table_row(table, (const char *const[]){NULL, NULL, NULL});
        table_cell(table, 2, "  mend: %s", row->mend);
    }
    enum status status = table_print(table, err);
    table_free(table);
    instant_format(facts->host.now_ms, time);
    size_t findings = count(report, DOCTOR_FINDING), advices = count(report, DOCTOR_ADVICE);
    if (status == STATUS_OK)
        fprintf(cli->out, "%zu finding%s, %zu advice, at %.10s %.8s; what the journal says is for audit verify\n",
                findings, findings == 1 ? "" : "s", advices, time, time + 11);
    return status;
}

static enum status say_json(struct cli *cli, const struct doctor_report *report, struct err *err)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct doctor_row *row = &report->rows[i];
        json_t *object = json_pack("{s:s, s:s, s:s, s:s}", "check", row->check, "mend", row->mend, "result",
                                   doctor_result_word(row->result), "seen", row->seen);
        if (out_json(cli, object) != EXIT_DONE)
            return err_set(err, STATUS_IO, "the answer could not be written");
    }
    return STATUS_OK;
}

static enum status examine(struct cli *cli, const struct options *options, const struct doctor_order *order,
                           struct doctor_report *ret_report, struct err *err)
{
    struct doctor_facts facts = {.backup_days = DOCTOR_BACKUP_DAYS, .witness_days = DOCTOR_WITNESS_DAYS};
    enum status status = options_number(options, "backup-days", 0, DOCTOR_DAYS_MAX, &facts.backup_days, err);
    if (status == STATUS_OK)
        status = options_number(options, "witness-days", 0, DOCTOR_DAYS_MAX, &facts.witness_days, err);
    if (status == STATUS_OK)
        status = doctor_look(cli, order, &facts, err);
    if (status == STATUS_OK)
        status = doctor_run(&facts, ret_report, err);
    if (status == STATUS_OK)
        status = cli->json ? say_json(cli, ret_report, err) : say(cli, &facts, ret_report, err);
    doctor_facts_done(&facts);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    struct doctor_report report = {.rows = NULL};
    struct brought brought = {.witness_count = 0};
    struct err err = {0};
    struct doctor_order order = {.book = cli_book(cli, options),
                                 .key = cli_key(cli, options),
                                 .book_key = options_text(options, "book-key"),
                                 .socket = options_text(options, "socket"),
                                 .log = options_text(options, "log"),
                                 .backup = options_text(options, "backup"),
                                 .brought = &brought};
    enum status status = brought_witnesses(options, &brought, &err);
    if (status == STATUS_OK && book_is_remote(order.book))
        status = session_open(cli, options, SESSION_READ, &order.session, &err);
    if (status == STATUS_OK)
        status = examine(cli, options, &order, &report, &err);
    session_close(order.session);
    int answer = status != STATUS_OK                  ? cli_error(cli, &err)
                 : count(&report, DOCTOR_FINDING) > 0 ? EXIT_REFUSED
                                                      : EXIT_DONE;
    doctor_report_done(&report);
    return answer;
}

static const struct option_spec options_of_doctor[] = {
    {"witness", 0, "FILE", "a witness's public key (vkey): whose cosignature counts", OPTION_REPEATS},
    {"witness-days", 0, "NUMBER", "entries older than this have to be cosigned (7)", 0},
    {"backup", 0, "PATH", "a backup, or the folder of backups, of which the newest is read", 0},
    {"backup-days", 0, "NUMBER", "entries older than this have to be in it (1)", 0},
    {"book-key", 0, "FILE", "the book's private key, to look at its file (BOOK.key where there is one)", 0},
    {"socket", 0, "PATH", "the server's socket (the one that a running server wrote down)", 0},
    {"log", 0, "FILE", "the server's log", 0},
    {0},
};

const struct command command_doctor = {
    .name = "doctor",
    .summary = "checks that this machine is fit to hold the book",
    .arguments = "",
    .text = "Who may write the files, the folders above them and this program; how the disk is mounted and what stands "
            "between a "
            "commit and it; clock, room, versions; where a key could leak; whether somebody outside has cosigned a "
            "checkpoint, "
            "and whether a backup has every entry older than a day. Each line says what was seen and what would mend "
            "it. Nothing "
            "is written and no key is opened.\n\nWhat a disk does with what it was told to keep, and who holds copies "
            "of a key, "
            "cannot be seen from here; what is loaded and which limits hold are this command's own, not those of a "
            "server that is running. Backups are read through, the newest of a folder; one that goes on where "
            "another ended is "
            "held against the journal, and the ones before it are not read. Times of a simulated book are held against "
            "its last "
            "entry.\n\nThrough a server (--book unix:PATH) only what it tells can be checked; run it as the book's "
            "owner on the "
            "server's machine for the rest.\n\nExit status 1 when there is any finding; advice alone is 0. Whether the "
            "journal "
            "tells the truth is for audit verify.",
    .example = "countersign doctor --book /var/lib/countersign/us --backup /mnt/backups --witness audit.pub",
    .group = GROUP_OPERATORS,
    .flags = COMMAND_BOOK,
    .options = options_of_doctor,
    .run = run,
};
