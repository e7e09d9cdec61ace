#!/bin/bash
# Backups: hot under writers, whole or nothing, continued, streamed; and restored, verified before anything is in place. Whatever
# was changed in one is refused and named.
unset SERVED # books are moved here, and others made
. "$(dirname "$0")/lib.sh"

gone() { # nothing of a backup or a restore is left but what is named
    CHECKS=$((CHECKS + 1))
    local left
    left=$(ls -d "$1"* 2>/dev/null)
    [ -z "$left" ] || wrong "left behind: $left"
}
same() {
    CHECKS=$((CHECKS + 1))
    cmp -s "$1" "$2" || wrong "$1 and $2 differ"
}
credit() { # USER AMOUNT REF
    cs "$1" post credit-note --invoice 581483 --amount "$2" --reason PRICE_ERR --evidence price-sheet:prices.pdf --ref "$3"
}

found_company
credit joe 10.00 r-1
expect 0 posted
run checkpoint --book "$BOOK" --key book-key.key --passphrase-fd 3 --out first.note
expect 0

note "a backup is the export between a first and a last line"
run backup --book "$BOOK" --out one.backup
expect 0 "entries 0 to 7" "8 entries in all" head root
run audit export --book "$BOOK" --out one.jsonl
grep '^{"decision"' one.backup >one.entries
same one.entries one.jsonl
OUT=$("$HERE/../checker.py" one.backup 2>&1)
RC=$?
expect 0 "8   0 to 7" "1 checkpoints"
run backup --book "$BOOK" --out two.backup --json
expect 0 '"from":0' '"size":8' '"checkpoints":1'
same one.backup two.backup
[ "$(stat -c %a one.backup)" != 777 ] || wrong "anybody may write the backup"
run backup --book "$BOOK" --out one.backup
expect 2 "one.backup"
same one.backup two.backup
gone one.backup.part
grep -q "BEGIN\|PRIVATE" one.backup && wrong "a key in the backup"
SALT=$(ls "$BOOK/personal" | head -1)
grep -q "$(head -c 32 "$BOOK/personal/$SALT" | base64 -w0 | tr -d =)" one.backup && wrong "the salt is in the backup"

note "through pipes, compressed, to the same book"
"$COUNTERSIGN" backup --book "$BOOK" --out - 2>err | gzip >one.gz
RC=${PIPESTATUS[0]} OUT= ERR=$(cat err)
expect 0 "8 entries in all"
gzip -dc one.gz >streamed.backup
same one.backup streamed.backup
gzip -dc one.gz | "$COUNTERSIGN" restore - --book piped --beside "$BOOK" >out 2>err
RC=$? OUT=$(cat out) ERR=$(cat err)
expect 0 "restored in piped" "8" "evidence files" "records of personal data"
run audit verify --book piped
expect 0
run audit export --book piped --out piped.jsonl
same one.jsonl piped.jsonl
run backup --book piped --out piped.backup
same one.backup piped.backup
diff -r "$BOOK/evidence" piped/evidence >/dev/null || wrong "the evidence is not the same"
diff -r "$BOOK/personal" piped/personal >/dev/null || wrong "the personal data are not the same"
[ "$(stat -c %a piped)" = 700 ] || wrong "the restored directory is open to others"
(BOOK=$WORK/piped AT=$WORK/piped XDG_STATE_HOME=$WORK/other; credit joe 11.00 r-2; expect 0 posted US01-CN-2026-000002; exit $FAILED) || FAILED=$((FAILED + 1))

note "a reader that goes away, a signal, a full disk: an error and nothing left"
set +o pipefail
"$COUNTERSIGN" backup --book "$BOOK" --out - 2>err | head -c 100 >/dev/null
RC=${PIPESTATUS[0]} OUT= ERR=$(cat err)
[ "$RC" = 141 ] || [ "$RC" = 4 ] || wrong "a closed pipe: status $RC"
(ulimit -f 1; trap '' XFSZ; exec "$COUNTERSIGN" backup --book "$BOOK" --out big.backup) 2>err
RC=$? OUT= ERR=$(cat err)
expect 4 "big.backup"
gone big.backup
(ulimit -f 64; trap '' XFSZ; exec "$COUNTERSIGN" restore one.backup --book big) 2>err
RC=$? OUT= ERR=$(cat err)
expect 4
gone big
mkfifo slow
"$COUNTERSIGN" restore slow --book interrupted >out 2>err &
CHILD=$!
exec 9>slow
head -c 20000 one.backup >&9
sleep 0.5
kill -TERM "$CHILD"
exec 9>&-
wait "$CHILD"
RC=$? OUT=$(cat out) ERR=$(cat err)
expect 143 "ended by a signal"
gone interrupted
run backup --book "$BOOK" --out /nowhere/x
expect 2 /nowhere/x
run backup --book "$BOOK"
expect 2 --out

