/*
 * The model of what was let in; see the header. All of it is kept as JSON: it is small, and it can be printed.
 */
#include "tests/support/gate_model.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base64.h"
#include "ledger/canon.h"
#include "ledger/hash.h"
#include "ledger/sshkey.h"
#include "ledger/sshsig.h"

struct gate_model {
    json_t *users;     /* user -> person */
    json_t *keys;      /* key -> {user, until?}; gone when it is revoked or replaced */
    json_t *documents; /* number -> {amount, content, entity, levels, makers, seq, signed, state, version, ...} */
    json_t *refs;      /* "entity ref" -> content */
    json_t *ids;       /* "actor id" -> true */
    json_t *leaves;    /* list of hashes */
    json_t *invoices;  /* "entity invoice" -> {currency, customer, open} */
    json_t *files;     /* "entity feed sequence" -> {applied, count, total} */
    json_t *policies;  /* hash -> compiled */
    char book[HASH_HEX_CHARS + 1];
    char why[512];
};

/* An entry taken apart, as far as is needed here. */
struct look {
    json_t *json;
    const json_t *statement, *body, *decision, *results;
    const char *verb, *actor, *person;
    json_int_t seq;
};

static json_t *at(const json_t *object, const char *name)
{
    return json_object_get(object, name);
}

static const char *text(const json_t *object, const char *name)
{
    const char *found = json_string_value(at(object, name));
    return found != NULL ? found : "";
}

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* Minor units: amounts have exactly the digits of their currency, so it is the digits without the point. */
static int64_t minor(const char *amount)
{
    int64_t value = 0;
    bool negative = *amount == '-';
    for (amount += negative ? 1 : 0; *amount != '\0'; amount++)
        if (*amount != '.')
            value = value * 10 + (*amount - '0');
    return negative ? -value : value;
}

static bool wrong(struct gate_model *model, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Always false. */
static bool wrong(struct gate_model *model, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(model->why, sizeof model->why, format, args);
    va_end(args);
    return false;
}

static const char *pair(const char *a, const char *b, char ret_text[static 512])
{
    snprintf(ret_text, 512, "%s %s", a, b);
    return ret_text;
}

struct gate_model *gate_model_new(void)
{
    struct gate_model *model = calloc(1, sizeof *model);
    json_t **all[] = {&model->users, &model->keys,     &model->documents, &model->refs,
                      &model->ids,   &model->invoices, &model->files,     &model->policies};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        *all[i] = json_object();
    model->leaves = json_array();
    return model;
}

void gate_model_free(struct gate_model *model)
{
    json_t *all[] = {model->users,    model->keys,  model->documents, model->refs,  model->ids,
                     model->invoices, model->files, model->policies,  model->leaves};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        json_decref(all[i]);
    free(model);
}

static struct look look_at(const struct gate_model *model, struct slice entry)
{
    struct look look = {.json = json_loadb((const char *)entry.bytes, entry.length, 0, NULL)};
    look.statement = at(look.json, "statement");
    look.body = at(look.statement, "body");
    look.decision = at(look.json, "decision");
    look.results = at(look.decision, "results");
    look.verb = text(look.statement, "do");
    look.actor = text(look.statement, "actor");
    look.person = model != NULL ? text(model->users, look.actor) : "";
    look.seq = json_integer_value(at(look.json, "seq"));
    return look;
}

static bool admitted(const json_t *result)
{
    const char *outcome = text(result, "outcome");
    return !is(outcome, "refused") && !is(outcome, "repeat");
}

int gate_model_admits(struct slice entry)
{
    struct look look = look_at(NULL, entry);
    bool any = false;
    for (size_t i = 0; i < json_array_size(look.results); i++)
        any = any || admitted(json_array_get(look.results, i));
    json_decref(look.json);
    return any;
}

/* The list that the verb's body holds. */
static const json_t *members(const struct look *look)
{
    return is(look->verb, "submit")  ? at(look->body, "documents")
           : is(look->verb, "amend") ? at(look->body, "amendments")
                                     : at(look->body, "items");
}

static const json_t *document_at(const struct look *look, size_t index)
{
    const json_t *member = json_array_get(members(look), index);
    return is(look->verb, "amend") ? at(member, "content") : member;
}

/* SHA-256 of canonical {book, document, index, statement}. */
static void content_of(const struct look *look, size_t index, char ret_hex[static HASH_HEX_CHARS + 1])
{
    char *bytes = json_dumps(look->statement, JSON_COMPACT | JSON_SORT_KEYS), hex[HASH_HEX_CHARS + 1];
    struct hash hash;
    hash_of(bytes, strlen(bytes), &hash);
    hash_to_hex(&hash, hex);
    free(bytes);
    json_t *whole = json_pack("{s:O, s:O, s:I, s:s}", "book", at(look->statement, "book"), "document",
                              document_at(look, index), "index", (json_int_t)index, "statement", hex);
    bytes = json_dumps(whole, JSON_COMPACT | JSON_SORT_KEYS);
    hash_of(bytes, strlen(bytes), &hash);
    hash_to_hex(&hash, ret_hex);
    free(bytes);
    json_decref(whole);
}

/* Whether some document of the statement brings the key, or gives it up, and so has it sign too. */
static bool key_is_brought(const struct look *look, const char *key)
{
    const json_t *list = members(look);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *document = document_at(look, i);
        const char *kind = text(document, "kind");
        if ((is(kind, "enrolment") || is(kind, "book-key")) && is(text(document, "key"), key))
            return true;
        if (is(kind, "key-rotation") && (is(text(document, "new"), key) || is(text(document, "old"), key)))
            return true;
    }
    return false;
}

