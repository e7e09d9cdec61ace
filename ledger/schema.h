/*
 * Form of JSON objects by table: which members there are, of what type, which may lack. Statements, documents, entries
 * and feed records are checked with it, so that the form of each stands in one place and reads like FORMAT.md.
 */
#ifndef LEDGER_SCHEMA_H
#define LEDGER_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/status.h"

enum field_type {
    FIELD_TEXT, /* max bytes: field.max, or NOTE_BYTES_MAX */
    FIELD_ID,
    FIELD_CODE,
    FIELD_HASH,
    FIELD_BASE64, /* field.max bytes when decoded */
    FIELD_KEY,    /* an OpenSSH public key that sshkey_parse takes */
    FIELD_INSTANT,
    FIELD_DATE,
    FIELD_CURRENCY,        /* known to currency_digits */
    FIELD_AMOUNT,          /* a decimal; its digits are checked where its currency is known */
    FIELD_AMOUNT_POSITIVE, /* the same, above zero */
    FIELD_INTEGER,         /* field.min..field.max */
    FIELD_BOOLEAN,
    FIELD_WORD,    /* one of field.words */
    FIELD_OBJECT,  /* of field.schema; any object when that is NULL */
    FIELD_LIST,    /* of objects of field.schema, field.min..field.max of them */
    FIELD_LIST_ID, /* of ids, ... */
    FIELD_LIST_CODE,
    FIELD_LIST_HASH,
    FIELD_LIST_KEY,
    FIELD_LIST_TEXT,  /* of texts of up to NOTE_BYTES_MAX bytes, not empty */
    FIELD_LIST_ENTITY /* codes, or the single "*" */
};

struct schema;

struct field {
    const char *name;
    enum field_type type;
    bool optional;
    const struct schema *schema;
    const char *const *words; /* closed by NULL */
    int64_t min, max;
};

struct schema {
    const char *name; /* for errors: "credit-note" */
    const struct field *fields;
    size_t count;
    const struct schema *base; /* members that are allowed and asked for besides; NULL for none */
};

#define SCHEMA(title, table, parent)                                                                                   \
    {                                                                                                                  \
        .name = (title), .fields = (table), .count = sizeof(table) / sizeof((table)[0]), .base = (parent)              \
    }

/*
 * Checks that object has the members of schema and no other, each of its form.
 *
 * in      object: borrowed. path: where it stands, for the error ("documents[3]"); "" for the outermost.
 * errors  INPUT, LIMIT; the error names the path of the member and what it has to be.
 */
MUST_USE enum status schema_check(const struct schema *schema, const json_t *object, const char *path, struct err *err);

/* Whether a text is of the form that a field's type asks: what schema_check and schema_holds go by. No NUL is in it. */
bool schema_text_holds(const struct field *field, const char *text, size_t length);
/* Whether a field of that type is a list of texts. */
bool schema_is_text_list(enum field_type type);

/*
 * Whether an object of an outline has the members of schema and no other, each of its form: what schema_check says of its tree,
 * without one. False may also mean that it cannot be told without a tree (a text with escapes).
 *
 * in      object: of outline; NULL: no. but: names of members that are left out of it, closed by NULL; NULL: none.
 */
struct outline;
struct outline_node;
bool schema_holds(const struct schema *schema, const struct outline *outline, const struct outline_node *object,
                  const char *const *but);

/* The text of a member that a checked object has; NULL where it lacks. Lends. */
const char *member_text(const json_t *object, const char *name);
/* Puts a name into an object that is a set of names, as true where it was not there; NULL is none. errors MEMORY. */
MUST_USE enum status member_mark(json_t *set, const char *name, struct err *err);
/* The integer of a member that a checked object has; 0 where it lacks. */
int64_t member_integer(const json_t *object, const char *name);

#endif
