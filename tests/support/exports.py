#!/usr/bin/env python3
"""Holds a book's exports against each other and against the book: exports.py BOOK.sqlite ADS-DIR FILE.journal FILE.beancount TRIAL

TRIAL is what `trial balance --json` printed. The period of the ADS files has to reach over the whole book. hledger, bean-query and
sqlite3 are the real programs. Prints what is wrong, and how much was looked at.
"""
import csv
import hashlib
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal

TAX = "|".join([f"Tax{n}_Type" for n in (1, 2, 3)] + [f"Tax{n}_Type_Description" for n in (1, 2, 3)] + [f"Tax{n}_Local" for n in (1, 2, 3)])
ENTERED = "|".join(f"{what}_{part}" for what in ("Entered", "Approved", "Last_Modified") for part in ("By", "Date", "Time"))
SEGMENTS = "|".join(f"Segment0{n}" for n in range(1, 6))
# Headers as the standard (and for the last two of it the project's design) has them, in order.
HEADERS = {
    "AR_Adjustments": "Adjustment_ID|Adjustment_Type|Adjustment_Document_Number|Invoice_ID|Adjustment_Date|Adjustment_Fiscal_Year|"
    "Adjustment_Period|Business_Unit_Code|Customer_Account_ID|Entered_By|Entered_Date|Entered_Time|Approved_By|Approved_Date|"
    "Approved_Time|Last_Modified_By|Last_Modified_Date|Last_Modified_Time|Adjustment_Amount|Adjustment_Amount_Currency|"
    "Adjustment_Amount_Reporting|Adjustment_Reporting_Currency|Adjustment_Amount_Local|Adjustment_Local_Currency|" + TAX +
    "|GL_Debit_Account_Number|GL_Credit_Account_Number|" + SEGMENTS,
    "Invoices_Generated": "Invoice_ID|Invoice_Number|Invoice_Date|Invoice_Fiscal_Year|Invoice_Period|Invoice_Due_Date|Sales_Order_ID|"
    "Business_Unit_Code|Customer_Account_ID|Terms_Discount_Percentage|Terms_Discount_Days|Terms_Due_Days|Entered_By|Entered_Date|"
    "Entered_Time|Approved_By|Approved_Date|Approved_Time|Last_Modified_By|Last_Modified_Date|Last_Modified_Time|Grouping_Code|"
    "Invoice_Amount|Invoice_Amount_Currency|Invoice_Amount_Reporting|Invoice_Reporting_Currency|Invoice_Amount_Local|"
    "Invoice_Local_Currency|" + TAX + "|" + SEGMENTS,
    "Invoices_Generated_Lines": "Invoice_ID|Invoice_Line_ID|Sales_Order_ID|Sales_Order_Line_ID|Invoice_Product_ID|"
    "Invoice_Product_Description|Invoice_Product_Group_01|Invoice_Product_Group_02|Invoice_Line_Amount|Invoice_Line_Amount_Currency|"
    "Invoice_Line_Amount_Reporting|Invoice_Line_Reporting_Currency|Invoice_Line_Amount_Local|Invoice_Line_Local_Currency|"
    "Grouping_Code|" + TAX + "|GL_Line_Debit_Account_Number|GL_Line_Credit_Account_Number|" +
    "|".join(f"GL_Tax{n}_{side}_Account_Number" for n in (1, 2, 3) for side in ("Debit", "Credit")) + "|" + SEGMENTS,
    "Open_Accounts_Receivable": "Customer_Account_ID|Transaction_ID|Transaction_Date|Transaction_Type|Transaction_Due_Date|"
    "Balance_Amount|Balance_Amount_Currency|Balance_Amount_Reporting|Balance_Reporting_Currency|Balance_Amount_Local|"
    "Balance_Local_Currency|Original_Balance_Amount|Original_Balance_Amount_Reporting|Original_Balance_Amount_Local|"
    "Business_Unit_Code|Grouping_Code|Amount_Credit_Debit_Indicator|Reference_Number|Reference_Date|" + SEGMENTS + "|Clearing_Document",
    "Cash_Received": "Receipt_ID|Customer_Account_ID|Business_Unit_Code|Receipt_Date|Receipt_Fiscal_Year|Receipt_Period|Reference_Number|"
    "Reference_Date|Amount_Credit_Debit_Indicator|Receipt_Type|Receipt_Amount|Receipt_Amount_Currency|Receipt_Amount_Reporting|"
    "Receipt_Reporting_Currency|Receipt_Amount_Local|Receipt_Local_Currency|Posting_Status|GL_Debit_Account_Number|"
    "GL_Credit_Account_Number|" + ENTERED + "|" + SEGMENTS,
    "AR_Cash_Application": "AR_Application_ID|AR_Application_Date|AR_Application_Fiscal_Year|AR_Application_Period|Customer_Account_ID|"
    "Receipt_ID|Invoice_ID|Business_Unit_Code|" + ENTERED + "|AR_Application_Amount|AR_Application_Amount_Currency|"
    "AR_Application_Amount_Reporting|AR_Application_Reporting_Currency|AR_Application_Amount_Local|AR_Application_Local_Currency|"
    "GL_Debit_Account_Number|GL_Credit_Account_Number|" + SEGMENTS,
    "Customer_Master": "Customer_Account_ID|Customer_Account_Name|Customer_Group|Customer_Physical_Street_Address1|"
    "Customer_Physical_Street_Address2|Customer_Physical_City|Customer_Physical_State_Province|Customer_Physical_ZipPostalCode|"
    "Customer_Physical_Country|Customer_TIN|Customer_Billing_Address1|Customer_Billing_Address2|Customer_Billing_City|"
    "Customer_Billing_State_Province|Customer_Billing_ZipPostalCode|Customer_Billing_Country|Active_Date|Inactive_Date|"
    "Transaction_Credit_Limit|Overall_Credit_Limit|Terms_Discount_Percentage|Terms_Discount_Days|Terms_Due_Days|Entered_By|"
    "Entered_Date|Entered_Time|Approved_By|Approved_Date|Approved_Time|Last_Modified_By|Last_Modified_Date|Last_Modified_Time|"
    "PrimaryContact_Name|PrimaryContact_Phone|PrimaryContact_Email",
    "GL_Detail": "Journal_ID|Journal_ID_Line_Number|JE_Header_Description|JE_Line_Description|Source|Business_Unit_Code|Effective_Date|"
    "Fiscal_Year|Period|GL_Account_Number|Amount|Amount_Credit_Debit_Indicator|Amount_Currency|Reporting_Amount|"
    "Reporting_Amount_Currency|Local_Amount|Local_Amount_Currency|Entered_By|Entered_Date|Entered_Time|Approved_By|Approved_Date|"
    "Last_Modified_By|Last_Modified_Date|Reversal_Indicator|Reversal_Journal_ID|" + SEGMENTS,
    "User_Listing": "User_ID|User_Active_Status|User_Active_Modified_Date|First_Name|Last_Name|Title|Department|Role_Responsibility",
    "AR_Adjustment_Type_Listing": "AR_Adjustment_Type|AR_Adjustment_Type_Description",
    "Source_Listing": "Source|Source_Description|ERP_Subledger_Module|System_Manual_Identifier|Business_Process_Major|Business_Process_Minor",
    "Chart_Of_Accounts": "GL_Account_Number|GL_Account_Name|Account_Type|Account_Subtype|FS_Caption|GL_Account_Description|"
    "Business_Unit_Code|Parent_GL_Account_Number",
}
CHECKS, WRONG = 0, []


