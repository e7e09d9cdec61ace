#!/bin/bash
# An auditor samples: a seed on record, a checkpoint that a witness cosigns, a draw that a second program makes again from
# audit/sample/SAMPLING.md alone, testing, evaluation. And what would steer it.
. "$(dirname "$0")/lib.sh"
CAST="$CAST audrey:P-73:human:AUDITOR"
found_company
python3 - >many.csv <<'PY'
print("kind,allocations,reason,evidence,ref")
for i in range(20):
    print(f"credit-note,9000{i:02}:{7 + i * 4}.{i:02},PRICE_ERR,price-sheet:prices-{i}.pdf,R-{i}")
PY
for i in $(seq 0 19); do echo "prices $i" >"prices-$i.pdf"; done
cs maria post --batch many.csv
expect 0 "20 rows"
cs ana approve --inbox
cs maria post correction --entity US01 --invoice 40117 --amount 33.00 --direction up --field price --reason PRICE_ERR \
    --evidence price-sheet:prices.pdf
REVEAL="what audrey wrote down on paper"
SEALED=sha256:$(printf %s "$REVEAL" | sha256sum | cut -d' ' -f1)

note "no draw without a seed, and none before a checkpoint that counts"
run audit sample draw --book "$BOOK" --as audrey --size 3 --own-checkpoint
expect 2 "with which seed?"
run audit sample draw --book "$BOOK" --as audrey --size 3 --seed SE-1 --own-checkpoint
expect 2 "there is no seed SE-1"
cosign() { python3 "$HERE/../support/cosign.py" "$@"; }
cosign one corp-audit - 0 >witness.pub
cosign two corp-audit - 0 >other.pub
issue before.note
cosign one corp-audit before.note 1767600000 >before.cosigned
cs audrey audit record seed --seed 314159 --purpose "Credit notes of January"
expect 0 "SE-1"
cs audrey audit record seed --seed "$SEALED" --purpose "Decisions of January"
expect 0 "SE-2"
run audit sample draw --book "$BOOK" --as audrey --size 3 --seed SE-1
expect 2 "whose cosignature counts?"
run audit sample draw --book "$BOOK" --as audrey --size 3 --seed SE-1 --own-checkpoint
expect 2 "no checkpoint was issued after entry" "countersign checkpoint"
cp -r "$BOOK" fork
cs maria post credit-note --entity US01 --invoice 40251 --amount 301 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 0
LATE=$(printf '%s\n' "$OUT" | grep -o 'CN-[0-9]*' | head -1)
issue first.note
cs maria post credit-note --entity US01 --invoice 40251 --amount 302 --reason PRICE_ERR --evidence price-sheet:prices.pdf
issue second.note
cosign one corp-audit first.note 1767700000 >first.cosigned
cosign one corp-audit second.note 1767800000 >second.cosigned
draw() { run audit sample draw --book "$BOOK" --as audrey "$@"; }
draw --size 3 --seed SE-1 --witness witness.pub --checkpoint before.cosigned
expect 2 "bears a cosignature of a witness that was brought" "--checkpoint FILE"
draw --size 3 --seed SE-1 --witness other.pub --checkpoint first.cosigned
expect 2 "bears a cosignature of a witness that was brought"

note "the same draw is the same bytes, whoever makes it; the nearest checkpoint counts"
NOTES="--kind credit-note --state posted"
draw $NOTES --size 5 --seed SE-1 --witness witness.pub --checkpoint first.cosigned --out five.jsonl --worksheet five.csv
expect 0 "20 documents before entry" "cosigned by corp-audit" "the seed was open" "countersign audit record test-run"
draw $NOTES --size 5 --seed SE-1 --witness witness.pub --checkpoint second.cosigned --checkpoint first.cosigned --out again.jsonl
expect 0
cmp -s five.jsonl again.jsonl || wrong "another draw gave other bytes"
draw $NOTES --size 5 --seed SE-1 --witness witness.pub --checkpoint first.cosigned --json
[ "$OUT" = "$(cat five.jsonl)" ] || wrong "--json gives other lines than --out"
draw $NOTES --size 5 --seed SE-1 --witness witness.pub --checkpoint second.cosigned --out later.jsonl
expect 0
cmp -s five.jsonl later.jsonl && wrong "another checkpoint gave the same draw"
draw $NOTES --size 5 --seed SE-1 --own-checkpoint --out five.jsonl
expect 2 "five.jsonl"
draw $NOTES --size 5 --seed SE-1 --own-checkpoint
expect 0 "the book alone signed the checkpoint: its custodian could have steered"

note "what came after the seed cannot be drawn"
draw --method judgemental --because "named in a letter" --document "$LATE" --seed SE-1 --own-checkpoint
expect 2 "$LATE is not in the population"
draw --method judgemental --because "named in a letter" --document "$LATE"
expect 0 "sample of 1" "named in a letter"
draw --method judgemental --document "$LATE"
expect 2 "--because"
draw --size 3 --seed SE-1 --own-checkpoint --before 9
expect 2 "--before"

note "a sealed seed is opened by what it hides and by nothing else"
draw --unit decision --size 4 --seed SE-2 --witness witness.pub --checkpoint first.cosigned
expect 2 "sealed" "--reveal"
draw --unit decision --size 4 --seed SE-2 --witness witness.pub --checkpoint first.cosigned --reveal "something else"
expect 2 "not what the seed SE-2 hides"
draw --size 4 --seed SE-1 --witness witness.pub --checkpoint first.cosigned --reveal "$REVEAL"
expect 2 "open seed"
draw --unit decision --size 4 --seed SE-2 --witness witness.pub --checkpoint first.cosigned --reveal "$REVEAL" --out sealed.jsonl
expect 0 "nobody: the seed was sealed"
draw --method mus --interval 100.00 $NOTES --seed SE-1 --witness witness.pub --checkpoint first.cosigned --out mus.jsonl --worksheet mus.csv
expect 0 "interval 100.00 USD"
draw --method stratified --strata 20.00,40.00 --top 75.00 --size 6 --seed SE-1 --witness witness.pub --checkpoint first.cosigned \
    --kind credit-note --kind correction --out strata.jsonl
