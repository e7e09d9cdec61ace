/*
 * countersign connect: what sshd runs in place of what was asked for (PROTOCOL.md 9). Connects the one who came in with the
 * server's socket, and does nothing else: it reads no book, and what passes through is not looked at. Who it is and what they
 * may do is for the server, by signature; here is decided only which socket.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/relay.h"
#include "cli/remote_line.h"

#define SOCKETS_DIR "/run/countersign"

/* The name in "countersign connect NAME", and in nothing that differs from it by a byte. */
static enum status name_asked(const char *asked, const char **ret_name, struct err *err)
{
    static const char form[] = "countersign connect ";
    const char *name = strncmp(asked, form, sizeof form - 1) == 0 ? asked + sizeof form - 1 : NULL;
    if (name == NULL || !remote_name_is_good(name, strlen(name)))
        return err_set(err, STATUS_PERMISSION,
                       "this account connects to books and runs nothing else: use countersign --book ssh://HOST/NAME");
    *ret_name = name;
    return STATUS_OK;
}

/* What sshd was asked for and what it was told to run have to mean one book. */
static enum status find_name(struct cli *cli, const struct options *options, const char **ret_name, struct err *err)
{
    const char *given = options_argument(options, 0), *asked = cli->environment.ssh_command, *name = NULL;
    if (given != NULL && !remote_name_is_good(given, strlen(given)))
        return err_set(err, STATUS_INPUT, "'%.64s': a book's name is letters, digits and . _ -, at most %d", given,
                       REMOTE_NAME_BYTES_MAX);
    enum status status = asked != NULL ? name_asked(asked, &name, err) : STATUS_OK;
    if (status != STATUS_OK)
        return status;
    if (given != NULL && name != NULL && strcmp(given, name) != 0)
        return err_set(err, STATUS_PERMISSION, "this account connects to the book %s only", given);
    *ret_name = given != NULL ? given : name;
    return STATUS_OK;
}

static enum status find_socket(struct cli *cli, const struct options *options, struct remote_address *ret_address,
                               struct err *err)
{
    const char *name = NULL, *socket = options_text(options, "socket"), *dir = options_text(options, "sockets");
    enum status status = find_name(cli, options, &name, err);
    if (status != STATUS_OK)
        return status;
    if (name == NULL && socket == NULL)
        return err_set(err, STATUS_PERMISSION,
                       "which book? this account has no shell: use countersign --book ssh://HOST/NAME");
    *ret_address = (struct remote_address){.ssh = false};
    int length = socket != NULL ? snprintf(ret_address->path, sizeof ret_address->path, "%s", socket)
                                : snprintf(ret_address->path, sizeof ret_address->path, "%s/%s.socket",
                                           dir != NULL ? dir : SOCKETS_DIR, name);
    if (length < 0 || (size_t)length >= sizeof ret_address->path)
        return err_set(err, STATUS_INPUT, "the path of the socket is longer than %d bytes", REMOTE_PATH_BYTES_MAX);
    return STATUS_OK;
}

static int run(struct cli *cli, const struct options *options)
{
    struct remote_address address;
    struct remote_line line = {.fd = -1};
    struct err err = {0};
    enum status status = find_socket(cli, options, &address, &err);
    if (status == STATUS_OK)
        status = remote_line_open(&address, NULL, &line, &err);
    (void)signal(SIGPIPE, SIG_IGN);
    if (status == STATUS_OK)
        status = relay(fileno(cli->in), fileno(cli->out), line.fd, &err);
    (void)remote_line_close(&line);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static const struct option_spec options_of_connect[] = {
    {"socket", 0, "PATH", "the server's socket, whatever name was asked for", 0},
    {"sockets", 0, "DIR", "where NAME.socket lies (" SOCKETS_DIR ")", 0},
    {0},
};

const struct command command_connect = {
    .name = "connect",
    .summary = "carries a connection that came through ssh to a server's socket",
    .arguments = "[NAME]",
    .text =
        "For sshd, as a forced command of the accounts that people from other hosts use. Without a NAME it goes to "
        "the book that the other side names, and with one to that book alone; anything else that is asked of such an "
        "account is refused. What is carried is not looked at: the server knows people by their signatures.\n\n"
        "In sshd_config:\n\n"
        "    Match Group countersign\n"
        "        ForceCommand countersign connect\n"
        "        DisableForwarding yes\n"
        "        PermitTTY no",
    .example = "countersign connect otc",
    .group = GROUP_OPERATORS,
    .arguments_min = 0,
    .arguments_max = 1,
    .options = options_of_connect,
    .run = run,
};
