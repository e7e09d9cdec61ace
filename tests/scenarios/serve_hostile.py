#!/usr/bin/python3
"""Clients that are slow, silent, greedy, dead, or lie: each gets its answer or is closed as cli/PROTOCOL.md section 7 says,
others are served meanwhile, and nothing that was accepted is lost.
"""
import base64
import hashlib
import json
import os
import socket
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "support"))
import served
from served import Closed, Key, Refused, b64, canonical, need

SHORT = ["--limit", "proof-seconds=2", "--limit", "message-seconds=2", "--limit", "unread-seconds=2", "--limit",
         "idle-seconds=3", "--limit", "snapshot-seconds=2", "--limit", "waiting=8", "--connections", "40"]

def refused(status, function, *arguments, **members):
    """What was asked has to be refused in this way. Answers the error."""
    try:
        answer = function(*arguments, **members)
    except Refused as error:
        need(error.status == status, f"refused with {error}, not {status}")
        return error.error
    raise AssertionError(f"not refused: {str(answer)[:200]}")


def ends(client, status=None, seconds=10):
    """The connection ends, after an error of that status under id 0 if one is named. Answers what came before."""
    client.socket.settimeout(seconds)
    seen = []
    try:
        while True:
            seen.append(client.receive())
    except Closed:
        pass
    if status is not None:
        need(seen and seen[-1].get("id") == 0 and seen[-1]["error"]["status"] == status,
             f"ended with {str(seen)[:300]}, not {status}")
    return seen


def alive(server):
    """Somebody else is served."""
    client = server.connect("audrey")
    need(client.ask("status")["status"]["head"]["size"] > 0, "no head")
    client.close()


# -- before the proof --

def silent_before_proof(server):
    client = server.connect()
    begun = time.monotonic()
    ends(client, "limit")
    need(1.5 < time.monotonic() - begun < 5, "a silent client is closed after", time.monotonic() - begun)


def request_before_proof(server):
    client = server.connect()
    for do, members in (("begin", {"store": "books"}), ("status", {}), ("wait", {"ms": 1, "size": 0}), ("checkpoint", {}),
                        ("checkpoint-add", {"note": "n"}), ("timestamps", {"after": ""}), ("timestamp-put", {"bytes": "AA=="}),
                        ("submit", {"signatures": [], "statement": ""})):
        try:
            client.ask(do, **members)
            raise AssertionError(f"{do} before the proof")
        except Refused as error:
            need(error.status in ("permission", "input"), do, error)
    client.close()


def long_before_proof(server):
    client = server.connect()
    client.send_bytes(b'{"do": "' + b"x" * (70 << 10))
    ends(client, "limit")


def unknown_key(server):
    client = server.connect()
    refused("permission", client.ask, "hello", keys=[Key("a stranger").text], nonce="00" * 32, user="wanda")
    ends(client)
    client = server.connect()
    refused("permission", client.ask, "hello", keys=[served.keys()["audrey"].text], nonce="00" * 32, user="wanda")
    ends(client)


def second_hello(server):
    client = server.connect()
    key = served.keys()["wanda"]
    client.ask("hello", keys=[key.text], nonce="11" * 32, user="wanda")
    refused("input", client.ask, "hello", keys=[key.text], nonce="11" * 32, user="wanda")
    ends(client)
    client = server.connect("wanda")
    refused("input", client.ask, "hello", keys=[key.text], nonce="11" * 32, user="wanda")
    ends(client)


def prove_before_hello(server):
    client = server.connect()
    refused("input", client.ask, "prove", signature=b64(b"nothing"))
    ends(client)


