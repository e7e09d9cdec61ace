-- Tables of what feeds brought, made of the records of the books at the head (temporary tables held_*: key, record) and of the
-- records as they came, with the entry that closed their file (temporary table fed). LEFT JOIN: a record that no feed brought
-- breaks a NOT NULL and ends the build.

INSERT INTO customer
SELECT key_text(h.key, 0), h.record ->> 'customer', h.record ->> 'group', f.record ->> 'group', h.record ->> 'currency',
       h.record ->> 'terms_days', minor(f.record ->> 'limit', f.record ->> 'currency'),
       minor(h.record ->> 'limit_text', h.record ->> 'currency'), coalesce(h.record ->> 'related', 0), h.record ->> 'since',
       f.seq, f.user
FROM held_customers h LEFT JOIN fed f ON f.feed = 'customers' AND f.entity = key_text(h.key, 0) AND f.id = key_text(h.key, 1);

INSERT INTO invoice
SELECT key_text(h.key, 0), h.record ->> 'invoice', h.record ->> 'customer', h.record ->> 'currency', h.record ->> 'date',
       h.record ->> 'due', h.record ->> 'gross',
       (SELECT SUM(minor(value ->> 'net', h.record ->> 'currency')) FROM json_each(h.record -> 'taxes')),
       (SELECT SUM(minor(value ->> 'tax', h.record ->> 'currency')) FROM json_each(h.record -> 'taxes')),
       h.record ->> 'open', h.record ->> 'rebills', f.seq, f.time, f.user
FROM held_invoices h LEFT JOIN fed f ON f.feed = 'invoices' AND f.entity = key_text(h.key, 0) AND f.id = key_text(h.key, 1);

INSERT INTO invoice_tax
SELECT key_text(h.key, 0), h.record ->> 'invoice', j.key, j.value ->> 'code', minor(j.value ->> 'net', h.record ->> 'currency'),
       minor(j.value ->> 'tax', h.record ->> 'currency')
FROM held_invoices h, json_each(h.record -> 'taxes') j;

INSERT INTO invoice_line
SELECT key_text(h.key, 0), h.record ->> 'invoice', j.value ->> 'line', j.value ->> 'code',
       minor(j.value ->> 'net', h.record ->> 'currency'), minor(j.value ->> 'tax', h.record ->> 'currency')
FROM held_invoices h, json_each(h.record -> 'lines') j;

INSERT INTO receipt
SELECT key_text(h.key, 0), h.record ->> 'receipt', h.record ->> 'customer', h.record ->> 'currency', h.record ->> 'date',
       minor(h.record ->> 'amount', h.record ->> 'currency'), f.seq, f.time, f.user
FROM held_receipts h LEFT JOIN fed f ON f.feed = 'cash' AND f.entity = key_text(h.key, 0) AND f.id = key_text(h.key, 1);

INSERT INTO application
SELECT key_text(h.key, 0), h.record ->> 'receipt', j.key, j.value ->> 'invoice',
       minor(j.value ->> 'amount', h.record ->> 'currency')
FROM held_receipts h, json_each(h.record -> 'applied') j;

INSERT INTO person_event
SELECT key_text(h.key, 1), h.record ->> 'event', h.record ->> 'person', h.record ->> 'change', h.record ->> 'date',
       h.record ->> 'manager', h.record ->> 'successor', f.seq, f.time
FROM held_people h LEFT JOIN fed f ON f.feed = 'people' AND f.entity = key_text(h.key, 1) AND f.id = key_text(h.key, 2)
ORDER BY 1, 2;

INSERT INTO contact
SELECT key_text(h.key, 0), h.record ->> 'contact', h.record ->> 'customer', h.record ->> 'channel', h.record ->> 'outcome',
       h.record ->> 'date', h.record ->> 'until', f.seq
FROM held_contacts h LEFT JOIN fed f ON f.feed = 'contacts' AND f.entity = key_text(h.key, 0) AND f.id = key_text(h.key, 1);

INSERT INTO sales_order
SELECT key_text(h.key, 0), h.record ->> 'order', h.record ->> 'customer', h.record ->> 'currency', h.record ->> 'date',
       h.record ->> 'amount', h.record ->> 'state', h.record ->> 'release', coalesce(h.record ->> 'unreleased', 0),
       h.record ->> 'seq'
FROM held_orders h;

INSERT INTO delivery
SELECT key_text(h.key, 0), h.record ->> 'delivery', h.record ->> 'document', h.record ->> 'currency', h.record ->> 'amount',
       h.record ->> 'state',
       (SELECT group_concat(value, ',') FROM json_each(h.record -> 'erp')), h.record ->> 'seq'
FROM held_deliveries h;
