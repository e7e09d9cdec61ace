#!/bin/bash
# An auditor asks for the rest of the reports of one small book, in text and as CSV; a second program counts the same from the exported
# entries. The book is held against itself and against a ledger file that somebody altered; and what changed since a day is told.
. "$(dirname "$0")/lib.sh"
CAST="${CAST/maria2:P-11:human: /} feedm:P-33:feed:FEED_CASH feedp:P-34:feed:FEED_PEOPLE feeda:P-35:feed:FEED_ACKNOWLEDGEMENTS audrey:P-61:human:AUDITOR"
found_company
at() { NOW=$(date -u -d "$1" +%s); }
credit() {
    local user=$1 invoice=$2 amount=$3
    shift 3
    cp prices.pdf "prices-$invoice-$amount.pdf"
    echo "$invoice $amount" >>"prices-$invoice-$amount.pdf"
    cs "$user" post credit-note --invoice "$invoice" --amount "$amount" --reason PRICE_ERR \
        --evidence "price-sheet:prices-$invoice-$amount.pdf" "$@"
}

note "January: cash, credits, a dispute, emergency access, duties that clash, a review, a leaver, another policy"
printf 'receipt,customer,date,currency,amount,invoice,applied\nR-1,16446,2026-01-05,USD,500.00,581483,300.00\n' >cash.csv
printf 'R-2,10442,2025-12-20,USD,200.00,40117,200.00\n' >>cash.csv
cs feedm load cash cash.csv --entity US01
expect 0 "2 records"
credit maria 581483 120.00
expect 0 "posted"
cs maria post dispute --invoice 581484 --amount 50 --reason PRICE_ERR --owner joe
expect 0 "DS-1"
credit maria 581484 50.00 --dispute DS-1
expect 0 "CN-2" "posted"
credit joe 40251 33.33
expect 0 "CN-3" "posted"
at 2026-01-08T10:00:00Z
cs joe case DS-1 resolved --outcome credit-full --root-cause price --settled-by CN-2
expect 0
cs olga mitigate P-11 CREDIT_PREPARE HOLD_RELEASE --control MON-7 --owner P-24 --reviewer P-23 --until 2026-03-01 --reason Small
expect 0
cs olga mitigate P-11 DISPUTE HOLD_RELEASE --control MON-7 --owner P-24 --reviewer P-23 --until 2026-03-01 --reason Small
expect 0
cs oscar approve --inbox
cs olga grant maria CREDIT_ANALYST --entity US01
expect 0
cs oscar approve --inbox
expect 0 "in force"
cs olga break-glass open --user cora --function credit-note.prepare --until 2026-01-08T12:00:00Z --ticket INC-1 --reason "close tonight"
cs oscar approve BG-1
expect 0
credit cora 700001 11.00 --emergency
expect 0 "posted"
at 2026-01-09T10:00:00Z
cs owen break-glass review BG-1 --conclusion justified --note "looked at the note"
expect 0
at 2026-01-12T10:00:00Z
cat >people.csv <<'CSV'
event,person,change,date,manager,successor
E1,P-11,join,2026-01-01,P-21,
E2,P-12,join,2026-01-01,P-21,
E3,P-12,leave,2026-01-10,,P-11
CSV
cs feedp load people people.csv --entity US01
expect 0 "3 records"
credit joe 40251 20.00
expect_not "posted"
cs olga review open
expect 0 "AR-1"
cs olga review attest AR-1 --keep GR-1
at 2026-01-15T10:00:00Z
sed 's/lapse_days: 14/lapse_days: 10/' "$POLICY" >policy.yaml
cs olga policy propose policy.yaml --effective 2026-01-17T05:00:00Z
expect 0
cs oscar approve PO-1
expect 0 "in force"
at 2026-01-20T10:00:00Z

run outbox --book "$BOOK" --as cora --json
python3 - >acks.csv <<PY
import json
print("delivery,date,currency,amount,state,erp,reason")
for line in '''$OUT'''.splitlines():
    row = json.loads(line)
    if row.get("document") == "CN-1":
        print(f"{row['delivery']},2026-01-20,USD,{row['amount']},posted,ERP-1,")
