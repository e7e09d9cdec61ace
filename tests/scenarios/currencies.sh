#!/bin/bash
# Yen, which have no decimals, and dinars, which have three, at the prompt: what is typed wrong, what each control says in the
# document's currency and what in the base, word for word, and a rate that grows old.
HERE=$(realpath "$(dirname "$0")")
POLICY=$HERE/../policies/currency.yaml
. "$(dirname "$0")/lib.sh"
found_company
cs olga rates propose --date 2025-12-01 JPY=0.0064 KWD=3.25
cs oscar approve --inbox
expect 0 "in force"
cat >customers.csv <<'CSV'
customer,currency,limit,terms_days
Y1,JPY,3000000,30
W1,KWD,6000.000,30
CSV
cs feedc load customers customers.csv --entity US01
expect 0 "2 records"
for row in "J-1,Y1 JPY 90909 9091" "J-2,Y1 JPY 100 0" "K-1,W1 KWD 1000.001 0.000"; do
    set -- $row
    printf 'invoice,customer,date,due,currency,tax_code,net,tax\n%s,2025-12-01,2025-12-31,%s,SALES_TAX,%s,%s\n' "$1" "$2" "$3" "$4" >one.csv
    cs feedi load invoices one.csv --entity US01
    expect 0 "1 record"
done
post() { # USER INVOICE AMOUNT
    cs "$1" post credit-note --entity US01 --invoice "$2" --amount "$3" --reason PRICE_ERR --evidence price-sheet:prices.pdf
}
# typed AMOUNT INVOICE TEXT: goes no further than the prompt
typed() {
    post maria "$2" "$1"
    expect 2 "--amount" "$3"
}
# refused CONTROL CODE TEXT: and the journal has it
refused() {
    expect 1 "refused   $1" "$3"
    rm -f journal.jsonl
    run audit export --book "$BOOK" --out journal.jsonl
    CHECKS=$((CHECKS + 1))
    tail -1 journal.jsonl | grep -q "\"code\":\"$2\",\"control\":\"$1\"" || wrong "the journal's last entry is no $1 $2"
}

note "typed wrong"
typed 100.0 J-1 '"100.0": JPY has 0 decimals'
typed 100. J-1 "digits have to follow the dot"
typed -0 J-1 "zero has no sign"
typed 1.0000 K-1 '"1.0000": KWD has 3 decimals'
typed 1,5 K-1 "use a dot, 1.5"
typed -1.000 K-1 "has to be above zero"
typed 0.000 K-1 "nothing of it is left"

note "a yen and a fils more than there is; each in its own digits"
post maria J-1 100001
refused C-35 over-credit "credit 100,001, invoice J-1 has 100,000 left (0 is pending)"
post maria K-1 1000.002
refused C-35 over-credit "credit 1,000.002, invoice K-1 has 1,000.001 left (0.000 is pending)"
post maria J-2 100 # all of it
expect 0 "CN-1   posted" "100 JPY" "Dr 4000 Sales   100 JPY   booked as 0.64" "Cr 1200 Trade receivables   100 JPY"
post joe J-2 1
refused C-35 over-credit "credit 1, invoice J-2 has 0 left (0 is pending)"

note "the automatic bound of 200.00 in each: what is just in, and one unit more"
post joe J-1 31150
expect 0 "CN-2   posted" "31,150 JPY" "booked as 199.36"
post joe J-1 1
expect 0 "CN-3   credit note  1 JPY" "0.01 here makes 200.01 over 3 documents (corrected for customer group Y1 in 30 days), above 200.00" "C-07"
post joe K-1 61.541
expect 0 "CN-4   credit note  61.541 KWD" "200.01 is above 200.00: level 1 (row BILLING)   C-02"
cs joe withdraw CN-4 --reason "one fils too many"
expect 0
post joe K-1 61.540
expect 0 "CN-5   posted" "61.540 KWD" "booked as 200.00"
post joe K-1 61.540
refused C-38 duplicate "CN-5 has the same amount 61.540 and reason on invoice K-1"
cs ana approve CN-3
expect 0 "posted" "1 JPY"

note "limits"
limit() { # CUSTOMER LIMIT PREVIOUS
    cs adam post credit-limit --entity US01 --customer "$1" --limit "$2" --previous "$3" --reason CL_REVIEW \
        --evidence financials:report.pdf "${@:4}"
}
limit Y1 3000000.5 3000000
expect 2 "--limit" "JPY has 0 decimals"
limit Y1 3500000 2999999
refused C-13 stale-limit "the limit is 3,000,000 now, not 2,999,999"
limit W1 7000.000 5999.999
refused C-13 stale-limit "the limit is 6,000.000 now, not 5,999.999"
limit W1 7500.000 6000.000 --dry-run
expect 0 "new limit 7,500.000 KWD"
expect_not "more than 25 %"
limit W1 7500.001 6000.000 --dry-run
expect 0 "new limit 7,500.001 KWD" "more than 25 %"

note "balance, ageing, statement and account keep the digits"
cs maria balance --customer Y1
expect 0 "JPY" "68,849"
cs maria aging --customer W1
expect 0 "KWD" "938.461"
cs maria statement --customer W1
expect 0 "1,000.001" "-61.540" "0.000 + 1,000.001 charged - 61.540 credited = 938.461 KWD"
cs maria statement --customer Y1
expect 0 "0 + 100,100 charged - 31,251 credited = 68,849 JPY"
cs maria trial balance --json
expect 0 '"currency":"JPY"' '"currency":"KWD"' '"61.540"' '"31251"'

note "the rates are 35 days old: the last day; the day after; a younger one of one of them"
NOW=$(date -u -d 2026-01-06T04:59:58Z +%s) # still the 5th in New York
post joe J-1 2
expect 0 "CN-6"
post joe J-1 5
refused C-10 old-rate "the latest rate of JPY in USD before 2026-01-06 is of 2025-12-01 (FX-1): 36 days old, it counts for 35; two officers bring in a younger one"
post joe K-1 0.005
refused C-10 old-rate "the latest rate of KWD in USD before 2026-01-06 is of 2025-12-01 (FX-1): 36 days old"
cs olga rates propose --date 2026-01-06 JPY=0.0065
cs oscar approve --inbox
expect 0 "in force"
post joe J-1 5
expect 0 "CN-7   credit note  5 JPY" "0.03 here makes"
post joe K-1 0.005
refused C-10 old-rate "36 days old"
cs olga audit verify
expect 0
finish
