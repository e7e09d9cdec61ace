// The manifest of a bundle (BUNDLE.md sections 1, 2, 4): its form, and what its files may be called.

const FILE_NAMES = [
    /^entries\.jsonl$/, /^checkpoint\.note$/, /^allowed_signers$/, /^README\.txt$/, /^checkpoints\/\d{6}-\d+\.note$/,
    /^policies\/[0-9a-f]{64}\.(yaml|json)$/, /^evidence\/[0-9a-f]{64}$/, /^timestamps\/\d+[A-Za-z0-9._-]*$/,
];
const UNLISTED = ["MANIFEST.json", "MANIFEST.json.sig", "evidence.html"];
const REQUIRED_FILES = ["entries.jsonl", "checkpoint.note"];

const isId = (value) => isText(value) && value.length <= 64 && /^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/.test(value);
const isText = (value) => typeof value === "string";
const isNumberText = (value) => isText(value) && /^[A-Z]{2}-(?:\d+\.)?[1-9]\d*$/.test(value);
const isDay = (value) => isText(value) && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value));
const isRising = (list, key = (item) => item) => list.every((item, i) => i === 0 || compareBytes(utf8.encode(key(list[i - 1])), utf8.encode(key(item))) < 0);
const isList = (test) => (value) => Array.isArray(value) && value.every(test);
const isDocuments = (value) => isList(isNumberText)(value) && isRising(value);
const isTree = members({ root: isHash, size: isCount });

// A test of an object with these members and no others; a name that ends in ? may be left out.
function members(form) {
    return (value) => isObject(value) && Object.keys(value).every((name) => name in form || `${name}?` in form) &&
        Object.entries(form).every(([name, test]) => {
            const bare = name.replace(/\?$/, "");
            return bare in value ? test(value[bare]) : bare !== name;
        });
}

const SCOPES = {
    book: members({ sort: isText }),
    extension: members({ sort: isText, after: isTree }),
    period: members({ sort: isText, from: isDay, to: isDay }),
    document: members({ sort: isText, documents: isDocuments }),
    sample: members({ sort: isText, seed: (value) => value === null || isNumberText(value), selection: isHash,
        documents: isDocuments }),
};

const MANIFEST = {
    book: [isHash, "the book's id"],
    bundle: [(value) => value === 1, "1, the format that this page knows"],
    checkpoint: [isTree, "{root, size}"],
    entries: [(value) => members({ count: (count) => count === 0 })(value) ||
        members({ count: (count) => isCount(count) && count > 0, first: isCount, last: isCount })(value), "{count, first, last}"],
    files: [isList(members({ bytes: isCount, name: isText, sha256: isHash })), "a list of {bytes, name, sha256}"],
    made: [members({ at: (at) => !Number.isNaN(instantMs(at)), by: isId, exe: isText, key: isText, release: isText }),
        "{at, by, exe, key, release}"],
    "missing?": [isList(members({ name: (name) => isText(name) && /^evidence\/[0-9a-f]{64}$/.test(name), why: (why) => ["erased", "absent", "left-out"].includes(why) })),
        "a list of {name, why} of evidence"],
    origin: [isText, "text"],
    proof: [isList(isHash), "a list of hashes"],
    scope: [(value) => isObject(value) && Object.hasOwn(SCOPES, value.sort) && SCOPES[value.sort](value),
        "one of the scopes of BUNDLE.md section 4"],
    "why?": [isList(members({ seq: isCount, why: (reasons) => isList(isText)(reasons) && reasons.length > 0 })), "a list of {seq, why}"],
};

// What is wrong with a manifest: {problems: [{member, text}], usable: whether its members are what they should be}.
function manifestProblems(value) {
    const problems = [];
    const wrong = (member, text) => problems.push({ member, text });
    if (!isObject(value)) {
        return { problems: [{ member: "", text: "is no object" }], usable: false };
    }
    for (const name of Object.keys(value)) {
        if (!(name in MANIFEST) && !(`${name}?` in MANIFEST)) {
            wrong(name, "unknown member");
        }
    }
    for (const [name, [test, what]] of Object.entries(MANIFEST)) {
        const bare = name.replace(/\?$/, "");
        if (bare in value ? !test(value[bare]) : bare === name) {
            wrong(bare, bare in value ? `is not ${what}` : "is not there");
        }
    }
    if (problems.length) {
        return { problems, usable: false };
    }
    return { problems: [...listProblems(value), ...scopeProblems(value)], usable: true };
}

function listProblems(value) {
    const problems = [];
    const wrong = (member, text) => problems.push({ member, text });
    for (const { name } of value.files) {
        if (!FILE_NAMES.some((form) => form.test(name))) {
            wrong(`files, ${name}`, "no file of a bundle is called so");
        }
    }
    for (const name of REQUIRED_FILES) {
        if (!value.files.some((file) => file.name === name)) {
            wrong("files", `${name} is not listed`);
        }
    }
    for (const name of ["files", "missing"]) {
        if (value[name] && !isRising(value[name], (file) => file.name)) {
            wrong(name, "is not sorted by name, or has a name twice");
        }
    }
    if (value.why && value.why.some(({ seq }, i) => i > 0 && seq <= value.why[i - 1].seq)) {
        wrong("why", "is not sorted by seq");
    }
    try {
        keyOfText(value.made.key);
    } catch {
        wrong("made.key", "is no public key");
    }
    return problems;
}

// What the scope says of how many entries there are, and of which.
function scopeProblems({ scope, entries, checkpoint, proof, why }) {
    const whole = { book: 0, extension: scope.after?.size }[scope.sort];
    const problems = [];
    if (whole !== undefined) {
        const count = checkpoint.size - whole;
        if (entries.count !== count || (count > 0 && (entries.first !== whole || entries.last !== checkpoint.size - 1))) {
            problems.push({ member: "entries", text: `a ${scope.sort} to a checkpoint of ${counted(checkpoint.size)} has entries ` +
                `${counted(whole)} to ${counted(checkpoint.size - 1)}, and all of them` });
        }
    }
    if ((why === undefined) !== (whole !== undefined)) {
        problems.push({ member: "why", text: "stands where a part is packed, and only there" });
    }
    if (scope.sort === "book" && proof.length) {
        problems.push({ member: "proof", text: "the proof of a whole book is empty" });
    }
    if (entries.count > 0 && entries.last >= checkpoint.size) {
        problems.push({ member: "entries", text: `entry ${counted(entries.last)} is not under a checkpoint of ${counted(checkpoint.size)}` });
    }
    return problems;
}

const SCOPE_TEXT = {
    book: () => "the whole book",
    extension: ({ after }) => `what was added after the first ${plural(after.size, "entry", "entries")}`,
    period: ({ from, to }) => `the period ${from} to ${to}`,
    document: ({ documents }) => `${documents.length === 1 ? "the document" : "the documents"} ${documents.join(", ")}`,
    sample: ({ documents, seed }) => `a sample of ${plural(documents.length, "document")}${seed ? `, drawn by seed ${seed}` : ""}`,
};
