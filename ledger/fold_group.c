/*
 * Groups of customers in the books: who belongs together by a parent, by an attribute that two customers share, or by a
 * document of the officers. A group has one name; when two become one, the customers of the second move to the first, with
 * their rows in the windows and the debt written off, so that sums and blocks see them together at once. Cost: the
 * documents of the customers that move.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/books.h"
#include "ledger/fold.h"
#include "ledger/fold_parts.h"
#include "ledger/limits.h"
#include "ledger/schema.h"
#include "ledger/window.h"

enum { NAMES_MAX = 1000 }; /* joinings that lead from an old name to the present one */

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory to fold a group");
}

static enum status is_there(enum status status, const char *customer, struct err *err)
{
    return status == STATUS_NOT_FOUND ? err_set(err, STATUS_CORRUPT, "customer %s is not in the books", customer)
                                      : status;
}

enum status fold_customer_of(const struct fold *fold, const json_t *place, struct books_key *ret_key,
                             json_t **ret_customer, struct err *err)
{
    const char *customer = member_text(place, "customer");
    *ret_key = books_key_pair(member_text(place, "entity"), customer);
    return is_there(books_get(fold->txn, BOOKS_CUSTOMERS, ret_key, ret_customer, err), customer, err);
}

enum status fold_customer_group(const struct fold *fold, const json_t *place, char ret_group[static ID_BYTES_MAX + 1],
                                struct err *err)
{
    json_t *record = NULL;
    const char *customer = member_text(place, "customer");
    struct books_key key = books_key_pair(member_text(place, "entity"), customer);
    enum status status = is_there(books_look(fold->txn, BOOKS_CUSTOMERS, &key, &record, err), customer, err);
    if (status == STATUS_OK)
        snprintf(ret_group, ID_BYTES_MAX + 1, "%s", member_text(record, "group"));
    json_decref(record);
    return status;
}

static struct books_key member_key(const char *group, const char *entity, const char *customer)
{
    struct books_key key = books_key_pair(group, entity);
    books_key_add_text(&key, customer);
    return key;
}

/* The present name of a group. */
static enum status group_name(const struct fold *fold, char name[static ID_BYTES_MAX + 1], struct err *err)
{
    for (int i = 0; i < NAMES_MAX; i++) {
        json_t *record = NULL;
        struct books_key key = books_key(name);
        enum status status = books_look(fold->txn, BOOKS_GROUP_NAMES, &key, &record, err);
        if (status == STATUS_NOT_FOUND)
            return STATUS_OK;
        if (status != STATUS_OK)
            return status;
        snprintf(name, ID_BYTES_MAX + 1, "%s", member_text(record, "group"));
        json_decref(record);
    }
    return err_set(err, STATUS_CORRUPT, "books: the names of group %s lead nowhere", name);
}

/* The row that a document has in a window, as it is stored. */
struct bytes_find {
    uint8_t bytes[WINDOW_ROW_BYTES_MAX];
    size_t length;
};

static enum status bytes_step(void *context, struct slice key, struct slice value, bool *ret_more, struct err *err)
{
    struct bytes_find *find = context;
    (void)key;
    *ret_more = false;
    if (value.length > sizeof find->bytes)
        return err_set(err, STATUS_CORRUPT, "books: a row of a window is too long; run rebuild");
    memcpy(find->bytes, value.bytes, value.length);
    find->length = value.length;
    return STATUS_OK;
}

/* Whether a customer of the document is of the group now: the other one of a transfer, when one moves away. */
static enum status still_of(const struct fold *fold, const json_t *document, const char *group, bool *ret_still,
                            struct err *err)
{
    const char *const customers[2] = {member_text(document, "customer"),
                                      member_text(json_object_get(document, "to"), "customer")};
    enum status status = STATUS_OK;
    bool still = false;
    for (size_t i = 0; status == STATUS_OK && !still && customers[1] != NULL && i < 2; i++) {
        json_t *customer = NULL;
        struct books_key key = books_key_pair(member_text(document, "entity"), customers[i]);
        status = books_get(fold->txn, BOOKS_CUSTOMERS, &key, &customer, err);
        still = status == STATUS_OK && strcmp(member_text(customer, "group"), group) == 0;
        json_decref(customer);
    }
    *ret_still = still;
    return status;
}

/*
 * Moves one document's row of the customers' windows, where it has one: documents that ended have none. A transfer goes on
 * counting where its other customer stays.
 */
