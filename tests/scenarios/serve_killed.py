#!/usr/bin/python3
"""Kills the server with -9 at random under load, again and again. Clients submit what was not answered again, to the next
server, on the same book: at the end every entry that was acknowledged is there with the number and the hash that was
acknowledged, nothing is there twice, and the journal verifies.

KILLS says how often (10); KILLS=200 is what the acceptance asks for.
"""
import json
import os
import random
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "support"))
import served
from served import Closed, Refused

KILLS = int(os.environ.get("KILLS", "10"))
POSTERS = 6
WINDOW = 3


class Load(threading.Thread):
    """Posts with a window of requests open, and notes what was acknowledged."""
    day = 0  # of the simulated clock: a user has so many refusals a day

    def __init__(self, path, number):
        super().__init__(daemon=True)
        self.path, self.number, self.user = path, number, f"bot{2 + number % 8}"
        self.acknowledged = {}
        self.asked = {}
        self.next = 0
        self.stopping = False
        self.wrong = []
        self.connections = 0

    def begin(self):
        client = served.Client(self.path, timeout=10)
        client.prove(self.user, served.keys()[self.user])
        self.connections += 1
        return client, served.Poster(client, self.user)

    def submit(self, client, poster, name):
        if name not in self.asked:  # another amount each time, or it is the same correction twice
            cents = int(name.split("-")[1]) % 140 + 1
            poster.at = served.instant(1767693600 + Load.day * 86400)
            self.asked[name] = poster.statement(name, f"{cents // 100}.{cents % 100:02}")
        text = self.asked[name]
        return client.send("submit", **poster.members(text))

    def names(self):
        """What has no answer yet, and more."""
        for name in list(self.asked):
            if name not in self.acknowledged:
                yield name
        while not self.stopping:
            self.next += 1
            yield f"K{self.number}-{self.next}"

    def work(self):
        client, poster = self.begin()
        open_now, names = {}, self.names()
        while True:
            while len(open_now) < WINDOW:
                name = next(names, None)
                if name is None:
                    break
                open_now[self.submit(client, poster, name)] = name
            if not open_now:
                client.close()
                return True
            answer = client.receive()
            if answer["id"] == 0:
                return False
            name = open_now.pop(answer["id"])
            if "error" in answer:
                if answer["error"]["status"] in ("refused", "clock"):  # the day is full of refusals, or over: no entry
                    del self.asked[name]
                elif answer["error"]["status"] not in ("busy", "unknown"):
                    self.wrong.append((name, answer["error"]))
                    return True
                continue
            self.acknowledged[name] = answer["answer"]

    def run(self):
        while True:
            try:
                if self.work():
                    return
            except (OSError, Closed, Refused):
                time.sleep(0.05)


def check(folder, loads):
    code, out, err = served.countersign("audit", "verify", "--book", "book", folder=folder)
    if code != 0:
        return [f"audit verify: {out}{err}"]
    code, _, err = served.countersign("audit", "export", "--book", "book", "--out", f"{folder}/export.jsonl", folder=folder)
    wrong = [f"audit export: {err}"] if code != 0 else []
    seen, where = {}, {}
    with open(f"{folder}/export.jsonl", encoding="utf-8") as export:
        for line in export:
            value = json.loads(line)
            entry = value.get("entry", value)
            statement = entry.get("statement")
            if statement is None:
                continue
            statement = statement if isinstance(statement, dict) else json.loads(statement)
            key = (statement["actor"], statement["id"])
            if key in seen:
                wrong.append(f"{key} is there twice")
            seen[key] = statement
            where[key] = entry["seq"]
    for load in loads:
        wrong += [f"{name}: {error}" for name, error in load.wrong]
        for name, answer in load.acknowledged.items():
            key = (load.user, f"N-{load.user}-{name}")
            if where.get(key) != answer["seq"]:
                wrong.append(f"{name} was acknowledged as entry {answer['seq']}, and is {where.get(key)}")
    return wrong


def main():
    print_every = max(1, KILLS // 10)
    with tempfile.TemporaryDirectory(prefix="countersign-killed-") as folder:
        served.found(folder)
        seed = int(os.environ.get("SEED", str(random.randrange(1 << 30))))
        chance = random.Random(seed)
        print(f"seed {seed}")
        server = served.Server(folder)
        loads = [Load(server.path, number) for number in range(POSTERS)]
        for load in loads:
            load.start()
        for kill in range(1, KILLS + 1):
            time.sleep(chance.uniform(0.05, 1.0))
            server.kill()
            server = served.Server(folder)
            Load.day = kill // 10
            if kill % print_every == 0:
                print(f"killed {kill} times, {sum(len(load.acknowledged) for load in loads)} acknowledged", flush=True)
        time.sleep(0.5)
        for load in loads:
            load.stopping = True
        for load in loads:
            load.join(60)
            if load.is_alive():
                print("WRONG: a poster has no answer")
                return 1
        status = server.stop()
        wrong = check(folder, loads)
        if status != 0:
            wrong.append(f"the server ended with {status}")
        total = sum(len(load.acknowledged) for load in loads)
        if total < KILLS:
            wrong.append(f"only {total} acknowledged")
        again = sum(answer["repeated"] for load in loads for answer in load.acknowledged.values())
        for text in wrong[:20]:
            print("WRONG:", text)
        print(f"{KILLS} kills, {total} acknowledged, {again} of them by a second asking, {len(wrong)} wrong")
        return 1 if wrong else 0


sys.exit(main())
