/*
 * The policy compiler: each kind of error at its exact place, with line and caret; the compiled bytes; the shipped
 * policies; every example of POLICY.md; zones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "controls/compiler/compile.h"
#include "controls/compiler/nearest.h"
#include "controls/compiler/zones.h"
#include "controls/functions.h"
#include "controls/policy.h"
#include "ledger/canon.h"
#include "ledger/instant.h"
#include "tests/support/vector_file.h"

/* clang-format off */
static const char *const good_lines[] = {
    "name: Small", /* 1 */
    "base_currency: USD",
    "entities:",
    "  - { entity: US01, currency: USD, timezone: UTC }",
    "accounts:", /* 5 */
    "  - { account: 1200, class: receivable, title: Receivables }",
    "  - { account: 2150, class: liability, title: On account }",
    "  - { account: 4000, class: revenue, title: Sales }",
    "postings: { receivable: 1200, on_account: 2150, on_account_row: BILLING }",
    "roles:", /* 10 */
    "  - { role: OFFICER, title: Officer, functions: [govern.access, govern.policy] }",
    "  - { role: CLERK, title: Clerk, functions: [credit-note.prepare] }",
    "  - { role: LEAD, title: Lead, functions: [credit-note.approve.1-2] }",
    "duties:",
    "  - { duty: PREPARE, title: Preparing, functions: [credit-note.prepare] }", /* 15 */
    "  - { duty: APPROVE, title: Approving, functions: [credit-note.approve.1-2] }",
    "conflicts:",
    "  - { duty: PREPARE, never: [APPROVE] }",
    "authority:",
    "  - row: BILLING", /* 20 */
    "    tiers:",
    "      - { upto: 200.00, levels: [] }",
    "      - { levels: [1, 2] }",
    "cumulative:",
    "  - { by: customer, span: 30 days, kinds: [credit-note] }", /* 25 */
    "reasons:",
    "  - { reason: PRICE_ERR, title: Price, kinds: [credit-note], row: BILLING, account: 4000, evidence: [a] }",
    "bots: { document_max: 500.00, documents_per_day_max: 200 }",
};
/* clang-format on */
enum { GOOD_LINES = sizeof good_lines / sizeof good_lines[0], TEXT_ROOM = 16384, VALUES_TRIED = 100001 };

/* The good policy with one line (from 1) replaced; 0 replaces none. */
static void policy_text(size_t line, const char *replacement, char text[static TEXT_ROOM])
{
    size_t used = 0;
    for (size_t i = 0; i < GOOD_LINES; i++)
        used += (size_t)snprintf(text + used, TEXT_ROOM - used, "%s\n", i + 1 == line ? replacement : good_lines[i]);
}

struct seen {
    char text[8192]; /* "line:col: severity: text" lines */
    char shown[16384];
    size_t count;
};

static void see(void *context, const struct compile_finding *finding)
{
    struct seen *seen = context;
    char shown[FINDING_FORMAT_BYTES];
    size_t used = strlen(seen->text);
    snprintf(seen->text + used, sizeof seen->text - used, "%zu:%zu: %s: %s\n", finding->line, finding->column,
             finding->warning ? "warning" : "error", finding->text);
    compile_finding_format(finding, shown);
    used = strlen(seen->shown);
    snprintf(seen->shown + used, sizeof seen->shown - used, "%s", shown);
    seen->count++;
}

static enum status compile_text(const char *text, size_t length, struct seen *seen, json_t **ret_compiled,
                                struct err *err)
{
    const struct compile_input input = {text, length, "p.yaml"};
    *seen = (struct seen){.text = ""};
    *ret_compiled = NULL;
    return compile_policy(&input, see, seen, ret_compiled, err);
}

static void found_exactly(const char *text, size_t length, const char *wanted)
{
    struct seen seen;
    json_t *compiled = NULL;
    struct err err = {.text = ""};
    enum status status = compile_text(text, length, &seen, &compiled, &err);
    if (strcmp(seen.text, wanted) != 0)
        fail_msg("wanted:\n%sfound:\n%s", wanted, seen.text);
    bool error = strstr(wanted, ": error: ") != NULL;
    assert_int_equal(status, error ? STATUS_INPUT : STATUS_OK);
    if (error) {
        assert_null(compiled);
        assert_memory_equal(err.text, "p.yaml:", 7);
    }
    json_decref(compiled);
}

struct broken {
    size_t line;
    const char *replacement;
    const char *found;
};

static void check_broken(const struct broken *cases, size_t count)
{
    char text[TEXT_ROOM];
    for (size_t i = 0; i < count; i++) {
        policy_text(cases[i].line, cases[i].replacement, text);
        found_exactly(text, strlen(text), cases[i].found);
    }
}
#define CHECK_BROKEN(cases) check_broken(cases, sizeof cases / sizeof cases[0])

