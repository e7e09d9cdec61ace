"""What a measurement is, and how its rounds are taken.

A measurement has sides: ours first, then its bounds and peers. A side is a command that does one round of the work and prints,
as its last line, one object of JSON:

    {"count": 1000, "seconds": 0.8}                     work done, and how long it took: "rate" comes of the two
    {"p50_us": 410, "p99_us": 900, "raw_p50_us": 160}   or any other numbers, their unit last in their names; of these two comes
                                                        "p50_raws", how many bare writes it took
    {"missing": "postgresql-15 is not installed"}       this side cannot be measured here; exit status 0

Another exit status than 0 is a failure, and the last line of standard error says why. Sides are run in turn, A B A B, so what
others do to the machine meets all of them; ratios are taken in each round, and it is the median of these ratios that counts.

In the words of a command these are filled in: {dir}, an empty directory of this side for this measurement (also TMPDIR; the same
one in each round); {round}, the number of the round from 0; {build}, the folder of the built programs; {book}, where the book
that the side asks for lies, a copy of it for who writes to it; {tests}, the folder tests/; {cpu}, a processor that may be used.
"""
import json
import os
import signal
import statistics
import subprocess
import threading
from dataclasses import dataclass, field

STDERR_LINES = 60
KILL_SECONDS = 3


@dataclass(frozen=True)
class Side:
    """One who does the work: {dir} and the others (see above) are filled into the words of command."""
    name: str
    command: tuple
    book: str = ""        # a book that has to be there before: "list-100000" (books.py); "": none
    writes: bool = False  # it writes to that book, so it gets a copy of its own
    seconds: float = 900  # a round that takes longer has failed


@dataclass(frozen=True)
class Target:
    """A figure of each round: number `over` of one side, divided by number `under` of another (or by 1), and what we want of it."""
    what: str                # "p50, in raw syncs"
    over: str                # "p50_us"; "rate" is count / seconds, "each_us" its inverse
    under: str = ""          # "": over is taken as it is
    over_side: int = 0       # place of the side
    under_side: int = 1
    wanted: tuple = ()       # ("<=", 3.5), (">=", 0.7), as the number is printed by the side; (): none
    unit: str = ""           # in which it is shown (report.py): "ms" of a number of microseconds; "": it is a ratio
    curve: str = ""          # the line of the picture on which it is a point (picture.py); the size is the measurement's


@dataclass(frozen=True)
class Measurement:
    name: str                # "decide-single-100000": what ONLY takes, whole or up to a "-"
    group: str               # heading under which it is reported
    what: str                # one sentence
    sides: tuple
    targets: tuple = ()
    shows: tuple = ("rate",)  # numbers of each side that are reported besides
    size: int = 0            # entries or documents in the book; 0: it has no book
    full: bool = False       # only with FULL=1
    on_disk: bool = False    # {dir} is on the real disk, otherwise in memory
    rounds: int = 0          # how many at most, for what takes long; 0: as many as are asked for


class Failed(Exception):
    """A side could not do its work; the text says why."""


@dataclass
class Spread:
    """Medians over rounds, and between what they lay."""
    median: float
    low: float
    high: float


@dataclass
class Result:
    measurement: Measurement
    rounds: list = field(default_factory=list)   # for each round a list: what each side printed
    missing: dict = field(default_factory=dict)  # side's place -> why it could not be measured
    failed: str = ""                             # why nothing is known
    seconds: float = 0                           # that it took, its books included

    def numbers(self, key, side=0):
        """That number of a side in each round; empty where it did not say it."""
        found = [number(line[side], key) for line in self.rounds if line[side] is not None]
        return [value for value in found if value is not None]

    def ratios(self, target):
        """What the target is about, one for each round."""
        values = []
        for line in self.rounds:
            over = number(line[target.over_side], target.over)
            under = number(line[target.under_side], target.under) if target.under else 1.0
            if over is not None and under:
                values.append(over / under)
        return values


def number(line, key):
    """A number that a side printed, or that follows from what it printed; None: it did not."""
    if line is None:
        return None
    if key in ("rate", "each_us") and key not in line:
        count, seconds = line.get("count"), line.get("seconds")
        if not count or not seconds:
            return None
        return count / seconds if key == "rate" else seconds * 1e6 / count
    if key in ("p50_raws", "p99_raws") and key not in line:
        over, under = line.get(key[:3] + "_us"), line.get("raw_" + key[:3] + "_us")
        return over / under if over and under else None
    value = line.get(key)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def spread(values):
    """The median with the least and the most; None of nothing."""
    return Spread(statistics.median(values), min(values), max(values)) if values else None


