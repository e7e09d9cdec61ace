#!/usr/bin/python3
"""A disk that fails under each writing command (tests/support/acts.py): each call that changes a file or makes a change durable
fails in turn, with EIO, ENOSPC, EINTR, or by writing half; and from each on the disk is full. The command says what failed and what
to do, and answers 4; it answers 0 only where it is truly done; and when the disk is mended everything holds that holds after a
crash. An interrupted or short call is gone on with or told, and never taken for done.

FAILURES=all (make failures) takes every failure, FAILURES=N so many of each command (2); ONLY=NAME one command; AT=N and HOW=NAME one failure.
"""
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "support"))
import acts
import calls
from calls import Folder, Wrong, need

FAILURES_EACH = 2  # of a command, in make test
ENVIRONMENT = 4
HOWS = {"w": ("EIO", "ENOSPC", "EINTR", "SHORT", "FULL"), "s": ("EIO", "ENOSPC", "EINTR"), "d": ("EIO", "ENOSPC"),
        "t": ("EIO", "ENOSPC", "EINTR"), "o": ("EIO", "EINTR"), "f": ("EIO",), "m": ("EIO",)}


def over_of(number, how):
    return ["--from", f"{number}:ENOSPC"] if how == "FULL" else ["--fail", f"{number}:{how}"]


def told(case, how, status, out, err):
    """It says what failed, and where space is what lacks what to do about it."""
    need(status in (0, ENVIRONMENT, *getattr(case, "ends", ())), "it ended with", status, err)
    if status == 0:
        return
    if status != ENVIRONMENT:  # a bundle that cannot be read is a finding
        err = "countersign: " + out
        if "File exists" in err:
            return
    need("countersign" in err, "it says nothing:", err)
    reasons = {"EIO": ("Input/output error",), "EINTR": ("Interrupted",), "SHORT": ("",)}
    said = any(reason in err for reason in reasons.get(how, ("No space left", "disk is full")))
    need(said or "disk is full or fails" in err, "it does not say what failed:", err)
    if how in ("ENOSPC", "FULL"):
        need("free some space" in err or "look" in err, "it does not say what to do:", err)


def once(case, company, failure):
    number, how = failure
    with Folder() as folder:
        case.prepare(folder, company)
        status, out, err = calls.run(folder, *case.command, over=over_of(number, how))
        try:
            told(case, how, status, out, err)
            case.check(folder, out)
        except (Wrong, OSError, ValueError, KeyError) as wrong:
            return f"{case.name}, AT={number} HOW={how}: {wrong}"
    return None


def failures_of(case, company):
    with Folder() as folder:
        case.prepare(folder, company)
        (status, out, err), called = calls.with_notes(folder, *case.command)
        need(status == 0, case.name, "answers", status, out, err)
    return [(call["n"], how, call) for call in called if call["kind"] in HOWS for how in HOWS[call["kind"]]
            if (how != "SHORT" or call["length"] > 1) and (how != "ENOSPC" or call["call"] not in ("unlink", "rmdir"))]


def is_dear(case, how, call):
    """The journal's sync, and half of a piece of evidence; and what was told wrongly once: a bundle's folder that cannot be opened,
    a file of a bundle that cannot be taken back, a database that cannot be opened, and one whose sync has no room."""
    kind, path = call["kind"], call["path"]
    if case is acts.Post:
        return (how == "EIO" and kind == "s" and path.endswith("/journal/data.mdb")) or (how == "SHORT" and "/evidence/" in path)
    return (case is acts.Verify and how == "EIO" and kind == "o" and path.endswith("/checkpoints")) or \
        (case is acts.Pack and how == "EIO" and call["call"] == "unlink" and "/timestamps/" in path) or \
        (case is acts.Sqlite and ((how == "EIO" and call["call"] == "open" and ".part-" in path) or (how == "ENOSPC" and kind == "s")))


def asked(case, failures):
    if "AT" in os.environ:
        return [(int(os.environ["AT"]), os.environ["HOW"])]
    always = [(number, how) for number, how, call in failures if is_dear(case, how, call)]
    failures = [failure[:2] for failure in failures]
    if os.environ.get("FAILURES") == "all":
        return failures
    number = min(int(os.environ.get("FAILURES", FAILURES_EACH)), len(failures))
    return always + [failures[(2 * i + 1) * len(failures) // (2 * number)] for i in range(number)]


def main():
    why = calls.missing()
    if why is not None:
        print(why)
        return 77
    wrong, all_taken = [], 0
    with Folder() as company:
        acts.found(company)
        for case in acts.CASES:
            if os.environ.get("ONLY", case.name) != case.name:
                continue
            begun = time.monotonic()
            failures = failures_of(case, company)
            taken = asked(case, failures)
            with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
                found = [text for text in pool.map(lambda failure: once(case, company, failure), taken) if text]
            print(f"{case.name}: {len(taken)} of {len(failures)} failures, {len(found)} wrong, {time.monotonic() - begun:.1f} s", flush=True)
            wrong += found
            all_taken += len(taken)
    for text in wrong[:400]:
        print("WRONG:", text)
    print(f"{all_taken} failures, {len(wrong)} wrong")
    return 1 if wrong else 0


sys.exit(main())
