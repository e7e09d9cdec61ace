#!/usr/bin/env bash
# Two years of real invoices and credits through the gate, with the release build, against what is expected of each
# document. DATA is the folder that holds online-retail; REALDATA_DAYS shortens the run; REALDATA_WORK keeps its files.
set -u
cd "$(dirname "$0")/../.." || exit 1
data=${DATA:-../shared/data}
if [ ! -d "$data/online-retail" ]; then
    echo "skipped: no real data"
    exit 77
fi
make --no-print-directory -s -j"$(nproc)" BUILD=release build/release/countersign || exit 1
work=${REALDATA_WORK:-}
if [ -z "$work" ]; then
    work=$(mktemp -d "${TMPDIR:-/tmp}/countersign-realdata-XXXXXX")
    trap 'rm -rf "$work"' EXIT
fi
tests/realdata/drive.py build/release/countersign "$data" "$work" ${REALDATA_DAYS:+--days "$REALDATA_DAYS"}
