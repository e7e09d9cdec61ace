#!/usr/bin/env bash
# The package of a release: the same bytes from another folder, time, umask and language; what is in it and what it says of
# itself; its bill of materials; sums that stock ssh-keygen checks; units that systemd takes, and an sshd_config that sshd
# takes. What is not installed here is left out and named. The long part of it is `make release-test`.
set -u
cd "$(dirname "$0")/../.." || exit 1
make --no-print-directory -s -j"$(nproc)" BUILD=release programs || exit 1
there=$(mktemp -d)
trap 'rm -rf "$there"' EXIT
wrong=0 checks=0
check() { # WHAT COMMAND...
    checks=$((checks + 1))
    local what=$1
    shift
    "$@" >"$there/out" 2>&1 && return
    wrong=$((wrong + 1))
    echo "WRONG: $what"
    sed 's/^/  /' "$there/out" | head -20
}
not() { ! "$@"; }
has() { command -v "$1" >/dev/null 2>&1 || { echo "-- not checked, there is no $1"; return 1; }; }
export COMMIT=0123abc
unset RELEASE_KEY SOURCE_DATE_EPOCH

cli/package/build build/release "$there/one" >"$there/said" || { cat "$there/said"; exit 1; }

twice() {
other="$there/an other place"
mkdir -p "$other/built"
cp -r README.md Makefile ledger controls audit cli "$other"
cp build/release/countersign build/release/countersignd build/release/countersign-verify "$other/built"
find "$other" -exec touch -d 2001-02-03 {} +
(
    cd "$other" || exit 1
    umask 077
    chmod -R go-rwx .
    export LANG=de_DE.UTF-8 LC_ALL=C.UTF-8 TZ=Pacific/Auckland HOME=$there TMPDIR=$there USER=somebody XZ_DEFAULTS=-T4 GZIP=-1
    command -v faketime >/dev/null && late=(faketime "2031-03-04 05:06:07") || late=()
    nice -n 5 "${late[@]}" cli/package/build built "$there/two" >/dev/null 2>&1
)
for file in "$there"/one/*; do check "the same bytes: ${file##*/}" cmp "$file" "$there/two/${file##*/}"; done
check "as many files" test "$(ls "$there/one")" = "$(ls "$there/two")"
}
# A fifth of make test's scenarios waits for compressors here; make release-test asks it of every release.
if [ -n "${TWICE:-}" ]; then echo "-- twice, as differently as can be"; twice; fi

