#!/usr/bin/env python3
"""Draws a sample again from audit/sample/SAMPLING.md alone: redraw.py ENTRIES SELECTION

ENTRIES is what `audit export` wrote. Exits with 1 and says what differs. The witness's cosignature is not asked for: that the
checkpoint's root is that of the entries is.
"""
import hashlib
import json
import sys


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha(data):
    return hashlib.sha256(data).digest()


def root(leaves):
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha(b"\x01" + root(leaves[:split]) + root(leaves[split:]))


def minor(text):
    return int(text.replace(".", ""))


def takes_back(document):
    return (document.get("direction") == "up" or document["kind"] in ("reversal", "recovery")
            or document.get("charge") == "credit-balance")


def controls_of(decision, result):
    return {answer["control"] for answer in decision["controls"] + result.get("controls", [])}


def results_of(entry):
    """(index, document or None, result) for each member; a refused statement has refused each of its members."""
    statement, decision = entry["statement"], entry["decision"]
    name = {"submit": "documents", "amend": "amendments"}.get(statement["do"], "items")
    members = statement["body"][name]
    for index, member in enumerate(members):
        document = {"submit": member, "amend": member.get("content")}.get(statement["do"])
        result = decision["results"][index] if decision["outcome"] != "refused" else {"outcome": "refused"}
        yield index, document, result, result.get("document") or member.get("document")


class Population:
    def __init__(self, filter_):
        self.filter, self.documents, self.decisions = filter_, {}, []

    def amount(self, document, result):
        if "currency" in self.filter:
            text = document.get("amount") if document.get("currency") == self.filter["currency"] else None
        else:
            text = result.get("base")
        if text is not None and takes_back(document) and not self.filter.get("absolute") and minor(text) != 0:
            text = "-" + text
        return text

    def take(self, entry):
        if entry["statement"]["do"] not in ("submit", "amend", "approve", "withdraw", "reject", "return"):
            return
        for index, document, result, number in results_of(entry):
            refused = result["outcome"] in ("refused", "repeat")
            version = None
            if document is not None:
                version = {"document": document, "amount": self.amount(document, result)}
                if entry["statement"]["do"] == "submit" and not refused:
                    self.documents[number] = {"entry": entry["seq"], "index": index, "controls": set(), "until": ""}
            known = self.documents.get(number)
            if known is not None:
                known["controls"] |= controls_of(entry["decision"], result)
                if version is not None and not refused:
                    known["version"] = version
                if not refused:
                    known["state"] = "waiting" if result["outcome"] == "approved" else result["outcome"]
                    known["until"] = result.get("until", known["until"])
            version = version or (known and known["version"])
            if version is not None:
                self.decisions.append({"id": f"{entry['seq']}.{index}", "version": version, "state": result["outcome"],
                                       "controls": controls_of(entry["decision"], result), "number": number})

    def fits(self, item):
        document, wanted = item["version"]["document"], self.filter
        return all([
            document["kind"] in wanted.get("kinds", [document["kind"]]),
            document.get("entity") in wanted.get("entities", [document.get("entity")]),
            document.get("reason") in wanted.get("reasons", [document.get("reason")]),
            item["state"] in wanted.get("states", [item["state"]]),
            "controls" not in wanted or item["controls"] & set(wanted["controls"]),
            item["number"] in wanted.get("documents", [item["number"]]),
        ])

    def items(self, time):
        if self.filter["unit"] == "decision":
            found = self.decisions
        else:
            found = [dict(item, id=number, number=number,
                          state="lapsed" if item["state"] == "waiting" and item["until"] < time else item["state"])
                     for number, item in self.documents.items()]
        return [(item["id"], item["version"]["amount"]) for item in found if self.fits(item)]


def number_upto(draw, width):
    counter = 0
    while True:
        value = int.from_bytes(sha(draw + b"number %d" % counter)[:8], "big")
        if value < 2**64 - 2**64 % width:
            return value % width + 1
        counter += 1


def by_money(draw, items, plan):
    interval = minor(plan["interval"])
    hit, end, picked = number_upto(draw, interval), 0, []
    for name, amount in items:
        if amount is None or minor(amount) <= 0:
            continue
        end += minor(amount)
        if hit <= end:
            picked.append(name)
            hit += ((end - hit) // interval + 1) * interval
    return picked


def by_strata(key, items, header):
    strata = header["sample"]["strata"]
    bounds = [minor(stratum["from"]) for stratum in strata]
    top = strata[-1].get("top", False)
    parts = [[] for _ in strata]
    for name, amount in items:
        parts[max(i for i, bound in enumerate(bounds) if abs(minor(amount)) >= bound)].append(name)
    drawn = parts[:-1] if top else parts
    total, size = sum(map(len, drawn)), header["plan"]["size"]
    shares = [len(part) * size // total for part in drawn]
    left = sorted(range(len(drawn)), key=lambda i: (-(len(drawn[i]) * size % total), i))
    for i in left[:size - sum(shares)]:
        shares[i] += 1
    picked = set(parts[-1]) if top else set()
    for part, share in zip(drawn, shares):
        picked |= set(sorted(part, key=key)[:max(share, 1)])
    return [name for name, _ in items if name in picked]


def main():
    entries, leaves = [], []
    with open(sys.argv[1], "rb") as file:
        for line in file:
            leaves.append(sha(b"\x00" + line.rstrip(b"\n")))
            entries.append(json.loads(line))
    lines = open(sys.argv[2], "rb").read().splitlines()
    header, *selected = map(json.loads, lines)
    population, before = Population(header["population"]["filter"]), header["population"]["before"]
    for entry in entries[1:before]:
        population.take(entry)
    time = entries[before]["time"] if "seed" in header else entries[before - 1]["time"]
    items = population.items(time)
    whole = "".join(f"{name} {amount or '-'}\n" for name, amount in items)
    assert hashlib.sha256(whole.encode()).hexdigest() == header["population"]["hash"], "the population is another"
    if header["method"] == "judgemental":
        picked = [name for name, _ in items]
    else:
        seed, entry = header["seed"], entries[before]
        place = [i for i, result in enumerate(entry["decision"]["results"]) if result["document"] == seed["document"]][0]
        assert entry["statement"]["body"]["documents"][place]["seed"] == seed["text"], "the seed is another"
        size = header["checkpoint"]["size"]
        origin = {"book": sha(canonical(entries[0]["statement"])).hex(),
                  "checkpoint": {"root": root(leaves[:size]).hex(), "size": size},
                  "seed": {"content": entry["decision"]["results"][place]["content"], "document": seed["document"],
                           "entry": before}}
        if seed["text"].startswith("sha256:"):
            assert sha(seed["reveal"].encode()).hex() == seed["text"][7:], "the seed hides something else"
            origin["reveal"] = seed["reveal"]
        draw = sha(canonical(origin))
        assert draw.hex() == header["draw"], "the draw value is another"

        def key(name):
            return sha(draw + b"item " + name.encode())
        if header["method"] == "attribute":
            picked = sorted((name for name, _ in items), key=key)[:header["plan"]["size"]]
        elif header["method"] == "mus":
            picked = by_money(draw, items, header["plan"])
        else:
            picked = by_strata(key, items, header)
    names = [item["item"] for item in selected]
    assert picked == names, f"drawn are {picked}, selected {names}"


try:
    main()
except AssertionError as difference:
    print(difference)
    sys.exit(1)