static void good_policy_compiles_to_these_bytes(void **state)
{
    (void)state;
    static const char wanted[] =
        "{\"accounts\":[{\"account\":\"1200\",\"class\":\"receivable\",\"title\":\"Receivables\"},"
        "{\"account\":\"2150\",\"class\":\"liability\",\"title\":\"On account\"},"
        "{\"account\":\"4000\",\"class\":\"revenue\",\"title\":\"Sales\"}],"
        "\"approval\":{\"lapse_days\":14,\"list_max\":50},"
        "\"authority\":[{\"entities\":[],\"row\":\"BILLING\",\"tiers\":[{\"levels\":[],\"upto\":\"200.00\"},"
        "{\"levels\":[1,2]}]}],"
        "\"base\":\"USD\",\"bots\":{\"document_max\":\"500.00\",\"documents_per_day_max\":200},"
        "\"conflicts\":[{\"a\":\"APPROVE\",\"b\":\"PREPARE\",\"mode\":\"never\"}],"
        "\"cumulative\":[{\"by\":\"customer\",\"days\":30,\"kinds\":[\"credit-note\"],\"span\":\"days\"}],"
        "\"duties\":[{\"duty\":\"APPROVE\",\"functions\":[\"credit-note.approve.1\",\"credit-note.approve."
        "2\"],"
        "\"title\":\"Approving\"},"
        "{\"duty\":\"PREPARE\",\"functions\":[\"credit-note.prepare\"],\"title\":\"Preparing\"}],"
        "\"entities\":[{\"currency\":\"USD\",\"entity\":\"US01\",\"fiscal_month\":1,"
        "\"offsets\":[{\"from\":\"1970-01-01T00:00:00.000Z\",\"minutes\":0}]}],"
        "\"name\":\"Small\","
        "\"postings\":{\"on_account_account\":\"2150\",\"on_account_row\":\"BILLING\",\"receivable_account\":"
        "\"1200\"},"
        "\"reasons\":[{\"account\":\"4000\",\"evidence\":[\"a\"],\"kinds\":[\"credit-note\"],\"note_bytes_"
        "min\":0,"
        "\"reason\":\"PRICE_ERR\",\"row\":\"BILLING\",\"title\":\"Price\"}],"
        "\"roles\":[{\"functions\":[\"credit-note.prepare\"],\"role\":\"CLERK\",\"title\":\"Clerk\"},"
        "{\"functions\":[\"credit-note.approve.1\",\"credit-note.approve.2\"],\"role\":\"LEAD\",\"title\":"
        "\"Lead\"},"
        "{\"functions\":[\"govern.access\",\"govern.policy\"],\"role\":\"OFFICER\",\"title\":\"Officer\"}],"
        "\"taxes\":[]}";
    char text[TEXT_ROOM];
    struct seen seen;
    json_t *compiled = NULL;
    struct err err = {.text = ""};
    char *bytes = NULL;
    policy_text(0, NULL, text);
    assert_int_equal(compile_text(text, strlen(text), &seen, &compiled, &err), STATUS_OK);
    assert_string_equal(seen.text, "");
    assert_int_equal(canon_encode(compiled, &bytes, NULL, &err), STATUS_OK);
    assert_string_equal(bytes, wanted);
    free(bytes);
    json_decref(compiled);
}

static void line_and_caret_stand_under_the_place(void **state)
{
    (void)state;
    char text[TEXT_ROOM];
    struct seen seen;
    json_t *compiled = NULL;
    struct err err = {.text = ""};
    policy_text(23, "      - { levels: [1, 2, 3] }", text);
    assert_int_equal(compile_text(text, strlen(text), &seen, &compiled, &err), STATUS_INPUT);
    assert_string_equal(seen.shown, "p.yaml:23:26: error: level 3 has no role that may approve credit-note\n"
                                    "   23 |       - { levels: [1, 2, 3] }\n"
                                    "      |                          ^\n");
    assert_string_equal(err.text, "p.yaml:23:26: level 3 has no role that may approve credit-note");
    policy_text(2, "bas_currency: USD", text);
    assert_int_equal(compile_text(text, strlen(text), &seen, &compiled, &err), STATUS_INPUT);
    assert_string_equal(seen.shown, "p.yaml:1:1: error: 'base_currency' is missing\n"
                                    "    1 | name: Small\n"
                                    "      | ^\n"
                                    "p.yaml:2:1: error: unknown key 'bas_currency': did you mean 'base_currency'?\n"
                                    "    2 | bas_currency: USD\n"
                                    "      | ^\n");
    assert_string_equal(err.text, "p.yaml:1:1: 'base_currency' is missing (and 1 more)");
    policy_text(27,
                "  - { reason: PRICE_ERR, title: Price, kinds: [credit-note], row: BILLING, account: 4000, "
                "evidence: [] }",
                text);
    assert_int_equal(compile_text(text, strlen(text), &seen, &compiled, &err), STATUS_OK);
    json_decref(compiled);
    assert_string_equal(seen.shown,
                        "p.yaml:27:101: warning: reason PRICE_ERR asks for no evidence\n"
                        "   27 | : Price, kinds: [credit-note], row: BILLING, account: 4000, evidence: [] }\n"
                        "      |                                                                       ^\n");
}

static void columns_count_characters_and_bad_bytes_are_masked(void **state)
{
    (void)state;
    struct seen seen;
    json_t *compiled = NULL;
    struct err err = {.text = ""};
    static const char text[] = "name: \xC3\xA4\xE2\x82\xAC \xFFx\n";
    assert_int_equal(compile_text(text, sizeof text - 1, &seen, &compiled, &err), STATUS_INPUT);
    assert_string_equal(seen.shown, "p.yaml:1:10: error: byte 0xFF is not UTF-8\n"
                                    "    1 | name: \xC3\xA4\xE2\x82\xAC ?x\n"
                                    "      |          ^\n");
    static const char escape[] = "name: \x1B[31mred\n";
    assert_int_equal(compile_text(escape, sizeof escape - 1, &seen, &compiled, &err), STATUS_INPUT);
    assert_string_equal(seen.shown, "p.yaml:1:7: error: character U+001B is not allowed in a policy\n"
                                    "    1 | name: ?[31mred\n"
                                    "      |       ^\n");
}

