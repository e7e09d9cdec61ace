#!/bin/bash
# countersign-verify, evidence.html and tests/checker.py say the same of every bundle: of those that audit pack writes of a small
# company's book, and of each tampering in tests/support/tampering.py, with the same place. They share no code.
unset SERVED # about files
. "$(dirname "$0")/lib.sh"
CAST="maria:P-11:human:BILLING_SPECIALIST ana:P-21:human:TEAM_LEAD tom:P-22:human:TEAM_LEAD dora:P-24:human:
feedc:P-31:feed:FEED_CUSTOMERS feedi:P-32:feed:FEED_INVOICES"
found_company

pack() {
    local name=$1
    shift
    run audit pack --book "$BOOK" --to "$WORK/$name" --as ana --key "$WORK/ana.key" --passphrase-fd 3 --at "$(now)" "$@"
    expect 0
}

note "a book, and bundles of it"
cs maria post credit-note --invoice 581484 --amount 150 --reason PRICE_ERR --evidence prices.pdf
expect 0 "CN-1" "posted"
cs maria post credit-note --invoice 581483 --amount 1200.00 --reason PRICE_ERR --evidence report.pdf
expect 0 "CN-2" "waits for"
issue middle.note
pack older
NOW=1767690000 # 2026-01-06T09:00:00Z
cs maria approve CN-2
expect 1 "C-01"
cs ana approve CN-2
expect 0 "posted"
cs maria post credit-note --invoice 700001 --amount 100 --reason QTY
expect 1 "refused"
cs maria reverse CN-1 --reason POSTED_IN_ERROR --evidence dunning.txt
expect 0 "RV-1"
issue all.note
SIZE=$(sed -n 2p all.note)
printf 'CN-2\n' >sample.txt
pack whole
pack since --since middle.note
pack last --since $((SIZE - 1))
pack nothing-new --since "$SIZE"
pack document --document CN-2
pack period --period 2026-01-06
pack none --period 2025-12
pack sample --sample sample.txt
pack bare --no-evidence
cs olga key list tom
KEY=$(printf '%s\n' "$OUT" | grep -o 'SHA256:[^ ]*' | head -1)
cs olga key revoke tom "${KEY:0:20}" --reason "Lost"
expect 0 "in force"
issue ended.note
pack ended
mkdir "$BOOK/timestamps"
echo reply >"$BOOK/timestamps/$(sed -n 2p ended.note)-$(sha256sum ended.note | cut -c1-16).tsr"
pack stamped

note "a book of one entry"
run charter new --to one.json --name ledger.example/one --officer olga:P-01:olga.key.pub --officer oscar:P-02:oscar.key.pub \
    --book-key book-key.key.pub --policy "$POLICY" --clock simulated --at "$(now)"
for user in olga oscar; do run sign one.json --key "$user.key" --passphrase-fd 3; done
run init one.json --book one-book
expect 0
run checkpoint --book one-book --key book-key.key --passphrase-fd 3
run audit pack --book one-book --to one --as olga --key olga.key --passphrase-fd 3 --at "$(now)"
expect 0 "1 entr"

LAST="tests/support/three_checkers.py"
CHECKS=$((CHECKS + 1))
OUT=$(/usr/bin/python3 "$HERE/../support/three_checkers.py" "$WORK" 2>&1)
RC=$? ERR=
[ "$RC" = 77 ] && echo "$OUT" && exit 77
printf '%s\n' "$OUT"
[ "$RC" = 0 ] || wrong "the three do not agree"
finish
