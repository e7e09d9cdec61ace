#!/usr/bin/python3
"""The acceptance cases of cases.txt as a whole: each names what answers, where that is tested and by which note; all of it
has to be there. A control has to be one of `countersign controls`, and to be named under the note of the scenario. `later`
stands for a scenario where the case waits for something, with the reason.
"""
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
ANSWERS = {"form", "verify", "extract", "receipt", "clock", "recovery"}
# What the list is about; a case that is dropped from it shows here.
TOPICS = """
    self-approval; approver who amended|an approver who amended; delegate who prepared; delegate of a delegate; expired
    old content hash; two levels; five credits .* one customer; two subsidiaries; two currencies; two preparers
    two that wait exceed a level; 10,000 up and 9,900 down; waiting one credits whole; open dispute; ten days past due
    recovery above; renewed a third time; release used twice; a bot approves; owner of a bot; administrator grants himself
    since yesterday; proposer alone; locked period; exception of another; after the exception ended; date of tomorrow
    clock set back; leaver's key; revoked key; compromised; same evidence; edited; deleted; swapped; doubled; inserted
    tail cut; older copy; two forks; torn last record; gap in the numbers; general ledger; policy text altered
    body of a report; sampling seed; not reviewed within two days; attested by; taken out yesterday; 33.33; yen; dinars
    negative zero; 64 bits
"""
wrong = []


def catalogue():
    done = subprocess.run([os.environ["COUNTERSIGN"], "controls", "--json"], capture_output=True, text=True, check=True)
    return {json.loads(line)["id"] for line in done.stdout.splitlines()}


def section(text, marker):
    """The lines from the note on to the next one; None without the note."""
    found = re.search(r'^\s*note "%s"$(.*?)(?=^\s*note "|\Z)' % re.escape(marker), text, re.S | re.M)
    return found.group(1) if found else None


def check_place(at, controls, name, marker):
    path = os.path.join(HERE, name)
    if not os.path.isfile(path):
        wrong.append(f"{at}: there is no {name}")
        return
    with open(path, encoding="utf-8") as file:
        text = file.read()
    part = section(text, marker)
    if part is None:
        if name.startswith("../"):
            called = re.search(r"\bcmocka_unit_test(_\w+)?\(%s\b" % re.escape(marker), text)
            helper = re.search(r"^static void %s\(.*?\n\{" % re.escape(marker), text, re.S | re.M)
            if not called and not helper:
                wrong.append(f"{at}: {name} runs no {marker}")
        elif name.startswith("refused_") or marker not in text:
            wrong.append(f"{at}: {name} has no '{marker}'")
        return
    for control in controls:
        # Structural ones answer by what is there afterwards.
        if control not in part and control not in ("C-53", "C-54"):
            wrong.append(f"{at}: {control} is not named under '{marker}' of {name}")


def main():
    known, cases, seen = catalogue(), [], set()
    with open(os.path.join(HERE, "cases.txt"), encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip() or line.startswith("#"):
                continue
            at = f"cases.txt:{number}"
            fields = [field.strip() for field in line.split(" | ")]
            if len(fields) != 4 or not all(fields):
                wrong.append(f"{at}: not four fields: the case has no scenario")
                continue
            case, answers, name, marker = fields
            cases.append(case)
            if (case, name, marker) in seen or cases.count(case) > 1:
                wrong.append(f"{at}: the case stands twice: {case}")
            seen.add((case, name, marker))
            if name == "later":
                if answers != "later" or len(marker) < 20:
                    wrong.append(f"{at}: later, and no reason")
                continue
            controls = [answer for answer in answers.split() if answer not in ANSWERS]
            for control in controls:
                if control not in known:
                    wrong.append(f"{at}: there is no control {control}")
            check_place(at, controls, name, marker)
    for topic in re.split(r"[;\n]", TOPICS):
        if topic.strip() and not any(re.search(topic.strip(), case) for case in cases):
            wrong.append(f"cases.txt: no case is about: {topic.strip()}")
    for line in wrong:
        print("WRONG:", line)
    print(f"{len(cases)} cases, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