static void filter_keeps_the_parser_safe(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t length;
        const char *found;
    } cases[] = {
        {"%YAML 1.2\n---\n", 14, "1:1: error: a directive: no line of a policy begins with %\n"},
        {"a: 1\n%v=\xFF\xFF", 11,
         "2:1: error: a directive: no line of a policy begins with %\n2:4: error: byte 0xFF is not UTF-8\n"},
        {"a:\tb\n", 5, "1:3: error: a tab: indent with blanks\n"},
        {"a: b\r\n", 6, "1:5: error: a carriage return: lines end in a line feed only\n"},
        {"\xEF\xBB\xBF"
         "a: b\n",
         8, "1:1: error: a byte order mark: save the file as UTF-8 without one\n"},
        {"a: \0b\n", 6, "1:4: error: character U+0000 is not allowed in a policy\n"},
        {"a: \xE2\x80\xAE\n", 7, "1:4: error: character U+202E is not allowed in a policy\n"},
        {"a: \xC2\x85\n", 6, "1:4: error: character U+0085 is not allowed in a policy\n"},
        {"a: \xED\xA0\x80\n", 7, "1:4: error: byte 0xED is not UTF-8\n"},
        {"a: \xC0\x80\n", 6, "1:4: error: byte 0xC0 is not UTF-8\n"},
        {"a: \xF0\x9F", 5, "1:4: error: byte 0xF0 is not UTF-8\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        found_exactly(cases[i].text, cases[i].length, cases[i].found);
}

static void size_is_bounded(void **state)
{
    (void)state;
    size_t length = POLICY_YAML_BYTES_MAX + 1;
    char *text = malloc(length);
    assert_non_null(text);
    memset(text, '#', length);
    found_exactly(text, length, "1:1: error: 1048577 bytes, a policy has at most 1048576\n");
    found_exactly(text, length - 1, "1:1: error: a policy is a map: it begins with 'name: '\n");
    free(text);
}

/* As many lines of a list as there may be: each its own code between `head` and `tail`. */
static void lines_repeat(FILE *out, size_t count, const char *head, const char *tail, const char *list)
{
    for (size_t i = 0; i < count; i++)
        fprintf(out, "  - { %s%03zu, %s: [%s] }\n", head, i, tail, list);
}

/* Every list is within its bound, and so is the file; but what it comes to leaves its statement no room for the file. */
static void compiled_size_is_bounded(void **state)
{
    enum { HOLIDAYS = 330, ROLES = POLICY_ROWS_MAX - 3, DUTIES = POLICY_DUTIES_MAX - 2 };
    char *text = NULL, *functions = NULL, *holidays = NULL;
    size_t length = 0, unused = 0;
    struct seen seen;
    json_t *compiled = NULL;
    struct err err;
    (void)state;
    FILE *out = open_memstream(&functions, &unused);
    assert_non_null(out);
    for (enum kind_id kind = 0; kind <= KIND_CASE_NOTE; kind++)
        fprintf(out, "%s%s.approve.1-9", kind > 0 ? ", " : "", kind_name(kind));
    fclose(out);
    assert_non_null(out = open_memstream(&holidays, &unused));
    for (int i = 0; i < HOLIDAYS; i++)
        fprintf(out, "%s2026-%02d-%02d", i > 0 ? ", " : "", i / 28 + 1, i % 28 + 1);
    fclose(out);
    assert_non_null(out = open_memstream(&text, &length));
    for (size_t line = 1; line <= GOOD_LINES; line++) {
        if (line == 4)
            lines_repeat(out, POLICY_ENTITIES_MAX, "entity: E", "currency: USD, timezone: America/New_York, holidays",
                         holidays);
        else
            fprintf(out, "%s\n", good_lines[line - 1]);
        if (line == 13)
            lines_repeat(out, ROLES, "role: R", "title: More, functions", functions);
        if (line == 16)
            lines_repeat(out, DUTIES, "duty: D", "title: More, functions", functions);
    }
    fclose(out);
    assert_true(length <= POLICY_YAML_BYTES_MAX);
    assert_int_equal(compile_text(text, length, &seen, &compiled, &err), STATUS_INPUT);
    assert_null(compiled);
    assert_int_equal(seen.count, 1);
    assert_memory_equal(seen.text, "1:1: error: compiles to 26", 26);
    assert_non_null(strstr(seen.text, " bytes, 2621440 are allowed\n"));
    free(holidays);
    free(functions);
    free(text);
}

static void yaml_beyond_the_subset_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *found;
    } cases[] = {
        {"", "1:1: error: a policy is a map: it begins with 'name: '\n"},
        {"- a\n", "1:1: error: a policy is a map: it begins with 'name: '\n"},
        {"name: &x a\n", "1:7: error: anchors are not allowed\n"},
        {"name: a\n&x b: c\n", "2:1: error: anchors are not allowed\n"},
        {"name: *x\n", "1:7: error: aliases are not allowed: write the value out\n"},
        {"name: !!int 3\n", "1:7: error: tags are not allowed: everything is text\n"},
        {"name: a\nb: !local { c: d }\n", "2:4: error: tags are not allowed: everything is text\n"},
        {"name: a\n---\nname: b\n", "2:1: error: a policy is one document\n"},
        {"name: a\nname: b\n", "2:1: error: key 'name' stands twice in this map\n"},
        {"a: { b: 1, c: 2, b: 3 }\n", "1:18: error: key 'b' stands twice in this map\n"},
        {"<<: { a: b }\n", "1:1: error: merge keys are not allowed: write the members out\n"},
        {"? [a]\n: b\n", "1:3: error: a key is plain text\n"},
        {"a: {b: {c: {d: {e: {f: {g: {h: {i: 1}}}}}}}}\n", "1:32: error: maps and lists nest at most 8 deep\n"},
        {"name: \"a\\u202Eb\"\n", "1:8: error: byte 1: character U+202E is not allowed\n"},
        {"name: \"unclosed\n", "1:8: error: double-quoted scalar without closing quote\n"},
        {"name: }\n", "1:7: error: flow mapping with invalid extra closing brace\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        found_exactly(cases[i].text, strlen(cases[i].text), cases[i].found);
}

static void many_values_and_keys_are_bounded(void **state)
{
    (void)state;
    size_t room = 6 * (size_t)VALUES_TRIED;
    char *text = malloc(room);
    assert_non_null(text);
    size_t used = (size_t)snprintf(text, room, "a: [");
    for (size_t i = 0; i < VALUES_TRIED; i++)
        used += (size_t)snprintf(text + used, room - used, "x,");
    used += (size_t)snprintf(text + used, room - used, "x]\n");
    struct seen seen;
    json_t *compiled = NULL;
    struct err err = {.text = ""};
    assert_int_equal(compile_text(text, used, &seen, &compiled, &err), STATUS_INPUT);
    assert_non_null(strstr(seen.text, "error: more than 100000 values\n"));
    used = 0;
    for (int i = 0; i < 65; i++)
        used += (size_t)snprintf(text + used, room - used, "k%d: v\n", i);
    found_exactly(text, used, "65:1: error: more than 64 keys in one map\n");
    free(text);
}

static void shape_errors_name_their_place(void **state)
{
    (void)state;
    static const struct broken cases[] = {
        {28, "bots: { document_max: 500.00, documents_per_day: 200 }",
         "28:7: error: 'documents_per_day_max' is missing\n"
         "28:31: error: unknown key 'documents_per_day': did you mean 'documents_per_day_max'?\n"},
        {6, "  - { account: 1200, class: receivable, title: R, zebra: 1 }", "6:51: error: unknown key 'zebra'\n"},
        {6, "  - { account: 1200, class: receivable }", "6:5: error: 'title' is missing\n"},
        {6, "  - 1200", "6:5: error: a map is wanted here, e.g. { key: value }\n"},
        {9, "postings: [1200]", "9:11: error: a map is wanted here, e.g. { key: value }\n"},
        {1, "name: [Small]", "1:7: error: a text is wanted here, not a list\n"},
        {1, "name: { a: b }", "1:7: error: a text is wanted here, not a map\n"},
        {1, "name:", "1:1: error: a value is missing here\n"},
        {5, "accounts:\nmore:", "5:1: error: a value is missing here\n6:1: error: unknown key 'more'\n"},
        {1, "name: ''", "1:1: error: a value is missing here\n"},
        {12, "  - { role: CLERK, title: Clerk, functions: credit-note.prepare }",
         "12:45: error: a list is wanted here, e.g. [A, B]\n"},
        {12, "  - { role: CLERK, title: Clerk, functions: [credit-note.prepare, credit-note.prepare] }",
         "12:67: error: credit-note.prepare stands twice\n"},
        {25, "  - { by: customer, span: 30 days, kinds: [credit-note, write-off, credit-note] }",
         "25:68: error: credit-note stands twice\n"},
        {13, "  - { role: LEAD, title: Lead, functions: [credit-note.approve.1-2, credit-note.approve.2] }",
         "13:69: error: credit-note.approve.2 stands twice\n"},
        {13, "  - { role: LEAD, title: Lead, functions: [credit-note.approve.2-1] }",
         "13:44: error: a range of levels goes from a lower to a higher one\n"},
        {28, "bots: { document_max: 500.00, documents_per_day_max: 2, kinds: [] }",
         "28:64: error: 0 members, the list has to have 1 to 40\n"},
        {28, "bots: { document_max: 500.00, documents_per_day_max: 2, kinds: credit-note }",
         "28:64: error: a list is wanted here, e.g. [A, B]\n"},
        {28, "bots: { document_max: 500.00, documents_per_day_max: 2, sum_per_day_max: 7.5 }",
         "28:74: error: amount '7.5': exactly 2 digits after the dot are due\n"},
        {28, "bots: { document_max: 500.00, documents_per_day_max: 0x10 }",
         "28:54: error: '0x10' is not a whole number\n"},
        {28, "bots: { document_max: 500.00, documents_per_day_max: 010 }",
         "28:54: error: '010' is not a whole number\n"},
        {28, "bots: { document_max: 500.00, documents_per_day_max: NO }", "28:54: error: 'NO' is not a whole number\n"},
        {28, "bots: { document_max: 500.00, documents_per_day_max: 1e3 }",
         "28:54: error: '1e3' is not a whole number\n"},
        {28, "bots: { document_max: 500.00, documents_per_day_max: 9223372036854775808 }",
         "28:54: error: '9223372036854775808' is not a whole number\n"},
        {23, "      - { levels: [1, 10] }", "23:23: error: a level is a whole number from 1 to 9\n"},
        {23, "      - { levels: [1, 0] }", "23:23: error: a level is a whole number from 1 to 9\n"},
        {23, "      - { levels: [1, 1] }", "23:23: error: 1 stands twice\n"},
        {25, "  - { by: customer, span: 30, kinds: [credit-note] }",
         "25:27: error: a span is 'life', 'quarter' or a number of days, e.g. '30 days'\n"},
        {25, "  - { by: customer, span: 0 days, kinds: [credit-note] }",
         "25:27: error: a span is 'life', 'quarter' or a number of days, e.g. '30 days'\n"},
        {25, "  - { by: customer, span: 1 days, kinds: [credit-note] }",
         "25:27: error: a span is 'life', 'quarter' or a number of days, e.g. '30 days'\n"},
        {25, "  - { by: customer, kinds: [credit-note] }", "25:5: error: 'span' is missing\n"},
        {18, "  - { duty: PREPARE, nver: [APPROVE] }", "18:22: error: unknown key 'nver': did you mean 'never'?\n"},
        {18, "  - { never: [APPROVE] }", "18:5: error: 'duty' is missing\n"},
        {20, "  - row: BILLING\n    chain: maybe", "21:12: error: yes or no\n"},
        {20, "  - row: BILLING\n    chain: [yes]", "21:12: error: yes or no\n"},
        {28, "bots:", "28:1: error: a value is missing here\n"},
        {18, "  - PREPARE", "18:5: error: a map is wanted here, e.g. { duty: A, never: [B, C] }\n"},
        {18, "  - { duty: PREPARE, never: APPROVE }", "18:29: error: a list is wanted here, e.g. [A, B]\n"},
        {4, "  - { entity: US01, currency: USD }",
         "4:5: error: an entity has either a timezone or a list of offsets\n"},
        {4, "  - { entity: US01, currency: USD, timezone: UTC, offsets: [] }",
         "4:5: error: an entity has either a timezone or a list of offsets\n"},
        {4, "  - { entity: US01, currency: USD, timezone: Mars/Olympus }",
         "4:46: error: time zone 'Mars/Olympus' is not one that the compiler knows: write its offsets as a "
         "list\n"},
        {4, "  - { entity: US01, currency: USD, offsets: [{ from: 1970-01-01T00:00:00.000Z, offset: 1 }] }",
         "4:88: error: an offset is written +01:00 or -05:00\n"},
        {4, "  - { entity: US01, currency: USD, offsets: [{ from: 1970-01-01T00:00:00.000Z, offset: +01:60 }] }",
         "4:88: error: an offset is written +01:00 or -05:00\n"},
        {4, "  - { entity: US01, currency: USD, offsets: [{ from: 1970-01-01T00:00:00.000Z, offset: -00:00 }] }",
         "4:88: error: an offset is written +01:00 or -05:00\n"},
    };
    CHECK_BROKEN(cases);
}

static void meaning_errors_lead_back_to_the_file(void **state)
{
    (void)state;
    static const struct broken cases[] = {
        {2, "base_currency: XXX", "2:16: error: 'XXX' is not a currency of ISO 4217\n"},
        {4, "  - { entity: us01, currency: USD, timezone: UTC }",
         "4:15: error: 'us01' is not a code of A-Z, 0-9, - and _, at most 32\n"},
        {4, "  - { entity: US01, currency: USD, timezone: UTC, fiscal_year_begins: 13 }",
         "4:71: error: a whole number from 1 to 12 is wanted\n"},
        {4, "  - { entity: US01, currency: USD, offsets: [{ from: 1970-01-02T00:00:00.000Z, offset: +01:00 }] }",
         "4:54: error: the first offset is in force from 1970-01-01T00:00:00.000Z\n"},
        {4, "  - { entity: US01, currency: USD, offsets: [{ from: 1970-01-01T00:00:00.000Z, offset: +15:00 }] }",
         "4:88: error: a whole number from -840 to 840 is wanted\n"},
        {4, "  - { entity: US01, currency: USD, offsets: [] }",
         "4:45: error: 0 members, the list has to have 1 to 400\n"},
        {7, "  - { account: 2150, class: debt, title: On account }",
         "7:29: error: 'debt' is none of receivable, revenue, tax, allowance, expense, liability, cash, fx, "
         "rounding\n"},
        {8, "  - { account: 2150, class: liability, title: Again }",
         "8:16: error: 2150 stands twice\n27:85: error: account 4000 is not in accounts\n"},
        {9, "postings: { receivable: 1200, on_account: 4000, on_account_row: BILLING }",
         "9:43: error: on-account credit cannot move account 4000 of class revenue (C-27)\n"},
        {11, "  - { role: OFFICER, title: Officer, functions: [govern.access] }",
         "11:49: error: role OFFICER holds exactly govern.access and govern.policy\n"},
        {12, "  - { role: CLERK, title: Clerk, functions: [credit-note.prepare, read.bokks] }",
         "12:67: error: 'read.bokks' is not a function\n"},
        {12, "  - { role: CLERK, title: Clerk, functions: [credit-note.prepare, operate] }",
         "12:67: error: role CLERK joins operate and credit-note.prepare: administrators hold no other "
         "function\n"},
        {13, "  - { role: LEAD, title: Lead, functions: [credit-note.approve.1] }",
         "23:23: error: level 2 has no role that may approve credit-note\n"},
        {18, "  - { duty: PREPARE, never: [APPROVED] }", "18:30: error: the duty is not in duties\n"},
        {18, "  - { duty: PREPARE, never: [PREPARE] }", "18:30: error: duty PREPARE in conflict with itself\n"},
        {18, "  - { duty: PREPARE, never: [APPROVE], document: [APPROVE] }",
         "18:51: error: duties APPROVE and PREPARE stand twice\n"},
        {20, "  - row: BILING",
         "9:65: error: authority has no row BILLING\n20:10: error: no reason leads to row BILING\n"
         "27:67: error: authority has no row BILLING\n"},
        {22, "      - { upto: 200, levels: [] }",
         "22:17: error: amount '200': exactly 2 digits after the dot are due\n"},
        {22, "      - { levels: [] }", "22:9: error: only the last tier of row BILLING may leave out upto\n"},
        {23, "      - { upto: 300.00, levels: [1, 2] }",
         "23:17: error: the last tier of row BILLING has no upto: it says what larger amounts need\n"},
        {22, "      - { upto: 200.00, levels: [1, 2, 3] }",
         "22:40: error: level 3 has no role that may approve credit-note\n"
         "23:19: error: a larger amount needs every level of the smaller one\n"},
        {25, "  - { by: customer, span: 30 days, kinds: [credit-limit] }",
         "25:43: error: names a kind that moves no receivable, so there is nothing to add up\n"},
        {25, "  - { by: customer, span: 30 days, kinds: [] }",
         "25:43: warning: a window without a kind never adds anything up\n"},
        {27,
         "  - { reason: PRICE_ERR, title: Price, kinds: [credit-note], row: BILLING, account: 1200, "
         "evidence: [a] }",
         "27:85: error: credit-note cannot move account 1200 of class receivable (C-27)\n"},
        {27, "  - { reason: PRICE_ERR, title: Price, kinds: [credit-note], row: BILLING, evidence: [a] }",
         "27:5: error: reason PRICE_ERR serves a kind with ledger lines and needs an account\n"},
        {27, "  - { reason: PRICE_ERR, title: Price, kinds: [credit-note], row: BILLING, account: 4000 }",
         "27:5: warning: reason PRICE_ERR asks for no evidence\n"},
        {2, "base_currency: USD\nparameters: { period_soft_days: 3, period_hard_days: 3 }", ""},
        {2, "base_currency: USD\nparameters: { period_soft_days: 3, period_hard_days: 0 }", ""},
        {2, "base_currency: USD\nparameters: { period_soft_days: 4, period_hard_days: 3 }",
         "3:54: warning: a month is closed for good on day 3 after its end, period_soft_days 4 comes too late "
         "(C-39)\n"},
        {4,
         "  - { entity: US01, currency: USD, timezone: UTC, parameters: { period_hard_days: 1, period_soft_days: 8 } }",
         "4:83: warning: a month is closed for good on day 1 after its end, period_soft_days 8 comes too late "
         "(C-39)\n"},
        {28, "bots: { document_max: 500.00, documents_per_day_max: 2000000 }",
         "28:54: error: a whole number from 0 to 1000000 is wanted\n"},
    };
    CHECK_BROKEN(cases);
}

static void sorting_keeps_the_places(void **state)
{
    (void)state;
    char text[TEXT_ROOM];
    /* 9000 sorts behind the others but stands first in the file. */
    policy_text(5, "accounts:\n  - { account: 9000, class: fx, title: [] }", text);
    found_exactly(text, strlen(text), "6:40: error: a text is wanted here, not a list\n");
    policy_text(5, "accounts:\n  - { account: 9000, class: wrong, title: X }", text);
    found_exactly(text, strlen(text),
                  "6:29: error: 'wrong' is none of receivable, revenue, tax, allowance, expense, liability, cash, fx, "
                  "rounding\n");
}

static void order_in_the_file_has_no_meaning(void **state)
{
    (void)state;
    char text[TEXT_ROOM];
    struct seen seen;
    struct err err = {.text = ""};
    json_t *plain = NULL;
    json_t *turned = NULL;
    policy_text(0, NULL, text);
    assert_int_equal(compile_text(text, strlen(text), &seen, &plain, &err), STATUS_OK);
    size_t used = 0;
    static const size_t order[] = {28, 26, 27, 19, 20, 21, 22, 23, 17, 18, 14, 16, 15, 10,
                                   13, 12, 11, 9,  5,  8,  6,  7,  24, 25, 3,  4,  2,  1};
    for (size_t i = 0; i < GOOD_LINES; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s # %zu\n", good_lines[order[i] - 1], i);
    assert_int_equal(compile_text(text, used, &seen, &turned, &err), STATUS_OK);
    assert_true(json_equal(plain, turned));
    json_decref(plain);
    json_decref(turned);
}

static void findings_are_bounded_and_need_no_listener(void **state)
{
    (void)state;
    char text[TEXT_ROOM] = "";
    struct seen seen;
    json_t *compiled = NULL;
    struct err err = {.text = ""};
    size_t used = 0;
    for (int i = 0; i < 150; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "a: \t\n");
    assert_int_equal(compile_text(text, used, &seen, &compiled, &err), STATUS_INPUT);
    assert_int_equal(seen.count, FINDINGS_MAX);
    const struct compile_input input = {text, used, "p.yaml"};
    assert_int_equal(compile_policy(&input, NULL, NULL, &compiled, NULL), STATUS_INPUT);
}

/* Compiles a whole file twice: no finding at all, the same bytes, and policy_read takes them. */
static struct policy *shipped_policy(const char *path)
{
    struct seen seen;
    json_t *compiled[2] = {NULL, NULL};
    char *bytes[2] = {NULL, NULL};
    struct policy *policy = NULL;
    struct err err = {.text = ""};
    size_t length = 0;
    char *text = vector_file(path, &length);
    for (int i = 0; i < 2; i++) {
        if (compile_text(text, length, &seen, &compiled[i], &err) != STATUS_OK || seen.count > 0)
            fail_msg("%s: %s", path, seen.shown);
        assert_int_equal(canon_encode(compiled[i], &bytes[i], NULL, &err), STATUS_OK);
    }
    assert_string_equal(bytes[0], bytes[1]);
    assert_int_equal(policy_read(compiled[0], &policy, &err), STATUS_OK);
    for (int i = 0; i < 2; i++) {
        free(bytes[i]);
        json_decref(compiled[i]);
    }
    free(text);
    return policy;
}

static void shipped_policies_compile(void **state)
{
    (void)state;
    struct policy *us = shipped_policy("controls/policies/us.yaml");
    struct policy *uk = shipped_policy("controls/policies/uk.yaml");
    assert_string_equal(us->base, "USD");
    assert_string_equal(uk->base, "GBP");
    const struct policy_row *billing = policy_find_row(us, "BILLING", "US01");
    static const int64_t ends[] = {20000, 250000, 2500000, 10000000, 50000000};
    static const uint16_t levels[] = {0x00, 0x01, 0x03, 0x07, 0x0F, 0x1F};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(row_levels(billing, ends[i]), levels[i]);
        assert_int_equal(row_levels(billing, ends[i] + 1), levels[i + 1]);
    }
    static const char *const reasons[] = {"DISCOUNT", "FREIGHT", "GOODWILL", "BAD_DEBT", "RETURNS"};
    for (size_t i = 0; i < 5; i++) {
        const struct policy_reason *reason = policy_find_reason(uk, reasons[i]);
        assert_non_null(reason);
        assert_int_equal(reason->evidence_count, 1);
        assert_string_equal(reason->evidence[0], "lines");
    }
    assert_non_null(policy_find_tax(uk, "VAT20"));
    assert_non_null(policy_find_tax(us, "SALES_TAX"));
    /* 20 December 2010 in London is in the fiscal year that ends in March 2011. */
    int32_t day = 0;
    assert_int_equal(date_parse("2010-12-20", 10, &day, NULL), STATUS_OK);
    assert_int_equal(entity_fiscal_year(policy_find_entity(uk, "UK01"), day), 2011);
    policy_free(us);
    policy_free(uk);
}

/* No easier credit on account than on an invoice, and no easier way to undo than to do: at every tier of every row. */
static void shipped_rows_are_as_strict_as_meant(void **state)
{
    (void)state;
    struct policy *us = shipped_policy("controls/policies/us.yaml");
    const struct policy_row *on_account = policy_find_row(us, "ON_ACCOUNT", "US01");
    const struct policy_row *billing = policy_find_row(us, "BILLING", "US01");
    const struct policy_row *reversal = policy_find_row(us, "REVERSAL", "US01");
    for (size_t i = 0; i < us->row_count; i++) {
        const struct policy_row *row = &us->rows[i];
        for (size_t k = 0; k + 1 < row->tier_count; k++) {
            int64_t edges[] = {row->tiers[k].upto_minor, row->tiers[k].upto_minor + 1};
            for (int e = 0; e < 2; e++) {
                assert_int_equal(row_levels(billing, edges[e]) & ~row_levels(on_account, edges[e]), 0);
                if (strcmp(row->row, "LIMIT") != 0)
                    assert_int_equal(row_levels(row, edges[e]) & ~row_levels(reversal, edges[e]), 0);
            }
        }
    }
    policy_free(us);
}

/* The part of a YAML text that belongs to a top-level key: from its line to the next that begins with a letter. */
static const char *block_of(const char *text, const char *key, size_t *ret_length)
{
    size_t key_length = strlen(key);
    for (const char *at = text; *at != '\0';) {
        const char *end = strchr(at, '\n');
        if (strncmp(at, key, key_length) == 0 && at[key_length] == ':') {
            const char *stop = end + 1;
            while (*stop != '\0' && !(*stop >= 'a' && *stop <= 'z'))
                stop = strchr(stop, '\n') + 1;
            *ret_length = (size_t)(stop - at);
            return at;
        }
        at = end + 1;
    }
    *ret_length = 0;
    return NULL;
}

/* The complete example with the blocks of another one in the place of its own. */
static size_t example_join(const char *complete, const char *part, char text[static TEXT_ROOM])
{
    static const char *const keys[] = {"name",      "base_currency", "entities",   "accounts",
                                       "postings",  "taxes",         "roles",      "duties",
                                       "conflicts", "authority",     "reasons",    "cumulative",
                                       "approval",  "bots",          "parameters", "break_glass",
                                       "releases",  "verification",  "exclusive",  "public_email_domains"};
    size_t used = 0;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        size_t length = 0;
        const char *block = block_of(part, keys[i], &length);
        if (block == NULL)
            block = block_of(complete, keys[i], &length);
        if (block != NULL)
            used += (size_t)snprintf(text + used, TEXT_ROOM - used, "%.*s", (int)length, block);
    }
    return used;
}

