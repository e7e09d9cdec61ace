#!/usr/bin/python3
"""evidence.html read in a headless Chromium: good bundles are good, parts with their caveats, and each way to tamper with one is BAD
and has its place; what a browser cannot check is never good; the page loads and sends nothing; text from a bundle is only text.

Bundles are made by tests/support/bundle.py, the books by the self-test of the checker: no countersign is involved. Of the bundles that
are BAD make test opens each third, PAGES=all (make pages) all: tests/scenarios/three_checkers.sh has a page for each tampering, too.
"""
import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(HERE, ".."), os.path.join(HERE, "..", "support")]
import checker_selftest as book_of  # noqa: E402
from bundle import Bundle, Pen, canonical, checkpoint, closure, cosign, leaf, note_id, page, proof, root, vkey, wire  # noqa: E402
from chromium import Chromium  # noqa: E402
from layout import too_wide  # noqa: E402

PAGE = os.path.join(ROOT, "audit", "page")
ORDER = 2**252 + 27742317777372353535851937790883648493
DONE = """new Promise((resolve) => {
    const root = document.documentElement;
    const look = () => ["done", "empty"].includes(root.dataset.state) && resolve(JSON.stringify({
        state: root.dataset.state, verdict: root.dataset.verdict, shown: document.getElementById("verdict").innerText,
        checks: Object.fromEntries([...document.querySelectorAll("#checks > li")].map((li) => [li.id.slice(6), {state: li.dataset.state, text: li.innerText}])),
        caveats: document.getElementById("caveats").innerText, violations, title: document.title, text: document.body.textContent}));
    new MutationObserver(look).observe(root, {attributes: true});
    look();
})"""
NO_ED25519 = """for (const name of ["importKey", "verify"]) {
    const real = SubtleCrypto.prototype[name];
    SubtleCrypto.prototype[name] = function (...given) {
        return given.some((one) => one && one.name === "Ed25519") ? Promise.reject(new DOMException("Unrecognized name.", "NotSupportedError")) : real.apply(this, given);
    };
}"""
NO_WEBCRYPTO = "Object.defineProperty(Crypto.prototype, 'subtle', {value: undefined});"
NO_VERIFYING = "SubtleCrypto.prototype.verify = () => Promise.resolve(true);"

FAILED, COUNT = [], [0]


def truth(title, good, said=""):
    COUNT[0] += 1
    if not good:
        FAILED.append(title)
        print("WRONG %s%s" % (title, ": " + str(said)[:1500] if said else ""))


# ---------------------------------------------------------------- the sources, before any browser

def test_sources(template):
    """The rules of audit/page/README.md, and what the page's policy and its titles of controls say."""
    text = template.decode()
    script = re.search(r"<script>(.*)</script>\n</body>", text, re.S).group(1)
    style = re.search(r"<style>(.*?)</style>", text, re.S).group(1)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text).group(1)
    for name, part in (("script", script), ("style", style)):
        hashed = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        truth("policy names the hash of the " + name, "%s-src 'sha256-%s';" % (name, hashed) in policy, policy)
    truth("policy", policy.startswith("default-src 'none'; ") and "base-uri 'none'; form-action 'none'" in policy, policy)
    banned = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|\bFunction\(|\bfetch\b|XMLHttpRequest|WebSocket|EventSource|"
                        r"sendBeacon|\bimport\b|localStorage|indexedDB|Worker|createElementNS|srcdoc|setTimeout\(\"|https?://", re.I)
    for name in sorted(os.listdir(PAGE)):
        if name.endswith((".js", ".html", ".css")):
            with open(os.path.join(PAGE, name), encoding="utf-8") as file:
                lines = file.read().split("\n")
            hits = ["%s:%d: %s" % (name, n, line.strip()) for n, line in enumerate(lines, 1) if banned.search(line)]
            truth("%s loads, sends and parses nothing" % name, not hits, hits)
            truth("%s is of a room's size" % name, len(lines) < 500, len(lines))
    truth("nothing in the page is loaded from anywhere", not re.search(r"(src|href)=\"(?!#)", text.replace(script, "")))
    if os.environ.get("COUNTERSIGN"):
        with open(os.environ["COUNTERSIGN"], "rb") as file:
            truth("the program has this page built in", template in file.read())
    with open(os.path.join(ROOT, "controls", "CATALOGUE.md"), encoding="utf-8") as file:
        titles = re.findall(r"^\| (C-\d\d) \| ([^|]+) \|", file.read(), re.M)
    with open(os.path.join(PAGE, "catalogue.js"), encoding="utf-8") as file:
        here = re.findall(r'^    "(C-\d\d)": "([^"]+)",$', file.read(), re.M)
    truth("titles are those of the catalogue", titles and here == [(number, title.strip()) for number, title in titles])


# ---------------------------------------------------------------- reading a page

class Reader:
    def __init__(self, browser, template, folder):
        self.browser, self.template, self.folder, self.number, self.bad_ones = browser, template, folder, 0, 0
        self.tab = browser.tab()
        self.tabs = {name: browser.tab(prelude) for name, prelude in
                     (("no Ed25519", NO_ED25519), ("no WebCrypto", NO_WEBCRYPTO), ("no verifying", NO_VERIFYING))}

    def show(self, data, tab=None):
        """What the page says of itself."""
        self.number += 1
        path = os.path.join(self.folder, "%d.html" % self.number)
        with open(path, "wb") as file:
            file.write(data)
        tab = tab or self.tab
        tab.go("file://" + path)
        said = json.loads(tab.ask(DONE))
        os.unlink(path)
        truth("page %d keeps to its policy" % self.number, not said["violations"], said["violations"])
        loaded = {event["request"]["url"] for event in tab.seen("Network.requestWillBeSent")} - {"file://" + path}
        truth("page %d loads nothing" % self.number, not loaded, loaded)
        truth("page %d throws nothing" % self.number, not tab.seen("Runtime.exceptionThrown"), tab.seen("Runtime.exceptionThrown"))
        return said

    def read(self, files, tab=None):
        return self.show(page(self.template, files), self.tabs[tab] if tab else None)

    def good(self, title, files, caveat=""):
        said = self.read(files)
        wrong = {name: check for name, check in said["checks"].items() if check["state"] != "good"}
        truth(title, said["verdict"] == "good" and not wrong and said["shown"].startswith("Good"), wrong or said["shown"])
        truth("%s: %s" % (title, caveat), caveat in said["caveats"] + said["shown"], said["caveats"])
        return said

    def some_bad(self, *asked):
        """The same of each third, where nobody asks what else the page says."""
        self.bad_ones += 1
        if os.environ.get("PAGES") == "all" or self.bad_ones % 3 == 0:
            self.bad(*asked)

    def bad(self, title, files, check, *texts):
        """BAD, by that check, with these texts; nothing of it is called good."""
        said = self.read(files)
        found = said["checks"].get(check, {"state": "none", "text": ""})
        truth(title, said["verdict"] == "bad" and found["state"] == "bad" and said["shown"].startswith("BAD") and said["title"].startswith("BAD"),
              {name: one["text"] for name, one in said["checks"].items() if one["state"] == "bad"})
        for text in texts:
            truth("%s: %s" % (title, text), text in found["text"], found["text"])
        return said

    def unchecked(self, title, said, check, *texts):
        truth(title, said["verdict"] == "unchecked" and said["shown"].startswith("Not checked") and said["checks"][check]["state"] == "unchecked",
              {name: one for name, one in said["checks"].items() if one["state"] != "good"})
        for text in texts:
            truth("%s: %s" % (title, text), text in said["checks"][check]["text"], said["checks"][check]["text"])


