/*
 * The file of a position: {"book","hash","seq","v"}, as receipts have it.
 */
#include "cli/position.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "ledger/canon.h"
#include "ledger/durable.h"
#include "ledger/newfile.h"
#include "ledger/schema.h"

enum { POSITION_BYTES_MAX = 512 }; /* under 200 bytes are written */

static const struct field fields[] = {
    {.name = "book", .type = FIELD_HASH},
    {.name = "hash", .type = FIELD_HASH},
    {.name = "seq", .type = FIELD_INTEGER, .min = 0, .max = CANON_INTEGER_MAX},
    {.name = "v", .type = FIELD_INTEGER, .min = 1, .max = 1},
};
static const struct schema schema = SCHEMA("position", fields, NULL);

enum status position_load(const char *path, const char *book, struct position *ret_position, struct err *err)
{
    char bytes[POSITION_BYTES_MAX];
    size_t length = 0;
    json_t *json = NULL;
    struct err none;
    enum status status = newfile_read(path, false, bytes, sizeof bytes, &length, &none);
    if (status == STATUS_NOT_FOUND)
        return status;
    if (status != STATUS_OK)
        return err_set(err, status, "%s", none.text);
    if (length > 0 && bytes[length - 1] == '\n')
        length--;
    status = canon_parse(bytes, length, sizeof bytes, &json, err);
    if (status == STATUS_OK)
        status = schema_check(&schema, json, "", err);
    if (status == STATUS_OK && strcmp(member_text(json, "book"), book) != 0)
        status = err_set(err, STATUS_INPUT, "the position is of another book, %s", member_text(json, "book"));
    if (status != STATUS_OK) {
        err_prefix(err, "%s: ", path);
        json_decref(json);
        return status;
    }
    ret_position->next = (uint64_t)member_integer(json, "seq") + 1;
    status = hash_from_hex(member_text(json, "hash"), &ret_position->last);
    json_decref(json);
    return status;
}

enum status position_save(const char *path, const char *book, const struct position *position, struct err *err)
{
    char text[POSITION_BYTES_MAX], hex[HASH_HEX_CHARS + 1];
    if (position->next == 0)
        return STATUS_OK;
    hash_to_hex(&position->last, hex);
    int length = snprintf(text, sizeof text, "{\"book\":\"%s\",\"hash\":\"%s\",\"seq\":%llu,\"v\":1}\n", book, hex,
                          (unsigned long long)position->next - 1);
    return durable_replace(path, slice_of(text, (size_t)length), 0600, err);
}
