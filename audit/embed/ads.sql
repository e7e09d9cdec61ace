-- The files of the AICPA's Audit Data Standards (audit/export/ADS.md): one SELECT a file, whose column names are the header.
-- A mark (@file) gives a name, a time and what is summed. The time is period (effective days :from to :to), end (as of :to) or
-- begin (as of the day before). The manifest sums a column by its currency's, credits apart where an indicator says C.
-- Parameters: :entity, :from, :to, :asof (of begin and end).

-- @file AR_Adjustments period Adjustment_Amount_Local Adjustment_Local_Currency
WITH f AS (SELECT currency AS own, (SELECT base FROM book) AS base FROM entity WHERE entity = :entity),
single AS (SELECT number FROM invoice_adjustments GROUP BY number HAVING COUNT(*) = 1),
taxes AS (
    SELECT l.number, l.tax, l.account, -SUM(l.signed_minor) AS minor,
           ROW_NUMBER() OVER (PARTITION BY l.number ORDER BY MIN(l.n)) AS place, COUNT(*) OVER (PARTITION BY l.number) AS count
    FROM line l WHERE l.tax IS NOT NULL AND l.entity = :entity AND l.day BETWEEN :from AND :to AND l.number IN single
    GROUP BY l.number, l.tax),
tax AS (SELECT t.*, a.title FROM taxes t LEFT JOIN account a ON a.account = t.account WHERE t.count <= 3)
SELECT a.number AS Adjustment_ID,
       CASE d.kind WHEN 'correction' THEN 'correction-' || d.direction WHEN 'adjustment' THEN 'adjustment-' || (d.document ->> 'charge')
                   ELSE d.kind END AS Adjustment_Type,
       d.legal_number AS Adjustment_Document_Number, a.invoice AS Invoice_ID, a.day AS Adjustment_Date,
       d.fiscal_year AS Adjustment_Fiscal_Year, fiscal_period(a.day, a.entity) AS Adjustment_Period,
       a.entity AS Business_Unit_Code, a.customer AS Customer_Account_ID,
       v.user AS Entered_By, local_day(v.time, a.entity) AS Entered_Date,
       replace(substr(local_time(v.time, a.entity), 1, 5), ':', '') AS Entered_Time,
       p.user AS Approved_By, local_day(p.time, a.entity) AS Approved_Date,
       replace(substr(local_time(p.time, a.entity), 1, 5), ':', '') AS Approved_Time,
       w.user AS Last_Modified_By, local_day(w.time, a.entity) AS Last_Modified_Date,
       replace(substr(local_time(w.time, a.entity), 1, 5), ':', '') AS Last_Modified_Time,
       amount_text(a.functional_minor, f.own) AS Adjustment_Amount, f.own AS Adjustment_Amount_Currency,
       amount_text(CASE WHEN a.currency = f.base THEN a.signed_minor WHEN f.own = f.base THEN a.functional_minor
                        ELSE convert(a.signed_minor, a.currency, f.base, d.base_rate) END, f.base) AS Adjustment_Amount_Reporting,
       CASE WHEN a.currency = f.base OR f.own = f.base OR d.base_rate IS NOT NULL THEN f.base END AS Adjustment_Reporting_Currency,
       amount_text(a.signed_minor, a.currency) AS Adjustment_Amount_Local, a.currency AS Adjustment_Local_Currency,
       t1.tax AS Tax1_Type, t2.tax AS Tax2_Type, t3.tax AS Tax3_Type, t1.title AS Tax1_Type_Description,
       t2.title AS Tax2_Type_Description, t3.title AS Tax3_Type_Description, amount_text(t1.minor, a.currency) AS Tax1_Local,
       amount_text(t2.minor, a.currency) AS Tax2_Local, amount_text(t3.minor, a.currency) AS Tax3_Local,
       CASE WHEN a.signed_minor < 0 THEN o.account ELSE a.account END AS GL_Debit_Account_Number,
       CASE WHEN a.signed_minor < 0 THEN a.account ELSE o.account END AS GL_Credit_Account_Number,
       NULL AS Segment01, NULL AS Segment02, NULL AS Segment03, NULL AS Segment04, NULL AS Segment05
