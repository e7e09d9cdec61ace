/*
 * The machine, as far as an account without privileges sees it: clock, file system, mounts, limits, versions. What cannot be
 * seen stays unknown; nothing here fails but for want of memory.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

#include "cli/doctor.h"
#include "cli/system.h"
#include "controls/compiler/yaml.h"
#include "ledger/journal.h"

enum { LINE_BYTES = 4096, LINES_MAX = 100000 };

/* A file of the system's; NULL where it cannot be read. */
static FILE *open_file(const char *path, struct doctor_host *host)
{
    FILE *file = fopen(path, "re");
    host->no_memory = host->no_memory || (file == NULL && errno == ENOMEM);
    return file;
}

/* The first line of a small one; "" where it cannot be read. */
static void read_line(const char *path, struct doctor_host *host, char *ret_line, int size)
{
    FILE *file = open_file(path, host);
    ret_line[0] = '\0';
    if (file != NULL && fgets(ret_line, size, file) == NULL)
        ret_line[0] = '\0';
    if (file != NULL)
        (void)fclose(file);
    ret_line[strcspn(ret_line, "\n")] = '\0';
}

static void look_clock(struct doctor_host *host)
{
    struct timex clock = {.modes = 0}; /* asks, and sets nothing */
    int state = adjtimex(&clock);
    host->clock_state = state < 0 ? -1 : state == TIME_ERROR ? 1 : 0; /* of whatever sort: adjtimex(2) */
    host->clock_error_us = state < 0 ? -1 : clock.maxerror;
}

/* A field of /proc/self/mountinfo, whose blanks stand as \040. Cuts it off and goes on behind. */
static char *next_field(char **at)
{
    char *field = *at;
    *at += strcspn(*at, " \n");
    if (**at != '\0')
        *(*at)++ = '\0';
    return field;
}

/* Sets mount and options from a line about the device that the book is on; the longest mount point that holds it wins. */
static void look_mount_line(char *line, dev_t device, const char *book, struct doctor_host *host)
{
    char wanted[64];
    snprintf(wanted, sizeof wanted, "%u:%u", major(device), minor(device));
    char *at = line;
    (void)next_field(&at);
    (void)next_field(&at);
    bool same = strcmp(next_field(&at), wanted) == 0;
    (void)next_field(&at);
    const char *point = next_field(&at);
    const char *options = next_field(&at);
    char *rest = strstr(at, "- ");
    size_t length = strlen(point);
    bool above = strncmp(book, point, length) == 0 && (length == 1 || book[length] == '/' || book[length] == '\0');
    if (!same || !above || rest == NULL || length < strlen(host->mount) || length >= sizeof host->mount)
        return;
    at = rest + 2;
    (void)next_field(&at);
    (void)next_field(&at);
    snprintf(host->mount, sizeof host->mount, "%s", point);
    snprintf(host->mount_options, sizeof host->mount_options, "%s,%s", options, next_field(&at));
}

static void look_mount(const char *book, struct doctor_host *host)
{
    char line[LINE_BYTES];
    struct stat stat_of_book;
    char *real = realpath(book, NULL);
    host->no_memory = host->no_memory || (real == NULL && errno == ENOMEM);
    FILE *file = open_file("/proc/self/mountinfo", host);
    bool known = real != NULL && stat(real, &stat_of_book) == 0;
    for (int i = 0; file != NULL && known && i < LINES_MAX && fgets(line, sizeof line, file) != NULL; i++)
        look_mount_line(line, stat_of_book.st_dev, real, host);
    if (file != NULL)
        (void)fclose(file);
    free(real);
}

static void look_file_system(const char *book, struct doctor_host *host)
{
    struct statfs facts;
    host->free_bytes = host->total_inodes = host->free_inodes = -1;
    if (statfs(book, &facts) != 0)
        return;
    host->file_system = (unsigned long)facts.f_type;
    host->free_bytes = (int64_t)facts.f_bavail * (int64_t)facts.f_bsize;
    host->total_inodes = (int64_t)facts.f_files;
    host->free_inodes = (int64_t)facts.f_ffree;
}

