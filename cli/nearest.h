/*
 * What a mistyped word was probably meant to be.
 */
#ifndef CLI_NEAREST_H
#define CLI_NEAREST_H

#include <stddef.h>

/*
 * in      words[0..count), borrowed; NULL rows are skipped.
 * out     the only word that begins with word (two characters at least), else the one with the fewest insertions,
 *         deletions, replacements and swaps of neighbours, at most a third of its letters, one always; NULL: none near.
 */
const char *nearest_word(const char *word, const char *const words[], size_t count);

#endif
