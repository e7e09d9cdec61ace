/*
 * Distance of words with adjacent swaps (optimal string alignment), for suggestions in findings.
 */
#include "controls/compiler/nearest.h"

#include <string.h>

enum { WORD_MAX = 64 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Both at most WORD_MAX bytes. Three rows of the usual table: this one, the one before, the one before that. */
static size_t distance(const char *a, const char *b)
{
    size_t rows[3][WORD_MAX + 1];
    size_t a_length = strlen(a);
    size_t b_length = strlen(b);
    for (size_t k = 0; k <= b_length; k++)
        rows[0][k] = k;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *now = rows[i % 3];
        const size_t *before = rows[(i + 2) % 3];
        const size_t *earlier = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t k = 1; k <= b_length; k++) {
            size_t cost = a[i - 1] == b[k - 1] ? 0 : 1;
            now[k] = least(least(before[k] + 1, now[k - 1] + 1), before[k - 1] + cost);
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
                now[k] = least(now[k], earlier[k - 2] + 1);
        }
    }
    return rows[a_length % 3][b_length];
}

const char *nearest_name(const char *text, const char *const *words, size_t count)
{
    const char *nearest = NULL;
    size_t nearest_distance = 0;
    if (strlen(text) > WORD_MAX)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(words[i]);
        if (length > WORD_MAX)
            continue;
        size_t away = distance(text, words[i]);
        if (away * 3 > length + 1)
            continue;
        if (nearest == NULL || away < nearest_distance) {
            nearest = words[i];
            nearest_distance = away;
        }
    }
    return nearest;
}
