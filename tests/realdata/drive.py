#!/usr/bin/python3
"""Puts two years of a wholesaler's real invoices and credits through the gate, and compares.

    tests/realdata/drive.py COUNTERSIGN DATA WORK [--days N] [--policy FILE.yaml]

WORK gets the input (convert.py), the keys, the book, its export. Makers, approvers, officers, terms and limits are made
up; documents, amounts and times are the data's. Each day: invoices at 00:00, corrections at their own times by the
day's maker, approvals at 22:00 in lists by level. The two reversals of what is not there go in as statements of their
own, since `post` would not send them: the gate has to refuse them too. In the end the book is verified by the program and
by checker.py, and each decision is compared with what expect.py says from the CSV files.

Exit status: 0 all as expected, 1 differences, 4 a command failed, 77 no data (skipped).
"""
import argparse
import collections
import csv
import datetime
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
ENTITY = "UK01"
BIRTH_DAY = "2009-11-30"
BOOK_NAME = "wholesaler.example/ar"
LIST_MAX = 50
EPOCH = datetime.date(1970, 1, 1)

OFFICERS = ("o.chen", "o.diaz", "o.evans")
MAKERS = ("b.ames", "b.bell", "b.cole", "b.dunn")
COLLECTIONS = "c.ellis"
APPROVERS = (("t.ford", "t.gale"), ("m.gray", "m.hart"), ("d.hale", "d.ives"), ("v.inge", "v.jack"),
             ("f.jones", "f.kemp"))  # level 1 first; two by turns, so that no pair of persons goes together (C-09)
FEED_CUSTOMERS, FEED_INVOICES = "erp.customers", "erp.invoices"
OWNERS = {FEED_CUSTOMERS: "P-it.kerr", FEED_INVOICES: "P-it.lane"}  # a feed's person is its owner; duties keep them apart
PASSPHRASE = "of a book of made-up people\n"
CAST = ([(user, "human", "BILLING_SPECIALIST") for user in MAKERS] + [(COLLECTIONS, "human", "COLLECTIONS_SPECIALIST")]
        + [(user, "human", role) for two, role in
           zip(APPROVERS, ("TEAM_LEAD", "MANAGER", "DIRECTOR", "VP_FINANCE", "CFO")) for user in two]
        + [(FEED_CUSTOMERS, "feed", "FEED_CUSTOMERS"), (FEED_INVOICES, "feed", "FEED_INVOICES")])


class Failed(Exception):
    """A command that did not do what it had to."""


