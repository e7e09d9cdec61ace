#!/usr/bin/python3
"""Bundles made from audit/bundle/BUNDLE.md alone, by another hand than the program's: for tests of those who read them.

    tests/support/bundle.py PAGE EXPORT NOTE OUT [--evidence FOLDER] [--document CN-1]...

PAGE is evidence.html without data; OUT gets the folder of a bundle of the whole book, or of a part, with the page in it.
"""
import argparse
import base64
import hashlib
import json
import os
import struct
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from checker_beside import signer_line  # noqa: E402
from checker_bundle import keys_in_force  # noqa: E402

ELEMENT = b'<script type="application/json" id="bundle">'
CARRIED_MAX = 32 << 20


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def sha256(data):
    return hashlib.sha256(data).digest()


def wire(data):
    return struct.pack(">I", len(data)) + data


class Pen:
    """A key that signs as OpenSSH does; of a security key with the flags given."""

    def __init__(self, seed, fido=False, flags=1):
        self.private = Ed25519PrivateKey.from_private_bytes(sha256(seed.encode()))
        self.public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.sort = b"sk-ssh-ed25519@openssh.com" if fido else b"ssh-ed25519"
        self.blob = wire(self.sort) + wire(self.public) + (wire(b"ssh:") if fido else b"")
        self.fido, self.flags = fido, flags
        self.text = self.sort.decode() + " " + base64.b64encode(self.blob).decode()

    @property
    def fingerprint(self):
        return "SHA256:" + base64.b64encode(sha256(self.blob)).decode().rstrip("=")

    def sign(self, message, namespace=b"countersign"):
        """A bare SSHSIG."""
        signed = b"SSHSIG" + wire(namespace) + wire(b"") + wire(b"sha512") + wire(hashlib.sha512(message).digest())
        extra = b""
        if self.fido:
            extra = bytes([self.flags]) + struct.pack(">I", 7)
            signed = sha256(b"ssh:") + extra + sha256(signed)
        packed = wire(self.sort) + wire(self.private.sign(signed)) + extra
        return (b"SSHSIG" + struct.pack(">I", 1) + wire(self.blob) + wire(namespace) + wire(b"") + wire(b"sha512") + wire(packed))

    def armoured(self, message, namespace):
        text = base64.b64encode(self.sign(message, namespace)).decode()
        lines = [text[i:i + 70] for i in range(0, len(text), 70)]
        return ("-----BEGIN SSH SIGNATURE-----\n" + "\n".join(lines) + "\n-----END SSH SIGNATURE-----\n").encode()


PACKER = Pen("who packs bundles")


def leaf(line):
    return sha256(b"\0" + line)


