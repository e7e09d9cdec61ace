/*
 * Reading a backup's file, see the header.
 */
#include "cli/backup_source.h"

#include <errno.h>
#include <string.h>

#include "cli/interrupt.h"
#include "ledger/durable.h"

enum status backup_file_open(struct cli *cli, const char *path, struct backup_file *ret_file, struct err *err)
{
    bool piped = strcmp(path, "-") == 0;
    FILE *file = piped ? cli->in : fopen(path, "rb");
    if (file == NULL)
        return durable_fail(errno, path, "open", err);
    *ret_file = (struct backup_file){.cli = cli, .name = piped ? "the input" : path, .file = file};
    return STATUS_OK;
}

void backup_file_close(struct backup_file *file)
{
    if (file->file != NULL && file->file != file->cli->in)
        (void)fclose(file->file);
    file->file = NULL;
}

enum status backup_file_read(void *context, void *bytes, size_t room, size_t *ret_got, struct err *err)
{
    struct backup_file *file = context;
    enum status status = interrupt_check(err);
    if (status != STATUS_OK)
        return status;
    *ret_got = fread(bytes, 1, room, file->file);
    if (*ret_got == 0 && ferror(file->file))
        return interrupt_seen() ? interrupt_check(err) : durable_fail(errno, file->name, "read", err);
    return STATUS_OK;
}
