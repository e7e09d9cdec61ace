#!/bin/bash
# Feeds: customers, invoices and cash from CSV; what is wrong in a file, and that nothing of it is sent then.
. "$(dirname "$0")/lib.sh"
found_book
hire_cast

entries() { run status --json --book "$BOOK"; json head.seq; }

note "customers: names go beside the journal, hashes into it"
cat >customers.csv <<'CSV'
customer,group,currency,limit,terms_days,related,name
16446,G1,USD,10000.00,30,no,Müller Söhne
16447,G1,USD,10000,30,,
20001,,USD,0.00,0,yes,"Smith, Jones"
CSV
KEPT=$(ls "$BOOK/personal" | wc -l)
cs feedc load customers customers.csv --entity US01 --dry-run
expect 0 "customers 1   3 records" "US01" "would be loaded"
[ "$(ls "$BOOK/personal" | wc -l)" = "$KEPT" ] || wrong "the dry run kept names"
BEFORE=$(entries)
cs feedc load customers customers.csv --entity US01 --count 3
expect 0 "customers 1   3 records" "US01" "in 1 part" "entry" "signed by feedc"
[ "$(entries)" = $((BEFORE + 1)) ] || wrong "one entry for one part"
[ "$(ls "$BOOK/personal" | wc -l)" = $((KEPT + 2)) ] || wrong "two names beside the journal"
grep -q "Smith, Jones" "$BOOK"/personal/* || wrong "a name is not beside the journal"
cs feedc audit export --out names.jsonl
CHECKS=$((CHECKS + 2))
grep -q '"personal":"' names.jsonl || wrong "no hash of a name in the journal"
if grep -q -e Jones -e Müller names.jsonl; then wrong "a name stands in the journal"; fi

note "a customer again: a feed creates, it never changes"
BEFORE=$(entries)
cs feedc load customers customers.csv --entity US01
expect 2 "customers.csv:2: customer 16446: is in the books already" "3 problems; nothing was sent"
[ "$(entries)" = "$BEFORE" ] || wrong "a file with problems was sent"

note "every problem with its place, all of them, and nothing sent"
cat >bad.csv <<'CSV'
invoice,customer,date,due,currency,tax_code,net,tax
581483,16446,2025-12-01,2025-12-31,USD,SALES_TAX,"5881,45",588.15
581484,99999,2025-12-01,2025-12-31,USD,SALES_TAX,909.09,90.91
581485,16446,2025-13-01,2025-12-31,USD,SALES_TAX,10.00,0.00
581486,16446,2025-12-01,2025-12-31,USD,sales tax,10.00,0.005
581486,16447,2025-12-01,2025-12-31,USD,NONE,10.00,0.00
581487,16446,2025-12-01,2025-12-31,EUR,NONE,10.00,0.00
581488,16446,2025-12-01,2025-12-31,USD,NONE,1.00,0.00
581489,16446,2025-12-01,2025-12-31,USD,NONE,1.00,0.00
581488,16446,2025-12-01,2025-12-31,USD,NONE,1.00,0.00
CSV
cs feedi load invoices bad.csv --entity US01
expect 2 'bad.csv:2:7: net "5881,45": use a dot, 5881.45' 'bad.csv:3: invoice 581484: customer 99999 is not in the books' \
    'bad.csv:4:3: date "2025-13-01"' 'bad.csv:5:6: tax_code "sales tax"' 'bad.csv:5:8: tax "0.005": USD has 2 decimals' \
    'bad.csv:6:2: customer "16447": the row before says 16446' 'bad.csv:7: invoice 581487: in EUR' \
    'bad.csv:10: invoice 581488: stands further up' "problems; nothing was sent"
[ "$(entries)" = "$BEFORE" ] || wrong "a file with problems was sent"
cs feedi load invoices bad.csv --entity US01 --json
expect 2 '"problem_count":' 'bad.csv:2:7: net'

note "control totals from the ERP"
cat >invoices.csv <<'CSV'
invoice,customer,date,due,currency,tax_code,net,tax
581483,16446,2025-12-01,2025-12-31,USD,SALES_TAX,5000.00,500.00
581483,16446,2025-12-01,2025-12-31,USD,NONE,969.60,0
581484,16446,2025-11-01,2025-12-01,USD,SALES_TAX,909.09,90.91
700001,16447,2025-09-01,2025-10-01,USD,NONE,500,0
CSV
cs feedi load invoices invoices.csv --entity US01 --count 4
expect 2 "holds 3 records, --count says 4"
cs feedi load invoices invoices.csv --entity US01 --count 3 --total 7969.61
expect 2 "adds up to 7969.60 USD, --total says 7969.61"
[ "$(entries)" = "$BEFORE" ] || wrong "a file with wrong totals was sent"
cs feedi load invoices invoices.csv --entity US01 --count 3 --total 7969.6
expect 0 "invoices 1   3 records" "total   7,969.60 USD"
cs feedi log --limit 1
expect 0 "loaded US01 invoices 1, part 1, 3 records" "closed"

note "only the feed may feed, and a feed may only feed"
echo "invoice,customer,date,due,currency,tax_code,net,tax" >empty.csv
cs maria load invoices empty.csv --entity US01
expect 1 "invoices 2   0 records" "refused"
cs feedi load invoices empty.csv --entity US01
expect 0 "invoices 2   0 records" "total   0.00 USD"
cs feedi load receipts empty.csv --entity US01
expect 2 "a feed is customers, invoices, cash, people, contacts, contracts, reads, orders or acknowledgements"

note "cash, with a user who is enrolled in one go"
new_key feedm
printf 'pass\npass\n' >two
LAST="user add feedm"
tick
OUT=$("$COUNTERSIGN" user add feedm --person P-33 --sort feed --new-key feedm.key --book "${AT:-$BOOK}" --as olga --key olga.key \
    --at "$(now)" --passphrase-fd 3 3<two 2>err)
RC=$? ERR=$(cat err)
expect 0 "EN-" "waits for" "could sign"
cs olga grant feedm FEED_CASH --entity US01
cs oscar approve --inbox
cs olga grant feedm FEED_CASH --entity US01
expect 0 "GR-" "waits for"
cs oscar approve --inbox
expect 0 "in force"
cat >cash.csv <<'CSV'
receipt,customer,date,currency,amount,invoice,applied
R-1,16446,2026-01-05,USD,1500.00,581483,1000.00
R-1,16446,2026-01-05,USD,1500.00,581484,400.00
R-2,16447,2026-01-05,USD,25.00,,
CSV
cs feedm load cash cash.csv --entity US01 --total 1525.00
expect 0 "cash 1   2 records" "total   1,525.00 USD"
cat >badcash.csv <<'CSV'
receipt,customer,date,currency,amount,invoice,applied
R-3,16446,2026-01-05,USD,10.00,700001,10.00
R-4,16446,2026-01-05,USD,10.00,1,10.00
R-5,16446,2026-01-05,USD,10.00,581483,11.00
R-6,16446,2026-01-05,USD,10.00,,11.00
R-7,16446,2026-01-05,USD,-10.00,,
CSV
cs feedm load cash badcash.csv --entity US01
expect 2 "receipt R-3: invoice 700001 is another customer's" "receipt R-4: invoice 1 is not in the books" \
    'badcash.csv:4:7: applied "11.00": more is applied' "badcash.csv:5:6: invoice is missing" \
    'badcash.csv:6:5: amount "-10.00": has to be above zero'
cs feedm balance --customer 16446
expect 0 "6,069.60" "-100.00" "5,969.60"

note "a new time begins a new file"
python3 - >days.csv <<'PY'
print("invoice,customer,date,due,currency,tax_code,net,tax,at")
for day in (10, 11, 12):
    for n in range(1500 if day == 11 else 2):
        print(f"D{day}-{n:04},20001,2026-01-{day},2026-02-{day},USD,NONE,1.00,0.00,2026-01-{day}T12:00:00Z")
PY
cs feedi load invoices days.csv --entity US01 --count 1504 --total 1504
expect 0 "invoices 3   2 records" "invoices 4   1,500 records  US01  in 2 parts" "invoices 5   2 records" \
    "2026-01-11T12:00:00.000Z"
printf 'invoice,customer,date,due,currency,tax_code,net,tax,at\nX1,20001,2026-01-12,2026-01-13,USD,NONE,1,0,2026-01-13\nX2,20001,2026-01-12,2026-01-13,USD,NONE,1,0,2026-01-12\n' >back.csv
NOW=$(date -u -d 2026-01-20 +%s)
cs feedi load invoices back.csv --entity US01
expect 2 "at goes back behind 2026-01-13T00:00:00.000Z"
cs feedi balance --customer 20001 --json
[ "$(json balance)" = 1504.00 ] || wrong "balance of 20001 is $(json balance)"
finish
