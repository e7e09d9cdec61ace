"""growth.svg: how cost grows with the size of a book. Three frames on one scale of sizes, both axes logarithmic; a dot is the median of
the rounds, the bar through it goes from the least to the most. No scripts, no fonts from elsewhere.
"""
import math

from measure import spread
from report import digits

# A frame: title, unit, what its numbers are divided by, and the curves of it with their words and colours (workloads.py names them).
FRAMES = (
    ("A decision", "signature checks", 1, (("many", "1,000 in the windows", "1,000 documents in the windows", "#b5382a"),
                                           ("few", "few in the windows", "few in the windows", "#1f5fa8"),
                                           ("list", "in lists", "in a list of 1,000", "#2a7f4f"))),
    ("Verification of an entry", "µs", 1, (("full", "and decisions", "decided again too", "#b5382a"),
                                           ("fast", "signatures", "form, chain, tree, signatures", "#1f5fa8"))),
    ("Reading", "ms", 1000, (("log", "log", "log of a customer", "#8a5a00"), ("inbox", "inbox", "inbox", "#6a3d9a"),
                             ("aging", "ageing", "ageing, books open", "#b5382a"),
                             ("balances", "all balances", "all balances, books open", "#2a7f4f"),
                             ("balance", "balance", "one balance, books open", "#1f5fa8"))),
)
FRAME_WIDTH, FRAME_HEIGHT, LEFT, TOP, GAP, LABELS = 250, 280, 70, 78, 70, 176
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


def grid(x, y, unit):
    out = []
    for size in x.decades():
        out += [line(x.place(size), y.begin, x.place(size), y.end, FAINT, 0.6), text(x.place(size), y.begin + 17, count(size), "middle", 11)]
    for value in y.decades():
        out += [line(x.begin, y.place(value), x.end, y.place(value), FAINT, 0.6), text(x.begin - 7, y.place(value) + 4, digits(value), "end", 11)]
    return out + [text(x.begin - 7, y.end - 12, unit, "start", 11)]


def apart(labels, step):
    """Labels (y, words, colour) from top to bottom, moved until none covers another."""
    placed = []
    for y, words, colour in sorted(labels):
        placed.append((max(y, placed[-1][0] + step) if placed else y, words, colour))
    return placed


def curve(x, y, found, divisor, colour):
    places = [(x.place(size), y.place(over.median / divisor)) for size, over in found]
    joined = " ".join(f"{px:.1f},{py:.1f}" for px, py in places)
    out = [f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="2"/>']
    for (px, py), (_, over) in zip(places, found):
        out.append(line(px, y.place(over.low / divisor), px, y.place(over.high / divisor), colour, 1.2))
        out.append(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3.6" fill="{colour}"/>')
    return out


def frame(results, spec, x, y_pixels, floor):
    """One frame, or nothing where no curve of it was measured."""
    title, unit, divisor, curves = spec
    drawn = [(words, colour, points(results, name)) for _, name, words, colour in curves]
    drawn = [one for one in drawn if one[2]]
    values = [value / divisor for _, _, found in drawn for _, over in found for value in (over.low, over.high)] + ([floor] if floor else [])
    y = Axis(values, *y_pixels)
    out = [text(x.begin, TOP - 34, title, size=15, weight="bold"), *grid(x, y, unit)]
    labels = []
    if floor:
        out.append(line(x.begin, y.place(floor), x.end, y.place(floor), INK, 1.4, "5 4"))
        labels.append((y.place(floor) + 4, "Ed25519 alone, all cores", INK))
    for words, colour, found in drawn:
        out += curve(x, y, found, divisor, colour)
        last = found[-1][1].median / divisor
        labels.append((y.place(last) + 4, f"{words}: {digits(last)}", colour))
    return out + [text(x.end + 8, place, words, size=11, colour=colour) for place, words, colour in apart(labels, 14)]


def draw(results):
    """The picture as SVG; "" where nothing was measured at two sizes."""
    frames = [spec for spec in FRAMES if any(points(results, name) for _, name, _, _ in spec[3])]
    sizes = {size for spec in frames for _, name, _, _ in spec[3] for size, _ in points(results, name) if size}
    if len(sizes) < 2:
        return ""
    width, height = LEFT + len(frames) * (FRAME_WIDTH + LABELS + GAP) - GAP + 10, TOP + FRAME_HEIGHT + 62
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
           'font-family="Helvetica, Arial, sans-serif">', f'<rect width="{width}" height="{height}" fill="#fff"/>',
           text(LEFT, 22, "What things cost as the book grows: flat is good", size=14, colour="#555")]
    for place, spec in enumerate(frames):
        left = LEFT + place * (FRAME_WIDTH + LABELS + GAP)
        x = Axis(sizes, left, left + FRAME_WIDTH)
        out += frame(results, spec, x, (TOP + FRAME_HEIGHT, TOP), floor_of(results) if spec[0].startswith("Verification") else None)
        out.append(text(left + FRAME_WIDTH / 2, TOP + FRAME_HEIGHT + 40, "entries in the book" if place == 1 else "documents in the book", "middle", 12))
    return "\n".join(out + ["</svg>"]) + "\n"
