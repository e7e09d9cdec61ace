/*
 * What compromised keys have signed since they were in other hands: one walk over the entries, with what each touched.
 */
#ifndef CLI_SUSPECTS_H
#define CLI_SUSPECTS_H

#include <jansson.h>

#include "cli/session.h"

/* One suspect act. Texts lend during the call. */
struct suspect {
    const char *user, *key;
    uint64_t seq;
    const char *time, *act; /* submit, approve, feed, ... */
    const char *document;   /* NULL: the entry itself, as with feeds */
    const char *state;      /* of the document; NULL without one */
    const char *conclusion; /* affirm, reverse; NULL: nobody has said yet */
    bool settled;           /* affirmed, or its document is undone: reversed, withdrawn, rejected, lapsed */
};
typedef enum status suspect_step(void *context, const struct suspect *suspect, struct err *err);

/* errors of the step, CORRUPT, IO. cost O(entries of the book) once a key was compromised, else O(keys). */
MUST_USE enum status suspects_each(struct session *session, const struct facts *facts, suspect_step *step,
                                   void *context, struct err *err);

#endif
