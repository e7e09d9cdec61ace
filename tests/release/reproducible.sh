#!/usr/bin/env bash
# The whole release from the sources, twice: in another folder, at another time, under another umask, language and time zone,
# and without a compiler's cache. Program, package, bill of materials and sums are the same bytes.
set -eu
cd "$(dirname "$0")/../.."
there=$(mktemp -d)
trap 'rm -rf "$there"' EXIT
export COMMIT=0123abc CCACHE_DISABLE=1
unset SOURCE_DATE_EPOCH RELEASE_KEY MAKEFLAGS

git ls-files -z | tar -c --null -T - >"$there/sources.tar" # both from what was there at the beginning
sources() {
    mkdir -p "$1"
    tar -x -f "$there/sources.tar" -C "$1"
}
built() { # FOLDER COMMAND...
    local folder=$1
    shift
    "$@" nice make -C "$folder" --no-print-directory -s -j"$(nproc)" BUILD=release programs
    (cd "$folder" && "$@" cli/package/build build/release out) >/dev/null
}

sources "$there/one"
built "$there/one" env LC_ALL=C TZ=UTC
umask 077
sources "$there/a/much longer/way/to it"
late=()
command -v faketime >/dev/null && late=(faketime -f "+400d")
built "$there/a/much longer/way/to it" env LANG=tr_TR.UTF-8 LC_ALL=C.UTF-8 TZ=Asia/Kathmandu HOME=/nonexistent "${late[@]}"
for file in $(cd "$there/one" && ls out/* && find build/release -maxdepth 1 -name "countersign*"); do
    cmp "$there/one/$file" "$there/a/much longer/way/to it/$file"
    echo "same: $file"
done
