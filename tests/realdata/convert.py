#!/usr/bin/python3
"""Makes the demonstration's input out of two years of a wholesaler's real invoices and credits.

    tests/realdata/convert.py DATA/online-retail OUT

OUT gets customers.csv, invoices/DAY.csv, corrections/DAY.csv, evidence/DOCUMENT.csv, index.csv (what each document of
the source became) and totals.json (the tie-out). Nothing is invented but customers' names, terms, limits and due dates.

The rules, each printed with the totals:

 1 Lines that stand in both files are taken once (whole documents: the second file's copy is dropped).
 2 Customers without a number are one customer, CASH. Each customer is its own group, terms 30 days, credit limit
   10,000.00 (CASH 0.00): made up.
 3 An invoice is its lines' sum, rounded half-even to pence; tax NONE, so net = gross. Invoices of 0.00 are fed.
   Their time stamps count as UTC; they are fed at 00:00 of their day.
 4 Documents are taken in the order of time stamp, then of the list of documents. A credit line of goods is matched
   to earlier invoice lines of the same customer, stock code and price, oldest first, by quantity. Lines without goods
   (M, D, POST, DOT, C2, S, BANK CHARGES, AMAZONFEE, ADJUST, CRUK) match nothing.
 5 Matched amounts add up to one allocation an invoice, at most what the invoice has left (an invoice can be smaller
   than one of its lines); what is above that, and what matched nothing, is credited on account in the same document.
   Earlier documents count as posted here, refused or not, so nothing is allocated that could exceed an invoice.
 6 A document has one reason, that of the largest absolute sum among its lines' reasons, ties by the reason's code:
   D discount, POST and DOT and C2 freight, M goodwill, B bad debt, the rest returns.
 7 C496350 (+373.57) is a correction upwards of the newest CASH invoice above zero before it.
 8 A506401, A516228, A528059, A563187 are write-offs of CASH by allowance, oldest open invoices first.
 9 A563185 (wrong sign) reverses the next write-off, one that was never submitted; A563186 reverses the first
   reversal, which does not exist since A563185 is refused.
10 Evidence of each document is a file with its own lines, under the kind of evidence that its reason asks for.
"""
import collections
import csv
import datetime
import functools
import gzip
import json
import os
import sys
import time

FILES = ("online_retail_II_2009-2010.csv.gz", "online_retail_2010-2011.csv.gz")
DOCUMENTS = "documents_2009-2011.csv.gz"
ENTITY, CURRENCY, TAX, TERMS = "UK01", "GBP", "NONE", 30
LIMIT, LIMIT_CASH = "10000.00", "0.00"
REASON_BY_CODE = {"D": "DISCOUNT", "POST": "FREIGHT", "DOT": "FREIGHT", "C2": "FREIGHT", "M": "GOODWILL",
                  "B": "BAD_DEBT"}
REASON_REST = "RETURNS"
# Lines without goods: carriage, samples, fees, charity, manual lines and adjustments.
NO_GOODS = {"M", "D", "POST", "DOT", "C2", "S", "B", "BANK CHARGES", "AMAZONFEE", "ADJUST", "CRUK"}
REASON_UP, REASON_WRITE_OFF, REASON_REVERSAL = "PRICE_ERR", "BAD_DEBT", "POSTED_IN_ERROR"
EVIDENCE = {REASON_UP: "price-sheet", REASON_REVERSAL: "correspondence"}  # what these ask for; all others `lines`
CORRECTION_UP = "C496350"
WRITE_OFFS = ("A506401", "A516228", "A528059", "A563187")
REVERSALS = ("A563185", "A563186")
PUBLISHED = {"invoices": 45330, "invoice_thousandths": 20522661858, "credits": 8292, "credit_thousandths": -1465303660,
             "bad_debts": 6, "bad_debt_thousandths": -147614080, "lines": 1044847, "zero_invoices": 5254,
             "customers": 5942}
CORRECTION_COLUMNS = ("kind", "ref", "entity", "customer", "currency", "amount", "reason", "date", "allocations",
                      "on_account", "direction", "field", "method", "reverses", "note", "evidence", "at")

Line = collections.namedtuple("Line", "code quantity price text")  # price and amounts in thousandths of a pound


class Source:
    """One document of the source with its lines."""
    __slots__ = ("name", "customer", "stamp", "lines", "total")

    def __init__(self, name, customer, stamp):
        self.name, self.customer, self.stamp, self.lines, self.total = name, customer, stamp, [], 0


class Open:
    """An invoice as the book will hold it: pence, and what is left of them."""
    __slots__ = ("name", "gross", "left")

    def __init__(self, name, gross):
        self.name, self.gross, self.left = name, gross, gross


