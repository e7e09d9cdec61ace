#!/bin/bash
# What witnesses and time-stamping authorities say of a server's checkpoints comes back through the server: who may give it, what is
# verified before it is kept, that nothing is kept twice; and an auditor reads all of it there as he would in the directory.
SERVED=own
. "$(dirname "$0")/lib.sh"
. "$HERE/../support/authority.sh"
CAST="$CAST audrey:P-42:human:AUDITOR opal:P-43:human:ADMINISTRATOR"
make_authority
found_company
AWAY=$WORK/away
mkdir "$AWAY"
away() {
    LAST="away: $*"
    OUT=$(cd "$AWAY" && HOME=$AWAY XDG_STATE_HOME=$AWAY/state COUNTERSIGN_BOOK= "$COUNTERSIGN" "$@" 2>"$WORK/err" 3<<<pass)
    RC=$?
    ERR=$(cat "$WORK/err")
}
credit() {
    cs maria post credit-note --invoice 581483 --amount "$1" --reason PRICE_ERR --evidence price-sheet:prices.pdf
    expect 0 posted
}
# What checkpoints the book has recorded.
issued() {
    rm -rf issued
    mkdir issued
    "$COUNTERSIGN" audit export --book "$BOOK" --out issued/all.jsonl --checkpoints issued >/dev/null 2>&1
    ls issued
}
# cosigned NAME STATE: the newest checkpoint, cosigned
cosigned() {
    cs audrey checkpoint
    expect 0 "ledger.example/ar/"
    cs audrey audit prove --since "$3" --to "$AWAY/$1"
    expect 0
    away witness cosign "$1" --state "$2" --out "$1.note" --passphrase-fd 3
    expect 0
}

note "a server that knows nobody"
for name in w other; do
    away witness new --state $name --name witness.example/$name --kdf minimal --passphrase-fd 3
    expect 0
done
cs olga book-key list --vkeys
expect 0
printf '%s\n' "$OUT" >"$AWAY/book.vkey"
away witness trust book.vkey --state w
away witness trust book.vkey --state other
credit 10.00
cosigned first w 0
FIRST=$(sed -n 2p "$AWAY/first.note")
cs audrey checkpoint add "$AWAY/first.note"
expect 2 "first.note" "knows no witnesses" "countersign serve --witness"
cs audrey checkpoint --timestamp "$WORK/carrier" --tsa tsa/ca.pem
expect 2 "has no time stamp" "knows no time-stamping authority" "countersign serve --tsa"
[ ! -e "$BOOK/timestamps" ] || wrong "something was kept"
for words in "--witness book-key.vkey" "--tsa nowhere.pem" "--witness nowhere.vkey"; do
    head -1 "$AWAY/book.vkey" >book-key.vkey
    LAST="serve $words"
    OUT=$("$COUNTERSIGN" serve --book "$BOOK" --socket "$WORK/another" $words 2>"$WORK/err")
    RC=$? ERR=$(cat "$WORK/err")
    expect 2 "${words%% *}"
done
serve_with --witness "$AWAY/w/vkey" --tsa tsa/ca.pem

note "cosigned: by whoever watches over the book or runs it, of a witness that is known, once"
BEFORE=$(issued)
cs maria checkpoint add "$AWAY/first.note"
expect 5 "checkpoint-add is for those who have operate or audit.read"
cs olga checkpoint add "$AWAY/first.note"
expect 5 "operate or audit.read"
away witness cosign first --state other --out other.note --passphrase-fd 3
expect 0
cs audrey checkpoint add "$AWAY/other.note"
expect 2 "signature 2, of 'witness.example/other', is of no witness that is known here"
{ cat "$AWAY/first.note"; tail -1 "$AWAY/other.note"; } >"$AWAY/both.note"
cs audrey checkpoint add "$AWAY/both.note"
expect 2 "signature 3, of 'witness.example/other'"
{ cat "$AWAY/first.note"; tail -1 "$AWAY/first.note"; } >"$AWAY/twice.note"
cs audrey checkpoint add "$AWAY/twice.note"
expect 2 "cosigned twice"
python3 - "$AWAY/first.note" "$AWAY" <<'PY'
import sys
text = open(sys.argv[1], encoding="utf8").read()
lines = text.split("\n")
def bent(prefix):
    return "\n".join(line[:-30] + ("B" if line[-30] != "B" else "C") + line[-29:] if line.startswith(prefix) else line for line in lines)
