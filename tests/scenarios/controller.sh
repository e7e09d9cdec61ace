#!/bin/bash
# A controller's and the officers' work: policy checked, compared, proposed and approved; users, grants and keys.
. "$(dirname "$0")/lib.sh"
found_book
hire_cast

note "policy check: places, warnings apart from errors"
cp "$POLICY" draft.yaml
run policy check draft.yaml
expect 0 "draft.yaml: no error" "compiles to"
sed 's/upto: 2500.00, levels: \[1\] }/upto: 2500.00, levels: [1, 12] }/' draft.yaml >bad.yaml
run policy check bad.yaml
expect 2 "bad.yaml:" ": error: " "^" "error"
run policy check bad.yaml --json
expect 2 '"severity":"error"' '"line":'
run policy check missing.yaml
expect 2 "missing.yaml"

note "policy show: tables, sections, the text it came from"
cs olga policy show
expect 0 "Order-to-cash corrections" "in force" "authority" "BILLING" "> 2,500.00" "cumulative" "30 days" "PRICE_ERR" "TEAM_LEAD" \
    "conflicts" "fiscal quarter"
cs olga policy show authority
expect 0 "LEVEL 5" "ON_ACCOUNT" "always"
expect_not "PRICE_ERR"
cs olga policy show windows
expect 2 "a policy has the sections authority, cumulative"
cs olga policy show --yaml
CHECKS=$((CHECKS + 1))
printf '%s\n' "$OUT" | cmp -s - "$POLICY" || wrong "the text of the policy in force is not the file's"

note "policy diff: in a controller's words"
cs olga policy diff draft.yaml
expect 0 "nothing would change"
python3 - draft.yaml <<'PY'
import sys
path = sys.argv[1]
text = open(path).read()
billing = text.index("- row: BILLING ")
end = text.index("- row: BILLING_RAISED")
text = text[:billing] + text[billing:end].replace("upto: 2500.00", "upto: 3000.00") + text[end:]
text = text.replace("span: 30 days", "span: 45 days").replace("list_max: 50", "list_max: 40")
text = text.replace("    evidence: [delivery-note]", "    evidence: [delivery-note, photo]")
text = text.replace("functions: [feed.invoices]", "functions: [feed.invoices, feed.reads]", 1)
open(path, "w").write(text)
PY
cs olga policy diff draft.yaml
expect 0 "row BILLING" "level 2 from 2,500.00 to 3,000.00" "documents in one approval from 50 to 40" "reason QTY" \
    "evidence gains photo" "role FEED_INVOICES" "gains feed.reads" "new: by customer, 45 days" "dropped: by customer, 30 days" \
    "6 changes"
expect_not "BILLING_RAISED" "level 3"
cs olga policy diff draft.yaml --json
expect 0 '"what":"row BILLING"'

note "policy propose: needs another officer, acts the next day"
cs olga policy propose draft.yaml --dry-run
expect 0 "would wait" "oscar" "nothing was written"
cs olga policy propose draft.yaml --effective 2026-01-05T10:00:00Z
expect 1 "C-31"
cs maria policy propose draft.yaml
expect 1 "refused"
cs olga policy propose draft.yaml
expect 0 "PO-" "waits for" "could sign" "oscar" "2026-01-06T05:00:00.000Z"
PO=$(printf '%s\n' "$OUT" | grep -o 'PO-[0-9]*' | head -1)
cs olga approve "$PO"
expect 1 "C-01"
cs oscar approve "$PO"
expect 0 "in force"
cs olga policy show authority
expect 0 "> 2,500.00"
expect_not "> 3,000.00"
NOW=$(date -u -d "2026-01-06T05:00:00Z" +%s)
cs olga policy show authority
expect 0 "> 3,000.00"
cs olga policy show --when 2026-01-05T12:00:00Z
expect 0 "charter" "30 days"
cs olga policy diff "$POLICY"
expect 0 "level 2 from 3,000.00 to 2,500.00"
cs olga policy show --yaml
CHECKS=$((CHECKS + 1))
printf '%s\n' "$OUT" | cmp -s - draft.yaml || wrong "the text of the new policy is not the file's"

