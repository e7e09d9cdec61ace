/*
 * Saving and loading what a verification holds in memory. Every member of struct verify that later entries are judged
 * against stands here once in each direction; what is derived for the time being (chunks, roots that are asked for, findings)
 * does not. A state of another layout is refused, never guessed at.
 */
#include "audit/verify/resume.h"

#include <stdio.h>
#include <string.h>

#include "audit/verify/parts.h"
#include "ledger/books.h"
#include "ledger/schema.h"

static json_t *hash_json(const struct hash *hash)
{
    char hex[HASH_HEX_CHARS + 1];
    hash_to_hex(hash, hex);
    return json_string(hex);
}

static json_t *frontier_json(const struct tree_frontier *frontier)
{
    json_t *list = json_array();
    for (unsigned level = 0; level < TREE_LEVELS; level++)
        if ((frontier->size >> level & 1) == 1)
            json_array_append_new(list, hash_json(&frontier->roots[level]));
    return list;
}

static json_t *release_json(const struct verify_release *release)
{
    return json_pack("{s:I, s:b, s:s, s:s}", "seq", (json_int_t)release->seq, "approved", release->approved, "exe",
                     release->exe, "release", release->release);
}

static json_t *result_json(const struct verify_result *result)
{
    json_t *releases = json_array(), *officers = json_array();
    for (size_t i = 0; i < result->release_count; i++)
        json_array_append_new(releases, release_json(&result->releases[i]));
    for (size_t i = 0; i < result->officer_count; i++)
        json_array_append_new(officers, json_pack("{s:s, s:s}", "user", result->officers[i].user, "fingerprint",
                                                  result->officers[i].fingerprint));
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:b, s:I, s:I, s:o, s:o}", "entries",
                     (json_int_t)result->entries, "signatures", (json_int_t)result->signatures, "documents",
                     (json_int_t)result->documents, "posted", (json_int_t)result->posted, "refused",
                     (json_int_t)result->refused, "policies", (json_int_t)result->policies, "embedded",
                     (json_int_t)result->embedded, "engine", result->engine, "simulated", result->simulated, "epoch",
                     (json_int_t)result->epoch, "release_changes", (json_int_t)result->release_changes, "releases",
                     releases, "officers", officers);
}

json_t *verify_resume_save(const struct verify *verify)
{
    struct hash root;
    tree_frontier_root(&verify->frontier, &root);
    json_t *json = json_pack(
        "{s:i, s:i, s:s, s:I, s:o, s:o, s:o, s:I, s:I, s:I, s:O, s:o, s:O, s:O, s:o, s:o, s:O}", "format",
        VERIFY_STATE_FORMAT, "layout", (int)BOOKS_LAYOUT, "book", verify->book, "size",
        (json_int_t)verify->frontier.size, "root", hash_json(&root), "head", hash_json(&verify->previous_leaf),
        "frontier", frontier_json(&verify->frontier), "time_ms", (json_int_t)verify->previous_ms, "latest_ms",
        (json_int_t)verify->latest_ms, "latest_seq", (json_int_t)verify->latest_seq, "charter", verify->charter, "keys",
        key_register_to_json(verify->keys), "signers", verify->signers, "series", verify->series, "release",
        release_json(&verify->release), "result", result_json(verify->result), "recorded", verify->recorded);
    return json;
}

enum status verify_resume_look(const json_t *json, struct tree_head *ret_head, char ret_book[static HASH_HEX_CHARS + 1],
                               struct err *err)
{
    const char *book = member_text(json, "book"), *root = member_text(json, "root");
    struct hash id;
    if (member_integer(json, "format") != VERIFY_STATE_FORMAT || member_integer(json, "layout") != BOOKS_LAYOUT)
        return err_set(err, STATUS_INPUT, "another release made this state: begin with an empty one");
    if (book == NULL || hash_from_hex(book, &id) != STATUS_OK || root == NULL ||
        hash_from_hex(root, &ret_head->root) != STATUS_OK || member_integer(json, "size") < 1)
        return err_set(err, STATUS_INPUT, "is no state of a verification: begin with an empty one");
    ret_head->size = (uint64_t)member_integer(json, "size");
    snprintf(ret_book, HASH_HEX_CHARS + 1, "%s", book);
    return STATUS_OK;
}

static bool frontier_load(const json_t *json, struct tree_frontier *frontier)
{
    const json_t *list = json_object_get(json, "frontier");
    struct hash root, wanted;
    const char *text = member_text(json, "root");
    size_t at = 0;
    frontier->size = (uint64_t)member_integer(json, "size");
    for (unsigned level = 0; level < TREE_LEVELS; level++) {
        const char *hex = json_string_value(json_array_get(list, at));
        if ((frontier->size >> level & 1) == 0)
            continue;
        if (hex == NULL || hash_from_hex(hex, &frontier->roots[level]) != STATUS_OK)
            return false;
        at++;
    }
    tree_frontier_root(frontier, &root);
    return at == json_array_size(list) && text != NULL && hash_from_hex(text, &wanted) == STATUS_OK &&
           hash_equal(&root, &wanted);
}

