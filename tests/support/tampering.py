"""What can be done to a bundle, in one table: each tampering with what it takes (which keys the forger has), and the place that
every checker has to name. The keys are those of the book that a scenario made.

    for case in TABLE:
        files = case.done(forger)       # name -> bytes
"""
import base64
import ctypes
import ctypes.util
import hashlib
import json
import re

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bundle import Pen, canonical, checkpoint, cosign, leaf, proof, root, sha256, vkey, wire


def stolen(path, passphrase=b"pass"):
    """The pen in a key file, as ledger/keyfile.h has its form."""
    sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))
    with open(path, "rb") as file:
        said = json.load(file)
    cost, nonce, sealed = said["argon2id"], base64.b64decode(said["nonce"]), base64.b64decode(said["sealed"])
    both, seed = ctypes.create_string_buffer(64), ctypes.create_string_buffer(len(sealed) - 16)
    made = sodium.crypto_pwhash(both, ctypes.c_ulonglong(64), passphrase, ctypes.c_ulonglong(len(passphrase)), base64.b64decode(cost["salt"]),
                                ctypes.c_ulonglong(cost["operations"]), ctypes.c_size_t(cost["memory_bytes"]), 2)
    if made or sodium.crypto_secretbox_open_easy(seed, sealed, ctypes.c_ulonglong(len(sealed)), nonce, both.raw[:32]):
        raise ValueError(path + ": does not open")
    pen = Pen("")
    pen.private = Ed25519PrivateKey.from_private_bytes(seed.raw)
    pen.public = pen.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    pen.blob = wire(b"ssh-ed25519") + wire(pen.public)
    pen.text = "ssh-ed25519 " + base64.b64encode(pen.blob).decode()
    return pen


class Forger:
    """A bundle's files in somebody's hands. What changes files leaves the manifest as it was until `listed`."""

    def __init__(self, files, pens, packer, whole):
        """files: name -> bytes, evidence.html not among them. pens: user -> Pen. whole: the lines of the book under the checkpoint."""
        self.files, self.pens, self.packer, self.book = dict(files), pens, packer, list(whole)
        self.seqs = {}

    # ---------------------------------------------------------------- parts

    @property
    def manifest(self):
        return json.loads(self.files["MANIFEST.json"])

    @property
    def lines(self):
        return self.files["entries.jsonl"].split(b"\n")[:-1]

    @lines.setter
    def lines(self, lines):
        self.files["entries.jsonl"] = b"".join(line + b"\n" for line in lines)

    def at(self, seq):
        """The index of an entry's line."""
        return next(i for i, line in enumerate(self.lines) if json.loads(line)["seq"] == seq)

    # ---------------------------------------------------------------- without any key

    def swap(self, name, old, new):
        """Bytes in a file, where they stand first."""
        assert old in self.files[name], (name, old)
        self.files[name] = self.files[name].replace(old, new, 1)

    def edit(self, seq, old, new):
        """Bytes in an entry."""
        lines, at = self.lines, self.at(seq)
        assert old in lines[at], (seq, old)
        lines[at] = lines[at].replace(old, new, 1)
        self.lines = lines

    def cut(self, how):
        """Lines of entries.jsonl as how makes them."""
        self.lines = how(self.lines)

    # ---------------------------------------------------------------- with the packer's key

    def sealed(self, change=None):
        """The manifest signed anew, its members changed before."""
        manifest = self.manifest
        if change:
            change(manifest)
        self.files["MANIFEST.json"] = canonical(manifest) + b"\n"
        self.files["MANIFEST.json.sig"] = self.packer.armoured(self.files["MANIFEST.json"], b"countersign-bundle")

    def listed(self, change=None):
        """The list of files as they are now, signed."""
        def fill(manifest):
            manifest["files"] = [{"bytes": len(self.files[name]), "name": name, "sha256": sha256(self.files[name]).hex()}
                                 for name in sorted(self.files, key=str.encode) if not name.startswith("MANIFEST.")]
            if change:
                change(manifest)
        self.sealed(fill)

    # ---------------------------------------------------------------- with keys of the book

    def noted(self, lines, pen=None, size=None, origin=None):
        """checkpoint.note over these lines, and the manifest's words of it."""
        self.files["checkpoint.note"] = checkpoint(lines, origin or self.manifest["origin"], pen or self.pens["book-key"], size)
        size = len(lines) if size is None else size
        self.sealed(lambda m: m["checkpoint"].update(root=root([leaf(line) for line in lines[:size]]).hex(), size=size))

    def rewritten(self, seq, change, pen=None):
        """The whole book with an entry changed, chained anew from there, its checkpoint signed by pen (the book's key)."""
        lines = list(self.book)
        entry = json.loads(lines[seq])
        change(entry)
        lines[seq] = canonical(entry)
        self.relaid(chained(lines, seq), pen)

    def relaid(self, lines, pen=None):
        """This book in place of the one that was packed, in the same scope."""
        manifest = self.manifest
        count = manifest["entries"]["count"]
        seqs = [json.loads(line)["seq"] for line in self.lines]
        if manifest["scope"]["sort"] == "book":
            seqs = list(range(len(lines)))
        self.lines = [lines[seq] for seq in seqs]
        for name in [name for name in self.files if name.startswith("checkpoints/")]:
            del self.files[name]
        self.noted(lines, pen)
        leaves = [leaf(line) for line in lines]
        whole = manifest["scope"]["sort"] == "book"

        def places(made):
            made["proof"] = [] if whole else [one.hex() for one in proof(leaves, seqs)]
            if count:
                made["entries"].update(count=len(seqs), first=seqs[0], last=seqs[-1])
        self.listed(places)

    def signed(self, entry, *users):
        """An entry's statement signed anew, as these users do."""
        blobs = sorted((self.pens[user].blob, self.pens[user].sign(canonical(entry["statement"]))) for user in users)
        entry["signatures"] = [base64.b64encode(blob).decode() for _, blob in blobs]


