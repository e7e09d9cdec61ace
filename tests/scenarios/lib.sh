# A small company in a book of its own, for scenarios to source. The book has a simulated clock and the policy of
# controls/policies/us.yaml; the cast is below. Everything lies in $WORK, which goes away at the end.
#
#   maria, joe      billing specialists          ana, tom     approve at level 1
#   maria2          maria's second account       priya        approves at level 2
#   cora            collections specialist       dora         approves at level 3
#   adam            credit analyst               bot1         joe's bot
#   olga, oscar     officers                     feedc, feedi feeds of customers and invoices
#
# With SERVED=1 a server has the book once it is founded, and cs goes through its socket. So does run for whoever acts (--as)
# or lets a statement in (submit, as its actor); other readers read the directory, and so does audit, which takes audit.read
# there: audrey is the auditor who holds it. SERVED=own is for scenarios about servers: all that cs does goes through the socket.
#
# cs USER COMMAND...     runs a command as that user with that user's key; output in $OUT, errors in $ERR, status in $RC
# expect RC TEXT...      checks the status and that each text stands in the output or the errors
set -u
: "${COUNTERSIGN:?}"
COUNTERSIGN=$(realpath "$COUNTERSIGN")
HERE=$(realpath "$(dirname "$0")")
[ -z "${PRELOAD_DIR:-}" ] || export PRELOAD_DIR=$(realpath "$PRELOAD_DIR")
WORK=$(mktemp -d "${TMPDIR:-/tmp}/countersign-scenario-XXXXXX")
trap '[ -z "${SERVER:-}" ] || kill "$SERVER" 2>/dev/null; rm -rf "$WORK"' EXIT
cd "$WORK" || exit 1
# Scenarios let months pass; those that are about dormant accounts take the shipped policy as it is.
if [ -z "${POLICY:-}" ]; then
    POLICY=$WORK/us.yaml
    sed '/^  dormant_\(bot_\)*days: /s/: .*/: 0/' "$HERE/../../controls/policies/us.yaml" >"$POLICY"
fi
export XDG_STATE_HOME=$WORK/state HOME=$WORK NO_COLOR=1
# What each bot of a scenario runs under, where it says nothing else.
export COUNTERSIGN_RUN=run-1=$(printf 'code and configuration' | sha256sum | cut -d' ' -f1)
unset COUNTERSIGN_BOOK COUNTERSIGN_USER COUNTERSIGN_KEY SSH_AUTH_SOCK
BOOK=$WORK/book
AT= # where cs finds it: a server's address; else the directory
SERVER=
RC=0 OUT= ERR= FAILED=0 CHECKS=0 LAST=

# The time of the next statement; `tick` moves it on. Every statement takes a second.
NOW=1767603600 # 2026-01-05T09:00:00Z
tick() { NOW=$((NOW + ${1:-1})); }
now() { date -u -d "@$NOW" +%Y-%m-%dT%H:%M:%S.000Z; }

note() { echo "-- $*"; }

wrong() {
    FAILED=$((FAILED + 1))
    echo "WRONG: $*"
    echo "  command: $LAST"
    echo "  status $RC"
    printf '%s\n' "$OUT" | sed 's/^/  out: /'
    printf '%s\n' "$ERR" | sed 's/^/  err: /'
}

# The words of a command in WORDS, with the server's address in place of the directory, and a key to come in with.
served_words() {
    local word last= as= key= here= file=
    WORDS=()
    for word in "$@"; do
        case "$last" in --as) as=$word ;; --key) key=$word ;; --book) [ "$word" = "$BOOK" ] && here=${#WORDS[@]} ;; esac
        WORDS+=("$word")
        last=$word
    done
    if [ "$1" = submit ] && [ -z "$as" ]; then
        file=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["statement"]["actor"])' "$2" 2>/dev/null)
        as=${file:-maria}
        WORDS+=(--as "$as" --key "$WORK/$as.key" --passphrase-fd 3)
        key=$as
    fi
    if [ -z "$here" ] || [ -z "$as" ]; then
        WORDS=("$@")
        return
    fi
    WORDS[here]=$AT
    [ -n "$key" ] || [ -n "${SSH_AUTH_SOCK:-}" ] || WORDS+=(--key "$WORK/$as.key" --passphrase-fd 3)
}

