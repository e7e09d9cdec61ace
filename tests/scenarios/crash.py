#!/usr/bin/python3
"""Kills each writing command (tests/support/acts.py) at every call that changes a file or makes a change durable, in turn, as the
system itself sees them (tests/calls/calls.c): before the call, and where it is a write after half of it, after its first 512 bytes
and before its last 512. Whatever it was killed at: acknowledged is there, unacknowledged is wholly there or wholly absent, the
book verifies, and the same command again does it, or says that it is done, once.

This kills the process, not the machine: what was written stays in the system's cache; power_cut.py loses it.

DEATHS=all (make crashes) takes every death, DEATHS=N so many of each command (2); ONLY=NAME one command; AT=N, and CUT=BYTES, one death.
"""
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "support"))
import acts
import calls
from calls import Folder, Wrong, need

SECTOR = 512
DEATHS_EACH = 2  # of a command, in make test


def cuts_of(length):
    """How much of a write is done when it is cut: nothing, and some."""
    return [None] + sorted({cut for cut in (length // 2, SECTOR, length - SECTOR) if 0 < cut < length})


def once(case, company, death):
    number, cut = death
    with Folder() as folder:
        case.prepare(folder, company)
        over = ["--kill", str(number)] + (["--cut", str(cut)] if cut is not None else [])
        status, out, err = calls.run(folder, *case.command, over=over)
        try:
            need(status == -signal.SIGKILL or status in getattr(case, "ends", ()), "was not killed but ended with", status, err)
            case.check(folder, out)
        except (Wrong, OSError, ValueError, KeyError) as wrong:
            return f"{case.name}, AT={number}" + (f" CUT={cut}" if cut is not None else "") + f": {wrong}"
    return None


def deaths_of(case, company):
    with Folder() as folder:
        case.prepare(folder, company)
        (status, out, err), called = calls.with_notes(folder, *case.command)
        need(status == 0, case.name, "answers", status, out, err)
        calls.known(called)
        case.check(folder, out)
    return [(call["n"], cut) for call in called if call["kind"] in "wsdtf"
            for cut in (cuts_of(call["length"]) if call["kind"] == "w" else [None])]


def asked(deaths):
    if "AT" in os.environ:
        return [(int(os.environ["AT"]), int(os.environ["CUT"]) if "CUT" in os.environ else None)]
    if os.environ.get("DEATHS") == "all":
        return deaths
    number = min(int(os.environ.get("DEATHS", DEATHS_EACH)), len(deaths))
    return [deaths[(2 * i + 1) * len(deaths) // (2 * number)] for i in range(number)]


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
            try:
                deaths = deaths_of(case, company)
            except Wrong as error:
                wrong.append(f"{case.name}, left alone: {error}")
                continue
            need(len(deaths) >= 5, case.name, "makes too few calls to be killed at:", deaths)
            taken = asked(deaths)
            with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
                found = [text for text in pool.map(lambda death: once(case, company, death), taken) if text]
            print(f"{case.name}: {len(taken)} of {len(deaths)} deaths, {len(found)} wrong, {time.monotonic() - begun:.1f} s", flush=True)
            wrong += found
            all_taken += len(taken)
    for text in wrong[:40]:
        print("WRONG:", text)
    print(f"{all_taken} deaths, {len(wrong)} wrong")
    return 1 if wrong else 0


sys.exit(main())
