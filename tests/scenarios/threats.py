#!/usr/bin/python3
"""audit/THREATS.md as a whole: every attacker that the design names has rows, every row that claims protection names a test that
there is, with the function or note in it, and every row that claims nothing says why. The same is asked of copies with one thing
wrong each, all of which have to be found.
"""
import functools
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PLACES = ("tests", "tests/scenarios", "tests/release")
HEADER = ["what", "what stops it", "what shows it", "test", "not covered"]
ASSETS = {"entries", "decisions", "books", "keys", "personal data", "evidence", "checkpoints", "policy", "bundles",
          "availability", "time"}
# What the headings have to be about: the attackers of the design, and those that an owner asks about besides.
ATTACKERS = """splits; approves his own; backdates; duplicates; approver who amends; manager; root; stolen key of a user
    stolen key of the book; enormous input; terminal escapes; bidirectional; formulas; bot; leaver; witness who lies
    packs a bundle; network; deceives its clients; two officers; release or build; reads what he may not; power cuts"""
REASON_CHARS = 20


@functools.lru_cache(maxsize=None)
def tests_in(name):
    """What a test file runs: the functions of a C or Python file, the notes of a shell scenario. None: there is no such file."""
    path = next((p for p in (os.path.join(ROOT, place, name) for place in PLACES) if os.path.isfile(p)), None)
    if path is None:
        return None
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if name.endswith(".c"):
        return re.findall(r"\bcmocka_unit_test(?:_\w+)?\((\w+)", text)
    if name.endswith(".py"):
        return [one for one in re.findall(r"^def (\w+)\(", text, re.M) if len(re.findall(rf"\b{one}\b", text)) > 1]
    return re.findall(r'^ *note "(.*)"$', text, re.M)


def test_of(named, wrong, at):
    """Whether `file: words` is there; of a shell scenario the words may be a part of the note."""
    name, _, words = named.partition(": ")
    tests = tests_in(name)
    if tests is None:
        wrong.append(f"{at}: there is no {name}")
    elif not words and name.startswith("test_"):
        wrong.append(f"{at}: {name} says no function")
    elif words and name.endswith(".sh") and not any(words in note for note in tests):
        wrong.append(f"{at}: {name} has no note '{words}'")
    elif words and not name.endswith(".sh") and words not in tests:
        wrong.append(f"{at}: {name} runs no {words}")


def claims(cell):
    """`nothing`, or `nothing:` and the reason, claims none."""
    return re.match(r"nothing\.?($|:)", cell, re.I) is None


def row_check(cells, wrong, at):
    if len(cells) != len(HEADER):
        wrong.append(f"{at}: {len(cells)} cells, not {len(HEADER)}")
        return
    what, stops, shows, tests, rest = cells
    named = re.findall(r"`([^`]+)`", tests)
    if what not in ASSETS:
        wrong.append(f"{at}: '{what}' is no asset")
    if not stops or not shows:
        wrong.append(f"{at}: an empty claim: say 'nothing'")
    if (claims(stops) or claims(shows)) and not named:
        wrong.append(f"{at}: claims protection and names no test")
    if not claims(stops) and not claims(shows) and (len(rest) < REASON_CHARS or named):
        wrong.append(f"{at}: claims nothing and does not say why")
    if re.sub(r"`[^`]+`|<br>|—|\s", "", tests):
        wrong.append(f"{at}: a test is named as `file: what in it`")
    for test in named:
        test_of(test, wrong, at)


def check(text):
    """What is wrong with it."""
    wrong, rows, titles, title = [], {}, [], None
    for number, line in enumerate(text.split("\n"), 1):
        at = f"THREATS.md:{number}"
        heading = re.match(r"## (\d+) (.+)", line)
        if line.startswith("## "):
            title = heading.group(2) if heading else None
            if heading:
                titles.append(title)
                rows[title] = 0
                if int(heading.group(1)) != len(titles):
                    wrong.append(f"{at}: number {heading.group(1)} is not {len(titles)}")
        elif title and line.startswith("|"):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if line.rstrip().endswith("| |"):
                cells = [cell.strip() for cell in line.strip()[1:-1].split("|")]
            if cells != HEADER and set(line) - set("|- "):
                rows[title] += 1
                row_check(cells, wrong, at)
    wrong += [f"'{one}' has {count} rows" for one, count in rows.items() if count < 2]
    wrong += [f"no attacker '{topic.strip()}'" for topic in re.split(r"[;\n]", ATTACKERS)
              if topic.strip() not in " ".join(titles).lower()]
    wrong += [f"P{n} asks nothing of an owner" for n in range(1, 9) if f"\n| P{n} " not in text]
    return wrong


def bent(text):
    """Copies with one thing wrong each, and a word of what has to be said of them."""
    first = re.search(r"`(test_\w+\.c): (\w+)`", text)
    yield "no such file", text.replace(first.group(1), "test_none.c", 1), "there is no test_none.c"
    yield "no such function", text.replace(first.group(2), "no_such_function", 1), "runs no no_such_function"
    yield "a helper is no test", text.replace("test_year.c" if "test_year.c" in text else first.group(0),
                                              "`test_verify.c: main`", 1), "runs no main"
    yield "no such note", text.replace("cut off: the last entries are gone", "nobody ever wrote this note", 1), "has no note"
    yield "no such python test", text.replace("serve_hostile.py: garbage", "serve_hostile.py: rubbish", 1), "runs no rubbish"
    row = next(line for line in text.split("\n") if line.startswith("| entries |"))
    bare = re.sub(r"`[^`]+`(<br>)?", "", row)
    yield "a claim without a test", text.replace(row, bare, 1), "names no test"
    silent = next(line for line in text.split("\n") if "| nothing | nothing | — |" in line)
    yield "no reason", text.replace(silent, re.sub(r"— \|.*", "— | |", silent), 1), "does not say why"
    yield "an asset", text.replace("| entries |", "| entires |", 1), "is no asset"
    yield "an attacker gone", text.replace("## 11 A leaver", "## 11 Somebody else", 1), "no attacker 'leaver'"
    yield "an attacker without rows", re.sub(r"(## 11 A leaver\n).*?(?=\n## 12)", r"\1", text, flags=re.S), "has 0 rows"
    yield "a promise", text.replace("| P4 ", "| P9 ", 1), "P4 asks nothing"


def main():
    with open(os.path.join(ROOT, "audit", "THREATS.md"), encoding="utf-8") as file:
        text = file.read()
    failed = check(text)
    for title, copy, said in bent(text):
        if copy == text:
            failed.append(f"self-test '{title}' changes nothing")
        elif not any(said in one for one in check(copy)):
            failed.append(f"self-test '{title}' was not found: {check(copy)[:2]}")
    for one in failed:
        print(one)
    rows = len(re.findall(r"^\| (?:%s) \|" % "|".join(ASSETS), text, re.M))
    print(f"{rows} rows, {len(set(re.findall(r'`[a-z_0-9]+[.](?:c|sh|py)(?:: [^`]+)?`', text)))} tests named, {len(failed)} wrong")
    sys.exit(1 if failed else 0)


main()
