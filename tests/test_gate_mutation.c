/*
 * A valid statement with one thing changed is never let in wrongly.
 *
 * The generated year (tests/support/year.h) brings statements of every verb and documents of every kind through gate_submit. In front
 * of each of them this program tries changed ones on the same gate: the writing is undone before its commit, so that a try costs
 * no book, and the entry that would have been written is held against tests/support/gate_model.h, which reads FORMAT.md on its own.
 *
 *   not signed again   the signatures cover other bytes: no entry, not even a refusal
 *   signed again by the same    no entry, or a refusal, or an entry that the model finds nothing wrong with
 *   signed by somebody else     the same; the model lets nobody but the actor's keys sign
 *   signatures changed          a byte, another namespace, none, the same twice, another order: no entry
 *
 * The year then goes on, and its own check at the end finds books that the tries have left as they were.
 * GATE_MUTATIONS=<seed>:<days>:<tries> takes another walk; GATE_MUTATIONS_SECONDS=<n> walks seed after seed (make gate-mutations).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "controls/kind.h"
#include "ledger/append.h"
#include "ledger/canon.h"
#include "ledger/journal.h"
#include "ledger/schema.h"
#include "ledger/sshsig.h"
#include "tests/support/gate_model.h"
#include "tests/support/vector_file.h"
#include "tests/support/year.h"
#include "tests/support/year_steps.h"

enum {
    NODES_MAX = 4096,
    POOL_MAX = 24,
    DAYS_DEFAULT = 9,
    TRIES_NEW = 24,     /* at the first statement of a sort */
    TRIES_DEFAULT = 1,  /* at any other */
    CHANGED_BYTES = 200 /* of what says what was changed */
};

static struct {
    struct company *company; /* NULL: nothing is tried */
    struct gate_model *model;
    uint64_t random;
    unsigned tries;
    bool trial;
    char *written; /* the entry that would be */
    size_t written_length;
    json_t *pool;   /* member -> values that it had */
    json_t *policy; /* the charter's */
    json_t *seen;   /* sort -> how many statements */
    char changed[CHANGED_BYTES];
    unsigned long tried, not_an_entry, refused, admitted;
} search;

enum status __real_append_entry(struct append *append, struct slice bytes, uint64_t *ret_seq, struct hash *ret_leaf,
                                struct err *err);
enum status __wrap_append_entry(struct append *append, struct slice bytes, uint64_t *ret_seq, struct hash *ret_leaf,
                                struct err *err);
enum status __real_append_commit(struct append *append, struct err *err);
enum status __wrap_append_commit(struct append *append, struct err *err);
enum status __real_gate_submit(struct gate *gate, struct slice bytes, const struct signature_list *signatures,
                               struct gate_answer *ret_answer, struct err *err);
enum status __wrap_gate_submit(struct gate *gate, struct slice bytes, const struct signature_list *signatures,
                               struct gate_answer *ret_answer, struct err *err);

enum status __wrap_append_entry(struct append *append, struct slice bytes, uint64_t *ret_seq, struct hash *ret_leaf,
                                struct err *err)
{
    if (search.trial) {
        free(search.written);
        search.written = malloc(bytes.length);
        assert_non_null(search.written);
        memcpy(search.written, bytes.bytes, bytes.length);
        search.written_length = bytes.length;
    }
    return __real_append_entry(append, bytes, ret_seq, ret_leaf, err);
}

/* A try ends here. */
enum status __wrap_append_commit(struct append *append, struct err *err)
{
    if (!search.trial)
        return __real_append_commit(append, err);
    append_abort(append);
    return err_set(err, STATUS_IO, "only tried");
}

static uint64_t below(uint64_t bound)
{
    return vector_random(&search.random) % bound;
}

static void failed(const char *what, const struct statement *genuine, struct slice bytes)
{
    fprintf(stderr, "genuine: %.*s\nchanged: %.*s\n", (int)genuine->length, genuine->bytes, (int)bytes.length,
            (const char *)bytes.bytes);
    if (search.written != NULL)
        fprintf(stderr, "entry:   %.*s\n", (int)search.written_length, search.written);
    fail_msg("%s: %s", search.changed, what);
}

