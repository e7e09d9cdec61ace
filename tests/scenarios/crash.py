#!/usr/bin/python3
"""Kills the command at every call that changes a file, in turn: of init, of a post, of an approval, of a rebuild, of a backup,
of a restore, with the call half done too where it is a write. After each death: a whole book or none, a whole backup or none;
what was acknowledged is there; the journal verifies; readers read; and the same command again does it, or says that it is
done, once.

Like tests/test_crash.c this kills the process, not the machine: what was written stays in the system's cache.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.realpath(__file__))
COUNTERSIGN = os.path.realpath(os.environ["COUNTERSIGN"])
PRELOAD = os.path.realpath(os.path.join(os.environ.get("PRELOAD_DIR", ""), "killpoint.so"))
TIME = "2026-01-05T10:00:00.000Z"

SETUP = r"""
. "$0"
trap - EXIT
found_company
cs maria post credit-note --invoice 581483 --amount 1200.00 --reason PRICE_ERR --evidence prices.pdf
expect 0 "waits for"
cp -r "$WORK"/. "$COMPANY"
rm -rf "$WORK"
exit $FAILED
"""


class Wrong(Exception):
    pass


def need(condition, *text):
    if not condition:
        raise Wrong(" ".join(str(piece) for piece in text))


def run(folder, *arguments, kill=0, torn=False, log=None):
    """One command in a folder of its own; answers (exit status, output, errors)."""
    environment = {"HOME": folder, "XDG_STATE_HOME": f"{folder}/state", "NO_COLOR": "1", "PATH": os.environ["PATH"]}
    if kill or log:
        environment.update(LD_PRELOAD=PRELOAD, KILLPOINT_N=str(kill))
    if torn:
        environment["KILLPOINT_TORN"] = "1"
    if log:
        environment["KILLPOINT_LOG"] = log
    passphrase = os.memfd_create("passphrase", 0)
    os.write(passphrase, b"pass\n")
    os.lseek(passphrase, 0, os.SEEK_SET)
    line = [COUNTERSIGN] + [word.replace("@FD", str(passphrase)) for word in arguments]
    try:
        done = subprocess.run(line, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                              pass_fds=[passphrase], timeout=60, check=False)
    finally:
        os.close(passphrase)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def reads(folder, *arguments):
    status, out, err = run(folder, *arguments, "--json", "--book", "book")
    need(status == 0, arguments, "answers", status, err)
    return [json.loads(line) for line in out.splitlines()]


def verified(folder):
    status, out, err = run(folder, "audit", "verify", "--threads", "1", "--scratch", folder, "--book", "book")
    need(status == 0, "audit verify answers", status, out, err)


def head(folder):
    return reads(folder, "status")[0]["head"]["seq"]


def entry_of(out):
    """What was acknowledged: the entry's line of the answer, if it was written whole."""
    for line in out.splitlines(keepends=True):
        if line.endswith("\n") and line.startswith('{"entry"'):
            return json.loads(line)["entry"]
    return None


def act(user, *arguments):
    return [*arguments, "--book", "book", "--as", user, "--at", TIME, "--key", f"{user}.key", "--passphrase-fd", "@FD", "--json"]


class Init:
    name = "init"
    command = ["init", "charter.json", "--book", "book", "--json"]

    @staticmethod
    def prepare(folder, company):
        for name in ("charter.json", "charter.json.salt"):
            shutil.copy(f"{company}/{name}", folder)

    @classmethod
    def check(cls, folder, out):
        acknowledged = out.endswith("\n")
        there = os.path.exists(f"{folder}/book")
        need(there or not acknowledged, "a book was acknowledged and is not there")
        if not there:
            status, _, err = run(folder, "status", "--book", "book")
            need(status == 2 and "there is no book" in err, "without a book status answers", status, err)
            status, _, err = run(folder, *cls.command)
            need(status == 0, "init again answers", status, err)
        else:
            status, _, err = run(folder, *cls.command)
            need(status == 2 and "is there already" in err, "init over a book answers", status, err)
        need(head(folder) == 0, "a new book has other entries than its charter")
        need(len(os.listdir(f"{folder}/book/personal")) == 1, "the salt is not beside the journal")
        verified(folder)


