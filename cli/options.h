/*
 * Command line options, strictly: spelled out in full, given once unless they repeat, never guessed.
 *
 *   --name value  --name=value  --flag  -l value  -l        before, between and after arguments; -- ends
 * options
 *
 * A separate value that begins with "--" is refused (it is nearly always a forgotten value); --name=--value
 * says it is meant. "-" and "-5.00" are arguments. Error texts name options, never their values: a value may
 * be a secret.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/status.h"

enum option_flags {
    OPTION_REPEATS = 1, /* may be given many times; read with options_list */
    OPTION_REQUIRED = 2 /* leaving it out is a usage error */
};

/* A table of options ends with a row whose name is NULL. */
struct option_spec {
    const char *name;     /* without dashes: "amount" */
    char letter;          /* 0: none */
    const char *argument; /* "AMOUNT"; NULL: a flag */
    const char *help;     /* one line, lower case, no full stop */
    unsigned flags;       /* enum option_flags */
};

struct options;

/*
 * Reads a command line against one or several option tables; where two name the same option, the earlier
 * table's row is the one.
 *
 * in      tables: ends with NULL, kept with their strings; argv[0..argc): the words after the command, kept.
 * out     *ret_options: gives, close with options_close.
 * errors  INPUT (unknown with a suggestion, abbreviated, repeated, value missing or not wanted, required
 * missing), MEMORY.
 */
MUST_USE enum status options_parse(const struct option_spec *const tables[], int argc, char *const argv[],
                                   struct options **ret_options, struct err *err);

void options_close(struct options *options);

/* Whether a flag, or an option with a value, was given. Asking for an option no table has is our own mistake.
 */
bool options_flag(const struct options *options, const char *name);

/* Whether one of the tables has the option at all. */
bool options_has(const struct options *options, const char *name);

/* Its value, NULL where not given. Not for options that repeat. Lends until close. */
const char *options_text(const struct options *options, const char *name);

/* The values of an option that repeats, in the order given; *ret_count may be 0. Lends until close. */
const char *const *options_list(const struct options *options, const char *name, size_t *ret_count);

/*
 * Its value as a whole number, plain digits only.
 *
 * out     *ret_number: untouched where the option was not given, so set the default before.
 * errors  INPUT: not a number, or outside low..high; the text names the option.
 */
MUST_USE enum status options_number(const struct options *options, const char *name, int64_t low, int64_t high,
                                    int64_t *ret_number, struct err *err);

/* Arguments: the words that are no options. options_argument answers NULL at and past the count. Lends until
 * close. */
size_t options_argument_count(const struct options *options);
const char *options_argument(const struct options *options, size_t index);

#endif