class Countersign:
    """Every invocation of the program is here, so that a change of its command line is a change of this class."""

    def __init__(self, program, work):
        self.program, self.work = os.path.abspath(program), work
        self.book, self.keys = os.path.join(work, "book"), os.path.join(work, "keys")
        self.environment = {"PATH": os.environ["PATH"], "HOME": os.path.join(work, "home"), "LC_ALL": "C.UTF-8",
                            "NO_COLOR": "1", "TZ": "UTC"}
        self.calls, self.seconds, self.counts = 0, collections.Counter(), collections.Counter()
        os.makedirs(self.environment["HOME"], exist_ok=True)

    # -- how

    def run(self, *words, user=None, at=None, book=True, allowed=(0,), key=None):
        """Signs with the agent; a key file's passphrase, here an empty line, comes through standard input."""
        command = [self.program, *words] + (["--book", self.book] if book else [])
        command += (["--as", user] if user else []) + (["--at", at] if at else [])
        command += ["--key", key, "--passphrase-fd", "0"] if key else []
        started = time.monotonic()
        done = subprocess.run(command, env=self.environment, input=PASSPHRASE if key else "", stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)
        self.calls += 1
        self.seconds[words[0]] += time.monotonic() - started
        self.counts[words[0]] += 1
        if done.returncode not in allowed:
            raise Failed("%s\n  exit %d\n%s%s" % (" ".join(command), done.returncode, done.stdout[-2000:],
                                                  done.stderr[-2000:]))
        return done.stdout

    @staticmethod
    def results(text):
        """All results in what --json printed, wherever they stand: objects with an outcome and a document."""
        found, todo = [], [json.loads(line) for line in text.splitlines() if line.strip()]
        todo.reverse()
        while todo:
            value = todo.pop()
            if isinstance(value, dict):
                if isinstance(value.get("outcome"), str) and isinstance(value.get("document"), str):
                    found.append(value)
                    continue
                todo.extend(reversed(list(value.values())))
            elif isinstance(value, list):
                todo.extend(reversed(value))
        return found

    def path(self, name):
        return os.path.join(self.work, name)

    def public(self, name):
        return os.path.join(self.keys, name + ".pub")

    # -- what

    def charter(self, policy, at):
        file = self.path("charter.json")
        words = ["charter", "new", "--name", BOOK_NAME, "--clock", "simulated", "--policy", policy,
                 "--book-key", self.public("book"), "--to", file, "--at", at]
        for user in OFFICERS:
            words += ["--officer", "%s:P-%s:%s" % (user, user, self.public(user))]
        self.run(*words, book=False)
        for user in OFFICERS:
            self.run("sign", file, user=user, book=False)
        self.run("init", file)

    def make_book_key(self):
        self.run("key", "new", "--kdf", "minimal", book=False, key=os.path.join(self.keys, "book"))

    def enrol(self, user, sort, at):
        """The new key signs too: the statement travels in a file."""
        file = self.path("enrol-%s.json" % user)
        self.run("user", "add", user, "--person", OWNERS.get(user, "P-" + user), "--sort", sort,
                 "--public", self.public(user), "--to", file, user=OFFICERS[0], at=at)
        self.run("sign", file, user=user)
        return self.results(self.run("submit", file, "--json"))

    def grant(self, user, role, at):
        return self.results(self.run("grant", user, role, "--entity", ENTITY, "--json", user=OFFICERS[0], at=at))

    def load(self, feed, file, user, at):
        self.run("load", feed, file, "--entity", ENTITY, "--json", user=user, at=at)

    def post_batch(self, file, user):
        return self.results(self.run("post", "--batch", file, "--json", user=user, allowed=(0, 1)))

    def insist(self, row, user):
        """Writes the statement that the program would not write, signs it and submits it; the results."""
        head = json.loads(self.run("status", "--json").splitlines()[0])
        kind, _, name = row["evidence"].partition(":")
        with open(os.path.join(self.work, "input", "corrections", name), "rb") as file:
            data = file.read()
        document = {"kind": row["kind"], "ref": row["ref"], "channel": "api", "entity": row["entity"],
                    "reason": row["reason"], "date": row["date"], "reverses": row["reverses"], "note": row["note"],
                    "evidence": [{"bytes": len(data), "kind": kind, "media": "text/csv",
                                  "sha256": hashlib.sha256(data).hexdigest()}]}
        statement = {"actor": user, "at": row["at"], "body": {"atomic": False, "documents": [document]},
                     "book": head["book"], "do": "submit", "id": "insist-" + row["ref"], "seen": None, "v": 1}
        file = self.path("insist-%s.json" % row["ref"])
        with open(file, "w", encoding="utf-8") as out:
            json.dump({"signatures": [], "statement": statement}, out, sort_keys=True, separators=(",", ":"),
                      ensure_ascii=False)
            out.write("\n")
        self.run("sign", file, user=user)
        self.run("submit", file, "--json", allowed=(0, 1))

    def approve(self, numbers, user, at):
        return self.results(self.run("approve", *numbers, "--json", "--yes", user=user, at=at))

    def verify(self):
        return json.loads(self.run("audit", "verify", "--json", "--checkpoint", self.path("checkpoint.note"),
                                   allowed=(0, 3)).splitlines()[0])

    def export(self):
        file = self.path("export.jsonl")
        self.run("audit", "export", "--out", file)
        return file

    def pack(self, at):
        folder = self.path("bundle")
        self.run("audit", "pack", "--to", folder, user=APPROVERS[1][0], at=at)
        return folder

    def checkpoint(self):
        file = self.path("checkpoint.note")
        self.run("checkpoint", "--out", file, key=os.path.join(self.keys, "book"))
        return file


