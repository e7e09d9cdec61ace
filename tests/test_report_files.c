/*
 * Report files that another hand made: archives that are no workbook of ours, sheets, pages and JSON that lack what a report has,
 * each refused in words; and what does not go into a sheet.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/report/facts.h"
#include "audit/report/read.h"
#include "audit/report/report.h"
#include "audit/report/write.h"

enum { ARCHIVE_BYTES = 4096, ENTRY_METHOD = 10, ENTRY_BYTES = 24, ENTRY_NAME_BYTES = 28, CELL_TOO_LONG = 32768 };

#define HEADER_OF(columns)                                                                                             \
    "{\"body_sha256\":\"\",\"book\":{},\"columns\":[" columns                                                          \
    "],\"entries\":{},\"head\":\"\",\"header_sha256\":\"\",\"parameters\":{},\"report\":\"R-99\",\"root\":\"\","       \
    "\"run_at\":\"yesterday\",\"run_by\":\"audrey\",\"tool\":{}}"
#define HEADER HEADER_OF("{\"name\":\"id\",\"type\":\"text\"},{\"name\":\"n\",\"type\":\"count\"}")

/* --- archives --- */

struct archive {
    uint8_t bytes[ARCHIVE_BYTES];
    size_t length, directory; /* where the first entry of the directory stands */
};

static void put(struct archive *archive, const void *bytes, size_t length)
{
    assert_in_range(archive->length + length, 0, ARCHIVE_BYTES);
    memcpy(archive->bytes + archive->length, bytes, length);
    archive->length += length;
}

static void put_little(struct archive *archive, size_t at, size_t number, int bytes)
{
    for (int i = 0; i < bytes; i++)
        archive->bytes[at + (size_t)i] = (uint8_t)(number >> (8 * i));
}

/* Two parts that are stored as they are, a directory and its end: APPNOTE 4.3. */
static struct archive archive_of(const char *const names[2], const char *const texts[2])
{
    static const uint8_t zeros[64];
    struct archive archive = {.length = 0};
    size_t local[2];
    for (int i = 0; i < 2; i++) {
        local[i] = archive.length;
        put(&archive, "PK\x03\x04", 4);
        put(&archive, zeros, 26);
        put_little(&archive, local[i] + 26, strlen(names[i]), 2);
        put(&archive, names[i], strlen(names[i]));
        put(&archive, texts[i], strlen(texts[i]));
    }
    archive.directory = archive.length;
    for (int i = 0; i < 2; i++) {
        const size_t at = archive.length;
        put(&archive, "PK\x01\x02", 4);
        put(&archive, zeros, 42);
        put_little(&archive, at + 20, strlen(texts[i]), 4);
        put_little(&archive, at + ENTRY_BYTES, strlen(texts[i]), 4);
        put_little(&archive, at + ENTRY_NAME_BYTES, strlen(names[i]), 2);
        put_little(&archive, at + 42, local[i], 4);
        put(&archive, names[i], strlen(names[i]));
    }
    const size_t end = archive.length;
    put(&archive, "PK\x05\x06", 4);
    put(&archive, zeros, 18);
    put_little(&archive, end + 10, 2, 2);
    put_little(&archive, end + 16, archive.directory, 4);
    return archive;
}

static const char *const two[] = {"one", "another"};

static void parts_are_those_of_the_directory(void **state)
{
    static const char *const texts[] = {"1", "a part"};
    static const struct {
        size_t at, number;
        int bytes;
        enum status status;
        const char *said;
    } spoiled[] = {
        {0, 0, 4, STATUS_INPUT, "no workbook of ours: it has no part one"},
        {ENTRY_NAME_BYTES, 0xffff, 2, STATUS_INPUT, "no workbook of ours: it has no part one"},
        {ENTRY_METHOD, 99, 2, STATUS_INPUT, "the workbook's part one is damaged"},
        {ENTRY_METHOD, 8, 2, STATUS_INPUT, "the workbook's part one cannot be unpacked"},
        {ENTRY_BYTES, 2, 4, STATUS_INPUT, "the workbook's part one is damaged"},
        {ENTRY_BYTES, (size_t)REPORT_PART_BYTES_MAX + 1, 4, STATUS_LIMIT,
         "the workbook's part one is larger than 1073741824 bytes"},
        {42, ARCHIVE_BYTES, 4, STATUS_INPUT, "the workbook's part one lies outside the file"},
    };
    struct archive archive = archive_of(two, texts);
    char *bytes = NULL;
    size_t length = 0;
    struct err err = {.status = STATUS_OK};
    (void)state;
    assert_int_equal(report_unzip(slice_of(archive.bytes, archive.length), "another", &bytes, &length, &err),
                     STATUS_OK);
    assert_int_equal(length, 6);
    assert_memory_equal(bytes, "a part", 6);
    free(bytes);
    for (size_t i = 0; i < sizeof spoiled / sizeof spoiled[0]; i++) {
        struct archive other = archive;
        put_little(&other, other.directory + spoiled[i].at, spoiled[i].number, spoiled[i].bytes);
        assert_int_equal(report_unzip(slice_of(other.bytes, other.length), "one", &bytes, &length, &err),
                         spoiled[i].status);
        assert_string_equal(err.text, spoiled[i].said);
    }
}