static enum status window_move(const struct fold *fold, const json_t *record, const char *from, const char *to,
                               struct err *err)
{
    bool stays = false;
    struct bytes_find find = {.length = 0};
    struct books_key old, new;
    window_key_customer(&old, from);
    books_key_add_number(&old, (uint64_t)member_integer(record, "seq"));
    books_key_add_number(&old, (uint64_t)member_integer(record, "index"));
    const struct books_walk walk = {.table = BOOKS_WINDOWS, .prefix = &old, .bytes_step = bytes_step, .context = &find};
    enum status status = books_each(fold->txn, &walk, err);
    if (status != STATUS_OK || find.length == 0)
        return status;
    status = still_of(fold, json_object_get(record, "document"), from, &stays, err);
    if (status == STATUS_OK && !stays)
        status = books_delete(fold->txn, BOOKS_WINDOWS, &old, err);
    window_key_customer(&new, to);
    books_key_add_number(&new, (uint64_t)member_integer(record, "seq"));
    books_key_add_number(&new, (uint64_t)member_integer(record, "index"));
    return status == STATUS_OK ? books_put_bytes(fold->txn, BOOKS_WINDOWS, &new, slice_of(find.bytes, find.length), err)
                               : status;
}

struct move {
    const struct fold *fold;
    const char *from, *to;
};

static enum status document_step(void *context, struct slice key, const json_t *marker, bool *ret_more, struct err *err)
{
    const struct move *move = context;
    json_t *record = NULL;
    (void)key;
    (void)ret_more;
    struct books_key number = books_key(member_text(marker, "number"));
    enum status status = books_get(move->fold->txn, BOOKS_DOCUMENTS, &number, &record, err);
    if (status == STATUS_OK)
        status = window_move(move->fold, record, move->from, move->to, err);
    if (status == STATUS_OK)
        status = fold_written_off_move(move->fold, record, move->from, move->to, err);
    json_decref(record);
    return status;
}

enum status fold_group_set(const struct fold *fold, const json_t *place, const char *group, struct err *err)
{
    const char *entity = member_text(place, "entity"), *customer = member_text(place, "customer");
    json_t *record = NULL;
    char from[ID_BYTES_MAX + 1];
    struct books_key key;
    enum status status = fold_customer_of(fold, place, &key, &record, err);
    if (status != STATUS_OK)
        return status;
    snprintf(from, sizeof from, "%s", member_text(record, "group"));
    if (strcmp(from, group) == 0) {
        json_decref(record);
        return STATUS_OK;
    }
    json_object_set_new(record, "group", json_string(group));
    status = books_put_new(fold->txn, BOOKS_CUSTOMERS, &key, record, err);
    struct books_key member = member_key(from, entity, customer);
    if (status == STATUS_OK)
        status = books_delete(fold->txn, BOOKS_GROUPS, &member, err);
    member = member_key(group, entity, customer);
    if (status == STATUS_OK)
        status = books_put(fold->txn, BOOKS_GROUPS, &member, place, err);
    struct move move = {.fold = fold, .from = from, .to = group};
    books_key_close(&key);
    const struct books_walk walk = {
        .table = BOOKS_CUSTOMER_DOCS, .prefix = &key, .step = document_step, .context = &move};
    return status == STATUS_OK ? books_each(fold->txn, &walk, err) : status;
}

static enum status first_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    json_t **ret_first = context;
    (void)key;
    *ret_more = false;
    *ret_first = json_deep_copy(record);
    return *ret_first != NULL ? STATUS_OK : no_memory(err);
}

/* The first member of a group; NULL when it has none. Gives. */
static enum status group_first(const struct fold *fold, const char *group, json_t **ret_first, struct err *err)
{
    struct books_key prefix = books_key(group);
    *ret_first = NULL;
    books_key_close(&prefix);
    const struct books_walk walk = {.table = BOOKS_GROUPS, .prefix = &prefix, .step = first_step, .context = ret_first};
    return books_each(fold->txn, &walk, err);
}

/* All of one group go to another, and the old name leads there. */
static enum status group_join(const struct fold *fold, const char *from, const char *to, struct err *err)
{
    uint64_t left = 0;
    enum status status = tables_count(fold->txn, BOOKS_GROUPS, &left, err);
    for (; status == STATUS_OK; left--) {
        json_t *place = NULL;
        status = group_first(fold, from, &place, err);
        if (status != STATUS_OK || place == NULL)
            break;
        invariant(left > 0); /* each step moves one away */
        status = fold_group_set(fold, place, to, err);
        json_decref(place);
    }
    struct books_key key = books_key(from);
    return status == STATUS_OK ? books_put_new(fold->txn, BOOKS_GROUP_NAMES, &key, json_pack("{s:s}", "group", to), err)
                               : status;
}

