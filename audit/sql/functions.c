/*
 * What SQL lacks for a ledger: exact decimal text of amounts, and days and times of an entity's calendar by the policy
 * that was in force. All are pure, for SQLite may call them in any order. A bad argument is an error of the question, a
 * NULL gives NULL.
 */
#include <stdio.h>
#include <string.h>

#include "audit/sql/parts.h"
#include "controls/duties.h"
#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/sshkey.h"

enum { TIME_TEXT_AT = 11, TIME_TEXT_CHARS = 12 }; /* HH:MM:SS.mmm in an instant's text */

static const char *argument_text(sqlite3_value *value)
{
    return sqlite3_value_type(value) == SQLITE_TEXT ? (const char *)sqlite3_value_text(value) : NULL;
}

static bool any_null(int count, sqlite3_value **values)
{
    for (int i = 0; i < count; i++)
        if (sqlite3_value_type(values[i]) == SQLITE_NULL)
            return true;
    return false;
}

static void answer_text(sqlite3_context *context, const char *text, size_t length)
{
    sqlite3_result_text64(context, text, length, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/* amount_text(minor, currency) */
static void amount_text(sqlite3_context *context, int count, sqlite3_value **values)
{
    char text[MONEY_TEXT_MAX];
    if (any_null(count, values))
        return;
    const char *currency = argument_text(values[1]);
    int digits = currency != NULL ? currency_digits(currency) : -1;
    if (digits < 0 || sqlite3_value_type(values[0]) != SQLITE_INTEGER || sqlite3_value_int64(values[0]) == INT64_MIN) {
        sqlite3_result_error(context, "amount_text: minor units and their currency are asked", -1);
        return;
    }
    money_format(sqlite3_value_int64(values[0]), digits, text);
    answer_text(context, text, strlen(text));
}

/* minor(amount, currency): the other way, for filling the tables. */
static void minor(sqlite3_context *context, int count, sqlite3_value **values)
{
    int64_t answer;
    if (any_null(count, values))
        return;
    const char *text = argument_text(values[0]), *currency = argument_text(values[1]);
    int digits = currency != NULL ? currency_digits(currency) : -1;
    if (text == NULL || digits < 0 || money_parse(text, strlen(text), digits, &answer, NULL) != STATUS_OK)
        sqlite3_result_error(context, "minor: an amount and its currency are asked", -1);
    else
        sqlite3_result_int64(context, answer);
}

/* An instant and the entity's calendar then; UTC where the policy has no such entity. */
static bool local_read(sqlite3_context *context, sqlite3_value **values, int64_t *ret_ms, int32_t *ret_days)
{
    const char *text = argument_text(values[0]), *code = argument_text(values[1]);
    int64_t ms;
    if (text == NULL || instant_parse(text, strlen(text), &ms, NULL) != STATUS_OK) {
        sqlite3_result_error(context, "an instant in UTC is asked, as in 2026-07-01T09:30:00.000Z", -1);
        return false;
    }
    const struct policy_entity *entity = sql_entity_at(sqlite3_user_data(context), ms, code);
    *ret_ms = ms;
    *ret_days = entity != NULL ? entity_date(entity, ms) : date_from_instant(ms, 0);
    if (entity != NULL)
        for (size_t i = entity->offset_count; i > 0; i--)
            if (entity->offsets[i - 1].from_ms <= ms || i == 1) {
                *ret_ms = ms + (int64_t)entity->offsets[i - 1].minutes * 60000;
                break;
            }
    return true;
}

static void local_day(sqlite3_context *context, int count, sqlite3_value **values)
{
    char text[DATE_TEXT_BYTES];
    int64_t ms;
    int32_t days;
    if (sqlite3_value_type(values[0]) == SQLITE_NULL || count != 2 || !local_read(context, values, &ms, &days))
        return;
    date_format(days, text);
    answer_text(context, text, strlen(text));
}

static void local_time(sqlite3_context *context, int count, sqlite3_value **values)
{
    char text[INSTANT_TEXT_BYTES];
    int64_t ms;
    int32_t days;
    if (sqlite3_value_type(values[0]) == SQLITE_NULL || count != 2 || !local_read(context, values, &ms, &days))
        return;
    instant_format(ms < 0 ? 0 : ms > INSTANT_MAX ? INSTANT_MAX : ms, text);
    answer_text(context, text + TIME_TEXT_AT, TIME_TEXT_CHARS);
}

/* The days of a date, or of the date part of an instant. */
static bool days_read(sqlite3_context *context, sqlite3_value *value, int32_t *ret_days)
{
    const char *text = argument_text(value);
    if (text != NULL && strlen(text) >= DATE_TEXT_BYTES - 1 &&
        (text[DATE_TEXT_BYTES - 1] == '\0' || text[DATE_TEXT_BYTES - 1] == 'T') &&
        date_parse(text, DATE_TEXT_BYTES - 1, ret_days, NULL) == STATUS_OK)
        return true;
    sqlite3_result_error(context, "a date is asked, as in 2026-07-01", -1);
    return false;
}

static void day_number(sqlite3_context *context, int count, sqlite3_value **values)
{
    int32_t days;
    if (!any_null(count, values) && days_read(context, values[0], &days))
        sqlite3_result_int(context, days);
}

static void weekday(sqlite3_context *context, int count, sqlite3_value **values)
{
    int32_t days;
    if (!any_null(count, values) && days_read(context, values[0], &days))
        sqlite3_result_int(context, date_weekday(days));
}

/* Calendars of a day: the policy in force when that day begins in UTC, near enough for holidays and fiscal years. */
static const struct policy_entity *entity_of_day(sqlite3_context *context, sqlite3_value *value, int32_t days)
{
    return sql_entity_at(sqlite3_user_data(context), date_begins(days, 0), argument_text(value));
}

static void fiscal_year(sqlite3_context *context, int count, sqlite3_value **values)
{
    int32_t days;
    if (any_null(count, values) || !days_read(context, values[0], &days))
        return;
    const struct policy_entity *entity = entity_of_day(context, values[1], days);
    char text[16];
    snprintf(text, sizeof text, "%d", entity != NULL ? entity_fiscal_year(entity, days) : date_split(days).year);
    answer_text(context, text, strlen(text));
}

/* fiscal_period(day, entity): "M1" .. "M12", months of the fiscal year. */
static void fiscal_period(sqlite3_context *context, int count, sqlite3_value **values)
{
    int32_t days;
    if (any_null(count, values) || !days_read(context, values[0], &days))
        return;
    const struct policy_entity *entity = entity_of_day(context, values[1], days);
    int first = entity != NULL ? entity->fiscal_month : 1;
    char text[16];
    snprintf(text, sizeof text, "M%d", (date_split(days).month - first + 12) % 12 + 1);
    answer_text(context, text, strlen(text));
}

static void business_day(sqlite3_context *context, int count, sqlite3_value **values)
{
    int32_t days;
    if (any_null(count, values) || !days_read(context, values[0], &days))
        return;
    const struct policy_entity *entity = entity_of_day(context, values[1], days);
    sqlite3_result_int(context, entity != NULL ? entity_business_day(entity, days) : date_weekday(days) <= 5);
}

/* duty_floor(function, function): the floor that keeps them apart, NULL where none does. */
static void duty_floor(sqlite3_context *context, int count, sqlite3_value **values)
{
    if (any_null(count, values))
        return;
    const char *a = argument_text(values[0]), *b = argument_text(values[1]);
    const char *floor = a != NULL && b != NULL ? duties_floor(a, b) : NULL;
    if (floor != NULL)
        answer_text(context, floor, strlen(floor));
}

/* key_text(key, n): part n of a key of the books, from 0. For filling the tables. */
static void key_text(sqlite3_context *context, int count, sqlite3_value **values)
{
    const char *key = sqlite3_value_blob(values[0]);
    size_t length = (size_t)sqlite3_value_bytes(values[0]), at = 0;
    (void)count;
    for (int left = sqlite3_value_int(values[1]); left > 0 && at < length; left--) {
        const char *zero = memchr(key + at, 0, length - at);
        at = zero != NULL ? (size_t)(zero - key) + 1 : length;
    }
    const char *end = at < length ? memchr(key + at, 0, length - at) : NULL;
    answer_text(context, at < length ? key + at : "",
                at < length ? (end != NULL ? (size_t)(end - key) : length) - at : 0);
}

/* key_number(key, n): the number in the 8 bytes that begin n bytes before the end of the key. */
static void key_number(sqlite3_context *context, int count, sqlite3_value **values)
{
    const uint8_t *key = sqlite3_value_blob(values[0]);
    int length = sqlite3_value_bytes(values[0]), from_end = sqlite3_value_int(values[1]);
    uint64_t number = 0;
    (void)count;
    if (from_end < 8 || from_end > length) {
        sqlite3_result_error(context, "key_number: the key is too short", -1);
        return;
    }
    for (int i = 0; i < 8; i++)
        number = number << 8 | key[length - from_end + i];
    sqlite3_result_int64(context, (sqlite3_int64)number);
}

/* convert(minor, currency, into, rate): at a rate of units of `into` for one of currency, as FORMAT.md 6.6 rounds. */
static void convert(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct money_rate rate = {.trillionths = 0};
    int64_t answer;
    if (any_null(count, values))
        return;
    const char *from = argument_text(values[1]), *into = argument_text(values[2]), *text = argument_text(values[3]);
    rate.digits_from = from != NULL ? currency_digits(from) : -1;
    rate.digits_to = into != NULL ? currency_digits(into) : -1;
    if (rate.digits_from < 0 || rate.digits_to < 0 || text == NULL ||
        money_parse_rate(text, strlen(text), &rate.trillionths, NULL) != STATUS_OK ||
        money_convert(sqlite3_value_int64(values[0]), &rate, &answer, NULL) != STATUS_OK)
        sqlite3_result_error(context, "convert: an amount, two currencies and a rate are asked", -1);
    else
        sqlite3_result_int64(context, answer);
}

/* key_fingerprint(key): as ssh-keygen -l prints it. */
static void key_fingerprint(sqlite3_context *context, int count, sqlite3_value **values)
{
    char text[SSHKEY_FINGERPRINT_CHARS + 1];
    struct public_key key;
    const char *given = argument_text(values[0]);
    if (count != 1 || given == NULL || sshkey_parse(given, &key, NULL) != STATUS_OK) {
        sqlite3_result_error(context, "key_fingerprint: a key is asked", -1);
        return;
    }
    sshkey_fingerprint(&key, text);
    answer_text(context, text, strlen(text));
}

/* currency_digits(currency) */
static void digits_of(sqlite3_context *context, int count, sqlite3_value **values)
{
    const char *currency = argument_text(values[0]);
    int digits = count == 1 && currency != NULL ? currency_digits(currency) : -1;
    if (digits < 0)
        sqlite3_result_error(context, "currency_digits: a currency is asked", -1);
    else
        sqlite3_result_int(context, digits);
}

enum status sql_functions_add(struct sql *sql, struct err *err)
{
    static const struct {
        const char *name;
        int arguments;
        void (*function)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {
        {"amount_text", 2, amount_text},   {"minor", 2, minor},
        {"local_day", 2, local_day},       {"local_time", 2, local_time},
        {"day_number", 1, day_number},     {"weekday", 1, weekday},
        {"fiscal_year", 2, fiscal_year},   {"fiscal_period", 2, fiscal_period},
        {"convert", 4, convert},           {"business_day", 2, business_day},
        {"duty_floor", 2, duty_floor},     {"key_text", 2, key_text},
        {"key_number", 2, key_number},     {"key_fingerprint", 1, key_fingerprint},
        {"currency_digits", 1, digits_of},
    };
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        int code = sqlite3_create_function_v2(sql->db, functions[i].name, functions[i].arguments,
                                              SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, sql,
                                              functions[i].function, NULL, NULL, NULL);
        if (code != SQLITE_OK)
            return sql_fail(sql, code, functions[i].name, err);
    }
    return STATUS_OK;
}
