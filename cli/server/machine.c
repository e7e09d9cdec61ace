/*
 * Disk, journal file and memory.
 */
#include "cli/server/machine.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "ledger/durable.h"

/* The second number of statm: resident pages. */
static uint64_t resident_bytes(void)
{
    char text[128];
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t length = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (fd >= 0)
        (void)close(fd);
    text[length > 0 ? length : 0] = '\0';
    const char *second = strchr(text, ' ');
    return second != NULL ? strtoull(second + 1, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

void machine_ask(const char *book_dir, uint64_t map_size, struct machine *ret_machine)
{
    struct statvfs disk;
    struct stat file;
    struct path path;
    struct machine machine = {.map_size = map_size, .memory = resident_bytes()};
    if (statvfs(book_dir, &disk) == 0) {
        machine.disk_free = (uint64_t)disk.f_bavail * disk.f_frsize;
        machine.disk_size = (uint64_t)disk.f_blocks * disk.f_frsize;
    }
    if (path_set(&path, NULL, "%s/journal/data.mdb", book_dir) == STATUS_OK && stat(path.text, &file) == 0)
        machine.map_used = (uint64_t)file.st_size;
    *ret_machine = machine;
}
