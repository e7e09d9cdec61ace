#!/bin/bash
# Emergency access through the command line: lent by two officers, used, shown, reviewed.
. "$(dirname "$0")/lib.sh"
# A month that is closed but for its closers lets an emergency in; nothing else is relaxed here.
echo "break_glass: { controls: [C-39] }" >>"$POLICY"
CAST="$CAST cleo:P-51:human:PERIOD_CLOSER clive:P-52:human:PERIOD_CLOSER"
found_company
until_hours() { date -u -d "@$((NOW + $1 * 3600))" +%Y-%m-%dT%H:%M:%SZ; }

note "one officer proposes it, another signs"
cs olga break-glass open --user cora --function credit-note.prepare --until "$(until_hours 5)" --ticket INC-1 --reason "close tonight"
expect 1 C-51 "4 hours at most"
cs olga break-glass open --user cora --function credit-note.prepare --until "$(until_hours 2)" --ticket INC-1 --reason "close tonight"
expect 0 BG-1 "another officer"
cs cora post credit-note --invoice 40251 --amount 10.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf --emergency
expect 1 C-51 "no emergency access"
cs oscar show BG-1
expect 0 INC-1 cora credit-note.prepare
cs oscar approve BG-1
expect 0 "in force"

note "what is made with it says so"
cs cora post credit-note --invoice 40251 --amount 10.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 1 C-51 "channel"
cs cora post credit-note --invoice 40251 --amount 10.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf --emergency
expect 0 CN-1
cs cora show CN-1
expect 0 "break-glass" "BG-1 was used here"
cs cora post write-off --invoice 40251 --amount 10.00 --reason BAD_DEBT --method allowance --evidence dunning-log:dunning.txt --emergency
expect 1 C-51
cs olga break-glass list
expect 0 BG-1 cora "not yet"

note "it ends by itself, and somebody else reviews it"
cs owen break-glass review BG-1 --conclusion justified --note "looked at CN-1"
expect 1 C-51 "review it when it is over"
tick $((3 * 3600))
cs cora post credit-note --invoice 40251 --amount 11.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf --emergency
expect 1 C-51
cs owen break-glass review BG-1 --conclusion justified --note "looked at CN-1"
expect 0 BV-1
cs olga break-glass list
expect 0 "justified by owen"
cs olga exceptions --only emergency --as-of "$(until_hours 2000)"
expect 0 "0 exceptions"

note "a month closed softly lets in what is made with emergency access, and says so; nobody else's, and no longer"
december() { # USER AMOUNT [--emergency]
    cs "$1" post credit-note --invoice 40251 --amount "$2" --reason PRICE_ERR --date 2025-12-31 \
        --evidence price-sheet:prices.pdf "${@:3}"
}
cs cleo period close US01 2025-12 --reason "Year end"
expect 0 "in force"
cs olga break-glass open --user cora --function credit-note.prepare --until "$(until_hours 2)" --ticket INC-2 --reason "cut-off"
cs oscar approve BG-2
expect 0 "in force"
december joe 12.00
expect 1 "refused   C-39" "2025-12 of US01 is closed, and joe has no exception to it"
december joe 12.00 --emergency
expect 1 "C-39" "joe has no emergency access now"
december cora 12.00
expect 1 "C-39" "this is made under BG-2: give it the channel break-glass"
december cora 12.00 --emergency
expect 0 "CN-2   posted as US01-CN-2025-000001" "(let through under the emergency access BG-2)   C-39" "BG-2 was used here"
december cora 300.00 --emergency
expect 0 "CN-3" "waits for    level 1" "(let through under the emergency access BG-2)   C-39"
december cora 301.00 --emergency
expect 0 "CN-4" "waits for    level 1"
cs ana approve CN-3
expect 0 "CN-3   posted"
cs ana show CN-3
expect 0 "(let through under the emergency access BG-2)   C-39" "by break-glass"
rm -f journal.jsonl
run audit export --book "$BOOK" --out journal.jsonl
CHECKS=$((CHECKS + 1))
[ "$(grep -c '"answer":"flag","code":"soft-closed","control":"C-39".*"relaxed":"BG-2"' journal.jsonl)" = 4 ] ||
    wrong "the journal does not say four times what was relaxed"

note "what waits when it ends is let through no more; the closers' own exception still is a way"
tick $((2 * 3600))
december cora 14.00 --emergency
expect 1 "C-39" "cora has no emergency access now"
cs ana approve CN-4
expect 1 "C-39" "2025-12 of US01 is closed"
cs cleo period exception US01 2025-12 --user cora --until "$(until_hours 24)" --reason "INC-2 goes on"
cs clive approve "$(printf '%s\n' "$OUT" | grep -o 'PE-[0-9]*' | head -1)"
expect 0 "in force"
cs ana approve CN-4
expect 0 "CN-4   posted" "C-39"
cs owen break-glass review BG-2 --conclusion justified --note "looked at CN-2 to CN-4"
expect 0 "BV-2"

note "closed for good is relaxed for nobody"
cs olga break-glass open --user cora --function credit-note.prepare --until "$(until_hours 2)" --ticket INC-3 --reason "cut-off"
cs oscar approve BG-3
expect 0 "in force"
cs cleo period close US01 2025-12 --hard --reason "For good"
expect 0 "in force"
december cora 15.00 --emergency
expect 1 "refused   C-39" "2025-12 of US01 is closed for good"

finish