echo "-- what it is"
deb=$(ls "$there/one"/*.deb)
version=$(build/release/countersign --version | cut -d' ' -f2)
check "its version" test "$(dpkg-deb -f "$deb" Version)" = "$version"
for library in libsodium23 liblmdb0 libjansson4 libfyaml0 libcsv3 libsmartcols1 libsqlite3-0 libc6; do
    check "depends on $library" grep -q "$library (>= " <<<"$(dpkg-deb -f "$deb" Depends)"
done
dpkg-deb -R "$deb" "$there/tree"
check "owned by root, no odd modes" not grep -vqE '^(drwxr-xr-x|-rw-r--r--|-rwxr-xr-x) root/root ' <<<"$(dpkg-deb -c "$deb")"
check "programs alone are executable" not grep -vE '/usr/(bin/countersign|bin/countersign-verify|libexec/countersign/countersignd)$' <<<"$(find "$there/tree/usr" -type f -perm /111)"
check "the server's program is there" test -x "$there/tree/usr/libexec/countersign/countersignd"
check "the program for bundles loads no SQL, writes no spreadsheets" not grep -qE 'sqlite|xlsxwriter' <<<"$(ldd build/release/countersign-verify)"
check "the server's program loads no SQL and writes no spreadsheets" not grep -qE 'sqlite|xlsxwriter' <<<"$(ldd build/release/countersignd)"
check "the program is the one that was built" cmp build/release/countersign "$there/tree/usr/bin/countersign"
check "its sums" env -C "$there/tree" md5sum -c --quiet DEBIAN/md5sums
for script in postinst prerm postrm; do check "$script is sh" sh -n "$there/tree/DEBIAN/$script"; done
check "the changelog begins with this version" test "$(zcat "$there/tree/usr/share/doc/countersign/changelog.gz" | dpkg-parsechangelog -l - -S Version)" = "$version"
if [ -n "${TWICE:-}" ] && has lintian; then check "lintian" lintian --allow-root --fail-on error,warning "$deb"; fi

echo "-- the bill of materials"
check "its form and content" python3 - "$there/one"/*.spdx.json "$deb" "$there/tree" <<'PY'
import hashlib, json, os, re, subprocess, sys
path, deb, tree = sys.argv[1:]
bill = json.load(open(path))
assert bill["spdxVersion"] == "SPDX-2.3" and bill["dataLicense"] == "CC0-1.0" and bill["SPDXID"] == "SPDXRef-DOCUMENT"
assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", bill["creationInfo"]["created"]) and bill["creationInfo"]["creators"]
assert bill["documentNamespace"].startswith("https://") and "#" not in bill["documentNamespace"] and bill["name"]
ids = [one["SPDXID"] for one in bill["packages"] + bill["files"]]
assert len(set(ids)) == len(ids) and all(re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", one) for one in ids)
sha = lambda name, how="sha256": hashlib.new(how, open(name, "rb").read()).hexdigest()
ours = bill["packages"][0]
assert {c["algorithm"]: c["checksumValue"] for c in ours["checksums"]} == {"SHA1": sha(deb, "sha1"), "SHA256": sha(deb)}
for one in bill["packages"]:
    for member in ("name", "versionInfo", "downloadLocation", "licenseConcluded", "licenseDeclared", "copyrightText"):
        assert one[member], (one["name"], member)
there = {"./" + os.path.relpath(os.path.join(where, name), tree) for where, _, names in os.walk(tree + "/usr") for name in names}
assert {one["fileName"] for one in bill["files"]} == there
for one in bill["files"]:
    assert dict((c["algorithm"], c["checksumValue"]) for c in one["checksums"])["SHA256"] == sha(os.path.join(tree, one["fileName"]))
code = hashlib.sha1("".join(sorted(one["checksums"][0]["checksumValue"] for one in bill["files"])).encode()).hexdigest()
assert ours["packageVerificationCode"]["packageVerificationCodeValue"] == code
for relation in bill["relationships"]:
    assert relation["spdxElementId"] in ids + ["SPDXRef-DOCUMENT"] and relation["relatedSpdxElement"] in ids
linked = {one["name"]: one for one in bill["packages"] if one.get("primaryPackagePurpose") == "LIBRARY"}
assert {"libsodium23", "liblmdb0", "libjansson4", "libfyaml0", "libcsv3", "libsmartcols1", "libsqlite3-0", "libc6"} <= set(linked), sorted(linked)
for name, one in linked.items():
    found = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", name], capture_output=True, text=True).stdout
    assert one["versionInfo"] == found and one["licenseDeclared"] != "NOASSERTION" and one["externalRefs"], one
depends = subprocess.run(["dpkg-deb", "-f", deb, "Depends"], capture_output=True, text=True).stdout
for name in re.findall(r"(?<![a-z0-9])(z?lib[a-z0-9.+-]+)", depends):
    assert name in linked, name
PY

echo "-- manual and completion are the table's"
man=$there/tree/usr/share/man
"$there/tree/usr/bin/countersign" help --pages | cut -f1 | cat - <(echo countersign-verify) | sort >"$there/pages"
check "a page for each command, and no other" diff "$there/pages" <(cd "$man/man1" && printf '%s\n' *.1.gz | sed 's/\.1\.gz$//' | sort)
gunzip -r "$man"
check "mandoc finds no error in them" mandoc -T lint -W error "$man"/man?/*
for seen in $(cat "$man/man7/countersign-service.7" | mandoc -T ascii | sed 's/.\x08//g' | grep -oE 'countersign-[a-z-]+\(1\)' | sort -u); do
    check "the page $seen, which the service's page names" test -e "$man/man1/${seen%(1)}.1"
done
check "the completion" bash -n "$there/tree/usr/share/bash-completion/completions/countersign"

echo "-- sums and their signature, by stock ssh-keygen"
ssh-keygen -q -t ed25519 -N '' -C releases -f "$there/key"
echo "releases@example.com $(cut -d' ' -f1,2 "$there/key.pub")" >"$there/signers"
check "without a key it says so" grep -q UNSIGNED <<<"$(cli/package/sign "$there/one" "")"
check "with a key it signs" cli/package/sign "$there/one" "$there/key"
verify() { # FILE NAMESPACE
    ssh-keygen -Y verify -f "$there/signers" -I releases@example.com -n "$2" -s "$there/one/SHA256SUMS.sig" <"$1"
}
check "the signature is good" verify "$there/one/SHA256SUMS" countersign-release
check "in no other namespace" not verify "$there/one/SHA256SUMS" countersign
sed 's/^./0/' "$there/one/SHA256SUMS" >"$there/changed"
check "a changed sum is seen" not verify "$there/changed" countersign-release
check "the page of bundles is the one that is built in" cmp "$there/one/countersign_${version}_evidence.html" build/release/audit/embed/evidence.html
check "and the sums name it" grep -q "  countersign_${version}_evidence.html$" "$there/one/SHA256SUMS"
check "the sums fit" env -C "$there/one" sha256sum -c --quiet SHA256SUMS
for program in $(cd "$there/tree" && find usr -type f -perm /111); do
    check "what officers approve is $program" grep -q "$(sha256sum "$there/tree/$program" | cut -d' ' -f1)  /$program" "$there/one"/*.release
    check "no path of the build in $program" not grep -qa "$PWD" "$there/tree/$program"
done

echo "-- units, accounts, sshd"
units=$there/units
mkdir "$units"
for unit in "$there/tree"/usr/lib/systemd/system/*; do
    sed "s|/usr/bin/countersign|$PWD/build/release/countersign|" "$unit" >"$units/${unit##*/}"
