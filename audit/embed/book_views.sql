-- Views for people and spreadsheets: amounts are exact decimal text of their currency. @amount(x, c) stands for the minor units
-- x of currency c as such text. SQL.md says what each view is for.

CREATE VIEW corrections AS
SELECT d.number, d.legal_number, d.kind, d.state, d.entity, d.customer, d.customer_group, d.currency,
       @amount(d.amount_minor, d.currency) AS amount, d.direction, b.base AS base_currency,
       @amount(d.base_minor, b.base) AS base_amount, d.reason, d.day, d.period, d.fiscal_year, d.submitted_at, d.user, d.person,
       d.channel, d.posted_at, d.approvals, d.evidence, d.reversed_by, d.note, d.seq, d.content
FROM document d, book b
WHERE d.kind IN ('credit-note', 'correction', 'write-off', 'reversal', 'rebill', 'recovery', 'adjustment');

CREATE VIEW approvals AS
SELECT a.number, d.kind, d.entity, d.customer, d.currency, @amount(d.amount_minor, d.currency) AS amount, a.version, a.level, a.time,
       a.user, a.person, a.behalf, a.delegation, a.outcome, a.counts, a.content AS approved_content, v.content AS version_content,
       a.content = v.content AS matches, a.seq, a.idx
FROM act a LEFT JOIN document d ON d.number = a.number
     LEFT JOIN version v ON v.number = a.number AND v.version = a.version
WHERE a.verb = 'approve';

CREATE VIEW decisions AS
SELECT n.seq, n.idx, n.n, e.time, e.actor AS user, e.person, n.stage, n.number, n.control, n.code, n.answer, n.levels, n.inputs,
       e.policy
FROM answer n JOIN entry e ON e.seq = n.seq;

CREATE VIEW refusals AS
SELECT v.seq, v.idx, v.time, v.verb, v.number, v.kind, v.user, v.person, v.entity, v.customer, v.currency,
       @amount(v.amount_minor, v.currency) AS amount,
       (SELECT group_concat(n.control || ' ' || n.code, ', ') FROM answer n
        WHERE n.seq = v.seq AND n.idx = v.idx AND n.answer = 'deny') AS why
FROM version v WHERE v.outcome = 'refused'
UNION ALL
SELECT a.seq, a.idx, a.time, a.verb, a.number, NULL, a.user, a.person, NULL, NULL, NULL, NULL,
       (SELECT group_concat(n.control || ' ' || n.code, ', ') FROM answer n
        WHERE n.seq = a.seq AND n.idx = a.idx AND n.answer = 'deny')
FROM act a WHERE a.outcome = 'refused'
UNION ALL
SELECT e.seq, -1, e.time, e.verb, NULL, NULL, e.actor, e.person, NULL, NULL, NULL, NULL,
       (SELECT group_concat(n.control || ' ' || n.code, ', ') FROM answer n
        WHERE n.seq = e.seq AND n.idx = -1 AND n.answer = 'deny')
FROM entry e WHERE e.outcome = 'refused';

CREATE VIEW ledger_lines AS
SELECT l.seq, l.idx, l.n, l.entity, l.day, l.period, l.number, l.legal_number, d.kind, l.account, a.title, l.currency,
       CASE l.side WHEN 'dr' THEN @amount(l.amount_minor, l.currency) END AS debit,
       CASE l.side WHEN 'cr' THEN @amount(l.amount_minor, l.currency) END AS credit, l.functional_currency,
       CASE l.side WHEN 'dr' THEN @amount(l.functional_minor, l.functional_currency) END AS functional_debit,
       CASE l.side WHEN 'cr' THEN @amount(l.functional_minor, l.functional_currency) END AS functional_credit,
       l.customer, l.invoice, l.tax, l.difference
FROM line l JOIN document d ON d.number = l.number LEFT JOIN account a ON a.account = l.account;

CREATE VIEW trial_balance AS
SELECT t.entity, t.account, a.title, t.currency, @amount(t.debit, t.currency) AS debit, @amount(t.credit, t.currency) AS credit,
       @amount(t.balance, t.currency) AS balance
FROM (SELECT l.entity, l.account, l.currency, SUM(CASE l.side WHEN 'dr' THEN l.amount_minor ELSE 0 END) AS debit,
             SUM(CASE l.side WHEN 'cr' THEN l.amount_minor ELSE 0 END) AS credit, SUM(l.signed_minor) AS balance
      FROM line l GROUP BY l.entity, l.account, l.currency) t LEFT JOIN account a ON a.account = t.account;

