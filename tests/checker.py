#!/usr/bin/python3
"""A second reader of the book, written from ledger/FORMAT.md alone.

It takes an export (one stored entry a line), and any checkpoints and receipts, and says what is wrong and at which
entry. It shares no code with the program that wrote the book: JSON, SSHSIG, signed notes and the RFC 6962 tree are
read by hand here, signatures are verified by OpenSSL (python3-cryptography) and not by libsodium. It goes on after a
finding. It decides nine controls again, from FORMAT.md, controls/POLICY.md and controls/CATALOGUE.md alone (see
checker_controls.py): C-01 to C-04, C-06, C-07, C-20, C-35 and C-39 have to have answered exactly what they must, and
what waits, waits for exactly the levels that all answers come to. Of the others it believes the answers, and judges
what follows from the documents alone: reversals mirror, lines are those of the invoices, rates are those in force.

    tests/checker.py EXPORT.jsonl [--checkpoint FILE]... [--receipt FILE]... [--json]
    tests/checker.py BACKUP [LATER_BACKUP]...            backups that go on one from the other, as one book
    tests/checker.py BUNDLE_FOLDER [--json]              a bundle (audit/bundle/BUNDLE.md), of a book or of a part of one

Exit status: 0 all is well, 2 usage, 3 findings, 4 a file cannot be read.
"""
import argparse
import base64
import hashlib
import json
import os
import re
import sys
import time as clock

from checker_books import Grant, sides
from checker_bundle import Bundle
from checker_controls import Deciding
from checker_form import *  # noqa: F401,F403  bytes, scalars, signatures, proofs: their names are this file's, too
from checker_policy import KINDS

# ---------------------------------------------------------------- schema (FORMAT 2, 4, 5, 6)

def asks_officers(compiled):
    """Whether a compiled policy asks officers for keys that verify their users."""
    return any(function.startswith("govern.") for function in compiled.get("verification", {}).get("functions", ()))


ATTRIBUTES = ("address", "bank_account", "email_domain", "tax_id")
# Which function acts on a governance document; the others are under govern.access.
GOVERNED_UNDER = {"policy": "govern.policy", "entity": "govern.policy", "rates": "govern.policy",
                  "related": "govern.policy", "release": "govern.policy", "period": "period.close",
                  "seed": "audit.commit", "disposition": "audit.commit", "test-run": "audit.commit"}
# Who may submit them is judged by a control, not told from the documents alone.
BY_OTHERS = ("mitigation-review", "attestation", "break-glass-review", "seed", "disposition", "test-run")
# These take one person; a revocation or key revocation two, where it ends an officer's.
ONE_PERSON = ("revocation", "key-revocation", "review", "legal-hold", "affirmation") + BY_OTHERS
LATER_KINDS = set()
ENGINE_FEEDS = ("customers", "invoices", "cash", "people", "contracts", "reads", "orders", "contacts",
                "acknowledgements")
TOTALLED_FEEDS = ("invoices", "cash", "orders", "acknowledgements")
LIMIT_KINDS = ("credit-limit", "temporary-limit", "hold-release")
CASE_KINDS = ("dispute", "inquiry", "exception")
CASE_OUTCOMES = {"inquiry": ("ANSWERED",), "exception": ("CORRECTED", "ACCEPTED"),
                 "dispute": ("CREDIT_FULL", "CREDIT_PARTIAL", "REBILL", "INVALID_PAY", "SETTLED", "WRITTEN_OFF")}
CASE_STATES = ("ASSIGNED", "AWAIT_CUSTOMER", "AWAIT_INTERNAL", "RESOLVED", "CLOSED", "VOID")
CASE_CAUSES = ("contract", "price", "meter", "order", "tax", "delivery", "bot", "other")
SETTLED_BY = {"CREDIT_FULL": ("credit-note", "correction"), "CREDIT_PARTIAL": ("credit-note", "correction"),
              "REBILL": ("rebill",), "WRITTEN_OFF": ("write-off",)}
VERBS = {"charter", "submit", "amend", "withdraw", "approve", "reject", "return", "feed", "recover", "clock", "restore"}
RELS = ("corrects", "dispute", "duplicate-of", "rebills", "recovers", "supersedes", "successor-of")
CHANNELS = ("cli", "batch", "bot", "api", "migration", "break-glass")


class Schema:
    """Collects what does not fit, with the path to it."""

    def __init__(self, report):
        self.report = report

    def object(self, value, where, required, optional=None):
        """True when value is an object with these members and no others, each of its type."""
        optional = optional or {}
        if not isinstance(value, dict):
            self.report("%s is no object" % where)
            return False
        good = True
        for name in required:
            if name not in value:
                self.report("%s has no %s" % (where, name))
                good = False
        for name, member in value.items():
            check = required.get(name) or optional.get(name)
            if check is None:
                self.report("%s has an unknown member %s" % (where, name))
                good = False
                continue
            wrong = check(member)
            if wrong:
                shown = " '%s'" % member if isinstance(member, (str, int)) else ""
                self.report("%s.%s%s %s" % (where, name, shown[:90], wrong))
                good = False
        return good

    def list(self, value, where, low=1, high=1000):
        if not isinstance(value, list) or not low <= len(value) <= high:
            self.report("%s is no list of %d to %d" % (where, low, high))
            return []
        return value


def common_members():
    return ({"kind": t_any, "ref": t_id, "channel": t_one_of(*CHANNELS)},
            {"behalf": t_id, "evidence": t_any, "links": t_any, "note": t_text, "requested_by": t_id, "run": t_any})


def own_members(kind, document):
    """(required, optional) members of a kind."""
    currency = document.get("currency")
    money = {"entity": t_code, "customer": t_id, "currency": t_currency, "amount": t_amount(currency, 1),
             "reason": t_code, "date": t_date, "allocations": t_any}
    if kind == "credit-note":
        return money, {"on_account": t_amount(currency, 1), "taxes": t_any, "customer_ref": t_reference}
    if kind == "rebill":
        money.update(invoice=t_object)
        return money, {"customer_ref": t_reference}
    if kind == "recovery":
        money.update(recovers=t_request, receipt=t_id)
        return money, {}
    if kind == "adjustment":
        money.update(charge=t_one_of("finance", "small-balance", "freight", "discount", "fx", "credit-balance", "transfer"))
        if document.get("charge") == "transfer":
            money.update(to=t_object)
        return money, {"direction": t_one_of("down", "up"), "customer_ref": t_reference}
    if kind == "correction":
        money.update(direction=t_one_of("down", "up"),
                     field=t_one_of("price", "quantity", "meter", "tax", "duplicate", "terms"))
        return money, {"original": t_text, "corrected": t_text, "taxes": t_any, "customer_ref": t_reference,
                       "contract": t_id, "reads": t_any, "charges": t_any}
    if kind == "write-off":
        money.update(method=t_one_of("allowance", "direct"))
        return money, {"case": t_text}
    if kind == "credit-limit":
        limit = t_amount(currency, 0)
        return {"entity": t_code, "customer": t_id, "currency": t_currency, "reason": t_code, "date": t_date,
                "limit": limit, "previous": limit, "review": t_date}, {}
    if kind == "temporary-limit":
        limit = t_amount(currency, 0)
        return {"entity": t_code, "customer": t_id, "currency": t_currency, "reason": t_code, "date": t_date,
                "limit": limit, "previous": limit, "from": t_date, "to": t_date}, {}
    if kind == "hold-release":
        del money["allocations"]
        money.update(order=t_id, expires=t_instant)
        return money, {}
    if kind == "dispute":
        return ({"entity": t_code, "customer": t_id, "reason": t_code, "owner": t_id},
                {"invoice": t_id, "line": t_id, "amount": t_amount(currency, 1), "currency": t_currency,
                 "customer_ref": t_reference, "promised": t_date})
    if kind == "inquiry":
        return ({"entity": t_code, "customer": t_id, "reason": t_code, "owner": t_id},
                {"customer_ref": t_reference, "promised": t_date})
    if kind == "exception":
        return {"entity": t_code, "reason": t_code, "owner": t_id, "about": t_id}, {}
    if kind == "case-note":
        return ({"entity": t_code, "case": t_request, "state": t_one_of(*CASE_STATES)},
                {"owner": t_id, "outcome": t_one_of(*sum(CASE_OUTCOMES.values(), ())), "promised": t_date,
                 "root_cause": t_one_of(*CASE_CAUSES), "settled_by": t_request})
    if kind == "reversal":
        return {"entity": t_code, "reason": t_code, "date": t_date, "reverses": t_request}, {}
    if kind == "enrolment":
        return ({"user": t_id, "person": t_id, "sort": t_one_of("human", "bot", "feed"), "key": t_key},
                {"until": t_instant, "personal": t_hash})
    if kind == "key-rotation":
        return {"user": t_id, "new": t_key}, {"old": t_key, "until": t_instant}
    if kind == "key-revocation":
        return {"user": t_id, "key": t_key, "reason": t_text}, {"since": t_instant}
    if kind == "grant":
        return {"user": t_id, "role": t_code, "entities": t_any}, {"from": t_instant, "to": t_instant}
    if kind == "rates":
        return {"base": t_currency, "date": t_date, "rates": t_any}, {}
    if kind == "revocation":
        return {"grant": t_request, "reason": t_text}, {}
    own = {
        "book-key": ({"key": t_key}, {"retires": t_key}),
        "release": ({"release": t_text, "commit": t_text, "exe": t_hash}, {}),
        "break-glass": ({"users": t_any, "functions": t_any, "entities": t_any, "until": t_instant, "ticket": t_text,
                         "reason": t_text}, {}),
        "review": ({"entities": t_any}, {}),
        "erasure": ({"personal": t_any, "reason": t_text}, {}),
        "legal-hold": ({"customers": t_any, "state": t_one_of("on", "off"), "reason": t_text}, {}),
        "attestation": ({"review": t_request, "rows": t_any}, {}),
        "break-glass-review": ({"break_glass": t_request, "conclusion": t_one_of("justified", "unjustified")}, {}),
        "affirmation": ({"key": t_key, "rows": t_any}, {}),
        "seed": ({"seed": t_text, "purpose": t_text}, {}),
        "disposition": ({"about": t_text, "conclusion": t_text}, {}),
        "test-run": ({"control": t_text, "from": t_integer(0), "to": t_integer(0), "result": t_hash,
                      "count": t_integer(0)}, {}),
    }
    if kind in own:
        return own[kind]
    if kind == "delegation":
        return ({"from_user": t_id, "to_user": t_id, "functions": t_any, "from": t_instant, "to": t_instant,
                 "reason": t_text}, {"limit": t_amount(currency, 1), "currency": t_currency})
    if kind == "reactivation":
        return {"user": t_id, "reason": t_text}, {}
    if kind == "related":
        return {"customers": t_any, "group": t_id, "reason": t_text}, {"persons": t_any, "party": t_bool}
    if kind == "mitigation":
        return {"person": t_id, "a": t_code, "b": t_code, "control": t_id, "owner": t_id, "reviewer": t_id,
                "until": t_instant, "reason": t_text}, {}
    if kind == "mitigation-review":
        return {"mitigation": t_request, "uses": t_integer(1), "conclusion": t_text}, {}
    if kind == "entity":
        return {"entity": t_code, "currency": t_currency, "customers": t_integer(0), "opening": t_any}, {}
    if kind == "period":
        return ({"entity": t_code, "period": t_month, "state": t_one_of("open", "soft", "hard"), "reason": t_text},
                {"user": t_id, "until": t_instant})
    return {"yaml": t_base64, "compiled": t_object, "compiler": t_integer(1, 1), "effective": t_instant}, {}


def check_document(schema, document, where):
    """Schema and arithmetic of a document."""
    kind = document.get("kind") if isinstance(document, dict) else None
    if kind not in KINDS:
        schema.report("%s: kind '%s' is not in this engine" % (where, kind))
        return False
    required, optional = common_members()
    own_required, own_optional = own_members(kind, document)
    if not schema.object(document, where, {**required, **own_required}, {**optional, **own_optional}):
        return False
    good = [True]

    def wrong(text):
        good[0] = False
        schema.report("%s %s" % (where, text))
    sub = Schema(wrong)
    check_common_lists(sub, document)
    if KINDS[kind].money:
        check_allocations(sub, document, kind)
    if "taxes" in document:
        check_stated(sub, document)
    if kind == "rebill":
        check_intended(sub, document)
    if kind == "adjustment" and (document["charge"] in ("credit-balance", "transfer")) != ("direction" not in document):
        wrong("has a direction, or is a credit balance or a transfer")
    if document.get("charge") == "transfer":
        check_transfer(sub, document, wrong)
    check_governance_lists(sub, document, wrong)
    if kind == "delegation":
        functions = sub.list(document["functions"], "functions", 1, 64)
        if functions != sorted(set(f for f in functions if isinstance(f, str))):
            wrong("functions are not sorted, or one stands twice")
        if document["from"] >= document["to"] or ("limit" in document) != ("currency" in document):
            wrong("ends before it begins, or has a limit without currency")
    check_limits_and_cases(kind, document, wrong)
    if {"contract", "reads", "charges"} & set(document):
        check_meter_members(sub, document)
    if kind == "rates":
        check_rates(sub, document)
    if kind == "period" and (("user" in document) != ("until" in document)
                             or "user" in document and document["state"] != "open"):
        wrong("is half an exception")
    if kind == "entity":
        check_opening(sub, document)
    if kind in ("grant", "review", "break-glass"):
        entities = sub.list(document["entities"], "entities", 0)
        if entities != ["*"]:
            for entity in entities:
                if t_code(entity):
                    wrong("entity '%s' is no code" % entity)
    if kind == "related":
        check_related(sub, document)
    return good[0]


def check_limits_and_cases(kind, document, wrong):
    """What the form asks of dates, and of members that stand together."""
    if kind == "credit-limit" and document["review"] <= document["date"]:
        wrong("is reviewed on %s, not after its date" % document["review"])
    if kind == "temporary-limit" and not document["date"] <= document["from"] <= document["to"]:
        wrong("lasts from %s to %s, dated %s" % (document["from"], document["to"], document["date"]))
    if kind == "dispute" and (("amount" in document) != ("currency" in document)
                              or "line" in document and "invoice" not in document):
        wrong("has an amount without currency, or a line without invoice")
    if kind == "case-note":
        outcome = document.get("outcome")
        if (document["state"] == "RESOLVED") != (outcome is not None):
            wrong("is %s with outcome %s" % (document["state"], outcome))
        if "owner" in document and document["state"] != "ASSIGNED":
            wrong("gives an owner to a case that is not assigned")
        if outcome in SETTLED_BY and "settled_by" not in document:
            wrong("does not say what settled it")
        if "settled_by" in document and outcome != "SETTLED" and outcome not in SETTLED_BY:
            wrong("is settled by a document, with outcome %s" % outcome)
def check_related(sub, document):
    """Customers by entity and id, persons by id, each sorted, none twice."""
    places = []
    for index, item in enumerate(sub.list(document["customers"], "customers", 1)):
        if sub.object(item, "customers[%d]" % index, {"customer": t_id, "entity": t_code}):
            places.append((item["entity"], item["customer"]))
    persons = sub.list(document.get("persons", []), "persons", 0, 100)
    for person in persons:
        if t_id(person):
            sub.report("person '%s' is no id" % person)
    for what, values in (("customers", places), ("persons", persons)):
        if values != sorted(set(values)):
            sub.report("%s are not sorted, or one stands twice" % what)


def check_rates(sub, document):
    last = ""
    for index, item in enumerate(sub.list(document["rates"], "rates", 1, 200)):
        if not sub.object(item, "rates[%d]" % index, {"currency": t_currency, "rate": t_rate}):
            return
        if item["currency"] <= last or item["currency"] == document["base"]:
            sub.report("rates are not sorted by currency, one stands twice or is the base")
        last = item["currency"]


def check_opening(sub, document):
    before = ""
    for index, item in enumerate(sub.list(document["opening"], "opening", 0, 100)):
        if not sub.object(item, "opening[%d]" % index, {
                "count": t_integer(0), "currency": t_currency,
                "total": t_amount(item.get("currency") if isinstance(item, dict) else None)}):
            return
        if item["currency"] <= before:
            sub.report("opening is not sorted by currency")
        before = item["currency"]


def check_common_lists(sub, document):
    if "evidence" in document:
        for index, item in enumerate(sub.list(document["evidence"], "evidence", 0, 50)):
            sub.object(item, "evidence[%d]" % index,
                       {"bytes": t_integer(0), "kind": t_id, "media": t_media, "sha256": t_hash}, {"name": t_hash})
    if "links" in document:
        for index, item in enumerate(sub.list(document["links"], "links", 0)):
            sub.object(item, "links[%d]" % index, {"document": t_request, "rel": t_one_of(*RELS)})
    if "run" in document:
        sub.object(document["run"], "run", {"id": t_id, "sha256": t_hash})


def sum_taxes(sub, taxes, where, currency):
    """Net and tax of a list of {code, net, tax}, no code twice, nothing below zero; None when it is none."""
    total, codes = 0, set()
    for index, item in enumerate(sub.list(taxes, where, 1, 64)):
        if not sub.object(item, "%s[%d]" % (where, index), {"code": t_code, "net": t_amount(currency, 0),
                                                            "tax": t_amount(currency, 0)}):
            return None
        part = minor(item["net"], currency) + minor(item["tax"], currency)
        if not part or item["code"] in codes:
            sub.report("%s: code %s stands twice, or for nothing" % (where, item["code"]))
        codes.add(item["code"])
        total += part
    return total


def check_stated(sub, document):
    allocated = sum(minor(item["amount"], document["currency"]) for item in document["allocations"])
    total = sum_taxes(sub, document["taxes"], "taxes", document["currency"])
    if total is not None and (total != allocated or len({item["invoice"] for item in document["allocations"]}) != 1):
        sub.report("taxes are not those of one invoice, whole")


def check_intended(sub, document):
    currency, invoice = document["currency"], document["invoice"]
    if not sub.object(invoice, "invoice", {"customer": t_id, "date": t_date, "due": t_date,
                                           "gross": t_amount(currency, 1), "ref": t_id, "taxes": t_any}):
        return
    total = sum_taxes(sub, invoice["taxes"], "invoice.taxes", currency)
    if total is not None and total != minor(invoice["gross"], currency):
        sub.report("intends a gross that is not net and tax")


LISTS = {"break-glass": (("users", t_id, 20), ("functions", t_id, 192)), "erasure": (("personal", t_hash, 1000),),
         "legal-hold": (("customers", t_id, 1000),)}


def check_governance_lists(sub, document, wrong):
    kind = document["kind"]
    for name, check, high in LISTS.get(kind, ()):
        for item in sub.list(document[name], name, 1, high):
            if check(item):
                wrong("%s: '%s' %s" % (name, item, check(item)))
    if kind == "attestation":
        grants = []
        for index, row in enumerate(sub.list(document["rows"], "rows")):
            if sub.object(row, "rows[%d]" % index, {"decision": t_one_of("keep", "remove"), "grant": t_request}):
                grants.append(row["grant"])
        if grants != sorted(set(grants)):
            wrong("rows are not sorted by grant, or one stands twice")
    if kind == "affirmation":
        for index, row in enumerate(sub.list(document["rows"], "rows")):
            sub.object(row, "rows[%d]" % index, {"conclusion": t_one_of("affirm", "reverse")},
                       {"document": t_request, "entry": t_integer(1)})
            if ("document" in row) == ("entry" in row):
                wrong("rows[%d] names not one of document and entry" % index)


