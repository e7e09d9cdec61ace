-- Tables of people, keys, rights, rules and audit work, made of the records of the books at the head (temporary tables held_*)
-- and of the documents and acts that are in already.

CREATE INDEX version_number ON version (number, version);
CREATE INDEX act_number ON act (number, level);
CREATE INDEX answer_number ON answer (number);
CREATE INDEX line_number ON line (number);
CREATE INDEX line_invoice ON line (entity, invoice);
CREATE INDEX document_customer ON document (entity, customer);
CREATE INDEX allocation_invoice ON allocation (invoice);

UPDATE book SET first_time = (SELECT time FROM entry WHERE seq = 0),
                last_time = (SELECT time FROM entry WHERE seq = book.size - 1);

-- Documents that came into force, with who prepared their last version and whose approval was the last one.
CREATE TEMP TABLE governed AS
SELECT d.number, d.kind, d.document AS body, d.user AS proposed_by, d.posted_seq, d.posted_at,
       (SELECT a.user FROM act a WHERE a.number = d.number AND a.verb = 'approve' AND a.counts = 1
        ORDER BY a.level DESC, a.seq DESC, a.idx DESC LIMIT 1) AS approved_by
FROM document d
WHERE d.posted_seq IS NOT NULL AND d.kind NOT IN ('credit-note', 'correction', 'write-off', 'reversal', 'rebill', 'recovery',
                                                  'adjustment', 'credit-limit', 'temporary-limit', 'hold-release');
CREATE INDEX temp.governed_kind ON governed (kind, number);

CREATE TEMP TABLE signed (key TEXT PRIMARY KEY, count INTEGER) WITHOUT ROWID;
INSERT INTO signed SELECT key, COUNT(*) FROM signature GROUP BY key;
CREATE TEMP TABLE ended (key TEXT PRIMARY KEY, number TEXT) WITHOUT ROWID;
INSERT OR REPLACE INTO ended SELECT body ->> 'old', number FROM governed WHERE kind = 'key-rotation' AND body ->> 'old' IS NOT NULL;
INSERT OR REPLACE INTO ended SELECT body ->> 'key', number FROM governed WHERE kind = 'key-revocation';
CREATE TEMP TABLE rotated (key TEXT PRIMARY KEY, old TEXT) WITHOUT ROWID;
INSERT INTO rotated SELECT body ->> 'new', body ->> 'old' FROM governed WHERE kind = 'key-rotation';

INSERT INTO key
SELECT key_text(h.key, 0), key_fingerprint(key_text(h.key, 0)), h.record ->> 'user',
       substr(key_text(h.key, 0), 1, instr(key_text(h.key, 0), ' ') - 1), h.record ->> 'from', h.record ->> 'seq',
       h.record ->> 'until', h.record ->> '$.revoked.time', h.record ->> '$.revoked.seq',
       (SELECT number FROM ended WHERE ended.key = key_text(h.key, 0)), h.record ->> 'since',
       (SELECT old FROM rotated WHERE rotated.key = key_text(h.key, 0)),
       coalesce((SELECT count FROM signed WHERE signed.key = key_text(h.key, 0)), 0)
FROM held_keys h;

INSERT INTO book_key
SELECT key_text(h.key, 0), key_fingerprint(key_text(h.key, 0)), h.record ->> 'from', h.record ->> 'retired' FROM held_book_keys h;

CREATE TEMP TABLE enrolled (user TEXT PRIMARY KEY, number TEXT) WITHOUT ROWID;
INSERT OR IGNORE INTO enrolled SELECT body ->> 'user', number FROM governed WHERE kind = 'enrolment';
CREATE TEMP TABLE begun (user TEXT PRIMARY KEY, seq INTEGER) WITHOUT ROWID;
INSERT INTO begun SELECT user, MIN(since_seq) FROM key GROUP BY user;
CREATE TEMP TABLE acted (user TEXT PRIMARY KEY, seq INTEGER) WITHOUT ROWID;
INSERT INTO acted SELECT actor, MAX(seq) FROM entry WHERE actor <> '' GROUP BY actor;

