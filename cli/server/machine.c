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

/* The second and third number of statm: pages resident, and those of them that files have too. */
static void memory_ask(struct machine *machine)
{
    char text[128], *next = text;
    uint64_t numbers[3] = {0};
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t length = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (fd >= 0)
        (void)close(fd);
    text[length > 0 ? length : 0] = '\0';
    for (size_t i = 0; i < 3; i++)
        numbers[i] = strtoull(next, &next, 10);
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    machine->memory = numbers[1] * page;
    machine->memory_own = numbers[1] > numbers[2] ? (numbers[1] - numbers[2]) * page : 0;
}

void machine_ask(const char *book_dir, uint64_t map_size, struct machine *ret_machine)
{
    struct statvfs disk;
    struct stat file;
    struct path path;
    struct machine machine = {.map_size = map_size};
    memory_ask(&machine);
    if (statvfs(book_dir, &disk) == 0) {
        machine.disk_free = (uint64_t)disk.f_bavail * disk.f_frsize;
        machine.disk_size = (uint64_t)disk.f_blocks * disk.f_frsize;
    }
    if (path_set(&path, NULL, "%s/journal/data.mdb", book_dir) == STATUS_OK && stat(path.text, &file) == 0)
        machine.map_used = (uint64_t)file.st_size;
    *ret_machine = machine;
}
