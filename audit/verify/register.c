/*
 * The register of keys, from decisions alone (FORMAT.md sections 5.1, 5.3: enrolment, key-rotation, key-revocation). The
 * three kinds come into force at submission or at the approval that completes them, so their documents are kept while
 * they wait.
 */
#include "audit/verify/register.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/entry.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "ledger/text.h"

struct key_register {
    json_t *keys;      /* key text -> {from, revoked?, until?, user}; jansson keeps the order of insertion */
    json_t *waiting;   /* request number -> document */
    json_t *officers;  /* number of a grant of the officers' role that was not revoked -> user */
    json_t *book_keys; /* key text -> {from, retired?} */
    json_t *releases;  /* first 16 hex of an executable's hash -> true */
    json_t *restores;  /* list of {epoch, from, seq, to} */
};

enum { EXE_CHARS = 16 };

/* The entry by which something came into force. */
struct came {
    uint64_t seq;
    int64_t time_ms;
};

static struct came came_by(const struct entry *entry)
{
    return (struct came){.seq = entry->seq, .time_ms = entry->time_ms};
}

enum status key_register_new(struct key_register **ret_register, struct err *err)
{
    struct key_register *keys = calloc(1, sizeof *keys);
    if (keys != NULL) {
        keys->keys = json_object();
        keys->waiting = json_object();
        keys->officers = json_object();
        keys->book_keys = json_object();
        keys->releases = json_object();
        keys->restores = json_array();
    }
    if (keys == NULL || keys->keys == NULL || keys->waiting == NULL || keys->officers == NULL ||
        keys->book_keys == NULL || keys->releases == NULL || keys->restores == NULL) {
        key_register_free(keys);
        return err_set(err, STATUS_MEMORY, "no memory for the register of keys");
    }
    *ret_register = keys;
    return STATUS_OK;
}

void key_register_free(struct key_register *keys)
{
    if (keys == NULL)
        return;
    json_decref(keys->keys);
    json_decref(keys->waiting);
    json_decref(keys->officers);
    json_decref(keys->book_keys);
    json_decref(keys->releases);
    json_decref(keys->restores);
    free(keys);
}

json_t *key_register_to_json(const struct key_register *keys)
{
    return json_pack("{s:O, s:O, s:O, s:O, s:O, s:O}", "keys", keys->keys, "waiting", keys->waiting, "officers",
                     keys->officers, "book_keys", keys->book_keys, "releases", keys->releases, "restores",
                     keys->restores);
}

enum status key_register_from_json(const json_t *json, struct key_register **ret_register, struct err *err)
{
    json_t *copy = json_deep_copy(json);
    struct key_register *keys = calloc(1, sizeof *keys);
    enum status status = STATUS_OK;
    if (keys == NULL || (copy == NULL && json != NULL))
        status = err_set(err, STATUS_MEMORY, "no memory for the register of keys");
    else if (json_unpack(copy, "{s:O, s:O, s:O, s:O, s:O, s:O}", "keys", &keys->keys, "waiting", &keys->waiting,
                         "officers", &keys->officers, "book_keys", &keys->book_keys, "releases", &keys->releases,
                         "restores", &keys->restores) != 0 ||
             !json_is_object(keys->keys) || !json_is_object(keys->waiting) || !json_is_object(keys->officers) ||
             !json_is_object(keys->book_keys) || !json_is_object(keys->releases) || !json_is_array(keys->restores))
        status = err_set(err, STATUS_INPUT, "is no register of keys");
    json_decref(copy);
    if (status != STATUS_OK)
        key_register_free(keys);
    else
        *ret_register = keys;
    return status;
}

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory for the register of keys");
}

static enum status key_add(struct key_register *keys, const char *key, const char *user, const char *until,
                           const struct came *came, struct err *err)
{
    char from[INSTANT_TEXT_BYTES];
    if (key == NULL || user == NULL)
        return STATUS_OK;
    instant_format(came->time_ms, from);
    json_t *record = json_pack("{s:s, s:s}", "from", from, "user", user);
    if (record == NULL || (until != NULL && json_object_set_new(record, "until", json_string(until)) != 0)) {
        json_decref(record);
        return no_memory(err);
    }
    return json_object_set_new(keys->keys, key, record) == 0 ? STATUS_OK : no_memory(err);
}

static enum status key_end(struct key_register *keys, const char *key, const struct came *came, struct err *err)
{
    char time[INSTANT_TEXT_BYTES];
    json_t *record = key == NULL ? NULL : json_object_get(keys->keys, key);
    if (record == NULL || json_object_get(record, "revoked") != NULL)
        return STATUS_OK;
    instant_format(came->time_ms, time);
    return json_object_set_new(record, "revoked", json_string(time)) == 0 ? STATUS_OK : no_memory(err);
}

static bool concerns_keys(const json_t *document)
{
    const char *kind = member_text(document, "kind");
    return text_is(kind, "enrolment") || text_is(kind, "key-rotation") || text_is(kind, "key-revocation") ||
           text_is(kind, "book-key") || text_is(kind, "release") || text_is(kind, "revocation") ||
           (text_is(kind, "grant") && text_is(member_text(document, "role"), "OFFICER"));
}

