#!/usr/bin/env bash
# A company that lets in approved releases only: the first is approved by itself, the next one while the one before still
# runs, and one that came without approval is kept out until two officers have seen to it. Verification tells which
# release let in what.
POLICY=$(mktemp)
sed 's/^releases:.*//' "$(dirname "$0")/../../controls/policies/us.yaml" >"$POLICY"
echo "releases: deny" >>"$POLICY"
. "$(dirname "$0")/lib.sh"
trap 'rm -rf "$WORK" "$POLICY"' EXIT

# The same program with another hash, as another release has.
first=$COUNTERSIGN
another() {
    cp "$first" "$WORK/$1"
    printf '%s' "$1" >>"$WORK/$1"
}
another second; another third
with() { # RELEASE USER COMMAND...
    COUNTERSIGN=$1
    shift
    cs "$@"
    COUNTERSIGN=$first
}
entries() { "$first" audit export --out - --book "$BOOK" 2>/dev/null | grep -c '^{'; }
exe() { sha256sum "$1" | cut -c1-16; }

note "before anything else, the release itself is approved"
found_book
before=$(entries)
cs olga grant oscar TEAM_LEAD --entity US01
expect 1 "approved releases only" "$(exe "$first")" "release propose" "approve"
[ "$(entries)" = "$before" ] || wrong "a refused gate has written"
cs olga release propose "$first" --release 0.2.0 --commit aaaaaaa
expect 0 RL-1
cs olga approve RL-1
expect 1 C-01
cs oscar approve RL-1
expect 0
hire_cast
feed_masters
echo "contract prices" >prices.pdf
post() { # RELEASE AMOUNT INVOICE
    with "$1" maria post credit-note --invoice "$3" --amount "$2" --reason PRICE_ERR --evidence price-sheet:prices.pdf
}
post "$first" 10.00 581483
expect 0 "posted as"

note "the next one is kept out, also from approvals, feeds and batches, and reads meanwhile"
before=$(entries)
post "$WORK/second" 11.00 581484
expect 1 "approved releases only" "$(exe "$WORK/second")"
printf 'kind,allocations,reason,evidence\ncredit-note,581484:11.00,PRICE_ERR,price-sheet:prices.pdf\n' >one.csv
with "$WORK/second" maria post --batch one.csv
expect 1 "approved releases only"
with "$WORK/second" olga grant maria TEAM_LEAD --entity US01
expect 1 "approved releases only"
COUNTERSIGN=$WORK/second run status --book "$BOOK"
expect 0
[ "$(entries)" = "$before" ] || wrong "a gate that is shut out has written"

note "it is proposed while the first still runs; one officer is not enough; then both may"
cs olga release propose "$WORK/second" --release 0.3.0 --commit bbbbbbb
expect 0 RL-2
post "$WORK/second" 11.00 581484
expect 1 "approved releases only"
cs oscar approve RL-2
expect 0
post "$WORK/second" 11.00 581484
expect 0 "posted as"
post "$first" 12.00 40117
expect 0 "posted as"
with "$WORK/second" maria status
expect 0
run release list --book "$BOOK"
expect 0 "0.2.0" aaaaaaa "$(exe "$first")" "0.3.0" bbbbbbb "$(exe "$WORK/second")"

note "an emergency: the approved programs are gone, the new one brings its own approval and nothing else"
before=$(entries)
post "$WORK/third" 13.00 700001
expect 1 "approved releases only"
with "$WORK/third" olga release propose "$WORK/third" --release 0.3.1 --commit ccccccc
expect 0 RL-3
post "$WORK/third" 13.00 700001
expect 1 "approved releases only"
with "$WORK/third" ana approve RL-3
expect 1 C-31
post "$WORK/third" 13.00 700001
expect 1 "approved releases only"
with "$WORK/third" oscar approve RL-3
expect 0
post "$WORK/third" 13.00 700001
expect 0 "posted as"
[ "$(entries)" = "$((before + 4))" ] || wrong "the third release has let in more than it should"

note "verification: which release let in what, and from where on"
run audit verify --book "$BOOK" --json
expect 0
CHECKS=$((CHECKS + 1))
printf '%s' "$OUT" | python3 -c '
import json, sys
for line in sys.stdin:
    found = json.loads(line).get("releases")
    if found is not None:
        break
first, second, third = sys.argv[1:]
got = [(item["exe"], item["approved"]) for item in found]
want = [(first, False), (first, True), (second, True), (first, True), (third, False), (third, True)]
seqs = [item["seq"] for item in found]
assert got == want, got
assert seqs == sorted(seqs) and seqs[0] == 0, seqs
' "$(exe "$first")" "$(exe "$WORK/second")" "$(exe "$WORK/third")" 2>"$WORK/err" || { ERR=$(cat "$WORK/err"); wrong "the list of releases"; }
run audit verify --book "$BOOK"
expect 0 "releases" "not approved by a release document" "$(exe "$WORK/third")" ", approved"
finish
