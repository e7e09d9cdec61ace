/*
 * Who may read a document, and so each entry, index and note about it. A document of an entity belongs to that entity.
 * Those of governance belong to all who read governance, but for the few that name customers or documents of entities, or
 * what must not be known beforehand: these are the officers' or the auditors'. One row for each kind says which.
 */
#include <stdlib.h>
#include <string.h>

#include "controls/functions.h"
#include "controls/read_parts.h"
#include "ledger/canon.h"
#include "ledger/limits.h"
#include "ledger/scan.h"
#include "ledger/schema.h"
#include "ledger/tables.h"

enum kind_by {
    KIND_BY_UNSAID,     /* no row: auditors only, and the test finds it */
    KIND_BY_ENTITY,     /* of one entity */
    KIND_BY_GOVERNANCE, /* of none */
    KIND_BY_OFFICERS,   /* names customers or documents: who signs it */
    KIND_BY_BOTH,       /* of one entity, and officers sign it */
    KIND_BY_CUSTOMERS,  /* officers sign it; who reads all the entities of its customers */
    KIND_BY_AUDITORS    /* audit work: a sample that is known beforehand is none */
};

static const enum kind_by kinds[] = {
    [KIND_CREDIT_NOTE] = KIND_BY_ENTITY,
    [KIND_CORRECTION] = KIND_BY_ENTITY,
    [KIND_WRITE_OFF] = KIND_BY_ENTITY,
    [KIND_CREDIT_LIMIT] = KIND_BY_ENTITY,
    [KIND_REVERSAL] = KIND_BY_ENTITY,
    [KIND_REBILL] = KIND_BY_ENTITY,
    [KIND_RECOVERY] = KIND_BY_ENTITY,
    [KIND_ADJUSTMENT] = KIND_BY_ENTITY,
    [KIND_TEMPORARY_LIMIT] = KIND_BY_ENTITY,
    [KIND_HOLD_RELEASE] = KIND_BY_ENTITY,
    [KIND_DISPUTE] = KIND_BY_ENTITY,
    [KIND_INQUIRY] = KIND_BY_ENTITY,
    [KIND_EXCEPTION] = KIND_BY_ENTITY,
    [KIND_CASE_NOTE] = KIND_BY_ENTITY,
    [KIND_ENROLMENT] = KIND_BY_GOVERNANCE,
    [KIND_KEY_ROTATION] = KIND_BY_GOVERNANCE,
    [KIND_KEY_REVOCATION] = KIND_BY_GOVERNANCE,
    [KIND_BOOK_KEY] = KIND_BY_GOVERNANCE,
    [KIND_GRANT] = KIND_BY_GOVERNANCE,
    [KIND_REVOCATION] = KIND_BY_GOVERNANCE,
    [KIND_DELEGATION] = KIND_BY_GOVERNANCE,
    [KIND_POLICY] = KIND_BY_GOVERNANCE,
    [KIND_ENTITY] = KIND_BY_BOTH,
    [KIND_PERIOD] = KIND_BY_GOVERNANCE,
    [KIND_RATES] = KIND_BY_GOVERNANCE,
    [KIND_RELEASE] = KIND_BY_GOVERNANCE,
    [KIND_RELATED] = KIND_BY_CUSTOMERS,
    [KIND_BREAK_GLASS] = KIND_BY_GOVERNANCE,
    [KIND_REVIEW] = KIND_BY_GOVERNANCE,
    [KIND_ERASURE] = KIND_BY_OFFICERS,
    [KIND_LEGAL_HOLD] = KIND_BY_OFFICERS,
    [KIND_ATTESTATION] = KIND_BY_GOVERNANCE,
    [KIND_BREAK_GLASS_REVIEW] = KIND_BY_GOVERNANCE,
    [KIND_AFFIRMATION] = KIND_BY_OFFICERS,
    [KIND_REACTIVATION] = KIND_BY_GOVERNANCE,
    [KIND_MITIGATION] = KIND_BY_GOVERNANCE,
    [KIND_MITIGATION_REVIEW] = KIND_BY_GOVERNANCE,
    [KIND_SEED] = KIND_BY_AUDITORS,
    [KIND_DISPOSITION] = KIND_BY_AUDITORS,
    [KIND_TEST_RUN] = KIND_BY_AUDITORS,
};

static_assert(sizeof kinds / sizeof kinds[0] == KIND_COUNT, "each kind has its row");

static bool may_customers(const struct reader *reader, const json_t *document)
{
    const json_t *customers = json_object_get(document, "customers");
    bool may = json_array_size(customers) > 0;
    for (size_t i = 0; may && i < json_array_size(customers); i++) {
        const char *entity = member_text(json_array_get(customers, i), "entity");
        may = entity != NULL && reader_reads_entity(reader, entity);
    }
    return may;
}

/* document: the whole of it, looked at only where customers name the entities; may be NULL elsewhere. Who reads everything
 * is not asked about: reader_may_record and reader_may_entry have answered him. */
static bool may_kind(const struct reader *reader, enum kind_id kind, const char *entity, const json_t *document)
{
    switch (kind == KIND_UNKNOWN ? KIND_BY_UNSAID : kinds[kind]) {
    case KIND_BY_UNSAID:
    case KIND_BY_AUDITORS:
        return false;
    case KIND_BY_ENTITY:
        return entity[0] != '\0' && reader_reads_entity(reader, entity);
    case KIND_BY_GOVERNANCE:
        return reader->governance;
    case KIND_BY_OFFICERS:
        return reader->governs;
    case KIND_BY_BOTH:
        return reader->governs || reader_reads_entity(reader, entity);
    case KIND_BY_CUSTOMERS:
        return reader->governs || may_customers(reader, document);
    }
    return false;
}

