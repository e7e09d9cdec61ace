#!/usr/bin/python3
"""A disk that fails under the server: a sync that fails once, again and again, a full disk, a book that is gone. What was
acknowledged is there, what was not is answered clearly, others are served, and the server goes on or says why not.
"""
import hashlib
import os
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "support"))
import served
from served import Refused, b64, need

PRELOAD = os.path.realpath(os.path.join(os.environ.get("PRELOAD_DIR", ""), "failpoint.so"))


class Broken:
    """While inside, the disk fails so."""

    def __init__(self, folder, how):
        self.path, self.how = f"{folder}/failpoint", how

    def __enter__(self):
        with open(self.path + ".new", "w", encoding="ascii") as out:
            out.write(self.how)
        os.rename(self.path + ".new", self.path)
        return self

    def happened(self):
        return not os.path.exists(self.path)

    def __exit__(self, *_):
        if os.path.exists(self.path):
            os.unlink(self.path)


def start(folder, *options):
    if os.path.exists(f"{folder}/server.log"):
        os.unlink(f"{folder}/server.log")
    server = served.Server(folder, *options, environment={"FAILPOINT": f"{folder}/failpoint", "LD_PRELOAD": PRELOAD},
                           ready=False)
    return server


def started(folder, *options):
    server = start(folder, "--socket", f"{folder}/socket", *options)
    server.wait_ready()
    return server


def post(server, name, user="wanda"):
    client = server.connect(user)
    try:
        return served.Poster(client, user).post(name)
    finally:
        client.close()


def is_there(server, name, answer):
    """Asked again, it answers with what it did."""
    again = post(server, name)
    need(again["repeated"] and again["seq"] == answer["seq"] and again["leaf"] == answer["leaf"], name, again, answer)


def sync_fails_once(folder):
    server = started(folder)
    before = post(server, "once-0")
    reader = server.connect("audrey")
    snapshot = reader.ask("begin", store="books")["snapshot"]
    with Broken(folder, "once sync EIO journal/data.mdb") as broken:
        answer = post(server, "once-1")
        need(broken.happened(), "no sync was made to fail")
    need(answer["seq"] == before["seq"] + 1, "the entry has the number", answer["seq"])
    need("write-failed" in server.events() and "book-reopened" in server.events(), server.events())
    try:
        reader.ask("count", snapshot=snapshot, table="documents")
        raise AssertionError("a snapshot outlived the gate")
    except Refused as error:
        need(error.status == "busy", error)
    need(reader.ask("status")["status"]["writer"]["reopened"] == 1, "the status tells it")
    reader.ask("begin", store="books")
    is_there(server, "once-0", before)
    is_there(server, "once-1", answer)
    post(server, "once-2")
    need(server.stop() == 0, "it ends well")


