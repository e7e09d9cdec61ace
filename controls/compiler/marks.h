/*
 * Which place in the source each value of the compiled form came from.
 */
#ifndef CONTROLS_COMPILER_MARKS_H
#define CONTROLS_COMPILER_MARKS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct mark {
    const json_t *value;
    size_t offset;
};

struct marks {
    struct mark *list;
    size_t count;
    size_t room;
    bool failed; /* no memory for one */
};

/* Notes where a value came from. The value must live as long as the marks are asked. NULL is passed over. */
void marks_add(struct marks *marks, const json_t *value, size_t offset);

/*
 * The offset of what a path names, e.g. "reasons[3].account"; of the nearest value around it when that has no mark of its
 * own or is not there; 0 when nothing around it has one.
 *
 * in      marks_sort has been called after the last marks_add.
 */
size_t marks_find(const struct marks *marks, const json_t *compiled, const char *path);
void marks_sort(struct marks *marks);
void marks_done(struct marks *marks);

#endif
