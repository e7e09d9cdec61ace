#!/usr/bin/env python3
"""The form of a bundle by a reading of its own (audit/bundle/BUNDLE.md sections 1 to 4), for tests of what packs it.

Says what is wrong, then prints facts for a scenario to look for: "scope document", "why 7 document CN-2; period".
Signatures, decisions and statements are for tests/checker.py. Exit status 0 or 1.
"""
import base64
import hashlib
import json
import os
import re
import sys

WRONG = []


def wrong(text):
    WRONG.append(text)
    print("WRONG", text)


def leaf(line):
    return hashlib.sha256(b"\0" + line).digest()


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def walk(start, end, leaves, proof):
    """BUNDLE.md section 3, word by word."""
    if not any(start <= seq < end for seq in leaves):
        return proof.pop(0) if proof else wrong("the proof is too short") or b""
    if end - start == 1:
        return leaves[start]
    half = 1
    while half * 2 < end - start:
        half *= 2
    inside = {seq: value for seq, value in leaves.items() if start <= seq < end}
    left = walk(start, start + half, inside, proof)
    return node(left, walk(start + half, end, inside, proof))


def before(size, hashes):
    """The root of the tree of the first `size` leaves, from the hashes that a proof of the later ones begins with."""
    parts, rest = [], size
    while rest:
        parts.append(1 << (rest.bit_length() - 1))
        rest -= parts[-1]
    root = None
    for value in reversed(hashes[:len(parts)]):
        root = value if root is None else node(value, root)
    return root


