#!/bin/bash
# What must not happen with money documents: each attempt is refused by the control that is named, and the refusal is found
# in the journal. DOMAIN 6.
. "$(dirname "$0")/lib.sh"
CAST="$CAST feedm:P-33:feed:FEED_CASH feedt:P-34:feed:FEED_CONTACTS"
found_company
echo remittance >remittance.txt
echo court >court.txt

# The last statement was refused by this control with this code, and the journal says so.
refused() {
    expect 1 "refused" "$1"
    rm -f "$WORK/refused.jsonl"
    run audit export --book "$BOOK" --out "$WORK/refused.jsonl"
    CHECKS=$((CHECKS + 1))
    tail -n 1 "$WORK/refused.jsonl" | grep -q "\"code\":\"$2\",\"control\":\"$1\"\|\"control\":\"$1\".*\"code\":\"$2\"\|\"code\":\"$2\".*\"control\":\"$1\"" ||
        wrong "the journal's last entry is no refusal by $1 $2"
    run log --book "$BOOK" --as maria --at "$(now)"
    expect 0 "refused"
}

note "a credit on an invoice that a waiting one credits whole"
cs maria post credit-note --invoice 700001 --amount 500 --reason PRICE_ERR --evidence prices.pdf
expect 0 "waits for"
cs joe post credit-note --invoice 700001 --amount 0.01 --reason PRICE_ERR --evidence prices.pdf
refused C-35 over-credit

note "a write-off ten days past due, without effort"
tick 432000
cs cora post write-off --invoice 40117 --amount 900 --reason BAD_DEBT --evidence dunning.txt
refused C-41 not-due
expect 0 "refused"
cs cora post write-off --invoice 40117 --amount 900 --reason BAD_DEBT --evidence dunning.txt
expect 1 "10 days past due, such a debt 180" "contacted 0 times in 90 days" "C-41"

note "a write-off with an open promise, and with cash of yesterday"
NOW=$(date -u -d 2026-07-10T09:00:00Z +%s)
cat >contacts.csv <<'CSV'
contact,customer,date,channel,outcome,until
T-1,10442,2026-05-02,call,no-answer,
T-2,10442,2026-05-20,letter,message,
T-3,10442,2026-06-15,call,promise-to-pay,2026-07-10
CSV
cs feedt load contacts contacts.csv --entity US01
expect 0 "3 records"
cs cora post write-off --invoice 40117 --amount 900 --reason BAD_DEBT --evidence dunning.txt
refused C-41 promise
cat >cash.csv <<'CSV'
receipt,customer,date,currency,amount,invoice,applied
R-1,10442,2026-07-10,USD,500.00,,
CSV
tick 86400
cs feedm load cash cash.csv --entity US01
expect 0 "1 record"
cs cora post write-off --invoice 40117 --amount 900 --reason BAD_DEBT --evidence dunning.txt
refused C-41 cash

note "a write-off with an open dispute; once it is settled, or void, the same goes on"
tick 2678400
cat >more.csv <<'CSV'
contact,customer,date,channel,outcome,until
T-4,10442,2026-07-20,call,no-answer,
T-5,10442,2026-08-01,letter,message,
CSV
cs feedt load contacts more.csv --entity US01
expect 0 "2 records"
cs maria post dispute --invoice 40117 --amount 900 --reason QTY --owner joe
expect 0 "DS-1   in force"
cs cora post write-off --invoice 40117 --amount 900 --reason BAD_DEBT --evidence dunning.txt
refused C-41 open-dispute
cs cora post write-off --invoice 40117 --amount 900 --reason BAD_DEBT --evidence dunning.txt
expect 1 "invoice 40117 is in dispute (DS-1); resolve that first"
cs cora post write-off --invoice 40117 --amount 900 --reason BAD_DEBT --evidence dunning.txt --dispute DS-1
refused C-41 open-dispute
cs joe case DS-1 resolved --outcome invalid-pay --root-cause other
expect 0 "in force"
cs cora post write-off --invoice 40117 --amount 900 --reason BAD_DEBT --evidence dunning.txt --dry-run
expect 0 "would wait" "nothing was written"
cs maria post dispute --invoice 40117 --reason QTY --owner joe
expect 0 "DS-2   in force"
cs cora post write-off --invoice 40117 --amount 900 --reason BAD_DEBT --evidence dunning.txt
refused C-41 open-dispute
cs joe case DS-2 void
expect 0 "in force"
cs cora post write-off --invoice 40117 --amount 900 --reason BAD_DEBT --evidence dunning.txt
expect 0 "WO-1" "waits for"
cs cora withdraw WO-1 --reason "The court has a file for it"
expect 0 "withdrawn"

note "an insolvency without its case"
cs cora post write-off --invoice 40117 --amount 900 --reason BANKRUPT --evidence court-filing:court.txt
refused C-41 no-case
cs cora post write-off --invoice 40117 --amount 900 --reason BANKRUPT --evidence court-filing:court.txt --case "SDNY 26-1"
expect 0 "WO-2"
cs ana approve WO-2
cs priya approve WO-2
expect 0 "posted as"

