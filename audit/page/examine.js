// The examination of a bundle, check by check, in the order in which the page shows them (BUNDLE.md section 6).

const CHECKS = [
    ["browser", "This browser can check hashes and signatures"],
    ["manifest", "The manifest is canonical and of this form"],
    ["packer", "The manifest is signed by the key that it names"],
    ["files", "Every file is the one that the manifest lists"],
    ["form", "Every entry is canonical, in order, and here once"],
    ["chain", "Every entry names the hash of the one before"],
    ["tree", "The entries lead to the root of the checkpoint"],
    ["checkpoint", "The checkpoint is signed by a key of the book"],
    ["signatures", "Every signature covers the bytes of its statement"],
    ["keys", "Every signer's key was in force at its place"],
    ["signers", "allowed_signers names the keys that the entries name"],
    ["statements", "Statements are of this book, each once, in order of time"],
    ["content", "Approvals are of the content that took effect"],
    ["people", "Nobody approved his own document, or one twice"],
    ["documents", "Documents have the signatures that their decisions asked for"],
    ["numbers", "Request numbers and legal numbers are dense, references unique"],
    ["ledger", "Ledger lines balance"],
    ["policies", "Decisions name the policy in force, policy files are these"],
    ["evidence", "Evidence files are those that documents name"],
];
const PAUSE_AFTER_MS = 40;

// A pause lets the page be drawn; timers would be slowed down in a tab behind others.
function pauser() {
    const channel = new MessageChannel();
    let last = performance.now();
    return async () => {
        if (performance.now() - last > PAUSE_AFTER_MS) {
            await new Promise((resolve) => {
                channel.port1.onmessage = resolve;
                channel.port2.postMessage(0);
            });
            last = performance.now();
        }
    };
}

class Examination {
    constructor(bundle, changed) {
        this.bundle = bundle;
        this.report = new Report(changed);
        this.checks = Object.fromEntries(CHECKS.map(([id, title]) => [id, this.report.check(id, title)]));
        this.pause = pauser();
        this.entries = [];
        this.manifest = null;
    }

    async run() {
        await this.browser();
        if (!able.hashes) {
            Object.values(this.checks).filter((check) => check.state === "waiting").forEach((check) => {
                check.unchecked("this browser has no SHA-256 and SHA-512 for this page");
                check.end("");
            });
            return;
        }
        await this.readManifest();
        if (!this.manifest) {
            Object.values(this.checks).filter((check) => check.state === "waiting").forEach((check) => {
                check.unchecked("there is no manifest to go by");
                check.end("");
            });
            return;
        }
        await this.packer();
        await this.files();
        await this.readEntries();
        await this.tree();
        await replay(this);
        await checkAllowedSigners(this);
        await checkCheckpoints(this);
        await checkPolicies(this);
        checkEvidence(this);
        this.tellCaveats();
    }

    async browser() {
        const check = this.checks.browser;
        check.begin();
        await probe();
        if (!able.hashes) {
            check.unchecked(globalThis.crypto?.subtle ? "WebCrypto gives wrong hashes" : "WebCrypto is not there: open this page as a file, in a current browser");
        } else if (!able.signatures) {
            check.unchecked("WebCrypto has no Ed25519 here: signatures could not be checked. A current Chrome, Edge, Firefox or Safari has it");
        }
        check.end(able.signatures ? "SHA-256, SHA-512 and Ed25519 give the answers of their standards" : "");
    }

    // ---------------------------------------------------------------- manifest and files

    async readManifest() {
        const check = this.checks.manifest;
        const file = "MANIFEST.json";
        check.begin();
        if (!this.bundle.has(file)) {
            check.bad({ file }, "is not here");
            check.end("");
            return;
        }
        try {
            this.manifestBytes = await this.bundle.bytes(file);
            const text = textOf(this.manifestBytes);
            if (!text.endsWith("\n")) {
                throw new Bad("does not end with a line feed");
            }
            const { value } = readCanonical(text.slice(0, -1));
            const { problems, usable } = manifestProblems(value);
            problems.forEach(({ member, text: what }) => check.bad({ file, member }, what));
            this.manifest = usable ? value : null;
        } catch (error) {
            check.bad({ file }, messageOf(error));
        }
        const { manifest } = this;
        check.end(manifest ? `${SCOPE_TEXT[manifest.scope.sort](manifest.scope)}, ${plural(manifest.files.length, "file")}` : "");
        this.sort = manifest?.scope.sort;
        this.whole = this.sort === "book";
    }

