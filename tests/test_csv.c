/*
 * CSV in: exact places, strict form, named columns; CSV out: no formulas.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/csv.h"
#include "cli/csv_write.h"
#include "cli/limits.h"

static const struct csv_column columns[] = {{"invoice", CSV_REQUIRED}, {"amount", CSV_REQUIRED}, {"note", 0}, {0}};

static enum status open_text(const char *text, size_t length, struct csv **ret_csv, struct err *err)
{
    FILE *file = fmemopen((void *)(uintptr_t)text, length, "r");
    assert_non_null(file);
    enum status status = csv_open("f.csv", file, columns, ret_csv, err);
    if (status != STATUS_OK)
        fclose(file);
    return status;
}

/* Reads all rows, then closes; the stream stays open, which a test can bear. */
static enum status read_all(const char *text, size_t length, int64_t *ret_rows, struct err *err)
{
    struct csv *csv = NULL;
    struct csv_row row;
    bool more = true;
    FILE *file = fmemopen((void *)(uintptr_t)text, length, "r");
    assert_non_null(file);
    enum status status = csv_open("f.csv", file, columns, &csv, err);
    while (status == STATUS_OK && more) {
        status = csv_next(csv, &row, &more, err);
        if (status == STATUS_OK && more)
            *ret_rows = row.number;
    }
    if (status != STATUS_OK && csv != NULL) {
        struct err again;
        assert_int_equal(csv_next(csv, &row, &more, &again), status);
        assert_string_equal(again.text, err->text);
    }
    csv_close(csv);
    fclose(file);
    return status;
}

static void rows_have_names_and_places(void **state)
{
    (void)state;
    static const char text[] = "\xEF\xBB\xBF"
                               "note,invoice,amount\r\n"
                               "\r\n"
                               "\"a, \"\"b\"\"\", 17 ,12.50\r\n"
                               "   \n"
                               "\n"
                               ",18,\"\"\n"
                               "last,19,1";
    struct csv *csv = NULL;
    struct csv_row row;
    struct err err;
    bool more = false;
    FILE *file = fmemopen((void *)(uintptr_t)text, sizeof text - 1, "r");
    assert_int_equal(csv_open("f.csv", file, columns, &csv, &err), STATUS_OK);
    assert_string_equal(csv_path(csv), "f.csv");
    assert_int_equal(csv_next(csv, &row, &more, &err), STATUS_OK);
    assert_true(more);
    assert_int_equal(row.number, 1);
    assert_int_equal(row.line, 3);
    struct csv_field note = csv_field(&row, "note");
    assert_string_equal(note.text, "a, \"b\"");
    assert_int_equal(note.length, 6);
    assert_int_equal(note.column, 1);
    assert_string_equal(csv_field(&row, "invoice").text, "17");
    assert_int_equal(csv_field(&row, "amount").column, 3);
    assert_int_equal(csv_field_error(&row, "amount", &err, "'%s': use a dot", "12,50"), STATUS_INPUT);
    assert_string_equal(err.text, "f.csv:3:3: amount '12,50': use a dot");

    assert_int_equal(csv_next(csv, &row, &more, &err), STATUS_OK);
    assert_int_equal(row.number, 2);
    assert_int_equal(row.line, 6);
    assert_false(csv_field(&row, "note").present);
    assert_false(csv_field(&row, "amount").present);
    assert_string_equal(csv_field(&row, "amount").text, "");
    assert_int_equal(csv_next(csv, &row, &more, &err), STATUS_OK);
    assert_int_equal(row.line, 7);
    assert_string_equal(csv_field(&row, "amount").text, "1");
    assert_true(more);
    assert_int_equal(csv_next(csv, &row, &more, &err), STATUS_OK);
    assert_false(more);
    assert_int_equal(csv_next(csv, &row, &more, &err), STATUS_OK);
    assert_false(more);
    csv_close(csv);
    fclose(file);
}

static void a_column_may_be_left_out(void **state)
{
    (void)state;
    struct csv *csv = NULL;
    struct csv_row row;
    struct err err;
    bool more = false;
    assert_int_equal(open_text("invoice,amount\r1,2\r\r3,4", 23, &csv, &err), STATUS_OK);
    assert_int_equal(csv_next(csv, &row, &more, &err), STATUS_OK);
    struct csv_field note = csv_field(&row, "note");
    assert_false(note.present);
    assert_int_equal(note.column, 0);
    assert_string_equal(note.text, "");
    assert_int_equal(csv_field_error(&row, "note", &err, "is missing"), STATUS_INPUT);
    assert_string_equal(err.text, "f.csv:2: note is missing");
    assert_int_equal(csv_next(csv, &row, &more, &err), STATUS_OK);
    assert_int_equal(row.line, 4); /* lines may end in CR alone */
    csv_close(csv);
}

