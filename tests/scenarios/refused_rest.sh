#!/bin/bash
# What the other refused_*.sh leave over: sums of what waits, currencies, lists, parts that do not add up, policies out of turn,
# keys that are revoked, a clock set back, currencies without decimals and with three. Each refusal stands in the journal; beside
# each goes the closest thing that is let in.
. "$(dirname "$0")/lib.sh"
sed -i -e 's/^\(  - { by: customer, span: quarter, .*\)/\1\n  - { by: preparer, span: 7 days, kinds: [credit-note] }/' \
    -e 's/list_max: 50/list_max: 3/' -e 's/^  dormant_days: .*/&\n  pair_count_min: 5/' "$POLICY"
found_company
at() { NOW=$(($(date -u -d "$1" +%s) - 1)); }
number() { printf '%s\n' "$OUT" | grep -o "$1-[0-9]*" | head -1; }
post() { # USER INVOICE AMOUNT [MORE...]: evidence of its own
    echo "$*" >"evidence-$2-$3.pdf"
    cs "$1" post credit-note --invoice "$2" --amount "$3" --reason PRICE_ERR --entity US01 \
        --evidence "price-sheet:evidence-$2-$3.pdf" "${@:4}"
}

# answered ANSWER CONTROL CODE: the journal's last entry holds this answer
answered() {
    rm -f export.jsonl
    "$COUNTERSIGN" audit export --book "$BOOK" --out export.jsonl >/dev/null 2>&1
    CHECKS=$((CHECKS + 1))
    tail -1 export.jsonl | python3 -c '
import json, sys
decision = json.loads(sys.stdin.read())["decision"]
answers = decision["controls"] + [a for r in decision["results"] for a in r["controls"]]
sys.exit(not any((a["answer"], a["control"], a["code"]) == tuple(sys.argv[1:]) for a in answers))' "$@" ||
        wrong "the journal's last entry does not hold $*"
}
refused() { # CONTROL CODE [TEXT...]
    expect 1 "refused" "$1" "${@:3}"
    answered deny "$1" "$2"
}
asked() { # CONTROL CODE [TEXT...]
    expect 0 "waits for" "${@:3}"
    answered need "$1" "$2"
}
posted() { expect 0 "posted"; }

head_of() { "$COUNTERSIGN" status --json --book "$BOOK" 2>/dev/null | grep -o '"head":{[^}]*}'; }

# statement ACTOR VERB < BODY: a statement made by other means than our own, let in or not
statement() {
    tick
    rm -f raw.json
    python3 "$HERE/../support/statement.py" raw.json "$1" "$2" "$(now)" \
        "$("$COUNTERSIGN" status --json --book "$BOOK" 2>/dev/null)" || die "statement"
    run sign raw.json --key "$WORK/$1.key" --passphrase-fd 3
    [ "$RC" = 0 ] || die "sign"
    run submit raw.json --book "$BOOK"
}
# content_of DOCUMENT: the content hash of its last version
content_of() {
    rm -f export.jsonl
    "$COUNTERSIGN" audit export --book "$BOOK" --out export.jsonl >/dev/null 2>&1
    python3 - "$1" <<'PY'
import json, sys
found = [result["content"] for line in open("export.jsonl") for result in json.loads(line)["decision"]["results"]
         if result.get("document") == sys.argv[1] and "content" in result]
print(found[-1])
PY
}

note "what one preparer credits adds up over customers; to the limit, and a cent over it"
post maria 900000 100.00
posted
post maria 700001 100.00
posted
post maria 40117 0.01
asked C-08 sum "C-08"
post joe 40117 0.02
posted

note "two that wait on one invoice exceed a level together, to the limit and a cent over it"
at 2026-04-10T12:00:00Z
post maria 40251 1300.00
expect 0 "waits for" "level 1"
expect_not "level 2"
post joe 40251 1200.00 --dry-run --json
expect 0 '"levels":[1]'
expect_not '"levels":[1,2]'
post joe 40251 1200.01
asked C-06 sum "level 2"
cs ana approve "$(number CN)"
expect 0 "level 2"

note "two that wait exceed what is left of an invoice together"
post maria 40251 720.55
refused C-35 over-credit
post maria 40251 720.54 --dry-run
expect 0 "nothing was written"

