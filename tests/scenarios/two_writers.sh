#!/bin/bash
# Four people post at the same time while others read: everything that was acknowledged is there once, numbers are dense,
# nobody who reads is ever turned away. The books are missing when they begin, and are rebuilt again and again meanwhile.
. "$(dirname "$0")/lib.sh"
found_company
WRITERS="maria joe maria joe" EACH=10
WHEN=$(now)
for i in $(seq 1 40); do echo "evidence $i" >"list$i.pdf"; done

# writer NUMBER USER: acknowledged request numbers on standard output
writer() {
    local number=$1 user=$2 i nth
    for i in $(seq 1 $EACH); do
        nth=$(((number - 1) * EACH + i))
        "$COUNTERSIGN" post credit-note --invoice "9000$(printf %02d $((nth % 20)))" --amount "1.$(printf %02d $nth)" \
            --reason PRICE_ERR --evidence "list$nth.pdf" --ref "W-$nth" --book "$BOOK" --as "$user" --at "$WHEN" \
            --key "$WORK/$user.key" --passphrase-fd 3 --wait 60 --json 3<<<pass >"w$nth.json" 2>"w$nth.err" ||
            echo "$nth: $?" >>failures
    done
}

# reader NUMBER: asks until the writers are done; whatever is not 0 is a failure
reader() {
    local asked=0
    while [ ! -e done ]; do
        for question in "status" "log --limit 5" "balance --customer 20001" "inbox"; do
            "$COUNTERSIGN" $question --book "$BOOK" --as ana >"r$1.out" 2>"r$1.err" ||
                { echo "reader $1: $question: $?: $(tail -n 1 "r$1.err")" >>failures; }
            asked=$((asked + 1))
        done
    done
    echo $asked >"asked$1"
}

# Drops the books under everybody's feet.
rebuilder() {
    while [ ! -e done ]; do
        "$COUNTERSIGN" rebuild --book "$BOOK" --wait 60 >rb.out 2>rb.err || echo "rebuild: $?: $(tail -n 1 rb.err)" >>failures
        sleep 0.3
    done
}

rush() {
    local number=0 user pids=
    rm -f failures done
    for reader in 1 2; do reader $reader & done
    rebuilder &
    for user in $WRITERS; do
        number=$((number + 1))
        writer $number "$user" &
        pids="$pids $!"
    done
    wait $pids
    touch done
    wait
}

note "four writers, two readers, and no books at first"
rm -r "$BOOK/books"
rush
CHECKS=$((CHECKS + 1))
[ ! -e failures ] || wrong "$(sort failures | uniq -c | head -n 20; cat w*.err | sort | uniq -c | sort -rn | head -n 5)"
for reader in 1 2; do
    CHECKS=$((CHECKS + 1))
    [ "$(cat asked$reader)" -ge 4 ] || wrong "reader $reader asked nothing"
done

note "all forty are there, once, under dense numbers"
cat w*.json >answers
run status --json --book "$BOOK"
expect 0
CHECKS=$((CHECKS + 1))
[ "$(json head.seq)" = $((6 + 40)) ] || wrong "the head is $(json head.seq)"
OUT=$(python3 - answers <<'PY'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
results = [line for line in lines if "document" in line]
answers = [line["entry"] for line in lines if "entry" in line]
numbers = sorted(int(result["document"].split("-")[1]) for result in results)
legal = sorted(int(result["number"].split("-")[-1]) for result in results if "number" in result)
print("requests dense" if numbers == list(range(1, 41)) else f"requests {numbers}")
print("legal dense" if legal and legal == list(range(1, len(legal) + 1)) else f"legal {legal}")
print("entries dense" if sorted(answer["seq"] for answer in answers) == list(range(7, 47)) else "entries not dense")
PY
)
expect 0 "requests dense" "legal dense" "entries dense"
run audit verify --book "$BOOK"
expect 0

note "the books that came of it are those that a rebuild makes"
run balance --customer 20001 --json --book "$BOOK"
BEFORE=$OUT
rm -r "$BOOK/books"
run balance --customer 20001 --json --book "$BOOK"
CHECKS=$((CHECKS + 1))
[ "$OUT" = "$BEFORE" ] || wrong "another balance after a rebuild: $BEFORE"
finish