FROM invoice_adjustments a JOIN f JOIN document d ON d.number = a.number
     JOIN version v ON v.seq = d.first_seq AND v.idx = d.first_idx
     LEFT JOIN version w ON w.seq = d.seq AND w.idx = d.idx AND d.version > 1
     LEFT JOIN last_approvals p ON p.number = a.number
     LEFT JOIN tax t1 ON t1.number = a.number AND t1.place = 1
     LEFT JOIN tax t2 ON t2.number = a.number AND t2.place = 2
     LEFT JOIN tax t3 ON t3.number = a.number AND t3.place = 3
     LEFT JOIN line o ON o.number = a.number AND o.n = (
         SELECT l.n FROM line l WHERE l.number = a.number AND (l.customer IS NOT a.customer OR l.invoice IS NOT a.invoice)
         ORDER BY l.customer IS NOT NULL, l.difference IS NOT NULL, l.n LIMIT 1)
WHERE a.entity = :entity AND a.day BETWEEN :from AND :to
ORDER BY a.day, d.posted_seq, d.number, a.n;

-- @file Invoices_Generated period Invoice_Amount_Local Invoice_Local_Currency
WITH f AS (SELECT currency AS own, (SELECT base FROM book) AS base FROM entity WHERE entity = :entity),
i AS (
    SELECT i.*, f.own, f.base,
           CASE WHEN i.currency = f.own THEN i.gross_minor ELSE convert(i.gross_minor, i.currency, f.own,
               (SELECT rate FROM rate WHERE base = f.own AND currency = i.currency AND day <= i.day ORDER BY day DESC LIMIT 1)) END AS own_minor,
           CASE WHEN i.currency = f.base THEN i.gross_minor ELSE convert(i.gross_minor, i.currency, f.base,
               (SELECT rate FROM rate WHERE base = f.base AND currency = i.currency AND day <= i.day ORDER BY day DESC LIMIT 1)) END AS base_minor
    FROM invoice i JOIN f WHERE i.entity = :entity AND i.day BETWEEN :from AND :to),
tax AS (SELECT t.*, COUNT(*) OVER (PARTITION BY t.invoice) AS count FROM invoice_tax t WHERE t.entity = :entity)
SELECT i.invoice AS Invoice_ID, i.invoice AS Invoice_Number, i.day AS Invoice_Date, fiscal_year(i.day, i.entity) AS Invoice_Fiscal_Year,
       fiscal_period(i.day, i.entity) AS Invoice_Period, i.due AS Invoice_Due_Date, NULL AS Sales_Order_ID,
       i.entity AS Business_Unit_Code, i.customer AS Customer_Account_ID, NULL AS Terms_Discount_Percentage,
       NULL AS Terms_Discount_Days, day_number(i.due) - day_number(i.day) AS Terms_Due_Days, i.user AS Entered_By,
       local_day(i.time, i.entity) AS Entered_Date, replace(substr(local_time(i.time, i.entity), 1, 5), ':', '') AS Entered_Time,
       NULL AS Approved_By, NULL AS Approved_Date, NULL AS Approved_Time, NULL AS Last_Modified_By, NULL AS Last_Modified_Date,
       NULL AS Last_Modified_Time, NULL AS Grouping_Code,
       amount_text(i.own_minor, i.own) AS Invoice_Amount, CASE WHEN i.own_minor IS NOT NULL THEN i.own END AS Invoice_Amount_Currency,
       amount_text(i.base_minor, i.base) AS Invoice_Amount_Reporting,
       CASE WHEN i.base_minor IS NOT NULL THEN i.base END AS Invoice_Reporting_Currency,
       amount_text(i.gross_minor, i.currency) AS Invoice_Amount_Local, i.currency AS Invoice_Local_Currency,
       t1.code AS Tax1_Type, t2.code AS Tax2_Type, t3.code AS Tax3_Type, NULL AS Tax1_Type_Description,
       NULL AS Tax2_Type_Description, NULL AS Tax3_Type_Description, amount_text(t1.tax_minor, i.currency) AS Tax1_Local,
       amount_text(t2.tax_minor, i.currency) AS Tax2_Local, amount_text(t3.tax_minor, i.currency) AS Tax3_Local, NULL AS Segment01, NULL AS Segment02, NULL AS Segment03, NULL AS Segment04, NULL AS Segment05