/* Whether the entry is that of these bytes. */
static bool entry_holds(struct gate *gate, uint64_t seq, struct slice bytes)
{
    struct journal_snapshot *snapshot = NULL;
    const char *entry = NULL;
    size_t length = 0;
    assert_int_equal(journal_read_begin(gate_books(gate)->journal, &snapshot, NULL), STATUS_OK);
    assert_int_equal(journal_entry(snapshot, seq, &entry, &length, NULL), STATUS_OK);
    bool holds = memmem(entry, length, bytes.bytes, bytes.length) != NULL;
    journal_read_end(snapshot);
    return holds;
}

/* Whether the statement would become an entry; what fails for any other reason than the statement fails the test. */
static bool try_one(struct gate *gate, struct slice bytes, const struct signature_list *signatures,
                    const struct statement *genuine)
{
    struct gate_answer answer = {.seq = 0};
    struct err err = {.status = STATUS_OK, .text = ""};
    free(search.written);
    search.written = NULL;
    search.trial = true;
    enum status status = __real_gate_submit(gate, bytes, signatures, &answer, &err);
    search.trial = false;
    search.tried++;
    if (status == STATUS_OK) { /* the first result of a statement that is there */
        bool same = answer.repeated && entry_holds(gate, answer.seq, bytes);
        gate_answer_done(&answer);
        if (!same)
            failed("has the answer of another statement", genuine, bytes);
        return false;
    }
    bool of_statement = status == STATUS_INPUT || status == STATUS_LIMIT || status == STATUS_SIGNATURE ||
                        status == STATUS_PERMISSION || status == STATUS_EXISTS || status == STATUS_CLOCK ||
                        status == STATUS_REFUSED;
    if (search.written == NULL && (!of_statement || err.text[0] == '\0'))
        failed(err.text, genuine, bytes);
    if (search.written == NULL)
        search.not_an_entry++;
    return search.written != NULL;
}

/* Has to be no entry at all. */
static void must_be_none(struct gate *gate, struct slice bytes, const struct signature_list *signatures,
                         const struct statement *genuine)
{
    if (try_one(gate, bytes, signatures, genuine))
        failed("would be an entry", genuine, bytes);
}

/* Has to be right by itself if it is admitted, and to stand in the entry as it was sent. */
static void must_be_right(struct gate *gate, struct slice bytes, const struct signature_list *signatures,
                          const struct statement *genuine)
{
    struct entry entry;
    if (!try_one(gate, bytes, signatures, genuine))
        return;
    struct slice written = slice_of(search.written, search.written_length);
    if (entry_read(written, &entry, NULL) != STATUS_OK)
        failed("the entry cannot be read", genuine, bytes);
    if (entry.statement.length != bytes.length || memcmp(entry.statement.bytes, bytes.bytes, bytes.length) != 0)
        failed("the entry holds other bytes", genuine, bytes);
    entry_done(&entry);
    const char *why = gate_model_wrong(search.model, written);
    if (why != NULL)
        failed(why, genuine, bytes);
    if (gate_model_admits(written))
        search.admitted++;
    else
        search.refused++;
}

/* Every place in a JSON value that can be changed. */
struct node {
    json_t *parent;
    const char *key; /* in an object */
    size_t index;    /* in a list */
};

struct nodes {
    struct node items[NODES_MAX];
    size_t count;
};

/* Compiled policies are most of a charter's bytes, and their form has a fuzzer of its own: one place stands for them. */
static void nodes_add(struct nodes *nodes, json_t *value)
{
    const char *key;
    json_t *member;
    size_t index;
    json_object_foreach(value, key, member)
    {
        if (nodes->count < NODES_MAX)
            nodes->items[nodes->count++] = (struct node){.parent = value, .key = key};
        if (strcmp(key, "compiled") != 0)
            nodes_add(nodes, member);
    }
    if (json_is_array(value))
        json_array_foreach(value, index, member)
        {
            if (nodes->count < NODES_MAX)
                nodes->items[nodes->count++] = (struct node){.parent = value, .index = index};
            nodes_add(nodes, member);
        }
}

static json_t *node_get(const struct node *node)
{
    return node->key != NULL ? json_object_get(node->parent, node->key) : json_array_get(node->parent, node->index);
}