static enum status book_key_add(struct key_register *keys, const char *key, const char *retires, uint64_t seq,
                                struct err *err)
{
    json_t *old = retires != NULL ? json_object_get(keys->book_keys, retires) : NULL;
    if (old != NULL && json_object_set_new(old, "retired", json_integer((json_int_t)seq)) != 0)
        return no_memory(err);
    return json_object_set_new(keys->book_keys, key, json_pack("{s:I}", "from", (json_int_t)seq)) == 0 ? STATUS_OK
                                                                                                       : no_memory(err);
}

static enum status release_add(struct key_register *keys, const json_t *document, struct err *err)
{
    char exe[EXE_CHARS + 1];
    snprintf(exe, sizeof exe, "%s", member_text(document, "exe"));
    return json_object_set_new(keys->releases, exe, json_true()) == 0 ? STATUS_OK : no_memory(err);
}

/* What is no key of a user: the officers' grants, keys of the book, releases. */
static enum status other_in_force(struct key_register *keys, const json_t *document, const char *number,
                                  const struct came *came, struct err *err)
{
    const char *kind = member_text(document, "kind");
    if (text_is(kind, "grant"))
        return json_object_set(keys->officers, number, json_object_get(document, "user")) == 0 ? STATUS_OK
                                                                                               : no_memory(err);
    if (text_is(kind, "book-key"))
        return book_key_add(keys, member_text(document, "key"), member_text(document, "retires"), came->seq, err);
    if (text_is(kind, "release"))
        return release_add(keys, document, err);
    json_object_del(keys->officers, member_text(document, "grant"));
    return STATUS_OK;
}

static enum status in_force(struct key_register *keys, const json_t *document, const char *number,
                            const struct came *came, struct err *err)
{
    const char *kind = member_text(document, "kind");
    const char *user = member_text(document, "user");
    const char *until = member_text(document, "until");
    if (text_is(kind, "enrolment"))
        return key_add(keys, member_text(document, "key"), user, until, came, err);
    if (text_is(kind, "key-revocation"))
        return key_end(keys, member_text(document, "key"), came, err);
    if (!text_is(kind, "key-rotation"))
        return other_in_force(keys, document, number, came, err);
    enum status status = key_end(keys, member_text(document, "old"), came, err);
    return status == STATUS_OK ? key_add(keys, member_text(document, "new"), user, until, came, err) : status;
}

/* A document of submit or amend: in force at once, or kept until the approval that completes it. */
static enum status submitted(struct key_register *keys, const struct entry *entry, size_t index, const json_t *result,
                             struct err *err)
{
    const struct came came = came_by(entry);
    const json_t *document = statement_document(&entry->statement, index);
    const char *number = member_text(result, "document");
    const char *outcome = member_text(result, "outcome");
    if (!concerns_keys(document) || number == NULL)
        return STATUS_OK;
    if (text_is(outcome, "in-force"))
        return in_force(keys, document, number, &came, err);
    if (text_is(outcome, "waiting") && json_object_set(keys->waiting, number, (json_t *)document) != 0)
        return no_memory(err);
    return STATUS_OK;
}

enum status key_register_approved(struct key_register *keys, const char *number, uint64_t seq, int64_t time_ms,
                                  struct err *err)
{
    const struct came came = {.seq = seq, .time_ms = time_ms};
    const json_t *document = json_object_get(keys->waiting, number);
    if (document == NULL)
        return STATUS_OK;
    enum status status = in_force(keys, document, number, &came, err);
    json_object_del(keys->waiting, number);
    return status;
}

static enum status approved(struct key_register *keys, const struct entry *entry, const json_t *result, struct err *err)
{
    const char *number = member_text(result, "document");
    if (number == NULL || !text_is(member_text(result, "outcome"), "in-force"))
        return STATUS_OK;
    return key_register_approved(keys, number, entry->seq, entry->time_ms, err);
}

/* Officers of a charter or of a recovery, with their grants. */
static enum status officers_add(struct key_register *keys, const struct entry *entry, struct err *err)
{
    const struct came came = came_by(entry);
    const json_t *officers = json_object_get(entry->statement.body, "officers");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(officers); i++) {
        const json_t *officer = json_array_get(officers, i);
        char number[48];
        snprintf(number, sizeof number, "GR-%llu.%zu", (unsigned long long)entry->seq, i + 1);
        if (json_object_set(keys->officers, number, json_object_get(officer, "user")) != 0)
            return no_memory(err);
        status = key_add(keys, member_text(officer, "key"), member_text(officer, "user"), NULL, &came, err);
    }
    return status;
}

static enum status chartered(struct key_register *keys, const struct entry *entry, struct err *err)
{
    const json_t *texts = json_object_get(entry->statement.body, "book_keys");
    enum status status = officers_add(keys, entry, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(texts); i++)
        status = book_key_add(keys, json_string_value(json_array_get(texts, i)), NULL, 0, err);
    return status;
}

