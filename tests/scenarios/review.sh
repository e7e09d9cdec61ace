#!/bin/bash
# An access review through the command line: opened, shown, attested by others, what is left suspended, attested late.
. "$(dirname "$0")/lib.sh"
found_company

note "what ana lends is looked at too"
cs ana delegate dora --functions credit-note.approve.1 --until 2026-02-03 --reason "Surgery"
expect 0 DG-1
cs oscar approve DG-1
expect 0 "in force"

note "olga opens a review; the decision states the population"
cs olga review open --json
expect 0 '"code":"opened"'
cs olga review list
expect 0 AR-1 olga
cs olga review show AR-1
expect 0 population maria BILLING_SPECIALIST open "DG-1" "delegation by ana"
cs olga review show AR-1 --json
expect 0 '"from_user":"ana"' '"grant":"DG-1"' '"functions":["credit-note.approve.1"]'
cs dora review attest AR-1 --keep DG-1
expect 1 C-30
MARIA=$(cs olga grant list --user maria --json; printf '%s' "$OUT" | python3 -c 'import json,sys; print(json.loads(sys.stdin.readline())["number"])')
JOE=$(cs olga grant list --user joe --json; printf '%s' "$OUT" | python3 -c 'import json,sys; print(json.loads(sys.stdin.readline())["number"])')

note "nobody attests himself, and who is no officer attests nobody"
cs olga review attest AR-1 --keep GR-0.1
expect 1 C-30 "somebody else has to attest it"
cs ana review attest AR-1 --keep "$MARIA"
expect 1 C-30 officers
cs oscar review attest AR-1 --keep "$MARIA" --remove "$JOE" --dry-run
expect 0
cs oscar review attest AR-1 --keep "$MARIA" --remove "$JOE"
expect 0 AT-1
cs olga review show AR-1
expect 0 keep remove oscar revoked
cs olga show AT-1
expect 0 "$MARIA   keep" "$JOE   remove"

note "a removal acts at once"
cs joe post credit-note --invoice 40251 --amount 10.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf
unread joe C-02

note "after 15 days what nobody answered is suspended, and says so"
ANA=$(cs olga grant list --user ana --json; printf '%s' "$OUT" | python3 -c 'import json,sys; print(json.loads(sys.stdin.readline())["number"])')
cs oscar review attest AR-1 --keep "$ANA"
expect 0
tick $((15 * 86400))
cs maria post credit-note --invoice 581483 --amount 300 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 0 "CN-1" "waits for"
cs dora approve CN-1 --behalf ana
unread dora C-30 "delegation DG-1, which allows credit-note.approve.1, is suspended since" "nobody attested it in AR-1"
cs ana delegations
expect 0 DG-1 "suspended by AR-1"
cs maria post credit-note --invoice 40251 --amount 10.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 0 CN-
cs cora post write-off --invoice 40251 --amount 10.00 --reason BAD_DEBT --method allowance --evidence dunning-log:dunning.txt
unread cora C-30 "nobody attested it in AR-1"
cs olga exceptions --only reviews
expect 0 "access not reviewed" "COLLECTIONS_SPECIALIST of cora is suspended, nobody attested it in AR-1" "waits for its attestation" "DG-1" "delegation of ana is suspended, nobody attested it in AR-1"
expect_not "of maria" "of joe" # answered
DUE=$(cs olga exceptions --only reviews --json; json due)
cs olga exceptions --only reviews --as-of "$(date -u -d "$DUE 1 second ago" +%Y-%m-%dT%H:%M:%SZ)"
expect 0 "0 exceptions"
CORA=$(cs olga grant list --user cora --json; printf '%s' "$OUT" | python3 -c 'import json,sys; print(json.loads(sys.stdin.readline())["number"])')
cs olga review attest AR-1 --keep "$CORA"
expect 0 "answered after"
cs olga exceptions --only reviews
expect_not "of cora"
cs cora post write-off --invoice 40251 --amount 10.00 --reason BAD_DEBT --method allowance --evidence dunning-log:dunning.txt --dry-run
expect_not "nobody attested it"
cs oscar review attest AR-1 --remove DG-1
expect 0 "answered after"
cs olga review show AR-1
expect 0 "DG-1" "remove" "revoked"
cs dora approve CN-1 --behalf ana
unread dora C-17
cs ana approve CN-1
expect 0 posted

finish
