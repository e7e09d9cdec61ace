"""Results as text: on the terminal while they come, and as RESULTS.md."""
import os

from measure import met, spread

# In which unit a number is shown, by the end of its name: (divisor, unit); and a target's, by its unit.
SUFFIXES = (("_us", 1, "µs"), ("seconds", 1, "s"), ("_kib", 1024, "MiB"), ("_bytes", 1 << 20, "MiB"), ("rate", 1, "/s"))
UNITS = {"": 1, "µs": 1, "ms": 1000, "s": 1, "MiB": 1024, "/s": 1}
NAMES = {"rate": "", "seconds": "", "each_us": "each", "p50_us": "p50", "p99_us": "p99", "raw_p50_us": "raw syncs p50", "raw_p99_us": "p99",
         "peak_kib": "peak memory", "own_kib": "own memory", "resident_kib": "resident", "worked_us": "a document", "verify_us": "a signature check",
         "read_rate": "reads", "read_p99_us": "reads p99", "balance_us": "balance of one", "balances_us": "balance", "aging_us": "aging",
         "inbox_us": "inbox", "log_us": "log of one", "status_us": "status", "output_bytes": "the file", "bundle_bytes": "the bundle",
         "stored_bytes": "entries", "journal_bytes": "journal", "books_bytes": "books"}
PARTS_SHOWN = 10


