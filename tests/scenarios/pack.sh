#!/bin/bash
# Bundles: the whole book, what came since, a period, documents, a sample; what README.txt says, as it says it; nothing left
# behind where packing fails.
unset SERVED # the same book is packed from its directory and through a server, below
. "$(dirname "$0")/lib.sh"
CAST="$CAST audrey:P-42:human:AUDITOR"
found_company

# pack NAME WORDS...: packs into $WORK/NAME as audrey
pack() {
    local name=$1
    shift
    run audit pack --book "$BOOK" --to "$WORK/$name" --as audrey --key "$WORK/audrey.key" --passphrase-fd 3 --at "$(now)" "$@"
}

json_of() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$@"; }

# The form of a bundle by an independent reading, and by the auditor's program: check NAME [TEXT...] and each text stands in what
# the first prints.
check() {
    LAST="countersign-verify $1"
    OUT=$("$(dirname "$COUNTERSIGN")/countersign-verify" --fast "$WORK/$1" 2>&1)
    RC=$? ERR=
    expect 0
    LAST="tests/support/bundle_form.py $1"
    OUT=$(/usr/bin/python3 "$HERE/../support/bundle_form.py" "$WORK/$1" 2>&1)
    RC=$? ERR=
    shift
    expect 0 "$@"
}

note "no checkpoint, no bundle"
pack early
expect 2 "no checkpoint has been issued yet" "countersign checkpoint --key BOOKKEY"
[ ! -e early ] || wrong "something is there"

note "a book with postings, an approval, a refusal, a reversal"
cs maria post credit-note --invoice 581484 --amount 150 --reason PRICE_ERR --evidence prices.pdf --note "Contract price"
expect 0 "CN-1" "posted"
cs maria post credit-note --invoice 581483 --amount 1200.00 --reason PRICE_ERR --evidence report.pdf
expect 0 "CN-2" "waits for"
issue middle.note
SEEN=$(sed -n 2p middle.note)
NOW=1767690000 # 2026-01-06T09:00:00Z
cs maria approve CN-2
expect 1 "C-01"
cs ana approve CN-2
expect 0 "posted"
cs maria post credit-note --invoice 700001 --amount 100 --reason QTY
expect 1 "refused"
cs maria reverse CN-1 --reason POSTED_IN_ERROR --evidence dunning.txt
expect 0 "RV-1"
issue all.note
SIZE=$(sed -n 2p all.note)
cs maria post credit-note --invoice 40117 --amount 20 --reason PRICE_ERR --evidence prices.pdf
expect 0 "CN-3"

note "the whole book, twice by the same clock"
pack whole
expect 0 "whole" "book" "newer entry: the custodian has them signed first" "SHA256:" "countersign-verify $WORK/whole"
check whole "scope book" "why 0" "missing 0" "proof 0" "evidence 3" "entries $SIZE"
cmp -s whole/checkpoint.note all.note || wrong "another checkpoint"
[ "$(ls whole/checkpoints | tr '\n' ' ')" = "000000-$SEEN.note 000001-$SIZE.note " ] || wrong "checkpoints: $(ls whole/checkpoints)"
LAST="tests/checker.py" OUT=$("$HERE/../checker.py" whole/entries.jsonl --checkpoint whole/checkpoint.note 2>&1)
RC=$?
expect 0
pack again
diff -r whole again || wrong "packed twice, not the same"
[ "$(stat -c %a whole)" = 700 ] || wrong "others can open the folder"
PUBLIC=$(cut -d' ' -f2 audrey.key.pub)
[ "$(grep -c "$PUBLIC" whole/allowed_signers)" = 2 ] || wrong "the packer's key is not in allowed_signers"

# As printed: what README.txt says to do, in the folder, each line that is a command.
readme() {
    local line failed=0 count=0
    sed -n 's/^    \([a-z]\)/\1/p' "$1/README.txt" >commands
    while IFS= read -r line; do
        count=$((count + 1))
        (cd "$1" && bash -c "${line//\/tmp\//$WORK/}") >>readme.out 2>&1 || failed=$((failed + 1))
    done <commands
    CHECKS=$((CHECKS + 2))
    LAST="README.txt of $1" OUT=$(cat readme.out)
    rm readme.out
    [ "$count" = "$2" ] || wrong "$count commands, expected $2"
    return "$failed"
}
note "README.txt does what it says"
readme whole 4 || wrong "a command of README.txt fails"
echo x >>again/entries.jsonl
readme again 4 && wrong "an altered file is not seen"
case "$OUT" in *"entries.jsonl: FAILED"*) ;; *) wrong "not named" ;; esac
sed -i 's/"bundle":1/"bundle":2/' again/MANIFEST.json
readme again 4 && wrong "an altered manifest is not seen"