def chained(lines, seq):
    """Entries from seq on with their numbers and the hashes of those before, as somebody makes them who owns the machine."""
    out = list(lines[:seq])
    for line in lines[seq:]:
        entry = json.loads(line)
        entry["prev"] = leaf(out[-1]).hex() if out else "0" * 64
        entry["seq"] = len(out)
        out.append(canonical(entry))
    return out


class Case:
    def __init__(self, title, of, change, file=None, entry=None, listed=False, known=None, witness=None, but=None):
        """of: which bundle. file, entry: the place that all name; of entry, a tuple where it is between two. listed: the packer's
        key signs it all anew at the end. known, witness: what the auditor brings. but: checker -> (verdict, words that it has to say)."""
        self.title, self.of, self.change, self.file, self.listed, self.known, self.witness, self.but = title, of, change, file, listed, known, witness, but or {}
        self.entry = entry if entry is None or isinstance(entry, tuple) else (entry,)

    def done(self, forger):
        self.change(forger)
        if self.listed:
            forger.listed()
        return forger.files



WHOLE, PART, SINCE = "whole", "document", "since"
ENTRIES, MANIFEST, NOTE = "entries.jsonl", "MANIFEST.json", "checkpoint.note"


def drop(at):
    return lambda lines: lines[:at] + lines[at + 1:]


def swap(at):
    return lambda lines: lines[:at] + [lines[at + 1], lines[at]] + lines[at + 2:]


def twice(at):
    return lambda lines: lines[:at + 1] + lines[at:]


def policy_of(forger, ending):
    return next(name for name in forger.files if name.startswith("policies/") and name.endswith(ending))


def evidence_of(forger):
    return next(name for name in sorted(forger.files) if name.startswith("evidence/"))


def first_result(change):
    return lambda entry: change(entry["decision"]["results"][0])


# ---------------------------------------------------------------- entries

