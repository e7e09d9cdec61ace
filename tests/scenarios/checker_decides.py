#!/usr/bin/python3
"""The checker decides nine controls again; whether it does is tested here. A small book of its own, made by hand, has each of
their answers worked out by hand; it must pass. Then an operator who owns the machine and everybody's keys decides otherwise:
every one of those answers is dropped, doubled, and changed in each of its inputs, others are made up, levels are left out,
and documents are posted without; everything is signed and chained again. Each must be found, at its entry, and the control
named.
"""
import copy
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import checker_selftest as base  # noqa: E402
from checker_selftest import WAIT, credit, credit_lines, expect, found, line, role, row, sha, truth  # noqa: E402

NINE = ("C-01", "C-02", "C-03", "C-04", "C-06", "C-07", "C-20", "C-35", "C-39")
POLICY = dict(
    base.POLICY,
    conflicts=[{"a": "APPROVE", "b": "PREPARE", "mode": "never"}],
    cumulative=[{"by": "invoice", "days": 0, "kinds": ["credit-note", "write-off"], "span": "life"},
                {"by": "customer", "days": 30, "kinds": ["credit-note"], "reversed": "leave-out", "span": "days"}],
    duties=[{"duty": "APPROVE", "functions": ["credit-note.approve.1"], "title": "a"},
            {"duty": "PREPARE", "functions": ["credit-note.prepare"], "title": "p"}],
    authority=[row("BILLING", ("20.00", []), ("100.00", [1]), (None, [1, 2])), row("SIGNED", (None, [1]))],
    roles=[role("CLOSER", "period.close")] + base.POLICY["roles"])
SECOND = [{"answer": "need", "code": "second-officer", "control": "C-31", "levels": [1]}]


def answer(word, control, code, **inputs):
    return {"answer": word, "code": code, "control": control, **inputs}


def amount(text, levels, limit):
    return answer("need", "C-02", "amount", amount=text, levels=levels, limit=limit, row="BILLING")


def total(control, text, levels, limit, whole, window, places, **group):
    members = sha("".join("%d.0\n" % place for place in places).encode())
    return answer("need", control, "sum", amount=text, count=len(places), levels=levels, limit=limit, members=members,
                  sum=whole, window=window, **group)


class Decided(base.Book):
    """Like the self-test's book, with nothing worked out for it: answers are given."""

    def asked(self, document, base=None):
        return list(self.say)

    def act(self, do, actor, document, outcome, content=None, **more):
        known = self.content[document]
        self.content[document] = (content or known[0], known[1])
        if outcome not in ("posted", "in-force"):
            more["controls"] = list(self.say)
        super().act(do, actor, document, outcome, **more)
        self.content[document] = known

    def amend(self, actor, number, document, outcome, name, **extra):
        self.old = self.content[number][0]
        super().amend(actor, number, document, outcome, name, **extra)

    def document(self, actor, document, outcome, name, answers=(), **extra):
        self.say = list(answers)
        self.submit(actor, (document, outcome, extra), name=name)

    def sign(self, actor, request, level, outcome, name, answers=(), content=None, **extra):
        self.say = list(answers)
        self.act("approve", actor, request, outcome, name=name, level=level, content=content, **extra)


