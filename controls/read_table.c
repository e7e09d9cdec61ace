/*
 * Which record of the books belongs to whom: one row for each table says how that is found, and nothing is readable for which
 * no row says so. Most keys begin with their entity; where they do not, a record leads to its document, and that to its
 * entity. Implements the table of PROTOCOL.md 3.
 *
 * What a decision says of a document goes with the document, also where it names another one of the same group of customers.
 */
#include <stdlib.h>
#include <string.h>

#include "controls/functions.h"
#include "controls/read_parts.h"
#include "ledger/scan.h"
#include "ledger/schema.h"
#include "ledger/window.h"

enum read_by {
    READ_UNSAID,      /* no row: nobody but auditors, and the test finds it */
    READ_EVERYONE,    /* who comes with a key that was ever enrolled: the head, the policy */
    READ_OPERATIONS,  /* who operates, and governance */
    READ_GOVERNANCE,  /* who reads governance, and who the record is about: key part `part`, else member `member` */
    READ_HEAD,        /* the latest is everyone's, all the others governance */
    READ_OWN,         /* who the record is about, by key part */
    READ_OFFICERS,    /* who governs */
    READ_AUDITORS,    /* who reads everything */
    READ_ENTITY,      /* who reads the entity in key part `part` */
    READ_FILES,       /* the same, and who brings HR's files of that entity */
    READ_DOCUMENT,    /* who reads the document whose number is key part `part`, else member `member` */
    READ_DOCUMENTS,   /* both: parts 0 and 1 */
    READ_CONTENT,     /* the record is a document's */
    READ_WINDOW,      /* the document of a row of window.h */
    READ_AFFIRMATION, /* officers; of a document, also who reads that */
    READ_DUPLICATE,   /* the document whose number ends the key */
    READ_USE          /* officers, and who reads the document */
};

enum { NO_PART = -1 };

struct read_row {
    enum read_by by;
    int part;           /* of the key, counted from 0; NO_PART: it says nothing */
    const char *member; /* of the record; NULL: it says nothing */
};

#define BY(how)                                                                                                        \
    {                                                                                                                  \
        .by = (how), .part = NO_PART                                                                                   \
    }
#define BY_PART(how, number)                                                                                           \
    {                                                                                                                  \
        .by = (how), .part = (number)                                                                                  \
    }
#define BY_MEMBER(how, name)                                                                                           \
    {                                                                                                                  \
        .by = (how), .part = NO_PART, .member = (name)                                                                 \
    }

