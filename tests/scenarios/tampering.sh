#!/usr/bin/env bash
# Whole books put in another's place by somebody who holds the files, and the book key too: an old copy, its journal alone, a
# second history under the stolen key. What is inside is whole, so verification alone accepts it, and says so; what shows it
# are a checkpoint that somebody kept, what a client saw last, and books that stood elsewhere. tests/test_tamper.c and tests/test_tamper_books.c have the rest.
unset SERVED # about files
. "$(dirname "$0")/lib.sh"
CAST="maria:P-11:human:BILLING_SPECIALIST joe:P-12:human:BILLING_SPECIALIST ana:P-21:human:TEAM_LEAD
feedc:P-31:feed:FEED_CUSTOMERS feedi:P-32:feed:FEED_INVOICES"
found_company
credit() { # USER REF AMOUNT
    cs "$1" post credit-note --invoice 581483 --amount "$3" --reason PRICE_ERR --evidence price-sheet:prices.pdf --ref "$2"
    expect 0 posted
}
# put FOLDER: in the book's place
put() { rm -rf "$BOOK" && cp -a "$1" "$BOOK"; }

credit joe r-1 10.00
cp -a "$BOOK" older
credit maria r-2 20.00
issue kept.note
SIZE=$(sed -n 2p kept.note)
cp -a "$BOOK" newer

note "an old copy put back"
put older
run audit verify --book "$BOOK" --fast
expect 0
run audit verify --book "$BOOK" --fast --checkpoint kept.note
expect 3 "kept.note" "its end is cut off"
run balance --book "$BOOK" --as maria
expect 3 "$((SIZE - 1))"
cs maria post credit-note --invoice 581484 --amount 1.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 3
run balance --book "$BOOK" # nobody who saw more: the old copy's answer, as of then
expect 0

note "its journal alone, under books that went on"
put newer
rm -r "$BOOK/journal" && cp -a older/journal "$BOOK/journal"
run balance --book "$BOOK"
expect 0 "WARNING: the books stood at entry $((SIZE - 1)), which is not in this journal any more"
put newer
rm -r "$BOOK/journal" && cp -a older/journal "$BOOK/journal"
run audit verify --book "$BOOK"
expect 3 "books"

note "a second history, signed with the stolen book key"
put older
tick 60
cs joe post credit-note --invoice 581484 --amount 20.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf --ref r-3
expect 0 posted
issue forged.note
run audit verify --book "$BOOK" --fast
expect 0 # accepted: within the book nothing is wrong
run audit verify --book "$BOOK" --fast --checkpoint forged.note
expect 0
run audit verify --book "$BOOK" --fast --checkpoint kept.note
expect 3 "kept.note" "root differs"
run balance --book "$BOOK" --as maria
expect 3
cp -a "$BOOK" forged

note "the forged journal under the books of the true one"
put newer
rm -r "$BOOK/journal" && cp -a forged/journal "$BOOK/journal"
run show CN-2 --book "$BOOK"
expect 0 "WARNING: the books stood at entry"

note "a file whose pages do not fit together"
put newer
python3 - "$BOOK" <<'PY'
import os, sys
for name in ("journal", "books"):
    with open(os.path.join(sys.argv[1], name, "data.mdb"), "r+b") as file:
        data = file.read()
        for page in range(2, len(data) // 4096):
            if data[page * 4096 + 10] == 2:  # a leaf calls itself a branch
                file.seek(page * 4096 + 10)
                file.write(b"\1")
PY
for command in balance aging log "show CN-1"; do
    run $command --book "$BOOK"
    expect 3 "journal/data.mdb: is damaged: page"
done
cs joe post credit-note --invoice 581484 --amount 1.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf
expect 3 "journal/data.mdb: is damaged: page"
run audit verify --book "$BOOK"
expect 3 "the file is damaged"
put newer
finish
