"""Every command that writes, on a small company's book, and what must hold after it was interrupted: what it acknowledged is
there, what it did not is wholly there or wholly absent, the book verifies, readers read, and the same command again does it,
once, or says that it is done.

prepare(folder, company)  lays out what the command needs
command                   its words
check(folder, out)        what must hold, and what it takes to go on; out: what it had printed
"""
import json
import os
import shutil
import sqlite3
import subprocess

import calls
from calls import entry_of, head, json_lines, need, reads, run, verified

TIME = "2026-01-05T10:00:00.000Z"

SETUP = r"""
. "$0"
trap - EXIT
CAST="$CAST audrey:P-42:human:AUDITOR cleo:P-51:human:PERIOD_CLOSER"
found_company
cs maria post credit-note --invoice 581483 --amount 1200.00 --reason PRICE_ERR --evidence prices.pdf
expect 0 "waits for"
issue first.note
run witness new --state witness --name witness.example/audit --kdf minimal --passphrase-fd 3
expect 0
run book-key list --vkeys --book "$BOOK" --as olga
printf '%s\n' "$OUT" >book.vkey
run witness trust book.vkey --state witness
expect 0
run audit prove --since 0 --to request --book "$BOOK" --as audrey
expect 0
cp -r witness witness.fresh
run witness cosign request --state witness --out cosigned.note --passphrase-fd 3
expect 0
rm -rf witness
mv witness.fresh witness
new_key maria-2
cs olga key add maria --public maria-2.key.pub --to unsigned.json
expect 0
cp unsigned.json enrolment.json
run sign enrolment.json --key maria-2.key --passphrase-fd 3
expect 0
printf 'customer,group,currency,limit,terms_days,related,name\n30001,G1,USD,10000.00,30,no,Clark\n30002,G1,USD,10000,30,,Smith\n' \
    >customers.csv
printf 'kind,ref,allocations,reason,evidence,note\n' >rows.csv
for row in 10 11 12; do echo "credit-note,ROW-$row,9000$row:1.00,PRICE_ERR,price-sheet:report.pdf,row $row"; done >>rows.csv
sed 's/upto: 2500.00/upto: 2400.00/' "$POLICY" >next.yaml
run audit pack --book "$BOOK" --to packed --as audrey --key audrey.key --passphrase-fd 3 --at "$(now)"
expect 0
run backup --book "$BOOK" --out first.backup
expect 0
cp -r "$WORK"/. "$COMPANY"
rm -rf "$WORK"
[ "$FAILED" = 0 ] || exit 1
"""

BASE = 0
ERASING = ".with-an-erasure"  # in the company's folder: the same with an erasure in force, made once


def found(company):
    """Makes the company in a folder, and remembers how far its book goes."""
    global BASE
    setup = subprocess.run(["bash", "-c", SETUP, f"{calls.HERE}/../scenarios/lib.sh"], env={**os.environ, "COMPANY": company},
                           check=False, capture_output=True)
    need(setup.returncode == 0, "the company was not founded:", setup.stdout.decode(), setup.stderr.decode())
    BASE = head(company)


def act(user, *arguments):
    return [*arguments, "--book", "book", "--as", user, "--at", TIME, "--key", f"{user}.key", "--passphrase-fd", "@FD", "--json"]


class Init:
    name = "init"
    command = ["init", "charter.json", "--book", "book", "--json"]

    @staticmethod
    def prepare(folder, company):
        for name in ("charter.json", "charter.json.salt"):
            shutil.copy(f"{company}/{name}", folder)

    @classmethod
    def check(cls, folder, out):
        acknowledged = out.endswith("\n")
        there = os.path.exists(f"{folder}/book")
        need(there or not acknowledged or '"error"' in out, "a book was acknowledged and is not there")
        if not there:
            status, _, err = run(folder, "status", "--book", "book")
            need(status == 2 and "there is no book" in err, "without a book status answers", status, err)
            status, _, err = run(folder, *cls.command)
            need(status == 0, "init again answers", status, err)
        else:
            status, _, err = run(folder, *cls.command)
            need(status == 2 and "is there already" in err, "init over a book answers", status, err)
        need(head(folder) == 0, "a new book has other entries than its charter")
        need(len([name for name in os.listdir(f"{folder}/book/personal") if len(name) == 64]) == 1,
             "the salt is not beside the journal")
        verified(folder)


