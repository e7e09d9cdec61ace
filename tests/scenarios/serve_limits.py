#!/usr/bin/python3
"""Each limit of cli/PROTOCOL.md section 7 at its edge: what is as much as is allowed goes well, one more does not. Seconds are
met to a tick of the server's.
"""
import array
import fcntl
import os
import re
import sys
import tempfile
import termios
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "support"))
import served
from served import Client, Closed, Poster, Refused, b64, canonical, need

PRELOAD = os.path.realpath(os.path.join(os.environ.get("PRELOAD_DIR", ""), "failpoint.so"))
MESSAGE, UNPROVEN = 6 << 20, 64 << 10
SETTLED = 0.5  # until a server has done what nobody waits for, on a busy machine
EARLY, LATE = 0.05, 1.5  # around a limit in seconds: a tick is 0.2 s, and machines are busy


class Limited(served.Server):
    """A server with limits of its own, for one case. Inside of `held` nothing that is written becomes durable."""

    def __init__(self, folder, *options, **limits):
        given = [word for name, value in limits.items() for word in ("--limit", f"{name.replace('_', '-')}={value}")]
        self.hold = f"{folder}/failpoint"
        super().__init__(folder, *given, *options, environment={"FAILPOINT": self.hold, "LD_PRELOAD": PRELOAD})

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.release()
        if kind is None:
            need(self.stop() == 0, "it ends well")
        self.kill()

    def keep(self):
        with open(self.hold + ".new", "w", encoding="ascii") as out:
            out.write("sync HOLD journal/data.mdb")
        os.rename(self.hold + ".new", self.hold)

    def release(self):
        if os.path.exists(self.hold):
            os.unlink(self.hold)


def waits_for_the_writer(watcher, count):
    """Besides those that it has taken."""
    until = time.monotonic() + 5
    while True:
        now = watcher.ask("status")["status"]["writer"]["waiting"]
        if now == count:
            return
        need(time.monotonic() < until, "with the writer wait", now, "not", count)
        time.sleep(0.02)


def last_words(client, seconds=10):
    """Answers what came until the server closed, and how long that took."""
    client.socket.settimeout(seconds)
    begun, seen = time.monotonic(), []
    try:
        while True:
            seen.append(client.receive())
    except Closed:
        return seen, time.monotonic() - begun


def closed_with(client, status, seconds=10):
    seen, took = last_words(client, seconds)
    need(seen and seen[-1]["id"] == 0 and seen[-1]["error"]["status"] == status, "closed with", str(seen)[:200], "not", status)
    return took


def is_silent(client, seconds=0.6):
    """Nothing comes, and the line stays."""
    client.socket.settimeout(seconds)
    try:
        answer = client.receive()
    except TimeoutError:
        return
    finally:
        client.socket.settimeout(20)
    raise AssertionError(f"not silent: {str(answer)[:200]}")


def line_of(do, length, **members):
    """A request of exactly so many bytes, its LF included, whatever becomes of it."""
    empty = canonical({"do": do, "id": 900, "statement": "", **members})
    return canonical({"do": do, "id": 900, "statement": "A" * (length - len(empty) - 1), **members}) + b"\n"


# -- sizes --

def a_message(folder):
    with Limited(folder) as server:
        for proven, most in ((True, MESSAGE), (False, UNPROVEN)):
            client = server.connect("wanda" if proven else None)
            client.send_bytes(line_of("try", most))
            answer = client.receive()
            need(answer["id"] == 900 and answer["error"]["status"] in ("input", "limit", "permission"), proven, answer)
            client.close()
            client = server.connect("wanda" if proven else None)
            client.send_bytes(line_of("try", most + 1)[:-1])  # one that will be too long is too long at once
            closed_with(client, "limit")


def evidence(folder):
    with Limited(folder) as server:
        client = server.connect("wanda")
        need(client.ask("put", bytes=b64(b"a"), offset=0, size=64 << 20) == {}, "a file of 64 MiB begins")
        try:
            client.ask("put", bytes=b64(b"a"), offset=0, size=(64 << 20) + 1)
            raise AssertionError("a file of 64 MiB and one byte began")
        except Refused as error:
            need(error.status == "limit", error)
        need(client.ask("put", bytes=b64(b"a" * (3 << 20)), offset=0, size=64 << 20) == {}, "a part of 3 MiB")
        client.close()


