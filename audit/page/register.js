// Who may sign at which place: users, persons, keys, officers and policies, as the entries so far say (FORMAT.md sections 3, 5).

class Register {
    constructor(isExtension) {
        this.isExtension = isExtension; // what came before is not here: unknown keys are nothing wrong
        this.users = new Map();         // user -> {person, sort}
        this.keys = new Map();          // blob in hex -> {user, begins, until, ended, since, from}
        this.grants = new Map();        // number -> {user, role, entities, from, to}
        this.bookKeys = [];             // {key, after, retired}
        this.recovery = { keys: new Set(), threshold: 0 };
        this.policies = [];             // {seq, effective, hash, compiled, yaml}
        this.restores = [];             // {seq, from, to, epoch}
        this.unknown = 0;               // signatures by keys of before, in an extension
        this.together = new Set();      // other keys that signed
    }

    person(user) {
        return this.users.get(user)?.person;
    }

    persons(...users) {
        return new Set(users.map((user) => this.person(user)).filter(Boolean));
    }

    rolesOf(user, now) {
        const roles = new Set();
        for (const grant of this.grants.values()) {
            if (grant.user === user && !(now < grant.from) && !(now >= grant.to)) {
                roles.add(grant.role);
            }
        }
        return [...roles].sort();
    }

    isOfficer(user, now) {
        return this.rolesOf(user, now).includes("OFFICER");
    }

    addKey(text, user, entry, until) {
        const blob = keyOfText(text);
        if (this.keys.has(blob)) {
            throw new Bad(`the key of ${user} is somebody's already`);
        }
        this.keys.set(blob, { user, text, from: entry.seq, begins: entry.ms, until: until ? instantMs(until) : Infinity, ended: null, endedMs: Infinity, since: null });
    }

    endKey(text, user, entry) {
        const key = this.keys.get(keyOfText(text));
        if (!key || key.user !== user) {
            if (this.isExtension) {
                return null;
            }
            throw new Bad(`no such key of ${user}`);
        }
        Object.assign(key, { ended: entry.seq, endedMs: entry.ms });
        return key;
    }

    addOfficers(officers, entry) {
        officers.forEach(({ user, person, key }, i) => {
            this.users.set(user, { person, sort: "human" });
            this.addKey(key, user, entry);
            this.grants.set(`GR-${entry.seq}.${i + 1}`, { user, role: "OFFICER", entities: ["*"], from: -Infinity, to: Infinity });
        });
    }

    charter(entry) {
        const { body } = entry.statement;
        this.addOfficers(body.officers, entry);
        this.bookKeys = body.book_keys.map((text) => ({ key: readKeyBlob(bytesOfHex(keyOfText(text))).key, after: -1, retired: Infinity }));
        this.recovery = { keys: new Set(body.recovery.keys.map(keyOfText)), threshold: body.recovery.threshold };
        this.policies.push({ seq: 0, effective: -Infinity, hash: entry.compiled[0], compiled: body.policy.compiled });
    }

    recover(entry) {
        const officers = new Set([...this.grants.values()].filter((grant) => grant.role === "OFFICER").map((grant) => grant.user));
        for (const [number, grant] of this.grants) {
            if (grant.role === "OFFICER") {
                this.grants.delete(number);
            }
        }
        for (const key of this.keys.values()) {
            if (officers.has(key.user) && key.ended === null) {
                Object.assign(key, { ended: entry.seq, endedMs: entry.ms });
            }
        }
        this.addOfficers(entry.statement.body.officers, entry);
    }

    // What a governance document does to the register when it comes into force. Throws Bad.
    inForce(number, document, entry, compiledHash) {
        switch (document.kind) {
        case "enrolment":
            if (this.users.has(document.user)) {
                throw new Bad(`user ${document.user} is given twice`);
            }
            this.users.set(document.user, { person: document.person, sort: document.sort });
            this.addKey(document.key, document.user, entry, document.until);
            break;
        case "key-rotation":
            if (document.old) {
                this.endKey(document.old, document.user, entry);
            }
            this.addKey(document.new, document.user, entry, document.until);
            break;
        case "key-revocation": {
            const key = this.endKey(document.key, document.user, entry);
            if (key && document.since) {
                key.since = instantMs(document.since);
            }
            break;
        }
        case "grant":
            this.grants.set(number, { user: document.user, role: document.role, entities: document.entities,
                from: document.from ? instantMs(document.from) : -Infinity, to: document.to ? instantMs(document.to) : Infinity });
            break;
        case "revocation":
            this.grants.delete(document.grant);
            break;
        case "attestation":
            document.rows.filter((row) => row.decision === "remove").forEach((row) => this.grants.delete(row.grant));
            break;
        case "policy":
            this.policies.push({ seq: entry.seq, effective: instantMs(document.effective), hash: compiledHash, compiled: document.compiled });
            break;
        case "book-key":
            this.bookKey(document, entry);
            break;
        }
    }

    bookKey(document, entry) {
        const raw = (text) => readKeyBlob(bytesOfHex(keyOfText(text))).key;
        if (document.retires) {
            this.bookKeys.filter((one) => sameBytes(one.key, raw(document.retires)) && one.retired === Infinity)
                .forEach((one) => { one.retired = entry.seq; });
        }
        this.bookKeys.push({ key: raw(document.key), after: entry.seq, retired: Infinity });
    }

