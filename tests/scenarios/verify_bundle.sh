#!/bin/bash
# An auditor's program checks what audit pack writes: the whole book, parts, what came since; what was changed is named; nothing
# in the program can write a book.
. "$(dirname "$0")/lib.sh"
found_company
PROGRAM=$(dirname "$COUNTERSIGN")/countersign-verify

verify() {
    LAST="countersign-verify $*"
    OUT=$("$PROGRAM" "$@" 2>"$WORK/err")
    RC=$?
    ERR=$(cat "$WORK/err")
}

pack() {
    local name=$1
    shift
    run audit pack --book "$BOOK" --to "$WORK/$name" --as ana --key "$WORK/ana.key" --passphrase-fd 3 --at "$(now)" "$@"
    expect 0
}

note "nothing in the program opens, makes or writes a journal, and it links no more than it says"
SYMBOLS=$PROGRAM # a release keeps them beside it
[ ! -e "$PROGRAM.debug" ] || SYMBOLS=$PROGRAM.debug
OUT=$(nm "$SYMBOLS" | grep -E ' [tTrR] (gate_|append_|journal_|birth_|book_create|books_open|books_catch_up|issue_|prompt_|timestamps_put)')
[ -z "$OUT" ] || wrong "in the program: $OUT"
OUT=$(nm "$SYMBOLS" | grep -cE ' [tT] (verify_bundle|judge_statement|compile_policy)$')
[ "$OUT" = 3 ] || wrong "the symbols of the program were not there to be looked at: $OUT"
OUT=$(ldd "$PROGRAM" | grep -E 'sqlite|xlsx|csv|uv|curses')
[ -z "$OUT" ] || wrong "linked: $OUT"

note "usage"
verify
expect 2 "an argument is missing: countersign-verify BUNDLE" "try 'countersign-verify --help'"
verify --help
expect 0 "countersign-verify: checks a bundle" "--state DIR" "--packer FILE"
verify --version
expect 0 "countersign"
verify nowhere
expect 2 "nowhere: is missing"
verify us.yaml
expect 2 "is no folder; a bundle is one"

cs maria post credit-note --invoice 581484 --amount 150 --reason PRICE_ERR --evidence prices.pdf
expect 0 "posted"
cs maria post credit-note --invoice 581483 --amount 1200.00 --reason PRICE_ERR --evidence report.pdf
expect 0 "waits for"
issue middle.note
pack middle
cs ana approve CN-2
expect 0 "posted"
cs maria post credit-note --invoice 700001 --amount 100 --reason QTY
expect 1 "refused"
issue all.note
pack whole
pack since --since middle.note
pack document --document CN-1
pack day --period 2026-01-05..2026-01-05

note "the whole book, every decision made again; who and which book is for the auditor to confirm, or given"
verify whole
expect 0 "documents decided again" "the whole book" "packed" "confirm whose key this is" "confirm that these founded the book" \
    "olga SHA256:" "verified in"
expect_not "not re-performed" "BAD"
verify whole --json
ID=$(json book)
expect 0 '"complete":true' '"decisions":"ok"' '"bundle":"ok"' '"findings":[]'
verify whole --book "$ID" --packer ana.key.pub --checkpoint middle.note --checkpoint all.note
expect 0 "2 issued or given"
verify whole --book "${ID/[0-9a-f]/x}"
expect 2 "--book: the id of a book is 64 lower-case hex digits"
verify whole --book "$(printf 'a%.0s' {1..64})"
expect 3 "is the charter of book"
verify whole --packer maria.key.pub
expect 3 "MANIFEST.json: was packed by key SHA256:"
verify whole --fast
expect 0 "decisions not re-performed (--fast)"

note "a part shows what it shows"
verify document
expect 0 "decisions not re-performed: a part of the book" "document CN-1" "signed by the book"
verify day
expect 0 "decisions not re-performed" "period 2026-01-05"
verify since
expect 0 "whose keys these are, and the checkpoint's signature: no charter is here"

note "from an earlier verification on"
verify middle --state kept
expect 0
verify since --state kept
expect 0 "entries were verified earlier, and this book extends them" "documents decided again"
expect_not "not checked"
verify whole --state kept
expect 0 "entries were verified earlier"
verify middle --state kept
expect 3 "were verified before, root" "cut off or put back, or this is an older copy"
verify document --state kept
expect 2 "a state goes with a bundle of the whole book"

note "what was changed is named"
altered() { # NAME SCRIPT: a copy of the whole, spoiled
    rm -rf altered
    cp -a "${2:-whole}" altered
    (cd altered && eval "$1") || wrong "not spoiled: $1"
    verify altered
    expect 3
}
altered "sed -i 's/\"reason\":\"PRICE_ERR\"/\"reason\":\"PRICE_ERX\"/' entries.jsonl"
expect 3 "entries.jsonl: "
altered "sed -i '3d' entries.jsonl"
expect 3 "entry 2: is missing" "entries.jsonl: has "
altered "sed -i '3{h;d};4G' entries.jsonl"
expect 3 "entry 3: stands before entry 2, in line 3 of entries.jsonl"
altered "sed -i '3p' entries.jsonl"
expect 3 "entry 2: stands again, or behind entry 2, in line 4 of entries.jsonl"
altered "sed -i 's/\"by\":\"ana\"/\"by\":\"bob\"/' MANIFEST.json"
expect 3 "MANIFEST.json.sig: "
altered "echo more >>README.txt"
expect 3 "README.txt: has "
altered "rm allowed_signers"
expect 3 "allowed_signers: is missing"
altered "touch extra"
expect 3 "extra: is in the folder, and not in the manifest's list"
altered "cp ../middle/checkpoint.note ."
expect 3 "checkpoint.note: "
altered "rm entries.jsonl && mkfifo entries.jsonl"
expect 3 "entries.jsonl: is no regular file"
altered "sed -i 's/\"why\":\[\"charter\"\]/\"why\":[\"nothing\"]/' MANIFEST.json" document
expect 3 "MANIFEST.json.sig: "
finish