enum status read_document(struct reader *reader, const json_t *document, bool *ret_may, struct err *err)
{
    const char *kind = member_text(document, "kind"), *entity = member_text(document, "entity");
    (void)err;
    *ret_may =
        may_kind(reader, kind != NULL ? kind_from_name(kind) : KIND_UNKNOWN, entity != NULL ? entity : "", document);
    return STATUS_OK;
}

struct read_text {
    const char *name;
    char text[ID_BYTES_MAX + 1]; /* "" when there is none, or no id */
};

/* By a tree: what the scanner does not take, such as texts that are escaped otherwise. */
static enum status texts_parsed(struct slice value, struct read_text texts[], size_t count, struct err *err)
{
    json_t *record = json_loadb((const char *)value.bytes, value.length, JSON_REJECT_DUPLICATES, NULL);
    if (record == NULL)
        return err_set(err, STATUS_CORRUPT, "books: a record is not JSON; run rebuild");
    for (size_t i = 0; i < count; i++) {
        const char *text = member_text(record, texts[i].name);
        if (text != NULL && strlen(text) <= ID_BYTES_MAX)
            memcpy(texts[i].text, text, strlen(text) + 1);
    }
    json_decref(record);
    return STATUS_OK;
}

enum { TEXTS_MAX = 2 };

/* Members of the outermost level, in one pass. */
static enum status texts_read(struct slice value, struct read_text texts[], size_t count, struct err *err)
{
    const char *bytes = (const char *)value.bytes, *text;
    struct scan_member members[TEXTS_MAX];
    size_t length;
    invariant(count <= TEXTS_MAX);
    for (size_t i = 0; i < count; i++) {
        members[i] = (struct scan_member){.name = texts[i].name};
        texts[i].text[0] = '\0';
    }
    if (scan_object(bytes, value.length, ENTRY_BYTES_MAX, members, count, NULL) != STATUS_OK)
        return texts_parsed(value, texts, count, err);
    for (size_t i = 0; i < count; i++)
        if (members[i].length > 0 && scan_text(bytes, &members[i], &text, &length, NULL) == STATUS_OK &&
            length <= ID_BYTES_MAX) {
            memcpy(texts[i].text, text, length);
            texts[i].text[length] = '\0';
        }
    return STATUS_OK;
}

enum status read_member(struct slice value, const char *name, char ret_text[static ID_BYTES_MAX + 1], struct err *err)
{
    struct read_text text = {.name = name};
    enum status status = texts_read(value, &text, 1, err);
    if (status == STATUS_OK)
        memcpy(ret_text, text.text, sizeof text.text);
    return status;
}

enum status read_document_record(struct reader *reader, struct slice value, bool *ret_may, struct err *err)
{
    struct read_text texts[] = {{.name = "kind"}, {.name = "entity"}};
    enum status status = texts_read(value, texts, 2, err);
    if (status != STATUS_OK)
        return status;
    enum kind_id kind = kind_from_name(texts[0].text);
    if (kind != KIND_RELATED) {
        *ret_may = may_kind(reader, kind, texts[1].text, NULL);
        return STATUS_OK;
    }
    json_t *record = json_loadb((const char *)value.bytes, value.length, JSON_REJECT_DUPLICATES, NULL);
    if (record == NULL)
        return err_set(err, STATUS_CORRUPT, "books: a document's record is not JSON; run rebuild");
    *ret_may = may_kind(reader, kind, "", json_object_get(record, "document"));
    json_decref(record);
    return STATUS_OK;
}

/* Neighbours in a table are mostly about the same few documents. */
static struct read_cached *cached_at(struct reader *reader, const char *number)
{
    uint32_t mixed = 2166136261U; /* FNV-1a */
    if (reader->cached == NULL)
        reader->cached = calloc(READ_CACHE_SLOTS, sizeof *reader->cached);
    for (const char *at = number; *at != '\0'; at++)
        mixed = (mixed ^ (uint8_t)*at) * 16777619U;
    return reader->cached != NULL ? &reader->cached[mixed & (READ_CACHE_SLOTS - 1)] : NULL;
}

enum status read_document_number(struct reader *reader, const char *number, bool *ret_may, struct err *err)
{
    struct slice value;
    bool may = false;
    struct read_cached *cached = cached_at(reader, number);
    if (cached != NULL && number[0] != '\0' && strcmp(cached->number, number) == 0) {
        *ret_may = cached->may;
        return STATUS_OK;
    }
    enum status status =
        tables_get(reader->facts->books, BOOKS_DOCUMENTS, slice_of(number, strlen(number)), &value, err);
    if (status == STATUS_NOT_FOUND || number[0] == '\0') {
        *ret_may = reader->governance;
        return STATUS_OK;
    }
    if (status == STATUS_OK)
        status = read_document_record(reader, value, &may, err);
    if (status != STATUS_OK)
        return status;
    if (cached != NULL) {
        memcpy(cached->number, number, strlen(number) + 1);
        cached->may = may;
    }
    *ret_may = may;
    return STATUS_OK;
}

bool read_kind_said(enum kind_id kind)
{
    return kinds[kind] != KIND_BY_UNSAID;
}