def check_transfer(sub, document, wrong):
    to = document["to"]
    if not sub.object(to, "to", {"allocations": t_any, "customer": t_id}):
        return
    check_allocations(sub, sides(document)[1], "adjustment")
    given, put = ({item["invoice"] for item in side["allocations"]} for side in sides(document))
    if given & put or document["customer"] == to["customer"] and not (given and put):
        wrong("transfers to where it takes from")
    if any("line" in item for side in sides(document) for item in side["allocations"]):
        wrong("transfers lines of an invoice")


def check_allocations(sub, document, kind):
    currency = document["currency"]
    total, seen = 0, set()
    if document.get("charge") == "transfer" and document["allocations"] == []:
        return
    if document.get("charge") == "credit-balance":
        if document["allocations"]:
            sub.report("a credit balance stands on no invoice")
        return
    for index, item in enumerate(sub.list(document["allocations"], "allocations", 0)):
        if not sub.object(item, "allocations[%d]" % index, {"amount": t_amount(currency, 1), "invoice": t_id},
                          {} if kind == "recovery" else {"line": t_id}):
            return
        total += minor(item["amount"], currency)
        place = (item["invoice"], item.get("line"))
        if place in seen:
            sub.report("allocates twice to %s" % item["invoice"])
        seen.add(place)
    if kind == "credit-note" and "on_account" in document:
        total += minor(document["on_account"], currency)
    if total != minor(document["amount"], currency):
        sub.report("allocations do not add up to its amount %s" % document["amount"])


CLICKS_MAX = 10 ** 12
t_clicks = t_integer(0, CLICKS_MAX)
t_meter = t_one_of("bw", "colour", "large", "scan")
t_source = t_one_of("remote", "customer", "technician", "estimated", "manual")


def t_replaced(value):
    if not isinstance(value, dict) or set(value) != {"final", "start"}:
        return "is no {final, start}"
    return t_clicks(value["final"]) or t_clicks(value["start"])


def t_click_rate(value):
    if not isinstance(value, str) or not re.fullmatch(r"(0|[1-9][0-9]*)(\.[0-9]{0,5}[1-9])?", value) or value == "0":
        return "is no rate of a click"
    return None


def check_meter_members(sub, document):
    """Section 5.5: the form of reads and charges."""
    if not {"contract", "reads", "charges"} <= set(document) or document["field"] != "meter":
        sub.report("has not all of contract, reads and charges, or is not about a meter")
        return
    for index, item in enumerate(sub.list(document["reads"], "reads", 1, 100)):
        if not sub.object(item, "reads[%d]" % index, {"read": t_id, "source": t_source, "value": t_clicks},
                          {"replaced": t_replaced}):
            return
    names = [item["read"] for item in document["reads"]]
    if names != sorted(set(names)):
        sub.report("reads are not sorted, or one stands twice")
    amount = t_amount(document["currency"])
    for index, item in enumerate(sub.list(document["charges"], "charges", 1, 1000)):
        if not sub.object(item, "charges[%d]" % index, {"billed": amount, "corrected": amount, "invoice": t_id,
                                                        "meter": t_meter}, {"device": t_id, "line": t_id, "pool": t_id}):
            return
        if ("device" in item) == ("pool" in item):
            sub.report("charges[%d] is of a device or a pool, one of them" % index)


def half_even(top, bottom):
    """top / bottom of whole numbers, the nearest whole number, ties to the even one."""
    sign = -1 if (top < 0) != (bottom < 0) else 1
    whole, rest = divmod(abs(top), abs(bottom))
    if 2 * rest > abs(bottom) or (2 * rest == abs(bottom) and whole % 2):
        whole += 1
    return sign * whole


class Meters:
    """Section 5.5: contracts and reads of one entity, and what corrections made of them."""

    def __init__(self):
        self.contracts, self.reads, self.order = {}, {}, {}
        self.corrections = {}  # read -> {request number: what it should be}, in order of posting
        self.moved = {}        # bill -> minor units

    def add_read(self, record):
        self.reads[record["read"]] = record
        chain = self.order.setdefault((record["contract"], record["device"], record["meter"]), [])
        chain.append(record["read"])
        chain.sort(key=lambda ident: (self.reads[ident]["date"], ident))

    def last_date(self, record):
        chain = self.order.get((record["contract"], record["device"], record["meter"]))
        return self.reads[chain[-1]]["date"] if chain else ""

    def chain(self, read):
        return self.order[(read["contract"], read["device"], read["meter"])]

    def stands(self, ident):
        return list(self.corrections.get(ident, {}).values())[-1] if self.corrections.get(ident) else self.reads[ident]

    def clicks(self, ident, view):
        chain = self.chain(self.reads[ident])
        place = chain.index(ident)
        if not place:
            return 0
        now, before = view(ident), view(chain[place - 1])
        if "replaced" in now:
            return now["replaced"]["final"] - before["value"] + now["value"] - now["replaced"]["start"]
        return now["value"] - before["value"]

    def term(self, read):
        """(device or pool, its id, allowance, rate) of a read's meter."""
        contract = self.contracts[read["contract"]]
        meter = next(item for item in contract["meters"]
                     if (item["device"], item["meter"]) == (read["device"], read["meter"]))
        if "pool" not in meter:
            return "device", meter["device"], meter["allowance"], meter["rate"]
        pool = next(item for item in contract["pools"] if (item["pool"], item["meter"]) == (meter["pool"], meter["meter"]))
        return "pool", pool["pool"], pool["allowance"], pool["rate"]

    def bill(self, read):
        """A read's bill, ordered as charges are."""
        sort, ident = self.term(read)[:2]
        return (read["contract"], read["invoice"], read.get("line", ""), sort, ident, read["meter"])

    def amount(self, bill, view, digits):
        clicks = [(self.clicks(ident, view), read) for ident, read in self.reads.items()
                  if read["contract"] == bill[0] and read.get("invoice") == bill[1] and self.bill(read) == bill]
        allowance, rate = self.term(clicks[0][1])[2:]
        over = max(0, sum(count for count, _ in clicks) - allowance)
        whole, _, decimals = rate.partition(".")
        return half_even(over * int(whole + decimals) * 10 ** digits, 10 ** len(decimals))

    def touched(self, reads):
        """(reads that follow a corrected one or are, their bills)."""
        idents, given = [], {item["read"] for item in reads}
        for item in reads:
            chain = self.chain(self.reads[item["read"]])
            for ident in chain[chain.index(item["read"]):]:
                idents.append(ident)
                if ident not in given and self.stands(ident)["source"] != "estimated":
                    break
        return idents, sorted({self.bill(self.reads[ident]) for ident in idents if "invoice" in self.reads[ident]})

    def charges(self, document, digits):
        """(billed, corrected) of each touched bill."""
        given = {item["read"]: item for item in document["reads"]}
        _, bills = self.touched(document["reads"])
        return {bill: (self.amount(bill, self.reads.get, digits) + self.moved.get(bill, 0),
                       self.amount(bill, lambda ident: given.get(ident) or self.stands(ident), digits))
                for bill in bills}

    def wrong_read(self, document):
        """Why one of the reads cannot be; None when all can."""
        given = {item["read"]: item for item in document["reads"]}

        def view(ident):
            return given.get(ident) or self.stands(ident)
        shown = any(item["kind"] == "meter-replaced" for item in document.get("evidence", ()))
        for ident, item in given.items():
            before = self.stands(ident)
            if "replaced" in item and item["replaced"] != before.get("replaced") and not shown:
                return "%s: no evidence that the counter was exchanged" % ident
            if self.reads[ident]["source"] == "estimated" and self.corrections.get(ident) and any(
                    item.get(name) != before.get(name) for name in ("value", "source", "replaced")):
                return "%s was trued up already" % ident
            chain = self.chain(self.reads[ident])
            for earlier in reversed(chain[:chain.index(ident)] if "replaced" not in item else []):
                if view(earlier)["source"] != "estimated":
                    if item["value"] < view(earlier)["value"]:
                        return "%s is below %s" % (ident, earlier)
                    break
                if "replaced" in view(earlier):
                    break
        for ident in self.touched(document["reads"])[0]:
            chain = self.chain(self.reads[ident])
            place = chain.index(ident)
            if not place:
                continue
            now, before = view(ident), view(chain[place - 1])
            replaced = now.get("replaced")
            if (replaced["final"] if replaced else now["value"]) < before["value"] or (
                    replaced and now["value"] < replaced["start"]):
                return "%s runs backwards from %s" % (ident, chain[place - 1])
        return None

    def settle(self, number, document, sign):
        for item in document["reads"]:
            known = self.corrections.setdefault(item["read"], {})
            if sign > 0:
                known[number] = item
            else:
                known.pop(number, None)
        for item in document["charges"]:
            bill = (document["contract"], item["invoice"], item.get("line", ""),
                    "device" if "device" in item else "pool", item.get("device") or item["pool"], item["meter"])
            change = minor(item["corrected"], document["currency"]) - minor(item["billed"], document["currency"])
            self.moved[bill] = self.moved.get(bill, 0) + sign * change


# ---------------------------------------------------------------- the fold

class Version:
    def __init__(self, content, document):
        self.content, self.document = content, document


class Document:
    """What the entries so far say of one admitted document."""

    def __init__(self, number, kind):
        self.number, self.kind = number, kind
        self.versions, self.state = [], "waiting"
        self.levels, self.until, self.seq = [], None, None
        self.makers, self.approvals, self.lines = set(), {}, []  # level -> (people, entry, seen, time in ms)
        self.preparer = None
        self.reversed_by = None
        self.shares = []             # (Invoice, [units by share]) that its posting took
        self.place = self.ms = None  # (seq, index) and time of the current version
        self.base = self.rate = None # its amount in base currency, and the rate by which it was converted
        self.recovered = {}          # of a write-off: invoice -> units
        self.rebilled = None         # the invoice that closed a rebill

    @property
    def signers(self):
        return set().union(*(approval[0] for approval in self.approvals.values()))

    @property
    def document(self):
        return self.versions[-1].document


class Key:
    def __init__(self, user, until=None, begins=None):
        self.user, self.until, self.revoked, self.since, self.begins = user, until, None, None, begins


class Invoice:
    """What an invoice has open, whose it is, and its shares: (None for a net or the tax code, absolute minor units)."""

    def __init__(self, record, currency):
        self.customer, self.currency = record["customer"], currency
        self.date, self.moved = record["date"], 0  # the entry that announced the last change of what is open
        self.open = minor(record["gross"], currency)
        self.taxed = {"": [(minor(tax["net"], currency), minor(tax["tax"], currency)) for tax in record["taxes"]]}
        for line in record.get("lines", ()):
            self.taxed.setdefault(line["line"], []).append((minor(line["net"], currency), minor(line["tax"], currency)))
        self.shares = [(code, abs(minor(tax[name], currency)))
                       for tax in record["taxes"] for code, name in ((None, "net"), (tax["code"], "tax"))]
        self.codes = [tax["code"] for tax in record["taxes"]]
        self.taken = [0] * len(self.shares)
        self.lines = {}
        for line in reversed(record.get("lines", [])):
            self.lines[line["line"]] = (line["code"], abs(minor(line["net"], currency)), abs(minor(line["tax"], currency)))

    def take(self, units, line, stated, up):
        """Units by share of an amount, and what belongs to none; they count as taken from now on."""
        billed = [share for _, share in self.shares]
        left = [max(whole - taken, 0) for whole, taken in zip(billed, self.taken)]
        loose = 0
        if stated is not None:
            parts = [0] * len(billed)
            for item in stated:
                if item["code"] in self.codes:
                    at = 2 * self.codes.index(item["code"])
                    parts[at:at + 2] = [minor(item["net"], self.currency), minor(item["tax"], self.currency)]
        else:
            parts = None if up else self._of_line(units, line, left)
            parts = parts if parts is not None else proportion(units, billed if up else left)
            if parts is None:
                parts, loose = [0] * len(billed), units
        self.taken = [taken + (-part if up else part) for taken, part in zip(self.taken, parts)]
        return parts, loose

    def _of_line(self, units, line, left):
        code, net, tax = self.lines.get(line, (None, 0, 0))
        if code not in self.codes or not net + tax:
            return None
        at = 2 * self.codes.index(code)
        if any(whole < taken for (_, whole), taken in zip(self.shares[at:at + 2], self.taken[at:at + 2])) \
                or sum(left[at:at + 2]) < units:
            return None
        part = proportion(units, [net, tax])[1]
        part = max(min(part, left[at + 1]), units - left[at])
        return [0] * at + [units - part, part] + [0] * (len(left) - at - 2)


def looks_of(document):
    """(code, key) of what others may look like this document by."""
    kind, place = document["kind"], (document.get("entity"), document.get("customer"))
    if kind in ("credit-note", "write-off", "rebill", "correction", "adjustment"):
        way = document.get("direction", "up") if kind in ("correction", "adjustment") else "down"
        if document.get("charge") == "transfer":
            way = "down" if document["allocations"] else "up"
        yield "same-amount", ("amount", *place, document["currency"], document["amount"], way)
    left = "".join(run.lstrip("0") if run.isdigit() else "".join(
        char for char in run if "a" <= char <= "z" or char >= "\x80")
        for run in re.split("([0-9]+)", re.sub("[A-Z]", lambda found: found[0].lower(), document.get("customer_ref", ""))))
    if left and kind != "inquiry":
        yield "same-reference", ("dispute" if kind == "dispute" else "money", *place, left)


def proportion(units, shares):
    """An amount over shares in proportion, the largest remainder first, ties to the earlier; None of nothing but zeros."""
    whole = sum(shares)
    if not whole:
        return None
    parts = [divmod(units * share, whole) for share in shares]
    rest = units - sum(part for part, _ in parts)
    largest = sorted(range(len(parts)), key=lambda index: -parts[index][1])[:rest]
    return [part + (index in largest) for index, (part, _) in enumerate(parts)]


class File:
    def __init__(self, manifest):
        self.manifest, self.part, self.count, self.total, self.records = manifest, 0, 0, 0, {}
        self.twice = []  # of the part at hand: deliveries that the ERP acknowledges under a second number


