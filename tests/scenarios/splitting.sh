#!/bin/bash
# Corrections in several currencies that are in order: rates from a file, thresholds in base, lines in the entity's own
# currency, the trial balance, and what one person may still do under the bounds on persons.
HERE=$(realpath "$(dirname "$0")")
POLICY=$(mktemp)
sed 's/automatic_day_max: 0.00, automatic_month_max: 0.00/automatic_day_max: 300.00, approver_sum_max: 4000.00/' \
    "$HERE/../policies/currency.yaml" >"$POLICY"
. "$(dirname "$0")/lib.sh"
mv "$POLICY" "$WORK/policy.yaml"
POLICY=$WORK/policy.yaml
found_company

note "rates load: a file becomes a document for each base and date"
printf 'date,currency,rate\n2025-12-01,EUR,1.10\n2025-12-31,EUR,1.0500\n2025-12-31,JPY,0.0064\n' >rates.csv
cs olga rates load rates.csv --dry-run
expect 0 "would wait" "nothing was written"
cs olga rates load rates.csv
expect 0 "FX-1" "FX-2"
cs oscar show FX-2
expect 0 "1 EUR = 1.05 USD from 2025-12-31 on" "1 JPY = 0.0064 USD"
cs oscar approve --inbox
expect 0 "in force"
cs maria rates list --currency EUR
expect 0 "2025-12-01" "1.1" "2025-12-31" "1.05" "FX-2"
expect_not "JPY"
cs maria rates list --json
expect 0 '"rate":"0.0064"'
printf 'currency,rate\nEUR,1,10\n' >bad.csv
cs olga rates load bad.csv
expect 2 "bad.csv:2"
printf 'currency,rate\nEUR,abc\n' >bad.csv
cs olga rates load bad.csv
expect 2 "bad.csv:2:2" "abc"
cs olga rates propose EUR
expect 2 "CURRENCY=RATE"

note "a credit in euros: 200.00 at 1.10 booked, at 1.05 carried"
lay euro.json feedi feed feedi <<'EOF_BODY'
{"entity":"US01","feed":"invoices","file":{"count":1,"sequence":2,"currency":"EUR","total":"1000.00"},"last":true,"part":1,
"records":[{"invoice":"E-1","customer":"16446","date":"2025-12-01","due":"2025-12-31","gross":"1000.00",
"taxes":[{"code":"NONE","net":"1000.00","tax":"0.00"}]}]}
EOF_BODY
cs maria post credit-note --entity US01 --invoice E-1 --amount 200.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 0 "waits for" "level 1"
cs ana show CN-1
expect 0 "counts as" "210.00" "1 EUR = 1.05 USD from 2025-12-31 on (FX-2)" "would post" "booked as 220.00" \
    "exchange difference"
cs ana approve CN-1
expect 0 "posted" "booked as 210.00"
cs dora trial balance
expect 0 "Exchange differences" "10.00" "220.00" "total"
cs dora trial balance --json
expect 0 '"functional_cr":"210.00"' '"total":true'

note "what one person posts alone in a day: 300.00 and no more, the next day again"
cs joe post credit-note --entity US01 --invoice 40251 --amount 199.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 0 "posted"
cs joe post credit-note --entity US01 --invoice 900001 --amount 99.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 0 "posted"
cs joe post credit-note --entity US01 --invoice 900002 --amount 2.01 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 0 "C-08" "without a second signature today" "300.01" "level 1"

note "what one person approves: 4,000.00 in 30 days, then somebody else"
cs maria post credit-note --entity US01 --invoice 581483 --amount 2000.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 0 "waits for"
cs joe post credit-note --entity US01 --invoice 40251 --amount 2290.01 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 0 "waits for"
cs ana approve CN-5
expect 0
cs ana approve CN-6
expect 1 "C-08" "somebody else has to sign"
cs tom approve CN-6
expect 0
cs olga audit export --out all.jsonl
CHECKS=$((CHECKS + 1))
grep -q '"code":"approver-sum","control":"C-08"' all.jsonl || wrong "the refusal is not in the journal"

note "the whole history verifies"
cs olga audit verify
expect 0
finish
