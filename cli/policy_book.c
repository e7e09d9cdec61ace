/*
 * Finding the policy in force, its compiled form and its text: the charter's stands in entry 0, every other one in its
 * document.
 */
#include "cli/policy_book.h"

#include <stdlib.h>
#include <string.h>

#include "controls/judge.h"
#include "ledger/base64.h"
#include "ledger/books.h"
#include "ledger/entry.h"
#include "ledger/journal.h"
#include "ledger/schema.h"

struct search {
    const char *hash;
    uint64_t seq;
    json_t *found;
};

static enum status step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct search *search = context;
    (void)key;
    (void)ret_more;
    if ((uint64_t)member_integer(record, "seq") != search->seq ||
        strcmp(member_text(record, "hash"), search->hash) != 0)
        return STATUS_OK;
    json_decref(search->found);
    search->found = json_deep_copy(record);
    return search->found != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a policy");
}

enum status policy_of_book(struct session *session, const struct facts *facts, int64_t time_ms,
                           struct policy_of_book *ret_policy, struct err *err)
{
    struct policy_of_book policy = {.record = NULL};
    char hex[HASH_HEX_CHARS + 1];
    enum status status = judge_policy(session_judge(session), facts->books, time_ms, &policy.policy, &policy.seq, err);
    if (status != STATUS_OK)
        return status;
    hash_to_hex(&policy.policy->hash, hex);
    struct search search = {.hash = hex, .seq = policy.seq};
    const struct books_walk walk = {.table = BOOKS_POLICIES, .step = step, .context = &search};
    status = books_each(facts->books, &walk, err);
    if (status == STATUS_OK && search.found == NULL)
        status = err_set(err, STATUS_CORRUPT, "the policy in force is not in the books; run rebuild");
    if (status != STATUS_OK) {
        json_decref(search.found);
        return status;
    }
    policy.record = search.found;
    *ret_policy = policy;
    return STATUS_OK;
}

void policy_of_book_done(struct policy_of_book *policy)
{
    json_decref(policy->record);
    policy->record = NULL;
}

enum status policy_of_book_compiled(const struct facts *facts, const struct policy_of_book *policy,
                                    json_t **ret_compiled, struct err *err)
{
    const struct books_key key = books_key(member_text(policy->record, "hash"));
    enum status status = books_get(facts->books, BOOKS_COMPILED, &key, ret_compiled, err);
    return status == STATUS_NOT_FOUND
               ? err_set(err, STATUS_CORRUPT, "a compiled policy is not in the books; run rebuild")
               : status;
}

static enum status decode(const json_t *carrier, char **ret_yaml, struct err *err)
{
    const char *text = member_text(carrier, "yaml");
    size_t length = 0;
    char *yaml = malloc(POLICY_YAML_BYTES_MAX + 1);
    if (yaml == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a policy");
    enum status status = text == NULL ? err_set(err, STATUS_CORRUPT, "a policy carries no text")
                                      : base64_decode(text, strlen(text), yaml, POLICY_YAML_BYTES_MAX, &length, err);
    if (status != STATUS_OK) {
        free(yaml);
        return status;
    }
    yaml[length] = '\0';
    *ret_yaml = yaml;
    return STATUS_OK;
}

static enum status charter_yaml(struct session *session, char **ret_yaml, struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    struct entry entry;
    enum status status = journal_read_begin(session_books(session)->journal, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    status = entry_at(snapshot, 0, &entry, err);
    if (status == STATUS_OK) {
        status = decode(json_object_get(entry.statement.body, "policy"), ret_yaml, err);
        entry_done(&entry);
    }
    journal_read_end(snapshot);
    return status;
}

enum status policy_of_book_yaml(struct session *session, const struct facts *facts, const struct policy_of_book *policy,
                                char **ret_yaml, struct err *err)
{
    const char *number = member_text(policy->record, "document");
    json_t *record = NULL;
    if (number == NULL || number[0] == '\0')
        return charter_yaml(session, ret_yaml, err);
    enum status status = facts_document(facts, number, &record, err);
    if (status == STATUS_OK && record == NULL)
        status = err_set(err, STATUS_CORRUPT, "%s is not in the books; run rebuild", number);
    if (status == STATUS_OK)
        status = decode(json_object_get(record, "document"), ret_yaml, err);
    json_decref(record);
    return status;
}
