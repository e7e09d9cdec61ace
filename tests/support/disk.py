"""What a power cut may leave of files, from the calls that were made on them (tests/calls/calls.c).

A file keeps what it had when it was last synced, and of the writes since then each is there whole, in part (by sectors of 512
bytes), or not at all, in any combination; so with changes of its length. A directory keeps the names of its last sync, and of the
changes since then some. A write under O_DSYNC is there when it has returned, without the ones before it. After a sync that failed
the system may believe that what it did not write is on disk: no later sync makes these writes any safer.

What a file system does beyond that (journals, barriers) is not counted on.
"""
import os
import random
import re
import stat

SECTOR = 512


class Change:
    """Of a file: bytes at a place, or (bytes is None) a new length."""

    def __init__(self, at, data, synced=False):
        self.at, self.data, self.kept, self.lost = at, data, synced, False

    def covers(self, other):
        return (self.kept and self.data is not None and other.data is not None and self.at <= other.at and
                other.at + len(other.data) <= self.at + len(self.data))


class File:
    def __init__(self, data=b"", mode=0o600):
        self.base, self.changes, self.mode = data, [], mode

    def change(self, change):
        self.changes.append(change)
        self.forget()

    def forget(self):
        """What a later change that is kept has written over says nothing any more."""
        self.changes = [change for number, change in enumerate(self.changes)
                        if change.kept or not any(later.covers(change) for later in self.changes[number + 1:])]

    def sync(self, went_well):
        for change in self.changes:
            if went_well and not change.lost:
                change.kept = True
            elif not change.kept:
                change.lost = True
        self.forget()
        if all(change.kept for change in self.changes):
            self.base, self.changes = self.content(lambda change: True), []

    def content(self, choose, chance=None):
        data = bytearray(self.base)
        for change in self.changes:
            if change.kept:
                apply(data, change.at, change.data)
                continue
            taken = choose(change)
            if taken is True:
                apply(data, change.at, change.data)
            elif taken == "torn" and change.data is not None:
                tear(data, change, chance)
        return bytes(data)


def apply(data, at, part):
    if part is None:
        if at < len(data):
            del data[at:]
        else:
            data.extend(b"\0" * (at - len(data)))
        return
    if at > len(data):
        data.extend(b"\0" * (at - len(data)))
    data[at:at + len(part)] = part


def tear(data, change, chance):
    """Some sectors of it; the length that it gives the file may be there without the bytes."""
    if chance.random() < 0.3 and change.at + len(change.data) > len(data):
        apply(data, change.at + len(change.data), None)
    first = change.at // SECTOR
    last = (change.at + len(change.data) - 1) // SECTOR
    prefix = chance.random() < 0.5
    upto = chance.randint(first, last)
    for sector in range(first, last + 1):
        if (sector <= upto) if prefix else chance.random() < 0.5:
            begin, end = max(change.at, sector * SECTOR), min(change.at + len(change.data), (sector + 1) * SECTOR)
            apply(data, begin, change.data[begin - change.at:end - change.at])


class Naming:
    """Of a directory: name is node from now on (None: it is gone). needs: another that must be there for this one to be."""

    def __init__(self, sets, needs=None):
        self.sets, self.needs, self.kept, self.lost, self.taken = sets, needs, False, False, False


class Directory:
    def __init__(self):
        self.base, self.changes, self.now = {}, [], {}

    def change(self, naming):
        self.changes.append(naming)
        for name, node in naming.sets:
            if node is None:
                self.now.pop(name, None)
            else:
                self.now[name] = node

    def sync(self, went_well):
        for naming in self.changes:
            if went_well and not naming.lost:
                naming.kept = True
            elif not naming.kept:
                naming.lost = True
        if all(naming.kept for naming in self.changes):
            self.base, self.changes = dict(self.now), []


