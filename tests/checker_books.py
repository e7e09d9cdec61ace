"""What the decisions so far amount to, kept to decide the next one by it: who may do what, which customers belong together,
what documents add to windows, and what they hold of invoices, accounts, receipts and write-offs. Written from ledger/FORMAT.md
(5.3, 5.4, 5.6, 6, 6.3, 6.5, 6.7) alone. It believes the decisions: the checker that feeds it says what is wrong with them.
"""
import bisect
import heapq

from checker_form import convert, instant_ms, minor, rate_units
from checker_policy import DAY_MS, LEDGER_KINDS, Policy, month_days

ENDED = ("withdrawn", "rejected", "returned", "lapsed")


def sides(document):
    """The document and, where it is a transfer, the side that receives as a document of its own (section 5.3)."""
    if document.get("charge") != "transfer":
        return [document]
    to = {name: value for name, value in document.items() if name != "to"}
    to.update(document["to"], direction="up" if document["allocations"] else "down")
    return [document, to]


def allocated(document):
    """What the document allocates to each invoice, in order of first appearance."""
    sums, currency = {}, document.get("currency")
    for item in document.get("allocations", ()):
        sums[item["invoice"]] = sums.get(item["invoice"], 0) + minor(item["amount"], currency)
    return sums


def reduces(document):
    """Whether what it allocates is taken from what its invoices have open; a recovery reinstates and pays in one."""
    return document.get("direction") != "up" and document.get("kind") != "recovery"


def gives_credit(document):
    """Whether it is a transfer of the credit that stands on the customer's account."""
    return document.get("charge") == "transfer" and document["allocations"] == []


def takes_account(document):
    return document["kind"] == "recovery" or document.get("charge") == "credit-balance" or gives_credit(document)


def held_in(entities, entity):
    return "*" in entities or entity in entities


class Grant:
    def __init__(self, number, user, role, entities, begins, ends, since):
        self.number, self.user, self.role, self.entities = number, user, role, entities
        self.begins, self.ends, self.since = begins or 0, ends, since
        self.revoked, self.suspended = False, None  # suspended: from when on, unless a review is answered

    def stands(self, now, future=False):
        return not self.revoked and (self.ends is None or now < self.ends) and (
            future or now >= self.begins and (self.suspended is None or now < self.suspended))


class Delegation(Grant):
    def __init__(self, number, document):
        super().__init__(number, document["to_user"], None, None, instant_ms(document["from"]),
                         instant_ms(document["to"]), None)
        self.giver, self.functions = document["from_user"], document["functions"]


