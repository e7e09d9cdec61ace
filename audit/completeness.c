/*
 * The two sides of each check are asked in one question to the tables of a book; what they are made of does not meet before: balances
 * are the fold's, movements are made of invoices, receipts and lines; amounts of documents are their own. Each question gives
 * text, verdict (enum completeness_verdict) and count.
 */
#include "audit/completeness.h"

#include "audit/sql/sql.h"

struct question {
    const char *check, *items, *units, *text;
};

static const char sql_entries[] = "SELECT b.size || ' entries, 0 to ' || (b.size - 1) AS text, (b.size <> (SELECT "
                                  "count(*) FROM entry) OR b.size <> (SELECT max(seq) + 1 FROM entry)) * 2 AS verdict, "
                                  "b.size AS count FROM book b";

static const char sql_numbers[] =
    "WITH given AS (SELECT prefix AS series, CAST(substr(number, length(prefix) + 2) AS INTEGER) AS n FROM document "
    "UNION ALL SELECT rtrim(legal_number, '0123456789'), CAST(replace(legal_number, rtrim(legal_number, '0123456789'), "
    "'') AS INTEGER) FROM document WHERE "
    "legal_number IS NOT NULL), "
    "series AS (SELECT series, count(*) AS given, count(DISTINCT n) AS different, max(n) AS last FROM given GROUP BY "
    "series) "
    "SELECT 'series ' || series || ': ' || given || ' numbers, ' || different || ' different ones, the last is ' || "
    "last AS text, "
    "(given <> last OR different <> last) * 2 AS verdict, given AS count FROM series ORDER BY series";

static const char sql_feeds[] =
    "SELECT entity || ' ' || feed || ': ' || count(*) || ' files, the last is ' || max(sequence) || "
    "CASE WHEN sum(state <> 'closed') > 0 THEN ', ' || sum(state <> 'closed') || ' not closed' ELSE '' END AS text, "
    "(count(*) <> max(sequence) OR min(sequence) <> 1) * 2 AS verdict, count(*) AS count FROM feed_file GROUP BY "
    "entity, feed ORDER BY entity, feed";

static const char sql_records[] =
    "WITH brought AS (SELECT 'invoices' AS feed, entity, seq, count(*) AS n, sum(gross_minor) AS total FROM invoice "
    "GROUP BY entity, seq "
    "UNION ALL SELECT 'cash', entity, seq, count(*), sum(amount_minor) FROM receipt GROUP BY entity, seq "
    "UNION ALL SELECT 'people', entity, seq, count(*), NULL FROM person_event GROUP BY entity, seq "
    "UNION ALL SELECT 'contacts', entity, seq, count(*), NULL FROM contact GROUP BY entity, seq) "
    "SELECT f.entity || ' ' || f.feed || ' ' || f.sequence || ': its manifest says ' || f.count || coalesce(' and ' || "
    "amount_text(f.total_minor, f.currency) || ' ' || f.currency, '') || "
    "', it brought ' || coalesce(b.n, 0) || coalesce(' and ' || amount_text(b.total, f.currency) || ' ' || f.currency, "
    "'') AS text, "
    "(f.count <> coalesce(b.n, 0) OR (f.total_minor IS NOT NULL AND f.total_minor <> coalesce(b.total, 0))) * 2 AS "
    "verdict, f.count AS count "
    "FROM feed_file f LEFT JOIN brought b ON b.feed = f.feed AND b.entity = f.entity AND b.seq = f.last_seq "
    "WHERE f.state = 'closed' AND f.feed IN ('invoices', 'cash', 'people', 'contacts') ORDER BY f.entity, f.feed, "
    "f.sequence";