static bool key_counts(const struct gate_model *model, const struct look *look, const char *key)
{
    const json_t *known = at(model->keys, key);
    const char *until = text(known, "until");
    return known != NULL && is(text(known, "user"), look->actor) &&
           (*until == '\0' || strcmp(text(look->json, "time"), until) < 0);
}

static bool signatures_are_right(struct gate_model *model, const struct look *look, struct slice statement)
{
    const json_t *list = at(look->json, "signatures");
    bool of_actor = false;
    char before[PUBLIC_KEY_TEXT_MAX] = "";
    for (size_t i = 0; i < json_array_size(list); i++) {
        uint8_t blob[SSHSIG_BYTES_MAX];
        size_t length = 0;
        struct sshsig info;
        char key[PUBLIC_KEY_TEXT_MAX];
        const char *base64 = json_string_value(json_array_get(list, i));
        if (base64_decode(base64, strlen(base64), blob, sizeof blob, &length, NULL) != STATUS_OK ||
            sshsig_verify(blob, length, statement.bytes, statement.length, &info, NULL) != STATUS_OK)
            return wrong(model, "signature %zu is not one of the statement", i);
        sshkey_format(&info.key, key);
        if (is(key, before))
            return wrong(model, "one key signs twice");
        memcpy(before, key, sizeof before);
        if (is(look->verb, "charter") || is(look->verb, "recover") || is(look->verb, "clock") ||
            is(look->verb, "restore"))
            continue;
        bool counts = key_counts(model, look, key);
        if (!counts && !key_is_brought(look, key))
            return wrong(model, "a key signs that is none of %s's", look->actor);
        of_actor = of_actor || counts;
    }
    bool common = at(model->users, look->actor) != NULL && !is(look->verb, "recover") && !is(look->verb, "clock") &&
                  !is(look->verb, "restore");
    return !common || of_actor || wrong(model, "no valid key of %s signs", look->actor);
}

/* The place in the journal, and that nothing is let in twice. */
static bool envelope_is_right(struct gate_model *model, const struct look *look)
{
    char name[512], *last = NULL;
    const json_t *seen = at(look->statement, "seen");
    size_t size = json_array_size(model->leaves);
    if (look->seq != (json_int_t)size)
        return wrong(model, "entry %lld stands at place %zu", (long long)look->seq, size);
    last = (char *)(uintptr_t)json_string_value(json_array_get(model->leaves, size - 1));
    if (size > 0 && !is(text(look->json, "prev"), last))
        return wrong(model, "it does not follow the entry before");
    if (size > 0 && !is(text(look->statement, "book"), model->book))
        return wrong(model, "it is for another book");
    if (!is(text(look->json, "time"), text(look->statement, "at")))
        return wrong(model, "a simulated book's time is what the statement says");
    if (at(model->ids, pair(look->actor, text(look->statement, "id"), name)) != NULL)
        return wrong(model, "the id was used");
    if (size > 0 && at(model->users, look->actor) == NULL && !is(look->verb, "recover"))
        return wrong(model, "there is no user %s", look->actor);
    if (json_is_object(seen)) {
        json_int_t seq = json_integer_value(at(seen, "seq"));
        const char *leaf = json_string_value(json_array_get(model->leaves, seq < 0 ? size : (size_t)seq));
        if (leaf == NULL || !is(leaf, text(seen, "hash")))
            return wrong(model, "seen is of no entry");
    }
    return true;
}

