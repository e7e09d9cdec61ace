/*
 * Rows, column by column by name. The inserts are made from the schema itself, so that a column that is renamed there is
 * found here at once. A value that cannot be had is noted and said when the row is put.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/sql/parts.h"
#include "ledger/canon.h"
#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"

enum { INSERT_BYTES_MAX = 4096, COLUMN_BYTES = 32, LIST_BYTES_MAX = 256, FILL_AMOUNT = -1 };

static const struct {
    const char *table;
    const char *verb;
} inserts[SQL_INSERTS] = {
    [SQL_ENTRY] = {"entry", "INSERT"},
    [SQL_SIGNATURE] = {"signature", "INSERT"},
    [SQL_VERSION] = {"version", "INSERT"},
    [SQL_ACT] = {"act", "INSERT"},
    [SQL_ANSWER] = {"answer", "INSERT"},
    [SQL_LINE] = {"line", "INSERT"},
    [SQL_DOCUMENT] = {"document", "INSERT"},
    [SQL_MAKER] = {"maker", "INSERT OR IGNORE"}, /* one who amended twice is one maker */
    [SQL_LINK] = {"link", "INSERT OR IGNORE"},
    [SQL_EVIDENCE] = {"evidence", "INSERT"},
    [SQL_ALLOCATION] = {"allocation", "INSERT"},
    [SQL_CHECKPOINT] = {"checkpoint", "INSERT"},
    [SQL_BOOK] = {"book", "INSERT"},
    [SQL_FED] = {"fed", "INSERT OR REPLACE"}, /* orders and acknowledgements come again */
    [SQL_STAGED] = {"staged", "INSERT"},
    [SQL_FILE] = {"feed_file", "INSERT OR REPLACE"},
};

/* Columns that the database itself looks up. */
static const struct {
    const char *table, *column, *expression;
} looked_up[] = {
    {"document", "customer_group",
     "(SELECT customer_group FROM customer WHERE entity = :entity AND customer = :customer)"},
    {"feed_file", "first_seq",
     "CASE :part WHEN 1 THEN :seq ELSE (SELECT first_seq FROM feed_file WHERE entity = :entity AND feed = :feed AND "
     "sequence = :sequence) END"},
};

static void column_add(char text[static INSERT_BYTES_MAX], const char *table, const char *column, bool first)
{
    size_t used = strlen(text);
    for (size_t i = 0; i < sizeof looked_up / sizeof looked_up[0]; i++)
        if (strcmp(looked_up[i].table, table) == 0 && strcmp(looked_up[i].column, column) == 0) {
            snprintf(text + used, INSERT_BYTES_MAX - used, "%s%s", first ? "" : ",", looked_up[i].expression);
            return;
        }
    snprintf(text + used, INSERT_BYTES_MAX - used, "%s:%s", first ? "" : ",", column);
}

