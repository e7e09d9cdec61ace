/*
 * How long a level has waited, and who above may sign it then (C-18). Business days are those of the document's entity.
 */
#include "controls/escalation.h"

#include <stdio.h>
#include <string.h>

#include "controls/kind.h"
#include "ledger/instant.h"
#include "ledger/limits.h"
#include "ledger/schema.h"

enum status escalation_times(const struct facts *facts, const json_t *record, int64_t *ret_since_ms,
                             int64_t *ret_due_ms, struct err *err)
{
    const json_t *approvals = json_object_get(record, "approvals");
    size_t count = json_array_size(approvals);
    const char *time = member_text(count > 0 ? json_array_get(approvals, count - 1) : record, "time");
    const char *name = member_text(record, "entity");
    const struct policy_entity *entity = policy_find_entity(facts->policy, name);
    *ret_due_ms = INT64_MAX;
    enum status status = instant_parse(time, strlen(time), ret_since_ms, err);
    if (status == STATUS_OK && entity != NULL)
        *ret_due_ms = entity_business_deadline(entity, *ret_since_ms,
                                               policy_parameter(facts->policy, name, PARAMETER_ESCALATION_DAYS));
    return status;
}

enum status escalation_find(const struct facts *facts, const struct escalation_ask *ask, const char *user,
                            struct escalation *ret_escalation, struct err *err)
{
    const struct kind *kind = kind_find(member_text(ask->record, "kind"));
    *ret_escalation = (struct escalation){.by_level = 0};
    if (kind == NULL || kind->govern != NULL || ask->authority == KIND_UNKNOWN)
        return STATUS_OK;
    struct escalation found = {.by_level = 0};
    enum status status = escalation_times(facts, ask->record, &found.since_ms, &found.due_ms, err);
    bool may = false;
    for (int level = ask->level + 1;
         status == STATUS_OK && !may && level <= LEVELS_MAX && facts->time_ms >= found.due_ms; level++) {
        char function[FUNCTION_NAME_BYTES];
        kind_function(kind, ask->authority, level, function);
        status = facts_user_may(facts, user, function, member_text(ask->record, "entity"), &may, err);
        if (may)
            found.by_level = level;
    }
    if (status == STATUS_OK)
        *ret_escalation = found;
    return status;
}
