#!/bin/bash
# Security keys (FIDO) in a real ssh-agent, made and used through a provider in software: enrolled, rotated, posted and approved
# with; presence always, verification where the policy asks for it; what a person is told when a key is not there, not touched,
# not his, no longer his, or the agent is locked, asks or dies.
. "$(dirname "$0")/lib.sh"
PROVIDER=$(realpath "${PRELOAD_DIR:-/nonexistent}")/security_key.so
[ -f "$PROVIDER" ] && [ -x /usr/lib/openssh/ssh-sk-helper ] && command -v ssh-agent >/dev/null ||
    { echo "no security-key provider or no ssh-agent"; exit 77; }
sed 's/^bots: /verification: { from_level: 2, functions: [period.close] }\n&/' "$POLICY" >strict.yaml
POLICY=$WORK/strict.yaml
found_company

# What the person in front of the security key does, and what he answers on the screen.
export SECURITY_KEY_HAND=$WORK/hand
hand() { echo "$1" >"$SECURITY_KEY_HAND"; }
echo yes >consent
echo 1234 >pin
cat >askpass <<'SCRIPT'
#!/bin/sh
cd "$(dirname "$0")" || exit 1
echo "$*" >>asked
case "$SSH_ASKPASS_PROMPT" in
none) exit 0 ;;
confirm) [ "$(cat consent)" = yes ] ;;
*) cat pin ;;
esac
SCRIPT
chmod +x askpass
export SSH_ASKPASS=$WORK/askpass SSH_ASKPASS_REQUIRE=force
start_agent() {
    rm -f "$WORK/agent.sock"
    AGENT=$(ssh-agent -s -a "$WORK/agent.sock" -P "$PROVIDER" | sed -n 's/.*SSH_AGENT_PID=\([0-9]*\);.*/\1/p')
}
trap 'kill $AGENT $SERVER 2>/dev/null; rm -rf "$WORK"' EXIT
start_agent
export SSH_AUTH_SOCK=$WORK/agent.sock
security_key() { ssh-keygen -q -t ed25519-sk -w "$PROVIDER" -N "" -C "$1" "${@:2}" -f "$1" </dev/null || die "keygen $1"; }
add() { ssh-add -q -S "$PROVIDER" "$@" 2>/dev/null || die "ssh-add $*"; }
# as USER COMMAND...: with what ssh-agent holds
as() {
    local user=$1
    shift
    tick
    run "$@" --book "$BOOK" --as "$user" --at "$(now)"
}
head_seq() { "$COUNTERSIGN" status --json --book "$BOOK" 2>/dev/null | python3 -c 'import json, sys; print(json.load(sys.stdin)["head"]["seq"])'; }
# waiting INVOICE AMOUNT: maria's credit note of that amount; its number in $CN
waiting() {
    cs maria post credit-note --invoice "$1" --amount "$2" --reason PRICE_ERR --evidence prices.pdf
    expect 0 "waits for"
    CN=$(printf '%s\n' "$OUT" | grep -o 'CN-[0-9]*' | head -1)
}

note "enrolled: the agent proves that the new key is in somebody's hands"
hand touch
security_key nina-sk
security_key priya-sk
security_key ana-sk
add nina-sk priya-sk ana-sk
tick
run user add nina --person P-77 --sort human --new-key nina-sk.pub --book "$BOOK" --as olga --key olga.key --passphrase-fd 3 --at "$(now)"
expect 0 "EN-" "waits for"
cs oscar approve --inbox
expect 0 "in force"
cs olga grant nina BILLING_SPECIALIST --entity US01
cs oscar approve --inbox
expect 0 "in force"
cs olga key list nina
expect 0 "$(ssh-keygen -l -f nina-sk.pub | cut -d' ' -f2)" "valid"
cs olga key add priya --new-key priya-sk.pub
expect 0 "KR-" "waits for"
cs oscar approve --inbox
expect 0 "in force"
tick
run key rotate --new-key ana-sk.pub --book "$BOOK" --as ana --key ana.key --passphrase-fd 3 --at "$(now)"
expect 0 "KR-" "waits for"
cs oscar approve --inbox
expect 0 "in force"
note "without the key's touch nobody is enrolled"
security_key zoe-sk
add zoe-sk
hand absent
cs olga user add zoe --person P-78 --sort human --new-key zoe-sk.pub
expect 5 "was not touched"
cs olga user add zoe --person P-78 --sort human --public zoe-sk.pub
expect 1 "C-52" "has not signed this statement"