class Access:
    """Who may do what: grants, delegations, reviews, emergency access, and what HR makes of them."""

    def __init__(self, checker):
        self.checker = checker
        self.grants, self.delegations = {}, {}
        self.of_user, self.to_user = {}, {}   # user -> [Grant], [Delegation], sorted by number as bytes
        self.users = {}                       # person -> users, sorted
        self.emergencies = {}                 # number -> (document, from ms, until ms)
        self.reviews = {}                     # number of a review -> {row's number}
        self.hr_known = {}

    def enrol(self, user, person):
        users = self.users.setdefault(person, [])
        if user not in users:
            bisect.insort(users, user)

    def give(self, grant):
        self.grants[grant.number] = grant
        bisect.insort(self.of_user.setdefault(grant.user, []), grant, key=lambda one: one.number)

    def delegate(self, delegation):
        self.delegations[delegation.number] = delegation
        bisect.insort(self.to_user.setdefault(delegation.user, []), delegation, key=lambda one: one.number)

    def row(self, number):
        return self.grants.get(number) or self.delegations.get(number)

    def revoke(self, number):
        if self.row(number):
            self.row(number).revoked = True

    def recovered(self):
        for grant in self.grants.values():
            if grant.role == "OFFICER":
                grant.revoked = True

    def open_review(self, number, entities, flag, now):
        """FORMAT 5.6: suspends what is not answered, but what the decision names as the officers'."""
        def in_scope(grant):
            return "*" in entities or "*" in grant.entities or any(one in entities for one in grant.entities)

        def counts(one):
            return not one.revoked and (one.ends is None or now < one.ends) and (one.suspended is None or now < one.suspended)
        rows = {grant.number for grant in self.grants.values() if counts(grant) and in_scope(grant)}
        rows |= {one.number for one in self.delegations.values() if counts(one) and ("*" in entities or any(
            counts(grant) and in_scope(grant) for grant in self.of_user.get(one.giver, ())))}
        self.reviews[number] = rows
        for one in rows - set(flag.get("officers", ())):
            self.row(one).suspended = instant_ms(flag["until"])

    def attest(self, document):
        for answered in document["rows"]:
            row = self.row(answered["grant"])
            if row is None or row.number not in self.reviews.get(document["review"], ()):
                continue
            row.suspended = None
            row.revoked = row.revoked or answered["decision"] == "remove"

    # ------------------------------------------------------------ HR (FORMAT 5.4, 6.5)

    def hr(self, person, policy, now):
        """(left, moved ms or None, manager, successor) by the events in effect; None where there are none."""
        events = self.checker.people.get(person)
        if not events:
            return None
        known = self.hr_known.get(person)
        if known is None or known[:2] != (policy, len(events)):
            timed = []
            for entity, event in events:
                days = instant_ms(event["date"] + "T00:00:00.000Z") // DAY_MS + (event["change"] == "leave")
                where = policy.entities.get(entity)
                begins = where.day_start(days) if where else days * DAY_MS
                timed.append((begins, event["event"], entity, event))
            timed.sort(key=lambda one: one[:3])
            known = self.hr_known[person] = (policy, len(events), timed)
        left = moved = manager = successor = None
        some = False
        for begins, _, _, event in known[2]:
            if begins > now:
                break
            some = True
            if event["change"] == "leave":
                left, successor = begins, event.get("successor")
            elif event["change"] == "join":
                left, successor, manager = None, None, event.get("manager")
            else:
                moved, manager = begins, event.get("manager", manager)
        return (left is not None, moved, manager, successor or manager) if some else None

    def may(self, user, function, entity, policy, now):
        """FORMAT 6.10: whether a user holds a function for an entity now."""
        known = self.hr(self.checker.persons.get(user), policy, now)
        since = 0
        if known is not None:
            if known[0]:
                return False
            if known[1] is not None and now - known[1] >= policy.parameter("move_days", 14) * DAY_MS:
                since = known[1]
        for grant in self.of_user.get(user, ()):
            if grant.stands(now) and grant.since >= since and held_in(grant.entities, entity) \
                    and function in policy.roles.get(grant.role, ()):
                return True
        return self.emergency(user, entity, now, function) is not None

    def emergency(self, user, entity, now, function=None):
        """The number of the first emergency access that a user has for an entity now."""
        for number in sorted(self.emergencies):
            document, begins, until = self.emergencies[number]
            if user in document["users"] and begins <= now < until and held_in(document["entities"], entity) \
                    and (function is None or function in document["functions"]):
                return number
        return None

    def succeeds(self, person, maker, policy, now):
        for _ in range(10):
            known = self.hr(maker, policy, now)
            if known is None or not known[0] or known[3] is None:
                return False
            if known[3] == person:
                return True
            maker = known[3]
        return False

    def holds(self, person, policy, now):
        """(function, role, number, user) of all that a person holds, from the first user's first grant on (FORMAT 6.10)."""
        for user in self.users.get(person, ()):
            for grant in self.of_user.get(user, ()):
                if grant.stands(now, True):
                    for function in policy.roles.get(grant.role, ()):
                        yield function, grant.role, grant.number, user
            for given in self.to_user.get(user, ()):
                if given.stands(now, True):
                    for function in given.functions:
                        if function in policy.functions:
                            yield function, "", given.number, user


class Groups:
    """FORMAT 5.4, Groups: which customers belong together."""

    def __init__(self):
        self.group = {}       # (entity, customer) -> group
        self.members = {}     # group -> {(entity, customer)}
        self.names = {}       # a name -> the group that it leads to
        self.first = {}       # (attribute, hash) -> (entity, customer)

    def _set(self, place, group):
        self.members.get(self.group.get(place), set()).discard(place)
        self.group[place] = group
        self.members.setdefault(group, set()).add(place)

    def _take(self, group, found):
        if found is None or group == found:
            return group
        for place in list(self.members.get(group, ())):
            self._set(place, found)
        self.names[group] = found
        return found

    def enter(self, entity, record):
        place, parent, found = (entity, record["customer"]), record["group"], None
        while parent in self.names:
            parent = self.names[parent]
        empty = not self.members.get(parent)
        if not empty:
            found = self._take(parent, found)
        for one in record.get("attributes", ()):
            first = self.first.setdefault((one["name"], one["hash"]), place)
            if first != place:
                found = self._take(self.group[first], found)
        group = found if found is not None else parent
        if group != parent and empty:
            self.names[parent] = group
        self._set(place, group)

    def related(self, document):
        self.names.pop(document["group"], None)
        for one in document["customers"]:
            self._set((one["entity"], one["customer"]), document["group"])