class Disk:
    """All that lies in a folder, and what is done to it."""

    def __init__(self, before, folder):
        """before: a copy of the folder as it was, all of it on disk."""
        self.folder = os.path.realpath(folder)
        self.root = self.read(before)

    def read(self, path):
        directory = Directory()
        for entry in os.scandir(path):
            if entry.is_dir(follow_symlinks=False):
                node = self.read(entry.path)
            else:
                with open(entry.path, "rb") as file:
                    node = File(file.read(), stat.S_IMODE(entry.stat().st_mode))
            directory.base[entry.name] = directory.now[entry.name] = node
        return directory

    def parts(self, path):
        path = os.path.normpath(path)
        if path == self.folder:
            return []
        if not path.startswith(self.folder + "/"):
            return None
        return path[len(self.folder) + 1:].split("/")

    def node(self, path):
        parts = self.parts(path)
        node = self.root if parts is not None else None
        for part in parts or []:
            node = node.now.get(part) if isinstance(node, Directory) else None
        return node

    def place(self, path):
        """(directory, name) of a path in the folder."""
        parts = self.parts(path)
        if not parts:
            return None, None
        return self.node(os.path.join(self.folder, *parts[:-1])), parts[-1]

    def do(self, call):
        """One line of what was called."""
        kind, name, path = call["kind"], call["call"], call.get("path", "")
        went_well = call["answer"] >= 0
        if kind == "s" and not call["killed"]:
            node = self.node(path)
            if node is not None:
                node.sync(went_well)
        elif kind == "w" and "bytes" in call:  # in the system's memory, whatever was answered
            node = self.node(path)
            if node is not None:
                node.change(Change(call["at"], call["bytes"], call["synced"] == 1 and went_well))
                node.changes[-1].lost = not went_well
        elif kind == "t" and went_well:
            node = self.node(path)
            if node is not None:
                node.change(Change(call["length"], None))
        elif kind == "d" and went_well:
            self.rename(call) if name in ("rename", "link") else self.name(call)

    def name(self, call):
        directory, name = self.place(call["path"])
        if directory is None:
            return
        if call["call"] == "open" and call["empties"]:
            directory.now[name].change(Change(0, None))
        elif call["call"] in ("open", "mkdir"):
            directory.change(Naming([(name, Directory() if call["call"] == "mkdir" else File())]))
        else:  # unlink, rmdir
            directory.change(Naming([(name, None)]))

    def rename(self, call):
        source, old = self.place(call["path"])
        target, new = self.place(call["to"])
        if source is None or target is None:
            return
        node = source.now[old]
        if call["call"] == "link":
            target.change(Naming([(new, node)]))
        elif source is target:
            source.change(Naming([(old, None), (new, node)]))
        else:  # one act of the file system's: never gone from both
            arrives = Naming([(new, node)])
            target.change(arrives)
            source.change(Naming([(old, None)], needs=arrives))

    # -- the cut --

    def leave(self, to, chance):
        """Writes into a folder what one cut may leave; chance chooses."""
        style = chance.choice(["nothing", "everything", "some", "some", "some", "torn", "few", "most", "order"])
        odds = {"some": 0.5, "few": 0.15, "most": 0.85}.get(style)

        def choose(_):
            if style == "torn":
                return "torn"
            if odds is not None:
                return chance.choices([True, "torn", False], [odds, 0.15, 1 - odds])[0]
            return style == "everything"

        for directory in self.directories(self.root):
            self.choose_names(directory, style, chance)
        self.write(self.root, to, choose, chance, style)

    def directories(self, directory):
        yield directory
        seen = {id(node): node for naming in directory.changes for _, node in naming.sets if isinstance(node, Directory)}
        seen.update({id(node): node for names in (directory.base, directory.now) for node in names.values()
                     if isinstance(node, Directory)})
        for node in seen.values():
            yield from self.directories(node)

    @staticmethod
    def choose_names(directory, style, chance):
        pending = [naming for naming in directory.changes if not naming.kept]
        first = chance.randint(0, len(pending))  # most file systems keep them in their order
        for number, naming in enumerate(pending):
            naming.taken = style == "everything" or (style != "nothing" and
                                                     (number < first if style in ("order", "torn") else chance.random() < 0.5))

    def write(self, directory, to, choose, chance, style):
        os.makedirs(to, exist_ok=True)
        names = dict(directory.base)
        for naming in directory.changes:
            needs = naming.needs
            if (naming.kept or naming.taken) and (needs is None or needs.kept or needs.taken):
                for name, node in naming.sets:
                    if node is None:
                        names.pop(name, None)
                    else:
                        names[name] = node
        for name, node in names.items():
            if isinstance(node, Directory):
                self.write(node, f"{to}/{name}", choose, chance, style)
                continue
            content = node.content(self.in_order(node, chance) if style == "order" else choose, chance)
            if name == "lock.mdb":  # written as memory: anything may be there
                content = chance.randbytes(len(content)) if chance.random() < 0.5 else b"\0" * len(content)
            with open(f"{to}/{name}", "wb") as file:
                file.write(content)
            os.chmod(f"{to}/{name}", node.mode)

    @staticmethod
    def in_order(node, chance):
        """The first of its changes, the last of these torn."""
        pending = [change for change in node.changes if not change.kept]
        last = chance.randint(0, len(pending))
        taken = {id(change): True for change in pending[:last]}
        if last < len(pending):
            taken[id(pending[last])] = "torn"
        return lambda change: taken.get(id(change), False)