note "what KEYS.md says to type"
hand verify
export SSH_SK_PROVIDER=$PROVIDER
LINES=0
while read -r line; do
    LINES=$((LINES + 1))
    LAST=$line
    tick
    case "$line" in
    countersign*) eval "run ${line#countersign} --book $BOOK --passphrase-fd 3 --at $(now)" ;;
    *) OUT=$(bash -c "$line" 2>&1 </dev/null); RC=$?; ERR= ;;
    esac
    expect 0
    case "$line" in *rotate*) cs oscar approve --inbox; expect 0 "in force" ;; esac
done < <(awk '/^```console/ { inside = 1; next } /^```/ { inside = 0 } inside && /^\$ / { print substr($0, 3) }' "$HERE/../../cli/KEYS.md")
CHECKS=$((CHECKS + 1))
[ "$LINES" = 4 ] || wrong "KEYS.md has $LINES lines to type"
unset SSH_SK_PROVIDER
ssh-add -q -d maria-sk 2>/dev/null || die "maria-sk"
new_key maria-2 # the other scenes go on with a plain key
cs olga key add maria --public maria-2.key.pub --to maria-2.json
run sign maria-2.json --key maria-2.key --passphrase-fd 3
run submit maria-2.json --book "$BOOK"
cs oscar approve --inbox
expect 0 "in force"
mv maria-2.key maria.key

note "presence: a touch posts; no touch does not, and a key that signs without is found out"
hand touch
as nina post credit-note --invoice 900000 --amount 1.00 --reason PRICE_ERR --evidence prices.pdf
expect 0 "posted as" "signed by nina"
BEFORE=$(head_seq)
hand absent
as nina post credit-note --invoice 900001 --amount 1.00 --reason PRICE_ERR --evidence prices.pdf
expect 5 "the ssh-agent refuses" "was not touched"
hand unplugged
as nina post credit-note --invoice 900001 --amount 1.00 --reason PRICE_ERR --evidence prices.pdf
expect 5 "the security key is not there"
hand careless
as nina post credit-note --invoice 900001 --amount 1.00 --reason PRICE_ERR --evidence prices.pdf
expect 3 "the FIDO key was used without its user's touch"
CHECKS=$((CHECKS + 1))
[ "$(head_seq)" = "$BEFORE" ] || wrong "what was not signed left an entry"

note "verification: level 1 takes a touch, level 2 a PIN or finger, and a plain key is none"
hand touch
waiting 581483 3000.00
as ana approve "$CN"
expect 0 "approved"
as priya approve "$CN" --dry-run
expect 0 "noted" "credit-note.approve.2 is signed with a security key that verifies its user, by PIN or finger"
as priya approve "$CN"
expect 1 "refused" "C-52" "credit-note.approve.2 is signed with a security key that verifies its user, by PIN or finger; this one was only touched"
as priya log --user priya --limit 1
expect 0 "refused" "C-52"
run audit export --book "$BOOK" --out refused.jsonl
CHECKS=$((CHECKS + 1))
grep -q '"code":"not-verified","control":"C-52","function":"credit-note.approve.2","signed":"touched"' refused.jsonl ||
    wrong "the refusal is not in the journal"
cs priya approve "$CN"
expect 1 "C-52" "this one is none"
hand verify
as priya approve "$CN"
expect 0 "posted as"
VERIFIED=$(head_seq)
note "a key that always asks for its PIN"
hand verify
security_key priya-pin -O verify-required
add priya-pin
hand pin
cs olga key add priya --new-key priya-pin.pub
expect 0 "KR-"
cs oscar approve --inbox
waiting 581483 2900.00
hand touch
as ana approve "$CN"
expect 0 "approved"
hand pin
: >asked
as priya approve "$CN" --key priya-pin.pub
expect 0 "posted as"
CHECKS=$((CHECKS + 1))
grep -q "Enter PIN and confirm user presence" asked || wrong "nobody asked for the PIN"
echo 9999 >pin
waiting 40251 2700.00
hand touch
as ana approve "$CN"
hand pin
as priya approve "$CN" --key priya-pin.pub
expect 5 "did not verify its user"
echo 1234 >pin
as priya approve "$CN" --key priya-pin.pub
expect 0 "posted as"

