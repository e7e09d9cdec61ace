"""Ours against its peers: the same corrections kept, read back and verified by SQLite, PostgreSQL and git, and balances by hledger.

A peer decides nothing and keeps no books, so each of its sides does less than ours does; README.md says what is asked of it. Each
prints the configuration in which it was measured. A peer that is not installed says so.
"""
import os

from measure import Measurement, Side, Target

GROUP = "Peers"
THREADS = str(os.cpu_count() or 1)
ROUNDS = 3  # each makes clusters of PostgreSQL

SQLITE = "{build}/bench/peer_sqlite"
POSTGRES = "{build}/bench/peer_postgres"
GIT = ("env", "PEER_STATEMENTS={build}/bench/peer_statements", "{tests}/bench/peer_git")
HLEDGER = ("env", "COUNTERSIGN={build}/countersign", "{tests}/bench/peer_hledger")
NEW = "{dir}/{round}"  # each round begins with nothing


def ours(book, *words):
    """Our side, on a copy of that book on the disk, with bare writes between its commits."""
    return Side("countersign", ("env", "SYNCS=1", "{build}/bench/decide", words[0], "{book}", *words[1:]), book=book, writes=True)


def sqlite(*words):
    return Side("SQLite", (SQLITE, *words))


def postgres(*words, name="PostgreSQL"):
    return Side(name, (POSTGRES, *words))


def faster(sides, key="rate", how=">="):
    """We want to be ahead of each of them."""
    unit = {"rate": "corrections a second", "p50_raws": "p50", "seconds": "seconds"}[key]
    return tuple(Target(f"{unit}, against {side.name}", key, key, 0, place + 1, (how, 1.0)) for place, side in enumerate(sides[1:]))


def single(count, commits, full):
    """One waiting client. LMDB syncs twice for a commit and SQLite's log once. Each side is taken in bare writes of its own moments."""
    sides = (ours(f"list-{count}", "single", commits), sqlite("append", NEW, commits, "1"),
             postgres("append", NEW, commits, "1", "1"), Side("git", (*GIT, "append", NEW, str(int(commits) // 5))))
    targets = (Target("p50, against SQLite", "p50_raws", "p50_raws", 0, 1, ("<=", 1.4)), Target("p99, against SQLite", "p99_raws", "p99_raws", 0, 1),
               *faster(sides, "p50_raws", "<=")[1:])
    return Measurement(name=f"peers-single-{commits}", group=GROUP, sides=sides, targets=targets, on_disk=True, full=full, rounds=ROUNDS,
                       shows=("p50_us", "p50_raws", "p99_us", "p99_raws"),
                       what="one correction at a time, its signature checked, on the chain and durable before the next is handed in")


def listed(count, each, lists, full):
    """Lists under one signature."""
    total = str(each * lists)
    sides = (ours(f"list-{count}", "list", str(lists), str(each)), sqlite("append", NEW, total, str(each), str(each)),
             postgres("append", NEW, total, "1", str(each), str(each)))
    return Measurement(name=f"peers-list-{each}-{total}", group=GROUP, sides=sides, targets=faster(sides), on_disk=True, full=full,
                       rounds=ROUNDS, what=f"lists of {each} corrections, one signature and one commit a list")


def stream(count, total, full):
    """What comes by itself, many in a commit."""
    sides = (Side("countersign", ("{build}/bench/decide", "stream", "{book}", total), book=f"list-{count}", writes=True),
             sqlite("append", NEW, total, "1000"), postgres("append", NEW, total, "1", "1000"))
    return Measurement(name=f"peers-stream-{total}", group=GROUP, sides=sides, targets=faster(sides), on_disk=True, full=full, rounds=ROUNDS,
                       what="corrections with a signature each, 1,000 a commit (ours: a group), checked ahead on all processors")


def clients(seconds, total, full):
    """Several who wait; ours come through a server's socket, PostgreSQL's are threads with a connection or a queue."""
    sides = (Side("countersign", ("{build}/bench/load", "{build}/countersignd", "{book}", "16", "0", seconds), book="people-4000", writes=True),
             postgres("append", NEW, total, "16", "1", name="PostgreSQL, gathered"),
             postgres("append", NEW, str(int(total) // 4), "16", "1", "1", "trigger", name="PostgreSQL, by trigger"))
    return Measurement(name=f"peers-clients-16-{total}", group=GROUP, sides=sides, targets=faster(sides), on_disk=True, full=full,
                       rounds=ROUNDS, shows=("rate", "p50_us", "p99_us"),
                       what="16 clients who each wait until theirs is durable: gathered into commits, and with the chain by a trigger under a lock")


def lock(total, full):
    """No side of ours: what the design says of a chain under a row's lock."""
    sides = (postgres("append", NEW, total, "16", "1", "1", "trigger", name="PostgreSQL, chain by trigger"),
             postgres("append", NEW, total, "16", "1", "1", "none", name="PostgreSQL, no chain"))
    return Measurement(name=f"peers-lock-{total}", group=GROUP, sides=sides, on_disk=True, full=full, rounds=ROUNDS,
                       targets=(Target("corrections a second, against no chain", "rate", "rate"),),
                       what="what it costs PostgreSQL that 16 clients make one chain under the lock of a row")


def verify(total, commits, full):
    """Everything again that was kept; git has fewer, since each signature is a process."""
    sides = (Side("countersign", ("{build}/bench/verify", "fast", "{book}", THREADS), book=f"single-{total}"),
             sqlite("verify", "{dir}", THREADS, total), postgres("verify", "{dir}", THREADS, total),
             Side("git", (*GIT, "verify", "{dir}", THREADS, commits)))
    return Measurement(name=f"peers-verify-{total}", group=GROUP, sides=sides, targets=faster(sides), on_disk=True, full=full, rounds=ROUNDS,
                       what="chain and signatures of all that was kept, on all processors (ours: form and tree too)")


def balances(way, command, total, full):
    """Whole commands."""
    book = f"list-{total}"
    sides = (Side("countersign", (*HLEDGER, f"ours-{way}", "{dir}", "{book}/book"), book=book),
             Side("hledger", (*HLEDGER, way, "{dir}", "{book}/book"), book=book))
    return Measurement(name=f"peers-{way}-{total}", group=GROUP, sides=sides, targets=faster(sides, "seconds", "<="), full=full, rounds=ROUNDS,
                       shows=("seconds",), what=f"balances of all {way}: countersign {command}, and hledger of the exported ledger lines")


PEERS = [
    single(10000, "300", False),
    listed(10000, 1000, 5, False),
    stream(10000, "5000", False),
    clients("2", "4000", False),
    verify("10000", "200", False),
    balances("accounts", "trial balance", 10000, False),
    balances("customers", "balance", 10000, False),
    single(1000000, "10000", True),
    listed(1000000, 100, 1000, True),
    listed(1000000, 1000, 100, True),
    stream(1000000, "100000", True),
    clients("20", "50000", True),
    lock("10000", True),
    verify("100000", "2000", True),
    balances("accounts", "trial balance", 100000, True),
    balances("customers", "balance", 100000, True),
]
