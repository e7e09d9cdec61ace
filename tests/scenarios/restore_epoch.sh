#!/bin/bash
# A book restored behind a checkpoint that was handed out: nothing is let in before two officers have said what was lost; then a
# new epoch of checkpoints begins, and verification tells what was lost for ever. Users' receipts, witnesses' old notes.
unset SERVED # books are moved here, and others made
. "$(dirname "$0")/lib.sh"

sign_all() {
    local file=$1 key
    shift
    for key in "$@"; do
        run sign "$file" --key "$key.key" --passphrase-fd 3
        [ "$RC" = 0 ] || die "sign $file by $key"
    done
}
credit() { # USER AMOUNT REF
    cs "$1" post credit-note --invoice 581483 --amount "$2" --reason PRICE_ERR --evidence price-sheet:prices.pdf --ref "$3"
}
size() { XDG_STATE_HOME=$(mktemp -d "$WORK/sizes-XXXXXX") "$COUNTERSIGN" status --json --book "$BOOK" --as nobody 2>/dev/null | sed 's/.*"head":{[^}]*"seq":\([0-9]*\).*/\1/'; }

found_company
credit joe 10.00 r-1
expect 0 posted US01-CN-2026-000001
run checkpoint --book "$BOOK" --key book-key.key --passphrase-fd 3 --out kept.note
expect 0
run backup --book "$BOOK" --out monday.backup
expect 0 "entries in all"
KEPT=$(($(size) + 1))

note "work goes on, a checkpoint is handed out; then the disk is gone"
credit joe 20.00 r-2
expect 0 posted US01-CN-2026-000002
credit maria 30.00 r-3
expect 0 posted US01-CN-2026-000003
run checkpoint --book "$BOOK" --key book-key.key --passphrase-fd 3 --out lost.note
expect 0
credit joe 40.00 r-4
expect 0 posted US01-CN-2026-000004
NEWEST=$(size)
LOST=$((NEWEST - 1))
mv "$BOOK" book.lost

note "nobody told: the book is whole, goes on, and cannot know"
run restore monday.backup --book untold
expect 0 "restored in untold" "nobody can tell"
run audit verify --book untold
expect 0
run audit verify --book untold --checkpoint lost.note
expect 3 "its end is cut off, or it was put back"

note "told of the checkpoint: it waits"
run restore monday.backup --lost-after kept.note --lost-after lost.note --book "$BOOK" --json
expect 0 '"restore_due":true' "\"from\":$KEPT" "\"to\":$LOST"
run audit verify --book "$BOOK"
expect 3 "two officers have yet to say what was lost"
cs oscar status
expect 0 "entries $KEPT to $LOST: nothing is let in"
credit joe 20.00 r-2
expect 1 "entry $NEWEST, which you saw, is gone" "two officers have said what was lost" "restore declare"
cs joe post credit-note --invoice 581483 --amount 1.00 --reason PRICE_ERR --ref dry --dry-run
expect 1 "two officers have said what was lost"
run checkpoint --book "$BOOK" --key book-key.key --passphrase-fd 3
expect 1 "restored behind a checkpoint"
run log --book "$BOOK"
[ "$(size)" = $((KEPT - 1)) ] || wrong "something was let in"

note "a backup of it keeps knowing that it lacks entries"
run backup --book "$BOOK" --out waiting.backup
expect 0 "known to have had more"
run restore waiting.backup --book again --json
expect 0 '"restore_due":true' "\"to\":$LOST"

note "one officer is not enough, nor one person twice, nor anybody else"
declare_lost() { # FILE [OPTION...]
    local file=$1
    shift
    cs olga restore declare --checkpoint lost.note --reason "Disk of 5 January lost" --to "$file" "$@"
}
declare_lost one.json
expect 0 "restore in one.json"
sign_all one.json olga
run submit one.json --book "$BOOK"
expect 1 C-31 "two officers say together what was lost; 1 signed"
declare_lost foreign.json
sign_all foreign.json olga oscar joe
run submit foreign.json --book "$BOOK"
expect 1 C-52 "does not ask for"
run log --book "$BOOK"
expect 0 "refused C-31" "refused C-52"

note "nor a smaller word than what is known"
declare_lost less.json --last $((LOST - 1))
sign_all less.json olga oscar
run submit less.json --book "$BOOK"
expect 1 "entries $KEPT to $LOST are lost, or more"
cs olga restore declare --checkpoint kept.note --reason "Disk lost" --to older.json
sign_all older.json olga oscar
run submit older.json --book "$BOOK"
expect 1 "a checkpoint of $((LOST + 1)) entries is known"

