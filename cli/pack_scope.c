/*
 * What a bundle is asked for, from the command line. Anything that could mean two things is refused.
 */
#include "cli/pack_scope.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/fiscal.h"
#include "ledger/checkpoint.h"
#include "ledger/limits.h"
#include "ledger/newfile.h"
#include "ledger/note.h"
#include "ledger/text.h"

enum { SIZE_DIGITS_MAX = 15 };

static bool digits(const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!isdigit((unsigned char)text[i]))
            return false;
    }
    return true;
}

/* A checkpoint that was kept, or its size alone. */
static enum status read_since(const char *text, struct pack_options *out, struct err *err)
{
    size_t length = strlen(text);
    struct note note;
    struct checkpoint checkpoint;
    out->scope.sort = PACK_EXTENSION;
    if (length > 0 && length <= SIZE_DIGITS_MAX && digits(text, length)) {
        out->scope.after_size = strtoull(text, NULL, 10);
        return STATUS_OK;
    }
    out->text = malloc(NOTE_SIGNED_BYTES_MAX);
    if (out->text == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a checkpoint");
    enum status status = newfile_read(text, false, out->text, NOTE_SIGNED_BYTES_MAX, &length, err);
    if (status == STATUS_OK)
        status = note_parse(out->text, length, &note, err);
    if (status == STATUS_OK)
        status = checkpoint_parse(note.text, note.text_length, &checkpoint, err);
    if (status != STATUS_OK) {
        err_prefix(err, "--since: ");
        return status;
    }
    out->after_root = checkpoint.head.root;
    out->scope.after_size = checkpoint.head.size;
    out->scope.after_root = &out->after_root;
    return STATUS_OK;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Numbers in the order of their texts: the same documents are the same bundle. */
static enum status sort_numbers(const char **numbers, size_t count, struct err *err)
{
    if (count == 0)
        return STATUS_OK;
    qsort(numbers, count, sizeof *numbers, by_text);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(numbers[i - 1], numbers[i]) == 0)
            return err_set(err, STATUS_INPUT, "document %s is named twice", numbers[i]);
    }
    return STATUS_OK;
}

/* A draw of decisions can have one document many times. */
static size_t drop_twice(const char **numbers, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || strcmp(numbers[kept - 1], numbers[i]) != 0)
            numbers[kept++] = numbers[i];
    }
    return kept;
}

static enum status number_check(const char *number, struct err *err)
{
    size_t length = strlen(number);
    if (length <= ID_BYTES_MAX && text_is_id(number, length))
        return STATUS_OK;
    return err_set(err, STATUS_INPUT, PACK_NUMBER_WRONG);
}

static enum status read_documents(const char *const *given, size_t count, struct pack_options *out, struct err *err)
{
    enum status status = STATUS_OK;
    out->scope.sort = PACK_DOCUMENT;
    out->numbers = calloc(count, sizeof *out->numbers);
    if (out->numbers == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for documents");
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        out->numbers[i] = given[i];
        status = number_check(given[i], err);
    }
    if (status == STATUS_OK)
        status = sort_numbers(out->numbers, count, err);
    if (status != STATUS_OK)
        err_prefix(err, "--document: ");
    out->scope.documents = out->numbers;
    out->scope.document_count = count;
    return status;
}

static int by_seq(const void *a, const void *b)
{
    const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

static enum status read_sample(const char *path, const char *seed, struct pack_options *out, struct err *err)
{
    struct pack_sample *sample = &out->sample;
    out->scope.sort = PACK_SAMPLE;
    enum status status = pack_sample_read(path, sample, err);
    if (status == STATUS_OK && seed != NULL)
        status = number_check(seed, err);
    if (status == STATUS_OK && seed != NULL && sample->seed != NULL && strcmp(seed, sample->seed) != 0)
        status = err_set(err, STATUS_INPUT, "--seed: %s was drawn by %s", path, sample->seed);
    if (status == STATUS_OK && !sample->drawn)
        status = sort_numbers(sample->numbers, sample->number_count, err);
    if (status != STATUS_OK)
        return status;
    if (sample->number_count > 0)
        qsort(sample->numbers, sample->number_count, sizeof *sample->numbers, by_text);
    if (sample->entry_count > 0)
        qsort(sample->entries, sample->entry_count, sizeof *sample->entries, by_seq);
    out->scope.document_count = drop_twice(sample->numbers, sample->number_count);
    out->scope.documents = sample->numbers;
    out->scope.entries = sample->entries;
    out->scope.entry_count = sample->entry_count;
    out->scope.seed = seed != NULL ? seed : sample->seed;
    out->scope.selection = sample->hash;
    return STATUS_OK;
}

enum status pack_options_read(const struct options *options, struct pack_options *ret_options, struct err *err)
{
    size_t count = 0;
    const char *const *documents = options_list(options, "document", &count);
    const char *period = options_text(options, "period"), *sample = options_text(options, "sample");
    const char *since = options_text(options, "since"), *seed = options_text(options, "seed");
    struct pack_options *out = ret_options;
    enum status status = STATUS_OK;
    *out = (struct pack_options){.scope = {.sort = PACK_BOOK}};
    if ((count > 0) + (period != NULL) + (sample != NULL) + (since != NULL) > 1)
        return err_set(err, STATUS_INPUT,
                       "one of --period, --document, --sample and --since, or none for the whole book");
    if (seed != NULL && sample == NULL)
        return err_set(err, STATUS_INPUT, "--seed goes with --sample");
    if (period != NULL) {
        out->scope.sort = PACK_PERIOD;
        out->period = period;
        status = audit_period_check(period, err);
        if (status != STATUS_OK)
            err_prefix(err, "--period: ");
    } else if (count > 0) {
        status = read_documents(documents, count, out, err);
    } else if (sample != NULL) {
        status = read_sample(sample, seed, out, err);
    } else if (since != NULL) {
        status = read_since(since, out, err);
    }
    return status;
}

enum status pack_options_days(struct pack_options *options, struct journal *journal, struct err *err)
{
    static const struct fiscal_entities all = {.count = 0};
    struct audit_period period;
    if (options->period == NULL)
        return STATUS_OK;
    enum status status = fiscal_period_of_journal(journal, &all, options->period, &period, err);
    if (status != STATUS_OK) {
        err_prefix(err, "--period: ");
        return status;
    }
    options->scope.from = period.first;
    options->scope.to = period.last;
    return STATUS_OK;
}

void pack_options_done(struct pack_options *options)
{
    free(options->text);
    free(options->numbers);
    pack_sample_done(&options->sample);
    *options = (struct pack_options){.text = NULL};
}
