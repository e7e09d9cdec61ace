/*
 * A document in full: what an approver needs on one page, gathered once and shown as text or as one JSON object.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/book.h"
#include "cli/cases.h"
#include "cli/delivery.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/present_customer.h"
#include "cli/present_meter.h"
#include "cli/recorded.h"
#include "controls/control.h"
#include "controls/facts_delivery.h"
#include "controls/kind.h"
#include "controls/kinds/functional.h"
#include "ledger/beside.h"
#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/limits.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/transfer.h"

enum { INVOICES_SHOWN = 30, MADE_SHOWN = 20 };

struct page {
    struct session *session;
    const struct facts *facts;
    const json_t *record, *document;
    const struct kind *kind; /* NULL: not of this program */
    struct block *block;     /* NULL with --json */
    json_t *json;            /* NULL without */
    bool waits;
};

static void keep(struct page *page, const char *name, json_t *value)
{
    if (page->json != NULL)
        json_object_set_new(page->json, name, value);
    else
        json_decref(value);
}

static void member_line(struct page *page, const char *name, const char *label)
{
    const char *text = member_text(page->document, name);
    if (text != NULL)
        block_line(page->block, label, "%s", text);
}

static void money_line(struct page *page, const char *name, const char *label)
{
    char money[MONEY_SHOWN_BYTES];
    present_money(member_text(page->document, name), member_text(page->document, "currency"), money);
    if (money[0] != '\0')
        block_line(page->block, label, "%s", money);
}

/* Net and tax by code, of a stated split or an intended invoice. */
static void taxes_lines(struct page *page, const char *label, const json_t *taxes)
{
    const char *currency = member_text(page->document, "currency");
    for (size_t i = 0; i < json_array_size(taxes); i++) {
        const json_t *tax = json_array_get(taxes, i);
        char net[MONEY_SHOWN_BYTES], amount[MONEY_SHOWN_BYTES];
        present_money(member_text(tax, "net"), currency, net);
        present_money(member_text(tax, "tax"), currency, amount);
        block_line(page->block, i == 0 ? label : "", "%s   net %s   tax %s", member_text(tax, "code"), net, amount);
    }
}

/* What is billed again, and whether it was. */
static void show_intended(struct page *page)
{
    const json_t *invoice = json_object_get(page->document, "invoice");
    const json_t *rebilled = json_object_get(page->record, "rebilled");
    const char *state = member_text(page->record, "state");
    char gross[MONEY_SHOWN_BYTES];
    if (!json_is_object(invoice))
        return;
    present_money(member_text(invoice, "gross"), member_text(page->document, "currency"), gross);
    block_line(page->block, "bills again", "%s   customer %s   of %s due %s   ref %s", gross,
               member_text(invoice, "customer"), member_text(invoice, "date"), member_text(invoice, "due"),
               member_text(invoice, "ref"));
    taxes_lines(page, "", json_object_get(invoice, "taxes"));
    if (rebilled != NULL)
        block_line(page->block, "billed", "invoice %s   entry %lld", member_text(rebilled, "invoice"),
                   (long long)member_integer(rebilled, "seq"));
    else if (strcmp(state, "posted") == 0)
        block_line(page->block, "billed", "not yet: the new invoice has not come");
}

/* What living recoveries have of a write-off. */
static void show_recovering(struct page *page)
{
    const char *invoice;
    json_t *sum;
    bool first = true;
    json_object_foreach(json_object_get(page->record, "recovering"), invoice, sum)
    {
        char money[MONEY_SHOWN_BYTES];
        present_minor(json_integer_value(sum), member_text(page->document, "currency"), money);
        if (json_integer_value(sum) != 0)
            block_line(page->block, first ? "recovered" : "", "%s of invoice %s, what waits included", money, invoice);
        first = first && json_integer_value(sum) == 0;
    }
}

/* What it comes to in base currency, and by which rate. */
static void show_rate(struct page *page)
{
    const json_t *rate = json_object_get(page->record, "rate");
    const char *base = member_text(page->record, "base_text");
    char money[MONEY_SHOWN_BYTES];
    if (rate == NULL || base == NULL)
        return;
    present_money(base, member_text(rate, "base"), money);
    block_line(page->block, "counts as", "%s   1 %s = %s %s from %s on (%s)", money,
               member_text(page->document, "currency"), member_text(rate, "rate"), member_text(rate, "base"),
               member_text(rate, "date"), member_text(rate, "document"));
}

