/*
 * Statements: admission of bytes, the table of verbs with the outer form of their bodies, content hashes.
 * Implements FORMAT.md sections 2 and 5; whether a statement may do what it says is the gate's question.
 */
#include "ledger/statement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/canon.h"
#include "ledger/compact.h"
#include "ledger/instant.h"
#include "ledger/limits.h"
#include "ledger/outline.h"
#include "ledger/scan.h"
#include "ledger/schema.h"
#include "ledger/text.h"

static const struct field seen_fields[] = {
    {.name = "hash", .type = FIELD_HASH},
    {.name = "seq", .type = FIELD_INTEGER, .min = 0, .max = CANON_INTEGER_MAX},
};
static const struct schema seen_schema = SCHEMA("seen", seen_fields, NULL);

static const struct field policy_fields[] = {
    {.name = "compiled", .type = FIELD_OBJECT},
    {.name = "compiler", .type = FIELD_INTEGER, .min = 1, .max = 1},
    {.name = "yaml", .type = FIELD_BASE64, .max = POLICY_YAML_BYTES_MAX},
};
static const struct schema policy_schema = SCHEMA("policy", policy_fields, NULL);

static const struct field officer_fields[] = {
    {.name = "key", .type = FIELD_KEY},
    {.name = "person", .type = FIELD_ID},
    {.name = "user", .type = FIELD_ID},
};
static const struct schema officer_schema = SCHEMA("officer", officer_fields, NULL);

static const struct field recovery_fields[] = {
    {.name = "keys", .type = FIELD_LIST_KEY, .max = SIGNATURES_MAX},
    {.name = "threshold", .type = FIELD_INTEGER, .max = SIGNATURES_MAX},
};
static const struct schema recovery_schema = SCHEMA("recovery", recovery_fields, NULL);

static const char *const clock_words[] = {"real", "simulated", NULL};

static const struct field charter_fields[] = {
    {.name = "book_keys", .type = FIELD_LIST_KEY, .min = 1, .max = SIGNATURES_MAX},
    {.name = "clock", .type = FIELD_WORD, .words = clock_words},
    {.name = "engine", .type = FIELD_INTEGER, .max = ENGINE_LAST},
    {.name = "name", .type = FIELD_TEXT, .min = 1, .max = NAME_BYTES_MAX},
    {.name = "nonce", .type = FIELD_TEXT, .min = 32, .max = 32},
    {.name = "officers", .type = FIELD_LIST, .schema = &officer_schema, .min = 2, .max = SIGNATURES_MAX},
    {.name = "policy", .type = FIELD_OBJECT, .schema = &policy_schema},
    {.name = "recovery", .type = FIELD_OBJECT, .schema = &recovery_schema},
    {.name = "salt", .type = FIELD_HASH},
    {.name = "skew_seconds", .type = FIELD_INTEGER, .min = 1, .max = 3600},
};
static const struct schema charter_schema = SCHEMA("charter", charter_fields, NULL);

static const struct field submit_fields[] = {
    {.name = "atomic", .type = FIELD_BOOLEAN},
    {.name = "documents", .type = FIELD_LIST, .min = 1, .max = DOCUMENTS_MAX},
};
static const struct schema submit_schema = SCHEMA("submit", submit_fields, NULL);

static const struct field amendment_fields[] = {
    {.name = "content", .type = FIELD_OBJECT},
    {.name = "document", .type = FIELD_ID},
    {.name = "version", .type = FIELD_INTEGER, .min = 1, .max = 1000000},
};
static const struct schema amendment_schema = SCHEMA("amendment", amendment_fields, NULL);

static const struct field amend_fields[] = {
    {.name = "amendments", .type = FIELD_LIST, .schema = &amendment_schema, .min = 1, .max = DOCUMENTS_MAX},
};
static const struct schema amend_schema = SCHEMA("amend", amend_fields, NULL);

static const struct field reasoned_item_fields[] = {
    {.name = "content", .type = FIELD_HASH},
    {.name = "document", .type = FIELD_ID},
    {.name = "reason", .type = FIELD_TEXT, .min = 1},
    {.name = "version", .type = FIELD_INTEGER, .min = 1, .max = 1000000},
};
static const struct schema reasoned_item_schema = SCHEMA("item", reasoned_item_fields, NULL);

