/*
 * Passphrases on a pseudo terminal: asked with the echo off, the echo back afterwards, also after a signal; from a
 * descriptor: one line and no more. Questions for yes or no.
 */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/prompt.h"
#include "tests/support/cli_stub.h"

static const struct option_spec rows[] = {{"passphrase-fd", 0, "NUMBER", "", 0}, {0}};
static const struct option_spec *const tables[] = {rows, NULL};

static struct options *options_of(char *word)
{
    struct options *options = NULL;
    struct err err;
    char *argv[] = {word};
    assert_int_equal(options_parse(tables, word != NULL ? 1 : 0, argv, &options, &err), STATUS_OK);
    return options;
}

/* A pipe that holds text and then ends; answers its reading end. */
static int pipe_with(const char *text, size_t length)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text, length), (ssize_t)length);
    close(ends[1]);
    return ends[0];
}

static enum status from_pipe(const char *text, size_t length, char *ret_text, struct err *err)
{
    struct cli_stub stub;
    char word[40];
    cli_stub_init(&stub);
    int fd = pipe_with(text, length);
    snprintf(word, sizeof word, "--passphrase-fd=%d", fd);
    struct options *options = options_of(word);
    memset(ret_text, 'x', PASSPHRASE_BYTES_MAX + 1);
    enum status status = prompt_passphrase(&stub.cli, options, "?", ret_text, err);
    options_close(options);
    close(fd);
    cli_stub_done(&stub);
    return status;
}

static void a_descriptor_gives_its_first_line(void **state)
{
    (void)state;
    static const char *const good[][2] = {
        {"secret\nmore", "secret"}, {"secret", "secret"}, {"s p \r\n", "s p "}, {" \xC3\xA9\n", " \xC3\xA9"}};
    char text[PASSPHRASE_BYTES_MAX + 1];
    struct err err;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(from_pipe(good[i][0], strlen(good[i][0]), text, &err), STATUS_OK);
        assert_string_equal(text, good[i][1]);
    }
    char big[PASSPHRASE_BYTES_MAX + 2];
    memset(big, 'a', sizeof big);
    big[PASSPHRASE_BYTES_MAX] = '\n';
    assert_int_equal(from_pipe(big, sizeof big, text, &err), STATUS_OK);
    assert_int_equal(strlen(text), PASSPHRASE_BYTES_MAX);
    big[PASSPHRASE_BYTES_MAX] = 'a';
    assert_int_equal(from_pipe(big, sizeof big, text, &err), STATUS_LIMIT);
    for (size_t i = 0; i < sizeof text; i++)
        assert_int_equal(text[i], 0); /* wiped */
    assert_int_equal(from_pipe("", 0, text, &err), STATUS_INPUT);
    assert_string_equal(err.text, "the passphrase is empty");
    assert_int_equal(from_pipe("\n", 1, text, &err), STATUS_INPUT);
    assert_int_equal(from_pipe("sec\0ret\n", 8, text, &err), STATUS_INPUT);
    assert_null(strstr(err.text, "sec"));
}

static void descriptors_have_to_be_open_numbers(void **state)
{
    (void)state;
    struct cli_stub stub;
    struct err err;
    char text[PASSPHRASE_BYTES_MAX + 1];
    cli_stub_init(&stub);
    char closed[] = "--passphrase-fd=4321";
    struct options *options = options_of(closed);
    assert_int_equal(prompt_passphrase(&stub.cli, options, "?", text, &err), STATUS_INPUT);
    assert_string_equal(err.text, "--passphrase-fd 4321 is not open");
    options_close(options);
    char word[] = "--passphrase-fd=hunter2";
    options = options_of(word);
    assert_int_equal(prompt_passphrase(&stub.cli, options, "?", text, &err), STATUS_INPUT);
    assert_null(strstr(err.text, "hunter2"));
    options_close(options);
    options = options_of(NULL);
    stub.cli.tty_path = "/nowhere/tty";
    assert_int_equal(prompt_new_passphrase(&stub.cli, options, "?", text, &err), STATUS_INPUT);
    assert_string_equal(err.text, "no terminal to ask for the passphrase: give --passphrase-fd NUMBER");
    options_close(options);
    cli_stub_done(&stub);
}

/* The person at the other end of a pseudo terminal: waits for each question, then types its answer. */
struct person {
    int master;
    const char *questions[8];
    const char *answers[8];
    char seen[4000];
    size_t seen_length;
    bool echo_was_on;
};

static bool echo_is_on(int fd)
{
    struct termios now;
    return tcgetattr(fd, &now) == 0 && (now.c_lflag & ECHO) != 0;
}

static void *answer_questions(void *context)
{
    struct person *person = context;
    size_t from = 0;
    for (size_t i = 0; person->questions[i] != NULL;) {
        ssize_t got =
            read(person->master, person->seen + person->seen_length, sizeof person->seen - 1 - person->seen_length);
        if (got <= 0)
            return NULL;
        person->seen_length += (size_t)got;
        person->seen[person->seen_length] = '\0';
        const char *found = strstr(person->seen + from, person->questions[i]);
        if (found == NULL)
            continue;
        from = (size_t)(found - person->seen) + strlen(person->questions[i]);
        person->echo_was_on = person->echo_was_on || echo_is_on(person->master);
        const char *answer = person->answers[i++];
        if (write(person->master, answer, strlen(answer)) < 0)
            return NULL;
    }
    return NULL;
}

static int open_pty(char ret_path[static 100])
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(master >= 0);
    assert_int_equal(grantpt(master), 0);
    assert_int_equal(unlockpt(master), 0);
    assert_int_equal(ptsname_r(master, ret_path, 100), 0);
    return master;
}