static void read_workbook(const char *first, const char *second, enum status expected, const char *said)
{
    static const char *const names[] = {"xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"};
    const char *const texts[] = {first, second};
    const struct archive archive = archive_of(names, texts);
    struct report_copy copy = {.rows = NULL};
    struct err err = {.status = STATUS_OK};
    assert_int_equal(report_read(REPORT_XLSX, slice_of(archive.bytes, archive.length), &copy, &err), expected);
    if (expected != STATUS_OK) {
        assert_string_equal(err.text, said);
        return;
    }
    char *rows = json_dumps(copy.rows, JSON_COMPACT);
    assert_string_equal(rows, said);
    free(rows);
    report_copy_done(&copy);
}

static void sheets_have_header_heads_and_rows(void **state)
{
#define ABOUT "<row r=\"1\"><c r=\"A1\"><v>As data</v></c><c r=\"B1\"><is><t>" HEADER "</t></is></c></row>"
#define HEADS "<row r=\"1\"><c r=\"A1\"><is><t>id</t></is></c></row>"
    (void)state;
    read_workbook(ABOUT, HEADS "<row r=\"2\"><c r=\"A2\"><is><t>A-1</t></is></c><c r=\"B2\"><v>7</v></c></row>",
                  STATUS_OK, "[[\"A-1\",\"7\"]]");
    /* Cells without text, or with half of it, are empty; columns that no report has are nobody's. */
    read_workbook(
        ABOUT,
        HEADS "<row r=\"2\"><c r=\"A2\"></c><c r=\"B2\"><v>7</c><c r=\"ZZZ2\"><v>8</v></c></row><row r=\"3\"></row>",
        STATUS_OK, "[[\"\",\"\"],[\"\",\"\"]]");
    read_workbook("<row r=\"1\"><c r=\"A1\"><v>As data</v></c></row>", HEADS, STATUS_INPUT,
                  "no report: its first sheet has no header block as data");
    read_workbook(ABOUT, "<sheetData/>", STATUS_INPUT, "no report: its second sheet has no heads");
    read_workbook(ABOUT, HEADS "<row r=\"2\"><c r=\"A2\"><v>\xff</v></c></row>", STATUS_INPUT,
                  "row 1 has a cell that is no text");
}

/* --- text --- */

static void pages_and_json_have_header_and_rows(void **state)
{
#define PAGE(table) "<!DOCTYPE html>" table "<pre id=\"header\">" HEADER "</pre>"
#define DIGITS      "1,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000,000"
    static const struct {
        enum report_format format;
        const char *text, *said; /* rows where it is read */
        bool is_read;
    } cases[] = {
        {REPORT_JSON, "{\"header\":" HEADER ",\"rows\":[{\"id\":\"A-1\",\"n\":7}]}", "[[\"A-1\",\"7\"]]", true},
        {REPORT_JSON, "{\"header\":" HEADER "}", "no report: it has no list 'rows'", false},
        {REPORT_JSON, "{\"header\":" HEADER ",\"rows\":7}", "no report: it has no list 'rows'", false},
        {REPORT_JSON, "{\"header\":" HEADER_OF("") ",\"rows\":[]}",
         "no report: its header block lists no columns, or too many", false},
        {REPORT_JSON, "{\"header\":" HEADER_OF("{\"type\":\"text\"}") ",\"rows\":[]}",
         "no report: its header block has a column without a name", false},
        {REPORT_HTML, PAGE("<tbody>\n<tr><td>A-1</td><td>1,007</td></tr>\n</tbody>"), "[[\"A-1\",\"1007\"]]", true},
        /* No number of ours is so long: it stays as it is, and differs from what is written anew. */
        {REPORT_HTML, PAGE("<tbody>\n<tr><td>A-1</td><td>" DIGITS "</td></tr>\n</tbody>"), "[[\"A-1\",\"" DIGITS "\"]]",
         true},
        {REPORT_HTML, PAGE("<tbody>"), "no report: the page has no table", false},
        {REPORT_HTML, PAGE("<tbody>\n<tr><td>A-1</td></tr>\n</tbody>"), "row 1 has too few cells", false},
        {REPORT_HTML, PAGE("<tbody>\n<tr><td>A-1</td><td>7"), "row 1 has a cell without an end", false},
        {REPORT_HTML, PAGE("<tbody>\n<tr><td>\xff</td><td>7</td></tr>\n</tbody>"), "row 1 has a cell that is no text",
         false},
        {REPORT_HTML, PAGE("<tbody>\n<tr><td>A-1</td><td>7</td><td></td></tr>\n</tbody>"), "row 1 has too many cells",
         false},
    };
    struct err err = {.status = STATUS_OK};
    struct report_copy copy;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum status status = report_read(cases[i].format, slice_of(cases[i].text, strlen(cases[i].text)), &copy, &err);
        assert_int_equal(status, cases[i].is_read ? STATUS_OK : STATUS_INPUT);
        char *rows = cases[i].is_read ? json_dumps(copy.rows, JSON_COMPACT) : NULL;
        assert_string_equal(rows != NULL ? rows : err.text, cases[i].said);
        free(rows);
        if (cases[i].is_read)
            report_copy_done(&copy);
    }
    assert_int_equal(report_read(REPORT_JSON, slice_of("{}", (size_t)REPORT_FILE_BYTES_MAX + 1), &copy, &err),
                     STATUS_LIMIT);
    assert_string_equal(err.text, "more than 268435456 bytes");
}

