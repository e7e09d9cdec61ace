"""Decides again what nine controls must have answered: C-01 to C-04, C-06, C-07, C-20, C-35 and C-39, for every document when
it is submitted or amended, at each approval and when it takes effect, and for every other act on it. Written from
ledger/FORMAT.md (section 6.10 above all), controls/POLICY.md and controls/CATALOGUE.md alone.

The answers of these nine are worked out from the entries before and the policy in force, and have to stand in the decision
byte for byte: none may lack, none be too many. What the other controls answered is believed, and with it the outcome and the
levels are worked out.
"""
import hashlib

from checker_books import NOTHING, Books, allocated, gives_credit, reduces, sides
from checker_form import MINOR_MAX, canonical, convert, instant_ms, minor
from checker_policy import DAY_MS, FLOORS, KINDS, LEDGER_KINDS, date_days, days_date, function_class, month_days, text_of

NINE = ("C-01", "C-02", "C-03", "C-04", "C-06", "C-07", "C-20", "C-35", "C-39")
# By CATALOGUE.md, "asked for": of the others, those that are asked for an approval and nothing else; those that are asked
# for an approval and when a document takes effect; and those that are asked about an amendment's claim on the version before.
APPROVALS_ONLY = ("C-05", "C-09", "C-18", "C-22", "C-23", "C-30")
APPROVALS_TOO = ("C-08", "C-16", "C-17", "C-19", "C-24", "C-25", "C-29", "C-31", "C-43", "C-51", "C-52")
ITEMS_TOO = ("C-25", "C-31")
POSTING = LEDGER_KINDS + ("reversal",)
SPLITTING = ("credit-note", "correction", "rebill")
NAMED_MAX = 20


class TooLarge(Exception):
    """A sum leaves 64 bits."""


def bounded(units):
    if abs(units) > MINOR_MAX:
        raise TooLarge
    return units


def rank(levels):
    """Levels as a number: the one that asks for a higher level is the larger."""
    return sum(1 << level for level in levels)


class Answers(list):
    """Answers of the nine to one question, in order."""

    def deny(self, control, code, **inputs):
        self.append({"answer": "deny", "code": code, "control": control, **inputs})

    def flag(self, control, code, **inputs):
        self.append({"answer": "flag", "code": code, "control": control, **inputs})

    def need(self, control, code, **inputs):
        self.append({"answer": "need", "code": code, "control": control, **inputs})

    @property
    def denied(self):
        return any(one["answer"] == "deny" for one in self)


class Question:
    """A document that is judged: what, whose, where and when."""

    def __init__(self, document, actor, place, ms, held=None, posting=False):
        self.document, self.kind, self.actor = document, document["kind"], actor
        self.place, self.ms = place, ms            # of the version that is judged: where windows end
        self.held, self.posting = held, posting    # the document in the books; None when it is new
        governs = KINDS[self.kind].governance
        self.entity, self.reason = document.get("entity"), None if governs else document.get("reason")
        self.currency = document.get("currency")
        self.base = self.on_account = 0            # what it counts, and of that what goes on account; in base currency
        self.in_base, self.no_row, self.rate = True, False, None

    @property
    def preparer(self):
        return self.held.preparer if self.posting else self.actor

    @property
    def own_waits(self):
        """The version before, or this one, where it waits: what it holds is given back to it."""
        return self.held.document if self.held is not None and self.held.state == "waiting" else None


def state_of(held):
    return "reversed" if held.reversed_by else held.state