/* clang-format off: one row a line, in the order of books.h */
static const struct read_row rows[] = {
    [BOOKS_META] = BY(READ_EVERYONE),
    [BOOKS_ENTRIES] = BY(READ_HEAD),
    [BOOKS_IDS] = BY_PART(READ_OWN, 0),
    [BOOKS_REFS] = BY_MEMBER(READ_DOCUMENT, "document"),
    [BOOKS_USERS] = BY_PART(READ_GOVERNANCE, 0),
    [BOOKS_PERSONS] = BY_PART(READ_GOVERNANCE, 1),
    [BOOKS_KEYS] = BY_MEMBER(READ_GOVERNANCE, "user"),
    [BOOKS_USER_KEYS] = BY_PART(READ_GOVERNANCE, 0),
    [BOOKS_GRANTS] = BY_MEMBER(READ_GOVERNANCE, "user"),
    [BOOKS_USER_GRANTS] = BY_PART(READ_GOVERNANCE, 0),
    [BOOKS_POLICIES] = BY(READ_EVERYONE),
    [BOOKS_COMPILED] = BY(READ_EVERYONE),
    [BOOKS_FILES] = BY_PART(READ_FILES, 0),
    [BOOKS_STAGED] = BY_PART(READ_FILES, 0),
    [BOOKS_CUSTOMERS] = BY_PART(READ_ENTITY, 0),
    [BOOKS_INVOICES] = BY_PART(READ_ENTITY, 0),
    [BOOKS_RECEIPTS] = BY_PART(READ_ENTITY, 0),
    [BOOKS_OPEN_ITEMS] = BY_PART(READ_ENTITY, 0),
    [BOOKS_BALANCES] = BY_PART(READ_ENTITY, 0),
    [BOOKS_ACCOUNTS] = BY_PART(READ_ENTITY, 0),
    [BOOKS_DOCUMENTS] = BY(READ_CONTENT),
    [BOOKS_LISTING] = BY_MEMBER(READ_DOCUMENT, "number"),
    [BOOKS_CUSTOMER_ITEMS] = BY_PART(READ_ENTITY, 0),
    [BOOKS_CUSTOMER_DOCS] = BY_PART(READ_ENTITY, 0),
    [BOOKS_WAITING] = BY_MEMBER(READ_DOCUMENT, "number"),
    [BOOKS_WINDOWS] = BY(READ_WINDOW),
    [BOOKS_DUPLICATES] = BY(READ_DUPLICATE),
    [BOOKS_EVIDENCE] = BY_PART(READ_DOCUMENT, 1),
    [BOOKS_ALIKE] = BY_PART(READ_ENTITY, 1),
    [BOOKS_LOOKALIKES] = BY_PART(READ_DOCUMENT, 0),
    [BOOKS_NUMBERS] = BY(READ_AUDITORS),
    [BOOKS_WAITING_GRANTS] = BY_PART(READ_GOVERNANCE, 0),
    [BOOKS_LINKED] = BY(READ_DOCUMENTS),
    [BOOKS_HISTORY] = BY_PART(READ_ENTITY, 0),
    [BOOKS_ACTED] = BY(READ_GOVERNANCE),
    [BOOKS_GROUPS] = BY_PART(READ_ENTITY, 1),
    [BOOKS_GROUP_NAMES] = BY(READ_AUDITORS),
    [BOOKS_ATTRIBUTES] = BY(READ_AUDITORS),
    [BOOKS_MITIGATIONS] = BY(READ_GOVERNANCE),
    [BOOKS_PERSON_MITIGATIONS] = BY(READ_GOVERNANCE),
    [BOOKS_COUNTERS] = BY_PART(READ_OWN, 0),
    [BOOKS_WRITTEN_OFF] = BY_PART(READ_DOCUMENT, 1),
    [BOOKS_REVERSALS] = BY_PART(READ_ENTITY, 0),
    [BOOKS_REBILLS] = BY_PART(READ_ENTITY, 0),
    [BOOKS_OPEN_REBILLS] = BY_PART(READ_ENTITY, 0),
    [BOOKS_CONTACTS] = BY_PART(READ_ENTITY, 0),
    [BOOKS_CUSTOMER_CONTACTS] = BY_PART(READ_ENTITY, 0),
    [BOOKS_RATES] = BY(READ_GOVERNANCE),
    [BOOKS_ROUNDING] = BY_PART(READ_ENTITY, 0),
    [BOOKS_REVIEWS] = BY(READ_GOVERNANCE),
    [BOOKS_REVIEW_ROWS] = BY_MEMBER(READ_GOVERNANCE, "user"),
    [BOOKS_BREAK_GLASS] = BY(READ_GOVERNANCE),
    [BOOKS_BREAK_GLASS_PERSONS] = BY(READ_GOVERNANCE),
    [BOOKS_BREAK_GLASS_USES] = BY_MEMBER(READ_USE, "document"),
    [BOOKS_AFFIRMATIONS] = BY(READ_AFFIRMATION),
    [BOOKS_BOOK_KEYS] = BY(READ_EVERYONE),
    [BOOKS_PROGRAMS] = BY(READ_OPERATIONS),
    [BOOKS_HOLDS] = BY(READ_OFFICERS),
    [BOOKS_ERASURES] = BY(READ_OFFICERS),
    [BOOKS_PEOPLE] = BY(READ_GOVERNANCE),
    [BOOKS_PEOPLE_EVENTS] = BY(READ_GOVERNANCE),
    [BOOKS_ACTIVITY] = BY_PART(READ_GOVERNANCE, 0),
    [BOOKS_DELEGATIONS] = BY_MEMBER(READ_GOVERNANCE, "to_user"),
    [BOOKS_USER_DELEGATIONS] = BY_PART(READ_GOVERNANCE, 0),
    [BOOKS_DELEGATED] = BY_MEMBER(READ_DOCUMENT, "document"),
    [BOOKS_UNDECIDED] = BY_PART(READ_DOCUMENT, 1),
    [BOOKS_CONTRACTS] = BY_PART(READ_ENTITY, 0),
    [BOOKS_READS] = BY_PART(READ_ENTITY, 0),
    [BOOKS_METER_READS] = BY_PART(READ_ENTITY, 0),
    [BOOKS_BILL_READS] = BY_PART(READ_ENTITY, 0),
    [BOOKS_SETTLED] = BY_PART(READ_ENTITY, 0),
    [BOOKS_CASES] =
        BY_PART(READ_DOCUMENT, 0), /* a case has the number of its document, and other documents are no case */
    [BOOKS_CASES_OPEN] = BY_PART(READ_ENTITY, 0),
    [BOOKS_CASE_NOTES] = BY_PART(READ_DOCUMENT, 0),
    [BOOKS_DISPUTES] = BY_PART(READ_ENTITY, 0),
    [BOOKS_TEMPORARY] = BY_PART(READ_ENTITY, 0),
    [BOOKS_RELEASES] = BY_PART(READ_ENTITY, 0),
    [BOOKS_ORDERS] = BY_PART(READ_ENTITY, 0),
    [BOOKS_HELD] = BY_PART(READ_ENTITY, 0),
    [BOOKS_ENTITIES] = BY(READ_GOVERNANCE),
    [BOOKS_PERIODS] = BY(READ_GOVERNANCE),
    [BOOKS_EXCEPTIONS] = BY(READ_GOVERNANCE),
    [BOOKS_RESTORES] = BY(READ_EVERYONE),
    [BOOKS_DELIVERIES] = BY_PART(READ_ENTITY, 0),
    [BOOKS_OUTBOX] = BY_PART(READ_ENTITY, 0),
};
/* clang-format on */

