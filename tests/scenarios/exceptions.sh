#!/bin/bash
# What is late or half done: documents that wait too long, files that were not finished.
. "$(dirname "$0")/lib.sh"
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
expect 0 "0 exceptions"
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
finish