class Checker:
    """Feed it lines in order, then checkpoints and receipts; findings collect."""

    def __init__(self):
        self.findings = []
        self.leaves = []
        self.entry = None            # number under which findings are filed
        self.expected = 0            # seq that comes next
        self.prev = ZERO
        self.last_ms = None
        self.charter, self.book = None, None
        self.keys = {}               # key blob -> Key, ever enrolled
        self.persons = {}            # user -> person
        self.sorts = {}              # user -> sort, of those enrolled
        self.ids = set()             # (actor, statement id)
        self.refs = {}               # (entity, ref) -> (document hash, request number)
        self.documents = {}          # request number -> Document
        self.waiting = {}            # request number -> deadline ms
        self.request_last = {}       # prefix -> n
        self.legal_last = {}         # (entity, prefix, year) -> n
        self.policies = []           # (effective ms, seq, hash)
        self.rates = {}              # (base, currency) -> {date: (trillionths, text, request number)}
        self.invoices = {}           # (entity, invoice) -> Invoice
        self.limits, self.orders, self.cases, self.now = {}, {}, {}, 0
        self.deliveries = {}         # (entity, delivery) -> (minor units, currency, [numbers of the ERP])
        self.grants = {}             # request number -> (user, role, from ms, to ms) of the officers' role
        self.key_entries = {}        # seq -> (actor's keys that signed, ms), for what a stolen key signed
        self.affirmed = set()        # (key, request number)
        self.book_keys = []          # [public, from, retired or None]
        self.programs = set()        # starts of the hashes of approved releases' executables
        self.reviews = {}            # request number -> grants whose rows nobody has answered
        self.all_grants = {}         # request number -> (user, role)
        self.access = {}             # request number of emergency access -> [persons, review by ms, reviewed]
        self.lent = {}               # the same -> (users, entities, until ms)
        self.under_hold = set()      # customers under legal hold
        self.delegations = {}        # request number -> document, while not revoked
        self.people = {}             # person -> [(entity, event)] of HR
        self.days = {}               # (user, UTC day) -> number of documents submitted, and of a bot the sum let in
        self.last_act = {}           # user -> ms of the last entry that was not wholly refused
        self.mitigations = {}        # request number -> {document, uses, answered, since}
        self.excluded = {}           # (entity, customer) -> persons who keep away (C-19)
        self.held = {}               # request number -> (user, role, entities, from ms, to ms) of every grant
        self.opened = set()          # entities whose documents may begin
        self.loose_cash = {}         # (entity, currency) -> what receipts did not apply
        self.limit_moved = {}        # (entity, customer) -> entry that announced the last limit
        self.periods = {}            # (entity, month) -> (state, entry, ms)
        self.exceptions = []         # (entity, month, user, entry, until ms)
        self.wholly_refused = {}     # (actor, day) -> entries
        self.usable = {}             # (entity, feed) -> ids
        self.feed_closed = {}        # (entity, feed) -> last closed sequence
        self.feed_open = {}          # (entity, feed) -> File
        self.meters = {}             # entity -> Meters
        self.alike = {}              # what documents look like each other by -> [(Document, version, ms)]
        self.counts = {"signatures": 0, "documents": 0, "refused": 0, "lines": 0}
        self.outcomes = {}
        self.signing_keys = set()
        self.checkpoints, self.receipts = [], []
        self.restores = []           # {epoch, from, seq, to}, in order
        self.officers_signed = set()
        self.deciding = Deciding(self)

    # ------------------------------------------------------------ findings

    def find(self, check, text, entry=None):
        self.findings.append({"entry": self.entry if entry is None else entry, "check": check, "text": text})

    def schema(self, check="schema"):
        return Schema(lambda text: self.find(check, text))

    # ------------------------------------------------------------ one entry

    def add_line(self, data):
        """One stored entry's bytes, without the LF."""
        place = len(self.leaves)
        leaf = leaf_hash(data)
        self.leaves.append(leaf)
        previous_entry, self.entry = self.entry, self.expected
        try:
            if len(data) > ENTRY_BYTES:
                raise Form("larger than 8 MiB")
            entry = parse(data)
        except Form as error:
            self.find("form", str(error))
            entry = self._read_loosely(data)
        if not isinstance(entry, dict):
            self.find("form", "no object at line %d" % (place + 1))
            self.expected += 1
            self.prev = leaf.hex()
            return
        self._check_chain(entry, leaf, previous_entry)
        try:
            self._check_entry(entry)
        except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
            self.find("schema", "cannot be read further: %s %s" % (type(error).__name__, error))

    @staticmethod
    def _read_loosely(data):
        try:
            return json.loads(data.decode("utf-8", "replace"), strict=False)
        except (ValueError, RecursionError):
            return None

    def _check_chain(self, entry, leaf, previous_entry):
        seq = entry.get("seq")
        if is_int(seq) and seq >= 0:
            self.entry = seq
        gap = seq != self.expected
        if gap:
            self.find("chain", "number %s where %d is expected" % (seq, self.expected))
        if entry.get("prev") != self.prev and not gap:
            if previous_entry is None:
                self.find("chain", "prev of the first entry is not 64 zeros")
            else:
                self.find("chain", "hash is not the one entry %d was chained to" % self.entry, previous_entry)
        self.expected = self.entry + 1
        self.prev = leaf.hex()

    def _check_entry(self, entry):
        schema = self.schema()
        if not schema.object(entry, "entry",
                             {"decision": t_object, "gate": t_object, "prev": t_hash, "seq": t_integer(0),
                              "signatures": t_any, "statement": t_object, "time": t_instant, "v": t_integer(1, 1)}):
            return
        gate = {"exe": pattern("start of a hash", r"[0-9a-f]{16}"), "mode": t_one_of("embedded", "served"),
                "os_user": t_text, "release": t_text}
        schema.object(entry["gate"], "gate", gate)
        statement, decision = entry["statement"], entry["decision"]
        known = {"actor": t_any, "at": t_instant, "body": t_object, "book": t_any, "do": t_any, "id": t_id,
                 "seen": t_any, "v": t_integer(1, 1)}
        if not schema.object(statement, "statement", known):
            return
        data = canonical(statement)
        hash_hex = sha256(data).hex()
        if self.charter is None and entry["seq"] == 0:
            self._charter(entry, statement, data, hash_hex)
            return
        if statement["do"] == "charter":
            self.find("schema", "a second charter")
            return
        if statement["do"] == "clock" and not self._is_refused(decision):
            self.find("time", "the clock is set back to %s: %s" % (entry["time"], statement["body"].get("reason")))
            self.last_ms = None
        self._check_time(entry["time"], statement["at"])
        self._lapse(instant_ms(entry["time"]))
        refused = self._is_refused(decision)
        self._check_statement(statement, data, refused)
        blobs = self._check_signatures(entry["signatures"], data)
        self._check_signers(statement, blobs, entry["time"], decision)
        results = self._check_decision(decision, entry)
        self._decide(lambda: self.deciding.statement(statement, decision, entry))
        if refused:
            self._count_refused(statement, entry["time"])
        else:
            self._check_actor(statement, entry)
        if decision.get("outcome") == "refused":
            self.counts["refused"] += 1
            return
        self._fold(statement, hash_hex, results, entry)

    def _decide(self, question):
        """Asks what decides again; documents of a form that they may not have are findings of their own already."""
        try:
            question()
        except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
            self.find("control", "cannot be decided again: %s %s" % (type(error).__name__, error))

    # ------------------------------------------------------------ charter

    def _charter(self, entry, statement, data, hash_hex):
        schema = self.schema()
        self.book = hash_hex
        body = statement["body"]
        if statement["do"] != "charter":
            self.find("schema", "the first entry is no charter")
            return
        if statement["book"] != "" or statement["actor"] != "" or statement["seen"] is not None:
            self.find("schema", "a charter's book and actor are empty, its seen is null")
        if len(data) > CHARTER_BYTES:
            self.find("form", "charter larger than 4 MiB")
        good = schema.object(body, "charter", {
            "book_keys": t_any, "clock": t_one_of("real", "simulated"), "engine": t_integer(0, 1), "name": t_book_name,
            "nonce": t_nonce, "officers": t_any, "policy": t_object, "recovery": t_object, "salt": t_hash,
            "skew_seconds": t_integer(1, 3600)})
        self._check_time(entry["time"], statement["at"], body)
        if not good:
            return
        self.charter = body
        self.ids.add(("", statement["id"]))
        self._officers(schema, body)
        self._charter_keys(schema, body)
        policy = body["policy"]
        if schema.object(policy, "charter.policy",
                         {"compiled": t_object, "compiler": t_integer(1, 1), "yaml": t_base64}):
            self._policy_in_force(-1, 0, policy["compiled"])
            self.opened = {one.get("entity") for one in policy["compiled"].get("entities", [])
                           if isinstance(one, dict)}
        for number, officer in enumerate(body["officers"], 1):
            if isinstance(officer, dict):
                self.grants["GR-0.%d" % number] = (officer.get("user"), None, None)
        blobs = self._check_signatures(entry["signatures"], data)
        officers = {blob for blob, key in self.keys.items() if key.user in self.persons}
        for blob in blobs - officers:
            self.find("key", "signed by a key that is no officer's: %s" % fingerprint(blob))
        for blob in officers - blobs:
            self.find("signature", "officer %s has not signed" % self.keys[blob].user)
        if isinstance(policy, dict) and isinstance(policy.get("compiled"), dict) and asks_officers(policy["compiled"]) \
                and blobs - self.verified:
            self.find("key", "a charter that asks officers for verification is signed without")
        results = self._check_decision(entry["decision"], entry)
        if results != [{"outcome": "in-force"}] or entry["decision"].get("controls") != []:
            self.find("decision", "a charter has the one result in-force and no controls")
        if entry["decision"].get("outcome") != "done":
            self.find("decision", "the charter's outcome is not done")

    def _officers(self, schema, body):
        officers = schema.list(body["officers"], "charter.officers", 2)
        users = []
        for index, officer in enumerate(officers):
            if not schema.object(officer, "charter.officers[%d]" % index,
                                 {"key": t_key, "person": t_id, "user": t_id}):
                continue
            user, blob = officer["user"], key_blob(officer["key"])
            if officer["person"] in self.persons.values():
                self.find("schema", "person %s is an officer twice" % officer["person"])
            if blob in self.keys:
                self.find("schema", "two officers with one key")
            users.append(user)
            self.persons[user] = officer["person"]
            self.keys[blob] = Key(user, None, self.last_ms)
            self.all_grants["GR-0.%d" % (index + 1)] = (user, "OFFICER")
            self._officer_begins("GR-0.%d" % (index + 1), user, self.last_ms)
            self.last_act[user] = self.last_ms
        if users != sorted(set(users)):
            self.find("schema", "charter.officers are not sorted by user, or one stands twice")

    def _officer_begins(self, number, user, ms):
        access = self.deciding.books.access
        access.enrol(user, self.persons[user])
        access.give(Grant(number, user, "OFFICER", ["*"], None, None, ms))

    def _charter_keys(self, schema, body):
        self.book_keys = []
        used = set(self.keys)
        for text in schema.list(body["book_keys"], "charter.book_keys"):
            wrong = t_key(text)
            if wrong:
                self.find("schema", "a book key %s" % wrong)
                continue
            blob = key_blob(text)
            if blob in used:
                self.find("schema", "a book key is a user's key or stands twice")
            used.add(blob)
            sort, public, _ = read_key_blob(blob)
            if sort != PLAIN:
                self.find("schema", "a book key is no ssh-ed25519")
            self.book_keys.append([public, 0, None])
        recovery = body["recovery"]
        if not schema.object(recovery, "charter.recovery", {"keys": t_any, "threshold": t_integer(0, 1000)}):
            return
        keys = schema.list(recovery["keys"], "charter.recovery.keys", 0)
        if not (1 <= recovery["threshold"] <= len(keys) or (not keys and recovery["threshold"] == 0)):
            self.find("schema", "recovery threshold %d of %d keys" % (recovery["threshold"], len(keys)))
        for text in keys:
            if t_key(text):
                self.find("schema", "a recovery key %s" % t_key(text))
            elif key_blob(text) in used:
                self.find("schema", "a recovery key is somebody else's or stands twice")
            else:
                used.add(key_blob(text))
        self.other_keys = used - set(self.keys)

    def _policy_in_force(self, effective_ms, seq, compiled):
        self.policies.append((effective_ms, seq, sha256(canonical(compiled)).hex(), compiled))

    def _policy_at(self, entry):
        """(effective, seq, hash, compiled) of the policy in force at an entry, or None."""
        now, seq = instant_ms(entry["time"]), entry["seq"]
        in_force = [p for p in self.policies if p[0] <= now and (p[1] < seq or p[1] == 0)]
        return max(in_force, key=lambda p: (p[0], p[1])) if in_force else None

    def _fiscal_year(self, document, entry):
        """Of the document's date, by the policy in force; None when the policy does not say."""
        policy = self._policy_at(entry)
        entities = policy[3].get("entities") if policy else None
        for entity in entities if isinstance(entities, list) else []:
            if isinstance(entity, dict) and entity.get("entity") == document["entity"] \
                    and is_int(entity.get("fiscal_month")):
                year, month, _ = date_parts(document["date"])
                return year + (1 if 1 < entity["fiscal_month"] <= month else 0)
        return None

    # ------------------------------------------------------------ time, statement

    def _check_time(self, time, at, charter=None):
        charter = charter or self.charter or {}
        now, signed = instant_ms(time), instant_ms(at)
        if now is None or signed is None:
            return
        if self.last_ms is not None and now < self.last_ms:
            self.find("time", "time %s is before the entry before" % time)
        if charter.get("clock") == "simulated" and time != at:
            self.find("time", "time %s is not the statement's %s on a simulated book" % (time, at))
        if charter.get("clock") == "real" and is_int(charter.get("skew_seconds")):
            # The entry's time may be ahead of the gate's clock by the 5 s of FORMAT 4; a charter may be days old.
            late = now - signed > charter["skew_seconds"] * 1000 + 5000 and self.charter is not None
            if signed - now > charter["skew_seconds"] * 1000 or late:
                self.find("time", "signed at %s, entered at %s: beyond the skew" % (at, time))
        self.last_ms = now if self.last_ms is None else max(now, self.last_ms)

    def _lapse(self, now):
        for number in [n for n, until in self.waiting.items() if until < now]:
            self.documents[number].state = "lapsed"
            del self.waiting[number]
            self.deciding.books.sync(self.documents[number])

    def _check_statement(self, statement, data, refused):
        do, actor, seen = statement["do"], statement["actor"], statement["seen"]
        if do not in VERBS:
            self.find("schema", "unknown verb '%s'" % do)
        if t_id(actor):
            self.find("schema", "actor '%s' is no id" % actor)
        if statement["book"] != self.book:
            self.find("book", "statement is for book %s" % str(statement["book"])[:16])
        kinds = [d.get("kind") for d in self._brought(statement)]
        if len(data) > (CHARTER_BYTES if "policy" in kinds else STATEMENT_BYTES):
            self.find("form", "statement of %d bytes" % len(data))
        if (actor, statement["id"]) in self.ids:
            self.find("id", "statement id %s of %s stands twice" % (statement["id"], actor))
        self.ids.add((actor, statement["id"]))
        governs = any(kind in KINDS and KINDS[kind].governance for kind in kinds)
        if seen is None:
            if not refused and (do in ("approve", "reject", "return", "restore") or governs):
                self.find("seen", "%s without seen" % do)
            return
        if not self.schema().object(seen, "seen", {"hash": t_hash, "seq": t_integer(0)}):
            return
        place = seen["seq"]
        if not refused and (place >= len(self.leaves) - 1 or self.leaves[place].hex() != seen["hash"]):
            self.find("seen", "seen names entry %d by a hash that it has not" % place)

    @staticmethod
    def _brought(statement):
        """The documents that a statement submits, or puts in others' place."""
        body = statement["body"]
        items = body.get({"submit": "documents", "amend": "amendments"}.get(statement["do"]))
        items = items if isinstance(items, list) else []
        if statement["do"] == "amend":
            items = [item.get("content") if isinstance(item, dict) else None for item in items]
        return [item if isinstance(item, dict) else {} for item in items]

    @staticmethod
    def _is_refused(decision):
        """The statement as a whole, or each thing in it."""
        results = decision.get("results")
        return decision.get("outcome") == "refused" or (isinstance(results, list) and bool(results) and all(
            isinstance(r, dict) and r.get("outcome") == "refused" for r in results))

    def _count_refused(self, statement, time):
        day = (statement["actor"], time[:10])
        self.wholly_refused[day] = self.wholly_refused.get(day, 0) + 1
        if self.wholly_refused[day] > 1000:
            self.find("decision", "more than 1,000 wholly refused entries of %s on %s" % day)

    # ------------------------------------------------------------ signatures and keys

    def _check_signatures(self, signatures, data):
        """Key blobs of the signatures; those that do not verify are findings and count as given."""
        blobs, order = set(), []
        self.verified = set()  # those of them that have verified their user
        for text in self.schema().list(signatures, "signatures", 1, 16):
            self.counts["signatures"] += 1
            blob = unbase64(text)
            if blob is None:
                self.find("signature", "no canonical base64")
                continue
            try:
                key, _ = read_sshsig(blob)
            except Bad as error:
                self.find("signature", str(error))
                continue
            order.append(key)
            blobs.add(key)
            try:
                verify_sshsig(blob, data)
                if signature_flags(read_sshsig(blob)[1]) & 4:
                    self.verified.add(key)
            except Bad as error:
                who = self.keys[key].user if key in self.keys else fingerprint(key)
                self.find("signature", "%s: %s" % (who, error))
        if order != sorted(set(order)):
            self.find("signature", "signatures are not sorted by key, or a key stands twice")
        self.signing_keys |= blobs
        return blobs

    def _check_signers(self, statement, blobs, time, decision):
        """The actor's key, valid at this entry; the new keys of enrolments, the old and new ones of rotations; nobody
        else's. What is refused as a whole may have been signed by anybody, but once by a key that was the actor's."""
        if statement["do"] in ("recover", "clock", "restore"):
            self._check_together(statement, blobs, time, self._is_refused(decision))
            return
        actor, now = statement["actor"], instant_ms(time)
        results = decision.get("results") if isinstance(decision.get("results"), list) else []
        refused, asked = self._is_refused(decision), {}
        for index, document in enumerate(self._brought(statement)):
            names = {"enrolment": ("key",), "key-rotation": ("old", "new"), "book-key": ("key",)}.get(document.get("kind"), ())
            admitted = index < len(results) and isinstance(results[index], dict) \
                and results[index].get("outcome") != "refused"
            for name in names:
                if name in document and not t_key(document.get(name)):
                    blob = key_blob(document[name])
                    asked[blob] = asked.get(blob) or admitted
        mine = {blob for blob in blobs if blob in self.keys and self.keys[blob].user == actor}
        if not mine:
            self.find("key", "not signed by a key of %s" % actor)
        if refused:
            return
        self.key_entries[self.entry] = (mine, now)
        for blob in mine:
            key = self.keys[blob]
            days = self._parameter_now("key_days_max", 0, now)
            if days and key.begins is not None and now >= key.begins + days * 86400000:
                self.find("key", "%s signed with a key that is older than %d days" % (actor, days))
            if key.revoked is not None or (key.until is not None and now >= key.until):
                self.find("key", "%s signed with a key that is %s" %
                          (actor, "revoked" if key.revoked is not None else "past its end"))
        for blob in blobs - mine - set(asked):
            owner = self.keys[blob].user if blob in self.keys else "nobody"
            self.find("key", "also signed by a key of %s" % owner)
        for blob, admitted in asked.items():
            if admitted and blob not in blobs:
                self.find("signature", "the key %s of an enrolment or rotation has not signed" % fingerprint(blob))

    def _compiled_now(self, now):
        in_force = [p for p in self.policies if p[0] <= now]
        return max(in_force, key=lambda p: (p[0], p[1]))[3] if in_force else {}

    def _parameter_now(self, name, fallback, now):
        return (self._compiled_now(now).get("parameters") or {}).get(name, fallback)

    def _check_verified(self, document, level, statement, entry):
        """Section 3, Verification: an admitted submission (level 0) or approval by a key that has verified its user."""
        kind, actor = document["kind"], statement["actor"]
        policy = self._policy_at(entry)
        asked = (policy[3] if policy else {}).get("verification", {})
        if KINDS[kind].governance:
            function = GOVERNED_UNDER.get(kind, "govern.access")
            wanted = function in asked.get("functions", ())
            if kind == "policy" and isinstance(document.get("compiled"), dict):
                wanted = wanted or asks_officers(document["compiled"])
            if level == 0 and kind == "key-rotation" and "old" in document:
                return
            entities = [one.get("entity") for one in (policy[3] if policy else {}).get("entities", [])]
            if not self._is_officer(actor, entry) and not any(
                    self._holds(actor, function, entity, entry) for entity in entities):
                return
        else:
            if kind == "reversal" and document.get("reverses") in self.documents:
                kind = self.documents[document["reverses"]].kind
            function = "%s.approve.%d" % (kind, level) if level else "%s.prepare" % kind
            wanted = function in asked.get("functions", ()) or level and level >= asked.get("from_level", 10)
        if wanted and not any(key in self.keys and self.keys[key].user == actor for key in self.verified):
            self.find("key", "%s takes a key that has verified its user, and %s signed without" % (function, actor))

    def _check_together(self, statement, blobs, time, refused):
        """`recover`, `clock`, `restore`: enough recovery keys and the new keys, or two officers; nobody else."""
        self.officers_signed = set()
        recovery, now = self.charter["recovery"], instant_ms(time)
        theirs = {key_blob(text) for text in recovery["keys"]} & blobs
        enough = recovery["threshold"] > 0 and len(theirs) >= recovery["threshold"]
        if refused:
            return
        others = blobs - theirs
        if asks_officers(self._compiled_now(now)) and others - self.verified:
            self.find("key", "officers sign a %s with keys that have verified their users" % statement["do"])
        if statement["do"] == "recover":
            new = {key_blob(officer["key"]) for officer in statement["body"]["officers"]}
            if not enough:
                self.find("signature", "%d recovery keys signed, %d are asked" % (len(theirs), recovery["threshold"]))
            if others != new:
                self.find("signature", "not exactly the new officers' keys and recovery keys have signed")
            return
        persons = set()
        for blob in others:
            key = self.keys.get(blob)
            if key is None or key.revoked is not None or not self._is_officer(key.user, {"time": time}):
                self.find("key", "%s is signed by a key that is no officer's" % statement["do"])
            else:
                persons.add(self.persons[key.user])
                self.officers_signed.add(key.user)
        if statement["do"] == "restore":
            if len(persons) < 2 or theirs:
                self.find("signature", "what was lost is said by %d officers" % len(persons))
        elif not enough and len(persons) < 2:
            self.find("signature", "the clock is signed by %d officers and %d recovery keys" %
                      (len(persons), len(theirs)))

    # ------------------------------------------------------------ decision

    def _check_decision(self, decision, entry):
        schema = self.schema("decision")
        if not schema.object(decision, "decision",
                             {"controls": t_any, "engine": t_integer(0, 1), "outcome": t_one_of("done", "refused"),
                              "policy": t_object, "results": t_any}):
            return []
        if self.charter and decision["engine"] != self.charter["engine"]:
            self.find("decision", "decided by engine %d, the book's is %d" % (decision["engine"], self.charter["engine"]))
        if schema.object(decision["policy"], "decision.policy", {"hash": t_hash, "seq": t_integer(0)}):
            self._check_policy(decision["policy"], entry)
        answers = self._check_answers(decision["controls"], "decision")
        results = decision["results"]
        if not isinstance(results, list):
            self.find("decision", "results is no list")
            return []
        if decision["outcome"] == "refused":
            if results:
                self.find("decision", "refused as a whole, yet with results")
            if "deny" not in answers:
                self.find("decision", "refused as a whole by no control")
        elif "deny" in answers:
            self.find("decision", "done, yet a control denies the whole")
        return results

    def _check_policy(self, policy, entry):
        in_force = self._policy_at(entry)
        if not in_force:
            return
        _, at, hash_hex, _ = in_force
        if in_force[3].get("releases") == "deny" and entry["seq"] > 0 and entry["gate"]["exe"] not in self.programs \
                and not self._about_releases(entry["statement"]):
            self.find("gate", "let in by %s, no approved release, which the policy shuts out" % entry["gate"]["exe"])
        if policy["hash"] != hash_hex or policy["seq"] != at:
            self.find("policy", "decided under policy %s of entry %d, in force is %s of entry %d" %
                      (policy["hash"][:8], policy["seq"], hash_hex[:8], at))

    @staticmethod
    def _about_releases(statement):
        """Whether a statement does nothing but submit releases, amend them and act on them."""
        body = statement["body"]
        items = body.get("documents") or [item.get("document", item) if isinstance(item, dict) else item
                                          for item in body.get("amendments") or body.get("items") or [None]]
        return all(item.get("kind") == "release" if isinstance(item, dict) else str(item).startswith("RL-") for item in items)

    def _check_answers(self, answers, where):
        """The words of a list of answers, in catalogue order."""
        if not isinstance(answers, list):
            self.find("decision", "%s: controls is no list" % where)
            return []
        words, last = [], ""
        for item in answers:
            if not isinstance(item, dict) or item.get("answer") not in ("deny", "need", "flag") \
                    or not isinstance(item.get("code"), str) or not isinstance(item.get("control"), str):
                self.find("decision", "%s: an answer without answer, code or control" % where)
                continue
            words.append(item["answer"])
            if item["control"] < last:
                self.find("decision", "%s: answers are not in catalogue order" % where)
            last = item["control"]
        return words

    # ------------------------------------------------------------ folding by verb

    def _fold(self, statement, hash_hex, results, entry):
        do, body = statement["do"], statement["body"]
        schema, self.now = self.schema(), instant_ms(entry["time"])
        if do == "restore":
            self._restored(body, results, entry)
        elif do in ("recover", "clock"):
            self._together(do, body, results, entry)
        elif do == "feed":
            if len(results) != 1:
                self.find("decision", "a feed has one result, here are %d" % len(results))
            else:
                self._decide(lambda: self.deciding.feed(body, results[0], statement))
                self._feed(schema, body, results[0])
        elif do in ("submit", "amend"):
            members = {"submit": {"atomic": t_bool, "documents": t_any}, "amend": {"amendments": t_any}}[do]
            if schema.object(body, "body", members):
                items = schema.list(body["documents" if do == "submit" else "amendments"], "body")
                self._each(statement, items, results, lambda i, item, result: self._submitted(
                    do, i, item, result, statement, hash_hex, entry))
                if do == "submit" and body["atomic"]:
                    words = [r.get("outcome") for r in results if isinstance(r, dict)]
                    if "refused" in words and {"posted", "in-force", "waiting"} & set(words):
                        self.find("decision", "atomic, yet %d of %d are refused" %
                                  (words.count("refused"), len(words)))
        elif do in ("approve", "reject", "return", "withdraw"):
            if schema.object(body, "body", {"items": t_any}):
                items = schema.list(body["items"], "items")
                self._each(statement, items, results,
                           lambda i, item, result: self._acted(do, item, result, statement, entry))

    def _restored(self, body, results, entry):
        """`restore`: two officers say what was lost; a new epoch begins (FORMAT 5.6, 10)."""
        schema = self.schema()
        if not schema.object(body, "body", {"checkpoint": t_base64, "lost": t_object, "reason": t_text}) or \
                not schema.object(body["lost"], "lost", {"from": t_integer(0), "to": t_integer(0)}):
            return
        begins, ends = body["lost"]["from"], body["lost"]["to"]
        try:
            checkpoint = Checkpoint(base64.b64decode(body["checkpoint"]))
            checkpoint.check_signed([public for public, since, retired in self.book_keys if since < checkpoint.size
                                     and (retired is None or checkpoint.size <= retired)])
            epoch = self._epoch_of(checkpoint.origin)
            if epoch is None:
                raise Bad("is of another book")
        except Bad as error:
            self.find("decision", "the checkpoint that it names: %s" % error)
            return
        if not 0 < begins <= entry["seq"] or ends < begins or checkpoint.size > ends + 1:
            self.find("decision", "entries %d to %d cannot be what was lost" % (begins, ends))
        if checkpoint.size <= entry["seq"]:
            held = tree_root(self.leaves[:checkpoint.size]) == checkpoint.root
            if held != (checkpoint.size <= begins):
                self.find("checkpoint", "names a checkpoint that what was kept does not bear out" if not held
                          else "says that entries are lost which are here")
        epoch = max(epoch, self.restores[-1]["epoch"] if self.restores else 0) + 1
        if results != [{"controls": [], "epoch": epoch, "officers": sorted(self.officers_signed), "outcome": "in-force"}]:
            self.find("decision", "restore has the one result in-force, epoch %d" % epoch)
        self.restores.append({"epoch": epoch, "from": begins, "to": ends, "seq": entry["seq"]})
        self.find("restore", "epoch %d begins: entries %d to %d were lost: %s" % (epoch, begins, ends, body["reason"]))

    def _together(self, do, body, results, entry):
        schema = self.schema()
        if results != [{"controls": [], "outcome": "in-force"}]:
            self.find("decision", "%s has the one result in-force" % do)
        if do == "clock":
            if schema.object(body, "body", {"head": t_object, "reason": t_text, "true_time": t_instant}):
                schema.object(body["head"], "head", {"hash": t_hash, "seq": t_integer(0)})
                if body["head"].get("seq") != entry["seq"] - 1 \
                        or body["head"].get("hash") != self.leaves[entry["seq"] - 1].hex():
                    self.find("decision", "clock names another head")
            return
        if not schema.object(body, "body", {"officers": t_any}):
            return
        users = {user for user, _, _ in self.grants.values()}
        for key in self.keys.values():
            if key.user in users and key.revoked is None:
                key.revoked = entry["seq"]
        for number in self.grants:
            self.all_grants.pop(number, None)
            self.held.pop(number, None)
        self.grants.clear()
        self.deciding.books.access.recovered()
        for index, officer in enumerate(schema.list(body["officers"], "officers", 2), 1):
            if not schema.object(officer, "officers", {"key": t_key, "person": t_id, "user": t_id}):
                continue
            if self.persons.setdefault(officer["user"], officer["person"]) != officer["person"]:
                self.find("key", "user %s is another person's" % officer["user"])
            self._add_key(officer["key"], officer["user"], None, entry)
            number = "GR-%d.%d" % (entry["seq"], index)
            self.grants[number] = (officer["user"], None, None)
            self.all_grants[number] = (officer["user"], "OFFICER")
            self.held[number] = (officer["user"], "OFFICER", ["*"], None, None)
            self.last_act[officer["user"]] = instant_ms(entry["time"])
            self._officer_begins(number, officer["user"], instant_ms(entry["time"]))
        if len({officer["person"] for officer in body["officers"]}) < 2:
            self.find("decision", "fewer than two persons are officers")

    def _each(self, statement, items, results, act):
        do = statement["do"]
        if len(items) != len(results):
            self.find("decision", "%d results for %d documents" % (len(results), len(items)))
        for index, (item, result) in enumerate(zip(items, results)):
            if not isinstance(result, dict) or not isinstance(item, dict):
                self.find("decision", "result %d is no object" % index)
                continue
            self.counts["documents"] += 1
            word = result.get("outcome")
            self.outcomes[word] = self.outcomes.get(word, 0) + 1
            answers = self._check_answers(result.get("controls"), "result %d" % index)
            self._decide(lambda: self.deciding.member(do, index, item, result, statement))
            if word == "refused" and "deny" not in answers:
                self.find("decision", "result %d is refused by no control" % index)
            if word != "refused" and "deny" in answers:
                self.find("decision", "result %d is %s, yet a control denies it" % (index, word))
            act(index, item, result)
            self._decide(lambda: self.deciding.folded(do, index, item, result))
            if word != "refused":
                self._count_uses(result)

    def _count_uses(self, result):
        """What a decision says was done under mitigations (C-24)."""
        for answer in result.get("controls") or []:
            if answer.get("control") != "C-24" or answer.get("code") != "use":
                continue
            held = self.mitigations.get(answer.get("mitigation"))
            if held is None or held["revoked"]:
                self.find("decision", "acted under mitigation %s, which is not in force" % answer.get("mitigation"))
                continue
            if self.last_ms >= instant_ms(held["document"]["until"]):
                self.find("decision", "acted under mitigation %s, which is over" % answer["mitigation"])
            if held["document"]["person"] != answer.get("person"):
                self.find("decision", "%s acted under a mitigation of another person" % answer.get("person"))
            held["uses"] += 1

    def _result(self, result, index, required, optional=None):
        return self.schema("decision").object(result, "result %d" % index, required, optional)

    # ------------------------------------------------------------ submit and amend

    def _submitted(self, do, index, item, result, statement, hash_hex, entry):
        word = result.get("outcome")
        if do == "submit":
            day = self.days.setdefault((statement["actor"], entry["time"][:10]), {"number": 0, "sum": 0})
            day["number"] += 1
        document = item if do == "submit" else item.get("content")
        content = sha256(canonical({"book": self.book, "document": document, "index": index,
                                    "statement": hash_hex})).hex()
        if word == "refused":
            self._result(result, index, {"outcome": t_any, "content": t_hash, "controls": t_any})
        if word != "repeat" and result.get("content") != content:
            self.find("content", "content hash of result %d is not that of its document" % index)
        if word == "refused":
            return
        if word not in ("posted", "in-force", "waiting", "repeat"):
            self.find("decision", "outcome '%s'" % word)
            return
        if do == "amend" and not self.schema().object(
                item, "amendments[%d]" % index, {"content": t_object, "document": t_request, "version": t_integer(1)}):
            return
        if not check_document(self.schema(), document, "document %d" % index):
            return
        ref = (document.get("entity", ""), document["ref"])
        hashed = sha256(canonical(document)).hex()
        if word == "repeat":
            self._result(result, index, {"outcome": t_any, "content": t_hash, "controls": t_any,
                                         "document": t_request})
            if self.refs.get(ref) != (hashed, result.get("document")):
                self.find("reference", "result %d repeats %s, which is no such document" %
                          (index, result.get("document")))
            return
        if ref in self.refs:
            self.find("reference", "ref %s is %s already" % (document["ref"], self.refs[ref][1]))
        self._admitted(do, index, item, document, result, content, statement, entry)
        self.refs[ref] = (hashed, result.get("document"))

    def _admitted(self, do, index, item, document, result, content, statement, entry):
        kind = KINDS[document["kind"]]
        required = {"document": t_request, "version": t_integer(1), "content": t_hash}
        if "behalf" in document:
            required["delegation"] = t_request
        if kind.numbered or document["kind"] in CASE_KINDS + ("case-note",):
            policy = self._policy_at(entry)
            required["base"] = t_amount(policy[3].get("base") if policy else None, 0)
            if "currency" in document and policy and document["currency"] != policy[3].get("base"):
                required["rate"] = t_object
        if document["kind"] in CASE_KINDS:
            required["due"] = t_instant
        if not self._check_outcome(result, index, kind, document, required):
            return
        if kind.numbered and policy:
            self._check_base(document, result, policy[3].get("base"))
        self._check_bot(document, result, statement, entry)
        self._check_submission(document, result, statement, entry)
        number, version = result["document"], result["version"]
        if do == "submit":
            expected = "%s-%d" % (kind.prefix, self.request_last.get(kind.prefix, 0) + 1)
            if number != expected or version != 1:
                self.find("number", "request number %s version %d where %s version 1 is expected" %
                          (number, version, expected))
            tail = number.rpartition("-")[2]
            if number.startswith(kind.prefix + "-") and tail.isdigit():
                self.request_last[kind.prefix] = int(tail)
            held = Document(number, document["kind"])
            self.documents[number] = held
        else:
            held = self._amended(index, item, document, result, entry)
            if held is None:
                return
        held.versions.append(Version(content, document))
        held.seq, held.approvals, held.preparer = entry["seq"], {}, statement["actor"]
        held.makers |= self._person_set(statement["actor"]) | self._person_set(document.get("behalf"))
        self._check_delegated(document, 0, held, result, statement, entry)
        if "requested_by" in document:
            held.makers.add(document["requested_by"])
        self._check_cut_off(held, result, entry)
        self._check_alike(held, result, entry)
        self._settle(held, result, entry)

    def _check_bot(self, document, result, statement, entry):
        """Section 6.9: what a bot may prepare, and how much of it in a day."""
        policy = self._policy_at(entry)
        if self.sorts.get(statement["actor"]) != "bot" or policy is None:
            return
        bots, base = policy[3].get("bots") or {}, policy[3].get("base")
        day = self.days.setdefault((statement["actor"], entry["time"][:10]), {"number": 0, "sum": 0})
        units = minor(result["base"], base) if "base" in result else 0
        day["sum"] += units
        reasons = {one.get("reason") for one in policy[3].get("reasons") or []}
        wrong = []
        if document["kind"] not in bots.get("kinds", [document["kind"]]):
            wrong.append("kind %s" % document["kind"])
        if document.get("reason") in reasons and document["reason"] not in bots.get("reasons", reasons):
            wrong.append("reason %s" % document["reason"])
        if "run" in bots and "run" not in document:
            wrong.append("no run")
        if units > minor(bots["document_max"], base):
            wrong.append("%s above %s" % (result["base"], bots["document_max"]))
        if day["number"] > bots["documents_per_day_max"]:
            wrong.append("number %d of the day" % day["number"])
        if units and "sum_per_day_max" in bots and day["sum"] > minor(bots["sum_per_day_max"], base):
            wrong.append("%d minor units in the day" % day["sum"])
        for one in wrong:
            self.find("decision", "bot %s prepares %s: %s" % (statement["actor"], result.get("document"), one))

    def _check_alike(self, held, result, entry):
        """Section 6.8: which flags C-38 raises on an admitted document."""
        document, now, policy = held.document, instant_ms(entry["time"]), self._policy_at(entry)
        if policy is None or "entity" not in document:
            return
        days = self._parameter(policy[3], self._entity_of(policy[3], document["entity"]), "duplicate_days", 30)
        said = [answer for answer in result["controls"] if answer["control"] == "C-38"]
        same = {answer["document"] for answer in said if answer["code"] in ("duplicate", "acknowledged")}
        wanted = {}
        for code, key in looks_of(document):
            like = self.alike.setdefault(key, [])
            found = [one for one, version, ms in like
                     if one is not held and one.number not in same and now - ms < days * 86400000
                     and version == len(one.versions) and self._lives(one)]
            if found:
                wanted[code] = (found[-1].number, len(found), days)
            like.append((held, len(held.versions), now))
        told = {answer["code"]: (answer.get("document"), answer.get("count"), answer.get("days")) for answer in said
                if answer["code"] in ("same-amount", "same-reference")}
        if told != wanted:
            self.find("decision", "%s looks like %s, the decision says %s" % (held.number, wanted, told))

    def _lives(self, held):
        return held.state in ("waiting", "posted", "in-force") and not held.reversed_by \
            and self.cases.get(held.number, {}).get("state") != "VOID"

    def _check_submission(self, document, result, statement, entry):
        """What the text says of whoever submits, whatever the policy is."""
        kind, word = document["kind"], result["outcome"]
        self._check_verified(document, 0, statement, entry)
        self._keeps_away(document, statement)
        # No place is more than 14 hours ahead of UTC.
        latest = instant_ms(entry["time"]) + 14 * 3600000
        if "date" in document and instant_ms(document["date"] + "T00:00:00.000Z") > latest:
            self.find("decision", "%s is dated %s, after its entry" % (result["document"], document["date"]))
        if not KINDS[kind].governance:
            return
        if kind == "key-rotation" and "old" in document:
            if document["user"] != statement["actor"]:
                self.find("key", "%s rotates a key of %s" % (statement["actor"], document["user"]))
        elif kind == "mitigation-review":
            self._check_review(document, statement)
        elif kind == "period":
            if not self._holds(statement["actor"], "period.close", document["entity"], entry):
                self.find("decision", "%s submits a period and is no closer" % statement["actor"])
        elif not self._is_officer(statement["actor"], entry) and kind not in BY_OTHERS and not (
                kind == "key-rotation" and document["user"] == statement["actor"]) \
                and not self._may_itself(document, statement, entry):
            self.find("decision", "%s submits a %s and is no officer" % (statement["actor"], kind))
        if kind == "mitigation":
            people = (document["person"], document["owner"], document["reviewer"])
            if len(set(people)) != 3 or not set(people) <= set(self.persons.values()):
                self.find("decision", "a mitigation of %s, %s and %s" % people)
        one = kind in ONE_PERSON and not self._ends_officer(document, statement["actor"], entry) \
            and document.get("state") != "off" or kind == "period" and document["state"] != "open"
        if one and word != "in-force" or not one and (word != "waiting" or result["levels"] != [1]):
            self.find("decision", "a %s takes %s, this one is %s" % (kind, "one officer" if one else "two persons", word))

    def _check_review(self, document, statement):
        held = self.mitigations.get(document["mitigation"])
        if held is None:
            self.find("reference", "reviews %s, which is not in force" % document["mitigation"])
            return
        if held["document"]["reviewer"] not in self._person_set(statement["actor"]):
            self.find("decision", "%s reviews mitigation %s and is not its reviewer" %
                      (statement["actor"], document["mitigation"]))
        if document["uses"] != held["uses"] or held["uses"] == held["answered"]:
            self.find("decision", "a review of %d uses of %s, which has %d" %
                      (document["uses"], document["mitigation"], held["uses"]))
        held["answered"] = held["uses"]

    def _keeps_away(self, document, statement):
        """Who is related to a customer does not act on its documents (C-19)."""
        for side in sides(document):
            away = self.excluded.get((side.get("entity"), side.get("customer")), set())
            if away & self._person_set(statement["actor"]):
                self.find("decision", "%s acts on customer %s and is to keep away" %
                          (statement["actor"], side["customer"]))

    def _ends_officer(self, document, actor, entry):
        """Whether the document ends a grant or a key of an officer, other than the actor's own key."""
        if document["kind"] == "revocation":
            return document["grant"] in self.grants
        return document["kind"] == "key-revocation" and document["user"] != actor \
            and self._is_officer(document["user"], entry)

    def _officers_left(self, entry):
        now = instant_ms(entry["time"])
        alive = {key.user for key in self.keys.values()
                 if key.revoked is None and (key.until is None or now < key.until)}
        return {self.persons[user] for user, _, _ in self.grants.values() if user in alive
                and self._is_officer(user, entry)}

    def _rate_at(self, base, currency, date):
        """(date, (trillionths, text, number)) of the rate in force for a date, or None."""
        days = [day for day in self.rates.get((base, currency), {}) if day <= date]
        return (max(days), self.rates[(base, currency)][max(days)]) if days else None

    def _check_base(self, document, result, base):
        """What a document counts as, by the rate of its date."""
        if "currency" not in document:
            return
        currency = document["currency"]
        if "limit" in document:
            limit, previous = minor(document["limit"], currency), minor(document["previous"], currency)
            units = limit if limit > previous else 0
        elif "amount" in document:
            units = minor(document["amount"], currency)
        else:
            return
        if currency != base:
            rate = self._rate_at(base, currency, document["date"])
            if rate is None or result.get("rate") != {"base": base, "date": rate[0], "document": rate[1][2],
                                                      "rate": rate[1][1]}:
                self.find("decision", "%s: rate %s is not the one in force for %s" %
                          (result["document"], result.get("rate"), document["date"]))
                return
            units = convert(units, rate[1][0], currency, base)
        if minor(result["base"], base) != units:
            self.find("decision", "%s: base %s, by its amount it is %d minor units" %
                      (result["document"], result["base"], units))

    def _functional_of(self, entity, entry):
        """The functional currency of an entity by the policy in force, or None."""
        policy = self._policy_at(entry)
        for one in (policy[3].get("entities") if policy else None) or []:
            if isinstance(one, dict) and one.get("entity") == entity:
                return one.get("currency")
        return None

    def _is_officer(self, user, entry):
        now = instant_ms(entry["time"])
        return any(who == user and (begins is None or begins <= now) and (ends is None or now < ends)
                   for who, begins, ends in self.grants.values())

    def _holds(self, user, function, entity, entry):
        """Whether a grant gives the user a role with this function, by the policy in force."""
        policy, now = self._policy_at(entry), instant_ms(entry["time"])
        roles = {role["role"] for role in policy[3].get("roles", []) if function in role.get("functions", [])}
        return any(who == user and role in roles and (entities == ["*"] or entity in entities)
                   and (begins is None or begins <= now) and (ends is None or now < ends)
                   for who, role, entities, begins, ends in self.held.values())

    # ------------------------------------------------------------ cut-off (FORMAT 6.3), stale approvals (6.4)

    def _entity_of(self, compiled, code):
        found = [one for one in compiled.get("entities", []) if one.get("entity") == code]
        return found[0] if found else None

    def _parameter(self, compiled, entity, name, fallback):
        """Whole numbers only; an entity's own before the policy's."""
        for holder in (entity or {}, compiled):
            if name in holder.get("parameters", {}):
                return holder["parameters"][name]
        return fallback

    @staticmethod
    def _local_date(entity, ms):
        """Days since 1970, where the entity is."""
        minutes = [one["minutes"] for one in entity["offsets"] if instant_ms(one["from"]) <= ms]
        return (ms + (minutes[-1] if minutes else entity["offsets"][0]["minutes"]) * 60000) // 86400000

    def _calendar_closes(self, entity, month, days, ms):
        """Whether a month is closed at ms by so many days after its end."""
        year, number = int(month[:4]), int(month[5:])
        after = "%04d-%02d-01T00:00:00.000Z" % (year + number // 12, number % 12 + 1)
        return self._local_date(entity, ms) >= instant_ms(after) // 86400000 + days

    def _calendar_hard(self, entity, month, now):
        """By any policy, while it was in force: at its last moment, or now."""
        for place, (effective, seq, _, compiled) in enumerate(self.policies):
            others = [p[0] for i, p in enumerate(self.policies) if i != place and (
                p[0] > effective or p[0] == effective and p[1] > seq)]
            last = min([now] + [other - 1 for other in others])
            own = self._entity_of(compiled, entity["entity"])
            days = self._parameter(compiled, own, "period_hard_days", 0)
            if own and days and last >= effective and self._calendar_closes(entity, month, days, last):
                return True
        return False

    def _period_state(self, compiled, entity, month, now):
        word, seq, said = self.periods.get((entity["entity"], month), ("open", 0, None))
        if word == "hard" or self._calendar_hard(entity, month, now):
            return "hard", seq
        soft = self._parameter(compiled, entity, "period_soft_days", 0)
        if word == "open" and soft and self._calendar_closes(entity, month, soft, now) and not (
                said is not None and self._calendar_closes(entity, month, soft, said)):
            return "soft", seq
        return word, seq

    def _relaxed(self, held, result, control, code, entry):
        """A denial that stands as a flag: the policy lets emergency access relax it, and the preparer has some now."""
        lent = [one.get("relaxed") for one in result["controls"]
                if (one.get("control"), one.get("code"), one.get("answer")) == (control, code, "flag")]
        users, entities, until = self.lent.get(lent[0] if lent else None, ((), (), 0))
        listed = self._policy_at(entry)[3].get("break_glass", {}).get("controls", ())
        return (control in listed and held.document["channel"] == "break-glass" and held.preparer in users and
                (held.document["entity"] in entities or "*" in entities) and instant_ms(entry["time"]) < until)

    def _check_cut_off(self, held, result, entry):
        """A business document that is let in, approved or posted: its entity is open, and so is its month."""
        document, policy, now = held.document, self._policy_at(entry), instant_ms(entry["time"])
        if KINDS[held.kind].governance or policy is None:
            return
        if document["entity"] not in self.opened:
            self.find("decision", "%s: the opening balances of %s were not tied out" % (held.number, document["entity"]))
        entity = self._entity_of(policy[3], document["entity"])
        if entity is None or "date" not in document or not entity.get("offsets"):
            return
        # A level that is not the last asks nothing of the date: a clock may have been set back since the document was let in.
        if result["outcome"] != "approved" and \
                instant_ms(document["date"] + "T00:00:00.000Z") // 86400000 > self._local_date(entity, now):
            self.find("decision", "%s is dated %s, after its entry's day" % (held.number, document["date"]))
        for item in [one for side in sides(document) for one in side.get("allocations", [])]:
            invoice = self.invoices.get((document["entity"], item["invoice"]))
            if invoice is not None and document["date"] < invoice.date:
                self.find("decision", "%s is dated before invoice %s" % (held.number, item["invoice"]))
        month = document["date"][:7]
        state, closed_at = self._period_state(policy[3], entity, month, now)
        excepted = any(one[:3] == (entity["entity"], month, held.preparer) and one[3] > closed_at and now < one[4]
                       for one in self.exceptions)
        if state == "hard" or state == "soft" and not excepted and not self._relaxed(
                held, result, "C-39", "soft-closed", entry):
            self.find("decision", "%s takes effect in %s, which is closed (%s)" % (held.number, month, state))

    def _check_period(self, held, document, entry):
        """A period comes into force: what is closed for good stays so."""
        policy, now = self._policy_at(entry), instant_ms(entry["time"])
        entity = self._entity_of(policy[3], document["entity"]) if policy else None
        where = (document["entity"], document["period"])
        if entity is not None and document["state"] != "hard" and self._period_state(
                policy[3], entity, document["period"], now)[0] == "hard":
            self.find("decision", "%s opens %s again, which is closed for good" % (held.number, document["period"]))
        if "user" not in document:
            self.periods[where] = (document["state"], entry["seq"], now)
            return
        days = self._parameter(policy[3], entity, "period_exception_days_max", 5) if policy else 5
        until = instant_ms(document["until"])
        if not now < until <= now + days * 86400000:
            self.find("decision", "%s excepts until %s" % (held.number, document["until"]))
        if self.persons.get(document["user"]) in held.makers | held.signers:
            self.find("decision", "%s is an exception for one of those who made it" % held.number)
        self.exceptions.append((*where, document["user"], entry["seq"], until))

    def _check_entity(self, held, document):
        """An entity opens: what was stated is what the feeds brought."""
        code, brought = document["entity"], {}
        for (entity, _), invoice in self.invoices.items():
            if entity == code:
                count, units = brought.get(invoice.currency, (0, 0))
                brought[invoice.currency] = (count + 1, units + invoice.open)
        for (entity, currency), units in self.loose_cash.items():
            if entity == code:
                count, open_units = brought.get(currency, (0, 0))
                brought[currency] = (count, open_units - units)
        said = {one["currency"]: (one["count"], minor(one["total"], one["currency"])) for one in document["opening"]}
        if {k: v for k, v in said.items() if v != (0, 0)} != {k: v for k, v in brought.items() if v != (0, 0)} \
                or document["customers"] != len(self.usable.get((code, "customers"), ())):
            self.find("decision", "%s opens %s with other balances than the feeds brought" % (held.number, code))
        if code in self.opened:
            self.find("decision", "%s opens %s a second time" % (held.number, code))
        self.opened.add(code)

    def _moved(self, document, seen):
        """Whether a fact that an approval rests on was changed by what was announced after an entry."""
        if "reverses" in document and document["reverses"] in self.documents:
            document = self.documents[document["reverses"]].document
        entity = document.get("entity")
        invoices = [self.invoices.get((entity, item["invoice"])) for side in sides(document)
                    for item in side.get("allocations", [])]
        return any(one is not None and one.moved > seen for one in invoices) or \
            any(self.limit_moved.get((entity, side.get("customer")), 0) > seen for side in sides(document))

    def _check_stale(self, held, seen, result, entry):
        """Nobody signs on what has changed since, and no stale approval carries a posting."""
        if seen is not None and self._moved(held.document, seen):
            self.find("decision", "%s is approved by who has seen entry %d, before it changed" % (held.number, seen))
        if result["outcome"] == "approved":
            return
        policy, now = self._policy_at(entry), instant_ms(entry["time"])
        entity = self._entity_of(policy[3], held.document.get("entity"))
        days = self._parameter(policy[3], entity, "approval_days", 14)
        for level, (_, _, saw, signed) in held.approvals.items():
            if now - signed > days * 86400000 or saw is not None and self._moved(held.document, saw):
                self.find("decision", "%s is %s on a stale approval of level %d" %
                          (held.number, result["outcome"], level))

    def _amended(self, index, item, document, result, entry):
        held = self.documents.get(item["document"])
        if held is None:
            self.find("reference", "amends %s, which does not exist" % item["document"])
            return None
        if result["document"] != item["document"] or item["version"] != len(held.versions) \
                or result["version"] != item["version"] + 1:
            self.find("reference", "result %d: amends version %d of %s, which has %d, into version %d of %s" %
                      (index, item["version"], item["document"], len(held.versions), result["version"],
                       result["document"]))
        if held.state not in ("waiting", "returned"):
            self.find("decision", "%s is amended, yet it is %s" % (held.number, held.state))
        if document["kind"] != held.kind or document.get("entity") != held.document.get("entity"):
            self.find("decision", "%s is amended into another kind or entity" % held.number)
        elif "date" in document and self._fiscal_year(document, entry) != self._fiscal_year(held.document, entry):
            self.find("decision", "%s is amended into another fiscal year" % held.number)
        return held

    def _check_outcome(self, result, index, kind, document, required):
        """Members of a result by its outcome; also the legal number and the ledger lines."""
        word = result["outcome"]
        required = {"outcome": t_any, "controls": t_any, **required}
        optional = {}
        if word in ("waiting", "approved"):
            required.update(levels=t_any, until=t_instant)
        if word in ("posted", "in-force") and kind.numbered:
            required["number"] = t_text
        if word == "posted":
            required["lines"] = t_any
        if document["kind"] in LIMIT_KINDS and word != "approved":
            required["exposure"] = t_object
        if not self._result(result, index, required, optional):
            return False
        if "exposure" in required and not self._check_exposure(document, result["exposure"]):
            return False
        if word in ("waiting", "approved"):
            levels = result["levels"]
            if not (isinstance(levels, list) and levels and all(is_int(n) and n > 0 for n in levels)
                    and levels == sorted(set(levels))):
                self.find("decision", "result %d: levels %s" % (index, levels))
                return False
        if (word == "in-force") != (not kind.money and document["kind"] != "reversal") and word in (
                "posted", "in-force"):
            self.find("decision", "result %d: a %s is %s" % (index, document["kind"], word))
        return True

    # ------------------------------------------------------------ limits, orders, cases

    def _check_exposure(self, document, exposure):
        """What the customer stood for: its limits, what its invoices have open, what is held. The account is not kept here."""
        entity, customer, currency = document["entity"], document["customer"], document["currency"]
        amount = t_amount(currency)
        if not self.schema("decision").object(exposure, "exposure", {"account": amount, "held": amount, "limit": amount,
                                                                     "open": amount}, {"temporary": amount}):
            return False
        known = {"limit": self.limits.get((entity, customer)),
                 "open": sum(book.open for (where, _), book in self.invoices.items()
                             if where == entity and book.customer == customer and book.currency == currency),
                 "held": sum(minor(order["amount"], money) for (where, _), (order, money) in self.orders.items()
                             if where == entity and order["customer"] == customer and money == currency
                             and order["state"] == "held")}
        for name, units in known.items():
            if minor(exposure[name], currency) != units:
                self.find("decision", "exposure of %s: %s %s, by the entries %s minor units" %
                          (customer, name, exposure[name], units))
        # The last day ends by the entity's clock, at most 14 hours from UTC: only what is sure is held against it.
        sure, could = [None], [None]
        for held in self.documents.values():
            if held.kind != "temporary-limit" or held.state != "in-force" or held.document["customer"] != customer \
                    or held.document["entity"] != entity:
                continue
            first = instant_ms(held.document["from"] + "T00:00:00.000Z")
            last = instant_ms(held.document["to"] + "T00:00:00.000Z") + 86400000
            units = minor(held.document["limit"], currency)
            if first - 14 * 3600000 <= self.now < last + 14 * 3600000:
                could.append(units)
            if first + 14 * 3600000 <= self.now < last - 14 * 3600000:
                sure.append(units)
        said = minor(exposure["temporary"], currency) if "temporary" in exposure else None
        if said not in could or any(units is not None and (said is None or said < units) for units in sure):
            self.find("decision", "exposure of %s: temporary limit %s" % (customer, exposure.get("temporary")))
        return True

    def _limit_in_force(self, held, document):
        place = (document["entity"], document["customer"])
        if minor(document["previous"], document["currency"]) != self.limits.get(place):
            self.find("decision", "%s replaces a limit of %s, which is %s minor units" %
                      (held.number, document["previous"], self.limits.get(place)))
        if held.kind == "credit-limit":
            self.limit_moved[place] = held.seq
            self.limits[place] = minor(document["limit"], document["currency"])
        elif minor(document["limit"], document["currency"]) <= self.limits.get(place, 0):
            self.find("decision", "%s is not above the permanent limit" % held.number)

    def _release_in_force(self, held, document):
        order, currency = self.orders.get((document["entity"], document["order"]), (None, None))
        if order is None or order["state"] != "held" or currency != document["currency"] \
                or (order["customer"], order["amount"]) != (document["customer"], document["amount"]):
            self.find("decision", "%s releases %s, which is no such held order" % (held.number, document["order"]))
        if instant_ms(document["expires"]) <= self.now:
            self.find("decision", "%s comes into force expired" % held.number)
        for other in self.documents.values():
            if other is not held and other.kind == "hold-release" and other.document["order"] == document["order"] \
                    and other.document["entity"] == document["entity"] and (
                        other.state == "consumed" or
                        other.state == "in-force" and self.now < instant_ms(other.document["expires"])):
                self.find("decision", "%s releases %s, as %s does" % (held.number, document["order"], other.number))

    def _order(self, entity, ident, record, currency):
        before, money = self.orders.get((entity, ident), (None, None))
        if before is not None:
            if before["state"] != "held" or record["state"] == "held" or money != currency or any(
                    before[name] != record[name] for name in ("amount", "customer", "date")):
                self.find("feed", "order %s comes again otherwise than it may" % ident)
            if record["state"] == "delivered":
                for held in self.documents.values():
                    if held.kind == "hold-release" and held.state == "in-force" and held.document["order"] == ident \
                            and held.document["entity"] == entity and self.now < instant_ms(held.document["expires"]):
                        held.state = "consumed"
                        break
        self.orders[(entity, ident)] = (record, currency)

    def _dispute_moved(self, case):
        """An invoice is disputed, or no longer: approvals rest on that."""
        book = self.invoices.get((case["entity"], case["invoice"]))
        if case["kind"] == "dispute" and book is not None:
            book.moved = self.entry

    def _case_note(self, held, document):
        case = self.cases.get(document["case"])
        if case is None or case["entity"] != document["entity"]:
            self.find("reference", "%s is about %s, which is no case there" % (held.number, document["case"]))
            return
        was, to = case["state"], document["state"]
        if was in ("CLOSED", "VOID") or (was == "RESOLVED") != (to in ("CLOSED",)) and not (
                was == "RESOLVED" and to == "ASSIGNED"):
            self.find("decision", "%s makes %s %s, which is %s" % (held.number, document["case"], to, was))
        if to == "CLOSED" and case.get("resolver", set()) & held.makers:
            self.find("decision", "%s closes %s by who resolved it" % (held.number, document["case"]))
        if to == "VOID" and self.documents[document["case"]].makers & held.makers:
            self.find("decision", "%s voids %s by who opened it" % (held.number, document["case"]))
        if to in ("AWAIT_CUSTOMER", "AWAIT_INTERNAL", "RESOLVED") and not self._person_set(case["owner"]) & held.makers:
            self.find("decision", "%s moves %s, which is %s's" % (held.number, document["case"], case["owner"]))
        outcome = document.get("outcome")
        if outcome is not None and outcome not in CASE_OUTCOMES[case["kind"]]:
            self.find("decision", "%s: %s is no outcome of a %s" % (held.number, outcome, case["kind"]))
        if "settled_by" in document:
            settled = self.documents.get(document["settled_by"])
            if settled is None or settled.state != "posted" or settled.kind not in SETTLED_BY.get(outcome, (settled.kind,)) \
                    or {"document": document["case"], "rel": "dispute"} not in settled.document.get("links", []):
                self.find("decision", "%s: %s does not bear out %s" % (held.number, document["settled_by"], outcome))
        if outcome == "CREDIT_FULL" and not self._credited_in_full(document["case"]):
            self.find("decision", "%s: %s is not credited in full" % (held.number, document["case"]))
        if (was in ("RESOLVED", "CLOSED", "VOID")) != (to in ("RESOLVED", "CLOSED", "VOID")):
            self._dispute_moved(case)
        case["state"], case["owner"] = to, document.get("owner", case["owner"])
        case["resolver"] = held.makers if to == "RESOLVED" else set()

    def _credited_in_full(self, number):
        """Whether the posted credits that name a dispute make what it is of."""
        dispute = self.documents[number].document
        invoice, line = dispute.get("invoice"), dispute.get("line")
        book = self.invoices.get((dispute["entity"], invoice))
        currency, whole = dispute.get("currency"), None
        if "amount" in dispute:
            whole = minor(dispute["amount"], currency)
        elif book is not None and book.open:
            currency, shares = book.currency, book.taxed.get(line or "", [(0, 0)])
            whole = sum(map(sum, shares[:1] if line else shares))
        if whole is None:
            return True
        credited = 0
        for held in self.documents.values():
            document = held.document
            if held.state != "posted" or held.reversed_by or document.get("currency") != currency \
                    or {"document": number, "rel": "dispute"} not in document.get("links", []) \
                    or held.kind != "credit-note" and (held.kind, document.get("direction")) != ("correction", "down"):
                continue
            parts = [minor(document["amount"], currency)] if invoice is None else [
                minor(one["amount"], currency) for one in document["allocations"]
                if one["invoice"] == invoice and (line is None or one.get("line", line) == line)]
            if invoice is not None and "on_account" in document:
                parts.append(minor(document["on_account"], currency))
            credited += sum(parts)
        return credited >= whole

    def _person_set(self, user):
        return {self.persons[user]} if user in self.persons else set()

    # ------------------------------------------------------------ what an outcome does

    def _settle(self, held, result, entry):
        """The state after submission, amendment or an approval."""
        word, document = result["outcome"], held.document
        self.waiting.pop(held.number, None)
        if word in ("waiting", "approved"):
            held.state, held.levels, held.until = "waiting", result["levels"], instant_ms(result["until"])
            self.waiting[held.number] = held.until
            if held.until < instant_ms(entry["time"]):
                self.find("decision", "%s waits until a time that is gone" % held.number)
            return
        held.state, held.levels = word, []
        if "number" in result:
            self._legal_number(result["number"], document, entry)
        if word == "posted":
            self._post(held, result["lines"], entry)
            self._deliver(held, result)
        elif word == "in-force":
            self._in_force(held, document, entry)

    def _deliver(self, held, result):
        """A posted document is a delivery to the ERP, under an id of its own."""
        about = {"entity": held.document["entity"], "lines": result["lines"], "number": result["number"]}
        ident = "%s.%s" % (result["number"], hashlib.sha256(canonical(about)).hexdigest()[:16])
        if held.lines:
            currency = held.lines[0][2]
            amount = sum(line[1] for line in held.lines if line[5] == "dr" and line[2] == currency)
            self.deliveries[(held.document["entity"], ident[:64])] = (amount, currency, [])

    def _legal_number(self, number, document, entry):
        prefix = KINDS[document["kind"]].prefix
        match = re.fullmatch(r"(.+)-([A-Z]{2})-([0-9]{4})-([0-9]{6,})", number)
        if not match or match.group(1) != document["entity"] or match.group(2) != prefix:
            self.find("number", "legal number %s of a %s of %s" % (number, document["kind"], document["entity"]))
            return
        year, n = int(match.group(3)), int(match.group(4))
        fiscal = self._fiscal_year(document, entry)
        if fiscal not in (None, year):
            self.find("number", "legal number %s, fiscal year of %s is %d" % (number, document["date"], fiscal))
        series = (document["entity"], prefix, year)
        expected = self.legal_last.get(series, 0) + 1
        if n != expected:
            self.find("number", "legal number %s where %06d is expected" % (number, expected))
        self.legal_last[series] = n

    def _read_lines(self, held, lines, own):
        """Lines as tuples; None when one cannot be read."""
        read = []
        schema = self.schema("ledger")
        for index, line in enumerate(schema.list(lines, "%s lines" % held.number, 1, 100000)):
            currency = line.get("currency") if isinstance(line, dict) else None
            differs = isinstance(line, dict) and "difference" in line
            functional = {"functional": t_amount(own, 1 if differs else 0)} if own and own != currency else {}
            if not schema.object(line, "%s line %d" % (held.number, index),
                                 {"account": t_code, "amount": t_amount(currency, 0 if differs else 1),
                                  "currency": t_currency, "side": t_one_of("dr", "cr"), **functional},
                                 {"customer": t_id, "invoice": t_id, "tax": t_code,
                                  **({"difference": t_one_of("fx", "rounding")} if functional else {})}):
                return None
            if differs and minor(line["amount"], currency) != 0:
                self.find("ledger", "%s line %d: a difference with an amount" % (held.number, index))
            read.append((line["account"], minor(line["amount"], currency), currency, line.get("customer"),
                         line.get("invoice"), line["side"], line.get("tax"),
                         minor(line["functional"], own) if functional else None, line.get("difference")))
        return read

    def _post(self, held, lines, entry):
        own = self._functional_of(held.document["entity"], entry)
        lines = self._read_lines(held, lines, own)
        if lines is None:
            return
        held.lines = lines
        self.counts["lines"] += len(lines)
        sums, touched = {}, {}
        for _account, units, currency, _customer, invoice, side, _tax, functional, _difference in lines:
            signed = units if side == "dr" else -units
            if functional is not None:
                sums[own + " (functional)"] = sums.get(own + " (functional)", 0) + (
                    functional if side == "dr" else -functional)
            sums[currency] = sums.get(currency, 0) + signed
            if invoice is not None:
                touched[invoice] = touched.get(invoice, 0) + signed
        for currency, total in sums.items():
            if total:
                self.find("ledger", "%s does not balance in %s: %d minor units" % (held.number, currency, total))
        document = held.document
        if held.kind == "reversal":
            self._mirror(held, document)
        else:
            self._meter(held, document)
            whole = lines
            lines = [line for line in lines if line[8] is None]
            self._check_lines(held, document, lines)
            if own and own != document["currency"] and held.kind in ("credit-note", "correction", "rebill", "write-off"):
                self._check_functional(held, document, whole, own)
        for invoice, change in touched.items():
            self._move_invoice(held, document["entity"], invoice, change)

    def _check_lines(self, held, document, lines):
        """Net, taxes, a receivable for each allocation, what goes on account: in this order, by the invoices' shares."""
        if held.kind == "recovery":
            self._check_recovery(held, document, lines)
            return
        if document.get("charge") == "transfer":
            self._check_transfer(held, document, lines)
            return
        balance = document.get("charge") == "credit-balance"
        up = document.get("direction") == "up" or balance
        shares, splits = {}, held.kind in ("credit-note", "correction", "rebill")
        held.parts = []  # by allocation: (tax code or None for net, units)
        for item in document["allocations"]:
            units, invoice = minor(item["amount"], document["currency"]), self.invoices.get(
                (document["entity"], item["invoice"]))
            if invoice is not None and (invoice.customer != document["customer"]
                                        or invoice.currency != document["currency"]):
                self.find("reference", "%s: invoice %s is another customer's or in another currency" %
                          (held.number, item["invoice"]))
            if invoice is None or not splits:
                shares[None] = shares.get(None, 0) + units
                held.parts.append([(None, units)])
                continue
            if "taxes" in document and item is not document["allocations"][0]:
                held.parts.append([])
                continue
            parts, rest = invoice.take(units, item.get("line"), document.get("taxes"), up)
            held.shares.append((invoice, [-part if up else part for part in parts]))
            if not up and any(part and taken > whole for (_, whole), taken, part in zip(invoice.shares, invoice.taken, parts)):
                self.find("decision", "%s credits more of a tax code of %s than was billed" % (held.number, item["invoice"]))
            shares[None] = shares.get(None, 0) + rest
            held.parts.append([(code, part) for (code, _), part in zip(invoice.shares, parts)] + [(None, rest)] * (rest != 0))
            for (code, _), part in zip(invoice.shares, parts):
                shares[code] = shares.get(code, 0) + part
        loose = minor(document.get("on_account", "0"), document["currency"]) if "on_account" in document else 0
        loose = minor(document["amount"], document["currency"]) if balance else loose
        shares[None] = shares.get(None, 0) + loose
        ours, theirs = ("cr", "dr") if up else ("dr", "cr")
        places = [(document["customer"], item["invoice"], minor(item["amount"], document["currency"]), theirs)
                  for item in document["allocations"]]
        places += [(document["customer"], None, loose, theirs)] if loose else []
        head, tail = lines[:len(lines) - len(places)], lines[len(lines) - len(places):]
        if [(line[3], line[4], line[1], line[5]) for line in tail] != places or any(line[6] for line in tail):
            self.find("ledger", "%s: lines of the receivables are not its allocations and what is on account" %
                      held.number)
        said = {}
        for line in head:
            said[line[6]] = said.get(line[6], 0) + line[1]
        if said != {code: units for code, units in shares.items() if units}:
            self.find("ledger", "%s: net and taxes %s, by the invoices %s" % (held.number, said, shares))
        if any(line[3] or line[4] or line[5] != ours for line in head) or [bool(line[6]) for line in head] != sorted(
                bool(line[6]) for line in head) or {line[2] for line in lines} != {document["currency"]}:
            self.find("ledger", "%s: lines in disorder, on the wrong side or in another currency" % held.number)

    def _check_transfer(self, held, document, lines):
        """The side that gives, then the one that receives: its invoices, or its customer's account."""
        currency, expected = document["currency"], []
        word = "cr" if document["allocations"] else "dr"
        for side in sides(document):
            for item in side["allocations"]:
                invoice = self.invoices.get((document["entity"], item["invoice"]))
                if invoice is not None and (invoice.customer, invoice.currency) != (side["customer"], currency):
                    self.find("reference", "%s: invoice %s is another customer's or in another currency" %
                              (held.number, item["invoice"]))
                expected.append((side["customer"], item["invoice"], minor(item["amount"], currency), word))
            if not side["allocations"]:
                expected.append((side["customer"], None, minor(document["amount"], currency), word))
            word = "dr" if word == "cr" else "cr"
        if [(line[3], line[4], line[1], line[5]) for line in lines] != expected or any(line[6] for line in lines):
            self.find("ledger", "%s does not move what it transfers" % held.number)
        if not held.approvals:
            self.find("decision", "%s is a transfer that nobody has signed" % held.number)

    def _check_recovery(self, held, document, lines):
        """Invoices reinstated against the reason's account, then paid from the customer's; no more than was written off."""
        currency, customer = document["currency"], document["customer"]
        whole = minor(document["amount"], currency)
        parts = [(customer, item["invoice"], minor(item["amount"], currency)) for item in document["allocations"]]
        expected = [part + ("dr",) for part in parts] + [(None, None, whole, "cr"), (customer, None, whole, "dr")]
        expected += [part + ("cr",) for part in parts]
        if [(line[3], line[4], line[1], line[5]) for line in lines] != expected:
            self.find("ledger", "%s does not reinstate and pay what it recovers" % held.number)
        written = self.documents.get(document["recovers"])
        if written is None or written.kind != "write-off" or written.state != "posted" or written.reversed_by:
            self.find("decision", "%s recovers %s, which is no posted write-off" % (held.number, document["recovers"]))
            return
        for _customer, invoice, units in parts:
            off = sum(minor(item["amount"], currency) for item in written.document["allocations"]
                      if item["invoice"] == invoice)
            written.recovered[invoice] = written.recovered.get(invoice, 0) + units
            if written.recovered[invoice] > off:
                self.find("decision", "%s recovers more of %s than %s wrote off" % (held.number, invoice, written.number))

    def _check_functional(self, held, document, lines, own):
        """FORMAT 6.6: net and tax as booked, receivables as carried, the differences in lines of their own."""
        currency, given_up = document["currency"], held.kind == "write-off"
        end, head, tail, fx, over = month_end_before(document["date"]), {}, [], 0, 0

        def into(units, date):
            rate = self._rate_at(own, currency, date)
            if rate is None:
                self.find("ledger", "%s: no rate of %s in %s for %s" % (held.number, currency, own, date))
                return 0
            return convert(units, rate[1][0], currency, own)
        for item, parts in zip(document["allocations"], held.parts):
            units, book = minor(item["amount"], currency), self.invoices.get((document["entity"], item["invoice"]))
            if book is None:
                return
            booked, carried = book.date, book.date if book.date > end else end
            booked = carried if given_up else booked
            whole = into(units, booked)
            tail.append(into(units, carried))
            fx += whole - tail[-1]
            over -= whole
            for code, part in parts:
                worth = into(part, booked)
                head[code] = head.get(code, 0) + worth
                over += worth
        if "on_account" in document:
            loose = into(minor(document["on_account"], currency), document["date"])
            head[None] = head.get(None, 0) + loose
            tail.append(loose)
        up = document.get("direction") == "up"
        plain = [line for line in lines if line[8] is None]
        said = {line[6]: line[7] for line in plain[:len(plain) - len(tail)]}
        if [line[7] for line in plain[len(plain) - len(tail):]] != tail or any(
                head.get(code, 0) != units for code, units in said.items()):
            self.find("ledger", "%s: functional amounts %s and %s, by the rates %s and %s" %
                      (held.number, said, [line[7] for line in plain[len(plain) - len(tail):]], head, tail))
        wanted = [(name, abs(units), ("cr" if units > 0 else "dr") if not up else ("dr" if units > 0 else "cr"))
                  for name, units in (("fx", fx), ("rounding", over)) if units]
        if [(line[8], line[7], line[5]) for line in lines if line[8] is not None] != wanted:
            self.find("ledger", "%s: differences are not %s" % (held.number, wanted))

    def _mirror(self, held, document):
        original = self.documents.get(document["reverses"])
        if original is None or original.state != "posted":
            self.find("decision", "%s reverses %s, which is not posted" % (held.number, document["reverses"]))
            return
        if original.reversed_by:
            self.find("decision", "%s reverses %s, which %s has reversed" %
                      (held.number, original.number, original.reversed_by))
        original.reversed_by = held.number
        if any(original.recovered.values()):
            self.find("decision", "%s reverses %s, of which something is recovered" % (held.number, original.number))
        if original.rebilled:
            self.find("decision", "%s reverses %s, which %s has closed" % (held.number, original.number, original.rebilled))
        if original.kind == "recovery":
            written = self.documents[original.document["recovers"]]
            for item in original.document["allocations"]:
                written.recovered[item["invoice"]] -= minor(item["amount"], original.document["currency"])
        for invoice, parts in original.shares:
            invoice.taken = [taken - part for taken, part in zip(invoice.taken, parts)]
        if "reads" in original.document:
            self.meters[original.document["entity"]].settle(original.number, original.document, -1)
        mirrored = [line[:5] + ("cr" if line[5] == "dr" else "dr",) + line[6:] for line in original.lines]
        if mirrored != held.lines:
            self.find("ledger", "%s does not mirror %s" % (held.number, original.number))

    def _meter(self, held, document):
        """What a correction of reads moves, recomputed."""
        if "reads" not in document:
            return
        meters = self.meters.get(document["entity"], Meters())
        contract = meters.contracts.get(document["contract"])
        if contract is None or (contract["customer"], contract["currency"]) != (document["customer"],
                                                                                document["currency"]):
            self.find("reference", "%s: contract %s of this customer" % (held.number, document["contract"]))
            return
        if any(meters.reads.get(item["read"], {}).get("contract") != document["contract"] for item in document["reads"]):
            self.find("reference", "%s corrects a read that its contract does not have" % held.number)
            return
        wrong = meters.wrong_read(document)
        if wrong:
            self.find("decision", "%s: read %s" % (held.number, wrong))
        digits = len(document["amount"].partition(".")[2])
        up, charges, allocations = document["direction"] == "up", [], {}
        for bill, (billed, corrected) in meters.charges(document, digits).items():
            if billed != corrected and (corrected > billed) == up:
                charges.append(bill + (billed, corrected))
                allocations[bill[1:3]] = allocations.get(bill[1:3], 0) + abs(corrected - billed)
        said = [(document["contract"], item["invoice"], item.get("line", ""), "device" if "device" in item else "pool",
                 item.get("device") or item["pool"], item["meter"], minor(item["billed"], document["currency"]),
                 minor(item["corrected"], document["currency"])) for item in document["charges"]]
        if said != charges:
            self.find("decision", "%s: charges %s, by the reads %s" % (held.number, said, charges))
        for place, units in allocations.items():
            invoice = self.invoices.get((document["entity"], place[0]))
            taxed = invoice.taxed.get(place[1], []) if invoice else []
            net, tax = sum(part[0] for part in taxed), sum(part[1] for part in taxed)
            allocations[place] = units + (half_even(units * tax, net) if net else 0)
        if list(allocations.items()) != [((item["invoice"], item.get("line", "")),
                                          minor(item["amount"], document["currency"]))
                                         for item in document["allocations"]]:
            self.find("decision", "%s: allocations are not the differences %s" % (held.number, allocations))
        meters.settle(held.number, document, 1)

    def _move_invoice(self, held, entity, invoice, change):
        book = self.invoices.get((entity, invoice))
        if book is None:
            self.find("reference", "%s touches invoice %s, which no feed brought" % (held.number, invoice))
            return
        book.open += change
        book.moved = max(book.moved, held.seq)
        if change < 0 and book.open < 0:
            self.find("decision", "%s takes invoice %s below zero" % (held.number, invoice))

    def _in_force(self, held, document, entry):
        kind, seq = held.kind, entry["seq"]
        if kind == "grant":
            self.all_grants[held.number] = (document["user"], document["role"])
            self.held[held.number] = (document["user"], document["role"], document["entities"],
                                      instant_ms(document.get("from")), instant_ms(document.get("to")))
        self._in_force_more(held, document, entry)
        if kind == "entity":
            self._check_entity(held, document)
        elif kind == "period":
            self._check_period(held, document, entry)
        elif kind == "enrolment":
            self._add_key(document["key"], document["user"], document.get("until"), entry)
            if document["user"] in self.persons:
                self.find("key", "user %s is given twice" % document["user"])
            self.persons[document["user"]] = document["person"]
            self.sorts[document["user"]] = document["sort"]
            self.last_act[document["user"]] = instant_ms(entry["time"])
        elif kind == "grant" and document["role"] == "OFFICER":
            self.grants[held.number] = (document["user"], instant_ms(document.get("from")),
                                        instant_ms(document.get("to")))
        elif kind in ("credit-limit", "temporary-limit"):
            self._limit_in_force(held, document)
        elif kind == "hold-release":
            self._release_in_force(held, document)
        elif kind in CASE_KINDS:
            self.cases[held.number] = {"kind": kind, "entity": document["entity"], "owner": document["owner"],
                                       "state": "OPEN", "invoice": document.get("invoice")}
            self._dispute_moved(self.cases[held.number])
        elif kind == "case-note":
            self._case_note(held, document)
        elif kind == "revocation":
            was = self.grants.pop(document["grant"], None)
            self.all_grants.pop(document["grant"], None)
            self.held.pop(document["grant"], None)
            self.delegations.pop(document["grant"], None)
            if document["grant"] in self.mitigations:
                self.mitigations[document["grant"]]["revoked"] = True
            if was and len(self._officers_left(entry)) < 2:
                self.find("decision", "%s leaves fewer than two officers" % held.number)
        elif kind == "delegation":
            self.delegations[held.number] = document
        elif kind == "reactivation":
            self.last_act[document["user"]] = instant_ms(entry["time"])
        elif kind == "mitigation":
            self.mitigations[held.number] = {"document": document, "uses": 0, "answered": 0, "revoked": False}
        elif kind == "related":
            for place in document["customers"]:
                if place["customer"] not in self.usable.get((place["entity"], "customers"), ()):
                    self.find("reference", "%s names customer %s, whom no feed brought" %
                              (held.number, place["customer"]))
                if "persons" in document:
                    self.excluded[(place["entity"], place["customer"])] = set(document["persons"])
        elif kind == "key-rotation":
            if "old" in document:
                self._end_key(document["old"], document["user"], seq)
            self._add_key(document["new"], document["user"], document.get("until"), entry)
        elif kind == "key-revocation":
            self._end_key(document["key"], document["user"], seq)
            if "since" in document and key_blob(document["key"]) in self.keys:
                self.keys[key_blob(document["key"])].since = instant_ms(document["since"])
            if self._is_officer(document["user"], entry) and len(self._officers_left(entry)) < 2:
                self.find("decision", "%s leaves fewer than two officers" % held.number)
        elif kind == "rates":
            linked = {link["document"] for link in document.get("links", ()) if link["rel"] == "supersedes"}
            for item in document["rates"]:
                days = self.rates.setdefault((document["base"], item["currency"]), {})
                before = days.get(document["date"])
                if before is not None and before[2] not in linked:
                    self.find("reference", "%s gives the rate of %s for %s again" %
                              (held.number, item["currency"], document["date"]))
                days[document["date"]] = (rate_units(item["rate"]), item["rate"], held.number)
        elif kind == "policy":
            self._policy_in_force(instant_ms(document["effective"]), seq, document["compiled"])

    def _in_force_more(self, held, document, entry):
        """Book keys, reviews, emergency access, affirmations, holds."""
        kind, number = held.kind, held.number
        if kind == "book-key":
            self._book_key(document, entry)
        elif kind == "release":
            self.programs.add(document["exe"][:16])
        elif kind == "review":
            scope = document["entities"]
            self.reviews[number] = set(self.all_grants) | set(self.delegations)
            if not scope:
                self.find("decision", "%s reviews nothing" % number)
        elif kind == "attestation":
            for row in document["rows"]:
                given = self.delegations.get(row["grant"])
                grant = self.all_grants.get(row["grant"]) if given is None else (given["to_user"], given["from_user"])
                if grant is None or row["grant"] not in self.reviews.get(document["review"], ()):
                    self.find("decision", "%s answers %s, which waits for no answer" % (number, row["grant"]))
                    continue
                if {self.persons.get(user) for user in grant[:1 if given is None else 2]} & held.makers:
                    self.find("decision", "%s attests a grant of its own maker" % number)
                self.reviews[document["review"]].discard(row["grant"])
                if row["decision"] == "remove":
                    self.all_grants.pop(row["grant"], None)
                    self.delegations.pop(row["grant"], None)
                    self.held.pop(row["grant"], None)
                    if self.grants.pop(row["grant"], None):
                        self.find("decision", "%s ends an officer's grant under one person" % number)
        elif kind == "break-glass":
            self.access[number] = {self.persons.get(user) for user in document["users"]}
            self.lent[number] = (document["users"], document["entities"], instant_ms(document["until"]))
            hours = self._parameter_now("break_glass_hours_max", 4, instant_ms(entry["time"]))
            if not 0 < instant_ms(document["until"]) - instant_ms(entry["time"]) <= hours * 3600000:
                self.find("decision", "%s lasts longer than %d hours, or is over" % (number, hours))
        elif kind == "break-glass-review":
            if self.access.get(document["break_glass"], held.makers) & held.makers:
                self.find("decision", "%s reviews what its maker had, or nothing" % number)
        elif kind == "affirmation":
            blob = key_blob(document["key"])
            key = self.keys.get(blob)
            if key is None or key.since is None or self.persons.get(key.user) in held.makers:
                self.find("decision", "%s affirms under a key that was in nobody else's hands, or its owner's" % number)
            for row in document["rows"]:
                self.affirmed.discard((blob, row.get("document")))
                if row["conclusion"] == "affirm":
                    self.affirmed.add((blob, row.get("document")))
        elif kind == "legal-hold":
            change = self.under_hold.update if document["state"] == "on" else self.under_hold.difference_update
            change(document["customers"])

    def _book_key(self, document, entry):
        blob = key_blob(document["key"])
        _, public, _ = read_key_blob(blob)
        if blob in self.keys or blob in self.other_keys:
            self.find("key", "a book key is somebody's already")
        self.other_keys.add(blob)
        if "retires" in document:
            _, old, _ = read_key_blob(key_blob(document["retires"]))
            found = [key for key in self.book_keys if key[0] == old and key[2] is None]
            if not found:
                self.find("key", "retires a key that is no book key")
            for key in found:
                key[2] = entry["seq"]
        self.book_keys.append([public, entry["seq"], None])

    def _suspect(self, seq):
        """The keys that signed an entry when they were in other hands."""
        blobs, now = self.key_entries.get(seq, ((), 0))
        return [blob for blob in blobs if self.keys[blob].since is not None and now >= self.keys[blob].since]

    def _add_key(self, text, user, until, entry):
        blob = key_blob(text)
        if blob in self.keys or blob in getattr(self, "other_keys", ()):
            self.find("key", "the key of %s is somebody's already" % user)
            return
        self.keys[blob] = Key(user, instant_ms(until) if until else None, instant_ms(entry["time"]))

    def _end_key(self, text, user, seq):
        key = self.keys.get(key_blob(text))
        if key is None or key.user != user:
            self.find("key", "no such key of %s" % user)
            return
        key.revoked = seq

    # ------------------------------------------------------------ approve, reject, return, withdraw

    def _acted(self, do, item, result, statement, entry):
        approve = do == "approve"
        required = {"content": t_hash, "document": t_request, "version": t_integer(1)}
        required.update({"level": t_integer(1, 64)} if approve else {"reason": t_text})
        if not self.schema().object(item, "item", required, {"behalf": t_id} if approve else {}):
            return
        word, number = result["outcome"], item["document"]
        words = {"approve": ("approved", "posted", "in-force"), "reject": ("rejected",), "return": ("returned",),
                 "withdraw": ("withdrawn",)}[do]
        same = {"document": t_request, "content": t_hash}
        same.update({"level": t_integer(1, 64)} if approve else {})
        for name in same:
            if result.get(name) != item[name]:
                self.find("decision", "%s: result's %s is not the item's" % (number, name))
        if word == "refused":
            self._result(result, 0, {"outcome": t_any, "controls": t_any, **same})
            return
        if word not in words:
            self.find("decision", "%s: outcome '%s'" % (number, word))
            return
        held = self.documents.get(number)
        if held is None:
            self.find("reference", "%s of %s, which does not exist" % (do, number))
            return
        if item["version"] != len(held.versions) or item["content"] != held.versions[-1].content:
            self.find("content", "%s of %s: not the content hash of its version %d" %
                      (do, number, len(held.versions)))
        # A returned document is not waiting, but its preparer may still withdraw it.
        if held.state != "waiting" and not (do == "withdraw" and held.state == "returned"):
            self.find("decision", "%s of %s, which is %s" % (do, number, held.state))
        if approve:
            if isinstance(statement["seen"], dict) and statement["seen"]["seq"] < held.seq:
                self.find("seen", "%s is approved by who has seen entry %d, its version is of entry %d" %
                          (number, statement["seen"]["seq"], held.seq))
            self._keeps_away(held.document, statement)
            self._approved(held, item, result, statement, entry, same)
            return
        self._result(result, 0, {"outcome": t_any, "controls": t_any, **same})
        self.waiting.pop(number, None)
        held.state = word
        if do == "withdraw" and not self._person_set(statement["actor"]) & held.makers and not any(
                self._succeeds(person, maker, entry) for person in self._person_set(statement["actor"])
                for maker in held.makers):
            self.find("decision", "%s is withdrawn by somebody who did not prepare it" % number)

    def _approved(self, held, item, result, statement, entry, same):
        if "behalf" in item:
            same = {**same, "delegation": t_request}
        if not self._check_outcome(result, 0, KINDS[held.kind], held.document, same):
            return
        self._check_delegated(item, item["level"], held, result, statement, entry)
        self._check_verified(held.document, item["level"], statement, entry)
        people = self._person_set(statement["actor"]) | self._person_set(item.get("behalf"))
        for person in people:
            for maker in held.makers - {person}:
                if self._reports_to(person, maker, entry):
                    self.find("decision", "%s is approved by %s, who reports to %s" % (held.number, person, maker))
        if people & held.makers:
            self.find("decision", "%s is approved by %s, who prepared it" % (held.number, statement["actor"]))
        if people & held.signers:
            self.find("decision", "%s is approved twice by the person of %s" % (held.number, statement["actor"]))
        closer = held.kind == "period" and self._holds(
            statement["actor"], "period.close", held.document["entity"], entry)
        manager = held.kind in ("delegation", "reactivation") and self._manages(statement["actor"], held.document, entry)
        if KINDS[held.kind].governance and not closer and not manager and not self._is_officer(statement["actor"], entry):
            self.find("decision", "%s is approved by %s, who is no officer" % (held.number, statement["actor"]))
        seen = statement["seen"]["seq"] if isinstance(statement["seen"], dict) else None
        self._check_levels(held, item["level"], result)
        self._check_stale(held, seen, result, entry)
        self._check_cut_off(held, result, entry)
        if result["outcome"] == "approved":
            for level in result["levels"]:  # signed before, asked again: set aside
                held.approvals.pop(level, None)
        if result["outcome"] != "approved":
            for seq in [held.seq] + [approval[1] for approval in held.approvals.values()]:
                if any((blob, held.number) not in self.affirmed for blob in self._suspect(seq)):
                    self.find("decision", "%s takes effect by entry %d, signed with a key in other hands" %
                              (held.number, seq))
        held.approvals[item["level"]] = (people, entry["seq"], seen, instant_ms(entry["time"]))
        self._settle(held, result, entry)

    # ------------------------------------------------------------ persons (FORMAT 5.4 people, 6.5)

    def _effective(self, entity, event, entry):
        """Milliseconds at which an event of HR takes effect, in the calendar of the entity whose file brought it."""
        midnight = instant_ms(event["date"] + "T00:00:00.000Z") + (86400000 if event["change"] == "leave" else 0)
        policy = self._policy_at(entry)
        for one in policy[3].get("entities", []) if policy else []:
            if one.get("entity") == entity:
                best = None
                for offset in one["offsets"]:
                    if best is None or instant_ms(offset["from"]) <= midnight - best * 60000:
                        best = offset["minutes"]
                return midnight - best * 60000
        return midnight

    def _hr(self, person, entry):
        """(left ms or None, manager or None, successor or None) of a person by HR at an entry; None: unknown."""
        now = instant_ms(entry["time"])
        events = sorted(((self._effective(entity, event, entry), event["event"], entity, event)
                         for entity, event in self.people.get(person, ())), key=lambda e: e[:3])
        left = manager = successor = None
        events = [e for e in events if e[0] <= now]
        for effective, _, _, event in events:
            if event["change"] == "join":
                left = successor = None
                manager = event.get("manager")
            elif event["change"] == "leave":
                left, successor = effective, event.get("successor")
            elif "manager" in event:
                manager = event["manager"]
        return (left, manager, successor or manager) if events else None

    def _reports_to(self, person, superior, entry):
        for _ in range(33):
            known = self._hr(person, entry)
            if known is None or known[1] is None:
                return False
            person = known[1]
            if person == superior:
                return True
        return True

    def _succeeds(self, person, maker, entry):
        for _ in range(10):
            known = self._hr(maker, entry)
            if known is None or known[0] is None or known[2] is None:
                return False
            maker = known[2]
            if maker == person:
                return True
        return False

    def _manages(self, user, document, entry):
        about = self._hr(self.persons.get(document.get("from_user", document.get("user"))), entry)
        return about is not None and about[1] is not None and about[1] == self.persons.get(user)

    def _may_itself(self, document, statement, entry):
        """What one who is no officer may submit: a delegation of his own, its end, waking an account of his."""
        actor, kind = statement["actor"], document["kind"]
        if kind == "delegation":
            return document["from_user"] == actor
        if kind == "reactivation":
            return self.persons.get(document["user"]) == self.persons.get(actor)
        if kind == "key-revocation":
            return document["user"] == actor
        bot = self.all_grants.get(document.get("grant"), (None, None))[0]
        if kind == "revocation" and bot is not None and self.sorts.get(bot, "human") != "human" \
                and self.persons.get(bot) == self.persons.get(actor):
            return True
        given = self.delegations.get(document.get("grant"))
        return kind == "revocation" and given is not None and (
            given["from_user"] == actor or self._manages(actor, given, entry))

    def _check_delegated(self, act, level, held, result, statement, entry):
        """An act for another counts under a delegation that is in force and names the function."""
        if "behalf" not in act:
            return
        given, now = self.delegations.get(result.get("delegation")), instant_ms(entry["time"])
        kind = held.kind
        if kind == "reversal" and held.document.get("reverses") in self.documents:
            kind = self.documents[held.document["reverses"]].kind
        function = "%s.approve.%d" % (kind, level) if level else "%s.prepare" % kind
        if given is None or given["from_user"] != act["behalf"] or given["to_user"] != statement["actor"] \
                or function not in given["functions"] \
                or not instant_ms(given["from"]) <= now < instant_ms(given["to"]):
            self.find("decision", "%s acts for %s on %s without a delegation of %s" %
                      (statement["actor"], act["behalf"], held.number, function))

    def _days(self, name, fallback, entry):
        policy = self._policy_at(entry)
        value = policy[3].get("parameters", {}).get(name) if policy else None
        return value if is_int(value) else fallback

    def _check_actor(self, statement, entry):
        """Whoever is let in has neither left nor slept; and is awake from now on."""
        actor, now = statement["actor"], instant_ms(entry["time"])
        known = self._hr(self.persons.get(actor), entry)
        if known is not None and known[0] is not None:
            self.find("decision", "%s acts, and its person has left" % actor)
        about = [d.get("kind") == "reactivation" for d in self._brought(statement)] if statement["do"] == "submit" else \
            [str(item.get("document", "")).startswith("RA-") for item in statement["body"].get("items", ())
             if isinstance(item, dict)] if statement["do"] == "approve" else []
        sort = self.sorts.get(actor, "human")
        days = self._days("dormant_bot_days" if sort == "bot" else "dormant_days", 0, entry)
        if days and not (about and all(about)) and now - self.last_act.get(actor, now) > days * 86400000:
            self.find("decision", "%s acts after more than %d days of silence" % (actor, days))
        if not any(about):
            self.last_act[actor] = now

    def _check_levels(self, held, level, result):
        """The lowest open level is signed; the rest stays, or after the last one those that were asked anew."""
        if not held.levels or level != held.levels[0]:
            self.find("decision", "%s is approved at level %d, it waits for %s" % (held.number, level, held.levels))
        left = [one for one in held.levels if one != level]
        again = {one for answer in result["controls"] if answer.get("control") == "C-16"
                 and answer.get("answer") == "need" for one in answer.get("levels", [])}
        if result["outcome"] == "approved":
            if level in result["levels"]:
                self.find("decision", "%s still waits for the level just signed" % held.number)
            elif left and result["levels"] != left or (set(held.approvals) & set(result["levels"])) - again:
                self.find("decision", "%s waits for %s after level %d of %s" %
                          (held.number, result["levels"], level, held.levels))
            if instant_ms(result["until"]) != held.until:
                self.find("decision", "%s has another deadline than before" % held.number)
        elif left:
            self.find("decision", "%s is %s, yet levels %s are missing" % (held.number, result["outcome"], left))

    # ------------------------------------------------------------ feeds

    def _feed(self, schema, body, result):
        if not schema.object(body, "body", {"entity": t_code, "feed": t_any, "file": t_object, "last": t_bool,
                                            "part": t_integer(1), "records": t_any}):
            return
        word = result.get("outcome")
        self.outcomes["feed " + str(word)] = self.outcomes.get("feed " + str(word), 0) + 1
        answers = self._check_answers(result.get("controls"), "result")
        if word == "refused":
            if "deny" not in answers:
                self.find("decision", "feed refused by no control")
            return
        self._count_uses(result)
        if body["feed"] not in ENGINE_FEEDS:
            self.find("decision", "feed %s is not in this engine, yet not refused" % body["feed"])
            return
        manifest, currency = body["file"], body["file"].get("currency")
        total_kind = {"total": t_amount(currency)} if currency else {}
        if not schema.object(manifest, "file", {"count": t_integer(0), "sequence": t_integer(1)},
                             {"currency": t_currency, **total_kind}):
            return
        if {"currency", "total"} & set(manifest) != (
                {"currency", "total"} if body["feed"] in TOTALLED_FEEDS else set()):
            self.find("feed", "files of %s have a currency and a total, or neither" % body["feed"])
            return
        file = self._feed_part(body, manifest)
        if file is None:
            return
        for index, record in enumerate(schema.list(body["records"], "records", 0)):
            self._record(schema, body, record, "records[%d]" % index, file, currency)
        self._feed_result(body, result, word, file, manifest, currency)

    def _feed_part(self, body, manifest):
        where = (body["entity"], body["feed"])
        closed = self.feed_closed.get(where, 0)
        if manifest["sequence"] != closed + 1:
            self.find("feed", "file %d of %s %s, %d is expected" % (manifest["sequence"], *where, closed + 1))
            closed = manifest["sequence"] - 1
        file = self.feed_open.get(where)
        if body["part"] == 1:
            file = self.feed_open[where] = File(manifest)
        elif file is None or file.manifest != manifest or body["part"] != file.part + 1:
            self.find("feed", "part %d of file %d does not follow" % (body["part"], manifest["sequence"]))
            if file is None:
                return None
        file.part = body["part"]
        file.twice = []
        return file

    def _record(self, schema, body, record, where, file, currency):
        feed = body["feed"]
        if not isinstance(record, dict):
            self.find("schema", "%s is no object" % where)
            return
        if feed == "customers":
            good = schema.object(record, where, {
                "currency": t_currency, "customer": t_id, "group": t_id, "limit": t_amount(record.get("currency"), 0),
                "terms_days": t_integer(0)}, {"attributes": t_any, "personal": t_hash, "related": t_bool})
            self._attributes(schema, record, where)
            ident, amount = record.get("customer"), 0
        elif feed == "people":
            good = schema.object(record, where, {
                "change": t_one_of("join", "move", "leave"), "date": t_date, "event": t_id, "person": t_id},
                {"manager": t_id, "successor": t_id})
            ident, amount = record.get("event"), 0
            leaves = record.get("change") == "leave"
            if good and ("manager" in record if leaves else "successor" in record):
                self.find("feed", "event %s: a %s with a %s" %
                          (ident, record["change"], "manager" if leaves else "successor"))
        elif feed == "invoices":
            good = self._invoice(schema, record, where, currency)
            ident, amount = record.get("invoice"), minor(record.get("gross"), currency)
        elif feed == "orders":
            good = schema.object(record, where, {"amount": t_amount(currency, 1), "customer": t_id, "date": t_date,
                                                 "order": t_id, "state": t_one_of("held", "delivered", "cancelled")})
            ident, amount = record.get("order"), minor(record.get("amount"), currency) if good else 0
        elif feed == "acknowledgements":
            good, ident = self._acknowledgement(schema, body["entity"], record, where, currency, file), record.get("delivery")
            amount = minor(record.get("amount"), currency) if good else 0
        elif feed == "contacts":
            good = schema.object(record, where, {
                "channel": t_one_of("agency", "call", "legal", "letter", "mail", "portal", "visit"), "contact": t_id,
                "customer": t_id, "date": t_date, "outcome": t_one_of(
                    "dispute", "message", "no-answer", "promise-to-pay", "reached", "refused", "unknown-address")},
                {"until": t_date})
            ident, amount = record.get("contact"), 0
            if good and (record["outcome"] == "promise-to-pay") != ("until" in record):
                self.find("feed", "contact %s promises without a date, or has one without promising" % ident)
        elif feed == "contracts":
            good, ident, amount = self._contract(schema, record, where), record.get("contract"), 0
        elif feed == "reads":
            good, ident, amount = self._read(schema, body["entity"], record, where), record.get("read"), 0
        else:
            good = schema.object(record, where, {"amount": t_amount(currency, 1), "applied": t_any,
                                                 "customer": t_id, "date": t_date, "receipt": t_id})
            ident, amount = record.get("receipt"), minor(record.get("amount"), currency)
            applied = 0
            for item in schema.list(record.get("applied"), where + ".applied", 0):
                if schema.object(item, where + ".applied", {"amount": t_amount(currency, 1), "invoice": t_id}):
                    applied += minor(item["amount"], currency)
            if good and applied > amount:
                self.find("feed", "receipt %s applies more than it brings" % ident)
        if not good:
            return
        if "customer" in record and feed != "customers" and \
                record["customer"] not in self.usable.get((body["entity"], "customers"), ()):
            self.find("reference", "%s %s names customer %s, whom no feed brought" % (feed, ident, record["customer"]))
        if feed not in ("orders", "acknowledgements") and ident in self.usable.get((body["entity"], feed), ()) or ident in file.records:
            self.find("feed", "%s %s stands twice" % (feed, ident))
        file.count += 1
        file.total += amount
        file.records[ident] = record

    def _acknowledgement(self, schema, entity, record, where, currency, file):
        rejected = record.get("state") == "rejected"
        if not schema.object(record, where, {
                "amount": t_amount(currency), "date": t_date, "delivery": t_id,
                "state": t_one_of("posted", "rejected", "reversed"), **({"reason": t_text} if rejected else {"erp": t_id})}):
            return False
        amount, money, numbers = self.deliveries.get((entity, record["delivery"]), (None, None, []))
        if (amount, money) != (minor(record["amount"], currency), currency):
            self.find("feed", "%s was not posted with %s %s" % (record["delivery"], record["amount"], currency))
        if record["state"] == "reversed" and record["erp"] not in numbers:
            self.find("feed", "%s is not in the ERP as %s" % (record["delivery"], record["erp"]))
        if record["state"] == "posted" and numbers and record["erp"] not in numbers:
            file.twice.append(record["delivery"])
        return True

    def _acknowledged(self, entity, ident, record):
        numbers = self.deliveries.get((entity, ident), (None, None, []))[2]
        if record["state"] == "posted" and record["erp"] not in numbers:
            numbers.append(record["erp"])
        elif record["state"] == "reversed" and record["erp"] in numbers:
            numbers.remove(record["erp"])

    @staticmethod
    def _attributes(schema, record, where):
        found = []
        for item in schema.list(record.get("attributes", []), where + ".attributes", 0, 16):
            if schema.object(item, where + ".attributes", {"hash": t_hash, "name": t_one_of(*ATTRIBUTES)}):
                found.append((item["name"], item["hash"]))
        if found != sorted(set(found)):
            schema.report("%s.attributes are not sorted, or one stands twice" % where)

    def _invoice(self, schema, record, where, currency):
        amount = t_amount(currency)
        if not schema.object(record, where, {"customer": t_id, "date": t_date, "due": t_date, "gross": amount,
                                             "invoice": t_id, "taxes": t_any}, {"lines": t_any, "rebills": t_id}):
            return False
        for name, high in (("taxes", 1000), ("lines", 5000)):
            if name not in record:
                continue
            total, members = 0, {"code": t_code, "net": amount, "tax": amount}
            members.update({"line": t_id} if name == "lines" else {})
            for part in schema.list(record[name], "%s.%s" % (where, name), 0, high):
                if not schema.object(part, "%s.%s" % (where, name), members):
                    return False
                total += minor(part["net"], currency) + minor(part["tax"], currency)
            if total != minor(record["gross"], currency):
                self.find("feed", "invoice %s: net and tax of its %s do not add up to its gross" %
                          (record["invoice"], name))
        return True

    def _contract(self, schema, record, where):
        if not schema.object(record, where, {"contract": t_id, "currency": t_currency, "customer": t_id, "from": t_date,
                                             "meters": t_any, "pools": t_any}):
            return False
        pools, meters = [], []
        for pool in schema.list(record["pools"], where + ".pools", 0, 100):
            if not schema.object(pool, where + ".pools", {"allowance": t_clicks, "meter": t_meter, "pool": t_id,
                                                          "rate": t_click_rate}):
                return False
            pools.append((pool["pool"], pool["meter"]))
        for meter in schema.list(record["meters"], where + ".meters", 1):
            own = {"allowance": t_clicks, "rate": t_click_rate}
            if not schema.object(meter, where + ".meters", {"device": t_id, "meter": t_meter, **(
                    {"pool": t_id} if isinstance(meter, dict) and "pool" in meter else own)}):
                return False
            meters.append((meter["device"], meter["meter"]))
            if "pool" in meter and (meter["pool"], meter["meter"]) not in pools:
                self.find("feed", "contract %s has no pool %s" % (record["contract"], meter["pool"]))
        if len(set(pools)) != len(pools) or len(set(meters)) != len(meters):
            self.find("feed", "a meter or pool of contract %s stands twice" % record["contract"])
        return True

    def _read(self, schema, entity, record, where):
        if not schema.object(record, where, {"contract": t_id, "date": t_date, "device": t_id, "meter": t_meter,
                                             "read": t_id, "source": t_source, "value": t_clicks},
                             {"invoice": t_id, "line": t_id, "replaced": t_replaced}):
            return False
        meters, ident = self.meters.get(entity, Meters()), record["read"]
        contract = meters.contracts.get(record["contract"])
        if contract is None or (record["device"], record["meter"]) not in [
                (meter["device"], meter["meter"]) for meter in contract["meters"]]:
            self.find("reference", "read %s is of a meter that no contract has" % ident)
            return False
        if record["date"] < contract["from"] or record["date"] <= meters.last_date(record):
            self.find("feed", "read %s is out of order" % ident)
        if "invoice" in record:
            invoice = self.invoices.get((entity, record["invoice"]))
            if invoice is None or (invoice.customer, invoice.currency) != (contract["customer"], contract["currency"]):
                self.find("reference", "read %s names invoice %s" % (ident, record["invoice"]))
            elif record.get("line", "") not in invoice.taxed:
                self.find("reference", "read %s names a line that its invoice has not" % ident)
        elif "line" in record:
            self.find("feed", "read %s names a line of no invoice" % ident)
        return True

    def _feed_result(self, body, result, word, file, manifest, currency):
        where = (body["entity"], body["feed"])
        optional = {"total": t_amount(currency)} if currency else {}
        if not self._result(result, 0, {"outcome": t_one_of("open", "closed"), "controls": t_any,
                                        "count": t_integer(0)}, optional):
            return
        if result["count"] != file.count:
            self.find("feed", "running count %d, here are %d records" % (result["count"], file.count))
        if "total" in result and minor(result["total"], currency) != file.total:
            self.find("feed", "running total %s, the records make %d minor units" % (result["total"], file.total))
        twice = [answer["id"] for answer in result["controls"] if answer.get("code") == "erp-twice"]
        if twice != file.twice:
            self.find("decision", "flags %s as twice in the ERP, here are %s" % (twice, file.twice))
        if (word == "closed") != body["last"]:
            self.find("feed", "last is %s, outcome %s" % (str(body["last"]).lower(), word))
        if word != "closed":
            return
        if file.count != manifest["count"] or (
                "total" in manifest and minor(manifest["total"], currency) != file.total):
            self.find("feed", "closed, yet count or total are not the manifest's")
        self.feed_closed[where] = manifest["sequence"]
        self.feed_open.pop(where, None)
        self._use(body, file, currency)

    def _use(self, body, file, currency):
        entity, feed = body["entity"], body["feed"]
        self.usable.setdefault((entity, feed), set()).update(file.records)
        self.deciding.books.feed_closed(entity, feed, file, currency)
        for ident, record in file.records.items():
            if feed == "people":
                self.people.setdefault(record["person"], []).append((entity, record))
            elif feed == "invoices":
                self.invoices[(entity, ident)] = Invoice(record, currency)
                if "rebills" in record:
                    self._rebilled(entity, record, currency)
                self.invoices[(entity, ident)].moved = self.entry
            elif feed == "customers":
                self.limits[(entity, ident)] = minor(record["limit"], record["currency"])
            elif feed == "acknowledgements":
                self._acknowledged(entity, ident, record)
            elif feed == "orders":
                self._order(entity, ident, record, currency)
            elif feed == "contracts":
                self.meters.setdefault(entity, Meters()).contracts[ident] = record
            elif feed == "reads":
                self.meters.setdefault(entity, Meters()).add_read(record)
            elif feed == "cash":
                loose = minor(record["amount"], currency) - sum(
                    minor(item["amount"], currency) for item in record["applied"])
                self.loose_cash[(entity, currency)] = self.loose_cash.get((entity, currency), 0) + loose
                for item in record["applied"]:
                    self._apply(entity, record, item, currency)

    def _rebilled(self, entity, record, currency):
        """The one posted rebill that intended this invoice, and was open until now."""
        for held in self.documents.values():
            if held.kind == "rebill" and held.state == "posted" and not held.reversed_by \
                    and held.document["entity"] == entity and held.document["invoice"]["ref"] == record["rebills"]:
                intended = held.document["invoice"]
                same = all(intended[name] == record[name] for name in ("customer", "date", "due", "gross"))
                order = [sorted(taxes, key=lambda tax: tax["code"]) for taxes in (intended["taxes"], record["taxes"])]
                if not same or order[0] != order[1] or held.document["currency"] != currency:
                    self.find("feed", "invoice %s is not what %s intended" % (record["invoice"], held.number))
                if held.rebilled:
                    self.find("feed", "invoice %s closes %s, which %s has closed" %
                              (record["invoice"], held.number, held.rebilled))
                held.rebilled = record["invoice"]
                return
        self.find("feed", "invoice %s closes a rebill %s that there is not" % (record["invoice"], record["rebills"]))

    def _apply(self, entity, record, item, currency):
        """What a receipt pays of an invoice."""
        book, ident = self.invoices.get((entity, item["invoice"])), record["receipt"]
        if book is None:
            self.find("reference", "receipt %s names invoice %s, which no feed brought" % (ident, item["invoice"]))
            return
        if book.customer != record["customer"] or book.currency != currency:
            self.find("reference", "receipt %s pays invoice %s of another customer or currency" %
                      (ident, item["invoice"]))
        book.open -= minor(item["amount"], currency)
        book.moved = max(book.moved, self.entry)
        if book.open < 0:
            self.find("feed", "receipt %s pays more than invoice %s has open" % (ident, item["invoice"]))

    # ------------------------------------------------------------ checkpoints and receipts

    def _epoch_of(self, origin):
        """The epoch that an origin of this book bears, else None."""
        stem = "%s/%s/" % (self.charter["name"], self.book[:16]) if self.charter else None
        if stem is None or not origin.startswith(stem) or not re.fullmatch("0|[1-9][0-9]{0,14}", origin[len(stem):]):
            return None
        return int(origin[len(stem):])

    def _check_epoch(self, kind, name, checkpoint, epoch):
        """Whether a checkpoint may bear that epoch at its size; what it says of lost entries is told as that."""
        last = checkpoint.size - 1
        now = self.restores[-1]["epoch"] if self.restores else 0
        if epoch > now:
            self.find(kind, "%s: is of epoch %d, the book has come to %d" % (name, epoch, now), last)
            return False
        for restore in self.restores:
            if restore["epoch"] == epoch and checkpoint.size <= restore["seq"]:
                self.find(kind, "%s: is of epoch %d, which begins with entry %d" % (name, epoch, restore["seq"]), last)
                return False
        ended = next((restore for restore in self.restores if restore["epoch"] > epoch), None)
        if ended is None or checkpoint.size <= ended["from"]:
            return True
        if checkpoint.size <= ended["seq"] and tree_root(self.leaves[:checkpoint.size]) == checkpoint.root:
            return True
        self.find(kind, "%s: of %d entries, was issued before the restore in entry %d, by which entries %d to %d were lost"
                  % (name, checkpoint.size, ended["seq"], ended["from"], ended["to"]), -1)
        return False

    def _check_root(self, kind, name, checkpoint):
        """Origin, signature and root; the finding is filed under the last entry it covers."""
        last = checkpoint.size - 1
        epoch = self._epoch_of(checkpoint.origin)
        if epoch is None:
            self.find(kind, "%s: origin %s is none of this book's" % (name, checkpoint.origin), last)
        try:
            checkpoint.check_signed([public for public, begins, retired in self.book_keys if begins < checkpoint.size
                                     and (retired is None or checkpoint.size <= retired)])
        except Bad as error:
            self.find(kind, "%s: %s" % (name, error), last)
        if epoch is not None and not self._check_epoch(kind, name, checkpoint, epoch):
            return False
        if checkpoint.size > len(self.leaves):
            self.find(kind, "%s: covers %d entries, here are %d" % (name, checkpoint.size, len(self.leaves)), last)
            return False
        if tree_root(self.leaves[:checkpoint.size]) != checkpoint.root:
            self.find(kind, "%s: root differs at %d entries" % (name, checkpoint.size), last)
            return False
        return True

    def add_checkpoint(self, name, data):
        try:
            checkpoint = Checkpoint(data)
        except Bad as error:
            self.find("checkpoint", "%s: %s" % (name, error), -1)
            return
        self.checkpoints.append(checkpoint)
        self._check_root("checkpoint", name, checkpoint)

    def add_receipt(self, name, data):
        try:
            receipt = Receipt(data)
        except Bad as error:
            self.find("receipt", "%s: %s" % (name, error), -1)
            return
        self.receipts.append(receipt)
        self._check_root("receipt", name, receipt.checkpoint)
        if receipt.index >= len(self.leaves):
            self.find("receipt", "%s: entry %d is not here" % (name, receipt.index), receipt.index)
            return
        try:
            root = proof_root(self.leaves[receipt.index], receipt.index, receipt.checkpoint.size, receipt.path)
            if root != receipt.checkpoint.root:
                raise Bad("proof does not lead to the root")
        except Bad as error:
            self.find("receipt", "%s: %s" % (name, error), receipt.index)

    # ------------------------------------------------------------ the answer

    def root(self):
        return base64.b64encode(tree_root(self.leaves)).decode()


def fingerprint(blob):
    return "SHA256:" + base64.b64encode(sha256(blob)).decode().rstrip("=")[:12]


class Backup:
    """Files of a backup (FORMAT 10), taken apart into entries and checkpoints; what is wrong with their frame."""

    def __init__(self):
        self.entries, self.notes, self.wrong = [], [], []
        self.book, self.place = None, None

    @staticmethod
    def is_one(data):
        return data.startswith((b'{"backup":"begin"', b'{"after":'))

    def _bad(self, name, number, text):
        self.wrong.append((len(self.entries) - 1, "%s: line %d: %s" % (name, number, text)))

    @staticmethod
    def _frame(line, members, optional=None):
        wrong = []
        value = parse(line)
        if not Schema(wrong.append).object(value, "the line", members, optional):
            raise Bad("; ".join(wrong))
        return value

    def _here(self):
        leaves = [sha256(b"\0" + line) for line in self.entries]
        return {"checkpoints": len(self.notes), "head": leaves[-1].hex() if leaves else ZERO,
                "root": tree_root(leaves).hex(), "size": len(leaves)}

    def add(self, name, data):
        place = {"checkpoints": t_integer(0), "head": t_hash, "root": t_hash, "size": t_integer(1)}
        whole = data.endswith(b"\n")
        lines = data.split(b"\n")[:-1] if whole else data.split(b"\n")
        number = 0
        try:
            for number, line in enumerate(lines, 1):
                if number == 1:
                    header = self._frame(line, {"backup": t_one_of("begin"), "book": t_hash, "v": t_integer(1, 1)},
                                         {"after": t_object})
                    if (header.get("after") or None) != self.place:
                        raise Bad("does not go on where the one before ended")
                    if self.book not in (None, header["book"]):
                        raise Bad("is of another book")
                    self.book = header["book"]
                elif number == len(lines):
                    trailer = self._frame(line, {**place, "backup": t_one_of("end"), "sha256": t_hash,
                                                 "v": t_integer(1, 1)}, {"lost": t_object})
                    if "lost" in trailer:
                        self._frame(canonical(trailer["lost"]), {"kept": t_integer(1), "root": t_hash,
                                                                 "size": t_integer(0), "to": t_integer(1)})
                    self.place = {key: trailer[key] for key in place}
                    if self.place != self._here():
                        raise Bad("does not say what is in the file")
                    if sha256(data[:-len(line) - 1]).hex() != trailer["sha256"]:
                        raise Bad("sha256 is not that of the lines before")
                elif line.startswith(b'{"checkpoint":'):
                    record = self._frame(line, {"checkpoint": t_base64, "number": t_integer(0)})
                    if record["number"] != len(self.notes):
                        raise Bad("checkpoints are not in order")
                    self.notes.append(("checkpoint %d" % record["number"], base64.b64decode(record["checkpoint"])))
                else:
                    self.entries.append(line)
        except (Bad, Form) as error:
            self._bad(name, number, error)
        if not whole or number < 2:
            self._bad(name, number, "the file was cut off")


def check_export(lines, checkpoints=(), receipts=()):
    """A Checker that has seen everything. lines: bytes without LF; the others: (name, bytes)."""
    checker = Checker()
    for line in lines:
        checker.add_line(line)
    if not checker.leaves:
        checker.find("form", "no entries", 0)
    for name, data in checkpoints:
        checker.add_checkpoint(name, data)
    for name, data in receipts:
        checker.add_receipt(name, data)
    return checker


SECTIONS = (
    ("entries", ("form", "schema", "book", "time", "id", "seen")),
    ("chain", ("chain",)),
    ("tree", ("checkpoint", "receipt", "restore")),
    ("signatures", ("signature", "key")),
    ("decisions", ("decision", "control", "policy", "content", "number", "reference")),
    ("books", ("ledger", "feed")),
)


def table(checker, seconds):
    """Lines of the auditor's table."""
    count = len(checker.leaves)
    words = checker.outcomes
    shown = {
        "entries": "%s   0 to %s" % (f"{count:,}", f"{max(count - 1, 0):,}"),
        "chain": "head %s…%s" % (checker.prev[:6], checker.prev[-2:]),
        "tree": "root %s…, %d checkpoints, %d receipts" %
                (checker.root()[:8], len(checker.checkpoints), len(checker.receipts)),
        "signatures": "%s by %d keys" % (f"{checker.counts['signatures']:,}", len(checker.signing_keys)),
        "decisions": "%s documents   %s" % (f"{checker.counts['documents']:,}",
                                            " ".join("%s %s" % (f"{n:,}", w) for w, n in sorted(
                                                words.items(), key=lambda p: str(p[0])))),
        "books": "%s ledger lines, %s invoices" % (f"{checker.counts['lines']:,}", f"{len(checker.invoices):,}"),
    }
    charter = checker.charter or {}
    engine = charter.get("engine")
    out = ["book         %s   engine %s%s%s" % ((checker.book or "unknown")[:16], "unknown" if engine is None else engine,
                                                " (draft)" if engine == 0 else "",
                                                "   SIMULATED" if charter.get("clock") == "simulated" else "")]
    for name, checks in SECTIONS:
        bad = [f for f in checker.findings if f["check"] in checks]
        out.append("%-12s %-72s %s" % (name, shown[name], "BAD %d" % len(bad) if bad else "ok"))
        for finding in bad[:200]:
            where = f"entry {finding['entry']:,}" if finding["entry"] >= 0 else "file"
            out.append("%-12s   %s: %s: %s" % ("", where, finding["check"], finding["text"]))
        if len(bad) > 200:
            out.append("%-12s   and %d more" % ("", len(bad) - 200))
    if checker.findings:
        bad = {f["entry"] for f in checker.findings if f["entry"] >= 0}
        out.append("%d findings%s; %d other entries are good" % (
            len(checker.findings), "; first bad entry %s" % f"{min(bad):,}" if bad else "",
            count - len(bad & set(range(count)))))
    else:
        out.append("decided again: %s; the other controls' answers are believed" % ", ".join(
            "%s %s" % (control, f"{count:,}") for control, count in checker.deciding.counts.items()))
        out.append("checked in %.1f s" % seconds)
    return out


def check_bundle(options):
    try:
        known = [(name, open(name, "rb").read()) for name in options.checkpoint]
        bundle = Bundle(options.export[0], Schema, check_export, known)
        bundle.read()
    except OSError as error:
        print("checker: %s" % error, file=sys.stderr)
        return 4
    print(json.dumps(bundle.answer(), sort_keys=True) if options.json else "\n".join(bundle.table()))
    return 3 if bundle.findings else 0


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Checks an exported book from its published format alone.",
                                     allow_abbrev=False)
    parser.add_argument("export", nargs="+")
    parser.add_argument("--checkpoint", action="append", default=[], metavar="FILE")
    parser.add_argument("--receipt", action="append", default=[], metavar="FILE")
    parser.add_argument("--json", action="store_true", help="one object instead of the table")
    options = parser.parse_args(arguments)
    started = clock.monotonic()
    if os.path.isdir(options.export[0]):
        return check_bundle(options)
    try:
        files = [(name, open(name, "rb").read()) for name in options.export]
        notes = [(name, open(name, "rb").read()) for name in options.checkpoint]
        receipts = [(name, open(name, "rb").read()) for name in options.receipt]
    except OSError as error:
        print("checker: %s" % error, file=sys.stderr)
        return 4
    backup, data = Backup(), files[0][1]
    if backup.is_one(data):
        for name, content in files:
            backup.add(name, content)
        checker = check_export(backup.entries, backup.notes + notes, receipts)
        for entry, text in backup.wrong:
            checker.find("form", text, entry)
        if checker.book != backup.book:
            checker.find("form", "the backup is named after another book", 0)
    else:
        whole = data.endswith(b"\n")
        lines = data.split(b"\n")
        lines = lines[:-1] if whole or not data else lines
        checker = check_export(lines, notes, receipts)
        if data and not whole:
            checker.find("form", "the last line has no LF", len(lines) - 1)
    if options.json:
        print(json.dumps({"entries": len(checker.leaves), "book": checker.book, "root": checker.root(),
                          "head": checker.prev, "outcomes": checker.outcomes, "counts": checker.counts,
                          "findings": checker.findings, "ok": not checker.findings}, sort_keys=True))
    else:
        print("\n".join(table(checker, clock.monotonic() - started)))
    return 3 if checker.findings else 0


if __name__ == "__main__":
    sys.exit(main())
