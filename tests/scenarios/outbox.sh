#!/bin/bash
# What is posted goes to the ERP and is acknowledged by its feed: deliveries that are lost on the way and come again, an ERP
# that tells them apart, one that rejects, posts another amount, posts twice, posts what nobody approved.
. "$(dirname "$0")/lib.sh"
cp "$POLICY" policy.yaml
printf '  acknowledgement_days: 2\n' >>policy.yaml
POLICY=$WORK/policy.yaml
CAST="$CAST feeda:P-33:feed:FEED_ACKNOWLEDGEMENTS"
found_company
at() { NOW=$(date -u -d "$1" +%s); }
# The ERP: takes deliveries, keeps each id once, and tells what it has: erp DELIVERIES ACKNOWLEDGEMENTS.CSV [only-some]
erp() {
    python3 - "$@" <<'PY'
import csv, json, os, sys
state = json.load(open("erp.json")) if os.path.exists("erp.json") else {}
posted = []
for line in open(sys.argv[1]):
    delivery = json.loads(line)
    debit = sum(int(l["amount"].replace(".", "")) for l in delivery["lines"] if l["side"] == "dr")
    credit = sum(int(l["amount"].replace(".", "")) for l in delivery["lines"] if l["side"] == "cr")
    assert debit == credit == int(delivery["amount"].replace(".", "")), delivery
    if delivery["delivery"] in state:
        print("there already", delivery["delivery"])
    state.setdefault(delivery["delivery"], [str(100 + len(state)), delivery["amount"], delivery["currency"]])
    posted.append(delivery["delivery"])
json.dump(state, open("erp.json", "w"))
with open(sys.argv[2], "w", newline="") as file:
    out = csv.writer(file)
    out.writerow(["delivery", "date", "currency", "amount", "state", "erp", "reason"])
    for ident in posted:
        number, amount, currency = state[ident]
        out.writerow([ident, "2026-01-09", currency, amount, "posted", number, ""])
print(len(posted), "taken", len(state), "in the ERP")
PY
}
take() { cs maria outbox take --entity US01 --out "$@"; }
said() { # a CSV of one acknowledgement
    printf 'delivery,date,currency,amount,state,erp,reason\n%s\n' "$1" >one.csv
    cs feeda load acknowledgements one.csv --entity US01
}

note "nothing is delivered before it is posted"
at 2026-01-06T15:00:00Z
cs maria post credit-note --invoice 581483 --amount 2000 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 0 "CN-1" "waits for"
cs maria outbox
expect 0 "0 deliveries not in the ERP"
cs maria post credit-note --invoice 40251 --amount 100 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 0 "posted as US01-CN-2026-000001"
cs maria post credit-note --invoice 40117 --amount 50 --reason PRICE_ERR --evidence price-sheet:prices.pdf
cs ana approve CN-1
expect 0 "posted"
cs maria outbox --json
expect 0 '"delivery":"US01-CN-2026-000001.' '"state":"open"' '"amount":"100.00"' '"due":"2026-01-09T05:00:00.000Z"'
cs maria outbox
expect 0 "3 deliveries" "CN-1" "CN-2" "CN-3" "2026-01-09"
cs ana show CN-2
expect 0 "delivery" "not acknowledged by the ERP"
tick 7200
cs maria status
expect 0 "$(either "3 not in the ERP, the oldest for 2 h" "outbox      not for you to count")"
run status --json --book "$BOOK" --at "$(now)" # a count over all entities is for those who read all of them
expect 0 '"outbox":{"oldest":"2026-01-06T15:00:' '"unacknowledged":3'
[ "$(json outbox.oldest_age_seconds)" -ge 7200 ] || wrong "the oldest is younger than it is"

note "taken, lost on the way, taken again: the same ids, and the ERP tells what it has"
take one.jsonl
expect 0 "3 deliveries, 7 ledger lines, in one.jsonl"
rm one.jsonl
take two.jsonl --max 2
expect 0 "2 deliveries"
OUT=$(erp two.jsonl acks.csv) RC=$?
expect 0 "2 taken 2 in the ERP"
take - >/dev/null
printf '%s\n' "$OUT" >three.jsonl
OUT=$(erp three.jsonl acks.csv) RC=$?
expect 0 "there already US01-CN-2026-000001." "3 taken 3 in the ERP"
cmp -s two.jsonl <(head -2 three.jsonl) || wrong "not the same bytes twice"
take one.jsonl
take one.jsonl
expect 2 "one.jsonl"

note "the ERP's feed acknowledges; what it says stays with the document"
cs feeda load acknowledgements acks.csv --entity US01 --count 3 --total 2150.00
expect 0 "acknowledgements 1" "3 records"
cs maria outbox
expect 0 "0 deliveries"
cs ana show CN-2
expect 0 "in the ERP as 100, acknowledged 2026-01-06"
cs ana show CN-2 --json
expect 0 '"erp":["100"]' '"state":"acknowledged"'
take -
[ -z "$OUT" ] || wrong "what is acknowledged is given out"
cs maria status
expect 0 "$(either "0 not in the ERP" "outbox      not for you to count")"
expect_not "the oldest"
run status --json --book "$BOOK" --at "$(now)"
expect 0 '"outbox":{"unacknowledged":0}'
cs feeda load acknowledgements acks.csv --entity US01
expect 0 "acknowledgements 2"

