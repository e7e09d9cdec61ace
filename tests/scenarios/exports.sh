#!/bin/bash
# A book in three currencies, with notes that mean harm, goes out as SQLite, Audit Data Standards files, hledger and beancount
# journals. The real programs read them; tests/support/exports.py holds all of them against each other and the book.
HERE=$(realpath "$(dirname "$0")")
POLICY=$HERE/../policies/currency.yaml
. "$(dirname "$0")/lib.sh"
CAST="$CAST feedm:P-33:feed:FEED_CASH audrey:P-42:human:AUDITOR"
found_company
cs olga rates propose --date 2025-12-01 JPY=0.0064 KWD=3.25
cs oscar approve --inbox
expect 0 "in force"
printf 'customer,currency,limit,terms_days\nY1,JPY,3000000,30\nW1,KWD,6000.000,30\n' >customers.csv
cs feedc load customers customers.csv --entity US01
expect 0 "2 records"
for row in "J-1,Y1 JPY 90909 9091" "K-1,W1 KWD 1000.001 0.000"; do
    set -- $row
    printf 'invoice,customer,date,due,currency,tax_code,net,tax\n%s,2025-12-01,2025-12-31,%s,SALES_TAX,%s,%s\n' "$1" "$2" "$3" "$4" >one.csv
    cs feedi load invoices one.csv --entity US01
    expect 0 "1 record"
done
post() { # USER INVOICE AMOUNT NOTE
    cs "$1" post credit-note --entity US01 --invoice "$2" --amount "$3" --reason PRICE_ERR --evidence price-sheet:prices.pdf --note "$4"
}

note "documents of two months: posted, approved, amended, reversed, refused"
post maria J-1 11111 '; date:2001-01-01, [2001-02-02] | "Assets:Stolen  1000 USD'
expect 0 "CN-1   posted"
post maria K-1 20.005 '=HYPERLINK("http://evil.example")|\" \'
expect 0 "CN-2   posted"
post joe 581484 110.00 '@SUM(1) | ; % " \'
expect 0 "CN-3   posted"
post joe 581483 1100.00 "-1+1 needs somebody else"
expect 0 "CN-4" "waits for"
cs ana approve CN-4
expect 0
cs priya approve CN-4
post maria 40117 900.01 "too much"
expect 1 "C-35"
printf 'receipt,customer,date,currency,amount,invoice,applied\nR-1,16446,2026-01-05,USD,500.00,581483,300.00\n' >cash.csv
printf 'R-2,16446,2025-11-20,USD,10.00,581484,10.00\n' >>cash.csv # before its invoice
cs feedm load cash cash.csv --entity US01
expect 0 "2 records"
NOW=$(date -u -d 2026-02-03T15:00:00Z +%s)
cs olga rates propose --date 2026-01-31 JPY=0.0065 KWD=3.24
cs oscar approve --inbox
expect 0 "in force"
cs maria reverse CN-2 --reason POSTED_IN_ERROR --note "wrong; customer" --evidence prices.pdf
expect 0 "RV-1"
cs ana approve RV-1
expect 0 "level 2"
cs priya approve RV-1
expect 0 "posted"
post maria J-1 1500 "a second month"
expect 0 "CN-5   posted"
cs audrey audit record seed --seed 271828 --purpose "25 credit notes"
expect 0 "SE-1"

note "the whole book, held against itself by other programs"
SIGNS="--as audrey --key $WORK/audrey.key --passphrase-fd 3"
run trial balance --book "$BOOK" --as maria --json
printf '%s\n' "$OUT" >trial.json
run audit export --book "$BOOK" --sqlite book.sqlite --ads ads $SIGNS --entity US01 --period 2025-01-01..2026-12-31 --hledger book.journal --beancount book.beancount
expect 0 "sqlite     book.sqlite" "ads        ads"
LAST="exports.py"
OUT=$(python3 "$HERE/../support/exports.py" book.sqlite ads book.journal book.beancount trial.json 2>&1)
RC=$?
expect 0 "checks, 0 wrong"
OUT=$(sqlite3 -readonly book.sqlite "SELECT number, amount, base_amount, day, fiscal_year FROM corrections WHERE number = 'CN-2'")
expect 0 "CN-2|20.005|65.02|2026-01-05|2026"
OUT=$(hledger -f book.journal print code:US01-CN-2026-000001 tag:document=CN-1 date:2026-01-05)
expect 0 "2026-01-05 (US01-CN-2026-000001) credit-note PRICE_ERR: %3B date:2001-01-01, [2001-02-02] %7C \"Assets:Stolen  1000 USD"
OUT=$(grep -h "CN-2|" ads/X_AR_Adjustment_Reasons_*)
expect 0 "\"'=HYPERLINK(\"\"http://evil.example\"\")|\\\"\" \\\""
OUT=$(cat ads/AR_Cash_Application_*)
expect 0 "R-1/1|2026-01-05|2026|M1|16446|R-1|581483|US01|feedm|" "R-2/1|2025-12-01|2025|M12|16446|R-2|581484|US01|feedm|"
OUT=$(cat ads/Cash_Received_*)
expect 0 "R-2|16446|US01|2025-11-20|2025|M11|||C||10.00|USD|10.00|USD|10.00|USD||||feedm|"
OUT=$(bean-query -f csv book.beancount "SELECT DISTINCT narration WHERE narration ~ 'HYPERLINK'")
expect 0 '=HYPERLINK(""http://evil.example"")|\"" \'