def make(edits=None):
    book = Decided(edits, POLICY)
    book.say = []
    base.found_book(book)
    people = (("maria", "human", "SPECIALIST"), ("ana", "human", "LEAD"), ("tom", "human", "MANAGER"),
              ("erp", "feed", "FEEDS"), ("kim", "human", "CLOSER"), ("joe", "human", None))
    for n, (user, sort, _) in enumerate(people, 1):
        document = {"kind": "enrolment", "ref": "en-" + user, "channel": "cli", "user": user, "person": "P-" + user,
                    "sort": sort, "key": base.PENS[user].text}
        book.say = SECOND
        book.submit("o.chen", (document, "waiting", dict(WAIT)), pens=["o.chen", user])
        book.act("approve", "o.diaz", "EN-%d" % n, "in-force")
    grant = {"kind": "grant", "channel": "cli", "entities": ["UK01"]}
    for n, (user, _, name) in enumerate(people[:-1], 1):
        book.say = SECOND
        book.submit("o.chen", (dict(grant, ref="gr-" + user, user=user, role=name), "waiting", dict(WAIT)))
        book.act("approve", "o.diaz", "GR-%d" % n, "in-force")
    book.say = []
    # C-12 belongs to G by its parent, and brings C-11 and the name H with it by their tax number.
    alike = {"attributes": [{"hash": "a" * 64, "name": "tax_id"}]}
    book.feed("customers", 1, True, {"count": 4, "sequence": 1}, [
        {"currency": "GBP", "customer": one, "group": group, "limit": "0.00", "terms_days": 30, **more}
        for one, group, more in (("C-9", "G", {}), ("C-10", "G", {}), ("C-11", "H", alike), ("C-12", "G", alike))],
        {"outcome": "closed", "count": 4}, "customers")
    invoices = [{"customer": customer, "date": "2026-04-01", "due": "2026-05-01", "gross": gross, "invoice": number,
                 "taxes": [{"code": "NONE", "net": gross, "tax": "0.00"}]}
                for number, customer, gross in (("1001", "C-9", "500.00"), ("1002", "C-10", "300.00"), ("1003", "C-11", "90.00"))]
    invoices[2]["lines"] = [{"code": "NONE", "line": ident, "net": net, "tax": "0.00"} for ident, net in (
        ("1", "50.00"), ("2", "40.00"))]
    book.feed("invoices", 1, True, {"count": 3, "currency": "GBP", "sequence": 1, "total": "890.00"}, invoices,
              {"outcome": "closed", "count": 3, "total": "890.00"}, "invoices")
    splitting(book)
    duties_and_invoices(book)
    versions_and_lines(book)
    months(book)
    return book


def splitting(book):
    """15.00 is automatic, 10.00 more is not; 80.00 for another customer of the group takes level 2, too."""
    one = len(book.lines)
    book.document("maria", credit("a-1", "15.00"), "posted", "automatic", number="UK01-CN-2027-000001",
                  lines=credit_lines("15.00"))
    invoice = total("C-06", "10.00", [1], "20.00", "25.00", "life", (one, one + 1), invoice="1001")
    customer = total("C-07", "10.00", [1], "20.00", "25.00", "30 days", (one, one + 1), group="G")
    book.document("maria", credit("a-2", "10.00"), "waiting", "split", [invoice, customer], **WAIT)
    group = [amount("80.00", [1], "20.00"),
             total("C-07", "80.00", [1, 2], "100.00", "105.00", "30 days", (one, one + 1, one + 2), group="G")]
    book.document("maria", credit("a-3", "80.00", "1002", customer="C-10"), "waiting", "group", group, levels=[1, 2],
                  until=WAIT["until"])
    book.sign("maria", "CN-2", 1, "refused", "own", [answer("deny", "C-01", "own-document", person="P-maria"), answer(
        "deny", "C-02", "no-authority", entity="UK01", function="credit-note.approve.1")])
    book.sign("ana", "CN-2", 1, "posted", "split posted", [invoice, customer], number="UK01-CN-2027-000002",
              lines=credit_lines("10.00"))
    book.sign("ana", "CN-3", 1, "approved", "level 1", levels=[2], until=WAIT["until"])
    twice = answer("deny", "C-03", "signed-already", person="P-ana")
    book.sign("ana", "CN-3", 2, "refused", "both levels", [answer(
        "deny", "C-02", "no-authority", entity="UK01", function="credit-note.approve.2"), twice])
    book.sign("ana", "CN-3", 1, "refused", "level 1 again", [answer(
        "deny", "C-02", "level-not-asked", level=1, levels=[2]), twice])
    book.sign("tom", "CN-3", 2, "refused", "other content", [answer("deny", "C-04", "content", version=1)],
              content="5" * 64)
    book.sign("tom", "CN-3", 2, "posted", "group posted", group, number="UK01-CN-2027-000003", lines=[
        line("4000", "dr", "80.00"), line("1200", "cr", "80.00", customer="C-10", invoice="1002")])
    book.sign("tom", "CN-3", 2, "refused", "posted already", [
        answer("deny", "C-02", "level-not-asked", level=2, levels=[]), answer("deny", "C-03", "signed-already", person="P-tom"),
        answer("deny", "C-04", "not-waiting", state="posted")])


