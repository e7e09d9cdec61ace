#!/bin/bash
# A batch and a follower through a server that dies in the middle: the batch says what is settled and goes on when it is sent
# again, each row in once; the follower waits until the server is back and leaves nothing out. BATCH_ROWS and BATCH_KILLS
# make it longer.
. "$(dirname "$0")/lib.sh"
SERVED=
cp "$POLICY" policy.yaml
printf '  automatic_day_max: 0.00\n  automatic_month_max: 0.00\n  duplicate_days: 0\n' >>policy.yaml
POLICY=$WORK/policy.yaml
found_company
ROWS=${BATCH_ROWS:-300} KILLS=${BATCH_KILLS:-5}
{
    echo invoice,customer,date,due,currency,tax_code,net,tax,at
    for i in $(seq "$ROWS"); do echo "B$i,20001,2025-12-01,2025-12-31,USD,NONE,20.00,0.00,$(now)"; done
} >invoices.csv
cs feedi load invoices invoices.csv --entity US01
expect 0 "records"
python3 - "$ROWS" >rows.jsonl <<'PY'
import json, sys
for i in range(1, int(sys.argv[1]) + 1):
    print(json.dumps({"kind": "credit-note", "ref": f"ROW-{i}", "allocations": f"B{i}:0.01", "reason": "PRICE_ERR",
                      "evidence": "price-sheet:prices.pdf"}))
PY
if ! "$COUNTERSIGN" help serve >/dev/null 2>&1; then
    echo "no server in this build: left out"
    finish
fi
serve
tick
"$COUNTERSIGN" watch --book "$AT" --as ana --key ana.key --passphrase-fd 3 --json --kind credit-note >seen.jsonl 2>watch.err 3<<<pass &
WATCH=$!
sleep 1

note "the server is killed under the batch, again and again"
STOPPED=0
for attempt in $(seq 0 "$KILLS"); do
    "$COUNTERSIGN" post --batch rows.jsonl --rows 20 --wait 1 --json --book "$AT" --as maria --key maria.key --at "$(now)" \
        --passphrase-fd 3 >batch.out 2>batch.err 3<<<pass &
    BATCH=$!
    sleep "0.$((RANDOM % 4 + 2))"
    [ "$attempt" = "$KILLS" ] || { kill -9 "$SERVER" && wait "$SERVER" 2>/dev/null; }
    wait "$BATCH"
    RC=$?
    [ "$RC" = 0 ] || {
        STOPPED=$((STOPPED + 1))
        OUT=$(tail -2 batch.out) ERR=$(cat batch.err) LAST="post --batch, its server killed"
        expect 4 '"error"'
    }
    [ "$attempt" = "$KILLS" ] || { rm -f "$WORK/socket"; serve; }
done
echo "   cut off $STOPPED times"
OUT=$(tail -1 batch.out) ERR=$(cat batch.err) LAST="post --batch, the last time"
expect 0 '"stopped":false' "\"settled\":$ROWS"

note "every row once, and the follower saw each"
OUT=$(python3 - "$ROWS" <<'PY'
import collections, json, sys, time
rows = int(sys.argv[1])
for wait in range(100):
    seen = collections.Counter()
    for line in open("seen.jsonl"):
        if line.endswith("\n"):
            for one in json.loads(line)["results"]:
                if one["outcome"] == "posted":
                    seen[one["ref"]] += 1
    if len(seen) == rows:
        break
    time.sleep(0.1)
print("each once" if len(seen) == rows and set(seen.values()) == {1} else f"{len(seen)} seen, {max(seen.values(), default=0)} times")
PY
)
RC=0
expect 0 "each once"
kill "$WATCH"
wait "$WATCH"
RC=$? OUT=$(cat watch.err) LAST="watch, ended"
expect 0
stop_serving
finish
