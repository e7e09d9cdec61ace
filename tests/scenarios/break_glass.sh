#!/bin/bash
# Emergency access through the command line: lent by two officers, used, shown, reviewed.
. "$(dirname "$0")/lib.sh"
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

finish
