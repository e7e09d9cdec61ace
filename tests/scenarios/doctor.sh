#!/usr/bin/env bash
# The doctor on real books: each thing that is put wrong here is found by its check, and goes away when it is mended.
unset SERVED # files are what it looks at; one round below has a server
. "$(dirname "$0")/lib.sh"
mkdir -m 700 tmp
export TMPDIR=$WORK/tmp CLOCK_SYNCHRONISED=1 # not every machine of the tests is

# look [OPTION...]: the doctor's rows of $BOOK. The clock says that it is synchronised, so that the rest decides.
look() {
    LAST="doctor $*"
    OUT=$(LD_PRELOAD=$PRELOAD_DIR/clockshift.so "$COUNTERSIGN" doctor --book "$BOOK" --json "$@" 2>"$WORK/err")
    RC=$?
    ERR=$(cat "$WORK/err")
}
# row CHECK RESULT TEXT: that row is among them
row() {
    CHECKS=$((CHECKS + 1))
    printf '%s\n' "$OUT" | grep "^{\"check\":\"$1\"" | grep "\"result\":\"$2\"" | grep -qF -- "$3" || wrong "no $2 of $1: $3"
}
# fine CHECK: it has found nothing wrong
fine() {
    CHECKS=$((CHECKS + 1))
    printf '%s\n' "$OUT" | grep "^{\"check\":\"$1\"" | grep -qv '"result":"ok"' && wrong "$1 is not ok"
    printf '%s\n' "$OUT" | grep -q "^{\"check\":\"$1\",.*\"result\":\"ok\"" || wrong "$1 is not there"
}
credit() { # NUMBER
    cs joe post credit-note --invoice "58148$(($1 % 2 + 3))" --amount "$1.00" --reason PRICE_ERR --evidence price-sheet:prices.pdf \
        --ref "r-$1"
    expect 0 posted
}

CAST="$CAST audrey:P-42:human:AUDITOR"
found_company
credit 1

