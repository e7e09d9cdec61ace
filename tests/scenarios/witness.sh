#!/usr/bin/env bash
# A witness on another machine: only files are carried. Three rounds, a new time, and then what a witness is for: a book cut
# off, an older copy put in its place, two histories, and entries that bear a later time than the cosignature that covers them.
unset SERVED # books are moved here, and others made
. "$(dirname "$0")/lib.sh"

AWAY=$WORK/away # the witness's home; nothing in it is read by whoever runs the book
mkdir "$AWAY" "$AWAY/post"
# away COMMAND...: on the witness's machine, which has no book
away() {
    LAST="away: $*"
    OUT=$(cd "$AWAY" && HOME=$AWAY XDG_STATE_HOME=$AWAY/state COUNTERSIGN_BOOK= LD_PRELOAD=${SHIFT:+$PRELOAD_DIR/clockshift.so} \
        CLOCKSHIFT_SECONDS=${SHIFT:-0} "$COUNTERSIGN" "$@" 2>"$WORK/err" 3<<<pass)
    RC=$?
    ERR=$(cat "$WORK/err")
}
credit() { # REF AMOUNT
    cs maria post credit-note --invoice 581483 --amount "$2" --reason PRICE_ERR --evidence price-sheet:prices.pdf --ref "$1"
    expect 0 posted
}
sign_checkpoint() {
    run checkpoint --book "$BOOK" --key book-key.key --passphrase-fd 3
    expect 0
}
# carry SINCE NAME: what the witness is asked
carry() {
    run audit prove --since "$1" --to "$AWAY/post/$2" --book "$BOOK"
    expect 0
}
cosign() { away witness cosign "post/$1" --state w --out "post/$1.note" --passphrase-fd 3; }

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
sign_checkpoint
carry 0 first
cosign first
expect 2 "I do not know the log ledger.example/ar/"
away witness trust post/book.vkey --state w
expect 0 "is witnessed from now on"
away witness trust post/book.vkey --state w
expect 0 "this key was known"
away witness trust w/vkey --state w
expect 2 "that is a witness's key"

note "three rounds"
cosign first
expect 0 "entries, the first" "by witness.example/audit"
run checkpoint add "$AWAY/post/first.note" --book "$BOOK"
expect 0 recorded
run checkpoint add "$AWAY/post/first.note" --book "$BOOK"
expect 0 "was there already"
FIRST=$(sed -n 2p "$AWAY/post/first.note")
cp -r "$BOOK" older
credit r-1 10.00
sign_checkpoint
carry "$FIRST" second
cosign second
expect 0 "extends the last"
run checkpoint add "$AWAY/post/second.note" --book "$BOOK"
expect 0 recorded
SECOND=$(sed -n 2p "$AWAY/post/second.note")
credit r-2 11.00
credit r-3 12.00
sign_checkpoint
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
run checkpoint add "$AWAY/post/third.note" --book "$BOOK"
expect 0 recorded

note "an auditor with the witness's key"
cp "$AWAY/w/vkey" audit.vkey
run audit verify --book "$BOOK" --witness audit.vkey
expect 0 "witnessed by witness.example/audit"
run audit export --book "$BOOK" --out all.jsonl --checkpoints . --json
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
sed 's/^— witness[^ ]* A/&A/; t; s/\(^— witness[^ ]* .\{20\}\)./\1x/' "$AWAY/post/third.note" >bent.note
run audit verify --book "$BOOK" --witness audit.vkey --fast --checkpoint bent.note
expect 3 "bent.note"
sed 's/\(^— ledger[^ ]* .\{20\}\)./\1x/' "$AWAY/post/third.note" >forged.note
run checkpoint add forged.note --book "$BOOK"
expect 3 "forged.note" "does not verify"
run checkpoint add "$AWAY/post/third" --book "$BOOK"
expect 2
python3 - "$AWAY/post" <<'PY'
import sys
lines = open(sys.argv[1] + "/third").read().split("\n")
bent = lines[1]
lines[1] = ("B" if bent[5] != "B" else "C").join([bent[:5], bent[6:]])
open(sys.argv[1] + "/bent", "w").write("\n".join(lines))
PY

finish
