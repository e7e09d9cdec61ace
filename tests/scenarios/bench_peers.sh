#!/bin/bash
# The peers of make bench at sizes that say nothing about speed: each keeps what it is given and reads as much back, and each
# notices what was changed in what it stored, so that ours is held against programs which really verify. None leaves a process.
unset SERVED
# In memory where there is one: what a disk's syncs take is not looked at here.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
. "$(dirname "$0")/lib.sh"
BUILT=$(dirname "$COUNTERSIGN")/bench
BENCH=$HERE/../bench
export PEER_STATEMENTS=$BUILT/peer_statements
export COUNTERSIGN

peer() { # PROGRAM WORD...
    LAST="$*"
    OUT=$("$@" 2>"$WORK/err" </dev/null)
    RC=$?
    ERR=$(<"$WORK/err")
}
# kept COUNT: the one line of JSON has this count, a time, how it was done, and percentiles that make sense where it has any
kept() {
    CHECKS=$((CHECKS + 1))
    printf '%s\n' "$OUT" | awk -F'[:,] *' -v count="$1" '
        { line = $0; for (i = 1; i < NF; i++) if ($i ~ /"/) { gsub(/[{" ]/, "", $i); value[$i] = $(i + 1) + 0 } }
        END {
            good = NR == 1 && value["count"] == count && value["seconds"] > 0 && line ~ /"how": ".+"}$/
            if ("p50_us" in value)
                good = good && value["p50_us"] > 0 && value["p50_us"] <= value["p99_us"] &&
                    value["raw_p50_us"] > 0 && value["raw_p50_us"] <= value["raw_p99_us"]
            exit !good
        }' || wrong "not an answer about $1 corrections"
}
# flip FILE TEXT: one bit of the byte before where this stands
flip() {
    LAST="flip $1 $2"
    /usr/bin/python3 - "$1" "$2" <<'END' || wrong "nothing to flip"
import sys
with open(sys.argv[1], "r+b") as file:
    data = file.read()
    at = data.index(sys.argv[2].encode())
    file.seek(at - 1)
    file.write(bytes([data[at - 1] ^ 1]))
END
}
gone() { # PID TENTHS WHAT: after so many tenths of a second at most
    local tries
    for tries in $(seq "$2"); do
        kill -0 "$1" 2>/dev/null || break
        sleep 0.1
    done
    LAST="$3"
    CHECKS=$((CHECKS + 1))
    ! kill -0 "$1" 2>/dev/null || wrong "process $1 is still there"
}

note "SQLite: singles, lists under one signature, a stream"
for how in "20 1" "20 10 10" "20 10 1" "13 10 10"; do
    set -- $how
    peer "$BUILT/peer_sqlite" append "sqlite-$1-$2-${3:-1}" $how
    expect 0
    kept $1
    for threads in 1 2; do
        peer "$BUILT/peer_sqlite" verify "sqlite-$1-$2-${3:-1}" $threads
        expect 0
        kept $1
    done
done
peer "$BUILT/peer_sqlite" verify sqlite-new 2 1003
expect 0
kept 1003
peer "$BUILT/peer_sqlite" append sqlite-20-1-1 20 1
expect 1 "already exists"
peer "$BUILT/peer_sqlite" append sqlite-x 1O 1
expect 1 "COUNT '1O': a number"
peer "$BUILT/peer_sqlite" append sqlite-x 10 10 3
expect 1 "has to divide"

note "SQLite: a byte of a statement; a signature taken away; a statement changed and the chain made anew"
sqlite3 sqlite-20-10-10/corrections.sqlite "UPDATE corrections SET signature = NULL WHERE seq = 20"
peer "$BUILT/peer_sqlite" verify sqlite-20-10-10 1
expect 1 "correction 20 does not stand on the one before"
sqlite3 sqlite-13-10-10/corrections.sqlite "DELETE FROM corrections WHERE seq = 5"
peer "$BUILT/peer_sqlite" verify sqlite-13-10-10 1
expect 1 "correction 5 is missing"
cp -r sqlite-20-1-1 sqlite-anew
flip sqlite-20-1-1/corrections.sqlite '","v":1}'
peer "$BUILT/peer_sqlite" verify sqlite-20-1-1 2
expect 1 "does not stand on the one before"
/usr/bin/python3 - <<'END'
import hashlib, sqlite3
db = sqlite3.connect("sqlite-anew/corrections.sqlite")
db.execute("UPDATE corrections SET statement = CAST(replace(CAST(statement AS TEXT), 'load-7\"', 'load-8\"') AS BLOB) WHERE seq = 7")
head = bytes(32)
for seq, statement, signature in db.execute("SELECT seq, statement, signature FROM corrections ORDER BY seq").fetchall():
    head = hashlib.sha256(head + statement + signature).digest()
    db.execute("UPDATE corrections SET head = ? WHERE seq = ?", (head, seq))
db.commit()
END
peer "$BUILT/peer_sqlite" verify sqlite-anew 1
expect 1 "correction 7: its signature is not its signer's"

