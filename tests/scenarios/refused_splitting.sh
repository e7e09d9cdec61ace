#!/bin/bash
# Splitting, each way that is tried, and the closest neighbour that is allowed: refusals and levels stand in the journal.
HERE=$(realpath "$(dirname "$0")")
POLICY=$HERE/../policies/currency.yaml
. "$(dirname "$0")/lib.sh"
found_company

# A rate by two officers.
bring() {
    cs olga rates propose "$@"
    expect 0 "FX-" "waits for"
    cs oscar approve --inbox
    expect 0 "in force"
}
# The journal holds the answer of the last command, and show says it again.
in_journal() {
    cs dora log --json
    expect 0 "$@"
}
bill() { # ID CUSTOMER CURRENCY GROSS SEQUENCE
    lay "bill-$1.json" feedi feed feedi <<EOF_BODY
{"entity":"US01","feed":"invoices","file":{"count":1,"sequence":$5,"currency":"$3","total":"$4"},"last":true,"part":1,
"records":[{"invoice":"$1","customer":"$2","date":"2026-01-02","due":"2026-02-01","gross":"$4",
"taxes":[{"code":"NONE","net":"$4","tax":"$6"}]}]}
EOF_BODY
}
bring --date 2026-01-01 EUR=1.10 JPY=0.0064 KWD=3.25
bill E-1 16447 EUR 20000.00 2 0.00
bill J-1 10442 JPY 4000000 3 0
bill K-1 20001 KWD 20000.000 4 0.000

post() { # USER INVOICE AMOUNT
    cs "$1" post credit-note --entity US01 --invoice "$2" --amount "$3" --reason PRICE_ERR --evidence price-sheet:prices.pdf
}

note "a document in a currency without a rate is refused, one with an old rate too"
cs olga rates list
expect 0 "EUR" "1.1" "FX-1" "2026-01-01"
bill C-1 10442 CHF 1000.00 5 0.00
post maria C-1 10.00
expect 1 "C-10" "no rate of CHF in USD"
in_journal '"outcome":"refused"'
cs maria post credit-note --entity US01 --invoice E-1 --amount 10.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf --dry-run
expect 0 "nothing was written"

note "five credits of 2,499.00 on one customer: the second takes the manager"
post maria 581483 2499.00
expect 0 "waits for" "level 1"
expect_not "level 2"
post maria 581483 2498.00
expect 0 "C-06" "level 2" "4,997.00"
note "... on another subsidiary of the group, in another currency, by another preparer"
post joe E-1 2271.81
expect 0 "C-07" "customer group G1" "level 2" "7,495.99"
note "... the closest neighbour: another group, under the bound"
post joe J-1 390468
expect 0 "waits for" "level 1"
expect_not "level 2" "C-07"

note "yen: 31,250 are 200.00 and automatic, one more is not; dinars the same"
bill J-2 20001 JPY 100000 6 0
post joe J-2 31250
expect 0 "posted"
post joe J-2 1
expect 0 "C-06" "200.01" "level 1"

note "two that wait jointly exceed: approving one does not let the other through with less"
post maria 900001 90.00
expect 0 "C-07"

note "+24,000 and -1,900 in one batch are judged on gross"
python3 - >batch.body <<'PY'
import json
def correction(ref, amount, direction):
    return {"kind": "correction", "ref": ref, "channel": "cli", "entity": "US01", "customer": "20001", "currency": "USD",
            "amount": amount, "reason": "PRICE_ERR", "date": "2026-01-05", "direction": direction, "field": "price",
            "evidence": [{"bytes": 1, "kind": "price-sheet", "media": "text/plain", "sha256": ("%02x" % len(ref)) * 32}],
            "allocations": [{"invoice": "900002", "amount": amount}]}
print(json.dumps({"atomic": True, "documents": [correction("up", "24990.00", "up"), correction("d-2", "90.00", "down")]}))
PY
lay batch.json maria submit maria <batch.body
in_journal '"window":"30 days"'
cs dora show IC-2
expect 0 "25," "C-07"

note "a sum beyond 64 bits is refused, with an entry"
huge() {
    cat <<EOF_BODY
{"entity":"US01","feed":"invoices","file":{"count":1,"sequence":$1,"currency":"USD","total":"50000000000000000.00"},
"last":true,"part":1,"records":[{"invoice":"H-$1","customer":"20001","date":"2026-01-02","due":"2026-02-01",
"gross":"50000000000000000.00","taxes":[{"code":"NONE","net":"50000000000000000.00","tax":"0.00"}]}]}
EOF_BODY
}
huge 7 | lay huge-7.json feedi feed feedi
tick
huge 8 | python3 "$HERE/../support/statement.py" huge-8.json feedi feed "$(now)" \
    "$("$COUNTERSIGN" status --json --book "$BOOK" 2>/dev/null)"
run sign huge-8.json --key feedi.key --passphrase-fd 3
run submit huge-8.json --book "$BOOK"
expect 1 "C-44" "too large to be counted" "records the refusal"
cs olga audit export --out all.jsonl
CHECKS=$((CHECKS + 1))
grep -q '"code":"books-too-large","control":"C-44"' all.jsonl || wrong "the refusal is not in the journal"
grep -q '"code":"no-rate","control":"C-10"' all.jsonl || wrong "the refusal for want of a rate is not in the journal"

note "a rate is given once, by officers, and not to oneself"
cs olga rates propose --date 2026-01-01 EUR=1.20
expect 1 "C-10" "FX-1" "supersedes"
cs maria rates propose --date 2026-01-02 EUR=1.20
expect 1 "C-31"
cs olga rates propose --date 2026-01-01 --supersedes FX-1 EUR=1.20
expect 0 "waits for"
FX=$(printf '%s\n' "$OUT" | grep -o 'FX-[0-9]*' | head -1)
cs olga approve "$FX"
expect 1 "C-01"
cs oscar approve "$FX"
expect 0 "in force"
cs olga show "$FX"
expect 0 "1 EUR = 1.2 USD from 2026-01-01 on" "supersedes FX-1"

note "the whole history verifies"
cs olga audit verify
expect 0
finish
