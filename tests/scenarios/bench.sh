#!/usr/bin/env bash
# The bench's harness, on tiny books: it measures and writes, says what it could not measure, and leaves nothing behind when it is
# interrupted or the disk is full. No figure is asked for here.
set -u
ROOT=$(realpath "$(dirname "$0")/../..")
BUILD=$(realpath "$(dirname "${COUNTERSIGN:?}")")
RUN=$ROOT/tests/bench/run
WORK=$(mktemp -d "${TMPDIR:-/tmp}/countersign-scenario-XXXXXX")
trap 'rm -rf "$WORK"' EXIT
mkdir "$WORK/memory" "$WORK/disk" "$WORK/results"
export TMPDIR=$WORK/disk
unset ROUNDS SECONDS DATA FULL
[ -x "$BUILD/bench/decide" ] || { echo "the bench is not built in $BUILD/bench: make bench-programs"; exit 1; }
CHECKS=0 FAILED=0

wrong() {
    FAILED=$((FAILED + 1))
    echo "WRONG: $*"
    sed 's/^/  out: /' "$WORK/out"
    sed 's/^/  err: /' "$WORK/err"
}

bench() { "$@" "$RUN" --quickest --build "$BUILD" --memory "$WORK/memory" --results "$WORK/results" "${MORE[@]}" >"$WORK/out" 2>"$WORK/err"; }

# expect STATUS WANTED TEXT...: in what was said
expect() {
    local status=$1 wanted=$2 text
    shift 2
    CHECKS=$((CHECKS + 1))
    [ "$status" = "$wanted" ] || wrong "status $status, expected $wanted"
    for text in "$@"; do
        CHECKS=$((CHECKS + 1))
        cat "$WORK/out" "$WORK/err" | grep -qF -- "$text" || wrong "expected: $text"
    done
}

# Neither a directory of the bench, nor a process of it, nor half a file.
nothing_left() {
    local left
    CHECKS=$((CHECKS + 3))
    left=$(ls -A "$WORK/memory" "$WORK/disk" | grep -v -e ':$' -e '^$')
    [ -z "$left" ] || wrong "left behind: $left"
    left=$(pgrep -f "$WORK/(memory|disk)/countersign-bench" | tr '\n' ' ')
    [ -z "$left" ] || wrong "still at work: $left"
    left=$(find "$WORK/results" -name '*.new')
    [ -z "$left" ] || wrong "half written: $left"
}

MORE=(--list)
bench env
expect $? 0 bounds-sync decide-few-300 verify-full-300
MORE=(--only no-such-thing)
bench env
expect $? 1 "there is no measurement no-such-thing"

echo "-- measured on one processor, and written only when that is asked for"
MORE=(--only bounds-sha256,decide-few,sizes-single --rounds 1)
bench taskset -c "$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')"
expect $? 0 "SHA-256" "cost, in signature checks" "journal, to the entries' own bytes"
CHECKS=$((CHECKS + 1))
[ ! -e "$WORK/results/RESULTS.md" ] || wrong "RESULTS.md was written after a part"
nothing_left

echo "-- a peer that is not there, and one that fails"
cat >"$WORK/peers.py" <<'PY'
from measure import Measurement, Side, Target
PEERS = [Measurement("peer-none", "Peers", "a peer that nobody installed",
                     (Side("countersign", ("echo", '{"count": 10, "seconds": 2}')), Side("Nobody's base", ("echo", '{"missing": "nobody-15 is not installed"}'))),
                     (Target("of Nobody's base", "rate", "rate"),)),
         Measurement("peer-long", "Peers", "a peer with a server that does not end by itself",
                     (Side("Long", ("sh", "-c", "sh -c 'sleep 300; true' {dir} & echo started >{dir}/started; wait")),)),
         Measurement("peer-slow", "Peers", "a peer that takes too long", (Side("Slow", ("sh", "-c", "sleep 300; true {dir}"), seconds=0.1),)),
         Measurement("peer-broken", "Peers", "a peer that fails", (Side("Broken", ("sh", "-c", "echo the cluster does not start >&2; exit 3")),))]
PY
MORE=(--peers "$WORK/peers.py" --only peer-none --rounds 2 --write)
bench env
expect $? 0 "not measured: nobody-15 is not installed" "5/s"
CHECKS=$((CHECKS + 2))
grep -q "nobody-15 is not installed" "$WORK/results/RESULTS.md" || wrong "RESULTS.md does not say what is missing"
cp "$WORK/results/RESULTS.md" "$WORK/before"
MORE=(--peers "$WORK/peers.py" --only peer-broken,peer-slow,peer-none --write)
bench env
expect $? 1 "peer-broken" "the cluster does not start (exit status 3)" "took more than 0.1 s" "5/s"
cmp -s "$WORK/before" "$WORK/results/RESULTS.md" || wrong "RESULTS.md was written though something failed"
nothing_left

# interrupted SIGNAL STATUS NAME ROUND: in that round of a measurement
interrupted() {
    echo "-- interrupted by SIG$1 in $3"
    MORE=(--peers "$WORK/peers.py" --only "$3" --rounds 100000 --write)
    rm -f "$WORK/err" # of the run before, which had rounds too
    bench env --default-signal=INT setsid &
    local shell=$!
    for _ in $(seq 3000); do
        grep -q "round $4" "$WORK/err" 2>/dev/null && break
        sleep 0.02
    done
    sleep 0.1
    kill -s "$1" "$(pgrep -f "python3 $RUN .*$WORK/memory" | head -n 1)"
    wait $shell
    expect $? "$2" "interrupted: what was measured is above"
    CHECKS=$((CHECKS + 1))
    cmp -s "$WORK/before" "$WORK/results/RESULTS.md" || wrong "RESULTS.md was written by a run that was interrupted"
    nothing_left
}
interrupted INT 130 decide-many 2
interrupted TERM 143 peer-long 1

echo "-- a full disk"
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
    MORE=(--only decide-few,bounds-sha256 --rounds 1 --write)
    bench unshare -m sh -c "mount -t tmpfs -o size=2500k none '$WORK/memory' && mount --bind '$WORK/memory' '$WORK/disk' && \"\$@\"
        status=\$?; ls -A '$WORK/memory'; exit \$status" sh
    expect $? 1 "decide-few-300" "could not be measured" "is full" "SHA-256"
    CHECKS=$((CHECKS + 2))
    cmp -s "$WORK/before" "$WORK/results/RESULTS.md" || wrong "RESULTS.md was written though the disk was full"
    grep -q "^countersign-bench" "$WORK/out" && wrong "left behind on the full disk"
    nothing_left
else
    echo "   skipped: a small file system cannot be mounted here"
fi

echo "$CHECKS checks, $FAILED wrong"
[ "$FAILED" = 0 ]
