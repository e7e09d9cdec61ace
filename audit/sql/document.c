/*
 * Documents as they stand at the head, from their records in the replay's books: state, numbers, money, makers, links,
 * evidence, allocations, and which approvals count.
 */
#include <stdio.h>
#include <string.h>

#include "audit/sql/parts.h"
#include "ledger/books.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "ledger/text.h"
#include "ledger/transfer.h"

enum { MONTH_CHARS = 7, YEAR_TEXT_BYTES = 16 };

/* Which way a document moves what its customer owes; NULL: neither, or it cannot be said. */
static const char *direction_of(const json_t *document)
{
    const char *kind = member_text(document, "kind"), *direction = member_text(document, "direction");
    if (text_is(kind, "credit-note") || text_is(kind, "write-off") || text_is(kind, "rebill"))
        return "down";
    if (text_is(kind, "recovery"))
        return "up"; /* the debt is back, and the cash on the account is used */
    if (!text_is(kind, "correction") && !text_is(kind, "adjustment"))
        return NULL;
    if (direction == NULL && json_object_get(document, "to") != NULL)
        return transfer_of_credit(document) ? "up" : "down"; /* of the customer that it takes from */
    return direction != NULL ? direction : "up";             /* a credit balance that is given up */
}

enum status sql_about_read(struct sql_build *build, const json_t *document, struct sql_about *ret_about,
                           struct err *err)
{
    const char *reverses = member_text(document, "reverses");
    enum status status = STATUS_OK;
    *ret_about = (struct sql_about){.original = NULL};
    if (reverses != NULL)
        status = build_record(build, reverses, &ret_about->original, err);
    if (status != STATUS_OK)
        return status;
    const json_t *from = reverses != NULL ? json_object_get(ret_about->original, "document") : document;
    const char *limit = member_text(from, "previous") != NULL ? member_text(from, "limit") : NULL;
    const char *direction = direction_of(from);
    ret_about->customer = member_text(from, "customer");
    ret_about->currency = member_text(from, "currency");
    ret_about->amount = limit != NULL ? limit : member_text(from, "amount");
    ret_about->direction = reverses == NULL || direction == NULL ? direction
                           : strcmp(direction, "up") == 0        ? "down"
                                                                 : "up";
    return STATUS_OK;
}

void sql_about_done(struct sql_about *about)
{
    json_decref(about->original);
}

/* The fiscal year and month of the effective date, by the policy at the posting or else the submission. */
static enum status day_fill(struct sql_build *build, struct sql_fill *fill, const json_t *record, struct err *err)
{
    const char *day = member_text(json_object_get(record, "document"), "date");
    const char *posted = member_text(json_object_get(record, "posted"), "time");
    const char *time = posted != NULL ? posted : member_text(record, "time");
    char month[MONTH_CHARS + 1] = "", year[YEAR_TEXT_BYTES];
    int32_t days = 0;
    int64_t time_ms = 0;
    if (day == NULL)
        return STATUS_OK;
    enum status status = date_parse(day, strlen(day), &days, err);
    if (status == STATUS_OK)
        status = instant_parse(time, strlen(time), &time_ms, err);
    if (status != STATUS_OK)
        return status;
    const struct policy_entity *entity = sql_entity_at(build->sql, time_ms, member_text(record, "entity"));
    snprintf(year, sizeof year, "%d", entity != NULL ? entity_fiscal_year(entity, days) : date_split(days).year);
    memcpy(month, day, MONTH_CHARS);
    fill_text(fill, ":day", day);
    fill_text(fill, ":period", month);
    fill_text(fill, ":fiscal_year", year);
    return STATUS_OK;
}

