"""Books of a run: each made once, where there is room, copied for who writes to it, and removed when nothing asks for it any more.

A name is a sort and a size: list-100000, single-10000, signed-10000, people-4000 (book.c), since-10000 (a single one, verified and
grown, verify.c), real-75 (the first days of the real documents, tests/realdata).
"""
import os
import shutil
import subprocess

from measure import Failed, run_words

# Bytes of disk that one document, entry or customer takes, with room to spare: by these it is decided where a book lies.
BYTES_EACH = {"list": 6000, "single": 10000, "signed": 2500, "people": 2000, "since": 25000, "real": 20_000_000}
MAKE_SECONDS = 6 * 3600
KEPT_FREE = 1 << 30  # of memory, for the programs themselves


class Books:
    def __init__(self, build, tests, memory, disk, data):
        self.build, self.tests, self.memory, self.disk, self.data = build, tests, memory, disk, data
        self.made = {}    # name -> directory
        self.failed = {}  # name -> why

    def get(self, name, tell):
        """The directory of a book, which is made if it is not there yet. Raises Failed; says so again to who asks again."""
        if name in self.failed:
            raise Failed(self.failed[name])
        if name not in self.made:
            tell(f"making the book {name}")
            try:
                self.made[name] = self.make(name, tell)
            except Failed as failure:
                self.failed[name] = f"the book {name} could not be made: {failure}"
                raise Failed(self.failed[name]) from None
        return self.made[name]

    def make(self, name, tell):
        sort, _, size = name.partition("-")
        wants = BYTES_EACH[sort] * int(size)
        root = self.root_for(wants)
        if free_bytes(root) < wants:
            raise Failed(f"it takes about {wants / 1e6:,.0f} MB, {os.path.dirname(root)} has {free_bytes(root) / 1e6:,.0f}; TMPDIR names another disk")
        target = os.path.join(root, name)
        if sort == "since":
            copy(self.get(f"single-{size}", tell), target)
            words = [os.path.join(self.build, "bench/verify"), "prepare", target]
        elif sort == "real":
            words = [os.path.join(self.tests, "realdata/drive.py"), os.path.join(self.build, "countersign"), self.data, target,
                     "--days", size]
        else:
            words = [os.path.join(self.build, "bench/book"), sort, size, target]
        try:
            run_words(words, root, MAKE_SECONDS, lambda line: tell(f"making the book {name}: {line}") if " after " in line else None)
        except Failed as failure:
            full = free_bytes(root) < wants // 2  # LMDB calls some of what a full disk does to it an input/output error
            raise Failed(f"{failure}; {os.path.dirname(root)} is full" if full else str(failure)) from None
        return target

    def root_for(self, size):
        """In memory, where that leaves room for a copy; else on the disk."""
        return self.memory if free_bytes(self.memory) > 2 * size + KEPT_FREE else self.disk

    def copy(self, name, to, tell):
        source = self.get(name, tell)
        if free_bytes(os.path.dirname(to)) < tree_bytes(source):
            raise Failed(f"{os.path.dirname(to)} has no room for a copy of the book {name}")
        copy(source, to)

    def drop_but(self, names):
        """Removes the books that nobody will ask for."""
        for name in [name for name in self.made if name not in names]:
            shutil.rmtree(self.made.pop(name), ignore_errors=True)


def copy(source, to):
    answer = subprocess.run(["cp", "-a", source, to], capture_output=True, text=True)
    if answer.returncode != 0:
        raise Failed(f"a copy of a book: {(answer.stderr.splitlines() or ['cp failed'])[-1]}")


def tree_bytes(path):
    return sum(os.lstat(os.path.join(where, name)).st_blocks * 512 for where, _, names in os.walk(path) for name in names)


def free_bytes(path):
    """What may be written there; in a file system of memory no more than the machine has left of that."""
    room = os.statvfs(path)
    free = room.f_bavail * room.f_frsize
    if is_memory(path):
        with open("/proc/meminfo", encoding="ascii") as lines:
            available = next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), free)
        free = min(free, available)
    return free


def is_memory(path):
    from machine import file_system
    return file_system(path)[0] in ("tmpfs", "ramfs")