@functools.lru_cache(maxsize=None)
def thousandths(text):
    sign = -1 if text.startswith("-") else 1
    whole, _, part = text.lstrip("-").partition(".")
    if len(part.rstrip("0")) > 3:
        raise SystemExit("convert: more than three decimals: %s" % text)
    return sign * (int(whole or "0") * 1000 + int((part + "000")[:3]))


def half_even(value):
    """Thousandths to pence."""
    pence, rest = divmod(value, 10)
    return pence + (1 if rest > 5 or (rest == 5 and pence & 1) else 0)


def pounds(pence):
    return "%s%d.%02d" % ("-" if pence < 0 else "", abs(pence) // 100, abs(pence) % 100)


def read_table(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        yield from rows


def read_sources(folder):
    """Documents in order, each with its lines."""
    order, sources = [], {}
    for name, kind, stamp, customer, _country, lines, net in read_table(os.path.join(folder, DOCUMENTS)):
        sources[name] = Source(name, customer.split(".")[0] or "CASH", stamp)
        order.append((name, kind, int(lines), thousandths(net)))
    taken, count = set(), 0
    for path in FILES:
        here = set()
        for name, code, text, quantity, _stamp, price, customer, _country in read_table(os.path.join(folder, path)):
            if name in taken:
                continue
            here.add(name)
            source, line = sources[name], Line(code, int(quantity), thousandths(price), text)
            if (customer.split(".")[0] or "CASH") != source.customer:
                raise SystemExit("convert: %s has lines of two customers" % name)
            source.lines.append(line)
            source.total += line.quantity * line.price
            count += 1
        taken |= here
    for name, _kind, lines, net in order:
        if len(sources[name].lines) != lines or sources[name].total != net:
            raise SystemExit("convert: %s: lines or total differ from the list of documents" % name)
    return [(sources[name], kind) for name, kind, _, _ in order], count


@functools.lru_cache(maxsize=None)
def is_goods(code):
    return code not in NO_GOODS and not code.startswith("ADJUST")


def reason_of(source):
    sums = collections.Counter()
    for line in source.lines:
        sums[REASON_BY_CODE.get(line.code, REASON_REST)] += abs(line.quantity * line.price)
    return min(sums, key=lambda reason: (-sums[reason], reason))


class Converter:
    def __init__(self):
        self.open = {}                                       # invoice -> Open
        self.stock = collections.defaultdict(collections.deque)  # (customer, code, price) -> [invoice, quantity left]
        self.cash = []                                       # CASH invoices in order
        self.cash_first = 0                                  # those before have nothing left
        self.counts = collections.Counter()
        self.write_offs = 0

    def invoice(self, source):
        gross = half_even(source.total)
        book = self.open[source.name] = Open(source.name, gross)
        self.counts["invoices"] += 1
        self.counts["invoice_thousandths"] += source.total
        self.counts["invoice_pence_fed"] += gross
        self.counts["zero_invoices"] += gross == 0
        self.counts["rounded_invoices"] += source.total % 10 != 0
        self.counts["cash_invoices"] += source.customer == "CASH"
        if gross < 0:
            raise SystemExit("convert: invoice %s is negative: no rule for it" % source.name)
        if source.customer == "CASH":
            self.cash.append(book)
        for line in source.lines:
            if line.quantity > 0 and line.price > 0 and is_goods(line.code):
                self.stock[(source.customer, line.code, line.price)].append([source.name, line.quantity])

    def match(self, source):
        """({invoice: thousandths}, thousandths that match nothing) of a credit's lines."""
        matched, loose = {}, 0
        for line in source.lines:
            left = -line.quantity
            if is_goods(line.code):
                queue = self.stock.get((source.customer, line.code, line.price), ())
                while left and queue:
                    taken = min(left, queue[0][1])
                    matched[queue[0][0]] = matched.get(queue[0][0], 0) + taken * line.price
                    left -= taken
                    queue[0][1] -= taken
                    if not queue[0][1]:
                        queue.popleft()
                word = "full" if not left else "none" if left == -line.quantity else "part"
                self.counts["goods_" + word + ("_cash" if source.customer == "CASH" else "")] += 1
                self.counts["goods_loose_thousandths" + ("_cash" if source.customer == "CASH" else "")] += \
                    left * line.price
            loose += left * line.price
        return matched, loose

    def credit_note(self, source):
        matched, loose = self.match(source)
        if source.total % 10 or any(value % 10 for value in matched.values()):
            raise SystemExit("convert: %s is not in pence: no rule for it" % source.name)
        allocations, on_account = [], loose // 10
        for invoice in sorted(matched):
            book, pence = self.open[invoice], matched[invoice] // 10
            given = min(pence, book.left)
            self.counts["capped_allocations"] += given < pence
            self.counts["capped_pence"] += pence - given
            on_account += pence - given
            if given:
                allocations.append((invoice, given))
                book.left -= given
        self.counts["credit_notes"] += 1
        self.counts["several_invoices"] += len(allocations) > 1
        self.counts["allocations"] += len(allocations)
        self.counts["on_account_documents"] += on_account > 0
        self.counts["on_account_only"] += not allocations
        self.counts["on_account_pence"] += on_account
        return {"kind": "credit-note", "customer": source.customer, "currency": CURRENCY,
                "amount": pounds(-source.total // 10), "reason": reason_of(source),
                "allocations": self.cell(allocations), "on_account": pounds(on_account) if on_account else ""}

    @staticmethod
    def cell(allocations):
        return " ".join("%s:%s" % (invoice, pounds(pence)) for invoice, pence in allocations)

    def correction_up(self, source):
        invoice = next(book for book in reversed(self.cash) if book.gross > 0)
        pence = source.total // 10
        invoice.left += pence
        self.counts["corrections"] += 1
        return {"kind": "correction", "customer": "CASH", "currency": CURRENCY, "amount": pounds(pence),
                "reason": REASON_UP, "allocations": self.cell([(invoice.name, pence)]), "direction": "up",
                "field": "price"}

    def write_off(self, source):
        wanted, allocations = -source.total // 10, []
        for index in range(self.cash_first, len(self.cash)):
            given = min(wanted, self.cash[index].left)
            if given:
                allocations.append((self.cash[index].name, given))
                self.cash[index].left -= given
                wanted -= given
            if not wanted:
                self.cash_first = index
                break
        if wanted:
            raise SystemExit("convert: CASH owes less than %s writes off" % source.name)
        self.write_offs += 1
        self.counts["write_offs"] += 1
        self.counts["write_off_allocations"] += len(allocations)
        self.counts["write_off_pence"] += -source.total // 10
        return {"kind": "write-off", "customer": "CASH", "currency": CURRENCY, "amount": pounds(-source.total // 10),
                "reason": REASON_WRITE_OFF, "allocations": self.cell(allocations), "method": "allowance"}

    def reversal(self, source):
        self.counts["reversals"] += 1
        named = "WO-%d" % (self.write_offs + 1) if source.name == REVERSALS[0] else "RV-1"
        return {"kind": "reversal", "reason": REASON_REVERSAL, "reverses": named}

    def correction(self, source):
        if source.name == CORRECTION_UP:
            row = self.correction_up(source)
        elif source.name in WRITE_OFFS:
            row = self.write_off(source)
        elif source.name in REVERSALS:
            row = self.reversal(source)
        elif source.name.startswith("C") and source.total < 0:
            row = self.credit_note(source)
        else:
            raise SystemExit("convert: %s: no rule for it" % source.name)
        key = "credit" if source.name.startswith("C") else "bad_debt"
        self.counts[key + "s"] += 1
        self.counts[key + "_thousandths"] += source.total
        row.update(ref=source.name, entity=ENTITY, date=source.stamp[:10], at=instant(source.stamp),
                   evidence="%s:../evidence/%s.csv" % (EVIDENCE.get(row["reason"], "lines"), source.name),
                   note="%s of %s, %d lines, %s GBP in the source" % (source.name, source.stamp, len(source.lines),
                                                                     pounds(source.total // 10)))
        return row


def instant(stamp):
    return stamp.replace(" ", "T") + ".000Z"


def write_csv(path, columns, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([row.get(name, "") for name in columns] if isinstance(row, dict) else row)


def plain(text):
    """No control characters in a file that people open; formulas keep their text but lose their power."""
    text = "".join(char for char in text if char.isprintable())
    return "'" + text if text[:1] in "=+-@" else text


def write_evidence(out, source):
    write_csv(os.path.join(out, "evidence", source.name + ".csv"),
              ("document", "time", "customer", "stock_code", "description", "quantity", "price"),
              [(source.name, source.stamp, source.customer, line.code, plain(line.text), line.quantity,
                "%s.%03d" % ("-" * (line.price < 0) + str(abs(line.price) // 1000), abs(line.price) % 1000))
               for line in source.lines])


def convert(folder, out):
    """Writes everything; the totals."""
    sources, line_count = read_sources(folder)
    for part in ("invoices", "corrections", "evidence"):
        os.makedirs(os.path.join(out, part), exist_ok=True)
    converter = Converter()
    invoices, corrections, index, customers = {}, {}, [], set()
    for source, kind in sources:
        customers.add(source.customer)
        day = source.stamp[:10]
        if kind == "invoice":
            converter.invoice(source)
            due = datetime.date.fromisoformat(day) + datetime.timedelta(days=TERMS)
            gross = pounds(converter.open[source.name].gross)
            invoices.setdefault(day, []).append((source.name, source.customer, day, due.isoformat(), CURRENCY, TAX,
                                                 gross, "0.00", day + "T00:00:00.000Z"))
            index.append((source.name, "invoice", source.stamp, source.customer, gross, "", "", "", ""))
            continue
        row = converter.correction(source)
        write_evidence(out, source)
        corrections.setdefault(day, []).append(row)
        index.append((source.name, row["kind"], source.stamp, source.customer, row.get("amount", ""), row["reason"],
                      len(row.get("allocations", "").split()), row.get("on_account", ""), row.get("reverses", "")))
    for day, rows in invoices.items():
        write_csv(os.path.join(out, "invoices", day + ".csv"),
                  ("invoice", "customer", "date", "due", "currency", "tax_code", "net", "tax", "at"), rows)
    for day, rows in corrections.items():
        write_csv(os.path.join(out, "corrections", day + ".csv"), CORRECTION_COLUMNS, rows)
    write_csv(os.path.join(out, "customers.csv"),
              ("customer", "group", "currency", "limit", "terms_days", "related", "name"),
              [(name, name, CURRENCY, LIMIT_CASH if name == "CASH" else LIMIT, TERMS, "no", "Customer " + name)
               for name in sorted(customers)])
    write_csv(os.path.join(out, "index.csv"),
              ("document", "became", "time", "customer", "amount", "reason", "invoices", "on_account", "reverses"),
              index)
    totals = dict(converter.counts, lines=line_count, customers=len(customers - {"CASH"}),
                  first_day=min(invoices), last_day=max(max(invoices), max(corrections)),
                  invoice_days=len(invoices), correction_days=len(corrections),
                  latest_time=max(source.stamp[11:] for source, _ in sources))
    totals["net_thousandths"] = (totals["invoice_thousandths"] + totals["credit_thousandths"]
                                 + totals["bad_debt_thousandths"])
    totals["rounding_thousandths"] = totals["invoice_pence_fed"] * 10 - totals["invoice_thousandths"]
    with open(os.path.join(out, "totals.json"), "w", encoding="utf-8") as file:
        json.dump(totals, file, indent=1, sort_keys=True)
        file.write("\n")
    return totals


def pounds3(value):
    return "%s%s.%03d" % ("-" if value < 0 else "", f"{abs(value) // 1000:,}", abs(value) % 1000)


def tie_out(totals):
    """Lines that tie the conversion to the published figures."""
    out = ["invoices     %s of %s GBP; fed, rounded half-even to pence: %s GBP, difference %s on %d invoices" % (
        f"{totals['invoices']:,}", pounds3(totals["invoice_thousandths"]), pounds3(totals["invoice_pence_fed"] * 10),
        pounds3(totals["rounding_thousandths"]), totals["rounded_invoices"]),
        "credits      %s of %s GBP: %s credit notes and one correction upwards" % (
            f"{totals['credits']:,}", pounds3(totals["credit_thousandths"]), f"{totals['credit_notes']:,}"),
        "bad debts    %d of %s GBP: %d write-offs, %d reversals" % (
            totals["bad_debts"], pounds3(totals["bad_debt_thousandths"]), totals["write_offs"], totals["reversals"]),
        "net          %s GBP" % pounds3(totals["net_thousandths"]),
        "matched      credit lines of goods with a customer: %s fully, %s in part, %s not at all (%s GBP loose); "
        "of CASH: %d, %d, %d" % (
            f"{totals['goods_full']:,}", f"{totals['goods_part']:,}", f"{totals['goods_none']:,}",
            pounds3(totals["goods_loose_thousandths"]), totals.get("goods_full_cash", 0),
            totals.get("goods_part_cash", 0), totals.get("goods_none_cash", 0)),
        "allocations  %s, %s documents touch several invoices; on account %s GBP in %s documents, %s of them whole; "
        "%d allocations cut to what the invoice had left (%s GBP)" % (
            f"{totals['allocations']:,}", f"{totals['several_invoices']:,}", pounds3(totals["on_account_pence"] * 10),
            f"{totals['on_account_documents']:,}", f"{totals['on_account_only']:,}", totals["capped_allocations"],
            pounds3(totals["capped_pence"] * 10))]
    wrong = ["%s: %s, published %s" % (name, totals[name], value) for name, value in PUBLISHED.items()
             if totals[name] != value]
    return out, wrong


def main():
    if len(sys.argv) != 3:
        print("usage: convert.py DATA/online-retail OUT", file=sys.stderr)
        return 2
    started = time.monotonic()
    totals = convert(sys.argv[1], sys.argv[2])
    lines, wrong = tie_out(totals)
    print("\n".join(lines))
    for text in wrong:
        print("DIFFERS      " + text)
    print("converted in %.1f s%s" % (time.monotonic() - started, "" if wrong else "; all published figures tie"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