note "who exported it signed the list of files: stock ssh-keygen says so, and says no to anything else"
signature() { # FOLDER: what ssh-keygen says of its manifest
    OUT=$(ssh-keygen -Y verify -f "$1/allowed_signers" -I audrey -n "${2:-countersign-export}" -s "$1/MANIFEST.json.sig" <"$1/MANIFEST.json" 2>&1)
    RC=$? LAST="ssh-keygen -Y verify $1"
}
signature ads
expect 0 'Good "countersign-export" signature for audrey'
KEY=$(cut -d' ' -f1,2 audrey.key.pub)
OUT=$(cat ads/allowed_signers ads/MANIFEST.json)
expect 0 "audrey namespaces=\"countersign-export\" $KEY" "\"key\": \"$KEY\"" '"by": "audrey"'
signature ads countersign-bundle
expect 255
cp -r ads forged
sed -i 's/"rows": [0-9]*/"rows": 99/' forged/MANIFEST.json
signature forged
expect 255
run audit export --book "$BOOK" --ads unsigned --entity US01 --period 2026
expect 2 "who exports? --ads is signed: give --as USER"
if [ -z "$AT" ]; then # whoever asks a server has a key
    run audit export --book "$BOOK" --ads unsigned --entity US01 --period 2026 --as audrey
    expect 2 "--key"
fi
run audit export --book "$BOOK" --ads unsigned --entity US01 --period 2026 --as audrey --key "$WORK/maria.key" --passphrase-fd 3
expect 5 "$(either "this is no key of audrey that counts now" "")"
OUT=$(ls -d unsigned* 2>&1)
expect 5 "cannot access"

note "one month begins where the other ends; twice the same bytes; nothing is replaced"
run audit export --book "$BOOK" --ads january $SIGNS --entity US01 --period 2026-01
expect 0
run audit export --book "$BOOK" --ads q1 $SIGNS --period 2026-Q1 --entity US01
expect 0
run audit export --book "$BOOK" --ads february $SIGNS --entity US01 --period 2026-02 --sqlite again.sqlite
expect 0
OUT=$(cmp january/Open_Accounts_Receivable_20260131 february/Open_Accounts_Receivable_20260131 && cmp book.sqlite again.sqlite && echo equal; ls -d *.part* 2>&1)
expect 0 equal "cannot access"
OUT=$(cat january/AR_Adjustments_* february/AR_Adjustments_* | grep -vc Adjustment_ID; grep -vc Adjustment_ID q1/AR_Adjustments_20260101_20260331)
expect 0 "6
6"
run audit export --book "$BOOK" --ads day $SIGNS --entity US01 --period 2026-01-05..2026-01-05
expect 0
LAST="what was open at the end of a day on which much moved, against the manifest"
OUT=$(python3 -c '
import csv, json
from decimal import Decimal
ties = {one["currency"]: Decimal(one["closing"]) for one in json.load(open("day/MANIFEST.json"))["receivables"]}
for row in csv.DictReader(open("day/Open_Accounts_Receivable_20260105", newline=""), delimiter="|"):
    ties[row["Balance_Local_Currency"]] -= Decimal(row["Balance_Amount_Local"]) * (1 if row["Amount_Credit_Debit_Indicator"] == "D" else -1)
print(len(ties), "currencies", sum(map(abs, ties.values())))' 2>&1)
expect 0 "3 currencies 0.000"
run audit export --book "$BOOK" --as audrey --sqlite book.sqlite
expect 2 "book.sqlite"
run audit export --book "$BOOK" --ads ads $SIGNS --period 2026
expect 2 "ads"
run audit export --book "$BOOK" --ads other $SIGNS --period 2026-01..2026-12 --sqlite other.sqlite
expect 2 "the book has 4 entities: which one? give --entity CODE"

note "what cannot be asked"
run audit export --book "$BOOK" --as audrey
expect 2 "what is to be written? give --out FILE, --sqlite FILE"
run audit export --book "$BOOK" --ads other $SIGNS
expect 2 "give --period, as in --period 2026-Q3"
run audit export --book "$BOOK" --as audrey --out all.jsonl --period 2026
expect 2 "--period and --entity go with --ads"
run audit export --book "$BOOK" --ads other $SIGNS --period 2026-Q5
expect 2 "--period: '2026-Q5': the quarters of a year are Q1 to Q4"
run audit export --book "$BOOK" --ads other $SIGNS --period 2026 --entity XX01
expect 2 "--entity: the policy in force knows no such entity"
OUT=$(ls -d other* 2>&1)
expect 2 "cannot access"

note "through a server: who may read all of it, and nobody else"
[ -n "$SERVER" ] || serve
run audit export --book "$AT" --sqlite served.sqlite --as maria --key maria.key --passphrase-fd 3
expect 5 "audit.read"
run audit export --book "$AT" --sqlite served.sqlite --as audrey --key audrey.key --passphrase-fd 3
expect 0 "served.sqlite"
OUT=$(cmp book.sqlite served.sqlite && echo equal)
expect 0 equal
finish