FROM i LEFT JOIN tax t1 ON t1.invoice = i.invoice AND t1.n = 0 AND t1.count <= 3
     LEFT JOIN tax t2 ON t2.invoice = i.invoice AND t2.n = 1 AND t2.count <= 3
     LEFT JOIN tax t3 ON t3.invoice = i.invoice AND t3.n = 2 AND t3.count <= 3
ORDER BY i.day, i.invoice;

-- @file Invoices_Generated_Lines period Invoice_Line_Amount_Local Invoice_Line_Local_Currency
WITH f AS (SELECT currency AS own, (SELECT base FROM book) AS base FROM entity WHERE entity = :entity),
i AS (SELECT i.*, f.own, f.base FROM invoice i JOIN f WHERE i.entity = :entity AND i.day BETWEEN :from AND :to),
part AS (
    SELECT i.invoice, l.line AS id, l.code, l.net_minor, l.tax_minor FROM i JOIN invoice_line l ON l.entity = i.entity AND l.invoice = i.invoice
    UNION ALL
    SELECT i.invoice, 'tax-' || (t.n + 1), t.code, t.net_minor, t.tax_minor FROM i JOIN invoice_tax t ON t.entity = i.entity AND t.invoice = i.invoice
    WHERE NOT EXISTS (SELECT 1 FROM invoice_line l WHERE l.entity = i.entity AND l.invoice = i.invoice))
SELECT i.invoice AS Invoice_ID, p.id AS Invoice_Line_ID, NULL AS Sales_Order_ID, NULL AS Sales_Order_Line_ID,
       NULL AS Invoice_Product_ID, NULL AS Invoice_Product_Description, NULL AS Invoice_Product_Group_01, NULL AS Invoice_Product_Group_02,
       CASE WHEN i.currency = i.own THEN amount_text(p.net_minor, i.own) END AS Invoice_Line_Amount,
       CASE WHEN i.currency = i.own THEN i.own END AS Invoice_Line_Amount_Currency,
       CASE WHEN i.currency = i.base THEN amount_text(p.net_minor, i.base) END AS Invoice_Line_Amount_Reporting,
       CASE WHEN i.currency = i.base THEN i.base END AS Invoice_Line_Reporting_Currency,
       amount_text(p.net_minor, i.currency) AS Invoice_Line_Amount_Local, i.currency AS Invoice_Line_Local_Currency,
       NULL AS Grouping_Code, p.code AS Tax1_Type, NULL AS Tax2_Type, NULL AS Tax3_Type, NULL AS Tax1_Type_Description,
       NULL AS Tax2_Type_Description, NULL AS Tax3_Type_Description, amount_text(p.tax_minor, i.currency) AS Tax1_Local,
       NULL AS Tax2_Local, NULL AS Tax3_Local, NULL AS GL_Line_Debit_Account_Number, NULL AS GL_Line_Credit_Account_Number,
       NULL AS GL_Tax1_Debit_Account_Number, NULL AS GL_Tax1_Credit_Account_Number, NULL AS GL_Tax2_Debit_Account_Number,
       NULL AS GL_Tax2_Credit_Account_Number, NULL AS GL_Tax3_Debit_Account_Number, NULL AS GL_Tax3_Credit_Account_Number, NULL AS Segment01, NULL AS Segment02, NULL AS Segment03, NULL AS Segment04, NULL AS Segment05
