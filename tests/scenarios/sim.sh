#!/usr/bin/env bash
# Simulated companies (tests/sim): ten seeds that are always the same, and three that nobody has seen.
set -euo pipefail
sim=$(realpath "$PRELOAD_DIR/../sim")
cd "$(dirname "$0")/../.."
"$sim" --seed 1 --count 10 --steps 130 --every 40
"$sim" --seed 0 --count 3 --steps 130

# A model that is wrong about one thing is told apart, and the seed shrinks to the steps that it takes.
report=$(! "$sim" --seed 1 --steps 130 --wrong 2>&1)
grep -q "1 steps are enough: sim --verbose --seed 1 --steps 130 --only 60$" <<<"$report" || { echo "no shrunken seed: $report"; exit 1; }
