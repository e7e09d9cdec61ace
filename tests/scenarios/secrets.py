#!/usr/bin/python3
"""Looks for secrets where they do not belong: in the memory of commands while they sign and when they end, in that of the server
while it serves, in a core dump, in what is printed and logged, and in every file that is left behind.

While a key is in use it stands in memory that is locked against swapping and left out of core dumps, and nowhere else; so does the
passphrase until its key is open. When a command ends, nothing of it is anywhere.
"""
import base64
import glob
import hashlib
import os
import pty
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
COUNTERSIGN = os.path.realpath(os.environ["COUNTERSIGN"])
PRELOAD = os.path.realpath(os.path.join(os.environ.get("PRELOAD_DIR", ""), "secretpoint.so"))
PASSPHRASE = "seven quiet herons 4711"
WRONG_PASSPHRASE = "eight quiet herons 4712"
TIME = "2026-01-05T10:00:00.000Z"
PIECE = 12  # bytes of a secret that are not found by chance

SETUP = r"""
. "$0"
trap - EXIT
CAST="maria:P-11:human:BILLING_SPECIALIST feedc:P-31:feed:FEED_CUSTOMERS feedi:P-32:feed:FEED_INVOICES audrey:P-40:human:AUDITOR"
found_company
cp -r "$WORK"/. "$COMPANY"
rm -rf "$WORK"
exit $FAILED
"""

wrong, checks = [], 0


def need(condition, *text):
    global checks
    checks += 1
    if not condition:
        wrong.append(" ".join(str(piece) for piece in text))


