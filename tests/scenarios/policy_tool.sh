#!/bin/bash
# The policy as a controller's tool: who could work under a draft, and what it would have asked of the past.
. "$(dirname "$0")/lib.sh"
found_book
hire_cast
feed_masters
cp "$POLICY" draft.yaml
echo "contract prices" >prices.pdf

note "policy check --staff: gaps of people, not of text"
run policy check draft.yaml --staff
expect 2 "--staff" "--book"
run policy check draft.yaml --staff --book "$BOOK"
expect 0 "role VP_FINANCE" "nobody holds it" "US01, credit-note" "row BILLING above 100,000.00: nobody may sign level 4"
expect_not "nobody may sign level 1" "role TEAM_LEAD"
# A role that the draft drops, though somebody holds it; a tier that needs two of one person.
sed -e 's/role: TEAM_LEAD/role: TEAM_HEAD/' draft.yaml >other.yaml
run policy check other.yaml --staff --book "$BOOK"
expect 0 "ana holds TEAM_LEAD, which this policy does not have" "nobody may sign level 1"
run policy check other.yaml --staff --book "$BOOK" --json
expect 0 '"gap":"nobody holds it"' '"where":"role TEAM_HEAD"'

note "policy simulate: the same policy would have asked the same"
start=$(now)
cs maria post credit-note --invoice 581483=1200.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf --ref S-1
expect 0 "waits for"
cs maria post credit-note --invoice 40117=150.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf --ref S-2
expect 0
cs maria post credit-note --invoice 40117=900.00 --reason PRICE_ERR --evidence price-sheet:prices.pdf --ref S-3
expect 1 "C-35"
run policy simulate draft.yaml --since "$start" --book "$BOOK"
expect 0 "3 documents: 3 the same, 0 with more signatures, 0 with fewer, 0 refused, 0 no longer refused"
expect_not "CN-1"

note "policy simulate: a row drawn tighter, and one drawn wider"
python3 - draft.yaml <<'PY'
import sys
text = open(sys.argv[1]).read()
at = text.index("- row: BILLING ")
end = text.index("- row: BILLING_RAISED")
tight = text[at:end].replace("upto: 200.00, levels: []", "upto: 100.00, levels: []").replace("upto: 2500.00", "upto: 1000.00")
open("tight.yaml", "w").write(text[:at] + tight + text[end:])
wide = text[at:end].replace("upto: 200.00, levels: []", "upto: 2000.00, levels: []")
open("wide.yaml", "w").write(text[:at] + wide + text[end:])
open("demanding.yaml", "w").write(text.replace("evidence: [price-sheet]", "evidence: [price-sheet, recomputation]", 1))
PY
run policy simulate tight.yaml --since "$start" --book "$BOOK"
expect 0 "CN-1" "level 1" "level 1, 2" "CN-2" "posted" "C-02" "3 documents: 1 the same, 2 with more signatures" "level 2" "+1"
run policy simulate wide.yaml --since "$start" --book "$BOOK"
expect 0 "CN-1" "posted" "1 with fewer" "level 1"
run policy simulate demanding.yaml --since "$start" --book "$BOOK"
expect 0 "2 refused" "C-37" "recomputation"
run policy simulate demanding.yaml --since "$start" --book "$BOOK" --json
expect 0 '"change":"refused"' '"documents":3'
run policy simulate tight.yaml --since "$(date -u -d "@$((NOW + 60))" +%Y-%m-%dT%H:%M:%SZ)" --book "$BOOK"
expect 0 "0 documents"

note "policy simulate: bad input"
run policy simulate tight.yaml --book "$BOOK"
expect 2 "since"
run policy simulate tight.yaml --since yesterday --book "$BOOK"
expect 2 "--since"
sed 's/base_currency: USD/base_currency: EUR/' draft.yaml >euro.yaml
run policy simulate euro.yaml --since "$start" --book "$BOOK"
expect 2 "base_currency" "USD" "EUR"
run audit verify --book "$BOOK"
expect 0
finish
