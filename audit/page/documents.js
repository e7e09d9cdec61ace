// The documents that entries build up: versions, who prepared, amended, approved and refused, levels, numbers, ledger lines. What
// follows from the documents alone is held against the decisions: an approval is of the content that it names (C-04), nobody
// approves his own (C-01) or twice (C-03), the levels that were asked are signed, lines balance, numbers are dense.
// In a part of a book acts may be missing: then only what contradicts itself is wrong.

const TAKES_EFFECT = ["posted", "in-force"];

class Documents {
    constructor(checks, register, whole) {
        Object.assign(this, { checks, register, whole });
        this.all = new Map();     // number -> document
        this.refused = [];        // submissions that were refused, with names of their own
        this.refs = new Map();    // entity and ref -> number
        this.requests = new Map(); // prefix -> last number
        this.series = new Map();  // series of legal numbers -> last
        this.kinds = new Map();   // prefix -> kind
        this.invoices = new Invoices();
        this.incomplete = 0;
    }

    wrong(check, entry, document, text) {
        this.checks[check].bad({ file: "entries.jsonl", line: entry.line, seq: entry.seq, document }, text);
    }

    // An entry that was not refused as a whole.
    fold(entry) {
        const { do: verb, body } = entry.statement;
        const items = { submit: body.documents, amend: body.amendments }[verb] ?? body.items;
        if (verb === "feed") {
            this.invoices.feed(entry);
            return;
        }
        if (!Array.isArray(items)) {
            return;
        }
        if (items.length !== entry.results.length) {
            this.wrong("documents", entry, "", `${plural(entry.results.length, "result")} for ${plural(items.length, "document")}`);
        }
        items.slice(0, entry.results.length).forEach((item, index) => {
            const result = entry.results[index];
            if (verb === "submit" || verb === "amend") {
                this.brought(verb, entry, index, item, result);
            } else {
                this.acted(verb, entry, item, result);
            }
        });
    }

    act(entry, what, result, more) {
        const { actor } = entry.statement;
        return { seq: entry.seq, line: entry.line, time: entry.time, what, actor, person: this.register.person(actor),
            roles: this.register.rolesOf(actor, entry.ms), outcome: result.outcome, controls: result.controls ?? [],
            delegation: result.delegation, levels: result.levels, until: result.until, entry, result, ...more };
    }

    // A document that is submitted, or the new content of one that is amended.
    brought(verb, entry, index, item, result) {
        const document = verb === "submit" ? item : item.content;
        const act = this.act(entry, verb === "submit" ? "submitted" : "amended", result, { behalf: document.behalf, index, document, version: result.version });
        if (result.outcome !== "repeat" && result.content !== entry.contents[index]) {
            this.wrong("content", entry, result.document, `the content hash of document ${index + 1} is not that of what was signed`);
        }
        if (result.outcome === "refused") {
            const held = verb === "amend" ? this.all.get(item.document) : null;
            if (held) {
                held.acts.push(act);
            } else {
                this.refused.push({ number: null, name: `refused ${entry.seq}.${index + 1}`, kind: document.kind, state: "refused", acts: [act],
                    versions: [this.version(entry, index, document, result)], makers: new Set(), balances: [], entity: document.entity });
            }
            return;
        }
        this.checkRef(entry, document, result);
        if (result.outcome === "repeat") {
            this.all.get(result.document)?.acts.push(act);
            return;
        }
        const held = verb === "submit" ? this.opened(entry, document, result) : this.amended(entry, item, result);
        if (!held) {
            return;
        }
        held.versions.push(this.version(entry, index, document, result));
        held.acts.push(act);
        Object.assign(held, { approvals: new Map(), versionSeq: entry.seq, base: result.base ?? held.base });
        for (const person of this.register.persons(entry.statement.actor, document.behalf)) {
            held.makers.add(person);
        }
        if (document.requested_by) {
            held.makers.add(document.requested_by);
        }
        this.checkNeeds(entry, held, result, []);
        this.settle(entry, held, result);
    }

    version(entry, index, document, result) {
        return { content: result.content, document, seq: entry.seq, index, compiledHash: entry.compiled[index] };
    }