def duties_and_invoices(book):
    held = {"function": "credit-note.approve.1", "grant": "GR-1", "held": "credit-note.prepare", "role": "SPECIALIST",
            "user": "maria"}
    both = {"kind": "grant", "ref": "gr-both", "channel": "cli", "user": "maria", "role": "LEAD", "entities": ["UK01"]}
    book.document("o.chen", both, "refused", "both duties", [
        answer("deny", "C-20", "floor", floor="prepare-approve", **held),
        answer("deny", "C-20", "conflict", duty="APPROVE", other_duty="PREPARE", **held)] + SECOND)
    book.document("maria", credit("a-4", "600.00"), "refused", "too much", [
        amount("600.00", [1, 2], "100.00"),
        answer("deny", "C-35", "over-credit", amount="600.00", invoice="1001", open="475.00", pending="0.00",
               remaining="475.00")])
    book.document("joe", credit("a-6", "1.00", "1009"), "refused", "no function", [
        answer("deny", "C-02", "no-function", entity="UK01", function="credit-note.prepare"),
        total("C-07", "1.00", [1, 2], "100.00", "106.00", "30 days", corrections(book), group="G")])
    book.document("maria", credit("a-7", "1.00", "1009"), "refused", "no invoice", [
        total("C-07", "1.00", [1, 2], "100.00", "106.00", "30 days", corrections(book), group="G"),
        answer("deny", "C-35", "unknown-invoice", invoice="1009")])


