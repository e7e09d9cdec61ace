#!/bin/bash
# The officers are gone: recovery keys make new ones. A clock that was ahead, book keys that change, a legal hold, an erasure,
# a release, a stolen key. With key files, through the command line.
. "$(dirname "$0")/lib.sh"

found_with_recovery() {
    local user
    for user in olga oscar owen book-key rec1 rec2 rec3 nina noah book-2; do new_key "$user"; done
    run charter new --to charter.json --name ledger.example/ar --officer olga:P-01:olga.key.pub \
        --officer oscar:P-02:oscar.key.pub --officer owen:P-03:owen.key.pub --book-key book-key.key.pub \
        --recovery rec1.key.pub --recovery rec2.key.pub --recovery rec3.key.pub --threshold 2 \
        --policy "$POLICY" --clock simulated --at "$(now)"
    [ "$RC" = 0 ] || die "charter new"
    for user in olga oscar owen; do run sign charter.json --key "$user.key" --passphrase-fd 3; done
    run init charter.json --book "$BOOK"
    [ "$RC" = 0 ] || die "init"
}
sign_all() {
    local file=$1 key
    shift
    for key in "$@"; do
        run sign "$file" --key "$key.key" --passphrase-fd 3
        [ "$RC" = 0 ] || die "sign $file by $key"
    done
}
found_with_recovery
hire_cast
feed_masters
echo "contract prices" >prices.pdf

note "a book key in place of the first; what was signed before still verifies"
run checkpoint --book "$BOOK" --key book-key.key --passphrase-fd 3 --out first.note
expect 0
cs olga book-key add --public book-2.key.pub --retires book-key.key.pub --to bk.json
expect 0
sign_all bk.json book-2
run submit bk.json --book "$BOOK"
expect 0 BK-1
cs oscar approve BK-1
expect 0
run checkpoint --book "$BOOK" --key book-key.key --passphrase-fd 3
expect 5 "no key of the book"
run checkpoint --book "$BOOK" --key book-2.key --passphrase-fd 3 --out second.note
expect 0
run audit verify --book "$BOOK" --checkpoint first.note --checkpoint second.note
expect 0 releases "not approved by a release document"
run audit export --book "$BOOK" --out bk.jsonl
OUT=$("$HERE/../checker.py" bk.jsonl --checkpoint first.note --checkpoint second.note 2>&1)
RC=$?
expect 0
run book-key list --book "$BOOK"
expect 0 SHA256

note "a release is approved and the verification tells it"
cs olga release propose "$COUNTERSIGN" --release 0.1 --commit 5da4209
expect 0 RL-1
cs oscar approve RL-1
expect 0
run release list --book "$BOOK"
expect 0 0.1 5da4209

note "a hold keeps what an erasure would remove"
cs olga hold set 10442 --reason "a case"
expect 0 LH-1
run hold list --book "$BOOK"
expect 0 10442 LH-1
cs joe post credit-note --invoice 40251 --amount 12.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 0 CN-1
HASH=$(cs olga show CN-1 --json; printf '%s' "$OUT" | python3 -c 'import json,sys; print(json.loads(sys.stdin.readline())["record"]["document"]["evidence"][0]["name"])')
cs olga erase propose "$HASH" --reason "asked for"
expect 1 C-31 "under legal hold"
cs olga hold lift 10442 --reason "settled"
expect 0 LH-2
cs oscar approve LH-2
expect 0
cs olga erase propose "$HASH" --reason "asked for"
expect 0 ER-1
run erase run ER-1 --book "$BOOK"
expect 2 "no erasure in force"
cs oscar approve ER-1
expect 0
[ -f "$BOOK/personal/$HASH" ] || wrong "the file is gone too early"
cs olga hold set 10442 --reason "another case" # after the erasure, before it is run
expect 0 LH-3
run erase run ER-1 --book "$BOOK"
expect 1 "customer 10442 is under legal hold by now: nothing was erased"
[ -f "$BOOK/personal/$HASH" ] || wrong "the file is gone under a hold"
cs olga hold lift 10442 --reason "settled as well"
expect 0 LH-4
cs oscar approve LH-4
expect 0
run erase run ER-1 --book "$BOOK"
expect 0 "1 record erased"
[ ! -f "$BOOK/personal/$HASH" ] || wrong "the file is still there"
run erase run ER-1 --book "$BOOK"
expect 0 "0 records erased"

