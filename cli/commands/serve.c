/*
 * countersign serve: starts the server's program, which is another one so that it links no more than it needs (DESIGN 7,
 * 12), with the same words and descriptors.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/serve_options.h"
#include "ledger/durable.h"

/* Where it lies from here: beside this program as it is built, then as it is installed. */
static const char *const places[] = {"countersignd", "../libexec/countersign/countersignd"};

static enum status own_directory(struct path *ret_dir, struct err *err)
{
    ssize_t length = readlink("/proc/self/exe", ret_dir->text, sizeof ret_dir->text - 1);
    char *slash = NULL;
    if (length > 0) {
        ret_dir->text[length] = '\0';
        slash = strrchr(ret_dir->text, '/');
    }
    if (slash == NULL)
        return err_set(err, STATUS_IO, "/proc/self/exe does not say where this program lies");
    *slash = '\0';
    return STATUS_OK;
}

static int run(struct cli *cli, const struct options *options)
{
    struct serve_options serve;
    struct path dir, program;
    struct err err = {0};
    enum status status = serve_options_read(cli, options, &serve, &err);
    if (status == STATUS_OK)
        status = own_directory(&dir, &err);
    (void)fflush(cli->out);
    for (size_t i = 0; status == STATUS_OK && i < sizeof places / sizeof places[0]; i++) {
        status = path_set(&program, &err, "%s/%s", dir.text, places[i]);
        if (status == STATUS_OK)
            (void)execv(program.text, cli->words); /* comes back only when it fails */
        if (status == STATUS_OK && errno != ENOENT)
            status = durable_fail(errno, program.text, "start", &err);
    }
    if (status == STATUS_OK)
        (void)!err_set(&err, STATUS_NOT_FOUND,
                       "the server's program, countersignd, is not in %s nor in %s/%s: is the "
                       "installation whole?",
                       dir.text, dir.text, "../libexec/countersign");
    return cli_error(cli, &err);
}

const struct command command_serve = SERVE_COMMAND(run);
