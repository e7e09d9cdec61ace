#!/usr/bin/env python3
"""The bill of materials of a package: sbom.py TREE PACKAGE.deb OUT, as SPDX 2.3 JSON.

What is in it: the package with its hash, every file it installs, the sources it was made from (one code over all of them, as
SPDX defines it), and every library that the programs load, with the version that was linked, its licence and its origin.
The same inputs give the same bytes: the time is SOURCE_DATE_EPOCH, the namespace follows from the package's hash.
"""
import hashlib
import json
import os
import re
import subprocess
import sys
import time

# Of what is linked; a library that is not here makes the build fail, so that somebody looks its licence up.
LICENCES = {"libsodium": "ISC", "lmdb": "OLDAP-2.8", "jansson": "MIT", "libfyaml": "MIT", "libcsv": "LGPL-2.1-or-later",
            "util-linux": "LGPL-2.1-or-later", "ncurses": "MIT", "glibc": "LGPL-2.1-or-later", "libuv1": "MIT",
            "sqlite3": "blessing", "libxlsxwriter": "BSD-2-Clause", "openssl": "Apache-2.0", "minizip": "Zlib", "zlib": "Zlib"}
# What is preloaded here (faketime, fakeroot) is nothing that the programs load.
PLAIN = {**{name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}, "LC_ALL": "C"}
SOURCES = ("ledger", "controls", "audit", "cli")


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, env=PLAIN).stdout


def hashes(path):
    with open(path, "rb") as file:
        data = file.read()
    return [{"algorithm": "SHA1", "checksumValue": hashlib.sha1(data).hexdigest()},
            {"algorithm": "SHA256", "checksumValue": hashlib.sha256(data).hexdigest()}]


def verification_code(lists):
    """SPDX 2.3, 7.9: SHA-1 over the sorted SHA-1 of all files."""
    return hashlib.sha1("".join(sorted(one[0]["checksumValue"] for one in lists)).encode()).hexdigest()


def owner_of(library):
    """The Debian package of a library; dpkg may know it by the path from before /lib became a link."""
    real = os.path.realpath(library)
    for path in (real, library, re.sub("^/usr", "", real), "/usr" + library):
        found = subprocess.run(["dpkg-query", "-S", path], capture_output=True, text=True)
        if found.returncode == 0:
            return found.stdout.split(": ")[0].split(",")[0]
    raise SystemExit("sbom: no package has %s" % library)


def libraries(programs):
    """{package: (version, source, architecture)} of everything that the loader brings in."""
    found = {}
    for program in programs:
        for path in re.findall(r"=> (/\S+)|^\s*(/\S+) \(", output("ldd", program), re.M):
            name = owner_of(path[0] or path[1])
            show = output("dpkg-query", "-W", "-f", "${Package}\t${Version}\t${source:Package}\t${Architecture}", name)
            package, version, source, architecture = show.split("\t")
            found[package] = (version, source, architecture)
    return found


def files_of(tree, skip=()):
    names = []
    for where, folders, here in os.walk(tree):
        folders[:] = sorted(folder for folder in folders if folder not in skip)
        names += [os.path.relpath(os.path.join(where, name), tree) for name in here]
    return sorted(names)


def source_files(root):
    names = [os.path.join(floor, name) for floor in SOURCES for name in files_of(os.path.join(root, floor), {"__pycache__"})
             if name.endswith((".c", ".h")) or name.startswith({"cli": "package/", "audit": "embed/"}.get(floor, "/"))]
    return sorted(names + ["Makefile"] + [os.path.join("controls/policies", n) for n in files_of(root + "/controls/policies")])


def package_entry(name, version, **more):
    return {"SPDXID": "SPDXRef-Package-" + re.sub(r"[^A-Za-z0-9.-]", "-", name), "name": name, "versionInfo": version,
            "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "licenseConcluded": "NOASSERTION",
            "copyrightText": "NOASSERTION", **more}


def purl(name, version, architecture):
    return [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
             "referenceLocator": "pkg:deb/debian/%s@%s?arch=%s" % (name, version.replace("+", "%2B"), architecture)}]


def main():
    tree, deb, out = sys.argv[1:]
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    version, architecture = output("dpkg-deb", "-f", deb, "Version").strip(), output("dpkg-deb", "-f", deb, "Architecture").strip()
    names = files_of(tree, {"DEBIAN"})
    programs = [os.path.join(tree, name) for name in names if os.access(os.path.join(tree, name), os.X_OK)]
    files = [{"SPDXID": "SPDXRef-File-%d" % number, "fileName": "./" + name, "checksums": hashes(os.path.join(tree, name)),
              "licenseConcluded": "Apache-2.0", "copyrightText": "NOASSERTION"} for number, name in enumerate(names)]
    sources = [hashes(os.path.join(root, name)) for name in source_files(root)]
    apache = {"licenseConcluded": "Apache-2.0", "licenseDeclared": "Apache-2.0"}
    packages = [package_entry("countersign", version, packageFileName=os.path.basename(deb), checksums=hashes(deb),
                              primaryPackagePurpose="APPLICATION", **{**apache, "filesAnalyzed": True},
                              packageVerificationCode={"packageVerificationCodeValue": verification_code(
                                  [file["checksums"] for file in files])}),
                package_entry("countersign-source", version, primaryPackagePurpose="SOURCE", **apache,
                              comment="%d files; their verification code, as SPDX 2.3 section 7.9 makes it, is %s" %
                              (len(sources), verification_code(sources)))]
    relations = [("SPDXRef-DOCUMENT", "DESCRIBES", packages[0]), (packages[0], "GENERATED_FROM", packages[1])]
    for name, (has, source, arch) in sorted(libraries(programs).items()):
        if source not in LICENCES:
            raise SystemExit("sbom: what is the licence of %s (%s)? Say it in cli/package/sbom.py" % (name, source))
        packages.append(package_entry(name, has, licenseDeclared=LICENCES[source], primaryPackagePurpose="LIBRARY",
                                      supplier="Organization: Debian", sourceInfo="Debian source package " + source,
                                      externalRefs=purl(name, has, arch)))
        relations.append((packages[0], "DYNAMIC_LINK", packages[-1]))
    relations += [(packages[0], "CONTAINS", file) for file in files]
    identity = packages[0]["checksums"][1]["checksumValue"]
    document = {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "countersign-" + version,
        "documentNamespace": "https://countersign.example.org/spdx/%s-%s" % (version, identity),
        "creationInfo": {"created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"]))),
                         "creators": ["Tool: countersign cli/package/sbom.py", "Organization: The countersign authors"]},
        "packages": packages, "files": files,
        "relationships": [{"spdxElementId": a if isinstance(a, str) else a["SPDXID"], "relationshipType": kind,
                           "relatedSpdxElement": b["SPDXID"]} for a, kind, b in relations]}
    with open(out, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1, sort_keys=True)
        file.write("\n")


if __name__ == "__main__":
    main()
