#!/usr/bin/python3
"""Puts two years of a wholesaler's real invoices and credits through the gate, and compares.

    tests/realdata/drive.py COUNTERSIGN DATA WORK [--days N] [--policy FILE.yaml]

WORK gets the input (convert.py), the keys, the book, its export. Makers, approvers, officers, terms and limits are made
up; documents, amounts and times are the data's. Each day: invoices at 00:00, corrections at their own times by the
day's maker, approvals at 22:00 in lists by level. In the end the book is verified by the program and by checker.py,
and each decision is compared with what expect.py says from the CSV files.

Exit status: 0 all as expected, 1 differences, 4 a command failed, 77 no data (skipped).
"""
import argparse
import collections
import csv
import datetime
import json
import os
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
APPROVERS = ("t.ford", "m.gray", "d.hale", "v.inge", "f.jones")  # level 1 first
FEED_CUSTOMERS, FEED_INVOICES = "erp.customers", "erp.invoices"
OWNERS = {FEED_CUSTOMERS: "P-it.kerr", FEED_INVOICES: "P-it.lane"}  # a feed's person is its owner; duties keep them apart
PASSPHRASE = "of a book of made-up people\n"
CAST = ([(user, "human", "BILLING_SPECIALIST") for user in MAKERS] + [(COLLECTIONS, "human", "COLLECTIONS_SPECIALIST")]
        + list(zip(APPROVERS, ["human"] * 5, ("TEAM_LEAD", "MANAGER", "DIRECTOR", "VP_FINANCE", "CFO")))
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

    def approve(self, numbers, user, at):
        return self.results(self.run("approve", *numbers, "--json", "--yes", user=user, at=at))

    def verify(self):
        self.run("audit", "verify", "--json")

    def export(self):
        file = self.path("export.jsonl")
        self.run("audit", "export", "--out", file)
        return file

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
    """Consecutive rows of one preparer: write-offs are the collectors', all else the day's maker's."""
    parts = []
    for row in rows:
        user = COLLECTIONS if row["kind"] == "write-off" else maker
        if not parts or parts[-1][0] != user:
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
    for level, user in enumerate(APPROVERS, 1):
        numbers = [number for number, levels in waiting.items() if level in levels]
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
                        "document": result.get("document"), "until": result.get("until"),
                        "controls": sorted({c["control"] for c in result["controls"] if c["answer"] == "deny"}),
                        "amount": document.get("amount", "")}
                    if "document" in result:
                        where[result["document"]] = document["ref"]
            elif statement["do"] == "approve":
                for result in results:
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
        if sorted(item["controls"]) != got["controls"]:
            out.append("%s: refused by %s, expected %s" % (item["ref"], got["controls"], item["controls"]))
        if item["outcome"] != "refused" and got["end"] != "posted":
            out.append("%s: ended %s" % (item["ref"], got["end"]))
    known = {item["ref"] for item in expected}
    return out + ["%s: in the book, not expected" % ref for ref in said if ref not in known]


def pounds(pence):
    return "%s%s.%02d" % ("-" if pence < 0 else "", f"{abs(pence) // 100:,}", abs(pence) % 100)


def report(countersign, days, tie):
    say("verifying with the program")
    countersign.verify()
    export = countersign.export()
    words = [os.path.join(ROOT, "tests", "checker.py"), export, "--checkpoint", countersign.checkpoint()]
    say("checking again from the published format alone")
    checked = subprocess.run(words, check=False)
    said, fed, policy = decided(export)
    compiled = countersign.path("policy.json")
    with open(compiled, "w", encoding="utf-8") as file:
        json.dump(policy, file)
    expectation = countersign.path("expected.json")
    subprocess.run([os.path.join(HERE, "expect.py"), countersign.path("input"), compiled, expectation],
                   check=True, stdout=subprocess.DEVNULL)
    with open(expectation, encoding="utf-8") as file:
        expected = [item for item in json.load(file)["documents"] if item["day"] <= days[-1]]
    differences = compare(said, expected)
    print_counts(said, fed, tie)
    for text in differences[:40]:
        say("DIFFERS      " + text)
    say("expected     %d documents judged from the CSV files: %s" % (
        len(expected), "%d differences" % len(differences) if differences else "every decision the same"))
    return 1 if differences or checked.returncode else 0


def print_counts(said, fed, tie):
    by, refused, controls = {}, 0, {}
    for item in said.values():
        pence = int(item["amount"].replace(".", "")) if item["amount"] else 0
        word = "posted at once" if item["outcome"] == "posted" else \
            "posted after approval" if item["end"] == "posted" else item["end"]
        by.setdefault(word, [0, 0])
        by[word][0] += 1
        by[word][1] += pence
        refused += item["outcome"] == "refused"
        for control in item["controls"]:
            controls[control] = controls.get(control, 0) + 1
    for line in tie:
        say(line)
    say("fed          %s invoices, %s GBP" % (f"{fed[0]:,}", pounds(fed[1])))
    for word, (count, pence) in sorted(by.items()):
        say("%-12s %s documents, %s GBP" % (word, f"{count:,}", pounds(pence)))
    say("refused by   %s" % ("   ".join("%s %d" % pair for pair in sorted(controls.items())) or "nothing"))


def main():
    parser = argparse.ArgumentParser(description="Real invoices and credits through the gate.", allow_abbrev=False)
    parser.add_argument("countersign")
    parser.add_argument("data", help="folder that holds online-retail/")
    parser.add_argument("work")
    parser.add_argument("--days", type=int, help="only so many days")
    parser.add_argument("--policy", default=os.path.join(ROOT, "controls", "policies", "uk.yaml"))
    options = parser.parse_args()
    source = os.path.join(options.data, "online-retail")
    if not options.data or not os.path.isdir(source):
        print("skipped: no DATA with online-retail in it")
        return 77
    work = os.path.abspath(options.work)
    os.makedirs(work, exist_ok=True)
    say("converting (rules: tests/realdata/convert.py)")
    converted = subprocess.run([os.path.join(HERE, "convert.py"), source, os.path.join(work, "input")],
                               check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    countersign = Countersign(options.countersign, work)
    days = sorted({name[:10] for part in ("invoices", "corrections")
                   for name in os.listdir(os.path.join(work, "input", part))})[:options.days]
    with Agent(countersign) as agent:
        agent.make_keys([*OFFICERS, *(user for user, _, _ in CAST)])
        try:
            countersign.make_book_key()
            say("SIMULATED clock: a book of %s; users, approvals, due dates and limits are made up" % BIRTH_DAY)
            set_up(countersign, options.policy)
            work_through(countersign, days)
            return report(countersign, days, converted)
        except Failed as error:
            print("failed: %s" % error, file=sys.stderr)
            return 4


if __name__ == "__main__":
    sys.exit(main())