FROM part p JOIN i ON i.invoice = p.invoice
ORDER BY i.day, i.invoice, p.id;

-- @file Open_Accounts_Receivable begin Balance_Amount_Local Balance_Local_Currency Amount_Credit_Debit_Indicator
-- @file Open_Accounts_Receivable end Balance_Amount_Local Balance_Local_Currency Amount_Credit_Debit_Indicator
WITH f AS (SELECT currency AS own, (SELECT base FROM book) AS base FROM entity WHERE entity = :entity),
o AS (SELECT m.customer, m.invoice, m.currency, SUM(m.minor) AS minor, MAX(m.day) AS day FROM receivable_movements m
      WHERE m.entity = :entity AND m.day <= :asof GROUP BY m.customer, m.invoice, m.currency HAVING SUM(m.minor) <> 0)
SELECT o.customer AS Customer_Account_ID, coalesce(o.invoice, 'ON-ACCOUNT:' || o.customer || ':' || o.currency) AS Transaction_ID,
       coalesce(i.day, o.day) AS Transaction_Date, CASE WHEN o.invoice IS NULL THEN 'on-account' ELSE 'invoice' END AS Transaction_Type,
       i.due AS Transaction_Due_Date,
       CASE WHEN o.currency = f.own THEN amount_text(abs(o.minor), f.own) END AS Balance_Amount,
       CASE WHEN o.currency = f.own THEN f.own END AS Balance_Amount_Currency,
       CASE WHEN o.currency = f.base THEN amount_text(abs(o.minor), f.base) END AS Balance_Amount_Reporting,
       CASE WHEN o.currency = f.base THEN f.base END AS Balance_Reporting_Currency,
       amount_text(abs(o.minor), o.currency) AS Balance_Amount_Local, o.currency AS Balance_Local_Currency,
       CASE WHEN o.currency = f.own THEN amount_text(i.gross_minor, f.own) END AS Original_Balance_Amount,
       CASE WHEN o.currency = f.base THEN amount_text(i.gross_minor, f.base) END AS Original_Balance_Amount_Reporting,
       amount_text(i.gross_minor, i.currency) AS Original_Balance_Amount_Local, :entity AS Business_Unit_Code, NULL AS Grouping_Code,
       CASE WHEN o.minor > 0 THEN 'D' ELSE 'C' END AS Amount_Credit_Debit_Indicator, NULL AS Reference_Number, NULL AS Reference_Date,
       NULL AS Segment01, NULL AS Segment02, NULL AS Segment03, NULL AS Segment04, NULL AS Segment05, NULL AS Clearing_Document
FROM o JOIN f LEFT JOIN invoice i ON i.entity = :entity AND i.invoice = o.invoice
ORDER BY o.customer, o.invoice IS NULL, o.invoice, o.currency;

