/*
 * The check of a compiled policy as a whole, and its reading. The gate, the compiler and the auditor all come through
 * here, so that a policy means the same to each of them. Form first; meaning only of what has the right form.
 */
#include "controls/policy.h"

#include "controls/policy_build.h"
#include "controls/policy_duties.h"
#include "controls/policy_finding.h"
#include "controls/policy_form.h"
#include "controls/policy_meaning.h"
#include "ledger/canon.h"

enum status policy_check(const json_t *compiled, policy_report *report, void *context)
{
    struct policy_findings findings = {.report = report, .context = context};
    struct policy *policy = NULL;
    policy_form_check(compiled, &findings);
    if (findings.errors > 0)
        return STATUS_INPUT;
    enum status status = policy_build(compiled, &policy, NULL);
    if (status != STATUS_OK)
        return status;
    policy_meaning_check(policy, &findings);
    policy_duties_check(policy, &findings);
    policy_free(policy);
    return findings.errors > 0 ? STATUS_INPUT : STATUS_OK;
}

struct first_error {
    enum status status; /* OK while there is none */
    struct err err;
};

static void first_error_keep(void *context, const struct policy_finding *finding)
{
    struct first_error *first = context;
    if (finding->warning || first->status != STATUS_OK)
        return;
    first->status = err_set(&first->err, STATUS_INPUT, "policy: %s%s%s", finding->path,
                            finding->path[0] == '\0' ? "" : ": ", finding->text);
}

enum status policy_read(const json_t *compiled, struct policy **ret_policy, struct err *err)
{
    struct first_error first = {.status = STATUS_OK};
    struct policy *policy = NULL;
    struct hash hash;
    enum status status = policy_check(compiled, first_error_keep, &first);
    if (status == STATUS_INPUT)
        return err_set(err, STATUS_INPUT, "%s", first.err.text);
    if (status != STATUS_OK)
        return err_set(err, status, "no memory for a policy");
    status = canon_hash(compiled, &hash, err);
    if (status != STATUS_OK)
        return status;
    status = policy_build(compiled, &policy, err);
    if (status != STATUS_OK)
        return status;
    policy->hash = hash;
    *ret_policy = policy;
    return STATUS_OK;
}
