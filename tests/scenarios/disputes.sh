#!/bin/bash
# A collector's work: disputes, inquiries and exceptions, opened, worked, settled by a credit, closed; and what refuses.
. "$(dirname "$0")/lib.sh"
found_company

note "a dispute is opened without a signature, with owner and clock"
cs maria post dispute --invoice 581483 --amount 1200 --reason PRICE_ERR --owner joe --customer-ref PO-77 \
    --note "Says the contract price was lower" --promised 2026-01-12
expect 0 "DS-1   in force" "1,200.00 USD" "customer 16446"
cs maria disputes
expect 0 "DS-1" "581483" "1,200.00 USD" "joe" "OPEN" "in 28 d" "1 case"
cs joe show DS-1
expect 0 "case" "OPEN since 2026-01-05" "owner joe" "due" "2026-02-03 05:00" "their ref" "PO-77" "promised" "2026-01-12"
cs maria post dispute --invoice 581484 --reason QTY --owner ana
expect 1 "refused   C-33" "ana cannot own a case here"

note "aging, balance, statement and exposure say what is disputed"
cs ana aging --customer 16446
expect 0 "DISPUTED" "1,200.00" "DS-1"
cs ana aging
expect 0 "DISPUTED" "1,200.00"
cs ana balance --customer 16446
expect 0 "DISPUTED" "1,200.00"
cs ana statement --customer 16446
expect 0 "disputed   invoice 581483   1,200.00 USD   DS-1"
cs ana exposure 16446 --json
expect 0 '"disputed":"1200.00"'

note "it is worked by its owner"
cs cora case DS-1 await-customer
expect 1 "refused   C-33" "DS-1 is joe's"
cs joe case DS-1 assigned --owner cora --dry-run
expect 0 "nothing was written"
cs joe case DS-1 await-customer --note "Asked for the contract"
expect 0 "NT-1   in force"
cs joe case DS-1 resolved
expect 2 "a case is resolved with one"
cs joe case DS-1 resolved --outcome credit-partial
expect 2 "names the document that settled it"
cs joe case DS-7 resolved --outcome settled
expect 2 "document DS-7 is not in the books"

note "a credit names the dispute that it settles, and bears the outcome out"
cs maria post credit-note --invoice 581484 --amount 100 --reason PRICE_ERR --evidence prices.pdf --dispute DS-1
expect 1 "refused   C-33" "DS-1 is no open dispute of this customer and invoice"
cs maria post credit-note --invoice 581483 --amount 1000 --reason PRICE_ERR --evidence prices.pdf --dispute DS-1
expect 0 "CN-1" "waits for"
cs joe case DS-1 resolved --outcome credit-partial --settled-by CN-1
expect 1 "refused   C-33" "CN-1 does not bear out CREDIT_PARTIAL"
cs ana approve CN-1
expect 0 "posted"
cs maria case DS-1 assigned --owner maria
expect 1 "refused   C-22"
cs joe case DS-1 assigned --owner joe
expect 0 "NT-2"
cs joe case DS-1 resolved --outcome credit-full --settled-by CN-1 --root-cause price
expect 1 "refused   C-33" "DS-1 is of 1,200.00 USD, of which the credits posted for it make 1,000.00"
cs joe case DS-1 resolved --outcome credit-partial --settled-by CN-1 --root-cause price
expect 0 "NT-3   in force"
cs joe show DS-1
expect 0 "RESOLVED" "outcome" "CREDIT_PARTIAL" "settled by" "Asked for the contract" "NT-3 by joe"
cs joe case DS-1 closed
expect 1 "refused   C-33" "you resolved DS-1"
cs cora case DS-1 closed
expect 0 "NT-4   in force"
cs ana disputes
expect 0 "0 cases"
cs ana disputes --all --json
expect 0 '"state":"CLOSED"' '"outcome":"CREDIT_PARTIAL"' '"settled_by":"CN-1"'
cs ana aging
expect_not "DISPUTED"

note "parked and parked again: flagged, and late ones are exceptions"
cs maria post dispute --invoice 581483 --reason PRICE_ERR --owner joe
expect 0 "DS-2"
expect_not "C-33"
cs maria case DS-2 void
expect 1 "refused   C-33" "you opened DS-2"
cs cora case DS-2 void
expect 0 "in force"
cs maria post dispute --invoice 581483 --reason PRICE_ERR --owner joe
expect 0 "DS-3" "noted" "disputed for the 3. time" "C-33"
cs ana exceptions --as-of 2026-02-03T04:59:59Z
expect 0 "0 exceptions"
cs ana exceptions --as-of 2026-02-03T05:00:00Z --only cases
expect 0 "case not resolved" "DS-3" "joe" "OPEN, invoice 581483"

note "inquiries and exceptions"
cs maria post inquiry --customer 16446 --reason INQ_BILL
expect 0 "IQ-1   in force"
cs maria post exception --about US01/customers/2 --reason EXC_FEED --entity US01 --owner joe
expect 0 "EX-1   in force"
cs ana disputes --kind all
expect 0 "IQ-1" "EX-1" "DS-3" "3 cases"
cs maria case IQ-1 resolved --outcome settled
expect 1 "refused   C-33" "SETTLED is no outcome of a case of the kind inquiry"
cs maria case IQ-1 resolved --outcome answered
expect 0 "in force"
cs ana disputes --kind inquiry
expect 0 "ANSWERED"

note "a file of notes: what each row is wrong with stands at its column"
cs maria post dispute --invoice 581484 --reason PRICE_ERR --owner joe
expect 0 "DS-4"
cat >notes.csv <<'EOF_ROWS'
kind,case,state,outcome,owner,root_cause,note,reason
case-note,DS-3,await-customer,,,,Asked for the delivery note,
case-note,DS-4,resolved,invalid-pay,,price,Price list of May says so,
case-note,CN-1,closed,,,,,
case-note,DS-4,,,,,,
case-note,DS-4,assigned,,joe,,,PRICE_ERR
case-note,DS-4,lost,,,,,
EOF_ROWS
cs joe post --batch notes.csv
expect 2 "6 rows: 2 posted, 4 not read" ":4:2  case    CN-1 is no dispute, inquiry or exception" ":5:3  state   which?" \
    ":6:8  reason  a case-note has none" "'LOST' is none of"
cs joe disputes
expect 0 "AWAIT_CUSTOMER" "RESOLVED"
cs joe show DS-4
expect 0 "INVALID_PAY" "price" "Price list of May says so"
sed -i '4,$d' notes.csv
cs joe post --batch notes.csv
expect 0 "2 rows: 2 there already"
cs joe post case-note --case DS-4
expect 2 "countersign case"

note "each refusal stands in the journal"
run audit export --book "$BOOK" --out all.jsonl
for code in owner not-owner other-dispute not-settled not-full own-case other-outcome; do
    CHECKS=$((CHECKS + 1))
    grep -q "\"answer\":\"deny\",.*\"code\":\"$code\",\"control\":\"C-33\"" all.jsonl || wrong "no refusal C-33 $code in the journal"
done
cs ana log --json
expect 0 '"C-33"'
cs cora audit verify
expect 0
finish