static_assert(sizeof rows / sizeof rows[0] == BOOKS_TABLE_COUNT, "each table of the books has its row");

/* Part n of a key made of texts (books.h). out: false when there is none of that length. */
static bool key_part(struct slice key, int n, char ret_text[static ID_BYTES_MAX + 1])
{
    const uint8_t *at = key.bytes, *end = key.bytes + key.length;
    for (; n > 0; n--) {
        at = memchr(at, 0, (size_t)(end - at));
        if (at == NULL)
            return false;
        at++;
    }
    const uint8_t *zero = at < end ? memchr(at, 0, (size_t)(end - at)) : NULL;
    size_t length = (size_t)((zero != NULL ? zero : end) - at);
    if (length > ID_BYTES_MAX)
        return false;
    memcpy(ret_text, at, length);
    ret_text[length] = '\0';
    return true;
}

static enum status corrupt(struct err *err)
{
    return err_set(err, STATUS_CORRUPT, "books: a record is not what its table holds; run rebuild");
}

/* A record, and what stands at the place that its row names; "" where it stands nowhere. */
struct table_record {
    struct slice key, value; /* value.bytes NULL: there is none */
    char place[ID_BYTES_MAX + 1];
};

static enum status place_read(const struct read_row *row, struct table_record *record, struct err *err)
{
    if (row->part != NO_PART)
        return key_part(record->key, row->part, record->place) ? STATUS_OK : corrupt(err);
    return row->member == NULL || record->value.bytes == NULL
               ? STATUS_OK
               : read_member(record->value, row->member, record->place, err);
}

static bool may_entity(const struct reader *reader, const struct read_row *row, const struct table_record *record)
{
    if (reader_reads_entity(reader, record->place))
        return true;
    return row->by == READ_FILES && (reader->all_files || json_object_get(reader->files, record->place) != NULL);
}

static enum status may_document_at(struct reader *reader, const char *number, struct slice value, bool *ret_may,
                                   struct err *err)
{
    if (number[0] == '\0' && value.bytes != NULL)
        return corrupt(err);
    return read_document_number(reader, number, ret_may, err);
}

static enum status may_documents(struct reader *reader, struct slice key, bool *ret_may, struct err *err)
{
    char number[ID_BYTES_MAX + 1];
    bool may = true;
    for (int part = 0; may && part < 2; part++) {
        if (!key_part(key, part, number))
            return corrupt(err);
        enum status status = read_document_number(reader, number, &may, err);
        if (status != STATUS_OK)
            return status;
    }
    *ret_may = may;
    return STATUS_OK;
}

static enum status may_window(struct reader *reader, struct slice value, bool *ret_may, struct err *err)
{
    struct window_row row;
    if (value.bytes == NULL) {
        *ret_may = false;
        return STATUS_OK;
    }
    enum status status = window_row_read(value, &row, err);
    return status == STATUS_OK ? read_document_number(reader, row.number, ret_may, err) : status;
}

/* <key text, "document", number>, or <key text, "entry", seq>. */
static enum status may_affirmation(struct reader *reader, struct slice key, bool *ret_may, struct err *err)
{
    const uint8_t *zero = memchr(key.bytes, 0, key.length);
    if (zero == NULL)
        return corrupt(err);
    const struct slice rest = slice_of(zero + 1, key.length - (size_t)(zero + 1 - key.bytes));
    char sort[ID_BYTES_MAX + 1], number[ID_BYTES_MAX + 1];
    *ret_may = reader->governs;
    if (reader->governs || !key_part(rest, 0, sort) || strcmp(sort, "document") != 0)
        return STATUS_OK;
    return key_part(rest, 1, number) ? read_document_number(reader, number, ret_may, err) : corrupt(err);
}

