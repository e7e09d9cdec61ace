#!/bin/bash
# Who may read what, through a server's socket: two entities with their own people, and those who stand above them. Each sees
# what his functions let him; what is kept back is refused or said, never shown as if there were nothing.
SERVED=own
POLICY=$(mktemp)
python3 - "$(dirname "$0")/../../controls/policies/us.yaml" >"$POLICY" <<'PY'
import re, sys
text = open(sys.argv[1]).read()
line = re.search(r"  - \{ entity: US01.*\n", text).group(0)
text = text.replace(line, line + line.replace("US01", "UK01").replace("America/New_York", "Europe/London"), 1)
print(re.sub(r"(dormant_(?:bot_)?days): \d+", r"\1: 0", text), end="")
PY
. "$(dirname "$0")/lib.sh"
mv "$POLICY" "$WORK/two.yaml"
POLICY=$WORK/two.yaml
CAST="maria:P-11:human:BILLING_SPECIALIST joe:P-12:human:BILLING_SPECIALIST ana:P-21:human:TEAM_LEAD
tom:P-22:human:TEAM_LEAD priya:P-23:human:MANAGER feedc:P-31:feed:FEED_CUSTOMERS feedi:P-32:feed:FEED_INVOICES
bot1:P-12:bot:BILLING_SPECIALIST sally:P-76:human: alma:P-77:human:
ulla:P-71:human: uwe:P-72:human: audrey:P-73:human: ada:P-74:human: nobody:P-75:human:"
found_company
number() { printf '%s\n' "$OUT" | grep -o "$1-[0-9]*" | head -1; }
give() { # USER ROLE ENTITY: sets GIVEN
    cs olga grant "$1" "$2" --entity "$3"
    expect 0 "waits for"
    GIVEN=$(number GR)
    cs oscar approve "$GIVEN"
    expect 0 "in force"
}
LEFT="what you may not read is left out"

note "a second entity with its own specialist and team lead"
give ulla BILLING_SPECIALIST UK01
give uwe TEAM_LEAD UK01
give priya MANAGER UK01
give feedc FEED_CUSTOMERS UK01
give feedi FEED_INVOICES UK01
give audrey AUDITOR UK01
give ada ADMINISTRATOR US01
give sally BILLING_SPECIALIST '*'
give alma TEAM_LEAD '*'
lay uk-customers.json feedc feed feedc <<'EOF_BODY'
{"entity":"UK01","feed":"customers","file":{"count":1,"sequence":1},"last":true,"part":1,"records":[
{"currency":"USD","customer":"88001","group":"88001","limit":"10000.00","terms_days":30}]}
EOF_BODY
lay uk-invoices.json feedi feed feedi <<'EOF_BODY'
{"entity":"UK01","feed":"invoices","file":{"count":1,"sequence":1,"currency":"USD","total":"4000.00"},"last":true,"part":1,
"records":[{"customer":"88001","date":"2025-12-01","due":"2025-12-31","gross":"4000.00","invoice":"99001",
"taxes":[{"code":"SALES_TAX","net":"4000.00","tax":"0.00"}]}]}
EOF_BODY
cs maria post credit-note --entity US01 --invoice 40251 --amount 301 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 0 "waits for"
HERE_NOTE=$(number CN)
echo "prices there" >there.pdf
cs ulla post credit-note --entity UK01 --invoice 99001 --amount 302 --reason PRICE_ERR --evidence price-sheet:there.pdf
expect 0 "waits for"
THERE_NOTE=$(number CN)

note "a specialist reads her own entity"
cs maria show "$HERE_NOTE"
expect 0 "301.00" "could sign" "ana" "tom"
cs maria balance
expect 0 "10442" "$LEFT: you read US01"
expect_not "88001" "UK01"
cs maria aging
expect 0 "US01"
expect_not "88001" "UK01"
cs maria statement --customer 10442
expect 0 "40251"
cs maria exposure 10442
expect 0 "10442"
cs maria exceptions
expect 0
expect_not "UK01"
cs maria trial balance
expect 0
expect_not "UK01"
cs maria log
expect 0 "$HERE_NOTE" "left out"
expect_not "$THERE_NOTE" "88001" "99001"
cs maria watch --from 0 --until-head
expect 0 "$HERE_NOTE"
expect_not "$THERE_NOTE" "88001" "99001"