class Existing:
    """On a copy of the company's folder."""

    @staticmethod
    def prepare(folder, company):
        shutil.copytree(company, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(ERASING))


class Entry(Existing):
    """What writes one entry, once."""
    most = 1  # so many
    there = (0, "repeat")  # what it answers where its entry is there already
    done = None  # (words of a reader, member, value): what its effect is

    @classmethod
    def check(cls, folder, out):
        acknowledged = entry_of(out)
        before = head(folder)
        calls.kept(folder)
        need(before - BASE in range(cls.most + 1), "the head is", before)
        need(not acknowledged or before >= acknowledged["seq"], "acknowledged and not there:", before)
        status, out, err = run(folder, *cls.command)
        if before == BASE:
            need(status == 0, cls.name, "again answers", status, out, err)
        else:
            need(status == cls.there[0] and cls.there[1] in out + err, cls.name, "again, when it was there, answers", status, out, err)
        need(head(folder) - before <= 1, "after", cls.name, "again the head is", head(folder))  # that it came again is an entry too
        if cls.done is not None:
            words, member, value = cls.done
            answer = reads(folder, *words)[0].get(member)
            need(answer == value, words, "says", member, answer)
        calls.kept(folder)
        verified(folder)


class Post(Entry):
    name = "post"
    command = act("maria", "post", "credit-note", "--invoice", "900000", "--amount", "60.00", "--reason", "PRICE_ERR",
                  "--evidence", "dunning.txt", "--ref", "once")
    done = (("balance", "--customer", "20001"), "balance", "1940.00")


class Approve(Entry):
    name = "approve"
    command = act("ana", "approve", "CN-1")
    there = (2, "CN-1 is posted")
    done = (("balance", "--customer", "16446"), "balance", "6269.60")


class Amend(Entry):
    name = "amend"
    command = act("maria", "amend", "CN-1", "--amount", "1100.00", "--ref", "amended")


class Batch(Entry):
    name = "post --batch"
    command = act("maria", "post", "--batch", "rows.csv")
    there = (0, '"repeated":3')
    done = (("balance", "--customer", "20001"), "balance", "1997.00")


class Close(Entry):
    name = "period close"
    command = act("cleo", "period", "close", "US01", "2025-12", "--soft", "--reason", "Month end", "--ref", "close")


class Load(Entry):
    name = "load"
    command = act("feedc", "load", "customers", "customers.csv", "--entity", "US01", "--count", "2")
    there = (2, "is in the books already")


class Submit(Entry):
    name = "submit"
    command = ["submit", "enrolment.json", "--book", "book", "--json"]


class Propose(Entry):
    name = "policy propose"
    command = act("olga", "policy", "propose", "next.yaml", "--effective", "2026-01-07T06:00:00Z", "--ref", "policy")


class CheckpointAdd(Existing):
    name = "checkpoint add"
    command = ["checkpoint", "add", "cosigned.note", "--book", "book", "--as", "audrey", "--json"]

    @classmethod
    def check(cls, folder, out):
        status, again, err = run(folder, *cls.command)
        need(status == 0, "checkpoint add again answers", status, again, err)
        need('"known":false' not in out or '"known":true' in again, "what was acknowledged was not there")
        status, again, err = run(folder, *cls.command)
        need(status == 0 and '"known":true' in again, "the third time it answers", status, again, err)
        verified(folder)


