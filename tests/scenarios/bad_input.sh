#!/bin/bash
# Whatever is wrong gets one clear error that names the place and the remedy, the right exit status, and leaves the journal
# as it was: files, amounts, ids, text, keys, statements, the book's own files, the disk, the lock, the clock.
# The passphrases are never repeated anywhere.
. "$(dirname "$0")/lib.sh"
PASSPHRASE='Zq8!correct horse'
umask 000 # what is made must not depend on it
found_company
echo ev >evidence.pdf
cs joe post credit-note --invoice 900019 --amount 1.00 --reason PRICE_ERR --evidence evidence.pdf
expect 0 "CN-1"

head_of() { "$COUNTERSIGN" status --json --book "${1:-$BOOK}" 2>/dev/null | grep -o '"head":{[^}]*}'; }
keep_output() { printf '%s\n' "$OUT" "$ERR" >>"$WORK/all-output"; }
HEAD=$(head_of)

# bad STATUS TEXT...: the last command failed so, in one line of ours at most, and the head is what it was
bad() {
    local lines
    expect "$@"
    keep_output
    lines=$(printf '%s\n' "$ERR" | grep -c '^countersign')
    CHECKS=$((CHECKS + 2))
    [ "$lines" -le 1 ] || wrong "$lines errors instead of one"
    [ "$(head_of)" = "$HEAD" ] || wrong "the journal changed: $(head_of) instead of $HEAD"
}
# refused TEXT...: a control said no, which is an entry
refused() {
    expect 1 "$@"
    keep_output
    HEAD=$(head_of)
}
batch() { printf "$1" >batch.csv; cs maria post --batch batch.csv; }
credit() { cs maria post credit-note --invoice 900000 --reason PRICE_ERR --evidence prices.pdf "$@"; }

note "files that are no CSV of ours"
COLUMNS='kind,ref,customer,currency,amount,reason,allocations,evidence,note\n'
ROW='credit-note,r1,20001,USD,1.00,PRICE_ERR,900000:1.00,prices.pdf'
batch "$COLUMNS$ROW,\"unfinished\n"
bad 2 "batch.csv:2:9" "ends inside quotes"
batch "$COLUMNS$ROW,a\0b\n"
bad 2 "batch.csv:2:9" "NUL"
batch "kind,reff,customer\nx,y,z\n"
bad 2 "batch.csv:1:2" "unknown column 'reff'" "known are kind, ref"
batch "${COLUMNS}credit-note,r1,20001\n"
bad 2 "batch.csv:2" "3 fields, the header has 9"
batch "$COLUMNS$ROW,a,b\n"
bad 2 "batch.csv:2:10" "more fields than the header's 9"
batch "customer,amount\n1,2\n"
bad 2 "batch.csv:1" "lacks kind"
batch "kind,kind\na,b\n"
bad 2 "batch.csv:1:2" "second column"
batch ""
bad 2 "batch.csv" "header of column names"
cs maria post --batch nowhere.csv
bad 2 "nowhere.csv" "No such file"
cs maria post --batch "$BOOK"
bad 2 "directory"
batch "$COLUMNS$ROW,a\xe2\x80\xaeb\n"
bad 2 "batch.csv:2:9" "U+202E"
batch "$COLUMNS$ROW,a\x1b[31mb\n"
bad 2 "batch.csv:2:9" "U+001B"
batch "$COLUMNS$ROW,a\xffb\n"
bad 2 "batch.csv:2:9" "UTF-8"

note "amounts, in a row and as an option"
while read -r amount text; do
    batch "${COLUMNS}credit-note,r1,20001,USD,\"$amount\",PRICE_ERR,900000:1.00,prices.pdf,\n"
    bad 2 ":2:5  amount" "$amount" "$text"
    credit --amount="$amount"
    bad 2 "--amount" "$amount" "$text"
