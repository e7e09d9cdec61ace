#!/usr/bin/python3
"""A server whose people post a few corrections, stopped at every call that it makes on the disk: killed there, with that call failing,
and by a power cut (tests/calls/calls.c, tests/support/disk.py). Who had no answer asks the next server again, in the same words: what
was answered is there with its number and hash, nothing is there twice, and the book verifies.

STOPS=all (make stops) takes each call, else a fixed part of them; SEED chooses what a cut leaves; a
wrong one names its WAY ('--kill 9', 'cut 70'), with which it is shown again.
"""
import json
import os
import shutil
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "support"))
import calls
import disk
import served
from calls import Folder, Wrong, need
from served import Closed, Refused, b64

SEED = int(os.environ.get("SEED", "1"))
EACH = 1  # of each way, in make test
POSTS = [("wanda", "one"), ("bot2", "two"), ("wanda", "three"), ("bot3", "four")]
TRIES = 60


def start(folder, over):
    server = served.Server(folder, ready=False, over=over)
    try:
        server.wait_ready()
    except AssertionError:
        server.process.wait(30)  # it did not come so far
    return server


def ask(folder, statements, user, name):
    """The answer, after one more put: evidence and personal data stand in files of their own."""
    client = served.Client(f"{folder}/socket", timeout=20)
    try:
        client.prove(user, served.keys()[user])
        poster = served.Poster(client, user)
        if name not in statements:
            statements[name] = poster.statement(name)
        client.ask("personal-put", bytes=b64(name.encode()), salt=b64(b"s" * 32))
        return client.ask("submit", **poster.members(statements[name]))["answer"]
    finally:
        client.close()


def work(folder, statements, answers):
    """Asks for what has no answer yet; answers whether all have one."""
    for user, name in POSTS:
        if name not in answers:
            try:
                answers[name] = ask(folder, statements, user, name)
            except Refused as error:
                need(error.status in ("busy", "unknown", "io", "full"), name, "is answered", error)
            except (OSError, Closed):
                pass
    return len(answers) == len(POSTS)


def to_the_end(folder, statements, answers):
    """Servers that nothing ails, until all have an answer; then what must hold."""
    server = served.Server(folder)
    for _ in range(TRIES):
        if work(folder, statements, answers):
            break
        time.sleep(0.05)
    need(len(answers) == len(POSTS), "no answer to the end:", answers)
    status = server.stop()
    need(status == 0, "the next server ends with", status, server.errors())
    there = calls.entries(folder)
    seen = [(entry["statement"]["actor"], entry["statement"]["id"]) for _, entry in there]
    need(len(seen) == len(set(seen)), "something is there twice")
    for name, answer in answers.items():
        need(there[answer["seq"]][0] == answer["leaf"], name, "was answered as entry", answer["seq"], "which is another")
    calls.verified(folder)


def spoilt(company, way):
    """One server killed, or on a disk that fails once, and then another."""
    with Folder() as folder:
        shutil.copytree(company, folder, dirs_exist_ok=True)
        statements, answers = {}, {}
        server = start(folder, [calls.CALLS, *way.split(), "--"])
        for _ in range(3):
            if server.process.poll() is None and work(folder, statements, answers):
                break
        if server.process.poll() is None:
            status = server.stop()
        else:
            status = server.process.returncode
        killed = "--kill" in way
        need(status in ((0, -9) if killed else (0, 4)), "it ended with", status, server.errors())
        to_the_end(folder, statements, answers)


def noted(company):
    """(the calls of a server that nothing ails, where it was, the statements)"""
    with Folder() as folder, Folder() as aside:
        shutil.copytree(company, folder, dirs_exist_ok=True)
        statements, answers = {}, {}
        server = served.Server(folder, over=[calls.CALLS, "--log", f"{aside}/log", "--data", f"{aside}/data", "--"])
        need(work(folder, statements, answers), "no answers:", server.errors())
        need(server.stop() == 0, "it ended with", server.process.returncode)
        called = calls.noted(f"{aside}/log", f"{aside}/data")
        calls.known(called)
        return called, folder, statements


def answered(called, statements):
    """What had left on the sockets: name by name, in the order of the posts."""
    text = b"".join(call.get("bytes", b"") for call in called if call["kind"] == "a" and call["at"] != 1)
    found = [line["answer"] for line in (json.loads(line) for line in text.split(b"\n")[:-1] if line.startswith(b"{"))
             if isinstance(line.get("answer"), dict) and "seq" in line["answer"]]
    return dict(zip(statements, found))


def cut(company, notes, at):
    called, place, statements = notes
    drive = disk.Disk(company, place)
    for number, call in enumerate(called[:at]):
        drive.do(call)
        why = disk.dishonest(drive, "book")
        if why is None and call["kind"] == "a" and b'"seq"' in call.get("bytes", b""):
            why = disk.unsafe(drive)
        need(why is None, "at", number, why)
    with Folder() as folder:
        drive.leave(folder, disk.chance_of("serve", at, SEED))
        disk.another_boot(folder)
        to_the_end(folder, dict(statements), answered(called[:at], statements))


def ways(called):
    files = [call for call in called if call["kind"] in "wsdt" and not call["path"].endswith("server.log")]
    kills = [f"--kill {call['n']}" for call in files]
    fails = [f"--fail {call['n']}:{how}" for call in files for how in ("EIO", "ENOSPC")]
    fails += [f"--fail {call['n']}:LATE" for call in files if call.get("synced")]
    cuts = [f"cut {at}" for at in range(1, len(called) + 1)]
    if "WAY" in os.environ:
        return [os.environ["WAY"]]
    if os.environ.get("STOPS") == "all":
        return kills + fails + cuts
    return [each[(2 * number + 1) * len(each) // (2 * EACH)] for each in (kills, fails, cuts) for number in range(EACH)]


def main():
    why = calls.missing()
    if why is not None:
        print(why)
        return 77
    wrong = []
    with Folder() as company:
        served.found(company)
        notes = noted(company)
        wanted = ways(notes[0])
        begun = time.monotonic()
        for way in wanted:
            try:
                if way.startswith("cut "):
                    cut(company, notes, int(way[4:]))
                else:
                    spoilt(company, way)
            except (Wrong, AssertionError, OSError, ValueError, KeyError) as error:
                wrong.append(f"WAY='{way}' SEED={SEED}: {error}")
            served.kill_all()
        print(f"{len(wanted)} of {len(notes[0])} calls, {time.monotonic() - begun:.1f} s")
    for text in wrong[:50]:
        print("WRONG:", text)
    print(f"{len(wanted)} stops, {len(wrong)} wrong")
    return 1 if wrong else 0


sys.exit(main())
