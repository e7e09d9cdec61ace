-- A book as tables, for reports, exports and anybody's own questions; SQL.md has the meaning of each column. Everything here is derived
-- from the journal's entries.
--
-- Amounts are integers of the minor units of the currency beside them (`*_minor`; table currency has the digits), signed as said;
-- views (book_views.sql) show them as exact decimal text too. Instants are text in UTC as the journal has them, `day` columns are dates in
-- the entity's calendar. `seq` is the entry's number, `idx` the place in its list from 0. Booleans are 0 and 1.

CREATE TABLE book (          -- one row
    book TEXT NOT NULL, name TEXT NOT NULL, origin TEXT NOT NULL, engine INTEGER NOT NULL, clock TEXT NOT NULL,
    base TEXT NOT NULL,      -- the base currency of the policy in force
    size INTEGER NOT NULL,   -- entries 0 .. size - 1
    head TEXT NOT NULL,      -- leaf hash of the last entry
    root TEXT NOT NULL,      -- RFC 6962 root of all
    first_time TEXT NOT NULL, last_time TEXT NOT NULL,
    release TEXT NOT NULL, exe TEXT NOT NULL -- of the program that made these tables
) STRICT;

CREATE TABLE currency (currency TEXT PRIMARY KEY, digits INTEGER NOT NULL, scale INTEGER NOT NULL) STRICT, WITHOUT ROWID; -- scale: minor units of one

CREATE TABLE entry (
    seq INTEGER PRIMARY KEY, time TEXT NOT NULL, at TEXT NOT NULL, verb TEXT NOT NULL, actor TEXT NOT NULL,
    person TEXT,             -- of the actor; NULL for the charter
    id TEXT NOT NULL, outcome TEXT NOT NULL,          -- done, refused
    policy TEXT NOT NULL, policy_seq INTEGER NOT NULL, engine INTEGER NOT NULL,
    mode TEXT NOT NULL, os_user TEXT NOT NULL, release TEXT NOT NULL, exe TEXT NOT NULL,
    statement TEXT NOT NULL, leaf TEXT NOT NULL, seen_seq INTEGER, bytes INTEGER NOT NULL
) STRICT;

CREATE TABLE signature (seq INTEGER NOT NULL, fingerprint TEXT NOT NULL, key TEXT NOT NULL, user TEXT, PRIMARY KEY (seq, fingerprint)) STRICT, WITHOUT ROWID;

-- Every document that was ever submitted or amended, refused ones too: one row a version.
CREATE TABLE version (
    seq INTEGER NOT NULL, idx INTEGER NOT NULL, time TEXT NOT NULL, verb TEXT NOT NULL, -- submit, amend
    number TEXT,             -- request number; NULL where refused
    version INTEGER, kind TEXT NOT NULL, ref TEXT NOT NULL, content TEXT NOT NULL, outcome TEXT NOT NULL,
    user TEXT NOT NULL, person TEXT NOT NULL, behalf TEXT, delegation TEXT, channel TEXT NOT NULL, run TEXT,
    entity TEXT, customer TEXT, currency TEXT, amount_minor INTEGER, base_minor INTEGER, reason TEXT, day TEXT,
    levels TEXT,             -- "1,2": what it waited for then
    until TEXT, document TEXT NOT NULL, -- its canonical JSON
    PRIMARY KEY (seq, idx)
) STRICT, WITHOUT ROWID;

