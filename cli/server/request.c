/*
 * Requests as lines of JSON. Guarantees that what passes here has all its members, no others, and each within its bounds.
 */
#include "cli/server/request.h"

#include <stdlib.h>
#include <string.h>

#include "cli/wire.h"
#include "ledger/beside.h"
#include "ledger/journal.h"
#include "ledger/limits.h"
#include "ledger/schema.h"
#include "ledger/text.h"
#include "ledger/timestamps.h"

#define ID_MAX ((INT64_C(1) << 53) - 1) /* what every reader of JSON can tell from its neighbours */

enum { TABLE_BYTES_MAX = 64 };

typedef enum status member_reader(const json_t *value, struct request *request, struct err *err);

struct member {
    const char *name;
    member_reader *read;
    bool optional;
};

enum { MEMBERS_MAX = 6 };

struct request_row {
    const char *name;
    struct member members[MEMBERS_MAX]; /* besides "do" and "id"; ends with a NULL name */
};

static enum status read_number(const json_t *value, int64_t low, int64_t high, int64_t *ret_number, struct err *err)
{
    if (!json_is_integer(value) || json_integer_value(value) < low || json_integer_value(value) > high)
        return err_set(err, STATUS_INPUT, "a number from %lld to %lld is expected", (long long)low, (long long)high);
    *ret_number = json_integer_value(value);
    return STATUS_OK;
}

static enum status read_user(const json_t *value, struct request *request, struct err *err)
{
    if (!json_is_string(value) || !text_is_id(json_string_value(value), json_string_length(value)))
        return err_set(err, STATUS_INPUT, "a user is letters, digits and . _ : / @ -, at most %d", ID_BYTES_MAX);
    request->user = json_string_value(value);
    return STATUS_OK;
}

static enum status read_keys(const json_t *value, struct request *request, struct err *err)
{
    size_t count = json_is_array(value) ? json_array_size(value) : 0;
    if (count == 0 || count > WIRE_KEYS_MAX)
        return err_set(err, STATUS_INPUT, "a list of 1 to %d public keys is expected", WIRE_KEYS_MAX);
    for (size_t i = 0; i < count; i++) {
        const json_t *key = json_array_get(value, i);
        if (!json_is_string(key) || json_string_length(key) >= PUBLIC_KEY_TEXT_MAX ||
            strlen(json_string_value(key)) != json_string_length(key))
            return err_set(err, STATUS_INPUT, "key %zu: a public key is a text as ssh-keygen writes it", i + 1);
    }
    request->keys = value;
    return STATUS_OK;
}

static enum status read_signature(const json_t *value, struct request *request, struct err *err)
{
    return wire_bytes_read(value, SSHSIG_BYTES_MAX, &request->bytes, &request->length, err);
}

