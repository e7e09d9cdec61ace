#!/usr/bin/env bash
# Real invoices and credits through the gate, with the release build, against what is expected of each document: the first
# 75 days of them, or REALDATA_DAYS, or (all) both years, as make realdata and make demo have them. DATA is the folder
# online-retail or the one that holds it; REALDATA_WORK keeps the run's files.
set -u
cd "$(dirname "$0")/../.." || exit 1
data=${DATA:-../shared/data/online-retail}
if [ ! -e "$data/documents_2009-2011.csv.gz" ] && [ ! -e "$data/online-retail/documents_2009-2011.csv.gz" ]; then
    echo "skipped: no real data"
    exit 77
fi
make --no-print-directory -s -j"$(nproc)" BUILD=release build/release/countersign build/release/countersign-verify || exit 1
days=${REALDATA_DAYS:-75}
[ "$days" = all ] && days=
work=${REALDATA_WORK:-}
if [ -z "$work" ]; then
    # In memory where there is room: this run is about decisions, not about what a disk keeps, and syncs are half of it.
    folder=${TMPDIR:-/tmp}
    [ "$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)" -gt 2000000 ] 2>/dev/null && folder=/dev/shm
    work=$(mktemp -d "$folder/countersign-realdata-XXXXXX")
    trap 'rm -rf "$work"' EXIT
fi
tests/realdata/drive.py build/release/countersign "$data" "$work" ${days:+--days "$days"}
