// The lines of entries.jsonl, each by itself: canonical form, hashes, and what each signature covers. Who may sign is the register's.

const ENTRIES_AT_ONCE = 32;
const isStatement = members({
    actor: isText, at: isText, body: isObject, book: isText, do: isText, id: isText, v: (v) => v === 1,
    seen: (seen) => seen === null || members({ hash: isHash, seq: isCount })(seen),
});
const isDecision = members({
    controls: isList(isObject), engine: isCount, outcome: (word) => ["done", "refused"].includes(word), results: isList(isObject),
    policy: members({ hash: isHash, seq: isCount }),
});
const ENTRY_FORM = {
    decision: isDecision, gate: isObject, prev: isHash, seq: isCount, signatures: isList(isText), statement: isStatement, time: isText, v: (v) => v === 1,
};

// What is wrong with the members of an entry: "" where nothing is. Those of bodies and results are for others to check.
function formProblem(value) {
    if (!isObject(value)) {
        return "is no object";
    }
    const wrong = Object.keys(ENTRY_FORM).find((name) => !ENTRY_FORM[name](value[name]));
    const unknown = Object.keys(value).find((name) => !Object.hasOwn(ENTRY_FORM, name));
    return wrong ? `its ${wrong} is not there or not of its form` : unknown ? `has an unknown member ${unknown}` : "";
}

// Lines without their LF; a last line without one is told by `cut`.
function linesOf(bytes) {
    const lines = [];
    let begin = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, begin)) {
        lines.push(bytes.subarray(begin, end));
        begin = end + 1;
    }
    const cut = begin < bytes.length;
    if (cut) {
        lines.push(bytes.subarray(begin));
    }
    return { lines, cut };
}

// One entry as far as it can be read: `problem` says what is wrong with its form, `value` is null where nothing can be read.
function readEntry(bytes, line) {
    const entry = { line, bytes, value: null, problem: "", signatures: [], contents: [], compiled: [] };
    let text;
    try {
        text = textOf(bytes);
        const { value, spans } = readCanonical(text);
        entry.value = value;
        entry.signed = utf8.encode(text.slice(...spans.get("statement") ?? [0, 0]));
    } catch (error) {
        if (!(error instanceof Bad)) {
            throw error;
        }
        entry.problem = error.message;
        entry.value = readLoosely(text);
        entry.signed = utf8.encode(writeCanonical(entry.value?.statement ?? null));
    }
    const wrong = formProblem(entry.value);
    if (wrong) {
        entry.problem ||= wrong;
        entry.value = isObject(entry.value) && isCount(entry.value.seq) ? { seq: entry.value.seq } : null;
    }
    const { value } = entry;
    Object.assign(entry, { seq: value?.seq, readable: Boolean(value?.statement), time: value?.time, ms: instantMs(value?.time),
        statement: value?.statement, results: value?.decision?.results, refused: value?.decision?.outcome === "refused" });
    return entry;
}

// To go on after bytes that are not canonical, so that one finding does not hide others.
function readLoosely(text) {
    try {
        return JSON.parse(text);
    } catch {
        return null;
    }
}

// Fills in hashes, and for each signature its key or what is wrong with it.
async function hashEntry(entry, book) {
    entry.leafBytes = await leafHash(entry.bytes);
    entry.leaf = hexOf(entry.leafBytes);
    if (!entry.readable) {
        return;
    }
    entry.statementHash = await sha256Hex(entry.signed);
    entry.signatures = await Promise.all(entry.value.signatures.map((text) => checkSignature(text, entry.signed)));
    const { do: verb, body } = entry.statement;
    const documents = verb === "submit" ? body.documents : verb === "amend" ? body.amendments?.map?.((one) => one?.content) : [];
    if (isList(isObject)(documents)) {
        entry.contents = await Promise.all(documents.map((document, index) => sha256Hex(utf8.encode(
            writeCanonical({ book, document, index, statement: entry.statementHash })))));
    }
    const policies = verb === "charter" ? [body.policy] : isList(isObject)(documents) ? documents : [];
    entry.compiled = await Promise.all(policies.map((document) => (isObject(document?.compiled)
        ? sha256Hex(utf8.encode(writeCanonical(document.compiled))) : null)));
}

async function checkSignature(text, signed) {
    const bytes = bytesOfBase64(text);
    try {
        if (!bytes) {
            throw new Bad("no canonical base64");
        }
        return { problem: "", ...await checkSshsig(bytes, signed, "countersign") };
    } catch (error) {
        if (!(error instanceof Bad)) {
            throw error;
        }
        let key = null;
        try {
            key = hexOf(readSshsig(bytes, "countersign").blob);
        } catch {
            // The signature names no key that could be read.
        }
        return { problem: error.message, key };
    }
}

function signaturesSorted(entry) {
    const keys = entry.signatures.map((signature) => signature.key).filter(Boolean);
    return keys.every((key, i) => i === 0 || compareBytes(bytesOfHex(keys[i - 1]), bytesOfHex(key)) < 0);
}
