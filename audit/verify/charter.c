/*
 * What an entry's place demands of it: the book that it names, its time, and what it says to have seen. Implements
 * FORMAT.md sections 2 (`book`, `at`, `seen`), 4 (`time`, book id) and 5.1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/verify/parts.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "ledger/text.h"

enum { CLOCK_BEHIND_MS = 5000 }; /* FORMAT.md section 4 */

static void note_officers(struct verify *verify, const json_t *body)
{
    const json_t *officers = json_object_get(body, "officers");
    struct verify_result *result = verify->result;
    for (size_t i = 0; i < json_array_size(officers) && i < VERIFY_OFFICERS_MAX; i++) {
        const char *user = member_text(json_array_get(officers, i), "user");
        const char *text = member_text(json_array_get(officers, i), "key");
        struct public_key key;
        struct verify_officer *officer = &result->officers[result->officer_count];
        if (user == NULL || text == NULL || sshkey_parse(text, &key, NULL) != STATUS_OK)
            continue;
        snprintf(officer->user, sizeof officer->user, "%s", user);
        sshkey_fingerprint(&key, officer->fingerprint);
        result->officer_count++;
    }
}

enum status verify_charter(struct verify *verify, const struct verify_item *item, struct err *err)
{
    const struct statement *statement = &item->entry.statement;
    if (item->seq != 0) {
        if (item->readable && item->facts.verb == VERB_CHARTER)
            finding_at(&verify->findings, CHECK_ENTRIES, item->seq, "is a charter; only entry 0 is one");
        return STATUS_OK;
    }
    if (!item->readable || item->facts.verb != VERB_CHARTER) {
        finding_at(&verify->findings, CHECK_ENTRIES, 0,
                   "is no charter that can be read: keys and rules of this book are unknown");
        finding_lose(&verify->findings, 0);
        return STATUS_OK;
    }
    verify->charter = json_deep_copy(statement->body);
    if (verify->charter == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for the charter");
    json_object_del(verify->charter, "policy");
    hash_to_hex(&statement->hash, verify->book);
    verify->chartered = true;
    verify->result->engine = (int)member_integer(verify->charter, "engine");
    verify->result->simulated = text_is(member_text(verify->charter, "clock"), "simulated");
    memcpy(verify->result->book, verify->book, sizeof verify->book);
    note_officers(verify, statement->body);
    if (verify->options->book != NULL && strcmp(verify->options->book, verify->book) != 0)
        finding_at(&verify->findings, CHECK_ENTRIES, 0, "is the charter of book %s, and %s was asked for", verify->book,
                   verify->options->book);
    return STATUS_OK;
}

/* Everybody names the book by the charter's hash. When the first who does disagrees with a charter that is bad anyway, it
 * is the charter that was changed, and one finding is enough. */
static void check_book(struct verify *verify, const struct verify_item *item)
{
    const char *book = item->facts.book;
    if (item->seq == 0 || !verify->chartered || strcmp(book, verify->book) == 0)
        return;
    if (finding_list_has(&verify->findings, 0) && verify->result->entries <= 2) {
        finding_at(&verify->findings, CHECK_ENTRIES, 0, "is not the charter of the book that entry %llu names",
                   (unsigned long long)item->seq);
        memcpy(verify->book, book, sizeof verify->book);
        return;
    }
    finding_at(&verify->findings, CHECK_ENTRIES, item->seq, "is about another book: %.16s", book);
}

static void check_time(struct verify *verify, const struct verify_item *item)
{
    int64_t time_ms = item->facts.time_ms;
    int64_t at_ms = item->facts.at_ms;
    struct finding_list *findings = &verify->findings;
    if (item->facts.verb == VERB_CLOCK && !item->facts.refused) {
        char before[INSTANT_TEXT_BYTES];
        instant_format(verify->previous_ms, before);
        verify_recorded(verify, CHECK_TIME, item->seq, "sets the clock back from %s: %s", before,
                        member_text(item->entry.statement.body, "reason"));
        verify->previous_ms = time_ms;
    }
    if (verify->has_time && time_ms < verify->previous_ms)
        finding_at(findings, CHECK_TIME, item->seq, "its time is before that of the entry before");
    if (!verify->has_time || time_ms > verify->previous_ms)
        verify->previous_ms = time_ms;
    verify->has_time = true;
    if (!verify->chartered)
        return;
    int64_t skew_ms = member_integer(verify->charter, "skew_seconds") * 1000;
    if (verify->result->simulated && time_ms != at_ms)
        finding_at(findings, CHECK_TIME, item->seq, "its time is not the one its statement gives, on a simulated book");
    /* Founding officers sign one after the other, days apart perhaps: only a charter from the future is wrong. */
    bool late = item->seq > 0 && time_ms - at_ms > skew_ms + CLOCK_BEHIND_MS;
    if (!verify->result->simulated && (at_ms - time_ms > skew_ms || late))
        finding_at(findings, CHECK_TIME, item->seq, "was signed at a time further off than the charter allows");
}

/* What somebody looked at when they signed binds the journal to it. */
static void check_seen(struct verify *verify, const struct verify_item *item)
{
    const struct item_facts *facts = &item->facts;
    struct hash stored;
    if (!facts->has_seen || facts->refused)
        return;
    if (verify->computed != NULL && verify->gap && facts->seen_seq >= verify->gap_seq)
        return; /* no hash of it is known; what is missing has been told */
    bool there = facts->seen_seq < item->seq && verify_node(verify, 0, facts->seen_seq, &stored, NULL) == STATUS_OK;
    if (!there || !hash_equal(&facts->seen_hash, &stored))
        finding_at(&verify->findings, CHECK_CHAIN, item->seq,
                   "was signed on sight of an entry %llu that is not in this journal",
                   (unsigned long long)facts->seen_seq);
}

/* Each change of the gate's executable, and whether a release with it had been approved. */
static void note_release(struct verify *verify, const struct verify_item *item)
{
    struct verify_result *result = verify->result;
    struct verify_release *last = &verify->release;
    const char *exe = item->facts.exe, *release = item->facts.release;
    bool approved = verify->keys != NULL && key_register_release(verify->keys, exe);
    if (result->release_changes > 0 && strcmp(last->exe, exe) == 0 && last->approved == approved)
        return;
    *last = (struct verify_release){.seq = item->seq, .approved = approved};
    snprintf(last->exe, sizeof last->exe, "%s", exe);
    snprintf(last->release, sizeof last->release, "%s", release);
    result->release_changes++;
    if (result->release_count < VERIFY_RELEASES_MAX)
        result->releases[result->release_count++] = *last;
}

void verify_place(struct verify *verify, const struct verify_item *item)
{
    if (!item->readable)
        return;
    check_book(verify, item);
    check_time(verify, item);
    if (!verify->part)
        check_seen(verify, item);
    if (item->facts.embedded)
        verify->result->embedded++;
    if (!verify->part)
        note_release(verify, item);
    verify_restore(verify, item);
}
