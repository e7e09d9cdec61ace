/*
 * The time zones that a policy may name, and the UTC offsets that compiler 1 makes of them. Frozen with the compiler:
 * POLICY.md states the rules. A zone that is not here, or whose rules change, is written as a list of offsets.
 */
#ifndef CONTROLS_COMPILER_ZONES_H
#define CONTROLS_COMPILER_ZONES_H

#include <stddef.h>
#include <stdint.h>

enum {
    ZONE_YEAR_FIRST = 2000,
    ZONE_YEAR_LAST = 2050,
    ZONE_CHANGES_MAX = 1 + 2 * (ZONE_YEAR_LAST - ZONE_YEAR_FIRST + 1)
};

struct zone_change {
    int64_t from_ms;
    int minutes; /* local time = UTC + minutes, from here on */
};

/*
 * Fills the changes of a zone, the first at 0.
 *
 * out     ret_changes. Answers their number; 0 when the zone is not known.
 */
size_t zone_changes(const char *name, struct zone_change ret_changes[static ZONE_CHANGES_MAX]);

/* The name of zone number i in order, NULL beyond the last. Lends for ever. */
const char *zone_name(size_t i);

#endif
