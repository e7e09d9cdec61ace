/*
 * R-19 Key register: keys of users, those of the book (its checkpoints') last. key_id is the document that brought it, charter
 * for those of the charter, the entry for those of a recovery. revoked is when it ended, by rotation too; reason that of a
 * revocation. suspect_from: from then on whoever held it is not known.
 */
#include "audit/reports/reports.h"

static const struct report_column columns[] = {
    {.name = "key_id"},
    {.name = "fingerprint", .type = REPORT_HASH},
    {.name = "owner"},
    {.name = "kind"},
    {.name = "enrolled", .type = REPORT_INSTANT},
    {.name = "valid_to", .type = REPORT_INSTANT},
    {.name = "rotated_from"},
    {.name = "revoked", .type = REPORT_INSTANT},
    {.name = "reason"},
    {.name = "suspect_from", .type = REPORT_INSTANT},
    {.name = "events_signed", .type = REPORT_COUNT},
    {.name = NULL},
};

static const struct report_filter filters[] = {
    {"period", "enrolled", "day from which it counts, UTC"},
    {"user", "owner", NULL},
    {NULL, NULL, NULL},
};

static const char sql[] =
    "WITH brought AS (SELECT d.number, coalesce(d.document ->> 'new', d.document ->> 'key') AS key FROM document d "
    "WHERE d.posted_seq IS NOT NULL AND d.kind IN "
    "('enrolment', 'key-rotation', 'book-key')) "
    "SELECT coalesce((SELECT min(b.number) FROM brought b WHERE b.key = k.key), CASE WHEN k.since_seq > 0 THEN 'entry "
    "' || k.since_seq ELSE 'charter' END) AS key_id, k.fingerprint, k.user AS owner, k.kind, k.since AS enrolled, "
    "k.until AS valid_to, (SELECT o.fingerprint FROM key o WHERE o.key = k.rotated_from) AS rotated_from, k.ended_at "
    "AS revoked, "
    "CASE WHEN d.kind = 'key-revocation' THEN d.document ->> 'reason' WHEN d.kind = 'key-rotation' THEN 'rotated, ' || "
    "d.number WHEN k.ended_seq IS NOT NULL AND k.ended_by IS NULL THEN 'recovery, entry ' || k.ended_seq END AS "
    "reason, k.suspect_since AS suspect_from, "
    "k.signed AS events_signed, 0 AS rank, k.since_seq AS seq FROM key k LEFT JOIN document d ON d.number = k.ended_by "
    "UNION ALL SELECT coalesce((SELECT min(b.number) FROM brought b WHERE b.key = k.key), CASE WHEN k.from_seq > 0 "
    "THEN 'entry ' || k.from_seq ELSE 'charter' END), k.fingerprint, 'the book', substr(k.key, 1, instr(k.key, ' ') - "
    "1), "
    "(SELECT e.time FROM entry e WHERE e.seq = k.from_seq), NULL, NULL, (SELECT e.time FROM entry e WHERE e.seq = "
    "k.retired_seq), CASE WHEN k.retired_seq IS NOT NULL THEN "
    "'retired' END, NULL, (SELECT count(*) FROM checkpoint c WHERE c.size > k.from_seq AND c.size <= "
    "coalesce(k.retired_seq, c.size)), 1, k.from_seq FROM book_key k "
    "ORDER BY rank, seq, fingerprint";

const struct report report_r19 = {
    .id = "R-19",
    .version = 1,
    .title = "Key register",
    .question = "Whose key is each, since when and until when, and what did it sign?",
    .columns = columns,
    .filters = filters,
    .sql = sql,
};