    checkRef(entry, document, result) {
        const key = `${document.entity ?? ""} ${document.ref}`;
        const first = this.refs.get(key);
        if (result.outcome === "repeat") {
            if (first !== result.document && (this.whole || first !== undefined)) {
                this.wrong("numbers", entry, result.document, `repeats ref ${document.ref}, which is ${first ?? "no document's"}`);
            }
            return;
        }
        if (first !== undefined) {
            this.wrong("numbers", entry, result.document, `ref ${document.ref} is ${first}'s already`);
        }
        this.refs.set(key, result.document);
    }

    opened(entry, document, result) {
        const number = result.document;
        const found = /^([A-Z]{2})-([1-9]\d*)$/.exec(number ?? "");
        if (!found || this.all.has(number)) {
            this.wrong("numbers", entry, number, found ? "this request number is another document's already" : "no request number");
            return null;
        }
        const [, prefix, digits] = found;
        const last = this.requests.get(prefix) ?? 0;
        if ((this.whole && Number(digits) !== last + 1) || Number(digits) <= last) {
            this.wrong("numbers", entry, number, `request number where ${prefix}-${last + 1} is expected`);
        }
        this.requests.set(prefix, Number(digits));
        if ((this.kinds.get(prefix) ?? document.kind) !== document.kind) {
            this.wrong("numbers", entry, number, `a ${document.kind} with the numbers of a ${this.kinds.get(prefix)}`);
        }
        this.kinds.set(prefix, document.kind);
        const held = { number, name: number, kind: document.kind, entity: document.entity, versions: [], makers: new Set(), acts: [], approvals: new Map(),
            state: "waiting", levels: [], balances: [], gap: false };
        this.all.set(number, held);
        return held;
    }

    amended(entry, item, result) {
        const held = this.known(entry, item.document);
        if (!held) {
            return null;
        }
        if (item.version !== held.versions.length || result.version !== item.version + 1 || result.document !== held.number) {
            this.gap(entry, held, `amends version ${item.version}, here it has ${held.versions.length}`);
        }
        if (held.state !== "waiting" && held.state !== "returned") {
            this.gap(entry, held, `is amended, yet it is ${held.state}`);
        }
        return held;
    }

    // A document that was brought before; in a part it may have been brought by an entry that is not here.
    known(entry, number) {
        const held = this.all.get(number);
        if (!held && this.whole) {
            this.wrong("documents", entry, number, "no entry brought such a document");
        } else if (!held) {
            this.incomplete++;
        }
        return held;
    }

    // What cannot be when all acts are here; where some are not, the document's story has a gap.
    gap(entry, held, text) {
        if (this.whole || this.asked?.has(held.number)) {
            this.wrong("documents", entry, held.number, text);
        } else {
            held.gap = true;
        }
    }

    // approve, reject, return, withdraw
    acted(verb, entry, item, result) {
        const held = this.known(entry, item.document);
        if (result.document !== item.document || result.content !== item.content || (verb === "approve" && result.level !== item.level)) {
            this.wrong("documents", entry, item.document, "the result is not of the item");
        }
        if (!held) {
            return;
        }
        const what = { approve: "approved", reject: "rejected", return: "returned", withdraw: "withdrawn" }[verb];
        held.acts.push(this.act(entry, what, result, { level: item.level, behalf: item.behalf, reason: item.reason, version: item.version }));
        if (result.outcome === "refused") {
            return;
        }
        const version = held.versions[item.version - 1];
        if (!version || item.version !== held.versions.length) {
            this.gap(entry, held, `${verb} of version ${item.version}, here it has ${held.versions.length}`);
        }
        if (version && version.content !== item.content) {
            this.wrong("content", entry, held.number, `${verb} of something else than version ${item.version}: the content hash differs (C-04)`);
        }
        if (held.state === "waiting" && entry.ms > instantMs(held.until)) {
            held.state = "lapsed";
        }
        if (held.state !== "waiting" && !(verb === "withdraw" && held.state === "returned")) {
            this.gap(entry, held, `${verb} of a document that is ${held.state}`);
        }
        if (verb === "approve") {
            this.approved(entry, held, item, result);
            return;
        }
        held.state = result.outcome;
    }

