#!/bin/bash
# Meter billing: contracts, pools and reads by feed; one corrected read corrects every bill that it touches.
. "$(dirname "$0")/lib.sh"
CAST="$CAST feedr:P-34:feed:FEED_METERS"
found_company
echo "meter log of the technician" >log.pdf
echo "photo of the new counter" >photo.jpg
SUM() { cs maria balance --customer 16446 --json >/dev/null; json balance; }

note "invoices of three months, then the contract and its reads"
cat >months.csv <<'CSV'
invoice,customer,date,due,currency,tax_code,net,tax
M-01,16446,2025-10-31,2025-11-30,USD,SALES_TAX,500.00,50.00
M-02,16446,2025-11-30,2025-12-30,USD,SALES_TAX,500.00,50.00
M-03,16446,2025-12-31,2026-01-30,USD,SALES_TAX,500.00,50.00
X-01,10442,2025-12-31,2026-01-30,USD,SALES_TAX,500.00,50.00
CSV
cs feedi load invoices months.csv --entity US01
expect 0 "invoices 2   4 records"
cat >contracts.csv <<'CSV'
contract,customer,currency,from,device,meter,pool,allowance,rate
K-1,16446,USD,2025-09-01,SN1,bw,P1,3000,0.0125
K-1,16446,USD,2025-09-01,SN2,bw,P1,,
K-1,16446,USD,2025-09-01,SN1,colour,,100,0.08
K-1,16446,USD,2025-09-01,SN3,bw,,0,0.01
CSV
cs feedr load contracts contracts.csv --entity US01 --dry-run
expect 0 "contracts 1   1 record" "would be loaded"
cs feedr load contracts contracts.csv --entity US01 --count 1
expect 0 "contracts 1   1 record"
cat >reads.csv <<'CSV'
read,contract,device,meter,date,value,source,invoice,line,final,start
A0,K-1,SN1,bw,2025-09-30,10000,technician,,,,
A1,K-1,SN1,bw,2025-10-31,12000,remote,M-01,,,
A2,K-1,SN1,bw,2025-11-30,15000,estimated,M-02,,,
A3,K-1,SN1,bw,2025-12-31,16000,remote,M-03,,,
B0,K-1,SN2,bw,2025-09-30,50000,technician,,,,
B1,K-1,SN2,bw,2025-10-31,52500,remote,M-01,,,
B2,K-1,SN2,bw,2025-11-30,54000,remote,M-02,,,
B3,K-1,SN2,bw,2025-12-31,58000,remote,M-03,,,
C0,K-1,SN1,colour,2025-09-30,700,technician,,,,
C1,K-1,SN1,colour,2025-10-31,1000,customer,M-01,,,
D0,K-1,SN3,bw,2025-09-30,90000,remote,,,,
D1,K-1,SN3,bw,2025-10-31,500,remote,M-01,,91000,0
D2,K-1,SN3,bw,2025-11-30,1500,customer,M-02,,,
D3,K-1,SN3,bw,2025-12-31,1700,remote,M-03,,,
CSV
cs feedr load reads reads.csv --entity US01
expect 0 "reads 1   14 records"

