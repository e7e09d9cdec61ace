// The lines of entries.jsonl, each by itself: canonical form, hashes, and what each signature covers. Who may sign is the register's.

const ENTRIES_AT_ONCE = 32;
const STATEMENT_MEMBERS = { actor: isText, at: isText, body: isObject, book: isText, do: isText, id: isText, v: (v) => v === 1 };
const ENTRY_MEMBERS = {
    decision: (value) => isObject(value) && isObject(value.policy) && isText(value.outcome) && isList(isObject)(value.results) &&
        isList(isObject)(value.controls),
    gate: isObject, prev: isText, seq: isCount, signatures: isList(isText), time: isText, v: (v) => v === 1,
    statement: (value) => isObject(value) && Object.entries(STATEMENT_MEMBERS).every(([name, test]) => test(value[name])) &&
        (value.seen === null || (isObject(value.seen) && isCount(value.seen.seq) && isHash(value.seen.hash))),
};

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
    const missing = !isObject(entry.value) ? "entry" : Object.entries(ENTRY_MEMBERS).find(([name, test]) => !test(entry.value[name]))?.[0];
    if (missing) {
        entry.problem ||= `its ${missing} is not there or not of this form`;
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