class Agent:
    """A private ssh-agent with everybody's key, and nothing of the person's own."""

    def __init__(self, countersign):
        self.socket, self.pid = os.path.join(countersign.work, "agent.sock"), None
        self.countersign = countersign

    def __enter__(self):
        if os.path.exists(self.socket):
            os.unlink(self.socket)
        text = subprocess.run(["ssh-agent", "-s", "-a", self.socket], stdout=subprocess.PIPE, text=True,
                              check=True).stdout
        self.pid = int(text.split("SSH_AGENT_PID=")[1].split(";")[0])
        self.countersign.environment["SSH_AUTH_SOCK"] = self.socket
        return self

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGTERM)

    def make_keys(self, users):
        keys = self.countersign.keys
        os.makedirs(keys, mode=0o700, exist_ok=True)
        for user in users:
            file = os.path.join(keys, user)
            if not os.path.exists(file):
                subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", user, "-f", file], check=True)
            subprocess.run(["ssh-add", "-q", file], env=self.countersign.environment, check=True)


def say(text):
    print(text, flush=True)


def read_csv(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def awake(countersign, policy):
    """The policy, but no account sleeps: in two years some levels are asked for a few times only, and these made-up people
    have nobody to wake them (C-28 has tests of its own)."""
    with open(policy, encoding="utf-8") as file:
        text = re.sub(r"(?m)^(  dormant_(?:bot_)?days: ).*$", r"\g<1>0", file.read())
    with open(countersign.path("policy.yaml"), "w", encoding="utf-8") as file:
        file.write(text)
    return countersign.path("policy.yaml")


def set_up(countersign, policy):
    at = BIRTH_DAY + "T09:00:00.000Z"
    countersign.charter(policy, at)
    for user, sort, _ in CAST:
        countersign.enrol(user, sort, at)
    approve_all(countersign, ["EN-%d" % n for n in range(1, len(CAST) + 1)], OFFICERS[1], at)
    for user, _, role in CAST:
        countersign.grant(user, role, at)
    approve_all(countersign, ["GR-%d" % n for n in range(1, len(CAST) + 1)], OFFICERS[1], at)
    countersign.load("customers", countersign.path("input/customers.csv"), FEED_CUSTOMERS,
                     BIRTH_DAY + "T12:00:00.000Z")


def approve_all(countersign, numbers, user, at):
    answers = []
    for start in range(0, len(numbers), LIST_MAX):
        answers += countersign.approve(numbers[start:start + LIST_MAX], user, at)
    return answers


def segments(rows, maker):
    """Consecutive rows of one preparer: write-offs are the collectors', all else the day's maker's. Reversals go alone."""
    parts = []
    for row in rows:
        user, alone = COLLECTIONS if row["kind"] == "write-off" else maker, row["kind"] == "reversal"
        if not parts or parts[-1][0] != user or alone or parts[-1][1][0]["kind"] == "reversal":
            parts.append((user, []))
        parts[-1][1].append(row)
    return parts


def one_day(countersign, day):
    """Number of documents posted at once, waiting, approvals given."""
    invoices = countersign.path("input/invoices/%s.csv" % day)
    if os.path.exists(invoices):
        countersign.load("invoices", invoices, FEED_INVOICES, day + "T00:00:00.000Z")
    corrections = countersign.path("input/corrections/%s.csv" % day)
    if not os.path.exists(corrections):
        return
    rows = read_csv(corrections)
    maker = MAKERS[(datetime.date.fromisoformat(day) - EPOCH).days % len(MAKERS)]
    parts, waiting = segments(rows, maker), {}
    for number, (user, part) in enumerate(parts):
        if part[0]["kind"] == "reversal":
            countersign.insist(part[0], user)
            continue
        file = corrections
        if len(parts) > 1:
            file = countersign.path("input/corrections/%s.%d.csv" % (day, number))
            with open(file, "w", encoding="utf-8", newline="") as out:
                writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
                writer.writeheader()
                writer.writerows(part)
        for result in countersign.post_batch(file, user):
            if result["outcome"] == "waiting":
                waiting[result["document"]] = set(result["levels"])
    sign_off(countersign, waiting, day + "T22:00:00.000Z")


def sign_off(countersign, waiting, at):
    for level, two in enumerate(APPROVERS, 1):
        for turn, user in enumerate(two):
            numbers = [number for number, levels in waiting.items()
                       if level in levels and int(number.rpartition("-")[2]) % 2 == turn]
            if numbers:
                approve_all(countersign, numbers, user, at)


def work_through(countersign, days):
    started, shown = time.monotonic(), 0.0
    for place, day in enumerate(days, 1):
        one_day(countersign, day)
        passed = time.monotonic() - started
        if passed - shown > 5 or place == len(days):
            shown = passed
            say("  %s   %d of %d days, %d commands, %.0f s" % (day, place, len(days), countersign.calls, passed))


# ---------------------------------------------------------------- comparing

def decided(export):
    """{ref: what the book says of it}, invoices fed in pence, and the compiled policy."""
    said, where, fed, policy = {}, {}, [0, 0], None
    with open(export, encoding="utf-8") as file:
        for line in file:
            entry = json.loads(line)
            statement, results = entry["statement"], entry["decision"]["results"]
            body = statement["body"]
            if statement["do"] == "charter":
                policy = body["policy"]["compiled"]
            elif statement["do"] == "feed" and body["feed"] == "invoices" and results[0]["outcome"] != "refused":
                fed[0] += len(body["records"])
                fed[1] += sum(int(record["gross"].replace(".", "")) for record in body["records"])
            elif statement["do"] == "submit":
                for document, result in zip(body["documents"], results):
                    if "entity" not in document:
                        continue
                    said[document["ref"]] = {
                        "outcome": result["outcome"], "levels": result.get("levels", []), "end": result["outcome"],
                        "document": result.get("document"), "pairs": [], "until": result.get("until"),
                        "alike": next(([c["document"], c["count"]] for c in result["controls"]
                                       if c["control"] == "C-38" and c["code"] == "same-amount"), None),
                        "controls": sorted({c["control"] for c in result["controls"] if c["answer"] == "deny"}),
                        "amount": document.get("amount", ""), "kind": document["kind"],
                        "direction": document.get("direction")}
                    if "document" in result:
                        where[result["document"]] = document["ref"]
            elif statement["do"] == "approve":
                for result in results:
                    if result["document"] in where and any(c["control"] == "C-09" for c in result["controls"]):
                        said[where[result["document"]]]["pairs"].append(result["level"])
                    if result["outcome"] in ("posted", "in-force") and result["document"] in where:
                        said[where[result["document"]]]["end"] = result["outcome"]
    return said, fed, policy


def compare(said, expected):
    """Differences between book and expectation, as text."""
    out = []
    for item in expected:
        got = said.get(item["ref"])
        if got is None:
            out.append("%s: not in the book" % item["ref"])
            continue
        for name in ("outcome", "levels", "document", "until"):
            if got[name] != item.get(name):
                out.append("%s: %s %s, expected %s" % (item["ref"], name, got[name], item.get(name)))
        if got["pairs"] != item.get("pairs", []):
            out.append("%s: C-09 flags levels %s, expected %s" % (item["ref"], got["pairs"], item.get("pairs", [])))
        if item["outcome"] != "refused" and got["alike"] != item.get("alike"):
            out.append("%s: C-38 flags %s, expected %s" % (item["ref"], got["alike"], item.get("alike")))
        if sorted(item["controls"]) != got["controls"]:
            out.append("%s: refused by %s, expected %s" % (item["ref"], got["controls"], item["controls"]))
        if item["outcome"] != "refused" and got["end"] != "posted":
            out.append("%s: ended %s" % (item["ref"], got["end"]))
    known = {item["ref"] for item in expected}
    return out + ["%s: in the book, not expected" % ref for ref in said if ref not in known]


def pounds(pence):
    return "%s%s.%02d" % ("-" if pence < 0 else "", f"{abs(pence) // 100:,}", abs(pence) % 100)


def pence_of(text):
    return int(text.replace(".", "")) if text else 0


def ended(item):
    """What became of a document, in a word."""
    return "posted at once" if item["outcome"] == "posted" else \
        "posted after approval" if item["end"] == "posted" else item["end"]


def expect(countersign, policy, last_day):
    """What expect.py says of each document up to that day."""
    compiled, expectation = countersign.path("policy.json"), countersign.path("expected.json")
    with open(compiled, "w", encoding="utf-8") as file:
        json.dump(policy, file)
    subprocess.run([os.path.join(HERE, "expect.py"), countersign.path("input"), compiled, expectation],
                   check=True, stdout=subprocess.DEVNULL)
    with open(expectation, encoding="utf-8") as file:
        return [item for item in json.load(file)["documents"] if item["day"] <= last_day]


def check_again(countersign, bundle):
    """Lines of what countersign-verify, tests/checker.py and evidence.html, which share no code, say of the book's bundle; whether all is good."""
    said = subprocess.run([os.path.join(ROOT, "tests", "support", "three_checkers.py"), "--good", bundle], stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "COUNTERSIGN": countersign.program}, check=False)
    return said.stdout.splitlines(), said.returncode == 0


