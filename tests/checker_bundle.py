"""A bundle, read from audit/bundle/BUNDLE.md alone: a folder with a signed manifest, entries of a book or of a part of it, one proof
for all of them, and what belongs to them. A whole book is checked as an export is, decisions included; of a part it is said
that its entries are in the book under that checkpoint and that their signatures are good, and no more.
"""
import base64
import hashlib
import json
import os
import re
import stat

from checker_form import (CHARTER_BYTES, ENTRY_BYTES, Bad, Checkpoint, Cursor, Form, PLAIN, canonical, key_blob, leaf_hash,
                          node_hash, parse, read_key_blob, read_sshsig, sha256, t_date, t_hash, t_id, t_instant, t_integer,
                          t_key, t_request, t_text, unbase64, verify_sshsig, wire, ed25519, FIDO)

FOLDERS = {"checkpoints": re.compile(r"[0-9]{6,}-[1-9][0-9]*\.note"), "evidence": re.compile(r"[0-9a-f]{64}"),
           "policies": re.compile(r"[0-9a-f]{64}\.(json|yaml)"), "timestamps": re.compile(r"[1-9][0-9]*[A-Za-z0-9._-]*")}
PLAIN_FILES = ("MANIFEST.json", "MANIFEST.json.sig", "README.txt", "allowed_signers", "checkpoint.note", "entries.jsonl",
               "evidence.html")
OUTSIDE = ("MANIFEST.json", "MANIFEST.json.sig", "evidence.html")  # not in the manifest's list
REQUIRED = ("checkpoint.note", "entries.jsonl")
SCOPES = {"book": {}, "extension": {"after": None}, "period": {"from": t_date, "to": t_date}, "document": {"documents": None},
          "sample": {"documents": None, "seed": None, "selection": t_hash}}
NOT_PERFORMED = "decisions not re-performed"


def verify_armoured(data, message, namespace):
    """Key blob of a good armoured signature over a message; Bad says what is wrong with it."""
    lines = data.decode("ascii", "replace").split("\n")
    if lines[:1] != ["-----BEGIN SSH SIGNATURE-----"] or lines[-2:] != ["-----END SSH SIGNATURE-----", ""]:
        raise Bad("not an armoured SSH signature")
    blob = unbase64("".join(lines[1:-2]))
    if blob is None:
        raise Bad("base64")
    cursor = Cursor(blob)
    if cursor.take(6) != b"SSHSIG" or cursor.u32() != 1:
        raise Bad("no SSHSIG of version 1")
    key = cursor.string()
    if (cursor.string(), cursor.string(), cursor.string()) != (namespace, b"", b"sha512"):
        raise Bad("namespace, or hash algorithm")
    packed = cursor.string()
    cursor.end("signature")
    sort, public, application = read_key_blob(key)
    signed = b"SSHSIG" + wire(namespace) + wire(b"") + wire(b"sha512") + wire(hashlib.sha512(message).digest())
    cursor = Cursor(packed)
    if cursor.string() != sort:
        raise Bad("signature type differs from the key's")
    signature = cursor.string()
    if sort == FIDO:
        flags, counter = cursor.take(1), cursor.take(4)
        if not flags[0] & 1:
            raise Bad("no user presence")
        signed = sha256(application) + flags + counter + sha256(signed)
    cursor.end("signature blob")
    ed25519(public, signed, signature)
    return key


def proved_root(size, leaves, proof):
    """Root that one proof for several entries leads to (section 3). leaves: number -> leaf hash."""
    numbers, rest = sorted(leaves), iter(proof)

    def over(begin, end, here):
        if not here:
            node = next(rest, None)
            if node is None:
                raise Bad("the proof is too short")
            return node
        if end - begin == 1:
            return leaves[begin]
        half = 1
        while half * 2 < end - begin:
            half *= 2
        middle = begin + half
        cut = next((place for place, number in enumerate(here) if number >= middle), len(here))
        return node_hash(over(begin, middle, here[:cut]), over(middle, end, here[cut:]))
    if numbers and (numbers[0] < 0 or numbers[-1] >= size):
        raise Bad("an entry beyond the checkpoint")
    root = over(0, size, numbers) if size or not numbers else sha256(b"")
    if next(rest, None) is not None:
        raise Bad("the proof is too long")
    return root