static void show_consumed(struct page *page)
{
    const json_t *consumed = json_object_get(page->record, "consumed");
    if (consumed != NULL)
        block_line(page->block, "used up", "%.10s %.5s by the delivery of order %s   entry %lld",
                   member_text(consumed, "time"), member_text(consumed, "time") + 11, member_text(consumed, "order"),
                   (long long)member_integer(consumed, "seq"));
}

/* What a customer stood for when the document was decided. */
static void show_exposure(struct page *page)
{
    static const char *const names[] = {"limit", "temporary", "open", "account", "held"};
    const json_t *exposure = json_object_get(page->record, "exposure");
    char text[512] = "";
    size_t used = 0;
    if (exposure == NULL)
        return;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && used < sizeof text; i++) {
        char money[MONEY_SHOWN_BYTES];
        present_money(member_text(exposure, names[i]), member_text(page->document, "currency"), money);
        if (money[0] != '\0')
            used +=
                (size_t)snprintf(text + used, sizeof text - used, "%s%s %s", used > 0 ? "   " : "", names[i], money);
    }
    block_line(page->block, "then", "%s", text);
}

static enum status show_case(struct page *page, struct err *err)
{
    json_t *one = NULL;
    enum status status = case_show(page->block, page->facts, member_text(page->record, "number"), &one, err);
    if (status == STATUS_OK && one != NULL)
        keep(page, "case", one);
    return status;
}

static void show_head(struct page *page)
{
    char summary[SUMMARY_BYTES];
    const char *reason = member_text(page->document, "reason"), *entity = member_text(page->document, "entity");
    const char *date = member_text(page->document, "date"), *legal = member_text(page->record, "legal");
    const char *reversed = member_text(page->record, "reversed_by");
    const struct policy_reason *known = reason != NULL ? policy_find_reason(page->facts->policy, reason) : NULL;
    present_summary(page->document, summary);
    block_head(page->block, page->waits ? STYLE_WARN : STYLE_STRONG, member_text(page->record, "number"), "%s   %s%s%s",
               summary, member_text(page->record, "state"), legal != NULL ? " as " : "", legal != NULL ? legal : "");
    if (reversed != NULL)
        block_line(page->block, "reversed by", "%s", reversed);
    if (reason != NULL)
        block_line(page->block, "reason", "%s   %s", reason, known != NULL ? known->title : "");
    member_line(page, "note", "note");
    if (entity != NULL)
        block_line(page->block, "entity", "%s%s%s", entity, date != NULL ? "   effective " : "",
                   date != NULL ? date : "");
    show_rate(page);
    member_line(page, "field", "field");
    member_line(page, "original", "was");
    member_line(page, "corrected", "should be");
    present_meter_lines(page->block, page->document);
    member_line(page, "method", "method");
    member_line(page, "charge", "charge");
    member_line(page, "recovers", "recovers");
    member_line(page, "receipt", "receipt");
    money_line(page, "on_account", "on account");
    taxes_lines(page, "split", json_object_get(page->document, "taxes"));
    show_intended(page);
    show_recovering(page);
    money_line(page, "previous", "limit so far");
    if (page->kind == NULL || page->kind->govern == NULL) { /* else show_govern says them, in its own words */
        money_line(page, "limit", "limit");
        member_line(page, "from", "from");
        member_line(page, "to", "last day");
        member_line(page, "review", "next review");
        member_line(page, "order", "order");
        member_line(page, "expires", "expires");
        member_line(page, "about", "about");
    }
    show_consumed(page);
    member_line(page, "customer_ref", "their ref");
    member_line(page, "case", "of case");
    member_line(page, "outcome", "outcome");
    member_line(page, "settled_by", "settled by");
    member_line(page, "reverses", "reverses");
    member_line(page, "requested_by", "asked for by");
    member_line(page, "behalf", "on behalf of");
    block_line(page->block, "ref", "%s   by %s   version %d", member_text(page->document, "ref"),
               member_text(page->document, "channel"), (int)member_integer(page->record, "version"));
    const json_t *run = json_object_get(page->document, "run");
    if (run != NULL)
        block_line(page->block, "run", "%s   code and configuration %s", member_text(run, "id"),
                   member_text(run, "sha256"));
    const json_t *links = json_object_get(page->document, "links");
    for (size_t i = 0; i < json_array_size(links); i++)
        block_line(page->block, i == 0 ? "links" : "", "%s %s", member_text(json_array_get(links, i), "rel"),
                   member_text(json_array_get(links, i), "document"));
}