note "which key: one of the user's that counts, security keys first, and it is told; FILE.pub takes another"
ssh-keygen -q -t ed25519 -N "" -C nina-plain -f nina-plain
add nina-plain
cs olga key add nina --new-key nina-plain.pub
expect 0 "KR-"
cs oscar approve --inbox
expect 0 "in force"
hand touch
as nina post credit-note --invoice 900002 --amount 1.00 --reason PRICE_ERR --evidence dunning.txt
expect 0 "posted as" "ssh-agent holds 2 keys of nina, $(ssh-keygen -l -f nina-sk.pub | cut -d' ' -f2) signs; --key FILE.pub takes another one"
hand absent
as nina post credit-note --invoice 900003 --amount 1.00 --reason PRICE_ERR --evidence report.pdf --key nina-plain.pub
expect 0 "posted as"
expect_not "takes another one"
as nina post credit-note --invoice 900004 --amount 1.00 --reason PRICE_ERR --evidence report.pdf --key nina-plain
expect 2 "nina-plain is a private key of OpenSSH: ssh-add nina-plain, then give --key nina-plain.pub"
as nina post credit-note --invoice 900004 --amount 1.00 --reason PRICE_ERR --evidence report.pdf --key missing.pub
expect 2 "missing.pub"
# Somebody else's key, named: what the control says of it.
hand touch
as joe post credit-note --invoice 900004 --amount 1.00 --reason PRICE_ERR --evidence report.pdf --key nina-sk.pub
expect 5 "$(either "the statement is not signed by a key of joe" "is not one of joe; sign with one that is enrolled for joe")"
as joe post credit-note --invoice 900004 --amount 1.00 --reason PRICE_ERR --evidence report.pdf
expect 5 "$(either "ssh-agent holds no key of joe that counts now (it has 6 that are not)" "none of the 6 keys that were offered is one of joe")"

