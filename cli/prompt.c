/*
 * Passphrases and questions. On the terminal the echo is off from before the question until after the answer, and put
 * back on every way out: signals that would end or stop the process are held back by a handler that only notes them,
 * and raised again once the terminal is as it was. The handler's note is the one piece of state that cannot be a
 * parameter. Passphrase bytes go from read(2) straight into the caller's memory, through no stdio buffer.
 */
#include "cli/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

#include "cli/limits.h"
#include "cli/terminal.h"
#include "ledger/keyfile.h"
#include "ledger/secret.h"

static volatile sig_atomic_t noted_signal;

static void note_signal(int number)
{
    noted_signal = number;
}

static const int held_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
enum { HELD_COUNT = sizeof held_signals / sizeof held_signals[0] };

/* What hold_signals has to put back. */
struct held {
    struct sigaction actions[HELD_COUNT];
    sigset_t mask;
};

/*
 * From here on the signals are noted, and only while ppoll waits: one that comes between looking at the note and
 * reading would otherwise be slept over.
 */
static void hold_signals(struct held *ret_held)
{
    struct sigaction note = {.sa_handler = note_signal};
    sigset_t blocked;
    sigemptyset(&blocked);
    sigemptyset(&note.sa_mask);
    for (size_t i = 0; i < HELD_COUNT; i++)
        sigaddset(&blocked, held_signals[i]);
    (void)pthread_sigmask(SIG_BLOCK, &blocked, &ret_held->mask);
    noted_signal = 0;
    for (size_t i = 0; i < HELD_COUNT; i++)
        (void)sigaction(held_signals[i], &note, &ret_held->actions[i]);
}

static void release_signals(const struct held *held)
{
    for (size_t i = 0; i < HELD_COUNT; i++)
        (void)sigaction(held_signals[i], &held->actions[i], NULL);
    (void)pthread_sigmask(SIG_SETMASK, &held->mask, NULL);
    if (noted_signal != 0)
        (void)raise(noted_signal);
}

/* One byte; mask is the signal mask to wait under, NULL: read without holding signals. errors IO, NOT_FOUND at the end. */
static enum status read_byte(int fd, const sigset_t *mask, char *ret_byte, struct err *err)
{
    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        ssize_t got = mask != NULL && ppoll(&ready, 1, NULL, mask) < 0 ? -1 : read(fd, ret_byte, 1);
        if (got == 1)
            return STATUS_OK;
        if (got == 0)
            return STATUS_NOT_FOUND;
        if (errno == EINTR && mask != NULL && noted_signal != 0)
            return err_set(err, STATUS_IO, "interrupted");
        if (errno != EINTR)
            return err_set(err, STATUS_IO, "cannot read the passphrase: %s", strerror(errno));
    }
}

/*
 * One line from a descriptor, a byte at a time: what follows it is left for whoever reads next. A CR before the LF
 * belongs to the line's end.
 */
static enum status read_line(int fd, const sigset_t *mask, char ret_text[static PASSPHRASE_BYTES_MAX + 1],
                             struct err *err)
{
    size_t length = 0;
    for (;;) {
        char byte = 0;
        enum status status = read_byte(fd, mask, &byte, err);
        if (status == STATUS_NOT_FOUND || (status == STATUS_OK && byte == '\n'))
            break;
        if (status != STATUS_OK)
            return status;
        if (byte == '\0')
            return err_set(err, STATUS_INPUT, "the passphrase has a NUL byte");
        if (length == PASSPHRASE_BYTES_MAX)
            return err_set(err, STATUS_LIMIT, "the passphrase is longer than %d bytes", PASSPHRASE_BYTES_MAX);
        ret_text[length++] = byte;
    }
    if (length > 0 && ret_text[length - 1] == '\r')
        length--;
    ret_text[length] = '\0';
    if (length == 0)
        return err_set(err, STATUS_INPUT, "the passphrase is empty");
    return STATUS_OK;
}

static void tty_write(int tty, const char *text)
{
    size_t length = strlen(text);
    while (length > 0) {
        ssize_t put = write(tty, text, length);
        if (put <= 0)
            return;
        text += put;
        length -= (size_t)put;
    }
}

/* The question with the echo off, the answer, the echo back. tty is a terminal. */
static enum status ask_silently(int tty, const char *question, char ret_text[static PASSPHRASE_BYTES_MAX + 1],
                                struct err *err)
{
    struct termios before, silent;
    struct held held;
    if (tcgetattr(tty, &before) != 0)
        return err_set(err, STATUS_IO, "cannot ask on the terminal: %s", strerror(errno));
    silent = before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    silent.c_lflag |= ICANON | ISIG;
    silent.c_iflag |= ICRNL;
    hold_signals(&held);
    enum status status = STATUS_OK;
    if (tcsetattr(tty, TCSAFLUSH, &silent) != 0) {
        status = err_set(err, STATUS_IO, "cannot turn the terminal's echo off: %s", strerror(errno));
    } else {
        tty_write(tty, question);
        status = read_line(tty, &held.mask, ret_text, err);
        (void)tcsetattr(tty, TCSAFLUSH, &before);
        tty_write(tty, "\n");
    }
    release_signals(&held);
    return status;
}