/* What an attestation or an affirmation concludes, row by row. */
static void show_rows(struct page *page)
{
    const json_t *rows = json_object_get(page->document, "rows");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *decision = member_text(row, "decision"), *what = member_text(row, "grant");
        if (decision == NULL)
            decision = member_text(row, "conclusion");
        if (what == NULL)
            what = member_text(row, "document");
        if (what != NULL)
            block_line(page->block, i == 0 ? "rows" : "", "%s   %s", what, decision);
        else
            block_line(page->block, i == 0 ? "rows" : "", "entry %lld   %s", (long long)member_integer(row, "entry"),
                       decision);
    }
}

/* What an entity brings: how much of it there is to be. */
static void show_opening(struct page *page)
{
    static const char *const names[] = {"user",   "from_user",  "to_user", "person",     "sort",    "owner",
                                        "role",   "grant",      "key",     "old",        "new",     "from",
                                        "to",     "until",      "since",   "effective",  "control", "reviewer",
                                        "reason", "mitigation", "group",   "conclusion", "period",  "state"};
    if (page->kind == NULL || page->kind->govern == NULL)
        return;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        member_line(page, names[i], names[i]);
    const char *a = member_text(page->document, "a"), *b = member_text(page->document, "b");
    if (a != NULL && b != NULL)
        block_line(page->block, "duties", "%s with %s", a, b);
    if (json_is_integer(json_object_get(page->document, "uses")))
        block_line(page->block, "uses", "%lld", (long long)member_integer(page->document, "uses"));
    const json_t *customers = json_object_get(page->document, "customers"),
                 *persons = json_object_get(page->document, "persons"),
                 *party = json_object_get(page->document, "party");
    for (size_t i = 0; i < json_array_size(customers) && i < INVOICES_SHOWN; i++)
        block_line(page->block, i == 0 ? "customers" : "", "%s of %s",
                   member_text(json_array_get(customers, i), "customer"),
                   member_text(json_array_get(customers, i), "entity"));
    if (json_array_size(customers) > INVOICES_SHOWN)
        block_line(page->block, "", "and %zu more", json_array_size(customers) - INVOICES_SHOWN);
    for (size_t i = 0; i < json_array_size(persons); i++)
        block_line(page->block, i == 0 ? "kept away" : "", "%s", json_string_value(json_array_get(persons, i)));
    if (persons != NULL && json_array_size(persons) == 0)
        block_line(page->block, "kept away", "nobody any more");
    if (party != NULL)
        block_line(page->block, "related", json_is_true(party) ? "a related party" : "no related party");
    const json_t *opening = json_object_get(page->document, "opening");
    if (json_is_integer(json_object_get(page->document, "customers")))
        block_line(page->block, "customers", "%lld", (long long)member_integer(page->document, "customers"));
    for (size_t i = 0; i < json_array_size(opening); i++) {
        char money[MONEY_SHOWN_BYTES];
        const json_t *balance = json_array_get(opening, i);
        present_money(member_text(balance, "total"), member_text(balance, "currency"), money);
        block_line(page->block, i == 0 ? "opening" : "", "%lld invoices   %s",
                   (long long)member_integer(balance, "count"), money);
    }
}

