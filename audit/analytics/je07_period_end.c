/*
 * JE-07 Period end with little description: large enough, in the last days of a month or posted after its month had been closed, and
 * hardly a word about it.
 */
#include "audit/analytics/analytics.h"

static const struct analytic_parameter parameters[] = {
    {"days", 3, 1, 15, "last days of a month"},
    {"note_max", 10, 0, 2000, "characters of description up to which it is little"},
    {"amount", 500, 0, 1000000000, "units of the base currency from which on it is looked at"},
    {NULL, 0, 0, 0, NULL},
};

const struct analytic analytic_je07 = {
    .id = "JE-07",
    .title = "Period end with little description",
    .question = "What was posted at or after the end of a month with hardly a word about it?",
    .source = "AS 2401 (period-end or post-closing entries with little or no explanation)",
    .cadence = ANALYTIC_MONTHLY,
    .parameters = parameters,
    .sql =
        "WITH " ANALYTIC_POPULATION ", "
        "ended AS (SELECT *, EXISTS (SELECT 1 FROM period_event e WHERE e.entity = pop.entity AND e.period = "
        "pop.period "
        "AND e.state <> 'open' AND e.seq < pop.posted_seq) AS closed, "
        "day_number(date(day, 'start of month', '+1 month')) - day_number(day) <= :days AS last FROM pop "
        "WHERE length(coalesce(note, '')) <= :note_max AND base_minor >= "
        ":amount * (SELECT scale FROM currency WHERE currency = (SELECT base FROM book))) "
        "SELECT 'JE-07/' || number AS key, number AS document, entity, person, "
        "CASE WHEN closed THEN 'after close' ELSE 'last days' END AS metric, :note_max || ' characters' AS threshold, "
        "amount_text(base_minor, (SELECT base FROM book)) || ' as of ' || day || ', posted ' || substr(posted_at, 1, "
        "10) || "
        "CASE WHEN closed THEN ', after ' || period || ' was closed' ELSE '' END || ': \"' || coalesce(note, '') || "
        "'\"' AS text "
        "FROM ended WHERE closed OR last ORDER BY key",
};
