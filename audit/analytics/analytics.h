/*
 * What the tests of audit/analytics/ have in common: which documents they look at.
 */
#ifndef AUDIT_ANALYTICS_ANALYTICS_H
#define AUDIT_ANALYTICS_ANALYTICS_H

#include "audit/analytics/analytic.h"
#include "audit/sql/sql.h"

/* Documents that moved money and took effect, of the period asked for by their effective date. Reversed ones too: they were posted. */
#define ANALYTIC_POPULATION                                                                                            \
    "pop AS (SELECT d.*, c.scale FROM document d JOIN currency c ON c.currency = d.currency "                          \
    "WHERE d.posted_seq IS NOT NULL AND d.kind IN ('credit-note', 'correction', 'write-off', 'rebill', 'recovery', "   \
    "'adjustment') AND (:from IS NULL OR d.day >= :from) AND (:to IS NULL OR d.day <= :to) "                           \
    "AND (:entity IS NULL OR d.entity = :entity))"

extern const struct analytic analytic_c45, analytic_c46, analytic_c47, analytic_c48, analytic_c49, analytic_c50;
extern const struct analytic analytic_je01, analytic_je02, analytic_je03, analytic_je04, analytic_je05, analytic_je06,
    analytic_je07, analytic_je08;

#endif
