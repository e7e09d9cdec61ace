#!/bin/bash
# Founding a book: charters that cannot be, signatures that lack, a real clock, what a founder signs.
. "$(dirname "$0")/lib.sh"

for user in olga oscar owen book-key stranger r1 r2 r3; do new_key "$user"; done

charter() {
    local to=$1
    shift
    run charter new --to "$to" --name ledger.example/ar --officer olga:P-01:olga.key.pub \
        --officer oscar:P-02:oscar.key.pub --book-key book-key.key.pub --policy "$POLICY" "$@"
}
signed() {
    local file=$1 user
    shift
    for user in "$@"; do
        run sign "$file" --key "$user.key" --passphrase-fd 3
        [ "$RC" = 0 ] || die "sign by $user"
    done
}

note "a charter is a file with a salt beside it"
charter charter.json --recovery r1.key.pub --recovery r2.key.pub --recovery r3.key.pub
expect 0 "ledger.example/ar in charter.json" "book id" "olga, who is P-01" "charter.json.salt" "countersign sign charter.json"
ID=$(printf '%s\n' "$OUT" | awk '$1 == "book" && $2 == "id" { print $3 }')
[ "$(stat -c %a charter.json.salt)" = 600 ] || wrong "the salt can be read by others"
charter charter.json
expect 2 "charter.json"
[ "$(find . -name '*.salt' | wc -l)" = 1 ] || wrong "a failed charter left a salt"

note "what is wrong with it is said at once"
run charter new --to x.json --name ledger.example/ar --officer olga:P-01:olga.key.pub --book-key book-key.key.pub --policy "$POLICY"
expect 2 "2 officers or more"
run charter new --to x.json --name ledger.example/ar --officer olga:P-01 --officer oscar:P-02:oscar.key.pub \
    --book-key book-key.key.pub --policy "$POLICY"
expect 2 "USER:PERSON:PUBKEYFILE"
run charter new --to x.json --name ledger.example/ar --officer olga:P-01:olga.key --officer oscar:P-02:oscar.key.pub \
    --book-key book-key.key.pub --policy "$POLICY"
expect 2 "olga.key"
charter x.json --recovery r1.key.pub --threshold 2
expect 2 "--threshold"
charter x.json --at 2026-01-01
expect 2 "only with --clock simulated"
charter x.json --clock sundial
expect 2 "clock"
sed 's/base_currency: USD/base_currency: USX/' "$POLICY" >bad.yaml
run charter new --to x.json --name ledger.example/ar --officer olga:P-01:olga.key.pub \
    --officer oscar:P-02:oscar.key.pub --book-key book-key.key.pub --policy bad.yaml
expect 2 "bad.yaml:" "USX" "^"
[ ! -e x.json ] && [ ! -e x.json.salt ] || wrong "a refused charter left files"

note "a founder sees what is signed"
run sign charter.json --key olga.key --passphrase-fd 3
expect 0 "You sign this statement:   $ID" "charter" "ledger.example/ar   real clock" "oscar   person P-02   SHA256:" \
    "2 of 3 keys" "Order-to-cash corrections" "0 so far" "charter.json   1 signature"
run sign charter.json --key olga.key --passphrase-fd 3
expect 2 "signed"
run sign charter.json --key stranger.key --passphrase-fd 3
expect 2 "none of the founding officers"
run sign charter.json
expect 2 "with which key?"
PASSPHRASE=wrong run sign charter.json --key oscar.key --passphrase-fd 3
expect 5 "wrong passphrase"

note "all founders have to sign"
run init charter.json --book early
expect 1
[ ! -e early ] || wrong "a book without its signatures"
signed charter.json oscar
sed 's/ledger.example/ledgers.example/' charter.json >forged.json
cp charter.json.salt forged.json.salt
run init forged.json --book forged
expect 3 "forged.json"
cp charter.json copy.json
run init copy.json --book copy
expect 2 "copy.json.salt"
head -c 32 /dev/zero >copy.json.salt
run init copy.json --book copy
expect 2 "not the salt that the charter names"
run init charter.json
expect 2 "--book DIR"

note "the book"
run init charter.json --book real
expect 0 "ledger.example/ar   founded in real" "$ID" "entry 0"
run init charter.json --book real
expect 2 "real"
run init charter.json --book other --json
expect 0 "\"book\":\"$ID\""
[ -e "real/personal/$(sha256sum charter.json.salt | cut -d' ' -f1)" ] || wrong "the salt is not beside the journal"
run submit charter.json --book real
expect 2 "countersign init"
run status --book real --as olga
expect 0 "ledger.example/ar" "$ID" "entry 0" "real" "2 users" "embedded"
run status --book real --json
expect 0 "\"book\":\"$ID\"" '"clock":"real"' '"seq":0'

note "a real clock takes no times"
run status --book real --at 2026-01-01
expect 2 "--at"
run post credit-note --invoice 1 --amount 1 --reason PRICE_ERR --book real --as olga --at 2026-01-01
expect 2 "--at"

note "another book under the same receipt is none of ours"
charter second.json --clock simulated --at 2026-01-05
expect 0 "SIMULATED"
signed second.json olga oscar
run init second.json --book second
expect 0 "SIMULATED"
run status --book second --as olga
expect 0 "SIMULATED"
HASH=$(ls "$XDG_STATE_HOME/countersign" | grep olga | wc -l)
[ "$HASH" = 2 ] || wrong "a receipt for each book and user: $(ls "$XDG_STATE_HOME/countersign")"
echo '{}' >"$XDG_STATE_HOME/countersign/$ID.olga.json"
run status --book real --as olga
expect 2 "not a receipt"
sed 's/"hash":"...../"hash":"00000/' <<<"$(cat "$XDG_STATE_HOME/countersign/$ID._.json")" >"$XDG_STATE_HOME/countersign/$ID.olga.json"
run status --book real --as olga
expect 3 "no longer holds entry 0"
finish