note "what came since, by note and by size"
pack since --since middle.note --json
expect 0 '"scope":"extension"' '"not_covered":1'
check since "scope extension" "first $SEEN" "entries $((SIZE - SEEN))" '"size": '"$SEEN"
pack since2 --since "$SEEN" --at "$(now)"
expect 2 "--at is given twice"
pack since2 --since "$SEEN"
diff -r since since2 >/dev/null || wrong "by note and by size differ"
sed "2s/.*/$((SEEN - 1))/" middle.note >other.note
pack since3 --since other.note
expect 3 "does not extend that checkpoint: its first $((SEEN - 1)) entries have another root"
pack since3 --since 100000
expect 2 "the newest issued checkpoint is of $SIZE entries, fewer than the 100000"
[ ! -e since3 ] || wrong "something is there"
pack one --since $((SIZE - 1))
check one "entries 1 first $((SIZE - 1))"
pack none --since "$SIZE"
expect 0 "0 entries, 0 documents"
check none "entries 0 first None proof 1"
readme none 2 || wrong "a command of README.txt fails"

note "a period: its entries, what they act on, and what follows"
pack day --period 2026-01-06
expect 0 "day" "period"
check day "scope period" '"from": "2026-01-06"' '"to": "2026-01-06"' "why 0 charter" "period" "document CN-2" "signer ana" \
    "signer maria" "invoice US01/581483" "customer US01/16446" "evidence 2"
expect_not "document CN-1" "signer joe" "why $SIZE "
pack quarter --period 2026-Q1
check quarter "why $((SIZE - 1)) period" "entries $SIZE"
pack past --period 2025-12
expect 0 "0 entries"
check past "entries 0 first None proof 1" "why 0"
pack wrong --period 2026-Q5
expect 2 "--period"

note "documents, with what is linked to them"
pack documents --document CN-1
expect 0 "document"
check documents "scope document" '"documents": ["CN-1"]' "document CN-1" "document RV-1" "invoice US01/581484" "evidence 2"
expect_not "CN-2" "581483" "signer ana"
readme documents 4 || wrong "a command of README.txt fails"
pack reversal --document RV-1
check reversal "document CN-1" "document RV-1"
pack two --document CN-2 --document CN-1
check two "document CN-2" "document RV-1" "missing 0" '"documents": ["CN-1", "CN-2"]'
pack unknown --document CN-3
expect 2 "there is no document CN-3 in the $SIZE entries under the newest issued checkpoint; if it came after them"
pack unknown --document CN-1 --document CN-1
expect 2 "--document: document CN-1 is named twice"
pack unknown --document CN-1 --period 2026-01
expect 2 "one of --period, --document, --sample and --since"

note "a sample"
printf '# Q1, by hand\n\nCN-2  # the large one\r\n  CN-1\n' >sample.txt
pack sample --sample sample.txt
check sample "scope sample" "\"selection\": \"$(sha256sum sample.txt | cut -d' ' -f1)\"" '"seed": null' "sample CN-1" \
    "sample CN-2" "document RV-1"
pack sample2 --sample sample.txt --seed RV-1
check sample2 '"seed": "RV-1"' "seed RV-1"
REFUSED=$(grep -n '"outcome":"refused"' whole/entries.jsonl | grep QTY | cut -d: -f1)
cat >drawn.jsonl <<END
{"book":"$(json_of whole/MANIFEST.json book)","format":"countersign-sample/1","method":"attribute","seed":{"document":"RV-1"}}
{"document":"CN-1","entry":8,"index":0,"item":"CN-1"}
{"document":"CN-1","entry":9,"index":0,"item":"9.0"}
{"entry":$((REFUSED - 1)),"index":0,"item":"$((REFUSED - 1)).0"}
END
pack drawn --sample drawn.jsonl
expect 0
check drawn '"seed": "RV-1"' '"documents": ["CN-1"]' "sample CN-1" "why $((REFUSED - 1)) sample entry $((REFUSED - 1))" \
    "invoice US01/700001" "\"selection\": \"$(sha256sum drawn.jsonl | cut -d' ' -f1)\""
pack drawn2 --sample drawn.jsonl --seed CN-1
expect 2 "--seed: drawn.jsonl was drawn by RV-1"
head -c -1 drawn.jsonl >cut.jsonl
pack drawn2 --sample cut.jsonl
expect 2 "cut.jsonl:4: the last line does not end"
sed 's/sample.1/sample\/9/' drawn.jsonl >other.jsonl
pack drawn2 --sample other.jsonl
expect 2 "other.jsonl:1: is no selection of the format"
sed "s/\"entry\":$((REFUSED - 1))/\"entry\":999/" drawn.jsonl >beyond.jsonl
pack drawn2 --sample beyond.jsonl
expect 2 "entry 999 is not under the newest issued checkpoint"
printf 'CN-1\nCN 2\n' >bad.txt
pack sample3 --sample bad.txt
expect 2 "bad.txt:2: a document is named by its request number"
: >empty.txt
pack sample3 --sample empty.txt
expect 0 "0 entries"
check sample3 "entries 0"