-- Everything that moves what a customer owes, on an invoice or (invoice NULL) on the account, with the day from which it counts.
-- Cash for an invoice of a later day stands on the account until then. Above zero: owes more.
CREATE VIEW receivable_movements AS
SELECT i.entity, i.customer, i.invoice, i.currency, i.day, i.gross_minor AS minor, 'invoice' AS source, i.invoice AS id, i.seq
FROM invoice i
UNION ALL
SELECT r.entity, r.customer, NULL, r.currency, r.day, -r.amount_minor, 'receipt', r.receipt, r.seq FROM receipt r
UNION ALL
SELECT r.entity, r.customer, NULL, r.currency, max(r.day, i.day), p.amount_minor, 'application', r.receipt, r.seq
FROM application p JOIN receipt r ON r.entity = p.entity AND r.receipt = p.receipt
     JOIN invoice i ON i.entity = p.entity AND i.invoice = p.invoice
UNION ALL
SELECT r.entity, r.customer, p.invoice, r.currency, max(r.day, i.day), -p.amount_minor, 'application', r.receipt, r.seq
FROM application p JOIN receipt r ON r.entity = p.entity AND r.receipt = p.receipt
     JOIN invoice i ON i.entity = p.entity AND i.invoice = p.invoice
UNION ALL
SELECT l.entity, l.customer, l.invoice, l.currency, l.day, l.signed_minor, 'document', l.number, l.seq
FROM line l WHERE l.customer IS NOT NULL;

-- What a document's posting did to each invoice (invoice NULL: to a customer's account), in its own and the functional currency.
CREATE VIEW invoice_adjustments AS
SELECT l.number, l.entity, l.customer, l.invoice, l.currency, l.day, MIN(l.account) AS account, MIN(l.n) AS n,
       SUM(l.signed_minor) AS signed_minor, SUM(coalesce(l.functional_signed_minor, l.signed_minor)) AS functional_minor
FROM line l WHERE l.customer IS NOT NULL GROUP BY l.number, l.customer, l.invoice;

-- Of each document the approval at the highest level that counts.
CREATE VIEW last_approvals AS
SELECT number, user, person, level, time, MAX(printf('%04d %016d %06d', level, seq, idx)) AS place
FROM act WHERE verb = 'approve' AND counts = 1 GROUP BY number;

CREATE VIEW open_invoices AS
SELECT i.entity, i.invoice, i.customer, i.currency, i.day, i.due, @amount(i.gross_minor, i.currency) AS gross,
       @amount(i.open_minor, i.currency) AS open
FROM invoice i WHERE i.open_minor <> 0;

CREATE VIEW customer_balances AS
SELECT b.entity, b.customer, c.customer_group, b.currency, @amount(b.open_minor, b.currency) AS open,
       @amount(b.account_minor, b.currency) AS on_account, @amount(c.limit_minor, c.currency) AS credit_limit
FROM balance b LEFT JOIN customer c ON c.entity = b.entity AND c.customer = b.customer;

CREATE VIEW cash AS
SELECT r.entity, r.receipt, r.customer, r.currency, r.day, @amount(r.amount_minor, r.currency) AS amount, p.invoice,
       @amount(p.amount_minor, r.currency) AS applied, r.time, r.user
FROM receipt r LEFT JOIN application p ON p.entity = r.entity AND p.receipt = r.receipt;

CREATE VIEW access AS
SELECT g.user, g.person, u.sort, g.role, g.entities, g.number, g.since, g.from_time, g.to_time, g.suspended_at, g.revoked_at,
       g.revoked_at IS NULL AND g.suspended_at IS NULL AND coalesce(g.from_time, '') <= b.last_time
           AND coalesce(g.to_time, '9999') > b.last_time AS in_force,
       g.proposed_by, g.approved_by, g.revoked_by, g.revocation
FROM role_grant g JOIN user u ON u.user = g.user, book b;

-- What was changed of rules and rights: policies, releases, roles, keys, delegations, periods, rates and so on.
CREATE VIEW changes AS
SELECT d.number, d.kind, d.posted_seq AS seq, d.posted_at AS time, d.user AS proposed_by, d.person,
       (SELECT group_concat(a.user, ', ') FROM act a WHERE a.number = d.number AND a.verb = 'approve' AND a.counts = 1) AS approved_by,
       d.reason, d.document
FROM document d
WHERE d.posted_seq IS NOT NULL
  AND d.kind IN ('enrolment', 'key-rotation', 'key-revocation', 'book-key', 'grant', 'revocation', 'delegation', 'policy', 'entity',
                 'period', 'rates', 'release', 'related', 'mitigation', 'break-glass', 'review', 'reactivation', 'legal-hold',
                 'attestation', 'erasure');

CREATE VIEW cases AS
SELECT c.number, c.kind, c.entity, c.customer, c.invoice, c.currency, @amount(c.amount_minor, c.currency) AS amount, c.reason,
       c.opened_at, c.owner, c.due, c.promised, c.state, c.outcome, c.root_cause, c.settled_by, c.resolved_at, c.closed_at, c.reopened
FROM case_ c;
