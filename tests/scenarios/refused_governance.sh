#!/bin/bash
# What governance must refuse, and the closest that it lets through. Each refusal is found in the journal afterwards.
. "$(dirname "$0")/lib.sh"
found_company
POST="post credit-note --reason PRICE_ERR --evidence price-sheet:prices.pdf"

# The last entry is a refusal by this control with this code.
recorded() {
    CHECKS=$((CHECKS + 1))
    rm -f last.jsonl
    run audit export --book "$BOOK" --out last.jsonl
    tail -1 last.jsonl | python3 -c '
import json, sys
decision = json.loads(sys.stdin.read())["decision"]
answers = decision["controls"] + [a for r in decision["results"] for a in r["controls"]]
sys.exit(not any(a["answer"] == "deny" and a["control"] == sys.argv[1] and a["code"] == sys.argv[2] for a in answers))
' "$1" "$2" || wrong "the journal does not end with a refusal by $1 $2"
}

note "the policy's change: yesterday, and by the proposer alone"
sed 's/^name: .*/name: Next/' "$POLICY" >next.yaml
cs olga policy propose next.yaml --effective "$(date -u -d "@$((NOW - 86400))" +%Y-%m-%dT%H:%M:%SZ)"
expect 1 C-31 "next day"
recorded C-31 too-early
cs olga policy propose next.yaml --effective "$(date -u -d "@$((NOW + 2 * 86400))" +%Y-%m-%dT%H:%M:%SZ)"
expect 0 PO-1
cs olga approve PO-1
expect 1 C-01
recorded C-01 own-document
cs oscar approve PO-1
expect 0

note "an administrator gives himself a role"
new_key ada
cat >ada.body <<EOF_ADA
{"atomic":true,"documents":[{"kind":"enrolment","ref":"en-ada","channel":"cli","user":"ada","person":"P-41","sort":"human",
"key":"$(cut -d' ' -f1,2 ada.key.pub)"}]}
EOF_ADA
lay ada.json olga submit olga ada <ada.body
cs oscar approve --inbox
cs olga grant ada ADMINISTRATOR --entity US01
cs oscar approve --inbox
expect 0
cs ada grant ada CFO --entity US01
expect 1 C-31
recorded C-31 not-an-officer
cs olga grant ada CFO --entity US01
expect 1 C-32
recorded C-32 administrator

note "an attestation of one's own access"
cs olga review open
expect 0 AR-1
cs olga review attest AR-1 --keep GR-0.1
expect 1 C-30
recorded C-30 own-row
cs olga review attest AR-1 --keep GR-0.2
expect 0

note "a revoked key signs"
FP=$(run key list cora --book "$BOOK" --json; printf '%s' "$OUT" | python3 -c 'import json,sys; print(json.loads(sys.stdin.readline())["fingerprint"])')
cs olga key revoke cora "$FP" --reason "left"
expect 0
cs cora post write-off --invoice 40251 --amount 10.00 --reason BAD_DEBT --method allowance --evidence dunning-log:dunning.txt
unread cora C-52
[ -n "$AT" ] || recorded C-52 key-not-valid

note "a key compromised since T: what it signed before T stands, what it signed since does not count"
cs joe $POST --invoice 40251 --amount 300.00
expect 0 CN-1
tick 60
SINCE=$(date -u -d "@$((NOW + 1))" +%Y-%m-%dT%H:%M:%SZ)
cs joe $POST --invoice 581483 --amount 301.00
expect 0 CN-2
FP=$(run key list joe --book "$BOOK" --json; printf '%s' "$OUT" | python3 -c 'import json,sys; print(json.loads(sys.stdin.readline())["fingerprint"])')
cs olga key compromise joe "$FP" --since "$SINCE" --reason "laptop stolen"
expect 0
cs ana approve CN-1
expect 0 posted
cs ana approve CN-2
expect 1 C-52
recorded C-52 suspect-document

note "one officer ends another, and the book keeps two"
FP=$(run key list oscar --book "$BOOK" --json; printf '%s' "$OUT" | python3 -c 'import json,sys; print(json.loads(sys.stdin.readline())["fingerprint"])')
cs olga key revoke oscar "$FP" --reason "coup"
expect 0 "another officer"
cs olga approve KX-3
expect 1 C-01
recorded C-01 own-document
cs olga grant revoke GR-0.3 --reason "retires"
expect 0 RG-1 "another officer"
cs oscar approve RG-1
expect 0
cs owen grant revoke GR-0.2 --reason "late"
expect 1 C-31
recorded C-31 not-an-officer
cs olga grant revoke GR-0.2 --reason "coup"
expect 1 "a book keeps two"
recorded C-31 last-officers

note "emergency access that nobody reviews within two business days"
cs olga break-glass open --user maria --function write-off.prepare --until "$(date -u -d "@$((NOW + 7200))" +%Y-%m-%dT%H:%M:%SZ)" \
    --ticket INC-9 --reason "cora is ill"
expect 0 BG-1
cs oscar approve BG-1
expect 0
tick $((2 * 86400 + 7200)) # Wednesday: two business days after Monday
cs maria $POST --invoice 40251 --amount 10.00
expect 0
tick 86400
cs maria $POST --invoice 40251 --amount 11.00
expect 1 C-51 "was to be reviewed"
recorded C-51 not-reviewed
cs olga exceptions --only emergency
expect 0 "emergency not reviewed" BG-1 olga "its users are suspended" "1 exception at"
DUE=$(cs olga exceptions --only emergency --json; json due)
cs olga exceptions --only emergency --as-of "$DUE"
expect 0 BG-1
cs olga exceptions --only emergency --as-of "$(date -u -d "$DUE 1 second ago" +%Y-%m-%dT%H:%M:%SZ)"
expect 0 "0 exceptions"
cs olga break-glass review BG-1 --conclusion unjustified --note "nothing was done with it"
expect 0
cs olga exceptions --only emergency
expect 0 "0 exceptions"
cs maria $POST --invoice 40251 --amount 12.00
expect 0

note "a clock set back: the gate lets nothing in before the last entry, nor a clock that one officer signs"
tick -86400
cs maria $POST --invoice 40251 --amount 14.00
expect 4 "may not go back"
run clock --reason "was ahead" --to clock.json --book "$BOOK" --as olga --at "$(now)"
expect 0
run sign clock.json --key olga.key --passphrase-fd 3
run submit clock.json --book "$BOOK"
expect 1 "not recorded" C-31
run sign clock.json --key oscar.key --passphrase-fd 3
run submit clock.json --book "$BOOK"
expect 0
cs maria $POST --invoice 40251 --amount 14.00
expect 0
run audit verify --book "$BOOK"
expect 3 "sets the clock back"
rm -f last.jsonl
run audit export --book "$BOOK" --out last.jsonl
OUT=$("$HERE/../checker.py" last.jsonl 2>&1)
RC=$?
expect 3 "the clock is set back" "1 findings"
echo "$CHECKS checks, $FAILED wrong"
[ "$FAILED" = 0 ]
