#!/usr/bin/python3
"""The life of a server: how it begins, where it listens, what it tells the service manager and the log, who else may use the
book meanwhile, and how it ends.
"""
import json
import os
import pwd
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "support"))
import served
from served import Closed, Refused, need


def fresh_log(folder):
    for name in ("server.log", "server.err"):
        if os.path.exists(f"{folder}/{name}"):
            os.unlink(f"{folder}/{name}")


def fails_to_start(folder, status, text, *options, environment=None):
    fresh_log(folder)
    server = served.Server(folder, *options, ready=False, environment=environment)
    code = server.process.wait(30)
    need(code == status and text in server.errors(), f"exit {code}, {server.errors()!r}; expected {status}, {text!r}")


def links_little(folder):
    """countersignd needs these libraries and no more."""
    del folder
    program = os.path.join(os.path.dirname(served.COUNTERSIGN), "countersignd")
    out = subprocess.run(["readelf", "-d", program], capture_output=True, text=True, check=True).stdout
    needed = set(re.findall(r"\(NEEDED\).*\[(lib[a-z]+)[.-]", out))
    allowed = {"libsodium", "liblmdb", "libjansson", "libuv", "libc", "libm"}  # libm comes with sanitizers
    need(needed <= allowed, "countersignd needs", needed - allowed)


def wrong_options(folder):
    for text, options in (("--limit", ("--limit", "nonsense=1")), ("--limit", ("--limit", "outstanding")),
                          ("outstanding", ("--limit", "outstanding=0")), ("outstanding", ("--limit", "outstanding=9x")),
                          ("--socket-mode", ("--socket-mode", "999")), ("connections", ("--connections", "0"))):
        fails_to_start(folder, 2, text, *options)
    fails_to_start(folder, 2, "where to listen", environment={"LISTEN_FDS": "0"})


def socket_paths(folder):
    fails_to_start(folder, 2, "107 bytes", "--socket", f"{folder}/" + "x" * 120)
    open(f"{folder}/file", "w", encoding="ascii").close()
    fails_to_start(folder, 2, "no socket", "--socket", f"{folder}/file")
    os.mkdir(f"{folder}/open-to-all")
    os.chmod(f"{folder}/open-to-all", 0o777)
    fails_to_start(folder, 5, "anybody may write", "--socket", f"{folder}/open-to-all/socket")
    fails_to_start(folder, 2, "socket", "--socket", f"{folder}/nowhere/socket")


def stale_and_taken(folder):
    """A socket that nobody answers on is replaced; one that is answered is not, and a book has one server."""
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(f"{folder}/socket")
    dead.close()
    fresh_log(folder)
    server = served.Server(folder, "--socket-mode", "0600")
    need(stat.S_IMODE(os.stat(server.path).st_mode) == 0o600, "mode of the socket")
    err = subprocess.run([served.COUNTERSIGN, "serve", "--book", f"{folder}/book", "--wait", "0", "--socket", f"{folder}/other"],
                         capture_output=True, text=True, check=False)
    need(err.returncode == 4 and f"unix:{server.path}" in err.stderr, "a second server:", err.returncode, err.stderr)
    os.mkdir(f"{folder}/second")
    subprocess.run(["cp", "-r", f"{folder}/book", f"{folder}/second/book"], check=True)
    err = subprocess.run([served.COUNTERSIGN, "serve", "--book", f"{folder}/second/book", "--socket", server.path],
                         capture_output=True, text=True, check=False)
    need(err.returncode == 4 and "another server answers" in err.stderr, "a taken socket:", err.returncode, err.stderr)
    server.connect("audrey").close()
    need(server.stop() == 0, "it ends")
    need(not os.path.exists(server.path), "its socket is left behind")


