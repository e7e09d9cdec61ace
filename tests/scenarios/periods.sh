#!/bin/bash
# The same period is the same days to every command: in a book whose fiscal year begins in April, and in one whose entities do not
# agree about it.
. "$(dirname "$0")/lib.sh"
CAST="$CAST audrey:P-73:human:AUDITOR"
sed -i 's/fiscal_year_begins: 1/fiscal_year_begins: 4/' "$POLICY"
found_company
at() { NOW=$(date -u -d "$1" +%s); }
credit() {
    cp prices.pdf "prices-$1.pdf"
    echo "$1" >>"prices-$1.pdf"
    cs maria post credit-note --invoice "$1" --amount 11.00 --reason PRICE_ERR --evidence "price-sheet:prices-$1.pdf"
    expect 0 "posted"
}
credit 581483
at 2026-03-31T12:00:00Z
credit 40251
at 2026-04-01T12:00:00Z
credit 40117
cs audrey audit record seed --seed 314159 --purpose "credit notes"
expect 0 "SE-1"
issue first.note
HEAD=$(now)

printf 'number,account,debit,credit,currency\n' >none.csv

# What a command says of a period, without the period's own name.
says() {
    local period=$1
    shift
    run "$@" --period "$period"
    printf '%s\n' "$RC" "${OUT//"$period"/PERIOD}"
}
# PERIOD FROM TO CREDITS TIMES: what each command makes of it; how many credits, and how often the same amount.
same() {
    local period=$1 from=$2 to=$3 count=$4 times=$5 by=${1//[^0-9A-Z]/_}
    note "$period is $from to $to"
    run audit report R-02 --book "$BOOK" --period "$period"
    expect 0 "$from to $to" "Rows            $count"
    run audit report --html --book "$BOOK" --period "$period" --out "page.$by"
    expect 0
    grep -q "$from to $to" "page.$by" || wrong "the period report is of other days"
    run audit export --book "$BOOK" --ads "ads.$by" --period "$period" --as audrey --key audrey.key --passphrase-fd 3
    expect 0
    OUT=$(cat "ads.$by/MANIFEST.json")
    expect 0 "\"from\": \"$from\"" "\"to\": \"$to\""
    run audit pack --book "$BOOK" --to "pack.$by" --as audrey --key audrey.key --passphrase-fd 3 --at "$HEAD" --period "$period"
    expect 0
    OUT=$(cat "pack.$by/MANIFEST.json")
    expect 0 "\"from\":\"$from\"" "\"to\":\"$to\""
    run audit sample draw --book "$BOOK" --seed SE-1 --own-checkpoint --kind credit-note --size 1 --period "$period" \
        --effective "$period" --out "sample.$by"
    expect 0
    OUT=$(head -1 "sample.$by")
    expect 0 "\"entered\":{\"from\":\"$from\",\"to\":\"$to\"}" "\"dated\":{\"from\":\"$from\",\"to\":\"$to\"}" "\"count\":$count,\"currency\""
    run audit test C-46 --book "$BOOK" --period "$period" --parameter C-46.repeats=2 --parameter C-46.repeat_days=200
    expect "$([ "$times" -gt 1 ] && echo 1 || echo 0)" "$([ "$times" -gt 1 ] && echo "posted $times times" || echo "0 exceptions")"
    [ "$(says "$period" audit completeness --book "$BOOK" --ledger none.csv)" = \
        "$(says "$from..$to" audit completeness --book "$BOOK" --ledger none.csv)" ] || wrong "audit completeness: other days"
}
same 2026-Q4 2026-01-01 2026-03-31 2 2
same 2027-Q1 2026-04-01 2026-06-30 1 1
same 2026-03-31..2026-04 2026-03-31 2026-04-30 2 2

note "what is no period is told in the same words"
told() {
    run "$@" --book "$BOOK" --period 2026-13
    expect 2 "--period: '2026-13': the months of a year are 01 to 12"
}
told audit report R-02
told audit report --html --out no.html
told audit completeness
told audit test
told audit export --ads no
told audit pack --to no --as audrey
told audit sample draw --seed SE-1 --own-checkpoint --size 1
run audit sample draw --book "$BOOK" --seed SE-1 --own-checkpoint --size 1 --effective 2026-02-30
expect 2 "--effective: '2026-02-30': 2026-02 has the days 01 to 28"

note "quarters for which a test was missed are fiscal ones, too"
run audit test --missed --book "$BOOK"
expect 1 "2026-01-01 to 2026-03-31"
sed 's/fiscal_year_begins: 4/fiscal_year_begins: 2/' "$POLICY" >february.yaml
cs olga policy propose february.yaml --effective 2026-04-03T00:00:00.000Z
expect 0
cs oscar approve --inbox
expect 0
at 2026-04-03T12:00:00Z
cs audrey audit record seed --seed 161803 --purpose "a third"
expect 0
run audit test --missed --book "$BOOK"
expect 1 "2025-11-01 to 2026-01-31"
case $OUT in *"2026-01-01 to"*) wrong "a quarter that begins in January" ;; esac

note "entities that do not agree about the year: a quarter is one entity's, a month is everybody's"
sed '/^  - { entity: US01/{p;s/US01/UK01/;s/begins: 4/begins: 1/}' "$POLICY" >two.yaml
cs olga policy propose two.yaml --effective 2026-05-01T00:00:00.000Z
expect 0
cs oscar approve --inbox
expect 0
at 2026-05-02T12:00:00Z
cs audrey audit record seed --seed 271828 --purpose "another"
expect 0
differ() {
    run "$@" --book "$BOOK" --period 2026-Q4
    expect 2 "--period: '2026-Q4': the entities begin their fiscal years in different months"
}
differ audit report R-02
differ audit completeness
differ audit test
differ audit export --ads no --as audrey --key audrey.key --passphrase-fd 3
differ audit pack --to no --as audrey --at "$(now)"
differ audit sample draw --seed SE-1 --own-checkpoint --size 1
differ audit sample draw --seed SE-1 --own-checkpoint --size 1 --entity US01 --entity UK01
run audit report R-02 --book "$BOOK" --period 2026-Q4 --entity US01
expect 0 "2026-01-01 to 2026-03-31"
run audit report R-02 --book "$BOOK" --period 2026-Q4 --entity UK01
expect 0 "2026-10-01 to 2026-12-31"
run audit sample draw --book "$BOOK" --seed SE-1 --own-checkpoint --size 1 --entity US01 --period 2026-Q4 --json
expect 0 '"from":"2026-01-01"'
run audit report R-02 --book "$BOOK" --period 2026-01
expect 0 "2026-01-01 to 2026-01-31"
finish
