#!/usr/bin/python3
"""Bundles before the checker: one of a whole book, one of what came after a checkpoint, one of a document's entries and one of
none are made by hand as audit/bundle/BUNDLE.md has them, and pass. Then each is tampered with; what is wrong is named with its place.
"""
import base64
import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support")]
import checker_selftest as base  # noqa: E402
from bundle import signers  # noqa: E402
from checker_selftest import PENS, canon, checker, checkpoint, make, sha, subtree, truth  # noqa: E402

FILE = b"lines of the invoice\n"


def proof(leaves, numbers, begin=0, end=None):
    """Section 3, written down as it is defined."""
    end = len(leaves) if end is None else end
    inside = [n for n in numbers if begin <= n < end]
    if not inside:
        return [subtree(leaves[begin:end]).hex()]
    if end - begin == 1:
        return []
    half = 1
    while half * 2 < end - begin:
        half *= 2
    return proof(leaves, numbers, begin, begin + half) + proof(leaves, numbers, begin + half, end)


def armoured(pen, data, namespace=b"countersign-bundle"):
    text = base64.b64encode(pen.sign(data, namespace=namespace)).decode()
    lines = [text[at:at + 70] for at in range(0, len(text), 70)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""]).encode()


def bundle(book, sort, numbers, **scope):
    """(manifest, files) of a bundle of these entries."""
    size = len(book.lines)
    leaves = [bytes.fromhex(leaf) for leaf in book.leaves]
    hashed = sha(canon(book.policy))
    entries = [json.loads(line) for line in book.lines]
    files = {"entries.jsonl": b"".join(book.lines[n] + b"\n" for n in numbers), "checkpoint.note": checkpoint(book),
             "README.txt": b"a bundle\n", "allowed_signers": signers(
                 entries, [entries[n] for n in numbers], sort == "book", pen=PENS["stranger"])}
    if numbers:
        files["policies/%s.json" % hashed] = canon(book.policy)
        files["policies/%s.yaml" % hashed] = b"name: self-test\n"
    if sort == "book":
        files["checkpoints/000000-9.note"] = checkpoint(book, 9)
    manifest = {"book": book.id, "bundle": 1, "checkpoint": {"root": subtree(leaves).hex(), "size": size},
                "entries": {"count": len(numbers), **({"first": numbers[0], "last": numbers[-1]} if numbers else {})},
                "made": {"at": "2026-05-02T00:00:00.000Z", "by": "audrey", "exe": "0" * 16, "key": PENS["stranger"].text,
                         "release": "0.1"},
                "origin": "ledger.example/ar/%s/0" % book.id[:16], "proof": proof(leaves, numbers),
                "scope": {"sort": sort, **scope}}
    named = {item["sha256"] for n in numbers for one in json.loads(book.lines[n])["statement"]["body"].get("documents", ())
             for item in one.get("evidence", ())}
    if named:
        manifest["missing"] = [{"name": "evidence/" + one, "why": "absent"} for one in sorted(named)]
    if sort in ("document", "period", "sample"):
        manifest["why"] = [{"seq": n, "why": ["document CN-2"]} for n in numbers]
    return manifest, files


def lay(folder, manifest, files, pen="stranger", listed=None):
    """Writes it, the list of files and the signature made anew; listed: what the list is to be about."""
    manifest = copy.deepcopy(manifest)
    about = files if listed is None else listed
    manifest.setdefault("files", [{"bytes": len(about[name]), "name": name, "sha256": sha(about[name])}
                                  for name in sorted(about) if name != "evidence.html"])
    data = canon(manifest) + b"\n"
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in {**files, "MANIFEST.json": data, "MANIFEST.json.sig": armoured(PENS[pen], data)}.items():
        os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
        with open(os.path.join(folder, name), "wb") as out:
            out.write(content)


def said(folder):
    read = checker.Bundle(folder, checker.Schema, checker.check_export)
    read.read()
    return read


def expect(title, folder, words, entry=None):
    findings = said(folder).findings
    truth("%s: want '%s', got %s" % (title, words, findings[:4]), any(
        words in one["text"] and entry in (None, one["entry"]) for one in findings))


def test_good(folder, bundles):
    for name, (manifest, files) in bundles.items():
        lay(folder, manifest, files)
        read = said(folder)
        truth("a bundle of %s passes: %s" % (name, read.findings[:4]), not read.findings)
        whole = name == "book"
        truth("what is shown of " + name, ("not re-performed" in read.said()) != whole
              and ("controls re-performed" in read.said()) == whole)
        carried = {one: base64.b64encode(data).decode() for one, data in files.items()}
        for one in ("MANIFEST.json", "MANIFEST.json.sig"):
            with open(os.path.join(folder, one), "rb") as file:
                carried[one] = base64.b64encode(file.read()).decode()
        page = '<script type="application/json" id="bundle">%s</script>' % json.dumps({"files": carried})
        for title, text, words in (("carries it", page, None), ("carries another", page.replace(
                carried["README.txt"], "AAAA"), "carries another README.txt"), ("carries nothing", "<p>", "0 elements")):
            with open(os.path.join(folder, "evidence.html"), "w", encoding="utf-8") as out:
                out.write(text)
            if words:
                expect(name + ", page " + title, folder, words)
            else:
                truth(name + ", page " + title, not said(folder).findings)


