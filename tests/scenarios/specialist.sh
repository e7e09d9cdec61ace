#!/bin/bash
# A specialist's days: single corrections, refusals with their rule, batches mended and sent again.
. "$(dirname "$0")/lib.sh"
found_company

note "within one's own authority: posted at once"
cs maria post credit-note --invoice 581484 --amount 150 --reason PRICE_ERR --evidence prices.pdf --note "Contract price"
expect 0 "CN-1   posted as US01-CN-2026-000001" "150.00 USD" "Dr 4000 Sales" "Cr 1200 Trade receivables" "entry 7" \
    "signed by maria" "SIMULATED"
cs maria show CN-1
expect 0 "posted as US01-CN-2026-000001" "prices.pdf" "open 850.00 USD" "Dr 2200 Sales tax payable" "content"
EVIDENCE=$(printf '%s\n' "$OUT" | grep -o '/[^ ]*evidence/[0-9a-f/]*')
if [ -n "$AT" ]; then # a server says no path of its own
    expect_not "$BOOK"
    EVIDENCE=$(sha256sum prices.pdf | cut -c1-64)
    EVIDENCE=$BOOK/evidence/${EVIDENCE:0:2}/$EVIDENCE
fi
CHECKS=$((CHECKS + 1))
cmp -s "$EVIDENCE" prices.pdf || wrong "the evidence is not where show says: $EVIDENCE"

note "evidence: written where the reader can open it"
mkdir taken
cs ana evidence CN-1 --to taken
expect 0 "taken/1-prices.pdf" "price-sheet"
cmp -s taken/1-prices.pdf prices.pdf || wrong "the evidence that was written is another"
cs ana evidence CN-1 --to taken
expect 2 "taken/1-prices.pdf"
cs ana evidence CN-99 --to taken
expect 2 "there is no document CN-99"
chmod u+w "$EVIDENCE" && cp "$EVIDENCE" kept.pdf && echo x >>"$EVIDENCE"
rm taken/1-prices.pdf
cs ana evidence CN-1 --to taken
expect 3
[ ! -e taken/1-prices.pdf ] || wrong "evidence that was changed was written"
cp kept.pdf "$EVIDENCE" && chmod u-w "$EVIDENCE"

note "a dry run writes nothing"
cs maria post credit-note --invoice 581483 --amount 1200.00 --reason PRICE_ERR --evidence dunning.txt --dry-run
expect 0 "would wait" "level 1" "above 200.00" "C-02" "could sign" "ana, tom" "nothing was written"
cs maria post credit-note --invoice 581483 --amount 2600.00 --reason PRICE_ERR --dry-run
expect 1 "would be refused" "evidence of the kind price-sheet, none given" "could sign   level 1: ana, tom   level 2: priya"
cs maria post credit-note --invoice 581483 --amount 2600.00 --reason PRICE_ERR --dry-run --json
expect 1 '"could_sign":[{"level":1,"users":["ana","tom"]},{"level":2,"users":["priya"]}]'
run status --json --book "$BOOK"
[ "$(json head.seq)" = 7 ] || wrong "the dry run wrote an entry"
[ ! -e "$BOOK/evidence/$(sha256sum dunning.txt | cut -c1-2)" ] || wrong "the dry run kept evidence"

note "above it: waits, and says for whom and why"
cs maria post credit-note --invoice 581483 --amount 1200.00 --reason PRICE_ERR --evidence prices.pdf
expect 0 "CN-2" "1,200.00 USD" "customer 16446" "6,469.60 open" "waits for    level 1" "because" "could sign" "ana, tom"
cs maria post credit-note --invoice 581483 --amount 1200.00 --reason PRICE_ERR --evidence prices.pdf --json
expect 1 '"control":"C-38"' '"outcome":"refused"' '"simulated":true'

note "duplicates are refused, or say that they are meant"
echo second >second.pdf
cs maria post credit-note --invoice 581483 --amount 1200.00 --reason PRICE_ERR --evidence second.pdf
expect 1 "refused   C-38" "CN-2 has the same amount" "records the refusal"
cs maria post credit-note --invoice 581483 --amount 1200.00 --reason PRICE_ERR --evidence second.pdf --duplicate-of CN-2
expect 0 "CN-3" "level 1, level 2"

note "splitting shows: five credits below one's authority"
for invoice in 900000 900001 900002; do
    cs joe post credit-note --invoice $invoice --amount 60.00 --reason PRICE_ERR --evidence prices.pdf
    expect 0 "posted as"
done
cs joe post credit-note --invoice 900003 --amount 60.00 --reason PRICE_ERR --evidence prices.pdf
expect 0 "waits for    level 1" "60.00 here makes 240.00 over 4 documents" "C-07"

