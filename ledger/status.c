/*
 * Statuses and error texts. Knows no other room. The one place below cli/ that ends the program, and only for a broken
 * invariant of our own.
 */
#include "ledger/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Cuts back to the start of the last character when the text was truncated inside a UTF-8 sequence. */
static void text_cut_at_character(char text[static ERR_TEXT_BYTES])
{
    size_t end = strlen(text);
    size_t start = end;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return;
    unsigned char lead = (unsigned char)text[start - 1];
    size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (end - (start - 1) < want)
        text[start - 1] = '\0';
}

enum status err_set(struct err *err, enum status status, const char *format, ...)
{
    if (err == NULL)
        return status;
    err->status = status;
    va_list args;
    va_start(args, format);
    int length = vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    if (length < 0)
        err->text[0] = '\0';
    if (length >= ERR_TEXT_BYTES)
        text_cut_at_character(err->text);
    return status;
}

void err_prefix(struct err *err, const char *format, ...)
{
    if (err == NULL)
        return;
    char old[ERR_TEXT_BYTES];
    memcpy(old, err->text, sizeof old);
    va_list args;
    va_start(args, format);
    int length = vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    if (length < 0)
        length = 0;
    if (length < ERR_TEXT_BYTES) {
        size_t used = (size_t)length;
        size_t room = sizeof err->text - used - 1;
        size_t take = strlen(old) < room ? strlen(old) : room;
        memcpy(err->text + used, old, take);
        err->text[used + take] = '\0';
        if (take == room)
            text_cut_at_character(err->text);
    } else {
        text_cut_at_character(err->text);
    }
}

const char *status_name(enum status status)
{
    switch (status) {
    case STATUS_OK:
        return "ok";
    case STATUS_INPUT:
        return "input";
    case STATUS_LIMIT:
        return "limit";
    case STATUS_NOT_FOUND:
        return "not-found";
    case STATUS_EXISTS:
        return "exists";
    case STATUS_REFUSED:
        return "refused";
    case STATUS_SIGNATURE:
        return "signature";
    case STATUS_CORRUPT:
        return "corrupt";
    case STATUS_IO:
        return "io";
    case STATUS_FULL:
        return "full";
    case STATUS_BUSY:
        return "busy";
    case STATUS_CLOCK:
        return "clock";
    case STATUS_MEMORY:
        return "memory";
    case STATUS_UNKNOWN:
        return "unknown";
    case STATUS_PERMISSION:
        return "permission";
    }
    return "?";
}

_Noreturn void invariant_failed(const char *file, int line, const char *condition)
{
    fprintf(stderr, "countersign: broken invariant at %s:%d: %s\n", file, line, condition);
    abort();
}
