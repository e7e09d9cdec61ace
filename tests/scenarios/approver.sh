#!/bin/bash
# An approver's days: the inbox, what is signed, who may not sign, what an amendment voids, lists, returning, the receipt.
. "$(dirname "$0")/lib.sh"
# One pair makes and signs everything here, which C-09 would stop; splitting.sh is about that.
sed -i 's/^  dormant_days: .*/&\n  pair_need_percent: 100/' "$POLICY"
found_company

post() { cs "$1" post credit-note --invoice "$2" --amount "$3" --reason PRICE_ERR --evidence "${4:-prices.pdf}"; }

note "the inbox holds what this user can sign now"
post maria 581483 1200.00
expect 0 "CN-1"
post maria 581483 2000.00
expect 0 "CN-2" "level 1, level 2"
cs ana inbox
expect 0 "DOCUMENT" "WHY YOU" "CN-1" "CN-2" "maria" "level 1 of 2" "2 waiting, oldest" "of 14 days allowed"
cs priya inbox
expect 0 "nothing waits for priya"
cs maria inbox
expect 0 "nothing waits for maria"
cs priya inbox --all
expect 0 "CN-1" "CN-2" "2 waiting"
cs ana inbox --json
expect 0 '"document":"CN-1"' '"level":1' '"lapse_days":14'
run inbox --book "$BOOK"
expect 2 "whose?"

note "show: the whole document"
cs ana show CN-1
expect 0 "CN-1   credit note  1,200.00 USD  customer 16446" "waiting" "PRICE_ERR   Pricing error" "open 6,469.60 USD, then 5,269.60 USD" \
    "others pending 2,000.00 USD" "prices.pdf" "group G1" "12 months    1 other document" "prepared" "could sign: ana, tom" \
    "because" "C-02" "allowed" "would post" "Cr 1200 Trade receivables   1,200.00 USD" "content"
CONTENT=$(printf '%s\n' "$OUT" | awk '$1 == "content" { print $2 }')
cs ana show CN-1 --json
expect 0 "$CONTENT" '"controls"' '"customer"' '"lines"'
cs ana show CN-99
expect 2 "CN-99 is not in the books"
cs ana show 'CN 1'
expect 2 "no request number"

note "nobody approves what he prepared, on whatever account"
cs maria approve CN-1
expect 1 "refused   C-01" "you prepared this document" "records the refusal"
cs maria2 approve CN-1
unread maria2 "refused   C-01"
cs joe approve CN-1
expect 1 "C-02"

note "levels in their order, by different persons"
cs priya approve CN-2
expect 1 "refused"
cs ana approve CN-2
expect 0 "You sign this content:" "CN-2" "level 1" "waits for    level 2" "could sign   level 2: priya"
cs ana approve CN-2
expect 1 "refused"
cs priya inbox
expect 0 "CN-2" "level 2 of 2" "30-day total 3,200.00" "1 waiting"
cs ana inbox
expect_not "CN-2"

note "a dry run asks, and writes nothing"
cs priya approve CN-2 --dry-run
expect 0 "would post" "nothing was written"

note "an amendment voids approvals"
cs maria amend CN-2 --amount 1900.00
expect 0 "1,900.00 USD" "waits for    level 1, level 2"
cs priya inbox
expect 0 "nothing waits for priya"
cs priya approve CN-2
expect 1 "refused" "level 1"
cs tom approve CN-2
expect 0 "approved" "waits for    level 2"
cs priya approve CN-2
expect 0 "CN-2   posted as US01-CN-2026-000001" "1,900.00 USD" "Dr 4000 Sales"
cs priya approve CN-2
expect 2 "CN-2 is posted: there is nothing to approve"

note "return, amend, reject"
cs ana return CN-1 --reason "Which contract is this?"
expect 0 "CN-1   returned"
cs maria inbox
expect 0 "RETURNED TO YOU" "CN-1" "1,200.00 USD" "ana" "2026-01-05: Which contract is this?" "nothing waits for maria, 1 returned"
cs maria2 inbox # the same person
expect 0 "$(either "CN-1" "what you may not read is left out")"
cs maria inbox --json
expect 0 '"document":"CN-1"' '"reason":"Which contract is this?"' '"user":"ana"' '"returned":1'
cs joe inbox
expect_not "CN-1" "returned"
cs ana approve CN-1
expect 2 "returned"
cs maria amend CN-1 --note "Contract 17, price list of May"
expect 0 "waits for"
cs maria inbox
expect_not "CN-1" "returned"
cs maria reject CN-1 --reason "mine"
expect 1 "refused"
cs tom reject CN-1 --reason "Not agreed"
expect 0 "CN-1   rejected"
cs maria amend CN-1 --amount 5
expect 1 "refused"

note "one signature over a list"
for i in 10 11 12; do
    echo "evidence $i" >list$i.pdf
    post maria 9000$i 90.00 list$i.pdf
done
cs ana inbox
expect 0 "CN-5" "level 1"
cs ana approve --inbox
expect 0 "CN-5   posted as" "entry"
COUNT=$(printf '%s\n' "$OUT" | grep -c "You sign this content")
CHECKS=$((CHECKS + 1))
[ "$COUNT" -ge 1 ] || wrong "what is signed is not said"
cs ana approve --inbox
expect 0 "nothing waits for ana"
cs ana approve
expect 2 "--inbox"
cs ana approve CN-5 --inbox
expect 2 "--inbox"