-- @file Cash_Received period Receipt_Amount_Local Receipt_Local_Currency
WITH f AS (SELECT currency AS own, (SELECT base FROM book) AS base FROM entity WHERE entity = :entity)
SELECT r.receipt AS Receipt_ID, r.customer AS Customer_Account_ID, r.entity AS Business_Unit_Code, r.day AS Receipt_Date,
       fiscal_year(r.day, r.entity) AS Receipt_Fiscal_Year, fiscal_period(r.day, r.entity) AS Receipt_Period, NULL AS Reference_Number,
       NULL AS Reference_Date, 'C' AS Amount_Credit_Debit_Indicator, NULL AS Receipt_Type,
       CASE WHEN r.currency = f.own THEN amount_text(r.amount_minor, f.own) END AS Receipt_Amount,
       CASE WHEN r.currency = f.own THEN f.own END AS Receipt_Amount_Currency,
       CASE WHEN r.currency = f.base THEN amount_text(r.amount_minor, f.base) END AS Receipt_Amount_Reporting,
       CASE WHEN r.currency = f.base THEN f.base END AS Receipt_Reporting_Currency,
       amount_text(r.amount_minor, r.currency) AS Receipt_Amount_Local, r.currency AS Receipt_Local_Currency,
       NULL AS Posting_Status, NULL AS GL_Debit_Account_Number, NULL AS GL_Credit_Account_Number,
       r.user AS Entered_By, local_day(r.time, r.entity) AS Entered_Date,
       replace(substr(local_time(r.time, r.entity), 1, 5), ':', '') AS Entered_Time, NULL AS Approved_By, NULL AS Approved_Date,
       NULL AS Approved_Time, NULL AS Last_Modified_By, NULL AS Last_Modified_Date, NULL AS Last_Modified_Time,
       NULL AS Segment01, NULL AS Segment02, NULL AS Segment03,
       NULL AS Segment04, NULL AS Segment05
FROM receipt r JOIN f WHERE r.entity = :entity AND r.day BETWEEN :from AND :to ORDER BY r.day, r.receipt;

-- @file AR_Cash_Application period AR_Application_Amount_Local AR_Application_Local_Currency
WITH f AS (SELECT currency AS own, (SELECT base FROM book) AS base FROM entity WHERE entity = :entity),
p AS (SELECT p.receipt, p.n, p.invoice, p.amount_minor, r.entity, r.customer, r.currency, r.user, r.time, max(r.day, i.day) AS day
      FROM application p JOIN receipt r ON r.entity = p.entity AND r.receipt = p.receipt
           JOIN invoice i ON i.entity = p.entity AND i.invoice = p.invoice WHERE p.entity = :entity)
SELECT p.receipt || '/' || (p.n + 1) AS AR_Application_ID, p.day AS AR_Application_Date,
       fiscal_year(p.day, p.entity) AS AR_Application_Fiscal_Year, fiscal_period(p.day, p.entity) AS AR_Application_Period,
       p.customer AS Customer_Account_ID, p.receipt AS Receipt_ID, p.invoice AS Invoice_ID, p.entity AS Business_Unit_Code,
       p.user AS Entered_By, local_day(p.time, p.entity) AS Entered_Date,
       replace(substr(local_time(p.time, p.entity), 1, 5), ':', '') AS Entered_Time, NULL AS Approved_By, NULL AS Approved_Date,
       NULL AS Approved_Time, NULL AS Last_Modified_By, NULL AS Last_Modified_Date, NULL AS Last_Modified_Time,
       CASE WHEN p.currency = f.own THEN amount_text(p.amount_minor, f.own) END AS AR_Application_Amount,
       CASE WHEN p.currency = f.own THEN f.own END AS AR_Application_Amount_Currency,
       CASE WHEN p.currency = f.base THEN amount_text(p.amount_minor, f.base) END AS AR_Application_Amount_Reporting,
       CASE WHEN p.currency = f.base THEN f.base END AS AR_Application_Reporting_Currency,
       amount_text(p.amount_minor, p.currency) AS AR_Application_Amount_Local, p.currency AS AR_Application_Local_Currency,
       NULL AS GL_Debit_Account_Number, NULL AS GL_Credit_Account_Number, NULL AS Segment01, NULL AS Segment02, NULL AS Segment03,
       NULL AS Segment04, NULL AS Segment05
FROM p JOIN f WHERE p.day BETWEEN :from AND :to ORDER BY p.day, p.receipt, p.n;