static void state_fill(struct sql_fill *fill, const json_t *record)
{
    const char *state = member_text(record, "state"), *until = member_text(record, "until");
    const json_t *posted = json_object_get(record, "posted"), *ended = json_object_get(record, "ended");
    fill_text(fill, ":state", state);
    fill_member(fill, ":legal_number", record, "legal");
    fill_member(fill, ":posted_seq", posted, "seq");
    fill_member(fill, ":posted_at", posted, "time");
    fill_member(fill, ":reversed_by", record, "reversed_by");
    if (text_is(state, "consumed"))
        ended = json_object_get(record, "consumed");
    else if (!text_is(state, "withdrawn") && !text_is(state, "rejected") && !text_is(state, "returned"))
        ended = NULL; /* of a version that was amended since */
    fill_member(fill, ":ended_seq", ended, "seq");
    if (text_is(state, "lapsed"))
        fill_text(fill, ":ended_at", until);
    else
        fill_member(fill, ":ended_at", ended, "time");
}

static const char *or_null(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : NULL;
}

static void submission_fill(struct sql_fill *fill, const json_t *record)
{
    const json_t *document = json_object_get(record, "document"), *first = json_object_get(record, "first");
    const char *number = member_text(record, "number");
    char prefix[ID_BYTES_MAX + 1];
    snprintf(prefix, sizeof prefix, "%.*s", (int)strcspn(number, "-"), number);
    fill_text(fill, ":number", number);
    fill_text(fill, ":prefix", prefix);
    fill_members(fill, record, "kind version seq content");
    fill_member(fill, ":idx", record, "index");
    fill_member(fill, ":first_seq", first, "seq");
    fill_member(fill, ":first_idx", first, "index");
    fill_text(fill, ":entity", or_null(member_text(record, "entity")));
    fill_members(fill, document, "reason ref customer_ref channel note requested_by");
    fill_member(fill, ":user", record, "preparer");
    fill_integer(fill, ":evidence", (int64_t)json_array_size(json_object_get(document, "evidence")));
    fill_integer(fill, ":approvals", (int64_t)json_array_size(json_object_get(record, "approvals")));
    fill_json(fill, ":exposure", json_object_get(record, "exposure"));
    fill_json(fill, ":document", document);
}

/* The time of the entry that brought the first version. */
static enum status first_time(struct sql_build *build, const json_t *record, struct sql_fill *fill, struct err *err)
{
    json_t *entry = NULL;
    struct books_key key = books_key(NULL);
    books_key_add_number(&key, (uint64_t)member_integer(json_object_get(record, "first"), "seq"));
    enum status status = books_get(build->txn, BOOKS_ENTRIES, &key, &entry, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_CORRUPT, "%s came by no entry", member_text(record, "number"));
    if (status == STATUS_OK)
        fill_member(fill, ":submitted_at", entry, "time");
    json_decref(entry);
    return status;
}

static enum status document_row(struct sql_build *build, const json_t *record, const struct sql_about *about,
                                struct err *err)
{
    const char *person = NULL;
    struct sql_fill fill = fill_begin(build, SQL_DOCUMENT);
    submission_fill(&fill, record);
    state_fill(&fill, record);
    fill_text(&fill, ":customer", about->customer);
    fill_text(&fill, ":currency", about->currency);
    fill_amount(&fill, ":amount_minor", about->amount, about->currency);
    fill_text(&fill, ":direction", about->direction);
    fill_amount(&fill, ":base_minor", member_text(record, "base_text"), build->sql->reigns[0].policy->base);
    fill_member(&fill, ":base_rate", json_object_get(about->original != NULL ? about->original : record, "rate"),
                "rate");
    enum status status = day_fill(build, &fill, record, err);
    if (status == STATUS_OK)
        status = first_time(build, record, &fill, err);
    if (status == STATUS_OK)
        status = build_person(build, member_text(record, "preparer"), &person, err);
    fill_text(&fill, ":person", person);
    return status == STATUS_OK ? fill_end(&fill, err) : status;
}

static enum status makers_take(struct sql_build *build, const json_t *record, struct err *err)
{
    const json_t *makers = json_object_get(record, "makers");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(makers); i++) {
        const json_t *maker = json_array_get(makers, i);
        struct sql_fill fill = fill_begin(build, SQL_MAKER);
        fill_member(&fill, ":number", record, "number");
        fill_member(&fill, ":person", maker, "person");
        fill_text(&fill, ":user", or_null(member_text(maker, "user")));
        fill_member(&fill, ":role", maker, "as");
        status = fill_end(&fill, err);
    }
    return status;
}

