#!/bin/bash
# Commands that no other scenario of `make allocations` brings to their end: a bot stopped and started, a month opened again, the
# book followed, a connection carried, help.
. "$(dirname "$0")/lib.sh"
CAST="$CAST cleo:P-51:human:PERIOD_CLOSER clive:P-52:human:PERIOD_CLOSER"
found_company
number() { printf '%s\n' "$OUT" | grep -o "$1-[0-9]*" | head -1; }

note "a month that was closed softly is opened by two"
NOW=$(date -u -d 2026-02-03T12:00:00Z +%s)
cs cleo period close US01 2026-01 --soft --reason "Month end"
expect 0 "in force"
cs maria post credit-note --invoice 581483 --amount 20.00 --reason PRICE_ERR --evidence prices.pdf --date 2026-01-30
expect 1 "C-39"
cs cleo period open US01 2026-01 --reason "Late cost allocation"
expect 0 "waits for"
OPENING=$(number PE)
cs cleo approve "$OPENING"
expect 1 "C-01"
cs clive approve "$OPENING"
expect 0 "in force"
cs maria post credit-note --invoice 581483 --amount 20.00 --reason PRICE_ERR --evidence prices.pdf --date 2026-01-30
expect 0 "posted"

note "a bot is off at its owner's word, and on again by two"
cs joe bot stop bot1 --reason "Credits the same customer again and again"
expect 0 "in force"
cs bot1 post credit-note --invoice 900004 --amount 1.00 --reason PRICE_ERR --evidence prices.pdf
unread bot1 "C-02"
cs olga bot start bot1
expect 0 "another officer has to sign"
cs oscar approve "$(number GR)"
expect 0 "in force"

note "the book followed to its head, and from where that was left"
cs maria watch --from 0 --until-head --state at.position --json
expect 0 '"seq":0,' '"kind":"period"'
cs maria balance
expect 0
cs maria watch --until-head --state at.position
expect 0
[ -z "$OUT" ] || wrong "what was handed on comes again"

note "a connection is carried to whoever listens at the socket"
python3 - there.socket <<'PY' &
import socket, sys
with socket.socket(socket.AF_UNIX) as listener:
    listener.bind(sys.argv[1])
    listener.listen()
    caller, _ = listener.accept()
    caller.sendall(b"it was said: %d bytes\n" % len(caller.recv(100)))
    caller.close()
PY
for _ in $(seq 200); do [ -S there.socket ] && break || sleep 0.02; done
run connect --socket there.socket </dev/null
expect 0 "it was said: 0 bytes"
wait $!

note "help, as people, shells and manual pages ask for it"
for words in "" "period open" "--completion" "--scdoc" "--scdoc post" "--pages"; do
    run help $words
    expect 0 "countersign"
done
finish