# either EMBEDDED SERVED: what is expected of a directory, and where a server has the book
either() { [ -n "$AT" ] && echo "$2" || echo "$1"; }

run() {
    if [ -n "${SERVED:-}" ] && [ -n "$AT" ]; then
        served_words "$@"
        set -- "${WORDS[@]}"
    fi
    LAST="$*"
    OUT=$("$COUNTERSIGN" "$@" 2>"$WORK/err" 3<<<"${PASSPHRASE:-pass}")
    RC=$?
    ERR=$(cat "$WORK/err")
}

# Writing commands get --at and the key; readers only the book.
cs() {
    local user=$1
    shift
    tick
    case "${SERVED:-}$1$user" in
    1auditaudrey) # she holds audit.read where a scenario has her
        run "$@" --book "${AT:-$BOOK}" --as "$user" --at "$(now)" --key "$WORK/$user.key" --passphrase-fd 3
        return ;;
    1audit*) # whoever runs the scenario holds the files too
        run "$@" --book "$BOOK"
        return ;;
    esac
    case "${SERVED:-}$1" in
    status | inbox | show | log | balance | aging | statement | exceptions | exposure | disputes | controls | grants)
        run "$@" --book "${AT:-$BOOK}" --as "$user" --at "$(now)" ;;
    *)
        run "$@" --book "${AT:-$BOOK}" --as "$user" --at "$(now)" --key "$WORK/$user.key" --passphrase-fd 3 ;;
    esac
}

expect() {
    local status=$1 text
    shift
    CHECKS=$((CHECKS + 1))
    [ "$RC" = "$status" ] || wrong "status $RC, expected $status"
    for text in "$@"; do
        CHECKS=$((CHECKS + 1))
        case "$OUT$ERR" in
        *"$text"*) ;;
        *) wrong "expected: $text" ;;
        esac
    done
}

# unread USER TEXT...: refused so in a directory; what it takes to ask is not for USER to read where a server has the book
unread() {
    local user=$1
    shift
    if [ -z "$AT" ]; then
        expect 1 "$@"
        return
    fi
    CHECKS=$((CHECKS + 2))
    [ "$RC" = 5 ] || wrong "status $RC, expected 5"
    case "$ERR" in
    *"$user may not read this: no function that $user holds now allows it"* | *"this key of $user reads nothing any more"*) ;;
    *) wrong "not said that $user may not read it" ;;
    esac
}

expect_not() {
    local text
    for text in "$@"; do
        CHECKS=$((CHECKS + 1))
        case "$OUT$ERR" in
        *"$text"*) wrong "not expected: $text" ;;
        esac
    done
}

# A member of the first JSON line of $OUT that has it: json document
json() {
    printf '%s\n' "$OUT" | python3 -c '
import json, sys
for line in sys.stdin:
    value = json.loads(line)
    for part in sys.argv[1].split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if value is not None:
        print(value if isinstance(value, (str, int)) else json.dumps(value))
        break
' "$1"
}

# The second reader of the format agrees with the book that a scenario leaves.
read_again() {
    [ -d "$BOOK" ] || return 0
    CHECKS=$((CHECKS + 1))
    run audit export --book "$BOOK" --out "$WORK/read-again.jsonl"
    OUT=$("$HERE/../checker.py" "$WORK/read-again.jsonl" 2>&1) || wrong "tests/checker.py has findings"
}

finish() {
    stop_serving
    read_again
    echo "$CHECKS checks, $FAILED wrong"
    [ "$FAILED" = 0 ] || exit 1
    exit 0
}

die() {
    wrong "$*"
    exit 1
}

new_key() {
    run key new --key "$WORK/$1.key" --kdf minimal --passphrase-fd 3
    [ "$RC" = 0 ] || die "no key for $1"
}