open(sys.argv[2] + "/bent-witness.note", "w", encoding="utf8").write(bent("— witness"))
open(sys.argv[2] + "/bent-book.note", "w", encoding="utf8").write(bent("— ledger"))
open(sys.argv[2] + "/root.note", "w", encoding="utf8").write(text.replace(lines[2], ("B" if lines[2][0] != "B" else "C") + lines[2][1:], 1))
open(sys.argv[2] + "/long.note", "w", encoding="utf8").write(text + "— witness.example/w " + "A" * 70000 + "\n")
PY
for name in bent-witness bent-book root; do
    cs audrey checkpoint add "$AWAY/$name.note"
    expect 3 "$name.note" "does not verify"
done
cs audrey checkpoint add "$AWAY/long.note"
expect 2 "long.note"
[ "$(issued)" = "$BEFORE" ] || wrong "something was recorded"
cs opal checkpoint add "$AWAY/first.note"
expect 0 "checkpoint of $FIRST entries recorded"
cs audrey checkpoint add "$AWAY/first.note" --json
expect 0 '"known":true' "\"size\":$FIRST" '"origin":"ledger.example/ar/'
AFTER=$(issued)
[ "$AFTER" != "$BEFORE" ] || wrong "nothing was recorded"
away witness cosign first --state w --out later.note --passphrase-fd 3
expect 0 "once more"
python3 - "$AWAY/first.note" "$AWAY/turned.note" <<'PY'
import sys
text = open(sys.argv[1], encoding="utf8").read()
head, lines = text.split("\n\n")
open(sys.argv[2], "w", encoding="utf8").write(head + "\n\n" + "\n".join(reversed(lines.rstrip("\n").split("\n"))) + "\n")
PY
for name in later turned; do
    cmp -s "$AWAY/$name.note" "$AWAY/first.note" && continue # within the same second it is the very same
    cs audrey checkpoint add "$AWAY/$name.note"
    expect 2 "$name.note" "brings nothing new"
done
[ "$(issued)" = "$AFTER" ] || wrong "something was recorded twice"
cs audrey audit verify --witness "$AWAY/w/vkey"
expect 0 "witnessed by witness.example/w"

note "a book of another history, under the same key"
cp -r "$BOOK" fork
credit 12.00
(BOOK=$WORK/fork AT=$WORK/fork XDG_STATE_HOME=$WORK/elsewhere
 cs maria post credit-note --invoice 581483 --amount 13.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf
 expect 0 posted
 exit "$FAILED") || wrong "the other history"
run checkpoint --book fork --key book-key.key --passphrase-fd 3 --out "$AWAY/fork.note"
expect 0
cs audrey checkpoint add "$AWAY/fork.note"
expect 3 "there are two histories"
! grep -qE "write-failed|book-reopened" server.log || wrong "the server took it for a fault of its files"

note "time stamps: the server has openssl look again, with certificates of its own"
cs maria checkpoint --timestamp "$WORK/carrier" --tsa tsa/ca.pem
expect 5 "operate or audit.read"
cs audrey checkpoint --timestamp "$WORK/carrier" --tsa tsa/ca.pem --timestamp-query query.tsq --out stamped.note
expect 0
STAMP=$(ls "$BOOK/timestamps")
case "$STAMP" in "$(sed -n 2p stamped.note)"-????????????????.tsr) ;; *) wrong "the time stamp is called $STAMP" ;; esac
(cd tsa && openssl ts -reply -config tsa.cnf -queryfile ../query.tsq -out ../reply.tsr) 2>/dev/null
cs opal checkpoint add --timestamp reply.tsr --tsa tsa/ca.pem
expect 2 "is there already"
credit 14.00
cs audrey checkpoint --timestamp-query second.tsq --out second.note
expect 0
(cd tsa && openssl ts -reply -config tsa.cnf -queryfile ../second.tsq -out ../second.tsr) 2>/dev/null
cs audrey checkpoint add --timestamp second.tsr --tsa tsa/other.pem
expect 3 "does not verify under tsa/other.pem"
# An authority that the auditor takes for good, and the server does not know.
(cd tsa && openssl x509 -req -in tsa.csr -CA other.pem -CAkey other.key -CAcreateserial -out strange.pem -days 30 -extfile ext &&
    sed 's/tsa.pem/strange.pem/' tsa.cnf >strange.cnf &&
    openssl ts -reply -config strange.cnf -queryfile ../second.tsq -out ../strange.tsr) >/dev/null 2>&1
