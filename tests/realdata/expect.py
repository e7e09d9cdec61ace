#!/usr/bin/python3
"""Says beforehand what the gate must decide about the real corrections, from the CSV files and the policy alone.

    tests/realdata/expect.py OUT COMPILED_POLICY.json [RESULT.json]

OUT is what convert.py made; nothing is imported from it, from the checker or from the program. For each document:
posted, waiting or refused, by which controls, its request number, the levels asked and until when. Judged here:

  C-02  the authority row of the reason, on the document's amount; an on-account part also by the row for those
  C-06  all that living documents, and this one, take from one invoice in its life, by the same row
  C-07  the customer group's total in each window of the policy, this document included, by the same row
  C-08  the same for the preparer, when the policy has such a window; and what one person posts without a second
        signature in a local day and in 30 days
  C-09  which approvals are flagged: of what one person prepares and others approve in some days, one approver signs too much
  C-35  living documents, and this one, exceed what an invoice has
  C-37  the reason does not serve the kind, or its evidence or note is missing
  C-38  an earlier living document has an allocation of the same customer, invoice, amount and reason; and which documents are
        flagged, as the customer had one of the same amount and direction in some days before
  C-40  it is dated after its local day, or before an invoice that it corrects; further back than the policy's days takes
        one level more
  C-41  a write-off of bad debt: an invoice is not so long past due, or too few contacts show effort; nobody brings
        contacts in here, the source has none, and no cash or dispute either
  C-43  a reversal of a document that is not there, or was not posted

A refused document counts nowhere. A waiting one counts from its submission, and is approved by everybody who must at
22:00 of its day, at each level by one of two persons as its number is even or odd, so it is posted in the end. All else
that can deny (keys, grants) is in order here. What would take a rule that is not here (a reversal of what was posted, credit
after bad debt was given up: C-42, an approval that C-09 stops) ends this program, so that nothing is expected by mistake.
"""
import bisect
import collections
import csv
import datetime
import functools
import glob
import json
import os
import sys

DAY_MS = 86400000
EPOCH = datetime.date(1970, 1, 1)


def pence(text):
    sign = -1 if text.startswith("-") else 1
    whole, _, part = text.lstrip("-").partition(".")
    if len(part) not in (0, 2):
        raise ValueError("amount '%s'" % text)
    return sign * (int(whole) * 100 + int(part or 0))


