/*
 * Strict options. getopt_long accepts abbreviations and cannot be told not to, and lets a repeated option win silently,
 * so the parsing is our own: one pass over the words, each value remembered with the row that declares it. Values are
 * lent from argv, nothing is copied. Errors name options and never carry values.
 */
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "cli/limits.h"
#include "cli/nearest.h"

enum { OPTION_ROWS_MAX = 128 }; /* options that one command can have, common ones included */

struct given {
    const struct option_spec *spec;
    const char *value; /* NULL for a flag */
};

struct options {
    const struct option_spec *rows[OPTION_ROWS_MAX]; /* of all tables, the first of each name */
    size_t row_count;
    struct given *given;
    size_t given_count;
    const char **arguments;
    size_t argument_count;
    const char **list; /* what options_list lends: the values grouped by row, see options_group */
    size_t *list_start;
};

static const struct option_spec *row_by_name(const struct options *options, const char *name, size_t length)
{
    for (size_t i = 0; i < options->row_count; i++) {
        const char *row = options->rows[i]->name;
        if (strlen(row) == length && memcmp(row, name, length) == 0)
            return options->rows[i];
    }
    return NULL;
}

static const struct option_spec *row_by_letter(const struct options *options, char letter)
{
    for (size_t i = 0; i < options->row_count; i++)
        if (options->rows[i]->letter != 0 && options->rows[i]->letter == letter)
            return options->rows[i];
    return NULL;
}

static void collect_rows(struct options *options, const struct option_spec *const tables[])
{
    for (size_t t = 0; tables[t] != NULL; t++) {
        for (const struct option_spec *row = tables[t]; row->name != NULL; row++) {
            if (row_by_name(options, row->name, strlen(row->name)) != NULL)
                continue;
            invariant(options->row_count < OPTION_ROWS_MAX);
            options->rows[options->row_count++] = row;
        }
    }
}

/* name is as typed, up to its '='; its value is not repeated, and neither is a name as long as a secret could be. */
static enum status unknown_option(const struct options *options, const char *name, size_t length, struct err *err)
{
    char word[COMMAND_WORD_BYTES_MAX + 1];
    const char *names[OPTION_ROWS_MAX];
    if (length > COMMAND_WORD_BYTES_MAX)
        return err_set(err, STATUS_INPUT, "unknown option of %zu characters", length);
    memcpy(word, name, length);
    word[length] = '\0';
    for (size_t i = 0; i < options->row_count; i++)
        names[i] = options->rows[i]->name;
    const char *near = nearest_word(word, names, options->row_count);
    if (near == NULL)
        return err_set(err, STATUS_INPUT, "unknown option --%s", word);
    if (length > 0 && strncmp(near, word, length) == 0)
        return err_set(err, STATUS_INPUT, "unknown option --%s: options are spelled out, did you mean --%s?", word,
                       near);
    return err_set(err, STATUS_INPUT, "unknown option --%s, did you mean --%s?", word, near);
}

static enum status remember(struct options *options, const struct option_spec *row, const char *value, struct err *err)
{
    if ((row->flags & OPTION_REPEATS) == 0)
        for (size_t i = 0; i < options->given_count; i++)
            if (options->given[i].spec == row)
                return err_set(err, STATUS_INPUT, "--%s is given twice", row->name);
    options->given[options->given_count++] = (struct given){.spec = row, .value = value};
    return STATUS_OK;
}

/* The value of row in the next word; *index moves onto it. */
static enum status value_from_next(const struct option_spec *row, int argc, char *const argv[], int *index,
                                   const char **ret_value, struct err *err)
{
    if (*index + 1 >= argc)
        return err_set(err, STATUS_INPUT, "--%s needs a value: --%s %s", row->name, row->name, row->argument);
    const char *next = argv[*index + 1];
    if (next[0] == '-' && next[1] == '-')
        return err_set(err, STATUS_INPUT, "--%s needs a value: --%s %s; one that begins with -- is written --%s=VALUE",
                       row->name, row->name, row->argument, row->name);
    *index += 1;
    *ret_value = next;
    return STATUS_OK;
}

static enum status parse_long(struct options *options, int argc, char *const argv[], int *index, struct err *err)
{
    const char *name = argv[*index] + 2;
    const char *equals = strchr(name, '=');
    size_t length = equals != NULL ? (size_t)(equals - name) : strlen(name);
    const struct option_spec *row = row_by_name(options, name, length);
    const char *value = NULL;
    if (row == NULL)
        return unknown_option(options, name, length, err);
    if (row->argument == NULL && equals != NULL)
        return err_set(err, STATUS_INPUT, "--%s takes no value", row->name);
    if (equals != NULL) {
        value = equals + 1;
    } else if (row->argument != NULL) {
        enum status status = value_from_next(row, argc, argv, index, &value, err);
        if (status != STATUS_OK)
            return status;
    }
    return remember(options, row, value, err);
}

static enum status parse_letter(struct options *options, int argc, char *const argv[], int *index, struct err *err)
{
    const char *word = argv[*index];
    const struct option_spec *row = row_by_letter(options, word[1]);
    const char *value = NULL;
    if (word[2] != '\0' && row_by_name(options, word + 1, strlen(word + 1)) != NULL)
        return err_set(err, STATUS_INPUT, "unknown option %s, did you mean -%s?", word, word);
    if (row == NULL)
        return err_set(err, STATUS_INPUT, "unknown option -%c", word[1] > ' ' && word[1] < 0x7F ? word[1] : '?');
    if (word[2] != '\0')
        return err_set(err, STATUS_INPUT, "-%c stands alone, its value comes after a space", row->letter);
    if (row->argument != NULL) {
        enum status status = value_from_next(row, argc, argv, index, &value, err);
        if (status != STATUS_OK)
            return status;
    }
    return remember(options, row, value, err);
}