def report(countersign, days, whole):
    say("verifying with the program")
    countersign.checkpoint()
    verified = countersign.verify()
    export = countersign.export()
    say("checking a bundle by three programs, two from the published format alone, and judging each document from the CSV files")
    bundle = countersign.pack(days[-1] + "T23:59:00.000Z")
    checked, agreed = check_again(countersign, bundle)
    said, fed, policy = decided(export)
    expected = expect(countersign, policy, days[-1])
    differences = compare(said, expected) + (tie(said, fed, countersign) if whole else [])
    for finding in verified["findings"][:40]:
        say("FINDING      %s" % json.dumps(finding))
    for text in differences[:40]:
        say("DIFFERS      " + text)
    print_summary(said, fed, days, countersign)
    say("expected     %s documents judged from the CSV files and the policy alone: %s" % (
        f"{len(expected):,}", "%d DIFFERENCES" % len(differences) if differences else "all decided the same"))
    bad = len(verified["findings"])
    say("verified     %s entries by audit verify, %s signatures, every decision made again: %s" % (
        f"{verified['entries']:,}", f"{verified['signatures']:,}", "%d FINDINGS" % bad if bad else "no findings"))
    for line in checked:
        say("bundle       " + line)
    return 0 if agreed and not differences and not bad else 1