note "taken out of the agent; two hundred others in it; locked; asked for consent"
ssh-add -q -d nina-plain 2>/dev/null
as nina post credit-note --invoice 900004 --amount 1.00 --reason PRICE_ERR --evidence report.pdf --key nina-plain.pub
expect 2 "is not in the ssh-agent; add it with ssh-add"
ssh-add -q -D 2>/dev/null
as nina post credit-note --invoice 900004 --amount 1.00 --reason PRICE_ERR --evidence report.pdf
expect 5 "holds no key of nina" "(it has none, or it is locked: ssh-add -X)"
mkdir many
for i in $(seq 200); do ssh-keygen -q -t ed25519 -N "" -f "many/$i"; done
ssh-add -q many/*[0-9] 2>/dev/null
add nina-sk
CHECKS=$((CHECKS + 1))
[ "$(ssh-add -l | wc -l)" = 201 ] || wrong "the agent does not hold 201 keys"
as nina post credit-note --invoice 900004 --amount 1.00 --reason PRICE_ERR --evidence report.pdf
expect 0 "posted as"
as joe post credit-note --invoice 900005 --amount 1.00 --reason PRICE_ERR --evidence report.pdf
expect 5 "$(either "it has 201 that are not" "none of the 201 keys")"
ssh-add -q -x 2>/dev/null
as nina post credit-note --invoice 900005 --amount 1.00 --reason PRICE_ERR --evidence report.pdf
expect 5 "locked: ssh-add -X"
as nina post credit-note --invoice 900005 --amount 1.00 --reason PRICE_ERR --evidence report.pdf --key nina-sk.pub
expect 2 "is not in the ssh-agent"
ssh-add -q -X 2>/dev/null
ssh-add -q -D 2>/dev/null
add -c nina-sk
echo no >consent
as nina post credit-note --invoice 900005 --amount 1.00 --reason PRICE_ERR --evidence report.pdf
expect 5 "the ssh-agent refuses" "the use was not confirmed"
echo yes >consent
as nina post credit-note --invoice 900005 --amount 1.00 --reason PRICE_ERR --evidence report.pdf
expect 0 "posted as"

note "the agent dies while it is asked"
BEFORE=$(head_seq)
hand slow
tick
LAST="post while the agent dies"
"$COUNTERSIGN" post credit-note --invoice 900006 --amount 1.00 --reason PRICE_ERR --evidence report.pdf --book "${AT:-$BOOK}" \
    --as nina --at "$(now)" >out 2>err &
POST=$!
sleep 1
kill "$AGENT"
wait "$POST"
RC=$? OUT=$(cat out) ERR=$(cat err)
expect 4 "the ssh-agent closed the connection instead of answering"
CHECKS=$((CHECKS + 1))
[ "$(head_seq)" = "$BEFORE" ] || wrong "what was not signed left an entry"
as nina post credit-note --invoice 900006 --amount 1.00 --reason PRICE_ERR --evidence report.pdf
expect 2 "no ssh-agent at"
start_agent
add nina-sk priya-sk
hand touch
as nina post credit-note --invoice 900006 --amount 1.00 --reason PRICE_ERR --evidence report.pdf
expect 0 "posted as"

note "keys that count no more are told apart from those of others"
hand touch
security_key tom-sk
add tom-sk
cs olga key add tom --new-key tom-sk.pub --until 2026-01-05T12:00:00Z
expect 0 "KR-"
cs oscar approve --inbox
expect 0 "in force"
cs olga key revoke nina "$(ssh-keygen -l -f nina-sk.pub | cut -d' ' -f2)" --reason "lost"
expect 0 "in force"
as nina post credit-note --invoice 900007 --amount 1.00 --reason PRICE_ERR --evidence report.pdf
expect 5 "$(either "holds no key of nina that counts now (it has $(ssh-keygen -l -f nina-sk.pub | cut -d' ' -f2) revoked 2026-01-05, 2 that are not)" \
    "this key of nina reads nothing any more: it is revoked or over")"
as nina post credit-note --invoice 900007 --amount 1.00 --reason PRICE_ERR --evidence report.pdf --key nina-sk.pub
if [ -n "$AT" ]; then # what it may not read it does not get to sign
    expect 5 "this key of nina reads nothing any more"
else
    expect 1 "C-52" "is no longer valid for nina"
fi
NOW=$(date -u -d "2026-01-05T11:59:58Z" +%s)
waiting 581484 300.00
as tom approve "$CN"
expect 5 "over since 2026-01-05"

note "officers: they show that they can before they are bound"
NOW=$(date -u -d "2026-01-05T15:00:00Z" +%s)
hand verify
for user in olga oscar; do
    security_key $user-sk
    add $user-sk
    cs olga key add $user --new-key $user-sk.pub
    expect 0 "KR-"
    cs oscar approve --inbox
    expect 0 "in force"
done
sed 's/^verification: .*/verification: { from_level: 2, functions: [govern.access, govern.policy, period.close] }/' "$POLICY" >bound.yaml
run policy check bound.yaml
expect 0 "no error"
cs olga policy diff bound.yaml
expect 0 "verification" "functions gains govern.access, govern.policy"
cs olga policy propose bound.yaml
expect 1 "C-52" "govern.policy is signed with a security key"
as olga policy propose bound.yaml
expect 0 "PO-" "waits for"
cs oscar approve --inbox
expect 1 "C-52" "this one is none"
as oscar approve --inbox
expect 0 "in force"
NOW=$(date -u -d "2026-01-06T06:00:00Z" +%s)
hand touch
as olga grant maria2 READER --entity US01
expect 1 "C-52" "only touched"
cs olga grant maria2 READER --entity US01
expect 1 "C-52" "this one is none"
as olga grant maria2 READER --entity US01 --dry-run
expect 0 "govern.access is signed with a security key"
hand verify
as olga grant maria2 READER --entity US01
expect 0 "GR-"
as oscar approve --inbox
expect 0 "in force"
cs olga policy show
expect 0 "from level 2 on" "govern.access, govern.policy, period.close"
run audit verify --book "$BOOK"
expect 0