def test_files(folder, manifest, files):
    """What any file is changed to, and the frame around them."""
    for name in files:
        lay(folder, manifest, {**files, name: files[name] + b"x"}, listed=files)
        expect("changed " + name, folder, name + ": is not what the manifest lists")
        lay(folder, manifest, {one: data for one, data in files.items() if one != name}, listed=files)
        expect("no " + name, folder, name + ": is missing")
        lay(folder, manifest, files, listed={one: data for one, data in files.items() if one != name})
        expect("unlisted " + name, folder, name + ": is not in the manifest")
    for name in ("notes.txt", "checkpoints/x.note", "evidence/file.pdf", "deep/file"):
        lay(folder, manifest, {**files, name: b"x"}, listed=files)
        expect("a file more: " + name, folder, "of a bundle")
    lay(folder, manifest, files)
    os.remove(os.path.join(folder, "README.txt"))
    os.symlink("allowed_signers", os.path.join(folder, "README.txt"))
    expect("a link", folder, "README.txt: is a link")
    lay(folder, manifest, files, pen="maria")
    expect("signed by another", folder, "MANIFEST.json.sig: is by another key")
    for name, data, words in (("MANIFEST.json.sig", b"", "armoured"), ("MANIFEST.json", b"{}\n", "has no book"),
                              ("MANIFEST.json", b"{ }\n", "not canonical"), ("MANIFEST.json", b"{}", "no LF")):
        lay(folder, manifest, files)
        with open(os.path.join(folder, name), "wb") as out:
            out.write(data)
        expect("%s is %s" % (name, data), folder, words)
    lay(folder, manifest, files)
    with open(os.path.join(folder, "MANIFEST.json"), "rb") as file:
        data = file.read()
    with open(os.path.join(folder, "MANIFEST.json.sig"), "wb") as out:
        out.write(armoured(PENS["stranger"], data, b"countersign"))
    expect("another namespace", folder, "namespace")
    lay(folder, manifest, files)
    with open(os.path.join(folder, "MANIFEST.json"), "wb") as out:
        out.write(data.replace(b"audrey", b"andrew"))
    expect("the manifest edited", folder, "does not cover these bytes")
    for gone in ("MANIFEST.json", "MANIFEST.json.sig"):
        lay(folder, manifest, files)
        os.remove(os.path.join(folder, gone))
        expect("no " + gone, folder, gone + ": is not there")


def test_manifest(folder, manifest, files):
    """Signed well, and not true."""
    def edit(title, words, **members):
        lay(folder, {**manifest, **members}, files)
        expect(title, folder, words)
    edit("another book", "book", book="0" * 64)
    edit("another root", "does not lead to the root", checkpoint={**manifest["checkpoint"], "root": "1" * 64})
    edit("another size", "checkpoint.note: is not the checkpoint", checkpoint={
        **manifest["checkpoint"], "size": manifest["checkpoint"]["size"] + 1})
    edit("another origin", "checkpoint.note: is not the checkpoint", origin="ledger.example/x/0")
    edit("another count", "entries {", entries={**manifest["entries"], "count": 1})
    edit("a proof too long", "proof is too long", proof=manifest["proof"] + ["2" * 64])
    if manifest["proof"]:
        edit("a proof too short", "proof", proof=manifest["proof"][:-1])
        edit("a proof changed", "does not lead", proof=["3" * 64] + manifest["proof"][1:])
    edit("a sort that there is not", "scope: sort", scope={"sort": "quarter"})
    edit("an unknown member", "unknown member", more=1)
    edit("another version", "manifest.bundle", bundle=2)
    edit("files in disorder", "not sorted", files=[{"bytes": 1, "name": name, "sha256": "0" * 64} for name in "ba"])