done <<'LIST'
12.345 USD has 2 decimals
12,50 use a dot, 12.50
1,200.00 leave the comma out, 1200.00
1e3 plain decimal number
-0.00 zero has no sign
+5 no plus sign
99999999999999999999 too large
007 zero
LIST
batch "${COLUMNS}credit-note,r1,20001,JPY,1.00,PRICE_ERR,900000:1.00,prices.pdf,\n"
bad 2 ":2:7  allocations" "JPY has 0 decimals"
credit --amount 12.5 --dry-run
bad 0 "12.50 USD" "nothing was written"

note "names that nobody knows"
cs maria post credit-note --invoice 999999 --amount 1.00 --reason PRICE_ERR --evidence prices.pdf
bad 2 "--invoice" "999999 is not in the books"
credit --amount 1.00 --customer 99999
refused "customer 99999 is not in the master"
credit --amount 100.01
refused "C-35" "credit 100.01, invoice 900000 has 100.00 left"
credit --amount 1.00 --currency XXX
bad 2 "XXX"
credit --amount 1.00 --date 2026-02-30
bad 2 "--date" "2026-02 has no day 30"

note "text that hides something"
credit --amount 1.00 --note "$(printf 'a\xe2\x80\xaeb')"
bad 2 "note" "U+202E"
credit --amount 1.00 --note "$(printf 'a\x1b[31mb')"
bad 2 "note" "U+001B"
credit --amount 1.00 --note "$(printf 'a\xffb')"
bad 2 "note" "UTF-8"
expect_not $'\xff' $'\x1b'
credit --amount 1.00 --note "$(head -c 3000 /dev/zero | tr '\0' x)"
bad 2 "note" "2000"

note "a byte order mark is fine; a row twice is one document, another row under its ref is refused"
batch "\xef\xbb\xbf$COLUMNS$ROW,bom\n$ROW,bom\ncredit-note,r1,20001,USD,2.00,PRICE_ERR,900001:2.00,prices.pdf,\n"
refused "3 rows" "1 posted" "CN-2" ":4" "the ref r1 stands for CN-2, which has another content"
batch "\xef\xbb\xbf$COLUMNS$ROW,bom\n$ROW,bom\n"
expect 0 "was there already"
HEAD=$(head_of)
run balance --customer 20001 --json --book "$BOOK"
expect 0 '"balance":"1998.00"'

note "policies"
sed 's/^entities:/entitiez:/; s/^name:/  name:/' "$POLICY" >bad.yaml
run policy check bad.yaml
expect_not "countersign: bad.yaml: 0"
bad 2 "bad.yaml:" "^"
sed 's/^entities:/entitiez:/' "$POLICY" >bad.yaml
LINE=$(grep -n '^entitiez' bad.yaml | cut -d: -f1)
run policy check bad.yaml
bad 2 "bad.yaml:$LINE:1: error: unknown key 'entitiez': did you mean 'entities'?" "$LINE | entitiez:" "| ^"
cs olga policy propose bad.yaml
bad 2 "bad.yaml:$LINE:1"

note "keys"
PASSPHRASE='Zq8!wrong horse' credit --amount 1.00
bad 5 "wrong passphrase for" "maria.key"
chmod 640 maria.key
credit --amount 1.00
bad 5 "maria.key" "0640" "chmod 600"
chmod 600 maria.key
tick
run post credit-note --invoice 900000 --amount 1.00 --reason PRICE_ERR --evidence prices.pdf --book "$BOOK" --as maria \
    --at "$(now)" --key joe.key --passphrase-fd 3
bad 5 "$(either "not signed by a key of maria" "is not one of maria")" "SHA256:" "enrolled for maria"
cp maria.key short.key
truncate -s 100 short.key
for key in nowhere.key short.key; do
    run post credit-note --invoice 900000 --amount 1.00 --reason PRICE_ERR --evidence prices.pdf --book "$BOOK" --as maria \
        --at "$(now)" --key "$key" --passphrase-fd 3
    bad 2 "$key"
done