# ---------------------------------------------------------------- books and bundles

def lines_and_note(edits=None, size=None, pen="book"):
    book = book_of.make(edits)
    origin = "ledger.example/ar/%s/0" % book.id[:16]
    return book, checkpoint(book.lines, origin, book_of.PENS[pen], size)


EVIDENCE = b"a;b"


def whole(edits=None, **more):
    book, note = lines_and_note(edits)
    return Bundle(book.lines, note, **more)


def part(edits=None, documents=("CN-2",)):
    book, note = lines_and_note(edits)
    return Bundle(book.lines, note, closure(book.lines, documents), {"documents": list(documents), "sort": "document"})


def with_lines(lines, note=None):
    """A whole book's bundle whose packer lists whatever entries there are as they are, and signs that."""
    book, good = lines_and_note()
    bundle = Bundle(book.lines, note or good)
    bundle.files["entries.jsonl"] = b"".join(line + b"\n" for line in lines)
    return bundle.listed()


def chained(lines, seq):
    """Entries from seq on chained again, as somebody does who owns the machine."""
    out = list(lines[:seq])
    for line in lines[seq:]:
        entry = json.loads(line)
        entry["prev"] = leaf(out[-1]).hex() if out else "0" * 64
        entry["seq"] = len(out)
        out.append(canonical(entry))
    return out


def test_good(reader):
    with open(os.path.join(ROOT, "tests", "vectors", "worked_book.jsonl"), "rb") as file:
        lines = file.read().splitlines()
    with open(os.path.join(ROOT, "tests", "vectors", "worked_book.note"), "rb") as file:
        note = file.read()
    said = reader.good("the worked book", Bundle(lines, note).made(), "Decisions not re-performed in this page")
    truth("its figures", "ledger.example/ar" in said["text"] and "10 entries" in said["text"] and "15 signatures" in said["checks"]["signatures"]["text"])
    truth("a file is said to be missing", "1 evidence file is not in the bundle: absent" in said["caveats"], said["caveats"])

    book, note = lines_and_note()
    origin = note.split(b"\n")[0].decode()
    older = {"checkpoints/%06d-%d.note" % (n, size): checkpoint(book.lines, origin, book_of.PENS["book"], size)
             for n, size in enumerate((1, 7, 8, 20, len(book.lines)))}
    bundle = Bundle(book.lines, note, files=older)
    said = reader.good("a book with a security key, a rotation and all its checkpoints", bundle.made(), "confirm both by other means")
    truth("all its checkpoints", "6 checkpoints" in said["checks"]["checkpoint"]["text"], said["checks"]["checkpoint"])
    said = reader.good("a part", part().made(), "decisions not re-performed")
    truth("a part says what it is", "cannot show that nothing was left out" in said["caveats"] and "CN-2" in said["text"])
    leaves = [leaf(line) for line in book.lines]
    truth("the proof of one entry is its audit path", sorted(proof(leaves, [5])) == sorted(book_of.path(leaves, 5)))
    for numbers in ({0, 17}, {0, len(book.lines) - 1}, {0, 3, 4, 5, 31, 32}):
        said = reader.read(Bundle(book.lines, note, numbers, {"documents": [], "sort": "document"}).made())
        truth("the proof of %s" % sorted(numbers), said["checks"]["tree"]["state"] == "good", said["checks"]["tree"])

    size = 20
    extension = Bundle(book.lines, note, range(size, len(book.lines)),
                       {"after": {"root": root([leaf(line) for line in book.lines[:size]]).hex(), "size": size}, "sort": "extension"})
    said = reader.read(extension.made())
    reader.unchecked("an extension", said, "keys", "keys of entries before this bundle's first")
    truth("an extension extends", said["checks"]["tree"]["state"] == "good", said["checks"]["tree"])
    extension.manifest["scope"]["after"]["root"] = "5" * 64
    reader.some_bad("an extension of another book", extension.made(), "tree", "does not extend the first 20 entries")
    nothing_new = {"after": {"root": root(leaves).hex(), "size": len(leaves)}, "sort": "extension"}
    said = reader.read(Bundle(book.lines, note, [], nothing_new).made())
    truth("an extension by nothing", said["checks"]["tree"]["state"] == "good" and said["verdict"] == "unchecked", said["checks"]["tree"])
    for size in (1, 4, 7, 8):  # peaks of the tree: one, one, three, one
        at = root(leaves[:size]).hex()
        fewer = Bundle(book.lines, checkpoint(book.lines, note.split(b"\n")[0].decode(), book_of.PENS["book"], size), [],
                       {"after": {"root": at, "size": size}, "sort": "extension"})
        truth("an extension of %d by nothing" % size, reader.read(fewer.made())["checks"]["tree"]["state"] == "good")
        fewer.manifest["scope"]["after"]["root"] = "6" * 64
        reader.some_bad("an extension by nothing of another book of %d" % size, fewer.made(), "tree", "does not extend")
    empty = Bundle(book.lines, note, [], {"from": "2020-01-01", "sort": "period", "to": "2020-01-31"})
    reader.unchecked("a bundle of none", reader.read(empty.made()), "checkpoint", "entries that are not here")


