"""The table of measurements: what make bench takes, in the order in which it is reported."""
import importlib.util
import os
from dataclasses import dataclass

from measure import Measurement, Side, Target

BOUNDS, ONE, MANY, SIZE, VERIFY, READ, OPEN, FILES, REAL = (
    "What bounds a ledger on this machine", "One statement at a time", "Many at once", "A decision as the book grows", "Verification",
    "Reading", "Starting and opening", "Copies, bundles and bytes on disk", "The real documents")

VERIFY_ALL = ("{build}/bench/bounds", "verify", "0", "4000")


@dataclass(frozen=True)
class Scale:
    """How much of everything. verified: of books that are verified; signed: of those without decisions; books: of all others."""
    books: tuple = (10_000, 100_000)
    verified: tuple = (1_000, 10_000)
    signed: tuple = (10_000, 100_000)
    full_books: tuple = (1_000_000,)
    full_verified: tuple = (100_000, 1_000_000)
    full_signed: tuple = (1_000_000, 10_000_000)
    fresh: int = 1000         # documents of a book that is new
    statements: int = 200     # of a round
    people: int = 4000        # customers of the server's book
    seconds: float = 1        # of a server's round
    stream: int = 2000
    hashes: int = 100_000


QUICKEST = Scale(books=(300,), verified=(300,), signed=(300,), full_books=(), full_verified=(), full_signed=(), fresh=300, statements=20,
                 people=1000, seconds=0.2, stream=100, hashes=1000)


def program(name, *words):
    return ("{build}/bench/" + name, *[str(word) for word in words])


def syncing(*words):
    """The same with raw syncs between the statements."""
    return ("env", "SYNCS=1", *words)


def bounds(scale):
    one, two = "1 a commit", "1,000 a commit"
    return [
        Measurement("bounds-sync", BOUNDS, "600 bytes appended and synced, one after the other; the same into bare LMDB, a commit each, and "
                    "with one random index", (Side("raw fdatasync", program("bounds", "sync", "{dir}", 300)),
                                              Side(f"LMDB, {one}", program("bounds", "lmdb", "{dir}", 200, 1)),
                                              Side(f"LMDB, {one}, one random index", program("bounds", "lmdb", "{dir}", 200, 1, "index"))),
                    (Target("LMDB's commit, in raw syncs (p50)", "p50_us", "p50_us", 1, 0),
                     Target("LMDB's commit with an index, in raw syncs (p50)", "p50_us", "p50_us", 2, 0)),
                    ("p50_us", "p99_us"), on_disk=True),
        Measurement("bounds-lmdb", BOUNDS, "600 bytes into bare LMDB in memory, 1,000 a commit, by sequence, and with one random index",
                    (Side(f"LMDB, {two}", program("bounds", "lmdb", "{dir}", 50_000, 1000)),
                     Side(f"LMDB, {two}, one random index", program("bounds", "lmdb", "{dir}", 50_000, 1000, "index"))), shows=("rate",)),
        Measurement("bounds-ed25519", BOUNDS, "Ed25519 over 600 bytes by libsodium",
                    (Side("verify, all cores", program("bounds", "verify", 0, 4000)), Side("verify, one core", program("bounds", "verify", 1, 4000)),
                     Side("sign, one core", program("bounds", "sign", 5000))),
                    (Target("all cores against one", "rate", "rate", 0, 1),)),
        Measurement("bounds-sha256", BOUNDS, "SHA-256 of 500 bytes by libsodium, on one core",
                    (Side("SHA-256", program("bounds", "sha256", scale.hashes)),), shows=("each_us",)),
    ]


def latency(name, what, book, size, scale, full=False):
    return Measurement(name, ONE, what, (Side("countersign", syncing(*program("decide", "single", "{book}", scale.statements)), book=book,
                                              writes=True),),
                       (Target("p50, in raw syncs", "p50_us", "raw_p50_us", under_side=0, wanted=("<=", 3.5)),
                        Target("p99, in raw syncs", "p99_us", "raw_p99_us", under_side=0, wanted=("<=", 4.0))),
                       ("p50_us", "p99_us", "raw_p50_us", "raw_p99_us"), size=size, full=full, on_disk=True)


