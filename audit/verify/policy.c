/*
 * Policies: what the officers read was YAML, what judges is its compiled form; both stand in the document, and the one must
 * be what compiler 1 makes of the other, to the byte (FORMAT.md section 7).
 */
#include <stdlib.h>
#include <string.h>

#include "audit/verify/parts.h"
#include "controls/compiler/compile.h"
#include "ledger/base64.h"
#include "ledger/canon.h"
#include "ledger/schema.h"

static bool same_bytes(const json_t *a, const json_t *b)
{
    struct hash hash_a, hash_b;
    return canon_hash(a, &hash_a, NULL) == STATUS_OK && canon_hash(b, &hash_b, NULL) == STATUS_OK &&
           hash_equal(&hash_a, &hash_b);
}

static enum status check_policy(struct verify *verify, uint64_t seq, const json_t *policy, struct err *err)
{
    struct err what = {.status = STATUS_OK};
    uint8_t *yaml = NULL;
    size_t length = 0;
    json_t *compiled = NULL;
    const char *text = member_text(policy, "yaml");
    if (text == NULL || member_integer(policy, "compiler") != COMPILER_VERSION) {
        finding_at(&verify->findings, CHECK_DECISIONS, seq, "brings a policy of another compiler than %d",
                   COMPILER_VERSION);
        return STATUS_OK;
    }
    enum status status = base64_decode_new(text, strlen(text), POLICY_YAML_BYTES_MAX, &yaml, &length, &what);
    const struct compile_input input = {.yaml = (const char *)yaml, .length = length, .file_name = "policy"};
    if (status == STATUS_OK)
        status = compile_policy(&input, NULL, NULL, &compiled, &what);
    if (status == STATUS_MEMORY)
        status = err_set(err, status, "%s", what.text);
    else if (status != STATUS_OK) {
        finding_at(&verify->findings, CHECK_DECISIONS, seq, "brings a policy whose YAML does not compile: %s",
                   what.text);
        status = STATUS_OK;
    } else if (!same_bytes(compiled, json_object_get(policy, "compiled"))) {
        finding_at(&verify->findings, CHECK_DECISIONS, seq, "brings a compiled policy that is not what its YAML says");
    }
    json_decref(compiled);
    free(yaml);
    return status;
}

/* A refused policy binds nobody. */
static bool is_admitted(const struct item_result *result)
{
    return result->outcome.bytes != NULL && !slice_is(result->outcome, "refused") &&
           !slice_is(result->outcome, "repeat");
}

static void count_in_force(struct verify *verify, const struct item_result *result)
{
    static const char prefix[] = "PO-";
    if (slice_is(result->outcome, "in-force") && result->document.length >= sizeof prefix - 1 &&
        memcmp(result->document.bytes, prefix, sizeof prefix - 1) == 0)
        verify->result->policies++;
}

enum status verify_policies(struct verify *verify, const struct verify_item *item, struct err *err)
{
    const struct statement *statement = &item->entry.statement;
    enum status status = STATUS_OK;
    if (!item->sound)
        return STATUS_OK;
    if (item->facts.verb == VERB_CHARTER) {
        verify->result->policies++;
        return check_policy(verify, item->seq, json_object_get(statement->body, "policy"), err);
    }
    for (size_t i = 0; status == STATUS_OK && i < item->result_count; i++) {
        const json_t *document = statement_document(statement, i);
        const char *kind = member_text(document, "kind");
        count_in_force(verify, &item->results[i]);
        if (kind != NULL && strcmp(kind, "policy") == 0 && is_admitted(&item->results[i]))
            status = check_policy(verify, item->seq, document, err);
    }
    return status;
}
