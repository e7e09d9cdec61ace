#!/bin/bash
# A group buys a company: the policy gains the entity, its books are loaded and tied out with two signatures, people are granted,
# the first credit note is made. Nothing before that.
. "$(dirname "$0")/lib.sh"
CAST="maria:P-11:human:BILLING_SPECIALIST ana:P-21:human:TEAM_LEAD feedc:P-31:feed:FEED_CUSTOMERS
feedi:P-32:feed:FEED_INVOICES bert:P-61:human: anna:P-63:human: feed1:P-64:feed: feed2:P-65:feed:
cleo:P-51:human:PERIOD_CLOSER"
found_company
at() { NOW=$(date -u -d "$1" +%s); }
number() { printf '%s\n' "$OUT" | grep -o "$1-[0-9]*" | head -1; }
give() {
    cs olga grant "$1" "$2" --entity AC01
    expect 0 "waits for"
    cs oscar approve "$(number GR)"
    expect 0 "in force"
}
note_of() {
    echo "$2 $3" >"evidence-$2-$3.pdf"
    cs "$1" post credit-note --entity AC01 --invoice "$2" --amount "$3" --reason PRICE_ERR --evidence "price-sheet:evidence-$2-$3.pdf"
}

note "the policy gains the entity, from the next day"
cs olga entity list
expect 0 "US01" "open"
cs olga entity open AC01 --currency USD --customers 0
expect 1 "C-44" "the policy in force has no entity AC01"
python3 - "$POLICY" <<'PY'
import re, sys
text = open(sys.argv[1]).read()
line = re.search(r"  - \{ entity: US01.*\n", text).group(0)
open("policy.yaml", "w").write(text.replace(line, line + line.replace("US01", "AC01"), 1))
PY
cs olga policy propose policy.yaml --effective 2026-01-06T06:00:00Z
expect 0
cs oscar approve "$(number PO)"
expect 0 "in force"
at 2026-01-06T14:00:00Z
cs olga entity list
expect 0 "AC01" "opening balances to be tied out" "$(either "0 customers" "not for you to read")"

note "roles for the new entity; those of the old one hold nothing there"
give bert BILLING_SPECIALIST
give anna TEAM_LEAD
give feed1 FEED_CUSTOMERS
give feed2 FEED_INVOICES

note "customers and open invoices are loaded; nothing can be done with them yet"
cat >customers.csv <<'CSV'
customer,group,currency,limit,terms_days,related,name
A1,A1,USD,10000.00,30,no,Acquired One
A2,A2,USD,5000.00,30,no,Acquired Two
CSV
cs feed1 load customers customers.csv --entity AC01
expect 0 "2 records"
cat >invoices.csv <<'CSV'
invoice,customer,date,due,currency,net,tax,tax_code
AI1,A1,2025-11-01,2025-12-01,USD,1000.00,100.00,SALES_TAX
AI2,A2,2025-12-01,2025-12-31,USD,300.00,30.00,SALES_TAX
CSV
cs feed2 load invoices invoices.csv --entity AC01
expect 0 "2 records"
note_of bert AI1 110.00
expect 1 "C-44" "the opening balances of AC01 are not tied out yet: two officers have to sign them"
note_of maria AI1 110.00
unread maria "C-02"

note "two officers state what the seller's books say; the books have to agree"
cs bert entity open AC01 --currency USD --customers 2 --opening USD:2:1430.00
expect 1 "C-31"
cs olga entity open AC01 --currency USD --customers 2 --opening USD:2:1430.001
expect 2 "--opening"
cs olga entity open AC01 --currency USD --customers 2 --opening USD:2
expect 2 "CURRENCY:INVOICES:TOTAL"
cs olga entity open AC01 --currency USD --customers 2 --opening USD:2:1430.01
expect 1 "C-44" "USD: 2 invoices and 1,430.01 are stated, the feeds brought 2 and 1,430.00; the difference is 0.01"
cs olga entity open AC01 --currency USD --customers 3 --opening USD:2:1430.00
expect 1 "C-44" "3 customers are stated, the feeds brought 2"
cs olga entity open AC01 --currency USD --customers 2 --opening USD:2:1430.00 --dry-run
expect 0 "would wait" "oscar"
cs olga entity open AC01 --currency USD --customers 2 --opening USD:2:1430.00
expect 0 "waits for" "oscar"
ET=$(number ET)
cs oscar show "$ET"
expect 0 "AC01" "customers" "2 invoices   1,430.00 USD"
cs olga approve "$ET"
expect 1 "C-01"
note_of bert AI1 110.00
expect 1 "C-44"
cs oscar approve "$ET"
expect 0 "in force"
cs olga entity list --json
expect 0 '"entity":"AC01","open":true'

note "the first credit note, and one that takes a level"
note_of bert AI1 110.00
expect 0 "posted as AC01-CN-2026-000001"
note_of bert AI2 220.00
expect 0 "waits for" "anna"
CN=$(number CN)
cs ana approve "$CN"
unread ana "C-02"
cs anna approve "$CN"
expect 0 "posted as AC01-CN-2026-000002"

note "once is enough; the closer of US01 closes nothing there"
cs olga entity open AC01 --currency USD --customers 2 --opening USD:2:1099.00
expect 1 "C-44" "AC01 is open for documents already"
cs cleo period close AC01 2025-12 --reason "Not mine"
expect 1 "C-31"
cs olga audit verify
expect 0
cs olga audit export --out book.jsonl
CHECKS=$((CHECKS + 1))
[ "$(grep -c '"code":"entity-not-opened"' book.jsonl)" = "$(either 3 2)" ] || wrong "the refusals in the journal"
finish