def entry_cases():
    """What is done to entries.jsonl in each of three scopes, by who has no key and by who has the packer's."""
    for of, at, seq in ((WHOLE, 7, 7), (PART, 7, 8), (SINCE, 1, 10)):
        for listed in (False, True) if of == WHOLE else (True,):
            by = ", listed and signed" if listed else ""

            def case(title, change, entry=None, of=of, listed=listed, by=by):
                return Case("%s: %s%s" % (of, title, by), of, change, ENTRIES if not listed else None, entry, listed)
            yield case("statement edited", lambda f, s=seq: f.edit(s, *((b'"PRICE_ERR"', b'"PRICE_ERX"') if s != 10 else (b'"actor":"ana"', b'"actor":"tom"'))), seq)
            yield case("dropped", lambda f, a=at: f.cut(drop(a)), (seq, seq + 1) if of != PART else None)
            yield case("swapped", lambda f, a=at: f.cut(swap(a)), (seq, seq + 1))
            yield case("twice", lambda f, a=at: f.cut(twice(a)), seq)
            yield case("truncated", lambda f: f.cut(lambda lines: lines[:-2]))
            yield case("a last line cut off", lambda f: f.files.update({ENTRIES: f.files[ENTRIES][:-1]}))
            yield case("not canonical", lambda f, s=seq: f.edit(s, b'"seq":', b'"seq": '), seq)
            yield case("no JSON", lambda f, a=at: f.cut(lambda lines: lines[:a] + [b"{"] + lines[a + 1:]))
            yield case("an empty line", lambda f, a=at: f.cut(lambda lines: lines[:a] + [b""] + lines[a:]))
            yield case("of no entry", lambda f: f.cut(lambda lines: []))
    yield Case("a decision edited, listed and signed", WHOLE, lambda f: f.edit(8, b'"waiting"', b'"posted"'), entry=(8, 9), listed=True)
    yield Case("the gate's words edited, listed and signed", WHOLE, lambda f: f.edit(7, b'"mode":"embedded"', b'"mode":"served"'), entry=(7, 8), listed=True)
    yield Case("a signature removed, listed and signed", WHOLE, lambda f: f.cut(lambda lines: unsigned(lines, 7)), entry=7, listed=True)
    yield Case("a signature of another entry, listed and signed", WHOLE, lambda f: f.cut(lambda lines: unsigned(lines, 7, 8)), entry=7, listed=True)
    yield Case("inserted, listed and signed", WHOLE, lambda f: f.cut(lambda lines: chained(lines[:8] + [lines[7]] + lines[8:], 8)), entry=8, listed=True)


def unsigned(lines, seq, source=None):
    entry = json.loads(lines[seq])
    entry["signatures"] = json.loads(lines[source])["signatures"] if source else []
    return lines[:seq] + [canonical(entry)] + lines[seq + 1:]


# ---------------------------------------------------------------- by who has the book's key, or users' too

