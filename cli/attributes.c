/*
 * Attributes of customers as salted hashes; see the header. The list comes out sorted, since the names are in order.
 */
#include "cli/attributes.h"

#include <stdlib.h>
#include <string.h>

#include "cli/book.h"
#include "controls/facts.h"
#include "ledger/books.h"
#include "ledger/hash.h"
#include "ledger/schema.h"

static const struct {
    const char *name, *column;
} rows[ATTRIBUTE_COUNT] = {
    [ATTRIBUTE_ADDRESS] = {"address", "address"},
    [ATTRIBUTE_BANK_ACCOUNT] = {"bank_account", "bank_account"},
    [ATTRIBUTE_EMAIL_DOMAIN] = {"email_domain", "email"},
    [ATTRIBUTE_TAX_ID] = {"tax_id", "tax_id"},
};

const char *attribute_name(enum attribute attribute)
{
    return rows[attribute].name;
}

const char *attribute_column(enum attribute attribute)
{
    return rows[attribute].column;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_letter_or_digit(char c)
{
    char small = lower(c);
    return (small >= 'a' && small <= 'z') || (c >= '0' && c <= '9');
}

/* Letters and digits only, letters small. */
static void code_form(const char *text, char *ret_text)
{
    size_t used = 0;
    for (; *text != '\0' && used < ATTRIBUTE_BYTES_MAX; text++)
        if (is_letter_or_digit(*text))
            ret_text[used++] = lower(*text);
    ret_text[used] = '\0';
}

/* Words of letters, digits and whatever is not ASCII, one space between. */
static void words_form(const char *text, char *ret_text)
{
    size_t used = 0;
    bool gap = false;
    for (; *text != '\0' && used + 1 < ATTRIBUTE_BYTES_MAX; text++) {
        bool kept = is_letter_or_digit(*text) || (unsigned char)*text >= 0x80;
        if (kept && gap && used > 0)
            ret_text[used++] = ' ';
        if (kept)
            ret_text[used++] = lower(*text);
        gap = !kept;
    }
    ret_text[used] = '\0';
}

static void domain_form(const char *text, char *ret_text)
{
    const char *at = strrchr(text, '@');
    size_t used = 0;
    for (at = at != NULL ? at + 1 : text; *at != '\0' && used < ATTRIBUTE_BYTES_MAX; at++)
        if (*at != ' ')
            ret_text[used++] = lower(*at);
    while (used > 0 && ret_text[used - 1] == '.')
        used--;
    ret_text[used] = '\0';
}

void attribute_normalise(enum attribute attribute, const char *text, char ret_text[static ATTRIBUTE_BYTES_MAX + 1])
{
    switch (attribute) {
    case ATTRIBUTE_ADDRESS:
        words_form(text, ret_text);
        return;
    case ATTRIBUTE_EMAIL_DOMAIN:
        domain_form(text, ret_text);
        return;
    case ATTRIBUTE_BANK_ACCOUNT:
    case ATTRIBUTE_TAX_ID:
    case ATTRIBUTE_COUNT:
        code_form(text, ret_text);
        return;
    }
}

enum status attributes_open(const struct facts *facts, struct book *book, struct attributes *ret_attributes,
                            struct err *err)
{
    struct attributes made = {.public_domains = json_array()};
    struct personal personal = {.record = NULL};
    struct hash hash;
    json_t *charter = NULL;
    struct books_key key = books_key("charter");
    enum status status = books_get(facts->books, BOOKS_META, &key, &charter, err);
    if (status == STATUS_OK && hash_from_hex(member_text(charter, "salt"), &hash) != STATUS_OK)
        status = err_set(err, STATUS_CORRUPT, "the charter names no salt");
    if (status == STATUS_OK) {
        status = book_personal_get(book, &hash, &personal, err);
        if (status != STATUS_OK)
            err_prefix(err, "the book's salt, without which attributes cannot be compared: ");
    }
    if (status == STATUS_OK)
        memcpy(made.salt, personal.record, sizeof made.salt);
    for (size_t i = 0; status == STATUS_OK && i < facts->policy->public_domain_count; i++)
        if (json_array_append_new(made.public_domains, json_string(facts->policy->public_domains[i])) != 0)
            status = err_set(err, STATUS_MEMORY, "no memory for a policy's domains");
    personal_done(&personal);
    json_decref(charter);
    if (status == STATUS_OK)
        *ret_attributes = made;
    else
        json_decref(made.public_domains);
    return status;
}

void attributes_close(struct attributes *attributes)
{
    json_decref(attributes->public_domains);
    *attributes = (struct attributes){.public_domains = NULL};
}

static bool is_public(const struct attributes *attributes, const char *domain)
{
    for (size_t i = 0; i < json_array_size(attributes->public_domains); i++)
        if (strcmp(json_string_value(json_array_get(attributes->public_domains, i)), domain) == 0)
            return true;
    return false;
}

/* SHA-256(salt, name, 0x00, value). */
static void attribute_hash(const struct attributes *attributes, const char *name, const char *value,
                           char ret_hex[static HASH_HEX_CHARS + 1])
{
    uint8_t bytes[PERSONAL_SALT_BYTES + 32 + ATTRIBUTE_BYTES_MAX];
    size_t used = sizeof attributes->salt;
    struct hash hash;
    memcpy(bytes, attributes->salt, used);
    memcpy(bytes + used, name, strlen(name) + 1);
    used += strlen(name) + 1;
    memcpy(bytes + used, value, strlen(value));
    hash_of(bytes, used + strlen(value), &hash);
    hash_to_hex(&hash, ret_hex);
}

enum status attributes_set(const struct attributes *attributes, char *const values[static ATTRIBUTE_COUNT],
                           json_t *record, struct err *err)
{
    json_t *list = json_array();
    enum status status = list != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a record");
    for (int i = 0; status == STATUS_OK && i < ATTRIBUTE_COUNT; i++) {
        char value[ATTRIBUTE_BYTES_MAX + 1] = "", hex[HASH_HEX_CHARS + 1];
        if (values[i] != NULL)
            attribute_normalise((enum attribute)i, values[i], value);
        if (value[0] == '\0' || (i == ATTRIBUTE_EMAIL_DOMAIN && is_public(attributes, value)))
            continue;
        attribute_hash(attributes, rows[i].name, value, hex);
        if (json_array_append_new(list, json_pack("{s:s, s:s}", "hash", hex, "name", rows[i].name)) != 0)
            status = err_set(err, STATUS_MEMORY, "no memory for a record");
    }
    if (status == STATUS_OK && json_array_size(list) > 0 && json_object_set(record, "attributes", list) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory for a record");
    json_decref(list);
    return status;
}