/* Takes another group into the one found so far, or takes it as the first. */
static enum status group_take(const struct fold *fold, const char *group, char found[static ID_BYTES_MAX + 1],
                              struct err *err)
{
    if (found[0] == '\0')
        snprintf(found, ID_BYTES_MAX + 1, "%s", group);
    else if (strcmp(found, group) != 0)
        return group_join(fold, group, found, err);
    return STATUS_OK;
}

/* The group of the customer that had an attribute first; notes this customer as the first when there was none. */
static enum status attribute_take(const struct fold *fold, const json_t *attribute, const json_t *place,
                                  char found[static ID_BYTES_MAX + 1], struct err *err)
{
    json_t *first = NULL, *customer = NULL;
    struct books_key key = books_key_pair(member_text(attribute, "name"), member_text(attribute, "hash"));
    enum status status = books_get(fold->txn, BOOKS_ATTRIBUTES, &key, &first, err);
    if (status == STATUS_NOT_FOUND)
        return books_put(fold->txn, BOOKS_ATTRIBUTES, &key, place, err);
    if (status != STATUS_OK)
        return status;
    key = books_key_pair(member_text(first, "entity"), member_text(first, "customer"));
    status = books_get(fold->txn, BOOKS_CUSTOMERS, &key, &customer, err);
    if (status == STATUS_NOT_FOUND && json_equal(first, place))
        status = STATUS_OK; /* the same attribute twice in one record */
    else if (status == STATUS_OK)
        status = group_take(fold, member_text(customer, "group"), found, err);
    json_decref(customer);
    json_decref(first);
    return status;
}

enum status fold_group_enter(const struct fold *fold, const char *entity, json_t *customer, struct err *err)
{
    const json_t *attributes = json_object_get(customer, "attributes");
    char parent[ID_BYTES_MAX + 1], found[ID_BYTES_MAX + 1] = "";
    json_t *first = NULL;
    json_t *place = json_pack("{s:s, s:s}", "customer", member_text(customer, "customer"), "entity", entity);
    if (place == NULL)
        return no_memory(err);
    snprintf(parent, sizeof parent, "%s", member_text(customer, "group"));
    enum status status = group_name(fold, parent, err);
    if (status == STATUS_OK)
        status = group_first(fold, parent, &first, err);
    if (status == STATUS_OK && first != NULL)
        status = group_take(fold, parent, found, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(attributes); i++)
        status = attribute_take(fold, json_array_get(attributes, i), place, found, err);
    const char *group = found[0] != '\0' ? found : parent;
    /* A parent that had nobody yet is from now on another name of the group that was found. */
    struct books_key key = books_key(parent);
    if (status == STATUS_OK && strcmp(group, parent) != 0 && first == NULL)
        status = books_put_new(fold->txn, BOOKS_GROUP_NAMES, &key, json_pack("{s:s}", "group", group), err);
    key = member_key(group, entity, member_text(customer, "customer"));
    if (status == STATUS_OK)
        status = books_put(fold->txn, BOOKS_GROUPS, &key, place, err);
    if (status == STATUS_OK && json_object_set_new(customer, "group", json_string(group)) != 0)
        status = no_memory(err);
    json_decref(first);
    json_decref(place);
    return status;
}

/* Sets what a document of the officers says about one customer. */
static enum status related_customer(const struct fold *fold, const json_t *document, const json_t *place,
                                    struct err *err)
{
    json_t *persons = json_object_get(document, "persons"), *party = json_object_get(document, "party");
    json_t *record = NULL;
    enum status status = fold_group_set(fold, place, member_text(document, "group"), err);
    struct books_key key = books_key_pair(member_text(place, "entity"), member_text(place, "customer"));
    if (status == STATUS_OK && (persons != NULL || party != NULL))
        status = books_get(fold->txn, BOOKS_CUSTOMERS, &key, &record, err);
    if (status != STATUS_OK || record == NULL)
        return status;
    if (persons != NULL)
        json_object_set(record, "persons", persons);
    if (party != NULL && json_is_true(json_object_get(record, "related")) != json_is_true(party))
        status = fold_moved(fold, record, "related", err);
    if (party != NULL)
        json_object_set(record, "related", party);
    if (status != STATUS_OK) {
        json_decref(record);
        return status;
    }
    return books_put_new(fold->txn, BOOKS_CUSTOMERS, &key, record, err);
}

enum status fold_related(const struct fold *fold, const json_t *record, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    const json_t *customers = json_object_get(document, "customers");
    /* The officers' name is a name of its own from now on, wherever it led before. */
    struct books_key key = books_key(member_text(document, "group"));
    enum status status = books_delete(fold->txn, BOOKS_GROUP_NAMES, &key, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(customers); i++)
        status = related_customer(fold, document, json_array_get(customers, i), err);
    return status;
}