-- @file Customer_Master end
SELECT c.customer AS Customer_Account_ID, NULL AS Customer_Account_Name, c.customer_group AS Customer_Group,
       NULL AS Customer_Physical_Street_Address1, NULL AS Customer_Physical_Street_Address2, NULL AS Customer_Physical_City,
       NULL AS Customer_Physical_State_Province, NULL AS Customer_Physical_ZipPostalCode, NULL AS Customer_Physical_Country,
       NULL AS Customer_TIN, NULL AS Customer_Billing_Address1, NULL AS Customer_Billing_Address2, NULL AS Customer_Billing_City,
       NULL AS Customer_Billing_State_Province, NULL AS Customer_Billing_ZipPostalCode, NULL AS Customer_Billing_Country,
       local_day(c.since, c.entity) AS Active_Date, NULL AS Inactive_Date, NULL AS Transaction_Credit_Limit,
       amount_text(coalesce(l.amount_minor, c.fed_limit_minor), c.currency) AS Overall_Credit_Limit, NULL AS Terms_Discount_Percentage,
       NULL AS Terms_Discount_Days, c.terms_days AS Terms_Due_Days, c.user AS Entered_By, local_day(c.since, c.entity) AS Entered_Date,
       replace(substr(local_time(c.since, c.entity), 1, 5), ':', '') AS Entered_Time, p.user AS Approved_By,
       local_day(p.time, c.entity) AS Approved_Date, replace(substr(local_time(p.time, c.entity), 1, 5), ':', '') AS Approved_Time,
       l.user AS Last_Modified_By, local_day(l.posted_at, c.entity) AS Last_Modified_Date,
       replace(substr(local_time(l.posted_at, c.entity), 1, 5), ':', '') AS Last_Modified_Time, NULL AS PrimaryContact_Name,
       NULL AS PrimaryContact_Phone, NULL AS PrimaryContact_Email
FROM customer c LEFT JOIN document l ON l.number = (
         SELECT number FROM document WHERE kind = 'credit-limit' AND entity = c.entity AND customer = c.customer AND posted_seq IS NOT NULL
         AND local_day(posted_at, entity) <= :asof ORDER BY posted_seq DESC, idx DESC LIMIT 1)
     LEFT JOIN last_approvals p ON p.number = l.number
WHERE c.entity = :entity AND local_day(c.since, c.entity) <= :asof
ORDER BY c.customer;

-- @file GL_Detail period Local_Amount Local_Amount_Currency Amount_Credit_Debit_Indicator
WITH f AS (SELECT currency AS own, (SELECT base FROM book) AS base FROM entity WHERE entity = :entity)
SELECT l.legal_number AS Journal_ID, l.n + 1 AS Journal_ID_Line_Number, coalesce(d.note, r.title, d.reason) AS JE_Header_Description,
       coalesce('invoice ' || l.invoice, 'customer ' || l.customer, 'tax ' || l.tax, 'difference ' || l.difference) AS JE_Line_Description,
       d.kind AS Source, l.entity AS Business_Unit_Code, l.day AS Effective_Date, d.fiscal_year AS Fiscal_Year,
       fiscal_period(l.day, l.entity) AS Period, l.account AS GL_Account_Number,
       amount_text(coalesce(l.functional_minor, l.amount_minor), f.own) AS Amount,
       CASE l.side WHEN 'dr' THEN 'D' ELSE 'C' END AS Amount_Credit_Debit_Indicator, f.own AS Amount_Currency,
       CASE WHEN f.own = f.base THEN amount_text(coalesce(l.functional_minor, l.amount_minor), f.base)
            WHEN l.currency = f.base THEN amount_text(l.amount_minor, f.base) END AS Reporting_Amount,
       CASE WHEN f.own = f.base OR l.currency = f.base THEN f.base END AS Reporting_Amount_Currency,
       amount_text(l.amount_minor, l.currency) AS Local_Amount, l.currency AS Local_Amount_Currency, v.user AS Entered_By,
       local_day(v.time, l.entity) AS Entered_Date, replace(substr(local_time(v.time, l.entity), 1, 5), ':', '') AS Entered_Time,
       p.user AS Approved_By, local_day(p.time, l.entity) AS Approved_Date, w.user AS Last_Modified_By,
       local_day(w.time, l.entity) AS Last_Modified_Date,
       CASE WHEN d.kind = 'reversal' THEN 1 WHEN d.reversed_by IS NOT NULL THEN 2 END AS Reversal_Indicator,
       CASE WHEN d.kind = 'reversal' THEN (SELECT legal_number FROM document WHERE number = d.document ->> 'reverses')
            ELSE (SELECT legal_number FROM document WHERE number = d.reversed_by) END AS Reversal_Journal_ID,
       NULL AS Segment01, NULL AS Segment02, NULL AS Segment03, NULL AS Segment04, NULL AS Segment05