def sync_fails_under_load(folder):
    """Each of many who post at that moment gets an answer that is true."""
    server = started(folder)
    answers, errors, over = {}, [], threading.Event()

    def many(user, number):
        """Until nothing fails any more, and then until one more is answered."""
        client = server.connect(user)
        poster = served.Poster(client, user)
        name, last = "", False
        while not last or (user, name) not in answers:
            last, name = over.is_set(), f"load-{number}-{time.monotonic_ns()}"
            try:
                answers[user, name] = poster.post(name)
            except Refused as error:
                if error.status not in ("busy", "unknown"):
                    errors.append(str(error))
                    break
        client.close()

    threads = [threading.Thread(target=many, args=(f"bot{2 + n}", n)) for n in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        time.sleep(0.15)
        with Broken(folder, "once sync EIO journal/data.mdb"):
            time.sleep(0.15)
    over.set()
    for thread in threads:
        thread.join()
    need(not errors, errors[:3])
    need("book-reopened" in server.events(), server.events())
    seqs = [answer["seq"] for answer in answers.values()]
    need(len(set(seqs)) == len(seqs), "a number was acknowledged twice")
    for (user, name), answer in list(answers.items())[::7]:
        again = post(server, name, user)
        need(again["repeated"] and again["seq"] == answer["seq"], name, again["seq"], answer["seq"])
    need(server.stop() == 0, "it ends well")


def sync_goes_on_failing(folder):
    server = started(folder)
    first = post(server, "on-0")
    with Broken(folder, "sync EIO journal/data.mdb"):
        for name in ("on-1", "on-2"):
            try:
                post(server, name)
                raise AssertionError("acknowledged without a sync")
            except Refused as error:
                need(error.status in ("unknown", "io"), error)
        reader = server.connect("audrey")
        need(reader.ask("count", snapshot=reader.ask("begin", store="books")["snapshot"], table="users")["count"] > 5,
             "others read")
        reader.close()
    is_there(server, "on-0", first)
    post(server, "on-1")
    need(server.stop() == 0, "it ends well")


def disk_is_full(folder):
    server = started(folder)
    first = post(server, "full-0")
    with Broken(folder, "write ENOSPC journal/data.mdb"):
        for name in ("full-1", "full-2"):
            try:
                post(server, name)
                raise AssertionError("acknowledged on a full disk")
            except Refused as error:
                need(error.status in ("full", "busy", "unknown"), error)
                if error.status == "full":
                    need("space" in error.error["text"], error)
        reader = server.connect("audrey")
        need(reader.ask("status")["status"]["failed"] is False, "it has not given up")
        reader.close()
    until = time.monotonic() + 20
    while True:
        try:
            post(server, "full-1")
            break
        except Refused as error:
            need(error.status == "busy" and time.monotonic() < until, error)
            time.sleep(0.1)
    is_there(server, "full-0", first)
    need(server.stop() == 0, "it ends well")


def books_are_full(folder):
    """The journal has the entry, the books could not follow: it is recorded, and answered as such in the end."""
    server = started(folder)
    with Broken(folder, "once write ENOSPC books/data.mdb") as broken:
        answer = post(server, "books-1")
        need(broken.happened(), "no write was made to fail")
    need("write-failed" in server.events(), server.events())
    is_there(server, "books-1", answer)
    need(server.stop() == 0, "it ends well")


def book_is_gone(folder):
    """It can't be opened again: all are told, and the server ends with the status of its kind."""
    server = started(folder, "--limit", "reopen-seconds=1")
    post(server, "gone-0")
    idle = server.connect("audrey")
    client = server.connect("wanda")
    poster = served.Poster(client, "wanda")
    os.rename(f"{folder}/book/journal", f"{folder}/journal-elsewhere")
    try:
        with Broken(folder, "once sync EIO journal"):
            try:
                poster.post("gone-1")
                raise AssertionError("acknowledged without a book")
            except Refused as error:
                need(error.status != "busy", error)
        last = idle.receive()
        need(last["id"] == 0 and last["error"]["status"] == "busy", last)
        need(server.process.wait(20) == 4, "it ended with", server.process.returncode)
        need("book-lost" in server.events(), server.events())
        need("could not be opened again" in server.errors(), server.errors())
    finally:
        server.kill()
        os.rename(f"{folder}/journal-elsewhere", f"{folder}/book/journal")


def paths_stay_at_home(folder):
    """What fails is told with what to do, and not where: the log has that. (Each client checks each error for the folder.)"""
    server = started(folder)
    client = server.connect("wanda")
    poster = served.Poster(client, "wanda")
    name = client.ask("put", bytes=b64(b"evidence"), offset=0, size=8)["sha256"]
    record = client.ask("personal-put", bytes=b64(b"somebody"), salt=b64(b"s" * 32))["hash"]

    def fails(how, status, words, path, do, **members):
        with Broken(folder, how):
            try:
                answer = client.ask(do, **members)
                raise AssertionError(f"{do} went well in spite of {how}: {answer}")
            except Refused as error:
                need(error.status == status and words in error.error["text"], how, do, error)
        need_logged(server, do, status, path)

    part = {"bytes": b64(b"more"), "offset": 0, "size": 4}
    fails("read EIO evidence", "io", "tell whoever runs it", f"{folder}/book/evidence/", "fetch", offset=0, sha256=name)
    fails("read EIO personal", "io", "tell whoever runs it", f"{folder}/book/personal/", "personal-get", hash=record)
    fails("write ENOSPC evidence", "full", "try again when there is some", "", "put", **part)
    fails("sync EIO evidence", "io", "tell whoever runs it", f"{folder}/book/evidence", "put", **part)
    fails("sync EIO personal", "io", "tell whoever runs it", f"{folder}/book/personal", "personal-put", bytes=b64(b"another"),
          salt=b64(b"t" * 32))
    fails("sync EIO journal/data.mdb", "unknown", "it is open whether this was recorded", f"{folder}/book/journal", "submit",
          **poster.members(poster.statement("home-1")))
    fails("write ENOSPC journal/data.mdb", "full", "try again when there is some", f"{folder}/book/journal", "submit",
          **poster.members(poster.statement("home-2")))
    client.close()
    until = time.monotonic() + 20
    while True:
        try:
            post(server, "home-3")
            break
        except Refused as error:
            need(error.status == "busy" and time.monotonic() < until, error)
            time.sleep(0.1)
    client = server.connect("wanda")
    missing = hashlib.sha256(b"never put there").hexdigest()
    fails("nothing", "not-found", "the book", f"{folder}/book/evidence", "fetch", offset=0, sha256=missing)
    client.close()
    need(server.stop() == 0, "it ends well")


def need_logged(server, do, status, path):
    """Whoever runs the server finds the reason in the log, file and all."""
    until = time.monotonic() + 5
    while True:
        lines = [line for line in server.log() if line["event"] == "request-failed" and line["do"] == do]
        if any(line["status"] == status and path in line["why"] for line in lines):
            return
        need(time.monotonic() < until, "no request-failed with", do, status, path, "in", lines)
        time.sleep(0.05)


CASES = [paths_stay_at_home, sync_fails_once, sync_fails_under_load, sync_goes_on_failing, disk_is_full, books_are_full, book_is_gone]


def main():
    if not os.path.exists(PRELOAD):
        print("PRELOAD_DIR does not name where failpoint.so is")
        return 77
    with tempfile.TemporaryDirectory(prefix="countersign-failing-") as folder:
        def verify():
            served.kill_all()
            served.need_verified(folder)
        served.found(folder)
        wrong = served.run_cases(CASES, folder, folder, verify)
    print(f"{served.CHECKS} checks, {wrong} wrong")
    return 1 if wrong else 0


sys.exit(main())