def checkpoints(folder):
    shutil.rmtree(f"{folder}/checkpoints", ignore_errors=True)
    os.mkdir(f"{folder}/checkpoints")
    if os.path.exists(f"{folder}/again.jsonl"):
        os.unlink(f"{folder}/again.jsonl")
    status, out, err = run(folder, "audit", "export", "--out", "again.jsonl", "--checkpoints", "checkpoints", "--book", "book")
    need(status == 0, "audit export answers", status, out, err)
    notes = []
    for name in sorted(os.listdir(f"{folder}/checkpoints")):
        with open(f"{folder}/checkpoints/{name}", encoding="utf-8") as file:
            notes.append(file.read())
    return notes


class Checkpoint(Existing):
    name = "checkpoint"
    command = ["checkpoint", "--book", "book", "--key", "book-key.key", "--passphrase-fd", "@FD", "--out", "new.note", "--json"]

    @classmethod
    def prepare(cls, folder, company):
        Existing.prepare(folder, company)
        status, out, err = run(folder, *Post.command)
        need(status == 0, "post answers", status, out, err)

    @classmethod
    def check(cls, folder, out):
        there = os.path.exists(f"{folder}/new.note")
        issued = checkpoints(folder)
        need(there or '"size"' not in out, "a checkpoint was acknowledged and is not there")
        if there:
            with open(f"{folder}/new.note", encoding="utf-8") as file:
                note = file.read()
            need(note == "" or note in issued or '"size"' not in out, "a note went out that the book does not know")
        if there:
            os.rename(f"{folder}/new.note", f"{folder}/old.note")
        status, out, err = run(folder, *cls.command)
        need(status == 0, "checkpoint again answers", status, out, err)
        with open(f"{folder}/new.note", encoding="utf-8") as file:
            need(file.read() in checkpoints(folder), "the second note is not in the book")
        verified(folder)


class Rebuild(Existing):
    name = "rebuild"
    command = ["rebuild", "--book", "book", "--json"]

    @classmethod
    def check(cls, folder, out):
        del out
        need(head(folder) == BASE, "the head moved")
        balance = reads(folder, "balance", "--customer", "16446")[0]["balance"]
        need(balance == "7469.60", "the customer owes", balance)
        verified(folder)
        status, _, err = run(folder, *cls.command)
        need(status == 0, "rebuild again answers", status, err)


class Missing(Rebuild):
    """The same where the books are gone and a reader makes them."""
    name = "status without books"
    command = ["status", "--book", "book", "--json"]

    @classmethod
    def prepare(cls, folder, company):
        Existing.prepare(folder, company)
        shutil.rmtree(f"{folder}/book/books")


class Backup(Existing):
    name = "backup"
    command = ["backup", "--book", "book", "--out", "taken.backup", "--json"]
    since = []

    @classmethod
    def check(cls, folder, out):
        there = os.path.exists(f"{folder}/taken.backup")
        need(there or not acknowledged(out), "a backup was acknowledged and is not there")
        status, again, err = run(folder, *cls.command)
        need(status == (2 if there else 0), "backup again answers", status, again, err)
        status, out, err = run(folder, "restore", *cls.since, "taken.backup", "--book", "restored", "--json")
        need(status == 0 and json.loads(out)["size"] == head(folder) + 1, "the backup restores:", status, out, err)


class BackupAfter(Backup):
    name = "backup --after"
    command = [*Backup.command, "--after", "first.backup"]
    since = ["first.backup"]

    @classmethod
    def prepare(cls, folder, company):
        Checkpoint.prepare(folder, company)


def acknowledged(out):
    return out.endswith("\n") and '"error"' not in out