INSERT INTO user
SELECT h.record ->> 'user', h.record ->> 'person', h.record ->> 'sort',
       (SELECT number FROM enrolled WHERE enrolled.user = h.record ->> 'user'), b.seq,
       (SELECT time FROM entry WHERE entry.seq = b.seq), a.seq, (SELECT time FROM entry WHERE entry.seq = a.seq)
FROM held_users h LEFT JOIN begun b ON b.user = h.record ->> 'user' LEFT JOIN acted a ON a.user = h.record ->> 'user';

INSERT INTO policy
SELECT h.record ->> 'seq', h.record ->> 'document', h.record ->> 'hash', h.record ->> 'effective', g.proposed_by, g.approved_by,
       c.record
FROM held_policies h LEFT JOIN governed g ON g.kind = 'policy' AND g.number = h.record ->> 'document'
     LEFT JOIN held_compiled c ON key_text(c.key, 0) = h.record ->> 'hash';

INSERT INTO role_function
WITH RECURSIVE
    role (policy, role, functions, inherits) AS (
        SELECT key_text(c.key, 0), j.value ->> 'role', j.value -> 'functions', j.value -> 'inherits'
        FROM held_compiled c, json_each(c.record -> 'roles') j),
    has (policy, role, part) AS (
        SELECT policy, role, role FROM role
        UNION
        SELECT has.policy, has.role, i.value FROM has
        JOIN role ON role.policy = has.policy AND role.role = has.part, json_each(role.inherits) i)
SELECT DISTINCT has.policy, has.role, f.value FROM has
JOIN role ON role.policy = has.policy AND role.role = has.part, json_each(role.functions) f
ORDER BY 1, 2, 3;

-- What ended a grant or a delegation: a revocation, or the answer of a review.
CREATE TEMP TABLE revoked (grant TEXT PRIMARY KEY, number TEXT, user TEXT) WITHOUT ROWID;
INSERT OR REPLACE INTO revoked
SELECT j.value ->> 'grant', g.number, g.proposed_by FROM governed g, json_each(g.body -> 'rows') j
WHERE g.kind = 'attestation' AND j.value ->> 'decision' = 'remove' ORDER BY g.posted_seq;
INSERT OR REPLACE INTO revoked
SELECT body ->> 'grant', number, proposed_by FROM governed WHERE kind = 'revocation' ORDER BY posted_seq;

INSERT INTO role_grant
SELECT key_text(h.key, 0), h.record ->> 'user', h.record ->> 'person', h.record ->> 'role',
       (SELECT group_concat(value, ',') FROM json_each(h.record -> 'entities')), h.record ->> 'from', h.record ->> 'to',
       h.record ->> 'since', coalesce(g.posted_seq, CAST(substr(key_text(h.key, 0), 4) AS INTEGER)),
       g.proposed_by, g.approved_by, h.record ->> 'revoked', r.user, r.number,
       CASE WHEN h.record ->> '$.review.until' <= (SELECT last_time FROM book) THEN h.record ->> '$.review.until' END
FROM held_grants h LEFT JOIN governed g ON g.kind = 'grant' AND g.number = key_text(h.key, 0)
     LEFT JOIN revoked r ON r.grant = key_text(h.key, 0);

INSERT INTO delegation
SELECT key_text(h.key, 0), h.record ->> 'from_user', h.record ->> 'from_person', h.record ->> 'to_user', h.record ->> 'to_person',
       (SELECT group_concat(value, ',') FROM json_each(h.record -> 'functions')), h.record ->> 'currency',
       minor(h.record ->> 'limit', h.record ->> 'currency'), h.record ->> 'from', h.record ->> 'to', h.record ->> 'since',
       g.proposed_by, g.approved_by, h.record ->> 'revoked', r.number