note "recovery above what was written off, and above what came in"
cs cora post recovery --recovers WO-2 --receipt R-1 --amount 900.01 --reason RECOVERED --evidence remittance.txt
refused C-35 over-recovery
cs cora post recovery --recovers WO-2 --receipt R-1 --amount 500.01 --reason RECOVERED --evidence remittance.txt
refused C-35 over-receipt
cs cora post recovery --recovers WO-2 --receipt R-1 --amount 500 --reason RECOVERED_DIRECT --evidence remittance.txt
refused C-27 method
cs cora post recovery --recovers WO-2 --receipt R-1 --amount 500 --reason RECOVERED --evidence remittance.txt
expect 0 "RC-1"
cs joe post adjustment --charge credit-balance --customer 10442 --amount 0.01 --reason CREDIT_BAL --evidence court.txt
refused C-35 over-account
cs cora reverse WO-2 --reason POSTED_IN_ERROR --evidence court.txt
refused C-43 recovered

note "credit and limits after a write-off"
cs maria post credit-note --invoice 40251 --amount 1 --reason PRICE_ERR --evidence prices.pdf
refused C-42 written-off
cs adam post credit-limit --customer 10442 --limit 20000 --reason CL_REVIEW --evidence report.pdf
refused C-42 written-off

note "the wrong account, the wrong tax"
cs maria post adjustment --charge freight --invoice 581484 --amount 1 --reason FX_DIFF --evidence remittance.txt
refused C-27 account-class
cs maria post credit-note --invoice 581484 --amount 5 --taxes "SALES_TAX=0.00+5.00" --reason PRICE_ERR --evidence prices.pdf
refused C-36 tax-alone
cs maria post credit-note --invoice 581484 --amount 11.02 --taxes "SALES_TAX=10.00+1.02" --reason PRICE_ERR --evidence prices.pdf
refused C-36 ratio

note "an invoice that is not the one that was intended"
cs maria post rebill --invoice 581484 --amount 1000 --reason PRICE_ERR --evidence prices.pdf --bill-taxes "SALES_TAX=818.18+81.82" \
    --bill-ref NEW-1
expect 0 "RB-1"
cs maria post rebill --invoice 581483 --amount 1 --reason PRICE_ERR --evidence prices.pdf --bill-taxes "SALES_TAX=0.91+0.09" \
    --bill-ref NEW-1
refused C-38 rebill-ref
cs ana approve RB-1
cs priya approve RB-1
cat >new.csv <<'CSV'
invoice,customer,date,due,currency,tax_code,net,tax,rebills
581999,16446,2025-12-01,2026-12-31,USD,SALES_TAX,818.18,81.82,NEW-1
CSV
cs feedi load invoices new.csv --entity US01
refused C-44 rebill-differs

note "the same evidence on another document is noted; a reason that the policy no longer has is refused"
cs maria post credit-note --invoice 900000 --amount 3 --reason PRICE_ERR --evidence prices.pdf
expect 0 "noted" "the same evidence stands on" "C-37"
python3 - "$POLICY" >without.yaml <<'PY'
import re, sys
print(re.sub(r"  - reason: FREIGHT_ADJ\n(?:    [^\n]*\n)+", "", open(sys.argv[1]).read()), end="")
PY
cs olga policy propose without.yaml
expect 0 "PO-1"
cs oscar approve PO-1
expect 0
tick 172800
cs maria post adjustment --charge freight --invoice 900001 --amount 1 --reason FREIGHT_ADJ --evidence remittance.txt
expect 2 "--reason" "no such reason"
cat >old.body <<'EOF_BODY'
{"atomic":false,"documents":[{"kind":"adjustment","ref":"old-1","channel":"api","entity":"US01","customer":"20001","currency":"USD","amount":"1.00","reason":"FREIGHT_ADJ","date":"2026-07-13","charge":"freight","direction":"down","allocations":[{"invoice":"900001","amount":"1.00"}]}]}
EOF_BODY
tick
python3 "$HERE/../support/statement.py" old.json maria submit "$(now)" "$("$COUNTERSIGN" status --json --book "$BOOK")" <old.body
run sign old.json --key "$WORK/maria.key" --passphrase-fd 3
expect 0
run submit old.json --book "$BOOK"
refused C-37 unknown-reason

note "amounts at their edges"
cs maria post credit-note --invoice 900002 --amount 92233720368547758.08 --reason PRICE_ERR --evidence prices.pdf
expect 2 "--amount"
cs maria post credit-note --invoice 900002 --amount -0.00 --reason PRICE_ERR --evidence prices.pdf
expect 2 "--amount"
cs maria post credit-note --invoice 900002 --amount 92233720368547758.07 --reason PRICE_ERR --evidence prices.pdf
refused C-07 sum-too-large
finish