note "refusals name the rule and the numbers"
cs maria post credit-note --invoice 700001 --amount 500.01 --reason PRICE_ERR --evidence prices.pdf
expect 1 "C-35" "credit 500.01, invoice 700001 has 500.00 left"
cs maria post credit-note --invoice 700001 --amount 5.00 --reason METER
expect 1 "C-37" "meter-log"
cs maria post write-off --invoice 700001 --amount 5.00 --reason BAD_DEBT --evidence dunning.txt
expect 1 "C-02" "write-off.prepare"

note "what cannot be read is told before anything is signed"
cs maria post credit-note --invoice 999999 --amount 5.00 --reason PRICE_ERR --evidence prices.pdf
expect 2 "--invoice" "999999 is not in the books"
cs maria post credit-note --invoice 700001 --amount 12,50 --reason PRICE_ERR --evidence prices.pdf
expect 2 "--amount" "use a dot, 12.50"
cs maria post credit-note --invoice 700001 --amount 1,200.00 --reason PRICE_ERR --evidence prices.pdf
expect 2 "leave the comma out, 1200.00"
cs maria post credit-note --invoice 700001 --amount 1.234 --reason PRICE_ERR --evidence prices.pdf
expect 2 "USD has 2 decimals"
cs maria post credit-note --invoice 700001 --amount -5 --reason PRICE_ERR --evidence prices.pdf
expect 2 "above zero"
cs maria post credit-note --invoice 700001 --amount 5 --reason PRICE_ER --evidence prices.pdf
expect 2 "did you mean PRICE_ERR?"
cs maria post credit-note --invoice 700001 --amount 5 --reason PRICE_ERR --evidence nowhere.pdf
expect 2 "--evidence" "nowhere.pdf"
cs maria post credit-note --invoice 700001 --amount 5 --reason PRICE_ERR --entity DE01
expect 2 "--entity" "the policy has US01"
cs maria post credit-note --invoice 700001 --amount 5 --limit 3 --reason PRICE_ERR
expect 2 "--limit" "a credit-note has none"
cs maria post credit-note --invoice 700001 --invoice 581484 --amount 5 --reason PRICE_ERR
expect 2 "INVOICE=AMOUNT"
cs maria post credit-note --invoice 700001=4 --amount 5 --reason PRICE_ERR
expect 2 "--amount" "not what the invoices add up to, 4.00"
cs maria post refund --amount 5
expect 2 "credit-note, correction, write-off, credit-limit"
cs maria post
expect 2 "--batch FILE"
run post credit-note --book "$BOOK" --amount 5
expect 2 "who acts?"
run status --book "$WORK/nobook"
expect 2 "nobook"

note "keys and passphrases"
PASSPHRASE=wrong cs maria post credit-note --invoice 700001 --amount 5 --reason PRICE_ERR --evidence prices.pdf
expect 5 "wrong passphrase"
tick
run post credit-note --invoice 700001 --amount 5 --reason PRICE_ERR --evidence prices.pdf --book "$BOOK" --as maria \
    --at "$(now)" --key joe.key --passphrase-fd 3
expect 5 "maria"

note "several invoices, on account, a reference of one's own"
cs maria post credit-note --invoice 581484=10.00 --invoice 581483=5.5 --on-account 4.5 --reason DAMAGED --evidence prices.pdf --ref MY-1
expect 0 "20.00 USD" "invoices 581484, 581483" "level"
cs maria post credit-note --invoice 581484=10.00 --invoice 581483=5.5 --on-account 4.5 --reason DAMAGED --evidence prices.pdf --ref MY-1
expect 0 "was there already"
cs maria post credit-note --invoice 581484=11.00 --invoice 581483=5.5 --on-account 4.5 --reason DAMAGED --evidence prices.pdf --ref MY-1
expect 1 "refused"

note "corrections, write-offs, limits"
cs joe post correction --invoice 700001 --amount 20 --field price --reason PRICE_ERR --evidence prices.pdf
expect 0 "IC-1   correction  20.00 USD  down" "waits for    level 1, level 2"
cs joe post correction --invoice 700001 --amount 20 --reason QTY --evidence prices.pdf
expect 2 "--field"
cs cora post write-off --invoice 40117 --amount 300 --reason BANKRUPT --evidence dunning.txt --case "SDNY 26-1"
expect 0 "WO-1" "waits for"
cs adam post credit-limit --customer 20001 --limit 12000 --reason CL_REVIEW --evidence report.pdf
expect 0 "CL-1" "new limit 12,000.00 USD" "waits for"
cs adam show CL-1
expect 0 "limit so far" "10,000.00 USD"

