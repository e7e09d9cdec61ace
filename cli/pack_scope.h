/*
 * What a bundle is asked for, from the command line: periods, documents, samples, what somebody has already.
 */
#ifndef CLI_PACK_SCOPE_H
#define CLI_PACK_SCOPE_H

#include "audit/bundle/pack.h"
#include "cli/options.h"
#include "cli/pack_sample.h"
#include "ledger/status.h"

/* A scope and what it points to. The caller's storage; end it with pack_options_done. */
struct pack_options {
    struct pack_scope scope;
    struct hash after_root;
    char *text;           /* of a checkpoint */
    const char **numbers; /* into the command line */
    struct pack_sample sample;
};

/*
 * Reads --period, --document, --sample with --seed, --since: one of them, or none for the whole book.
 *
 * out     *ret_options: lends from options.
 * errors  INPUT (two of them, a form that is not right, a document twice: named with its line), LIMIT, NOT_FOUND (a file), IO.
 */
MUST_USE enum status pack_options_read(const struct options *options, struct pack_options *ret_options,
                                       struct err *err);
void pack_options_done(struct pack_options *options);

/*
 * Reads a period: 2026-Q3, 2026-07, 2026-07-14, 2026-07-01..2026-07-14.
 *
 * out     *ret_from, *ret_to: its first and its last day.
 * errors  INPUT.
 */
MUST_USE enum status pack_period_parse(const char *text, int32_t *ret_from, int32_t *ret_to, struct err *err);

#endif