PY
cs feeda load acknowledgements acks.csv --entity US01
expect 0 "1 record"
run audit export --book "$BOOK" --out export.jsonl
expect 0
run conflicts --book "$BOOK" --as audrey --at 2026-02-10T08:00:00Z --json
printf '%s\n' "$OUT" >conflicts.jsonl

note "each report, as CSV and in text"
mkdir out
report() { run audit report "$@" --book "$BOOK" --at 2026-02-10T08:00:00Z --as audrey; }
for name in L-01 P-01 R-03 R-10 R-12 R-13 R-14 R-15 R-16 R-18 R-19 R-20 S-01; do
    report $name --format csv --out out/$name.csv
    expect 0 "$name" "body"
done
for name in R-03 R-16 R-20; do
    report $name
    expect 0 "$name" "complete: sequences 0.." "dense"
done
report R-20 --control JE-01 --format csv
expect 0 "test,doc_id,metric,threshold,disposition,by,at"
report R-20 --control C-99
expect 2 "no such test"
OUT=$("$HERE/../support/reports_rest.py" export.jsonl out conflicts.jsonl 2>&1) || wrong "the reports, counted again"
CHECKS=$((CHECKS + 1))
LAST=reports_rest.py
expect_not "WRONG" "Traceback"
run audit report --check out/R-20.csv --book "$BOOK"
expect 0 "unaltered, and what the book gives"

note "the book against itself and against a ledger file"
complete() { run audit completeness --book "$BOOK" --as audrey --period 2026-Q1 --entity US01 "$@"; }
complete
expect 0 "numbers" "feeds" "receivables" "general ledger" "complete: everything ties"
run audit extract --book "$BOOK" --as audrey --entity US01 --period 2026-01 --out extract.csv
python3 - <<'PY'
import csv
rows = [row for row in csv.DictReader(open("extract.csv")) if row["record"] == "line"]
with open("gl.csv", "w") as file:
    out = csv.writer(file)
    out.writerow(["currency", "number", "account", "credit", "debit"])
    for row in reversed(rows):
        out.writerow([row["currency"], row["number"], row["account"], row["cr"], row["dr"]])
PY
complete --ledger gl.csv
expect 0 "gl.csv: 10 lines, 10 were posted" "complete: everything ties"
sed 's/,120\.00,/,130.00,/' gl.csv >altered.csv
complete --ledger altered.csv
expect 3 "altered.csv:" "account 1200 has cr 130.00 USD, the book has cr 120.00" "NOT COMPLETE: 0 missing, 1 different"
sed 3d gl.csv >dropped.csv
complete --ledger dropped.csv
expect 1 "is posted and missing in the file" "NOT COMPLETE: 1 missing, 0 different"
{ cat gl.csv; echo "USD,US01-CN-2026-000099,1200,5.00,"; } >added.csv
complete --ledger added.csv
expect 3 "added.csv:12: US01-CN-2026-000099: the book has posted no such number"
sed 2p gl.csv >doubled.csv
complete --ledger doubled.csv --json
expect 3 "doubled.csv:3: " "stands there more often than in the book" '"differs":1'
run audit completeness --book "$BOOK" --as audrey --period 2026-02 --ledger gl.csv
expect 1 "is of US01 2026-01, which was not asked for"
printf 'number,account,debit,credit,currency\nUS01-CN-2026-000001,1200,1.00,1.00,USD\n' >both.csv
complete --ledger both.csv
expect 2 "both.csv:2:3" "one of debit and credit"
sed '2s/,[0-9]*\.[0-9]*,/,12.345,/' gl.csv >amount.csv
complete --ledger amount.csv
expect 2 "amount.csv:2"
run audit completeness --book "$BOOK" --as audrey --entity DE01
expect 2 "no entity DE01"

note "what changed since a day"
changes() { run audit changes --book "$BOOK" --as audrey "$@"; }
changes --since 2026-01-10 --kind policy
expect 1 "PO-1" "policy approval lapse_days" "1 change since 2026-01-10, of policy alone"
changes --since 2026-01-18 --kind policy
expect 0 "unchanged since 2026-01-18"
changes --since 2026-01-10 --kind program
expect 0 "engine" "unchanged since 2026-01-10"
changes --since 2026-01-21 --json
expect 0 '"unchanged":true'
changes
expect 2 "--since YYYY-MM-DD"
changes --since 2026-13-01
expect 2 "--since: no day"
finish
