/*
 * The books: everything derived from the journal, as records in tables. Which tables there are and how their keys are
 * made stands here; what an entry does to them, in fold.h. The layout is private to a release: books are rebuilt from
 * the journal whenever in doubt.
 *
 * A record is a JSON object. Amounts in records are integers of minor units unless a member's name ends in _text.
 */
#ifndef LEDGER_BOOKS_H
#define LEDGER_BOOKS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "ledger/slice.h"
#include "ledger/status.h"
#include "ledger/tables.h"

struct journal;

/* Which layout of keys and records this release has; one more whenever any of them means something else than before. */
enum { BOOKS_LAYOUT = 3 };

/* Keys in angle brackets; texts are closed by a zero byte when something follows, numbers are big-endian. */
enum books_table {
    BOOKS_META,      /* "charter" -> the charter's body; "book" -> {id}; "epoch" -> {epoch}, where it is not 0 */
    BOOKS_ENTRIES,   /* <seq> -> {actor, do, hash, keys, refused, time}; keys: of the actor, that signed;
                          refused: wholly */
    BOOKS_IDS,       /* <actor, id> -> {hash, seq} */
    BOOKS_REFS,      /* <entity, ref> -> {document, hash, version} */
    BOOKS_USERS,     /* <user> -> {person, sort, user} */
    BOOKS_PERSONS,   /* <person, user> -> {} */
    BOOKS_KEYS,      /* <key text> -> {from, revoked?, since?, until?, user} */
    BOOKS_USER_KEYS, /* <user, key text> -> {} */
    BOOKS_GRANTS, /* <number> -> {entities, from?, number, person, review?: {number, until}, revoked?, role, since, to?,
                          user}; review: what a review of access waits for, after `until` the grant is suspended */
    BOOKS_USER_GRANTS, /* <user, number> -> {} */
    BOOKS_POLICIES,    /* <seq, document> -> {document, effective, hash, seq} */
    BOOKS_COMPILED,    /* <hash> -> a compiled policy */
    BOOKS_FILES,     /* <entity, feed> -> {closed, closed_seq?, closed_time?, open?: {count, file, part, rebills?, seq,
                            total}} */
    BOOKS_STAGED,    /* <entity, feed, id> -> record of an unfinished file */
    BOOKS_CUSTOMERS, /* <entity, customer> -> {currency, customer, group, limit_text, related, since, terms_days, ...} */
    BOOKS_INVOICES,  /* <entity, invoice> -> {credited?, currency, customer, date, due, gross, invoice, lines?,
                            lines_used?, open, pending, stated?, taxes}; credited: what postings took of net and tax by
                            code (tax_shares.h), stated: what waiting documents hold of them */
    BOOKS_RECEIPTS,  /* <entity, receipt> -> {amount, customer, recovering?, ...} */
    BOOKS_OPEN_ITEMS, /* <entity, customer, currency, due, invoice> -> {open} where open is not zero */
    BOOKS_BALANCES,   /* <entity, customer, currency> -> {account, cash?, open, pending?}; account: what stands on the
                            customer's account, negative = in the customer's favour; pending: what waits to be taken of
                            it; cash: {date, receipt} of the latest receipt */
    BOOKS_ACCOUNTS,   /* <entity, account, currency> -> {cr, dr, functional_cr?, functional_dr?}: of lines that have a
                        functional amount, in minor units of the entity's functional currency */
    BOOKS_DOCUMENTS,  /* <number> -> the document's record, see fold.h */
    BOOKS_LISTING,    /* <seq, index> -> {number}: documents in order of first submission */
    BOOKS_CUSTOMER_ITEMS, /* <entity, customer, "invoice" or "receipt", id> -> {}: what the feeds brought for a customer */
    BOOKS_CUSTOMER_DOCS,  /* <entity, customer, seq, index> -> {number} */
    BOOKS_WAITING,        /* <until, seq, index> -> {number} */
    BOOKS_WINDOWS,        /* <group key, seq, index> -> a row of window.h, the one record that is no JSON */
    BOOKS_DUPLICATES,     /* <duplicate key, number> -> {} of living documents */
    BOOKS_EVIDENCE,       /* <sha256, number> -> {} */
    BOOKS_ALIKE,          /* <key of alike.h, seq, index> -> {number, time} of living documents */
    BOOKS_LOOKALIKES,     /* <number> -> {answers: what C-38 noted of its current version} */
    BOOKS_NUMBERS,        /* <series> -> {last} */
    BOOKS_WAITING_GRANTS, /* <user, number> -> {number}: grants that wait for their second signature */
    BOOKS_LINKED,         /* <number, number of a document that names it> -> {number} of that one */
    BOOKS_HISTORY,        /* <entity, customer, person, seq, index> -> {document or feed + sequence, function, time} */
    BOOKS_ACTED,          /* <person> -> {time}: of the latest row that BOOKS_HISTORY has of the person */
    BOOKS_GROUPS,         /* <group, entity, customer> -> {customer, entity}: who belongs to a group now */
    BOOKS_GROUP_NAMES,    /* <group that was joined to another> -> {group} */
    BOOKS_ATTRIBUTES,     /* <name, hash> -> {customer, entity} that had it first */
    BOOKS_MITIGATIONS, /* <number> -> {a, answered, b, control, document.., owner, person, reviewer, since, until, uses} */
    BOOKS_PERSON_MITIGATIONS, /* <person, a, b, number> -> {number}; a < b */
    BOOKS_COUNTERS,           /* <user, day> -> {documents, refusals, sum?: of a bot, minor units} */
    BOOKS_WRITTEN_OFF,        /* <group, number> -> {customer, reason} of posted write-offs that are not reversed */
    BOOKS_REVERSALS,    /* <entity, currency, amount, seq, number> -> {document, time}: what was reversed, and when */
    BOOKS_REBILLS,      /* <entity, ref of the intended invoice> -> {document} of living rebills */
    BOOKS_OPEN_REBILLS, /* <entity, seq, index> -> {document}: posted rebills whose invoice has not come */
    BOOKS_CONTACTS,     /* <entity, contact> -> the contact's record */
    BOOKS_CUSTOMER_CONTACTS, /* <entity, customer, date, contact> -> the same */
    BOOKS_RATES,             /* <base, currency, date> -> {document, rate}: base units for one unit of currency */
    BOOKS_ROUNDING, /* <entity, YYYY-MM> -> {minor}: what went to the rounding account, absolute, functional currency */
    BOOKS_REVIEWS,  /* <number> -> {entities, number, population, rows, seq, time, until, user} */
    BOOKS_REVIEW_ROWS, /* <review, grant or delegation> -> the row of population.h and, when answered, {attestation, by, decision, time} */
    BOOKS_BREAK_GLASS, /* <number> -> {entities, from, functions, number, persons, review?, review_by, until, users} */
    BOOKS_BREAK_GLASS_PERSONS, /* <person, number> -> {} */
    BOOKS_BREAK_GLASS_USES,    /* <number, seq, index> -> {document, time, user} */
    BOOKS_AFFIRMATIONS,  /* <key text, "document" or "entry", its number> -> {affirmation, by, conclusion, time} */
    BOOKS_BOOK_KEYS,     /* <key text> -> {from, key, retired?}: entries from which and until which it signs */
    BOOKS_PROGRAMS,      /* <first 16 hex of exe> -> {commit, exe, number, release, seq} */
    BOOKS_HOLDS,         /* <customer> -> {number, time} of the legal hold that is on */
    BOOKS_ERASURES,      /* <hash of personal data> -> {number} */
    BOOKS_PEOPLE,        /* <person, entity, event> -> {change, date, entity, event, manager?, person, successor?} */
    BOOKS_PEOPLE_EVENTS, /* <entity, event> -> {person} */
    BOOKS_ACTIVITY,      /* <user> -> {seq, time}: the last entry that kept the account alive */
    BOOKS_DELEGATIONS, /* <number> -> the delegation's members, number, from_person, to_person, since, review?, revoked? */
    BOOKS_USER_DELEGATIONS, /* <user, number> -> {}: of either side */
    BOOKS_DELEGATED,        /* <number, seq, index> -> {document, level?}: what was done under it */
    BOOKS_UNDECIDED,        /* <person, document> -> {}: by maker, what waits or was returned */
    BOOKS_CONTRACTS,        /* <entity, contract> -> its record */
    BOOKS_READS, /* <entity, read> -> its record and corrections? [{document, replaced?, source, value}], latest last */
    BOOKS_METER_READS, /* <entity, contract, device, meter, date, read> -> {date, read} */
    BOOKS_BILL_READS,  /* <entity, contract, invoice, line or "", read> -> {read} */
    BOOKS_SETTLED,     /* <entity, contract, invoice, line or "", "device" or "pool", its id, meter> -> {minor}: net */
    BOOKS_CASES,       /* <number> -> a case: dispute, inquiry or exception, see fold_work.c */
    BOOKS_CASES_OPEN,  /* <entity, number> -> {}: neither closed nor void */
    BOOKS_CASE_NOTES,  /* <number of the case, seq, index> -> {number} */
    BOOKS_DISPUTES,    /* <entity, invoice, number> -> {open: whether it still stands in the way} */
    BOOKS_TEMPORARY,   /* <entity, customer, number> -> {number}: temporary limits, waiting or in force */
    BOOKS_RELEASES,    /* <entity, order, number> -> {number}: hold releases, waiting, in force or consumed */
    BOOKS_ORDERS,     /* <entity, order> -> {amount, amount_text, currency, customer, date, order, release?, seq, state,
                         unreleased?} */
    BOOKS_HELD,       /* <entity, customer, order> -> {}: orders that are held */
    BOOKS_ENTITIES,   /* <entity> -> {number, seq, time}: those of the first policy, and those tied out since */
    BOOKS_PERIODS,    /* <entity, month> -> {number, seq, state, time} */
    BOOKS_EXCEPTIONS, /* <entity, month, user, number> -> {number, seq, time, until, user} */
    BOOKS_DELIVERIES, /* <entity, delivery> -> {amount, currency, delivery, document, erp, number, rejected?, seq, since,
                         state, time}: a posting on its way to the ERP, fold_delivery.c */
    BOOKS_OUTBOX,     /* <entity, seq, number> -> {delivery}: those that the ERP has not just once */
    BOOKS_RESTORES,   /* <seq> -> {epoch, from, numbers: series -> last number then, officers, reason, seq, time, to} */
    BOOKS_TABLE_COUNT
};

