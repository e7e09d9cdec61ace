/*
 * The stages before a key's end; see the header.
 */
#include "cli/key_ending.h"

#include <stdio.h>

#include "cli/govern.h"
#include "cli/present.h"
#include "ledger/instant.h"

/* The last first. */
static const struct {
    int days;
    const char *words;
    const char *before, *after; /* around "your key SHA256:... ends in 9 d, on 2026-02-04 09:00 UTC" */
} stages[] = {
    {3, "ends within 3 days: nothing counts that it signs then", "WARNING: ",
     ". Nothing counts that it signs then, its own rotation neither: only officers can give you a new one. Now: "
     "countersign key new --key NEW.key, then countersign key rotate --new-key NEW.key, and an officer approves"},
    {14, "ends within 14 days: rotate it now",
     "WARNING: ", "; an officer has to approve the new one: countersign key rotate --new-key NEW.key"},
    {30, "ends within 30 days: to be rotated", "", "; countersign key rotate puts a new one in its place"},
};

enum { STAGES = sizeof stages / sizeof stages[0] };

int key_ending_stage(int64_t left_ms)
{
    for (size_t i = 0; left_ms > 0 && i < STAGES; i++)
        if (left_ms <= stages[i].days * INSTANT_DAY_MS)
            return stages[i].days;
    return 0;
}

enum status key_ending_of(const struct facts *facts, const json_t *record, struct key_ending *ret_ending,
                          struct err *err)
{
    struct key_ending ending = {.end_ms = INT64_MAX, .left_ms = INT64_MAX};
    enum status status = facts_key_end(facts, record, &ending.end_ms, err);
    if (status != STATUS_OK)
        return status;
    if (ending.end_ms < INT64_MAX && json_object_get(record, "revoked") == NULL) {
        ending.left_ms = ending.end_ms - facts->time_ms;
        ending.stage_days = key_ending_stage(ending.left_ms);
    }
    *ret_ending = ending;
    return STATUS_OK;
}

const char *key_ending_words(int stage_days)
{
    for (size_t i = 0; i < STAGES; i++)
        if (stages[i].days == stage_days)
            return stages[i].words;
    return "";
}

void key_ending_sentence(const struct key_ending *ending, const char *key_text, char ret_text[static KEY_ENDING_BYTES])
{
    char fingerprint[SSHKEY_FINGERPRINT_CHARS + 1], left[AGE_BYTES], end[INSTANT_TEXT_BYTES];
    ret_text[0] = '\0';
    for (size_t i = 0; i < STAGES; i++) {
        if (stages[i].days != ending->stage_days)
            continue;
        govern_fingerprint(key_text, fingerprint);
        present_age(ending->left_ms, left);
        instant_format(ending->end_ms, end);
        snprintf(ret_text, KEY_ENDING_BYTES, "%syour key %s ends in %s, on %.10s %.5s UTC%s", stages[i].before,
                 fingerprint, left, end, end + 11, stages[i].after);
    }
}

json_t *key_ending_json(const struct key_ending *ending, const char *key_text)
{
    char fingerprint[SSHKEY_FINGERPRINT_CHARS + 1], end[INSTANT_TEXT_BYTES], text[KEY_ENDING_BYTES];
    govern_fingerprint(key_text, fingerprint);
    instant_format(ending->end_ms, end);
    key_ending_sentence(ending, key_text, text);
    return json_pack("{s:I, s:s, s:s, s:i, s:s, s:s}", "days_left", (json_int_t)(ending->left_ms / INSTANT_DAY_MS),
                     "ends", end, "fingerprint", fingerprint, "stage", ending->stage_days, "text", text, "warning",
                     "key-ends");
}

struct endings {
    const struct facts *facts;
    json_t *list;
};

static enum status ending_step(void *context, const char *key_text, const json_t *record, struct err *err)
{
    struct endings *endings = context;
    struct key_ending ending;
    enum status status = key_ending_of(endings->facts, record, &ending, err);
    if (status == STATUS_OK && ending.stage_days > 0 &&
        json_array_append_new(endings->list, key_ending_json(&ending, key_text)) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory for warnings");
    return status;
}

enum status key_endings_of_user(const struct facts *facts, const char *user, json_t **ret_list, struct err *err)
{
    struct endings endings = {.facts = facts, .list = json_array()};
    enum status status = endings.list != NULL ? govern_each_key(facts, user, ending_step, &endings, err)
                                              : err_set(err, STATUS_MEMORY, "no memory for warnings");
    if (status == STATUS_OK)
        *ret_list = endings.list;
    else
        json_decref(endings.list);
    return status;
}