note "personal data that no entry names"
for file in "$BOOK"/personal/*; do touch -d '2 days ago' "$file"; done
LEFT=$(printf 'a salt and a name' | sha256sum | cut -d' ' -f1) # as a command that is killed before its entry leaves it
(umask 077 && printf 'a salt and a name' >"$BOOK/personal/$LEFT")
look
fine personal
touch -d '2 days ago' "$BOOK/personal/$LEFT"
look
row personal advice "personal/$LEFT is of a statement that never came in"
[ "$(printf '%s\n' "$OUT" | grep -c 'never came in')" = 1 ] || wrong "others are said to be unnamed"
rm "$BOOK/personal/$LEFT"

note "who can get at the files"
look
expect 1
for check in files keys socket log program books release lost personal evidence "left behind"; do fine "$check"; done
chmod o+w "$BOOK/journal/data.mdb"
chmod 705 "$BOOK"
mkdir -m 700 "$BOOK.new-00" && touch -d '2 hours ago' "$BOOK.new-00"
look
expect 1
row files finding "journal/data.mdb can be written by anybody"
row folder finding "read or entered by anybody"
row "left behind" advice "book.new-00"
rmdir "$BOOK.new-00"
chmod o-w "$BOOK/journal/data.mdb"
chmod 700 "$BOOK"
look --key joe.key --book-key book-key.key
fine keys
chmod 644 book-key.key
cp joe.key "$BOOK/mine.key"
look --book-key book-key.key
row keys finding "book-key.key is a private key that others"
row keys finding "mine.key is a private key in the book's folder"
rm "$BOOK/mine.key"
chmod 600 book-key.key
look --key nowhere.key
expect 2 "nowhere.key: there is no such key"
mv "$BOOK/personal" away && mkdir none && ln -s "$WORK/none" "$BOOK/personal"
look
row files finding "personal is a symbolic link"
row personal finding "the salt that the charter names is gone"
rm "$BOOK/personal"
mv away "$BOOK/personal"
mkdir open && chmod 777 open && mv "$BOOK" open/book
(BOOK=$WORK/open/book; look; row parents finding "open is above the book, and others could put another folder"; exit "$FAILED") || FAILED=1
mv open/book "$BOOK"
if [ "$(id -u)" = 0 ]; then
    chown 12345 "$BOOK/evidence"
    look
    row files finding "evidence does not belong to the owner"
    chown 0 "$BOOK/evidence"
    mv "$BOOK/journal/lock.mdb" lock.kept
    chown 12345 "$BOOK"
    look
    row journal finding "lock.mdb: is not there, and has to be its owner's: run doctor as account 12345"
    chown 0 "$BOOK"
    mv lock.kept "$BOOK/journal/lock.mdb"
fi

note "what stands under it"
cp "$PRELOAD_DIR/clockshift.so" libeatmydata.so
OUT=$(LD_PRELOAD=$WORK/libeatmydata.so "$COUNTERSIGN" doctor --book "$BOOK" --json)
RC=$?
expect 1
row preload finding "LD_PRELOAD=$WORK/libeatmydata.so"
row preload finding "libeatmydata.so is loaded into this process"
if [ "$(stat -f -c %T /dev/shm 2>/dev/null)" = tmpfs ] && SHM=$(mktemp -d /dev/shm/countersign-doctor-XXXXXX 2>/dev/null); then
    cp -a "$BOOK" "$SHM/book"
    (BOOK=$SHM/book; look; row "file system" finding "tmpfs is memory"; fine journal; exit "$FAILED") || FAILED=1
    rm -rf "$SHM"
else
    note "no /dev/shm in memory: a book on tmpfs is not tried"
fi
# Pages of LMDB whose pointers lead past the file's end: what reads them may be ended by SIGBUS, and that must not be the doctor.
FOUND=
for page in 1 2 3 4 5; do
    rm -rf sick && cp -a "$BOOK" sick
    python3 -c '
import os, sys
with open(sys.argv[1], "r+b") as file:
    file.seek((os.path.getsize(sys.argv[1]) // 4096 - int(sys.argv[2])) * 4096 + 16)
    file.write(b"\xfe\xff" * 8)' sick/journal/data.mdb "$page"
    OUT=$("$COUNTERSIGN" doctor --book sick --json 2>err)
    RC=$? ERR=$(cat err)
    expect 1 '"check":"left behind"'
    grep '^{"check":"journal"' <<<"$OUT" | grep -q '"result":"finding"' && FOUND=1
done
[ -n "$FOUND" ] || wrong "no damaged page is a finding"
rm -rf sick && cp -a "$BOOK" sick
python3 -c '
import sys
with open(sys.argv[1], "r+b") as file:
    file.seek(8192)
    file.write(b"\xff" * 60000)' sick/journal/data.mdb
(BOOK=$WORK/sick; look; expect 1; printf '%s\n' "$OUT" | grep '"check":"journal"' | grep -q '"result":"finding"' || wrong "a journal overwritten is not a finding"; row backup advice "was not said"; exit "$FAILED") || FAILED=1
rm "sick/journal/data.mdb"
(BOOK=$WORK/sick; look; row journal finding "data.mdb"; exit "$FAILED") || FAILED=1

note "checkpoints and a witness"
look
row checkpoint finding "no checkpoint was ever signed"
row witness finding "nobody outside has ever cosigned"
(run witness new --state w --name witness.example/audit --kdf minimal --passphrase-fd 3; expect 0
 run witness new --state x --name witness.example/other --kdf minimal --passphrase-fd 3; expect 0
 run book-key list --vkeys --book "$BOOK"; printf '%s\n' "$OUT" >vkeys
 run witness trust vkeys --state w; expect 0; exit "$FAILED") || FAILED=1
cosigned() { # OLD NAME: a checkpoint of now, cosigned and given back
    issue
    run audit prove --since "$1" --to "$2" --book "$BOOK"
    expect 0
    run witness cosign "$2" --state w --out "$2.note" --passphrase-fd 3
    expect 0
    run checkpoint add "$2.note" --book "$BOOK"
    expect 0
}
issue
look
row checkpoint ok "which is all"
row witness finding "nobody outside has ever cosigned"
cosigned 0 first
look
row witness advice "1 cosignatures stand under the checkpoints, whose keys were not brought"
look --witness w/vkey
row witness ok "witness.example/audit cosigned"
look --witness x/vkey
row witness finding "none of the 1 witnesses that were brought has cosigned"
tick 600000 # a week less an hour: what is not cosigned is as old as its first entry
credit 2
look --witness w/vkey
fine witness
tick 691200
credit 3
look --witness w/vkey
row witness finding "what came since, and would not be missed, goes back 8 d"
row checkpoint advice "goes back 8 d"
look --witness w/vkey --witness-days 30
fine witness

note "backups"
look --backup nowhere
row backup finding "nowhere"
mkdir backups
echo "something else" >backups/notes.txt
look --backup backups
row backup finding "no backup of this book is in it"
run backup --book "$BOOK" --out backups/one
look --backup backups
row backup ok "one is whole and of this book"
row backup advice "lies on the disk of the book"
tick 43200
credit 4
tick 43200
credit 5
look --backup backups # half a day
row backup ok "one is whole"
tick 60000
credit 6
look --backup backups
row backup finding "what is in none goes back"
look --backup backups --backup-days 3
row backup ok "one is whole"
run backup --book "$BOOK" --out backups/two --after backups/one
expect 0
touch -d '1 minute' backups/two
look --backup backups
row backup ok "two is whole and of this book"
row backup ok "which is all"
head -c -20 backups/two >backups/three
touch -d '2 minutes' backups/three
look --backup backups
row backup finding "backups/three"
look --backup backups/two
row backup ok "two is whole"
run restore backups/one --book older
expect 0
(BOOK=$WORK/older; look --backup backups/two; row backup finding "two"; exit "$FAILED") || FAILED=1
run backup --book "$BOOK" --out whole
(BOOK=$WORK/older; look --backup whole; row backup finding "the book was cut off or put back"; exit "$FAILED") || FAILED=1

note "entries that are known to be lost"
issue newest.note
run restore backups/one --book lost --lost-after newest.note --book-key book-key.key.pub
[ "$RC" = 0 ] || run restore backups/one --book lost --lost-after newest.note
expect 0
(BOOK=$WORK/lost; look; expect 1; row lost finding "were lost, and nothing is let in before that is answered for"; exit "$FAILED") || FAILED=1

note "advice alone is no finding"
cosigned "$(sed -n 2p first.note)" last
rm backups/three
run backup --book "$BOOK" --out backups/four
touch -d '3 minutes' backups/four
look --witness w/vkey --backup backups
expect 0
expect_not '"result":"finding"'
row clock ok "SIMULATED"
OUT=$(LD_PRELOAD=$PRELOAD_DIR/clockshift.so "$COUNTERSIGN" doctor --book "$BOOK" --witness w/vkey --backup backups 2>err)
RC=$? ERR=$(cat err)
expect 0 "CHECK" "WHAT WOULD MEND IT" "mend: keep it on another machine" "0 findings," "what the journal says is for audit verify"

note "a real clock, set back"
NOW=$(date +%s)
for user in olga oscar; do new_key real-$user; done
new_key real-book
run charter new --to real.json --name ledger.example/real --officer olga:P-01:real-olga.key.pub --officer oscar:P-02:real-oscar.key.pub \
    --book-key real-book.key.pub --policy "$POLICY"
expect 0
for user in olga oscar; do run sign real.json --key real-$user.key --passphrase-fd 3; done
run init real.json --book real
expect 0
BOOK=$WORK/real
look
row clock ok "not behind the last entry"
CLOCKSHIFT_SECONDS=-3600 look
row clock finding "ahead of this clock: nothing is let in until then"
CLOCK_SYNCHRONISED=0 look
row clock finding "not synchronised"
BOOK=$WORK/book

note "a server has the book"
serve
look
row journal ok "a server has it"
fine socket
chmod 666 "$WORK/socket"
look --log "$WORK/server.log"
row socket advice "lets every account of this machine knock"
fine log
chmod 646 "$WORK/server.log"
look --log "$WORK/server.log"
row log finding "proves nothing"
run doctor --book "$AT" --as audrey --key audrey.key --passphrase-fd 3 --json --witness w/vkey
row host unseen "not seen from here: folder, files, keys"
row journal ok "entries, the last of"
row witness ok "witness.example/audit cosigned"
expect_not '"check":"files"'
run doctor --book "$AT" --as olga --key olga.key --passphrase-fd 3 --json --witness w/vkey
row host unseen "not seen from here: folder, files, keys"
row journal ok "which this user may not read"
stop_serving

note "what it cannot look at"
run doctor --book "$WORK/nowhere"
expect 2 nowhere
run doctor --book "$BOOK" --witness nowhere.vkey
expect 2 nowhere.vkey
finish