class Restore(Existing):
    name = "restore"
    command = ["restore", "first.backup", "--beside", "book", "--book", "restored", "--json"]
    ends = (3,)  # a verifying child that is killed is a finding

    @classmethod
    def check(cls, folder, out):
        there = os.path.exists(f"{folder}/restored")
        need(there or '"size"' not in out, "a restored book was acknowledged and is not there")
        status, _, err = run(folder, *cls.command)
        need(status == (2 if there else 0), "restore again answers", status, err)
        for name in ("restored", "book"):
            status, out, err = run(folder, "backup", "--book", name, "--out", f"{name}.again")
            need(status == 0, "backup of", name, "answers", status, err)
        with open(f"{folder}/restored.again", "rb") as one, open(f"{folder}/book.again", "rb") as other:
            need(one.read() == other.read(), "the restored book is another")
        need(sorted(os.listdir(f"{folder}/restored/personal")) == sorted(os.listdir(f"{folder}/book/personal")),
             "personal data are not all there")


class File(Existing):
    """What leaves one new file, or a folder: whole, or not there."""
    path = None

    @classmethod
    def check(cls, folder, out):
        there = os.path.lexists(f"{folder}/{cls.path}")
        need(there or not acknowledged(out), cls.path, "was acknowledged and is not there")
        if there:
            cls.whole(folder)
        status, again, err = run(folder, *cls.command)
        need(status == (2 if there else 0), cls.name, "again answers", status, again, err)
        cls.whole(folder)

    @classmethod
    def whole(cls, folder):
        raise NotImplementedError


class KeyNew(File):
    name = "key new"
    command = ["key", "new", "--key", "fresh.key", "--kdf", "minimal", "--passphrase-fd", "@FD", "--json"]
    path = "fresh.key"

    @classmethod
    def check(cls, folder, out):
        there = [os.path.exists(f"{folder}/fresh.key{end}") for end in ("", ".pub")]
        need(all(there) or not acknowledged(out), "a key was acknowledged and is not there")
        status, again, err = run(folder, *cls.command)
        need(status == (2 if any(there) else 0), "key new again answers", status, again, err)
        if there[0]:
            shutil.copy(f"{folder}/unsigned.json", f"{folder}/signed.json")
            status, out, err = run(folder, "sign", "signed.json", "--key", "fresh.key", "--passphrase-fd", "@FD")
            need(status == 0, "a key that is there does not sign:", status, out, err)


class KeyAdd(File):
    name = "key add --to"
    command = act("olga", "key", "add", "joe", "--public", "maria-2.key.pub", "--to", "joe-2.json")
    path = "joe-2.json"

    @classmethod
    def whole(cls, folder):
        with open(f"{folder}/joe-2.json", encoding="utf-8") as file:
            need(len(json.loads(file.read())["signatures"]) == 1, "the statement's file is not whole")


class Sign(Existing):
    name = "sign"
    command = ["sign", "unsigned.json", "--key", "maria-2.key", "--passphrase-fd", "@FD", "--json"]

    @classmethod
    def check(cls, folder, out):
        def signatures():
            with open(f"{folder}/unsigned.json", encoding="utf-8") as file:
                return len(json.load(file)["signatures"])
        need(signatures() in (1, 2), "there are", signatures(), "signatures")
        need(signatures() == 2 or not acknowledged(out), "a signature was acknowledged and is not there")
        there = signatures() == 2
        status, out, err = run(folder, *cls.command)
        need(status == (2 if there else 0) and signatures() == 2, "sign again answers", status, out, err)
        need(not there or "has signed the statement already" in err, "sign again says", err)


class Cosign(Existing):
    name = "witness cosign"
    command = ["witness", "cosign", "request", "--state", "witness", "--out", "given.note", "--passphrase-fd", "@FD", "--json"]

    @classmethod
    def check(cls, folder, out):
        there = os.path.exists(f"{folder}/given.note")
        need(there or not acknowledged(out), "a cosigned note was acknowledged and is not there")
        if there:
            os.rename(f"{folder}/given.note", f"{folder}/before.note")
            status, out, err = run(folder, "checkpoint", "add", "before.note", "--book", "book", "--as", "audrey")
            need(status == 0, "a note that went out is not taken:", status, out, err)
        status, out, err = run(folder, *cls.command)
        if status != 0:  # its memory is there already and says what to do
            need(status == 2 and "old 0, but I last cosigned" in err, "cosign again answers", status, out, err)
            need("--since" in err, "it does not say what to do:", err)


