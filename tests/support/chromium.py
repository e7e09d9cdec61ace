"""A headless Chromium, driven over a pipe by its own protocol, with nothing but the standard library.

    with Chromium() as browser:
        tab = browser.tab()
        tab.go("file:///…/evidence.html")
        tab.ask("document.title")
"""
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

# Chromium has no business on a network here: names resolve to nothing, and what it does by itself is switched off.
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-default-apps", "--disable-extensions", "--disable-breakpad", "--disable-dev-shm-usage", "--no-first-run", "--mute-audio",
         "--no-default-browser-check", "--hide-scrollbars", "--remote-debugging-pipe", "--renderer-process-limit=1", "--disable-features=BackForwardCache,RenderDocument",
         "--host-resolver-rules=MAP * ~NOTFOUND"]


class Wrong(Exception):
    """What the browser says went wrong."""


class Chromium:
    def __init__(self, seconds=120):
        self.deadline_seconds, self.last, self.buffer, self.events = seconds, 0, b"", []
        self.profile = tempfile.mkdtemp(prefix="chromium-")
        theirs_in, self.out = os.pipe()
        self.into, theirs_out = os.pipe()

        def numbered():  # it reads descriptor 3 and writes descriptor 4
            os.dup2(theirs_in, 30)
            os.dup2(theirs_out, 31)
            os.dup2(30, 3)
            os.dup2(31, 4)

        self.process = subprocess.Popen([shutil.which("chromium") or "chromium", *FLAGS, "--user-data-dir=" + self.profile, "about:blank"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, close_fds=False,
                                        preexec_fn=numbered, start_new_session=True)
        os.close(theirs_in)
        os.close(theirs_out)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.call("Browser.close")
            self.process.wait(5)
        except (Wrong, OSError, subprocess.TimeoutExpired):
            pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        os.close(self.out)
        os.close(self.into)
        shutil.rmtree(self.profile, ignore_errors=True)

    def _read(self, deadline):
        while b"\0" not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.into], [], [], left)[0]:
                raise Wrong("the browser does not answer")
            part = os.read(self.into, 1 << 20)
            if not part:
                raise Wrong("the browser has ended")
            self.buffer += part
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)

    def call(self, method, session=None, **parameters):
        self.last += 1
        message = {"id": self.last, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.out, data):]
        deadline = time.monotonic() + self.deadline_seconds
        while True:
            answer = self._read(deadline)
            if answer.get("id") == self.last:
                if "error" in answer:
                    raise Wrong("%s: %s" % (method, answer["error"]["message"]))
                return answer["result"]
            self.events.append(answer)

    def wait(self, session, method, wanted=lambda parameters: True):
        """The next such event of a session (None: of the browser); the ones before it are forgotten."""
        deadline = time.monotonic() + self.deadline_seconds
        while True:
            for i, event in enumerate(self.events):
                if event.get("method") == method and event.get("sessionId") == session and wanted(event["params"]):
                    del self.events[:i + 1]
                    return event["params"]
            self.events.append(self._read(deadline))

    def tab(self, prelude=None, width=1280, height=900):
        return Tab(self, prelude, width, height)


class Tab:
    """One page. `requests`, `violations`, `errors`: what it tried to load, what its policy refused, what it threw."""

    def __init__(self, browser, prelude, width, height):
        self.browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.target = target
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(domain + ".enable")
        self.size(width, height)
        watch = "globalThis.violations = []; addEventListener('securitypolicyviolation', (e) => violations.push(e.effectiveDirective + ' ' + e.blockedURI));"
        self.call("Page.addScriptToEvaluateOnNewDocument", source=watch + (prelude or ""))

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def size(self, width, height, phone=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if phone else 1, mobile=phone)

    def go(self, url):
        self.browser.events.clear()
        wrong = self.call("Page.navigate", url=url).get("errorText")
        if wrong:
            raise Wrong(wrong)
        self.browser.wait(self.session, "Page.loadEventFired")

    def ask(self, expression):
        """The value of an expression in the page; promises are waited for."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in answer:
            raise Wrong(answer["exceptionDetails"].get("exception", {}).get("description", "an exception"))
        return answer["result"].get("value")

    def seen(self, method):
        """Events of this tab since it went where it is."""
        return [event["params"] for event in self.browser.events if event.get("method") == method and event.get("sessionId") == self.session]

    def picture(self, whole=True):
        import base64
        return base64.b64decode(self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole,
                                          **({"clip": self._all()} if whole else {}))["data"])

    def _all(self):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        return {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 8000), "scale": 1}

    def paper(self):
        import base64
        return base64.b64decode(self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=False)["data"])

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)
