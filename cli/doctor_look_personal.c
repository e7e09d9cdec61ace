/*
 * Which records of personal data no entry names: a statement that never came in left them, and no erasure can ask for them. Every
 * hash that stands in an entry counts as a name, whichever member it is of.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/doctor.h"
#include "ledger/hash.h"

struct doctor_record {
    struct hash hash;
    size_t file; /* among the files */
    bool named;
};

struct doctor_personal {
    struct doctor_record *items;
    size_t count;
};

static int by_hash(const void *left, const void *right)
{
    return memcmp(((const struct doctor_record *)left)->hash.bytes, ((const struct doctor_record *)right)->hash.bytes,
                  HASH_BYTES);
}

/* The hash that is a file's name. */
static bool record_of(const struct doctor_files *files, size_t index, struct hash *ret_hash)
{
    const char *slash = strrchr(files->items[index].path, '/');
    return files->items[index].part == PART_PERSONAL && slash != NULL &&
           hash_from_hex(slash + 1, ret_hash) == STATUS_OK;
}

enum status doctor_personal_begin(const struct doctor_files *files, struct doctor_personal **ret_personal,
                                  struct err *err)
{
    struct doctor_personal *personal = calloc(1, sizeof *personal);
    struct doctor_record *items = calloc(files->count + 1, sizeof *items);
    if (personal == NULL || items == NULL) {
        free(personal);
        free(items);
        return err_set(err, STATUS_MEMORY, "no memory for a list of personal data");
    }
    personal->items = items;
    for (size_t i = 0; i < files->count; i++)
        if (record_of(files, i, &items[personal->count].hash))
            items[personal->count++].file = i;
    qsort(items, personal->count, sizeof *items, by_hash);
    *ret_personal = personal;
    return STATUS_OK;
}

static void name(const struct doctor_personal *personal, const char *digits)
{
    char hex[HASH_HEX_CHARS + 1] = "";
    struct doctor_record wanted = {.named = false};
    memcpy(hex, digits, HASH_HEX_CHARS);
    if (hash_from_hex(hex, &wanted.hash) != STATUS_OK)
        return;
    struct doctor_record *found = bsearch(&wanted, personal->items, personal->count, sizeof wanted, by_hash);
    if (found != NULL)
        found->named = true;
}

void doctor_personal_take(struct doctor_personal *personal, struct slice entry)
{
    const char *at = (const char *)entry.bytes, *end = at + entry.length;
    while ((at = memchr(at, '"', (size_t)(end - at))) != NULL) {
        at++;
        if ((size_t)(end - at) > HASH_HEX_CHARS && at[HASH_HEX_CHARS] == '"')
            name(personal, at);
    }
}

void doctor_personal_end(struct doctor_personal *personal, struct doctor_files *files, int64_t now_ms)
{
    for (size_t i = 0; i < personal->count; i++) {
        struct doctor_file *file = &files->items[personal->items[i].file];
        file->unnamed = !personal->items[i].named && now_ms - file->changed_ms > DOCTOR_DAY_MS;
    }
    doctor_personal_free(personal);
}

void doctor_personal_free(struct doctor_personal *personal)
{
    if (personal == NULL)
        return;
    free(personal->items);
    free(personal);
}