note "and not the other one: what is asked for by name is refused"
cs maria show "$THERE_NOTE"
expect 5 "maria may not read"
cs maria balance --entity UK01
expect 5 "UK01"
cs maria aging --entity UK01
expect 5 "UK01"
cs maria trial balance --entity UK01
expect 5 "UK01"
cs maria exceptions --entity UK01
expect 5 "UK01"
cs maria disputes --entity UK01
expect 5 "UK01"
cs maria statement --customer 88001 --entity UK01
expect 5
cs maria exposure 88001 --entity UK01
expect 5
cs maria statement --customer 88001
expect 2 "88001" "$LEFT"
cs maria log --customer 88001
expect 2 "88001" "$LEFT"
cs maria audit extract --entity UK01 --period 2026-01 --out extract.csv
expect 5 "UK01"
[ ! -e extract.csv ] || wrong "an extract of what may not be read was written"
cs maria audit export --out all.jsonl
expect 5 "audit.read"
[ ! -s all.jsonl ] || wrong "an export without the entries of others was written"
cs maria post credit-note --entity UK01 --invoice 99001 --amount 1 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 5

note "the other way round"
cs ulla show "$THERE_NOTE"
expect 0 "302.00" "could sign" "uwe"
cs ulla show "$HERE_NOTE"
expect 5 "ulla may not read"
cs ulla balance
expect 0 "88001" "$LEFT: you read UK01"
expect_not "10442" "US01 "

note "approvers find what waits in their entities, and sign it"
cs ana inbox
expect 0 "$HERE_NOTE"
expect_not "$THERE_NOTE"
cs uwe inbox
expect 0 "$THERE_NOTE"
expect_not "$HERE_NOTE"
cs uwe approve "$HERE_NOTE"
expect 5 "uwe may not read"
cs uwe approve "$THERE_NOTE"
expect 0 "posted"
cs ana approve "$HERE_NOTE"
expect 0 "posted"
cs priya balance
expect 0 "10442" "88001"
expect_not "$LEFT"

note "officers read governance, administrators how the server does, auditors everything"
cs olga grant list
expect 0 "ulla" "BILLING_SPECIALIST" "UK01"
cs olga show "$HERE_NOTE"
expect 5 "olga may not read"
cs olga balance
expect 0 "$LEFT: you read no entity's books"
cs ada status
expect 0 "served" "2 not in the ERP, the oldest for"
cs ada status --json
expect 0 '"outbox":{"oldest":"' '"unacknowledged":2' '"server":{'
expect_not "US01-CN" "$HERE_NOTE"
cs ada outbox
expect 0 "left out"
expect_not "US01-CN"
cs audrey status
expect 0 "2 not in the ERP, the oldest for"
cs maria status
expect 0 "outbox" "not for you to count"
expect_not "not in the ERP"
cs maria status --json
expect_not '"outbox"' '"server"'
cs ada show "$HERE_NOTE"
expect 5
cs ada grant list
expect 0 "$LEFT"
expect_not "maria"
cs ada log
expect 0 "left out"
expect_not "maria" "$HERE_NOTE"
note "reports about everybody are for those who may read of everybody"
for report in "period list" "conflicts" "user leavers" "delegations" "break-glass list" "review list" "rates list" \
    "exceptions" "key suspects" "entity list"; do
    cs ada $report
    expect 5
    cs maria $report
    expect 0
done
cs maria hold list
expect 5
cs olga hold list
expect 0
cs maria entity list
expect 0 "open   not for you to read" "4 customers, 25 invoices"
cs maria audit verify
expect 5 "audit.read"
cs nobody status
expect 0 "not for you to count"
cs nobody show "$HERE_NOTE"
expect 5
cs audrey show "$HERE_NOTE"
expect 0 "301.00"
cs audrey show "$THERE_NOTE"
expect 0 "302.00"
cs audrey balance
expect 0 "10442" "88001"
expect_not "$LEFT"
cs audrey log
expect 0 "$HERE_NOTE" "$THERE_NOTE"
expect_not "left out"
cs audrey audit export --out all.jsonl
expect 0
cs audrey trial balance --entity UK01
expect 0 "302.00"

# STATUS COMMAND... for each of $READERS; what is refused for lack of rights is never called damaged.
each() {
    local status=$1 reader
    shift
    for reader in $READERS; do
        rm -f made.*
        cs "$reader" "$@"
        expect "$status"
        [ "$status" != 5 ] || expect_not "corrupt" "damaged" "differs" "is not in the books"
    done
}
HERE_READERS="maria ana joe bot1" ALL_READERS="sally alma feedc feedi" OTHERS="ada olga nobody"

