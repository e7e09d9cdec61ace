#!/usr/bin/python3
"""The checker is itself tested here: a small valid book is made by hand (no countersign involved), must pass, and is
then tampered with in many ways; each must be found, under the right name and at the right entry.

Two hands tamper: one edits the exported bytes and can do no more; the other is an operator who owns the machine,
chains everything again and even signs again with the keys of users, so that only the deeper checks can tell.
"""
import base64
import copy
import functools
import hashlib
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import checker  # noqa: E402

# Of the many books here most entries are the same, so what is said of one signature is remembered.
checker.verify_sshsig = functools.lru_cache(maxsize=None)(checker.verify_sshsig)


def pack(data):
    return struct.pack(">I", len(data)) + data


def canon(value):
    """Written again here, so that a slip in the checker's encoder shows."""
    if isinstance(value, dict):
        return b"{" + b",".join(canon(k) + b":" + canon(value[k]) for k in sorted(value)) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(canon(v) for v in value) + b"]"
    if value is None or isinstance(value, bool):
        return {None: b"null", True: b"true", False: b"false"}[value]
    if isinstance(value, int):
        return str(value).encode()
    return b'"' + value.replace("\\", "\\\\").replace('"', '\\"').encode() + b'"'


def sha(data):
    return hashlib.sha256(data).hexdigest()


class Pen:
    """A key that signs as OpenSSH does, plain or as a security key."""

    def __init__(self, seed, fido=False):
        self.private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed.encode()).digest())
        self.public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.sort = b"sk-ssh-ed25519@openssh.com" if fido else b"ssh-ed25519"
        self.blob = pack(self.sort) + pack(self.public) + (pack(b"ssh:") if fido else b"")
        self.fido, self.flags = fido, 1

    @property
    def text(self):
        return self.sort.decode() + " " + base64.b64encode(self.blob).decode()

    def sign(self, message, namespace=b"countersign", tail=b""):
        return self._sign(message, namespace, tail, self.flags)

    @functools.lru_cache(maxsize=None)  # most entries of a forged book are those of the true one
    def _sign(self, message, namespace, tail, flags):
        signed = b"SSHSIG" + pack(namespace) + pack(b"") + pack(b"sha512") + pack(hashlib.sha512(message).digest())
        extra = b""
        if self.fido:
            extra = bytes([flags]) + struct.pack(">I", 7)
            signed = hashlib.sha256(b"ssh:").digest() + extra + hashlib.sha256(signed).digest()
        signature = pack(self.sort) + pack(self.private.sign(signed)) + extra
        return (b"SSHSIG" + struct.pack(">I", 1) + pack(self.blob) + pack(namespace) + pack(b"") + pack(b"sha512")
                + pack(signature) + tail)


PENS = {name: Pen(name) for name in
        ("book", "recovery", "o.chen", "o.diaz", "maria", "ana", "ana.new", "erp", "joe", "sam", "kim", "stranger")}
PENS["tom"] = Pen("tom", fido=True)
KINDS = ("adjustment", "correction", "credit-limit", "credit-note", "rebill", "recovery", "write-off")


def row(name, *tiers):
    """(upto or None, levels) each."""
    return {"entities": [], "row": name, "tiers": [
        {"levels": levels, **({"upto": upto} if upto else {})} for upto, levels in tiers]}


def reason(name, row_name, **more):
    return {"account": "4000", "evidence": [], "kinds": list(KINDS), "note_bytes_min": 0, "reason": name, "row": row_name,
            "title": name, **more}


def role(name, *functions, **more):
    return {"functions": sorted(functions), "role": name, "title": name, **more}


# BILLING asks nobody up to 20.00, level 1 up to 100.00, then level 2, too; SIGNED asks level 1 for anything.
POLICY = {
    "accounts": [], "approval": {"lapse_days": 14, "list_max": 50},
    "authority": [row("BILLING", ("20.00", []), ("100.00", [1]), (None, [1, 2])), row("SIGNED", (None, [1]))],
    "base": "GBP", "bots": {"document_max": "1.00", "documents_per_day_max": 1}, "conflicts": [], "cumulative": [],
    "duties": [], "entities": [{"currency": "GBP", "entity": "UK01", "fiscal_month": 4, "offsets": [
        {"from": "1970-01-01T00:00:00.000Z", "minutes": 0}]}],
    "name": "self-test", "parameters": {},
    "postings": {"on_account_account": "2150", "on_account_row": "BILLING", "receivable_account": "1200"},
    "reasons": [reason("CL_REVIEW", "SIGNED"), reason("ERROR", "BILLING", error="yes"), reason("GOODWILL", "SIGNED"),
                reason("RETURNS", "BILLING")],
    "roles": [role("FEEDS", "feed.cash", "feed.customers", "feed.invoices"),
              role("LEAD", *("%s.approve.1" % kind for kind in KINDS)),
              role("MANAGER", *("%s.approve.2" % kind for kind in KINDS)),
              role("OFFICER", "govern.access", "govern.policy"),
              role("SPECIALIST", *("%s.prepare" % kind for kind in KINDS))],
    "taxes": []}
PREFIX = {"credit-note": "CN", "correction": "IC", "write-off": "WO", "reversal": "RV", "credit-limit": "CL",
          "enrolment": "EN", "grant": "GR", "revocation": "RG", "policy": "PO", "key-rotation": "KR", "key-revocation": "KX",
          "period": "PE"}


def asked(document, base=None):
    """What C-02 asks of an amount under POLICY, and C-31 of officers, worked out by hand."""
    if document["kind"] in ("enrolment", "grant", "key-rotation", "policy", "revocation"):
        return [{"answer": "need", "code": "second-officer", "control": "C-31", "levels": [1]}]
    name = document.get("reason")
    pence = int((base or document.get("amount") or document.get("limit") or "0").replace(".", ""))
    if name in ("GOODWILL", "CL_REVIEW"):
        levels, limit, row_name = [1], "0.00", "SIGNED"
    elif name in ("RETURNS", "ERROR") and pence > 2000:
        levels, limit, row_name = ([1], "20.00", "BILLING") if pence <= 10000 else ([1, 2], "100.00", "BILLING")
    else:
        return []
    return [{"amount": "%d.%02d" % divmod(pence, 100), "answer": "need", "code": "amount", "control": "C-02",
             "levels": levels, "limit": limit, "row": row_name}]