FROM line l JOIN f JOIN document d ON d.number = l.number JOIN version v ON v.seq = d.first_seq AND v.idx = d.first_idx
     LEFT JOIN version w ON w.seq = d.seq AND w.idx = d.idx AND d.version > 1
     LEFT JOIN last_approvals p ON p.number = l.number LEFT JOIN reason r ON r.reason = d.reason
WHERE l.entity = :entity AND l.day BETWEEN :from AND :to
ORDER BY l.day, l.seq, l.idx, l.n;

-- @file User_Listing end
SELECT u.user AS User_ID,
       CASE WHEN EXISTS (SELECT 1 FROM role_grant g, book b WHERE g.user = u.user AND g.revoked_at IS NULL AND g.suspended_at IS NULL
                         AND coalesce(g.to_time, '9999') > b.last_time)
             AND EXISTS (SELECT 1 FROM key k, book b WHERE k.user = u.user AND k.ended_at IS NULL AND coalesce(k.until, '9999') > b.last_time)
            THEN 'Active' ELSE 'Inactive' END AS User_Active_Status,
       local_day(max(u.enrolled_at, coalesce((SELECT MAX(max(g.since, coalesce(g.revoked_at, ''))) FROM role_grant g WHERE g.user = u.user), ''),
                     coalesce((SELECT MAX(max(k.since, coalesce(k.ended_at, ''))) FROM key k WHERE k.user = u.user), '')), :entity)
           AS User_Active_Modified_Date,
       NULL AS First_Name, NULL AS Last_Name, u.sort AS Title, NULL AS Department,
       (SELECT group_concat(role, ', ') FROM (SELECT DISTINCT g.role FROM role_grant g
         WHERE g.user = u.user AND g.revoked_at IS NULL ORDER BY g.role)) AS Role_Responsibility
FROM user u ORDER BY u.user;

-- @file AR_Adjustment_Type_Listing end
SELECT column1 AS AR_Adjustment_Type, column2 AS AR_Adjustment_Type_Description FROM (VALUES
    ('credit-note', 'Credit memo: lowers what the customer owes'),
    ('correction-down', 'Credit memo: correction of an invoice downwards'),
    ('correction-up', 'Debit memo: correction of an invoice upwards'),
    ('write-off', 'Write-off of bad debt'),
    ('recovery', 'Recovery: debt that was written off is reinstated and paid from cash'),
    ('rebill', 'Credit memo: an invoice that another one replaces'),
    ('reversal', 'Reversal of another adjustment, in full'),
    ('adjustment-finance', 'Finance charge'),
    ('adjustment-small-balance', 'Other: small balance written off'),
    ('adjustment-freight', 'Other: freight'),
    ('adjustment-discount', 'Other: discount'),
    ('adjustment-fx', 'Other: exchange difference'),
    ('adjustment-credit-balance', 'Other: credit balance given up'),
    ('adjustment-transfer', 'Other: transfer between invoices or customers'));

