// Keys and signatures as OpenSSH writes them (FORMAT.md section 3; PROTOCOL, PROTOCOL.sshsig, PROTOCOL.u2f of OpenSSH): plain
// Ed25519 and security keys.

const PLAIN = "ssh-ed25519";
const FIDO = "sk-ssh-ed25519@openssh.com";
const FLAG_PRESENT = 1;
const FLAG_VERIFIED = 4;

const latin = (bytes) => String.fromCharCode(...bytes.subarray(0, 100));

class Wire {
    constructor(bytes) {
        this.bytes = bytes;
        this.at = 0;
    }

    take(count) {
        if (count > this.bytes.length - this.at) {
            throw new Bad("it ends too early");
        }
        this.at += count;
        return this.bytes.slice(this.at - count, this.at);
    }

    u32() {
        const [a, b, c, d] = this.take(4);
        return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
    }

    string() {
        return this.take(this.u32());
    }

    end(what) {
        if (this.at !== this.bytes.length) {
            throw new Bad(`${this.bytes.length - this.at} trailing bytes in the ${what}`);
        }
    }
}

function wireString(bytes) {
    const head = new Uint8Array(4);
    new DataView(head.buffer).setUint32(0, bytes.length);
    return joined(head, bytes);
}

// {sort, key, application} of a public key blob. Throws Bad.
function readKeyBlob(blob) {
    const wire = new Wire(blob);
    const sort = latin(wire.string());
    if (sort !== PLAIN && sort !== FIDO) {
        throw new Bad(`key type '${sort}'`);
    }
    const key = wire.string();
    if (key.length !== 32) {
        throw new Bad(`key of ${key.length} bytes`);
    }
    const application = sort === FIDO ? wire.string() : new Uint8Array();
    wire.end("key");
    if (sort === FIDO && latin(application) !== "ssh:") {
        throw new Bad(`application '${latin(application)}'`);
    }
    const problem = pointProblem(key);
    if (problem) {
        throw new Bad(`key ${problem}`);
    }
    return { sort, key, application };
}

// Blob, in hex, of a key as text: `ssh-ed25519 AAAA...`. Throws Bad.
function keyOfText(text) {
    const [sort, packed, more] = typeof text === "string" ? text.split(" ") : [];
    const blob = bytesOfBase64(packed);
    if (!blob || more !== undefined || readKeyBlob(blob).sort !== sort) {
        throw new Bad("no public key");
    }
    return hexOf(blob);
}

// "SHA256:..." as ssh-keygen -l has it.
async function fingerprint(blobHex) {
    return `SHA256:${base64Of(await sha256(bytesOfHex(blobHex))).replace(/=+$/, "")}`;
}

// {blob, packed} of a bare SSHSIG under a namespace, everything but the cryptography checked. Throws Bad.
function readSshsig(bytes, namespace) {
    const wire = new Wire(bytes);
    if (latin(wire.take(6)) !== "SSHSIG" || wire.u32() !== 1) {
        throw new Bad("no SSHSIG of version 1");
    }
    const blob = wire.string();
    const fields = [[namespace, "namespace"], ["", "reserved field"], ["sha512", "hash"]];
    for (const [expected, what] of fields) {
        const found = latin(wire.string());
        if (found !== expected) {
            throw new Bad(`${what} '${found}' where '${expected}' is expected`);
        }
    }
    const packed = wire.string();
    wire.end("signature");
    return { blob, packed };
}

// Throws Bad unless a bare SSHSIG is good over the message. Gives {key: the signer's blob in hex, verified: a FIDO signature of
// which the key has verified its user}.
async function checkSshsig(bytes, message, namespace) {
    const { blob, packed } = readSshsig(bytes, namespace);
    const { sort, key, application } = readKeyBlob(blob);
    const wire = new Wire(packed);
    if (latin(wire.string()) !== sort) {
        throw new Bad("type of the signature differs from the key's");
    }
    const signature = wire.string();
    let signed = joined(utf8.encode("SSHSIG"), wireString(utf8.encode(namespace)), wireString(new Uint8Array()),
        wireString(utf8.encode("sha512")), wireString(await sha512(message)));
    let flags = 0;
    if (sort === FIDO) {
        const tail = wire.take(5);
        flags = tail[0];
        if (!(flags & FLAG_PRESENT)) {
            throw new Bad("a security key signed without its user being present");
        }
        signed = joined(await sha256(application), tail, await sha256(signed));
    }
    wire.end("signature");
    await checkEd25519(key, signed, signature);
    return { key: hexOf(blob), verified: (flags & FLAG_VERIFIED) !== 0 };
}

// Bytes between the lines of an armoured signature. Throws Bad.
function unarmoured(text) {
    const found = /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)\n-----END SSH SIGNATURE-----\n?$/.exec(text);
    const bytes = found && bytesOfBase64(found[1].replace(/\n/g, ""));
    if (!bytes) {
        throw new Bad("no armoured SSH signature");
    }
    return bytes;
}
