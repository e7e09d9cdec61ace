/*
 * Scratch directories: made empty under a name of their own, removed with what a replay's tables leave in them, which is
 * files in the directory and in one more below it.
 */
#include "audit/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where the system says that files for the time being go. Source: POSIX.1-2008, environment variables. */
static const char *usual_parent(void)
{
    const char *parent = getenv("TMPDIR");
    return parent != NULL && parent[0] == '/' ? parent : "/tmp";
}

enum status scratch_make(const char *parent, struct path *ret_dir, struct err *err)
{
    enum status status =
        path_set(ret_dir, err, "%s/countersign-audit-XXXXXX", parent != NULL ? parent : usual_parent());
    if (status == STATUS_OK && mkdtemp(ret_dir->text) == NULL)
        status = durable_fail(errno, ret_dir->text, "make a directory for the replay", err);
    return status;
}

/* depth: how far down directories are emptied too. */
static void dir_remove(const char *dir, int depth)
{
    DIR *listing = opendir(dir);
    if (listing == NULL)
        return;
    for (const struct dirent *name = readdir(listing); name != NULL; name = readdir(listing)) {
        struct path path;
        if (strcmp(name->d_name, ".") == 0 || strcmp(name->d_name, "..") == 0 ||
            path_set(&path, NULL, "%s/%s", dir, name->d_name) != STATUS_OK)
            continue;
        if (unlink(path.text) != 0 && depth > 0)
            dir_remove(path.text, depth - 1);
    }
    closedir(listing);
    (void)!rmdir(dir);
}

void scratch_remove(const struct path *dir)
{
    dir_remove(dir->text, 1);
}
