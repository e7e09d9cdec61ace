"""growth.svg: how cost grows with the size of a book. Three frames, both axes logarithmic; a dot is the median of
the rounds, the bar through it goes from the least to the most. No scripts, no fonts from elsewhere.
"""
import math

from measure import spread
from report import digits

# A frame: title, what its numbers are, what its sizes are, its curves (workloads.py names them) with their words and colours.
FRAMES = (
    ("Deciding a document", "signature checks", "documents in the book",
     (("1,000 in the windows", "1,000 in its windows", "#b5382a"), ("few in the windows", "few in its windows", "#1f5fa8"),
      ("in lists", "one of 1,000 in a list", "#2a7f4f"))),
    ("Verifying an entry", "time", "entries in the book",
     (("and decisions", "decided again too", "#b5382a"), ("signatures", "form, chain, tree, signature", "#1f5fa8"))),
    ("Answering a reader", "time", "documents in the book",
     (("log", "log of a customer", "#8a5a00"), ("inbox", "inbox", "#6a3d9a"), ("ageing", "ageing of all", "#b5382a"),
      ("all balances", "balances of all", "#2a7f4f"), ("balance", "balance of one", "#1f5fa8"))),
)
FRAME_WIDTH, FRAME_HEIGHT, LEFT, TOP, GAP, LABELS = 230, 280, 70, 84, 66, 178
INK, FAINT = "#222", "#ccc"


def points(results, curve):
    """[(size, Spread)] of a curve, in order of size."""
    found = []
    for result in results:
        for target in result.measurement.targets:
            over = spread(result.ratios(target)) if target.curve == curve else None
            if over and over.low > 0:
                found.append((result.measurement.size, over))
    return sorted(found, key=lambda one: one[0])


def floor_of(results):
    """What a signature check alone takes, on all cores, in µs; None where nobody said."""
    rates = [rate for result in results if result.measurement.name.startswith("verify-fast-") for rate in result.numbers("raw_rate")]
    return 1e6 / spread(rates).median if rates else None


class Axis:
    """A logarithmic scale of whole decades onto pixels."""

    def __init__(self, values, begin, end):
        self.low, self.high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        self.high = max(self.high, self.low + 1)
        self.begin, self.end = begin, end

    def place(self, value):
        return self.begin + (math.log10(value) - self.low) / (self.high - self.low) * (self.end - self.begin)

    def decades(self):
        return [10.0 ** power for power in range(self.low, self.high + 1)]


def text(x, y, words, anchor="start", size=12, colour=INK, weight="normal"):
    words = words.replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}" font-weight="{weight}">{words}</text>'


def line(x1, y1, x2, y2, colour, width=1.0, dash=""):
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"{dashed}/>'


def count(size):
    return {1000: "1,000", 10 ** 4: "10,000", 10 ** 5: "100,000", 10 ** 6: "1 million", 10 ** 7: "10 million"}.get(round(size), digits(size))


def said(value, what):
    """A number of a frame with its unit: microseconds as people say them, or so many signature checks."""
    if what != "time":
        return digits(value)
    return f"{digits(value)} µs" if value < 1e3 else f"{digits(value / 1e3)} ms" if value < 1e6 else f"{digits(value / 1e6)} s"


def grid(x, y, what, sizes):
    out = []
    for size in x.decades():
        out += [line(x.place(size), y.begin, x.place(size), y.end, FAINT, 0.6), text(x.place(size), y.begin + 19, count(size), "middle", 11)]
    for value in y.decades():
        out += [line(x.begin, y.place(value), x.end, y.place(value), FAINT, 0.6), text(x.begin - 7, y.place(value) + 4, said(value, what), "end", 11)]
    return out + [text((x.begin + x.end) / 2, y.begin + 40, sizes, "middle", 12)]


def in_proportion(x, y, size, value):
    """How a cost would grow that grows as the book does, from a point on: a line of one decade in one, as far as the frame goes."""
    decades = min(x.high - math.log10(size), y.high - math.log10(value))
    if decades < 0.3:
        return []
    end_x, end_y = x.place(size * 10 ** decades), y.place(value * 10 ** decades)
    return [line(x.place(size), y.place(value), end_x, end_y, "#999", 1.2, "2 4"),
            text(end_x - 8 - 14 * (end_x - x.place(size)) / (y.place(value) - end_y), end_y + 14, "in step with the book", "end", 11, "#777")]


def apart(labels, step):
    """Labels (y, words, colour) from top to bottom, moved until none covers another."""
    placed = []
    for y, words, colour in sorted(labels):
        placed.append((max(y, placed[-1][0] + step) if placed else y, words, colour))
    return placed


def curve(x, y, found, colour):
    places = [(x.place(size), y.place(over.median)) for size, over in found]
    joined = " ".join(f"{px:.1f},{py:.1f}" for px, py in places)
    out = [f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="2"/>']
    for (px, py), (_, over) in zip(places, found):
        out.append(line(px, y.place(over.low), px, y.place(over.high), colour, 1.2))
        out.append(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3.6" fill="{colour}"/>')
    return out


def frame(results, spec, left, floor):
    """One frame; floor: what no cost can be below, or None."""
    title, what, sizes, curves = spec
    drawn = [(words, colour, found) for name, words, colour in curves if (found := points(results, name))]
    values = [value for _, _, found in drawn for _, over in found for value in (over.low, over.high)] + ([floor] if floor else [])
    x = Axis([size for _, _, found in drawn for size, _ in found], left, left + FRAME_WIDTH)
    y = Axis(values, TOP + FRAME_HEIGHT, TOP)
    out = [text(x.begin, TOP - 32, title, size=15, weight="bold"), text(x.begin, TOP - 14, "in " + what if what != "time" else "", size=11),
           *grid(x, y, what, sizes)]
    labels = []
    if floor:
        out.append(line(x.begin, y.place(floor), x.end, y.place(floor), INK, 1.4, "5 4"))
        labels.append((y.place(floor) + 4, f"Ed25519 alone: {said(floor, what)}", INK))
    if what != "time":
        size, over = min((found[0] for _, _, found in drawn), key=lambda one: one[1].median)
        out += in_proportion(x, y, size, over.median)
    for words, colour, found in drawn:
        out += curve(x, y, found, colour)
        last = found[-1][1].median
        labels.append((y.place(last) + 4, f"{words}: {said(last, what)}", colour))
    return out + [text(x.end + 10, place, words, size=11, colour=colour) for place, words, colour in apart(labels, 14)]


def draw(results):
    """The picture as SVG; "" where nothing was measured at two sizes."""
    frames = [spec for spec in FRAMES if any(len(points(results, name)) > 1 for name, _, _ in spec[3])]
    if not frames:
        return ""
    step = FRAME_WIDTH + LABELS + GAP
    width, height = LEFT + len(frames) * step - GAP + 10, TOP + FRAME_HEIGHT + 54
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
           'font-family="Helvetica, Arial, sans-serif">', f'<rect width="{width}" height="{height}" fill="#fff"/>',
           text(LEFT, 24, "What it costs, against the size of the book. A flat line: it costs the same however large the book is.", size=13,
                colour="#555")]
    for place, spec in enumerate(frames):
        out += frame(results, spec, LEFT + place * step, floor_of(results) if spec[0].startswith("Verifying") else None)
    return "\n".join(out + ["</svg>"]) + "\n"
