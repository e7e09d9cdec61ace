#!/usr/bin/env bash
# The worked book of ledger/FORMAT.md, made by the program, is good in the eyes of the second reader.
set -u
cd "$(dirname "$0")/../.." || exit 1
vectors=tests/vectors/worked_book
tests/checker.py "$vectors.jsonl" --checkpoint "$vectors.note" --receipt "$vectors.receipt" || exit 1
! tests/checker.py <(sed 's/"1111.11"/"1111.12"/' "$vectors.jsonl") >/dev/null || { echo "a changed line was not seen"; exit 1; }
