#!/usr/bin/env bash
# RFC 3161: a checkpoint stamped by an authority of stock openssl, carried by a program and by files; what is altered, of another
# note or of another authority is refused or found; and a time stamp bounds entry times as a cosignature does.
unset SERVED # about files
. "$(dirname "$0")/lib.sh"
. "$HERE/../support/authority.sh"

note "an authority"
make_authority
printf '#!/bin/bash\nexec sleep 100\n' >asleep
printf '#!/bin/bash\nyes\n' >chatter
printf '#!/bin/bash\necho "the proxy is down" >&2\nexit 7\n' >down
printf '#!/bin/bash\necho "not a reply"\n' >nonsense
chmod +x asleep chatter down nonsense

# A book with a real clock, of one entry.
for user in olga oscar book; do run key new --key "$user.key" --kdf minimal --passphrase-fd 3; done
run charter new --to charter.json --name ledger.example/ar --officer olga:P-01:olga.key.pub \
    --officer oscar:P-02:oscar.key.pub --book-key book.key.pub --policy "$POLICY"
for user in olga oscar; do run sign charter.json --key "$user.key" --passphrase-fd 3; done
run init charter.json --book "$BOOK"
expect 0
checkpoint() { run checkpoint --book "$BOOK" --key book.key --passphrase-fd 3 "$@"; }

note "through a program"
checkpoint --timestamp "$WORK/carrier" --tsa tsa/ca.pem --out one.note
expect 0 "checkpoint of 1 entries in one.note"
STAMP=$(ls "$BOOK/timestamps")
case "$STAMP" in 1-????????????????.tsr) ;; *) wrong "the time stamp is called $STAMP" ;; esac
run audit verify --book "$BOOK"
expect 0 "1 time stamp not checked: --tsa"
run audit verify --book "$BOOK" --tsa tsa/ca.pem
expect 0 "time stamps: entries up to 0 existed by $(date -u +%Y-%m-%dT)" "the newest of 1"
run audit verify --book "$BOOK" --tsa tsa/ca.pem --json
expect 0 '"timestamps":{"checked":true,"files":1,"good":{"count":1'
openssl ts -verify -data one.note -in "$BOOK/timestamps/$STAMP" -CAfile tsa/ca.pem >/dev/null 2>&1 ||
    wrong "openssl alone does not accept it"

note "in bundles, of the whole and of a part, without the book"
bundle() { # NAME OPTIONS...: the bundle of that name checked
    LAST="countersign-verify $*"
    OUT=$("$(dirname "$COUNTERSIGN")/countersign-verify" "$@" 2>err)
    RC=$?
    ERR=$(cat err)
}
pack() { run audit pack --book "$BOOK" --as olga --key olga.key --passphrase-fd 3 --to "$@"; }
pack whole
expect 0 "time stamps   1"
pack today --period "$(date -u -d yesterday +%Y-%m-%d)..$(date -u -d tomorrow +%Y-%m-%d)"
expect 0 "time stamps   1"
pack nothing --since 1
expect 0 "time stamps   1"
for name in whole today nothing; do
    bundle $name
    expect 0 "1 time stamp not checked: no --tsa"
    bundle $name --tsa tsa/ca.pem
    expect 0 "time stamps: entries up to 0 existed by $(date -u +%Y-%m-%dT)" "the newest of 1"
    expect_not "no --tsa"
    bundle $name --tsa tsa/ca.pem --json
    expect 0 '"timestamps":{"checked":true,"files":1,"good":{"count":1'
    bundle $name --tsa tsa/other.pem
    expect 3 "timestamps/$STAMP: the time stamp does not verify under tsa/other.pem"
    cp -a $name altered
    printf x | dd of="altered/timestamps/$STAMP" bs=1 seek=300 conv=notrunc 2>/dev/null
    bundle altered --tsa tsa/ca.pem
    expect 3 "timestamps/$STAMP: its bytes are not those" "timestamps/$STAMP: "
    rm -rf altered