note "while others write"
writer() {
    local i
    for i in $(seq 1 12); do
        NOW=$((NOW + 1))
        "$COUNTERSIGN" post credit-note --invoice 581483 --amount 1.00 --reason PRICE_ERR \
            --evidence price-sheet:prices.pdf --ref "w-$1-$i" --book "$BOOK" --as "$1" --at "$(now)" \
            --key "$WORK/$1.key" --passphrase-fd 3 3<<<pass >>"writer-$1.out" 2>&1
    done
}
tick 100
writer joe &
JOE=$!
for i in 1 2 3 4 5 6; do
    run backup --book "$BOOK" --out "hot-$i.backup"
    expect 0 "entries in all"
    sleep 0.1
done
wait "$JOE"
run log --book "$BOOK" --json
case "$OUT" in *'"seq":19'*) ;; *) false ;; esac || wrong "the writer was held up: $(tail -1 writer-joe.out)"
tick 100
for i in 1 4 6; do
    run restore "hot-$i.backup" --book "hot-$i"
    expect 0
    run audit verify --book "hot-$i"
    expect 0
    run audit export --book "hot-$i" --out "hot-$i.jsonl"
    run audit export --book "$BOOK" --out "all-$i.jsonl"
    head -n "$(wc -l <"hot-$i.jsonl")" "all-$i.jsonl" >"start-$i.jsonl"
    same "hot-$i.jsonl" "start-$i.jsonl"
done

note "what came since, in files of its own"
run backup --book "$BOOK" --out more.backup --after one.backup
expect 0 "entries 8 to"
run checkpoint --book "$BOOK" --key book-key.key --passphrase-fd 3 --out second.note
run backup --book "$BOOK" --out none.backup --after more.backup
expect 0 "nothing new since"
credit joe 12.00 r-3
expect 0
run backup --book "$BOOK" --out last.backup --after none.backup --json
expect 0 '"checkpoints":0'
OUT=$("$HERE/../checker.py" one.backup more.backup none.backup last.backup 2>&1)
RC=$?
expect 0 "21   0 to 20" "2 checkpoints"
run restore one.backup more.backup none.backup last.backup --book chained --lost-after second.note --json
expect 0 '"restore_due":false'
run backup --book chained --out chained.backup
run backup --book "$BOOK" --out whole.backup
same chained.backup whole.backup
run restore one.backup none.backup --book x
expect 2 "goes on after 20 entries, and the backups before it have 8"
run restore more.backup --book x
expect 2 "give the backups that have them first"
run restore one.backup one.backup --book x
expect 2 "begins with entry 0 again"
run restore one.backup more.backup --book x --check
expect 0 checked
gone x
run restore one.backup --book chained
expect 2 "is there already"
run restore nowhere.backup --book x
expect 2 nowhere.backup
run backup --book piped --out x.backup --after more.backup
expect 2 "it is of another state"
gone x.backup

note "another history, another book"
(BOOK=$WORK/piped AT=$WORK/piped XDG_STATE_HOME=$WORK/other; tick 300; credit joe 13.00 r-4; exit 0)
run backup --book piped --out fork.backup --after piped.backup
expect 0
run restore one.backup more.backup fork.backup --book x
expect 2 "fork.backup: line 1"
run restore whole.backup --lost-after second.note --book x --check
expect 0
run backup --book piped --out fork.whole
run restore fork.whole --lost-after first.note --book x --check
expect 0
OTHER=$WORK/other-book
(BOOK=$OTHER AT=$OTHER; mkdir other-keys; cd other-keys; WORK=$PWD found_book) >/dev/null || wrong "no other book"
run backup --book "$OTHER" --out other.backup
expect 0
run restore one.backup other.backup --book x
expect 2 "is of the book"
run restore other.backup --lost-after first.note --book x
expect 2 "no origin of this book"
gone x

note "a byte changed in each line, each line gone, doubled, cut: refused, with its place"
cat >damage.py <<'PY'
import subprocess, sys, os, json
countersign, path = sys.argv[1:]
lines = open(path, "rb").read().split(b"\n")[:-1]
entries = sum(line.startswith(b'{"decision"') for line in lines)
wrong = 0
def attempt(name, data, *texts):
    global wrong
    open("damaged.backup", "wb").write(data)
    done = subprocess.run([countersign, "restore", "damaged.backup", "--book", "damaged", "--lost-after", "kept.note"],
                          capture_output=True, text=True)
    left = [n for n in os.listdir(".") if n.startswith("damaged") and n != "damaged.backup"]
    if done.returncode not in (2, 3) or left or not any(text in done.stderr for text in texts):
        wrong += 1
        print("WRONG", name, done.returncode, done.stderr.strip(), left, texts)