note "a stolen key: what it signed since is suspect until somebody else affirms it"
cs joe post credit-note --invoice 581483 --amount 400.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 0 CN-2
SINCE=$(now)
FP=$(run key list joe --book "$BOOK" --json; printf '%s' "$OUT" | python3 -c 'import json,sys; print(json.loads(sys.stdin.readline())["fingerprint"])')
cs olga key compromise joe "$FP" --since "$SINCE" --reason "laptop stolen"
expect 0 KX-1
cs ana approve CN-2
expect 1 C-52 "in other hands"
cs olga key suspects
expect 0 CN-2 "nobody has said yet"
expect_not CN-1
cs olga exceptions --only suspects
expect 0 "suspect act" CN-2 US01 joe "to be affirmed or reversed" "1 exception at"
cs olga exceptions --only suspects --entity UK01
expect 0 "0 exceptions"
cs oscar key affirm joe "$FP" --affirm CN-2
expect 0 AF-1
cs ana approve CN-2
expect 0 posted
cs olga key suspects
expect_not CN-2
cs olga exceptions --only suspects
expect 0 "0 exceptions"
cs olga key suspects --all
expect 0 CN-2 affirm

note "a feed's stolen key: the file that it brought is suspect as an entry"
printf 'customer,group,currency,limit,terms_days\n77,77,USD,100.00,30\n' >late.csv
SINCE=$(now)
cs feedc load customers late.csv --entity US01
expect 0 "1 record"
ENTRY=$(run status --book "$BOOK" --json; printf '%s' "$OUT" | python3 -c 'import json,sys; print(json.loads(sys.stdin.readline())["head"]["seq"])')
FP=$(run key list feedc --book "$BOOK" --json; printf '%s' "$OUT" | python3 -c 'import json,sys; print(json.loads(sys.stdin.readline())["fingerprint"])')
cs olga key compromise feedc "$FP" --since "$SINCE" --reason "server broken into"
expect 0 KX-2
cs olga key suspects
expect 0 "$ENTRY" feedc "nobody has said yet"
cs oscar key affirm feedc "$FP" --affirm "$ENTRY"
expect 0 AF-2
cs olga key suspects
expect_not feedc

note "joe gets a further key by two officers"
new_key joe-2
cs olga key add joe --public joe-2.key.pub --to joe-2.json
expect 0
sign_all joe-2.json joe-2
run submit joe-2.json --book "$BOOK"
expect 0 KR-1
cs oscar approve KR-1
expect 0
tick
run post credit-note --invoice 40251 --amount 13.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf \
    --book "$BOOK" --as joe --at "$(now)" --key joe-2.key --passphrase-fd 3
expect 0 CN-3

note "the officers are gone: two of three recovery keys, and the new officers' keys"
tick
run recover --officer nina:P-91:nina.key.pub --officer noah:P-92:noah.key.pub --to short.json --book "$BOOK" --at "$(now)"
expect 0 short.json
sign_all short.json rec1 nina noah
run submit short.json --book "$BOOK"
expect 1 C-31 "1 recovery keys have signed, the charter asks for 2"
tick
run recover --officer nina:P-91:nina.key.pub --officer noah:P-92:noah.key.pub --to recover.json --book "$BOOK" --at "$(now)"
sign_all recover.json rec1 rec3 nina noah
run submit recover.json --book "$BOOK"
expect 0
cs olga grant maria2 READER --entity US01
expect 1 C-52
cs nina grant maria2 READER --entity US01
expect 0
cs noah approve --inbox
expect 0
run audit verify --book "$BOOK" --checkpoint first.note
expect 0

finish
