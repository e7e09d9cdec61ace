#!/bin/bash
# The day of `make demo` through a server's socket, each person from an account of the system that cannot open the book's files.
set -u
[ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null || { echo "accounts need root and setpriv"; exit 77; }
WORK=$(mktemp -d /tmp/countersign-accounts-XXXXXX)
trap 'rm -rf "$WORK"' EXIT
chmod 755 "$WORK"
if ! DATA= DEMO_VIA=socket DEMO_DIR=$WORK/demo "$(dirname "$0")/../demo/run" >"$WORK/log" 2>&1; then
    tail -20 "$WORK/log"
    exit 1
fi
grep -c '^[a-z.]*\$ countersign' "$WORK/log" | sed 's/$/ commands from their accounts/'
