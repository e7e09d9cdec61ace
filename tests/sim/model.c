/*
 * The model's people, keys, months and policies: who may do what at a moment; and the calendar. See model.h.
 */
#include "tests/sim/model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)

/* The first three ends of tiers of the row CREDIT: [], [1], [1, 2]; above [1, 2, 3]. */
const int64_t sim_tiers[SIM_VARIANTS][3] = {{10000, 100000, 1000000}, {5000, 60000, 800000}, {15000, 150000, 900000}};

void sim_model_begin(struct sim_model *model, int64_t now_ms)
{
    memset(model, 0, sizeof *model);
    model->size = 1;
    model->head_ms = now_ms;
    model->person_count = model->user_count = model->key_count = SIM_OFFICERS;
    for (int i = 0; i < SIM_PERSONS; i++)
        model->left_ms[i] = SIM_NEVER;
    for (int i = 0; i < SIM_OFFICERS; i++) {
        model->users[i].person = i;
        model->users[i].enrolled = true;
        model->keys[i].user = i;
        model->keys[i].valid = model->keys[i].known = true;
        model->keys[i].since_ms = SIM_NEVER;
    }
    model->policy_count = 1;
    model->policies[0].effective_ms = INT64_MIN;
}

static void say(struct sim_answers *answers, const char *format, va_list args)
{
    if (answers->count == SIM_ANSWERS) {
        fprintf(stderr, "the model answers too much\n");
        abort();
    }
    vsnprintf(answers->text[answers->count++], sizeof answers->text[0], format, args);
}

void sim_say(struct sim_answers *answers, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(answers, format, args);
    va_end(args);
    int control = atoi(format + 2);
    if (control < answers->lowest)
        answers->lowest = control;
}

void sim_need(struct sim_answers *answers, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(answers, format, args);
    va_end(args);
}

/* Days from civil and back, by counting: the years here are few. */
static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month] + (month == 1 && is_leap(year) ? 1 : 0);
}

int sim_month_first(int month)
{
    int date = 20089; /* 2025-01-01 */
    for (int i = 0; i < month; i++)
        date += month_days(2025 + i / 12, i % 12);
    return date;
}

int sim_month(int date)
{
    int month = 0;
    while (month < SIM_MONTHS - 1 && sim_month_first(month + 1) <= date)
        month++;
    return month;
}

int sim_date(int64_t ms)
{
    return (int)(ms / DAY_MS);
}

int sim_variant(const struct sim_model *model, int64_t now_ms)
{
    int latest = 0;
    for (int i = 1; i < model->policy_count; i++)
        if (model->policies[i].effective_ms <= now_ms &&
            model->policies[i].effective_ms >= model->policies[latest].effective_ms)
            latest = i;
    return model->policies[latest].variant;
}

bool sim_is_money(enum sim_kind kind)
{
    return kind <= SIM_REVERSAL;
}

bool sim_has_left(const struct sim_model *model, int person, int64_t now_ms)
{
    return model->people_used && model->left_ms[person] <= now_ms;
}

bool sim_holds(const struct sim_model *model, int user, enum sim_role role, int64_t now_ms)
{
    if (sim_has_left(model, model->users[user].person, now_ms))
        return false;
    for (int i = 0; i < model->document_count; i++) {
        const struct sim_document *grant = &model->documents[i];
        if (grant->content.kind == SIM_GRANT && grant->state == SIM_DONE && !grant->ended &&
            grant->content.user == user && grant->content.role == (int)role)
            return true;
    }
    return false;
}

bool sim_may_approve(const struct sim_model *model, int user, int level, int64_t now_ms)
{
    return sim_holds(model, user, SIM_LEAD + (enum sim_role)level - 1, now_ms);
}

bool sim_is_officer(const struct sim_model *model, int user, int64_t now_ms)
{
    return user < SIM_OFFICERS && !sim_has_left(model, user, now_ms);
}