def test_files(reader):
    def edited(change):
        files = whole().made()
        change(files)
        return files

    def manifest(change):
        bundle = whole().listed()
        change(bundle.manifest)
        return bundle.made()
    made = b'"by":"audrey"'
    reader.some_bad("manifest edited", edited(lambda f: f.update({"MANIFEST.json": f["MANIFEST.json"].replace(made, b'"by":"andrew"')})),
               "packer", "MANIFEST.json.sig", "does not cover these bytes")
    other = whole(pen=Pen("another")).made()
    reader.some_bad("signed by another key", edited(lambda f: f.update({"MANIFEST.json.sig": other["MANIFEST.json.sig"]})), "packer")
    stolen = whole(pen=Pen("another")).listed()
    files = stolen.made()
    files["MANIFEST.json.sig"] = Pen("third").armoured(files["MANIFEST.json"], b"countersign-bundle")
    reader.some_bad("signed by a key that the manifest does not name", files, "packer", "another key than the manifest's made.key")
    files["MANIFEST.json.sig"] = stolen.pen.armoured(files["MANIFEST.json"], b"countersign")
    reader.some_bad("signed under another namespace", files, "packer", "namespace 'countersign'")
    reader.some_bad("signature lost", edited(lambda f: f.pop("MANIFEST.json.sig")), "packer", "is not here")
    reader.some_bad("manifest lost", edited(lambda f: f.pop("MANIFEST.json")), "manifest", "is not here")
    reader.some_bad("manifest not canonical", edited(lambda f: f.update({"MANIFEST.json": f["MANIFEST.json"].replace(b":", b": ", 1)})), "manifest", "character")
    reader.some_bad("a member twice", edited(lambda f: f.update({"MANIFEST.json": f["MANIFEST.json"].replace(b'"bundle":1', b'"bundle":1,"bundle":1')})),
               "manifest", "member 'bundle' stands twice")
    reader.some_bad("an unknown member", manifest(lambda m: m.update(extra=1)), "manifest", "extra: unknown member")
    reader.some_bad("no scope of BUNDLE.md", manifest(lambda m: m.update(scope={"sort": "all"})), "manifest", "scope")
    reader.some_bad("another format", manifest(lambda m: m.update(bundle=2)), "manifest", "bundle")
    reader.some_bad("files not sorted", manifest(lambda m: m["files"].reverse()), "manifest", "not sorted by name")
    reader.some_bad("a proof of a whole book", manifest(lambda m: m.update(proof=["0" * 64])), "manifest", "proof of a whole book is empty")
    reader.some_bad("a count that is not so", manifest(lambda m: m["entries"].update(count=3, last=2)), "manifest", "and all of them")
    reader.some_bad("a book that is not so", manifest(lambda m: m.update(book="1" * 64)), "statements", "entry 0", "not the book's id")
    reader.some_bad("a root that is not so", manifest(lambda m: m["checkpoint"].update(root="1" * 64)), "tree", "1111111111111111")
    reader.some_bad("an origin that is not so", manifest(lambda m: m.update(origin="x")), "checkpoint", "checkpoint.note, origin")
    several = edited(lambda f: (f.update({"README.txt": b"A bundle.\n\n", "extra.exe": b"x"}), f.pop("allowed_signers")))
    reader.some_bad("files edited, lost and added", several, "files", "README.txt: has 11 bytes, the manifest says 10", "README.txt: its SHA-256",
               "allowed_signers: is listed and not here", "extra.exe: is no file of this bundle")
    reader.some_bad("no entries", edited(lambda f: f.pop("entries.jsonl")), "form", "entries.jsonl: is not here")
    reader.some_bad("a name out of the folder", whole(files={"../x": b"y"}).made(), "manifest", "../x: no file of a bundle is called so")
    reader.some_bad("evidence under another name", whole(files={"evidence/" + "1" * 64: b"y"}).made(), "evidence", "another hash than its own")
    stray = {"evidence/" + hashlib.sha256(b"y").hexdigest(): b"y"}
    reader.some_bad("evidence of nothing", whole(files=stray).made(), "evidence", "no document here names this file")
    policy = next(name for name in whole().files if name.endswith(".yaml"))
    reader.some_bad("another policy's text", whole(files={policy: b"name: other\n"}).made(), "policies", policy + ": is not the text that the entry brings")
    reader.some_bad("another policy", whole(files={policy[:-4] + "json": b"{}"}).made(), "policies", "its hash is not its name")
    for title, data in (("no JSON", b"{"), ("no files", b'{"files":[]}'), ("no base64", b'{"files":{"MANIFEST.json":"x"}}')):
        said = reader.show(reader.template.replace(b'id="bundle">', b'id="bundle">' + data))
        truth("data with " + title, said["verdict"] == "bad" and said["shown"].startswith("BAD"), said["shown"])


