#!/bin/bash
# The ledger lines of a month as a file for the general ledger, and what its way through other hands did to it.
. "$(dirname "$0")/lib.sh"
found_company
extract() { run audit extract --book "$BOOK" "$@"; }

cs maria post credit-note --invoice 581484 --amount 110 --reason PRICE_ERR --evidence prices.pdf
expect 0 "CN-1" "posted as US01-CN-2026-000001"
cs joe post credit-note --invoice 581483 --amount 33.33 --reason PRICE_ERR --evidence prices.pdf
expect 0 "CN-2"
cs joe reverse CN-2 --reason POSTED_IN_ERROR --evidence prices.pdf
expect 0 "RV-1"
cs ana approve RV-1
cs priya approve RV-1
expect 0 "posted"

note "a file for the general ledger: lines, totals, the same again"
extract --entity US01 --period 2026-01 --out gl.csv
expect 0 "US01 2026-01" "9 lines" "Dr 176.66   Cr 176.66 USD" "gl.csv"
CHECKS=$((CHECKS + 4))
head -1 gl.csv | grep -q '^record,entity,period,entry,time,document,number,kind,date,reason,line,account,customer,invoice,dr,cr,currency,' ||
    wrong "header: $(head -1 gl.csv)"
grep -q '^line,US01,2026-01,[0-9]*,2026-01-05T[0-9:.]*Z,CN-1,US01-CN-2026-000001,credit-note,2026-01-05,PRICE_ERR,3,1200,16446,581484,,110.00,USD,,' gl.csv ||
    wrong "no line of receivables: $(cat gl.csv)"
[ "$(grep -c '^line,' gl.csv)" = 9 ] && [ "$(grep -c '^total,' gl.csv)" = 1 ] || wrong "rows: $(cat gl.csv)"
extract --entity US01 --period 2026-01 --out - >/dev/null
printf '%s\n' "$OUT" | tr -d '\r' | diff - <(tr -d '\r' <gl.csv) >/dev/null || wrong "another time, other rows"
extract --check gl.csv
expect 0 "9 lines" "as the book has it"
extract --entity US01 --period 2026-01 --out gl.csv
expect 2 "gl.csv: make: File exists"
extract --entity US01 --period 2025-12 --out empty.csv
expect 0 "0 lines" "Dr 0.00   Cr 0.00 USD"
extract --check empty.csv
expect 0 "as the book has it"

note "what is posted later is no difference; it is in the next file"
cs maria post credit-note --invoice 581483 --amount 5 --reason PRICE_ERR --evidence prices.pdf
expect 0 "CN-3" "posted"
extract --check gl.csv
expect 0 "9 lines" "as the book has it"
extract --entity US01 --period 2026-01 --out later.csv
expect 0 "12 lines" "Dr 181.66"
run trial balance --book "$BOOK" --entity US01
expect 0 "181.66"

note "an extract that was altered is told by its row and its cell"
sed 's/,,110\.00,USD/,,100.00,USD/' gl.csv >altered.csv
extract --check altered.csv
expect 3 "altered.csv:4: CN-1 line 3: cr is '100.00', the book has '110.00'" "1 difference: this is not what the book has"
sed 's/,1200,16446,581484,/,1290,16446,581484,/' gl.csv >account.csv
extract --check account.csv --json
expect 3 '"line":4' "account is '1290', the book has '1200'"
grep -v ',CN-1,.*,2,2200,' gl.csv >cut.csv
extract --check cut.csv
expect 3 "cut.csv: CN-1 line 2: is missing in the file"
sed -n 2p gl.csv >>cut.csv
sed '2p' gl.csv >twice.csv
extract --check twice.csv
expect 3 "twice.csv:3: CN-1 line 1: stands twice, first at line 2"
sed '2{p;s/,CN-1,/,CN-9,/}' gl.csv >added.csv
extract --check added.csv
expect 3 "added.csv:3: CN-9 line 1: the book has no such row"
sed 's/^\(total,.*\),176.66,176.66,/\1,166.66,166.66,/' gl.csv >total.csv
extract --check total.csv
expect 3 "total in USD: dr is '166.66', the book has '176.66'"

note "rows in another order are the same; without totals, of several extracts, of another book they are not"
{ head -1 gl.csv; tail -n +2 gl.csv | tac; } >turned.csv
extract --check turned.csv
expect 0 "as the book has it"
grep -v '^total,' gl.csv >headless.csv
extract --check headless.csv
expect 2 "headless.csv: has no row 'total'" "it is cut"
{ cat gl.csv; grep '^total,' later.csv; } >both.csv
extract --check both.csv
expect 2 "both.csv:12: the totals are of different extracts: entry is"
sed 's/^\(total,US01,2026-01\),[0-9]*,/\1,9999,/' gl.csv >beyond.csv
extract --check beyond.csv
expect 3 "made up to entry 9999, and this book ends at entry"
sed 's/^\(total,US01,2026-01\),[0-9]*,/\1,-1,/' gl.csv >minus.csv
extract --check minus.csv
expect 2 "'-1' is no number of an entry"
sed '1s/,dr,/,debit,/' gl.csv >header.csv
extract --check header.csv
expect 2 "header.csv:1"

note "what is asked for has to be said"
extract
expect 2 "--out FILE" "--check FILE"
extract --out a.csv --check gl.csv
expect 2 "--out FILE"
extract --out a.csv --period 2026-01
expect 2 "--entity CODE"
extract --out a.csv --entity US01
expect 2 "--period YYYY-MM"
extract --out a.csv --entity US01 --period 2026-13
expect 2 "'2026-13' is no month"
extract --out a.csv --entity XX99 --period 2026-01
expect 2 "no entity XX99"
[ ! -e a.csv ] || wrong "a file was left"
finish