done
cp -a whole astray
mv "astray/timestamps/$STAMP" astray/timestamps/1-0123456789abcdef.tsr
bundle astray --tsa tsa/ca.pem
expect 3 "timestamps/$STAMP: is missing"

note "what cannot be"
checkpoint --timestamp carrier --tsa tsa/ca.pem
expect 2 "from / on"
checkpoint --timestamp "$WORK/carrier"
expect 2 "--tsa"
checkpoint --tsa tsa/ca.pem
expect 2 "--timestamp"
checkpoint --timestamp "$WORK/nowhere" --tsa tsa/ca.pem
expect 2 "has no time stamp" "nowhere"
checkpoint --timestamp "$WORK/down" --tsa tsa/ca.pem
expect 1 "exit status 7: the proxy is down"
checkpoint --timestamp "$WORK/chatter" --tsa tsa/ca.pem
expect 2 "answers more than"
checkpoint --timestamp "$WORK/nonsense" --tsa tsa/ca.pem
expect 3 "no time-stamp reply"
checkpoint --timestamp "$WORK/carrier" --tsa tsa/ca.pem
expect 2 "is there already"
[ "$(ls "$BOOK/timestamps")" = "$STAMP" ] || wrong "another time stamp was kept"

note "by files"
run backup --book "$BOOK" --out one.backup
mv "$BOOK/timestamps" kept
checkpoint --timestamp-query query.tsq --out again.note
expect 0
cmp -s one.note again.note || wrong "the same state makes another note"
(cd tsa && openssl ts -reply -config tsa.cnf -queryfile ../query.tsq -out ../reply.tsr) 2>/dev/null
run checkpoint add --timestamp reply.tsr --tsa tsa/other.pem --book "$BOOK"
expect 3 "does not verify under tsa/other.pem"
run checkpoint add --timestamp reply.tsr --book "$BOOK"
expect 2 "--tsa"
run checkpoint add --timestamp reply.tsr --tsa nowhere.pem --book "$BOOK"
expect 2 "nowhere.pem"
echo other >other.note
(cd tsa && openssl ts -query -data ../other.note -sha512 -cert -out ../other.tsq &&
    openssl ts -reply -config tsa.cnf -queryfile ../other.tsq -out ../other.tsr) 2>/dev/null
run checkpoint add --timestamp other.tsr --tsa tsa/ca.pem --book "$BOOK"
expect 2 "about no checkpoint"
[ ! -e "$BOOK/timestamps" ] || wrong "something was kept"
run checkpoint add --timestamp reply.tsr --tsa tsa/ca.pem --book "$BOOK"
expect 0 "checkpoint of 1 entries: time stamp of"
run checkpoint add --timestamp reply.tsr --tsa tsa/ca.pem --book "$BOOK"
expect 2 "is there already"