/*
 * Storage for one key. Every id in the books has a maximum, so parts that are too long are somebody's who looks for what cannot
 * be there: they make a key under which there is nothing. Writing under it is a broken invariant.
 */
struct books_key {
    uint8_t bytes[511];
    size_t length;
};

/* Starts a key with a text, or empty when NULL. Then parts are added in order. */
struct books_key books_key(const char *text);
void books_key_add_text(struct books_key *key, const char *text);  /* puts the zero byte before it */
void books_key_add_number(struct books_key *key, uint64_t number); /* zero byte, 8 bytes; none when it stands first */
struct books_key books_key_pair(const char *a, const char *b);
struct books_key books_key_position(uint64_t seq, uint64_t index);
/* Closes a prefix with a zero byte so that a scan finds only keys with exactly these parts in front. */
void books_key_close(struct books_key *key);
/* Reads back a number that stands in the last 8 bytes, or `from_end` bytes before the end of the key. */
uint64_t books_key_number(struct slice key, size_t from_end);

/* How many times a `restore` has begun the book anew: the last part of a checkpoint's origin. errors CORRUPT, IO. */
MUST_USE enum status books_epoch(struct tables_txn *txn, uint64_t *ret_epoch, struct err *err);

/*
 * A record by its key, to look at: others may look at the same one, so it is not to be changed.
 *
 * out     *ret_record: gives (json_decref).
 * errors  NOT_FOUND (err left alone), CORRUPT, IO, MEMORY.
 */