def test_entries(reader):
    book, note = lines_and_note()
    names, lines = book.names, book.lines
    at = names["level 1"]

    def line(old, new, seq=at, last=False):
        changed = list(lines)
        assert old in changed[seq], old
        changed[seq] = new.join(changed[seq].rsplit(old, 1) if last else changed[seq].split(old, 1))
        return with_lines(changed).made()
    where = "entries.jsonl line %d, entry %d" % (at + 1, at)
    credits = names["credits"]
    raw = whole().made()
    raw["entries.jsonl"] = raw["entries.jsonl"].replace(b'"120.00"', b'"121.00"', 1)
    reader.some_bad("entry edited", raw, "files", "entries.jsonl: its SHA-256")
    said = reader.bad("entry edited and listed", line(b'"amount":"120.00"', b'"amount":"110.00"', credits, True), "signatures",
                      "line %d, entry %d: signature: it does not cover" % (credits + 1, credits))
    truth("the chain and the tree show it too", said["checks"]["chain"]["state"] == said["checks"]["tree"]["state"] == "bad")
    truth("and the content", said["checks"]["content"]["state"] == "bad")
    reader.some_bad("decision edited", line(b'"levels":[2]', b'"levels":[3]'), "chain", "entry %d" % (at + 1))
    changed = list(lines)
    ways = ((b'"seq":', b'"seq": ', "no value of canonical JSON"), (b'"v":1}', b'"v":1.0}', "no value of canonical JSON"),
            (b'"engine":1', b'"engine":-0', "no value of canonical JSON"), (b'"engine":1', b'"engine":9007199254740992', "no value of canonical JSON"),
            (b'"engine":1', b'"engine":1,"engine":1', "member 'engine' stands twice"), (b'"engine":1', b'"zz":0,"engine":1', "member 'engine' is out of order"),
            (b'"fin"', b'"\\u0066in"', "escape \\u"), (b'"fin"', b'"f\x0bin"', "forbidden character U+000B"), (b'"fin"', '"f\u202ein"'.encode(), "forbidden character U+202E"),
            (b'"fin"', '"f\u0085in"'.encode(), "forbidden character U+0085"), (b'"fin"', b'"f\xffin"', "not UTF-8"), (b'"gate":{', b'"Gate":{', "member name 'Gate'"),
            (b'"fin"', b"[" * 17 + b"]" * 17, "deeper than 16"), (b'"fin"', b"[" * 50000 + b"]" * 50000, "deeper than 16"), (b'"v":1}', b'"v":1}]', "more follows"),
            (b'{"decision":{', b'{"__proto__":{"seq":1},"decision":{', "an unknown member __proto__"), (b'"v":1}', b'"v":1,"w":1}', "its statement is not there"),
            (b'"time":', b'"times":', "its time is not there"), (b'{"decision"', b'[{"decision"', "it ends too early"))
    for seq, (old, new, _) in enumerate(ways, 1):
        assert old in changed[seq], old
        changed[seq] = changed[seq].replace(old, new, 1) if old != b'"v":1}' or b"w" in new else changed[seq][:-len(old)] + new
    said = reader.bad("entries that are not canonical", with_lines(changed).made(), "form")
    for seq, (_, new, text) in enumerate(ways, 1):
        truth("entry with %s" % new[:40], any(found.startswith("entries.jsonl line %d" % (seq + 1)) and text in found
                                              for found in said["checks"]["form"]["text"].split("\n")), said["checks"]["form"]["text"])
    reader.some_bad("no JSON", with_lines(lines[:at] + [b"{", b"[]", b""] + lines[at + 3:]).made(), "form", "line %d" % (at + 1), "line %d" % (at + 2), "line %d" % (at + 3))
    reader.some_bad("dropped", with_lines(lines[:at] + lines[at + 1:]).made(), "form", "entry %d: follows entry %d: 1 entry is missing" % (at + 1, at - 1))
    reader.some_bad("swapped", with_lines(lines[:at] + [lines[at + 1], lines[at]] + lines[at + 2:]).made(), "form", "entry %d: stands after" % at)
    reader.some_bad("twice", with_lines(lines[:at + 1] + lines[at:]).made(), "form", "entry %d: stands twice" % at)
    reader.some_bad("inserted", with_lines(chained(lines[:at] + [lines[at - 1]] + lines[at:], at)).made(), "tree", "lead to")
    reader.some_bad("truncated", with_lines(lines[:-3]).made(), "form", "has %d entries, the manifest says %d" % (len(lines) - 3, len(lines)))
    cut = whole()
    cut.files["entries.jsonl"] = cut.files["entries.jsonl"][:-1]
    reader.some_bad("a line cut off", cut.made(), "form", "line %d: the last line does not end" % len(lines))
    reader.some_bad("with CR LF", with_lines([one + b"\r" for one in lines]).made(), "form", "line 1")

    # Somebody with a packer's key and a fresh key for checkpoints edits a decision and chains everything again.
    forged = chained(lines[:at] + [lines[at].replace(b'"0123456789abcdef"', b'"fedcba9876543210"')] + lines[at + 1:], at)
    origin = note.split(b"\n")[0].decode()
    fresh = checkpoint(forged, origin, Pen("fresh"))
    said = reader.bad("chained again with a fresh key", Bundle(forged, fresh).made(), "checkpoint", "not signed by a key of the book")
    truth("signers had seen another history", said["checks"]["statements"]["state"] == "bad", said["checks"]["statements"])
    truth("its chain and tree are whole", said["checks"]["chain"]["state"] == said["checks"]["tree"]["state"] == "good")
    with open(os.path.join(ROOT, "tests", "vectors", "worked_book.note"), "rb") as file:
        foreign = file.read()
    for title, change, text in (("of another book", foreign, "origin"), ("of fewer entries", checkpoint(lines, origin, book_of.PENS["book"], 7), "size: is 7"),
                                ("of another epoch", checkpoint(lines, origin[:-1] + "1", book_of.PENS["book"]), "is of epoch 1, the book of %d entries is in epoch 0" % len(lines)),
                                ("with a broken signature", note[:-6] + b"AAA=\n", "checkpoint.note"), ("with its root edited", note.replace(note.split(b"\n")[2], b"A" * 43 + b"="), "does not cover")):
        bundle = whole()
        bundle.files["checkpoint.note"] = change
        reader.some_bad("a checkpoint " + title, bundle.made(), "checkpoint", text)
    name = "checkpoints/000001-%d.note" % (at + 2)
    other = checkpoint(forged, origin, book_of.PENS["book"], at + 2)
    reader.some_bad("an older checkpoint of another history", whole(files={name: other}).made(), "checkpoint", name + ": its root is", "another history")
    for title, change in (("a hash changed", lambda p: p.__setitem__(0, "0" * 64)), ("a hash lost", lambda p: p.pop()), ("a hash too many", lambda p: p.append("0" * 64)),
                          ("two swapped", lambda p: p.reverse())):
        bundle = Bundle(lines, note, {0, 9, 10}, {"documents": [], "sort": "document"}).listed()
        change(bundle.manifest["proof"])
        reader.some_bad("a proof with " + title, bundle.made(), "tree", "the manifest's proof")
    bundle = part().listed()
    kept = bundle.files["entries.jsonl"].splitlines()[:-1]
    bundle.files["entries.jsonl"] = b"\n".join(kept) + b"\n"
    reader.some_bad("an entry of a part dropped", bundle.listed().made(), "tree")


def result(change):
    return lambda entry: change(entry["decision"]["results"][0])