def same(what, ours, theirs):
    global CHECKS
    CHECKS += 1
    if ours != theirs:
        only = [item for item in (ours.items() if isinstance(ours, dict) else [ours])
                if not isinstance(theirs, dict) or theirs.get(item[0]) != item[1]]
        WRONG.append(f"{what}: {only[:5]} against {list(theirs.items())[:5] if isinstance(theirs, dict) else theirs}")


def sums(pairs):
    total = defaultdict(Decimal)
    for key, amount in pairs:
        total[key] += Decimal(amount)
    return {key: amount for key, amount in total.items() if amount != 0}


def ads_read(folder):
    tables = {}
    with open(os.path.join(folder, "MANIFEST.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    same("files of the manifest", {one["file"]: 1 for one in manifest["files"]},
         {name: 1 for name in os.listdir(folder) if name not in ("MANIFEST.json", "MANIFEST.json.sig", "allowed_signers")})
    for one in manifest["files"]:
        with open(os.path.join(folder, one["file"]), "rb") as file:
            data = file.read()
        same(one["file"] + " SHA-256", hashlib.sha256(data).hexdigest(), one["sha256"])
        table = re.match(r"(.*?)_\d{8}", one["file"]).group(1)
        head = data.split(b"\r\n", 1)[0].decode()
        if not table.startswith("X_"):
            same(one["file"] + " header", head, HEADERS[table])
        rows = list(csv.DictReader(data.decode().splitlines(), delimiter="|", strict=True))
        same(one["file"] + " rows", len(rows), one["rows"])
        for row in rows:
            for name, cell in row.items():
                if cell is None or name is None or (cell[:1] in "=+-@\t" and cell and not re.fullmatch(r"-?\d+(\.\d+)?", cell)):
                    WRONG.append(f"{one['file']}: {name} is {cell!r}")
        key = table if table != "Open_Accounts_Receivable" else table + one["file"][-9:]
        tables[key] = rows
    return manifest, tables


def signed(row, amount, indicator):
    return Decimal(row[amount]) * (1 if row[indicator] == "D" else -1)


def ads_check(db, folder, trial):
    manifest, tables = ads_read(folder)
    entity, ask = manifest["entity"], lambda text: db.execute(text, (manifest["entity"],)).fetchall()
    scale = {currency: Decimal(1) / scale for currency, scale in db.execute("SELECT currency, scale FROM currency")}
    adjustments, detail = tables["AR_Adjustments"], tables["GL_Detail"]
    closing = tables["Open_Accounts_Receivable_" + manifest["to"].replace("-", "")]
    opening = next(rows for name, rows in tables.items() if name.startswith("Open_") and rows is not closing)

    # Each invoice: gross, less cash, and what documents did make what is open.
    same("adjustments of each invoice", sums((r["Invoice_ID"], r["Adjustment_Amount_Local"]) for r in adjustments if r["Invoice_ID"]),
         sums((i, (minor or 0) * scale[c]) for i, c, minor in ask(
             "SELECT invoice, currency, open_minor - gross_minor + coalesce((SELECT SUM(a.amount_minor) FROM application a"
             " WHERE a.entity = i.entity AND a.invoice = i.invoice), 0) FROM invoice i WHERE entity = ?")))
    same("one record for an invoice of an adjustment", len(adjustments), len({(r["Adjustment_ID"], r["Customer_Account_ID"], r["Invoice_ID"]) for r in adjustments}))
    # Opening and movements make the closing, which is what the books say customers owe, when the period reaches over them.
    open_sum = lambda rows: sums((r["Balance_Local_Currency"], signed(r, "Balance_Amount_Local", "Amount_Credit_Debit_Indicator")) for r in rows)
    moves = sums([(r["Invoice_Local_Currency"], r["Invoice_Amount_Local"]) for r in tables["Invoices_Generated"]] +
                 [(r["Adjustment_Local_Currency"], r["Adjustment_Amount_Local"]) for r in adjustments] +
                 [(c, -minor * scale[c]) for c, minor in ask(
                     f"SELECT currency, amount_minor FROM receipt WHERE entity = ? AND day BETWEEN '{manifest['from']}' AND '{manifest['to']}'")])
    same("opening and movements", sums(list(open_sum(opening).items()) + list(moves.items())), open_sum(closing))
    same("the closing receivables are the books'", open_sum(closing), sums((c, minor * scale[c]) for c, minor in ask(
        "SELECT currency, open_minor + account_minor FROM balance WHERE entity = ?")))
    same("open invoices are the books'", {r["Transaction_ID"]: Decimal(r["Balance_Amount_Local"]) for r in closing if r["Transaction_Type"] == "invoice"},
         {i: abs(minor) * scale[c] for i, c, minor in ask("SELECT invoice, currency, open_minor FROM invoice WHERE entity = ? AND open_minor <> 0")})
    # Cash: receipts are the feed's, what is applied of each is not more than it, and each invoice's open amount follows from the files.
    cash, applied = tables["Cash_Received"], tables["AR_Cash_Application"]
    same("receipts are the feed's", {(r["Receipt_ID"], r["Receipt_Local_Currency"]): Decimal(r["Receipt_Amount_Local"]) for r in cash},
         {(i, c): minor * scale[c] for i, c, minor in ask("SELECT receipt, currency, amount_minor FROM receipt WHERE entity = ?")})
    received = sums((r["Receipt_ID"], r["Receipt_Amount_Local"]) for r in cash)
    over = [receipt for receipt, amount in sums((r["Receipt_ID"], r["AR_Application_Amount_Local"]) for r in applied).items()
            if amount > received.get(receipt, 0)]
    same("applied is not more than was received", over, [])
    same("invoices, adjustments and applications leave what is open", sums(
        [(r["Invoice_ID"], r["Invoice_Amount_Local"]) for r in tables["Invoices_Generated"]] +
        [(r["Invoice_ID"], r["Adjustment_Amount_Local"]) for r in adjustments if r["Invoice_ID"]] +
        [(r["Invoice_ID"], "-" + r["AR_Application_Amount_Local"]) for r in applied]),
        sums((r["Transaction_ID"], signed(r, "Balance_Amount_Local", "Amount_Credit_Debit_Indicator")) for r in closing if r["Transaction_Type"] == "invoice"))
    for tie in manifest["receivables"]:
        same("the manifest's closing " + tie["currency"], Decimal(tie["closing"]), open_sum(closing).get(tie["currency"], Decimal(0)))
    # The ledger: balances, agrees with the trial balance, and its receivables are what adjustments did to invoices.
    own = [(r["GL_Account_Number"], signed(r, "Amount", "Amount_Credit_Debit_Indicator")) for r in detail]
    same("ledger lines balance", sum(amount for _, amount in own), Decimal(0))
    same("ledger lines are the trial balance", sums(((r["GL_Account_Number"], r["Local_Amount_Currency"]),
         signed(r, "Local_Amount", "Amount_Credit_Debit_Indicator")) for r in detail),
         sums(((r["account"], r["currency"]), Decimal(r["dr"]) - Decimal(r["cr"])) for r in trial if r["entity"] == entity and "account" in r))
    receivable = {a for (a,) in db.execute("SELECT account FROM account WHERE class = 'receivable'")}
    same("receivables of the ledger are adjustments of invoices", sums((r["Local_Amount_Currency"], signed(r, "Local_Amount", "Amount_Credit_Debit_Indicator"))
         for r in detail if r["GL_Account_Number"] in receivable),
         sums((r["Adjustment_Local_Currency"], r["Adjustment_Amount_Local"]) for r in adjustments if r["Invoice_ID"]))
    same("and in functional currency", sum((amount for account, amount in own if account in receivable), Decimal(0)),
         sum((Decimal(r["Adjustment_Amount"]) for r in adjustments if r["Invoice_ID"]), Decimal(0)))
    # Keys between the files.
    users, codes = {r["User_ID"] for r in tables["User_Listing"]}, {r["AR_Adjustment_Type"] for r in tables["AR_Adjustment_Type_Listing"]}
    customers, ids = {r["Customer_Account_ID"] for r in tables["Customer_Master"]}, {r["Adjustment_ID"] for r in adjustments}
    accounts, sources = {r["GL_Account_Number"] for r in tables["Chart_Of_Accounts"]}, {r["Source"] for r in tables["Source_Listing"]}
    for table, rows in tables.items():
        for row in rows:
            for name, cell in row.items():
                known = (users if name in ("Entered_By", "Approved_By", "Last_Modified_By") or (name == "User_ID" and table[:2] == "X_") else
                         customers if name == "Customer_Account_ID" else codes if name == "Adjustment_Type" else
                         ids if name == "Adjustment_ID" else sources if name == "Source" else
                         accounts if name.endswith("Account_Number") and name[:2] == "GL" else None)
                if known is not None and cell and cell not in known:
                    WRONG.append(f"{table}: {name} {cell!r} is in no listing")
                if (name.endswith("_Date") and cell and not re.fullmatch(r"\d{4}-\d\d-\d\d", cell)) or \
                        (name.endswith("_Time") and cell and not re.fullmatch(r"[0-2]\d[0-5]\d", cell)):
                    WRONG.append(f"{table}: {name} is {cell!r}")
    same("lines make their invoice", sums((r["Invoice_ID"], Decimal(r["Invoice_Line_Amount_Local"]) + Decimal(r["Tax1_Local"] or 0))
         for r in tables["Invoices_Generated_Lines"]), sums((r["Invoice_ID"], r["Invoice_Amount_Local"]) for r in tables["Invoices_Generated"]))


def run(*words):
    global CHECKS
    CHECKS += 1
    done = subprocess.run(words, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    if done.returncode != 0 or (words[0] == "bean-check" and done.stderr):
        WRONG.append(" ".join(words) + ": " + (done.stderr or done.stdout)[:500])
    return done.stdout


def plaintext_check(db, journal, beancount):
    lines = list(db.execute(
        "SELECT CASE a.class WHEN 'receivable' THEN 'Assets' WHEN 'cash' THEN 'Assets' WHEN 'allowance' THEN 'Assets' WHEN 'tax' THEN 'Liabilities'"
        " WHEN 'liability' THEN 'Liabilities' WHEN 'revenue' THEN 'Income' ELSE 'Expenses' END || ':' || l.entity || ':' || l.account,"
        " l.difference, l.currency, l.signed_minor, l.functional_currency, l.functional_signed_minor FROM line l JOIN account a USING (account)"))
    scale = {currency: Decimal(1) / scale for currency, scale in db.execute("SELECT currency, scale FROM currency")}
    plain = sums(((a, f if d else c), (fm if d else m) * scale[f if d else c]) for a, d, c, m, f, fm in lines)
    own = sums(((a, f or c), (m if f is None else fm) * scale[f or c]) for a, d, c, m, f, fm in lines)
    read = lambda text: sums(((r["account"], r["commodity"]), r["balance"].replace(",", "")) for r in csv.DictReader(text.splitlines())
                             if r["account"] != "total")
    run("hledger", "-f", journal, "check", "--strict")
    balance = ("hledger", "-f", journal, "balance", "-N", "--flat", "--layout=bare", "-O", "csv")
    same("hledger's balances", read(run(*balance)), plain)
    same("hledger's balances at cost", read(run(*balance, "-B")), own)
    same("hledger's transactions", int(re.search(r"Transactions\s*:\s*(\d+)", run("hledger", "-f", journal, "stats")).group(1)),
         db.execute("SELECT COUNT(DISTINCT number) FROM line").fetchone()[0])
    run("bean-check", beancount)
    text = run("bean-query", "-f", "csv", beancount, "SELECT account, SUM(position) AS balance GROUP BY account")
    rows = [(account.strip(), currency, number) for account, cell in list(csv.reader(text.splitlines()))[1:]
            for number, currency in re.findall(r"(-?[\d.]+)\s+([A-Z]{3})", cell)]
    name = lambda account: ":".join([account.split(":")[0]] + [part.replace("u", "_") for part in account.split(":")[1:]])
    same("beancount's balances", sums(((name(a), c), b) for a, c, b in rows), plain)


def main():
    path, folder, journal, beancount, trial_path = sys.argv[1:]
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    with open(trial_path, encoding="utf-8") as file:
        trial = [json.loads(line) for line in file]
    same("SQLite finds the file sound", db.execute("PRAGMA integrity_check").fetchone()[0], "ok")
    for (view,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall():
        run("sqlite3", "-readonly", path, f"SELECT * FROM {view}")
    same("the view of the trial balance", sums(((e, a, c), b) for e, a, c, b in db.execute("SELECT entity, account, currency, balance FROM trial_balance")),
         sums(((r["entity"], r["account"], r["currency"]), Decimal(r["dr"]) - Decimal(r["cr"])) for r in trial if "account" in r))
    ads_check(db, folder, trial)
    plaintext_check(db, journal, beancount)
    for one in WRONG:
        print("WRONG:", one)
    print(f"{CHECKS} checks, {len(WRONG)} wrong")
    return 1 if WRONG else 0


if __name__ == "__main__":
    sys.exit(main())