static enum status read_signatures(const json_t *value, struct request *request, struct err *err)
{
    request->signatures = calloc(1, sizeof *request->signatures);
    if (request->signatures == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for signatures");
    return signature_list_from_json(value, request->signatures, err);
}

static enum status read_statement(const json_t *value, struct request *request, struct err *err)
{
    return wire_bytes_read(value, STATEMENT_POLICY_BYTES_MAX, &request->bytes, &request->length, err);
}

static enum status read_store(const json_t *value, struct request *request, struct err *err)
{
    const char *name = json_is_string(value) ? json_string_value(value) : "";
    request->journal = strcmp(name, "journal") == 0;
    return request->journal || strcmp(name, "books") == 0 ? STATUS_OK
                                                          : err_set(err, STATUS_INPUT, "it is books or journal");
}

static enum status read_snapshot(const json_t *value, struct request *request, struct err *err)
{
    return read_number(value, 1, ID_MAX, &request->snapshot, err);
}

static enum status read_table(const json_t *value, struct request *request, struct err *err)
{
    if (!json_is_string(value) || json_string_length(value) > TABLE_BYTES_MAX)
        return err_set(err, STATUS_INPUT, "the name of a table is expected");
    request->table = json_string_value(value);
    return STATUS_OK;
}

static enum status read_key(const json_t *value, struct request *request, struct err *err)
{
    return wire_bytes_read(value, STORE_KEY_BYTES_MAX, &request->bytes, &request->length, err);
}

static enum status read_at(const json_t *value, struct request *request, struct err *err)
{
    static const struct {
        const char *name;
        enum store_seek seek;
    } words[] = {
        {"first", STORE_SEEK_FIRST}, {"last", STORE_SEEK_LAST},     {"at-or-after", STORE_SEEK_AT_OR_AFTER},
        {"after", STORE_SEEK_AFTER}, {"before", STORE_SEEK_BEFORE},
    };
    for (size_t i = 0; json_is_string(value) && i < sizeof words / sizeof words[0]; i++)
        if (strcmp(json_string_value(value), words[i].name) == 0) {
            request->at = words[i].seek;
            return STATUS_OK;
        }
    return err_set(err, STATUS_INPUT, "it is first, last, at-or-after, after or before");
}

static enum status read_records(const json_t *value, struct request *request, struct err *err)
{
    return read_number(value, 1, WIRE_RECORDS_MAX, &request->records, err);
}

static enum status read_ms(const json_t *value, struct request *request, struct err *err)
{
    return read_number(value, 0, WIRE_WAIT_MS_MAX, &request->ms, err);
}

static enum status read_size(const json_t *value, struct request *request, struct err *err)
{
    return read_number(value, 0, ID_MAX, &request->size, err);
}

static enum status read_hash(const json_t *value, struct hash *ret_hash, struct err *err)
{
    if (!json_is_string(value) || json_string_length(value) != HASH_HEX_CHARS ||
        hash_from_hex(json_string_value(value), ret_hash) != STATUS_OK)
        return err_set(err, STATUS_INPUT, "%d hex digits are expected", HASH_HEX_CHARS);
    return STATUS_OK;
}

static enum status read_nonce(const json_t *value, struct request *request, struct err *err)
{
    return read_hash(value, &request->nonce, err);
}

static enum status read_name(const json_t *value, struct request *request, struct err *err)
{
    return read_hash(value, &request->hash, err);
}

static enum status read_salt(const json_t *value, struct request *request, struct err *err)
{
    uint8_t *bytes = NULL;
    size_t length = 0;
    enum status status = wire_bytes_read(value, sizeof request->salt, &bytes, &length, err);
    if (status == STATUS_OK && length != sizeof request->salt)
        status = err_set(err, STATUS_INPUT, "a salt has %zu bytes", sizeof request->salt);
    if (status == STATUS_OK)
        memcpy(&request->salt, bytes, sizeof request->salt);
    free(bytes);
    return status;
}

static enum status read_part(const json_t *value, struct request *request, struct err *err)
{
    return wire_bytes_read(value, REQUEST_PART_BYTES, &request->bytes, &request->length, err);
}

static enum status read_personal(const json_t *value, struct request *request, struct err *err)
{
    return wire_bytes_read(value, PERSONAL_BYTES_MAX, &request->bytes, &request->length, err);
}

static enum status read_offset(const json_t *value, struct request *request, struct err *err)
{
    return read_number(value, 0, ID_MAX, &request->offset, err);
}

static enum status read_document(const json_t *value, struct request *request, struct err *err)
{
    if (!json_is_string(value) || !text_is_id(json_string_value(value), json_string_length(value)))
        return err_set(err, STATUS_INPUT, "the number of a document is expected");
    request->document = json_string_value(value);
    return STATUS_OK;
}

static enum status read_note(const json_t *value, struct request *request, struct err *err)
{
    size_t length = json_is_string(value) ? json_string_length(value) : 0;
    if (length == 0 || strlen(json_string_value(value)) != length)
        return err_set(err, STATUS_INPUT, "a signed note is expected, as a text");
    if (length > JOURNAL_NOTE_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "a signed note has at most %d bytes, not %zu", JOURNAL_NOTE_BYTES_MAX,
                       length);
    request->note = slice_of(json_string_value(value), length);
    return STATUS_OK;
}

static enum status read_reply(const json_t *value, struct request *request, struct err *err)
{
    enum status status = wire_bytes_read(value, TIMESTAMP_REPLY_BYTES_MAX, &request->bytes, &request->length, err);
    return status == STATUS_OK && request->length == 0 ? err_set(err, STATUS_INPUT, "a reply is not empty") : status;
}

static enum status read_stamp(const json_t *value, struct request *request, struct err *err)
{
    const char *name = json_is_string(value) ? json_string_value(value) : "";
    if (!timestamps_is_name(name) || strlen(name) != json_string_length(value))
        return err_set(err, STATUS_INPUT, "a time stamp is called <size>-<16 hex digits>.tsr");
    request->name = name;
    return STATUS_OK;
}

static enum status read_after(const json_t *value, struct request *request, struct err *err)
{
    request->name = "";
    return json_is_string(value) && json_string_length(value) == 0 ? STATUS_OK : read_stamp(value, request, err);
}

static const struct request_row rows[REQUEST_KINDS] = {
    [REQUEST_HELLO] = {"hello", {{"keys", read_keys, 0}, {"nonce", read_nonce, 0}, {"user", read_user, 0}, {0}}},
    [REQUEST_PROVE] = {"prove", {{"signature", read_signature, 0}, {0}}},
    [REQUEST_BEGIN] = {"begin", {{"store", read_store, 0}, {0}}},
    [REQUEST_END] = {"end", {{"snapshot", read_snapshot, 0}, {0}}},
    [REQUEST_GET] = {"get", {{"key", read_key, 0}, {"snapshot", read_snapshot, 0}, {"table", read_table, 0}, {0}}},
    [REQUEST_SEEK] = {"seek",
                      {{"at", read_at, 0},
                       {"key", read_key, true},
                       {"records", read_records, 0},
                       {"snapshot", read_snapshot, 0},
                       {"table", read_table, 0},
                       {0}}},
    [REQUEST_COUNT] = {"count", {{"snapshot", read_snapshot, 0}, {"table", read_table, 0}, {0}}},
    [REQUEST_SUBMIT] = {"submit", {{"signatures", read_signatures, 0}, {"statement", read_statement, 0}, {0}}},
    [REQUEST_TRY] = {"try", {{"statement", read_statement, 0}, {0}}},
    [REQUEST_CHECKPOINT] = {"checkpoint", {{0}}},
    [REQUEST_CHECKPOINT_ADD] = {"checkpoint-add", {{"note", read_note, 0}, {0}}},
    [REQUEST_PUT] = {"put", {{"bytes", read_part, 0}, {"offset", read_offset, 0}, {"size", read_size, 0}, {0}}},
    [REQUEST_HAS] = {"has", {{"sha256", read_name, 0}, {0}}},
    [REQUEST_FETCH] = {"fetch", {{"offset", read_offset, 0}, {"sha256", read_name, 0}, {0}}},
    [REQUEST_PERSONAL_PUT] = {"personal-put", {{"bytes", read_personal, 0}, {"salt", read_salt, 0}, {0}}},
    [REQUEST_PERSONAL_GET] = {"personal-get", {{"hash", read_name, 0}, {0}}},
    [REQUEST_ERASE] = {"erase", {{"document", read_document, 0}, {0}}},
    [REQUEST_TIMESTAMP_PUT] = {"timestamp-put", {{"bytes", read_reply, 0}, {0}}},
    [REQUEST_TIMESTAMP_GET] = {"timestamp-get", {{"name", read_stamp, 0}, {0}}},
    [REQUEST_TIMESTAMPS] = {"timestamps", {{"after", read_after, 0}, {0}}},
    [REQUEST_WAIT] = {"wait", {{"ms", read_ms, 0}, {"size", read_size, 0}, {0}}},
    [REQUEST_STATUS] = {"status", {{0}}},
};

const char *request_name(enum request_kind kind)
{
    return rows[kind].name;
}

/* A name that a stranger chose, for an error. */
static enum status unknown(const char *what, const char *name, struct err *err)
{
    char shown[TEXT_SHOW_MAX];
    text_show(name, strlen(name), shown);
    return err_set(err, STATUS_INPUT, "%s '%s' is not known", what, shown);
}

static enum status check_names(const struct request_row *row, const json_t *json, struct err *err)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)json, name, value)
    {
        bool known = strcmp(name, "do") == 0 || strcmp(name, "id") == 0;
        for (const struct member *member = row->members; !known && member->name != NULL; member++)
            known = strcmp(name, member->name) == 0;
        if (!known)
            return unknown("the member", name, err);
    }
    return STATUS_OK;
}

