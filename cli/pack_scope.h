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
    const char *period;   /* the same; NULL: none is asked for */
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
 * The days of --period, which take the book's fiscal years; nothing to do where none is asked for.
 *
 * errors  INPUT (no period of all its entities), those of fiscal_period_of_journal.
 */
struct journal;
MUST_USE enum status pack_options_days(struct pack_options *options, struct journal *journal, struct err *err);

#endif
