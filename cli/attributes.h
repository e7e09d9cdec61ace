/*
 * What two customers may share (FORMAT.md section 9): tax id, bank account, address, e-mail domain. Values are brought to one
 * form and hashed under the book's salt, so that the journal can compare them and tells nobody what they are.
 */
#ifndef CLI_ATTRIBUTES_H
#define CLI_ATTRIBUTES_H

#include <jansson.h>

#include "ledger/beside.h"
#include "ledger/status.h"

struct facts;

enum attribute { ATTRIBUTE_ADDRESS, ATTRIBUTE_BANK_ACCOUNT, ATTRIBUTE_EMAIL_DOMAIN, ATTRIBUTE_TAX_ID, ATTRIBUTE_COUNT };

/* FORMAT.md's word, e.g. "tax_id". Lends for ever. */
const char *attribute_name(enum attribute attribute);
/* The column of a customers file that it is made from: "email" for the domain. Lends for ever. */
const char *attribute_column(enum attribute attribute);

struct book;
struct facts;

enum { ATTRIBUTE_BYTES_MAX = 1000 };

/* The one form of a value, as section 9 has it; "" when nothing is left of it. text: at most ATTRIBUTE_BYTES_MAX bytes. */
void attribute_normalise(enum attribute attribute, const char *text, char ret_text[static ATTRIBUTE_BYTES_MAX + 1]);

/* The book's salt and the domains that the policy calls public. */
struct attributes {
    uint8_t salt[PERSONAL_SALT_BYTES];
    json_t *public_domains; /* list of text */
};

/*
 * in      book: where the salt lies, which the charter names.
 * errors  those of personal_get (a book without its salt cannot compare attributes), MEMORY.
 */
MUST_USE enum status attributes_open(const struct facts *facts, struct book *book, struct attributes *ret_attributes,
                                     struct err *err);
void attributes_close(struct attributes *attributes);

/*
 * Sets `attributes` of a customer's record from its values (NULL: none given); a public e-mail domain is left out.
 *
 * errors  MEMORY.
 */
MUST_USE enum status attributes_set(const struct attributes *attributes, char *const values[static ATTRIBUTE_COUNT],
                                    json_t *record, struct err *err);

#endif