/* What the lines of a result come to: nothing, in each currency and in the functional one. */
static bool lines_balance(struct gate_model *model, const json_t *result)
{
    const json_t *lines = at(result, "lines");
    json_t *sums = json_object();
    bool right = true;
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        int64_t amount = minor(text(line, "amount"));
        const char *currency = text(line, "currency");
        if (amount <= 0 && at(line, "difference") == NULL)
            right = wrong(model, "a line of %s", text(line, "amount"));
        int64_t sum = json_integer_value(at(sums, currency)) + (is(text(line, "side"), "dr") ? amount : -amount);
        json_object_set_new(sums, currency, json_integer(sum));
    }
    const char *currency;
    json_t *sum;
    json_object_foreach(sums, currency, sum)
    {
        if (json_integer_value(sum) != 0)
            right = wrong(model, "lines in %s do not balance", currency);
    }
    json_decref(sums);
    return right;
}

/* The levels that the row of a document asks for its own amount, as a set of bits; -1: not known here. */
static int levels_of_row(const struct gate_model *model, const struct look *look, const json_t *document)
{
    static const char *const kinds[] = {"credit-note", "correction", "write-off"};
    const json_t *policy = at(model->policies, text(at(look->decision, "policy"), "hash"));
    const json_t *rows = at(policy, "authority"), *reasons = at(policy, "reasons"), *found = NULL;
    const char *row = NULL, *entity = text(document, "entity");
    bool known = false;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        known = known || is(text(document, "kind"), kinds[i]);
    if (!known || !is(text(document, "currency"), text(policy, "base")))
        return -1;
    for (size_t i = 0; i < json_array_size(reasons); i++)
        if (is(text(json_array_get(reasons, i), "reason"), text(document, "reason")))
            row = text(json_array_get(reasons, i), "row");
    for (size_t i = 0; row != NULL && i < json_array_size(rows); i++) {
        const json_t *one = json_array_get(rows, i), *entities = at(one, "entities");
        bool lists = false;
        for (size_t j = 0; j < json_array_size(entities); j++)
            lists = lists || is(json_string_value(json_array_get(entities, j)), entity);
        if (is(text(one, "row"), row) && (lists || (json_array_size(entities) == 0 && found == NULL)))
            found = one;
    }
    const json_t *tiers = at(found, "tiers");
    for (size_t i = 0; i < json_array_size(tiers); i++) {
        const json_t *tier = json_array_get(tiers, i), *levels = at(tier, "levels");
        if (at(tier, "upto") != NULL && minor(text(tier, "upto")) < minor(text(document, "amount")))
            continue;
        int set = 0;
        for (size_t j = 0; j < json_array_size(levels); j++)
            set |= 1 << json_integer_value(json_array_get(levels, j));
        return set;
    }
    return -1;
}

static int bits_of(const json_t *levels)
{
    int set = 0;
    for (size_t i = 0; i < json_array_size(levels); i++)
        set |= 1 << json_integer_value(json_array_get(levels, i));
    return set;
}

/* Sums, and what invoices bear. */
static bool money_is_right(struct gate_model *model, const json_t *document)
{
    char name[512];
    const json_t *allocations = at(document, "allocations");
    const char *kind = text(document, "kind"), *amount = text(document, "amount");
    bool is_note = is(kind, "credit-note"), is_correction = is(kind, "correction"),
         is_write_off = is(kind, "write-off");
    if (!is_note && !is_correction && !is_write_off)
        return true;
    int64_t sum = is_note ? minor(text(document, "on_account")) : 0;
    bool down = !is_correction || is(text(document, "direction"), "down");
    if (minor(amount) <= 0 || strchr(amount, '-') != NULL)
        return wrong(model, "an amount of %s", amount);
    for (size_t i = 0; i < json_array_size(allocations); i++) {
        const json_t *one = json_array_get(allocations, i);
        const json_t *invoice = at(model->invoices, pair(text(document, "entity"), text(one, "invoice"), name));
        int64_t here = 0;
        if (invoice == NULL || !is(text(invoice, "customer"), text(document, "customer")) ||
            !is(text(invoice, "currency"), text(document, "currency")))
            return wrong(model, "invoice %s is not one of this customer in this currency", name);
        for (size_t j = 0; j < json_array_size(allocations); j++)
            if (is(text(json_array_get(allocations, j), "invoice"), text(one, "invoice")))
                here += minor(text(json_array_get(allocations, j), "amount"));
        if (minor(text(one, "amount")) <= 0 || (down && here > json_integer_value(at(invoice, "open"))))
            return wrong(model, "%s has less open than %lld", name, (long long)here);
        sum += minor(text(one, "amount"));
    }
    return sum == minor(amount) || wrong(model, "parts of %lld make %s", (long long)sum, amount);
}