def instant(ms):
    """The instant that millis reads."""
    days, rest = divmod(ms, DAY_MS)
    return "%sT%02d:%02d:%02d.%03dZ" % (EPOCH + datetime.timedelta(days=days), rest // 3600000, rest // 60000 % 60,
                                        rest // 1000 % 60, rest % 1000)


@functools.lru_cache(maxsize=1 << 16)
def millis(text):
    """Milliseconds of an instant YYYY-MM-DDTHH:MM:SS.mmmZ."""
    date = datetime.date.fromisoformat(text[:10])
    hour, minute, second, ms = int(text[11:13]), int(text[14:16]), int(text[17:19]), int(text[20:23])
    return (((date - EPOCH).days * 24 + hour) * 60 + minute) * 60000 + second * 1000 + ms


class Policy:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            compiled = json.load(file)
        self.reasons = {reason["reason"]: reason for reason in compiled["reasons"]}
        self.rows = compiled["authority"]
        self.windows = compiled["cumulative"]
        self.on_account_row = compiled["postings"]["on_account_row"]
        self.lapse_ms = compiled["approval"]["lapse_days"] * DAY_MS
        self.parameters = compiled.get("parameters", {})
        self.entities = {entity["entity"]: entity for entity in compiled["entities"]}

    def levels(self, row_name, entity, amount):
        """Levels that a row asks for an amount in pence."""
        rows = [row for row in self.rows if row["row"] == row_name and entity in row["entities"]]
        rows = rows or [row for row in self.rows if row["row"] == row_name and not row["entities"]]
        for tier in rows[0]["tiers"]:
            if "upto" not in tier or amount <= pence(tier["upto"]):
                return set(tier["levels"])
        raise ValueError("row %s has no last tier" % row_name)

    def first_levels(self, row_name, entity):
        """The levels that a row asks first."""
        rows = [row for row in self.rows if row["row"] == row_name and entity in row["entities"]]
        rows = rows or [row for row in self.rows if row["row"] == row_name and not row["entities"]]
        return next((set(tier["levels"]) for tier in rows[0]["tiers"] if tier["levels"]), {1})

    def bound(self, name, entity, fallback):
        """An amount among the parameters, in pence."""
        values = self.entities[entity].get("parameters", {})
        return pence(values.get(name, self.parameters.get(name, fallback)))

    def number(self, name, entity, fallback):
        """A number among the parameters."""
        return self.entities[entity].get("parameters", {}).get(name, self.parameters.get(name, fallback))

    def local_date(self, entity_name, time_ms):
        offsets = [(millis(o["from"]), o["minutes"] * 60000) for o in self.entities[entity_name]["offsets"]]
        offset = [minutes for start, minutes in offsets if start <= time_ms or start == offsets[0][0]][-1]
        return EPOCH + datetime.timedelta(days=(time_ms + offset) // DAY_MS)

    def one_more(self, row_name, entity, asked):
        """The levels asked, and the lowest other one of the row's last tier."""
        rows = [row for row in self.rows if row["row"] == row_name and entity in row["entities"]]
        rows = rows or [row for row in self.rows if row["row"] == row_name and not row["entities"]]
        return asked | set(sorted(set(rows[0]["tiers"][-1]["levels"]) - asked)[:1])

    def day_start(self, entity_name, time_ms):
        """The first instant of the local day."""
        offsets = [(millis(o["from"]), o["minutes"] * 60000) for o in self.entities[entity_name]["offsets"]]

        def offset(at):
            return [minutes for start, minutes in offsets if start <= at or start == offsets[0][0]][-1]
        first = (time_ms + offset(time_ms)) // DAY_MS * DAY_MS
        # No clock changes here within hours of midnight but to the full hour after it.
        return first - offset(first - offset(time_ms))

    def quarter_start(self, entity_name, time_ms):
        """The first instant of the fiscal quarter, local."""
        entity = self.entities[entity_name]
        offsets = [(millis(o["from"]), o["minutes"] * 60000) for o in entity["offsets"]]

        def offset(at):
            return [minutes for start, minutes in offsets if start <= at or start == offsets[0][0]][-1]
        local = EPOCH + datetime.timedelta(days=(time_ms + offset(time_ms)) // DAY_MS)
        months = local.year * 12 + local.month - 1
        months -= (local.month - entity["fiscal_month"]) % 3
        first = (datetime.date(months // 12, months % 12 + 1, 1) - EPOCH).days * DAY_MS
        # No fiscal quarter here begins within hours of a change of the clock.
        return first - offset(first)


class Books:
    """What counts: living documents only."""

    def __init__(self, customers, invoices):
        self.group = customers
        self.invoices = invoices                          # invoice -> [customer, pence that may still be taken, date, due]
        self.approved = collections.defaultdict(dict)     # preparer -> {number: (submitted, approvers)}
        self.by_invoice = collections.Counter()           # (kinds of the window, invoice) -> pence
        self.by_group = collections.defaultdict(lambda: ([], []))  # (window, group) -> times, running sums
        self.duplicates = {}                              # (customer, invoice, amount, reason) -> ref
        self.alike = collections.defaultdict(list)        # (entity, customer, amount, direction) -> [(submitted, number)]
        self.posted = set()                               # request numbers
        self.last = collections.Counter()                 # prefix -> n

    def window_sum(self, key, after):
        """Sum of what was submitted later than after."""
        times, sums = self.by_group[key]
        place = bisect.bisect_right(times, after)
        return (sums[-1] if sums else 0) - (sums[place - 1] if place else 0)

    def add(self, key, time_ms, amount):
        times, sums = self.by_group[key]
        times.append(time_ms)
        sums.append((sums[-1] if sums else 0) + amount)


PREFIX = {"credit-note": "CN", "correction": "IC", "write-off": "WO", "reversal": "RV", "credit-limit": "CL"}


def allocations_of(row):
    return [(invoice, pence(amount)) for invoice, amount in
            (item.rsplit(":", 1) for item in row["allocations"].split())]


def dates_judge(policy, books, row):
    """Whether C-40 denies, and whether it asks for one level more."""
    entered, date = policy.local_date(row["entity"], millis(row["at"])), datetime.date.fromisoformat(row["date"])
    early = any(date < books.invoices[invoice][2] for invoice, _ in allocations_of(row))
    return date > entered or early, (entered - date).days > policy.number("backdate_days", row["entity"], 5)


def given_up_too_soon(policy, books, row):
    """Whether C-41 denies a write-off."""
    precondition = policy.reasons[row["reason"]].get("precondition", "none")
    if row["kind"] != "write-off" or precondition == "none":
        return False
    if precondition != "bad-debt":
        raise ValueError("%s has to be %s: extend this script" % (row["ref"], precondition))
    today, entity = policy.local_date(row["entity"], millis(row["at"])), row["entity"]
    wanted, contacts = policy.number("write_off_due_days", entity, 180), 0
    return any((today - books.invoices[invoice][3]).days < wanted for invoice, _ in allocations_of(row)) \
        or contacts < policy.number("write_off_contacts_min", entity, 3)


def sign(policy, books, maker, item, approver):
    """One approval at 22:00: whether C-09 flags it. It must not stop it, or the company needs other approvers."""
    entity, now = item["entity"], millis(item["day"] + "T22:00:00.000Z")
    after = now - policy.number("pair_days", entity, 90) * DAY_MS
    others = [approvers for number, (submitted, approvers) in books.approved[maker].items()
              if submitted > after and number != item["document"]]
    count, theirs = len(others) + 1, sum(approver in approvers for approvers in others) + 1  # with this one
    enough = count >= policy.number("pair_count_min", entity, 20)
    if enough and theirs * 100 > count * policy.number("pair_need_percent", entity, 95):
        raise ValueError("C-09 stops %s at %s: %d of %d by the same" % (approver, item["document"], theirs, count))
    books.approved[maker].setdefault(item["document"], (item["submitted"], set()))[1].add(approver)
    return enough and theirs * 100 > count * policy.number("pair_flag_percent", entity, 80)


def evening(policy, books, waiting):
    """Level by level, those of even numbers first; documents get the levels that C-09 flags."""
    for level in range(1, 10):
        for turn in (0, 1):
            for maker, item in waiting:
                mine = level in item["levels"] and int(item["document"].rpartition("-")[2]) % 2 == turn
                if mine and sign(policy, books, maker, item, (level, turn)):
                    item["answer"].setdefault("pairs", []).append(level)


def judge(policy, books, row, maker):
    """(denying controls, {control: levels}) for a money document, and what it would add."""
    entity, kind, amount = row["entity"], row["kind"], pence(row["amount"])
    time_ms, group = millis(row["at"]), books.group[row["customer"]]
    reason = policy.reasons[row["reason"]]
    denied, need = [], collections.defaultdict(set)
    given = {item.split(":", 1)[0] for item in row["evidence"].split()}
    if kind not in reason["kinds"] or not set(reason["evidence"]) <= given \
            or len(row["note"].encode()) < reason["note_bytes_min"]:
        denied.append("C-37")
    need["C-02"] |= policy.levels(reason["row"], entity, amount)
    if row["on_account"]:
        need["C-02"] |= policy.levels(policy.on_account_row, entity, pence(row["on_account"]))
    taken = allocations_of(row)
    for number, window in enumerate(policy.windows):
        if kind not in window["kinds"]:
            continue
        if window["by"] == "invoice":
            for invoice, part in taken:
                need["C-06"] |= policy.levels(reason["row"], entity, books.by_invoice[(number, invoice)] + part)
            continue
        who, control = (group, "C-07") if window["by"] == "customer" else (maker, "C-08")
        after = {"days": time_ms - window["days"] * DAY_MS, "life": -1,
                 "quarter": policy.quarter_start(entity, time_ms) - 1}[window["span"]]
        need[control] |= policy.levels(reason["row"], entity, books.window_sum((number, who), after) + amount)
    if not any(need.values()):
        for name, fallback, after in (("automatic_day_max", "2000.00", policy.day_start(entity, time_ms) - 1),
                                      ("automatic_month_max", "10000.00", time_ms - 30 * DAY_MS)):
            limit = policy.bound(name, entity, fallback)
            if limit and books.window_sum(("automatic", maker), after) + amount > limit:
                need["C-08"] |= policy.first_levels(reason["row"], entity)
                break
    if row.get("direction") != "up" and any(
            books.invoices[invoice][0] != row["customer"] or books.invoices[invoice][1] < part
            for invoice, part in taken):
        denied.append("C-35")
    if any((row["customer"], invoice, part, row["reason"]) in books.duplicates for invoice, part in taken):
        denied.append("C-38")
    dated, backdated = dates_judge(policy, books, row)
    if backdated:
        need["C-40"] = policy.one_more(reason["row"], entity, set().union(*need.values()))
    denied += ["C-40"] * dated + ["C-41"] * given_up_too_soon(policy, books, row)
    return denied, {control: levels for control, levels in need.items() if levels}


def admit(policy, books, row, maker):
    kind, amount, time_ms = row["kind"], pence(row["amount"]), millis(row["at"])
    sign = 1 if row.get("direction") == "up" else -1
    for number, window in enumerate(policy.windows):
        if kind not in window["kinds"]:
            continue
        if window["by"] == "invoice":
            for invoice, part in allocations_of(row):
                books.by_invoice[(number, invoice)] += part
        else:
            who = books.group[row["customer"]] if window["by"] == "customer" else maker
            books.add((number, who), time_ms, amount)
    for invoice, part in allocations_of(row):
        books.invoices[invoice][1] += sign * part
        books.duplicates.setdefault((row["customer"], invoice, part, row["reason"]), row["ref"])


def look(policy, books, row, number):
    """The latest document that this one may be a duplicate of, and how many there are; None where there is none."""
    way = row.get("direction") or "down"
    like, now = books.alike[row["entity"], row["customer"], pence(row["amount"]), way], millis(row["at"])
    after = now - policy.number("duplicate_days", row["entity"], 30) * DAY_MS
    found = [other for submitted, other in like if submitted > after]
    like.append((now, number))
    return [found[-1], len(found)] if found else None


def read_csv(path):
    with open(path, encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def run(out, policy, makers=4):
    """A list of what is expected of each document, in order."""
    customers = {row["customer"]: row["group"] for row in read_csv(os.path.join(out, "customers.csv"))}
    books, expected = Books(customers, {}), []
    days = sorted({os.path.basename(path)[:10] for part in ("invoices", "corrections")
                   for path in glob.glob(os.path.join(out, part, "*.csv"))})
    for day in days:
        path = os.path.join(out, "invoices", day + ".csv")
        for row in read_csv(path) if os.path.exists(path) else ():
            books.invoices[row["invoice"]] = [row["customer"], pence(row["net"]) + pence(row["tax"]),
                                              datetime.date.fromisoformat(row["date"]),
                                              datetime.date.fromisoformat(row["due"])]
        path = os.path.join(out, "corrections", day + ".csv")
        maker = (datetime.date.fromisoformat(day) - EPOCH).days % makers
        waiting = []
        for row in read_csv(path) if os.path.exists(path) else ():
            who = "collections" if row["kind"] == "write-off" else maker
            expected.append(one(policy, books, row, who))
            if expected[-1]["outcome"] == "waiting":
                waiting.append((who, dict(expected[-1], answer=expected[-1], entity=row["entity"],
                                          submitted=millis(row["at"]))))
        evening(policy, books, waiting)
    return expected


def one(policy, books, row, maker):
    answer = {"ref": row["ref"], "kind": row["kind"], "day": row["at"][:10], "amount": row["amount"]}
    if row["kind"] == "reversal":
        # Nothing in this data may be reversed: what would be posted is left to those who extend it.
        if row["reverses"] in books.posted:
            raise ValueError("%s reverses a posted document: extend this script" % row["ref"])
        return dict(answer, outcome="refused", controls=["C-43"], levels=[], because={})
    denied, need = judge(policy, books, row, maker)
    levels = sorted(set().union(*need.values())) if need else []
    answer["because"] = {control: sorted(asked) for control, asked in sorted(need.items())}
    if denied:
        return dict(answer, outcome="refused", controls=denied, levels=[])
    if row["kind"] == "write-off" and policy.reasons[row["reason"]].get("precondition", "none") != "none":
        raise ValueError("%s gives bad debt up, which C-42 looks at from then on: extend this script" % row["ref"])
    prefix = PREFIX[row["kind"]]
    books.last[prefix] += 1
    number = "%s-%d" % (prefix, books.last[prefix])
    books.posted.add(number)
    admit(policy, books, row, maker)
    alike = look(policy, books, row, number)
    if alike:
        answer["alike"] = alike
    if not levels:
        books.add(("automatic", maker), millis(row["at"]), pence(row["amount"]))
    if levels:
        answer["until"] = instant(millis(row["at"]) + policy.lapse_ms)
    return dict(answer, outcome="waiting" if levels else "posted", controls=[], levels=levels, document=number)


def totals_of(expected):
    totals = {"pairs": sum(len(item.get("pairs", ())) for item in expected),
              "alike": sum("alike" in item for item in expected),
              "documents": len(expected),
              "outcomes": collections.Counter(), "refused_by": collections.Counter(),
              "levels": collections.Counter(), "raised_by": collections.Counter(), "amounts": collections.Counter(),
              "approvals": 0}
    for item in expected:
        totals["outcomes"][item["outcome"]] += 1
        totals["refused_by"].update(item["controls"])
        if item["outcome"] != "refused":
            totals["levels"][" ".join(map(str, item["levels"])) or "none"] += 1
            totals["approvals"] += len(item["levels"])
            alone = set(item["because"].get("C-02", ()))
            for control, asked in item["because"].items():
                totals["raised_by"][control] += control != "C-02" and not set(asked) <= alone
        if item["amount"]:
            totals["amounts"][item["outcome"]] += pence(item["amount"])
    return totals


def main():
    if len(sys.argv) not in (3, 4):
        print("usage: expect.py OUT COMPILED_POLICY.json [RESULT.json]", file=sys.stderr)
        return 2
    expected = run(sys.argv[1], Policy(sys.argv[2]))
    result = {"documents": expected, "totals": totals_of(expected)}
    text = json.dumps(result, indent=1, sort_keys=True)
    if len(sys.argv) == 4:
        with open(sys.argv[3], "w", encoding="utf-8") as file:
            file.write(text + "\n")
        print(json.dumps(result["totals"], sort_keys=True))
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
