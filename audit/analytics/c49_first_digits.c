/*
 * C-49 First digits: the amounts of an entity do not begin as amounts do that nobody steers (Benford). Mean absolute deviation of the
 * shares from the expected ones, in millionths; Nigrini's bounds for the first digit and for the first two. What was posted on the
 * preparer's own authority is left out: a cap cuts its digits.
 */
#include "audit/analytics/analytics.h"

static const struct analytic_parameter parameters[] = {
    {"count_min", 1000, 100, 100000000, "amounts of an entity from which on first digits are looked at"},
    {"deviation_ppm", 15000, 1, 1000000, "millionths: a larger mean deviation does not conform"},
    {"count_two_min", 3000, 100, 100000000, "amounts from which on the first two digits are"},
    {"deviation_two_ppm", 2200, 1, 1000000, "millionths: the same for the first two digits"},
    {NULL, 0, 0, 0, NULL},
};

/* log10(1 + 1/d) in millionths. */
#define FIRST                                                                                                          \
    "(1, 301030), (2, 176091), (3, 124939), (4, 96910), (5, 79181), (6, 66947), (7, 57992), (8, 51153), (9, 45757)"
#define FIRST_TWO                                                                                                      \
    "(10, 41393), (11, 37789), (12, 34762), (13, 32185), (14, 29963), (15, 28029), (16, 26329), (17, 24824), "         \
    "(18, 23481), (19, 22276), (20, 21189), (21, 20203), (22, 19305), (23, 18483), (24, 17729), (25, 17033), "         \
    "(26, 16390), (27, 15794), (28, 15240), (29, 14723), (30, 14240), (31, 13788), (32, 13364), (33, 12965), "         \
    "(34, 12589), (35, 12234), (36, 11899), (37, 11582), (38, 11281), (39, 10995), (40, 10724), (41, 10465), "         \
    "(42, 10219), (43, 9984), (44, 9760), (45, 9545), (46, 9340), (47, 9143), (48, 8955), (49, 8774), (50, 8600), "    \
    "(51, 8433), (52, 8273), (53, 8118), (54, 7969), (55, 7825), (56, 7687), (57, 7553), (58, 7424), (59, 7299), "     \
    "(60, 7179), (61, 7062), (62, 6949), (63, 6839), (64, 6733), (65, 6631), (66, 6531), (67, 6434), (68, 6340), "     \
    "(69, 6249), (70, 6160), (71, 6074), (72, 5990), (73, 5909), (74, 5830), (75, 5752), (76, 5677), (77, 5604), "     \
    "(78, 5532), (79, 5463), (80, 5395), (81, 5329), (82, 5264), (83, 5201), (84, 5140), (85, 5080), (86, 5021), "     \
    "(87, 4963), (88, 4907), (89, 4853), (90, 4799), (91, 4746), (92, 4695), (93, 4645), (94, 4596), (95, 4548), "     \
    "(96, 4501), (97, 4454), (98, 4409), (99, 4365)"

const struct analytic analytic_c49 = {
    .id = "C-49",
    .title = "First digits",
    .question = "Do the first digits of approved amounts fall as those of natural amounts do?",
    .source = "DOMAIN 2D; Nigrini's bounds",
    .cadence = ANALYTIC_QUARTERLY,
    .parameters = parameters,
    .sql =
        "WITH " ANALYTIC_POPULATION ", "
        "expected(digits, ppm) AS (VALUES " FIRST ", " FIRST_TWO "), "
        "amounts AS (SELECT entity, CAST(amount_minor AS TEXT) AS amount FROM pop WHERE approvals > 0 AND amount_minor "
        "> 0), "
        "leading AS (SELECT entity, 1 AS width, CAST(substr(amount, 1, 1) AS INTEGER) AS digits FROM amounts "
        "UNION ALL SELECT entity, 2, CAST(substr(amount, 1, 2) AS INTEGER) FROM amounts WHERE length(amount) > 1), "
        "total AS (SELECT entity, width, count(*) AS n FROM leading GROUP BY entity, width), "
        "tally AS (SELECT entity, width, digits, count(*) AS k FROM leading GROUP BY entity, width, digits), "
        "share AS (SELECT t.entity, t.width, t.n, e.digits, e.ppm, coalesce(l.k, 0) * 1000000 / t.n AS seen "
        "FROM total t JOIN expected e ON (t.width = 1) = (e.digits < 10) "
        "LEFT JOIN tally l ON l.entity = t.entity AND l.width = t.width AND l.digits = e.digits WHERE t.n >= CASE "
        "t.width WHEN 1 THEN :count_min ELSE :count_two_min END), "
        "mad AS (SELECT entity, width, n, sum(abs(seen - ppm)) / count(*) AS mad, "
        "max(CASE WHEN seen > ppm THEN printf('%07d %02d', seen - ppm, digits) END) AS most FROM share GROUP BY "
        "entity, width, n) "
        "SELECT 'C-49/' || :label || '/' || entity || '/' || width AS key, NULL AS document, entity, NULL AS person, "
        "printf('0.%06d', mad) AS metric, printf('0.%06d', CASE width WHEN 1 THEN :deviation_ppm ELSE "
        ":deviation_two_ppm END) "
        "AS threshold, 'the first ' || CASE width WHEN 1 THEN 'digit' ELSE 'two digits' END || ' of ' || n || "
        "' amounts: mean deviation ' || printf('0.%06d', mad) || ', most above what is expected: ' || "
        "ltrim(substr(most, 9), '0') AS text FROM mad "
        "WHERE mad > CASE width WHEN 1 THEN :deviation_ppm ELSE :deviation_two_ppm END ORDER BY key",
};