static bool document_is_right(struct gate_model *model, const struct look *look, size_t index)
{
    const json_t *document = document_at(look, index), *result = json_array_get(look->results, index);
    const char *outcome = text(result, "outcome");
    char hex[HASH_HEX_CHARS + 1], name[512];
    content_of(look, index, hex);
    if (!is(hex, text(result, "content")))
        return wrong(model, "the content of document %zu is %s", index, hex);
    if (at(model->refs, pair(text(document, "entity"), text(document, "ref"), name)) != NULL)
        return wrong(model, "the reference %s was used", name);
    if (at(model->documents, text(result, "document")) != NULL && is(look->verb, "submit"))
        return wrong(model, "the number %s was given", text(result, "document"));
    int levels = levels_of_row(model, look, document), asked = bits_of(at(result, "levels"));
    if (levels > 0 && is(outcome, "posted"))
        return wrong(model, "%s takes effect without the levels of its row", text(document, "amount"));
    if (levels > 0 && (levels & ~asked) != 0)
        return wrong(model, "%s waits for fewer levels than its row has", text(document, "amount"));
    return money_is_right(model, document) && (!is(outcome, "posted") || lines_balance(model, result));
}

static bool stands_in(const json_t *list, const char *wanted)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (is(json_string_value(json_array_get(list, i)), wanted))
            return true;
    return false;
}

/* Distinct persons: nobody signs what he made, or twice. */
static bool person_is_apart(struct gate_model *model, const json_t *document, const char *person, json_int_t level)
{
    const char *signed_level;
    json_t *by;
    if (stands_in(at(document, "makers"), person))
        return wrong(model, "%s signs what %s made", person, person);
    json_object_foreach(at(document, "signed"), signed_level, by)
    {
        if (atoll(signed_level) != level && is(json_string_value(by), person))
            return wrong(model, "%s signs twice", person);
    }
    return true;
}

static bool approval_is_right(struct gate_model *model, const struct look *look, size_t index)
{
    const json_t *item = json_array_get(members(look), index), *result = json_array_get(look->results, index);
    const json_t *document = at(model->documents, text(item, "document"));
    json_int_t level = json_integer_value(at(item, "level"));
    const char *behalf = text(item, "behalf"), *outcome = text(result, "outcome");
    int asked = bits_of(at(document, "levels"));
    if ((asked & (1 << level)) == 0 || (asked & ((1 << level) - 1)) != 0)
        return wrong(model, "level %lld is not the one that is asked", (long long)level);
    if (!person_is_apart(model, document, look->person, level) ||
        (*behalf != '\0' && !person_is_apart(model, document, text(model->users, behalf), level)))
        return false;
    bool effective = is(outcome, "posted") || is(outcome, "in-force");
    if (!effective)
        return true;
    int got = 1 << level, needed = levels_of_row(model, look, at(document, "document"));
    const char *signed_level;
    json_t *by;
    json_object_foreach(at(document, "signed"), signed_level, by) got |= 1 << atoll(signed_level);
    if (needed > 0 && (needed & ~got) != 0)
        return wrong(model, "it takes effect without a level of its row");
    return money_is_right(model, at(document, "document")) && lines_balance(model, result);
}

