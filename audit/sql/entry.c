/*
 * What an entry says happened: the entry and its signatures, versions of documents, acts on them, what controls answered,
 * ledger lines. Refused ones too. The books have the entry folded already, so that users and documents that it brings are
 * known.
 */
#include <string.h>

#include "audit/sql/parts.h"
#include "controls/control.h"
#include "ledger/books.h"
#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/limits.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/sshkey.h"
#include "ledger/sshsig.h"
#include "ledger/text.h"

enum { MONTH_CHARS = 7 };

static bool is_effective(const json_t *result)
{
    const char *outcome = member_text(result, "outcome");
    return text_is(outcome, "posted") || text_is(outcome, "in-force");
}

static enum status entry_row(struct sql_build *build, const struct entry *entry, size_t bytes, struct err *err)
{
    const json_t *policy = json_object_get(entry->decision, "policy");
    const struct statement *statement = &entry->statement;
    const char *person = NULL;
    enum status status = build_person(build, statement->actor, &person, err);
    struct sql_fill fill = fill_begin(build, SQL_ENTRY);
    fill_integer(&fill, ":seq", (int64_t)entry->seq);
    fill_time(&fill, ":time", entry->time_ms);
    fill_time(&fill, ":at", statement->at_ms);
    fill_text(&fill, ":verb", verb_name(statement->verb));
    fill_text(&fill, ":actor", statement->actor);
    fill_text(&fill, ":person", person);
    fill_text(&fill, ":id", statement->id);
    fill_member(&fill, ":outcome", entry->decision, "outcome");
    fill_member(&fill, ":policy", policy, "hash");
    fill_member(&fill, ":policy_seq", policy, "seq");
    fill_member(&fill, ":engine", entry->decision, "engine");
    fill_member(&fill, ":mode", entry->gate, "mode");
    fill_member(&fill, ":os_user", entry->gate, "os_user");
    fill_member(&fill, ":release", entry->gate, "release");
    fill_member(&fill, ":exe", entry->gate, "exe");
    fill_hash(&fill, ":statement", &statement->hash);
    fill_hash(&fill, ":leaf", &entry->leaf);
    if (statement->seen_hash != NULL)
        fill_integer(&fill, ":seen_seq", (int64_t)statement->seen_seq);
    fill_integer(&fill, ":bytes", (int64_t)bytes);
    return status == STATUS_OK ? fill_end(&fill, err) : status;
}

static enum status signature_row(struct sql_build *build, const struct entry *entry, size_t place, struct err *err)
{
    const struct signature_blob *blob = &entry->signatures->items[place];
    struct sshsig sshsig;
    char text[PUBLIC_KEY_TEXT_MAX], fingerprint[SSHKEY_FINGERPRINT_CHARS + 1];
    json_t *record = NULL;
    enum status status = sshsig_parse(blob->bytes, blob->length, &sshsig, err);
    if (status != STATUS_OK)
        return status;
    sshkey_format(&sshsig.key, text);
    sshkey_fingerprint(&sshsig.key, fingerprint);
    struct books_key key = books_key(text);
    status = books_get(build->txn, BOOKS_KEYS, &key, &record, err);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    struct sql_fill fill = fill_begin(build, SQL_SIGNATURE);
    fill_integer(&fill, ":seq", (int64_t)entry->seq);
    fill_text(&fill, ":fingerprint", fingerprint);
    fill_text(&fill, ":key", text);
    fill_member(&fill, ":user", record, "user");
    status = fill_end(&fill, err);
    json_decref(record);
    return status;
}

/* Where a row of an entry stands: that, and which member of its list. */
struct place {
    const struct entry *entry;
    int64_t index; /* -1: the statement as a whole */
    const struct policy *policy;
};

