/*
 * Entries and their signature lists. Implements FORMAT.md sections 3 (order and uniqueness of signatures) and 4.
 */
#include "ledger/entry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base64.h"
#include "ledger/canon.h"
#include "ledger/compact.h"
#include "ledger/instant.h"
#include "ledger/scan.h"
#include "ledger/schema.h"
#include "ledger/sshkey.h"
#include "ledger/sshsig.h"
#include "ledger/tree.h"

enum { BASE64_OF_BLOB = (SSHSIG_BYTES_MAX + 2) / 3 * 4 + 1 };

static enum status blob_key(const struct signature_blob *blob, struct public_key *ret_key, struct err *err)
{
    struct sshsig sshsig;
    enum status status = sshsig_parse(blob->bytes, blob->length, &sshsig, err);
    if (status == STATUS_OK)
        *ret_key = sshsig.key;
    return status;
}

enum status signature_list_add(struct signature_list *list, struct slice blob, struct err *err)
{
    struct signature_blob added;
    struct public_key key, other;
    if (blob.length > SSHSIG_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "a signature has %zu bytes, at most %d are allowed", blob.length,
                       SSHSIG_BYTES_MAX);
    if (list->count == SIGNATURES_MAX)
        return err_set(err, STATUS_LIMIT, "a statement has at most %d signatures", SIGNATURES_MAX);
    memcpy(added.bytes, blob.bytes, blob.length);
    added.length = blob.length;
    enum status status = blob_key(&added, &key, err);
    if (status != STATUS_OK)
        return status;
    size_t place = 0;
    for (; place < list->count; place++) {
        status = blob_key(&list->items[place], &other, err);
        if (status != STATUS_OK)
            return status;
        int order = sshkey_order(&key, &other);
        if (order == 0)
            return err_set(err, STATUS_EXISTS, "this key has signed the statement already");
        if (order < 0)
            break;
    }
    memmove(&list->items[place + 1], &list->items[place], (list->count - place) * sizeof list->items[0]);
    list->items[place] = added;
    list->count++;
    return STATUS_OK;
}