def tie(said, fed, countersign):
    """Differences between what the book was given and the totals of the source."""
    with open(countersign.path("input/totals.json"), encoding="utf-8") as file:
        totals = json.load(file)
    sums = collections.Counter()
    for item in said.values():
        sums[item["kind"]] += pence_of(item["amount"]) * (1 if item["direction"] == "up" else -1)
    pairs = (("invoices", fed[0], totals["invoices"]), ("invoices in pence", fed[1], totals["invoice_pence_fed"]),
             ("credits", (sums["credit-note"] + sums["correction"]) * 10, totals["credit_thousandths"]),
             ("bad debts", sums["write-off"] * 10, totals["bad_debt_thousandths"]))
    return ["%s: %d in the book, %d in the source" % (name, got, want) for name, got, want in pairs if got != want]


RULES = (
    "made up      users, officers, makers, approvers and their approvals; terms, due dates, credit limits; VAT NONE",
    "rules        one entity, GBP; no customer number: CASH; invoices fed by the day, rounded half-even to pence, 0.00 too;",
    "             credits at their own time, each line matched to earlier ones of customer, code and price, oldest first,",
    "             the rest on account; reason by stock code, evidence the document's lines; C496350 corrects upwards;",
    "             A506401 A516228 A528059 A563187 are write-offs, A563185 A563186 reversals;",
    "             the source has no contact with a debtor, so no effort is shown for write-offs (more: tests/realdata/convert.py)")


