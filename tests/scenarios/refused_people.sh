#!/bin/bash
# What people try: each attempt is refused by its control and stands in the journal, and the nearest thing that is right is let in.
POLICY=$(realpath "$(dirname "$0")/../../controls/policies/us.yaml")
. "$(dirname "$0")/lib.sh"
POLICY=$HERE/../policies/people.yaml
CAST="$CAST feedp:P-34:feed:FEED_PEOPLE vera:P-25:human:VP_FINANCE"
found_company

post() { cs "$1" post credit-note --invoice "$2" --amount "$3" --reason PRICE_ERR --evidence prices.pdf "${@:4}"; }
at() { NOW=$(date -u -d "$1" +%s); }

# refused CONTROL CODE: the command was refused, and the last entry of the journal says by what and by whom.
refused() {
    expect 1 "refused" "$1"
    rm -f export.jsonl
    "$COUNTERSIGN" audit export --book "$BOOK" --out export.jsonl >/dev/null 2>&1
    CHECKS=$((CHECKS + 1))
    tail -1 export.jsonl | python3 -c '
import json, sys
decision = json.loads(sys.stdin.read())["decision"]
answers = decision["controls"] + [a for r in decision["results"] for a in r["controls"]]
sys.exit(not any((a["answer"], a["control"], a["code"]) == ("deny", *sys.argv[1:]) for a in answers))' "$1" "$2" ||
        wrong "the journal does not hold the refusal by $1 $2"
}

note "a delegate who prepared; the one who delegated signs besides; a delegate who signed below"
cs priya delegate ana --functions credit-note.approve.2 --until 2026-01-30 --reason "Leave"
cs olga approve DG-1
expect 0 "in force"
cs joe delegate cora --functions credit-note.prepare --until 2026-01-30 --reason "Leave"
cs olga approve DG-2
expect 0 "in force"
post joe 581483 2600.00 --requested-by P-21
cs tom approve CN-1
expect 0 "level 2"
cs ana approve CN-1 --behalf priya
refused C-01 own-document
cs priya approve CN-1
expect 0 "posted"
post joe 581484 600.00
cs ana approve CN-2
expect 0 "level 2"
cs ana approve CN-2 --behalf priya
refused C-03 signed-already
cs priya approve CN-2
expect 0 "posted"
post maria 40251 2600.00
cs tom approve CN-3
cs ana approve CN-3 --behalf priya
expect 0 "posted"

note "whoever was acted for is a maker too"
post cora 40251 300.00 --behalf joe
expect 0 "CN-4"
cs joe approve CN-4
refused C-01 own-document
cs joe withdraw CN-4 --reason "Not needed"
expect 0 "withdrawn"

note "a delegation of a delegation, a bot as delegate, one who may not hold it, too long, to oneself, without a second"
cs cora delegate adam --functions credit-note.prepare --until 2026-01-30 --reason "Me too"
refused C-17 sub-delegation
cs maria delegate bot1 --functions credit-note.prepare --until 2026-01-30 --reason "It is quicker"
refused C-17 no-human
cs tom delegate joe --functions credit-note.approve.1 --until 2026-01-30 --reason "He knows it"
refused C-17 conflict
cs maria delegate maria2 --functions credit-note.prepare --until 2026-01-30 --reason "Other laptop"
refused C-17 same-person
cs tom delegate vera --functions credit-note.approve.2 --until 2026-01-30 --reason "What I never had"
refused C-17 not-held
cs olga delegate vera --functions govern.access --until 2026-01-30 --reason "Officers too"
refused C-17 not-delegable
cs tom delegate vera --functions credit-note.approve.1 --from 2026-01-10 --until 2026-02-10 --reason "31 days"
refused C-17 too-long
cs tom delegate vera --functions credit-note.approve.1 --from 2026-01-10 --until 2026-02-09 --reason "30 days"
expect 0 "DG-3"
cs tom approve DG-3
refused C-01 own-document
cs vera approve DG-3
refused C-31 not-an-officer
cs oscar approve DG-3
expect 0 "in force"
cs tom delegate adam --functions credit-limit.approve.1 --until 2026-01-30 --reason "A second one"
refused C-17 conflict
cs tom delegate dora --functions credit-note.approve.1 --from 2026-01-20 --until 2026-01-30 --reason "A second one"
refused C-17 too-many-out