class Verify(Existing):
    """The auditor's program, and what it remembers from one verification to the next."""
    name = "countersign-verify --state"
    command = ["countersign-verify", "--state", "remembered", "packed", "--json"]
    ends = (3,)

    @classmethod
    def check(cls, folder, out):
        del out
        status, out, err = run(folder, *cls.command)
        need(status == 0, "the same verification again answers", status, out, err)


class VerifyAgain(Verify):
    name = "countersign-verify --state, again"

    @classmethod
    def prepare(cls, folder, company):
        Existing.prepare(folder, company)
        status, out, err = run(folder, *cls.command)
        need(status == 0, "countersign-verify answers", status, out, err)


class Pack(File):
    name = "audit pack"
    command = ["audit", "pack", "--book", "book", "--to", "bundle", "--as", "audrey", "--key", "audrey.key", "--passphrase-fd",
               "@FD", "--at", TIME, "--json"]
    path = "bundle"
    ends = (2,)  # what was to go and stays is in the way

    @classmethod
    def whole(cls, folder):
        status, out, err = run(folder, "countersign-verify", "--fast", "bundle")
        need(status == 0, "the bundle does not verify:", status, out, err)


class Sqlite(File):
    name = "audit export --sqlite"
    command = ["audit", "export", "--sqlite", "book.sqlite", "--book", "book", "--as", "audrey", "--json"]
    path = "book.sqlite"

    @classmethod
    def whole(cls, folder):
        database = sqlite3.connect(f"file:{folder}/book.sqlite?mode=ro", uri=True)
        try:
            need(database.execute("pragma integrity_check").fetchone()[0] == "ok", "the database is not whole")
            count = database.execute("select count(*) from entry").fetchone()[0]
            need(count == BASE + 1, "the database has", count, "entries")
        except sqlite3.Error as error:
            raise calls.Wrong("the database:", error) from error
        finally:
            database.close()


class Export(File):
    """Everything that others read, each in a file of its own: none of them is there in part."""
    name = "audit export"
    command = ["audit", "export", "--out", "entries.jsonl", "--signers", "signers", "--checkpoints", "notes", "--book", "book", "--json"]
    files = ("entries.jsonl", "signers", "notes")

    @classmethod
    def prepare(cls, folder, company):
        Existing.prepare(folder, company)
        os.mkdir(f"{folder}/notes")

    @classmethod
    def there(cls, folder):
        return [name for name in cls.files if os.path.isfile(f"{folder}/{name}") or (name == "notes" and os.listdir(f"{folder}/notes"))]

    @classmethod
    def check(cls, folder, out):
        there = cls.there(folder)
        need(there == list(cls.files) or not acknowledged(out), "an export was acknowledged, and there is", there)
        cls.whole(folder)
        status, again, err = run(folder, *cls.command)
        need(status == (2 if there else 0), "audit export again answers", status, again, err)
        for name in cls.files[:2]:
            if os.path.exists(f"{folder}/{name}"):
                os.unlink(f"{folder}/{name}")
        shutil.rmtree(f"{folder}/notes")
        os.mkdir(f"{folder}/notes")
        status, again, err = run(folder, *cls.command)
        need(status == 0 and cls.there(folder) == list(cls.files), "audit export in an empty place answers", status, again, err)
        cls.whole(folder)

    @classmethod
    def whole(cls, folder):
        """What bears its name is what a checker needs of it: every line, every key, every signature of a note."""
        there = cls.there(folder)
        if "entries.jsonl" in there:
            status, _, err = run(folder, "backup", "--book", "book", "--out", "all.lines")
            need(status == 0, "backup answers", status, err)
            with open(f"{folder}/all.lines", "rb") as file:
                lines = file.read().split(b"\n")[1:BASE + 2]
            os.unlink(f"{folder}/all.lines")
            with open(f"{folder}/entries.jsonl", "rb") as file:
                need(file.read() == b"".join(line + b"\n" for line in lines), "the entries that were written are not all")
        if "signers" in there:
            with open(f"{folder}/signers", encoding="utf-8") as file:
                signers = file.read()
            need(signers.endswith("\n") and signers.count("\n") == cls.keys(folder), "there are", signers.count("\n"), "keys")
        for name in os.listdir(f"{folder}/notes"):
            if name.endswith(".note"):
                status, _, err = run(folder, "audit", "verify", "--book", "book", "--checkpoint", f"notes/{name}", "--threads", "1",
                                     "--scratch", folder)
                need(status == 0, name, "is no note of this book:", status, err)

    @staticmethod
    def keys(folder):
        """How many keys ever signed or could: what a whole file has a line for."""
        status, out, err = run(folder, "audit", "export", "--signers", "-", "--book", "book")
        need(status == 0, "audit export to its output answers", status, err)
        return out.count("namespaces=")


