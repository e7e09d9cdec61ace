#!/usr/bin/python3
"""No memory at one place after the other in a server that starts, and in one that answers (tests/preload/allocpoint.c): it answers as ever,
says that it has none, or ends with 4 for its keeper to start again. What it acknowledged is there then, once; the journal verifies; the
same command is done.

POINTS says at how many of the places for each command (5; all: make allocations).
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
COUNTERSIGN = os.path.realpath(os.environ["COUNTERSIGN"])
PRELOAD = os.path.realpath(os.path.join(os.environ.get("PRELOAD_DIR", ""), "allocpoint.so"))
POINTS = os.environ.get("POINTS", "5")
TIME = "2026-01-05T10:00:00.000Z"

SETUP = r"""
. "$0"
trap - EXIT
found_company
cp -r "$WORK"/. "$COMPANY"
rm -rf "$WORK"
exit $FAILED
"""
POST = ["post", "credit-note", "--invoice", "900000", "--amount", "60.00", "--reason", "PRICE_ERR", "--evidence", "dunning.txt",
        "--ref", "once", "--wait", "0"]
COMMANDS = {"post": POST, "balance": ["balance", "--customer", "20001"]}
wrong, checks = [], 0


def need(condition, *text):
    global checks
    checks += 1
    if not condition:
        wrong.append(" ".join(str(piece) for piece in text))


def environment(folder, **more):
    return {"PATH": os.environ["PATH"], "HOME": folder, "XDG_STATE_HOME": f"{folder}/state", "NO_COLOR": "1", **more}


def run(folder, words, book):
    fd = os.memfd_create("passphrase", 0)
    os.write(fd, b"pass\n")
    os.lseek(fd, 0, os.SEEK_SET)
    line = [COUNTERSIGN, *words, "--book", book, "--as", "maria", "--at", TIME, "--key", "maria.key", "--passphrase-fd", str(fd), "--json"]
    try:
        done = subprocess.run(line, cwd=folder, env=environment(folder), stdin=subprocess.DEVNULL, capture_output=True, pass_fds=[fd],
                              timeout=60, check=False)
    finally:
        os.close(fd)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class Server:
    """A server over folder/book that may be starved: from its start on, or calls are counted from when the file `hungry` is there."""

    def __init__(self, folder, number=0, log=None, from_start=False):
        more = {"LD_PRELOAD": PRELOAD, "ALLOCPOINT_N": str(number)}
        if not from_start:
            more["ALLOCPOINT_FILE"] = f"{folder}/hungry"
        if log:
            more["ALLOCPOINT_LOG"] = log
        self.folder, self.address = folder, f"unix:{folder}/socket"
        self.errors = open(f"{folder}/server.err", "wb")
        program = os.path.join(os.path.dirname(COUNTERSIGN), "countersignd") if from_start else COUNTERSIGN
        self.process = subprocess.Popen([program, "serve", "--book", "book", "--socket", f"{folder}/socket", "--log", "server.log"],
                                        cwd=folder, env=environment(folder, **more), stdin=subprocess.DEVNULL, stderr=self.errors)
        until = time.monotonic() + 20
        while not os.path.exists(f"{folder}/socket") and self.process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)

    def starve(self):
        with open(f"{self.folder}/hungry", "wb"):
            pass

    def end(self):
        """Its exit status, as it ended by itself or is ended now."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            status = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.errors.close()
        return status


def fresh(company, scratch):
    shutil.copytree(company, scratch, dirs_exist_ok=True)
    return scratch


def count(company, words):
    """From how many places the command makes the server ask for memory, and at which calls; and what it answers."""
    with tempfile.TemporaryDirectory(prefix="countersign-starved-", dir=SCRATCH) as scratch:
        folder = fresh(company, scratch)
        server = Server(folder, log=f"{folder}/calls")
        server.starve()
        answer = run(folder, words, server.address)
        server.end()
        need(answer[0] == 0, words[0], "answers", answer)
        with open(f"{folder}/calls", encoding="ascii") as calls:
            return [int(line.split()[0]) for line in calls], answer


def entry_of(out):
    return next((json.loads(line)["entry"] for line in out.splitlines() if line.startswith('{"entry"')), None)