MUST_USE enum status books_look(struct tables_txn *txn, enum books_table table, const struct books_key *key,
                                json_t **ret_record, struct err *err);
/* The same, a record of one's own, to be changed and put back. */
MUST_USE enum status books_get(struct tables_txn *txn, enum books_table table, const struct books_key *key,
                               json_t **ret_record, struct err *err);
/* Whether a record is there. errors CORRUPT, IO. */
MUST_USE enum status books_has(struct tables_txn *txn, enum books_table table, const struct books_key *key,
                               bool *ret_has, struct err *err);
/* record is borrowed. errors FULL, IO, MEMORY. Where nobody has a use for it afterwards, books_put_new is cheaper. */
MUST_USE enum status books_put(struct tables_txn *txn, enum books_table table, const struct books_key *key,
                               const json_t *record, struct err *err);
/* The same, and releases record, which may be NULL (then MEMORY). */
MUST_USE enum status books_put_new(struct tables_txn *txn, enum books_table table, const struct books_key *key,
                                   json_t *record, struct err *err);
/* A record that is no JSON. errors FULL, IO. */
MUST_USE enum status books_put_bytes(struct tables_txn *txn, enum books_table table, const struct books_key *key,
                                     struct slice bytes, struct err *err);
/* OK also where there is none. */
MUST_USE enum status books_delete(struct tables_txn *txn, enum books_table table, const struct books_key *key,
                                  struct err *err);

/* One step of a walk; key is whole. record is borrowed for the call. Answers false in *ret_more to stop. */
typedef enum status books_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err);

/* The same for records that are no JSON. */
typedef enum status books_bytes_step(void *context, struct slice key, struct slice value, bool *ret_more,
                                     struct err *err);

struct books_walk {
    enum books_table table;
    const struct books_key *prefix; /* NULL: all */
    bool backward;
    const struct books_key *before; /* backward: begin with the last key below this one. NULL: with the last of all */
    books_step *step;
    books_bytes_step *bytes_step; /* in its place */
    void *context;
};

/* Walks the keys with a prefix in order. The step must not write to the table walked. errors of the step, CORRUPT, IO. */
MUST_USE enum status books_each(struct tables_txn *txn, const struct books_walk *walk, struct err *err);

/* How the tables are laid out. map_bytes: what they may address, that of their journal (journal_map_bytes). */
struct tables_options books_layout(uint64_t map_bytes);

#endif
