/*
 * countersignd: the server's program. It is what `countersign serve` starts, links libsodium, lmdb, jansson, libuv and libc
 * and no more, and knows this one command.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "cli/command.h"
#include "cli/output.h"
#include "cli/prompt.h"
#include "cli/run.h"
#include "cli/serve_options.h"
#include "cli/server/server.h"
#include "cli/system.h"
#include "ledger/keyfile.h"
#include "ledger/secret.h"

/* One worker for each core: signatures are all that takes time. To be set before the first work is queued. */
static void set_workers(void)
{
    char number[16];
    unsigned cores = uv_available_parallelism();
    (void)snprintf(number, sizeof number, "%u", cores < 2 ? 2 : cores);
    (void)setenv("UV_THREADPOOL_SIZE", number, 1);
}

static enum status open_book_key(struct cli *cli, const struct options *options, const char *path,
                                 struct signer *ret_signer, struct err *err)
{
    char *passphrase = secret_new(PASSPHRASE_BYTES_MAX + 1);
    if (passphrase == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for the passphrase");
    enum status status = prompt_passphrase(cli, options, "Passphrase of the book key: ", passphrase, err);
    if (status == STATUS_OK)
        status = keyfile_open(path, passphrase, strlen(passphrase), ret_signer, err);
    secret_free(passphrase);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    struct serve_options serve;
    struct signer book_key = {.sign = NULL};
    struct err err = {0};
    enum status status = serve_options_read(cli, options, &serve, &err);
    if (status == STATUS_OK && serve.book_key != NULL)
        status = open_book_key(cli, options, serve.book_key, &book_key, &err);
    if (status == STATUS_OK) {
        set_workers();
        status = server_run(cli, &serve, serve.book_key != NULL ? &book_key : NULL, &err);
    }
    signer_close(&book_key);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static const struct command command_serve = {
    .name = "serve",
    .summary = SERVE_SUMMARY,
    .arguments = "",
    .text = SERVE_TEXT,
    .example = SERVE_EXAMPLE,
    .group = GROUP_OPERATORS,
    .flags = COMMAND_BOOK,
    .options = serve_option_rows,
    .run = run,
};

static const struct command *const rows[] = {&command_serve};
static const struct command_table commands = {.rows = rows, .count = 1};

int main(int argc, char *argv[])
{
    struct cli cli;
    int answer = system_start(&commands, argv, &cli);
    return answer == EXIT_DONE ? cli_run(&cli, argc, argv) : answer;
}
