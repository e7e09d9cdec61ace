/*
 * countersign-verify: checks a bundle. It trusts nothing of it: the work is done in a child that can hold only so much memory,
 * and what the bundle cannot show by itself (which book, whose keys) is shown for the auditor to confirm, or is given.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/help.h"
#include "cli/output.h"
#include "cli/run.h"
#include "cli/system.h"
#include "cli/verifying.h"
#include "ledger/newfile.h"

/* A child's data: a policy of its largest size compiled, two chunks of entries of theirs, a manifest of its. */
#define MEMORY_BYTES_MAX ((uint64_t)4 << 30)

/* The sanitizers of test builds take address space by the terabyte. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* A public key as ssh-keygen writes it, comment and all. */
static enum status packer_read(const char *path, char ret_key[static PUBLIC_KEY_TEXT_MAX], struct err *err)
{
    char line[PUBLIC_KEY_TEXT_MAX + NAME_BYTES_MAX];
    struct public_key key;
    size_t length = 0;
    if (path == NULL)
        return STATUS_OK;
    enum status status = newfile_read(path, false, line, sizeof line - 1, &length, err);
    if (status == STATUS_OK) {
        line[length] = '\0';
        line[strcspn(line, "\r\n")] = '\0';
        status = sshkey_parse_line(line, &key, err);
    }
    if (status != STATUS_OK)
        err_prefix(err, "--packer %s: ", path);
    else
        sshkey_format(&key, ret_key);
    return status;
}

static enum status check_book(const char *book, struct err *err)
{
    struct hash hash;
    if (book != NULL && hash_from_hex(book, &hash) != STATUS_OK)
        return err_set(err, STATUS_INPUT, "--book: the id of a book is 64 lower-case hex digits");
    return STATUS_OK;
}

static int run(struct cli *cli, const struct options *options)
{
    char packer[PUBLIC_KEY_TEXT_MAX] = "";
    struct err err = {0};
    int answer = EXIT_DONE;
    struct verify_options verify = {.bundle_dir = options_argument(options, 0),
                                    .state_dir = options_text(options, "state"),
                                    .book = options_text(options, "book"),
                                    .tsa_file = options_text(options, "tsa"),
                                    .memory_max = SANITIZED ? 0 : MEMORY_BYTES_MAX};
    enum status status = packer_read(options_text(options, "packer"), packer, &err);
    verify.packer = packer[0] != '\0' ? packer : NULL;
    if (status == STATUS_OK)
        status = check_book(verify.book, &err);
    if (status == STATUS_OK)
        status = verifying_run(cli, options, &(struct verifying){verify_bundle, &verify}, &answer, &err);
    return status == STATUS_OK ? answer : cli_error(cli, &err);
}

static const struct option_spec rows_of_verify[] = {
    {"book", 0, "ID", "the id of the book that it has to be of", 0},
    {"packer", 0, "FILE", "the public key by which it has to be packed", 0},
    {"state", 0, "DIR", "what was verified before stands there, and goes on from there; made where it lacks", 0},
    {"tsa", 0, "FILE", "certificates (PEM) of the time-stamping authority: time stamps in the bundle are checked", 0},
    VERIFYING_OPTIONS,
    {0},
};

static const struct command command_verify = {
    .name = "verify",
    .summary = "checks a bundle: every byte, signature and decision in it",
    .arguments = "BUNDLE",
    .text =
        "BUNDLE is the folder that `countersign audit pack` has written. Nothing in it is believed. What it cannot "
        "show "
        "by itself is shown: the id of the book, the keys of its founding officers and of whoever packed it are to be "
        "confirmed by other means, or given. A book that was cut off, put back or replaced shows only against a "
        "checkpoint, a witness or a state from outside.\n\n"
        "Of a bundle of the whole book every decision is made again. A bundle of a part shows that its entries are in "
        "the book under its checkpoint and well signed; its decisions are not re-performed, which is said.\n\n"
        "Exit status 3 when there is any finding.",
    .example = "countersign-verify ar-2026 --witness corp-audit.pub --book "
               "1d0f36f0f1f3b1a6f2a1c0a5d5e6b7c8d9eaf0b1c2d3e4f5061728394a5b6c7d",
    .group = GROUP_AUDITORS,
    .alone = true,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = rows_of_verify,
    .run = run,
};

static const struct command *const rows[] = {&command_verify};
static const struct command_table commands = {.rows = rows, .count = 1};

int main(int argc, char *argv[])
{
    struct cli cli;
    int answer = system_start(&commands, argv, &cli);
    if (answer != EXIT_DONE)
        return answer;
    if (argc == 2 && strcmp(argv[1], "--manual") == 0) { /* for the package */
        help_print_manual_of(stdout, &command_verify);
        return fflush(stdout) == 0 ? EXIT_DONE : EXIT_ENVIRONMENT;
    }
    return cli_run(&cli, argc, argv);
}
