// The story of one document, and one entry as it stands: what an auditor asks for of a sample, on one page.

const HIDDEN_FIELDS = new Set(["kind", "evidence"]);
const FIRST_FIELDS = ["entity", "customer", "currency", "amount", "direction", "reason", "date", "allocations", "on_account", "taxes", "note", "user", "person", "role"];

class Stories {
    constructor(examination) {
        this.examination = examination;
        this.entryAt = new Map(examination.entries.map((entry) => [entry.seq, entry]));
        this.why = new Map((examination.manifest?.why ?? []).map(({ seq, why }) => [seq, why]));
    }

    story(held) {
        const { document } = held.versions.at(-1);
        return [
            el("h2", { tabindex: "-1", id: "story-title" }, `${held.number ?? "Refused"} `, el("small", {}, kindInWords(held.kind)), " ", chip(stateOf(held))),
            this.gaps(held),
            pairs([
                ["Legal number", held.legal], ["Entity", document.entity], ["Customer", document.customer],
                ["Amount", document.amount && `${shownAmount(document.amount)} ${document.currency ?? ""}`], ["Reason", document.reason],
                ["Date", document.date], ["In base currency", held.base && shownAmount(held.base)],
                ["Reversed by", held.reversedBy && documentLink(held.reversedBy)],
                ["Note", document.note],
            ]),
            this.course(held), this.fields(held), this.invoices(held), this.evidenceOf(held), this.answers(held), this.lines(held),
            this.policy(held), this.proof(held), this.linked(held),
        ];
    }

    gaps(held) {
        const texts = [];
        const own = Object.values(this.examination.checks).flatMap((check) => check.problems)
            .filter(({ place }) => held.acts.some((act) => act.seq === place.seq) && (!place.document || place.document === held.number));
        if (own.length) {
            texts.push(el("div", { class: "told bad" }, el("strong", {}, "BAD: "), own.map(({ place, text }) => el("p", {}, `${placeText(place)}: ${text}`))));
        }
        if (!this.examination.whole && (held.gap || !this.examination.documents.asked.has(held.number))) {
            texts.push(el("p", { class: "told open" }, "This bundle was not packed for this document: acts on it may be missing here."));
        }
        return texts;
    }

    // ---------------------------------------------------------------- who did what, when

    course(held) {
        const rows = held.acts.map((act) => el("tr", {},
            el("td", {}, shownInstant(act.time), el("br"), entryLink(act.seq)),
            el("td", {}, actWords(act), act.reason ? el("p", { class: "quote" }, act.reason) : null),
            el("td", {}, el("strong", {}, act.actor), act.behalf ? ` for ${act.behalf}` : "", el("br"),
                [act.person && `person ${act.person}`, act.roles.join(" "), act.delegation && `delegation ${act.delegation}`].filter(Boolean).join(", ")),
            el("td", {}, chip(act.outcome === "refused" ? "refused" : "calm", STATES[act.outcome] ?? act.outcome),
                act.levels?.length ? el("p", {}, `waits for level ${act.levels.join(", ")} until ${shownInstant(act.until)}`) : null),
            el("td", {}, this.signed(act.entry))));
        return [el("h3", {}, "Who did what"), table(["When", "What", "Who, with which roles then", "Outcome", "Signature"], rows)];
    }

    signed(entry) {
        return entry.signatures.map((signature) => el("div", {}, signatureChip(signature),
            ` ${signature.who ?? ""}`, signature.verified ? ", user verified" : "",
            this.suspect(signature, entry), signature.problem ? el("p", {}, signature.problem) : null));
    }

    suspect(signature, entry) {
        const since = this.examination.register.keys.get(signature.key)?.since;
        return since !== null && since !== undefined && entry.ms >= since ? el("p", { class: "told open" }, "this key was later said to have been in other hands then") : null;
    }

    // ---------------------------------------------------------------- what it says