class Addition:
    """What a document adds to one window."""
    __slots__ = ("place", "ms", "units", "kind", "number", "reversal")

    def __init__(self, place, ms, units, kind, number):
        self.place, self.ms, self.units, self.kind, self.number, self.reversal = place, ms, units, kind, number, None


class Sums:
    """Additions to one invoice or customer, in order of their places. A sum goes back from a place to where the window begins,
    so it costs what the window holds; a life is one addition more than the life before."""

    def __init__(self):
        self.list = []

    def add(self, addition):
        if not self.list or self.list[-1].place < addition.place:
            self.list.append(addition)
        else:
            bisect.insort(self.list, addition, key=lambda one: one.place)

    def remove(self, addition):
        at = bisect.bisect_left(self.list, addition.place, key=lambda one: one.place)
        if at < len(self.list) and self.list[at].place == addition.place:
            del self.list[at]

    def back(self, place):
        """From the last before that place, backwards."""
        at = len(self.list)
        if at and self.list[-1].place >= place:
            at = bisect.bisect_left(self.list, place, key=lambda one: one.place)
        while at:
            at -= 1
            yield self.list[at]


NOTHING = Sums()


class Effect:
    """What one version of a document does to the books while it lives."""

    def __init__(self, document, version):
        self.document, self.version = document, version
        self.additions = []   # (key of Sums, Addition)
        self.lives = self.waits = self.takes_lines = False
        self.raised = False