def once(company, name, number, expected):
    with tempfile.TemporaryDirectory(prefix="countersign-starved-", dir=SCRATCH) as scratch:
        folder, words = fresh(company, scratch), COMMANDS[name]
        server = Server(folder, number)
        server.starve()
        status, out, err = run(folder, words, server.address)
        ended = server.end()
        place = f"{name}, no memory at {number}:"
        need(ended in (0, 4), place, "the server ends with", ended)
        with open(f"{folder}/server.err", encoding="utf-8") as errors:
            need(ended == 0 or "no memory" in errors.read(), place, "the server does not say why it ends")
        need(status in (0, 4), place, "the command ends with", status, err)
        if name != "post":
            need(status != 0 or out == expected[1], place, "answers otherwise:", out)
            return
        os.remove(f"{folder}/hungry")
        acknowledged = entry_of(out) if status == 0 else None
        verify = subprocess.run([COUNTERSIGN, "audit", "verify", "--fast", "--threads", "1", "--book", "book"], cwd=folder,
                                env=environment(folder), capture_output=True, check=False)
        need(verify.returncode == 0, place, "the journal does not verify:", verify.stdout, verify.stderr)
        head = json.loads(run(folder, ["status"], "book")[1].splitlines()[0])["head"]["seq"]
        need(acknowledged is None or acknowledged["seq"] == head, place, "acknowledged and not there")
        status, out, err = run(folder, words, "book")
        need(status == 0, place, "the same again answers", status, err)
        result = json.loads(out.splitlines()[0])
        need(result["document"] == "CN-1", place, "the same again is", result)


def chosen(calls):
    return calls if POINTS == "all" else calls[len(calls) // int(POINTS) // 2::max(1, len(calls) // int(POINTS))]


def starting(company):
    """From when its program begins until it listens: it does not start and says why, or it is there and answers. Left out is what
    libuv's threads and getpwuid take: libuv and the C library abort without it."""
    words, address = COMMANDS["balance"], "unix:{}/socket"
    with tempfile.TemporaryDirectory(prefix="countersign-starved-", dir=SCRATCH) as folder:
        fresh(company, folder)
        Server(folder, log=f"{folder}/calls", from_start=True).end()
        with open(f"{folder}/calls", encoding="ascii") as log:
            calls = [int(line.split()[0]) for line in log if "ld-linux" not in line and "getpwuid" not in line]
    need(len(calls) > 50, "a server that starts asks from few places:", len(calls))
    for number in chosen(calls):
        with tempfile.TemporaryDirectory(prefix="countersign-starved-", dir=SCRATCH) as folder:
            fresh(company, folder)
            server = Server(folder, number, from_start=True)
            answer = run(folder, words, address.format(folder)) if os.path.exists(f"{folder}/socket") else None
            ended = server.end()
            place = f"a server that starts, no memory at {number}:"
            with open(f"{folder}/server.err", encoding="utf-8") as errors:
                said = errors.read()
            need(ended in (0, 4), place, "it ends with", ended, said)
            need(ended == 0 or "memory" in said, place, "it does not say why it ends:", said)
            need(answer is None or answer[0] in (0, 4), place, "it listens, and is asked in vain:", answer)
            need(answer is not None or ended == 4, place, "it was not there and ends with", ended)
            if os.path.exists(f"{folder}/socket"):
                os.remove(f"{folder}/socket")  # so that it is waited for
            again = Server(folder)
            answer = run(folder, words, again.address)
            need(answer[0] == 0, place, "the next one answers", answer)
            need(again.end() == 0, place, "the next one does not end in order")
    print(f"starting: {len(calls)} places, {len(chosen(calls))} of them")


def main():
    if not os.path.exists(PRELOAD):
        print("PRELOAD_DIR does not name where allocpoint.so is")
        return 77
    with tempfile.TemporaryDirectory(prefix="countersign-starved-", dir=SCRATCH) as company:
        subprocess.run(["bash", "-c", SETUP, f"{HERE}/lib.sh"], env={**os.environ, "COMPANY": company}, check=True,
                       stdout=subprocess.DEVNULL)
        starting(company)
        for name in COMMANDS:
            calls, expected = count(company, COMMANDS[name])
            points = chosen(calls)
            need(len(calls) > 50, name, "asks from few places:", len(calls))
            for number in points:
                once(company, name, number, expected)
            print(f"{name}: {len(calls)} places, {len(points)} of them")
    for text in wrong[:20]:
        print("WRONG:", text)
    print(f"{checks} checks, {len(wrong)} wrong")
    return 1 if wrong else 0


SCRATCH = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
sys.exit(main())
