#!/usr/bin/env bash
# controls/CATALOGUE.md is what the program prints from its table of controls: neither can change alone.
set -u
here=$(dirname "$0")
printed=$(mktemp)
trap 'rm -f "$printed"' EXIT
"${COUNTERSIGN:?}" controls --catalogue >"$printed" || exit 1
if ! diff -u "$here/../../controls/CATALOGUE.md" "$printed"; then
    echo "controls/CATALOGUE.md differs from the table of controls; make it again: countersign controls --catalogue"
    exit 1
fi
# Each control of the table stands in the text, and nothing else does.
"$COUNTERSIGN" controls --json | python3 -c '
import json, sys
rows = [json.loads(line) for line in sys.stdin]
text = open(sys.argv[1]).read()
sections = [line.split()[1] for line in text.splitlines() if line.startswith("### ")]
assert sections == [row["id"] for row in rows], (sections, [row["id"] for row in rows])
assert sorted(sections) == sections
for row in rows:
    for name in ("title", "objective", "assertion", "framework", "codes", "parameters", "proof"):
        assert row.get(name, "") in text, (row["id"], name)
' "$printed"
