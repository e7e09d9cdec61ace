/*
 * What the feeds share.
 */
#include "controls/feeds/common.h"

#include <string.h>

#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/statement.h"

enum status feed_amount(const json_t *object, const char *name, int digits, int64_t *ret_minor, struct err *err)
{
    const char *text = member_text(object, name);
    enum status status = money_parse(text, strlen(text), digits, ret_minor, err);
    if (status != STATUS_OK)
        err_prefix(err, "%s: ", name);
    return status;
}

enum status feed_deny(struct answers *answers, const char *code, size_t index, const char *id, struct err *err)
{
    return answer_deny(answers, "C-44", code, json_pack("{s:s, s:I}", "id", id, "record", (json_int_t)(index + 1)),
                       err);
}

const json_t *feed_part_record(const struct feed_part *part, size_t index)
{
    return json_array_get(json_object_get(part->request->statement->body, "records"), index);
}

const char *feed_part_entity(const struct feed_part *part)
{
    return member_text(part->request->statement->body, "entity");
}
