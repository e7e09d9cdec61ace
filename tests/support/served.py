"""A client of `countersign serve` that shares no code with it: cli/PROTOCOL.md read again. Keys are made here, in OpenSSH's
form, so that a test may sign what it likes, rightly and wrongly.
"""
import base64
import hashlib
import json
import os
import socket
import signal
import struct
import subprocess
import sys
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CHECKS = 0


def need(condition, *text):
    """A check of a scenario's; those that came are counted."""
    global CHECKS
    CHECKS += 1
    if not condition:
        raise AssertionError(" ".join(str(piece) for piece in text))


def wire(data):
    return struct.pack(">I", len(data)) + data


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def b64(data):
    return base64.b64encode(data).decode()


class Key:
    def __init__(self, seed=None):
        seed = hashlib.sha256(seed.encode()).digest() if isinstance(seed, str) else seed or os.urandom(32)
        self.private = Ed25519PrivateKey.from_private_bytes(seed)
        public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.blob = wire(b"ssh-ed25519") + wire(public)
        self.text = "ssh-ed25519 " + b64(self.blob)

    def sign(self, data, namespace="countersign"):
        """A bare SSHSIG blob (PROTOCOL.sshsig)."""
        space = namespace.encode()
        signed = b"SSHSIG" + wire(space) + wire(b"") + wire(b"sha512") + wire(hashlib.sha512(data).digest())
        signature = wire(b"ssh-ed25519") + wire(self.private.sign(signed))
        return (b"SSHSIG" + struct.pack(">I", 1) + wire(self.blob) + wire(space) + wire(b"") + wire(b"sha512")
                + wire(signature))


class Closed(Exception):
    pass


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, error):
        super().__init__(f"{error['status']}: {error['text']}")
        self.error = error
        self.status = error["status"]


class Client:
    def __init__(self, path, timeout=20, greeted=True):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.path = path
        self.socket.connect(path)
        self.buffer = b""
        self.id = 0
        self.greeting = self.receive() if greeted else None
        if greeted and "error" in self.greeting:
            raise Refused(self.greeting["error"])

    def close(self):
        self.socket.close()

    def send_bytes(self, data):
        self.socket.sendall(data)

    def send(self, do, **members):
        self.id += 1
        self.send_bytes(canonical({"do": do, "id": self.id, **members}) + b"\n")
        return self.id

    def receive(self):
        while b"\n" not in self.buffer:
            try:
                more = self.socket.recv(1 << 16)
            except ConnectionError as error:
                raise Closed from error
            if not more:
                raise Closed
            self.buffer += more
        line, self.buffer = self.buffer.split(b"\n", 1)
        message = json.loads(line)
        if os.path.dirname(self.path) in message.get("error", {}).get("text", ""):
            raise AssertionError(f"an error tells where the server's files are: {message}")
        return message

    def ask(self, do, **members):
        """Sends, waits, and answers what came; an error is raised."""
        number = self.send(do, **members)
        answer = self.receive()
        if "error" in answer:
            raise Refused(answer["error"])
        if answer.pop("id") != number:
            raise AssertionError("an answer to something else")
        return answer

    def challenge(self, user, key, nonce):
        return canonical({"book": self.greeting["book"], "client": nonce, "key": key.text,
                          "server": self.greeting["nonce"], "user": user})

    def prove(self, user, key):
        nonce = os.urandom(32).hex()
        self.ask("hello", keys=[key.text], nonce=nonce, user=user)
        return self.ask("prove", signature=b64(key.sign(self.challenge(user, key, nonce), "countersign-connect")))["reads"]

    def records(self, table, store="books", records=1000):
        """A whole table: [(key, value with its checksum)]."""
        snapshot = self.ask("begin", store=store)["snapshot"]
        found, at = [], {"at": "first"}
        while True:
            answer = self.ask("seek", records=records, snapshot=snapshot, table=table, **at)
            found += [(base64.b64decode(key), base64.b64decode(value)) for key, value in answer["records"]]
            if not answer["more"]:
                break
            at = {"at": "after", "key": answer["records"][-1][0]}
        self.ask("end", snapshot=snapshot)
        return found