    fields(held) {
        const names = [...new Set(held.versions.flatMap((version) => Object.keys(version.document)))].filter((name) => !HIDDEN_FIELDS.has(name))
            .sort((a, b) => placeOf(a) - placeOf(b) || (a < b ? -1 : 1));
        const several = held.versions.length > 1;
        const rows = names.map((name) => {
            const values = held.versions.map((version) => version.document[name]);
            return el("tr", {}, el("th", { scope: "row" }, inWords(name)), values.map((value, i) => {
                const changed = i > 0 && writeCanonical(value ?? null) !== writeCanonical(values[i - 1] ?? null);
                return el("td", { class: changed ? "changed" : null }, changed ? el("b", { class: "mark" }, "changed ") : null, fieldValue(value));
            }));
        });
        return [el("h3", {}, several ? `What it says, ${held.versions.length} versions` : "What it says"),
            table(["", ...held.versions.map((version, i) => (several ? `version ${i + 1}, entry ${version.seq}` : ""))], rows)];
    }

    invoices(held) {
        const named = [...new Set(held.versions.flatMap((version) => (version.document.allocations ?? []).map((one) => one.invoice)))];
        const rows = named.map((invoice) => {
            const known = this.examination.documents.invoices.known.get(`${held.entity}/${invoice}`);
            const moved = held.balances.find((one) => one.invoice === invoice);
            const open = (units) => (moved && this.examination.whole ? amountText(units, known.digits) : "");
            return el("tr", {}, el("th", { scope: "row" }, invoice), el("td", {}, known?.record.date ?? ""), el("td", {}, known?.record.due ?? ""),
                amountCell(known?.record.gross), el("td", {}, known?.currency ?? ""), amountCell(open(moved?.before)), amountCell(open(moved?.after)),
                el("td", {}, known ? entryLink(known.seq) : "not in this bundle"));
        });
        return rows.length ? [el("h3", {}, "Original invoices"),
            table(["Invoice", "Date", "Due", "Gross", "", "Open before", "Open after", "Fed by"], rows)] : [];
    }

    evidenceOf(held) {
        const items = held.versions.flatMap((version, i) => (version.document.evidence ?? []).map((item) => ({ ...item, version: i + 1 })));
        const rows = items.map((item) => el("tr", {}, el("td", {}, item.kind), el("td", {}, item.media), el("td", { class: "number" }, counted(item.bytes)),
            el("td", {}, hashOf(item.sha256)), el("td", {}, this.here(item))));
        return [el("h3", {}, "Evidence"), rows.length ? table(["Kind", "Type", "Bytes", "SHA-256", "File"], rows) : el("p", {}, "None was attached.")];
    }

    here(item) {
        const name = `evidence/${item.sha256}`;
        if (!this.examination.bundle.has(name)) {
            const why = this.examination.manifest.missing?.find((file) => file.name === name)?.why;
            return `not here${why ? `: ${why}` : ""}. Drop a file on this page to compare its hash`;
        }
        const wrong = this.examination.checks.files.problems.some(({ place }) => place.file === name);
        return [chip(wrong ? "bad" : "good", wrong ? "BAD" : "hash verified"), " ",
            el("button", { type: "button", onclick: () => save(this.examination.bundle, name) }, "Save")];
    }

    answers(held) {
        const acts = held.acts.filter((act) => act.controls.length);
        const blocks = acts.map((act) => [el("h4", {}, `${actWords(act)}, `, entryLink(act.seq)), el("ul", { class: "answers" }, act.controls.map(answerItem))]);
        return [el("h3", {}, "What the controls answered"),
            acts.length ? blocks : el("p", {}, "No control refused, asked for anything or noted anything: all allowed it.")];
    }

