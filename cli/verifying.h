/*
 * A verification as a command: the options that it takes, the child that works, the report.
 */
#ifndef CLI_VERIFYING_H
#define CLI_VERIFYING_H

#include "audit/child.h"
#include "audit/verify/verify.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "ledger/status.h"

/* Rows of a command's table of options. */
#define VERIFYING_OPTIONS                                                                                              \
    {"witness", 0, "FILE", "a witness's public key (vkey): its cosignature must be on a checkpoint", OPTION_REPEATS},  \
        {"checkpoint", 0, "FILE", "a checkpoint that was kept outside, to hold the book against", OPTION_REPEATS},     \
        {"fast", 0, NULL, "bytes, chain, tree and signatures only: no decision is made again", 0},                     \
        {"threads", 0, "NUMBER", "threads that check signatures (as many as processors)", 0},                          \
    {                                                                                                                  \
        "scratch", 0, "DIR", "where the replay's books are built for the time being (TMPDIR, or /tmp)", 0              \
    }

/*
 * As child_verify, and a signal that asks the program to stop ends it in order: the child ends, its scratch goes, then the signal
 * does what it would have done.
 */
MUST_USE enum status verifying_in_child(const struct verify_options *options, verify_work *work,
                                        struct verify_result *ret_result, struct err *err);

struct verifying {
    verify_work *work;
    const struct verify_options *options; /* what is verified; the rest comes from the options of the command line */
};

/*
 * Verifies and prints the report. The caller may have no store open.
 *
 * out     *ret_exit: as audit_report_print.
 * errors  INPUT (an option), those of child_verify.
 */
MUST_USE enum status verifying_run(struct cli *cli, const struct options *options, const struct verifying *what,
                                   int *ret_exit, struct err *err);

#endif