note "what the contract shows: M-01 pool 4,500 clicks 1,500 over = 18.75; M-02 4,500 = 18.75; M-03 5,000 = 25.00; SN3 15.00"
cs maria meter K-1
expect 0 "K-1" "customer 16446" "P1" "3,000" "0.0125" "A2" "estimated" "18.75" "25.00" "15.00" "16.00"
cs maria meter K-1 --json
[ "$(printf '%s' "$OUT" | python3 -c 'import json,sys
print(*(b["invoice"]+b.get("pool",b.get("device"))+b["meter"]+"="+str(b["clicks"])+"="+b["billed"] for b in json.load(sys.stdin)["bills"]))')" = \
    "M-01P1bw=4500=18.75 M-01SN1colour=300=16.00 M-01SN3bw=1500=15.00 M-02P1bw=4500=18.75 M-02SN3bw=1000=10.00 M-03P1bw=5000=25.00 M-03SN3bw=200=2.00" ] ||
    wrong "the bills of K-1"

note "the estimate A2 was 1,000 too high: M-02 falls by 12.50, M-03 rises by 12.50, each with 10 % tax, both or none"
BEFORE=$(SUM)
cs maria post correction --field meter --read A2=14000 --source technician --reason METER --evidence meter-log:log.pdf --dry-run
expect 0 "A2" "15,000" "14,000" "M-02" "18.75" "6.25" "-12.50" "M-03" "37.50" "12.50"
[ "$(SUM)" = "$BEFORE" ] || wrong "a dry run moved something"
cs maria post correction --field meter --read A2=14000 --source technician --reason METER --evidence meter-log:log.pdf --ref true-up
expect 0 "IC-1" "IC-2" "13.75 USD" "posted as US01-IC-2026-000001" "posted as US01-IC-2026-000002"
[ "$(SUM)" = "$BEFORE" ] || wrong "what falls and what rises is the same"
cs maria show IC-1
expect 0 "contract" "K-1" "A2 should be 14,000   technician" "M-02" "bw of P1   billed 18.75   comes to 6.25"
cs maria show IC-2 --json
expect 0 '"reads":' '"direction":"up"'
cs maria meter K-1
expect 0 "14,000" "15,000" "IC-2" "6.25" "37.50"

note "an estimate is trued up once"
cs maria post correction --field meter --read A2=14500 --reason METER --evidence meter-log:log.pdf
expect 2 "read A2 was estimated and IC-2 has trued it up"

note "reads that cannot be"
cs maria post correction --field meter --read B1=49999 --reason METER --evidence meter-log:log.pdf
expect 2 "49999 is below the last actual read, 50000 in B0" "meter-replaced"
cs maria post correction --field meter --read B1=54001 --reason METER --evidence meter-log:log.pdf
expect 2 "read B2 of 54000 does not follow B1 of 54001"
cs maria post correction --field meter --read B1=200 --replaced B1=52500:0 --reason METER --evidence meter-log:log.pdf
expect 2 "a counter that was exchanged wants evidence of the kind meter-replaced"
cs maria post correction --field meter --read Z9=1 --reason METER --evidence meter-log:log.pdf
expect 2 "there is no such read"
cs maria post correction --field meter --read B1=52500 --reason METER --evidence meter-log:log.pdf
expect 2 "no bill comes to another amount"
cs maria post correction --field price --read B1=52500 --reason METER --evidence meter-log:log.pdf
expect 2 "only for post correction --field meter"
cs maria post correction --field meter --read B1=52400 --amount 1.00 --reason METER --evidence meter-log:log.pdf
expect 2 "--amount: follows from the reads"

note "an exchanged counter: D2 was 300 after 1,600 on the old one"
cs maria post correction --field meter --read D2=300 --replaced D2=1600:0 --reason METER --evidence meter-log:log.pdf \
    --evidence meter-replaced:photo.jpg
expect 0 "IC-3" "D3" "1,400" "14.00" "17.60 USD  up"
expect_not "IC-4"
cs maria show IC-3
expect 0 "counter exchanged at 1,600, begins at 0"

note "a chain over three invoices, and two devices of one pool at once: A1 rises by 900, B1 falls by 600"
cs maria post correction --field meter --read A1=12900 --read B1=51900 --reason METER --evidence meter-log:log.pdf
expect 0 "A1" "B1" "A2" "B2" "IC-4" "IC-5" "M-01" "3.75" "22.50" "2.50"
cs maria meter K-1 --json
bills() { printf '%s' "$OUT" | python3 -c 'import json,sys
print(*(b["invoice"]+b.get("pool",b.get("device"))+"="+b["billed"]+"="+b["comes_to"] for b in json.load(sys.stdin)["bills"]))'; }
[ "$(bills)" = "M-01P1=22.50=22.50 M-01SN1=16.00=16.00 M-01SN3=15.00=15.00 M-02P1=2.50=2.50 M-02SN3=14.00=14.00 M-03P1=37.50=37.50 M-03SN3=14.00=14.00" ] ||
    wrong "bills $(bills)"

note "a reversal brings the former values back; a second correction starts from the corrected ones"
for n in 4 5; do
    cs maria reverse IC-$n --reason POSTED_IN_ERROR --note "wrong log"
    expect 0 "RV-"
done
cs tom approve --inbox
cs priya approve --inbox
expect 0 "RV-1   posted" "RV-2   posted"
cs maria meter K-1 --json
[ "$(bills)" = "M-01P1=18.75=18.75 M-01SN1=16.00=16.00 M-01SN3=15.00=15.00 M-02P1=6.25=6.25 M-02SN3=14.00=14.00 M-03P1=37.50=37.50 M-03SN3=14.00=14.00" ] ||
    wrong "bills after the reversal: $(bills)"
cs maria meter K-1
expect 0 "12,000" "52,500"
cs maria post correction --field meter --read B1=52600 --source customer --reason METER --evidence meter-log:log.pdf
expect 0 "1.25" "1.37 USD"
cs maria post correction --field meter --read B1=52550 --source technician --reason METER --evidence meter-log:log.pdf
expect 0 "52,600" "52,550" "19.38" "-0.62" "5.62" "0.68 USD"

note "the first read of a counter: what it bills falls with it; the read itself is on no bill"
cs maria post correction --field meter --read C0=800 --source technician --reason METER --evidence meter-log:log.pdf
expect 0 "C0" "C1" "M-01" "16.00" "8.00" "-8.00" "8.80 USD"

note "files that do not fit"
cat >bad.csv <<'CSV'
read,contract,device,meter,date,value,source,invoice,line,final,start
E1,K-9,SN1,bw,2026-01-31,1,remote,,,,
E2,K-1,SN9,bw,2026-01-31,1,remote,,,,
E3,K-1,SN1,bw,2025-12-31,1,remote,,,,
E4,K-1,SN1,large,2026-01-31,1,phone,M-99,,,
E5,K-1,SN1,bw,2026-01-31,1.5,remote,,7,5,
CSV
cs feedr load reads bad.csv --entity US01
expect 2 "read E1: contract K-9 is not in the books" "read E2: contract K-1 has no meter bw of device SN9" \
    "read E3: the meter has a read of 2025-12-31 already" 'bad.csv:5:7: source "phone": one of remote, customer' \
    'bad.csv:6:6: value "1.5": a number of clicks' "line of which invoice?" "start is missing"
cat >badk.csv <<'CSV'
contract,customer,currency,from,device,meter,pool,allowance,rate
K-2,16446,USD,2025-09-01,SN1,bw,P1,3000,0.01250
K-3,16446,USD,2025-09-01,SN1,bw,P1,3000,0.01
K-3,16446,USD,2025-09-01,SN2,bw,P1,3001,0.02
K-4,16446,USD,2025-09-01,SN1,copies,,1,0.01
K-5,16446,USD,2025-09-01,SN1,bw,,1,0.01
K-5,16446,USD,2025-09-01,SN1,bw,,1,0.01
CSV
cs feedr load contracts badk.csv --entity US01
expect 2 "badk.csv:2:9: rate" "do not end in 0" "badk.csv:4:8: allowance the pool has 3000 in a row before" \
    "badk.csv:4:9: rate the pool has 0.01" 'meter "copies": one of bw, colour, large, scan' "stands twice in one contract"
cs maria load reads reads.csv --entity US01
expect 2 "is in the books already"
cs maria meter K-9
expect 2 "contract K-9 is not in the books"
run audit verify --book "$BOOK"
expect 0
finish
