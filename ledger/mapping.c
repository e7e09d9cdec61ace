/*
 * Ranges of memory looked up in /proc/self/maps (proc(5)): a line for each mapping, "begin-end perms ..." in hexadecimal digits,
 * the fourth of its permissions s where it is shared.
 */
#include "ledger/mapping.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PERMISSIONS = 5 }; /* with the blank before them */

bool mapping_is_of_file(const void *begin, size_t length)
{
    const uintptr_t from = (uintptr_t)begin;
    char *line = NULL;
    size_t room = 0;
    bool whole = false;
    FILE *maps = fopen("/proc/self/maps", "re");
    while (maps != NULL && !whole && getline(&line, &room, maps) > 0) {
        char *rest = line;
        const uintptr_t low = (uintptr_t)strtoull(line, &rest, 16);
        const uintptr_t high = *rest == '-' ? (uintptr_t)strtoull(rest + 1, &rest, 16) : 0;
        const bool shared = strnlen(rest, PERMISSIONS) == PERMISSIONS && rest[PERMISSIONS - 1] == 's';
        whole = shared && low <= from && from < high && length <= high - from;
    }
    free(line);
    if (maps != NULL)
        (void)fclose(maps);
    return whole;
}