class Book:
    """Plays the gate: makes entries with decisions as they have to be. edits: {seq: [(how, function)]}; `after` functions see
    the entry and it is encoded as they leave it, `signed` functions see the statement before it is signed."""

    def __init__(self, edits=None, policy=None):
        self.edits, self.policy = edits or {}, policy or POLICY
        self.lines, self.leaves, self.last = [], [], None
        self.id, self.minute, self.content = "", 0, {}
        self.requests, self.legal, self.documents = {}, {}, {}
        self.names = {}

    def entry(self, do, actor, body, results, pens=None, outcome="done", controls=None, seen=True):
        seq = len(self.lines)
        self.minute += 1
        at = "2026-05-%02dT%02d:%02d:00.000Z" % (1 + self.minute // 1440, self.minute // 60 % 24, self.minute % 60)
        statement = {"actor": actor, "at": at, "body": body, "book": self.id, "do": do, "id": "s-%d" % seq,
                     "seen": None if do == "charter" or not seen else
                     {"hash": self.leaves[-1], "seq": seq - 1}, "v": 1}
        for how, edit in self.edits.get(seq, []):
            if how == "signed":
                edit(statement)
        data = canon(statement)
        pens = [PENS[p] for p in (pens or [actor])]
        signatures = [base64.b64encode(p.sign(data)).decode() for p in sorted(pens, key=lambda p: p.blob)]
        hashed = sha(data)
        entry = {"decision": {"controls": controls or [], "engine": 1, "outcome": outcome,
                              "policy": {"hash": sha(canon(self.policy)), "seq": 0}, "results": results(hashed)},
                 "gate": {"exe": "0123456789abcdef", "mode": "embedded", "os_user": "fin", "release": "0.1"},
                 "prev": self.leaves[-1] if self.leaves else "0" * 64, "seq": seq, "signatures": signatures,
                 "statement": statement, "time": statement["at"], "v": 1}
        for how, edit in self.edits.get(seq, []):
            if how == "after":
                edit(entry)
        if do == "charter":
            self.id = hashed
        line = canon(entry)
        self.lines.append(line)
        self.leaves.append(sha(b"\0" + line))
        return seq

    def doc_hash(self, document, index, statement):
        return sha(canon({"book": self.id, "document": document, "index": index, "statement": statement}))

    def asked(self, document, base=None):
        """What the controls answer about a document that is let in or takes effect."""
        return asked(document, base)

    def submit(self, actor, *documents, pens=None, atomic=False, name=None):
        """documents: (document, outcome, {extra members}) each."""
        def results(hashed):
            out = []
            for index, (document, outcome, extra) in enumerate(documents):
                answers = [] if outcome == "repeat" else self.asked(document, based(document).get("base"))
                result = {"outcome": outcome, "controls": answers + extra.pop("controls", []),
                          "content": self.doc_hash(document, index, hashed)}
                if outcome == "repeat":
                    result.update(extra)
                elif outcome != "refused":
                    prefix = PREFIX.get(document["kind"], "XX")
                    self.requests[prefix] = self.requests.get(prefix, 0) + 1
                    number = "%s-%d" % (prefix, self.requests[prefix])
                    self.content[number], self.documents[number] = (result["content"], 1), document
                    result.update(document=number, version=1, **{**based(document), **extra})
                out.append(result)
            return out
        seq = self.entry("submit", actor, {"atomic": atomic, "documents": [d[0] for d in documents]}, results, pens)
        self.names[name] = seq

    def act(self, do, actor, document, outcome, name=None, pens=None, level=1, **extra):
        content, version = self.content.get(document, ("0" * 64, 1))
        item = {"content": content, "document": document, "version": version}
        item.update({"level": level} if do == "approve" else {"reason": "see note"})
        if outcome in ("posted", "in-force"):
            held = self.documents[document]
            extra["controls"] = self.asked(held, based(held).get("base")) + extra.get("controls", [])
        result = {"content": content, "controls": extra.pop("controls", []), "document": document, "outcome": outcome,
                  **({"level": level} if do == "approve" else {}), **extra}
        self.names[name] = self.entry(do, actor, {"items": [item]}, lambda _h: [result], pens)

    def amend(self, actor, number, document, outcome, name, **extra):
        _, version = self.content[number]

        def results(hashed):
            content = self.doc_hash(document, 0, hashed)
            self.content[number], self.documents[number] = (content, version + 1), document
            return [{"content": content, "controls": self.asked(document), "document": number, "outcome": outcome,
                     "version": version + 1, **based(document), **extra}]
        body = {"amendments": [{"content": document, "document": number, "version": version}]}
        self.names[name] = self.entry("amend", actor, body, results)

    def feed(self, feed, part, last, file, records, result, name):
        body = {"entity": "UK01", "feed": feed, "file": file, "last": last, "part": part, "records": records}
        self.names[name] = self.entry("feed", "erp", body, lambda _h: [dict(result, controls=[])])


def based(document):
    """The member `base` of a business document's result."""
    if "entity" not in document or document["kind"] == "period":
        return {}
    return {"base": document.get("amount", document.get("limit", "60.00"))}


def line(account, side, amount, **more):
    return {"account": account, "amount": amount, "currency": "GBP", "side": side, **more}


def credit(ref, amount, invoice="1001", **more):
    return {"kind": "credit-note", "ref": ref, "channel": "cli", "entity": "UK01", "customer": "C-9",
            "currency": "GBP", "amount": amount, "reason": "RETURNS", "date": "2026-05-01",
            "allocations": [{"amount": amount, "invoice": invoice}], **more}


def rotation(ref, user):
    return {"kind": "key-rotation", "ref": ref, "channel": "cli", "user": user, "old": PENS[user].text,
            "new": PENS["stranger"].text}


def credit_lines(amount, invoice="1001"):
    return [line("4000", "dr", amount), line("1200", "cr", amount, customer="C-9", invoice=invoice)]


WAIT = {"levels": [1], "until": "2026-05-20T00:00:00.000Z"}
DENY = [{"answer": "deny", "code": "forged", "control": "C-05"}]
OWN = [{"answer": "deny", "code": "own-document", "control": "C-01", "person": "P-maria"},
       {"answer": "deny", "code": "no-authority", "control": "C-02", "entity": "UK01", "function": "credit-note.approve.1"}]


def found_book(book):
    """Its charter."""
    officers = [{"key": PENS[u].text, "person": "P-" + u, "user": u} for u in ("o.chen", "o.diaz")]
    book.entry("charter", "", {
        "book_keys": [PENS["book"].text], "clock": "simulated", "engine": 1, "name": "ledger.example/ar",
        "nonce": "ab" * 16, "officers": officers,
        "policy": {"compiled": book.policy, "compiler": 1, "yaml": base64.b64encode(b"name: self-test\n").decode()},
        "recovery": {"keys": [PENS["recovery"].text], "threshold": 1}, "salt": "cd" * 32, "skew_seconds": 60},
        lambda _h: [{"outcome": "in-force"}], pens=["o.chen", "o.diaz"])


def make(edits=None):
    """The valid book of the self-test, with edits."""
    book = Book(edits)
    found_book(book)
    for n, (user, sort) in enumerate((("maria", "human"), ("ana", "human"), ("tom", "human"), ("erp", "feed"),
                                      ("joe", "human"), ("sam", "human"), ("kim", "human")), 1):
        document = {"kind": "enrolment", "ref": "en-" + user, "channel": "cli", "user": user, "person": "P-" + user,
                    "sort": sort, "key": PENS[user].text}
        book.submit("o.chen", (document, "waiting", dict(WAIT)), pens=["o.chen", user], name="enrol " + user)
        book.act("approve", "o.diaz", "EN-%d" % n, "in-force", name="enrolled " + user)
    grant = {"kind": "grant", "ref": "gr-1", "channel": "cli", "user": "maria", "role": "SPECIALIST",
             "entities": ["UK01"]}
    book.submit("o.chen", (grant, "waiting", dict(WAIT)), name="grant")
    book.act("approve", "o.diaz", "GR-1", "in-force", name="granted")
    for n, (user, name) in enumerate((("ana", "LEAD"), ("tom", "MANAGER"), ("erp", "FEEDS"), ("joe", "SPECIALIST")), 2):
        book.submit("o.chen", (dict(grant, ref="gr-%d" % n, user=user, role=name), "waiting", dict(WAIT)),
                    name="grant " + user)
        book.act("approve", "o.diaz", "GR-%d" % n, "in-force")
    book.feed("customers", 1, True, {"count": 1, "sequence": 1},
              [{"currency": "GBP", "customer": "C-9", "group": "C-9", "limit": "0.00", "terms_days": 30}],
              {"outcome": "closed", "count": 1}, "customers")
    invoices = [{"customer": "C-9", "date": "2026-04-01", "due": "2026-05-01", "gross": gross, "invoice": number,
                 "taxes": [{"code": "NONE", "net": gross, "tax": "0.00"}]}
                for number, gross in (("1001", "500.00"), ("1002", "100.00"))]
    invoices.append(dict(invoices[0], gross="120.00", invoice="1003", lines=[
        {"code": "VAT20", "line": "1", "net": "100.00", "tax": "20.00"}],
        taxes=[{"code": "VAT20", "net": "100.00", "tax": "20.00"}]))
    manifest = {"count": 3, "currency": "GBP", "sequence": 1, "total": "720.00"}
    book.feed("invoices", 1, False, manifest, invoices[:1], {"outcome": "open", "count": 1, "total": "500.00"},
              "invoices 1")
    book.feed("invoices", 2, True, manifest, invoices[1:], {"outcome": "closed", "count": 3, "total": "720.00"},
              "invoices 2")
    book.submit("maria",
                (credit("m-1", "10.00"), "posted", {"number": "UK01-CN-2027-000001", "lines": credit_lines("10.00")}),
                (credit("m-2", "120.00"), "waiting", {"levels": [1, 2], "until": WAIT["until"]}),
                name="credits")
    book.act("approve", "maria", "CN-2", "refused", name="self-approval", controls=list(OWN))
    book.act("approve", "ana", "CN-2", "approved", name="level 1", levels=[2], until=WAIT["until"])
    book.act("approve", "tom", "CN-2", "posted", level=2, name="level 2", number="UK01-CN-2027-000002",
             lines=credit_lines("120.00"))
    book.submit("maria", (credit("m-3", "50.00", "1002"), "waiting", dict(WAIT)), name="third")
    book.act("return", "ana", "CN-3", "returned", name="returned")
    book.amend("maria", "CN-3", credit("m-3b", "40.00", "1002"), "waiting", "amended", **WAIT)
    book.act("approve", "ana", "CN-3", "posted", name="third posted", number="UK01-CN-2027-000003",
             lines=credit_lines("40.00", "1002"))
    up = dict(credit("m-4", "5.00"), kind="correction", direction="up", field="price")
    book.submit("maria", (up, "posted", {"number": "UK01-IC-2027-000001", "lines": [
        line("4000", "cr", "5.00"), line("1200", "dr", "5.00", customer="C-9", invoice="1001")]}), name="up")
    off = dict(credit("m-5", "60.00", "1002"), kind="write-off", method="allowance")
    off_lines = [line("1290", "dr", "60.00"), line("1200", "cr", "60.00", customer="C-9", invoice="1002")]
    book.submit("maria", (off, "waiting", dict(WAIT)), name="write-off")
    book.act("approve", "ana", "WO-1", "posted", name="written off", number="UK01-WO-2027-000001", lines=off_lines)
    back = {"kind": "reversal", "ref": "m-6", "channel": "cli", "entity": "UK01", "reason": "ERROR",
            "date": "2026-05-01", "reverses": "WO-1"}
    book.submit("maria", (back, "waiting", dict(WAIT)), name="reversal")
    mirror = [dict(item, side="cr" if item["side"] == "dr" else "dr") for item in off_lines]
    book.act("approve", "ana", "RV-1", "posted", name="reversed", number="UK01-RV-2027-000001", lines=mirror)
    # 10.01 of 100.00 and 20.00: 8.341 and 1.668, the penny goes to the tax; 2.00 on account are all net.
    taxed = dict(credit("m-11", "12.01"), on_account="2.00", allocations=[{"amount": "10.01", "invoice": "1003"}],
                 evidence=[{"bytes": 3, "kind": "Lines:1", "media": "text/csv", "sha256": "0" * 64}], links=[])
    book.submit("maria", (taxed, "posted", {"number": "UK01-CN-2027-000004", "lines": [
        line("4000", "dr", "10.34"), line("2200", "dr", "1.67", tax="VAT20"),
        line("1200", "cr", "10.01", customer="C-9", invoice="1003"), line("2150", "cr", "2.00", customer="C-9")]}),
                name="taxed")
    book.submit("maria", (credit("m-12", "900.00"), "refused", {"controls": [
        {"amount": "900.00", "answer": "deny", "code": "over-credit", "control": "C-35", "invoice": "1001",
         "open": "375.00", "pending": "0.00", "remaining": "375.00"}]}), name="refused")
    limit = {"kind": "credit-limit", "ref": "m-7", "channel": "cli", "entity": "UK01", "customer": "C-9",
             "currency": "GBP", "reason": "CL_REVIEW", "date": "2026-05-01", "limit": "1000.00",
             "previous": "0.00", "review": "2027-03-01"}
    stands = {"account": "0.00", "held": "0.00", "limit": "0.00", "open": "544.99"}
    book.submit("maria", (limit, "waiting", dict(WAIT, exposure=stands)), name="limit")
    book.act("approve", "ana", "CL-1", "in-force", name="limit in force", number="UK01-CL-2027-000001", exposure=stands)
    rotate = {"kind": "key-rotation", "ref": "kr-1", "channel": "cli", "user": "ana", "old": PENS["ana"].text,
              "new": PENS["ana.new"].text}
    book.submit("ana", (rotate, "waiting", dict(WAIT)), pens=["ana", "ana.new"], name="rotation")
    book.act("approve", "o.diaz", "KR-1", "in-force", name="rotated")
    book.submit("maria", (credit("m-8", "7.00", reason="GOODWILL"), "waiting", dict(WAIT)),
                (credit("m-1", "10.00"), "repeat", {"document": "CN-1"}), name="fourth")
    book.act("approve", "ana", "CN-5", "posted", name="by the new key", pens=["ana.new"],
             number="UK01-CN-2027-000005", lines=credit_lines("7.00"))
    book.submit("maria", (credit("m-9", "8.00", reason="GOODWILL"), "waiting", dict(WAIT)), name="fifth")
    book.act("withdraw", "maria", "CN-6", "withdrawn", name="withdrawn")
    book.feed("cash", 1, True, {"count": 1, "currency": "GBP", "sequence": 1, "total": "100.00"},
              [{"amount": "100.00", "applied": [{"amount": "90.00", "invoice": "1001"}], "customer": "C-9",
                "date": "2026-05-01", "receipt": "R-1"}], {"outcome": "closed", "count": 1, "total": "100.00"}, "cash")
    revoke = {"kind": "key-revocation", "ref": "kx-1", "channel": "cli", "user": "maria", "key": PENS["maria"].text,
              "reason": "left"}
    book.submit("o.chen", (revoke, "in-force", {}), name="revoked")
    book.names["after revocation"] = book.entry(
        "submit", "maria", {"atomic": False, "documents": [credit("m-10", "9.00")]}, lambda _h: [],
        outcome="refused", controls=[{"answer": "deny", "code": "key-revoked", "control": "C-52"}])
    return book


def sign_note(text, name, pen):
    packed = checker.key_id(name, 1, pen.public) + pen.private.sign(text.encode())
    return (text + "\n\u2014 " + name + " " + base64.b64encode(packed).decode() + "\n").encode()


def checkpoint(book, size=None, pen="book", origin=None, root=None):
    size = len(book.lines) if size is None else size
    root = root or checker.tree_root([bytes.fromhex(leaf) for leaf in book.leaves[:size]])
    origin = origin or "ledger.example/ar/%s/0" % book.id[:16]
    return sign_note("%s\n%d\n%s\n" % (origin, size, base64.b64encode(root).decode()), origin, PENS[pen])


def subtree(leaves):
    """RFC 6962 written down as it is defined, to test the checker's stack against."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + subtree(leaves[:k]) + subtree(leaves[k:])).digest()


def path(leaves, index):
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if index < k:
        return path(leaves[:k], index) + [subtree(leaves[k:])]
    return path(leaves[k:], index - k) + [subtree(leaves[:k])]


def receipt(book, index, note=None):
    leaves = [bytes.fromhex(leaf) for leaf in book.leaves]
    lines = "".join(base64.b64encode(h).decode() + "\n" for h in path(leaves, index))
    return ("c2sp.org/tlog-proof@v1\nindex %d\n%s\n" % (index, lines)).encode() + (note or checkpoint(book))


# ---------------------------------------------------------------- the tests

FAILED = []
RUN = [0]


def expect(title, findings, check, entry, words=""):
    """Among the findings is one of that name, with these words, at that entry, and none at an entry before it."""
    RUN[0] += 1
    hits = [f for f in findings if f["check"] == check and f["entry"] == entry and words in f["text"]]
    early = [f for f in findings if f["entry"] < entry]
    if not hits or early:
        FAILED.append(title)
        print("FAILED %s: want %s '%s' at entry %d, got %s" % (title, check, words, entry, findings[:6]))


def truth(title, good):
    RUN[0] += 1
    if not good:
        FAILED.append(title)
        print("FAILED %s" % title)


def found(lines, notes=(), receipts=()):
    return checker.check_export(lines, notes, receipts).findings


def operator(title, names, place, how, edit, check, words=""):
    """An operator's edit, everything after it chained again."""
    seq = names[place] if isinstance(place, str) else place
    # Whether an entry is the one that the next is chained to shows at the next; what comes later says nothing of it.
    expect(title, found(make({seq: [(how, edit)]}).lines[:seq + 2]), check, seq, words)


def result_edit(function):
    return lambda entry: function(entry["decision"]["results"][0])


def check_left():
    """What is left of references, as FORMAT.md has it."""
    for text, left in (("DN 0042/2011-007", "dn4220117"), ("dn-42.2011 7", "dn4220117"), ("000", ""), ("A00B", "ab"),
                       ("\u00dc-01", "\u00dc1")):
        document = dict(credit("x", "1.00"), kind="dispute", customer_ref=text)
        keys = [key[-1] for _, key in checker.looks_of(document)]
        truth("left of " + text, keys == ([left] if left else []))


def test_bytes(book):
    names, lines = book.names, book.lines
    at = names["level 1"]

    def swapped(index, old, new):
        changed = list(lines)
        truth("edit applies: %s" % old, old in changed[index])
        changed[index] = changed[index].replace(old, new, 1)
        return found(changed)
    larger = swapped(names["credits"], b'"amount":"120.00","channel"', b'"amount":"110.00","channel"')
    expect("amount edited", larger, "signature", names["credits"])
    expect("amount edited, chain", larger, "chain", names["credits"])
    expect("decision edited", swapped(at, b'"levels":[2]', b'"levels":[3]'), "chain", at)
    expect("space", swapped(at, b'"seq":', b'"seq": '), "form", at)
    expect("real", swapped(at, b'"v":1}', b'"v":1.0}'), "form", at)
    expect("negative zero", swapped(at, b'"engine":1', b'"engine":-0'), "form", at)
    expect("member twice", swapped(at, b'"engine":1', b'"engine":1,"engine":1'), "form", at)
    expect("escape", swapped(at, b'"approve"', b'"\\u0061pprove"'), "form", at)
    expect("bidi override", swapped(at, b'"fin"', '"f\u202ein"'.encode()), "form", at)
    expect("C1 control", swapped(at, b'"fin"', '"f\u0085in"'.encode()), "form", at)
    expect("escaped line feed", swapped(at, b'"fin"', b'"f\\nin"'), "form", at)
    expect("bad UTF-8", swapped(at, b'"fin"', b'"f\xffin"'), "form", at)
    expect("dropped", found(lines[:at] + lines[at + 1:]), "chain", at + 1)
    expect("swapped", found(lines[:at] + [lines[at + 1], lines[at]] + lines[at + 2:]), "chain", at)
    expect("entry twice", found(lines[:at + 1] + lines[at:]), "chain", at)
    expect("not JSON", found(lines[:at] + [b"{"] + lines[at + 1:]), "form", at)
    expect("a list", found(lines[:at] + [b"[]"] + lines[at + 1:]), "form", at)
    expect("8 MiB", swapped(at, b'"fin"', b'"' + b"x" * (8 << 20) + b'"'), "form", at)
    deep = b"[" * 17 + b"]" * 17
    expect("too deep", swapped(at, b'"fin"', deep), "form", at)
    expect("too deep by far", swapped(at, b'"fin"', b"[" * 100000 + b"]" * 100000), "form", at)


def signed_by(*names):
    """An edit of the signatures."""
    def edit(entry):
        message = canon(entry["statement"])
        entry["signatures"] = [base64.b64encode(pen.sign(message)).decode()
                               for pen in sorted((PENS[name] for name in names), key=lambda pen: pen.blob)]
    return edit


def test_operator(names):
    def edit(title, place, how, function, check, words=""):
        operator(title, names, place, how, function, check, words)

    def line_amount(entry):
        entry["decision"]["results"][0]["lines"][0]["amount"] = "11.00"

    def both_amounts(entry):
        for item in entry["decision"]["results"][0]["lines"]:
            item["amount"] = "11.00"
    edit("unbalanced", "credits", "after", line_amount, "ledger")
    edit("lines unlike allocations", "credits", "after", both_amounts, "ledger")
    edit("content hash", "credits", "after", result_edit(lambda r: r.update(content="0" * 64)), "content")
    edit("request number gap", "third", "after", result_edit(lambda r: r.update(document="CN-9")), "number")
    edit("legal number gap", "level 2", "after", result_edit(lambda r: r.update(number="UK01-CN-2027-000009")), "number")
    edit("legal number's year", "level 2", "after", result_edit(lambda r: r.update(number="UK01-CN-2026-000001")),
         "number")
    edit("approved by the maker", "self-approval", "after", result_edit(
        lambda r: (r.update(outcome="approved", levels=[2], until=WAIT["until"]), r["controls"].clear())), "decision")
    edit("a level is missing", "level 1", "after", result_edit(
        lambda r: (r.pop("levels"), r.pop("until"), r.update(
            outcome="posted", number="UK01-CN-2027-000002", lines=credit_lines("120.00")))), "decision")
    edit("refused without control", "self-approval", "after", result_edit(lambda r: r["controls"].clear()), "decision")
    edit("done although denied", "credits", "after", result_edit(lambda r: r["controls"].extend(DENY)), "decision")
    edit("unknown member", "credits", "after", lambda e: e.update(extra=1), "schema")
    edit("unknown member in a document", "credits", "signed",
         lambda s: s["body"]["documents"][0].update(colour="red"), "schema")
    edit("allocations do not add up", "credits", "signed",
         lambda s: s["body"]["documents"][0]["allocations"][0].update(amount="9.00"), "schema")
    edit("too many digits", "credits", "signed",
         lambda s: s["body"]["documents"][0].update(amount="10.000"), "schema")
    edit("another policy", "credits", "after", lambda e: e["decision"]["policy"].update(hash="1" * 64), "policy")
    edit("time goes back", "third", "signed", lambda s: s.update(at="2026-05-01T00:01:00.000Z"), "time")
    edit("time is not the statement's", "third", "after", lambda e: e.update(time="2026-05-03T00:00:00.000Z"), "time")
    edit("no such day", "third", "signed", lambda s: s.update(at="2026-02-30T00:00:00.000Z"), "schema")
    edit("another book", "third", "signed", lambda s: s.update(book="2" * 64), "book")
    edit("statement id again", "third", "signed", lambda s: s.update(id="s-%d" % names["credits"]), "id")
    edit("approval without seen", "level 1", "signed", lambda s: s.update(seen=None), "seen")
    edit("seen of another history", "level 1", "signed", lambda s: s["seen"].update(hash="3" * 64), "seen")
    edit("seen of itself", "level 1", "signed", lambda s: s["seen"].update(seq=names["level 1"]), "seen")
    edit("ref again", "third", "signed", lambda s: s["body"]["documents"][0].update(ref="m-1"), "reference")
    edit("repeat of nothing", "fourth", "signed", lambda s: s["body"]["documents"][1].update(note="x"), "reference")
    edit("approves what is not there", "level 1", "signed", lambda s: s["body"]["items"][0].update(document="CN-77"),
         "reference")
    edit("approves other content", "level 1", "signed", lambda s: s["body"]["items"][0].update(content="4" * 64),
         "content")
    edit("approves an old version", "third posted", "signed", lambda s: s["body"]["items"][0].update(version=1),
         "content")
    edit("running count", "invoices 1", "after", result_edit(lambda r: r.update(count=2)), "feed")
    edit("closed too early", "invoices 1", "after", result_edit(lambda r: r.update(outcome="closed")), "feed")
    edit("file sequence", "cash", "signed", lambda s: s["body"]["file"].update(sequence=2), "feed")
    edit("gross", "invoices 2", "signed", lambda s: s["body"]["records"][0].update(gross="99.00"), "feed")
    edit("over-applied", "cash", "signed", lambda s: s["body"]["records"][0]["applied"][0].update(amount="101.00"),
         "feed")
    edit("no mirror", "reversed", "after", result_edit(lambda r: r["lines"][0].update(account="4000")), "ledger")
    edit("below zero", "level 2", "after", result_edit(lambda r: [i.update(amount="600.00") for i in r["lines"]]),
         "decision")
    edit("a kind that there is not", "fifth", "signed", lambda s: s["body"]["documents"][0].update(kind="barter"),
         "schema")
    edit("verb that there is not", "credits", "signed", lambda s: s.update(do="barter"), "schema")
    edit("result is missing", "credits", "after", lambda e: e["decision"]["results"].pop(), "decision")
    edit("results is no list", "third", "after", lambda e: e["decision"].update(results={}), "decision")
    edit("refused with results", "after revocation", "after", lambda e: e["decision"]["results"].append({}), "decision")
    edit("refused by nothing", "after revocation", "after", lambda e: e["decision"]["controls"].clear(), "decision")
    edit("denied as a whole", "third", "after", lambda e: e["decision"]["controls"].extend(DENY), "decision")
    edit("answers in disorder", "credits", "after", lambda e: e["decision"]["results"][1]["controls"].append(
        {"answer": "flag", "code": "x", "control": "C-01"}), "decision")
    edit("looks like another, untold", "fifth", "signed",
         lambda s: s["body"]["documents"][0].update(amount="7.00", allocations=[{"amount": "7.00", "invoice": "1001"}]),
         "decision", "looks like")
    edit("told to look like another", "fifth", "after", result_edit(lambda r: r["controls"].append(
        {"answer": "flag", "code": "same-amount", "control": "C-38", "count": 1, "days": 30, "document": "CN-5"})),
         "decision", "looks like")
    edit("told to bear another's reference", "fifth", "after", result_edit(lambda r: r["controls"].append(
        {"answer": "flag", "code": "same-reference", "control": "C-38", "count": 1, "days": 30, "document": "CN-5"})),
         "decision", "looks like")
    edit("a reference too long", "fifth", "signed",
         lambda s: s["body"]["documents"][0].update(customer_ref="x" * 65), "schema", "64 bytes")
    check_left()
    edit("answer without code", "credits", "after",
         lambda e: e["decision"]["results"][1]["controls"][0].pop("code"), "decision")
    edit("documents are a number", "fifth", "after", lambda e: e["statement"]["body"].update(documents=5), "schema")
    edit("prev of the charter", 0, "after", lambda e: e.update(prev="6" * 64), "chain")
    edit("a second charter", "fifth", "after", lambda e: e["statement"].update(do="charter"), "schema")
    edit("no charter", 0, "signed", lambda s: s.update(do="submit"), "schema")
    edit("charter with a book", 0, "signed", lambda s: s.update(book="7" * 64), "schema")
    edit("charter's outcome", 0, "after", lambda e: e["decision"].update(outcome="refused", controls=DENY), "decision")
    edit("charter with two results", 0, "after", lambda e: e["decision"]["results"].append({}), "decision")
    edit("charter without result", 0, "after", lambda e: e["decision"]["results"].clear(), "decision", "one result")
    edit("charter with an answer", 0, "after", lambda e: e["decision"]["controls"].append(
        {"answer": "flag", "code": "x", "control": "C-01"}), "decision", "no controls")
    edit("charter over 4 MiB", 0, "signed", lambda s: s["body"]["policy"].update(
        yaml=base64.b64encode(b"x" * (3 << 20)).decode()), "form", "4 MiB")
    edit("a book key on a security key", 0, "signed",
         lambda s: s["body"].update(book_keys=[PENS["tom"].text]), "schema", "no ssh-ed25519")
    edit("statement over 1 MiB", "third", "signed",
         lambda s: s["body"]["documents"][0].update(note="x" * (1 << 20)), "form", "statement of")
    edit("media type", "credits", "signed", lambda s: s["body"]["documents"][0].update(evidence=[
        {"bytes": 1, "kind": "lines", "media": "t" * 129, "sha256": "0" * 64}]), "schema", "128 bytes")
    edit("kind of evidence", "credits", "signed", lambda s: s["body"]["documents"][0].update(evidence=[
        {"bytes": 1, "kind": "", "media": "text/csv", "sha256": "0" * 64}]), "schema", "kind")
    edit("an allocation is a number", "credits", "signed",
         lambda s: s["body"]["documents"][0].update(allocations=[5]), "schema", "is no object")
    edit("an outcome is a list", "fifth", "after", result_edit(lambda r: r.update(outcome=[])), "schema", "read further")
    edit("a stranger signs the charter", 0, "after", signed_by("o.chen", "o.diaz", "stranger"), "key", "no officer's")
    edit("officers with one key", 0, "signed",
         lambda s: s["body"]["officers"][1].update(key=PENS["o.chen"].text), "schema", "one key")
    edit("a recovery key is none", 0, "signed", lambda s: s["body"]["recovery"].update(keys=["x"]), "schema",
         "recovery key is no key")
    edit("signatures are no base64", "third", "after", lambda e: e.update(signatures=["?"]), "signature", "base64")
    edit("controls is no list", "third", "after", lambda e: e["decision"].update(controls={}), "decision", "no list")
    edit("a result is a number", "third", "after", lambda e: e["decision"].update(results=[5]), "decision",
         "result 0 is no object")
    edit("an approval's outcome", "level 1", "after", result_edit(lambda r: r.update(outcome="perhaps")), "decision",
         "perhaps")
    edit("a record is a number", "cash", "signed", lambda s: s["body"].update(records=[5]), "schema",
         "records[0] is no object")
    edit("no base", "credits", "after", result_edit(lambda r: r.pop("base")), "decision", "no base")
    edit("base in another currency", "credits", "after", result_edit(lambda r: r.update(base="10")), "decision", "GBP")
    edit("a grant by one person", "grant", "after", result_edit(
        lambda r: (r.update(outcome="in-force"), r.pop("levels"), r.pop("until"))), "decision", "two persons")
    edit("a grant at another level", "grant", "after", result_edit(lambda r: r.update(levels=[2])), "decision",
         "two persons")
    edit("an enrolment by no officer", "enrol erp", "signed", lambda s: s.update(actor="maria"), "decision",
         "no officer")
    edit("approved by no officer", "enrolled erp", "signed", lambda s: s.update(actor="maria"), "decision",
         "no officer")
    edit("a revocation that waits", "revoked", "after", result_edit(lambda r: r.update(outcome="waiting", **WAIT)),
         "decision", "one officer")
    edit("rotates another's key", "rotation", "signed", lambda s: s.update(actor="tom"), "key", "tom rotates")
    edit("dated in the future", "credits", "signed",
         lambda s: s["body"]["documents"][0].update(date="2026-05-02"), "decision", "after its entry")
    edit("amended into another fiscal year", "amended", "signed",
         lambda s: s["body"]["amendments"][0]["content"].update(date="2026-03-31"), "decision", "fiscal year")
    edit("another deadline", "level 1", "after",
         result_edit(lambda r: r.update(until="2026-05-21T00:00:00.000Z")), "decision", "deadline")
    edit("level 2 first", "level 1", "signed", lambda s: s["body"]["items"][0].update(level=2), "decision",
         "at level 2, it waits")
    edit("a level too many", "level 1", "after", result_edit(lambda r: r.update(levels=[2, 3])), "decision",
         "waits for [2, 3] after")
    edit("a level again", "level 2", "after", result_edit(
        lambda r: (r.update(outcome="approved", levels=[1], until=WAIT["until"]), r.pop("lines"), r.pop("number"))),
         "decision", "waits for [1] after")
    edit("a penny from net to tax", "taxed", "after", result_edit(
        lambda r: (r["lines"][0].update(amount="10.33"), r["lines"][1].update(amount="1.68"))), "ledger", "net and taxes")
    edit("tax before net", "taxed", "after", result_edit(lambda r: r["lines"].insert(0, r["lines"].pop(1))), "ledger",
         "in disorder")
    edit("on account first", "taxed", "after", result_edit(lambda r: r["lines"].insert(2, r["lines"].pop(3))), "ledger",
         "on account")
    edit("the wrong sides", "taxed", "after", result_edit(lambda r: [
        item.update(side="cr" if item["side"] == "dr" else "dr") for item in r["lines"]]), "ledger", "wrong side")
    edit("a customer on the reason's line", "taxed", "after", result_edit(
        lambda r: r["lines"][0].update(customer="C-9")), "ledger", "in disorder")
    edit("tax on a receivable", "taxed", "after", result_edit(
        lambda r: r["lines"][2].update(tax="VAT20")), "ledger", "receivables")
    edit("lines in another order than the original's", "reversed", "after",
         result_edit(lambda r: r["lines"].reverse()), "ledger", "mirror")
    edit("another customer's invoice", "taxed", "signed", lambda s: s["body"]["documents"][0].update(customer="C-7"),
         "reference", "another customer's")
    edit("seen before the version", "level 1", "signed", lambda s: s.update(
        seen={"hash": make().leaves[0], "seq": 0}), "seen", "has seen entry 0")
    edit("a refusal that names a document", "refused", "after", result_edit(lambda r: r.update(document="CN-99")),
         "decision", "unknown member document")
    edit("a person twice", 0, "signed", lambda s: s["body"]["officers"][0].update(person="P-o.diaz"), "schema")
    edit("a book key is an officer's", 0, "signed",
         lambda s: s["body"].update(book_keys=[PENS["o.chen"].text]), "schema")
    edit("a recovery key is the book's", 0, "signed",
         lambda s: s["body"]["recovery"].update(keys=[PENS["book"].text]), "schema")
    edit("no book key", 0, "signed", lambda s: s["body"].update(book_keys=["ssh-ed25519 AAAA"]), "schema")
    edit("unknown verb", "fifth", "after", lambda e: e["statement"].update(do="delete"), "schema")
    edit("actor is no id", "fifth", "after", lambda e: e["statement"].update(actor="a b"), "schema")
    edit("outcome unknown", "fifth", "after", result_edit(lambda r: r.update(outcome="perhaps")), "decision")
    edit("levels unsorted", "fifth", "after", result_edit(lambda r: r.update(levels=[2, 1])), "decision")
    edit("waits for a time that is gone", "fifth", "after",
         result_edit(lambda r: r.update(until="2026-04-01T00:00:00.000Z")), "decision")
    edit("credit note is in force", "third posted", "after", result_edit(
        lambda r: (r.update(outcome="in-force"), r.pop("lines"))), "decision")
    edit("legal number of another entity", "level 2", "after",
         result_edit(lambda r: r.update(number="US01-CN-2027-000002")), "number")
    edit("invoice that nobody fed", "third", "signed", lambda s: s["body"]["documents"][0].update(date="2026-13-01"),
         "schema")
    edit("still waits for its level", "level 1", "after", result_edit(lambda r: r.update(levels=[1, 2])), "decision")
    edit("a level not asked", "third posted", "after", lambda e: (
        e["statement"]["body"]["items"][0].update(level=3), e["decision"]["results"][0].update(level=3)), "decision")
    edit("result of another item", "third posted", "after", result_edit(lambda r: r.update(level=2)), "decision")
    edit("withdrawn by another", "withdrawn", "signed", lambda s: s.update(actor="ana"), "decision")
    edit("amends what is not there", "amended", "after",
         lambda e: e["statement"]["body"]["amendments"][0].update(document="CN-88"), "reference")
    edit("amends an old version", "amended", "after", result_edit(lambda r: r.update(version=3)), "reference")
    edit("amended into another kind", "amended", "after",
         lambda e: e["statement"]["body"]["amendments"][0]["content"].update(
        kind="write-off", method="direct"), "decision")
    edit("a feed that there is not", "cash", "after", lambda e: e["statement"]["body"].update(feed="weather"), "decision")
    edit("two results of a feed", "cash", "after", lambda e: e["decision"]["results"].append({}), "decision")
    edit("a file without total", "cash", "after", lambda e: e["statement"]["body"]["file"].pop("total"), "feed")
    edit("a part is missing", "invoices 2", "after", lambda e: e["statement"]["body"].update(part=3), "feed")
    edit("another manifest", "invoices 2", "after", lambda e: e["statement"]["body"]["file"].update(count=4), "feed")
    edit("an invoice twice", "invoices 2", "after",
         lambda e: e["statement"]["body"]["records"][0].update(invoice="1001"), "feed")
    edit("lines of an invoice", "invoices 2", "signed", lambda s: s["body"]["records"][1].update(
        lines=[{"code": "VAT20", "line": "1", "net": "100.00", "tax": "19.00"}]), "feed", "its lines")
    edit("customer that nobody fed", "invoices 2", "signed",
         lambda s: s["body"]["records"][1].update(customer="C-8"), "reference", "C-8")
    edit("customers with a total", "customers", "signed",
         lambda s: s["body"]["file"].update(currency="GBP", total="1.00"), "feed", "files of customers have a currency and a total, or neither")
    edit("pays too much", "cash", "signed", lambda s: s["body"]["records"][0]["applied"][0].update(
        amount="100.00", invoice="1002"), "feed", "has open")
    edit("pays in another currency", "cash", "signed", lambda s: (
        s["body"]["file"].update(currency="USD")), "reference", "another customer or currency")
    edit("receipt for no invoice", "cash", "after",
         lambda e: e["statement"]["body"]["records"][0]["applied"][0].update(invoice="5"), "reference")
    edit("running total", "invoices 1", "after", result_edit(lambda r: r.update(total="1.00")), "feed")
    edit("refused feed by nothing", "cash", "after", result_edit(lambda r: r.update(outcome="refused")), "decision")
    edit("a feed's person is its owner", "enrol erp", "signed",
         lambda s: s["body"]["documents"][0].update(owner="P-owner"), "schema", "unknown member owner")
    edit("no entity", "grant", "signed", lambda s: s["body"]["documents"][0].update(entities=["uk01"]), "schema")
    edit("allocates twice", "credits", "signed", lambda s: s["body"]["documents"][0].update(
        allocations=[{"amount": "5.00", "invoice": "1001"}] * 2), "schema")
    edit("atomic, yet one is refused", "fourth", "after", lambda e: (
        e["statement"]["body"].update(atomic=True), e["decision"]["results"].__setitem__(1, {
            "outcome": "refused", "content": "0" * 64, "controls": list(DENY)})), "decision")
    edit("charter's clock", 0, "signed", lambda s: s["body"].update(clock="sundial"), "schema")
    edit("officers in disorder", 0, "signed", lambda s: s["body"]["officers"].reverse(), "schema")
    edit("recovery threshold", 0, "signed", lambda s: s["body"]["recovery"].update(threshold=2), "schema")
    edit("enrolment of a key twice", "enrol tom", "signed",
         lambda s: s["body"]["documents"][0].update(key=PENS["ana"].text), "signature")


    def later(title, place, how, function, check, shows):
        """An edit that shows only at a later entry."""
        expect(title, found(make({names[place]: [(how, function)]}).lines), check, names[shows])
    third = make().lines[names["third"]]
    soon = json.loads(third)["time"].replace(":00.000Z", ":30.000Z")
    later("lapsed", "third", "after", result_edit(lambda r: r.update(until=soon)), "decision", "returned")
    edit("reverses nothing", "reversal", "signed", lambda s: s["body"]["documents"][0].update(reverses="WO-5"),
         "control", "C-02")
    later("a user of two persons", "enrol ana", "signed", lambda s: s["body"]["documents"][0].update(user="maria"),
          "key", "enrolled ana")
    expect("rotates no key of hers", found(make({names["rotation"]: [
        ("signed", lambda s: s["body"]["documents"][0].update(old=PENS["tom"].text)),
        ("after", signed_by("ana", "ana.new", "tom"))]}).lines), "key", names["rotated"], "no such key")

    def elsewhere(entry):
        entry["statement"]["body"]["amendments"][0]["content"]["allocations"][0]["invoice"] = "9"
    expect("credits an invoice that nobody fed", [f for f in found(make({
        names["amended"]: [("after", elsewhere)],
        names["third posted"]: [("after", result_edit(lambda r: r["lines"][1].update(invoice="9")))]}).lines)
        if f["entry"] == names["third posted"]], "reference", names["third posted"])


def test_longer(names):
    """Books that go on after the self-test's."""
    def reversal(ref, number):
        return {"kind": "reversal", "ref": ref, "channel": "cli", "entity": "UK01", "reason": "ERROR",
                "date": "2026-05-01", "reverses": number}

    def grant(ref, user):
        return {"kind": "grant", "ref": ref, "channel": "cli", "user": user, "role": "OFFICER", "entities": []}

    def last(title, book, check, words):
        expect(title, found(book.lines), check, len(book.lines) - 1, words)
    mirror = [line("1290", "cr", "60.00"), line("1200", "dr", "60.00", customer="C-9", invoice="1002")]
    book = make()
    book.submit("joe", (reversal("r-1", "WO-1"), "waiting", dict(WAIT)))
    book.act("approve", "ana", "RV-2", "posted", pens=["ana.new"], number="UK01-RV-2027-000002", lines=mirror)
    last("reversed twice", book, "decision", "RV-1 has reversed")

    book = make()
    book.amend("joe", "CN-3", credit("r-2", "1.00", "1002"), "waiting", "late", **WAIT)
    last("a posted document is amended", book, "decision", "CN-3 is amended, yet it is posted")

    book = make()
    book.submit("o.chen", (grant("g-2", "sam"), "waiting", dict(WAIT)))
    book.act("approve", "o.diaz", "GR-6", "in-force")
    book.submit("sam", (grant("g-3", "kim"), "waiting", dict(WAIT)))
    book.act("approve", "o.diaz", "GR-7", "in-force")
    truth("a new officer submits", not found(book.lines))
    revoke = {"kind": "revocation", "ref": "rg-1", "channel": "cli", "grant": "GR-6", "reason": "left"}
    book.submit("o.diaz", (revoke, "waiting", dict(WAIT)))
    book.act("approve", "o.chen", "RG-1", "in-force")
    truth("a grant is revoked", not found(book.lines))
    book.submit("sam", (grant("g-4", "kim"), "waiting", dict(WAIT)))
    last("an officer no more", book, "decision", "sam submits a grant and is no officer")

    ends = make().minute + 5

    def until(statement):
        statement["body"]["documents"][0]["until"] = "2026-05-01T%02d:%02d:00.000Z" % divmod(ends, 60)
    book = make({names["enrol tom"]: [("signed", until)]})
    book.minute = ends - 2
    book.submit("tom", (rotation("k-1", "tom"), "waiting", dict(WAIT)), pens=["tom", "stranger"])
    truth("a key before its end", not found(book.lines))
    book.submit("tom", (rotation("k-2", "tom"), "waiting", dict(WAIT)), pens=["tom", "stranger"])
    last("a key at its end", book, "key", "past its end")

    book = make()
    policy = {"kind": "policy", "ref": "po-1", "channel": "cli", "compiler": 1, "effective": "2027-01-01T00:00:00.000Z",
              "compiled": dict(POLICY, name="later"), "yaml": base64.b64encode(b"x" * (2 << 20)).decode()}
    book.submit("o.chen", (policy, "waiting", dict(WAIT)))
    again = dict(policy, ref="po-2", yaml="")
    book.amend("o.chen", "PO-1", again, "waiting", "again", **WAIT)
    book.act("approve", "o.diaz", "PO-1", "in-force")
    book.submit("tom", (rotation("k-2", "tom"), "waiting", dict(WAIT)), pens=["tom", "stranger"])
    truth("a policy of 2 MiB that is effective later", not found(book.lines))
    book = make()
    book.submit("o.chen", (dict(policy, effective="2026-05-01T00:00:00.000Z"), "waiting", dict(WAIT)))
    book.act("approve", "o.diaz", "PO-1", "in-force")
    truth("its approval is still under the old one", not found(book.lines))
    book.submit("tom", (rotation("k-2", "tom"), "waiting", dict(WAIT)), pens=["tom", "stranger"])
    last("decided under the old policy", book, "policy", "of entry %d" % (len(book.lines) - 2))

    book = make()
    for _ in range(1001 - 3):  # she has three already
        book.entry("submit", "maria", {"atomic": False, "documents": [credit("m-30", "9.00")]}, lambda _h: [],
                   outcome="refused", controls=[{"answer": "deny", "code": "key-revoked", "control": "C-52"}])
    last("1,001 wholly refused", book, "decision", "1,000 wholly refused")
    truth("1,000 wholly refused", not found(book.lines[:-1]))


def test_clock(names):
    """A real clock: an entry's time may be 65 s after the statement's, and 60 s before it."""
    def moved(seconds, place="third"):
        def edit(entry):
            base = 60 * int(entry["time"][14:16]) + 3600 * int(entry["time"][11:13]) + seconds
            entry["time"] = "2026-05-01T%02d:%02d:%02d.000Z" % (base // 3600, base // 60 % 60, base % 60)
        return found(make({0: [("signed", lambda s: s["body"].update(clock="real"))],
                           names[place]: [("after", edit)]}).lines)
    truth("within the skew", not moved(65, "after revocation") and not moved(-60))
    expect("late", moved(66, "after revocation"), "time", names["after revocation"], "beyond the skew")
    expect("early", moved(-61), "time", names["third"], "beyond the skew")
    old = [("signed", lambda s: s.update(at="2026-04-20T00:00:00.000Z")),
           ("after", lambda e: e.update(time="2026-05-01T00:00:00.000Z"))]
    truth("a charter signed over days", not found(make({
        0: [("signed", lambda s: s["body"].update(clock="real"))] + old}).lines))


def test_command():
    """The command itself: a good file, one cut off, an empty one, none."""
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "book")
        for data, status, words in ((b"\n".join(make().lines) + b"\n", 0, "checked in"),
                                    (b"\n".join(make().lines), 3, "no LF"), (b"", 3, "no entries")):
            with open(file, "wb") as out:
                out.write(data)
            said = subprocess.run([checker.__file__, file], stdout=subprocess.PIPE, text=True, check=False)
            truth("command: " + words, said.returncode == status and words in said.stdout)
        truth("command: no file", subprocess.run([checker.__file__, file + "x"], stderr=subprocess.DEVNULL,
                                                 check=False).returncode == 4)


def test_allowed(names):
    """What looks wrong and is not."""
    def fine(title, place, how, function):
        said = found(make({names[place]: [(how, function)]}).lines)
        truth("%s: %s" % (title, said[:3]), not said)

    def whole(code, **inputs):
        """Refused as a whole, by C-04."""
        return lambda e: e["decision"].update(outcome="refused", results=[], controls=[
            {"answer": "deny", "code": code, "control": "C-04", **inputs}])
    at = names["self-approval"]
    for title, change, decided in (
            ("refused for want of seen", lambda s: s.update(seen=None), whole("seen-missing")),
            ("refused for an unknown seen", lambda s: s["seen"].update(hash="3" * 64), whole("unknown-seen", seq=at - 1))):
        truth(title, not found(make({at: [("signed", change), ("after", decided)]}).lines))
    fine("refused, also signed by another", "after revocation", "after", signed_by("maria", "tom"))
    fine("answers to the act and to the posting, in one order", "third posted", "after", result_edit(
        lambda r: r["controls"].extend({"answer": "flag", "code": "x", "control": control}
                                       for control in ("C-05", "C-32", "C-32", "C-44"))))
    fine("an empty list of entities", "grant joe", "signed", lambda s: s["body"]["documents"][0].update(entities=[]))


def test_signatures(names):
    at = names["third"]

    def signed_again(title, function, check="signature", place=at):
        """function(entry, statement bytes) -> the signatures."""
        def edit(entry):
            entry["signatures"] = [base64.b64encode(s).decode() for s in function(canon(entry["statement"]))]
        operator(title, names, place, "after", edit, check)

    maria = PENS["maria"]

    def sized(message):
        s = bytearray(maria.sign(message))
        s[-32:] = (int.from_bytes(s[-32:], "little") + checker.L).to_bytes(32, "little")
        return [bytes(s)]

    def small_r(message):
        s = bytearray(maria.sign(message))
        s[-64:-32] = (1).to_bytes(32, "little")
        return [bytes(s)]

    def small_key(message):
        return [maria.sign(message).replace(maria.public, (0).to_bytes(32, "little"))]
    signed_again("S is not below L", sized)
    signed_again("R of small order", small_r)
    signed_again("key of small order", small_key)
    signed_again("trailing byte", lambda m: [maria.sign(m, tail=b"\0")])
    signed_again("namespace", lambda m: [maria.sign(m, namespace=b"file")])
    signed_again("twice", lambda m: [maria.sign(m), maria.sign(m)])
    signed_again("none", lambda m: [], "schema")
    signed_again("a stranger", lambda m: [PENS["stranger"].sign(m)], "key")
    signed_again("somebody else's key", lambda m: [PENS["ana"].sign(m)], "key")
    signed_again("one signature too many", lambda m: sorted([maria.sign(m), PENS["ana"].sign(m)],
                                                            key=lambda s: checker.read_sshsig(s)[0]), "key")
    signed_again("rotated key", lambda m: [PENS["ana"].sign(m)], "key", names["by the new key"])
    signed_again("rotation without the old key", lambda m: [PENS["ana.new"].sign(m)], "signature", names["rotation"])
    signed_again("no possession", lambda m: [PENS["o.chen"].sign(m)], "signature", names["enrol tom"])
    signed_again("an officer is missing", lambda m: [PENS["o.chen"].sign(m)], "signature", 0)

    def absent(message):
        PENS["tom"].flags = 0
        try:
            return [PENS["tom"].sign(message)]
        finally:
            PENS["tom"].flags = 1
    signed_again("no user presence", absent, "signature", names["level 2"])
    operator("revoked key posts", names, "after revocation", "after",
             lambda e: e["decision"].update(outcome="done", controls=[], results=[{
                 "outcome": "posted", "content": "0" * 64, "controls": [], "document": "CN-7", "version": 1,
                 "base": "9.00", "number": "UK01-CN-2027-000006", "lines": credit_lines("9.00")}]), "key")
    truth("signatures are base64 as written", checker.unbase64("AB==") is None and checker.unbase64("AA==") == b"\0")


def test_notes(book):
    size = len(book.lines)
    last = size - 1

    def note(title, data, check="checkpoint", entry=last):
        expect(title, found(book.lines, notes=[("note", data)]), check, entry)
    truth("checkpoints verify at every size",
          not found(book.lines, notes=[("n", checkpoint(book, n)) for n in range(1, size + 1)]))
    truth("receipts verify for every entry",
          not found(book.lines, receipts=[("r", receipt(book, n)) for n in range(size)]))
    note("root", checkpoint(book, root=b"\5" * 32))
    note("signed by another", checkpoint(book, pen="stranger"))
    note("origin", checkpoint(book, origin="ledger.example/ar/0000000000000000/0"))
    note("note edited", checkpoint(book).replace(b"\n%d\n" % size, b"\n%d\n" % (size - 1)), entry=last - 1)
    note("leading zero", checkpoint(book).replace(b"\n%d\n" % size, b"\n0%d\n" % size), entry=-1)
    longer = make()
    longer.entry("submit", "o.chen", {"atomic": False, "documents": []}, lambda _h: [])
    expect("truncated", found(book.lines, notes=[("note", checkpoint(longer))]), "checkpoint", size)
    other = make({3: [("signed", lambda s: s.update(id="other"))]})
    note("second history", checkpoint(other, origin="ledger.example/ar/%s/0" % book.id[:16]))
    good = receipt(book, 5)
    broken = good.replace(b"index 5", b"index 6")
    expect("receipt of another entry", found(book.lines, receipts=[("r", broken)]), "receipt", 6)
    parts = good.split(b"\n")
    expect("no receipt", found(book.lines, receipts=[("r", b"x")]), "receipt", -1)
    expect("receipt of an entry that is not here", found(book.lines[:4], receipts=[("r", good)]), "receipt", 5, "not here")
    short = b"\n".join(parts[:2] + parts[3:])
    expect("receipt too short", found(book.lines, receipts=[("r", short)]), "receipt", 5)


def test_restore():
    """Two officers say what was lost: a finding always, and no other; its checkpoints are of a new epoch."""
    size, named = len(make().lines), {}

    def restored(lost=None, epoch=1, pens=("o.chen", "o.diaz"), officers=None, **note):
        book = make()
        named["note"] = checkpoint(book, **{"size": size + 4, "root": b"\5" * 32, **note})
        body = {"checkpoint": base64.b64encode(named["note"]).decode(), "lost": lost or {"from": size, "to": size + 3},
                "reason": "disk"}
        result = {"controls": [], "epoch": epoch, "officers": officers or sorted(pens), "outcome": "in-force"}
        book.entry("restore", "o.chen", body, lambda _h: [result], pens=list(pens))
        return book

    def only(title, book, **more):
        told = found(book.lines, **more)
        truth(title, [f["check"] for f in told] == ["restore"])
    good = restored()
    lost, stem = named["note"], "ledger.example/ar/%s/" % good.id[:16]
    expect("a restore is told", found(good.lines), "restore", size, "entries %d to %d were lost" % (size, size + 3))
    only("and nothing else is", good)
    only("checkpoints of before hold", good, notes=[("n", checkpoint(good, n)) for n in range(1, size + 1)])
    only("and those of the new epoch", good, notes=[("n", checkpoint(good, origin=stem + "1"))])
    for title, note, words in (
            ("what was lost", lost, "was issued before the restore in entry %d" % size),
            ("the old epoch at a new size", checkpoint(good), "was issued before the restore"),
            ("the new epoch at an old size", checkpoint(good, size, origin=stem + "1"), "begins with entry %d" % size),
            ("an epoch to come", checkpoint(good, origin=stem + "2"), "has come to 1"),
            ("an epoch that is no number", checkpoint(good, origin=stem + "01"), "none of this book's")):
        truth(title, any(f["check"] == "checkpoint" and words in f["text"]
                         for f in found(good.lines, notes=[("n", note)])))
    for title, book, check in (
            ("one officer", restored(pens=("o.chen",)), "signature"),
            ("a stranger signs too", restored(pens=("o.chen", "o.diaz", "maria")), "key"),
            ("another epoch", restored(epoch=2), "decision"), ("no new epoch", restored(epoch=0), "decision"),
            ("officers who did not sign", restored(officers=["o.chen", "tom"]), "decision"),
            ("range begins later", restored(lost={"from": size + 1, "to": size + 3}), "decision"),
            ("range ends before the checkpoint", restored(lost={"from": size, "to": size + 2}), "decision"),
            ("range ends before it begins", restored(lost={"from": 9, "to": 8}), "decision"),
            ("signed by a stranger", restored(pen="stranger"), "decision"),
            ("of another book", restored(origin="ledger.example/ar/0000000000000000/0"), "decision"),
            ("what was kept has another root", restored(size=size), "checkpoint"),
            ("what is here is not lost", restored(lost={"from": size - 1, "to": size + 3}, size=size, root=None),
             "checkpoint")):
        expect("restore: " + title, found(book.lines), check, size)


def test_backup(book):
    """Files of a backup: whole, in their order, nothing changed."""
    def file(lines, after=None, checkpoints=(), before=0):
        header = {"backup": "begin", "book": book.id, "v": 1}
        notes = [canon({"checkpoint": base64.b64encode(note).decode(), "number": n}) for n, note in checkpoints]
        body = b"".join(line + b"\n" for line in [canon({**header, "after": after} if after else header), *lines, *notes])
        whole = book.lines[:before] + lines
        leaves = [hashlib.sha256(b"\0" + line).digest() for line in whole]
        place = {"checkpoints": (after or {}).get("checkpoints", 0) + len(notes), "head": leaves[-1].hex(),
                 "root": subtree(leaves).hex(), "size": len(whole)}
        end = {**place, "backup": "end", "sha256": hashlib.sha256(body).hexdigest(), "v": 1}
        return body + canon(end) + b"\n", place

    def wrong(*files):
        backup = checker.Backup()
        for data in files:
            backup.add("file", data)
        return backup.wrong
    first, place = file(book.lines[:9], checkpoints=[(0, checkpoint(book, 4))])
    second, _ = file(book.lines[9:], after=place, before=9)
    truth("a backup", not wrong(first) and not wrong(first, second) and checker.Backup.is_one(second))
    truth("not in order", wrong(second) and wrong(second, first) and wrong(first, first))
    lines = first.split(b"\n")
    for index in range(len(lines) - 1):
        truth("line %d is gone" % index, wrong(b"\n".join(lines[:index] + lines[index + 1:])))
        changed = lines[index].replace(b"0", b"1", 1) if b"0" in lines[index] else lines[index].replace(b"e", b"f", 1)
        truth("line %d changed" % index, wrong(b"\n".join(lines[:index] + [changed] + lines[index + 1:])))
    truth("cut off", wrong(first[:-1]) and wrong(first[:-40]) and wrong(b""))


def test_vectors():
    """The published vectors of signed notes, proofs and SSHSIG."""
    seed = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = seed.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    note = ("ledger.example/ar\n7\nmgGvw6L2mDaOYUO4ESTDYkWZFs4W9iynuWkz/IYnNe0=\n\n"
            "\u2014 ledger.example/ar ajxYWQyQgd+Yo/pdABoUqVCn1VLSkdWCPbPUqZ6XCOEJbMxFXLW4bb+6z+VH0YUroLfKO7h6pruEM2Bu6"
            "wVyA5RBswQ=\n\u2014 witness.example/w1 IDJKvgAAAABkGFDLsxI+mJvtv3Urk1QTszF8vJGhgWF8WzPno+mxl2H0nFdL2rSCKYrTj"
            "ZSevjtQ9DSUA4CW0fBdRJl8iJS5R0eqCg==\n").encode()
    head = ("c2sp.org/tlog-proof@v1\nindex 3\nsgpRKkjlPSFtuHJtxzfv5qfhO6S2gfmybc0I0ZECWeM=\n"
            "kmBU8ovIhlHvRGcJIGWH8YPEmuWw8Tk8qusQTlT8xQ8=\nShYvTcLt+uFv94VVBva4Wu3H+ToYhxR4Hag78bxvf5w=\n\n").encode()
    proof = checker.Receipt(head + note)
    proof.checkpoint.check_signed([public])
    leaves = [checker.leaf_hash(b"L%d" % i) for i in range(7)]
    truth("vector root", checker.tree_root(leaves) == proof.checkpoint.root == subtree(leaves))
    truth("vector proof", checker.proof_root(leaves[3], 3, 7, proof.path) == proof.checkpoint.root)
    truth("vector key id", checker.key_id("ledger.example/ar", 1, public).hex() == "6a3c5859")
    armour = ("U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgA6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbgAAAALY291bnRl"
              "cnNpZ24AAAAAAAAABnNoYTUxMgAAAFMAAAALc3NoLWVkMjU1MTkAAABAsgC3m9IClL9MCxQFopIyu/ffIP0v5MB5X7GhnnsxxmzGfg"
              "lUNNLOXPrVMp4gW5wEUl64My3pKmAN5QcgZdNkBw==")
    blob = checker.verify_sshsig(base64.b64decode(armour), b'{"hello":"world"}')
    truth("vector SSHSIG", blob == checker.key_blob(
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"))


def refuses(title, function, *arguments, words="", error=checker.Bad):
    """The reader refuses, and says why in these words."""
    RUN[0] += 1
    try:
        function(*arguments)
        said = "nothing"
    except error as reason:
        said = str(reason)
    if words not in said or said == "nothing":
        FAILED.append(title)
        print("FAILED %s: want '%s', said '%s'" % (title, words, said))


def test_json():
    for data, words in (
            (b'{"a":1,"a":1}', "stands twice"), (b'{"a":1.0}', "no integer"), (b'{"a":1e3}', "no integer"),
            (b'{"a":NaN}', "no integer"), (b'{"A":1}', "member name"), (b'{"":1}', "member name"),
            (b'{"' + b"a" * 65 + b'":1}', "member name"), (b'{"a":9007199254740992}', "out of range"),
            (b'{"a":-9007199254740992}', "out of range"), (b'{"b":1,"a":1}', "not canonical"),
            (b'{"a":-0}', "not canonical"), (b'{"a":01}', "not JSON"), (b'{"a":"\\/"}', "escape"),
            (b'{"a":"\\n"}', "escape"), (b'{"a":"\\u0041"}', "escape"), (b'{"a":1} ', "not canonical"),
            (b'\xef\xbb\xbf{}', "forbidden"), (b'{"a":"\xed\xa0\x80"}', "UTF-8"), (b'{"a":"\xc0\xaf"}', "UTF-8"),
            (b'{"a":"\x7f"}', "forbidden"), (b'{"a":"\xe2\x80\xa8"}', "forbidden"), (b"{", "not JSON"),
            (b'{"a":' * 17 + b"1" + b"}" * 17, "deeper"), (b"[" * 17 + b"]" * 17, "deeper")):
        refuses("JSON %s" % data[:30], checker.parse, data, words=words, error=checker.Form)
    for data in (b'{"a":9007199254740991,"b":["\\"\\\\",null,true,false,-1]}', "{\"a\":\"\u20ac\U0001f600\"}".encode(),
                 b'{"a":' * 16 + b"1" + b"}" * 16):
        truth("JSON %s" % data[:30], canon(checker.parse(data)) == data)


def test_scalars():
    for check, good, bad in (
            (checker.t_id, ["a", "A/b:c@d.e_f-9", "9" * 64], ["", "-a", "a b", "9" * 65, "\u00e9", 1, None, "a\n"]),
            (checker.t_code, ["A", "UK01", "A_B-C"], ["a", "_A", "A" * 33, "A.B"]),
            (checker.t_hash, ["0" * 64], ["0" * 63, "A" * 64, "g" * 64]),
            (checker.t_date, ["2024-02-29", "1970-01-01"], ["2023-02-29", "1969-12-31", "2024-2-29", "2024-13-01"]),
            (checker.t_instant, ["2024-12-31T23:59:59.999Z"],
             ["2024-12-31T23:59:60.000Z", "2024-12-31T24:00:00.000Z", "2024-12-31T23:59:59Z",
              "2024-12-31t23:59:59.999z", "2024-02-30T00:00:00.000Z"]),
            (checker.t_amount("GBP"), ["0.00", "-1.00", "92233720368547758.07"],
             ["-0.00", "1", "1.0", "01.00", "+1.00", ".50", "1,00", "92233720368547758.08", 1]),
            (checker.t_amount("JPY", 1), ["1"], ["0", "1.0", "-1"]), (checker.t_amount("KWD"), ["1.000"], ["1.00"]),
            (checker.t_currency, ["GBP", "CLF"], ["XAU", "gbp", "GBPX"]),
            (checker.t_base64, ["", "AA=="], ["AA", "AB==", "A A=", "AA==\n", "-_=="]),
            (checker.t_integer(1, 3), [1, 3], [0, 4, True, "1"])):
        for value in good:
            truth("scalar %r" % (value,), check(value) is None)
        for value in bad:
            truth("no scalar %r" % (value,), check(value) is not None)


def test_keys():
    pen = PENS["maria"]

    def blob(sort=b"ssh-ed25519", public=None, tail=b""):
        return pack(sort) + pack(pen.public if public is None else public) + tail
    for title, data, words in (
            ("type", blob(b"ssh-rsa"), "key type"), ("certificate", blob(b"ssh-ed25519-cert-v01@openssh.com"), "key type"),
            ("short", blob(public=b"x" * 31), "31 bytes"), ("tail", blob(tail=b"\0"), "trailing"),
            ("cut", blob()[:-1], "too early"), ("length", blob()[:-33] + b"\xff" + blob()[-32:], "too early"),
            ("application", blob(b"sk-ssh-ed25519@openssh.com", tail=pack(b"ssh:host")), "application"),
            ("y = p + 3", blob(public=(checker.P + 3).to_bytes(32, "little")), "not canonical")):
        refuses("key: " + title, checker.read_key_blob, data, words=words)
    # The eight points of small order, and their other spellings.
    for y in sorted(checker.SMALL_ORDER_Y) + [checker.P, checker.P + 1]:
        for sign in (0, 1 << 255):
            refuses("small order %x" % y, checker.read_key_blob, blob(public=(y | sign).to_bytes(32, "little")),
                    words="small order")
    refuses("key text", checker.key_blob, "ssh-ed25519 AAAA comment", words="a type and")
    refuses("key text's type", checker.key_blob, PENS["tom"].text.replace("sk-ssh-ed25519@openssh.com", "ssh-ed25519"),
            words="differs")
    refuses("key text's base64", checker.key_blob, "ssh-ed25519 A*==", words="base64")
    # With the neutral element as key, (B, 1) is a signature of everything for who does not look at the key.
    base = (4 * pow(5, -1, checker.P) % checker.P).to_bytes(32, "little")
    refuses("neutral key", checker.ed25519, (1).to_bytes(32, "little"), b"anything",
            base + (1).to_bytes(32, "little"), words="small order")
    signature = pen.private.sign(b"m")
    larger = (int.from_bytes(signature[32:], "little") + checker.L).to_bytes(32, "little")
    refuses("S + L", checker.ed25519, pen.public, b"m", signature[:32] + larger, words="S is not below L")
    refuses("63 bytes", checker.ed25519, pen.public, b"m", b"x" * 63, words="63 bytes")


def test_sshsig():
    pen, message = PENS["maria"], b'{"a":1}'
    good = pen.sign(message)
    for title, data, words in (
            ("magic", b"SSHSIX" + good[6:], "SSHSIG"), ("version", good[:9] + b"\2" + good[10:], "version"),
            ("namespace", pen.sign(message, namespace=b"git"), "namespace"), ("tail", good + b"\0", "trailing"),
            ("hash", good.replace(b"sha512", b"sha256"), "hash"), ("cut", good[:-1], "too early"),
            ("reserved", good.replace(pack(b"countersign") + pack(b""), pack(b"countersign") + pack(b"x")), "reserved"),
            ("inner tail", good[:-87] + pack(pack(b"ssh-ed25519") + pack(good[-64:]) + b"\0"), "trailing"),
            ("inner type", good[:-87] + pack(pack(b"ssh-ed25518") + pack(good[-64:])), "type differs"),
            ("other bytes", pen.sign(b"x"), "does not cover")):
        refuses("SSHSIG: " + title, checker.verify_sshsig, data, message, words=words)
    truth("SSHSIG good", checker.verify_sshsig(good, message) == pen.blob)
    truth("SSHSIG by a security key", checker.verify_sshsig(PENS["tom"].sign(message), message) == PENS["tom"].blob)


def test_ssh_keygen():
    """What ssh-keygen signs, the checker accepts."""
    if not shutil.which("ssh-keygen"):
        return
    with tempfile.TemporaryDirectory() as folder:
        key, file = os.path.join(folder, "key"), os.path.join(folder, "m")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key], check=True)
        with open(file, "wb") as out:
            out.write(b'{"a":1}')
        subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", "countersign", file], check=True,
                       stderr=subprocess.DEVNULL)
        with open(file + ".sig", encoding="ascii") as armour:
            blob = base64.b64decode("".join(armour.read().split("\n")[1:-2]))
        with open(key + ".pub", encoding="ascii") as public:
            text = public.read().strip()
        truth("ssh-keygen's signature", checker.verify_sshsig(blob, b'{"a":1}') == checker.key_blob(text))


