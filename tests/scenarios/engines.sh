#!/usr/bin/env bash
# Engines. A book of engine 0, the draft, goes on, decided by the rules of its successor, and every command on it says what it is;
# of engine 1, which is frozen, the second reader says of old journals what it said; one that is not there yet is refused by name.
. "$(dirname "$0")/lib.sh"

for name in olga oscar owen book-key; do new_key "$name"; done

# A charter as it was written before engine 1, or after this release: founding ENGINE DIR
founding() {
    local user
    run charter new --to "$2.json" --name ledger.example/ar --officer olga:P-01:olga.key.pub --officer oscar:P-02:oscar.key.pub \
        --officer owen:P-03:owen.key.pub --book-key book-key.key.pub --policy "$POLICY" --clock simulated --at "$(now)"
    expect 0
    grep -q '"engine":1,' "$2.json" || die "charter new is not of engine 1"
    sed -i "s/\"engine\":1,/\"engine\":$1,/" "$2.json"
    for user in olga oscar owen; do
        run sign "$2.json" --key "$user.key" --passphrase-fd 3
        [ "$RC" = 0 ] || return
    done
    run init "$2.json" --book "$2"
}

note "the draft"
founding 0 old
expect 0 "engine 0 is a draft" "founded in old"
run status --book old
expect 0 "engine      0   draft: not frozen" "draft: engine 0 is not frozen"
run audit verify --book old
expect 0 "engine 0, a draft" "verified in"
run audit reperform --book old
expect 0 "engine 0, a draft"
run audit export --book old --out old.jsonl
expect 0
OUT=$("$HERE/../checker.py" old.jsonl 2>err)
RC=$? ERR=$(cat err) LAST="checker.py old.jsonl"
expect 0 "engine 0 (draft)"
OUT=$(sed 's/"engine":0,"outcome"/"engine":1,"outcome"/' old.jsonl >mixed.jsonl && "$HERE/../checker.py" mixed.jsonl 2>err)
RC=$? ERR=$(cat err) LAST="checker.py mixed.jsonl"
expect 3 "decided by engine 1, the book's is 0"

note "the frozen one"
founding 1 new
expect 0 "founded in new"
expect_not "draft"
run status --book new
expect 0 "engine      1"
expect_not "draft"
run audit verify --book new
expect 0
expect_not "draft"

for journal in "$HERE"/../vectors/engine-1/simulated-*.jsonl.gz; do
    gzip -dc "$journal" >simulated.jsonl
    OUT=$("$HERE/../checker.py" simulated.jsonl 2>err)
    RC=$? ERR=$(cat err) LAST="checker.py $(basename "$journal")"
    CHECKS=$((CHECKS + 1)) # one of the journals has a clock that was set back, which is a finding, and no decision's
    for word in "^book .* engine 1( |$)" "^signatures .* ok$" "^decisions .* ok$" "^books .* ok$"; do
        grep -Eq "$word" <<<"$OUT" || wrong "no $word"
    done
done

note "one that this release has not heard of"
founding 2 next
expect 2 "body.engine: has to be an integer from 0 to 1"

finish