json_t *signature_list_to_json(const struct signature_list *list)
{
    json_t *array = json_array();
    for (size_t i = 0; array != NULL && i < list->count; i++) {
        char text[BASE64_OF_BLOB];
        if (base64_encode(list->items[i].bytes, list->items[i].length, text, sizeof text, NULL) != STATUS_OK ||
            json_array_append_new(array, json_string(text)) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

enum status signature_list_from_json(const json_t *array, struct signature_list *ret_list, struct err *err)
{
    struct signature_list list = {.count = 0};
    size_t count = json_array_size(array);
    if (!json_is_array(array) || count == 0)
        return err_set(err, STATUS_INPUT, "signatures: has to be a list of one or more");
    if (count > SIGNATURES_MAX)
        return err_set(err, STATUS_LIMIT, "signatures: %zu, at most %d are allowed", count, SIGNATURES_MAX);
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(array, i));
        struct signature_blob blob;
        if (text == NULL)
            return err_set(err, STATUS_INPUT, "signatures[%zu]: has to be text", i);
        enum status status = base64_decode_public(text, strlen(text), blob.bytes, sizeof blob.bytes, &blob.length, err);
        if (status == STATUS_OK)
            status = signature_list_add(&list, slice_of(blob.bytes, blob.length), err);
        if (status != STATUS_OK) {
            err_prefix(err, "signatures[%zu]: ", i);
            return status;
        }
        if (memcmp(list.items[i].bytes, blob.bytes, blob.length) != 0)
            return err_set(err, STATUS_INPUT, "signatures[%zu]: out of order; they are sorted by public key", i);
    }
    *ret_list = list;
    return STATUS_OK;
}

enum status signature_list_verify(const struct signature_list *list, const struct statement *statement, struct err *err)
{
    struct public_key before;
    for (size_t i = 0; i < list->count; i++) {
        struct sshsig info;
        enum status status =
            sshsig_verify(list->items[i].bytes, list->items[i].length, statement->bytes, statement->length, &info, err);
        if (status == STATUS_OK && i > 0 && sshkey_order(&before, &info.key) >= 0)
            status = err_set(err, STATUS_INPUT, "out of order or twice; they are sorted by public key, one of each");
        if (status != STATUS_OK) {
            err_prefix(err, "signatures[%zu]: ", i);
            return status;
        }
        before = info.key;
    }
    return STATUS_OK;
}

static enum status encode_part(json_t *value, char **ret_bytes, struct err *err)
{
    if (value == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    enum status status = canon_encode(value, ret_bytes, NULL, err);
    json_decref(value);
    return status;
}

static char *array_encode(const json_t *array)
{
    char *bytes = NULL;
    size_t length = 0;
    return compact_write(array, true, &bytes, &length) == STATUS_OK ? bytes : NULL;
}

enum status entry_make(const struct entry_parts *parts, char **ret_bytes, size_t *ret_length, struct err *err)
{
    char *decision = NULL, *gate = NULL, *signatures = NULL, *bytes = NULL;
    json_t *signature_array = NULL;
    char prev[HASH_HEX_CHARS + 1], time[INSTANT_TEXT_BYTES];
    enum status status = canon_encode(parts->decision, &decision, NULL, err);
    if (status != STATUS_OK)
        goto done;
    status = encode_part(json_pack("{s:s, s:s, s:s, s:s}", "exe", parts->gate->exe, "mode", parts->gate->mode,
                                   "os_user", parts->gate->os_user, "release", parts->gate->release),
                         &gate, err);
    if (status != STATUS_OK)
        goto done;
    signature_array = signature_list_to_json(parts->signatures);
    signatures = signature_array == NULL ? NULL : array_encode(signature_array);
    if (signatures == NULL) {
        status = err_set(err, STATUS_MEMORY, "no memory");
        goto done;
    }
    hash_to_hex(parts->prev, prev);
    instant_format(parts->time_ms, time);
    size_t room = strlen(decision) + strlen(gate) + strlen(signatures) + parts->statement->length + 512;
    bytes = malloc(room);
    if (bytes == NULL) {
        status = err_set(err, STATUS_MEMORY, "no memory");
        goto done;
    }
    int length =
        snprintf(bytes, room,
                 "{\"decision\":%s,\"gate\":%s,\"prev\":\"%s\",\"seq\":%llu,\"signatures\":%s,"
                 "\"statement\":%s,\"time\":\"%s\",\"v\":1}",
                 decision, gate, prev, (unsigned long long)parts->seq, signatures, parts->statement->bytes, time);
    invariant(length > 0 && (size_t)length < room);
    /* The reader's check, before anything is stored. */
    status = scan_check(bytes, (size_t)length, ENTRY_BYTES_MAX, err);
    if (status != STATUS_OK)
        goto done;
    *ret_bytes = bytes;
    *ret_length = (size_t)length;
    bytes = NULL;
done:
    free(bytes);
    free(signatures);
    json_decref(signature_array);
    free(gate);
    free(decision);
    return status;
}

enum { AT_DECISION, AT_GATE, AT_PREV, AT_SEQ, AT_SIGNATURES, AT_STATEMENT, AT_TIME, AT_V, AT_COUNT };

static const struct field gate_fields[] = {
    {.name = "exe", .type = FIELD_TEXT, .min = 16, .max = 16},
    {.name = "mode", .type = FIELD_TEXT, .min = 1, .max = 16},
    {.name = "os_user", .type = FIELD_TEXT, .min = 1, .max = ID_BYTES_MAX},
    {.name = "release", .type = FIELD_TEXT, .min = 1, .max = 64},
};
const struct schema gate_facts_schema = SCHEMA("gate", gate_fields, NULL);

/* A member's JSON, of bytes that the scanner has passed already. */
static enum status part_read(struct slice bytes, const struct scan_member *at, json_t **ret_value, struct err *err)
{
    *ret_value = compact_read((const char *)bytes.bytes + at->offset, at->length, NULL);
    return *ret_value != NULL ? STATUS_OK : err_set(err, STATUS_INPUT, "%s: cannot be read", at->name);
}

static enum status entry_head_read(struct slice bytes, const struct scan_member at[static AT_COUNT],
                                   struct entry *entry, struct err *err)
{
    const char *json = (const char *)bytes.bytes;
    int64_t seq, version;
    const char *text;
    size_t length;
    char hex[HASH_HEX_CHARS + 1];

    enum status status = scan_integer(json, &at[AT_SEQ], &seq, err);
    if (status != STATUS_OK)
        return status;
    if (seq < 0)
        return err_set(err, STATUS_INPUT, "seq: has to be 0 or more");
    entry->seq = (uint64_t)seq;
    status = scan_integer(json, &at[AT_V], &version, err);
    if (status != STATUS_OK)
        return status;
    if (version != 1)
        return err_set(err, STATUS_INPUT, "v: has to be 1");
    status = scan_text(json, &at[AT_PREV], &text, &length, err);
    if (status != STATUS_OK)
        return status;
    if (length != HASH_HEX_CHARS)
        return err_set(err, STATUS_INPUT, "prev: has to be 64 hex digits");
    memcpy(hex, text, length);
    hex[length] = '\0';
    if (hash_from_hex(hex, &entry->prev) != STATUS_OK)
        return err_set(err, STATUS_INPUT, "prev: has to be 64 lower-case hex digits");
    status = scan_text(json, &at[AT_TIME], &text, &length, err);
    if (status == STATUS_OK)
        status = instant_parse(text, length, &entry->time_ms, err);
    if (status != STATUS_OK)
        err_prefix(err, "time: ");
    return status;
}

enum status entry_read(struct slice bytes, struct entry *ret_entry, struct err *err)
{
    struct scan_member at[AT_COUNT] = {
        [AT_DECISION] = {.name = "decision"},
        [AT_GATE] = {.name = "gate"},
        [AT_PREV] = {.name = "prev"},
        [AT_SEQ] = {.name = "seq"},
        [AT_SIGNATURES] = {.name = "signatures"},
        [AT_STATEMENT] = {.name = "statement"},
        [AT_TIME] = {.name = "time"},
        [AT_V] = {.name = "v"},
    };
    struct entry entry = {.seq = 0};
    json_t *signatures = NULL;

    enum status status = scan_object_exact((const char *)bytes.bytes, bytes.length, ENTRY_BYTES_MAX, at, AT_COUNT, err);
    if (status != STATUS_OK)
        goto done;
    status = entry_head_read(bytes, at, &entry, err);
    if (status != STATUS_OK)
        goto done;
    status = statement_read_scanned(slice_of(bytes.bytes + at[AT_STATEMENT].offset, at[AT_STATEMENT].length),
                                    &entry.statement, err);
    if (status != STATUS_OK) {
        err_prefix(err, "statement: ");
        goto done;
    }
    status = part_read(bytes, &at[AT_DECISION], &entry.decision, err);
    if (status != STATUS_OK)
        goto done;
    entry.decision_bytes = slice_of(bytes.bytes + at[AT_DECISION].offset, at[AT_DECISION].length);
    status = part_read(bytes, &at[AT_GATE], &entry.gate, err);
    if (status == STATUS_OK)
        status = schema_check(&gate_facts_schema, entry.gate, "gate", err);
    if (status == STATUS_OK)
        status = part_read(bytes, &at[AT_SIGNATURES], &signatures, err);
    if (status != STATUS_OK)
        goto done;
    entry.signatures = calloc(1, sizeof *entry.signatures);
    if (entry.signatures == NULL) {
        status = err_set(err, STATUS_MEMORY, "no memory");
        goto done;
    }
    status = signature_list_from_json(signatures, entry.signatures, err);
    if (status == STATUS_OK)
        tree_leaf(bytes.bytes, bytes.length, &entry.leaf);
done:
    json_decref(signatures);
    if (status != STATUS_OK)
        entry_done(&entry);
    else
        *ret_entry = entry;
    return status;
}

void entry_done(struct entry *entry)
{
    if (entry == NULL)
        return;
    statement_done(&entry->statement);
    json_decref(entry->decision);
    json_decref(entry->gate);
    free(entry->signatures);
    *entry = (struct entry){.seq = 0};
}