note "ten thousand up and nine thousand nine hundred down are not a hundred"
cat >big.csv <<'CSV'
invoice,customer,date,due,currency,tax_code,net,tax
800001,16446,2026-04-01,2026-04-30,USD,NONE,20000.00,0.00
800002,10442,2026-04-01,2026-04-30,USD,NONE,20000.00,0.00
CSV
cs feedi load invoices big.csv --entity US01
expect 0 "2 records"
echo up >up.pdf
echo down >down.pdf
cat >net.csv <<'CSV'
kind,allocations,direction,field,reason,evidence
correction,800001:10000.00,up,price,PRICE_ERR,price-sheet:up.pdf
correction,800001:9900.00,down,price,PRICE_ERR,price-sheet:down.pdf
CSV
cs joe post --batch net.csv
expect 0 "2 wait for approval" "IC-1  waits for level 1, level 2" "IC-2  waits for level 1, level 2"
answered need C-02 amount
post joe 800001 5100.00 --dry-run --json
expect 0 '"levels":[1,2]'
expect_not '"levels":[1,2,3]'
post joe 800001 5100.01
asked C-06 sum "level 3" "25,000.01"

note "an amount in another currency, without a rate"
at 2026-07-10T12:00:00Z
post maria 900001 1.00 --currency EUR
refused C-10 no-rate
post maria 900001 1.00 --currency USD
posted

note "three lines of 33.33 are not 100.00"
thirds() { # REF LAST: three parts of one credit note
    statement maria submit <<BODY
{"atomic":false,"documents":[{"allocations":[{"amount":"33.33","invoice":"900003"},{"amount":"33.33","invoice":"900004"},
{"amount":"$2","invoice":"900005"}],"amount":"100.00","channel":"api","currency":"USD","customer":"20001","date":"2026-07-10",
"entity":"US01","evidence":[{"bytes":3,"kind":"price-sheet","media":"text/plain",
"sha256":"93a23971a914e5eacbf0a8d25154cda309c3c1c72fbb9914d47c60f3cb6815$3"}],"kind":"credit-note","reason":"PRICE_ERR","ref":"$1"}]}
BODY
}
thirds thirds-1 33.33 88
refused C-11 not-the-sum "add up to 99.99"
thirds thirds-2 33.34 89
posted

note "one signature over too long a list, and over one that is as long as may be"
at 2026-10-10T12:00:00Z
LIST=
for amount in 201.01 201.02 201.03 201.04; do
    post maria 581483 $amount
    expect 0 "waits for" "level 1"
    DOCUMENT=$(number CN)
    LIST="$LIST${LIST:+,}{\"content\":\"$(content_of "$DOCUMENT")\",\"document\":\"$DOCUMENT\",\"level\":1,\"version\":1}"
done
statement ana approve <<<"{\"items\":[$LIST]}"
refused C-12 list-too-long "4 documents in one approval" "at most 3"
statement ana approve <<<"{\"items\":[${LIST%,*,*,*,*}]}"
posted

note "all or none: one row too much takes the others with it"
cat >atomic.csv <<'CSV'
kind,allocations,reason,evidence
credit-note,900016:10.00,PRICE_ERR,price-sheet:up.pdf
credit-note,900017:100.01,PRICE_ERR,price-sheet:down.pdf
CSV
cs joe post --batch atomic.csv --atomic
expect 1 "2 refused" "all or none"
answered deny C-12 atomic
answered deny C-35 over-credit
sed 's/100.01/100.00/' atomic.csv >whole.csv
cs joe post --batch whole.csv --atomic
posted

note "a preparer and an approver who always go together; another approver, and then it is noted only"
at 2027-02-01T12:00:00Z
for amount in 210.01 210.02 210.03 210.04; do
    post joe 581483 $amount
    asked C-02 amount "level 1"
    cs ana approve "$(number CN)"
    posted
    expect_not "C-09"
done
post joe 581483 210.05
PAIR=$(number CN)
cs ana approve "$PAIR"
refused C-09 pair-refused "of 5 documents" "5 go by" "another approver has to sign"
cs tom approve "$PAIR"
posted
post joe 581483 210.06
cs ana approve "$(number CN)"
posted
answered flag C-09 pair

note "a policy in force since yesterday, and from the next day on"
sed 's/list_max: 3/list_max: 4/' "$POLICY" >next.yaml
at 2027-02-20T12:00:00Z
cs olga policy propose next.yaml --effective 2027-02-19T05:00:00Z
refused C-31 too-early "the next day at the earliest"
cs olga policy propose next.yaml --effective 2027-02-21T04:59:59Z
refused C-31 too-early
cs olga policy propose next.yaml --effective 2027-02-21T05:00:00Z
asked C-31 second-officer "PO-"
PO=$(number PO)