static enum status may_duplicate(struct reader *reader, struct slice key, bool *ret_may, struct err *err)
{
    size_t at = key.length;
    char number[ID_BYTES_MAX + 1];
    while (at > 0 && key.bytes[at - 1] != 0)
        at--;
    if (at == 0 || !key_part(slice_of(key.bytes + at, key.length - at), 0, number))
        return corrupt(err);
    return read_document_number(reader, number, ret_may, err);
}

static bool is_head(const struct reader *reader, struct slice key)
{
    return key.length == 8 && reader->facts->seq > 0 && books_key_number(key, 0) == reader->facts->seq - 1;
}

/* Those whose document has to be looked at. */
static enum status may_by_document(struct reader *reader, const struct read_row *row, const struct table_record *record,
                                   bool *ret_may, struct err *err)
{
    switch (row->by) {
    case READ_DOCUMENT:
        return may_document_at(reader, record->place, record->value, ret_may, err);
    case READ_USE:
        *ret_may = reader->governs;
        return reader->governs ? STATUS_OK : may_document_at(reader, record->place, record->value, ret_may, err);
    case READ_DOCUMENTS:
        return may_documents(reader, record->key, ret_may, err);
    case READ_CONTENT:
        *ret_may = true; /* numbers are counted: that there is none is no secret */
        return record->value.bytes != NULL ? read_document_record(reader, record->value, ret_may, err) : STATUS_OK;
    case READ_WINDOW:
        return may_window(reader, record->value, ret_may, err);
    case READ_AFFIRMATION:
        return may_affirmation(reader, record->key, ret_may, err);
    case READ_DUPLICATE:
        return may_duplicate(reader, record->key, ret_may, err);
    case READ_UNSAID:
    case READ_EVERYONE:
    case READ_OPERATIONS:
    case READ_GOVERNANCE:
    case READ_HEAD:
    case READ_OWN:
    case READ_OFFICERS:
    case READ_AUDITORS:
    case READ_ENTITY:
    case READ_FILES:
        break;
    }
    *ret_may = false;
    return STATUS_OK;
}

enum status reader_may_record(struct reader *reader, size_t table, struct slice key, struct slice value, bool *ret_may,
                              struct err *err)
{
    struct table_record record = {.key = key, .value = value};
    if (reader->audits || table >= BOOKS_TABLE_COUNT) { /* the tables' own facts: where they stand */
        *ret_may = true;
        return STATUS_OK;
    }
    const struct read_row *row = &rows[table];
    enum status status = place_read(row, &record, err);
    if (status != STATUS_OK)
        return status;
    const bool own = reader->himself && strcmp(record.place, reader->user) == 0;
    switch (row->by) {
    case READ_UNSAID:
    case READ_AUDITORS:
        *ret_may = false;
        return STATUS_OK;
    case READ_EVERYONE:
        *ret_may = true;
        return STATUS_OK;
    case READ_OPERATIONS:
        *ret_may = reader->operates || reader->governance;
        return STATUS_OK;
    case READ_GOVERNANCE:
        *ret_may = reader->governance || own;
        return STATUS_OK;
    case READ_HEAD:
        *ret_may = reader->governance || is_head(reader, key);
        return STATUS_OK;
    case READ_OWN:
        *ret_may = own;
        return STATUS_OK;
    case READ_OFFICERS:
        *ret_may = reader->governs;
        return STATUS_OK;
    case READ_ENTITY:
    case READ_FILES:
        *ret_may = may_entity(reader, row, &record);
        return STATUS_OK;
    case READ_DOCUMENT:
    case READ_DOCUMENTS:
    case READ_CONTENT:
    case READ_WINDOW:
    case READ_AFFIRMATION:
    case READ_DUPLICATE:
    case READ_USE:
        break;
    }
    return may_by_document(reader, row, &record, ret_may, err);
}

bool reader_may_count(const struct reader *reader, size_t table)
{
    if (reader->audits || table >= BOOKS_TABLE_COUNT)
        return true;
    switch (rows[table].by) {
    case READ_EVERYONE:
        return true;
    case READ_OPERATIONS:
        return reader->operates || reader->governance;
    case READ_GOVERNANCE:
    case READ_HEAD:
        return reader->governance;
    case READ_ENTITY:
        return reader->all;
    case READ_FILES:
        return reader->all || reader->all_files;
    case READ_OFFICERS:
        return reader->governs;
    case READ_UNSAID:
    case READ_AUDITORS:
    case READ_OWN:
    case READ_DOCUMENT:
    case READ_DOCUMENTS:
    case READ_CONTENT:
    case READ_WINDOW:
    case READ_AFFIRMATION:
    case READ_DUPLICATE:
    case READ_USE:
        return false; /* documents of governance are among them that only some may read */
    }
    return false;
}

bool read_table_said(size_t table)
{
    return rows[table].by != READ_UNSAID;
}
