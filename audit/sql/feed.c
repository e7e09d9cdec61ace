/*
 * Records of feeds with the entry that made them usable: the one that closed their file. Those of a file of several parts
 * are kept aside until its last part, as the books do; part 1 again voids what an unfinished file brought.
 */
#include <string.h>

#include "audit/sql/parts.h"
#include "ledger/schema.h"

/* The member that names a record, of each feed (FORMAT.md 5.4). */
static const char *id_member(const char *feed)
{
    static const char *const names[][2] = {
        {"customers", "customer"}, {"invoices", "invoice"}, {"cash", "receipt"},
        {"people", "event"},       {"contacts", "contact"}, {"contracts", "contract"},
        {"reads", "read"},         {"orders", "order"},     {"acknowledgements", "delivery"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i][0], feed) == 0)
            return names[i][1];
    return NULL;
}

struct file {
    const struct entry *entry;
    const char *feed, *entity, *currency, *id;
    bool whole; /* its only part */
};

static enum status record_take(struct sql_build *build, const struct file *file, const json_t *record, struct err *err)
{
    struct sql_fill fill = fill_begin(build, file->whole ? SQL_FED : SQL_STAGED);
    fill_text(&fill, ":feed", file->feed);
    fill_text(&fill, ":entity", file->entity);
    fill_member(&fill, ":id", record, file->id);
    fill_json(&fill, ":record", record);
    if (file->whole) {
        fill_integer(&fill, ":seq", (int64_t)file->entry->seq);
        fill_time(&fill, ":time", file->entry->time_ms);
        fill_text(&fill, ":user", file->entry->statement.actor);
        fill_text(&fill, ":currency", file->currency);
    }
    return fill_end(&fill, err);
}

static enum status staged_clear(struct sql_build *build, const struct file *file, struct err *err)
{
    struct sql_fill fill = fill_of(build, build->staged_clear, "unfinished files");
    fill_text(&fill, ":feed", file->feed);
    fill_text(&fill, ":entity", file->entity);
    return fill_end(&fill, err);
}

static enum status staged_take(struct sql_build *build, const struct file *file, struct err *err)
{
    struct sql_fill fill = fill_of(build, build->staged_take, "finished files");
    fill_text(&fill, ":feed", file->feed);
    fill_text(&fill, ":entity", file->entity);
    fill_integer(&fill, ":seq", (int64_t)file->entry->seq);
    fill_time(&fill, ":time", file->entry->time_ms);
    fill_text(&fill, ":user", file->entry->statement.actor);
    fill_text(&fill, ":currency", file->currency);
    enum status status = fill_end(&fill, err);
    return status == STATUS_OK ? staged_clear(build, file, err) : status;
}

static enum status file_row(struct sql_build *build, const struct file *file, const json_t *result, struct err *err)
{
    const json_t *body = file->entry->statement.body;
    struct sql_fill fill = fill_begin(build, SQL_FILE);
    fill_text(&fill, ":entity", file->entity);
    fill_text(&fill, ":feed", file->feed);
    fill_member(&fill, ":sequence", json_object_get(body, "file"), "sequence");
    fill_member(&fill, ":state", result, "outcome");
    fill_member(&fill, ":count", result, "count");
    fill_amount(&fill, ":total_minor", member_text(result, "total"), file->currency);
    fill_text(&fill, ":currency", file->currency);
    fill_member(&fill, ":part", body, "part");
    fill_integer(&fill, ":seq", (int64_t)file->entry->seq);
    fill_integer(&fill, ":last_seq", (int64_t)file->entry->seq);
    fill_time(&fill, ":time", file->entry->time_ms);
    fill_text(&fill, ":user", file->entry->statement.actor);
    return fill_end(&fill, err);
}

enum status sql_feed_take(struct sql_build *build, const struct entry *entry, struct err *err)
{
    const json_t *body = entry->statement.body, *records = json_object_get(body, "records");
    const json_t *result = json_array_get(json_object_get(entry->decision, "results"), 0);
    const char *outcome = member_text(result, "outcome");
    struct file file = {.entry = entry,
                        .feed = member_text(body, "feed"),
                        .entity = member_text(body, "entity"),
                        .currency = member_text(json_object_get(body, "file"), "currency")};
    bool last = json_is_true(json_object_get(body, "last")), first = member_integer(body, "part") == 1;
    if (outcome == NULL || strcmp(outcome, "refused") == 0)
        return STATUS_OK;
    file.id = id_member(file.feed);
    file.whole = first && last;
    if (file.id == NULL)
        return err_set(err, STATUS_CORRUPT, "there is no feed %s", file.feed);
    enum status status = first ? staged_clear(build, &file, err) : STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(records); i++)
        status = record_take(build, &file, json_array_get(records, i), err);
    if (status == STATUS_OK && last && !file.whole)
        status = staged_take(build, &file, err);
    return status == STATUS_OK ? file_row(build, &file, result, err) : status;
}