static const char sql_documents[] =
    "WITH moved AS (SELECT number, sum(signed_minor) AS net, sum(max(signed_minor, 0)) AS up FROM line WHERE customer "
    "IS NOT NULL GROUP BY number), "
    "even AS (SELECT number, max(off) AS off, sum(debit) AS debit FROM (SELECT number, abs(sum(signed_minor)) AS off, "
    "sum(max(signed_minor, 0)) AS debit FROM line GROUP BY number, currency) "
    "GROUP BY number), "
    "posted AS (SELECT d.*, coalesce(m.net, 0) AS net, coalesce(m.up, 0) AS up, coalesce(e.off, 0) AS off, e.number IS "
    "NOT NULL AS has_lines FROM document d LEFT JOIN moved m ON "
    "m.number = d.number LEFT JOIN even e ON e.number = d.number WHERE d.posted_seq IS NOT NULL AND d.prefix IN ('CN', "
    "'IC', 'WO', 'RV', 'RB', 'RC', 'AJ')) "
    "SELECT number || ' of ' || amount_text(amount_minor, currency) || ' ' || currency || ': ' || CASE WHEN NOT "
    "has_lines THEN 'has no ledger lines' WHEN off <> 0 THEN "
    "'its lines do not balance, by ' || amount_text(off, currency) ELSE 'its lines move ' || amount_text(net, "
    "currency) || ' of receivables' END AS text, "
    "(NOT has_lines OR off <> 0 OR NOT (net = CASE direction WHEN 'down' THEN -amount_minor ELSE amount_minor END OR "
    "(net = 0 AND up = amount_minor))) * 2 AS verdict, 1 AS count "
    "FROM posted WHERE (:from IS NULL OR day BETWEEN :from AND :to) AND (:entity IS NULL OR entity = :entity) "
    "UNION ALL SELECT l.number || ': has ledger lines and is not posted', 2, 1 FROM line l LEFT JOIN document d ON "
    "d.number = l.number AND d.posted_seq IS NOT NULL WHERE d.number IS NULL "
    "GROUP BY l.number";

static const char sql_receivables[] =
    "WITH moved AS (SELECT entity, currency, sum(CASE WHEN :from IS NOT NULL AND day < :from THEN minor ELSE 0 END) AS "
    "opening, "
    "sum(CASE WHEN (:from IS NULL OR day BETWEEN :from AND :to) AND source = 'invoice' THEN minor ELSE 0 END) AS "
    "invoices, "
    "sum(CASE WHEN (:from IS NULL OR day BETWEEN :from AND :to) AND source IN ('receipt', 'application') THEN minor "
    "ELSE 0 END) AS cash, "
    "sum(CASE WHEN (:from IS NULL OR day BETWEEN :from AND :to) AND source = 'document' THEN minor ELSE 0 END) AS "
    "documents, "
    "sum(CASE WHEN :to IS NOT NULL AND day > :to THEN minor ELSE 0 END) AS later, sum(minor) AS total, count(*) AS n "
    "FROM receivable_movements GROUP BY entity, currency), "
    "held AS (SELECT entity, currency, sum(open_minor + account_minor) AS held FROM balance GROUP BY entity, "
    "currency), "
    "owed AS (SELECT entity, currency, sum(open_minor) AS open FROM invoice GROUP BY entity, currency), "
    "both AS (SELECT entity, currency FROM moved UNION SELECT entity, currency FROM held) "
    "SELECT k.entity || ' ' || k.currency || ': ' || amount_text(coalesce(m.opening, 0), k.currency) || ' before, "
    "invoices ' || amount_text(coalesce(m.invoices, 0), k.currency) || "
    "', cash ' || amount_text(coalesce(m.cash, 0), k.currency) || ', documents ' || amount_text(coalesce(m.documents, "
    "0), k.currency) || ' make ' || "
    "amount_text(coalesce(m.opening + m.invoices + m.cash + m.documents, 0), k.currency) || '; with ' || "
    "amount_text(coalesce(m.later, 0), k.currency) || ' later ' || "
    "amount_text(coalesce(m.total, 0), k.currency) || ', the books have ' || amount_text(coalesce(h.held, 0), "
    "k.currency) AS text, "
    "(coalesce(m.total, 0) <> coalesce(h.held, 0) OR coalesce(m.opening + m.invoices + m.cash + m.documents + m.later, "
    "0) <> coalesce(m.total, 0)) * 2 AS verdict, "
    "coalesce(m.n, 0) AS count FROM both k LEFT JOIN moved m ON m.entity = k.entity AND m.currency = k.currency LEFT "
    "JOIN held h ON h.entity = k.entity AND h.currency = k.currency "
    "WHERE (:entity IS NULL OR k.entity = :entity) ORDER BY k.entity, k.currency";

