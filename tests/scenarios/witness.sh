#!/usr/bin/env bash
# A witness on another machine: only files are carried. Three rounds, a new time, and then what a witness is for: a book cut
# off, an older copy put in its place, two histories, and entries that bear a later time than the cosignature that covers them.
. "$(dirname "$0")/lib.sh"

AWAY=$WORK/away # the witness's home; nothing in it is read by whoever runs the book
mkdir "$AWAY" "$AWAY/post"
# away COMMAND...: on the witness's machine, which has no book
away() {
    LAST="away: $*"
    OUT=$(cd "$AWAY" && HOME=$AWAY XDG_STATE_HOME=$AWAY/state COUNTERSIGN_BOOK= LD_PRELOAD=${SHIFT:+$PRELOAD_DIR/clockshift.so} \
        CLOCKSHIFT_SECONDS=${SHIFT:-0} "$COUNTERSIGN" "$@" 2>"$WORK/err" 3<<<"${PASSPHRASE:-pass}")
    RC=$?
    ERR=$(cat "$WORK/err")
}
credit() { # REF AMOUNT
    cs maria post credit-note --invoice 581483 --amount "$2" --reason PRICE_ERR --evidence price-sheet:prices.pdf --ref "$1"
    expect 0 posted
}
# carry SINCE NAME: what the witness is asked
carry() {
    run audit prove --since "$1" --to "$AWAY/post/$2" --book "$BOOK" --as audrey
    expect 0
}
cosign() { away witness cosign "post/$1" --state w --out "post/$1.note" --passphrase-fd 3; }

CAST="$CAST audrey:P-42:human:AUDITOR"
found_company

note "a witness, and the book's key told on another way"
away witness new --state w --name witness.example/audit --kdf minimal --passphrase-fd 3
expect 0 "witness.example/audit" "is a witness" "vkey"
away witness new --state w --name witness.example/other --kdf minimal --passphrase-fd 3
expect 2 "w"
away witness new --state x --name "two words" --kdf minimal --passphrase-fd 3
expect 2 "no spaces"
run book-key list --vkeys --book "$BOOK" --as olga
expect 0 "ledger.example/ar/"
printf '%s\n' "$OUT" >"$AWAY/post/book.vkey"
issue
carry 0 first
cosign first
expect 2 "I do not know the log ledger.example/ar/"
serve_with --witness "$AWAY/w/vkey"
away witness trust post/book.vkey --state w
expect 0 "is witnessed from now on"
away witness trust post/book.vkey --state w
expect 0 "this key was known"
away witness trust w/vkey --state w
expect 2 "that is a witness's key"

note "three rounds"
cosign first
expect 0 "entries, the first" "by witness.example/audit"
run checkpoint add "$AWAY/post/first.note" --book "$BOOK" --as audrey
expect 0 recorded
run checkpoint add "$AWAY/post/first.note" --book "$BOOK" --as audrey
expect 0 "was there already"
FIRST=$(sed -n 2p "$AWAY/post/first.note")
cp -r "$BOOK" older
credit r-1 10.00
issue
carry "$FIRST" second
cosign second
expect 0 "extends the last"
run checkpoint add "$AWAY/post/second.note" --book "$BOOK" --as audrey
expect 0 recorded
SECOND=$(sed -n 2p "$AWAY/post/second.note")
credit r-2 11.00
credit r-3 12.00
issue
carry "$FIRST" stale
cosign stale
expect 2 "the request says old $FIRST, but I last cosigned $SECOND" "--since $SECOND"
carry "$SECOND" third
cosign third
expect 0 "extends the last"
THIRD=$(sed -n 2p "$AWAY/post/third.note")
cosign third
expect 2 "post/third.note"
cp "$AWAY/post/third" "$AWAY/post/again"
cosign again
expect 0 "once more"
[ "$(grep -c "^— witness" "$AWAY/post/again.note")" = 1 ] || wrong "not one line of the witness"
run checkpoint add "$AWAY/post/third.note" --book "$BOOK" --as audrey
expect 0 recorded

note "an auditor with the witness's key"
cp "$AWAY/w/vkey" audit.vkey
run audit verify --book "$BOOK" --as audrey --witness audit.vkey
expect 0 "witnessed by witness.example/audit"
run audit export --book "$BOOK" --as audrey --out all.jsonl --checkpoints . --json
expect 0 '"checkpoints":6'
OUT=$("$HERE/../checker.py" all.jsonl --checkpoint 000005-"$THIRD".note 2>&1)
RC=$?
expect 0
run backup --book "$BOOK" --out whole.backup
run restore whole.backup --book restored
expect 0
run audit verify --book restored --witness audit.vkey --fast
expect 0 "witnessed by witness.example/audit"

