/*
 * C-47 After hours: documents that a person submitted outside the hours of the entity's calendar, on a day off, or at night. Bots
 * are left aside: they have caps (C-25). One exception for each person and local day.
 */
#include "audit/analytics/analytics.h"

static const struct analytic_parameter parameters[] = {
    {"from_hour", 7, 0, 23, "the first hour of the day that is usual, local time"},
    {"to_hour", 19, 1, 24, "the hour from which on it is late"},
    {NULL, 0, 0, 0, NULL},
};

const struct analytic analytic_c47 = {
    .id = "C-47",
    .title = "After hours",
    .question = "What did people submit at night, on weekends and on holidays?",
    .source = "DOMAIN 2D; AICPA audit data analytics (weekend and night entries)",
    .cadence = ANALYTIC_MONTHLY,
    .parameters = parameters,
    .sql =
        "WITH " ANALYTIC_POPULATION ", "
        "timed AS (SELECT d.number, d.entity, d.person, d.base_minor, local_day(d.submitted_at, d.entity) AS on_day, "
        "local_time(d.submitted_at, d.entity) AS at FROM pop d JOIN user u ON u.user = d.user WHERE u.sort = 'human'), "
        "late AS (SELECT *, CASE WHEN business_day(on_day, entity) = 0 THEN 'no business day' ELSE 'outside the hours' "
        "END AS why "
        "FROM timed WHERE business_day(on_day, entity) = 0 OR at < printf('%02d:00', :from_hour) "
        "OR at >= printf('%02d:00', :to_hour)) "
        "SELECT 'C-47/' || entity || '/' || person || '/' || on_day AS key, CASE WHEN count(*) = 1 THEN min(number) "
        "END AS document, "
        "entity, person, count(*) || ' from ' || substr(min(at), 1, 5) || ' to ' || substr(max(at), 1, 5) AS metric, "
        "printf('%02d:00 to %02d:00', :from_hour, :to_hour) AS threshold, "
        "count(*) || CASE count(*) WHEN 1 THEN ' document' ELSE ' documents' END || ' of ' || person || ' on ' || "
        "on_day || ', ' || "
        "max(why) || ', ' || amount_text(sum(base_minor), (SELECT base FROM book)) || ' ' || (SELECT base FROM book) "
        "AS text "
        "FROM late GROUP BY entity, person, on_day ORDER BY key",
};