class Existing:
    """On a copy of the company's book: what is done once must be there once."""

    @staticmethod
    def prepare(folder, company):
        shutil.copytree(f"{company}/book", f"{folder}/book")
        for name in ("maria.key", "ana.key", "dunning.txt"):
            shutil.copy(f"{company}/{name}", folder)


class Post(Existing):
    name = "post"
    command = act("maria", "post", "credit-note", "--invoice", "900000", "--amount", "60.00", "--reason", "PRICE_ERR",
                  "--evidence", "dunning.txt", "--ref", "once")

    @classmethod
    def check(cls, folder, out):
        acknowledged = entry_of(out)
        before = head(folder)
        need(before in (BASE, BASE + 1), "the head is", before)
        need(not acknowledged or before == BASE + 1 == acknowledged["seq"], "acknowledged and not there", before)
        if before == BASE + 1 or acknowledged:
            verified(folder)
        status, out, err = run(folder, *cls.command)
        result = json.loads(out.splitlines()[0]) if out else {}
        need(status == 0 and result.get("document") == "CN-2", "post again answers", status, out, err)
        need(result["outcome"] == ("posted" if before == BASE else "repeat"), "post again:", result["outcome"])
        balance = reads(folder, "balance", "--customer", "20001")[0]["balance"]
        need(balance == "1940.00", "the customer owes", balance)
        verified(folder)


class Approve(Existing):
    name = "approve"
    command = act("ana", "approve", "CN-1")

    @classmethod
    def check(cls, folder, out):
        acknowledged = entry_of(out)
        before = head(folder)
        need(before in (BASE, BASE + 1), "the head is", before)
        need(not acknowledged or before == BASE + 1 == acknowledged["seq"], "acknowledged and not there", before)
        status, out, err = run(folder, *cls.command)
        if before == BASE:
            need(status == 0 and json.loads(out.splitlines()[0])["outcome"] == "posted", "approve again:", status, out, err)
        else:
            need(status == 2 and "CN-1 is posted" in err, "approve again answers", status, out, err)
        balance = reads(folder, "balance", "--customer", "16446")[0]["balance"]
        need(balance == "6269.60", "the customer owes", balance)
        verified(folder)


class Rebuild(Existing):
    name = "rebuild"
    command = ["rebuild", "--book", "book", "--json"]

    @classmethod
    def check(cls, folder, out):
        del out
        need(head(folder) == BASE, "the head moved")
        balance = reads(folder, "balance", "--customer", "16446")[0]["balance"]
        need(balance == "7469.60", "the customer owes", balance)
        verified(folder)
        status, _, err = run(folder, *cls.command)
        need(status == 0, "rebuild again answers", status, err)


class Missing(Rebuild):
    """The same where the books are gone and a reader makes them."""
    name = "status without books"
    command = ["status", "--book", "book", "--json"]

    @classmethod
    def prepare(cls, folder, company):
        Existing.prepare(folder, company)
        shutil.rmtree(f"{folder}/book/books")


class Backup(Existing):
    name = "backup"
    calls = 4  # its lines go out by the library's own buffer, which is not watched; then sync, rename, sync
    command = ["backup", "--book", "book", "--out", "taken.backup", "--json"]

    @classmethod
    def check(cls, folder, out):
        there = os.path.exists(f"{folder}/taken.backup")
        need(there or not out.endswith("\n"), "a backup was acknowledged and is not there")
        status, _, err = run(folder, *cls.command)
        need(status == (2 if there else 0), "backup again answers", status, err)
        status, out, err = run(folder, "restore", "taken.backup", "--book", "restored", "--json")
        need(status == 0 and json.loads(out)["size"] == BASE + 1, "the backup restores:", status, out, err)


