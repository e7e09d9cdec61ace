#!/bin/bash
# Keys that end: 30, 14 and 3 days before, to the millisecond, whoever signs with one is told, more urgently each time; inbox, key
# list and exceptions tell the same; then it counts no more, and how it is replaced in time.
. "$(dirname "$0")/lib.sh"
sed -i 's/^parameters:/parameters:\n  key_days_max: 366/' "$POLICY"
found_company
END=2026-03-06T12:00:00.000Z

# before DAYS [MS]: the time so many days, and milliseconds more, before the end
before() { date -u -d "@$(($(date -u -d "$END" +%s) - $1 * 86400 - (${2:-0} + 999) / 1000))" +%Y-%m-%dT%H:%M:%S.$( [ "${2:-0}" = 0 ] && echo 000 || echo $((1000 - $2)))Z; }
# post AT INVOICE ...: by nina at that instant
post() {
    local at=$1 invoice=$2
    shift 2
    run post credit-note --invoice "$invoice" --amount 1.00 --reason PRICE_ERR --evidence prices.pdf --note "$invoice" --book "$BOOK" \
        --as nina --key nina.key --passphrase-fd 3 --at "$at" "$@"
}

note "a key that ends by its own date"
new_key nina
tick
printf 'pass\npass\n' >two
LAST="user add"
OUT=$("$COUNTERSIGN" user add nina --person P-41 --sort human --new-key nina.key --until "$END" --book "${AT:-$BOOK}" --as olga \
    --key olga.key --at "$(now)" --passphrase-fd 3 3<two 2>err)
RC=$? ERR=$(cat err)
expect 0 "EN-"
cs oscar approve --inbox
expect 0 "in force"
cs olga grant nina BILLING_SPECIALIST --entity US01
expect 0
cs oscar approve --inbox
expect 0 "in force"
KEY=$(printf '%s\n' "$(cs olga key list nina; printf '%s\n' "$OUT")" | grep -o 'SHA256:[^ ]*' | head -1)
for i in 0 1 2 3 4 5 6 7; do cp prices.pdf "prices$i.pdf"; echo "$i" >>"prices$i.pdf"; done

# stage AT STAGE: what every command says at that instant
stage() {
    local at=$1 want=$2
    run key list nina --book "$BOOK" --as nina --at "$at"
    expect 0 "$KEY" "valid until 2026-03-06"
    [ "$want" = 0 ] && expect_not "ends within" || expect 0 "ends within $want days"
    run key list nina --json --book "$BOOK" --as nina --at "$at"
    [ "$want" = 0 ] && expect_not '"stage"' || expect 0 "\"stage\":$want"
    run inbox --book "$BOOK" --as nina --at "$at"
    [ "$want" = 0 ] && expect_not "ends in" || expect 0 "your key $KEY ends in" "on 2026-03-06 12:00 UTC"
    run inbox --json --book "$BOOK" --as nina --at "$at"
    [ "$want" = 0 ] && expect_not '"warnings"' || expect 0 "\"fingerprint\":\"$KEY\",\"stage\":$want" '"warning":"key-ends"'
    # Only its own user is bothered.
    run inbox --book "$BOOK" --as maria --at "$at"
    expect_not "ends in"
    run exceptions --only keys --as-of "$at" --book "$BOOK"
    [ "$want" = 0 ] && expect 0 "0 exceptions" || expect 0 "key ends soon" "$KEY" "ends within $want days" "nina" "2026-03-06 12:00"
    run key list --ending 30 --book "$BOOK" --as nina --at "$at"
    [ "$want" = 0 ] && expect_not "nina" || expect 0 "nina"
}

note "thirty days and a millisecond before: nothing"
at=$(before 30 1)
[ "$at" = 2026-02-04T11:59:59.999Z ] || die "before: $at"
stage "$at" 0
post "$at" 900000 --evidence prices0.pdf
expect 0 "posted as"
expect_not "ends in"
post "$at" 900001 --json --evidence prices0.pdf
expect_not '"warnings"'

note "thirty days: a line"
at=$(before 30)
[ "$at" = 2026-02-04T12:00:00.000Z ] || die "before: $at"
stage "$at" 30
post "$at" 900002 --dry-run
expect_not "ends in" # nothing is signed
post "$at" 900002
expect 0 "posted as" "countersign: your key $KEY ends in 30 d, on 2026-03-06 12:00 UTC; countersign key rotate puts a new one in its place"
expect_not "WARNING"
post "$at" 900003 --json
expect 0 '"warnings":[{"days_left":30,"ends":"2026-03-06T12:00:00.000Z","fingerprint":"'"$KEY"'","stage":30,"text":"your key'
post "$at" 900004 --to left.json
expect 0 "left in left.json" "ends in 30 d"
post "$at" 900004 --to left2.json --json
expect 0 '"left_in":"left2.json"' '"stage":30'
# Another's signing is not disturbed.
run post credit-note --invoice 900005 --amount 1.00 --reason PRICE_ERR --evidence prices1.pdf --book "$BOOK" --as maria \
    --key maria.key --passphrase-fd 3 --at "$at"
expect 0 "posted as"
expect_not "ends in"