note "who asked for a document is a maker of it"
cs maria post credit-note --invoice 40251 --amount 210 --reason PRICE_ERR --evidence list12.pdf --requested-by P-21
expect 0 "CN-6" "could sign   level 1: tom"
cs ana inbox
expect 0 "nothing waits for ana"
cs ana approve CN-6
expect 1 "C-01"
cs tom inbox
expect 0 "CN-6"
cs tom reject CN-6 --reason "not agreed"
expect 0 "rejected"

note "more than a list may hold take more signatures"
(
    echo kind,allocations,reason,evidence,note
    for i in $(seq 1 60); do
        printf 'credit-note,40117:1.%02d,GOODWILL,correspondence:list10.pdf,agreed with the customer by telephone\n' "$i"
    done
) >sixty.csv
cs joe post --batch sixty.csv
expect 0 "60 rows: 60 wait for approval"
cs ana approve --inbox --to list.json
expect 2 "--to: one list holds 50 documents at most"
cs ana approve --inbox --dry-run
expect 0 "in all 60 documents, 78.30 USD"
cs ana approve --inbox --json
expect 0 '"outcome":"posted"'
[ "$(printf '%s\n' "$OUT" | grep -c '"entry"')" = 2 ] || wrong "two entries for 60 documents"
[ "$(printf '%s\n' "$OUT" | grep -c '"outcome":"posted"')" = 60 ] || wrong "60 documents posted"

note "left in a file, signed there, let in once"
post maria 581484 700.00 list10.pdf
expect 0 "CN-67"
cs priya approve CN-67 --to approval.json
expect 0 "left in approval.json" "nothing has been submitted"
cs ana approve CN-67 --to approval.json
expect 2 "approval.json"
rm approval.json
cs ana approve CN-67 --to approval.json
expect 0 "left in approval.json"
run sign approval.json --key ana.key --passphrase-fd 3
expect 2 "signed"
run submit approval.json --book "$BOOK"
expect 0 "CN-67" "signed by ana"
run submit approval.json --book "$BOOK"
expect 0 "was there already: this is its first result"
sed 's/CN-67/CN-68/' approval.json >tampered.json
run submit tampered.json --book "$BOOK"
expect 3 "tampered.json"
run submit nothing.json --book "$BOOK"
expect 2 "nothing.json"

note "nothing is approved by waiting"
post maria 40251 260.00 list11.pdf
expect 0 "CN-68"
tick $((15 * 86400))
cs ana inbox
expect 0 "nothing waits for ana"
cs ana approve CN-68
expect 1 "refused"
cs ana show CN-68
expect 0 "lapsed"

note "a book that was put back to an older state is noticed by whoever saw more"
SERVES=$AT
[ -z "$SERVES" ] || stop_serving # files are exchanged
cp -r "$BOOK" older
post joe 40251 3.00 list12.pdf
expect 0 "posted"
mv "$BOOK" newer
cp -r older "$BOOK"
cs joe status
expect 3 "the book no longer holds entry" "$XDG_STATE_HOME/countersign/"
rm -r "$BOOK"
mv newer "$BOOK"
[ -z "$SERVES" ] || serve
cs joe status
expect 0 "ledger.example/ar" "clock       simulated"

note "keys in ssh-agent: the statement or the book says which is the user's"
if command -v ssh-agent >/dev/null; then
    export SSH_AUTH_SOCK=$WORK/agent.sock
    AGENT=$(ssh-agent -s -a "$SSH_AUTH_SOCK" | sed -n 's/.*SSH_AGENT_PID=\([0-9]*\);.*/\1/p')
    trap 'kill $AGENT ${SERVER:-}; rm -rf "$WORK"' EXIT
    ssh-keygen -q -t ed25519 -N "" -f agentkey
    ssh-add -q agentkey
    python3 - >agent.body <<'PY'
import json
key = " ".join(open("agentkey.pub").read().split()[:2])
print(json.dumps({"atomic": True, "documents": [{"kind": "enrolment", "ref": "en-nina", "channel": "cli", "user": "nina",
                                                 "person": "P-77", "sort": "human", "key": key}]}))
PY
    tick
    python3 "$HERE/../support/statement.py" agent.json olga submit "$(now)" \
        "$("$COUNTERSIGN" status --json --book "$BOOK" 2>/dev/null)" <agent.body
    run sign agent.json --key olga.key --passphrase-fd 3
    expect 0 "1 signature"
    run sign agent.json --as nobody
    expect 2 "ssh-agent holds no key that this statement names as nobody's"
    run sign agent.json --as nina
    expect 0 "2 signatures"
    run submit agent.json --book "$BOOK"
    expect 0 "EN-"
    cs oscar approve --inbox
    expect 0 "in force"
    tick
    run post credit-note --invoice 700001 --amount 5 --reason PRICE_ERR --evidence prices.pdf --book "$BOOK" --as nina \
        --at "$(now)"
    unread nina "C-02" "signed by nina"
    tick
    run post credit-note --invoice 700001 --amount 5 --reason PRICE_ERR --evidence prices.pdf --book "$BOOK" --as joe \
        --at "$(now)"
    expect 5 "$(either "ssh-agent holds no key of joe that counts now (it has 1 that is not)" \
        "is not one of joe; sign with one that is enrolled for joe")"
fi
finish