static enum status parse_words(struct options *options, int argc, char *const argv[], struct err *err)
{
    bool ended = false;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        bool number = word[0] == '-' && word[1] >= '0' && word[1] <= '9';
        enum status status = STATUS_OK;
        if (ended || word[0] != '-' || word[1] == '\0' || number)
            options->arguments[options->argument_count++] = word;
        else if (strcmp(word, "--") == 0)
            ended = true;
        else if (word[1] == '-')
            status = parse_long(options, argc, argv, &i, err);
        else
            status = parse_letter(options, argc, argv, &i, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status check_required(const struct options *options, struct err *err)
{
    if (row_by_name(options, "help", 4) != NULL && options_flag(options, "help"))
        return STATUS_OK;
    for (size_t i = 0; i < options->row_count; i++) {
        const struct option_spec *row = options->rows[i];
        if ((row->flags & OPTION_REQUIRED) != 0 && !options_flag(options, row->name))
            return err_set(err, STATUS_INPUT, "--%s %s is missing", row->name,
                           row->argument != NULL ? row->argument : "");
    }
    return STATUS_OK;
}

/* Sorts the values by row into one array, so that options_list can lend a run of it. */
static void group_lists(struct options *options)
{
    size_t used = 0;
    for (size_t i = 0; i < options->row_count; i++) {
        options->list_start[i] = used;
        for (size_t g = 0; g < options->given_count; g++)
            if (options->given[g].spec == options->rows[i])
                options->list[used++] = options->given[g].value;
    }
    options->list_start[options->row_count] = used;
}

enum status options_parse(const struct option_spec *const tables[], int argc, char *const argv[],
                          struct options **ret_options, struct err *err)
{
    enum status status = STATUS_MEMORY;
    size_t words = argc > 0 ? (size_t)argc : 0;
    struct options *options = calloc(1, sizeof *options);
    if (options == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for the options");
    collect_rows(options, tables);
    options->given = calloc(words + 1, sizeof *options->given);
    options->arguments = calloc(words + 1, sizeof *options->arguments);
    options->list = calloc(words + 1, sizeof *options->list);
    options->list_start = calloc(options->row_count + 1, sizeof *options->list_start);
    if (options->given == NULL || options->arguments == NULL || options->list == NULL || options->list_start == NULL) {
        status = err_set(err, STATUS_MEMORY, "no memory for the options");
        goto done;
    }
    status = parse_words(options, argc, argv, err);
    if (status == STATUS_OK)
        status = check_required(options, err);
    if (status != STATUS_OK)
        goto done;
    group_lists(options);
    *ret_options = options;
    options = NULL;
done:
    options_close(options);
    return status;
}

void options_close(struct options *options)
{
    if (options == NULL)
        return;
    free(options->list_start);
    free(options->list);
    free(options->arguments);
    free(options->given);
    free(options);
}

static const struct option_spec *declared(const struct options *options, const char *name)
{
    const struct option_spec *row = row_by_name(options, name, strlen(name));
    invariant(row != NULL);
    return row;
}

bool options_has(const struct options *options, const char *name)
{
    return row_by_name(options, name, strlen(name)) != NULL;
}

bool options_flag(const struct options *options, const char *name)
{
    const struct option_spec *row = declared(options, name);
    for (size_t i = 0; i < options->given_count; i++)
        if (options->given[i].spec == row)
            return true;
    return false;
}

const char *options_text(const struct options *options, const char *name)
{
    const struct option_spec *row = declared(options, name);
    invariant(row->argument != NULL && (row->flags & OPTION_REPEATS) == 0);
    for (size_t i = 0; i < options->given_count; i++)
        if (options->given[i].spec == row)
            return options->given[i].value;
    return NULL;
}

const char *const *options_list(const struct options *options, const char *name, size_t *ret_count)
{
    const struct option_spec *row = declared(options, name);
    invariant(row->argument != NULL);
    size_t index = 0;
    while (options->rows[index] != row)
        index++;
    *ret_count = options->list_start[index + 1] - options->list_start[index];
    return options->list + options->list_start[index];
}

enum status options_number(const struct options *options, const char *name, int64_t low, int64_t high,
                           int64_t *ret_number, struct err *err)
{
    const char *text = options_text(options, name);
    if (text == NULL)
        return STATUS_OK;
    int64_t number = 0;
    bool good = text[0] != '\0';
    for (const char *digit = text; *digit != '\0' && good; digit++) {
        good = *digit >= '0' && *digit <= '9' && !__builtin_mul_overflow(number, 10, &number) &&
               !__builtin_add_overflow(number, (int64_t)(*digit - '0'), &number);
    }
    if (!good || number < low || number > high)
        return err_set(err, STATUS_INPUT, "--%s wants a whole number from %lld to %lld", name, (long long)low,
                       (long long)high);
    *ret_number = number;
    return STATUS_OK;
}

size_t options_argument_count(const struct options *options)
{
    return options->argument_count;
}

const char *options_argument(const struct options *options, size_t index)
{
    return index < options->argument_count ? options->arguments[index] : NULL;
}
