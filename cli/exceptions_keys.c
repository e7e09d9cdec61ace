/*
 * What is the matter with keys (C-52): acts of a key that was in other hands which nobody has answered for, and keys that
 * end soon.
 */
#include <stdio.h>
#include <string.h>

#include "cli/exceptions.h"
#include "cli/govern.h"
#include "cli/key_ending.h"
#include "cli/suspects.h"
#include "ledger/books.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

static enum status suspect_add(void *context, const struct suspect *suspect, struct err *err)
{
    const struct exceptions *asked = context;
    char entry[32], note[160];
    json_t *record = NULL;
    struct exception_row row = {.number = suspect->document, .owner = suspect->user, .note = note};
    if (suspect->settled)
        return STATUS_OK;
    snprintf(entry, sizeof entry, "entry %llu", (unsigned long long)suspect->seq);
    snprintf(note, sizeof note, "%s in entry %llu with a key in other hands: to be %sreversed", suspect->act,
             (unsigned long long)suspect->seq, suspect->conclusion != NULL ? "" : "affirmed or ");
    if (row.number == NULL)
        row.number = entry;
    enum status status = instant_parse(suspect->time, strlen(suspect->time), &row.since_ms, err);
    if (status == STATUS_OK && suspect->document != NULL)
        status = facts_document(asked->facts, suspect->document, &record, err);
    row.entity = record != NULL ? member_text(record, "entity") : "";
    if (status == STATUS_OK)
        status = exception_add(asked, &row, err);
    json_decref(record);
    return status;
}

static enum status suspects_collect(struct exceptions *asked, struct err *err)
{
    return suspects_each(asked->session, asked->facts, suspect_add, asked, err);
}

const struct exception_source exceptions_suspects = {
    .name = "suspects", .title = "suspect act", .collect = suspects_collect};

static enum status key_step(void *context, const char *key_text, const json_t *record, struct err *err)
{
    const struct exceptions *asked = context;
    const char *from = member_text(record, "from");
    char fingerprint[SSHKEY_FINGERPRINT_CHARS + 1];
    struct exception_row row = {.number = fingerprint, .entity = "", .owner = member_text(record, "user")};
    struct key_ending ending;
    enum status status = key_ending_of(asked->facts, record, &ending, err);
    if (status != STATUS_OK || ending.stage_days == 0)
        return status;
    row.due_ms = ending.end_ms;
    row.note = key_ending_words(ending.stage_days);
    govern_fingerprint(key_text, fingerprint);
    status = instant_parse(from, strlen(from), &row.since_ms, err);
    return status == STATUS_OK ? exception_add(asked, &row, err) : status;
}

static enum status user_step(void *context, struct slice key, const json_t *user, bool *ret_more, struct err *err)
{
    struct exceptions *asked = context;
    (void)key;
    (void)ret_more;
    return govern_each_key(asked->facts, member_text(user, "user"), key_step, asked, err);
}

static enum status keys_collect(struct exceptions *asked, struct err *err)
{
    const struct books_walk walk = {.table = BOOKS_USERS, .step = user_step, .context = asked};
    return books_each(asked->facts->books, &walk, err);
}

const struct exception_source exceptions_keys = {.name = "keys", .title = "key ends soon", .collect = keys_collect};