note "statements in files"
credit --amount 3.00 --to statement.json
expect 0 "left in statement.json"
sed 's/3\.00/4.00/g' statement.json >changed.json
run submit changed.json --book "$BOOK"
bad 3 "changed.json"
head -c 300 statement.json >cut.json
run submit cut.json --book "$BOOK"
bad 2 "cut.json"
printf '{"signatures":[],"statement":{}}\n' >empty.json
run submit empty.json --book "$BOOK"
bad 2 "empty.json"
python3 - <<'PY'
import json
whole = json.load(open("statement.json"))
def write(path, value):
    with open(path, "w", encoding="utf-8") as out:
        out.write(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n")
write("unsigned.json", {**whole, "signatures": []})
write("other.json", {"signatures": [], "statement": {**whole["statement"], "book": "ab" * 32}})
write("joes.json", {"signatures": [], "statement": whole["statement"]})
open("loose.json", "w").write(json.dumps(whole, indent=1))
PY
run submit unsigned.json --book "$BOOK"
bad 5 "not signed"
run sign joes.json --key joe.key --passphrase-fd 3
run submit joes.json --book "$BOOK"
bad 5 "not signed by a key of maria"
run sign other.json --key maria.key --passphrase-fd 3
run submit other.json --book "$BOOK"
bad 2 "for book abababab"
run submit loose.json --book "$BOOK"
bad 2 "loose.json"
run submit charter.json --book "$BOOK"
bad 2 "countersign init"
run submit statement.json --book "$BOOK"
expect 0 "posted as"
HEAD=$(head_of)

stop_serving # what follows is about files, locks and clocks

note "what is no book"
mkdir emptydir
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("sock")'
for book in charter.json:'name the book' nowhere:'init' emptydir:'no journal' sock:'unix:PATH'; do
    for command in "status" "audit verify" "rebuild" "post credit-note --amount 1 --invoice 1 --reason X --as maria"; do
        run $command --book "${book%%:*}"
        bad 2 "${book%%:*}" "${book#*:}"
    done
done
run status --book ssh://host/name
bad 2 "ssh://host/name" "a server has to know who asks"

note "a journal that is damaged is said to be, and stays as it is"
with_copy() { rm -rf copy; cp -r "$BOOK" copy; }
damaged() {
    local sum
    sum=$(cat copy/journal/data.mdb | sha256sum)
    run status --book copy
    bad 3 "copy/journal/data.mdb" "$1"
    run post credit-note --invoice 900000 --amount 1.00 --reason PRICE_ERR --evidence prices.pdf --book copy --as maria \
        --at "$(now)" --key maria.key --passphrase-fd 3
    bad 3 "copy/journal/data.mdb" "$1"
    run audit verify --book copy
    expect 3
    CHECKS=$((CHECKS + 1))
    [ "$(cat copy/journal/data.mdb | sha256sum)" = "$sum" ] || wrong "the damaged journal was written to"
}
for bytes in 0 1 151 4096 8192 50000; do
    with_copy
    truncate -s $bytes copy/journal/data.mdb
    damaged truncated
done
with_copy
truncate -s -1 copy/journal/data.mdb
damaged truncated
with_copy
head -c 100000 /dev/urandom >copy/journal/data.mdb
damaged "not a countersign store"
cp charter.json copy/journal/data.mdb
damaged "not a countersign store"
cp "$BOOK/books/data.mdb" copy/journal/data.mdb
damaged "not a store of this kind"

note "books that are damaged or gone are made again, silently and right"
COUNTS=$("$COUNTERSIGN" status --json --book "$BOOK" 2>/dev/null | grep -o '"counts":{[^}]*}')
OWES=$("$COUNTERSIGN" balance --json --book "$BOOK" 2>/dev/null)
mended() {
    run status --json --book copy
    expect 0 "$COUNTS"
    expect_not "countersign"
    run balance --json --book copy
    expect 0 "$OWES"
    run audit verify --book copy
    expect 0
}
for bytes in 0 1 151 4096 8192 100000; do
    with_copy
    truncate -s $bytes copy/books/data.mdb
    mended
done
for how in 'head -c 100000 /dev/urandom >copy/books/data.mdb' 'cp charter.json copy/books/data.mdb' \
    'cp copy/journal/data.mdb copy/books/data.mdb' 'rm -r copy/books' 'rm copy/books/state' 'rm copy/books/lock.mdb' \
    'rm copy/lock copy/journal/lock.mdb' 'touch copy/books/suspect' 'echo "dirty another-boot" >copy/books/state'; do
    with_copy
    eval "$how"
    mended
done
with_copy
python3 - copy/books/data.mdb <<'PY'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
# In the records, not in the pages that lead to them: LMDB follows those without checking.
for at in [i for i in range(8192, len(data)) if data[i - 1] == 0x22 and 0x61 <= data[i] <= 0x7A][::5]:
    data[at] ^= 0x5A
open(sys.argv[1], "wb").write(data)
PY
mended

note "another writer who does not end"
python3 -c '
import fcntl, os, sys, time
lock = open(sys.argv[1], "r+")
fcntl.flock(lock, fcntl.LOCK_EX)
lock.truncate(0)
lock.write(f"{os.getpid()}\n")
lock.flush()
open("held", "w").close()
time.sleep(60)' "$BOOK/lock" &
HOLDER=$!
while [ ! -e held ]; do sleep 0.05; done
credit --amount 1.00 --wait 1
bad 4 "process $HOLDER" "1000 ms" "try again"
run rebuild --book "$BOOK" --wait 0
bad 4 "process $HOLDER"
run status --book "$BOOK"
expect 0
kill "$HOLDER"
wait "$HOLDER" 2>/dev/null
credit --amount 1.00 --wait abc
bad 2 "--wait"

note "a clock that is behind the book, on a real one"
if [ -e "${PRELOAD_DIR:-}/clockshift.so" ]; then
    shim=$(realpath "$PRELOAD_DIR/clockshift.so")
    run charter new --to real.json --name ledger.example/real --officer olga:P-01:olga.key.pub \
        --officer oscar:P-02:oscar.key.pub --officer owen:P-03:owen.key.pub --book-key book-key.key.pub \
        --policy "$POLICY" --clock real
    expect 0
    for user in olga oscar owen; do run sign real.json --key "$user.key" --passphrase-fd 3; done
    run init real.json --book real
    expect 0
    REAL=$(head_of real)
    claim() {
        LAST="a grant on the real book, clock shifted by $1"
        OUT=$(LD_PRELOAD=$shim CLOCKSHIFT_SECONDS=$1 "$COUNTERSIGN" grant olga TEAM_LEAD --entity US01 --book real --as olga \
            --key olga.key --passphrase-fd 3 2>err 3<<<"$PASSPHRASE")
        RC=$?
        ERR=$(cat err)
    }
    run grant olga TEAM_LEAD --entity US01 --book real --as olga --key olga.key --passphrase-fd 3 --at 2026-01-01
    bad 2 "--at" "clock of this book is real"
    claim 120
    CHECKS=$((CHECKS + 1))
    [ "$(head_of real)" != "$REAL" ] || wrong "nothing was recorded ahead of time"
    REAL=$(head_of real)
    claim 0
    bad 4 "the clock is" "behind the last entry" "set it right"
    claim 60
    bad 4 "behind the last entry"
    CHECKS=$((CHECKS + 1))
    [ "$(head_of real)" = "$REAL" ] || wrong "something was recorded with a clock that is behind"

    note "the same clock, a server's"
    through_server() { # SHIFT COMMAND...
        local shift=$1 server
        shift
        LD_PRELOAD=$shim CLOCKSHIFT_SECONDS=$shift "$COUNTERSIGN" serve --book real --socket "$WORK/real.socket" --log real.log &
        server=$!
        for _ in $(seq 200); do [ -S "$WORK/real.socket" ] && break; sleep 0.05; done
        run "$@" --book "unix:$WORK/real.socket" --as olga --key olga.key --passphrase-fd 3
        CHECKS=$((CHECKS + 1))
        kill "$server" && wait "$server" || wrong "the server ended with $?"
    }
    through_server 0 grant olga TEAM_LEAD --entity US01
    bad 4 "the clock is" "behind the last entry" "set it right"
    through_server 0 log
    expect 0 "olga"
    CHECKS=$((CHECKS + 1))
    [ "$(head_of real)" = "$REAL" ] || wrong "a server recorded something with a clock that is behind"
    through_server 150 grant olga TEAM_LEAD --entity US01
    expect 1 "records the refusal"
    CHECKS=$((CHECKS + 1))
    [ "$(head_of real)" != "$REAL" ] || wrong "a server whose clock is right again did not go on"
else
    note "PRELOAD_DIR does not name where clockshift.so is: left out"
fi

note "a full disk"
cat >full.sh <<'FULL'
# Fills a file system of its own, tries at several amounts of room, then again with room. Answers lines for the scenario.
mkdir small && mount -t tmpfs -o size=2m tmpfs small 2>/dev/null || { echo "cannot mount"; exit 0; }
cp -r "$1" small/book
post() {
    "$COUNTERSIGN" post credit-note --invoice "$1" --amount 1.00 --reason PRICE_ERR --evidence "ev$1" --ref "F-$1" \
        --book small/book --as maria --at "$2" --key maria.key --passphrase-fd 3 3<<<"$PASSPHRASE" 2>&1 |
        grep -v '^SIMULATED'
    return "${PIPESTATUS[0]}"
}
for pages in 0 1 2 3 4 6 8; do
    invoice=9000$((10 + pages))
    echo "evidence of $invoice" >"ev$invoice"
    rm -f small/filler
    dd if=/dev/zero of=small/filler bs=4096 2>/dev/null
    truncate -s $(($(stat -c %s small/filler) - pages * 4096)) small/filler
    text=$(post "$invoice" "$2"); status=$?
    case "$status:$text" in
    4:*[Ss]pace*) echo "full $pages" ;;
    0:*posted*) echo "posted $pages" ;;
    *) echo "WRONG with $pages pages: $status $text" ;;
    esac
    "$COUNTERSIGN" audit verify --fast --book small/book >out 2>&1 || echo "WRONG verify of a full disk: $(tail -3 out)"
    rm small/filler
    text=$(post "$invoice" "$2") || echo "WRONG with room again: $text"
    case "$text" in
    *posted*|*"was there already"*) ;;
    *) echo "WRONG with room again: $text" ;;
    esac