static void node_set(const struct node *node, json_t *value)
{
    if (node->key != NULL)
        json_object_set_new(node->parent, node->key, value);
    else
        json_array_set_new(node->parent, node->index, value);
}

/* The end of a tier of the document's own row, one that an invoice can bear; NULL: none found. */
static const char *threshold_of(const json_t *document)
{
    const json_t *reasons = json_object_get(search.policy, "reasons"),
                 *rows = json_object_get(search.policy, "authority");
    const char *reason = json_string_value(json_object_get(document, "reason")), *row = NULL;
    const json_t *found = NULL, *one;
    size_t index;
    json_array_foreach((json_t *)(uintptr_t)reasons, index,
                       one) if (reason != NULL && strcmp(member_text(one, "reason"), reason) == 0) row =
        member_text(one, "row");
    json_array_foreach((json_t *)(uintptr_t)rows, index,
                       one) if (row != NULL && strcmp(member_text(one, "row"), row) == 0) found =
        json_object_get(one, "tiers");
    if (json_array_size(found) < 2)
        return NULL;
    return member_text(json_array_get(found, below(json_array_size(found) < 3 ? 1 : 2)), "upto");
}

/* Values that members had before are what others may be exchanged for. */
static void pool_add(const json_t *value)
{
    const char *key;
    json_t *member;
    size_t index;
    json_object_foreach((json_t *)(uintptr_t)value, key, member)
    {
        json_t *values = json_object_get(search.pool, key);
        if (values == NULL) {
            values = json_array();
            json_object_set_new(search.pool, key, values);
        }
        if (strcmp(key, "compiled") == 0 || strcmp(key, "yaml") == 0)
            continue;
        if (json_array_size(values) < POOL_MAX)
            json_array_append(values, member);
        else
            json_array_set(values, below(POOL_MAX), member);
        pool_add(member);
    }
    json_array_foreach(value, index, member) pool_add(member);
}

static json_t *pool_take(const char *key)
{
    const json_t *values = json_object_get(search.pool, key);
    return json_array_size(values) == 0 ? NULL : json_deep_copy(json_array_get(values, below(json_array_size(values))));
}

static json_t *other_type(void)
{
    switch (below(7)) {
    case 0:
        return json_null();
    case 1:
        return json_true();
    case 2:
        return json_integer(0);
    case 3:
        return json_string("");
    case 4:
        return json_array();
    case 5:
        return json_object();
    default:
        return json_string("1");
    }
}

static bool is_amount(const char *text)
{
    size_t digits = strspn(text, "-0123456789");
    return digits > 0 && text[digits] == '.' && strspn(text + digits + 1, "0123456789") == strlen(text + digits + 1);
}

/* By one minor unit, its sign, nothing, as much as there is, a tenth of a unit, in another spelling. */
static json_t *other_amount(const char *text)
{
    static const char *const others[] = {
        "0.00",          "-0.01", "92233720368547758.07", "92233720368547758.08", "0.001", "0100.00", "+1.00", "1e2",
        "9999999999.99", "0.01"};
    char changed[64];
    size_t length = strlen(text);
    if (length + 2 > sizeof changed || below(3) == 0)
        return json_string(others[below(sizeof others / sizeof others[0])]);
    if (below(4) == 0) {
        snprintf(changed, sizeof changed, "-%s", text);
        return json_string(changed);
    }
    snprintf(changed, sizeof changed, "%s", text);
    char *digit = &changed[below(2) == 0 ? length - 1 : below(length)];
    if (*digit >= '0' && *digit <= '9')
        *digit = *digit == '9' ? '8' : (char)(*digit + 1);
    return json_string(changed);
}

static json_t *other_text(const char *text)
{
    static const char *const ends[] = {"x", "0", " ", "\xE2\x80\xAE", "\x7F", "/", "\xC3\xA9"};
    size_t length = strlen(text);
    char *changed = malloc(length + 3008);
    assert_non_null(changed);
    memcpy(changed, text, length + 1);
    switch (below(5)) {
    case 0:
        snprintf(changed + length, 8, "%s", ends[below(sizeof ends / sizeof ends[0])]);
        break;
    case 1:
        changed[0] = '\0';
        break;
    case 2:
        memset(changed + length, 'a', 3000);
        changed[length + 3000] = '\0';
        break;
    default:
        if (length > 0) {
            char *at = &changed[below(length)];
            *at = *at == '9' ? '8' : *at >= '0' && *at < '9' ? (char)(*at + 1) : *at == 'a' ? 'b' : 'a';
        }
    }
    json_t *value = json_string(changed);
    free(changed);
    return value;
}