-- @file Source_Listing end
SELECT column1 AS Source, column2 AS Source_Description, 'AR' AS ERP_Subledger_Module, 'S' AS System_Manual_Identifier,
       'Order to cash' AS Business_Process_Major, column3 AS Business_Process_Minor FROM (VALUES
    ('credit-note', 'Credit notes', 'Corrections'), ('correction', 'Invoice corrections', 'Corrections'),
    ('write-off', 'Write-offs', 'Bad debt'), ('recovery', 'Recoveries', 'Bad debt'), ('rebill', 'Rebills', 'Corrections'),
    ('reversal', 'Reversals', 'Corrections'), ('adjustment', 'Adjustments and transfers', 'Corrections'));

-- @file Chart_Of_Accounts end
SELECT a.account AS GL_Account_Number, a.title AS GL_Account_Name,
       CASE a.class WHEN 'receivable' THEN 'Assets' WHEN 'cash' THEN 'Assets' WHEN 'allowance' THEN 'Assets' WHEN 'tax' THEN 'Liabilities'
                    WHEN 'liability' THEN 'Liabilities' WHEN 'revenue' THEN 'Revenue' ELSE 'Expenses' END AS Account_Type,
       a.class AS Account_Subtype, NULL AS FS_Caption, a.title AS GL_Account_Description, :entity AS Business_Unit_Code,
       NULL AS Parent_GL_Account_Number
FROM account a ORDER BY a.account;

-- @file X_AR_Adjustment_Reasons period
SELECT d.number AS Adjustment_ID, d.reason AS Reason_Code, r.title AS Reason, d.direction AS Direction, d.note AS Note,
       d.customer_ref AS Customer_Reference, d.requested_by AS Requested_By, d.channel AS Channel, d.reversed_by AS Reversed_By,
       d.content AS Content_Hash, d.posted_seq AS Journal_Sequence
FROM document d LEFT JOIN reason r ON r.reason = d.reason
WHERE d.entity = :entity AND d.number IN (SELECT number FROM invoice_adjustments WHERE day BETWEEN :from AND :to)
ORDER BY d.day, d.posted_seq, d.number;

-- @file X_AR_Adjustment_Approvals period
SELECT a.number AS Adjustment_ID, a.version AS Version, a.level AS Level, a.user AS User_ID, a.person AS Person_ID, a.behalf AS On_Behalf_Of,
       a.delegation AS Delegation_ID, local_day(a.time, d.entity) AS Approved_Date,
       replace(substr(local_time(a.time, d.entity), 1, 5), ':', '') AS Approved_Time, a.time AS Approved_At_UTC, a.outcome AS Outcome,
       a.counts AS Counts, a.content AS Approved_Hash, a.seq AS Journal_Sequence
FROM act a JOIN document d ON d.number = a.number
WHERE a.verb = 'approve' AND d.entity = :entity
  AND d.number IN (SELECT number FROM invoice_adjustments WHERE day BETWEEN :from AND :to)
ORDER BY a.seq, a.idx;

-- @file X_AR_Adjustment_Controls period
SELECT n.number AS Adjustment_ID, n.stage AS Stage, n.control AS Control_ID, n.code AS Code, n.answer AS Answer, n.levels AS Levels,
       n.inputs AS Inputs, e.policy AS Policy_Hash, n.seq AS Journal_Sequence
FROM answer n JOIN entry e ON e.seq = n.seq JOIN document d ON d.number = n.number
WHERE d.entity = :entity AND d.number IN (SELECT number FROM invoice_adjustments WHERE day BETWEEN :from AND :to)
ORDER BY n.seq, n.idx, n.n;

-- @file X_AR_Adjustment_Evidence period
SELECT v.number AS Adjustment_ID, v.version AS Version, v.sha256 AS SHA256, v.kind AS Kind, v.media AS Media_Type, v.bytes AS Bytes,
       v.user AS User_ID
FROM evidence v JOIN document d ON d.number = v.number
WHERE d.entity = :entity AND d.number IN (SELECT number FROM invoice_adjustments WHERE day BETWEEN :from AND :to)
ORDER BY d.day, d.posted_seq, d.number, v.rowid;