/* Libraries that answer in the system's place, found in this process whichever way they came. */
static void look_mapped(struct doctor_host *host)
{
    static const char *const known[] = {"eatmydata", "libfaketime", "libfakeroot", NULL};
    char line[LINE_BYTES];
    FILE *file = open_file("/proc/self/maps", host);
    for (int n = 0; file != NULL && n < LINES_MAX && fgets(line, sizeof line, file) != NULL; n++) {
        const char *path = strchr(line, '/');
        line[strcspn(line, "\n")] = '\0';
        for (size_t i = 0; path != NULL && known[i] != NULL; i++)
            if (host->mapped[0] == '\0' && strstr(path, known[i]) != NULL)
                snprintf(host->mapped, sizeof host->mapped, "%s", path);
    }
    if (file != NULL)
        (void)fclose(file);
}

/* A device mapper's name for what is encrypted begins with CRYPT. zram is memory. */
static bool swap_is_safe(const char *path, struct doctor_host *host)
{
    char uuid_path[LINE_BYTES], uuid[64];
    char *real = realpath(path, NULL);
    host->no_memory = host->no_memory || (real == NULL && errno == ENOMEM);
    const char *name = real == NULL ? NULL : strrchr(real, '/');
    bool safe = name != NULL && strncmp(name + 1, "zram", 4) == 0;
    if (name != NULL && !safe) {
        snprintf(uuid_path, sizeof uuid_path, "/sys/block/%s/dm/uuid", name + 1);
        read_line(uuid_path, host, uuid, sizeof uuid);
        safe = strncmp(uuid, "CRYPT", 5) == 0;
    }
    free(real);
    return safe;
}

static void look_swap(struct doctor_host *host)
{
    char line[LINE_BYTES];
    FILE *file = open_file("/proc/swaps", host);
    for (int n = 0; file != NULL && n < LINES_MAX && fgets(line, sizeof line, file) != NULL; n++) {
        line[strcspn(line, " \t\n")] = '\0';
        if (line[0] == '/' && host->swap[0] == '\0' && !swap_is_safe(line, host))
            snprintf(host->swap, sizeof host->swap, "%s", line);
    }
    if (file != NULL)
        (void)fclose(file);
}

static int64_t limit_of(__rlimit_resource_t what)
{
    struct rlimit limit;
    if (getrlimit(what, &limit) != 0)
        return -1;
    return limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > INT64_MAX ? INT64_MAX : (int64_t)limit.rlim_cur;
}

void doctor_look_host(struct cli *cli, const struct doctor_order *order, struct doctor_facts *facts)
{
    struct doctor_host *host = &facts->host;
    struct utsname system;
    host->now_ms = cli->now_ms(cli->clock_context);
    look_clock(host);
    host->preload = cli->environment.preload != NULL ? cli->environment.preload : "";
    read_line("/etc/ld.so.preload", host, host->preload_file, sizeof host->preload_file);
    read_line("/proc/sys/kernel/core_pattern", host, host->core_pattern, sizeof host->core_pattern);
    look_mapped(host);
    look_swap(host);
    host->core_bytes = limit_of(RLIMIT_CORE);
    host->memlock_bytes = limit_of(RLIMIT_MEMLOCK);
    host->dumpable = prctl(PR_GET_DUMPABLE);
    if (uname(&system) == 0)
        snprintf(host->kernel, sizeof host->kernel, "%s", system.release);
    snprintf(host->libraries, sizeof host->libraries, "libsodium %s, %.11s, jansson %s, libfyaml %s",
             system_sodium_version(), journal_store_version(), jansson_version_str(), yaml_library_version());
    if (order->session != NULL)
        return;
    look_file_system(order->book, host);
    look_mount(order->book, host);
}