static json_t *other_value(const struct node *node, const json_t *value)
{
    json_t *known = node->key != NULL && below(2) == 0 ? pool_take(node->key) : NULL;
    if (known != NULL)
        return known;
    if (json_is_string(value) && is_amount(json_string_value(value)))
        return other_amount(json_string_value(value));
    if (json_is_string(value))
        return other_text(json_string_value(value));
    if (json_is_integer(value)) {
        static const json_int_t others[] = {0, -1, 2, 100, CANON_INTEGER_MAX, CANON_INTEGER_MAX + 1};
        return json_integer(below(2) == 0 ? json_integer_value(value) + (below(2) == 0 ? 1 : -1)
                                          : others[below(sizeof others / sizeof others[0])]);
    }
    return json_is_boolean(value) ? json_boolean(!json_is_true(value)) : other_type();
}

static void change_list(const struct node *node, json_t *list)
{
    size_t count = json_array_size(list);
    if (count == 0) {
        json_t *one = node->key != NULL ? pool_take(node->key) : NULL;
        if (one == NULL || !json_is_array(one)) {
            json_decref(one);
            one = json_array();
            json_array_append_new(one, other_type());
        }
        node_set(node, one);
        return;
    }
    size_t i = below(count), j = below(count);
    json_t *kept = json_deep_copy(json_array_get(list, i));
    switch (below(4)) {
    case 0:
        json_array_append_new(list, kept);
        return;
    case 1:
        json_array_remove(list, i);
        break;
    case 2:
        json_array_set(list, i, json_array_get(list, j));
        json_array_set(list, j, kept);
        break;
    default:
        json_array_clear(list);
    }
    json_decref(kept);
}

/* Changes one place. Says what in search.changed. */
static void change_json(json_t *statement)
{
    static struct nodes nodes;
    static const char *const added[] = {"zz",     "behalf",     "requested_by", "note",
                                        "entity", "on_account", "until",        "links"};
    nodes.count = 0;
    nodes_add(&nodes, statement);
    const struct node *node = &nodes.items[below(nodes.count)];
    json_t *value = node_get(node);
    unsigned how = (unsigned)below(12);
    snprintf(search.changed, sizeof search.changed, "way %u, member %s", how,
             node->key != NULL ? node->key : "of a list");
    if (how == 0 && node->key != NULL) {
        json_object_del(node->parent, node->key);
    } else if (how == 1 && json_is_object(node->parent)) {
        const char *name = added[below(sizeof added / sizeof added[0])];
        json_t *taken = pool_take(name);
        json_object_set_new(node->parent, name, taken != NULL ? taken : json_string("P-12"));
    } else if (how == 2) {
        node_set(node, other_type());
    } else if (json_is_array(value)) {
        change_list(node, value);
    } else {
        node_set(node, other_value(node, value));
    }
}

/* The bytes of the changed statement, canonical where the value has that form; gives. */
static char *changed_statement(const struct statement *genuine, size_t *ret_length)
{
    json_t *copy = json_deep_copy(genuine->json);
    char *bytes = NULL;
    change_json(copy);
    if (canon_encode(copy, &bytes, ret_length, NULL) != STATUS_OK) {
        bytes = json_dumps(copy, JSON_COMPACT | JSON_SORT_KEYS);
        *ret_length = bytes != NULL ? strlen(bytes) : 0;
    }
    json_decref(copy);
    return bytes;
}