    async packer() {
        const check = this.checks.packer;
        const file = "MANIFEST.json.sig";
        check.begin();
        const { made } = this.manifest;
        try {
            this.packerKey = keyOfText(made.key);
            this.packerPrint = await fingerprint(this.packerKey);
            if (!this.bundle.has(file)) {
                throw new Bad("is not here");
            }
            const { key } = await checkSshsig(unarmoured(textOf(await this.bundle.bytes(file))), this.manifestBytes, "countersign-bundle");
            if (key !== this.packerKey) {
                throw new Bad("is by another key than the manifest's made.key");
            }
        } catch (error) {
            check.bad({ file }, messageOf(error));
        }
        needSignatures(check);
        check.end(`by ${made.by}, key ${this.packerPrint ?? "unreadable"}`);
    }

    async files() {
        const check = this.checks.files;
        const listed = new Map(this.manifest.files.map((file) => [file.name, file]));
        check.begin(listed.size);
        for (const name of [...this.bundle.files.keys(), ...this.bundle.strangers].sort()) {
            if (!listed.has(name) && !UNLISTED.includes(name)) {
                check.bad({ file: name }, "is no file of this bundle: the manifest does not list it");
            }
        }
        let done = 0;
        let bytes = 0;
        for (const file of listed.values()) {
            bytes += await this.checkFile(check, file);
            check.step(++done);
            await this.pause();
        }
        check.end(`${plural(listed.size, "file")}, ${counted(bytes)} bytes`);
    }

    async checkFile(check, { name, bytes, sha256: expected }) {
        if (!this.bundle.has(name)) {
            if (this.bundle.carried || REQUIRED_FILES.includes(name)) {
                check.bad({ file: name }, "is listed and not here");
            } else {
                check.unchecked(`${name} was not given to this page`);
            }
            return 0;
        }
        try {
            const content = await this.bundle.bytes(name);
            if (content.length !== bytes) {
                check.bad({ file: name }, `has ${plural(content.length, "byte")}, the manifest says ${counted(bytes)}`);
            }
            const found = await sha256Hex(content);
            if (found !== expected) {
                check.bad({ file: name }, `its SHA-256 is ${short(found)}, the manifest says ${short(expected)}`);
            }
            return content.length;
        } catch (error) {
            check.bad({ file: name }, messageOf(error));
            return 0;
        }
    }

    // ---------------------------------------------------------------- entries

    async readEntries() {
        const { form, signatures } = this.checks;
        const file = "entries.jsonl";
        form.begin();
        signatures.begin();
        if (!this.bundle.has(file)) {
            form.bad({ file }, "is not here");
        }
        const { lines, cut } = linesOf(this.bundle.has(file) ? await this.bundle.bytes(file).catch(() => new Uint8Array()) : new Uint8Array());
        if (cut) {
            form.bad({ file, line: lines.length }, "the last line does not end with a line feed");
        }
        form.begin(lines.length);
        for (let i = 0; i < lines.length; i += ENTRIES_AT_ONCE) {
            const group = lines.slice(i, i + ENTRIES_AT_ONCE).map((bytes, j) => readEntry(bytes, i + j + 1));
            await Promise.all(group.map((entry) => hashEntry(entry, this.manifest.book)));
            this.entries.push(...group);
            form.step(this.entries.length);
            await this.pause();
        }
        this.checkForms();
        this.checkSignatures();
        this.checkChain();
    }

    checkForms() {
        const check = this.checks.form;
        const { count, first, last } = this.manifest.entries;
        const file = "entries.jsonl";
        let before = -1;
        for (const { line, seq, problem } of this.entries) {
            if (problem) {
                check.bad({ file, line, seq }, problem);
            }
            if (seq === undefined) {
                continue;
            }
            if (seq <= before) {
                check.bad({ file, line, seq }, seq === before ? "stands twice" : `stands after entry ${counted(before)}`);
            } else if ((this.whole || this.sort === "extension") && seq !== before + 1 && before >= 0) {
                check.bad({ file, line, seq }, `follows entry ${counted(before)}: ${plural(seq - before - 1, "entry is", "entries are")} missing`);
            }
            before = Math.max(before, seq);
        }
        if (this.entries.length !== count) {
            check.bad({ file }, `has ${plural(this.entries.length, "entry", "entries")}, the manifest says ${counted(count)}`);
        } else if (count > 0 && (this.entries[0].seq !== first || this.entries.at(-1).seq !== last)) {
            check.bad({ file }, `has entries ${this.entries[0].seq} to ${this.entries.at(-1).seq}, the manifest says ${first} to ${last}`);
        }
        const { why } = this.manifest;
        if (why && (why.length !== this.entries.length || this.entries.some(({ seq }, i) => why[i].seq !== seq))) {
            check.bad({ file: "MANIFEST.json", member: "why" }, "its reasons are not for the entries that are here");
        }
        check.end(plural(this.entries.length, "entry", "entries"));
    }