def embedded_beside(folder):
    """Who has the files still reads them; who would write is told where to go."""
    fresh_log(folder)
    server = served.Server(folder)
    client = server.connect("wanda")
    poster = served.Poster(client, "wanda")
    stop = threading.Event()

    def keep_posting():
        number = 0
        while not stop.is_set():
            number += 1
            poster.post(f"beside-{number}")

    poster_thread = threading.Thread(target=keep_posting)
    poster_thread.start()
    try:
        for _ in range(10):
            code, _, err = served.countersign("status", "--book", "book", "--json", folder=folder)
            need(code == 0, "a reader of the directory:", code, err)
        code, _, err = served.countersign("rebuild", "--book", "book", folder=folder)
        need(code == 4 and f"unix:{server.path}" in err, "a writer in the directory:", code, err)
    finally:
        stop.set()
        poster_thread.join()
    client.close()
    need(server.stop() == 0, "it ends")
    code, _, err = served.countersign("rebuild", "--book", "book", folder=folder)
    need(code == 0, "after the server:", code, err)


def handed_over(folder):
    """A socket of the service manager's, and what it is told: readiness, life, the end."""
    fresh_log(folder)
    listener = socket.socket(socket.AF_UNIX)
    path = f"{folder}/activated"
    listener.bind(path)
    listener.listen(16)
    for address in (f"{folder}/notify", f"\0countersign-test-{os.getpid()}"):
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.bind(address)
        notify.settimeout(20)
        environment = {"LISTEN_FDS": "1", "NOTIFY_SOCKET": address.replace("\0", "@"), "WATCHDOG_USEC": "500000"}
        script = 'export LISTEN_PID=$$; exec "$@" 3<&"$LISTENER"'
        with open(f"{folder}/server.err", "ab") as errors:
            process = subprocess.Popen(["bash", "-c", script, "bash", served.COUNTERSIGN, "serve", "--book", f"{folder}/book",
                                        "--log", f"{folder}/server.log"], pass_fds=[listener.fileno()], stderr=errors,
                                       env={**os.environ, **environment, "LISTENER": str(listener.fileno())})
        need(notify.recv(100) == b"READY=1", "readiness")
        client = served.Client(path)
        client.prove("audrey", served.keys()["audrey"])
        client.close()
        need(notify.recv(100) == b"WATCHDOG=1", "a sign of life")
        process.terminate()
        last = b""
        while last != b"STOPPING=1":
            last = notify.recv(100)
            need(last in (b"WATCHDOG=1", b"STOPPING=1"), last)
        need(process.wait(20) == 0, "it ends")
        need(os.path.exists(path), "the service manager's socket is not ours to remove")
        notify.close()
    listener.close()


def directory_gone(folder):
    """Who is connected is served, and others again when the directory is back."""
    fresh_log(folder)
    os.mkdir(f"{folder}/run", 0o700)
    server = served.Server(folder, "--socket", f"{folder}/run/socket", ready=False)
    server.path = f"{folder}/run/socket"
    server.wait_ready()
    client = server.connect("wanda")
    os.unlink(server.path)
    os.rmdir(f"{folder}/run")
    server.wait_event("socket-gone")
    served.Poster(client, "wanda").post("gone-directory")
    os.mkdir(f"{folder}/run", 0o700)
    server.wait_event("socket-back")
    server.connect("audrey").close()
    served.Poster(client, "wanda").post("back-again")
    need(server.stop() == 0, "it ends")


def peer_recorded(folder):
    """The entry says that it was served, and to which user of the system."""
    fresh_log(folder)
    server = served.Server(folder)
    client = server.connect("wanda")
    seq = served.Poster(client, "wanda").post("peer")["seq"]
    reader = server.connect("audrey")
    entries = reader.records("entries", store="journal")
    gate = json.loads(dict(entries)[seq.to_bytes(8, "big")])["gate"]
    need(gate["mode"] == "served" and gate["os_user"] == pwd.getpwuid(os.getuid()).pw_name, gate)
    embedded = json.loads(dict(entries)[(1).to_bytes(8, "big")])["gate"]
    need(embedded["mode"] == "embedded", embedded)
    need(server.stop() == 0, "it ends")
    code, out, err = served.countersign("audit", "verify", "--book", "book", folder=folder)
    count = sum(json.loads(value)["gate"]["mode"] == "embedded" for _, value in entries)
    need(code == 0 and f"{count} entries came through an embedded gate" in out, count, out, err)


