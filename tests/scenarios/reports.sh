#!/bin/bash
# An auditor takes each report of a small company home in every format. They say the same, a second program counts the same from the
# exported entries, made twice they are the same bytes, and whatever is changed in one is named.
. "$(dirname "$0")/lib.sh"
CAST="$CAST cleo:P-51:human:PERIOD_CLOSER audrey:P-61:human:AUDITOR rita:P-62:human:CREDIT_RISK_1"
found_company
at() { NOW=$(date -u -d "$1" +%s); }
credit() {
    local user=$1 invoice=$2 amount=$3
    shift 3
    cp prices.pdf "prices-$invoice-$amount.pdf"
    echo "$invoice $amount" >>"prices-$invoice-$amount.pdf"
    cs "$user" post credit-note --invoice "$invoice" --amount "$amount" --reason PRICE_ERR \
        --evidence "price-sheet:prices-$invoice-$amount.pdf" "$@"
}

note "January: posted, approved, refused, twice, beyond a sum; a limit, a delegation, a close"
credit maria 581483 120.00
expect 0 "posted"
credit maria 581483 1200.00 --note "=cmd|' /C calc'!A0 <b>bold</b>"
expect 0 "waits for"
cs maria approve CN-2
expect 1
cs ana approve CN-2
expect 0 "posted"
credit joe 581483 120.00 --ref AGAIN-1
expect 1 "C-38"
credit joe 40251 2700.00
expect 0 "level 1, level 2"
cs tom approve CN-3
expect 0
cs ana reject CN-3 --reason "Agreed price was right" || true
credit joe 900001 60.00
expect 0
credit maria 581484 150.00
expect 0 "C-07"
cs ana approve CN-5
expect 0 "posted"
cs adam post credit-limit --customer 10442 --limit 12500 --reason CL_REVIEW --evidence financials:report.pdf
expect 0
cs rita approve CL-1
expect 0
cs ana delegate dora --functions credit-note.approve.1 --until 2026-01-20 --limit 5000 --reason "Surgery"
expect 0
cs olga approve DG-1
credit maria 40117 300.00
expect 0 "waits for"
cs dora approve CN-6 --behalf ana
expect 0 "posted"
at 2026-02-02T14:00:00Z
cs cleo period close US01 2026-01 --soft --reason "Month end"
expect 0
at 2026-02-06T14:00:00Z
cs cleo period close US01 2026-01 --hard --reason "Books are final"
expect 0
run audit export --book "$BOOK" --out export.jsonl
expect 0
AT_CLOCK=2026-02-10T08:00:00Z
report() { run audit report "$@" --book "$BOOK" --at "$AT_CLOCK" --as audrey; }

note "every report in every format"
mkdir first
run audit report --list --json
expect 0 '"R-02"' '"R-20"' # the rest: reports_rest.sh
for name in R-01 R-02 R-04 R-05 R-06 R-07 R-08 R-09 R-11 R-17; do
    for format in csv json html xlsx; do
        report "$name" --format $format --out "first/$name.$format"
        expect 0 "$name" "body"
    done
done
OUT=$("$HERE/../support/reports_again.py" export.jsonl first 2>&1) || wrong "the reports, counted again"
CHECKS=$((CHECKS + 1))
LAST=reports_again.py
expect_not "WRONG"

note "the same bytes again; in text too"
mkdir second
for format in csv json html xlsx; do
    report R-05 --format $format --out "second/R-05.$format"
    cmp -s "first/R-05.$format" "second/R-05.$format" || wrong "R-05.$format is not the same twice"
    CHECKS=$((CHECKS + 1))
done
report R-02 --period 2026-Q1 --entity US01
expect 0 "version 1" "--period 2026-Q1 --entity US01" "2026-01-01 to 2026-03-31" "SIMULATED" "not isolated" \
    "by audrey" "complete: sequences 0.." "dense"
