/*
 * FORMAT.md section 1's scalar types: whether a text is of one. One question for both readers of objects (schema.c by tree,
 * schema_outline.c by bytes), so that neither takes what the other refuses.
 */
#include <string.h>

#include "ledger/base64.h"
#include "ledger/currency.h"
#include "ledger/hash.h"
#include "ledger/instant.h"
#include "ledger/limits.h"
#include "ledger/schema.h"
#include "ledger/sshkey.h"
#include "ledger/text.h"

enum { CURRENCY_CHARS = 3 };

static size_t digits_run(const char *text, size_t length)
{
    size_t run = 0;
    while (run < length && text[run] >= '0' && text[run] <= '9')
        run++;
    return run;
}

/* A decimal: optional '-', digits without leading zeros, optionally a dot and digits. */
static bool is_decimal(const char *text, size_t length, bool positive)
{
    const bool negative = length > 0 && text[0] == '-';
    bool zero = true;
    text += negative;
    length -= negative;
    const size_t whole = digits_run(text, length);
    if (whole == 0 || (whole > 1 && text[0] == '0'))
        return false;
    if (whole < length && (text[whole] != '.' || whole + 1 == length ||
                           digits_run(text + whole + 1, length - whole - 1) != length - whole - 1))
        return false;
    for (size_t i = 0; zero && i < length; i++)
        zero = text[i] == '0' || text[i] == '.';
    return positive ? !negative && !zero : !(negative && zero);
}

static bool is_base64(const char *text, size_t length, int64_t decoded_max)
{
    size_t body = length;
    if (length % 4 != 0)
        return false;
    while (body > 0 && length - body < 2 && text[body - 1] == '=')
        body--;
    for (size_t i = 0; i < body; i++)
        if (!base64_is_digit(text[i]))
            return false;
    return decoded_max <= 0 || (int64_t)(length / 4 * 3) <= decoded_max + 2;
}

static bool is_one_of(const char *const *words, const char *text, size_t length)
{
    for (; *words != NULL; words++)
        if (strncmp(*words, text, length) == 0 && (*words)[length] == '\0')
            return true;
    return false;
}

static bool is_key(const char *text, size_t length)
{
    char copy[PUBLIC_KEY_TEXT_MAX];
    struct public_key key;
    if (length >= sizeof copy)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return sshkey_parse(copy, &key, NULL) == STATUS_OK;
}

static bool is_currency(const char *text, size_t length)
{
    char code[CURRENCY_CHARS + 1] = "";
    if (length != CURRENCY_CHARS)
        return false;
    memcpy(code, text, length);
    return currency_digits(code) >= 0;
}

bool schema_text_holds(const struct field *field, const char *text, size_t length)
{
    struct hash hash;
    int64_t ms;
    int32_t days;
    switch (field->type) {
    case FIELD_TEXT:
        return length <= (field->max > 0 ? (size_t)field->max : NOTE_BYTES_MAX) && length >= (size_t)field->min;
    case FIELD_LIST_TEXT:
        return length > 0 && length <= NOTE_BYTES_MAX;
    case FIELD_ID:
    case FIELD_LIST_ID:
        return text_is_id(text, length);
    case FIELD_CODE:
    case FIELD_LIST_CODE:
        return text_is_code(text, length);
    case FIELD_LIST_ENTITY:
        return text_is_code(text, length) || (length == 1 && text[0] == '*');
    case FIELD_HASH:
    case FIELD_LIST_HASH:
        return hash_from_digits(text, length, &hash) == STATUS_OK;
    case FIELD_BASE64:
        return is_base64(text, length, field->max);
    case FIELD_KEY:
    case FIELD_LIST_KEY:
        return is_key(text, length);
    case FIELD_INSTANT:
        return instant_parse(text, length, &ms, NULL) == STATUS_OK;
    case FIELD_DATE:
        return date_parse(text, length, &days, NULL) == STATUS_OK;
    case FIELD_CURRENCY:
        return is_currency(text, length);
    case FIELD_AMOUNT:
        return is_decimal(text, length, false);
    case FIELD_AMOUNT_POSITIVE:
        return is_decimal(text, length, true);
    case FIELD_WORD:
        return is_one_of(field->words, text, length);
    case FIELD_INTEGER:
    case FIELD_BOOLEAN:
    case FIELD_OBJECT:
    case FIELD_LIST:
        break;
    }
    return false;
}