def rewritten_cases():
    def edit(title, seq, change, of=WHOLE, pen=None, **more):
        return Case("%s: %s" % (of, title), of, lambda f: f.rewritten(seq, change, pen and pen(f)), **more)

    def stranger(_forger):
        return Pen("fresh")

    def gate(entry):
        entry["gate"]["exe"] = "f" * 16
    for of in (WHOLE, PART):
        yield edit("chained again under a fresh checkpoint key", 12 if of == WHOLE else 10, gate, of, stranger, file=NOTE)
        yield edit("chained again, signed by a user instead of the book", 12 if of == WHOLE else 10, gate, of, lambda f: f.pens["maria"], file=NOTE)
    yield edit("chained again from entry 8 under the book's key: entry 9's signer saw another", 8, gate, entry=9)
    yield edit("a decision made otherwise under the book's key", 11, first_result(lambda r: r["controls"].clear()), entry=11, but={
        "evidence.html": ("good", "Decisions not re-performed in this page")})
    yield edit("posted although refused, under the book's key", 11, first_result(lambda r: r.update(outcome="posted", document="CN-3")), entry=11)
    yield edit("a request number taken out, under the book's key", 12, first_result(lambda r: r.update(document="RV-2")), entry=12)
    yield edit("the policy of a decision changed, under the book's key", 12, lambda e: e["decision"]["policy"].update(hash="1" * 64), entry=12)
    yield edit("its time before that of the entry before, under the book's key", 12, lambda e: e.update(time="2026-01-05T09:00:00.000Z"), entry=12)

    def stolen_keys(title, seq, change, *pens, of=WHOLE, **more):
        def do(forger):
            def both(entry):
                if change:
                    change(entry)
                else:
                    entry["statement"]["id"] = json.loads(forger.book[7])["statement"]["id"]
                forger.signed(entry, *pens)
            forger.rewritten(seq, both)
        return Case("%s: %s" % (of, title), of, do, **more)
    yield stolen_keys("signed by another user", 10, lambda e: None, "tom", entry=10)
    yield stolen_keys("signed by another user", 10, lambda e: None, "tom", of=PART, entry=10)
    yield stolen_keys("signed by another user besides", 10, lambda e: None, "ana", "tom", entry=10)
    yield stolen_keys("a note changed and signed again", 12, lambda e: e["statement"]["body"]["documents"][0].update(note="as agreed"), "maria", entry=12)
    yield stolen_keys("an id used again", 12, None, "maria", entry=12)
    yield stolen_keys("a statement of another book", 12, lambda e: e["statement"].update(book="2" * 64), "maria", entry=12)
    yield stolen_keys("a statement of another book", 10, lambda e: e["statement"].update(book="2" * 64), "ana", of=PART, entry=10)
    yield stolen_keys("approves other content", 10, lambda e: e["statement"]["body"]["items"][0].update(content="4" * 64), "ana", entry=10)
    yield stolen_keys("approved by its maker", 10, lambda e: e["statement"].update(actor="maria"), "maria", entry=10)


# ---------------------------------------------------------------- the manifest

