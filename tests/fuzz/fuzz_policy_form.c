/*
 * Attacks policy_read with compiled policies that no compiler made: a statement may bring any JSON. The checks are asked of it
 * again and have to agree with the reading; what is read answers everything that a policy is asked without harm, is left as it was,
 * and is read the same from its own bytes.
 */
#include "controls/policy.h"
#include "ledger/canon.h"
#include "ledger/limits.h"
#include "tests/fuzz/fuzz.h"

static void count_errors(void *context, const struct policy_finding *finding)
{
    size_t *errors = context;
    must(finding->path != NULL && strlen(finding->path) < POLICY_PATH_BYTES && finding->text[0] != '\0');
    *errors += finding->warning ? 0 : 1;
}

static void check_policy(const struct policy *policy)
{
    must(policy->entity_count >= 1 && policy->entity_count <= POLICY_ENTITIES_MAX);
    for (size_t i = 0; i < policy->entity_count; i++) {
        const struct policy_entity *entity = &policy->entities[i];
        must(entity->fiscal_month >= 1 && entity->fiscal_month <= 12 && entity->offset_count >= 1);
        must(i == 0 || strcmp(policy->entities[i - 1].entity, entity->entity) != 0);
        for (size_t j = 1; j < entity->offset_count; j++)
            must(entity->offsets[j - 1].from_ms < entity->offsets[j].from_ms);
        for (size_t j = 1; j < entity->holiday_count; j++)
            must(entity->holidays[j - 1] < entity->holidays[j]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *json = NULL;
    struct policy *policy = NULL;
    size_t errors = 0;
    struct err err = {.status = STATUS_OK, .text = ""};
    char *text = fuzz_text(data, size), *again = NULL;
    if (canon_parse(text, size, STATEMENT_POLICY_BYTES_MAX, &json, NULL) == STATUS_OK) {
        size_t length = 0;
        enum status status = policy_read(json, &policy, &err);
        must(policy_check(json, count_errors, &errors) == status && (status == STATUS_OK) == (errors == 0));
        must(status == STATUS_OK || err.text[0] != '\0');
        must(canon_encode(json, &again, &length, NULL) == STATUS_OK && length == size &&
             memcmp(again, text, size) == 0);
        if (status == STATUS_OK)
            check_policy(policy);
    }
    policy_free(policy);
    json_decref(json);
    free(again);
    free(text);
    return 0;
}