cs audrey checkpoint add --timestamp strange.tsr --tsa tsa/other.pem
expect 3 "does not verify under the certificates that the server knows"
expect_not "$WORK/tsa"
cs maria checkpoint add --timestamp second.tsr --tsa tsa/ca.pem
expect 5
[ "$(ls "$BOOK/timestamps")" = "$STAMP" ] || wrong "another one was kept"
cs opal checkpoint add --timestamp second.tsr --tsa tsa/ca.pem
expect 0 "time stamp of $(date -u +%Y-%m-)"
cs audrey audit verify
expect 0 "2 time stamps not checked: --tsa"
cs audrey audit verify --tsa tsa/ca.pem
expect 0 "time stamps: entries up to" "the newest of 2"
THERE=$OUT
run audit verify --book "$BOOK" --tsa tsa/ca.pem
[ "$(grep 'time stamps' <<<"$OUT")" = "$(grep 'time stamps' <<<"$THERE")" ] || wrong "the directory says something else"
cs audrey audit verify --tsa tsa/other.pem
expect 3 "timestamps/$STAMP: the time stamp does not verify under tsa/other.pem"
cp reply.tsr "$BOOK/timestamps/1-0000000000000000.tsr"
touch "$BOOK/timestamps/odd name"
cs audrey audit verify --tsa tsa/ca.pem
expect 3 "timestamps/1-0000000000000000.tsr: is the time stamp of no checkpoint of this book" "timestamps/odd name: is the time stamp of no"
rm -f "$BOOK/timestamps/1-0000000000000000.tsr" "$BOOK/timestamps/odd name"
# More names than one answer holds: each is told once.
(cd "$BOOK/timestamps" && for i in $(seq 100 2400); do echo "$i-0000000000000000.tsr"; done | xargs touch)
cs audrey audit verify --tsa tsa/ca.pem --fast --json
expect 3 '"files":2303' '"good":{"count":2,'
rm -f "$BOOK"/timestamps/*-0000000000000000.tsr

note "what asks the server twice asks for a passphrase once"
cs audrey audit test C-46 --period 2026-01 --record
expect_not "passphrase"
case "$OUT" in *TR-1*) ;; *) wrong "no run on record" ;; esac
cs audrey audit test --check TR-1
expect 0 "found again"
cs audrey checkpoint
cs audrey audit report R-01 --format json --out certificate.json
expect 0
run audit report --check certificate.json --book "$BOOK"
expect 0 "what the book gives"

note "packed through the server, with both"
cs audrey audit pack --to bundle
expect 0 "time stamps" "2"
ls bundle/timestamps/*.tsr >/dev/null || wrong "no time stamp in the bundle"
[ "$(ls bundle/timestamps | wc -l)" = 2 ] || wrong "not both time stamps"
grep -qr "witness.example/w" bundle/checkpoints || wrong "no cosignature in the bundle"
LAST="countersign-verify bundle"
OUT=$("$(dirname "$COUNTERSIGN")/countersign-verify" bundle --witness "$AWAY/w/vkey" 2>&1)
RC=$? ERR=
expect 0 "witness.example/w"
run audit pack --book "$BOOK" --to again --as audrey --key audrey.key --passphrase-fd 3 --at "$(now)"
expect 0
diff -r bundle again >/dev/null || wrong "the directory gives another bundle"
finish
