/*
 * Marks of the compiled form's values. They are kept by the value itself, so that sorting the lists of the compiled form
 * moves nothing here, and found by walking a path down to it.
 */
#include "controls/compiler/marks.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "controls/policy.h"

enum { PATH_STEPS_MAX = 16 };

void marks_add(struct marks *marks, const json_t *value, size_t offset)
{
    if (value == NULL || marks->failed)
        return;
    if (marks->count == marks->room) {
        size_t room = marks->room == 0 ? 256 : 2 * marks->room;
        struct mark *list = realloc(marks->list, room * sizeof list[0]);
        if (list == NULL) {
            marks->failed = true;
            return;
        }
        marks->list = list;
        marks->room = room;
    }
    marks->list[marks->count++] = (struct mark){value, offset};
}

static int compare_marks(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t)((const struct mark *)a)->value;
    uintptr_t y = (uintptr_t)((const struct mark *)b)->value;
    return (x > y) - (x < y);
}

void marks_sort(struct marks *marks)
{
    if (marks->count > 0)
        qsort(marks->list, marks->count, sizeof marks->list[0], compare_marks);
}

/* One step down a path, which is advanced: "name", ".name" or "[7]". NULL when there is nothing there. */
static const json_t *path_step(const json_t *value, const char **path)
{
    const char *at = *path;
    if (*at == '[') {
        char *end = NULL;
        unsigned long i = strtoul(at + 1, &end, 10);
        *path = *end == ']' ? end + 1 : end;
        return json_array_get(value, i);
    }
    if (*at == '.')
        at++;
    size_t length = strcspn(at, ".[");
    char name[POLICY_PATH_BYTES];
    *path = at + length;
    if (length == 0 || length >= sizeof name)
        return NULL;
    memcpy(name, at, length);
    name[length] = '\0';
    return json_object_get(value, name);
}

size_t marks_find(const struct marks *marks, const json_t *compiled, const char *path)
{
    size_t offset = 0;
    const json_t *value = compiled;
    for (int steps = 0; value != NULL && steps < PATH_STEPS_MAX; steps++) {
        const struct mark wanted = {value, 0};
        const struct mark *mark = NULL;
        if (marks->count > 0)
            mark = bsearch(&wanted, marks->list, marks->count, sizeof wanted, compare_marks);
        if (mark != NULL)
            offset = mark->offset;
        value = *path == '\0' ? NULL : path_step(value, &path);
    }
    return offset;
}

void marks_done(struct marks *marks)
{
    free(marks->list);
    *marks = (struct marks){.list = NULL};
}