FROM held_delegations h LEFT JOIN governed g ON g.kind = 'delegation' AND g.number = key_text(h.key, 0)
     LEFT JOIN revoked r ON r.grant = key_text(h.key, 0);

INSERT INTO mitigation
SELECT key_text(h.key, 0), h.record ->> 'person', h.record ->> 'a', h.record ->> 'b', h.record ->> 'control', h.record ->> 'owner',
       h.record ->> 'reviewer', h.record ->> 'since', h.record ->> 'until', h.record ->> 'uses', h.record ->> 'answered',
       h.record ->> 'reviewed', h.record ->> 'revoked'
FROM held_mitigations h;

INSERT INTO review
SELECT key_text(h.key, 0), (SELECT group_concat(value, ',') FROM json_each(h.record -> 'entities')), h.record ->> 'rows',
       h.record ->> 'population', h.record ->> 'time', h.record ->> 'until', h.record ->> 'user'
FROM held_reviews h;

INSERT INTO review_row
SELECT key_text(h.key, 0), key_text(h.key, 1), h.record ->> 'user', h.record ->> 'person', h.record ->> 'role',
       h.record ->> 'decision', h.record ->> 'attestation', h.record ->> 'by', h.record ->> 'time'
FROM held_review_rows h;

INSERT INTO break_glass
SELECT key_text(h.key, 0), (SELECT group_concat(value, ',') FROM json_each(h.record -> 'users')),
       (SELECT group_concat(value, ',') FROM json_each(h.record -> 'functions')),
       (SELECT group_concat(value, ',') FROM json_each(h.record -> 'entities')), g.body ->> 'reason', g.body ->> 'ticket',
       g.proposed_by, g.approved_by, h.record ->> 'from', h.record ->> 'until', h.record ->> 'review_by',
       h.record ->> '$.review.number', h.record ->> '$.review.by', h.record ->> '$.review.time', h.record ->> '$.review.conclusion',
       (SELECT COUNT(*) FROM held_break_glass_uses u WHERE key_text(u.key, 0) = key_text(h.key, 0))
FROM held_break_glass h LEFT JOIN governed g ON g.kind = 'break-glass' AND g.number = key_text(h.key, 0);

INSERT INTO break_glass_use
SELECT key_text(u.key, 0), key_number(u.key, 17), key_number(u.key, 8), u.record ->> 'document', u.record ->> 'do',
       u.record ->> 'user', u.record ->> 'time'
FROM held_break_glass_uses u;

INSERT INTO entity
SELECT key_text(h.key, 0),
       (SELECT j.value ->> 'currency' FROM policy p, json_each(p.compiled -> 'entities') j
        WHERE j.value ->> 'entity' = key_text(h.key, 0) ORDER BY p.seq DESC, p.number DESC LIMIT 1),
       h.record ->> 'seq', h.record ->> 'time', nullif(h.record ->> 'number', ''), g.body ->> 'customers', g.body -> 'opening'
FROM held_entities h LEFT JOIN governed g ON g.kind = 'entity' AND g.number = h.record ->> 'number';

INSERT INTO account
SELECT j.value ->> 'account', j.value ->> 'class', j.value ->> 'title'
FROM policy p, json_each(p.compiled -> 'accounts') j
WHERE true ORDER BY p.seq, p.number
ON CONFLICT (account) DO UPDATE SET class = excluded.class, title = excluded.title;

INSERT INTO reason
SELECT j.value ->> 'reason', j.value ->> 'title', j.value ->> 'account'
FROM policy p, json_each(p.compiled -> 'reasons') j
WHERE true ORDER BY p.seq, p.number
ON CONFLICT (reason) DO UPDATE SET title = excluded.title, account = excluded.account;

INSERT INTO period_event
SELECT number, body ->> 'entity', body ->> 'period', body ->> 'state', body ->> 'user', body ->> 'until', body ->> 'reason',
       proposed_by, approved_by, posted_seq, posted_at