peer "$BUILT/peer_postgres" append pg 20 4 1 1 trigger
if [[ $OUT = *missing* ]]; then
    expect 0 "apt-get install"
    note "PostgreSQL is not installed: not looked at"
else
    note "PostgreSQL: the chain by a trigger, by whoever gathers what several clients have, and by the application"
    expect 0
    kept 20
    for how in "20 1 1" "20 4 1" "20 1 10 10"; do
        peer "$BUILT/peer_postgres" append "pg-${how// /-}" $how
        expect 0
        kept 20
        peer "$BUILT/peer_postgres" verify "pg-${how// /-}" 2
        expect 0
        kept 20
    done
    peer "$BUILT/peer_postgres" verify pg 2
    expect 0
    kept 20
    peer "$BUILT/peer_postgres" append pg 20 1 1
    expect 1 "pg/cluster: File exists"
    flip "$(grep -rl 'load-9"' pg/cluster/base | head -1)" '","v":1}'
    peer "$BUILT/peer_postgres" verify pg 1
    expect 1 "does not stand on the one before"

    note "PostgreSQL ends with who started it, interrupted or killed, and has what it acknowledged"
    for signal in INT TERM KILL; do
        "$BUILT/peer_postgres" append "pg-$signal" 20000 1 1 >"$signal.out" 2>&1 &
        program=$!
        for tries in $(seq 400); do
            [ "$(stat -c %s "pg-$signal/raw" 2>/dev/null || echo 0)" -ge 6000 ] && break # it is at work
            sleep 0.05
        done
        server=$(head -1 "pg-$signal/cluster/postmaster.pid")
        kill -$signal $program
        wait $program 2>/dev/null
        # Who can, waits for it; after the other it takes a moment.
        gone "${server:?no cluster started}" "$([ $signal = KILL ] && echo 100 || echo 0)" "the cluster of one that was ended by SIG$signal"
        peer "$BUILT/peer_postgres" verify "pg-$signal" 2
        expect 0
        acknowledged=$(($(stat -c %s "pg-$signal/raw") / 600 * 11)) # a bare write comes after each eleventh
        read -r _ count _ <<<"${OUT//,/ }"
        CHECKS=$((CHECKS + 1))
        [ "$count" -ge "$acknowledged" ] || wrong "$count corrections are left of $acknowledged that were acknowledged"
    done
fi

peer "$BENCH/peer_git" append git-10 10
if [[ $OUT = *missing* ]]; then
    expect 0 "apt-get install"
    note "git or ssh-keygen is not installed: not looked at"
else
    note "git: what is there, a byte of an object, and a commit that nobody signed"
    expect 0
    kept 10
    peer "$BENCH/peer_git" verify git-10 2
    expect 0
    kept 10
    cp -r git-10 git-unsigned
    tip=$(git -C git-unsigned/repository rev-parse main)
    git -C git-unsigned/repository cat-file commit "$tip" | sed 's/load-10"/load-11"/' >changed
    git -C git-unsigned/repository update-ref refs/heads/main "$(git -C git-unsigned/repository hash-object -t commit -w "$WORK/changed")"
    peer "$BENCH/peer_git" verify git-unsigned 1
    expect 1 "verify-commit"
    object=git-10/repository/objects/${tip:0:2}/${tip:2}
    chmod u+w "$object"
    /usr/bin/python3 -c 'import sys; f = open(sys.argv[1], "r+b"); f.seek(200); b = f.read(1); f.seek(200); f.write(bytes([b[0] ^ 1]))' "$object"
    peer "$BENCH/peer_git" verify git-10 1
    expect 1 "fsck"
    peer "$BENCH/peer_git" append git-10 0
    expect 1 "COUNT '0'"
    mkdir none
    PATH=$WORK/none peer /usr/bin/python3 "$BENCH/peer_git" append git-11 10
    expect 0 '"missing": "git is not installed'
fi

if ! command -v hledger >/dev/null; then
    peer "$BENCH/peer_hledger" accounts hledger "$BOOK"
    expect 0 '"missing": "hledger is not installed'
    note "hledger is not installed: not looked at"
else
    note "hledger: as many accounts and customers as ours, and an amount that was changed"
    found_company
    for amount in 11.00 12.00; do
        cs maria post credit-note --invoice 581483 --amount $amount --reason PRICE_ERR --evidence price-sheet:prices.pdf
        expect 0 posted
    done
    for way in accounts ours-accounts; do
        peer "$BENCH/peer_hledger" $way hledger "$BOOK"
        expect 0
        kept 3
    done
    peer "$BENCH/peer_hledger" customers hledger "$BOOK"
    expect 0
    kept 1
    peer "$BENCH/peer_hledger" ours-customers hledger "$BOOK"
    expect 0
    sed -i 's/-12\.00 USD/-13.00 USD/' hledger/book.journal
    peer "$BENCH/peer_hledger" accounts hledger "$BOOK"
    expect 1 "could not balance this transaction"
fi
finish
