#!/bin/bash
# What is late or half done: documents that wait too long, files that were not finished, reviews and keys that are due.
. "$(dirname "$0")/lib.sh"
sed -i 's/^parameters:/parameters:\n  review_months: 3\n  key_days_max: 366/' "$POLICY"
found_company

note "nothing is late in a fresh book"
cs ana exceptions
expect 0 "0 exceptions at 2026-01-05"

note "a document that waits is an exception after three business days, to the millisecond"
cs maria post credit-note --invoice 581483 --amount 300 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 0 "CN-1" "waits for"
cs ana exceptions --as-of 2026-01-09T04:59:59Z
expect 0 "0 exceptions"
cs ana exceptions --as-of 2026-01-09T05:00:00Z
expect 0 "waits too long" "CN-1" "US01" "maria" "300.00 USD" "2026-01-09 05:00" "level 1" "1 exception at"
cs ana exceptions --as-of 2026-01-09T05:00:00Z --entity UK01
expect $(either 0 5) "$(either "0 exceptions" "the books of UK01 are not for you to read")"
cs ana exceptions --as-of 2026-01-09T05:00:00Z --json
expect 0 '"exception":"waiting"' '"number":"CN-1"' '"due":"2026-01-09T05:00:00.000Z"' '"amount":"300.00"'
cs ana exceptions --as-of 2026-01-25
expect 0 "0 exceptions"

note "a file that was begun"
lay part.json feedc feed feedc <<'EOF_BODY'
{"entity":"US01","feed":"customers","file":{"count":9,"sequence":2},"last":false,"part":1,"records":[
{"currency":"USD","customer":"30001","group":"30001","limit":"10000.00","terms_days":30}]}
EOF_BODY
cs ana exceptions
expect 0 "file not finished" "customers 2" "feedc" "part 1, 1 of 9 records"
cs ana exceptions --only waiting
expect 0 "0 exceptions"
cs ana exceptions --only nothing
expect 2 "--only: one of waiting, feeds"

note "a key is an exception in its last thirty days, and key list says which end within any number of days"
new_key nina
printf 'pass\npass\n' >two
tick
LAST="user add"
OUT=$("$COUNTERSIGN" user add nina --person P-41 --sort human --new-key nina.key --until 2026-03-05T09:00:00Z --book "${AT:-$BOOK}" \
    --as olga --key olga.key --at "$(now)" --passphrase-fd 3 3<two 2>err)
RC=$? ERR=$(cat err)
expect 0 "EN-"
cs oscar approve --inbox
expect 0 "in force"
cs ana exceptions --only keys --as-of 2026-02-03T08:59:59Z
expect 0 "0 exceptions"
cs ana exceptions --only keys --as-of 2026-02-03T09:00:00Z
expect 0 "key ends soon" "SHA256:" "nina" "2026-03-05 09:00" "1 exception at"
cs ana exceptions --only keys --as-of 2026-03-05T09:00:00Z
expect 0 "0 exceptions" # it has ended
cs ana exceptions --only keys --as-of 2026-12-07T09:00:00Z # by key_days_max
expect 0 "olga" "2027-01-06 09:00"
expect_not "maria" # enrolled seconds later
NOW=$(date -u -d 2026-02-03T08:59:50Z +%s)
cs ana key list --ending 29
expect_not nina
cs ana key list --ending 31
expect 0 "nina" "valid until 2026-03-05"
expect_not olga maria
cs ana key list nina --ending 31 --json
expect 0 '"ends":"2026-03-05T09:00:00.000Z"'
cs ana key list nina
expect 0 "valid until 2026-03-05"
cs ana key list maria
expect 0 "valid until 2027-01-06"
cs ana key list --ending soon
expect 2 "--ending"

note "nobody has opened a review of access since the book was begun"
cs ana exceptions --only reviews --as-of 2026-04-05
expect 0 "0 exceptions"
cs ana exceptions --only reviews --as-of 2026-04-08
expect 0 "access not reviewed" "every 3 months" "1 exception at"
cs olga review open
expect 0 "AR-1"
cs ana exceptions --only reviews --as-of 2026-04-08
expect_not "every 3 months"
finish
