/*
 * Feeds in the books: records of an unfinished file are staged, and enter the books when its last part closes it
 * (FORMAT.md 5.4), each by the function of its feed's row. Part 1 clears what an unfinished file left.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/books.h"
#include "ledger/fold.h"
#include "ledger/fold_feed.h"
#include "ledger/fold_parts.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "ledger/statement.h"
#include "ledger/tables.h"

/* One row a line. */
/* clang-format off */
static const struct {
    const char *feed;
    const char *id; /* the member that names a record */
    fold_feed_enter *enter;
} feeds[] = {
    {"customers", "customer", fold_feed_customer},
    {"invoices", "invoice", fold_feed_invoice},
    {"cash", "receipt", fold_feed_receipt},
    {"people", "event", fold_feed_people},
    {"contacts", "contact", fold_feed_contact},
    {"contracts", "contract", fold_feed_contract},
    {"reads", "read", fold_feed_read},
    {"orders", "order", fold_feed_order},
    {"acknowledgements", "delivery", fold_feed_acknowledgement},
};
/* clang-format on */

/* A file and its row. */
struct feed {
    struct fold_file file;
    const char *id;
    fold_feed_enter *enter;
};

static enum status feed_of(const struct fold *fold, struct feed *ret_feed, struct err *err)
{
    const json_t *body = fold->statement->body;
    const char *name = member_text(body, "feed");
    for (size_t i = 0; i < sizeof feeds / sizeof feeds[0]; i++) {
        if (strcmp(feeds[i].feed, name) != 0)
            continue;
        *ret_feed = (struct feed){.file = {.fold = fold,
                                           .entity = member_text(body, "entity"),
                                           .feed = name,
                                           .currency = member_text(json_object_get(body, "file"), "currency"),
                                           .sequence = member_integer(json_object_get(body, "file"), "sequence")},
                                  .id = feeds[i].id,
                                  .enter = feeds[i].enter};
        return STATUS_OK;
    }
    return err_set(err, STATUS_CORRUPT, "there is no feed %s", name);
}

/* Where a record stands while its file is unfinished. */
static struct books_key staged_key(const struct feed *feed, const json_t *record)
{
    struct books_key key = books_key_pair(feed->file.entity, feed->file.feed);
    books_key_add_text(&key, member_text(record, feed->id));
    return key;
}

static struct books_key staged_prefix(const struct feed *feed)
{
    struct books_key key = books_key_pair(feed->file.entity, feed->file.feed);
    books_key_close(&key);
    return key;
}

static enum status staged_first(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    json_t **ret_record = context;
    (void)key;
    *ret_more = false;
    *ret_record = json_deep_copy(record);
    return *ret_record != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
}

/* Takes the staged records one by one: into the books, or away. */
static enum status staged_empty(const struct feed *feed, bool enter, struct err *err)
{
    const struct books_key prefix = staged_prefix(feed);
    uint64_t staged = 0;
    enum status status = tables_count(feed->file.fold->txn, BOOKS_STAGED, &staged, err);
    for (; status == STATUS_OK; staged--) {
        json_t *record = NULL;
        const struct books_walk walk = {
            .table = BOOKS_STAGED, .prefix = &prefix, .step = staged_first, .context = &record};
        status = books_each(feed->file.fold->txn, &walk, err);
        if (status != STATUS_OK || record == NULL)
            return status;
        invariant(staged > 0); /* each step took one away */
        struct books_key key = staged_key(feed, record);
        status = books_delete(feed->file.fold->txn, BOOKS_STAGED, &key, err);
        if (status == STATUS_OK && enter)
            status = feed->enter(&feed->file, record, err);
        json_decref(record);
    }
    return status;
}

static enum status records_take(const struct feed *feed, const json_t *body, struct err *err)
{
    const json_t *records = json_object_get(body, "records");
    bool last = json_is_true(json_object_get(body, "last"));
    bool whole = last && member_integer(body, "part") == 1;
    for (size_t i = 0; i < json_array_size(records); i++) {
        const json_t *record = json_array_get(records, i);
        struct books_key key = staged_key(feed, record);
        enum status status = whole ? feed->enter(&feed->file, record, err)
                                   : books_put(feed->file.fold->txn, BOOKS_STAGED, &key, record, err);
        if (status != STATUS_OK)
            return status;
    }
    return last && !whole ? staged_empty(feed, true, err) : STATUS_OK;
}

/* Whether an invoice of the part closes a rebill: then the whole file is looked at again when it closes. */
static bool part_rebills(const json_t *body)
{
    const json_t *records = json_object_get(body, "records");
    for (size_t i = 0; i < json_array_size(records); i++)
        if (json_object_get(json_array_get(records, i), "rebills") != NULL)
            return true;
    return false;
}

static enum status file_note(const struct feed *feed, const json_t *body, const json_t *result, struct err *err)
{
    json_t *file = NULL;
    char time[INSTANT_TEXT_BYTES];
    instant_format(feed->file.fold->time_ms, time);
    struct books_key key = books_key_pair(feed->file.entity, feed->file.feed);
    enum status status = books_get(feed->file.fold->txn, BOOKS_FILES, &key, &file, err);
    if (status == STATUS_NOT_FOUND) {
        file = json_pack("{s:i}", "closed", 0);
        status = STATUS_OK;
    }
    if (status != STATUS_OK)
        return status;
    json_t *manifest = json_object_get(body, "file");
    if (json_is_true(json_object_get(body, "last"))) {
        json_object_set_new(file, "closed", json_integer(member_integer(manifest, "sequence")));
        json_object_set_new(file, "closed_seq", json_integer((json_int_t)feed->file.fold->seq));
        json_object_set_new(file, "closed_time", json_string(time));
        json_object_del(file, "open");
    } else {
        json_t *open =
            json_pack("{s:I, s:O, s:I, s:I}", "count", (json_int_t)member_integer(result, "count"), "file", manifest,
                      "part", (json_int_t)member_integer(body, "part"), "seq", (json_int_t)feed->file.fold->seq);
        json_object_set(open, "total", json_object_get(result, "total"));
        if (part_rebills(body) || (member_integer(body, "part") > 1 &&
                                   json_is_true(json_object_get(json_object_get(file, "open"), "rebills"))))
            json_object_set_new(open, "rebills", json_true());
        json_object_set_new(file, "open", open);
    }
    return books_put_new(feed->file.fold->txn, BOOKS_FILES, &key, file, err);
}

static enum status person_take(struct fold_file *file, struct err *err)
{
    const char *actor = file->fold->statement->actor;
    json_t *user = NULL;
    struct books_key key = books_key(actor);
    enum status status = books_get(file->fold->txn, BOOKS_USERS, &key, &user, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_CORRUPT, "user %s is not in the books", actor);
    if (status == STATUS_OK)
        snprintf(file->person, sizeof file->person, "%s", member_text(user, "person"));
    json_decref(user);
    return status;
}

enum status fold_feed(const struct fold *fold, const json_t *result, struct err *err)
{
    const json_t *body = fold->statement->body;
    struct feed feed;
    enum status status = feed_of(fold, &feed, err);
    if (status == STATUS_OK)
        status = person_take(&feed.file, err);
    if (status == STATUS_OK && member_integer(body, "part") == 1)
        status = staged_empty(&feed, false, err);
    if (status == STATUS_OK)
        status = records_take(&feed, body, err);
    return status == STATUS_OK ? file_note(&feed, body, result, err) : status;
}