static enum status link_row(struct sql_build *build, const json_t *record, const char *rel, const char *other,
                            struct err *err)
{
    struct sql_fill fill = fill_begin(build, SQL_LINK);
    fill_member(&fill, ":number", record, "number");
    fill_text(&fill, ":rel", rel);
    fill_text(&fill, ":other", other);
    return fill_end(&fill, err);
}

static enum status links_take(struct sql_build *build, const json_t *record, struct err *err)
{
    const json_t *document = json_object_get(record, "document"), *links = json_object_get(document, "links");
    /* Members that name another document as a link does. */
    static const char *const naming[] = {"reverses", "recovers", "case", "settled_by"};
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(links); i++) {
        const json_t *link = json_array_get(links, i);
        status = link_row(build, record, member_text(link, "rel"), member_text(link, "document"), err);
    }
    for (size_t i = 0; status == STATUS_OK && i < sizeof naming / sizeof naming[0]; i++)
        if (member_text(document, naming[i]) != NULL)
            status = link_row(build, record, naming[i], member_text(document, naming[i]), err);
    return status;
}

static enum status evidence_take(struct sql_build *build, const json_t *record, struct err *err)
{
    const json_t *list = json_object_get(json_object_get(record, "document"), "evidence");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        struct sql_fill fill = fill_begin(build, SQL_EVIDENCE);
        fill_members(&fill, record, "number version");
        fill_members(&fill, one, "sha256 kind media bytes");
        fill_member(&fill, ":user", record, "preparer");
        status = fill_end(&fill, err);
    }
    return status;
}

/* Allocations of a side of a document; those of a transfer's other side follow. */
static enum status allocations_take(struct sql_build *build, const json_t *record, const json_t *side, size_t *n,
                                    struct err *err)
{
    const json_t *list = json_object_get(side, "allocations");
    const char *currency = member_text(json_object_get(record, "document"), "currency");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        struct sql_fill fill = fill_begin(build, SQL_ALLOCATION);
        fill_member(&fill, ":number", record, "number");
        fill_integer(&fill, ":n", (int64_t)(*n)++);
        fill_members(&fill, one, "invoice line");
        fill_amount(&fill, ":amount_minor", member_text(one, "amount"), currency);
        status = fill_end(&fill, err);
    }
    return status;
}

static enum status counting_take(struct sql_build *build, const json_t *record, struct err *err)
{
    const json_t *approvals = json_object_get(record, "approvals");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(approvals); i++) {
        const json_t *approval = json_array_get(approvals, i);
        struct sql_fill fill = fill_of(build, build->act_counts, "act");
        fill_member(&fill, ":seq", approval, "seq");
        fill_member(&fill, ":idx", approval, "index");
        status = fill_end(&fill, err);
    }
    return status;
}

static enum status document_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct sql_build *build = context;
    const json_t *document = json_object_get(record, "document");
    struct sql_about about = {.original = NULL};
    size_t n = 0;
    (void)key;
    (void)ret_more;
    enum status status = sql_about_read(build, document, &about, err);
    if (status == STATUS_OK)
        status = document_row(build, record, &about, err);
    sql_about_done(&about);
    if (status == STATUS_OK)
        status = makers_take(build, record, err);
    if (status == STATUS_OK)
        status = links_take(build, record, err);
    if (status == STATUS_OK)
        status = evidence_take(build, record, err);
    if (status == STATUS_OK)
        status = allocations_take(build, record, document, &n, err);
    if (status == STATUS_OK)
        status = allocations_take(build, record, json_object_get(document, "to"), &n, err);
    if (status == STATUS_OK)
        status = counting_take(build, record, err);
    if (status != STATUS_OK)
        err_prefix(err, "%s: ", member_text(record, "number"));
    return status;
}

enum status sql_documents_take(struct sql_build *build, struct err *err)
{
    const struct books_walk walk = {.table = BOOKS_DOCUMENTS, .step = document_step, .context = build};
    return books_each(build->txn, &walk, err);
}