/* --- sheets that are full --- */

struct many {
    size_t rows;
    const char *text;
};

static enum status walk(void *context, report_cells_step *step, void *step_context, struct err *err)
{
    const struct many *many = context;
    const char *const cells[] = {many->text, ""};
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < many->rows; i++)
        status = step(step_context, cells, err);
    return status;
}

static enum status count_bytes(void *context, struct slice bytes, struct err *err)
{
    (void)err;
    *(size_t *)context += bytes.length;
    return STATUS_OK;
}

/* A moment that is none keeps no workbook from being written: it is read again in a check, and differs. */
static void a_sheet_has_its_bounds(void **state)
{
    static char longest[CELL_TOO_LONG + 1];
    size_t bytes = 0;
    struct many many = {.rows = 1, .text = longest};
    const struct report_rows rows = {.walk = walk, .context = &many};
    const struct export_sink sink = {.write = count_bytes, .context = &bytes};
    struct err err = {.status = STATUS_OK};
    json_t *header = json_loads(HEADER, 0, NULL);
    (void)state;
    memset(longest, 'x', CELL_TOO_LONG);
    assert_int_equal(report_write(REPORT_XLSX, header, &rows, &sink, &err), STATUS_LIMIT);
    assert_string_equal(err.text, "a cell is longer than the 32767 characters that a sheet takes: ask for csv");
    assert_int_equal(bytes, 0);
    longest[CELL_TOO_LONG - 1] = '\0';
    assert_int_equal(report_write(REPORT_XLSX, header, &rows, &sink, &err), STATUS_OK);
    assert_int_not_equal(bytes, 0);
    bytes = 0;
    many = (struct many){.rows = 1048576, .text = ""}; /* with the heads one too many */
    assert_int_equal(report_write(REPORT_XLSX, header, &rows, &sink, &err), STATUS_LIMIT);
    assert_string_equal(err.text, "a sheet takes 1048576 rows: ask for csv");
    assert_int_equal(bytes, 0);
    many.rows--;
    assert_int_equal(report_write(REPORT_XLSX, header, &rows, &sink, &err), STATUS_OK);
    json_decref(header);
}

/* --- words and tables without what is asked --- */

static enum status no_rows(void *context, const char *sql, const struct report_binding *bindings, report_row_step *step,
                           void *step_context, struct err *err)
{
    (void)context, (void)sql, (void)bindings, (void)step, (void)step_context, (void)err;
    return STATUS_OK;
}

static void what_is_not_there_is_told(void **state)
{
    static const char *const names[] = {"id"}, *const values[] = {"A-1"};
    const struct report_row row = {.count = 1, .names = names, .values = values};
    const struct report_source source = {.query = no_rows};
    struct report_facts facts;
    struct err err = {.status = STATUS_OK};
    (void)state;
    assert_string_equal(report_value(&row, "id"), "A-1");
    assert_null(report_value(&row, "i"));
    assert_string_equal(report_format_name(REPORT_FORMAT_COUNT), "");
    assert_int_equal(report_facts_query(&source, &facts, &err), STATUS_CORRUPT);
    assert_string_equal(err.text, "the tables hold no book");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_those_of_the_directory),    cmocka_unit_test(sheets_have_header_heads_and_rows),
        cmocka_unit_test(pages_and_json_have_header_and_rows), cmocka_unit_test(a_sheet_has_its_bounds),
        cmocka_unit_test(what_is_not_there_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
