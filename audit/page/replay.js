// The entries one after the other, as they were let in: statements, whose keys, which policy, and what documents become.

async function replay(examination) {
    const names = ["keys", "statements", "content", "people", "documents", "numbers", "ledger", "policies"];
    names.forEach((name) => examination.checks[name].begin(examination.entries.length));
    examination.register = new Register(examination.sort === "extension");
    examination.documents = new Documents(examination.checks, examination.register, examination.whole);
    examination.documents.asked = askedDocuments(examination);
    examination.ids = new Set();
    examination.leafAt = new Map(examination.entries.map((entry) => [entry.seq, entry.leaf]));
    let now = NaN;
    for (const entry of examination.entries) {
        try {
            now = entry.readable ? replayEntry(examination, entry, now) : now;
        } catch (error) {
            const place = { file: "entries.jsonl", line: entry.line, seq: entry.seq };
            examination.checks.documents.bad(place, error instanceof Bad ? error.message : `cannot be read further: ${error.message}`);
        }
        await examination.pause();
    }
    needSignatures(examination.checks.keys);
    if (examination.register.unknown) {
        examination.checks.keys.unchecked(`${plural(examination.register.unknown, "entry is", "entries are")} signed by keys of entries before this bundle's first: ` +
            "check them with countersign-verify and the books verified before");
    }
    const { documents } = examination;
    const said = { keys: plural(examination.register.keys.size, "key"), statements: plural(examination.ids.size, "statement"),
        documents: plural(documents.all.size, "document") };
    names.filter((name) => name !== "policies").forEach((name) => examination.checks[name].end(said[name] ?? ""));
}

// Documents that a part was packed for: all acts on them are here.
function askedDocuments(examination) {
    const { scope, why = [] } = examination.manifest;
    const named = why.flatMap((one) => one.why).map((text) => /^(?:document|sample) ([A-Z]{2}-\S+)$/.exec(text)?.[1]);
    return new Set([...scope.documents ?? [], ...named.filter(Boolean)]);
}

function replayEntry(examination, entry, before) {
    const { statement } = entry;
    const place = { file: "entries.jsonl", line: entry.line, seq: entry.seq };
    checkStatement(examination, entry, place, before);
    if (entry.seq === 0) {
        if (statement.do !== "charter") {
            examination.checks.statements.bad(place, "the first entry is no charter");
        }
        examination.register.charter(entry);
    } else if (statement.do === "charter") {
        examination.checks.statements.bad(place, "a second charter");
        return entry.ms;
    }
    examination.register.signerProblems(entry).forEach((text) => examination.checks.keys.bad(place, text));
    entry.person = examination.register.person(statement.actor);
    checkPolicyInForce(examination, entry, place);
    if (!entry.refused && statement.do === "recover") {
        examination.register.recover(entry);
    } else if (!entry.refused && statement.do === "restore") {
        examination.register.restores.push({ seq: entry.seq, epoch: entry.results[0]?.epoch, ...statement.body.lost });
        const { from, to } = statement.body.lost;
        examination.checks.checkpoint.unchecked(`entry ${counted(entry.seq)} restores the book: entries ${counted(from)} to ${counted(to)} were lost. ` +
            "What they were shows only in what others kept");
    } else if (!entry.refused) {
        examination.documents.fold(entry);
    }
    if (!entry.refused && statement.do === "clock") {
        examination.checks.statements.unchecked(`entry ${counted(entry.seq)} sets the clock back to ${shownInstant(entry.time)}: ask its signers why`);
    }
    return entry.ms;
}

function checkStatement(examination, entry, place, before) {
    const { statement } = entry;
    const check = examination.checks.statements;
    const { book } = examination.manifest;
    if (entry.seq === 0 ? entry.statementHash !== book : statement.book !== book) {
        check.bad(place, entry.seq === 0 ? "the hash of the charter is not the book's id" : `is a statement for book ${short(statement.book)}`);
    }
    const id = `${statement.actor} ${statement.id}`;
    if (examination.ids.has(id)) {
        check.bad(place, `${statement.actor} has used the id ${statement.id} already`);
    }
    examination.ids.add(id);
    if (Number.isNaN(entry.ms) || Number.isNaN(instantMs(statement.at))) {
        check.bad(place, "its time is no instant");
    } else if (entry.ms < before && !(statement.do === "clock" && !entry.refused)) {
        check.bad(place, `its time ${shownInstant(entry.time)} is before that of the entry before`);
    }
    const { seen } = statement;
    if (seen && (seen.seq >= entry.seq || (examination.leafAt.has(seen.seq) && examination.leafAt.get(seen.seq) !== seen.hash))) {
        check.bad(place, `its signer saw entry ${counted(seen.seq)} as ${short(seen.hash)}, which is not this one: another history was shown`);
    }
}

function checkPolicyInForce(examination, entry, place) {
    const { policy } = entry.value.decision;
    const known = examination.register.policies.find((one) => one.seq === policy.seq);
    const inForce = examination.register.policyAt(entry);
    if (examination.whole && (inForce?.hash !== policy.hash || inForce?.seq !== policy.seq)) {
        examination.checks.policies.bad(place, `decided under policy ${short(policy.hash)} of entry ${policy.seq}, in force is ${short(inForce?.hash ?? "none")}`);
    } else if (known && !examination.register.policies.some((one) => one.seq === policy.seq && one.hash === policy.hash)) {
        examination.checks.policies.bad(place, `decided under policy ${short(policy.hash)}, entry ${policy.seq} put another one in force`);
    } else if (!known) {
        examination.checks.policies.unchecked(`policy ${short(policy.hash)} was put in force by entry ${counted(policy.seq)}, which is not here`);
    }
}
