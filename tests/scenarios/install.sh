#!/usr/bin/env bash
# make install puts the program, the policies and the texts under DESTDIR and PREFIX, and uninstall takes them away; what
# was installed runs.
set -eu
cd "$(dirname "$0")/../.."
there=$(mktemp -d)
trap 'rm -rf "$there"' EXIT
make -s install DESTDIR="$there" PREFIX=/opt/cs >"$there/log" 2>&1 || { cat "$there/log"; exit 1; }
for file in bin/countersign share/countersign/policies/us.yaml share/countersign/policies/uk.yaml \
            share/doc/countersign/FORMAT.md share/doc/countersign/POLICY.md share/doc/countersign/README.md; do
    [ -s "$there/opt/cs/$file" ] || { echo "not installed: $file"; exit 1; }
done
"$there/opt/cs/bin/countersign" --version
"$there/opt/cs/bin/countersign" policy check "$there/opt/cs/share/countersign/policies/us.yaml"
make -s uninstall DESTDIR="$there" PREFIX=/opt/cs
left=$(find "$there/opt" -type f)
[ -z "$left" ] || { echo "left behind: $left"; exit 1; }
make -s help >"$there/help"; grep -q "demo" "$there/help" || { echo "make help says nothing"; exit 1; }
