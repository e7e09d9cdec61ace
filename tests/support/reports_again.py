#!/usr/bin/python3
"""Counts again, from the entries of an export alone, what reports say: reports_again.py EXPORT DIR

DIR has each report as R-NN.csv with R-NN.csv.header.json, R-NN.json, R-NN.html and R-NN.xlsx, made without parameters. The four
formats have to say the same, and what can be counted from the entries has to agree.
"""
import csv
import hashlib
import html.parser
import io
import json
import os
import subprocess
import sys

MONEY = {"credit-note", "correction", "write-off", "reversal", "rebill", "recovery", "adjustment"}
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
wrong, checks = [], 0


def check(what, got, wanted):
    global checks
    checks += 1
    if got != wanted:
        wrong.append(f"{what}: {got!r}, expected {wanted!r}")


class Table(html.parser.HTMLParser):
    """The cells of a page's only table, and the header block as data."""

    def __init__(self):
        super().__init__()
        self.rows, self.header, self.into, self.links = [], "", None, []

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.into = tag
            self.rows[-1].append("")
        if tag == "pre":
            self.into = "pre"
        if tag in ("script", "link", "img", "iframe"):
            self.links.append(tag)

    def handle_endtag(self, tag):
        if tag in ("td", "th", "pre"):
            self.into = None

    def handle_data(self, data):
        if self.into == "pre":
            self.header += data
        elif self.into:
            self.rows[-1][-1] += data


def unguarded(cell):
    """A cell as it was before the guard against formulas."""
    return cell[1:] if len(cell) > 1 and cell[0] == "'" and cell[1] in FORMULA else cell