note "two officers: the book goes on in epoch 1"
declare_lost lost.json --last $NEWEST
expect 0
sign_all lost.json olga oscar
run submit lost.json --book "$BOOK"
expect 0
RESTORE=$(size)
run log --book "$BOOK"
expect 0 "said what was lost"
run submit lost.json --book "$BOOK"
expect 0
credit joe 21.00 r-5
expect 3 "entry $NEWEST, which you saw, was lost" "olga and oscar" "entries $KEPT to $NEWEST" "restore accept"
cp -r state state-joe
rm state/countersign/*.joe.json
credit joe 25.00 r-2
expect 0 posted US01-CN-2026-000002
run checkpoint --book "$BOOK" --key book-key.key --passphrase-fd 3 --out new.note
expect 0
grep -q '^ledger.example/ar/[0-9a-f]\{16\}/1$' new.note || wrong "the new checkpoint is not of epoch 1"

run audit report R-16 --kind restore --book "$BOOK" --format csv
expect 0 "entry $RESTORE,journal,entries $KEPT to $NEWEST,lost; epoch 1,\"olga,oscar\",,"

note "verification tells it, always; the old checkpoints for what they are"
run audit verify --book "$BOOK" --checkpoint kept.note --checkpoint new.note
expect 3 "entry $RESTORE" "begins epoch 1" "olga, oscar" "Disk of 5 January lost" "1 finding"
run audit verify --book "$BOOK" --checkpoint kept.note --checkpoint lost.note
expect 3 "of $((LOST + 1)) entries, of epoch 0, was issued before the restore in entry $RESTORE" "2 findings"
expect_not "cut off" "root differs"
run audit export --book "$BOOK" --out epoch.jsonl
OUT=$("$HERE/../checker.py" epoch.jsonl --checkpoint kept.note --checkpoint new.note 2>&1)
RC=$?
expect 3 "restore" "1 findings"
OUT=$("$HERE/../checker.py" epoch.jsonl --checkpoint lost.note 2>&1)
RC=$?
expect 3 "issued before the restore in entry $RESTORE"
run audit prove "$RESTORE" --book "$BOOK" --to restore.proof
expect 0
OUT=$("$HERE/../checker.py" epoch.jsonl --receipt restore.proof 2>&1)
RC=$?
expect 3 "1 findings"

note "numbers that are given a second time"
cs oscar status
expect 0 "epoch" "entries were lost"
cs oscar exceptions --only restores
expect 0 "US01-CN-2026" "000002" "entry $RESTORE"

note "joe had seen what was lost: he is told by whom, and goes on when he has looked"
rm -rf state && cp -r state-joe state
credit joe 21.00 r-5
expect 3 "entry $NEWEST, which you saw, was lost" "olga and oscar" "entries $KEPT to $NEWEST" "restore accept"
run restore accept --book "$BOOK" --as joe
expect 0 "accepted: entry $NEWEST is lost" "Disk of 5 January lost"
credit joe 21.00 r-5
expect 0 posted US01-CN-2026-000003
run restore accept --book "$BOOK" --as joe
expect 0 "nothing to accept"

note "a backup of a later state: the book's word stands in it, nothing waits"
run backup --book "$BOOK" --out later.backup
expect 0
run restore later.backup --lost-after new.note --book later --json
expect 0 '"restore_due":false'
run restore later.backup --lost-after lost.note --book worse
expect 3 "of another history"
run checkpoint --book "$BOOK" --key book-key.key --passphrase-fd 3 --out second.note
expect 0

note "behind the restore itself: the next epoch is 2, although the book knows of no first"
run restore monday.backup --lost-after second.note --book behind --json
expect 0 '"restore_due":true'
BOOK=$WORK/behind AT=$WORK/behind
rm -rf state
cs olga restore declare --checkpoint second.note --reason "And the other disk" --to twice.json
expect 0
sign_all twice.json olga oscar
run submit twice.json --book "$BOOK"
expect 0
run checkpoint --book "$BOOK" --key book-key.key --passphrase-fd 3 --out third.note
expect 0
grep -q '/2$' third.note || wrong "the checkpoint is not of epoch 2"
run audit verify --book "$BOOK" --checkpoint second.note --checkpoint third.note
expect 3 "of epoch 1, was issued before the restore"

note "found out late: the book had gone on, and the officers say it afterwards"
BOOK=$WORK/untold AT=$WORK/untold
rm -rf state
credit joe 22.00 late-1
expect 0 posted
cs olga restore declare --checkpoint lost.note --from "$KEPT" --last "$LOST" --reason "An auditor's checkpoint shows more" --to late.json
expect 0
sign_all late.json olga oscar
run submit late.json --book "$BOOK"
expect 0
run audit verify --book "$BOOK" --checkpoint lost.note
expect 3 "begins epoch 1" "was issued before the restore" "2 findings"
cs olga restore declare --checkpoint kept.note --from 5 --last "$LOST" --reason "Too much" --to false.json
sign_all false.json olga oscar
run submit false.json --book "$BOOK"
expect 1 "they are not lost"

note "the second reader tells it too, and finds nothing else"
BOOK=$WORK/book AT=$WORK/book
run audit export --book "$BOOK" --out all.jsonl
OUT=$("$HERE/../checker.py" all.jsonl 2>&1)
RC=$?
expect 3 "entries $KEPT to $NEWEST were lost" "1 findings"
BOOK=$WORK/again AT=$WORK/again # one without a restore, for the checker to be content with
finish