    lines(held) {
        if (!held.lines) {
            return [];
        }
        const functional = held.lines.some((line) => line.functional !== undefined);
        const rows = held.lines.map((line) => el("tr", {}, el("td", {}, line.account), amountCell(line.side === "dr" ? line.amount : ""),
            amountCell(line.side === "cr" ? line.amount : ""), el("td", {}, line.currency), functional ? amountCell(line.functional) : null,
            el("td", {}, [line.difference && `${line.difference} difference`, line.tax && `tax ${line.tax}`, line.customer && `customer ${line.customer}`,
                line.invoice && `invoice ${line.invoice}`].filter(Boolean).join(", "))));
        return [el("h3", {}, "Ledger lines"), el("p", {}, "Posted by ", entryLink(held.effect.seq), "."),
            table(["Account", "Debit", "Credit", "", ...(functional ? ["Functional"] : []), ""], rows)];
    }

    policy(held) {
        const seen = new Map(held.acts.map((act) => [act.entry.value.decision.policy.hash, act]));
        return [el("h3", {}, "Policy in force"), [...seen].map(([hash, act]) => {
            const { seq } = act.entry.value.decision.policy;
            const known = this.examination.register.policies.find((policy) => policy.hash === hash);
            return el("p", {}, known?.compiled?.name ? `\u201c${known.compiled.name}\u201d, ` : "", "put in force by ", entryLink(seq), ", hash ", hashOf(hash),
                ["yaml", "json"].filter((ending) => this.examination.bundle.has(`policies/${hash}.${ending}`)).map((ending) => [" ",
                    el("button", { type: "button", onclick: () => save(this.examination.bundle, `policies/${hash}.${ending}`) }, `Save as ${ending.toUpperCase()}`)]));
        })];
    }

    proof(held) {
        const entries = [...new Set(held.acts.map((act) => act.entry))];
        const proved = this.examination.checks.tree.state;
        const rows = entries.map((entry) => el("tr", {}, el("td", {}, entryLink(entry.seq)), el("td", {}, hashOf(entry.leaf)),
            el("td", {}, chip(proved, proved === "good" ? "under the root" : WORDS[proved])), el("td", {}, (this.why.get(entry.seq) ?? []).join(", "))));
        const { checkpoint } = this.examination.manifest;
        return [el("h3", {}, "Place in the book"), el("p", {}, `Checkpoint of ${counted(checkpoint.size)} entries, root `, hashOf(checkpoint.root)),
            table(["Entry", "Leaf hash", "Proof", this.why.size ? "Why it is here" : ""], rows)];
    }

    linked(held) {
        const links = held.versions.at(-1).document.links ?? [];
        const back = [...this.examination.documents.all.values()].filter((one) => one.versions.at(-1)?.document.links?.some((link) => link.document === held.number));
        const items = [...links.map((link) => el("li", {}, inWords(link.rel), " ", documentLink(link.document))),
            ...back.map((one) => el("li", {}, "named by ", documentLink(one.number)))];
        return items.length ? [el("h3", {}, "Other documents"), el("ul", {}, items)] : [];
    }

    // ---------------------------------------------------------------- one entry

    entry(entry) {
        const own = Object.values(this.examination.checks).flatMap((check) => check.problems).filter(({ place }) => place.seq === entry.seq);
        const shown = entry.readable ? JSON.stringify({ decision: entry.value.decision, statement: entry.statement }, null, 1) : "";
        return [
            el("h2", { tabindex: "-1", id: "story-title" }, `Entry ${counted(entry.seq ?? -1)} `, el("small", {}, entry.statement?.do ?? "unreadable")),
            own.length ? el("div", { class: "told bad" }, own.map(({ place, text }) => el("p", {}, `${placeText(place)}: ${text}`))) : null,
            pairs([
                ["Time", shownInstant(entry.time)], ["Signed at, by the signer's clock", shownInstant(entry.statement?.at)],
                ["User", entry.statement?.actor], ["Person", entry.person], ["Outcome", entry.value?.decision?.outcome],
                ["Gate", entry.readable && Object.entries(entry.value.gate).map(([name, value]) => `${inWords(name)} ${value}`).join(", ")],
                ["Why it is here", (this.why.get(entry.seq) ?? []).join(", ")],
                ["Leaf hash", hashOf(entry.leaf)], ["Hash of the entry before", hashOf(entry.value?.prev)], ["Statement", hashOf(entry.statementHash)],
            ]),
            el("h3", {}, "Signatures"), this.signed(entry),
            el("h3", {}, "Documents"), el("ul", {}, this.documentsIn(entry)),
            el("h3", {}, "What was signed, and what was decided"), longText(shown),
        ];
    }

