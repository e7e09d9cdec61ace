/*
 * Where a command writes a file that it was asked for: a new file, or the output for "-".
 */
#ifndef CLI_OUTLET_H
#define CLI_OUTLET_H

#include <stdio.h>

#include "cli/cli.h"
#include "ledger/durable.h"
#include "ledger/status.h"

struct outlet {
    FILE *file;
    const char *name; /* borrowed */
    struct path part; /* what the file is called until it is whole; "" where it bears its name from the start */
};

/*
 * A new file; "-" is the output. Nothing that is there is replaced.
 *
 * errors  EXISTS, NOT_FOUND, PERMISSION, FULL, IO.
 */
MUST_USE enum status outlet_open(struct cli *cli, const char *path, struct outlet *ret_outlet, struct err *err);

/*
 * The same, but what is at the name is whole or nothing: until outlet_close has found everything on disk, the file is called
 * NAME.part-<number>, which is all that a killed process leaves.
 *
 * errors  those of outlet_open.
 */
MUST_USE enum status outlet_open_whole(struct cli *cli, const char *path, struct outlet *ret_outlet, struct err *err);

/*
 * What could not be written whole does not stay.
 *
 * in      status  what writing gave; an outlet that was not opened is left alone.
 * out     that status, or that of closing.
 */
MUST_USE enum status outlet_close(struct cli *cli, struct outlet *outlet, enum status status, struct err *err);

#endif