/* What is governed: every member that money documents have not. */
static void show_govern(struct page *page)
{
    static const char *const names[] = {
        "user",        "from_user",  "to_user", "person",  "sort",    "owner",   "role",  "grant",
        "key",         "old",        "new",     "retires", "from",    "to",      "until", "since",
        "effective",   "period",     "state",   "ticket",  "release", "commit",  "exe",   "review",
        "break_glass", "conclusion", "seed",    "purpose", "about",   "control", "result"};
    static const char *const lists[] = {"users", "functions", "customers", "personal"};
    if (page->kind == NULL || page->kind->govern == NULL)
        return;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        member_line(page, names[i], names[i]);
    for (size_t l = 0; l < sizeof lists / sizeof lists[0]; l++) {
        const json_t *list = json_object_get(page->document, lists[l]);
        for (size_t i = 0; i < json_array_size(list); i++)
            block_line(page->block, i == 0 ? lists[l] : "", "%s", json_string_value(json_array_get(list, i)));
    }
    show_rows(page);
    const json_t *rates = json_object_get(page->document, "rates");
    for (size_t i = 0; i < json_array_size(rates); i++)
        block_line(page->block, i == 0 ? "rates" : "", "1 %s = %s %s from %s on",
                   member_text(json_array_get(rates, i), "currency"), member_text(json_array_get(rates, i), "rate"),
                   member_text(page->document, "base"), member_text(page->document, "date"));
    if (page->kind->id == KIND_TEST_RUN)
        block_line(page->block, "looked at", "entries %lld to %lld   %lld exceptions",
                   (long long)member_integer(page->document, "from"), (long long)member_integer(page->document, "to"),
                   (long long)member_integer(page->document, "count"));
    show_opening(page);
    const json_t *entities = json_object_get(page->document, "entities");
    for (size_t i = 0; i < json_array_size(entities); i++)
        block_line(page->block, i == 0 ? "entities" : "", "%s", json_string_value(json_array_get(entities, i)));
    money_line(page, "limit", "up to");
}

static enum status show_invoice(struct page *page, const json_t *allocation, bool first, json_t *list, struct err *err)
{
    const char *id = member_text(allocation, "invoice"), *line = member_text(allocation, "line");
    const char *amount_text = member_text(allocation, "amount"), *currency = member_text(page->document, "currency");
    const char *direction = member_text(page->document, "direction");
    bool up = direction != NULL && strcmp(direction, "up") == 0;
    bool recovers = member_text(page->document, "recovers") != NULL; /* and leaves open what was */
    json_t *invoice = NULL;
    int64_t amount = 0;
    enum status status = money_parse(amount_text, strlen(amount_text), currency_digits(currency), &amount, err);
    if (status == STATUS_OK)
        status = facts_invoice(page->facts, member_text(page->record, "entity"), id, &invoice, err);
    if (status != STATUS_OK)
        return status;
    int64_t open = member_integer(invoice, "open"), pending = member_integer(invoice, "pending");
    int64_t others = page->waits && !up && !recovers ? pending - amount : pending;
    char a[MONEY_SHOWN_BYTES], b[MONEY_SHOWN_BYTES], c[MONEY_SHOWN_BYTES], d[MONEY_SHOWN_BYTES];
    present_money(amount_text, currency, a);
    present_minor(open, currency, b);
    present_minor(up ? open + amount : recovers ? open : open - amount, currency, c);
    present_minor(others, currency, d);
    if (invoice == NULL)
        block_line(page->block, first ? "invoices" : "", "%s   not in the books", id);
    else
        block_line(page->block, first ? "invoices" : "", "%s%s%s   of %s due %s   %s %s   open %s%s%s%s%s", id,
                   line != NULL ? " line " : "", line != NULL ? line : "", member_text(invoice, "date"),
                   member_text(invoice, "due"),
                   up         ? "adds"
                   : recovers ? "recovers"
                              : "takes",
                   a, b, page->waits ? ", then " : "", page->waits ? c : "", others != 0 ? "   others pending " : "",
                   others != 0 ? d : "");
    json_array_append_new(list, json_pack("{s:s, s:O?}", "invoice", id, "record", invoice));
    json_decref(invoice);
    return STATUS_OK;
}

static enum status show_side(struct page *page, const char *name, struct err *err)
{
    const json_t *allocations = json_object_get(page->document, "allocations");
    json_t *list = json_array();
    size_t count = json_array_size(allocations), shown = page->json != NULL ? ALLOCATIONS_MAX : INVOICES_SHOWN;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < count && i < shown; i++)
        status = show_invoice(page, json_array_get(allocations, i), i == 0, list, err);
    if (count > shown)
        block_line(page->block, "", "and %zu more", count - shown);
    keep(page, name, list);
    return status;
}