def checkpoints(folder):
    fresh_log(folder)
    read, write = os.pipe()
    os.write(write, b"pass\n")
    os.close(write)
    os.set_inheritable(read, True)
    with open(f"{folder}/server.err", "ab") as errors:
        process = subprocess.Popen([served.COUNTERSIGN, "serve", "--book", f"{folder}/book", "--socket", f"{folder}/socket",
                                    "--log", f"{folder}/server.log", "--book-key", f"{folder}/book-key.key",
                                    "--passphrase-fd", str(read)], pass_fds=[read], stderr=errors)
    os.close(read)
    server = served.Server.__new__(served.Server)
    server.folder, server.path, server.log_path, server.error_path = folder, f"{folder}/socket", f"{folder}/server.log", f"{folder}/server.err"
    server.process = process
    server.wait_ready()
    opal, audrey, wanda = (server.connect(user) for user in ("opal", "audrey", "wanda"))
    answer = opal.ask("checkpoint")
    size = audrey.ask("wait", ms=0, size=0)["size"]
    need(answer["size"] == size and answer["note"].splitlines()[1] == str(size), answer)
    need(audrey.ask("checkpoint")["size"] == size, "an auditor's")
    try:
        wanda.ask("checkpoint")
        raise AssertionError("a specialist's checkpoint")
    except Refused as error:
        need(error.status == "permission", error)
    need(b"pass" not in open(f"/proc/{process.pid}/environ", "rb").read().split(b"\0"), "the environment tells the passphrase")
    need(server.stop() == 0, "it ends")
    code, out, err = served.countersign("audit", "verify", "--book", "book", folder=folder)
    need(code == 0 and "none was issued" not in out, out, err)