static const struct field reasoned_fields[] = {
    {.name = "items", .type = FIELD_LIST, .schema = &reasoned_item_schema, .min = 1, .max = DOCUMENTS_MAX},
};
static const struct schema reasoned_schema = SCHEMA("withdraw, reject or return", reasoned_fields, NULL);

static const struct field approve_item_fields[] = {
    {.name = "behalf", .type = FIELD_ID, .optional = true},
    {.name = "content", .type = FIELD_HASH},
    {.name = "document", .type = FIELD_ID},
    {.name = "level", .type = FIELD_INTEGER, .min = 1, .max = LEVELS_MAX},
    {.name = "version", .type = FIELD_INTEGER, .min = 1, .max = 1000000},
};
static const struct schema approve_item_schema = SCHEMA("item", approve_item_fields, NULL);

static const struct field approve_fields[] = {
    {.name = "items", .type = FIELD_LIST, .schema = &approve_item_schema, .min = 1, .max = DOCUMENTS_MAX},
};
static const struct schema approve_schema = SCHEMA("approve", approve_fields, NULL);

static const struct field file_fields[] = {
    {.name = "count", .type = FIELD_INTEGER, .min = 0, .max = 1000000000},
    {.name = "currency", .type = FIELD_CURRENCY, .optional = true},
    {.name = "sequence", .type = FIELD_INTEGER, .min = 1, .max = 1000000000},
    {.name = "total", .type = FIELD_AMOUNT, .optional = true},
};
static const struct schema file_schema = SCHEMA("manifest", file_fields, NULL);

static const char *const feed_words[] = {"customers", "invoices", "cash",     "people",           "contracts",
                                         "reads",     "orders",   "contacts", "acknowledgements", NULL};

static const struct field feed_fields[] = {
    {.name = "entity", .type = FIELD_CODE},
    {.name = "feed", .type = FIELD_WORD, .words = feed_words},
    {.name = "file", .type = FIELD_OBJECT, .schema = &file_schema},
    {.name = "last", .type = FIELD_BOOLEAN},
    {.name = "part", .type = FIELD_INTEGER, .min = 1, .max = 1000000},
    {.name = "records", .type = FIELD_LIST, .min = 0, .max = DOCUMENTS_MAX},
};
static const struct schema feed_schema = SCHEMA("feed", feed_fields, NULL);

static const struct field recover_fields[] = {
    {.name = "officers", .type = FIELD_LIST, .schema = &officer_schema, .min = 2, .max = SIGNATURES_MAX},
};
static const struct schema recover_schema = SCHEMA("recover", recover_fields, NULL);

static const struct field clock_fields[] = {
    {.name = "head", .type = FIELD_OBJECT, .schema = &seen_schema},
    {.name = "reason", .type = FIELD_TEXT, .min = 1},
    {.name = "true_time", .type = FIELD_INSTANT},
};
static const struct schema clock_schema = SCHEMA("clock", clock_fields, NULL);

static const struct field lost_fields[] = {
    {.name = "from", .type = FIELD_INTEGER, .min = 0, .max = CANON_INTEGER_MAX},
    {.name = "to", .type = FIELD_INTEGER, .min = 0, .max = CANON_INTEGER_MAX},
};
static const struct schema lost_schema = SCHEMA("lost", lost_fields, NULL);

static const struct field restore_fields[] = {
    {.name = "checkpoint", .type = FIELD_BASE64, .max = 65536},
    {.name = "lost", .type = FIELD_OBJECT, .schema = &lost_schema},
    {.name = "reason", .type = FIELD_TEXT, .min = 1},
};
static const struct schema restore_schema = SCHEMA("restore", restore_fields, NULL);

static const struct {
    const char *name;
    const struct schema *body;
    const char *list; /* the member of the body that is judged one by one */
} verbs[VERB_COUNT] = {
    [VERB_CHARTER] = {"charter", &charter_schema, NULL},    [VERB_SUBMIT] = {"submit", &submit_schema, "documents"},
    [VERB_AMEND] = {"amend", &amend_schema, "amendments"},  [VERB_WITHDRAW] = {"withdraw", &reasoned_schema, "items"},
    [VERB_APPROVE] = {"approve", &approve_schema, "items"}, [VERB_REJECT] = {"reject", &reasoned_schema, "items"},
    [VERB_RETURN] = {"return", &reasoned_schema, "items"},  [VERB_FEED] = {"feed", &feed_schema, NULL},
    [VERB_RECOVER] = {"recover", &recover_schema, NULL},    [VERB_CLOCK] = {"clock", &clock_schema, NULL},
    [VERB_RESTORE] = {"restore", &restore_schema, NULL},
};

