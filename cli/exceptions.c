/*
 * The table of sources of exceptions.
 */
#include "cli/exceptions.h"

#include <string.h>

/* clang-format off: one row a line */
const struct exception_source *const exception_sources[] = {
    &exceptions_waiting, &exceptions_feeds, &exceptions_cases,   &exceptions_orders,
    &exceptions_rebills, &exceptions_alike, &exceptions_leavers, NULL,
};
/* clang-format on */

const struct exception_source *exception_source_find(const char *name)
{
    for (size_t i = 0; exception_sources[i] != NULL; i++)
        if (strcmp(exception_sources[i]->name, name) == 0)
            return exception_sources[i];
    return NULL;
}

bool exception_in(const char *entity, const char *of)
{
    return entity == NULL || (of != NULL && strcmp(entity, of) == 0);
}
