#!/usr/bin/python3
"""Pages as they are laid out: on a desktop, a telephone and paper nothing is wider than the page; what is wider scrolls in itself.

    tests/support/layout.py PAGE.html...      exit status 0, 1 with what is too wide, 77 without a browser
"""
import json
import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from chromium import Chromium  # noqa: E402

# Pixels: a desktop, a telephone, and the type area of A4 with margins of 14 mm, upright and lying.
SCREENS = (("desktop", 1280, 900, False, ""), ("telephone", 390, 844, True, ""), ("paper", 687, 900, False, "print"))
LYING = 1016
WIDE = """JSON.stringify((() => {
    const inside = (one) => {
        for (let at = one.parentElement; at; at = at.parentElement) {
            if (getComputedStyle(at).overflowX !== "visible" && at !== document.documentElement && at !== document.body) {
                return true;
            }
        }
        return false;
    };
    const wide = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !inside(one));
    return { page: Math.max(document.documentElement.scrollWidth, document.body.scrollWidth), width: innerWidth, page_name: getComputedStyle(document.body).page,
        wide: wide.slice(0, 5).map((one) => `${one.localName}.${one.className.baseVal ?? one.className} ${one.textContent.slice(0, 40)}`) };
})())"""


def too_wide(tab, screens=SCREENS):
    """Texts of what is wider than the page that a tab shows."""
    found = []
    for name, width, height, phone, media in screens:
        tab.call("Emulation.setEmulatedMedia", media=media)
        tab.size(width, height, phone)
        said = json.loads(tab.ask(WIDE))
        if media and said["page_name"] == "wide":
            tab.size(LYING, height)
            said = json.loads(tab.ask(WIDE))
        if said["page"] > said["width"] or said["wide"]:
            found.append("%s: %d wide of %d, %s" % (name, said["page"], said["width"], said["wide"]))
    tab.call("Emulation.setEmulatedMedia", media="")
    tab.size(1280, 900)
    return found


def main():
    if not shutil.which("chromium"):
        print("there is no chromium here")
        return 77
    wrong = 0
    with Chromium() as browser:
        tab = browser.tab()
        for path in sys.argv[1:]:
            tab.go("file://" + os.path.abspath(path))
            for text in too_wide(tab):
                wrong += 1
                print("%s: %s" % (path, text))
    print("%d pages, %d too wide" % (len(sys.argv) - 1, wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
