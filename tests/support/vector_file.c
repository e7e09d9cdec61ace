#include "tests/support/vector_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

char *vector_file(const char *path, size_t *ret_length)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("%s: can't be opened; tests run from the root of the tree", path);
    size_t length = 0;
    size_t room = 1 << 12;
    char *bytes = malloc(room + 1);
    while (bytes != NULL) {
        length += fread(bytes + length, 1, room - length, file);
        if (length < room)
            break;
        room *= 2;
        char *grown = realloc(bytes, room + 1);
        if (grown == NULL)
            free(bytes);
        bytes = grown;
    }
    fclose(file);
    if (bytes == NULL)
        fail_msg("%s: no memory", path);
    bytes[length] = '\0';
    *ret_length = length;
    return bytes;
}

uint64_t vector_random(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * UINT64_C(2685821657736338717);
}
