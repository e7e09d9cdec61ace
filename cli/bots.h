/*
 * Bots as a whole: which there are, what they hold and held, what of theirs waits.
 */
#ifndef CLI_BOTS_H
#define CLI_BOTS_H

#include <jansson.h>

#include "cli/session.h"
#include "controls/facts.h"
#include "ledger/status.h"

/*
 * The bots that a command names: its argument, or with --all every one.
 *
 * out     *ret_users: gives a list of user ids, sorted.
 * errors  INPUT (neither, both, or no bot), NOT_FOUND (no such user).
 */
MUST_USE enum status bots_asked(const struct facts *facts, const struct options *options, json_t **ret_users,
                                struct err *err);

/* Adds the numbers of the grants that a bot holds now or will. errors of the facts, MEMORY. */
MUST_USE enum status bots_held(const struct facts *facts, const char *user, json_t *numbers, struct err *err);

/*
 * Adds the records of the grants that a bot held until it was stopped: those taken back last, together.
 *
 * errors  of the facts, MEMORY.
 */
MUST_USE enum status bots_held_before(const struct facts *facts, const char *user, json_t *grants, struct err *err);

/* Tells what these bots prepared and still waits, as a line, or with --json as an object {pending: [numbers]};
 * `partial` where there may be more that the user may not read. */
MUST_USE enum status bots_say_pending(struct session *session, const json_t *users, struct err *err);

#endif