ONCE=$OUT
report R-02 --period 2026-Q1 --entity US01
[ "$OUT" = "$ONCE" ] || wrong "text is not the same twice"
report R-02 --period 2026-03
expect 0 "excluded by filter (period" "no rows"
report R-05 --control C-38 --format csv
expect 0 "(AGAIN-1),submit,C-38,deny"
report R-04 --user dora --format json
expect 0 '"on_behalf_of":"ana"' '"delegation_id":"DG-1"'

note "asked wrongly"
report R-03x
expect 2 "no such report"
report R-02 --control C-07
expect 2 "nothing to choose by it" "--period, --entity, --kind, --customer, --user"
report R-02 --period 2026-Q5
expect 2 "Q1 to Q4"
report R-02 --period 2026-Q1 --entity DE01
expect 2 "no such entity"
report R-02 --format pdf
expect 2 "xlsx or html"
run audit report R-02 --format csv --out first/R-02.csv --book "$BOOK"
expect 2

note "the period report"
report --html --period 2026-Q1 --entity US01 --out quarter.html
expect 0 "PERIOD"
report --html --period 2026-Q1 --entity US01 --out again.html
cmp -s quarter.html again.html || wrong "the period report is not the same twice"
OUT=$(cat quarter.html) LAST="quarter.html" RC=0
expect 0 "Corrections posted</span><span class=\"much\">5</span><span class=\"more\">1,830.00 USD" "SIMULATED" \
    "default-src 'none'; style-src 'sha256-" "<title id=\"by-week-t\">Corrections by week and kind" "<title id=\"ageing-t\">" \
    "<title id=\"thresholds-t\">" "<title id=\"matrix-t\">" "<title id=\"digits-t\">" "2026-01</td>"
expect_not "<script" "style=\"" "http://" "https://"
python3 - quarter.html <<'PY' || wrong "the page's style or pictures"
import base64, hashlib, re, sys, xml.etree.ElementTree
page = open(sys.argv[1], encoding="utf-8").read()
style = re.search("<style>(.*?)</style>", page, re.S).group(1)
digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
assert f"'sha256-{digest}'" in page, "style is not the one that the page's policy permits"
for picture in re.findall("<svg.*?</svg>", page, re.S):
    xml.etree.ElementTree.fromstring(picture)
PY
CHECKS=$((CHECKS + 1))

note "on a screen, a telephone and paper"
LAST="tests/support/layout.py"
OUT=$(/usr/bin/python3 "$HERE/../support/layout.py" quarter.html first/R-*.html)
RC=$?
[ "$RC" = 77 ] || expect 0 "0 too wide"

note "unaltered, by themselves and against the book"
for file in first/R-01.json first/R-02.csv first/R-05.html first/R-07.xlsx quarter.html; do
    run audit report --check "$file" --book "$BOOK" # what a server gave is what the directory gives
    expect 0 "unaltered, and what the book gives"
done
run audit report --check first/R-02.html
expect 0 "unaltered" "with --book"

note "each alteration is named"
altered() { # FILE SED-EXPRESSION TEXT...
    local file=$1 expression=$2
    shift 2
    cp "$file" "altered.${file##*.}"
    [ ! -e "$file.header.json" ] || cp "$file.header.json" "altered.${file##*.}.header.json"
    sed -i "$expression" "altered.${file##*.}"
    run audit report --check "altered.${file##*.}"
    expect 3 "ALTERED" "$@"
}
altered first/R-02.csv 's/1200\.00/1300.00/' "the body was changed"
altered first/R-02.csv '2d' "the body was changed"
altered first/R-05.json 's/"deny"/"flag"/' "the body was changed"
altered first/R-05.json 's/"run_by":"audrey"/"run_by":"oscar"/' "the header block was changed"
altered first/R-04.html 's/>tom</>ana</' "the body was changed"
altered first/R-04.html 's/<dt>Rows<\/dt><dd>[0-9]*/<dt>Rows<\/dt><dd>999/' "differs" "line"
altered quarter.html 's/1,830\.00/1,730.00/' "the body was changed"
altered quarter.html 's/<strong>SIMULATED: /<strong>Checked: /' "differs"
python3 - first/R-07.xlsx altered.xlsx <<'PY'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as old, zipfile.ZipFile(sys.argv[2], "w", zipfile.ZIP_DEFLATED) as new:
    for part in old.infolist():
        text = old.read(part)
        if part.filename.endswith("sheet2.xml"):
            assert b">maria<" in text
            text = text.replace(b">maria<", b">mario<", 1)
        new.writestr(part, text)
