"""The three who check bundles, asked about the same folder: countersign-verify, evidence.html in a browser, tests/checker.py.

Each answers with a Said: the verdict "good", "bad" or, of the page, "unchecked"; the places that its findings name; its words.
"""
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, "tests")]
import checker  # noqa: E402

# The page as it is loaded once; then bundle after bundle is given to it, as its own start does with what it carries.
LOOK = """(async (files, known) => {
    for (const id of ["checks", "verdict", "caveats"]) {
        document.getElementById(id).replaceChildren();
    }
    const began = performance.now();
    const bundle = Bundle.carriedBy({ getElementById: () => ({ textContent: JSON.stringify({ files }) }) });
    const page = new Page();
    await page.examine(bundle);
    const { report } = page.examination;
    const compared = known === null ? [] : await compareText(page.examination, known);
    return JSON.stringify({ verdict: document.documentElement.dataset.verdict, shown: document.getElementById("verdict").innerText,
        findings: report.checks.flatMap((check) => check.problems.map(({ place, text }) => ({ check: check.id, ...place, text }))),
        open: report.checks.flatMap((check) => check.open), caveats: report.caveats, compared, ms: performance.now() - began });
})(%s, %s)"""


class Said:
    def __init__(self, verdict, findings, words):
        """findings: (entry or None, text with the names of files)."""
        self.verdict, self.findings, self.words = verdict, findings, words

    @property
    def bad(self):
        return self.verdict == "bad"

    def entries(self):
        return {entry for entry, _ in self.findings if entry is not None}

    def names(self, name):
        """Whether a finding names this file, or member of the manifest."""
        return any(name in text for _, text in self.findings)

    def __str__(self):
        return "%s %s" % (self.verdict, "; ".join("[%s] %s" % ("" if entry is None else entry, text) for entry, text in self.findings[:8]))


class Program:
    """countersign-verify."""
    name = "countersign-verify"

    def __init__(self, path):
        self.path = path

    def ask(self, folder, checkpoint=None, witness=None):
        more = (["--checkpoint", checkpoint] if checkpoint else []) + (["--witness", witness] if witness else [])
        run = subprocess.run([self.path, folder, "--json", *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if run.returncode not in (0, 3):
            return Said("status %d" % run.returncode, [], run.stdout + run.stderr)
        said = json.loads(run.stdout)
        findings = [(one.get("entry"), one["text"]) for one in said["findings"]]
        return Said("bad" if run.returncode == 3 else "good", findings, run.stdout)


class Reader:
    """tests/checker.py."""
    name = "checker.py"

    def ask(self, folder, checkpoint=None, witness=None):
        known = [(checkpoint, open(checkpoint, "rb").read())] if checkpoint else []
        witnesses = [open(witness, encoding="utf-8").read().strip()] if witness else []
        bundle = checker.Bundle(folder, checker.Schema, checker.check_export, known, witnesses)
        bundle.read()
        findings = [(None if one["entry"] < 0 else one["entry"], one["text"]) for one in bundle.findings]
        return Said("bad" if findings else "good", findings, "\n".join(bundle.table()))


class Opened:
    """evidence.html as it lies in a bundle's folder, opened as an auditor opens it: with the files that it carries, or given them."""
    name = "evidence.html"
    READ = """new Promise((resolve) => {
        const root = document.documentElement;
        const texts = (place) => [...document.querySelectorAll(place)].map((one) => one.innerText);
        const look = () => root.dataset.state === "done" && resolve(JSON.stringify({ verdict: root.dataset.verdict, ms: performance.now() - began,
            shown: document.getElementById("verdict").innerText, longest, heap: performance.memory?.usedJSHeapSize ?? 0,
            findings: texts("#checks .problems > li"), open: texts("#checks .open"), caveats: texts("#caveats > li") }));
        new MutationObserver(look).observe(root, { attributes: true });
        look();
    })"""
    WATCH = "globalThis.began = performance.now(); globalThis.longest = 0; new PerformanceObserver((list) => { " \
        "for (const one of list.getEntries()) { longest = Math.max(longest, one.duration); } }).observe({ type: 'longtask', buffered: true });"

    def __init__(self, browser):
        self.tab = browser.tab(self.WATCH)
        self.ms = self.longest_ms = self.heap_bytes = 0

    def ask(self, folder):
        self.tab.go("file://" + os.path.join(os.path.abspath(folder), "evidence.html"))
        if self.tab.ask("document.documentElement.dataset.state") == "empty":
            names = [os.path.join(path, name) for path, _, names in os.walk(os.path.abspath(folder)) for name in names if name != "evidence.html"]
            node = self.tab.call("Runtime.evaluate", expression="document.getElementById('files')")["result"]["objectId"]
            self.tab.call("DOM.setFileInputFiles", files=names, objectId=node)
            self.tab.ask("new Promise((r) => { const look = () => document.getElementById('given').children.length ? r() : setTimeout(look, 5); look(); })")
            self.tab.ask("began = performance.now(); longest = 0; document.getElementById('check-now').click()")
        said = json.loads(self.tab.ask(self.READ))
        self.ms, self.longest_ms, self.heap_bytes = said["ms"], said["longest"], said["heap"]
        return Said(said["verdict"], [(None, text) for text in said["findings"]], "\n".join([said["shown"], *said["open"], *said["caveats"]]))


class Page:
    """evidence.html, loaded once without data."""
    name = "evidence.html"

    def __init__(self, tab, template):
        self.tab = tab
        tab.go("file://" + template)
        with open(template, encoding="utf-8") as file:
            script = re.search(r"<script>\n\"use strict\";\n\(\(\) => \{\n(.*)\nnew Page\(\)\.start\(\);\n\}\)\(\);\n</script>", file.read(), re.S).group(1)
        tab.ask(script + "\n0")  # the page's own program again, out of its scope, so that it can be called

    def ask(self, files, checkpoint=None, witness=None):
        """files: name -> base64."""
        known = None
        for path in (checkpoint, witness):
            if path:
                with open(path, encoding="utf-8") as file:
                    known = file.read()
        said = json.loads(self.tab.ask(LOOK % (json.dumps(files), json.dumps(known))))
        findings = [(one.get("seq"), " ".join(str(one[part]) for part in ("file", "member", "document", "text") if one.get(part)))
                    for one in said["findings"]]
        findings += [(None, one["text"]) for one in said["compared"] if one["state"] == "bad"]
        verdict = "bad" if findings else said["verdict"]
        return Said(verdict, findings, "\n".join([said["shown"], *said["open"], *said["caveats"], *(one["text"] for one in said["compared"])]))

