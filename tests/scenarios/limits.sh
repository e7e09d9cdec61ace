#!/bin/bash
# A credit analyst's work: limits permanent and temporary, orders that are held, their release and delivery.
. "$(dirname "$0")/lib.sh"
# Who prepares limits prepares no releases, and who signs limits signs none (C-20, C-23).
CAST="$CAST feedo:P-34:feed:FEED_ORDERS alan:P-15:human:CREDIT_ANALYST rita:P-71:human:CREDIT_RISK_1"
found_company
echo "order confirmed" >order.txt
echo "will pay on Friday" >promise.txt

note "a permanent limit: the new total, and what the customer stands for"
cs adam post credit-limit --customer 10442 --limit 12500 --reason CL_REVIEW --evidence financials:report.pdf
expect 0 "CL-1" "new limit 12,500.00 USD" "level 1"
expect_not "one level more"
cs ana show CL-1
expect 0 "limit so far" "10,000.00 USD" "next review" "2027-01-06" "open 4,120.55 USD" "held 0.00 USD"
cs ana approve CL-1
expect 0 "CL-1   in force as US01-CL-2026-000001"
cs adam post credit-limit --customer 10442 --limit 12000 --reason CL_RISK_DOWN --evidence financials:report.pdf
expect 0 "CL-2" "a limit that does not rise takes level 1   C-13"
cs ana approve CL-2
expect 0 "CL-2   in force"

note "orders come in, held by the ERP"
cat >orders.csv <<'CSV'
order,customer,date,currency,amount,state
SO-1,16446,2026-01-05,USD,4000.00,held
SO-2,16446,2026-01-05,USD,2500,held
SO-3,16447,2026-01-05,USD,100.00,delivered
CSV
cs feedo load orders orders.csv --entity US01 --count 3 --total 6600
expect 0 "orders 1   3 records" "6,600.00 USD"
cs maria exposure 16446
expect 0 "AVAILABLE" "10,000.00" "7,469.60" "6,500.00" "-3,969.60"
cs maria exposure 16446 --group --json
expect 0 '"customer":"16447"' '"group":"G1"' '"held":"6500.00"' '"open":"7969.60"'
cs maria exposure 99999
expect 2 "customer 99999 is not in the books"

note "a temporary limit, which lapses by itself"
cs adam post temporary-limit --customer 16446 --limit 14000 --until 2026-01-20 --reason CL_TEMP_ORDER \
    --evidence order-confirmation:order.txt --dry-run
expect 0 "would wait" "a rise of more than 25 %" "nothing was written"
cs adam post temporary-limit --customer 16446 --limit 12500 --until 2026-01-20 --reason CL_TEMP_ORDER \
    --evidence order-confirmation:order.txt
expect 0 "TL-1" "level 1"
cs ana approve TL-1
expect 0 "TL-1   in force as US01-TL-2026-000001"
cs ana show TL-1
expect 0 "last day" "2026-01-20" "held 6,500.00 USD"
cs maria exposure 16446
expect 0 "12,500.00" "-1,469.60"
cs maria exposure 16446 --as-of 2026-01-21T04:59:59Z --json
expect 0 '"temporary":"12500.00"' '"available":"-1469.60"' '"temporary_limit":"TL-1"'
cs maria exposure 16446 --as-of 2026-01-21T05:00:00Z --json
expect 0 '"available":"-3969.60"'
expect_not '"temporary"'

note "a release, used up by the delivery"
cs adam post hold-release --order SO-1 --reason HOLD_REL_PAY_PROMISE --evidence payment-promise:promise.txt
expect 1 "refused   C-23" "within 90 days" "another person"
cs alan post hold-release --order SO-1 --reason HOLD_REL_PAY_PROMISE --evidence payment-promise:promise.txt
expect 0 "HR-1" "4,000.00 USD" "customer 16446"
cs rita approve HR-1
expect 0 "HR-1   in force as US01-HR-2026-000001"
cs rita show HR-1
expect 0 "order" "SO-1" "expires" "2026-01-10T"
cs maria exposure 16446 --json
expect 0 '"released":"4000.00"'
sed -e 's/held/delivered/' -e /SO-3/d orders.csv >delivered.csv
cs feedo load orders delivered.csv --entity US01
expect 0 "orders 2   2 records"
cs rita show HR-1
expect 0 "consumed" "used up" "by the delivery of order SO-1"
cs ana exceptions
expect 0 "delivered without release" "SO-2" "feedo" "2,500.00 USD" "1 exception"
cs ana log --limit 1
expect 0 "orders 2"
cs ana controls C-15
expect 0 "Hold release single-use" "hold_releases_max"

note "the whole history verifies"
cs adam audit verify
expect 0
finish