def wrong_proofs(server):
    wanda, audrey = served.keys()["wanda"], served.keys()["audrey"]
    nonce = "22" * 32

    def attempt(make):
        client = server.connect()
        client.ask("hello", keys=[wanda.text], nonce=nonce, user="wanda")
        try:
            client.ask("prove", signature=b64(make(client)))
            raise AssertionError("a wrong proof was taken")
        except Refused as error:
            need(error.status in ("signature", "input"), error)
        ends(client)

    def other(at, **changes):
        value = json.loads(at.challenge("wanda", wanda, nonce))
        value.update(changes)
        return wanda.sign(canonical(value), "countersign-connect")

    attempt(lambda client: audrey.sign(client.challenge("wanda", wanda, nonce), "countersign-connect"))
    attempt(lambda client: wanda.sign(client.challenge("wanda", wanda, nonce), "countersign"))
    attempt(lambda client: other(client, book="0" * 64))
    attempt(lambda client: other(client, server="0" * 64))
    attempt(lambda client: other(client, client="0" * 64))
    attempt(lambda client: other(client, user="audrey"))
    attempt(lambda client: b"")
    attempt(lambda client: b"SSHSIG")


def replayed_proof(server):
    """What was signed for one connection is worth nothing on another, nor a second time on its own."""
    key, nonce = served.keys()["wanda"], "33" * 32
    first = server.connect()
    first.ask("hello", keys=[key.text], nonce=nonce, user="wanda")
    signature = b64(key.sign(first.challenge("wanda", key, nonce), "countersign-connect"))
    first.ask("prove", signature=signature)
    second = server.connect()
    need(second.greeting["nonce"] != first.greeting["nonce"], "a nonce is used twice")
    second.ask("hello", keys=[key.text], nonce=nonce, user="wanda")
    refused("signature", second.ask, "prove", signature=signature)
    ends(second)
    refused("input", first.ask, "prove", signature=signature)
    ends(first)


def statement_as_proof(server):
    """A challenge can't be handed in as a statement."""
    client = server.connect("wanda")
    key = served.keys()["wanda"]
    text = client.challenge("wanda", key, "44" * 32)
    refused("input", client.ask, "submit", statement=b64(text), signatures=[b64(key.sign(text, "countersign-connect"))])
    client.close()


# -- form --

def garbage(server):
    for data in (b"\x00\xff\xfe binary\n", b"\n", b"[]\n", b"nothing\n", b"{}\n", b'{"do": "status"}\n', b'{"id": 1}\n',
                 b'{"do": "status", "id": 0}\n', b'{"do": "status", "id": "1"}\n', b'{"do": "status", "id": 1.5}\n',
                 b'{"do": "status", "id": 1, "id": 2}\n', b'{"do": "status", "id": -1}\n', b'"' + b"\\" * 50 + b'\n',
                 b'{"do": "status", "id": 9007199254740993}\n', b"\xef\xbb\xbf{}\n", b'{"id": 1, "do": "\xc3"}\n'):
        client = server.connect("wanda")
        client.send_bytes(data)
        seen = ends(client)
        need(seen and "error" in seen[-1], data, "was answered by", seen)
    client = server.connect("wanda")
    client.send_bytes(b'{"id": 7}\n')
    answer = client.receive()
    need(answer["id"] == 7 and answer["error"]["status"] == "input", "no do:", answer)
    client.close()


def deep(server):
    for piece in (b"[", b'{"a":'):
        client = server.connect("wanda")
        client.send_bytes(b'{"do": "get", "id": 9, "table": ' + piece * 100000 + b"\n")
        ends(client, "limit")


def unknown_members(server):
    client = server.connect("wanda")
    error = refused("input", client.ask, "wait", ms=1, size=0, more=1)
    need("more" in error["text"], error)
    refused("input", client.ask, "wait", ms=1)
    refused("input", client.ask, "wait", ms=60001, size=0)
    refused("input", client.ask, "wait", ms="1", size=0)
    refused("input", client.ask, "begin", store="everything")
    refused("input", client.ask, "fly")
    refused("input", client.ask, "seek", at="first", key="AAAA", records=1, snapshot=1, table="documents")
    refused("input", client.ask, "seek", at="after", records=1, snapshot=1, table="documents")
    refused("input", client.ask, "seek", at="first", records=1001, snapshot=1, table="documents")
    refused("input", client.ask, "get", snapshot=1, table="documents", key="not base64")
    refused("input", client.ask, "get", snapshot=99, table="documents", key="AAAA")
    error = refused("input", client.ask, "\x1b[31mred" + "x" * 5000)
    need(len(error["text"]) < 300 and "\x1b" not in error["text"], error)
    client.close()


