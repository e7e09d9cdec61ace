/*
 * A backup's file, or the input for "-", as backup_read takes it.
 */
#ifndef CLI_BACKUP_SOURCE_H
#define CLI_BACKUP_SOURCE_H

#include <stdio.h>

#include "audit/backup/backup.h"
#include "cli/cli.h"

struct backup_file {
    struct cli *cli;
    const char *name; /* borrowed */
    FILE *file;
};

/* errors NOT_FOUND, PERMISSION, INPUT (a directory), IO. */
MUST_USE enum status backup_file_open(struct cli *cli, const char *path, struct backup_file *ret_file, struct err *err);
void backup_file_close(struct backup_file *file);

/* backup_source's read, over a struct backup_file. errors IO (also when somebody ended the work). */
MUST_USE enum status backup_file_read(void *context, void *bytes, size_t room, size_t *ret_got, struct err *err);

#endif