/* Bytes that are not those of any value: spelled otherwise, cut, or with one of them changed. Gives. */
static char *changed_bytes(const struct statement *genuine, size_t *ret_length)
{
    size_t length = genuine->length, at = below(length);
    char *bytes = malloc(length + 16);
    assert_non_null(bytes);
    memcpy(bytes, genuine->bytes, length);
    unsigned how = (unsigned)below(5);
    snprintf(search.changed, sizeof search.changed, "bytes, way %u at %zu", how, at);
    switch (how) {
    case 0:
        bytes[at] = (char)(bytes[at] ^ (1 << below(8)));
        break;
    case 1:
        length = at;
        break;
    case 2:
        memmove(bytes + at + 1, bytes + at, length++ - at);
        bytes[at] = " \n{}\","[below(6)];
        break;
    case 3:
        memcpy(bytes + length - 1, ",\"v\":1}", 7);
        length += 6;
        break;
    default:
        bytes[length++] = '\n';
    }
    *ret_length = length;
    return bytes;
}

static const struct signer *signer_of(const struct public_key *key)
{
    for (size_t i = 0; i < search.company->user_count; i++)
        if (sshkey_equal(&search.company->users[i].signer.key, key))
            return &search.company->users[i].signer;
    return NULL;
}

/* By everybody who signed the genuine one; another: in place of the first. False where a key is not at hand. */
static bool sign_again(const struct signature_list *genuine, struct slice bytes, const struct signer *another,
                       struct signature_list *ret_list)
{
    ret_list->count = 0;
    for (size_t i = 0; i < genuine->count; i++) {
        struct sshsig info;
        uint8_t blob[SSHSIG_BYTES_MAX];
        size_t length = 0;
        if (sshsig_parse(genuine->items[i].bytes, genuine->items[i].length, &info, NULL) != STATUS_OK)
            return false;
        const struct signer *signer = another != NULL && i == 0 ? another : signer_of(&info.key);
        if (signer == NULL || sshsig_sign(signer, bytes.bytes, bytes.length, blob, &length, NULL) != STATUS_OK)
            return false;
        if (signature_list_add(ret_list, slice_of(blob, length), NULL) != STATUS_OK)
            return another != NULL && ret_list->count > 0;
    }
    return ret_list->count > 0;
}

static const struct signer *anybody(void)
{
    return &search.company->users[below(search.company->user_count)].signer;
}

/* The genuine bytes under signatures that are not theirs. */
static void change_signatures(struct gate *gate, const struct statement *genuine,
                              const struct signature_list *signatures)
{
    static struct signature_list list;
    struct slice bytes = slice_of(genuine->bytes, genuine->length);
    struct sshsig_message message = {.purpose = SSHSIG_CONNECT, .bytes = genuine->bytes, .length = genuine->length};
    struct sshsig info;
    list = *signatures;
    unsigned how = (unsigned)below(6);
    size_t which = below(list.count);
    snprintf(search.changed, sizeof search.changed, "signatures, way %u, number %zu", how, which);
    switch (how) {
    case 0:
        list.items[which].bytes[below(list.items[which].length)] ^= (uint8_t)(1 << below(8));
        must_be_none(gate, bytes, &list, genuine);
        break;
    case 1:
        list.count = 0;
        must_be_none(gate, bytes, &list, genuine);
        break;
    case 2:
        list.items[list.count < SIGNATURES_MAX ? list.count++ : 0] = list.items[which];
        must_be_none(gate, bytes, &list, genuine);
        break;
    case 3:
        if (sshsig_parse(list.items[which].bytes, list.items[which].length, &info, NULL) == STATUS_OK &&
            signer_of(&info.key) != NULL &&
            sshsig_sign_message(signer_of(&info.key), &message, list.items[which].bytes, &list.items[which].length,
                                NULL) == STATUS_OK)
            must_be_none(gate, bytes, &list, genuine);
        break;
    case 4: /* somebody else signs in place of one, or besides */
        if (sign_again(signatures, bytes, anybody(), &list))
            must_be_right(gate, bytes, &list, genuine);
        break;
    default: {
        uint8_t blob[SSHSIG_BYTES_MAX];
        size_t length = 0;
        if (sshsig_sign(anybody(), genuine->bytes, genuine->length, blob, &length, NULL) == STATUS_OK &&
            signature_list_add(&list, slice_of(blob, length), NULL) == STATUS_OK)
            must_be_right(gate, bytes, &list, genuine);
    }
    }
}

