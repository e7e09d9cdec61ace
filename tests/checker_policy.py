"""A compiled policy, read to decide by it: rows and tiers, reasons, roles with what they inherit, duties, parameters, and the
calendar of each entity. Written from controls/POLICY.md and ledger/FORMAT.md (sections 5.3, 6.3, 6.10) alone.
"""
import bisect
import functools

from checker_form import DIGITS, date_parts, instant_ms, minor

DAY_MS = 86400000


class Kind:
    def __init__(self, prefix, numbered=False, money=False, governance=False):
        self.prefix, self.numbered, self.money, self.governance = prefix, numbered, money, governance


# In the order of the table in FORMAT 5.3.
KINDS = {
    "credit-note": Kind("CN", True, True),
    "correction": Kind("IC", True, True),
    "write-off": Kind("WO", True, True),
    "credit-limit": Kind("CL", True),
    "reversal": Kind("RV", True),
    "rebill": Kind("RB", True, True),
    "recovery": Kind("RC", True, True),
    "adjustment": Kind("AJ", True, True),
    "temporary-limit": Kind("TL", True),
    "hold-release": Kind("HR", True),
    "dispute": Kind("DS"),
    "inquiry": Kind("IQ"),
    "exception": Kind("EX"),
    "case-note": Kind("NT"),
    "enrolment": Kind("EN", governance=True),
    "key-rotation": Kind("KR", governance=True),
    "key-revocation": Kind("KX", governance=True),
    "book-key": Kind("BK", governance=True),
    "grant": Kind("GR", governance=True),
    "revocation": Kind("RG", governance=True),
    "delegation": Kind("DG", governance=True),
    "policy": Kind("PO", governance=True),
    "entity": Kind("ET", governance=True),
    "period": Kind("PE", governance=True),
    "rates": Kind("FX", governance=True),
    "release": Kind("RL", governance=True),
    "related": Kind("RT", governance=True),
    "mitigation": Kind("MI", governance=True),
    "mitigation-review": Kind("MR", governance=True),
    "break-glass": Kind("BG", governance=True),
    "review": Kind("AR", governance=True),
    "erasure": Kind("ER", governance=True),
    "reactivation": Kind("RA", governance=True),
    "legal-hold": Kind("LH", governance=True),
    "attestation": Kind("AT", governance=True),
    "break-glass-review": Kind("BV", governance=True),
    "affirmation": Kind("AF", governance=True),
    "seed": Kind("SE", governance=True),
    "disposition": Kind("DI", governance=True),
    "test-run": Kind("TR", governance=True),
}
LEDGER_KINDS = tuple(name for name, kind in KINDS.items() if kind.money)

# FORMAT 6.10: what no policy lowers, in this order; prepare-approve, of one kind, before all.
FLOORS = (("approve", "govern"), ("approve", "close"), ("govern", "close"), ("govern", "prepare"), ("govern", "feed"),
          ("feed", "prepare"), ("feed", "approve"), ("feed", "close"), ("govern", "override"))
CLASSES = {"govern.access": "govern", "govern.policy": "govern", "period.close": "close", "operate": "operate",
           "audit.read": "audit", "audit.commit": "audit", "credit.override": "override", "read.books": "read"}


@functools.lru_cache(maxsize=None)
def function_class(function):
    """(class, kind or None) of a function of POLICY.md, Functions."""
    if function in CLASSES:
        return CLASSES[function], None
    head, _, tail = function.partition(".")
    if head == "feed":
        return "feed", None
    if tail == "prepare":
        return "prepare", head
    return ("approve", head) if tail.startswith("approve.") else (None, None)


