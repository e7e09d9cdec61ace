/*
 * Audit Data Standards: reads which files there are and how each is asked for from audit/embed/ads.sql, writes header and rows,
 * and adds up what the manifest says. A cell that holds the delimiter or a quote is quoted as RFC 4180 has it; one that a
 * spreadsheet would run as a formula gets a ' in front, unless it is a plain number; nothing is ever cut.
 */
#include "audit/export/ads.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/embed.h"
#include "audit/sql/sql.h"
#include "ledger/checksum.h"
#include "ledger/currency.h"
#include "ledger/hash.h"
#include "ledger/money.h"
#include "ledger/signer.h"
#include "ledger/sshkey.h"
#include "ledger/sshsig.h"

enum { NAME_BYTES = 128, ID_TEXT_MAX = 100, WORD_BYTES = 64, FILE_FIELDS = 5 };

static const char file_mark[] = "-- @file ";

struct ads {
    struct sql *sql;
    const struct ads_folder *folder;
    const struct audit_period *period;
    const struct ads_ask *ask;
    char entity[WORD_BYTES];
    char opening[DATE_TEXT_BYTES]; /* the day before the period */
    json_t *files;                 /* of the manifest */
};

/* One file while it is written. */
struct ads_file {
    struct ads *ads;
    char name[NAME_BYTES];
    char fields[FILE_FIELDS][WORD_BYTES]; /* of its mark: name, time, sum, currency, indicator */
    struct export_sink sink;
    struct hash_stream hash;
    uint64_t rows;
    size_t sum, currency, indicator; /* columns; SIZE_MAX: none */
    json_t *sums;                    /* "USD" or "USD D" -> minor units */
};

static enum status put(struct ads_file *file, const char *text, size_t length, struct err *err)
{
    hash_stream_add(&file->hash, slice_of(text, length));
    return file->sink.write(file->sink.context, slice_of(text, length), err);
}

static bool is_number(const char *text)
{
    const char *at = text + (text[0] == '-');
    size_t whole = strspn(at, "0123456789");
    at += whole;
    if (whole > 0 && *at == '.')
        at += 1 + strspn(at + 1, "0123456789");
    return whole > 0 && *at == '\0' && at[-1] != '.';
}

static bool is_formula(const char *text)
{
    static const char *const wide[] = {"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"}; /* = + - @ */
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        if (strncmp(text, wide[i], 3) == 0)
            return true;
    return text[0] != '\0' && strchr("=+-@\t\r\n", text[0]) != NULL && !is_number(text);
}

