#!/usr/bin/env bash
# The same commands against a directory and against a server's socket: two books that are one until here, the same cast, the
# same days. What is answered has to be the same, line by line, but for hashes and addresses.
source "$(dirname "$0")/lib.sh"
CAST="$CAST audrey:P-42:human:AUDITOR"
found_company
cp -r "$BOOK" "$WORK/twin"
"$COUNTERSIGN" serve --book "$WORK/twin" --socket "$WORK/socket" --book-key book-key.key --passphrase-fd 3 \
    --log "$WORK/server.log" 3<<<pass 2>"$WORK/server.err" &
SERVER=$!
for _ in $(seq 200); do
    [ -S "$WORK/socket" ] && break
    kill -0 "$SERVER" 2>/dev/null || die "the server ended: $(cat "$WORK/server.err" "$WORK/server.log")"
    sleep 0.05
done

masked() {
    sed -E -e "s#(unix:)?$WORK/(twin|book|socket)#BOOK#g" -e 's/[0-9a-f]{8,}(\.\.\.[0-9a-f]+)?/HASH/g' -e 's/[0-9a-f]{6}…[0-9a-f]{2}/HASH/g' \
        -e '/^ +(BOOK\/evidence|sha256 HASH)/d' -e '/^what you may not read is left out/d' -e 's/,"path":"[^"]*"//g' \
        -e '/^ *(mode|books) /d' -e 's/"mode":"[a-z]*"/"mode":"M"/' -e 's/, in [0-9.]+ m?s//' -e 's/,"server":\{.*\}(,"|\})/\1/'
}

one() { # STATE ADDRESS USER COMMAND...
    local state=$1 address=$2 user=$3
    shift 3
    XDG_STATE_HOME=$WORK/$state run "$@" --book "$address" --as "$user" --at "$(now)" --key "$WORK/$user.key" --passphrase-fd 3
}

both() { # USER COMMAND...
    local here status said
    tick
    one state "$BOOK" "$@"
    status=$RC here=$(masked <<<"$OUT") said=$(masked <<<"$ERR")
    one away "unix:$WORK/socket" "$@"
    CHECKS=$((CHECKS + 1))
    [ "$RC" = "$status" ] || wrong "status $RC, in the directory $status: $said"
    OUT=$(diff <(cat <<<"$here") <(masked <<<"$OUT")) && OUT=$(diff <(cat <<<"$said") <(masked <<<"$ERR")) ||
        wrong "something else is said than of the directory"
}

note "a specialist's day"
both maria post credit-note --invoice 581484 --amount 150 --reason PRICE_ERR --evidence prices.pdf --ref R-1
both maria post credit-note --invoice 581483 --amount 1200.00 --reason PRICE_ERR --evidence prices.pdf --ref R-2 --dry-run
both maria post credit-note --invoice 581483 --amount 1200.00 --reason PRICE_ERR --evidence prices.pdf --ref R-2
both maria post credit-note --invoice 581483 --amount 1200.00 --reason PRICE_ERR --evidence prices.pdf --ref R-2
both maria post credit-note --invoice 40117 --amount 1000000 --reason PRICE_ERR --evidence prices.pdf
both maria post credit-note --invoice 40117 --amount 1,5 --reason PRICE_ERR --evidence prices.pdf
both maria post credit-note --invoice 40117 --amount 5 --reason PRICE_ERR --evidence nothing.pdf
both cora post write-off --invoice 40117 --amount 90.00 --reason BAD_DEBT --evidence dunning-log:dunning.txt
both maria show CN-1
both maria show CN-2 --json
both maria show CN-99
both maria inbox
both maria statement --customer 16446
both maria balance --customer 16446
both maria exposure --customer 16446
both maria aging --customer 10442
both maria withdraw CN-99
both maria amend CN-2 --amount 1100.00
both maria evidence CN-1

note "approvers"
both ana inbox --json
both maria approve CN-2
both ana approve CN-2
both ana approve CN-2
both joe reverse CN-1 --reason POSTED_IN_ERROR --evidence prices.pdf
both priya inbox
both ana show CN-2
both ana log --limit 50
both ana log --customer 16446 --json
both ana log --document CN-2
both ana book-key list
both ana book-key list --vkeys

note "a batch"
{
    echo "kind,ref,customer,currency,amount,reason,allocations,evidence"
    for row in 1 2 3 4 5; do
        echo "credit-note,B-$row,20001,USD,$row.00,PRICE_ERR,90000$row:$row.00,price-sheet:prices.pdf"
    done
    echo "credit-note,B-6,20001,USD,600.00,PRICE_ERR,900006:600.00,price-sheet:prices.pdf"
} >batch.csv
both maria post --batch batch.csv --yes
both bot1 post --batch batch.csv --yes --json

note "those who govern, feed and audit"
both olga user list
both olga user show maria
both olga grant list
both olga key list maria
both olga policy show
both olga grant maria2 TEAM_LEAD --entity US01
both olga period list
both oscar approve --inbox --yes
both olga conflicts
both olga exceptions
both audrey trial-balance --entity US01
both audrey status
both audrey aging
both audrey audit prove 3
both audrey audit export --json
both audrey disputes
both audrey status --json

note "an auditor verifies the server's book over the connection"
one away "unix:$WORK/socket" audrey audit verify
expect 0 "entries came through an embedded gate" "ok"
one away "unix:$WORK/socket" audrey checkpoint --out checkpoint.note
expect 0
one away "unix:$WORK/socket" audrey audit verify --checkpoint checkpoint.note
expect 0
one away "unix:$WORK/socket" maria checkpoint
expect 5
one away "unix:$WORK/socket" olga exceptions
expect 0 "left out: you read no entity's books"

note "nobody in particular reads a directory, and nothing of a server"
run status --book "unix:$WORK/socket"
expect 2 "--as USER"
run status --book "unix:$WORK/socket" --as maria --key "$WORK/joe.key" --passphrase-fd 3
expect 5
run status --book "unix:$WORK/nothing" --as maria --key "$WORK/maria.key" --passphrase-fd 3
expect 2 "there is no socket"
run status --book "unix:" --as maria --key "$WORK/maria.key" --passphrase-fd 3
expect 2 "is no address"

kill "$SERVER"
wait "$SERVER"
SERVER=
CHECKS=$((CHECKS + 1))
run audit verify --book "$WORK/twin" --fast
expect 0
finish