def text_of(units, currency):
    """Minor units as an amount."""
    digits = DIGITS[currency]
    sign, units = ("-", -units) if units < 0 else ("", units)
    return "%s%d" % (sign, units) if not digits else "%s%d.%0*d" % (sign, units // 10**digits, digits, units % 10**digits)


@functools.lru_cache(maxsize=1 << 14)
def date_days(date):
    """Days since 1970 of a date."""
    return instant_ms(date + "T00:00:00.000Z") // DAY_MS


@functools.lru_cache(maxsize=1 << 12)
def days_date(days):
    """The date so many days since 1970: by the civil calendar, counted in 400-year cycles from 1 March 2000."""
    cycle, rest = divmod(days - 11017, 146097)
    century = min(rest // 36524, 3)
    rest -= century * 36524
    four = rest // 1461
    rest -= four * 1461
    year = min(rest // 365, 3)
    rest -= year * 365
    month = (5 * rest + 2) // 153
    day = rest - (153 * month + 2) // 5 + 1
    year += 2000 + 400 * cycle + 100 * century + 4 * four + (month >= 10)
    return "%04d-%02d-%02d" % (year, month + 3 if month < 10 else month - 9, day)


def month_days(month):
    """(first, last) day of a month, in days since 1970."""
    year, number = int(month[:4]), int(month[5:])
    first = date_days(month + "-01")
    after = date_days("%04d-%02d-01" % (year + number // 12, number % 12 + 1)) if (year, number) != (9999, 12) else first + 31
    return first, after - 1


class Entity:
    """A legal entity and its calendar (POLICY.md, Local days)."""

    def __init__(self, compiled, parameters):
        self.code, self.currency = compiled["entity"], compiled["currency"]
        self.fiscal_month = compiled["fiscal_month"]
        self.parameters = {**parameters, **compiled.get("parameters", {})}
        self.holidays = {date_days(date) for date in compiled.get("holidays", ())}
        self.offsets = [(instant_ms(one["from"]), one["minutes"] * 60000) for one in compiled["offsets"]]
        self.froms = [begins for begins, _ in self.offsets]
        self.starts = {}

    def date(self, ms):
        """The local date, in days since 1970."""
        return (ms + self.offsets[max(bisect.bisect_right(self.froms, ms) - 1, 0)][1]) // DAY_MS

    def day_start(self, days):
        """The first instant whose local date is that day, or a later one."""
        if days not in self.starts:
            for place, (begins, offset) in enumerate(self.offsets):
                start = days * DAY_MS - offset
                if place:
                    start = max(start, begins)
                if place + 1 == len(self.offsets) or start < self.froms[place + 1]:
                    break
            self.starts[days] = start
        return self.starts[days]

    def quarter_start(self, ms):
        year, month, _ = date_parts(days_date(self.date(ms)))
        month -= (month - self.fiscal_month) % 12 % 3
        first = "%04d-%02d-01" % ((year, month) if month > 0 else (year - 1, month + 12))
        return self.day_start(date_days(first) if date_parts(first) else 0)

    def fiscal_year(self, date):
        year, month, _ = date_parts(date)
        return year + (1 if 1 < self.fiscal_month <= month else 0)

    def deadline(self, ms, count):
        """The end of the count-th business day after the one in which ms is."""
        days = self.date(ms)
        while count > 0:
            days += 1
            count -= (days + 3) % 7 < 5 and days not in self.holidays  # day 0 was a Thursday
        return self.day_start(days + 1)


class Row:
    def __init__(self, compiled, base):
        self.name, self.entities = compiled["row"], compiled["entities"]
        self.uptos = [minor(tier["upto"], base) for tier in compiled["tiers"] if "upto" in tier]
        self.tiers = [frozenset(tier["levels"]) for tier in compiled["tiers"]]

    def levels(self, units):
        return self.tiers[bisect.bisect_left(self.uptos, units)]

    def bound(self, units):
        """The highest bound of a tier that the amount is above; zero when there is none."""
        place = bisect.bisect_left(self.uptos, units)
        return self.uptos[place - 1] if place else 0

    @property
    def highest(self):
        return self.tiers[-1]


class Window:
    def __init__(self, compiled):
        self.by, self.span, self.days = compiled["by"], compiled["span"], compiled["days"]
        self.kinds, self.leaves_out = frozenset(compiled["kinds"]), compiled.get("reversed") == "leave-out"
        self.name = "%d days" % self.days if self.span == "days" else self.span

    def after(self, ms, entity):
        """Only what is later than this counts."""
        if self.span == "days":
            return ms - self.days * DAY_MS
        return entity.quarter_start(ms) - 1 if self.span == "quarter" else -1


class Policy:
    def __init__(self, compiled):
        self.compiled, self.base = compiled, compiled["base"]
        self.parameters = compiled.get("parameters", {})
        self.entities = {one["entity"]: Entity(one, self.parameters) for one in compiled["entities"]}
        self.reasons = {one["reason"]: one for one in compiled["reasons"]}
        self.rows = [Row(one, self.base) for one in compiled["authority"]]
        self.windows = {by: [Window(one) for one in compiled["cumulative"] if one["by"] == by]
                        for by in ("invoice", "customer")}
        self.on_account_row = compiled["postings"]["on_account_row"]
        self.relaxed = frozenset(compiled.get("break_glass", {}).get("controls", ()))
        self.duties = {one["duty"]: frozenset(one["functions"]) for one in compiled["duties"]}
        self.conflicts = compiled["conflicts"]
        self.exclusive = compiled.get("exclusive", [])
        self._own = {one["role"]: one for one in compiled["roles"]}
        self.roles = {name: self._functions(name) for name in self._own}
        self.functions = frozenset().union(*self.roles.values())
        self.row_of = functools.lru_cache(maxsize=None)(self._row_of)

    def _functions(self, name):
        """Its own functions and those of all roles it inherits from, near or far; sorted by bytes."""
        queue, taken, found = [name], {name}, set()
        while queue:
            role = self._own.get(queue.pop())
            if role is None:
                continue
            found.update(role["functions"])
            for parent in role.get("inherits", ()):
                if parent not in taken:
                    taken.add(parent)
                    queue.append(parent)
        return sorted(found)

    def _row_of(self, name, entity):
        """The row of this name that lists the entity, else the one that lists none."""
        others = None
        for row in self.rows:
            if row.name == name and entity in row.entities:
                return row
            if row.name == name and not row.entities:
                others = row
        return others

    def reason_row(self, reason, entity):
        found = self.reasons.get(reason)
        return self.row_of(found["row"], entity) if found else None

    def is_error(self, reason):
        return self.reasons.get(reason, {}).get("error") == "yes"

    def parameter(self, name, fallback, entity=None):
        """A whole number; the entity's own before the policy's."""
        if entity in self.entities:
            return self.entities[entity].parameters.get(name, fallback)
        return self.parameters.get(name, fallback)
