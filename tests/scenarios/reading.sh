#!/bin/bash
# What the books say: balance, aging, statement, log; that they agree with one another, and with books made anew.
. "$(dirname "$0")/lib.sh"
found_company

note "a credit note posted, one that waits, one refused, a reversal"
cs maria post credit-note --invoice 581484 --amount 150 --reason PRICE_ERR --evidence prices.pdf --note "Contract price"
expect 0 "posted"
cs maria post credit-note --invoice 581483 --amount 1200.00 --reason PRICE_ERR --evidence prices.pdf
expect 0 "CN-2" "waits for"
cs maria approve CN-2
expect 1 "C-01"
cs ana approve CN-2
expect 0 "posted"
cs maria post credit-note --invoice 700001 --amount 100 --reason QTY
expect 1 "refused"

note "balance"
cs maria balance --customer 16446
expect 0 "US01" "16446" "6,119.60" "0.00"
cs maria balance
expect 0 "total" "12,740.15"
cs maria balance --customer nobody
expect 2 "customer nobody is not in the books"
cs maria balance --customer 'a b'
expect 2 "--customer: letters"

note "aging: buckets by due date, totals"
cs maria aging --as-of 2026-01-05
expect 0 "CURRENT" "1-30" "31-60" "OVER 180" "16446" "6,119.60" "12,740.15" "days past due on 2026-01-05"
cs maria aging --customer 16446 --as-of 2025-12-31 --json
[ "$(json current)" = 5269.60 ] || wrong "on its due date an invoice is current: $(json current)"
for case in 2025-12-31:current 2026-01-01:days_1_30 2026-01-30:days_1_30 2026-01-31:days_31_60 2026-03-01:days_31_60 \
    2026-03-02:days_61_90 2026-03-31:days_61_90 2026-04-01:days_91_180 2026-06-29:days_91_180 2026-06-30:days_over_180; do
    cs maria aging --totals --as-of "${case%%:*}" --json
    CHECKS=$((CHECKS + 1))
    [ "$(json "${case##*:}")" = 12740.15 ] || wrong "as of $case: $(json "${case##*:}")"
done

note "statement: every movement, the balance after it"
cs maria statement --customer 16446
expect 0 "customer 16446   US01   USD" "invoice" "581483" "6,469.60" "credit note" "CN-1" "US01-CN-2026-000001" \
    "-150.00" "CN-2" "-1,200.00" "6,119.60" "0.00 + 7,469.60 charged - 1,350.00 credited = 6,119.60 USD"
expect_not "CN-3"
cs maria statement --customer 16446 --from 2026-01-01
expect 0 "brought forward" "7,469.60 + 0.00 charged - 1,350.00 credited = 6,119.60 USD"
cs maria statement --customer 16446 --to 2025-12-31 --json
[ "$(json closing)" = 7469.60 ] || wrong "closing at the end of December: $(json closing)"
cs maria reverse CN-1 --reason POSTED_IN_ERROR --evidence prices.pdf
expect 0 "RV-1" "waits for"
cs ana approve RV-1
cs priya approve RV-1
expect 0 "posted"
cs maria statement --customer 16446 --json
expect 0 '"what":"reversal"' '"number":"RV-1"'
[ "$(json closing)" = 6269.60 ] || wrong "closing after the reversal: $(json closing)"

note "statements and balances agree for every customer"
for customer in 16446 16447 10442 20001; do
    cs maria statement --customer $customer --json
    CLOSING=$(json closing)
    cs maria balance --customer $customer --json
    CHECKS=$((CHECKS + 1))
    [ "$CLOSING" = "$(json balance)" ] || wrong "customer $customer: statement $CLOSING, balance $(json balance)"
done

note "log: what happened, refusals with the control"
cs maria log
expect 0 "submitted credit note" "CN-1" "150.00 USD" "posted US01-CN-2026-000001" "approved credit note, level 1" \
    "refused C-01" "waiting, level 1" "priya"
cs maria log --document CN-2
expect 0 "CN-2" "refused C-01" "ana"
expect_not "CN-1 " "RV-1"
cs maria log --document CN-1
expect 0 "RV-1" "reversal"
cs maria log --user ana
expect 0 "approved"
expect_not "maria"
cs maria log --customer 16446
expect 0 "CN-1" "CN-2" "refused C-01" "approved"
expect_not "loaded" "700001"
cs maria log --customer 16447
expect 0 "refused"
expect_not "CN-1" "CN-2"
cs maria log --limit 1
expect 0 "approved reversal, level 2"
expect_not "CN-1 "
cs maria log --from 0 --to 0
expect 0 "founded the book"
cs maria log --customer nobody
expect 2 "is not in the books"
cs maria log --json --limit 1
[ "$(json outcome)" = posted ] || wrong "outcome $(json outcome)"
[ "$(json document)" = RV-1 ] || wrong "document $(json document)"

note "controls: the table, one of them, with what the policy says"
cs maria controls
expect 0 "C-01" "Maker-checker" "C-54"
cs maria controls C-07
expect 0 "Cumulative, customer" "30 days" "BILLING" "2,500.00"
run controls C-07
expect 0 "Cumulative, customer"
expect_not "30 days"
run controls C-99
expect 2 "no control of that number"

note "rebuild: the same books from the journal"
stop_serving # the rest is about the book's files
for what in "balance" "aging --as-of 2026-02-01" "statement --customer 16446" "log --limit 100" "user list" "grant list"; do
    # shellcheck disable=SC2086
    run $what --book "$BOOK" --json
    printf '%s\n' "$OUT"
done >before
run rebuild --book "$BOOK" --dry-run
expect 0 "would drop"
run rebuild --book "$BOOK"
expect 0 "rebuilt from" "entries"
for what in "balance" "aging --as-of 2026-02-01" "statement --customer 16446" "log --limit 100" "user list" "grant list"; do
    # shellcheck disable=SC2086
    run $what --book "$BOOK" --json
    printf '%s\n' "$OUT"
done >after
CHECKS=$((CHECKS + 2))
[ -s before ] || wrong "nothing to compare"
cmp -s before after || wrong "the books differ after rebuild: $(diff before after | head -5)"
run rebuild --book "$BOOK" --json
expect 0 '"entries":'
finish