static void examples_of_the_manual_compile(void **state)
{
    (void)state;
    static const char fence[] = "```yaml\n";
    size_t length = 0;
    char *manual = vector_file("controls/POLICY.md", &length);
    char *complete = NULL;
    size_t examples = 0;
    for (char *at = strstr(manual, fence); at != NULL; at = strstr(at, fence)) {
        at += sizeof fence - 1;
        char *end = strstr(at, "```");
        assert_non_null(end);
        *end = '\0';
        char text[TEXT_ROOM];
        if (complete == NULL)
            complete = at;
        size_t used = example_join(complete, at, text);
        assert_true(used > 0);
        /* A block that no key claims would be an example that nobody runs. */
        size_t claimed = example_join(at, at, text);
        size_t blank = 0;
        while (at[blank] == '\n')
            blank++;
        assert_int_equal(claimed, strlen(at) - blank);
        used = example_join(complete, at, text);
        found_exactly(text, used, "");
        examples++;
        at = end + 1;
    }
    assert_true(examples >= 13);
    free(manual);
}

/* Every zone of the manual is known, and every zone known is in the manual. */
static void zones_of_the_manual_are_those_there_are(void **state)
{
    (void)state;
    struct zone_change changes[ZONE_CHANGES_MAX];
    size_t length = 0;
    size_t known = 0;
    char *manual = vector_file("controls/POLICY.md", &length);
    for (; zone_name(known) != NULL; known++) {
        char quoted[64];
        snprintf(quoted, sizeof quoted, "`%s`", zone_name(known));
        if (strstr(manual, quoted) == NULL)
            fail_msg("%s is not in POLICY.md", zone_name(known));
    }
    assert_int_equal(known, 32);
    assert_int_equal(zone_changes("Europe/Nowhere", changes), 0);
    free(manual);
}

