// The page: figures and verdict first, then the checks as they are made, then documents and entries; what is shown follows the
// part of the address behind #.

const VERDICTS = {
    good: ["Good", "Every check that this page makes was made, and found nothing wrong."],
    unchecked: ["Not checked", "Nothing wrong was found, but something could not be checked."],
    bad: ["BAD", "This bundle is not what it says it is."],
};
const PROBLEMS_SHOWN = 100;
const REASONS_SHOWN = 5;

class Page {
    constructor() {
        this.examination = null;
        this.stories = null;
        this.redraw = new Map();
    }

    async start() {
        addEventListener("hashchange", () => this.route());
        this.takeFiles();
        byId("program").textContent = programHash();
        let bundle;
        try {
            bundle = Bundle.carriedBy(document);
        } catch (error) {
            this.failed(messageOf(error));
            return;
        }
        if (bundle.carried) {
            await this.examine(bundle);
        } else {
            this.given = bundle;
            byId("give").hidden = false;
            this.settle("empty");
        }
    }

    // For tests and for whoever drives this page: the state stands on the root element.
    settle(state) {
        document.documentElement.dataset.state = state;
        document.documentElement.dataset.verdict = this.examination?.report.verdict ?? "";
    }

    failed(text) {
        replace(byId("verdict"), el("h2", {}, "BAD"), el("p", {}, text));
        byId("verdict").className = "verdict bad";
        document.documentElement.dataset.state = "done";
        document.documentElement.dataset.verdict = "bad";
    }

    async examine(bundle) {
        byId("work").hidden = false;
        this.settle("running");
        this.examination = new Examination(bundle, (check) => this.showCheck(check));
        this.examination.report.checks.forEach((check) => this.showCheck(check));
        try {
            await this.examination.run();
        } catch (error) {
            const check = this.examination.report.check("page", "This page could read all of it");
            check.bad({}, `it could not go on: ${error.message}`);
            check.end("");
        }
        this.showAll();
        this.settle("done");
        this.route();
    }

    // ---------------------------------------------------------------- figures, verdict, checks

    showCheck(check) {
        let item = this.redraw.get(check.id);
        if (!item) {
            item = el("li", { id: `check-${check.id}` });
            this.redraw.set(check.id, item);
            byId("checks").append(item);
        }
        if (check.state === "running" && item.dataset.state === "running") {
            const bar = item.querySelector("progress");
            if (bar) {
                bar.value = check.done;
            }
            return;
        }
        item.dataset.state = check.state;
        const shown = check.problems.slice(0, PROBLEMS_SHOWN);
        replace(item, el("div", { class: "line" }, chip(check.state), el("span", { class: "title" }, check.title), el("span", { class: "said" }, check.said)),
            check.state === "running" && check.of ? el("progress", { max: check.of, value: check.done }) : null,
            check.open.map((text) => el("p", { class: "told open" }, text)),
            shown.length ? el("ul", { class: "problems" }, shown.map(({ place, text }) => el("li", {}, el("b", {}, placeText(place)), placeText(place) ? ": " : "", text,
                place.seq !== undefined ? [" ", el("a", { href: `#entry=${place.seq}` }, "look at it")] : null)),
            check.problems.length > shown.length ? el("li", {}, `and ${counted(check.problems.length - shown.length)} more`) : null) : null);
    }

    showAll() {
        const { examination } = this;
        const { report, manifest } = examination;
        const [word, text] = VERDICTS[report.verdict];
        const count = report.checks.reduce((sum, check) => sum + check.problems.length, 0);
        const part = manifest && !examination.whole && report.verdict === "good" ? " It is a part of a book: decisions not re-performed." : "";
        byId("verdict").className = `verdict ${toneOf(report.verdict)}`;
        replace(byId("verdict"), el("h2", {}, word), el("p", {}, text, part, count ? ` ${plural(count, "finding")}:` : ""), this.reasons());
        replace(byId("caveats"), report.caveats.map((one) => el("li", {}, one)));
        document.title = `${word}: ${document.title}`;
        if (!manifest) {
            return;
        }
        this.showFigures();
        if (examination.documents) {
            this.stories = new Stories(examination);
            listDocuments(byId("documents"), examination.documents);
            listEntries(byId("entries"), examination.entries);
            byId("lists").hidden = false;
            byId("compare").hidden = false;
            this.compareWith();
        }
    }

    // The first findings, or else the first things that could not be checked, where they are seen at once; all stand at their checks.
    reasons() {
        const { checks, verdict } = this.examination.report;
        const texts = verdict === "bad" ? checks.flatMap((check) => check.problems.map(({ place, text }) => `${placeText(place)}: ${text}`))
            : checks.flatMap((check) => check.open);
        const left = texts.length - REASONS_SHOWN;
        return texts.length ? el("ul", {}, texts.slice(0, REASONS_SHOWN).map((text) => el("li", {}, text)),
            left > 0 ? el("li", {}, `and ${counted(left)} more, below`) : null) : null;
    }

