#!/bin/bash
# Absences: a foreseen one with a delegation, one that nobody foresaw, a level that nobody signs in time, an account that slept.
POLICY=$(realpath "$(dirname "$0")/../../controls/policies/us.yaml")
. "$(dirname "$0")/lib.sh"
POLICY=$HERE/../policies/people.yaml
found_company

post() { cs "$1" post credit-note --invoice "$2" --amount "$3" --reason PRICE_ERR --evidence prices.pdf; }
at() { NOW=$(date -u -d "$1" +%s); }

note "ana delegates before she goes; an officer signs where HR tells nothing"
cs ana delegate dora --functions credit-note.approve.1 --until 2026-01-20 --limit 500 --reason "Surgery" --dry-run
expect 0 "would wait" "nothing was written"
cs ana delegate dora --functions credit-note.approve.1 --until 2026-01-20 --limit 500 --reason "Surgery"
expect 0 "DG-1" "waits for" "olga"
cs olga show DG-1
expect 0 "delegation" "from_user" "ana" "dora" "credit-note.approve.1" "500.00 USD" "Surgery"
cs olga approve DG-1
expect 0 "in force"
post joe 581483 500.00
expect 0 "CN-1"
post joe 40251 500.01
expect 0 "CN-2"
cs dora inbox --behalf ana
expect 0 "CN-1" "CN-2"
cs dora approve CN-1 --behalf ana
expect 0 "posted"
cs dora show CN-1
expect 0 "dora, who is P-24, for ana"
cs dora approve CN-2 --behalf ana
expect 1 "C-17" "above 500.00"
cs tom approve CN-2
expect 0 "posted"
cs ana grant revoke DG-1 --reason "Back sooner"
expect 0 "in force"
cs ana delegations
expect 0 "1 revoked or over"
cs ana delegations --all
expect 0 "DG-1" "revoked 2026-01-05" "1" "500.00 USD"

note "priya is away without a word: two officers delegate in her place"
cs olga delegate dora --of priya --functions credit-note.approve.2 --until 2026-01-20 --reason "Ill"
expect 0 "DG-2"
cs olga approve DG-2
expect 1 "C-01"
cs oscar approve DG-2
expect 0 "in force"
post joe 581483 2500.00
expect 0 "CN-3" "level 1, level 2"
cs tom approve CN-3
expect 0 "level 2"
cs dora approve CN-3 --behalf priya
expect 0 "posted"

note "nobody signs: after three business days the next level up may, and the decision says so"
post joe 581484 600.00
expect 0 "CN-4"
at 2026-01-09T04:59:50Z
cs priya inbox
expect_not "CN-4"
cs priya approve CN-4
expect 1 "C-02"
at 2026-01-09T05:00:00Z
cs priya inbox
expect 0 "CN-4" "overdue"
cs maria inbox
expect_not "CN-4"
cs priya approve CN-4
expect 0 "level 1" "C-18"
cs dora show CN-4
expect 0 "level 1 by priya"

note "an account that signs nothing sleeps; two persons wake it, even when all officers slept"
at 2026-04-20T12:00:00Z
post joe 40117 10.00
expect 1 "C-28" "signed nothing since 2026-01-05" "records the refusal"
cs olga grant maria2 READER --entity US01
expect 1 "C-28"
cs olga user show joe
expect 0 "dormant"
cs joe user reactivate joe --reason "Back from leave"
expect 0 "RA-1" "waits for"
cs joe approve RA-1
expect 1 "C-01"
cs ana approve RA-1
expect 1 "C-31"
cs oscar approve RA-1
expect 0 "in force"
post joe 40117 10.00
expect 0 "posted"
cs olga user show joe
expect 0 "active" "2026-04-20"
cs olga audit verify
expect 0
finish