note "a policy changed by its proposer alone, or by no officer"
cs olga approve "$PO"
refused C-01 own-document
cs dora approve "$PO"
refused C-31 not-an-officer
cs oscar approve "$PO"
expect 0 "in force"

note "a revoked key signs; another of the same user goes on"
post maria 900018 1.00
expect 0 "CN-"
tick 100
post maria 900018 1.01 --to before.json
expect 0 "before.json"
tick -50
cs olga key list maria
KEY=$(printf '%s\n' "$OUT" | grep -o 'SHA256:[^ ]*' | head -1)
cs olga key revoke maria "${KEY:0:20}" --reason "Laptop stolen"
expect 0 "in force"
run submit before.json --book "$BOOK"
refused C-52 key-not-valid
tick 50
post maria 900018 1.02
if [ -n "$AT" ]; then unread maria; else refused C-52 key-not-valid; fi
post joe 900018 1.03
expect 0 "CN-"

note "a clock set back writes nothing; a second later than the last entry is in order"
HEAD=$(head_of)
WAS=$NOW
tick -3600
post joe 900019 1.00
expect 4 "the simulated time may not go back"
CHECKS=$((CHECKS + 1))
[ "$(head_of)" = "$HEAD" ] || wrong "something was written"
NOW=$WAS
post joe 900019 1.00
expect 0 "CN-"
cs olga audit verify
expect 0

note "an older copy, and two forks of one book, against a checkpoint that was kept; the book itself is good"
stop_serving # what follows is about files
cp -r "$BOOK" older
cp -r "$BOOK" fork
post maria2 900019 2.00
post joe 900019 3.00
tick
run checkpoint --book "$BOOK" --as olga --at "$(now)" --key book-key.key --passphrase-fd 3 --out kept.note
expect 0
run audit verify --book "$BOOK" --checkpoint kept.note
expect 0
run audit verify --book older --checkpoint kept.note
expect 3 "its end is cut off"
OWN=$BOOK BOOK=fork
post joe 900019 4.00
expect 3 "the book no longer holds entry"
for amount in 4.01 4.02 4.03 4.04; do
    XDG_STATE_HOME=$WORK/elsewhere post joe 900019 $amount
    expect 0 "CN-"
done
BOOK=$OWN
run audit verify --book fork
expect 0
run audit verify --book fork --checkpoint kept.note
expect 3 "differs from the checkpoint"

HOME_OF_ALL=$WORK
# another_company NAME POLICY CURRENCY LIMIT INVOICES...: a book of its own; INVOICES is number:net:tax
another_company() {
    local limit=$4 currency=$3
    stop_serving
    read_again
    WORK=$HOME_OF_ALL/$1
    mkdir "$WORK"
    POLICY=$HERE/../policies/$2
    BOOK=$WORK/book
    cd "$WORK" || exit 1
    NOW=1767603600
    found_book
    hire_cast
    printf 'customer,currency,limit,terms_days\n20001,%s,%s,30\n' "$currency" "$limit" >customers.csv
    cs feedc load customers customers.csv --entity US01
    expect 0 "1 record"
    echo invoice,customer,date,due,currency,tax_code,net,tax >invoices.csv
    for one in "${@:5}"; do
        echo "${one%%:*},20001,2025-12-01,2025-12-31,$currency,SALES_TAX,$(cut -d: -f2 <<<"$one"),${one##*:}" >>invoices.csv
    done
    cs feedi load invoices invoices.csv --entity US01
    expect 0 "record"
}
note "yen: no decimals, the limit and a yen over it"
another_company jpy money_jpy.yaml JPY 1000000 1:182:18 2:182:18 3:91:9
post maria 1 100.00
expect 2 "JPY has 0 decimals"
post maria 1 0
expect 2 "--amount"
post maria 1 201
refused C-35 over-credit
post maria 1 200
posted
post joe 2 1
asked C-07 sum "level 1"

note "dinars: three decimals, the limit and a fils over it"
another_company kwd money_kwd.yaml KWD 100000.000 1:181.818:18.182 2:182.000:18.000 3:91:9
post maria 1 1.0000
expect 2 "KWD has 3 decimals"
post maria 1 200.001
refused C-35 over-credit
post maria 1 200.000
posted
post joe 2 0.001
asked C-07 sum "level 1"
cs olga audit verify
expect 0
read_again
WORK=$HOME_OF_ALL
BOOK=
finish
