#!/bin/bash
# Money documents from end to end: a rebill that its invoice closes, a write-off with its effort, recoveries, adjustments,
# stated taxes. Balance, statement and ageing are right after each.
. "$(dirname "$0")/lib.sh"
CAST="$CAST feedm:P-33:feed:FEED_CASH feedt:P-34:feed:FEED_CONTACTS mona:P-25:human:MANAGER"
found_company
echo remittance >remittance.txt
echo letters >letters.txt

note "a rebill: credit and intended invoice in one document"
cs maria post rebill --invoice 581484 --amount 1000 --reason PRICE_ERR --evidence prices.pdf \
    --bill-taxes "SALES_TAX=818.18+81.82" --bill-ref NEW-1 --dry-run
expect 0 "would wait" "nothing was written"
cs maria post rebill --invoice 581484 --amount 1000 --reason PRICE_ERR --evidence prices.pdf \
    --bill-taxes "SALES_TAX=818.18+81.82" --bill-ref NEW-1
expect 0 "RB-1" "cancel and rebill" "1,000.00 USD" "waits for" "level 1"
cs ana show RB-1
expect 0 "bills again" "900.00 USD" "of 2025-12-01 due 2025-12-31" "ref NEW-1" "SALES_TAX   net 818.18 USD   tax 81.82 USD"
cs ana approve RB-1
expect 0 "RB-1" "posted as US01-RB-2026-000001"
cs maria show RB-1
expect 0 "not yet: the new invoice has not come"
cs maria balance --customer 16446
expect 0 "6,469.60"
run exceptions --book "$BOOK" --at "$(now)" --as maria
expect 0 "RB-1" "not billed again" "to bill 16446 under NEW-1"
cat >new.csv <<'CSV'
invoice,customer,date,due,currency,tax_code,net,tax,rebills
581999,16446,2025-12-01,2025-12-31,USD,SALES_TAX,818.18,81.82,NEW-1
CSV
cs feedi load invoices new.csv --entity US01
expect 0 "1 record"
cs maria show RB-1
expect 0 "billed" "invoice 581999"
cs maria balance --customer 16446
expect 0 "7,369.60"
run exceptions --book "$BOOK" --at "$(now)" --as maria
expect_not "RB-1"

note "taxes stated, and thirds that leave nothing"
cs maria post credit-note --invoice 581999 --taxes "SALES_TAX=10.00+1.00" --amount 11 --reason PRICE_ERR --evidence letters.txt
expect 0 "CN-1" "level 1" "1,011.00 over 2 documents"
cs ana show CN-1
expect 0 "split" "SALES_TAX   net 10.00 USD   tax 1.00 USD" "would post" "Dr 2200 Sales tax payable   1.00 USD"
cs ana approve CN-1
expect 0 "posted as"
cs maria post credit-note --invoice 581999 --taxes "SALES_TAX:1.00" --amount 1 --reason PRICE_ERR --evidence letters.txt
expect 1 "C-36" "billed so that it is 0.10"
cs maria post credit-note --invoice 581999 --taxes "SALES_TAX" --amount 1 --reason PRICE_ERR --evidence letters.txt
expect 2 "--taxes" "CODE=NET+TAX"

note "adjustments"
cs joe post adjustment --charge finance --invoice 700001 --amount 12 --reason LATE_FEE --evidence letters.txt
expect 0 "AJ-1" "adjustment" "waits for"
cs ana approve AJ-1
expect 0 "Dr 4050 Finance charges   12.00 USD"
cs joe post adjustment --charge finance --direction up --invoice 700001 --amount 2 --reason LATE_FEE --evidence letters.txt
expect 0 "up" "waits for"
cs ana approve AJ-2
expect 0 "Cr 4050 Finance charges   2.00 USD"
cs joe balance --customer 16447
expect 0 "490.00"

note "half a year later: effort is made, and the debt given up"
NOW=$(date -u -d 2026-07-10T09:00:00Z +%s)
cat >contacts.csv <<'CSV'
contact,customer,date,channel,outcome,until
T-1,10442,2026-05-02,call,no-answer,
T-2,10442,2026-05-20,letter,message,
T-3,10442,2026-06-15,call,promise-to-pay,2026-07-01
T-4,20001,2026-06-15,call,refused,
CSV
cs feedt load contacts contacts.csv --entity US01 --count 4
expect 0 "4 records"
cs cora post write-off --invoice 40117 --amount 900 --reason BAD_DEBT --evidence dunning.txt
expect 0 "WO-1" "waits for"
cs ana approve WO-1
cs priya approve WO-1
expect 0 "posted as US01-WO-2026-000001"
cs cora aging --as-of 2026-07-10
expect 0 "3,220.55"
cs cora statement --customer 10442
expect 0 "WO-1"

note "and paid after all, in two parts"
cat >cash.csv <<'CSV'
receipt,customer,date,currency,amount,invoice,applied
R-1,10442,2026-07-10,USD,500.00,,
CSV
cs feedm load cash cash.csv --entity US01
expect 0 "1 record"
cs cora post recovery --recovers WO-1 --receipt R-1 --amount 300 --reason RECOVERED --evidence remittance.txt
expect 0 "RC-1" "recovery" "waits for"
cs ana approve RC-1
expect 0 "posted as US01-RC-2026-000001"
cs cora show RC-1
expect 0 "recovers" "WO-1" "R-1" "Dr 2150" "Cr 1290"
cs cora show WO-1
expect 0 "recovered" "300.00 USD of invoice 40117"
cs cora post recovery --recovers WO-1 --receipt R-1 --amount 200 --reason RECOVERED --evidence letters.txt
expect 0 "RC-2"
cs ana approve RC-2
cs priya approve RC-2
cs cora statement --customer 10442
expect 0 "RC-1" "RC-2"
cs cora balance --customer 10442
expect 0 "3,220.55"
cs cora reverse RC-2 --reason POSTED_IN_ERROR --evidence letters.txt
expect 0 "RV-1"

note "a batch of them"
cat >money.csv <<'CSV'
kind,allocations,amount,reason,evidence,charge,direction,recovers,receipt,bill_taxes,bill_ref
adjustment,900000:1.50,,FREIGHT_ADJ,letters.txt,freight,,,,,
adjustment,900001:1.50,,LATE_FEE,letters.txt,finance,up,,,,
rebill,900002:100.00,,PRICE_ERR,prices.pdf,,,,,NONE:90.00,NEW-2
CSV
cs maria post --batch money.csv
expect 0 "3 rows"
cs maria post --batch money.csv
expect 0 "3 there already"
finish