note "evidence that is not there, and why; that is another"
evidence() { echo "$BOOK/evidence/$(sha256sum "$1" | cut -c1-2)/$(sha256sum "$1" | cut -d' ' -f1)"; }
pack bare --no-evidence
expect 0 "0 files; not here: 0 absent, 0 erased, 3 left out"
check bare "missing 3" "left-out" "evidence 0"
mv "$(evidence report.pdf)" kept
pack gap
expect 0 "2 files; not here: 1 absent"
check gap "missing 1" "$(sha256sum report.pdf | cut -d' ' -f1) absent"
grep -q 'lists under "missing"' gap/README.txt || wrong "README.txt does not say so"
cp prices.pdf "$(evidence report.pdf)"
pack altered
expect 3 "evidence $(sha256sum report.pdf | cut -d' ' -f1), named by entry" "has another content"
[ -z "$(ls -d altered* 2>/dev/null)" ] || wrong "left behind: $(ls -d altered*)"
rm -f "$(evidence report.pdf)"
cp kept "$(evidence report.pdf)"

note "through a server: the same bytes; for those who have audit.read"
pack here
serve
run audit pack --book "$AT" --to there --as audrey --key audrey.key --passphrase-fd 3 --at "$(now)"
expect 0 "there" "book"
diff -r here there || wrong "through a server, not the same"
run audit pack --book "$AT" --to sample-there --as audrey --key audrey.key --passphrase-fd 3 --at "$(now)" --sample sample.txt
expect 0
diff -r sample sample-there || wrong "a part through a server, not the same"
run audit pack --book "$AT" --to no --as maria --key maria.key --passphrase-fd 3 --at "$(now)"
expect 5 "audit.read"
[ ! -e no ] || wrong "something is there"
stop_serving

note "time stamps that lie in the book"
STAMP=$SIZE-$(sha256sum all.note | cut -c1-16).tsr
mkdir -p "$BOOK/timestamps"
echo reply >"$BOOK/timestamps/$STAMP"
pack stamped --document CN-1
expect 0 "time stamps   1"
check stamped "scope document"
cmp -s "stamped/timestamps/$STAMP" "$BOOK/timestamps/$STAMP" || wrong "no time stamp"
rm -r "$BOOK/timestamps"

note "nothing is left where it fails, and nothing replaced"
pack whole
expect 2 "whole"
check whole "scope book"
: >file
pack file
expect 2 "file"
pack no/where
expect 2 "no/where"
for call in "write ENOSPC .part-" "sync EIO .part-" "once sync EIO MANIFEST"; do
    echo "$call" >failpoint
    LD_PRELOAD=$PRELOAD_DIR/failpoint.so FAILPOINT=$WORK/failpoint pack full
    expect 4
    [ -z "$(ls -d full* 2>/dev/null)" ] || wrong "left behind by $call: $(ls -d full*)"
done
rm -f failpoint
run audit pack --book "$BOOK" --to nobody --key ana.key --passphrase-fd 3
expect 2 "who packs?"
run audit pack --book "$BOOK" --to foreign --as maria --key ana.key --passphrase-fd 3
expect 5 "this is no key of maria that counts now"
OUT=$(ls -d foreign* 2>&1)
expect 5 "cannot access"

note "the book's keys follow: before and after one took the place of another"
new_key book-2
cs olga book-key add --public book-2.key.pub --retires book-key.key.pub --to bk.json
expect 0
run sign bk.json --key book-2.key --passphrase-fd 3
expect 0
run submit bk.json --book "$BOOK"
expect 0 "BK-1"
cs oscar approve BK-1
expect 0
cs maria post credit-note --invoice 581483 --amount 10 --reason PRICE_ERR --evidence prices.pdf
expect 0 "CN-4"
run checkpoint --book "$BOOK" --key book-2.key --passphrase-fd 3
expect 0
pack old-key --document CN-1
pack new-key --document CN-4
for part in old-key new-key; do
    check "$part" "scope document" "why $((SIZE + 1)) book-key" "why $((SIZE + 2)) book-key"
    LAST="checker.py $part"
    OUT=$("$HERE/../checker.py" "$part" 2>&1)
    RC=$?
    expect 0 "no findings"
done
finish