static enum status insert_prepare(struct sql_build *build, enum sql_insert which, struct err *err)
{
    struct sql *sql = build->sql;
    const char *table = inserts[which].table;
    char text[INSERT_BYTES_MAX];
    sqlite3_stmt *columns = NULL;
    bool first = true;
    int code = sqlite3_prepare_v2(sql->db, "SELECT name FROM pragma_table_info(?1)", -1, &columns, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_bind_text(columns, 1, table, -1, SQLITE_STATIC);
    snprintf(text, sizeof text, "%s INTO %s VALUES(", inserts[which].verb, table);
    for (; code == SQLITE_OK && (code = sqlite3_step(columns)) == SQLITE_ROW; first = false) {
        const char *column = (const char *)sqlite3_column_text(columns, 0);
        code = column != NULL ? SQLITE_OK : SQLITE_NOMEM;
        if (column != NULL)
            column_add(text, table, column, first);
    }
    (void)sqlite3_finalize(columns);
    if (code != SQLITE_DONE)
        return sql_fail(sql, code, table, err);
    size_t used = strlen(text);
    invariant(!first && used + 2 < sizeof text);
    snprintf(text + used, sizeof text - used, ")");
    code = sqlite3_prepare_v2(sql->db, text, -1, &build->inserts[which], NULL);
    return code == SQLITE_OK ? STATUS_OK : sql_fail(sql, code, table, err);
}

enum status fill_prepare(struct sql_build *build, struct err *err)
{
    sqlite3 *db = build->sql->db;
    enum status status = STATUS_OK;
    for (int which = 0; status == STATUS_OK && which < SQL_INSERTS; which++)
        status = insert_prepare(build, (enum sql_insert)which, err);
    if (status != STATUS_OK)
        return status;
    int code =
        sqlite3_prepare_v2(db,
                           "INSERT OR REPLACE INTO fed SELECT feed, entity, id, :seq, :time, :user, :currency, record "
                           "FROM staged WHERE feed = :feed AND entity = :entity",
                           -1, &build->staged_take, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(db, "DELETE FROM staged WHERE feed = :feed AND entity = :entity", -1,
                                  &build->staged_clear, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(db, "UPDATE act SET counts = 1 WHERE seq = :seq AND idx = :idx", -1,
                                  &build->act_counts, NULL);
    return code == SQLITE_OK ? STATUS_OK : sql_fail(build->sql, code, "preparing the tables", err);
}

void fill_done(struct sql_build *build)
{
    for (int which = 0; which < SQL_INSERTS; which++)
        (void)sqlite3_finalize(build->inserts[which]);
    (void)sqlite3_finalize(build->staged_take);
    (void)sqlite3_finalize(build->staged_clear);
    (void)sqlite3_finalize(build->act_counts);
}

struct sql_fill fill_begin(struct sql_build *build, enum sql_insert which)
{
    return fill_of(build, build->inserts[which], inserts[which].table);
}

struct sql_fill fill_of(struct sql_build *build, sqlite3_stmt *statement, const char *what)
{
    (void)sqlite3_reset(statement);
    (void)sqlite3_clear_bindings(statement);
    return (struct sql_fill){.build = build, .statement = statement, .what = what};
}

static int place_of(const struct sql_fill *fill, const char *column)
{
    int place = sqlite3_bind_parameter_index(fill->statement, column);
    invariant(place > 0); /* a column that the schema has not */
    return place;
}

static void code_note(struct sql_fill *fill, int code)
{
    if (fill->code == SQLITE_OK)
        fill->code = code;
}

void fill_text(struct sql_fill *fill, const char *column, const char *text)
{
    int place = place_of(fill, column);
    if (text != NULL)
        code_note(fill, sqlite3_bind_text(fill->statement, place, text, -1, SQLITE_TRANSIENT));
}

void fill_integer(struct sql_fill *fill, const char *column, int64_t integer)
{
    code_note(fill, sqlite3_bind_int64(fill->statement, place_of(fill, column), integer));
}

void fill_member(struct sql_fill *fill, const char *column, const json_t *object, const char *member)
{
    const json_t *value = json_object_get(object, member);
    if (json_is_integer(value))
        fill_integer(fill, column, json_integer_value(value));
    else
        fill_text(fill, column, json_string_value(value));
}

void fill_members(struct sql_fill *fill, const json_t *object, const char *members)
{
    char column[COLUMN_BYTES];
    for (const char *at = members; *at != '\0'; at += strspn(at, " ")) {
        const size_t length = strcspn(at, " ");
        invariant(length + 2 <= sizeof column); /* the names are ours */
        snprintf(column, sizeof column, ":%.*s", (int)length, at);
        fill_member(fill, column, object, column + 1);
        at += length;
    }
}

void fill_amount(struct sql_fill *fill, const char *column, const char *text, const char *currency)
{
    int digits = currency != NULL ? currency_digits(currency) : -1;
    int64_t minor;
    if (text == NULL || currency == NULL)
        return;
    if (digits < 0 || money_parse(text, strlen(text), digits, &minor, NULL) != STATUS_OK)
        code_note(fill, FILL_AMOUNT);
    else
        fill_integer(fill, column, minor);
}

void fill_json(struct sql_fill *fill, const char *column, const json_t *value)
{
    int place = place_of(fill, column);
    if (value == NULL)
        return;
    char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    code_note(fill, text != NULL ? sqlite3_bind_text(fill->statement, place, text, -1, free) : SQLITE_NOMEM);
}

void fill_list(struct sql_fill *fill, const char *column, const json_t *list)
{
    char text[LIST_BYTES_MAX] = "";
    size_t used = 0;
    if (list == NULL)
        return;
    for (size_t i = 0; i < json_array_size(list); i++) {
        int wrote = snprintf(text + used, sizeof text - used, "%s%lld", i > 0 ? "," : "",
                             (long long)json_integer_value(json_array_get(list, i)));
        if (wrote < 0 || (size_t)wrote >= sizeof text - used) {
            code_note(fill, SQLITE_TOOBIG);
            return;
        }
        used += (size_t)wrote;
    }
    fill_text(fill, column, text);
}

void fill_time(struct sql_fill *fill, const char *column, int64_t time_ms)
{
    char text[INSTANT_TEXT_BYTES];
    instant_format(time_ms, text);
    fill_text(fill, column, text);
}

void fill_hash(struct sql_fill *fill, const char *column, const struct hash *hash)
{
    char hex[HASH_HEX_CHARS + 1];
    hash_to_hex(hash, hex);
    fill_text(fill, column, hex);
}

enum status fill_end(struct sql_fill *fill, struct err *err)
{
    if (fill->code == FILL_AMOUNT)
        return err_set(err, STATUS_CORRUPT, "table %s: an amount is not of its currency; audit verify says more",
                       fill->what);
    if (fill->code != SQLITE_OK)
        return sql_fail(fill->build->sql, fill->code, fill->what, err);
    int code = sqlite3_step(fill->statement);
    (void)sqlite3_reset(fill->statement);
    return code == SQLITE_DONE ? STATUS_OK : sql_fail(fill->build->sql, code, fill->what, err);
}