def digits(value):
    """A number with three digits that count, as people write it."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    places = 0
    while abs(value) * 10 ** places < 100 and places < 6:
        places += 1
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def shown(values, divisor, unit):
    """The median, and between what the rounds lay where there were several."""
    over = spread(values)
    if over is None:
        return "not said"
    if unit == "µs" and over.median >= 10_000 * divisor:
        divisor, unit = divisor * 1000, "ms"
    elif unit == "s" and over.median < 0.1 * divisor:
        divisor, unit = divisor / 1000, "ms"
    space = "" if unit in ("/s", "") else " "
    text = digits(over.median / divisor) + space + unit
    if len(values) > 1:
        text += f" ({digits(over.low / divisor)} to {digits(over.high / divisor)})"
    return text


def figure(result, key, side):
    divisor, unit = next(((divisor, unit) for end, divisor, unit in SUFFIXES if key.endswith(end)), (1, ""))
    values = result.numbers(key, side)
    return f"{NAMES.get(key, key.replace('_', ' '))} {shown(values, divisor, unit)}".strip() if values else ""


def figures(result, side):
    """What one side of a measurement came to, in a line."""
    if side in result.missing:
        return f"not measured: {result.missing[side]}"
    shows = result.measurement.shows
    memory = () if "peak_kib" in shows or "own_kib" in shows else ("peak_kib",)
    found = [figure(result, key, side) for key in shows + memory]
    return ", ".join(text for text in found if text) or "not said"


def wanted_text(target):
    if not target.wanted:
        return ""
    how, bound = target.wanted
    unit = f"{'' if target.unit == '/s' else ' '}{target.unit}" if target.unit else ""
    return f"{'≤' if how == '<=' else '≥'} {digits(bound / UNITS[target.unit])}{unit}"


def verdict(target, values):
    """met, missed by how much, or nothing where nothing is wanted."""
    over = spread(values)
    if over is None or not target.wanted:
        return ""
    if met(target, over.median):
        return "met"
    bound = target.wanted[1]
    factor = over.median / bound if target.wanted[0] == "<=" else bound / over.median if over.median else float("inf")
    return f"missed by {digits(factor)} ×"


def print_result(result, out):
    """A measurement on the terminal."""
    print(f"\n{result.measurement.name}: {result.measurement.what} [{result.seconds:.0f} s]", file=out)
    if result.failed:
        print(f"    could not be measured: {result.failed}", file=out)
    else:
        for place, side in enumerate(result.measurement.sides):
            print(f"    {side.name:<34} {figures(result, place)}", file=out)
        for target in result.measurement.targets:
            values = result.ratios(target)
            if values:
                said = f"    {target.what:<34} {shown(values, UNITS[target.unit], target.unit)}"
                print(said + (f", wanted {wanted_text(target)}: {verdict(target, values)}" if target.wanted else ""), file=out)
    out.flush()


# ---------------------------------------------------------------- RESULTS.md

def head(run):
    """Title, what was measured on, and how to do it again."""
    lines = [f"# Figures of {run.date}", "",
             "Written by `make bench`; nothing here was typed by hand. [README.md](README.md) says what is measured and how,",
             "[NOTES.md](NOTES.md) why what is missed is missed, and what was tried.", "",
             f"    {run.command}", "",
             f"took {run.seconds / 60:.0f} minutes, {run.rounds} rounds of each measurement unless a row says otherwise; the load average was",
             f"{run.load_before} before and {run.load_after} after. Each figure is the median over rounds, with the least and the most behind it; a",
             "ratio is taken in each round, of two figures that were measured right beside each other.", "", "| | |", "|---|---|"]
    lines += [f"| {what} | {value} |" for what, value in run.facts]
    return lines + [f"| {name} | {value} |" for name, value in versions(run.results)]


def versions(results):
    """What peers said of themselves, and of how they were set up."""
    found = {}
    for result in results:
        for line in result.rounds:
            for side, said in zip(result.measurement.sides, line):
                if said and "version" in said:
                    how = f"; {said['how']}" if said.get("how") else ""
                    found.setdefault(side.name, f"{said['version']}{how}")
    return sorted(found.items())


def wanted_table(results):
    lines = ["", "## What is wanted, and what was reached", "", "| measurement | what | reached | wanted | |", "|---|---|---|---|---|"]
    for result in results:
        for target in result.measurement.targets:
            values = result.ratios(target)
            if target.wanted and values:
                lines.append(f"| {result.measurement.name} | {target.what} | {shown(values, UNITS[target.unit], target.unit)} | "
                             f"{wanted_text(target)} | {verdict(target, values)} |")
    return lines


def group_table(group, results):
    lines = ["", f"## {group}", "", "| measurement | what | who | figures |", "|---|---|---|---|"]
    for result in results:
        name, what = result.measurement.name, result.measurement.what
        if len(result.rounds) > 1 and result.measurement.rounds:
            what += f" ({len(result.rounds)} rounds)"
        elif len(result.rounds) == 1:
            what += " (one round)"
        for place, side in enumerate(result.measurement.sides):
            lines.append(f"| {name if place == 0 else ''} | {what if place == 0 else ''} | {side.name} | {figures(result, place)} |")
        for target in result.measurement.targets:
            values = result.ratios(target)
            if values:
                lines.append(f"| | | *{target.what}* | {shown(values, UNITS[target.unit], target.unit)} |")
    return lines


def parts_table(results):
    """Where bytes go, of whoever says so: the largest tables of the last round."""
    lines = []
    for result in results:
        parts = result.rounds[-1][0].get("parts") if result.rounds and result.rounds[-1][0] else None
        if not parts:
            continue
        ordered = sorted(parts.items(), key=lambda one: -one[1])
        total = sum(parts.values()) or 1
        rest = sum(size for _, size in ordered[PARTS_SHOWN:])
        lines += ["", f"Where the bytes of {result.measurement.name} are:", "", "| table | MiB | part |", "|---|---|---|"]
        lines += [f"| {name} | {digits(size / (1 << 20))} | {size / total:.0%} |" for name, size in ordered[:PARTS_SHOWN] + [("all others", rest)]]
    return lines


def results_page(run):
    lines = head(run) + wanted_table(run.results)
    if run.picture:
        lines += ["", "## How cost grows", "", "![Cost against the size of the book](growth.svg)"]
    groups = list(dict.fromkeys(result.measurement.group for result in run.results))
    for group in groups:
        mine = [result for result in run.results if result.measurement.group == group]
        lines += group_table(group, mine) + parts_table(mine)
    return "\n".join(lines) + "\n"


def write_whole(path, text):
    """Puts a file in its place once all of it is written. Raises OSError, and leaves nothing half-written."""
    partial = path + ".new"
    try:
        with open(partial, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        if os.path.exists(partial):
            os.remove(partial)
