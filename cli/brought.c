/*
 * Files of keys and checkpoints, read whole and within bounds; what they are worth is for whoever holds them against a book.
 */
#include "cli/brought.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/newfile.h"

enum { VKEY_FILE_BYTES = 8192 };

/* A file of vkeys, one a line. */
static enum status witnesses_read(struct brought *brought, const char *path, struct err *err)
{
    char text[VKEY_FILE_BYTES];
    size_t length = 0;
    enum status status = newfile_read(path, false, text, sizeof text, &length, err);
    for (size_t at = 0; status == STATUS_OK && at < length;) {
        const char *newline = memchr(text + at, '\n', length - at);
        size_t line = newline == NULL ? length - at : (size_t)(newline - (text + at));
        if (line > 0 && brought->witness_count == VERIFY_WITNESSES_MAX)
            status = err_set(err, STATUS_LIMIT, "at most %d witnesses can be given", VERIFY_WITNESSES_MAX);
        else if (line > 0)
            status = note_key_parse(text + at, line, &brought->witnesses[brought->witness_count++], err);
        at += line + 1;
    }
    if (status != STATUS_OK)
        err_prefix(err, "--witness %s: ", path);
    return status;
}

static enum status note_read(struct brought *brought, const char *path, struct err *err)
{
    size_t length = 0;
    if (brought->note_count == VERIFY_NOTES_MAX)
        return err_set(err, STATUS_LIMIT, "at most %d checkpoints can be given", VERIFY_NOTES_MAX);
    char *bytes = malloc(NOTE_SIGNED_BYTES_MAX);
    if (bytes == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for %s", path);
    enum status status = newfile_read(path, false, bytes, NOTE_SIGNED_BYTES_MAX, &length, err);
    if (status != STATUS_OK) {
        err_prefix(err, "--checkpoint: ");
        free(bytes);
        return status;
    }
    brought->notes[brought->note_count++] = (struct verify_note){.name = path, .bytes = slice_of(bytes, length)};
    return STATUS_OK;
}

enum status brought_witnesses(const struct options *options, struct brought *ret_brought, struct err *err)
{
    size_t count = 0;
    const char *const *paths = options_list(options, "witness", &count);
    enum status status = STATUS_OK;
    ret_brought->witness_count = ret_brought->note_count = 0;
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = witnesses_read(ret_brought, paths[i], err);
    return status;
}

enum status brought_read(const struct options *options, struct brought *ret_brought, struct err *err)
{
    size_t count = 0;
    enum status status = brought_witnesses(options, ret_brought, err);
    const char *const *paths = options_list(options, "checkpoint", &count);
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = note_read(ret_brought, paths[i], err);
    return status;
}

void brought_done(struct brought *brought)
{
    for (size_t i = 0; i < brought->note_count; i++)
        free((void *)(uintptr_t)brought->notes[i].bytes.bytes);
    brought->note_count = 0;
}
