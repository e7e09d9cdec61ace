#!/bin/bash
# What nobody gets past: a temporary limit renewed a third time, a release given or used twice, expired, of another order;
# and each refusal stands in the journal.
. "$(dirname "$0")/lib.sh"
# Who prepares limits prepares no releases, and who signs limits signs none (C-20, C-23).
CAST="$CAST feedo:P-34:feed:FEED_ORDERS alan:P-15:human:CREDIT_ANALYST rita:P-71:human:CREDIT_RISK_1"
found_company
echo "order confirmed" >order.txt
echo "will pay on Friday" >promise.txt

# refused CONTROL CODE TEXT: the last command was refused so, and the journal says it too
refused() {
    expect 1 "refused" "$1" "$3"
    rm -f refused.jsonl
    run audit export --book "$BOOK" --out refused.jsonl
    CHECKS=$((CHECKS + 1))
    tail -1 refused.jsonl | grep -q "\"answer\":\"deny\",\"code\":\"$2\",\"control\":\"$1\"" ||
        wrong "the journal's last entry is no refusal by $1 $2"
    cs ana log --limit 1
    expect 0 "$1"
}

temporary() { # FROM UNTIL
    cs adam post temporary-limit --customer 16446 --limit 12500 --from "$1" --until "$2" --reason CL_TEMP_ORDER \
        --evidence order-confirmation:order.txt
}

note "a temporary limit renewed a third time"
for week in 05:09 10:15 16:20; do
    temporary "2026-01-${week%:*}" "2026-01-${week#*:}"
    expect 0 "TL-"
    TL=$(printf '%s\n' "$OUT" | grep -o 'TL-[0-9]*' | head -1)
    cs ana approve "$TL"
    expect 0 "in force"
done
temporary 2026-01-21 2026-01-25
refused C-14 renewals "3 temporary limits stand in a row before it, renewed 2 times at most; change the permanent limit"

note "too long by a day, not above the permanent limit, a limit that has moved"
cs adam post temporary-limit --customer 10442 --limit 12000 --until 2026-02-04 --reason CL_TEMP_ORDER \
    --evidence order-confirmation:order.txt
expect 0 "TL-4"
cs adam post temporary-limit --customer 10442 --limit 12000 --until 2026-02-05 --reason CL_TEMP_ORDER \
    --evidence order-confirmation:order.txt
refused C-14 too-long-new "it lasts 31 days; a customer new within a year gets 30 at most"
cs adam post temporary-limit --customer 10442 --limit 10000 --until 2026-01-20 --reason CL_TEMP_ORDER \
    --evidence order-confirmation:order.txt
refused C-14 not-above "is not above the permanent limit"
cs adam post credit-limit --customer 10442 --limit 11000 --previous 9000 --reason CL_REVIEW --evidence financials:report.pdf
refused C-13 stale-limit "the limit is 10,000.00 now, not 9,000.00"
cs adam post credit-limit --customer 10442 --limit 11000 --review 2027-01-07 --reason CL_REVIEW \
    --evidence financials:report.pdf
refused C-13 review-late "reviewed again within 366 days"

note "a quarter more is one level, a cent above it is one more"
cs adam post credit-limit --customer 20001 --limit 12500.00 --reason CL_REVIEW --evidence financials:report.pdf --dry-run --json
expect 0 '"levels":[1]'
cs adam post credit-limit --customer 20001 --limit 12500.01 --reason CL_REVIEW --evidence financials:report.pdf --dry-run --json
expect 0 '"levels":[1,2]' '"code":"jump"'

note "releases: of another order, one minor unit over, twice, expired"
cat >orders.csv <<'CSV'
order,customer,date,currency,amount,state
SO-1,10442,2026-01-05,USD,400.00,held
SO-2,10442,2026-01-05,USD,500.00,held
SO-3,10442,2026-01-05,USD,500.00,cancelled
CSV
cs feedo load orders orders.csv --entity US01
expect 0 "3 records"
hold() { # ORDER [MORE...]
    cs alan post hold-release --order "$@" --reason HOLD_REL_PAY_PROMISE --evidence payment-promise:promise.txt
}
hold SO-1 --amount 400.01
refused C-15 other-order "order SO-1 is customer 10442's over 400.00 USD"
hold SO-3
refused C-15 not-held "order SO-3 is cancelled"
hold SO-1 --expires 2026-01-12
refused C-15 too-long "expires within 5 days"
hold SO-1
expect 0 "HR-1"
hold SO-1
refused C-15 released "HR-1 releases order SO-1 already"
cs rita approve HR-1
expect 0 "in force"
hold SO-1
refused C-15 released "a release is given once"
sed -n -e 1p -e 's/held/delivered/' -e /SO-1/p orders.csv >delivered.csv
cs feedo load orders delivered.csv --entity US01
expect 0 "1 record"
cs feedo load orders delivered.csv --entity US01
expect 2 "SO-1: is in the books already, delivered" "nothing was sent"
hold SO-1
refused C-15 not-held "order SO-1 is delivered, there is nothing to release"
hold SO-2 --expires 2026-01-08
expect 0 "HR-2"
NOW=$(date -u -d "2026-01-08T00:00:00Z" +%s)
cs rita approve HR-2
refused C-15 expired "the release expired at 2026-01-08T00:00:00.000Z"

note "the feed of orders delivers nothing twice, signed or not"
tick
python3 "$HERE/../support/statement.py" again.json feedo feed "$(now)" "$("$COUNTERSIGN" status --json --book "$BOOK" 2>/dev/null)" <<'EOF_BODY'
{"entity":"US01","feed":"orders","file":{"count":1,"currency":"USD","sequence":3,"total":"400.00"},"last":true,"part":1,
"records":[{"amount":"400.00","customer":"10442","date":"2026-01-05","order":"SO-1","state":"delivered"}]}
EOF_BODY
run sign again.json --key "$WORK/feedo.key" --passphrase-fd 3
expect 0
run submit again.json --book "$BOOK"
expect 1 "refused" "C-44"
cs adam audit verify
expect 0
finish