class OutboxTake(File):
    """What an ERP is to book: of a file that ends too early it would book a part, and take it for all."""
    name = "outbox take"
    command = ["outbox", "take", "--entity", "US01", "--out", "taken.jsonl", "--book", "book", "--json"]
    path = "taken.jsonl"

    @classmethod
    def prepare(cls, folder, company):
        Checkpoint.prepare(folder, company)

    @classmethod
    def whole(cls, folder):
        status, out, err = run(folder, *["-" if word == cls.path else word for word in cls.command])
        need(status == 0 and out.endswith("\n"), cls.name, "to its output answers", status, out, err)
        with open(f"{folder}/{cls.path}", encoding="utf-8", newline="") as file:
            need(file.read() == out, cls.path, "is not what", cls.name, "writes to its output")


class Extract(OutboxTake):
    name = "audit extract"
    command = ["audit", "extract", "--entity", "US01", "--period", "2026-01", "--out", "extract.csv", "--book", "book", "--as", "audrey",
               "--json"]
    path = "extract.csv"


class Evidence(File):
    """What an approver looks at before she signs: no piece of it is there in part."""
    name = "evidence --to"
    command = ["evidence", "CN-1", "--to", "looked-at", "--book", "book", "--json"]

    @classmethod
    def prepare(cls, folder, company):
        Existing.prepare(folder, company)
        os.mkdir(f"{folder}/looked-at")

    @classmethod
    def check(cls, folder, out):
        def there():
            return [name for name in os.listdir(f"{folder}/looked-at") if ".part-" not in name]
        before = there()
        need(before or not acknowledged(out), "evidence was acknowledged and is not there")
        status, again, err = run(folder, *cls.command)
        need(status == (2 if before else 0), "evidence again answers", status, again, err)
        need(len(there()) == 1, "there is", there())
        need(bytes_of(f"{folder}/looked-at/{there()[0]}") == bytes_of(f"{folder}/prices.pdf"), "the piece is another")


def bytes_of(path):
    with open(path, "rb") as file:
        return file.read()


def personal(folder):
    return {name for name in os.listdir(f"{folder}/book/personal") if len(name) == 64}