def ids_that_fall(server):
    client = server.connect("wanda")
    client.id = 100
    client.ask("wait", ms=0, size=0)
    client.id = 50
    client.send("wait", ms=0, size=0)
    ends(client, "input")


def too_long(server):
    client = server.connect("wanda")
    sender = threading.Thread(target=lambda: flood(client, b'{"do": "submit", "id": 5, "statement": "', 7 << 20))
    sender.start()
    ends(client, "limit")
    sender.join()


def flood(client, head, count):
    try:
        client.send_bytes(head)
        client.send_bytes(b"A" * count)
    except OSError:
        pass


# -- time --

def slow_sender(server):
    client = server.connect("wanda")
    begun = time.monotonic()
    try:
        for byte in b'{"do": "wait", "id": 500, "ms": 0, "size": 0}':
            client.send_bytes(bytes([byte]))
            time.sleep(0.2)
    except OSError:
        pass
    ends(client, "limit")
    need(time.monotonic() - begun < 8, "a slow sender was borne for", time.monotonic() - begun)


def slow_reader(server):
    """Does not take its answers: closed, and with little memory used by then."""
    client = server.connect("audrey")
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    snapshot = client.ask("begin", store="books")["snapshot"]
    begun = time.monotonic()
    client.socket.settimeout(5)
    try:
        for _ in range(100000):
            client.send("seek", at="first", records=1000, snapshot=snapshot, table="documents")
    except OSError:
        pass
    need(time.monotonic() - begun < 10, "answers that nobody reads:", time.monotonic() - begun)
    watcher = server.connect("audrey")
    status = watcher.ask("status")["status"]
    need(0 < status["own_bytes"] < status["resident_bytes"] < 200 << 20, "memory", status)
    watcher.close()
    client.close()


def idle(server):
    client = server.connect("wanda")
    ends(client, "limit")


def waits_while_idle(server):
    """Whoever waits is not idle."""
    client = server.connect("wanda")
    size = client.ask("wait", ms=0, size=0)["size"]
    begun = time.monotonic()
    answer = client.ask("wait", ms=5000, size=size + 1000)
    need(4.5 < time.monotonic() - begun < 7 and answer["size"] >= size, "waited", time.monotonic() - begun)
    client.close()


def too_many_waits(server):
    client = server.connect("wanda")
    numbers = [client.send("wait", ms=20000, size=1 << 40) for _ in range(5)]
    answer = client.receive()
    need(answer["id"] == numbers[4] and answer["error"]["status"] == "limit", answer)
    client.close()


def half_closed(server):
    """Whoever has said all still gets his answers."""
    client = server.connect("wanda")
    poster = served.Poster(client, "wanda")
    numbers = [client.send("submit", **poster.members(poster.statement(f"half-{i}"))) for i in range(5)]
    client.socket.shutdown(socket.SHUT_WR)
    answers = ends(client)
    need(sorted(answer["id"] for answer in answers) == numbers, "half-closed:", answers)
    need(all("answer" in answer for answer in answers), answers)


def dies_before_answer(server):
    """What was accepted is let in, whoever hears of it; the same bytes again answer with the first result."""
    dying = server.connect("wanda")
    poster = served.Poster(dying, "wanda")
    texts = [poster.statement(f"dying-{i}") for i in range(20)]
    for text in texts:
        dying.send("submit", **poster.members(text))
    time.sleep(0.5)
    dying.close()
    client = server.connect("wanda")
    again = served.Poster(client, "wanda")
    answers = [client.ask("submit", **again.members(text))["answer"] for text in texts]
    need(len({answer["seq"] for answer in answers}) == 20, "each once")
    need(sum(answer["repeated"] for answer in answers) > 0, "nothing of a dead client was let in")
    client.close()