static enum status version_row(struct sql_build *build, const struct place *place, const json_t *result,
                               struct err *err)
{
    const struct entry *entry = place->entry;
    const json_t *document = statement_document(&entry->statement, (size_t)place->index);
    const char *person = NULL;
    struct sql_about about = {.original = NULL};
    enum status status = build_person(build, entry->statement.actor, &person, err);
    if (status == STATUS_OK)
        status = sql_about_read(build, document, &about, err);
    struct sql_fill fill = fill_begin(build, SQL_VERSION);
    fill_integer(&fill, ":seq", (int64_t)entry->seq);
    fill_integer(&fill, ":idx", place->index);
    fill_time(&fill, ":time", entry->time_ms);
    fill_text(&fill, ":verb", verb_name(entry->statement.verb));
    fill_member(&fill, ":number", result, "document");
    fill_members(&fill, result, "version content outcome delegation until");
    fill_members(&fill, document, "kind ref behalf channel entity reason");
    fill_text(&fill, ":user", entry->statement.actor);
    fill_text(&fill, ":person", person);
    fill_member(&fill, ":run", json_object_get(document, "run"), "id");
    fill_text(&fill, ":customer", about.customer);
    fill_text(&fill, ":currency", about.currency);
    fill_amount(&fill, ":amount_minor", about.amount, about.currency);
    fill_amount(&fill, ":base_minor", member_text(result, "base"), place->policy->base);
    fill_member(&fill, ":day", document, "date");
    fill_list(&fill, ":levels", json_object_get(result, "levels"));
    fill_json(&fill, ":document", document);
    if (status == STATUS_OK)
        status = fill_end(&fill, err);
    sql_about_done(&about);
    return status;
}

static enum status act_row(struct sql_build *build, const struct place *place, const json_t *result, struct err *err)
{
    const struct entry *entry = place->entry;
    const json_t *item = json_array_get(statement_list(&entry->statement), (size_t)place->index);
    const char *person = NULL;
    enum status status = build_person(build, entry->statement.actor, &person, err);
    struct sql_fill fill = fill_begin(build, SQL_ACT);
    fill_integer(&fill, ":seq", (int64_t)entry->seq);
    fill_integer(&fill, ":idx", place->index);
    fill_time(&fill, ":time", entry->time_ms);
    fill_text(&fill, ":verb", verb_name(entry->statement.verb));
    fill_member(&fill, ":number", item, "document");
    fill_members(&fill, item, "version level behalf content reason");
    fill_text(&fill, ":user", entry->statement.actor);
    fill_text(&fill, ":person", person);
    fill_members(&fill, result, "delegation outcome");
    if (entry->statement.seen_hash != NULL)
        fill_integer(&fill, ":seen_seq", (int64_t)entry->statement.seen_seq);
    fill_integer(&fill, ":counts", 0);
    return status == STATUS_OK ? fill_end(&fill, err) : status;
}

/* Answers to the posting follow those to the approval, in an order of their own (FORMAT.md section 6). */
static bool is_posting(const char *before, const char *control)
{
    const struct control *known = control_find(control);
    unsigned stages = known != NULL ? known->stages : 0;
    return strcmp(control, before) < 0 || ((stages & STAGE_APPROVE) == 0 && (stages & (STAGE_POST | STAGE_LINES)) != 0);
}

/* One answer of a control. */
struct said {
    const json_t *answer;
    size_t n;
    const char *stage, *number;
};

static enum status answer_row(struct sql_build *build, const struct place *place, const struct said *said,
                              struct err *err)
{
    static const char *const own[] = {"control", "code", "answer", "levels"};
    json_t *inputs = json_copy((json_t *)(uintptr_t)said->answer);
    struct sql_fill fill = fill_begin(build, SQL_ANSWER);
    fill_integer(&fill, ":seq", (int64_t)place->entry->seq);
    fill_integer(&fill, ":idx", place->index);
    fill_integer(&fill, ":n", (int64_t)said->n);
    fill_text(&fill, ":stage", said->stage);
    fill_text(&fill, ":number", said->number);
    fill_member(&fill, ":control", said->answer, "control");
    fill_member(&fill, ":code", said->answer, "code");
    fill_member(&fill, ":answer", said->answer, "answer");
    fill_list(&fill, ":levels", json_object_get(said->answer, "levels"));
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        (void)json_object_del(inputs, own[i]);
    fill_json(&fill, ":inputs", inputs);
    json_decref(inputs);
    return fill_end(&fill, err);
}

static enum status answers_take(struct sql_build *build, const struct place *place, const json_t *answers,
                                const char *number, struct err *err)
{
    const struct statement *statement = &place->entry->statement;
    struct said said = {.stage = verb_name(statement->verb), .number = number};
    const char *before = "";
    enum status status = STATUS_OK;
    for (; status == STATUS_OK && said.n < json_array_size(answers); said.n++) {
        said.answer = json_array_get(answers, said.n);
        const char *control = member_text(said.answer, "control");
        if (statement->verb == VERB_APPROVE && place->index >= 0 && is_posting(before, control))
            said.stage = "post";
        before = control;
        status = answer_row(build, place, &said, err);
    }
    return status;
}

