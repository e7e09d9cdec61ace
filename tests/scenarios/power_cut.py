#!/usr/bin/python3
"""The power goes while a writing command (tests/support/acts.py) runs: what a cut may leave of each file and each directory is worked
out from the calls that it made (tests/support/disk.py), put down, and looked at after the next boot: acknowledged is there,
unacknowledged wholly there or wholly absent, the chain verifies, the books are believed only where they are those of the journal,
and the same command again does it. Also where a command was killed, or a sync failed, before it came again and the power went: what
the disk did not take then is not taken for safe later.

CUTS=N (1) of each command (make powercuts: 150), at places and with leftovers that SEED chooses (1); a wrong one names its own AT or
SPOILT, and SEED, with which ONLY=NAME shows it again.
"""
import os
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "support"))
import acts
import calls
import disk
from calls import Folder, Wrong, need

CUTS = int(os.environ.get("CUTS", "1"))
SEED = int(os.environ.get("SEED", "1"))


def noted(case, company, spoilt=None):
    """(the folder before, the calls, where the folder was): of the case's commands; spoilt: one is, and comes again."""
    before, place = Folder(), Folder()
    case.prepare(before.name, company)
    shutil.copytree(before.name, place.name, dirs_exist_ok=True)
    commands = [(command, []) for command in getattr(case, "commands", None) or [case.command]]
    called = []
    for command, over in [(case.command, spoilt)] + commands if spoilt else commands:
        (status, out, err), more = calls.with_notes(place.name, *command, over=over)
        need(status == 0 or spoilt, command[:2], "answers", status, out, err)
        calls.known(more)
        called += [{**call, "believed": not over, "whole": spoilt is None} for call in more]
    place.cleanup()
    return before, called, place.name


def told(called):
    return b"".join(call["bytes"] for call in called if call["kind"] == "a" and call["at"] == 1 and "bytes" in call).decode()


def not_believed(folder):
    """Books that were written to since a sync are made anew at the first command after the cut, whatever they look like; a file
    with nothing in it has nothing to believe."""
    books = f"{folder}/book/books"
    if not os.path.exists(f"{folder}/book/journal/data.mdb"):
        return
    if not os.path.exists(f"{books}/data.mdb") or os.path.getsize(f"{books}/data.mdb") == 0:
        return
    if os.path.exists(f"{books}/state"):
        with open(f"{books}/state", "rb") as state:
            if state.read() == b"clean\n":
                return
    os.link(f"{books}/data.mdb", f"{folder}/books-before")
    calls.reads(folder, "status")
    need(not os.path.samefile(f"{books}/data.mdb", f"{folder}/books-before"), "books that were not clean were believed")
    os.unlink(f"{folder}/books-before")


def cut(case, notes, at, seed):
    before, called, place = notes
    drive = disk.Disk(before.name, place)
    for call in called[:at]:
        if call["kind"] != "a":
            drive.do(call)
    if at < len(called) and called[at]["kind"] == "w" and called[at]["synced"]:
        drive.do({**called[at], "synced": 0})  # on its way
    with Folder() as folder:
        drive.leave(folder, disk.chance_of(case.name, at, seed))
        disk.another_boot(folder)
        try:
            not_believed(folder)
            case.check(folder, told([call for call in called[:at] if call["believed"]]))
        except (Wrong, OSError, ValueError, KeyError) as wrong:
            return str(wrong)
    return None


def honest(notes):
    """At every moment of the run: what must hold of all that a cut could leave then."""
    before, called, place = notes
    drive = disk.Disk(before.name, place)
    for number, call in enumerate(called):
        if call["kind"] != "a":
            drive.do(call)
            why = disk.dishonest(drive, "book")
        else:
            told_of = b'"error"' not in call.get("bytes", b"") and call["at"] == 1
            why = (disk.unsafe(drive) if call["whole"] else disk.unsafe_named(drive, "book")) if told_of else None
        if why is not None:
            return f"AT={number + 1}: {why}"
    return None


def places(called, number, chance):
    """Where to cut: after each sync and before it most is at stake, so these come twice as often."""
    likely = [at for at, call in enumerate(called) if call["kind"] == "s" or call.get("synced")]
    likely += [at + 1 for at in likely] + [len(called)]
    return [chance.choice(likely) if chance.random() < 0.5 else chance.randint(1, len(called)) for _ in range(number)]


