#!/usr/bin/python3
"""Counts again what the rest of the reports say, from exported entries alone: reports_rest.py EXPORT DIR CONFLICTS

DIR has each report as ID.csv, made without parameters; CONFLICTS is what `countersign conflicts --json` says. Figures of the gate's own
postings (results of decisions) are held against those that the reports made of the tables.
"""
import collections
import csv
import datetime
import json
import sys

wrong, checks = [], 0


def check(what, got, wanted):
    global checks
    checks += 1
    if got != wanted:
        wrong.append(f"{what}: {got!r}, expected {wanted!r}")


def minor(text):
    return int(text.replace(".", "")) if text else 0


def words(amount):
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02}"


def days(later, earlier):
    return (datetime.date.fromisoformat(later[:10]) - datetime.date.fromisoformat(earlier[:10])).days


class Book:
    """What the entries say: documents by number, those in force, postings, feeds, approvals, signatures."""

    def __init__(self, entries):
        self.entries, self.documents, self.feeds = entries, {}, collections.defaultdict(list)
        self.posted, self.acts, self.approvers = {}, [], collections.defaultdict(list)
        self.signatures = sum(len(entry["signatures"]) for entry in entries)
        for entry in entries:
            self.take(entry)

    def take(self, entry):
        statement, results = entry["statement"], entry["decision"]["results"]
        body, actor, time = statement["body"], statement["actor"], entry["time"]
        if statement["do"] == "feed":
            self.feeds[body["feed"]] += body["records"]
        stated = body.get("documents", body.get("items", []))
        for one, result in zip(stated, results):
            number, outcome = result.get("document"), result["outcome"]
            if outcome == "refused":
                continue
            if statement["do"] == "submit":
                self.documents[number] = dict(one, number=number, by=actor, time=time)
            if statement["do"] == "approve":
                self.approvers[one["document"]].append(actor)
                self.acts.append((one["document"], one["level"], actor, time))
                number = one["document"]
            if outcome in ("posted", "in-force"):
                self.posted[number] = dict(self.documents[number], lines=result.get("lines", []), at=time)

    def of(self, *kinds):
        return [one for one in self.posted.values() if one["kind"] in kinds]