def metrics(folder):
    """Prometheus' text format, by its grammar; numbers agree with the status."""
    fresh_log(folder)
    server = served.Server(folder, "--status-file", f"{folder}/status.prom", "--status-seconds", "1")
    client = server.connect("wanda")
    for i in range(5):
        served.Poster(client, "wanda").post(f"metrics-{i}")
    time.sleep(2.5)
    auditor = server.connect("audrey")
    status = auditor.ask("status")["status"]
    text = open(f"{folder}/status.prom", encoding="ascii").read()
    need(text.endswith("\n"), "the last line ends")
    name = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
    sample = re.compile(rf'({name})(\{{({name}="(?:[^"\\\n]|\\["\\n])*")(,{name}="(?:[^"\\\n]|\\["\\n])*")*\}})? (-?[0-9.]+|\+Inf|NaN)')
    types, helps, values = {}, set(), {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, metric, kind = line.split(" ")
            need(metric not in types and kind in ("counter", "gauge", "histogram"), line)
            types[metric] = kind
        elif line.startswith("# HELP "):
            need(line.split(" ")[2] not in helps, line)
            helps.add(line.split(" ")[2])
        else:
            match = sample.fullmatch(line)
            need(match, "no sample:", line)
            base = re.sub(r"_(bucket|sum|count)$", "", match[1])
            metric = base if types.get(base) == "histogram" else match[1]
            need(metric in types and metric in helps, "no type or help for", line)
            key = match[1] + (match[2] or "")
            need(key not in values, "twice:", key)
            values[key] = float(match[5])
            need(types[metric] != "counter" or metric.endswith("_total"), metric)
    for metric in (metric for metric, kind in types.items() if kind == "histogram"):
        buckets = [value for key, value in values.items() if key.startswith(metric + "_bucket")]
        need(buckets == sorted(buckets) and buckets[-1] == values[metric + "_count"], metric, buckets)
    need(values["countersign_statements_accepted_total"] == 5 == status["statements"]["accepted"], "accepted")
    need(values["countersign_entries"] == status["entries"] == status["head"]["size"], "entries")
    posted = values["countersign_outbox_oldest_timestamp_seconds"]
    need(values["countersign_outbox"] == status["outbox"]["unacknowledged"] and posted == status["outbox"]["oldest_seconds"],
         status["outbox"])
    need(values["countersign_outbox"] >= 5 and posted > 0, "what was posted is on its way", values)
    need(status["requests"]["submit"] == 5 and status["latency"]["whole"]["count"] == 5, status)
    for row in status["latency"].values():
        need(row["p50_us"] <= row["p99_us"] <= row["p999_us"] <= row["max_us"], row)
    need(server.stop() == 0, "it ends")


def logs(folder):
    """Moved away and opened anew at SIGHUP; lines of one peer are bounded."""
    fresh_log(folder)
    server = served.Server(folder)
    os.rename(server.log_path, f"{folder}/server.log.1")
    server.process.send_signal(signal.SIGHUP)
    until = time.monotonic() + 10
    while not os.path.exists(server.log_path) and time.monotonic() < until:
        time.sleep(0.02)
    for _ in range(200):
        client = server.connect()
        client.send_bytes(b"nonsense\x1b[31m\n")
        client.close()
    time.sleep(0.5)
    lines = server.log()
    closed = [line for line in lines if line["event"] == "connection-closed"]
    need(0 < len(closed) < 40, len(closed), "lines of one peer")
    need(server.stop() == 0, "it ends")
    text = open(server.log_path, encoding="ascii").read()
    need("\x1b" not in text and "nonsense" not in text, "what a peer sent is in the log")
    need([line["event"] for line in server.log()][-2:] == ["stopping", "stopped"], server.log()[-3:])


def orderly_end(folder):
    """What was accepted is answered; who is there is told; nobody else is let in."""
    fresh_log(folder)
    server = served.Server(folder)
    idle, waiting, busy = server.connect("audrey"), server.connect("audrey"), server.connect("wanda")
    size = waiting.ask("wait", ms=0, size=0)["size"]
    wait = waiting.send("wait", ms=60000, size=size + 100000)
    poster = served.Poster(busy, "wanda")
    numbers = [busy.send("submit", **poster.members(poster.statement(f"end-{i}"))) for i in range(40)]
    first = busy.receive()
    server.process.terminate()
    answers = [first]
    try:
        while True:
            answers.append(busy.receive())
    except Closed:
        pass
    last = answers.pop()
    need(last["id"] == 0 and last["error"]["status"] == "busy" and "stops" in last["error"]["text"], last)
    need(all(answer["id"] in numbers and "answer" in answer for answer in answers), answers[-1])
    need(idle.receive()["error"]["status"] == "busy", "an idle client is told")
    need(waiting.receive()["id"] == wait, "a waiting client is answered")
    need(server.process.wait(30) == 0, "it ends well")
    fresh_log(folder)
    server = served.Server(folder)
    client = server.connect("wanda")
    again = served.Poster(client, "wanda")
    for answer, number in zip(answers, range(40)):
        del number
        name = f"end-{numbers.index(answer['id'])}"
        once_more = again.post(name)
        need(once_more["repeated"] and once_more["seq"] == answer["answer"]["seq"], name)
    need(server.stop() == 0, "it ends")


def second_signal(folder):
    """A client that does not read would hold up the end: the second signal does not wait for it."""
    fresh_log(folder)
    server = served.Server(folder)
    client = server.connect("audrey")
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    snapshot = client.ask("begin", store="books")["snapshot"]
    client.socket.settimeout(1)
    try:
        for _ in range(3000):
            client.send("seek", at="first", records=1000, snapshot=snapshot, table="documents")
    except OSError:
        pass
    server.process.terminate()
    time.sleep(0.5)
    need(server.process.poll() is None, "it waits for the answers to be taken")
    begun = time.monotonic()
    server.process.terminate()
    server.process.wait(10)
    need(time.monotonic() - begun < 3, "at once")
    client.close()


def for_each_user(folder):
    fresh_log(folder)
    server = served.Server(folder, "--connections-per-user", "5")
    held = [server.connect() for _ in range(5)]
    try:
        server.connect()
        raise AssertionError("six connections of one user")
    except Refused as error:
        need(error.status == "busy" and "user" in error.error["text"], error)
    for client in held:
        client.close()
    need(server.stop() == 0, "it ends")


CASES = [links_little, wrong_options, socket_paths, stale_and_taken, embedded_beside, handed_over, directory_gone, peer_recorded,
         checkpoints, metrics, logs, orderly_end, second_signal, for_each_user]


def main():
    with tempfile.TemporaryDirectory(prefix="countersign-serve-") as folder:
        served.found(folder)
        wrong = served.run_cases(CASES, folder, folder, served.kill_all)
        served.need_verified(folder)
    print(f"{served.CHECKS} checks, {wrong} wrong")
    return 1 if wrong else 0


sys.exit(main())
