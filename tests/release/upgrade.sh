#!/usr/bin/env bash
# The release before, built from its commit, makes a book; this one takes it over as it is: books made anew by themselves,
# every entry decided again to the same bytes, work goes on; then back to the release before, and forward again.
set -eu
cd "$(dirname "$0")/../.."
root=$PWD
read -r before commit <tests/release/previous
git cat-file -e "$commit^{commit}" 2>/dev/null || { echo "the commit of $before is not in this clone"; exit 77; }
there=$(mktemp -d)
trap 'rm -rf "$there"' EXIT
unset MAKEFLAGS COUNTERSIGN_BOOK COUNTERSIGN_USER COUNTERSIGN_KEY SSH_AUTH_SOCK
make --no-print-directory -s -j"$(nproc)" BUILD=release programs
mkdir "$there/before"
git archive "$commit" | tar -x -C "$there/before"
nice make -C "$there/before" --no-print-directory -s -j"$(nproc)" BUILD=release build/release/countersign
old=$there/before/build/release/countersign new=$root/build/release/countersign
[ "$("$old" --version)" = "countersign $before" ]
[ "$("$new" --version)" != "countersign $before" ]

COUNTERSIGN=$old DEMO_DIR=$there/demo "$there/before/tests/demo/run" >"$there/log" 2>&1 || { tail -20 "$there/log"; exit 1; }
cd "$there/demo"
export COUNTERSIGN_BOOK=$there/demo/book XDG_STATE_HOME=$there/demo/home/state HOME=$there/demo/home
post() { # PROGRAM REF AMOUNT
    "$1" post credit-note --invoice 581501 --amount "$3" --reason PRICE_ERR --evidence files/price-sheet.txt --ref "$2" \
        --as maria.lopez --key keys/maria.lopez.key --passphrase-fd 3 3<<<demo 2>>"$there/err"
}
verified() { "$1" audit verify --checkpoint checkpoint.note >"$there/verified" 2>&1 || { cat "$there/verified"; exit 1; }; }
as_others() { # the same questions, the same answers
    for question in "balance" "log" "aging" "grant list" "period list"; do
        # shellcheck disable=SC2086
        "$1" $question --json 2>/dev/null | sort || true
    done
}

as_others "$old" >"$there/old.answers"
"$new" audit verify >"$there/verified" 2>&1 || { cat "$there/verified"; exit 1; }
grep -q "an earlier release made the books" "$there/verified" || { cat "$there/verified"; echo "the books of $before are not told from ours"; exit 1; }
as_others "$new" >"$there/new.answers"
diff "$there/old.answers" "$there/new.answers" | head -20
cmp -s "$there/old.answers" "$there/new.answers" || echo "answers differ, as they may between releases in draft"
post "$new" UPGRADE-1 5.00 | grep -E "posted as|waits for"
verified "$new"
grep -q "$before" "$there/verified"
echo "taken over from $before"

post "$old" BACK-1 6.00 | grep -E "posted as|waits for"
"$old" audit verify >"$there/verified" 2>&1 || { cat "$there/verified"; exit 1; }
"$new" audit verify 2>&1 | grep -q "an earlier release made the books" || { echo "what $before made anew is not told from ours"; exit 1; }
post "$new" AGAIN-1 7.00 | grep -E "posted as|waits for"
verified "$new"
"$root/tests/checker.py" <("$new" audit export --out - 2>/dev/null | grep '^{') | tail -1
echo "back and forward again"
