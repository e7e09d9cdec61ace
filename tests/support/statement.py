#!/usr/bin/env python3
"""Writes an unsigned statement file from the format alone: statement.py FILE ACTOR VERB AT STATUS_JSON < BODY_JSON

STATUS_JSON is what `countersign status --json` printed: the book and the head that the statement has seen.
"""
import json
import os
import sys


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def main():
    path, actor, verb, at, status = sys.argv[1:6]
    status = json.loads(status)
    statement = {
        "actor": actor, "at": at, "body": json.load(sys.stdin), "book": status["book"], "do": verb,
        "id": "T-" + os.urandom(8).hex(), "seen": {"hash": status["head"]["hash"], "seq": status["head"]["seq"]}, "v": 1,
    }
    with open(path, "x", encoding="utf-8") as out:
        out.write(canonical({"signatures": [], "statement": statement}) + "\n")


main()
