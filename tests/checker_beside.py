"""What lies beside the entries of a bundle, held against them (audit/bundle/BUNDLE.md sections 1 and 2): policies that decisions
name, evidence that documents name, the keys that ssh-keygen is to allow, the numbers of checkpoints, and the page that carries it all.
"""
import base64
import json
import re
import time

from checker_form import Bad, canonical, key_blob, read_sshsig, sha256, t_id, t_key, unbase64

SIGNER = re.compile(r'(\S+) namespaces="countersign",valid-after="([0-9]{14}Z)"(?:,valid-before="([0-9]{14}Z)")? '
                    r"((?:ssh-ed25519|sk-ssh-ed25519@openssh\.com) \S+)")


def brought(value):
    """The documents that an entry's statement brings, amended ones too."""
    body = value["statement"]["body"]
    items = list(body.get("documents") or []) + [one.get("content") for one in body.get("amendments") or []]
    return [one for one in items if isinstance(one, dict)]


class Named:
    """What the entries of a bundle name."""

    def __init__(self, entries):
        """entries: (seq, leaf, value or None, bytes)."""
        self.evidence, self.policies, self.texts, self.signed, self.nobodys = set(), set(), {}, {}, set()
        for seq, _, value, _ in entries:
            try:
                self._entry(seq, value)
            except (KeyError, TypeError, AttributeError, ValueError):
                continue

    def _entry(self, seq, value):
        self.policies.add(value["decision"]["policy"]["hash"])
        for text in value["signatures"]:
            try:
                self.signed.setdefault(read_sshsig(base64.b64decode(text))[0], seq)
            except (Bad, ValueError, TypeError):
                continue
        body = value["statement"]["body"]
        keys = list(body.get("book_keys", ())) + list(body.get("recovery", {}).get("keys", ()))
        for one in brought(value) + [body.get("policy")]:
            if not isinstance(one, dict):
                continue
            self.evidence.update("evidence/" + item["sha256"] for item in one.get("evidence", ()))
            if "compiled" in one and "yaml" in one:
                self.texts[sha256(canonical(one["compiled"])).hex()] = base64.b64decode(one["yaml"])
            if one.get("kind") == "book-key":
                keys.append(one["key"])
        self.nobodys.update(key_blob(text) for text in keys if not t_key(text))


def check_beside(bundle):
    """bundle: checker_bundle.Bundle whose entries were read."""
    named = Named(bundle.entries)
    check_evidence(bundle, named)
    check_policies(bundle, named)
    check_numbers(bundle)
    check_stamps(bundle)
    check_signers(bundle, named)
    check_page(bundle)


def check_evidence(bundle, named):
    missing = {item["name"] for item in bundle.manifest.get("missing", ())}
    here = {name for name in bundle.files if name.startswith("evidence/")}
    for name in sorted(named.evidence - here - missing):
        bundle.find(name, "is named by a document here, neither in the bundle nor told as missing")
    for name in sorted((here | missing) - named.evidence):
        bundle.find(name, "is named by no document here")
    for name in sorted(here & missing):
        bundle.find("MANIFEST.json: missing", "%s is here" % name)
    for name in sorted(here):
        if sha256(bundle.files[name]).hex() != name[len("evidence/"):]:
            bundle.find(name, "is another file than its name says")


def check_policies(bundle, named):
    for name in sorted(one for one in bundle.files if one.startswith("policies/")):
        hashed, _, ending = name[len("policies/"):].partition(".")
        data = bundle.files[name]
        if ending == "json" and sha256(data[:-1] if data.endswith(b"\n") else data).hex() != hashed:
            bundle.find(name, "is another policy than its name says")
        if ending == "yaml" and named.texts.get(hashed, data) != data:
            bundle.find(name, "is not the text that was approved")
        if hashed not in named.policies:
            bundle.find(name, "is named by no decision here")
    for one in sorted(named.policies):
        for name in ("policies/%s.json" % one, "policies/%s.yaml" % one):
            if name not in bundle.files:
                bundle.find(name, "is named by a decision here, and not in the bundle")


def check_numbers(bundle):
    """Issued checkpoints are numbered from 0, and stand where the whole book is packed."""
    names = sorted(name for name in bundle.files if name.startswith("checkpoints/"))
    for count, name in enumerate(names):
        if bundle.manifest["scope"]["sort"] != "book":
            bundle.find(name, "stands only where the whole book is packed")
        elif int(name[len("checkpoints/"):].partition("-")[0]) != count:
            bundle.find(name, "is not number %d: an issued checkpoint is not here" % count)
            return