def cuts_of(case, company, pool):
    notes = noted(case, company)
    why = honest(notes)
    if why is not None:
        return 1, [f"{case.name}, {why}"]
    chance = disk.chance_of(case.name, SEED)
    if "AT" in os.environ:
        wanted = [(int(os.environ["AT"]), SEED)]
    else:
        wanted = [(at, SEED * 1000 + number) for number, at in enumerate(places(notes[1], CUTS, chance))]
    found = list(pool.map(lambda one: cut(case, notes, *one), wanted))
    notes[0].cleanup()
    return len(wanted), [f"{case.name}, AT={at} SEED={seed}: {text}" for (at, seed), text in zip(wanted, found) if text]


def spoils_of(called):
    """Before any call it may be killed; a sync, or a write that is one, may fail."""
    for call in called:
        if call["kind"] in "wsdt":
            yield ["--kill", str(call["n"])]
        if call["kind"] == "s":
            yield ["--fail", f"{call['n']}:EIO"]
        if call["kind"] == "w" and call["synced"]:
            yield ["--fail", f"{call['n']}:LATE"]


def found_before(called):
    """What was wrong once: a sync of the books that fails, a death before their mark's directory is synced, and a folder of
    evidence whose name the disk did not take."""
    marks = [call["n"] for call in called if call["kind"] == "s" and call["path"].endswith("/book/books")]
    syncs = [call["n"] for call in called if call["kind"] == "s" and call["path"].endswith("/books/data.mdb")]
    shelves = [call["n"] for call in called if call["kind"] == "s" and call["path"].endswith("/book/evidence")]
    return [["--kill", str(number)] for number in marks[:1]] + [["--fail", f"{number}:EIO"] for number in syncs + shelves]


def spoilt_of(case, company, pool):
    """The command is spoilt, comes again, and the power goes after it."""
    with Folder() as folder:
        case.prepare(folder, company)
        _, called = calls.with_notes(folder, *case.command)
    spoils = list(spoils_of(called))
    if "SPOILT" in os.environ:
        spoils = [os.environ["SPOILT"].split()]
    else:
        disk.chance_of(case.name, SEED, "spoilt").shuffle(spoils)
        spoils = (found_before(called) if case is acts.Post else []) + spoils[:CUTS * 2]

    def one(number, spoilt):
        notes = noted(case, company, spoilt)
        if spoilt[0] == "--fail":  # for a case that cannot take back what the disk did not take
            with open(f"{notes[0].name}/a-sync-failed", "w", encoding="utf-8"):
                pass
        why = honest(notes)
        if why is not None:
            return [f"{case.name}, SPOILT='{' '.join(spoilt)}' {why}"]
        if number >= max(1, CUTS // 2):  # the rest is not looked at by a boot
            return []
        first = len([call for call in notes[1] if not call["believed"]])
        wanted = [(len(notes[1]), SEED * 1000), (first + places(notes[1][first:], 1, disk.chance_of(SEED, *spoilt))[0], SEED * 1000 + 1)]
        if "AT" in os.environ:
            wanted = [(int(os.environ["AT"]), SEED)]
        found = [(at, seed, cut(case, notes, at, seed)) for at, seed in wanted]
        notes[0].cleanup()
        return [f"{case.name}, SPOILT='{' '.join(spoilt)}' AT={at} SEED={seed}: {text}" for at, seed, text in found if text]
    return len(spoils), sum(pool.map(one, range(len(spoils)), spoils), [])


def main():
    why = calls.missing()
    if why is not None:
        print(why)
        return 77
    wrong, all_taken = [], 0
    with Folder() as company, ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        acts.found(company)
        for case in (*acts.CASES, acts.Day):
            if os.environ.get("ONLY", case.name) != case.name:
                continue
            begun = time.monotonic()
            case.most = 2  # the second of two that are the same may be an entry too
            taken, found = (0, []) if "SPOILT" in os.environ else cuts_of(case, company, pool)
            if hasattr(case, "command") and ("SPOILT" in os.environ or "AT" not in os.environ):
                more, others = spoilt_of(case, company, pool)
                taken, found = taken + more, found + others
            print(f"{case.name}: {taken} cuts, {len(found)} wrong, {time.monotonic() - begun:.1f} s", flush=True)
            wrong += found
            all_taken += taken
    for text in wrong[:100]:
        print("WRONG:", text)
    print(f"{all_taken} cuts, {len(wrong)} wrong")
    return 1 if wrong else 0


sys.exit(main())
