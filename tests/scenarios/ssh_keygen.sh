#!/bin/bash
# Statements and their signatures, taken out of an export as they are stored, are accepted by ssh-keygen with the register
# that the export wrote, at the time of the entry and not outside the key's window; with any byte changed they are not.
# For a key that `key new` made and for one that ssh-keygen made and ssh-agent holds.
. "$(dirname "$0")/lib.sh"
command -v ssh-keygen >/dev/null && command -v ssh-agent >/dev/null || { echo "no ssh-keygen or ssh-agent"; exit 77; }
found_company

export SSH_AUTH_SOCK=$WORK/agent.sock
AGENT=$(ssh-agent -s -a "$SSH_AUTH_SOCK" | sed -n 's/.*SSH_AGENT_PID=\([0-9]*\);.*/\1/p')
trap 'kill $AGENT; rm -rf "$WORK"' EXIT
ssh-keygen -q -t ed25519 -N "" -C nina -f agentkey
ssh-add -q agentkey

note "a user with a key in ssh-agent, enrolled and granted"
python3 - >nina.body <<'PY'
import json
key = " ".join(open("agentkey.pub").read().split()[:2])
print(json.dumps({"atomic": True, "documents": [
    {"kind": "enrolment", "ref": "en-nina", "channel": "cli", "user": "nina", "person": "P-77", "sort": "human", "key": key}]}))
PY
tick
python3 "$HERE/../support/statement.py" nina.json olga submit "$(now)" "$("$COUNTERSIGN" status --json --book "$BOOK" 2>/dev/null)" <nina.body
run sign nina.json --key olga.key --passphrase-fd 3
expect 0
run sign nina.json --as nina
expect 0 "2 signatures"
run submit nina.json --book "$BOOK"
expect 0
cs oscar approve --inbox
expect 0 "in force"
cs olga grant nina BILLING_SPECIALIST --entity US01
expect 0
cs oscar approve --inbox
expect 0 "in force"

note "each posts"
cs maria post credit-note --invoice 900000 --amount 1.00 --reason PRICE_ERR --evidence prices.pdf --note "Straße, naïve, 数"
expect 0 "posted as"
tick
run post credit-note --invoice 900001 --amount 1.00 --reason PRICE_ERR --evidence dunning.txt --book "$BOOK" --as nina --at "$(now)"
expect 0 "posted as" "signed by nina"

note "ssh-keygen reads what was stored"
run audit export --out book.jsonl --signers allowed_signers --book "$BOOK"
expect 0
python3 - <<'PY' || die "nothing could be taken out of the export"
import base64, json
# The exact stored bytes of the statement: between its member's name and the next member, time.
count = 0
with open("book.jsonl", "rb") as lines:
    for line in lines:
        entry = json.loads(line)
        begins = line.index(b'"statement":') + len(b'"statement":')
        ends = line.rindex(b',"time":"')
        span = line[begins:ends]
        assert json.loads(span) == entry["statement"]
        seq, actor = entry["seq"], entry["statement"]["actor"]
        open(f"s{seq}.bytes", "wb").write(span)
        for number, signature in enumerate(entry["signatures"]):
            blob = base64.b64decode(signature, validate=True)
            text = base64.b64encode(blob).decode()
            lines70 = "\n".join(text[i:i + 70] for i in range(0, len(text), 70))
            open(f"s{seq}.{number}.sig", "w").write(
                f"-----BEGIN SSH SIGNATURE-----\n{lines70}\n-----END SSH SIGNATURE-----\n")
            print(seq, number, actor or "-", entry["time"].replace("-", "").replace(":", "").replace("T", "")[:14],
                  file=open("list", "a"))
            count += 1
assert count > 20
PY

# verify SEQ NUMBER PRINCIPAL TIME BYTES
verify() {
    LAST="ssh-keygen -Y verify entry $1 signature $2 as $3 at $4"
    OUT=$(ssh-keygen -Y verify -f allowed_signers -I "$3" -n countersign -s "s$1.$2.sig" -O verify-time="$4Z" <"$5" 2>&1)
    RC=$?
    ERR=
}

TAKEN=0
while read -r seq number actor time; do
    # Whose signature it is: ssh-keygen says it; several sign an enrolment.
    who=$(ssh-keygen -Y find-principals -f allowed_signers -s "s$seq.$number.sig" -O verify-time="${time}Z" 2>/dev/null)
    case "$who" in
    "") # a new key on its own enrolment is in force only when that is approved
        CHECKS=$((CHECKS + 1))
        ssh-keygen -Y check-novalidate -n countersign -s "s$seq.$number.sig" <"s$seq.bytes" >/dev/null 2>&1 ||
            wrong "entry $seq signature $number is not one over the stored bytes" ;;
    *)
        verify "$seq" "$number" "$who" "$time" "s$seq.bytes"
        expect 0 "Good \"countersign\" signature for $who with ED25519"
        TAKEN=$((TAKEN + 1))
        verify "$seq" "$number" someone "$time" "s$seq.bytes"
        expect 255 ;;
    esac
done <list
CHECKS=$((CHECKS + 1))
[ "$TAKEN" -ge 10 ] || wrong "only $TAKEN signatures were verified with the register"

note "a changed byte, another namespace, a time before the key was"
for user in maria nina; do
    read -r seq number actor time < <(grep " $user " list | tail -n 1)
    python3 - "s$seq.bytes" <<'PY'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
for at in (0, len(data) // 2, len(data) - 1):
    changed = bytearray(data)
    changed[at] ^= 1
    open(f"changed.{at and (1 if at < len(data) - 1 else 2)}", "wb").write(changed)
open("changed.3", "wb").write(data + b"\n")
PY
    verify "$seq" "$number" "$user" "$time" "s$seq.bytes"
    expect 0 "Good"
    for i in 0 1 2 3; do
        verify "$seq" "$number" "$user" "$time" "changed.$i"
        expect 255
        expect_not "Good"
    done
    verify "$seq" "$number" "$user" 20260101000000 "s$seq.bytes"
    expect 255
    LAST="another namespace"
    OUT=$(ssh-keygen -Y verify -f allowed_signers -I "$user" -n file -s "s$seq.$number.sig" -O verify-time="${time}Z" <"s$seq.bytes" 2>&1)
    RC=$?
    expect 255
done
finish
