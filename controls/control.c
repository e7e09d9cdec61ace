/*
 * Answers of controls, and asking the table. Levels travel as sets of bits and stand in decisions as sorted lists.
 */
#include "controls/control.h"

#include <stdio.h>
#include <string.h>

#include "ledger/limits.h"
#include "ledger/schema.h"

json_t *levels_to_json(uint16_t levels)
{
    json_t *list = json_array();
    for (int level = 1; list != NULL && level <= LEVELS_MAX; level++)
        if ((levels >> (level - 1) & 1) != 0)
            json_array_append_new(list, json_integer(level));
    return list;
}

uint16_t levels_from_json(const json_t *list)
{
    uint16_t levels = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_int_t level = json_integer_value(json_array_get(list, i));
        if (level >= 1 && level <= LEVELS_MAX)
            levels = (uint16_t)(levels | 1U << (level - 1));
    }
    return levels;
}

enum status answers_init(struct answers *answers, struct err *err)
{
    *answers = (struct answers){.list = json_array()};
    return answers->list != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
}

void answers_done(struct answers *answers)
{
    if (answers == NULL)
        return;
    json_decref(answers->list);
    answers->list = NULL;
}

/* Where the control's answer belongs: ledger lines are judged after the rest, but answers stand in catalogue order. */
static size_t answer_place(const json_t *list, const char *control)
{
    size_t place = json_array_size(list);
    while (place > 0 && strcmp(member_text(json_array_get(list, place - 1), "control"), control) > 0)
        place--;
    return place;
}

static enum status answer_add(struct answers *answers, const char *answer, const char *control, const char *code,
                              json_t *inputs, struct err *err)
{
    json_t *all = inputs != NULL ? inputs : json_object();
    if (all == NULL || json_object_set_new(all, "answer", json_string(answer)) != 0 ||
        json_object_set_new(all, "control", json_string(control)) != 0 ||
        json_object_set_new(all, "code", json_string(code)) != 0 ||
        json_array_insert(answers->list, answer_place(answers->list, control), all) != 0) {
        json_decref(all);
        return err_set(err, STATUS_MEMORY, "no memory for an answer");
    }
    json_decref(all);
    return STATUS_OK;
}

enum status answer_deny(struct answers *answers, const char *control, const char *code, json_t *inputs, struct err *err)
{
    answers->denied = true;
    return answer_add(answers, "deny", control, code, inputs, err);
}

enum status answer_flag(struct answers *answers, const char *control, const char *code, json_t *inputs, struct err *err)
{
    return answer_add(answers, "flag", control, code, inputs, err);
}

enum status answer_need(struct answers *answers, const char *control, const char *code, uint16_t levels, json_t *inputs,
                        struct err *err)
{
    if (inputs == NULL)
        inputs = json_object();
    if (inputs == NULL || json_object_set_new(inputs, "levels", levels_to_json(levels)) != 0) {
        json_decref(inputs);
        return err_set(err, STATUS_MEMORY, "no memory for an answer");
    }
    answers->levels |= levels;
    return answer_add(answers, "need", control, code, inputs, err);
}

enum status answer_again(struct answers *answers, const char *control, const char *code, int level, json_t *inputs,
                         struct err *err)
{
    uint16_t bit = (uint16_t)(1U << (level - 1));
    answers->again |= bit;
    return answer_need(answers, control, code, bit, inputs, err);
}

enum status answer_need_more(struct answers *answers, const char *control, const char *code, json_t *inputs,
                             struct err *err)
{
    answers->more_levels++;
    return answer_add(answers, "need", control, code, inputs, err);
}

const struct control *control_find(const char *id)
{
    for (size_t i = 0; i < control_count; i++)
        if (strcmp(controls[i]->id, id) == 0)
            return controls[i];
    return NULL;
}

void answer_sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    const char *id = member_text(answer, "control");
    const char *code = member_text(answer, "code");
    const struct control *control = id != NULL ? control_find(id) : NULL;
    if (control != NULL && control->sentence != NULL)
        control->sentence(answer, ret_text);
    else
        snprintf(ret_text, SENTENCE_BYTES, "%s", code != NULL ? code : "?");
}

enum status controls_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                           struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < control_count; i++) {
        const struct control *control = controls[i];
        if ((control->stages & (unsigned)request->stage) == 0 || facts->engine < control->engine_from ||
            facts->engine > control->engine_to)
            continue;
        status = control->judge(request, facts, answers, err);
    }
    return status;
}