static enum status cell_put(struct ads_file *file, const char *text, struct err *err)
{
    size_t length = strlen(text);
    bool quoted = strpbrk(text, "|\"\r\n") != NULL || (length > 0 && (text[0] == ' ' || text[length - 1] == ' '));
    enum status status = quoted ? put(file, "\"", 1, err) : STATUS_OK;
    if (status == STATUS_OK && is_formula(text))
        status = put(file, "'", 1, err);
    for (const char *at = text; status == STATUS_OK && *at != '\0';) {
        size_t run = strcspn(at, "\"");
        status = put(file, at, run, err);
        at += run;
        if (status == STATUS_OK && *at == '"') {
            status = put(file, "\"\"", 2, err);
            at++;
        }
    }
    return status == STATUS_OK && quoted ? put(file, "\"", 1, err) : status;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static enum status sum_add(struct ads_file *file, const struct sql_row *row, struct err *err)
{
    char key[WORD_BYTES];
    int64_t minor, total;
    if (file->sum == SIZE_MAX || row->cells[file->sum].type != SQL_TEXT)
        return STATUS_OK;
    const char *text = row->cells[file->sum].text, *currency = row->cells[file->currency].text;
    const char *side = file->indicator != SIZE_MAX ? row->cells[file->indicator].text : NULL;
    int digits = currency != NULL ? currency_digits(currency) : -1;
    if (digits < 0)
        return err_set(err, STATUS_CORRUPT, "%s: an amount has no currency", file->name);
    snprintf(key, sizeof key, "%s%s%s", currency, side != NULL ? " " : "", side != NULL ? side : "");
    enum status status = money_parse(text, strlen(text), digits, &minor, err);
    if (status == STATUS_OK)
        status = money_add(json_integer_value(json_object_get(file->sums, key)), minor, &total, err);
    if (status == STATUS_OK && json_object_set_new(file->sums, key, json_integer(total)) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory");
    return status;
}

static enum status heads_put(void *context, const struct sql_row *row, bool *ret_more, struct err *err)
{
    struct ads_file *file = context;
    enum status status = STATUS_OK;
    (void)ret_more;
    for (size_t i = 0; status == STATUS_OK && i < row->count; i++) {
        if (strcmp(row->names[i], file->fields[2]) == 0)
            file->sum = i;
        if (strcmp(row->names[i], file->fields[3]) == 0)
            file->currency = i;
        if (strcmp(row->names[i], file->fields[4]) == 0)
            file->indicator = i;
        status = put(file, "|", i > 0, err);
        if (status == STATUS_OK)
            status = put(file, row->names[i], strlen(row->names[i]), err);
    }
    return status == STATUS_OK ? put(file, "\r\n", 2, err) : status;
}

static enum status row_put(void *context, const struct sql_row *row, bool *ret_more, struct err *err)
{
    struct ads_file *file = context;
    enum status status = sum_add(file, row, err);
    (void)ret_more;
    for (size_t i = 0; status == STATUS_OK && i < row->count; i++) {
        const struct sql_cell *cell = &row->cells[i];
        char number[MONEY_TEXT_MAX];
        bool id = ends_with(row->names[i], "_ID") || ends_with(row->names[i], "_Number");
        if (id && cell->type == SQL_TEXT && cell->length > ID_TEXT_MAX)
            return err_set(err, STATUS_LIMIT, "%s: %s of %zu characters; the standard has room for %d", file->name,
                           row->names[i], cell->length, ID_TEXT_MAX);
        status = put(file, "|", i > 0, err);
        if (status == STATUS_OK && cell->type == SQL_INTEGER) {
            snprintf(number, sizeof number, "%lld", (long long)cell->integer);
            status = put(file, number, strlen(number), err);
        } else if (status == STATUS_OK && cell->type == SQL_TEXT) {
            status = cell_put(file, cell->text, err);
        }
    }
    file->rows++;
    return status == STATUS_OK ? put(file, "\r\n", 2, err) : status;
}

static void day_compact(const char *day, char ret_text[static DATE_TEXT_BYTES])
{
    snprintf(ret_text, DATE_TEXT_BYTES, "%.4s%.2s%.2s", day, day + 5, day + 8);
}

static void file_name(struct ads_file *file)
{
    char from[DATE_TEXT_BYTES], to[DATE_TEXT_BYTES], opening[DATE_TEXT_BYTES];
    const char *time = file->fields[1];
    day_compact(file->ads->period->from, from);
    day_compact(file->ads->period->to, to);
    day_compact(file->ads->opening, opening);
    if (strcmp(time, "period") == 0)
        snprintf(file->name, sizeof file->name, "%s_%s_%s", file->fields[0], from, to);
    else
        snprintf(file->name, sizeof file->name, "%s_%s", file->fields[0], strcmp(time, "begin") == 0 ? opening : to);
}

/* The sums as exact text, by currency and side. */
static json_t *sums_text(const json_t *sums)
{
    json_t *texts = json_object();
    const char *key;
    json_t *minor;
    json_object_foreach((json_t *)(uintptr_t)sums, key, minor)
    {
        char currency[CURRENCY_CODE_BYTES], text[MONEY_TEXT_MAX];
        snprintf(currency, sizeof currency, "%s", key);
        money_format(json_integer_value(minor), currency_digits(currency), text);
        (void)json_object_set_new(texts, key, json_string(text));
    }
    return texts;
}

static enum status file_note(struct ads_file *file, struct err *err)
{
    struct hash hash;
    char hex[HASH_HEX_CHARS + 1];
    hash_stream_end(&file->hash, &hash);
    hash_to_hex(&hash, hex);
    json_t *note = json_pack("{s:s, s:I, s:s}", "file", file->name, "rows", (json_int_t)file->rows, "sha256", hex);
    if (note != NULL && file->fields[2][0] != '\0')
        (void)json_object_set_new(note, "sums",
                                  json_pack("{s:s, s:o}", "column", file->fields[2], "totals", sums_text(file->sums)));
    return json_array_append_new(file->ads->files, note) == 0 ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
}

static enum status file_write(struct ads *ads, struct ads_file *file, const char *text, struct err *err)
{
    const char *asof = strcmp(file->fields[1], "begin") == 0 ? ads->opening : ads->period->to;
    const struct sql_binding bindings[] = {{":entity", sql_text(ads->entity)},
                                           {":from", sql_text(ads->period->from)},
                                           {":to", sql_text(ads->period->to)},
                                           {":asof", sql_text(asof)},
                                           {.name = NULL}};
    const struct sql_question question = {
        .text = text, .bindings = bindings, .step = row_put, .heads = heads_put, .context = file};
    file->ads = ads;
    file->sum = file->currency = file->indicator = SIZE_MAX;
    file_name(file);
    hash_stream_init(&file->hash);
    file->sums = json_object();
    if (file->sums == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    enum status status = ads->folder->open(ads->folder->context, file->name, &file->sink, err);
    if (status == STATUS_OK) {
        status = sql_query(ads->sql, &question, err);
        if (status != STATUS_OK)
            err_prefix(err, "%s: ", file->name);
        status = ads->folder->close(ads->folder->context, status, err);
    }
    if (status == STATUS_OK)
        status = file_note(file, err);
    json_decref(file->sums);
    return status;
}

/* The words of a mark: "-- @file NAME TIME [SUM CURRENCY [INDICATOR]]". Returns what follows its line. */
static const char *mark_read(const char *at, struct ads_file *ret_file)
{
    *ret_file = (struct ads_file){.rows = 0};
    at += strlen(file_mark);
    for (size_t i = 0; i < FILE_FIELDS && *at != '\n'; i++) {
        size_t length = strcspn(at, " \n");
        invariant(length < WORD_BYTES);
        memcpy(ret_file->fields[i], at, length);
        at += length + (at[length] == ' ');
    }
    return at + strcspn(at, "\n") + 1;
}

/* Each file of ads.sql; marks that stand one under the other share the question below them. */
static enum status files_write(struct ads *ads, const char *text, struct err *err)
{
    enum status status = STATUS_OK;
    for (const char *at = strstr(text, file_mark); status == STATUS_OK && at != NULL;) {
        struct ads_file file;
        const char *after = mark_read(at, &file), *from = after;
        while (strncmp(from, file_mark, strlen(file_mark)) == 0)
            from += strcspn(from, "\n") + 1;
        const char *end = strstr(from, ";\n");
        invariant(end != NULL);
        char *question = strndup(from, (size_t)(end - from));
        status = question != NULL ? file_write(ads, &file, question, err) : err_set(err, STATUS_MEMORY, "no memory");
        free(question);
        at = strstr(after, file_mark);
    }
    return status;
}

static enum status tie_step(void *context, const struct sql_row *row, bool *ret_more, struct err *err)
{
    json_t *ties = context, *tie = json_object();
    (void)ret_more;
    for (size_t i = 0; i < row->count; i++)
        if (row->cells[i].type == SQL_TEXT &&
            json_object_set_new(tie, row->names[i], json_string(row->cells[i].text)) != 0)
            return err_set(err, STATUS_MEMORY, "no memory");
    if (strcmp(json_string_value(json_object_get(tie, "difference")), "0") != 0)
        return err_set(err, STATUS_CORRUPT, "receivables in %s do not tie out: %s minor units are unexplained",
                       json_string_value(json_object_get(tie, "currency")),
                       json_string_value(json_object_get(tie, "difference")));
    (void)json_object_del(tie, "difference");
    return json_array_append_new(ties, tie) == 0 ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
}

/* Opening receivables, what moved them, and the closing ones, by currency. All movements, later ones too, have to come to what
 * the books themselves keep as the customers' balances. */
static const char tie_question[] =
    "WITH m AS (SELECT currency, CASE WHEN day > :to THEN 'later' WHEN day < :from THEN 'opening' ELSE source END AS "
    "what,"
    " SUM(minor) AS minor FROM receivable_movements WHERE entity = :entity GROUP BY 1, 2),"
    "b AS (SELECT currency, SUM(open_minor + account_minor) AS minor FROM balance WHERE entity = :entity GROUP BY 1),"
    "t AS (SELECT currency, SUM(iif(what = 'opening', minor, 0)) AS opening, SUM(iif(what = 'invoice', minor, 0)) AS "
    "invoices,"
    " SUM(iif(what IN ('receipt', 'application'), minor, 0)) AS cash, SUM(iif(what = 'document', minor, 0)) AS "
    "adjustments,"
    " SUM(minor) AS minor FROM m GROUP BY 1)"
    "SELECT currency, amount_text(opening, currency) AS opening, amount_text(invoices, currency) AS invoices,"
    " amount_text(cash, currency) AS cash, amount_text(adjustments, currency) AS adjustments,"
    " amount_text(opening + invoices + cash + adjustments, currency) AS closing,"
    " CAST(t.minor - coalesce(b.minor, 0) AS TEXT) AS difference"
    " FROM t LEFT JOIN b USING (currency) ORDER BY currency";

static enum status text_step(void *context, const struct sql_row *row, bool *ret_more, struct err *err)
{
    json_t *object = context;
    *ret_more = false;
    for (size_t i = 0; i < row->count; i++) {
        const struct sql_cell *cell = &row->cells[i];
        json_t *value = cell->type == SQL_TEXT      ? json_string(cell->text)
                        : cell->type == SQL_INTEGER ? json_integer(cell->integer)
                                                    : json_null();
        if (json_object_set_new(object, row->names[i], value) != 0)
            return err_set(err, STATUS_MEMORY, "no memory");
    }
    return STATUS_OK;
}

static json_t *signer_json(const struct ads_ask *ask)
{
    char key[PUBLIC_KEY_TEXT_MAX];
    sshkey_format(&ask->signer->key, key);
    return json_pack("{s:s, s:s}", "by", ask->by, "key", key);
}

/* A file of text and its end. */
static enum status text_write(struct ads *ads, const char *name, const char *text, const char *end, struct err *err)
{
    struct export_sink sink;
    enum status status = ads->folder->open(ads->folder->context, name, &sink, err);
    if (status != STATUS_OK)
        return status;
    status = sink.write(sink.context, slice_of(text, strlen(text)), err);
    if (status == STATUS_OK && end[0] != '\0')
        status = sink.write(sink.context, slice_of(end, strlen(end)), err);
    return ads->folder->close(ads->folder->context, status, err);
}

/* Over the bytes that stand in MANIFEST.json: text and a newline. */
static enum status manifest_sign(struct ads *ads, const char *text, struct err *err)
{
    char *bytes = NULL, armour[SSHSIG_ARMOUR_BYTES_MAX], line[SSHKEY_ALLOWED_LINE_MAX];
    uint8_t blob[SSHSIG_BYTES_MAX];
    size_t blob_length = 0;
    const int length = asprintf(&bytes, "%s\n", text);
    if (length < 0)
        return err_set(err, STATUS_MEMORY, "no memory");
    const struct sshsig_message message = {.purpose = SSHSIG_EXPORT, .bytes = bytes, .length = (size_t)length};
    enum status status = sshsig_sign_message(ads->ask->signer, &message, blob, &blob_length, err);
    free(bytes);
    if (status == STATUS_OK) {
        sshsig_armour(blob, blob_length, armour);
        status = text_write(ads, "MANIFEST.json.sig", armour, "", err);
    }
    if (status == STATUS_OK)
        status = sshkey_allowed_under(&ads->ask->signer->key, ads->ask->by, sshsig_namespace(SSHSIG_EXPORT), line, err);
    return status == STATUS_OK ? text_write(ads, "allowed_signers", line, "\n", err) : status;
}

static enum status manifest_write(struct ads *ads, struct err *err)
{
    json_t *manifest =
        json_pack("{s:s, s:s, s:s}", "entity", ads->entity, "from", ads->period->from, "to", ads->period->to);
    json_t *ties = json_array();
    const struct sql_binding bindings[] = {{":entity", sql_text(ads->entity)},
                                           {":from", sql_text(ads->period->from)},
                                           {":to", sql_text(ads->period->to)},
                                           {.name = NULL}};
    const struct sql_question tie = {.text = tie_question, .bindings = bindings, .step = tie_step, .context = ties};
    const struct sql_question book = {
        .text = "SELECT book, name, origin, 0 AS first_entry, size - 1 AS last_entry, head, root, "
                "last_time, release, exe FROM book",
        .step = text_step,
        .context = manifest};
    char *text = NULL;
    enum status status =
        manifest != NULL && ties != NULL ? sql_query(ads->sql, &tie, err) : err_set(err, STATUS_MEMORY, "no memory");
    if (status == STATUS_OK)
        status = sql_query(ads->sql, &book, err);
    if (status == STATUS_OK &&
        (json_object_set(manifest, "files", ads->files) != 0 || json_object_set(manifest, "receivables", ties) != 0 ||
         json_object_set_new(manifest, "signed", signer_json(ads->ask)) != 0 ||
         (text = json_dumps(manifest, JSON_INDENT(1) | JSON_SORT_KEYS)) == NULL))
        status = err_set(err, STATUS_MEMORY, "no memory");
    if (status == STATUS_OK)
        status = text_write(ads, "MANIFEST.json", text, "\n", err);
    if (status == STATUS_OK)
        status = manifest_sign(ads, text, err);
    free(text);
    json_decref(ties);
    json_decref(manifest);
    return status;
}

static enum status entity_choose(struct ads *ads, const char *entity, struct err *err)
{
    json_t *found = json_object();
    int64_t count = 0;
    const struct sql_binding bindings[] = {{":entity", sql_text(entity)}, {.name = NULL}};
    const struct sql_question question = {.text = "SELECT entity FROM entity WHERE entity = :entity OR :entity IS NULL",
                                          .bindings = bindings,
                                          .step = text_step,
                                          .context = found};
    enum status status = sql_number(ads->sql, "SELECT COUNT(*) FROM entity", NULL, &count, err);
    if (status == STATUS_OK && entity == NULL && count > 1)
        status =
            err_set(err, STATUS_INPUT, "the book has %lld entities: which one? give --entity CODE", (long long)count);
    if (status == STATUS_OK)
        status = sql_query(ads->sql, &question, err);
    const char *code = json_string_value(json_object_get(found, "entity"));
    if (status == STATUS_OK && code == NULL)
        status =
            err_set(err, STATUS_NOT_FOUND, "entity %s: the book has none of that name", entity != NULL ? entity : "");
    if (status == STATUS_OK)
        snprintf(ads->entity, sizeof ads->entity, "%s", code);
    json_decref(found);
    return status;
}

enum status ads_write(struct sql *sql, const struct ads_ask *ask, const struct ads_folder *folder, struct err *err)
{
    struct ads ads = {.sql = sql, .folder = folder, .period = ask->period, .ask = ask, .files = json_array()};
    const struct slice file = embed_ads_sql();
    char *text = strndup((const char *)file.bytes, file.length);
    enum status status = text != NULL && ads.files != NULL ? entity_choose(&ads, ask->entity, err)
                                                           : err_set(err, STATUS_MEMORY, "no memory");
    if (status == STATUS_OK) {
        date_format(ask->period->first > 0 ? ask->period->first - 1 : 0, ads.opening);
        status = files_write(&ads, text, err);
    }
    if (status == STATUS_OK)
        status = manifest_write(&ads, err);
    free(text);
    json_decref(ads.files);
    return status;
}