static const char sql_ledger[] =
    "WITH owing AS (SELECT DISTINCT j.value AS account FROM policy p JOIN json_each(p.compiled, '$.postings') j WHERE "
    "j.key IN ('receivable_account', 'on_account_account')), "
    "said AS (SELECT d.entity, d.currency, sum(CASE WHEN coalesce(d.document ->> 'charge', o.document ->> 'charge', "
    "'') = 'transfer' THEN 0 WHEN d.direction = 'down' THEN -d.amount_minor ELSE "
    "d.amount_minor END) AS minor, count(*) AS n FROM document d LEFT JOIN document o ON o.number = d.document ->> "
    "'reverses' WHERE d.posted_seq IS NOT NULL AND d.prefix IN ('CN', 'IC', 'WO', 'RV', 'RB', 'RC', 'AJ') AND "
    "(:from IS NULL OR d.day BETWEEN :from AND :to) AND (:entity IS NULL OR d.entity = :entity) GROUP BY d.entity, "
    "d.currency), "
    "done AS (SELECT entity, currency, sum(signed_minor) AS minor FROM line WHERE account IN (SELECT account FROM "
    "owing) AND (:from IS NULL OR day BETWEEN :from AND :to) AND (:entity IS NULL OR entity = :entity) GROUP BY "
    "entity, currency), "
    "both AS (SELECT entity, currency FROM said UNION SELECT entity, currency FROM done) "
    "SELECT k.entity || ' ' || k.currency || ': documents move receivables by ' || amount_text(coalesce(s.minor, 0), "
    "k.currency) || ', lines of their accounts by ' || "
    "amount_text(coalesce(x.minor, 0), k.currency) AS text, (coalesce(s.minor, 0) <> coalesce(x.minor, 0)) * 2 AS "
    "verdict, coalesce(s.n, 0) AS count "
    "FROM both k LEFT JOIN said s ON s.entity = k.entity AND s.currency = k.currency LEFT JOIN done x ON x.entity = "
    "k.entity AND x.currency = k.currency ORDER BY k.entity, k.currency";

static const char sql_deliveries[] =
    "WITH debit AS (SELECT number, currency, sum(max(signed_minor, 0)) AS minor FROM line GROUP BY number, currency) "
    "SELECT d.number || ': ' || CASE WHEN x.number IS NULL THEN 'is posted and no delivery to the ERP' ELSE 'its "
    "delivery is of ' || amount_text(x.amount_minor, x.currency) || ', its lines debit ' || "
    "amount_text(coalesce(l.minor, 0), x.currency) || ' ' || x.currency END AS text, (x.number IS NULL OR "
    "x.amount_minor <> coalesce(l.minor, 0)) * 2 AS verdict, 1 AS count FROM document d "
    "LEFT JOIN delivery x ON x.number = d.number LEFT JOIN debit l ON l.number = d.number AND l.currency = x.currency "
    "WHERE d.posted_seq IS NOT NULL AND d.prefix IN ('CN', 'IC', 'WO', 'RV', 'RB', 'RC', 'AJ') AND "
    "(:from IS NULL OR d.day BETWEEN :from AND :to) AND (:entity IS NULL OR d.entity = :entity)";

static const char sql_ledger_file[] =
    "WITH file AS MATERIALIZED (SELECT CAST(value ->> 0 AS INTEGER) AS at, value ->> 1 AS number, value ->> 2 AS "
    "account, value ->> 3 AS side, CAST(value ->> 4 AS INTEGER) AS minor, "
    "value ->> 5 AS currency, row_number() OVER (PARTITION BY value ->> 1, value ->> 2, value ->> 3, value ->> 4, "
    "value ->> 5 ORDER BY CAST(value ->> 0 AS INTEGER)) AS nth FROM json_each(:ledger)), "
    "ours AS MATERIALIZED (SELECT coalesce(l.legal_number, l.number) AS number, l.account, l.side, l.amount_minor AS "
    "minor, l.currency, row_number() OVER (PARTITION BY "
    "coalesce(l.legal_number, l.number), l.account, l.side, l.amount_minor, l.currency ORDER BY l.seq, l.idx, l.n) AS "
    "nth FROM line l WHERE l.amount_minor <> 0 AND "
    "(:from IS NULL OR l.day BETWEEN :from AND :to) AND (:entity IS NULL OR l.entity = :entity)), "
    "extra AS MATERIALIZED (SELECT f.*, row_number() OVER (PARTITION BY f.number, f.account, f.currency ORDER BY f.at) "
    "AS k, EXISTS (SELECT 1 FROM ours o WHERE o.number = f.number AND "
    "o.account = f.account AND o.side = f.side AND o.minor = f.minor AND o.currency = f.currency) AS again FROM file f "
    "WHERE NOT EXISTS (SELECT 1 FROM ours o WHERE o.number = f.number AND "
    "o.account = f.account AND o.side = f.side AND o.minor = f.minor AND o.currency = f.currency AND o.nth = f.nth)), "
    "lacks AS MATERIALIZED (SELECT o.*, row_number() OVER (PARTITION BY o.number, o.account, o.currency ORDER BY "
    "o.minor, o.side) AS k FROM ours o WHERE NOT EXISTS (SELECT 1 FROM file f WHERE "
    "o.number = f.number AND o.account = f.account AND o.side = f.side AND o.minor = f.minor AND o.currency = "
    "f.currency AND o.nth = f.nth)), "
    "told AS (SELECT e.at, CASE WHEN l.number IS NOT NULL THEN 'account ' || e.account || ' has ' || e.side || ' ' || "
    "amount_text(e.minor, e.currency) || ' ' || e.currency || ', the book has ' || l.side || "
    "' ' || amount_text(l.minor, l.currency) WHEN e.again THEN 'account ' || e.account || ' ' || e.side || ' ' || "
    "amount_text(e.minor, e.currency) || ' ' || e.currency || "
    "' stands there more often than in the book' WHEN EXISTS (SELECT 1 FROM ours o WHERE o.number = e.number) THEN "
    "'the book has no line of it with account ' || e.account || ' ' || e.side || ' ' || "
    "amount_text(e.minor, e.currency) || ' ' || e.currency WHEN EXISTS (SELECT 1 FROM line p WHERE "
    "coalesce(p.legal_number, p.number) = e.number) THEN 'is of ' || (SELECT p.entity || ' ' || p.period FROM "
    "line p WHERE coalesce(p.legal_number, p.number) = e.number LIMIT 1) || ', which was not asked for' ELSE 'the book "
    "has posted no such number' END AS text, CASE WHEN l.number IS NULL AND NOT e.again "
    "AND NOT EXISTS (SELECT 1 FROM ours o WHERE o.number = e.number) AND EXISTS (SELECT 1 FROM line p WHERE "
    "coalesce(p.legal_number, p.number) = e.number) THEN 1 ELSE 2 END AS verdict, e.number "
    "FROM extra e LEFT JOIN lacks l ON l.number = e.number AND l.account = e.account AND l.currency = e.currency AND "
    "l.k = e.k "
    "UNION ALL SELECT NULL, 'account ' || l.account || ' ' || l.side || ' ' || amount_text(l.minor, l.currency) || ' ' "
    "|| l.currency || ' is posted and missing in the file', 1, l.number FROM lacks l "
    "LEFT JOIN extra e ON l.number = e.number AND l.account = e.account AND l.currency = e.currency AND l.k = e.k "
    "WHERE e.number IS NULL) "
    "SELECT :name || coalesce(':' || at, '') || ': ' || number || ': ' || text AS text, verdict, 0 AS count FROM told "
    "UNION ALL SELECT * FROM (SELECT :name || ': ' || (SELECT count(*) FROM file) || ' lines, ' || (SELECT count(*) "
    "FROM ours) || ' were posted' AS text, 0 AS verdict, (SELECT count(*) FROM file) AS count) "
    "ORDER BY verdict DESC, text";

