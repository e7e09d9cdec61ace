#!/usr/bin/python3
"""Runs the demo of the README and then every command line of the README's tour, in order, as a person would: on a terminal,
answering each question for a passphrase with the one that the README gives. Fails on any exit status but 0.
"""
import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LINE_SECONDS = 120


def commands(path):
    with open(path, encoding="utf-8") as file:
        blocks = re.findall(r"```console\n(.*?)```", file.read(), re.S)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


class Terminal:
    """A shell on a pseudo terminal."""

    def __init__(self, cwd, environment):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            os.execve("/bin/bash", ["bash", "--norc", "--noprofile"], environment)
        self.send("stty -echo; PS1=; PS2=; bind 'set enable-bracketed-paste off' 2>/dev/null\n")
        self.run("true")

    def send(self, text):
        os.write(self.fd, text.encode())

    def run(self, line):
        """Exit status and output of one line."""
        mark = "done-%d" % time.monotonic_ns()
        self.send("%s; echo \"%s $?\"\n" % (line, mark[:4] + '""' + mark[4:]))
        text, until, answered = "", time.monotonic() + LINE_SECONDS, 0
        while time.monotonic() < until:
            if select.select([self.fd], [], [], 0.5)[0]:
                text += os.read(self.fd, 65536).decode("utf-8", "replace")
            found = re.search(re.escape(mark) + r" (\d+)", text)
            if found:
                return int(found.group(1)), text[:found.start()]
            asked = len(re.findall(r"[Pp]assphrase[^\n]*: ?", text))
            if asked > answered:
                answered = asked
                self.send("demo\n")
        return -1, text


def main():
    program = os.path.abspath(os.environ["COUNTERSIGN"])
    lines = commands(os.path.join(ROOT, "README.md"))
    if len(lines) < 10:
        print("the README has only %d command lines" % len(lines))
        return 1
    plan = subprocess.run(["make", "-n", "demo"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    if "BUILD=release programs" not in plan:
        print("make demo does not build all programs, and the tour needs them")
        return 1
    with tempfile.TemporaryDirectory() as work:
        demo = os.path.join(work, "demo-book")
        environment = {**os.environ, "COUNTERSIGN": program, "DEMO_DIR": demo, "DATA": "", "NO_COLOR": "1"}
        done = subprocess.run([os.path.join(ROOT, "tests/demo/run")], env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            print(done.stdout[-6000:])
            return 1
        # The tour's paths are those of a checkout: demo-book beside build and tests.
        os.makedirs(os.path.join(work, "build/release"))
        for name in ("countersign", "countersign-verify"):
            os.symlink(os.path.join(os.path.dirname(program), name), os.path.join(work, "build/release", name))
        os.symlink(os.path.join(ROOT, "tests"), os.path.join(work, "tests"))
        terminal = Terminal(work, {"PATH": os.environ["PATH"], "HOME": os.path.join(demo, "home"), "TERM": "dumb",
                                   "LC_ALL": "C.UTF-8"})
        for line in lines:
            status, text = terminal.run(line)
            print("%s  %s" % ("ok    " if status == 0 else "FAILED", line))
            if status != 0:
                print(text)
                return 1
    print("the demo and %d lines of the README ran" % len(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