class Restore:
    name = "restore"
    command = ["restore", "taken.backup", "--beside", "book", "--book", "restored", "--json"]
    ends = 3  # a verifying child that is killed is a finding

    @staticmethod
    def prepare(folder, company):
        shutil.copytree(f"{company}/book", f"{folder}/book")
        status, _, err = run(folder, *Backup.command)
        need(status == 0, "backup answers", status, err)

    @classmethod
    def check(cls, folder, out):
        there = os.path.exists(f"{folder}/restored")
        need(there or '"size"' not in out, "a restored book was acknowledged and is not there")
        status, _, err = run(folder, *cls.command)
        need(status == (2 if there else 0), "restore again answers", status, err)
        for name in ("restored", "book"):
            status, out, err = run(folder, "backup", "--book", name, "--out", f"{name}.again")
            need(status == 0, "backup of", name, "answers", status, err)
        with open(f"{folder}/restored.again", "rb") as one, open(f"{folder}/book.again", "rb") as other:
            need(one.read() == other.read(), "the restored book is another")
        need(sorted(os.listdir(f"{folder}/restored/personal")) == sorted(os.listdir(f"{folder}/book/personal")),
             "personal data are not all there")


def once(case, company, kill, torn):
    with tempfile.TemporaryDirectory(prefix="countersign-crash-", dir=SCRATCH) as folder:
        case.prepare(folder, company)
        status, out, err = run(folder, *case.command, kill=kill, torn=torn)
        place = f"{case.name}, killed {'half way through' if torn else 'before'} call {kill}: "
        try:
            need(status in (-signal.SIGKILL, getattr(case, "ends", -signal.SIGKILL)),
                 "was not killed but ended with", status, err)
            case.check(folder, out)
        except Wrong as wrong:
            return place + str(wrong)
    return None


def calls_of(case, company):
    with tempfile.TemporaryDirectory(prefix="countersign-crash-", dir=SCRATCH) as folder:
        case.prepare(folder, company)
        status, out, err = run(folder, *case.command, log=f"{folder}/calls")
        need(status == 0, case.name, "answers", status, out, err)
        with open(f"{folder}/calls", encoding="ascii") as calls:
            return calls.read().split()[1]


def main():
    global BASE
    if not os.path.exists(PRELOAD):
        print("PRELOAD_DIR does not name where killpoint.so is")
        return 77
    wrong = []
    with tempfile.TemporaryDirectory(prefix="countersign-crash-", dir=SCRATCH) as company:
        subprocess.run(["bash", "-c", SETUP, f"{HERE}/lib.sh"], env={**os.environ, "COMPANY": company}, check=True,
                       stdout=subprocess.DEVNULL)
        BASE = head(company)
        for case in (Init, Post, Approve, Rebuild, Missing, Backup, Restore):
            begun = time.monotonic()
            calls = calls_of(case, company)
            few = len(calls) < getattr(case, "calls", 5) or ("w" not in calls and not hasattr(case, "calls"))
            need(not few, case.name, "makes too few calls to be killed at:", calls)
            points = [(kill, False) for kill in range(1, len(calls) + 1)]
            points += [(kill, True) for kill, kind in enumerate(calls, 1) if kind == "w"]
            if os.environ.get("DEATHS") != "all":  # make crashes
                points = points[len(points) % STRIDE::STRIDE]
            with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
                found = [text for text in pool.map(lambda point: once(case, company, *point), points) if text]
            print(f"{case.name}: {len(calls)} calls, {len(points)} deaths, {len(found)} wrong, {time.monotonic() - begun:.0f} s")
            wrong += found
    for text in wrong[:20]:
        print("WRONG:", text)
    print(f"{len(wrong)} wrong")
    return 1 if wrong else 0


BASE = 0
STRIDE = 3  # of the deaths make test takes so many apart
SCRATCH = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
sys.exit(main())
