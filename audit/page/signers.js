// allowed_signers, the file for ssh-keygen, held against the keys that the entries make (BUNDLE.md section 6).

const SIGNER_FILE = "allowed_signers";
const SIGNER_LINE = /^(\S+) namespaces="countersign",valid-after="(\d{14}Z)"(?:,valid-before="(\d{14}Z)")? ((?:ssh-ed25519|sk-ssh-ed25519@openssh\.com) \S+)$/;

async function checkAllowedSigners(examination) {
    const check = examination.checks.signers;
    const { made } = examination.manifest;
    check.begin();
    if (!examination.bundle.has(SIGNER_FILE)) {
        check.unchecked("it is not here");
        check.end("");
        return;
    }
    let lines = [];
    try {
        lines = textOf(await examination.bundle.bytes(SIGNER_FILE)).split("\n");
    } catch (error) {
        check.bad({ file: SIGNER_FILE }, messageOf(error));
    }
    if (lines.pop() !== "") {
        check.bad({ file: SIGNER_FILE, line: lines.length }, "the last line does not end with a line feed");
    }
    if (lines[0] !== `${made.by} namespaces="countersign-bundle" ${made.key}`) {
        check.bad({ file: SIGNER_FILE, line: 1 }, `does not let ${made.by} sign manifests with the key that packed this`);
    }
    const rest = lines.slice(1);
    if (examination.whole) {
        checkWholeSigners(examination.register, rest, check);
    } else {
        checkSignersHere(examination, rest, check);
    }
    check.end(plural(lines.length, "line"));
}

// All that the entries make, in order of enrolment; from the first that differs on, no more is said.
function checkWholeSigners(register, lines, check) {
    const made = [...register.keys.values()].map(signerLine);
    for (let i = 0; i < Math.max(made.length, lines.length); i++) {
        if (lines[i] !== made[i]) {
            check.bad({ file: SIGNER_FILE, line: i + 2 }, made[i] ? `the entries make it ${made[i]}` : "no entry enrolled this key");
            return;
        }
    }
}

// Of a part: keys that signed here. Its packer may have known more of a key's end than the entries that are here, and nothing else.
function checkSignersHere(examination, lines, check) {
    const { register, entries, sort } = examination;
    const there = new Set();
    const signed = new Map();
    entries.forEach((entry) => entry.signatures.forEach(({ key }) => key && !signed.has(key) && signed.set(key, entry.seq)));
    lines.forEach((text, i) => {
        const place = { file: SIGNER_FILE, line: i + 2 };
        const [, user, after, before, keyText] = SIGNER_LINE.exec(text) ?? [];
        const blob = user && signerKey(keyText);
        const known = blob && register.keys.get(blob);
        if (!blob) {
            check.bad(place, "is no line of such a file");
        } else if (there.has(blob) || !signed.has(blob)) {
            check.bad(place, there.has(blob) ? "its key stands there twice" : "this key signed nothing here");
        } else if (known ? !agreesWith(known, user, after, before) : sort !== "extension") {
            check.bad(place, known ? `the entries make it ${signerLine(known)}` : "this key is nobody's that an entry here enrolled");
        } else if (!known) {
            check.unchecked("keys that entries before this bundle's first enrolled");
        }
        there.add(blob);
    });
    for (const [blob, seq] of signed) {
        const user = register.keys.get(blob)?.user;
        if (user && !there.has(blob)) {
            check.bad({ file: SIGNER_FILE, seq }, `lacks a key of ${user}, which signed entry ${counted(seq)}`);
        }
    }
}

function agreesWith(known, user, after, before) {
    const end = sshTime(endOf(known));
    return known.user === user && sshTime(known.begins) === after && (!end || (before !== undefined && before <= end));
}

const endOf = ({ until, endedMs }) => Math.min(until, endedMs);

function signerLine(known) {
    const end = sshTime(endOf(known));
    return `${known.user} namespaces="countersign",valid-after="${sshTime(known.begins)}"${end ? `,valid-before="${end}"` : ""} ${known.text}`;
}

// 20260105090000Z, or nothing where there is no end.
function sshTime(ms) {
    return Number.isFinite(ms) ? new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, "") : "";
}

function signerKey(text) {
    try {
        return keyOfText(text);
    } catch {
        return null;
    }
}
