/*
 * "Did you mean": the word of a list that is nearest to one that is not in it.
 */
#ifndef CONTROLS_COMPILER_NEAREST_H
#define CONTROLS_COMPILER_NEAREST_H

#include <stddef.h>

/*
 * The word with the fewest edits (insert, delete, replace, swap neighbours) from text, the first of equals; NULL when
 * every one is more than a third of its length away. Lends words' member. cost O(count * length^2), length <= 64.
 */
const char *nearest_name(const char *text, const char *const *words, size_t count);

#endif