/* An amount that stands twice, in a document and in its one allocation, is one thing too. */
static bool change_amount(json_t *statement)
{
    json_t *documents = json_object_get(json_object_get(statement, "body"), "documents");
    json_t *document =
        json_array_get(documents, json_array_size(documents) > 0 ? below(json_array_size(documents)) : 0);
    json_t *allocations = json_object_get(document, "allocations");
    const char *amount = json_string_value(json_object_get(document, "amount"));
    if (amount == NULL || json_array_size(allocations) != 1)
        return false;
    const char *threshold = below(4) != 0 ? threshold_of(document) : NULL;
    json_t *other = NULL;
    if (threshold == NULL) {
        other = other_amount(amount);
    } else { /* exactly as much as a tier takes, or one minor unit more */
        char more[64];
        snprintf(more, sizeof more, "%s", threshold);
        if (below(2) == 0)
            more[strlen(more) - 1]++;
        other = json_string(more);
    }
    snprintf(search.changed, sizeof search.changed, "amount %s", json_string_value(other));
    json_object_set(document, "amount", other);
    json_object_set_new(json_array_get(allocations, 0), "amount", other);
    return true;
}

/* The same statement of somebody else, who signs it. */
static const struct signer *change_actor(json_t *statement)
{
    const struct company_user *user = &search.company->users[below(search.company->user_count)];
    snprintf(search.changed, sizeof search.changed, "actor %s", user->user);
    json_object_set_new(statement, "actor", json_string(user->user));
    return &user->signer;
}

static void attack_meaning(struct gate *gate, const struct statement *genuine, const struct signature_list *signatures)
{
    static struct signature_list list;
    json_t *copy = json_deep_copy(genuine->json);
    const struct signer *signer = NULL;
    char *bytes = NULL;
    size_t length = 0;
    bool changed = below(4) != 0 && change_amount(copy);
    if (!changed)
        signer = change_actor(copy);
    if (canon_encode(copy, &bytes, &length, NULL) == STATUS_OK &&
        sign_again(signatures, slice_of(bytes, length), signer, &list))
        must_be_right(gate, slice_of(bytes, length), &list, genuine);
    free(bytes);
    json_decref(copy);
}

static void attack_once(struct gate *gate, const struct statement *genuine, const struct signature_list *signatures)
{
    static struct signature_list list;
    size_t length = 0;
    if (below(5) == 0) {
        change_signatures(gate, genuine, signatures);
        return;
    }
    if (below(4) == 0) {
        attack_meaning(gate, genuine, signatures);
        return;
    }
    char *changed = below(6) == 0 ? changed_bytes(genuine, &length) : changed_statement(genuine, &length);
    struct slice bytes = slice_of(changed, length);
    if (changed != NULL && (length != genuine->length || memcmp(changed, genuine->bytes, length) != 0)) {
        must_be_none(gate, bytes, signatures, genuine);
        if (sign_again(signatures, bytes, NULL, &list))
            must_be_right(gate, bytes, &list, genuine);
        if (below(4) == 0 && sign_again(signatures, bytes, anybody(), &list))
            must_be_right(gate, bytes, &list, genuine);
    }
    free(changed);
}

/* The model has what the journal has; what stands there may not be wrong either. */
static void catch_up(struct gate *gate)
{
    static uint64_t taken;
    static const struct gate_model *of;
    struct journal_snapshot *snapshot = NULL;
    struct journal_head head;
    taken = of == search.model ? taken : 0;
    of = search.model;
    assert_int_equal(journal_read_begin(gate_books(gate)->journal, &snapshot, NULL), STATUS_OK);
    assert_int_equal(journal_head(snapshot, &head, NULL), STATUS_OK);
    for (; taken < head.size; taken++) {
        const char *bytes = NULL;
        size_t length = 0;
        assert_int_equal(journal_entry(snapshot, taken, &bytes, &length, NULL), STATUS_OK);
        const char *why = gate_model_wrong(search.model, slice_of(bytes, length));
        if (why != NULL)
            fail_msg("entry %llu: %s\n%.*s", (unsigned long long)taken, why, (int)length, bytes);
        gate_model_take(search.model, slice_of(bytes, length));
        if (taken == 0) {
            json_t *charter = json_loadb(bytes, length, 0, NULL);
            const json_t *body = json_object_get(json_object_get(charter, "statement"), "body");
            search.policy = json_incref(json_object_get(json_object_get(body, "policy"), "compiled"));
            json_decref(charter);
        }
    }
    journal_read_end(snapshot);
}