def statement(book, actor, verb, at, body, seen=None, number=None):
    """Bytes of a statement, canonical."""
    return canonical({"actor": actor, "at": at, "body": body, "book": book, "do": verb,
                      "id": number or "T-" + os.urandom(8).hex(), "seen": seen, "v": 1})


# -- a company with people whose keys are here, and a server that has its book --

HERE = os.path.dirname(os.path.realpath(__file__))
COUNTERSIGN = os.path.realpath(os.environ.get("COUNTERSIGN", "build/debug/countersign"))

PEOPLE = {"wanda": ("P-61", "human", "BILLING_SPECIALIST"), "audrey": ("P-62", "human", "AUDITOR"),
          "opal": ("P-63", "human", "ADMINISTRATOR"), "nobby": ("P-64", "human", "")}
PEOPLE.update({f"bot{i}": ("P-12", "bot", "BILLING_SPECIALIST") for i in range(2, 10)})

SETUP = r"""
. "$0"
trap - EXIT
found_company
ENROLMENTS=$(mktemp -p "$WORK") GRANTS=$(mktemp -p "$WORK")
tick
python3 "$HERE/../support/served.py" enrol "$ENROLMENTS.json" "$(now)" "$("$COUNTERSIGN" status --json --book "$BOOK" 2>/dev/null)" || die enrol
run sign "$ENROLMENTS.json" --key olga.key --passphrase-fd 3
expect 0
run submit "$ENROLMENTS.json" --book "$BOOK"
expect 0
cs oscar approve --inbox
python3 "$HERE/../support/served.py" grants >"$GRANTS"
lay "$GRANTS.json" olga submit olga <"$GRANTS"
cs oscar approve --inbox
eval "${FURTHER:-}"
cp -r "$WORK"/. "$COMPANY"
rm -rf "$WORK"
exit $FAILED
"""


def keys():
    return {user: Key(f"served {user}") for user in PEOPLE}


def write_enrolments(path, at, status):
    """A statement that each of them has signed, as `countersign sign` reads it."""
    status = json.loads(status)
    documents = [{"kind": "enrolment", "ref": f"en-{user}", "channel": "cli", "user": user, "person": person, "sort": sort,
                  "key": key.text} for (user, (person, sort, _)), key in zip(PEOPLE.items(), keys().values())]
    signed = []
    head = {"hash": status["head"]["hash"], "seq": status["head"]["seq"]}
    text = statement(status["book"], "olga", "submit", at, {"atomic": True, "documents": documents}, head)
    for key in keys().values():
        signed.append((key.blob, b64(key.sign(text))))
    value = {"signatures": [blob for _, blob in sorted(signed)], "statement": json.loads(text)}
    with open(path, "xb") as out:
        out.write(canonical(value) + b"\n")


def grants():
    return {"atomic": True, "documents": [
        {"kind": "grant", "ref": f"gr-{user}", "channel": "cli", "user": user, "role": role, "entities": ["US01"]}
        for user, (_, _, role) in PEOPLE.items() if role]}


def found(folder, **environment):
    """Makes the company's files in a folder: book/, and keys of those that lib.sh hires. POLICY is another policy, FURTHER
    lines for lib.sh's shell at the end."""
    subprocess.run(["bash", "-c", SETUP, f"{HERE}/../scenarios/lib.sh"], check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, "COMPANY": folder, "COUNTERSIGN": COUNTERSIGN, "SERVED": "", **environment})


def credit_note(number, amount="1.00", invoice=None):
    """A document of its own for each number."""
    return {"kind": "credit-note", "ref": f"S-{number}", "channel": "cli", "entity": "US01", "customer": "20001",
            "currency": "USD", "amount": amount, "date": "2026-01-05", "reason": "PRICE_ERR",
            "allocations": [{"invoice": invoice or f"9000{hash_of(number) % 20:02}", "amount": amount}],
            "evidence": [{"bytes": 12, "kind": "price-sheet", "media": "text/plain", "sha256": hashlib.sha256(f"evidence {number}".encode()).hexdigest()}]}


def hash_of(text):
    return int(hashlib.sha256(str(text).encode()).hexdigest()[:8], 16)


def instant(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))


STARTED = []


def kill_all():
    """Ends the servers that a failed case has left."""
    for process in STARTED:
        if process.poll() is None:
            process.kill()
            process.wait()
    STARTED.clear()


