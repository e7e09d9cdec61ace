#!/bin/bash
# Transfers through the command line: debt that stood on the wrong customer, credit that came in for the wrong one, what is
# shown of both sides, and what is refused. Everything that is refused is found in the journal.
. "$(dirname "$0")/lib.sh"
CAST="$CAST feedm:P-33:feed:FEED_CASH mona:P-51:human:MANAGER"
found_company
echo remittance >remittance.txt
echo letter >letter.txt

refused() {
    expect 1 "refused" "$1"
    rm -f "$WORK/refused.jsonl"
    run audit export --book "$BOOK" --out "$WORK/refused.jsonl"
    CHECKS=$((CHECKS + 1))
    tail -n 1 "$WORK/refused.jsonl" | grep -q "\"code\":\"$2\",\"control\":\"$1\"\|\"control\":\"$1\".*\"code\":\"$2\"\|\"code\":\"$2\".*\"control\":\"$1\"" ||
        wrong "the journal's last entry is no refusal by $1 $2"
}
move() { # USER OPTION...: a transfer with its reason and evidence
    local user=$1
    shift
    cs "$user" post adjustment --charge transfer --reason TRANSFER --evidence remittance.txt "$@"
}

note "debt of the wrong customer: it waits, whoever posts and however little"
move maria --invoice 581484=0.01 --to-invoice 40251 --dry-run
expect 0 "would wait" "level 1" "nothing was written"
move maria --invoice 581484=300 --to-customer 10442 --to-invoice 40251:300
expect 0 "AJ-1" "waits for"
cs ana inbox
expect 0 "16446 > 10442" "300.00"
cs ana inbox --json
expect 0 '"to":{"allocations":[{"amount":"300.00","invoice":"40251"}],"customer":"10442"}'
cs ana show AJ-1
expect 0 "581484" "takes 300.00" "goes to" "customer 10442" "40251" "adds 300.00" "customer     16446   group G1" "customer     10442   open 4,120.55"
cs ana show AJ-1 --json
expect 0 '"to_customer":' '"to_invoices":'
cs ana approve AJ-1
expect 0 "approved"
cs priya approve AJ-1
expect 0 "posted as"
cs maria statement --customer 10442
expect 0 "AJ-1" "300.00"
cs maria statement --customer 16446
expect 0 "AJ-1" "-300.00"
cs maria balance --customer 10442
expect 0 "10442" "4,420.55"
cs maria log --customer 10442
expect 0 "AJ-1"
cs maria log --customer 16446
expect 0 "AJ-1"
cs dora trial balance
expect 0 "Trade receivables"
cs ana show AJ-1
expect 0 "posted" "1200"

note "a reversal mirrors it once"
cs joe reverse AJ-1 --reason POSTED_IN_ERROR --evidence letter.txt
expect 0 "RV-1"
cs tom approve RV-1
expect 0 "approved"
cs mona approve RV-1
expect 0 "posted as"
cs joe reverse AJ-1 --reason POSTED_IN_ERROR --evidence letter.txt
refused C-43 not-posted
cs maria statement --customer 10442
expect 0 "RV-1" "-300.00"

note "more than the invoice has open, a cent over; what waits counts"
move maria --invoice 581484=1000.01 --to-invoice 40251
refused C-35 over-credit
move maria --invoice 581484=600 --to-invoice 40251
expect 0 "AJ-" "waits for"
move joe --invoice 581484=400.01 --to-invoice 40117
refused C-35 over-credit

note "the same invoice on both sides, and no other side"
move maria --invoice 581484=1 --to-invoice 581484
expect 2 "stands on both sides"
move maria --invoice 581484=1 --to-customer 16446
expect 2 "the same one"
move maria --invoice 581484=1
expect 2 "to which customer?"
move maria --invoice 581484=1 --to-invoice 40251=2
expect 2 "is not what the invoices add up to"
cs maria post credit-note --invoice 581484=1 --reason PRICE_ERR --evidence remittance.txt --to-customer 10442
expect 2 "a credit-note has none"
cs maria post adjustment --charge freight --invoice 581484=1 --reason FREIGHT_ADJ --evidence letter.txt --to-customer 10442
expect 2 "only a transfer has another side"