/* The invoices, and of a transfer those of the side that receives. */
static enum status show_invoices(struct page *page, struct err *err)
{
    const json_t *document = page->document;
    json_t *receiving = NULL;
    enum status status = show_side(page, "invoices", err);
    if (status == STATUS_OK)
        status = transfer_receiving(document, &receiving, err);
    if (status != STATUS_OK || receiving == NULL)
        return status;
    block_line(page->block, "goes to", "customer %s%s", member_text(receiving, "customer"),
               json_array_size(json_object_get(receiving, "allocations")) == 0 ? ", on account" : "");
    page->document = receiving;
    status = show_side(page, "to_invoices", err);
    page->document = document;
    json_decref(receiving);
    return status;
}

/* The file's name where it was kept; it may have been erased since. */
static void evidence_name(const struct page *page, const json_t *evidence, char *ret_name, size_t size)
{
    const char *hex = member_text(evidence, "name");
    struct personal personal = {.record = NULL};
    struct hash hash;
    ret_name[0] = '\0';
    if (hex == NULL || hash_from_hex(hex, &hash) != STATUS_OK)
        return;
    enum status status = book_personal_get(session_book(page->session), &hash, &personal, NULL);
    if (status == STATUS_CORRUPT)
        snprintf(ret_name, size, "(NAME DAMAGED: personal/%s)", hex);
    if (status != STATUS_OK)
        return;
    snprintf(ret_name, size, "%.*s", (int)personal.payload.length, (const char *)personal.payload.bytes);
    personal_done(&personal);
}

static void show_evidence(struct page *page)
{
    const json_t *evidence = json_object_get(page->document, "evidence");
    struct book *book = session_book(page->session);
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(evidence); i++) {
        const json_t *one = json_array_get(evidence, i);
        const char *hex = member_text(one, "sha256");
        char name[256], path[4096];
        struct hash hash;
        bool there = false;
        if (hash_from_hex(hex, &hash) != STATUS_OK || book_evidence_exists(book, &hash, &there, NULL) != STATUS_OK)
            there = false;
        evidence_name(page, one, name, sizeof name);
        if (book_is_remote(book_address(book)))
            snprintf(path, sizeof path, "sha256 %s   countersign evidence %s --to DIR", hex,
                     member_text(page->record, "number"));
        else
            snprintf(path, sizeof path, "%s/evidence/%.2s/%s", book_address(book), hex, hex);
        block_line(page->block, i == 0 ? "evidence" : "", "%s   %s%s%s   %lld bytes", member_text(one, "kind"), name,
                   name[0] != '\0' ? "   " : "", member_text(one, "media"), (long long)member_integer(one, "bytes"));
        block_line(page->block, "", "%s%s", there ? "" : "NOT HERE: ", path);
        json_array_append_new(
            list, json_pack("{s:O, s:s, s:s, s:b}", "evidence", one, "name", name, "path", path, "present", there));
    }
    if (json_array_size(evidence) == 0)
        block_line(page->block, "evidence", "none");
    keep(page, "evidence", list);
}

/* Why somebody sent it back or ended it; a document that was mended keeps why it came back. */
static void show_ended(struct page *page)
{
    const json_t *ended = json_object_get(page->record, "ended");
    const char *time = member_text(ended, "time"), *state = member_text(page->record, "state");
    bool over = strcmp(state, "withdrawn") == 0 || strcmp(state, "rejected") == 0;
    if (time != NULL)
        block_line(page->block, over ? state : "returned", "%.10s %.5s   by %s: %s   entry %lld", time, time + 11,
                   member_text(ended, "user"), member_text(ended, "reason"), (long long)member_integer(ended, "seq"));
}