note "ssh-keygen reads what security keys signed, as it is stored"
run audit export --out book.jsonl --signers allowed_signers --book "$BOOK"
expect 0
python3 - "$VERIFIED" <<'PY' || die "nothing could be taken out of the export"
import base64, json, sys
count = 0
for line in open("book.jsonl", "rb"):
    entry = json.loads(line)
    span = line[line.index(b'"statement":') + len(b'"statement":'):line.rindex(b',"time":"')]
    for number, text in enumerate(entry["signatures"]):
        blob = base64.b64decode(text)
        if b"sk-ssh-ed25519@openssh.com" not in blob or entry["decision"]["outcome"] == "refused":
            continue
        open(f"s{entry['seq']}.bytes", "wb").write(span)
        coded = base64.b64encode(blob).decode()
        rows = "\n".join(coded[i:i + 70] for i in range(0, len(coded), 70))
        open(f"s{entry['seq']}.{number}.sig", "w").write(f"-----BEGIN SSH SIGNATURE-----\n{rows}\n-----END SSH SIGNATURE-----\n")
        time = entry["time"].replace("-", "").replace(":", "").replace("T", "")[:14]
        print(entry["seq"], number, entry["statement"]["actor"], time, file=open("list", "a"))
        count += 1
assert count > 15, count
# A reader of the format must see the flag: without it the signature is none, and the approval lacks its verification.
lines = open("book.jsonl", "rb").read().split(b"\n")
entry = json.loads(lines[int(sys.argv[1])])
blob = bytearray(base64.b64decode(entry["signatures"][0]))
assert blob[-5] == 5, blob[-5]
blob[-5] = 1
lines[int(sys.argv[1])] = lines[int(sys.argv[1])].replace(entry["signatures"][0].encode(), base64.b64encode(blob))
open("forged.jsonl", "wb").write(b"\n".join(lines))
PY
TAKEN=0
while read -r seq number actor time; do
    who=$(ssh-keygen -Y find-principals -f allowed_signers -s "s$seq.$number.sig" -O verify-time="${time}Z" 2>/dev/null)
    LAST="ssh-keygen -Y verify entry $seq signature $number as $who"
    if [ -z "$who" ]; then # a key on its own enrolment counts only when that is approved
        OUT=$(ssh-keygen -Y check-novalidate -n countersign -s "s$seq.$number.sig" <"s$seq.bytes" 2>&1)
    else
        OUT=$(ssh-keygen -Y verify -f allowed_signers -I "$who" -n countersign -s "s$seq.$number.sig" -O verify-time="${time}Z" \
            <"s$seq.bytes" 2>&1)
        TAKEN=$((TAKEN + 1))
    fi
    RC=$? ERR=
    expect 0 'Good "countersign" signature' "with ED25519-SK key"
done <list
CHECKS=$((CHECKS + 1))
[ "$TAKEN" -ge 10 ] || wrong "only $TAKEN signatures were verified with the register"
LAST="checker.py of a flag taken away"
OUT=$("$HERE/../checker.py" forged.jsonl 2>&1)
RC=$? ERR=
expect 3 "credit-note.approve.2 takes a key that has verified its user, and priya signed without" "does not cover these bytes"

note "a book whose charter asks officers for verification is founded with such keys"
unset SSH_ASKPASS
FIRST=$BOOK BOOK=$WORK/strict
officers="--officer olga:P-01:olga-sk.pub --officer oscar:P-02:oscar-sk.pub"
run charter new --to strict.json --name ledger.example/strict $officers --book-key book-key.key.pub --policy bound.yaml \
    --clock simulated --at "$(now)"
expect 0
for way in touch verify; do
    cp strict.json "$way.json"
    cp strict.json.salt "$way.json.salt"
    for user in olga oscar; do
        hand $way
        [ "$way$user" = touchoscar ] && hand verify
        run sign "$way.json" --key "$user-sk.pub"
        expect 0 "signature"
    done
done
run init touch.json --book "$BOOK"
expect 1 "the policy asks officers for security keys that verify their user, by PIN or finger, and $(ssh-keygen -l -f olga-sk.pub | cut -d' ' -f2) has signed without"
run init verify.json --book "$BOOK"
expect 0
read_again
BOOK=$FIRST
finish
