#!/bin/bash
# What looks like another correction of the customer is let in, told to its maker and its approver, and stands among the exceptions
# until somebody has looked into it.
. "$(dirname "$0")/lib.sh"
found_company

note "the same amount on another invoice: posted, and the maker is told"
cs maria post credit-note --invoice 581483 --amount 90 --reason PRICE_ERR --evidence prices.pdf
expect 0 "CN-1   posted"
expect_not "may be a duplicate"
cs joe post credit-note --invoice 581484 --amount 90 --reason PRICE_ERR --evidence prices.pdf --dry-run
expect 0 "would post" "noted" "may be a duplicate: CN-1 of this customer within 30 days, with the same amount 90.00 USD" "C-38"
cs joe post credit-note --invoice 581484 --amount 90.01 --reason PRICE_ERR --evidence prices.pdf --dry-run
expect 0 "would post"
expect_not "may be a duplicate"
cs joe post credit-note --invoice 40251 --amount 90 --reason PRICE_ERR --evidence prices.pdf --dry-run
expect 0 "would post"
expect_not "may be a duplicate"
cs joe post credit-note --invoice 581484 --amount 90 --reason PRICE_ERR --evidence prices.pdf
expect 0 "CN-2   posted" "may be a duplicate: CN-1" "withdraw or reverse it"
cs ana show CN-2
expect 0 "noted" "may be a duplicate: CN-1" "C-38"

note "what waits says it to the approver, in the inbox and in full"
cs maria post credit-note --invoice 581483 --amount 400 --reason PRICE_ERR --evidence prices.pdf --customer-ref "DN 0042/7"
expect 0 "CN-3" "waits for"
expect_not "may be a duplicate"
cs maria post credit-note --invoice 581484 --amount 410 --reason PRICE_ERR --evidence prices.pdf --customer-ref "dn-42.07"
expect 0 "CN-4" "waits for" "may be a duplicate: CN-3 of this customer within 30 days, with the same reference of theirs, dn-42.07" "C-38"
cs ana inbox
expect 0 "CN-4" "may be a duplicate of CN-3"
cs ana inbox --json
expect 0 'may be a duplicate of CN-3'
cs ana show CN-4
expect 0 "their ref" "dn-42.07" "may be a duplicate: CN-3"
cs maria post write-off --invoice 40251 --amount 5 --reason BAD_DEBT --customer-ref X-1
expect 2 "--customer-ref" "a write-off has none"

note "what settles a dispute bears the reference of the complaint, in a batch too"
cs maria post dispute --invoice 581483 --amount 60 --reason PRICE_ERR --owner joe --customer-ref "PO 0077"
expect 0 "DS-1   in force"
cs maria post credit-note --invoice 581483 --amount 60 --reason PRICE_ERR --evidence prices.pdf --dispute DS-1
expect 0 "CN-5"
expect_not "may be a duplicate"
cs maria show CN-5
expect 0 "their ref" "PO 0077"
printf '%s\n' kind,ref,amount,reason,allocations,evidence,customer_ref \
    credit-note,B-1,61.00,PRICE_ERR,581483:61.00,prices.pdf,po-77 >batch.csv
cs joe post --batch batch.csv
expect 0 "CN-6" "same reference of theirs, po-77"

note "they stand among the exceptions until an exception about them is opened, or they end"
cs ana exceptions --only duplicates
expect 0 "may be a duplicate" "CN-2" "joe" "90.00 USD" "posted; same amount as CN-1" "CN-4" "waiting; same reference as CN-3" \
    "CN-6" "3 exceptions"
cs ana exceptions --only duplicates --json
expect 0 '"exception":"duplicates"' '"number":"CN-2"' '"note":"posted; same amount as CN-1"'
cs maria post exception --about CN-2 --reason EXC_CONTROL --note "Two price lists, both right"
expect 0 "EX-1"
cs ana reject CN-4 --reason "the same complaint as CN-3"
expect 0 "rejected"
cs ana exceptions --only duplicates
expect 0 "CN-6" "1 exception at"
expect_not "CN-2" "CN-4"

note "the auditor finds them in the decisions"
run audit export --book "$BOOK" --out all.jsonl
[ "$(grep -c '"code":"same-amount","control":"C-38"' all.jsonl)" = 1 ] || wrong "the flag is not in the journal"
[ "$(grep -c '"code":"same-reference","control":"C-38"' all.jsonl)" = 2 ] || wrong "the flags are not in the journal"

finish
