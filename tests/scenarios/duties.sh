#!/bin/bash
# Segregation of duties as officers, reviewers and auditors work with it: grants tried before they are given, a mitigation
# and its review, the nightly list, related customers, groups from a customers file.
. "$(dirname "$0")/lib.sh"
POLICY=$HERE/../policies/duties.yaml
found_company

note "a grant is tried first: which duty, through which role, grant and user, and what would do"
cs olga grant maria2 TEAM_LEAD --entity US01 --dry-run
expect 1 "refused" "C-20" "credit-note.approve.1 may never be joined with credit-note.prepare" "maria holds through role" \
    "BILLING_SPECIALIST" "grant GR-1" "revoke that grant first" "the policy keeps CREDIT_APPROVE and CREDIT_PREPARE apart"
cs olga grant maria2 HOLD_CLERK --entity US01 --dry-run
expect 1 "C-24" "only under a mitigation" "CREDIT_PREPARE with HOLD_RELEASE" "record one, or revoke a grant"
cs olga grant ana HEAD_OF_BILLING --entity US01 --dry-run
expect 1 "C-20"
cs olga grant maria COLLECTIONS_SPECIALIST --entity US01 --dry-run
expect 0 "would wait"
new_key feedx
cs olga user add feedx --person P-11 --sort feed --public feedx.key.pub --dry-run
expect 1 "C-20" "the owner of a feed user may not hold"
new_key maria3
cs olga user add maria3 --person P-11 --sort human --public maria3.key.pub --dry-run
expect_not "user-exists"
expect 0 "C-26" "P-11 is maria"

note "the nightly list: nothing to tell"
cs olga conflicts
expect 0 "0 conflicts, 0 unmitigated"

note "a mitigation: two officers, three persons, an end"
cs olga mitigate P-11 CREDIT_APPROVE CREDIT_PREPARE --control MON-7 --owner P-24 --reviewer P-23 --until 2026-03-01 --reason Small
expect 1 "C-24" "no pair that the policy lets a mitigation join"
cs olga mitigate P-11 CREDIT_PREPARE HOLD_RELEASE --control MON-7 --owner P-23 --reviewer P-23 --until 2026-03-01 --reason Small
expect 1 "C-24" "three persons"
cs olga mitigate P-11 CREDIT_PREPARE HOLD_RELEASE --control MON-7 --owner P-24 --reviewer P-23 --until 2026-08-01 --reason Small
expect 1 "C-24" "within 180 days"
cs olga mitigate P-11 CREDIT_PREPARE HOLD_RELEASE --control MON-7 --owner P-24 --reviewer P-23 --until 2026-03-01 \
    --reason "Two people in this office"
expect 0 "MI-1" "waits for"
cs olga approve MI-1
expect 1 "C-01"
cs oscar approve MI-1
expect 0 "in force"
cs oscar show MI-1
expect 0 "P-11" "CREDIT_PREPARE with HOLD_RELEASE" "MON-7" "P-24" "P-23" "Two people in this office"
cs olga grant maria2 HOLD_CLERK --entity US01
expect 0 "C-24" "under mitigation MI-1"
cs oscar approve --inbox
expect 0 "in force"

note "each act is a use, which the reviewer answers for"
cs maria post credit-note --invoice 581483 --amount 10.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 0 "posted" "C-24" "MI-1"
cs olga conflicts
expect 0 "P-11" "CREDIT_PREPARE" "HOLD_RELEASE" "maria: GR-1 BILLING_SPECIALIST" "MI-1" "1, 0 answered" "1 conflict, 0 unmitigated"
cs olga user show maria
expect 0 "duties" "CREDIT_PREPARE" "HOLD_RELEASE" "mitigation" "MI-1" "used 1 times, 0 answered for" "maria2 is the same person"
cs dora mitigate review MI-1 --conclusion "Fine"
expect 1 "C-24" "only P-23 reviews"
tick 864000
cs maria post credit-note --invoice 581483 --amount 11.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 1 "C-24" "were not answered for within 10 days" "P-23"
cs olga conflicts
expect 1 "LATE" "1 unmitigated or late"
cs priya mitigate review MI-1 --conclusion "One credit, its price sheet is there"
expect 0 "in force"
cs olga conflicts
expect 0 "1, 1 answered" "2026-01-15"
cs olga conflicts --json --person P-11
expect 0 '"rule":"mitigated"' '"answered":1'
cs maria post credit-note --invoice 581483 --amount 12.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 0 "posted"
cs priya mitigate review MI-9 --conclusion "Nothing"
expect 2 "no mitigation MI-9"
cs oscar grant revoke MI-1 --reason "The control was not performed"
expect 0 "in force"
cs maria post credit-note --invoice 581483 --amount 13.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 1 "C-24" "only under a mitigation"
cs olga conflicts
expect 1 "NONE" "1 unmitigated"