def one_at_a_time(scale):
    what = "a correction, its signature checked, decided and durable, before the next is sent; between two of them a raw sync"
    large = scale.books[-1]
    rows = [latency("single-fresh", what, f"list-{scale.fresh}", scale.fresh, scale),
            latency(f"single-{large}", what, f"list-{large}", large, scale)]
    rows += [latency(f"single-{size}", what, f"list-{size}", size, scale, full=True) for size in scale.full_books]
    rows.append(Measurement("approve", ONE, "an approval of one document, in memory",
                            (Side("countersign", program("decide", "approve", "{book}", scale.statements // 2), f"list-{scale.books[0]}", True),),
                            (Target("cost, in signature checks", "worked_us", "verify_us", under_side=0),), ("p50_us", "p99_us"),
                            size=scale.books[0]))
    return rows


def served(scale, writers, readers=0, wanted=(), full=False):
    ours = Side("countersign serve", program("load", "{build}/countersignd", "{book}", writers, readers, scale.seconds),
                f"people-{scale.people}", True)
    targets = (Target("of Ed25519 on all cores", "rate", "raw_rate", under_side=0, wanted=wanted),
               Target("p50, in raw syncs", "p50_us", "raw_p50_us", under_side=0))
    shows = ("rate", "p50_us", "p99_us", "own_kib") + (("read_rate", "read_p99_us") if readers else ())
    name = f"serve-{writers}" + (f"-readers-{readers}" if readers else "")
    what = "one connection with one signed correction open" if writers == 1 else f"{writers} connections with one signed correction open each"
    return Measurement(name, MANY, what + (f", and {readers} that read lists" if readers else ""), (ours,), targets, shows, on_disk=True,
                       full=full)


def lists(scale, each, size, full=False):
    count = max(1, min(20, 2000 // each))
    return Measurement(f"list-{each}-of-{size}", MANY, f"{each} corrections in one statement, in memory",
                       (Side("countersign", program("decide", "list", "{book}", count, each), f"list-{size}", True),),
                       (Target("documents, to one core's signature checks", "verify_us", "worked_us", under_side=0,
                               wanted=(">=", 2.0) if each == 100 else ()),), ("rate", "peak_kib"), size=size, full=full)


def many_at_once(scale):
    rows = [served(scale, 1), served(scale, 16, wanted=(">=", 0.5)), served(scale, 64, wanted=(">=", 0.65)),
            served(scale, 64, 16, full=True), served(scale, 1000, full=True)]
    rows.append(Measurement("stream", MANY, "corrections with a signature each, let in by groups, their signatures checked beside it, in memory",
                            (Side("countersign", program("decide", "stream", "{book}", scale.stream), f"list-{scale.books[0]}", True),
                             Side("Ed25519, all cores", VERIFY_ALL)),
                            (Target("of Ed25519 on all cores", "rate", "raw_rate", under_side=0, wanted=(">=", 0.7)),), size=scale.books[0]))
    rows += [lists(scale, each, scale.books[0]) for each in (10, 100, 1000)]
    return rows + [lists(scale, 100, size, full=True) for size in scale.full_books]


def by_size(scale):
    rows = []
    for size in scale.books + scale.full_books:
        for name, what, curve in (("few", "a correction on a customer whose windows are nearly empty, in memory", "few in the windows"),
                                  ("many", "a correction on a customer with a thousand documents in each window, in memory",
                                   "1,000 in the windows")):
            words = program("decide", "single" if name == "few" else "many", "{book}", scale.statements)
            rows.append(Measurement(f"decide-{name}-{size}", SIZE, what, (Side("countersign", words, f"list-{size}", True),),
                                    (Target("cost, in signature checks", "worked_us", "verify_us", under_side=0, curve=curve),),
                                    ("worked_us", "verify_us", "peak_kib"), size=size, full=size in scale.full_books))
        words = program("decide", "list", "{book}", 2 if size > 1000 else 1, 1000 if size > 1000 else 100)
        rows.append(Measurement(f"decide-list-{size}", SIZE, "one of 1,000 documents in a statement, in memory",
                                (Side("countersign", words, f"list-{size}", True),),
                                (Target("cost, in signature checks", "worked_us", "verify_us", under_side=0, curve="in lists"),),
                                ("worked_us", "verify_us", "peak_kib"), size=size, full=size in scale.full_books))
    return rows


def verification(scale):
    memory = (Target("memory of its own", "own_kib", wanted=("<=", 16 * 1024.0), unit="MiB"),
              Target("resident", "resident_kib", wanted=("<=", 160 * 1024.0), unit="MiB"))
    rows = []
    for size in scale.signed + scale.full_signed:
        full, rounds = size in scale.full_signed, 3 if size >= 100_000 else 0
        ours = Side("countersign", program("verify", "fast", "{book}"), f"signed-{size}", seconds=7200)
        rows.append(Measurement(f"verify-fast-{size}", VERIFY, "form, chain, tree and signatures of every entry, on all cores", (ours,),
                                (Target("of Ed25519 on all cores", "signature_rate", "raw_rate", under_side=0, wanted=(">=", 0.9)),
                                 Target("cost of an entry", "each_us", curve="signatures", unit="µs")) + memory,
                                ("seconds", "rate"), size=size, full=full, rounds=rounds))
        if size in scale.signed[:-1]:
            continue
        rows.append(Measurement(f"verify-unsigned-{size}", VERIFY, "the same without the signature checks (they are answered, not done)",
                                (Side("countersign", program("verify", "unsigned", "{book}"), f"signed-{size}", seconds=7200),),
                                (Target("entries a second", "rate", wanted=(">=", 800_000.0), unit="/s"),), ("seconds",), size=size, full=full,
                                rounds=rounds))
    small = scale.signed[0]
    rows.append(Measurement(f"verify-one-core-{small}", VERIFY, "form, chain, tree and signatures on one core",
                            (Side("countersign", ("taskset", "-c", "{cpu}", *program("verify", "fast", "{book}", 1)), f"signed-{small}"),),
                            (Target("of Ed25519 on one core", "signature_rate", "raw_rate", under_side=0),), ("seconds", "rate"), size=small))
    for size in scale.verified + scale.full_verified:
        ours = Side("countersign", program("verify", "full", "{book}"), f"single-{size}", seconds=7200)
        rows.append(Measurement(f"verify-full-{size}", VERIFY, "the same, with every decision made again and the books compared", (ours,),
                                (Target("of Ed25519 on all cores", "signature_rate", "raw_rate", under_side=0, wanted=(">=", 0.6)),
                                 Target("cost of an entry", "each_us", curve="and decisions", unit="µs")),
                                ("seconds", "rate", "own_kib", "resident_kib"), size=size, full=size in scale.full_verified,
                                rounds=2 if size >= 1_000_000 else 0))
    for size in scale.verified[-1:] + scale.full_verified[:1]:
        ours = Side("countersign", program("verify", "since", "{book}", "{dir}"), f"since-{size}")
        rows.append(Measurement(f"verify-since-{size}", VERIFY, "a thousand new entries, from the state of the verification before, decisions too",
                                (ours,), (Target("against their signatures alone, 5 ms left aside", "seconds_less_5ms", "raw_seconds",
                                                 under_side=0, wanted=("<=", 1.3)),), ("seconds", "peak_kib"), size=size,
                                full=size in scale.full_verified))
    return rows


SHELL = {"balance-of-one": ("balance", "--customer", "C7"), "balance": ("balance",), "aging": ("aging",), "inbox": ("inbox", "--as", "ana"),
         "log-of-one": ("log", "--customer", "C7"), "status": ("status",)}


def reading(scale):
    rows = []
    for size in scale.books + scale.full_books:
        book, full = f"list-{size}", size in scale.full_books
        rows.append(Measurement(f"read-{size}", READ, "in a process that has the books open",
                                (Side("countersign", program("reads", "open", "{book}"), book, True),),
                                (Target("one balance", "balance_us", wanted=("<=", 20.0), curve="balance", unit="µs"),
                                 Target("all balances", "balances_us", wanted=("<=", 2000.0), curve="all balances", unit="ms"),
                                 Target("ageing", "aging_us", wanted=("<=", 50_000.0), curve="ageing", unit="ms"),
                                 Target("a customer's documents in the journal", "documents_us", unit="µs")), ("peak_kib",), size=size, full=full))
        rows.append(Measurement(f"commands-{size}", READ, "whole commands in one process, from their words to the end of their output",
                                (Side("countersign", program("reads", "commands", "{book}"), book, True),),
                                (Target("inbox", "inbox_us", curve="inbox", unit="ms"), Target("log --customer", "log_us", curve="log", unit="ms")),
                                ("balance_us", "balances_us", "aging_us", "status_us", "peak_kib"), size=size, full=full))
    size = scale.books[-1]
    for name, words in SHELL.items():
        rows.append(Measurement(f"shell-{name}", READ, f"countersign {' '.join(words)}, as typed, from its start to its end",
                                (Side("countersign", ("{tests}/bench/timed", "1", "{build}/countersign", *words, "--book", "{book}/book"),
                                      f"list-{size}", True),), shows=("p50_us", "peak_kib"), size=size))
    return rows


def opening(scale):
    rows = [Measurement("start", OPEN, "countersign --version, from its start to its end",
                        (Side("countersign", ("{tests}/bench/timed", "20", "{build}/countersign", "--version")),), shows=("p50_us", "peak_kib"))]
    for size in scale.books + scale.full_books:
        book, full = f"list-{size}", size in scale.full_books
        rows.append(Measurement(f"open-{size}", OPEN, "a book that was closed",
                                (Side("countersign", program("files", "open", "{book}"), book, True),),
                                (Target("clean", "p50_us", wanted=("<=", 5000.0), unit="µs"),), ("p50_us", "p99_us"), size=size, full=full))
        rows.append(Measurement(f"open-killed-{size}", OPEN, "a book whose writer was killed",
                                (Side("countersign", program("files", "killed", "{book}"), book, True),), shows=("seconds",), size=size, full=full))
        rows.append(Measurement(f"open-unclean-{size}", OPEN, "a book whose machine stopped: the books are made again",
                                (Side("countersign", program("files", "unclean", "{book}"), book, True, 3600),),
                                (Target("unclean", "seconds", wanted=("<=", 60.0), unit="s"),), ("seconds", "peak_kib"), size=size, full=full,
                                rounds=1 if size >= 100_000 else 2))
    return rows


def timed_file(name, size, what, *words, full=False):
    return Measurement(f"{name}-{size}", FILES, what,
                       (Side("countersign", ("{tests}/bench/timed", "1", "--remove", "{dir}/out", "{build}/countersign", *words, "--out", "{dir}/out",
                                             "--book", "{book}/book"), f"single-{size}", True, 3600),), shows=("seconds", "output_bytes", "peak_kib"),
                       size=size, full=full)


def files(scale):
    rows = []
    for size in scale.verified[-1:] + scale.full_verified:
        full = size in scale.full_verified
        rows.append(timed_file("export", size, "audit export of all entries", "audit", "export", full=full))
        rows.append(timed_file("backup", size, "a backup of the whole book", "backup", full=full))
        for scope, what in (("whole", "a bundle of the book packed"), ("last", "its last 1,000 entries"), ("sample", "60 documents of it")):
            rows.append(Measurement(f"pack-{scope}-{size}", FILES, what,
                                    (Side("countersign", program("pack", scope, "{book}", "{dir}"), f"single-{size}", True),),
                                    shows=("seconds", "bundle_bytes", "own_kib"), size=size, full=full, rounds=2 if size >= 100_000 else 0))
        rows.append(Measurement(f"sizes-single-{size}", FILES, "bytes on disk of entries with one correction each",
                                (Side("countersign", program("files", "sizes", "{book}"), f"single-{size}"),),
                                (Target("journal, to the entries' own bytes", "journal_bytes", "stored_bytes", under_side=0, wanted=("<=", 1.3)),
                                 Target("journal and books, to the same", "all_bytes", "stored_bytes", under_side=0, wanted=("<=", 2.2))),
                                ("stored_bytes", "journal_bytes", "books_bytes"), size=size, full=full, rounds=1))
    size = scale.books[-1]
    rows.append(Measurement(f"sizes-list-{size}", FILES, "the same of statements of 1,000 corrections each",
                            (Side("countersign", program("files", "sizes", "{book}"), f"list-{size}"),),
                            (Target("journal, to the entries' own bytes", "journal_bytes", "stored_bytes", under_side=0),
                             Target("journal and books, to the same", "all_bytes", "stored_bytes", under_side=0)),
                            ("stored_bytes", "journal_bytes", "books_bytes"), size=size, rounds=1))
    return rows


def real(days):
    """The wholesaler's documents, decided as tests/realdata does, then verified and read by the commands."""
    book, rows = f"real-{days}", []
    for name, words in (("verify", ("audit", "verify")), ("verify-fast", ("audit", "verify", "--fast")), ("balance", ("balance",)),
                        ("aging", ("aging",)), ("inbox", ("inbox", "--all"))):
        rows.append(Measurement(f"real-{name}", REAL, f"countersign {' '.join(words)} on the first {days} days",
                                (Side("countersign", ("{tests}/bench/timed", "1", "{build}/countersign", *words, "--book", "{book}/book"), book),),
                                shows=("seconds", "peak_kib")))
    return rows


def table(scale, days, peers):
    """All measurements. days: of real documents, 0 where there are none; peers: a file with a list PEERS of more, which may lack."""
    rows = bounds(scale) + one_at_a_time(scale) + many_at_once(scale) + by_size(scale) + verification(scale) + reading(scale)
    rows += opening(scale) + files(scale) + (real(days) if days else [])
    if os.path.exists(peers):
        spec = importlib.util.spec_from_file_location("peers", peers)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        rows += module.PEERS
    return rows