def versions_and_lines(book):
    """An amendment takes the place of its own version; what was reversed for an error counts for its invoice only, and frees
    its line; an approval that is stale is asked again."""
    def group(text, whole, levels=(1, 2), limit="100.00"):
        return total("C-07", text, list(levels), limit, whole, "30 days", corrections(book), group="G")
    first, waits = len(book.lines), {"levels": [1, 2], "until": WAIT["until"]}
    book.document("maria", credit("b-1", "30.00", "1002", customer="C-10"), "waiting", "first version", [
        amount("30.00", [1], "20.00"),
        total("C-06", "30.00", [1, 2], "100.00", "110.00", "life", (book.names["group"], first), invoice="1002"),
        group("30.00", "135.00")], **waits)
    book.say = [amount("35.00", [1], "20.00"), total(
        "C-06", "35.00", [1, 2], "100.00", "115.00", "life", (book.names["group"], first + 1), invoice="1002"),
        group("35.00", "140.00")]
    book.amend("maria", "CN-4", credit("b-1b", "35.00", "1002", customer="C-10"), "waiting", "second version", **waits)
    book.say = [answer("deny", "C-04", "content", version=2)]
    book.act("withdraw", "maria", "CN-4", "refused", name="an old version", content=book.old)
    book.say = []
    book.act("withdraw", "maria", "CN-4", "withdrawn", name="given up")

    def lined(ref, text):
        return dict(credit(ref, text, "1003", customer="C-11"), allocations=[{"amount": text, "invoice": "1003", "line": "1"}])

    def lines(text):
        return [line("4000", "dr", text), line("1200", "cr", text, customer="C-11", invoice="1003")]
    said = [group("16.00", "121.00")]
    book.document("maria", lined("b-2", "16.00"), "waiting", "a line", said, **waits)
    book.sign("ana", "CN-5", 1, "approved", "its level 1", levels=[2], until=WAIT["until"])
    book.sign("tom", "CN-5", 2, "posted", "its level 2", said, number="UK01-CN-2027-000004", lines=lines("16.00"))
    back = {"kind": "reversal", "ref": "b-3", "channel": "cli", "entity": "UK01", "reason": "ERROR", "date": "2026-05-01",
            "reverses": "CN-5"}
    mirror = [dict(item, side="cr" if item["side"] == "dr" else "dr") for item in lines("16.00")]
    book.document("maria", back, "posted", "reversed", number="UK01-RV-2027-000001", lines=mirror, base="16.00")
    said = [amount("50.00", [1], "20.00"), group("50.00", "155.00")]
    book.document("maria", lined("b-4", "50.00"), "waiting", "the line again", said, **waits)
    book.sign("ana", "CN-6", 1, "approved", "again 1", levels=[2], until=WAIT["until"])
    stale = answer("need", "C-16", "changed", levels=[1])
    book.sign("tom", "CN-6", 2, "approved", "again 2", said + [stale], levels=[1], until=WAIT["until"])
    book.sign("ana", "CN-6", 1, "posted", "again 1 anew", said, number="UK01-CN-2027-000005", lines=lines("50.00"))
    book.document("maria", lined("b-5", "0.01"), "refused", "the line is used", [
        total("C-06", "0.01", [1], "20.00", "66.01", "life", (
            book.names["a line"], book.names["the line again"], len(book.lines)), invoice="1003"),
        group("0.01", "155.01"),
        answer("deny", "C-35", "over-line", amount="0.01", invoice="1003", line="1", remaining="0.00")])


def corrections(book):
    """The places of what counts so far, and of the entry that comes."""
    return [book.names[name] for name in ("automatic", "split", "group", "the line again")
            if name in book.names] + [len(book.lines)]


def months(book):
    period = {"kind": "period", "ref": "pe-1", "channel": "cli", "entity": "UK01", "period": "2026-05", "state": "soft",
              "reason": "May"}
    book.document("kim", dict(period, ref="pe-0", period="2026-06"), "refused", "too early", [answer(
        "deny", "C-39", "too-early", entity="UK01", period="2026-06", state="soft", **{"from": "2026-06-01"})])
    book.document("kim", period, "in-force", "closed")
    sums = [total("C-06", "5.00", [1], "20.00", "30.00", "life", (
        book.names["automatic"], book.names["split"], len(book.lines)), invoice="1001"),
        total("C-07", "5.00", [1, 2], "100.00", "160.00", "30 days", corrections(book), group="G")]
    book.document("maria", credit("a-5", "5.00"), "refused", "in a closed month", sums + [
        answer("deny", "C-39", "soft-closed", entity="UK01", period="2026-05", user="maria")])
    excepted = dict(period, ref="pe-2", state="open", user="maria", until="2026-05-03T00:00:00.000Z")
    book.document("kim", excepted, "waiting", "exception", [
        answer("need", "C-31", "second-closer", levels=[1])], **WAIT)
    book.sign("o.diaz", "PE-2", 1, "in-force", "excepted", [answer("need", "C-31", "second-closer", levels=[1])])
    here = len(book.lines)
    sums = [dict(one, members=sha("".join("%d.0\n" % place for place in places).encode())) for one, places in zip(
        sums, ((book.names["automatic"], book.names["split"], here), corrections(book)))]
    book.document("maria", credit("a-8", "5.00"), "waiting", "under the exception", sums + [
        answer("flag", "C-39", "under-exception", exception="PE-2", period="2026-05", user="maria")], levels=[1, 2],
        until=WAIT["until"])
    book.say = [answer("deny", "C-01", "not-yours")]
    book.act("withdraw", "ana", "CN-7", "refused", name="not hers")
    book.say = []
    book.act("withdraw", "maria", "CN-7", "withdrawn", name="withdrawn")