def test_operator(reader):
    """What an operator can do who owns the machine and the book's key, and may sign as users do."""
    names = book_of.make().names

    def edit(title, place, how, change, check, text, whole_book=True):
        seq = names[place]
        made = (whole if whole_book else part)({seq: [(how, change)]}).made()
        reader.some_bad(title, made, check, "entry %d" % seq, text)

    posted = {"outcome": "posted", "number": "UK01-CN-2027-000002", "lines": book_of.credit_lines("120.00")}

    def self_approved(entry):
        entry["decision"]["results"][0].update(outcome="approved", levels=[2], until=book_of.WAIT["until"])
        entry["decision"]["results"][0]["controls"].clear()
    edit("approved by the maker", "self-approval", "after", self_approved, "people", "whose person P-maria made it (C-01)")
    edit("approved by the maker, in a part", "self-approval", "after", self_approved, "people", "(C-01)", False)
    edit("approves other content", "level 1", "signed", lambda s: s["body"]["items"][0].update(content="4" * 64), "content", "(C-04)")
    edit("approves other content, in a part", "level 1", "signed", lambda s: s["body"]["items"][0].update(content="4" * 64), "content", "(C-04)", False)
    edit("approval without seen", "level 1", "signed", lambda s: s.update(seen=None), "content", "had not seen")
    edit("content hash", "credits", "after", result(lambda r: r.update(content="0" * 64)), "content", "not that of what was signed")
    edit("a level is missing", "level 1", "after", result(lambda r: (r.pop("levels"), r.pop("until"), r.update(posted))), "documents", "nobody has signed level 2")
    edit("done although refused", "credits", "after", result(lambda r: r["controls"].extend(book_of.DENY)), "documents", "a control refuses it")
    edit("unbalanced", "credits", "after", result(lambda r: r["lines"][0].update(amount="11.00")), "ledger", "do not balance in GBP: debit 11.00, credit 10.00")
    edit("request number", "third", "after", result(lambda r: r.update(document="CN-9")), "numbers", "CN-3 is expected")
    edit("legal number", "level 2", "after", result(lambda r: r.update(number="UK01-CN-2027-000009")), "numbers", "000002 is expected")
    edit("statement id again", "third", "signed", lambda s: s.update(id="s-%d" % names["credits"]), "statements", "used the id")
    edit("ref again", "third", "signed", lambda s: s["body"]["documents"][0].update(ref="m-1"), "numbers", "ref m-1 is CN-1's")
    edit("another book", "third", "signed", lambda s: s.update(book="2" * 64), "statements", "is a statement for book 2222222222222222")
    edit("time goes back", "third", "signed", lambda s: s.update(at="2026-05-01T00:01:00.000Z"), "statements", "before that of the entry before")
    edit("seen of another history", "level 1", "signed", lambda s: s["seen"].update(hash="3" * 64), "statements", "another history")
    edit("another policy", "credits", "after", lambda e: e["decision"]["policy"].update(hash="1" * 64), "policies", "in force is")
    edit("a version that is not there", "third posted", "signed", lambda s: s["body"]["items"][0].update(version=1), "documents", "version 1, here it has 2")
    edit("signed by a stranger", "level 1", "after", book_of.signed_by("stranger"), "keys", "not signed by a key of ana")
    edit("signed by a stranger, in a part", "level 1", "after", book_of.signed_by("stranger"), "keys", "not signed by a key of ana", False)
    edit("signed by another user", "level 1", "after", book_of.signed_by("tom"), "keys", "not signed by a key of ana")
    edit("signed by another user too", "level 1", "after", book_of.signed_by("ana", "tom"), "keys", "also signed by a key of tom")
    edit("signed by the old key", "by the new key", "after", book_of.signed_by("ana"), "keys", "a key that entry %d ended" % names["rotated"])
    edit("an enrolment without the new key", "enrol ana", "after", book_of.signed_by("o.chen"), "keys", "has not signed its own enrolment")
    edit("a key before its enrolment", "enrol ana", "after", book_of.signed_by("o.chen", "ana", "tom"), "keys", "also signed")
    edit("no signature", "level 1", "after", lambda e: e.update(signatures=[]), "signatures", "0 signatures")

    def twice(entry):
        entry["signatures"] *= 2
    edit("a signature twice", "level 1", "after", twice, "signatures", "not sorted by key, or a key stands twice")

    def second_level(seq_entry):
        """Ana signs level 2 as well."""
        seq_entry["statement"]["actor"] = "ana"
        seq_entry["statement"]["id"] = "again"
        book_of.signed_by("ana")(seq_entry)
    edit("one person at two levels", "level 2", "after", second_level, "people", "at level 2 and at level 1 (C-03)")


def test_acts(reader):
    """Acts of officers that a book bears and no check can settle: what was lost, and a clock that went back."""
    def book(pens, clock=False):
        made = book_of.make()
        size = len(made.lines)
        made.lost = checkpoint(made.lines + [b"lost"], "ledger.example/ar/%s/0" % made.id[:16], book_of.PENS["book"])
        if clock:
            made.minute -= 5
            body = {"head": {"hash": made.leaves[-1], "seq": size - 1}, "reason": "A battery", "true_time": "2026-05-01T00:30:00.000Z"}
            result = {"controls": [], "outcome": "in-force"}
        else:
            body = {"checkpoint": base64.b64encode(made.lost).decode(), "lost": {"from": size, "to": size}, "reason": "A disk"}
            result = {"controls": [], "epoch": 1, "officers": ["o.chen", "o.diaz"], "outcome": "in-force"}
        made.entry("clock" if clock else "restore", "o.chen", body, lambda _h: [result], pens=pens)
        made.submit("o.chen", ({"kind": "grant", "ref": "after", "channel": "cli", "user": "tom", "role": "LEAD", "entities": ["UK01"]},
                               "waiting", dict(book_of.WAIT)))
        return made

    both = ["o.chen", "o.diaz"]
    made = book(both)
    size = len(made.lines) - 2
    note = checkpoint(made.lines, "ledger.example/ar/%s/1" % made.id[:16], book_of.PENS["book"])
    lost = {"checkpoints/000000-%d.note" % (size + 1): made.lost}
    said = reader.read(Bundle(made.lines, note, files=lost).made())
    reader.unchecked("a restored book", said, "checkpoint", "entry %d restores the book: entries %d to %d were lost" % (size, size, size),
                     "checkpoints/000000-%d.note was issued of entries that entry %d says were lost" % (size + 1, size))
    truth("its other checks are good", all(check["state"] == "good" for name, check in said["checks"].items() if name != "checkpoint"), said["checks"])
    old = checkpoint(made.lines, "ledger.example/ar/%s/0" % made.id[:16], book_of.PENS["book"])
    reader.some_bad("a checkpoint of the epoch before", Bundle(made.lines, old).made(), "checkpoint", "epoch 0")
    made = book(["o.chen"])
    reader.some_bad("restored by one officer", Bundle(made.lines, checkpoint(
        made.lines, "ledger.example/ar/%s/1" % made.id[:16], book_of.PENS["book"])).made(), "keys", "restore takes two officers' signatures")
    for pens, state in ((both, "unchecked"), (["o.chen", "maria"], "bad")):
        made = book(pens, True)
        said = reader.read(Bundle(made.lines, checkpoint(made.lines, "ledger.example/ar/%s/0" % made.id[:16], book_of.PENS["book"])).made())
        truth("a clock set back, " + state, said["verdict"] == state and "sets the clock back" in said["checks"]["statements"]["text"], said["checks"])