static void show_made(struct page *page)
{
    const json_t *makers = json_object_get(page->record, "makers");
    const json_t *approvals = json_object_get(page->record, "approvals");
    const json_t *posted = json_object_get(page->record, "posted");
    const char *time = member_text(page->record, "time");
    for (size_t i = 0; i < json_array_size(makers) && i < MADE_SHOWN; i++) {
        const json_t *maker = json_array_get(makers, i);
        const char *user = member_text(maker, "user");
        block_line(page->block, i == 0 ? "makers" : "", "%s%s%s   %s", user != NULL ? user : "",
                   user != NULL ? ", who is " : "", member_text(maker, "person"), member_text(maker, "as"));
    }
    block_line(page->block, "submitted", "%.10s %.5s   by %s   entry %lld", time, time + 11,
               member_text(page->record, "preparer"), (long long)member_integer(page->record, "seq"));
    for (size_t i = 0; i < json_array_size(approvals); i++) {
        const json_t *approval = json_array_get(approvals, i);
        time = member_text(approval, "time");
        const char *behalf = member_text(json_object_get(approval, "behalf"), "user");
        block_line(page->block, i == 0 ? "approved" : "", "%.10s %.5s   level %d by %s, who is %s%s%s   entry %lld",
                   time, time + 11, (int)member_integer(approval, "level"), member_text(approval, "user"),
                   member_text(approval, "person"), behalf != NULL ? ", for " : "", behalf != NULL ? behalf : "",
                   (long long)member_integer(approval, "seq"));
    }
    time = member_text(posted, "time");
    if (time != NULL)
        block_line(page->block, member_text(page->record, "legal") != NULL ? "posted" : "in force",
                   "%.10s %.5s   entry %lld", time, time + 11, (long long)member_integer(posted, "seq"));
    show_ended(page);
}

static enum status show_levels(struct page *page, struct err *err)
{
    const json_t *levels = json_object_get(page->record, "levels");
    const char *until = member_text(page->record, "until");
    json_t *list = json_array();
    enum status status = STATUS_OK;
    for (size_t i = 0; page->waits && status == STATUS_OK && i < json_array_size(levels); i++) {
        int level = (int)json_integer_value(json_array_get(levels, i));
        json_t *users = NULL;
        char names[1024] = "";
        size_t used = 0;
        status = present_could_sign(page->facts, page->record, level, &users, err);
        for (size_t u = 0; u < json_array_size(users) && used < sizeof names - ID_BYTES_MAX - 3; u++)
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", u > 0 ? ", " : "",
                                     json_string_value(json_array_get(users, u)));
        if (status == STATUS_OK)
            block_line(page->block, i == 0 ? "waits for" : "", "level %d   could sign: %s", level,
                       used > 0 ? names : "nobody yet");
        json_array_append_new(list, json_pack("{s:i, s:o?}", "level", level, "users", users));
    }
    if (page->waits && until != NULL)
        block_line(page->block, "until", "%.10s %.5s, then it lapses", until, until + 11);
    keep(page, "could_sign", list);
    return status;
}

/* The controls that were asked and simply allowed, as one line of ids. */
static void show_allowed(struct page *page, const json_t *listed)
{
    char text[1024] = "";
    size_t used = 0;
    for (size_t c = 0; c < control_count && used < sizeof text - 16; c++) {
        const struct control *control = controls[c];
        bool spoke = (control->stages & (STAGE_SUBMIT | STAGE_POST | STAGE_LINES)) == 0 || control->judge == NULL;
        for (size_t i = 0; !spoke && i < json_array_size(listed); i++) {
            const char *id = member_text(json_array_get(listed, i), "control");
            spoke = id != NULL && strcmp(id, control->id) == 0;
        }
        if (!spoke)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used > 0 ? " " : "", control->id);
    }
    block_line(page->block, "allowed", "%s", text);
}

static enum status show_controls(struct page *page, struct err *err)
{
    struct recorded recorded;
    const json_t *result = NULL;
    recorded_init(&recorded, page->session);
    enum status status = recorded_version(&recorded, page->record, &result, err);
    if (status == STATUS_PERMISSION) {
        block_line(page->block, "controls", "%s", "not told: the entry holds documents of books that you may not read");
        status = STATUS_OK;
    } else if (status == STATUS_OK) {
        const json_t *listed = json_object_get(result, "controls");
        present_controls(page->block, listed);
        if (page->block != NULL)
            show_allowed(page, listed);
        keep(page, "controls", present_controls_json(listed));
    }
    recorded_done(&recorded);
    return status;
}

static enum status show_lines(struct page *page, struct err *err)
{
    json_t *lines = json_incref(json_object_get(page->record, "lines"));
    bool would = lines == NULL && page->waits && page->kind != NULL && page->kind->lines != NULL;
    enum status status = STATUS_OK;
    if (would)
        status = page->kind->lines(page->document, page->facts, &lines, err);
    if (would && status == STATUS_OK)
        status = functional_complete(page->document, page->facts, lines, err);
    if (would && status == STATUS_NOT_FOUND)
        return STATUS_OK; /* a rate is missing: the controls say so */
    if (status == STATUS_OK && lines != NULL) {
        present_lines(page->block, page->facts, would ? "would post" : "posted", lines);
        keep(page, "lines", json_incref(lines));
    }
    json_decref(lines);
    return status;
}

