#!/bin/bash
# A file of thousands of corrections, as CSV and as JSON lines, from a file and from a pipe: answered row by row while it
# goes in, killed in the middle again and again and sent once more, every row in exactly once. BATCH_ROWS=10000 makes it
# as large as the trade's largest; the program's memory must not follow.
. "$(dirname "$0")/lib.sh"
ROWS=${BATCH_ROWS:-2000}
cp "$POLICY" policy.yaml
printf '  automatic_day_max: 0.00\n  automatic_month_max: 0.00\n  duplicate_days: 0\n' >>policy.yaml
POLICY=$WORK/policy.yaml
found_company
python3 - "$ROWS" >masters.body <<'PY'
import json, sys
rows = int(sys.argv[1])
customers = [f"C{i:03}" for i in range(200)]
print(json.dumps({"entity": "US01", "feed": "customers", "file": {"count": 200, "sequence": 2}, "last": True, "part": 1,
                  "records": [{"currency": "USD", "customer": c, "group": c, "limit": "10000.00", "terms_days": 30}
                              for c in customers]}))
PY
lay masters.json feedc feed feedc <masters.body
# Invoices in a CSV file: `load` cuts them into parts.
python3 - "$ROWS" >invoices.csv <<'PY'
import sys
print("invoice,customer,date,due,currency,tax_code,net,tax,at")
for i in range(3 * int(sys.argv[1])):
    print(f"B{i:06},C{i % 200:03},2025-12-01,2025-12-31,USD,NONE,20.00,0.00,2026-01-05T12:00:00Z")
PY
cs feedi load invoices invoices.csv --entity US01
expect 0 "records"
NOW=$((1767603600 + 86400))

python3 - "$ROWS" <<'PY'
import json, sys
rows = int(sys.argv[1])
with open("rows.csv", "w") as csv, open("rows.jsonl", "w") as lines:
    print("kind,ref,allocations,reason,evidence,note", file=csv)
    for i in range(rows):
        print(f"credit-note,CSV-{i:06},B{i:06}:1.00,PRICE_ERR,price-sheet:prices.pdf,row {i}", file=csv)
        print(json.dumps({"kind": "credit-note", "allocations": [f"B{rows + i:06}:1.00"], "reason": "PRICE_ERR",
                          "evidence": ["price-sheet:prices.pdf"], "note": f"r\u00f6w {i}"}), file=lines)
PY

# The largest resident size of a batch, in KiB: measured FILE USER...
measured() {
    python3 - "$@" <<PY
import os, resource, subprocess, sys, time
read, write = os.pipe() # the passphrase
os.write(write, b"pass\n"); os.close(write)
command = ["$COUNTERSIGN"] + sys.argv[2:] + ["--book", "${AT:-$BOOK}", "--as", "maria", "--at", "$(now)", "--key", "$WORK/maria.key",
           "--passphrase-fd", str(read)]
began = time.monotonic()
with open(sys.argv[1], "wb") as out:
    done = subprocess.run(command, pass_fds=(read,), stdout=out, stderr=subprocess.DEVNULL)
print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, round(time.monotonic() - began, 1))
PY
}

note "$ROWS rows of CSV, each answered"
read -r RC PEAK SECONDS_TAKEN <<<"$(measured csv.out post --batch rows.csv --json)"
echo "   csv: $ROWS rows in $SECONDS_TAKEN s, $PEAK KiB at most"
OUT=$(python3 - "$ROWS" <<'PY'
import json, sys
rows = [json.loads(line) for line in open("csv.out")]
summary, rows = rows[-1]["batch"], rows[:-1]
assert len(rows) == int(sys.argv[1]), len(rows)
assert [r["row"] for r in rows] == list(range(1, len(rows) + 1))
assert all(r["outcome"] == "posted" and r["ref"] == f"CSV-{i:06}" and r["number"] and r["seq"] for i, r in enumerate(rows)), rows[0]
assert summary["settled"] == summary["posted"] == len(rows) and not summary["stopped"], summary
print("answered in order")
PY
)
expect 0 "answered in order"

note "memory: a tenth of the rows takes hardly less"
head -n $((ROWS / 10 + 1)) rows.csv >tenth.csv
tick
read -r RC SMALL SECONDS_TAKEN <<<"$(measured small.out post --batch tenth.csv)"
expect 0
CHECKS=$((CHECKS + 1))
[ "$PEAK" -lt $((SMALL + 40000)) ] || wrong "$PEAK KiB for $ROWS rows, $SMALL KiB for a tenth"
OUT=$(cat small.out)
expect 0 "there already"
expect_not "posted"