/* An item of approve, withdraw, reject or return: of the version that waits, which its actor has seen. */
static bool item_is_right(struct gate_model *model, const struct look *look, size_t index)
{
    const json_t *item = json_array_get(members(look), index);
    const json_t *document = at(model->documents, text(item, "document")), *seen = at(look->statement, "seen");
    const char *state = text(document, "state");
    bool returned = is(state, "returned") && (is(look->verb, "withdraw") || is(look->verb, "amend"));
    if (document == NULL || (!is(state, "waiting") && !returned))
        return wrong(model, "%s does not wait", text(item, "document"));
    if (json_integer_value(at(item, "version")) != json_integer_value(at(document, "version")))
        return wrong(model, "it is of another version");
    if (is(look->verb, "amend"))
        return is(text(at(item, "content"), "kind"), text(at(document, "document"), "kind")) ||
               wrong(model, "an amendment makes another kind of it");
    if (!is(text(item, "content"), text(document, "content")))
        return wrong(model, "it is of another content");
    if (is(look->verb, "withdraw"))
        return true;
    if (!json_is_object(seen))
        return wrong(model, "nothing was seen");
    if (is(look->verb, "approve"))
        return json_integer_value(at(seen, "seq")) >= json_integer_value(at(document, "seq"))
                   ? approval_is_right(model, look, index)
                   : wrong(model, "the version was not seen");
    return !stands_in(at(document, "makers"), look->person) || wrong(model, "%s ends his own", look->person);
}

/* What a file's records add up to so far; the name of the member that adds up. */
static int64_t file_sum(const struct look *look)
{
    const json_t *records = at(look->body, "records");
    const char *member = is(text(look->body, "feed"), "invoices") ? "gross" : "amount";
    int64_t sum = 0;
    for (size_t i = 0; i < json_array_size(records); i++)
        sum += minor(text(json_array_get(records, i), member));
    return sum;
}

static const char *file_name(const struct look *look, char ret_text[static 512])
{
    snprintf(ret_text, 512, "%s %s %lld", text(look->body, "entity"), text(look->body, "feed"),
             (long long)json_integer_value(at(at(look->body, "file"), "sequence")));
    return ret_text;
}

static bool file_is_right(struct gate_model *model, const struct look *look)
{
    char name[512];
    const json_t *file = at(model->files, file_name(look, name)), *manifest = at(look->body, "file");
    const json_t *result = json_array_get(look->results, 0);
    json_int_t count = json_integer_value(at(file, "count")) + (json_int_t)json_array_size(at(look->body, "records"));
    int64_t total = json_integer_value(at(file, "total")) + file_sum(look);
    if (json_is_true(at(file, "closed")))
        return wrong(model, "the file %s was closed", name);
    if (json_integer_value(at(look->body, "part")) != json_integer_value(at(file, "parts")) + 1)
        return wrong(model, "a part of %s is left out or comes twice", name);
    if (!is(text(result, "outcome"), "closed"))
        return true;
    if (count != json_integer_value(at(manifest, "count")))
        return wrong(model, "%s closes with %lld records", name, (long long)count);
    return at(manifest, "total") == NULL || total == minor(text(manifest, "total")) ||
           wrong(model, "%s closes with a total of %lld", name, (long long)total);
}

static bool entry_is_right(struct gate_model *model, const struct look *look, struct slice entry)
{
    char *bytes = json_dumps(look->statement, JSON_COMPACT | JSON_SORT_KEYS);
    const void *span = memmem(entry.bytes, entry.length, bytes, strlen(bytes));
    bool right = span != NULL && signatures_are_right(model, look, slice_of(bytes, strlen(bytes))) &&
                 envelope_is_right(model, look);
    free(bytes);
    bool documents = is(look->verb, "submit") || is(look->verb, "amend");
    bool items = is(look->verb, "amend") || is(look->verb, "approve") || is(look->verb, "withdraw") ||
                 is(look->verb, "reject") || is(look->verb, "return");
    if (right && (documents || items) && json_array_size(look->results) != json_array_size(members(look)))
        right = is(text(look->decision, "outcome"), "refused") || wrong(model, "results are left out");
    for (size_t i = 0; right && i < json_array_size(look->results); i++) {
        if (!admitted(json_array_get(look->results, i)))
            continue;
        right = (!documents || document_is_right(model, look, i)) && (!items || item_is_right(model, look, i)) &&
                (!is(look->verb, "feed") || file_is_right(model, look));
    }
    return right;
}

const char *gate_model_wrong(struct gate_model *model, struct slice entry)
{
    struct look look = look_at(model, entry);
    snprintf(model->why, sizeof model->why, "the entry does not hold the statement");
    bool right = !gate_model_admits(entry) || entry_is_right(model, &look, entry);
    json_decref(look.json);
    return right ? NULL : model->why;
}