def dishonest(disk, book):
    """Whether a cut at this moment could leave books that look clean and are not: said of all that it could leave at once."""
    books = disk.node(f"{disk.folder}/{book}/books")
    if not isinstance(books, Directory):
        return None
    nodes = [books.base.get("state")]
    for naming in books.changes:
        for node in [node for name, node in naming.sets if name == "state"]:
            nodes = [node] if naming.kept else nodes + [node]
    clean = any(could_be(node, b"clean\n") for node in nodes if node is not None)
    table = books.now.get("data.mdb")
    if clean and table is not None and any(not change.kept for change in table.changes):
        return "its books could be left as clean with what was not synced"
    return None


def could_be(node, text):
    return node.base == text or node.content(lambda change: True) == text


# Derived, or of no use after a boot; receipts protect a user, and are told of only where they are there.
PASSING = {"books", "lock", "served", "lock.mdb", "state", "socket", "server.log", "server.err"}


def unsafe(disk, below=""):
    """What of all that lies there could be lost, or be half, after a cut at this moment, at which something is acknowledged."""
    node = disk.node(f"{disk.folder}/{below}")
    return unsafe_in(node, f"{below}/" if below else "", PASSING) if node is not None else None


def unsafe_named(disk, book):
    """As unsafe, of a book that a command had failed in before: what it did not finish, and its personal data that no entry
    names, may go."""
    node, journal = disk.node(f"{disk.folder}/{book}"), disk.node(f"{disk.folder}/{book}/journal/data.mdb")
    if journal is None:
        return None
    entries = journal.content(lambda change: True)
    personal = {name for name in node.now["personal"].now if name.encode() not in entries}
    unfinished = {name for directory in disk.directories(node) for name in directory.now if re.search(r"\.[A-Za-z0-9]{6}$", name)}
    return unsafe_in(node, f"{book}/", PASSING | personal | unfinished)


def unsafe_in(directory, where, passing):
    for naming in directory.changes:
        for name, node in naming.sets:
            if not naming.kept and node is not None and directory.now.get(name) is node and name not in passing:
                return f"it acknowledges while the name {where}{name} is not on disk"
    for name, node in directory.now.items():
        if name in passing:
            continue
        if isinstance(node, Directory):
            why = unsafe_in(node, f"{where}{name}/", passing)
        else:
            why = None
            if any(not change.kept and change.data is not None for change in node.changes):
                why = f"it acknowledges while {where}{name} is not synced"
        if why is not None:
            return why
    return None


def another_boot(folder):
    """The next boot has another id than the one that the books' mark may name."""
    with open("/proc/sys/kernel/random/boot_id", "rb") as file:
        this = file.read().strip()
    for where, _, names in os.walk(folder):
        if "state" in names:
            with open(f"{where}/state", "rb") as file:
                text = file.read()
            if this in text:
                with open(f"{where}/state", "wb") as file:
                    file.write(text.replace(this, b"0" * len(this)))


def chance_of(*seed):
    return random.Random(" ".join(str(part) for part in seed))
