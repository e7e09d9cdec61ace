#!/usr/bin/env bash
# A Debian with nothing on it, in a chroot: the package installs with what it depends on, the account that owns books runs the
# demo with it, it serves where it can, and when it is removed the books stay. Needs root, debootstrap and a mirror.
set -u
cd "$(dirname "$0")/../.." || exit 1
skip() { echo "$*"; exit 77; }
[ "$(id -u)" = 0 ] || skip "not root"
command -v debootstrap >/dev/null || skip "debootstrap is not installed"
# shellcheck disable=SC1091
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
mirror=$(apt-get indextargets --format '$(ORIGIN)|$(CODENAME)|$(SITE)' 'Created-By: Packages' 2>/dev/null |
    sed -n "s/^Debian|$suite|//p" | head -1)
[ -n "$mirror" ] || skip "apt knows no mirror of Debian $suite"
there=$(mktemp -d)
trap 'rm -rf "$there"' EXIT
root=$there/root
make --no-print-directory -s -j"$(nproc)" BUILD=release programs || exit 1
cli/package/build build/release "$there/package" || exit 1
nice debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$there/log" 2>&1 ||
    { tail -3 "$there/log"; skip "debootstrap did not make a system here"; }
cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null
cp "$there"/package/*.deb "$root/root/countersign.deb"
mkdir -p "$root/demo/tests"
cp -r tests/demo tests/checker.py "$root/demo/tests"
install -m 755 tests/release/inside "$root/root/inside"
# Mounts and processes of its own: nothing of it is left when the shell ends.
unshare --mount --pid --fork bash -c '
    mount --make-rprivate / && mount -t proc proc "$1/proc" && mount -t tmpfs tmpfs "$1/run" || exit 77
    exec chroot "$1" /bin/bash /root/inside' -- "$root"