def manifest_cases():
    def sealed(title, change, member=MANIFEST, of=WHOLE, **more):
        return Case("%s: manifest %s" % (of, title), of, lambda f: f.sealed(change), file=member, **more)
    signature = MANIFEST + ".sig"
    yield Case("manifest edited", WHOLE, lambda f: f.swap(MANIFEST, b'"by":"ana"', b'"by":"bob"'), signature)
    yield Case("manifest lost", WHOLE, lambda f: f.files.pop(MANIFEST), MANIFEST)
    yield Case("manifest empty", WHOLE, lambda f: f.files.update({MANIFEST: b""}), MANIFEST)
    yield Case("manifest not canonical", WHOLE, lambda f: f.swap(MANIFEST, b":", b": "), MANIFEST)
    yield Case("manifest without its line feed", WHOLE, lambda f: f.files.update({MANIFEST: f.files[MANIFEST][:-1]}), MANIFEST)
    yield Case("a member twice", WHOLE, lambda f: f.swap(MANIFEST, b'"bundle":1', b'"bundle":1,"bundle":1'), MANIFEST)
    yield Case("signature lost", WHOLE, lambda f: f.files.pop(signature), signature)
    yield Case("signature empty", WHOLE, lambda f: f.files.update({signature: b""}), signature)
    yield Case("signature no armour", WHOLE, lambda f: f.swap(signature, b"BEGIN", b"BEGUN"), signature)
    yield Case("signature by another key", WHOLE, lambda f: f.files.update({signature: Pen("x").armoured(f.files[MANIFEST], b"countersign-bundle")}), signature)
    yield Case("signature of another namespace", WHOLE, lambda f: f.files.update({signature: f.packer.armoured(f.files[MANIFEST], b"countersign")}), signature)
    yield Case("signature of other bytes", WHOLE, lambda f: f.files.update({signature: f.packer.armoured(b"x", b"countersign-bundle")}), signature)
    for name, value in (("bundle", 2), ("book", "0" * 63), ("extra", 1), ("scope", {"sort": "all"}), ("scope", {"sort": "book", "more": 1}), ("proof", ["0" * 64]),
                        ("proof", "x"), ("origin", 1), ("files", {}), ("checkpoint", {"root": "0" * 64}), ("entries", {"count": 12, "first": 0, "last": 11}),
                        ("entries", {"count": 13, "first": 1, "last": 13}), ("entries", {"count": 0}), ("missing", [{"name": "evidence/x", "why": "lost"}])):
        yield sealed("%s is %s" % (name, value), lambda m, n=name, v=value: m.update({n: v}))
    for name in ("book", "bundle", "checkpoint", "entries", "files", "made", "origin", "proof", "scope"):
        yield sealed("without " + name, lambda m, n=name: m.pop(n))
    yield sealed("of another book", lambda m: m.update(book="1" * 64), None)
    yield sealed("of another root", lambda m: m["checkpoint"].update(root="1" * 64), NOTE)
    yield sealed("of another origin", lambda m: m.update(origin=m["origin"] + "1"), NOTE)
    yield sealed("with files in disorder", lambda m: m["files"].reverse())
    yield sealed("with a file twice", lambda m: m["files"].insert(1, m["files"][0]))
    yield sealed("with a name out of the folder", lambda m: m["files"].append({"bytes": 1, "name": "../x", "sha256": "0" * 64}))
    yield sealed("by no user's name", lambda m: m["made"].update(by=""))
    yield sealed("at no time", lambda m: m["made"].update(at="yesterday"))
    yield sealed("by no key", lambda m: m["made"].update(key="ssh-rsa AAAA"))
    for name in (ENTRIES, NOTE):
        yield sealed("that does not list " + name, lambda m, n=name: m.update(files=[one for one in m["files"] if one["name"] != n]), name)
    yield sealed("without a reason for an entry", lambda m: m["why"].pop(1), of=PART)
    yield sealed("with no reasons", lambda m: m.pop("why"), of=PART)
    yield sealed("with a reason that is none", lambda m: m["why"][1].update(why=[]), of=PART)
    yield sealed("with a reason that is not true", lambda m: m["why"][6].update(why=["document CN-2"]), of=PART, but={
        "checker.py": ("good", "whether the reasons for entries are true, not checked"),
        "evidence.html": ("good", "is checked by countersign-verify, not here")})
    yield sealed("with reasons of a part", lambda m: m.update(why=[{"seq": n, "why": ["period"]} for n in range(13)]))
    yield sealed("with documents that are none", lambda m: m["scope"].update(documents=["x"]), of=PART)
    yield sealed("with a period that is none", lambda m: m["scope"].update({"from": "2026-13-01"}), of="period")
    yield sealed("without a seed", lambda m: m["scope"].pop("seed"), of="sample")


# ---------------------------------------------------------------- the proof

def proof_cases():
    def sealed(title, of, change):
        return Case("%s: proof with %s" % (of, title), of, lambda f: f.sealed(lambda m: change(m["proof"])), "proof")
    for of in (PART, SINCE, "period", "sample"):
        yield sealed("a hash changed", of, lambda p: p.__setitem__(0, "0" * 64))
        yield sealed("a hash too many", of, lambda p: p.append("0" * 64))
        yield sealed("a hash lost", of, lambda p: p.pop())
    for of in (PART, SINCE):
        yield sealed("two hashes swapped", of, lambda p: p.__setitem__(slice(None), p[::-1]))
    for of in ("none", "nothing-new"):
        yield sealed("another root", of, lambda p: p.__setitem__(0, "0" * 64))
        yield sealed("no root", of, lambda p: p.clear())
        yield sealed("a second one", of, lambda p: p.append(p[0]))
    for of in (SINCE, "nothing-new"):
        yield Case("%s: extends another book" % of, of, lambda f: f.sealed(lambda m: m["scope"]["after"].update(root="5" * 64)))
    yield Case("since: extends fewer entries", SINCE, lambda f: f.sealed(lambda m: m["scope"]["after"].update(size=8)), MANIFEST)
    yield Case("nothing-new: extends fewer entries", "nothing-new", lambda f: f.sealed(lambda m: m["scope"]["after"].update(size=8)), MANIFEST)
    yield Case("part of a book that the checkpoint does not cover", PART, lambda f: f.sealed(lambda m: m["checkpoint"].update(size=10)))


