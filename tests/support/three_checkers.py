#!/usr/bin/python3
"""Asks three checkers about bundles (tests/support/checkers.py) and holds what they say against each other.

    tests/support/three_checkers.py WORK              what tests/scenarios/three_checkers.sh left in WORK, and each tampering with it
    tests/support/three_checkers.py --good BUNDLE     a folder that audit pack wrote of a whole book: good to all three; a line each

Exit status 0, 1 where they do not agree, 77 without a browser, which --good does without.
"""
import base64
import concurrent.futures
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from checkers import Opened, Page, Program, Reader, ROOT  # noqa: E402
from chromium import Chromium  # noqa: E402
from tampering import Forger, TABLE, stolen  # noqa: E402

GOOD = ("whole", "older", "document", "period", "sample", "bare", "one", "ended", "stamped")
UNCHECKED = ("since", "last", "nothing-new", "none")  # whose keys: that stands in what came before
WRONG, COUNT, BUNDLES = [], [0], [0]


def truth(title, good, said=""):
    COUNT[0] += 1
    if not good:
        WRONG.append(title)
        print("WRONG %s: %s" % (title, str(said)[:1200]))


def files_in(folder):
    """name -> bytes; evidence.html carries the others and is no part of what is tampered with."""
    files = {}
    for path, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(path, name), "rb") as file:
                files[os.path.relpath(os.path.join(path, name), folder)] = file.read()
    files.pop("evidence.html", None)
    return files


def lay(folder, files):
    shutil.rmtree(folder, ignore_errors=True)
    for name, data in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)


class Three:
    def __init__(self, program, page, scratch):
        self.program, self.reader, self.page, self.scratch = Program(program), Reader(), page, scratch
        self.pool = concurrent.futures.ThreadPoolExecutor(2)

    def ask(self, files, known=None, witness=None):
        """checker's name -> Said. known, witness: what an auditor brings, a checkpoint and a verifier key."""
        BUNDLES[0] += 1
        folder = os.path.join(self.scratch, "bundle")
        lay(folder, files)
        brought = [None if data is None else os.path.join(self.scratch, name) for name, data in (("known.note", known), ("witness.vkey", witness))]
        for path, data in zip(brought, (known, witness)):
            if path:
                with open(path, "wb") as file:
                    file.write(data)
        carried = {name: base64.b64encode(data).decode() for name, data in files.items()}
        others = [self.pool.submit(self.program.ask, folder, *brought), self.pool.submit(self.page.ask, carried, *brought)]
        said = [self.reader.ask(folder, *brought)] + [one.result() for one in others]
        return dict(zip((self.reader.name, self.program.name, self.page.name), said))


def check_good(three, work):
    for name in GOOD + UNCHECKED:
        said = three.ask(files_in(os.path.join(work, name)))
        for checker, one in said.items():
            want = "unchecked" if name in UNCHECKED and checker == "evidence.html" else "good"
            truth("%s: %s" % (name, checker), one.verdict == want and not one.findings, one if one.findings else one.words)


def check_folder(program, folder):
    """A folder as it lies, its own page opened as an auditor opens it."""
    with open(os.path.join(folder, "MANIFEST.json"), "rb") as file:
        count = json.load(file)["entries"]["count"]

    def say(one, more=lambda: ""):
        begun = time.monotonic()
        said = one.ask(folder)
        print("%-18s %s: %s entries in %.1f s%s" % (one.name, said.verdict, f"{count:,}", time.monotonic() - begun, more()))
        truth("%s: %s" % (folder, one.name), said.verdict == "good" and not said.findings, said if said.findings else said.words)
    say(Program(program))
    say(Reader())
    if not shutil.which("chromium"):
        print("evidence.html      was not opened: there is no chromium here")
        return
    with Chromium(600) as browser:
        opened = Opened(browser)
        say(opened, lambda: ", longest step %.1f s, heap %d MB" % (opened.longest_ms / 1000, opened.heap_bytes >> 20))


def check_case(three, case, forger):
    known, witness = (one(forger) if one else None for one in (case.known, case.witness))
    file = case.file(forger) if callable(case.file) else case.file
    said = three.ask(case.done(forger), known, witness)
    for checker, one in said.items():
        want, words = case.but.get(checker, ("bad", ""))
        title = "%s: %s" % (case.title, checker)
        truth(title, one.verdict == want and words in one.words, one if one.findings or want == "bad" else one.words)
        if want == "bad" and one.bad and file:
            truth(title + " names " + file, one.names(file), one)
        if want == "bad" and one.bad and case.entry:
            truth(title + " names entry %s" % (case.entry,), one.entries() & set(case.entry), one)


def check_table(three, work):
    pens = {os.path.basename(path)[:-4]: stolen(path) for path in glob.glob(os.path.join(work, "*.key"))}
    bundles = {name: files_in(os.path.join(work, name)) for name in GOOD + UNCHECKED}
    lines = bundles["whole"]["entries.jsonl"].split(b"\n")[:-1]
    for case in TABLE:
        if os.environ.get("ONLY") and os.environ["ONLY"] not in case.title:
            continue
        forger = Forger(bundles[case.of], pens, pens["ana"], lines)
        forger.files_of = bundles.get
        check_case(three, case, forger)


def main():
    begun = time.monotonic()
    program = os.path.join(os.path.dirname(os.path.abspath(os.environ["COUNTERSIGN"])), "countersign-verify")
    if sys.argv[1] == "--good":
        check_folder(program, sys.argv[2])
        return 1 if WRONG else 0
    if not shutil.which("chromium"):
        print("there is no chromium here")
        return 77
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as scratch, Chromium() as browser:
        template = os.path.join(scratch, "page.html")
        with open(template, "wb") as file:
            file.write(subprocess.run([os.path.join(ROOT, "audit", "page", "assemble")], check=True, stdout=subprocess.PIPE).stdout)
        three = Three(program, Page(browser.tab(), template), scratch)
        check_good(three, sys.argv[1])
        check_table(three, sys.argv[1])
    print("%d bundles, %d checks, %d wrong, %.1f s" % (BUNDLES[0], COUNT[0], len(WRONG), time.monotonic() - begun))
    return 1 if WRONG else 0


if __name__ == "__main__":
    sys.exit(main())
