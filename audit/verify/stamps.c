/*
 * Time stamps that lie beside the journal, each checked again with the certificates that the auditor brings. Implements FORMAT.md
 * section 9 (`timestamps`). That one was taken away cannot be seen; that one was changed, or put beside another checkpoint, can.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/timestamp.h"
#include "audit/verify/parts.h"
#include "ledger/timestamps.h"

/* Of a bundle none are looked at, nor of books elsewhere whose time stamps nobody gave. */
static bool has_stamps(const struct verify *verify)
{
    return verify->options->books == NULL ? verify->options->book_dir != NULL : verify->options->stamps != NULL;
}

static enum status stamp_get(const struct verify *verify, const char *name, uint8_t *ret_reply, size_t *ret_length,
                             struct err *err)
{
    const struct verify_stamps *stamps = verify->options->books != NULL ? verify->options->stamps : NULL;
    return stamps != NULL ? stamps->get(stamps->context, name, ret_reply, ret_length, err)
                          : timestamps_get(verify->options->book_dir, name, ret_reply, ret_length, err);
}

static enum status stamps_each(const struct verify *verify, timestamps_step *step, void *context, struct err *err)
{
    const struct verify_stamps *stamps = verify->options->books != NULL ? verify->options->stamps : NULL;
    return stamps != NULL ? stamps->each(stamps->context, step, context, err)
                          : timestamps_each(verify->options->book_dir, step, context, err);
}

enum status verify_stamp(struct verify *verify, uint64_t size, struct slice note, int64_t *ret_seconds, struct err *err)
{
    char name[TIMESTAMP_NAME_BYTES];
    struct err what = {.status = STATUS_OK};
    size_t length = 0;
    *ret_seconds = 0;
    if (!has_stamps(verify) || verify->options->tsa_file == NULL)
        return STATUS_OK;
    uint8_t *reply = malloc(TIMESTAMP_REPLY_BYTES_MAX);
    if (reply == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a time stamp");
    timestamps_name(size, note, name);
    enum status status = stamp_get(verify, name, reply, &length, &what);
    if (status == STATUS_OK)
        status = timestamp_check(slice_of(reply, length), note, verify->options->tsa_file, ret_seconds, &what);
    free(reply);
    if (status == STATUS_SIGNATURE || status == STATUS_LIMIT) {
        finding_whole(&verify->findings, CHECK_CHECKPOINTS, "timestamps/%s: %s", name, what.text);
        return STATUS_OK;
    }
    if (status == STATUS_NOT_FOUND && length == 0)
        return STATUS_OK; /* that checkpoint has none */
    return status == STATUS_OK ? STATUS_OK : err_set(err, status, "%s", what.text);
}

/* Names of the checkpoints, to be looked up. */
struct names {
    struct verify *verify;
    char (*all)[TIMESTAMP_NAME_BYTES];
    size_t count;
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
                      "timestamps/%.80s: is the time stamp of no checkpoint of this book", name);
    return STATUS_OK;
}

enum status verify_stamps_end(struct verify *verify, struct err *err)
{
    struct names names = {.verify = verify};
    uint64_t issued = verify->result->checkpoints;
    if (!has_stamps(verify))
        return STATUS_OK;
    names.all = calloc((size_t)issued + 1, sizeof *names.all);
    if (names.all == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for time stamps");
    for (uint64_t i = 0; i < issued; i++) {
        struct journal_checkpoint one;
        if (verify->source->issued(verify->source->context, i, &one, NULL) == STATUS_OK)
            timestamps_name(one.size, one.note, names.all[names.count++]);
    }
    qsort(names.all, names.count, sizeof *names.all, by_name);
    enum status status = stamps_each(verify, check_name, &names, err);
    free(names.all);
    return status;
}