# ---------------------------------------------------------------- checkpoints

def checkpoint_cases():
    def noted(title, change, of=WHOLE, **more):
        return Case("%s: checkpoint %s" % (of, title), of, lambda f: f.files.update({NOTE: change(f)}), NOTE, listed=True, **more)

    def origin(forger):
        return forger.manifest["origin"]
    for of in (WHOLE, PART):
        yield noted("of fewer entries", lambda f: checkpoint(f.book, origin(f), f.pens["book-key"], 7), of)
        yield noted("of another epoch", lambda f: checkpoint(f.book, origin(f)[:-1] + "1", f.pens["book-key"]), of)
        yield noted("by another key", lambda f: checkpoint(f.book, origin(f), Pen("fresh")), of)
        yield noted("with a broken signature", lambda f: f.files[NOTE][:-6] + b"AAA=\n", of)
    yield noted("without signature", lambda f: f.files[NOTE].partition(b"\n\n")[0] + b"\n\n")
    yield noted("with its root edited", lambda f: f.files[NOTE].replace(f.files[NOTE].split(b"\n")[2], b"A" * 43 + b"="))
    yield noted("that is none", lambda f: b"hello\n")
    yield noted("empty", lambda f: b"")
    yield noted("with CR LF", lambda f: f.files[NOTE].replace(b"\n", b"\r\n"))
    yield Case("a checkpoint and a manifest of another epoch", WHOLE, another_epoch, NOTE, listed=True)
    older = "checkpoints/000000-9.note"
    yield Case("an older checkpoint of another history", WHOLE, lambda f: f.files.update({older: checkpoint(
        f.book[:8] + [b"other"], origin(f), f.pens["book-key"])}), older, listed=True)
    yield Case("an older checkpoint by another key", WHOLE, lambda f: f.files.update({older: checkpoint(f.book, origin(f), Pen("fresh"), 9)}), older, listed=True)
    yield Case("an older checkpoint of another size than its name", WHOLE, lambda f: f.files.update({older: checkpoint(
        f.book, origin(f), f.pens["book-key"], 8)}), older, listed=True)
    yield Case("an older checkpoint that is none", WHOLE, lambda f: f.files.update({older: b"x"}), older, listed=True)
    yield Case("an older checkpoint taken out", WHOLE, lambda f: f.files.pop(older), "checkpoints/", listed=True)
    beyond = "checkpoints/000002-14.note"
    yield Case("a checkpoint of more than there is", WHOLE, lambda f: f.files.update({beyond: checkpoint(
        f.book + [b"more"], origin(f), f.pens["book-key"])}), beyond, listed=True)
    yield Case("older checkpoints in a part", PART, lambda f: f.files.update({older: checkpoint(f.book, origin(f), f.pens["book-key"], 9)}), older, listed=True)


def another_epoch(forger):
    origin = forger.manifest["origin"][:-1] + "1"
    forger.noted(forger.book, origin=origin)
    forger.sealed(lambda m: m.update(origin=origin))


# ---------------------------------------------------------------- what lies beside