def print_summary(said, fed, days, countersign):
    """One screen."""
    with open(countersign.path("converted.txt"), encoding="utf-8") as file:
        source = file.read().splitlines()
    by, controls = {}, collections.Counter()
    for item in said.values():
        line = by.setdefault(ended(item), [0, 0])
        line[0] += 1
        line[1] += pence_of(item["amount"])
        controls.update(item["controls"])
    say("")
    say("REAL DATA    %s to %s, %d days with documents; SIMULATED clock" % (days[0], days[-1], len(days)))
    say("source       Chen, D.: Online Retail and Online Retail II, UCI, CC BY 4.0")
    for line in (*RULES, *source[:4]):
        say(line)
    say("fed          %s invoices, %s GBP" % (f"{fed[0]:,}", pounds(fed[1])))
    for word, (count, pence) in sorted(by.items()):
        refused = "   by " + ", ".join("%s %d" % pair for pair in sorted(controls.items())) if word == "refused" else ""
        say("%-21s %6s documents %16s GBP%s" % (word, f"{count:,}", pounds(pence), refused))
    chain = ["%s %s" % (ref, ended(said[ref]) + "".join(" by " + c for c in said[ref]["controls"]))
             for ref in ("A563185", "A563186", "A563187") if ref in said]
    if chain:
        say("2011-08-12   " + ";  ".join(chain))


def main():
    parser = argparse.ArgumentParser(description="Real invoices and credits through the gate.", allow_abbrev=False)
    parser.add_argument("countersign")
    parser.add_argument("data", help="the folder online-retail, or the one that holds it")
    parser.add_argument("work")
    parser.add_argument("--days", type=int, help="only so many days")
    parser.add_argument("--policy", default=os.path.join(ROOT, "controls", "policies", "uk.yaml"))
    options = parser.parse_args()
    source = next((folder for folder in (options.data, os.path.join(options.data, "online-retail"))
                   if options.data and os.path.exists(os.path.join(folder, "documents_2009-2011.csv.gz"))), None)
    if source is None:
        print("skipped: no real data in '%s'" % options.data)
        return 77
    started, work = time.monotonic(), os.path.abspath(options.work)
    os.makedirs(work, exist_ok=True)
    say("converting (rules: tests/realdata/convert.py)")
    with open(os.path.join(work, "converted.txt"), "w", encoding="utf-8") as out:
        subprocess.run([os.path.join(HERE, "convert.py"), source, os.path.join(work, "input")], check=True, stdout=out)
    countersign = Countersign(options.countersign, work)
    every_day = sorted({name[:10] for part in ("invoices", "corrections")
                        for name in os.listdir(os.path.join(work, "input", part))})
    days = every_day[:options.days]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(4))  # so that the agent does not outlive this
    with Agent(countersign) as agent:
        agent.make_keys([*OFFICERS, *(user for user, _, _ in CAST)])
        try:
            countersign.make_book_key()
            say("SIMULATED clock: a book of %s; users, approvals, due dates and limits are made up" % BIRTH_DAY)
            set_up(countersign, awake(countersign, options.policy))
            work_through(countersign, days)
            status = report(countersign, days, days == every_day)
            say("took         %.0f s; in %s" % (time.monotonic() - started, "  ".join(
                "%s %d x %.0f ms" % (name, countersign.counts[name], seconds / countersign.counts[name] * 1000)
                for name, seconds in countersign.seconds.most_common(4))))
            return status
        except Failed as error:
            print("failed: %s" % error, file=sys.stderr)
            return 4


if __name__ == "__main__":
    sys.exit(main())