note "what takes everything is refused to who reads less, with the function that it takes; nothing seems damaged"
READERS=audrey
each 0 checkpoint
each 0 audit verify
each 0 audit verify --fast
READERS="$HERE_READERS $ALL_READERS $OTHERS"
each 5 audit verify
expect 5 "audit.read" "nobody does not hold"
each 5 audit verify --fast
expect 5 "audit.read" "nobody does not hold"
note "whoever may read every entry has them all"
READERS="$ALL_READERS audrey"
each 0 audit export --out made.jsonl
each 0 backup --out made.backup
mv made.backup base.backup
READERS="$HERE_READERS $OTHERS"
each 5 audit export --out made.jsonl
expect 5 "audit.read"
each 5 backup --out made.backup
expect 5 "audit.read"
[ ! -e made.backup ] || wrong "a backup without the entries of others was left"
note "what an auditor puts on record is for auditors: from then on they alone have every entry"
cs audrey audit record seed --seed 314159 --purpose "25 credit notes"
expect 0
READERS=audrey
each 0 checkpoint
each 0 audit export --out made.jsonl --signers made.signers
each 0 backup --out made.backup --after base.backup
READERS="$HERE_READERS $ALL_READERS $OTHERS"
each 5 audit export --out made.jsonl
expect 5 "audit.read"
each 5 audit export --out made.jsonl --signers made.signers
each 5 backup --out made.backup
each 5 backup --out made.backup --after base.backup
expect 5 "audit.read"
[ ! -e made.backup ] || wrong "a backup without the entries of others was left"
note "a receipt, an extract, evidence: by what they are about"
READERS="$HERE_READERS $ALL_READERS audrey"
each 0 audit prove "$HERE_NOTE" --to made.proof
each 0 audit extract --entity US01 --period 2026-01 --out made.csv
mkdir -p made
for reader in $READERS; do
    rm -f made/*
    cs "$reader" evidence "$HERE_NOTE" --to made
    expect 0 "price-sheet"
done
READERS=$OTHERS
each 5 audit prove "$HERE_NOTE" --to made.proof
each 5 audit extract --entity US01 --period 2026-01 --out made.csv
each 5 evidence "$HERE_NOTE" --to made
READERS="$ALL_READERS audrey"
each 0 audit prove "$THERE_NOTE" --to made.proof
each 0 audit extract --entity UK01 --period 2026-01 --out made.csv
READERS="$HERE_READERS $OTHERS"
each 5 audit prove "$THERE_NOTE" --to made.proof
each 5 audit extract --entity UK01 --period 2026-01 --out made.csv
each 5 evidence "$THERE_NOTE" --to made
READERS="$HERE_READERS $ALL_READERS $OTHERS audrey"
each 0 audit prove --since 3 --to made.proof
READERS="$HERE_READERS $ALL_READERS olga nobody"
each 5 checkpoint
READERS="ada audrey"
each 0 checkpoint

note "rights come and go with what gives them, at the next command"
give joe BILLING_SPECIALIST UK01
cs joe show "$THERE_NOTE"
expect 0 "302.00"
cs olga grant revoke "$GIVEN" --reason "no longer needed"
expect 0
cs joe show "$THERE_NOTE"
expect 5 "joe may not read"
cs joe show "$HERE_NOTE"
expect 0
cs uwe delegate tom --functions credit-note.approve.1 --until 2026-01-20 --reason leave
expect 0
DELEGATION=$(number DG)
cs oscar approve "$DELEGATION"
expect 0 "in force"
cs tom show "$THERE_NOTE"
expect 0 "302.00"
cs olga grant revoke "$DELEGATION" --reason "back again"
expect 0
cs tom show "$THERE_NOTE"
expect 5 "tom may not read"
cs olga user show joe
KEY=$(printf '%s\n' "$OUT" | grep -o "SHA256:[A-Za-z0-9+/]*" | head -1)
cs olga key revoke joe "$KEY" --reason "Lost"
expect 0 "in force"
cs joe show "$HERE_NOTE"
expect 5

note "without a key there is no way in, and the files are not for asking"
new_key stranger
run show "$HERE_NOTE" --book "$AT" --as maria --key stranger.key --passphrase-fd 3
expect 5
run show "$HERE_NOTE" --book "$AT" --as stranger --key stranger.key --passphrase-fd 3
expect 5
finish