done
"$COUNTERSIGN" audit verify --book small/book >out 2>&1 || echo "WRONG verify: $(tail -3 out)"
"$COUNTERSIGN" balance --customer 20001 --book small/book --json 2>/dev/null
FULL
export COUNTERSIGN PASSPHRASE
tick
OUT=$(unshare -Urm bash full.sh "$BOOK" "$(now)" 2>&1)
RC=$?
ERR=
LAST="a full disk"
keep_output
case "$OUT" in
*"cannot mount"* | unshare:*) note "a file system of a few pages cannot be mounted here: left out" ;;
*)
    expect 0 "full 0" "full 1" '"balance":"1988.00"'
    expect_not WRONG
    ;;
esac

note "nobody else can read a book, and no passphrase was repeated"
CHECKS=$((CHECKS + 2))
LOOSE=$(find "$BOOK" "$XDG_STATE_HOME" -perm /077 -printf '%m %p\n')
[ -z "$LOOSE" ] || wrong "modes: $LOOSE"
[ -s all-output ] || wrong "no output was kept"
for where in all-output "$BOOK" "$XDG_STATE_HOME" statement.json; do
    CHECKS=$((CHECKS + 1))
    ! grep -rqa 'Zq8!' "$where" || wrong "a passphrase stands in $where"
done
finish
