/*
 * What the commands that govern have in common: documents with their common members, submitted with what was seen; keys
 * and users looked up by what a person writes.
 */
#ifndef CLI_GOVERN_H
#define CLI_GOVERN_H

#include <jansson.h>

#include "cli/options.h"
#include "cli/session.h"
#include "controls/facts.h"
#include "ledger/limits.h"
#include "ledger/sshkey.h"
#include "ledger/status.h"

struct hand;

/* --ref, for every command that makes a document. */
#define GOVERN_ROWS                                                                                                    \
    {                                                                                                                  \
        "ref", 0, "REF", "your own reference: the same one again is the same document", 0                              \
    }

/*
 * Submits governance documents of one kind in one statement and shows what came of it; errors are printed.
 *
 * in      documents: a list of their own members; stolen, NULL is a lack of memory. kind, ref and channel are added.
 * out     the exit status.
 */
int govern_submit(struct session *session, const char *kind, json_t *documents);

/*
 * A whole command that submits one governance document: opens the book, has the document made, lets the key of --new-key
 * sign too where the command has that option, submits. Returns the exit status.
 *
 * in      make: gives the document's own members; called with the session open.
 */
typedef enum status govern_make(struct session *session, json_t **ret_document, struct err *err);
int govern_run(struct cli *cli, const struct options *options, const char *kind, govern_make *make);

/* The texts of an option that repeats, or of the arguments from index on, sorted, as a list; gives, NULL without memory. */
json_t *govern_texts(const struct options *options, const char *option);
json_t *govern_arguments(const struct options *options, size_t from);

/*
 * Leaves a statement without signatures in the file of --to, for all who have to sign it (`recover`, `clock`); says so.
 *
 * in      body: stolen, NULL is a lack of memory.
 * out     the exit status.
 */
int govern_leave(struct session *session, enum verb verb, const char *actor, json_t *body);

/* A time as people write it, from an option, as the format has it: set as a member where given. errors INPUT. */
MUST_USE enum status govern_set_time(const struct options *options, const char *option, json_t *document,
                                     const char *member, struct err *err);

/*
 * The public key that an option names: --public FILE.pub, or the one of --new-key FILE or FILE.pub. Exactly one is to be given.
 *
 * errors  INPUT, and those of keys_read_public and keyfile_public.
 */
MUST_USE enum status govern_new_key(const struct options *options, char ret_text[static PUBLIC_KEY_TEXT_MAX],
                                    struct err *err);

/*
 * Where --new-key was given and nothing is a dry run: has that key sign too, out of its file or, of a FILE.pub, out of
 * ssh-agent.
 *
 * in      *hand: NULL; closed by the caller after the session.
 */
MUST_USE enum status govern_cosign(struct session *session, struct hand **hand, struct err *err);

/*
 * A user's key by what a person writes: the key's text, its fingerprint, or the start of that; NULL: the only valid one.
 *
 * errors  NOT_FOUND (no such key), INPUT (several: lists their fingerprints).
 */
MUST_USE enum status govern_find_key(const struct facts *facts, const char *user, const char *wanted,
                                     char ret_text[static PUBLIC_KEY_TEXT_MAX], struct err *err);

/*
 * A revocation of the key that the first two arguments name (USER, FINGERPRINT), with --reason and --since; for govern_run.
 *
 * out     *ret_document: gives.
 */
MUST_USE enum status govern_key_revocation(struct session *session, json_t **ret_document, struct err *err);

/* Calls step for each key of a user, with its text and record. errors of the step, CORRUPT, IO. */
typedef enum status govern_key_step(void *context, const char *key_text, const json_t *record, struct err *err);
MUST_USE enum status govern_each_key(const struct facts *facts, const char *user, govern_key_step *step, void *context,
                                     struct err *err);

/*
 * Whether a key that counts now ends within so many days, by its own date or by the policy's key_days_max.
 *
 * out     *ret_end_ms: when, where it does. errors CORRUPT.
 */
MUST_USE enum status govern_key_ends(const struct facts *facts, const json_t *record, int64_t days, bool *ret_ends,
                                     int64_t *ret_end_ms, struct err *err);

/* "valid", "until 2027-01-01", "revoked 2026-07-01", "over since ...": a key's or a grant's state at the facts' time. */
enum { STATE_BYTES = 64 };
void govern_key_state(const struct facts *facts, const json_t *record, char ret_text[static STATE_BYTES]);
void govern_grant_state(const struct facts *facts, const json_t *record, char ret_text[static STATE_BYTES]);
/* Whether such a state says that it counts now. */
bool govern_state_counts(const char *state);

/* The fingerprint of a key's text; the text itself where it is none. */
void govern_fingerprint(const char *key_text, char ret_text[static SSHKEY_FINGERPRINT_CHARS + 1]);

/* errors NOT_FOUND: names the user. */
MUST_USE enum status govern_check_user(const struct facts *facts, const char *user, struct err *err);

#endif
