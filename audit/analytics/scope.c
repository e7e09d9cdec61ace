/*
 * Words of a test. Periods are those of reports: quarters of the fiscal calendar of the entity, or of all where they agree.
 */
#include "audit/analytics/scope.h"

#include <stdio.h>
#include <string.h>

#include "audit/report/period.h"
#include "audit/report/source.h"
#include "audit/report/sql.h"
#include "audit/sql/sql.h"

enum { WORD_BYTES = 96 };

enum status analytic_asking_set(struct sql *sql, const struct analytic *analytic, const char *period,
                                const char *entity, struct analytic_asking *ret_asking, struct err *err)
{
    const bool bounded = period != NULL && strcmp(period, "all") != 0;
    struct analytic_asking *asking = ret_asking;
    int month = FISCAL_UNKNOWN;
    *asking = (struct analytic_asking){.label = "all"};
    for (size_t i = 0; i < ANALYTIC_PARAMETERS_MAX && analytic->parameters[i].name != NULL; i++)
        asking->values[i] = analytic->parameters[i].value;
    if (entity != NULL && strlen(entity) > TEXT_CODE_BYTES_MAX)
        return err_set(err, STATUS_INPUT, "--entity: the policy in force knows no such entity");
    const struct report_source source = report_source_sql(sql);
    enum status status = report_fiscal_month(&source, entity, &month, err);
    if (status == STATUS_OK && month == FISCAL_UNKNOWN && entity != NULL)
        status = err_set(err, STATUS_INPUT, "--entity: the policy in force knows no such entity");
    if (status == STATUS_OK && bounded) {
        status = audit_period_parse(period, month, &asking->period, err);
        if (status != STATUS_OK)
            err_prefix(err, "--period: ");
    }
    if (status != STATUS_OK)
        return status;
    if (bounded)
        snprintf(asking->label, sizeof asking->label, "%s", period);
    if (entity != NULL)
        snprintf(asking->entity, sizeof asking->entity, "%s", entity);
    asking->scope = (struct analytic_scope){.from = bounded ? asking->period.from : NULL,
                                            .to = bounded ? asking->period.to : NULL,
                                            .entity = entity != NULL ? asking->entity : NULL,
                                            .label = asking->label,
                                            .values = asking->values};
    return STATUS_OK;
}

static enum status refuse(const struct analytic *analytic, struct err *err)
{
    char names[WORD_BYTES * ANALYTIC_PARAMETERS_MAX] = "none";
    size_t at = 0;
    for (size_t i = 0; i < ANALYTIC_PARAMETERS_MAX && analytic->parameters[i].name != NULL; i++)
        at += (size_t)snprintf(names + at, sizeof names - at, "%s%s", i > 0 ? ", " : "", analytic->parameters[i].name);
    return err_set(err, STATUS_INPUT, "%s has the parameters %s: write NAME=NUMBER", analytic->id, names);
}

static bool number_read(const char *text, size_t length, int64_t *ret_number)
{
    int64_t number = 0;
    if (length == 0 || length > 18)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        number = number * 10 + (text[i] - '0');
    }
    *ret_number = number;
    return true;
}

enum status analytic_asking_parameter(const struct analytic *analytic, const char *text, size_t length,
                                      struct analytic_asking *asking, struct err *err)
{
    const char *equals = memchr(text, '=', length);
    const size_t name = equals == NULL ? 0 : (size_t)(equals - text);
    int64_t value = 0;
    if (name == 0 || !number_read(equals + 1, length - name - 1, &value))
        return refuse(analytic, err);
    for (size_t i = 0; i < ANALYTIC_PARAMETERS_MAX && analytic->parameters[i].name != NULL; i++) {
        const struct analytic_parameter *parameter = &analytic->parameters[i];
        if (strlen(parameter->name) != name || memcmp(parameter->name, text, name) != 0)
            continue;
        if (value < parameter->min || value > parameter->max)
            return err_set(err, STATUS_INPUT, "%s: %s is from %lld to %lld: %s", analytic->id, parameter->name,
                           (long long)parameter->min, (long long)parameter->max, parameter->meaning);
        asking->values[i] = value;
        return STATUS_OK;
    }
    return refuse(analytic, err);
}

enum status analytic_asking_parse(struct sql *sql, const struct analytic *analytic, const char *text,
                                  struct analytic_asking *ret_asking, struct err *err)
{
    char words[2][WORD_BYTES] = {"", ""};
    const char *at = text;
    for (size_t i = 0; i < 2 && *at != '\0'; i++) {
        size_t length = strcspn(at, " ");
        if (length >= WORD_BYTES || memchr(at, '=', length) != NULL)
            break;
        memcpy(words[i], at, length);
        at += length + (at[length] == ' ');
    }
    if (words[0][0] == '\0')
        return err_set(err, STATUS_INPUT, "a run's note says what was asked, as in \"2026-Q3 US01 days=30\"");
    enum status status =
        analytic_asking_set(sql, analytic, words[0], words[1][0] != '\0' ? words[1] : NULL, ret_asking, err);
    while (status == STATUS_OK && *at != '\0') {
        size_t length = strcspn(at, " ");
        status = analytic_asking_parameter(analytic, at, length, ret_asking, err);
        at += length + (at[length] == ' ');
    }
    return status;
}