    documentsIn(entry) {
        const { documents } = this.examination;
        const held = [...documents.all.values(), ...documents.refused].filter((one) => one.acts.some((act) => act.seq === entry.seq));
        return held.length ? held.map((one) => el("li", {}, documentLink(one.name), ` ${kindInWords(one.kind)}`)) : el("li", {}, "none");
    }
}

const TEXT_AT_ONCE = 200000;

// Long text by and by: a policy or a feed is megabytes.
function longText(text) {
    const pre = el("pre", { tabindex: "0" });
    pre.textContent = text.slice(0, TEXT_AT_ONCE).split("\n").map(visible).join("\n");
    const left = text.length - TEXT_AT_ONCE;
    return left > 0 ? [pre, el("p", { class: "told open" }, `${counted(left)} more characters stand in entries.jsonl.`)] : pre;
}

function placeOf(name) {
    const place = FIRST_FIELDS.indexOf(name);
    return place < 0 ? FIRST_FIELDS.length : place;
}

function signatureChip({ problem, who }) {
    if (problem) {
        return chip("bad");
    }
    return able.signatures ? who ? chip("good", "verified") : chip("unchecked", "by a key not known here") : chip("unchecked");
}

function stateOf(held) {
    return held.reversedBy ? "reversed" : held.state;
}

function actWords(act) {
    const version = act.version ? `version ${act.version}` : "";
    const words = { approved: `approved at level ${act.level}`, submitted: "submitted", amended: `amended into ${version}` }[act.what] ?? act.what;
    const tried = { submitted: "tried to submit", amended: "tried to amend", approved: `tried to approve at level ${act.level}`, rejected: "tried to reject",
        returned: "tried to return", withdrawn: "tried to withdraw" }[act.what];
    return act.outcome === "refused" ? tried : act.outcome === "repeat" ? "submitted again" : words;
}

function answerItem(answer) {
    return el("li", {}, el("strong", {}, `${answer.control} ${CONTROL_TITLES[answer.control] ?? ""}`), " ",
        chip({ deny: "bad", need: "open", flag: "calm" }[answer.answer] === "bad" ? "refused" : answer.answer === "need" ? "waiting" : "calm",
            ANSWERS[answer.answer] ?? answer.answer), ` ${inWords(answer.code)}`,
        inputsOf(answer).length ? el("span", { class: "inputs" }, inputsOf(answer).map(([name, value]) => el("span", {}, `${name} `, el("b", {}, value)))) : null);
}

// A member of a document for reading: lists and objects as lines.
function fieldValue(value) {
    if (value === undefined) {
        return el("span", { class: "none" }, "\u2014");
    }
    if (Array.isArray(value)) {
        return el("ul", { class: "plain" }, value.slice(0, 200).map((one) => el("li", {}, valueInWords(one))),
            value.length > 200 ? el("li", {}, `and ${counted(value.length - 200)} more`) : null);
    }
    const text = valueInWords(value);
    return text.length > 2000 ? `${text.slice(0, 2000)}\u2026 (${counted(text.length)} characters, all in entries.jsonl)` : text;
}

// Hands a file of the bundle to the reader's disk.
async function save(bundle, name) {
    const url = URL.createObjectURL(new Blob([await bundle.bytes(name)], { type: "application/octet-stream" }));
    const link = el("a", { href: url, download: name.replace(/\//g, "-") });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
}