def beside_cases():
    for of in (WHOLE,):
        for title, pick in (("README.txt", lambda f: "README.txt"), ("allowed_signers", lambda f: "allowed_signers"), (NOTE, lambda f: NOTE),
                            ("a policy's text", lambda f: policy_of(f, ".yaml")), ("a policy", lambda f: policy_of(f, ".json")), ("evidence", evidence_of)):
            yield Case("%s: %s changed" % (of, title), of, lambda f, p=pick: f.files.update({p(f): f.files[p(f)] + b"x"}), pick)
            yield Case("%s: %s lost" % (of, title), of, lambda f, p=pick: f.files.pop(p(f)), pick)
    yield Case("a file more", WHOLE, lambda f: f.files.update({"notes.txt": b"x"}), "notes.txt")
    yield Case("a file more in a folder", WHOLE, lambda f: f.files.update({"evidence/" + "1" * 64: b"x"}), "evidence/" + "1" * 64)
    yield Case("another policy's text", WHOLE, lambda f: f.files.update({policy_of(f, ".yaml"): b"name: other\n"}), ".yaml", listed=True)
    yield Case("another policy's text in a part", PART, lambda f: f.files.update({policy_of(f, ".yaml"): b"name: other\n"}), ".yaml", listed=True)
    yield Case("another policy", WHOLE, lambda f: f.files.update({policy_of(f, ".json"): b"{}"}), ".json", listed=True)
    yield Case("a policy taken out", WHOLE, lambda f: f.files.pop(policy_of(f, ".json")), ".json", listed=True)
    yield Case("a policy's text taken out", PART, lambda f: f.files.pop(policy_of(f, ".yaml")), ".yaml", listed=True)
    yield Case("a policy of nothing", WHOLE, lambda f: f.files.update({"policies/" + hashlib.sha256(b"{}").hexdigest() + ".json": b"{}"}), ".json", listed=True)
    yield Case("other evidence under a name", WHOLE, lambda f: f.files.update({evidence_of(f): b"y"}), evidence_of, listed=True)
    yield Case("evidence taken out", WHOLE, lambda f: f.files.pop(evidence_of(f)), "evidence/", listed=True)
    yield Case("evidence taken out of a part", PART, lambda f: f.files.pop(evidence_of(f)), "evidence/", listed=True)
    stray = "evidence/" + hashlib.sha256(b"y").hexdigest()
    yield Case("evidence of nothing", WHOLE, lambda f: f.files.update({stray: b"y"}), stray, listed=True)
    yield Case("evidence that is here said to be missing", WHOLE, said_missing, "evidence/")
    yield Case("missing evidence of nothing", WHOLE, lambda f: f.sealed(lambda m: m.update(missing=[{"name": stray, "why": "absent"}])), stray)

    def signers(title, change, of=WHOLE):
        return Case("%s: allowed_signers %s" % (of, title), of, lambda f: f.files.update({"allowed_signers": change(f, f.files["allowed_signers"])}),
                    "allowed_signers", listed=True)
    def line(forger, user):
        return next(one for one in forger.files["allowed_signers"].splitlines(True)[1:] if one.startswith(user.encode() + b" "))

    for of in (WHOLE, PART):
        yield signers("with a stranger", lambda f, data: data + line(f, "ana").rpartition(b"ssh-")[0] + Pen("x").text.encode() + b"\n", of)
        yield signers("with a key of another's", lambda f, data: data.replace(b"maria names", b"tom names"), of)
        yield signers("without who signed", lambda f, data: data.replace(line(f, "maria"), b""), of)
        yield signers("with a line twice", lambda f, data: data + line(f, "maria"), of)
        yield signers("without the packer", lambda f, data: data.partition(b"\n")[2], of)
        yield signers("with an earlier beginning", lambda f, data: data.replace(b'after="2026', b'after="2025'), of)
        yield signers("with another packer", lambda f, data: data + b'tom namespaces="countersign-bundle" ' + f.pens["tom"].text.encode() + b"\n", of)
        yield signers("with no line", lambda f, data: data + b"ana\n", of)
    yield signers("with another packer instead", lambda f, data: data.replace(b"ana names", b"tom names", 1))
    yield signers("with the packer's key for everything", lambda f, data: data.replace(b'"countersign-bundle"', b'"*"'))
    yield signers("with an empty line", lambda f, data: data + b"\n")
    yield signers("cut off", lambda f, data: data[:-1])
    yield signers("empty", lambda f, data: b"")
    yield signers("without a beginning", lambda f, data: data.replace(b',valid-after="20260105090000Z"', b"", 1))
    yield signers("with a later end of a key", lambda f, data: data.replace(b'before="2026', b'before="2027'), "ended")
    yield signers("without the end of a key", lambda f, data: re.sub(rb',valid-before="[0-9]*Z"', b"", data), "ended")
    yield signers("without a key that signed nothing", lambda f, data: data.replace(line(f, "dora"), b""))
    yield signers("in another order", lambda f, data: data.replace(line(f, "tom"), b"") + line(f, "tom"))