note "before it begins, within it, after it ended, after it was taken back; acting for a stranger"
post joe 700001 300.00
post joe 700001 180.00
cs vera approve CN-5 --behalf tom
refused C-17 delegation-over
at 2026-01-10T05:00:10Z
cs vera approve CN-5 --behalf ana
refused C-17 no-delegation
cs vera approve CN-5 --behalf tom
expect 0 "level 2"
cs dora grant revoke DG-3 --reason "I think so"
refused C-31 not-an-officer
cs tom grant revoke DG-3 --reason "Back"
expect 0 "in force"
cs vera approve CN-6 --behalf tom
refused C-17 delegation-over
cs tom approve CN-6
expect 0 "level 2"
post joe 40117 300.00
expect 0 "CN-7"
at 2026-01-30T00:00:00Z
cs ana approve CN-7 --behalf priya
refused C-04 not-waiting
post cora 40117 301.00 --behalf joe
refused C-17 delegation-over

note "a subordinate approves the superior; an equal does not report to him"
cat >people-1.csv <<'CSV'
event,person,change,date,manager,successor
E1,P-12,join,2026-01-01,P-24,
E2,P-50,join,2026-01-01,P-12,
E3,P-22,join,2026-01-01,P-50,
E4,P-21,join,2026-01-01,P-24,
E5,P-24,join,2026-01-01,,
E6,P-11,join,2026-01-01,P-21,
CSV
cs feedp load people people-1.csv --entity US01
expect 0 "people 1"
post joe 900001 100.00
cs joe withdraw CN-8 --reason "Too small"
post joe 900001 60.00
post cora 40117 1.00
refused C-02 no-function
cs joe post credit-note --invoice 900002=100.00 --invoice 900003=100.00 --invoice 900004=50.00 --amount 250.00 --reason PRICE_ERR --evidence prices.pdf
expect 0 "waits for"
CN=$(printf '%s\n' "$OUT" | grep -o 'CN-[0-9]*' | head -1)
cs tom approve "$CN"
refused C-05 subordinate
cs priya inbox
expect_not "$CN"
cs vera approve "$CN"
refused C-02 no-authority
cs ana approve "$CN"
expect 0 "posted"

note "a circle of managers, a person that HR does not know"
printf 'event,person,change,date,manager\nE7,P-24,move,2026-02-01,P-22\n' >people-2.csv
cs feedp load people people-2.csv --entity US01
refused C-05 manager-cycle
cs joe post credit-note --invoice 900005=100.00 --invoice 900006=100.00 --invoice 900007=50.00 --amount 250.00 --reason PRICE_ERR --evidence prices.pdf
CN=$(printf '%s\n' "$OUT" | grep -o 'CN-[0-9]*' | head -1)
at 2026-02-05T12:00:00Z
cs priya approve "$CN"
refused C-05 unknown-person
cs dora approve "$CN"
expect 0 "posted" "C-18"

note "goodwill is signed on the preparer's own chain"
cs maria post credit-note --invoice 900010 --amount 100.00 --reason GOODWILL --evidence prices.pdf --evidence correspondence:dunning.txt --note "kept waiting for months on end"
CN=$(printf '%s\n' "$OUT" | grep -o 'CN-[0-9]*' | head -1)
cs tom approve "$CN"
refused C-05 not-on-chain
cs ana approve "$CN"
expect_not "refused"

note "a leaver's key, and what is given to a leaver; who is still there acts on"
printf 'event,person,change,date,successor\nE8,P-12,leave,2026-02-04,P-11\n' >people-3.csv
cs feedp load people people-3.csv --entity US01
expect 0 "people 2"
post joe 900011 10.00
if [ -n "$AT" ]; then unread joe; else refused C-29 left; fi
cs bot1 post credit-note --invoice 900011 --amount 10.00 --reason PRICE_ERR --evidence prices.pdf
if [ -n "$AT" ]; then unread bot1; else refused C-29 left; fi
cs olga grant joe READER --entity US01
refused C-29 to-leaver
cs olga grant maria2 READER --entity US01
expect 0 "waits for"
cs maria post credit-note --invoice 900011 --amount 10.00 --reason PRICE_ERR --evidence prices.pdf
expect_not "refused"

note "who slept; who wakes himself; who asks for somebody else"
at 2026-06-01T12:00:00Z
post maria 900012 10.00
refused C-28 dormant
cs maria user reactivate maria --reason "Back"
expect 0 "RA-1"
cs maria approve RA-1
refused C-01 own-document
cs maria user reactivate cora --reason "She asked me"
refused C-31 not-an-officer
cs tom approve RA-1
refused C-31 not-an-officer
cs ana approve RA-1
expect 0 "in force"
post maria 900012 10.00
expect_not "refused"
cs olga audit verify
expect 0
finish
