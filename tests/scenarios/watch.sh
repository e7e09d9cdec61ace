#!/bin/bash
# Following the book: from a position, through ends, kills, a rebuild and a book that is away for a while; a book that was
# set back is an error and no gap.
. "$(dirname "$0")/lib.sh"
found_company
credit() { cs maria post credit-note --invoice 9000$1 --amount 1.00 --reason PRICE_ERR --evidence prices.pdf; }
size_of() { "$COUNTERSIGN" status --json --book "$BOOK" 2>/dev/null | python3 -c 'import json,sys; print(json.loads(sys.stdin.readline())["head"]["seq"] + 1)'; }
watching() { exec "$COUNTERSIGN" watch --book "$BOOK" "$@" 2>>watch.err; }
# waits until FILE has COUNT lines, ten seconds at most
lines_of() {
    local i
    for i in $(seq 200); do
        [ "$(wc -l <"$1")" -ge "$2" ] && return 0
        sleep 0.05
    done
    wrong "$1 has $(wc -l <"$1") lines instead of $2"
}
credit 00
SIZE=$(size_of)

note "all there is, once, then an end"
LAST="watch --from 0 --until-head --json"
OUT=$(watching --from 0 --until-head --json) RC=$?
expect 0 '"seq":0' "\"seq\":$((SIZE - 1))" '"outcome":"posted"' '"number":"US01-CN-2026-000001"'
OUT=$(printf '%s\n' "$OUT" | python3 -c '
import json, sys
print([json.loads(l)["seq"] for l in sys.stdin] == list(range('$SIZE')))')
expect 0 True
OUT=$(watching --from $((SIZE - 1)) --until-head) RC=$?
expect 0 "maria  submitted credit note" "CN-1" "1.00 USD" "posted US01-CN-2026-000001"
OUT=$(watching --until-head) RC=$?
[ -z "$OUT" ] || wrong "from now on there is nothing"
run watch --book "$BOOK" --from $((SIZE + 1)) --until-head
expect 2 "the book has $SIZE entries"

note "refusals too, with their control and its numbers; entity, kind and user narrow it"
cs maria post credit-note --invoice 581484 --amount 1000.01 --reason PRICE_ERR --evidence prices.pdf
expect 1 "C-35"
OUT=$(watching --from "$SIZE" --until-head --json --user maria --kind credit-note --entity US01) RC=$?
expect 0 '"outcome":"refused"' '"control":"C-35"' '"code":"over-credit"' '"text":'
OUT=$(watching --from 0 --until-head --user nobody)
[ -z "$OUT" ] || wrong "nobody did something"
OUT=$(watching --from 0 --until-head --kind write-off --json)
[ -z "$OUT" ] || wrong "a credit note is no write-off"
OUT=$(watching --from 0 --until-head --entity US01 --user feedi --json) RC=$?
expect 0 '"do":"feed"'

note "live: each entry within moments; an interrupt ends it in order, and it goes on where it was"
watching --from 0 --json --state at.position >live.jsonl &
WATCH=$!
lines_of live.jsonl $((SIZE + 1))
for i in 01 02 03; do credit $i; done
lines_of live.jsonl $((SIZE + 4))
kill -TERM $WATCH
wait $WATCH
RC=$? OUT=$(cat at.position) LAST="watch, ended by SIGTERM"
expect 0 "\"seq\":$((SIZE + 3))"
credit 04
OUT=$(watching --json --state at.position --until-head) RC=$? LAST="watch, again"
expect 0 "\"seq\":$((SIZE + 4))"
expect_not "\"seq\":$((SIZE + 3))"
OUT=$(watching --json --state at.position --until-head)
[ -z "$OUT" ] || wrong "came twice"

note "killed at random while others post: nothing is left out"
(for i in $(seq 10 19); do credit $i; done) &
POSTING=$!
: >killed.jsonl
for i in $(seq 12); do
    watching --json --state killed.position --from 0 >>killed.jsonl &
    WATCH=$!
    sleep 0.0$((RANDOM % 9 + 1))
    kill -9 $WATCH 2>/dev/null
    wait $WATCH 2>/dev/null
    # The last line may be cut, as a follower sees it; it comes again.
    [ -z "$(tail -c1 killed.jsonl)" ] || echo >>killed.jsonl
done
wait $POSTING
tick 20
(watching --json --state killed.position --until-head --from 0) >>killed.jsonl
OUT=$(python3 - "$(size_of)" <<'PY'
import json, sys
seen = set()
for line in open("killed.jsonl"):
    try:
        seen.add(json.loads(line)["seq"])
    except ValueError:
        pass
print("complete" if seen == set(range(int(sys.argv[1]))) else sorted(set(range(int(sys.argv[1]))) - seen))
PY
)
RC=0
expect 0 complete

note "through a rebuild, and while the book is away"
watching --json --state through.position >through.jsonl &
WATCH=$!
sleep 0.3
run rebuild --book "$BOOK"
expect 0
credit 05
lines_of through.jsonl 1
mv "$BOOK" "$BOOK.away"
sleep 0.5
mv "$BOOK.away" "$BOOK"
credit 06
lines_of through.jsonl 2
cp -r "$BOOK" older
credit 07
lines_of through.jsonl 3

note "set back: the follower says so and does not go on"
mv "$BOOK" newer
mv older "$BOOK"
rm -rf "$XDG_STATE_HOME" # a custodian who hides it would hide the receipts too
credit 08
wait $WATCH
RC=$? OUT= ERR=$(tail -1 watch.err) LAST="watch, while the book is set back"
expect 3 "does not go on from entry" "set back or replaced"
run watch --book "$BOOK" --state through.position --until-head
expect 3 "set back or replaced"
sed -i 's/"book":"[0-9a-e]/"book":"f/; t; s/"book":"f/"book":"0/' through.position
run watch --book "$BOOK" --state through.position --until-head
expect 2 "of another book"
echo nonsense >through.position
run watch --book "$BOOK" --state through.position --until-head
expect 2 "through.position"

note "nobody reads any more"
LAST="watch | head -1"
{ (watching --from 0 --json); echo $? >ended; } | head -1 >/dev/null
OUT= RC=$(cat ended)
expect 0
finish