def of_money(book, reports):
    credits = book.of("credit-note")
    total = sum(minor(one["amount"]) for one in credits)
    (row,) = reports["R-03"]
    moved = sum(minor(line["amount"]) for one in credits for line in one["lines"] if line.get("customer"))
    taken = [record for record in book.feeds["acknowledgements"] if record["state"] == "posted"]
    check("R-03", [row[name] for name in ("count_journal", "count_gl", "sum_journal", "sum_extract", "sum_gl", "difference")],
          [str(len(credits)), str(len(taken)), words(total), words(moved), words(sum(minor(one["amount"]) for one in taken)),
           words(total - sum(minor(one["amount"]) for one in taken))])

    causes, caused = {one["case"]: one.get("root_cause") for one in book.of("case-note")}, collections.Counter()
    for one in credits:
        links = [link["document"] for link in one.get("links", []) if link["rel"] == "dispute"]
        caused[causes[links[0]] if links else "", one["reason"]] += minor(one["amount"])
    check("L-01: amounts", {(row["root_cause"], row["reason"]): minor(row["amount"]) for row in reports["L-01"]}, dict(caused))
    check("L-01: shares", [row["share"] for row in reports["L-01"]],
          [words(minor(row["amount"]) * 10000 // total) for row in reports["L-01"]])

    due = {record["invoice"]: record["due"] for record in book.feeds["invoices"]}
    paid = collections.defaultdict(list)
    for record in book.feeds["cash"]:
        for applied in record["applied"]:
            paid[record["customer"]].append((minor(applied["amount"]), days(record["date"], due[applied["invoice"]])))
    for row in reports["P-01"]:
        cash = paid.pop(row["customer"])
        amount, weighted = sum(a for a, _ in cash), sum(a * d for a, d in cash)
        check("P-01: amounts", (minor(row["amount"]), minor(row["late"])), (amount, sum(a for a, d in cash if d > 0)))
        tenths = abs(weighted) * 10 // amount
        check("P-01: days", row["days_average"], f"{'-' if weighted < 0 else ''}{tenths // 10}.{tenths % 10}")
    check("P-01: customers", dict(paid), {})

    disputes = book.of("dispute")
    check("R-10", [(row["id"], row["amount"], row["credit_id"], row["days"]) for row in reports["R-10"]],
          [(one["number"], one["amount"], note["settled_by"], str(days(note["at"], one["at"])))
           for one, note in zip(disputes, [n for n in book.of("case-note") if n["state"] == "RESOLVED"])])
    served = {(row["measure"], row["owner"]): row["n"] for row in reports["S-01"]}
    check("S-01: cases", served.get(("dispute", "joe")), "1")
    signed = collections.Counter((f"approval level {level}", user) for number, level, user, _ in book.acts
                                 if book.documents[number].get("entity"))
    check("S-01: approvals", {key: int(n) for key, n in served.items() if key[0].startswith("approval")}, dict(signed))


def of_rights(book, reports, conflicts):
    check("R-12", sorted((row["person"], row["rule"], row["severity"], row["mitigation_id"]) for row in reports["R-12"]),
          sorted((one["person"], " x ".join(sorted([one["a"], one["b"]])), one["rule"], (one["mitigation"] or {}).get("number", ""))
                 for one in conflicts if "rule" in one))
    check("R-12: some", len(reports["R-12"]) > 0, True)
    check("R-13", [(row["id"], row["reviewer"], row["expiry"][:10]) for row in reports["R-13"]],
          [(one["number"], one["reviewer"], one["until"][:10]) for one in book.of("mitigation")])
    grants = collections.Counter((one["user"], f"{one['role']} ({','.join(one['entities'])})") for one in book.of("grant"))
    officers = collections.Counter({(user, "OFFICER (*)"): 1 for user in ("olga", "oscar", "owen")})
    check("R-14: grants", collections.Counter((row["user"], row["roles"]) for row in reports["R-14"]), grants + officers)
    check("R-14: kept", sum("keep" in row["role_owner_decision"] + row["manager_decision"] for row in reports["R-14"]),
          sum(row["decision"] == "keep" for one in book.of("attestation") for row in one["rows"]))
    left = [record for record in book.feeds["people"] if record["change"] == "leave"]
    enrolled = {one["user"]: one["person"] for one in book.of("enrolment")}
    after = {record["person"]: sum(enrolled.get(entry["statement"]["actor"]) == record["person"] and
                                   entry["time"][:10] > record["date"] for entry in book.entries[1:]) for record in left}
    check("R-15", [(row["person"], row["hr_end"], row["events_after_end"]) for row in reports["R-15"] if row["hr_end"]],
          [(record["person"], record["date"], str(after[record["person"]])) for record in left])
    check("R-15: lag", [row["lag_days"] for row in reports["R-15"] if row["hr_end"]], ["1"])
    check("R-15: persons", {row["person"] for row in reports["R-15"]} >= set(enrolled.values()), True)
    used = sum(one["channel"] == "break-glass" and one["kind"] == "credit-note" for one in book.documents.values())
    check("R-18", [(row["id"], row["opened_by"], row["second"], row["actions"]) for row in reports["R-18"]],
          [(one["number"], one["by"], book.approvers[one["number"]][0], str(used)) for one in book.of("break-glass")])
    check("R-19: owners", collections.Counter(row["owner"] for row in reports["R-19"]),
          collections.Counter([*enrolled, "olga", "oscar", "owen", "the book"]))
    check("R-19: signatures", sum(int(row["events_signed"]) for row in reports["R-19"] if row["owner"] != "the book"),
          book.signatures)


def of_changes(book, reports):
    kinds = ("enrolment", "grant", "mitigation", "break-glass", "policy")
    # Through a server another executable lets entries in than the one that founded the book.
    exes = [entry["gate"]["exe"] for entry in book.entries]
    programs = ["entry %d" % seq for seq in range(1, len(exes)) if exes[seq] != exes[seq - 1]]
    check("R-16: programs", [row["change_id"] for row in reports["R-16"] if row["change_id"].startswith("entry ")], programs)
    reports = dict(reports, **{"R-16": [row for row in reports["R-16"] if row["change_id"] not in programs]})
    changed = collections.Counter(row["change_id"] for row in reports["R-16"])
    check("R-16: documents", {number for number in changed if number != "charter"}, {one["number"] for one in book.of(*kinds)})
    check("R-16: approvers", all(row["approved_by"] == " ".join(book.approvers[row["change_id"]]) and
                                 row["proposed_by"] == book.documents[row["change_id"]]["by"]
                                 for row in reports["R-16"] if row["change_id"] != "charter"), True)
    (policy,) = book.of("policy")
    (row,) = [row for row in reports["R-16"] if row["change_id"] == policy["number"]]
    old = book.entries[0]["statement"]["body"]["policy"]["compiled"]
    different = [key for key in old if old[key] != policy["compiled"].get(key)]
    check("R-16: sections", different, ["approval"])
    check("R-16: policy", (row["object"], row["before"], row["after"], row["effective_from"]),
          ("policy approval lapse_days", str(old["approval"]["lapse_days"]), str(policy["compiled"]["approval"]["lapse_days"]),
           policy["effective"]))


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        book = Book([json.loads(line) for line in file])
    reports = {}
    for name in "L-01 P-01 R-03 R-10 R-12 R-13 R-14 R-15 R-16 R-18 R-19 R-20 S-01".split():
        with open(f"{sys.argv[2]}/{name}.csv", encoding="utf-8", newline="") as file:
            reports[name] = list(csv.DictReader(file))
    with open(sys.argv[3], encoding="utf-8") as file:
        conflicts = [json.loads(line) for line in file if line.strip()]
    of_money(book, reports)
    of_rights(book, reports, conflicts)
    of_changes(book, reports)
    check("R-20: tests", all(row["test"][:2] in ("C-", "JE") for row in reports["R-20"]), True)
    for line in wrong:
        print("WRONG:", line)
    print(f"{len(reports)} reports counted again, {checks} checks, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
