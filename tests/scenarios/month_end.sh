#!/bin/bash
# A month-end as a controller does it: looks what waits, chases, accrues, closes softly, lets one late document in, closes for
# good, sees a late credit refused, and goes on in the next month.
. "$(dirname "$0")/lib.sh"
CAST="$CAST cleo:P-51:human:PERIOD_CLOSER clive:P-52:human:PERIOD_CLOSER"
found_company
at() { NOW=$(date -u -d "$1" +%s); }

# note USER INVOICE AMOUNT DATE
note_of() {
    cp prices.pdf "prices-$2-$3.pdf"
    echo "$2 $3" >>"prices-$2-$3.pdf"
    cs "$1" post credit-note --invoice "$2" --amount "$3" --reason PRICE_ERR --date "$4" \
        --evidence "price-sheet:prices-$2-$3.pdf"
}
number() { printf '%s\n' "$OUT" | grep -o "$1-[0-9]*" | head -1; }

note "the last days of January: some things wait"
at 2026-01-30T15:00:00Z
note_of maria 581483 1200.00 2026-01-30
expect 0 "waits for" "level 1"
EARLY=$(number CN)
at 2026-01-31T15:00:00Z
note_of joe 40251 2600.00 2026-01-31
expect 0 "level 1, level 2"
LATE=$(number CN)
cs ana approve "$LATE"
expect 0
note_of maria 900001 50.00 2026-01-31
expect 0 "posted"

note "the second of February: what would the close leave behind?"
at 2026-02-02T14:00:00Z
note_of maria 581484 300.00 2026-02-02
expect 0 "waits for"
NEXT=$(number CN)
cs cleo period close US01 2026-01 --soft --reason "Month end" --dry-run
expect 0 "$EARLY" "$LATE" "1,200.00 USD" "maria" "joe" "ana, tom" "priya" "TO ACCRUE" "4000" "3,690.91 USD" "-3,800.00 USD" \
    "2026-01 of US01 is open; 2 documents wait" "nothing was written" "cash" "never loaded" "invoices" "closed"
expect_not "$NEXT"
cs cleo period close US01 2026-01 --soft --reason "Month end" --dry-run --json
expect 0 '"accrual":{"account":"4000","amount":"3690.91","base":"3690.91","currency":"USD","entity":"US01","kind":"credit-note"}' \
    '"next":["ana","tom"]' '"owner":"joe"' '"close":{"entity":"US01","period":"2026-01","state":"open","waits":2}' \
    '"feed":{"closed_ms":-1,"feed":"cash"'
cs olga period close US01 2026-01 --soft --reason "Month end" --dry-run
expect 1 "C-31" "$(either "2 documents wait" "what the close would leave behind is not for you to read")"
[ -z "$AT" ] || expect_not "documents wait"
cs cleo period list
expect 0 "US01" "2026-01" "open"

note "chased: what can be signed is signed"
cs ana approve "$EARLY"
expect 0 "posted"

note "closed softly by one closer, at once; others can't"
cs maria period close US01 2026-01 --reason "Month end"
expect 1 "C-31" "period.close"
cs cleo period close US01 2026-01 --soft --hard --reason "Month end"
expect 2 "either --soft or --hard"
cs cleo period close US01 2026-01 --soft --reason "Month end"
expect 0 "PE-" "in force"
PE=$(number PE)
cs dora show "$PE"
expect 0 "period" "2026-01" "soft" "Month end"
cs cleo period list
expect 0 "soft" "$PE"
cs priya approve "$LATE"
expect 1 "C-39" "2026-01 of US01 is closed" "amend its date to an open month"
note_of maria 900002 51.00 2026-01-31
expect 1 "C-39" "maria has no exception"
note_of maria 900002 51.00 2026-02-01
expect 0 "posted as US01-CN-2026-"

note "one exception, for one user, with an end, under two persons"
cs cleo period exception US01 2026-01 --user joe --until 2026-02-12 --reason "Credit agreed in January"
expect 1 "C-39" "5 days at most"
cs cleo period exception US01 2026-01 --user joe --until 2026-02-05 --reason "Credit agreed in January"
expect 0 "waits for" "clive" "oscar"
PE=$(number PE)
cs clive show "$PE"
expect 0 "joe" "2026-02-05"
cs clive approve "$PE"
expect 0 "in force"
cs cleo period list --json
expect 0 '"state":"soft"' '"user":"joe"'
cs cleo period close US01 2026-01 --soft --reason "Month end" --dry-run
expect 0 "joe is excepted until 2026-02-05" "$LATE" "would be in force"
cs priya approve "$LATE"
expect 0 "posted" "C-39" "$PE"

note "closed for good: no exception, no opening, no late credit"
at 2026-02-06T14:00:00Z
cs cleo period close US01 2026-02 --hard --reason "Too soon"
expect 1 "C-39" "2026-03-01"
cs cleo period close US01 2026-01 --hard --reason "Books are final"
expect 0 "in force"
note_of joe 900003 52.00 2026-01-31
expect 1 "C-39" "closed for good"
REFUSED=$(printf '%s\n' "$OUT" | grep -o "entry [0-9]*" | head -1)
cs cleo period exception US01 2026-01 --user joe --until 2026-02-08 --reason "Once more"
expect 1 "C-39" "closed for good"
cs cleo period open US01 2026-01 --reason "Once more"
expect 1 "C-39" "can't be open again"

note "the next month goes on, and the refusals are in the journal"
cs ana approve "$NEXT"
expect 0 "posted"
note_of joe 900003 52.00 2026-02-06
expect 0 "posted"
cs dora log --limit 100
expect 0 "C-39"
cs audrey audit export --out book.jsonl
CHECKS=$((CHECKS + 1))
grep -c '"code":"hard-closed"' book.jsonl >/dev/null || wrong "the refusal ($REFUSED) is not in the export"
cs audrey audit verify
expect 0
finish