static void zones_change_when_they_do(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *from;
        int minutes;
    } cases[] = {
        {"Europe/London", "2026-03-29T01:00:00.000Z", 60},
        {"Europe/London", "2026-10-25T01:00:00.000Z", 0},
        {"Europe/London", "2010-10-31T01:00:00.000Z", 0},
        {"Europe/Berlin", "2000-03-26T01:00:00.000Z", 120},
        {"Europe/Berlin", "2050-10-30T01:00:00.000Z", 60},
        {"Europe/Athens", "2024-03-31T01:00:00.000Z", 180},
        {"America/New_York", "2006-04-02T07:00:00.000Z", -240},
        {"America/New_York", "2006-10-29T06:00:00.000Z", -300},
        {"America/New_York", "2007-03-11T07:00:00.000Z", -240},
        {"America/New_York", "2007-11-04T06:00:00.000Z", -300},
        {"America/Los_Angeles", "2026-03-08T10:00:00.000Z", -420},
        {"Asia/Manila", "1970-01-01T00:00:00.000Z", 480},
        {"UTC", "1970-01-01T00:00:00.000Z", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct zone_change changes[ZONE_CHANGES_MAX];
        size_t count = zone_changes(cases[i].zone, changes);
        int64_t from = 0;
        bool found = false;
        assert_int_equal(instant_parse(cases[i].from, strlen(cases[i].from), &from, NULL), STATUS_OK);
        for (size_t k = 0; k < count; k++)
            found = found || (changes[k].from_ms == from && changes[k].minutes == cases[i].minutes);
        if (!found)
            fail_msg("%s %s", cases[i].zone, cases[i].from);
    }
    struct zone_change changes[ZONE_CHANGES_MAX];
    assert_int_equal(zone_changes("Asia/Tokyo", changes), 1);
    assert_int_equal(zone_changes("Europe/Paris", changes), ZONE_CHANGES_MAX);
}