struct refusal {
    const char *text;
    size_t length;
    const char *error;
};

#define TEXT(literal) (literal), sizeof(literal) - 1

static void what_is_not_exact_is_refused_at_its_place(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {TEXT("\n\n"), "f.csv: empty, a header of column names comes first"},
        {TEXT("invoice,amuont\n"), "f.csv:1:2: unknown column 'amuont'; known are invoice, amount, note"},
        {TEXT("Invoice,amount\n"), "f.csv:1:1: unknown column 'Invoice'; known are invoice, amount, note"},
        {TEXT("\ninvoice,amount,invoice\n"), "f.csv:2:3: a second column 'invoice'; known are invoice, amount, note"},
        {TEXT("note\n"), "f.csv:1: the header lacks invoice, amount"},
        {TEXT("invoice;amount\n"), "f.csv:1:1: unknown column 'invoice;amount'; known are invoice, amount, note"},
        {TEXT("invoice,amount,\n"), "f.csv:1:3: unknown column ''; known are invoice, amount, note"},
        {TEXT("invoice,amount\n1\n"), "f.csv:2: 1 fields, the header has 2"},
        {TEXT("invoice,amount\n1,2\n3,4,5\n"), "f.csv:3:3: more fields than the header's 2"},
        {TEXT("invoice,amount\n1,a\"b\n"), "f.csv:2:2: a quote in the wrong place: a field with quotes "
                                           "stands in quotes, each of its own doubled"},
        {TEXT("invoice,amount\n1,\"a\"b\n"), "f.csv:2:2: a quote in the wrong place: a field with quotes "
                                             "stands in quotes, each of its own doubled"},
        {TEXT("invoice,amount\n1,\"2\n3,4\n"), "f.csv:2:2: the file ends inside quotes that begin here"},
        {TEXT("invoice,amount\n1,2\n3,4\0\n"), "f.csv:3:2: a NUL byte: this is no text file, or it is UTF-16"},
        {TEXT("\xFF\xFEi\0n\0"), "f.csv:1:1: a NUL byte: this is no text file, or it is UTF-16"},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct err err;
        int64_t rows = 0;
        assert_int_equal(read_all(refusals[i].text, refusals[i].length, &rows, &err), STATUS_INPUT);
        assert_string_equal(err.text, refusals[i].error);
    }
}

static void text_in_fields_is_checked_at_its_place(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {TEXT("invoice,amount,note\n1,2,x\n3,4,\"a\nb\"\n5,6,7\n"), "f.csv:3:3: "},
        {TEXT("invoice,amount,note\r\n1,2,x\r\n3,4,\"a\xFF\"\r\n"), "f.csv:3:3: "},
        {TEXT("invoice,amount,note\n1,\xE2\x80\xAE"
              "2,x\n"),
         "f.csv:2:2: "},
        {TEXT("invoice,amount,note\n1,2,a\tb\n"), "f.csv:2:3: "},
        {TEXT("invoice,amount,note\n1,2,\xEF\xBB\xBF\n"), "f.csv:2:3: "},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct err err;
        int64_t rows = 0;
        assert_int_equal(read_all(refusals[i].text, refusals[i].length, &rows, &err), STATUS_INPUT);
        assert_memory_equal(err.text, refusals[i].error, strlen(refusals[i].error));
    }
}

/* A file of header, before, count times byte, after. */
static char *big_text(const char *before, char byte, size_t count, const char *after, size_t *ret_length)
{
    char *text = malloc(count + 200);
    assert_non_null(text);
    int used = snprintf(text, 100, "invoice,amount,note\n%s", before);
    memset(text + used, byte, count);
    *ret_length = (size_t)used + count;
    memcpy(text + *ret_length, after, strlen(after));
    *ret_length += strlen(after);
    return text;
}

static void sizes_have_bounds(void **state)
{
    (void)state;
    struct err err;
    int64_t rows = 0;
    size_t length = 0;
    char *text = big_text("1,2,", 'x', CSV_FIELD_BYTES_MAX, "\n", &length);
    assert_int_equal(read_all(text, length, &rows, &err), STATUS_OK);
    assert_int_equal(rows, 1);
    free(text);
    text = big_text("1,2,", 'x', CSV_FIELD_BYTES_MAX + 1, "\n", &length);
    assert_int_equal(read_all(text, length, &rows, &err), STATUS_LIMIT);
    assert_string_equal(err.text, "f.csv:2:3: a field of more than 65536 bytes");
    free(text);
    text = big_text("1,2,\"", '\n', 1 << 20, "\"\n", &length); /* ends long before the closing quote */
    assert_int_equal(read_all(text, length, &rows, &err), STATUS_LIMIT);
    assert_string_equal(err.text, "f.csv:2:3: a field of more than 65536 bytes");
    free(text);
    text = big_text("", ',', 1 << 20, "\n", &length);
    assert_int_equal(read_all(text, length, &rows, &err), STATUS_INPUT);
    assert_string_equal(err.text, "f.csv:2:4: more fields than the header's 3");
    free(text);
    text = big_text("", '\n', 1 << 20, "1,2,3,4", &length); /* lines past 2^16, over chunks */
    assert_int_equal(read_all(text, length, &rows, &err), STATUS_INPUT);
    assert_string_equal(err.text, "f.csv:1048578:4: more fields than the header's 3");
    free(text);
}