    approved(entry, held, item, result) {
        const people = this.register.persons(entry.statement.actor, item.behalf);
        const { seen } = entry.statement;
        if (!seen || seen.seq < held.versionSeq) {
            this.wrong("content", entry, held.number, "approved by who had not seen the entry of this version (C-04)");
        }
        for (const person of people) {
            if (held.makers.has(person)) {
                this.wrong("people", entry, held.number, `approved by ${entry.statement.actor}, whose person ${person} made it (C-01)`);
            }
            for (const [level, approval] of held.approvals) {
                if (approval.people.has(person)) {
                    this.wrong("people", entry, held.number, `approved by person ${person} at level ${item.level} and at level ${level} (C-03)`);
                }
            }
        }
        const left = held.levels.filter((level) => level !== item.level);
        if (held.levels[0] !== item.level) {
            this.gap(entry, held, `approved at level ${item.level}, it waits for ${held.levels.join(", ") || "none"}`);
        }
        if (result.outcome === "approved" && left.length && writeCanonical(left) !== writeCanonical(result.levels)) {
            this.gap(entry, held, `waits for ${result.levels?.join(", ")} after level ${item.level} of ${held.levels.join(", ")}`);
        }
        if (TAKES_EFFECT.includes(result.outcome) && left.length) {
            this.gap(entry, held, `${result.outcome}, yet nobody has signed level ${left.join(", ")}`);
        }
        (result.outcome === "approved" ? result.levels : []).forEach((level) => held.approvals.delete(level));
        held.approvals.set(item.level, { people, seq: entry.seq, user: entry.statement.actor });
        this.checkNeeds(entry, held, result, [...held.approvals.keys()]);
        this.settle(entry, held, result);
    }

    // The levels that the decision's own answers ask for are waited for, or signed.
    checkNeeds(entry, held, result, signed) {
        const needs = new Set((result.controls ?? []).filter((answer) => answer.answer === "need").flatMap((answer) => answer.levels ?? []));
        const there = new Set([...(result.levels ?? []), ...signed]);
        const missing = [...needs].filter((level) => !there.has(level));
        if (missing.length) {
            this.gap(entry, held, `${result.outcome}, yet the decision asks for level ${missing.join(", ")}`);
        }
        if ((result.controls ?? []).some((answer) => answer.answer === "deny")) {
            this.wrong("documents", entry, held.number, `${result.outcome}, yet a control refuses it`);
        }
    }

    settle(entry, held, result) {
        if (!TAKES_EFFECT.includes(result.outcome)) {
            Object.assign(held, { state: "waiting", levels: result.levels ?? [], until: result.until });
            return;
        }
        const { document, compiledHash } = held.versions.at(-1);
        Object.assign(held, { state: result.outcome, levels: [], effect: entry, legal: result.number, lines: result.lines });
        if (result.number !== undefined) {
            this.checkLegal(entry, held, result.number);
        }
        if (result.lines) {
            this.post(entry, held, result.lines);
        }
        if (document.kind === "reversal") {
            const original = this.all.get(document.reverses);
            if (original) {
                original.reversedBy = held.number;
            }
        }
        try {
            this.register.inForce(held.number, document, entry, compiledHash);
        } catch (error) {
            this.wrong("keys", entry, held.number, error.message);
        }
    }

    checkLegal(entry, held, number) {
        const found = /^(.+)-([A-Z]{2})-(\d{4})-(\d{6,})$/.exec(number);
        if (!found || found[1] !== held.entity || found[2] !== held.number.slice(0, 2)) {
            this.wrong("numbers", entry, held.number, `legal number ${number} of a ${held.kind} of ${held.entity}`);
            return;
        }
        const series = number.slice(0, -found[4].length - 1);
        const last = this.series.get(series) ?? 0;
        if ((this.whole && Number(found[4]) !== last + 1) || Number(found[4]) <= last) {
            this.wrong("numbers", entry, held.number, `legal number ${number} where ${String(last + 1).padStart(6, "0")} is expected`);
        }
        this.series.set(series, Number(found[4]));
    }

    post(entry, held, lines) {
        try {
            for (const { currency, dr, cr, digits } of lineTotals(lines)) {
                if (dr !== cr) {
                    this.wrong("ledger", entry, held.number, `lines do not balance in ${currency}: debit ${amountText(dr, digits)}, credit ${amountText(cr, digits)}`);
                }
            }
        } catch (error) {
            this.wrong("ledger", entry, held.number, error.message);
        }
        held.balances = this.invoices.post(held.entity, lines);
    }
}
