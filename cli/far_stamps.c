/*
 * The port to a book as a verification has it; see the header.
 */
#include "cli/far_stamps.h"

#include "cli/book.h"

static enum status get(void *context, const char *name, uint8_t ret_reply[static TIMESTAMP_REPLY_BYTES_MAX],
                       size_t *ret_length, struct err *err)
{
    return book_timestamp_get(context, name, ret_reply, ret_length, err);
}

static enum status each(void *context, timestamps_step *step, void *step_context, struct err *err)
{
    return book_timestamps_each(context, step, step_context, err);
}

struct verify_stamps far_stamps(struct book *book)
{
    return (struct verify_stamps){.get = get, .each = each, .context = book};
}
