/*
 * countersign restore: a book made again from its backups, verified whole before it appears.
 */
#include <string.h>

#include "cli/block.h"
#include "cli/book.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/restore_run.h"
#include "cli/terminal.h"

enum { FILES_MAX = 10000 };

static json_t *report_json(const struct restore_order *order, const struct restore_report *report)
{
    char head[HASH_HEX_CHARS + 1], root[HASH_HEX_CHARS + 1];
    hash_to_hex(&report->place.head, head);
    hash_to_hex(&report->place.root, root);
    json_t *json = json_pack("{s:s, s:b, s:I, s:I, s:I, s:s, s:s, s:I, s:s}", "book", report->book, "checked_only",
                             order->check_only, "checkpoints", (json_int_t)report->place.checkpoints, "evidence",
                             (json_int_t)report->evidence, "findings", (json_int_t)report->result.finding_count, "head",
                             head, "name", report->name, "personal", (json_int_t)report->personal, "root", root);
    if (json == NULL || json_object_set_new(json, "size", json_integer((json_int_t)report->place.size)) != 0 ||
        json_object_set_new(json, "restore_due", json_boolean(report->due)) != 0 ||
        (report->due && json_object_set_new(json, "lost",
                                            json_pack("{s:I, s:I}", "from", (json_int_t)report->lost.kept, "to",
                                                      (json_int_t)report->lost.to)) != 0)) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static int show(struct cli *cli, const struct restore_order *order, const struct restore_report *report)
{
    char hex[HASH_HEX_CHARS + 1], text[HASH_SHOWN_BYTES], count[GROUPED_BYTES], notes[GROUPED_BYTES];
    const struct verify_result *result = &report->result;
    struct err err = {0};
    if (cli->json)
        return out_json(cli, report_json(order, report));
    struct block *block = block_new(cli);
    block_head(block, STYLE_GOOD, report->name, order->check_only ? "checked" : "restored in %s", order->book_dir);
    block_line(block, "book id", "%s", report->book);
    hash_to_hex(&report->place.head, hex);
    present_hash(hex, text);
    block_line(block, "head", "entry %s   %s", terminal_group_integer((int64_t)report->place.size - 1, count), text);
    hash_to_hex(&report->place.root, hex);
    present_hash(hex, text);
    block_line(block, "root", "%s", text);
    block_line(block, "verified", "%s signatures, %s checkpoints, every decision made again",
               terminal_group_integer((int64_t)result->signatures, count),
               terminal_group_integer((int64_t)report->place.checkpoints, notes));
    if (result->finding_count > result->recorded_count)
        block_line(block, "findings", "%llu, taken as they are: countersign audit verify lists them",
                   (unsigned long long)(result->finding_count - result->recorded_count));
    if (order->beside != NULL)
        block_line(block, "beside", "%zu evidence files, %zu records of personal data", report->evidence,
                   report->personal);
    if (report->due) {
        block_line(block, "lost", "entries %llu to %llu were in this book and are not in these backups",
                   (unsigned long long)report->lost.kept, (unsigned long long)report->lost.to);
        block_line(block, "next", "two officers say so: countersign restore declare; nothing else is let in before");
    } else if (order->told_count == 0) {
        block_line(block, "note", "whether entries came after these nobody can tell from backups alone: --lost-after");
    }
    enum status status = block_print(block, &err);
    block_free(block);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static enum status order_read(struct cli *cli, const struct options *options, const char *files[static FILES_MAX],
                              struct restore_order *ret_order, struct err *err)
{
    size_t count = options_argument_count(options), told = 0;
    for (size_t i = 0; i < count && i < FILES_MAX; i++)
        files[i] = options_argument(options, i);
    const char *const *notes = options_list(options, "lost-after", &told);
    *ret_order = (struct restore_order){.files = files,
                                        .file_count = count,
                                        .book_dir = cli_book(cli, options),
                                        .told = notes,
                                        .told_count = told,
                                        .beside = options_text(options, "beside"),
                                        .scratch = options_text(options, "scratch"),
                                        .despite_findings = options_flag(options, "despite-findings"),
                                        .check_only = options_flag(options, "check")};
    if (ret_order->book_dir != NULL && book_is_remote(ret_order->book_dir))
        return err_set(err, STATUS_INPUT, "%s is a server's: restore where it runs, into a directory",
                       ret_order->book_dir);
    if (count > FILES_MAX)
        return err_set(err, STATUS_LIMIT, "at most %d files at one time", FILES_MAX);
    return ret_order->book_dir != NULL || ret_order->check_only
               ? STATUS_OK
               : err_set(err, STATUS_INPUT, "where? give --book DIR, a directory that is not there yet");
}

static int run(struct cli *cli, const struct options *options)
{
    static const char *files[FILES_MAX];
    struct restore_order order;
    struct restore_report report;
    struct interrupt interrupt;
    struct err err = {0};
    interrupt_begin(&interrupt);
    enum status status = order_read(cli, options, files, &order, &err);
    if (status == STATUS_OK)
        status = restore_run(cli, &order, &report, &err);
    int answer = status == STATUS_OK ? show(cli, &order, &report) : cli_error(cli, &err);
    interrupt_pass_on(&interrupt);
    return answer;
}

static const struct option_spec options_of_restore[] = {
    {"book", 0, "DIR", "the directory to make (COUNTERSIGN_BOOK)", 0},
    {"lost-after", 0, "FILE", "a checkpoint, or a user's receipt, that was kept elsewhere", OPTION_REPEATS},
    {"beside", 0, "DIR", "a copy of the book's directories evidence and personal, to be taken along", 0},
    {"check", 0, NULL, "verify all of it, and put nothing in place", 0},
    {"despite-findings", 0, NULL, "take signatures and decisions as the book had them, findings or not", 0},
    {"scratch", 0, "DIR", "where the replay's books are built for the time being (/tmp)", 0},
    {0},
};

const struct command command_restore = {
    .name = "restore",
    .summary = "makes a book again from its backups",
    .arguments = "FILE...",
    .text =
        "FILE is a backup, then those made --after it, in their order; - is the input. Everything is verified first: "
        "form, chain, tree, checkpoints, every signature, every decision made again. Only then the directory appears, "
        "whole; it must not be there yet. The keys of users and of the book, and the people, are those of the entries; "
        "nothing but the directory has to be set up.\n\nBackups do not know what came after them. Give every "
        "checkpoint that was kept elsewhere with --lost-after, and receipts of users "
        "(~/.local/state/countersign/*.json). Where one shows more entries than the backups have, the book is restored "
        "and lets nothing in until two officers have said what was lost: restore declare. From then on its "
        "checkpoints are of a new epoch, and every verification tells it. If nobody told, nobody can know: the first "
        "who comes with a checkpoint or a receipt from then finds out, and the officers say it late.\n\nWhen a book's "
        "directory is damaged: rebuild, if only its books are; else move the directory away (its evidence and personal "
        "are still good for --beside), restore, and take a new checkpoint to those who keep them. A backup that "
        "restores on another machine is one that will restore: try it with --check.",
    .example =
        "countersign restore us-monday.backup us-tuesday.backup --lost-after newest.note --beside us.old --book us",
    .group = GROUP_OPERATORS,
    .arguments_min = 1,
    .arguments_max = ARGUMENTS_ANY,
    .options = options_of_restore,
    .run = run,
};
