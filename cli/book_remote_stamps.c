/*
 * What comes back of a server's checkpoints (PROTOCOL.md 4 and 5): cosignatures and time stamps given to it, time stamps read.
 * Which there are is asked once, since most checkpoints have none.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/book_remote_parts.h"
#include "cli/wire.h"
#include "ledger/hash.h"
#include "ledger/schema.h"
#include "ledger/timestamps.h"

enum { LISTS_MAX = 10000 }; /* of 1000 names: as many as a server with a million time stamps gives, ten times over */

enum status book_remote_checkpoint_add(struct book *book, struct slice note, uint64_t *ret_size, bool *ret_known,
                                       struct err *err)
{
    struct book_remote *far = book->self;
    json_t *answer = NULL, *text = json_stringn((const char *)note.bytes, note.length);
    if (text == NULL)
        return err_set(err, STATUS_INPUT, "is no signed note: its text is not UTF-8");
    enum status status =
        book_remote_ask(far, json_pack("{s:s, s:o}", "do", "checkpoint-add", "note", text), 0, &answer, err);
    const json_t *known = json_object_get(answer, "known"), *size = json_object_get(answer, "size");
    if (status == STATUS_OK && (!json_is_boolean(known) || !json_is_integer(size) || json_integer_value(size) < 0))
        status = book_remote_no_form(far, "size", err);
    if (status == STATUS_OK) {
        *ret_size = (uint64_t)json_integer_value(size);
        *ret_known = json_is_true(known);
    }
    json_decref(answer);
    book_remote_refresh(far);
    return status;
}

enum status book_remote_timestamp_put(struct book *book, uint64_t size, struct slice note, struct slice reply,
                                      struct err *err)
{
    struct book_remote *far = book->self;
    json_t *answer = NULL;
    (void)note; /* the server finds it itself */
    enum status status = book_remote_ask(
        far, json_pack("{s:o, s:s}", "bytes", wire_bytes(reply), "do", "timestamp-put"), 0, &answer, err);
    const json_t *taken = json_object_get(answer, "size");
    if (status == STATUS_OK && (!json_is_integer(taken) || (uint64_t)json_integer_value(taken) != size))
        status = book_remote_no_form(far, "size of that checkpoint", err);
    json_decref(answer);
    json_decref(far->stamps);
    far->stamps = NULL;
    return status;
}

static enum status take_names(struct book_remote *far, const json_t *answer, const char *member, struct err *err)
{
    const json_t *names = json_object_get(answer, member), *name;
    size_t index;
    if (!json_is_array(names))
        return book_remote_no_form(far, member, err);
    json_array_foreach(names, index, name)
    {
        if (!json_is_string(name))
            return book_remote_no_form(far, member, err);
        if (json_object_set_new(far->stamps, json_string_value(name), json_true()) != 0)
            return err_set(err, STATUS_MEMORY, "no memory for time stamps");
    }
    return STATUS_OK;
}

/* Asks on after the last name of each answer: names go upwards, so that it ends. */
static enum status take_lists(struct book_remote *far, struct err *err)
{
    char after[TIMESTAMP_NAME_BYTES] = "";
    enum status status = STATUS_OK;
    bool more = true;
    for (int left = LISTS_MAX; status == STATUS_OK && more && left > 0; left--) {
        json_t *answer = NULL;
        status = book_remote_ask(far, json_pack("{s:s, s:s}", "after", after, "do", "timestamps"), 0, &answer, err);
        if (status == STATUS_OK)
            status = take_names(far, answer, "names", err);
        if (status == STATUS_OK)
            status = take_names(far, answer, "others", err);
        const json_t *names = json_object_get(answer, "names");
        const char *last = json_string_value(json_array_get(names, json_array_size(names) - 1));
        more = json_is_true(json_object_get(answer, "more"));
        bool in_order = last != NULL && timestamps_is_name(last) && strcmp(last, after) > 0;
        if (status == STATUS_OK && more && !in_order)
            status = book_remote_no_form(far, "names in order", err);
        if (in_order)
            memcpy(after, last, strlen(last) + 1);
        json_decref(answer);
    }
    return status;
}

static enum status know_names(struct book_remote *far, struct err *err)
{
    if (far->stamps != NULL)
        return STATUS_OK;
    far->stamps = json_object();
    if (far->stamps == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for time stamps");
    enum status status = take_lists(far, err);
    if (status == STATUS_OK)
        return STATUS_OK;
    json_decref(far->stamps);
    far->stamps = NULL;
    return status;
}

enum status book_remote_timestamp_get(struct book *book, const char *name,
                                      uint8_t ret_reply[static TIMESTAMP_REPLY_BYTES_MAX], size_t *ret_length,
                                      struct err *err)
{
    struct book_remote *far = book->self;
    json_t *answer = NULL;
    uint8_t *bytes = NULL;
    size_t length = 0;
    enum status status = know_names(far, err);
    if (status == STATUS_OK && json_object_get(far->stamps, name) == NULL)
        status = err_set(err, STATUS_NOT_FOUND, "timestamps/%s: the server has none of that name", name);
    if (status == STATUS_OK)
        status = book_remote_ask(far, json_pack("{s:s, s:s}", "do", "timestamp-get", "name", name), 0, &answer, err);
    if (status == STATUS_OK)
        status = wire_bytes_read(json_object_get(answer, "bytes"), TIMESTAMP_REPLY_BYTES_MAX, &bytes, &length, err);
    if (status == STATUS_OK) {
        memcpy(ret_reply, bytes, length);
        *ret_length = length;
    }
    free(bytes);
    json_decref(answer);
    return status;
}

enum status book_remote_timestamps_each(struct book *book, timestamps_step *step, void *context, struct err *err)
{
    struct book_remote *far = book->self;
    const char *name;
    json_t *there;
    enum status status = know_names(far, err);
    if (status != STATUS_OK)
        return status;
    json_object_foreach(far->stamps, name, there)
    {
        if (status == STATUS_OK)
            status = step(context, name, err);
    }
    return status;
}