/* The old officers' keys end, the new ones' begin. */
static enum status recovered(struct key_register *keys, const struct entry *entry, struct err *err)
{
    const struct came came = came_by(entry);
    const char *key = NULL, *number = NULL;
    json_t *record = NULL, *user = NULL;
    enum status status = STATUS_OK;
    if (json_array_size(json_object_get(entry->decision, "results")) != 1)
        return STATUS_OK; /* refused */
    json_object_foreach(keys->keys, key, record)
    {
        bool was = false;
        json_object_foreach(keys->officers, number, user)
        {
            was = was || text_is(json_string_value(user), member_text(record, "user"));
        }
        if (was && status == STATUS_OK)
            status = key_end(keys, key, &came, err);
    }
    json_object_clear(keys->officers);
    return status == STATUS_OK ? officers_add(keys, entry, err) : status;
}

static enum status restored(struct key_register *keys, const struct entry *entry, struct err *err)
{
    const json_t *result = json_array_get(json_object_get(entry->decision, "results"), 0);
    const json_t *lost = json_object_get(entry->statement.body, "lost");
    if (result == NULL)
        return STATUS_OK; /* refused */
    return json_array_append_new(keys->restores,
                                 json_pack("{s:I, s:I, s:I, s:I}", "epoch", (json_int_t)member_integer(result, "epoch"),
                                           "from", (json_int_t)member_integer(lost, "from"), "seq",
                                           (json_int_t)entry->seq, "to", (json_int_t)member_integer(lost, "to"))) == 0
               ? STATUS_OK
               : no_memory(err);
}

enum status key_register_apply(struct key_register *keys, const struct entry *entry, struct err *err)
{
    const json_t *results = json_object_get(entry->decision, "results");
    enum status status = STATUS_OK;
    if (entry->statement.verb == VERB_CHARTER)
        return chartered(keys, entry, err);
    if (entry->statement.verb == VERB_RECOVER)
        return recovered(keys, entry, err);
    if (entry->statement.verb == VERB_RESTORE)
        return restored(keys, entry, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(results); i++) {
        const json_t *result = json_array_get(results, i);
        if (entry->statement.verb == VERB_SUBMIT || entry->statement.verb == VERB_AMEND)
            status = submitted(keys, entry, i, result, err);
        else if (entry->statement.verb == VERB_APPROVE)
            status = approved(keys, entry, result, err);
    }
    return status;
}

const json_t *key_register_book_keys(const struct key_register *keys)
{
    return keys->book_keys;
}

bool book_key_signs(const json_t *record, uint64_t size)
{
    const json_t *retired = json_object_get(record, "retired");
    return (uint64_t)member_integer(record, "from") < size &&
           (retired == NULL || size <= (uint64_t)json_integer_value(retired));
}

const json_t *key_register_restores(const struct key_register *keys)
{
    return keys->restores;
}

bool key_register_release(const struct key_register *keys, const char *exe)
{
    return json_object_get(keys->releases, exe) != NULL;
}

static int64_t instant_of(const char *text)
{
    int64_t ms = INT64_MAX;
    if (text != NULL && instant_parse(text, strlen(text), &ms, NULL) != STATUS_OK)
        ms = INT64_MAX;
    return ms;
}

void key_register_look(const struct key_register *keys, const char *key_text, int64_t time_ms,
                       struct key_standing *ret_standing)
{
    const json_t *record = json_object_get(keys->keys, key_text);
    *ret_standing = (struct key_standing){.user = NULL};
    if (record == NULL)
        return;
    ret_standing->user = member_text(record, "user");
    ret_standing->revoked = json_object_get(record, "revoked") != NULL;
    ret_standing->over = time_ms >= instant_of(member_text(record, "until"));
    ret_standing->from_ms = instant_of(member_text(record, "from"));
}

const char *key_register_waits(const struct key_register *keys, const char *key_text)
{
    const char *number = NULL;
    json_t *document = NULL;
    json_object_foreach(keys->waiting, number, document)
    {
        const char *key = member_text(document, "kind");
        key = member_text(document, text_is(key, "enrolment") ? "key" : text_is(key, "key-rotation") ? "new" : "");
        if (text_is(key, key_text))
            return member_text(document, "user");
    }
    return NULL;
}

enum status key_register_each(const struct key_register *keys, key_line_step *step, void *context, struct err *err)
{
    enum status status = STATUS_OK;
    const char *key = NULL;
    json_t *record = NULL;
    json_object_foreach(keys->keys, key, record)
    {
        const char *revoked = member_text(record, "revoked");
        const char *until = member_text(record, "until");
        bool until_first = revoked == NULL || (until != NULL && strcmp(until, revoked) < 0);
        const struct key_line line = {.key = key,
                                      .user = member_text(record, "user"),
                                      .after = member_text(record, "from"),
                                      .before = until_first ? until : revoked};
        status = step(context, &line, err);
        if (status != STATUS_OK)
            break;
    }
    return status;
}