static enum status open_tty(const struct cli *cli, int *ret_tty, struct err *err)
{
    int tty = cli->tty_path != NULL ? open(cli->tty_path, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
    if (tty < 0)
        return err_set(err, STATUS_INPUT, "no terminal to ask for the passphrase: give --passphrase-fd NUMBER");
    *ret_tty = tty;
    return STATUS_OK;
}

static enum status descriptor(const struct options *options, int64_t *ret_fd, struct err *err)
{
    int64_t fd = -1;
    enum status status = options_number(options, "passphrase-fd", 0, 65535, &fd, err);
    if (status == STATUS_OK)
        *ret_fd = fd;
    return status;
}

static enum status from_descriptor(int64_t fd, char ret_text[static PASSPHRASE_BYTES_MAX + 1], struct err *err)
{
    if (fcntl((int)fd, F_GETFD) < 0)
        return err_set(err, STATUS_INPUT, "--passphrase-fd %d is not open", (int)fd);
    return read_line((int)fd, NULL, ret_text, err);
}

enum status prompt_passphrase(struct cli *cli, const struct options *options, const char *question,
                              char ret_text[static PASSPHRASE_BYTES_MAX + 1], struct err *err)
{
    int64_t fd = -1;
    int tty = -1;
    char *escaped = NULL;
    enum status status = descriptor(options, &fd, err);
    if (status != STATUS_OK)
        return status;
    if (fd >= 0) {
        status = from_descriptor(fd, ret_text, err);
        goto done;
    }
    status = open_tty(cli, &tty, err);
    if (status != STATUS_OK)
        goto done;
    escaped = terminal_escape(question);
    status = ask_silently(tty, escaped != NULL ? escaped : "Passphrase: ", ret_text, err);
done:
    free(escaped);
    if (tty >= 0)
        (void)close(tty);
    if (status != STATUS_OK)
        secret_wipe(ret_text, PASSPHRASE_BYTES_MAX + 1);
    return status;
}

/* Asks twice; *ret_agree tells whether both answers were the same. */
static enum status ask_twice(int tty, const char *question, char ret_text[static PASSPHRASE_BYTES_MAX + 1],
                             bool *ret_agree, struct err *err)
{
    char *again = secret_new(PASSPHRASE_BYTES_MAX + 1);
    if (again == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for the passphrase");
    enum status status = ask_silently(tty, question, ret_text, err);
    if (status == STATUS_OK)
        status = ask_silently(tty, "The same again: ", again, err);
    if (status == STATUS_OK)
        *ret_agree = strcmp(ret_text, again) == 0;
    secret_free(again);
    return status;
}

enum status prompt_new_passphrase(struct cli *cli, const struct options *options, const char *question,
                                  char ret_text[static PASSPHRASE_BYTES_MAX + 1], struct err *err)
{
    int64_t fd = -1;
    int tty = -1;
    bool agree = false;
    char *escaped = NULL;
    enum status status = descriptor(options, &fd, err);
    if (status != STATUS_OK)
        return status;
    if (fd >= 0) {
        status = from_descriptor(fd, ret_text, err);
        goto done;
    }
    status = open_tty(cli, &tty, err);
    if (status != STATUS_OK)
        goto done;
    escaped = terminal_escape(question);
    for (int tries = 0; tries < PROMPT_TRIES_MAX && !agree && status == STATUS_OK; tries++) {
        if (tries > 0)
            tty_write(tty, "They differ.\n");
        status = ask_twice(tty, escaped != NULL ? escaped : "New passphrase: ", ret_text, &agree, err);
    }
    if (status == STATUS_OK && !agree)
        status = err_set(err, STATUS_INPUT, "the two passphrases differ");
done:
    free(escaped);
    if (tty >= 0)
        (void)close(tty);
    if (status != STATUS_OK)
        secret_wipe(ret_text, PASSPHRASE_BYTES_MAX + 1);
    return status;
}

enum status prompt_yes(struct cli *cli, const char *question, bool *ret_yes, struct err *err)
{
    if (cli->yes) {
        *ret_yes = true;
        return STATUS_OK;
    }
    if (!cli->in_is_terminal)
        return err_set(err, STATUS_INPUT, "this asks for a yes: give --yes, or run it on a terminal");
    for (int tries = 0; tries < PROMPT_TRIES_MAX; tries++) {
        char answer[16];
        terminal_print_text(cli->err, question);
        fputs(" [y/N] ", cli->err);
        (void)fflush(cli->err);
        if (fgets(answer, sizeof answer, cli->in) == NULL)
            return err_set(err, STATUS_INPUT, "no answer to a question for yes or no");
        bool whole = strchr(answer, '\n') != NULL;
        for (int byte = 0; !whole && byte != '\n' && byte != EOF;)
            byte = fgetc(cli->in);
        answer[strcspn(answer, "\r\n")] = '\0';
        bool yes = strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
        bool no = strcasecmp(answer, "n") == 0 || strcasecmp(answer, "no") == 0 || answer[0] == '\0';
        if (whole && (yes || no)) {
            *ret_yes = yes;
            return STATUS_OK;
        }
        fputs("Please answer yes or no.\n", cli->err);
    }
    return err_set(err, STATUS_INPUT, "no answer to a question for yes or no");
}

enum status prompt_key_file(struct cli *cli, const struct options *options, const char *question, const char *path,
                            struct signer *ret_signer, struct err *err)
{
    char *passphrase = secret_new(PASSPHRASE_BYTES_MAX + 1);
    if (passphrase == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for the passphrase");
    enum status status = prompt_passphrase(cli, options, question, passphrase, err);
    if (status == STATUS_OK)
        status = keyfile_open(path, passphrase, strlen(passphrase), ret_signer, err);
    secret_free(passphrase);
    return status;
}
