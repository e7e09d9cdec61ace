/*
 * R-05 Control decision log: each answer of a control that did not simply allow, with the numbers it was given on and in the words
 * that people were told. A logged refusal is the proof that a preventive control operated. Of a document that was refused at
 * submission, which has no request number, doc_id is its client's own reference in parentheses; of a statement as a whole it is empty.
 */
#include <jansson.h>
#include <stdio.h>

#include "audit/reports/reports.h"
#include "controls/control.h"

/* The answer as it stands in the decision, put together again. */
static const char *rule_text(const struct report_row *row, char ret_text[static REPORT_DERIVED_BYTES])
{
    static const char *const members[] = {"control", "code", "answer"};
    char sentence[SENTENCE_BYTES];
    const char *inputs = report_value(row, "inputs"), *levels = report_value(row, "answer_levels");
    json_t *answer = json_loads(inputs != NULL ? inputs : "{}", JSON_REJECT_DUPLICATES, NULL);
    json_t *list = levels != NULL ? json_loads(levels, 0, NULL) : NULL;
    ret_text[0] = '\0';
    for (size_t i = 0; answer != NULL && i < sizeof members / sizeof members[0]; i++) {
        const char *value = report_value(row, members[i]);
        json_object_set_new(answer, members[i], json_string(value != NULL ? value : ""));
    }
    if (answer != NULL && list != NULL)
        json_object_set(answer, "levels", list);
    if (answer != NULL) {
        answer_sentence(answer, sentence);
        snprintf(ret_text, REPORT_DERIVED_BYTES, "%s", sentence);
    }
    json_decref(list);
    json_decref(answer);
    return ret_text;
}

static const struct report_column columns[] = {
    {.name = "doc_id"},
    {.name = "stage"},
    {.name = "control_id"},
    {.name = "result"},
    {.name = "rule_text", .derive = rule_text},
    {.name = "inputs"},
    {.name = "policy_hash", .type = REPORT_HASH},
    {.name = NULL},
};

static const struct report_filter filters[] = {
    {"period", "time", "time of the decision, UTC"},
    {"entity", "entity", NULL},
    {"kind", "kind", NULL},
    {"customer", "customer", NULL},
    {"user", "actor", NULL},
    {"control", "control_id", NULL},
    {NULL, NULL, NULL},
};

static const char sql[] =
    "SELECT coalesce(n.number, '(' || v.ref || ')') AS doc_id, n.stage, n.control AS control_id, n.answer AS result, "
    "n.inputs, "
    "e.policy AS policy_hash, e.time, e.actor, n.control, n.code, n.answer, CASE WHEN n.levels IS NOT NULL THEN '[' || "
    "n.levels || "
    "']' END AS answer_levels, coalesce(v.entity, d.entity) AS entity, coalesce(v.kind, d.kind) AS kind, "
    "coalesce(v.customer, d.customer) AS customer "
    "FROM answer n JOIN entry e ON e.seq = n.seq LEFT JOIN version v ON v.seq = n.seq AND v.idx = n.idx "
    "LEFT JOIN document d ON d.number = n.number ORDER BY n.seq, n.idx, n.n";

const struct report report_r05 = {
    .id = "R-05",
    .version = 1,
    .title = "Control decision log",
    .question = "Which control refused, asked for more or flagged what, by which rule and on which numbers?",
    .columns = columns,
    .filters = filters,
    .sql = sql,
};
