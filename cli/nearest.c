/*
 * Suggestions for mistyped commands, options and columns: a unique beginning, else the smallest edit distance in the
 * optimal string alignment sense (neighbours swapped count once). Bounded by COMMAND_WORD_BYTES_MAX: longer words have
 * no suggestion, so that a hostile argument costs nothing.
 */
#include "cli/nearest.h"

#include <string.h>

#include "cli/limits.h"

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t edit_distance(const char *a, const char *b)
{
    size_t rows[3][COMMAND_WORD_BYTES_MAX + 1];
    size_t *before = rows[0], *last = rows[1], *now = rows[2];
    size_t a_length = strlen(a);
    size_t b_length = strlen(b);
    for (size_t j = 0; j <= b_length; j++)
        last[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        now[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t replace = last[j - 1] + (a[i - 1] != b[j - 1]);
            now[j] = least(replace, least(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
        }
        size_t *reused = before;
        before = last;
        last = now;
        now = reused;
    }
    return last[b_length];
}

static const char *only_beginning(const char *word, const char *const words[], size_t count)
{
    const char *found = NULL;
    size_t length = strlen(word);
    if (length < 2)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (words[i] == NULL || strncmp(words[i], word, length) != 0)
            continue;
        if (found != NULL && strcmp(found, words[i]) != 0)
            return NULL;
        found = words[i];
    }
    return found;
}

const char *nearest_word(const char *word, const char *const words[], size_t count)
{
    if (strlen(word) > COMMAND_WORD_BYTES_MAX)
        return NULL;
    const char *found = only_beginning(word, words, count);
    if (found != NULL)
        return found;
    size_t found_distance = 0;
    for (size_t i = 0; i < count; i++) {
        if (words[i] == NULL || strlen(words[i]) > COMMAND_WORD_BYTES_MAX)
            continue;
        size_t letters = strlen(words[i]);
        size_t allowed = letters < 6 ? 1 : letters / 3;
        size_t distance = edit_distance(word, words[i]);
        if (distance <= allowed && (found == NULL || distance < found_distance)) {
            found = words[i];
            found_distance = distance;
        }
    }
    return found;
}
