#!/usr/bin/python3
"""Stands in for the command while a scenario runs, and keeps what each command was given and found: so that it can be run again,
from the same start, while something fails. RECORDER_REAL names the command; RECORDER_KEPT the folder where each command that ended
with 0 gets a folder of its own: `line` (JSON: words, environment, passphrase) and `folder`, the scenario's as it was before.
Of one command with the same options RECORDER_EACH (1) are kept in all.
"""
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys

REAL, KEPT = os.environ["RECORDER_REAL"], os.environ["RECORDER_KEPT"]
EACH = int(os.environ.get("RECORDER_EACH", "1"))
ENVIRONMENT = ("COUNTERSIGN_", "XDG_", "HOME", "NO_COLOR", "SSH_AUTH_SOCK", "CLOCK_", "LD_PRELOAD")
PASSPHRASE_FD = 3


def sort_of(words):
    """The command's words and the names of its options: what tells two uses apart."""
    name = []
    for word in words:
        if not word.isascii() or not word.replace("-", "").isalpha() or word != word.lower() or word.startswith("-"):
            break
        name.append(word)
    options = sorted({word.split("=")[0] for word in words if word.startswith("--")})
    for common in ("--book", "--as", "--at", "--key", "--passphrase-fd"):
        if common in options:
            options.remove(common)
    return "_".join(name[:3] + [option.strip("-") for option in options])[:120]


def copied(folder, to):
    """A copy of the folder, without sockets and what goes away meanwhile."""
    def passed_by(here, names):
        return [name for name in names if not os.path.isdir(os.path.join(here, name)) and
                not os.path.isfile(os.path.join(here, name)) or name == "companies"]
    try:
        shutil.copytree(folder, to, symlinks=True, ignore=passed_by)
    except (shutil.Error, OSError):
        shutil.rmtree(to, ignore_errors=True)


def main():
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # as the command finds it
    words, folder = sys.argv[1:], os.environ.get("RECORDER_FOLDER") or os.getcwd()
    sort = sort_of(words)
    kept = next((f"{KEPT}/{sort}.{n}" for n in range(EACH) if not os.path.exists(f"{KEPT}/{sort}.{n}")), None)
    passphrase, fd = None, None
    if any("unix:" in word or "ssh:" in word for word in words) or words[:1] == ["serve"]:
        kept = None
    if kept is not None:
        try:
            with os.fdopen(PASSPHRASE_FD, "rb") as file:
                passphrase = file.read()
            fd = os.memfd_create("passphrase", 0)
            os.write(fd, passphrase)
            os.lseek(fd, 0, os.SEEK_SET)
            if fd != PASSPHRASE_FD:
                os.dup2(fd, PASSPHRASE_FD)
        except OSError:
            pass
        os.makedirs(f"{KEPT}/making.{os.getpid()}", exist_ok=True)
        copied(folder, f"{KEPT}/making.{os.getpid()}/folder")
    if kept is None:
        os.execv(REAL, [REAL] + words)
    status = subprocess.run([REAL] + words, pass_fds=[PASSPHRASE_FD] if passphrase is not None else [], check=False).returncode
    making = f"{KEPT}/making.{os.getpid()}"
    if status == 0 and os.path.isdir(f"{making}/folder"):
        environment = {name: value for name, value in os.environ.items() if name.startswith(ENVIRONMENT)}
        with open(f"{making}/line", "w", encoding="utf-8") as line:
            json.dump({"words": words, "environment": environment, "was": folder,
                       "passphrase": passphrase.decode() if passphrase is not None else None}, line)
        try:
            os.rename(making, kept)
        except OSError:
            pass
    shutil.rmtree(making, ignore_errors=True)
    return status if status >= 0 else 128 - status


sys.exit(main())
