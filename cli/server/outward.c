/*
 * Paths kept back. Guarantees that no text that is told holds the book's directory, not even cut off at the text's end.
 */
#include "cli/server/outward.h"

#include <stddef.h>
#include <string.h>

/* Of faults of the server's own files, whatever the text says; NULL: the text is for the client. */
static const char *sentence_of(enum status status)
{
    switch (status) {
    case STATUS_FULL:
        return "the server's disk has no space left: this was not done; tell whoever runs the server, and try again "
               "when there is some";
    case STATUS_IO:
        return "the server cannot read or write its files: tell whoever runs it, who finds the reason in its log, "
               "and try again then";
    case STATUS_CORRUPT:
        return "the server found its files damaged: tell whoever runs it, who finds in its log which, and has "
               "audit verify say more";
    case STATUS_PERMISSION:
        return "the server may not use its own files: tell whoever runs it, who finds in its log which";
    case STATUS_MEMORY:
        return "the server has no memory for this now: try again in a moment";
    case STATUS_BUSY:
        return "the book is being opened or written by somebody else on the server: try again in a moment";
    case STATUS_UNKNOWN:
        return "writing failed on the server, so that it is open whether this was recorded; whoever runs it finds the "
               "reason in its log";
    case STATUS_OK:
    case STATUS_INPUT:
    case STATUS_LIMIT:
    case STATUS_NOT_FOUND:
    case STATUS_EXISTS:
    case STATUS_REFUSED:
    case STATUS_SIGNATURE:
    case STATUS_CLOCK:
        break;
    }
    return NULL;
}

/* Where the directory stands in a text; a text that was cut may end within it. Answers whether it does. */
static bool find_dir(const char *text, const char *dir, size_t *ret_at)
{
    size_t length = strlen(dir);
    bool cut = strlen(text) + 4 >= ERR_TEXT_BYTES; /* at a character's beginning */
    for (const char *at = strchr(text, '/'); at != NULL; at = strchr(at + 1, '/')) {
        size_t left = strlen(at);
        if (strncmp(at, dir, length) == 0 || (cut && left < length && strncmp(at, dir, left) == 0)) {
            *ret_at = (size_t)(at - text);
            return true;
        }
    }
    return false;
}

/* Each path in the directory becomes "the book". Names of files there have neither spaces nor colons. */
static void cut_paths(struct err *told, const char *dir)
{
    static const char instead[] = "the book";
    size_t length = strlen(dir), found = 0;
    while (find_dir(told->text, dir, &found)) {
        char *at = told->text + found;
        size_t left = strlen(at), path = left < length ? left : length + strcspn(at + length, " :;,'\"");
        size_t room = sizeof told->text - found - 1;
        struct err before = *told;
        const char *after = before.text + found + path;
        size_t put = sizeof instead - 1 < room ? sizeof instead - 1 : room;
        size_t rest = strlen(after) < room - put ? strlen(after) : room - put;
        memcpy(at, instead, put);
        memcpy(at + put, after, rest);
        at[put + rest] = '\0';
    }
}

/* What the system says of its disk and of reading is about nobody else's, whether it names the file or not. */
static bool is_of_the_system(enum status status)
{
    return status == STATUS_FULL || status == STATUS_IO;
}

bool outward_tell(const struct err *err, const char *dir, struct err *ret_told)
{
    size_t at = 0;
    bool known = dir != NULL && dir[0] == '/' && dir[1] != '\0';
    const char *sentence = sentence_of(err->status);
    *ret_told = *err;
    if (!is_of_the_system(err->status) && (!known || !find_dir(err->text, dir, &at)))
        return false;
    if (sentence != NULL)
        (void)!err_set(ret_told, err->status, "%s", sentence);
    else
        cut_paths(ret_told, dir);
    return true;
}