def said_missing(forger):
    name = evidence_of(forger)
    forger.sealed(lambda m: m.update(missing=[{"name": name, "why": "absent"}]))


# ---------------------------------------------------------------- what only somebody else's checkpoint shows

def known_cases():
    yield Case("an older copy, by itself", "older", lambda f: None, but={name: ("good", "") for name in ("countersign-verify", "checker.py", "evidence.html")})
    yield Case("an older copy, against the newest checkpoint", "older", lambda f: None, known=lambda f: f.files_of("whole")[NOTE])
    yield Case("forked, against a kept checkpoint", WHOLE, forked, known=lambda f: f.files_of("whole")[NOTE])
    yield Case("forked earlier, against a kept checkpoint", WHOLE, forked, known=lambda f: f.files_of("older")[NOTE])
    yield Case("another book, against a kept checkpoint", "one", lambda f: None, known=lambda f: f.files_of("whole")[NOTE])


# ---------------------------------------------------------------- cosignatures and time stamps

WITNESS, WITNESS_NAME = Pen("witness"), "witness.example/w"
GOOD = {name: ("good", "") for name in ("countersign-verify", "checker.py", "evidence.html")}


def witness_cases():
    def key(_forger):
        return (vkey(WITNESS_NAME, 4, WITNESS) + "\n").encode()

    def cosigned(title, seconds=1767790000, pen=WITNESS, change=lambda data: data, of=WHOLE, file=NOTE, **more):
        def do(forger):
            text = forger.files[NOTE].partition(b"\n\n")[0].decode() + "\n"
            forger.files[NOTE] = change(forger.files[NOTE] + cosign(text, WITNESS_NAME, pen, seconds).encode())
        return Case("%s: cosignature %s" % (of, title), of, do, file, listed=True, witness=key, **more)
    for of in (WHOLE, PART):
        yield cosigned("good", of=of, but=GOOD)
        yield cosigned("altered", change=lambda data: data[:-10] + b"AAAAAAA=\n", of=of)
        yield cosigned("by another key under its id", pen=Impostor(), of=of)
        yield cosigned("taken out", change=lambda data: data.rpartition("\u2014".encode())[0], of=of, file=None)
        yield cosigned("of another key", pen=Pen("another"), of=of, file=None)
        yield cosigned("older than its entries, whose clock is simulated", 1767000000, of=of, but=GOOD)
    yield Case("a time stamp that is none", "stamped", lambda f: None, but={
        "countersign-verify": ("good", "not checked"), "checker.py": ("good", "not checked"), "evidence.html": ("good", "openssl ts -verify, not here")})
    yield Case("a time stamp altered", "stamped", lambda f: f.files.update({stamp_of(f): b"x"}), stamp_of)
    yield Case("a time stamp lost", "stamped", lambda f: f.files.pop(stamp_of(f)), stamp_of)
    yield Case("a time stamp of no checkpoint here", WHOLE, lambda f: f.files.update({"timestamps/9-0123456789abcdef.tsr": b"x"}),
               "timestamps/9-0123456789abcdef.tsr", listed=True)


class Impostor:
    """The witness's public key, another's private one."""
    public, private = WITNESS.public, Pen("impostor").private


def stamp_of(forger):
    return next(name for name in forger.files if name.startswith("timestamps/"))


def forked(forger):
    """Another history from entry 7 on, by the book's own key: nothing but a CN-1 that never was."""
    forger.relaid(forger.book[:7])


TABLE = [*entry_cases(), *rewritten_cases(), *manifest_cases(), *proof_cases(), *checkpoint_cases(), *beside_cases(), *known_cases(), *witness_cases()]