def truncated(server):
    """Half a message, then the end: nothing comes of it."""
    client = server.connect("wanda")
    poster = served.Poster(client, "wanda")
    text = canonical({"do": "submit", "id": 900, **poster.members(poster.statement("truncated"))})
    client.send_bytes(text[:-10])
    client.socket.shutdown(socket.SHUT_WR)
    need(ends(client) == [], "half a message was answered")


# -- numbers --

def outstanding(server):
    """The server does not read on, so that the client waits; all is answered in the end, each once."""
    client = server.connect("wanda")
    poster = served.Poster(client, "wanda")
    lines = [canonical({"do": "submit", "id": 1000 + i, **poster.members(poster.statement(f"many-{i}"))}) + b"\n"
             for i in range(300)]
    sender = threading.Thread(target=lambda: [client.send_bytes(line) for line in lines])
    sender.start()
    answers = [client.receive() for _ in lines]
    sender.join()
    need(sorted(answer["id"] for answer in answers) == list(range(1000, 1300)), "each is answered once")
    need(all("answer" in answer for answer in answers), [answer for answer in answers if "answer" not in answer][:1])
    client.close()


def snapshots(server):
    client = server.connect("audrey")
    numbers = [client.ask("begin", store=store)["snapshot"] for store in ("books", "journal", "books", "journal")]
    need(numbers == [1, 2, 3, 4], numbers)
    refused("limit", client.ask, "begin", store="books")
    client.ask("end", snapshot=2)
    number = client.ask("begin", store="books")["snapshot"]
    refused("busy", client.ask, "count", snapshot=2, table="entries")
    refused("input", client.ask, "count", snapshot=77, table="documents")
    refused("input", client.ask, "count", snapshot=number, table="no such")
    need(client.ask("count", snapshot=number, table="users")["count"] > 10, "users")
    time.sleep(2.8)
    refused("busy", client.ask, "count", snapshot=number, table="documents")
    need(client.ask("end", snapshot=number) == {}, "an expired snapshot is ended")
    for _ in range(4):
        client.ask("begin", store="books")
    client.close()


def stands_still(server):
    reader, writer = server.connect("audrey"), server.connect("wanda")
    begun = reader.ask("begin", store="journal")
    count = reader.ask("count", snapshot=begun["snapshot"], table="entries")["count"]
    need(count == begun["size"], "count and size", count, begun)
    seq = served.Poster(writer, "wanda").post("still")["seq"]
    need(seq >= count, "the new entry is", seq)
    need(reader.ask("count", snapshot=begun["snapshot"], table="entries")["count"] == count, "a snapshot moved")
    again = reader.ask("begin", store="journal")
    need(again["size"] > count, "the next one has", again)
    reader.close()
    writer.close()


def too_many_connections(server):
    held = []
    try:
        while len(held) < 60:
            held.append(server.connect())
    except Refused as error:
        need(error.status == "busy", error)
    over = served.Client(server.path, greeted=False)
    answer = over.receive()
    need(answer["error"]["status"] == "busy" and answer["id"] == 0, answer)
    ends(over)
    need(len(held) <= 40, "held", len(held))
    for client in held:
        client.close()
    time.sleep(0.5)
    alive(server)


# -- statements --