# ---------------------------------------------------------------- what is forged

def forged(title, seq, edit, control=""):
    """An operator's edit of the first result of an entry, chained to those before; no statement is other than it was."""
    entry = base.json.loads(TRUE[seq])
    edit(entry["decision"]["results"][0])
    if seq not in BEFORE:
        BEFORE[seq] = base.checker.check_export(TRUE[:seq])
    checker = copy.deepcopy(BEFORE[seq])
    checker.add_line(base.canon(entry))
    expect(title, checker.findings, "control", seq, control)


TRUE, BEFORE = [], {}  # the lines of the true book; by entry, a checker that has seen those before it


def other(value):
    """Another value of the same sort."""
    if isinstance(value, list):
        return value[:-1] if value else [1]
    if isinstance(value, int):
        return value + 1
    if value[0].isdigit() and value.endswith(".00"):
        return "7" + value
    return ("1" if value[0] != "1" else "2") + value[1:]


def test_every_answer(book):
    """Each answer of the nine dropped, and one of each code in each other way."""
    seen, codes = set(), set()
    for seq, results in enumerate(book.decided):
        for place, given in enumerate(results[0].get("controls", ()) if results else ()):
            if given["control"] not in NINE:
                continue
            control, what = given["control"], "%d %s %s: " % (seq, given["control"], given["code"])
            seen.add(control)
            forged(what + "dropped", seq, lambda r: r["controls"].pop(place), control)
            if (control, given["code"]) in codes:
                continue
            codes.add((control, given["code"]))
            forged(what + "twice", seq, lambda r: r["controls"].insert(place, dict(r["controls"][place])), control)
            word = {"deny": "flag", "need": "flag", "flag": "need"}[given["answer"]]
            forged(what + word, seq, lambda r: r["controls"][place].update(answer=word), control)
            for name in set(given) - {"answer", "control"}:
                forged(what + name, seq, lambda r: r["controls"][place].update({name: other(given[name])}), control)
                if name != "code":
                    forged(what + "no " + name, seq, lambda r: r["controls"][place].pop(name), control)
            forged(what + "an input more", seq, lambda r: r["controls"][place].update(more="1"), control)
    truth("all nine are answered in it: %s" % sorted(seen), seen == set(NINE))


def test_made_up(names):
    """Answers that nothing gives cause for, in order and well formed."""
    for control in NINE:
        for word in ("flag", "need", "deny"):
            made = answer(word, control, "sum", **({"levels": [1]} if word == "need" else {}))
            forged("made up: %s %s" % (control, word), names["automatic"],
                   lambda r: r["controls"].append(made), control)


def test_outcomes(names):
    """Answers as they must be, and another outcome or other levels."""
    def posted(number, lines):
        def edit(result):
            for name in ("levels", "until"):
                result.pop(name, None)
            result.update(outcome="posted", number=number, lines=lines)
        return edit

    def waits(levels):
        def edit(result):
            for name in ("number", "lines"):
                result.pop(name, None)
            result.update(outcome="waiting" if "version" in result else "approved", levels=levels, until=WAIT["until"])
        return edit
    second = "UK01-CN-2027-000002"
    group = [line("4000", "dr", "80.00"), line("1200", "cr", "80.00", customer="C-10", invoice="1002")]
    for title, place, edit, words in (
            ("posted without the level that C-06 needs", "split", posted(second, credit_lines("10.00")), "to be waiting for [1]"),
            ("waits for a level less", "group", waits([1]), "[1, 2] are to sign"),
            ("waits for a level more", "split", waits([1, 2]), "[1] are to sign"),
            ("posted after one level of two", "level 1", posted(second, group), "to be approved for [2]"),
            ("waits although nobody is asked", "automatic", waits([1]), "to be posted"),
            ("waits for a level again", "split posted", waits([2]), "to be posted"),
            ("not refused although it is denied", "too much", lambda r: r.update(
                outcome="waiting", document="CN-4", version=1, base="600.00", levels=[1, 2], until=WAIT["until"]),
             "to be refused"),
            ("a grant that C-20 denies is in force", "both duties", lambda r: r.update(
                outcome="waiting", document="GR-6", version=1, **WAIT), "to be refused"),
            ("approved although it is denied", "own", lambda r: r.update(
                outcome="posted", number=second, lines=credit_lines("10.00")), "to be refused"),
            ("withdrawn by another", "not hers", lambda r: r.update(outcome="withdrawn"), "to be refused"),
            ("not withdrawn", "withdrawn", lambda r: r.update(outcome="refused"), "to be withdrawn")):
        forged(title, names[place], edit, words)