class Books:
    def __init__(self, checker):
        self.checker = checker
        self.access, self.groups = Access(checker), Groups()
        self.sums = {}                # ("i", entity, invoice) or ("c", entity, customer) -> Sums
        self.pending = {}             # (entity, invoice) -> units that waiting documents take
        self.used = {}                # (entity, invoice, line) -> units
        self.stated = {}              # (entity, invoice) -> [units by share] that waiting documents state
        self.account = {}             # (entity, customer, currency) -> units
        self.account_pending = {}     # the same
        self.receipts = {}            # (entity, receipt) -> [customer, currency, units neither applied nor recovered from]
        self.recovering = {}          # (write-off, invoice) -> units that living recoveries take
        self.reversals = {}           # request number -> {living reversals of it}
        self.waiting_grants = {}      # user -> {request number: document}
        self.exceptions = {}          # (entity, month, user) -> {number: (entry, until ms, until)}
        self.effects = {}             # request number -> Effect
        self.read = {}                # id of a compiled policy -> Policy

    def policy(self, compiled):
        if id(compiled) not in self.read:
            self.read[id(compiled)] = Policy(compiled)
        return self.read[id(compiled)]

    # ------------------------------------------------------------ documents

    def admitted(self, held, place, ms, base, rate):
        """Where, when and by what amount in base a version counts; before `sync`."""
        held.place, held.ms, held.base, held.rate = place, ms, base, rate

    def sync(self, held):
        """Brings what a document does to the books in line with its state."""
        effect = self.effects.get(held.number)
        lives = held.state not in ENDED and not held.reversed_by
        if effect is not None and effect.version != len(held.versions):
            self._end(held, effect)
            effect = None
        if effect is None:
            if held.state in ENDED:
                return
            effect = self.effects[held.number] = Effect(held.document, len(held.versions))
            self._begin(held, effect)
        if held.state in ENDED:
            self._end(held, effect)
            del self.effects[held.number]
            return
        if effect.waits and held.state != "waiting":
            self._wait(held, effect, -1)
        if held.state == "posted" and not effect.raised:
            effect.raised = True
            self._raise(effect.document, -1)
            self._accounts(held)
        if effect.lives and not lives:  # reversed: what it added to windows stays there
            effect.lives = False
            self._live(held, effect, -1)
            if effect.raised:
                self._raise(effect.document, 1)

    def _begin(self, held, effect):
        if held.kind in LEDGER_KINDS and held.base is not None:
            self._count(held, effect)
        effect.lives = True
        self._live(held, effect, 1)
        if held.state == "waiting":
            self._wait(held, effect, 1)

    def _end(self, held, effect):
        for key, addition in effect.additions:
            self.sums[key].remove(addition)
        if effect.waits:
            self._wait(held, effect, -1)
        if effect.lives:
            self._live(held, effect, -1)

    def _count(self, held, effect):
        """Windows: one addition for each customer and each invoice, of both sides of a transfer."""
        keys = {}
        for side in sides(effect.document):
            keys[("c", side["entity"], side["customer"])] = held.base
            for invoice, units in allocated(side).items():
                if held.rate is not None:
                    units = convert(units, rate_units(held.rate["rate"]), side["currency"], held.rate["base"])
                keys[("i", side["entity"], invoice)] = units
        for key, units in keys.items():
            addition = Addition(held.place, held.ms, units, held.kind, held.number)
            effect.additions.append((key, addition))
            self.sums.setdefault(key, Sums()).add(addition)

    def _live(self, held, effect, sign):
        """What is held from the submission until it ends without effect or is reversed."""
        document = effect.document
        if reduces(document):
            self._lines(document, sign)
        if held.kind == "recovery":
            currency = document["currency"]
            for invoice, units in allocated(document).items():
                key = (document["recovers"], invoice)
                self.recovering[key] = self.recovering.get(key, 0) + sign * units
            receipt = self.receipts.get((document["entity"], document["receipt"]))
            if receipt is not None:
                receipt[2] -= sign * minor(document["amount"], currency)
        if held.kind == "reversal":
            living = self.reversals.setdefault(document["reverses"], set())
            (living.add if sign > 0 else living.discard)(held.number)

    def _lines(self, document, sign):
        for item in document.get("allocations", ()):
            if "line" in item:
                key = (document["entity"], item["invoice"], item["line"])
                self.used[key] = self.used.get(key, 0) + sign * minor(item["amount"], document["currency"])

    def _raise(self, document, sign):
        """What goes up gives its lines room when it is posted."""
        if not reduces(document):
            self._lines(document, sign)

    def _wait(self, held, effect, sign):
        effect.waits, document = sign > 0, effect.document
        if held.kind == "grant":
            grants = self.waiting_grants.setdefault(document["user"], {})
            if sign > 0:
                grants[held.number] = document
            else:
                grants.pop(held.number, None)
        if held.kind not in LEDGER_KINDS:
            return
        for side in sides(document):
            if reduces(side):
                for invoice, units in allocated(side).items():
                    key = (side["entity"], invoice)
                    self.pending[key] = self.pending.get(key, 0) + sign * units
        parts = self.stated_parts(document)
        if parts is not None:
            key = (document["entity"], document["allocations"][0]["invoice"])
            before = self.stated.get(key, [0] * len(parts))
            self.stated[key] = [one + sign * part for one, part in zip(before, parts)]
        if takes_account(document):
            key = (document["entity"], document["customer"], document["currency"])
            self.account_pending[key] = self.account_pending.get(key, 0) + sign * minor(document["amount"], key[2])

    def stated_parts(self, document):
        """By share, what a document that goes down states to take of its invoice; None where it states nothing."""
        if "taxes" not in document or not document["allocations"] or document.get("direction") == "up":
            return None
        book = self.checker.invoices.get((document["entity"], document["allocations"][0]["invoice"]))
        if book is None:
            return None
        parts = [0] * len(book.shares)
        for item in document["taxes"]:
            if item["code"] in book.codes:
                at = 2 * book.codes.index(item["code"])
                parts[at:at + 2] = [minor(item["net"], document["currency"]), minor(item["tax"], document["currency"])]
        return parts

    def _accounts(self, held):
        for line in held.lines:
            if line[3] is not None and line[4] is None:
                key = (held.document["entity"], line[3], line[2])
                self.account[key] = self.account.get(key, 0) + (line[1] if line[5] == "dr" else -line[1])

    def reversed(self, original, reason):
        """A posted document is reversed: it goes on counting, and its additions say why it was reversed."""
        effect = self.effects.get(original.number)
        if effect is None:
            return
        for _, addition in effect.additions:
            addition.reversal = reason
        self.sync(original)

    # ------------------------------------------------------------ windows

    def group_additions(self, group, place):
        """Of all customers of a group, from the last before that place, backwards; each document once."""
        members = self.groups.members.get(group, ())
        lists = [self.sums.get(("c", *one), NOTHING).back(place) for one in members]
        if len(lists) == 1:
            return lists[0]
        return self._merged(lists)

    @staticmethod
    def _merged(lists):
        last = None
        for one in heapq.merge(*lists, key=lambda one: one.place, reverse=True):
            if one.place != last:
                last = one.place
                yield one

    # ------------------------------------------------------------ feeds

    def feed_closed(self, entity, feed, file, currency):
        if feed == "customers":
            order = list(file.records) if file.part == 1 else sorted(file.records)
            for ident in order:
                self.groups.enter(entity, file.records[ident])
        elif feed == "cash":
            for ident, record in file.records.items():
                rest = minor(record["amount"], currency) - sum(minor(one["amount"], currency) for one in record["applied"])
                self.receipts[(entity, ident)] = [record["customer"], currency, rest]
                key = (entity, record["customer"], currency)
                self.account[key] = self.account.get(key, 0) - rest

    # ------------------------------------------------------------ governance

    def in_force(self, held, document, entry, flags):
        """What a governance document does from now on. flags: the answers of the decision that put it in force."""
        kind, now, number = held.kind, instant_ms(entry["time"]), held.number
        access = self.access
        if kind == "grant":
            access.give(Grant(number, document["user"], document["role"], document["entities"],
                              instant_ms(document.get("from")), instant_ms(document.get("to")), now))
        elif kind == "enrolment":
            access.enrol(document["user"], document["person"])
        elif kind == "revocation":
            access.revoke(document["grant"])
        elif kind == "delegation":
            access.delegate(Delegation(number, document))
        elif kind == "review":
            flag = next((one for one in flags if (one["control"], one["code"]) == ("C-30", "opened")), None)
            if flag is not None:
                access.open_review(number, document["entities"], flag, now)
        elif kind == "attestation":
            access.attest(document)
        elif kind == "break-glass":
            access.emergencies[number] = (document, now, instant_ms(document["until"]))
        elif kind == "related":
            self.groups.related(document)
        elif kind == "period" and "user" in document:
            where = (document["entity"], document["period"], document["user"])
            self.exceptions.setdefault(where, {})[number] = (entry["seq"], instant_ms(document["until"]), document["until"])

    # ------------------------------------------------------------ months (FORMAT 6.3)

    def calendar_hard(self, entity, last, now):
        """Under any policy, while it was in force."""
        for effective, seq, _, compiled in self.checker.policies:
            policy = self.policy(compiled)
            days = policy.parameter("period_hard_days", 0, entity.code) if entity.code in policy.entities else 0
            if not days:
                continue
            ends = min((one[0] for one in self.checker.policies if one[:2] > (effective, seq)), default=None)
            closes = max(entity.day_start(last + 1 + days), effective)
            if closes <= now and (ends is None or closes < ends):
                return True
        return False

    def month(self, policy, entity, month, now):
        """(open, soft or hard; whether a document says hard; entry of the last period without user)."""
        word, seq, said = self.checker.periods.get((entity.code, month), ("open", 0, None))
        last = month_days(month)[1]
        document_hard = word == "hard"
        soft = policy.parameter("period_soft_days", 0, entity.code)
        if word == "open" and soft:
            closes = entity.day_start(last + 1 + soft)
            if now >= closes and (said is None or said < closes):
                word = "soft"
        if word != "hard" and self.calendar_hard(entity, last, now):
            word = "hard"
        return word, document_hard, seq

    def exception(self, where, seq, now):
        """(number, until, ended) of the exception of an (entity, month, user) that holds, else of the last one by number."""
        found = None
        given = self.exceptions.get(where, {})
        for number in sorted(given):
            entry, until_ms, until = given[number]
            found = (number, until, until_ms <= now or entry < seq)
            if not found[2]:
                break
        return found
