/*
 * Time stamps that lie beside the journal or in a bundle, each checked again with the certificates that the auditor brings.
 * Implements FORMAT.md section 9 (`timestamps`). That one was taken away from a journal cannot be seen; that one was changed, or
 * put beside another checkpoint, can.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/timestamp.h"
#include "audit/verify/issued.h"
#include "audit/verify/parts.h"
#include "ledger/timestamps.h"

enum status verify_stamp(struct verify *verify, uint64_t size, struct slice note, int64_t *ret_seconds, struct err *err)
{
    const struct verify_source *source = verify->source;
    char name[TIMESTAMP_NAME_BYTES];
    struct err what = {.status = STATUS_OK};
    size_t length = 0;
    *ret_seconds = 0;
    if (source->stamp == NULL || verify->options->tsa_file == NULL)
        return STATUS_OK;
    uint8_t *reply = malloc(TIMESTAMP_REPLY_BYTES_MAX);
    if (reply == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a time stamp");
    timestamps_name(size, note, name);
    enum status status = source->stamp(source->context, name, reply, &length, &what);
    bool there = status == STATUS_OK;
    if (there)
        status = timestamp_check(slice_of(reply, length), note, verify->options->tsa_file, ret_seconds, &what);
    free(reply);
    if (status == STATUS_SIGNATURE || status == STATUS_LIMIT) {
        finding_whole(&verify->findings, CHECK_CHECKPOINTS, "timestamps/%s: %s", name, what.text);
        return STATUS_OK;
    }
    if (status == STATUS_NOT_FOUND && !there)
        return STATUS_OK; /* that checkpoint has none */
    return status == STATUS_OK ? STATUS_OK : err_set(err, status, "%s", what.text);
}

/* Names of the checkpoints, to be looked up. */
struct names {
    struct verify *verify;
    char (*all)[TIMESTAMP_NAME_BYTES];
    size_t count;
    struct note *note; /* room to read one in */
};

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static enum status check_name(void *context, const char *name, struct err *err)
{
    struct names *names = context;
    char key[TIMESTAMP_NAME_BYTES] = "";
    (void)err;
    names->verify->result->stamps++;
    if (strlen(name) < sizeof key)
        memcpy(key, name, strlen(name) + 1);
    if (key[0] == '\0' || names->count == 0 ||
        bsearch(key, names->all, names->count, sizeof *names->all, by_name) == NULL)
        finding_whole(&names->verify->findings, CHECK_CHECKPOINTS,
                      "timestamps/%.80s: is the time stamp of no checkpoint of this %s", name,
                      names->verify->result->bundle.given ? "bundle" : "book");
    return STATUS_OK;
}

/* Those that were issued; in a bundle also the one that it stands on. */
static void gather(struct names *names)
{
    const struct verify *verify = names->verify;
    for (uint64_t i = 0; i < verify->result->checkpoints; i++) {
        struct journal_checkpoint one;
        if (verify->source->issued(verify->source->context, i, &one, NULL) == STATUS_OK)
            timestamps_name(one.size, one.note, names->all[names->count++]);
    }
    for (size_t i = 0; verify->result->bundle.given && i < verify->options->note_count; i++) {
        const struct slice bytes = verify->options->notes[i].bytes;
        struct checkpoint checkpoint;
        if (issued_peek(bytes, &checkpoint, names->note, NULL) == STATUS_OK)
            timestamps_name(checkpoint.head.size, bytes, names->all[names->count++]);
    }
    qsort(names->all, names->count, sizeof *names->all, by_name);
}

enum status verify_stamps_end(struct verify *verify, struct err *err)
{
    struct names names = {.verify = verify};
    enum status status = STATUS_OK;
    if (verify->source->stamps == NULL)
        return STATUS_OK;
    verify->result->stamps_checked = verify->options->tsa_file != NULL;
    names.note = malloc(sizeof *names.note);
    names.all = calloc((size_t)verify->result->checkpoints + verify->options->note_count + 1, sizeof *names.all);
    if (names.all == NULL || names.note == NULL) {
        status = err_set(err, STATUS_MEMORY, "no memory for time stamps");
    } else {
        gather(&names);
        status = verify->source->stamps(verify->source->context, check_name, &names, err);
    }
    free(names.all);
    free(names.note);
    return status;
}