def given(text):
    """A descriptor that reads the passphrase."""
    fd = os.memfd_create("passphrase", 0)
    os.write(fd, text.encode() + b"\n")
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def pieces(secret):
    """The secret's two halves; a copy of a part is a copy too."""
    half = max(PIECE, len(secret) // 2)
    return {secret[:half], secret[-half:]}


def needles(seen):
    """name to bytes to look for: what the program had, and what follows from it."""
    found = {"the passphrase": {PASSPHRASE.encode(), WRONG_PASSPHRASE.encode()}}
    secrets = b""
    if os.path.exists(f"{seen}/secrets"):
        with open(f"{seen}/secrets", "rb") as file:
            secrets = file.read()
    at = 0
    while at < len(secrets):
        secret = secrets[at + 1:at + 1 + secrets[at]]
        at += 1 + len(secret)
        if len(secret) == 32:
            spread = bytearray(hashlib.sha512(secret).digest())
            spread[0] &= 248
            spread[31] = spread[31] & 127 | 64
            found.setdefault("a seed", set()).update(pieces(secret))
            found.setdefault("a seed in hex", set()).update(pieces(secret.hex().encode()))
            found.setdefault("a seed in base64", set()).add(base64.b64encode(secret)[:40])
            found.setdefault("a private scalar", set()).update(pieces(bytes(spread[:32])))
            found.setdefault("a signing prefix", set()).update(pieces(bytes(spread[32:])))
        else:
            found.setdefault("a derived key", set()).update(pieces(secret[:32]) | pieces(secret[32:]))
    return found


def in_bytes(data, sought):
    return sorted(name for name, all_of_it in sought.items() if any(one in data for one in all_of_it))


def look_into(what, seen, moments):
    """The dumps of a run: what they may hold depends on the moment."""
    sought = needles(seen)
    found_in_use = 0
    dumps = sorted(glob.glob(f"{seen}/*.memory"))
    for moment in moments:
        need(any(f".{moment}." in name for name in dumps), f"{what}: no moment '{moment}' was seen")
    for name in dumps:
        moment = name.split(".")[-2]
        with open(name[:-len("memory")] + "regions", encoding="utf-8") as regions, open(name, "rb") as memory:
            for line in regions:
                length, about = line.split(" ", 1)
                region, flags = about.rsplit("|", 1)
                guarded = {"dd", "lo"} <= set(flags.split())
                names = in_bytes(memory.read(int(length)), sought)
                if moment == "exit" or not guarded:
                    need(not names, f"{what}: at '{moment}' {', '.join(names)} in", " ".join(region.split()), flags.strip())
                else:
                    need("the passphrase" not in names, f"{what}: at '{moment}' the passphrase is still there")
                    found_in_use += "a seed" in names
    if "use" in moments:
        need(found_in_use > 0, f"{what}: the key is not where it is looked for while it signs, so nothing is shown")


def command(company, name, words, moments, passphrase=PASSPHRASE, status=0):
    with tempfile.TemporaryDirectory(prefix="countersign-secrets-", dir=SCRATCH) as seen:
        fd = given(passphrase)
        done = subprocess.run([COUNTERSIGN] + [word.replace("@FD", str(fd)) for word in words], cwd=company,
                              env={**ENVIRONMENT, "HOME": company, "LD_PRELOAD": PRELOAD, "SECRETPOINT_DIR": seen},
                              stdin=subprocess.DEVNULL, capture_output=True, pass_fds=[fd], check=False)
        os.close(fd)
        need(done.returncode == status, f"{name} answers", done.returncode, done.stderr.decode())
        look_into(name, seen, moments)
        sought = needles(seen)
        need(not in_bytes(done.stdout + done.stderr, sought), f"{name}: it prints", in_bytes(done.stdout + done.stderr, sought))
        SOUGHT.append(sought)


def terminal(company, name, words):
    """The same where the passphrase is typed."""
    with tempfile.TemporaryDirectory(prefix="countersign-secrets-", dir=SCRATCH) as seen:
        pid, tty = pty.fork()
        if pid == 0:
            os.chdir(company)
            os.execve(COUNTERSIGN, [COUNTERSIGN] + words, {**ENVIRONMENT, "HOME": company, "LD_PRELOAD": PRELOAD, "SECRETPOINT_DIR": seen})
        said, typed = b"", False
        while True:
            try:
                more = os.read(tty, 4096)
            except OSError:
                break
            if not more:
                break
            said += more
            if b"assphrase" in said and not typed:
                typed = True
                os.write(tty, PASSPHRASE.encode() + b"\n")
        _, status = os.waitpid(pid, 0)
        os.close(tty)
        need(status == 0 and typed, f"{name} answers", status, said)
        need(PASSPHRASE.encode() not in said, f"{name}: the passphrase is echoed")
        look_into(name, seen, ["use", "exit"])


def act(user, *words):
    return [*words, "--book", "book", "--as", user, "--at", TIME, "--key", f"{user}.key", "--passphrase-fd", "@FD", "--json"]


def commands(company):
    lines = [("key new", ["key", "new", "--key", "new.key", "--kdf", "minimal", "--passphrase-fd", "@FD"], ["exit"], 0),
             ("post", act("maria", "post", "credit-note", "--invoice", "900000", "--amount", "60.00", "--reason", "PRICE_ERR",
                          "--evidence", "dunning.txt"), ["use", "done", "exit"], 0),
             ("key rotate", act("maria", "key", "rotate", "--new-key", "new.key"), ["use", "exit"], 0),
             ("checkpoint", ["checkpoint", "--book", "book", "--key", "book-key.key", "--passphrase-fd", "@FD", "--out", "now.note"],
              ["use", "exit"], 0),
             ("audit pack", act("audrey", "audit", "pack", "--to", "bundle"), ["use", "exit"], 0),
             ("post, refused", act("maria", "post", "credit-note", "--invoice", "700001", "--amount", "100", "--reason", "QTY"),
              ["use", "done", "exit"], 1)]
    for name, words, moments, status in lines:
        if name == "key rotate":  # both keys sign: the statement is left in a file, and signed a second time
            words = [word for word in words if word not in ("--new-key", "new.key")] + ["--public", "new.key.pub", "--to", "rotate.json"]
        command(company, name, words, moments, status=status)
    command(company, "sign", ["sign", "rotate.json", "--key", "new.key", "--passphrase-fd", "@FD"], ["use", "exit"])
    command(company, "a wrong passphrase", act("maria", "post", "credit-note", "--invoice", "900000", "--amount", "61.00", "--reason",
                                               "PRICE_ERR", "--evidence", "dunning.txt"), ["exit"], WRONG_PASSPHRASE, 5)
    terminal(company, "checkpoint, on a terminal", ["checkpoint", "--book", "book", "--key", "book-key.key", "--out", "typed.note"])


def server(company):
    """While it serves with the book's key, after it signed for somebody, and in the core that it leaves."""
    with tempfile.TemporaryDirectory(prefix="countersign-secrets-", dir=SCRATCH) as seen:
        fd, socket = given(PASSPHRASE), f"{company}/socket"
        with open(f"{company}/server.err", "wb") as err:
            process = subprocess.Popen([COUNTERSIGN, "serve", "--book", "book", "--socket", socket, "--book-key", "book-key.key",
                                        "--passphrase-fd", str(fd), "--log", "server.log"], cwd=company, pass_fds=[fd], stderr=err,
                                       stdin=subprocess.DEVNULL, start_new_session=True,
                                       env={**ENVIRONMENT, "HOME": company, "LD_PRELOAD": PRELOAD, "SECRETPOINT_DIR": seen},
                                       preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2))
        os.close(fd)
        try:
            until = time.monotonic() + 20
            while not os.path.exists(socket) and process.poll() is None and time.monotonic() < until:
                time.sleep(0.02)
            command(company, "checkpoint through the server",
                    ["checkpoint", "--book", f"unix:{socket}", "--as", "audrey", "--key", "audrey.key", "--passphrase-fd", "@FD",
                     "--out", "served.note"], ["use", "exit"])
            process.send_signal(signal.SIGUSR2)
            while not glob.glob(f"{seen}/*.asked.regions") and process.poll() is None and time.monotonic() < until:
                time.sleep(0.02)
            with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
                locked = int(re.search(r"VmLck:\s*(\d+)", status.read()).group(1))
            need(locked > 0, "the server has locked no memory")
            with open("/proc/sys/kernel/core_pattern", encoding="ascii") as pattern:
                plain = re.fullmatch(r"core\n", pattern.read())
            process.send_signal(signal.SIGQUIT)  # which nobody catches
            process.wait(20)
        finally:
            process.kill()
            process.wait()
        look_into("the server", seen, ["asked"])
        sought = needles(seen)
        SOUGHT.append(sought)
        cores = glob.glob(f"{company}/core*")
        need(not plain or cores, "the server left no core to look into")
        for path in cores:
            with open(path, "rb") as file:
                data = file.read()
            need(b"book-key" in data and len(data) > 100000, "the core is no image of the server")
            need(not in_bytes(data, sought), "the core dump holds", in_bytes(data, sought))
            os.remove(path)