def test_in_step(names):
    """Outcome and answers changed together: the document is let through as if nothing had been asked, and the sums of those
    after it show that."""
    def through(result):
        for name in ("levels", "until"):
            result.pop(name, None)
        result.update(outcome="posted", number="UK01-CN-2027-000002", lines=credit_lines("10.00"), controls=[])
    forged("no sum, no level, posted", names["split"], through, "C-06")
    forged("no sum, no level, posted: C-07", names["split"], through, "C-07")

    def smaller(result):
        result["controls"][1].update(sum="99.00", levels=[1], limit="20.00")
        result.update(levels=[1])
    forged("a smaller sum, and the level that it would take", names["group"], smaller, "C-07")

    def flagged(result):
        result["controls"][-1].update(answer="flag")
        result.update(outcome="waiting", document="CN-7", version=1, base="5.00", levels=[1, 2], until=WAIT["until"])
    forged("a closed month as a mere flag", names["in a closed month"], flagged, "C-39")
    seq = names["own"]
    book = make({seq: [("after", lambda e: e["decision"].update(outcome="refused", results=[], controls=[
        answer("deny", "C-04", "seen-missing")]))]})
    expect("refused as a whole for nothing", found(book.lines), "control", seq, "C-04")
    book = make({seq: [("signed", lambda s: s.update(seen=None))]})
    expect("done although nothing was seen", found(book.lines), "control", seq, "C-04")


def test_feeds(names):
    seq = names["invoices"]
    forged("a feed that asks nothing", seq, lambda r: r["controls"].append(
        answer("deny", "C-02", "no-function", entity="UK01", function="feed.invoices")), "C-02")
    book = make({seq: [("signed", lambda s: s.update(actor="maria")), ("after", base.signed_by("maria"))]})
    expect("fed by who may not", found(book.lines), "control", seq, "no-function")


def main():
    book = make()
    clean = checker_of(book)
    truth("the decided book passes: %s" % clean.findings[:5], not clean.findings)
    entries = [base.json.loads(one) for one in book.lines]
    truth("everything in it was decided again", clean.deciding.decided == sum(
        len(one["decision"]["results"]) for one in entries[1:]))
    wanted = [answer["control"] for one in entries for result in one["decision"]["results"]
              for answer in result.get("controls", ())]
    truth("and counted", all(clean.deciding.counts[control] == wanted.count(control) for control in NINE))
    TRUE.extend(book.lines)
    book.decided = [copy.deepcopy(base.json.loads(one)["decision"]["results"]) for one in book.lines]
    test_every_answer(book)
    test_made_up(book.names)
    test_outcomes(book.names)
    test_in_step(book.names)
    test_feeds(book.names)
    print("checker decides: %d checks, %d failed" % (base.RUN[0], len(base.FAILED)))
    return 1 if base.FAILED else 0


def checker_of(book):
    return base.checker.check_export(book.lines)


if __name__ == "__main__":
    sys.exit(main())
