#!/usr/bin/env bash
# make install puts programs, manual, completion, policies, texts and units under DESTDIR and PREFIX, and uninstall takes them
# away, and nothing else; what was installed runs, from folders whose names have blanks.
set -eu
cd "$(dirname "$0")/../.."
there=$(mktemp -d)/"to here"
trap 'rm -rf "${there%/*}"' EXIT
mkdir "$there"
make -s install DESTDIR="$there" PREFIX=/opt/cs >"$there/log" 2>&1 || { cat "$there/log"; exit 1; }
rm "$there/log"
for file in bin/countersign share/countersign/policies/us.yaml share/countersign/policies/uk.yaml \
            share/doc/countersign/FORMAT.md share/doc/countersign/THREATS.md share/doc/countersign/POLICY.md share/doc/countersign/README.md \
            share/doc/countersign/examples/sshd_config share/bash-completion/completions/countersign \
            share/man/man1/countersign.1.gz share/man/man1/countersign-audit-verify.1.gz \
            share/man/man7/countersign-service.7.gz lib/systemd/system/countersign@.service \
            lib/systemd/system/countersign@.socket lib/sysusers.d/countersign.conf lib/tmpfiles.d/countersign.conf; do
    [ -s "$there/opt/cs/$file" ] || { echo "not installed: $file"; exit 1; }
done
grep -q '^ExecStart=/opt/cs/bin/countersign serve' "$there/opt/cs/lib/systemd/system/countersign@.service"
! grep -rq '@PREFIX@\|@VERSION@' "$there/opt/cs" || { echo "a placeholder was left"; exit 1; }
"$there/opt/cs/bin/countersign" --version
"$there/opt/cs/bin/countersign" policy check "$there/opt/cs/share/countersign/policies/us.yaml"
touch "$there/opt/cs/bin/other" "$there/opt/cs/share/man/man1/other.1.gz" # somebody else's
make -s uninstall DESTDIR="$there" PREFIX=/opt/cs
left=$(cd "$there/opt/cs" && find . -type f | sort | tr '\n' ' ')
[ "$left" = "./bin/other ./share/man/man1/other.1.gz " ] || { echo "left behind or taken too much: $left"; exit 1; }
[[ $(make -s help) == *demo* ]] || { echo "make help says nothing"; exit 1; }