def root(leaves):
    """RFC 6962 section 2.1, as it is defined there."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"")
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\1" + root(leaves[:half]) + root(leaves[half:]))


def proof(leaves, numbers, begin=0):
    """BUNDLE.md section 3: the hashes of ranges without any number, left to right."""
    here = [n for n in numbers if begin <= n < begin + len(leaves)]
    if not here:
        return [root(leaves)] if leaves else []
    if len(here) == len(leaves) or len(leaves) == 1:
        return []
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return proof(leaves[:half], here, begin) + proof(leaves[half:], here, begin + half)


def note_id(name, sort, public):
    return sha256(name.encode() + b"\n" + bytes([sort]) + public)[:4]


def sign_note(text, name, pen):
    """The line under a note."""
    packed = note_id(name, 1, pen.public) + pen.private.sign(text.encode())
    return "\u2014 %s %s\n" % (name, base64.b64encode(packed).decode())


def cosign(text, name, pen, seconds):
    message = "cosignature/v1\ntime %d\n%s" % (seconds, text)
    packed = note_id(name, 4, pen.public) + struct.pack(">Q", seconds) + pen.private.sign(message.encode())
    return "\u2014 %s %s\n" % (name, base64.b64encode(packed).decode())


def vkey(name, sort, pen):
    return "%s+%s+%s" % (name, note_id(name, sort, pen.public).hex(), base64.b64encode(bytes([sort]) + pen.public).decode())


def checkpoint(lines, origin, pen, size=None):
    """A signed checkpoint of the first entries."""
    size = len(lines) if size is None else size
    text = "%s\n%d\n%s\n" % (origin, size, base64.b64encode(root([leaf(line) for line in lines[:size]])).decode())
    return (text + "\n" + sign_note(text, origin, pen)).encode()


def policies(entries, here):
    """Files of the policies that decided here, as entries bring them."""
    files, named = {}, {entry["decision"]["policy"]["hash"] for entry in here}
    for entry in entries:
        body = entry["statement"]["body"]
        for source in [body["policy"]] if entry["statement"]["do"] == "charter" else body.get("documents", []):
            if "compiled" in source and "yaml" in source:
                hashed = sha256(canonical(source["compiled"])).hex()
                if hashed not in named:
                    continue
                name = "policies/" + hashed
                files[name + ".json"] = canonical(source["compiled"])
                files[name + ".yaml"] = base64.b64decode(source["yaml"])
    return files


def evidence_named(entries):
    """Hashes of the evidence that documents name."""
    named = set()
    for entry in entries:
        body = entry["statement"]["body"]
        for document in body.get("documents", []) + [item["content"] for item in body.get("amendments", [])]:
            named.update(item["sha256"] for item in document.get("evidence", []))
    return named


def signers(entries, here, whole, by="audrey", pen=PACKER):
    """allowed_signers: the packer; of a whole book every user's key, of a part those by which entries that are here are signed. Since
    when and until when is as tests/checker.py reads the entries: two others who share no code with it read the file."""
    signed = {key_text(text) for entry in here for text in entry["signatures"]}
    keys = keys_in_force([(None, None, entry, None) for entry in entries]).values()
    lines = ['%s namespaces="countersign-bundle" %s' % (by, pen.text)] + [signer_line(key) for key in keys if whole or key[1] in signed]
    return "".join(line + "\n" for line in lines).encode()


def key_text(signature):
    """The key that a signature in base64 names, as OpenSSH writes it."""
    packed = base64.b64decode(signature)
    blob = packed[14:][:int.from_bytes(packed[10:14], "big")]
    sort = blob[4:][:int.from_bytes(blob[:4], "big")]
    return sort.decode("ascii", "replace") + " " + base64.b64encode(blob).decode()


class Bundle:
    """Files of a bundle before the manifest; `made()` makes and signs it. Tests change files or the manifest before that."""

    def __init__(self, lines, note, numbers=None, scope=None, files=None, missing=None, why=None, pen=PACKER):
        entries = [json.loads(line) for line in lines]
        size = int(note.split(b"\n")[1])
        whole = numbers is None
        self.numbers = list(range(size)) if whole else sorted(numbers)
        leaves = [leaf(line) for line in lines[:size]]
        here = [entries[n] for n in self.numbers]
        self.pen = pen
        self.files = {"entries.jsonl": b"".join(lines[n] + b"\n" for n in self.numbers), "checkpoint.note": note,
                      "allowed_signers": signers(entries[:size], here, whole, pen=pen), "README.txt": b"A bundle.\n", **policies(entries[:size], here), **(files or {})}
        count = len(self.numbers)
        self.manifest = {
            "book": sha256(canonical(entries[0]["statement"])).hex(), "bundle": 1, "origin": note.split(b"\n")[0].decode(),
            "checkpoint": {"root": base64.b64decode(note.split(b"\n")[2]).hex(), "size": size},
            "entries": {"count": count, "first": self.numbers[0], "last": self.numbers[-1]} if count else {"count": 0},
            "made": {"at": "2026-02-01T12:00:00.000Z", "by": "audrey", "exe": "0" * 16, "key": pen.text, "release": "0.1.0-test"},
            "proof": [] if whole else [h.hex() for h in proof(leaves, self.numbers)],
            "scope": scope or {"sort": "book"},
        }
        if missing is None:
            missing = [{"name": "evidence/" + h, "why": "absent"} for h in sorted(evidence_named(here))
                       if "evidence/" + h not in self.files]
        if missing:
            self.manifest["missing"] = missing
        if scope and scope["sort"] not in ("book", "extension"):
            self.manifest["why"] = why or [{"seq": n, "why": [scope["sort"]]} for n in self.numbers]

    def listed(self):
        """The manifest's list of the files as they are now."""
        self.manifest["files"] = [{"bytes": len(self.files[name]), "name": name, "sha256": sha256(self.files[name]).hex()}
                                  for name in sorted(self.files, key=str.encode)]
        return self

    def made(self):
        """All files, the manifest and its signature among them."""
        if "files" not in self.manifest:
            self.listed()
        manifest = canonical(self.manifest) + b"\n"
        return {**self.files, "MANIFEST.json": manifest, "MANIFEST.json.sig": self.pen.armoured(manifest, b"countersign-bundle")}


def page(template, files):
    """evidence.html that carries files; the page as it stands where they are too much to carry."""
    if sum(map(len, files.values())) > CARRIED_MAX:
        return template
    data = json.dumps({"files": {name: base64.b64encode(files[name]).decode() for name in sorted(files)}}, separators=(",", ":"))
    before, found, after = template.partition(ELEMENT)
    assert found and after.startswith(b"</script>"), "the page has one element for the data, and it is empty"
    return before + found + data.replace("<", "\\u003c").encode() + after


def closure(lines, wanted):
    """Numbers of the entries for documents: the acts on them, and all of governance and feeds before the last of those."""
    entries = [json.loads(line) for line in lines]
    numbers, last = {0}, 0
    for n, entry in enumerate(entries):
        about = {result.get("document") for result in entry["decision"]["results"]}
        if about & set(wanted):
            numbers.add(n)
            last = n
    for n, entry in enumerate(entries[:last]):
        kinds = {document["kind"] for document in entry["statement"]["body"].get("documents", [])}
        about = {str(result.get("document"))[:3] for result in entry["decision"]["results"]}
        if kinds & {"enrolment", "key-rotation", "key-revocation", "grant", "policy", "book-key"} or \
                about & {"EN-", "KR-", "KX-", "GR-", "PO-", "BK-"} or entry["statement"]["do"] == "feed":
            numbers.add(n)
    return numbers


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("page", "export", "note", "out"):
        parser.add_argument(name)
    parser.add_argument("--evidence")
    parser.add_argument("--document", action="append")
    arguments = parser.parse_args()
    with open(arguments.export, "rb") as file:
        lines = file.read().splitlines()
    with open(arguments.note, "rb") as file:
        note = file.read()
    files = {}
    for where, _, names in os.walk(arguments.evidence or "/nowhere"):
        for name in names:
            with open(os.path.join(where, name), "rb") as file:
                content = file.read()
            files["evidence/" + sha256(content).hex()] = content
    numbers = scope = None
    if arguments.document:
        numbers, scope = closure(lines, arguments.document), {"documents": arguments.document, "sort": "document"}
    made = Bundle(lines, note, numbers, scope, files).made()
    with open(arguments.page, "rb") as file:
        made["evidence.html"] = page(file.read(), made)
    for name, content in made.items():
        path = os.path.join(arguments.out, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)


if __name__ == "__main__":
    main()