note "fourteen days and a millisecond: still so; fourteen days: louder"
at=$(before 14 1)
stage "$at" 30
post "$at" 900006
expect 0 "posted as" "ends in 14 d"
expect_not "WARNING"
at=$(before 14)
stage "$at" 14
post "$at" 900007
expect 0 "posted as" "countersign: WARNING: your key $KEY ends in 14 d" "an officer has to approve the new one"

note "three days and a millisecond, three days: what happens then, and what to type"
at=$(before 3 1)
stage "$at" 14
post "$at" 900008
expect 0 "posted as" "WARNING: your key"
expect_not "key new --key"
at=$(before 3)
stage "$at" 3
post "$at" 900009
expect 0 "posted as" "WARNING: your key $KEY ends in 3 d, on 2026-03-06 12:00 UTC. Nothing counts that it signs then" \
    "countersign key new --key NEW.key, then countersign key rotate --new-key NEW.key"
note "sign tells it too where it is given the book, by the time of the statement"
for days in "30 1" 30 14 3; do
    # shellcheck disable=SC2086 # words
    at=$(before $days)
    post "$at" 900016 --to "sign-${days// /-}.json"
    expect 0 "left in"
done
# They are signed already: by nobody, to be signed again.
unsigned() { sed -i 's/"signatures":\[[^]]*\]/"signatures":[]/' sign-*.json; }
unsigned
run sign sign-30-1.json --key nina.key --passphrase-fd 3 --book "$BOOK"
expect 0 "signed"
expect_not "ends in"
run sign sign-30.json --key nina.key --passphrase-fd 3 --book "$BOOK"
expect 0 "signed" "countersign: your key $KEY ends in 30 d"
expect_not "WARNING"
run sign sign-14.json --key nina.key --passphrase-fd 3 --book "$BOOK"
expect 0 "signed" "WARNING: your key $KEY ends in 14 d"
run sign sign-3.json --key nina.key --passphrase-fd 3 --book "$BOOK" --json
expect 0 '"warnings":[{"days_left":3,' '"stage":3' "Nothing counts that it signs then"
note "without the book, or with another, or none there, it signs and says nothing"
unsigned
run sign sign-3.json --key nina.key --passphrase-fd 3
expect 0 "signed"
expect_not "ends in"
unsigned
run sign sign-3.json --key nina.key --passphrase-fd 3 --book "$WORK/nowhere"
expect 0 "signed"
expect_not "ends in" "nowhere"
run sign sign-3.json --key maria.key --passphrase-fd 3 --book "$BOOK"
expect 0 "signed"
expect_not "ends in"
run charter new --to other.json --name ledger.example/other --officer olga:P-01:olga.key.pub --officer oscar:P-02:oscar.key.pub \
    --officer owen:P-03:owen.key.pub --book-key book-key.key.pub --policy "$POLICY" --clock simulated --at "$at"
for user in olga oscar owen; do run sign other.json --key "$user.key" --passphrase-fd 3; done
run init other.json --book other
expect 0
unsigned
run sign sign-3.json --key nina.key --passphrase-fd 3 --book other
expect 0 "signed"
expect_not "ends in"

note "a batch says it once"
cat >batch.csv <<CSV
kind,allocations,reason,evidence,note
credit-note,900010:1.00,PRICE_ERR,price-sheet:prices2.pdf,one of many
credit-note,900011:1.00,PRICE_ERR,price-sheet:prices3.pdf,one of many
CSV
run post --batch batch.csv --book "$BOOK" --as nina --key nina.key --passphrase-fd 3 --at "$at"
expect 0 "2 posted"
CHECKS=$((CHECKS + 1))
[ "$(printf '%s\n' "$ERR" | grep -c 'WARNING: your key')" = 1 ] || wrong "not once"

note "the last millisecond, and then"
at=$(before 0 1)
[ "$at" = 2026-03-06T11:59:59.999Z ] || die "before: $at"
post "$at" 900012
expect 0 "posted as" "ends in 0 min"
post "$END" 900013
expect 1 "C-52" "no longer valid for nina"
expect_not "ends in"
run inbox --book "$BOOK" --as nina --at "$END"
expect_not "ends in"
run exceptions --only keys --as-of "$END" --book "$BOOK"
expect 0 "0 exceptions"

note "what the warning says to type does it in time"
NOW=$(date -u -d "2026-12-28T10:00:00Z" +%s)
cs joe post credit-note --invoice 900014 --amount 1.00 --reason PRICE_ERR --evidence prices4.pdf --date 2026-12-28
expect 0 "posted as" "WARNING: your key" "ends in 8 d" # by the policy's key_days_max
new_key joe-2
tick
LAST="key rotate"
OUT=$("$COUNTERSIGN" key rotate --new-key joe-2.key --book "${AT:-$BOOK}" --as joe --key joe.key --at "$(now)" --passphrase-fd 3 3<two 2>err)
RC=$? ERR=$(cat err)
expect 0 "KR-" "waits for" "WARNING: your key"
cs oscar approve --inbox
expect 0 "in force"
mv joe-2.key joe.key
cs joe post credit-note --invoice 900015 --amount 1.00 --reason PRICE_ERR --evidence prices5.pdf --date 2026-12-28
expect 0 "posted as"
expect_not "ends in"
finish
