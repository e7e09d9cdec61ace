#!/usr/bin/python3
"""Many records that a reader may not read (RECORDS: 40,000), before the few that he may: no request of his is long, the server goes
on from where it was, others are served meanwhile, and the command line comes to what it always came to.
"""
import base64
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "support"))
import served
from served import need

INVOICES = int(os.environ.get("RECORDS", "40000"))
PASSED_MAX, PASSED_BYTES = 5000, 4 << 20  # cli/PROTOCOL.md section 7
SECONDS_MAX = 2  # of one request, on a slow machine with a debug build

# A second entity before US01 in the order of keys, and its invoices.
FURTHER = r"""
lay second.json olga submit olga <<'EOF_BODY'
{"atomic":true,"documents":[
{"kind":"grant","ref":"gr-fc","channel":"cli","user":"feedc","role":"FEED_CUSTOMERS","entities":["AA01"]},
{"kind":"grant","ref":"gr-fi","channel":"cli","user":"feedi","role":"FEED_INVOICES","entities":["AA01"]}]}
EOF_BODY
cs oscar approve --inbox
lay aa-customers.json feedc feed feedc <<'EOF_BODY'
{"entity":"AA01","feed":"customers","file":{"count":1,"sequence":1},"last":true,"part":1,"records":[
{"currency":"USD","customer":"88001","group":"88001","limit":"10000.00","terms_days":30}]}
EOF_BODY
cs feedi load invoices "$MANY" --entity AA01
expect 0 "%s records"
""" % format(INVOICES, ",")


def two_entities(path):
    text = open(f"{served.HERE}/../../controls/policies/us.yaml", encoding="utf-8").read()
    line = re.search(r"  - \{ entity: US01.*\n", text).group(0)
    with open(path, "x", encoding="utf-8") as out:
        out.write(re.sub(r"(dormant_(?:bot_)?days): \d+", r"\1: 0", text.replace(line, line.replace("US01", "AA01") + line, 1)))


def write_invoices(path):
    with open(path, "x", encoding="ascii") as out:
        print("invoice,customer,date,due,currency,tax_code,net,tax", file=out)
        for number in range(INVOICES):
            print(f"8{number:07},88001,2025-12-01,2025-12-31,USD,SALES_TAX,1.00,0.00", file=out)


class Walk:
    """A walk over a table as PROTOCOL.md section 3 has it; what each request took is looked at."""

    def __init__(self, client, store, table, down=False, records=100):
        self.requests = self.empty = 0
        self.longest = 0.0
        self.found, self.reached, self.sizes = [], [], []
        snapshot = client.ask("begin", store=store)["snapshot"]
        at, step = {"at": "last" if down else "first"}, "before" if down else "after"
        while at is not None:
            begun = time.monotonic()
            answer = client.ask("seek", records=records, snapshot=snapshot, table=table, **at)
            self.longest = max(self.longest, time.monotonic() - begun)
            self.requests += 1
            self.found += [base64.b64decode(key) for key, _ in answer["records"]]
            self.sizes += [len(base64.b64decode(key)) + len(base64.b64decode(value)) for key, value in answer["records"]]
            if "reached" in answer:
                need(answer["records"] == [] and answer["more"] and answer["passed"], "reached, and", answer)
                self.empty += 1
                self.reached.append(base64.b64decode(answer["reached"]))
            key = answer.get("reached") or (answer["records"] or [[None]])[-1][0]
            at = {"at": step, "key": key} if answer["more"] else None
        client.ask("end", snapshot=snapshot)
        need(self.longest < SECONDS_MAX, "one request took", self.longest, "s")