def met(target, value):
    """Whether a value is as wanted; None where nothing is wanted."""
    if not target.wanted:
        return None
    how, bound = target.wanted
    return value <= bound if how == "<=" else value >= bound


class Interrupted(Exception):
    """A signal came; args[0] is its number."""


running = []  # the process that is at work, for whoever has to end it
starting = []  # not empty while one is started: a signal then has to wait, or nobody would know of that process
signals = []  # that came meanwhile


def interrupt(number, _):
    """Handles a signal that ends the run; those after it are left aside, so that what is cleaned up is cleaned up once."""
    signal.signal(number, signal.SIG_IGN)
    if starting:
        signals.append(number)
    else:
        raise Interrupted(number)


def start(words, **how):
    """A process in a group of its own, with all that it will start; stands in running from its first moment on."""
    starting.append(True)
    try:
        process = subprocess.Popen(words, start_new_session=True, **how)
        running.append(process)
    finally:
        starting.clear()
        if signals:
            raise Interrupted(signals[0])
    return process


def end_running():
    """Ends what is at work, with all that it started."""
    for process in list(running):
        for how in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, how)
                process.wait(timeout=KILL_SECONDS)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue


def listen(stream, kept, heard):
    """Reads what a program says on standard error to its end: the last of it is kept, heard(line) is told of each."""
    for line in stream:
        kept.append(line)
        del kept[:-STDERR_LINES]
        if heard:
            heard(line.decode("utf-8", "replace").strip())


def run_words(words, directory, seconds, heard=None):
    """Runs a command in a process group of its own; returns its standard output. Raises Failed."""
    environment = {**os.environ, "TMPDIR": directory, "XDG_STATE_HOME": os.path.join(directory, "state")}
    try:
        process = start(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    except OSError as error:
        raise Failed(f"{words[0]}: {error.strerror}") from None
    kept, errors = [], process.stderr
    process.stderr = None  # communicate reads the other one
    listener = threading.Thread(target=listen, args=(errors, kept, heard), daemon=True)
    listener.start()
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        end_running()
        raise Failed(f"{os.path.basename(words[0])}: took more than {seconds:g} s") from None
    finally:
        if process.poll() is not None:
            running.remove(process)
    listener.join(KILL_SECONDS)
    if process.returncode != 0:
        raise Failed(f"{os.path.basename(words[0])}: {why(process.returncode, b''.join(kept))}")
    return output.decode("utf-8", "replace")


def why(status, errors):
    """What a program said before it failed, or how it ended. A failed assertion speaks as cmocka lets it: a reason, then a place."""
    lines = [line.strip() for line in errors.decode("utf-8", "replace").splitlines() if line.strip()]
    reasons = [line.partition("ERROR: ")[2] for line in lines if line.startswith("ERROR: ")]
    reasons += [line.partition("--- ")[2] for line in lines if line.startswith("[  ERROR   ] --- ") and "[ " not in line[17:]]
    reasons += [line for line in reversed(lines) if line[0] not in "[{" and "FAILED TEST" not in line]
    how = f"signal {-status}" if status < 0 else f"exit status {status}"
    return f"{(reasons or ['no word of why'])[0][:300]} ({how})"


def run_side(words, directory, seconds):
    """One round of a side: the object that it printed. Raises Failed."""
    lines = [line for line in run_words(words, directory, seconds).splitlines() if line.strip()]
    try:
        line = json.loads(lines[-1])
    except (IndexError, ValueError):
        raise Failed(f"{os.path.basename(words[0])}: its last line is no JSON") from None
    if not isinstance(line, dict):
        raise Failed(f"{os.path.basename(words[0])}: its last line is no object")
    return line


def fill(words, places):
    """The words of a command with {dir}, {build}, ... filled in."""
    filled = []
    for word in words:
        for name, value in places.items():
            word = word.replace("{" + name + "}", value)
        filled.append(word)
    return filled


def take(measurement, rounds, places, progress):
    """All rounds of a measurement.

    in      places: for each side what is filled into its words, "dir" among them; progress(round): called before each.
    returns a Result; one that failed says why.
    """
    result = Result(measurement)
    for turn in range(min(rounds, measurement.rounds or rounds)):
        progress(turn)
        line = []
        for place, side in enumerate(measurement.sides):
            if place in result.missing:
                line.append(None)
                continue
            try:
                said = run_side(fill(side.command, {**places[place], "round": str(turn)}), places[place]["dir"], side.seconds)
            except Failed as failure:
                result.failed = f"{side.name}: {failure}"
                return result
            if "missing" in said:
                result.missing[place] = str(said["missing"])
            line.append(None if "missing" in said else said)
        result.rounds.append(line)
    return result