    // Keys that sign checkpoints of a size.
    bookKeysAt(size) {
        return this.bookKeys.filter(({ after, retired }) => after < size && size <= retired).map(({ key }) => key);
    }

    epochAt(size) {
        return this.restores.reduce((epoch, restore) => (restore.seq < size ? restore.epoch : epoch), 0);
    }

    policyAt(entry) {
        return this.policies.filter((policy) => policy.effective <= entry.ms && (policy.seq < entry.seq || policy.seq === 0))
            .reduce((best, policy) => (!best || policy.effective >= best.effective ? policy : best), null);
    }

    // Who signed an entry, against who must and may: texts of what is wrong. Fills in whose each signature is.
    signerProblems(entry) {
        const asked = askedKeys(entry);
        for (const signature of entry.signatures) {
            const { key } = signature;
            signature.who = this.keys.get(key)?.user ?? (this.recovery.keys.has(key) ? "a recovery key" : asked.has(key) ? "the new key" : null);
        }
        const keys = new Set(entry.signatures.map((signature) => signature.key).filter(Boolean));
        const verb = entry.statement.do;
        if (verb === "charter") {
            const officers = new Set(entry.statement.body.officers.map((officer) => keyOfText(officer.key)));
            return sameSet(keys, officers) ? [] : ["not exactly the founding officers have signed"];
        }
        if (["recover", "clock", "restore"].includes(verb)) {
            return entry.refused ? [] : this.togetherProblems(entry, keys);
        }
        return this.ordinaryProblems(entry, keys, asked);
    }

    ordinaryProblems(entry, keys, asked) {
        const { actor } = entry.statement;
        const problems = [];
        const mine = [...keys].filter((key) => this.keys.get(key)?.user === actor);
        const strangers = [...keys].filter((key) => !mine.includes(key) && !asked.has(key));
        if (!mine.length) {
            if (this.isExtension && [...keys].some((key) => !this.keys.has(key))) {
                this.unknown++;
                return [];
            }
            problems.push(`not signed by a key of ${actor} that an earlier entry enrolled`);
        }
        if (entry.refused) {
            return problems;
        }
        const days = this.policyAt(entry)?.compiled?.parameters?.key_days_max;
        for (const blob of mine) {
            const key = this.keys.get(blob);
            const ends = Math.min(key.until, days ? key.begins + days * 86400000 : Infinity);
            if (key.ended !== null) {
                problems.push(`${actor} signed with a key that entry ${counted(key.ended)} ended`);
            } else if (entry.ms >= ends) {
                problems.push(`${actor} signed with a key past its end`);
            }
        }
        for (const blob of strangers.filter(() => mine.length)) {
            problems.push(`also signed by a key of ${this.keys.get(blob)?.user ?? "nobody known"}`);
        }
        for (const [blob, admitted] of asked) {
            if (admitted && !keys.has(blob)) {
                problems.push("a new key has not signed its own enrolment or rotation");
            }
        }
        return problems;
    }

    // `recover`, `clock`, `restore`: recovery keys, or officers who are two persons; nobody else (FORMAT.md section 5.6).
    togetherProblems(entry, keys) {
        const { do: verb, body } = entry.statement;
        const recovering = [...keys].filter((key) => this.recovery.keys.has(key));
        const others = [...keys].filter((key) => !this.recovery.keys.has(key));
        const enough = this.recovery.threshold > 0 && recovering.length >= this.recovery.threshold;
        if (this.isExtension) {
            this.unknown++;
            return [];
        }
        if (verb === "recover") {
            const fresh = new Set(body.officers.map((officer) => keyOfText(officer.key)));
            return enough && sameSet(fresh, new Set(others)) ? [] : ["not exactly the new officers and enough recovery keys have signed"];
        }
        const officers = others.map((key) => this.keys.get(key)).filter((key) => key && key.ended === null && this.isOfficer(key.user, entry.ms));
        const two = officers.length === others.length && this.persons(...officers.map((key) => key.user)).size >= 2;
        return two || (verb === "clock" && enough && officers.length === others.length) ? [] : [`${verb} takes two officers' signatures`];
    }
}

function sameSet(a, b) {
    return a.size === b.size && [...a].every((item) => b.has(item));
}

// Keys that have to sign beside the actor: blob -> whether their document was admitted.
function askedKeys(entry) {
    const { do: verb, body } = entry.statement;
    const documents = verb === "submit" ? body.documents : verb === "amend" ? body.amendments.map((one) => one.content) : [];
    if (verb === "recover") {
        return new Map(body.officers.map((officer) => [keyOfText(officer.key), true]));
    }
    const asked = new Map();
    documents.forEach((document, i) => {
        const names = { enrolment: ["key"], "key-rotation": ["old", "new"], "book-key": ["key"] }[document.kind] ?? [];
        for (const name of names.filter((one) => document[one] !== undefined)) {
            try {
                const blob = keyOfText(document[name]);
                asked.set(blob, asked.get(blob) || (entry.results[i]?.outcome ?? "refused") !== "refused");
            } catch {
                // A document with such a key is refused; its signature by nobody known is told.
            }
        }
    });
    return asked;
}