def test_entries(folder, book, sort, numbers, **scope):
    """Entries edited, dropped, swapped, twice; the list and the signature made anew."""
    manifest, files = bundle(book, sort, numbers, **scope)
    lines = files["entries.jsonl"].split(b"\n")[:-1]

    def changed(title, lines, words, entry=None):
        lay(folder, manifest, {**files, "entries.jsonl": b"".join(line + b"\n" for line in lines)})
        expect("%s: %s" % (sort, title), folder, words, entry)
    at = len(lines) // 2
    changed("edited", lines[:at] + [lines[at].replace(b'"os_user":"fin"', b'"os_user":"fun"')] + lines[at + 1:], "does not lead")
    changed("dropped", lines[:at] + lines[at + 1:], "too short" if sort == "document" else "proof")
    changed("swapped", lines[:at] + [lines[at + 1], lines[at]] + lines[at + 2:], "after entry", numbers[at])
    changed("twice", lines[:at] + [lines[at]] + lines[at:], "after entry", numbers[at])
    changed("a space", lines[:at] + [lines[at].replace(b'"seq":', b'"seq": ')] + lines[at + 1:], "not canonical")
    changed("no entry", lines[:at] + [b"{}"] + lines[at + 1:], "no entry")
    lay(folder, manifest, {**files, "entries.jsonl": files["entries.jsonl"][:-1]})
    expect(sort + ": cut off", folder, "the last line has no LF")
    other = make({numbers[at]: [("after", lambda entry: entry["gate"].update(os_user="fun"))]})
    forged, files = bundle(other, sort, numbers, **scope)
    files["checkpoint.note"] = checkpoint(other, pen="stranger")
    lay(folder, forged, files)
    if sort != "extension":
        expect(sort + ": a second history, signed by a stranger", folder, "not signed by a book key")
    stranger = make({numbers[-1]: [("after", base.signed_by("stranger"))]})
    forged, files = bundle(stranger, sort, numbers, **scope)
    lay(folder, forged, files)
    if sort == "extension":
        truth("extension: a key of before is told", said(folder).before > 0)
    else:
        expect(sort + ": signed by a stranger", folder, "key", numbers[-1])


def test_command(folder, manifest, files):
    lay(folder, manifest, files)
    for more, status, words in (([], 0, "no findings"), (["--json"], 0, '"ok": true')):
        run = subprocess.run([checker.__file__, folder, *more], stdout=subprocess.PIPE, text=True, check=False)
        truth("command %s: %s" % (more, run.stdout[-200:]), run.returncode == status and words in run.stdout)
    lay(folder, manifest, {**files, "README.txt": b"other"}, listed=files)
    run = subprocess.run([checker.__file__, folder], stdout=subprocess.PIPE, text=True, check=False)
    truth("command: tampered", run.returncode == 3 and "README.txt" in run.stdout)


def main():
    book = make()
    size, names = len(book.lines), book.names
    after = 20
    root = subtree([bytes.fromhex(leaf) for leaf in book.leaves[:after]]).hex()
    part = sorted({0, *range(1, 9), *(names[one] for one in ("grant", "granted", "credits", "level 1", "level 2"))})
    bundles = {"book": bundle(book, "book", list(range(size))),
               "extension": bundle(book, "extension", list(range(after, size)), after={"root": root, "size": after}),
               "document": bundle(book, "document", part, documents=["CN-2"]),
               "none": bundle(book, "document", [], documents=["CN-2"])}
    with tempfile.TemporaryDirectory() as work:
        folder = os.path.join(work, "bundle")
        test_good(folder, bundles)
        for name in ("document", "book"):
            test_files(folder, *bundles[name])
            test_manifest(folder, *bundles[name])
        test_entries(folder, book, "book", list(range(size)))
        test_entries(folder, book, "document", part, documents=["CN-2"])
        test_entries(folder, book, "extension", list(range(after, size)), after={"root": root, "size": after})
        manifest, files = bundles["extension"]
        lay(folder, {**manifest, "scope": {"sort": "extension", "after": {"root": "4" * 64, "size": after}}}, files)
        expect("extends another book", folder, "does not show that the book extends")
        manifest, files = bundles["document"]
        lay(folder, {**manifest, "why": manifest["why"][1:]}, files)
        expect("an entry without a reason", folder, "why")
        hashed = sha(canon(book.policy))
        lay(folder, manifest, {**files, "policies/%s.yaml" % hashed: b"name: other\n"})
        expect("another text of the policy", folder, "not the text that was approved")
        lay(folder, manifest, {**files, "policies/%s.json" % hashed: b"{}"})
        expect("another policy", folder, "another policy than its name says")
        lay(folder, manifest, {**files, "evidence/" + sha(FILE): FILE + b"x"})
        expect("another evidence", folder, "another file than its name says")
        manifest, files = bundles["book"]
        lay(folder, {name: value for name, value in manifest.items() if name != "missing"}, files)
        expect("evidence that nobody tells of", folder, "neither in the bundle nor told as missing")
        test_command(folder, *bundles["document"])
    print("checker bundles: %d checks, %d failed" % (base.RUN[0], len(base.FAILED)))
    return 1 if base.FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