# lay FILE ACTOR VERB SIGNER... < BODY: a statement by ACTOR, signed by each SIGNER, let in
lay() {
    local file=$1 actor=$2 verb=$3 signer
    shift 3
    tick
    python3 "$HERE/../support/statement.py" "$file" "$actor" "$verb" "$(now)" \
        "$("$COUNTERSIGN" status --json --book "$BOOK" 2>/dev/null)" || die "statement $file"
    for signer in "$@"; do
        run sign "$file" --key "$WORK/$signer.key" --passphrase-fd 3
        [ "$RC" = 0 ] || die "sign $file by $signer"
    done
    if [ -n "${SERVED:-}" ]; then
        run submit "$file" --book "${AT:-$BOOK}" --as "$actor" --key "$WORK/$actor.key" --passphrase-fd 3
    else
        run submit "$file" --book "${AT:-$BOOK}"
    fi
    [ "$RC" = 0 ] || die "submit $file"
}

found_book() {
    local user
    for user in olga oscar owen book-key; do new_key "$user"; done
    run charter new --to charter.json --name ledger.example/ar --officer olga:P-01:olga.key.pub \
        --officer oscar:P-02:oscar.key.pub --officer owen:P-03:owen.key.pub --book-key book-key.key.pub \
        --policy "$POLICY" --clock simulated --at "$(now)"
    [ "$RC" = 0 ] || die "charter new"
    for user in olga oscar owen; do
        run sign charter.json --key "$user.key" --passphrase-fd 3
        [ "$RC" = 0 ] || die "sign the charter by $user"
    done
    run init charter.json --book "$BOOK"
    [ "$RC" = 0 ] || die "init"
    [ -z "${SERVED:-}" ] || serve
}

# A server that has the book, and its key, from now on; it answers when this returns. More options may be given.
serve() {
    "$COUNTERSIGN" serve --book "$BOOK" --socket "$WORK/socket" --book-key book-key.key --passphrase-fd 3 \
        --log "$WORK/server.log" "$@" 3<<<"${PASSPHRASE:-pass}" 2>"$WORK/server.err" &
    SERVER=$!
    AT=unix:$WORK/socket
    for _ in $(seq 200); do
        [ -S "$WORK/socket" ] && return 0
        kill -0 "$SERVER" 2>/dev/null || die "the server ended: $(cat "$WORK/server.err" "$WORK/server.log")"
        sleep 0.05
    done
    die "the server does not listen"
}

# Where a server has the book: another one in its place, with these options more.
serve_with() {
    [ -n "$SERVER" ] || return 0
    stop_serving
    serve "$@"
}

# issue [FILE]: a checkpoint of the book as it is now, by its custodian; where a server has the book, which has the key, by audrey.
issue() {
    if [ -n "${SERVED:-}" ] && [ -n "$AT" ]; then
        run checkpoint --book "$BOOK" --as audrey ${1:+--out "$1"}
    else
        run checkpoint --book "$BOOK" --key "$WORK/book-key.key" --passphrase-fd 3 ${1:+--out "$1"}
    fi
    expect 0
}

# Ends the server as an operator does; it finishes what it accepted.
stop_serving() {
    [ -n "$SERVER" ] || return 0
    kill "$SERVER"
    wait "$SERVER"
    RC=$?
    [ "$RC" = 0 ] || wrong "the server ended with $RC"
    SERVER=
    AT=
}

CAST="maria:P-11:human:BILLING_SPECIALIST maria2:P-11:human: joe:P-12:human:BILLING_SPECIALIST
cora:P-13:human:COLLECTIONS_SPECIALIST adam:P-14:human:CREDIT_ANALYST ana:P-21:human:TEAM_LEAD tom:P-22:human:TEAM_LEAD
priya:P-23:human:MANAGER dora:P-24:human:DIRECTOR bot1:P-12:bot:BILLING_SPECIALIST feedc:P-31:feed:FEED_CUSTOMERS
feedi:P-32:feed:FEED_INVOICES"

