#!/bin/bash
# A policy changes while documents wait: what governs is the policy at posting, and who may no longer sign has signed.
. "$(dirname "$0")/lib.sh"
found_company
at() { NOW=$(date -u -d "$1" +%s); }
number() { printf '%s\n' "$OUT" | grep -o "$1-[0-9]*" | head -1; }
note_of() {
    echo "$2 $3" >"evidence-$2-$3.pdf"
    cs "$1" post credit-note --invoice "$2" --amount "$3" --reason "$4" --evidence "$5:evidence-$2-$3.pdf"
}
# propose OLD NEW WHEN: the policy in force with one text replaced, in force from WHEN
propose() {
    python3 - "$1" "$2" <<'PY'
import sys
text = open("policy.yaml").read()
assert sys.argv[1] in text, sys.argv[1]
open("policy.yaml", "w").write(text.replace(sys.argv[1], sys.argv[2], 1))
PY
    cs olga policy propose policy.yaml --effective "$3"
    [ "$RC" = 0 ] || wrong "proposed"
    cs oscar approve "$(number PO)"
    expect 0 "in force"
    at "$3"
}
cp "$POLICY" policy.yaml

note "four wait: two levels, one level, a reason that goes, a reason that stays"
at 2026-01-06T14:00:00Z
note_of maria 581483 2600.00 PRICE_ERR price-sheet
TWO=$(number CN)
note_of joe 40251 1300.00 PRICE_ERR price-sheet
HALVED=$(number CN)
note_of maria 900001 90.00 DAMAGED return-note
expect 0 "posted"
note_of joe 700001 450.00 DAMAGED return-note
GOES=$(number CN)
cs ana approve "$TWO"
expect 0 "level 2"

note "the policy asks for a third level from 2,550.00 on: between levels 1 and 2"
propose "      - { upto: 25000.00, levels: [1, 2] }" "      - { upto: 2550.00, levels: [1, 2] }" 2026-01-07T06:00:00Z
cs priya approve "$TWO"
expect 0 "waits for" "level 3" "2,600.00 is above 2,550.00: level 1, level 2, level 3" "dora"
cs dora show "$TWO"
expect 0 "level 3" "ana" "priya"
cs dora approve "$TWO"
expect 0 "posted"

note "the row is halved: one level is no longer enough"
propose "      - { upto: 2500.00, levels: [1] }
      - { upto: 2550" "      - { upto: 1250.00, levels: [1] }
      - { upto: 2550" 2026-01-08T06:00:00Z
cs ana approve "$HALVED"
expect 0 "waits for" "level 2" "above 1,250.00"

note "a team lead goes, her signature stays"
cs olga grant list --user ana
GRANT=$(number GR)
cs olga grant revoke "$GRANT" --reason "Moved to another company"
expect 0 "in force"
cs ana approve "$GOES"
unread ana "C-02" "you do not hold credit-note.approve.1"
cs priya approve "$HALVED"
expect 0 "posted"

note "a reason is taken out yesterday: what waits under it is refused, and told what to do"
python3 - <<'PY'
text = open("policy.yaml").read()
begin = text.index("  - reason: DAMAGED")
end = text.index("  - reason:", begin + 5)
open("old", "w").write(text[begin:end])
PY
propose "$(cat old)" "" 2026-01-09T06:00:00Z
at 2026-01-10T14:00:00Z
cs tom approve "$GOES"
expect 1 "C-37" "the policy has no reason DAMAGED; amend the document to one that it has"
note_of maria 900002 91.00 DAMAGED return-note
expect 2 "the policy has no such reason"
cs tom audit export --out book.jsonl
CHECKS=$((CHECKS + 1))
[ "$(grep -c '"code":"unknown-reason"' book.jsonl)" = 1 ] || wrong "the refusal in the journal"
echo "quality report" >quality.pdf
cs joe amend "$GOES" --invoice 700001 --amount 450.00 --reason QUALITY --evidence return-note:quality.pdf
expect 0 "waits for"
cs tom approve "$GOES"
expect 0 "posted"

note "the balance changes between two signatures: the first is set aside"
note_of joe 581483 2400.00 PRICE_ERR price-sheet
MOVED=$(number CN)
cs tom approve "$MOVED"
expect 0 "level 2"
cat >receipt.body <<'EOF_BODY'
{"entity":"US01","feed":"cash","file":{"count":1,"currency":"USD","sequence":1,"total":"10.00"},"last":true,"part":1,"records":[
{"amount":"10.00","applied":[{"amount":"10.00","invoice":"581483"}],"customer":"16446","date":"2026-01-10","receipt":"R1"}]}
EOF_BODY
new_key feedm
cs olga user add feedm --person P-33 --sort feed --public feedm.key.pub --to feedm.json
run sign feedm.json --key feedm.key --passphrase-fd 3
run submit feedm.json --book "$BOOK"
cs oscar approve --inbox
cs olga grant feedm FEED_CASH --entity US01
cs oscar approve "$(number GR)"
expect 0 "in force"
lay receipt.json feedm feed feedm <receipt.body
cs priya approve "$MOVED"
expect 0 "level 3"
cs dora approve "$MOVED"
expect 0 "C-16" "which tom saw; that approval is set aside: level 1 has to sign again" "level 1"
cs dora show "$MOVED"
expect 0 "level 1"
cs tom approve "$MOVED"
expect 0 "posted"

note "all of it verifies and is decided the same again"
cs audrey audit verify
expect 0
finish
