#!/usr/bin/python3
"""The power goes under a real file system: a server's book on a loop-mounted ext4 image, with people posting and others using the
directory; the file system is shut down at once, as xfstests does it, without its journal's last part being written; it is mounted
again, which replays the journal, as the next boot would. Acknowledged is there, nothing is there twice, the book verifies, and
the next append works.

ROUNDS (1; make powercuts: 40). 77 where mounting is not allowed. power_cut.py searches more, without a file system's help.
"""
import fcntl
import os
import random
import shutil
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "support"))
import calls
import disk
import served
from calls import Folder, Wrong, need

ROUNDS = int(os.environ.get("ROUNDS", "1"))
IMAGE_BYTES = 64 << 20
GOING_DOWN = 0x8004587D  # _IOR('X', 125, __u32): EXT4_IOC_SHUTDOWN
WITHOUT_LOG = 2
CORRECTIONS_MAX = 400


def mounted(*words):
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def alone():
    """In mounts of its own, which go with the process; or why not."""
    if os.geteuid() != 0:
        return "only root may mount here"
    if os.environ.get("ALONE") != "1":
        if not mounted("unshare", "-m", "true"):
            return "no mounts of one's own are allowed here"
        os.execvpe("unshare", ["unshare", "-m", sys.executable, os.path.realpath(__file__)], {**os.environ, "ALONE": "1"})
    return None


class Ext4:
    """An image and where it is mounted."""

    def __init__(self, aside):
        self.image, self.place = f"{aside}/image", f"{aside}/mounted"
        with open(self.image, "wb") as image:
            image.truncate(IMAGE_BYTES)
        os.mkdir(self.place)
        self.able = mounted("mkfs.ext4", "-q", "-F", self.image) and self.mount()

    def mount(self):
        return mounted("mount", "-o", "loop", self.image, self.place)

    def power_goes(self):
        fd = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, GOING_DOWN, struct.pack("I", WITHOUT_LOG))
        finally:
            os.close(fd)

    def unmount(self):
        return mounted("umount", self.place) or mounted("umount", "-l", self.place)


class Load(threading.Thread):
    """Posts one after the other until the server is gone."""

    def __init__(self, socket, user, round_number):
        super().__init__(daemon=True)
        self.socket, self.user, self.round = socket, user, round_number
        self.statements, self.answers = {}, {}

    def run(self):
        try:
            client = served.Client(self.socket, timeout=20)
            client.prove(self.user, served.keys()[self.user])
            poster = served.Poster(client, self.user)
            for number in range(CORRECTIONS_MAX):
                name = f"{self.round}-{self.user}-{number}"
                cents = number % 140 + 1
                self.statements[name] = poster.statement(name, f"{cents // 100}.{cents % 100:02}")
                self.answers[name] = client.ask("submit", **poster.members(self.statements[name]))["answer"]
        except (OSError, served.Closed, served.Refused):
            pass


def one(ext4, number, chance, acknowledged):
    """A round: load, cut, boot, look."""
    folder = ext4.place
    server = served.Server(folder)
    loads = [Load(f"{folder}/socket", user, number) for user in ("wanda", "bot2", "bot3")]
    for load in loads:
        load.start()
    time.sleep(chance.uniform(0.05, 0.6))
    ext4.power_goes()
    server.kill()
    for load in loads:
        load.join(30)
    need(ext4.unmount() and ext4.mount(), "it cannot be mounted again")
    disk.another_boot(folder)
    for load in loads:
        acknowledged.update({name: answer for name, answer in load.answers.items() if not answer["repeated"]})
    status, out, err = calls.run(folder, "status", "--book", "book", "--json")
    need(status == 0, "status answers", status, out, err)
    there = calls.entries(folder)
    for name, answer in acknowledged.items():
        need(answer["seq"] < len(there) and there[answer["seq"]][0] == answer["leaf"], name, "was acknowledged as", answer["seq"])
    seen = [(entry["statement"]["actor"], entry["statement"]["id"]) for _, entry in there]
    need(len(seen) == len(set(seen)), "something is there twice")
    calls.verified(folder)


def main():
    why = alone() or calls.missing()
    if why is not None:
        print(why)
        return 77
    seed = int(os.environ.get("SEED", random.randrange(1 << 30)))
    print("seed", seed)
    chance, acknowledged, wrong = random.Random(seed), {}, []
    with Folder() as aside:
        ext4 = Ext4(aside)
        if not ext4.able:
            print("no image can be mounted here")
            return 77
        with Folder() as company:
            served.found(company)
            shutil.copytree(company, ext4.place, dirs_exist_ok=True)
        os.sync()
        try:
            for number in range(ROUNDS):
                one(ext4, number, chance, acknowledged)
        except (Wrong, AssertionError) as error:
            wrong.append(f"round {number}: {error}")
        served.kill_all()
        ext4.unmount()
    for text in wrong:
        print("WRONG:", text)
    print(f"{ROUNDS} power cuts, {len(acknowledged)} acknowledged, {len(wrong)} wrong")
    return 1 if wrong else 0


sys.exit(main())