note "amend, attach, withdraw"
cs cora amend WO-1 --amount 310
expect 0 "310.00 USD"
cs cora attach WO-1 --evidence court-filing:report.pdf
expect 0 "WO-1"
cs cora show WO-1
expect 0 "version 3" "dunning.txt" "report.pdf" "takes 310.00 USD" "amended"
cs maria amend WO-1 --amount 5
expect 1 "refused"
cs cora withdraw WO-1 --reason "paid after all"
expect 0 "WO-1   withdrawn"
cs cora show WO-1
expect 0 "withdrawn"
cs cora withdraw WO-99 --reason x
expect 2 "WO-99 is not in the books"

note "reverse: once"
cs joe reverse CN-1 --reason POSTED_IN_ERROR --evidence dunning.txt
expect 0 "RV-1" "reversal  of CN-1" "waits for"
cs joe reverse CN-99 --reason POSTED_IN_ERROR --evidence dunning.txt
expect 2 "CN-99 is not in the books"

note "a batch: bad rows with their places, good rows posted"
mkdir -p in
for i in 1 2 3 4; do echo "evidence $i" >in/e$i.pdf; done
cat >in/corrections.csv <<'CSV'
kind,allocations,reason,evidence,note
credit-note,900010:10.00,PRICE_ERR,price-sheet:e1.pdf,"first, with a comma"
credit-note,900011:11,PRICE_ERR,e2.pdf,
credit-note,"900012:12,50",PRICE_ERR,e3.pdf,
credit-note,900013:150.00,PRICE_ERR,e4.pdf,
credit-note,nope:20.00,PRICE_ERR,e1.pdf,
credit-note,900014:20.00,METER,,
CSV
cs maria post --batch in/corrections.csv --dry-run
expect 2 "corrections.csv: 6 rows" "2 would wait for approval" "2 would be refused" "2 not read" ":4:2" "use a dot, 12.50" \
    ":6:2" "nope is not in the books" ":5" "C-35" ":7" "C-37"
cs maria post --batch in/corrections.csv
expect 2 "corrections.csv: 6 rows" "2 wait for approval, 2 refused, 2 not read" ":4:2" ":6:2" "C-35" "C-37"
cs maria post --batch in/corrections.csv --atomic
expect 2 "6 rows: 2 not read"

note "mended and sent again whole, days later: nothing twice"
tick 172800
sed -i 's/"900012:12,50"/900012:12.50/; s/nope:20.00/900015:20.00/; s/900013:150.00/900013:15.00/; s/METER,,/METER,meter-log:e2.pdf,/' \
    in/corrections.csv
cs maria post --batch in/corrections.csv
expect 0 "6 rows: 4 wait for approval, 2 there already"
expect_not "refused"
cs maria post --batch in/corrections.csv
expect 0 "6 rows: 6 there already"
cs maria post --batch in/corrections.csv --json
expect 0 '"repeated":6' '"outcome":"repeat"'

note "all or none"
cat >in/atomic.csv <<'CSV'
kind,allocations,reason,evidence
credit-note,900016:10.00,PRICE_ERR,e1.pdf
credit-note,900017:1000.00,PRICE_ERR,e2.pdf
CSV
cs maria post --batch in/atomic.csv --atomic
expect 1 "2 refused" "C-35" "all or none"
cs maria post --batch in/atomic.csv
expect 1 "1 wait for approval, 1 refused"

note "evidence takes the kinds that the reason asks for, one after the other"
cs maria show CN-1 --json
expect 0 '"kind":"price-sheet"' '"media":"application/pdf"'

note "files that are no such files"
printf 'kind,colour\ncredit-note,red\n' >in/colour.csv
cs maria post --batch in/colour.csv
expect 2 "colour"
printf 'kind,note\ncredit-note,"open\n' >in/open.csv
cs maria post --batch in/open.csv
expect 2 "open.csv:2"
cs maria post --batch in/none.csv
expect 2 "none.csv"
printf 'kind,allocations,reason,evidence,at\ncredit-note,900018:1.00,PRICE_ERR,e1.pdf,2026-02-01\ncredit-note,900019:1.00,PRICE_ERR,e2.pdf,2026-02-02T10:00:00Z\n' >in/at.csv
cs maria post --batch in/at.csv
expect 0 "2 rows: 2 posted" "SIMULATED"
cs maria show CN-17
expect 0 "2026-02-02 10:00"
NOW=$(date -u -d 2026-02-02T09:00:00Z +%s)
cs maria post credit-note --invoice 700001 --amount 5 --reason PRICE_ERR --evidence prices.pdf
expect 4 "2026-02-02"
finish