def read(folder):
    raw = open(os.path.join(folder, "MANIFEST.json"), "rb").read()
    manifest = json.loads(raw)
    if json.dumps(manifest, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode() + b"\n" != raw:
        wrong("the manifest is not canonical")
    members = {"book", "bundle", "checkpoint", "entries", "files", "made", "origin", "proof", "scope"}
    part = manifest["scope"]["sort"] not in ("book", "extension")
    if set(manifest) - {"missing"} != members | ({"why"} if part else set()):
        wrong(f"members {sorted(manifest)}")
    if set(manifest["made"]) != {"at", "by", "exe", "key", "release"}:
        wrong("members of made")
    return manifest, part


def check_files(folder, manifest):
    there = set()
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            there.add(os.path.relpath(path, folder))
            if os.path.islink(path) or os.stat(path).st_mode & 0o777 != 0o644:
                wrong(f"{path}: not a plain file of mode 644")
    listed = [one["name"] for one in manifest["files"]]
    if listed != sorted(listed, key=str.encode):
        wrong("files are not sorted")
    others = {"MANIFEST.json", "MANIFEST.json.sig", "evidence.html"}
    if there - others != set(listed):
        wrong(f"files differ from the list: {sorted((there - others) ^ set(listed))}")
    for one in manifest["files"]:
        data = open(os.path.join(folder, one["name"]), "rb").read()
        if set(one) != {"bytes", "name", "sha256"} or len(data) != one["bytes"] or hashlib.sha256(data).hexdigest() != one["sha256"]:
            wrong(f"{one['name']} is not what the manifest says")
        if one["name"].startswith("evidence/") and one["name"] != "evidence/" + one["sha256"]:
            wrong(f"{one['name']} has another content")
        if one["name"].startswith("policies/") and one["name"].endswith(".json") and one["name"] != f"policies/{one['sha256']}.json":
            wrong(f"{one['name']} is another policy")


def check_entries(folder, manifest, part):
    lines = open(os.path.join(folder, "entries.jsonl"), "rb").read().split(b"\n")
    if lines.pop() != b"":
        wrong("the last line does not end")
    entries = [json.loads(line) for line in lines]
    seqs = [entry["seq"] for entry in entries]
    want = {"count": len(seqs)} | ({"first": seqs[0], "last": seqs[-1]} if seqs else {})
    if manifest["entries"] != want or seqs != sorted(set(seqs)):
        wrong(f"entries {manifest['entries']}, there are {want}")
    proof = [bytes.fromhex(text) for text in manifest["proof"]]
    hashes, size = list(proof), manifest["checkpoint"]["size"]
    root = walk(0, size, dict(zip(seqs, map(leaf, lines))), proof)
    if proof or root.hex() != manifest["checkpoint"]["root"]:
        wrong("the proof does not lead to the root")
    note = open(os.path.join(folder, "checkpoint.note"), encoding="utf-8").read().split("\n")
    if note[:3] != [manifest["origin"], str(size), base64.b64encode(root).decode()]:
        wrong("the note is of another checkpoint")
    after = manifest["scope"].get("after")
    if after and seqs and before(after["size"], hashes).hex() != after["root"]:
        wrong("the entries do not extend what was there")
    if part and [one["seq"] for one in manifest["why"]] != seqs:
        wrong("why is about other entries")
    if part and seqs and seqs[0] != 0:
        wrong("a part without the charter")
    if hashlib.sha256(json.dumps(entries[0]["statement"], separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
                      ).hexdigest() != manifest["book"] if seqs[:1] == [0] else False:
        wrong("the charter of another book")
    return entries


def check_named(folder, manifest, entries):
    """What entries name is there, or said to be missing."""
    have = {one["name"] for one in manifest["files"]} | {one["name"] for one in manifest.get("missing", ())}
    want, signers = set(), set()
    for entry in entries:
        policy = entry["decision"]["policy"]["hash"]
        want |= {f"policies/{policy}.json", f"policies/{policy}.yaml"}
        body = entry["statement"]["body"]
        for document in body.get("documents", []) + [one["content"] for one in body.get("amendments", [])]:
            want |= {"evidence/" + one["sha256"] for one in document.get("evidence", ())}
        for blob in map(base64.b64decode, entry["signatures"]):
            length = int.from_bytes(blob[10:14], "big")
            signers.add(base64.b64encode(blob[14:14 + length]).decode())
    if {name for name in have if re.match("policies/|evidence/", name)} != want:
        wrong(f"named and here differ: {sorted(want ^ {name for name in have if re.match('policies/|evidence/', name)})}")
    lines = [line.split() for line in open(os.path.join(folder, "allowed_signers"), encoding="utf-8")]
    keys = {line[-1] for line in lines if 'namespaces="countersign"' in line[1].split(",")[0]}
    body = [entry["statement"]["body"] for entry in entries]
    texts = [text for one in body for text in one.get("book_keys", []) + one.get("recovery", {}).get("keys", [])]
    texts += [one["key"] for one in sum((one.get("documents", []) for one in body), []) if one["kind"] == "book-key"]
    signers -= {text.split()[1] for text in texts}
    if manifest["scope"]["sort"] != "book" and keys != signers:
        wrong(f"signers {len(signers)}, allowed {len(keys)}")
    if signers - keys:
        wrong("a key that signed is not allowed")
    if [line[-1] for line in lines if 'countersign-bundle"' in line[1]] != [manifest["made"]["key"].split()[1]]:
        wrong("the packer's key is not allowed to sign manifests")


def main():
    folder = sys.argv[1]
    manifest, part = read(folder)
    check_files(folder, manifest)
    entries = check_entries(folder, manifest, part)
    check_named(folder, manifest, entries)
    print("scope", manifest["scope"]["sort"], json.dumps(manifest["scope"], sort_keys=True))
    print("entries", manifest["entries"]["count"], "first", manifest["entries"].get("first"), "proof", len(manifest["proof"]))
    print("missing", len(manifest.get("missing", ())), *(f"{one['name']} {one['why']}" for one in manifest.get("missing", ())))
    print("why", len(manifest.get("why", ())))
    for one in manifest.get("why", ()):
        print("why", one["seq"], "; ".join(one["why"]))
    print("evidence", sum(one["name"].startswith("evidence/") for one in manifest["files"]))
    sys.exit(1 if WRONG else 0)


main()
