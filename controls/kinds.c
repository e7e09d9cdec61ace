/*
 * The table of kinds, and what holds for all of them. A kind's row stands in its own file.
 */
#include <stdio.h>
#include <string.h>

#include "controls/kind.h"

/* One row a line. */
/* clang-format off */
extern const struct kind kind_credit_note;
extern const struct kind kind_correction;
extern const struct kind kind_write_off;
extern const struct kind kind_credit_limit;
extern const struct kind kind_reversal;
extern const struct kind kind_rebill;
extern const struct kind kind_recovery;
extern const struct kind kind_adjustment;
extern const struct kind kind_temporary_limit;
extern const struct kind kind_hold_release;
extern const struct kind kind_dispute;
extern const struct kind kind_inquiry;
extern const struct kind kind_exception;
extern const struct kind kind_case_note;
extern const struct kind kind_enrolment;
extern const struct kind kind_grant;
extern const struct kind kind_revocation;
extern const struct kind kind_key_rotation;
extern const struct kind kind_key_revocation;
extern const struct kind kind_delegation;
extern const struct kind kind_policy;
extern const struct kind kind_book_key;
extern const struct kind kind_release;
extern const struct kind kind_break_glass;
extern const struct kind kind_review;
extern const struct kind kind_erasure;
extern const struct kind kind_legal_hold;
extern const struct kind kind_attestation;
extern const struct kind kind_break_glass_review;
extern const struct kind kind_affirmation;
extern const struct kind kind_seed;
extern const struct kind kind_disposition;
extern const struct kind kind_test_run;
extern const struct kind kind_reactivation;
extern const struct kind kind_related;
extern const struct kind kind_mitigation;
extern const struct kind kind_mitigation_review;
extern const struct kind kind_rates;
extern const struct kind kind_entity;
extern const struct kind kind_period;

static const struct kind *const kinds[] = {
    &kind_credit_note,
    &kind_correction,
    &kind_write_off,
    &kind_credit_limit,
    &kind_reversal,
    &kind_rebill,
    &kind_recovery,
    &kind_adjustment,
    &kind_temporary_limit,
    &kind_hold_release,
    &kind_dispute,
    &kind_inquiry,
    &kind_exception,
    &kind_case_note,
    &kind_enrolment,
    &kind_grant,
    &kind_revocation,
    &kind_key_rotation,
    &kind_key_revocation,
    &kind_delegation,
    &kind_policy,
    &kind_book_key,
    &kind_release,
    &kind_break_glass,
    &kind_review,
    &kind_erasure,
    &kind_legal_hold,
    &kind_attestation,
    &kind_break_glass_review,
    &kind_affirmation,
    &kind_seed,
    &kind_disposition,
    &kind_test_run,
    &kind_reactivation,
    &kind_related,
    &kind_mitigation,
    &kind_mitigation_review,
    &kind_rates,
    &kind_entity,
    &kind_period,
};
/* clang-format on */

const struct kind *kind_by_id(enum kind_id id)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i]->id == id)
            return kinds[i];
    return NULL;
}

const struct kind *kind_find(const char *name)
{
    enum kind_id id = kind_from_name(name);
    return id == KIND_UNKNOWN ? NULL : kind_by_id(id);
}

enum status kind_check_document(const json_t *document, const char *path, struct err *err)
{
    const char *name = member_text(document, "kind");
    if (name == NULL)
        return err_set(err, STATUS_INPUT, "%s.kind: is missing", path);
    const struct kind *kind = kind_find(name);
    if (kind == NULL)
        return err_set(err, STATUS_INPUT, "%s.kind: there is no such kind of document", path);
    enum status status = schema_check(kind->schema, document, path, err);
    if (status == STATUS_OK && kind->check != NULL) {
        status = kind->check(document, err);
        if (status != STATUS_OK)
            err_prefix(err, "%s.", path);
    }
    return status;
}

void kind_function(const struct kind *kind, enum kind_id authority, int level,
                   char ret_name[static FUNCTION_NAME_BYTES])
{
    if (kind->govern != NULL)
        snprintf(ret_name, FUNCTION_NAME_BYTES, "%s", kind->govern);
    else if (level == 0)
        snprintf(ret_name, FUNCTION_NAME_BYTES, "%s.prepare", kind_name(authority));
    else
        snprintf(ret_name, FUNCTION_NAME_BYTES, "%s.approve.%d", kind_name(authority), level);
}

enum status kind_authority(const struct kind *kind, const json_t *document, const struct facts *facts,
                           enum kind_id *ret_kind, struct err *err)
{
    if (kind->authority != NULL)
        return kind->authority(document, facts, ret_kind, err);
    *ret_kind = kind->id;
    return STATUS_OK;
}
