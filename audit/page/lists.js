// Lists of documents and of entries: searched, and shown a page at a time, so that a large book is as quick as a small one.

const ROWS_AT_ONCE = 50;

class Pager {
    // items: everything; textOf(item): what is searched; row(item): its table row; heads: of the table
    constructor(target, { items, textOf: searched, row, heads, noun, kinds, kindOf }) {
        Object.assign(this, { target, items, row, heads, noun, textOf: searched, searched: null, kindOf });
        this.found = items;
        this.at = 0;
        this.search = el("input", { type: "search", placeholder: "Search", "aria-label": `Search ${noun}`, oninput: () => this.filter() });
        this.kind = el("select", { "aria-label": "Show", onchange: () => this.filter() }, el("option", { value: "" }, "all"),
            kinds.map(([value, text]) => el("option", { value }, text)));
        this.count = el("p", { class: "count", role: "status" });
        this.body = el("div");
        this.back = el("button", { type: "button", onclick: () => this.show(this.at - ROWS_AT_ONCE) }, "Earlier");
        this.on = el("button", { type: "button", onclick: () => this.show(this.at + ROWS_AT_ONCE) }, "Later");
        replace(target, el("div", { class: "tools" }, this.search, this.kind), this.count, this.body, el("div", { class: "tools pages" }, this.back, this.on));
        this.filter();
    }

    // What is searched is written down when somebody searches: of a large book it is much.
    async prepare() {
        const pause = pauser();
        const searched = [];
        for (const item of this.items) {
            searched.push(this.textOf(item).toLowerCase());
            await pause();
        }
        this.searched ??= searched;
    }

    async filter() {
        if (this.search.value && !this.searched) {
            this.count.textContent = "Searching";
            await this.prepare();
        }
        const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
        this.found = this.items.filter((item, i) => (!this.kind.value || this.kindOf(item).includes(this.kind.value)) &&
            words.every((word) => this.searched[i].includes(word)));
        this.show(0);
    }

    show(at) {
        this.at = Math.max(0, Math.min(at, Math.max(0, this.found.length - 1)));
        this.at -= this.at % ROWS_AT_ONCE;
        const shown = this.found.slice(this.at, this.at + ROWS_AT_ONCE);
        replace(this.count, document.createTextNode(this.found.length ? `${counted(this.at + 1)} to ${counted(this.at + shown.length)} of ${plural(this.found.length, this.noun)}` : "None found."));
        replace(this.body, shown.length ? table(this.heads, shown.map(this.row)) : el("p"));
        this.back.disabled = this.at === 0;
        this.on.disabled = this.at + shown.length >= this.found.length;
    }
}

const DOCUMENT_HEADS = ["Document", "Kind", "Customer", "Amount", "State", "Made by", "Signed by", "Last act"];

function documentRow(held) {
    const { document } = held.versions.at(-1);
    const makers = [...new Set(held.acts.filter((act) => act.outcome !== "refused" && ["submitted", "amended"].includes(act.what)).map((act) => act.actor))];
    const signers = [...new Set(held.acts.filter((act) => act.what === "approved" && act.outcome !== "refused").map((act) => act.actor))];
    return el("tr", {}, el("td", {}, documentLink(held.name), held.legal ? el("span", { class: "under" }, held.legal) : null), el("td", {}, kindInWords(held.kind)),
        el("td", {}, document.customer ?? document.user ?? ""), amountCell(document.amount ? `${shownAmount(document.amount)} ${document.currency ?? ""}` : ""),
        el("td", {}, chip(stateOf(held))), el("td", {}, (makers.length ? makers : [held.acts[0]?.actor]).join(", ")), el("td", {}, signers.join(", ")),
        el("td", {}, shownInstant(held.acts.at(-1)?.time).slice(0, 16)));
}

const BUSINESS = new Set(["credit-note", "correction", "write-off", "credit-limit", "temporary-limit", "hold-release", "reversal", "rebill", "recovery", "adjustment",
    "dispute", "inquiry", "exception", "case-note"]);

// What the bundle was packed for first, then business, then governance; each in the order of the book.
function listDocuments(target, documents) {
    const rank = (held) => (documents.asked.has(held.number) ? 0 : BUSINESS.has(held.kind) ? 1 : 2);
    const items = [...documents.all.values(), ...documents.refused].filter((held) => held.versions.length)
        .sort((a, b) => rank(a) - rank(b) || a.versions[0].seq - b.versions[0].seq || a.versions[0].index - b.versions[0].index);
    const kinds = [...new Set(items.map((held) => held.kind))].sort().map((kind) => [kind, kindInWords(kind)]);
    const states = [...new Set(items.map(stateOf))].sort().map((state) => [`state ${state}`, STATES[state] ?? state]);
    return new Pager(target, {
        items, noun: "document", heads: DOCUMENT_HEADS, row: documentRow, kinds: [...states, ...kinds],
        kindOf: (held) => [held.kind, `state ${stateOf(held)}`],
        textOf: (held) => [held.name, held.legal, kindInWords(held.kind), stateOf(held), ...held.acts.map((act) => `${act.actor} ${act.person} ${act.reason ?? ""}`),
            ...held.versions.map((version) => writeCanonical(version.document).slice(0, 4000))].join(" "),
    });
}

function listEntries(target, entries) {
    const items = entries.filter((entry) => entry.seq !== undefined);
    const row = (entry) => el("tr", {}, el("td", {}, entryLink(entry.seq)), el("td", {}, shownInstant(entry.time)), el("td", {}, entry.statement?.actor ?? ""),
        el("td", {}, entry.statement?.do ?? "unreadable"), el("td", {}, entry.refused ? chip("refused") : plural(entry.results?.length ?? 0, "result")),
        el("td", {}, hashOf(short(entry.leaf))));
    const verbs = [...new Set(items.map((entry) => entry.statement?.do).filter(Boolean))].sort();
    return new Pager(target, {
        items, noun: items.length === 1 ? "entry" : "entrie", heads: ["Entry", "Time", "User", "Act", "Outcome", "Leaf hash"], row,
        kinds: verbs.map((verb) => [verb, verb]), kindOf: (entry) => [entry.statement?.do],
        textOf: (entry) => `${entry.seq} ${entry.time} ${entry.statement?.actor} ${entry.statement?.do} ${entry.leaf}`,
    });
}