/* Whether the ERP has what was posted. */
static enum status show_delivery(struct page *page, struct err *err)
{
    const char *id = member_text(page->record, "delivery"), *entity = member_text(page->record, "entity");
    char state[DELIVERY_STATE_BYTES], age[AGE_BYTES];
    json_t *delivery = NULL;
    int64_t since = 0;
    if (id == NULL)
        return STATUS_OK;
    enum status status = facts_delivery(page->facts, entity, id, &delivery, err);
    if (status == STATUS_OK && delivery == NULL)
        status = err_set(err, STATUS_CORRUPT, "books: delivery %s is not there; run rebuild", id);
    if (status == STATUS_OK)
        status = delivery_since(delivery, &since, err);
    if (status != STATUS_OK) {
        json_decref(delivery);
        return status;
    }
    const json_t *acknowledged = json_object_get(delivery, "acknowledged");
    const char *time = member_text(acknowledged, "time");
    delivery_state(delivery, state);
    present_age(page->facts->time_ms - since, age);
    bool asked = delivery_due(page->facts, entity, since) != 0;
    if (time != NULL)
        block_line(page->block, "delivery", "%s   %s, acknowledged %.10s %.5s   entry %lld", id, state, time, time + 11,
                   (long long)member_integer(acknowledged, "seq"));
    else if (asked || strcmp(member_text(delivery, "state"), "open") != 0)
        block_line(page->block, "delivery", "%s   %s, for %s", id, state, age);
    keep(page, "delivery", delivery);
    return STATUS_OK;
}

/* How the customer stands, and of a transfer the one that receives. */
static enum status show_customers(struct page *page, struct err *err)
{
    json_t *customer = NULL, *receiving = NULL, *other = NULL;
    enum status status = present_customer(page->block, page->facts, page->record, &customer, err);
    if (status != STATUS_OK)
        return status;
    keep(page, "customer", customer);
    status = transfer_receiving(page->document, &receiving, err);
    if (status != STATUS_OK || receiving == NULL)
        return status;
    json_t *record = json_copy((json_t *)page->record);
    if (record == NULL || json_object_set(record, "document", receiving) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory");
    if (status == STATUS_OK && strcmp(member_text(receiving, "customer"), member_text(page->document, "customer")) != 0)
        status = present_customer(page->block, page->facts, record, &other, err);
    if (status == STATUS_OK && other != NULL)
        keep(page, "to_customer", other);
    json_decref(record);
    json_decref(receiving);
    return status;
}

static enum status show_page(struct page *page, struct err *err)
{
    show_head(page);
    show_govern(page);
    show_exposure(page);
    enum status status = show_case(page, err);
    if (status == STATUS_OK)
        status = show_invoices(page, err);
    if (status != STATUS_OK)
        return status;
    show_evidence(page);
    status = show_customers(page, err);
    if (status != STATUS_OK)
        return status;
    show_made(page);
    status = show_levels(page, err);
    if (status == STATUS_OK)
        status = show_controls(page, err);
    if (status == STATUS_OK)
        status = show_lines(page, err);
    if (status == STATUS_OK)
        status = show_delivery(page, err);
    block_line(page->block, "content", "%s", member_text(page->record, "content"));
    return status;
}

enum status present_document(struct session *session, const struct facts *facts, const json_t *record, struct err *err)
{
    struct cli *cli = session_cli(session);
    const char *name = member_text(record, "kind");
    struct page page = {.session = session,
                        .facts = facts,
                        .record = record,
                        .document = json_object_get(record, "document"),
                        .kind = name != NULL ? kind_find(name) : NULL,
                        .waits = strcmp(member_text(record, "state"), "waiting") == 0};
    if (cli->json) {
        page.json = json_object();
        keep(&page, "record", json_incref((json_t *)record));
    } else {
        page.block = block_new(cli);
    }
    enum status status = show_page(&page, err);
    if (status == STATUS_OK && cli->json)
        (void)out_json(cli, json_incref(page.json));
    else if (status == STATUS_OK)
        status = block_print(page.block, err);
    block_free(page.block);
    json_decref(page.json);
    return status;
}