note "a second reader: bits flipped, and what is not the book's"
# flip FILE LINE-PATTERN: one character of the signature's base64 in the line that begins so
flip() {
    python3 - "$1" "$2" <<'PY'
import sys
lines = open(sys.argv[1], encoding="utf8").read().split("\n")
for i, line in enumerate(lines):
    if line.startswith(sys.argv[2]):
        at = len(line) - 30
        lines[i] = line[:at] + ("B" if line[at] != "B" else "C") + line[at + 1:]
print("\n".join(lines), end="")
PY
}
flip "$AWAY/post/third.note" "— witness" >bent.note
run audit verify --book "$BOOK" --as audrey --witness audit.vkey --fast --checkpoint bent.note
expect 3 "bent.note" "does not verify"
flip "$AWAY/post/third.note" "— ledger" >forged.note
run checkpoint add forged.note --book "$BOOK" --as audrey
expect 3 "forged.note" "does not verify"
run checkpoint add "$AWAY/post/third" --book "$BOOK" --as audrey
expect 2
credit r-4 13.00
issue
{ cat "$AWAY/post/third.note" && echo "— other.example/witness AAAAAAAA"; } >late.note
run checkpoint add late.note --book "$BOOK" --as audrey # late, and of fewer entries than the last
[ -n "$AT" ] && expect 2 "is of no witness that is known here" || expect 0 recorded
carry "$THIRD" fourth
flip "$AWAY/post/fourth" "— ledger" >"$AWAY/post/forged"
cosign forged
expect 3 "does not verify"
python3 - "$AWAY/post" <<'PY'
import sys
lines = open(sys.argv[1] + "/fourth").read().split("\n")
lines[1] = lines[1][:5] + ("B" if lines[1][5] != "B" else "C") + lines[1][6:]
open(sys.argv[1] + "/bent", "w").write("\n".join(lines))
PY
cosign bent
expect 3 "does not lead from my root" "kept in w/refused/"

note "his memory is on disk before the note leaves him"
echo "write ENOSPC w/logs" >failing
LAST="cosign on a full disk"
OUT=$(cd "$AWAY" && HOME=$AWAY FAILPOINT=$WORK/failing LD_PRELOAD=$PRELOAD_DIR/failpoint.so "$COUNTERSIGN" witness cosign post/fourth \
    --state w --out post/fourth.note --passphrase-fd 3 2>"$WORK/err" 3<<<pass)
RC=$? ERR=$(cat err)
expect 4 "w/logs"
[ ! -e "$AWAY/post/fourth.note" ] || wrong "cosigned, and not remembered"
away witness cosign post/fourth --state w --out nowhere/fourth.note --passphrase-fd 3
expect 2 "nowhere/fourth.note"
cosign fourth
expect 0 "once more"
FOURTH=$(sed -n 2p "$AWAY/post/fourth.note")
[ "$(ls "$AWAY/w/refused" | wc -l)" = 2 ] || wrong "not two files of evidence"

note "cut off: the last entries are gone, and whoever cut them made the books again"
run audit export --book "$BOOK" --as audrey --out whole.jsonl
run backup --book older --out older.backup
run restore older.backup --book cut
expect 0
run audit verify --book cut
expect 0
run audit verify --book cut --witness audit.vkey --checkpoint "$AWAY/post/fourth.note"
expect 3 "its end is cut off, or it was put back" "$FOURTH"
run checkpoint add "$AWAY/post/fourth.note" --book cut
expect 3 "its end is cut off, or it was put back"

note "an older copy in its place: the witness is shown less than he cosigned"
run checkpoint --book older --key book-key.key --passphrase-fd 3
expect 0
run audit prove --since 0 --to "$AWAY/post/older" --book older
expect 0
cosign older
expect 3 "of $FIRST entries, and I last cosigned $FOURTH" "kept in w/refused/"
[ ! -e "$AWAY/post/older.note" ] || wrong "an older checkpoint was cosigned"

note "two histories under one key, each with a witness of its own"
run book-key list --vkeys --book "$BOOK" --as olga
(BOOK=$WORK/older AT=$WORK/older XDG_STATE_HOME=$WORK/other
 for i in 1 2 3 4 5; do credit "f-$i" "5.0$i"; done
 exit "$FAILED") || wrong "the other history"