class Server:
    """`countersign serve` on a book; its log's lines are parsed. over: words to put before it, another program's."""

    def __init__(self, folder, *options, book=None, ready=True, environment=None, program=None, over=()):
        self.folder = folder
        self.book = book or f"{folder}/book"
        self.path = f"{folder}/socket"
        self.log_path = f"{folder}/server.log"
        self.error_path = f"{folder}/server.err"
        line = [*over, program or COUNTERSIGN, "serve", "--book", self.book, "--log", self.log_path, *options]
        if "--socket" not in options and "LISTEN_FDS" not in (environment or {}):
            line += ["--socket", self.path]
        # Leaks cannot be looked for while another process traces: the sanitizer would wait for ever.
        traced = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"} if over else {}
        with open(self.error_path, "ab") as errors:
            self.process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors,
                                            env={**os.environ, **traced, **(environment or {})})
        STARTED.append(self.process)
        if ready:
            self.wait_ready()

    def errors(self):
        with open(self.error_path, encoding="utf-8") as errors:
            return errors.read()

    def wait_ready(self, seconds=30):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}: {self.errors()}")
            try:
                Client(self.path).close()
                return
            except (OSError, Closed):
                time.sleep(0.02)
        raise AssertionError("the server does not answer")

    def log(self):
        with open(self.log_path, encoding="ascii") as log:
            return [json.loads(line) for line in log]

    def events(self):
        return [line["event"] for line in self.log()]

    def wait_event(self, event, seconds=20):
        until = time.monotonic() + seconds
        while event not in self.events():
            if time.monotonic() > until:
                raise AssertionError(f"no {event} in {self.log()}")
            time.sleep(0.02)

    def connect(self, user=None, **options):
        client = Client(self.path, **options)
        if user is not None:
            client.prove(user, keys()[user])
        return client

    def stop(self, number=signal.SIGTERM, seconds=60):
        self.process.send_signal(number)
        return self.process.wait(seconds)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Poster:
    """One who posts through a connection; the book's clock is simulated, so that each statement brings its time."""

    def __init__(self, client, user, at=None):
        self.client, self.user, self.key = client, user, keys()[user]
        self.at = at or instant(1767693600)

    def statement(self, number, amount="1.00", name=None, **members):
        document = {**credit_note(number, amount), **members}
        return statement(self.client.greeting["book"], self.user, "submit", self.at,
                         {"atomic": True, "documents": [document]}, None, name or f"N-{self.user}-{number}")

    def members(self, text):
        return {"signatures": [b64(self.key.sign(text))], "statement": b64(text)}

    def post(self, number, amount="1.00"):
        return self.client.ask("submit", **self.members(self.statement(number, amount)))["answer"]


def countersign(*arguments, folder):
    """A command on the book's directory: (status, output, errors)."""
    done = subprocess.run([COUNTERSIGN, *arguments], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False,
                          env={**os.environ, "HOME": folder, "XDG_STATE_HOME": f"{folder}/state", "NO_COLOR": "1"})
    return done.returncode, done.stdout.decode(), done.stderr.decode()


if __name__ == "__main__":
    if sys.argv[1] == "enrol":
        write_enrolments(*sys.argv[2:5])
    else:
        print(json.dumps(grants()))


def run_cases(cases, subject, folder, after=lambda: None):
    """Each case, or each that the command line names, with what it is about, and after() behind it. What fails is told
    with the end of the server's log, and the next is tried. Returns how many failed."""
    wrong = 0
    for case in cases:
        if sys.argv[1:] and case.__name__ not in sys.argv[1:]:
            continue
        begun = time.monotonic()
        for step in (lambda: case(subject), after):
            try:
                step()
            except Exception as error:
                wrong += 1
                print(f"WRONG: {case.__name__}: {type(error).__name__}: {error}")
                for name in ("server.log", "server.err"):
                    if os.path.exists(f"{folder}/{name}"):
                        print("".join(open(f"{folder}/{name}", encoding="utf-8").readlines()[-20:]))
        print(f"{case.__name__}: {time.monotonic() - begun:.1f} s")
    return wrong


def need_verified(folder):
    code, out, err = countersign("audit", "verify", "--book", "book", folder=folder)
    need(code == 0, "audit verify:", out, err)
    return out
