/*
 * Officers from the command line, each with the public key in a file.
 */
#include "cli/officers.h"

#include <stdlib.h>
#include <string.h>

#include "cli/keys.h"
#include "ledger/limits.h"
#include "ledger/schema.h"

/* USER:PERSON:PUBKEYFILE */
static enum status read_officer(const char *text, json_t **ret_officer, struct err *err)
{
    char key[PUBLIC_KEY_TEXT_MAX];
    const char *person = strchr(text, ':');
    const char *file = person != NULL ? strchr(person + 1, ':') : NULL;
    if (file == NULL || person == text || file == person + 1 || file[1] == '\0')
        return err_set(err, STATUS_INPUT, "--officer: USER:PERSON:PUBKEYFILE");
    enum status status = keys_read_public(file + 1, key, err);
    if (status != STATUS_OK)
        return status;
    *ret_officer = json_pack("{s:s, s:s%, s:s%}", "key", key, "person", person + 1, (size_t)(file - person - 1), "user",
                             text, (size_t)(person - text));
    return *ret_officer != NULL ? STATUS_OK : err_set(err, STATUS_INPUT, "--officer: a user and a person are ids");
}

static int officer_compare(const void *a, const void *b)
{
    return strcmp(member_text(*(json_t *const *)a, "user"), member_text(*(json_t *const *)b, "user"));
}

enum status officers_read(const struct options *options, json_t **ret_officers, struct err *err)
{
    size_t count = 0;
    const char *const *texts = options_list(options, "officer", &count);
    json_t *sorted[SIGNATURES_MAX] = {NULL};
    json_t *list = json_array();
    enum status status = list != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
    if (count < 2 || count > SIGNATURES_MAX)
        status = err_set(err, STATUS_INPUT, "a book has 2 officers or more, at most %d: --officer", SIGNATURES_MAX);
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = read_officer(texts[i], &sorted[i], err);
    if (status == STATUS_OK) {
        qsort(sorted, count, sizeof sorted[0], officer_compare);
        for (size_t i = 0; i < count; i++)
            json_array_append(list, sorted[i]);
        *ret_officers = json_incref(list);
    }
    for (size_t i = 0; i < SIGNATURES_MAX; i++)
        json_decref(sorted[i]);
    json_decref(list);
    return status;
}