def same_twice(server):
    """By two connections at once: one entry, and one of the answers says that it was there."""
    one, two = server.connect("wanda"), server.connect("wanda")
    text = served.Poster(one, "wanda").statement("twice")
    members = served.Poster(one, "wanda").members(text)
    answers = []
    threads = [threading.Thread(target=lambda c=c: answers.append(c.ask("submit", **members)["answer"])) for c in (one, two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    need(answers[0]["seq"] == answers[1]["seq"], "two entries", answers)
    need(sorted(answer["repeated"] for answer in answers) == [False, True], answers)
    need(answers[0]["leaf"] == answers[1]["leaf"] and answers[0]["decision"] == answers[1]["decision"], "other answers")
    one.close()
    two.close()


def same_id_other_bytes(server):
    client = server.connect("wanda")
    poster = served.Poster(client, "wanda")
    client.ask("submit", **poster.members(poster.statement("ids", name="ID-1")))
    refused("exists", client.ask, "submit", **poster.members(poster.statement("other", name="ID-1")))
    client.close()


def bad_statements(server):
    client = server.connect("wanda")
    poster = served.Poster(client, "wanda")
    text = poster.statement("bad")
    flipped = bytearray(poster.key.sign(text))
    flipped[-1] ^= 1
    refused("signature", client.ask, "submit", statement=b64(text), signatures=[b64(bytes(flipped))])
    refused("input", client.ask, "submit", statement=b64(text), signatures=[])
    refused("input", client.ask, "submit", statement=b64(text[:-1]), signatures=[b64(poster.key.sign(text[:-1]))])
    other = text.replace(client.greeting["book"].encode(), b"0" * 64)
    refused("input", client.ask, "submit", statement=b64(other), signatures=[b64(poster.key.sign(other))])
    stranger = Key("a stranger")
    refused("permission", client.ask, "submit", statement=b64(text), signatures=[b64(stranger.sign(text))])
    refused("permission", client.ask, "try", statement=b64(text.replace(b'"actor":"wanda"', b'"actor":"maria"')))
    need("decision" in client.ask("try", statement=b64(text)), "a try")
    client.close()


def refusal_is_an_answer(server):
    client = server.connect("wanda")
    poster = served.Poster(client, "wanda")
    answer = poster.post("too-much", amount="999999.00")
    need(answer["decision"]["outcome"] == "refused" or answer["decision"]["results"][0]["outcome"] == "refused", answer)
    client.close()


# -- reading --

def nobody_reads(server):
    """No function, or only operate: the head, checkpoints, the policy; nothing of the books."""
    for user in ("nobby", "opal"):
        client = server.connect(user)
        snapshot = client.ask("begin", store="books")["snapshot"]
        for table in ("documents", "invoices", "customers", "balances"):
            need(client.ask("seek", at="first", records=10, snapshot=snapshot, table=table)["records"] == [], user, table)
            refused("permission", client.ask, "count", snapshot=snapshot, table=table)
        journal = client.ask("begin", store="journal")["snapshot"]
        need(client.ask("count", snapshot=journal, table="nodes")["count"] > 0, "hashes are for all")
        refused("permission", client.ask, "get", key=b64((10).to_bytes(8, "big")), snapshot=journal, table="entries")
        client.close()
    opal, nobby = server.connect("opal"), server.connect("nobby")
    need("entries" in opal.ask("status")["status"], "operations")
    refused("permission", nobby.ask, "status")
    refused("permission", nobby.ask, "checkpoint")
    refused("not-found", opal.ask, "checkpoint")
    for do, members in (("checkpoint-add", {"note": "a\n1\nb\n\n— c AAAA\n"}), ("timestamp-put", {"bytes": b64(b"reply")}),
                        ("timestamp-get", {"name": "1-0123456789abcdef.tsr"})):
        refused("permission", nobby.ask, do, **members)
        refused("not-found", opal.ask, do, **members)
    refused("permission", nobby.ask, "timestamps", after="")
    need(opal.ask("timestamps", after="") == {"more": False, "names": [], "others": []}, "time stamps from nowhere")
    for members in ({"name": "../journal/data.mdb"}, {"name": "/etc/passwd"}, {"name": "1-0123456789abcdef.tsr/.."}, {"name": 1}):
        refused("input", opal.ask, "timestamp-get", **members)
    refused("input", opal.ask, "timestamps", after="../journal/")
    refused("limit", opal.ask, "timestamp-put", bytes=b64(b"x" * 65537))
    refused("limit", opal.ask, "checkpoint-add", note="x" * 65537)
    refused("input", opal.ask, "checkpoint-add", note={"note": 1})
    refused("permission", nobby.ask, "put", bytes=b64(b"x"), offset=0, size=1)
    refused("permission", opal.ask, "put", bytes=b64(b"x"), offset=0, size=1)
    refused("permission", nobby.ask, "fetch", offset=0, sha256="00" * 32)
    opal.close()
    nobby.close()


def evidence(server):
    client = server.connect("wanda")
    data = os.urandom(7 << 20)
    part = 3 << 20
    for offset in range(0, len(data), part):
        answer = client.ask("put", bytes=b64(data[offset:offset + part]), offset=offset, size=len(data))
    name = hashlib.sha256(data).hexdigest()
    need(answer == {"bytes": len(data), "sha256": name}, answer)
    need(client.ask("has", sha256=name) == {"there": True}, "has")
    need(client.ask("has", sha256="00" * 32) == {"there": False}, "has not")
    back = b""
    while True:
        answer = client.ask("fetch", offset=len(back), sha256=name)
        back += base64.b64decode(answer["bytes"])
        if len(back) == answer["size"]:
            break
    need(back == data, "fetched")
    refused("not-found", client.ask, "fetch", offset=0, sha256="00" * 32)
    client.ask("put", bytes=b64(b"abc"), offset=0, size=6)
    refused("input", client.ask, "put", bytes=b64(b"def"), offset=2, size=6)
    refused("input", client.ask, "put", bytes=b64(b"def"), offset=3, size=6)
    refused("input", client.ask, "put", bytes=b64(b"defg"), offset=0, size=3)
    refused("limit", client.ask, "put", bytes=b64(b"a"), offset=0, size=(64 << 20) + 1)
    refused("limit", client.ask, "put", bytes=b64(bytes(part + 3)), offset=0, size=part + 3)
    need(client.ask("put", bytes="", offset=0, size=0)["bytes"] == 0, "an empty file")
    salt = os.urandom(32)
    name = client.ask("personal-put", bytes=b64(b"a name"), salt=b64(salt))["hash"]
    need(base64.b64decode(client.ask("personal-get", hash=name)["bytes"]) == salt + b"a name", "personal data")
    refused("permission", client.ask, "erase", document="ER-1")
    client.ask("put", bytes=b64(b"abc"), offset=0, size=6)  # left unfinished
    client.close()


CASES = [silent_before_proof, request_before_proof, long_before_proof, unknown_key, second_hello, prove_before_hello,
         wrong_proofs, replayed_proof, statement_as_proof, garbage, deep, unknown_members, ids_that_fall, too_long,
         slow_sender, slow_reader, idle, waits_while_idle, too_many_waits, half_closed, dies_before_answer, truncated,
         outstanding, snapshots, stands_still, too_many_connections, same_twice, same_id_other_bytes, bad_statements,
         refusal_is_an_answer, nobody_reads, evidence]


def main():
    with tempfile.TemporaryDirectory(prefix="countersign-hostile-") as folder:
        served.found(folder)
        server = served.Server(folder, *SHORT, program=os.environ.get("SERVE_PROGRAM"))
        try:
            wrong = served.run_cases(CASES, server, folder, lambda: alive(server))
            status = server.stop()
            if status != 0:
                wrong += 1
                print("WRONG: the server ended with", status)
        finally:
            server.kill()
        lines = open(server.log_path, encoding="ascii").read()
        for line in server.log():
            if "event" not in line or "at" not in line:
                wrong += 1
                print("WRONG: a line of the log:", line)
        for secret in ("evidence half-", "S-half", "AAAAAAAA", "SSHSIG", "countersign-connect"):
            if secret in lines:
                wrong += 1
                print("WRONG: the log tells", secret)
        print(server.errors(), end="")
        if wrong:
            print(lines[-3000:])
        need("entries came through an embedded gate" in served.need_verified(folder), "verify tells embedded entries apart")
    print(f"{served.CHECKS} checks, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