PY
run audit report --check altered.xlsx
expect 3 "ALTERED" "the body was changed"
# All of it made anew, with hashes that fit: only the book knows better.
python3 - first/R-02.csv altered.csv <<'PY'
import hashlib, json, sys
body = open(sys.argv[1], "rb").read().replace(b"1200.00", b"1300.00")
header = json.load(open(sys.argv[1] + ".header.json"))
header["body_sha256"] = hashlib.sha256(body).hexdigest()
del header["header_sha256"]
plain = lambda value: json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
header["header_sha256"] = hashlib.sha256(plain(header).encode()).hexdigest()
open(sys.argv[2], "wb").write(body)
open(sys.argv[2] + ".header.json", "w").write(plain(header) + "\n")
PY
run audit report --check altered.csv
expect 0 "unaltered"
run audit report --check altered.csv --book "$BOOK" --as audrey
expect 3 "differs from what the book gives when it is run again"
echo "no report" >none.json
report R-02 --format text --out first/R-02.txt
expect 0
OUT=$(cat first/R-02.txt)
expect 0 "$(python3 -c 'import json; print(json.load(open("first/R-02.json"))["header"]["body_sha256"])')"
run audit report --check first/R-02.txt
expect 2 "is text, for reading: its rows cannot be read back" "csv, json, xlsx or html"
run audit report --check none.json
expect 2

note "whoever takes them goes away: nothing of the tables is left"
mkdir scratch
for words in "R-02" "R-02 --format xlsx" "--period 2026-Q1 --html"; do
    LAST="audit report $words | head -1"
    CHECKS=$((CHECKS + 2))
    for shut in 'head -c 1' 'true'; do
        set -o pipefail
        TMPDIR=$WORK/scratch "$COUNTERSIGN" audit report $words --book "$BOOK" --as audrey --at "$AT_CLOCK" 2>"$WORK/err" | $shut >/dev/null
        RC=$? ERR=$(cat "$WORK/err") OUT=$(ls scratch)
        set +o pipefail
        [ -z "$OUT" ] || wrong "something is left"
        [ "$shut" != true ] || [ "$RC" = 141 ] || wrong "not ended by the signal"
    done
done
# One that waits for its reader has nothing lying about, so no signal can leave it.
mkfifo pipe
TMPDIR=$WORK/scratch "$COUNTERSIGN" audit report --period 2026-Q1 --html --out - --book "$BOOK" --as audrey --at "$AT_CLOCK" >pipe 2>"$WORK/err" &
WRITER=$!
exec 5<pipe
read -r -n 1 _ <&5
LAST="audit report into a pipe that nobody empties" OUT=$(ls scratch) CHECKS=$((CHECKS + 1))
[ -z "$OUT" ] || wrong "the tables have a name"
kill -KILL "$WRITER" 2>/dev/null
wait "$WRITER" 2>/dev/null
exec 5<&-

note "a book that has gone on, and one that was spoiled"
credit maria 900002 50.00
run audit report --check first/R-02.csv --book "$BOOK" --as audrey
expect 0 "another head"
cp -r "$BOOK" spoiled
python3 - spoiled/journal/data.mdb <<'PY'
import sys
path = sys.argv[1]
data = bytearray(open(path, "rb").read())
at = data.find(b'"amount":"1200.00"')
data[at + 10] ^= 1
open(path, "wb").write(data)
PY
run audit report R-01 --book spoiled --at "$AT_CLOCK"
expect 3 "findings"
run audit report R-02 --book spoiled --at "$AT_CLOCK"
expect 3
finish