def peaks_root(nodes):
    """Root of the tree whose perfect subtrees, from left to right, have these roots."""
    root = None
    for node in reversed(nodes):
        root = node if root is None else node_hash(node, root)
    return root if root is not None else sha256(b"")


class Bundle:
    def __init__(self, folder, schema, check_export):
        """schema: checker.Schema; check_export: checks a whole book."""
        self.folder, self.schema, self.check_export = folder, schema, check_export
        self.findings, self.manifest, self.files = [], None, {}
        self.entries, self.checker, self.checkpoint = [], None, None   # entries: (seq, leaf, value or None, bytes)
        self.signatures = self.before = 0                              # before: by keys that earlier entries enrolled
        self.keys, self.book_keys = {}, set()                          # key blob -> user; public keys

    def find(self, where, text, entry=-1):
        self.findings.append({"entry": entry, "check": "bundle", "text": "%s: %s" % (where, text)})

    # ------------------------------------------------------------ files and the manifest

    def read(self):
        """Everything that can be said of it."""
        self._files()
        manifest = self.files.get("MANIFEST.json")
        if manifest is None:
            self.find("MANIFEST.json", "is not there")
            return
        self._manifest(manifest)
        if self.manifest is None:
            return
        self._listed()
        self._lines()
        self._proof()
        self._note()
        if self.manifest["scope"]["sort"] == "book":
            self._whole()
        else:
            self._part()
        self._beside()

    def _files(self):
        for path, folders, names in os.walk(self.folder):
            below = os.path.relpath(path, self.folder)
            below = "" if below == "." else below + "/"
            for name in sorted(folders):
                if below or name not in FOLDERS or os.path.islink(os.path.join(path, name)):
                    self.find(below + name, "is no folder of a bundle")
                    folders.remove(name)
            for name in sorted(names):
                where = os.path.join(path, name)
                if not stat.S_ISREG(os.lstat(where).st_mode):
                    self.find(below + name, "is a link, or no plain file")
                elif not (FOLDERS[below[:-1]].fullmatch(name) if below else name in PLAIN_FILES):
                    self.find(below + name, "is no file of a bundle")
                else:
                    with open(where, "rb") as file:
                        self.files[below + name] = file.read()

    def _manifest(self, data):
        where = "MANIFEST.json"
        try:
            if not data.endswith(b"\n"):
                raise Form("the last line has no LF")
            manifest = parse(data[:-1])
        except Form as error:
            self.find(where, str(error))
            return
        wrong = len(self.findings)
        schema = self.schema(lambda text: self.find(where, text))
        good = schema.object(manifest, "manifest", {
            "book": t_hash, "bundle": t_integer(1, 1), "checkpoint": lambda v: None, "entries": lambda v: None,
            "files": lambda v: None, "made": lambda v: None, "origin": t_text, "proof": lambda v: None,
            "scope": lambda v: None}, {"missing": lambda v: None, "why": lambda v: None})
        if not good:
            return
        count = manifest["entries"].get("count") if isinstance(manifest["entries"], dict) else None
        places = {"first": t_integer(0), "last": t_integer(0)} if count else {}
        schema.object(manifest["checkpoint"], "checkpoint", {"root": t_hash, "size": t_integer(1)})
        schema.object(manifest["entries"], "entries", {"count": t_integer(0), **places})
        schema.object(manifest["made"], "made", {"at": t_instant, "by": t_id, "exe": t_text, "key": t_key, "release": t_text})
        self._sorted(schema, manifest["files"], "files", "name", {"bytes": t_integer(0), "name": t_text, "sha256": t_hash})
        self._sorted(schema, manifest.get("missing", []), "missing", "name", {"name": t_text, "why": t_text})
        self._sorted(schema, manifest.get("why", []), "why", "seq", {"seq": t_integer(0), "why": lambda v: None})
        if not isinstance(manifest["proof"], list) or any(t_hash(one) for one in manifest["proof"]):
            self.find(where, "proof is no list of hashes")
        self._scope(schema, manifest["scope"])
        if len(self.findings) == wrong:
            self.manifest = manifest
            self._signed(data)

    def _sorted(self, schema, items, where, member, members):
        last = None
        if not isinstance(items, list):
            schema.report("%s is no list" % where)
            return
        for index, item in enumerate(items):
            if not schema.object(item, "%s[%d]" % (where, index), members):
                return
            value = item[member].encode() if isinstance(item[member], str) else item[member]
            if last is not None and value <= last:
                schema.report("%s[%d]: is not sorted by %s, or stands twice" % (where, index, member))
            last = value

    def _scope(self, schema, scope):
        sort = scope.get("sort") if isinstance(scope, dict) else None
        if not isinstance(sort, str) or sort not in SCOPES:
            schema.report("scope: sort '%s'" % sort)
            return
        members = {name: check or (lambda v: None) for name, check in SCOPES[sort].items()}
        if not schema.object(scope, "scope", {"sort": t_text, **members}):
            return
        if sort == "extension":
            schema.object(scope["after"], "scope.after", {"root": t_hash, "size": t_integer(0)})
        if "documents" in scope and (not isinstance(scope["documents"], list) or any(map(t_request, scope["documents"]))):
            schema.report("scope.documents is no list of request numbers")
        if scope.get("seed") is not None and t_request(scope["seed"]):
            schema.report("scope.seed is no request number")

    def _signed(self, data):
        signature = self.files.get("MANIFEST.json.sig")
        if signature is None:
            self.find("MANIFEST.json.sig", "is not there")
            return
        try:
            if verify_armoured(signature, data, b"countersign-bundle") != key_blob(self.manifest["made"]["key"]):
                raise Bad("is by another key than made.key")
        except Bad as error:
            self.find("MANIFEST.json.sig", str(error))

    def _listed(self):
        """What the manifest says of each file; nothing that it does not list."""
        listed = {item["name"]: item for item in self.manifest["files"]}
        for name, item in listed.items():
            data = self.files.get(name)
            if name in OUTSIDE:
                self.find(name, "has no place in the manifest's list")
            elif data is None:
                self.find(name, "is missing")
            elif len(data) != item["bytes"] or sha256(data).hex() != item["sha256"]:
                self.find(name, "is not what the manifest lists: %d bytes, SHA-256 %s…" % (len(data), sha256(data).hex()[:16]))
        for name in sorted(self.files):
            if name not in listed and name not in OUTSIDE:
                self.find(name, "is not in the manifest")
        for name in REQUIRED:
            if name not in listed:
                self.find(name, "is not in the manifest, and has to be")

    # ------------------------------------------------------------ entries, proof, checkpoint

    def _lines(self):
        data, last, leaf = self.files.get("entries.jsonl", b""), None, None
        if data and not data.endswith(b"\n"):
            self.find("entries.jsonl", "the last line has no LF")
        for number, line in enumerate(data.split(b"\n")[:-1] if data.endswith(b"\n") else data.split(b"\n") if data else [], 1):
            where, value, seq = "entries.jsonl: line %d" % number, None, None
            try:
                if len(line) > ENTRY_BYTES:
                    raise Form("larger than 8 MiB")
                value = parse(line)
                seq = value.get("seq") if isinstance(value, dict) else None
                if t_integer(0)(seq):
                    raise Form("no entry")
            except Form as error:
                self.find(where, str(error), last + 1 if last is not None else -1)
                value = None
            if seq is None or t_integer(0)(seq):
                seq = last + 1 if last is not None else 0
            elif last is not None and seq <= last:
                self.find(where, "entry %d after entry %d" % (seq, last), seq)
            elif last is not None and seq == last + 1 and value and value.get("prev") != leaf.hex():
                self.find(where, "entry %d is not chained to the one before" % seq, seq)
            last, leaf = seq, leaf_hash(line)
            self.entries.append((seq, leaf, value, line))
        said = self.manifest["entries"]
        here = {"count": len(self.entries)}
        if self.entries:
            here.update(first=self.entries[0][0], last=self.entries[-1][0])
        if said != here:
            self.find("MANIFEST.json", "entries %s, here are %s" % (said, here))

    def _proof(self):
        checkpoint, proof = self.manifest["checkpoint"], [bytes.fromhex(one) for one in self.manifest["proof"]]
        leaves = {seq: leaf for seq, leaf, _, _ in self.entries}
        try:
            if proved_root(checkpoint["size"], leaves, proof).hex() != checkpoint["root"]:
                raise Bad("the proof does not lead to the root")
        except (Bad, RecursionError) as error:
            self.find("MANIFEST.json: proof", str(error))
        scope = self.manifest["scope"]
        if scope["sort"] != "extension":
            return
        after = scope["after"]
        if sorted(leaves) != list(range(after["size"], checkpoint["size"])):
            self.find("MANIFEST.json: scope", "entries are not those from %d to the checkpoint's %d" %
                      (after["size"], checkpoint["size"]))
        elif leaves and peaks_root(proof).hex() != after["root"]:
            self.find("MANIFEST.json: scope", "the proof does not show that the book extends the one of %d entries" % after["size"])

    def _note(self):
        data = self.files.get("checkpoint.note")
        if data is None:
            return
        try:
            self.checkpoint = Checkpoint(data)
        except Bad as error:
            self.find("checkpoint.note", str(error))
            return
        said = (self.manifest["origin"], self.manifest["checkpoint"]["size"], self.manifest["checkpoint"]["root"])
        if (self.checkpoint.origin, self.checkpoint.size, self.checkpoint.root.hex()) != said:
            self.find("checkpoint.note", "is not the checkpoint of the manifest")

    # ------------------------------------------------------------ a whole book, a part

    def _whole(self):
        """As an export is checked."""
        notes = [(name, self.files[name]) for name in sorted(self.files)
                 if name == "checkpoint.note" or name.startswith("checkpoints/")]
        self.checker = self.check_export([line for _, _, _, line in self.entries], notes)
        self.findings += self.checker.findings
        self.signatures = self.checker.counts["signatures"]
        if self.checker.book != self.manifest["book"]:
            self.find("MANIFEST.json", "book %s…, the charter's is %s…" % (self.manifest["book"][:16], str(self.checker.book)[:16]))
        if len(self.entries) != self.manifest["checkpoint"]["size"]:
            self.find("entries.jsonl", "%d entries of a book of %d" % (len(self.entries), self.manifest["checkpoint"]["size"]))
        for name in sorted(self.files):
            if name.startswith("checkpoints/") and self.checkpoint is not None:
                size = int(name.rpartition("-")[2][:-len(".note")])
                if size > self.checkpoint.size or "\n%d\n" % size not in self.files[name].decode("utf-8", "replace")[:400]:
                    self.find(name, "is not of %d entries, or of more than the bundle's checkpoint" % size)

    def _part(self):
        numbers = [seq for seq, _, _, _ in self.entries]
        if self.manifest["scope"]["sort"] != "extension" and [
                item["seq"] for item in self.manifest.get("why", ())] != numbers:
            self.find("MANIFEST.json: why", "is not about the entries that are here")
        for item in self.manifest.get("why", ()):
            if not isinstance(item["why"], list) or not item["why"] or any(map(t_text, item["why"])):
                self.find("MANIFEST.json: why", "entry %d: no list of reasons" % item["seq"])
        for seq, _, value, _ in self.entries:
            if value is not None:
                try:
                    self._entry(seq, value)
                except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
                    self.find("entry %d" % seq, "cannot be read further: %s %s" % (type(error).__name__, error), seq)
        if not self.book_keys:
            if self.manifest["scope"]["sort"] != "extension" and self.entries:
                self.find("entries.jsonl", "the charter is not here, so nobody can say whose checkpoint this is")
        elif self.checkpoint is not None:
            try:
                self.checkpoint.check_signed(self.book_keys)
            except Bad as error:
                self.find("checkpoint.note", str(error))

    def _entry(self, seq, entry):
        statement = entry["statement"]
        body, data = statement["body"], canonical(statement)
        limit = CHARTER_BYTES if seq == 0 else ENTRY_BYTES
        if len(data) > limit:
            self.find("entry %d" % seq, "statement of %d bytes" % len(data), seq)
        if seq == 0:
            self._charter(statement, data)
        elif statement["book"] != self.manifest["book"]:
            self.find("entry %d" % seq, "is of another book", seq)
        brought = self._keys_brought(body)
        signed = set()
        for text in entry["signatures"]:
            self.signatures += 1
            try:
                signed.add(verify_sshsig(base64.b64decode(text), data))
            except Bad as error:
                self.find("entry %d" % seq, "signature: %s" % error, seq)
        known = {blob for blob in signed if blob in self.keys or blob in brought}
        mine = {blob for blob in signed if self.keys.get(blob) == statement["actor"] or seq == 0 and blob in self.keys}
        if signed - known or not mine and statement["do"] not in ("recover", "clock", "restore"):
            if self.manifest["scope"]["sort"] == "extension":
                self.before += len(signed - known) or 1
            else:
                self.find("entry %d" % seq, "signed by a key that no earlier entry here enrolled for %s" %
                          (statement["actor"] or "an officer"), seq)
        self.keys.update(brought)

    def _charter(self, statement, data):
        if sha256(data).hex() != self.manifest["book"]:
            self.find("entry 0", "is not the charter of book %s…" % self.manifest["book"][:16], 0)
        body = statement["body"]
        for officer in body["officers"]:
            self.keys[key_blob(officer["key"])] = officer["user"]
        for text in body["recovery"]["keys"]:
            self.keys[key_blob(text)] = None
        for text in body["book_keys"]:
            self._book_key(text)
        origin = self.manifest["origin"]
        if not re.fullmatch(re.escape("%s/%s/" % (body["name"], self.manifest["book"][:16])) + "(0|[1-9][0-9]*)", origin):
            self.find("MANIFEST.json", "origin %s is none of this book's" % origin)

    def _book_key(self, text):
        sort, public, _ = read_key_blob(key_blob(text))
        if sort == PLAIN:
            self.book_keys.add(public)

    def _keys_brought(self, body):
        """Key blobs that a statement brings, and whose they are."""
        found = {}
        items = list(body.get("documents") or []) + [one.get("content") for one in body.get("amendments") or []]
        for one in items:
            if not isinstance(one, dict):
                continue
            kind = one.get("kind")
            for member in {"enrolment": ("key",), "key-rotation": ("old", "new"), "book-key": ("key",)}.get(kind, ()):
                if member in one and not t_key(one[member]):
                    blob = key_blob(one[member])
                    if member != "old":
                        found[blob] = one.get("user")
            if kind == "book-key" and not t_key(one.get("key")):
                self._book_key(one["key"])
        for officer in body.get("officers") or []:
            found[key_blob(officer["key"])] = officer["user"]
        return found

    # ------------------------------------------------------------ what lies beside the entries

    def _beside(self):
        named, policies, texts = set(), set(), {}
        for seq, _, value, _ in self.entries:
            try:
                self._named(value, named, policies, texts)
            except (KeyError, TypeError, AttributeError):
                continue
        missing = {item["name"] for item in self.manifest.get("missing", ())}
        for name in sorted("evidence/" + one for one in named):
            if name not in self.files and name not in missing:
                self.find(name, "is named by a document here, neither in the bundle nor told as missing")
        for name in sorted(self.files):
            folder, _, rest = name.partition("/")
            if folder == "evidence" and sha256(self.files[name]).hex() != rest:
                self.find(name, "is another file than its name says")
            if folder == "policies" and name.endswith(".json"):
                data = self.files[name].rstrip(b"\n")
                if sha256(data).hex() + ".json" != rest:
                    self.find(name, "is another policy than its name says")
            if folder == "policies" and name.endswith(".yaml") and texts.get(rest[:-5], self.files[name]) != self.files[name]:
                self.find(name, "is not the text that was approved")
        for one in sorted(policies):
            for name in ("policies/%s.json" % one, "policies/%s.yaml" % one):
                if name not in self.files and name not in missing:
                    self.find(name, "is named by a decision here, and not in the bundle")
        self._signers()
        self._carried()

    @staticmethod
    def _named(value, named, policies, texts):
        policies.add(value["decision"]["policy"]["hash"])
        body = value["statement"]["body"]
        items = list(body.get("documents") or []) + [one.get("content") for one in body.get("amendments") or []]
        for one in items + [body.get("policy")]:
            if not isinstance(one, dict):
                continue
            named.update(item["sha256"] for item in one.get("evidence", ()))
            if "compiled" in one and "yaml" in one:
                texts[sha256(canonical(one["compiled"])).hex()] = base64.b64decode(one["yaml"])

    def _signers(self):
        """Whoever signed here stands among those that ssh-keygen is to allow, but for keys that are no user's."""
        data = self.files.get("allowed_signers")
        if data is None:
            return
        allowed = set(re.findall(r"(?:sk-ssh-ed25519@openssh\.com|ssh-ed25519) [A-Za-z0-9+/=]+", data.decode("utf-8", "replace")))
        blobs = {unbase64(one.split(" ")[1]) for one in allowed} | self._nobodys()
        for seq, _, value, _ in self.entries:
            for text in (value or {}).get("signatures", ()):
                try:
                    key = read_sshsig(base64.b64decode(text))[0]
                except (Bad, ValueError, TypeError):
                    continue
                if key not in blobs:
                    self.find("allowed_signers", "lacks a key that signed entry %d" % seq, seq)

    def _nobodys(self):
        """Keys of the book and of a recovery, as charter and `book-key` documents name them."""
        texts = []
        for _, _, value, _ in self.entries:
            body = value["statement"]["body"] if value is not None and isinstance(value.get("statement"), dict) else {}
            try:
                texts += body.get("book_keys", []) + body.get("recovery", {}).get("keys", [])
                texts += [one["key"] for one in body.get("documents", ()) if one.get("kind") == "book-key"]
                texts += [one["content"]["key"] for one in body.get("amendments", ()) if one["content"].get("kind") == "book-key"]
            except (KeyError, TypeError, AttributeError):
                continue
        return {key_blob(text) for text in texts if not t_key(text)}

    def _carried(self):
        """evidence.html holds the files that are here, or none."""
        data = self.files.get("evidence.html")
        if data is None:
            return
        found = re.findall(rb'<script type="application/json" id="bundle">(.*?)</script>', data, re.S)
        if len(found) != 1:
            self.find("evidence.html", "%d elements hold a bundle" % len(found))
            return
        try:
            files = json.loads(found[0].decode("utf-8"))["files"]
            carried = {name: base64.b64decode(text, validate=True) for name, text in files.items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self.find("evidence.html", "the bundle in it cannot be read: %s" % error)
            return
        for name, content in sorted(carried.items()):
            if self.files.get(name) != content:
                self.find("evidence.html", "carries another %s" % name)
        for name in sorted(set(self.files) - set(carried) - {"evidence.html"}) if carried else ():
            self.find("evidence.html", "does not carry %s" % name)

    # ------------------------------------------------------------ the answer

    def said(self):
        """Words for what was shown."""
        if self.manifest is None:
            return "nothing was shown"
        if self.manifest["scope"]["sort"] == "book":
            return "the whole book, decisions of nine controls re-performed"
        words = "%s: entries are in the book under that checkpoint; %s" % (self.manifest["scope"]["sort"], NOT_PERFORMED)
        return words + ("; %d signatures by keys of before, not checked" % self.before if self.before else "")

    def table(self):
        manifest = self.manifest or {"book": "unknown", "checkpoint": {"size": 0, "root": ""}, "made": {"by": "?", "at": "?"}}
        out = ["bundle       of book %s, packed by %s at %s" % (
            manifest["book"][:16], manifest["made"]["by"], manifest["made"]["at"]),
            "entries      %s of %s under root %s…, %s signatures" % (
                f"{len(self.entries):,}", f"{manifest['checkpoint']['size']:,}", manifest["checkpoint"]["root"][:12],
                f"{self.signatures:,}"),
            "files        %d" % len(self.files), "shown        " + self.said()]
        for finding in self.findings[:200]:
            where = f"entry {finding['entry']:,}" if finding["entry"] >= 0 else "file"
            out.append("             %s: %s: %s" % (where, finding["check"], finding["text"]))
        out.append("%d findings" % len(self.findings) if self.findings else "no findings")
        return out

    def answer(self):
        manifest = self.manifest or {}
        return {"book": manifest.get("book"), "entries": len(self.entries), "findings": self.findings,
                "ok": not self.findings, "scope": manifest.get("scope"), "shown": self.said(),
                "signatures": self.signatures}