hire_cast() {
    local one user
    for one in $CAST; do new_key "${one%%:*}"; done
    python3 - "$WORK" $CAST >enrolments.body <<'PY'
import json, sys
documents = []
for one in sys.argv[2:]:
    user, person, sort, role = one.split(":")
    key = " ".join(open(f"{sys.argv[1]}/{user}.key.pub").read().split()[:2])
    documents.append({"kind": "enrolment", "ref": f"en-{user}", "channel": "cli", "user": user, "person": person,
                      "sort": sort, "key": key})
print(json.dumps({"atomic": True, "documents": documents}))
PY
    lay enrolments.json olga submit olga $(for one in $CAST; do echo "${one%%:*}"; done) <enrolments.body
    cs oscar approve --inbox
    [ "$RC" = 0 ] || die "enrolments"
    python3 - $CAST >grants.body <<'PY'
import json, sys
documents = []
for one in sys.argv[1:]:
    user, person, sort, role = one.split(":")
    if role:
        documents.append({"kind": "grant", "ref": f"gr-{user}", "channel": "cli", "user": user, "role": role,
                          "entities": ["US01"]})
print(json.dumps({"atomic": True, "documents": documents}))
PY
    lay grants.json olga submit olga <grants.body
    cs oscar approve --inbox
    [ "$RC" = 0 ] || die "grants"
}

feed_masters() {
    lay customers.json feedc feed feedc <<'EOF_BODY'
{"entity":"US01","feed":"customers","file":{"count":4,"sequence":1},"last":true,"part":1,"records":[
{"currency":"USD","customer":"16446","group":"G1","limit":"10000.00","terms_days":30},
{"currency":"USD","customer":"16447","group":"G1","limit":"10000.00","terms_days":30},
{"currency":"USD","customer":"10442","group":"10442","limit":"10000.00","terms_days":30},
{"currency":"USD","customer":"20001","group":"20001","limit":"10000.00","terms_days":30}]}
EOF_BODY
    python3 - >invoices.body <<'PY'
import json
def invoice(number, customer, net, tax, gross):
    return {"invoice": number, "customer": customer, "date": "2025-12-01", "due": "2025-12-31", "gross": gross,
            "taxes": [{"code": "SALES_TAX", "net": net, "tax": tax}]}
records = [invoice("581483", "16446", "5881.45", "588.15", "6469.60"), invoice("581484", "16446", "909.09", "90.91", "1000.00"),
           invoice("40117", "10442", "900.00", "0.00", "900.00"), invoice("40251", "10442", "3220.55", "0.00", "3220.55"),
           invoice("700001", "16447", "500.00", "0.00", "500.00")]
records += [invoice(f"9000{i:02}", "20001", "100.00", "0.00", "100.00") for i in range(20)]
total = sum(int(r["gross"].replace(".", "")) for r in records)
print(json.dumps({"entity": "US01", "feed": "invoices", "last": True, "part": 1, "records": records,
                  "file": {"count": len(records), "sequence": 1, "currency": "USD", "total": f"{total // 100}.{total % 100:02}"}}))
PY
    lay invoices.json feedi feed feedi <invoices.body
}

# The whole company. Evidence files to attach lie in $WORK too. The same company of the same program is founded once, and copied
# from then on: that is what half of the time of half of the scenarios would be for.
found_company() {
    local kept
    kept=$(dirname "$COUNTERSIGN")/companies/$({ cat "$COUNTERSIGN" "$POLICY" && declare -f && echo "$CAST" "$NOW" "${PASSPHRASE:-}"; } |
        sha256sum | cut -c1-32)
    if [ -n "${SERVED:-}" ] || [ -n "$(ls -A "$WORK" | grep -vx us.yaml)" ]; then
        kept= # a server has it, or there is something of the scenario's own
    elif [ -d "$kept" ]; then
        cp -a "$kept/." "$WORK"
        NOW=$(cat now)
        return
    fi
    found_book
    hire_cast
    feed_masters
    echo "contract prices" >prices.pdf
    echo "dunning letters" >dunning.txt
    echo "annual report" >report.pdf
    [ -n "$kept" ] || return 0
    echo "$NOW" >now
    mkdir -p "$(dirname "$kept")" && cp -a "$WORK" "$kept.$$" && mv -T "$kept.$$" "$kept" 2>/dev/null || rm -rf "$kept.$$"
}
