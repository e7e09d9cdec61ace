/*
 * Periods of reports; see the header. The policy in force comes as text through the source, and what it says is read in one place.
 */
#include "audit/report/period.h"

#include <jansson.h>
#include <string.h>

#include "audit/fiscal.h"
#include "audit/report/source.h"

struct asking {
    struct fiscal_entities entities;
    int month;
};

static enum status on_policy(void *context, const struct report_row *row, struct err *err)
{
    struct asking *asking = context;
    const char *text = report_value(row, "compiled");
    json_t *compiled = text != NULL ? json_loads(text, 0, NULL) : NULL;
    if (compiled == NULL)
        return err_set(err, STATUS_CORRUPT, "the policy in force cannot be read");
    asking->month = fiscal_month(compiled, &asking->entities);
    json_decref(compiled);
    return STATUS_OK;
}

enum status report_fiscal_month(const struct report_source *source, const char *entity, int *ret_month, struct err *err)
{
    static const struct report_binding none[] = {{NULL, NULL}};
    struct asking asking = {.entities = {.entities = &entity, .count = entity != NULL}, .month = FISCAL_UNKNOWN};
    enum status status = source->query(source->context,
                                       "SELECT compiled FROM policy WHERE hash = (SELECT policy FROM entry ORDER BY "
                                       "seq DESC LIMIT 1) LIMIT 1",
                                       none, on_policy, &asking, err);
    if (status == STATUS_OK)
        *ret_month = asking.month;
    return status;
}

enum status report_period_read(const struct report_source *source, const char *text, const char *entity,
                               struct audit_period *ret_period, struct err *err)
{
    int month = FISCAL_UNKNOWN;
    enum status status = report_fiscal_month(source, entity, &month, err);
    if (status == STATUS_OK && month == FISCAL_UNKNOWN)
        return err_set(err, STATUS_INPUT, "--entity: the policy in force knows no such entity");
    if (status == STATUS_OK) {
        status = audit_period_parse(text, month, ret_period, err);
        if (status != STATUS_OK)
            err_prefix(err, "--period: ");
    }
    return status;
}