    checkSignatures() {
        const check = this.checks.signatures;
        let count = 0;
        for (const entry of this.entries.filter((one) => one.readable)) {
            const place = { file: "entries.jsonl", line: entry.line, seq: entry.seq };
            count += entry.signatures.length;
            entry.signatures.filter((signature) => signature.problem).forEach((signature) => check.bad(place, `signature: ${signature.problem}`));
            if (!entry.signatures.length || entry.signatures.length > 16) {
                check.bad(place, `${plural(entry.signatures.length, "signature")}`);
            }
            if (!signaturesSorted(entry)) {
                check.bad(place, "signatures are not sorted by key, or a key stands twice");
            }
        }
        needSignatures(check);
        check.end(plural(count, "signature"));
    }

    checkChain() {
        const check = this.checks.chain;
        check.begin();
        let links = 0;
        this.entries.forEach((entry, i) => {
            const place = { file: "entries.jsonl", line: entry.line, seq: entry.seq };
            const before = this.entries[i - 1];
            const prev = entry.value?.prev;
            if (entry.seq === 0 && prev !== "0".repeat(64)) {
                check.bad(place, "prev of the first entry is not 64 zeros");
            } else if (entry.seq > 0 && before?.seq === entry.seq - 1) {
                links++;
                if (prev !== before.leaf) {
                    check.bad(place, `prev is ${short(prev)}, the hash of the entry before is ${short(before.leaf)}: one of the two was changed`);
                }
            }
        });
        check.end(this.whole ? plural(links, "link") : `${plural(links, "link")} between entries that stand side by side`);
    }

    async tree() {
        const check = this.checks.tree;
        const { checkpoint, proof, scope } = this.manifest;
        check.begin();
        const proved = proof.map(bytesOfHex);
        try {
            const numbers = this.entries.map((entry) => entry.seq);
            if (numbers.some((seq, i) => seq === undefined || (i > 0 && seq <= numbers[i - 1]))) {
                throw new Bad("entries without a number, or out of order, have no place in the tree");
            }
            const leaves = this.entries.map((entry) => entry.leafBytes);
            if (this.whole) {
                this.levels = await perfectSubtrees(leaves, this.pause);
            }
            const root = this.whole && leaves.length === checkpoint.size ? await rootOf(this.levels, checkpoint.size)
                : await provenRoot(checkpoint.size, numbers, leaves, proved);
            if (root !== checkpoint.root) {
                throw new Bad(`the entries lead to ${short(root)}, the manifest's checkpoint has ${short(checkpoint.root)}`);
            }
            if (scope.sort === "extension" && await rootBefore(scope.after.size, checkpoint.size, proved) !== scope.after.root) {
                throw new Bad(`this book does not extend the first ${counted(scope.after.size)} entries of ${short(scope.after.root)}`);
            }
        } catch (error) {
            check.bad({ file: "entries.jsonl", member: this.whole ? "" : "the manifest's proof" }, messageOf(error));
        }
        check.end(`${counted(checkpoint.size)} entries, root ${short(checkpoint.root)}`);
    }

    tellCaveats() {
        const { report } = this;
        if (this.sort !== "book") {
            report.caveat("This is a part of a book: it cannot show that nothing was left out, nor that a key was not revoked in between.");
        }
        report.caveat("Decisions not re-performed in this page: whether each control decided rightly is checked by countersign-verify, with a whole book.");
        report.caveat("Who packed this is a key, and who the founding officers are stands in the charter: confirm both by other means.");
        if (this.manifest.why?.length) {
            report.caveat("Whether the reasons are true for which the manifest says that entries are here is checked by countersign-verify, not here.");
        }
        if (this.manifest.files.some((file) => file.name.startsWith("timestamps/"))) {
            report.caveat("Timestamp replies are checked by openssl ts -verify, not here.");
        }
        report.caveat("Entries after the checkpoint, or a second history shown to others, would show only in a checkpoint or cosignature that somebody else kept.");
        if (this.documents?.incomplete) {
            report.caveat(`${plural(this.documents.incomplete, "act is", "acts are")} on documents that were brought by entries outside this part.`);
        }
    }
}

function needSignatures(check) {
    if (!able.signatures) {
        check.unchecked("this browser has no Ed25519");
    }
}

// Bad is about what came from outside; everything else that goes wrong is told as that.
function messageOf(error) {
    return error instanceof Bad ? error.message : `cannot be read: ${error.message}`;
}