static void take_person(struct gate_model *model, const char *user, const char *person, const char *key,
                        const json_t *until)
{
    json_object_set_new(model->users, user, json_string(person));
    json_object_set_new(model->keys, key, json_pack("{s:s, s:O*}", "user", user, "until", until));
}

/* What a document does that has come into force. */
static void take_effect(struct gate_model *model, const json_t *document, const json_t *result)
{
    const char *kind = text(document, "kind");
    const json_t *lines = at(result, "lines");
    char name[512];
    if (is(kind, "enrolment"))
        take_person(model, text(document, "user"), text(document, "person"), text(document, "key"),
                    at(document, "until"));
    if (is(kind, "key-rotation")) {
        json_object_del(model->keys, text(document, "old"));
        json_object_set_new(model->keys, text(document, "new"),
                            json_pack("{s:s, s:O*}", "user", text(document, "user"), "until", at(document, "until")));
    }
    if (is(kind, "key-revocation"))
        json_object_del(model->keys, text(document, "key"));
    if (is(kind, "policy")) {
        struct hash hash;
        char hex[HASH_HEX_CHARS + 1];
        if (canon_hash(at(document, "compiled"), &hash, NULL) != STATUS_OK)
            abort();
        hash_to_hex(&hash, hex);
        json_object_set(model->policies, hex, at(document, "compiled"));
    }
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        json_t *invoice = at(model->invoices, pair(text(document, "entity"), text(line, "invoice"), name));
        int64_t amount = minor(text(line, "amount"));
        if (at(line, "invoice") != NULL && invoice != NULL)
            json_object_set_new(invoice, "open",
                                json_integer(json_integer_value(at(invoice, "open")) +
                                             (is(text(line, "side"), "dr") ? amount : -amount)));
    }
}

static void take_document(struct gate_model *model, const struct look *look, size_t index)
{
    const json_t *document = document_at(look, index), *result = json_array_get(look->results, index);
    const char *number = text(result, "document"), *outcome = text(result, "outcome");
    const char *behalf = text(document, "behalf");
    char name[512];
    json_object_set(model->refs, pair(text(document, "entity"), text(document, "ref"), name), at(result, "content"));
    json_t *known = at(model->documents, number);
    json_t *makers = known != NULL ? json_incref(at(known, "makers")) : json_array();
    json_array_append_new(makers, json_string(look->person));
    if (at(document, "requested_by") != NULL)
        json_array_append(makers, at(document, "requested_by"));
    if (*behalf != '\0')
        json_array_append_new(makers, json_string(text(model->users, behalf)));
    json_object_set_new(model->documents, number,
                        json_pack("{s:O, s:O*, s:O, s:I, s:{}, s:s, s:O, s:o}", "content", at(result, "content"),
                                  "levels", at(result, "levels"), "version", at(result, "version"), "seq", look->seq,
                                  "signed", "state", outcome, "document", document, "makers", makers));
    if (is(outcome, "posted") || is(outcome, "in-force"))
        take_effect(model, document, result);
}

static void take_item(struct gate_model *model, const struct look *look, size_t index)
{
    const json_t *item = json_array_get(members(look), index), *result = json_array_get(look->results, index);
    json_t *document = at(model->documents, text(item, "document"));
    const char *outcome = text(result, "outcome");
    char level[32];
    snprintf(level, sizeof level, "%lld", (long long)json_integer_value(at(item, "level")));
    if (is(look->verb, "approve"))
        json_object_set_new(at(document, "signed"), level, json_string(look->person));
    if (is(outcome, "approved")) {
        const json_t *levels = at(result, "levels");
        json_object_set(document, "levels", at(result, "levels"));
        for (size_t i = 0; i < json_array_size(levels); i++) { /* asked again */
            snprintf(level, sizeof level, "%lld", (long long)json_integer_value(json_array_get(levels, i)));
            json_object_del(at(document, "signed"), level);
        }
        return;
    }
    json_object_set_new(document, "state", json_string(outcome));
    if (is(look->verb, "approve"))
        take_effect(model, at(document, "document"), result);
}