note "users: enrolled with the new key's signature, or left for its owner"
cs olga user list
expect 0 "maria2" "P-11" "BILLING_SPECIALIST" "bot"
new_key nina
cs olga user add nina --person P-41 --sort human --public nina.key.pub
expect 1 "refused" "C-52"
cs olga user add nina --person P-41 --sort person --public nina.key.pub
expect 2 "--sort is one of"
cs olga user add nina --person P-41 --sort human
expect 2 "give either --public"
cs olga user add nina --person P-41 --sort human --public nina.key.pub --name "Nina Nord" --to nina.json
expect 0 "nina.json"
run sign nina.json --key nina.key --passphrase-fd 3
expect 0
run submit nina.json --book "$BOOK"
expect 0 "EN-" "waits for"
cs oscar approve --inbox
expect 0 "in force"
cs olga user show nina
expect 0 "human" "P-41" "SHA256:" "valid" "functions   none"
cs olga user show nobody
expect 2 "there is no user nobody"

note "grants: two officers to give, one to take back"
cs olga grant nina TEAM_LEAD --entity US01 --until 2026-06-30
expect 0 "GR-" "waits for" "oscar"
GR=$(printf '%s\n' "$OUT" | grep -o 'GR-[0-9]*' | head -1)
cs oscar approve "$GR"
expect 0 "in force"
cs olga grant list --user nina
expect 0 "$GR" "TEAM_LEAD" "US01" "valid until 2026-06-30"
cs olga grant maria2 TEAM_LEAD --entity US01
expect 1 "C-20"
cs olga grant nina NO_SUCH_ROLE --entity US01
expect 1 "refused"
cs olga user show maria2
expect 0 "maria is the same person" "credit-note.prepare"
cs olga grant revoke "$GR" --reason "Moved away"
expect 0 "in force"
cs olga grant list --user nina
expect 0 "1 revoked or over"
cs olga grant list --user nina --all
expect 0 "revoked 2026-01-06"
cs olga grant revoke GR-999 --reason "Nothing"
expect 1 "refused"
cs maria grant revoke GR-1 --reason "Mine"
expect 1 "refused"

note "keys: rotated by their owner with an officer, revoked at once"
cs olga key list nina
expect 0 "nina" "SHA256:" "valid" "2026-01-06"
OLD=$(printf '%s\n' "$OUT" | grep -o 'SHA256:[^ ]*' | head -1)
new_key nina-2027
printf 'pass\npass\n' >two
tick
LAST="key rotate"
OUT=$("$COUNTERSIGN" key rotate --new-key nina-2027.key --book "${AT:-$BOOK}" --as nina --key nina.key --at "$(now)" \
    --passphrase-fd 3 3<two 2>err)
RC=$? ERR=$(cat err)
expect 0 "KR-" "waits for"
cs oscar approve --inbox
expect 0 "in force"
cs olga key list nina
expect 0 "revoked 2026-01-06" "valid"
cs nina post credit-note --invoice 1 --amount 1 --reason QTY
expect_not "posted"
cs olga key revoke nina SHA256: --reason "Lost"
expect 2 "fingerprint"
cs olga key revoke nina SHA256:zzzz --reason "Lost"
expect 2 "no such key"
NEW=$(cs olga key list nina; printf '%s\n' "$OUT" | grep valid | grep -o 'SHA256:[^ ]*')
[ "$NEW" != "$OLD" ] || wrong "the key did not change"
cs olga key revoke nina "${NEW:0:20}" --since 2026-01-06 --reason "Laptop stolen"
expect 0 "in force"
cs olga key list nina --json
expect 0 '"since":"2026-01-06T00:00:00.000Z"'
expect_not '"state":"valid"'
cs olga key list
expect 0 "maria" "olga"

note "the whole history verifies"
cs olga audit verify
expect 0
finish