static const char *const verb_words[] = {"charter", "submit", "amend",   "withdraw", "approve", "reject",
                                         "return",  "feed",   "recover", "clock",    "restore", NULL};

static const struct field statement_fields[] = {
    {.name = "actor", .type = FIELD_TEXT, .max = ID_BYTES_MAX},
    {.name = "at", .type = FIELD_INSTANT},
    {.name = "body", .type = FIELD_OBJECT},
    {.name = "book", .type = FIELD_TEXT, .max = HASH_HEX_CHARS},
    {.name = "do", .type = FIELD_WORD, .words = verb_words},
    {.name = "id", .type = FIELD_ID},
    {.name = "v", .type = FIELD_INTEGER, .min = 1, .max = 1},
};
static const struct schema statement_schema = SCHEMA("statement", statement_fields, NULL);

const char *verb_name(enum verb verb)
{
    return verbs[verb].name;
}

static enum status verb_from_name(const char *name, enum verb *ret_verb)
{
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (strcmp(verbs[i].name, name) == 0) {
            *ret_verb = (enum verb)i;
            return STATUS_OK;
        }
    return STATUS_INPUT;
}

/* `seen` is the one member that may be null, so it is taken out before the table checks the rest. */
static enum status seen_read(struct statement *statement, struct err *err)
{
    const json_t *seen = json_object_get(statement->json, "seen");
    if (seen == NULL)
        return err_set(err, STATUS_INPUT, "seen: is missing; a statement needs it");
    if (json_is_null(seen))
        return STATUS_OK;
    enum status status = schema_check(&seen_schema, seen, "seen", err);
    if (status != STATUS_OK)
        return status;
    statement->seen_hash = member_text(seen, "hash");
    statement->seen_seq = (uint64_t)member_integer(seen, "seq");
    return STATUS_OK;
}

static bool nonce_is_hex(const json_t *body)
{
    const char *nonce = member_text(body, "nonce");
    return strspn(nonce, "0123456789abcdef") == 32 && nonce[32] == '\0';
}

static bool name_is_url_like(const char *name)
{
    return strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./_-") == strlen(name);
}