def what_comes_back(folder):
    """A checkpoint with cosignatures, a time stamp: to the byte."""
    with Limited(folder) as server:
        client = server.connect("audrey")
        for more, status in ((0, "not-found"), (1, "limit")):
            for do, members in (("checkpoint-add", {"note": "n" * ((64 << 10) + more)}),
                                ("timestamp-put", {"bytes": b64(b"r" * ((64 << 10) + more))})):
                try:
                    client.ask(do, **members)
                    raise AssertionError(f"{do} of nothing was taken")
                except Refused as error:
                    need(error.status == status, error)
        client.close()


def fill(client, count):
    """Begins a message, and leaves it at so many bytes."""
    client.send_bytes(b'{"do": "submit", "id": 7, "statement": "'.ljust(count, b"A"))


def bytes_held(folder):
    """Of all connections together: half messages and those that are not answered. To the byte, twice on one server."""
    with Limited(folder, held_bytes=MESSAGE) as server:
        for _ in range(2):
            first, second, small = server.connect("wanda"), server.connect("wanda"), server.connect("wanda")
            fill(first, 2 << 20)
            time.sleep(SETTLED)
            fill(second, MESSAGE - (2 << 20))
            is_silent(second)
            need("size" in small.ask("wait", ms=0, size=0), "what is short is read still")
            second.send_bytes(b"A")
            closed_with(second, "busy")
            is_silent(first, 0.3)
            first.close()
            small.close()
            time.sleep(SETTLED)
        poster, watcher, other = server.connect("wanda"), server.connect("audrey"), server.connect("wanda")
        post = Poster(poster, "wanda")
        server.keep()
        message = canonical({"do": "submit", "id": 900, **post.members(post.statement(f"held-{time.time()}"))})
        poster.send_bytes(message + b"\n")
        time.sleep(SETTLED)
        fill(other, MESSAGE - len(message))
        is_silent(other)
        other.send_bytes(b"A")
        closed_with(other, "busy")
        server.release()
        need("answer" in poster.receive(), "it is let in")
        other = server.connect("wanda")  # what is answered is held no more
        fill(other, MESSAGE - 1)
        is_silent(other)
        for client in (poster, watcher, other):
            client.close()


def unread_of_first(client, size):
    """How much of a first answer is still with the server: all but what lies in the socket."""
    waiting, before = array.array("i", [0]), -1
    while waiting[0] != before or before == 0:
        before = waiting[0]
        time.sleep(SETTLED)
        fcntl.ioctl(client.socket, termios.FIONREAD, waiting)
    return size - waiting[0]


def done_of(watcher):
    counts = watcher.ask("status")["status"]["requests"]
    return counts["fetch"] + counts["wait"]