note "a policy that what is held would break is not let in, and says whose duties"
sed 's/    mitigated: \[CREDIT_PREPARE, CREDIT_APPROVE,/    never: [CREDIT_PREPARE]\n    mitigated: [CREDIT_APPROVE,/' "$POLICY" |
    sed '/- duty: HOLD_RELEASE/,/mitigated/{s/    never: \[BILLING,/    never: [CREDIT_PREPARE, BILLING,/;/^    never: \[CREDIT_PREPARE\]$/d}' >draft.yaml
run policy check draft.yaml
expect 0
cs olga policy propose draft.yaml
expect 1 "C-20" "1 conflict of duties already held" "P-11 CREDIT_PREPARE with HOLD_RELEASE (never)"
cs olga policy diff draft.yaml
expect 0 "CREDIT_PREPARE and HOLD_RELEASE"

note "customers that share something are one group"
cat >more.csv <<'CSV'
customer,currency,limit,terms_days,tax_id,bank_account,address,email
30001,USD,1000.00,30,DE 123-456.789,,"12, Main Street",a@example.com
30002,USD,1000.00,30,,US99 0001,,b@gmail.com
30003,USD,1000.00,30,,,,c@GMAIL.com
30004,USD,1000.00,30,,,,d@sub.example.com
CSV
cs feedc load customers more.csv --entity US01
expect 0
cat >again.csv <<'CSV'
customer,currency,limit,terms_days,tax_id,bank_account,address,email
30005,USD,1000.00,30,de123456789,,,
30006,USD,1000.00,30,,us990001,,x@Example.com.
30007,USD,1000.00,30,,,12 MAIN STREET,
30008,USD,1000.00,30,,,,e@gmail.com
CSV
cs feedc load customers again.csv --entity US01 --dry-run
expect 0
cs feedc load customers again.csv --entity US01
expect 0
run audit export --book "$BOOK" --out shared.jsonl
OUT=$(grep -o '{[^{}]*"code":"shared"[^}]*' shared.jsonl)
RC=$?
expect 0 '"attribute":"tax_id"' '"customer":"30005"' '"attribute":"bank_account"' '"customer":"30006"' \
    '"attribute":"email_domain"' '"attribute":"address"' '"customer":"30007"' '"other":"30001"' '"other":"30002"'
expect_not '"customer":"30008"' '"customer":"30003"' '"other":"30004"'
OUT=$(cat shared.jsonl)
expect_not "example.com" "Main Street" "123456789"

note "officers say who belongs together, and who keeps away"
cs olga relate HOUSE --entity US01 --customer 16446 --customer 10442 --person P-12 --party yes --reason "Owned by a brother"
expect 0 "RT-1" "waits for"
cs oscar approve RT-1
expect 0 "in force"
cs oscar show RT-1
expect 0 "HOUSE" "16446 of US01" "10442 of US01" "kept away" "P-12" "a related party" "Owned by a brother"
cs joe post credit-note --invoice 40251 --amount 10.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 1 "C-19" "P-12 is on the register of persons related to customer 10442"
cs olga relate HOUSE --entity US01 --customer 99999 --reason "Typing error"
expect 1 "C-34" "not in the master"
cs olga relate HOUSE --entity US01 --customer 10442 --party maybe --reason "Typing error"
expect 2 "--party is yes or no"
cs maria relate HOUSE --entity US01 --customer 10442 --reason "Mine"
expect 1 "C-31"

note "the whole history verifies"
cs olga audit verify
expect 0
finish