FROM governed WHERE kind = 'period';

INSERT INTO rate
SELECT key_text(h.key, 0), key_text(h.key, 1), date(key_number(h.key, 8) * 86400, 'unixepoch'), h.record ->> 'rate',
       h.record ->> 'document'
FROM held_rates h;

INSERT INTO release
SELECT number, body ->> 'release', body ->> 'commit', body ->> 'exe', posted_seq, posted_at, proposed_by, approved_by
FROM governed WHERE kind = 'release';

INSERT INTO restore
SELECT h.record ->> 'seq', h.record ->> 'epoch', h.record ->> 'from', h.record ->> 'to',
       (SELECT group_concat(value, ',') FROM json_each(h.record -> 'officers')), h.record ->> 'reason', h.record ->> 'time'
FROM held_restores h;

-- Cases: how often one that was resolved was assigned again.
CREATE TEMP TABLE moved AS
SELECT body ->> 'case' AS number, body ->> 'state' AS state,
       lag(body ->> 'state') OVER (PARTITION BY body ->> 'case' ORDER BY posted_seq, CAST(substr(number, 4) AS INTEGER)) AS before
FROM governed WHERE kind = 'case-note';
CREATE INDEX temp.moved_number ON moved (number);

INSERT INTO case_
SELECT key_text(h.key, 0), h.record ->> 'kind', h.record ->> 'entity', h.record ->> 'customer', h.record ->> 'invoice',
       d.currency, d.amount_minor, d.reason, h.record ->> 'opened', h.record ->> 'owner', h.record ->> 'due',
       h.record ->> 'promised', h.record ->> 'state', h.record ->> 'outcome', h.record ->> 'root_cause', h.record ->> 'settled_by',
       h.record ->> 'resolved', CASE WHEN h.record ->> 'state' IN ('CLOSED', 'VOID') THEN h.record ->> 'since' END,
       (SELECT COUNT(*) FROM moved m WHERE m.number = key_text(h.key, 0) AND m.before = 'RESOLVED' AND m.state = 'ASSIGNED')
FROM held_cases h LEFT JOIN document d ON d.number = key_text(h.key, 0);

INSERT INTO seed SELECT number, posted_seq, posted_at, proposed_by, body ->> 'seed', body ->> 'purpose' FROM governed WHERE kind = 'seed';
INSERT INTO test_run
SELECT number, posted_seq, posted_at, proposed_by, body ->> 'control', body ->> 'from', body ->> 'to', body ->> 'result',
       body ->> 'count'
FROM governed WHERE kind = 'test-run';
INSERT INTO disposition
SELECT number, posted_seq, posted_at, proposed_by, body ->> 'about', body ->> 'conclusion' FROM governed WHERE kind = 'disposition';

INSERT INTO balance
SELECT key_text(h.key, 0), key_text(h.key, 1), key_text(h.key, 2), coalesce(h.record ->> 'open', 0),
       coalesce(h.record ->> 'account', 0)
FROM held_balances h;

INSERT INTO currency
SELECT DISTINCT currency, currency_digits(currency),
       CASE currency_digits(currency) WHEN 0 THEN 1 WHEN 1 THEN 10 WHEN 2 THEN 100 WHEN 3 THEN 1000 WHEN 4 THEN 10000 END FROM (
    SELECT base AS currency FROM book UNION SELECT currency FROM entity UNION SELECT currency FROM customer
    UNION SELECT currency FROM invoice UNION SELECT currency FROM receipt UNION SELECT currency FROM document
    UNION SELECT currency FROM version UNION SELECT currency FROM rate UNION SELECT base FROM rate
    UNION SELECT currency FROM sales_order UNION SELECT currency FROM delegation UNION SELECT currency FROM line)
WHERE currency IS NOT NULL ORDER BY 1;
