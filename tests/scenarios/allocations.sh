#!/usr/bin/env bash
# No memory at some of the places where commands of a small day ask for it: the short form of `make allocations`.
[ -n "${RECORDER_REAL:-}" ] || exec env POINTS="${POINTS:-4}" "$(dirname "$0")/../allocations" "$0"
. "$(dirname "$0")/lib.sh"
CAST="maria:P-11:human:BILLING_SPECIALIST ana:P-21:human:TEAM_LEAD feedc:P-31:feed:FEED_CUSTOMERS feedi:P-32:feed:FEED_INVOICES"
found_company
cs maria post credit-note --invoice 581483 --amount 1200.00 --reason PRICE_ERR --evidence prices.pdf
expect 0 "waits for"
cs ana inbox
cs ana approve CN-1
expect 0 "posted"
cs maria balance
cs maria log --json
run policy check "$POLICY"
issue now.note
run audit export --book "$BOOK" --out all.jsonl
expect 0
exit "$FAILED"