-- Every admitted document as it stands at the head: one row a request number.
CREATE TABLE document (
    number TEXT PRIMARY KEY, kind TEXT NOT NULL, prefix TEXT NOT NULL, version INTEGER NOT NULL,
    seq INTEGER NOT NULL, idx INTEGER NOT NULL,              -- of the current version
    first_seq INTEGER NOT NULL, first_idx INTEGER NOT NULL, submitted_at TEXT NOT NULL, -- of the first
    state TEXT NOT NULL,     -- waiting returned posted in-force withdrawn rejected lapsed reversed superseded consumed
    legal_number TEXT, posted_seq INTEGER, posted_at TEXT, ended_seq INTEGER, ended_at TEXT,
    reversed_by TEXT, entity TEXT, customer TEXT,
    customer_group TEXT,     -- as it is at the head
    currency TEXT, amount_minor INTEGER, direction TEXT, -- down: what the customer owes falls; up: rises; NULL: neither
    base_minor INTEGER,
    base_rate TEXT,          -- by which base was made of the amount; NULL where the currency is the base
    reason TEXT, day TEXT, fiscal_year TEXT, period TEXT, -- period: YYYY-MM of day
    ref TEXT NOT NULL, customer_ref TEXT, channel TEXT NOT NULL, note TEXT, requested_by TEXT,
    user TEXT NOT NULL, person TEXT NOT NULL,                -- who submitted the current version
    content TEXT NOT NULL, evidence INTEGER NOT NULL,        -- number of evidence files
    approvals INTEGER NOT NULL,                              -- that count
    exposure TEXT,           -- of limits and releases of held orders: what the decision said the customer stands for
    document TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE maker (number TEXT NOT NULL, person TEXT NOT NULL, user TEXT, role TEXT NOT NULL, PRIMARY KEY (number, person, role, user)) STRICT;
CREATE TABLE link (number TEXT NOT NULL, rel TEXT NOT NULL, other TEXT NOT NULL, PRIMARY KEY (number, rel, other)) STRICT, WITHOUT ROWID;
CREATE TABLE evidence (number TEXT NOT NULL, version INTEGER NOT NULL, sha256 TEXT NOT NULL, kind TEXT NOT NULL, media TEXT NOT NULL, bytes INTEGER NOT NULL, user TEXT NOT NULL) STRICT;
CREATE TABLE allocation (number TEXT NOT NULL, n INTEGER NOT NULL, invoice TEXT NOT NULL, line TEXT, amount_minor INTEGER NOT NULL, PRIMARY KEY (number, n)) STRICT, WITHOUT ROWID;

-- Acts on documents: approve, reject, return, withdraw; refused ones too.
CREATE TABLE act (
    seq INTEGER NOT NULL, idx INTEGER NOT NULL, time TEXT NOT NULL, verb TEXT NOT NULL, number TEXT NOT NULL, version INTEGER NOT NULL,
    level INTEGER, user TEXT NOT NULL, person TEXT NOT NULL, behalf TEXT, delegation TEXT,
    content TEXT NOT NULL,   -- what was signed
    outcome TEXT NOT NULL, reason TEXT, seen_seq INTEGER,
    counts INTEGER NOT NULL, -- 1: an approval that counts at the head
    PRIMARY KEY (seq, idx)
) STRICT, WITHOUT ROWID;

-- What controls answered: each that did not simply allow. idx -1: of the statement as a whole.
CREATE TABLE answer (
    seq INTEGER NOT NULL, idx INTEGER NOT NULL, n INTEGER NOT NULL, stage TEXT NOT NULL, -- the verb; post: of an approval that led to posting
    number TEXT, control TEXT NOT NULL, code TEXT NOT NULL, answer TEXT NOT NULL,        -- deny, need, flag
    levels TEXT, inputs TEXT NOT NULL,                       -- its members as JSON
    PRIMARY KEY (seq, idx, n)
) STRICT, WITHOUT ROWID;

-- Ledger lines of what was posted. signed_minor: above zero on the debit side.
CREATE TABLE line (
    seq INTEGER NOT NULL, idx INTEGER NOT NULL, n INTEGER NOT NULL, number TEXT NOT NULL, legal_number TEXT, entity TEXT NOT NULL, day TEXT NOT NULL, period TEXT NOT NULL,
    account TEXT NOT NULL, side TEXT NOT NULL, currency TEXT NOT NULL, amount_minor INTEGER NOT NULL, signed_minor INTEGER NOT NULL,
    functional_currency TEXT, functional_minor INTEGER, functional_signed_minor INTEGER,
    customer TEXT, invoice TEXT, tax TEXT, difference TEXT, PRIMARY KEY (seq, idx, n)
) STRICT, WITHOUT ROWID;

-- What customers owe at the head: open on invoices, and on the account (below zero: in the customer's favour).
CREATE TABLE balance (entity TEXT NOT NULL, customer TEXT NOT NULL, currency TEXT NOT NULL, open_minor INTEGER NOT NULL, account_minor INTEGER NOT NULL, PRIMARY KEY (entity, customer, currency)) STRICT, WITHOUT ROWID;

-- From feeds.
CREATE TABLE customer (
    entity TEXT NOT NULL, customer TEXT NOT NULL, customer_group TEXT NOT NULL, fed_group TEXT NOT NULL, currency TEXT NOT NULL, terms_days INTEGER NOT NULL,
    fed_limit_minor INTEGER NOT NULL, limit_minor INTEGER NOT NULL, -- as it came; as it is at the head
    related INTEGER NOT NULL, since TEXT NOT NULL, seq INTEGER NOT NULL, user TEXT NOT NULL, PRIMARY KEY (entity, customer)
) STRICT, WITHOUT ROWID;
CREATE TABLE invoice (
    entity TEXT NOT NULL, invoice TEXT NOT NULL, customer TEXT NOT NULL, currency TEXT NOT NULL, day TEXT NOT NULL, due TEXT NOT NULL,
    gross_minor INTEGER NOT NULL, net_minor INTEGER NOT NULL, tax_minor INTEGER NOT NULL, open_minor INTEGER NOT NULL, -- open at the head
    rebills TEXT, seq INTEGER NOT NULL, time TEXT NOT NULL, user TEXT NOT NULL, PRIMARY KEY (entity, invoice)
) STRICT, WITHOUT ROWID;
CREATE TABLE invoice_tax (entity TEXT NOT NULL, invoice TEXT NOT NULL, n INTEGER NOT NULL, code TEXT NOT NULL, net_minor INTEGER NOT NULL, tax_minor INTEGER NOT NULL, PRIMARY KEY (entity, invoice, n)) STRICT, WITHOUT ROWID;
CREATE TABLE invoice_line (entity TEXT NOT NULL, invoice TEXT NOT NULL, line TEXT NOT NULL, code TEXT NOT NULL, net_minor INTEGER NOT NULL, tax_minor INTEGER NOT NULL, PRIMARY KEY (entity, invoice, line)) STRICT, WITHOUT ROWID;
CREATE TABLE receipt (entity TEXT NOT NULL, receipt TEXT NOT NULL, customer TEXT NOT NULL, currency TEXT NOT NULL, day TEXT NOT NULL, amount_minor INTEGER NOT NULL, seq INTEGER NOT NULL, time TEXT NOT NULL, user TEXT NOT NULL, PRIMARY KEY (entity, receipt)) STRICT, WITHOUT ROWID;
CREATE TABLE application (entity TEXT NOT NULL, receipt TEXT NOT NULL, n INTEGER NOT NULL, invoice TEXT NOT NULL, amount_minor INTEGER NOT NULL, PRIMARY KEY (entity, receipt, n)) STRICT, WITHOUT ROWID;
CREATE TABLE person_event (entity TEXT NOT NULL, event TEXT NOT NULL, person TEXT NOT NULL, change TEXT NOT NULL, day TEXT NOT NULL, manager TEXT, successor TEXT, seq INTEGER NOT NULL, time TEXT NOT NULL, PRIMARY KEY (entity, event)) STRICT, WITHOUT ROWID;
CREATE TABLE contact (entity TEXT NOT NULL, contact TEXT NOT NULL, customer TEXT NOT NULL, channel TEXT NOT NULL, outcome TEXT NOT NULL, day TEXT NOT NULL, until TEXT, seq INTEGER NOT NULL, PRIMARY KEY (entity, contact)) STRICT, WITHOUT ROWID;
CREATE TABLE feed_file (entity TEXT NOT NULL, feed TEXT NOT NULL, sequence INTEGER NOT NULL, state TEXT NOT NULL, count INTEGER NOT NULL, total_minor INTEGER, currency TEXT, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, time TEXT NOT NULL, user TEXT NOT NULL, PRIMARY KEY (entity, feed, sequence)) STRICT, WITHOUT ROWID;
CREATE TABLE sales_order (entity TEXT NOT NULL, sales_order TEXT NOT NULL, customer TEXT NOT NULL, currency TEXT NOT NULL, day TEXT NOT NULL, amount_minor INTEGER NOT NULL, state TEXT NOT NULL, hold_release TEXT, unreleased INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (entity, sales_order)) STRICT, WITHOUT ROWID;
CREATE TABLE delivery (entity TEXT NOT NULL, delivery TEXT NOT NULL, number TEXT NOT NULL, currency TEXT NOT NULL, amount_minor INTEGER NOT NULL, state TEXT NOT NULL, erp TEXT, seq INTEGER NOT NULL, PRIMARY KEY (entity, delivery)) STRICT, WITHOUT ROWID;

-- People, keys, rights.
CREATE TABLE user (user TEXT PRIMARY KEY, person TEXT NOT NULL, sort TEXT NOT NULL, document TEXT, enrolled_seq INTEGER NOT NULL, enrolled_at TEXT NOT NULL, last_seq INTEGER, last_at TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE key (key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, user TEXT NOT NULL, kind TEXT NOT NULL, since TEXT NOT NULL, since_seq INTEGER NOT NULL, until TEXT, ended_at TEXT, ended_seq INTEGER, ended_by TEXT, suspect_since TEXT, rotated_from TEXT, signed INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE book_key (key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, from_seq INTEGER NOT NULL, retired_seq INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE role_function (policy TEXT NOT NULL, role TEXT NOT NULL, function TEXT NOT NULL, PRIMARY KEY (policy, role, function)) STRICT, WITHOUT ROWID;
CREATE TABLE role_grant (number TEXT PRIMARY KEY, user TEXT NOT NULL, person TEXT NOT NULL, role TEXT NOT NULL, entities TEXT NOT NULL, from_time TEXT, to_time TEXT, since TEXT NOT NULL, since_seq INTEGER NOT NULL, proposed_by TEXT, approved_by TEXT, revoked_at TEXT, revoked_by TEXT, revocation TEXT, suspended_at TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE delegation (number TEXT PRIMARY KEY, from_user TEXT NOT NULL, from_person TEXT NOT NULL, to_user TEXT NOT NULL, to_person TEXT NOT NULL, functions TEXT NOT NULL, currency TEXT, limit_minor INTEGER, from_time TEXT NOT NULL, to_time TEXT NOT NULL, since TEXT NOT NULL, granted_by TEXT, approved_by TEXT, revoked_at TEXT, revocation TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE mitigation (number TEXT PRIMARY KEY, person TEXT NOT NULL, a TEXT NOT NULL, b TEXT NOT NULL, control TEXT NOT NULL, owner TEXT NOT NULL, reviewer TEXT NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL, uses INTEGER NOT NULL, answered INTEGER NOT NULL, last_review TEXT, revoked_at TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE review (number TEXT PRIMARY KEY, entities TEXT NOT NULL, rows INTEGER NOT NULL, population TEXT NOT NULL, opened_at TEXT NOT NULL, until TEXT NOT NULL, user TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE review_row (review TEXT NOT NULL, row TEXT NOT NULL, user TEXT, person TEXT, role TEXT, decision TEXT, attestation TEXT, by TEXT, at TEXT, PRIMARY KEY (review, row)) STRICT, WITHOUT ROWID;
CREATE TABLE break_glass (number TEXT PRIMARY KEY, users TEXT NOT NULL, functions TEXT NOT NULL, entities TEXT NOT NULL, reason TEXT NOT NULL, ticket TEXT NOT NULL, opened_by TEXT NOT NULL, second TEXT, since TEXT NOT NULL, until TEXT NOT NULL, review_by TEXT NOT NULL, review TEXT, reviewer TEXT, reviewed_at TEXT, conclusion TEXT, uses INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE break_glass_use (number TEXT NOT NULL, seq INTEGER NOT NULL, idx INTEGER NOT NULL, document TEXT, verb TEXT NOT NULL, user TEXT NOT NULL, time TEXT NOT NULL, PRIMARY KEY (number, seq, idx)) STRICT, WITHOUT ROWID;

-- Rules and calendars.
CREATE TABLE account (account TEXT PRIMARY KEY, class TEXT NOT NULL, title TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE reason (reason TEXT PRIMARY KEY, title TEXT NOT NULL, account TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE policy (seq INTEGER NOT NULL, number TEXT NOT NULL, hash TEXT NOT NULL, effective TEXT NOT NULL, proposed_by TEXT, approved_by TEXT, compiled TEXT NOT NULL, PRIMARY KEY (seq, number)) STRICT, WITHOUT ROWID;
CREATE TABLE entity (entity TEXT PRIMARY KEY, currency TEXT NOT NULL, opened_seq INTEGER NOT NULL, opened_at TEXT NOT NULL, number TEXT, opening_customers INTEGER, opening TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE period_event (number TEXT PRIMARY KEY, entity TEXT NOT NULL, period TEXT NOT NULL, state TEXT NOT NULL, user TEXT, until TEXT, reason TEXT NOT NULL, by TEXT NOT NULL, approved_by TEXT, seq INTEGER NOT NULL, time TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE rate (base TEXT NOT NULL, currency TEXT NOT NULL, day TEXT NOT NULL, rate TEXT NOT NULL, number TEXT NOT NULL, PRIMARY KEY (base, currency, day)) STRICT, WITHOUT ROWID;
CREATE TABLE release (number TEXT PRIMARY KEY, release TEXT NOT NULL, commit_id TEXT NOT NULL, exe TEXT NOT NULL, seq INTEGER NOT NULL, time TEXT NOT NULL, proposed_by TEXT, approved_by TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE restore (seq INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, from_seq INTEGER NOT NULL, to_seq INTEGER NOT NULL, officers TEXT NOT NULL, reason TEXT NOT NULL, time TEXT NOT NULL) STRICT;
CREATE TABLE checkpoint (number INTEGER PRIMARY KEY, size INTEGER NOT NULL, root TEXT NOT NULL, origin TEXT NOT NULL, signatures INTEGER NOT NULL) STRICT;

-- Work and audit work.
CREATE TABLE case_ (number TEXT PRIMARY KEY, kind TEXT NOT NULL, entity TEXT NOT NULL, customer TEXT, invoice TEXT, currency TEXT, amount_minor INTEGER, reason TEXT, opened_at TEXT NOT NULL, owner TEXT NOT NULL, due TEXT, promised TEXT, state TEXT NOT NULL, outcome TEXT, root_cause TEXT, settled_by TEXT, resolved_at TEXT, closed_at TEXT, reopened INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE seed (number TEXT PRIMARY KEY, seq INTEGER NOT NULL, time TEXT NOT NULL, user TEXT NOT NULL, seed TEXT NOT NULL, purpose TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE test_run (number TEXT PRIMARY KEY, seq INTEGER NOT NULL, time TEXT NOT NULL, user TEXT NOT NULL, control TEXT NOT NULL, from_seq INTEGER NOT NULL, to_seq INTEGER NOT NULL, result TEXT NOT NULL, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE disposition (number TEXT PRIMARY KEY, seq INTEGER NOT NULL, time TEXT NOT NULL, user TEXT NOT NULL, about TEXT NOT NULL, conclusion TEXT NOT NULL) STRICT, WITHOUT ROWID;