class Deciding:
    def __init__(self, checker):
        self.checker, self.books = checker, Books(checker)
        self.counts = {control: 0 for control in NINE}
        self.decided = 0
        self.policy = self.now = self.entry = None
        self.shaken = False  # a statement is refused as one: what it would have admitted cannot be told from it

    # ------------------------------------------------------------ comparing

    def _find(self, text):
        self.checker.find("control", text)

    @staticmethod
    def _ours(stored):
        return [one for one in stored if isinstance(one, dict) and one.get("control") in NINE]

    @staticmethod
    def _denied_before(stored, control):
        """Whether a control of the others that stands before this one in the catalogue denied."""
        return any(one.get("answer") == "deny" and one.get("control") not in NINE and one["control"] < control
                   for one in stored)

    def _compare(self, where, stored, wanted):
        """Whether the answers of the nine are those; else says control by control what lacks and what is too many."""
        ours = self._ours(stored)
        wanted = sorted(wanted, key=lambda one: one["control"])
        for one in wanted:
            self.counts[one["control"]] += 1
        if ours == wanted:
            return True
        for control in NINE:
            said, due = ([one for one in answers if one["control"] == control] for answers in (ours, wanted))
            if said != due:
                self._find("%s: %s answers %s, it has to answer %s" % (where, control, self._shown(said), self._shown(due)))
        return False

    @staticmethod
    def _shown(answers):
        return " and ".join("%s %s (%s)" % (one.get("answer"), one.get("code"), ", ".join(
            "%s %s" % (name, one[name]) for name in sorted(one) if name not in ("answer", "code", "control")))
            for one in answers) or "nothing"

    # ------------------------------------------------------------ whole statements

    def statement(self, statement, decision, entry):
        """C-04 of the whole statement. Also begins the entry."""
        self.entry, self.now = entry, instant_ms(entry["time"])
        found = self.checker._policy_at(entry)
        self.policy = self.books.policy(found[3]) if found else None
        self.shaken = False
        answers, seen = Answers(), statement["seen"]
        if statement["do"] != "charter":
            governs = any(KINDS.get(one.get("kind"), KINDS["dispute"]).governance for one in self.checker._brought(statement))
            if seen is None:
                if governs or statement["do"] in ("approve", "reject", "return", "restore"):
                    answers.deny("C-04", "seen-missing")
            elif seen["seq"] >= entry["seq"] or self.checker.leaves[seen["seq"]].hex() != seen["hash"]:
                answers.deny("C-04", "unknown-seen", seq=seen["seq"])
        self._compare("the statement", decision["controls"], answers)

    # ------------------------------------------------------------ measuring (FORMAT 6.6)

    def _rate(self, base, currency, date, entity):
        """(trillionths, {base, date, document, rate}) of a rate that counts; None where there is none, or it is too old."""
        found = self.checker._rate_at(base, currency, date)
        if found is None or date_days(date) - date_days(found[0]) > self.policy.parameter("rate_days_max", 35, entity):
            return None
        return found[1][0], {"base": base, "date": found[0], "document": found[1][2], "rate": found[1][1]}

    def _measure(self, question):
        """What the document amounts to, in its currency and in base."""
        document, kind, currency = question.document, question.kind, question.currency
        if KINDS[kind].governance:
            return
        if kind in ("dispute", "inquiry", "exception", "case-note"):
            question.no_row = True
            return
        if kind == "reversal":
            original = self.checker.documents.get(document["reverses"])
            question.base = original.base or 0 if original is not None else 0
            return
        if kind in ("credit-limit", "temporary-limit"):
            limit, previous = minor(document["limit"], currency), minor(document["previous"], currency)
            units, question.no_row = (limit if limit > previous else 0), limit <= previous
        else:
            units = minor(document["amount"], currency)
        aside = minor(document["on_account"], currency) if "on_account" in document else 0
        base = self.policy.base
        if currency != base:
            question.rate = self._rate(base, currency, document["date"], question.entity)
            question.in_base = question.rate is not None
            if question.in_base:
                units, aside = (convert(one, question.rate[0], currency, base) for one in (units, aside))
                question.in_base = max(units, aside) <= MINOR_MAX
        if question.in_base:
            question.base, question.on_account = units, aside

    def _row(self, question):
        if question.reason is None or question.entity is None:
            return None
        return self.policy.reason_row(question.reason, question.entity)

    # ------------------------------------------------------------ C-02

    def _authority(self, document):
        """The kind whose functions a document takes: a reversal takes its original's; None when that is not there."""
        if document["kind"] != "reversal":
            return document["kind"]
        original = self.checker.documents.get(document["reverses"])
        return original.kind if original is not None else None

    def _thresholds(self, question, answers):
        if question.entity not in self.policy.entities:
            answers.deny("C-02", "unknown-entity", entity=question.entity)
            return
        authority = self._authority(question.document)
        if not question.posting and "behalf" not in question.document and authority is not None:
            function = authority + ".prepare"
            if not self.books.access.may(question.actor, function, question.entity, self.policy, self.now):
                answers.deny("C-02", "no-function", entity=question.entity, function=function)
        row = self._row(question)
        if row is not None and not question.no_row and question.in_base:
            self._amounts(question, row, answers)
        if question.kind == "rebill":
            self._rebill(question.document, answers)

    def _amounts(self, question, row, answers):
        levels, base = row.levels(question.base), self.policy.base
        if levels:
            answers.need("C-02", "amount", amount=text_of(question.base, base), levels=sorted(levels),
                         limit=text_of(row.bound(question.base), base), row=row.name)
        if not question.on_account:
            return
        track = self.policy.row_of(self.policy.on_account_row, question.entity)
        if track is None:
            answers.deny("C-02", "no-row", row=self.policy.on_account_row)
        elif track.levels(question.on_account) - levels:
            answers.need("C-02", "on-account", amount=text_of(question.on_account, base),
                         levels=sorted(track.levels(question.on_account)),
                         limit=text_of(track.bound(question.on_account), base), row=track.name)

    def _rebill(self, document, answers):
        intended = document["invoice"]
        if intended["customer"] != document["customer"]:
            answers.need("C-02", "rebill-customer", billed=intended["customer"], customer=document["customer"])
            return
        codes = [one["code"] for one in intended["taxes"]]
        for item in document["allocations"]:
            book = self.checker.invoices.get((document["entity"], item["invoice"]))
            if book is None:
                continue
            apart = [code for code in codes if code not in book.codes] + [code for code in book.codes if code not in codes]
            if apart:
                answers.need("C-02", "rebill-tax", tax_code=apart[0], invoice=item["invoice"])
                return

    def _level(self, held, item, statement, answers):
        """C-02 of an approval."""
        open_levels, level = (held.levels if held.state == "waiting" else []), item["level"]
        if level not in open_levels:
            answers.deny("C-02", "level-not-asked", level=level, levels=open_levels)
        elif level != open_levels[0]:
            answers.deny("C-02", "level-order", level=level, levels=open_levels)
        elif not KINDS[held.kind].governance and "behalf" not in item:
            function = "%s.approve.%d" % (self._authority(held.document), level)
            if not self._may_sign(statement["actor"], held, level):
                answers.deny("C-02", "no-authority", entity=held.document["entity"], function=function)

    def _may_sign(self, user, held, level):
        """At that level, or, when it has waited too long, at one above (C-18)."""
        authority, entity = self._authority(held.document), held.document["entity"]
        levels = [level]
        where = self.policy.entities.get(entity)
        if where is not None:
            since = list(held.approvals.values())[-1][3] if held.approvals else held.ms
            if self.now >= where.deadline(since, self.policy.parameter("escalation_days", 3, entity)):
                levels = range(level, 10)
        return any(self.books.access.may(user, "%s.approve.%d" % (authority, one), entity, self.policy, self.now)
                   for one in levels)

    # ------------------------------------------------------------ C-06, C-07

    def _cumulative(self, question, answers):
        row = self._row(question)
        if row is None or question.kind not in LEDGER_KINDS or not question.in_base \
                or (question.entity, question.document["customer"]) not in self.books.groups.group:
            return
        for control, by in (("C-06", "invoice"), ("C-07", "customer")):
            strictest = None
            try:
                for window in self.policy.windows[by]:
                    if question.kind in window.kinds:
                        strictest = self._strictest(question, row, window, strictest)
            except TooLarge:
                answers.deny(control, "sum-too-large")
                continue
            if strictest is not None:
                answers.need(control, "sum", levels=sorted(strictest[0]), **strictest[1])

    def _cases(self, question, window):
        """(name of the group's member, its name, what the document adds, additions before it, backwards) of each group."""
        for side in sides(question.document):
            if window.by == "customer":
                group = self.books.groups.group.get((side["entity"], side["customer"]))
                if group is not None:
                    yield "group", group, question.base, lambda group=group: self.books.group_additions(group, question.place)
                continue
            for invoice, units in allocated(side).items():
                if question.rate is not None:
                    units = bounded(convert(units, question.rate[0], question.currency, self.policy.base))
                found = self.books.sums.get(("i", side["entity"], invoice), NOTHING)
                yield "invoice", invoice, units, lambda found=found: found.back(question.place)

    def _strictest(self, question, row, window, strictest):
        entity = self.policy.entities.get(question.entity)
        after = window.after(question.ms, entity) if entity is not None or window.span != "quarter" else -1
        own, alone = question.held.number if question.held is not None else None, row.levels(question.base)
        for member, name, units, additions in self._cases(question, window):
            total, places = units, [question.place]
            for one in additions():
                if one.ms <= after:
                    break
                if one.kind in window.kinds and one.number != own and not (
                        window.leaves_out and one.reversal is not None and self.policy.is_error(one.reversal)):
                    total = bounded(total + one.units)
                    places.append(one.place)
            levels = row.levels(total)
            if not levels - alone or strictest is not None and rank(levels) <= rank(strictest[0]):
                continue
            lines = "".join("%d.%d\n" % place for place in sorted(places))
            base = self.policy.base
            strictest = levels, {
                "amount": text_of(units, base), "count": len(places), "limit": text_of(row.bound(total), base),
                "members": hashlib.sha256(lines.encode()).hexdigest(), "sum": text_of(total, base), member: name,
                "window": window.name}
        return strictest

    # ------------------------------------------------------------ C-20

    def _clashes(self, policy, items, considered):
        """(rule, name, duties or None, item, other item or None, count) of all that is kept apart. items: (function, role,
        number, user, waits); considered: those that are to be granted, told first; none: all of them are looked at."""
        everything, first = items + considered, considered or items

        def pair(one, other):
            for wanted, against in ((one, other), (other, one))[:2 if considered else 1]:
                found = next((item for item in first if wanted(item[0])), None)
                match = next((item for item in everything if against(item[0])), None) if found else None
                if match:
                    return found, match
            return None

        def of_class(wanted, kind=None):
            return lambda function: function_class(function)[0] == wanted and kind in (None, function_class(function)[1])
        for kind in KINDS:
            found = pair(of_class("prepare", kind), of_class("approve", kind))
            if found:
                yield "floor", "prepare-approve", None, *found, 0
                break
        for one, other in FLOORS:
            found = pair(of_class(one), of_class(other))
            if found:
                yield "floor", "%s-%s" % (one, other), None, *found, 0
        for conflict in policy.conflicts:
            one, other = policy.duties[conflict["a"]], policy.duties[conflict["b"]]
            found = pair(one.__contains__, other.__contains__) if conflict["mode"] != "document" else None
            if found:
                yield conflict["mode"], None, (conflict["a"], conflict["b"]), *found, 0
        for exclusive in policy.exclusive:
            duties = [policy.duties[duty] for duty in exclusive["duties"]]
            held = [duty for duty in duties if any(item[0] in duty for item in everything)]
            newer = next((item for duty in held for item in first if item[0] in duty), None)
            if len(held) >= exclusive["fewer_than"] and newer:
                yield "exclusive", exclusive["set"], exclusive["fewer_than"], newer, None, len(held)

    def _clash_answers(self, items, considered, answers):
        named = 0
        for rule, name, duties, item, other, count in self._clashes(self.policy, items, considered):
            if rule == "mitigated" or named == NAMED_MAX:
                continue
            named += 1
            if rule == "exclusive":
                answers.deny("C-20", "exclusive", fewer_than=duties, function=item[0], held=count, set=name)
                continue
            inputs = {"function": item[0], "grant": other[2], "held": other[0], "role": other[1], "user": other[3]}
            if rule == "floor":
                inputs["floor"] = name
            else:
                inputs["duty"], inputs["other_duty"] = duties
            if item[4] or other[4]:
                answers.flag("C-20", "waiting", **inputs)
            else:
                answers.deny("C-20", "floor" if rule == "floor" else "conflict", **inputs)

    def _held_items(self, person, policy):
        return [(*one, False) for one in self.books.access.holds(person, policy, self.now)]

    def _duties(self, question, answers, stored):
        document, persons = question.document, self.checker.persons
        if question.kind == "enrolment":
            items = self._held_items(document["person"], self.policy)
            self._clash_answers(items, [], answers)
            self._owner(document, items, answers)
        elif question.kind == "policy":
            self._policy(document, answers, stored)
        if question.kind != "grant":
            return
        role, user = document["role"], document["user"]
        if role not in self.policy.roles:
            answers.deny("C-20", "unknown-role", role=role)
            return
        if user not in persons:
            answers.deny("C-20", "unknown-user", user=user)
            return
        unknown = [one for one in document["entities"] if one != "*" and one not in self.policy.entities]
        if unknown:
            answers.deny("C-20", "unknown-entity", entity=unknown[0])
        if answers.denied or self._denied_before(stored, "C-20"):
            return
        items = self._held_items(persons[user], self.policy)
        for one in self.books.access.users.get(persons[user], ()):
            waiting = self.books.waiting_grants.get(one, {})
            for number in sorted(waiting):
                if question.held is None or number != question.held.number:
                    given = waiting[number]
                    items += [(function, given["role"], number, one, True)
                              for function in self.policy.roles.get(given["role"], ())]
        self._clash_answers(items, [(function, role, "", user, False) for function in self.policy.roles[role]], answers)

    @staticmethod
    def _floor(one, other):
        """The name of the floor that keeps two functions apart, or None."""
        (a, kind), (b, other_kind) = function_class(one), function_class(other)
        if {a, b} == {"prepare", "approve"} and kind == other_kind:
            return "prepare-approve"
        return next(("%s-%s" % pair for pair in FLOORS if set(pair) == {a, b} and a != b), None)

    def _owner(self, document, items, answers):
        function = {"feed": "feed.customers", "bot": "credit-note.prepare"}.get(document["sort"])
        for item in items if function else ():
            floor = self._floor(function, item[0])
            if floor is not None and floor != "prepare-approve":
                answers.deny("C-20", "owner", floor=floor, grant=item[2], held=item[0], sort=document["sort"], user=item[3])
                return

    def _policy(self, document, answers, stored):
        """Everybody under the policy that is proposed. One that is none is C-31's to deny."""
        if any((one.get("control"), one.get("code")) == ("C-31", "policy-invalid") for one in stored):
            return
        policy, named, count = self.books.policy(document["compiled"]), [], 0
        for person in sorted(self.books.access.users):
            for rule, name, duties, item, other, _ in self._clashes(policy, self._held_items(person, policy), []):
                if rule == "mitigated" and self._mitigated(person, duties):
                    continue
                count += 1
                pair = duties if rule in ("never", "mitigated") else (item[0], other[0] if other else name)
                if count <= NAMED_MAX:
                    named.append({"a": pair[0], "b": pair[1], "person": person, "rule": rule})
        if count:
            answers.deny("C-20", "policy-conflict", conflicts=named, count=count)

    def _mitigated(self, person, duties):
        return any(not one["revoked"] and one["document"]["person"] == person
                   and {one["document"]["a"], one["document"]["b"]} == set(duties)
                   and self.now < instant_ms(one["document"]["until"]) for one in self.checker.mitigations.values())

    # ------------------------------------------------------------ C-35

    def _remaining(self, question, answers, stored):
        """The first thing that does not fit is answered, and nothing once a control before it has denied; but for what a
        document allocates to one invoice, which has to be a number."""
        if question.kind not in POSTING:
            return
        silent = answers.denied or self._denied_before(stored, "C-35")
        for side in sides(question.document):
            if any(units > MINOR_MAX for units in allocated(side).values()):
                answers.deny("C-35", "sum-too-large")
                silent = True
        if silent:
            return
        try:
            if question.kind == "reversal":
                self._reversal_remaining(question, answers)
                return
            for side in sides(question.document):
                if not answers.denied:
                    self._claims(question, side, answers)
                if not answers.denied and side is question.document:
                    self._accounts(question, answers)
        except TooLarge:
            answers.deny("C-35", "sum-too-large")

    def _takes(self, document):
        """Whether its allocations are held against what invoices have open."""
        return reduces(document) and not gives_credit(document) and document.get("charge") != "credit-balance"

    def _own_held(self, question):
        """(invoice -> units, (invoice, line) -> units) that the version which waits holds itself."""
        invoices, lines, own = {}, {}, question.own_waits
        if own is None or question.kind == "recovery":
            return invoices, lines
        for side in sides(own):
            if side.get("direction") == "up":
                continue
            for invoice, units in allocated(side).items():
                invoices[invoice] = invoices.get(invoice, 0) + units
            for item in side.get("allocations", ()):
                if "line" in item:
                    key = (item["invoice"], item["line"])
                    lines[key] = lines.get(key, 0) + minor(item["amount"], side["currency"])
        return invoices, lines

    def _claims(self, question, side, answers):
        entity, currency, sums = side["entity"], side["currency"], allocated(side)
        own, own_lines = self._own_held(question)
        taken = {}  # invoice -> [units by share], this document's claims so far among them
        for place, item in enumerate(side["allocations"]):
            invoice = item["invoice"]
            book = self.checker.invoices.get((entity, invoice))
            if book is None:
                answers.deny("C-35", "unknown-invoice", invoice=invoice)
            elif book.customer != side["customer"]:
                answers.deny("C-35", "other-customer", customer=book.customer, invoice=invoice)
            elif book.currency != currency:
                answers.deny("C-35", "other-currency", currency=book.currency, invoice=invoice)
            elif not self._takes(side):
                bounded(book.open + sums[invoice])
            else:
                self._open(entity, invoice, currency, sums[invoice], own.get(invoice, 0), answers)
                if not answers.denied and "line" in item:
                    self._line(book, item, entity, own_lines, answers)
                if not answers.denied and question.kind in SPLITTING and not ("taxes" in side and place):
                    if invoice not in taken:
                        taken[invoice] = self._taken(question, book, entity, invoice)
                    self._shares(book, taken[invoice], item, side, answers)
            if answers.denied:
                return

    def _open(self, entity, invoice, currency, units, own, answers):
        book = self.checker.invoices[(entity, invoice)]
        pending = self.books.pending.get((entity, invoice), 0) - own
        left = book.open - pending
        if units > left:
            answers.deny("C-35", "over-credit", amount=text_of(units, currency), invoice=invoice,
                         open=text_of(book.open, currency), pending=text_of(pending, currency),
                         remaining=text_of(left, currency))

    def _line(self, book, item, entity, own_lines, answers):
        invoice, line, currency = item["invoice"], item["line"], book.currency
        billed = book.taxed.get(line)
        if not line or billed is None:
            answers.deny("C-35", "unknown-line", invoice=invoice, line=line)
            return
        left = sum(billed[0]) - self.books.used.get((entity, invoice, line), 0) + own_lines.get((invoice, line), 0)
        units = minor(item["amount"], currency)
        if units > left:
            answers.deny("C-35", "over-line", amount=item["amount"], invoice=invoice, line=line,
                         remaining=text_of(left, currency))

    def _taken(self, question, book, entity, invoice):
        """By share: what postings took, and what waiting documents state to take, but for this one's own."""
        taken = list(book.taken)
        stated = self.books.stated.get((entity, invoice))
        if stated is not None:
            taken = [one + part for one, part in zip(taken, stated)]
        own = question.own_waits
        parts = self.books.stated_parts(own) if own is not None else None
        if parts is not None and own["allocations"][0]["invoice"] == invoice:
            taken = [one - part for one, part in zip(taken, parts)]
        return taken

    def _shares(self, book, taken, item, side, answers):
        """Net and tax of each code stay within what was billed."""
        before, after = list(taken), book.taken
        book.taken = taken
        try:
            parts, loose = book.take(minor(item["amount"], side["currency"]), item.get("line"), side.get("taxes"), False)
            taken[:] = book.taken
        finally:
            book.taken = after
        for share, part in enumerate(parts):
            code = book.codes[share // 2]
            left = book.shares[share][1] - taken[share]
            if loose and before[share] > 0:
                part, left = loose, 0
            elif left < 0 < part:
                left += part
            else:
                continue
            answers.deny("C-35", "over-code", amount=text_of(part, book.currency), invoice=item["invoice"],
                         part="tax" if share % 2 else "net", remaining=text_of(left, book.currency), tax_code=code)
            return

    def _account(self, entity, customer, currency, units, own, answers):
        key = (entity, customer, currency)
        pending = self.books.account_pending.get(key, 0) - own
        left = -(self.books.account.get(key, 0) + pending)
        if units > left:
            answers.deny("C-35", "over-account", amount=text_of(units, currency), customer=customer,
                         pending=text_of(pending, currency), remaining=text_of(max(left, 0), currency))

    def _own_amount(self, question):
        """What the version that waits holds of its customer's account."""
        own, document = question.own_waits, question.document
        if own is None or (own["customer"], own["currency"]) != (document["customer"], document["currency"]) or \
                "charge" in own and own["charge"] != "credit-balance" and not gives_credit(own):
            return 0
        return minor(own["amount"], own["currency"])

    def _accounts(self, question, answers):
        document = question.document
        if question.kind == "recovery":
            self._recovery(question, answers)
        elif document.get("charge") == "credit-balance" or gives_credit(document):
            self._account(document["entity"], document["customer"], document["currency"],
                          minor(document["amount"], document["currency"]), self._own_amount(question), answers)

    def _recovery(self, question, answers):
        document, currency, number = question.document, question.currency, question.document["recovers"]
        written, own = self.checker.documents.get(number), question.own_waits
        state = state_of(written) if written is not None else "unknown"
        if written is None or written.kind != "write-off" or state != "posted" \
                or written.document["entity"] != document["entity"]:
            answers.deny("C-35", "not-written-off", document=number, state=state)
            return
        reversals = sorted(self.books.reversals.get(number, ()))
        if reversals:
            answers.deny("C-35", "reversal-waits", document=number, reversal=reversals[0])
            return
        off = allocated(written.document)
        held = allocated(own) if own is not None and own.get("recovers") == number else {}
        for invoice, units in allocated(document).items():
            recovered = self.books.recovering.get((number, invoice), 0) - held.get(invoice, 0)
            left = off.get(invoice, 0) - recovered
            if units > left:
                answers.deny("C-35", "over-recovery", amount=text_of(units, currency), document=number, invoice=invoice,
                             recovered=text_of(recovered, currency), remaining=text_of(left, currency))
                return
        units, own_units = minor(document["amount"], currency), self._own_amount(question)
        receipt = self.books.receipts.get((document["entity"], document["receipt"]))
        if receipt is None or receipt[:2] != [document["customer"], currency]:
            answers.deny("C-35", "unknown-receipt", customer=document["customer"], receipt=document["receipt"])
            return
        left = receipt[2] + (own_units if own is not None and own.get("receipt") == document["receipt"] else 0)
        if units > left:
            answers.deny("C-35", "over-receipt", amount=text_of(units, currency), receipt=document["receipt"],
                         remaining=text_of(left, currency))
            return
        self._account(document["entity"], document["customer"], currency, units, own_units, answers)

    def _reversal_remaining(self, question, answers):
        """What was raised is taken again, and so is credit that stands on a customer's account."""
        original = self.checker.documents.get(question.document["reverses"])
        if original is None or KINDS[original.kind].governance:
            return
        document = original.document
        raised = sides(document)[-1]
        if raised.get("direction") == "up":
            for invoice, units in allocated(raised).items():
                if (question.entity, invoice) in self.checker.invoices and not answers.denied:
                    self._open(question.entity, invoice, document["currency"], units, 0, answers)
        if answers.denied:
            return
        moved = gives_credit(document) and not document["to"]["allocations"]
        amount = document["amount"] if moved else document.get("on_account")
        if amount is not None:
            self._account(document["entity"], raised["customer"], document["currency"],
                          minor(amount, document["currency"]), 0, answers)

    # ------------------------------------------------------------ C-39

    def _cut_off(self, question, answers, approval=False):
        if question.kind == "period":
            self._period(question, answers)
            return
        entity, date = self.policy.entities.get(question.entity), question.document.get("date")
        if KINDS[question.kind].governance or entity is None or date is None:
            return
        month = date[:7]
        state, _, seq = self.books.month(self.policy, entity, month, self.now)
        if state == "hard":
            answers.deny("C-39", "hard-closed", entity=entity.code, period=month)
        elif state == "soft":
            self._soft(question, entity.code, month, seq, approval, answers)

    def _soft(self, question, entity, month, seq, approval, answers):
        user = question.held.preparer if approval else question.preparer
        found = self.books.exception((entity, month, user), seq, self.now)
        if found is not None and found[2]:
            answers.deny("C-39", "exception-ended", entity=entity, exception=found[0], period=month, until=found[1], user=user)
        elif found is not None and not approval:
            answers.flag("C-39", "under-exception", exception=found[0], period=month, user=user)
        elif found is None:
            relief = None
            if "C-39" in self.policy.relaxed and question.document["channel"] == "break-glass":
                relief = self.books.access.emergency(user, entity, self.now)
            if relief is not None:
                answers.flag("C-39", "soft-closed", entity=entity, period=month, relaxed=relief, user=user)
            else:
                answers.deny("C-39", "soft-closed", entity=entity, period=month, user=user)

    def _period(self, question, answers):
        document = question.document
        code, month, wanted = document["entity"], document["period"], document["state"]
        entity = self.policy.entities.get(code)
        if entity is None:
            answers.deny("C-39", "unknown-entity", entity=code)
            return
        state, document_hard, seq = self.books.month(self.policy, entity, month, self.now)
        if wanted != "hard" and state == "hard":
            answers.deny("C-39", "never-again", entity=code, period=month, state=wanted)
        elif wanted != "open":
            self._closing(entity, month, wanted, (state, document_hard, seq), answers)
        elif "user" in document:
            self._excepting(question, state, answers)
        elif state == "open":
            answers.deny("C-39", "open-already", entity=code, period=month)

    def _closing(self, entity, month, wanted, known, answers):
        state, document_hard, seq = known
        first, last = month_days(month)
        begins = last + 1 if wanted == "hard" else first
        if entity.date(self.now) < begins:
            says = days_date(first if month == "9999-12" else begins)  # no date follows it
            answers.deny("C-39", "too-early", entity=entity.code, period=month, state=wanted, **{"from": says})
        elif wanted == "hard" and document_hard or wanted == "soft" and state == "soft" and not any(
                where[:2] == (entity.code, month) and entry >= seq and self.now < until
                for where, given in self.books.exceptions.items() for entry, until, _ in given.values()):
            answers.deny("C-39", "closed-already", entity=entity.code, period=month)

    def _excepting(self, question, state, answers):
        document, persons = question.document, self.checker.persons
        user, until = document["user"], instant_ms(document["until"])
        days = self.policy.parameter("period_exception_days_max", 5, document["entity"])
        if user not in persons:
            answers.deny("C-39", "unknown-user", user=user)
        elif persons[user] == persons.get(question.actor):
            answers.deny("C-39", "own-exception", user=user)
        elif state == "open":
            answers.deny("C-39", "open-already", entity=document["entity"], period=document["period"])
        elif until <= self.now:
            answers.deny("C-39", "exception-past", until=document["until"])
        elif until - self.now > days * DAY_MS:
            answers.deny("C-39", "exception-too-long", days=days, until=document["until"])

    # ------------------------------------------------------------ C-01, C-03, C-04: acts on a document

    def _persons(self, statement, item):
        users = [statement["actor"]] + ([item["behalf"]] if "behalf" in item else [])
        return {self.checker.persons[user] for user in users if user in self.checker.persons}

    def _acting(self, statement, item):
        inputs = {"person": self.checker.persons.get(statement["actor"], "")}
        return {**inputs, "behalf": item["behalf"]} if "behalf" in item else inputs

    def _made(self, held, item, statement, answers):
        """C-01"""
        persons, do = self._persons(statement, item), statement["do"]
        maker = bool(persons & held.makers)
        if do == "withdraw":
            person = self.checker.persons.get(statement["actor"])
            if not maker and not any(self.books.access.succeeds(person, one, self.policy, self.now) for one in held.makers):
                answers.deny("C-01", "not-yours")
        elif maker:
            answers.deny("C-01", "own-document", **self._acting(statement, item))

    def _version(self, held, item, statement, answers):
        """C-04; held None: there is no such document."""
        do = statement["do"]
        if held is None:
            answers.deny("C-04", "unknown-document", document=item["document"])
            return
        state = state_of(held)
        if state != "waiting" and not (state == "returned" and do in ("withdraw", "amend")):
            answers.deny("C-04", "not-waiting", state=state)
        elif item["version"] != len(held.versions) or do != "amend" and item["content"] != held.versions[-1].content:
            answers.deny("C-04", "content", version=len(held.versions))
        elif do == "amend":
            self._amendment(held, item["content"], answers)
        elif do == "approve" and statement["seen"] is not None and statement["seen"]["seq"] < held.seq:
            answers.deny("C-04", "seen-before", seq=held.seq)

    def _amendment(self, held, document, answers):
        def year(one):
            entity = self.policy.entities.get(one.get("entity"))
            return entity.fiscal_year(one["date"]) if entity is not None and "date" in one else 0
        before = held.document
        changed = "kind" if document["kind"] != held.kind else \
            "entity" if document.get("entity", "") != before.get("entity", "") else \
            "year" if year(document) != year(before) else None
        if changed:
            answers.deny("C-04", "amendment-changes", member=changed)

    # ------------------------------------------------------------ what the answers come to

    def _document(self, question, stored):
        """The nine about a document that is submitted, amended or about to take effect."""
        answers = Answers()
        self._measure(question)
        if not KINDS[question.kind].governance:
            self._thresholds(question, answers)
        self._cumulative(question, answers)
        self._duties(question, answers, stored)
        self._remaining(question, answers, stored)
        self._cut_off(question, answers)
        return answers

    def _needed(self, question, answers):
        """The levels that answers need, and further ones of the row where they want more."""
        needs = [one for one in answers if one.get("answer") == "need"]
        levels = {level for one in needs for level in one.get("levels", ())}
        row = self._row(question)
        for _ in (one for one in needs if "levels" not in one):
            more = sorted(row.highest - levels) if row is not None else []
            levels.update(more[:1])
        return sorted(levels)

    def _others(self, stored):
        return [one for one in stored if isinstance(one, dict) and one.get("control") not in NINE]

    def _outcome(self, where, result, wanted, levels=None):
        """The outcome is that; and the levels, where it waits."""
        if result.get("outcome") != wanted:
            self._find("%s is %s; by the answers it has to be %s%s" % (
                where, result.get("outcome"), wanted, " for %s" % levels if levels else ""))
        elif levels is not None and result.get("levels") != levels:
            self._find("%s waits for levels %s; by the answers %s are to sign" % (where, result.get("levels"), levels))

    def _not_judged(self, result, stored):
        """Refused for another member of its statement, or because the books could not hold it."""
        said = [(one.get("control"), one.get("code")) for one in stored if isinstance(one, dict)]
        return result.get("outcome") == "refused" and said in ([("C-12", "atomic")], [("C-44", "books-too-large")])

    def member(self, do, index, item, result, statement):
        """One document, item or amendment of a statement that is not refused as a whole, before it is folded."""
        if self.policy is None:
            return
        self.decided += 1
        stored = [one for one in result.get("controls") or [] if isinstance(one, dict)]
        if do in ("submit", "amend"):
            self._submitted(do, index, item, result, statement, stored)
        elif do == "approve":
            self._approved(item, result, statement, stored)
        else:
            self._ended(do, item, result, statement, stored)

    def _submitted(self, do, index, item, result, statement, stored):
        document = item if do == "submit" else item["content"]
        where = "document %d (%s)" % (index, result.get("document") or document["ref"])
        taken = self.checker.refs.get((document.get("entity", ""), document["ref"]))
        if taken is not None:
            same = taken[0] == hashlib.sha256(canonical(document)).hexdigest()
            self._compare(where, stored, [])
            self._outcome(where, result, "repeat" if same else "refused")
            return
        held, claim = None, Answers()
        if do == "amend":
            held = self.checker.documents.get(item["document"])
            self._version(held, item, statement, claim)
            denied = {one["control"] for one in self._others(stored) if one["answer"] == "deny"}
            if claim.denied or denied and denied <= set(ITEMS_TOO) and not self._ours(stored):
                self._compare(where, stored, claim)
                self._outcome(where, result, "refused")
                return
        question = Question(document, statement["actor"], (self.entry["seq"], index), self.now, held)
        answers = self._document(question, stored)
        if self._not_judged(result, stored):
            self._passed_over(where, answers)
            return
        if self.shaken:  # what the members before would have done is not in the books
            answers = self._unshaken(answers, stored)
        if self._compare(where, stored, answers) and self.shaken:
            return
        everything = answers + self._others(stored)
        if any(one["answer"] == "deny" for one in everything):
            self._outcome(where, result, "refused")
            return
        levels = self._needed(question, everything)
        self._outcome(where, result, "waiting" if levels else self._effect(question.kind), levels or None)

    def _passed_over(self, where, answers):
        """Another member, or the books, refused it: none of the nine may have denied it."""
        if answers.denied and not self.shaken:
            self._find("%s is refused for another reason, yet %s" % (where, self._shown(
                [one for one in answers if one["answer"] == "deny"])))
        self.shaken = True

    def _unshaken(self, answers, stored):
        """Answers that rest on what the members before would have done are taken as they stand."""
        rests = ("C-06", "C-07", "C-20", "C-35")
        kept = [one for one in answers if one["control"] not in rests]
        return Answers(kept + [one for one in self._ours(stored) if one["control"] in rests])

    @staticmethod
    def _effect(kind):
        return "posted" if kind in POSTING else "in-force"

    def _approved(self, item, result, statement, stored):
        held, number, level = self.checker.documents.get(item["document"]), item["document"], item["level"]
        where, answers = "%s level %d" % (number, level), Answers()
        if held is not None:
            self._made(held, item, statement, answers)
            self._level(held, item, statement, answers)
            if self._persons(statement, item) & held.signers:
                answers.deny("C-03", "signed-already", **self._acting(statement, item))
        self._version(held, item, statement, answers)
        question = held and Question(held.document, statement["actor"], held.place, held.ms, held, True)
        if held is not None and (held.kind == "period" or state_of(held) == "waiting"):
            self._cut_off(question, answers, approval=True)
        if self._not_judged(result, stored):
            self._passed_over(where, answers)
            return
        denied = {one["control"] for one in self._others(stored) if one["answer"] == "deny"}
        if answers.denied or denied and denied <= set(APPROVALS_ONLY):
            self._compare(where, stored, answers)
            self._outcome(where, result, "refused")
            return
        rest = [one for one in held.levels if one != level]
        if rest:
            self._compare(where, stored, answers)
            self._outcome(where, result, "refused" if denied else "approved", None if denied else rest)
            return
        self._taking_effect(where, question, level, result, stored, answers, denied)

    def _taking_effect(self, where, question, level, result, stored, answers, denied):
        """The last level is signed: the document is judged again in full."""
        held = question.held
        if denied and denied <= set(APPROVALS_ONLY + APPROVALS_TOO) and self._ours(stored) == answers:
            self._outcome(where, result, "refused")  # the act itself may have been denied, and nothing more asked
            return
        answers += self._document(question, stored)
        self._compare(where, stored, answers)
        everything = answers + self._others(stored)
        if any(one["answer"] == "deny" for one in everything):
            self._outcome(where, result, "refused")
            return
        again = {one for answer in stored if answer.get("control") == "C-16" and answer.get("answer") == "need"
                 for one in answer.get("levels", ())}
        given = set(held.approvals) - again | {level}
        missing = [one for one in self._needed(question, everything) if one not in given]
        self._outcome(where, result, "approved" if missing else self._effect(question.kind), missing or None)

    def _ended(self, do, item, result, statement, stored):
        held, number, answers = self.checker.documents.get(item["document"]), item["document"], Answers()
        if held is not None:
            self._made(held, item, statement, answers)
            if do != "withdraw" and not KINDS[held.kind].governance:
                authority, entity = self._authority(held.document), held.document["entity"]
                if not any(self.books.access.may(statement["actor"], "%s.approve.%d" % (authority, one), entity,
                                                 self.policy, self.now) for one in range(1, 10)):
                    answers.deny("C-02", "no-authority", entity=entity, function=authority + ".approve.1")
        self._version(held, item, statement, answers)
        where = "%s of %s" % (do, number)
        self._compare(where, stored, answers)
        denied = answers.denied or any(one["answer"] == "deny" for one in self._others(stored))
        self._outcome(where, result, "refused" if denied else {
            "withdraw": "withdrawn", "reject": "rejected", "return": "returned"}[do])

    def feed(self, body, result, statement):
        if self.policy is None:
            return
        self.decided += 1
        entity, function, answers = body["entity"], "feed.%s" % body["feed"], Answers()
        if entity not in self.policy.entities:
            answers.deny("C-02", "unknown-entity", entity=entity)
        elif not self.books.access.may(statement["actor"], function, entity, self.policy, self.now):
            answers.deny("C-02", "no-function", entity=entity, function=function)
        stored = [one for one in result.get("controls") or [] if isinstance(one, dict)]
        self._compare("the feed", stored, answers)
        if answers.denied and result.get("outcome") != "refused":
            self._outcome("the feed", result, "refused")

    # ------------------------------------------------------------ folding

    def folded(self, do, index, item, result):
        """A member has been folded by the checker; the books follow."""
        held = self.checker.documents.get(result.get("document"))
        if held is None or result.get("outcome") in ("refused", "repeat"):
            return
        if do in ("submit", "amend") and held.seq == self.entry["seq"] and len(held.versions) == result.get("version"):
            base = minor(result["base"], self.policy.base) if "base" in result and self.policy else None
            self.books.admitted(held, (self.entry["seq"], index), self.now, base, result.get("rate"))
        elif getattr(held, "place", None) is None:
            return
        self.books.sync(held)
        if held.kind == "reversal" and result["outcome"] == "posted":
            original = self.checker.documents.get(held.document["reverses"])
            if original is not None and original.reversed_by == held.number:
                self.books.reversed(original, held.document["reason"])
        if result["outcome"] == "in-force":
            self.books.in_force(held, held.document, self.entry, result["controls"])
