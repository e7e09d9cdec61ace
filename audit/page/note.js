// Checkpoints: C2SP signed notes of the tlog-checkpoint form, the keys that sign them, and cosignatures of witnesses.

const NOTE_ED25519 = 1;
const NOTE_COSIGNATURE = 4;

// {text, signatures: [{name, id, bytes}]} of a signed note. Throws Bad.
function readNote(bytes) {
    const text = textOf(bytes);
    // eslint-disable-next-line no-control-regex
    if (/[\u0000-\u0009\u000b-\u001f]/.test(text)) {
        throw new Bad("a control character in a signed note");
    }
    const cut = text.lastIndexOf("\n\n");
    if (cut < 0 || !text.endsWith("\n") || cut + 2 >= text.length) {
        throw new Bad("no signatures under the note");
    }
    const signatures = text.slice(cut + 2, -1).split("\n").map((line) => {
        const [dash, name, packed, more] = line.split(" ");
        const found = bytesOfBase64(packed);
        if (dash !== "\u2014" || !name || name.includes("+") || more !== undefined || !found || found.length < 5) {
            throw new Bad(`signature line '${line}'`);
        }
        return { name, id: hexOf(found.subarray(0, 4)), bytes: found.slice(4) };
    });
    return { text: text.slice(0, cut + 1), signatures };
}

async function noteKeyId(name, sort, key) {
    return hexOf((await sha256(joined(utf8.encode(`${name}\n`), Uint8Array.of(sort), key))).subarray(0, 4));
}

// {text, signatures, origin, size, root (hex)} of a checkpoint. Throws Bad.
function readCheckpoint(bytes) {
    const note = readNote(bytes);
    const [origin, size, root, ...more] = note.text.slice(0, -1).split("\n");
    const hash = bytesOfBase64(root);
    if (!origin || !/^(0|[1-9][0-9]{0,15})$/.test(size) || !Number.isSafeInteger(Number(size)) || hash?.length !== 32 ||
        more.includes("")) {
        throw new Bad("not the three lines of a checkpoint");
    }
    return { ...note, origin, size: Number(size), root: hexOf(hash) };
}

// Throws Bad unless one of the keys (32 bytes each) signed the note under its origin; a known key's bad signature is one too many.
async function checkNoteSigned(note, keys) {
    let good = 0;
    for (const key of keys) {
        const id = await noteKeyId(note.origin, NOTE_ED25519, key);
        for (const signature of note.signatures) {
            if (signature.name === note.origin && signature.id === id) {
                await checkEd25519(key, utf8.encode(note.text), signature.bytes);
                good++;
            }
        }
    }
    if (!good) {
        throw new Bad("not signed by a key of the book");
    }
}

// {name, id, sort, key} of a verifier key `name+id+base64`, or null. Throws Bad where it says two things.
async function readVerifierKey(text) {
    const found = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text);
    const packed = found && bytesOfBase64(found[3]);
    if (!packed || packed.length !== 33 || ![NOTE_ED25519, NOTE_COSIGNATURE].includes(packed[0])) {
        return null;
    }
    const key = packed.slice(1);
    if (await noteKeyId(found[1], packed[0], key) !== found[2]) {
        throw new Bad("the id in this key is not the key's");
    }
    return { name: found[1], id: found[2], sort: packed[0], key };
}

// The times (seconds) at which a witness cosigned. Throws Bad where one of its lines is not good.
async function cosignedAt(note, witness) {
    const times = [];
    for (const { name, id, bytes } of note.signatures) {
        if (name !== witness.name || id !== witness.id) {
            continue;
        }
        if (bytes.length !== 72) {
            throw new Bad(`cosignature of ${bytes.length} bytes`);
        }
        const seconds = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
        await checkEd25519(witness.key, utf8.encode(`cosignature/v1\ntime ${seconds}\n${note.text}`), bytes.slice(8));
        times.push(Number(seconds));
    }
    return times;
}
