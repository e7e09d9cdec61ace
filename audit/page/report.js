// What was checked and with what result. A check ends good, not checked, or bad; what is found wrong has a place. Caveats are
// what a good result still does not show.

const WORDS = { waiting: "waiting", running: "running", good: "good", unchecked: "not checked", bad: "BAD" };

class Check {
    constructor(id, title, report) {
        Object.assign(this, { id, title, report, state: "waiting", said: "", done: 0, of: 0, problems: [], open: [] });
    }

    begin(of = 0) {
        Object.assign(this, { state: "running", of, done: 0 });
        this.report.changed(this);
    }

    step(done) {
        this.done = done;
        this.report.changed(this);
    }

    // place: {file?, line?, seq?, document?, member?}
    bad(place, text) {
        this.problems.push({ place, text });
    }

    // Something that this page could not look at, or that nobody can tell from a bundle, and why.
    unchecked(text) {
        if (!this.open.includes(text)) {
            this.open.push(text);
        }
    }

    end(said) {
        this.state = this.problems.length ? "bad" : this.open.length ? "unchecked" : "good";
        this.said = said;
        this.report.changed(this);
    }
}

class Report {
    constructor(changed) {
        this.changed = changed;
        this.checks = [];
        this.caveats = [];
    }

    check(id, title) {
        const check = new Check(id, title, this);
        this.checks.push(check);
        return check;
    }

    caveat(text) {
        if (!this.caveats.includes(text)) {
            this.caveats.push(text);
        }
    }

    // bad before unchecked before good: nothing is good while a check has not ended so.
    get verdict() {
        const states = this.checks.map((check) => check.state);
        return states.includes("bad") ? "bad" : states.length > 0 && states.every((state) => state === "good") ? "good" : "unchecked";
    }
}

function placeText({ file, line, seq, document, member }) {
    const parts = [];
    if (file) {
        parts.push(line === undefined ? file : `${file} line ${counted(line)}`);
    }
    if (seq !== undefined) {
        parts.push(`entry ${counted(seq)}`);
    }
    return [...parts, document, member].filter(Boolean).join(", ");
}
