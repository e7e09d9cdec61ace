/*
 * The file of a sample, read strictly: an item that cannot be read ends it, since a sample with an item less is another one.
 */
#include "cli/pack_sample.h"

#include <stdlib.h>
#include <string.h>

#include "audit/bundle/pack.h"
#include "ledger/canon.h"
#include "ledger/limits.h"
#include "ledger/newfile.h"
#include "ledger/schema.h"
#include "ledger/text.h"

#define FORMAT "countersign-sample/1"

enum {
    LINE_BYTES = 400,      /* of an item, with room; the first line has more, and there is one */
    HEAD_BYTES = 64 << 10, /* conditions and plan */
    FILE_BYTES_MAX = PACK_DOCUMENTS_MAX * LINE_BYTES + HEAD_BYTES
};

static enum status add_number(struct pack_sample *sample, const char *number, struct err *err)
{
    size_t length = strlen(number);
    if (sample->number_count + sample->entry_count == PACK_DOCUMENTS_MAX)
        return err_set(err, STATUS_LIMIT, "more than %d items", PACK_DOCUMENTS_MAX);
    if (length > ID_BYTES_MAX || !text_is_id(number, length))
        return err_set(err, STATUS_INPUT, PACK_NUMBER_WRONG);
    sample->numbers[sample->number_count++] = number;
    return STATUS_OK;
}

static enum status read_head(struct pack_sample *sample, const json_t *head, struct err *err)
{
    const char *format = member_text(head, "format");
    if (format == NULL || strcmp(format, FORMAT) != 0)
        return err_set(err, STATUS_INPUT, "is no selection of the format " FORMAT);
    sample->drawn = true;
    sample->seed = member_text(json_object_get(head, "seed"), "document");
    return STATUS_OK;
}

static enum status read_item(struct pack_sample *sample, const json_t *item, struct err *err)
{
    const json_t *entry = json_object_get(item, "entry");
    const char *number = member_text(item, "document");
    if (number != NULL)
        return add_number(sample, number, err);
    if (!json_is_integer(entry) || json_integer_value(entry) < 0)
        return err_set(err, STATUS_INPUT, "an item has a document or an entry");
    if (sample->number_count + sample->entry_count == PACK_DOCUMENTS_MAX)
        return err_set(err, STATUS_LIMIT, "more than %d items", PACK_DOCUMENTS_MAX);
    sample->entries[sample->entry_count++] = (uint64_t)json_integer_value(entry);
    return STATUS_OK;
}

static enum status read_json(struct pack_sample *sample, const char *line, size_t length, struct err *err)
{
    json_t *value = NULL;
    enum status status = canon_parse(line, length, HEAD_BYTES, &value, err);
    if (status == STATUS_OK && json_array_append_new(sample->lines, value) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory for a sample");
    if (status != STATUS_OK)
        return status;
    return json_array_size(sample->lines) == 1 ? read_head(sample, value, err) : read_item(sample, value, err);
}

static enum status read_text(struct pack_sample *sample, char *begin, char *end, struct err *err)
{
    char *remark = memchr(begin, '#', (size_t)(end - begin));
    if (remark != NULL)
        end = remark;
    while (begin < end && strchr(" \t\r", *begin) != NULL)
        begin++;
    while (begin < end && strchr(" \t\r", end[-1]) != NULL)
        end--;
    *end = '\0';
    return begin == end ? STATUS_OK : add_number(sample, begin, err);
}

static enum status read_lines(struct pack_sample *sample, const char *path, size_t length, struct err *err)
{
    const bool json = length > 0 && sample->text[0] == '{';
    size_t line = 0;
    enum status status = STATUS_OK;
    if (memchr(sample->text, '\0', length) != NULL)
        return err_set(err, STATUS_INPUT, "%s: is no text", path);
    for (size_t at = 0; status == STATUS_OK && at < length;) {
        char *begin = sample->text + at, *newline = memchr(begin, '\n', length - at);
        char *end = newline != NULL ? newline : sample->text + length;
        at = (size_t)(end - sample->text) + 1;
        line++;
        if (json && newline == NULL)
            status = err_set(err, STATUS_INPUT, "the last line does not end: the file was cut");
        else
            status = json ? read_json(sample, begin, (size_t)(end - begin), err) : read_text(sample, begin, end, err);
    }
    if (status != STATUS_OK)
        err_prefix(err, "%s:%zu: ", path, line);
    return status;
}

enum status pack_sample_read(const char *path, struct pack_sample *ret_sample, struct err *err)
{
    struct pack_sample *sample = ret_sample;
    size_t length = 0;
    *sample = (struct pack_sample){.text = malloc(FILE_BYTES_MAX + 1),
                                   .numbers = calloc(PACK_DOCUMENTS_MAX, sizeof *sample->numbers),
                                   .entries = calloc(PACK_DOCUMENTS_MAX, sizeof *sample->entries),
                                   .lines = json_array()};
    if (sample->text == NULL || sample->numbers == NULL || sample->entries == NULL || sample->lines == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a sample");
    enum status status = newfile_read(path, false, sample->text, FILE_BYTES_MAX, &length, err);
    if (status != STATUS_OK)
        return status;
    hash_of(sample->text, length, &sample->hash);
    return read_lines(sample, path, length, err);
}

void pack_sample_done(struct pack_sample *sample)
{
    free(sample->text);
    free(sample->numbers);
    free(sample->entries);
    json_decref(sample->lines);
    *sample = (struct pack_sample){.text = NULL};
}
