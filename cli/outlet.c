/*
 * A new file, or the output; see the header.
 */
#include "cli/outlet.h"

#include <errno.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

enum status outlet_open(struct cli *cli, const char *path, struct outlet *ret_outlet, struct err *err)
{
    *ret_outlet = (struct outlet){.file = cli->out, .name = path};
    if (strcmp(path, "-") == 0)
        return STATUS_OK;
    ret_outlet->file = fopen(path, "wbx");
    return ret_outlet->file != NULL ? STATUS_OK : durable_fail(errno, path, "make", err);
}

enum status outlet_open_whole(struct cli *cli, const char *path, struct outlet *ret_outlet, struct err *err)
{
    struct outlet outlet = {.file = cli->out, .name = path};
    uint64_t nonce = 0;
    struct stat there;
    enum status status = STATUS_OK;
    if (strcmp(path, "-") != 0) {
        random_fill(&cli->random, &nonce, sizeof nonce);
        if (lstat(path, &there) == 0)
            return durable_fail(EEXIST, path, "make", err);
        status = path_set(&outlet.part, err, "%s.part-%016llx", path, (unsigned long long)nonce);
        outlet.file = status == STATUS_OK ? fopen(outlet.part.text, "wbx") : NULL;
        if (status == STATUS_OK && outlet.file == NULL)
            status = durable_fail(errno, outlet.part.text, "make", err);
    }
    if (status == STATUS_OK)
        *ret_outlet = outlet;
    return status;
}

static enum status put_in_place(struct outlet *outlet, struct err *err)
{
    enum status status = durable_rename_new(outlet->part.text, outlet->name, err);
    if (status != STATUS_OK)
        return status;
    outlet->part.text[0] = '\0';
    return durable_sync_parent(outlet->name, err);
}

static enum status close_whole(struct outlet *outlet, enum status status, struct err *err)
{
    if (status == STATUS_OK && (fflush(outlet->file) != 0 || fsync(fileno(outlet->file)) != 0))
        status = durable_fail(errno, outlet->name, "write", err);
    bool lost = fclose(outlet->file) != 0;
    if (status == STATUS_OK && lost)
        status = durable_fail(errno, outlet->name, "write", err);
    if (status == STATUS_OK)
        status = put_in_place(outlet, err);
    if (outlet->part.text[0] != '\0')
        (void)unlink(outlet->part.text);
    return status;
}

enum status outlet_close(struct cli *cli, struct outlet *outlet, enum status status, struct err *err)
{
    if (outlet->file == NULL)
        return status;
    if (outlet->file == cli->out) /* what a pipe did not take shows now, and not after the end was told */
        return status == STATUS_OK && fflush(cli->out) != 0 ? durable_fail(errno, "the output", "write", err) : status;
    if (outlet->part.text[0] != '\0')
        return close_whole(outlet, status, err);
    bool lost = fclose(outlet->file) != 0;
    if (status == STATUS_OK && lost)
        status = durable_fail(errno, outlet->name, "write", err);
    if (status != STATUS_OK)
        (void)remove(outlet->name);
    return status;
}