static void a_header_may_not_be_endless(void **state)
{
    (void)state;
    char text[2 * CSV_COLUMNS_MAX + 3];
    struct err err;
    int64_t rows = 0;
    for (size_t i = 0; i + 1 < sizeof text; i += 2)
        memcpy(text + i, "a,", 2);
    assert_int_equal(read_all(text, sizeof text - 1, &rows, &err), STATUS_LIMIT);
    assert_string_equal(err.text, "f.csv:1:65: more than 64 fields in a row");
}

static void files_that_are_not_there_are_named(void **state)
{
    (void)state;
    struct csv *csv = NULL;
    struct err err;
    assert_int_equal(csv_open("/nowhere/x.csv", NULL, columns, &csv, &err), STATUS_NOT_FOUND);
    assert_string_equal(err.text, "/nowhere/x.csv: No such file or directory");
    assert_int_equal(csv_open("/tmp", NULL, columns, &csv, &err), STATUS_INPUT);
    assert_string_equal(err.text, "/tmp: cannot read: Is a directory");
    assert_null(csv);
    csv_close(NULL);
}

static void spreadsheets_get_no_formulas(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"plain", "plain"},
        {"=1+1", "'=1+1"},
        {"+49 30", "'+49 30"},
        {"-12.50", "-12.50"},
        {"-1-1", "'-1-1"},
        {"-", "'-"},
        {"-1.", "'-1."},
        {"@x", "'@x"},
        {"\tx", "\"'\tx\""},
        {"\r", "\"'\r\""},
        {"\nx", "\"'\nx\""},
        {"=a,\"b\"", "\"'=a,\"\"b\"\"\""},
        {"a\"b", "\"a\"\"b\""},
        {"a,b", "\"a,b\""},
        {" a", "\" a\""},
        {"a ", "\"a \""},
        {"\xEF\xBC\x9D"
         "1",
         "'\xEF\xBC\x9D"
         "1"},
        {"12", "12"},
        {"+12", "'+12"},
        {"", "\"\""},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        char *text = NULL;
        size_t length = 0;
        struct err err;
        char expected[100];
        FILE *out = open_memstream(&text, &length);
        assert_int_equal(csv_write_row(out, &pairs[i][0], 1, &err), STATUS_OK);
        fclose(out);
        snprintf(expected, sizeof expected, "%s\r\n", pairs[i][1]);
        assert_string_equal(text, expected);
        free(text);
    }
}

static void rows_written_are_read_back(void **state)
{
    (void)state;
    static const char *const head[] = {"invoice", "amount", "note"};
    static const char *const cells[] = {NULL, "-1.00", " a \"quoted\", thing "};
    char *text = NULL;
    size_t length = 0;
    struct err err;
    struct csv *csv = NULL;
    struct csv_row row;
    bool more = false;
    FILE *out = open_memstream(&text, &length);
    assert_int_equal(csv_write_row(out, head, 3, &err), STATUS_OK);
    assert_int_equal(csv_write_row(out, cells, 3, &err), STATUS_OK);
    fclose(out);
    assert_int_equal(open_text(text, length, &csv, &err), STATUS_OK);
    assert_int_equal(csv_next(csv, &row, &more, &err), STATUS_OK);
    assert_string_equal(csv_field(&row, "invoice").text, "");
    assert_string_equal(csv_field(&row, "amount").text, cells[1]);
    assert_string_equal(csv_field(&row, "note").text, cells[2]);
    csv_close(csv);
    free(text);
    FILE *full = fopen("/dev/full", "w");
    setvbuf(full, NULL, _IONBF, 0);
    assert_int_equal(csv_write_row(full, cells, 3, &err), STATUS_IO);
    fclose(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_have_names_and_places),
        cmocka_unit_test(a_column_may_be_left_out),
        cmocka_unit_test(what_is_not_exact_is_refused_at_its_place),
        cmocka_unit_test(text_in_fields_is_checked_at_its_place),
        cmocka_unit_test(sizes_have_bounds),
        cmocka_unit_test(a_header_may_not_be_endless),
        cmocka_unit_test(files_that_are_not_there_are_named),
        cmocka_unit_test(spreadsheets_get_no_formulas),
        cmocka_unit_test(rows_written_are_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
