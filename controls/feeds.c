/*
 * The table of feeds. A feed's row stands in its own file.
 */
#include <string.h>

#include "controls/feed_sort.h"

/* One row a line. */
/* clang-format off */
extern const struct feed_sort feed_sort_customers;
extern const struct feed_sort feed_sort_invoices;
extern const struct feed_sort feed_sort_cash;
extern const struct feed_sort feed_sort_people;
extern const struct feed_sort feed_sort_contacts;
extern const struct feed_sort feed_sort_contracts;
extern const struct feed_sort feed_sort_reads;
extern const struct feed_sort feed_sort_orders;
extern const struct feed_sort feed_sort_acknowledgements;

static const struct feed_sort *const feeds[] = {
    &feed_sort_customers,
    &feed_sort_invoices,
    &feed_sort_cash,
    &feed_sort_people,
    &feed_sort_contacts,
    &feed_sort_contracts,
    &feed_sort_reads,
    &feed_sort_orders,
    &feed_sort_acknowledgements,
};
/* clang-format on */

const struct feed_sort *feed_sort_find(const char *name)
{
    for (size_t i = 0; i < sizeof feeds / sizeof feeds[0]; i++)
        if (strcmp(feeds[i]->name, name) == 0)
            return feeds[i];
    return NULL;
}
