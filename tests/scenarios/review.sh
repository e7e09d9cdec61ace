#!/bin/bash
# An access review through the command line: opened, shown, attested by others, what is left suspended, attested late.
. "$(dirname "$0")/lib.sh"
found_company

note "olga opens a review; the decision states the population"
cs olga review open --json
expect 0 '"code":"opened"'
cs olga review list
expect 0 AR-1 olga
cs olga review show AR-1
expect 0 population maria BILLING_SPECIALIST open
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
expect 1 C-02

note "after 15 days what nobody answered is suspended, and says so"
tick $((15 * 86400))
cs maria post credit-note --invoice 40251 --amount 10.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 0 CN-
cs cora post write-off --invoice 40251 --amount 10.00 --reason BAD_DEBT --method allowance --evidence dunning-log:dunning.txt
expect 1 C-30 "nobody attested it in AR-1"
cs olga exceptions --only reviews
expect 0 "access not reviewed" "COLLECTIONS_SPECIALIST of cora is suspended, nobody attested it in AR-1" "waits for its attestation"
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

finish
