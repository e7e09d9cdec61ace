#!/bin/bash
# An auditor gets the book of a generated year (tests/test_year.c: every kind of document, every act of governance, 365 days),
# five checkpoints that a custodian and a witness kept, and the witness's key. The program and the second reader of the format
# find nothing wrong; the books come out the same from the journal alone; one byte changed in a copy is found.
. "$(dirname "$0")/lib.sh"
YEAR=$WORK/year BOOK=$WORK/year/book
OUT=$(cd "$HERE/../.." && COUNTERSIGN_YEAR_LEAVE=$YEAR "$(dirname "$COUNTERSIGN")/tests/test_year" 2>&1)
RC=$?
LAST=tests/test_year
expect 0 "365 days" "PASSED"
cd "$YEAR" || exit 1
kept=() notes=0
for note in [0-9]*.note; do kept+=(--checkpoint "$note") notes=$((notes + 1)); done
[ "$notes" = 5 ] || wrong "$notes checkpoints were kept, expected 5"

note "every entry, signature, number and decision, against what was kept outside"
run audit verify --book "$BOOK" "${kept[@]}" --witness witness.vkey
expect 0 "5 issued or given" "witnessed by witness.example/year" "decided again" "2 policies" "rebuilt, equal"
expect_not "finding"
entries=$(printf '%s\n' "$OUT" | sed -n 's/^entries  *\([0-9,]*\),.*/\1/p')
run audit verify --book "$BOOK" --checkpoint 5.note --fast --json
expect 0 "$(cat book.id)"

note "the second reader agrees, checkpoints and a receipt included"
run audit prove CN-1 --book "$BOOK" --to CN-1.receipt
expect 0 "where the document took effect"
run audit export --book "$BOOK" --out export.jsonl --signers signers
expect 0
"$HERE/../checker.py" export.jsonl "${kept[@]}" --receipt CN-1.receipt >read-again 2>&1 &
READER=$!

note "a month of it, before three checkers"
run audit pack --book "$BOOK" --to month --period 2026-03 --as audrey --key audrey.key --passphrase-fd 3
expect 0 "period"
LAST="tests/support/three_checkers.py"
OUT=$(COUNTERSIGN=$COUNTERSIGN "$HERE/../support/three_checkers.py" --good month)
RC=$?
expect 0 "countersign-verify good" "checker.py         good"

note "an ERP that was late and lost some: what is not there is counted, and an exception"
run outbox --book "$BOOK" --as audrey --json
expect 0 '"state":"open"'
waiting=$(printf '%s\n' "$OUT" | grep -c '"delivery"')
run status --book "$BOOK" --as audrey --json
expect 0 "\"unacknowledged\":$waiting"
run exceptions --only deliveries --book "$BOOK" --as audrey --json
expect 0 "not acknowledged by the ERP"
late=$(printf '%s\n' "$OUT" | grep -c "not acknowledged by the ERP")
[ "$late" -gt 5 ] && [ "$late" -lt "$waiting" ] || wrong "$late of $waiting are late"

note "books dropped and folded anew say the same"
says() {
    local command
    for command in balance aging "exposure 16446 --group" disputes exceptions "trial balance" "period list" \
        "grant list --all" "user list" "key list" "rates list" "entity list" "review list" "log --limit 5000"; do
        # shellcheck disable=SC2086
        run $command --book "$1" --as audrey --json
        CHECKS=$((CHECKS + 1))
        [ "$RC" = 0 ] || wrong "$command" >&2
        printf '== %s\n%s\n' "$command" "$OUT"
    done
    OUT=
}
says "$BOOK" >before
cp -r book folded
run rebuild --book folded
expect 0 "$entries entries"
says folded >after
CHECKS=$((CHECKS + 1))
cmp -s before after || wrong "books that were folded anew say something else: $(diff before after | head -5 | cut -c 1-300)"
[ "$(wc -l <before)" -gt 4000 ] || wrong "the books say little: $(wc -l <before) lines"

note "one byte"
cp -r book changed
python3 - changed/journal/data.mdb <<'PY'
import re, sys
data = bytearray(open(sys.argv[1], "rb").read())
found = [m.start(1) for m in re.finditer(rb'"amount":"[0-9]+\.([0-9])[0-9]","channel":"cli"', data)]
at = found[len(found) // 2]
data[at] = ord("7") if data[at] != ord("7") else ord("8")
open(sys.argv[1], "wb").write(data)
PY
run audit verify --book changed "${kept[@]}" --witness witness.vkey --fast
expect 3 "signature" "finding"

note "and one of the books, in every copy that the file still has of it"
python3 - folded/books/data.mdb <<'PY'
import sys
data = open(sys.argv[1], "rb").read()
data = data.replace(b'"limit_text":"1', b'"limit_text":"7')
open(sys.argv[1], "wb").write(data)
PY
run audit verify --book folded
expect 3 "books"

wait "$READER"
RC=$? OUT=$(cat read-again) LAST=tests/checker.py
expect 0 "$entries" "5 checkpoints"
BOOK=none
finish
