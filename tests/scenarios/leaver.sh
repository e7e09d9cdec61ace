#!/bin/bash
# A leaver's whole course: joins, works, moves and is granted again, goes on leave with a delegation, leaves; what waits passes
# on, and what the account still tries is refused and found.
. "$(dirname "$0")/lib.sh"
POLICY=$HERE/../policies/people.yaml
CAST="$CAST feedp:P-34:feed:FEED_PEOPLE"
found_company

post() { cs "$1" post credit-note --invoice "$2" --amount "$3" --reason PRICE_ERR --evidence prices.pdf; }
at() { NOW=$(date -u -d "$1" +%s); }

note "HR tells of the people; every row is checked before any is sent"
cat >people-1.csv <<'CSV'
event,person,change,date,manager,successor
E1,P-11,join,2026-01-01,P-21,
E2,P-12,join,2026-01-01,P-21,
E3,P-21,join,2026-01-01,P-23,
E4,P-22,join,2026-01-01,P-23,
E5,P-23,join,2026-01-01,P-24,
E6,P-24,join,2026-01-01,,
E7,P-13,join,2026-01-01,P-22,
CSV
sed 's/E2,P-12,join/E2,P-12,hired/; s/E4,P-22,join,2026-01-01,P-23,/E4,P-22,join,2026-01-01,P-23,P-11/' people-1.csv >people-bad.csv
cs feedp load people people-bad.csv --entity US01
expect 2 "people-bad.csv:3:" "join, move or leave" "successor: only of somebody who leaves" "nothing was sent"
cs feedp load people people-1.csv --entity US01
expect 0 "people 1" "7 records"
cs maria load people people-1.csv --entity US01
expect_not "closed"
printf 'event,person,change,date,manager\nE9,P-24,move,2026-02-01,P-11\n' >people-circle.csv
cs feedp load people people-circle.csv --entity US01
expect 1 "C-05" "P-24 would report to P-11" "come back to where they began"
cs olga user show joe
expect 0 "state" "active" "manager" "P-21" "last act"

note "joe works: a document is posted, one waits, one was returned"
post joe 581483 300.00
expect 0 "CN-1" "could sign" "ana"
cs ana approve CN-1
expect 0 "posted"
post joe 40251 400.00
expect 0 "CN-2"
post joe 40251 350.00
expect 0 "CN-3"
cs ana return CN-3 --reason "Which price list?"
expect 0 "returned"

note "he moves: what he held counts on for a while, then only what is granted again"
printf 'event,person,change,date,manager\nE10,P-12,move,2026-01-06,P-22\n' >people-2.csv
cs feedp load people people-2.csv --entity US01
expect 0 "people 2"
at 2026-01-20T04:59:58Z
post joe 40117 10.00
expect 0 "posted"
at 2026-01-20T05:00:00Z
post joe 40117 20.00
expect 1 "C-29" "moved on 2026-01-06" "grant it again"
cs olga grant joe BILLING_SPECIALIST --entity US01
cs oscar approve --inbox
expect 0 "in force"
post joe 40117 20.00
expect 0 "posted"
cs olga user show joe
expect 0 "manager" "P-22" "moved" "2026-01-06"

note "he goes on leave: maria prepares for him, his manager signs the delegation"
cs joe delegate cora --functions credit-note.prepare --until 2026-02-15 --reason "Leave"
expect 0 "DG-1" "waits for" "tom"
cs joe approve DG-1
expect 1 "C-01"
cs tom inbox
expect 0 "DG-1" "delegation"
cs tom approve DG-1
expect 0 "in force"
cs cora post credit-note --invoice 581484 --amount 30.00 --reason PRICE_ERR --evidence prices.pdf
expect 1 "C-02"
cs cora post credit-note --invoice 581484 --amount 30.00 --reason PRICE_ERR --evidence prices.pdf --behalf joe
expect 0 "CN-6" "waits for"
cs cora show CN-6
expect 0 "on behalf of" "joe" "cora, who is P-13" "joe, who is P-12"
cs maria delegations
expect 0 "DG-1" "joe" "cora" "credit-note.prepare" "30.00 USD"
cs maria delegations --json
expect 0 '"used":1' '"amount":"30.00"'
cs olga delegations # what an officer may not read is not nothing
expect 0 "DG-1" "$(either "30.00 USD" "?")"
expect_not " 0.00"
cs olga delegations --json
expect 0 "$(either '"used":1' '"used":null')" "$(either '"amount":"30.00"' '"amount":null')"

note "he leaves: on his last day he still acts, a second after midnight he does not"
post joe 581484 310.00
expect 0 "CN-7"
printf 'event,person,change,date,successor\nE11,P-12,leave,2026-01-30,P-11\n' >people-3.csv
cs feedp load people people-3.csv --entity US01
expect 0 "people 3"
at 2026-01-31T04:59:58Z
post joe 40117 30.00
expect 0 "posted"
at 2026-01-31T05:00:00Z
post joe 40117 40.00
expect 1 "C-29" "last day was 2026-01-30" "records the refusal"
cs bot1 post credit-note --invoice 40117 --amount 1.00 --reason PRICE_ERR --evidence prices.pdf
unread bot1 "C-29"
cs cora post credit-note --invoice 581484 --amount 31.00 --reason PRICE_ERR --evidence prices.pdf --behalf joe
expect 1 "C-17" "DG-1 carries nothing"
cs olga log --user joe --limit 3
expect 0 "refused"
cs olga user leavers
expect 0 "joe" "P-12" "2026-01-30" "no:" "1, 1 refused" "bot1" "P-11"
cs olga exceptions --only leavers
expect 0 "joe" "1 key not revoked" "bot1"
cs olga user show joe
expect 0 "state" "left" "last day 2026-01-30" "succeeded by P-11"

note "what he had waiting and returned passes to his successor"
cs maria inbox
expect 0 "PASSED ON TO YOU" "CN-7" "CN-3" "returned"
cs cora inbox
expect_not "CN-7"
cs cora withdraw CN-7 --reason "Not mine"
expect 1 "C-01" "successor"
cs maria withdraw CN-7 --reason "Nobody knows why"
expect 0 "withdrawn"
cs maria amend CN-3 --amount 340.00 --invoice 40251=340.00
expect 0 "CN-3"
cs maria approve CN-3
expect 1 "C-01"
cs tom approve CN-3
expect 0 "level 2"
cs priya approve CN-3
expect 0 "posted"
cs olga user leavers --json
expect 0 '"acts_after":1' '"acts_refused":1' '"critical":0' '"successor":"P-11"'

note "a leave that HR tells of late shows what was done meanwhile"
at 2026-02-03T12:00:00Z
post maria 40117 41.00
expect 0 "CN-9"
printf 'event,person,change,date\nE12,P-11,leave,2026-02-02\n' >people-4.csv
cs feedp load people people-4.csv --entity US01
expect 0 "people 4"
cs olga user leavers
expect 1 "maria" "2026-02-02" "1, 0 refused"
cs olga log --limit 1 --json
cs olga audit verify
expect 0
finish