tick 10
note "$ROWS rows of JSON lines from a pipe, killed again and again"
python3 - "$ROWS" <<PY
import os, random, signal, subprocess, sys, time
random.seed(4)
base = ["$COUNTERSIGN", "post", "--batch", "-", "--rows", str(max(20, int(sys.argv[1]) // 40)), "--json", "--book", "${AT:-$BOOK}", "--as",
        "maria", "--at", "$(now)", "--key", "$WORK/maria.key", "--passphrase-fd"]
kills, stops = 0, 0
for attempt in range(200):
    read, write = os.pipe() # the passphrase
    os.write(write, b"pass\n"); os.close(write)
    with open("rows.jsonl", "rb") as rows, open("json.out", "wb") as out, open("json.err", "wb") as err:
        child = subprocess.Popen(base + [str(read)], stdin=rows, stdout=out, stderr=err, pass_fds=(read,))
        wait = 0.03 + random.random() * 0.25
        try:
            child.wait(wait if attempt < 15 else 600)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGINT if attempt % 5 == 4 else signal.SIGKILL)
            kills += 1
            code = child.wait()
            os.close(read)
            if code == 4:
                assert b'"stopped":true' in open("json.out", "rb").read(), open("json.out").read()[-400:]
                stops += 1
            continue
    break
assert child.returncode == 0, (child.returncode, open("json.err").read())
print(f"   killed {kills} times, of these {stops} ended in order")
assert kills >= 5, kills
PY
RC=$?
OUT=$(tail -1 json.out)
expect 0 '"repeated":' '"stopped":false' "\"settled\":$ROWS"
run audit export --book "$BOOK" --out all.jsonl
OUT=$(python3 - "$ROWS" <<'PY'
import collections, json, sys
rows = int(sys.argv[1])
posted = collections.Counter()
for line in open("all.jsonl"):
    entry = json.loads(line)
    if entry["statement"]["do"] != "submit":
        continue
    for document, result in zip(entry["statement"]["body"]["documents"], entry["decision"]["results"]):
        if result["outcome"] == "posted" and document["kind"] == "credit-note":
            posted[document["allocations"][0]["invoice"]] += 1
assert set(posted.values()) == {1}, [i for i in posted.items() if i[1] != 1][:5]
assert len(posted) == 2 * rows, len(posted)
print("each row once")
PY
)
expect 0 "each row once"

tick
note "answers come while the sender still writes"
OUT=$(python3 - <<PY
import json, os, subprocess
read, write = os.pipe() # the passphrase
os.write(write, b"pass\n"); os.close(write)
child = subprocess.Popen(["$COUNTERSIGN", "post", "--batch", "-", "--rows", "1", "--json", "--book", "${AT:-$BOOK}", "--as", "maria", "--at",
    "$(now)", "--key", "$WORK/maria.key", "--passphrase-fd", str(read)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    stderr=subprocess.DEVNULL, pass_fds=(read,))
def row(ref, **more):
    value = {"kind": "credit-note", "ref": ref, "allocations": "B%06d:1.00" % (2 * $ROWS + more.pop("n", 0)), "reason": "PRICE_ERR",
             "evidence": "price-sheet:prices.pdf"}
    value.update(more)
    return json.dumps(value) + "\n"
def say(text):
    child.stdin.write(text.encode()); child.stdin.flush()
say(row("L-1")); say(row("L-2", n=1))
first = json.loads(child.stdout.readline())
assert first["ref"] == "L-1" and first["outcome"] == "posted", first
say(row("L-3", n=1, allocations="B%06d:19.50" % (2 * $ROWS + 1)))
second = json.loads(child.stdout.readline())
assert second["ref"] == "L-2" and second["row"] == 2, second
child.stdin.close()
third = json.loads(child.stdout.readline())
assert third["outcome"] == "refused" and third["line"] == 3, third
deny = [a for a in third["controls"] if a["answer"] == "deny"][0]
assert deny["control"] == "C-35" and deny["code"] == "over-credit" and "text" in deny, deny
summary = json.loads(child.stdout.readline())["batch"]
assert summary["refused"] == 1 and summary["posted"] == 2, summary
assert child.wait() == 1
print("row by row")
PY
)
expect 0 "row by row"
RC=0

note "lines that are no rows, each with its place; the good one between them is posted"
python3 - "$ROWS" <<'PY'
import sys
rows = int(sys.argv[1])
good = '{"kind":"credit-note","ref":"J-%d","allocations":"B%06d:1.00","reason":"PRICE_ERR","evidence":"price-sheet:prices.pdf"%s}'
def line(n, more=""): return good % (n, 2 * rows + 10 + n, more)
lines = [line(0), line(1, ',"amount":1.00'), line(2, ',"amount":"1,00"'), line(3, ',"colour":"red"'), line(4, ',"ref":"again"'),
         line(5, ',"note":{"a":"b"}'), line(6)[:-1], line(7) + " x", '["kind"]', "", line(8, ',"note":"a\\u0000b"'),
         line(9, ',"note":"\\ud800"'), line(10, ',"reason":null').replace('"reason":"PRICE_ERR",', ""), '{"ref":"x"}',
         line(11, ',"note":"' + "x" * 300000 + '"'), line(12, ',"note":"a\u202eb"'), line(13, ',"note":["a","b"]'),
         line(14, ',"note":"tab\there"'), line(15, ',"evidence":[]').replace('"evidence":"price-sheet:prices.pdf",', "")[:-16] + "}",
         "\x00", line(16)]
open("bad.jsonl", "w").write("\n".join(lines) + "\n")
PY
cs maria post --batch bad.jsonl
expect 2 ":2:" 'amounts too: "12.50"' ":3:" "use a dot" ":4:" "unknown member 'colour'" ":5:" "a second 'ref'" ":6:" "an object inside" \
    ":7:" "',' or '}'" ":8:" "a line of its own" ":9:1" "begins with '{'" ":11:" "NUL character" ":12:" "surrogate" ":13:" \
    ":14:1" "lacks kind" ":15:" "262144 bytes" ":16:" "U+202E" ":17:" "no list" ":18:" "control character" ":20:1" "NUL byte" \
    "2 posted" "18 not read"
cs maria post --batch bad.jsonl --json
expect 2 '"outcome":"bad"' '"line":2' '"repeated":2' '"bad":18'
sed -n '1p;21p' bad.jsonl >all.jsonl
cs maria post --batch all.jsonl --atomic
expect 0 "2 there already"
cs maria post --batch bad.jsonl --atomic --json
expect 2 '"settled":18' '"posted":0'
cs maria post credit-note --rows 5
expect 2 "--rows: only with --batch"
cs maria post --batch rows.csv --rows 1001
expect 2 "--rows"
LAST="post --batch <(...)"
RC=0
OUT=$("$COUNTERSIGN" post --batch <(head -3 rows.csv) --book "${AT:-$BOOK}" --as maria --at "$(now)" --key maria.key --passphrase-fd 3 \
    3<<<pass 2>err) || RC=$?
expect 0 "2 there already"

note "the writer is taken by somebody else in the middle: what is settled is said, the same command goes on"
python3 - "$ROWS" >more.jsonl <<'PY'
import json, sys
rows = int(sys.argv[1])
for i in range(40):
    print(json.dumps({"kind": "credit-note", "ref": f"M-{i}", "allocations": f"B{2 * rows + 100 + i:06}:1.00", "reason": "PRICE_ERR",
                      "evidence": "price-sheet:prices.pdf"}))
PY
OUT=$(python3 - <<PY
import fcntl, json, os, subprocess
read, write = os.pipe() # the passphrase
os.write(write, b"pass\n"); os.close(write)
child = subprocess.Popen(["$COUNTERSIGN", "post", "--batch", "-", "--rows", "20", "--json", "--wait", "1", "--book", "${AT:-$BOOK}", "--as",
    "maria", "--at", "$(now)", "--key", "$WORK/maria.key", "--passphrase-fd", str(read)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    stderr=subprocess.PIPE, pass_fds=(read,))
rows = open("more.jsonl").readlines()
child.stdin.write("".join(rows[:21]).encode()); child.stdin.flush()
answers = [json.loads(child.stdout.readline()) for i in range(20)]
assert all(a["outcome"] == "posted" for a in answers)
os.kill(child.pid, 2)
child.stdin.close()
rest = [json.loads(line) for line in child.stdout]
assert rest[0]["batch"]["stopped"] and rest[0]["batch"]["settled"] == 20, rest
assert rest[1]["error"]["text"].startswith("interrupted"), rest
assert child.wait() == 4
print("stopped in order")
PY
)
expect 0 "stopped in order"
cs maria post --batch more.jsonl
expect 0 "40 rows: 20 posted, 20 there already"
finish