static enum status line_row(struct sql_build *build, const struct place *place, const json_t *record, size_t n,
                            struct err *err)
{
    const json_t *line = json_array_get(json_object_get(record, "lines"), n);
    const char *entity = member_text(record, "entity"), *day = member_text(json_object_get(record, "document"), "date");
    const char *currency = member_text(line, "currency"), *amount = member_text(line, "amount");
    const char *own = member_text(line, "functional");
    const struct policy_entity *known = policy_find_entity(place->policy, entity);
    bool debit = text_is(member_text(line, "side"), "dr");
    int64_t minor = 0, functional = 0;
    char month[MONTH_CHARS + 1] = "";
    int digits = currency != NULL ? currency_digits(currency) : -1;
    if (day == NULL || known == NULL || amount == NULL || digits < 0)
        return err_set(err, STATUS_CORRUPT, "a ledger line of %s lacks its day, entity or amount",
                       member_text(record, "number"));
    enum status status = money_parse(amount, strlen(amount), digits, &minor, err);
    if (status == STATUS_OK && own != NULL)
        status = money_parse(own, strlen(own), currency_digits(known->currency), &functional, err);
    if (status != STATUS_OK)
        return status;
    struct sql_fill fill = fill_begin(build, SQL_LINE);
    fill_integer(&fill, ":seq", (int64_t)place->entry->seq);
    fill_integer(&fill, ":idx", place->index);
    fill_integer(&fill, ":n", (int64_t)n);
    fill_member(&fill, ":number", record, "number");
    fill_member(&fill, ":legal_number", record, "legal");
    fill_text(&fill, ":entity", entity);
    fill_text(&fill, ":day", day);
    memcpy(month, day, MONTH_CHARS);
    fill_text(&fill, ":period", month);
    fill_members(&fill, line, "account side customer invoice tax difference");
    fill_text(&fill, ":currency", currency);
    fill_integer(&fill, ":amount_minor", minor);
    fill_integer(&fill, ":signed_minor", debit ? minor : -minor);
    if (own != NULL) {
        fill_text(&fill, ":functional_currency", known->currency);
        fill_integer(&fill, ":functional_minor", functional);
        fill_integer(&fill, ":functional_signed_minor", debit ? functional : -functional);
    }
    return fill_end(&fill, err);
}

static enum status lines_take(struct sql_build *build, const struct place *place, const json_t *result, struct err *err)
{
    json_t *record = NULL;
    if (json_object_get(result, "lines") == NULL)
        return STATUS_OK;
    enum status status = build_record(build, member_text(result, "document"), &record, err);
    for (size_t n = 0; status == STATUS_OK && n < json_array_size(json_object_get(record, "lines")); n++)
        status = line_row(build, place, record, n, err);
    json_decref(record);
    return status;
}

static enum status result_take(struct sql_build *build, const struct place *place, const json_t *result,
                               struct err *err)
{
    const struct statement *statement = &place->entry->statement;
    enum status status = STATUS_OK;
    switch (statement->verb) {
    case VERB_SUBMIT:
    case VERB_AMEND:
        status = version_row(build, place, result, err);
        break;
    case VERB_WITHDRAW:
    case VERB_APPROVE:
    case VERB_REJECT:
    case VERB_RETURN:
        status = act_row(build, place, result, err);
        break;
    case VERB_FEED:
        status = sql_feed_take(build, place->entry, err);
        break;
    case VERB_CHARTER:
    case VERB_RECOVER:
    case VERB_CLOCK:
    case VERB_RESTORE:
    case VERB_COUNT:
        break;
    }
    if (status == STATUS_OK && is_effective(result))
        status = lines_take(build, place, result, err);
    return status == STATUS_OK
               ? answers_take(build, place, json_object_get(result, "controls"), member_text(result, "document"), err)
               : status;
}

enum status sql_entry_take(struct sql_build *build, const struct entry *entry, size_t bytes, struct err *err)
{
    const json_t *results = json_object_get(entry->decision, "results");
    const char *hash = member_text(json_object_get(entry->decision, "policy"), "hash");
    struct place place = {.entry = entry, .index = -1};
    enum status status = hash != NULL ? sql_policy_get(build->sql, build->txn, hash, &place.policy, err)
                                      : err_set(err, STATUS_CORRUPT, "the decision names no policy");
    if (status == STATUS_OK)
        status = entry_row(build, entry, bytes, err);
    for (size_t i = 0; status == STATUS_OK && i < entry->signatures->count; i++)
        status = signature_row(build, entry, i, err);
    if (status == STATUS_OK)
        status = answers_take(build, &place, json_object_get(entry->decision, "controls"), NULL, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(results); i++) {
        place.index = (int64_t)i;
        status = result_take(build, &place, json_array_get(results, i), err);
    }
    return status;
}