def ssh_time(ms):
    return "" if ms is None else time.strftime("%Y%m%d%H%M%SZ", time.gmtime(ms // 1000))


def signer_line(key):
    """The line that the entries make of a key: (user, key text, from ms, to ms or None)."""
    user, text, begins, ends = key
    until = ',valid-before="%s"' % ssh_time(ends) if ends is not None else ""
    return '%s namespaces="countersign",valid-after="%s"%s %s' % (user, ssh_time(begins), until, text)


def check_stamps(bundle):
    """Each is of a checkpoint in the bundle, by its name; what it says is for openssl ts."""
    notes = [data for name, data in bundle.files.items() if name == "checkpoint.note" or name.startswith("checkpoints/")]
    names = {"timestamps/%s-%s.tsr" % (data.split(b"\n")[1].decode("ascii", "replace"), sha256(data).hex()[:16])
             for data in notes if data.count(b"\n") > 1}
    for name in sorted(name for name in bundle.files if name.startswith("timestamps/") and name not in names):
        bundle.find(name, "is of no checkpoint in the bundle")


def check_signers(bundle, named):
    """allowed_signers: who packed; of a whole book the lines that entries make; elsewhere those by whose keys entries here are signed."""
    where, data, made = "allowed_signers", bundle.files.get("allowed_signers"), bundle.manifest["made"]
    if data is None:
        return
    lines = data.decode("utf-8", "replace").split("\n")
    if lines.pop() != "":
        bundle.find(where, "the last line has no LF")
    if lines[:1] != ['%s namespaces="countersign-bundle" %s' % (made["by"], made["key"])]:
        bundle.find(where, "line 1: does not let %s sign manifests with the key that packed this" % made["by"])
    keys = bundle.user_keys()
    if bundle.manifest["scope"]["sort"] == "book":
        wanted = [signer_line(key) for key in keys.values()]
        for number in range(max(len(lines) - 1, len(wanted))):
            if lines[1:][number:number + 1] != wanted[number:number + 1]:
                bundle.find(where, "line %d: the entries make it '%s'" % (number + 2, "".join(wanted[number:number + 1]) or "no line"))
                return
        return
    there = set()
    for number, line in enumerate(lines[1:], 2):
        found = SIGNER.fullmatch(line)
        blob = unbase64(found.group(4).split(" ")[1]) if found else None
        if blob is None or t_id(found.group(1)):
            bundle.find(where, "line %d: is no line of such a file" % number)
        elif blob in there or blob not in named.signed:
            bundle.find(where, "line %d: this key %s" % (number, "stands there twice" if blob in there else "signed nothing here"))
        elif blob in keys and not agrees(found, keys[blob]) or blob not in keys and bundle.manifest["scope"]["sort"] != "extension":
            bundle.find(where, "line %d: the entries make it '%s'" % (number, signer_line(keys[blob]) if blob in keys else "no line"))
        there.add(blob)
    for blob, seq in sorted(named.signed.items(), key=lambda one: one[1]):
        if blob in keys and blob not in there:
            bundle.find(where, "lacks a key of %s that signed entry %d" % (keys[blob][0], seq), seq)


def agrees(found, key):
    """Who packed may have known more of a key's end than the entries of a part, and nothing else."""
    user, _, begins, ends = key
    end = found.group(3)
    return found.group(1) == user and found.group(2) == ssh_time(begins) and (
        ends is None or end is not None and end <= ssh_time(ends))


def check_page(bundle):
    """evidence.html holds the files that are here, or none."""
    data = bundle.files.get("evidence.html")
    if data is None:
        return
    found = re.findall(rb'<script type="application/json" id="bundle">(.*?)</script>', data, re.S)
    if len(found) != 1:
        bundle.find("evidence.html", "%d elements hold a bundle" % len(found))
        return
    try:
        files = json.loads(found[0].decode("utf-8") or '{"files":{}}')["files"]
        carried = {name: base64.b64decode(text, validate=True) for name, text in files.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        bundle.find("evidence.html", "the bundle in it cannot be read: %s" % error)
        return
    for name, content in sorted(carried.items()):
        if bundle.files.get(name) != content:
            bundle.find("evidence.html", "carries another %s" % name)
    for name in sorted(set(bundle.files) - set(carried) - {"evidence.html"}) if carried else ():
        bundle.find("evidence.html", "does not carry %s" % name)