class EraseRun(Existing):
    """An erasure in force of the name of a piece of evidence and of two customers: overwritten, and gone for good."""
    name = "erase run"
    command = ["erase", "run", "ER-1", "--book", "book", "--json"]
    entries = 3  # that preparing it writes

    @classmethod
    def named(cls, folder):
        return set(reads(folder, "show", "ER-1")[0]["record"]["document"]["personal"])

    @classmethod
    def prepare(cls, folder, company):
        if not os.path.exists(f"{company}/{ERASING}"):
            cls.begin(f"{company}/{ERASING}", company)
        shutil.copytree(f"{company}/{ERASING}", folder, dirs_exist_ok=True)

    @classmethod
    def begin(cls, folder, company):
        Existing.prepare(folder, company)
        before = personal(folder)
        evidence = reads(folder, "show", "CN-1")[0]["evidence"][0]["evidence"]["name"]
        proposed = act("olga", "erase", "propose", evidence, "@NAMES", "--reason", "They asked for it", "--ref", "erase")
        for command in (Load.command, proposed, act("oscar", "approve", "ER-1")):
            names = sorted(personal(folder) - before)
            words = [word for one in command for word in (names if one == "@NAMES" else [one])]
            status, out, err = run(folder, *words)
            need(status == 0, command[:2], "answers", status, out, err)
        need(len(cls.named(folder)) == 3, "the erasure names", cls.named(folder))

    @classmethod
    def check(cls, folder, out):
        named = cls.named(folder)
        left = named & personal(folder)
        if acknowledged(out) and os.path.exists(f"{folder}/a-sync-failed"):  # names may come back, with nothing to read under them
            need(not any(bytes_of(f"{folder}/book/personal/{name}").strip(b"\0") for name in left), "erased bytes are there:", left)
        else:
            need(not left or not acknowledged(out), "what was acknowledged as erased is there:", left)
        need(len(personal(folder) - named) == 1, "something else was erased: there is", personal(folder))
        for command in (("show", "CN-1"), ("inbox", "--as", "ana"), ("log",)):
            reads(folder, *command)
        shown = reads(folder, "show", "CN-1")[0]["evidence"][0]["name"]
        need(shown in ("", "prices.pdf") or shown.startswith("(NAME DAMAGED: "), "half an erased name is shown:", shown)
        status, again, err = run(folder, *cls.command)
        need(status == 0 and json.loads(again)["erased"] == len(left), "erase run again answers", status, again, err)
        need(not named & personal(folder), "erased again, there is", named & personal(folder))
        need(reads(folder, "show", "CN-1")[0]["evidence"][0]["name"] == "", "an erased name is shown")
        need(head(folder) == BASE + cls.entries, "the head is", head(folder))
        verified(folder)


class Day(Existing):
    """Several commands after each other; books that are clean, changed, synced, made again."""
    name = "a day"
    commands = [Post.command, Approve.command, Load.command, Batch.command, ["rebuild", "--book", "book", "--json"], Close.command,
                act("maria", "post", "credit-note", "--invoice", "900001", "--amount", "61.00", "--reason", "PRICE_ERR",
                    "--evidence", "report.pdf", "--ref", "twice")]

    @classmethod
    def check(cls, folder, out):
        told = [line["entry"] for line in json_lines(out) if "entry" in line]
        before = head(folder)
        there = calls.entries(folder)
        need(len(there) == before + 1, "the journal has", len(there), "entries, and its head is", before)
        for entry in told:
            need(entry["seq"] <= before and there[entry["seq"]][0] == entry["hash"], "acknowledged and not there:", entry)
        verified(folder)
        for command in cls.commands:
            status, out, err = run(folder, *command)
            need(status in (0, 2) and status != 4, command[:2], "again answers", status, out, err)
        balance = reads(folder, "balance", "--customer", "20001")[0]["balance"]
        need(balance == "1876.00", "the customer owes", balance)
        calls.kept(folder)
        verified(folder)


CASES = (Init, Post, Approve, Amend, Batch, Close, Load, Submit, Propose, CheckpointAdd, Checkpoint, Rebuild, Missing, Backup,
         BackupAfter, Restore, KeyNew, KeyAdd, Sign, Cosign, Verify, VerifyAgain, Pack, Sqlite, Export, OutboxTake,
         Extract, Evidence, EraseRun)
