/*
 * The table of feeds of engine 0. A feed's row stands in its own file.
 */
#include <string.h>

#include "controls/feed_sort.h"

/* clang-format off: one row a line */
extern const struct feed_sort feed_sort_customers;
extern const struct feed_sort feed_sort_invoices;
extern const struct feed_sort feed_sort_cash;
extern const struct feed_sort feed_sort_orders;

static const struct feed_sort *const feeds[] = {
    &feed_sort_customers,
    &feed_sort_invoices,
    &feed_sort_cash,
    &feed_sort_orders,
};
/* clang-format on */

const struct feed_sort *feed_sort_find(const char *name)
{
    for (size_t i = 0; i < sizeof feeds / sizeof feeds[0]; i++)
        if (strcmp(feeds[i]->name, name) == 0)
            return feeds[i];
    return NULL;
}