def test_note_parser(book):
    note = checkpoint(book, 3)
    head, _, tail = note.partition(b"\n\n")
    for title, data, words in (
            ("no signatures", head + b"\n", "signature block"), ("no final LF", note[:-1], "signature block"),
            ("control", note.replace(b"\n3\n", b"\n3\t\n"), "control"), ("UTF-8", note + b"\xff", "UTF-8"),
            ("dash", note.replace("\u2014".encode(), b"-"), "signature line"),
            ("base64", note.replace(b"=\n", b"\n"), "base64"), ("two lines", head.rpartition(b"\n")[0] + b"\n\n" + tail,
                                                              "three lines"),
            ("root", note.replace(b"\n3\n", b"\n3\nAA==\n"), "root hash")):
        refuses("checkpoint: " + title, checker.Checkpoint, data, words=words)
    good = receipt(book, 4)
    for title, data, words in (
            ("ASCII", good.replace(b"index 4", b"index 4\xc3"), "ASCII"),
            ("first line", good.replace(b"@v1", b"@v2"), "first line"),
            ("no index", good.replace(b"index 4\n", b""), "index"),
            ("leading zero", good.replace(b"index 4", b"index 04"), "number"),
            ("negative", good.replace(b"index 4", b"index -4"), "number"),
            ("short hash", good.replace(b"index 4\n", b"index 4\nAA==\n"), "hash"),
            ("extra", good.replace(b"index 4", b"extra ?\nindex 4"), "extra"),
            ("no checkpoint", good.replace(b"\n\n", b"\n", 1)[:60], "checkpoint")):
        refuses("receipt: " + title, checker.Receipt, data, words=words)
    truth("receipt with extra", checker.Receipt(good.replace(b"index 4", b"extra AA==\nindex 4")).index == 4)
    refuses("index beyond the tree", checker.proof_root, b"\0" * 32, 7, 7, [], words="tree of 7")
    leaves = [checker.leaf_hash(b"%d" % i) for i in range(9)]
    for size in range(1, 10):
        for index in range(size):
            steps = path(leaves[:size], index)
            truth("proof %d of %d" % (index, size),
                  checker.proof_root(leaves[index], index, size, steps) == subtree(leaves[:size]))
            refuses("proof %d of %d too long" % (index, size), checker.proof_root, leaves[index], index, size,
                    steps + [leaves[0]], words="too long")
            if steps:
                refuses("proof %d of %d too short" % (index, size), checker.proof_root, leaves[index], index, size,
                        steps[:-1], words="too short")


def main():
    test_json()
    test_scalars()
    test_keys()
    test_sshsig()
    test_ssh_keygen()
    book = make()
    test_note_parser(book)
    clean = checker.check_export(book.lines, [("note", checkpoint(book))], [("receipt", receipt(book, 4))])
    truth("the valid book passes: %s" % clean.findings[:5], not clean.findings)
    truth("encoders agree", all(checker.canonical(json.loads(line)) == line for line in book.lines))
    test_vectors()
    test_bytes(book)
    test_operator(book.names)
    test_longer(book.names)
    test_allowed(book.names)
    test_clock(book.names)
    test_restore()
    test_backup(book)
    test_command()
    test_signatures(book.names)
    test_notes(book)
    print("checker self-test: %d checks, %d failed" % (RUN[0], len(FAILED)))
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
