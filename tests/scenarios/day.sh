#!/bin/bash
# A specialist's day: the last of the quarter, eighty corrections from a file, the telephone and the returned pile, and the
# approvers at five to six. What is on the desk at the end is what the book says.
. "$(dirname "$0")/lib.sh"
found_book
hire_cast

note "the night's feeds: forty customers, a hundred and twenty invoices"
python3 - <<'PY'
import random
random.seed(20260331)
with open("customers.csv", "w") as out:
    print("customer,group,currency,limit,terms_days", file=out)
    for i in range(40):
        print(f"C{i:03},,USD,50000.00,30", file=out)
with open("invoices.csv", "w") as out:
    print("invoice,customer,date,due,currency,tax_code,net,tax", file=out)
    for i in range(120):
        net = random.randint(40000, 400000)
        print(f"I{i:04},C{i % 40:03},2026-01-{1 + i % 28:02},2026-02-{1 + i % 28:02},USD,SALES_TAX,"
              f"{net // 100}.{net % 100:02},{net * 8 // 10000}.{net * 8 // 100 % 100:02}", file=out)
PY
NOW=$(date -u -d "2026-03-31T07:00:00Z" +%s)
cs feedc load customers customers.csv --entity US01
expect 0 "40 records"
cs feedi load invoices invoices.csv --entity US01
expect 0 "120 records"
for i in $(seq 1 90); do echo "correspondence $i" >"e$i.pdf"; done

note "nine o'clock: the file of the shared mailbox, forty-eight rows, three of them wrong"
NOW=$(date -u -d "2026-03-31T13:00:00Z" +%s)
python3 - <<'PY'
rows = ["kind,allocations,reason,evidence,note,ref,direction,field"]
for i in range(40):
    rows.append(f"credit-note,I{i:04}:{40 + i}.00,PRICE_ERR,price-sheet:e{i + 1}.pdf,call {i},MAIL-{i + 1},,")
for i in range(40, 48):
    rows.append(f"correction,I{i:04}:{30 + i}.50,QTY,delivery-note:e{i + 1}.pdf,,MAIL-{i + 1},{'up' if i % 2 else 'down'},quantity")
good = "\n".join(rows) + "\n"
open("mended.csv", "w").write(good)
bad = good.replace("I0003:43.00", 'I0003:"43,00"').replace('I0003:"43,00"', '"I0003:43,00"')
bad = bad.replace("I0017:57.00", "I0917:57.00").replace("price-sheet:e30.pdf", "price-sheet:e930.pdf")
open("mail.csv", "w").write(bad)
PY
cs maria post --batch mail.csv --dry-run
expect 2 "48 rows" "3 not read" ":5:2" "use a dot, 43.00" ":19:2" "I0917 is not in the books" ":31:4" "e930.pdf"
cs maria post --batch mail.csv
expect 2 "48 rows: 34 posted, 11 wait for approval, 3 not read" "that P-11 made without a second signature today, above 2,000.00" "C-08"
cs maria post --batch mended.csv
expect 0 "48 rows: 3 wait for approval, 45 there already"

note "the telephone: twenty calls, one by one"
POSTED=0 WAITING=0
for i in $(seq 1 20); do
    amount=$((60 + i * 17)).00
    reason=PRICE_ERR
    cs maria post credit-note --invoice "I00$((79 + i))" --amount $amount --reason $reason --evidence "e$((48 + i)).pdf" \
        --ref "CALL-$i"
    case "$OUT" in
    *"posted as"*) POSTED=$((POSTED + 1)) ;;
    *"waits for"*) WAITING=$((WAITING + 1)) ;;
    *) wrong "call $i" ;;
    esac
done
CHECKS=$((CHECKS + 1))
[ "$((POSTED + WAITING))" = 20 ] || wrong "20 calls"
[ "$WAITING" -gt 5 ] || wrong "some calls are above the automatic tier"

note "the same call twice by mistake, and once more with another amount"
cs maria post credit-note --invoice I0085 --amount 162.00 --reason PRICE_ERR --evidence e54.pdf --ref CALL-6
expect 0 "was there already"
cs maria post credit-note --invoice I0085 --amount 163.00 --reason PRICE_ERR --evidence e54.pdf --ref CALL-6
expect 1 "C-38"