/* A key is there exactly where the place is next to one. */
static enum status check_seek(const struct request *request, struct err *err)
{
    bool needs = request->at != STORE_SEEK_FIRST && request->at != STORE_SEEK_LAST;
    if (needs == (request->bytes != NULL))
        return STATUS_OK;
    return needs ? err_set(err, STATUS_INPUT, "seek: key: is missing")
                 : err_set(err, STATUS_INPUT, "seek: key: first and last have none");
}

static enum status read_members(struct request *request, struct err *err)
{
    const struct request_row *row = &rows[request->kind];
    enum status status = check_names(row, request->json, err);
    for (const struct member *member = row->members; status == STATUS_OK && member->name != NULL; member++) {
        const json_t *value = json_object_get(request->json, member->name);
        if (value == NULL && member->optional)
            continue;
        status = value != NULL ? member->read(value, request, err) : err_set(err, STATUS_INPUT, "is missing");
        if (status != STATUS_OK)
            err_prefix(err, "%s: %s: ", row->name, member->name);
    }
    return status == STATUS_OK && request->kind == REQUEST_SEEK ? check_seek(request, err) : status;
}

static enum status read_kind(struct request *request, struct err *err)
{
    const char *name = member_text(request->json, "do");
    if (name == NULL)
        return err_set(err, STATUS_INPUT, "a request says what to \"do\"");
    for (int kind = 0; kind < REQUEST_KINDS; kind++)
        if (strcmp(name, rows[kind].name) == 0) {
            request->kind = (enum request_kind)kind;
            return STATUS_OK;
        }
    return unknown("the request", name, err);
}

enum status request_read(struct slice line, struct request *ret_request, int64_t *ret_id, struct err *err)
{
    struct request request = {.json = NULL};
    *ret_id = 0;
    enum status status = wire_parse(line, &request.json, err);
    if (status == STATUS_OK) {
        status = read_number(json_object_get(request.json, "id"), 1, ID_MAX, &request.id, err);
        if (status != STATUS_OK)
            err_prefix(err, "id: ");
        else
            *ret_id = request.id;
    }
    if (status == STATUS_OK)
        status = read_kind(&request, err);
    if (status == STATUS_OK)
        status = read_members(&request, err);
    if (status == STATUS_OK)
        *ret_request = request;
    else
        request_done(&request);
    return status;
}

void request_done(struct request *request)
{
    free(request->bytes);
    free(request->signatures);
    json_decref(request->json);
    *request = (struct request){.json = NULL};
}