def bytes_unread(folder):
    """While an answer of more than that is not taken nothing more is done for the connection."""
    data = os.urandom(2 << 20)

    def fetches(server, expected):
        """What the server has of the first answer, none of which is read, and how many of two requests were done meanwhile."""
        client, watcher = server.connect("wanda"), server.connect("audrey")
        for offset in range(0, len(data), 1 << 20):
            name = client.ask("put", bytes=b64(data[offset:offset + (1 << 20)]), offset=offset, size=len(data)).get("sha256")
        length = len(canonical({"bytes": b64(data), "id": client.id + 1, "size": len(data)})) + 1
        before = done_of(watcher)
        client.send("fetch", offset=0, sha256=name)
        unread = unread_of_first(client, length)
        client.send("wait", ms=0, size=0)
        until = time.monotonic() + 10
        while done_of(watcher) - before < expected and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(SETTLED)  # and no more than that
        after = done_of(watcher)
        answers = [client.receive(), client.receive()]
        need("bytes" in answers[0] and "size" in answers[1], "both are answered once they are read")
        client.close()
        watcher.close()
        return unread, after - before

    with Limited(folder, unread_bytes=8 << 20) as server:
        unread, done = fetches(server, 2)
        need(1 << 20 < unread < len(data) * 4 // 3 + 100 and done == 2, "unread", unread, "done", done)
    with Limited(folder, unread_bytes=unread) as server:
        need(fetches(server, 2) == (unread, 2), "as much as is allowed")
    with Limited(folder, unread_bytes=unread - 1) as server:
        need(fetches(server, 1) == (unread, 1), "one byte more")


# -- numbers --

def outstanding(folder):
    with Limited(folder, outstanding=5) as server:
        client, watcher = server.connect("wanda"), server.connect("audrey")
        need(client.greeting["limits"]["outstanding"] == 5, "the greeting says so", client.greeting["limits"])
        poster = Poster(client, "wanda")
        server.keep()
        numbers = [client.send("submit", **poster.members(poster.statement(f"out-{time.time()}")))]
        time.sleep(SETTLED)
        waits_for_the_writer(watcher, 0)
        numbers += [client.send("submit", **poster.members(poster.statement(f"out-{i}-{time.time()}"))) for i in range(9)]
        waits_for_the_writer(watcher, 4)
        time.sleep(SETTLED)
        waits_for_the_writer(watcher, 4)
        server.release()
        need(sorted(client.receive()["id"] for _ in numbers) == numbers, "all are answered")
        client.close()
        client = server.connect()  # before the proof it is one
        key, nonce = served.keys()["wanda"], "11" * 32
        client.send("hello", keys=[key.text], nonce=nonce, user="wanda")
        need("key" in client.receive(), "hello")
        client.close()
        watcher.close()


def statements_waiting(folder):
    """For the writer, in all: then nobody's requests are read on."""
    with Limited(folder, waiting=3) as server:
        client, second, other = server.connect("wanda"), server.connect("bot2"), server.connect("audrey")
        posters = [Poster(client, "wanda"), Poster(second, "bot2")]
        server.keep()

        def send(poster, name):
            poster.client.send("submit", **poster.members(poster.statement(f"{name}-{time.time()}")))
            time.sleep(SETTLED)

        send(posters[0], "w1")
        send(posters[1], "w2")
        need("size" in other.ask("wait", ms=0, size=0), "two of three: others are served")
        send(posters[0], "w3")
        other.send("wait", ms=0, size=0)
        is_silent(other)
        send(posters[1], "w4")
        server.release()
        need("size" in other.receive(), "it was read later")
        for number in (2, 2):
            need(all("answer" in poster.client.receive() for poster in posters), "each is answered", number)
        for one in (client, second, other):
            one.close()


def snapshots(folder):
    with Limited(folder, snapshots=2) as server:
        client, other = server.connect("audrey"), server.connect("audrey")
        for _ in range(2):
            client.ask("begin", store="books")
        try:
            client.ask("begin", store="books")
            raise AssertionError("a third snapshot")
        except Refused as error:
            need(error.status == "limit", error)
        need("snapshot" in other.ask("begin", store="books"), "it is for each connection")
        client.ask("end", snapshot=1)
        need(client.ask("begin", store="books")["snapshot"] == 3, "one that was ended counts no more")
        client.close()
        other.close()


def waits(folder):
    with Limited(folder, waits=3) as server:
        client = server.connect("audrey")
        numbers = [client.send("wait", ms=30000, size=1 << 40) for _ in range(3)]
        is_silent(client, 0.4)
        numbers.append(client.send("wait", ms=30000, size=1 << 40))
        answer = client.receive()
        need(answer["id"] == numbers[3] and answer["error"]["status"] == "limit", answer)
        client.close()


def refused_connection(server):
    client = Client(server.path, greeted=False)
    closed_with(client, "busy")
    client.close()


def connections(folder):
    for options in (["--connections", "3"], ["--connections", "9", "--connections-per-user", "3"]):
        with Limited(folder, *options) as server:
            time.sleep(SETTLED)  # whoever looked whether it is ready has gone
            held = [server.connect() for _ in range(3)]
            refused_connection(server)
            held.pop().close()
            time.sleep(SETTLED)
            held.append(server.connect())
            refused_connection(server)
            for client in held:
                client.close()


# -- seconds --

def between(took, seconds, what):
    need(seconds - EARLY < took < seconds + LATE, what, "after", round(took, 2), "s, allowed are", seconds)


def seconds(folder):
    with Limited(folder, proof_seconds=2, message_seconds=3, idle_seconds=4, snapshot_seconds=2) as server:
        client = server.connect()
        between(closed_with(client, "limit"), 2, "who does not prove himself is closed")
        client = server.connect("wanda")
        client.send_bytes(b'{"do": "wait"')
        between(closed_with(client, "limit"), 3, "half a message is closed")
        client = server.connect("wanda")
        between(closed_with(client, "limit"), 4, "who asks nothing is closed")
        client = server.connect("audrey")
        snapshot = client.ask("begin", store="books")["snapshot"]
        begun = time.monotonic()
        while True:
            try:
                client.ask("count", snapshot=snapshot, table="users")
                time.sleep(0.05)
            except Refused as error:
                need(error.status == "busy", error)
                break
        between(time.monotonic() - begun, 2, "a snapshot has ended")
        client.close()


def seconds_unread(folder):
    with Limited(folder, unread_seconds=2) as server:
        client = server.connect("wanda")
        data = os.urandom(2 << 20)
        name = client.ask("put", bytes=b64(data), offset=0, size=len(data))["sha256"]
        client.send("fetch", offset=0, sha256=name)
        begun = time.monotonic()
        server.wait_event("connection-closed")
        between(time.monotonic() - begun, 2, "who does not take an answer is closed")
        need([line["why"] for line in server.log() if line["event"] == "connection-closed"] == ["it does not read its answers"],
             server.log())
        client.close()


def seconds_to_stop(folder):
    """What was accepted is waited for, but not for ever."""
    with Limited(folder, stop_seconds=2, unread_seconds=60) as server:
        client = server.connect("wanda")
        data = os.urandom(2 << 20)
        name = client.ask("put", bytes=b64(data), offset=0, size=len(data))["sha256"]
        client.send("fetch", offset=0, sha256=name)
        time.sleep(SETTLED)
        begun = time.monotonic()
        need(server.stop() == 0, "it ends well")
        between(time.monotonic() - begun, 2, "the server ended")
        client.close()
        server.process.returncode = 0


def the_page_tells_them(_):
    """What holds where nothing is said, in the help and in the table of PROTOCOL.md."""
    page = open(f"{served.HERE}/../../cli/PROTOCOL.md", encoding="utf-8").read()
    table = dict(re.findall(r"^\| ([a-z][^|]*?) \| ([^|]*?) \|", page.split("## 7. Limits")[1].split("## 8.")[0], re.M))
    done = served.countersign("help", "serve", folder="/")
    usual = {name: int(value) for name, value in re.findall(r"([a-z-]+)=(\d+)", " ".join(done[1].split()))}
    rows = {"time for a message once begun": f"{usual['message-seconds']} s", "time until proven": f"{usual['proof-seconds']} s",
            "time without a request, nothing outstanding, no wait": f"{usual['idle-seconds'] // 60} min",
            "time that answers wait to be read": f"{usual['unread-seconds']} s without a byte taken",
            "requests without an answer": f"{usual['outstanding']} for each connection",
            "snapshots": f"{usual['snapshots']} for each connection; {usual['snapshot-seconds']} s each",
            "waits": f"{usual['waits']} for each connection", "statements that wait for the writer": f"{usual['waiting']:,} in all",
            "bytes of requests without an answer": f"{usual['held-bytes'] >> 20} MiB in all; then messages over 64 KiB are",
            "bytes of answers that are not taken": f"{usual['unread-bytes'] >> 20} MiB and one answer, for each connection",
            "connections": "1,024, and 1,024 for each Unix user", "a message": "6 MiB (64 KiB before the proof)",
            "an answer": "12 MiB: one record of the largest size", "evidence": "64 MiB a file",
            "a time stamp": "64 KiB, one for each checkpoint",
            "a checkpoint that comes back": "64 KiB, one for each witness and size",
            "records that a seek passes over": "5,000, and 4 MiB and one"}
    need(set(rows) == set(table) - {"what"}, "a limit without a row here, or the other way round", set(rows) ^ set(table))
    for name, value in rows.items():
        need(table[name] == value, name, "is", table[name], "and", value)


CASES = [the_page_tells_them, a_message, evidence, what_comes_back, bytes_held, bytes_unread, outstanding, statements_waiting, snapshots, waits,
         connections, seconds, seconds_unread, seconds_to_stop]


def main():
    if not os.path.exists(PRELOAD):
        print("PRELOAD_DIR does not name where failpoint.so is")
        return 77
    with tempfile.TemporaryDirectory(prefix="countersign-limits-") as folder:
        def clear():
            served.kill_all()
            if os.path.exists(f"{folder}/server.log"):
                os.unlink(f"{folder}/server.log")
        served.found(folder)
        wrong = served.run_cases(CASES, folder, folder, clear)
        served.need_verified(folder)
    print(f"{served.CHECKS} checks, {wrong} wrong")
    return 1 if wrong else 0


sys.exit(main())