note "another customer's invoice, a customer that is not this entity's, another currency"
move maria --invoice 581484=1 --to-customer 10442 --to-invoice 700001
refused C-35 other-customer
move maria --invoice 581484=1 --to-customer 77777
refused C-34 unknown-customer
cat >eur.csv <<'CSV'
invoice,customer,date,due,currency,tax_code,net,tax
E-1,10442,2025-12-01,2026-12-31,EUR,NONE,100.00,0.00
CSV
cs feedi load invoices eur.csv --entity US01
expect 0 "1 record"
move maria --invoice 581484=1 --to-invoice E-1
refused C-35 other-currency

note "in euros: taken off at 1.05 as it is carried, put on at 1.20; the difference is the exchange account's"
printf 'date,currency,rate\n2025-12-01,EUR,1.10\n2025-12-31,EUR,1.05\n2026-01-02,EUR,1.20\n' >rates.csv
cs olga rates load rates.csv
cs oscar approve --inbox
expect 0 "in force"
cat >eur2.csv <<'CSV'
invoice,customer,date,due,currency,tax_code,net,tax
E-2,20001,2026-01-02,2026-12-31,EUR,NONE,500.00,0.00
CSV
cs feedi load invoices eur2.csv --entity US01
expect 0 "1 record"
move joe --invoice E-1=100 --to-invoice E-2
expect 0 "waits for"
AJ=$(printf '%s\n' "$OUT" | grep -o 'AJ-[0-9]*' | head -n 1)
cs ana show "$AJ"
expect 0 "booked as 105.00" "booked as 120.00" "15.00"
cs tom approve "$AJ"
cs priya approve "$AJ"
expect 0 "posted as"

note "two that add up in the group that receives"
move maria --invoice 581483=1500 --to-invoice 40251
expect 0 "waits for"
move joe --invoice 40117=400.01 --to-invoice 40251
expect 0 "level 3" "C-07"

note "who applied the cash of the customer that receives"
cat >cash.csv <<'CSV'
receipt,customer,date,currency,amount,invoice,applied
R-1,700,2026-01-05,USD,1.00,,
CSV
sed -i 's/,700,/,10442,/; s/1.00,,/1.00,40251,1.00/' cash.csv
cs feedm load cash cash.csv --entity US01
expect 0 "1 record"
cat >cash2.csv <<'CSV'
receipt,customer,date,currency,amount,invoice,applied
R-2,16447,2026-01-05,USD,500.00,,
CSV
cs feedm load cash cash2.csv --entity US01
expect 0 "1 record"
cs olga grant list --json
GRANT=$(printf '%s\n' "$OUT" | grep '"feedm"' | grep -o '"GR-[0-9]*"' | tr -d '"')
cs olga grant revoke "$GRANT" --reason "Moves to billing"
expect 0 "in force"
new_key pete
cs olga user add pete --person P-33 --sort human --public pete.key.pub --to pete.json
expect 0
run sign pete.json --key pete.key --passphrase-fd 3
run submit pete.json --book "$BOOK"
cs oscar approve --inbox
cs olga grant pete BILLING_SPECIALIST --entity US01
cs oscar approve --inbox
expect 0 "in force"
move pete --invoice 581484=1 --to-invoice 40117
refused C-23 cash-history
move pete --invoice 900002=1 --to-invoice 900001
expect 0 "waits for"

note "credit that came in for the wrong customer"
move maria --customer 16447 --amount 500.01 --to-customer 10442
refused C-35 over-account
move maria --customer 16447 --amount 200 --to-invoice 40117
expect 0 "waits for"
AJ=$(printf '%s\n' "$OUT" | grep -o 'AJ-[0-9]*' | head -n 1)
cs ana show "$AJ"
expect 0 "goes to" "takes 200.00"
cs maria amend "$AJ" --amount 150
expect 0 "waits for"
cs ana approve "$AJ"
cs priya approve "$AJ"
cs dora approve "$AJ"
cs maria balance --customer 16447
expect 0 "-350.00"

note "a batch"
cat >batch.csv <<'CSV'
kind,charge,allocations,to_customer,to_allocations,reason,evidence
adjustment,transfer,700001:10.00,10442,40251:10.00,TRANSFER,remittance.txt
adjustment,transfer,700001:11.00,10442,,TRANSFER,remittance.txt
adjustment,transfer,700001:12.00,10442,40251:12.01,TRANSFER,remittance.txt
CSV
cs maria post --batch batch.csv
expect 2 "2 wait for approval, 1 not read" ":4:5  to_allocations"
sed -i 's/12.01/12.00/' batch.csv
cs maria post --batch batch.csv
expect 0 "was there already" "waits for"
finish