whole = b"\n".join(lines) + b"\n"
for index, line in enumerate(lines):
    rest = lambda new: b"\n".join(lines[:index] + new + lines[index + 1:]) + b"\n"
    here = ["line %d" % (index + 1), "entry %d" % (index - 1)]
    after = here + ["line %d" % (index + 2), "line %d" % len(lines)]
    for place in (len(line) // 3, len(line) // 2, len(line) - 3):
        byte = line[place:place + 1]
        flip = {b"0": b"1", b"a": b"b"}.get(byte, bytes([byte[0] ^ 1]))
        attempt("flip %d:%d" % (index, place), rest([line[:place] + flip + line[place + 1:]]), *after)
    attempt("without %d" % index, rest([]), *(after + ["line 1"]))
    if index + 1 < len(lines):
        attempt("swapped %d" % index, b"\n".join(lines[:index] + [lines[index + 1], line] + lines[index + 2:]) + b"\n", "line")
    attempt("twice %d" % index, rest([line, line]), *after)
    attempt("cut after %d" % index, b"\n".join(lines[:index]) + (b"\n" if index else b"") + line[:-1], "line %d" % (index + 1))
for text in (b"", b"\n", b"{}\n", b"x" * 300000, b"\0" * 100 + b"\n"):
    attempt("instead", text, "line 1", "line 2")
attempt("more", whole + b"{}\n", "after the end")
print(wrong)
PY
cp first.note kept.note
OUT=$(python3 damage.py "$COUNTERSIGN" one.backup)
CHECKS=$((CHECKS + 1))
[ "$(printf '%s\n' "$OUT" | tail -1)" = 0 ] || wrong "damage"

note "a damaged journal makes no backup"
cp -r "$BOOK" broken
python3 - broken/journal/data.mdb <<'PY'
import sys
path = sys.argv[1]
data = bytearray(open(path, "rb").read())
at = data.rfind(b'"ref":"w-joe-7"')
while at >= 0: # every page that holds it, whichever is in use
    data[at + 9] ^= 1
    at = data.rfind(b'"ref":"w-joe-7"', 0, at)
open(path, "wb").write(data)
PY
run backup --book broken --out broken.backup
expect 3 "entry " "not those that were hashed"
gone broken.backup

note "wrong decisions are not put in place, unless somebody says so"
python3 - one.backup forged.backup <<'PY'
import sys, json, hashlib, base64
sys.path.insert(0, "HERE/..".replace("HERE", sys.path[0]))
lines = open(sys.argv[1], "rb").read().split(b"\n")[:-1]
def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
def root(leaves):
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + root(leaves[:k]) + root(leaves[k:])).digest()
header = json.loads(lines[0])
entries = [json.loads(line) for line in lines if line.startswith(b'{"decision"')]
entries[-1]["decision"]["results"][0]["lines"][0]["amount"] = "9.99"
bytes_ = [canonical(entry) for entry in entries]
leaves = [hashlib.sha256(b"\0" + one).digest() for one in bytes_]
body = canonical(header) + b"\n" + b"\n".join(bytes_) + b"\n"
trailer = {"backup": "end", "checkpoints": 0, "head": leaves[-1].hex(), "root": root(leaves).hex(),
           "sha256": hashlib.sha256(body).hexdigest(), "size": len(leaves), "v": 1}
open(sys.argv[2], "wb").write(body + canonical(trailer) + b"\n")
PY
run restore forged.backup --book forged
expect 3 "decisions: entry 7" "nothing was put in place" "despite-findings"
gone forged.new
run restore forged.backup --book forged --lost-after first.note
expect 3 "of another history"
run restore forged.backup --book forged --despite-findings
expect 0 "taken as they are"
run audit verify --book forged
expect 3 "entry 7"

note "what is called by its hash and is not it, is not taken along"
cp -r "$BOOK" beside
FILE=$(find beside/evidence -type f | head -1)
chmod u+w "$FILE"
echo "other prices" >"$FILE"
run restore one.backup --book x --beside beside
expect 3 "not what its name says"
run restore one.backup --book x --beside /nowhere
expect 2 /nowhere
gone x
finish