expect 0 "stratum" "1 below zero (-33.00 USD)"
draw --unit decision --control C-02 --method judgemental --because "all that the authority matrix asked" --before 40 --out matrix.jsonl
expect 0

note "a second program draws the same from audit/sample/SAMPLING.md and the exported entries"
run audit export --book "$BOOK" --out entries.jsonl
expect 0
for selection in five sealed mus strata matrix; do
    CHECKS=$((CHECKS + 1))
    OUT=$(python3 "$HERE/../support/redraw.py" entries.jsonl $selection.jsonl 2>&1) || wrong "redraw of $selection"
done
sed 's/"item":"CN-[0-9]*"/"item":"CN-2"/' five.jsonl >forged.jsonl
OUT=$(python3 "$HERE/../support/redraw.py" entries.jsonl forged.jsonl 2>&1) && wrong "redraw takes a forged selection"

note "a draw goes on record; a second one with the same seed is told"
HASH=$(sha256sum five.jsonl | cut -d' ' -f1)
cs audrey audit record test-run --control "sample SE-1" --first 0 --last 20 --count 5 --result "$HASH"
expect 0 "in force"
draw $NOTES --size 5 --seed SE-1 --witness witness.pub --checkpoint first.cosigned
expect 0 "on record" "this selection, in entry"
expect_not "USED BEFORE"
draw $NOTES --size 6 --seed SE-1 --witness witness.pub --checkpoint first.cosigned
expect 0 "USED BEFORE" "SE-1 was drawn with already"
draw $NOTES --size 5 --seed SE-1 --witness witness.pub --checkpoint first.cosigned --out recorded.jsonl
cmp -s five.jsonl recorded.jsonl || wrong "what was put on record changed the draw"

note "testing and evaluation"
run audit sample evaluate five.csv --selection five.jsonl --tolerable-rate 50
expect 2 "deviation has to be yes or no"
sed '1!s/,,,\r/,no,,\r/' five.csv >tested.csv
run audit sample evaluate tested.csv --selection five.jsonl --tolerable-rate 50
expect 0 "5 items, 0 deviations" "45.072 % of 20 at 95 % confidence (binomial)" "rely" "within the tolerable 50 %"
run audit sample evaluate tested.csv --selection five.jsonl --tolerable-rate 10
expect 1 "DO NOT RELY"
sed '2s/,no,/,yes,/' tested.csv >deviating.csv
run audit sample evaluate deviating.csv --selection five.jsonl --tolerable-rate 50 --json
expect 1 '"deviations":1' '"supported":false'
sed '2d' tested.csv >short.csv
run audit sample evaluate short.csv --selection five.jsonl
expect 2 "was selected and has no result"
sed 's/,no,/,maybe,/' tested.csv >vague.csv
run audit sample evaluate vague.csv --selection five.jsonl
expect 2 "vague.csv:2:" "write yes or no"
awk -F, 'NR == 1 { print; next } { sub(/\r$/, ""); print $1 "," $2 "," $3 "," $4 "," $5 "," $6 "," $7 "," $4 "," $9 "\r" }' mus.csv >audited.csv
run audit sample evaluate audited.csv --selection mus.jsonl --tolerable-amount 300.00
expect 0 "0 items, 0.00 found" "at most 299.58 USD" "rely"
head -3 five.jsonl >cut.jsonl
run audit sample evaluate tested.csv --selection cut.jsonl
expect 2 "the file is not whole"

note "checkpoints that are not this book's, or are forged"
sed '2s/.*/9999/' first.cosigned >grown.note
draw $NOTES --size 5 --seed SE-1 --own-checkpoint --checkpoint grown.note
expect 0
draw $NOTES --size 5 --seed SE-1 --witness witness.pub --checkpoint grown.note
expect 3 "does not verify"
size=$(sed -n 2p first.note)
sed "2s/.*/$((size - 1))/" first.note >shrunk.note
draw $NOTES --size 5 --seed SE-1 --own-checkpoint --checkpoint shrunk.note
[ "$RC" = 3 ] || wrong "a checkpoint that the book did not sign was taken: $RC"
cosign one corp-audit shrunk.note 1767700000 >shrunk.cosigned
draw $NOTES --size 5 --seed SE-1 --witness witness.pub --checkpoint shrunk.cosigned
[ "$RC" = 3 ] || wrong "a cosigned checkpoint that the book did not sign was taken: $RC"
run post credit-note --entity US01 --invoice 40251 --amount 333 --reason PRICE_ERR --evidence price-sheet:prices.pdf \
    --book fork --as joe --at "$(now)" --key joe.key --passphrase-fd 3
expect 0
run checkpoint --book fork --key book-key.key --passphrase-fd 3 --out fork.note
cosign one corp-audit fork.note 1767700000 >fork.cosigned
draw $NOTES --size 5 --seed SE-1 --witness witness.pub --checkpoint fork.cosigned
expect 3 "names another root than the entries have"
echo nothing >nothing.note
draw $NOTES --size 5 --seed SE-1 --witness witness.pub --checkpoint nothing.note
expect 2 "nothing.note"

note "re-performance of the same book"
run audit reperform --book "$BOOK" --as audrey
expect 0 "all come out the same"
finish
