#!/bin/bash
# Every command that sends a statement tells a refusal to a program: --json has each refusal with its control's number, code
# and sentence, and the status is 1; an error is an object too, with the status that the program ended with.
. "$(dirname "$0")/lib.sh"
found_company
cs joe post credit-note --invoice 581483 --amount 2000 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 0 "CN-1"
cs maria post credit-note --invoice 900000 --amount 1 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 0 "posted"
cs maria post dispute --invoice 581483 --amount 60 --reason PRICE_ERR --owner maria
expect 0 "DS-1"
new_key spare
printf 'currency,rate\nEUR,1.08\n' >rates.csv
printf 'customer,group,currency,limit,terms_days\nZ1,Z1,USD,1.00,30\n' >customers.csv
printf 'kind,allocations,reason,evidence\ncredit-note,900001:1.00,PRICE_ERR,price-sheet:prices.pdf\n' >batch.csv
sed 's/^name: .*/name: Another/' "$POLICY" >other.yaml
KEY=$(ssh-keygen -lf maria.key.pub 2>/dev/null | awk '{print $2}')
GRANT=$("$COUNTERSIGN" grant list --book "$BOOK" --user maria --json 2>/dev/null | python3 -c 'import json,sys; print(json.loads(sys.stdin.readline())["number"])')
BOTS=$("$COUNTERSIGN" user list --book "$BOOK" --json 2>/dev/null | grep -c '"sort":"bot"')
TOLD=
told() { # COMMAND... as maria2, who may do nothing
    cs maria2 "$@" --json
    TOLD="$TOLD$1 ${2:-}
"
    CHECKS=$((CHECKS + 1))
    [ "$RC" = 1 ] || wrong "status $RC, expected 1"
    printf '%s\n' "$OUT" | python3 -c '
import json, re, sys
denies = []
def walk(value):
    if isinstance(value, dict):
        if value.get("answer") == "deny":
            denies.append(value)
        for part in value.values():
            walk(part)
    elif isinstance(value, list):
        for part in value:
            walk(part)
for line in sys.stdin:
    walk(json.loads(line))
assert denies, "no refusal"
for one in denies:
    assert re.fullmatch("C-[0-9]{2}", one["control"]) and one["code"] and len(one["text"]) > 10, one
' 2>err.txt || wrong "no refusal for a program: $(tail -1 err.txt)"
}
note "each of them"
told post credit-note --invoice 900001 --amount 1 --reason PRICE_ERR --evidence price-sheet:prices.pdf
told post --batch batch.csv
told amend CN-1 --amount 10
told attach CN-1 --evidence contract:prices.pdf
told withdraw CN-1 --reason no
told reverse CN-2 --reason POSTED_IN_ERROR --evidence correspondence:prices.pdf
told case DS-1 assigned --owner joe --note "to joe"
told approve CN-1 --yes
told reject CN-1 --reason no
told return CN-1 --reason no
told load customers customers.csv --entity US01
told user add zoe --person P-99 --sort human --public spare.key.pub
told user reactivate joe --reason back
told grant zoe2 READER --entity US01
told grant revoke "$GRANT" --reason no
told key compromise maria "$KEY" --since 2026-01-01 --reason stolen
told key revoke joe "$(ssh-keygen -lf joe.key.pub | awk '{print $2}')" --reason no
told bot stop bot1 --reason no
told delegate tom --of ana --functions credit-note.approve.1 --until 2026-01-10 --reason away
told mitigate P-11 CREDIT_PREPARE HOLD_RELEASE --control MON-7 --owner P-12 --reviewer P-21 --until 2026-03-01 --reason small
told relate ACME --entity US01 --customer 16446 --customer 10442 --reason owner
told hold set 16446 --reason case
told hold lift 16446 --reason settled
told entity open US01 --currency USD --customers 4 --opening USD:25:1.00
told period close US01 2025-12 --soft --reason end
told period open US01 2025-12 --reason late
told period exception US01 2025-12 --user joe --until 2026-01-09 --reason late
told rates propose --date 2026-01-05 EUR=1.08
told rates load rates.csv --date 2026-01-05
told policy propose other.yaml
told review open --entity US01
told release propose "$COUNTERSIGN" --release 9.9.9 --commit 5da4209
told audit test JE-01 --record
told break-glass open --user joe --function write-off.prepare --entity US01 --until 2026-01-05T12:00:00Z --ticket T-1 --reason urgent

# Not here: reviews, affirmations and attestations take a record that is due one (break_glass.sh, refused_duties.sh, review.sh
# and recovery.sh have their refusals); audit work has none; rebuild sends nothing; submit and bot start have what others sent.
CHECKS=$((CHECKS + 1))
OUT=$(printf '%s' "$TOLD" | python3 -c '
import glob, re, sys
told = {line.strip() for line in sys.stdin}
apart = {"break-glass review", "mitigate review", "key affirm", "review attest", "audit record", "rebuild", "submit", "bot start",
         "key add", "key rotate", "book-key add", "erase propose"}
missing = []
for path in glob.glob(sys.argv[1] + "/*.c"):
    for row in re.findall(r"\.name = \"([^\"]+)\"(.*?)\};", open(path).read(), re.S):
        if "COMMAND_WRITES" in row[1] and row[0] not in apart and not any(t == row[0] or t.split(" ")[0] == row[0] for t in told):
            missing.append(row[0])
print(missing)
' "$HERE/../../cli/commands")
[ "$OUT" = "[]" ] || wrong "commands without a refusal here: $OUT"

note "an error is an object too"
cs maria post credit-note --invoice nowhere --amount 1 --reason PRICE_ERR --json
expect 2 '{"error":{"exit":2,' '"status":"'
run post credit-note --json
expect 2 '{"error":{"exit":2,'
cs maria post credit-note --invoice 900001 --amount 1 --reason PRICE_ERR --key "$WORK/none.key" --json
expect 2 '"error"'
finish
