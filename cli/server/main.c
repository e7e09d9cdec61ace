/*
 * countersignd: the server's program. It is what `countersign serve` starts, links libsodium, lmdb, jansson, libuv and libc
 * and no more, and knows this one command.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "cli/brought.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/prompt.h"
#include "cli/run.h"
#include "cli/serve_options.h"
#include "cli/server/server.h"
#include "cli/system.h"
#include "controls/issue.h"
#include "ledger/signer.h"

/* One worker for each core: signatures are all that takes time. To be set before the first work is queued. */
static void set_workers(void)
{
    char number[16];
    unsigned cores = uv_available_parallelism();
    (void)snprintf(number, sizeof number, "%u", cores < 2 ? 2 : cores);
    (void)setenv("UV_THREADPOOL_SIZE", number, 1);
}

/* Whose word for a checkpoint is taken: mistakes are for now, not for when somebody brings one. */
static enum status backers_read(const struct options *options, const struct serve_options *serve,
                                struct brought *ret_brought, struct err *err)
{
    enum status status = brought_witnesses(options, ret_brought, err);
    for (size_t i = 0; status == STATUS_OK && i < ret_brought->witness_count; i++)
        if (ret_brought->witnesses[i].type != NOTE_COSIGNATURE)
            status =
                err_set(err, STATUS_INPUT, "--witness: the key of %s is no witness's", ret_brought->witnesses[i].name);
    if (status == STATUS_OK && serve->tsa != NULL && access(serve->tsa, R_OK) != 0)
        status =
            err_set(err, STATUS_INPUT, "--tsa %s: cannot be read: it holds the authority's certificates", serve->tsa);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    struct serve_options serve;
    struct signer book_key = {.sign = NULL};
    struct brought brought;
    struct err err = {0};
    enum status status = serve_options_read(cli, options, &serve, &err);
    if (status == STATUS_OK)
        status = backers_read(options, &serve, &brought, &err);
    if (status == STATUS_OK && serve.book_key != NULL)
        status = prompt_key_file(cli, options, "Passphrase of the book key: ", serve.book_key, &book_key, &err);
    if (status == STATUS_OK) {
        const struct issue_terms terms = {.witnesses = brought.witnesses, .count = brought.witness_count};
        const struct server_trust trust = {.book_key = serve.book_key != NULL ? &book_key : NULL, .terms = &terms};
        set_workers();
        status = server_run(cli, &serve, &trust, &err);
    }
    signer_close(&book_key);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static const struct command command_serve = SERVE_COMMAND(run);

static const struct command *const rows[] = {&command_serve};
static const struct command_table commands = {.rows = rows, .count = 1};

int main(int argc, char *argv[])
{
    struct cli cli;
    int answer = system_start(&commands, argv, &cli);
    return answer == EXIT_DONE ? cli_run(&cli, argc, argv) : answer;
}