static bool release_load(const json_t *json, struct verify_release *release)
{
    const char *exe = member_text(json, "exe"), *text = member_text(json, "release");
    if (exe == NULL || text == NULL)
        return false;
    release->seq = (uint64_t)member_integer(json, "seq");
    release->approved = json_is_true(json_object_get(json, "approved"));
    snprintf(release->exe, sizeof release->exe, "%s", exe);
    snprintf(release->release, sizeof release->release, "%s", text);
    return true;
}

static bool officers_load(const json_t *list, struct verify_result *result)
{
    size_t count = json_array_size(list);
    if (count > VERIFY_OFFICERS_MAX)
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *user = member_text(json_array_get(list, i), "user");
        const char *print = member_text(json_array_get(list, i), "fingerprint");
        if (user == NULL || print == NULL)
            return false;
        snprintf(result->officers[i].user, sizeof result->officers[i].user, "%s", user);
        snprintf(result->officers[i].fingerprint, sizeof result->officers[i].fingerprint, "%s", print);
    }
    result->officer_count = count;
    return true;
}

static bool result_load(const json_t *json, struct verify_result *result)
{
    const json_t *releases = json_object_get(json, "releases");
    size_t count = json_array_size(releases);
    result->entries = (uint64_t)member_integer(json, "entries");
    result->signatures = (uint64_t)member_integer(json, "signatures");
    result->documents = (uint64_t)member_integer(json, "documents");
    result->posted = (uint64_t)member_integer(json, "posted");
    result->refused = (uint64_t)member_integer(json, "refused");
    result->policies = (uint64_t)member_integer(json, "policies");
    result->embedded = (uint64_t)member_integer(json, "embedded");
    result->engine = (int)member_integer(json, "engine");
    result->simulated = json_is_true(json_object_get(json, "simulated"));
    result->epoch = (uint64_t)member_integer(json, "epoch");
    result->release_changes = (uint64_t)member_integer(json, "release_changes");
    if (count > VERIFY_RELEASES_MAX)
        return false;
    for (; result->release_count < count; result->release_count++)
        if (!release_load(json_array_get(releases, result->release_count), &result->releases[result->release_count]))
            return false;
    return officers_load(json_object_get(json, "officers"), result);
}

/* Findings that the book itself records stand in the report each time. */
static void tell_recorded(struct verify *verify, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        const char *text = member_text(one, "text");
        int64_t check = member_integer(one, "check");
        if (text != NULL && check >= 0 && check < CHECK_COUNT)
            verify_recorded(verify, (enum finding_check)check, (uint64_t)member_integer(one, "seq"), "%s", text);
    }
}

static void replace(json_t **place, json_t *value)
{
    json_decref(*place);
    *place = value;
}

enum status verify_resume_load(const json_t *json, struct verify *verify, struct err *err)
{
    struct key_register *keys = NULL;
    struct verify_result *result = verify->result;
    const char *head = member_text(json, "head");
    json_t *charter = json_deep_copy(json_object_get(json, "charter"));
    json_t *signers = json_deep_copy(json_object_get(json, "signers"));
    json_t *series = json_deep_copy(json_object_get(json, "series"));
    enum status status = key_register_from_json(json_object_get(json, "keys"), &keys, err);
    bool good = status == STATUS_OK && head != NULL && json_is_object(charter) && json_is_object(signers) &&
                json_is_object(series) && frontier_load(json, &verify->frontier) &&
                hash_from_hex(head, &verify->previous_leaf) == STATUS_OK &&
                release_load(json_object_get(json, "release"), &verify->release) &&
                result_load(json_object_get(json, "result"), result);
    if (!good) {
        json_decref(charter);
        json_decref(signers);
        json_decref(series);
        key_register_free(keys);
        return status == STATUS_MEMORY ? status
                                       : err_set(err, STATUS_INPUT, "the state is damaged: begin with an empty one");
    }
    replace(&verify->charter, charter);
    replace(&verify->signers, signers);
    replace(&verify->series, series);
    key_register_free(verify->keys);
    verify->keys = keys;
    verify->chartered = true;
    snprintf(verify->book, sizeof verify->book, "%s", member_text(json, "book"));
    snprintf(result->book, sizeof result->book, "%s", verify->book);
    verify->before = verify->next_seq = verify->frontier.size;
    verify->has_previous = verify->has_time = true;
    verify->previous_stored = verify->previous_leaf;
    verify->previous_ms = member_integer(json, "time_ms");
    verify->latest_ms = verify->before_ms = member_integer(json, "latest_ms");
    verify->latest_seq = verify->before_seq = (uint64_t)member_integer(json, "latest_seq");
    result->keys = json_object_size(verify->signers);
    tell_recorded(verify, json_object_get(json, "recorded"));
    return STATUS_OK;
}