static void nearest_word_is_near(void **state)
{
    (void)state;
    static const char *const words[] = {"never", "document", "mitigated"};
    assert_string_equal(nearest_name("nevre", words, 3), "never");
    assert_string_equal(nearest_name("documents", words, 3), "document");
    assert_string_equal(nearest_name("mitgated", words, 3), "mitigated");
    static const char *const spans[] = {"by", "span"};
    assert_string_equal(nearest_name("spna", spans, 2), "span"); /* one swap, not two replacements */
    assert_null(nearest_name("spxx", spans, 2));
    assert_null(nearest_name("something", words, 3));
    assert_null(nearest_name("", words, 3));
    char giant[200];
    memset(giant, 'n', sizeof giant - 1);
    giant[sizeof giant - 1] = '\0';
    assert_null(nearest_name(giant, words, 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_policy_compiles_to_these_bytes),
        cmocka_unit_test(line_and_caret_stand_under_the_place),
        cmocka_unit_test(columns_count_characters_and_bad_bytes_are_masked),
        cmocka_unit_test(filter_keeps_the_parser_safe),
        cmocka_unit_test(size_is_bounded),
        cmocka_unit_test(compiled_size_is_bounded),
        cmocka_unit_test(yaml_beyond_the_subset_is_refused),
        cmocka_unit_test(many_values_and_keys_are_bounded),
        cmocka_unit_test(shape_errors_name_their_place),
        cmocka_unit_test(meaning_errors_lead_back_to_the_file),
        cmocka_unit_test(sorting_keeps_the_places),
        cmocka_unit_test(order_in_the_file_has_no_meaning),
        cmocka_unit_test(findings_are_bounded_and_need_no_listener),
        cmocka_unit_test(shipped_policies_compile),
        cmocka_unit_test(shipped_rows_are_as_strict_as_meant),
        cmocka_unit_test(examples_of_the_manual_compile),
        cmocka_unit_test(zones_of_the_manual_are_those_there_are),
        cmocka_unit_test(zones_change_when_they_do),
        cmocka_unit_test(nearest_word_is_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
