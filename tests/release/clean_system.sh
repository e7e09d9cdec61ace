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
    exec chroot "$1" /bin/bash /root/inside' -- "$root" || exit

# The same system booted with systemd, for the units as they are.
build/release/countersign help serve >/dev/null 2>&1 || { echo "not booted: this release has no serve"; exit 0; }
command -v systemd-nspawn >/dev/null || { echo "not booted: there is no systemd-nspawn"; exit 0; }
DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get install -y --no-install-recommends systemd dbus /root/countersign.deb \
    >"$there/log" 2>&1 || { tail "$there/log"; exit 1; }
install -m 755 tests/release/booted "$root/root/booted"
mkdir -p "$root/etc/systemd/system/default.target.wants"
printf '[Unit]\nAfter=multi-user.target\n[Service]\nType=oneshot\nExecStart=/root/booted\n' \
    >"$root/etc/systemd/system/booted.service"
ln -s ../booted.service "$root/etc/systemd/system/default.target.wants/booted.service"
timeout 300 systemd-nspawn -q --register=no --keep-unit -D "$root" -b >"$there/log" 2>&1
[ -e "$root/result" ] || { tail -3 "$there/log"; echo "not booted: systemd-nspawn does not do it here"; exit 0; }
[ "$(tail -1 "$root/result")" = served ] || { tail -40 "$root/result"; exit 1; }
echo "booted with systemd: the socket starts the server, its account has no rights, it ends well"