def formats_agree(folder, name):
    path = os.path.join(folder, name)
    body = open(path + ".csv", "rb").read()
    header = json.load(open(path + ".csv.header.json", encoding="utf-8"))
    check(f"{name}: body", hashlib.sha256(body).hexdigest(), header["body_sha256"])
    rows = [[unguarded(cell) for cell in row] for row in csv.reader(io.StringIO(body.decode()))]
    heads, rows = rows[0], rows[1:]
    check(f"{name}: columns", heads, [column["name"] for column in header["columns"]])
    check(f"{name}: rows", len(rows), header["rows"])
    sealed = {key: value for key, value in header.items() if key != "header_sha256"}
    canonical = json.dumps(sealed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    check(f"{name}: header", hashlib.sha256(canonical.encode()).hexdigest(), header["header_sha256"])
    check(f"{name}: population", header["population"] - sum(one["count"] for one in header["excluded"]),
          header["rows"] if name != "R-07" else header["population"])
    other = json.load(open(path + ".json", encoding="utf-8"))
    check(f"{name}: header of the JSON", other["header"], header)
    check(f"{name}: rows of the JSON",
          [["" if row[head] is None else str(row[head]) for head in heads] for row in other["rows"]], rows)
    table = Table()
    table.feed(open(path + ".html", encoding="utf-8").read())
    types = [column["type"] for column in header["columns"]]
    shown = [[cell.replace(",", "") if kind in ("amount", "count") else cell for cell, kind in zip(row, types)]
             for row in table.rows[1:]]
    check(f"{name}: rows of the page", shown, rows)
    check(f"{name}: header of the page", json.loads(table.header), header)
    check(f"{name}: the page loads nothing", table.links, [])
    done = subprocess.run(["xlsx2csv", "-s", "2", path + ".xlsx"], capture_output=True, text=True, check=True)
    sheet = list(csv.reader(io.StringIO(done.stdout)))
    exact = [i for i, head in enumerate(sheet[0]) if head + " (exact)" not in sheet[0]]
    cells = [[row[i] for i in exact] for row in sheet[1:]]
    check(f"{name}: heads of the workbook", [sheet[0][i].replace(" (exact)", "") for i in exact], heads)
    check(f"{name}: rows of the workbook", cells, rows)
    return header, [dict(zip(heads, row)) for row in rows]


def walk(entries):
    """(entry, statement's body, index, what was stated, its result) of each document and act."""
    lists = {"submit": "documents", "amend": "amendments", "approve": "items", "reject": "items", "return": "items",
             "withdraw": "items"}
    for entry in entries:
        statement = entry["statement"]
        stated = statement["body"].get(lists.get(statement["do"], ""), [])
        for index, result in enumerate(entry["decision"]["results"]):
            yield entry, statement["do"], index, stated[index] if index < len(stated) else None, result


def answers(entries):
    for entry in entries:
        for answer in entry["decision"]["controls"]:
            yield entry, None, answer
        for result in entry["decision"]["results"]:
            for answer in result.get("controls", []):
                yield entry, result, answer


def minor(text):
    return int(text.replace(".", ""))


def count_again(entries, reports):
    acts = list(walk(entries))
    admitted = {}
    for entry, verb, _, stated, result in acts:
        if verb == "submit" and "document" in result and result["outcome"] not in ("refused", "repeat"):
            admitted[result["document"]] = dict(stated, number=result["document"], by=entry["statement"]["actor"])
        if verb == "amend" and result["outcome"] != "refused":
            admitted[result["document"]].update(stated["content"], by=entry["statement"]["actor"])
    money = {number: document for number, document in admitted.items() if document["kind"] in MONEY}

    header, rows = reports["R-02"]
    check("R-02: documents", [row["doc_id"] for row in rows], list(money))
    check("R-02: amounts", [row["amount"] for row in rows], [document["amount"] for document in money.values()])
    check("R-02: absolute", header["totals"][0]["absolute"].replace(".", ""),
          str(sum(minor(document["amount"]) for document in money.values() if document["currency"] == "USD")))
    check("R-02: customers", [row["customer"] for row in rows], [document["customer"] for document in money.values()])

    header, rows = reports["R-04"]
    said = [(stated["document"], entry["statement"]["actor"], result["outcome"] == "refused") for entry, verb, _, stated, result
            in acts if verb in ("approve", "reject", "return")]
    check("R-04: acts", [(row["doc_id"], row["approver"], "refused" in row["decision"]) for row in rows], said)
    check("R-04: match", {row["match"] for row in rows}, {"", "yes"})

    header, rows = reports["R-05"]
    given = list(answers(entries))
    check("R-05: answers", [(row["control_id"], row["result"]) for row in rows],
          [(answer["control"], answer["answer"]) for _, _, answer in given])
    check("R-05: policies", {row["policy_hash"] for row in rows}, {entry["decision"]["policy"]["hash"] for entry in entries[1:]})
    check("R-05: sentences", all(row["rule_text"] for row in rows), True)

    header, rows = reports["R-06"]
    sums = {}
    for _, result, answer in given:
        if answer["code"] == "sum" and answer["control"] in ("C-06", "C-07", "C-08") and result.get("document") in admitted:
            sums.pop((result["document"], answer["control"]), None)
            sums[result["document"], answer["control"]] = answer
    check("R-06: sums", sorted((row["sum"], row["limit"], row["documents"], row["level_required"]) for row in rows),
          sorted((a["sum"], a["limit"], str(a["count"]), str(max(a["levels"]))) for a in sums.values()))

    header, rows = reports["R-07"]
    pairs = {}
    for entry, verb, _, stated, result in acts:
        if verb == "approve" and result["outcome"] != "refused" and admitted[stated["document"]].get("customer"):
            pair = (admitted[stated["document"]]["by"], entry["statement"]["actor"])
            pairs[pair] = pairs.get(pair, 0) + 1
    check("R-07: pairs", {(row["preparer"], row["approver"]): int(row["n"]) for row in rows}, pairs)
    check("R-07: population", header["population"], sum(pairs.values()))

    header, rows = reports["R-08"]
    alike = [(answer["code"], answer["document"]) for _, _, answer in given if answer["control"] == "C-38" and "document" in answer]
    check("R-08: pairs", [(row["match_rule"], row["pair_ids"].split(" ")[-1]) for row in rows], alike)

    for name, kinds in (("R-09", {"delegation"}), ("R-11", {"credit-limit", "temporary-limit", "hold-release"}), ("R-17", {"period"})):
        there = [number for number, document in admitted.items() if document["kind"] in kinds]
        check(f"{name}: rows", len(reports[name][1]), len(there))
    check("R-09: used", [row["used_n"] for row in reports["R-09"][1]], ["1"])
    check("R-17: states", [(row["from_state"], row["to_state"]) for row in reports["R-17"][1]],
          [("open", "soft"), ("soft", "hard")])
    check("R-11: limits", [(row["old"], row["new"]) for row in reports["R-11"][1]], [("10000.00", "12500.00")])
    stood = {}
    for entry in entries:
        for result in entry["decision"]["results"]:
            if "exposure" in result:
                stood[result["document"]] = sum(minor(result["exposure"][part]) for part in ("account", "held", "open"))
    check("R-11: exposure", [minor(row["exposure"]) for row in reports["R-11"][1]], list(stood.values()))

    certificate = reports["R-01"][1][0]
    check("R-01: entries", certificate["events"], str(len(entries)))
    check("R-01: signatures", certificate["signatures_ok"], str(sum(len(entry["signatures"]) for entry in entries)))
    check("R-01: result", certificate["result"], "good")
    for name, (header, _) in reports.items():
        check(f"{name}: covers", header["entries"], {"count": len(entries), "dense": True, "first": 0, "last": len(entries) - 1})
        leaf = hashlib.sha256(b"\0" + open(sys.argv[1], "rb").read().split(b"\n")[len(entries) - 1]).hexdigest()
        check(f"{name}: head", header["head"], leaf)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        entries = [json.loads(line) for line in file]
    names = sorted(name[:-4] for name in os.listdir(sys.argv[2]) if name.endswith(".csv"))
    count_again(entries, {name: formats_agree(sys.argv[2], name) for name in names})
    for line in wrong:
        print("WRONG:", line)
    print(f"{len(names)} reports counted again, {checks} checks, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