note "a reversal is a delivery of its own"
cs maria reverse CN-3 --reason POSTED_IN_ERROR --evidence correspondence:prices.pdf
cs ana approve RV-1
cs priya approve RV-1
expect 0 "posted as US01-RV-2026-000001"
take -
expect 0 '"kind":"reversal"' '"reverses":"US01-CN-2026-000002"' '"amount":"50.00"'
take - --csv
expect 0 "delivery,entity,number,document,kind" "US01-RV-2026-000001" "50.00"

note "late: an exception after two business days, and not a moment before"
cs maria exceptions --only deliveries --as-of 2026-01-09T04:59:59Z
expect 0 "0 exceptions"
cs maria exceptions --only deliveries --as-of 2026-01-09T05:00:00Z
expect 0 "not in the ERP" "RV-1" "not acknowledged by the ERP" "50.00 USD" "1 exception"

note "rejected: an exception at once, given out again only when asked for"
at 2026-01-08T15:00:00Z
ID=$(cs maria outbox --json; printf '%s\n' "$OUT" | python3 -c 'import json,sys; print(json.loads(sys.stdin.readline())["delivery"])')
said "$ID,2026-01-08,USD,50.00,rejected,,Period 01 is closed"
expect 0 "acknowledgements 3"
cs maria exceptions --only deliveries
expect 0 "RV-1" "rejected by the ERP: Period 01 is closed" "1 exception"
cs ana show RV-1
expect 0 "rejected by the ERP: Period 01 is closed, for"
take -
[ -z "$OUT" ] || wrong "what was rejected is given out unasked"
take - --rejected
expect 0 "$ID"
printf '%s\n' "$OUT" >again.jsonl
OUT=$(erp again.jsonl acks.csv) RC=$?
expect 0 "1 taken 4 in the ERP"
cs feeda load acknowledgements acks.csv --entity US01
expect 0 "acknowledgements 4"
cs maria exceptions --only deliveries
expect 0 "0 exceptions"

note "another amount, nothing of ours, an unknown number: stopped before they are sent, and by the gate"
cs maria post credit-note --invoice 40251 --amount 30 --reason PRICE_ERR --evidence price-sheet:prices.pdf
ID=$(cs maria outbox --json; printf '%s\n' "$OUT" | python3 -c 'import json,sys; print(json.loads(sys.stdin.readline())["delivery"])')
said "$ID,2026-01-08,USD,30.01,posted,200,"
expect 2 "was posted with another amount or currency"
said "US01-CN-2026-000099.0123456789abcdef,2026-01-08,USD,30.01,posted,200,"
expect 2 "was never posted here"
said "$ID,2026-01-08,USD,30.00,rejected,200,no"
expect 2 "has no number there"
said "$ID,2026-01-08,USD,30.00,posted,,"
expect 2 "erp"
gate_says() { # DELIVERY AMOUNT STATE ERP: a feed program that does not look first
    tick
    python3 "$HERE/../support/statement.py" bad.json feeda feed "$(now)" "$("$COUNTERSIGN" status --json --book "$BOOK" 2>/dev/null)" <<BODY
{"entity":"US01","feed":"acknowledgements","file":{"count":1,"currency":"USD","sequence":5,"total":"$2"},"last":true,"part":1,
"records":[{"amount":"$2","date":"2026-01-08","delivery":"$1","erp":"$4","state":"$3"}]}
BODY
    run sign bad.json --key feeda.key --passphrase-fd 3
    run submit bad.json --book "$BOOK" --json
    rm bad.json
}
gate_says "$ID" 30.01 posted 200
expect 1 '"control":"C-44"' '"code":"delivery-differs"' '"acknowledged":"30.01"' '"amount":"30.00"'
gate_says US01-CN-2026-000099.0123456789abcdef 30.01 posted 200
expect 1 '"code":"unknown-delivery"' "nothing was posted here as"
gate_says "$ID" 30.00 reversed 200
expect 1 '"code":"unknown-erp"'
cs maria log --user feeda --limit 3 --json
expect 0 '"outcome":"refused"' '"code":"delivery-differs"' '"code":"unknown-delivery"' '"code":"unknown-erp"'

note "twice in the ERP: taken, flagged, an exception until one is reversed there; never given out a third time"
said "$ID,2026-01-08,USD,30.00,posted,200,"
expect 0
said "$ID,2026-01-08,USD,30.00,posted,201,"
expect 0 "twice, as 200 and as 201"
cs maria exceptions --only deliveries
expect 0 "twice in the ERP: 200, 201" "1 exception"
take - --rejected
[ -z "$OUT" ] || wrong "given out a third time"
said "$ID,2026-01-08,USD,30.00,reversed,201,"
expect 0
cs maria exceptions --only deliveries
expect 0 "0 exceptions"
cs maria outbox
expect 0 "0 deliveries"

note "the same after the books were made again"
run rebuild --book "$BOOK"
cs ana show CN-4
expect 0 "in the ERP as 200"
finish