    showFigures() {
        const { manifest, entries, documents, packerPrint, note } = this.examination;
        const charter = entries[0]?.seq === 0 ? entries[0].statement?.body : null;
        const times = entries.map((entry) => entry.time).filter(Boolean);
        byId("name").textContent = visible(charter?.name ?? manifest.origin);
        byId("scope").textContent = visible(`Bundle of ${SCOPE_TEXT[manifest.scope.sort](manifest.scope)}`);
        const effect = [...documents?.all.values() ?? []].filter((held) => TAKES_EFFECT.includes(held.state)).length;
        const witnesses = note ? note.signatures.filter((signature) => signature.name !== note.origin).map((signature) => signature.name) : [];
        replace(byId("figures"), pairs([
            ["Entries", counted(manifest.entries.count)], ["Documents", counted(documents?.all.size ?? 0)],
            ["In effect", counted(effect)], ["Refused", counted(documents?.refused.length ?? 0)],
            ["From", times.length ? shownInstant(times[0]).slice(0, 16) : ""], ["To", times.length ? shownInstant(times.at(-1)).slice(0, 16) : ""],
            ["Checkpoint", `${counted(manifest.checkpoint.size)} entries`],
        ]));
        replace(byId("identity"), pairs([
            ["Book", hashOf(manifest.book)], ["Root", hashOf(manifest.checkpoint.root)], ["Origin", manifest.origin],
            ["Packed by", `${manifest.made.by}, ${shownInstant(manifest.made.at)}, release ${manifest.made.release}, program ${manifest.made.exe}`],
            ["Packer's key", hashOf(packerPrint)], ["Clock", charter?.clock === "simulated" ? "simulated: times are what signers wrote" : charter?.clock],
            ["Founding officers", charter?.officers.map((officer) => `${officer.user} (${officer.person})`).join(", ")],
            ["Cosigned by", witnesses.length ? `${[...new Set(witnesses)].join(", ")}: not checked until you give their verifier keys, below` : "nobody"],
        ]));
    }

    // ---------------------------------------------------------------- where the reader is

    route() {
        const [, what, name] = /^#(document|entry)=(.*)$/.exec(location.hash) ?? [];
        const story = byId("story");
        if (!what || !this.stories) {
            story.hidden = true;
            document.body.classList.remove("reading");
            return;
        }
        const { documents } = this.examination;
        const wanted = safelyDecoded(name);
        const held = what === "document" ? documents.all.get(wanted) ?? documents.refused.find((one) => one.name === wanted) : null;
        const entry = what === "entry" ? this.stories.entryAt.get(Number(wanted)) : null;
        const shown = held?.versions.length ? this.stories.story(held) : entry ? this.stories.entry(entry) : [el("h2", { tabindex: "-1", id: "story-title" }, `${wanted} is not in this bundle`)];
        replace(story, el("p", { class: "back" }, el("a", { href: "#lists" }, "\u2190 All documents"), " ",
            el("button", { type: "button", onclick: () => print() }, "Print")), this.standing(), shown);
        story.hidden = false;
        document.body.classList.add("reading");
        byId("story-title").focus();
        scrollTo(0, 0);
    }

    // What a story printed alone has to say of the bundle that it is from.
    standing() {
        const { report, manifest, whole } = this.examination;
        const { verdict } = report;
        const [word, text] = VERDICTS[verdict];
        return el("div", { class: `verdict small ${toneOf(verdict)}` }, el("p", {}, el("strong", {}, `Bundle: ${word}. `), text, whole ? "" : " A part of a book.",
            " Decisions not re-performed in this page."), el("p", {}, `${manifest.origin}, checkpoint of ${plural(manifest.checkpoint.size, "entry", "entries")}, ` +
            `packed by ${manifest.made.by} at ${shownInstant(manifest.made.at)}`));
    }

    // ---------------------------------------------------------------- what the reader gives

    takeFiles() {
        const taken = async (list) => {
            if (this.examination) {
                await this.told(Promise.all([...list].map((file) => compareFile(this.examination, file))));
                return;
            }
            if (!this.given) {
                return;
            }
            this.given.give(list);
            replace(byId("given"), [...this.given.files.keys()].sort().map((name) => el("li", {}, name)));
            byId("check-now").disabled = !this.given.has("MANIFEST.json");
        };
        ["files", "folder", "file"].forEach((id) => byId(id).addEventListener("change", (event) => taken(event.target.files)));
        addEventListener("dragover", (event) => event.preventDefault());
        addEventListener("drop", (event) => {
            event.preventDefault();
            taken(event.dataTransfer.files);
        });
        byId("check-now").addEventListener("click", () => {
            byId("give").hidden = true;
            this.examine(this.given);
        });
    }

    compareWith() {
        const look = () => this.told(compareText(this.examination, byId("known").value));
        byId("look").addEventListener("click", look);
    }

    async told(results) {
        const said = await Promise.resolve(results).catch((error) => [{ state: "bad", text: messageOf(error) }]);
        replace(byId("compared"), said.map(({ state, text }) => el("li", {}, chip(state), " ", text)));
        byId("compare").scrollIntoView({ block: "nearest" });
    }
}

function toneOf(verdict) {
    return verdict === "unchecked" ? "open" : verdict;
}

function safelyDecoded(text) {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

// The hash of this program that the page's own policy names: the browser runs no other.
function programHash() {
    const policy = document.querySelector("meta[http-equiv]")?.getAttribute("content") ?? "";
    return /script-src '(sha256-[^']+)'/.exec(policy)?.[1] ?? "none";
}

new Page().start();