def test_signatures(reader):
    """Signatures that some verifiers take and FORMAT.md refuses."""
    names = book_of.make().names

    def forged(change, who="ana"):
        def edit(entry):
            pen = book_of.PENS[who]
            message = canonical(entry["statement"])
            entry["signatures"] = [base64.b64encode(change(pen, message)).decode()]
        return edit

    def packed(pen, signature, extra=b"", blob=None, namespace=b"countersign", tail=b"", hashed=b"sha512"):
        return (b"SSHSIG" + b"\0\0\0\1" + wire(blob or pen.blob) + wire(namespace) + wire(b"") + wire(hashed)
                + wire(wire(pen.sort) + wire(signature) + extra) + tail)

    def signed_bytes(message, namespace=b"countersign"):
        return b"SSHSIG" + wire(namespace) + wire(b"") + wire(b"sha512") + wire(hashlib.sha512(message).digest())

    def malleable(pen, message):
        signature = pen.private.sign(signed_bytes(message))
        s = int.from_bytes(signature[32:], "little") + ORDER
        return packed(pen, signature[:32] + s.to_bytes(32, "little"))

    def small_order(pen, _message):
        key = bytes([1]) + bytes(31)  # the neutral element: with S = 0 and R = it, some verify anything
        return packed(pen, key + bytes(32), blob=wire(b"ssh-ed25519") + wire(key))

    def small_r(pen, message):
        return packed(pen, bytes([1]) + bytes(31) + pen.private.sign(signed_bytes(message))[32:])

    def not_canonical(pen, _message):
        key = (2**255 - 19 + 3).to_bytes(32, "little")
        return packed(pen, bytes(64), blob=wire(b"ssh-ed25519") + wire(key))
    ways = ((malleable, "S is not below"), (small_order, "key of small order"), (small_r, "R of small order"), (not_canonical, "key not canonical"),
            (lambda pen, m: packed(pen, pen.private.sign(signed_bytes(m)), tail=b"x"), "trailing bytes"),
            (lambda pen, m: packed(pen, pen.private.sign(signed_bytes(m, b"file")), namespace=b"file"), "namespace 'file'"),
            (lambda pen, m: packed(pen, pen.private.sign(signed_bytes(m)), hashed=b"sha256"), "hash 'sha256'"),
            (lambda pen, m: packed(pen, pen.private.sign(signed_bytes(m))[:32]), "signature of 32 bytes"), (lambda pen, m: b"PGP", "ends too early"))
    signed_by_maria = [seq for seq, line in enumerate(book_of.make().lines) if b'"actor":"maria"' in line]
    edits = {seq: [("after", forged(change, "maria"))] for seq, (change, _) in zip(signed_by_maria, ways)}
    truth("places for them", len(edits) == len(ways))
    said = reader.bad("signatures that others may take", whole(edits).made(), "signatures")
    for seq, (_, text) in zip(signed_by_maria, ways):
        truth("a signature refused: " + text, "line %d, entry %d: signature: " % (seq + 1, seq) in said["checks"]["signatures"]["text"] and
              text in said["checks"]["signatures"]["text"], said["checks"]["signatures"]["text"])

    def absent(pen, message):
        pen.flags = 0
        try:
            return pen.sign(message)
        finally:
            pen.flags = 1
    seq = names["level 2"]
    reader.some_bad("a security key without its user", whole({seq: [("after", forged(absent, "tom"))]}).made(), "signatures", "without its user being present")


def test_browsers(reader):
    """A browser that cannot check something says so; it never says good."""
    said = reader.read(whole().made(), "no Ed25519")
    reader.unchecked("no Ed25519", said, "signatures", "this browser has no Ed25519")
    truth("no Ed25519: all signatures", all(said["checks"][name]["state"] == "unchecked" for name in ("browser", "packer", "checkpoint", "signatures", "keys")))
    truth("no Ed25519: hashes", said["checks"]["tree"]["state"] == said["checks"]["files"]["state"] == "good")
    truth("no Ed25519, tampered", reader.read(with_lines(lines_and_note()[0].lines[:-1]).made(), "no Ed25519")["verdict"] == "bad")
    said = reader.read(whole().made(), "no WebCrypto")
    reader.unchecked("no WebCrypto", said, "browser", "WebCrypto is not there")
    truth("no WebCrypto: nothing is good", not any(check["state"] == "good" for check in said["checks"].values()), said["checks"])
    said = reader.read(whole().made(), "no verifying")
    truth("a browser that takes any signature", said["verdict"] == "unchecked" and said["checks"]["signatures"]["state"] == "unchecked", said["checks"])