/* Verb and, where it brings documents or records, which; how many there were before. */
static json_int_t sort_of(const struct statement *statement)
{
    char sort[128];
    const json_t *document = statement_document(statement, 0);
    snprintf(sort, sizeof sort, "%s %s", verb_name(statement->verb),
             document != NULL               ? member_text(document, "kind")
             : statement->verb == VERB_FEED ? member_text(statement->body, "feed")
                                            : "");
    json_int_t before = json_integer_value(json_object_get(search.seen, sort));
    json_object_set_new(search.seen, sort, json_integer(before + 1));
    return before;
}

enum status __wrap_gate_submit(struct gate *gate, struct slice bytes, const struct signature_list *signatures,
                               struct gate_answer *ret_answer, struct err *err)
{
    struct statement genuine;
    if (search.company != NULL && gate == search.company->gate && statement_read(bytes, &genuine, NULL) == STATUS_OK) {
        catch_up(gate);
        pool_add(genuine.json);
        unsigned tries = sort_of(&genuine) == 0 ? TRIES_NEW * search.tries : search.tries;
        for (unsigned i = 0; signatures->count > 0 && i < tries; i++)
            attack_once(gate, &genuine, signatures);
        statement_done(&genuine);
    }
    return __real_gate_submit(gate, bytes, signatures, ret_answer, err);
}

/* Every verb of a running book but those of an emergency, and every kind of document. */
static void sorts_complete(void)
{
    char sort[128];
    for (int id = 0; id < KIND_COUNT; id++) {
        snprintf(sort, sizeof sort, "submit %s", kind_name((enum kind_id)id));
        if (kind_find(kind_name((enum kind_id)id)) != NULL && json_object_get(search.seen, sort) == NULL)
            fail_msg("nothing was changed in: %s", sort);
    }
}

static void walk(unsigned long long seed, int days, unsigned tries, double until)
{
    struct year *year = calloc(1, sizeof *year);
    assert_non_null(year);
    search.random = seed * 0x9E3779B97F4A7C15u | 1;
    search.tries = tries;
    search.pool = json_object();
    search.policy = NULL;
    search.seen = json_object();
    search.model = gate_model_new();
    search.company = &year->company;
    year_open(year, seed);
    for (year->day = 0; year->day < days && (until == 0 || (double)time(NULL) < until); year->day++)
        year_live_day(year);
    catch_up(year->company.gate);
    search.company = NULL;
    print_message(
        "seed %llu, %d days: %lu tried, %lu no entry, %lu refused by an entry, %lu admitted and right; %zu sorts\n",
        seed, year->day, search.tried, search.not_an_entry, search.refused, search.admitted,
        json_object_size(search.seen));
    if (year->day >= 365)
        sorts_complete();
    year_close(year);
    gate_model_free(search.model);
    json_decref(search.pool);
    json_decref(search.policy);
    json_decref(search.seen);
    free(search.written);
    search.written = NULL;
    free(year);
}

static void one_thing_changed_is_never_let_in_wrongly(void **state)
{
    (void)state;
    const char *walked = getenv("GATE_MUTATIONS"), *seconds = getenv("GATE_MUTATIONS_SECONDS");
    unsigned long long seed = 7;
    int days = DAYS_DEFAULT;
    unsigned tries = TRIES_DEFAULT;
    if (walked != NULL && *walked != '\0')
        assert_true(sscanf(walked, "%llu:%d:%u", &seed, &days, &tries) >= 1);
    double until = seconds != NULL && *seconds != '\0' ? (double)time(NULL) + strtod(seconds, NULL) : 0;
    if (until == 0)
        walk(seed, days, tries, 0);
    for (seed = until == 0 ? 0 : (unsigned long long)time(NULL); until != 0 && (double)time(NULL) < until; seed++)
        walk(seed, 365, 4, until);
    assert_true(search.admitted > 0 && search.refused > 0 && search.not_an_entry > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_thing_changed_is_never_let_in_wrongly)};
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
