#!/bin/bash
# What cut-off and stale consent refuse, each beside the closest thing that is let in; and that every refusal is in the journal.
. "$(dirname "$0")/lib.sh"
CAST="$CAST cleo:P-51:human:PERIOD_CLOSER clive:P-52:human:PERIOD_CLOSER"
found_company
at() { NOW=$(($(date -u -d "$1" +%s) - 1)); }
number() { printf '%s\n' "$OUT" | grep -o "$1-[0-9]*" | head -1; }
INVOICE=0
# note_of USER AMOUNT DATE: a credit note on an invoice of its own, of 100.00
note_of() {
    local invoice
    invoice=$(printf '9000%02d' "$INVOICE")
    INVOICE=$((INVOICE + 1))
    echo "$invoice" >"evidence-$invoice.pdf"
    cs "$1" post credit-note --invoice "$invoice" --amount "$2" --reason PRICE_ERR --date "$3" \
        --evidence "price-sheet:evidence-$invoice.pdf"
}
# refused CODE DOCUMENT...: the last command was refused by this code, which stands in the journal at the entry that it names
refused() {
    local control=$1 code=$2 entry
    expect 1 "$control" "entry"
    entry=$(printf '%s\n' "$OUT" | grep -o 'entry  *[0-9]*' | head -1 | grep -o '[0-9]*')
    rm -f "$WORK/journal.jsonl"
    run audit export --book "$BOOK" --out "$WORK/journal.jsonl"
    CHECKS=$((CHECKS + 2))
    sed -n "$((entry + 1))p" "$WORK/journal.jsonl" | grep -q "\"code\":\"$code\",\"control\":\"$control\"" ||
        wrong "entry $entry does not hold $control $code"
    run log --from "$entry" --to "$entry" --book "$BOOK"
    expect 0 "refused"
}

# The content hash of a document's first version, as the journal has it
content_of() {
    rm -f "$WORK/journal.jsonl"
    run audit export --book "$BOOK" --out "$WORK/journal.jsonl"
    python3 - "$WORK/journal.jsonl" "$1" <<'PY'
import json, sys
for line in open(sys.argv[1]):
    for result in json.loads(line)["decision"]["results"]:
        if result.get("document") == sys.argv[2] and result.get("version") == 1:
            print(result["content"])
PY
}

note "post in a locked period; in the month after it"
at 2026-02-02T12:00:00Z
cs cleo period close US01 2026-01 --reason "Month end"
expect 0 "in force"
note_of maria 1.00 2026-01-31
refused C-39 soft-closed
note_of maria 1.01 2026-02-01
expect 0 "posted"

note "in the exception of another period; in one's own"
cs cleo period close US01 2025-12 --reason "Year end"
expect 0 "in force"
cs cleo period exception US01 2025-12 --user maria --until 2026-02-04T12:00:00Z --reason "Late credit"
cs clive approve "$(number PE)"
expect 0 "in force"
note_of maria 1.02 2026-01-31
refused C-39 soft-closed
note_of joe 1.03 2025-12-31
refused C-39 soft-closed
note_of maria 1.04 2025-12-31
expect 0 "waits for" "C-39" "C-40"
UNDER=$(number CN)

note "after the exception ended: to prepare, and to sign; a second before"
at 2026-02-04T11:59:59Z
note_of maria 1.05 2025-12-31
expect 0 "waits for"
at 2026-02-04T12:00:00Z
note_of maria 1.06 2025-12-31
refused C-39 exception-ended
cs ana approve "$UNDER"
refused C-39 exception-ended

note "an exception without end, for oneself, too long, for nobody"
cs cleo period exception US01 2026-01 --user maria --reason "No end"
expect 2 "--until"
cs cleo period exception US01 2026-01 --user cleo --until 2026-02-05 --reason "Mine"
refused C-39 own-exception
at 2026-02-04T12:10:00Z
cs cleo period exception US01 2026-01 --user maria --until 2026-02-09T12:10:01Z --reason "Six days, nearly"
refused C-39 exception-too-long
at 2026-02-04T12:20:00Z
cs cleo period exception US01 2026-01 --user maria --until 2026-02-09T12:20:00Z --reason "Five days"
expect 0 "waits for"
cs cleo approve "$(number PE)"
refused C-01 own-document

