// What lies beside the entries in a bundle, held against them: checkpoints, policies, evidence.

async function checkCheckpoints(examination) {
    const check = examination.checks.checkpoint;
    const names = examination.manifest.files.map((file) => file.name).filter((name) => /^checkpoints\//.test(name));
    check.begin(names.length + 1);
    examination.note = await readOneCheckpoint(examination, check, "checkpoint.note");
    const { checkpoint, origin } = examination.manifest;
    if (examination.note) {
        const pairs = [["origin", examination.note.origin, origin], ["size", examination.note.size, checkpoint.size], ["root", examination.note.root, checkpoint.root]];
        pairs.filter(([, found, expected]) => found !== expected).forEach(([name, found, expected]) =>
            check.bad({ file: "checkpoint.note", member: name }, `is ${short(String(found))}, the manifest says ${short(String(expected))}`));
    }
    const stray = names.find((name, i) => !examination.whole || Number(name.slice("checkpoints/".length).split("-")[0]) !== i);
    if (stray) {
        check.bad({ file: stray }, examination.whole ? "an issued checkpoint is missing before it: they are numbered from 0" : "stands only where the whole book is packed");
    }
    await checkStamps(examination, check, ["checkpoint.note", ...names]);
    let done = 1;
    for (const name of names.filter((one) => examination.bundle.has(one))) {
        const note = await readOneCheckpoint(examination, check, name);
        if (note && name.split(/[-.]/).at(-2) !== String(note.size)) {
            check.bad({ file: name }, `is a checkpoint of ${counted(note.size)} entries`);
        }
        if (note) {
            await checkOlderCheckpoint(examination, check, name, note);
        }
        check.step(++done);
        await examination.pause();
    }
    needSignatures(check);
    check.end(examination.note ? `${examination.note.origin}, ${plural(names.length + 1, "checkpoint")}` : "");
}

// Time stamps are of checkpoints that are here, by their names; what they say is for openssl ts.
async function checkStamps(examination, check, notes) {
    const { bundle, manifest } = examination;
    const known = new Set();
    for (const name of notes.filter((one) => bundle.has(one))) {
        const bytes = await bundle.bytes(name).catch(() => new Uint8Array());
        const size = new TextDecoder().decode(bytes).split("\n")[1];
        known.add(`timestamps/${size}-${(await sha256Hex(bytes)).slice(0, 16)}.tsr`);
    }
    for (const { name } of manifest.files.filter((file) => file.name.startsWith("timestamps/") && !known.has(file.name))) {
        check.bad({ file: name }, "is a time stamp of no checkpoint in the bundle");
    }
}

async function readOneCheckpoint(examination, check, file) {
    try {
        if (!examination.bundle.has(file)) {
            throw new Bad("is not here");
        }
        const note = readCheckpoint(await examination.bundle.bytes(file));
        const { statement } = examination.entries[0]?.seq === 0 ? examination.entries[0] : {};
        const stem = `${statement ? `${statement.body?.name}/` : ""}${examination.manifest.book.slice(0, 16)}/`;
        const end = note.origin.lastIndexOf(stem);
        const epoch = note.origin.slice(end + stem.length);
        if (end < 0 || (statement && end !== 0) || !/^(0|[1-9]\d*)$/.test(epoch)) {
            throw new Bad(`its origin ${note.origin} is not this book's`);
        }
        note.epoch = Number(epoch);
        const keys = examination.register.bookKeysAt(note.size);
        if (!keys.length && statement === undefined) {
            check.unchecked("the book's keys stand in entries that are not here: hold its signature against a verifier key that you have, below");
        } else {
            await checkNoteSigned(note, keys);
        }
        if (file === "checkpoint.note" && examination.whole && note.epoch !== examination.register.epochAt(note.size)) {
            throw new Bad(`is of epoch ${note.epoch}, the book of ${counted(note.size)} entries is in epoch ${examination.register.epochAt(note.size)}`);
        }
        return note;
    } catch (error) {
        check.bad({ file }, messageOf(error));
        return null;
    }
}

async function checkOlderCheckpoint(examination, check, file, note) {
    if (note.size > examination.entries.length || !examination.levels) {
        check.bad({ file }, `covers ${plural(note.size, "entry", "entries")}, here are ${counted(examination.entries.length)}`);
        return;
    }
    const ended = examination.register.restores.find((restore) => restore.epoch > note.epoch);
    const root = await rootOf(examination.levels, note.size);
    if (root !== note.root && ended && note.size > ended.from) {
        check.unchecked(`${file} was issued of entries that entry ${counted(ended.seq)} says were lost`);
    } else if (root !== note.root) {
        check.bad({ file }, `its root is ${short(note.root)}, that of the first ${counted(note.size)} entries is ${short(root)}: another history`);
    } else if (!ended && note.epoch !== examination.register.epochAt(note.size)) {
        check.bad({ file }, `is of epoch ${note.epoch}, which the book was not in`);
    }
}

async function checkPolicies(examination) {
    const check = examination.checks.policies;
    const known = new Map();
    const named = new Set();
    for (const entry of examination.entries.filter((one) => one.readable)) {
        const { do: verb, body } = entry.statement;
        const sources = verb === "charter" ? [body.policy] : verb === "submit" ? body.documents : verb === "amend" ? body.amendments.map((one) => one.content) : [];
        entry.compiled.forEach((hash, i) => hash && known.set(hash, sources[i]));
        named.add(entry.value.decision.policy.hash);
    }
    const listed = new Set(examination.manifest.files.map((file) => file.name));
    for (const name of [...named].flatMap((hash) => [`policies/${hash}.json`, `policies/${hash}.yaml`])) {
        if (!listed.has(name)) {
            check.bad({ file: name }, "is not in the bundle, and a decision here names it");
        }
    }
    for (const { name } of examination.manifest.files) {
        const [, hash, ending] = /^policies\/([0-9a-f]{64})\.(yaml|json)$/.exec(name) ?? [];
        if (!hash || !examination.bundle.has(name)) {
            continue;
        }
        const content = await examination.bundle.bytes(name).catch(() => new Uint8Array());
        if (ending === "json" ? await sha256Hex(withoutLineFeed(content)) !== hash : known.has(hash) && base64Of(content) !== known.get(hash).yaml) {
            check.bad({ file: name }, ending === "json" ? "its hash is not its name" : "is not the text that the entry brings");
        } else if (!named.has(hash)) {
            check.bad({ file: name }, "no decision here names this policy");
        } else if (!known.has(hash) && ending === "yaml") {
            check.unchecked(`${name}: the entry that brings this policy is not here`);
        }
    }
    check.end(plural(known.size, "policy", "policies"));
}

function checkEvidence(examination) {
    const check = examination.checks.evidence;
    check.begin();
    examination.named = new Map(); // hash -> numbers of documents
    for (const document of [...examination.documents?.all.values() ?? [], ...examination.documents?.refused ?? []]) {
        for (const version of document.versions) {
            for (const item of version.document?.evidence ?? []) {
                examination.named.set(item.sha256, (examination.named.get(item.sha256) ?? new Set()).add(document.name));
            }
        }
    }
    const all = new Set(examination.entries.filter((entry) => entry.readable).flatMap(evidenceOf));
    const here = examination.manifest.files.filter((file) => file.name.startsWith("evidence/"));
    for (const { name, sha256: hash } of here) {
        if (name.slice("evidence/".length) !== hash) {
            check.bad({ file: name }, `is called by another hash than its own, ${short(hash)}`);
        } else if (!all.has(hash)) {
            check.bad({ file: name }, "no document here names this file");
        }
    }
    const missing = examination.manifest.missing ?? [];
    const present = new Set(here.map((file) => file.name));
    const absent = new Set(missing.map((file) => file.name));
    for (const name of absent) {
        if (present.has(name)) {
            check.bad({ file: name }, "is here, and the manifest says that it is missing");
        } else if (!all.has(name.slice("evidence/".length))) {
            check.bad({ file: name }, "is said to be missing, and no document here names it");
        }
    }
    for (const hash of all) {
        if (!present.has(`evidence/${hash}`) && !absent.has(`evidence/${hash}`)) {
            check.bad({ file: `evidence/${hash}` }, "is named by a document here, and neither in the bundle nor said to be missing");
        }
    }
    for (const why of ["erased", "absent", "left-out"]) {
        const count = missing.filter((file) => file.why === why).length;
        if (count) {
            examination.report.caveat(`${plural(count, "evidence file is", "evidence files are")} not in the bundle: ${why}. Their hashes stand in the documents.`);
        }
    }
    check.end(`${plural(here.length, "file")} here, ${counted(missing.length)} missing`);
}

// Hashes of the evidence that the documents of an entry name, refused ones too.
function evidenceOf({ statement: { do: verb, body } }) {
    const documents = verb === "submit" ? body.documents : verb === "amend" ? body.amendments?.map?.((one) => one?.content) : [];
    return (Array.isArray(documents) ? documents : []).flatMap((document) => (Array.isArray(document?.evidence) ? document.evidence : []))
        .map((item) => item?.sha256).filter(isHash);
}

function withoutLineFeed(bytes) {
    return bytes.at(-1) === 10 ? bytes.subarray(0, -1) : bytes;
}