note "noon: what came back is mended, what was wrong is withdrawn"
cs ana inbox
expect 0 "waiting"
first=$(printf '%s\n' "$OUT" | grep -o '^CN-[0-9]*' | sed -n 1p)
second=$(printf '%s\n' "$OUT" | grep -o '^CN-[0-9]*' | sed -n 2p)
third=$(printf '%s\n' "$OUT" | grep -o '^CN-[0-9]*' | sed -n 3p)
cs ana return "$first" --reason "Which price list?"
expect 0 "returned"
cs maria show "$first"
expect 0 "returned    2026-03-31" "by ana: Which price list?"
cs maria amend "$first" --note "Price list 2026-1, page 4" --ref AMENDED-1
expect 0 "waits for    level 1" "could sign   level 1: ana, tom"
cs maria show "$first"
expect 0 "version 2" "Price list 2026-1, page 4" "by ana: Which price list?"
cs maria withdraw "$second" --reason "Customer found the mistake himself"
expect 0 "withdrawn"
cs ana reject "$third" --reason "Agreed price was right"
expect 0 "rejected"
cs maria reverse CN-1 --reason POSTED_IN_ERROR --evidence e90.pdf
expect 0 "RV-1" "waits for"

note "the afternoon: twelve more, among them what needs the manager"
for i in $(seq 1 11); do
    cs maria post credit-note --invoice "I01$((i + 8 < 10 ? 0 : 1))$(((i + 8) % 10))" --amount $((150 + i)).00 --reason SERVICE \
        --evidence "ticket:e$((68 + i)).pdf" --ref "PM-$i"
    expect 0
done
cs maria post credit-note --customer C039 --on-account 2600.00 --amount 2600.00 --reason GOODWILL \
    --evidence correspondence:e80.pdf --note "Agreed in the quarterly review with the customer" --ref PM-12
expect 0 "level 1" "level 2" "could sign"

note "five to six: the approvers"
NOW=$(date -u -d "2026-03-31T21:55:00Z" +%s)
cs ana inbox
expect 0 "waiting"
cs ana approve --inbox
expect 1 "posted as" "C-09" "of 20 documents that P-11 prepared and others approved in 90 days, 20 go by P-21"
cs tom approve --inbox
expect 0 "posted as" "in all"
cs priya approve --inbox
expect 0 "posted as"
cs dora approve --inbox
[ "$RC" -le 1 ] || wrong "the director signs hers"

note "the desk at the end of the day"
cs maria log --user maria --limit 200 --json
expect 0
python3 - "$COUNTERSIGN" "$BOOK" <<'PY' || wrong "the day does not add up"
import json, subprocess, sys
out = subprocess.run([sys.argv[1], "audit", "export", "--book", sys.argv[2], "--out", "day.jsonl"], capture_output=True)
admitted, refused, numbers, state = 0, 0, {}, {}
for line in open("day.jsonl"):
    entry = json.loads(line)
    verb, actor = entry["statement"]["do"], entry["statement"]["actor"]
    for result in entry["decision"]["results"]:
        number = result.get("document", "")
        if verb == "submit" and actor == "maria":
            if result["outcome"] == "refused":
                refused += 1
            elif result["outcome"] != "repeat":
                admitted += 1
        if number:
            state[number] = result["outcome"]
        if "number" in result:
            series, _, last = result["number"].rpartition("-")
            numbers.setdefault(series, []).append(int(last))
print(f"{admitted} corrections, {refused} refused, {sum(map(len, numbers.values()))} posted, in {len(numbers)} series")
assert admitted == 81 and refused == 1, (admitted, refused)  # eighty, and the reversal
for series, given in numbers.items():
    assert sorted(given) == list(range(1, len(given) + 1)), series
waiting = [n for n, outcome in state.items() if outcome in ("waiting", "approved") and n[:2] in ("CN", "IC", "RV")]
assert not waiting, waiting
PY
run audit verify --book "$BOOK"
expect 0
finish
