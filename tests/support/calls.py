"""A command in a folder of its own, with tests/calls/calls.c over it: killed at one of its calls that change files, with one of
them failing, or with all of them noted.
"""
import base64
import json
import os
import subprocess
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
COUNTERSIGN = os.path.realpath(os.environ.get("COUNTERSIGN", "countersign"))
CALLS = os.path.realpath(os.path.join(os.environ.get("PRELOAD_DIR", ""), "calls"))
SCRATCH = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
SECONDS_MAX = 120


class Wrong(Exception):
    pass


def need(condition, *text):
    if not condition:
        raise Wrong(" ".join(str(piece) for piece in text))


def missing():
    """Why nothing can be traced here, or None."""
    if not os.path.exists(CALLS):
        return "PRELOAD_DIR does not name where calls is"
    done = subprocess.run([CALLS, "--", "true"], capture_output=True, check=False)
    return None if done.returncode == 0 else done.stdout.decode().strip() or "a process may not trace another here"


class Folder(tempfile.TemporaryDirectory):
    def __init__(self):
        super().__init__(prefix="countersign-crash-", dir=SCRATCH, ignore_cleanup_errors=True)


def words(arguments, passphrase):
    program = COUNTERSIGN
    if arguments[0].startswith("countersign"):
        program, arguments = os.path.join(os.path.dirname(COUNTERSIGN), arguments[0]), arguments[1:]
    return [program] + [word.replace("@FD", str(passphrase)) for word in arguments]


def environment(folder):
    return {"HOME": folder, "XDG_STATE_HOME": f"{folder}/state", "NO_COLOR": "1", "PATH": os.environ["PATH"], "TMPDIR": folder,
            "ASAN_OPTIONS": "detect_leaks=0",  # which cannot be looked for while another process traces
            "COUNTERSIGN_RUN": "run-1=" + "0" * 64}


def run(folder, *arguments, over=None):
    """(exit status, output, errors) of a command; over: the words of calls to put before it."""
    passphrase = os.memfd_create("passphrase", 0)
    os.write(passphrase, b"pass\n")
    os.lseek(passphrase, 0, os.SEEK_SET)
    try:
        done = subprocess.run(([CALLS, *over, "--"] if over else []) + words(arguments, passphrase), cwd=folder,
                              env=environment(folder), stdin=subprocess.DEVNULL, capture_output=True, pass_fds=[passphrase],
                              timeout=SECONDS_MAX, check=False)
    except subprocess.TimeoutExpired as error:
        raise Wrong(arguments, "did not end:", error.stderr) from error
    finally:
        os.close(passphrase)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def noted(path, data=None):
    """The lines that calls wrote, each with the bytes that it is about."""
    lines = []
    content = b""
    if data is not None:
        with open(data, "rb") as file:
            content = file.read()
    with open(path, encoding="utf-8") as file:
        for line in file:
            call = json.loads(line)
            if "data" in call:
                call["bytes"] = content[call["data"]:call["data"] + call["done"]]
            lines.append(call)
    return lines


def with_notes(folder, *arguments, over=()):
    """As run, and what it called."""
    with Folder() as aside:
        answer = run(folder, *arguments, over=["--log", f"{aside}/log", "--data", f"{aside}/data", *over])
        return answer, noted(f"{aside}/log", f"{aside}/data")


def known(calls):
    """Only what a simulator can repeat was called; the readers' table of LMDB is the one file that is written as memory."""
    for call in calls:
        need(call["kind"] != "?", "it calls", call["call"], "on", call.get("path"), "which nothing here knows")
        need(call["kind"] != "m" or call["path"].endswith("/lock.mdb"), "it writes", call["path"], "as memory")


def json_lines(text):
    found = []
    for line in text.splitlines(keepends=True):
        if line.endswith("\n") and line.startswith("{"):
            found.append(json.loads(line))
    return found


def entry_of(out):
    """What was acknowledged: {seq, hash}, if its line was written whole."""
    for line in json_lines(out):
        if "entry" in line:
            return line["entry"]
    return None


def reads(folder, *arguments):
    status, out, err = run(folder, *arguments, "--json", "--book", "book")
    need(status == 0, arguments, "answers", status, err)
    return json_lines(out)


def head(folder):
    return reads(folder, "status")[0]["head"]["seq"]


def verified(folder):
    """Form, chain, tree, signatures, decisions; the books, record by record, against what the journal makes of itself."""
    status, out, err = run(folder, "audit", "verify", "--threads", "1", "--scratch", folder, "--book", "book", "--json")
    need(status == 0, "audit verify answers", status, out, err)


def kept(folder):
    """Each file of the book's evidence is what its name says."""
    import hashlib
    for where, _, names in os.walk(f"{folder}/book/evidence"):
        for name in names:
            if len(name) == 64:
                with open(f"{where}/{name}", "rb") as file:
                    need(hashlib.sha256(file.read()).hexdigest() == name, "the evidence", name, "is another")


def entries(folder):
    """Each entry's leaf hash, and the entry."""
    import hashlib
    status, out, err = run(folder, "audit", "export", "--out", "-", "--book", "book")
    need(status == 0, "audit export answers", status, err)
    lines = [line for line in out.split("\n") if line.startswith('{"decision"')]
    return [(hashlib.sha256(b"\0" + line.encode()).hexdigest(), json.loads(line)) for line in lines]


def b64(text):
    return base64.b64encode(text).decode()