run checkpoint --book older --key book-key.key --passphrase-fd 3
expect 0
run audit prove --since "$FOURTH" --to "$AWAY/post/fork" --book older
expect 0
cosign fork
expect 3 "does not lead from my root of $FOURTH entries" "a fork" "kept in w/refused/"
HELD=$(grep -l "^$FOURTH\$" "$AWAY"/w/refused/*.held | head -1)
[ -n "$HELD" ] || wrong "what the witness held is not kept"
away witness new --state w2 --name witness.example/customer --kdf minimal --passphrase-fd 3
away witness trust post/book.vkey --state w2
run audit prove --since 0 --to "$AWAY/post/fork2" --book older
away witness cosign post/fork2 --state w2 --out post/fork2.note --passphrase-fd 3
expect 0 "the first"
run checkpoint add "$AWAY/post/fork2.note" --book older
expect 0 recorded
cat "$AWAY/w/vkey" "$AWAY/w2/vkey" >both.vkey
run audit verify --book older --fast --witness "$AWAY/w2/vkey"
expect 0 "witnessed by witness.example/customer"
run audit verify --book older --fast --witness both.vkey --checkpoint "$AWAY/post/fourth.note"
expect 3 "fourth.note" "root differs" "witness.example/audit: entries up to $((FIRST - 1)) existed by"
run audit verify --book "$BOOK" --as audrey --fast --witness both.vkey --checkpoint "$AWAY/post/fork2.note"
expect 3 "fork2.note" "no good checkpoint bears the cosignature of witness.example/customer"
run audit verify --book "$BOOK" --as audrey --fast --checkpoint "$HELD"
expect 0
run checkpoint add "$AWAY/post/fork2.note" --book "$BOOK" --as audrey
expect 3

note "two roots of one size; a clock that was set back"
run audit prove --since "$FIRST" --to "$AWAY/post/same" --book older
SIZE=$(grep -A1 "^ledger" "$AWAY/post/same" | tail -1)
while [ "$(python3 -c 'import json, sys; print(json.loads(sys.argv[1])["entries"])' "$("$COUNTERSIGN" audit verify --fast --json --book "$BOOK" 2>/dev/null)")" -lt "$SIZE" ]; do
    credit "s-$NOW" 1.00
done
issue
carry "$FOURTH" equal
SHIFT=-7200 cosign equal
expect 4 "seconds behind my last cosignature"
cosign equal
expect 0 "extends the last"
cosign same
expect 3 "fork: the log has signed two different roots of $SIZE entries" "kept in w/refused/"

note "what the witness remembers was changed, or is not there"
for LOG in "$AWAY"/w/logs/*; do cp "$LOG" kept.log; sed -i 's/"seconds":1/"seconds":2 /' "$LOG"; done
cosign equal
expect 3 "is not as it was written"
cp kept.log "$LOG"
away witness cosign post/equal --state nowhere --out x --passphrase-fd 3
expect 2 "there is no witness here"
PASSPHRASE=wrong away witness cosign post/equal --state w --out post/x --passphrase-fd 3
expect 5 "w/key"

note "a simulated clock: nothing from outside is held against it"
away witness new --state w3 --name witness.example/dreamer --kdf minimal --passphrase-fd 3
away witness trust post/book.vkey --state w3
run audit prove --since 0 --to "$AWAY/post/dream" --book "$BOOK" --as audrey
SHIFT=-157680000 away witness cosign post/dream --state w3 --out post/dream.note --passphrase-fd 3
expect 0
run audit verify --fast --book "$BOOK" --as audrey --witness "$AWAY/w3/vkey" --checkpoint "$AWAY/post/dream.note"
expect 0 "witness.example/dreamer: entries up to $((SIZE - 1)) existed by 202"

note "a real clock: entries that bear a later time than the cosignature over them"
mkdir real
(
    cd real
    for user in olga oscar book; do run key new --key "$user.key" --kdf minimal --passphrase-fd 3; done
    run charter new --to charter.json --name ledger.example/real --officer olga:P-01:olga.key.pub \
        --officer oscar:P-02:oscar.key.pub --book-key book.key.pub --policy "$POLICY"
    expect 0
    for user in olga oscar; do run sign charter.json --key "$user.key" --passphrase-fd 3; done
    run init charter.json --book book
    expect 0
    run checkpoint --book book --key book.key --passphrase-fd 3
    run book-key list --vkeys --book book --as olga
    printf '%s\n' "$OUT" >"$AWAY/post/real.vkey"
    run audit prove --since 0 --to "$AWAY/post/real" --book book
    expect 0
    exit "$FAILED"
) || wrong "the real book"
for witness in early late; do
    away witness new --state $witness --name witness.example/$witness --kdf minimal --passphrase-fd 3
    away witness trust post/real.vkey --state $witness
    expect 0
done
SHIFT=-7200 away witness cosign post/real --state early --out post/early.note --passphrase-fd 3
expect 0 "the first"
away witness cosign post/real --state late --out post/late.note --passphrase-fd 3
expect 0 "the first"
run audit verify --book real/book --witness "$AWAY/late/vkey" --checkpoint "$AWAY/post/late.note"
expect 0 "witness.example/late: entries up to 0 existed by" "minutes ago"
run audit verify --book real/book --witness "$AWAY/early/vkey" --checkpoint "$AWAY/post/early.note"
expect 3 "entry 0: bears the time" "witness.example/early had seen it by"

finish