def test_hostile_text(reader):
    """What stands in a document is shown as it stands, and is never markup."""
    nasty = "</script><script>globalThis.owned=1</script><img src=x onerror='globalThis.owned=1'>\u200b\u2060<!--"
    names = book_of.make().names

    def edit(statement):
        statement["body"]["documents"][1]["note"] = nasty
        statement["body"]["documents"][1]["reason"] = "</td><b>X"
    bundle = whole({names["credits"]: [("signed", edit)]})
    bundle.manifest["made"]["release"] = nasty[:60]
    said = reader.read(bundle.made())
    tab = reader.tab
    text = story_of(tab, "document=CN-2", "textContent")
    truth("shown as text", nasty[:60] in said["text"] and "<img src=x onerror=" in text and "\u27e8U+200B\u27e9\u27e8U+2060\u27e9" in text, text[:600])
    truth("not run", tab.ask("globalThis.owned === undefined && !document.querySelector('img, #story b[onclick], #story script')"))
    truth("nothing refused by the policy", tab.ask("violations.length") == 0)
    manifest = whole().made()
    manifest["MANIFEST.json"] = manifest["MANIFEST.json"].replace(b'"by":"audrey"', '"by":"aud\u202erey"'.encode())
    reader.some_bad("bidi in the manifest", manifest, "manifest", "forbidden character U+202E")
    reader.some_bad("a file with a name of markup", {**whole().made(), "<img src=x>\u202e": b""}, "files", "<img src=x>\u27e8U+202E\u27e9: is no file")


def test_network(reader):
    """The browser refuses what this page could try, even if it tried."""
    reader.read(whole().made())
    tab = reader.tab
    for title, attempt in (("fetch", "fetch('https://example.org/').then(() => 'sent', () => 'refused')"),
                           ("beacon", "Promise.resolve().then(() => { navigator.sendBeacon('https://example.org/', 'x'); }).then(() => new Promise((r) => setTimeout(() => r(violations.some((v) => v.startsWith('connect-src')) ? 'refused' : 'sent'), 50)))"),
                           ("image", "new Promise((r) => { const i = new Image(); i.onerror = () => r('refused'); i.onload = () => r('sent'); i.src = 'https://example.org/x.png'; })"),
                           ("script", "new Promise((r) => { const s = document.createElement('script'); s.textContent = 'globalThis.owned = 1'; document.body.append(s); r(globalThis.owned ? 'sent' : 'refused'); }).catch(() => 'refused')"),
                           ("markup", "Promise.resolve().then(() => { document.body.insertAdjacentHTML('beforeend', '<b>x</b>'); return 'sent'; }).catch(() => 'refused')")):
        truth("the policy refuses " + title, tab.ask(attempt) == "refused")
    truth("violations were seen", tab.ask("violations.length") >= 3)


def story_of(tab, where, what="innerText"):
    """What stands there when the page has gone to that part of its address."""
    return tab.ask("new Promise((r) => { addEventListener('hashchange', () => r(document.getElementById('story').%s), {once: true}); location.hash = '%s'; })" % (what, where))


def test_story(reader):
    """The story of a document is what its entries say."""
    book, note = lines_and_note()
    reader.read(Bundle(book.lines, note).made())
    tab = reader.tab

    def story(name):
        return story_of(tab, "document=" + name)
    text = story("CN-2")
    for part_of in ("CN-2 credit note", "UK01-CN-2027-000002", "120.00 GBP", "tried to approve at level 1", "approved at level 2", "C-01 Maker-checker",
                    "person P-tom", "SPECIALIST", "verified tom", "Ledger lines", "120.00", "under the root", "entry %d" % book.names["level 2"], "self-test"):
        truth("story of CN-2: " + part_of, part_of in text, text)
    row = tab.ask("[...document.querySelectorAll('#story tr')].map((tr) => tr.innerText).find((t) => t.startsWith('1001'))")
    truth("what the invoice had open", all(one in (row or "") for one in ("500.00", "490.00", "370.00")), row)
    text = story("CN-3")
    truth("versions and differences", "2 versions" in text and "changed" in text and "see note" in text and "returned" in text, text)
    truth("only what changed is marked", tab.ask("document.querySelectorAll('#story td.changed').length") == 3)
    text = story("WO-1")
    truth("a reversed document", "Reversed by" in text and "RV-1" in text, text)
    text = story("refused%20" + str(book.names["refused"]) + ".1")
    truth("a refused one", "tried to submit" in text and "C-35 Credit within what remains refuses" in text, text)
    truth("one that is not there", "CN-999 is not in this bundle" in story("CN-999"))
    text = story_of(tab, "entry=%d" % book.names["level 1"])
    truth("an entry", book.leaves[book.names["level 1"]] in text and '"do": "approve"' in text, text)
    rows = "document.querySelectorAll('#documents tbody tr').length"
    story_of(tab, "lists")
    count = tab.ask(rows)
    found = tab.ask("(() => { const i = document.querySelector('#documents input'); i.value = 'write-off 60.00'; i.dispatchEvent(new Event('input')); "
                    "return new Promise((r) => new MutationObserver(() => %s < %d && r(%s)).observe(document.getElementById('documents'), {childList: true, subtree: true})); })()"
                    % (rows, count, rows))
    truth("search", 0 < found < count, (found, count))
    outline = tab.ask("JSON.stringify([document.documentElement.lang, document.querySelectorAll('h1').length, [...document.querySelectorAll('input:not([type=file]), select, textarea')].every((e) => e.getAttribute('aria-label'))])")
    truth("language, one title, names for fields", outline == '["en",1,true]', outline)


def test_layout(reader):
    """On a desktop, a telephone and paper nothing is wider than the page."""
    book = lines_and_note()[0]
    tab = reader.tab
    for title, files in (("good", whole().made()), ("BAD", with_lines(book.lines[:-1]).made())):
        reader.read(files)
        for where in ("", "lists", "document=CN-2", "document=CN-3", "entry=%d" % book.names["level 1"], "entry=0"):
            if where:
                story_of(tab, where)
            said = too_wide(tab)
            truth("%s, #%s: no wider than the page" % (title, where), not said, said)


def test_save(reader, folder):
    """A file that the page carries can be had from it, byte for byte."""
    content = b"contract <prices>\n\0\xff"
    sha = hashlib.sha256(content).hexdigest()
    names = book_of.make().names

    def edit(statement):
        statement["body"]["documents"][1]["evidence"] = [{"bytes": len(content), "kind": "price-sheet", "media": "text/plain", "sha256": sha}]
    reader.good("a book with evidence", whole({names["credits"]: [("signed", edit)]}, files={"evidence/" + sha: content}).made())
    where = os.path.join(folder, "saved")
    os.makedirs(where)
    reader.browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=where, eventsEnabled=True)
    story_of(reader.tab, "document=CN-2")
    reader.tab.ask("[...document.querySelectorAll('#story button')].find((b) => b.textContent === 'Save').click()")
    reader.browser.wait(None, "Browser.downloadProgress", lambda event: event["state"] == "completed")
    with open(os.path.join(where, "evidence-" + sha), "rb") as file:
        truth("a saved file", file.read() == content)
    truth("saving keeps to the policy", reader.tab.ask("violations.length") == 0)


