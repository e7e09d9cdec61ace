#!/usr/bin/env bash
# Checkpoints, cosignatures, receipts and extension proofs of a book under Go's own code for transparency logs
# (tests/peers/tlog.go): all are taken, and nothing of them with a byte changed.
unset SERVED # the witness works with files
. "$(dirname "$0")/lib.sh"

GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= GOCACHE=$WORK/go-cache GOTELEMETRY=off \
    go build -o "$WORK/tlog" "$HERE/../peers/tlog.go" >go.log 2>&1 || die "no Go, or no golang.org/x/mod: $(cat go.log)"
peer() {
    LAST="tlog $*"
    OUT=$("$WORK/tlog" "$@" 2>"$WORK/err")
    RC=$?
    ERR=$(cat "$WORK/err")
}
credit() {
    cs maria post credit-note --invoice 581483 --amount "$2" --reason PRICE_ERR --evidence price-sheet:prices.pdf --ref "$1"
    expect 0 posted
}

found_company
run book-key list --vkeys --book "$BOOK" --as olga
printf '%s\n' "$OUT" >book.vkey
run witness new --state w --name witness.example/audit --kdf minimal --passphrase-fd 3
run witness trust book.vkey --state w
expect 0
ROUNDS=
since=0
for round in 1 2 3 4; do
    [ "$round" = 1 ] || credit "r-$round" "1$round.00"
    [ "$round" != 3 ] || credit "r-x" "17.00"
    run checkpoint --book "$BOOK" --key book-key.key --passphrase-fd 3 --out "$round.note"
    expect 0
    run audit prove --since "$since" --to "$round.request" --book "$BOOK"
    expect 0
    run witness cosign "$round.request" --state w --out "$round.cosigned" --passphrase-fd 3
    expect 0
    since=$(sed -n 2p "$round.note")
    ROUNDS="$ROUNDS $round"
done
run checkpoint add 4.cosigned --book "$BOOK"
expect 0
run audit export --book "$BOOK" --out all.jsonl
ENTRIES=$(wc -l <all.jsonl)

note "signed notes, under one key and under two"
for round in $ROUNDS; do
    size=$(sed -n 2p "$round.note")
    peer checkpoint "$round.note" book.vkey
    expect 0 "$size $(sed -n 3p "$round.note")"
    peer checkpoint "$round.cosigned" book.vkey w/vkey
    expect 0 "$size $(sed -n 3p "$round.note")"
    peer checkpoint "$round.note" book.vkey w/vkey
    expect 1 "1 of 2 keys"
    peer root all.jsonl "$round.note" book.vkey
    expect 0 "$size"
done

note "a receipt for each entry; an extension from each checkpoint to the next, and to the last"
for seq in $(seq 0 $((ENTRIES - 1))); do
    run audit prove "$seq" --to "$seq.receipt" --book "$BOOK"
    expect 0
    peer receipt "$seq.receipt" all.jsonl book.vkey
    expect 0 "entry $seq is in $ENTRIES"
done
before=
for round in $ROUNDS; do
    if [ -n "$before" ]; then
        peer extension "$round.request" "$before.note" book.vkey
        expect 0 "$(sed -n 2p "$round.note") extends $(sed -n 2p "$before.note")"
    fi
    run audit prove --since "$(sed -n 2p "$round.note")" --to "$round.last" --book "$BOOK"
    peer extension "$round.last" "$round.cosigned" book.vkey
    expect 0 "$ENTRIES extends"
    before=$round
done

note "a byte changed anywhere is refused"
peer flips checkpoint 4.cosigned book.vkey w/vkey
expect 0 "changes, all refused"
peer flips receipt 5.receipt all.jsonl book.vkey w/vkey
expect 0 "changes, all refused"
peer flips extension 2.request 1.note book.vkey
expect 0 "changes, all refused"
peer extension 3.request 1.note book.vkey
expect 1
sed 's/13\.00/12.00/' all.jsonl >changed.jsonl
peer root changed.jsonl 4.note book.vkey
expect 1 "another root"
finish
