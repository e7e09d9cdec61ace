// What the reader knows from elsewhere, held against the bundle: fingerprints, verifier keys, roots, checkpoints, files.

// {state, text} for each thing that stands in a text.
async function compareText(examination, text) {
    const found = [];
    if (text.includes("\n\n\u2014 ")) {
        return [await compareCheckpoint(examination, text)];
    }
    for (const word of text.split(/[\s,;]+/).filter(Boolean)) {
        found.push(await compareWord(examination, word));
    }
    return found.filter(Boolean);
}

async function compareWord(examination, word) {
    try {
        if (word.startsWith("SHA256:")) {
            return await comparePrint(examination, word.replace(/=+$/, ""));
        }
        const key = await readVerifierKey(word);
        if (key) {
            return await compareVerifier(examination, key);
        }
    } catch (error) {
        return { state: "bad", text: `${word}, held against checkpoint.note: ${messageOf(error)}` };
    }
    const { checkpoint, book } = examination.manifest;
    const hash = word.toLowerCase();
    if (isHash(hash)) {
        const names = { [checkpoint.root]: "the root of the checkpoint", [book]: "the book's id" };
        const entry = examination.entries.find((one) => one.leaf === hash);
        const file = examination.manifest.files.find((one) => one.sha256 === hash);
        const is = names[hash] ?? (entry ? `the leaf hash of entry ${counted(entry.seq)}` : file ? `the file ${file.name}` : null);
        return is ? { state: "good", text: `${short(hash)} is ${is}` } : { state: "bad", text: `${short(hash)} is nothing in this bundle` };
    }
    return { state: "unchecked", text: `\u201c${word}\u201d is no fingerprint, verifier key, hash or checkpoint` };
}

async function comparePrint(examination, print) {
    if (print === examination.packerPrint) {
        return { state: examination.checks.packer.state, text: `${print} is the key that packed this bundle` };
    }
    for (const [blob, key] of examination.register?.keys ?? []) {
        if (await fingerprint(blob) === print) {
            return { state: "good", text: `${print} is a key of ${key.user}, person ${examination.register.person(key.user)}, from entry ${counted(key.from)}` };
        }
    }
    return { state: "bad", text: `${print} is no key in this bundle, and did not pack it` };
}

async function compareVerifier(examination, key) {
    const { note } = examination;
    if (!note) {
        return { state: "bad", text: "there is no good checkpoint to hold it against" };
    }
    if (!able.signatures) {
        return { state: "unchecked", text: `${key.name}: this browser has no Ed25519` };
    }
    if (key.sort === NOTE_ED25519) {
        await checkNoteSigned({ ...note, origin: key.name }, [key.key]);
        return { state: "good", text: `the checkpoint is signed by ${key.name}` };
    }
    const times = await cosignedAt(note, key);
    const { entries } = examination;
    const charter = entries[0]?.seq === 0 ? entries[0].statement?.body : null;
    const skewMs = (charter?.skew_seconds + 1) * 1000;
    const late = charter?.clock === "real" && entries.find((entry) => times.some((time) => entry.ms > time * 1000 + skewMs));
    if (late) {
        return { state: "bad", text: `${key.name} cosigned this checkpoint before the time of entry ${counted(late.seq)}, ${shownInstant(late.time)}` };
    }
    return times.length ? { state: "good", text: `${key.name} cosigned this checkpoint at ${times.map((time) => shownInstant(new Date(time * 1000).toISOString())).join(", ")}` }
        : { state: "bad", text: `${key.name} has not cosigned this checkpoint` };
}

// A checkpoint that the reader kept: whether this book goes on from it.
async function compareCheckpoint(examination, text) {
    let note;
    try {
        note = readCheckpoint(utf8.encode(text.endsWith("\n") ? text : `${text}\n`));
    } catch (error) {
        return { state: "bad", text: messageOf(error) };
    }
    const { checkpoint } = examination.manifest;
    const what = `A checkpoint of ${plural(note.size, "entry", "entries")}`;
    if (!note.origin.includes(examination.manifest.book.slice(0, 16))) {
        return { state: "bad", text: `${what}: is of another book, ${note.origin}` };
    }
    if (note.size > checkpoint.size) {
        return { state: "bad", text: `${what}: is newer than this bundle, which may have been truncated` };
    }
    if (note.size === checkpoint.size) {
        return note.root === checkpoint.root ? { state: "good", text: `${what}: is the one of this bundle` } : { state: "bad", text: `${what}: has another root. There are two histories` };
    }
    if (!examination.whole || examination.checks.tree.state !== "good") {
        return { state: "unchecked", text: `${what}: only a whole book shows whether it goes on from it` };
    }
    return await rootOf(examination.levels, note.size) === note.root ? { state: "good", text: `${what}: this book goes on from it` }
        : { state: "bad", text: `${what}: this book has another root there. There are two histories` };
}

// A file that the reader has, by its hash.
async function compareFile(examination, file) {
    const hash = await sha256Hex(new Uint8Array(await file.arrayBuffer()));
    const listed = examination.manifest.files.find((one) => one.sha256 === hash);
    const named = examination.named?.get(hash);
    if (named) {
        return { state: "good", text: `${file.name} is the evidence that ${[...named].join(", ")} names, SHA-256 ${hash}` };
    }
    return listed ? { state: "good", text: `${file.name} is ${listed.name} of this bundle, SHA-256 ${hash}` }
        : { state: "bad", text: `${file.name} is no file that this bundle names, SHA-256 ${hash}` };
}