def no_request_is_long(server):
    reader, auditor = server.connect("wanda"), server.connect("audrey")
    whole = Walk(auditor, "books", "invoices", records=1000)
    need(whole.empty == 0 and len(whole.found) == INVOICES + 25, "an auditor passes over nothing, and reads", len(whole.found))
    theirs = [key for key in whole.found if b"AA01" not in key]
    need(len(theirs) == 25, "invoices of US01:", len(theirs))
    up, down = Walk(reader, "books", "invoices"), Walk(reader, "books", "invoices", down=True)
    need(up.found == theirs and down.found == theirs[::-1], "what may be read is read", len(up.found), len(down.found))
    # 5,000 a request; upwards nothing is found before, downwards those of US01 are.
    need(up.empty == INVOICES // PASSED_MAX and up.requests == up.empty + 1, "upwards", up.requests, up.empty)
    need(INVOICES // PASSED_MAX <= down.requests <= INVOICES // PASSED_MAX + 2, "downwards", down.requests, down.empty)
    need(up.reached == [key for key in whole.found if b"AA01" in key][PASSED_MAX - 1::PASSED_MAX], "no more, and no fewer")
    print(f"{INVOICES} passed over in {up.requests} requests, the longest {up.longest * 1000:.0f} ms")
    entries = Walk(auditor, "journal", "entries")
    begin = next(number for number, size in enumerate(entries.sizes) if size > 100000)  # the first part of the file
    passed, last = 0, begin - 1
    while passed < PASSED_BYTES:
        last += 1
        passed += entries.sizes[last]
    snapshot = reader.ask("begin", store="journal")["snapshot"]
    answer = reader.ask("seek", at="at-or-after", key=base64.b64encode(entries.found[begin]).decode(), records=100,
                        snapshot=snapshot, table="entries")
    need(answer["records"] == [] and base64.b64decode(answer["reached"]) == entries.found[last] and last - begin < 1000,
         "long entries are passed over by their bytes: reached", answer["reached"], "not", entries.found[last])
    reader.close()
    auditor.close()


def others_are_served(server):
    """While sixteen walk over what is not theirs, a short question of somebody else is answered soon."""
    stop, slowest, walks = time.monotonic() + 3, 0.0, []

    def walk():
        client = server.connect("wanda")
        while time.monotonic() < stop:
            Walk(client, "books", "invoices")
            walks.append(1)
        client.close()

    threads = [threading.Thread(target=walk) for _ in range(16)]
    for thread in threads:
        thread.start()
    client = server.connect("audrey")
    while time.monotonic() < stop:
        begun = time.monotonic()
        client.ask("wait", ms=0, size=0)
        slowest = max(slowest, time.monotonic() - begun)
    for thread in threads:
        thread.join()
    client.close()
    need(slowest < SECONDS_MAX, "a short question took", slowest, "s")
    print(f"{len(walks)} walks beside it: a short question took at most {slowest * 1000:.0f} ms")


def command(folder, *arguments):
    done = subprocess.run([served.COUNTERSIGN, *arguments, "--key", "maria.key", "--passphrase-fd", "0", "--as", "maria"], cwd=folder,
                          input="pass\n", capture_output=True, text=True, check=False,
                          env={**os.environ, "HOME": folder, "XDG_STATE_HOME": f"{folder}/state", "NO_COLOR": "1"})
    return done.returncode, done.stdout, done.stderr


def the_command_line_follows(server):
    for words in (["balance"], ["aging"], ["statement", "--customer", "10442"], ["trial", "balance"], ["exceptions"]):
        code, out, err = command(server.folder, *words, "--book", f"unix:{server.path}")
        need(code == 0 and "88001" not in out and "AA01" not in out, words, code, out, err)
        if words[0] not in ("exceptions", "trial"):
            need("US01" in out or "10442" in out, words, out)
    code, out, err = command(server.folder, "balance", "--book", f"unix:{server.path}")
    need("10442" in out and "left out: you read US01" in err, out, err)
    code, out, err = command(server.folder, "audit", "export", "--out", "all.jsonl", "--book", f"unix:{server.path}")
    need(code == 5 and "audit.read" in err, "an export without what is not hers", code, err)


CASES = [no_request_is_long, others_are_served, the_command_line_follows]


def main():
    with tempfile.TemporaryDirectory(prefix="countersign-passing-") as folder:
        two_entities(f"{folder}/two.yaml")
        write_invoices(f"{folder}/many.csv")
        begun = time.monotonic()
        served.found(folder, POLICY=f"{folder}/two.yaml", FURTHER=FURTHER, MANY=f"{folder}/many.csv")
        print(f"{INVOICES} invoices loaded: {time.monotonic() - begun:.1f} s")
        server = served.Server(folder)
        try:
            wrong = served.run_cases(CASES, server, folder)
            need(server.stop() == 0, "it ends well")
        finally:
            server.kill()
    print(f"{served.CHECKS} checks, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
