/*
 * Where a command's book, user and key come from: the option, else the environment.
 */
#include "cli/cli.h"

#include "cli/options.h"
#include "ledger/books_open.h"

static const char *option_or(const struct options *options, const char *name, const char *otherwise)
{
    const char *text = options_has(options, name) ? options_text(options, name) : NULL;
    return text != NULL ? text : otherwise;
}

const char *cli_book(const struct cli *cli, const struct options *options)
{
    return option_or(options, "book", cli->environment.book);
}

const char *cli_user(const struct cli *cli, const struct options *options)
{
    return option_or(options, "as", cli->environment.user);
}

const char *cli_key(const struct cli *cli, const struct options *options)
{
    return option_or(options, "key", cli->environment.key);
}

enum status cli_wait(const struct options *options, uint32_t *ret_ms, struct err *err)
{
    int64_t seconds = BOOKS_WAIT_MS_DEFAULT / 1000;
    if (options_has(options, "wait")) {
        enum status status = options_number(options, "wait", 0, 3600, &seconds, err);
        if (status != STATUS_OK)
            return status;
    }
    *ret_ms = (uint32_t)seconds * 1000;
    return STATUS_OK;
}
