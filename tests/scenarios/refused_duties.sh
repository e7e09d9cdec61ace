#!/bin/bash
# What segregation of duties refuses, each through the command line, each found in the journal afterwards, and beside each the
# closest thing that is allowed.
. "$(dirname "$0")/lib.sh"
POLICY=$HERE/../policies/duties.yaml
found_company

# refused USER CONTROL CODE: what was just asked was refused by that control, and the refusal is the journal's last entry.
refused() {
    local user=$1 control=$2 code=$3
    expect 1 "$control"
    rm -f "$WORK/refused.jsonl"
    run audit export --book "$BOOK" --out "$WORK/refused.jsonl"
    OUT=$(tail -1 "$WORK/refused.jsonl") RC=$?
    expect 0 "\"actor\":\"$user\"" "\"outcome\":\"refused\"" "\"code\":\"$code\",\"control\":\"$control\""
    cs "$user" log --user "$user" --limit 1
    expect 0
    case "$OUT$ERR" in
    *refused* | *"entries that you may not read"*) ;;
    *) wrong "neither the refusal nor that it is left out" ;;
    esac
}
# The same where what was asked takes what the user may not read: a server says so, and there is nothing to refuse.
refused_unread() {
    if [ -n "$AT" ]; then unread "$1"; else refused "$@"; fi
}
allowed() { expect 0 "$@"; }

post() {
    local user=$1 amount=$2
    shift 2
    cs "$user" post credit-note --invoice "${INVOICE:-581483}" --amount "$amount" --reason PRICE_ERR \
        --evidence price-sheet:prices.pdf "$@"
}

note "a second account of the same person approves"
cs olga grant maria2 TEAM_LEAD --entity US01
refused olga C-20 floor
cs olga grant maria2 READER --entity US01
allowed "waits for"
post maria 1000.00
allowed "CN-1"
cs maria2 approve CN-1
refused_unread maria2 C-01 own-document
cs ana approve CN-1
allowed "posted"

note "an approver who amended"
cs olga grant ana BILLING_SPECIALIST --entity US01
refused olga C-20 floor
post maria 1601.00
cs joe amend CN-2 --amount 1602.00
allowed "CN-2"
cs joe approve CN-2
refused joe C-01 own-document
cs tom approve CN-2
allowed "approved"

note "two levels by one person"
cs olga grant tom MANAGER --entity US01
allowed "waits for"
cs oscar approve --inbox
allowed "in force"
cs tom approve CN-2
refused tom C-03 signed-already
cs priya approve CN-2
allowed "posted"

note "a bot approves, and its owner approves what it made"
INVOICE=40251 post bot1 450.00
allowed "CN-3"
cs bot1 approve CN-3
refused bot1 C-25 bot-approves
cs joe approve CN-3
refused joe C-01 own-document
cs ana approve CN-3
allowed "posted"
cs olga grant bot1 TEAM_LEAD --entity US01
refused olga C-25 role

note "an administrator has no way round"
new_key ada
lay ada.json olga submit olga ada < <(python3 - "$WORK/ada.key.pub" <<'PY'
import json, sys
key = " ".join(open(sys.argv[1]).read().split()[:2])
print(json.dumps({"atomic": True, "documents": [{"kind": "enrolment", "ref": "en-ada", "channel": "cli", "user": "ada",
                                                 "person": "P-41", "sort": "human", "key": key}]}))
PY
)
cs oscar approve --inbox
cs olga grant ada ADMINISTRATOR --entity US01
cs oscar approve --inbox
allowed "in force"
cs ada grant ada TEAM_LEAD --entity US01
refused ada C-31 not-an-officer
refused_too() {
    OUT=$(tail -1 "$WORK/refused.jsonl")
    expect 0 "\"control\":\"$1\""
}
refused_too C-32
cs olga grant ada TEAM_LEAD --entity US01
refused olga C-32 administrator
cs ada post credit-note --invoice 581484 --amount 1.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf
refused_unread ada C-02 no-function
cs olga grant maria ADMINISTRATOR --entity US01
refused olga C-32 administrator
cs olga grant olga BILLING_SPECIALIST --entity US01
refused olga C-20 floor

note "who changed the limit forgives the debt"
cs olga grant adam COLLECTIONS_SPECIALIST --entity US01
allowed "waits for"
cs oscar approve --inbox
cs adam post credit-limit --customer 10442 --limit 12000.00 --reason CL_REVIEW --evidence financials:report.pdf
allowed "CL-1"
cs adam post write-off --invoice 40117 --amount 100.00 --reason BAD_DEBT --evidence dunning-log:dunning.txt
refused adam C-23 limit-history
cs adam post write-off --invoice 700001 --amount 100.00 --reason BAD_DEBT --evidence dunning-log:dunning.txt
allowed "WO-1"
cs cora post write-off --invoice 40117 --amount 100.00 --reason BAD_DEBT --evidence dunning-log:dunning.txt
allowed "WO-2"
cs ana approve CL-1
allowed "in force"
cs ana approve WO-2
refused ana C-23 limit-history
cs tom approve WO-2
allowed

note "one chain, both ends"
cs olga grant joe COLLECTIONS_SPECIALIST --entity US01
cs oscar approve --inbox
INVOICE=581484 post joe 20.00
allowed "CN-4"
cat >chain.body <<'BODY'
{"atomic":false,"documents":[{"kind":"write-off","ref":"chain-1","channel":"cli","entity":"US01","customer":"16446",
"currency":"USD","amount":"30.00","reason":"BAD_DEBT","date":"2026-01-05","method":"allowance",
"allocations":[{"amount":"30.00","invoice":"581484"}],"links":[{"document":"CN-4","rel":"corrects"}],
"evidence":[{"bytes":3,"kind":"dunning-log","media":"text/plain",
"sha256":"93a23971a914e5eacbf0a8d25154cda309c3c1c72fbb9914d47c60f3cb681588"}]}]}
BODY
tick
python3 "$HERE/../support/statement.py" chain.json joe submit "$(now)" \
    "$("$COUNTERSIGN" status --json --book "$BOOK" 2>/dev/null)" <chain.body
run sign chain.json --key "$WORK/joe.key" --passphrase-fd 3
run submit chain.json --book "$BOOK"
refused joe C-22 same-person
cs joe post write-off --invoice 581484 --amount 31.00 --reason BAD_DEBT --evidence dunning-log:dunning.txt
allowed "WO-3"

note "three duties of a set of which one holds two at most"
cs olga grant joe CREDIT_ANALYST --entity US01
refused olga C-20 exclusive
cs olga grant joe READER --entity US01
allowed "waits for"

note "a mitigated pair without a mitigation, and one that covers itself"
cs olga grant maria HOLD_CLERK --entity US01
refused olga C-24 no-mitigation
cs olga mitigate P-11 CREDIT_PREPARE HOLD_RELEASE --control MON-7 --owner P-11 --reviewer P-23 --until 2026-03-01 --reason Small
refused olga C-24 not-independent
cs olga mitigate P-11 CREDIT_PREPARE HOLD_RELEASE --control MON-7 --owner P-24 --reviewer P-23 --until 2026-03-01 --reason Small
allowed "MI-1"

note "self-dealing"
cs olga relate 10442 --entity US01 --customer 10442 --person P-11 --reason "Her husband's company"
cs oscar approve --inbox
allowed "in force"
INVOICE=40251 post maria 5.00
refused maria C-19 related-person
INVOICE=40251 post maria2 5.00
refused maria2 C-19 related-person
INVOICE=40251 post joe 5.00
allowed "CN-5"

note "the whole history verifies"
cs olga audit verify
expect 0
finish