note "hard closed: nothing, never again"
cs cleo period close US01 2026-01 --hard --reason "Final"
expect 0 "in force"
cs cleo period open US01 2026-01 --reason "Again"
refused C-39 never-again
cs olga period close US01 2026-02 --reason "An officer"
refused C-31 not-a-closer

note "effective date tomorrow: by the day of New York, also where the clock changes"
at 2026-02-11T04:59:59Z
note_of maria 1.07 2026-02-11
refused C-40 forward-dated
at 2026-02-11T05:00:00Z
note_of maria 1.08 2026-02-11
expect 0 "CN-"
at 2026-03-09T03:59:59Z
note_of joe 1.09 2026-03-09
refused C-40 forward-dated
at 2026-03-09T04:00:00Z
note_of joe 1.10 2026-03-09
expect 0 "posted"

note "a quarter ends: the last second of March, the first of April"
at 2026-04-01T03:59:58Z
note_of joe 1.11 2026-04-01
refused C-40 forward-dated
cs cleo period close US01 2026-03 --hard --reason "One second early"
refused C-39 too-early
at 2026-04-01T04:00:00Z
cs cleo period close US01 2026-03 --hard --reason "In time"
expect 0 "in force"
note_of joe 1.12 2026-03-31
refused C-39 hard-closed
note_of joe 1.13 2026-04-01
expect 0 "posted"

note "backdated: five days are nothing, six take a level; before the invoice never"
at 2026-04-08T12:00:00Z
note_of joe 1.14 2026-04-03
expect 0 "posted"
note_of joe 1.15 2026-04-02
expect 0 "waits for" "level 1" "6 days back" "C-40"
BACK=$(number CN)
note_of joe 1.16 2025-11-30
refused C-40 before-original

note "approval on an old hash; on the new one"
OLD=$(content_of "$BACK")
echo "another" >another.pdf
cs joe amend "$BACK" --invoice 900015 --amount 1.17 --reason PRICE_ERR --date 2026-04-02 --evidence price-sheet:another.pdf
expect 0 "waits for"
cat >old.body <<EOF_BODY
{"items":[{"content":"$OLD","document":"$BACK","level":1,"version":1}]}
EOF_BODY
tick
python3 "$HERE/../support/statement.py" old.json ana approve "$(now)" "$("$COUNTERSIGN" status --json --book "$BOOK" 2>/dev/null)" <old.body
run sign old.json --key "$WORK/ana.key" --passphrase-fd 3
run submit old.json --book "$BOOK"
refused C-04 content
cs ana approve "$BACK"
expect 0 "posted"

note "approval after expiry: of the document; the last second of it"
at 2026-04-09T12:00:00Z
cp prices.pdf one.pdf
cs maria post credit-note --invoice 581483 --amount 300.00 --reason PRICE_ERR --evidence price-sheet:one.pdf
ONE=$(number CN)
at 2026-04-09T13:00:00Z
echo two >two.pdf
cs maria post credit-note --invoice 40251 --amount 300.00 --reason PRICE_ERR --evidence price-sheet:two.pdf
TWO=$(number CN)
at 2026-04-23T12:00:00Z
cs ana approve "$ONE"
expect 0 "posted"
at 2026-04-23T13:00:01Z
cat >late.body <<EOF_BODY
{"items":[{"content":"$(content_of "$TWO")","document":"$TWO","level":1,"version":1}]}
EOF_BODY
tick
python3 "$HERE/../support/statement.py" late.json ana approve "$(now)" "$("$COUNTERSIGN" status --json --book "$BOOK" 2>/dev/null)" <late.body
run sign late.json --key "$WORK/ana.key" --passphrase-fd 3
run submit late.json --book "$BOOK"
refused C-16 lapsed

note "the whole of it verifies"
cs audrey audit verify
expect 0
finish