typedef enum status ask(struct cli *cli, const struct options *options, const char *question, char *ret_text,
                        struct err *err);

static enum status ask_person(struct person *person, ask *prompt, char *ret_text, struct err *err)
{
    struct cli_stub stub;
    char path[100];
    pthread_t thread;
    cli_stub_init(&stub);
    person->master = open_pty(path);
    int kept = open(path, O_RDWR | O_NOCTTY); /* so that the terminal lives between two openings */
    stub.cli.tty_path = path;
    struct options *options = options_of(NULL);
    assert_true(echo_is_on(kept));
    assert_int_equal(pthread_create(&thread, NULL, answer_questions, person), 0);
    enum status status = prompt(&stub.cli, options, "Passphrase\x1b for priya: ", ret_text, err);
    pthread_join(thread, NULL);
    assert_true(echo_is_on(kept));
    options_close(options);
    close(kept);
    close(person->master);
    cli_stub_done(&stub);
    return status;
}

static void a_passphrase_is_asked_without_echo(void **state)
{
    (void)state;
    char text[PASSPHRASE_BYTES_MAX + 1];
    struct err err;
    struct person person = {.questions = {"Passphrase<U+001B> for priya: "}, .answers = {"open sesame\n"}};
    assert_int_equal(ask_person(&person, prompt_passphrase, text, &err), STATUS_OK);
    assert_string_equal(text, "open sesame");
    assert_false(person.echo_was_on);
    assert_null(strstr(person.seen, "sesame"));
}

static void a_new_passphrase_is_asked_until_both_agree(void **state)
{
    (void)state;
    char text[PASSPHRASE_BYTES_MAX + 1];
    struct err err;
    struct person person = {
        .questions = {"priya: ", "again: ", "They differ.\r\nPassphrase<U+001B> for priya: ", "again: "},
        .answers = {"one\n", "two\n", "three\n", "three\n"}};
    assert_int_equal(ask_person(&person, prompt_new_passphrase, text, &err), STATUS_OK);
    assert_string_equal(text, "three");
    assert_false(person.echo_was_on);
    struct person never = {.questions = {"priya: ", "again: ", "priya: ", "again: ", "priya: ", "again: "},
                           .answers = {"1\n", "2\n", "1\n", "2\n", "1\n", "2\n"}};
    assert_int_equal(ask_person(&never, prompt_new_passphrase, text, &err), STATUS_INPUT);
    assert_string_equal(err.text, "the two passphrases differ");
    assert_int_equal(text[0], 0);
}

/* In a child with the pseudo terminal as its own, an interrupt typed at the question ends it, echo restored. */
static void an_interrupt_restores_the_echo(void **state)
{
    (void)state;
    char path[100];
    int master = open_pty(path);
    int kept = open(path, O_RDWR | O_NOCTTY);
    pid_t child = fork();
    if (child == 0) {
        struct cli_stub stub;
        struct err err;
        char text[PASSPHRASE_BYTES_MAX + 1];
        alarm(20);
        setsid();
        int own = open(path, O_RDWR); /* becomes the controlling terminal */
        (void)own;
        signal(SIGINT, SIG_DFL);
        cli_stub_init(&stub);
        stub.cli.tty_path = path;
        (void)!prompt_passphrase(&stub.cli, options_of(NULL), "Passphrase: ", text, &err);
        _exit(0);
    }
    struct person person = {.master = master, .questions = {"Passphrase: "}, .answers = {"half\x03"}};
    answer_questions(&person);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGINT);
    assert_false(person.echo_was_on);
    assert_true(echo_is_on(kept));
    close(kept);
    close(master);
}

struct answer_case {
    const char *typed;
    enum status status;
    bool yes;
};

static void yes_has_to_be_said(void **state)
{
    (void)state;
    static const struct answer_case cases[] = {
        {"y\n", STATUS_OK, true},
        {"YES\r\n", STATUS_OK, true},
        {"n\n", STATUS_OK, false},
        {"\n", STATUS_OK, false},
        {"perhaps\nyes\n", STATUS_OK, true},
        {"a\nb\nc\nyes\n", STATUS_INPUT, false},
        {"y", STATUS_INPUT, false},
        {"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\nn\n", STATUS_OK, false},
    };
    struct cli_stub stub;
    struct err err;
    bool yes = false;
    cli_stub_init(&stub);
    assert_int_equal(prompt_yes(&stub.cli, "Close it?", &yes, &err), STATUS_INPUT);
    assert_string_equal(err.text, "this asks for a yes: give --yes, or run it on a terminal");
    stub.cli.in_is_terminal = true;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        yes = false;
        stub.cli.in = fmemopen((void *)(uintptr_t)cases[i].typed, strlen(cases[i].typed), "r");
        assert_int_equal(prompt_yes(&stub.cli, "Close it?", &yes, &err), cases[i].status);
        assert_int_equal(yes, cases[i].yes);
        fclose(stub.cli.in);
    }
    assert_non_null(strstr(cli_stub_err(&stub), "Close it? [y/N] "));
    stub.cli.in_is_terminal = false;
    stub.cli.yes = true;
    yes = false;
    assert_int_equal(prompt_yes(&stub.cli, "Close it?", &yes, &err), STATUS_OK);
    assert_true(yes);
    cli_stub_done(&stub);
}

int main(void)
{
    alarm(60); /* a question nobody answers ends the test */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_descriptor_gives_its_first_line),
        cmocka_unit_test(descriptors_have_to_be_open_numbers),
        cmocka_unit_test(a_passphrase_is_asked_without_echo),
        cmocka_unit_test(a_new_passphrase_is_asked_until_both_agree),
        cmocka_unit_test(an_interrupt_restores_the_echo),
        cmocka_unit_test(yes_has_to_be_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