def files(company):
    """Everything that all of that left behind."""
    read = 0
    for here, _, names in os.walk(company):
        for name in names:
            path = os.path.join(here, name)
            if not os.path.isfile(path):
                continue
            with open(path, "rb") as file:
                data = file.read()
            read += 1
            for sought in SOUGHT:
                found = in_bytes(data, sought)
                need(not found, os.path.relpath(path, company), "holds", found)
    need(read > 30, "few files were left:", read)


def main():
    if not os.path.exists(PRELOAD):
        print("PRELOAD_DIR does not name where secretpoint.so is")
        return 77
    with tempfile.TemporaryDirectory(prefix="countersign-secrets-", dir=SCRATCH) as company:
        subprocess.run(["bash", "-c", f"PASSPHRASE='{PASSPHRASE}'\n{SETUP}", f"{HERE}/lib.sh"], env={**os.environ, "COMPANY": company},
                       check=True, stdout=subprocess.DEVNULL)
        commands(company)
        server(company)
        files(company)
    for text in sorted(set(wrong))[:40]:
        print("WRONG:", text)
    print(f"{checks} checks, {len(wrong)} wrong")
    return 1 if wrong else 0


SOUGHT = []
ENVIRONMENT = {"PATH": os.environ["PATH"], "NO_COLOR": "1", "COUNTERSIGN_RUN": os.environ.get("COUNTERSIGN_RUN", "")}
SCRATCH = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
sys.exit(main())
