/*
 * JE-02 Incomplete entries: what was posted above an amount without any evidence, or without a word of description, though somebody
 * had to look at it.
 */
#include "audit/analytics/analytics.h"

static const struct analytic_parameter parameters[] = {
    {"amount", 500, 0, 1000000000, "units of the base currency from which on evidence and a note are looked for"},
    {NULL, 0, 0, 0, NULL},
};

const struct analytic analytic_je02 = {
    .id = "JE-02",
    .title = "Incomplete entries",
    .question = "What of any size was posted without evidence or without description?",
    .source = "AICPA audit data analytics (incomplete entries); AS 2401",
    .cadence = ANALYTIC_MONTHLY,
    .parameters = parameters,
    .sql =
        "WITH " ANALYTIC_POPULATION ", "
        "lacking AS (SELECT *, CASE WHEN evidence = 0 AND coalesce(note, '') = '' THEN 'neither evidence nor note' "
        "WHEN evidence = 0 THEN 'no evidence' ELSE 'no note' END AS lacks FROM pop "
        "WHERE (evidence = 0 OR coalesce(note, '') = '') AND base_minor >= "
        ":amount * (SELECT scale FROM currency WHERE currency = (SELECT base FROM book))) "
        "SELECT 'JE-02/' || number AS key, number AS document, entity, person, lacks AS metric, :amount AS threshold, "
        "amount_text(base_minor, (SELECT base FROM book)) || ' ' || (SELECT base FROM book) || ' under ' || reason || "
        "': ' || lacks "
        "AS text FROM lacking ORDER BY key",
};