done
if has systemd-analyze; then
    verify_units() {
        local said
        said=$(SYSTEMD_UNIT_PATH="$units:" systemd-analyze verify --man=no --recursive-errors=no "$units"/countersign@ar.service "$units"/countersign@ar.socket 2>&1)
        local answered=$?
        echo "$said"
        [ "$answered" = 0 ] && ! grep -q 'countersign@' <<<"$said"
    }
    cp "$units/countersign@.service" "$units/countersign@ar.service"
    cp "$units/countersign@.socket" "$units/countersign@ar.socket"
    check "systemd takes the units" verify_units
    check "exposure of 1.0 of 10 at most" systemd-analyze security --no-pager --offline=yes --threshold=10 "$units/countersign@ar.service"
fi
# Whoever changes the server's options changes the unit with them.
options_known() { # COMMAND FILE
    local word
    "$there/tree/usr/bin/countersign" help "$1" >"$there/help" || return
    for word in $(grep -o "countersign $1 .*" "$2" | grep -oE -- '--[a-z-]+'); do
        grep -qE -- "^  (-., )?$word( |\$)" "$there/help" || { echo "no option $word"; return 1; }
    done
}
check "the server's options in the unit" options_known serve "$units/countersign@.service"
check "the client's in the snippet" options_known connect "$there/tree/usr/share/doc/countersign/examples/sshd_config"
if has systemd-sysusers; then
    mkdir -p "$there/root/etc" "$there/root/usr/lib"
    cp -r "$there/tree/usr/lib/sysusers.d" "$there/root/usr/lib"
    check "systemd-sysusers" systemd-sysusers --root="$there/root" countersign.conf
    check "makes the account" grep -q '^countersign:.*:/var/lib/countersign:' "$there/root/etc/passwd"
    check "and the group" grep -q '^countersign-users:' "$there/root/etc/group"
fi
sshd=$(command -v sshd || echo /usr/sbin/sshd)
if has "$sshd"; then
    ssh-keygen -q -t ed25519 -N '' -f "$there/host"
    { echo "HostKey $there/host"; cat "$there/tree/usr/share/doc/countersign/examples/sshd_config"; } >"$there/sshd_config"
    mkdir -p /run/sshd 2>/dev/null
    check "sshd takes the snippet" "$sshd" -t -f "$there/sshd_config"
fi

echo "$checks checks, $wrong wrong"
[ "$wrong" = 0 ]
