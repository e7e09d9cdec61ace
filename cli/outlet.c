/*
 * A new file, or the output; see the header.
 */
#include "cli/outlet.h"

#include <errno.h>
#include <string.h>

#include "ledger/durable.h"

enum status outlet_open(struct cli *cli, const char *path, struct outlet *ret_outlet, struct err *err)
{
    *ret_outlet = (struct outlet){.file = cli->out, .name = path};
    if (strcmp(path, "-") == 0)
        return STATUS_OK;
    ret_outlet->file = fopen(path, "wbx");
    return ret_outlet->file != NULL ? STATUS_OK : durable_fail(errno, path, "make", err);
}

enum status outlet_close(struct cli *cli, struct outlet *outlet, enum status status, struct err *err)
{
    if (outlet->file == NULL || outlet->file == cli->out)
        return status;
    bool lost = fclose(outlet->file) != 0;
    if (status == STATUS_OK && lost)
        status = durable_fail(errno, outlet->name, "write", err);
    if (status != STATUS_OK)
        (void)remove(outlet->name);
    return status;
}