static void take_applied(struct gate_model *model, const char *entity, const json_t *applied)
{
    char name[512];
    for (size_t i = 0; i < json_array_size(applied); i++) {
        const json_t *one = json_array_get(applied, i);
        json_t *invoice = at(model->invoices, pair(entity, text(one, "invoice"), name));
        if (invoice != NULL)
            json_object_set_new(invoice, "open",
                                json_integer(json_integer_value(at(invoice, "open")) - minor(text(one, "amount"))));
    }
}

static void take_file(struct gate_model *model, const struct look *look)
{
    char name[512], invoice_name[512];
    const char *entity = text(look->body, "entity"), *feed = text(look->body, "feed");
    const json_t *records = at(look->body, "records"), *manifest = at(look->body, "file");
    bool closes = is(text(json_array_get(look->results, 0), "outcome"), "closed");
    json_t *file = at(model->files, file_name(look, name));
    if (file == NULL) {
        file = json_pack("{s:i, s:i, s:i, s:[], s:b}", "parts", 0, "count", 0, "total", 0, "applied", "closed", 0);
        json_object_set_new(model->files, name, file);
    }
    json_object_set_new(file, "total", json_integer(json_integer_value(at(file, "total")) + file_sum(look)));
    json_object_set_new(file, "parts", json_integer(json_integer_value(at(file, "parts")) + 1));
    json_object_set_new(file, "count",
                        json_integer(json_integer_value(at(file, "count")) + (json_int_t)json_array_size(records)));
    for (size_t i = 0; i < json_array_size(records); i++) {
        const json_t *record = json_array_get(records, i);
        if (is(feed, "invoices"))
            json_object_set_new(model->invoices, pair(entity, text(record, "invoice"), invoice_name),
                                json_pack("{s:O, s:O, s:I}", "customer", at(record, "customer"), "currency",
                                          at(manifest, "currency"), "open", (json_int_t)minor(text(record, "gross"))));
        json_array_extend(at(file, "applied"), at(record, "applied"));
    }
    if (closes) {
        take_applied(model, entity, at(file, "applied"));
        json_object_set_new(file, "closed", json_true());
    }
}

static void take_charter(struct gate_model *model, const struct look *look)
{
    const json_t *officers = at(look->body, "officers");
    char *bytes = json_dumps(look->statement, JSON_COMPACT | JSON_SORT_KEYS);
    struct hash hash;
    hash_of(bytes, strlen(bytes), &hash);
    hash_to_hex(&hash, model->book);
    free(bytes);
    for (size_t i = 0; i < json_array_size(officers); i++) {
        const json_t *one = json_array_get(officers, i);
        take_person(model, text(one, "user"), text(one, "person"), text(one, "key"), NULL);
    }
    const json_t *policy =
        json_pack("{s:s, s:O}", "kind", "policy", "compiled", at(at(look->body, "policy"), "compiled"));
    take_effect(model, policy, NULL);
    json_decref((json_t *)(uintptr_t)policy);
}

static void take_officers(struct gate_model *model, const struct look *look)
{
    const json_t *officers = at(look->body, "officers");
    for (size_t i = 0; i < json_array_size(officers); i++) {
        const json_t *one = json_array_get(officers, i);
        take_person(model, text(one, "user"), text(one, "person"), text(one, "key"), NULL);
    }
}

void gate_model_take(struct gate_model *model, struct slice entry)
{
    struct look look = look_at(model, entry);
    char name[512], hex[HASH_HEX_CHARS + 1];
    struct hash leaf;
    uint8_t *prefixed = malloc(entry.length + 1);
    prefixed[0] = 0;
    memcpy(prefixed + 1, entry.bytes, entry.length);
    hash_of(prefixed, entry.length + 1, &leaf);
    hash_to_hex(&leaf, hex);
    free(prefixed);
    json_array_append_new(model->leaves, json_string(hex));
    json_object_set_new(model->ids, pair(look.actor, text(look.statement, "id"), name), json_true());
    if (is(look.verb, "charter"))
        take_charter(model, &look);
    if (is(look.verb, "recover") && gate_model_admits(entry))
        take_officers(model, &look);
    for (size_t i = 0; i < json_array_size(look.results); i++) {
        if (!admitted(json_array_get(look.results, i)))
            continue;
        if (is(look.verb, "submit") || is(look.verb, "amend"))
            take_document(model, &look, i);
        else if (is(look.verb, "feed"))
            take_file(model, &look);
        else if (members(&look) != NULL)
            take_item(model, &look, i);
    }
    json_decref(look.json);
}
