#!/usr/bin/env bash
# An auditor's engagement from plan to conclusion, with the company's people, a witness elsewhere, and a bundle that is checked at
# the auditor's own desk: audit/EVIDENCE.md walked through.
. "$(dirname "$0")/lib.sh"
VERIFY=$(dirname "$COUNTERSIGN")/countersign-verify
CAST="$CAST audrey:P-73:human:AUDITOR feedm:P-33:feed:FEED_CASH"
found_company
AWAY=$WORK/away
mkdir "$AWAY"
away() {
    LAST="away: $*"
    OUT=$(cd "$AWAY" && HOME=$AWAY XDG_STATE_HOME=$AWAY/state COUNTERSIGN_BOOK= "$COUNTERSIGN" "$@" 2>"$WORK/err" 3<<<pass)
    RC=$?
    ERR=$(cat "$WORK/err")
}
audit() { cs audrey audit "$@"; }
# A checkpoint that the witness cosigns, brought back: cosigned NAME
cosigned() {
    issue "$1.note"
    run audit prove --book "$BOOK" --as audrey --since "${SEEN:-0}" --to "$AWAY/$1"
    expect 0
    away witness cosign "$1" --state w --out "$1.cosigned" --passphrase-fd 3
    expect 0
    run checkpoint add "$AWAY/$1.cosigned" --book "$BOOK" --as audrey
    expect 0
    SEEN=$(sed -n 2p "$1.note")
}

note "January: the company at work"
for i in 1 2 3 4 5 6; do
    cs maria post credit-note --invoice 581483 --amount "$((20 + i)).1$i" --reason PRICE_ERR --evidence prices.pdf --ref "R-$i"
    expect 0 posted
done
cs maria post credit-note --invoice 581483 --amount 1200.00 --reason PRICE_ERR --evidence prices.pdf --ref R-7 --note "Contract price"
expect 0 "waits for"
cs maria approve CN-7 --yes
expect 1 C-01
cs ana approve CN-7 --yes
expect 0 posted
cs joe post credit-note --invoice 40251 --amount 5000.00 --reason PRICE_ERR --evidence prices.pdf --ref R-8
expect 1 C-35
NOW=1770051600 # 2026-02-02T17:00:00Z

note "plan: is the book whole, who may what, which rules; how large a sample"
run book-key list --vkeys --book "$BOOK" --as olga
printf '%s\n' "$OUT" >"$AWAY/book.vkey"
away witness new --state w --name witness.example/audit --kdf minimal --passphrase-fd 3
expect 0
away witness trust book.vkey --state w
expect 0
cp "$AWAY/w/vkey" witness.pub
serve_with --witness witness.pub
cosigned plan
audit verify --witness witness.pub
expect 0 "witness.example/audit"
audit reperform
expect 0 "same"
run controls C-07
expect 0 "C-07"
audit sample size --tolerable-rate 50 --population 7
expect 0

note "walkthrough: one transaction from request to ledger, and a refused one"
audit pack --document CN-7 --to "$WORK/walkthrough"
expect 0
[ -s walkthrough/evidence.html ] || wrong "no page"
OUT=$("$VERIFY" walkthrough 2>&1)
RC=$? ERR='' LAST="countersign-verify walkthrough"
expect 0 "decisions not re-performed"
audit report R-05 --control C-35 --format csv --out refused.csv
expect 0
grep -q C-35 refused.csv || wrong "the refusal is in no report"

note "population: complete and accurate"
audit report R-02 --period 2026-01 --entity US01 --format csv --out population.csv
expect 0
CHECKS=$((CHECKS + 1))
[ "$(grep -c '^[0-9]' population.csv)" = 7 ] || wrong "the register has not the seven posted credit notes"
audit report --check population.csv
expect 0
sed -i 's/1200.00/1000.00/' population.csv
audit report --check population.csv
expect 3
audit completeness --period 2026-01
expect 0

note "the seed, a root that nobody could know, the draw"
audit record seed --seed 314159 --purpose "Credit notes of January"
expect 0 SE-1
cosigned seeded
audit sample draw --seed SE-1 --witness witness.pub --kind credit-note --state posted --size 3 --out selection.jsonl --worksheet tested.csv
expect 0
audit sample draw --seed SE-1 --witness witness.pub --kind credit-note --state posted --size 3 --out again.jsonl
expect 0
cmp -s selection.jsonl again.jsonl || wrong "two draws of one seed differ"

note "test: each item at the auditor's desk, the whole population by the journal-entry tests"
audit pack --sample selection.jsonl --to "$WORK/sample"
expect 0
OUT=$("$VERIFY" sample --witness witness.pub 2>&1)
RC=$? LAST="countersign-verify sample"
expect 0 "decisions not re-performed"
sed '1!s/,,,\r/,no,,\r/' tested.csv >done.csv
audit sample evaluate done.csv --selection selection.jsonl --tolerable-rate 80
expect 0 "rely"
audit test --missed
expect 1 "NOT RUN FOR" "2026-01"
audit test --period 2026-01 --record
expect 1 "C-47/US01/P-11/2026-01-05" "TR-1"
audit test --check TR-1
expect 0 "found again"
audit test --missed
expect 0 "0 runs were missed"

note "conclude: what each exception came to, on record; the whole book for the file, checked by three that share no code"
for key in $("$COUNTERSIGN" audit test --period 2026-01 --book "$BOOK" --json 2>/dev/null | python3 -c '
import json, sys
for line in sys.stdin:
    row = json.loads(line)
    if "key" in row: print(row["key"].replace(" ", "+"))'); do
    audit record disposition --about "${key//+/ }" --conclusion "looked at with the preparer: agreed to the price list"
    expect 0
done
audit test --period 2026-01
expect 0 "0 without a conclusion"
cosigned concluded
audit report R-01 --format json --out certificate.json
expect 0
audit report --period 2026-01 --html --out january.html
expect 0
audit pack --to "$WORK/whole"
expect 0
OUT=$("$VERIFY" whole --witness witness.pub 2>&1)
RC=$? LAST="countersign-verify whole"
expect 0 "witness.example/audit"
OUT=$("$HERE/../checker.py" whole 2>&1)
RC=$? LAST="checker.py whole"
expect 0
sed -i 's/"amount":"1200.00"/"amount":"1300.00"/' whole/entries.jsonl
OUT=$("$VERIFY" whole 2>&1)
RC=$? LAST="countersign-verify of an edited bundle"
expect 3 "entries.jsonl"
finish
