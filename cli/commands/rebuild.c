/*
 * countersign rebuild: drops the books and folds the journal into new ones. The journal is not touched.
 */
#include "cli/block.h"
#include "cli/book.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "controls/gate.h"

static void step(void *context, uint64_t done, uint64_t total)
{
    struct progress *progress = context;
    progress->total = (int64_t)total;
    progress_step(progress, (int64_t)done);
}

static enum status show(struct cli *cli, const char *book, uint64_t applied, struct err *err)
{
    char count[GROUPED_BYTES];
    if (cli->json) {
        (void)out_json(cli, json_pack("{s:s, s:I}", "book", book, "entries", (json_int_t)applied));
        return STATUS_OK;
    }
    struct block *block = block_new(cli);
    block_head(block, STYLE_STRONG, "books", "rebuilt from %s %s", terminal_group_integer((int64_t)applied, count),
               applied == 1 ? "entry" : "entries");
    block_line(block, "book", "%s", book);
    block_line(block, "next", "'countersign audit verify' checks entries, signatures and decisions");
    enum status status = block_print(block, err);
    block_free(block);
    return status;
}

static int dry_run(struct cli *cli, const char *book)
{
    if (cli->json)
        return out_json(cli, json_pack("{s:s, s:b}", "book", book, "would_rebuild", 1));
    terminal_printf(cli->out, "%s: would drop the books and make them again from the journal", book);
    fputc('\n', cli->out);
    return EXIT_DONE;
}

static int run(struct cli *cli, const struct options *options)
{
    const char *book = cli_book(cli, options);
    struct progress progress;
    struct gate *gate = NULL;
    struct err err = {0};
    struct gate_options gate_options = {.rebuild = true, .progress = step, .progress_context = &progress};
    if (book_is_remote(book))
        return cli_fail(cli, STATUS_INPUT, "%s is a server's, which keeps its books in step: rebuild where it runs",
                        book);
    if (cli->dry_run)
        return dry_run(cli, book);
    enum status status = cli_wait(options, &gate_options.wait_ms, &err);
    if (status == STATUS_OK) {
        progress_begin(&progress, cli, "folding entries", 0);
        status = gate_open(book, &gate_options, &gate, &err);
        progress_end(&progress);
    }
    if (status == STATUS_OK)
        status = show(cli, book, gate_books(gate)->applied, &err);
    gate_close(gate);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

const struct command command_rebuild = {
    .name = "rebuild",
    .summary = "makes the books anew from the journal",
    .arguments = "",
    .text = "Balances, documents and every list are derived from the journal and can be made again at any time; "
            "the journal is not touched.",
    .example = "countersign rebuild --book /srv/ar",
    .group = GROUP_OPERATORS,
    .flags = COMMAND_BOOK | COMMAND_WRITES,
    .run = run,
};
