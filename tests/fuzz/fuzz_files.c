/*
 * Attacks readers of small files that stand where others may write: a selection
 * of a sample, a statement on its way from signer to signer, and rows of JSON lines. The first byte picks the reader. What is read
 * is what the file says in the one form there is.
 */
#include <jansson.h>

#include "audit/sample/file.h"
#include "cli/jsonl.h"
#include "cli/statement_file.h"
#include "ledger/canon.h"
#include "ledger/text.h"
#include "tests/fuzz/fuzz.h"

/* Signatures are kept only when they are good, and what was read is written again byte for byte; mail may drop the last LF. */
static void read_statement(const uint8_t *data, size_t size)
{
    static struct signature_list list;
    struct statement statement;
    char path[160], again_path[160], again[1 << 16];
    struct err err = {.text = ""};
    if (size > sizeof again / 2)
        return;
    fuzz_file("statement.json", data, size, path);
    if (statement_file_read(path, &statement, &list, &err) != STATUS_OK) {
        must(err.text[0] != '\0');
        return;
    }
    must(list.count == 0 || signature_list_verify(&list, &statement, NULL) == STATUS_OK);
    fuzz_file("again.json", "", 0, again_path);
    must(statement_file_write(again_path, &statement, &list, true, NULL) == STATUS_OK);
    FILE *file = fopen(again_path, "r");
    must(file != NULL);
    size_t length = fread(again, 1, sizeof again, file);
    must(length == size + (data[size - 1] == '\n' ? 0 : 1) && memcmp(again, data, size) == 0);
    fclose(file);
    statement_done(&statement);
}

/* Each line of a selection is canonical, and the hash is that of the bytes. */
static void read_sample(const uint8_t *data, size_t size)
{
    struct sample_file file;
    struct hash hash;
    struct err err = {.text = ""};
    if (sample_file_parse(slice_of(data, size), &file, &err) != STATUS_OK) {
        must(err.text[0] != '\0');
        return;
    }
    hash_of(data, size, &hash);
    must(hash_equal(&hash, &file.hash) && json_is_object(file.header));
    size_t place = 0;
    for (size_t i = 0; i <= json_array_size(file.items); i++) {
        char *line = NULL;
        size_t length = 0;
        must(canon_encode(i == 0 ? file.header : json_array_get(file.items, i - 1), &line, &length, NULL) == STATUS_OK);
        must(place + length < size && memcmp(data + place, line, length) == 0 && data[place + length] == '\n');
        place += length + 1;
        free(line);
    }
    must(place == size);
    sample_file_done(&file);
}

static void read_lines(const uint8_t *data, size_t size)
{
    static const struct csv_column columns[] = {{"invoice", CSV_REQUIRED}, {"amount", 0}, {"tags", CSV_LIST}, {0}};
    struct jsonl *jsonl = NULL;
    static struct jsonl_row row;
    bool more = true;
    int64_t number = 0, line = 0;
    FILE *file = size > 0 ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
    if (file == NULL)
        return;
    must(jsonl_open("f.jsonl", file, columns, &jsonl, NULL) == STATUS_OK);
    while (jsonl_next(jsonl, &row, &more, NULL) == STATUS_OK && more) {
        must(row.number == ++number && row.line > line);
        line = row.line;
        must(!row.bad || (row.err.text[0] != '\0' && row.bad_column >= 1));
        for (size_t i = 0; !row.bad && i < 3; i++)
            must(strlen(row.fields[i].text) == row.fields[i].length &&
                 text_check(row.fields[i].text, row.fields[i].length, NULL) == STATUS_OK);
    }
    jsonl_close(jsonl);
    fclose(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (data[0] % 3 == 0)
        read_statement(data + 1, size - 1);
    else if (data[0] % 3 == 1)
        read_sample(data + 1, size - 1);
    else
        read_lines(data + 1, size - 1);
    return 0;
}
