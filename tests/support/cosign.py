#!/usr/bin/env python3
"""A witness from the C2SP texts alone: cosign.py SEED NAME NOTE SECONDS prints the cosigned note; with NOTE -, the vkey.

SEED is any text; the Ed25519 key is made of its SHA-256.
"""
import base64
import hashlib
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def main():
    seed, name, note, seconds = sys.argv[1:5]
    key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed.encode()).digest())
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    key_id = hashlib.sha256(name.encode() + b"\n\x04" + public).digest()[:4]
    if note == "-":
        print(f"{name}+{key_id.hex()}+{base64.b64encode(bytes([4]) + public).decode()}")
        return
    with open(note, "rb") as file:
        whole = file.read()
    text = whole[:whole.index(b"\n\n") + 1]
    signature = key.sign(b"cosignature/v1\ntime " + seconds.encode() + b"\n" + text)
    blob = key_id + int(seconds).to_bytes(8, "big") + signature
    sys.stdout.buffer.write(whole + f"\u2014 {name} {base64.b64encode(blob).decode()}\n".encode())


main()