def test_compare(reader):
    """What a reader knows from elsewhere."""
    book, note = lines_and_note()
    origin = note.split(b"\n")[0].decode()
    witness = Pen("witness")
    text = "\n".join(note.decode().split("\n")[:3]) + "\n"
    bundle = Bundle(book.lines, note + cosign(text, "witness.example/w", witness, 1770000000).encode())
    reader.good("a cosigned book", bundle.made())
    tab = reader.tab

    def compared(known):
        tab.ask("document.getElementById('compared').replaceChildren()")
        return tab.ask("""(() => { document.getElementById('known').value = %s; document.getElementById('look').click();
            return new Promise((r) => { const look = () => document.getElementById('compared').children.length ? r(document.getElementById('compared').innerText) : setTimeout(look, 5); look(); }); })()"""
                       % json.dumps(known))
    forged = chained(book.lines[:5] + [book.lines[5].replace(b'"fin"', b'"fix"')] + book.lines[6:], 5)
    book_key = book_of.PENS["book"]
    for title, known, state, words in (
            ("the packer's fingerprint", bundle.pen.fingerprint, "good", "packed this bundle"),
            ("a stranger's", Pen("stranger?").fingerprint, "BAD", "is no key in this bundle"),
            ("a user's", "SHA256:" + base64.b64encode(hashlib.sha256(book_of.PENS["ana"].blob).digest()).decode().rstrip("="), "good", "is a key of ana"),
            ("the root", bundle.manifest["checkpoint"]["root"], "good", "root of the checkpoint"), ("a hash of nothing", "7" * 64, "BAD", "nothing in this bundle"),
            ("the witness", vkey("witness.example/w", 4, witness), "good", "cosigned this checkpoint at 2026-02-02"),
            ("another witness", vkey("witness.example/x", 4, witness), "BAD", "has not cosigned"),
            ("the book's key", vkey(origin, 1, book_key), "good", "is signed by"), ("a vkey with another id", "w+00000000+" + base64.b64encode(b"\4" + witness.public).decode(), "BAD", "id"),
            ("nonsense", "hello", "not checked", "is no fingerprint"),
            ("an older checkpoint", checkpoint(book.lines, origin, book_key, 9).decode(), "good", "goes on from it"),
            ("this checkpoint", note.decode(), "good", "the one of this bundle"),
            ("one of another history", checkpoint(forged, origin, book_key, 9).decode(), "BAD", "two histories"),
            ("another of this size", checkpoint(forged, origin, book_key).decode(), "BAD", "two histories")):
        said = compared(known)
        truth("held against " + title, said.startswith(state) and words in said, said)
    shorter = Bundle(book.lines, checkpoint(book.lines, origin, book_key, 30))
    reader.good("an older copy is good by itself", shorter.made())
    said = compared(note.decode())
    truth("but not to who kept a newer checkpoint", said.startswith("BAD") and "may have been truncated" in said, said)


def choose(tab, field, paths):
    node = tab.call("Runtime.evaluate", expression="document.getElementById('%s')" % field)["result"]["objectId"]
    tab.call("DOM.setFileInputFiles", files=paths, objectId=node)


def test_given(reader, folder):
    """A bundle too large to be carried: the page asks for its files."""
    book, note = lines_and_note()
    content = EVIDENCE
    files = Bundle(book.lines, note).made()
    where = os.path.join(folder, "given")
    for name, data in files.items():
        path = os.path.join(where, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
    paths = [os.path.join(where, name) for name in files]
    tab = reader.tab

    def given(chosen):
        said = reader.show(reader.template)
        truth("it asks", said["state"] == "empty" and "Choose the folder" in said["text"] and said["verdict"] == "")
        choose(tab, "files", chosen)
        tab.ask("new Promise((r) => { const look = () => document.getElementById('given').children.length ? r() : setTimeout(look, 5); look(); })")
        tab.ask("document.getElementById('check-now').click()")
        return json.loads(tab.ask(DONE.replace('["done", "empty"]', '["done"]')))
    said = given(paths)
    truth("all files given", said["verdict"] == "good", said["checks"])
    other = os.path.join(where, "prices.pdf")
    with open(other, "wb") as file:
        file.write(content)
    choose(tab, "file", [other, paths[0]])
    text = tab.ask("new Promise((r) => { const look = () => document.getElementById('compared').children.length ? r(document.getElementById('compared').innerText) : setTimeout(look, 5); look(); })")
    truth("a file that the bundle knows, and one that it does not", "prices.pdf is no file" in text and "of this bundle, SHA-256" in text, text)
    said = given([path for path in paths if not path.endswith("README.txt")])
    truth("one is not given", said["verdict"] == "unchecked" and "README.txt was not given" in said["checks"]["files"]["text"], said["checks"]["files"])
    said = given([path for path in paths if not path.endswith("checkpoint.note")])
    truth("one that it needs is not given", said["verdict"] == "bad", said["checks"]["files"])
    said = given(paths + [other])
    truth("one too many", said["verdict"] == "bad" and "prices.pdf" in said["checks"]["files"]["text"], said["checks"]["files"])


def main():
    template = subprocess.run([os.path.join(PAGE, "assemble")], check=True, stdout=subprocess.PIPE).stdout
    test_sources(template)
    if not shutil.which("chromium"):
        print("the page was not opened: there is no chromium here")
        return 1 if FAILED else 77
    with tempfile.TemporaryDirectory() as folder, Chromium() as browser:
        reader = Reader(browser, template, folder)
        test_good(reader)
        test_files(reader)
        test_entries(reader)
        test_operator(reader)
        test_acts(reader)
        test_signatures(reader)
        test_browsers(reader)
        test_hostile_text(reader)
        test_network(reader)
        test_story(reader)
        test_layout(reader)
        test_compare(reader)
        test_save(reader, folder)
        test_given(reader, folder)
        pages = reader.number
    print("%d checks on %d pages, %d wrong" % (COUNT[0], pages, len(FAILED)))
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