/* Empty book and actor, null seen: in the charter and only there. */
static enum status head_check(const struct statement *statement, struct err *err)
{
    struct hash hash;
    if (statement->verb == VERB_CHARTER) {
        if (statement->actor[0] != '\0' || statement->book[0] != '\0' || statement->seen_hash != NULL)
            return err_set(err, STATUS_INPUT, "a charter has an empty actor, an empty book and a null seen");
        if (!nonce_is_hex(statement->body))
            return err_set(err, STATUS_INPUT, "body.nonce: has to be 32 lower-case hex digits");
        if (!name_is_url_like(member_text(statement->body, "name")))
            return err_set(err, STATUS_INPUT, "body.name: only A-Z a-z 0-9 . / _ - are allowed");
        return STATUS_OK;
    }
    const struct field actor = {.name = "actor", .type = FIELD_ID};
    const struct schema one = {.name = "statement", .fields = &actor, .count = 1};
    json_t *probe = json_pack("{s:s}", "actor", statement->actor);
    if (probe == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    enum status status = schema_check(&one, probe, "", err);
    json_decref(probe);
    if (status == STATUS_OK && hash_from_hex(statement->book, &hash) != STATUS_OK)
        status = err_set(err, STATUS_INPUT, "book: has to be the book's id, 64 hex digits");
    return status;
}

static bool holds_policy(const struct statement *statement)
{
    if (statement->verb == VERB_CHARTER)
        return true;
    for (size_t i = 0; i < json_array_size(statement_list(statement)); i++) {
        const char *kind = member_text(statement_document(statement, i), "kind");
        if (kind != NULL && strcmp(kind, "policy") == 0)
            return true;
    }
    return false;
}

static enum status envelope_read(struct statement *statement, struct err *err)
{
    enum status status = seen_read(statement, err);
    if (status != STATUS_OK)
        return status;
    json_t *rest = json_copy(statement->json);
    if (rest == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    json_object_del(rest, "seen");
    status = schema_check(&statement_schema, rest, "", err);
    json_decref(rest);
    if (status != STATUS_OK)
        return status;
    const json_t *json = statement->json;
    statement->actor = member_text(json, "actor");
    statement->book = member_text(json, "book");
    statement->id = member_text(json, "id");
    statement->body = json_object_get(json, "body");
    const char *at = member_text(json, "at");
    status = instant_parse(at, strlen(at), &statement->at_ms, err);
    if (status == STATUS_OK)
        status = verb_from_name(member_text(json, "do"), &statement->verb);
    return status;
}

static enum status bytes_keep(struct slice bytes, struct statement *statement, struct err *err)
{
    hash_of(bytes.bytes, bytes.length, &statement->hash);
    statement->bytes = malloc(bytes.length + 1);
    if (statement->bytes == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    memcpy(statement->bytes, bytes.bytes, bytes.length);
    statement->bytes[bytes.length] = '\0';
    statement->length = bytes.length;
    return STATUS_OK;
}

static enum status document_found(void *context, size_t offset, size_t length, struct err *err)
{
    struct statement *statement = context;
    (void)err;
    statement->documents[statement->document_count++] = slice_of(statement->bytes + offset, length);
    return STATUS_OK;
}

/* Canonical bytes of a whole hold those of its parts: what is hashed of a document need not be written again. */
static enum status documents_find(struct statement *statement, struct err *err)
{
    size_t count = json_array_size(json_object_get(statement->body, "documents"));
    struct scan_member list = {.name = "body/documents"};
    enum status status = scan_object(statement->bytes, statement->length, STATEMENT_POLICY_BYTES_MAX, &list, 1, err);
    if (status != STATUS_OK)
        return status;
    statement->documents = calloc(count, sizeof *statement->documents);
    if (statement->documents == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    status = scan_list(statement->bytes, &list, document_found, statement, err);
    invariant(status != STATUS_OK || statement->document_count == count);
    return status;
}

/* Takes json over, whatever the answer. */
static enum status statement_take(json_t *json, struct slice bytes, struct statement *ret_statement, struct err *err)
{
    struct statement statement = {.json = json};
    enum status status = envelope_read(&statement, err);
    if (status != STATUS_OK)
        goto done;
    status = schema_check(verbs[statement.verb].body, statement.body, "body", err);
    if (status != STATUS_OK)
        goto done;
    status = head_check(&statement, err);
    if (status != STATUS_OK)
        goto done;
    if (bytes.length > STATEMENT_BYTES_MAX && !holds_policy(&statement)) {
        status = err_set(err, STATUS_LIMIT, "the statement has %zu bytes, at most %d are allowed", bytes.length,
                         STATEMENT_BYTES_MAX);
        goto done;
    }
    status = bytes_keep(bytes, &statement, err);
    if (status == STATUS_OK && statement.verb == VERB_SUBMIT)
        status = documents_find(&statement, err);
done:
    if (status != STATUS_OK)
        statement_done(&statement);
    else
        *ret_statement = statement;
    return status;
}

enum status statement_read(struct slice bytes, struct statement *ret_statement, struct err *err)
{
    json_t *json = NULL;
    enum status status = canon_parse((const char *)bytes.bytes, bytes.length, STATEMENT_POLICY_BYTES_MAX, &json, err);
    if (status != STATUS_OK)
        return status;
    if (canon_depth(json) > JSON_DEPTH_MAX - 1) {
        json_decref(json);
        return err_set(err, STATUS_LIMIT, "nested deeper than %d", JSON_DEPTH_MAX - 1);
    }
    return statement_take(json, bytes, ret_statement, err);
}

enum status statement_read_scanned(struct slice bytes, struct statement *ret_statement, struct err *err)
{
    if (bytes.length > STATEMENT_POLICY_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "%zu bytes of JSON, at most %d are allowed", bytes.length,
                       STATEMENT_POLICY_BYTES_MAX);
    json_t *json = compact_read((const char *)bytes.bytes, bytes.length, NULL);
    if (!json_is_object(json)) {
        json_decref(json);
        return err_set(err, STATUS_INPUT, "has to be an object");
    }
    return statement_take(json, bytes, ret_statement, err);
}

static bool seen_look(const struct outline_node *seen, struct statement_look *look)
{
    const struct outline *outline = look->outline;
    struct slice hash;
    int64_t seq = 0;
    if (seen == NULL || seen->type == OUTLINE_NULL)
        return seen != NULL;
    if (!schema_holds(&seen_schema, outline, seen, NULL) ||
        !outline_text(outline, outline_get(outline, seen, "hash"), &hash) ||
        hash_from_digits((const char *)hash.bytes, hash.length, &look->seen_hash) != STATUS_OK ||
        !outline_integer(outline, outline_get(outline, seen, "seq"), &seq))
        return false;
    look->has_seen = true;
    look->seen_seq = (uint64_t)seq;
    return true;
}

/* Its verb, where that is one whose bodies are looked at. */
static bool verb_look(const struct outline_node *name, struct statement_look *look)
{
    static const enum verb looked[] = {VERB_SUBMIT, VERB_APPROVE, VERB_FEED,    VERB_AMEND,
                                       VERB_REJECT, VERB_RETURN,  VERB_WITHDRAW};
    for (size_t i = 0; i < sizeof looked / sizeof looked[0]; i++)
        if (outline_is(look->outline, name, verbs[looked[i]].name)) {
            look->verb = looked[i];
            return true;
        }
    return false;
}

bool statement_look(const struct outline *outline, const struct outline_node *node, struct statement_look *ret_look)
{
    static const char *const but[] = {"seen", NULL};
    struct statement_look look = {.outline = outline, .bytes = outline_raw(outline, node)};
    struct slice at;
    struct hash book;
    if (look.bytes.length > STATEMENT_BYTES_MAX || !seen_look(outline_get(outline, node, "seen"), &look) ||
        !schema_holds(&statement_schema, outline, node, but) ||
        !outline_text(outline, outline_get(outline, node, "actor"), &look.actor) ||
        !text_is_id((const char *)look.actor.bytes, look.actor.length) ||
        !outline_text(outline, outline_get(outline, node, "at"), &at) ||
        instant_parse((const char *)at.bytes, at.length, &look.at_ms, NULL) != STATUS_OK ||
        !outline_text(outline, outline_get(outline, node, "book"), &look.book) ||
        hash_from_digits((const char *)look.book.bytes, look.book.length, &book) != STATUS_OK ||
        !verb_look(outline_get(outline, node, "do"), &look))
        return false;
    look.body = outline_get(outline, node, "body");
    if (!schema_holds(verbs[look.verb].body, outline, look.body, NULL))
        return false;
    look.list = verbs[look.verb].list == NULL ? NULL : outline_get(outline, look.body, verbs[look.verb].list);
    *ret_look = look;
    return true;
}

/* As documents_find, out of what was looked at. */
static enum status documents_take(const struct statement_look *look, struct statement *statement, struct err *err)
{
    const struct outline *outline = look->outline;
    statement->documents = calloc(outline_count(outline, look->list), sizeof *statement->documents);
    if (statement->documents == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    for (const struct outline_node *one = outline_first(outline, look->list); one != NULL;
         one = outline_after(outline, look->list, one)) {
        const size_t offset = (size_t)((const uint8_t *)outline->bytes + one->at - look->bytes.bytes);
        statement->documents[statement->document_count++] = slice_of(statement->bytes + offset, one->length);
    }
    return STATUS_OK;
}

enum status statement_read_looked(const struct statement_look *look, struct statement *ret_statement, struct err *err)
{
    json_t *json = compact_read((const char *)look->bytes.bytes, look->bytes.length, NULL);
    const json_t *seen = json_object_get(json, "seen");
    struct statement statement = {.json = json,
                                  .verb = look->verb,
                                  .actor = member_text(json, "actor"),
                                  .book = member_text(json, "book"),
                                  .id = member_text(json, "id"),
                                  .at_ms = look->at_ms,
                                  .body = json_object_get(json, "body"),
                                  .seen_hash = member_text(seen, "hash"),
                                  .seen_seq = look->seen_seq};
    enum status status = json != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a statement");
    if (status == STATUS_OK)
        status = bytes_keep(look->bytes, &statement, err);
    if (status == STATUS_OK && statement.verb == VERB_SUBMIT)
        status = documents_take(look, &statement, err);
    if (status != STATUS_OK)
        statement_done(&statement);
    else
        *ret_statement = statement;
    return status;
}

const struct outline_node *statement_look_document(const struct statement_look *look, const struct outline_node *member)
{
    if (look->verb == VERB_SUBMIT)
        return member;
    return look->verb == VERB_AMEND ? outline_get(look->outline, member, "content") : NULL;
}

void statement_done(struct statement *statement)
{
    if (statement == NULL)
        return;
    json_decref(statement->json);
    free(statement->documents);
    free(statement->bytes);
    *statement = (struct statement){.bytes = NULL};
}

enum status statement_make(const struct statement_head *head, const json_t *body, struct statement *ret_statement,
                           struct err *err)
{
    char at[INSTANT_TEXT_BYTES];
    char hex[HASH_HEX_CHARS + 1];
    char *bytes = NULL;
    size_t length = 0;
    json_t *seen = json_null();
    instant_format(head->at_ms, at);
    if (head->seen_hash != NULL) {
        hash_to_hex(head->seen_hash, hex);
        seen = json_pack("{s:s, s:I}", "hash", hex, "seq", (json_int_t)head->seen_seq);
    }
    json_t *json = json_pack("{s:s, s:s, s:O, s:s, s:s, s:s, s:o, s:i}", "actor", head->actor, "at", at, "body", body,
                             "book", head->book, "do", verb_name(head->verb), "id", head->id, "seen", seen, "v", 1);
    if (json == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    enum status status = canon_encode(json, &bytes, &length, err);
    if (status == STATUS_OK)
        status = statement_read(slice_of(bytes, length), ret_statement, err);
    free(bytes);
    json_decref(json);
    return status;
}

const json_t *statement_list(const struct statement *statement)
{
    const char *list = verbs[statement->verb].list;
    return list == NULL ? NULL : json_object_get(statement->body, list);
}

const json_t *statement_document(const struct statement *statement, size_t index)
{
    const json_t *item = json_array_get(statement_list(statement), index);
    if (statement->verb == VERB_SUBMIT)
        return item;
    return statement->verb == VERB_AMEND ? json_object_get(item, "content") : NULL;
}

enum status statement_document_hash(const struct statement *statement, size_t index, struct hash *ret_hash,
                                    struct err *err)
{
    if (index >= statement->document_count)
        return canon_hash(statement_document(statement, index), ret_hash, err);
    hash_of(statement->documents[index].bytes, statement->documents[index].length, ret_hash);
    return STATUS_OK;
}

enum status statement_content(const struct statement *statement, size_t index, struct hash *ret_content,
                              struct err *err)
{
    const json_t *document = statement_document(statement, index);
    if (document == NULL)
        return err_set(err, STATUS_INPUT, "the statement has no document %zu", index);
    char hex[HASH_HEX_CHARS + 1];
    hash_to_hex(&statement->hash, hex);
    if (index < statement->document_count) {
        char before[HASH_HEX_CHARS + 64], after[HASH_HEX_CHARS + 64];
        int head = snprintf(before, sizeof before, "{\"book\":\"%s\",\"document\":", statement->book);
        int tail = snprintf(after, sizeof after, ",\"index\":%zu,\"statement\":\"%s\"}", index, hex);
        invariant(head > 0 && head < (int)sizeof before && tail > 0 && tail < (int)sizeof after);
        const struct slice parts[] = {slice_of(before, (size_t)head), statement->documents[index],
                                      slice_of(after, (size_t)tail)};
        hash_of_parts(parts, 3, ret_content);
        return STATUS_OK;
    }
    json_t *json = json_pack("{s:s, s:O, s:I, s:s}", "book", statement->book, "document", document, "index",
                             (json_int_t)index, "statement", hex);
    if (json == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    enum status status = canon_hash(json, ret_content, err);
    json_decref(json);
    return status;
}