static const struct question questions[] = {
    {"entries", NULL, NULL, sql_entries},
    {"numbers", "series", "numbers", sql_numbers},
    {"feeds", "feeds", "files", sql_feeds},
    {"records", "feed files", "records", sql_records},
    {"documents", "posted documents", NULL, sql_documents},
    {"receivables", NULL, NULL, sql_receivables},
    {"general ledger", NULL, NULL, sql_ledger},
    {"deliveries", "posted documents", NULL, sql_deliveries},
};
static const struct question ledger_file = {"ledger file", NULL, NULL, sql_ledger_file};

struct asking {
    const struct question *question;
    completeness_step *step;
    void *context;
};

static enum status on_row(void *context, const struct sql_row *row, bool *ret_more, struct err *err)
{
    const struct asking *asking = context;
    const struct completeness_line line = {.check = asking->question->check,
                                           .items = asking->question->items,
                                           .units = asking->question->units,
                                           .text = row->cells[0].type == SQL_TEXT ? row->cells[0].text : "",
                                           .verdict = (enum completeness_verdict)row->cells[1].integer,
                                           .count = (uint64_t)row->cells[2].integer};
    (void)ret_more;
    return asking->step(asking->context, &line, err);
}

enum status completeness_check(struct sql *sql, const struct completeness_ask *ask, completeness_step *step,
                               void *context, struct err *err)
{
    const struct sql_binding bindings[] = {{":from", sql_text(ask->from)},     {":to", sql_text(ask->to)},
                                           {":entity", sql_text(ask->entity)}, {":ledger", sql_text(ask->ledger)},
                                           {":name", sql_text(ask->name)},     {NULL, {.type = SQL_NULL}}};
    struct asking asking = {.step = step, .context = context};
    struct sql_question question = {.bindings = bindings, .step = on_row, .context = &asking};
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < sizeof questions / sizeof questions[0]; i++) {
        asking.question = &questions[i];
        question.text = questions[i].text;
        status = sql_query(sql, &question, err);
        if (status != STATUS_OK)
            err_prefix(err, "%s: ", questions[i].check);
    }
    if (status != STATUS_OK || ask->ledger == NULL)
        return status;
    asking.question = &ledger_file;
    question.text = ledger_file.text;
    return sql_query(sql, &question, err);
}