note "altered, of another authority, of another checkpoint: findings, each with its name"
verify() { run audit verify --book "$BOOK" --fast --tsa "${1:-tsa/ca.pem}"; }
verify
expect 0 "time stamps: entries up to 0"
verify tsa/other.pem
expect 3 "timestamps/$STAMP: the time stamp does not verify under tsa/other.pem"
cat >flip.py <<'PY'
import os, subprocess, sys
countersign, book, stamp = sys.argv[1:]
path = f"{book}/timestamps/{stamp}"
good = open(path, "rb").read()
os.chmod(path, 0o600)
wrong = 0
for at in range(20, len(good), len(good) // 12):
    open(path, "wb").write(good[:at] + bytes([good[at] ^ 4]) + good[at + 1:])
    done = subprocess.run([countersign, "audit", "verify", "--book", book, "--fast", "--tsa", "tsa/ca.pem"], capture_output=True, text=True)
    if done.returncode != 3 or stamp not in done.stdout:
        wrong += 1
        print("not found:", at, len(good), done.returncode)
open(path, "wb").write(good)
print(wrong)
PY
OUT=$(python3 flip.py "$COUNTERSIGN" "$BOOK" "$STAMP")
CHECKS=$((CHECKS + 1))
[ "$(printf '%s\n' "$OUT" | tail -1)" = 0 ] || wrong "altered replies pass"
cp "$BOOK/timestamps/$STAMP" "$BOOK/timestamps/1-0000000000000000.tsr"
verify
expect 3 "timestamps/1-0000000000000000.tsr: is the time stamp of no checkpoint of this book"
rm -f "$BOOK/timestamps/1-0000000000000000.tsr"
cp other.tsr other-copy && chmod u+w "$BOOK/timestamps/$STAMP" && cp other.tsr "$BOOK/timestamps/$STAMP"
verify
expect 3 "timestamps/$STAMP: the time stamp does not verify"
: >"$BOOK/timestamps/$STAMP"
verify
expect 3 "timestamps/$STAMP: is no time-stamp reply"
head -c 70000 /dev/zero >"$BOOK/timestamps/$STAMP"
verify
expect 3 "timestamps/$STAMP" "over 65536 bytes"

note "the unsigned status says another time: it is not believed"
python3 - reply.tsr forged.tsr <<'PY'
import sys
reply = open(sys.argv[1], "rb").read()
def length(at):
    n = reply[at]
    return (n, at + 1) if n < 128 else (int.from_bytes(reply[at + 1:at + 1 + (n & 127)], "big"), at + 1 + (n & 127))
def der(tag, body):
    n = len(body)
    size = bytes([n]) if n < 128 else bytes([0x82]) + n.to_bytes(2, "big")
    return bytes([tag]) + size + body
_, at = length(1)
size, inside = length(at + 1)
token = reply[inside + size:]
def said(text):
    status = der(0x30, b"\x02\x01\x00" + der(0x30, der(0x0C, text)))
    return der(0x30, status + token)
open(sys.argv[2], "wb").write(said(b"x\nTST info:\nTime stamp: Jan  1 00:00:00 2001 GMT\n"))
open("nul.tsr", "wb").write(said(b"x\0y"))
at = reply.index(b"\x18\x0f20") + 2 # the time that the authority signed
assert reply[at + 14:at + 15] == b"Z"
open("month.tsr", "wb").write(reply[:at + 4] + b"13" + reply[at + 6:])
PY
cp forged.tsr "$BOOK/timestamps/$STAMP"
verify
expect 0 "time stamps: entries up to 0 existed by $(date -u +%Y-)"
cp nul.tsr "$BOOK/timestamps/$STAMP"
verify
expect 3 "timestamps/$STAMP: the time stamp's text holds a NUL"

note "a thirteenth month, a refusal, and a fraction of a second"
cp month.tsr "$BOOK/timestamps/$STAMP"
verify
expect 3 "timestamps/$STAMP: the time stamp's time is not in the form of openssl"
sed 's/^digests = .*/digests = sha256/' tsa/tsa.cnf >tsa/refuses.cnf
sed 's/^accuracy = .*/clock_precision_digits = 6/' tsa/tsa.cnf >tsa/fine.cnf
for config in refuses fine; do
    (cd tsa && openssl ts -reply -config $config.cnf -queryfile ../query.tsq -out ../$config.tsr) 2>/dev/null
done
cp refuses.tsr "$BOOK/timestamps/$STAMP"
verify
expect 3 "timestamps/$STAMP: is a reply without a time stamp: the authority refused"
openssl ts -reply -in fine.tsr -text 2>/dev/null | grep -q '^Time stamp: .*:[0-9][0-9]\.[0-9]* ' || wrong "no fraction to read"
cp fine.tsr "$BOOK/timestamps/$STAMP"
verify
expect 0 "time stamps: entries up to 0 existed by $(date -u +%Y-)"

note "with a book, and a time before its entries"
run restore one.backup --book restored --beside "$WORK"
expect 2
mkdir -p beside/evidence && cp -r kept beside/timestamps
run restore one.backup --book restored --beside beside
expect 0
run audit verify --book restored --tsa tsa/ca.pem
expect 0 "time stamps: entries up to 0"
for hours in 2 48; do
    (cd tsa && faketime -f -${hours}h openssl ts -reply -config tsa.cnf -queryfile ../query.tsq -out ../$hours.tsr) 2>/dev/null
done
rm -f "$BOOK/timestamps/$STAMP"
run checkpoint add --timestamp 48.tsr --tsa tsa/ca.pem --book "$BOOK"
expect 3 "not yet valid"
run checkpoint add --timestamp 2.tsr --tsa tsa/ca.pem --book "$BOOK"
expect 0
verify
expect 3 "entry 0: bears the time" "a time-stamping authority had seen it by"

note "told to stop while it waits for another program: its scratch goes with it"
mkdir scratch
mkfifo nobody
for signal in INT TERM; do
    LAST="audit verify, ended by $signal" OUT=
    # A shell has what it starts in the background ignore SIGINT, so python starts it.
    TMPDIR=$WORK/scratch python3 - "$signal" "$COUNTERSIGN" audit verify --book "$BOOK" --tsa nobody >out 2>err <<'PY'
import os, signal, subprocess, sys, time
number = getattr(signal, "SIG" + sys.argv[1])
run = subprocess.Popen(sys.argv[2:])
until = time.monotonic() + 20
while not os.listdir(os.environ["TMPDIR"]) and run.poll() is None and time.monotonic() < until:
    time.sleep(0.01)
run.send_signal(number)
sys.exit(0 if run.wait(20) == -number else 1)
PY
    RC=$? ERR=$(cat out err) OUT=$(ls scratch) CHECKS=$((CHECKS + 2))
    [ "$RC" = 0 ] || wrong "not ended by $signal"
    [ -z "$OUT" ] || wrong "something is left"
done
exec 5<>nobody 5>&- # who still reads it finds its end

note "an authority whose certificates have run out since"
rm -f "$BOOK/timestamps/$STAMP"
for days in 8 1; do
    (cd tsa && faketime -f -${days}d openssl ts -reply -config ended.cnf -queryfile ../query.tsq -out ../ended-$days.tsr) 2>/dev/null
done
run checkpoint add --timestamp ended-1.tsr --tsa tsa/ended-ca.pem --book "$BOOK"
expect 3 "has expired"
run checkpoint add --timestamp ended-8.tsr --tsa tsa/ended-ca.pem --book "$BOOK"
expect 0 "time stamp of $(date -u -d '8 days ago' +%Y-%m-%d)"
verify tsa/ended-ca.pem
expect 3 "entry 0: bears the time" "a time-stamping authority had seen it by"

note "a cosignature that is too early for entries that only a state knows, or that are not known at all"
cosign() { python3 "$HERE/../support/cosign.py" audit witness.example/audit "$@"; }
cosign - 0 >witness.vkey
cosign one.note $(($(date +%s) - 7200)) >early.note
EARLY="--checkpoint early.note --witness witness.vkey"
bundle whole --state kept
expect 0
bundle today $EARLY
expect 3 "entry 0: bears the time" "witness.example/audit had seen it by"
bundle nothing --state kept $EARLY
expect 3 "entry 0: bears the time" "witness.example/audit had seen it by"
bundle nothing $EARLY
expect 0 "1 time from outside against those of entries: how far off clocks may be stands in the charter"
run release propose "$COUNTERSIGN" --release 0.1 --commit 5da4209 --book "$BOOK" --as olga --key olga.key --passphrase-fd 3
expect 0 "RL-1"
checkpoint
expect 0
pack both
pack more --since 2
bundle both --state kept
expect 0 "1 entries were verified earlier"
bundle more --state kept $EARLY
expect 0 "1 time from outside against those of entries: it is of fewer than were verified before"
bundle both --state kept $EARLY
expect 3 "entry 0: bears the time" "witness.example/audit had seen it by"
finish
