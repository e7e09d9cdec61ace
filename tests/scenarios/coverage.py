#!/usr/bin/python3
"""Every control of `countersign controls` is tripped by a scenario through the command line: some tests/scenarios/*.sh names
it in what it expects of a command. Structural controls, which no command can trip, have a proof instead, whose files exist.
"""
import glob
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
STRUCTURAL = {"C-26", "C-53", "C-54"}
# Lines that check something: what a scenario expects, through lib.sh or helpers of its own.
CHECKS = re.compile(r"^\s*(expect|refused|refused_too|asked|answered|posted|bad|allowed|wrong|flagged)\b|^\s+[\"']|grep ")


def main():
    done = subprocess.run([os.environ["COUNTERSIGN"], "controls", "--json"], capture_output=True, text=True, check=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    checked = ""
    for path in sorted(glob.glob(os.path.join(HERE, "*.sh"))):
        with open(path, encoding="utf-8") as file:
            checked += "\n".join(line for line in file if CHECKS.search(line))
    wrong = []
    for row in rows:
        if re.search(r"\b%s\b" % row["id"], checked):
            continue
        if row["id"] not in STRUCTURAL:
            wrong.append(f"{row['id']} {row['title']}: no scenario expects it")
        elif row.get("proof"):
            for path in re.findall(r"\b[\w./]+\.(?:c|py|sh)\b", row["proof"]):
                if not os.path.isfile(os.path.join(ROOT, path)):
                    wrong.append(f"{row['id']} {row['title']}: its proof names {path}, which is not there")
        else:
            wrong.append(f"{row['id']} {row['title']}: neither a scenario nor a proof")
    for line in wrong:
        print("WRONG:", line)
    print(f"{len(rows)} controls, {len(wrong)} without a scenario")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
