/*
 * Facts about the book, from its tables or from a verification; checkpoints from the journal itself, because the names of those
 * who signed stand in the notes. Nobody's signature is checked here: that is what audit verify does.
 */
#include "audit/report/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/export/export.h"
#include "audit/verify/verify.h"
#include "ledger/entry.h"
#include "ledger/journal.h"
#include "ledger/note.h"

static void copy(char *to, size_t bytes, const struct report_row *row, const char *name)
{
    const char *value = report_value(row, name);
    snprintf(to, bytes, "%s", value != NULL ? value : "");
}

static uint64_t count_of(const struct report_row *row, const char *name)
{
    const char *value = report_value(row, name);
    return value != NULL ? strtoull(value, NULL, 10) : 0;
}

static enum status on_book(void *context, const struct report_row *row, struct err *err)
{
    struct report_facts *facts = context;
    const char *clock = report_value(row, "clock");
    (void)err;
    copy(facts->release, sizeof facts->release, row, "release");
    copy(facts->exe, sizeof facts->exe, row, "exe");
    copy(facts->book, sizeof facts->book, row, "book");
    copy(facts->name, sizeof facts->name, row, "name");
    copy(facts->base, sizeof facts->base, row, "base");
    copy(facts->head, sizeof facts->head, row, "head");
    copy(facts->root, sizeof facts->root, row, "root");
    facts->entries = count_of(row, "size");
    facts->last_seq = count_of(row, "last_seq");
    facts->embedded = count_of(row, "embedded");
    facts->engine = (int)count_of(row, "engine");
    facts->simulated = clock != NULL && strcmp(clock, "simulated") == 0;
    facts->dense = count_of(row, "entries") == facts->entries && facts->last_seq + 1 == facts->entries;
    return STATUS_OK;
}

enum status report_facts_query(const struct report_source *source, struct report_facts *ret_facts, struct err *err)
{
    static const struct report_binding none[] = {{.name = NULL}};
    struct report_facts facts = {.checkpoints = json_array()};
    enum status status = facts.checkpoints != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a report");
    if (status == STATUS_OK)
        status = source->query(source->context,
                               "SELECT b.*, (SELECT count(*) FROM entry) AS entries, (SELECT max(seq) FROM entry) AS "
                               "last_seq, (SELECT count(*) FROM entry WHERE mode = 'embedded') AS embedded FROM book b",
                               none, on_book, &facts, err);
    if (status == STATUS_OK && facts.book[0] == '\0')
        status = err_set(err, STATUS_CORRUPT, "the tables hold no book");
    if (status == STATUS_OK)
        *ret_facts = facts;
    else
        report_facts_done(&facts);
    return status;
}

void report_verified_hear(struct report_verified *verified, const struct finding *finding)
{
    if (finding->check == CHECK_SIGNATURES && strstr(finding->text, "does not cover these bytes") == NULL)
        verified->unknown_keys++;
}

void report_facts_verified(const struct verify_result *verified, struct report_facts *ret_facts)
{
    struct report_facts facts = {.checkpoints = json_array(),
                                 .entries = verified->entries,
                                 .last_seq = verified->entries > 0 ? verified->entries - 1 : 0,
                                 .dense = verified->complete && verified->findings[CHECK_ENTRIES] == 0,
                                 .embedded = verified->embedded,
                                 .engine = verified->engine,
                                 .simulated = verified->simulated};
    snprintf(facts.book, sizeof facts.book, "%s", verified->book);
    hash_to_hex(&verified->head, facts.head);
    hash_to_hex(&verified->root, facts.root);
    *ret_facts = facts;
}

static enum status on_note(void *context, uint64_t number, uint64_t size, struct slice bytes, struct err *err)
{
    struct report_facts *facts = context;
    struct note note;
    enum status status = note_parse((const char *)bytes.bytes, bytes.length, &note, err);
    if (status != STATUS_OK)
        return status;
    json_t *names = json_array();
    for (size_t i = 0; i < note.signature_count && i < REPORT_SIGNERS_MAX; i++)
        json_array_append_new(names, json_stringn(note.signatures[i].name, note.signatures[i].name_length));
    json_t *one = json_pack("{s:I, s:I, s:o, s:I}", "number", (json_int_t)number, "signature_count",
                            (json_int_t)note.signature_count, "signatures", names, "size", (json_int_t)size);
    if (one == NULL || json_array_insert_new(facts->checkpoints, 0, one) != 0)
        return err_set(err, STATUS_MEMORY, "no memory for checkpoints");
    if (json_array_size(facts->checkpoints) > REPORT_CHECKPOINTS_MAX)
        (void)json_array_remove(facts->checkpoints, REPORT_CHECKPOINTS_MAX);
    return STATUS_OK;
}

enum status report_facts_checkpoints(struct report_facts *facts, struct journal *journal, struct err *err)
{
    return export_checkpoints(journal, on_note, facts, &facts->checkpoint_count, err);
}

static void name_take(struct report_facts *facts, struct journal *journal)
{
    struct journal_snapshot *snapshot = NULL;
    struct entry entry = {.seq = 0};
    enum status status = journal_read_begin(journal, &snapshot, NULL);
    if (status == STATUS_OK)
        status = entry_at(snapshot, 0, &entry, NULL);
    const char *name = status == STATUS_OK ? json_string_value(json_object_get(entry.statement.body, "name")) : NULL;
    if (name != NULL)
        snprintf(facts->name, sizeof facts->name, "%s", name);
    if (status == STATUS_OK)
        entry_done(&entry);
    journal_read_end(snapshot);
}

void report_facts_journal(struct report_facts *facts, struct journal *journal)
{
    name_take(facts, journal);
    if (report_facts_checkpoints(facts, journal, NULL) != STATUS_OK)
        json_array_clear(facts->checkpoints);
}

void report_facts_done(struct report_facts *facts)
{
    json_decref(facts->checkpoints);
    facts->checkpoints = NULL;
}
