#!/bin/bash
# Bots: bounded by policy, answered for by their owner, refused in a form that programs read, switched off in one command by
# one person and on again by two.
. "$(dirname "$0")/lib.sh"
sed 's/^bots: .*/bots: { document_max: 150.00, documents_per_day_max: 4 }/' "$POLICY" >policy.yaml
POLICY=$WORK/policy.yaml
CAST="$CAST bot2:P-11:bot:BILLING_SPECIALIST"
found_company
credit() { # USER INVOICE AMOUNT OPTION...
    local user=$1 invoice=$2 amount=$3
    shift 3
    cs "$user" post credit-note --invoice "$invoice" --amount "$amount" --reason PRICE_ERR --evidence price-sheet:prices.pdf "$@"
}
# what a program reads of a refusal: control, code and a figure
read_by_a_program() {
    LAST="$LAST | json"
    OUT=$(printf '%s\n' "$OUT" | python3 -c '
import json, sys
for line in sys.stdin:
    for answer in json.loads(line).get("controls", []):
        if answer["answer"] == "deny":
            print(answer["control"], answer["code"], answer.get("limit"), answer["text"] != "")
')
    expect 1 "$@"
}

note "a bot posts within its bounds, under its own channel"
credit bot1 40251 100.00 --json
expect 0 '"outcome":"posted"'
cs maria show CN-1
expect 0 "bot1"
printf 'kind,ref,allocations,reason,evidence\ncredit-note,R-1,900001:1.00,PRICE_ERR,price-sheet:prices.pdf\n' >run.csv
cs bot1 post --batch run.csv --json
expect 0 '"ref":"R-1"' '"outcome":"posted"'

# What is refused counts among the day's documents too: a bot that tries and tries comes to an end.
note "a cent beyond, a document beyond, what no bot does: refused, with the control's number and its figures"
credit bot1 40251 150.01 --json
read_by_a_program "C-25 bot-amount 150.00 True"
credit bot1 40251 150.00 --json
expect 0
credit bot1 900003 1.00 --json
read_by_a_program "C-25 bot-count 4 True"
printf 'kind,ref,allocations,reason,evidence\ncredit-note,R-2,900004:1.00,PRICE_ERR,price-sheet:prices.pdf\ncredit-note,R-3,900005:1.00,PRICE_ERR,price-sheet:prices.pdf\n' >run.csv
cs bot1 post --batch run.csv --json
read_by_a_program "C-25 bot-count 4 True"
credit joe 581483 2000.00
expect 0 "waits for"
CN=$(printf '%s\n' "$OUT" | sed -n 's/^\(CN-[0-9]*\).*/\1/p' | head -1)
cs bot2 approve "$CN" --json
read_by_a_program "C-25 bot-approves None True"
cs bot2 grant maria2 BILLING_SPECIALIST --entity US01 --json
read_by_a_program "C-25 bot-governs None True"
cs maria log --user bot1 --json
expect 0 '"code":"bot-amount"' '"code":"bot-count"'
tick 86400
credit bot1 900003 1.00
expect 0 "posted"

note "17:55, it runs wild: its owner switches it off, alone and at once"
credit bot1 40117 150.00
expect 0 "CN-"
printf 'kind,ref,allocations,reason,evidence\ncredit-note,W-1,900010:100.00,GOODWILL,correspondence:prices.pdf\n' >wait.csv
cs maria bot stop bot1 --reason "credits the same customer again and again" --json
expect 1 '"control":"C-31"'
cs bot1 bot stop bot1 --reason "myself"
expect 1 "C-25"
cs joe bot stop joe --reason "no bot"
expect 2 "joe is no bot but human"
cs joe bot stop nobody --reason "x"
expect 2 "nobody"
cs joe bot stop --reason "x"
expect 2 "name one, or give --all"
cs joe bot stop bot1 --all --reason "x"
expect 2 "name one, or give --all"
printf 'kind,ref,allocations,reason,evidence,note\ncredit-note,W-1,900010:100.00,GOODWILL,correspondence:prices.pdf,customer complained about late delivery\n' >wait.csv
cs bot1 post --batch wait.csv
expect 0 "wait"
PENDING=$(printf '%s\n' "$OUT" | sed -n 's/.*\(CN-[0-9]*\)  *waits.*/\1/p' | head -1)
cs joe bot stop bot1 --reason "credits the same customer again and again" --dry-run
expect 0 "would be in force"
cs joe bot stop bot1 --reason "credits the same customer again and again"
expect 0 "in force" "3 of what it prepared still wait: " "$PENDING"
credit bot1 900004 1.00 --json
read_by_a_program "C-02 no-function"
cs maria log --user bot1 --limit 1 --json
expect 0 '"outcome":"refused"' '"code":"no-function"'
cs olga user list
expect 0 "bot1"
cs ana show "$PENDING"
expect 0 "bot1" "waits for"
cs ana inbox
expect 0 "$PENDING"
cs ana reject "$PENDING" --reason "made by a bot that ran wild"
expect 0
cs joe bot stop bot1 --reason "again"
expect 0 "nothing to take back"
cs joe bot stop bot2 --reason "not mine"
expect 1 "C-31"

note "on again takes two"
cs joe bot start bot1
expect 1 "C-31"
cs olga bot start bot1
expect 0 "another officer has to sign"
GR=$(printf '%s\n' "$OUT" | sed -n 's/.*\(GR-[0-9]*\).*/\1/p' | head -1)
credit bot1 900004 1.00
expect 1 "C-02"
cs olga approve "$GR"
expect 1 "C-01"
cs oscar approve "$GR"
expect 0
tick 86400
credit bot1 900004 1.00
expect 0 "posted"
cs olga bot start bot1
expect 2 "nothing to give back"

note "all of them, by one officer"
cs oscar bot stop --all --reason "interface down"
expect 0 "in force" "2 of what they prepared still wait"
credit bot1 900005 1.00
expect 1 "C-02"
credit bot2 900005 1.00
expect 1 "C-02"
credit joe 900005 1.00
expect 0
cs oscar bot start --all
expect 0
cs olga approve --inbox
tick 86400
credit bot1 900006 1.00
expect 0 "posted"
credit bot2 900007 1.00
expect 0 "posted"
finish
